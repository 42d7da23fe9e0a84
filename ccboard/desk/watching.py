"""The watch over the store: today's closed minutes against normal days, at any moment.

``Watching.read(reader, as_of)`` is a function of the store, as_of and the configuration. Within a day it goes
on from where it was, a minute at a time; whatever changes what was already judged (late calls, another
history, "this is the new normal") makes it begin the day anew. A hub that starts again does the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.desk import history
from ccboard.desk.acts import Act
from ccboard.desk.calendar import Known, known
from ccboard.desk.days import DAY_MINUTES, Days
from ccboard.store.reader import Reader
from ccboard.surge.counts import Counts
from ccboard.surge.decide import Alarm
from ccboard.surge.profile import WEEKS, Normal, Profile, fit
from ccboard.surge.watch import Change, Watch

Floats = NDArray[np.float64]

ALL = None
"""The row of the whole centre: a surge everywhere shows there before small queues can tell."""
GRACE_S = 20
"""So long after its end a minute waits for a source that has not been heard since; then it has no feed."""
HISTORY_DAYS = WEEKS * 7
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


@dataclass
class _Running:
    """A day being watched."""

    fitted: Fitted
    acts: tuple[Act, ...]
    watch: Watch
    fed: Counts
    minute: int = 0
    changes: list[Change] = field(default_factory=list)


class Watching:
    """Keeps what one day needs; for one thread."""

    def __init__(self, config: Config, days: Days) -> None:
        self.config = config
        self.days = days
        self.tiers = lifts(config)
        self._fitted: tuple[tuple[date, int, frozenset[tuple[str | None, date, float]], frozenset[date]],
                            Fitted] | None = None
        self._running: _Running | None = None
        self.patient = False
        """While true a day's history that has grown is not fitted again: whoever asks does so later."""

    def read(self, reader: Reader, as_of: int, acts: tuple[Act, ...]) -> Reading:
        """Return what the watch says at `as_of`; `acts` are what people did by then, oldest first."""
        return reader.consistent(lambda: self._read(reader, as_of, acts))

    def _read(self, reader: Reader, as_of: int, acts: tuple[Act, ...]) -> Reading:
        day = self.days.day_of(as_of)
        feeds = history.Feeds.read(reader, self.days.begin(day - timedelta(days=HISTORY_DAYS)), as_of)
        fitted = self.fitted(reader, day, acts, feeds)
        offered, again, closed = self._today(reader, day, as_of, fitted, feeds)
        relevant = tuple(act for act in acts if act.kind == "new_normal" and act.at >= self.days.begin(day))
        running = self._running
        if (running is None or running.fitted is not fitted or running.acts != relevant
                or running.minute > closed
                or not _same(running.fed[:, :running.minute], offered[:, :running.minute])):
            running = _Running(fitted, relevant, Watch(fitted.normals, self.tiers),
                               np.full_like(offered, np.nan))
        self._advance(running, offered, closed, day)
        self._running = running
        return self._reading(running, day, as_of, again)

    # -- the normal day --------------------------------------------------------------------------

    def fitted(self, reader: Reader, day: date, acts: tuple[Act, ...], feeds: history.Feeds) -> Fitted:
        """Return what the weeks before `day` teach; made once as long as neither they nor `acts` change."""
        begin = self.days.begin(day)
        first = day - timedelta(days=HISTORY_DAYS)
        visits = history.count_before(reader, self.days.begin(first), begin)
        factors = frozenset((act.queue, self.days.day_of(act.at), act.value or 1.0)
                            for act in acts if act.kind == "new_normal" and act.at < begin)
        marked = frozenset(self.days.day_of(act.at) for act in acts if act.kind == "not_normal")
        key = (day, visits, factors, marked)
        old = self._fitted
        if old is not None and self.patient and (old[0][0], *old[0][2:]) == (day, factors, marked):
            return old[1]
        if old is None or old[0] != key:
            old = self._fitted = key, self._fit(reader, first, day, feeds, factors, marked)
        return old[1]

    def _fit(self, reader: Reader, first: date, day: date, feeds: history.Feeds,
             factors: frozenset[tuple[str | None, date, float]], marked: frozenset[date]) -> Fitted:
        past = history.past(reader, self.days, first, day, self.config, feeds)
        calendar = known(self.config.surge, first, day, marked)
        names = sorted(past.counts)
        queues: tuple[str | None, ...] = (ALL, *names)
        total = np.sum([past.counts[name] for name in names], axis=0) if names else None
        profiles: list[Profile | None] = []
        for queue in queues:
            counts = total if queue is ALL else past.counts[queue]
            if counts is not None:
                counts = _moved(counts, queue, past.days, factors)
            profiles.append(None if counts is None else fit(counts, past.days, calendar.kinds))
        normals = tuple(CLOSED if p is None else self._normal(p, day, calendar) for p in profiles)
        weeks = max((p.weeks for p in profiles if p is not None), default=0.0)
        return Fitted(day, queues, tuple(profiles), normals, past, calendar, weeks)

    @staticmethod
    def _normal(profile: Profile, day: date, calendar: Known) -> Normal:
        like = calendar.like(day)
        if like == day:
            return profile.normal(day, calendar.kinds)
        return profile.normal(like, {like: calendar.kinds.get(day, "worked weekend")})

    # -- today -----------------------------------------------------------------------------------

    def _today(self, reader: Reader, day: date, as_of: int, fitted: Fitted, feeds: history.Feeds
               ) -> tuple[Counts, Counts, int]:
        """Return today's calls (queues x minutes, NaN without feed), those who try again, how far it goes."""
        found = history.today(reader, self.days, day, as_of)
        offered = np.zeros((len(fitted.queues), DAY_MINUTES), np.float32)
        again = np.zeros_like(offered)
        rows = {queue: row for row, queue in enumerate(fitted.queues)}
        sources: dict[int, set[str]] = {row: set(fitted.past.sources.get(queue or "", ()))
                                        for queue, row in rows.items()}
        for place, (source, queue) in enumerate(found.keys):
            row = rows.get(queue)
            if row is not None:
                offered[row] += found.offered[place]
                again[row] += found.again[place]
                sources[row].add(source)
        live = {source for own in sources.values() for source in own} & feeds.heard.keys()
        heard = min((feeds.heard[source] for source in live), default=as_of)
        minute = self.days.minute_of
        closed = min(minute(as_of, day), max(minute(as_of - GRACE_S * SECOND, day), minute(heard, day)))
        offered[:, closed:] = np.nan
        every = {source for own in sources.values() for source in own}
        unheard = {source: np.zeros((1, DAY_MINUTES), np.float32) for source in every}
        for source, mask in unheard.items():
            history.mark_gaps(mask, feeds.gaps.get(source, ()), self.days, day)
            if source in feeds.heard:
                mask[0, minute(feeds.heard[source], day):] = np.nan
        broken = {source: np.isnan(mask[0]) for source, mask in unheard.items() if np.isnan(mask).any()}
        for row, own in sources.items():
            for source in own & broken.keys():
                offered[row, broken[source]] = np.nan
        if len(offered) > 1:
            offered[0], again[0] = offered[1:].sum(axis=0), again[1:].sum(axis=0)
        return offered, again, closed

    def _advance(self, running: _Running, offered: Counts, closed: int, day: date) -> None:
        """Take in the minutes up to `closed`."""
        renewals: dict[int, list[Act]] = {}
        for act in running.acts:
            renewals.setdefault(self.days.minute_of(act.at, day), []).append(act)
        for minute in range(running.minute, closed):
            for act in renewals.get(minute, ()):
                row = running.fitted.row(act.queue)
                if row is not None:
                    change = running.watch.renew(row, minute, act.value or 1.0)
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
        alarms = tuple(Alarm(a.level, a.tier, a.onset, a.raised_at, a.red_at, a.higher_since) for a in watch.alarms)
        return Reading(
            running.fitted, day, as_of, running.minute, self.days.minute_at(day, running.minute), running.fed,
            again, watch.rate, belief.p_surge, belief.lift, spans, alarms, tuple(running.changes), silent)


def _same(one: Counts, other: Counts) -> bool:
    """Tell whether two pieces of a day are the same, minutes without feed included."""
    return bool(((one == other) | (np.isnan(one) & np.isnan(other))).all())


def lifts(config: Config) -> Floats:
    """Return the ratios to normal at which tiers begin, rising."""
    return np.array(sorted({1 + tier.threshold for tier in config.tiers if tier.when == "lift"}))


def _moved(counts: Counts, queue: str | None, days: tuple[date, ...],
           factors: frozenset[tuple[str | None, date, float]]) -> Counts:
    """Return `counts` as if the days before each "new normal" had been on the new level."""
    moved = counts
    for own, day, factor in factors:
        if own == queue:
            before = np.array([d < day for d in days])
            moved = np.where(before[:, None], moved * np.float32(factor), moved)
    return moved
