"""Steps 4 and 5, who is at the tail: the probability of being in the worst 10 %, and whom that lets one name.

The line between the worst tenth and the rest is where the probabilities of being beyond it add up to a tenth
of the units. The named are as many, from the surest down, as keep the expected share of wrong names within
20 %. Rank alone names nobody: in a centre where people do not differ, somebody is always last.
"""

from typing import Final

import numpy as np

from ccboard.tail.arrays import Bools, Floats, density, phi
from ccboard.tail.shrink import Posterior

TAIL: Final = 0.10
"""The tail is the worst tenth."""
FALSE_NAMES: Final = 0.20
"""At most this share of the named is expected to be named wrongly."""
STRONG: Final = 0.80
"""From this probability on the evidence is called strong."""

MANY: Final = 1000
"""From twice so many units on the line is first looked for among a part of them."""
CLOSE: Final = 1e-7
"""How near to the tail's share the probabilities have to add up: as near as ``phi`` is exact."""


def worst(posterior: Posterior, tail: float = TAIL, of: Bools | None = None) -> Floats:
    """Return for each unit the probability that it truly is among the worst `tail` (higher m: worse).

    `of`: the units that count, 0 for the others (of whom nothing was measured).
    """
    found = np.zeros(len(posterior.m))
    who = np.arange(len(found)) if of is None else np.flatnonzero(of)
    near: float | None = None
    for weight, mean, sd in zip(posterior.spread.weights, posterior.means, posterior.sds, strict=True):
        beyond, near = _beyond(mean[who], sd[who], tail, near)
        found[who] += weight * beyond
    return found


def _beyond(mean: Floats, sd: Floats, tail: float, near: float | None = None) -> tuple[Floats, float | None]:
    """Return P(theta > c), where c is such that the mean of these probabilities is `tail`; and c.

    `near`: where c was for a spread much like this one, which saves looking for it.
    """
    if not len(mean):
        return np.zeros(0), near
    if sd.max() < 1e-12:  # nobody differs: everybody is as likely
        return np.full(len(mean), tail), near
    sd = np.maximum(sd, 1e-12)
    every = max(1, len(mean) // MANY)
    line = float(np.quantile(mean[::every], 1 - tail)) if near is None else near
    if every > 1:  # near enough by a part of them: two steps over all do the rest
        line, _ = _line(mean[::every], sd[::every], tail, line)
    line, beyond = _line(mean, sd, tail, line)
    return beyond, line


def _line(mean: Floats, sd: Floats, tail: float, line: float) -> tuple[float, Floats]:
    """Return c, from a first guess, and P(theta > c): Newton's steps, halving where one leads away."""
    reach = 8 * sd
    low, high = float((mean - reach).min()), float((mean + reach).max())
    for _ in range(60):
        z = mean - line
        z /= sd
        beyond = phi(z)
        over = float(beyond.sum()) / len(beyond) - tail
        if abs(over) < CLOSE:
            return line, beyond
        if over > 0:
            low = line
        else:
            high = line
        slopes = density(z)
        slopes /= sd
        slope = float(slopes.sum()) / len(slopes)
        line = line + over / slope if slope > 0 else (low + high) / 2
        if not low < line < high:
            line = (low + high) / 2
    return line, phi((mean - line) / sd)


def name(p: Floats, may: Bools | None = None, false_names: float = FALSE_NAMES) -> Bools:
    """Return who is named: the largest set, surest first, whose mean of 1 - p is within `false_names`.

    `may` leaves out those who are too new to be judged, however bad they look.

    >>> name(np.array([0.95, 0.10, 0.75, 0.60, 0.02])).tolist()
    [True, False, True, False, False]
    """
    allowed = np.flatnonzero(np.ones(len(p), dtype=np.bool_) if may is None else may)
    order = allowed[np.argsort(-p[allowed], kind="stable")]
    wrong = np.cumsum(1 - p[order]) / np.arange(1, len(order) + 1)
    named = np.zeros(len(p), dtype=np.bool_)
    within = np.flatnonzero(wrong <= false_names)
    if len(within):
        named[order[: within[-1] + 1]] = True
    return named
