"""Writing what is no visit: callers turned away at the door, and what phone systems counted themselves.

As the other tables: inside the batch's transaction, idempotent, independent of the order of arrival.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import duckdb

from ccboard.records import QueueCounters, Record, Refusal
from ccboard.store.journal import Change
from ccboard.store.rows import Row, counters_row, refusal_row

Connection: TypeAlias = duckdb.DuckDBPyConnection


def write_refusals(con: Connection, records: Iterable[Record], changes: list[Change]) -> int:
    """Note callers turned away; of one told twice the earlier moment stays. Return how many changed."""
    told: dict[Row, Row] = {}
    for record in records:
        if isinstance(record, Refusal):
            row = refusal_row(record)
            told[row[:4]] = min(told.get(row[:4], row), row, key=_earlier)
    if not told:
        return 0
    known = {row[:4]: row for row in con.execute(
        "SELECT *, rowid FROM refusals WHERE call IN (SELECT unnest(?::VARCHAR[]))",
        [[key[1] for key in told]],
    ).fetchall()}
    new = [row for key, row in told.items() if key not in known or _earlier(row) < _earlier(known[key])]
    if gone := [known[row[:4]] for row in new if row[:4] in known]:
        con.execute("DELETE FROM refusals WHERE rowid IN (SELECT unnest(?::BIGINT[]))",
                    [[row[-1] for row in gone]]).fetchall()
    if new:
        with con.appender("refusals") as appender:
            appender.append_rows(sorted(new, key=_earlier))
    changes += [Change("refusals", known[row[:4]][:6] if row[:4] in known else None, row) for row in new]
    return len(new)


def _earlier(row: Sequence[Any]) -> tuple[datetime, str]:
    """Return what the row that stays has the least of: its moment, then its reason."""
    return row[4], row[5] or chr(0x10FFFF)


def write_counters(con: Connection, records: Iterable[Record]) -> int:
    """Note what phone systems counted; of an hour the latest stays. Return how many changed."""
    told: dict[tuple[object, ...], Row] = {}
    for record in records:
        if isinstance(record, QueueCounters):
            row = counters_row(record)
            told[_hour(row)] = max(told.get(_hour(row), row), row, key=_latest)
    if not told:
        return 0
    known = {_hour(row): row for row in con.execute(
        "SELECT *, rowid FROM counters WHERE since IN (SELECT unnest(?::TIMESTAMP[]))",
        [list({row[2] for row in told.values()})],
    ).fetchall()}
    new = [row for key, row in told.items() if key not in known or _latest(row) > _latest(known[key])]
    if gone := [known[_hour(row)][-1] for row in new if _hour(row) in known]:
        con.execute("DELETE FROM counters WHERE rowid IN (SELECT unnest(?::BIGINT[]))", [gone]).fetchall()
    if new:
        with con.appender("counters") as appender:
            appender.append_rows(sorted(new, key=lambda row: row[3]))
    return len(new)


def _hour(row: Row) -> tuple[object, ...]:
    return (*row[:3], row[3].replace(minute=0, second=0, microsecond=0))


def _latest(row: Row) -> tuple[object, ...]:
    return (row[3], row[4], row[5], row[6] or 0.0, row[7] or 0.0)
