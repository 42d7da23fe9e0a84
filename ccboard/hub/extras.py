"""Keeps the figures that the configuration chose for its pages: worked out beside the frames.

A frame takes them as they lie there and never waits. The thread begins where something is configured, and not
before. Rounds are as seldom as it takes to use one part in `SHARE` of a core, within reason.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeAlias
from zoneinfo import ZoneInfo

from ccboard.clean import clean
from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.errors import StoreError
from ccboard.figures.extras import PROMISE_S, asks, extras, layout
from ccboard.hub.past import Past
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
        self._troubles: dict[Scope, str] = {}
        self._worked = 0.0
        self._thread: threading.Thread | None = None
        self._past: Past[ExtrasPanel | None] = Past(store, DEADLINE_S, "extras at", "the chosen figures")

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
        self._past.stop(timeout)

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
        again; where the store cannot say without values for good. One moment at a time.
        """
        config = self._config_of(scope)
        panel = layout(config)
        if panel is None or not asks(panel):
            return panel
        zone = zone or self._zone()
        if patience_s is None:
            with self._past.reader() as reader:
                return extras(reader, as_of, config, zone)
        ended, found = self._past.ask((scope, as_of, zone.key), config,
                                      lambda reader: extras(reader, as_of, config, zone), patience_s)
        if not ended:
            return panel
        return panel._replace(as_of=as_of) if found is None else found

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
            self._note(scope, "")
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
            if self._stopping.is_set():
                return
            if said not in self._troubles.values():
                if isinstance(error, StoreError):
                    log.error("the chosen figures could not be worked out: %s", error)
                else:
                    log.exception("the chosen figures could not be worked out")
            self._note(scope, said)
        else:
            self._note(scope, "")
            self._panels[scope] = (config, self._promising(panel, self._panels.get(scope)))

    def _note(self, scope: Scope, trouble: str) -> None:
        """Keep what troubles a scope; say on the boards the oldest trouble that there still is."""
        before = next(iter(self._troubles.values()), None)
        if trouble:
            self._troubles[scope] = trouble
        else:
            self._troubles.pop(scope, None)
        now = next(iter(self._troubles.values()), None)
        if now != before:
            self._say(None if now is None else f"chosen figures could not be worked out: {now}")

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
