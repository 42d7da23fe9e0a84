"""What each event of the manager interface says about visits, rings, members and phones.

Class ``agent`` is enough; class ``call`` adds the kind of a transfer and callers on hold, class ``system``
restarts. AMI cannot tell a time-out, an emptied queue or a withdrawal from a caller who hung up: all four
are QueueCallerAbandon, and "abandoned" until a log says better. A caller who leaves by key sends nothing but
QueueCallerLeave; so does, for as long as the member's subroutine runs, one who is being connected.
"""

from collections.abc import Callable
from typing import Final, Literal

from ccboard.clock import SECOND
from ccboard.records import SourceStatus
from sources.asterisk import offers
from sources.asterisk.members import Seats
from sources.asterisk.messages import Message
from sources.asterisk.out import Out
from sources.asterisk.phones import Phones
from sources.asterisk.refusals import AMI, USER_EVENT, Refusals
from sources.asterisk.visits import CONNECTED, ENDED, ENTERED, Visit, Visits

LEAVE_S: Final = 0.5
"""How long after a Leave that nothing explains the caller is taken for gone by key."""
LEAVE_RINGING_S: Final = 3
"""The same while a phone still rings, which may have been answered."""
MAX_TRANSFERS: Final = 100
_ENDED_BY: Final[dict[str, Literal["caller", "agent", "transfer"]]] = {
    "caller": "caller",
    "agent": "agent",
    "transfer": "transfer",
}


class AmiFacts:
    """Folds events into visits, seats and phones."""

    def __init__(
        self, source: str, visits: Visits, seats: Seats, phones: Phones, out: Out,
        file: Callable[[Visit], None], refusals: Refusals,
    ) -> None:  # fmt: skip
        self._refusals = refusals
        self._source = source
        self._visits = visits
        self._seats = seats
        self._phones = phones
        self._out = out
        self._file = file
        self._leaving: list[Visit] = []
        self._transfers: dict[str, Literal["blind", "attended"]] = {}  # by the agent's channel
        self._take: Final[dict[str, Callable[[Message, int], None]]] = {
            "QueueCallerJoin": self._join,
            "QueueCallerLeave": self._leave,
            "QueueCallerAbandon": self._abandon,
            "AgentCalled": self._called,
            "AgentConnect": self._connect,
            "AgentComplete": self._complete,
            "AgentRingNoAnswer": self._no_answer,
            "QueueMemberStatus": self._member,
            "QueueMemberAdded": self._member,
            "QueueMemberPause": self._member,
            "QueueMemberRemoved": self._removed,
            "BlindTransfer": self._transfer,
            "AttendedTransfer": self._transfer,
            "Hold": self._hold,
            "Unhold": self._hold,
            "Reload": self._reload,
            "UserEvent": self._user_event,
            "Shutdown": self._shutdown,
        }

    def feed(self, message: Message, at: int) -> None:
        """Take one event; those that mean nothing here are passed over."""
        take = self._take.get(message.event)
        if take is not None:
            take(message, at)

    # -- callers -------------------------------------------------------------------------------------

    def _join(self, message: Message, at: int) -> None:
        call, queue = message.text("Uniqueid"), message.text("Queue")
        if call is None or queue is None:
            self._reject(message, "no Uniqueid or no Queue")
            return
        visit = self._visits.enter_by_ami(call, queue, at)
        if visit.log < ENTERED:
            visit.offered_at = at
            visit.position = message.whole("Position")
        self.caller(visit, message)
        self.fold(visit, ENTERED)

    def caller(self, visit: Visit, message: Message) -> None:
        """Take the caller's number and name."""
        visit.caller = visit.caller or message.person("CallerIDNum")
        visit.caller_name = visit.caller_name or message.person("CallerIDName")

    def _leave(self, message: Message, at: int) -> None:
        visit = self._caller_of(message, CONNECTED)
        if visit is not None and visit.log < CONNECTED and visit.waiting:
            visit.left_at = at
            self._leaving.append(visit)

    def _abandon(self, message: Message, at: int) -> None:
        visit = self._caller_of(message, CONNECTED, at, message.whole("HoldTime"))
        if visit is None:
            return
        if visit.log < CONNECTED:
            visit.outcome = "abandoned"
            visit.ended_at = at
            visit.wait_s = message.whole("HoldTime")
        visit.left_at = visit.missing_at = None
        self._stop_ringing(visit, at)
        self.fold(visit, ENDED)

    def _caller_of(self, message: Message, stage: int, at: int = 0, wait: int | None = None) -> Visit | None:
        """Return the visit of an event; made when AMI came in the middle of it and tells its wait."""
        call, queue = message.text("Uniqueid"), message.text("Queue")
        if call is None or queue is None:
            self._reject(message, "no Uniqueid or no Queue")
            return None
        visit = self._visits.of_ami(call, queue, stage)
        if visit is None and wait is not None and not self._visits.thread(call, queue, at).total:
            visit = self._visits.enter_by_ami(call, queue, at - wait * SECOND)
            self.caller(visit, message)
        return visit

    # -- rings and talks -----------------------------------------------------------------------------

    def _called(self, message: Message, at: int) -> None:
        who = self._member_of(message)
        if who is None:
            return
        queue, interface, name = who
        self._seats.called(name, interface, queue, at)
        visit = self._caller_of(message, CONNECTED)
        if visit is not None and visit.log < CONNECTED and visit.open:
            offers.begins(visit, name, interface, at, self._out)
            self._phones.look(interface, at)

    def _no_answer(self, message: Message, at: int) -> None:
        who = self._member_of(message)
        visit = self._caller_of(message, ENDED)
        if who is None or visit is None:
            return
        _, interface, name = who
        ms = message.whole("RingTime", limit=604_800_000)
        offers.ends_by_ami(visit, name, "no_answer", None if ms is None else ms / 1000, at, self._out)
        self._phones.look(interface, at)

    def _connect(self, message: Message, at: int) -> None:
        who = self._member_of(message)
        wait, ring = message.whole("HoldTime"), message.whole("RingTime")
        visit = self._caller_of(message, CONNECTED, at, wait or 0)
        if who is None or visit is None:
            return
        _, interface, name = who
        self._visits.talk_begins(visit, interface, message.text("DestUniqueid"))
        if visit.log < CONNECTED:
            visit.outcome = "answered"
            visit.answered_at = at
            visit.ended_at = None
            visit.agent = name
            visit.wait_s = wait
            visit.ring_s = ring
        visit.left_at = visit.missing_at = None
        offers.ends_by_ami(visit, name, "answered", ring, at, self._out)
        others = [r.interface for r in visit.rings if r.result is None and r.interface]
        offers.end_all(visit, "void", at, self._out)
        self.fold(visit, CONNECTED)
        for other in [interface, *others]:
            self._phones.look(other, at)

    def _complete(self, message: Message, at: int) -> None:
        who = self._member_of(message)
        if who is None:
            return
        queue, interface, _ = who
        hold, channel = message.whole("HoldTime"), message.text("DestUniqueid")
        visit = self._visits.talk_of(queue, interface, message.text("Uniqueid"), channel, hold)
        if visit is None:
            return  # it began before AMI was connected: nothing is known of it without a log
        reason = message.get("Reason", "")
        if visit.log < ENDED:
            visit.talk_s = message.whole("TalkTime")
            visit.ended_at = at
            visit.ended_by = _ENDED_BY.get(reason)
            if reason == "transfer":
                visit.transfer = self._transfers.pop(channel or visit.channel or "", None)
        self.end_talk(visit, at)
        self.fold(visit, ENDED)

    def end_talk(self, visit: Visit, at: int) -> None:
        """Forget who talked, and look what his phone does now."""
        self._visits.talk_ends(visit)
        if visit.interface is not None:
            self._phones.look(visit.interface, at)

    def _transfer(self, message: Message, _at: int) -> None:
        """Class call: which kind of transfer it was; AgentComplete comes just before or just after."""
        kind: Literal["blind", "attended"] = "blind" if message.event == "BlindTransfer" else "attended"
        channel = message.text("TransfererUniqueid") or message.text("OrigTransfererUniqueid")
        if channel is None or message.get("Result", "Success") != "Success":
            return
        for visit in self._visits:
            if visit.channel == channel and visit.ended_by == "transfer" and visit.transfer is None:
                visit.transfer = kind
                self.fold(visit, visit.ami)
                return
        self._transfers[channel] = kind
        if len(self._transfers) > MAX_TRANSFERS:
            del self._transfers[next(iter(self._transfers))]

    def _hold(self, message: Message, at: int) -> None:
        """Class call: an agent's phone put the caller on hold, or took him back."""
        channel = message.text("Uniqueid")
        for visit in self._visits.open():
            if channel is not None and visit.channel == channel and visit.talking and visit.interface:
                self._phones.hold(visit.interface, message.event == "Hold", at)

    # -- members -------------------------------------------------------------------------------------

    def _member(self, message: Message, at: int) -> None:
        who = self._member_of(message)
        if who is not None:
            self.member(*who, message, at)

    def member(self, queue: str, interface: str, name: str, message: Message, at: int) -> None:
        """Take what an event or a list's item says of a member and of his phone."""
        self._seats.heard(name, interface, queue, message, at)
        status = self._phones.heard(name, interface, queue, message, at)
        if status == 1:  # free again: whoever left while it rang has not been answered
            for visit in [v for v in self._leaving if offers.rings_on(v, interface)]:
                self._left_by_key(visit)

    def _removed(self, message: Message, at: int) -> None:
        who = self._member_of(message)
        if who is not None:
            queue, interface, name = who
            self._seats.gone(name, interface, queue, at)
            self._phones.gone(interface, queue, at)

    def missing(self, queues: set[str], listed: set[tuple[str, str]], at: int) -> None:
        """Take that these are all members of these queues, by name or interface, and queue."""
        self._seats.missing(queues, listed, at)
        self._phones.missing(queues, listed, at)

    def _member_of(self, message: Message) -> tuple[str, str, str] | None:
        """Return queue, interface and name of the member that an event is about, and tie the last two."""
        queue, interface = message.text("Queue"), message.text("Interface") or message.text("Location")
        if queue is None or interface is None:
            self._reject(message, "no Queue or no Interface")
            return None
        name = message.text("MemberName") or message.text("Name") or interface
        self._seats.tie(interface, name)
        return queue, interface, name

    # -- the system ----------------------------------------------------------------------------------

    def _user_event(self, message: Message, at: int) -> None:
        """Take what a dialplan says itself; other user events mean nothing here."""
        if (message.text("UserEvent") or "").casefold() != USER_EVENT:
            return
        call, queue = message.text("Uniqueid"), message.text("Queue")
        if call is None or queue is None:
            self._reject(message, "no Uniqueid or no Queue")
            return
        self._refusals.told(AMI, call, queue, at, message.text("Reason"))

    def _reload(self, message: Message, at: int) -> None:
        module = message.text("Module") or "all"
        if "queue" in module or module.lower() == "all":
            self._note(at, f"Asterisk reloaded {module}")

    def _shutdown(self, message: Message, at: int) -> None:
        self._note(at, f"Asterisk is stopping ({message.text('Shutdown') or 'no word how'})")

    def _note(self, at: int, text: str) -> None:
        self._out.record(SourceStatus(source=self._source, at=at, kind="note", text=text))

    # -- what time decides ---------------------------------------------------------------------------

    def tick(self, at: int) -> None:
        """Decide about callers who left and of whom nothing more came."""
        for visit in list(self._leaving):
            if visit.left_at is None or not visit.waiting:
                self._leaving.remove(visit)  # explained meanwhile
                continue
            patience = LEAVE_RINGING_S if offers.rings(visit) else LEAVE_S
            if at - visit.left_at >= patience * SECOND:
                self._left_by_key(visit)

    def _left_by_key(self, visit: Visit) -> None:
        self._leaving.remove(visit)
        left_at = visit.left_at
        if left_at is None or visit.log >= CONNECTED or not visit.waiting:
            return
        visit.outcome = "left_by_key"
        visit.ended_at = left_at
        visit.left_at = None
        self._stop_ringing(visit, left_at)
        self.fold(visit, max(visit.ami, ENTERED))  # a late AgentConnect may still correct it

    def _stop_ringing(self, visit: Visit, at: int) -> None:
        phones = [r.interface for r in visit.rings if r.result is None and r.interface]
        offers.end_all(visit, "cancelled", at, self._out)
        for interface in phones:
            self._phones.look(interface, at)

    def fold(self, visit: Visit, stage: int) -> None:
        """Count a fact of AMI into a visit and hand it on."""
        visit.ami = max(visit.ami, stage)
        visit.version += 1
        self._file(visit)
        self._out.visit(visit)

    def restored(self) -> None:
        """Find again, after a restart of ours, who had left and is to be decided about."""
        self._leaving = [v for v in self._visits.open() if v.left_at is not None and v.waiting]

    def _reject(self, message: Message, reason: str) -> None:
        self._out.reject(f"AMI event {message.text('Event')}", reason, str(dict(list(message.items())[:6])))
