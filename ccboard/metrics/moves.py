"""Who entered which state when, by person: what agents' states, pauses and the log come from.

Each person has a course: the states told, replayed in the order of their moments. It goes on from where it
was; what is told late is put in its place and the person's last minutes are replayed. What is told later than
that, from before the last frame (``Scope.frame``), makes the figures be read anew.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, TypeAlias

from ccboard.clock import SECOND
from ccboard.metrics import past
from ccboard.metrics.peak import StaleError
from ccboard.metrics.scope import Scope
from ccboard.store.mirror import Source
from ccboard.store.rows import Row, micros, stamp

MOST = 200
"""Most changes known: the log has no room for more."""
TOLD = MOST * 4
"""Most changes looked at for that: one of several queues at once is one in the log."""

FEW = 100
"""So many new changes are put in their places one by one; more are sorted with the others."""

Names: TypeAlias = Mapping[tuple[str, str], str]
"""(source, name or interface): the person, where that is another name."""


class Told(NamedTuple):
    """A row of `agent_states`, in the order in which states are replayed."""

    at: int
    seq: int
    state: str
    source: str
    agent: str
    interface: tuple[bool, str]
    """(is None, name): so that None sorts last, as DuckDB has it."""
    queue: tuple[bool, str]
    reason: str | None
    team: str | None

    @property
    def key(self) -> object:
        """Of what it is the state."""
        return self[3:7]


class Standing(NamedTuple):
    """What a person is in one queue (None: on the phone or seat itself), by one source."""

    source: str
    person: str
    queue: str | None
    state: str
    reason: str | None
    team: str | None
    since: int
    """Since when in this state for this reason."""
    last: int
    """When last told."""
    named: bool
    """False: only an interface, with no name tied to it."""


class Move(NamedTuple):
    """A person's change of state in one queue, or (queue None) in several at the same moment."""

    at: int
    person: str
    queue: str | None
    kind: str
    reason: str | None


class Stand:
    """What one person is at a moment, and how long paused since the day began."""

    __slots__ = ("paused_us", "pauses", "since", "standings")

    def __init__(self) -> None:
        self.standings: dict[tuple[str, str | None], Standing] = {}
        self.paused_us = 0
        self.pauses = 0
        """How many queues the person is paused in."""
        self.since = 0
        """Since when in any."""

    def copy(self) -> "Stand":
        """Return one of its own."""
        twin = Stand()
        twin.standings = dict(self.standings)
        twin.paused_us, twin.pauses, twin.since = self.paused_us, self.pauses, self.since
        return twin

    def feed(self, told: Told, person: str, day: int, *, named: bool) -> Move | None:
        """Take in the next state; return the log's word for it, if there is one."""
        queue = None if told.queue[0] else told.queue[1]
        key = (told.source, queue)
        before = self.standings.get(key)
        same = before is not None and before.state == told.state and before.reason == told.reason
        self.standings[key] = Standing(
            told.source, person, queue, told.state, told.reason,
            told.team or (before.team if before else None),
            before.since if same and before else told.at, told.at,
            named or (before is not None and before.named),
        )
        was = before.state if before else None
        if (told.state == "paused") != (was == "paused"):
            self._step(1 if told.state == "paused" else -1, max(told.at, day))
        if same or told.at < day or not named:
            return None
        kind = _kind(told.state, was)
        return None if kind is None else Move(told.at, person, queue, kind, told.reason)

    def _step(self, step: int, when: int) -> None:
        if self.pauses == 0:
            self.since = when
        elif self.pauses + step == 0:
            self.paused_us += when - self.since
        self.pauses += step

    def paused_s(self, as_of: int) -> int:
        """Return the whole seconds of the day up to `as_of` paused in at least one queue."""
        return (self.paused_us + (as_of - self.since if self.pauses else 0)) // SECOND


def _kind(state: str, before: str | None) -> str | None:
    """Return the log's word for a change, None where it has none."""
    if state == "paused":
        return "paused"
    if state == "ready" and before in ("paused", "offline"):
        return "ready" if before == "paused" else "online"
    if state == "offline" and before not in (None, "offline"):
        return "offline"
    return None


class Course:
    """One person's states: how it stood at the last frame, what was told since, how it stands now."""

    __slots__ = ("base", "fed", "moves", "now", "person", "told")

    def __init__(self, person: str) -> None:
        self.person = person
        self.base, self.now = Stand(), Stand()
        self.told: list[Told] = []
        self.fed = 0
        """How many of `told` are in `now`."""
        self.moves: list[tuple[Told, Move]] = []
        """What they made of the log."""


class Courses:
    """Everybody's course at one moment. `touched`: whose changed since it was last cleared."""

    def __init__(self, scope: Scope, names: Names) -> None:
        self.day = scope.day
        self.names = names
        self.settled = scope.day - 1
        """Up to here courses are closed: a state told later from before it is late."""
        self._past: dict[object, Told] = {}
        """The last state of before the day, by source, agent, interface and queue."""
        self.by_person: dict[str, Course] = {}
        self.moves: list[tuple[Told, Move]] = []
        """Of all, in order: since the last frame, and of before as many as the log can need."""
        self.touched: set[str] = set()

    def read(self, scope: Scope, revision: int) -> list[Told]:
        """Take in all states up to the frame, out of the store at a revision; return what comes after."""
        for row in past.of(scope.reader.store).before(scope, revision):
            last = _of(*row)
            self._past[last.key] = last
            self.place(last)
        told = between(scope, self.day - 1)
        frame = scope.frame
        after = next((n for n, one in enumerate(told) if one.at > frame), len(told))
        for one in told[:after]:
            self.place(one)
        self.advance(frame, self.by_person)
        self.settle(frame)
        return told[after:]

    def place(self, told: Told) -> str | None:
        """Put a state in its place; return whose it is. It counts from that person's next ``advance``."""
        raw = told.agent or told.interface[1]
        if not raw:
            return None
        if told.at <= self.settled and self.settled >= self.day:
            self._pass_over(told)
            return None
        person = self.names.get((told.source, raw), raw)
        course = self.by_person.get(person)
        if course is None:
            course = self.by_person[person] = Course(person)
        where = bisect_left(course.told, told)
        course.told.insert(where, told)
        if where < course.fed:
            self._rewind(course)
        return person

    def take_out(self, told: Told) -> str | None:
        """Take out a state that was put in its place; return whose it is."""
        raw = told.agent or told.interface[1]
        if not raw:
            return None
        if told.at <= self.settled:
            self._pass_over(told)
            return None
        person = self.names.get((told.source, raw), raw)
        course = self.by_person[person]
        where = bisect_left(course.told, told)
        if course.told[where] != told:
            raise StaleError
        del course.told[where]
        if where < course.fed:
            self._rewind(course)
        return person

    def _pass_over(self, told: Told) -> None:
        """Do nothing about a state of before a later one of before the day. Raises StaleError for any other.

        A back-fill of the past, day by day, must not have today read anew with every batch.
        """
        last = self._past.get(told.key)
        if (last is None or told.at >= self.day or told[:3] >= last[:3]
                or told.team not in (None, last.team)):
            raise StaleError

    def _rewind(self, course: Course) -> None:
        for move in course.moves:
            del self.moves[bisect_left(self.moves, move)]
        course.moves, course.fed, course.now = [], 0, course.base.copy()

    def advance(self, at: int, persons: Iterable[str]) -> None:
        """Replay these persons' states up to `at`."""
        new: list[tuple[Told, Move]] = []
        for person in persons:
            course = self.by_person[person]
            told, fed = course.told, course.fed
            while fed < len(told) and told[fed].at <= at:
                one = told[fed]
                raw = one.agent or one.interface[1]
                named = bool(one.agent) or (one.source, raw) in self.names
                move = course.now.feed(one, person, self.day, named=named)
                if move is not None:
                    course.moves.append((one, move))
                    new.append((one, move))
                fed += 1
            course.fed = fed
            self.touched.add(person)
        if len(new) < FEW:
            for entry in new:
                insort(self.moves, entry)
        else:  # a day of 20 000 agents: each in its place would move all that come after it
            self.moves += new
            self.moves.sort()

    def settle(self, at: int) -> None:
        """Close the courses up to `at`, which everybody's has reached: what lies before is not replayed."""
        self.settled = at
        for course in self.by_person.values():
            if not course.told:
                continue
            cut = 0
            while cut < course.fed and course.told[cut].at <= at:
                cut += 1
            if cut == course.fed:
                course.base, course.moves = course.now.copy(), []
            elif cut:
                for one in course.told[:cut]:
                    raw = one.agent or one.interface[1]
                    named = bool(one.agent) or (one.source, raw) in self.names
                    course.base.feed(one, course.person, self.day, named=named)
                course.moves = [move for move in course.moves if move[0].at > at]
            del course.told[:cut]
            course.fed -= cut
        past = bisect_right(self.moves, at, key=lambda move: move[0].at)
        del self.moves[:max(0, past - TOLD)]

    def changes(self) -> list[Move]:
        """Return the newest changes for the log, newest first; of several queues at once one."""
        together: dict[tuple[int, str, str, str | None], set[str | None]] = {}
        for _told_then, move in self.moves[-TOLD:]:
            together.setdefault((move.at, move.person, move.kind, move.reason), set()).add(move.queue)
        moves = [Move(at, person, next(iter(queues)) if len(queues) == 1 else None, kind, reason)
                 for (at, person, kind, reason), queues in together.items()]
        moves.sort(key=lambda move: (-move.at, move.person, move.kind, move.reason or ""))
        return moves[:MOST]


def told_of(row: Row) -> Told:
    """Return the state of a whole row, as the store's journal has it."""
    source, agent, moment, state, seq, queue, interface, reason, team = row[:9]
    return _of(source, agent, interface, queue, moment, state, seq, reason, team)


def _of(source: str, agent: str, interface: str | None, queue: str | None, moment: datetime, state: str,
        seq: int, reason: str | None, team: str | None) -> Told:
    return Told(micros(moment), seq, state, source, agent, (interface is None, interface or ""),
                (queue is None, queue or ""), reason, team)


def between(scope: Scope, since: int) -> list[Told]:
    """Return the states told after `since` and before the horizon, in order."""
    told = [_of(*row) for row in scope.rows(f"""
        SELECT source, agent, interface, queue, moment, state, seq, reason, team FROM agent_states
        WHERE moment > $since AND moment <= $horizon AND (queue IS NULL OR {scope.shows})
    """, {"since": stamp(since), "horizon": stamp(scope.horizon), **scope.shown})]
    told.sort()
    return told


def who_is_whom(scope: Scope, ties: Mapping[tuple[str, str], tuple[datetime, str]],
                sources: Mapping[str, Source]) -> Names:
    """Return the person behind each (source, name or interface) that is known under another name.

    The configuration's word counts more than what sources said.
    """
    own = {agent.interface: name for name, agent in scope.config.agents.items() if agent.interface}
    names = {(source, interface): own.get(interface) or own.get(agent, agent)
             for (source, interface), (_at, agent) in ties.items()}
    for source in sources:
        names.update({(source, interface): name for interface, name in own.items()})
    return names
