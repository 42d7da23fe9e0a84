"""What an archive holds: a folder of Parquet files, one per table and business day, and small whole tables.

An archive is read by anything that reads Parquet, and given back to a store by ``ccboard import archive``.
Moments are TIMESTAMP WITH TIME ZONE, durations seconds, names as the store has them: callers' numbers are as
the `callers` setting left them, nothing is unmasked.

    DIR/contacts/2026-11-16.parquet  visits that entered their queue on that business day, whether over or not
    DIR/contacts/before.parquet      what reaches into the range from before it (see ``ccboard.archive.cut``)
    DIR/sources.parquet ...          small tables, whole
    DIR/meta.parquet                 written last: a folder without it is no archive
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

from ccboard.records import (
    Action,
    AgentKnown,
    AgentState,
    Contact,
    Offer,
    OfferResult,
    Outcome,
    QueueCounters,
    QueueKnown,
    Refusal,
    Score,
    ScoreKind,
    SourceStatus,
    State,
    StatusKind,
)
from ccboard.store.missing import MARK

VERSION: Final = 1
"""Version of this layout. An archive of a newer one is refused."""

Kind: TypeAlias = Literal["text", "whole", "real", "moment"]
DUCKDB: Final[dict[Kind, str]] = {
    "text": "VARCHAR",
    "whole": "BIGINT",
    "real": "DOUBLE",
    "moment": "TIMESTAMP WITH TIME ZONE",
}
"""Kind of a column -> its type in a Parquet file, as DuckDB calls it."""

BEFORE: Final = "before"
"""Name of the file with what reaches into the range."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: the field of a record that it is, and what may stand in it."""

    name: str
    kind: Kind = "text"
    required: bool = False
    field: str = ""
    """The record's field, where that is called otherwise."""
    words: tuple[str, ...] = ()
    """The only texts that may stand in it; none: any."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the archive."""

    name: str
    columns: tuple[Column, ...]
    record: type[Any] | None = None
    """What a row is, where it is a record."""
    moment: str = ""
    """SQL of the moment that a row belongs to, as a column of `relation`; a table without one is whole."""
    relation: str = ""
    """SQL of the rows in the store."""

    @property
    def daily(self) -> bool:
        """Whether there is a file for every business day."""
        return bool(self.moment)


def _text(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


def _real(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "real") for name in names)


_SOURCE = Column("source", required=True)
CONTACTS = Table(
    "contacts",
    (
        _SOURCE,
        Column("call", required=True),
        Column("queue", required=True),
        Column("nth", "whole", required=True),
        Column("version", "whole", required=True),
        Column("offered_at", "moment", required=True),
        Column("answered_at", "moment"),
        Column("ended_at", "moment"),
        Column("outcome", words=get_args(Outcome)),
        Column("agent"),
        Column("position", "whole"),
        *_real("ring_s", "wait_s", "talk_s", "hold_s", "wrap_s"),
        Column("transfer", words=("blind", "attended")),
        Column("ended_by", words=("caller", "agent", "transfer")),
        *_text("caller", "caller_key", "caller_name", "project", "business_type"),
        Column("channel", required=True),
        Column("direction", required=True, words=("in", "out")),
    ),
    Contact,
    "offered_at",
    "visits",
)
OFFERS = Table(
    "offers",
    (
        _SOURCE,
        Column("call", required=True),
        Column("queue", required=True),
        Column("agent", required=True),
        Column("nth", "whole", required=True),
        Column("started_at", "moment", required=True),
        Column("ended_at", "moment"),
        Column("ring_s", "real"),
        Column("result", words=get_args(OfferResult)),
    ),
    Offer,
    "moment",
    "(SELECT *, ended_at AS moment FROM offers UNION ALL SELECT *, started_at AS moment FROM open_offers)",
)
STATES = Table(
    "agent_states",
    (
        _SOURCE,
        Column("agent", required=True),
        Column("moment", "moment", required=True, field="at"),
        Column("state", required=True, words=get_args(State)),
        Column("seq", "whole", required=True),
        *_text("queue", "interface", "reason", "team"),
    ),
    AgentState,
    "moment",
    "agent_states",
)
ACTIONS = Table(
    "actions",
    (
        _SOURCE,
        Column("key", required=True),
        Column("moment", "moment", required=True, field="at"),
        *(Column(name, required=True) for name in ("kind", "about", "who", "role")),
        Column("until", "moment"),
        Column("note"),
        Column("value", "real"),
    ),
    Action,
    "moment",
    "actions",
)
SCORES = Table(
    "scores",
    (
        _SOURCE,
        Column("key", required=True),
        Column("moment", "moment", required=True, field="at"),
        Column("kind", required=True, words=get_args(ScoreKind)),
        Column("value", "real", required=True),
        *_text("call", "queue", "agent"),
    ),
    Score,
    "moment",
    "scores",
)
EVENTS = Table(
    "events",
    (
        _SOURCE,
        Column("moment", "moment", required=True, field="at"),
        Column("kind", required=True, words=tuple(k for k in get_args(StatusKind) if k != "alive")),
        Column("until", "moment"),
        Column("text"),
    ),
    SourceStatus,
    "moment",
    f"(SELECT * FROM events WHERE NOT (kind = 'gap' AND text IS NOT DISTINCT FROM '{MARK}'))",
)
ALIVE = Table(
    "alive",
    (
        _SOURCE,
        Column("moment", "moment", required=True, field="at"),
        Column("until", "moment", required=True),
    ),
    SourceStatus,
    "moment",
    "alive",
)
REFUSALS = Table(
    "refusals",
    (
        _SOURCE,
        Column("call", required=True),
        Column("queue", required=True),
        Column("nth", "whole", required=True),
        Column("moment", "moment", required=True, field="at"),
        Column("reason"),
    ),
    Refusal,
    "moment",
    "refusals",
)
COUNTERS = Table(
    "counters",
    (
        _SOURCE,
        Column("queue", required=True),
        Column("since", "moment", required=True),
        Column("moment", "moment", required=True, field="at"),
        Column("completed", "whole", required=True),
        Column("abandoned", "whole", required=True),
        *_real("hold_s", "talk_s"),
    ),
    QueueCounters,
    "moment",
    "counters",
)
QUEUES = Table(
    "queues_known",
    (
        _SOURCE,
        Column("queue", required=True),
        Column("moment", "moment", required=True),
        Column("told_at", "moment", required=True),
        Column("wrap_up_s", "real"),
        Column("project"),
    ),
    QueueKnown,
    relation="queues_known",
)
TIES = Table(
    "ties",
    (
        _SOURCE,
        Column("interface", required=True),
        Column("agent", required=True),
        Column("moment", "moment", required=True, field="at"),
    ),
    AgentKnown,
    relation="ties",
)
SEEN = Table(
    "agents_seen",
    (_SOURCE, Column("agent", required=True), Column("moment", "moment", required=True, field="at")),
    AgentKnown,
    relation="agents_seen",
)
SOURCES = Table(
    "sources",
    (
        Column("name", required=True),
        Column("type", required=True),
        Column("promise_s", "real", required=True),
        Column("sees", required=True),
        Column("known_from", "moment"),
        Column("known_until", "moment"),
        Column("missing", required=True),
    ),
)
META = Table("meta", (Column("key", required=True), Column("value", required=True)))

FACTS: Final = (CONTACTS, OFFERS, STATES, ACTIONS, SCORES, EVENTS, ALIVE, REFUSALS, COUNTERS)
"""Tables with a file per business day, in the order in which they are given back."""
SMALL: Final = (QUEUES, TIES, SEEN)
"""Tables of one file whose rows are records."""
BY_NAME: Final = {table.name: table for table in (*FACTS, *SMALL, SOURCES, META)}
