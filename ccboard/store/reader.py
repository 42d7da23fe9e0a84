"""Reading: one cursor per thread, a deadline on every question, one view of the store per snapshot."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb

from ccboard.errors import StoreError
from ccboard.store.recovery import is_damage

if TYPE_CHECKING:
    from ccboard.store.store import Store

T = TypeVar("T")

DEADLINE_S = 10.0
"""Longest time that one question, or one snapshot, may take."""
EACH = 2048
"""Rows fetched at a time by ``Reader.each``."""


class Reader:
    """A cursor of one thread's own. It outlives a reopening of the store.

    `scratch` is for what a caller computes once and keeps with this cursor (temporary tables and what
    they were made from); it is emptied when the cursor is a new one.
    """

    def __init__(self, store: "Store", deadline_s: float = DEADLINE_S) -> None:
        self.store = store
        self.deadline_s = deadline_s
        self.scratch: dict[str, Any] = {}
        self._lock = threading.RLock()
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._epoch = -1
        self._inside = False

    def rows(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows that `sql` gives. Raises StoreError: too slow, damaged, or closed."""
        if self._inside:
            return self._execute(sql, params)
        return self.consistent(lambda: self._execute(sql, params))

    def each(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows one by one, for who keeps little of many; inside ``consistent`` alone.

        They are to be gone through before anything else is asked.
        """
        assert self._inside
        asked = self._ask(sql, params)
        while rows := asked.fetchmany(EACH):
            yield from rows

    def arrays(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> dict[str, Any]:
        """As ``rows``, but a numpy array per column: for the hundred thousands of rows of a history.

        Names come as arrays of objects; a column with nulls comes masked, so let `sql` leave none.
        """
        def work() -> dict[str, Any]:
            return dict(self._ask(sql, params).fetchnumpy())

        return work() if self._inside else self.consistent(work)

    def consistent(self, work: Callable[[], T]) -> T:
        """Run `work`, all of whose ``rows`` see the store of one moment; the deadline is for all of it.

        After a fatal error of DuckDB the store is opened again and the work done once more.
        """
        for attempt in (1, 2):
            try:
                with self._lock:
                    cursor = self._ready()
                    self._inside = True
                    try:
                        with self._deadline(cursor):
                            cursor.begin()
                            try:
                                result = work()
                                cursor.commit()
                            except BaseException:
                                _abandon(cursor)
                                raise
                        return result
                    finally:
                        self._inside = False
            except duckdb.InterruptException:
                raise StoreError(
                    f"{self.store.path}: a question took longer than {self.deadline_s:g} s and was stopped."
                ) from None
            except (duckdb.FatalException, duckdb.ConnectionException) as error:
                if attempt == 2:
                    raise StoreError(f"{self.store.path}: cannot be read: {error}") from None
                self.store.reopen(self._epoch)
            except duckdb.Error as error:
                if is_damage(str(error)):
                    raise StoreError(
                        f"{self.store.path}: is damaged: {error}. Stop ccboard and move the file away: a"
                        " fresh one is made from what the sources still have."
                    ) from None
                raise StoreError(f"{self.store.path}: cannot be read: {error}") from None
        raise AssertionError("unreachable")

    def interrupt(self) -> None:
        """Give up the question that runs, from another thread: who asked gets a StoreError."""
        cursor = self._cursor
        if cursor is not None:
            cursor.interrupt()

    def close(self) -> None:
        """Let go of the cursor."""
        self.store.forget(self)
        self.drop()

    def drop(self) -> None:
        """Let go of the cursor; the next question takes a new one."""
        with self._lock:
            if self._cursor is not None:
                self._cursor.close()
            self._cursor = None
            self.scratch.clear()

    def _ready(self) -> duckdb.DuckDBPyConnection:
        if self._cursor is None:
            self._cursor, self._epoch = self.store.new_cursor()
        return self._cursor

    def _execute(self, sql: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
        return self._ask(sql, params).fetchall()

    def _ask(self, sql: str, params: Sequence[Any] | Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
        assert self._cursor is not None
        return self._cursor.execute(self.store.parsed.of(self._cursor, sql), params or None)

    @contextmanager
    def _deadline(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        watched = [cursor]  # the timer's thread must not be the last to hold a cursor: see below

        def late() -> None:
            for one in watched:
                one.interrupt()

        timer = threading.Timer(self.deadline_s, late)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            # A thread that frees a DuckDB connection while the interpreter ends takes the process with it.
            timer.cancel()
            watched.clear()


def _abandon(cursor: duckdb.DuckDBPyConnection) -> None:
    """Roll back where there is something to roll back: the error that led here is the one to tell."""
    try:
        cursor.rollback()
    except duckdb.Error:
        return
