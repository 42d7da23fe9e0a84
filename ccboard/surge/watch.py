"""The day's watch over many queues: each closed minute goes in, what changes on the wall comes out.

The watch is a function of the day's minutes: to restart it, replay them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccboard.surge import decide
from ccboard.surge.decide import Alarm, Event
from ccboard.surge.filter import TIERS, Belief, SurgeFilter
from ccboard.surge.profile import Normal

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Change:
    """A change on the wall after a minute of the day has closed."""

    row: int
    """Which queue, by its place in the watch."""
    minute: int
    event: Event
    tier: int | None
    """0 watch, 1..3; None when the alarm is over."""
    lift: float


class Watch:
    """The alarms of a day; `normals` has the expectation of each queue, `tiers` the ratios of the tiers."""

    def __init__(self, normals: Sequence[Normal], tiers: Floats = TIERS) -> None:
        self.rate = np.stack([normal.rate for normal in normals])
        open_ = self.rate > 0
        minutes = self.rate.shape[1]
        self.last = np.where(open_.any(axis=1), minutes - 1 - np.argmax(open_[:, ::-1], axis=1), -1)
        """Last open minute of each queue, -1 where it stays closed."""
        self.surge = SurgeFilter(
            np.array([n.mean for n in normals]), np.array([n.variance for n in normals]),
            np.array([n.noise for n in normals]), tiers)
        self._opening = self.surge.state()
        self.alarms = [Alarm() for _ in normals]
        self.belief: Belief = self.surge.belief()
        self.outages: list[tuple[int, int, int]] = []
        """Silences that cannot be chance: row, first minute, last minute."""
        self._silent = np.zeros(len(normals))
        """Calls that should have come since the last one."""
        self._silent_since = np.full(len(normals), -1)
        self._out = np.full(len(normals), -1)
        """Place in ``outages`` of a silence that lasts, else -1."""
        self._kept = self.surge.state()

    def minute(self, minute: int, offered: Floats) -> list[Change]:
        """Take in a closed `minute` of the day (0..1439), NaN where there was no feed."""
        normal = self.rate[:, minute]
        is_open = normal > 0
        which = np.flatnonzero(is_open)
        if not len(which):
            return []
        taken = self._without_silence(minute, np.where(is_open, offered, np.nan))
        if len(which) == len(normal):
            self.surge.step(taken, normal)
        else:
            self.surge.step(taken[which], normal[which], which)
        self.belief = self.surge.belief()
        # While a line is dead nothing is learned, so nothing on the wall moves but at closing.
        moves = (self._out < 0) & ((self.belief.p_surge > decide.SUSPECT) | self._standing())
        look = is_open & (moves | (self.last == minute))
        changes = (self._look(int(row), minute) for row in np.flatnonzero(look))
        return [change for change in changes if change is not None]

    def renew(self, row: int, minute: int, factor: float) -> Change | None:
        """Take `factor` times what was normal for normal from `minute` on, and begin anew for that queue.

        What a person calls "the new normal" is no surge any more: an alarm that stands comes down.
        """
        self.rate[row, minute:] *= factor
        self.surge.restore(row, self._opening[row])
        self._silent[row], self._silent_since[row], self._out[row] = 0.0, -1, -1
        alarm = self.alarms[row]
        was, lift = alarm.level, float(self.belief.lift[row])
        alarm.end()
        alarm.onset = None
        return Change(row, minute, "clear", None, lift) if was else None

    def _standing(self) -> NDArray[np.bool_]:
        return np.array([alarm.onset is not None or alarm.level != "" for alarm in self.alarms])

    def _look(self, row: int, minute: int) -> Change | None:
        """Move the alarm of one queue on."""
        alarm, belief = self.alarms[row], self.belief
        reached = self.surge.reached(row)
        was = alarm.level
        event = alarm.update(minute, float(belief.p_surge[row]), reached)
        if minute == self.last[row]:  # the queue closes: what stands comes down, nothing new goes up
            alarm.end()
            event = "clear" if was else None
        if event is None:
            return None
        tier = None if event == "clear" else alarm.tier
        return Change(row, minute, event, tier, float(belief.lift[row]))

    def _without_silence(self, minute: int, offered: Floats) -> Floats:
        """Return `offered` with the minutes of an outage as no feed.

        Zeros are believed until they cannot be chance; then the queue's state from before the silence is
        put back, or the calls that return would look like a surge.
        """
        heard, zero = offered > 0, offered == 0
        self._silent[heard] = 0.0
        self._silent_since[heard] = -1
        self._out[heard] = -1
        begin = np.flatnonzero(zero & (self._silent_since < 0))
        if len(begin):
            self._kept[begin] = self.surge.state(begin)
            self._silent_since[begin] = minute
        self._silent[zero] += self.rate[zero, minute]
        over = self._silent > -np.log(decide.SILENCE)
        for row in map(int, np.flatnonzero(over & (self._out < 0))):
            self.surge.restore(row, self._kept[row])
            self._out[row] = len(self.outages)
            self.outages.append((row, int(self._silent_since[row]), minute))
        for place in self._out[over & zero]:
            self.outages[place] = (*self.outages[place][:2], minute)
        return np.where(over, np.nan, offered)
