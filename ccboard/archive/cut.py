"""What of a store belongs to a range of time, as rows of plain values: moments are microseconds UTC.

A fact belongs to its own moment: a visit to its arrival, an offer to its end (while it rings: to its start),
a state to when it was entered. So days put together are the whole, and nothing is in two of them.

For the figures at the begin of a range to be right, some of what came before belongs to it as well
(``before``): visits that wait or talk then, each agent's last call in each queue of the day before (from
which wrap-up and the time of being ready follow), phones that ring, the last state of every agent, interface
and queue, and the last word of every source on itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ccboard.archive import known
from ccboard.archive.known import Known
from ccboard.archive.tables import (
    ACTIONS,
    ALIVE,
    BY_NAME,
    CONTACTS,
    COUNTERS,
    EVENTS,
    FACTS,
    OFFERS,
    REFUSALS,
    SCORES,
    SOURCES,
    STATES,
    Table,
)
from ccboard.clock import SECOND
from ccboard.errors import UsageError
from ccboard.metrics.sources import PEOPLE
from ccboard.store import missing
from ccboard.store.reader import Reader
from ccboard.store.rows import micros, stamp

MOST = 20_000
"""Most rows of one answer: encoding them takes 0.1 s, in which a hub does nothing else."""
MOST_AT_ONCE = 400_000
"""The same of what cannot be cut smaller: a second, and what reaches into a range."""
LAST_CALLS_S = 25 * 3600
"""How far before a range agents' last calls are looked for: as far as the figures look back, and a frame."""
KEY = "archive"
"""Key of the cursor in which a store remembers of which time archives were brought to it."""
_DAY = 86_400 * SECOND


class TooLongError(UsageError):
    """More rows than one answer holds: ask for a shorter stretch."""


def rows(reader: Reader, table: Table, begin: int | None, end: int | None) -> list[tuple[Any, ...]]:
    """Return the rows of `table` whose moment lies in [begin, end), oldest first; of a whole table all.

    Raises TooLongError beyond ``MOST`` rows, StoreError.
    """
    if table is SOURCES:
        return _sources(reader, begin, end)
    if not table.daily:
        return reader.rows(f"SELECT {_columns(table)} FROM {table.relation} ORDER BY ALL")
    single = begin is not None and end is not None and end - begin <= SECOND
    most = MOST_AT_ONCE if single else MOST
    where, params = _within(table, begin, end)
    found = reader.rows(
        f"SELECT {_columns(table)} FROM {table.relation} WHERE {where}"
        f" ORDER BY {table.moment} LIMIT {most + 1}",
        params,
    )
    return _bounded(found, most, table)


def before(reader: Reader, table: Table, begin: int) -> list[tuple[Any, ...]]:
    """Return the rows of before `begin` that the figures at `begin` need. Raises TooLongError, StoreError."""
    if table in (SCORES, REFUSALS, COUNTERS):
        return []
    params: dict[str, Any] = {"begin": stamp(begin)}
    if "$near" in _BEFORE[table.name]:
        params["near"] = stamp(begin - LAST_CALLS_S * SECOND)
    found = reader.rows(
        f"SELECT {_columns(table)} FROM ({_BEFORE[table.name]})"
        f" ORDER BY {table.moment} LIMIT {MOST_AT_ONCE + 1}",
        params,
    )
    return _bounded(found, MOST_AT_ONCE, table)


_LAST_STATE = "PARTITION BY source, agent, interface, queue ORDER BY moment DESC"
_BEFORE: Mapping[str, str] = {
    CONTACTS.name: """
        SELECT * FROM visits WHERE offered_at < $begin AND (ended_at IS NULL OR ended_at >= $begin)
        UNION ALL
        SELECT * FROM visits WHERE offered_at >= $near AND offered_at < $begin AND ended_at < $begin
            AND agent IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY source, agent, queue
                ORDER BY ended_at DESC, offered_at DESC) = 1
            OR row_number() OVER (PARTITION BY source, agent, queue
                ORDER BY coalesce(answered_at, ended_at) DESC, offered_at DESC) = 1
    """,
    OFFERS.name: "SELECT *, started_at AS moment FROM open_offers WHERE started_at < $begin",
    STATES.name: f"""
        SELECT * FROM agent_states WHERE moment < $begin
            QUALIFY row_number() OVER ({_LAST_STATE}, seq DESC, state DESC) = 1
        UNION
        SELECT * FROM agent_states WHERE moment < $begin AND team IS NOT NULL
            QUALIFY rank() OVER ({_LAST_STATE}) = 1
    """,
    ACTIONS.name: "SELECT * FROM actions WHERE moment < $begin AND until >= $begin",
    EVENTS.name: f"""
        SELECT * FROM {EVENTS.relation} WHERE moment < $begin AND until >= $begin
        UNION
        SELECT * FROM {EVENTS.relation} WHERE moment < $begin AND kind IN ('whole', 'gap', 'failed')
            QUALIFY rank() OVER (PARTITION BY source, kind ORDER BY moment DESC) = 1
    """,
    ALIVE.name: """
        SELECT * FROM alive WHERE moment < $begin
            QUALIFY until >= $begin OR row_number() OVER (PARTITION BY source ORDER BY until DESC) = 1
    """,
}


def days(reader: Reader, begin: int | None, end: int | None) -> dict[str, list[tuple[int, int]]]:
    """Return (day since 1970 UTC, rows) of every day that a table has rows of, in order."""
    found = {}
    for table in FACTS:
        where, params = _within(table, begin, end)
        found[table.name] = [
            (int(day), int(n))
            for day, n in reader.rows(
                f"SELECT epoch_us({table.moment}) // {_DAY}, count(*) FROM {table.relation} WHERE {where}"
                " GROUP BY 1 ORDER BY 1",
                params,
            )
        ]
    return found


def held(reader: Reader) -> dict[str, Known]:
    """Return what of each source's history the store holds: nothing where it has no fact of it."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for source, begin, end in reader.rows("""
        SELECT source, min(begin), max(until) FROM (
            SELECT source, min(offered_at) AS begin, max(greatest(offered_at, ended_at)) AS until
                FROM visits GROUP BY source
            UNION ALL SELECT source, min(started_at), max(ended_at) FROM offers GROUP BY source
            UNION ALL SELECT source, min(moment), max(moment) FROM agent_states GROUP BY source
            UNION ALL SELECT source, min(moment), max(until) FROM alive GROUP BY source
        ) GROUP BY source
    """):
        first[source], last[source] = micros(begin), micros(end) + 1
    for source, said in reader.rows("SELECT source, cursor FROM cursors WHERE key = ?", [KEY]):
        begin, _, end = (said or "").partition(" ")
        if begin and end:
            first[source] = min(int(begin), first.get(source, int(begin)))
            last[source] = max(int(end), last.get(source, int(end)))
    lacks = missing.of_rows(reader.rows(missing.SELECT))
    people = {name for (name,) in reader.rows("SELECT name FROM sources WHERE type = ?", [PEOPLE])}
    return {
        source: Known(at, last[source], known.union(lacks.get(source, ())))
        for source, at in first.items()
        if source not in people
    }


def _sources(reader: Reader, begin: int | None, end: int | None) -> list[tuple[Any, ...]]:
    """Return all sources, with what of their history lies in the range and is there."""
    there = held(reader)
    found = []
    for name, kind, promise_s, sees in reader.rows(
        "SELECT name, type, promise_s, sees FROM sources ORDER BY name"
    ):
        one = there.get(name, known.NOTHING)
        if one.first is not None and begin is not None:
            one = known.without(one, one.first, begin)
        if one.first is not None and end is not None:
            one = one._replace(last=min(end, one.last), missing=known.minus(one.missing, [(end, _FAR)]))
        if one.first is not None and (not known.had(one) or one.last <= one.first):
            one = known.NOTHING
        found.append((name, kind, promise_s, sees, one.first, one.last if one.first is not None else None,
                      known.written(one.missing)))
    return found


_FAR = 1 << 62


def _columns(table: Table) -> str:
    return ", ".join(
        f"epoch_us({column.name})" if column.kind == "moment" else column.name for column in table.columns
    )


def _within(table: Table, begin: int | None, end: int | None) -> tuple[str, dict[str, datetime]]:
    conditions, params = ["true"], {}
    if begin is not None:
        conditions.append(f"{table.moment} >= $begin")
        params["begin"] = stamp(begin)
    if end is not None:
        conditions.append(f"{table.moment} < $end")
        params["end"] = stamp(end)
    return " AND ".join(conditions), params


def _bounded(found: list[tuple[Any, ...]], most: int, table: Table) -> list[tuple[Any, ...]]:
    if len(found) > most:
        raise TooLongError(f"more than {most} rows of {table.name}: ask for a shorter stretch")
    return found


def table_of(name: str | None) -> Table:
    """Return the table of that name. Raises UsageError."""
    table = BY_NAME.get(name or "")
    if table is None:
        raise UsageError(f"table {name or ''!r}: there is {', '.join(BY_NAME)}")
    return table
