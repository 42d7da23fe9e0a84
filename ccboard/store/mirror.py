"""What the writer keeps in memory of the small tables, so that a batch asks the disk for little.

Only the writer changes it, and only after the commit that it mirrors: a batch that was rolled back
leaves it as it was. It is read afresh whenever the file is opened.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import duckdb


class Source(NamedTuple):
    """A row of `sources` without its name and its count."""

    type: str
    promise_s: float
    sees: frozenset[str]


PROJECT: Final = "arg_max(nullif(project, ''), (told_at, source))"
"""SQL: the project of a queue of `queues_known`: of what several sources say the last word."""


class Known(NamedTuple):
    """A row of `queues_known` without its key."""

    at: datetime
    told_at: datetime
    wrap_up_s: float | None
    project: str | None


class Alive(NamedTuple):
    """The last row of `alive` of a source; `tolerance`: within which silence none else lies before it."""

    begin: datetime
    end: datetime
    tolerance: timedelta | None


@dataclass(slots=True)
class Mirror:
    """The small tables, by key."""

    meta: dict[str, str] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    cursors: dict[tuple[str, str], str | None] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    ties: dict[tuple[str, str], tuple[datetime, str]] = field(default_factory=dict)
    seen: dict[tuple[str, str], datetime] = field(default_factory=dict)
    queues: dict[tuple[str, str], Known] = field(default_factory=dict)
    alive: dict[str, Alive | None] = field(default_factory=dict)
    reject_seq: int = 0
    rejects_held: dict[str, int] = field(default_factory=dict)
    reject_reasons: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, con: duckdb.DuckDBPyConnection) -> "Mirror":
        """Return the mirror of the open file."""
        mirror = cls()
        mirror.meta = dict(con.execute("SELECT key, value FROM meta").fetchall())
        for name, kind, promise_s, sees in con.execute(
            "SELECT name, type, promise_s, sees FROM sources"
        ).fetchall():
            mirror.sources[name] = Source(kind, promise_s, frozenset(sees.split()))
        for source, key, cursor, rows in con.execute(
            "SELECT source, key, cursor, rows FROM cursors"
        ).fetchall():
            mirror.cursors[source, key] = cursor
            mirror.rows[source] = mirror.rows.get(source, 0) + rows
        for source, interface, at, agent in con.execute(
            "SELECT source, interface, moment, agent FROM ties"
        ).fetchall():
            mirror.ties[source, interface] = (at, agent)
        for source, agent, at in con.execute("SELECT source, agent, moment FROM agents_seen").fetchall():
            mirror.seen[source, agent] = at
        for source, queue, *rest in con.execute(
            "SELECT source, queue, moment, told_at, wrap_up_s, project FROM queues_known"
        ).fetchall():
            mirror.queues[source, queue] = Known(*rest)
        for source, begin, end in con.execute(
            "SELECT source, arg_max(moment, until), max(until) FROM alive GROUP BY source"
        ).fetchall():
            mirror.alive[source] = Alive(begin, end, None)
        for source, held, seq in con.execute(
            "SELECT source, count(*), max(seq) FROM rejects GROUP BY source"
        ).fetchall():
            mirror.rejects_held[source] = held
            mirror.reject_seq = max(mirror.reject_seq, seq)
        for source, reason in con.execute("SELECT source, reason FROM reject_counts").fetchall():
            mirror.reject_reasons.setdefault(source, set()).add(reason)
        return mirror
