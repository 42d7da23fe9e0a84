"""The level of days: a Kalman filter on the logarithm of each day's calls.

log calls = level (random walk) + passing deviation (AR 1 over open days) + weekday + calendar + noise.
The parameters are fixed: estimating them by maximum likelihood gained nothing on real series.

What somebody called "the new normal" is a step of the level that is known beforehand, though not well: the
day after it the level is log(factor) higher, give or take half of that. So the next days are forecast on the
new level with a wide band, and what they show soon counts for more than what was said.
"""

import calendar as months
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVEL_STEP = 0.005
PHI, AR_SD = 0.5, 0.035
WEEKDAY_SD, WEEKDAY_STEP = 0.35, 0.005
NOISE = 0.025
CALENDAR = (
    ("after", 0.10, 0.08), ("eve", -0.10, 0.25), ("special", 0.0, 0.12), ("open holiday", -1.0, 0.7),
    ("first", 0.0, 0.05), ("second", 0.0, 0.05), ("last", 0.0, 0.05),
    ("sin", 0.0, 0.02), ("cos", 0.0, 0.02), ("sin2", 0.0, 0.02), ("cos2", 0.0, 0.02),
)
"""Effects of the calendar on the log level: name, mean and standard deviation before any was seen."""
FIRST = 9
STATES = FIRST + len(CALENDAR)
ODD, VERY_ODD, NO_DAY = 2.0, 3.5, 6.0
"""Innovations beyond these count less, do not shape the profile, are ignored (in standard deviations)."""
SHIFT_SD = 0.5
"""How well a step that somebody told of is known, of its own size (standard deviation): that there was none
is two of them off, which the filter still follows in full."""
USUALLY, BUSY = 0.5, 0.5
"""A weekday is open where so many of its days had calls, and busy where they had so much of the busiest's."""
FIRST_LEVEL = 15
"""Open days whose median is the first level."""


class Shift(NamedTuple):
    """Somebody said: from `minute` of `day` on the calls are `factor` times what they were."""

    day: date
    minute: int
    factor: float


def shifted(shifts: Sequence[Shift], first: date, last: date) -> tuple[float, float]:
    """Return the mean and variance of the steps of the log level after days of `first` to `last`, inclusive.

    Half a day is on either level, so the step counts from the next day on. Those of one day are one step.

    >>> day = date(2026, 11, 16)
    >>> mean, variance = shifted([Shift(day, 600, 1.38)], day, day)
    >>> round(mean, 3), round(variance ** 0.5, 3)
    (0.322, 0.161)
    """
    steps: dict[date, float] = {}
    for shift in shifts:
        if first <= shift.day <= last:
            steps[shift.day] = steps.get(shift.day, 0.0) + float(np.log(shift.factor))
    return sum(steps.values()), sum((SHIFT_SD * step) ** 2 for step in steps.values())


class Days:
    """What the calendar makes of each day; `closed` are days that were expected to be open and were not.

    `busy` are the weekdays that have at least half of the busiest one's calls: a quiet weekend between
    does not end what a holiday left undone.
    """

    def __init__(self, known: Mapping[date, str], open_weekdays: frozenset[int], busy: frozenset[int],
                 closed: frozenset[date]) -> None:
        self._known, self._open, self._busy, self._closed = known, open_weekdays, busy, closed
        self._months: dict[tuple[int, int], list[int]] = {}

    @classmethod
    def seen(cls, known: Mapping[date, str], days: Sequence[date], totals: Floats) -> "Days":
        """Return what a history's totals (NaN or 0: no calls) show of opening days."""
        weekday = np.array([day.weekday() for day in days], dtype=np.intp)
        had = np.nan_to_num(totals) > 0
        usual = frozenset(w for w in range(7)
                          if (weekday == w).any() and had[weekday == w].mean() >= USUALLY)
        level = np.array([totals[had & (weekday == w)].mean() if w in usual else 0.0 for w in range(7)])
        busy = frozenset(w for w in usual if level[w] >= BUSY * level.max())
        closed = frozenset(day for n, day in enumerate(days) if not had[n] and day.weekday() in usual)
        return cls(known, usual, busy, closed)

    @property
    def habits(self) -> tuple[frozenset[int], frozenset[int]]:
        """The weekdays that are open, and those that are busy."""
        return self._open, self._busy

    def kind(self, day: date) -> str:
        """Return the calendar's kind of a day: "", "holiday", "eve" or another."""
        return self._known.get(day, "")

    def working(self, day: date) -> bool:
        """Return whether a day should be open."""
        return day.weekday() in self._open and self.kind(day) != "holiday"

    def after_holiday(self, day: date) -> bool:
        """Return whether the last busy weekday before `day` was closed."""
        for back in range(1, 15):
            before = day - timedelta(days=back)
            if before.weekday() in self._busy:
                return self.kind(before) == "holiday" or before in self._closed
        return False

    def _working_days(self, year: int, month: int) -> list[int]:
        """Return the days of a month that should be open, worked out once."""
        if (year, month) not in self._months:
            count = months.monthrange(year, month)[1]
            self._months[year, month] = [n for n in range(1, count + 1) if self.working(date(year, month, n))]
        return self._months[year, month]

    def row(self, day: date) -> Floats:
        """Return the observation vector of a day."""
        row = np.zeros(STATES)
        row[0] = row[1] = row[2 + day.weekday()] = 1.0
        kind = self.kind(day)
        working = self._working_days(day.year, day.month)
        turn = 2 * np.pi * (day.day - 1) / 30.4
        row[FIRST:] = (
            self.after_holiday(day), kind == "eve", kind not in {"", "eve", "holiday"}, kind == "holiday",
            working[:1] == [day.day], working[1:2] == [day.day], working[-1:] == [day.day],
            np.sin(turn), np.cos(turn), np.sin(2 * turn), np.cos(2 * turn),
        )
        return row


@dataclass(frozen=True, slots=True)
class State:
    """What the filter knows after a day."""

    mean: Floats
    spread: Floats


class LevelFilter:
    """The filter run over the days of a history; `totals` has NaN for days without data.

    `shifts` are steps that were told of; the days on which they were are left out.
    """

    def __init__(self, days: Sequence[date], totals: Floats, calendar: Days,
                 shifts: Sequence[Shift] = ()) -> None:
        self.calendar = calendar
        self.shifts = shifts
        turned = frozenset(shift.day for shift in shifts)
        totals = np.where([day in turned for day in days], np.nan, totals) if turned else totals
        open_days = np.flatnonzero(totals > 0)
        mean = np.concatenate((np.zeros(FIRST), [m for _, m, _ in CALENDAR]))
        mean[0] = np.log(np.median(totals[open_days[:FIRST_LEVEL]])) if len(open_days) else 0.0
        spread = np.diag(np.concatenate((
            [0.09, AR_SD**2], [WEEKDAY_SD**2] * 7, [sd**2 for *_, sd in CALENDAR])))
        self.weight = np.zeros(len(days))
        """How much each day may teach the shape: 0 where it is odd or without data."""
        self.expected = np.full(len(days), np.nan)
        """Log of each day's calls as forecast the day before."""
        self.states: list[State] = []
        self.days, self.totals = days, totals
        self._rows: dict[date, Floats] = {}
        self._missed: dict[tuple[int, int], float] = {}
        for n, day in enumerate(days):
            spread = spread.copy()
            spread[0, 0] += LEVEL_STEP**2
            if n and days[n - 1] in turned:
                step, variance = shifted(shifts, days[n - 1], days[n - 1])
                mean = mean.copy()
                mean[0] += step
                spread[0, 0] += variance
            if day.weekday() == 0:
                spread[range(2, 9), range(2, 9)] += WEEKDAY_STEP**2
            if totals[n] > 0:
                mean, spread = _fade(mean, spread, 1)
                row = self.row(day)
                gain = spread @ row
                variance = row @ gain + NOISE**2 + 1 / (totals[n] + 1)
                self.expected[n] = row @ mean
                error = np.log(totals[n] + 0.5) - self.expected[n]
                z = abs(error) / np.sqrt(variance)
                self.weight[n] = 1.0 if z < ODD else ODD**2 / z**2 if z < VERY_ODD else 0.0
                if z < NO_DAY:
                    variance *= max(1.0, z * z / ODD**2)
                    mean = mean + gain * (error / variance)
                    spread = spread - np.outer(gain, gain) / variance
            self.states.append(State(mean, spread))
        if not self.states:
            self.states.append(State(mean, spread))

    def before(self, count: int) -> "LevelFilter":
        """Return the filter as it was after the first `count` days, without working it out again.

        Only where these days show the same habits (``Days.habits``) is it what they alone would give, and
        where they have the days of the first level.
        """
        made = copy(self)
        made.weight, made.expected = self.weight[:count], self.expected[:count]
        made.states = self.states[:count]
        made.days, made.totals = self.days[:count], self.totals[:count]
        made.shifts = [shift for shift in self.shifts if count and shift.day <= self.days[count - 1]]
        return made

    def row(self, day: date) -> Floats:
        """Return the observation vector of a day, made once."""
        if day not in self._rows:
            self._rows[day] = self.calendar.row(day)
        return self._rows[day]

    def ahead(self, state: State, day: date, days: int, open_days: int) -> tuple[float, float]:
        """Return mean and variance of the log calls of `day`, `days` after the day of `state`."""
        mean, spread = _fade(state.mean, state.spread, open_days)
        row = self.row(day)
        step, variance = shifted(self.shifts, day - timedelta(days=days), day - timedelta(days=1)) \
            if self.shifts else (0.0, 0.0)
        return (float(row @ mean) + step,
                float(row @ spread @ row + LEVEL_STEP**2 * days + NOISE**2) + variance)

    def misses(self, lead: int) -> Floats:
        """Return by how many standard deviations forecasts `lead` days ahead missed, of the last 60 days."""
        found = []
        for n in range(len(self.days) - 1, lead + 20, -1):
            if self.totals[n] > 0 and self.weight[n] > 0:
                if (n, lead) not in self._missed:
                    opened = int((self.totals[n - lead + 1:n + 1] > 0).sum())
                    mean, variance = self.ahead(self.states[n - lead], self.days[n], lead, opened)
                    miss = np.log(self.totals[n] + 0.5) - mean
                    self._missed[n, lead] = abs(miss) / np.sqrt(variance + 1 / (self.totals[n] + 1))
                found.append(self._missed[n, lead])
                if len(found) == 60:
                    break
        return np.array(found)


def _fade(mean: Floats, spread: Floats, open_days: int) -> tuple[Floats, Floats]:
    """Carry the passing deviation over so many open days."""
    factor = PHI**open_days
    mean, spread = mean.copy(), spread.copy()
    mean[1] *= factor
    spread[1] *= factor
    spread[:, 1] *= factor
    spread[1, 1] += AR_SD**2 * (1 - factor * factor)
    return mean, spread
