"""From the bytes of a log to its lines, by blocks: memory does not grow with a file or with a line."""

from collections.abc import Iterable, Iterator
from io import BufferedIOBase
from typing import Final

from ccboard.records import Reject
from sources.asterisk.logfile import BLOCK, LONGEST_LINE

CHUNK: Final = 8 << 20
"""Bytes of a chunk, about: some hundred thousand lines, of which the tables take 30 MB."""
WORTH: Final = 1 << 19
"""Bytes that are worth the way by columns, which takes a fifth of a second for a single line."""


def blocks(stream: BufferedIOBase) -> Iterator[bytes]:
    """Yield what a stream holds."""
    while block := stream.read1(BLOCK):  # read() would lose what stands before a damage of a packed file
        yield block


def slices(chunk: bytes) -> Iterator[bytes]:
    """Yield blocks of what may be parted into a line for each of its bytes."""
    for begin in range(0, len(chunk), BLOCK):
        yield chunk[begin : begin + BLOCK]


def lines(of: Iterable[bytes], name: str, rejects: list[Reject], number: int = 0) -> Iterator[bytes]:
    """Yield lines without their ends, the last one also when it has none; never more than a block in memory.

    A line that is too long comes as nothing, so that the numbers of those behind it stay right. `number`:
    how many lines came before.
    """
    rest = b""
    dropping = False
    for block in of:
        *found, rest = (rest + block).split(b"\n")
        for line in found:
            number += 1
            if dropping or len(line) > LONGEST_LINE:
                rejects.append(Reject(f"{name}:{number}", f"a line of more than {LONGEST_LINE} bytes"))
                dropping = False
                yield b""
                continue
            yield line.lstrip(b"\0")
        if len(rest) > LONGEST_LINE:
            dropping, rest = True, b""
    if dropping:
        rejects.append(Reject(f"{name}:{number + 1}", f"a line of more than {LONGEST_LINE} bytes"))
    elif rest:
        yield rest.lstrip(b"\0")


def chunks(of: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield whole lines of at least `size` bytes together; what is left at the end comes as it is.

    Of a line longer than that as much is kept as tells that it is too long. Where reading fails, the whole
    lines that came before are yielded first.
    """
    held: list[bytes] = []
    length = 0
    try:
        for block in of:
            held.append(block)
            length += len(block)
            if length < size or b"\n" not in block:
                if length > 2 * size + LONGEST_LINE:
                    held = [_shorter(b"".join(held))]
                    length = len(held[0])
                continue
            whole, _, rest = b"".join(held).rpartition(b"\n")
            held, length = [rest], len(rest)
            yield whole + b"\n"
    except Exception:  # nothing is handed on behind a Ctrl-C
        whole, end, _ = b"".join(held).rpartition(b"\n")
        if end:
            yield whole + end
        raise
    if last := b"".join(held):
        yield last


def _shorter(held: bytes) -> bytes:
    """Return bytes whose last line is no longer than what tells that it is too long."""
    whole, end, rest = held.rpartition(b"\n")
    return whole + end + rest[: LONGEST_LINE + 1]
