"""Erlang A for many numbers of agents at once: the same formulas as ``erlang``, their series side by side.

A module of its own because it needs numpy, which the one-shot figures do not load.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ccboard.staffing.erlang import Performance, Rates, combine, erlang_a, nobody_waits

Floats = NDArray[np.float64]

_NEGLIGIBLE = 1e-16
_RESCALE = 1e200
_LOOK = 8
"""Terms between looks at size and convergence; growth over so many stays far inside a double."""
_MOST_IDLE = 1e250


def erlang_a_table(
    *, calls_per_hour: float, aht_s: float, patience_s: float, agents: Sequence[int], within_s: float
) -> list[Performance]:
    """Return ``erlang_a`` for each number of `agents` (each >= 1), in their order."""
    if calls_per_hour == 0 or not agents:
        return [erlang_a(calls_per_hour=calls_per_hour, aht_s=aht_s, patience_s=patience_s, agents=n,
                         within_s=within_s) for n in agents]
    rates = Rates(calls_per_hour / 3600, aht_s, 1 / patience_s, within_s)
    load = rates.arrival * aht_s
    idle = _idle_weights(max(agents), load)
    waiting = sorted({n for n in agents if not math.isinf(idle[n])})
    a = np.array(waiting) * (patience_s / aht_s)
    x = rates.arrival * patience_s
    s0, h0, e0 = _series(a, x)
    st, _, et = _series(a, x * math.exp(-rates.leaving * within_s))
    found = {}
    for k, n in enumerate(waiting):
        at_0, at_t = (float(s0[k]), float(h0[k]), float(e0[k])), (float(st[k]), float(et[k]))
        found[n] = combine(rates, n, idle[n], at_0, at_t)
    return [found[n] if n in found else nobody_waits(n, load) for n in agents]


def _idle_weights(most: int, load: float) -> list[float]:
    """Return E for 0 .. `most` agents; each follows from the one before."""
    weights = [0.0, 1.0]
    for busy in range(1, most):
        weight = 1.0 + weights[-1] * busy / load
        weights.append(weight if weight < _MOST_IDLE else math.inf)
    return weights


def _series(a: Floats, x: float) -> tuple[Floats, Floats, Floats]:
    """Return S(a, x), S with each term weighted by h_k, and the exponent of both, for each of `a`."""
    term = 1 / a
    total, h = term.copy(), term.copy()
    weighted = term * h
    exponent, down = np.zeros_like(a), a.copy()
    while True:
        for _ in range(_LOOK):
            down += 1
            step = 1 / down
            term *= x * step
            h += step
            total += term
            weighted += term * h
        big = total > _RESCALE
        if big.any():
            for values in (term, total, weighted):
                values[big] /= _RESCALE
            exponent[big] += math.log(_RESCALE)
        if (term * h <= weighted * _NEGLIGIBLE * np.maximum(1 - x / down, 0)).all():
            return total, weighted, exponent
