"""Back-filling: the visits of a whole file, staged and then merged in one transaction by a few statements.

The small path of ``facts`` looks up every key in Python, which is right for a second of a floor and costs
too much for a year of it. Staged visits are compared with the stored ones inside DuckDB, and those that are
new or changed are appended in the order of time, whatever the order in the file, so that a range of time
later touches few blocks. What counts is the same: one row per key, and twice changes nothing.

Visits are all over: an export has no callers who still wait.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, TypeAlias

import duckdb

from ccboard.records import Contact
from ccboard.store.facts import MARGIN
from ccboard.store.rows import stamp

Key: TypeAlias = Literal["call", "row"]
"""What tells visits apart: "call" is a call's id, whose visits to one queue are told apart by when they
began; "row" is made of a row's own columns, and rows alike in them are counted up in the file's order."""

MOMENTS = ("offered_at", "answered_at", "ended_at")
_SECONDS = ("ring_s", "wait_s", "talk_s", "hold_s", "wrap_s")
STORED = (
    "source",
    "call",
    "queue",
    "nth",
    "version",
    "offered_at",
    "answered_at",
    "ended_at",
    "outcome",
    "agent",
    "position",
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
"""Columns of `contacts`, in their order."""
NUMBERED = "stage JOIN numbered USING (row)"
"""The staged visits that count, with their nth."""


class Stage:
    """Temporary tables of `con`, and the view `stage` of them all. `fields` are fields of ``Contact``."""

    def __init__(self, con: duckdb.DuckDBPyConnection, source: str, fields: Sequence[str], key: Key) -> None:
        self.con = con
        """Where the stage lies; it is nobody else's while the stage is filled."""
        self._source = source
        self._fields = tuple(fields)
        self._key = key
        self.rows = 0
        self.repeated = 0
        """Staged visits that another one of the same key told; known after ``merge``."""
        self._parts: list[tuple[str, str]] = []  # (table, which of its rows)
        columns = ", ".join(f"{name} {_type(name)}" for name in self._fields)
        con.execute(f"CREATE OR REPLACE TEMP TABLE stage_0 (row BIGINT, {columns})").fetchall()
        self._keep("stage_0", "true")

    def part(self, make: Callable[[str], str], where: str) -> int:
        """Stage rows of a new table as they lie there; return how many.

        `make` gets the table's name and gives the statement that makes it: with the number in the file as
        `row`, `fields`, and perhaps more. `where` says which of its rows are staged.
        """
        name = f"stage_{len(self._parts)}"
        self.con.execute(make(name)).fetchall()
        count = int(self.con.execute(f"SELECT count(*) FROM {name} WHERE {where}").fetchall()[0][0])
        self._keep(name, where)
        self.rows += count
        return count

    def _keep(self, table: str, where: str) -> None:
        self._parts.append((table, where))

    def view(self) -> None:
        """Make the view of all parts, for who reads them: once for each part it took seconds at hundreds."""
        columns = ", ".join(("row", *self._fields))
        parts = [f"SELECT {columns} FROM {name} WHERE {which}" for name, which in self._parts]
        self.con.execute(f"CREATE OR REPLACE TEMP VIEW stage AS {' UNION ALL '.join(parts)}").fetchall()

    def add(self, visits: Iterable[tuple[Any, ...]], numbers: Iterable[int]) -> None:
        """Stage visits: tuples in the order of `fields`, moments in microseconds; `numbers` in the file."""
        rows = [(number, *visit) for number, visit in zip(numbers, visits, strict=True)]
        if rows:
            with self.con.appender("stage_0") as appender:
                appender.append_rows(rows)
            self.rows += len(rows)

    def span(self) -> tuple[int, int] | None:
        """Return the moments of the first arrival and the last end, None where nothing is staged."""
        self.view()
        first, last = self.con.execute(
            "SELECT min(offered_at), max(greatest(offered_at, answered_at, ended_at)) FROM stage"
        ).fetchall()[0]
        return None if first is None else (int(first), int(last))

    def queues(self) -> list[str]:
        """Return the names of the queues."""
        self.view()
        return [row[0] for row in self.con.execute("SELECT DISTINCT queue FROM stage ORDER BY 1").fetchall()]

    def days(self) -> list[tuple[int, int]]:
        """Return the first arrival and the last end of each day (UTC) that has visits, in order."""
        self.view()
        return [
            (int(first), int(last))
            for first, last in self.con.execute(
                "SELECT min(offered_at), max(greatest(offered_at, answered_at, ended_at)) FROM stage"
                " GROUP BY offered_at // 86400000000 ORDER BY 1"
            ).fetchall()
        ]

    def agents(self) -> list[Contact]:
        """Return one visit of each agent, at the earliest moment: who was seen, and since when."""
        self.view()
        return (
            [
                Contact(source=self._source, call="", queue="", offered_at=int(at), agent=agent)
                for agent, at in self.con.execute(
                    "SELECT agent, min(coalesce(answered_at, offered_at)) FROM stage WHERE agent IS NOT NULL"
                    " GROUP BY agent ORDER BY agent"
                ).fetchall()
            ]
            if "agent" in self._fields
            else []
        )

    def parts(self, size: int = 5000) -> Iterator[tuple[Contact, ...]]:
        """Yield the staged visits as records, in the order of time: for a hub."""
        self.view()
        self.repeated = self._number("SELECT NULL, NULL, NULL, NULL WHERE false")
        names = [name for name in STORED if name != "position"]
        cursor = self.con.execute(
            f"SELECT {self._select(names, 'BIGINT')} FROM {NUMBERED} ORDER BY offered_at, row"
        )
        while rows := cursor.fetchmany(size):
            yield tuple(Contact(**dict(zip(names, row, strict=True))) for row in rows)

    def merge(self) -> int:
        """Write what is new or changed to `contacts`, inside the caller's transaction; return how many."""
        span = self.span()
        if span is None:
            return 0
        con = self.con
        first, last = stamp(span[0]) - MARGIN, stamp(span[1]) + MARGIN
        within = {"source": self._source, "first": first, "last": last}
        con.execute(
            "CREATE OR REPLACE TEMP TABLE before AS SELECT *, rowid AS place FROM contacts"
            " WHERE source = $source AND offered_at >= $first AND offered_at <= $last",
            within,
        ).fetchall()
        self.repeated = self._number("SELECT call, queue, nth, epoch_us(offered_at) FROM before")
        fresh = f"SELECT {self._select(STORED, 'TIMESTAMP')} FROM {NUMBERED}"
        if self._count("before") or self._count("open_contacts WHERE source = ?", [self._source]):
            told = [name for name in STORED if name not in {"source", "version"}]
            con.execute(
                f"CREATE OR REPLACE TEMP TABLE changed AS SELECT f.*, b.place FROM ({fresh}) f"
                " LEFT JOIN before b USING (call, queue, nth) WHERE b.place IS NULL OR"
                f" (b.version <= f.version AND {_differs(told)})"
            ).fetchall()
            con.execute(
                "DELETE FROM contacts WHERE rowid IN (SELECT place FROM changed WHERE place IS NOT NULL)"
                " AND offered_at >= $first AND offered_at <= $last",
                {"first": first, "last": last},
            ).fetchall()
            con.execute(
                "DELETE FROM open_contacts WHERE source = ?"
                " AND (call, queue, nth) IN (SELECT (call, queue, nth) FROM changed)",
                [self._source],
            ).fetchall()
            fresh = f"SELECT {', '.join(STORED)} FROM changed"
        changed = con.execute(f"INSERT INTO contacts {fresh} ORDER BY offered_at").fetchall()[0][0]
        for table in ("before", "numbered", "changed"):
            con.execute(f"DROP TABLE IF EXISTS {table}").fetchall()
        return int(changed)

    def drop(self) -> None:
        """Let go of the temporary tables."""
        self.con.execute("DROP VIEW IF EXISTS stage").fetchall()
        for table, _where in self._parts:
            self.con.execute(f"DROP TABLE IF EXISTS {table}").fetchall()

    def _count(self, what: str, params: Sequence[str] = ()) -> int:
        return int(self.con.execute(f"SELECT count(*) FROM {what}", params or None).fetchall()[0][0])

    def _number(self, stored: str) -> int:
        """Give every visit its nth, the last row of a key alone; return how many rows that leaves out.

        `stored` selects (call, queue, nth, offered_at) of the visits that are already known. Most calls come
        to a queue once, and are not known: these are the first, without a look at their moments.
        """
        con = self.con
        if self._key == "row":
            con.execute(
                "CREATE OR REPLACE TEMP TABLE numbered AS SELECT row, coalesce(d.nth, 1) AS nth FROM stage"
                " LEFT JOIN (SELECT row, row_number() OVER (PARTITION BY call, queue ORDER BY row) AS nth"
                " FROM stage SEMI JOIN (SELECT call, queue FROM stage GROUP BY ALL HAVING count(*) > 1)"
                " USING (call, queue)) d"
                " USING (row)"
            ).fetchall()
        else:
            con.execute(
                "CREATE OR REPLACE TEMP TABLE numbered AS"
                f" WITH known(call, queue, nth, offered_at) AS ({stored}),"
                " several AS (SELECT call, queue FROM stage GROUP BY ALL HAVING count(*) > 1"
                "  UNION SELECT call, queue FROM known),"
                " most AS (SELECT call, queue, max(nth) AS nth FROM known GROUP BY ALL),"
                " single AS (SELECT call, queue, offered_at, max(row) AS row"
                "  FROM stage SEMI JOIN several USING (call, queue) GROUP BY ALL),"
                " placed AS (SELECT n.row, n.call, n.queue, n.offered_at, k.nth FROM single n"
                "  LEFT JOIN known k USING (call, queue, offered_at))"
                " SELECT row, 1::BIGINT AS nth FROM stage ANTI JOIN several USING (call, queue)"
                " UNION ALL SELECT p.row, coalesce(p.nth, coalesce(m.nth, 0) + row_number() OVER"
                "  (PARTITION BY p.call, p.queue, p.nth IS NULL ORDER BY p.offered_at)) AS nth"
                " FROM placed p LEFT JOIN most m ON m.call = p.call AND m.queue = p.queue"
            ).fetchall()
        return self.rows - self._count("numbered")

    def _select(self, names: Sequence[str], moments: str) -> str:
        """Return the columns of `contacts` as SQL over ``NUMBERED``."""
        said = []
        for name in names:
            if name == "source":
                said.append("'" + self._source.replace("'", "''") + "' AS source")
            elif name == "version":
                said.append("1::BIGINT AS version")
            elif name == "nth":
                said.append("nth")
            elif name in self._fields:
                said.append(
                    f"make_timestamp({name}) AS {name}"
                    if name in MOMENTS and moments == "TIMESTAMP"
                    else name
                )
            else:
                default = {"channel": "'voice'", "direction": "'in'"}.get(name, f"NULL::{_type(name)}")
                said.append(f"{default} AS {name}")
        return ", ".join(said)


def _differs(names: Sequence[str]) -> str:
    return "(" + " OR ".join(f"f.{name} IS DISTINCT FROM b.{name}" for name in names) + ")"


def _type(name: str) -> str:
    if name in MOMENTS or name == "position":
        return "BIGINT"
    return "DOUBLE" if name in _SECONDS else "VARCHAR"
