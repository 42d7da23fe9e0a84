"""Bringing back rows that were stored once: what is new goes in by a few statements, and little is looked at.

The way of a record (``facts``) looks up every key in Python, which is right for a second of a floor. Of the
rows of an archive nearly all are either new or there already just as they are. Those are told apart inside
DuckDB; what is left (not over yet, or stored differently) goes the way of records, whose rules decide.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from ccboard.records import Contact
from ccboard.store.bulk import Stage
from ccboard.store.facts import MARGIN
from ccboard.store.rows import EARLIEST, LATEST

if TYPE_CHECKING:
    from ccboard.store.store import Store


class Kind(NamedTuple):
    """How rows of a table are told apart."""

    key: tuple[str, ...]
    moment: str
    over: str
    """SQL: the row is over."""
    opened: str
    """The table of rows that are not over; "" where there is none."""
    same_open: tuple[str, ...]
    """What a row has in common with one of the same thing that is not over."""


KINDS = {
    "contacts": Kind(("source", "call", "queue", "nth"), "offered_at",
                     "ended_at IS NOT NULL", "open_contacts", ("source", "call", "queue", "nth")),
    "offers": Kind(("source", "call", "queue", "agent", "nth", "result"), "ended_at",
                   "ended_at IS NOT NULL AND result IS NOT NULL", "open_offers",
                   ("source", "call", "queue", "agent")),
    "agent_states": Kind(("source", "agent", "interface", "queue", "moment", "seq"), "moment",
                         "true", "", ()),
}
"""The tables whose rows may be brought this way."""


class Part(Stage):
    """Rows for one of ``KINDS``, in temporary tables; `columns` are (name, whether a moment), in their order.

    Hand it to ``Store.apply`` together with the records of what is ``left``.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, table: str,
                 columns: Sequence[tuple[str, bool]]) -> None:
        self.con = con
        self._table = table
        self._kind = KINDS[table]
        self._plain = ", ".join(f"epoch_us({name}) AS {name}" if moment else name for name, moment in columns)
        self._typed = ", ".join(
            f"make_timestamp({name}) AS {name}" if moment else name for name, moment in columns
        )

    @classmethod
    def of(cls, store: "Store", table: str, columns: Sequence[tuple[str, bool]]) -> "Part":
        """Return one that lies in a store; there is one at a time."""
        return cls(store.stage("", ("call",), "row").con, table, columns)

    def left(self, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Take rows in, moments in microseconds; return those that records must decide on."""
        con, kind, table = self.con, self._kind, self._table

        def make(name: str, select: str, **params: datetime | None) -> None:
            con.execute(f"CREATE OR REPLACE TEMP TABLE part_{name} AS {select}", params or None).fetchall()

        make("raw", f"SELECT {self._plain} FROM {table} LIMIT 0")
        with con.appender("part_raw") as appender:
            appender.append_rows(list(rows))
        make("rows", f"SELECT {self._typed} FROM part_raw")
        [(first, last)] = con.execute(
            f"SELECT min({kind.moment}), max({kind.moment}) FROM part_rows"
        ).fetchall()
        if first is not None:
            first, last = max(first, EARLIEST + MARGIN) - MARGIN, min(last, LATEST - MARGIN) + MARGIN
        make("there", f"SELECT * FROM {table} WHERE {kind.moment} >= $first AND {kind.moment} <= $last",
             first=first, last=last)
        make("fresh", "SELECT * FROM part_rows EXCEPT SELECT * FROM part_there")
        new = [kind.over, f"NOT EXISTS (SELECT 1 FROM part_there o WHERE {_alike(kind.key)})"]
        if kind.opened:
            make("fresh", f"SELECT * FROM part_fresh EXCEPT SELECT * FROM {kind.opened}")
            make("open", f"SELECT * FROM {kind.opened} UNION ALL"
                         f" SELECT * FROM part_fresh WHERE NOT ({kind.over})")
            new.append(f"NOT EXISTS (SELECT 1 FROM part_open o WHERE {_alike(kind.same_open)})")
        make("sure", f"SELECT * FROM part_fresh f WHERE {' AND '.join(new)}"
                     f" QUALIFY count(*) OVER (PARTITION BY {', '.join(kind.key)}) = 1")
        return con.execute(
            f"SELECT {self._plain} FROM (SELECT * FROM part_fresh EXCEPT SELECT * FROM part_sure)"
            f" ORDER BY {kind.moment}"
        ).fetchall()

    def merge(self) -> int:
        """Write what is sure to be new, inside the caller's transaction; return how many."""
        [(changed,)] = self.con.execute(
            f"INSERT INTO {self._table} SELECT * FROM part_sure ORDER BY {self._kind.moment}"
        ).fetchall()
        return int(changed)

    def agents(self) -> list[Contact]:
        """Return nobody: who was seen is brought by records of its own."""
        return []

    def drop(self) -> None:
        """Let go of the temporary tables."""
        for name in ("raw", "rows", "there", "fresh", "open", "sure"):
            self.con.execute(f"DROP TABLE IF EXISTS part_{name}").fetchall()


def _alike(names: Sequence[str]) -> str:
    return " AND ".join(f"o.{name} IS NOT DISTINCT FROM f.{name}" for name in names)
