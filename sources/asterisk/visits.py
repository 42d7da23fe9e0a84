"""Visits as known so far, from queue_log, the manager interface (AMI) or both.

A visit is (call, queue, nth entry of that call in that queue). The log counts its own entries, so its
nth entry is visit nth, whether AMI had made that visit before or not; AMI attaches to what the log made
when it hears of a caller second. What the log has said of a stage (entered, connected, ended) stands;
what AMI says of it stands until then. So with both the final visits are the log's, second for second.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from ccboard.clock import SECOND
from ccboard.records import Contact, OfferResult, Outcome
from ccboard.source import Keep, keep_all

ENTERED: Final = 1
CONNECTED: Final = 2
ENDED: Final = 3

LOG_FACT: Final = 1_000
"""What a fact of the log adds to a visit's version; one of AMI adds 1: the log always outweighs AMI."""

KEEP_CONFIRMED_S: Final = 60
"""How long an ended visit is kept for late facts about it, once its authority has spoken."""
KEEP_UNCONFIRMED_S: Final = 600
"""The same while a log is read and has not yet said the end."""
MAX_VISITS: Final = 20_000
MAX_CLOSED: Final = MAX_VISITS // 4
COUNTED_S: Final = 7_200
"""Calls whose visits are over stay counted for so long, in case they enter the same queue again (also one
that a redirection made look hung up). The moments of the visits say so, not how many lines came."""
MAX_COUNTED: Final = 50_000
"""They lie in two generations of at most so many calls (15 MB each): more than a large centre has by then."""
KEPT_COUNTED: Final = 4_000
"""So many of them, the latest, go into a kept state: it is written with every commit."""
MAX_RINGS: Final = 64
"""Ended rings of one visit that are kept to be matched (a queue that rings all may make thousands)."""


@dataclass(slots=True, eq=False)
class Ring:
    """A phone that rings, or rang, for a visit."""

    agent: str
    interface: str | None
    started_at: int
    ended_at: int | None = None
    ring_s: float | None = None
    result: OfferResult | None = None
    nth: int = 1
    begun: bool = False  # AMI heard it begin, so that its moments are AMI's
    log: bool = False  # the log has said its end
    ami: bool = False  # AMI has said its end


@dataclass(slots=True, eq=False)
class Visit:
    """One visit; `log` and `ami` say which stage each of the two has told."""

    call: str
    queue: str
    nth: int
    offered_at: int
    answered_at: int | None = None
    ended_at: int | None = None
    outcome: Outcome | None = None
    agent: str | None = None
    interface: str | None = None
    channel: str | None = None  # unique id of the agent's channel
    position: int | None = None
    ring_s: int | None = None
    wait_s: int | None = None
    talk_s: int | None = None
    transfer: Literal["blind", "attended"] | None = None
    ended_by: Literal["caller", "agent", "transfer"] | None = None
    caller: str | None = None
    caller_key: str | None = None  # only where the number in full is not known: it was in a kept state
    caller_name: str | None = None
    version: int = 0
    log: int = 0
    ami: int = 0
    guessed: bool = False  # the log began after its entry: the moment follows from the wait
    listed: bool = False  # made from a list; the event of its entry may still come
    left_at: int | None = None  # AMI: left the queue, why is not known yet
    missing_at: int | None = None  # AMI: a list did not have it any more
    closed: int = 0  # the reducer's clock when it ended
    counts: dict[str, int] = field(default_factory=dict)  # ended rings by "result agent"
    rings: list[Ring] = field(default_factory=list)

    @property
    def waiting(self) -> bool:
        """In the queue now."""
        return self.outcome is None

    @property
    def talking(self) -> bool:
        """With an agent now."""
        return self.outcome == "answered" and self.ended_at is None

    @property
    def open(self) -> bool:
        """Waiting or talking."""
        return self.ended_at is None

    def record(self, source: str) -> Contact:
        """Return the visit as a record."""
        return Contact(
            source=source,
            call=self.call,
            queue=self.queue,
            nth=self.nth,
            version=self.version,
            offered_at=self.offered_at,
            answered_at=self.answered_at,
            ended_at=self.ended_at,
            outcome=self.outcome,
            agent=self.agent,
            position=self.position,
            ring_s=self.ring_s,
            wait_s=self.wait_s,
            talk_s=self.talk_s,
            transfer=self.transfer,
            ended_by=self.ended_by,
            caller=self.caller,
            caller_key=self.caller_key,
            caller_name=self.caller_name,
        )


@dataclass(slots=True, eq=False)
class Thread:
    """All visits of one call to one queue: how many there were, and those still in memory."""

    total: int = 0
    log: int = 0  # entries that the log has told
    over: int = 0  # when the latest of those that are no longer in memory ended
    visits: list[Visit] = field(default_factory=list)


_Counted: TypeAlias = dict[tuple[str, str], tuple[int, int, int]]
Spare: TypeAlias = tuple[str, str, int, int]
"""Call, queue, how many visits there were, and how many of them the log has told."""


class Visits:
    """The visits in memory, by call and queue, and who talks to whom."""

    def __init__(self, keep: Keep = keep_all) -> None:
        self._keep = keep
        self._threads: dict[tuple[str, str], Thread] = {}  # with visits in memory
        self._counted: _Counted = {}  # without: how many there were, and when the last was over
        self._counted_before: _Counted = {}  # the older generation
        self._turned = 0  # when it became that
        self._open: dict[tuple[str, str, int], Visit] = {}
        self._closed: dict[tuple[str, str, int], Visit] = {}
        self._talks: dict[tuple[str, str], list[Visit]] = {}  # by queue and interface, oldest first

    def __iter__(self) -> Iterator[Visit]:
        """All visits in memory."""
        yield from self._open.values()
        yield from self._closed.values()

    def open(self) -> list[Visit]:
        """Return those waiting or talking, oldest known first."""
        return list(self._open.values())

    def thread(self, call: str, queue: str, at: int) -> Thread:
        """Return what is known of a call in a queue at a moment (an empty thread, not kept, if nothing)."""
        key = (call, queue)
        if thread := self._threads.get(key):
            return thread
        counted = self._counted.get(key) or self._counted_before.get(key)
        return Thread() if counted is None or at - counted[2] > COUNTED_S * SECOND else Thread(*counted)

    def in_memory(self, call: str, queue: str) -> list[Visit]:
        """Return the visits of a call in a queue that are open or ended a moment ago."""
        thread = self._threads.get((call, queue))
        return [] if thread is None else thread.visits

    # -- the log's entries ---------------------------------------------------------------------------

    def enter_by_log(self, call: str, queue: str, at: int) -> Visit:
        """Return the visit of the log's next entry of `call` into `queue`, made if AMI had not."""
        thread = self._threads.setdefault((call, queue), self.thread(call, queue, at))
        thread.log += 1
        thread.total = max(thread.total, thread.log)
        for visit in thread.visits:
            if visit.nth == thread.log:
                return visit
        return self._make(thread, call, queue, thread.log, at)

    def of_log(self, call: str, queue: str) -> Visit | None:
        """Return the visit that the log speaks of now: the one of its latest entry."""
        thread = self._threads.get((call, queue))
        for visit in reversed([] if thread is None else thread.visits):
            if thread is not None and visit.nth == thread.log:
                return visit
        return None

    def known(self) -> list[tuple[str, str]]:
        """Return the calls and queues of which anything is remembered."""
        return [*self._threads, *self._counted, *self._counted_before]

    def count(self, over: Iterable[tuple[str, str, int]]) -> None:
        """Remember that these calls were in these queues, each once, and when that was over."""
        self._counted.update(((call, queue), (1, 1, at)) for call, queue, at in over)

    def spare(self, clock: int) -> list[Spare]:
        """Return the calls that are counted and no longer in memory, those that were over last at the end."""
        counted = self._lately(clock)
        return [(*key, *counted[key][:2]) for key in sorted(counted, key=lambda key: (counted[key][2], key))]

    def recall(self, spare: Iterable[Spare], clock: int) -> None:
        """Take what `spare` gave; it counts as over at `clock`, the moment of the state it belongs to."""
        for call, queue, total, log in spare:
            self._counted[call, queue] = (total, log, clock)

    def _lately(self, clock: int) -> _Counted:
        """Return what of the counted is worth keeping: a call that enters from now on may have been there."""
        both = {**self._counted_before, **self._counted}
        lately = {key: one for key, one in both.items()
                  if key not in self._threads and clock - one[2] <= COUNTED_S * SECOND}
        if len(lately) > KEPT_COUNTED:
            latest = sorted(lately, key=lambda key: (lately[key][2], key))[-KEPT_COUNTED:]
            lately = {key: lately[key] for key in latest}
        return lately

    # -- AMI's entries -------------------------------------------------------------------------------

    def enter_by_ami(self, call: str, queue: str, at: int) -> Visit:
        """Return the visit of an entry that AMI tells of: one that the log made, or a new one."""
        thread = self._threads.setdefault((call, queue), self.thread(call, queue, at))
        for visit in thread.visits:
            near = abs(visit.offered_at - at) <= 3 * SECOND
            if (visit.listed and near) or (visit.ami < ENTERED and (near or visit.waiting)):
                visit.listed = False
                return visit
        thread.total += 1
        return self._make(thread, call, queue, thread.total, at)

    def of_ami(self, call: str, queue: str, stage: int) -> Visit | None:
        """Return the visit of which AMI may now tell `stage`, an open one first."""
        visits = [v for v in self.in_memory(call, queue) if v.ami < stage]
        for visit in reversed(visits):
            if visit.log < ENDED:
                return visit
        return visits[-1] if visits else None

    def _make(self, thread: Thread, call: str, queue: str, nth: int, at: int) -> Visit:
        visit = Visit(call=call, queue=queue, nth=nth, offered_at=at)
        thread.visits.append(visit)
        thread.visits.sort(key=lambda v: v.nth)
        self._open[call, queue, nth] = visit
        return visit

    # -- talks ---------------------------------------------------------------------------------------

    def talk_begins(self, visit: Visit, interface: str, channel: str | None) -> None:
        """Remember who talks: events about the end of a talk may name nobody but the member."""
        visit.interface = interface
        visit.channel = channel
        talks = self._talks.setdefault((visit.queue, interface), [])
        if visit not in talks:
            talks.append(visit)

    def talk_of(
        self, queue: str, interface: str, call: str | None, channel: str | None, hold: int | None
    ) -> Visit | None:
        """Return the talk of a member that an event means, by whatever of its ids it has."""
        talks = self._talks.get((queue, interface), [])
        for visit in talks:
            if (call and visit.call == call) or (channel and visit.channel == channel):
                return visit
        if call:
            return None  # a caller that we know nothing of
        return min(talks, key=lambda v: (v.wait_s != hold, v.log == ENDED), default=None)

    def talk_ends(self, visit: Visit) -> None:
        """Forget that this member talks to this caller."""
        if visit.interface is None:
            return
        talks = self._talks.get((visit.queue, visit.interface))
        if talks and visit in talks:
            talks.remove(visit)
            if not talks:
                del self._talks[visit.queue, visit.interface]

    # -- forgetting ----------------------------------------------------------------------------------

    def file(self, visit: Visit, clock: int) -> None:
        """Put a visit where it belongs after a change: among the open ones or the ended ones."""
        key = (visit.call, visit.queue, visit.nth)
        if visit.open:
            if self._closed.pop(key, None):
                self._open[key] = visit
        elif self._open.pop(key, None):
            visit.closed = clock
            self._closed[key] = visit

    @property
    def crowded(self) -> bool:
        """Whether there are far more than may stay: time to forget, however early."""
        return len(self._closed) > 2 * MAX_CLOSED or len(self._open) > 2 * MAX_VISITS

    def forget(self, clock: int, log: bool) -> list[Visit]:
        """Drop what is too old to be needed; return open visits that had to go to keep memory bounded."""
        for visit in list(self._closed.values()):
            known = visit.log == ENDED or not log
            age = (clock - visit.closed) // SECOND
            if age >= (KEEP_CONFIRMED_S if known else KEEP_UNCONFIRMED_S):
                self._drop(visit)
        # Copies: the first of a dict that loses its first ones again and again is looked for ever longer.
        for visit in list(self._closed.values())[: max(0, len(self._closed) - MAX_CLOSED)]:
            self._drop(visit)
        lost = list(self._open.values())[: max(0, len(self._open) - MAX_VISITS)]
        for visit in lost:
            self._drop(visit)
        if len(self._counted) > MAX_COUNTED or abs(clock - self._turned) > COUNTED_S * SECOND:
            self._counted_before, self._counted = self._counted, {}
            self._turned = clock
        return lost

    def _drop(self, visit: Visit) -> None:
        key = (visit.call, visit.queue)
        self._open.pop((*key, visit.nth), None)
        self._closed.pop((*key, visit.nth), None)
        self.talk_ends(visit)
        thread = self._threads[key]
        thread.visits.remove(visit)
        thread.over = max(thread.over, visit.offered_at if visit.ended_at is None else visit.ended_at)
        if not thread.visits:
            del self._threads[key]
            self._counted[key] = (thread.total, thread.log, thread.over)

    # -- state ---------------------------------------------------------------------------------------

    def to_plain(self, clock: int, *, spare: bool = True) -> dict[str, Any]:
        """Return everything as plain data, without what `spare` returns where that is kept apart."""
        queues: dict[str, int] = {}

        def counts(counted: _Counted) -> list[Any]:
            # This goes into every commit, and most calls have one visit, which the log told.
            plain: list[Any] = []
            for (call, queue), (total, log, _) in counted.items():
                what = call if total == log == 1 else [call, total, log]
                plain += [queues.setdefault(queue, len(queues)), what]
            return plain

        live = {key: (thread.total, thread.log, thread.over) for key, thread in self._threads.items()}
        counted = [counts(live), counts(self._lately(clock) if spare else {}), []]
        return {
            "queues": list(queues),
            "counted": counted,
            "turned": self._turned,
            "visits": [_pack(visit, self._keep) for visit in self],
        }

    def from_plain(self, plain: dict[str, Any], clock: int) -> None:
        """Take what `to_plain` gave; raise ValueError, TypeError or KeyError when it is something else.

        Calls that are counted are taken to be over at `clock`: the moments would make half of the state.
        """
        queues = plain["queues"]

        def counts(counted: list[Any]) -> _Counted:
            found = {}
            for name, what in zip(counted[::2], counted[1::2], strict=True):
                call, total, log = (what, 1, 1) if isinstance(what, str) else what
                found[str(call), str(queues[name])] = (int(total), int(log), clock)
            return found

        live, self._counted, self._counted_before = map(counts, plain["counted"])
        self._threads = {key: Thread(*numbers) for key, numbers in live.items()}
        self._turned = int(plain["turned"])
        for packed in plain["visits"]:
            visit = _unpack(packed)
            key = (visit.call, visit.queue)
            self._threads[key].visits.append(visit)
            (self._open if visit.open else self._closed)[*key, visit.nth] = visit
            if visit.interface is not None and visit.ami < ENDED:
                self._talks.setdefault((visit.queue, visit.interface), []).append(visit)


_RING_FIELDS: Final = tuple(Ring.__dataclass_fields__)
_VISIT_FIELDS: Final = tuple(name for name in Visit.__dataclass_fields__ if name != "rings")


def _pack(visit: Visit, keep: Keep) -> list[Any]:
    """Return a visit as plain data, with as much of the caller as may be stored."""
    who = keep(visit.caller, visit.caller_name, visit.caller_key)
    kept = dict(zip(("caller", "caller_key", "caller_name"), who, strict=True))
    packed = [kept[name] if name in kept else getattr(visit, name) for name in _VISIT_FIELDS]
    packed.append([[getattr(ring, name) for name in _RING_FIELDS] for ring in visit.rings])
    return packed


def _unpack(packed: list[Any]) -> Visit:
    *values, rings = packed
    visit = Visit(**dict(zip(_VISIT_FIELDS, values, strict=True)))
    if not (isinstance(visit.call, str) and isinstance(visit.queue, str) and isinstance(visit.nth, int)):
        raise TypeError("a visit without call, queue and ordinal")
    visit.rings = [Ring(**dict(zip(_RING_FIELDS, ring, strict=True))) for ring in rings]
    return visit
