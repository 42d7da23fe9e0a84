"""Writing an archive: Parquet files by a DuckDB in memory, beside the target until all of them are there."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from ccboard.archive.tables import DUCKDB, META, Column, Table
from ccboard.errors import CcboardError, InputError

PART = ".part"
"""Folder inside the target in which files lie until the archive is whole."""


def connect(temporary: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a database in memory that reads and writes Parquet and nothing from anywhere else."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": "512MB",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
    }
    if temporary is not None:
        config |= {"temp_directory": str(temporary), "max_temp_directory_size": "4GB"}
    con = duckdb.connect(config=config)
    for setting in ("SET GLOBAL TimeZone='UTC'", "SET enable_progress_bar=false"):
        con.execute(setting).fetchall()
    return con


def refuse_taken(target: Path) -> None:
    """Raise InputError where a folder cannot become an archive, before anything is asked for it."""
    if not target.exists():
        return
    if not target.is_dir():
        raise InputError(f"{target}: is no folder; name a new folder for the export")
    if (target / f"{META.name}.parquet").exists():
        raise InputError(f"{target}: holds an export already; name a new folder (import takes several)")
    if any(item.name != PART for item in target.iterdir()):
        raise InputError(f"{target}: holds something else; name a new or an empty folder for the export")


class Folder:
    """An archive being written. As a context: what is not finished leaves nothing behind."""

    def __init__(self, target: Path) -> None:
        """Make the folder; raise InputError where `target` is taken, CcboardError where it cannot be made."""
        refuse_taken(target)
        self.target = target
        self.files = 0
        self.bytes = 0
        self._part = target / PART
        self._made = not target.exists()
        try:
            target.mkdir(parents=True, exist_ok=True)
            if self._part.exists():  # of an export that was broken off
                shutil.rmtree(self._part)
            self._part.mkdir()
        except OSError as error:
            raise _cannot(target, error) from None
        self._con = connect(self._part / ".tmp")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._con.close()
        shutil.rmtree(self._part, ignore_errors=True)
        if self._made and kind is not None and not any(self.target.iterdir()):
            self.target.rmdir()

    def begin(self, table: Table) -> None:
        """Begin a file of `table`."""
        columns = ", ".join(f"{column.name} {_staged(column)}" for column in table.columns)
        self._con.execute(f"CREATE OR REPLACE TABLE t ({columns})").fetchall()

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows in the order of the table's columns, moments in microseconds."""
        if rows:
            with self._con.appender("t") as appender:
                appender.append_rows([tuple(row) for row in rows])

    def end(self, table: Table, name: str | None = None) -> int:
        """Write the file (`name` within the table's folder; None: the whole table); return its rows."""
        path = self._part / (f"{table.name}.parquet" if name is None else f"{table.name}/{name}.parquet")
        columns = ", ".join(
            f"make_timestamptz({column.name}) AS {column.name}" if column.kind == "moment" else column.name
            for column in table.columns
        )
        try:
            path.parent.mkdir(exist_ok=True)
            order = "" if table.moment not in {c.name for c in table.columns} else f" ORDER BY {table.moment}"
            [(n,)] = self._con.execute(
                f"COPY (SELECT {columns} FROM t{order}) TO '{_quoted(path)}'"
                " (FORMAT parquet, COMPRESSION zstd)"
            ).fetchall()
            self.bytes += path.stat().st_size
        except (OSError, duckdb.Error) as error:
            raise _cannot(path, error) from None
        self.files += 1
        return int(n)

    def write(self, table: Table, rows: Iterable[Sequence[Any]]) -> int:
        """Write a whole small table; return its rows."""
        self.begin(table)
        self.add(list(rows))
        return self.end(table)

    def finish(self) -> None:
        """Put everything in its place; the file that makes it an archive last."""
        last = f"{META.name}.parquet"
        try:
            for item in sorted(self._part.iterdir(), key=lambda item: item.name == last):
                if item.name != ".tmp":
                    item.rename(self.target / item.name)
        except OSError as error:
            raise _cannot(self.target, error) from None


def _staged(column: Column) -> str:
    return "BIGINT" if column.kind == "moment" else DUCKDB[column.kind]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _cannot(path: Path, error: OSError | duckdb.Error) -> CcboardError:
    said = error.strerror if isinstance(error, OSError) else None
    return CcboardError(f"{path}: cannot be written: {said or error}")
