"""The writer: one transaction per batch, nothing lost while the store is in trouble."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from ccboard.errors import StoreError
from ccboard.records import Batch, QueueKnown, Record
from ccboard.writer import MERGE, Writer, WriterClosedError


class Disk:
    """A store double: keeps what it is given, and fails the way it is told to."""

    def __init__(self) -> None:
        self.applied: list[tuple[Batch, str]] = []
        self.full = False
        self.tries = 0
        self.wrong: Callable[[Record], BaseException | None] = lambda record: None
        self.gate = threading.Event()
        self.gate.set()

    def apply(self, batch: Batch, key: str = "live") -> int:
        self.gate.wait(10)
        self.tries += 1
        if self.full:
            raise StoreError("the disk is full")
        for record in batch.records:
            if (error := self.wrong(record)) is not None:
                raise error
        self.applied.append((batch, key))
        return len(batch.records)

    def checkpoint(self) -> None:
        pass

    def records(self) -> list[Record]:
        return [record for batch, _ in self.applied for record in batch.records]


def known(number: int, source: str = "a") -> QueueKnown:
    return QueueKnown(source=source, queue=f"q{number}", at=number)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def writer(disk: Disk) -> Iterator[Writer]:
    made = Writer(disk, lambda: None)
    made.start()
    yield made
    disk.gate.set()
    made.close(1)


def until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("did not come true in 5 s")


def test_a_batch_is_written_and_told(disk: Disk, writer: Writer) -> None:
    assert writer.put(Batch("a", (known(1), known(2)), "c1"), "history").result(5).changed == 2
    assert disk.applied == [(Batch("a", (known(1), known(2)), "c1"), "history")]


def test_a_full_disk_loses_nothing_and_is_said(disk: Disk, writer: Writer) -> None:
    disk.full = True
    futures = [writer.put(Batch("a", (known(n),), f"c{n}")) for n in range(5)]
    until(lambda: writer.trouble is not None)
    assert "the disk is full" in str(writer.trouble)
    disk.full = False
    for future in futures:
        future.result(10)
    assert disk.records() == [known(n) for n in range(5)]
    assert disk.applied[-1][0].cursor == "c4"
    assert writer.trouble is None


def test_a_full_queue_holds_the_source_back(disk: Disk) -> None:
    writer = Writer(disk, lambda: None, depth=2)
    disk.gate.clear()
    writer.start()
    patience = iter([True] * 6)

    def bring_too_much() -> None:
        for n in range(100):  # of sources in turn, so that batches cannot be merged
            writer.put(Batch("ab"[n % 2], (known(n, "ab"[n % 2]),)), while_=lambda: next(patience, False))

    with pytest.raises(WriterClosedError):
        bring_too_much()
    disk.gate.set()
    writer.close(5)
    assert 2 <= len(disk.records()) <= 4


def test_what_queued_up_is_one_commit_with_the_last_cursor(disk: Disk, writer: Writer) -> None:
    disk.gate.clear()
    first = writer.put(Batch("b", (known(0, "b"),)))
    futures = [writer.put(Batch("a", (known(n),), f"c{n}" if n < 4 else None)) for n in range(6)]
    last = writer.put(Batch("b", (known(9, "b"),)))
    disk.gate.set()
    for future in (first, *futures, last):
        future.result(5)
    assert [batch.source for batch, _ in disk.applied] == ["b", "a", "b"]
    assert disk.applied[1][0].cursor == "c3"
    assert len(disk.applied[1][0].records) == 6
    assert sum(future.result().changed for future in futures) == 6
    assert len(disk.applied[1][0].records) < MERGE


@pytest.mark.parametrize("error", [ValueError("year 30000"), OverflowError("date value out of range")])
def test_one_bad_record_is_put_aside_and_the_others_are_kept(
    disk: Disk, writer: Writer, error: Exception
) -> None:
    disk.wrong = lambda record: error if record == known(5) else None
    written = writer.put(Batch("a", tuple(known(n) for n in range(9)), "c")).result(5)
    assert disk.records() == [known(n) for n in range(9) if n != 5]
    assert disk.applied[-1][0].cursor == "c"
    assert [batch.cursor for batch, _ in disk.applied[:-1]] == [None] * (len(disk.applied) - 1)
    assert len(written.refused) == 1
    assert str(error) in written.refused[0].reason


def test_a_word_of_the_database_against_a_record_counts_as_one(disk: Disk, writer: Writer) -> None:
    class DataError(Exception):
        pass

    def wrong(record: Record) -> Exception | None:
        if record == known(1):
            try:
                raise DataError("Conversion Error")
            except DataError:
                raise StoreError("cannot be written: Conversion Error") from None
        return None

    disk.wrong = wrong
    assert len(writer.put(Batch("a", (known(0), known(1), known(2)))).result(5).refused) == 1
    assert disk.records() == [known(0), known(2)]


def test_an_unknown_error_is_taken_as_trouble_and_not_as_a_bad_record(disk: Disk, writer: Writer) -> None:
    disk.wrong = lambda record: OSError("I/O error") if disk.tries < 3 else None
    assert writer.put(Batch("a", (known(1),), "c")).result(10).refused == ()
    assert disk.records() == [known(1)]


def test_closing_writes_what_queued_up(disk: Disk) -> None:
    writer = Writer(disk, lambda: None)
    writer.start()
    disk.gate.clear()
    futures = [writer.put(Batch("a", (known(n),))) for n in range(3)]
    threading.Timer(0.1, disk.gate.set).start()
    writer.close(5)
    assert [future.exception(0) for future in futures] == [None] * 3
    with pytest.raises(WriterClosedError):
        writer.put(Batch("a", (known(9),)))


def test_closing_on_a_full_disk_ends_and_says_what_was_not_written(disk: Disk) -> None:
    writer = Writer(disk, lambda: None)
    writer.start()
    disk.full = True
    future = writer.put(Batch("a", (known(1),)))
    until(lambda: writer.trouble is not None)
    writer.close(1)
    assert isinstance(future.exception(1), WriterClosedError)
    assert not writer._thread.is_alive()


def test_calls_run_between_transactions_in_order(disk: Disk, writer: Writer) -> None:
    disk.gate.clear()
    writer.put(Batch("a", (known(1),)))
    threading.Timer(0.05, disk.gate.set).start()
    assert writer.call(lambda: len(disk.applied), 5) == 1
    with pytest.raises(ZeroDivisionError):
        writer.call(lambda: 1 // 0, 5)
