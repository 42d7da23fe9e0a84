"""Who cannot be judged yet, and how much more it takes.

A verdict rests half on a unit's own results when the chance in them is as large as the true spread between
units (reliability 0.5): from there on somebody clearly worse is named. Chance shrinks with calls and days, so
what is missing follows directly; and where the days that are looked at cannot hold as much, that follows too.
Some rules hold whatever the figures say: nobody is named within five working days or 30 calls, nobody with
fewer than three values of the figure, and one with less than a quarter of the usual number only on strong
evidence.
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
A_YEAR: Final = 250
"""Working days that anybody looks back where a period has no end."""
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


def still_needed(found: Estimates, values: Floats, calls: Floats, days: Floats, tau: float,
                 reach: int) -> Floats:
    """Return how many more values each unit needs until half of a verdict is its own: 0 enough.

    What is missing is information, 1 / tau squared less 1 / v; a value brings that of one call within its
    day's ups and downs, at the usual number of values a day or at the unit's own where it has more. More
    values of the same kind make it fewer, never more. Infinite where it cannot be had: where units hardly
    differ, and where even `reach` working days, which is as far back as anybody looks, do not hold enough at
    the unit's pace.

    >>> one = np.ones(1)
    >>> e = Estimates(b=0 * one, v=0.04 * one, days=8 * one, td=0.0, own_td=0 * one, effect=one, info=one,
    ...               each=0.5)
    >>> # 50 values of information 0.5: v = 0.04 = 4 tau squared; 200 are needed, in 20 days there are 125
    >>> still_needed(e, values=50 * one, calls=50 * one, days=8 * one, tau=0.1, reach=60)
    array([150.])
    >>> still_needed(e, values=50 * one, calls=50 * one, days=8 * one, tau=0.1, reach=20)
    array([inf])
    """
    size = len(values)
    has = (values > 0) & np.isfinite(found.v)
    if tau <= 0 or found.each <= 0 or not has.any():
        return np.full(size, np.inf)
    own = np.where(days > 0, values / np.maximum(days, 1), 0.0)
    usual = float(np.median(own[has]))
    pace = np.maximum(own, usual)
    a_value = 1 / found.each + found.own_td * pace  # variance times values
    known = np.where(has, 1 / found.v, 0.0)
    missing = np.maximum(1 / (tau * tau) - known, 0.0) * a_value
    settled = np.where(days >= LEAST_DAYS, own, pace)
    in_reach = np.where(
        (days >= reach) | (settled <= 0), known,
        np.maximum(known, reach / (1 / (found.each * np.maximum(settled, 1e-9)) + found.own_td)))
    never = (missing > 0) & (in_reach * tau * tau < 1)
    rate = np.where(calls > 0, values / np.maximum(calls, 1), 1.0)
    missing = np.maximum(missing, np.maximum(LEAST_CALLS - calls, 0) * rate)
    missing = np.maximum(missing, np.maximum(LEAST_VALUES, FEW * float(np.median(values[has]))) - values)
    missing = np.maximum(missing, np.maximum(LEAST_DAYS - days, 0) * pace)
    more = np.where(missing > 0, np.maximum(np.ceil(missing - 1e-9), 1.0), 0.0)
    return np.where(never, np.inf, more)


def rounded(more: float) -> float:
    """Return a number of values to two digits, upwards: nobody counts on 347 more calls.

    >>> rounded(7.0), rounded(117.0), rounded(1234.0), rounded(np.inf)
    (7.0, 120.0, 1300.0, inf)
    """
    if not 1 <= more < np.inf:
        return more
    step = 10.0 ** max(0, int(np.floor(np.log10(more))) - 1)
    return float(np.ceil(more / step) * step)
