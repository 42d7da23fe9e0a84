"""Where an entry of the catalogue has a figure: in the row of a queue, in the row of an agent, in a live frame.

Only entries with such a figure may be named as a page's columns or be given limits.
"""

from typing import Final

from ccboard.kpis.catalogue import DEFINITIONS
from ccboard.kpis.model import Entry
from ccboard.kpis.terms import TERMS

_OF_ANSWERED: Final = frozenset({
    "answered", "answered_in_time", "transferred", "talking", "wait_s", "waits", "ring_s", "rings", "talk_s",
    "talks", "hold_s", "holds", "wrap_s", "wraps", "handled_s", "handling_cost", "handling_costed", "known_callers",
    "again_24h", "again_7d", "after_24h", "after_7d",
})
"""Sums over inbound visits that are made of answered ones: who answered is known. Others have no agent."""


def _of_queues(entry: Entry) -> bool:
    return bool(entry.top) and all(TERMS[name].of != "time" for _factor, name in (*entry.top, *entry.bottom))


def _of_agents(entry: Entry) -> bool:
    return bool(entry.top) and all(
        name in _OF_ANSWERED or TERMS[name].of in ("dials", "offers", "scores", "time")
        for _factor, name in (*entry.top, *entry.bottom)) and entry.id not in ("staffed_agents",)


QUEUE_KPIS: Final = tuple(entry.id for entry in DEFINITIONS.values() if _of_queues(entry))
"""Figures of a queue: all but those of agents' time, which cannot be divided among queues."""
AGENT_KPIS: Final = tuple(entry.id for entry in DEFINITIONS.values() if _of_agents(entry))
"""Figures of an agent: of what he answered, was offered and was judged for, and of his time."""

QUEUE_WORDS: Final = ("target", "definition", "ready", "ringing", "talking", "wrap_up", "paused")
"""What a row of a queue has besides the catalogue: its target, its definition, agents by state."""
AGENT_WORDS: Final = ("paused_s",)
"""What a row of an agent has besides the catalogue: time paused in at least one queue."""

LIVE_QUEUE: Final = {
    **{name: name for name in (
        "offered", "calls", "answered", "abandoned", "short_abandoned", "timed_out", "left_by_key", "left_empty",
        "withdrawn", "lost", "refused", "waiting", "longest_wait_s", "answered_in_time", "service_level",
        "abandon_rate", "asa_s", "aht_s")},
    "longest_wait_ended_s": "longest_wait_today_s",
}
"""Figures of a queue that every frame has: id -> field of ``ccboard.snapshot.QueueFigures``."""
LIVE_AGENT: Final = {name: name for name in ("answered", "talk_s", "ring_no_answer", "ring_cancelled")}
"""The same of an agent: id -> field of ``ccboard.snapshot.AgentFigures``."""


def adds_up_time(entry: Entry) -> bool:
    """Tell whether a figure in seconds is a sum over the day, as against one wait or a mean."""
    return entry.unit == "s" and not entry.bottom and all(TERMS[name].kind == "sum" for _f, name in entry.top)
