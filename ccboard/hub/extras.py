"""Keeps the figures that the configuration chose for its pages: worked out beside the frames.

A frame takes them as they lie there and never waits. The thread begins where something is configured, and not
before. Rounds are as seldom as it takes to use one part in `SHARE` of a core, within reason.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from zoneinfo import ZoneInfo

from ccboard.clean import clean
from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.errors import StoreError
from ccboard.figures.extras import PROMISE_S, asks, extras, layout
from ccboard.panel_extras import ExtrasPanel
from ccboard.store.reader import Reader
from ccboard.store.store import Store

log = logging.getLogger(__name__)

EVERY_S, SHARE = 10.0, 50
DEADLINE_S = 30.0
UNSEEN_S = 600.0
"""For queues that nobody has looked at for so long nothing is worked out any more."""

Scope: TypeAlias = tuple[str, ...]
"""The queues that a viewer may see; none named: all."""


class _StoppedError(Exception):
    """The hub leaves."""


@dataclass
class _Past:
    """A moment of the past that is worked out, or was last."""

    key: tuple[Scope, int, int]
    panel: ExtrasPanel | None
    thread: threading.Thread | None = None
    error: StoreError | None = None


class ExtrasKeeper:
    """The thread. `config_of` gives the configuration that a scope sees, `now` the centre's time.

    `say` says on every board what is wrong, and None when it is over.
    """

    def __init__(self, store: Store, now: Callable[[], int], config_of: Callable[[Scope], Config],
                 zone: Callable[[], ZoneInfo], say: Callable[[str | None], None]) -> None:
        self._store, self._now, self._config_of, self._zone = store, now, config_of, zone
        self._say = say
        self._panels: dict[Scope, tuple[Config, ExtrasPanel | None]] = {}
        self._asked: dict[Scope, float] = {}
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._reader: Reader | None = None
        self._trouble = ""
        self._worked = 0.0
        self._thread: threading.Thread | None = None
        self._past: _Past | None = None
        self._past_lock = threading.Lock()

    def start(self) -> None:
        """Begin, or begin anew with a changed configuration."""
        if self._thread is None and asks(layout(self._config_of(()))):
            self._thread = threading.Thread(target=self._run, name="extras", daemon=True)
            self._thread.start()
        self._wake.set()

    def stop(self, timeout: float = 5.0) -> None:
        """End; a question that runs is given up."""
        self._stopping.set()
        self._wake.set()
        if self._reader is not None:
            self._reader.interrupt()
        if self._thread is not None:
            self._thread.join(timeout)

    def of(self, scope: Scope) -> ExtrasPanel | None:
        """Return the newest panel for who sees these queues; without values until there are. Never waits."""
        config = self._config_of(scope)
        if scope not in self._asked:
            self._wake.set()
        self._asked[scope] = time.monotonic()
        known = self._panels.get(scope)
        if known is None or known[0] is not config:
            known = self._panels[scope] = (config, layout(config))
        return known[1]

    def at(self, scope: Scope, as_of: int, zone: ZoneInfo | None = None, patience_s: float | None = None
           ) -> ExtrasPanel | None:
        """Return the panel of another moment. Raises StoreError.

        With a patience it returns after that in any case: without values, and `pending`, for whoever asks
        again. One moment at a time.
        """
        config = self._config_of(scope)
        panel = layout(config)
        if panel is None or not asks(panel):
            return panel
        wanted = _Past((scope, as_of, id(config)), panel._replace(as_of=as_of))
        if patience_s is None:
            self._work_out(wanted, config, zone or self._zone())
            if wanted.error is not None:
                raise wanted.error
            return wanted.panel
        with self._past_lock:
            past = self._past
            if past is None or past.key != wanted.key:
                if past is not None and past.thread is not None:
                    past.thread.join(patience_s)
                    if past.thread.is_alive():
                        return panel
                past = self._past = wanted
                past.thread = threading.Thread(target=self._work_out, name="extras at", daemon=True,
                                               args=(past, config, zone or self._zone()))
                past.thread.start()
            assert past.thread is not None
            past.thread.join(patience_s)
            return panel if past.thread.is_alive() else past.panel

    def _work_out(self, past: "_Past", config: Config, zone: ZoneInfo) -> None:
        """Fill in a moment; where the store cannot say it stays without values."""
        reader = self._store.reader(DEADLINE_S)
        try:
            past.panel = extras(reader, past.key[1], config, zone)
        except StoreError as error:
            log.warning("the chosen figures of another moment: %s", error)
            past.error = error
        finally:
            reader.close()

    def _run(self) -> None:
        self._reader = self._store.reader(DEADLINE_S)
        try:
            while not self._stopping.is_set():
                self._wake.clear()
                used = time.thread_time()
                for scope in self._wanted():
                    self._try(scope)
                used = time.thread_time() - used
                least = time.monotonic() + min(EVERY_S, 4 * used)  # however often it is woken
                self._wake.wait(max(EVERY_S, min(SHARE * used, PROMISE_S * 2)))
                self._stopping.wait(max(0.0, least - time.monotonic()))
        finally:
            self._reader.close()

    def _wanted(self) -> list[Scope]:
        """Return everything, and the scopes that somebody looks at."""
        now = time.monotonic()
        seen = [scope for scope, at in list(self._asked.items()) if scope and now - at < UNSEEN_S]
        for scope in [scope for scope in list(self._panels) if scope and scope not in seen]:
            self._panels.pop(scope, None)
            self._asked.pop(scope, None)
        return [(), *seen]

    def _try(self, scope: Scope) -> None:
        """Work out one scope; a fault is said once and the last figures stay, and grow old."""
        assert self._reader is not None
        self._worked = time.thread_time()
        config = self._config_of(scope)
        try:
            panel = extras(self._reader, self._now(), config, self._zone(), self._rest)
        except _StoppedError:
            return
        except Exception as error:
            said = clean(f"{type(error).__name__}: {error}", 300)
            if said != self._trouble and not self._stopping.is_set():
                if isinstance(error, StoreError):
                    log.error("the chosen figures could not be worked out: %s", error)
                else:
                    log.exception("the chosen figures could not be worked out")
                self._say(f"chosen figures could not be worked out: {said}")
            self._trouble = said
        else:
            if self._trouble:
                self._say(None)
            self._trouble = ""
            self._panels[scope] = (config, self._promising(panel, self._panels.get(scope)))

    def _rest(self) -> None:
        """Rest between two questions for as long as the last one took: frames go before."""
        if self._stopping.wait(max(0.001, min(1.0, time.thread_time() - self._worked))):
            raise _StoppedError
        self._worked = time.thread_time()

    @staticmethod
    def _promising(panel: ExtrasPanel | None, known: tuple[Config, ExtrasPanel | None] | None
                   ) -> ExtrasPanel | None:
        """Return a panel that promises what was kept so far: a big floor takes longer, some clocks run."""
        before = known[1] if known is not None else None
        if panel is None or before is None or panel.as_of is None or before.as_of is None:
            return panel
        return panel._replace(promise_s=max(PROMISE_S, 3 * (panel.as_of - before.as_of) / SECOND))
