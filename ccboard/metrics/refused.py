"""Callers turned away at the door, as far as a dialplan reports them: kept queue by queue."""

from bisect import bisect_right, insort

from ccboard.metrics.scope import Scope
from ccboard.store.rows import Row, micros, stamp


class Refused:
    """What was reported. A queue of which nothing was ever reported is not known to refuse nobody."""

    def __init__(self, day: int) -> None:
        self._day = day
        self._first: dict[str, int] = {}
        self._today: dict[str, list[int]] = {}
        self.changed: set[str] = set()

    def read(self, scope: Scope) -> None:
        """Take in the table."""
        for queue, first in scope.rows("SELECT queue, min(moment) FROM refusals GROUP BY queue"):
            self._first[queue] = micros(first)
        for queue, moment in scope.rows("SELECT queue, moment FROM refusals WHERE moment >= $day",
                                        {"day": stamp(self._day)}):
            insort(self._today.setdefault(queue, []), micros(moment))

    def change(self, old: Row | None, new: Row | None) -> int | None:
        """Take in a row; return its moment where there is a new one."""
        if old is not None and micros(old[4]) >= self._day:
            self._today[old[2]].remove(micros(old[4]))
            self.changed.add(old[2])
        if new is None:
            return None
        queue, at = new[2], micros(new[4])
        self._first[queue] = min(at, self._first.get(queue, at))
        if at >= self._day:
            insort(self._today.setdefault(queue, []), at)
        self.changed.add(queue)
        return at

    def count(self, queue: str, at: int) -> int | None:
        """Return how many were turned away today by `at`; None where none was ever reported of the queue."""
        first = self._first.get(queue)
        if first is None or first > at:
            return None
        return bisect_right(self._today.get(queue, []), at)

    def moments(self, at: int) -> list[tuple[int, str]]:
        """Return (moment, queue) of what lies after `at`: when a count grows."""
        return [(moment, queue) for queue, moments in self._today.items()
                for moment in moments if moment > at]
