"""What is asked for: which figures, split by what, of which visits; and reading that from words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from ccboard.clock import SECOND
from ccboard.errors import UsageError
from ccboard.kpis.catalogue import find, nearest
from ccboard.kpis.model import Entry
from ccboard.moments import day_start, parse_as_of, to_micros

TIMES: Final = ("year", "month", "week", "day", "weekday", "hour", "interval")
"""Splits by time; business days and hours of the centre's zone."""
NAMES: Final = ("queue", "project", "team", "agent", "type", "direction", "channel", "source", "outcome")
"""Splits by what a visit says of itself."""
DIMENSIONS: Final = (*TIMES, *NAMES)

USUAL: Final = (
    "offered",
    "answered",
    "abandoned",
    "short_abandoned",
    "answered_in_time",
    "service_level",
    "abandon_rate",
    "asa_s",
    "aht_s",
)
"""What is shown where nobody says what."""


@dataclass(frozen=True, slots=True)
class Request:
    """A question. `begin` and `end` (exclusive) and `as_of` in microseconds UTC."""

    kpis: tuple[Entry, ...]
    by: tuple[str, ...]
    begin: int
    end: int
    as_of: int
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Only visits with one of these values; "" is none."""
    also: tuple[str, ...] = ()
    """Sums that are wanted besides those of the figures."""


def read(words: Mapping[str, str | None], zone: ZoneInfo, default_as_of: int, starts: time) -> Request:
    """Return the request that these words make: kpi, by, from, to, where, as_of.

    Without `from` it begins with the business day of as_of, without `to` it ends at as_of. Raises UsageError.
    """
    as_of = default_as_of
    if text := words.get("as_of"):
        as_of = parse_as_of(text, zone, default_as_of, starts)
    begin = _moment("--from", words.get("from"), zone, as_of, starts, day_start(as_of, zone, starts))
    end = _moment("--to", words.get("to"), zone, as_of, starts, max(as_of + 1, begin))
    if end < begin:
        raise UsageError("--to lies before --from; --to is where the range ends, exclusive")
    return Request(
        entries(words.get("kpi") or ",".join(USUAL)),
        dimensions(words.get("by") or ""),
        begin,
        end,
        as_of,
        conditions(words.get("where") or ""),
    )


def _moment(option: str, text: str | None, zone: ZoneInfo, as_of: int, starts: time, default: int) -> int:
    if not text:
        return default
    try:
        if re.fullmatch(r"\s*\d{4}-\d{2}-\d{2}\s*", text):  # a business day
            return to_micros(datetime.combine(date.fromisoformat(text.strip()), starts, zone).astimezone(UTC))
        return parse_as_of(text, zone, as_of, starts)
    except (UsageError, ValueError, OverflowError):
        raise UsageError(
            f"{option} {text}: not a moment; use 2026-11-16 (the business day), 2026-11-16T09:12 (the"
            f" centre's zone, {zone.key}), 2026-11-16T09:12:00Z or 09:12"
        ) from None


def entries(text: str) -> tuple[Entry, ...]:
    """Return the entries of a list of names, each once. Raises UsageError."""
    found: dict[str, Entry] = {}
    for name in _list(text):
        entry = find(name)
        if entry is None:
            raise UsageError(f"--kpi {name}: no such figure; {nearest(name)}")
        found[entry.id] = entry
    return tuple(found.values())


def dimensions(text: str) -> tuple[str, ...]:
    """Return the splits of a list, each once. Raises UsageError."""
    found = dict.fromkeys(_dimension(name, "--by") for name in _list(text))
    return tuple(found)


def _dimension(name: str, option: str) -> str:
    plain = {"business_type": "type", "date": "day"}.get(name.lower(), name.lower())
    if plain not in DIMENSIONS:
        raise UsageError(f"{option} {name}: there is {', '.join(DIMENSIONS)}")
    return plain


def conditions(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    r"""Return what `queue=support,sales,type=PS` asks for. Within a name: ``\,`` and ``\\``.

    >>> conditions("queue=support,sales,type=")
    (('queue', ('support', 'sales')), ('type', ('',)))
    """
    found: dict[str, list[str]] = {}
    here: list[str] | None = None
    for part in re.findall(r"(?:[^,\\]|\\.)+|(?<=,)(?=,|$)", text):
        name, equals, value = part.partition("=")
        if equals and (here is None or name.strip().lower() in (*DIMENSIONS, "business_type", "date")):
            here, part = found.setdefault(_dimension(name.strip(), "--where"), []), value
        if here is None:
            raise UsageError(f"--where {part}: write what it is, as in queue=support,sales")
        here.append(re.sub(r"\\(.)", r"\1", part.strip()))
    return tuple((name, tuple(values)) for name, values in found.items())


def _list(text: str) -> Sequence[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def needed(kpis: Iterable[Entry]) -> list[str]:
    """Return the names of the sums that these entries are made of, each once."""
    return list(dict.fromkeys(name for kpi in kpis for _factor, name in (*kpi.top, *kpi.bottom)))


def clipped(request: Request, first: int, last: int) -> tuple[int, int]:
    """Return the request's range as far as there are records: calendars of ten thousand years cost."""
    begin = min(max(request.begin, first - SECOND), request.end)
    return begin, max(begin, min(request.end, last + SECOND, request.as_of + 1))
