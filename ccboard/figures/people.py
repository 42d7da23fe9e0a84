"""Who an agent of a visit is: the person behind a phone, the team, what an hour costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ccboard.config import Config
from ccboard.store.reader import Reader
from ccboard.store.rows import stamp


@dataclass(frozen=True, slots=True)
class People:
    """By (source, name on the call): who it is, in which team, what an hour costs, as far as known."""

    names: Mapping[tuple[str, str], str]
    teams: Mapping[str, str]
    costs: Mapping[str, float]

    def name(self, source: str, raw: str) -> str:
        """Return the person behind a name or an interface."""
        return self.names.get((source, raw), raw)


def read(reader: Reader, config: Config, as_of: int, *, teams: bool) -> People:
    """Return who is whom; `teams`: the sources' word on teams is wanted, too."""
    own = {agent.interface: name for name, agent in config.agents.items() if agent.interface}
    names: dict[tuple[str, str], str] = {}
    for source, interface, agent in reader.rows("SELECT source, interface, agent FROM ties"):
        names[source, interface] = own.get(interface) or own.get(agent, agent)
    if own:
        for (source,) in reader.rows("SELECT name FROM sources"):
            names.update({(source, interface): name for interface, name in own.items()})
    team_of: dict[str, str] = {}
    if teams:
        told = reader.rows(
            """
            SELECT source, coalesce(nullif(agent, ''), interface), arg_max(team, moment), max(moment)
            FROM agent_states
            WHERE team IS NOT NULL AND team <> '' AND moment <= $as_of GROUP BY ALL ORDER BY 4
        """,
            {"as_of": stamp(as_of)},
        )
        for source, raw, team, _moment in told:
            if raw:
                team_of[names.get((source, raw), raw)] = team
        team_of |= {name: agent.team for name, agent in config.agents.items() if agent.team}
    costs = {
        name: agent.hourly_cost for name, agent in config.agents.items() if agent.hourly_cost is not None
    }
    return People(names, team_of, costs)


def table(people: People, seen: list[tuple[str, str]]) -> dict[str, list[Any]]:
    """Return the parallel lists of a table (source, agent) -> name, team, cost; rows that say something."""
    rows = []
    for source, raw in sorted({*seen, *people.names}):
        name = people.name(source, raw)
        team, cost = people.teams.get(name), people.costs.get(name)
        if name != raw or team is not None or cost is not None:
            rows.append((source, raw, name, team, cost))
    columns: list[list[Any]] = (
        [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(5)]
    )
    return dict(
        zip(
            ("people_source", "people_raw", "people_name", "people_team", "people_cost"), columns, strict=True
        )
    )
