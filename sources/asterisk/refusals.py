"""Callers turned away at the door: Asterisk says nothing of them, a line in the dialplan does.

    QueueLog(support,${UNIQUEID},NONE,CCBOARD_REFUSED,${QUEUESTATUS})     a line of queue_log
    UserEvent(CCBoardRefused,Queue: support,Reason: ${QUEUESTATUS})       an event of class user

A dialplan may say both. The n-th time that the log says it of a call and queue and the n-th time that the
manager interface does are the same fact, and get the same key.
"""

from typing import Final

from ccboard.records import Refusal
from sources.asterisk.out import Out

EVENT: Final = "CCBOARD_REFUSED"
"""The event of queue_log."""
USER_EVENT: Final = "ccboardrefused"
"""The user event, in small letters: dialplans write it as they like."""
MAX_KEPT: Final = 500
"""Calls of which it is remembered how often each was refused."""

Way = int
LOG: Final[Way] = 0
AMI: Final[Way] = 1


class Refusals:
    """Counts how often each call was refused, by either way."""

    def __init__(self, source: str, out: Out) -> None:
        self._source = source
        self._out = out
        self._times: dict[tuple[str, str], list[int]] = {}

    def told(self, way: Way, call: str, queue: str, at: int, reason: str | None) -> None:
        """Take one report."""
        times = self._times.pop((call, queue), None) or [0, 0]
        times[way] += 1
        self._times[call, queue] = times
        while len(self._times) > MAX_KEPT:
            del self._times[next(iter(self._times))]
        self._out.record(Refusal(source=self._source, call=call, queue=queue, nth=times[way], at=at,
                                 reason=reason))

    def to_plain(self) -> list[list[object]]:
        """Return what is remembered, for the kept state."""
        return [[*key, *times] for key, times in self._times.items()]

    def from_plain(self, plain: list[list[object]]) -> None:
        """Take back what ``to_plain`` returned."""
        self._times = {
            (str(call), str(queue)): [int(str(log)), int(str(ami))] for call, queue, log, ami in plain
        }
