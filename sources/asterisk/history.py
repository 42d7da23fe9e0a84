"""Reads queue_log files of the past: plain or .gz, in any order, as one history.

One reducer goes over all files, so a call that began before a rotation ends after it. A rotated log is
one log: consecutive files make one stretch in which the source was alive, a quiet night and a quiet Sunday
between them included. Only where nothing is known for more than `APART_S` a file is taken to be missing: then
the stretch ends, the hole is a gap and never zero calls, and callers still open before it are given up.

Reading the same file again makes the same records. `Part.cursor`, kept by who imports, lets the
next import go on with calls that were open when the files of this one ended.
"""

import gzip
import json
import os
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BufferedIOBase
from pathlib import Path
from statistics import median_low
from typing import Final

from ccboard.clean import clean
from ccboard.clock import SECOND, SystemClock
from ccboard.errors import InputError, StoreMemoryError
from ccboard.records import Record, Reject, SourceStatus, StatusKind
from ccboard.source import Keep, keep_all
from sources.asterisk.blocks import CHUNK, WORTH, blocks, chunks, lines, slices
from sources.asterisk.lines import LogLine, parse_line
from sources.asterisk.plain import TABLES, Database, Found, Named, PlainCalls
from sources.asterisk.reducer import Reducer
from sources.asterisk.visits import COUNTED_S, Spare

LINES_PER_PART: Final = 20_000
APART_S: Final = 86_400
"""Files further apart than this are not consecutive: somebody left one out, or a system stood still."""
ODD_S: Final = 31 * 86_400
ODD_LINES: Final = 100
"""At most so many lines together that lie a month off their neighbours are a clock gone mad, not history."""
_HEAD: Final = 65_536
_VERSION: Final = 2


@dataclass(frozen=True, slots=True)
class Part:
    """A bounded part of a history, to be committed together with `cursor` where it has one."""

    records: tuple[Record, ...] = ()
    rejects: tuple[Reject, ...] = ()
    problems: tuple[InputError, ...] = ()
    """Files that could not be read, or not to their end; the others went on."""
    notes: tuple[str, ...] = ()
    """What else is worth a line to the user."""
    bytes_done: int = 0
    bytes_total: int = 0
    """Bytes on disk, for a progress bar."""
    file: str = ""
    """The file being read."""
    tables: tuple[str, ...] = ()
    """Tables of the database with what belongs to it and is no record: visits, offers, states of agents."""
    rows: tuple[int, ...] = ()
    """How many each of them holds."""
    cursor: str | None = None
    """For the next import of the same source; only a file's last part has one.

    In the middle of a file there is nothing to go on from: the file is read from its begin again, and that
    needs the state that the file before it left. It takes as long to write as thousands of lines to read.
    It is a JSON object. Of its list "spare" the first may be left out where room is short: calls that are
    over, of which nothing is lost unless they come back to their queue.
    """


def read_history(
    paths: Sequence[Path], source: str, cursor: str | None = None, now: int | None = None,
    keep: Keep = keep_all, database: Database | None = None,
) -> Iterator[Part]:
    """Yield the records of these files, oldest first; never raises for what is in a file.

    `source` is the name in the records. `cursor` is that of the last part of an earlier import; it is used
    when these files begin where those of then ended, and ignored otherwise. `now` (microseconds; the
    host's time without it) tells a last line of 2099 from a late one. `keep`: what of callers may be in
    the cursors. `database`: where plain calls are reduced by columns; a part then has ``tables`` that are to
    be taken before the next one is asked for. Without it every line becomes records.
    """
    if now is None:
        now = SystemClock().now()
    files, problems, notes = _survey(paths)
    total = sum(file.size for file in files)
    if problems or notes:
        yield Part(problems=tuple(problems), notes=tuple(notes), bytes_total=total)
    if not files:
        return
    history = _History(source, cursor, files[0], now // SECOND, keep, database)
    done = 0
    for file in files:
        for part in history.read(file):
            yield replace(part, bytes_done=done + part.bytes_done, bytes_total=total, file=str(file.path))
        done += file.size


# ---- which files, in which order


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    size: int  # on disk
    plain_size: int  # unpacked
    packed: bool
    head: bytes
    epoch: int

    def open(self) -> tuple[BufferedIOBase, BufferedIOBase]:
        """Return the stream of plain bytes, and the file under it."""
        raw = self.path.open("rb")
        return (gzip.GzipFile(fileobj=raw) if self.packed else raw), raw


def unusable(paths: Sequence[Path]) -> list[InputError]:
    """Return what is wrong with those of these files of which nothing can be read."""
    return _survey(paths)[1]


def _survey(paths: Sequence[Path]) -> tuple[list[_File], list[InputError], list[str]]:
    """Return the usable files in order, what is wrong with the others, and which are copies."""
    found: list[_File] = []
    problems: list[InputError] = []
    notes: list[str] = []
    for path in paths:
        try:
            file = _look(path)
        except InputError as error:
            problems.append(error)
            continue
        twin = next((other for other in found if _alike(other, file)), None)
        if twin is None:
            found.append(file)
            continue
        keep, leave = (file, twin) if file.plain_size > twin.plain_size else (twin, file)
        found[found.index(twin)] = keep
        notes.append(f"{leave.path}: the same lines as {keep.path}; left out")
    return sorted(found, key=lambda file: (file.epoch, str(file.path))), problems, notes


def _alike(one: _File, other: _File) -> bool:
    length = min(len(one.head), len(other.head))
    return one.head[:length] == other.head[:length]


def _look(path: Path) -> _File:
    """Look at one file's begin; raise InputError for what is no queue_log."""
    try:
        if path.is_dir():
            raise InputError(f"{path}: is a directory; name the queue_log files in it")
        with path.open("rb") as raw:
            size = os.fstat(raw.fileno()).st_size
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            head = (gzip.GzipFile(fileobj=raw) if packed else raw).read(_HEAD)
            plain_size = size
            if packed:
                raw.seek(-4, os.SEEK_END)
                plain_size = int.from_bytes(raw.read(4), "little")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: damaged from its begin ({clean(str(error), 80)})") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    if not head:
        raise InputError(f"{path}: is empty; a queue_log was expected")
    parsed = [parse_line(raw.lstrip(b"\0"), 0) for raw in head.split(b"\n")[:2000]]
    epochs = [line.at // SECOND for line in parsed if isinstance(line, LogLine)][:25]
    if not epochs:
        begin = clean(head[:60].decode("utf-8", "replace"), 40)
        raise InputError(
            f"{path}: is no queue_log: no line like 1795283239|1795283239.7|sales|NONE|ENTERQUEUE|... "
            f"(it begins {begin!r})"
        )
    return _File(path, size, plain_size, packed, head, median_low(epochs))


# ---- reading


class _History:
    """The reducer, and what must be remembered from one file to the next."""

    def __init__(self, source: str, cursor: str | None, first: _File, now: int, keep: Keep,
                 database: Database | None) -> None:
        self._source = source
        self._plain = None if database is None else PlainCalls(database)
        self._now = now
        self._until: int | None = None  # epoch of the latest line
        self._seated_until = 0  # the latest moment of chunks that went by columns
        self._since = 0  # since when there was no hole
        self._records: list[Record] = []
        state, spare = self._continued(cursor, first) or (None, [])
        self._reducer = Reducer(source, log=True, state=state, keep=keep)
        self._reducer.recall(spare)

    def _continued(self, cursor: str | None, first: _File) -> tuple[str, list[Spare]] | None:
        """Return the kept state if `first` begins where the earlier import ended."""
        if cursor is None:
            return None
        try:
            plain = json.loads(cursor)
            version, until, head, state = plain["v"], int(plain["until"]), plain["head"], plain["reducer"]
            spare = [(str(call), str(queue), int(total), int(log))
                     for call, queue, total, log in plain.get("spare", ())]
        except (ValueError, KeyError, TypeError):
            return None  # of another version: the files are read as if they were the first
        if version != _VERSION or not isinstance(state, str) or head == first.head[:64].hex():
            return None  # the same file again: it is read from its begin
        if not 0 <= first.epoch - until <= APART_S:
            return None
        self._until = self._since = until
        return state, spare

    def read(self, file: _File) -> Iterator[Part]:
        """Yield the parts of one file."""
        at = _Place(file, _Gate(file.path.name, file.epoch, self._now))
        problem: InputError | None = None
        stream, raw = file.open()
        try:
            with raw, stream:
                if self._plain is None:
                    yield from self._by_lines(at, blocks(stream), raw.tell)
                else:
                    for chunk in chunks(blocks(stream), CHUNK):
                        found = self._reduced(at, chunk, self._plain)
                        if found is None:
                            yield from self._by_lines(at, slices(chunk), raw.tell)
                        else:
                            yield from self._by_columns(at, found, self._plain, raw.tell)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            said = f"damaged after line {at.number} ({clean(str(error), 80)}); what came before is kept"
            problem = InputError(f"{file.path}: {said}")
        except OSError as error:
            problem = InputError(f"{file.path}: cannot be read after line {at.number}: {error.strerror}")
        self._feed(at, at.gate.end(at.rejects))
        part = self._part(at.rejects, file.size, file, last=True)
        yield part if problem is None else replace(part, problems=(problem,))

    def _by_lines(self, at: "_Place", of: Iterable[bytes], done: Callable[[], int]) -> Iterator[Part]:
        """Reduce line by line."""
        for number, text in enumerate(lines(of, at.name, at.rejects, at.number), at.number + 1):
            at.number = number
            parsed = parse_line(text, number)
            if isinstance(parsed, Reject):
                at.rejects.append(replace(parsed, where=f"{at.name}:{number}"))
            elif parsed is not None:
                self._feed(at, at.gate.take(parsed, at.rejects))
            if number % LINES_PER_PART == 0:
                yield self._part(at.rejects, done(), at.file)
                at.rejects.clear()

    def _reduced(self, at: "_Place", chunk: bytes, plain: PlainCalls) -> Found | None:
        """Return what the plain calls leave of a chunk, None where all of it has to go line by line."""
        if len(chunk) < WORTH or at.gate.holds:
            return None
        try:
            found = plain.take(chunk, at.number, at.gate.near, ODD_S, self._reducer.heard_of(), COUNTED_S)
        except StoreMemoryError:
            found = None  # line by line it takes next to none
        if found is None or not self._reducer.has_room(found.members()):
            plain.clear()
            return None
        return found

    def _by_columns(self, at: "_Place", found: Found, plain: PlainCalls,
                    done: Callable[[], int]) -> Iterator[Part]:
        """Feed the reducer what is not plain, and hand on what is with the last part of the chunk."""
        self._heard(at, found.first)
        orderly = found.orderly and found.first >= self._seated_until
        news: list[tuple[int, int]] = []
        seats = found.seats
        places = [seat[0] for seat in seats]
        begin = 0
        for count, (n, item) in enumerate((*found.items, (found.lines, None)), 1):
            end = bisect_left(places, n, begin)
            if end > begin:
                news += self._reducer.seated(seats[begin:end], keep=not orderly)
                begin = end
            if isinstance(item, Reject):
                at.rejects.append(replace(item, where=f"{at.name}:{at.number + n + 1}"))
            elif isinstance(item, Named):
                self._reducer.named(item.at, item.queue, item.agent)
            elif item is not None:
                self._reducer.feed_line(item)
            if count % LINES_PER_PART == 0:
                yield self._part(at.rejects, done(), at.file)
                at.rejects.clear()
        plain.states(news)
        plain.clear()
        self._seated_until = max(self._seated_until, found.latest)
        self._reducer.passed(found.latest, found.over)
        self._reach(found.latest)
        at.gate.near = found.last // SECOND
        at.number += found.lines
        yield replace(self._part(at.rejects, done(), at.file), tables=TABLES,
                      rows=(found.visits, found.offers, len(news)))
        at.rejects.clear()

    def _feed(self, at: "_Place", passed: list[LogLine]) -> None:
        """Hand lines to the reducer."""
        for line in passed:
            self._heard(at, line.at)
            self._reach(line.at)
            self._reducer.feed_line(line)

    def _heard(self, at: "_Place", first: int) -> None:
        """Note that there are lines from the moment `first` on."""
        if not at.begun:
            self._begin(first // SECOND)
            at.begun = True

    def _reach(self, latest: int) -> None:
        """Note that all lines up to the moment `latest` are reduced: the source was alive until then.

        Of a chunk that goes by columns that is so at its end only: its plain calls come with its last part.
        """
        self._until = latest // SECOND if self._until is None else max(self._until, latest // SECOND)

    def _begin(self, epoch: int) -> None:
        """Begin a file: the first one, one that goes on where the last ended, or one behind a hole."""
        if self._until is None:
            self._records.append(self._status("whole", epoch))
            self._since = epoch
        elif epoch - self._until > APART_S:
            end = self._until + 1
            self._records += [self._status("alive", self._since, end), self._status("gap", end, epoch)]
            self._reducer.missed(end * SECOND)
            self._since = epoch

    def _part(self, rejects: list[Reject], done: int, file: _File, *, last: bool = False) -> Part:
        records, more = self._reducer.drain()
        records = self._records + records
        self._records = []
        if self._until is None:
            return Part(tuple(records), (*rejects, *more), bytes_done=done)
        records.append(self._status("alive", self._since, self._until + 1))
        if not last:
            return Part(tuple(records), (*rejects, *more), bytes_done=done)
        plain = {"v": _VERSION, "until": self._until, "head": file.head[:64].hex()}
        state = {"reducer": self._reducer.state(spare=False), "spare": self._reducer.spare()}
        cursor = json.dumps({**plain, **state}, separators=(",", ":"))
        return Part(tuple(records), (*rejects, *more), bytes_done=done, cursor=cursor)

    def _status(self, kind: StatusKind, at: int, until: int | None = None) -> SourceStatus:
        end = None if until is None else until * SECOND
        return SourceStatus(source=self._source, at=at * SECOND, kind=kind, until=end)


@dataclass(slots=True)
class _Place:
    """How far the reading of a file is."""

    file: _File
    gate: "_Gate"
    number: int = 0
    """Lines that were read."""
    begun: bool = False
    """A line of it counted."""
    rejects: list[Reject] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The file's name, for messages."""
        return self.file.path.name


class _Gate:
    """Keeps out lines of a clock gone mad: a few together, a month and more off those around them."""

    def __init__(self, name: str, near: int, now: int) -> None:
        self._name = name
        self.near = near  # epoch of the last line that was believed
        self._now = now
        self._held: list[LogLine] = []

    @property
    def holds(self) -> bool:
        """Whether lines wait for those behind them."""
        return bool(self._held)

    def take(self, line: LogLine, rejects: list[Reject]) -> list[LogLine]:
        """Return the lines that may pass now, in order."""
        epoch = line.at // SECOND
        if abs(epoch - self.near) <= ODD_S:
            self._refuse(rejects)
            self.near = epoch
            return [line]
        self._held.append(line)
        if len(self._held) <= ODD_LINES:
            return []
        self.near = epoch
        held, self._held = self._held, []
        return held

    def end(self, rejects: list[Reject]) -> list[LogLine]:
        """Return what is still held at the file's end and may be true: later, and not of the future."""
        if all(self.near < line.at // SECOND <= self._now + APART_S for line in self._held):
            held, self._held = self._held, []
            return held
        self._refuse(rejects)
        return []

    def _refuse(self, rejects: list[Reject]) -> None:
        for line in self._held:
            off = (line.at // SECOND - self.near) // 86_400
            reason = f"its time lies a month or more {'after' if off > 0 else 'before'} the lines around it"
            text = f"{line.at // SECOND}|{line.event} ({abs(off)} days)"
            rejects.append(Reject(f"{self._name}:{line.number}", reason, text))
        self._held = []
