"""Step 2, good days and bad days: how sure a unit's result is.

An agent's calls of one day resemble one another, so 20 calls of one day say less than 20 calls of 20 days.

Besides chance each day has a deviation of its own, of variance td (on the figure's scale). The common td is
estimated without the most and the least fluctuating tenth of the units, so that those who fluctuate do not
blur everybody's; an agent's own is never below the common one. Who fluctuates has a wide range, and is
accused later. Days are weighted by 1 / (sampling variance + td), which is the best that can be done.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ccboard.tail.adjust import Days
from ccboard.tail.arrays import Bools, Floats, by_group, divide, dot

LEAN: Final = 6.0
"""Days that the common variance counts for in an agent's own."""
_TRIM: Final = 0.10


@dataclass(frozen=True, slots=True)
class Estimates:
    """Each unit's effect beside its calls, on the figure's scale, and how sure: variance `v`.

    `v` is infinite where there is nothing. `days`: on how many days. `td`: variance of the common day, and
    `own_td` each unit's. `effect` and `info` are the rows of Days that they come from; `each`: the
    information that a single value brings within its day (the median unit's).
    """

    b: Floats
    v: Floats
    days: Floats
    td: float
    own_td: Floats
    effect: Floats
    info: Floats
    each: float


def estimate(table: Days) -> Estimates:
    """Return every unit's effect and variance."""
    return _sum_up(table, *table.scores(table.middle()), None)


def with_fluctuating(table: Days, found: Estimates, fluctuating: Bools) -> Estimates:
    """Return the estimates once it is known who fluctuates: those lean on one another, not on the calm.

    One figure alone can hardly tell who fluctuates and would leave them too sure of themselves; all figures
    together can (``volatile``).
    """
    return _sum_up(table, found.effect, found.info, fluctuating) if fluctuating.any() else found


def _sum_up(table: Days, effect: Floats, info: Floats, fluctuating: Bools | None) -> Estimates:
    units = len(table.units)
    days = by_group(table.unit, np.ones(len(info)), units)
    whole = by_group(table.unit, info, units)
    mean = divide(by_group(table.unit, info * effect, units), whole)
    q = by_group(table.unit, info * (effect - mean[table.unit]) ** 2, units)
    room = whole - divide(by_group(table.unit, info * info, units), whole)
    free = np.maximum(days - 1, 0)
    td = _common(q, free, room)
    usual = np.full(units, td)
    if fluctuating is not None and (room[fluctuating] > 0).any():
        usual[fluctuating] = max(td, float((q - free)[fluctuating].sum() / room[fluctuating].sum()))
    own = np.maximum(divide(q - free, room), 0.0)
    own_td = np.maximum(td, (LEAN * usual + free * own) / (LEAN + free))
    w = 1 / (1 / info + own_td[table.unit]) if len(info) else info
    all_w = by_group(table.unit, w, units)
    b = divide(by_group(table.unit, w * effect, units), all_w)
    v = np.divide(1.0, all_w, out=np.full(units, np.inf), where=all_w > 0)
    seen = table.counts > 0
    each = float(np.median((whole / np.maximum(table.counts, 1))[seen])) if seen.any() else 0.0
    return Estimates(b, v, days, td, own_td, effect, info, each)


def _common(q: Floats, free: Floats, room: Floats) -> float:
    """Return the variance of the common day: the units' pooled, without the tenth at either end."""
    good = (free >= 1) & (room > 0)
    if not good.any():
        return 0.0
    each = (q[good] - free[good]) / room[good]
    low, high = np.quantile(each, [_TRIM, 1 - _TRIM])
    kept = (each >= low) & (each <= high)
    if not kept.any():  # of two units both are at an end
        kept = np.ones(len(each), dtype=np.bool_)
    weight = np.minimum(free[good], LEAN)[kept]
    return max(0.0, dot(weight, each[kept]) / float(weight.sum()))
