"""Who is called when: tiers of reserves, the people behind them, and what the surge watch is told.

Part of the configuration (``[[tiers]]`` and ``[surge]``).
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

DAY = "(?:mon|tue|wed|thu|fri|sat|sun)"
TIME = r"(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)"
_STRETCH = re.compile(f"{DAY}(?:-{DAY})? {TIME}-{TIME}")


def stretch(value: str) -> str:
    """Return a stretch of a week such as "mon-fri 08:00-18:00"; raise ValueError for anything else."""
    if _STRETCH.fullmatch(value) is None:
        msg = f'{value!r} is not a stretch such as "mon-fri 08:00-18:00" or "sat 09:00-24:00"'
        raise ValueError(msg)
    return value


Stretch = Annotated[str, AfterValidator(stretch)]
When = Literal[
    "lift",  # calls over what is normal, less one: 0.30 is +30 %
    "service_level", "longest_wait_s", "abandon_rate", "waiting",  # figures of a queue
    "agents_lost",  # agents fewer than there were half an hour ago
    "complaints",  # today's contacts of the queue that somebody complained about
    "nth_call",  # somebody waits who calls for the n-th time today
]
FALLING = frozenset({"service_level"})
"""Figures that are worse the lower they are."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Contact(_Table):
    """Somebody who is told or asked."""

    name: str
    """As the board shows it."""
    reach: str | None = None
    """How: a number, an extension, a room."""


class Tier(_Table):
    """One step of reserves, and who sees to it."""

    name: str | None = None
    """What it is called on the board; without it "tier 1" for the lowest lift, and so on."""
    lift: float | None = Field(None, gt=0, le=10)
    """Calls over a normal day from which it is needed: 0.30 is +30 %. Short for `when` = "lift"."""
    when: When = "lift"
    """The figure that it watches."""
    limit: float | None = Field(None, ge=0)
    """The figure's value from which it is needed."""
    queues: tuple[str, ...] = ()
    """The queues that it is for; none named: every queue."""
    heads: int | None = Field(None, ge=0)
    """How many reserves can be called; without it what the tier's lift takes is worked out."""
    skills: tuple[str, ...] = ()
    """What they can do, for whoever calls them."""
    from_queues: tuple[str, ...] = ()
    """The queues that they are borrowed from."""
    call: tuple[Contact, ...] = ()
    """The reserves themselves, in the order in which they are called."""
    owner: Contact | None = None
    """Who sees to it."""
    deputies: tuple[Contact, ...] = ()
    """Who does if the owner does not."""
    hours: tuple[Stretch, ...] = ()
    """When it can be called, such as "mon-fri 08:00-18:00"; none: always."""
    acknowledge_min: float = Field(10, gt=0, le=1440)
    """Minutes in which somebody has to accept; then the deputies are told, one after the other."""
    notify: tuple[str, ...] = ()
    """Channels of [notify] that are told; none named: all."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        if isinstance(data, dict) and "lift" in data and {"limit", "when"} & data.keys():
            msg = "either lift, or when and limit"
            raise ValueError(msg)
        return data

    @model_validator(mode="after")
    def _said(self) -> "Tier":
        if self.when == "lift" and self.lift is None and self.limit is None:
            msg = "needs lift (0.30 for +30 %), or when and limit"
            raise ValueError(msg)
        if self.when != "lift" and self.limit is None:
            msg = f"when = {self.when!r} needs a limit"
            raise ValueError(msg)
        if self.when in ("service_level", "abandon_rate") and self.threshold > 1:
            msg = f"limit of {self.when} is a share from 0 to 1, such as {self.threshold / 100:g}"
            raise ValueError(msg)
        return self

    @property
    def threshold(self) -> float:
        """The value that counts, whichever key gave it."""
        value = self.lift if self.lift is not None else self.limit
        assert value is not None
        return value

    def serves(self, queue: str | None) -> bool:
        """Tell whether it is for a queue; None is the whole centre."""
        return not self.queues or queue in self.queues


def by_lift(tiers: Iterable[Tier], queue: str | None) -> list[Tier]:
    """Return the tiers that a queue's (None: the centre's) lift reaches, the lowest first: tier 1, 2 ..."""
    return sorted((tier for tier in tiers if tier.when == "lift" and tier.serves(queue)),
                  key=lambda tier: tier.threshold)


class Channel(_Table):
    """One way to tell people outside the board."""

    url_env: str | None = None
    """The environment variable with the address for `apprise` (it holds secrets)."""
    url_file: str | None = None
    """The file with that address."""
    command: tuple[str, ...] = ()
    """A program of your own and its first arguments; it gets the message as JSON on its input."""
    steps: tuple[Literal["raise", "change", "release", "escalate", "clear", "silent"], ...] = (
        "raise", "change", "release", "escalate", "clear", "silent")
    """The steps that it is told of."""
    at_most_per_hour: int = Field(20, ge=1, le=1000)
    """More messages than this in an hour are not sent; the board says so."""

    @model_validator(mode="after")
    def _one_way(self) -> "Channel":
        if sum((self.url_env is not None, self.url_file is not None, bool(self.command))) != 1:
            msg = "needs url_env, url_file or command, one of them"
            raise ValueError(msg)
        return self


class Surge(_Table):
    """What the surge watch is told."""

    country: str | None = Field(None, pattern=r"^[A-Z]{2,3}$")
    """Country of the holiday calendar, such as "CN" or "DE"; needs the extra `holidays`."""
    subdivision: str | None = None
    """State or province of that calendar, such as "BY"."""
    days: dict[date, str] = Field(default_factory=dict)
    """Days of a kind of their own, by date: "campaign", "release", "holiday", "eve" ..."""
    not_normal: tuple[date, ...] = ()
    """Days that teach nothing of what is normal."""
    patience_s: float | None = Field(None, gt=0)
    """Mean seconds that callers wait before they hang up; without it worked out from the abandons."""
    snooze_min: float = Field(30, gt=0, le=1440)
    """Minutes that `snooze` puts an alarm off."""
    shrinkage: float = Field(0.30, ge=0, lt=1)
    """Share of paid time that is not on calls (breaks, leave, training), for `ccboard staff`."""
    band: float = Field(0.05, gt=0, lt=1)
    """The agreed band around a forecast, shown beside the honest one."""

    @field_validator("days", mode="before")
    @classmethod
    def _kinds(cls, value: Any) -> Any:
        if isinstance(value, dict):
            for day, kind in value.items():
                if not isinstance(kind, str) or not kind.strip():
                    msg = f'{day} needs a kind, such as "campaign"'
                    raise ValueError(msg)
            return {day: kind.strip().casefold() for day, kind in value.items()}
        return value


DEFAULT_TIERS = (Tier(lift=0.30), Tier(lift=0.50), Tier(lift=0.80))
"""30 and 50 % are what centres use; 80 % is ours."""
