"""What a store does not hold of a source's history, noted as gaps, which are never taken for zero calls.

Retention notes what it deletes, and an archive of a part of history what lies around it. A source's notes
are replaced together; each ends a microsecond before the moment from which on everything is there again, so
that figures are whole from just that moment.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, TypeAlias

import duckdb

from ccboard.store.rows import micros, stamp

MARK = "not kept here"
"""Text of these gaps, by which they are told from those that a source tells of itself."""
_LAST = timedelta(microseconds=1)
_OURS = f"kind = 'gap' AND text IS NOT DISTINCT FROM '{MARK}'"

Stretches: TypeAlias = Sequence[tuple[int, int]]
"""[from, until) in microseconds."""

SELECT = (f"SELECT source, moment, until FROM events WHERE {_OURS} AND until IS NOT NULL"
          " ORDER BY source, moment")
"""Every note: ``of_rows`` makes stretches of them."""


def of_rows(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[tuple[int, int]]]:
    """Return the stretches of each source out of the rows of ``SELECT``."""
    found: dict[str, list[tuple[int, int]]] = {}
    for source, begin, end in rows:
        found.setdefault(source, []).append((micros(begin), micros(end) + 1))
    return found


def write(con: duckdb.DuckDBPyConnection, source: str, stretches: Stretches) -> bool:
    """Note these stretches and no others; return whether that is another note than before."""
    wanted = [(stamp(begin), stamp(end) - _LAST) for begin, end in sorted(stretches) if begin < end]
    there = con.execute(
        f"SELECT moment, until FROM events WHERE source = ? AND {_OURS} ORDER BY moment", [source]
    ).fetchall()
    if there == wanted:
        return False
    con.execute(f"DELETE FROM events WHERE source = ? AND {_OURS}", [source]).fetchall()
    if wanted:
        with con.appender("events") as appender:
            appender.append_rows([(source, begin, "gap", end, MARK) for begin, end in wanted])
    return True
