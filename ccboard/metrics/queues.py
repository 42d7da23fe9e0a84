"""The rows of queues, and that of all together: what stays until something happens is made once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.metrics.kept import Kept
from ccboard.metrics.levels import queue_levels
from ccboard.metrics.present import sources_of
from ccboard.metrics.scope import Scope
from ccboard.metrics.sources import Condition
from ccboard.snapshot import QueueFigures


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a row is made of besides the age of its sources and how long the first caller waits."""

    head: tuple[object, ...]
    waiting: int
    since: int | None
    middle: tuple[object, ...]
    behind: frozenset[str]
    counts: tuple[int | None, ...]
    definition: str
    threshold_s: float | None


class _Age(NamedTuple):
    """How the sources behind a row are."""

    age_s: float | None
    late: bool
    dark: bool


class Queues:
    """All rows of one reader's moment."""

    def __init__(self) -> None:
        self._known: list[tuple[str, str]] | None = None
        self._sources_known: dict[str, set[str]] = {}
        self._projects: dict[str, str] = {}
        self._rows: dict[str, _Standing] = {}
        self._names: list[str] | None = None
        self._dark: frozenset[str] = frozenset()
        self._ages: dict[frozenset[str], _Age] = {}
        self._everything: frozenset[str] = frozenset()
        self._told = False
        self._sees: object = None
        self._totals: _Standing | None = None

    def rows(self, scope: Scope, kept: Kept, condition: Condition
             ) -> tuple[tuple[QueueFigures, ...], QueueFigures]:
        """Return the queues seen today, waiting now, known or configured, and the totals."""
        tally, roster, present = kept.tally, kept.roster, kept.present
        changed = {*tally.changed, *roster.changed, *present.changed, *kept.refused.changed}
        for done in (tally.changed, roster.changed, present.changed, kept.refused.changed):
            done.clear()
        everything = frozenset(figures.name for figures in condition.figures)
        if (kept.known is not self._known or scope.dark != self._dark or everything != self._everything
                or condition.sees != self._sees or roster.told != self._told):
            self._told = roster.told
            self._everything, self._dark, self._sees = everything, scope.dark, dict(condition.sees)
            self._know(kept)
            changed |= {*scope.config.queues, *scope.config.only_queues, *self._sources_known, *self._rows,
                        *tally.queues(), *roster.states, *roster.members_by, *present.sources}
        for name in changed:
            if name is not None and scope.config.shows(name):
                self._look(scope, kept, condition, name)
        if self._names is None:
            self._names = sorted(self._rows, key=lambda name: _place(scope.config, name))
        if changed or self._totals is None:
            self._totals = self._together(scope, kept, condition)
        self._ages.clear()
        rows = tuple([self._figures(scope, condition, self._rows[name]) for name in self._names])
        totals = self._figures(scope, condition, self._totals)
        return rows, totals

    def _know(self, kept: Kept) -> None:
        self._known = kept.known
        self._sources_known, self._projects = {}, kept.projects
        for source, queue in kept.known:
            self._sources_known.setdefault(queue, set()).add(source)

    def _look(self, scope: Scope, kept: Kept, condition: Condition, name: str) -> None:
        """Look at a queue again: whether it is one of this board, and with what."""
        here = kept.present.sources.get(name) or Counter[str]()
        behind = {
            *self._sources_known.get(name, ()), *kept.tally.sources(name),
            *(set(sources_of(here.items())) - scope.dark),
            *sources_of(kept.roster.members_by.get(name, {}).items()),
        }
        is_there = (behind or name in scope.config.queues or name in scope.config.only_queues
                    or any(n > 0 for n in here.values()))
        if (name in self._rows) != bool(is_there):
            self._names = None
        if not is_there:
            self._rows.pop(name, None)
            return
        waiting, since = kept.present.waiting(name, scope.dark)
        self._rows[name] = self._standing(
            scope, kept, condition, name, frozenset(behind), waiting, since,
            scope.config.queue(name).project or self._projects.get(name),
        )

    def _together(self, scope: Scope, kept: Kept, condition: Condition) -> _Standing:
        """Return what the totals are made of: of all queues that are shown."""
        rows = self._rows.values()
        used: frozenset[str] = frozenset().union(*{row.behind for row in rows})
        since = min((row.since for row in rows if row.since is not None), default=None)
        waiting = sum(row.waiting for row in rows)
        return self._standing(scope, kept, condition, None, used, waiting, since, None)

    def _standing(self, scope: Scope, kept: Kept, condition: Condition, queue: str | None,
                  behind: frozenset[str], waiting: int, since: int | None, project: str | None) -> _Standing:
        counts = kept.tally.counts(queue)
        seers = set(sources_of(kept.roster.sources.get(queue, {}).items()))
        sees_hold = any("hold" in condition.sees.get(source, ())
                        for source in seers or behind or self._everything)
        config = scope.config
        label = (config.queue(queue).label or queue) if queue is not None else ""
        head: tuple[object, ...] = (queue, label, project)
        if queue is not None:
            rules = kept.tally.rules(queue)
            thresholds: set[float | None] = {rule.threshold_s for rule in rules}
            named = {kept.tally.forms.name(rules)}
        else:
            rows = self._rows.values()
            thresholds, named = {row.threshold_s for row in rows}, {row.definition for row in rows}
        threshold = (config.service_level.threshold_s if not thresholds
                     else thresholds.pop() if len(thresholds) == 1 else None)
        definition = kept.tally.forms.name(()) if not named else named.pop() if len(named) == 1 else "mixed"
        target = scope.target(queue)
        refused = self._refused(scope, kept, queue)
        if counts is None:
            head += (0,) * 10 + (refused,)
            middle: tuple[object, ...] = (0, None, threshold, target, None, None, None, None)
        else:
            head += (*counts[1:11], refused)
            middle = (counts.answered_in_time, counts.service_level, threshold, target, counts.abandon_rate,
                      counts.asa_s, counts.aht_s, counts.longest_wait_today_s)
        return _Standing(head, waiting, since, middle, behind,
                         kept.roster.count(queue, sees_hold=sees_hold),
                         definition, threshold)

    def _refused(self, scope: Scope, kept: Kept, queue: str | None) -> int | None:
        """Return who was turned away; of all queues as far as it is reported."""
        if queue is not None:
            return kept.refused.count(queue, scope.as_of)
        told = [n for name in self._rows if (n := kept.refused.count(name, scope.as_of)) is not None]
        return sum(told) if told else None

    def _figures(self, scope: Scope, condition: Condition, row: _Standing) -> QueueFigures:
        age = self._ages.get(row.behind)
        if age is None:
            age = self._ages[row.behind] = _age(condition, row.behind or self._everything)
        if age.dark:
            waiting, longest, since, counts = None, None, None, None
        else:
            waiting, since, counts = row.waiting, row.since, row.counts
            longest = None if since is None else (scope.as_of - since) // SECOND
        made = QueueFigures._make((*row.head, waiting, longest, since, *row.middle, counts, (), *age,
                                   row.definition))
        levels = queue_levels(scope, made)
        return made._replace(levels=levels) if levels else made


def _age(condition: Condition, behind: Iterable[str]) -> _Age:
    mine = [source for source in condition.figures if source.name in behind]
    return _Age(max((source.age_s for source in mine if source.age_s is not None), default=None),
                any(source.name in condition.late for source in mine),
                bool(mine) and all(source.dark for source in mine))


def _place(config: Config, queue: str) -> tuple[int, str]:
    """Return where a queue stands: by the configured order, then by name."""
    return (config.queue(queue).order, queue)
