"""Agents as the board shows them, and how many of them are in which state per queue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ccboard.clock import SECOND
from ccboard.metrics.levels import agent_level
from ccboard.metrics.people import ENGAGED, Membership, Person, State
from ccboard.metrics.scope import Scope
from ccboard.snapshot import STATES, AgentFigures

Counts = tuple[int | None, ...]


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


def figures(scope: Scope, listed: Iterable[Listed], paused_s: Mapping[str, int]) -> tuple[AgentFigures, ...]:
    """Return the list of agents by name; those that the configuration hides are left out."""
    rows = []
    for one in listed:
        person, now = one.person, one.state
        own = scope.config.agents.get(person.name)
        if own is not None and own.hide:
            continue
        state_s = None if now.since is None else max(0, scope.as_of - now.since) // SECOND
        told = [(s.last, s.team) for s in person.standings if s.team]
        rows.append(AgentFigures(
            agent=person.name,
            label=(own.label if own else None) or person.name,
            team=(own.team if own else None) or (max(told)[1] if told else None),
            state=now.state, since=now.since, state_s=state_s, reason=now.reason, queues=one.queues,
            answered=person.answered, talk_s=person.talk_s, ring_no_answer=person.ring_no_answer,
            ring_cancelled=person.ring_cancelled, paused_s=paused_s.get(person.name, 0),
            level=agent_level(scope.config, now.state, state_s, now.reason, now.in_queue),
            with_caller=now.with_caller, in_queue=now.in_queue,
        ))
    return tuple(sorted(rows, key=lambda row: row.agent))


def state_in(one: Listed, queue: str) -> str | None:
    """Return what an agent is for one queue: who is ready elsewhere but paused here cannot answer here."""
    member = one.members.get(queue)
    if member is None:
        return None
    if one.state.state in ENGAGED:
        return one.state.state
    return "paused" if member.paused else one.state.state


def count(states: Iterable[str | None], *, sees_hold: bool) -> Counts:
    """Return how many are in each of STATES; `hold` None where no source can see it."""
    found = list(states)
    return tuple(None if name == "hold" and not sees_hold else found.count(name) for name in STATES)
