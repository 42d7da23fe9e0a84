"""From figures to levels: "", "warning" or "critical". Where nothing happened there is never one.

A figure reaches a rising limit at the limit itself, and breaks a falling one (the service level) below
it: exactly 80 % of a promised 80 % is kept.
"""

from ccboard.config import Config, Limits
from ccboard.limits import Limit
from ccboard.metrics.scope import Scope

WORSE = 0.10
"""Below the target by this much a service level is critical, where no limits of its own are set."""


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


def level_of_service(scope: Scope, queue: str | None, ratio: float | None) -> str:
    """Return the level of a service level of a queue (None: all), of the day or of an interval."""
    target = scope.target(queue)
    return falling(ratio, scope.limits(queue).service_level or (target, round(target - WORSE, 9)))


def queue_levels(scope: Scope, queue: str | None, *, waiting: int | None, longest_wait_s: int | None,
                 service_level: float | None, abandon_rate: float | None) -> tuple[tuple[str, str], ...]:
    """Return the figures of a queue (None: all) that are over their limits, with their levels."""
    limits = scope.limits(queue)
    found = (
        ("waiting", rising(waiting, limits.waiting)),
        ("longest_wait_s", rising(longest_wait_s, limits.longest_wait_s)),
        ("service_level", level_of_service(scope, queue, service_level)),
        ("abandon_rate", rising(abandon_rate, limits.abandon_rate)),
    )
    return tuple((figure, level) for figure, level in found if level)


def agent_limit(config: Config, state: str | None, reason: str | None, queue: str | None) -> Limit | None:
    """Return the limits of the time that an agent may be in a state, None where it has none."""
    own = config.queue(queue).limits if queue is not None else None
    limits: Limits = own or config.limits
    if state in ("talking", "hold"):
        return limits.talk_s
    if state == "ringing":
        return limits.ringing_s
    if state == "wrap_up":
        return limits.wrap_up_s
    if state == "paused":
        return config.limits.pause.get(reason or "", config.limits.pause_s)
    return None
