"""Calls offered per queue, day and minute; NaN where there was no feed, which is not the same as no calls.

Two forms of file. One row per call (`offered_at`, `queue`): what has no row had no calls. One row per
minute (`date,time,queue,offered`): what has no row had no feed.

Where the zone is known, a local hour that clocks set back go through twice has the mean of both, so that it
is beside the same hour of other days; an hour that they leave out had no feed.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ccboard.clean import clean
from ccboard.errors import InputError
from ccboard.surge.clocks import changed
from ccboard.tables import Table

MINUTES = 1440
MAX_DAYS = 5000
"""More days than a centre's history holds; a wrong year must not cost the memory of centuries."""

Counts = NDArray[np.float32]


@dataclass(frozen=True)
class History:
    """What was offered: `counts` of a queue has a row per day, a column per minute."""

    days: tuple[date, ...]
    counts: Mapping[str, Counts]
    per_call: bool
    """Came as one row per call: a queue without rows had no calls."""

    def before(self, day: date, limit: int) -> "History":
        """Return the last `limit` calendar days before `day`; nothing of `day` itself or later."""
        chosen = [n for n, d in enumerate(self.days) if day - timedelta(days=limit) <= d < day]
        if len(chosen) == len(self.days):
            return self
        first, last = (chosen[0], chosen[-1] + 1) if chosen else (0, 0)
        kept = {queue: counts[first:last] for queue, counts in self.counts.items()}
        return History(self.days[first:last], kept, self.per_call)


def read(path: Path, only: date | None = None, zone: ZoneInfo | None = None) -> History:
    """Return what a file holds, from its first day to its last; days between without rows are there.

    `only`: the one day that the file may hold; the result then has that day even if the file has no rows.
    `zone`: whose clocks the local times are read off; None: clocks that never change.
    Raises InputError naming file and line.
    """
    table = Table(path)
    per_call = "offered_at" in table.columns
    if per_call:
        cells = _calls(table, only)
    elif {"date", "time", "offered"} <= set(table.columns):
        cells = _minutes(table, only, zone)
    else:
        raise InputError(f"{path}: line 1: neither the columns offered_at, queue (a row per call) nor date,"
                         f" time, queue, offered (a row per minute); there are {', '.join(table.columns)}")
    if only is None and not cells:
        raise InputError(f"{path}: no rows below the header")
    present = {day for _, day, _ in cells} or {only or date.min}
    first, last = min(present), max(present)
    if (last - first).days >= MAX_DAYS:
        raise InputError(f"{path}: {first} to {last} is more than {MAX_DAYS} days; is one of them a slip?")
    days = tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
    empty = 0.0 if per_call else np.nan
    counts: dict[str, Counts] = {
        queue: np.full((len(days), MINUTES), empty, np.float32) for queue in sorted({q for q, _, _ in cells})}
    for (queue, day, minute), offered in cells.items():
        counts[queue][(day - first).days, minute] = offered
    for row, day in enumerate(days):
        twice, never = changed(day, zone) if zone is not None else ((), ())
        for one in counts.values():
            one[row, list(twice)] /= 2
            if per_call:  # an hour without a call would be a silence
                one[row, [minute for minute in never if one[row, minute] == 0]] = np.nan
    return History(days, counts, per_call)


def _calls(table: Table, only: date | None) -> dict[tuple[str, date, int], float]:
    """Count rows per queue and minute."""
    found: Counter[tuple[str, str]] = Counter()
    lines: dict[str, int] = {}
    for at, queue in table.rows(("offered_at", "queue")):
        key = at[:16] if len(at) == 19 else at
        if key not in lines:  # each minute's text is understood once; of the rest the seconds are looked at
            lines[key] = table.line
            _right_day(table, table.minute(at)[0], only)
        elif key is not at and not (at[16] == ":" and "00" <= at[17:] <= "60" and at[17:].isdecimal()):
            table.minute(at)
        found[key, queue] += 1
    cells: Counter[tuple[str, date, int]] = Counter()
    for (text, name), number in found.items():
        table.line = lines[text]
        cells[(clean(name), *table.minute(text))] += number
    return {key: float(number) for key, number in cells.items()}


def _minutes(table: Table, only: date | None, zone: ZoneInfo | None) -> dict[tuple[str, date, int], float]:
    """Take the number of each row; a minute said twice is a mistake, but where the clocks were set back."""
    cells: dict[tuple[str, date, int], float] = {}
    again: set[tuple[str, date, int]] = set()
    for day, clock, queue, offered in table.rows(("date", "time", "queue", "offered")):
        key = (clean(queue), table.day(day), table.clock(clock))
        _right_day(table, key[1], only)
        if key in cells:
            if zone is None or key in again or key[2] not in changed(key[1], zone)[0]:
                often = "three times" if key in again else "twice"
                table.wrong(f"queue {key[0]} on {day} at {clock} stands there {often}"
                            + (f" (clocks of {zone.key}; --timezone names others)" if zone else ""))
            again.add(key)
        cells[key] = cells.get(key, 0.0) + table.count(offered)
    return cells


def _right_day(table: Table, day: date, only: date | None) -> None:
    if only is not None and day != only:
        table.wrong(f"a row of {day} in the file of {only}")
