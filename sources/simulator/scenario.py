"""What is special about the first day of each scenario."""

from dataclasses import dataclass

from sources.simulator.config import Scenario

SURGE = 0.38
SURGE_QUEUE = "support"
SURGE_HOURS = (8.0, 14.0, 15.0)
"""It is there from the first hour on, and between the other two it fades."""
QUIET = 0.3
TRUNK_FAILS, TRUNK_BACK = 9 + 35 / 60, 10.0
"""Hours between which no call reaches the centre. Who was on the line is cut off, and calls again."""
CRASH, CRASH_S = 11.5, 45.0
"""Hour at which the phone system dies, and the seconds until it has started again."""


@dataclass(frozen=True, slots=True)
class DayScenario:
    """One day's deviations from a normal one."""

    name: Scenario = "normal"

    def lift(self, queue: str, hour: float) -> float:
        """Return how many calls come for each call of a normal day, at an hour of the day."""
        if self.name == "quiet":
            return QUIET
        if self.name == "monday-surge" and queue == SURGE_QUEUE:
            begin, fades, over = SURGE_HOURS
            if begin <= hour < fades:
                return 1 + SURGE
            if fades <= hour < over:
                return 1 + SURGE * (over - hour) / (over - fades)
        return 1.0

    @property
    def trunk_outage(self) -> tuple[float, float] | None:
        """Hours between which the lines are dead, or None."""
        return (TRUNK_FAILS, TRUNK_BACK) if self.name == "outage" else None

    @property
    def crash(self) -> tuple[float, float] | None:
        """Hour at which the phone system dies and seconds until it is back, or None."""
        return (CRASH, CRASH_S) if self.name == "outage" else None


NORMAL = DayScenario()
