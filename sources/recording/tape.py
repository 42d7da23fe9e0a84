"""What a recording holds, as one sequence in time: lines of the log, and messages of the manager.

The bytes go through the adapter's own framer and parser, read by read as they came, so whatever they do at
the edge of a read is played too.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from ccboard.clock import SECOND
from ccboard.errors import InputError
from ccboard.records import Reject
from sources.asterisk.lines import LogLine, parse_line
from sources.asterisk.messages import Framer, Message
from sources.asterisk.skew import parse_timestamp

Stem: TypeAlias = Literal["ami", "ami-agent"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: `due` when it was to be heard, `at` when it happened."""

    due: int
    at: int
    what: LogLine | Message | Reject | Literal["connected", "disconnected"]


def read_tape(folder: Path, *, log: bool, stem: Stem | None) -> list[Event]:
    """Return everything in a recording in the order in which it was heard.

    Raises InputError naming the folder or file when there is nothing to play or it is not as expected.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: is no folder; a recording is a folder with queue_log or ami.raw in it")
    events: list[Event] = []
    if log:
        events += _log(folder)
    if stem is not None:
        found = sorted({*folder.glob(f"{stem}.raw*"), *folder.glob(f"*/{stem}.raw*")})
        parts = [(raw, index) for raw in found if (index := _index_of(raw, stem)) is not None]
        if not parts:
            raise InputError(f"{folder}: no {stem}.raw[.gz] with its {stem}.index.jsonl[.gz] in it")
        for raw, index in parts:
            events += _connection(raw, index)
    if not events:
        raise InputError(f"{folder}: the recording is empty")
    return sorted(events, key=lambda event: event.due)


def _log(folder: Path) -> Iterator[Event]:
    files = [path for path in folder.glob("queue_log*") if path.is_file()]
    if not files:
        raise InputError(f"{folder}: no queue_log in it; leave `log` out of `feeds`")
    logs = []
    for path in files:
        parsed = []
        for number, raw in enumerate(_bytes(path).split(b"\n"), 1):
            line = parse_line(raw, number)
            if line is not None:
                parsed.append(line)
        lines = [line for line in parsed if isinstance(line, LogLine)]
        if lines:
            logs.append((lines[0].at, str(path), parsed))
    at = min((first for first, _, _ in logs), default=0)  # a line without a time comes with the one before it
    for _, _, parsed in sorted(logs, key=lambda item: item[:2]):
        for line in parsed:
            at = max(at, line.at) if isinstance(line, LogLine) else at
            yield Event(at, at, line)


def _connection(raw: Path, index: Path) -> Iterator[Event]:
    """Yield what came over one connection; its begin and its end are events, too."""
    stream = _bytes(raw)
    framer = Framer()
    due = latest = 0
    for number, text in enumerate(_bytes(index).splitlines(), 1):
        try:
            read = json.loads(text)
            due, offset, length = int(read["t"] * SECOND), int(read["offset"]), int(read["length"])
        except (ValueError, KeyError, TypeError):
            wanted = '{"t": seconds, "offset": bytes, "length": bytes}'
            raise InputError(f"{index}:{number}: not {wanted}") from None
        if not latest:
            latest = due
            yield Event(due, due, "connected")
        for message in framer.feed(stream[offset : offset + length]):
            stamp = parse_timestamp(message.get("Timestamp", ""))
            latest = min(max(latest, due if stamp is None else stamp), due)
            yield Event(due, latest, message)
    if not latest:
        raise InputError(f"{index}: is empty")
    yield Event(due, due, "disconnected")


def _index_of(raw: Path, stem: str) -> Path | None:
    candidates = (raw.with_name(f"{stem}.index.jsonl{end}") for end in (".gz", ""))
    return next((path for path in candidates if path.exists()), None)


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.suffix == ".gz" else data
    except (OSError, EOFError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
