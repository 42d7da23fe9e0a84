"""The snapshot: everything a board shows at one moment, put together from the figure families.

A pure function of (store, as_of, configuration, zone); only a live one also takes the collector's word
for how its sources are. What it costs is what happened since the last one (``ccboard.metrics.kept``).
"""

from collections.abc import Mapping
from contextlib import nullcontext
from itertools import chain
from zoneinfo import ZoneInfo

from ccboard.config import Config
from ccboard.metrics import kept as keeping
from ccboard.metrics import lists, sources
from ccboard.metrics.calm import undisturbed
from ccboard.metrics.kept import Kept
from ccboard.metrics.peak import StaleError
from ccboard.metrics.queues import Queues
from ccboard.metrics.scope import Scope
from ccboard.metrics.sources import Condition, Event, Health
from ccboard.snapshot import Interval, LogEntry, Snapshot
from ccboard.store.reader import Reader

__all__ = ["Health", "snapshot"]


def snapshot(reader: Reader, as_of: int, config: Config, zone: ZoneInfo, *, live: bool = False,
             health: Mapping[str, Health] | None = None, notices: tuple[str, ...] = (),
             temporary_hub: bool = False) -> Snapshot:
    """Return the floor at `as_of` (microseconds UTC), all of it as of one commit.

    `health`: what the collector knows of its sources, for live snapshots. Raises StoreError.
    """
    scope = Scope(reader, as_of, config, zone)

    def made() -> Snapshot:
        kept = keeping.bring(reader, scope)
        first = kept.drawn is None
        drawn = kept.drawn = kept.drawn or Drawn()
        with undisturbed() if first else nullcontext():
            found = drawn.snapshot(scope, kept, live, health or {}, notices, temporary_hub)
        keeping.back(reader, kept)
        return found

    try:
        return made()
    except StaleError:  # what was kept is gone by now
        return made()


class Drawn:
    """What the last snapshot was made of: where nothing changed, it is used again."""

    def __init__(self) -> None:
        self._dark: frozenset[str] = frozenset()
        self._known: list[tuple[str, str]] | None = None
        self._projects: dict[str, str] = {}
        self._queues = Queues()
        self._by_n: dict[str | None, dict[int, Interval]] = {}
        self._intervals: dict[str | None, tuple[Interval, ...]] = {}
        self._all_intervals: tuple[Interval, ...] = ()
        self._moves: list[LogEntry] = []
        self._said: list[LogEntry] = []
        self._said_of: tuple[object, ...] = ()
        self._log: tuple[LogEntry, ...] | None = None

    def snapshot(self, scope: Scope, kept: Kept, live: bool, health: Mapping[str, Health],
                 notices: tuple[str, ...], temporary_hub: bool) -> Snapshot:
        """Put the snapshot together. Raises StaleError where what is kept does not do."""
        condition = sources.condition(scope, live=live, health=health, told=kept.told)
        dark = condition.dark
        anew = self._known is not kept.known
        if anew:
            self._known, before = kept.known, self._projects
            self._projects = kept.projects
            anew = self._projects != before and bool(scope.config.projects)
        scope = Scope(scope.reader, scope.as_of, scope.config, scope.zone, dark, self._projects)
        if dark != self._dark or anew:  # of another project other limits hold
            self._dark = dark
            kept.roster.touch_all()
        moved = bool(kept.courses.touched)
        kept.roster.refresh(scope, kept.timers, lambda at, name: kept.later(at, "look", name))
        intervals = kept.tally.moved
        kept.tally.moved = set()
        if anew:
            intervals |= {(queue, n) for queue, mine in self._by_n.items() for n in mine}
        log = self._log_of(scope, kept, condition, intervals, moved=moved)
        queues, totals = self._queues.rows(scope, kept, condition)
        return Snapshot(
            as_of=scope.as_of, live=live, name=scope.config.name, zone=scope.zone.key, day_start=scope.day,
            interval_s=scope.config.interval_min * 60, sources=condition.figures, queues=queues,
            totals=totals,
            agents=kept.roster.rows(scope), waiting=kept.present.rows(kept.repeats, dark),
            intervals=self._intervals_of(scope, kept, intervals), log=log,
            temporary_hub=temporary_hub, notices=notices,
        )

    def _intervals_of(self, scope: Scope, kept: Kept, changed: set[tuple[str | None, int]]
                      ) -> tuple[Interval, ...]:
        """Return the intervals in which somebody arrived: of all queues first, then by queue and time."""
        if changed:
            there = len(self._intervals)
            for queue, n in changed:
                mine = self._by_n.setdefault(queue, {})
                if kept.tally.arrived(queue, n):
                    mine[n] = kept.tally.interval(scope, queue, n)
                else:
                    mine.pop(n, None)
            for queue in {queue for queue, _n in changed}:
                self._intervals[queue] = tuple([one for _n, one in sorted(self._by_n[queue].items())])
            if len(self._intervals) != there:
                self._intervals = dict(sorted(self._intervals.items(), key=lambda item: (
                    item[0] is not None, item[0] or "")))
            self._all_intervals = tuple(chain.from_iterable(self._intervals.values()))
        return self._all_intervals

    def _log_of(self, scope: Scope, kept: Kept, condition: Condition,
                intervals: set[tuple[str | None, int]], *, moved: bool) -> tuple[LogEntry, ...]:
        """Return what happened today, newest first."""
        new = kept.below.refresh(scope, kept.tally, intervals)
        if moved or self._log is None:
            self._moves = lists.of_agents(scope, kept.courses.changes())
            new = True
        # a gap that lasts is longer at each moment
        lasts = any(_lasts(event, scope.as_of) for event in condition.events)
        said_of = (lasts, condition.events, tuple(begin for _source, begin, _end in condition.stretches))
        if lasts or said_of != self._said_of:
            self._said, self._said_of = lists.of_sources(scope, condition), said_of
            new = True
        if new or kept.lost.changed or self._log is None:
            kept.lost.changed = False
            entries = [*self._moves, *kept.lost.entries(), *self._said, *kept.below.entries()]
            entries.sort(key=lists.order)
            self._log = tuple(entries[:lists.LOG_LENGTH])
        return self._log


def _lasts(event: Event, as_of: int) -> bool:
    return event.kind == "gap" and (event.until is None or event.until > as_of)
