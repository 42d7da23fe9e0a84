"""A floor of a given size as records: 50 queues, 500 agents, 20 000 calls since the morning."""

from collections.abc import Iterator
from random import Random

from ccboard.clock import SECOND
from ccboard.records import AgentState, Contact, Offer, QueueKnown, Record, SourceStatus

SOURCE = "load"


def floor(begin: int, hours: float, queues: int, agents: int, calls: int) -> Iterator[Record]:
    """Yield the records in the order of their time; 300 callers wait or talk at the end."""
    rng = Random(1)
    names = [f"queue {n:02d}" for n in range(queues)]
    staff = [f"Agent {n:03d}" for n in range(agents)]
    end = begin + int(hours * 3600 * SECOND)
    yield SourceStatus(source=SOURCE, at=begin, kind="whole")
    yield SourceStatus(source=SOURCE, at=begin, kind="alive", until=end)
    yield from (QueueKnown(source=SOURCE, queue=name, at=begin) for name in names)
    for n, agent in enumerate(staff):
        for k in range(3):
            yield AgentState(source=SOURCE, agent=agent, at=begin + n, state="ready",
                             queue=names[(n + 17 * k) % queues], interface=f"PJSIP/{2000 + n}",
                             team=f"team {n % 20}")
    moments = sorted(rng.randrange(begin + SECOND, end) for _ in range(calls))
    for n, offered in enumerate(moments):
        agent = staff[n % agents]
        queue = names[rng.randrange(queues)]
        wait, talk = rng.expovariate(1 / 15), rng.lognormvariate(5.0, 0.8)
        answered, ended = offered + int(wait * SECOND), offered + int((wait + talk) * SECOND)
        lost = rng.random() < 0.05
        outcome = None if answered > end else "abandoned" if lost else "answered"
        done = outcome is not None and (lost or ended <= end)
        yield Contact(
            source=SOURCE, call=f"c{n}", queue=queue, version=3, offered_at=offered,
            answered_at=answered if outcome == "answered" else None,
            ended_at=(answered if lost else ended) if done else None, outcome=outcome,  # type: ignore[arg-type]
            agent=agent if outcome == "answered" else None, wait_s=wait if outcome else None,
            talk_s=talk if done and not lost else None, caller=f"+4930{rng.randrange(8000):07d}",
            caller_key=f"{rng.randrange(8000):016x}",
        )
        if outcome == "answered":
            yield Offer(source=SOURCE, call=f"c{n}", queue=queue, agent=agent, started_at=offered,
                        ended_at=answered, ring_s=wait, result="answered")
        if n % 20 == 0:
            paused = n % 40 == 0
            yield AgentState(source=SOURCE, agent=staff[(n * 7) % agents], at=offered,
                             state="paused" if paused else "ready", queue=queue,
                             reason="Break" if paused else None)
