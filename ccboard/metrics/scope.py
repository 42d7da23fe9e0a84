"""What a snapshot is about: the moment, its business day, the queues shown, their thresholds.

Every question to the store takes its parameters from here, so that all of them cut time alike: a fact
counts when its own time is <= as_of, and what a record says of later (an answer, an end) is hidden.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ccboard.clock import SECOND
from ccboard.config import Config, Limits
from ccboard.figures.promises import limits_of
from ccboard.kpis.where import LIVE_QUEUE
from ccboard.limits import Pair
from ccboard.metrics.definitions import Definitions
from ccboard.moments import day_start, parse_day_start
from ccboard.store.mirror import PROJECT
from ccboard.store.reader import Reader
from ccboard.store.rows import stamp

FRAME_S = 300
"""Frames lie this far apart."""
SETTLED_S = 60
"""A frame is at least this old: facts usually arrive within it, so that states before it are settled."""
LOOK_BACK_S = 24 * 3600
"""How far before as_of a visit may have begun to be still waiting or talking.

Callers who wait over midnight must be seen; but a visit whose end a feed without a log never told
(it died meanwhile) must not wait for ever, and history must not cost.
"""

_RULES: deque[tuple[Config, Mapping[str, str], Definitions]] = deque(maxlen=8)
"""Of the configurations used last, with the projects that sources told of then: to work them out once a
second would cost as much as a snapshot."""


LEVELS = frozenset({"waiting", "longest_wait_s", "service_level", "abandon_rate"})
"""What every queue is held to, with limits of its own or without."""


class Promise(NamedTuple):
    """A figure that the configuration sets limits to."""

    kpi: str
    field: str
    limit: Pair


class Held(NamedTuple):
    """Limits of a queue, and which of the figures of a frame they are for besides `LEVELS`."""

    limits: Limits
    promised: tuple[Promise, ...]


_HELD: deque[tuple[Config, dict[tuple[str | None, str | None], Held]]] = deque(maxlen=8)
"""Of the configurations used last, by queue and project."""


@dataclass(frozen=True)
class Scope:
    """The cut through the store that a snapshot is made of."""

    reader: Reader
    as_of: int
    config: Config
    zone: ZoneInfo
    dark: frozenset[str] = field(default=frozenset())
    """Sources too old to be believed about the present moment."""
    told: Mapping[str, str] | None = field(default=None, compare=False)
    """Projects of queues as sources say, by who has read them anyway."""

    @cached_property
    def day(self) -> int:
        """Start of the business day that holds as_of."""
        return day_start(self.as_of, self.zone, parse_day_start(self.config.business_day_start))

    @cached_property
    def since(self) -> int:
        """Start of the look-back."""
        return min(self.day, self.frame - LOOK_BACK_S * SECOND)

    @cached_property
    def frame(self) -> int:
        """The last step of the look-back: it moves every five minutes, at most six minutes behind as_of."""
        steps = (self.as_of - self.day - SETTLED_S * SECOND) // (FRAME_S * SECOND)
        return self.day + max(0, steps) * FRAME_S * SECOND

    @cached_property
    def horizon(self) -> int:
        """The moment at which the next frame begins: what lies before it is read ahead."""
        return self.frame + (FRAME_S + SETTLED_S) * SECOND

    @cached_property
    def at(self) -> datetime:
        """as_of as the store writes it."""
        return stamp(self.as_of)

    @cached_property
    def shows(self) -> str:
        """SQL condition: the queue is part of this board; parameters `hidden`, `only` (see ``shown``)."""
        conditions = ["true"]
        if "hidden" in self.shown:
            conditions.append("NOT list_contains($hidden::VARCHAR[], queue)")
        if "only" in self.shown:
            conditions.append("list_contains($only::VARCHAR[], queue)")
        return " AND ".join(conditions)

    @cached_property
    def shown(self) -> dict[str, list[str]]:
        """Parameters of ``shows``: none where every queue is shown, which is the cheapest."""
        hidden = sorted(name for name, queue in self.config.queues.items() if queue.hide)
        only = sorted(self.config.only_queues)
        return {**({"hidden": hidden} if hidden else {}), **({"only": only} if only else {})}

    @cached_property
    def definitions(self) -> Definitions:
        """Which definition a visit counts by, as `figures` has them."""
        told = self.projects
        for config, projects, known in tuple(_RULES):
            if config is self.config and (projects is told or projects == told):
                return known
        found = Definitions(self.config, told)
        _RULES.append((self.config, told, found))
        return found

    def target(self, queue: str | None) -> float:
        """Return the service level that was promised of a queue, or (None) of all."""
        centre = self.config.service_level.target
        return centre if queue is None else self.definitions.of_queue(queue).target

    @cached_property
    def projects(self) -> Mapping[str, str]:
        """Projects of queues as sources say; asked for only where the configuration says anything of one."""
        if not self.config.projects:
            return {}
        if self.told is not None:
            return self.told
        return dict(self.rows(f"SELECT queue, {PROJECT} FROM queues_known"
                              " WHERE project <> '' AND moment <= $at GROUP BY queue", {"at": self.at}))

    def limits(self, queue: str | None, project: str | None = None) -> Limits:
        """Return the limits of a queue of a project, or (None) those without one."""
        return self.held(queue, project).limits

    @cached_property
    def _all_held(self) -> dict[tuple[str | None, str | None], Held]:
        known = next((held for config, held in tuple(_HELD) if config is self.config), None)
        if known is None:
            known = {}
            _HELD.append((self.config, known))
        return known

    def held(self, queue: str | None, project: str | None = None) -> Held:
        """Return the limits of a queue of a project, and which more figures of a frame they hold.

        Without a project that of the queue is meant, as it is configured or a source says.
        """
        if project is None and queue is not None:
            project = self.projects.get(queue)
        found = self._all_held.get((queue, project))
        if found is None:
            limits = limits_of(self.config, queue, project)
            found = self._all_held[queue, project] = Held(limits, tuple(
                Promise(id_, LIVE_QUEUE[id_], limit) for id_, limit in limits.figures.items()
                if id_ in LIVE_QUEUE and id_ not in LEVELS))
        return found

    def rows(self, sql: str, params: Mapping[str, Any] | Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask the store."""
        return self.reader.rows(sql, params)
