"""The visits that wait or talk at one moment."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Container, Iterable, Iterator

from ccboard.metrics.repeats import Repeats
from ccboard.metrics.visits import Visit
from ccboard.snapshot import Waiting

_Place = tuple[int, str, str, str, int]
"""Callers stand in the order of their arrival; what follows only makes it the same every time."""


class Present:
    """Visits that are not over, of the queues that are shown."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[tuple[_Place, Visit]]] = {}
        self._line: list[tuple[_Place, Visit]] = []
        self.sources: dict[str, Counter[str]] = {}
        """By queue: how many visits of each source wait or talk."""
        self.changed: set[str] = set()
        """Queues whose visits changed and were not asked since."""
        self._rows: dict[tuple[str, str, str, int], Waiting] = {}

    def put(self, visit: Visit, *, waits: bool, sign: int) -> None:
        """Take in a visit, or (sign -1) take it out."""
        queue = visit.queue
        sources = self.sources.setdefault(queue, Counter())
        sources[visit.source] += sign
        if waits:
            here = self._waiting.setdefault(queue, [])
            one = (_place(visit), visit)
            for line in (here, self._line):
                if sign > 0:
                    insort(line, one, key=_by_place)
                else:
                    del line[bisect_left(line, one[0], key=_by_place)]
            self._rows.pop(visit.key, None)
        self.changed.add(queue)

    def queues(self) -> Iterator[str]:
        """Yield the queues with such visits."""
        return (queue for queue, sources in self.sources.items() if any(n > 0 for n in sources.values()))

    def waiting(self, queue: str, dark: Container[str]) -> tuple[int, int | None]:
        """Return how many wait in a queue, and since when the first; of sources that are believed."""
        here = self._waiting.get(queue, ())
        if dark:
            here = [one for one in here if one[1].source not in dark]
        return (len(here), here[0][0][0]) if here else (0, None)

    def callers(self) -> set[str]:
        """Return the keys of the callers who wait."""
        return {visit.caller_key for _place_there, visit in self._line if visit.caller_key}

    def rows(self, repeats: Repeats, dark: Container[str]) -> tuple[Waiting, ...]:
        """Return the callers who wait, longest first, with their place and how often they called today."""
        places: dict[str, int] = {}
        rows = []
        for _place_there, visit in self._line:
            if visit.source in dark:
                continue
            place = places[visit.queue] = places.get(visit.queue, 0) + 1
            nth = repeats.nth(visit.caller_key, visit.offered_at)
            row = self._rows.get(visit.key)
            if row is None or row.position != place or row.nth_today != nth:
                row = self._rows[visit.key] = Waiting(visit.queue, place, visit.offered_at, visit.caller,
                                                      visit.caller_name, nth, visit.call)
            rows.append(row)
        return tuple(rows)


def _place(visit: Visit) -> _Place:
    return (visit.offered_at, visit.source, visit.call, visit.queue, visit.nth)


def _by_place(one: tuple[_Place, Visit]) -> _Place:
    return one[0]


def sources_of(counted: Iterable[tuple[str, int]]) -> Iterator[str]:
    """Yield the sources that are counted at all."""
    return (source for source, n in counted if n > 0)
