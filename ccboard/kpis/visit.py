"""The columns of a list of visits: what `ccboard visits` prints and the board shows, in one order."""

from typing import Final

COLUMNS: Final = (
    "caller", "offered_at", "answered_at", "ended_at", "queue", "agent", "outcome", "wait_s", "ring_s",
    "talk_s", "hold_s", "wrap_s", "type", "direction", "transfer", "counts", "why_en", "why_zh", "numerator",
    "denominator", "source", "call", "nth",
)
"""The keys of a row."""
MOMENTS: Final = frozenset({"offered_at", "answered_at", "ended_at"})
NUMBERS: Final = frozenset({"wait_s", "ring_s", "talk_s", "hold_s", "wrap_s", "numerator", "denominator"})
