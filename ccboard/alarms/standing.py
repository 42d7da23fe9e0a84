"""When a figure went past its tier's limit and when it was back, as records of the hub.

An exception is over when its figure has been on the right side of the limit for some minutes; until then
what was accepted or put off holds, and one that comes after that is a new alarm.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ccboard.panel_surge import Exceptional
from ccboard.records import Action
from ccboard.snapshot import Snapshot

RAISED, CLEARED = "raised", "cleared"
"""Kinds of the actions."""
ROLE = "system"
FINE_US = 5 * 60 * 1_000_000
"""So long a figure has to be within its limit."""


class Turn(NamedTuple):
    """An exception began or ended. `at`: when; `since`: when it began, which names it."""

    kind: str
    one: Exceptional
    since: int
    at: int

    def record(self) -> Action:
        """Return what is stored."""
        return Action(source="people", key=f"{self.kind}:{self.one.about}:{self.at}", at=self.at,
                      kind=self.kind, about=self.one.about, who="ccboard", role=ROLE, value=self.one.value)


class Standing:
    """Keeps what stands; for one thread. A hub that starts again is told what the one before it knew."""

    def __init__(self) -> None:
        self._since: dict[str, int] = {}
        self._last: dict[str, Exceptional] = {}
        self._fine: dict[str, int] = {}

    def remember(self, records: Iterable[tuple[str, str, int]]) -> None:
        """Take over what is stored of this business day: (kind, about, moment), oldest first."""
        for kind, about, moment in records:
            if kind == RAISED:
                self._since[about] = moment
            elif kind == CLEARED:
                self._since.pop(about, None)

    def take(self, exceptions: Iterable[Exceptional], floor: Snapshot) -> list[Turn]:
        """Return what is new. While nothing is heard of a queue its exceptions neither begin nor end."""
        found, at = [], floor.as_of
        dark = {queue.queue for queue in floor.queues if queue.waiting is None}
        now = {one.about: one for one in exceptions}
        for about, one in now.items():
            self._fine.pop(about, None)
            self._last[about] = one
            if self._since.get(about, -1) < floor.day_start:
                self._since[about] = at
                found.append(Turn(RAISED, one, at, at))
        for about, since in list(self._since.items()):
            if about in now or _queue(about) in dark:
                continue
            last = self._last.get(about) or _bare(about)
            fine = self._fine.setdefault(about, at)
            if since >= floor.day_start and at - fine < FINE_US:
                continue
            if since >= floor.day_start:  # yesterday's ended with its day
                found.append(Turn(CLEARED, last, since, at))
            for kept in (self._since, self._fine, self._last):
                kept.pop(about, None)
        return found


def _queue(about: str) -> str:
    return about.split(":", 2)[2]


def _bare(about: str) -> Exceptional:
    """Return what is known of an exception that only the hub before this one saw."""
    _, figure, queue = about.split(":", 2)
    return Exceptional(about, "", queue, queue, figure, 0.0, 0.0, None, ())
