"""When a queue is open, read off its history, and which weekdays have the same hours."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

THIN = 0.02
"""Below this share of the busy level a stretch is closed: stray calls do not open a queue."""
EDGE = 0.3
"""Below this share of what follows, the first minutes are strays before opening."""
SPAN = 10
NEAR = 20
"""Weekdays whose opening and closing differ by less than so many minutes have the same hours."""


def open_minutes(totals: Floats) -> Mask:
    """Return the minutes of the day in which a queue is open, from the calls of each minute summed over days.

    Edges are sharp to the minute: queues open on the hour, and a blurred edge would see a surge there.
    """
    sums = np.concatenate(([0.0], np.cumsum(totals)))
    count = len(totals)
    at = np.arange(count)
    ahead = (sums[np.minimum(at + SPAN, count)] - sums[at]) / SPAN
    behind = (sums[at + 1] - sums[np.maximum(at + 1 - SPAN, 0)]) / SPAN
    quarters = totals.reshape(-1, 15).mean(axis=1)
    busiest = np.sort(quarters)[-max(4, int((quarters > 0).sum() * 0.25)):]
    busy = float(busiest.mean())
    if busy == 0:
        return np.zeros(count, bool)
    found: Mask = np.maximum(ahead, behind) > THIN * busy
    begins = np.flatnonzero(found & ~np.concatenate(([False], found[:-1])))
    ends = np.flatnonzero(found & ~np.concatenate((found[1:], [False])))
    for begin, end in zip(begins, ends, strict=True):
        first, last = int(begin), int(end)
        while first < last and (totals[first] == 0 or totals[first] < EDGE * ahead[first]):
            found[first] = False
            first += 1
        while last > first and (totals[last] == 0 or totals[last] < EDGE * behind[last]):
            found[last] = False
            last -= 1
    return found


def alike(totals: Floats, days: Floats) -> list[list[int]]:
    """Return groups of weekdays with about the same hours and level; those that are never open are in none.

    `totals` are calls by weekday (7) and minute, `days` the number of days in each.
    """
    level = totals.sum(axis=1) / np.maximum(days, 1)
    groups: list[list[int]] = []
    hours: list[tuple[int, int]] = []
    for weekday in np.argsort(-level, kind="stable"):
        mask = open_minutes(totals[weekday])
        if days[weekday] == 0 or not mask.any():
            continue
        first, last = (int(v) for v in np.flatnonzero(mask)[[0, -1]])
        for group, (begin, end) in zip(groups, hours, strict=True):
            if (abs(first - begin) < NEAR and abs(last - end) < NEAR
                    and level[weekday] >= 0.6 * level[group[0]]):
                group.append(int(weekday))
                break
        else:
            groups.append([int(weekday)])
            hours.append((first, last))
    return groups
