"""What an agent's other figures say of one figure.

Who transfers much also resolves less, and few surveys can be read in the light of many calls.

The true effects of the units in all figures are taken as jointly normal; the correlations are estimated by
EM from the noisy results, and held towards none as if `CAUTION` units without any relation had been seen as
well. Each figure is then given what the others foretell of it (``Hint``) and adds its own results. Where the
figures of a centre have nothing to do with one another, the correlations vanish and nothing changes.
"""

from typing import Final

import numpy as np

from ccboard.tail.arrays import Floats, Ints
from ccboard.tail.shrink import Hint, Posterior

CAUTION: Final = 30.0
"""Units without any relation that are added to those seen: 60 agents cannot prove a weak relation."""
ROUNDS: Final = 12
ENOUGH: Final = 2000
"""From so many units on the correlations are taken from every second, third ... one: it costs matrices."""
SLICE: Final = 2000
"""Units whose equations are solved in one call: no other thread of the interpreter runs meanwhile."""
MOST: Final = 0.75
"""At most this share of a figure's variance is believed from the others: its own results decide."""


def hints(b: list[Floats], v: list[Floats], alone: list[Posterior]) -> list[Hint] | None:
    """Return per figure what the others say; None where there is nothing to relate.

    `b`, `v`: every figure's effects and variances (higher is worse; infinite where nothing is known);
    `alone`: what each says by itself, which gives its spread and middle.
    """
    many, size = len(b), len(b[0]) if b else 0
    taus = np.array([p.spread.tau for p in alone])
    use = np.flatnonzero(taus > 0)
    if len(use) < 2 or size < 10:
        return None
    x = np.stack([(np.where(np.isfinite(v[k]), b[k], alone[k].spread.mu) - alone[k].spread.mu) / taus[k]
                  for k in use], axis=1)
    # nothing known: a variance so large that it says nothing (1e6 would cost digits)
    noise = np.stack([np.minimum(v[k] / taus[k] ** 2, 1e4) for k in use], axis=1)
    relation = correlations(x, noise)
    found = [Hint(np.zeros(size), np.zeros(size)) for _ in range(many)]
    for place, k in enumerate(use):
        others = np.delete(np.arange(len(use)), place)
        weights = np.concatenate([
            _weights(relation, others, place, noise[at:at + SLICE, others]) for at in range(0, size, SLICE)])
        told = np.einsum("ij,j->i", weights, relation[others, place])
        lean = np.einsum("ij,ij->i", weights, x[:, others])
        less = np.sqrt(np.minimum(1.0, MOST / np.maximum(told, 1e-12)))
        found[k] = Hint(lean * less, told * less * less)
    return found


def _weights(relation: Floats, others: Ints, place: int, noise: Floats) -> Floats:
    """Return how each unit's other figures weigh in the foretelling of the figure at `place`."""
    inner = relation[np.ix_(others, others)][None] + np.eye(len(others))[None] * noise[:, :, None]
    right = np.broadcast_to(relation[others, place][None, :, None], (len(noise), len(others), 1))
    found: Floats = np.linalg.solve(inner, right)[:, :, 0]
    return found


def correlations(x: Floats, noise: Floats) -> Floats:
    """Return the correlations of the true effects behind `x` (units of tau) with the variances `noise`."""
    every = max(1, len(x) // ENOUGH)
    x, noise = x[::every], noise[::every]
    size, many = x.shape
    relation = np.eye(many)
    for _ in range(ROUNDS):
        inverse = np.linalg.inv(relation[None] + np.eye(many)[None] * noise[:, :, None])
        gain = relation[None] @ inverse
        mean = np.einsum("ijk,ik->ij", gain, x)
        left = relation[None] - gain @ relation[None]
        moments = np.einsum("ik,il->kl", mean, mean) + left.sum(axis=0)
        scale = 1 / np.sqrt(np.diag(moments))
        relation = moments * scale[:, None] * scale[None, :] * (size / (size + CAUTION))
        np.fill_diagonal(relation, 1.0)
    return relation
