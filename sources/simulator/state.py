"""The mutable state of a day while it runs: visits and agents. And the plan that a day is made of."""

from collections import Counter, deque
from dataclasses import dataclass
from random import Random
from typing import Literal

from ccboard.clock import SECOND
from ccboard.records import Outcome
from sources.simulator import floor
from sources.simulator.arrivals import Call
from sources.simulator.floor import QueuePlan
from sources.simulator.people import Duty
from sources.simulator.scenario import NORMAL, DayScenario


def seconds(span: int) -> float:
    """Return a span of microseconds as seconds, to the millisecond."""
    return round(span / SECOND, 3)


def span_of(length_s: float) -> int:
    """Return seconds as a span of whole milliseconds, in microseconds; at least one."""
    return max(round(length_s * 1000), 1) * 1000


@dataclass(frozen=True, slots=True)
class DayPlan:
    """All that a day is made of. `begin`: local midnight in microseconds UTC."""

    source: str
    seed: str  # of the draws that are made while it runs
    call_prefix: str
    begin: int
    close_hour: float
    calls: tuple[Call, ...]
    duties: tuple[Duty, ...]
    queues: tuple[QueuePlan, ...] = floor.QUEUES
    scenario: DayScenario = NORMAL


class Visit:
    """One visit while it happens: the mutable twin of ``Contact``."""

    __slots__ = (
        "agent", "answered_at", "call", "call_id", "crashed", "ended_at", "ended_by", "entered",
        "gives_up_at", "hold_s", "nth", "offered_at", "order", "outcome", "position", "queue", "ring_s",
        "ringing", "transfer", "version", "wrap_s",
    )

    def __init__(self, call: Call, call_id: str, queue: str, order: int, at: int,
                 entered: Counter[str], gives_up_at: int) -> None:
        self.call = call
        self.call_id = call_id
        self.queue = queue
        self.order = order
        self.offered_at = at
        self.entered = entered  # how often this call entered each queue, shared by its visits
        self.nth = entered[queue]
        self.gives_up_at = gives_up_at
        self.version = 0
        self.position = 1
        self.answered_at: int | None = None
        self.ended_at: int | None = None
        self.outcome: Outcome | None = None
        self.agent: Agent | None = None
        self.ring_s: float | None = None
        self.hold_s: float | None = None
        self.wrap_s: float | None = None
        self.transfer: Literal["blind", "attended"] | None = None
        self.ended_by: Literal["caller", "agent", "transfer"] | None = None
        self.ringing = False
        self.crashed = False


class Agent:
    """One person on duty. `token` changes with every change of state, so that old events know it."""

    __slots__ = ("breaks", "duty", "ends_at", "last_at", "name", "offer_at", "offers", "queues", "rng", "seq",
                 "state", "team", "token", "visit")

    def __init__(self, duty: Duty, ends_at: int, rng: Random) -> None:
        self.duty = duty
        self.name = duty.person.name
        self.team = duty.person.team
        self.queues = duty.person.queues
        self.ends_at = ends_at
        self.rng = rng
        self.breaks: deque[tuple[str, float]] = deque()  # due, not yet taken
        self.state = "off"  # off, idle, cooling, ringing, talking, wrap, busy, paused
        self.token = 0
        self.visit: Visit | None = None
        self.offer_at = 0
        self.offers: Counter[tuple[str, str, str]] = Counter()
        self.last_at = -1
        self.seq = 0
