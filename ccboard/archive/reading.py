"""Reading an archive, which may come from anybody: each file is checked whole before anything of it is used.

A file with a wrong column, a wrong type, a word that there is not, or bytes that are no Parquet is an
InputError that names file and column; the other files do not suffer. Every text passes ``clean`` on its way
into a record.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

from ccboard.archive import known
from ccboard.archive.answer import BEYOND
from ccboard.archive.folder import PART
from ccboard.archive.known import Known
from ccboard.archive.tables import (
    ALIVE,
    BEFORE,
    DUCKDB,
    FACTS,
    META,
    QUEUES,
    SMALL,
    SOURCES,
    VERSION,
    Column,
    Table,
)
from ccboard.clean import MAX_LENGTH, clean
from ccboard.errors import InputError
from ccboard.moments import parse_day_start, to_micros
from ccboard.records import NOTE_LENGTH, QueueKnown, Record
from ccboard.store.rows import Row

PART_ROWS = 20_000
"""Records handed on together."""
_DAY = 86_400_000_000
_PLAIN = "([!-~]([ -~]*[!-~])?)?"
"""Texts that ``clean`` leaves as they are, apart from their length: most are. In DuckDB's words, which take
milliseconds to compile; with all of Unicode's letters in them it was 60 ms a column and file."""
_TAKEN = {"TIMESTAMP WITH TIME ZONE": ("TIMESTAMP",), "DOUBLE": ("FLOAT", "BIGINT", "INTEGER"),
          "BIGINT": ("INTEGER", "SMALLINT", "TINYINT")}
"""Types that say the same: what other programs make of a column when they write it anew."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source as the archive knows it."""

    name: str
    type: str
    promise_s: float
    sees: frozenset[str]
    known: Known


@dataclass(frozen=True, slots=True)
class File:
    """A file of facts: its table, its day's name, and the moments that it is of (None: of before)."""

    path: Path
    table: Table
    span: tuple[int, int] | None

    @property
    def shown(self) -> str:
        """Return how people are told of it."""
        return f"{self.path.parent.name}/{self.path.name}"


class Archive:
    """An archive that is there. Raises InputError where it cannot be one."""

    def __init__(self, folder: Path, con: duckdb.DuckDBPyConnection) -> None:
        self.folder = folder
        self._con = con
        self._known_dirty: tuple[bool, ...] | None = None
        """Which columns of the table t must be cleaned; None: nobody has asked yet."""
        if not folder.is_dir():
            raise InputError(f"{folder}: there is no such folder")
        meta = folder / f"{META.name}.parquet"
        if not meta.exists():
            broken = (folder / PART).exists()
            raise InputError(
                f"{folder}: is no archive of ccboard, it holds no {META.name}.parquet"
                + (" (an export was broken off here: do it again)" if broken else "")
            )
        told = dict(self._small(META))
        version = told.get("archive", "")
        if not version.isdecimal():
            raise InputError(f"{meta}: does not say which version of archives it is")
        if int(version) > VERSION:
            raise InputError(
                f"{folder}: was written by a newer ccboard (archive version {version}, this one knows"
                f" {VERSION}); update ccboard"
            )
        try:
            self.zone = ZoneInfo(told["timezone"])
            self._starts = parse_day_start(told["business_day_start"])
        except (KeyError, ValueError, OSError, ZoneInfoNotFoundError):
            raise InputError(
                f"{meta}: names no time zone of this host, or no start of the business day"
            ) from None
        self.sources = {source.name: source for source in self._sources()}
        self.files, self.others = self._files()

    def _sources(self) -> Iterator[Source]:
        path = self.folder / f"{SOURCES.name}.parquet"
        for name, kind, promise_s, sees, first, last, lacks in self._small(SOURCES):
            if not name or clean(name) != name or clean(kind) != kind:
                raise InputError(f"{path}: column name: {clean(name)!r} is no name of a source")
            if promise_s < 0 or (first is None) != (last is None) or (first is not None and last < first):
                raise InputError(
                    f"{path}: column promise_s, known_from or known_until of {name!r}: is out of range"
                )
            try:
                missing = known.read(lacks)
            except (ValueError, OverflowError):
                raise InputError(f"{path}: column missing of {name!r}: is no list of intervals") from None
            words = frozenset(clean(word) for word in sees.split()) - {""}
            yield Source(name, kind, promise_s, words, Known(first, last or 0, missing))

    def _files(self) -> tuple[list[File], list[str]]:
        """Return the files of facts in the order of their days, and the names of what is none."""
        found, others = [], []
        tables = {table.name: table for table in FACTS}
        small = {f"{table.name}.parquet" for table in (*SMALL, SOURCES, META)}
        for folder in sorted(self.folder.iterdir()):
            if folder.name not in tables:
                if folder.name not in small and folder.name != PART:
                    others.append(folder.name)
                continue
            for path in sorted(folder.iterdir()) if folder.is_dir() else [folder]:
                try:
                    span = None if path.name == f"{BEFORE}.parquet" else self._span(path)
                except (ValueError, OverflowError):
                    others.append(f"{folder.name}/{path.name}")
                else:
                    found.append(File(path, tables[folder.name], span))
        order = {table.name: n for n, table in enumerate(FACTS)}
        found.sort(key=lambda file: (file.span or (-_FAR, 0), order[file.table.name]))
        return found, others

    def _span(self, path: Path) -> tuple[int, int]:
        if path.suffix != ".parquet":
            raise ValueError
        if (beyond := re.fullmatch(rf"{BEYOND}([+-]\d{{1,7}})", path.stem)) is not None:
            return int(beyond[1]) * _DAY, (int(beyond[1]) + 1) * _DAY
        day = date.fromisoformat(path.stem)
        begin, end = (
            to_micros(datetime.combine(one, self._starts, self.zone).astimezone(UTC))
            for one in (day, date.fromordinal(day.toordinal() + 1))
        )
        return begin, end

    # -- rows -------------------------------------------------------------------------------------

    def small(self, table: Table) -> list[Record]:
        """Return the records of a small table. Raises InputError."""
        path = self.folder / f"{table.name}.parquet"
        self._load(path, table)
        return [record for source in self._of_sources(path) for part in self._rows(table, source)
                for record in records(table, part)]

    def rows(self, file: File) -> Iterator[tuple[str, list[Row]]]:
        """Yield (source, rows) of a file in parts, oldest first; ``records`` makes records of them.

        Raises InputError before the first part: what the records' own rules refuse is known by then, too.
        """
        self._load(file.path, file.table)
        sources = self._of_sources(file.path)
        if file.table.record is not None and hasattr(file.table.record, "__post_init__"):
            for source in sources:
                for part in self._rows(file.table, source):
                    try:
                        records(file.table, part)
                    except ValueError as error:
                        raise InputError(f"{file.path}: {clean(str(error), 200)}") from None
        for source in sources:
            for part in self._rows(file.table, source):
                yield source, part

    def _small(self, table: Table) -> list[tuple[Any, ...]]:
        path = self.folder / f"{table.name}.parquet"
        self._load(path, table)
        return self._con.execute("SELECT * FROM t").fetchall()

    def _load(self, path: Path, table: Table) -> None:
        """Read a file into the table t, with moments in microseconds, and check it. Raises InputError."""
        if not path.is_file():
            raise InputError(f"{path}: is missing")
        con, name = self._con, _literally(path)
        self._known_dirty = None
        try:
            there = {row[0]: row[1] for row in
                     con.execute("DESCRIBE SELECT * FROM read_parquet(?)", [name]).fetchall()}
            for column in table.columns:
                _check_type(path, column, there.get(column.name))
            columns = ", ".join(_selected(column) for column in table.columns)
            con.execute(f"CREATE OR REPLACE TEMP TABLE t AS SELECT {columns} FROM read_parquet(?)",
                        [name]).fetchall()
            self._check_values(path, table)
        except duckdb.Error as error:
            first = str(error).partition("\n")[0]
            raise InputError(f"{path}: is damaged, or no Parquet file: {clean(first, 200)}") from None

    def _check_values(self, path: Path, table: Table) -> None:
        """Look through all rows, in one pass, for what may not stand in them. Raises InputError."""
        wrong = [(column.name, condition, said) for column in table.columns
                 for condition, said in _wrong(column)]
        [counts] = self._con.execute("SELECT " + ", ".join(
            f"count(*) FILTER ({condition})" for _name, condition, _said in wrong) + " FROM t").fetchall()
        for (name, _condition, said), n in zip(wrong, counts, strict=True):
            if n:
                raise InputError(f"{path}: column {name}: {said} {n} row{'s' if n > 1 else ''}")

    def _of_sources(self, path: Path) -> list[str]:
        names = [name for (name,) in self._con.execute("SELECT DISTINCT source FROM t ORDER BY 1").fetchall()]
        for name in names:
            if name not in self.sources:
                raise InputError(f"{path}: column source: {clean(name)!r} is not in {SOURCES.name}.parquet")
        return names

    def _rows(self, table: Table, source: str) -> Iterator[list[Row]]:
        if self._known_dirty is None:
            self._known_dirty = self._dirty(table)
        dirty = self._known_dirty
        moment = table.moment if table.moment in {c.name for c in table.columns} else table.columns[-1].name
        if table.name == "offers":
            moment = "coalesce(ended_at, started_at)"
        self._con.execute(f"SELECT * FROM t WHERE source = ? ORDER BY {moment}", [source])
        while rows := self._con.fetchmany(PART_ROWS):
            for place, unclean in enumerate(dirty):
                if unclean:
                    limit = NOTE_LENGTH if table.columns[place].name == "note" else MAX_LENGTH
                    rows = [
                        row if row[place] is None
                        else (*row[:place], _cleaned(row[place], limit), *row[place + 1 :])
                        for row in rows
                    ]
            yield rows

    def _dirty(self, table: Table) -> tuple[bool, ...]:
        """Return which columns hold texts that must be cleaned."""
        texts = [column.name for column in table.columns if column.kind == "text" and not column.words]
        if not texts:
            return (False,) * len(table.columns)
        odd = {name: f"{name} IS NOT NULL AND (length({name}) > {MAX_LENGTH}"
                     f" OR NOT regexp_full_match({name}, '{_PLAIN}'))" for name in texts}
        found = self._con.execute("SELECT " + ", ".join(
            f"count(*) FILTER ({odd[name]})" for name in texts) + " FROM t").fetchall()[0]
        unclean = {name for name, n in zip(texts, found, strict=True) if n and self._unclean(name, odd[name])}
        return tuple(column.name in unclean for column in table.columns)

    def _unclean(self, name: str, odd: str) -> bool:
        """Tell whether ``clean`` would change any of the column's texts that may need it."""
        self._con.execute(f"SELECT DISTINCT {name} FROM t WHERE {odd}")
        while texts := self._con.fetchmany(PART_ROWS):
            if any(clean(text, MAX_LENGTH) != text for (text,) in texts):
                return True
        return False


_FAR = 1 << 62
_MOST = 1 << 62
_LATEST = 1 << 58
"""Beyond the calendar's last year, in microseconds."""


def records(table: Table, rows: Iterable[Row]) -> tuple[Record, ...]:
    """Return the records that rows of a table are. Raises ValueError."""
    return tuple(record for row in rows for record in _record(table, row))


def _record(table: Table, row: Row) -> Iterator[Record]:
    if table is QUEUES:
        source, queue, first, told, wrap_up_s, project = row
        if first != told:
            yield QueueKnown(source=source, queue=queue, at=first)
        yield QueueKnown(source=source, queue=queue, at=told, wrap_up_s=wrap_up_s, project=project)
        return
    assert table.record is not None
    fields = {column.field or column.name: value for column, value in zip(table.columns, row, strict=True)}
    if table is ALIVE:
        fields["kind"] = "alive"
    yield table.record(**fields)


@lru_cache(maxsize=4096)
def _cleaned(text: str, limit: int) -> str:
    return clean(text, limit)


def _check_type(path: Path, column: Column, found: str | None) -> None:
    wanted = DUCKDB[column.kind]
    if found is None:
        raise InputError(f"{path}: column {column.name} is missing; it holds {wanted}")
    if found != wanted and found not in _TAKEN.get(wanted, ()):
        raise InputError(f"{path}: column {column.name} holds {clean(found, 60)} and not {wanted}")


def _wrong(column: Column) -> Iterator[tuple[str, str]]:
    """Yield what may not be of a column, as SQL and in words."""
    name = column.name
    if column.required:
        yield f"{name} IS NULL", "is empty in"
    if column.words:
        words = ", ".join(f"'{word}'" for word in column.words)
        yield f"{name} NOT IN ({words})", f"is none of {', '.join(column.words)} in"
    if column.kind == "real":
        yield f"NOT isfinite({name})", "is no number in"
    if column.kind in ("moment", "whole"):
        most = _LATEST if column.kind == "moment" else _MOST
        yield f"abs({name}::HUGEINT) >= {most}", "is out of range in"


def _selected(column: Column) -> str:
    if column.kind == "moment":
        return f"epoch_us({column.name}) AS {column.name}"
    return f"{column.name}::{DUCKDB[column.kind]} AS {column.name}"


def _literally(path: Path) -> str:
    """Return a path in which nothing stands for other letters: DuckDB takes * ? [ for a pattern."""
    return re.sub(r"([*?\[])", r"[\1]", str(path.absolute()))
