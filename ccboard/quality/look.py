"""What all questions about the data share: the range, the moment, the queues shown, and who is who."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from ccboard.config import Config
from ccboard.figures import people
from ccboard.metrics.scope import Scope
from ccboard.panel_quality import FaultRow, Finding, Said
from ccboard.store.reader import Reader
from ccboard.store.rows import micros, stamp

ROWS: Final = 100
"""Most rows that a finding names; the rest is in its number."""
FAR_S: Final = 86_400
"""How long before a range a call may have begun that reaches into it."""


@dataclass(frozen=True)
class Look:
    """One look at a store: of [begin, end), as known at as_of."""

    reader: Reader
    begin: int
    end: int
    as_of: int
    config: Config
    zone: ZoneInfo
    pause: Callable[[], None] = field(default=lambda: None)
    """Called between two questions, by who would not keep others waiting."""

    @cached_property
    def until(self) -> int:
        """The end of what can be known of the range."""
        return min(self.end, self.as_of + 1)

    @cached_property
    def scope(self) -> Scope:
        """The cut at as_of, for its conditions on queues."""
        return Scope(self.reader, self.as_of, self.config, self.zone)

    @cached_property
    def names(self) -> people.People:
        """Who is behind a phone."""
        return people.read(self.reader, self.config, self.as_of, teams=False)

    def rows(self, sql: str, **more: Any) -> list[tuple[Any, ...]]:
        """Ask the store; $begin, $end, $as_of and the shown queues are there for the asking."""
        self.pause()
        every: Mapping[str, Any] = {
            "begin": stamp(self.begin), "end": stamp(self.until), "as_of": stamp(self.as_of),
            "far": stamp(self.begin - FAR_S * 1_000_000), **self.scope.shown, **more,
        }
        return self.reader.rows(sql, {name: value for name, value in every.items() if f"${name}" in sql})

    def shows(self, column: str = "queue") -> str:
        """Return the SQL condition that the queue in `column` is part of this board."""
        return self.scope.shows.replace("queue)", f"{column})")

    def row(self, source: str, moment: Any, queue: str | None, agent: str | None, call: str | None,
            said: Said) -> FaultRow:
        """Return a row for a finding."""
        name = self.names.name(source, agent) if agent else None
        hidden = name is not None and name in self.config.agents and self.config.agents[name].hide
        return FaultRow(None if moment is None else micros(moment), queue or None,
                        None if hidden else name, call or None, said)


def finding(source: str, question: str, kind: str, level: str, n: int, said: Said,
            rows: list[FaultRow]) -> Finding:
    """Return a finding with as many of its rows as it may name."""
    return Finding(source, question, kind, level, n, said, tuple(rows[:ROWS]))


def seconds(value: float | None) -> str:
    """Return seconds as they stand in a sentence.

    >>> seconds(70.0), seconds(2.5), seconds(None)
    ('70 s', '2.5 s', 'not known')
    """
    return "not known" if value is None else f"{value:.1f}".removesuffix(".0") + " s"
