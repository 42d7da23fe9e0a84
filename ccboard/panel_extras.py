"""The figures that a configuration chose for its pages, as plain data. Imports the standard library.

Most figures of a frame are kept from second to second; those that only a configuration asks for are worked
out every few seconds, and say of which moment they are.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

Columns = tuple[str, ...]
"""Ids of figures in the order of their columns."""


class Extra(NamedTuple):
    """What is worked out for one row. `levels`: "", "warning" or "critical" beside each value."""

    values: tuple[float | None, ...]
    levels: Columns


class ExtrasPanel(NamedTuple):
    """What the pages show, and the figures among it that a frame has not itself.

    `as_of` None: not worked out yet. Values older than `promise_s` are late. `queue_kpis` and `agent_kpis`
    name the values of a row. A queue or an agent without a row had nothing today: `no_queue`, `no_agent`.
    """

    pages: dict[str, Columns]  # overview, queues, agents: those of which anything is configured
    projects: dict[str, Columns]  # the figures of a project's contract
    promise_s: float
    as_of: int | None = None
    queue_kpis: Columns = ()
    agent_kpis: Columns = ()
    queues: dict[str, Extra] = {}  # noqa: RUF012 - never changed
    totals: Extra | None = None
    agents: dict[str, Extra] = {}  # noqa: RUF012 - never changed
    no_queue: Extra | None = None
    no_agent: Extra | None = None

    @property
    def pending(self) -> bool:
        """Whether there are values to come: of another moment, ask again."""
        return self.as_of is None and bool(self.queue_kpis or self.agent_kpis)

    def late(self, now: int) -> bool:
        """Tell whether the values are older than was promised."""
        return self.as_of is not None and now - self.as_of > self.promise_s * 1_000_000


def only(panel: ExtrasPanel, queues: Collection[str], agents: Collection[str], projects: Collection[str]
         ) -> ExtrasPanel:
    """Return a panel with these queues, agents and projects alone."""
    return panel._replace(
        projects={name: kpis for name, kpis in panel.projects.items() if name in projects},
        queues={name: row for name, row in panel.queues.items() if name in queues},
        agents={name: row for name, row in panel.agents.items() if name in agents},
    )


def renamed(panel: ExtrasPanel, names: Mapping[str, str]) -> ExtrasPanel:
    """Return a panel whose agents are called otherwise; those without another name are left out."""
    return panel._replace(agents={names[name]: row for name, row in panel.agents.items() if name in names})


def from_wire(row: list[Any] | None) -> ExtrasPanel | None:
    """Rebuild a panel after JSON. Raises TypeError or ValueError on another form."""
    if row is None:
        return None
    made = ExtrasPanel(*row)
    return made._replace(
        pages=_columns(made.pages), projects=_columns(made.projects), queue_kpis=tuple(made.queue_kpis),
        agent_kpis=tuple(made.agent_kpis), queues=_rows(made.queues), agents=_rows(made.agents),
        totals=_row(made.totals), no_queue=_row(made.no_queue), no_agent=_row(made.no_agent),
    )


def _columns(table: Mapping[str, Any]) -> dict[str, Columns]:
    return {name: tuple(kpis) for name, kpis in table.items()}


def _row(row: Any) -> Extra | None:
    return None if row is None else _extra(row)


def _extra(row: Any) -> Extra:
    values, levels = row
    return Extra(tuple(values), tuple(levels))


def _rows(table: Mapping[str, Any]) -> dict[str, Extra]:
    return {name: _extra(row) for name, row in table.items()}


def to_public(panel: ExtrasPanel | None, iso: Callable[[int | None], str | None]) -> dict[str, Any] | None:
    """Return the key `extras` of ``ccboard now --json``. `iso` writes a moment."""
    if panel is None:
        return None

    def said(kpis: Columns, row: Extra | None) -> dict[str, Any]:
        if row is None:
            return {**dict.fromkeys(kpis), "levels": {}}
        levels = {kpi: level for kpi, level in zip(kpis, row.levels, strict=True) if level}
        return {**dict(zip(kpis, row.values, strict=True)), "levels": levels}

    return {
        "as_of": iso(panel.as_of),
        "pages": {name: list(kpis) for name, kpis in panel.pages.items()},
        "projects": {name: list(kpis) for name, kpis in panel.projects.items()},
        "queues": [{"queue": name, **said(panel.queue_kpis, row)} for name, row in panel.queues.items()],
        "totals": said(panel.queue_kpis, panel.totals),
        "agents": [{"agent": name, **said(panel.agent_kpis, row)} for name, row in panel.agents.items()],
    }
