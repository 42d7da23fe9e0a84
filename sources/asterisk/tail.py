"""Follows queue_log through everything that happens to log files.

What it stands on: Asterisk appends whole lines to one open file and goes on writing to it when somebody
renames it, until it is told to reload; ``logger rotate`` renames by itself; copytruncate cuts the
file under its feet. So the file that is open is read to its end before the next is begun, and
the next is begun only when something stands in it. A file is known again by its first bytes (they
hold an epoch), because inodes are reused and copies have new ones.

Nothing is buffered between polls: the position is always just behind a line end, so the cursor
is exact at any moment. Cost of a quiet poll: two stat calls and no read.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from ccboard.clean import clean
from ccboard.records import Reject
from sources.asterisk.logfile import (
    BLOCK,
    HEAD,
    LONGEST_LINE,
    Fingerprint,
    Line,
    Position,
    continues,
    count_lines,
    epoch_of,
    first_epoch,
    last_epoch,
    offset_of,
    open_log,
    opened,
    siblings,
)

LINES_PER_POLL = 5000
"""Lines handed on at once, so that a long backlog shows progress and memory stays small."""
BYTES_PER_POLL = 1 << 23
"""Bytes read at once, for a file that has no line ends."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one poll found."""

    lines: tuple[Line, ...] = ()
    rejects: tuple[Reject, ...] = ()
    notes: tuple[str, ...] = ()  # rotated, truncated, lost: for the event log
    missed_after: int | None = None  # epoch: lines after it may be lost (the file they stood in is gone)
    behind: bool = False  # there is more to read at once


class Tail:
    """Follows one path. `since`: with no position, where to begin (epoch seconds; 0: the very first line)."""

    def __init__(self, path: Path, position: Position | None = None, since: int = 0) -> None:
        self.path = path
        self.problem: str | None = None
        """Why nothing can be read now, for the user; None while all is well."""
        self.warning: str | None = None
        """What is odd although lines are read; None mostly."""
        self.whole_since: int | None = None
        """First start only: nothing at or after this epoch is missing."""
        self._resume = position
        self._since = since
        self._fd = -1
        self._position = position
        self._size = -1
        self._begin = b""  # first bytes of the open file: a short one that is cut is known by them
        self._pending: list[Path] = []  # rotated files between the one being read and the present one

    @property
    def position(self) -> Position | None:
        """Where the next poll goes on."""
        return self._position

    @property
    def reached(self) -> int:
        """Epoch of the last line read, 0 before any."""
        return self._position.epoch if self._position else 0

    def poll(self, limit: int = LINES_PER_POLL) -> Chunk:
        """Read what is new, at most `limit` lines. Never raises for what a file does; see `problem`."""
        said = _Said()
        chunk = Chunk()
        try:
            if self._fd < 0:
                self._open_first(said)
            chunk = self._read(limit)
            if not chunk.lines and not chunk.rejects and not chunk.behind and self._follow(said):
                chunk = self._read(limit)
            self.problem = None
        except OSError as error:
            self.problem = self._explain(error)
            self.close()  # opened anew at the next poll; the position stays
        return replace(
            chunk, rejects=(*said.rejects, *chunk.rejects), notes=tuple(said.notes), missed_after=said.missed
        )

    def close(self) -> None:
        """Let go of the file; a later poll goes on at the same place."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        self._pending = []
        self._resume = self._position
        self._size = -1

    def _explain(self, error: OSError) -> str:
        if isinstance(error, FileNotFoundError):
            return f"{self.path}: no such file (yet); is queue_log = yes in logger.conf, and is it this path?"
        if isinstance(error, PermissionError):
            return f"{self.path}: permission denied; add this user to the group that owns the file (asterisk)"
        if isinstance(error, IsADirectoryError):
            return f"{self.path}: is a directory, not a queue_log file"
        return f"{self.path}: {error.strerror or error}"

    # ---- choosing the file

    def _open_first(self, said: "_Said") -> None:
        """Open the file to go on with."""
        position = self._resume
        if position is None:
            self._start_fresh()
            return
        try:
            fd = open_log(self.path)
        except FileNotFoundError:
            fd = -1  # renamed, and Asterisk not yet told: go on in the renamed file
        if fd >= 0:
            if continues(fd, position):
                self._take(fd, position)
                return
            if (kept := self._shortened(fd, position, said)) is not None:
                self._take(fd, kept)
                return
            os.close(fd)
        old = self._find(position)
        if old is not None:
            self._take(old, position)
            return
        if fd < 0:
            raise FileNotFoundError(2, "No such file or directory", str(self.path))
        self._pending = self._successors(position)
        self._begin_next(position.epoch)
        if position.offset:
            said.notes.append(f"{self.path.name}: the file read before is gone; lines may be missing")
            said.missed = position.epoch

    def _start_fresh(self) -> None:
        """Begin at the first line that is not before `since`, in the file that holds it."""
        rotated = siblings(self.path)
        try:
            fd = open_log(self.path)
        except FileNotFoundError:
            if not rotated:
                raise
            fd = open_log(rotated[-1][1])  # renamed without telling Asterisk: it writes there still
        first = first_epoch(fd)
        known_before = False
        if self._since and not (first is not None and first < self._since):
            # The file begins later than wanted: it was rotated during the day. Go back over rotated ones.
            seen = [Fingerprint.of(fd)]
            chain: list[Path] = []
            for begin, path in reversed(rotated):
                with opened(path) as other:
                    if other is None or any(head.fits(other) for head in seen):
                        continue  # gone, or a copy of one that is read anyway
                    if (last_epoch(other) or begin) < self._since:
                        known_before = True
                        break
                    seen.append(Fingerprint.of(other))
                chain.append(path)
                if begin < self._since:
                    break
            if chain:
                os.close(fd)
                self._pending = list(reversed(chain))
                fd = open_log(self._pending.pop(0))
                first = first_epoch(fd)
        offset = offset_of(fd, self._since) if self._since else 0
        self.whole_since = self._since if offset or known_before else first
        line = count_lines(fd, offset)
        before = 0
        if not self._pending:  # what was rotated away earlier must never be taken for something newer
            begun = [path for begin, path in rotated if first is None or begin <= first]
            for path in begun[-3:]:
                with opened(path) as other:
                    before = max(before, (last_epoch(other) or 0) if other is not None else 0)
        self._take(fd, Position(0, offset, Fingerprint.of(fd), line, epoch=before))

    def _take(self, fd: int, position: Position) -> None:
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = fd
        self._size = -1
        self._begin = os.pread(fd, HEAD, 0)
        self._position = replace(position, inode=os.fstat(fd).st_ino)
        self._resume = None

    def _find(self, position: Position) -> int | None:
        """Open the rotated (or copied) file that `position` speaks of, if it still is there."""
        found: list[tuple[bool, Path]] = []
        for _, path in siblings(self.path):
            with opened(path) as fd:
                if fd is not None and position.head.length and continues(fd, position):
                    found.append((os.fstat(fd).st_ino != position.inode, path))
        return open_log(min(found)[1]) if found else None

    def _successors(self, position: Position, began: int | None = None) -> list[Path]:
        """Return rotated files that are newer than the one of `position` (whose first epoch is `began`).

        A file may begin a little before the old one ended: clocks are set back.
        """
        earliest = position.epoch
        if began is not None:
            earliest = min(earliest, max(began + 1, earliest - 5))
        chain: list[Path] = []
        seen: list[Fingerprint] = [position.head]
        with opened(self.path) as fd:
            if fd is not None:
                seen.append(Fingerprint.of(fd))
        for begin, path in siblings(self.path):
            with opened(path) as fd:
                if fd is None or begin < earliest or os.fstat(fd).st_ino == position.inode:
                    continue
                if any(head.fits(fd) for head in seen):
                    continue  # a copy of one that is read anyway
                seen.append(Fingerprint.of(fd))
            chain.append(path)
        return chain

    # ---- following

    def _follow(self, said: "_Said") -> bool:
        """At the end of the open file: go on to the next one, if there is one. Return whether it moved."""
        assert self._position is not None
        position = self._position
        self.warning = None
        held = os.fstat(self._fd)
        if held.st_size < position.offset or not continues(self._fd, position):
            self._truncated(said)
            return True
        if self._pending:
            self._leave(said)
            return True
        try:
            present = self.path.stat()
        except FileNotFoundError:
            self.warning = f"{self.path}: renamed; reading on where Asterisk writes until it makes a new one"
            return False
        if (present.st_ino, present.st_dev) == (held.st_ino, held.st_dev) or present.st_size == 0:
            return False
        with opened(self.path) as fd:
            same = fd is not None and position.head.length > 0 and continues(fd, position)
        if same:  # the same lines under another inode: restored, copied over, mounted anew
            self._take(open_log(self.path), position)
            return True
        # Something stands in the new file, so nothing more comes into the old one: look once more, through
        # a descriptor of its own, because a network file system may show an old size through ours.
        again = self._find(position)
        if again is not None:
            if os.fstat(again).st_size > self._size:
                self._take(again, position)
                return True
            os.close(again)
        if os.fstat(self._fd).st_size > self._size:
            return True
        self._pending = self._successors(position, first_epoch(self._fd))
        self._leave(said)
        said.notes.append(f"{self.path.name}: rotated")
        return True

    def _truncated(self, said: "_Said") -> None:
        """Go on after the open file was cut (copytruncate), with the rest of the copy first."""
        assert self._position is not None
        position = self._position
        if (kept := self._shortened(self._fd, position, said)) is not None:
            self._take(os.dup(self._fd), kept)
            return
        said.notes.append(f"{self.path.name}: truncated in place")
        copy = self._find(position)
        if copy is not None:
            self._take(copy, position)
            return
        # Without a copy what was written between our last look and the cut is lost: a poll's worth.
        fd = os.dup(self._fd)
        self._take(fd, Position(0, 0, Fingerprint.of(fd), 0, epoch=position.epoch))

    def _shortened(self, fd: int, position: Position, said: "_Said") -> Position | None:
        """Return where to go on in a file that lost its end; None where it was emptied, or is another.

        What is left of it has been read: from its begin, every call in it would be counted twice. Of a
        line that was cut in two its other half is read already, and what is written behind it is lost.
        """
        size = os.fstat(fd).st_size
        begin = os.pread(fd, HEAD, 0)
        if not size < position.offset or b"\n" not in begin:
            return None
        if not position.head.fits(fd) and not (len(begin) < position.head.length
                                               and self._begin.startswith(begin)):
            return None
        back = max(0, size - LONGEST_LINE)
        offset = back + os.pread(fd, LONGEST_LINE, back).rfind(b"\n") + 1
        number = count_lines(fd, offset)
        said.notes.append(f"{self.path.name}: cut at its end; what was read of it stays counted")
        if offset < size:
            half = Line(os.pread(fd, LONGEST_LINE, offset), None if number is None else number + 1, offset)
            said.rejects.append(_reject(half, self.path.name, "cut off: what is written behind it is lost"))
        return Position(position.inode, offset, Fingerprint.of(fd), number, dropping=offset < size,
                        epoch=position.epoch)

    def _leave(self, said: "_Said") -> None:
        """Begin the next file; what stands behind the last line end of the old one is said."""
        assert self._position is not None
        position = self._position
        rest = os.pread(self._fd, LONGEST_LINE, position.offset)
        if rest.strip(b"\0") and not position.dropping:
            line = Line(rest, None if position.line is None else position.line + 1, position.offset)
            said.rejects.append(_reject(line, self.path.name, "cut off: the file ends inside this line"))
        self._begin_next(position.epoch)

    def _begin_next(self, epoch: int) -> None:
        path = self._pending.pop(0) if self._pending else self.path
        fd = open_log(path)
        self._take(fd, Position(0, 0, Fingerprint.of(fd), 0, epoch=epoch))

    # ---- reading

    def _read(self, limit: int) -> Chunk:
        position = self._position
        assert position is not None
        size = os.fstat(self._fd).st_size
        if size == self._size or size < position.offset:
            return Chunk()
        if position.offset and not continues(self._fd, position):
            return Chunk()  # cut and grown again since the last look: _follow sees to it
        self._size = size
        lines: list[Line] = []
        rejects: list[Reject] = []
        offset, number, dropping, epoch = position.offset, position.line, position.dropping, position.epoch
        most = offset + BYTES_PER_POLL
        while len(lines) < limit and offset < most:
            block = os.pread(self._fd, BLOCK, offset)
            if not block:
                break
            start = 0
            while len(lines) < limit:
                end = block.find(b"\n", start)
                if end < 0:
                    break
                raw, begin = block[start:end], offset + start
                start = end + 1
                if number is not None:
                    number += 1
                if dropping:
                    dropping = False  # this was the end of a line that was dropped and said
                    continue
                line = Line(raw, number, begin)
                if len(raw) > LONGEST_LINE:
                    rejects.append(_reject(line, self.path.name, _TOO_LONG))
                    continue
                if raw.startswith(b"\0"):
                    line = replace(line, raw=raw.lstrip(b"\0"))
                    zeros = len(raw) - len(line.raw)
                    rejects.append(_reject(line, self.path.name, f"{zeros} zero bytes (a power failure?)"))
                epoch = epoch_of(line.raw) or epoch
                lines.append(line)
            if start == 0:
                if len(block) <= LONGEST_LINE and not dropping:
                    break  # a line that is still being written
                if not dropping:
                    ahead = Line(block[:200], None if number is None else number + 1, offset)
                    rejects.append(_reject(ahead, self.path.name, _TOO_LONG))
                    dropping = True
                start = len(block)
            offset += start
        head = position.head
        if head.length < HEAD:
            head = Fingerprint.of(self._fd)
            self._begin = os.pread(self._fd, HEAD, 0)
        self._position = Position(position.inode, offset, head, number, dropping, epoch)
        behind = offset < size and (len(lines) >= limit or offset >= most)
        if behind:
            self._size = -1
        return Chunk(tuple(lines), tuple(rejects), behind=behind)


_TOO_LONG = f"a line of more than {LONGEST_LINE} bytes"


class _Said:
    """What a poll has to tell besides lines."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.rejects: list[Reject] = []
        self.missed: int | None = None


def _reject(line: Line, name: str, reason: str) -> Reject:
    return Reject(line.where(name), reason, clean(line.raw[:120].decode("utf-8", "replace")))


