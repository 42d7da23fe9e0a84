"""What "this is the new normal" makes of a history: days before it, as if they had been on the new level."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ccboard.desk.acts import Renewal, Shares, shifts_of
from ccboard.forecast.level import Shift
from ccboard.surge.counts import Counts


def moved(counts: Counts, days: Sequence[date], shifts: Iterable[Shift]) -> Counts:
    """Return `counts` as if the days before each "new normal" had been on the new level.

    On the day itself what came before it was said is of either level, and is left out.
    """
    made = counts
    for shift in shifts:
        before = np.array([d < shift.day for d in days], dtype=np.bool_)
        made = np.where(before[:, None], made * np.float32(shift.factor), made)
        if shift.day in days:
            made[days.index(shift.day), :shift.minute] = np.nan
    return made


def shares_of(counts: Mapping[str, Counts], days: Sequence[date], said: Iterable[Renewal]) -> Shares:
    """Return each queue's share of the centre's calls on the level that it had before a day.

    Of the days before that one alone, moved by what had been said of single queues by then: days after a
    step have it already. Where there are none before it, of all.
    """
    said = tuple(said)
    totals: dict[str, NDArray[np.float64]] = {
        queue: np.asarray(np.nansum(own, axis=1, dtype=np.float64)) for queue, own in counts.items()
    } if said else {}

    def level(queue: str, day: date) -> float:
        own = totals[queue].copy()
        for shift in shifts_of(queue, said, shares):
            if shift.day < day:
                own[[d < shift.day for d in days]] *= shift.factor
        return float(own[[d < day for d in days]].sum())

    def shares(day: date) -> dict[str, float]:
        sums = {queue: level(queue, day) for queue in totals}
        if not sum(sums.values()):
            sums = {queue: float(own.sum()) for queue, own in totals.items()}
        total = sum(sums.values())
        return {queue: own / total for queue, own in sums.items()} if total > 0 else {}

    return shares
