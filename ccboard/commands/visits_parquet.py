"""Visits as a Parquet file. Imports DuckDB; as a program it takes rows as JSON lines on stdin.

A board has no DuckDB in its process: it starts ``python -m ccboard.commands.visits_parquet FILE``.
"""

import json
import sys
from collections.abc import Iterable
from typing import Any

import duckdb

from ccboard.errors import CcboardError
from ccboard.kpis.visit import COLUMNS, MOMENTS, NUMBERS


def write(path: str, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows to `path`. Raises CcboardError where that cannot be done."""
    kinds = [
        "TIMESTAMPTZ" if name in MOMENTS else "DOUBLE" if name in NUMBERS else "BIGINT" if name == "nth"
        else "VARCHAR" for name in COLUMNS
    ]
    table = ", ".join(f'"{name}" {kind}' for name, kind in zip(COLUMNS, kinds, strict=True))
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'").fetchall()
        con.execute(f"CREATE TABLE t ({table})").fetchall()
        values = [tuple(row[name] for name in COLUMNS) for row in rows]
        if values:
            con.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(COLUMNS))})", values)
        try:
            con.execute(f"COPY t TO '{path.replace(chr(39), chr(39) * 2)}' (FORMAT parquet)").fetchall()
        except duckdb.Error as error:
            raise CcboardError(f"{path}: cannot be written: {error}") from None


if __name__ == "__main__":
    try:
        write(sys.argv[1], [json.loads(line) for line in sys.stdin])
    except CcboardError as wrong:
        sys.exit(str(wrong))
