"""The surge filter: how likely is it, minute by minute, that more calls come than on such a day.

Rate of minute t: normal(t) * exp(d + a) * (1 + s). d is what kind of day it is (one value a day), a the
noise within the day (an Ornstein-Uhlenbeck process, 0.7 correlated over 15 minutes), s the surge (none,
or one of seven sizes, beginning and ending at random). The posterior over a grid of 13 x 5 x 8 values is
carried on by Bayes' rule: Shiryaev's rule for a change, with the nuisances integrated out.

All queues are one array; a minute of 1,000 queues costs about 20 ms. The state of a queue is a function of
today's minutes, so a restart replays them.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

D_POINTS = np.linspace(-3.4, 3.2, 13)
"""Day factors, in standard deviations."""
A_POINTS = np.linspace(-2.0, 2.0, 5)
"""Noise within the day, in standard deviations: Rouwenhorst's chain of 5 states."""
SIZES = np.array([0.0, 0.15, 0.30, 0.45, 0.65, 0.90, 1.20, 1.60])
SIZE_PRIOR = np.array([0.20, 0.25, 0.20, 0.14, 0.11, 0.06, 0.04])
BEGINS = 1 / 36_000
"""Chance a minute that a surge begins: one in 50 days of 12 hours."""
ENDS = 1 / 240
MOVES = 1 / 80
"""Chance a minute to move to the next size, each way: surges that build up are followed."""
AT_OPENING = 0.03
"""Chance that the day opens with a surge."""
RHO = 0.7 ** (1 / 15)
COUNTS_AS_SURGE = 1.10
"""A surge that leaves the rate below this ratio is no news."""
SURGE_ANYWAY, ANYWAY_SD = 1.30, 2.0
"""At this ratio it is one whatever the reason, for a very busy day needs people, too; where days stray far,
it must be as rare as two of their standard deviations."""
TIERS = np.array([1.3, 1.5, 1.8])
REACHED = 0.99
"""A tier is reached at this share of its ratio; else a surge of exactly 30 % is of tier 1 half the time."""
NEXT_HOUR = (1 - RHO**60) / (-60 * math.log(RHO))
"""Share of the noise of now that is left in the mean of the next hour. A tier is for the hour to come, for
which people are called: by the noise of the moment it would be shown too high one time in two."""
AT_ONCE = 32
"""Queues weighed at once."""
LEAST = 1e-15
"""No value is ever quite ruled out: after something impossible the filter must find back."""


def noise_chain() -> tuple[Floats, Floats]:
    """Return Rouwenhorst's transition matrix (from row to column) and its stationary distribution."""
    p = (1 + RHO) / 2
    chain = np.array([[p, 1 - p], [1 - p, p]])
    for size in range(3, len(A_POINTS) + 1):
        wider = np.zeros((size, size))
        wider[:-1, :-1] += p * chain
        wider[:-1, 1:] += (1 - p) * chain
        wider[1:, :-1] += (1 - p) * chain
        wider[1:, 1:] += p * chain
        wider[1:-1] /= 2
        chain = wider
    return chain, np.array([1, 4, 6, 4, 1]) / 16


def surge_chain() -> Floats:
    """Return the transition matrix of the surge's size, from row to column."""
    count = len(SIZES)
    chain = np.zeros((count, count))
    chain[0, 1:] = BEGINS * SIZE_PRIOR
    for size in range(1, count):
        chain[size, 0] = ENDS
        for near in (size - 1, size + 1):
            if 1 <= near < count:
                chain[size, near] = MOVES
    chain[np.diag_indices(count)] = 1 - chain.sum(axis=1)
    return chain


@dataclass(frozen=True, slots=True)
class Belief:
    """What the filter believes after a minute; arrays with a value per queue."""

    p_surge: Floats
    """Probability of a surge that matters."""
    lift: Floats
    """Expected ratio to a normal day: 1.34 is +34 %."""


class SurgeFilter:
    """The filter of many queues, which advance together minute by minute.

    `mean` and `variance` are those of the log day factor (0 and sigma_d^2 on a plain day), `noise` is the
    standard deviation within the day; one value per queue. `tiers` are ratios to normal.
    """

    def __init__(self, mean: Floats, variance: Floats, noise: Floats, tiers: Floats = TIERS) -> None:
        weight = np.exp(-D_POINTS**2 / 2)
        day = (mean - variance / 2)[:, None] + np.sqrt(variance)[:, None] * D_POINTS
        within = noise[:, None] * A_POINTS
        chain, stationary = noise_chain()
        log_rate = day[:, :, None, None] + within[:, None, :, None] + np.log1p(SIZES)
        self.queues = len(mean)
        self._log_rate = log_rate.reshape(self.queues, -1)
        self._rate = np.exp(self._log_rate)
        next_hour = log_rate - (1 - NEXT_HOUR) * within[:, None, :, None]
        anyway = np.maximum(np.log(SURGE_ANYWAY), ANYWAY_SD * np.sqrt(variance))[:, None, None, None]
        on = ((SIZES > 0) & (log_rate >= np.log(COUNTS_AS_SURGE))) | (next_hour >= anyway)
        self._on = on.reshape(self.queues, -1).astype(np.float64)
        coming = np.exp(next_hour.reshape(self.queues, -1))
        self._tiers = [(coming >= tier * REACHED).astype(np.float64) for tier in tiers]
        # One minute of both chains as one matrix over (noise, size); the day's factor does not move.
        self._step = np.kron(chain, surge_chain())
        sizes = np.concatenate(([1 - AT_OPENING], AT_OPENING * SIZE_PRIOR))
        start = (weight / weight.sum())[:, None, None] * stationary[:, None] * sizes
        self._p: Floats = np.tile(start.reshape(1, -1), (self.queues, 1))

    def step(self, offered: Floats, normal: Floats, which: NDArray[np.intp] | None = None) -> None:
        """Take in one closed minute: calls `offered` where `normal` many were expected.

        NaN means that there was no feed: time passes and nothing is learned. `which` limits the step to
        some queues (the arrays then have a value for each of those).
        """
        p = self._p if which is None else self._p[which]
        p = (p.reshape(-1, len(self._step)) @ self._step).reshape(len(offered), -1)
        seen = np.flatnonzero(~np.isnan(offered) & (normal > 0))
        if len(seen) == len(offered) and which is None:
            _weigh(p, offered, normal, self._log_rate, self._rate)
        elif len(seen):
            rows = seen if which is None else which[seen]
            part = p[seen]
            _weigh(part, offered[seen], normal[seen], self._log_rate[rows], self._rate[rows])
            p[seen] = part
        if which is None:
            self._p = p
        else:
            self._p[which] = p

    def belief(self) -> Belief:
        """Return what is believed now."""
        p = self._p
        return Belief(np.einsum("ij,ij->i", p, self._on), np.einsum("ij,ij->i", p, self._rate))

    def reached(self, queue: int) -> tuple[float, ...]:
        """Return for each tier the probability that the next hour's ratio is at least its, if a surge stays.

        Asked for where something stirs: at many queues it would cost more than the rest of the belief.
        """
        return tuple(float(self._p[queue] @ tier[queue]) for tier in self._tiers)

    def span(self, queue: int, low: float = 0.1, high: float = 0.9) -> tuple[float, float]:
        """Return the quantiles `low` and `high` of a queue's ratio to normal."""
        order = np.argsort(self._rate[queue])
        below = np.cumsum(self._p[queue][order])
        places = np.searchsorted(below, np.array([low, high]) * below[-1])
        first, last = self._rate[queue][order[places]]
        return float(first), float(last)

    def state(self, which: NDArray[np.intp] | None = None) -> Floats:
        """Return a copy of the state of all queues, or of some."""
        return self._p.copy() if which is None else self._p[which]

    def restore(self, queue: int, state: Floats) -> None:
        """Put a queue back to a state that ``state`` gave."""
        self._p[queue] = state


def _weigh(p: Floats, offered: Floats, normal: Floats, log_rate: Floats, rate: Floats) -> None:
    """Multiply `p` by the Poisson likelihood of `offered`, in place, and normalise.

    A few queues at a time, whose numbers stay in the processor's cache: a third quicker at 1,000 of them.
    """
    for first in range(0, len(p), AT_ONCE):
        some = slice(first, first + AT_ONCE)
        likelihood = offered[some, None] * log_rate[some]
        likelihood -= normal[some, None] * rate[some]
        likelihood -= likelihood.max(axis=1, keepdims=True)
        np.exp(likelihood, out=likelihood)
        part = p[some]
        part *= likelihood
        part += LEAST
        part /= part.sum(axis=1, keepdims=True)
