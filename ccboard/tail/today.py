"""The running day: yesterday's verdicts and today's sums, without fitting everything again.

Once a day ``judge`` fits types, days and fluctuations (some seconds for 20 000 agents). During the day
the levels of the types stay as they were fitted, today's rows are compared with them, and each unit gets one
more day; spread, probabilities and names are worked out afresh. The cost does not depend on the past.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from ccboard.tail.adjust import Days
from ccboard.tail.arrays import Bools, Floats, by_group, divide, logistic
from ccboard.tail.cluster import Estimates
from ccboard.tail.judge import Judged, Prepared, Report, decide
from ccboard.tail.shrink import shrink
from ccboard.tail.table import Sums


def refresh(report: Report, today: Mapping[str, Sums], pause: Callable[[], None] = lambda: None) -> Report:
    """Return `report` with one more day in it.

    `today`: sums of today's calls by figure, of the report's units and mixes in its order; new ones stand
    behind them (they are too new to be named, and show as such). Who fluctuates stays: a day that is not
    over says nothing of it. A figure that the report does not have is left out until tomorrow. `pause` is
    called between any two figures.
    """
    units = max([len(report.units), *(len(t.units) for t in today.values())])
    names = next((t.units for t in today.values() if len(t.units) == units), report.units)
    calls, days = _longer(report.calls, units), _longer(report.days, units)
    prepared: dict[str, Prepared] = {}
    worked, base = np.zeros(units, dtype=np.bool_), {}
    for key, judged in report.figures.items():
        pause()
        table, found, at_work = _with(judged, today.get(key), names)
        prepared[key] = table, found, shrink(judged.kpi.worse * found.b, found.v)
        worked |= at_work
        base[key] = table.counts
    for counts in base.values():
        calls = np.maximum(calls, counts)
    days = days + worked
    figures = {}
    reach = {key: judged.reach for key, judged in report.figures.items()}
    for key, decided in decide(prepared, calls, days, reach, pause).items():
        table, found, _ = prepared[key]
        posterior, p, named, strong, needed = decided
        figures[key] = replace(report.figures[key], table=table, found=found, posterior=posterior, p=p,
                               named=named, strong=strong, needed=needed)
    old = report.fluctuation
    kept = replace(old, p=_longer(old.p, units, 1.0), ratio=_longer(old.ratio, units),
                   free=_longer(old.free, units),
                   by_figure=tuple(_longer(x, units) for x in old.by_figure),
                   p_figure=tuple(_longer(x, units, 1.0) for x in old.p_figure),
                   named=_longer(old.named.astype(np.float64), units) > 0)
    return Report(names, figures, kept, calls, days)


def _longer(x: Floats, size: int, fill: float = 0.0) -> Floats:
    """Return x with entries for new units behind."""
    return x if len(x) == size else np.concatenate([x, np.full(size - len(x), fill)])


def _with(judged: Judged, sums: Sums | None, names: tuple[str, ...]) -> tuple[Days, Estimates, Bools]:
    """Return table and estimates with today in them, and who has values today."""
    table, found, size = judged.table, judged.found, len(names)
    old = Estimates(_longer(found.b, size), _longer(found.v, size, np.inf), _longer(found.days, size),
                    found.td, _longer(found.own_td, size, found.td), found.effect, found.info, found.each)
    counts, raw = _longer(table.counts, size), _longer(table.raw, size)
    expected = _longer(table.expected, size)
    if sums is None or not len(sums.unit):
        table = replace(table, units=names, counts=counts, raw=raw, expected=expected)
        return table, old, np.zeros(size, dtype=np.bool_)
    n, types = sums.count, _longer(table.types, len(sums.mixes), float(np.median(table.types)))
    variance = _longer(table.variance, len(sums.mixes), float(np.median(table.variance)))[sums.mix]
    theta = judged.kpi.worse * _longer(judged.posterior.m, size)
    # the day's own effect: what today's calls leave over, as far as days differ at all
    level = types[sums.mix]
    mean, weight = _expect(level + theta[sums.unit], variance, n, rate=table.rate)
    info = float(weight.sum())
    left = float(((sums.total - n * mean) / variance).sum()) / info if info else 0.0
    level = level + left * info * table.day_spread / (info * table.day_spread + 1)
    fair, _ = _expect(level, variance, n, rate=table.rate)
    mean, weight = _expect(level + theta[sums.unit], variance, n, rate=table.rate)
    more = by_group(sums.unit, n, size)
    own = by_group(sums.unit, weight, size)
    effect = theta + divide(by_group(sums.unit, (sums.total - n * mean) / variance, size), own)
    w = np.divide(1.0, 1 / np.where(own > 0, own, 1.0) + old.own_td, out=np.zeros(size), where=own > 0)
    before = 1 / old.v  # 0 where there was nothing
    b = divide(before * old.b + w * effect, before + w)
    v = np.divide(1.0, before + w, out=np.full(size, np.inf), where=before + w > 0)
    all_n = counts + more
    table = replace(table, units=names, counts=all_n,
                    raw=divide(counts * raw + by_group(sums.unit, sums.total, size), all_n),
                    expected=divide(counts * expected + by_group(sums.unit, n * fair, size), all_n))
    return table, replace(old, b=b, v=v, days=old.days + (own > 0)), own > 0


def _expect(level: Floats, variance: Floats, n: Floats, *, rate: bool) -> tuple[Floats, Floats]:
    """Return the expected value and the information of rows at a level of the scale."""
    if not rate:
        return level, n / variance
    p = logistic(level)
    return p, np.maximum(n * p * (1 - p), 1e-12)


