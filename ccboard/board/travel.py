"""Any moment: where in the past the board stands, whether it plays, and what a typed time means."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ccboard.clock import SECOND
from ccboard.errors import UsageError
from ccboard.moments import parse_as_of, to_datetime, to_micros

SPEEDS: Final = (1.0, 10.0, 60.0, 300.0, 900.0)
"""How many times as fast as life the past is played."""
FRAME_S = 0.5
"""Between two moments that a playing board asks for."""
_DAYS: Final = {
    "today": 0, "yesterday": 1, "今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "前天": 2,
}
_UNITS: Final = {
    "": 60, "m": 60, "分": 60, "s": 1, "h": 3600, "时": 3600, "小": 3600, "d": 86_400, "天": 86_400,
}
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Replay:
    """What ``ccboard replay`` asks for: from when, up to when, how fast."""

    begin: int
    end: int | None = None
    speed: float = 60.0


class Travel:
    """A place in the past. `at` is where the board wants to be; what it shows may still be on its way."""

    def __init__(self) -> None:
        self.at: int | None = None
        self.end: int | None = None
        """Where playing ends, of a replay that was given one."""
        self.speed = 60.0
        self._plays_since: tuple[int, float] | None = None

    @property
    def playing(self) -> bool:
        """Whether time goes on there."""
        return self._plays_since is not None

    def go(self, at: int, tick: float) -> None:
        """Stand at a moment; a replay that plays goes on from there."""
        self.at = at
        if self.playing:
            self._plays_since = (at, tick)

    def play(self, tick: float, *, on: bool = True) -> None:
        """Let time go on, or stand still."""
        if self.at is None:
            return
        self.at = self.now(tick)
        self._plays_since = (self.at, tick) if on and self.at is not None else None

    def faster(self, by: int, tick: float) -> None:
        """Take the next of the speeds, up or down."""
        above = sum(speed <= self.speed for speed in SPEEDS) - 1
        self.play(tick, on=self.playing)
        self.speed = SPEEDS[max(0, min(above + by, len(SPEEDS) - 1))]

    def now(self, tick: float) -> int | None:
        """Return where time has come to; None in the present."""
        if self.at is None or self._plays_since is None:
            return self.at
        since, began = self._plays_since
        at = since + int((tick - began) * self.speed * SECOND)
        return min(at, self.end) if self.end is not None else at

    def leave(self) -> None:
        """Go back to the present."""
        self.at = self.end = self._plays_since = None


def step(at: int, day_start: int, length_s: int, by: int) -> int:
    """Return the boundary of an interval before (`by` -1) or after (1) a moment, from the day's begin on.

    >>> [step(at * SECOND, 0, 900, -1) // SECOND for at in (900, 901, 1800)]
    [0, 900, 900]
    >>> step(901 * SECOND, 0, 900, 1) // SECOND
    1800
    """
    length = length_s * SECOND
    nth, rest = divmod(at - day_start, length)
    if by > 0:
        return day_start + (nth + 1) * length
    return day_start + (nth if rest else nth - 1) * length


def typed_moment(text: str, zone: ZoneInfo, now: int, day_start: int) -> int:
    """Return the moment that somebody typed. Raises UsageError with the forms that are understood.

    `09:12` is of the business day that holds `now`; `yesterday 09:12`, `fri 09:12` (the
    last one), `-15` or `-15m` or `-2h` (before now), `2026-11-16`, `2026-11-16 09:12`, with Z or an offset.

    >>> zone, now, day = ZoneInfo("Europe/Berlin"), 1_794_816_847 * SECOND, 1_794_783_600 * SECOND
    >>> def at(text): return to_datetime(typed_moment(text, zone, now, day)).astimezone(zone)
    >>> f"{at('09:12'):%a %H:%M:%S}", f"{at('yesterday 17:00'):%a %H:%M:%S}", f"{at('-15'):%a %H:%M:%S}"
    ('Mon 09:12:00', 'Sun 17:00:00', 'Mon 08:59:07')
    """
    said = text.strip().casefold()
    starts = to_datetime(day_start).astimezone(zone).time()
    if found := re.fullmatch(r"-\s*(\d{1,5})\s*([smhd分时小天]?)\S*", said):
        return now - int(found[1]) * _UNITS[found[2]] * SECOND
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", said):
            return parse_as_of(f"{said} {starts:%H:%M}", zone, now, starts)
        word, _, clock = said.partition(" ")
        back = _DAYS.get(word)
        if back is None and word[:3] in _WEEKDAYS and word.isascii():
            today = to_datetime(day_start).astimezone(zone).weekday()
            back = (today - _WEEKDAYS.index(word[:3])) % 7 or (7 if clock and _of_day(
                clock, zone, day_start, 0) > now else 0)
        if back is not None:
            return _of_day(clock or f"{starts:%H:%M}", zone, day_start, back)
        if re.fullmatch(r"\d{1,2}(:\d{2}){1,2}|\d{3,4}", said):
            return _of_day(said, zone, day_start, 0)
        return parse_as_of(text, zone, now, starts)
    except (UsageError, ValueError, OverflowError):
        raise UsageError(text.strip()) from None


def _of_day(clock: str, zone: ZoneInfo, day_start: int, back: int) -> int:
    """Return a time of the business day that lies so many days back."""
    if re.fullmatch(r"\d{3,4}", clock):
        clock = f"{clock[:-2]}:{clock[-2:]}"
    if re.match(r"\d:", clock):
        clock = f"0{clock}"
    starts = to_datetime(day_start).astimezone(zone)
    day = starts.replace(tzinfo=None) - timedelta(days=back)
    before = to_micros(day.replace(tzinfo=zone).astimezone(to_datetime(0).tzinfo))
    return parse_as_of(clock, zone, before, starts.time())
