"""The alarm tried on days of the past, each judged by the history alone and by nothing after its minute."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

import numpy as np

from ccboard.forecast.level import Shift
from ccboard.surge.counts import MINUTES, Counts, History
from ccboard.surge.profile import WEEKS, Floats, Normal, Profile, fit, go_on
from ccboard.surge.renewed import NOTHING, Told, moved
from ccboard.surge.watch import Change, Watch

TOGETHER = 256
"""Days and queues that go through the filter at once."""
REST_MIN = 10
"""Minutes of theirs that are one piece of work."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day to judge; `counts` has a row of minutes per queue."""

    name: str
    date: date
    counts: Mapping[str, Counts]


@dataclass(frozen=True, slots=True)
class Judged:
    """One queue on one day."""

    day: str
    date: date
    queue: str
    normal: Normal
    changes: tuple[Change, ...]
    outages: tuple[tuple[int, int], ...]
    """Silences that cannot be chance: first and last minute."""
    without_feed: int
    """Open minutes without feed."""
    begins: tuple[Shift, ...] = ()
    """Where somebody said that day what is normal from then on."""

    def rate(self, raised: int) -> Floats:
        """Return the calls that were normal, a minute, for the watch that raised an alarm."""
        rate = self.normal.rate
        for shift in self.begins:
            if shift.minute <= raised:
                rate = np.concatenate([rate[:shift.minute], rate[shift.minute:] * shift.factor])
        return rate


class Profiles:
    """Profiles of all queues as of a day, fitted once for each reach of the history."""

    def __init__(self, history: History, known: Mapping[date, str],
                 rest: Callable[[], object] = go_on, told: Told = NOTHING) -> None:
        self._history, self._known, self._rest, self._told = history, known, rest, told
        self._made: dict[tuple[date, date, tuple[Shift, ...]], dict[str, Profile]] = {}

    def before(self, day: date) -> dict[str, Profile]:
        """Return the profiles of the 13 weeks of history that end before `day`; no calls, no profile."""
        end = min(day, date.fromordinal(self._history.days[-1].toordinal() + 1))
        past = self._history.before(end, WEEKS * 7)
        if not past.days:
            return {}
        moves = tuple(shift for shift in self._told.moves if shift.day < day)
        key = (past.days[0], past.days[-1], moves)
        if key not in self._made:
            made = {queue: fit(moved(counts, past.days, moves), past.days, self._known, self._rest)
                    for queue, counts in past.counts.items()}
            self._made[key] = {queue: profile for queue, profile in made.items() if profile is not None}
        return self._made[key]


def judge(history: History, known: Mapping[date, str], days: Iterator[Day],
          rest: Callable[[], object] = go_on, told: Told = NOTHING) -> Iterator[Judged]:
    """Judge each queue that the history knows on each day, in the order of days and queues.

    `rest` is called between two pieces of the work. `told`: what people said of the new normal, of a history
    of one queue: each day knows what was said before it, and from its minute on what was said that day.
    """
    profiles = Profiles(history, known, rest, told)
    todo = ((day, queue, profile.normal(day.date, known))
            for day in days for queue, profile in profiles.before(day.date).items() if queue in day.counts)
    while batch := list(islice(todo, TOGETHER)):
        yield from together(batch, rest, told)


def together(batch: Sequence[tuple[Day, str, Normal]], rest: Callable[[], object] = go_on,
             told: Told = NOTHING) -> Iterator[Judged]:
    """Judge days of queues by what is normal on them, side by side in one watch."""
    offered = np.stack([day.counts[queue] for day, queue, _ in batch]).astype(np.float64)
    watch = Watch([normal for *_, normal in batch])
    changes: list[list[Change]] = [[] for _ in batch]
    begins: dict[int, list[tuple[int, Shift]]] = {}
    for row, (day, _, _) in enumerate(batch):
        for shift in told.on(day.date):
            begins.setdefault(shift.minute, []).append((row, shift))
    for minute in range(MINUTES):
        for row, shift in begins.get(minute, ()):
            ended = watch.renew(row, minute, shift.factor)
            changes[row] += [] if ended is None else [ended]
        for change in watch.minute(minute, offered[:, minute]):
            changes[change.row].append(change)
        if minute % REST_MIN == 0:
            rest()
    for row, (day, queue, normal) in enumerate(batch):
        yield Judged(
            day.name, day.date, queue, normal, tuple(changes[row]),
            tuple((first, last) for out, first, last in watch.outages if out == row),
            int((np.isnan(offered[row]) & (normal.rate > 0)).sum()), told.on(day.date),
        )
