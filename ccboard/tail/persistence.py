"""Over periods: in how many of the last five somebody was named, and what has moved since the last one.

Three of five is a habit, one of five may be a bad month. Periods do not overlap, so that they do not
repeat one another's chance; movement is compared with the chance in both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ccboard.tail.arrays import Floats, Ints
from ccboard.tail.judge import Report, judge
from ccboard.tail.table import Sums

PERIODS: Final = 5
HABIT: Final = 3
LIKELY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Past:
    """Per figure, columns per unit.

    `times`: periods in which it was probably at the tail, `of` those in which it was seen; `moved`: change
    of the effect since the last period (higher: became worse) and its standard deviation; nan where one of
    the two is missing.
    """

    times: dict[str, Ints]
    of: dict[str, Ints]
    moved: dict[str, Floats]
    moved_sd: dict[str, Floats]


def reports(tables: Mapping[str, Sums], period: int, periods: int = PERIODS) -> list[Report]:
    """Return the reports of the last `periods` whole periods of `period` working days, newest first."""
    days = [t.days for t in tables.values() if len(t.unit)]
    working = np.unique(np.concatenate(days)) if days else np.zeros(0, dtype=np.int64)
    found = []
    for number in range(periods):
        end = len(working) - number * period
        if end < period:
            break
        last = int(working[end - 1])
        found.append(judge({key: t.between(0, last) for key, t in tables.items()}, period))
    return found


def past(recent: list[Report]) -> Past:
    """Sum up reports of successive periods, newest first."""
    made = Past({}, {}, {}, {})
    for key, now in recent[0].figures.items() if recent else ():
        size = len(now.p)
        times, of = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        for report in recent:
            if (then := report.figures.get(key)) is not None:
                of += then.seen
                times += then.seen & (then.p >= LIKELY)
        made.times[key], made.of[key] = times, of
        before = recent[1].figures.get(key) if len(recent) > 1 else None
        if before is None or now.pooled or before.pooled:  # pooled windows overlap
            made.moved[key], made.moved_sd[key] = np.full(size, np.nan), np.full(size, np.nan)
            continue
        sd = np.sqrt(now.found.v + before.found.v)
        both = np.isfinite(sd)
        change = now.kpi.worse * (now.found.b - before.found.b)
        made.moved[key] = np.where(both, change, np.nan)
        made.moved_sd[key] = np.where(both, sd, np.nan)
    return made


def slim(report: Report, units: int) -> Report:
    """Return of an older period's report what ``past`` needs, of the first `units` units: columns, no rows.

    Units that only the older period has stand behind the others; whom it lacks counts as not seen.
    """
    figures = {}
    for key, j in report.figures.items():
        none = np.zeros(0, dtype=np.int64)
        table = replace(
            j.table, units=(), unit=none, day=none, count=_NO, total=_NO, expect=_NO, weight=_NO,
            counts=_fit(j.table.counts, units, 0.0), pair_unit=none, pair_mix=none, pair_count=_NO,
            pair_excess=_NO, pair_info=_NO)
        found = replace(j.found, b=_fit(j.found.b, units, 0.0), v=_fit(j.found.v, units, np.inf),
                        effect=_NO, info=_NO)
        figures[key] = replace(j, table=table, found=found, p=_fit(j.p, units, 0.0))
    return replace(report, figures=figures)


_NO: Final[Floats] = np.zeros(0)


def _fit(x: Floats, size: int, fill: float) -> Floats:
    """Return the first `size` entries, filled up where there are fewer."""
    return x[:size] if len(x) >= size else np.concatenate([x, np.full(size - len(x), fill)])
