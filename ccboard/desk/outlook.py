"""What callers of the next half hour meet: from those who wait now and from who will be at work.

The rate of calls and the share of people who work are not known exactly, so three courses are worked out for
each number of heads (Gauss and Hermite's points of a normal distribution) and weighed by their chance.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ccboard.desk.shifts import Floats, Presence, expected
from ccboard.snapshot import Snapshot
from ccboard.staffing.demand import Work
from ccboard.staffing.transient import Course, ahead

STEP_MIN = 5
BUSY = frozenset({"talking", "hold", "wrap_up"})
WORK_OFF = 0.12
"""By how much the work per head may be off besides (standard deviation): half hours that differ for no
reason, second tries, people who come or go otherwise than usual. Measured: benchmarks/EFFECTS.md."""
POINTS = ((-3**0.5, 1 / 6), (0.0, 2 / 3), (3**0.5, 1 / 6))


class Outlook:
    """The floor at a moment, and what is known of people's coming and going."""

    def __init__(self, floor: Snapshot, presence: Presence, minute: int) -> None:
        self.floor, self.presence, self.minute = floor, presence, minute

    def met(self, names: Sequence[str], per_minute: Floats, spread: float, work: Work, more: Sequence[int],
            again: float = 0.0) -> list[tuple[float, float]]:
        """Return service level and abandon rate with so many heads more, or fewer, from now on.

        `names` are the queues of a pool, `per_minute` their calls in each minute to come (whole steps),
        `spread` by how much these may be off (relative standard deviation), `again` the share of those who
        hang up that tries once more.
        """
        steps = np.arange(0, len(per_minute), STEP_MIN)
        heads = expected(self.presence, self.floor, names, self.minute, steps + STEP_MIN // 2)
        calls = per_minute.reshape(-1, STEP_MIN).mean(axis=1) / 60
        off = min(float(np.hypot(spread, WORK_OFF)), 0.5)
        arrival = np.stack([calls * (1 + off * z) for z, _ in POINTS])
        ladder = np.maximum(heads + np.asarray(more, dtype=np.float64)[:, None], 0.0)
        course = Course(np.tile(arrival, (len(more), 1)), np.repeat(ladder, len(POINTS), axis=0),
                        STEP_MIN * 60.0)
        found = ahead(course, self.present(names), work.aht_s, work.patience_s, work.threshold_s, again)
        weights = np.array([w for _, w in POINTS]) * arrival.sum(axis=1) / max(calls.sum(), 1e-12)
        level = found.service_level.reshape(-1, len(POINTS)) @ weights
        lost = found.abandon_rate.reshape(-1, len(POINTS)) @ weights
        return [(min(float(a), 1.0), min(float(b), 1.0)) for a, b in zip(level, lost, strict=True)]

    def at_work(self, names: Sequence[str], minutes: NDArray[np.int64]) -> Floats:
        """Return how many of those who serve any of these queues will be at work at minutes of this day."""
        return expected(self.presence, self.floor, names, self.minute, minutes - self.minute)

    def present(self, names: Sequence[str]) -> float:
        """Return the callers of queues who wait or talk now; who wraps up counts as a talk."""
        own = frozenset(names)
        busy = sum(agent.state in BUSY and not own.isdisjoint(agent.queues) for agent in self.floor.agents)
        return float(busy + sum(one.queue in own for one in self.floor.waiting))
