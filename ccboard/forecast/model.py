"""A forecast of calls per interval: level of the day x shape, with the covariance of what both miss.

Everything is relative (logarithms), so that queues of all sizes share the parameters. The bands are
computed, not agreed: of the intervals and of any sum of them, because misses of one day go together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from ccboard.forecast.level import Days, LevelFilter
from ccboard.forecast.shape import shapes

Floats = NDArray[np.float64]

Z80, Z95 = 1.2816, 1.9600
COVARIANCE_DAYS = 130
NEIGHBOUR = 0.8
"""Correlation of misses 15 minutes apart, beyond what the whole day shares."""
WIDEN, WIDEN_DAYS = 1.12, 30
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
    """What the days before an origin teach. `calls` has a row per day from `first` on, NaN without data."""

    def __init__(self, first: date, calls: Floats, today: Floats, known: Mapping[date, str]) -> None:
        self.first, self.today_is = first, first + timedelta(days=len(calls))
        self.days = [first + timedelta(days=n) for n in range(len(calls))]
        self.calls, self.today = calls, today
        self.weekday = np.array([day.weekday() for day in self.days], dtype=np.intp)
        totals = np.where(np.isnan(calls).all(axis=1), np.nan, np.nansum(calls, axis=1))
        had = np.nan_to_num(totals) > 0
        usual = frozenset(w for w in range(7)
                          if (self.weekday == w).any() and had[self.weekday == w].mean() >= 0.5)
        closed = frozenset(day for n, day in enumerate(self.days) if not had[n] and day.weekday() in usual)
        level = np.array([totals[had & (self.weekday == w)].mean() if w in usual else 0.0 for w in range(7)])
        busy = frozenset(w for w in usual if level[w] >= 0.5 * level.max())
        self.calendar = Days(known, usual, busy, closed)
        self.open_days = int(had.sum())
        self.filter = LevelFilter(self.days, totals, self.calendar)
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
        scale = np.array([1.4826 * np.median(np.abs(column[use])) if use.any() else 0.0
                          for column, use in zip(error.T, usable.T, strict=True)])
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
        values, vectors = np.linalg.eigh((mixed + mixed.T) / 2)
        made: Floats = (vectors * np.maximum(values, 1e-6)) @ vectors.T
        return made

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
