"""Days of the simulated centre, made once and shared by the tests of the simulator."""

from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

from ccboard.records import Contact, Record
from sources.simulator.config import Scenario, SimulatorConfig
from sources.simulator.simulation import Simulation

ZONE = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 16)
HOUR = 3600 * 1_000_000


def simulation(seed: int = 1, scenario: Scenario = "normal", agents: int = 30,
               day: date = MONDAY) -> Simulation:
    config = SimulatorConfig(seed=seed, scenario=scenario, agents=agents)
    return Simulation(config, "sim", ZONE, day, MONDAY)


@cache
def day_of(seed: int, scenario: Scenario, agents: int = 30) -> tuple[Record, ...]:
    made = simulation(seed, scenario, agents)
    return tuple(made.make_day(MONDAY).advance(made.midnight(MONDAY) + 48 * HOUR))


def visits(records: tuple[Record, ...] | list[Record]) -> dict[tuple[str, str, int], Contact]:
    """The last version of each visit."""
    found: dict[tuple[str, str, int], Contact] = {}
    for record in records:
        if isinstance(record, Contact):
            found[record.call, record.queue, record.nth] = record
    return found
