"""Who is a member of which queue, who is paused and why: from the log, and from AMI.

The log speaks of members by name, of joining and leaving a queue by interface; AMI ties the two
together. While a log is read, its lines are the facts and AMI fills in only what the log cannot know
(members of old, pauses that outlived a restart) or has not said within `LOG_LATE_S`. What the log
makes depends on the log alone, so that reading it again makes the same records.
"""

from dataclasses import dataclass
from typing import Any, Final

from ccboard.clock import SECOND
from ccboard.records import AgentState, State
from sources.asterisk.messages import Message
from sources.asterisk.out import Out

LOG_LATE_S: Final = 3
"""How long a difference between AMI and the log must last before AMI is believed."""
MAX_SEATS: Final = 20_000
_AMI_SEQ: Final = 1_000_000  # AMI's facts of one microsecond count from here, the log's from 0
_OWN: Final = "/"  # every interface has one, "PJSIP/101"; a name seldom has


@dataclass(slots=True)
class Seat:
    """One person in one queue."""

    state: State
    reason: str | None = None
    interface: str | None = None
    said: int = 0  # the moment of the latest fact
    wanted: tuple[State, str | None] | None = None  # what AMI says against the log
    wanted_at: int = 0
    wanted_since: int = 0  # the moment that AMI gives for it


class Seats:
    """Members of queues. `log`: a queue_log is read, and decides."""

    def __init__(self, source: str, out: Out, log: bool) -> None:
        self._source = source
        self._out = out
        self._log = log
        self.names: dict[str, str] = {}  # by interface
        self._seats: dict[tuple[str, str], Seat] = {}  # by person and queue
        self._told: dict[tuple[str, str], tuple[State, str | None, bool]] = {}  # by text and queue; named?
        self._log_seqs: dict[int, int] = {}  # facts of the latest seconds
        self._ami_seq = (0, 0)
        self._doubts: set[tuple[str, str]] = set()

    # -- the log -------------------------------------------------------------------------------------

    def seen_by_log(self, agent: str, queue: str, at: int) -> None:
        """Note that a call was offered to `agent` in `queue`: a member, if that is news."""
        if (agent, queue) not in self._told:
            self.told(agent, None, queue, "ready", None, at)

    def has_room(self, count: int) -> bool:
        """Tell whether so many more are remembered without any being forgotten."""
        return len(self._told) + count <= MAX_SEATS

    def told(
        self, agent: str, interface: str | None, queue: str, state: State, reason: str | None, at: int
    ) -> None:
        """Take a fact from the log; `agent` "" where the log has the interface only."""
        seq = self.fact(agent or interface or "", queue, state, reason, at, named=bool(agent))
        if seq is not None:
            self.record(agent, interface, queue, state, reason, at, seq)

    def fact(
        self, text: str, queue: str, state: State, reason: str | None, at: int, *, named: bool = True
    ) -> int | None:
        """Take a fact about `text`; return its number among the facts of the moment if it is news."""
        seqs, told = self._log_seqs, self._told
        seq = seqs.pop(at, 0)
        seqs[at] = seq + 1  # counted whether it is news or not: the same log, the same numbers
        if len(seqs) > 8:
            del seqs[next(iter(seqs))]
        fact = (state, reason)
        key = (self.names.get(text, text), queue)
        seat = self._seats.get(key)
        before = told.get((text, queue))
        news = before is None or before[:2] != fact
        news = news or (seat is not None and (seat.state, seat.reason) != fact)
        told[text, queue] = (state, reason, named or (before is not None and before[2]))
        if before is None:
            self._bound(told)
        if seat is None:
            seat = self._seats[key] = Seat(state, reason)
            self._bound(self._seats)
        seat.state, seat.reason = fact
        seat.said = at
        if seat.wanted == fact:
            self._settle(key, seat)
        return seq if news else None

    def record(
        self, agent: str, interface: str | None, queue: str, state: State, reason: str | None, at: int,
        seq: int,
    ) -> None:
        """Hand on a fact from the log."""
        own = agent if _OWN in agent else None  # a member without a name is called by his interface
        self._out.record(
            AgentState(
                source=self._source,
                agent=agent,
                interface=interface or own,
                queue=queue,
                at=at,
                seq=seq,
                state=state,
                reason=reason,
            )
        )

    def unpause_all(self, at: int) -> None:
        """End every pause: the phone system has started again, says the log."""
        for text, queue in sorted(key for key, fact in self._told.items() if fact[0] == "paused"):
            named = self._told[text, queue][2]
            self.told(text if named else "", None if named else text, queue, "ready", None, at)
        for (person, queue), seat in self._seats.items():
            if seat.state == "paused":
                seat.state, seat.reason = "ready", None
                self._record(person, seat, queue, at)

    # -- AMI -----------------------------------------------------------------------------------------

    def tie(self, interface: str, name: str) -> None:
        """Note that the member at `interface` is called `name`."""
        if self.names.get(interface) == name:
            return
        self.names[interface] = name
        self._bound(self.names)
        for person, queue in [key for key in self._seats if key[0] == interface and name != interface]:
            seat = self._seats.pop((person, queue))  # known by his interface until now
            self._doubts.discard((person, queue))
            if (name, queue) not in self._seats:
                self._seats[name, queue] = seat

    def heard(self, name: str, interface: str, queue: str, message: Message, at: int) -> None:
        """Take what AMI says of a member (an event about him, or a list's item)."""
        paused = message.get("Paused", "").strip()
        if paused not in ("0", "1"):
            return
        state: State = "paused" if paused == "1" else "ready"
        reason = message.text("PausedReason") if state == "paused" else None
        since = at
        last = message.whole("LastPause", limit=at // SECOND)
        if state == "paused" and last:
            since = last * SECOND
        self._want(name, interface, queue, (state, reason), at, since)

    def called(self, name: str, interface: str, queue: str, at: int) -> None:
        """AMI: a call is offered to him, so he is a member and not paused, if that is news."""
        if (name, queue) not in self._seats:
            self._want(name, interface, queue, ("ready", None), at, at)

    def gone(self, name: str, interface: str, queue: str, at: int) -> None:
        """AMI: no member any more."""
        if (name, queue) in self._seats:
            self._want(name, interface, queue, ("offline", None), at, at)

    def missing(self, queues: set[str], listed: set[tuple[str, str]], at: int) -> None:
        """AMI: these are all members of these queues; whoever else was one is none."""
        for (person, queue), seat in list(self._seats.items()):
            if queue in queues and seat.state != "offline" and (person, queue) not in listed:
                self._want(person, seat.interface, queue, ("offline", None), at, at)

    def tick(self, at: int) -> None:
        """Believe AMI where the log had time enough to say the same, and did not."""
        for key in list(self._doubts):
            seat = self._seats.get(key)
            if seat is None or seat.wanted is None:
                self._doubts.discard(key)
            elif at - seat.wanted_at >= LOG_LATE_S * SECOND:
                seat.state, seat.reason = seat.wanted
                # A moment before what was known already would be hidden by it.
                moment = seat.wanted_since if seat.wanted_since > seat.said else seat.wanted_at
                self._settle(key, seat)
                self._record(key[0], seat, key[1], moment)

    def _want(
        self,
        name: str,
        interface: str | None,
        queue: str,
        fact: tuple[State, str | None],
        at: int,
        since: int,
    ) -> None:
        key = (name, queue)
        seat = self._seats.get(key)
        if seat is None:
            seat = self._seats[key] = Seat("unknown", None, interface)
            self._bound(self._seats)
            if not self._log or fact[0] == "ready":
                seat.state, seat.reason = fact
                self._record(name, seat, queue, since)
                return
        seat.interface = interface
        if (seat.state, seat.reason) == fact:
            self._settle(key, seat)
        elif not self._log:
            seat.state, seat.reason = fact
            self._record(name, seat, queue, at)
        elif seat.wanted != fact:
            seat.wanted, seat.wanted_at, seat.wanted_since = fact, at, since
            self._doubts.add(key)

    def _settle(self, key: tuple[str, str], seat: Seat) -> None:
        seat.wanted = None
        self._doubts.discard(key)

    def _record(self, person: str, seat: Seat, queue: str, at: int) -> None:
        seat.said = at
        last, seq = self._ami_seq
        self._ami_seq = (at, seq + 1 if last == at else _AMI_SEQ)
        self._out.record(
            AgentState(
                source=self._source,
                agent=person,
                interface=seat.interface,
                queue=queue,
                at=at,
                seq=self._ami_seq[1],
                state=seat.state,
                reason=seat.reason,
            )
        )

    @staticmethod
    def _bound(mapping: dict[Any, Any]) -> None:
        if len(mapping) > MAX_SEATS:
            del mapping[next(iter(mapping))]

    # -- state ---------------------------------------------------------------------------------------

    def to_plain(self) -> dict[str, Any]:
        """Return everything as plain data; doubts are found again by the next list."""
        return {
            "names": self.names,
            "seats": [[*key, s.state, s.reason, s.interface, s.said] for key, s in self._seats.items()],
            "told": [[*key, *fact] for key, fact in self._told.items()],
            "seqs": list(self._log_seqs.items()),
            "ami_seq": list(self._ami_seq),
        }

    def from_plain(self, plain: dict[str, Any]) -> None:
        """Take what `to_plain` gave; raise ValueError, TypeError or KeyError when it is something else."""
        self.names = {str(key): str(value) for key, value in plain["names"].items()}
        for person, queue, state, reason, interface, said in plain["seats"]:
            self._seats[person, queue] = Seat(state, reason, interface, said)
        for text, queue, state, reason, named in plain["told"]:
            self._told[text, queue] = (state, reason, bool(named))
        self._log_seqs = {int(at): int(seq) for at, seq in plain["seqs"]}
        at, seq = plain["ami_seq"]
        self._ami_seq = (int(at), int(seq))
