"""One line of Asterisk's queue_log: ``epoch|call id|queue|agent|EVENT|data...``, as a `LogLine`.

Nothing is escaped in that file: a ``|`` in a member's name moves every later column to the right, one
in a pause reason makes more columns. The event's name is therefore looked for, not counted to, and
who reads the data decides whether a further ``|`` belongs to it.
"""

from dataclasses import dataclass
from typing import Final

from ccboard.clean import MAX_LENGTH, clean
from ccboard.clock import SECOND
from ccboard.records import Reject

EARLIEST: Final = 946_684_800  # 2000-01-01: before that a host's clock was not set
LATEST: Final = 4_102_444_800  # 2100-01-01
MAX_BYTES: Final = 65_536
"""Longest line that is read, in bytes; Asterisk's own lines stay under 8 kB."""

MAX_DATA: Final = 2_048
"""Longest data of a line that is kept, all columns together, in characters."""

# What app_queue itself writes, with the data columns that must be whole numbers. An event that is
# found in a shifted column is believed only if these fit.
_NUMBERS: Final[dict[str, tuple[int, ...]]] = {
    "ENTERQUEUE": (2,),
    "CONNECT": (0, 2),
    "COMPLETECALLER": (0, 1, 2),
    "COMPLETEAGENT": (0, 1, 2),
    "ABANDON": (0, 1, 2),
    "EXITWITHTIMEOUT": (0, 1, 2),
    "EXITEMPTY": (0, 1, 2),
    "EXITWITHKEY": (1, 2, 3),
    "WITHDRAW": (0, 1, 2),
    "RINGNOANSWER": (0,),
    "RINGCANCELED": (0,),
    "BLINDTRANSFER": (-3, -2, -1),
    "ATTENDEDTRANSFER": (-3, -2, -1),
    "PAUSE": (),
    "UNPAUSE": (),
    "PAUSEALL": (),
    "UNPAUSEALL": (),
    "ADDMEMBER": (),
    "REMOVEMEMBER": (),
    "PENALTY": (0,),
    "RINGINUSE": (0,),
    "QUEUESTART": (),
    "CONFIGRELOAD": (),
}
KNOWN: Final = frozenset(_NUMBERS)
"""The events that app_queue writes; any other name comes from a dialplan and means nothing here."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of queue_log in its parts. ``NONE`` stays as it is written.

    Every string is clean and no longer than a record's, but for `data`: its columns keep their spaces,
    because several may be one text, and are bounded together.
    """

    at: int  # the epoch second, in microseconds
    call: str
    queue: str
    agent: str
    event: str
    data: tuple[str, ...]
    number: int  # of the line, for messages about it; 0 where lines were not counted

    @property
    def where(self) -> str:
        """Where it stands, as a `Reject` says it."""
        return _where(self.number)


def parse_line(raw: bytes, number: int, *, latest: int = LATEST) -> LogLine | Reject | None:
    """Return the parts of one line (without or with its line end), None for a blank one.

    `latest` is the last epoch second that is believed: who knows the time passes tomorrow, so that one
    mad line does not move a whole store to 2099. A line that cannot be used is a `Reject` which says why.
    """
    cut = len(raw) > MAX_BYTES
    text = raw[:MAX_BYTES].decode("utf-8", "replace").rstrip("\r\n")
    if not text or text.isspace():
        return None
    if cut:
        return _reject(number, text, f"longer than {MAX_BYTES} bytes")
    parts = text.split("|")
    epoch = parts[0].strip()
    if not (epoch.isascii() and epoch.isdigit()):
        return _reject(number, text, "epoch is not a number")
    if len(parts) < 5:
        return _reject(number, text, f"{len(parts)} columns, at least 5 are needed")
    seconds = int(epoch) if len(epoch) <= 12 else LATEST
    if not EARLIEST <= seconds < min(latest + 1, LATEST):
        return _reject(number, text, "epoch lies outside what a clock can say")
    column = _event_column(parts)
    rest = "|".join(parts[column + 1 :])
    if len(text) <= MAX_LENGTH and text.isascii() and text.isprintable():  # nearly all: trimmed is clean
        agent = "|".join(parts[3:column]).strip()
        data = tuple(rest.strip().split("|")) if parts[column + 1 :] else ()
        return LogLine(seconds * SECOND, parts[1].strip(), parts[2].strip(), agent, parts[column].strip(),
                       data, number)
    return LogLine(
        at=seconds * SECOND,
        call=clean(parts[1]),
        queue=clean(parts[2]),
        agent=clean("|".join(parts[3:column])),
        event=clean(parts[column]),
        data=tuple(clean(rest, MAX_DATA).split("|")) if parts[column + 1 :] else (),
        number=number,
    )


def _event_column(parts: list[str]) -> int:
    """Return the column of the event: 4, or further right when the agent's name holds a ``|``."""
    if parts[4] in KNOWN:
        return 4
    # A word in capitals may well be an event of the dialplan's own, whose data may name any other
    # event; only one with numbers where they belong is then taken for a shifted line.
    own = parts[4].isupper()
    for column in range(5, min(len(parts), 12)):
        event = parts[column]
        if event in KNOWN and not (own and not _NUMBERS[event]) and _fits(event, parts[column + 1 :]):
            return column
    return 4


def _fits(event: str, data: list[str]) -> bool:
    try:
        return all(data[i].strip().isdigit() for i in _NUMBERS[event])
    except IndexError:
        return False


def _reject(number: int, text: str, reason: str) -> Reject:
    return Reject(where=_where(number), reason=reason, text=clean(text, 80))


def _where(number: int) -> str:
    return f"queue_log:{number}" if number else "queue_log"
