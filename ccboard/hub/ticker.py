"""Computes the snapshot once per tick, for everybody, and keeps the last one if it cannot.

A tick comes soon after each batch and else every second; a hub that nobody looks at ticks rarely, and
at once when somebody asks.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from ccboard.clean import clean
from ccboard.clock import SECOND
from ccboard.hub.encoding import Encoders, encode
from ccboard.hub.roles import OWNER, Viewer, view
from ccboard.snapshot import Snapshot, to_public

log = logging.getLogger(__name__)

PROMISE_S = 0.25
"""A snapshot follows a batch within so many seconds, where the machine can do that."""
SOON_S = (0.05, 0.2)
"""Least and longest time between the beginnings of two ticks while batches come in."""
MARGIN_S = 0.03
"""For the way of a frame to its boards."""
TICK_S = 1.0
FRESH_S = 0.15
ALONE_S = 10.0
"""Time between two ticks while nobody looks."""

Compute = Callable[[Viewer], Snapshot]
"""Makes the live snapshot of now with the queues of a viewer."""


def soon(takes_s: float) -> float:
    """Return the time from one tick to the next while batches come in, if making a frame takes `takes_s`.

    A batch that comes just too late for a tick waits this long and then for its frame.

    >>> soon(0.01), soon(0.12), soon(0.9)
    (0.2, 0.1, 0.05)
    """
    least, longest = SOON_S
    return round(min(longest, max(least, PROMISE_S - MARGIN_S - takes_s)), 3)


def strike(last: float, last_at: int) -> float:
    """Return when the centre's next second strikes, for a frame of `last_at` that was begun at `last`.

    A frame that comes with the clock costs a board one drawing a second, not two. One that has just come
    with a batch will do.

    >>> strike(100.0, 7_000_000), strike(100.0, 7_400_000), round(strike(100.0, 7_900_000), 3)
    (101.0, 100.6, 101.1)
    """
    left = (SECOND - last_at % SECOND) / SECOND
    return last + (left if left >= FRESH_S else left + TICK_S)


class Frame:
    """One tick: the snapshot and its encoded forms, each made once, when first asked for."""

    def __init__(self, seq: int, snapshot: Snapshot, compute: Compute, before: "Frame | None" = None,
                 encoders: Encoders | None = None) -> None:
        self.seq = seq
        self._encoders = encoders or Encoders()
        self._before = before
        if before is not None:
            before.forget()
        self.made = time.monotonic()
        self.snapshot = snapshot
        self._compute = compute
        self._lock = threading.Lock()
        self._scopes: dict[tuple[str, ...], Snapshot] = {(): snapshot}
        self._bytes: dict[tuple[object, ...], bytes] = {}

    def forget(self) -> None:
        """Let the frame before this one go: one step back is enough, and frames are not a chain."""
        self._before = None

    def of(self, viewer: Viewer) -> Snapshot:
        """Return what this viewer may see. For one with queues of their own it may take a query."""
        with self._lock:
            scope = viewer.queues
            if scope not in self._scopes:
                self._scopes[scope] = self._compute(viewer)
            return view(self._scopes[scope], viewer)

    def wire(self, viewer: Viewer, after: int = 0) -> bytes:
        """Return the answer for a board; only what has changed if `after` is the frame before this one."""
        before = self._before_for(after)
        return self._once(("wire", viewer.sight, before is not None), lambda: self._encoders.of(
            viewer.sight).board(self.seq, self.of(viewer), None if before is None else before.of(viewer)))

    def ready(self, viewer: Viewer, after: int = 0) -> bytes | None:
        """Return the answer for a board if it is at hand."""
        return self._bytes.get(("wire", viewer.sight, self._before_for(after) is not None))

    def _before_for(self, after: int) -> "Frame | None":
        before = self._before
        return before if before is not None and after and before.seq == after else None

    def public(self, viewer: Viewer, key: tuple[object, ...], shape: Callable[[dict[str, object]], object]
               ) -> bytes:
        """Return the documented object, shaped by `shape`, which `key` names."""
        return self._once(("public", viewer.sight, key), lambda: encode(shape(to_public(self.of(viewer)))))

    def _once(self, key: tuple[object, ...], make: Callable[[], bytes]) -> bytes:
        found = self._bytes.get(key)
        if found is None:
            found = self._bytes[key] = make()  # two at once make the same bytes twice: no harm
        return found


class Ticker:
    """The thread that makes frames. `viewers` tells how many look; `on_frame` hears of each frame."""

    def __init__(
        self, compute: Compute, viewers: Callable[[], int], on_frame: Callable[[Frame], None]
    ) -> None:
        self._compute = compute
        self._viewers = viewers
        self._on_frame = on_frame
        self._condition = threading.Condition()
        self._dirty = False
        self._asked = True
        self._stopping = False
        self._frame: Frame | None = None
        self._trouble: str | None = None
        self._encoders = Encoders()
        self._seq = 0
        self._takes = 0.0
        self._thread = threading.Thread(target=self._run, name="ticker", daemon=True)

    def start(self) -> None:
        """Begin, with a first frame at once."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        self._thread.join(timeout)

    def poke(self) -> None:
        """There is news in the store."""
        with self._condition:
            self._dirty = True
            self._condition.notify_all()

    def wake(self) -> None:
        """Somebody has come to look: do not wait for the next rare tick."""
        with self._condition:
            self._asked = True
            self._condition.notify_all()

    def frame(self) -> Frame | None:
        """Return the last frame; None before the first."""
        return self._frame

    @property
    def trouble(self) -> str | None:
        """Why the figures could not be computed the last time; None where they could."""
        return self._trouble

    def fresh(self, max_age_s: float = TICK_S, timeout: float = 5.0) -> Frame | None:
        """Return a frame that is at most `max_age_s` old, waiting for one up to `timeout` seconds.

        A frame that could not be renewed in that time is returned all the same: its as_of tells.
        """
        until = time.monotonic() + timeout
        with self._condition:
            while not self._stopping:
                frame, now = self._frame, time.monotonic()
                if (frame is not None and now - frame.made <= max_age_s) or now >= until:
                    break
                self._asked = True
                self._condition.notify_all()
                self._condition.wait(until - now)
        return self._frame

    def _run(self) -> None:
        last, last_at = 0.0, 0
        while True:
            with self._condition:
                while not self._stopping:
                    looked_at = self._viewers() > 0
                    due = strike(last, last_at) if looked_at else last + ALONE_S
                    if self._asked or (self._dirty and looked_at):
                        due = min(due, last + soon(self._takes))
                    left = due - time.monotonic()
                    if left <= 0:
                        break
                    self._condition.wait(left)
                if self._stopping:
                    return
                self._dirty = self._asked = False
            last = time.monotonic()
            frame = self._make()
            self._takes += (time.monotonic() - last - self._takes) / 2
            if frame is None:
                continue
            last_at = frame.snapshot.as_of if self._trouble is None else 0  # in trouble: once a second
            with self._condition:
                self._frame = frame
                self._condition.notify_all()
            self._on_frame(frame)

    def _make(self) -> Frame | None:
        """Return the next frame; where it cannot be computed the last one again, with a notice."""
        self._seq += 1
        try:
            before = self._frame
            frame = Frame(self._seq, self._compute(OWNER), self._compute, before, self._encoders)
            if self._viewers():  # here rather than in the server's loop
                frame.wire(OWNER, 0 if before is None else before.seq)
        except Exception as error:
            said = clean(f"figures could not be computed: {type(error).__name__}: {error}", 300)
            if said != self._trouble:
                log.exception("figures could not be computed")
                self._trouble = said
            if self._frame is None:
                return None
            old = self._frame.snapshot
            notices = (said, *(n for n in old.notices if n != said and "could not be computed" not in n))
            again = Frame(self._seq, replace(old, notices=notices[:20]), self._compute,
                          encoders=self._encoders)
            again.made = self._frame.made
            return again
        if self._trouble is not None:
            log.info("figures can be computed again")
            self._trouble = None
        return frame
