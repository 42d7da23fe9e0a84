"""Coaching as people noted it: cases folded from actions, each a pure function of what was done by as_of.

A case is about one unit and one figure ("*": its fluctuation) from ``coach_open`` until ``coach_done``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.figures.people import read as read_people
from ccboard.store.reader import Reader
from ccboard.store.rows import micros, stamp

PREFIX: Final = "tail:"
KINDS: Final = ("coach_open", "coach_start", "coach_note", "coach_recheck", "coach_done")
"""What may be done, as the kinds of ``Action``."""
BEFORE: Final = 60 * 86_400 * SECOND
"""So long before the oldest case its work is looked for."""
ANY: Final = "*"
"""What stands for a figure where the results as a whole are meant."""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence that somebody wrote."""

    at: int
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `state`: open, coaching, recheck, done. `started_at`: when the coaching began."""

    kpi: str
    by: str
    unit: str
    state: str
    opened_at: int
    opened_by: str
    changed_at: int
    started_at: int | None = None
    recheck_at: int | None = None
    done_at: int | None = None
    notes: tuple[Note, ...] = field(default=())

    @property
    def about(self) -> str:
        """What actions about this case name."""
        return about(self.kpi, self.by, self.unit)

    @property
    def since(self) -> int:
        """From when on an effect may be looked for: the beginning of the coaching, else of the case."""
        return self.opened_at if self.started_at is None else self.started_at


def about(kpi: str, by: str, unit: str) -> str:
    """Return what an action about a unit and a figure names.

    >>> about("aht", "agent", "Wang: Fang"), parts("tail:aht:agent:Wang: Fang")
    ('tail:aht:agent:Wang: Fang', ('aht', 'agent', 'Wang: Fang'))
    """
    return f"{PREFIX}{kpi}:{by}:{unit}"


def parts(text: str) -> tuple[str, str, str] | None:
    """Return (figure, grouping, unit) of what an action is about; None where it is something else."""
    found = text.removeprefix(PREFIX).split(":", 2) if text.startswith(PREFIX) else []
    return (found[0], found[1], found[2]) if len(found) == 3 and all(found) else None


Act = tuple[int, str, str, str, int | None, str | None]
"""(moment, kind, about, who, until, note), in the order in which they were done."""


def read(reader: Reader, as_of: int) -> tuple[Case, ...]:
    """Return all cases by as_of, in the order of their beginning."""
    rows = reader.rows(
        "SELECT moment, kind, about, who, until, note FROM actions WHERE moment <= $as_of"
        " AND starts_with(about, 'tail:') ORDER BY moment, key", {"as_of": stamp(as_of)})
    return fold((micros(at), kind, text, who, None if until is None else micros(until), note)
                for at, kind, text, who, until, note in rows)


def read_of(reader: Reader, config: Config, as_of: int) -> tuple[Case, ...]:
    """Return the cases by as_of of which a viewer of the configuration's queues may know; of nobody hidden.

    An action names no queue: a case is of a queue whose calls its agent, team or type had (or of which the
    agent was a member) up to ``BEFORE`` before the oldest case. Only viewers of some queues
    pay for finding out, and of types alone where queues are hidden.
    """
    hidden = {name for name, agent in config.agents.items() if agent.hide}
    cases = tuple(case for case in read(reader, as_of) if case.by != "agent" or case.unit not in hidden)
    unseen = sorted(name for name, queue in config.queues.items() if queue.hide)
    if not cases or not (config.only_queues or unseen):
        return cases
    since = stamp(min(case.opened_at for case in cases) - BEFORE)
    if not config.only_queues:
        if not any(case.by == "type" for case in cases):
            return cases
        params = {"hidden": unseen, "as_of": stamp(as_of), "since": since}
        theirs = _types(reader, "list_contains($hidden::VARCHAR[], queue)", params).union(unseen)
        gone = theirs - _types(reader, "NOT list_contains($hidden::VARCHAR[], queue)", params)
        return tuple(case for case in cases if case.by != "type" or case.unit not in gone)
    params = {"only": [name for name in config.only_queues if config.shows(name)], "as_of": stamp(as_of),
              "since": since}
    here = "list_contains($only::VARCHAR[], queue)"
    people = read_people(reader, config, as_of, teams=True)
    agents = {people.name(source, raw) for source, raw in reader.rows(f"""
        SELECT source, agent FROM visits
        WHERE agent <> '' AND offered_at >= $since AND answered_at <= $as_of AND {here}
        UNION SELECT source, coalesce(nullif(agent, ''), interface) AS raw FROM agent_states
        WHERE raw <> '' AND moment >= $since AND moment <= $as_of AND {here}
    """, params)}
    types = _types(reader, here, params)
    units: dict[str, set[str | None]] = {
        "agent": {*agents}, "team": {people.teams.get(name) for name in agents}, "type": {*types}}
    return tuple(case for case in cases if case.unit in units.get(case.by, ()))


def _types(reader: Reader, here: str, params: Mapping[str, object]) -> set[str]:
    """Return the types that calls of some queues had; of a call without one its queue's name."""
    return {name for kind, queue in reader.rows(f"""
        SELECT DISTINCT coalesce(business_type, ''), queue FROM visits
        WHERE offered_at >= $since AND offered_at <= $as_of AND {here}""", params)
        for name in ((kind, f"{kind} ({queue})") if kind else (queue,))}


def fold(acts: Iterable[Act]) -> tuple[Case, ...]:
    """Return the cases that actions make. What is said about a case that nobody opened opens it."""
    done: list[Case] = []
    running: dict[str, Case] = {}
    for at, kind, text, who, until, note in acts:
        where = parts(text)
        if kind not in KINDS or where is None:
            continue
        case = running.get(text)
        if case is None:
            if kind == "coach_done":
                continue
            case = Case(*where, state="open", opened_at=at, opened_by=who, changed_at=at)
        if kind == "coach_start":
            case = replace(case, state="coaching", started_at=case.started_at or at)
        elif kind == "coach_recheck":
            case = replace(case, state="recheck", recheck_at=until, started_at=case.started_at or at)
        elif kind == "coach_done":
            case = replace(case, state="done", done_at=at)
        if note:
            case = replace(case, notes=(*case.notes, Note(at, who, note)))
        case = replace(case, changed_at=at)
        if case.state == "done":
            done.append(case)
            running.pop(text, None)
        else:
            running[text] = case
    return tuple(sorted([*done, *running.values()], key=lambda c: (c.opened_at, c.about)))
