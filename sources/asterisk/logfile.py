"""Log files as such: knowing one again, finding rotated ones, and finding a time in one.

A file is known by its first bytes, because inodes are reused and copies have new ones; a
queue_log begins with an epoch, so two of them hardly ever begin alike.
"""

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LONGEST_LINE = 65_536
"""Bytes; longer ones are dropped up to their line end. The longest real ones have a few hundred."""
BLOCK = 262_144
HEAD = 256
_EPOCH = re.compile(rb"(\d{9,11})\|")
_PACKED = (".gz", ".xz", ".bz2", ".zst")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The first bytes of a file: how many were there, and their digest."""

    length: int
    digest: str

    @classmethod
    def of(cls, fd: int, length: int = HEAD) -> "Fingerprint":
        """Read it from an open file."""
        head = os.pread(fd, length, 0)
        return cls(len(head), hashlib.blake2b(head, digest_size=12).hexdigest())

    def fits(self, fd: int) -> bool:
        """Tell whether an open file begins with the same bytes (an empty one says nothing)."""
        return self.length > 0 and Fingerprint.of(fd, self.length) == self


@dataclass(frozen=True, slots=True)
class Position:
    """Where to go on: in which file, behind which byte. All that a resume needs."""

    inode: int
    offset: int
    head: Fingerprint
    line: int | None = None  # lines before `offset`; None where they were not counted
    dropping: bool = False  # inside a line that is too long
    epoch: int = 0  # of the last line that had one, seconds

    def to_plain(self) -> dict[str, Any]:
        """Return it as plain data for the cursor."""
        return {
            "inode": self.inode, "offset": self.offset, "head": [self.head.length, self.head.digest],
            "line": self.line, "dropping": self.dropping, "epoch": self.epoch,
        }  # fmt: skip

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Position":
        """Read what `to_plain` wrote; raise ValueError when it is something else."""
        try:
            length, digest = plain["head"]
            line = plain["line"]
            position = cls(
                int(plain["inode"]), int(plain["offset"]), Fingerprint(int(length), str(digest)),
                None if line is None else int(line), bool(plain["dropping"]), int(plain["epoch"]),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"not a position in a log: {json.dumps(plain, default=str)[:80]}") from error
        if position.offset < 0:
            raise ValueError("a position before the file's begin")
        return position


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end, and where it stood."""

    raw: bytes
    number: int | None
    offset: int

    def where(self, name: str) -> str:
        """Say where it stood, for a reject."""
        return f"{name}:{self.number}" if self.number is not None else f"{name} at byte {self.offset}"


def epoch_of(raw: bytes) -> int | None:
    """Return the epoch that a line begins with, or None."""
    found = _EPOCH.match(raw)
    return int(found[1]) if found else None


def continues(fd: int, position: Position) -> bool:
    """Tell whether `position` can be a place in this file: same begin, long enough, behind a line end."""
    status = os.fstat(fd)
    if status.st_size < position.offset:
        return False
    if not position.head.length:
        return status.st_ino == position.inode
    if not position.head.fits(fd):
        return False
    return position.dropping or position.offset == 0 or os.pread(fd, 1, position.offset - 1) == b"\n"


def open_log(path: Path) -> int:
    """Open `path` for reading, without waiting on anything; raise OSError for what is no plain file."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    mode = os.fstat(fd).st_mode
    if stat.S_ISREG(mode):
        return fd
    os.close(fd)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(21, "Is a directory", str(path))
    raise OSError(22, "is not a plain file", str(path))


class opened:  # noqa: N801
    """Open a file that may have gone or be forbidden: gives None then."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def __enter__(self) -> int | None:
        try:
            self._fd = open_log(self._path)
        except OSError:
            return None
        return self._fd

    def __exit__(self, *_: object) -> None:
        if self._fd is not None:
            os.close(self._fd)


def siblings(path: Path) -> list[tuple[int, Path]]:
    """Return the rotated files beside `path` (queue_log.0, queue_log-20261121) by their first epoch."""
    found = []
    try:
        others = list(path.parent.iterdir())
    except OSError:
        return []
    for other in others:
        rest = other.name.removeprefix(path.name)
        if rest == other.name or not rest.startswith((".", "-", "_")) or rest.endswith(_PACKED):
            continue
        with opened(other) as fd:
            begin = None if fd is None else first_epoch(fd)
        if begin is not None:
            found.append((begin, other))
    return sorted(found)


def first_epoch(fd: int) -> int | None:
    """Return the epoch of the first line that has one (looked for in the first 64 kB)."""
    return next(_epochs(os.pread(fd, LONGEST_LINE, 0)), None)


def last_epoch(fd: int) -> int | None:
    """Return the epoch of the last line that has one (looked for in the last 64 kB)."""
    size = os.fstat(fd).st_size
    begin = max(0, size - LONGEST_LINE)
    found = list(_epochs(os.pread(fd, LONGEST_LINE, begin)))
    return found[-1] if found else None


def _epochs(block: bytes) -> Iterator[int]:
    for raw in block.split(b"\n"):
        epoch = epoch_of(raw.lstrip(b"\0"))
        if epoch is not None:
            yield epoch


def offset_of(fd: int, since: int) -> int:
    """Return an offset behind a line end before which (nearly) all lines are older than `since`.

    A binary search over bytes, so that a log of many gigabytes costs some thirty reads. Each probe
    believes the median of a few lines: one line of 1970 or 2099 leads nowhere.
    """
    low, high = 0, os.fstat(fd).st_size
    while high - low > BLOCK:
        middle = (low + high) // 2
        block = os.pread(fd, 8192, middle)
        begin = block.find(b"\n") + 1
        epochs = sorted(list(_epochs(block[begin:]))[:16]) if begin else []
        if not epochs:  # inside one huge line or a hole: look further down
            high = middle
        elif epochs[len(epochs) // 2] < since:
            low = middle + begin
        else:
            high = middle
    block = os.pread(fd, BLOCK + 8192, low)
    begin = 0
    while (end := block.find(b"\n", begin) + 1) > 0:
        epoch = epoch_of(block[begin:end])
        if epoch is not None and epoch >= since:
            break
        begin = end
    return low + begin


def count_lines(fd: int, until: int, most: int = 1 << 26) -> int | None:
    """Count the lines before an offset, for messages that name a line; None when that would take long."""
    if until > most:
        return None
    count = at = 0
    while at < until:
        block = os.pread(fd, min(1 << 20, until - at), at)
        if not block:
            break
        count += block.count(b"\n")
        at += len(block)
    return count
