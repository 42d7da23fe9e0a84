"""Moments in the centre's zone: business days, intervals, and what a user may type for --as-of."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ccboard.errors import UsageError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = (datetime(9999, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
"""A year before the calendar's end, so that any zone and the look ahead stay inside."""


def to_datetime(at: int) -> datetime:
    """Return the moment `at` (microseconds UTC) as an aware datetime in UTC.

    >>> to_datetime(0).isoformat()
    '1970-01-01T00:00:00+00:00'
    """
    return _EPOCH + timedelta(microseconds=at)


def to_micros(moment: datetime) -> int:
    """Return an aware datetime as microseconds since 1970 UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def parse_day_start(text: str) -> time:
    """Return "HH:MM" as a time of day."""
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))


def day_start(at: int, zone: ZoneInfo, starts: time = time(0)) -> int:
    """Return when the business day that holds `at` began."""
    today = to_datetime(at).astimezone(zone).date()
    # Compared in UTC: in one zone Python compares what clocks show, which the hour of the change shows twice.
    begin = to_micros(datetime.combine(today, starts, zone).astimezone(UTC))
    if begin > at:
        begin = to_micros(datetime.combine(today - timedelta(days=1), starts, zone).astimezone(UTC))
    return begin


def parse_as_of(text: str, zone: ZoneInfo, default: int, starts: time = time(0)) -> int:
    """Return the moment that a user typed for --as-of, in microseconds UTC.

    ISO 8601 with an offset or Z; without one in the centre's `zone`; ``HH:MM[:SS]`` on the business
    day of `default`. Raises UsageError with the forms that are understood.

    >>> parse_as_of("2026-11-21T17:47:19Z", ZoneInfo("Europe/Berlin"), 0)
    1795283239000000
    >>> parse_as_of("2026-11-21 18:47:19", ZoneInfo("Europe/Berlin"), 0)
    1795283239000000
    >>> parse_as_of("18:47:19", ZoneInfo("Europe/Berlin"), 1795283239000000)
    1795283239000000
    """
    text = text.strip()
    try:
        if text.count("-") < 2 and ":" in text and len(text) <= 15:
            clock = time.fromisoformat(text)
            if clock.tzinfo is not None:
                raise ValueError
            begin = to_datetime(day_start(default, zone, starts)).astimezone(zone)
            day: date = begin.date() if clock >= starts else begin.date() + timedelta(days=1)
            return to_micros(datetime.combine(day, clock, zone).astimezone(UTC))
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        at = to_micros(moment.astimezone(UTC))
        if not 0 <= at < _LATEST:
            raise ValueError
    except (ValueError, OverflowError):
        raise UsageError(
            f"--as-of {text}: not a moment; use 2026-11-16T09:12:00Z, 2026-11-16T09:12 (the centre's"
            f" zone, {zone.key}) or 09:12[:30] (the business day)"
        ) from None
    return at
