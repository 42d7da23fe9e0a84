"""Everybody on the floor at one moment, and how many are what in each queue.

Only who has something new is looked at again: a new state, call or offer, a wrap-up timer that ran out.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from ccboard.metrics import agents, people
from ccboard.metrics.agents import Line, Listed
from ccboard.metrics.moves import Courses, Standing
from ccboard.metrics.scope import Scope
from ccboard.metrics.visits import Visit
from ccboard.metrics.work import Offers, Place, Work
from ccboard.snapshot import STATES, AgentFigures
from ccboard.store.rows import micros

Later = Callable[[int, str], None]
"""Takes a moment and a person who is to be looked at then."""
Timers = Mapping[tuple[str, str], float]
"""Seconds of wrap-up by (source, queue), as far as the phone systems say."""


class Roster:
    """All persons by name. What each is made of stands in `courses`, `work` and `offers`."""

    def __init__(self, courses: Courses, work: Work, offers: Offers,
                 seen: dict[tuple[str, str], datetime]) -> None:
        self._courses, self._work, self._offers = courses, work, offers
        self._names = courses.names
        self._seen = seen
        self._made_of: dict[str, tuple[set[str], set[Place]]] = {}
        """By name: the courses, and the places of work and offers."""
        self._talks: dict[str, dict[object, Visit]] = {}
        self._listed: dict[str, Listed] = {}
        self._lines: dict[str, Line] = {}
        self._order: list[str] | None = None
        self._touched: set[str] = set()
        self.states: defaultdict[str | None, Counter[str | None]] = defaultdict(Counter, {None: Counter()})
        """By queue (None: the whole floor): how many are in each state."""
        self.sources: defaultdict[str | None, Counter[str]] = defaultdict(Counter, {None: Counter()})
        """By queue: how many are known by each source."""
        self.members_by: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """By queue: of how many members each source tells."""
        self.changed: set[str | None] = set()
        """Queues whose people changed and were not asked since."""
        self.told = False
        """Whether any source tells of agents: of queues without any a count is zero then, else unknown."""
        self._untold: Counter[str | None] = Counter()
        """By queue: how many are known from calls alone, so that nobody knows whether they are there."""

    def touch(self, name: str) -> None:
        """Have a person looked at again."""
        self._touched.add(name)

    def touch_all(self) -> None:
        """Have everybody looked at again."""
        self._touched |= self._made_of.keys() | self._talks.keys()

    def talk(self, visit: Visit, *, on: bool) -> None:
        """Note that an agent talks on a visit, or does no more."""
        name = self._name(visit.source, visit.agent or "")
        talks = self._talks.setdefault(name, {})
        if on:
            talks[visit.key] = visit
        else:
            talks.pop(visit.key, None)
            if not talks:
                del self._talks[name]
        self._touched.add(name)

    def know(self, source: str, name: str, at: datetime) -> None:
        """Note that a name or an interface was seen as an agent."""
        self._seen[source, name] = at
        if name in self._courses.by_person:
            self._touched.add(self._name(source, name))

    def _name(self, source: str, raw: str) -> str:
        return self._names.get((source, raw), raw)

    def refresh(self, scope: Scope, timers: Timers, later: Later) -> None:
        """Look again at who was touched."""
        courses = self._courses
        for person in courses.touched:
            for source in {key[0] for key in courses.by_person[person].now.standings}:
                name = self._name(source, person)
                self._made_of.setdefault(name, (set(), set()))[0].add(person)
                self._touched.add(name)
            if person in self._made_of:
                self._touched.add(person)
        for place in self._work.touched | self._offers.touched:
            name = self._name(place[0], place[1])
            self._made_of.setdefault(name, (set(), set()))[1].add(place)
            self._touched.add(name)
        for done in (courses.touched, self._work.touched, self._offers.touched):
            done.clear()
        for name in self._touched:
            self._look(scope, name, timers, later)
        self._touched.clear()
        self.told = bool(courses.by_person or self._offers.offered)

    def _look(self, scope: Scope, name: str, timers: Timers, later: Later) -> None:
        persons, places = self._made_of.get(name, ((), ()))
        work, offered = self._work.calls, self._offers.offered
        one = people.gather(
            scope, name, self._standings(scope, name, persons, later),
            {place: work[place] for place in places if place in work},
            {place: offered[place] for place in places if place in offered},
            self._talks.get(name, {}).values(),
        )
        now: Listed | None = None
        if one is not None:
            known = people.memberships(scope, one, believed=False)
            if agents.is_listed(one, known):
                members = people.memberships(scope, one, believed=True) if scope.dark & one.sources else known
                state = people.state_of(scope, one, members, timers)
                if state.until is not None:
                    later(state.until, name)
                place = scope.config.queue
                now = Listed(one, state, members,
                             tuple(sorted(known, key=lambda queue: (place(queue).order, queue))))
        before = self._listed.get(name)
        if before is not None:
            self._count(before, -1)
        if now is not None:
            self._count(now, 1)
        if (before is None) != (now is None):
            self._order = None
        if now is None:
            self._listed.pop(name, None)
            self._lines.pop(name, None)
        else:
            self._listed[name] = now
            self._lines[name] = Line(scope, now, self._courses.by_person.get(name))

    def _standings(self, scope: Scope, name: str, persons: Iterable[str], later: Later) -> list[Standing]:
        """Return what a person was told to be; an interface that was never seen as an agent is nobody."""
        found = []
        for person in persons:
            for (source, _queue), standing in self._courses.by_person[person].now.standings.items():
                if self._name(source, person) != name:
                    continue
                if not standing.named:
                    seen = self._seen.get((source, person))
                    if seen is None:
                        continue
                    if micros(seen) > scope.as_of:
                        later(micros(seen), name)
                        continue
                found.append(standing)
        return found

    def _count(self, one: Listed, sign: int) -> None:
        """Count a person into the queues, or (sign -1) out of them."""
        for queue in (None, *one.members):
            state = one.state.state if queue is None else agents.state_in(one, queue)
            self.states[queue][state] += sign
            sources = self.sources[queue]
            for source in one.person.sources:
                sources[source] += sign
            self._untold[queue] += sign * (not one.person.told)
            self.changed.add(queue)
        for standing in one.person.standings:
            if standing.queue is not None and standing.state != "offline":
                self.members_by[standing.queue][standing.source] += sign
                self.changed.add(standing.queue)

    def rows(self, scope: Scope) -> tuple[AgentFigures, ...]:
        """Return the list of agents by name; those that the configuration hides are left out."""
        if self._order is None:
            hidden = {name for name, agent in scope.config.agents.items() if agent.hide}
            self._order = sorted(self._lines.keys() - hidden)
        lines, as_of = self._lines, scope.as_of
        return tuple([lines[name].row(as_of) for name in self._order])

    def count(self, queue: str | None, *, sees_hold: bool) -> tuple[int | None, ...]:
        """Return how many are in each of STATES; `hold` None where no source can see it.

        Where no source tells of agents only who talks or wraps up is known; of others there is no number.
        """
        states = self.states.get(queue) or Counter[str | None]()
        people = sum(states.values())
        told = people > self._untold[queue] if people else self.told
        unknown = frozenset[str]() if told else _ONLY_TOLD
        return tuple(None if (name in unknown and not states.get(name)) or (name == "hold" and not sees_hold)
                     else states.get(name, 0) for name in STATES)


_ONLY_TOLD = frozenset({"ready", "ringing", "busy", "paused", "offline"})
"""States that a call does not show."""
