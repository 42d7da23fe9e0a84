"""The one thread that writes to the store: batches in, one transaction each, in the order they came.

Its queue is bounded, so that a slow disk holds the sources back instead of filling the memory. A store
that cannot be written (disk full) is tried again with the same batch until it can, and said meanwhile:
nothing is lost, because the source's cursor stands in the same transaction. A record that the store
cannot take is put aside and said, and the others of its batch go on.
"""

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from ccboard.clean import clean
from ccboard.errors import StoreError
from ccboard.records import Batch, Reject

log = logging.getLogger(__name__)
T = TypeVar("T")

DEPTH = 16
"""Batches that may wait before sources are held back."""
MERGE = 2000
"""Records of one source that are written together when batches have queued up: a group commit."""
RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)
CHECKPOINT_S = 60.0
DATA_ERRORS = (TypeError, ValueError, ArithmeticError, AttributeError, LookupError)
"""What a single bad record can cause. Everything else is taken as the store's trouble and tried again."""


class Writable(Protocol):
    """What the writer needs of the store."""

    def apply(self, batch: Batch, key: str = "live") -> int:
        """Write records and cursor in one transaction; return how many changed something."""
        ...

    def checkpoint(self) -> None:
        """Fold the log into the file."""
        ...


class WriterClosedError(Exception):
    """The writer has ended; what was asked for did not happen."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a batch: how many records changed something, and those the store refused."""

    changed: int
    refused: tuple[Reject, ...] = ()


@dataclass(slots=True)
class _Work:
    done: "Future[Any]"
    batch: Batch | None = None
    key: str = "live"
    call: Callable[[], Any] | None = None


class Writer:
    """Owns all writing. `on_commit` is called, on the writer's thread, after each commit with news."""

    def __init__(self, store: Writable, on_commit: Callable[[], None], *, depth: int = DEPTH) -> None:
        self._store = store
        self._on_commit = on_commit
        self._queue: queue.Queue[_Work] = queue.Queue(depth)
        self._kept: _Work | None = None
        self._closing = threading.Event()
        self._give_up = threading.Event()
        self._ended = threading.Event()
        self._dirty = False
        self._checked = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self.trouble: str | None = None
        """Why nothing can be written at present, for the board; None when all is well."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self, timeout: float = 5.0) -> None:
        """Write what has queued up, for at most `timeout` seconds, and end."""
        self._closing.set()
        with contextlib.suppress(queue.Full):  # wakes it; where the queue is full it is awake
            self._queue.put_nowait(_Work(Future(), call=lambda: None))
        self._thread.join(timeout)
        if self._thread.is_alive():
            self._give_up.set()
            self._thread.join(timeout)
        self._refuse_rest()

    def put(self, batch: Batch, key: str = "live", *, while_: Callable[[], bool] = lambda: True
            ) -> "Future[Written]":
        """Queue a batch; blocks while the queue is full and `while_` says to go on waiting.

        Raises WriterClosedError when it did not get in.
        """
        future: Future[Written] = Future()
        self._enqueue(_Work(future, batch, key), while_)
        return future

    def call(self, function: Callable[[], T], timeout: float | None = None) -> T:
        """Run `function` between two transactions and return its result."""
        future: Future[T] = Future()
        until = None if timeout is None else time.monotonic() + timeout
        self._enqueue(_Work(future, call=function), lambda: until is None or time.monotonic() < until)
        return future.result(None if until is None else max(0.0, until - time.monotonic()))

    def _enqueue(self, work: _Work, while_: Callable[[], bool]) -> None:
        while not self._closing.is_set() and while_():
            try:
                self._queue.put(work, timeout=0.25)
            except queue.Full:
                continue
            if self._ended.is_set():  # it got in behind the thread's last look
                self._refuse_rest()
            return
        raise WriterClosedError

    def _run(self) -> None:
        while True:
            work = self._next()
            if work is None:
                if self._closing.is_set():
                    break
                self._tidy()
                continue
            self._do(work)
            self._tidy()
        self._ended.set()  # before the last look: whoever gets in behind it sees this
        self._refuse_rest()

    def _refuse_rest(self) -> None:
        """Answer what nobody will do any more. From any thread."""
        while True:
            try:
                left = self._queue.get_nowait()
            except queue.Empty:
                return
            left.done.set_exception(WriterClosedError())

    def _next(self, *, wait: bool = True) -> _Work | None:
        if self._kept is not None:
            kept, self._kept = self._kept, None
            return kept
        try:
            return self._queue.get(wait and not self._closing.is_set(), timeout=1.0)
        except queue.Empty:
            return None

    def _do(self, work: _Work) -> None:
        if self._give_up.is_set():
            work.done.set_exception(WriterClosedError())
            return
        if work.batch is None:
            assert work.call is not None
            try:
                work.done.set_result(work.call())
            except Exception as error:  # noqa: BLE001 - it goes to who asked
                work.done.set_exception(error)
            return
        group, batch = self._gather(work, work.batch)
        try:
            written = self._keep_trying(batch, work.key)
        except WriterClosedError as error:
            for one in group:
                one.done.set_exception(error)
            return
        self._dirty = True
        for one in group:
            one.done.set_result(written)
            written = Written(0)  # what changed and what was refused is told once
        self._on_commit()

    def _gather(self, work: _Work, batch: Batch) -> tuple[list[_Work], Batch]:
        """Merge the batches of the same source that stand next in the queue: one commit for all."""
        group, records, rejects, cursor = [work], batch.records, batch.rejects, batch.cursor
        while len(records) < MERGE:
            following = self._next(wait=False)
            if following is None:
                break
            other = following.batch
            if other is None or other.source != batch.source or following.key != work.key:
                self._kept = following
                break
            group.append(following)
            records, rejects = records + other.records, rejects + other.rejects
            cursor = cursor if other.cursor is None else other.cursor
        return group, Batch(batch.source, records, cursor, rejects)

    def _keep_trying(self, batch: Batch, key: str) -> Written:
        tries = 0
        while True:
            try:
                written = self._apply(batch, key)
            except Exception as error:
                said = str(error) if isinstance(error, StoreError) else f"{type(error).__name__}: {error}"
                trouble = f"the store cannot be written, sources wait: {clean(said, 300)}"
                if trouble != self.trouble:
                    log.error("%s", trouble, exc_info=not isinstance(error, StoreError))
                    self.trouble = trouble
                if self._give_up.wait(RETRY_S[min(tries, len(RETRY_S) - 1)]) or (
                    self._closing.is_set() and tries > 0
                ):
                    raise WriterClosedError from None
                tries += 1
                continue
            if self.trouble is not None:
                log.info("the store can be written again")
                self.trouble = None
            return written

    def _apply(self, batch: Batch, key: str) -> Written:
        """Write a batch; where a record is at fault, find it by halves and leave only that one out.

        The cursor goes with the last part, so that a crash in between reads the batch again.
        """
        try:
            return Written(self._store.apply(batch, key))
        except Exception as error:
            if not _is_data(error) or not batch.records:
                raise
            fault = error
        records = batch.records
        if len(records) > 1:
            half = len(records) // 2
            first = self._apply(Batch(batch.source, records[:half], None, batch.rejects), key)
            rest = self._apply(Batch(batch.source, records[half:], batch.cursor), key)
            return Written(first.changed + rest.changed, first.refused + rest.refused)
        log.error("source %s: a record that the store cannot take", batch.source, exc_info=fault)
        reject = Reject("store", clean(f"{type(fault).__name__}: {fault}"), clean(repr(records[0])))
        self._store.apply(Batch(batch.source, (), batch.cursor, (*batch.rejects, reject)), key)
        return Written(0, (reject,))

    def _tidy(self) -> None:
        if not self._dirty or time.monotonic() - self._checked < CHECKPOINT_S:
            return
        self._checked = time.monotonic()
        self._dirty = False
        try:
            self._store.checkpoint()
        except Exception as error:  # noqa: BLE001 - the next batch meets the same trouble and says it
            log.warning("checkpoint: %s: %s", type(error).__name__, clean(str(error), 300))


def _is_data(error: Exception) -> bool:
    """Tell whether a record is at fault rather than the store: by type, or by the database's own word."""
    if isinstance(error, StoreError):
        cause = error.__cause__ or error.__context__
        return any(kind.__name__ in ("DataError", "IntegrityError") for kind in type(cause).__mro__)
    return isinstance(error, DATA_ERRORS)
