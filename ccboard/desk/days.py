"""Minutes of the centre's days: which day and minute a moment belongs to, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ccboard.clock import SECOND

Ints = NDArray[np.int64]

MINUTE = 60 * SECOND
DAY_MINUTES = 1440
_EPOCH_DAY = date(1970, 1, 1).toordinal()


class Days:
    """Business days of a zone. A minute of the day is what the clock shows, counted from the day's start."""

    def __init__(self, zone: ZoneInfo, starts: time = time(0)) -> None:
        self.zone = zone
        self.starts = starts
        self.shift = starts.hour * 60 + starts.minute
        self._days: dict[int, int | None] = {}

    def begin(self, day: date) -> int:
        """Return when a day begins."""
        moment = datetime.combine(day, self.starts, self.zone).astimezone(UTC)
        return int(moment.timestamp()) * SECOND

    def day_of(self, at: int) -> date:
        """Return the business day that a moment belongs to."""
        local = datetime.fromtimestamp(at // SECOND, UTC).astimezone(self.zone)
        return (local - timedelta(minutes=self.shift)).date() if self.shift else local.date()

    def place(self, minutes: Ints) -> tuple[Ints, Ints]:
        """Return for minutes since 1970 UTC their days (ordinals) and minutes of the day.

        In the hour that a clock shows twice two minutes share a place.
        """
        if not len(minutes):
            return minutes, minutes
        local = minutes + self._offsets(minutes) - self.shift
        return local // DAY_MINUTES + _EPOCH_DAY, local % DAY_MINUTES

    def _offsets(self, minutes: Ints) -> Ints:
        """Return the zone's offset at each minute: that of its day in UTC, unless clocks change in that."""
        every, which = np.unique(minutes // DAY_MINUTES, return_inverse=True)
        known = [self._of_day(int(day)) for day in every]
        found: Ints = np.array([0 if one is None else one for one in known], np.int64)[which]
        for place in [n for n, one in enumerate(known) if one is None]:
            own = which == place
            quarters, part = np.unique(minutes[own] // 15, return_inverse=True)  # none changes within one
            found[own] = np.array([self._offset(int(q) * 15) for q in quarters], np.int64)[part]
        return found

    def _of_day(self, day: int) -> int | None:
        """Return the offset of a day in UTC, None where it is not the same all day."""
        if day not in self._days:
            hours = {self._offset(day * DAY_MINUTES + hour * 60) for hour in range(25)}
            self._days[day] = hours.pop() if len(hours) == 1 else None
        return self._days[day]

    def _offset(self, minute: int) -> int:
        moment = datetime.fromtimestamp(minute * 60, UTC).astimezone(self.zone)
        offset = moment.utcoffset()
        assert offset is not None
        return int(offset.total_seconds()) // 60

    def minute_at(self, day: date, minute: int) -> int:
        """Return when the minute `minute` of a day begins by the clock."""
        clock = datetime.combine(day, self.starts) + timedelta(minutes=minute)
        return int(clock.replace(tzinfo=self.zone).astimezone(UTC).timestamp()) * SECOND

    def minute_of(self, at: int, day: date) -> int:
        """Return the minute of `day` in which a moment lies; 0 before the day, 1440 after it."""
        found, minute = self.place(np.array([at // MINUTE], np.int64))
        ahead = int(found[0]) - day.toordinal()
        return int(minute[0]) if ahead == 0 else (0 if ahead < 0 else DAY_MINUTES)

    def of_clock(self, minute: int) -> int:
        """Return the minute after midnight that a minute of the day is."""
        return (minute + self.shift) % DAY_MINUTES
