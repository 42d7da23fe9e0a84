"""What is normal: calls per minute on a plain day, and how far plain days and quarters stray from it.

Fitted to up to 13 weeks of one queue. The level of a day is weekday + trend (on logarithms), the shape of
the day is shared by weekdays with the same hours, each weekday's own ratio to it shrunk towards 1. Days
and quarters of an hour that do not fit (holidays, old surges, outages) lose their weight, in four rounds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ccboard.surge import calendar
from ccboard.surge.counts import MINUTES, Counts
from ccboard.surge.hours import alike, open_minutes
from ccboard.surge.smooth import ratio, window

Floats = NDArray[np.float64]

WEEKS = 13
LEARNING_WEEKS = 6
ROUNDS = 4
BLOCK = 15
RHO = 0.7
"""Correlation of the noise within a day, from one block to the next."""
DAY_SD = 0.065
NOISE_SD = 0.04
"""What the spread of days and of the noise within them usually is."""
TREND_RIDGE = 45.0
"""Pull of the trend towards none, in weeks^2."""
WEEKDAY_SD = 0.06
"""How much weekdays of a group differ in shape."""
HOUR = 60
UNRULY, HALF, MOST_Z = 1.15, 0.5, 3.0
"""Hours that stray by more than this times the variance that the noise explains make half of the rest noise;
none counts for more than three standard deviations."""
ODD_DAY, NO_DAY = 2.0, 3.5
ODD_BLOCK, NO_BLOCK, BLOCK_SD = 3.2, 5.0, 0.08


@dataclass(frozen=True, slots=True)
class Normal:
    """A given day, as it should be."""

    rate: Floats
    """Expected calls of each minute; 0 while closed."""
    mean: float
    """Mean of the log day factor: not 0 on days of a known kind."""
    variance: float
    """Variance of the log day factor, the profile's own error included."""
    noise: float
    """Standard deviation of the noise within the day."""
    kind: str | None
    learning: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """The normal days of a queue."""

    last: date
    """Last day of the history."""
    level: Floats
    """Log of a day's calls per weekday on day ``last``; NaN for weekdays that are never open."""
    slope: float
    """Change of the log level a week."""
    shape: Floats
    """Share of each minute in its weekday's calls (7 x 1440)."""
    day_variance: float
    noise_variance: float
    shape_variance: Floats
    """Variance of each weekday's shape itself: what the filter must take for noise, too."""
    noise_of_day: float
    """Variance that the noise leaves in a day's total."""
    weeks: float
    """Weeks of clean days that the level rests on."""
    middle: float
    """Middle of the history in weeks before ``last`` (negative), and..."""
    lever: float
    """... the sum of squares of the weeks around it."""
    kinds: Mapping[str, tuple[float, float]]
    """Kind of day -> mean and variance of its log factor, where the history has such days."""
    closed: frozenset[date]
    """Days without calls on weekdays that are usually open."""
    clean_days: int

    def kind_of(self, day: date, known: Mapping[date, str]) -> str | None:
        """Return the kind of `day`: the calendar's, or what the day before makes of it."""
        return calendar.kind_of(day, known, lambda d: d in self.closed or _holiday(known, d))

    def normal(self, day: date, known: Mapping[date, str]) -> Normal:
        """Return how `day` should be; `known` is the calendar."""
        weekday = day.weekday()
        ahead = (day - self.last).days / 7
        level = self.level[weekday] + self.slope * ahead
        rate = np.exp(level) * self.shape[weekday] if np.isfinite(level) else np.zeros(MINUTES)
        spread = self.day_variance + self.noise_of_day
        weeks = max(self.weeks, 1.0)
        variance = (self.day_variance
                    + spread * (1 / weeks + (ahead - self.middle) ** 2 / (self.lever + TREND_RIDGE))
                    + 0.0001 + 0.002 / weeks)
        kind = self.kind_of(day, known)
        mean = 0.0
        if kind is not None:
            mean, more = self.kinds.get(kind) or _prior(kind)
            variance += more
        noise = float(np.sqrt(self.noise_variance + self.shape_variance[weekday]))
        return Normal(rate, mean, variance, noise, kind, self.weeks < LEARNING_WEEKS - 0.5)


def go_on() -> None:
    """Rest not at all."""


def _prior(kind: str) -> tuple[float, float]:
    mean, sd = calendar.prior(kind)
    return mean, sd**2


def _holiday(known: Mapping[date, str], day: date) -> bool:
    return "holiday" in known.get(day, "")


def fit(counts: Counts, days: Sequence[date], known: Mapping[date, str],
        rest: Callable[[], object] = go_on) -> Profile | None:
    """Return the profile of a queue from its `counts` (a row per day), None without any usable day.

    `known`: the calendar's kinds of days; such days teach their kind and nothing else. `rest` is called
    between two pieces of the work, of a few milliseconds each.
    """
    n = np.asarray(counts, np.float64)
    seen = ~np.isnan(n)
    n = np.where(seen, n, 0.0)
    with_calls = np.flatnonzero(n.sum(axis=1) > 0)
    if not len(with_calls):
        return None
    n, seen, days = n[with_calls[0]:], seen[with_calls[0]:], days[with_calls[0]:]
    rest()
    return _Fit(n, seen, days, known).run(rest)


def _hours_with_calls(n: Floats) -> slice:
    """Return the minutes from the first hour in which there ever was a call to the last one."""
    busy = np.flatnonzero(n.any(axis=0))
    return slice(int(busy[0]) // HOUR * HOUR, -(-(int(busy[-1]) + 1) // HOUR) * HOUR)


class _Fit:
    """The rounds of a fit; arrays have a row per day, and no minutes of hours that never had a call."""

    def __init__(self, n: Floats, seen: NDArray[np.bool_], days: Sequence[date],
                 known: Mapping[date, str]) -> None:
        self.days, self.known = days, known
        self.last = days[-1]
        self.weekday = np.array([day.weekday() for day in days])
        self.week = np.array([(day - self.last).days / 7 for day in days])
        self.total = n.sum(axis=1)
        whole = seen.mean(axis=1) > 0.99
        self.part = _hours_with_calls(n)
        self.n = n = n[:, self.part]
        self.use = seen[:, self.part].astype(np.float64)
        """Weight of each minute: 0 without feed, in outages and in old surges."""
        self.seen = self.use.copy()
        usual = np.array([np.median(self.total[(self.weekday == w) & (self.total > 0)])
                          if np.any((self.weekday == w) & (self.total > 0)) else 0.0 for w in range(7)])
        habit = np.array([np.mean(self.total[self.weekday == w] > 0.1 * usual[w])
                          if np.any(self.weekday == w) else 0.0 for w in range(7)])
        self.open_day = self.total > 0.1 * usual[self.weekday]
        self.closed = frozenset(
            day for n, day in enumerate(days)
            if not self.open_day[n] and whole[n] and habit[day.weekday()] > 0.5)
        self.kinds = [calendar.kind_of(day, known, lambda d: d in self.closed or _holiday(known, d))
                      for day in days]
        self.plain = self.open_day & np.array([kind is None for kind in self.kinds])
        if not self.plain.any():  # everything marked: better a profile of marked days than none
            self.plain = self.open_day.copy()
        self.day_weight = self.plain.astype(np.float64)
        self.level = np.full(7, np.nan)
        self.slope = 0.0
        self.shape = np.zeros((7, n.shape[1]))
        self.shape_variance = np.zeros(7)
        self.fitted = np.zeros(len(days))
        self.own = np.zeros(len(days))
        self.middle = self.lever = 0.0

    def run(self, rest: Callable[[], object]) -> Profile:
        """Fit in rounds, each with what the one before made of odd days and quarters."""
        by_weekday = np.zeros((7, self.n.shape[1]))
        np.add.at(by_weekday, self.weekday[self.plain], self.n[self.plain])
        often = np.bincount(self.weekday[self.plain], minlength=7).astype(np.float64)
        self.groups = alike(by_weekday, often)
        self.masks = [open_minutes(by_weekday[group].sum(axis=0)) for group in self.groups]
        # The first shape is that of the sums; levels by medians, so that no holiday leads the rounds astray.
        self.own[:] = np.log(np.maximum(self.total, 0.5))
        for step in (*(self._shapes, self._levels, self._odd_quarters) * ROUNDS, self._shapes, self._levels):
            step()
            rest()
        return self._profile()

    def _shapes(self) -> None:
        """Fit the shape of each group and weekday from clean minutes, each day at its own level."""
        for group, mask in zip(self.groups, self.masks, strict=True):
            member = np.isin(self.weekday, group) & (self.day_weight > 0)
            rows = np.flatnonzero(member)
            if not len(rows):
                rows = np.flatnonzero(np.isin(self.weekday, group) & self.open_day)
            weight = self.use[rows] * np.maximum(self.day_weight[rows], 1e-3)[:, None] * mask
            calls = weight * self.n[rows]
            exposure = weight * np.exp(self.own[rows])[:, None]
            rate = float(np.exp(np.median(self.own[rows]))) / max(1, int(mask.sum()))
            pooled = ratio(calls.sum(axis=0), exposure.sum(axis=0), _bandwidth(rate))
            pooled = np.where(mask, np.nan_to_num(pooled), 0.0)
            for weekday in group:
                mine = self.weekday[rows] == weekday
                expected = exposure[mine].sum(axis=0) * pooled
                own = calls[mine].sum(axis=0)
                factor = ratio(own, expected, 30.0)
                with np.errstate(divide="ignore"):
                    heard = 1 / (1 / window(own, 30.0) + 0.03**2 / WEEKS)
                shrunk = heard / (heard + 1 / WEEKDAY_SD**2)
                alone = len(group) == 1
                factor = np.where(np.isfinite(factor) & ~np.full(len(mask), alone), factor, 1.0)
                made = pooled * (1 + shrunk * (factor - 1))
                self.shape_variance[weekday] = 1 / (float(np.mean(heard[mask])) + 1 / WEEKDAY_SD**2)
                self.shape[weekday] = made / max(made.sum(), 1e-12)

    def _levels(self) -> None:
        """Fit weekday and trend to the days' own levels, robustly."""
        shape = self.shape[self.weekday]
        part = (self.use * shape).sum(axis=1)
        calls = (self.use * (shape > 0) * self.n).sum(axis=1)
        usable = (part > 0.2) & self.plain
        if not usable.any():
            usable = (part > 0) & self.plain
        self.own = np.where(part > 0, np.log(np.maximum(calls, 0.5) / np.maximum(part, 1e-9)), 0.0)
        y = self.own
        self.calls = np.maximum(calls, 1.0)
        self.level = np.array([np.median(y[usable & (self.weekday == w)])
                               if np.any(usable & (self.weekday == w)) else np.nan for w in range(7)])
        residual = np.where(usable, y - self.level[self.weekday], 0.0)
        weight = usable * _odd(residual, self.calls, usable)
        for _ in range(6):
            self._solve(y, weight)
            residual = np.where(usable, y - self.fitted, 0.0)
            weight = usable * _odd(residual, self.calls, usable)
        self.residual, self.day_weight = residual, weight
        self.scale = _scale(residual, usable)

    def _solve(self, y: Floats, weight: Floats) -> None:
        """Weighted least squares on weekdays and a trend; the trend pulled towards none."""
        present = [w for w in range(7) if np.any((self.weekday == w) & (weight > 0))]
        columns = [(self.weekday == w).astype(np.float64) for w in present]
        self.middle = float(np.average(self.week, weights=weight)) if weight.any() else 0.0
        design = np.stack([*columns, self.week - self.middle], axis=1)
        normal = design.T @ (weight[:, None] * design) + np.diag([1e-6] * len(present) + [TREND_RIDGE])
        solved = np.linalg.solve(normal, design.T @ (weight * y))
        self.slope = float(solved[-1])
        for n, weekday in enumerate(present):
            self.level[weekday] = solved[n] - self.slope * self.middle
        self.lever = float((weight * (self.week - self.middle) ** 2).sum())
        self.fitted = np.where(np.isfinite(self.level[self.weekday]),
                               self.level[self.weekday] + self.slope * self.week, 0.0)

    def _odd_quarters(self) -> None:
        """Take weight from quarters of an hour that the day's fitted level does not explain."""
        shape = self.shape[self.weekday]
        normal = _quarters(self.seen * np.exp(self.fitted)[:, None] * shape)
        # Where days stray far, their quarters do: they must not all be taken for surges.
        stray = max(BLOCK_SD, float(np.hypot(self.scale, 0.05)))
        calls = _quarters(self.seen * (shape > 0) * self.n)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.nan_to_num((calls - normal) / np.sqrt(normal + (stray * normal) ** 2))
        sums = np.cumsum(np.pad(z, ((0, 0), (2, 2))), axis=1)
        running = np.abs(sums[:, 3:] - np.pad(sums, ((0, 0), (1, 0)))[:, :-4]) / 2
        running = np.maximum(running[:, :-1], running[:, 1:])
        weight = np.minimum(1.0, (ODD_BLOCK / np.maximum(running, 0.1)) ** 2)
        weight[(running > NO_BLOCK) | ((calls == 0) & (normal > 12))] = 0.0
        self.use = self.seen * np.repeat(weight, BLOCK, axis=1)

    def _profile(self) -> Profile:
        noise = self._noise()
        minutes = float(np.median([mask.sum() for mask in self.masks])) if self.masks else 1.0
        of_day = noise * spread_of_mean(minutes)
        weight = self.day_weight
        shape = np.zeros((7, MINUTES))
        shape[:, self.part] = self.shape
        free = weight.sum() - np.isfinite(self.level).sum() - 1
        variance = DAY_SD**2
        if free > 0:
            seen = float((weight * self.residual**2).sum() / free) * 1.07  # the tails lost their weight
            seen -= float(np.average(1 / self.calls, weights=weight)) + of_day
            prior = 10.0
            variance = (prior * DAY_SD**2 + free * max(seen, 0.015**2)) / (prior + free)
        return Profile(
            last=self.last, level=self.level, slope=self.slope, shape=shape, day_variance=variance,
            noise_variance=noise, shape_variance=self.shape_variance, noise_of_day=of_day,
            weeks=float(weight.sum()) / max(1, self._weekdays()),
            middle=self.middle, lever=self.lever, kinds=self._kinds(variance + of_day), closed=self.closed,
            clean_days=int((weight > 0).sum()),
        )

    def _weekdays(self) -> int:
        return int(np.isfinite(self.level).sum())

    def _noise(self) -> float:
        """Estimate the variance of the noise within the day: what neighbouring quarters share."""
        shape = self.shape[self.weekday]
        normal = _quarters(np.exp(self.own)[:, None] * shape)
        full = _quarters(self.use) > BLOCK - 1e-6
        good = full & (normal > 3) & (self.day_weight > 0.5)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.where(good, _quarters(self.n * (shape > 0)) / normal - 1, 0.0)
        pair = good[:, 1:] & good[:, :-1]
        if pair.sum() < 100:
            return NOISE_SD**2
        with np.errstate(divide="ignore"):
            scatter = np.where(good, 1 / normal + NOISE_SD**2, np.inf)
        weight = np.where(pair, 1 / (scatter[:, 1:] * scatter[:, :-1]), 0.0)
        product = error[:, 1:] * error[:, :-1]
        shared = float((weight * product).sum() / weight.sum())
        error_sd = float(np.sqrt((weight**2 * product**2).sum()) / weight.sum())
        blocks = float(good.sum(axis=1)[good.any(axis=1)].mean())
        # Each day's own level was taken out, and with it some of what neighbours share.
        lost = spread_of_mean(blocks * BLOCK)
        per_day = float(np.average(1 / self.calls, weights=self.day_weight))
        estimate = (shared + per_day) / (RHO - lost)
        doubt = (error_sd / (RHO - lost)) ** 2
        believed = 0.0012**2
        share = believed / (believed + doubt)
        noise = max(share * estimate + (1 - share) * NOISE_SD**2, 0.005**2)
        return noise + self._unruly(noise)

    def _unruly(self, noise: float) -> float:
        """Return the variance to add to `noise` where hours are wilder than it explains.

        The noise is learned from quarters that fit. On a floor with an odd hour every day those left out are
        what is normal there; of a few old surges in 13 weeks there is no trace here.
        """
        share = spread_of_mean(HOUR)
        normal = _blocks(self.seen * np.exp(self.own)[:, None] * self.shape[self.weekday], HOUR)
        calls = _blocks(self.n * (self.shape[self.weekday] > 0), HOUR)
        whole = _blocks(self.seen, HOUR) > HOUR - 1e-6
        good = whole & (normal > 5) & ~((calls == 0) & (normal > 12)) & (self.day_weight > 0)[:, None]
        if good.sum() < 100:
            return 0.0
        normal, calls = normal[good], calls[good]
        variance = 1 / normal + noise * share
        z = np.clip((calls / normal - 1) / np.sqrt(variance), -MOST_Z, MOST_Z)
        ratio_seen = float(np.mean(z**2))
        return HALF * max(0.0, ratio_seen - UNRULY) * float(np.mean(variance)) / share

    def _kinds(self, spread: float) -> dict[str, tuple[float, float]]:
        """Learn how busy each kind of day is, from open days of that kind and the prior."""
        part = (self.seen * self.shape[self.weekday]).sum(axis=1)
        calls = (self.seen * (self.shape[self.weekday] > 0) * self.n).sum(axis=1)
        found: dict[str, tuple[float, float]] = {}
        for kind in sorted({kind for kind in self.kinds if kind is not None}):
            mean, sd = calendar.prior(kind)
            precision, total = 1 / sd**2, mean / sd**2
            for n, own in enumerate(self.kinds):
                if own == kind and self.open_day[n] and part[n] > 0.5:
                    scatter = spread + 1 / max(calls[n], 1.0)
                    precision += 1 / (scatter + (0.5 * sd) ** 2)  # days of a kind differ, too
                    total += (np.log(calls[n] / part[n]) - self.fitted[n]) / (scatter + (0.5 * sd) ** 2)
            found[kind] = (float(total / precision), float(1 / precision + (0.5 * sd) ** 2))
        return found


def _bandwidth(rate: float) -> float:
    """Return the smoother's standard deviation in minutes: wide where calls are few."""
    return float(np.clip(np.round(43 / max(rate, 0.1)), 9, 30))


def spread_of_mean(minutes: float) -> float:
    """Return the share of the noise's variance that is left in a mean over so many minutes."""
    x = -np.log(RHO) * max(minutes, 1.0) / BLOCK
    return float(2 * (x - 1 + np.exp(-x)) / x**2)


def _blocks(values: Floats, minutes: int) -> Floats:
    total: Floats = values.reshape(len(values), -1, minutes).sum(axis=2)
    return total


def _quarters(values: Floats) -> Floats:
    return _blocks(values, BLOCK)


def _scale(residual: Floats, usable: NDArray[np.bool_]) -> float:
    """Return the standard deviation of the usable residuals, as their median distance has it."""
    return 1.4826 * float(np.median(np.abs(residual[usable]))) if usable.any() else 0.0


def _odd(residual: Floats, calls: Floats, usable: NDArray[np.bool_]) -> Floats:
    """Return the weight of each day by how far it lies off."""
    z = np.abs(residual) / np.maximum(_scale(residual, usable), np.maximum(1 / np.sqrt(calls), 0.01))
    return np.where(z > NO_DAY, 0.0, np.minimum(1.0, (ODD_DAY / np.maximum(z, 0.1)) ** 2))

