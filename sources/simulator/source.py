"""The simulator as a source: a centre that lives on the hub's clock.

On its first ``poll`` it gives the present day up to now, then whatever happens, and in between, a day at
a time and the newest first, the past: a floor is there at once, and its history comes meanwhile. The cursor
says up to which moment everything has been given, and which days of the past are still to come. A restart
makes the present day again from the seed, says nothing up to that moment, and goes on after it.
"""

import json
import time
from datetime import date, timedelta
from typing import Any, ClassVar

from ccboard.clock import SECOND, Clock, SimulatedClock
from ccboard.errors import InputError
from ccboard.records import AgentState, Contact, Offer, QueueKnown, Record, SourceStatus
from ccboard.source import Context, Data, Nothing, Polled, Release, Source
from sources.simulator import floor
from sources.simulator.config import SimulatorConfig
from sources.simulator.simulation import Called, Simulation, local_date

GATHER_S, GATHER_FAST_S = 1.0, 0.2
"""Events are given at most this often, and on a clock that runs faster: each time costs a transaction."""
BREATHE = 1.0
"""Pause after each day of the past, as a share of what it took: for those who look at the floor meanwhile."""


class SimulatorSource(Source):
    """A discrete-event call centre, deterministic by seed."""

    Config: ClassVar[type[Any]] = SimulatorConfig
    promise_s: ClassVar[float] = 5.0
    sees: ClassVar[frozenset[str]] = frozenset({"hold", "ringing"})

    def __init__(self, name: str, config: SimulatorConfig, context: Context) -> None:
        super().__init__(name, config, context)
        self._simulation: Simulation | None = None
        self._scenario_day = date.min
        self._past: list[date] = []  # days yet to be given in bulk, the oldest first
        self._past_next = False
        self._left: set[str] = set()  # agents of whom it was told when they were last there
        self._took = 0.0  # seconds that the last day of the past took to make
        self._given = 0  # up to which moment everything of the present has been given
        self._greeting: list[Record] = []

    @classmethod
    def own_clock(cls, config: SimulatorConfig) -> Clock | None:
        """Return the clock of the simulated centre, or None where it lives on the hub's."""
        start = config.starts_at()
        return None if start is None else SimulatedClock(start, config.speed)

    def open(self, cursor: str | None) -> None:
        """Make the centre as it stood at `cursor`. Raises InputError where that was another centre."""
        now, zone = self.context.clock.now(), self.context.zone
        if cursor is None:
            today = local_date(now, zone)
            start = self.config.starts_at()
            self._scenario_day = today if start is None else local_date(start, zone)
            self._past = [today - timedelta(days=n) for n in range(self.config.history_days, 0, -1)]
            self._simulation = self._make(today)
            begin = self._simulation.midnight(today)
            self._greeting = [
                SourceStatus(source=self.name, at=begin, kind="whole"),
                SourceStatus(source=self.name, at=begin, kind="alive", until=max(now, begin)),
                *(QueueKnown(source=self.name, queue=q.name, at=begin, project=q.project)
                  for q in floor.QUEUES),
            ]
            return
        where = json.loads(cursor)
        if where["centre"] != self.config.fingerprint():
            raise InputError(
                f"source {self.name}: the store holds another simulation ({where['centre']}) than the"
                f" configuration asks for ({self.config.fingerprint()}): use a fresh store, or its seed,"
                " scenario and agents"
            )
        self._scenario_day = date.fromisoformat(where["first"])
        self._past = [date.fromisoformat(day) for day in where["past"]]
        self._greeting = []
        self._simulation = self._make(date.fromisoformat(where["day"]))
        for called in where.get("called", ()):
            self._simulation.call(Called(*called))
        self._given = where["given"]
        self._simulation.advance(self._given)

    def _make(self, first: date) -> Simulation:
        return Simulation(self.config, self.name, self.context.zone, first, self._scenario_day)

    def poll(self, wait_s: float) -> Polled:
        """Return what happened since the last time, waiting at most `wait_s` for it."""
        simulation = self._simulation
        assert simulation is not None, "poll() before open()"
        clock = self.context.clock
        if self._past and not self._greeting:
            self._past_next = not self._past_next
            happened = [] if self._past_next else newest(simulation.advance(clock.now()))
            if happened:
                return Data(tuple(happened), self._cursor(simulation, clock.now()))
            self._past_next = True
            time.sleep(min(wait_s, self._took * BREATHE))
            began = time.perf_counter()
            day = self._poll_past(simulation)
            self._took = time.perf_counter() - began
            return day
        if not self._greeting and wait_s > 0:
            speed = getattr(clock, "speed", 1.0)
            due_s = (simulation.next_at() - clock.now()) / SECOND / speed
            time.sleep(min(wait_s, max(due_s, GATHER_S if speed <= 2 else GATHER_FAST_S)))
        now = clock.now()
        happened = [*self._greeting, *newest(simulation.advance(now))]
        self._greeting = []
        return Data(tuple(happened), self._cursor(simulation, now)) if happened else Nothing()

    def released(self, release: Release) -> None:
        """Send reserves to the queue that they are called for; they are there some minutes later."""
        if self._simulation is not None and release.queue is not None and release.heads:
            self._simulation.call(Called(release.queue, release.heads, max(release.at, self._given)))

    def _poll_past(self, simulation: Simulation) -> Data:
        """Return the newest day of the past that is still to come, heard and whole."""
        day = self._past.pop()
        begin, end = simulation.midnight(day), simulation.midnight(day + timedelta(days=1))
        said: list[Record] = [
            SourceStatus(source=self.name, at=begin, kind="whole"),
            SourceStatus(source=self.name, at=begin, kind="alive", until=end),
            *(record for record in simulation.whole_day(day) if self._tells(record)),
        ]
        return Data(tuple(said), self._cursor(simulation, self._given))

    def _tells(self, record: Record) -> bool:
        """Tell whether a record of the past is told: of agents only when each was last there, with the team.

        Days come the newest first. Whoever is not at work today is in a team, too.
        """
        if not isinstance(record, AgentState):
            return True
        new = record.agent not in self._left
        self._left.add(record.agent)
        return new

    def _cursor(self, simulation: Simulation, given: int) -> str:
        self._given = given
        return json.dumps({
            "centre": self.config.fingerprint(),
            "first": self._scenario_day.isoformat(),
            "past": [day.isoformat() for day in self._past],
            "day": simulation.date.isoformat(),
            "called": simulation.called,
            "given": given,
        })


def newest(records: list[Record]) -> list[Record]:
    """Leave out what a later record of the same list says again: older versions of visits, open offers."""
    seen: set[tuple[str, ...]] = set()
    kept: list[Record] = []
    for record in reversed(records):
        if isinstance(record, Contact):
            key: tuple[str, ...] = (record.call, record.queue, str(record.nth))
            if key in seen:
                continue
            seen.add(key)
        elif isinstance(record, Offer):
            key = (record.call, record.queue, record.agent, "offer")
            if record.result is None and key in seen:
                continue
            seen.add(key)
        kept.append(record)
    kept.reverse()
    return kept


