"""Step 1, the same calls for everybody: what is left of a unit's results once types and days are allowed for.

Effects of the business types and of the days are fitted together with the units' own, and the units' are
held back towards nothing in proportion to what they rest on (a mixed model). Comparing raw means of types
instead would charge the hardest types to those who were trained for them: where only the slow take a type,
the type looks slow.

    value = type + day + unit + chance          on the figure's scale (log, logit, marks)

The fit needs the sums per unit and type, not single calls: the unit effects are eliminated and the rest is
solved by conjugate gradients, so that its cost grows with the rows and not with types times units.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ccboard.tail.arrays import Floats, Ints, by_group, divide, dot, logistic, logit
from ccboard.tail.table import Sums

ROUNDS: Final = 8
"""Rounds of the fit; after six the unit effects of simulated centres hardly move."""
NEWTON: Final = 12
"""Newton's steps at most; three to five are the rule."""
_POOLED: Final = 20.0
"""How many values the common variance counts for beside a type's own."""


@dataclass(frozen=True, slots=True)
class Days:
    """What each unit did on each day, against what was to be expected of its calls.

    Rows and pairs are sorted by unit. `info` is how much the day says: 1 / the sampling variance of
    `effect`, the unit's difference from expected on the figure's scale. Per unit: `counts`, the mean as it
    stands (`raw`, on the scale; a share for rates) and as expected of anybody with these calls (`expected`).
    Per unit and mix (`pair_*`): excess and information, for what drives it. `types`, `variance`: of each mix
    its level and the variance of single values; `day_spread`, `unit_spread`: variance of the days' and of the
    units' effects.
    """

    units: tuple[str, ...]
    mixes: tuple[str, ...]
    rate: bool
    unit: Ints
    day: Ints
    count: Floats
    total: Floats
    expect: Floats
    weight: Floats
    counts: Floats
    raw: Floats
    expected: Floats
    overall: float
    pair_unit: Ints
    pair_mix: Ints
    pair_count: Floats
    pair_excess: Floats
    pair_info: Floats
    types: Floats
    variance: Floats
    day_spread: float
    unit_spread: float

    def rows_of(self, unit: int) -> Ints:
        """Return the places of a unit's rows."""
        first, last = np.searchsorted(self.unit, (unit, unit + 1))
        return np.arange(first, last)

    def pairs_of(self, unit: int) -> Ints:
        """Return the places of a unit's pairs."""
        first, last = np.searchsorted(self.pair_unit, (unit, unit + 1))
        return np.arange(first, last)

    def middle(self) -> Floats:
        """Return about where each unit stands, for ``scores``: for rates the most likely effect, held back.

        Newton's steps are kept short: somebody whose calls are bad ten times as often as usual would
        overshoot so far that the next step never came back.
        """
        units = len(self.units)
        theta = np.zeros(units)
        if not self.rate:
            return theta
        plain, spread = self._plain()
        for _ in range(NEWTON):
            now = logistic(logit(plain) + spread * theta[self.unit])
            left = by_group(self.unit, self.total - self.count * now, units) - theta / self.unit_spread
            info = by_group(self.unit, self.count * now * (1 - now) * spread, units) + 1 / self.unit_spread
            step = np.clip(left / info, -1.0, 1.0)
            theta = theta + step
            if not np.any(np.abs(step) > 1e-3):
                break
        return theta

    def _plain(self) -> tuple[Floats, Floats]:
        """Return each row's expected share, and how fast it moves with the effect (1: a single type)."""
        plain = np.clip(divide(self.expect, self.count), 1e-9, 1 - 1e-9)
        return plain, np.maximum(self.weight / (self.count * plain * (1 - plain)), 1e-6)

    def scores(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return (effect, info) of every row, worked out around the units' effects `theta`.

        For means theta does not matter. For rates it does: somebody who lets 6 % ring instead of 3 % also has
        twice the chance variation, and judged around 3 % would look surer than they are.
        """
        if not self.rate:
            return divide(self.total - self.expect, self.weight), self.weight
        at = theta[self.unit]
        plain, spread = self._plain()
        now = logistic(logit(plain) + spread * at)
        info = np.maximum(self.count * now * (1 - now) * spread, 1e-9)
        return at + (self.total - self.count * now) / info, info


def adjust(sums: Sums, *, rate: bool, pause: Callable[[], None] = lambda: None) -> Days:
    """Fit types and days, and return what each unit did beside them. `rate`: the values are 0 or 1.

    `pause` is called between any two rounds.
    """
    units, mixes = len(sums.units), max(1, len(sums.mixes))
    sums = sums.ordered()
    unit, mix, count = sums.unit, sums.mix, sums.count
    total, squares = sums.total, sums.squares
    dates = sums.days
    place = np.zeros(int(dates[-1] - dates[0]) + 1 if len(dates) else 0, dtype=np.int64)
    place[dates - dates[:1]] = np.arange(len(dates))
    day = place[sums.day - dates[:1]]
    variance = np.ones(mixes) if rate else _variances(mix, count, total, squares, mixes)
    pair, pair_unit, pair_mix = _pairs(unit, mix, mixes)
    n, s = by_group(pair, count, len(pair_unit)), by_group(pair, total, len(pair_unit))
    overall = float(total.sum() / count.sum()) if count.sum() else 0.0
    fit = _Fit(pair_unit, pair_mix, n, s, units, mixes, variance, overall, rate=rate)
    by_day, day_spread = np.zeros(len(dates)), 0.0
    for number in range(ROUNDS):
        pause()
        fit.step()
        if number in (2, 5) and len(by_day) > 1:
            by_day, day_spread = _days(fit, by_day, day, unit, mix, count, total)
            fit.offset = divide(by_group(pair, count * by_day[day], len(pair_unit)), n)
    pause()
    level = fit.types[mix] + by_day[day] if len(day) else np.zeros(0)
    expect = count * (logistic(level) if rate else level)
    if rate:
        share = logistic(level)
        weight, excess = count * share * (1 - share), total - expect
    else:
        weight, excess = count / variance[mix], (total - expect) / variance[mix]
        # in units of information, as for rates: the sum of the excesses over their sum is the effect
        total, expect = total / variance[mix], expect / variance[mix]
    pause()
    row, row_unit, row_day = _pairs(unit, day, max(1, len(by_day)))
    size = len(row_unit)
    counts = by_group(unit, count, units)
    by_pair = len(pair_unit)
    raw = by_group(unit, total if rate else total * variance[mix], units)
    wanted = by_group(unit, expect if rate else expect * variance[mix], units)
    return Days(
        sums.units, sums.mixes, rate, row_unit, dates[row_day] if size else row_day,
        by_group(row, count, size), by_group(row, total, size), by_group(row, expect, size),
        by_group(row, weight, size), counts, divide(raw, counts), divide(wanted, counts), overall,
        pair_unit, pair_mix, n, by_group(pair, excess, by_pair), by_group(pair, weight, by_pair),
        fit.types, variance, day_spread, fit.spread)


def _pairs(a: Ints, b: Ints, many: int) -> tuple[Ints, Ints, Ints]:
    """Return the number of each row's pair (a, b) among those that occur, and each pair's a and b."""
    key = a * many + b
    if len(key) and not np.any(key[1:] < key[:-1]):  # in order already
        begins = np.concatenate([[True], key[1:] != key[:-1]])
        return np.cumsum(begins) - 1, a[begins], b[begins]
    size = int(key.max()) + 1 if len(key) else 0
    if size <= 8 * len(key) + 1_000_000:  # a table instead of a sort: ten times as fast
        seen = np.zeros(size, dtype=np.bool_)
        seen[key] = True
        kept = np.flatnonzero(seen)
        number = np.zeros(size, dtype=np.int64)
        number[kept] = np.arange(len(kept))
        return number[key], kept // many, kept % many
    kept, place = np.unique(key, return_inverse=True)
    return place.astype(np.int64), kept // many, kept % many


def _variances(mix: Ints, count: Floats, total: Floats, squares: Floats, mixes: int) -> Floats:
    """Return each mix's variance of single values, of one unit on one day; few values lean on all."""
    inside = np.maximum(squares - total * total / count, 0.0)
    free = count - 1
    if free.sum() < _POOLED:  # hardly ever two values in a cell: the variance within mixes instead
        n, s = by_group(mix, count, mixes), by_group(mix, total, mixes)
        own, left = by_group(mix, squares, mixes) - divide(s * s, n), n - 1
    else:
        own, left = by_group(mix, inside, mixes), by_group(mix, free, mixes)
    left = np.maximum(left, 0.0)
    common = float(own.sum() / left.sum()) if left.sum() else 0.0
    common = common if common > 0 else 1e-6  # nobody differs at all: any scale does
    found: Floats = np.maximum((own + _POOLED * common) / (left + _POOLED), 1e-3 * common)
    return found


class _Fit:
    """The effects so far; each step improves them."""

    def __init__(self, unit: Ints, mix: Ints, n: Floats, s: Floats, units: int, mixes: int, variance: Floats,
                 overall: float, *, rate: bool) -> None:
        self.unit, self.mix, self.n, self.s = unit, mix, n, s
        self.size = units
        self.rate = rate
        self.variance = variance
        share = min(max(overall, 1e-6), 1 - 1e-6)
        self.start = float(logit(np.array(share))) if rate else overall
        self.types: Floats = np.full(mixes, self.start)
        self.own: Floats = np.zeros(units)
        self.offset: Floats = np.zeros(len(n))
        noise = float(np.median(variance))
        self.spread = 0.1 if rate else 0.05 * noise  # of the units: variance, on the scale
        self.types_spread = 1.0 if rate else noise
        self.seen = np.bincount(unit, minlength=units) > 0

    def step(self) -> None:
        """Solve for the types with the units eliminated; then the units and both spreads."""
        if self.rate:
            at = self.types[self.mix] + self.own[self.unit] + self.offset
            p = logistic(at)
            w = np.maximum(self.n * p * (1 - p), 1e-9)
            z = np.clip(at + (self.s - self.n * p) / w, at - 8, at + 8) - self.offset - self.start
        else:
            w = self.n / self.variance[self.mix]
            z = self.s / self.n - self.offset - self.start
        hold, ridge = 1 / self.spread, 1 / self.types_spread
        per_unit = by_group(self.unit, w, self.size) + hold
        per_mix = by_group(self.mix, w, len(self.types)) + ridge
        sums = by_group(self.unit, w * z, self.size) / per_unit
        right = by_group(self.mix, w * (z - sums[self.unit]), len(self.types))
        types = self._solve(right, per_mix, per_unit, w)
        own = by_group(self.unit, w * (z - types[self.mix]), self.size) / per_unit
        if self.rate:  # short steps, as in ``middle``
            own = self.own + np.clip(own - self.own, -1.0, 1.0)
            types = self.types - self.start + np.clip(types - (self.types - self.start), -2.0, 2.0)
        self.types, self.own = self.start + types, own
        if (seen := self.seen).any():
            self.spread = max(float(np.mean(own[seen] ** 2 + 1 / per_unit[seen])), 1e-3 * self.spread, 1e-9)
        self.types_spread = max(float(np.mean(types * types)) * 4, 1e-3 * self.types_spread, 1e-9)

    def _solve(self, right: Floats, per_mix: Floats, per_unit: Floats, w: Floats) -> Floats:
        """Solve the equations of the types by conjugate gradients, begun at the last solution."""
        many = len(self.types)

        def times(x: Floats) -> Floats:
            inner = by_group(self.unit, w * x[self.mix], self.size) / per_unit
            return per_mix * x - by_group(self.mix, w * inner[self.unit], many)

        x = self.types - self.start
        rest = right - times(x)
        step = rest / per_mix
        goal = dot(rest, step)
        enough = 1e-14 * dot(right, right / per_mix)
        for _ in range(200):
            if goal <= enough:
                break
            image = times(step)
            length = goal / dot(step, image)
            x = x + length * step
            rest = rest - length * image
            scaled = rest / per_mix
            new = dot(rest, scaled)
            step, goal = scaled + new / goal * step, new
        return x


def _days(fit: _Fit, now: Floats, day: Ints, unit: Ints, mix: Ints, count: Floats,
          total: Floats) -> tuple[Floats, float]:
    """Return the days' effects, what types and units leave over, held back; and their variance."""
    at = fit.types[mix] + fit.own[unit] + now[day]
    if fit.rate:
        p = logistic(at)
        w, left = count * p * (1 - p), total - count * p
    else:
        w = count / fit.variance[mix]
        left = (total - count * at) / fit.variance[mix]
    info = by_group(day, w, len(now))
    effect = now + divide(by_group(day, left, len(now)), info)
    mean = dot(info, effect) / float(info.sum()) if info.sum() else 0.0
    excess = dot(info, (effect - mean) ** 2) - (len(now) - 1)
    room = float(info.sum() - dot(info, info) / info.sum()) if info.sum() else 0.0
    spread = max(0.0, excess / room) if room > 0 else 0.0
    found: Floats = (effect - mean) * info * spread / (info * spread + 1)
    return found, spread
