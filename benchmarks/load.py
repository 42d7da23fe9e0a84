"""A floor of a given size as its phone system tells it: every call when it comes, is answered and ends."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from ccboard.clock import SECOND
from ccboard.records import AgentState, Contact, Offer, QueueKnown, Record, SourceStatus

SOURCE = "load"
CALLERS = 8000


@dataclass
class Floor:
    """So many queues, agents and calls over `hours` hours from `begin` on; of one seed always the same."""

    begin: int
    hours: float
    queues: int = 50
    agents: int = 500
    calls: int = 20_000
    seed: int = 1
    told: list[tuple[int, Record]] = field(init=False, repr=False)
    """Every record with the moment at which it is told, in that order."""

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._queues = [f"queue {n:04d}" for n in range(self.queues)]
        self._staff = [f"Agent {n:05d}" for n in range(self.agents)]
        self._of: dict[str, list[str]] = {name: [] for name in self._queues}
        for n, agent in enumerate(self._staff):
            for queue in self._member_of(n):
                self._of[queue].append(agent)
        self.told = sorted(self._all(), key=lambda one: one[0])

    def by(self, at: int) -> list[Record]:
        """Return what was told by a moment; of each call only the last."""
        last: dict[object, Record] = {}
        for n, (_, record) in enumerate(self.told[:bisect_right(self.told, at, key=lambda one: one[0])]):
            if isinstance(record, Contact):
                last[record.call] = record
            elif isinstance(record, Offer):
                last[record.call, record.agent] = record
            else:
                last[n] = record
        return list(last.values())

    def between(self, since: int, until: int) -> list[Record]:
        """Return what was told after one moment and by another."""
        first, end = (bisect_right(self.told, at, key=lambda one: one[0]) for at in (since, until))
        return [record for _, record in self.told[first:end]]

    def _all(self) -> Iterator[tuple[int, Record]]:
        say, begin = self._random, self.begin
        length = int(self.hours * 3600)
        yield begin, SourceStatus(source=SOURCE, at=begin, kind="whole")
        yield from ((begin, QueueKnown(source=SOURCE, queue=name, at=begin)) for name in self._queues)
        for n, agent in enumerate(self._staff):
            at = begin - 600 * SECOND + n
            for queue in self._member_of(n):
                yield at, AgentState(source=SOURCE, agent=agent, at=at, state="ready", queue=queue,
                                     interface=f"PJSIP/{2000 + n}", team=f"team {n % 20}")
        for n in range(self.calls):
            yield from self._call(n, begin + say.randrange(length * SECOND))
        for _ in range(self.calls // 20):
            at = begin + say.randrange(length * SECOND)
            queue = say.choice(self._queues)
            agent = say.choice(self._of[queue])
            yield at, AgentState(source=SOURCE, agent=agent, at=at, state="paused", queue=queue,
                                 reason=say.choice(["Break", "Lunch", "Training"]))
            at += say.randrange(60, 1800) * SECOND
            yield at, AgentState(source=SOURCE, agent=agent, at=at, state="ready", queue=queue)

    def _member_of(self, n: int) -> list[str]:
        """Return the three queues of the n-th agent."""
        return [self._queues[(n + 17 * k) % self.queues] for k in range(3)]

    def _call(self, n: int, at: int) -> Iterator[tuple[int, Record]]:
        say = self._random
        queue = say.choice(self._queues)
        agent = say.choice(self._of[queue])
        caller = say.randrange(CALLERS)
        wait, talk = int(say.expovariate(1 / 15)) + 1, int(say.lognormvariate(5.0, 0.8))
        answered = at + wait * SECOND
        one = Contact(source=SOURCE, call=f"c{n}", queue=queue, offered_at=at, caller=f"+4930{caller:07d}",
                      caller_key=f"{caller:016x}")
        yield at, one
        if say.random() < 0.05:
            yield answered, replace(one, version=2, ended_at=answered, outcome="abandoned",
                                    wait_s=float(wait))
            return
        rings = max(at, answered - 6 * SECOND)
        offer = Offer(source=SOURCE, call=one.call, queue=queue, agent=agent, started_at=rings)
        yield rings, offer
        yield answered, replace(offer, ended_at=answered, ring_s=(answered - rings) / SECOND,
                                result="answered")
        one = replace(one, version=2, answered_at=answered, outcome="answered", agent=agent,
                      wait_s=float(wait))
        yield answered, one
        ended = answered + talk * SECOND
        yield ended, replace(one, version=3, ended_at=ended, talk_s=float(talk))
