"""One file through its map: every row ends as a visit, as left out by the map, or as a reject.

A file is staged as a whole and committed in one transaction, so that its visits lie in the order of time
and a crash leaves all of it or nothing.
"""

import csv
import os
import stat
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median_low
from types import TracebackType
from typing import IO, Any, Self
from zoneinfo import ZoneInfo

from ccboard.callers import Callers
from ccboard.clean import clean
from ccboard.clock import SECOND
from ccboard.errors import InputError
from ccboard.maps import times
from ccboard.maps.lane import Lane
from ccboard.maps.mapper import Keep, Mapper
from ccboard.maps.model import Map
from ccboard.maps.readers import Block, Table, day_in_name
from ccboard.maps.taken import Judgement, Refused, Row
from ccboard.records import QueueKnown, Record, Reject, Score, SourceStatus
from ccboard.store.bulk import Stage
from ccboard.text import counted

REJECTS_TOLD = 1000
"""Rejects of a file that are handed on one by one; all are counted by reason and stand in the reject file."""
LOOK_ROWS = 500
"""Rows that are looked at together for the first that can be used."""
LANE_ROWS = 50_000
"""Rows that are read together in the fast lane."""
FUTURE_US = 2 * times.DAY_US
"""How far a moment may lie ahead: clocks and zones differ, the year 2099 is a mistake."""
SAME_RUN_DAYS = 5
"""Days with rows this near to one another make one stretch: a weekend is no hole in an export."""


@dataclass
class Counts:
    """What became of a file's rows."""

    rows: int = 0
    visits: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    scores: list[Judgement] = field(default_factory=list)
    """What rows say of their visits' work."""

    @property
    def whole(self) -> bool:
        """Tell whether every row is accounted for."""
        return self.rows == self.visits + sum(self.skipped.values()) + sum(self.rejected.values())


class RejectFile:
    """A CSV of rejected rows, made when there is one: file, line, reason, cell at fault, the row.

    It holds what the export holds, callers' numbers too, and is readable by its owner alone.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None
        self._writer: Any = None

    def write(self, file: str, refused: Sequence[Refused]) -> None:
        """Write rows. Raises InputError where that is not possible."""
        if not refused:
            return
        try:
            if self._file is None:
                handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                self._file = os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="")
                if stat.S_ISREG(os.fstat(handle).st_mode):  # an older one may be open to all
                    os.fchmod(handle, 0o600)
                self._writer = csv.writer(self._file)
                self._writer.writerow(["file", "line", "reason", "cell", "row"])
            for one in refused:
                self._writer.writerow([file, one.line, one.reason, one.text, *one.cells])
        except OSError as error:
            raise InputError(
                f"{self.path}: rejected rows cannot be written: {error.strerror};"
                " name another file with --rejects"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def written(self) -> bool:
        """Tell whether there was anything to write."""
        return self._file is not None


class Loader:
    """Reads files by one map."""

    def __init__(
        self,
        of: Map,
        zone: ZoneInfo,
        *,
        now: int,
        day: str | None = None,
        keep: Keep | None = None,
        callers: Callers | None = None,
        fast: bool = True,
    ) -> None:
        self.map = of
        self.fast = fast
        self.calendar = times.Calendar(zone)
        self._mappers: dict[tuple[tuple[str, ...], int | None], Mapper] = {}
        self._lanes: dict[tuple[int, str], Lane] = {}
        self._until = now + FUTURE_US
        self._day = day
        self._keep = keep
        self._callers = callers

    def open(self, path: Path, *, whole: bool = False) -> tuple[Table, Mapper]:
        """Return a file's rows, unsplit if `whole`, and what reads them. Raises InputError, ConfigError."""
        table = Table(path, self.map.file, whole=whole)
        try:
            return table, self._mapper(table)
        except BaseException:
            table.close()
            raise

    def _mapper(self, table: Table) -> Mapper:
        said = day_in_name(self.map.day.file, table.path) or self._day
        day = None if said is None else times.day(said)
        place = (tuple(table.header), day)
        if place not in self._mappers:  # files of one system are alike: what texts mean stays known
            self._mappers[place] = self._made(table, day)
        return self._mappers[place]

    def _made(self, table: Table, day: int | None) -> Mapper:
        return Mapper(
            self.map,
            table.header,
            self.calendar,
            day=day,
            until=self._until,
            keep=self._keep,
            callers=self._callers,
            where=str(table.path),
        )

    def in_order(self, paths: Sequence[Path]) -> tuple[list[Path], list[InputError]]:
        """Return the files that can be read, oldest first, and what is wrong with the others."""
        found, problems = [], []
        for path in dict.fromkeys(paths):
            try:
                table, mapper = self.open(path)
            except InputError as error:
                problems.append(error)
                continue
            rows = next(table.parts()).rows
            table.close()
            moments = [visit[2] for visit in mapper.take(rows[:500]).visits]
            found.append((median_low(moments) if moments else 0, str(path), path))
        return [path for _, _, path in sorted(found)], problems

    def useless(self, path: Path) -> str | None:
        """Return why nothing of a file can be used, or None at the first row that can be, or without rows.

        Read until then, so that no store is made for a wrong file. Raises InputError, ConfigError.
        """
        table, mapper = self.open(path)
        reasons: Counter[str] = Counter()
        try:
            for part in table.parts():
                for at in range(0, len(part.rows), LOOK_ROWS):
                    taken = mapper.take(part.rows[at : at + LOOK_ROWS])
                    if taken.visits or taken.skipped or taken.scores:
                        return None
                    reasons.update(one.reason for one in taken.refused)
                reasons.update(one.reason for one in part.refused)
        finally:
            table.close()
        return self.wrong(reasons) if reasons else None

    def wrong(self, reasons: Counter[str]) -> str:
        """Return what to say of a file of which every row was rejected."""
        why, most = reasons.most_common(1)[0]
        rows = sum(reasons.values())
        return (
            f"nothing of it can be used: {counted(rows, 'row')} rejected, {most} for: {why};"
            f" is this an export for the map {self.map.name}? `ccboard init --from FILE` proposes a map"
        )

    def load(
        self,
        path: Path,
        stage: Stage,
        rejects: RejectFile,
        told: list[Reject],
        progress: Callable[[int, int], None] = lambda _done, _visits: None,
    ) -> tuple[Counts, Table]:
        """Stage a file's visits; `told` gets the first rejects. Raises InputError, ConfigError."""
        table, mapper = self.open(path, whole=self.fast)
        counts = Counts()
        held: list[tuple[int, str]] = []
        blocks: list[Block] = []
        sep = ""

        def settle(rows: Sequence[Row], refused: Sequence[Refused] = ()) -> None:
            taken = mapper.take(rows)
            stage.add(taken.visits, taken.lines)
            counts.visits += len(taken.visits)
            counts.skipped.update(taken.skipped)
            counts.scores += taken.scores
            bad = sorted([*refused, *taken.refused], key=lambda one: one.line)
            counts.rejected.update(one.reason for one in bad)
            rejects.write(path.name, bad)
            told.extend(
                Reject(f"{clean(path.name)}:{one.line}", one.reason, one.text)
                for one in (*bad, *taken.partly)[: max(0, REJECTS_TOLD - len(told))]
            )

        def drive() -> None:
            if held or blocks:
                place = (id(mapper), sep)
                if place not in self._lanes:
                    self._lanes[place] = Lane(mapper, stage.con, sep, len(self._lanes))
                judged = self._lanes[place].take(held, blocks, stage)
                counts.rows += judged.rows
                counts.visits += judged.staged
                counts.skipped.update(judged.skipped)
                counts.scores += judged.scores
                settle(judged.odd)
                held.clear()
                blocks.clear()

        for part in table.parts():
            counts.rows += len(part.rows) + len(part.refused)
            if (part.texts or part.block) and part.sep != sep:
                drive()
                sep = part.sep
            held.extend(part.texts)
            if part.block is not None:
                blocks.append(part.block)
            if len(held) + sum(block.most for block in blocks) >= LANE_ROWS:
                drive()
            settle(part.rows, part.refused)
            progress(table.bytes_done, counts.visits)
        drive()
        return counts, table


def statuses(
    source: str, days: Sequence[tuple[int, int]], whole_since: int | None
) -> tuple[list[Record], int | None]:
    """Return what an export says of its source, and since when it is whole now.

    `days` are (first moment, last moment) of each day that has visits, in order; `whole_since` is what an
    earlier import said. A row of another decade makes a stretch of its own and bridges nothing.
    """
    runs: list[tuple[int, int]] = []
    for first, last in days:
        if runs and first - runs[-1][1] <= SAME_RUN_DAYS * times.DAY_US:
            runs[-1] = (runs[-1][0], max(last, runs[-1][1]))
        else:
            runs.append((first, last))
    records: list[Record] = [
        SourceStatus(source=source, at=first, kind="alive", until=(last // SECOND + 1) * SECOND)
        for first, last in runs
    ]
    if runs and (whole_since is None or runs[0][0] < whole_since):
        whole_since = runs[0][0]
        records.insert(0, SourceStatus(source=source, at=whole_since, kind="whole"))
    return records, whole_since


def scores(source: str, judged: Sequence[Judgement]) -> list[Record]:
    """Return what was judged as records."""
    return [Score(source=source, **one._asdict()) for one in judged]


def queues_known(source: str, queues: Sequence[str], at: int) -> list[Record]:
    """Return records that say that these queues exist."""
    return [QueueKnown(source=source, queue=queue, at=at) for queue in queues]
