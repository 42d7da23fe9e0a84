"""Day after day of one centre. Each day is made from its date alone, so any day can be made at once."""

import gc
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ccboard.clock import SECOND
from ccboard.moments import to_datetime, to_micros
from ccboard.records import Record
from sources.simulator import floor
from sources.simulator.arrivals import arrivals
from sources.simulator.config import SimulatorConfig
from sources.simulator.engine import Day
from sources.simulator.people import Person, duties, reserves, roster
from sources.simulator.scenario import NORMAL, DayScenario
from sources.simulator.state import DayPlan

HOUR_US = 3600 * SECOND


class Called(NamedTuple):
    """Reserves who are called to a queue: how many in all, and when."""

    queue: str
    heads: int
    at: int


class Simulation:
    """A centre from the day `first` on. `scenario_day` is the one that is not normal."""

    def __init__(self, config: SimulatorConfig, source: str, zone: ZoneInfo, first: date,
                 scenario_day: date, queues: tuple[floor.QueuePlan, ...] = floor.QUEUES) -> None:
        self._config = config
        self._source = source
        self._zone = zone
        self._scenario_day = scenario_day
        self._queues = queues
        self._people: tuple[Person, ...] = roster(config.seed, config.agents)
        self._day = self.make_day(first)
        self.date = first
        self.called: list[Called] = []
        """Reserves who were called on the present day."""
        self._reserves = 0

    def midnight(self, day: date) -> int:
        """Return when `day` begins in the centre's zone."""
        return to_micros(datetime.combine(day, time(0), self._zone))

    def make_day(self, day: date, *, detail: bool = True) -> Day:
        """Return one day, not yet run."""
        config = self._config
        scenario = DayScenario(config.scenario) if day == self._scenario_day else NORMAL
        return Day(DayPlan(
            source=self._source,
            seed=f"{config.seed}:{day}:floor",
            call_prefix=f"{day:%y%m%d}-",
            begin=self.midnight(day),
            close_hour=floor.CLOSE_HOUR[day.weekday()],
            calls=tuple(arrivals(config.seed, day, config.agents, config.over_dispersion, scenario,
                                 self._queues)),
            duties=duties(self._people, config.seed, day, self._scenario_day),
            queues=self._queues,
            scenario=scenario,
        ), detail=detail)

    def call(self, called: "Called") -> None:
        """Let reserves come to a queue, as many as have not been called to it today."""
        queue, heads, at = called
        if queue not in {plan.name for plan in self._queues}:
            return
        already = max((one.heads for one in self.called if one.queue == queue), default=0)
        if heads <= already:
            return
        hour = (at - self.midnight(self.date)) / HOUR_US
        hours = hour, floor.CLOSE_HOUR[self.date.weekday()]
        seed, size = self._config.seed, self._config.agents
        coming = reserves(seed, size, queue, hours, self._reserves, heads - already)
        self._day.call_in(coming)
        self._reserves += len(coming)
        self.called.append(called)

    def whole_day(self, day: date) -> list[Record]:
        """Return all of a past day in bulk: each visit once, missed offers, who left when.

        The garbage collector stands still meanwhile: nothing of a day can be freed before its end, and
        looking for it takes a third of the time.
        """
        collecting = gc.isenabled()
        gc.disable()
        try:
            return self.make_day(day, detail=False).advance(self.midnight(day + timedelta(days=2)))
        finally:
            if collecting:
                gc.enable()

    def advance(self, until: int) -> list[Record]:
        """Return what happens up to and including `until`, from where it was."""
        said = self._day.advance(until)
        while until >= self.midnight(self.date + timedelta(days=1)):
            self.date += timedelta(days=1)
            self.called, self._reserves = [], 0
            self._day = self.make_day(self.date)
            said += self._day.advance(until)
        return said

    def next_at(self) -> int:
        """Return when something happens next."""
        at = self._day.next_at()
        return self.midnight(self.date + timedelta(days=1)) if at is None else at


def local_date(at: int, zone: ZoneInfo) -> date:
    """Return the date that the moment `at` falls on in `zone`."""
    return to_datetime(at).astimezone(zone).date()
