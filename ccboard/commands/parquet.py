"""Figures as a Parquet file. Imports DuckDB."""

from typing import Any

import duckdb

from ccboard.errors import CcboardError

_TYPES = {
    "hour": "INTEGER",
    "weekday": "INTEGER",
    "year": "INTEGER",
    "day": "DATE",
    "interval": "TIMESTAMPTZ",
}


def write(path: str, said: dict[str, Any]) -> None:
    """Write the rows of figures to `path`. Raises CcboardError where that cannot be done."""
    columns = [(name, _TYPES.get(name, "VARCHAR")) for name in said["by"]]
    columns += [(kpi["kpi"], "BIGINT" if kpi["unit"] in _COUNTED else "DOUBLE") for kpi in said["kpis"]]
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'").fetchall()
        con.execute(
            f"CREATE TABLE t ({', '.join(f'{_quoted(name)} {kind}' for name, kind in columns)})"
        ).fetchall()
        rows = [tuple(row[name] for name, _kind in columns) for row in said["rows"]]
        if rows:
            con.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(columns))})", rows)
        try:
            con.execute(f"COPY t TO {_literal(path)} (FORMAT parquet)").fetchall()
        except duckdb.Error as error:
            raise CcboardError(f"{path}: cannot be written: {error}") from None


_COUNTED = frozenset({"visits", "calls", "callers", "agents", "offers"})


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
