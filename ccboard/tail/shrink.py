"""Step 3, how much people really differ: what is chance is drawn towards the middle.

    b = theta + chance of variance v,        theta = mu + tau * standard normal

tau is the true spread between units. One best value of it (empirical Bayes by EM) pretends to know it; with
60 agents and 5 reviews each it is hardly known, and the sureness of every verdict hangs on it. So the whole
likelihood of tau is kept on a grid: everything below is averaged over it, and mu is integrated out exactly.
Where people may not differ at all, that possibility weighs in, and fewer are named.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ccboard.tail.arrays import Floats

COARSE: Final = 25
FINE: Final = 15
FEW: Final = 7
"""Grid points at first, and once it is known where the likelihood lies: few where there are many units, whose
likelihood is as good as normal, so that seven points add up to it exactly."""
MANY: Final = 2000
"""From so many units on."""
_KEEP: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Spread:
    """What is known of the units' true spread: values of tau with their weights, and mu at each.

    `mu_vars`: how unsure mu is at each.
    """

    taus: Floats
    weights: Floats
    mus: Floats
    mu_vars: Floats

    @property
    def tau(self) -> float:
        """Root of the mean square of tau."""
        return float(np.sqrt(self.weights @ self.taus**2))

    @property
    def mu(self) -> float:
        """The mean unit."""
        return float(self.weights @ self.mus)


@dataclass(frozen=True, slots=True)
class Hint:
    """What the unit's other figures say of this one before it is looked at (``together.py``).

    In units of tau: `lean` is where the unit is expected, `told` the share of the variance thus explained.
    """

    lean: Floats
    told: Floats


def spread(b: Floats, v: Floats, hint: Hint | None = None) -> Spread:
    """Return the likelihood of tau and mu, given the units' effects and their variances."""
    good = np.isfinite(v)
    b, v = b[good], v[good]
    lean = hint.lean[good] if hint else np.zeros(len(b))
    rest = 1 - hint.told[good] if hint else np.ones(len(b))
    if len(b) < 2:
        return Spread(np.zeros(1), np.ones(1), np.array([float(b.sum())]), np.zeros(1))
    mean = float((b / v).sum() / (1 / v).sum())
    scale = float(np.sqrt(np.mean(np.minimum((b - mean) ** 2, np.quantile((b - mean) ** 2, 0.98)))))
    fine = float(np.sqrt(1 / (1 / v).sum() * len(b)))
    taus = np.linspace(0, 2.5 * max(scale, 0.2 * fine, 1e-9), COARSE)
    fine_points, rounds = (FEW, 3) if len(b) > MANY else (FINE, 2)
    part = slice(None, None, max(1, len(b) // MANY))  # where the likelihood lies a part of the units tells
    for _ in range(rounds):
        weights = _weights(_likelihood(b[part], v[part], taus, lean[part], rest[part])[0])
        part = slice(None)
        kept = np.flatnonzero(weights > _KEEP)
        if len(kept) >= fine_points - 2:
            break
        taus = np.linspace(taus[max(0, kept[0] - 1)], taus[min(len(taus) - 1, kept[-1] + 1)], fine_points)
    level, mus, mu_vars = _likelihood(b, v, taus, lean, rest)
    weights = _weights(level)
    kept = np.flatnonzero(weights > _KEEP)
    return Spread(taus[kept], weights[kept] / weights[kept].sum(), mus[kept], mu_vars[kept])


def _weights(level: Floats) -> Floats:
    """Return the shares of the grid points by the trapezium rule."""
    found: Floats = np.exp(level - level.max())
    found[[0, -1]] *= 0.5
    found /= found.sum()
    return found


def _likelihood(b: Floats, v: Floats, taus: Floats, lean: Floats,
                rest: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the log likelihood of each tau with mu integrated out, and mean and variance of mu there."""
    levels, mus, mu_vars = np.zeros(len(taus)), np.zeros(len(taus)), np.zeros(len(taus))
    # Four arrays for all taus: with new ones for each, half of the time goes into getting their memory.
    before, w, left, product = (np.empty(len(b)) for _ in range(4))
    for i, tau in enumerate(taus):
        np.multiply(rest, tau * tau, out=before)
        before += v
        np.divide(1, before, out=w)
        np.multiply(lean, tau, out=left)
        np.subtract(b, left, out=left)
        all_w = float(w.sum())
        # no product of vectors: for that BLAS wakes other threads
        mu = float(np.multiply(w, left, out=product).sum()) / all_w
        left -= mu
        left *= left
        left *= w
        levels[i] = -0.5 * (float(np.log(before, out=before).sum()) + float(np.log(all_w))
                            + float(left.sum()))
        mus[i], mu_vars[i] = mu, 1 / all_w
    return levels, mus, mu_vars


@dataclass(frozen=True, slots=True)
class Posterior:
    """Each unit's true effect as far as it is known: mean `m`, standard deviation `s`.

    `own` is the reliability: the share of the verdict that is the unit's own results ("7 of 10"). `means`
    and `sds` are the same at each tau of `spread` (rows: tau, columns: unit).
    """

    m: Floats
    s: Floats
    own: Floats
    spread: Spread
    means: Floats
    sds: Floats


def shrink(b: Floats, v: Floats, hint: Hint | None = None) -> Posterior:
    """Draw every unit towards the middle. A unit without values stands there with all its doubt."""
    known = spread(b, v, hint)
    seen = np.isfinite(v)
    square = (known.taus**2)[:, None]
    before = np.broadcast_to(known.mus[:, None], (len(known.taus), len(b)))
    if hint is not None:
        square = square * (1 - hint.told)[None, :]
        before = before + known.taus[:, None] * hint.lean[None, :]
    variance = np.where(seen, v, 1.0)[None, :]
    share = np.where(seen[None, :], square / (square + variance), 0.0)
    means = before + share * (np.where(seen, b, 0.0)[None, :] - before)
    # mu is not known exactly either: what is not the unit's own is as unsure as mu
    variances = square * (1 - share) + (1 - share) ** 2 * known.mu_vars[:, None]
    def over(x: Floats) -> Floats:
        """Return the mean over tau."""
        found: Floats = np.einsum("i,ij->j", known.weights, x)
        return found

    m = over(means)
    s = np.sqrt(over(variances + (means - m) ** 2))
    return Posterior(m, s, over(share), known, means, np.sqrt(variances))
