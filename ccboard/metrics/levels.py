"""From figures to levels: "", "warning" or "critical". Where nothing happened there is never one.

A figure reaches a rising limit at the limit itself, and breaks a falling one (the service level) below
it: exactly 80 % of a promised 80 % is kept.
"""

from ccboard.figures.promises import WORSE, level_of
from ccboard.limits import Limit
from ccboard.metrics.scope import Scope
from ccboard.snapshot import QueueFigures


def rising(value: float | None, limit: Limit | None) -> str:
    """Return the level of a figure that is worse the higher it is."""
    if value is None or limit is None:
        return ""
    warning, critical = limit
    if value >= critical:
        return "critical"
    return "warning" if value >= warning else ""


def falling(value: float | None, limit: Limit | None) -> str:
    """Return the level of a figure that is worse the lower it is."""
    if value is None or limit is None:
        return ""
    warning, critical = limit
    if value < critical:
        return "critical"
    return "warning" if value < warning else ""


def level_of_service(scope: Scope, queue: str | None, ratio: float | None, project: str | None = None) -> str:
    """Return the level of a service level of a queue (None: all), of the day or of an interval."""
    target = scope.target(queue)
    return falling(ratio, scope.limits(queue, project).service_level or (target, round(target - WORSE, 9)))


def queue_levels(scope: Scope, row: QueueFigures) -> tuple[tuple[str, str], ...]:
    """Return the figures of a queue, or of all, that are over their limits, with their levels."""
    queue, project = row.queue, row.project
    limits, promised = scope.held(queue, project)
    found = [
        ("waiting", rising(row.waiting, limits.waiting)),
        ("longest_wait_s", rising(row.longest_wait_s, limits.longest_wait_s)),
        ("service_level", level_of_service(scope, queue, row.service_level, project)),
        ("abandon_rate", rising(row.abandon_rate, limits.abandon_rate)),
        *[(kpi, level_of(kpi, getattr(row, field), limit))
          for kpi, field, limit in promised],
    ]
    return tuple([(figure, level) for figure, level in found if level])


def agent_limit(scope: Scope, state: str | None, reason: str | None, queue: str | None) -> Limit | None:
    """Return the limits of the time that an agent may be in a state, None where it has none.

    `queue`: that of the call being rung, talked or wrapped up for; it may have limits of its own.
    """
    limits = scope.limits(queue)
    if state in ("talking", "hold"):
        return limits.talk_s
    if state == "ringing":
        return limits.ringing_s
    if state == "wrap_up":
        return limits.wrap_up_s
    if state == "paused":
        return limits.pause.get(reason or "", limits.pause_s)
    return None
