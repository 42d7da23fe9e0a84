"""The follower of queue_log sees exactly the lines that were appended, once, whatever is done to the file."""

import json
import os
import random
import shutil
from pathlib import Path

import pytest

from sources.asterisk.logfile import LONGEST_LINE, Position, offset_of, open_log
from sources.asterisk.tail import Chunk, Tail


class Pbx:
    """Appends numbered lines to a log as Asterisk does: one open file until told to reload."""

    def __init__(self, path: Path, epoch: int = 1_795_283_239) -> None:
        self.path = path
        self.epoch = epoch
        self.written: list[bytes] = []
        self.file = open(path, "ab", buffering=0)  # noqa: SIM115

    def line(self, text: str = "") -> bytes:
        self.epoch += 1
        raw = f"{self.epoch}|{self.epoch}.{len(self.written)}|support|NONE|ENTERQUEUE||{text}|1".encode()
        self.written.append(raw)
        return raw

    def write(self, count: int = 1) -> None:
        for _ in range(count):
            self.file.write(self.line() + b"\n")

    def reopen(self) -> None:
        self.file.close()
        self.file = open(self.path, "ab", buffering=0)  # noqa: SIM115


def read_all(tail: Tail, polls: int = 50) -> list[Chunk]:
    chunks = []
    for _ in range(polls):
        chunk = tail.poll()
        assert tail.problem is None
        chunks.append(chunk)
        if not chunk.lines and not chunk.behind and not chunk.rejects and not chunk.notes:
            break
    return chunks


def lines(chunks: list[Chunk]) -> list[bytes]:
    return [line.raw for chunk in chunks for line in chunk.lines]


def resumed(tail: Tail) -> Tail:
    """The same follower after a kill: all that is left is the cursor's text."""
    position = tail.position
    path = tail.path
    tail.close()
    plain = None if position is None else json.loads(json.dumps(position.to_plain()))
    return Tail(path, None if plain is None else Position.from_plain(plain), since=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue_log"


def test_reads_from_the_start_and_then_what_comes(path: Path) -> None:
    pbx = Pbx(path)
    pbx.write(3)
    tail = Tail(path)
    assert lines(read_all(tail)) == pbx.written
    pbx.write(2)
    assert lines(read_all(tail)) == pbx.written[3:]
    assert [line.number for chunk in [tail.poll()] for line in chunk.lines] == []


def test_line_numbers_are_those_of_the_file(path: Path) -> None:
    pbx = Pbx(path)
    pbx.write(3)
    tail = resumed_after = Tail(path)
    assert [line.number for line in tail.poll().lines] == [1, 2, 3]
    resumed_after = resumed(tail)
    pbx.write(1)
    assert [line.where("queue_log") for line in resumed_after.poll().lines] == ["queue_log:4"]


def test_a_partial_line_waits_for_its_end(path: Path) -> None:
    pbx = Pbx(path)
    raw = pbx.line()
    pbx.file.write(raw[:20])
    tail = Tail(path)
    assert lines(read_all(tail)) == []
    tail = resumed(tail)
    pbx.file.write(raw[20:])
    assert lines(read_all(tail)) == []
    pbx.file.write(b"\n")
    assert lines(read_all(tail)) == [raw]


def test_logger_rotate(path: Path) -> None:
    pbx = Pbx(path)
    pbx.write(2)
    tail = Tail(path)
    read_all(tail)
    pbx.write(2)  # not read before the rotation
    path.rename(path.with_name("queue_log.0"))
    pbx.reopen()
    pbx.write(3)
    chunks = read_all(tail)
    assert lines(chunks) == pbx.written[2:]
    assert "queue_log: rotated" in [note for chunk in chunks for note in chunk.notes]


def test_renamed_without_telling_goes_on_in_the_renamed_file(path: Path) -> None:
    pbx = Pbx(path)
    pbx.write(2)
    tail = Tail(path)
    read_all(tail)
    path.rename(path.with_name("queue_log-20261121"))
    pbx.write(2)
    assert lines(read_all(tail)) == pbx.written[2:4]
    assert tail.warning is not None
    assert "renamed" in tail.warning
    path.touch()  # logrotate's `create`: an empty file, Asterisk still writes to the old one
    pbx.write(2)
    assert lines(read_all(tail)) == pbx.written[4:6]
    pbx.reopen()
    pbx.write(1)
    assert lines(read_all(tail)) == pbx.written[6:]
    assert tail.warning is None


def test_renamed_while_nobody_looked(path: Path) -> None:
    pbx = Pbx(path)
    pbx.write(2)
    tail = Tail(path)
    read_all(tail)
    path.rename(path.with_name("queue_log.1"))
    pbx.write(2)
    tail = resumed(tail)
    assert lines(read_all(tail)) == pbx.written[2:]


def test_first_start_on_a_log_that_was_renamed(path: Path) -> None:
    pbx = Pbx(path)
    pbx.write(2)
    path.rename(path.with_name("queue_log.1"))
    assert lines(read_all(Tail(path))) == pbx.written


def test_two_rotations_while_nobody_looked(path: Path) -> None:
    pbx = Pbx(path)
    pbx.write(2)
    tail = Tail(path)
    read_all(tail)
    pbx.write(1)
    for name in ("queue_log.older", "queue_log.newer"):
        path.rename(path.with_name(name))
        pbx.reopen()
        pbx.write(2)
    tail = resumed(tail)
    assert lines(read_all(tail)) == pbx.written[2:]


def test_copytruncate(path: Path) -> None:
    pbx = Pbx(path)
    pbx.write(3)
    tail = Tail(path)
    read_all(tail)
    shutil.copy(path, path.with_name("queue_log.1"))
    os.truncate(path, 0)
    pbx.write(1)
    chunks = read_all(tail)
    assert lines(chunks) == pbx.written[3:]
    assert "queue_log: truncated in place" in [note for chunk in chunks for note in chunk.notes]


def test_copytruncate_with_lines_not_yet_read(path: Path) -> None:
    pbx = Pbx(path)
    pbx.write(3)
    tail = Tail(path)
    read_all(tail)
    pbx.write(2)
    shutil.copy(path, path.with_name("queue_log.1"))
    os.truncate(path, 0)
    pbx.write(4)
    assert lines(read_all(tail)) == pbx.written[3:]
    tail = resumed(tail)
    pbx.write(1)
    assert lines(read_all(tail)) == pbx.written[-1:]


# A log of less than 256 bytes is known by what was seen of it, which a stop forgets.
@pytest.mark.parametrize(("count", "stopped"), [(3, False), (40, False), (40, True)])
def test_a_log_that_loses_its_end_is_not_read_again(path: Path, count: int, stopped: bool) -> None:
    pbx = Pbx(path)
    pbx.write(count)
    tail = Tail(path)
    read_all(tail)
    size = path.stat().st_size
    assert (size < 256) is (count == 3)
    if stopped:
        tail = resumed(tail)
    lost = len(pbx.written[-1]) + 1
    os.truncate(path, size - lost)
    chunks = read_all(tail)
    assert lines(chunks) == []
    assert "cut at its end" in chunks[0].notes[0]
    pbx.write(2)
    assert lines(read_all(tail)) == pbx.written[-2:]
    assert lines(read_all(resumed(tail))) == []
    os.truncate(path, path.stat().st_size - 5)  # inside a line
    chunks = read_all(tail)
    assert lines(chunks) == []
    assert [reject.reason for chunk in chunks for reject in chunk.rejects] == [
        "cut off: what is written behind it is lost"]
    pbx.write(1)  # behind the half one: nobody can tell the two apart
    assert lines(read_all(tail)) == []
    pbx.write(1)
    assert lines(read_all(tail)) == pbx.written[-1:]


def test_truncated_and_grown_past_the_old_place_between_two_looks(path: Path) -> None:
    pbx = Pbx(path)
    pbx.write(3)
    tail = Tail(path)
    read_all(tail)
    os.truncate(path, 0)
    pbx.write(20)
    assert lines(read_all(tail)) == pbx.written[3:]


def test_an_inode_that_another_file_has_now(path: Path) -> None:
    """The cursor's inode and a size beyond its offset, but another first line: all of it is new."""
    pbx = Pbx(path)
    pbx.write(2)
    tail = Tail(path)
    read_all(tail)
    position = tail.position
    assert position is not None
    tail.close()
    with open(path, "r+b") as file:  # the same inode on purpose
        file.truncate(0)
    pbx.write(5)
    tail = Tail(path, position)
    chunks = read_all(tail)
    assert lines(chunks) == pbx.written[2:]
    assert chunks[0].missed_after == position.epoch


def test_a_log_that_is_not_there_yet(path: Path) -> None:
    tail = Tail(path)
    assert tail.poll() == Chunk()
    assert tail.problem is not None
    assert "no such file" in tail.problem
    pbx = Pbx(path)
    pbx.write(1)
    assert lines(read_all(tail)) == pbx.written


def test_a_directory_is_said_and_tried_again(path: Path) -> None:
    path.mkdir()
    tail = Tail(path)
    tail.poll()
    assert tail.problem is not None
    assert "is a directory" in tail.problem
    path.rmdir()
    pbx = Pbx(path)
    pbx.write(1)
    assert lines(read_all(tail)) == pbx.written


def test_an_unreadable_file_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the refusal is made by the call that would refuse."""
    Pbx(path).write(1)

    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    tail = Tail(path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        tail.poll()
    assert tail.problem is not None
    assert "permission denied" in tail.problem
    assert len(lines(read_all(tail))) == 1


def test_a_pipe_is_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    tail = Tail(path)
    tail.poll()
    assert tail.problem is not None
    assert "plain file" in tail.problem


def test_a_huge_line_is_dropped_and_said_once(path: Path) -> None:
    pbx = Pbx(path)
    pbx.write(1)
    pbx.file.write(b"x" * (LONGEST_LINE * 9))
    tail = Tail(path)
    first = read_all(tail)
    tail = resumed(tail)  # in the middle of it
    pbx.file.write(b"y" * LONGEST_LINE + b"\n")
    pbx.write(2)
    chunks = first + read_all(tail)
    assert lines(chunks) == pbx.written
    rejects = [reject for chunk in chunks for reject in chunk.rejects]
    assert len(rejects) == 1
    assert rejects[0].where == "queue_log:2"
    assert len(rejects[0].text) < 200


def test_a_long_line_with_its_end_is_dropped_too(path: Path) -> None:
    pbx = Pbx(path)
    pbx.write(1)
    pbx.file.write(b"x" * (LONGEST_LINE + 1) + b"\n")
    pbx.write(1)
    chunks = read_all(Tail(path))
    assert lines(chunks) == pbx.written
    assert [reject.where for chunk in chunks for reject in chunk.rejects] == ["queue_log:2"]


def test_zero_bytes_before_a_line_do_not_cost_the_line(path: Path) -> None:
    pbx = Pbx(path)
    pbx.write(1)
    pbx.file.write(b"\0" * 300)
    pbx.write(1)
    chunks = read_all(Tail(path))
    assert lines(chunks) == pbx.written
    assert "300 zero bytes" in chunks[0].rejects[0].reason


def test_what_was_cut_off_at_a_rotation_is_said(path: Path) -> None:
    pbx = Pbx(path)
    pbx.write(1)
    pbx.file.write(b"1795283999|179528")
    tail = Tail(path)
    read_all(tail)
    path.rename(path.with_name("queue_log.0"))
    pbx.reopen()
    pbx.write(1)
    chunks = read_all(tail)
    assert lines(chunks) == pbx.written[1:]
    assert [reject.where for chunk in chunks for reject in chunk.rejects] == ["queue_log:2"]


def test_polls_are_bounded(path: Path) -> None:
    pbx = Pbx(path)
    pbx.write(25)
    tail = Tail(path)
    sizes = []
    while True:
        chunk = tail.poll(limit=10)
        sizes.append((len(chunk.lines), chunk.behind))
        if not chunk.behind:
            break
    assert sizes == [(10, True), (10, True), (5, False)]


def test_starts_at_a_moment_without_reading_a_big_log_whole(path: Path) -> None:
    with open(path, "wb") as file:
        for number in range(60_000):
            epoch = 1_795_000_000 + number
            if number % 7000 == 0:
                file.write(b"4070908800|odd|NONE|NONE|CLOCK\n")  # 2099
                file.write(b"0|odd|NONE|NONE|CLOCK\n")
            file.write(f"{epoch}|{epoch}.1|support|NONE|ENTERQUEUE||07{number:08d}|1\n".encode())
    since = 1_795_000_000 + 51_234
    fd = open_log(path)
    offset = offset_of(fd, since)
    os.close(fd)
    tail = Tail(path, since=since)
    chunks = read_all(tail)
    got = lines(chunks)
    everything = path.read_bytes().split(b"\n")[:-1]
    wanted = everything.index(f"{since}|{since}.1|support|NONE|ENTERQUEUE||07{51_234:08d}|1".encode())
    assert got == everything[len(everything) - len(got) :]  # a whole end of the file
    assert wanted - 5000 < len(everything) - len(got) <= wanted  # from a little before it
    assert tail.whole_since == since
    assert chunks[0].lines[0].offset == offset
    assert chunks[0].lines[0].number == path.read_bytes()[:offset].count(b"\n") + 1


def test_starts_in_a_rotated_file_when_the_day_began_there(path: Path) -> None:
    pbx = Pbx(path)
    for name in ("queue_log.2", "queue_log.1", "queue_log.0"):
        pbx.write(10)
        path.rename(path.with_name(name))
        pbx.reopen()
    pbx.write(10)
    shutil.copy(path.with_name("queue_log.1"), path.with_name("queue_log.copy"))
    since = pbx.epoch - 24  # in queue_log.1, with five lines of it
    tail = Tail(path, since=since)
    assert lines(read_all(tail)) == pbx.written[-25:]
    assert tail.whole_since == since


def test_a_log_younger_than_the_day_is_whole_from_its_first_line(path: Path) -> None:
    pbx = Pbx(path)
    pbx.write(2)
    tail = Tail(path, since=pbx.epoch - 5000)
    read_all(tail)
    assert tail.whole_since == pbx.epoch - 1


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"inode": 1},
        {"inode": 1, "offset": -5, "head": [0, ""], "line": 0, "dropping": False, "epoch": 0},
        {"head": 7},
    ],
)
def test_a_position_that_is_none(plain: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Position.from_plain(plain)


@pytest.mark.parametrize("seed", range(60))
def test_any_sequence_of_accidents(path: Path, seed: int) -> None:
    """Every appended line is seen exactly once and in order, with kills between any two polls."""
    dice = random.Random(seed)
    pbx = Pbx(path)
    pbx.write(1)  # an empty file that is filled, copied and cut between two looks leaves no trace
    tail = Tail(path, since=1)
    seen: list[bytes] = []
    rotations = 0

    def look() -> None:
        seen.extend(line.raw for line in tail.poll(limit=dice.choice([3, 5000])).lines)

    pending = b""
    for _ in range(80):
        action = dice.random()
        if action < 0.35:
            pbx.write(dice.randint(1, 6))
        elif action < 0.45:  # a line in two pieces
            pending = pbx.line() + b"\n"
            cut = dice.randint(0, len(pending))
            pbx.file.write(pending[:cut])
            look()
            pbx.file.write(pending[cut:])
        elif action < 0.75:
            look()
        elif action < 0.85:
            tail = resumed(tail)
        elif action < 0.91:  # rotation, by Asterisk or by logrotate with a late reload
            rotations += 1
            path.rename(path.with_name(f"queue_log.{dice.choice(['r', 's'])}{rotations}"))
            if dice.random() < 0.5:
                pbx.write(dice.randint(0, 3))
                look()
                if dice.random() < 0.5:
                    path.touch()
                pbx.write(dice.randint(0, 3))
            pbx.reopen()
            pbx.write(1)  # CONFIGRELOAD
        elif action < 0.95:  # copytruncate
            rotations += 1
            shutil.copy(path, path.with_name(f"queue_log.c{rotations}"))
            os.truncate(path, 0)
            pbx.write(1)
    for _ in range(400):
        before = len(seen)
        look()
        if len(seen) == before and seen == pbx.written:
            break
    assert seen == pbx.written
