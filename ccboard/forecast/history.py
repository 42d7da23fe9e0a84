"""Calls per interval of a centre's past, and nothing that had not ended at a forecast's origin."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ccboard.errors import InputError
from ccboard.surge.clocks import changed
from ccboard.surge.counts import MAX_DAYS, MINUTES
from ccboard.tables import Table

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Past:
    """Calls in intervals of `step` minutes: a row per calendar day, first to last; NaN is unknown."""

    first: date
    step: int
    calls: Floats

    def known(self, origin: tuple[date, int], minutes: int) -> tuple[Floats, Floats]:
        """Return intervals of `minutes` that ended by `origin` (day, minute): whole days before, and today.

        The first has a row per day before the origin's, the second is the origin's day, NaN what is not
        known yet. Where a coarser interval is asked for, parts that the file leaves out count as closed.
        """
        day, minute = origin
        row = (day - self.first).days
        coarse = self.calls.reshape(len(self.calls), -1, minutes // self.step)
        with np.errstate(invalid="ignore"):
            sums = np.where(np.isnan(coarse).all(axis=2), np.nan, np.nansum(coarse, axis=2))
        before: Floats = sums[:max(0, row)]
        if row > len(sums):
            gap = np.full((row - len(sums), sums.shape[1]), np.nan)
            before = np.concatenate((before, gap))
        today = np.full(MINUTES // minutes, np.nan)
        if 0 <= row < len(sums):
            ended = (np.arange(len(today)) + 1) * minutes <= minute
            today[ended] = sums[row][ended]
        return before, today


def read(path: Path, minutes: Sequence[int], zone: ZoneInfo | None = None) -> Past:
    """Return the calls of a file, `start,calls` or one row per call; `minutes` are the intervals asked for.

    `zone`: whose clocks the times are. An interval that comes twice where they go back has the mean.
    Raises InputError naming file and line.
    """
    table = Table(path)
    if "offered_at" in table.columns:
        found = Counter(table.minute(at) for at, in table.rows(("offered_at",)))
        cells = {key: float(number) for key, number in found.items()}
        step = int(np.gcd.reduce([15, *minutes]))
        per_call = True
    else:
        cells = {}
        again: set[tuple[date, int]] = set()
        for start, calls in table.rows(("start", "calls")):
            key = table.minute(start)
            if key in cells:
                if zone is None or key in again or key[1] not in changed(key[0], zone)[0]:
                    table.wrong(f"{start} stands there {'three times' if key in again else 'twice'}"
                                + (f" (clocks of {zone.key}; --timezone names others)" if zone else ""))
                again.add(key)
            cells[key] = cells.get(key, 0.0) + table.count(calls)
        step, per_call = _step(cells), False
    if not cells:
        raise InputError(f"{path}: no rows below the header")
    wrong = sorted({n for n in minutes if n % step})
    if wrong:
        raise InputError(f"{path}: intervals of {step} minutes cannot be made into {wrong[0]} minutes")
    first, last = min(day for day, _ in cells), max(day for day, _ in cells)
    if (last - first).days >= MAX_DAYS:
        raise InputError(f"{path}: {first} to {last} is more than {MAX_DAYS} days; is one of them a slip?")
    rows = np.full(((last - first).days + 1, MINUTES // step), np.nan)
    if per_call:  # a day with calls is known as a whole: no row, no call
        for row in {(day - first).days for day, _ in cells}:
            rows[row] = 0.0
    for (day, minute), number in cells.items():
        place = (day - first).days, minute // step
        rows[place] = number + (rows[place] if per_call else 0.0)
    for day in {day for day, _ in cells} if zone is not None else ():
        twice = {minute // step for minute in changed(day, zone)[0]}
        rows[(day - first).days, sorted(twice)] /= 2
    return Past(first, step, rows)


def _step(cells: dict[tuple[date, int], float]) -> int:
    """Return the length of the intervals: what all starts have in common."""
    starts = sorted({minute for _, minute in cells})
    return int(np.gcd.reduce([60, *starts, *np.diff(starts)])) if starts else 15
