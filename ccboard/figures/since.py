"""Since when a definition is configured: what a hub noted in the store when it first saw it.

The definition itself holds for all history; this is only for people, who remember other numbers.
"""

import json
from collections.abc import Callable
from dataclasses import asdict

from ccboard.config import Config
from ccboard.figures.rules import Rule, rule_of, speaking_projects, speaking_queues

META = "definitions"
"""The store's text: by scope ("", "queue NAME", "project NAME") the definition and since when."""


def note(read: str | None, write: Callable[[str], None], config: Config, now: int) -> None:
    """Note which definitions hold from `now` on; `read` is what was noted last."""
    before = _noted(read)
    after = {
        scope: [text, before[scope][1] if scope in before and before[scope][0] == text else now]
        for scope, text in _texts(config).items()
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


def _texts(config: Config) -> dict[str, str]:
    rules = {"": rule_of(config)}
    rules |= {f"project {name}": rule_of(config, None, name) for name in speaking_projects(config)}
    rules |= {
        f"queue {name}": rule_of(config, name, config.queue(name).project) for name in speaking_queues(config)
    }
    return {scope: text(rule) for scope, rule in rules.items()}


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
