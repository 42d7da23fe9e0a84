"""Phones: free, in use outside these queues, on hold, unreachable. Known from AMI alone.

A phone in use says nothing of whose call it has. While one of our calls rings or talks there, that
record says it all; only when neither explains it for `SETTLE_S` is it "busy" (or "talking", when app_queue
itself says that it has a call of a queue which began before we came).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from ccboard.clock import SECOND
from ccboard.records import AgentState, State
from sources.asterisk.messages import Message
from sources.asterisk.out import Out

SETTLE_S: Final = 0.5
MAX_PHONES: Final = 10_000
# app_queue's device states: 0 unknown, 1 free, 2 in use, 3 busy, 4 invalid, 5 unavailable, 6 ringing,
# 7 ringing and in use, 8 on hold. A phone that rings is free: who rings it is said by AgentCalled.
_PLAIN: Final[dict[int, State]] = {0: "unknown", 1: "ready", 4: "offline", 5: "offline", 6: "ready"}
_IN_USE: Final = frozenset((2, 3, 7, 8))


@dataclass(slots=True)
class Phone:
    """One interface."""

    name: str
    status: int = 0
    in_call: set[str] = field(default_factory=set)  # queues that say it has a call of theirs
    queues: set[str] = field(default_factory=set)  # queues that tell of it: without one nobody does
    state: State | None = None  # as told last
    unexplained: int | None = None  # since when it is in use for nobody we know


class Phones:
    """All phones by interface."""

    def __init__(self, source: str, out: Out, ours: Callable[[str], bool]) -> None:
        self._source = source
        self._out = out
        self._ours = ours  # tells whether one of our calls rings or talks on a phone
        self._phones: dict[str, Phone] = {}
        self._unexplained: set[str] = set()
        self._seq = 0
        self._last = 0

    def heard(self, name: str, interface: str, queue: str, message: Message, at: int) -> int | None:
        """Take a member's device state, and return it."""
        status = message.whole("Status", limit=8)
        if status is None:
            return None
        phone = self._phones.get(interface)
        if phone is None:
            phone = self._phones[interface] = Phone(name)
            if len(self._phones) > MAX_PHONES:
                del self._phones[next(iter(self._phones))]
        phone.name = name
        phone.queues.add(queue)
        phone.status = status
        if message.get("InCall", "").strip() == "1":
            phone.in_call.add(queue)
        else:
            phone.in_call.discard(queue)
        self.look(interface, at)
        return status

    def gone(self, interface: str, queue: str, at: int) -> None:
        """Take that it is no member's any more: whom no queue has, of him app_queue says nothing further."""
        phone = self._phones.get(interface)
        if phone is None:
            return
        phone.queues.discard(queue)
        phone.in_call.discard(queue)
        if not phone.queues:
            self._explained(interface, phone)
            self._say(interface, phone, "unknown", at)
            del self._phones[interface]

    def missing(self, queues: set[str], listed: set[tuple[str, str]], at: int) -> None:
        """Take that these (interface and queue) are all members of these queues."""
        for interface, phone in list(self._phones.items()):
            for queue in sorted(phone.queues & queues):
                if (interface, queue) not in listed:
                    self.gone(interface, queue, at)

    def look(self, interface: str, at: int) -> None:
        """Decide anew, after a device state or after one of our calls there began or ended."""
        phone = self._phones.get(interface)
        if phone is None:
            return
        if phone.status not in _IN_USE:
            self._explained(interface, phone)
            self._say(interface, phone, _PLAIN[phone.status], at)
        elif self._ours(interface):
            self._explained(interface, phone)
            if phone.state in (None, "busy", "talking"):
                self._say(interface, phone, "ready", at)  # what it does is on the call's own record
        elif phone.unexplained is None:
            phone.unexplained = at
            self._unexplained.add(interface)
            if phone.state == "hold":  # the call that was held is over
                self._say(interface, phone, "ready", at)

    def hold(self, interface: str, held: bool, at: int) -> None:
        """Take that the caller who talks to this phone was put on hold, or taken back."""
        phone = self._phones.get(interface)
        if phone is not None and (held or phone.state == "hold"):
            self._say(interface, phone, "hold" if held else "ready", at)

    def tick(self, at: int) -> None:
        """Call a phone busy when nothing of ours explained for long enough why it is in use."""
        for interface in list(self._unexplained):
            phone = self._phones.get(interface)
            if phone is None or phone.unexplained is None:
                self._unexplained.discard(interface)
            elif at - phone.unexplained >= SETTLE_S * SECOND:
                moment = phone.unexplained
                self._unexplained.discard(interface)
                self._say(interface, phone, "talking" if phone.in_call else "busy", moment)

    def _explained(self, interface: str, phone: Phone) -> None:
        phone.unexplained = None
        self._unexplained.discard(interface)

    def _say(self, interface: str, phone: Phone, state: State, at: int) -> None:
        if phone.state == state:
            return
        phone.state = state
        self._seq = self._seq + 1 if self._last == at else 0
        self._last = at
        self._out.record(
            AgentState(
                source=self._source, agent=phone.name, interface=interface, at=at, seq=self._seq, state=state
            )
        )

    def to_plain(self) -> list[list[Any]]:
        """Return everything as plain data."""
        return [
            [interface, p.name, p.status, sorted(p.in_call), sorted(p.queues), p.state, p.unexplained]
            for interface, p in self._phones.items()
        ]

    def from_plain(self, plain: list[list[Any]]) -> None:
        """Take what `to_plain` gave; raise ValueError, TypeError or KeyError when it is something else."""
        for interface, name, status, in_call, queues, state, unexplained in plain:
            self._phones[interface] = Phone(name, int(status), set(in_call), set(queues), state, unexplained)
            if unexplained is not None:
                self._unexplained.add(interface)
