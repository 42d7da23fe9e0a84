"""All steps in order: from the sums of some figures to what can be said of every unit.

    adjust -> cluster -> shrink -> (what the other figures say) -> worst -> named, too early, or neither

Columns, one entry for each unit, because a panel asks for twenty of 20 000.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ccboard.tail.adjust import Days, adjust
from ccboard.tail.arrays import Bools, Floats, Ints
from ccboard.tail.cluster import Estimates, estimate, with_fluctuating
from ccboard.tail.early import A_YEAR, long_enough, may_name, still_needed
from ccboard.tail.kpis import KPIS, LONG_DAYS, TailKpi
from ccboard.tail.shrink import Posterior, shrink
from ccboard.tail.table import Sums
from ccboard.tail.together import hints
from ccboard.tail.volatile import Fluctuation, fluctuation
from ccboard.tail.worst import STRONG, name, worst

Prepared = tuple[Days, Estimates, Posterior]
"""One figure by itself: what was done, the estimates, and what is known of each unit from it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One figure, columns per unit.

    The probability `p` of the worst tenth, who is `named`, with `strong` evidence; `needed` more values
    before anything can be said (0: enough). `posterior` has the effect as far as it is known (higher is
    worse) and its reliability. `first` .. `last`: the days used; `pooled`: more days than the period,
    because the figure is rare; `reach`: working days that are looked back on at most.
    """

    kpi: TailKpi
    table: Days
    found: Estimates
    posterior: Posterior
    p: Floats
    named: Bools
    strong: Bools
    needed: Floats
    first: int
    last: int
    days: int
    pooled: bool
    reach: int = A_YEAR

    @property
    def seen(self) -> Bools:
        """Which units have values of this figure."""
        return self.table.counts > 0

    @property
    def reliability(self) -> float:
        """The median share of the verdicts that comes from the unit's own results; 0: nobody can be told."""
        return float(np.median(self.posterior.own[self.seen])) if self.seen.any() else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a period, and who fluctuates. `calls`, `days`: how much each unit worked."""

    units: tuple[str, ...]
    figures: dict[str, Judged]
    fluctuation: Fluctuation
    calls: Floats
    days: Floats


def judge(tables: Mapping[str, Sums], period: int | None = None,
          pause: Callable[[], None] = lambda: None) -> Report:
    """Judge all units by all figures.

    `tables`: sums by the figure's id, of the same units in the same order. `period`: so many working days
    back from the last (None: all); rare figures take 60 where there are. `pause` is called between any two
    pieces of work.
    """
    every = {key: t for key, t in tables.items() if len(t.unit)}
    dates = [t.days for t in every.values()]
    working = np.unique(np.concatenate(dates)) if dates else np.zeros(0, dtype=np.int64)
    units = next(iter(tables.values())).units if tables else ()
    used = {key: _window(t, working, period, rare=KPIS[key].rare) for key, t in every.items()}
    used = {key: sums for key, sums in used.items() if len(sums.unit)}
    calls, days = np.zeros(len(units)), np.zeros(len(units))
    prepared: dict[str, Prepared] = {}
    for key, sums in used.items():
        pause()
        worse = KPIS[key].worse
        rate = KPIS[key].scale == "logit" or (KPIS[key].scale == "grade" and sums.binary)
        table = adjust(sums, rate=rate, pause=pause)
        pause()
        found = estimate(table)
        prepared[key] = table, found, shrink(worse * found.b, found.v)
        calls, days = np.maximum(calls, table.counts), np.maximum(days, found.days)
    pause()
    swinging = fluctuation([(table, found, alone.spread.tau) for table, found, alone in prepared.values()],
                           long_enough(days, calls))
    for key, (table, first, _) in prepared.items():
        found = with_fluctuating(table, first, swinging.named)
        if found is not first:
            prepared[key] = table, found, shrink(KPIS[key].worse * found.b, found.v)
    pause()
    judged: dict[str, Judged] = {}
    reach = {key: A_YEAR if period is None else _length(period, rare=KPIS[key].rare) for key in prepared}
    for key, decided in decide(prepared, calls, days, reach, pause).items():
        table, found, _ = prepared[key]
        own = used[key].days
        judged[key] = Judged(KPIS[key], table, found, *decided, first=int(own[0]), last=int(own[-1]),
                             days=len(own), pooled=period is not None and len(own) > period, reach=reach[key])
    return Report(units, judged, swinging, calls, days)


def decide(prepared: Mapping[str, Prepared], calls: Floats, days: Floats,
           reach: Mapping[str, int], pause: Callable[[], None] = lambda: None
           ) -> dict[str, tuple[Posterior, Floats, Bools, Bools, Floats]]:
    """Return per figure (posterior, p, named, strong, needed); `prepared`: each figure by itself.

    `reach`: working days that each figure looks back on at most.

    Of whom a figure knows nothing has the probability that anybody has.
    """
    told = hints([KPIS[k].worse * found.b for k, (_, found, _) in prepared.items()],
                 [found.v for _, found, _ in prepared.values()], [alone for _, _, alone in prepared.values()])
    decided = {}
    for place, (key, (table, found, alone)) in enumerate(prepared.items()):
        pause()
        seen = calls > 0
        own = worst(alone, of=seen)
        posterior = shrink(KPIS[key].worse * found.b, found.v, told[place]) if told else alone
        p = worst(posterior, of=seen) if told else own
        named = name(p, may_name(p, own, table.counts, days, calls))
        # Days and calls of its own window: a figure pooled over 60 days says nothing of the last 20.
        within = [prepared[other] for other in prepared if reach[other] <= reach[key]]
        needed = still_needed(
            found, table.counts, np.maximum.reduce([one.counts for one, _, _ in within]),
            np.maximum.reduce([one.days for _, one, _ in within]), alone.spread.tau, reach[key])
        decided[key] = posterior, p, named, named & (p >= STRONG), needed
    return decided


def _length(period: int, *, rare: bool) -> int:
    """Return how many working days a figure looks back on."""
    return max(period, LONG_DAYS) if rare else period


def _window(sums: Sums, working: Ints, period: int | None, *, rare: bool) -> Sums:
    """Return the sums of the period; of the longer one for figures that are rare."""
    if period is None:
        return sums
    length = _length(period, rare=rare)
    return sums if len(working) <= length else sums.where(sums.day >= working[-length])
