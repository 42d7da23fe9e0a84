"""The shape of a day: the share of each interval in the day's calls, per weekday."""

import numpy as np
from numpy.typing import NDArray

from ccboard.surge.smooth import ratio

Floats = NDArray[np.float64]

HALF_LIFE = 75.0
"""Days after which a day teaches half as much."""
SHRINK = 278.0
"""1 / 0.06^2: weekdays of a group differ in shape by 6 %."""
DRIFT, DRIFT_DAYS, DRIFT_FADE = 0.25, 12, 0.8


def shapes(calls: Floats, weekday: NDArray[np.intp], weight: Floats) -> tuple[Floats, Floats]:
    """Return the shares of each weekday (7 x intervals) and the days' weights without days of odd shape.

    `calls` has a row per day (NaN closed or unknown), `weight` how much a day may teach.
    """
    count = calls.shape[1]
    n = np.nan_to_num(calls)
    totals = n.sum(axis=1)
    age = np.arange(len(n))[::-1]
    faded = weight * (totals > 0) * 0.5 ** (age / HALF_LIFE)
    found = np.zeros((7, count))
    for _ in range(2):
        found = np.zeros((7, count))
        for group in _groups(n, weekday, faded):
            member = np.isin(weekday, group)
            pooled = (faded[member, None] * n[member]).sum(axis=0)
            level = float(np.average(totals[member], weights=faded[member])) / max(1, int((pooled > 0).sum()))
            share = _smooth(pooled / pooled.sum(), level)
            for day in group:
                mine = faded * (weekday == day)
                own = (mine[:, None] * n).sum(axis=0)
                expected = own.sum() * share
                heard = (mine[:, None] * n).sum(axis=0) + 1e-9
                heard = 1 / (1 / heard + 0.03**2 / 13)
                with np.errstate(divide="ignore", invalid="ignore"):
                    factor = np.where(expected > 0, own / expected, 1.0)
                made = share * (1 + (heard / (heard + SHRINK)) * (factor - 1) * (len(group) > 1))
                found[day] = made / made.sum()
        faded = faded * _ordinary(n, totals, found[weekday], faded > 0)
    return _drifted(n, totals, weekday, found, faded), (faded > 0).astype(np.float64)


def _groups(n: Floats, weekday: NDArray[np.intp], weight: Floats) -> list[list[int]]:
    """Return weekdays with about the same hours and at least 60 % of the largest one's calls."""
    sums = np.zeros((7, n.shape[1]))
    np.add.at(sums, weekday, weight[:, None] * n)
    days = np.bincount(weekday, weights=weight, minlength=7)
    level = sums.sum(axis=1) / np.maximum(days, 1e-9)
    groups: list[list[int]] = []
    hours: list[tuple[int, int]] = []
    for day in np.argsort(-level, kind="stable"):
        if days[day] == 0 or level[day] == 0:
            continue
        busy = np.flatnonzero(sums[day] > 0.03 * sums[day].max())
        first, last = int(busy[0]), int(busy[-1])
        for group, (begin, end) in zip(groups, hours, strict=True):
            if abs(first - begin) <= 1 and abs(last - end) <= 1 and level[day] >= 0.6 * level[group[0]]:
                group.append(int(day))
                break
        else:
            groups.append([int(day)])
            hours.append((first, last))
    return groups


def _smooth(share: Floats, calls: float) -> Floats:
    """Smooth shares over neighbouring intervals where an interval has few `calls`."""
    sd = 0.5 * np.sqrt(30 / max(calls, 0.1))
    if sd < 0.4:
        return share
    smoothed = np.nan_to_num(ratio(share, (share > 0).astype(np.float64), round(min(float(sd), 2.0), 1)))
    total: Floats = smoothed / smoothed.sum()
    return total


def _ordinary(n: Floats, totals: Floats, shape: Floats, used: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which days have no odd shape (an outage, an early closing): chi-square under 3 medians."""
    expected = totals[:, None] * shape
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(expected > 0.5, (n - expected) ** 2 / expected, 0.0)
    chi = parts.sum(axis=1) / np.maximum((expected > 0.5).sum(axis=1), 1)
    limit = 3 * float(np.median(chi[used])) if used.any() else np.inf
    return np.asarray(chi <= limit)


def _drifted(n: Floats, totals: Floats, weekday: NDArray[np.intp], found: Floats, weight: Floats) -> Floats:
    """Follow a slow drift: a quarter of what the last clean days' shares had over the shape."""
    clean = np.flatnonzero(weight > 0)[-DRIFT_DAYS:]
    if len(clean) < DRIFT_DAYS:
        return found
    fade = DRIFT_FADE ** np.arange(len(clean))[::-1]
    expected = (fade[:, None] * totals[clean, None] * found[weekday[clean]]).sum(axis=0)
    over = (fade[:, None] * n[clean]).sum(axis=0) - expected
    kernel = np.array([0.25, 0.5, 0.25])
    expected, over = np.convolve(expected, kernel, "same"), np.convolve(over, kernel, "same")
    with np.errstate(divide="ignore", invalid="ignore"):
        drift = np.where(expected > 10, over / expected, 0.0)
    made = found * np.clip(1 + DRIFT * drift, 0.5, 2.0)
    sums = made.sum(axis=1, keepdims=True)
    return np.where(sums > 0, made / np.maximum(sums, 1e-12), 0.0)
