"""The keys under ``[sources.NAME]`` of a source of type ``simulator``."""

from datetime import datetime
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ccboard.moments import to_micros

Scenario: TypeAlias = Literal["normal", "monday-surge", "outage", "quiet"]

DEFAULT_START = "2026-11-16T09:14"
"""A Monday morning."""


class SimulatorConfig(BaseModel):
    """A call centre that does not exist. The same keys give the same calls, to the microsecond."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = 1
    """Another number, another centre: other people, other calls."""
    scenario: Scenario = "normal"
    """What happens on the first day: nothing special, +38 % on support, failures, or hardly any calls."""
    agents: int = Field(72, ge=8, le=2000)
    """Agents on the roster; the calls grow with them. About three quarters work at the same time."""
    over_dispersion: float = Field(0.5, ge=0, le=2)
    """How much days differ beyond chance, as a share of what the bank's days do (0: not at all)."""
    history_days: int = Field(0, ge=0, le=800)
    """Days before the first that are generated too: calls and misses, of agents only when each left last."""
    start: str = DEFAULT_START
    """Where the hub's clock starts (ISO 8601; without an offset in `timezone`), or "now" to follow it."""
    speed: float = Field(1.0, gt=0, le=3600)
    """How many times as fast as the host's clock."""
    timezone: str | None = None
    """Zone of `start`; without it the host's. Opening hours are in the centre's zone."""

    @field_validator("start")
    @classmethod
    def _moment(cls, value: str) -> str:
        if value != "now":
            try:
                datetime.fromisoformat(value)
            except ValueError:
                msg = 'must be a moment such as 2026-11-16T09:14, or "now"'
                raise ValueError(msg) from None
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        if value is not None and value not in available_timezones():
            msg = "no time zone of this host"
            raise ValueError(msg)
        return value

    def starts_at(self) -> int | None:
        """Return where the clock starts, in microseconds UTC; None: it follows the hub's."""
        if self.start == "now":
            return None
        moment = datetime.fromisoformat(self.start)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(self.timezone)) if self.timezone else moment.astimezone()
        return to_micros(moment)

    def fingerprint(self) -> str:
        """Return what must not change while a simulation goes on in one store."""
        return f"{self.seed}/{self.scenario}/{self.agents}/{self.over_dispersion:g}"
