"""Deleting what is older than it may be kept, in steps so small that nobody waits for one.

A step is a stretch of at most a day of one table. What figures of later moments still need stays: of agents'
states the last of every agent, interface and queue, and of every source's failures the last. Gaps and the
moments from which a source is whole always stay, or deleting them would turn a gap into a day without calls.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import duckdb

from ccboard.store.reader import Reader

ROWS = 20_000
"""Rows of a step, as evenly as the rows of a day are spread."""
_DAY = timedelta(days=1)
_FAILED = ("(source, moment) NOT IN (SELECT (source, max(moment)) FROM events WHERE kind = 'failed'"
           " GROUP BY source)")
_NAMED = "(caller IS NOT NULL OR caller_name IS NOT NULL)"
_OFFERS = ("(SELECT *, coalesce(ended_at, started_at) AS moment FROM"
           " (SELECT * FROM offers UNION ALL SELECT * FROM open_offers))")

_CAME = "(SELECT offered_at FROM visits UNION ALL SELECT moment FROM refusals)"
"""Whoever came, the turned away as well: without visits of a day they would be all that is known of it."""
_SAID = "(SELECT source, moment, kind FROM events UNION ALL SELECT source, moment, 'counted' FROM counters)"

TABLES: dict[str, tuple[str, str, str]] = {
    "contacts": (_CAME, "offered_at", "true"),
    "callers": ("visits", "offered_at", _NAMED),
    "offers": (_OFFERS, "moment", "true"),
    "agent_states": ("agent_states", "moment", "true"),
    "events": (_SAID, "moment",
               f"(kind IN ('restart', 'note', 'counted') OR (kind = 'failed' AND {_FAILED}))"),
    "actions": ("actions", "moment", "(until IS NULL OR until < $cut)"),
    "scores": ("scores", "moment", "true"),
}
"""Key of the configuration -> the rows that are meant, their moment, and which of them."""


class Step(NamedTuple):
    """One small transaction. `run` returns how many rows it changed."""

    key: str
    begin: datetime
    end: datetime
    run: Callable[[duckdb.DuckDBPyConnection], int]


def steps(reader: Reader, key: str, cut: datetime) -> Iterator[Step]:
    """Yield what is to be done so that nothing of `key` from before `cut` is kept, oldest first."""
    relation, moment, which = TABLES[key]
    params = {"cut": cut}
    days = reader.rows(
        f"SELECT date_trunc('day', {moment}), count(*) FROM {relation} WHERE {moment} < $cut AND {which}"
        " GROUP BY 1 ORDER BY 1", params,
    )
    kept: dict[datetime, list[tuple[Any, ...]]] = {}
    if key == "agent_states" and days:
        for row in reader.rows(_LAST_STATES, params):
            kept.setdefault(row[0], []).append(row[1:])
    for day, n in days:
        stay = kept.get(day, [])
        if n <= len(stay):
            continue
        pieces = -(-n // ROWS)
        for piece in range(pieces):
            begin, end = day + _DAY * piece / pieces, min(cut, day + _DAY * (piece + 1) / pieces)
            if begin < end:
                yield Step(key, begin, end, _work(key, begin, end, cut, stay))


_LAST_STATES = """
    SELECT date_trunc('day', moment), source, agent, interface, queue, moment, seq FROM agent_states
    WHERE moment < $cut
    QUALIFY row_number() OVER (PARTITION BY source, agent, interface, queue
                ORDER BY moment DESC, seq DESC, state DESC) = 1
        OR (team IS NOT NULL AND rank() OVER (PARTITION BY source, agent, interface, queue, team IS NULL
                ORDER BY moment DESC) = 1)
"""


def _work(key: str, begin: datetime, end: datetime, cut: datetime, stay: Sequence[tuple[Any, ...]]
          ) -> Callable[[duckdb.DuckDBPyConnection], int]:
    span = {"begin": begin, "end": end}

    def run(con: duckdb.DuckDBPyConnection) -> int:
        if key == "callers":
            return sum(_count(con, f"UPDATE {table} SET caller = NULL, caller_name = NULL"
                                   f" WHERE offered_at >= $begin AND offered_at < $end AND {_NAMED}", span)
                       for table in ("contacts", "open_contacts"))
        if key == "contacts":
            return sum(_delete(con, table, moment, "true", span) for table, moment in (
                ("contacts", "offered_at"), ("open_contacts", "offered_at"), ("refusals", "moment")))
        if key == "events":
            which = TABLES[key][2].replace(", 'counted'", "")
            return _delete(con, key, "moment", which, span) + _delete(con, "counters", "moment", "true", span)
        if key == "offers":
            return (_delete(con, "offers", "ended_at", "true", span)
                    + _delete(con, "open_offers", "started_at", "true", span))
        if key == "agent_states" and stay:
            columns = list(zip(*stay, strict=True))
            con.execute(
                "CREATE OR REPLACE TEMP TABLE stay AS SELECT unnest($source::VARCHAR[]) AS source,"
                " unnest($agent::VARCHAR[]) AS agent, unnest($interface::VARCHAR[]) AS interface,"
                " unnest($queue::VARCHAR[]) AS queue, unnest($moment::TIMESTAMP[]) AS moment,"
                " unnest($seq::BIGINT[]) AS seq",
                dict(zip(("source", "agent", "interface", "queue", "moment", "seq"), map(list, columns),
                         strict=True)),
            ).fetchall()
            same = " AND ".join(f"s.{name} IS NOT DISTINCT FROM agent_states.{name}" for name in
                                ("source", "agent", "interface", "queue", "moment", "seq"))
            gone = _delete(con, key, "moment", f"NOT EXISTS (SELECT 1 FROM stay s WHERE {same})", span)
            con.execute("DROP TABLE stay").fetchall()
            return gone
        which = TABLES[key][2]
        return _delete(con, key, "moment", which, span | ({"cut": cut} if "$cut" in which else {}))

    return run


def _delete(con: duckdb.DuckDBPyConnection, table: str, moment: str, which: str, params: dict[str, datetime]
            ) -> int:
    where = f"{moment} >= $begin AND {moment} < $end AND {which}"
    return _count(con, f"DELETE FROM {table} WHERE {where}", params)


def _count(con: duckdb.DuckDBPyConnection, sql: str, params: dict[str, datetime]) -> int:
    return int(con.execute(sql, params).fetchall()[0][0])
