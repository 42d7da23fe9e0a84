"""What Asterisk counts itself, queue by queue: only to be held against the visits of the same stretch.

Its counters begin at 0 when it starts and after `queue reset stats`, which nothing else tells. So what is
handed on is by how much they have grown since a list that was seen; where one has gone down, or Asterisk has
started, a new stretch begins. `Completed` and `Abandoned` move when a call ends; time-outs, emptied queues
and withdrawals are counted as abandoned, those who leave by key nowhere.
"""

from dataclasses import dataclass
from typing import Final

from ccboard.clock import SECOND
from ccboard.records import QueueCounters
from sources.asterisk.messages import Message
from sources.asterisk.out import Out

EVERY_S: Final = 60
"""Not handed on more often, however often lists are asked for."""
MAX_QUEUES: Final = 5_000


@dataclass(slots=True)
class _Stretch:
    since: int
    completed: int  # as they were then
    abandoned: int
    last: tuple[int, int]
    told: tuple[int, int] | None = None
    told_at: int = 0


class Counters:
    """Follows the counters from list to list."""

    def __init__(self, source: str, out: Out) -> None:
        self._source = source
        self._out = out
        self._stretches: dict[str, _Stretch] = {}

    def restarted(self) -> None:
        """Asterisk has started, or may have: what its counters grew by is not known."""
        self._stretches.clear()

    def listed(self, params: list[Message], at: int) -> None:
        """Take the queues of a whole list."""
        for message in params[:MAX_QUEUES]:
            queue = message.text("Queue")
            completed, abandoned = message.whole("Completed"), message.whole("Abandoned")
            if queue is None or completed is None or abandoned is None:
                continue
            stretch = self._stretches.get(queue)
            if stretch is None or completed < stretch.last[0] or abandoned < stretch.last[1]:
                self._stretches[queue] = _Stretch(at, completed, abandoned, (completed, abandoned))
                continue
            stretch.last = (completed, abandoned)
            if stretch.last == stretch.told or at - stretch.told_at < EVERY_S * SECOND or at <= stretch.since:
                continue
            stretch.told, stretch.told_at = stretch.last, at
            self._out.record(QueueCounters(
                source=self._source, queue=queue, since=stretch.since, at=at,
                completed=completed - stretch.completed, abandoned=abandoned - stretch.abandoned,
                hold_s=message.whole("Holdtime"), talk_s=message.whole("TalkTime"),
            ))
