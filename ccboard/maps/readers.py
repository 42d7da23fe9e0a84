"""From files to rows of text, whatever they are written in: one way to read a cell, for all formats.

Reading is by blocks, so memory does not grow with a file; of Excel the library holds the whole sheet.
"""

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any, NamedTuple

from ccboard.clean import clean
from ccboard.errors import ConfigError, InputError
from ccboard.maps.detect import Kind, detect, open_plain
from ccboard.maps.model import File
from ccboard.maps.taken import Refused, Row

BLOCK = 1 << 20
"""Characters read at a time."""
LONGEST_LINE = 1 << 17
"""A longer line is no row of an export."""
MOST_LINES = 200
"""Lines that a quoted field may go over."""
LOOK_BLOCK = 1 << 17
"""The same where rows are only looked at: mostly the first ones are enough."""
ROWS = 20_000
"""Rows of a part."""
LOOK_ROWS = 1_000
SEP = "\x1f"
"""Parts the fields of rows that are handed on in one piece."""
END = "\x1e"
"""Parts such rows where a field may go over several lines."""


class Block(NamedTuple):
    """Rows in one piece."""

    first: int
    """Number of the first one; they are counted up from there."""
    text: str
    end: str
    """What parts the rows. Of lines those that are blank count, but are none."""

    @property
    def most(self) -> int:
        """How many rows there may be."""
        return self.text.count(self.end) + 1


class Part(NamedTuple):
    """Some rows of a file."""

    rows: list[Row]
    refused: list[Refused]
    """What could not be split into fields."""
    texts: list[tuple[int, str]] = []  # noqa: RUF012 - never changed
    """Rows that are not split yet (number, text), where that was asked for."""
    sep: str = ""
    """What parts the fields of `texts` and `block`."""
    block: Block | None = None
    """Rows that are not even parted from one another, where that was asked for."""


class Table:
    """The rows of one file. Raises InputError, ConfigError where it cannot be read as what it claims.

    `header` is known at once, the rows come in parts, with what could not be split into fields. What is
    wrong with the file further on (a damaged .gz) is told in `problem` when the parts are through.
    """

    def __init__(self, path: Path, told: File, *, whole: bool = False) -> None:
        self.path = path
        self._whole = whole  # rows need not be split
        self.told = told
        self.kind: Kind = detect(path, told)
        self.problem: InputError | None = None
        self.undecodable = 0
        """Rows with bytes that the encoding does not have."""
        self.bytes_done = 0
        self.sheets: tuple[str, ...] = ()
        """Of Excel: the names of the sheets."""
        self._file: IO[bytes] | None = None
        parts = {"text": self._text, "ndjson": self._ndjson, "parquet": self._parquet, "excel": self._excel}
        self._parts = parts[self.kind.format]()
        self._first: Part | None = None
        self.header: list[str] = []
        try:
            self._first = next(self._parts, None)  # a generator sets `header` before its first part
        except UnicodeError as error:
            raise InputError(
                f"{path}: is not {self.kind.encoding} text ({error.__class__.__name__})"
            ) from None

    def parts(self) -> Iterator[Part]:
        """Yield the rows in parts."""
        first, self._first = self._first, None
        try:
            if first is not None:
                yield first
                yield from self._parts
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self.problem = InputError(
                f"{self.path}: damaged ({clean(str(error), 80)}); what came before is kept"
            )
        except OSError as error:
            self.problem = InputError(f"{self.path}: cannot be read on: {error.strerror or error}")
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _named(self, header: list[str]) -> None:
        names = list(self.told.columns) or [" ".join(name.replace("\ufeff", "").split()) for name in header]
        if not names:
            raise InputError(f"{self.path}: holds no rows")
        self.header = names

    # -- text ------------------------------------------------------------------------------------

    def _text(self) -> Iterator[Part]:
        first = self.told.skip_lines + 1
        quote = self.told.quote
        named = False
        for start, lines, too_long in self._blocks():
            refused = [Refused(n, f"a line of more than {LONGEST_LINE} characters", "", []) for n in too_long]
            begin = 0
            if start < first:
                begin = min(len(lines), first - start)
            split = _Splitter(self.kind.delimiter, quote, len(self.header) or None)
            rows: list[Row] = []
            texts: list[tuple[int, str]] = []
            sep = self.kind.delimiter
            plain = self._whole and not (quote and any(quote in line for line in lines))
            block = None
            for number, cells in () if plain and named else split.rows(lines, start, begin, refused):
                if not named:
                    named = True
                    if self.told.header:
                        self._named(cells)
                    else:
                        self._named(list(self.told.columns) or [str(n) for n in range(1, len(cells) + 1)])
                        rows.append((number, cells))
                    split.width = len(self.header)
                elif not plain:
                    rows.append((number, cells))
                if plain:
                    begin = number - start + 1
                    break
            if plain and named:
                block = Block(start + begin, "\n".join(lines[begin:]), "\n")
            elif self._whole:
                sep = SEP
                texts = [(number, SEP.join(cells)) for number, cells in rows]
                if any(
                    text.count(SEP) >= len(cells) for (_, text), (_, cells) in zip(texts, rows, strict=True)
                ):
                    texts = []  # somebody has our separator in a field: such a part goes the long way
                else:
                    rows = []
            if named:
                yield Part(rows, refused, texts, sep, block)
        if not named:
            raise InputError(f"{self.path}: holds no rows")

    def _blocks(self) -> Iterator[tuple[int, list[str], list[int]]]:
        """Yield (number of the first line, lines, numbers of lines that were too long)."""
        self._file = open_plain(self.path)
        stream = io.TextIOWrapper(self._file, self.kind.encoding, errors="replace", newline=None)
        raw = getattr(self._file, "fileobj", None) or self._file
        number = 1
        rest = ""
        dropping = False
        quote = self.told.quote
        while True:
            block = stream.read(BLOCK if self._whole else LOOK_BLOCK)
            self.bytes_done = _tell(raw)
            if "\ufffd" in block:
                self.undecodable += sum("\ufffd" in line for line in block.split("\n"))
            lines = (rest + block).split("\n")
            too_long: list[int] = []
            rest = lines.pop() if block else ""
            if dropping and lines:
                lines[0], dropping = "", False
                too_long.append(number)
            elif dropping:
                rest = ""
            if quote and block:  # a quoted field may go on in the next block
                at = len(lines)
                odd = sum(line.count(quote) for line in lines[-MOST_LINES:]) % 2 if len(lines) > 1 else 0
                if odd:
                    while at > max(0, len(lines) - MOST_LINES) and lines[at - 1].count(quote) % 2 == 0:
                        at -= 1
                    at = max(0, at - 1)
                    if at > 0:
                        rest = "\n".join([*lines[at:], rest])
                        lines = lines[:at]
            for at, line in enumerate(lines):
                if len(line) > LONGEST_LINE:
                    too_long.append(number + at)
                    lines[at] = ""
            if lines:
                yield number, lines, too_long
                number += len(lines)
            if len(rest) > LONGEST_LINE and "\n" not in rest:
                rest, dropping = "", True
            if not block:
                if dropping:
                    yield number, [], [number]
                return

    # -- NDJSON ----------------------------------------------------------------------------------

    def _ndjson(self) -> Iterator[Part]:
        """Columns are all names of the first part; an object in an object is `outer.inner`."""
        places: dict[str, int] = {}
        for start, lines, too_long in self._blocks():
            refused = [Refused(n, f"a line of more than {LONGEST_LINE} characters", "", []) for n in too_long]
            objects: list[tuple[int, dict[str, str]]] = []
            for number, line in enumerate(lines, start):
                if not line.strip():
                    continue
                try:
                    plain = json.loads(line)
                except (ValueError, RecursionError):
                    refused.append(Refused(number, "not JSON", "", [line]))
                    continue
                if not isinstance(plain, dict):
                    refused.append(Refused(number, "not a JSON object", "", [line]))
                    continue
                objects.append((number, dict(_flat(plain))))
            if not self.header and objects:
                for name in (*self.told.columns, *(name for _, plain in objects for name in plain)):
                    places.setdefault(name, len(places))
                self.header = list(places)
            rows = []
            for number, plain in objects:
                cells = [""] * len(places)
                for name, text in plain.items():
                    if (at := places.get(name)) is not None:
                        cells[at] = text
                rows.append((number, cells))
            yield Part(rows, refused)
        if not self.header:
            raise InputError(f"{self.path}: holds no rows")

    # -- Parquet ---------------------------------------------------------------------------------

    def _parquet(self) -> Iterator[Part]:
        import duckdb

        con = duckdb.connect(
            config={
                "threads": 1,
                "memory_limit": "512MB",
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        try:
            for setting in ("SET TimeZone='UTC'", "SET enable_progress_bar=false"):
                con.execute(setting).fetchall()
            try:
                described = con.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(self.path)]).fetchall()
                self._named([row[0] for row in described])
                casts = ", ".join(
                    f"replace(coalesce(CAST({_quoted(row[0])} AS VARCHAR), ''), chr(31), ' ')"
                    for row in described
                )
                con.execute(f"SELECT concat_ws(chr(31), {casts}) FROM read_parquet(?)", [str(self.path)])
                number = 1
                size = self.path.stat().st_size
                while rows := con.fetchmany(ROWS if self._whole else LOOK_ROWS):
                    block = Block(number, END.join([text for (text,) in rows]), END)
                    texts = [(number + at, text) for at, (text,) in enumerate(rows)]
                    if self._whole and block.most == len(rows):
                        yield Part([], [], [], SEP, block)
                    elif self._whole:  # somebody has our separator in a field
                        yield Part([], [], texts, SEP)
                    else:
                        yield Part([(at, text.split(SEP)) for at, text in texts], [])
                    number += len(rows)
                    self.bytes_done = min(size, self.bytes_done + len(rows) * 50)
            except duckdb.Error as error:
                raise InputError(
                    f"{self.path}: cannot be read as Parquet: {clean(str(error), 200)}"
                ) from None
        finally:
            con.close()

    # -- Excel -----------------------------------------------------------------------------------

    def _excel(self) -> Iterator[Part]:
        try:
            import python_calamine as calamine
        except ModuleNotFoundError:
            raise ConfigError(
                f"{self.path}: reading Excel needs the package python-calamine: pip install 'ccboard[excel]',"
                " or save the sheet as CSV (UTF-8)"
            ) from None
        try:
            with open_plain(self.path) as file:
                book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
            names = book.sheet_names
            self.sheets = tuple(names)
            wanted = self.told.sheet
            if wanted is not None and wanted not in names:
                raise ConfigError(f"{self.path}: has no sheet {wanted!r}; it has {', '.join(names)}")
            sheet = book.get_sheet_by_name(wanted) if wanted is not None else book.get_sheet_by_index(0)
            top = (sheet.start or (0, 0))[0]
            every = enumerate(sheet.iter_rows(), top + 1)
        except calamine.CalamineError as error:
            raise InputError(f"{self.path}: cannot be read as Excel: {clean(str(error), 200)}") from None
        rows: list[Row] = []
        named = False
        for number, values in every:
            if number <= self.told.skip_lines:
                continue
            cells = [_cell(value) for value in values]
            if not any(cells):
                continue
            if not named:
                named = True
                if self.told.header:
                    while cells and not cells[-1]:
                        cells.pop()
                    self._named(cells)
                    continue
                self._named([str(n) for n in range(1, len(cells) + 1)])
            rows.append((number, cells))
            if len(rows) >= ROWS:
                yield Part(rows, [])
                rows = []
        if not named:
            raise InputError(f"{self.path}: holds no rows")
        yield Part(rows, [])


class _Splitter:
    """Splits lines into fields; a quote that is never closed costs its own line and no other."""

    def __init__(self, delimiter: str, quote: str, width: int | None) -> None:
        self._delimiter = delimiter
        self._quote = quote
        self.width = width

    def rows(self, lines: list[str], start: int, begin: int, refused: list[Refused]) -> Iterator[Row]:
        """Yield (number, cells) of `lines` from `begin` on; the first of them has the number `start`."""
        quote, delimiter = self._quote, self._delimiter
        if not quote or not any(quote in line for line in lines):
            for at in range(begin, len(lines)):
                if (line := lines[at]).strip("\r ") or delimiter in line:
                    yield start + at, line.split(delimiter)
            return
        at = begin
        while at < len(lines):
            reader = csv.reader(_iterate(lines, at), delimiter=delimiter, quotechar=quote)
            base = done = at
            try:
                for cells in reader:
                    at = base + reader.line_num
                    if at - done > 1 and (
                        at - done > MOST_LINES or len(cells) != self.width or not self._closed(lines[done:at])
                    ):
                        refused.append(
                            Refused(start + done, "a quote that is never closed", "", [lines[done]])
                        )
                        at = done + 1
                        break
                    if cells and not (len(cells) == 1 and not cells[0].strip()):
                        yield start + done, cells
                    done = at
            except csv.Error as error:
                refused.append(
                    Refused(start + done, clean(f"cannot be split: {error}", 80), "", [lines[done]])
                )
                at = done + 1

    def _closed(self, lines: list[str]) -> bool:
        """Tell whether a field over several lines ends where a field may end.

        Two quotes that were never closed look like one long field, which then goes on behind its end.
        """
        try:
            for _cells in csv.reader(
                _iterate(lines, 0), delimiter=self._delimiter, quotechar=self._quote, strict=True
            ):
                pass
        except csv.Error:
            return False
        return True


def _quoted(name: str) -> str:
    """Return a column's name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def _iterate(lines: list[str], at: int) -> Iterator[str]:
    for number in range(at, len(lines)):
        yield lines[number] + "\n"


def _flat(plain: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in plain.items():
        if isinstance(value, dict) and len(prefix) < 200:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, _cell(value)


def _cell(value: Any) -> str:
    """Return a value as an export would write it: moments in ISO 8601, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        if value.year < 1901:  # Excel's way of a time of day
            return value.time().isoformat()
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _cell(value.total_seconds())
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _tell(raw: Any) -> int:
    try:
        return int(raw.tell())
    except (OSError, ValueError, AttributeError):
        return 0


def day_in_name(pattern: str | None, path: Path) -> str | None:
    """Return the day in a file's name as YYYY-MM-DD, by the map's regular expression, or None."""
    found = re.search(pattern, path.name) if pattern else None
    if found is None:
        return None
    year = int(found["year"])
    if year < 100:
        year += 2000 if year < 70 else 1900
    return f"{year:04}-{int(found['month']):02}-{int(found['day']):02}"
