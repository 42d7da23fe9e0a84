"""The watch over the store: today's closed minutes against normal days, at any moment.

``Watching.read(reader, as_of)`` is a function of the store, as_of and the configuration. Within a day it goes
on from where it was, a minute at a time; whatever changes what was already judged (late calls, another
history, "this is the new normal") makes it begin the day anew. A hub that starts again does the same.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.desk import history
from ccboard.desk.acts import Act, Renewal, renewals, shifts_of
from ccboard.desk.calendar import Known, known
from ccboard.desk.days import DAY_MINUTES, Days
from ccboard.desk.renewed import shares_of, told_of
from ccboard.desk.today import Counting, older
from ccboard.forecast.level import Shift
from ccboard.store.reader import Reader
from ccboard.store.rows import stamp
from ccboard.surge.counts import Counts
from ccboard.surge.decide import Alarm
from ccboard.surge.profile import WEEKS, Normal, Profile, fit
from ccboard.surge.renewed import Told, moved
from ccboard.surge.watch import Change, Watch

Floats = NDArray[np.float64]

ALL = None
"""The row of the whole centre: a surge everywhere shows there before small queues can tell."""
GRACE_S = 20
"""So long after its end a minute waits for a source that has not been heard since; then it has no feed."""
HISTORY_DAYS = WEEKS * 7
BREATH_S = 0.0002
NO_ALARM = Alarm()
CLOSED = Normal(np.zeros(DAY_MINUTES), 0.0, 0.01, 0.04, None, True)
"""What is expected of a queue without any history: nothing can be said."""


@dataclass(frozen=True)
class Fitted:
    """What the weeks before a day teach: one row per queue, the whole centre first."""

    day: date
    queues: tuple[str | None, ...]
    profiles: tuple[Profile | None, ...]
    normals: tuple[Normal, ...]
    past: history.Past
    known: Known
    weeks: float
    said: tuple[Renewal, ...] = ()
    """What was called the new normal in these weeks."""

    def shifts(self, queue: str | None) -> tuple[Shift, ...]:
        """Return the steps that were told of a queue's calls."""
        return self.told(queue).moves

    def told(self, queue: str | None) -> Told:
        """Return what days of a queue are judged by."""
        return told_of(queue, self.said, shares_of(self.past.counts, self.past.days, self.said))

    def row(self, queue: str | None) -> int | None:
        """Return the row of a queue."""
        return self.queues.index(queue) if queue in self.queues else None


@dataclass(frozen=True)
class Reading:
    """What the watch says at a moment."""

    fitted: Fitted
    day: date
    as_of: int
    minute: int
    """First minute of the day that has not been judged; its beginning is `upto`."""
    upto: int
    offered: Counts
    """Queues x minutes; NaN: no feed, or not closed."""
    again: Counts
    """Queues x minutes: calls of those who hung up before and try again, which are not in `offered`."""
    rate: Floats
    """Queues x minutes: the normal day, with what people called the new normal."""
    p_surge: Floats
    lift: Floats
    spans: Mapping[int, tuple[float, float]]
    alarms: tuple[Alarm, ...]
    changes: tuple[Change, ...]
    silent: Mapping[int, int]
    """Rows that have fallen silent: since which minute."""


_Key: TypeAlias = tuple[date, int, tuple[Renewal, ...], frozenset[date]]
"""The day, how many visits lie before it, what was called the new normal, days that are not normal."""


class _Weeks(NamedTuple):
    """The weeks before a day, to be fitted."""

    key: _Key
    past: history.Past


@dataclass
class _Running:
    """A day being watched."""

    fitted: Fitted
    acts: tuple[Renewal, ...]
    watch: Watch
    fed: Counts
    minute: int = 0
    changes: list[Change] = field(default_factory=list)


class Watching:
    """Keeps what one day needs; for one thread."""

    def __init__(self, config: Config, days: Days, rest: Callable[[], object] | None = None) -> None:
        self.config = config
        self.days = days
        self.rest = rest or breathe
        """Called between two pieces of a fit, a few milliseconds each."""
        self.tiers = lifts(config)
        self._fitted: tuple[_Key, Fitted] | None = None
        self._running: _Running | None = None
        self._counting = Counting()
        self._came: tuple[Fitted, tuple[frozenset[str], ...], dict[str, list[int]]] | None = None
        self._counted: tuple[int, int, int, int] | None = None
        """Visits of the weeks before: from, until, as of which revision of the store, how many."""
        self.patient = False
        """While true a day's history that has grown is not fitted again: whoever asks does so later."""

    def read(self, reader: Reader, as_of: int, acts: tuple[Act, ...]) -> Reading:
        """Return what the watch says at `as_of`; `acts` are what people did by then, oldest first."""
        found = reader.consistent(lambda: self._weeks_or_reading(reader, as_of, acts))
        if isinstance(found, Reading):
            return found
        # Takes minutes at a thousand queues: not within a view of the store.
        fitted = self._fit(found)
        self._fitted = found.key, fitted
        return reader.consistent(lambda: self._read(
            reader, as_of, acts, fitted, reader.store.pin(reader).revision))

    def _weeks_or_reading(self, reader: Reader, as_of: int, acts: tuple[Act, ...]) -> "_Weeks | Reading":
        """Return what the watch says, or the weeks that must be fitted before it can say anything."""
        revision = reader.store.pin(reader).revision
        weeks = self._weeks(reader, self.days.day_of(as_of), as_of, acts, revision)
        if weeks is not None:
            return weeks
        assert self._fitted is not None
        return self._read(reader, as_of, acts, self._fitted[1], revision)

    def _read(self, reader: Reader, as_of: int, acts: tuple[Act, ...], fitted: Fitted,
              revision: int) -> Reading:
        day = fitted.day
        feeds = history.Feeds.read(reader, self.days.begin(day), as_of)
        offered, again, closed = self._today(reader, day, as_of, fitted, feeds, revision)
        relevant = tuple(one for one in renewals(acts, self.days) if one.shift.day == day)
        running = self._running
        if (running is None or running.fitted is not fitted or running.acts != relevant
                or running.minute > closed
                or not _same(running.fed[:, :running.minute], offered[:, :running.minute])):
            running = _Running(fitted, relevant, Watch(fitted.normals, self.tiers),
                               np.full_like(offered, np.nan))
        self._advance(running, offered, closed)
        self._running = running
        return self._reading(running, day, as_of, again)

    # -- the normal day --------------------------------------------------------------------------

    def _weeks(self, reader: Reader, day: date, as_of: int, acts: tuple[Act, ...],
               revision: int) -> "_Weeks | None":
        """Return the weeks before `day`; None as long as they are those that are fitted already."""
        begin = self.days.begin(day)
        first = day - timedelta(days=HISTORY_DAYS)
        visits = self._count(reader, self.days.begin(first), begin, revision)
        said = tuple(one for one in renewals(acts, self.days) if one.shift.day < day)
        marked = frozenset(self.days.day_of(act.at) for act in acts if act.kind == "not_normal")
        key = (day, visits, said, marked)
        if self._fitted is not None:
            old = self._fitted[0]
            if old == key or (self.patient and (old[0], *old[2:]) == (day, said, marked)):
                return None
        feeds = history.Feeds.read(reader, self.days.begin(first), as_of)
        return _Weeks(key, history.past(reader, self.days, first, day, self.config, feeds))

    def _count(self, reader: Reader, first: int, begin: int, revision: int) -> int:
        """Return how many visits lie in [first, begin); counted again only if some of them were touched."""
        kept = self._counted
        if kept is not None and kept[:2] == (first, begin) and kept[2] <= revision:
            news = reader.store.journal.since(kept[2], revision)
            if news is not None and not older(news[1], stamp(begin)):
                self._counted = *kept[:2], revision, kept[3]
                return kept[3]
        found = history.count_before(reader, first, begin)
        self._counted = first, begin, revision, found
        return found

    def _fit(self, weeks: "_Weeks") -> Fitted:
        """Fit every queue, 25 to 50 ms each; between two pieces of one others have the interpreter."""
        past, (day, _, said, marked) = weeks.past, weeks.key
        calendar = known(self.config.surge, day - timedelta(days=HISTORY_DAYS), day, marked)
        names = sorted(past.counts)
        queues: tuple[str | None, ...] = (ALL, *names)
        total = np.sum([past.counts[name] for name in names], axis=0) if names else None
        parts = shares_of(past.counts, past.days, said)
        profiles: list[Profile | None] = []
        for queue in queues:
            counts = total if queue is ALL else past.counts[queue]
            if counts is not None:
                counts = moved(counts, past.days, shifts_of(queue, said, parts))
            profiles.append(None if counts is None else fit(counts, past.days, calendar.kinds, self.rest))
        normals = tuple(CLOSED if p is None else self._normal(p, day, calendar) for p in profiles)
        longest = max((p.weeks for p in profiles if p is not None), default=0.0)
        return Fitted(day, queues, tuple(profiles), normals, past, calendar, longest, said)

    @staticmethod
    def _normal(profile: Profile, day: date, calendar: Known) -> Normal:
        like = calendar.like(day)
        if like == day:
            return profile.normal(day, calendar.kinds)
        return profile.normal(like, {like: calendar.kinds.get(day, "worked weekend")})

    # -- today -----------------------------------------------------------------------------------

    def _today(self, reader: Reader, day: date, as_of: int, fitted: Fitted, feeds: history.Feeds,
               revision: int) -> tuple[Counts, Counts, int]:
        """Return today's calls (queues x minutes, NaN without feed), those who try again, how far it goes."""
        offered, again, came_from = self._counting.read(
            reader, self.days, day, as_of, fitted.queues, revision)
        rows_of = self._rows_by_source(fitted, came_from)
        live = rows_of.keys() & feeds.heard.keys()
        heard = min((feeds.heard[source] for source in live), default=as_of)
        minute = self.days.minute_of
        closed = min(minute(as_of, day), max(minute(as_of - GRACE_S * SECOND, day), minute(heard, day)))
        offered[:, closed:] = np.nan
        for source, rows in rows_of.items():
            mask = np.zeros((1, DAY_MINUTES), np.float32)
            history.mark_gaps(mask, feeds.gaps.get(source, ()), self.days, day)
            if source in feeds.heard:
                mask[0, minute(feeds.heard[source], day):] = np.nan
            broken = np.flatnonzero(np.isnan(mask[0, :closed]))
            if len(broken):
                offered[np.ix_(np.array([0, *rows]), broken)] = np.nan  # and so in their sum
        return offered, again, closed

    def _rows_by_source(self, fitted: Fitted, came_from: tuple[frozenset[str], ...]) -> dict[str, list[int]]:
        """Return the rows that each source's calls are in, today or in the weeks before."""
        if self._came is None or self._came[0] is not fitted or self._came[1] is not came_from:
            rows_of: dict[str, list[int]] = {}
            for row, (queue, own) in enumerate(zip(fitted.queues, came_from, strict=True)):
                for source in own.union(fitted.past.sources.get(queue or "", ())):
                    rows_of.setdefault(source, []).append(row)
            self._came = fitted, came_from, rows_of
        return self._came[2]

    def _advance(self, running: _Running, offered: Counts, closed: int) -> None:
        """Take in the minutes up to `closed`."""
        said: dict[int, list[Renewal]] = {}
        for act in running.acts:
            said.setdefault(act.shift.minute, []).append(act)
        for minute in range(running.minute, closed):
            for act in said.get(minute, ()):
                row = running.fitted.row(act.queue)
                if row is not None:
                    change = running.watch.renew(row, minute, act.shift.factor)
                    running.changes += [change] if change is not None else []
            column = offered[:, minute].astype(np.float64)
            running.changes += running.watch.minute(minute, column)
        running.fed = offered
        running.minute = max(running.minute, closed)

    def _reading(self, running: _Running, day: date, as_of: int, again: Counts) -> Reading:
        watch = running.watch
        belief = watch.belief
        # A range costs a sort: for those that anybody looks at.
        wanted = {row for row, alarm in enumerate(watch.alarms) if alarm.level or alarm.onset is not None}
        wanted |= set(range(min(len(watch.alarms), 16)))
        spans = {row: watch.surge.span(row) for row in wanted}
        silent = {row: first for row, first, last in watch.outages if last >= running.minute - 1}
        alarms = tuple(replace(a) if a.level or a.onset is not None else NO_ALARM for a in watch.alarms)
        return Reading(
            running.fitted, day, as_of, running.minute, self.days.minute_at(day, running.minute), running.fed,
            again, watch.rate, belief.p_surge, belief.lift, spans, alarms, tuple(running.changes), silent)


def _same(one: Counts, other: Counts) -> bool:
    """Tell whether two pieces of a day are the same, minutes without feed included."""
    return bool((one.view(np.int32) == other.view(np.int32)).all())  # bit by bit: all NaN here are one


def breathe() -> None:
    """Let other threads have the interpreter."""
    time.sleep(BREATH_S)


def lifts(config: Config) -> Floats:
    """Return the ratios to normal at which tiers begin, rising."""
    return np.array(sorted({1 + tier.threshold for tier in config.tiers if tier.when == "lift"}))
