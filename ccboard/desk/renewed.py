"""What "this is the new normal", said of some queues, makes of the whole centre."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ccboard.desk.acts import Renewal, Shares, shifts_of
from ccboard.surge.counts import Counts
from ccboard.surge.renewed import Told


def shares_of(counts: Mapping[str, Counts], days: Sequence[date], said: Iterable[Renewal]) -> Shares:
    """Return each queue's share of the centre's calls on the level that it had before a day.

    Of the days before that one alone, moved by what had been said of single queues by then: days after a
    step have it already. Where there are none before it, of all.
    """
    said = tuple(said)

    @cache  # a quarter of a second at 1,000 queues: for who asks for the centre
    def totals() -> dict[str, NDArray[np.float64]]:
        return {queue: np.asarray(np.nansum(own, axis=1, dtype=np.float64)) for queue, own in counts.items()}

    def level(queue: str, day: date) -> float:
        own = totals()[queue].copy()
        for shift in shifts_of(queue, said, shares):
            if shift.day < day:
                own[[d < shift.day for d in days]] *= shift.factor
        return float(own[[d < day for d in days]].sum())

    def shares(day: date) -> dict[str, float]:
        sums = {queue: level(queue, day) for queue in counts}
        if not sum(sums.values()):
            sums = {queue: float(own.sum()) for queue, own in totals().items()}
        total = sum(sums.values())
        return {queue: own / total for queue, own in sums.items()} if total > 0 else {}

    return shares


def told_of(queue: str | None, said: Iterable[Renewal], shares: Shares) -> Told:
    """Return what days of a queue (None: the whole centre) are judged by."""
    said = tuple(said)
    return Told(shifts_of(queue, said, shares), tuple(one.shift for one in said if one.queue == queue))
