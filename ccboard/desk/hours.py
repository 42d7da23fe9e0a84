"""Stretches of the week such as "mon-fri 08:00-18:00"."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ccboard.clock import SECOND

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def within(stretches: Sequence[str], at: int, zone: ZoneInfo) -> bool:
    """Tell whether a moment lies in one of the stretches; without any always.

    >>> from ccboard.moments import parse_as_of
    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> monday = parse_as_of("2026-11-16T05:00", berlin, 0)
    >>> within(("mon-fri 05:00-18:00",), monday, berlin), within(("sat-sun 00:00-24:00",), monday, berlin)
    (True, False)
    >>> within((), monday, berlin), within(("fri-sun 22:00-06:00",), monday, berlin)
    (True, True)
    """
    if not stretches:
        return True
    local = datetime.fromtimestamp(at // SECOND, UTC).astimezone(zone)
    minute = local.hour * 60 + local.minute
    return any(_within(stretch, local.weekday(), minute) for stretch in stretches)


def _within(stretch: str, weekday: int, minute: int) -> bool:
    days, hours = stretch.split()
    first, _, last = days.partition("-")
    begin, end = _DAYS.index(first), _DAYS.index(last or first)
    opens, closes = (int(text[:2]) * 60 + int(text[3:]) for text in hours.split("-"))
    if opens < closes:
        return _has(begin, end, weekday) and opens <= minute < closes
    return ((_has(begin, end, weekday) and minute >= opens)  # over midnight
            or (_has(begin, end, (weekday - 1) % 7) and minute < closes))


def _has(begin: int, end: int, weekday: int) -> bool:
    return (weekday - begin) % 7 <= (end - begin) % 7
