"""Visits of which nobody knows how long they waited: neither in time nor late."""

from collections.abc import Iterable, Mapping
from typing import Final

from ccboard.text import counted

NEED_WAITS: Final = frozenset({
    "answered_in_time", "level_answered_in_time", "level_abandoned_in_time", "level_top",
})
"""Sums that tell visits apart by whether they were in time."""
ASKED: Final = ("answered", "waits", "level_unknown")
"""Sums that are asked for together with these."""


def untold(found: dict[str, float | None], names: Iterable[str]) -> None:
    """Take back what was counted as in time where no answered visit says how long it waited."""
    if found.get("answered") and not found.get("waits"):
        found.update(dict.fromkeys(names))


def notes(groups: Iterable[Mapping[str, float | None]], names: Iterable[str]) -> list[str]:
    """Say how many visits are left out because their wait is not known."""
    if not list(names):
        return []
    left = int(sum(group.get("level_unknown") or 0 for group in groups))
    if not left:
        return []
    return [(f"{counted(left, 'visit')} of which no source tells the wait: neither in time nor late, and"
             " left out of the service level")]
