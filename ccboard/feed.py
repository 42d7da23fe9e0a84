"""A board's line to its hub: a thread that always has the newest snapshot, and never gives up.

It asks again and again for "what comes after the one that I have" (long polling on one kept
connection). When the hub is gone it says so at once, looks for it again (which may start one), and says
when it is back. A wall screen never needs a hand.
"""

import random
import threading
from collections.abc import Callable, Iterator

from ccboard.client import Address, Connection, HubStopped
from ccboard.errors import CcboardError
from ccboard.snapshot import Snapshot, from_wire

WAIT_S = 2.0
"""How long the hub may hold an answer back. While somebody looks it has news every second."""
GRACE_S = 4.0
"""Silence beyond WAIT_S after which a hub that holds the line but says nothing counts as lost."""
RETRY_S = (0.1, 0.2, 0.5, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 5.0)


class Feed:
    """Calls back from its own thread with what a board must know.

    `on_snapshot` with each snapshot; `on_lost` with the reason, once per loss, and once more when it turns
    out that the hub was stopped on purpose; `on_back` with the first answer after a loss, just before its
    snapshot.

    `find` returns the hub's address and may start a hub; it is called at the start and after each
    loss. What it or the hub raises is a loss, never the end. Callbacks must return soon; a feed whose
    board is slow skips snapshots, it does not queue them.
    """

    def __init__(
        self,
        find: Callable[[], Address],
        on_snapshot: Callable[[Snapshot], None],
        on_lost: Callable[[str], None],
        on_back: Callable[[], None],
    ) -> None:
        self._find = find
        self._on_snapshot = on_snapshot
        self._on_lost = on_lost
        self._on_back = on_back
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._lost = False
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """End, and wait at most `timeout` seconds for it. No callback comes after that."""
        with self._lock:
            self._stopping.set()
            if self._connection is not None:
                self._connection.abort()
        if self._thread is not threading.current_thread() and self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        failures = 0
        told = False
        while not self._stopping.is_set():
            stopped = False
            try:
                for snapshot in self._snapshots(self._find()):
                    failures = 0
                    if self._lost:
                        self._lost = told = False
                        self._on_back()
                    self._on_snapshot(snapshot)
            except CcboardError as error:
                reason = str(error)
                stopped = isinstance(error, HubStopped)
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                reason = f"the hub's answer is not understood ({type(error).__name__}: {error})"
            except Exception as error:  # noqa: BLE001 - no process, thread or folder to be had: said, tried again
                reason = f"{type(error).__name__}: {error}"
            else:
                return
            if self._stopping.is_set():
                return
            if not self._lost or (stopped and not told):
                self._lost, told = True, stopped
                self._on_lost(reason)
            pause = RETRY_S[min(failures, len(RETRY_S) - 1)]
            failures += 1
            self._stopping.wait(pause * random.uniform(0.5, 1.0))

    def _snapshots(self, address: Address) -> Iterator[Snapshot]:
        """Yield snapshots until told to stop; raise when the line is lost."""
        connection = Connection(address)
        with self._lock:
            self._connection = connection
        try:
            seq, held = 0, None  # of this hub: another's numbers mean nothing
            while not self._stopping.is_set():
                said = connection.ask(
                    "GET", f"/v1/board?after={seq}&wait={WAIT_S:g}&partial=1", timeout=WAIT_S + GRACE_S
                ).good()
                if said["seq"] != seq:
                    seq = int(said["seq"])
                    held = from_wire(said["snapshot"], held if said.get("partial") else None)
                    yield held
        finally:
            with self._lock:
                self._connection = None
            connection.close()
