"""Keeps what can be said of the data: asked anew once a minute at most, on a thread of its own.

A frame takes the panel as it lies there and never waits. The questions pause between one another, and
together they take at most one part in a hundred of a core.
"""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import TypeAlias
from zoneinfo import ZoneInfo

from ccboard.clean import clean
from ccboard.config import Config
from ccboard.panel_quality import QualityPanel
from ccboard.store.reader import Reader
from ccboard.store.store import Store

log = logging.getLogger(__name__)

FIRST_S, EVERY_S, SHARE = 10.0, 60.0, 100
"""So long after the start, then every so many seconds, or as seldom as it takes to use one in `SHARE`."""
BREATHE_S = 0.01
DEADLINE_S = 30.0
NICE = 10
UNSEEN_S = 600.0
"""Of queues that nobody has looked at for so long nothing is worked out any more."""

Scope: TypeAlias = tuple[str, ...]
"""The queues that a viewer may see; none named: all."""


class _StoppedError(Exception):
    """The hub leaves."""


class QualityKeeper:
    """The thread. `config_of` gives the configuration that a scope sees, `now` the centre's time."""

    def __init__(self, store: Store, now: Callable[[], int], config_of: Callable[[Scope], Config],
                 zone: Callable[[], ZoneInfo]) -> None:
        self._store, self._now, self._config_of, self._zone = store, now, config_of, zone
        self._panels: dict[Scope, QualityPanel | None] = {(): None}
        self._asked: dict[Scope, float] = {}
        self._stopping = threading.Event()
        self._reader: Reader | None = None
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="quality", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End; a question that runs is given up."""
        self._stopping.set()
        if self._reader is not None:
            self._reader.interrupt()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def of(self, scope: Scope) -> QualityPanel | None:
        """Return the newest panel for who sees these queues; None until it is there. Never waits."""
        self._asked[scope] = time.monotonic()
        return self._panels.get(scope)

    def _run(self) -> None:
        with contextlib.suppress(OSError, AttributeError):  # not everywhere may a thread be nice by itself
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        self._reader = self._store.reader(DEADLINE_S)
        wait = FIRST_S
        try:
            while not self._stopping.wait(wait):
                used = time.thread_time()
                for scope in self._wanted():
                    self._try(scope)
                wait = max(EVERY_S, SHARE * (time.thread_time() - used))
        finally:
            self._reader.close()

    def _wanted(self) -> list[Scope]:
        """Return the scopes that somebody looks at, and everything."""
        now = time.monotonic()
        seen = [scope for scope, at in list(self._asked.items()) if scope and now - at < UNSEEN_S]
        for scope in [scope for scope in self._panels if scope and scope not in seen]:
            del self._panels[scope]
        return [(), *seen]

    def _try(self, scope: Scope) -> None:
        """Ask for one scope; a fault is said once and the last panel stays."""
        from ccboard.quality.report import of_day

        assert self._reader is not None
        try:
            self._panels[scope] = of_day(self._reader, self._now(), self._config_of(scope), self._zone(),
                                         self._pause)
        except _StoppedError:
            return
        except Exception as error:
            said = clean(f"{type(error).__name__}: {error}", 300)
            if said != self._trouble and not self._stopping.is_set():
                log.exception("what can be said of the data could not be worked out")
            self._trouble = said
        else:
            self._trouble = ""

    def _pause(self) -> None:
        if self._stopping.wait(BREATHE_S):
            raise _StoppedError
