"""One source on a thread of its own: made, opened, polled, and made again when it raises.

What it brings goes to the writer; whether it was heard, failed, raised or hangs is known all the time.
"""

import logging
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from ccboard.callers import Callers
from ccboard.clean import clean
from ccboard.clock import SECOND, Clock
from ccboard.errors import CcboardError
from ccboard.metrics.floor import Health
from ccboard.records import Batch, Contact, Record, Reject, SourceStatus
from ccboard.source import Data, Failed, Nothing, Polled, Release, Source
from ccboard.writer import Writable, Writer, WriterClosedError, Written

log = logging.getLogger(__name__)
T = TypeVar("T")

WAIT_S = 0.5
"""Longest `wait_s` given to ``poll``: also how long a stop may take."""
BACKOFF_S = (0.5, 30.0)
"""First and longest pause after a failure; doubled in between, and shortened by up to half at random."""
HUNG_S = 10.0
"""A call into a source that lasts longer than this is said."""
REASONS = 20
"""Different reasons of rejects that are counted by name; the rest is "other"."""
RELEASE_OLD = 10 * 60 * SECOND
"""Reserves that were called longer ago than this are here, or the alarm is over: nobody is sent again."""
RELEASES = 100
"""Calls of reserves that are kept for a source that is not there to hear of them."""
SAY_FAILURE_S = 60
"""A source that fails again and again with changing words is recorded at most this often."""


class Registry(Writable, Protocol):
    """What the collector needs of the store."""

    def register(self, name: str, type: str, promise_s: float, sees: frozenset[str]) -> None:  # noqa: A002
        """Make a source known."""
        ...

    def cursor(self, source: str, key: str = "live") -> str | None:
        """Return where a source is to go on."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """A source to run, and how to make it (again)."""

    name: str
    kind: str
    make: Callable[[], Source]


class Runner:
    """One source's thread and what is known of its health."""

    def __init__(self, plan: Plan, store: Registry, writer: Writer, clock: Clock, callers: Callers) -> None:
        self.plan = plan
        self.callers = callers
        self._store = store
        self._writer = writer
        self._clock = clock
        self._promise = 5 * SECOND
        self._stopping = threading.Event()
        self._released: deque[Release] = deque(maxlen=RELEASES)  # not heard of by the source yet
        self._abandoned = False
        self._lock = threading.Lock()
        self._inside: tuple[str, float] | None = None
        self._heard_at: int | None = None
        self._unwritten: deque[int | None] = deque()  # when the batches were heard that are not stored yet
        self._stored = False  # whether anything that it brought is in the store
        self._alive_from: int | None = None
        self._alive_said = 0
        self._error: str | None = None
        self._failed_said = (0, "")
        self._troubles: tuple[str, ...] = ()
        self._rows = 0
        self._rejects = 0
        self._reasons: Counter[str] = Counter()
        self._failures = 0
        self._thread = threading.Thread(target=self._run, name=f"source {plan.name}", daemon=True)

    # From other threads.

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def tell_released(self, release: Release) -> None:
        """Let the source hear that reserves are called, before it is asked the next time."""
        self._released.append(release)

    def tell_to_stop(self) -> None:
        """Ask the thread to end; do not wait."""
        self._stopping.set()

    def join(self, timeout: float) -> bool:
        """Wait for the end; False: the source does not return, and whatever it still brings is dropped."""
        self._thread.join(max(0.0, timeout))
        if self._thread.is_alive():
            self._abandoned = True
            log.error("source %s does not return from %s: left behind", self.plan.name,
                      self._inside[0] if self._inside else "its thread")
        return not self._abandoned

    def health(self) -> Health:
        """Return what is known now."""
        with self._lock:
            inside, error = self._inside, self._error
            if inside is not None and (lasts := time.monotonic() - inside[1]) > HUNG_S:
                error = f"does not return from {inside[0]} for {lasts:.0f} s (a fault of this source's code)"
            # Heard is what can be seen: before the first commit fresh figures would be zeros, and those of a
            # store that cannot be written are as old as the first thing that is not in them.
            heard_at = self._unwritten[0] if self._unwritten else self._heard_at
            return Health(
                heard_at=heard_at if self._stored else None, error=error, troubles=self._troubles,
                rows=self._rows, rejects=self._rejects, reject_reasons=tuple(self._reasons.most_common()),
            )

    # On the source's own thread.

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._live_once()
        except WriterClosedError:
            log.debug("source %s: the writer has ended", self.plan.name)

    def _live_once(self) -> None:
        """Make the source, follow it until it raises or is told to stop, and let go of it."""
        source: Source | None = None
        try:
            name, plan = self.plan.name, self.plan
            source = made = self._in("its constructor", plan.make)
            # On a clock that runs faster the same pause of the host's time is longer.
            promise_s = made.promise_s * max(1.0, getattr(self._clock, "speed", 1.0))
            self._promise = int(promise_s * SECOND)
            self._writer.call(lambda: self._store.register(name, plan.kind, promise_s, made.sees))
            # Asked on the writer's thread, behind all batches of this source: never an older one.
            cursor = self._writer.call(lambda: self._store.cursor(name))
            self._in("open()", lambda: made.open(cursor))
            while not self._stopping.is_set():
                self._once(made)
        except WriterClosedError:
            raise
        except Exception as error:
            if isinstance(error, CcboardError):  # its words are meant for the user as they are
                self._fail(str(error))
            else:
                log.exception("source %s", self.plan.name)
                self._fail(f"{type(error).__name__}: {error}")
            self._pause(None)
        finally:
            if source is not None:
                self._close(source)

    def _once(self, source: Source) -> None:
        while self._released:
            release = self._released.popleft()
            if self._clock.now() - release.at <= RELEASE_OLD:
                self._in("released()", partial(source.released, release))
        began = time.monotonic()
        polled: Polled = self._in("poll()", lambda: source.poll(WAIT_S))
        if self._abandoned:
            return
        match polled:
            case Data():
                if polled.heard:
                    self._hear(polled.troubles)
                self._take(polled)
            case Nothing():
                self._hear(polled.troubles)
                self._say_alive()
                self._stored = self._stored or not self._rows
                if time.monotonic() - began < 0.01:  # one that does not wait must not eat a processor
                    self._stopping.wait(0.05)
            case Failed():
                self._fail(polled.error)
                self._pause(polled.retry_s)
            case _:
                raise TypeError(f"poll() returned {type(polled).__name__}, not Data, Nothing or Failed")

    def _in(self, where: str, call: Callable[[], T]) -> T:
        """Call into the source, so that a call which does not return can be named."""
        with self._lock:
            self._inside = (where, time.monotonic())
        try:
            return call()
        except SystemExit as error:  # a plug-in that calls sys.exit must not end its thread in silence
            raise RuntimeError(f"{where} called sys.exit({error.code})") from None
        finally:
            with self._lock:
                self._inside = None

    def _close(self, source: Source) -> None:
        try:
            self._in("close()", source.close)
        except Exception:
            log.exception("source %s: close()", self.plan.name)

    def _pause(self, retry_s: float | None) -> None:
        """Wait before the next try: as long as the source says, else doubling and jittered."""
        self._failures += 1
        if retry_s is None:
            first, longest = BACKOFF_S
            retry_s = min(longest, first * 2.0 ** min(self._failures - 1, 16)) * random.uniform(0.5, 1.0)
        self._stopping.wait(min(max(retry_s, 0.05), 3600.0))

    def _hear(self, troubles: tuple[str, ...]) -> None:
        now = self._clock.now()
        troubles = tuple(clean(trouble, 300) for trouble in troubles[:10])
        with self._lock:
            # A silence of twice the promise was shown as late: the stretch before it has ended.
            if (self._alive_from is None or self._heard_at is None
                    or not 0 <= now - self._heard_at <= 2 * self._promise):
                self._alive_from = now
                self._alive_said = 0
            if self._error is not None:
                log.info("source %s: answers again", self.plan.name)
            for trouble in troubles:
                if trouble not in self._troubles:
                    log.warning("source %s: %s", self.plan.name, trouble)
            self._heard_at, self._error, self._troubles, self._failures = now, None, troubles, 0

    def _alive(self) -> tuple[Record, ...]:
        """Return the record that says since when the source has been heard without a break."""
        if self._alive_from is None or self._heard_at is None:
            return ()
        self._alive_said = self._heard_at
        return (SourceStatus(source=self.plan.name, kind="alive", at=self._alive_from, until=self._heard_at),)

    def _say_alive(self) -> None:
        """Record that the source was heard, about once in its promise: one small write."""
        if self._heard_at is not None and self._heard_at - self._alive_said >= self._promise:
            self._put(Batch(self.plan.name, self._alive()))

    def _fail(self, error: str) -> None:
        said = clean(error, 300) or "it failed without a word"
        now = self._clock.now()
        with self._lock:
            news = self._error is None
            different = self._error != said
            self._error, self._troubles = said, ()
        if different:
            log.warning("source %s: %s", self.plan.name, said)
        last, text = self._failed_said
        if news or (text != said and now - last >= SAY_FAILURE_S * SECOND):
            self._failed_said = (now, said)
            failed = SourceStatus(source=self.plan.name, kind="failed", at=now, text=said)
            self._put(Batch(self.plan.name, (*self._alive(), failed)))
        self._alive_from = None

    def _take(self, data: Data) -> None:
        """Check what a source brought and hand it to the writer, with the policy on callers applied."""
        kept: list[Record] = []
        rejects = list(data.rejects)
        for record in data.records:
            if getattr(record, "source", None) != self.plan.name:
                what = f"{type(record).__name__} of another source or none"
                rejects.append(Reject(f"source {self.plan.name}", what, clean(repr(record))))
            elif isinstance(record, Contact):
                kept.append(self.callers.apply(record))
            else:
                kept.append(record)
        rejects = [self.callers.refuse(reject) for reject in rejects]
        self._count(len(kept), rejects)
        self._put(Batch(self.plan.name, (*kept, *self._alive()), data.cursor, tuple(rejects)))

    def _count(self, rows: int, rejects: list[Reject]) -> None:
        with self._lock:
            self._rows += rows
            self._rejects += len(rejects)
            for reject in rejects:
                if reject.reason not in self._reasons:
                    if len(self._reasons) >= REASONS:
                        self._reasons["other"] += 1
                        continue
                    log.warning("source %s: %s: %s", self.plan.name, clean(reject.where),
                                clean(reject.reason))  # its text is in the store alone
                self._reasons[reject.reason] += 1

    def _put(self, batch: Batch) -> None:
        with self._lock:
            self._unwritten.append(self._heard_at)
        try:
            future = self._writer.put(batch, while_=lambda: not self._abandoned)
        except WriterClosedError:
            with self._lock:
                self._unwritten.pop()
            raise
        future.add_done_callback(self._written)

    def _written(self, future: "Future[Written]") -> None:
        with self._lock:
            self._unwritten.popleft()  # written in the order in which they were put
        if future.exception() is not None:
            return
        self._stored = True
        if refused := future.result().refused:
            self._count(-len(refused), list(refused))

