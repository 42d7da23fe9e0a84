"""Who fluctuates: more from day to day than chance and the ordinary good and bad days of everybody explain.

All figures of a unit are looked at together, because one alone rarely suffices; and each by itself, because
whoever swings in one figure is hidden among ten calm ones. Every day's squared deviation, over what it should
be, is added up; days and figures that could show a fluctuation of the size of the usual difference between
people count more. The sum is compared with a chi-square distribution made wider for small counts
(over-dispersed), and of all units so many are named that 10 % of the names are expected false (Benjamini and
Hochberg 1995). When it happened is read from control charts (``when``).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ccboard.tail.adjust import Days
from ccboard.tail.arrays import Bools, Floats, Ints, by_group, divide, phi
from ccboard.tail.cluster import Estimates

FALSE_NAMES: Final = 0.10
"""Expected share of false names."""
LEAST_DAYS: Final = 5
"""With fewer days nothing is said of a unit."""
CLEAR: Final = 0.05
"""A second figure is said to swing as well from this probability by chance on."""
_CAP: Final = 25.0
"""One day counts at most like five standard deviations: a single freak day is no fluctuation."""
EWMA_WEIGHT: Final = 0.2
EWMA_LIMIT: Final = 3.0
RUN: Final = 9
"""Days in a row on the same side (second rule of the Western Electric handbook)."""


@dataclass(frozen=True, slots=True)
class Fluctuation:
    """Per unit: probability of so much by chance, ratio to the usual (1), both by figure; who is named.

    `free`: degrees of freedom of the ratio, which is how sure it is; 0: nothing is known.
    """

    p: Floats
    ratio: Floats
    by_figure: tuple[Floats, ...]
    p_figure: tuple[Floats, ...]
    named: Bools
    free: Floats

    def most(self, unit: int) -> tuple[tuple[int, ...], float]:
        """Return the places of the (at most two) figures that a unit swings in, and how far beside usual."""
        order = sorted(range(len(self.p_figure)), key=lambda k: float(self.p_figure[k][unit]))
        most = tuple(k for k in order[:2] if k == order[0] or float(self.p_figure[k][unit]) < CLEAR)
        ratio = max([1.0, float(self.ratio[unit]), *(float(self.by_figure[k][unit]) for k in most[:1])])
        return most, float(np.sqrt(ratio))


def fluctuation(figures: list[tuple[Days, Estimates, float]], may: Bools,
                false_names: float = FALSE_NAMES) -> Fluctuation:
    """Judge all units; `figures`: (days, estimates, spread tau between units) of each.

    `may`: of whom there is enough to be judged at all (``early.long_enough``).
    """
    size = len(may)  # also where no figure is measured: then nobody swings
    whole, wanted, spread = np.zeros(size), np.zeros(size), np.zeros(size)
    parts: list[Floats] = []
    chances: list[Floats] = []
    tests = np.zeros(size)
    for table, found, tau in figures:
        s, e, v = _figure(table, found, tau, size)
        whole, wanted, spread = whole + s, wanted + e, spread + v
        parts.append(divide(s, e))
        chances.append(_chance(s, e, v))
        tests = tests + (e > 0)
    # together, or one by itself: the better of the two, paid for by the number of looks (Bonferroni)
    single = np.min(chances, axis=0) if chances else np.ones(size)
    p = np.minimum(1.0, 2 * np.minimum(_chance(whole, wanted, spread), np.maximum(tests, 1) * single))
    named = benjamini_hochberg(p, may & (wanted > 0), false_names)
    return Fluctuation(p, divide(whole, wanted), tuple(parts), tuple(chances), named,
                       divide(2 * wanted * wanted, spread))


def _chance(whole: Floats, wanted: Floats, spread: Floats) -> Floats:
    """Return the probability of a sum so large by chance: chi-square with the mean and variance it has."""
    scale, free = divide(spread, 2 * wanted), divide(2 * wanted * wanted, spread)
    return np.where(wanted > 0, chi_square_tail(divide(whole, scale), free), 1.0)


def _figure(table: Days, found: Estimates, tau: float, size: int) -> tuple[Floats, Floats, Floats]:
    """Return each unit's weighted sum of squares, what it should be, and its variance."""
    none = np.zeros(size)
    if not len(table.unit) or tau <= 0:
        return none, none, none
    w = 1 / (1 / found.info + found.td)
    all_w = by_group(table.unit, w, size)
    mean = divide(by_group(table.unit, w * found.effect, size), all_w)
    fit = 1 - w / all_w[table.unit]
    square = np.minimum((found.effect - mean[table.unit]) ** 2 * w, _CAP)
    weight = tau * tau * w / (1 + tau * tau * w)
    weight = np.where(found.days[table.unit] >= LEAST_DAYS, weight, 0.0)
    # counts of rare events have longer tails than the normal distribution: by 1 / information
    wide = 2 * fit * fit + np.minimum(1 / found.info, 10.0)
    return (by_group(table.unit, weight * square, size), by_group(table.unit, weight * fit, size),
            by_group(table.unit, weight * weight * wide, size))


def chi_square_tail(x: Floats, free: Floats) -> Floats:
    """Return P(chi-square with `free` degrees > x), by Wilson and Hilferty's cube root (1931)."""
    free = np.maximum(free, 1e-9)
    z = (np.cbrt(np.maximum(x, 0) / free) - (1 - 2 / (9 * free))) / np.sqrt(2 / (9 * free))
    return phi(-z)


def benjamini_hochberg(p: Floats, may: Bools, share: float) -> Bools:
    """Return whose p are small enough that of the named at most `share` are expected to be false.

    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.9, 0.001]), np.ones(4, dtype=bool), 0.10).tolist()
    [True, True, False, True]
    """
    allowed = np.flatnonzero(may)
    order = allowed[np.argsort(p[allowed], kind="stable")]
    within = np.flatnonzero(p[order] <= share * np.arange(1, len(order) + 1) / max(1, len(order)))
    named = np.zeros(len(p), dtype=np.bool_)
    if len(within):
        named[order[: within[-1] + 1]] = True
    return named


@dataclass(frozen=True, slots=True)
class Signal:
    """A day (its number as in the sums) on which a chart spoke: "drift" (EWMA) or "run", and which way.

    `worse` is in the sense of the figure.
    """

    day: int
    rule: str
    worse: bool


def when(days: Ints, z: Floats, worse: int = 1) -> tuple[Signal, ...]:
    """Return when a unit's days (ascending) left their own level; `z`: deviations in standard deviations.

    EWMA with weight 0.2 outside three of its standard deviations, and nine days running on one side; each
    speaks once until the chart has come back inside.
    """
    found: list[Signal] = []
    average, variance, out = 0.0, 0.0, False
    run, side = 0, 0
    for day, value in zip(days.tolist(), z.tolist(), strict=True):
        average = (1 - EWMA_WEIGHT) * average + EWMA_WEIGHT * value
        variance = (1 - EWMA_WEIGHT) ** 2 * variance + EWMA_WEIGHT**2
        beyond = abs(average) > EWMA_LIMIT * variance**0.5
        if beyond and not out:
            found.append(Signal(int(day), "drift", average * worse > 0))
        out = beyond
        now = (value > 0) - (value < 0)
        run = run + 1 if now == side and now else int(now != 0)
        side = now
        if run == RUN:
            found.append(Signal(int(day), "run", side * worse > 0))
    return tuple(found)


def deviations(table: Days, found: Estimates, unit: int) -> tuple[Ints, Floats]:
    """Return a unit's days and each one's deviation from its own mean in standard deviations."""
    rows = table.rows_of(unit)
    spread = np.sqrt(1 / found.info[rows] + found.td)
    return table.day[rows], (found.effect[rows] - found.b[unit]) / spread
