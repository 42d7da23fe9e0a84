"""The source interface: three methods, three outcomes. Built-in sources use the same door as yours.

A source runs on a thread of its own, owned by the collector, which calls ``open`` once and then
``poll`` again and again until it calls ``close``. ``poll`` returns one of ``Data``, ``Nothing`` (it
answered, there is nothing new) or ``Failed``; it may block up to `wait_s` and not longer. It
raises nothing on purpose: what it raises all the same is taken as ``Failed`` and said.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias
from zoneinfo import ZoneInfo

from ccboard.clock import Clock, SystemClock
from ccboard.findings import Finding
from ccboard.records import Record, Reject


@dataclass(frozen=True, slots=True)
class Data:
    """There is news. `cursor`: where to go on after these records (see Batch)."""

    records: tuple[Record, ...]
    cursor: str | None = None
    rejects: tuple[Reject, ...] = ()
    troubles: tuple[str, ...] = ()  # what does not work although something else does
    heard: bool = True  # the source answered; False: what follows from its silence (say next why: Failed)


@dataclass(frozen=True, slots=True)
class Nothing:
    """The source answered; there is nothing new. This keeps it fresh."""

    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """The source did not answer. `error` says why and what to do, in one line for the user."""

    error: str
    retry_s: float | None = None  # when to try again; None: the collector's own back-off


Polled: TypeAlias = Data | Nothing | Failed


Keep: TypeAlias = Callable[[str | None, str | None, str | None], tuple[str | None, str | None, str | None]]
"""(number, name, key or None) of a caller -> (number, key, name) as the policy lets them be stored."""


def keep_all(number: str | None, name: str | None, key: str | None
             ) -> tuple[str | None, str | None, str | None]:
    """Keep a caller as it is: where nothing is stored."""
    return number, key, name


@dataclass(frozen=True, slots=True)
class Context:
    """What a source is given besides its own configuration."""

    clock: Clock = field(default_factory=SystemClock)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    day_start: int = 0  # start of the present business day, microseconds UTC
    environ: Mapping[str, str] = field(default_factory=dict)  # for secrets by variable
    keep: Keep = keep_all  # for callers in a cursor: it is stored as it is, records are not


@dataclass(frozen=True, slots=True)
class Release:
    """Somebody accepted a surge alarm: the reserves of its tier are called.

    `queue`: whose alarm it is; None: the whole centre's. `heads`: how many of them there are in all, those of
    lower tiers among them; None where the configuration does not say. `at`: when, in microseconds UTC.
    """

    queue: str | None
    heads: int | None
    at: int


class Source(ABC):
    """One system that says what happens on the floor. Subclasses are found by entry point.

    Class attributes: `Config`, a pydantic model of the keys under ``[sources.NAME]`` (without
    ``type``); `promise_s`, after how many seconds without an answer its figures are late.
    """

    Config: ClassVar[type[Any]]
    promise_s: ClassVar[float] = 5.0
    sees: ClassVar[frozenset[str]] = frozenset()
    """Agent states beyond talking, paused and ready that this source can see: ``hold``, ``ringing``."""

    def __init__(self, name: str, config: Any, context: Context) -> None:
        self.name = name
        self.config = config
        self.context = context

    @classmethod
    def own_clock(cls, config: Any) -> Clock | None:  # noqa: ARG003
        """Return the clock that the whole hub must follow (a replay, a simulation), or None."""
        return None

    @classmethod
    def checkup(cls, config: Any, context: Context) -> tuple[Finding, ...]:  # noqa: ARG003
        """Look at what `config` names (files, rights, a login) for ``ccboard doctor``; change nothing.

        Bounded: no answer within a few seconds is a finding, too. No secret is in any sentence.
        """
        return ()

    @abstractmethod
    def open(self, cursor: str | None) -> None:
        """Get ready to go on after `cursor` (None: from the start of the business day)."""

    @abstractmethod
    def poll(self, wait_s: float) -> Polled:
        """Wait at most `wait_s` seconds for news, and return what there is."""

    def released(self, release: Release) -> None:  # noqa: B027
        """Hear that reserves are called. Between two ``poll``s, from the same thread; not after a restart.

        What came while the source could not be opened is told later, but nothing older than ten minutes.

        For systems that can send people to a queue; others need not care.
        """

    def close(self) -> None:  # noqa: B027
        """Let go of files and sockets. Called once, from the same thread."""
