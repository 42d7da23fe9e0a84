"""Reads a file of calls (CSV) into sums per unit, day and type.

    call_id,offered_at,queue,type,agent,team,outcome,rna,handle_s,csat,fcr,transferred,qa_score

Columns are found by name and may be missing: what is not there is not measured. An empty cell is not
measured either. Rows that cannot be read are left out, counted, and said with file and line.
"""

import csv
import gzip
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import accumulate, compress, islice
from pathlib import Path
from typing import IO, Final

import numpy as np

from ccboard.clean import clean
from ccboard.errors import InputError
from ccboard.tail.arrays import Bools, Floats, Ints
from ccboard.tail.kpis import SHORT_S
from ccboard.tail.table import Sums, collect

COLUMNS: Final = ("offered_at", "queue", "type", "agent", "team", "outcome", "rna", "handle_s", "csat", "fcr",
                  "transferred", "qa_score")
MEASURES: Final = ("rna", "handle_s", "csat", "fcr", "transferred", "qa_score")
_YES_NO: Final = {"rna": "0 or 1", "fcr": "0 or 1", "transferred": "0 or 1"}
_WORDS: Final = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}
_CHUNK: Final = 2000
"""Rows looked at at once; they stay in the processor's cache (50 000 take half as long again)."""
_HANDLED: Final = 0.5
"""An outcome means handled when at least this share of its rows says how long it took."""
_WILD: Final = 4.0
"""Handling times count at most this many robust standard deviations from their type's middle (in logs)."""
_SLIP: Final = 20.0
"""A mark so many robust standard deviations from the middle is a slip of the pen."""
BY: Final = ("agent", "team", "type")


@dataclass(slots=True)
class Calls:
    """The calls of a file as columns; nan: not measured. Codes are numbers of names; -1: no name."""

    names: dict[str, list[str]]
    codes: dict[str, Ints]
    day: Ints
    values: dict[str, Floats]
    rows: int
    bad: int
    reasons: dict[str, int] = field(default_factory=dict)

    def in_several_teams(self) -> dict[str, list[str]]:
        """Return the agents who stand in more than one team, with these teams."""
        found: dict[str, list[str]] = {}
        agent, team = self.codes["agent"], self.codes["team"]
        both = (agent >= 0) & (team >= 0)
        for a, t in np.unique(np.stack([agent[both], team[both]], axis=1), axis=0).tolist():
            found.setdefault(self.names["agent"][a], []).append(self.names["team"][t])
        return {name: teams for name, teams in found.items() if len(teams) > 1}

    def handled(self) -> Bools:
        """Return which rows were served: their outcome is one whose rows mostly have a handling time.

        A file without any handling time cannot say; then all rows count that did not ring out.
        """
        has = ~np.isnan(self.values["handle_s"])
        rang_out = self.values["rna"] == 1
        if not has.any():
            found: Bools = ~rang_out
            return found
        outcome = self.codes["outcome"] + 1
        total = np.bincount(outcome)
        share = np.bincount(outcome, weights=has) / np.maximum(total, 1)
        served: Bools = (share[outcome] >= _HANDLED) & (has | ~rang_out)
        return served

    def sums(self, by: str, figures: tuple[str, ...]) -> dict[str, Sums]:
        """Return the sums of `figures` for each agent, team or type.

        Agents and teams are compared on the same business types (the queue, where the type is empty); types
        are compared on the same agents.
        """
        unit = self.codes[by]
        kinds = self.codes["type"]
        if by == "type":
            mix, mixes = self.codes["agent"], self.names["agent"]
        else:
            mix, mixes = kinds, self.names["type"]
        if (mix < 0).any():  # rows without a type (or agent) are one kind of their own
            mix, mixes = np.where(mix < 0, len(mixes), mix), [*mixes, ""]
        units = tuple(self.names[by])
        served = self.handled() & (unit >= 0)
        found = {}
        for figure in figures:
            value, rows = self._figure(figure, served, unit, kinds)
            found[figure] = collect(units, tuple(mixes), unit[rows], self.day[rows], mix[rows], value[rows])
        return found

    def _figure(self, figure: str, served: Bools, unit: Ints,
                kinds: Ints) -> tuple[Floats, Bools]:
        """Return a figure's values on its scale, and which rows have one."""
        handle = self.values["handle_s"]
        if figure == "rna":
            value = self.values["rna"]
            return value, (unit >= 0) & ~np.isnan(value)
        if figure == "short":
            return (handle < SHORT_S).astype(np.float64), served & ~np.isnan(handle)
        if figure == "aht":
            rows = served & (handle > 0)
            value = np.log(np.where(rows, handle, 1.0))
            return _tame(value, kinds + 1, rows), rows
        value = self.values[{"transfer": "transferred", "qa": "qa_score"}.get(figure, figure)]
        rows = served & ~np.isnan(value)
        return (_without_slips(value, rows) if figure in {"csat", "qa"} else value), rows


def _without_slips(value: Floats, rows: Bools) -> Floats:
    """Return marks with slips of the pen drawn in (8000 for 80): one would outweigh all the others."""
    marks = value[rows]
    if not len(marks):
        return value
    low, a, middle, b, high = np.quantile(marks, [0.01, 0.159, 0.5, 0.841, 0.99])
    spread = (b - a) / 2 or (high - low) / 4
    if spread <= 0:  # most have one mark: rare ones are no slips
        return value
    found: Floats = np.clip(value, middle - _SLIP * spread, middle + _SLIP * spread)
    return found


def _tame(value: Floats, kind: Ints, rows: Bools) -> Floats:
    """Return the values with the wildest drawn in: one call left on hold over lunch is not ten calls."""
    tamed = value.copy()
    for k in np.unique(kind[rows]):
        own = rows & (kind == k)
        low, middle, high = np.quantile(value[own], [0.159, 0.5, 0.841])
        spread = max((high - low) / 2, 0.05)
        tamed[own] = np.clip(value[own], middle - _WILD * spread, middle + _WILD * spread)
    return tamed


def read_calls(path: Path, on_bad: Callable[[str, str], None], encoding: str = "utf-8",
               delimiter: str = ",") -> Calls:
    """Read a file, packed (.gz) or not. `on_bad` hears of every row left out: (file:line, why).

    Raises InputError where the file cannot be opened or its header lacks offered_at or all measures.
    """
    try:
        with _open(path, "utf-8-sig" if encoding == "utf-8" else encoding) as file:
            return _Reader(path, file, delimiter, on_bad).read()
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _open(path: Path, encoding: str) -> IO[str]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    if packed:
        return gzip.open(path, "rt", encoding=encoding, errors="replace", newline="")
    return path.open(encoding=encoding, errors="replace", newline="")


class _BadError(Exception):
    """Why a row is left out."""


class _Reader:
    """Turns rows into columns, many at a time; a row that cannot be read is looked at by itself."""

    def __init__(self, path: Path, file: IO[str], delimiter: str,
                 on_bad: Callable[[str, str], None]) -> None:
        self.path, self.on_bad = path, on_bad
        self.lines = csv.reader(file, delimiter=delimiter)
        self.names: dict[str, dict[str, int]] = {name: {} for name in ("type", "agent", "team", "outcome")}
        self.raw: dict[str, dict[str, int]] = {name: {} for name in self.names}
        self.days: dict[str, int] = {}
        self.codes: dict[str, list[Ints]] = {name: [] for name in self.names}
        self.day: list[Ints] = []
        self.values: dict[str, list[Floats]] = {name: [] for name in MEASURES}
        self.rows = self.bad = 0
        self.reasons: dict[str, int] = {}

    def read(self) -> Calls:
        """Read to the end."""
        try:
            header = [cell.strip().lower() for cell in next(self.lines, [])]
        except csv.Error as error:
            raise InputError(f"{self.path}:1: no CSV: {error}") from None
        if "offered_at" not in header or not set(MEASURES) & set(header):
            raise InputError(f"{self.path}:1: the header needs offered_at and at least one of"
                             f" {', '.join(MEASURES)}; it has: {clean(', '.join(header)) or 'nothing'}")
        if twice := next((c for c in COLUMNS if header.count(c) > 1), None):
            raise InputError(f"{self.path}:1: the header has {twice} twice")
        self.at = {name: header.index(name) for name in COLUMNS if name in header}
        self.width = len(header)
        for rows, numbers in self._chunks():
            self._take(rows, numbers)
        return Calls(
            {name: list(found) for name, found in self.names.items()},
            {name: np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
             for name, parts in self.codes.items()},
            np.concatenate(self.day) if self.day else np.zeros(0, dtype=np.int64),
            {name: np.concatenate(parts) if parts else np.zeros(0) for name, parts in self.values.items()},
            self.rows, self.bad, self.reasons)

    def _chunks(self) -> Iterator[tuple[list[list[str]], list[int]]]:
        """Yield rows of the right width with their line numbers; the lines are only counted, not held."""
        while True:
            before, more, wrong = self.lines.line_num, True, ""
            rows: list[list[str]] = []
            try:
                rows.extend(islice(self.lines, _CHUNK))  # keeps what it has when it fails
                more = len(rows) == _CHUNK
            except csv.Error as error:
                wrong = f"no CSV: {error}"
            last = self.lines.line_num
            if last - before == len(rows):
                numbers = list(range(before + 1, last + 1))
            else:  # cells that hold line ends
                numbers = list(accumulate((1 + sum(cell.count("\n") for cell in row) for row in rows),
                                          initial=before))[1:]
            if wrong:
                self._leave(last, wrong)
            if set(map(len, rows)) - {self.width}:
                for row, number in zip(rows, numbers, strict=True):
                    if row and len(row) != self.width:
                        self._leave(number, f"{len(row)} cells where the header has {self.width}")
                good = [len(row) == self.width for row in rows]
                rows, numbers = list(compress(rows, good)), list(compress(numbers, good))
            yield rows, numbers
            if not more:
                return

    def _leave(self, line: int, why: str) -> None:
        self.bad += 1
        kind = why.partition(": ")[0]
        self.reasons[kind] = self.reasons.get(kind, 0) + 1
        self.on_bad(f"{self.path}:{line}", why)

    def _take(self, rows: list[list[str]], numbers: list[int]) -> None:
        """Add rows; if anything in them is wrong, find out which."""
        if not rows:
            return
        try:
            self._columns(rows)
            return
        except (_BadError, ValueError, OverflowError):
            pass
        good = []
        for row, number in zip(rows, numbers, strict=True):
            try:
                self._check(row)
                good.append(row)
            except _BadError as why:
                self._leave(number, str(why))
        if good:
            self._columns(good)

    def _check(self, row: list[str]) -> None:
        """Raise _BadError for a row that cannot be used."""
        self._day_of(row[self.at["offered_at"]])
        if "agent" in self.at:
            _readable(row[self.at["agent"]])
        for name in MEASURES:
            if name in self.at:
                _number(name, row[self.at[name]])

    def _columns(self, rows: list[list[str]]) -> None:
        """Add rows column by column; raise where one is wrong, before anything was added."""
        columns = list(zip(*rows, strict=True))
        for text in dict.fromkeys(columns[self.at["agent"]]) if "agent" in self.at else ():
            _readable(text)
        days = self.days
        moments = [text[:10] for text in columns[self.at["offered_at"]]]
        if any(text not in days or (len(full) > 10 and full[10] not in "T ") for text, full in
               zip(moments, columns[self.at["offered_at"]], strict=True)):
            day = np.array([self._day_of(text) for text in columns[self.at["offered_at"]]], dtype=np.int64)
        else:
            day = np.array([days[text] for text in moments], dtype=np.int64)
        values = {}
        for name in MEASURES:
            if name not in self.at:
                values[name] = np.full(len(rows), np.nan)
                continue
            seen: dict[str, float] = {}
            for text in dict.fromkeys(columns[self.at[name]]):
                seen[text] = _number(name, text)
            values[name] = np.array([seen[text] for text in columns[self.at[name]]])
        for name in self.names:
            self.codes[name].append(self._code(name, columns))
        self.day.append(day)
        for name, column in values.items():
            self.values[name].append(column)
        self.rows += len(rows)

    def _code(self, name: str, columns: list[tuple[str, ...]]) -> Ints:
        """Return the numbers of a column's names; the type is the queue's name where it is empty."""
        none = ("",) * len(columns[0])
        cells = columns[self.at[name]] if name in self.at else none
        if name == "type" and "queue" in self.at and (name not in self.at or "" in cells):
            cells = tuple(own or queue for own, queue in zip(cells, columns[self.at["queue"]], strict=True))
        raw, known = self.raw[name], self.names[name]
        for text in dict.fromkeys(cells):  # in the file's order, so that a run can be repeated
            if text in raw:
                continue
            name_ = clean(text)
            raw[text] = known.setdefault(name_, len(known)) if name_ else -1
        return np.array([raw[text] for text in cells], dtype=np.int64)

    def _day_of(self, text: str) -> int:
        """Return the day of a moment, as it is written there; raise _BadError."""
        known = self.days.get(text[:10]) if text[10:11] in {"", "T", " "} else None
        if known is None:
            known = _day(text)
            if text[10:11] in {"", "T", " "}:
                self.days[text[:10]] = known
        return known


def _day(text: str) -> int:
    """Return the ordinal of a date or moment, written as ISO 8601 or as seconds since 1970 (UTC)."""
    plain = text.strip()
    try:
        if plain.replace(".", "", 1).isdigit() and len(plain) >= 9:
            return datetime.fromtimestamp(float(plain), UTC).toordinal()
        if len(plain) > 10 and plain[10] not in "T ":
            raise ValueError
        return date.fromisoformat(plain[:10].replace("/", "-")).toordinal()
    except (ValueError, OverflowError, OSError):
        raise _BadError(f"offered_at is no date or time: {clean(text, 40) or 'empty'}") from None


def _readable(agent: str) -> None:
    """Raise _BadError for a name whose bytes could not be read: two such names may look the same."""
    if "\ufffd" in agent:
        raise _BadError(f"agent holds bytes that are not of the file's encoding: {clean(agent, 40)}")


def _number(name: str, text: str) -> float:
    """Return a measure; nan where it is empty; raise _BadError."""
    if not text or text.isspace():
        return math.nan
    try:
        found = float(text)
    except ValueError:
        found = _WORDS.get(text.strip().lower(), math.nan)
    if not math.isfinite(found):
        raise _BadError(f"{name} is no number: {clean(text, 40)}")
    if name in _YES_NO and found not in (0.0, 1.0):
        raise _BadError(f"{name} is neither 0 nor 1: {clean(text, 40)}")
    if name == "handle_s" and found < 0:
        raise _BadError(f"handle_s is negative: {clean(text, 40)}")
    return found
