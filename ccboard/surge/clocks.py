"""Days on which the clocks change: minutes of the local day that come twice, and such as never come."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTES = 1440


@lru_cache(maxsize=1 << 14)
def changed(day: date, zone: ZoneInfo) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the minutes of a local day that come twice, and those that are left out.

    >>> from datetime import date
    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> twice, never = changed(date(2026, 10, 25), berlin)
    >>> (twice[0], twice[-1], len(twice), never)
    (120, 179, 60, ())
    >>> [(len(twice), len(never)) for twice, never in [changed(date(2026, 3, 29), berlin)]]
    [(0, 60)]
    """
    start = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a local day
    if start.replace(tzinfo=zone).utcoffset() == (start + timedelta(days=1)).replace(tzinfo=zone).utcoffset():
        return (), ()
    twice: list[int] = []
    never: list[int] = []
    for minute in range(MINUTES):
        local = (start + timedelta(minutes=minute)).replace(tzinfo=zone)
        first, second = local.utcoffset(), local.replace(fold=1).utcoffset()
        if first is not None and second is not None and first != second:
            (twice if first > second else never).append(minute)
    return tuple(twice), tuple(never)
