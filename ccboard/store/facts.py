"""Writing the facts: visits, offers and states. One row per key, whatever is sent again in which order.

There is no index to hold that: what is stored of a batch's keys is looked up first, within a range
of time that DuckDB's zone maps narrow to a day or two, so that the cost does not grow with history. The
price: a record whose time is corrected by more than ``MARGIN`` would be taken for another one.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import duckdb

from ccboard.records import AgentState, Contact, Offer
from ccboard.store.journal import Change
from ccboard.store.rows import EARLIEST, LATEST, Row, contact_row, offer_row, same, state_row

Connection: TypeAlias = duckdb.DuckDBPyConnection

MARGIN = timedelta(hours=24)
"""How far the time of a record may be corrected."""

_SHORT = 32
# Places of columns in the rows of ccboard.store.rows
_VERSION, _OFFERED, _END = 4, 5, 7
_STARTED, _ENDED, _RESULT = 5, 6, 8
_AT = 2


def write_contacts(con: Connection, contacts: Iterable[Contact]) -> list[Change]:
    """Bring visits up to date; a version of at least the stored one wins."""
    newest: dict[tuple[str, str, str, int], Row] = {}
    for contact in contacts:
        row = contact_row(contact)
        before = newest.get(row[:4])
        if before is None or row[_VERSION] >= before[_VERSION]:
            newest[row[:4]] = row
    if not newest:
        return []
    first = _earlier(min(row[_OFFERED] for row in newest.values()))
    last = _later(max(row[_OFFERED] for row in newest.values()))
    among, calls = _among("VARCHAR", {key[1] for key in newest})
    stored = {tuple(row[:4]): ("open_contacts", row) for row in con.execute(
        f"SELECT *, rowid FROM open_contacts WHERE call IN {among}", calls
    ).fetchall()}
    others = newest.keys() - stored.keys()
    if others:
        among, calls = _among("VARCHAR", {key[1] for key in others})
        over = [row[4] for row in con.execute(  # half the price of whole rows, and mostly there are none
            "SELECT source, call, queue, nth, rowid FROM contacts"
            f" WHERE offered_at >= ? AND offered_at <= ? AND call IN {among}", [first, last, *calls]
        ).fetchall() if tuple(row[:4]) in others]
        if over:
            among, places = _among("BIGINT", over)
            stored.update({tuple(row[:4]): ("contacts", row) for row in con.execute(
                "SELECT *, rowid FROM contacts WHERE offered_at >= ? AND offered_at <= ?"
                f" AND rowid IN {among}", [first, last, *places]
            ).fetchall()})
    gone: dict[str, list[int]] = {"contacts": [], "open_contacts": []}
    added: dict[str, list[Row]] = {"contacts": [], "open_contacts": []}
    changes: list[Change] = []
    for key, row in newest.items():
        old = None
        table = "open_contacts" if row[_END] is None else "contacts"
        if key in stored:
            where, old = stored[key]
            if row[_VERSION] < old[_VERSION] or same(old, row):
                continue
            gone[where].append(old[-1])
        added[table].append(row)
        changes.append(Change("visits", old, row))
    _delete(con, "contacts", gone["contacts"], "offered_at", first, last)
    _delete(con, "open_contacts", gone["open_contacts"])
    for table, rows in added.items():
        _append(con, table, rows, _OFFERED)
    return changes


def write_offers(con: Connection, offers: Iterable[Offer]) -> tuple[int, list[Change]]:
    """Bring offers up to date; return how many changed, and the rows of both tables that did.

    Of two records of the same closed offer the one that started earlier says more (a log that only
    knows the end says start = end), of two that started together the later sent. An open offer counts
    until a closed one of the same call, queue and agent ends at or after its start.
    """
    closed: dict[Row, Row] = {}
    opened: dict[Row, Row] = {}
    for offer in offers:
        row = offer_row(offer)
        if row[_RESULT] is None:
            if row[:4] not in opened or row[_STARTED] >= opened[row[:4]][_STARTED]:
                opened[row[:4]] = (*row[:_ENDED], None, None, None)
            continue
        if row[_ENDED] is None:
            row = (*row[:_ENDED], row[_STARTED], *row[_ENDED + 1:])
        key = (*row[:5], row[_RESULT])
        if key not in closed or row[_STARTED] <= closed[key][_STARTED]:
            closed[key] = row
    if not closed and not opened:
        return 0, []
    moments = [row[_ENDED] for row in closed.values()] + [row[_STARTED] for row in opened.values()]
    first = _earlier(min(moments))
    last = LATEST if opened else _later(max(moments))
    calls = list({row[1] for row in (*closed.values(), *opened.values())})
    over = con.execute(
        "SELECT *, rowid FROM offers WHERE ended_at >= ? AND ended_at <= ?"
        " AND call IN (SELECT unnest(?::VARCHAR[]))", [first, last, calls]
    ).fetchall()
    among, names = _among("VARCHAR", calls)
    ringing = {row[:4]: row for row in con.execute(
        f"SELECT *, rowid FROM open_offers WHERE call IN {among}", names
    ).fetchall()}
    stored = {(*row[:5], row[_RESULT]): row for row in over}
    ends: dict[Row, datetime] = {}
    for row in (*over, *closed.values()):
        ends[row[:4]] = max(ends.get(row[:4], row[_ENDED]), row[_ENDED])

    changes: list[Change] = []
    gone: list[int] = []
    added: list[Row] = []
    for key, row in closed.items():
        if key in stored:
            if row[_STARTED] > stored[key][_STARTED] or same(stored[key], row):
                continue
            gone.append(stored[key][-1])
        added.append(row)
        changes.append(Change("offers", stored.get(key), row))
    stopped: list[int] = []
    rings: list[Row] = []
    for key in {*ringing, *opened}:
        before, now = ringing.get(key), opened.get(key)
        best = now if before is None or (now and now[_STARTED] >= before[_STARTED]) else before[:-1]
        assert best is not None
        if key in ends and ends[key] >= best[_STARTED]:
            best = None
        if before is not None and best is not None and same(before, best):
            continue
        if before is not None:
            stopped.append(before[-1])
        if best is not None:
            rings.append(best)
        changes.append(Change("offers", before, best))
    _delete(con, "offers", gone, "ended_at", first, last)
    _delete(con, "open_offers", stopped)
    _append(con, "offers", added, _ENDED)
    _append(con, "open_offers", rings, _STARTED)
    return len(added) + max(len(rings), len(stopped)), changes


def write_states(con: Connection, states: Iterable[AgentState]) -> list[Change]:
    """Add agents' states."""
    rows: dict[Row, Row] = {}
    for state in states:
        row = state_row(state)
        rows[_state_key(row)] = row
    if not rows:
        return []
    moments = list({row[_AT] for row in rows.values()})
    first, last = min(moments), max(moments)
    stored = {_state_key(row): row for row in con.execute(
        "SELECT *, rowid FROM agent_states WHERE moment >= ? AND moment <= ?"
        " AND moment IN (SELECT unnest(?::TIMESTAMP[]))", [first, last, moments]
    ).fetchall()}
    changes: list[Change] = []
    gone: list[int] = []
    added: list[Row] = []
    for key, row in rows.items():
        if key in stored:
            if same(stored[key], row):
                continue
            gone.append(stored[key][-1])
        added.append(row)
        changes.append(Change("states", stored.get(key), row))
    _delete(con, "agent_states", gone, "moment", first, last)
    _append(con, "agent_states", added, _AT)
    return changes


def _state_key(row: Sequence[Any]) -> Row:
    return (row[0], row[1], row[6], row[5], row[_AT], row[4])


def _delete(con: Connection, table: str, rowids: list[int], column: str | None = None,
            first: datetime | None = None, last: datetime | None = None) -> None:
    """Delete rows; `column` with its range keeps DuckDB from looking through all of history."""
    if not rowids:
        return
    within = f" AND {column} >= ? AND {column} <= ?" if column else ""
    among, places = _among("BIGINT", rowids)
    con.execute(f"DELETE FROM {table} WHERE rowid IN {among}{within}",
                [*places, *([first, last] if column else [])]).fetchall()


def _among(kind: str, values: Collection[Any]) -> tuple[str, list[Any]]:
    """Return what follows IN, and its parameters. A short list costs half of what a join with one does."""
    if len(values) <= _SHORT:
        return f"({', '.join('?' * len(values))})", list(values)
    return f"(SELECT unnest(?::{kind}[]))", [list(values)]


def _append(con: Connection, table: str, rows: list[Row], order: int) -> None:
    if not rows:
        return
    rows.sort(key=lambda row: row[order])
    with con.appender(table) as appender:
        appender.append_rows(rows)


def _earlier(moment: datetime) -> datetime:
    return moment - MARGIN if moment > EARLIEST + MARGIN else moment


def _later(moment: datetime) -> datetime:
    return moment + MARGIN if moment < LATEST - MARGIN else moment
