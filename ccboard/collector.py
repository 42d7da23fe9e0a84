"""The collector: every source on a thread of its own (``ccboard.runner``), all through one writer.

A source that fails, raises or hangs is said and tried again with growing, jittered pauses; the others do
not notice.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from ccboard.callers import Callers
from ccboard.clock import Clock
from ccboard.metrics.floor import Health
from ccboard.records import Contact, Reject
from ccboard.runner import REASONS, Plan, Registry, Runner
from ccboard.source import Keep, Release
from ccboard.writer import Writer

HANDED = 2000
"""Rejects of a source, handed in by others, that are told from new ones and counted since the hub began."""


class Collector:
    """All sources that run, by name."""

    def __init__(self, store: Registry, writer: Writer, clock: Clock, callers: Callers) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock
        self._callers = callers
        self._kept = _keeper(callers)
        self._lock = threading.Lock()
        self._runners: dict[str, Runner] = {}
        self._broken: dict[str, str] = {}
        self._handed: dict[str, dict[Reject, None]] = {}

    def set_callers(self, callers: Callers) -> None:
        """Use another policy from now on."""
        with self._lock:
            self._callers = callers
            self._kept = _keeper(callers)
            for runner in self._runners.values():
                runner.callers = callers

    def policy(self) -> Callers:
        """Return the policy on callers, for records that come another way."""
        return self._callers

    def keep(self, number: str | None, name: str | None, key: str | None
             ) -> tuple[str | None, str | None, str | None]:
        """Return (number, key, name) of a caller as they may be stored now; ``Context.keep`` of sources."""
        return self._kept(number, name, key)

    def set_broken(self, broken: Mapping[str, str]) -> None:
        """Say of sources that cannot even be made why that is."""
        self._broken = dict(broken)

    def add(self, plan: Plan) -> None:
        """Start a source. One of the same name must have been removed before."""
        runner = Runner(plan, self._store, self._writer, self._clock, self._callers)
        with self._lock:
            assert plan.name not in self._runners
            self._runners[plan.name] = runner
        runner.start()

    def names(self) -> frozenset[str]:
        """Return the names of the sources that run."""
        with self._lock:
            return frozenset(self._runners)

    def tell_released(self, release: Release) -> None:
        """Let every source hear that reserves are called."""
        with self._lock:
            for runner in self._runners.values():
                runner.tell_released(release)

    def remove(self, names: Iterable[str], timeout: float = 3.0) -> None:
        """Stop some sources, all at once; one that does not return in `timeout` s is left behind."""
        with self._lock:
            leaving = [runner for name in names if (runner := self._runners.pop(name, None))]
        for runner in leaving:
            runner.tell_to_stop()
        until = time.monotonic() + timeout
        for runner in leaving:
            runner.join(until - time.monotonic())

    def hand_in(self, source: str, rejects: Iterable[Reject]) -> None:
        """Count what others could not use of a source's input, the same once: as the store does."""
        with self._lock:
            known = self._handed.setdefault(source, {})
            known.update(dict.fromkeys(rejects))
            for oldest in list(known)[: max(0, len(known) - HANDED)]:
                del known[oldest]

    def health(self) -> dict[str, Health]:
        """Return what is known of each source now."""
        with self._lock:
            running = dict(self._runners)
            handed = {name: Counter(one.reason for one in some) for name, some in self._handed.items()}
        said = {name: Health(None, error, (), 0, 0, ()) for name, error in self._broken.items()}
        for name, runner in running.items():
            health = runner.health()
            if name in handed:
                reasons = Counter(dict(health.reject_reasons)) + handed[name]
                health = replace(health, rejects=health.rejects + handed[name].total(),
                                 reject_reasons=tuple(reasons.most_common(REASONS)))
            said[name] = health
        return said

    def close(self, timeout: float = 3.0) -> None:
        """Stop all sources."""
        self.remove(self.names(), timeout)


def _keeper(callers: Callers) -> Keep:
    """Return the policy for callers in cursors, remembered: those of open calls are asked at each commit."""

    @lru_cache(maxsize=4096)
    def keep(number: str | None, name: str | None, key: str | None
             ) -> tuple[str | None, str | None, str | None]:
        kept = callers.apply(Contact(source="", call="", queue="", offered_at=0,
                                     caller=number, caller_name=name, caller_key=key))
        return kept.caller, kept.caller_key, kept.caller_name

    return keep
