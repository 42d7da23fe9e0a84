"""Agents as the board shows them: what is found out of one, and the row that it makes at a moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ccboard.clock import SECOND
from ccboard.limits import Limit
from ccboard.metrics.levels import agent_limit, rising
from ccboard.metrics.moves import Course
from ccboard.metrics.people import ENGAGED, Membership, Person, State
from ccboard.metrics.scope import Scope
from ccboard.snapshot import AgentFigures


@dataclass(frozen=True, slots=True)
class Listed:
    """One agent of this board with all that was found out."""

    person: Person
    state: State
    members: Mapping[str, Membership]
    """Queues by sources that are to be believed now."""
    queues: tuple[str, ...]
    """Queues as last known."""


def is_listed(one: Person, queues: Iterable[str]) -> bool:
    """Tell whether a person belongs on the board: seen today, a member now, or on a seat without queues."""
    if one.seen_today or any(True for _queue in queues):
        return True
    seats = [s for s in one.standings if s.queue is None]
    return len(seats) == len(one.standings) and any(s.state not in ("offline", "unknown") for s in seats)


class Line:
    """An agent's row: what stays until something happens is made once, the rest at each moment."""

    __slots__ = ("_fixed", "_head", "_limit", "_paused_s", "_row", "_since", "_stand", "_tail")

    def __init__(self, scope: Scope, one: Listed, course: Course | None) -> None:
        person, now = one.person, one.state
        own = scope.config.agents.get(person.name)
        told = [(s.last, s.team) for s in person.standings if s.team]
        self._since = now.since
        self._limit: Limit | None = agent_limit(scope, now.state, now.reason, now.in_queue or now.after)
        self._head = (person.name, (own.label if own else None) or person.name,
                      (own.team if own else None) or (max(told)[1] if told else None), now.state, now.since)
        self._fixed = (now.reason, one.queues, person.answered, person.talk_us / 1e6, person.ring_no_answer,
                       person.ring_cancelled)
        self._tail = (now.with_caller, now.in_queue)
        self._stand = course.now if course is not None and course.now.pauses else None
        """Where the time paused goes on."""
        self._paused_s = course.now.paused_s(0) if course is not None and self._stand is None else 0
        self._row: AgentFigures | None = None

    def row(self, as_of: int) -> AgentFigures:
        """Return the row at a moment; the same one again where nothing in it changed."""
        since, row = self._since, self._row
        state_s = None if since is None else (as_of - since) // SECOND if as_of > since else 0
        paused_s = self._paused_s if self._stand is None else self._stand.paused_s(as_of)
        if row is None or row[5] != state_s or row[12] != paused_s:
            level = "" if self._limit is None else rising(state_s, self._limit)
            row = self._row = _row(AgentFigures, (
                *self._head, state_s, *self._fixed, paused_s, level, *self._tail))
        return row


_row = tuple.__new__  # AgentFigures._make without its check of the length, five hundred times a second
assert AgentFigures._fields.index("state_s") == 5
assert AgentFigures._fields.index("paused_s") == 12


def state_in(one: Listed, queue: str) -> str | None:
    """Return what an agent is for one queue: who is ready elsewhere but paused here cannot answer here."""
    member = one.members.get(queue)
    if member is None:
        return None
    if one.state.state in ENGAGED:
        return one.state.state
    return "paused" if member.paused else one.state.state
