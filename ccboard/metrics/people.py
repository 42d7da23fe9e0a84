"""From what sources say to persons: every agent once, with one state, in as many queues as there are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ccboard.clock import SECOND
from ccboard.metrics.moves import Standing
from ccboard.metrics.scope import Scope
from ccboard.metrics.visits import Visit
from ccboard.metrics.work import Calls, Offered, Place

ENGAGED = frozenset({"talking", "hold", "ringing", "wrap_up", "busy"})
"""States that hold in every queue of an agent, wherever the call came from."""


@dataclass(slots=True)
class Person:
    """All that is known of one agent at as_of."""

    name: str
    sources: set[str] = field(default_factory=set)
    standings: list[Standing] = field(default_factory=list)
    touches: dict[tuple[str, str], int] = field(default_factory=dict)
    """(source, queue): last answer or offer there today, which shows a member."""
    talks: list[Visit] = field(default_factory=list)
    rings: list[tuple[int, str]] = field(default_factory=list)
    elsewhere: list[int] = field(default_factory=list)
    """Since when on calls of queues that are not shown."""
    ends: list[tuple[int, str, str]] = field(default_factory=list)
    """(moment, source, queue) of the last end of a call, per source and queue."""
    ring_ends: list[int] = field(default_factory=list)
    answered: int = 0
    talk_us: int = 0
    ring_no_answer: int = 0
    ring_cancelled: int = 0
    seen_today: bool = False
    told: bool = False
    """Whether a source tells of states or offers: who is known from calls alone may be anything between."""


@dataclass(frozen=True, slots=True)
class State:
    """What a person is at as_of."""

    state: str | None
    since: int | None = None
    reason: str | None = None
    in_queue: str | None = None
    with_caller: str | None = None
    until: int | None = None
    """When time alone ends it."""
    after: str | None = None
    """In wrap-up: the queue of the call that it is for, where that is known."""


@dataclass(frozen=True, slots=True)
class Membership:
    """What a person is in one queue: paused or not, since when, for which reason."""

    paused: bool
    since: int
    reason: str | None = None


def gather(scope: Scope, name: str, standings: Iterable[Standing], calls: Mapping[Place, Calls],
           offers: Mapping[Place, Offered], visits: Iterable[Visit]) -> Person | None:
    """Return one person out of what is known of it, None where that is nobody of this board.

    `standings`: of names and of interfaces that are known to be an agent's; `visits`: those being talked on.
    """
    one, here = Person(name), False
    shows = scope.config.shows
    for standing in standings:
        one.sources.add(standing.source)
        one.standings.append(standing)
        one.told = True
        one.seen_today |= standing.last >= scope.day
        here = True
    for (source, _agent, queue), call in calls.items():
        here = True
        one.sources.add(source)
        one.answered += call.today.n
        one.talk_us += call.talk_us
        if call.last_answer >= scope.day:
            _touch(one, source, queue, call.last_answer)
        end = call.last_end
        if end is not None:
            one.ends.append((end, source, queue))
            one.seen_today |= end >= scope.day
    one.told |= bool(offers)
    for (source, _agent, queue), offer in offers.items():
        ringing = offer.ringing_since
        if not shows(queue):
            if ringing is not None:
                one.elsewhere.append(ringing)
            continue
        here = True
        one.sources.add(source)
        one.ring_no_answer += offer.ring_no_answer
        one.ring_cancelled += offer.ring_cancelled
        if offer.last_start >= scope.day:
            _touch(one, source, queue, offer.last_start)
        if offer.last_ring_end is not None:
            one.ring_ends.append(offer.last_ring_end)
        if ringing is not None and source not in scope.dark:
            one.rings.append((ringing, queue))
    for visit in visits:
        if visit.source in scope.dark:
            continue
        if shows(visit.queue):
            here = True
            one.sources.add(visit.source)
            one.talks.append(visit)
            one.seen_today = True
        elif visit.answered_at is not None:
            one.elsewhere.append(visit.answered_at)
    return one if here else None


def _touch(one: Person, source: str, queue: str, at: int) -> None:
    one.touches[source, queue] = max(at, one.touches.get((source, queue), at))
    one.seen_today = True


def memberships(scope: Scope, one: Person, *, believed: bool) -> dict[str, Membership]:
    """Return the queues that a person is a member of; `believed`: by sources that are not dark.

    A log need not say who is a member: whoever was offered a call in a queue today, after being told to
    have left it or without ever being told anything, is one. Two sources that know the same
    queue differently: not paused counts, for calls do come.
    """
    told = {(s.source, s.queue): s for s in one.standings if s.queue is not None}
    result: dict[str, Membership] = {}
    for source, queue in sorted({*told, *one.touches}):
        if believed and source in scope.dark:
            continue
        standing, touch = told.get((source, queue)), one.touches.get((source, queue))
        if standing is None or standing.state == "offline":
            if touch is None or (standing is not None and touch <= standing.since):
                continue
            found = Membership(False, touch)
        else:
            found = Membership(standing.state == "paused", standing.since, standing.reason)
        before = result.get(queue)
        if before is None or (before.paused and not found.paused):
            result[queue] = found
    return result


def state_of(scope: Scope, one: Person, members: Mapping[str, Membership],
             timers: Mapping[tuple[str, str], float]) -> State:
    """Return the first state that holds: on a call (hold told apart), ringing, wrap-up, busy, paused, ...

    `timers`: seconds of wrap-up by (source, queue), as far as the phone system says.
    """
    if one.sources <= scope.dark:
        return State(None)
    seats = [s for s in one.standings if s.queue is None and s.source not in scope.dark]
    seat = max(seats, key=lambda s: (s.since, s.last, s.source), default=None)
    seat_state = seat.state if seat else None
    if one.talks:
        talk = max(one.talks, key=lambda visit: (visit.answered_at or 0, visit.call))
        since = talk.answered_at or talk.offered_at
        if seat is not None and seat_state == "hold" and seat.since >= since:
            return State("hold", seat.since, None, talk.queue, talk.caller)
        return State("talking", since, None, talk.queue, talk.caller)
    if seat is not None and seat_state in ("talking", "hold"):
        return State(seat_state, seat.since)
    if one.rings:
        since, queue = max(one.rings)
        return State("ringing", since, None, queue)
    if seat is not None and seat_state == "ringing":
        return State("ringing", seat.since)
    wrap_end = None
    if one.ends:
        ended, source, queue = max(one.ends)
        wrap_end = ended + int(wrap_up_s(scope, source, queue, timers) * SECOND)
        if wrap_end > scope.as_of:
            return State("wrap_up", ended, until=wrap_end, after=queue)
    if seat is not None and seat_state in ("wrap_up", "busy"):
        return State(seat_state, seat.since, after=max(one.ends)[2] if one.ends else None)
    if one.elsewhere:
        return State("busy", max(one.elsewhere))
    if members and all(member.paused for member in members.values()):
        last = max(members.values(), key=lambda member: (member.since, member.reason or ""))
        return State("paused", last.since, last.reason)
    if seat is not None and seat_state == "paused":
        return State("paused", seat.since, seat.reason)
    if seat is not None and seat_state == "offline":
        return State("offline", seat.since)
    if not one.told:
        return State("unknown")
    free = [member.since for member in members.values() if not member.paused]
    left = [s.since for s in one.standings if s.queue is not None and s.source not in scope.dark]
    if free or (seat is not None and seat_state == "ready" and not left):
        causes = [min(free)] if free else []
        causes += [seat.since] if seat is not None and seat_state == "ready" else []
        causes += [end for end in (wrap_end, *one.ring_ends) if end is not None]
        return State("ready", max(causes))
    if left:
        return State("offline", max(left))
    return State("unknown", seat.since if seat is not None else None)


def wrap_up_s(scope: Scope, source: str, queue: str, timers: Mapping[tuple[str, str], float]) -> float:
    """Return the length of a queue's wrap-up timer: as configured, else as its system says, else none."""
    own = scope.config.queue(queue).wrap_up_s
    return timers.get((source, queue), 0.0) if own is None else own
