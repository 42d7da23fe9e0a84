"""What is said of what happens: visits, offers and agents become records."""

from ccboard.records import AgentState, Contact, Offer, OfferResult, Record, Score, ScoreKind, State
from sources.simulator.floor import BUSINESS_TYPES, QueuePlan
from sources.simulator.state import Agent, Visit, seconds, span_of


class Teller:
    """Collects records. `detail` False: of agents only who leaves, no offers but missed ones, visits once."""

    def __init__(self, source: str, queues: tuple[QueuePlan, ...], *, detail: bool) -> None:
        self.out: list[Record] = []
        self._source = source
        self._detail = detail
        self._projects = {queue.name: queue.project for queue in queues}

    def drain(self) -> list[Record]:
        """Return what has been said since the last time."""
        said, self.out = self.out, []
        return said

    def visit(self, visit: Visit, *, last: bool = False) -> None:
        """Say what is known of a visit now; in bulk only when nothing more will be known."""
        visit.version += 1
        if not (self._detail or last):
            return
        answered, ended, agent = visit.answered_at, visit.ended_at, visit.agent
        talk_s = None
        if answered is not None and ended is not None and not visit.crashed:
            talk_s = seconds(ended - answered - span_of(visit.hold_s) if visit.hold_s else ended - answered)
        until = answered if answered is not None else ended
        call = visit.call
        self.out.append(Contact(
            source=self._source, call=visit.call_id, queue=visit.queue, nth=visit.nth,
            version=visit.version, offered_at=visit.offered_at, answered_at=answered, ended_at=ended,
            outcome=visit.outcome, agent=agent.name if agent else None, position=visit.position,
            ring_s=visit.ring_s, wait_s=None if until is None else seconds(until - visit.offered_at),
            talk_s=talk_s, hold_s=visit.hold_s, wrap_s=visit.wrap_s, transfer=visit.transfer,
            ended_by=visit.ended_by, caller=call.caller, caller_name=call.name,
            project=self._projects[visit.queue], business_type=BUSINESS_TYPES[call.kind],
        ))

    def agent(self, agent: Agent, at: int, state: State, queue: str | None = None,
              reason: str | None = None) -> None:
        """Say what an agent's seat is (no `queue`), or what the agent is in a queue."""
        if not self._detail and (state != "offline" or queue is not None):
            return
        agent.seq = agent.seq + 1 if agent.last_at == at else 0
        agent.last_at = at
        person = agent.duty.person
        self.out.append(AgentState(
            source=self._source, agent=agent.name, at=at, state=state, seq=agent.seq, queue=queue,
            interface=person.interface, reason=reason, team=agent.team,
        ))

    def queues(self, agent: Agent, at: int, state: State, reason: str | None = None) -> None:
        """Say what an agent is in all queues of theirs."""
        for queue in agent.queues:
            self.agent(agent, at, state, queue, reason)

    def offer(self, agent: Agent, at: int, visit: Visit, result: OfferResult | None) -> None:
        """Say that a phone rings (no `result`), or how that ended."""
        nth = 1
        if result is not None:
            key = (visit.call_id, visit.queue, result)
            agent.offers[key] += 1
            nth = agent.offers[key]
        if self._detail or result == "no_answer":
            ended = None if result is None else at
            self.out.append(Offer(
                source=self._source, call=visit.call_id, queue=visit.queue, agent=agent.name, nth=nth,
                started_at=agent.offer_at, ended_at=ended, result=result,
                ring_s=None if ended is None else seconds(ended - agent.offer_at),
            ))

    def score(self, visit: Visit, kind: ScoreKind, value: float, at: int) -> None:
        """Say what somebody thinks of a visit."""
        self.out.append(Score(
            source=self._source, key=f"{visit.call_id}/{visit.queue}/{visit.nth}/{kind}", at=at, kind=kind,
            value=value, call=visit.call_id, queue=visit.queue,
            agent=visit.agent.name if visit.agent else None,
        ))
