"""QueueStatus lists: how things stand, to start with and to mend what events and log did not tell.

A list is framed by its ActionID: events come in between on the same socket. It may be ahead of events that
still wait to be sent, never behind those that came. So whoever is missing from it gets `GRACE_S` for his
event (or his line in the log) to come before he is given up.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ccboard.clock import SECOND
from ccboard.records import Outcome, QueueKnown, SourceStatus
from sources.asterisk import offers
from sources.asterisk.ami_facts import AmiFacts
from sources.asterisk.counters import Counters
from sources.asterisk.members import Seats
from sources.asterisk.messages import Message
from sources.asterisk.out import Out
from sources.asterisk.restarts import Restarts
from sources.asterisk.visits import ENDED, ENTERED, Visit, Visits

GRACE_S: Final = 2
GRACE_LOG_S: Final = 5
MAX_FRAMES: Final = 4
MAX_ITEMS: Final = 50_000
MAX_CHARACTERS: Final = 32_000_000
"""Most of one list that is kept: ten times what 5,000 agents in ten queues each need."""
_IN_USE: Final = frozenset(("2", "3", "7", "8"))


@dataclass(slots=True)
class Frame:
    """The items of one answer so far."""

    at: int
    params: list[Message] = field(default_factory=list)
    members: list[Message] = field(default_factory=list)
    entries: list[Message] = field(default_factory=list)
    characters: int = 0
    cut: bool = False


class Lists:
    """Gathers lists and brings visits and members in line with them."""

    def __init__(
        self, source: str, visits: Visits, seats: Seats, ami: AmiFacts, restarts: Restarts, out: Out,
        file: Callable[[Visit], None], log: bool,
    ) -> None:  # fmt: skip
        self._source = source
        self._visits = visits
        self._seats = seats
        self._ami = ami
        self._out = out
        self._file = file
        self._log = log
        self._restarts = restarts
        self._counters = Counters(source, out)
        self._frames: dict[str, Frame] = {}
        self._missing: list[Visit] = []
        self._queues: set[str] = set()  # said to exist, since we run

    def feed(self, message: Message, at: int) -> bool:
        """Take a message if it is part of a list; tell whether it was."""
        event = message.event
        if event not in ("QueueParams", "QueueMember", "QueueEntry", "QueueStatusComplete"):
            return False
        key = message.get("ActionID", "")
        frame = self._frames.pop(key, None) or Frame(at)
        if event == "QueueStatusComplete":
            self._apply(frame)
            return True
        self._frames[key] = frame
        if len(self._frames) > MAX_FRAMES:
            del self._frames[next(iter(self._frames))]
        items = {"QueueParams": frame.params, "QueueMember": frame.members, "QueueEntry": frame.entries}[
            event
        ]
        if message.text("Queue") is None:
            self._out.reject(f"AMI event {event}", "no Queue")
            return True
        frame.characters += sum(len(key) + len(value) for key, value in message.items())
        if len(items) < MAX_ITEMS and frame.characters <= MAX_CHARACTERS:
            items.append(message)
        elif not frame.cut:
            frame.cut = True
            self._out.reject(f"AMI event {event}", "a list too long to be kept; its rest is left out")
        return True

    def forget_frames(self) -> None:
        """Drop lists that are not complete: the connection they came on is gone."""
        self._frames.clear()

    # -- a whole list --------------------------------------------------------------------------------

    def _apply(self, frame: Frame) -> None:
        at = frame.at
        for message in frame.params:
            queue = message.text("Queue")
            if queue is not None and queue not in self._queues and len(self._queues) < 5_000:
                self._queues.add(queue)
                self._out.record(QueueKnown(source=self._source, queue=queue, at=at))
        queues = {q for m in frame.params if (q := m.text("Queue")) is not None}
        self.restarted(self._restarts.listed(frame.params, frame.members, at))
        self._counters.listed(frame.params, at)
        self._members(frame, queues)
        self._entries(frame, queues)
        self._talks(frame)

    def _members(self, frame: Frame, queues: set[str]) -> None:
        listed: set[tuple[str, str]] = set()
        for message in frame.members:
            queue, interface = message.text("Queue"), message.text("Location")
            if queue is None or interface is None:
                self._out.reject("AMI event QueueMember", "no Queue or no Location")
                continue
            name = message.text("Name") or interface
            self._seats.tie(interface, name)
            self._ami.member(queue, interface, name, message, frame.at)
            listed |= {(name, queue), (interface, queue)}
        self._ami.missing(queues, listed, frame.at)

    def _entries(self, frame: Frame, queues: set[str]) -> None:
        at = frame.at
        there: set[tuple[str, str]] = set()
        for message in frame.entries:
            call, queue = message.text("Uniqueid"), message.text("Queue")
            if call is None or queue is None:
                self._out.reject("AMI event QueueEntry", "no Uniqueid")
                continue
            there.add((call, queue))
            self._entry(call, queue, message, at)
        for visit in self._visits.open():
            if visit.waiting and visit.queue in queues and (visit.call, visit.queue) not in there:
                fresh = visit.ami < ENTERED and at - visit.offered_at < GRACE_LOG_S * SECOND
                if visit.missing_at is None and visit.left_at is None and not fresh:
                    visit.missing_at = at
                    self._missing.append(visit)

    def _entry(self, call: str, queue: str, message: Message, at: int) -> None:
        wait = message.whole("Wait")
        visit = self._waits(call, queue, at - (wait or 0) * SECOND)
        if visit is not None:
            visit.missing_at = visit.left_at = None
            if visit.ami >= ENTERED and visit.waiting:
                return
        if visit is None:
            visit = self._visits.enter_by_ami(call, queue, at - (wait or 0) * SECOND)
            visit.listed = True
        if visit.outcome in ("unknown", "lost") and visit.log < ENDED:  # given up too soon
            visit.outcome = visit.ended_at = None
        if not visit.waiting:
            return
        self._ami.caller(visit, message)
        self._ami.fold(visit, ENTERED)

    def _waits(self, call: str, queue: str, since: int) -> Visit | None:
        """Return the visit that a list means: one that waits, or entered just then (the log may be ahead)."""
        visits = self._visits.in_memory(call, queue)
        waiting = next((v for v in visits if v.waiting), None)
        return waiting or next((v for v in visits if abs(v.offered_at - since) <= 3 * SECOND), None)

    def _talks(self, frame: Frame) -> None:
        """Mark talks whose member has no call any more; his end was said while nobody listened."""
        idle: set[tuple[str, str]] = set()
        for message in frame.members:
            if message.get("InCall", "").strip() == "0" and message.get("Status", "").strip() not in _IN_USE:
                queue = message.text("Queue") or ""
                idle |= {(message.text(key) or "", queue) for key in ("Location", "Name")}
        for visit in self._visits.open():
            if visit.talking and visit.missing_at is None:
                key = visit.interface if visit.interface is not None else visit.agent
                fresh = visit.answered_at is not None and frame.at - visit.answered_at < GRACE_LOG_S * SECOND
                if (key, visit.queue) in idle and not fresh:
                    visit.missing_at = frame.at
                    self._missing.append(visit)

    # -- what is over ----------------------------------------------------------------------------------------

    def restarted(self, at: int | None) -> None:
        """End whatever was open: the phone system has started again at `at`. A log says it itself."""
        if at is None:
            return
        self._counters.restarted()
        if self._log:
            return
        self._out.record(SourceStatus(source=self._source, at=at, kind="restart"))
        for visit in self._visits.open():
            if visit.offered_at < at:
                self._close(visit, "lost", at)

    # -- what time decides ---------------------------------------------------------------------------

    def tick(self, at: int) -> None:
        """Give up those who were missing from a list and of whom nothing more came."""
        grace = GRACE_LOG_S if self._log else GRACE_S
        for visit in list(self._missing):
            if visit.missing_at is None or not visit.open:
                self._missing.remove(visit)
            elif at - visit.missing_at >= grace * SECOND:
                self._missing.remove(visit)
                self._close(visit, "unknown", visit.missing_at)

    def _close(self, visit: Visit, outcome: Outcome, at: int) -> None:
        visit.missing_at = visit.left_at = None
        visit.ended_at = at
        if visit.outcome is None:
            visit.outcome = outcome
            offers.end_all(visit, "void", at, self._out)
        self._ami.end_talk(visit, at)
        self._ami.fold(visit, visit.ami)

    def restored(self) -> None:
        """Find again, after a restart of ours, who was missing."""
        self._missing = [v for v in self._visits.open() if v.missing_at is not None]
