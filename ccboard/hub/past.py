"""Works out panels of other moments, one at a time, for boards that travel in time and may not wait.

Whoever comes too early is told to ask again, and what was worked out meanwhile lies there for them: however
long it takes and whoever asks for other moments, nobody's question begins anew. What is kept is bounded, in
number and in time (late records change the past, too).
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Final, Generic, TypeVar

from ccboard.clean import clean
from ccboard.errors import StoreError
from ccboard.store.reader import Reader
from ccboard.store.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")

KEPT: Final = 8
"""Moments kept at the most."""
KEPT_S: Final = 60.0
"""So many seconds of the host a moment is kept."""
_AGAIN_S: Final = 0.05


class _Moment(Generic[T]):
    """A moment that is worked out, or was. `made_from` is held, so that nothing else can pass for it."""

    def __init__(self, made_from: object) -> None:
        self.made_from = made_from
        self.ended = threading.Event()
        self.ended_at = 0.0
        self.found: T | None = None
        self.failed = False


class Past(Generic[T]):
    """What is worked out on a thread of its own. `what` names it in the log, `name` is the thread's."""

    def __init__(self, store: Store, deadline_s: float, name: str, what: str) -> None:
        self._store, self._deadline_s, self._name, self._what = store, deadline_s, name, what
        self._lock = threading.Lock()
        self._moments: OrderedDict[Hashable, _Moment[T]] = OrderedDict()
        self._busy: _Moment[T] | None = None
        self._readers: set[Reader] = set()
        self._stopping = False
        self._trouble = ""

    def ask(self, key: Hashable, made_from: object, work: Callable[[Reader], T], patience_s: float
            ) -> tuple[bool, T | None]:
        """Return (True, what `work` gave) within the patience, or (False, None): ask again.

        (True, None) where it cannot be said: the store could not tell, which is forgotten once it was handed
        on, or a fault, which is kept like a result and stands in the log.
        """
        until = time.monotonic() + patience_s
        while True:
            with self._lock:
                moment = self._known(key, made_from)
                if moment is not None and moment.ended.is_set():
                    if moment.failed:
                        del self._moments[key]
                    return True, moment.found
                if self._stopping:
                    return True, None
                if self._busy is None:
                    if moment is None:
                        moment = self._moments[key] = _Moment(made_from)
                    self._begin(key, moment, work)
                busy = self._busy
            left = until - time.monotonic()
            if left <= 0 or busy is None:
                return False, None
            busy.ended.wait(left)

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """Lend a reader whose questions are given up when the hub leaves. Raises StoreError."""
        with self._lock:
            if self._stopping:
                raise StoreError("the hub leaves")
            reader = self._store.reader(self._deadline_s)
            self._readers.add(reader)
        try:
            yield reader
        finally:
            reader.close()
            with self._lock:
                self._readers.discard(reader)

    def stop(self, timeout: float = 5.0) -> None:
        """Give up what runs and wait until it is over: no question may outlive the store."""
        until = time.monotonic() + timeout
        with self._lock:
            self._stopping = True
        while time.monotonic() < until:
            with self._lock:
                readers, busy = list(self._readers), self._busy
            if not readers and busy is None:
                return
            for reader in readers:  # again and again: between two questions there is nothing to give up
                reader.interrupt()
            time.sleep(_AGAIN_S)
        log.warning("%s of another moment still runs", self._what)

    def _known(self, key: Hashable, made_from: object) -> _Moment[T] | None:
        """Return what there is of a moment; drop what is too old or too much."""
        now = time.monotonic()
        for old, moment in list(self._moments.items()):
            if moment.ended.is_set() and (now - moment.ended_at > KEPT_S or len(self._moments) > KEPT):
                del self._moments[old]
        found = self._moments.get(key)
        if found is not None and found.made_from is not made_from:
            del self._moments[key]
            return None
        return found

    def _begin(self, key: Hashable, moment: _Moment[T], work: Callable[[Reader], T]) -> None:
        self._busy = moment
        thread = threading.Thread(target=self._run, args=(moment, work), name=self._name, daemon=True)
        try:
            thread.start()
        except BaseException:
            self._busy = None
            del self._moments[key]
            raise

    def here(self, work: Callable[[Reader], T]) -> T | None:
        """Work something out on the thread that asks, however long it takes; None where it cannot be said."""
        return self._tried(work)[0]

    def _run(self, moment: _Moment[T], work: Callable[[Reader], T]) -> None:
        try:
            moment.found, moment.failed = self._tried(work)
        finally:
            with self._lock:
                self._busy = None
                moment.ended_at = time.monotonic()
                moment.ended.set()

    def _tried(self, work: Callable[[Reader], T]) -> tuple[T | None, bool]:
        """Return what `work` gave, and whether the store could not tell. A fault is logged once."""
        try:
            with self.reader() as reader:
                found = work(reader)
        except StoreError as error:
            if not self._stopping:
                log.warning("%s of another moment: %s", self._what, error)
            return None, True
        except Exception as error:
            said = clean(f"{type(error).__name__}: {error}", 300)
            if said != self._trouble and not self._stopping:
                log.exception("%s of another moment could not be worked out", self._what)
            self._trouble = said
            return None, False
        self._trouble = ""
        return found, False
