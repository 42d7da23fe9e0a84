"""Before and after a coaching, with what chance takes back by itself taken out.

Somebody is coached because the results were bad, and part of that was bad luck, which does not last: the next
weeks look better whatever is done. So what came after is not compared with what was seen before, but with
what was known before: the result drawn towards the middle as far as it was chance (``shrink``), with its
doubt. Both are relative to the others, on the same calls, so that what changes for everybody changes nothing.

    change = after - known before,    variance = that of after + the doubt about before
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from ccboard.needs.coaching import ANY, Case
from ccboard.needs.figures import GROUPS, By
from ccboard.needs.read import Books
from ccboard.needs.study import PERIOD, Piece, piece
from ccboard.tail.arrays import Floats, Ints, phi
from ccboard.tail.judge import Judged, Report
from ccboard.tail.kpis import KPIS, LONG_DAYS, OF_STORE
from ccboard.tail.words import RANGE

LEAST_DAYS = 5
"""Working days after a coaching began below which nothing is said of its effect."""
GRID, EM_ROUNDS, ENOUGH = 61, 30, 2000
"""Points, rounds, and units that suffice for the distribution of how much people fluctuate."""
LEAST_FREE = 2.0
"""Degrees of freedom below which nothing is said of how far apart days lie: a pair of days has one."""
MOST_DAYS = 60
"""Working days after it that are looked at, at most."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What changed, on the figure's scale (higher is worse), and as people read it.

    Of a fluctuation the scale is the log of how far apart the days are.
    `change`, `low` .. `high`: with chance taken out; `apparent`: what a comparison of the two raw results
    shows, `chance`: the part of that which chance takes back by itself. `better`: probability that the change
    is for the better. `early`: not enough days or values yet: then only the counts are there.
    """

    days: int
    n: int
    early: bool
    change: float = math.nan
    low: float = math.nan
    high: float = math.nan
    apparent: float = math.nan
    chance: float = math.nan
    better: float = math.nan
    said: tuple[str, str] = ("", "")


class Effects:
    """Works out effects; pieces of work that several cases need are done once. For one as_of."""

    def __init__(self, books: Books, period: int = PERIOD, pause: Callable[[], None] = lambda: None) -> None:
        self._books, self._period, self._pause = books, period, pause
        self._pieces: dict[tuple[date, date | None, By], Piece | None] = {}

    def of(self, case: Case) -> Effect | None:
        """Return the effect of a case; None where there is none to speak of (unknown people)."""
        if (case.kpi != ANY and case.kpi not in KPIS) or case.by not in GROUPS:
            return None
        by: By = case.by
        day = self._books.date_of(case.since)
        before, after = self._before(day, by), self._after(day, by)
        if after is None:
            return Effect(0, 0, early=True, said=too_early(0))
        if case.kpi == ANY:
            return None if before is None else steadier(before.reports[by], after.reports[by], case.unit)
        found = after.reports[by].figures.get(case.kpi)
        unit = _find(found, case.unit)
        if found is None or unit is None:
            return Effect(0, 0, early=True, said=too_early(0))
        days, n = int(found.found.days[unit]), int(found.table.counts[unit])
        if days < LEAST_DAYS or not np.isfinite(found.found.v[unit]):
            return Effect(days, n, early=True, said=too_early(days))
        known = None if before is None else before.reports[by].figures.get(case.kpi)
        old = _find(known, case.unit)
        if known is None or old is None:
            return None
        return compare(known, old, found, unit)

    def _before(self, day: date, by: By) -> Piece | None:
        key = (day, None, by)
        if key not in self._pieces:
            days = self._books.working_days(max(self._period, LONG_DAYS), before=day)
            self._pieces[key] = piece(self._books, days[:self._period], days, day, (by,), OF_STORE,
                                      self._period, self._pause) if days else None
        return self._pieces[key]

    def _after(self, day: date, by: By) -> Piece | None:
        today = self._books.today
        key = (day, today, by)
        if key not in self._pieces:
            days = [one for one in self._books.working_days(MOST_DAYS) if one > day]
            self._pieces[key] = piece(self._books, days, days, today, (by,), OF_STORE, None,
                                      self._pause) if days else None
        return self._pieces[key]


def _find(judged: Judged | None, unit: str) -> int | None:
    """Return the number of a unit that a figure has values of."""
    if judged is None:
        return None
    names = judged.table.units
    number = names.index(unit) if unit in names else None
    return number if number is not None and judged.table.counts[number] > 0 else None


def compare(before: Judged, old: int, after: Judged, new: int) -> Effect:
    """Compare what was known of a unit before with what came after."""
    kpi = before.kpi
    known = float(before.posterior.m[old]) - before.posterior.spread.mu
    doubt = float(before.posterior.s[old]) ** 2
    seen = kpi.worse * float(before.found.b[old]) - before.posterior.spread.mu
    came = kpi.worse * float(after.found.b[new]) - after.posterior.spread.mu
    change, sd = came - known, math.sqrt(doubt + float(after.found.v[new]))
    ends = (change - RANGE * sd, change + RANGE * sd)
    better = float(phi(np.array([-change / sd]))[0]) if sd > 0 else float(change < 0)
    days, n = int(after.found.days[new]), int(after.table.counts[new])
    effect = Effect(days, n, early=False, change=change, low=ends[0], high=ends[1], apparent=came - seen,
                    chance=known - seen, better=better)
    return replace(effect, said=words(effect, known, after, new))


def steadier(before: Report, after: Report, unit: str) -> Effect | None:
    """Compare how far apart somebody's days were before, as far as that is known, and after.

    What fluctuates is looked at over all figures together: the ratio of the days' squared deviations to the
    usual (``volatile``). Its log is about normal (Bartlett and Kendall 1946), with a variance that grows
    without bound where there is little (``_logs``), and before it is drawn towards everybody's as far as it
    was chance: the wildest of many would look calmer next month whatever is done. None for whom nothing is
    known of before.
    """
    if unit not in after.units:
        return Effect(0, 0, early=True, said=too_early(0))
    new = after.units.index(unit)
    days, n = int(after.days[new]), int(after.calls[new])
    came, came_v = _logs(after)
    if days < LEAST_DAYS or not math.isfinite(came_v[new]):
        return Effect(days, n, early=True, said=too_early(days))
    was, was_v = _logs(before)
    if unit not in before.units or not math.isfinite(was_v[old := before.units.index(unit)]):
        return None
    usual, known, doubt = _known(was, was_v, old)
    middle = _known(came, came_v, new)[0]
    believed, seen, now = known - usual, float(was[old]) - usual, float(came[new]) - middle
    # halves: of the standard deviation, which is how far apart days look
    change = (now - believed) / 2
    sd = math.sqrt(doubt + float(came_v[new])) / 2
    better = float(phi(np.array([-change / sd]))[0])
    effect = Effect(days, n, early=False, change=change, low=change - RANGE * sd, high=change + RANGE * sd,
                    apparent=(now - seen) / 2, chance=(believed - seen) / 2, better=better)
    return replace(effect, said=steadier_words(effect))


def _logs(report: Report) -> tuple[Floats, Floats]:
    """Return each unit's log of the ratio of its days' squares to the usual, and its variance.

    The ratio is a chi-square over its degrees of freedom; the log of that has the mean digamma(free / 2) -
    log(free / 2) and the variance trigamma(free / 2). Infinite below ``LEAST_FREE`` degrees of freedom.
    """
    f = report.fluctuation
    has = (f.free >= LEAST_FREE) & (f.ratio > 0)
    half = np.where(has, f.free, LEAST_FREE) / 2
    mean, variance = gamma_logs(half)
    return (np.where(has, np.log(np.where(has, f.ratio, 1.0)) - mean + np.log(half), 0.0),
            np.where(has, variance, np.inf))


def gamma_logs(shape: Floats) -> tuple[Floats, Floats]:
    """Return digamma and trigamma: mean and variance of the log of a gamma variable of each shape, scale 1.

    By their recurrences up to 6 and from there on by the first terms of their series (Abramowitz and Stegun
    6.3.18 and 6.4.12); wrong by less than 1e-7.

    >>> [round(float(x[0]), 6) for x in gamma_logs(np.array([1.0]))]  # minus Euler's constant, pi ** 2 / 6
    [-0.577216, 1.644934]
    """
    shape = shape.astype(np.float64)  # a copy, which is moved up
    mean, variance = np.zeros_like(shape), np.zeros_like(shape)
    for _ in range(6):
        low = shape < 6
        at = np.where(low, shape, 1.0)
        mean -= np.where(low, 1 / at, 0.0)
        variance += np.where(low, 1 / at**2, 0.0)
        shape += low
    x = 1 / shape**2
    mean += np.log(shape) - 0.5 / shape - x * (1 / 12 - x * (1 / 120 - x * (1 / 252 - x / 240)))
    variance += 1 / shape + x / 2 + x / shape * (1 / 6 - x * (1 / 30 - x * (1 / 42 - x / 30)))
    return mean, variance


def _known(seen: Floats, variance: Floats, unit: int) -> tuple[float, float, float]:
    """Return everybody's mean; and what a unit's truth is, given everybody's: mean and variance.

    Most are calm and a few are not, so the truths have no normal distribution: theirs is estimated on a grid,
    by EM begun at the even one and stopped early, which keeps it smooth (Laird 1978; Efron 2014).
    """
    has = np.flatnonzero(np.isfinite(variance))
    every = has[::max(1, len(has) // ENOUGH)]
    grid = np.linspace(float(seen[has].min()), float(seen[has].max()), GRID)

    def likely(of: Ints) -> Floats:
        """Return how likely each unit's result is at each point of the grid; of a row the largest is 1."""
        level = -0.5 * (seen[of, None] - grid[None, :]) ** 2 / variance[of, None]
        found: Floats = np.exp(level - level.max(axis=1, keepdims=True))
        return found

    shares, chances = np.full(GRID, 1 / GRID), likely(every)
    for _ in range(EM_ROUNDS):
        each = chances * shares
        shares = np.mean(each / each.sum(axis=1, keepdims=True), axis=0)
    own = likely(np.array([unit], dtype=np.int64))[0] * shares
    own /= own.sum()
    mean = float(np.einsum("i,i->", own, grid))
    return float(np.einsum("i,i->", shares, grid)), mean, float(np.einsum("i,i->", own, (grid - mean) ** 2))


def steadier_words(effect: Effect) -> tuple[str, str]:
    """Return the sentence about days that lie closer together, or farther apart, than before."""
    times, low, high = (math.exp(x) for x in (effect.change, effect.low, effect.high))
    lost = math.expm1(effect.chance) * 100
    sure = min(99, max(1, round(100 * max(effect.better, 1 - effect.better))))
    way, way_zh = ("steadier", "更稳定") if effect.better >= 0.5 else ("less steady", "更不稳定")
    english = (
        f"from day to day {times:.2f} times as far apart as before, likely {low:.2f} to {high:.2f}, on"
        f" {effect.days} days, {sure} % sure that it is {way}; what chance takes back by itself"
        f" ({lost:+.0f} %) is not counted")
    chinese = (
        f"日间波动为此前的{times:.2f}倍，可能在{low:.2f}至{high:.2f}倍之间，{effect.days}天，"
        f"{sure}%把握{way_zh}；偶然回落（{lost:+.0f}%）不计入")
    return english, chinese


def words(effect: Effect, known: float, after: Judged, unit: int) -> tuple[str, str]:
    """Return the sentence in English and Chinese."""
    kpi = after.kpi

    def shown(change: float) -> float:
        """Return a change as people read it: percent more, percent points, marks."""
        if kpi.scale == "log":
            return math.expm1(kpi.worse * change) * 100
        if after.table.rate:
            usual = min(max(float(after.table.expected[unit]), 1e-6), 1 - 1e-6)
            middle = math.log(usual / (1 - usual))

            def share(x: float) -> float:
                return 100 / (1 + math.exp(-middle - kpi.worse * x))

            return share(known + change) - share(known)
        return kpi.worse * change

    unit_en, unit_zh = kpi.suffix_en, kpi.suffix_zh
    if kpi.scale == "log" or after.table.rate:
        unit_en, unit_zh = (" %", "%") if kpi.scale == "log" else (" points", "个百分点")
    ends = sorted((shown(effect.low), shown(effect.high)))
    sure = min(99, max(1, round(100 * max(effect.better, 1 - effect.better))))
    way, way_zh = ("better", "好转") if effect.better >= 0.5 else ("worse", "变差")
    lost = shown(effect.chance)
    english = (
        f"{kpi.name_en} {shown(effect.change):+.1f}{unit_en} since then, likely {ends[0]:+.1f} to"
        f" {ends[1]:+.1f}, {effect.n} {kpi.unit_en} on {effect.days} days, {sure} % sure that it is {way};"
        f" what chance takes back by itself ({lost:+.1f}) is not counted")
    chinese = (
        f"{kpi.name_zh}此后{shown(effect.change):+.1f}{unit_zh}，可能在{ends[0]:+.1f}至{ends[1]:+.1f}之间，"
        f"{effect.days}天{effect.n}{kpi.unit_zh}，{sure}%把握{way_zh}；偶然回落（{lost:+.1f}）不计入")
    return english, chinese


def too_early(days: int) -> tuple[str, str]:
    """Return that it is too early to speak of an effect."""
    more = LEAST_DAYS - days
    if more <= 0:  # of what there is on them nobody knows how much would do
        return f"{days} working days since then, too early to say", f"此后{days}个工作日，为时尚早"
    return (f"{days} working days since then, too early to say; at least {more} more",
            f"此后{days}个工作日，为时尚早，至少还需{more}天")


def effects(books: Books, cases: Iterable[Case], pause: Callable[[], None] = lambda: None
            ) -> dict[str, Effect | None]:
    """Return the effects of the cases that run, by what they are about."""
    made = Effects(books, pause=pause)
    return {case.about: made.of(case) for case in cases if case.state != "done"}
