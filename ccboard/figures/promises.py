"""Which limits hold for a queue of a project, and what a figure is by them.

A queue's own limits go before its project's, those before the centre's, each key by itself.
"""

from typing import Any

from ccboard.config import Config, Limits
from ccboard.contract import falls
from ccboard.limits import Pair

WORSE = 0.10
"""Below the target by this much a service level is critical, where no limits of its own are set."""


def limits_of(config: Config, queue: str | None = None, project: str | None = None) -> Limits:
    """Return the limits of a queue of a project; without both the centre's."""
    found: Limits = config.limits
    own = config.queue(queue) if queue is not None else None
    name = (own.project if own is not None else None) or project
    tables = [config.projects[name].limits] if name in config.projects else []
    tables += [own.limits] if own is not None else []
    for table in tables:
        if table is not None:
            more: dict[str, Any] = {key: getattr(table, key) for key in table.model_fields_set}
            found = found.model_copy(update=more)
    return found


def level_of(id_: str, value: float | None, limit: Pair | None) -> str:
    """Return "", "warning" or "critical"; what is not known, or did not happen, is never an alarm.

    A rising limit is reached at the limit itself, a falling one is broken below it: exactly what was promised
    is kept.
    """
    if value is None or limit is None:
        return ""
    warning, critical = limit
    if falls(id_, limit):
        return "critical" if value < critical else "warning" if value < warning else ""
    return "critical" if value >= critical else "warning" if value >= warning else ""
