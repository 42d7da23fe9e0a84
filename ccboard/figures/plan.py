"""What all questions of one request share: its range, calendar, people, parameters and conditions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ccboard.config import Config
from ccboard.errors import UsageError
from ccboard.figures import people as who
from ccboard.figures.local import Calendar
from ccboard.figures.request import TIMES, Request
from ccboard.store.reader import Reader

Key: TypeAlias = tuple[Any, ...]
Sums: TypeAlias = dict[str, float | None]
"""By the names of ``ccboard.kpis.terms``; None: not known for such a split."""


@dataclass
class Plan:
    """What all questions of a request share."""

    reader: Reader
    request: Request
    config: Config
    calendar: Calendar
    people: who.People
    projects: Mapping[str, str]
    """Projects of queues, as configured or as sources say."""
    params: dict[str, Any] = field(default_factory=dict)

    def rows(self, sql: str, **more: Any) -> list[tuple[Any, ...]]:
        """Ask, with those of the parameters that the question names."""
        every = self.params | more
        return self.reader.rows(sql, {name: every[name] for name in set(re.findall(r"\$([a-z_]+)", sql))})

    @property
    def shows(self) -> str:
        """SQL condition: the queue is part of this board."""
        hidden = sorted(name for name, queue in self.config.queues.items() if queue.hide)
        conditions = ["true"]
        if hidden:
            self.params["hidden"] = hidden
            conditions.append("NOT list_contains($hidden::VARCHAR[], queue)")
        if self.config.only_queues:
            self.params["only"] = sorted(self.config.only_queues)
            conditions.append("list_contains($only::VARCHAR[], queue)")
        return " AND ".join(conditions)

    def wants(self, *names: str) -> bool:
        """Tell whether the request splits or filters by one of these."""
        return any(name in names for name in (*self.request.by, *(name for name, _ in self.request.where)))

    def condition(self, name: str, column: str) -> str:
        """Return the SQL condition of the request on a column, "true" where it has none."""
        values = dict(self.request.where).get(name)
        if values is None:
            return "true"
        if name in TIMES:
            return f"{column} IN ({', '.join(str(number) for number in self.numbers(name, values))})"
        self.params[f"where_{name}"] = list(values)
        return f"list_contains($where_{name}::VARCHAR[], coalesce({column}, ''))"

    def numbers(self, name: str, values: tuple[str, ...]) -> list[int]:
        """Return the keys of a split by time that the request names. Raises UsageError."""
        try:
            return [self.calendar.parse(name, value) for value in values]
        except (ValueError, IndexError, OverflowError):
            raise UsageError(
                f"--where {name}={','.join(values)}: write it as --by {name} prints it"
            ) from None
