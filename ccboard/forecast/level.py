"""The level of days: a Kalman filter on the logarithm of each day's calls.

log calls = level (random walk) + passing deviation (AR 1 over open days) + weekday + calendar + noise.
The parameters are fixed: estimating them by maximum likelihood gained nothing on real series.
"""

import calendar as months
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

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


class Days:
    """What the calendar makes of each day; `closed` are days that were expected to be open and were not.

    `busy` are the weekdays that have at least half of the busiest one's calls: a quiet weekend between
    does not end what a holiday left undone.
    """

    def __init__(self, known: Mapping[date, str], open_weekdays: frozenset[int], busy: frozenset[int],
                 closed: frozenset[date]) -> None:
        self._known, self._open, self._busy, self._closed = known, open_weekdays, busy, closed

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

    def row(self, day: date) -> Floats:
        """Return the observation vector of a day."""
        row = np.zeros(STATES)
        row[0] = row[1] = row[2 + day.weekday()] = 1.0
        kind = self.kind(day)
        working = [n for n in range(1, months.monthrange(day.year, day.month)[1] + 1)
                   if self.working(day.replace(day=n))]
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
    """The filter run over the days of a history; `totals` has NaN for days without data."""

    def __init__(self, days: Sequence[date], totals: Floats, calendar: Days) -> None:
        self.calendar = calendar
        open_days = np.flatnonzero(totals > 0)
        mean = np.concatenate((np.zeros(FIRST), [m for _, m, _ in CALENDAR]))
        mean[0] = np.log(np.median(totals[open_days[:15]])) if len(open_days) else 0.0
        spread = np.diag(np.concatenate((
            [0.09, AR_SD**2], [WEEKDAY_SD**2] * 7, [sd**2 for *_, sd in CALENDAR])))
        self.weight = np.zeros(len(days))
        """How much each day may teach the shape: 0 where it is odd or without data."""
        self.expected = np.full(len(days), np.nan)
        """Log of each day's calls as forecast the day before."""
        self.states: list[State] = []
        self._days, self._totals = days, totals
        self._rows: dict[date, Floats] = {}
        for n, day in enumerate(days):
            spread = spread.copy()
            spread[0, 0] += LEVEL_STEP**2
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

    def row(self, day: date) -> Floats:
        """Return the observation vector of a day, made once."""
        if day not in self._rows:
            self._rows[day] = self.calendar.row(day)
        return self._rows[day]

    def ahead(self, state: State, day: date, days: int, open_days: int) -> tuple[float, float]:
        """Return mean and variance of the log calls of `day`, `days` after the day of `state`."""
        mean, spread = _fade(state.mean, state.spread, open_days)
        row = self.row(day)
        return float(row @ mean), float(row @ spread @ row + LEVEL_STEP**2 * days + NOISE**2)

    def misses(self, lead: int) -> Floats:
        """Return by how many standard deviations forecasts `lead` days ahead missed, of the last 60 days."""
        found = []
        for n in range(len(self._days) - 1, lead + 20, -1):
            if self._totals[n] > 0 and self.weight[n] > 0:
                opened = int((self._totals[n - lead + 1:n + 1] > 0).sum())
                mean, variance = self.ahead(self.states[n - lead], self._days[n], lead, opened)
                miss = np.log(self._totals[n] + 0.5) - mean
                found.append(abs(miss) / np.sqrt(variance + 1 / (self._totals[n] + 1)))
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
