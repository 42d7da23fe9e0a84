"""Since when a definition, a limit, a cost is configured: what a hub noted in the store when it first saw it.

The definition itself holds for all history; this is only for people, who remember other numbers.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import asdict

from ccboard.config import Config
from ccboard.figures.rules import Rule, rule_of, speaking_projects, speaking_queues
from ccboard.limits import Pair

META = "definitions"
"""The store's text: by scope the definition and since when.

Scopes are "", "queue NAME" and "project NAME" for the service level, "costs", and "limit KPI" with " of " and
one of these scopes, or "agents", behind it.
"""
COSTS = "costs"


def note(read: str | None, write: Callable[[str], None], config: Config, now: int, key: bytes) -> None:
    """Note which definitions hold from `now` on; `read` is what was noted last, `key` the store's secret."""
    before = _noted(read)
    after = {
        scope: [text, before[scope][1] if scope in before and before[scope][0] == text else now]
        for scope, text in (_texts(config) | {COSTS: _costs(config, key)}).items()
    }
    if after != before:
        write(json.dumps(after, sort_keys=True))


def since(read: str | None, config: Config, queue: str | None, project: str | None) -> int | None:
    """Return since when the definition of a queue of a project (None: the centre's) is configured."""
    noted, texts = _noted(read), _texts(config)
    scopes = [""] + ([f"project {project}"] if project else []) + ([f"queue {queue}"] if queue else [])
    found = [
        noted[scope][1]
        for scope in scopes
        if scope in noted and scope in texts and noted[scope][0] == texts[scope]
    ]
    return max((at for at in found if isinstance(at, int)), default=None)


def costs_since(read: str | None, config: Config, key: bytes | None) -> int | None:
    """Return since when the hourly costs are configured as they are; None without the store's key, too."""
    return None if key is None else _at(read, COSTS, _costs(config, key))


def limit_since(read: str | None, config: Config, kpi: str, queue: str | None, project: str | None, *,
                agents: bool = False) -> int | None:
    """Return since when the limit is configured that holds a figure of a queue, or of all; or of `agents`."""
    tables = _limits(config)
    if agents:
        return _alone(read, config, f"limit {kpi} of agents")
    named = [*([f"queue {queue}"] if queue else []), *([f"project {project}"] if project else []), ""]
    scope = next((scope for scope in named if kpi in tables.get(scope, {})), None)
    return None if scope is None else _alone(read, config, _limit(kpi, scope))


def _alone(read: str | None, config: Config, scope: str) -> int | None:
    return _at(read, scope, _texts(config).get(scope))


def _at(read: str | None, scope: str, wanted: str | None) -> int | None:
    text, at = (*_noted(read).get(scope, ()), None, None)[:2]
    return at if isinstance(at, int) and text == wanted else None


def _limit(kpi: str, scope: str) -> str:
    return f"limit {kpi}{' of ' + scope if scope else ''}"


def _limits(config: Config) -> dict[str, dict[str, Pair]]:
    """Return the limits of figures that each table says itself, by scope."""
    found = {"": config.limits.figures, "agents": config.limits.agents.figures}
    tables = [(f"project {name}", project.limits) for name, project in config.projects.items()]
    tables += [(f"queue {name}", queue.limits) for name, queue in config.queues.items()]
    for scope, table in tables:
        if table is not None:
            found[scope] = {kpi: pair for kpi, pair in table.figures.items() if kpi in table.model_fields_set}
    return found


def _costs(config: Config, key: bytes) -> str:
    """Return what costs an hour as a text that does not tell it: the store is no place for wages.

    Wages are few and round, so that whoever has a copy of the store could try them all: it is an HMAC with
    the key of callers' hashes, which lies beside the store and is in no copy or export of it.
    """
    own = [*((name, one.hourly_cost) for name, one in sorted(config.projects.items())), None,
           *((name, one.hourly_cost) for name, one in sorted(config.agents.items()))]
    costs = [config.hourly_cost, *(one for one in own if one is None or one[1] is not None)]
    return hmac.new(key, b"hourly costs " + repr(costs).encode(), hashlib.sha256).hexdigest()[:16]


def _texts(config: Config) -> dict[str, str]:
    rules = {"": rule_of(config)}
    rules |= {f"project {name}": rule_of(config, None, name) for name in speaking_projects(config)}
    rules |= {
        f"queue {name}": rule_of(config, name, config.queue(name).project) for name in speaking_queues(config)
    }
    texts = {scope: text(rule) for scope, rule in rules.items()}
    texts |= {_limit(kpi, scope): json.dumps(pair)
              for scope, limits in _limits(config).items() for kpi, pair in limits.items()}
    return texts


def text(rule: Rule) -> str:
    """Return a definition as a text that is the same for the same definition."""
    return json.dumps(
        {
            key: sorted(value) if isinstance(value, frozenset) else value
            for key, value in asdict(rule).items()
        },
        sort_keys=True,
    )


def _noted(read: str | None) -> dict[str, list[str | int]]:
    try:
        found = json.loads(read or "{}")
    except ValueError:
        return {}
    return (
        {scope: entry for scope, entry in found.items() if isinstance(entry, list) and len(entry) == 2}
        if isinstance(found, dict)
        else {}
    )
