"""One day of the floor as an event loop over simulated time.

    day = Day(plan of the day)
    records = day.advance(until)     # whatever happened up to and including `until`, in order

Nothing depends on how often or how far ``advance`` is called: the events and all random draws lie in the
day itself. Moments are whole milliseconds (in microseconds UTC), and every duration is the
difference of the moments that it belongs to.
"""

import heapq
import math
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any

from ccboard.clock import SECOND
from ccboard.records import Outcome, Record, ScoreKind, SourceStatus
from sources.simulator import floor
from sources.simulator.arrivals import PRIORITY, REGULAR, Call, talk
from sources.simulator.people import Duty, Person
from sources.simulator.state import Agent, DayPlan, Visit, seconds, span_of
from sources.simulator.tell import Teller


class Day:
    """The event loop. `detail` False leaves out agents' states but leaving, and offers but missed ones."""

    def __init__(self, plan: DayPlan, *, detail: bool = True) -> None:
        self.plan = plan
        self._say = Teller(plan.source, plan.queues, detail=detail)
        self._rng = Random(plan.seed)
        self._judging = Random(f"{plan.seed}:judged")
        self._events: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0
        self._order = 0
        self._now = plan.begin
        self._close = self._at(plan.close_hour)
        self._plans = {queue.name: queue for queue in plan.queues}
        self._credit = {q.name: round(floor.CREDIT_S * SECOND) if q.priority else 0 for q in plan.queues}
        self._waiting: dict[str, list[tuple[int, Visit]]] = {name: [] for name in self._plans}
        self._n_waiting: Counter[str] = Counter()
        self._members: Counter[str] = Counter()  # agents logged in, by queue
        self._idle: dict[tuple[str, ...], deque[Agent]] = {}
        self._groups: dict[str, list[deque[Agent]]] = {name: [] for name in self._plans}
        self._on_duty = self._paused = 0
        self._open: dict[int, Visit] = {}  # by order: waiting or talking
        self._down = False
        self._agents = [self._hire(duty) for duty in plan.duties]
        self._calls: Iterator[tuple[int, Call]] = iter(enumerate(plan.calls, 1))
        self._next_call()
        self._dead_from = self._dead_until = 0  # of the lines
        if (outage := plan.scenario.trunk_outage) is not None:
            self._dead_from, self._dead_until = (self._at(hour) for hour in outage)
            self._push(self._dead_from, self._trunk_fails)
        if (crash := plan.scenario.crash) is not None:
            self._push(self._at(crash[0]), self._crash, crash[1])

    # -- the loop ------------------------------------------------------------------------------------

    def advance(self, until: int) -> list[Record]:
        """Let everything happen up to and including `until`; return what there is to say about it."""
        events = self._events
        while events and events[0][0] <= until:
            self._now, _, action, args = heapq.heappop(events)
            action(*args)
        return self._say.drain()

    def call_in(self, duties: Iterable[Duty]) -> None:
        """Let more people come than were planned. What they begin with must not have happened yet."""
        self._agents += map(self._hire, duties)

    def next_at(self) -> int | None:
        """Return when something happens next; None: the day is over."""
        return self._events[0][0] if self._events else None

    def _push(self, at: int, action: Callable[..., None], *args: Any) -> None:
        self._count += 1
        heapq.heappush(self._events, (at, self._count, action, args))

    def _at(self, hour: float) -> int:
        return self.plan.begin + span_of(hour * 3600)

    # -- callers -------------------------------------------------------------------------------------

    def _next_call(self) -> None:
        number, call = next(self._calls, (0, None))
        if call is not None:
            self._push(self._at(call.hour), self._arrive, call, f"{self.plan.call_prefix}{number:05d}")

    def _arrive(self, call: Call, call_id: str) -> None:
        self._next_call()
        self._ring_in(call, call_id)

    def _ring_in(self, call: Call, call_id: str) -> None:
        if not (self._down or self._dead_from <= self._now < self._dead_until):
            self._enter(call, call_id, call.queue, Counter(), self._now + span_of(call.patience_s))

    def _enter(self, call: Call, call_id: str, queue: str, entered: Counter[str], gives_up_at: int) -> None:
        entered[queue] += 1
        self._order += 1
        visit = Visit(call, call_id, queue, self._order, self._now, entered, gives_up_at)
        self._n_waiting[queue] += 1
        visit.position = self._n_waiting[queue]
        self._open[visit.order] = visit
        self._say.visit(visit)
        self._schedule_leaving(visit)
        if not self._members[queue]:
            self._push(self._now + span_of(4.0), self._nobody_there, visit)
        heapq.heappush(self._waiting[queue], (visit.order, visit))
        self._match(queue)

    def _schedule_leaving(self, visit: Visit) -> None:
        """Let whatever comes first end the waiting: patience, the queue's limit, a pressed key."""
        at, outcome = visit.gives_up_at, "abandoned"
        timeout = visit.offered_at + span_of(self._plans[visit.queue].timeout_s)
        if timeout < at:
            at, outcome = timeout, "timed_out"
        key_s = visit.call.key_s
        if key_s is not None and len(visit.entered) == 1 and visit.offered_at + span_of(key_s) < at:
            at, outcome = visit.offered_at + span_of(key_s), "left_by_key"
        self._push(max(at, self._now + 1000), self._leave, visit, outcome)

    def _nobody_there(self, visit: Visit) -> None:
        if not self._members[visit.queue]:
            self._leave(visit, "left_empty")

    def _leave(self, visit: Visit, outcome: Outcome) -> None:
        """Let a caller stop waiting, unless it was answered or is gone already."""
        if visit.outcome is not None or self._down:
            return
        if visit.ringing:
            if outcome == "timed_out":  # a phone is ringing: it has the last word
                self._push(self._now + SECOND, self._leave, visit, outcome)
                return
            agent = visit.agent
            assert agent is not None
            visit.agent, visit.ringing = None, False
            self._say.offer(agent, self._now, visit, "cancelled")
            self._end_waiting(visit, outcome)
            self._cool(agent)
        else:
            self._end_waiting(visit, outcome)
        if outcome == "abandoned" and visit.call.redials:
            self._redial(visit)
        elif outcome == "timed_out" and (onward := self._plans[visit.queue].overflow):
            self._enter(visit.call, visit.call_id, onward, visit.entered, visit.gives_up_at)

    def _end_waiting(self, visit: Visit, outcome: Outcome) -> None:
        visit.outcome, visit.ended_at = outcome, self._now
        if outcome == "abandoned":
            visit.ended_by = "caller"
        self._n_waiting[visit.queue] -= 1
        del self._open[visit.order]
        self._say.visit(visit, last=True)

    def _redial(self, visit: Visit) -> None:
        """Somebody who hung up calls again later, as a new call with a new patience."""
        at = self._now + span_of(20 + self._rng.expovariate(1 / floor.REDIAL_MEAN_S))
        if at < self._close:
            old = visit.call
            draw = PRIORITY if self._plans[old.queue].priority else REGULAR
            call = Call(0.0, old.queue, old.kind, old.caller, old.name, draw.draw(self._rng), old.talk_s,
                        None, redials=self._rng.random() < 0.5)
            self._push(at, self._ring_in, call, f"{visit.call_id}r")

    # -- who gets whom -------------------------------------------------------------------------------

    def _head(self, queue: str) -> Visit | None:
        """Return who has waited longest in a queue with no phone ringing for them."""
        waiting = self._waiting[queue]
        while waiting:
            visit = waiting[0][1]
            if visit.outcome is None and not visit.ringing:
                return visit
            heapq.heappop(waiting)
        return None

    def _match(self, queue: str) -> None:
        """Offer waiting callers to free agents: those whose first queue it is, then the longest free."""
        while (visit := self._head(queue)) is not None:
            free = [group for group in self._groups[queue] if group]
            if not free or self._down:
                return
            first = min(free, key=lambda group: (
                group[0].queues.index(queue), group[0].offer_at, group[0].name))
            self._offer(first.popleft(), visit)

    def _free(self, agent: Agent) -> None:
        """Find an agent something to do: home, a break that is due, the next caller, or wait for one."""
        agent.token += 1
        agent.visit = None
        heads = [head for queue in agent.queues if (head := self._head(queue)) is not None]
        if self._now >= agent.ends_at and not (heads and self._now >= self._close):
            self._log_out(agent)
        elif agent.breaks and self._paused < floor.MOST_PAUSED * self._on_duty:
            self._pause(agent, *agent.breaks.popleft())
        elif heads and not self._down:
            self._offer(agent, min(heads, key=lambda v: v.offered_at - self._credit[v.queue]))
        else:
            agent.state = "idle"
            agent.offer_at = self._now  # free since
            self._idle[agent.queues].append(agent)
            if agent.breaks:
                self._push(self._now + span_of(60), self._try_break, agent, agent.token)

    def _take_from_idle(self, agent: Agent) -> None:
        if agent.state == "idle":
            self._idle[agent.queues].remove(agent)

    def _offer(self, agent: Agent, visit: Visit) -> None:
        heapq.heappop(self._waiting[visit.queue])  # it is the head
        agent.state, agent.visit, agent.offer_at = "ringing", visit, self._now
        agent.token += 1
        visit.ringing, visit.agent = True, agent
        self._say.offer(agent, self._now, visit, None)
        rng = agent.rng
        if rng.random() < agent.duty.person.no_answer:
            self._push(self._now + span_of(floor.RING_LIMIT_S), self._missed, agent, agent.token)
        else:
            least, mean, sigma = floor.RING_S
            ring = least + (mean - least) * math.exp(rng.gauss(-(sigma**2) / 2, sigma))
            ring = min(ring, floor.RING_LIMIT_S - 1)
            self._push(self._now + span_of(ring), self._answer, agent, agent.token)

    def _missed(self, agent: Agent, token: int) -> None:
        if agent.token != token:
            return
        visit = agent.visit
        assert visit is not None
        visit.ringing, visit.agent = False, None
        self._say.offer(agent, self._now, visit, "no_answer")
        heapq.heappush(self._waiting[visit.queue], (visit.order, visit))  # back to its place
        if agent.rng.random() < 0.5:
            agent.token += 1
            agent.visit = None
            self._pause(agent, floor.MISSED, 2 + agent.rng.expovariate(1 / 3))
        else:
            self._cool(agent)
        self._match(visit.queue)

    def _cool(self, agent: Agent) -> None:
        """Give a phone that rang in vain a moment."""
        agent.token += 1
        agent.visit = None
        agent.state = "cooling"
        self._push(self._now + span_of(floor.AFTER_MISS_S), self._freed, agent, agent.token)

    def _freed(self, agent: Agent, token: int) -> None:
        if agent.token == token:
            self._free(agent)

    # -- talking -------------------------------------------------------------------------------------

    def _answer(self, agent: Agent, token: int) -> None:
        if agent.token != token:
            return
        visit = agent.visit
        assert visit is not None
        agent.state = "talking"
        agent.token += 1
        visit.ringing = False
        visit.outcome, visit.answered_at = "answered", self._now
        visit.ring_s = seconds(self._now - agent.offer_at)
        self._n_waiting[visit.queue] -= 1
        self._say.offer(agent, self._now, visit, "answered")
        self._say.visit(visit)
        rng = agent.rng
        length = span_of(visit.call.talk_s * agent.duty.talk_factor)
        if length > 40 * SECOND and rng.random() < floor.HOLD_SHARE * agent.duty.person.hold_factor:
            hold = span_of(min(5 + rng.expovariate(1 / floor.HOLD_MEAN_S), 600.0))
            begins = self._now + span_of(length / SECOND * rng.uniform(0.3, 0.7))
            self._push(begins, self._hold, agent, agent.token, hold)
            length += hold
        self._push(self._now + length, self._hang_up, agent, agent.token)

    def _hold(self, agent: Agent, token: int, hold: int) -> None:
        if agent.token == token and agent.visit is not None:
            self._say.agent(agent, self._now, "hold")
            self._push(self._now + hold, self._resume, agent, token, hold)

    def _resume(self, agent: Agent, token: int, hold: int) -> None:
        if agent.token == token and agent.visit is not None:
            agent.visit.hold_s = seconds(hold)
            self._say.agent(agent, self._now, "talking")

    def _hang_up(self, agent: Agent, token: int) -> None:
        if agent.token != token:
            return
        visit, rng = agent.visit, agent.rng
        assert visit is not None
        visit.ended_at = self._now
        del self._open[visit.order]
        onward = self._plans[visit.queue].transfers
        share = 0.0 if onward is None else onward[1] * agent.duty.person.transfer_factor
        if onward is not None and rng.random() < share and len(visit.entered) == 1:
            visit.transfer = "attended" if rng.random() < 0.4 else "blind"
            visit.ended_by = "transfer"
        else:
            visit.ended_by = "caller" if rng.random() < 0.7 else "agent"
        agent.state = "wrap"
        agent.token += 1
        mean = floor.WRAP_MEAN_S * agent.duty.person.wrap_factor
        wrap = span_of(mean * math.exp(rng.gauss(-(floor.WRAP_SIGMA**2) / 2, floor.WRAP_SIGMA)))
        self._say.visit(visit)
        self._say.agent(agent, self._now, "wrap_up")
        self._push(self._now + wrap, self._wrapped, agent, agent.token, wrap)
        if not visit.transfer:
            self._judge(visit, agent.duty.person)
        if visit.transfer and onward is not None:
            call = visit.call
            again = Call(0.0, call.queue, call.kind, call.caller, call.name, 0.0,
                         talk(rng, call.kind), None, redials=False)
            patience = 30 + 2 * REGULAR.draw(rng)  # who was helped once waits longer
            self._enter(again, visit.call_id, onward[0], visit.entered, self._now + span_of(patience))

    def _judge(self, visit: Visit, person: Person) -> None:
        """Let the caller answer a survey or complain, and a reviewer listen: some of them, and later."""
        rng, quality = self._judging, person.quality

        def later(mean_s: float, kind: ScoreKind, value: float) -> None:
            at = self._now + span_of(20 + rng.expovariate(1 / mean_s))
            self._push(at, self._say.score, visit, kind, value, at)

        if rng.random() < floor.SURVEYED:
            mark = rng.gauss(floor.MARK_MEAN + floor.MARK_SKILL * quality, floor.MARK_SPREAD)
            later(floor.SURVEY_AFTER_S, "csat", float(min(5, max(1, round(mark)))))
            solved = 1 / (1 + math.exp(-floor.SOLVED_ODDS - floor.SOLVED_SKILL * quality))
            later(floor.SURVEY_AFTER_S, "resolved", float(rng.random() < solved))
        if rng.random() < floor.REVIEWED:
            points = rng.gauss(floor.POINTS_MEAN + floor.POINTS_SKILL * quality, floor.POINTS_SPREAD)
            later(floor.REVIEW_AFTER_S, "qa", float(min(100, max(0, round(points)))))
        if rng.random() < floor.COMPLAINED * math.exp(-floor.COMPLAINT_SKILL * quality):
            later(floor.REVIEW_AFTER_S, "complaint", 1.0)

    def _wrapped(self, agent: Agent, token: int, wrap: int) -> None:
        if agent.token != token:
            return
        visit = agent.visit
        assert visit is not None
        visit.wrap_s = seconds(wrap)
        self._say.visit(visit, last=True)
        if agent.rng.random() < floor.OUTSIDE_SHARE:
            agent.token += 1
            agent.visit = None
            agent.state = "busy"
            self._say.agent(agent, self._now, "busy")
            length = span_of(10 + agent.rng.expovariate(1 / floor.OUTSIDE_MEAN_S))
            self._push(self._now + length, self._ready, agent, agent.token)
        else:
            self._ready(agent, agent.token)

    def _ready(self, agent: Agent, token: int) -> None:
        if agent.token == token:
            self._say.agent(agent, self._now, "ready")
            self._free(agent)

    # -- coming, going and breaks --------------------------------------------------------------------

    def _hire(self, duty: Duty) -> Agent:
        agent = Agent(duty, self._at(duty.ends), Random(f"{self.plan.seed}:{duty.person.name}"))
        if agent.queues not in self._idle:
            group: deque[Agent] = deque()
            self._idle[agent.queues] = group
            for queue in agent.queues:
                if queue in self._groups:
                    self._groups[queue].append(group)
        self._push(self._at(duty.begins), self._log_in, agent)
        for hour, reason, minutes in duty.breaks:
            self._push(self._at(hour), self._break_due, agent, reason, minutes)
        self._push(agent.ends_at, self._go_home, agent)
        return agent

    def _log_in(self, agent: Agent) -> None:
        self._on_duty += 1
        for queue in agent.queues:
            self._members[queue] += 1
        self._say.agent(agent, self._now, "ready")
        self._say.queues(agent, self._now, "ready")
        self._free(agent)

    def _log_out(self, agent: Agent) -> None:
        self._on_duty -= 1
        agent.state = "off"
        agent.token += 1
        self._say.queues(agent, self._now, "offline")
        self._say.agent(agent, self._now, "offline")
        for queue in agent.queues:
            self._members[queue] -= 1
            if not self._members[queue]:
                for _, visit in sorted(self._waiting[queue]):
                    self._push(self._now + span_of(1.0), self._nobody_there, visit)

    def _go_home(self, agent: Agent) -> None:
        if agent.state in ("idle", "paused"):
            self._take_from_idle(agent)
            if agent.state == "paused":
                self._paused -= 1
            agent.token += 1
            self._free(agent)

    def _break_due(self, agent: Agent, reason: str, minutes: float) -> None:
        if agent.state != "off" and self._now < agent.ends_at - 20 * 60 * SECOND:
            agent.breaks.append((reason, minutes))
            self._try_break(agent, agent.token)

    def _try_break(self, agent: Agent, token: int) -> None:
        if agent.state == "idle" and agent.token == token and agent.breaks:
            self._take_from_idle(agent)
            self._free(agent)

    def _pause(self, agent: Agent, reason: str, minutes: float) -> None:
        agent.state = "paused"
        self._paused += 1
        self._say.queues(agent, self._now, "paused", reason)
        self._push(self._now + span_of(minutes * 60), self._unpause, agent, agent.token)

    def _unpause(self, agent: Agent, token: int) -> None:
        if agent.token == token:
            self._paused -= 1
            self._say.queues(agent, self._now, "ready")
            self._free(agent)

    # -- failures (scenario "outage") ----------------------------------------------------------------

    def _trunk_fails(self) -> None:
        """Cut all lines: who waits is gone within seconds, and so is who talks."""
        for visit in list(self._open.values()):
            at = self._now + span_of(self._rng.uniform(0.2, 4))
            if visit.outcome is None:
                self._push(at, self._leave, visit, "abandoned")
            elif visit.agent is not None:
                self._push(at, self._hang_up, visit.agent, visit.agent.token)

    def _crash(self, down_s: float) -> None:
        """Let the phone system die. What it says of that, it says when it has started again."""
        self._down = True
        for agent in self._agents:
            if agent.state in ("ringing", "talking"):
                agent.token += 1  # whatever was going to happen does not
        self._push(self._now + span_of(down_s), self._restart)

    def _restart(self) -> None:
        self._down = False
        self._say.out.append(SourceStatus(source=self.plan.source, at=self._now, kind="restart"))
        for visit in list(self._open.values()):
            agent, ringing = visit.agent, visit.ringing
            if visit.outcome is None:
                if ringing and agent is not None:
                    visit.agent, visit.ringing = None, False
                    self._say.offer(agent, self._now, visit, "cancelled")
                self._end_waiting(visit, "lost")
            else:
                del self._open[visit.order]
                visit.ended_at, visit.crashed = self._now, True
                self._say.visit(visit, last=True)
            if agent is not None and agent.visit is visit:
                self._say.agent(agent, self._now, "ready")
                self._cool(agent)
        for queue in self._plans:
            self._match(queue)
