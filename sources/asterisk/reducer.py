"""The reducer: lines of queue_log and messages of the manager interface in, records out.

It opens nothing and asks no clock, so live tailing, history and recordings are the same code. One
reducer serves one phone system. Give it lines in the log's order and messages in theirs, each as it
comes; how the two interleave does not change the final records. `state()` holds everything that is
not yet final; a reducer made from it goes on where the other stopped.
"""

import json
from collections.abc import Sequence
from typing import Final

from ccboard.clock import SECOND
from ccboard.records import Record, Reject, SourceStatus
from ccboard.source import Keep, keep_all
from sources.asterisk import offers
from sources.asterisk.ami_facts import AmiFacts
from sources.asterisk.lines import LogLine
from sources.asterisk.lists import Lists
from sources.asterisk.log_facts import LogFacts
from sources.asterisk.members import Seats
from sources.asterisk.messages import Message
from sources.asterisk.out import Out
from sources.asterisk.phones import Phones
from sources.asterisk.plain import Seat
from sources.asterisk.refusals import Refusals
from sources.asterisk.restarts import Restarts
from sources.asterisk.visits import Spare, Visit, Visits

STATE_VERSION: Final = 4
_TIDY_S: Final = 10


class Reducer:
    """Folds what one Asterisk says into records.

    `log`: a queue_log is being read as well (or alone); it then decides outcomes, durations, moments and
    pauses, and AMI says only what it cannot. `state`: what `state()` of an earlier one returned. `keep`:
    what of callers may be in the state; records have them as they are.
    """

    def __init__(self, source: str, *, log: bool, state: str | None = None, keep: Keep = keep_all) -> None:
        self._source = source
        self._keep = keep
        self._log = log
        self._begin()
        if state is not None:
            self._restore(state)

    def _begin(self) -> None:
        self._out = Out(self._source)
        self._visits = Visits(self._keep)
        self._seats = Seats(self._source, self._out, self._log)
        self._phones = Phones(self._source, self._out, self._ours)
        self._refusals = Refusals(self._source, self._out)
        self._lines = LogFacts(
            self._source, self._visits, self._seats, self._out, self._file, self._refusals
        )
        self._ami = AmiFacts(
            self._source, self._visits, self._seats, self._phones, self._out, self._file, self._refusals
        )
        self._restarts = Restarts()
        self._lists = Lists(
            self._source,
            self._visits,
            self._seats,
            self._ami,
            self._restarts,
            self._out,
            self._file,
            self._log,
        )
        self._clock = 0  # the latest moment heard of
        self._tidied = 0
        self._heard_at: int | None = None  # the latest moment of AMI
        self._down_at: int | None = None  # AMI was lost then
        self._linked = False

    @property
    def own_events(self) -> dict[str, int]:
        """Events of the log that mean nothing here (a dialplan's own), and how often each came."""
        return dict(self._lines.own_events)

    # -- in ------------------------------------------------------------------------------------------

    def feed_line(self, line: LogLine) -> None:
        """Take one line of queue_log."""
        self._clock = max(self._clock, line.at)
        self._tidy()  # what is in memory then depends on when this line is, not on how many came before it
        self._lines.feed(line)
        self._tidy()

    def feed_message(self, message: Message, at: int) -> None:
        """Take one message; `at`: the moment of the event by our clock, in microseconds."""
        self.tick(at)
        self._heard_at = at
        if not self._lists.feed(message, at):
            if message.event == "FullyBooted":
                self._lists.restarted(self._restarts.booted(message, at))
            elif interface := message.text("Interface"):
                self._lists.restarted(self._restarts.event(interface, message))
            self._ami.feed(message, at)

    def tick(self, at: int) -> None:
        """Let time pass: decide what was left open for a moment. Call it at least every second."""
        self._clock = max(self._clock, at)
        self._ami.tick(at)
        self._lists.tick(at)
        self._seats.tick(at)
        self._phones.tick(at)
        self._tidy()

    def connected(self, at: int) -> None:
        """AMI is connected (again). A list should be asked for next."""
        since = self._heard_at if self._linked else self._down_at  # still linked: this process was killed
        self._lists.forget_frames()
        if since is None:
            if not self._log:
                self._out.record(SourceStatus(source=self._source, at=at, kind="whole"))
        else:
            if not self._log and at > since:
                self._out.record(SourceStatus(source=self._source, at=since, until=at, kind="gap"))
        self._restarts.connected(since, at)
        self._linked = True
        self._heard_at = at

    def disconnected(self, at: int) -> None:
        """AMI is not connected any more; nothing is known of its events from here on."""
        if self._linked:
            self._down_at = min(at, self._heard_at or at)
        self._linked = False
        self._lists.forget_frames()

    def missed(self, at: int) -> None:
        """Take that lines of the log are lost from `at` on: who was open then is given up, how is not known.

        What a later line or list says of them all the same counts.
        """
        for visit in self._visits.open():
            visit.outcome = visit.outcome or "unknown"
            visit.ended_at = max(at, visit.offered_at)
            visit.left_at = visit.missing_at = None
            offers.end_all(visit, "void", at, self._out)
            visit.version += 1
            self._file(visit)
            self._out.visit(visit)

    # -- of calls that were reduced elsewhere (``sources.asterisk.plain``) ------------------------------

    def heard_of(self) -> list[tuple[str, str]]:
        """Return the calls and queues of which a line was fed: what comes of them has to be fed, too."""
        return self._visits.known()

    def has_room(self, seats: int) -> bool:
        """Tell whether so many members may be named without any being forgotten."""
        return self._seats.has_room(seats)

    def named(self, at: int, queue: str, agent: str | None) -> None:
        """Take that a line named a queue, and a member if any."""
        self._clock = max(self._clock, at)
        self._lines.named(queue, agent, at)

    def seated(self, seats: Sequence[Seat], *, keep: bool) -> list[tuple[int, int]]:
        """Take pauses and their ends; return (line, number among the moment's facts) of those that are news.

        With `keep` these become records instead.
        """
        return self._lines.seated(seats, keep=keep)

    def passed(self, at: int, over: Sequence[tuple[str, str, int]]) -> None:
        """Take that the log is read until `at`, and which calls were in which queue, once, until when."""
        self._clock = max(self._clock, at)
        self._visits.count(over)
        self._tidy()

    # -- out -----------------------------------------------------------------------------------------

    def drain(self) -> tuple[list[Record], list[Reject]]:
        """Return the records and rejects that came together since the last drain."""
        return self._out.drain()

    def state(self, *, spare: bool = True) -> str:
        """Return everything that is not final as compact JSON. Drain first: what waits there is not in it.

        Without `spare` that is all but what ``spare`` returns.
        """
        return json.dumps(
            {
                "version": STATE_VERSION,
                "clock": self._clock,
                "heard_at": self._heard_at,
                "linked": self._linked,
                "down_at": self._down_at,
                "queues": list(self._lines.queues),
                "visits": self._visits.to_plain(self._clock, spare=spare),
                "seats": self._seats.to_plain(),
                "phones": self._phones.to_plain(),
                "restarts": self._restarts.to_plain(),
                "refusals": self._refusals.to_plain(),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    def spare(self) -> list[Spare]:
        """Return what a kept state can be without where room is short, the most useful at the end.

        These are the calls that are over: without them one that comes back to its queue is another call.
        """
        return self._visits.spare(self._clock)

    def recall(self, spare: Sequence[Spare]) -> None:
        """Take what `spare` gave together with the state that this one was made from."""
        self._visits.recall(spare, self._clock)

    def _restore(self, state: str) -> None:
        try:
            plain = json.loads(state)
            if plain["version"] != STATE_VERSION:
                raise ValueError(f"it is of version {plain['version']}")
            self._clock = int(plain["clock"])
            self._heard_at = None if plain["heard_at"] is None else int(plain["heard_at"])
            self._down_at = None if plain["down_at"] is None else int(plain["down_at"])
            self._linked = bool(plain["linked"])
            self._lines.queues = dict.fromkeys(map(str, plain["queues"]))
            self._visits.from_plain(plain["visits"], self._clock)
            self._seats.from_plain(plain["seats"])
            self._phones.from_plain(plain["phones"])
            self._restarts.from_plain(plain["restarts"])
            self._refusals.from_plain(plain.get("refusals", []))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
            self._begin()
            self._out.reject(
                "asterisk: kept state", f"cannot be used ({error!r:.80}); starting without it", state[:80]
            )
            return
        self._tidied = self._clock
        self._ami.restored()
        self._lists.restored()

    # -- inside --------------------------------------------------------------------------------------

    def _ours(self, interface: str) -> bool:
        return any(
            (visit.talking and visit.interface == interface) or offers.rings_on(visit, interface)
            for visit in self._visits.open()
        )

    def _file(self, visit: Visit) -> None:
        self._visits.file(visit, self._clock)

    def _tidy(self) -> None:
        if self._clock - self._tidied < _TIDY_S * SECOND and not self._visits.crowded:
            return
        self._tidied = self._clock
        for visit in self._visits.forget(self._clock, self._log):
            visit.outcome = visit.outcome or "unknown"
            visit.ended_at = self._clock
            visit.version += 1
            self._out.visit(visit)
