"""What becomes of a file's rows: visits with what was judged of them, rows left out, rows refused.

Visits are tuples in the order of ``FIELDS``, moments in microseconds: a back-fill has millions of them.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from ccboard.records import ScoreKind

FIELDS = (
    "call",
    "queue",
    "offered_at",
    "answered_at",
    "ended_at",
    "outcome",
    "agent",
    "ring_s",
    "wait_s",
    "talk_s",
    "hold_s",
    "wrap_s",
    "transfer",
    "ended_by",
    "caller",
    "caller_key",
    "caller_name",
    "project",
    "business_type",
    "channel",
    "direction",
)
"""What a visit's tuple holds: fields of ``Contact``."""
Visit: TypeAlias = tuple[Any, ...]
Row: TypeAlias = tuple[int, list[str]]
"""Line (or row) number, counted from 1, and the cells."""


class Refused(NamedTuple):
    """A row that could not be used."""

    line: int
    reason: str
    text: str
    """The cell at fault, not the row: a reject is shown, and callers' numbers are not."""
    cells: list[str]


class Judgement(NamedTuple):
    """What a row says of its visit's work: a ``Score`` without its source."""

    key: str
    at: int
    kind: ScoreKind
    value: float
    call: str
    queue: str
    agent: str | None

    def is_of(self, visit: Visit) -> bool:
        """Tell whether it is about this visit."""
        return self.key == judgement_key(visit, self.kind)


def judgement_key(visit: Visit, kind: ScoreKind) -> str:
    """Return what tells a judgement of a visit from all others."""
    call, queue, offered = visit[:3]
    return f"{call} {queue} {offered} {kind}"


@dataclass
class Taken:
    """What became of a number of rows: each one is a visit, skipped or refused."""

    visits: list[Visit] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    """Where each visit stands."""
    skipped: dict[str, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    scores: list[Judgement] = field(default_factory=list)
    partly: list[Refused] = field(default_factory=list)
    """What of a row that is a visit all the same could not be used."""
