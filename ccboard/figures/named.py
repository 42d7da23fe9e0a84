"""What --where names and no row of the store has: a mistyped queue must not read as a day without calls."""

import difflib

from ccboard.config import Config
from ccboard.errors import UsageError
from ccboard.figures.request import Request
from ccboard.store.reader import Reader

_SEEN = {
    "queue": "SELECT queue FROM queues_known UNION SELECT queue FROM visits",
    "agent": "SELECT agent FROM agents_seen UNION SELECT agent FROM visits UNION SELECT agent FROM offers",
}
"""Dimension -> the names that the store has ever seen, whatever the moment."""
_SEEN_HERE = """
    SELECT agent FROM visits WHERE agent <> '' AND list_contains($only::VARCHAR[], queue)
    UNION SELECT agent FROM offers WHERE list_contains($only::VARCHAR[], queue)
    UNION SELECT coalesce(nullif(agent, ''), interface) FROM agent_states
        WHERE coalesce(nullif(agent, ''), interface) <> '' AND list_contains($only::VARCHAR[], queue)
"""
"""The agents of whom a viewer of some queues may know."""


def notes(reader: Reader, request: Request, config: Config) -> list[str]:
    """Return a sentence for each value of --where that nobody knows.

    Who may see some queues only is not told that there are others, nor who works there. Raises
    UsageError for a value that is nearly the name of one: then it is a slip of the hand.
    """
    found = []
    for name, values in request.where:
        if name not in _SEEN or not any(values):
            continue
        if name == "agent" and config.only_queues:
            seen = {one for (one,) in reader.rows(_SEEN_HERE, {"only": list(config.only_queues)})}
        else:
            seen = {one for (one,) in reader.rows(_SEEN[name]) if one is not None}
        if name == "queue":
            seen = {one for one in seen | set(config.queues) if config.shows(one)}
        else:
            seen |= {one for one, own in config.agents.items()
                     if not config.only_queues or own.interface in seen}
        for value in values:
            if not value or value in seen:
                continue
            if near := difflib.get_close_matches(value, sorted(seen), 1, NEAR):
                raise UsageError(f"--where {name}={value}: no {name} {value!r}; did you mean {near[0]}?")
            found.append(f"no {name} {value!r}: nothing in this store ever had it")
    return found


def refuse_unknown_agent(reader: Reader, agent: str | None, config: Config) -> None:
    """Raise UsageError for an agent that nobody knows, naming the nearest one."""
    if not agent:
        return
    seen = known_agents(reader, config)
    if agent not in seen:
        near = difflib.get_close_matches(agent, sorted(seen), 1, 0.5)
        raise UsageError(f"unknown agent {agent!r}" + (f"; did you mean {near[0]}?" if near else
                         "; `ccboard figures --by agent` lists them"))


def known_agents(reader: Reader, config: Config) -> set[str]:
    """Return the agents of whom the store or the configuration knows, as far as the viewer may."""
    if config.only_queues:
        seen = {one for (one,) in reader.rows(_SEEN_HERE, {"only": list(config.only_queues)})}
    else:
        seen = {one for (one,) in reader.rows(_SEEN["agent"]) if one}
        seen |= {one for (one,) in reader.rows(
            "SELECT coalesce(nullif(agent, ''), interface) FROM agent_states"
            " UNION SELECT agent FROM ties UNION SELECT interface FROM ties") if one}
    ties = dict(reader.rows("SELECT interface, agent FROM ties"))
    seen |= {ties[one] for one in seen & ties.keys()}
    return seen | {one for one, own in config.agents.items()
                   if not config.only_queues or one in seen or own.interface in seen}


NEAR = 0.8
"""How like a known name one must be to be taken for it mistyped."""
