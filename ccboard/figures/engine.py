"""From entries of the catalogue to figures: one question over the visits, sums first, ratios at the end.

A pure function of (store, request, configuration, zone). Sums over offers and over agents' time are questions
of their own, asked only where an entry needs them, and meet the visits' by the split's keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.figures import lacking, refusals, scores, staffed, sums, visits, waits
from ccboard.figures import people as who
from ccboard.figures.local import Calendar
from ccboard.figures.plan import Key, Plan, Sums
from ccboard.figures.request import TIMES, Request, clipped, needed
from ccboard.kpis.model import Entry, Terms
from ccboard.kpis.terms import TERMS
from ccboard.moments import parse_day_start
from ccboard.store.mirror import PROJECT
from ccboard.store.reader import Reader

DEADLINE_S = 120.0
"""Longest time that figures of years may take."""
_DAY = 86_400 * SECOND
OFFERS_LACK: Final = ("type", "direction", "channel", "outcome")
"""What an offer to an agent has not."""
TIME_LACKS: Final = ("queue", "project", "type", "direction", "channel", "outcome", "source")
"""What agents' time has not: all but time, agent and team."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The figures. Rows are in the order of their keys; each: the keys as people read them, the figures."""

    by: tuple[str, ...]
    kpis: tuple[Entry, ...]
    rows: list[tuple[Key, tuple[float | None, ...]]]
    sums: list[Sums]
    """The sums behind each row."""
    notes: tuple[str, ...] = ()
    """What cannot be told, and why."""

    def objects(self) -> list[dict[str, Any]]:
        """Return a flat object for every row."""
        names = (*self.by, *(kpi.id for kpi in self.kpis))
        return [dict(zip(names, (*key, *figures), strict=True)) for key, figures in self.rows]


def figures(reader: Reader, request: Request, config: Config, zone: ZoneInfo) -> Answer:
    """Return the figures of a request, all seen in one transaction. Raises StoreError, UsageError."""
    return reader.consistent(lambda: compute(reader, request, config, zone))


def compute(reader: Reader, request: Request, config: Config, zone: ZoneInfo) -> Answer:
    """As ``figures``, within a transaction that the caller has begun."""
    plan = plan_of(reader, request, config, zone)
    names = list(dict.fromkeys((*needed(request.kpis), *request.also)))
    of_wait = [name for name in names if name in waits.NEED_WAITS]
    names += [name for name in waits.ASKED if of_wait and name not in names]
    of_time = [name for name in names if TERMS[name].of == "time"]
    groups: dict[Key, Sums] = {}
    notes: list[str] = []
    untold: frozenset[str] = frozenset()
    if judged := [name for name in names if name in scores.KINDS]:
        kinds = scores.told(plan)
        untold = frozenset(name for name in judged if scores.KINDS[name] not in kinds)
        if missing := sorted({scores.KINDS[name] for name in untold}):
            notes.append(f"not known: no source has brought scores of kind {', '.join(missing)} by then")
    if of_visits := [name for name in names if sums.is_of_visits(name)]:
        _merge(groups, visits.of_visits(plan, of_visits), of_visits)
    if of_offers := [name for name in names if TERMS[name].of == "offers"]:
        if plan.wants(*OFFERS_LACK):
            notes.append(cannot(request, "offers", OFFERS_LACK))
        elif not reader.rows("SELECT 1 FROM offers LIMIT 1"):
            notes.append("offers to agents are not known: no source of this store tells of them")
        else:
            _merge(groups, visits.of_offers(plan, of_offers), of_offers)
    if of_scores := [name for name in names if TERMS[name].of == "scores" and name not in untold]:
        _merge(groups, scores.of_scores(plan, of_scores), of_scores)
    reported: refusals.Reported = frozenset()
    if "refused" in names:
        reported = refusals.reported(plan)
        if plan.wants(*refusals.UNKNOWN_BY):
            notes.append(cannot(request, "refusals", refusals.UNKNOWN_BY))
            untold |= {"refused"}
        elif not reported:
            notes.append("refused: no dialplan has reported who was turned away at the door")
            untold |= {"refused"}
        else:
            _merge(groups, refusals.of_refusals(plan), ["refused"])
    if of_time:
        if plan.wants(*TIME_LACKS):
            notes.append(cannot(request, "time", TIME_LACKS))
        elif (told := staffed.sums(plan, of_time)) is not None:
            _merge(groups, told, of_time)
        else:
            notes.append("hours are not known: no source of this store tells who is logged in or paused")
    if not request.by and not groups:
        groups[()] = {}
    notes += waits.notes(groups.values(), of_wait)
    if early := lacking.before_all(reader, request, zone):
        notes.append(early)
        untold = frozenset(names)
    rows, behind = [], []
    for key in sorted(groups, key=_order):
        shown = _shown(plan, key)
        if (
            "agent" in request.by
            and (own := config.agents.get(shown[request.by.index("agent")] or ""))
            and own.hide
        ):
            continue
        found = {name: None if name in untold else _zero(name, groups[key], names) for name in names}
        if reported and not refusals.is_told(plan, key, reported):
            found["refused"] = None
        waits.untold(found, of_wait)
        rows.append((shown, tuple(value(kpi, found, config) for kpi in request.kpis)))
        behind.append(found)
    return Answer(request.by, request.kpis, rows, behind, tuple(notes))


def plan_of(reader: Reader, request: Request, config: Config, zone: ZoneInfo) -> Plan:
    """Return what all questions of a request share, its range cut to what there is."""
    begin, end = clipped(request, *span_of(reader, request))
    calendar = Calendar(
        begin, max(end, begin + 1), zone, parse_day_start(config.business_day_start), config.interval_min
    )
    people = who.read(reader, config, request.as_of, teams="team" in (*request.by, *dict(request.where)))
    return Plan(reader, request, config, calendar, people, projects_of(reader, config))


def cannot(request: Request, of: str, lacks: tuple[str, ...]) -> str:
    """Return the note that figures of a table are not known by the splits that it lacks."""
    ids = [kpi.id for kpi in request.kpis if any(TERMS[name].of == of for name in needed([kpi]))]
    return f"{', '.join(ids)}: not known by {', '.join(lacks)}, so there is none"


def _zero(name: str, found: Sums, names: list[str]) -> float | None:
    """Return a sum of a group; where its table has no row for the group nothing happened."""
    if name in found:
        return found[name]
    table = TERMS[name].of
    asked = any(other in found for other in names if TERMS[other].of == table)
    if not found and sums.is_of_visits(name):
        return None if TERMS[name].kind == "max" else 0
    unknown = table in ("time", "offers", "scores") and not asked
    return None if unknown or TERMS[name].kind == "max" else 0


def value(kpi: Entry, found: Mapping[str, float | None], config: Config) -> float | None:
    """Return the figure that these sums give; None where nothing happened or nothing is known."""
    if not kpi.top:
        return None
    top = total(kpi.top, found)
    if top is None or (kpi.unit == "money" and not _costs(config)):
        return None
    scale = {"h": 1 / 3600, "per_hour": 3600}.get(kpi.unit, 1)
    if not kpi.bottom:
        return top * scale if scale != 1 else top
    bottom = total(kpi.bottom, found)
    return None if bottom is None or bottom <= 0 else top * scale / bottom


def total(terms: Terms, found: Mapping[str, float | None]) -> float | None:
    """Return a numerator or denominator; None where a part of it is not known."""
    parts = [(factor, found.get(name)) for factor, name in terms]
    if any(part is None for _factor, part in parts):
        return None
    return sum(factor * part for factor, part in parts if part is not None)


def _costs(config: Config) -> bool:
    own = [
        *(agent.hourly_cost for agent in config.agents.values()),
        *(project.hourly_cost for project in config.projects.values()),
    ]
    return any(cost is not None for cost in (config.hourly_cost, *own))


def _merge(groups: dict[Key, Sums], more: Mapping[Key, Sums], names: list[str]) -> None:
    """Add a table's sums to the groups: what one table has and the other has not is none there."""
    for key in {*groups, *more}:
        there = groups.setdefault(key, {})
        there.update(more.get(key) or {name: None if TERMS[name].kind == "max" else 0 for name in names})


def _order(key: Key) -> tuple[tuple[bool, Any], ...]:
    return tuple((part is None, part) for part in key)


def _shown(plan: Plan, key: Key) -> Key:
    return tuple(
        part if part is None or name not in TIMES else plan.calendar.shown(name)(part)
        for name, part in zip(plan.request.by, key, strict=True)
    )


def span_of(reader: Reader, request: Request) -> tuple[int, int]:
    """Return the first and the last moment that a request can find anything at."""
    [(first, last)] = reader.rows("""
        SELECT epoch_us(min(moment)), epoch_us(max(moment)) FROM (
            SELECT min(offered_at) AS moment FROM visits UNION ALL SELECT max(offered_at) FROM visits
            UNION ALL SELECT max(ended_at) FROM visits UNION ALL SELECT max(ended_at) FROM offers
            UNION ALL SELECT min(ended_at) FROM offers
            UNION ALL SELECT min(moment) FROM refusals UNION ALL SELECT max(moment) FROM refusals
            UNION ALL SELECT min(moment) FROM scores UNION ALL SELECT max(moment) FROM scores
            UNION ALL SELECT max(moment) FROM agent_states UNION ALL SELECT min(moment) FROM agent_states)
    """)
    if first is None:
        return request.begin, request.begin
    # Time goes on in a state after it was told: up to as_of.
    return first, max(last, min(request.as_of, last + 30 * _DAY))


def projects_of(reader: Reader, config: Config) -> dict[str, str]:
    """Return the projects of queues, as sources say and as configured."""
    told = dict(
        reader.rows(
            f"SELECT queue, {PROJECT} FROM queues_known WHERE project <> '' GROUP BY queue"
        )
    )
    return told | {name: queue.project for name, queue in config.queues.items() if queue.project}
