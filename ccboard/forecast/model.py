"""A forecast of calls per interval: level of the day x shape, with the covariance of what both miss.

Everything is relative (logarithms), so that queues of all sizes share the parameters. The bands are
computed, not agreed: of the intervals and of any sum of them, because misses of one day go together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from ccboard.forecast.level import FIRST_LEVEL, Days, LevelFilter, Shift
from ccboard.forecast.shape import shapes

Floats = NDArray[np.float64]

Z80, Z95 = 1.2816, 1.9600
COVARIANCE_DAYS = 130
NEIGHBOUR = 0.8
"""Correlation of misses 15 minutes apart, beyond what the whole day shares."""
WIDEN, WIDEN_DAYS = 1.12, 30
LEAST_VALUE = 1e-6
"""Least eigenvalue of the covariance."""
UPDATE_DAYS = 40
"""Open days of history before the hours of today may correct the rest of it."""


@dataclass(frozen=True, slots=True)
class Band:
    """An expected number of calls and what 80 and 95 of 100 will lie within."""

    mean: float
    lo80: float
    hi80: float
    lo95: float
    hi95: float


@dataclass(frozen=True)
class Forecast:
    """A day's expectation per interval, and the covariance of its relative error."""

    mean: Floats
    covariance: Floats
    seen: Floats
    """Calls of the intervals that have ended; NaN for the others."""

    def interval(self, k: int) -> Band:
        """Return the band of an interval; of one that has ended, what it had."""
        if not np.isnan(self.seen[k]):
            return Band(*[float(self.seen[k])] * 5)
        return _band(float(self.mean[k]), float(self.covariance[k, k]), 0.0)

    def total(self, first: int, end: int) -> Band:
        """Return the band of the sum of the intervals from `first` up to and without `end`."""
        part = slice(first, end)
        rest = np.isnan(self.seen[part])
        mu = np.where(rest, self.mean[part], 0.0)
        known = float(np.nansum(self.seen[part]))
        total = float(mu.sum())
        shared = float(mu @ self.covariance[part, part] @ mu) / total**2 if total > 0 else 0.0
        return _band(total, shared, known)


def _band(mu: float, variance: float, known: float) -> Band:
    if mu <= 1e-6:
        return Band(*[known] * 5)
    width = float(np.sqrt(np.log1p(variance + 1 / mu)))
    ends = [mu * float(np.exp(z * width)) for z in (-Z80, Z80, -Z95, Z95)]
    lo80, hi80, lo95, hi95 = (known + (np.floor(v) if n % 2 == 0 else np.ceil(v)) for n, v in enumerate(ends))
    return Band(known + mu, float(lo80), float(hi80), float(lo95), float(hi95))


class Model:
    """What the days before an origin teach. `calls` has a row per day from `first` on, NaN without data.

    `shifts` is what somebody called the new normal, the day of the origin included. `levels`: where models
    of one history are made for many origins, the run of the level that they share.
    """

    def __init__(self, first: date, calls: Floats, today: Floats, known: Mapping[date, str],
                 shifts: Sequence[Shift] = (), levels: "Levels | None" = None) -> None:
        self.first, self.today_is = first, first + timedelta(days=len(calls))
        self.days = [first + timedelta(days=n) for n in range(len(calls))]
        self.calls, self.today, self.shifts = calls, today, shifts
        self.weekday = np.array([day.weekday() for day in self.days], dtype=np.intp)
        totals = totals_of(calls)
        had = np.nan_to_num(totals) > 0
        self.calendar = Days.seen(known, self.days, totals)
        self.open_days = int(had.sum())
        self.filter = (LevelFilter(self.days, totals, self.calendar, shifts) if levels is None
                       else levels.before(len(calls), self.calendar))
        self.shape, clean = (shapes(calls, self.weekday, self.filter.weight) if had.any()
                             else (np.zeros((7, len(today))), self.filter.weight))
        self.covariance = self._covariance(clean)

    def _covariance(self, clean: Floats) -> Floats:
        """Return the covariance of a day's relative misses, one day ahead, without Poisson's part."""
        count = self.calls.shape[1]
        good = np.flatnonzero((clean > 0) & np.isfinite(self.filter.expected))
        good = good[good > 10][-COVARIANCE_DAYS:]
        lag = np.abs(np.subtract.outer(np.arange(count), np.arange(count))) * (1440 / count) / 15
        plain: Floats = 0.05**2 + 0.05**2 * NEIGHBOUR**lag
        if len(good) < 12:
            return plain
        mu = np.exp(self.filter.expected[good])[:, None] * self.shape[self.weekday[good]]
        usable = mu > 0.5
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.where(usable, np.nan_to_num(self.calls[good]) / mu - 1, 0.0)
            poisson = np.where(usable, 1 / mu, 0.0)
        pairs = usable.T.astype(np.float64) @ usable
        enough = pairs >= 10
        scale = 1.4826 * _medians(np.abs(error), usable)
        error = np.clip(error, -4 * scale, 4 * scale)
        seen = np.where(enough, error.T @ error / np.maximum(pairs, 1), 0.0)
        seen[np.diag_indices(count)] -= poisson.sum(axis=0) / np.maximum(np.diag(pairs), 1)
        inside = np.flatnonzero(np.diag(enough))
        if len(inside) < 4:
            return plain
        shared, near = _shared(seen[np.ix_(inside, inside)], lag[np.ix_(inside, inside)])
        structured = shared + near * NEIGHBOUR**lag
        level = float(np.median(mu[usable]))
        believe = 0.4 * level / (level + 100)
        mixed = np.where(enough, (1 - believe) * structured + believe * seen, structured)
        return _positive((mixed + mixed.T) / 2)

    def day(self, day: date) -> Forecast:
        """Return the forecast of `day`, today or later."""
        ahead = (day - self.today_is).days + 1
        opened = sum(self.calendar.working(self.today_is + timedelta(days=n)) for n in range(ahead))
        count = len(self.today)
        nothing = np.full(count, np.nan)
        seen = self.today if ahead == 1 else nothing
        share = self.shape[day.weekday()]
        if share.sum() == 0 or (self.calendar.kind(day) == "holiday" and not self._open_holidays()):
            return Forecast(np.zeros(count), np.zeros((count, count)), seen)
        log_total, variance = self.filter.ahead(self.filter.states[-1], day, ahead, max(opened, 1))
        misses = self.filter.misses(ahead)
        q = float(np.quantile(misses, 0.8)) / Z80 if len(misses) else WIDEN
        widen = max(0.9, (len(misses) * q + WIDEN_DAYS * WIDEN) / (len(misses) + WIDEN_DAYS))
        mean = np.exp(log_total) * share
        for shift in self.shifts:
            if shift.day == day:  # the rest of the day on which somebody said so
                mean[shift.minute * count // 1440:] *= shift.factor
        covariance = self.covariance + max(0.0, variance * widen**2 - float(share @ self.covariance @ share))
        if ahead == 1 and self._may_update(day):
            mean, covariance = _update(mean, covariance, seen)
        return Forecast(mean, covariance, seen)

    def _open_holidays(self) -> bool:
        return any(self.calendar.kind(day) == "holiday" and np.nansum(self.calls[n]) > 0
                   for n, day in enumerate(self.days))

    def _may_update(self, day: date) -> bool:
        """Return whether this morning may correct the rest: not on days whose mornings mislead."""
        misleading = self.calendar.kind(day) in {"eve", "holiday"} or self.calendar.after_holiday(day)
        return self.open_days >= UPDATE_DAYS and not misleading


def totals_of(calls: Floats) -> Floats:
    """Return the calls of each day (row), NaN where nothing is known of it."""
    totals: Floats = np.where(np.isnan(calls).all(axis=1), np.nan, np.nansum(calls, axis=1))
    return totals


class Levels:
    """The level filters of one history for models of its first days: a run over all of it serves most."""

    def __init__(self, first: date, calls: Floats, known: Mapping[date, str], shifts: Sequence[Shift] = ()
                 ) -> None:
        self._days = [first + timedelta(days=n) for n in range(len(calls))]
        self._totals, self._known, self._shifts = totals_of(calls), known, shifts
        whole = Days.seen(known, self._days, self._totals)
        self._habits = whole.habits
        self._filter = LevelFilter(self._days, self._totals, whole, shifts)

    def before(self, count: int, calendar: Days) -> LevelFilter:
        """Return the filter of the first `count` days, which have that `calendar`."""
        early = int((self._totals[:count] > 0).sum()) < FIRST_LEVEL
        if early or calendar.habits != self._habits:
            return LevelFilter(self._days[:count], self._totals[:count], calendar, self._shifts)
        return self._filter.before(count)


def _positive(matrix: Floats) -> Floats:
    """Return a symmetric matrix with no eigenvalue below 1e-6: itself where that is so already."""
    try:
        np.linalg.cholesky(matrix - np.diag(np.full(len(matrix), LEAST_VALUE)))  # a tenth of the cost below
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(matrix)
        made: Floats = (vectors * np.maximum(values, LEAST_VALUE)) @ vectors.T
        return made
    return matrix


def _medians(values: Floats, usable: NDArray[np.bool_]) -> Floats:
    """Return the median of the usable values of each column, 0 where there is none."""
    count = usable.sum(axis=0)
    ordered = np.sort(np.where(usable, values, np.inf), axis=0)
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, len(values) - 1)
    column = np.arange(values.shape[1])
    middle = (ordered[low, column] + ordered[high, column]) / 2
    found: Floats = np.where(count > 0, middle, 0.0)
    return found


def _shared(seen: Floats, lag: Floats) -> tuple[float, float]:
    """Return what misses of a whole day share, and what neighbours share beyond it."""
    span = lag.max()
    far = (lag > span / 3) & (lag < span / 2)
    shared = max(float(seen[far].mean()), 0.0) if far.any() else 0.0
    step = lag[lag > 0].min()
    near = (float(seen[np.isclose(lag, step)].mean()) - shared) / NEIGHBOUR**step
    return shared, max(near, 0.0)


def _update(mean: Floats, covariance: Floats, seen: Floats) -> tuple[Floats, Floats]:
    """Return mean and covariance given the intervals that were `seen` (Gaussian conditioning)."""
    a = np.flatnonzero(~np.isnan(seen) & (mean > 0))
    b = np.flatnonzero(np.isnan(seen))
    if not len(a) or not len(b):
        return mean, covariance
    within = covariance[np.ix_(a, a)] + np.diag(1 / np.maximum(mean[a], 1e-3))
    gain = np.linalg.solve(within, covariance[np.ix_(a, b)]).T
    mean, after = mean.copy(), covariance.copy()
    miss = seen[a] / mean[a] - 1
    mean[b] *= np.maximum(1 + gain @ miss, 0.2)
    after[np.ix_(b, b)] -= gain @ covariance[np.ix_(a, b)]
    return mean, after
