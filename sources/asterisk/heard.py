"""What a manager connection, over TCP or HTTP, has to tell, in the order in which it was heard."""

from dataclasses import dataclass
from typing import TypeAlias

from sources.asterisk.messages import Message


@dataclass(frozen=True, slots=True)
class Up:
    """Logged in: what happens from `at` on is heard."""

    at: int


@dataclass(frozen=True, slots=True)
class Down:
    """The connection is lost; `at` is when it was heard last."""

    at: int
    why: str


@dataclass(frozen=True, slots=True)
class Said:
    """One message, received at `at` on our clock."""

    at: int
    message: Message


@dataclass(frozen=True, slots=True)
class ClockRead:
    """The remote clock stood at `remote` some time between `sent` and `received` on ours."""

    sent: int
    remote: int
    received: int


Heard: TypeAlias = Up | Down | Said | ClockRead


class Deaf:
    """Notices an account that may log in but hears no queue events (no ``read = agent``).

    Two lists whose counters differ, and not one event of class agent between them.
    """

    TEXT = "no queue events come; give the account `read = agent` in manager.conf"

    def __init__(self) -> None:
        self.suspected = False
        self._heard = False
        self._sums: tuple[int, ...] | None = None
        self._list: list[int] = []

    def take(self, message: Message) -> None:
        """Look at one message."""
        event = message.event
        if event == "QueueParams":
            for key in ("Calls", "Completed", "Abandoned"):
                self._list.append(message.whole(key) or 0)
        elif event == "QueueStatusComplete":
            sums = tuple(self._list)
            self._list = []
            if self._sums is not None and sums != self._sums and not self._heard:
                self.suspected = True
            self._sums, self._heard = sums, False
        elif event.startswith(("QueueCaller", "QueueMember", "Agent")) and event != "QueueMember":
            self._heard = True
            self.suspected = False
