"""The snapshot: everything a board shows at one moment, put together from the figure families.

A pure function of (store, as_of, configuration, zone); only a live one also takes the collector's word
for how its sources are. The number of questions to the store is the same for every floor.
"""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.metrics import agents, calls, lists, moves, people, sources, visits, work
from ccboard.metrics.levels import queue_levels
from ccboard.metrics.scope import Scope
from ccboard.metrics.sources import Condition, Health
from ccboard.snapshot import QueueFigures, Snapshot
from ccboard.store.reader import Reader

__all__ = ["Health", "snapshot"]


def snapshot(reader: Reader, as_of: int, config: Config, zone: ZoneInfo, *, live: bool = False,
             health: Mapping[str, Health] | None = None, notices: tuple[str, ...] = (),
             temporary_hub: bool = False) -> Snapshot:
    """Return the floor at `as_of` (microseconds UTC), all of it seen in one transaction.

    `health`: what the collector knows of its sources, for live snapshots. Raises StoreError.
    """
    scope = Scope(reader, as_of, config, zone)
    moves.generations(scope)
    return reader.consistent(lambda: _snapshot(scope, live, health or {}, notices, temporary_hub))


def _snapshot(scope: Scope, live: bool, health: Mapping[str, Health], notices: tuple[str, ...],
              temporary_hub: bool) -> Snapshot:
    condition = sources.condition(scope, live=live, health=health)
    scope = Scope(scope.reader, scope.as_of, scope.config, scope.zone, condition.dark)
    kept = visits.prepare(scope)
    present = calls.open_visits(scope)
    shown = [visit for visit in present if scope.config.shows(visit.queue)]
    believed = [visit for visit in shown if visit.source not in scope.dark]
    known = scope.rows("SELECT source, queue, wrap_up_s, project FROM queues_known WHERE moment <= $as_of"
                       " ORDER BY source, queue", {"as_of": scope.at})
    replay, names = moves.replay(scope)
    timers = {(source, queue): wrap for source, queue, wrap, _project in known if wrap is not None}
    done = work.calls(scope, kept_is_true=kept)
    floor = _agents(scope, present, done, timers, replay, names)
    day = calls.day(scope, kept_is_true=kept)
    queues, totals = _queues(scope, condition, day.counts, believed, floor, known,
                             {visit.queue for visit in shown})
    return Snapshot(
        as_of=scope.as_of, live=live, name=scope.config.name, zone=scope.zone.key, day_start=scope.day,
        interval_s=scope.config.interval_min * 60, sources=condition.figures, queues=queues, totals=totals,
        agents=agents.figures(scope, floor, replay.paused_s(scope.as_of)),
        waiting=lists.waiting(scope, believed),
        intervals=day.intervals,
        log=lists.log(scope, condition, day.intervals, replay.changes(), kept_is_true=kept),
        temporary_hub=temporary_hub, notices=notices,
    )


def _agents(scope: Scope, present: list[calls.OpenVisit], done: list[work.Calls],
            timers: Mapping[tuple[str, str], float], replay: moves.Replay,
            names: moves.Names) -> list[agents.Listed]:
    standings = replay.standings.values()
    unnamed = sorted({(one.source, one.person) for one in standings if not one.named})
    everybody = people.gather(scope, standings, present, done, work.offers(scope), names,
                              moves.known_agents(scope, unnamed))
    floor = []
    for one in everybody.values():
        known = people.memberships(scope, one, believed=False)
        if agents.is_listed(one, known):
            members = people.memberships(scope, one, believed=True) if scope.dark & one.sources else known
            floor.append(agents.Listed(one, people.state_of(scope, one, members, timers), members,
                                       tuple(sorted(known, key=lambda queue: _place(scope.config, queue)))))
    return floor


def _queues(scope: Scope, condition: Condition, counted: Mapping[str | None, calls.Counts],
            present: list[calls.OpenVisit], floor: list[agents.Listed],
            known: list[tuple[str, str, float | None, str | None]],
            waiting_in: set[str]) -> tuple[tuple[QueueFigures, ...], QueueFigures]:
    """Return the queues seen today, waiting now, known or configured, and the totals."""
    config = scope.config
    behind: dict[str, set[str]] = {queue: set() for queue in (*config.queues, *config.only_queues)}
    projects: dict[str, str] = {}
    for source, queue, _wrap, project in known:
        behind.setdefault(queue, set()).add(source)
        if project:
            projects[queue] = project
    for name, counts in counted.items():
        if name is not None:
            behind.setdefault(name, set()).update(counts.sources)
    for visit in present:
        behind.setdefault(visit.queue, set()).add(visit.source)
    for one in floor:
        for standing in one.person.standings:
            if standing.queue is not None and standing.state != "offline":
                behind.setdefault(standing.queue, set()).add(standing.source)
    for name in waiting_in:
        behind.setdefault(name, set())
    members: dict[str, list[agents.Listed]] = {name: [] for name in behind}
    for one in floor:
        for name in one.members:
            members.setdefault(name, []).append(one)
    names = sorted((name for name in behind if config.shows(name)), key=lambda name: _place(config, name))
    everything = {figures.name for figures in condition.figures}
    rows = tuple(
        _figures(scope, condition, name, behind[name] or everything, counted.get(name),
                 [visit for visit in present if visit.queue == name and visit.answered_at is None],
                 members[name], config.queue(name).project or projects.get(name))
        for name in names
    )
    used = set().union(*(behind[name] for name in names)) if names else set()
    totals = _figures(scope, condition, None, used or everything, counted.get(None),
                      [visit for visit in present if visit.answered_at is None], floor, None)
    thresholds = {row.threshold_s for row in rows}
    if len(thresholds) > 1:
        totals = totals._replace(threshold_s=None)
    elif thresholds:
        totals = totals._replace(threshold_s=thresholds.pop())
    return rows, totals


def _figures(scope: Scope, condition: Condition, queue: str | None, behind: Iterable[str],
             counts: calls.Counts | None, waiting: list[calls.OpenVisit], here: list[agents.Listed],
             project: str | None) -> QueueFigures:
    config = scope.config
    mine = [source for source in condition.figures if source.name in set(behind)]
    dark = bool(mine) and all(source.dark for source in mine)
    late = any(source.name in condition.late for source in mine)
    ages = [source.age_s for source in mine if source.age_s is not None]
    since = min((visit.offered_at for visit in waiting), default=None)
    longest = None if since is None else (scope.as_of - since) // SECOND
    states = [one.state.state if queue is None else agents.state_in(one, queue) for one in here]
    seers = {source for one in here for source in one.person.sources}
    sees_hold = any("hold" in condition.sees.get(source, ()) for source in seers or behind)
    made = QueueFigures(
        queue=queue,
        label=(config.queue(queue).label or queue) if queue is not None else "",
        project=project,
        offered=counts.offered if counts else 0,
        calls=counts.calls if counts else 0,
        answered=counts.answered if counts else 0,
        abandoned=counts.abandoned if counts else 0,
        short_abandoned=counts.short_abandoned if counts else 0,
        timed_out=counts.timed_out if counts else 0,
        left_by_key=counts.left_by_key if counts else 0,
        left_empty=counts.left_empty if counts else 0,
        withdrawn=counts.withdrawn if counts else 0,
        lost=counts.lost if counts else 0,
        refused=None,  # nothing reports callers who were turned away at the door
        waiting=None if dark else len(waiting),
        longest_wait_s=None if dark else longest,
        longest_since=None if dark else since,
        answered_in_time=counts.answered_in_time if counts else 0,
        service_level=counts.service_level if counts else None,
        threshold_s=scope.threshold(queue) if queue is not None else config.service_level.threshold_s,
        target=scope.target(queue),
        abandon_rate=counts.abandon_rate if counts else None,
        asa_s=counts.asa_s if counts else None,
        aht_s=counts.aht_s if counts else None,
        longest_wait_today_s=counts.longest_wait_today_s if counts else None,
        agents=None if dark else agents.count(states, sees_hold=sees_hold),
        age_s=max(ages, default=None), late=late, dark=dark,
    )
    return made._replace(levels=queue_levels(
        scope, queue, waiting=made.waiting, longest_wait_s=made.longest_wait_s,
        service_level=made.service_level, abandon_rate=made.abandon_rate,
    ))


def _place(config: Config, queue: str) -> tuple[int, str]:
    """Return where a queue stands: by the configured order, then by name."""
    return (config.queue(queue).order, queue)
