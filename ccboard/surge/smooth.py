"""Smoothing of rates over the minutes of a day."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@lru_cache(maxsize=32)
def _kernels(sd: float) -> tuple[Floats, Floats, Floats]:
    x = np.arange(-int(4 * sd), int(4 * sd) + 1, dtype=np.float64)
    weight = np.exp(-((x / sd) ** 2) / 2)
    return weight, weight * x, weight * x**2


def ratio(calls: Floats, exposure: Floats, sd: float) -> Floats:
    """Return calls per exposure, a straight line fitted around each minute (Gaussian weights, `sd` minutes).

    A local line rather than a local mean: at opening and closing the mean would lean inwards. NaN where
    there is no exposure at all.
    """
    weight, weight_x, weight_xx = _kernels(sd)
    reach = len(weight) // 2

    def around(values: Floats, kernel: Floats) -> Floats:
        return np.convolve(values, kernel)[reach:reach + len(values)]

    s0, s1, s2 = around(exposure, weight), around(exposure, weight_x), around(exposure, weight_xx)
    t0, t1 = around(calls, weight), around(calls, weight_x)
    spread = s0 * s2 - s1**2
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = t0 / s0
        line = (s2 * t0 - s1 * t1) / spread
    usable = (spread > 1e-9 * s0**2) & np.isfinite(line)
    # A line through few calls may dive below zero at an edge, where the mean holds the floor.
    smooth: Floats = np.where(usable, np.clip(line, 0.3 * mean, 3 * mean), mean)
    smooth[exposure <= 0] = np.nan
    return smooth


def window(calls: Floats, sd: float) -> Floats:
    """Return how many calls the window around each minute holds."""
    weight, _, _ = _kernels(sd)
    reach = len(weight) // 2
    total: Floats = np.convolve(calls, weight)[reach:reach + len(calls)]
    return total
