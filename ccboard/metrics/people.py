"""From what sources say to persons: every agent once, with one state, in as many queues as there are."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from ccboard.clock import SECOND
from ccboard.metrics.calls import OpenVisit
from ccboard.metrics.moves import Standing
from ccboard.metrics.scope import Scope
from ccboard.metrics.work import Calls, Offers

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
    talks: list[OpenVisit] = field(default_factory=list)
    rings: list[tuple[int, str]] = field(default_factory=list)
    elsewhere: list[int] = field(default_factory=list)
    """Since when on calls of queues that are not shown."""
    ends: list[tuple[int, str, str]] = field(default_factory=list)
    """(moment, source, queue) of the last end of a call, per source and queue."""
    ring_ends: list[int] = field(default_factory=list)
    answered: int = 0
    talk_s: float = 0.0
    ring_no_answer: int = 0
    ring_cancelled: int = 0
    seen_today: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """What a person is at as_of."""

    state: str | None
    since: int | None = None
    reason: str | None = None
    in_queue: str | None = None
    with_caller: str | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """What a person is in one queue: paused or not, since when, for which reason."""

    paused: bool
    since: int
    reason: str | None = None


def gather(scope: Scope, standings: Iterable[Standing], visits: list[OpenVisit], calls: list[Calls],
           offers: list[Offers], names: Mapping[tuple[str, str], str],
           known: Collection[tuple[str, str]]) -> dict[str, Person]:
    """Return everybody by name. `names`: who is known under another; `known`: interfaces seen as agents.

    An interface that no name is tied to and that was never an agent on a call or a pause is nobody.
    """
    people: dict[str, Person] = {}
    shows = scope.config.shows

    def person(source: str, raw: str) -> Person:
        name = names.get((source, raw), raw)
        found = people.get(name)
        if found is None:
            found = people[name] = Person(name)
        found.sources.add(source)
        return found

    for standing in standings:
        if standing.named or (standing.source, standing.person) in known:
            one = person(standing.source, standing.person)
            one.standings.append(standing)
            one.seen_today |= standing.last >= scope.day
    for call in calls:
        if not shows(call.queue):
            continue
        one = person(call.source, call.agent)
        one.answered += call.answered
        one.talk_s += call.talk_s
        if call.last_answer >= scope.day:
            _touch(one, call.source, call.queue, call.last_answer)
        if call.last_end is not None:
            one.ends.append((call.last_end, call.source, call.queue))
            one.seen_today |= call.last_end >= scope.day
    for offer in offers:
        if not shows(offer.queue):
            if offer.ringing_since is not None:
                _known(people, names, offer.source, offer.agent).elsewhere.append(offer.ringing_since)
            continue
        one = person(offer.source, offer.agent)
        one.ring_no_answer += offer.ring_no_answer
        one.ring_cancelled += offer.ring_cancelled
        if offer.last_start >= scope.day:
            _touch(one, offer.source, offer.queue, offer.last_start)
        if offer.last_ring_end is not None:
            one.ring_ends.append(offer.last_ring_end)
        if offer.ringing_since is not None and offer.source not in scope.dark:
            one.rings.append((offer.ringing_since, offer.queue))
    for visit in visits:
        if visit.answered_at is None or not visit.agent or visit.source in scope.dark:
            continue
        if shows(visit.queue):
            one = person(visit.source, visit.agent)
            one.talks.append(visit)
            one.seen_today = True
        else:
            _known(people, names, visit.source, visit.agent).elsewhere.append(visit.answered_at)
    return people


def _touch(one: Person, source: str, queue: str, at: int) -> None:
    one.touches[source, queue] = max(at, one.touches.get((source, queue), at))
    one.seen_today = True


def _known(people: dict[str, Person], names: Mapping[tuple[str, str], str], source: str, raw: str) -> Person:
    """Return a person who is on this board already, else one who is thrown away."""
    return people.get(names.get((source, raw), raw)) or Person(raw)


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
            return State("wrap_up", ended)
    if seat is not None and seat_state in ("wrap_up", "busy"):
        return State(seat_state, seat.since)
    if one.elsewhere:
        return State("busy", max(one.elsewhere))
    if members and all(member.paused for member in members.values()):
        last = max(members.values(), key=lambda member: (member.since, member.reason or ""))
        return State("paused", last.since, last.reason)
    if seat is not None and seat_state == "paused":
        return State("paused", seat.since, seat.reason)
    if seat is not None and seat_state == "offline":
        return State("offline", seat.since)
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
