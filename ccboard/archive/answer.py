"""The objects that a hub answers ``/v1/export`` with, from words; a store without a hub gives them too."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from ccboard.archive import cut
from ccboard.archive.tables import META, VERSION
from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.errors import UsageError
from ccboard.moments import day_start, parse_as_of, parse_day_start, to_datetime, to_micros
from ccboard.store import schema
from ccboard.store.reader import Reader
from ccboard.version import VERSION as PROGRAM

SCHEMA = "ccboard.export/1"
DEADLINE_S = 120.0
BEYOND = "beyond"
"""Name of the day of moments that no calendar of a centre holds (a log may name any)."""
_CALENDAR = (0, 253_000_000_000 * SECOND)
_DAY = 86_400 * SECOND


def answer(
    reader: Reader, words: Mapping[str, str | None], config: Config, zone: ZoneInfo, now: int
) -> dict[str, Any]:
    """Return the object of a question: `table` with `from`, `to` and `part`.

    Table meta: the range in microseconds, and the business days that each table has rows of. Any other: its
    rows. Raises UsageError, TooLongError, StoreError.
    """
    starts = parse_day_start(config.business_day_start)
    table = cut.table_of(words.get("table"))
    begin = bound("--from", words.get("from"), zone, now, starts)
    end = bound("--to", words.get("to"), zone, now, starts)
    if begin is not None and end is not None and end < begin:
        raise UsageError("--to lies before --from; --to is where the range ends, exclusive")
    if table is META:
        return reader.consistent(lambda: _meta(reader, begin, end, zone, config.business_day_start))
    part = words.get("part") or "range"
    if part not in ("range", "before"):
        raise UsageError(f"part {part}: there is range and before")
    if part == "before":
        if begin is None or not table.daily:
            raise UsageError("part before needs a table of facts, and from")
        found = cut.before(reader, table, begin)
    else:
        found = reader.consistent(lambda: cut.rows(reader, table, begin, end))
    return {"schema": SCHEMA, "table": table.name, "columns": [column.name for column in table.columns],
            "rows": found}


def bound(option: str, text: str | None, zone: ZoneInfo, now: int, starts: time) -> int | None:
    """Return the moment of one end of a range: a business day, a moment, @ and microseconds; None: open."""
    if not text:
        return None
    if re.fullmatch(r"@-?\d{1,18}", text):
        return int(text[1:])
    try:
        if re.fullmatch(r"\s*\d{4}-\d{2}-\d{2}\s*", text):
            return _begin(date.fromisoformat(text.strip()), zone, starts)
        return parse_as_of(text, zone, now, starts)
    except (UsageError, ValueError, OverflowError):
        raise UsageError(
            f"{option} {text}: not a moment; use 2026-11-16 (the business day), 2026-11-16T09:12 (the"
            f" centre's zone, {zone.key}), 2026-11-16T09:12:00Z or 09:12"
        ) from None


def _meta(reader: Reader, begin: int | None, end: int | None, zone: ZoneInfo, starts: str) -> dict[str, Any]:
    tables = {}
    for name, counted in cut.days(reader, begin, end).items():
        cuts: dict[str, tuple[int, int]] = {}
        for day, _n in counted:
            for label, first, last in _business_days(day, zone, parse_day_start(starts)):
                first = max(first, begin) if begin is not None else first
                last = min(last, end) if end is not None else last
                if first < last:
                    known = cuts.get(label, (first, last))
                    cuts[label] = (min(first, known[0]), max(last, known[1]))
        tables[name] = {
            "rows": sum(n for _day, n in counted),
            "days": [[label, *cuts[label]] for label in sorted(cuts, key=lambda label: cuts[label])],
        }
    return {
        "schema": SCHEMA,
        "table": META.name,
        "archive": VERSION,
        "store": schema.VERSION,
        "made_by": PROGRAM,
        "timezone": zone.key,
        "business_day_start": starts,
        "from": begin,
        "to": end,
        "tables": tables,
    }


def _business_days(day: int, zone: ZoneInfo, starts: time) -> list[tuple[str, int, int]]:
    """Return (name, from, to) of the business days that share moments with a day of UTC."""
    first, last = day * _DAY, (day + 1) * _DAY
    if not _CALENDAR[0] + _DAY <= first < _CALENDAR[1]:
        return [(f"{BEYOND}{day:+}", first, last)]
    found = []
    for at in (first, last - 1):
        name = to_datetime(day_start(at, zone, starts)).astimezone(zone).date()
        found.append((name.isoformat(), _begin(name, zone, starts),
                      _begin(date.fromordinal(name.toordinal() + 1), zone, starts)))
    return found


def _begin(day: date, zone: ZoneInfo, starts: time) -> int:
    return to_micros(datetime.combine(day, starts, zone).astimezone(UTC))
