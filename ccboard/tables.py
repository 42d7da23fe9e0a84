"""CSV files that a user hands in: rows by the names of their columns, mistakes by file and line."""

import codecs
import csv
import gzip
import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import NoReturn, TextIO

from ccboard.errors import InputError

HEAD = 1 << 20
"""Bytes by which it is told how a file is encoded."""


class Table:
    """A CSV file with a header line, packed (.gz) or not.

    UTF-8, with or without a byte-order mark, else UTF-16 (with its mark) or GB18030; between the cells
    commas, semicolons or tabs, whichever the header has most of.

    ``columns`` are the header's names. ``line`` is the line read last, for messages.
    Raises InputError when the file cannot be opened, is empty or is not text.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.line = 1
        try:
            file = _opened(path)
            first = file.readline()
            between = max(",;\t", key=first.count)
            self._reader = csv.reader(chain([first], file) if first else file, delimiter=between)
            header = next(self._reader, None)
        except (OSError, EOFError, UnicodeError, csv.Error) as error:
            raise InputError(f"{path}: cannot be read: {_why(error)}") from None
        if not header:
            raise InputError(f"{path}: empty; the first line names the columns")
        self.columns = tuple(name.strip() for name in header)

    def rows(self, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Yield the cells of the columns `names` of each line; empty lines are passed over.

        Raises InputError for a missing column or a line that is too short.
        """
        missing = [name for name in names if name not in self.columns]
        if missing:
            raise InputError(f"{self.path}: line 1: no column {', '.join(missing)}; there are"
                             f" {', '.join(self.columns)}")
        places = [self.columns.index(name) for name in names]
        last = max(places)
        try:
            for cells in self._reader:
                if not cells:
                    continue
                self.line = self._reader.line_num
                if len(cells) <= last:
                    self.wrong(f"{len(cells)} cells where the header has {len(self.columns)}")
                yield tuple([cells[place] for place in places])
        except (OSError, EOFError, UnicodeError, csv.Error) as error:
            line = self._reader.line_num + 1
            raise InputError(f"{self.path}: line {line}: cannot be read: {_why(error)}") from None

    def wrong(self, text: str) -> NoReturn:
        """Raise InputError about the line read last."""
        raise InputError(f"{self.path}: line {self.line}: {text}")

    def day(self, text: str) -> date:
        """Return a date YYYY-MM-DD."""
        try:
            return _day(text.strip())
        except ValueError:
            self.wrong(f"{text!r} is not a date such as 2026-11-16")

    def minute(self, text: str) -> tuple[date, int]:
        """Return a local moment (YYYY-MM-DD HH:MM[:SS]; a T will do) as its day and minute of the day."""
        try:
            return _minute(text.strip())
        except ValueError:
            self.wrong(f"{text!r} is not a local time such as 2026-11-16 09:12:30 (without a zone)")

    def clock(self, text: str) -> int:
        """Return HH:MM as the minute of the day."""
        try:
            return _clock(text.strip())
        except ValueError:
            self.wrong(f"{text!r} is not a time such as 09:12")

    def count(self, text: str) -> float:
        """Return a number of calls, 0 or more."""
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not 0 <= value < 1e9:
            self.wrong(f"{text!r} is not a number of calls")
        return value


def _why(error: Exception) -> str:
    """Return why a file cannot be read, in words that do not speak of decoders."""
    if isinstance(error, UnicodeError) or "NUL" in str(error):
        return "this is no text file (UTF-8, UTF-16 or GB18030); save it as CSV"
    return str(getattr(error, "strerror", None) or error)


def _opened(path: Path) -> TextIO:
    """Open a file as text, for as long as somebody reads it."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        encoding = _encoding(file.read(HEAD))
    text: TextIO = opener(path, "rt", encoding=encoding, newline="")
    return text


def _encoding(head: bytes) -> str:
    """Return how a file that begins so is written. What spreadsheets in China save as CSV is GB18030."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a character cut off at the end is none yet
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    if len(text) != 10:
        raise ValueError(text)
    return date.fromisoformat(text)


@lru_cache(maxsize=4096)
def _clock(text: str) -> int:
    hours, colon, minutes = text.partition(":")
    if not colon or len(minutes) != 2 or not (hours + minutes).isdecimal() or len(hours) > 2:
        raise ValueError(text)
    at = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or at >= 1440:
        raise ValueError(text)
    return at


@lru_cache(maxsize=1 << 17)
def _minute(text: str) -> tuple[date, int]:
    if len(text) < 16:
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        raise ValueError(text)
    return moment.date(), moment.hour * 60 + moment.minute
