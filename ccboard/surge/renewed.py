"""What "this is the new normal" makes of a history and of the days that are judged by it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ccboard.forecast.level import Shift
from ccboard.surge.counts import Counts


@dataclass(frozen=True, slots=True)
class Told:
    """What people said of the queue that is judged."""

    moves: tuple[Shift, ...] = ()
    """Steps of its calls: later days are judged by a history that is moved by them."""
    begins: tuple[Shift, ...] = ()
    """What was said of itself: on the day itself the watch goes on with that for normal."""

    def on(self, day: date) -> tuple[Shift, ...]:
        """Return where the watch of a day begins anew."""
        return tuple(shift for shift in self.begins if shift.day == day)


NOTHING = Told()


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
