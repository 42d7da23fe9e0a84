"""Who cannot be judged yet, and how much more it takes.

A verdict rests half on a unit's own results when the chance in them is as large as the true spread between
units (reliability 0.5). Chance shrinks with the number of calls, so what is missing follows directly. Some
rules hold whatever the figures say: nobody is named within five working days or 30 calls, nobody with fewer
than three values of the figure, and one with less than a quarter of the usual number only on strong evidence.
"""

from typing import Final

import numpy as np

from ccboard.tail.arrays import Bools, Floats
from ccboard.tail.cluster import Estimates
from ccboard.tail.worst import STRONG

LEAST_DAYS: Final = 5
LEAST_CALLS: Final = 30
LEAST_VALUES: Final = 3
LEAST_UNITS: Final = 5
"""With fewer units there is no tail to speak of."""
FEW: Final = 0.25
"""Less than this share of the usual number of values is few."""
LIKELY: Final = 0.55
"""Nobody is named who is as likely not to belong to the tail. Lower adds more wrong names than right ones."""
ALONE: Final = 0.25
"""What the figure's own results must say without the help of other figures."""


def long_enough(days: Floats, calls: Floats) -> Bools:
    """Return who has been there long enough to be judged at all: five days and 30 calls in the period."""
    found: Bools = (days >= LEAST_DAYS) & (calls >= LEAST_CALLS)
    return found


def may_name(p: Floats, alone: Floats, values: Floats, days: Floats, calls: Floats) -> Bools:
    """Return whom the evidence allows to be named at all.

    `p`: probability of being at the tail, `alone`: the same from this figure alone; `values` of this figure;
    `days` and `calls` that the unit worked in the period.
    """
    seen = values > 0
    usual = float(np.median(values[seen])) if seen.any() else 0.0
    enough = long_enough(days, calls) & (values >= LEAST_VALUES)
    sure = (p >= LIKELY) & (alone >= ALONE) & ((values >= FEW * usual) | (p >= STRONG))
    found: Bools = enough & sure & (int(seen.sum()) >= LEAST_UNITS)
    return found


def still_needed(found: Estimates, values: Floats, calls: Floats, days: Floats, tau: float) -> Floats:
    """Return how many more values each unit needs: 0 enough, infinite where units hardly differ at all.

    >>> one = np.ones(1)
    >>> e = Estimates(b=0 * one, v=0.04 * one, days=8 * one, td=0.0, own_td=0 * one, effect=one, info=one)
    >>> still_needed(e, values=50 * one, calls=50 * one, days=8 * one, tau=0.1)  # v = 4 tau squared
    array([150.])
    """
    size = len(values)
    if tau <= 0:
        return np.full(size, np.inf)
    has = (values > 0) & np.isfinite(found.v)
    each = np.where(has, found.v * np.maximum(values, 1), np.inf)  # variance times values: hardly changes
    usual = float(np.median(each[has])) if has.any() else np.inf
    need = np.where(has, each, usual) / (tau * tau)
    missing = np.maximum(need - values, 0.0)
    rate = np.where(calls > 0, values / np.maximum(calls, 1), 1.0)
    missing = np.maximum(missing, np.maximum(LEAST_CALLS - calls, 0) * rate)
    missing = np.maximum(missing, LEAST_VALUES - values)
    pace = np.where(days > 0, values / np.maximum(days, 1), 0.0)
    missing = np.maximum(missing, np.maximum(LEAST_DAYS - days, 0) * pace)
    return np.where(missing > 0, np.maximum(np.ceil(missing - 1e-9), 1.0), 0.0)
