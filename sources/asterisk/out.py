"""What a reducer hands on: records, each visit and offer once with its newest state, and rejects."""

from typing import Final

from ccboard.clean import clean
from ccboard.records import (
    AgentState,
    Offer,
    QueueCounters,
    QueueKnown,
    Record,
    Refusal,
    Reject,
    SourceStatus,
)
from sources.asterisk.visits import Ring, Visit

MAX_REJECTS: Final = 1_000
"""Most rejects kept between two drains; those beyond are counted in one more."""


class Out:
    """Collects until `drain`. Visits and rings are turned into records there, as they are by then."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._visits: dict[tuple[str, str, int], Visit] = {}
        self._rings: dict[int, tuple[Visit, Ring]] = {}
        self._records: list[Record] = []
        self._rejects: list[Reject] = []
        self._more_rejects = 0

    def visit(self, visit: Visit) -> None:
        """Note that a visit changed."""
        self._visits[visit.call, visit.queue, visit.nth] = visit

    def ring(self, visit: Visit, ring: Ring) -> None:
        """Note that a ring began or ended; the latest to change is handed on last."""
        self._rings.pop(id(ring), None)
        self._rings[id(ring)] = (visit, ring)

    def not_ring(self, ring: Ring) -> None:
        """Take back a ring that turned out to be another one."""
        self._rings.pop(id(ring), None)

    def record(self, record: AgentState | QueueKnown | SourceStatus | Refusal | QueueCounters) -> None:
        """Hand on a record as it is."""
        self._records.append(record)

    def reject(self, where: str, reason: str, text: str = "") -> None:
        """Report a piece of input that could not be used."""
        if len(self._rejects) < MAX_REJECTS:
            self._rejects.append(Reject(where=where, reason=reason, text=clean(text, 80)))
        else:
            self._more_rejects += 1

    def drain(self) -> tuple[list[Record], list[Reject]]:
        """Return what came together since the last time, and begin anew."""
        records: list[Record] = [visit.record(self.source) for visit in self._visits.values()]
        records += [self._offer(visit, ring) for visit, ring in self._rings.values()]
        records += self._records
        rejects = self._rejects
        if self._more_rejects:
            rejects.append(Reject("asterisk", f"{self._more_rejects} more pieces of input not used"))
        self._visits, self._rings, self._records = {}, {}, []
        self._rejects, self._more_rejects = [], 0
        return records, rejects

    def _offer(self, visit: Visit, ring: Ring) -> Offer:
        return Offer(
            source=self.source,
            call=visit.call,
            queue=visit.queue,
            agent=ring.agent,
            nth=ring.nth,
            started_at=ring.started_at,
            ended_at=ring.ended_at,
            ring_s=ring.ring_s,
            result=ring.result,
        )
