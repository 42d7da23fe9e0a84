"""Keeps the store to what may be kept: at the start and whenever the business day changes.

It works beside everything else: one small step at a time on the writer's thread, with pauses that are longer
than the steps, so that sources, boards and a frame a second do not notice. Before visits of a source are
deleted, their time is noted as a gap of it: what was deleted is never taken for days without calls.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from ccboard.archive import cut, known
from ccboard.config import Config
from ccboard.errors import StoreError
from ccboard.figures.lacking import deleted_key
from ccboard.moments import day_start, parse_day_start, to_datetime, to_micros
from ccboard.store.retention import TABLES, steps
from ccboard.store.rows import stamp
from ccboard.store.store import Store
from ccboard.writer import WriterClosedError

log = logging.getLogger(__name__)

LOOK_S = 20.0
"""Seconds of the host between two looks whether another business day has begun."""
STEP_S = 30.0
"""How long a step may wait for the writer."""
PAUSE_S, SHARE = 0.02, 3.0
"""After a step it rests so many seconds at the least, and so many times as long as the step took."""
DEADLINE_S = 120.0

Call = Callable[[Callable[[], int]], int]
"""Runs something on the thread that writes, between two commits."""


class RetentionKeeper:
    """The thread. `call` runs a step where the store is written."""

    def __init__(self, store: Store, call: Call, config: Callable[[], Config], zone: Callable[[], ZoneInfo],
                 now: Callable[[], int]) -> None:
        self._store, self._call, self._config, self._zone, self._now = store, call, config, zone, now
        self._stopping = threading.Event()
        self._done: tuple[object, ...] | None = None
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End, between two steps."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.look()
            except (StoreError, WriterClosedError, TimeoutError) as error:
                log.warning("retention: %s; tried again", error or type(error).__name__)
            self._stopping.wait(LOOK_S)

    def look(self) -> dict[str, int]:
        """Delete what is due, if the business day or the configuration is another than last time.

        Returns the rows that changed, by key. Raises StoreError.
        """
        config, zone = self._config(), self._zone()
        today = day_start(self._now(), zone, parse_day_start(config.business_day_start))
        wanted = (today, zone.key, config.retention)
        if wanted == self._done:
            return {}
        changed = {}
        for key in TABLES:
            days = getattr(config.retention, key)
            if days is not None:
                at = begin_of(today, days, zone, config.business_day_start)
                changed[key] = self._apply(key, at)
                if changed[key]:
                    log.info("retention: %d rows of %s from before %s %s, kept for %d days",
                             changed[key], key, to_datetime(at).astimezone(zone).date(),
                             "blanked" if key == "callers" else "deleted", days)
            if self._stopping.is_set():
                return changed
        self._done = wanted
        return changed

    def _apply(self, key: str, at: int) -> int:
        reader = self._store.reader(DEADLINE_S)
        changed = 0
        try:
            todo = list(steps(reader, key, stamp(at)))
            if todo and key == "contacts":
                self._note_gaps(at)
            if todo and key in ("offers", "agent_states"):
                self._note(key, at)
        finally:
            reader.close()
        for step in todo:
            if self._stopping.is_set():
                break
            began = time.monotonic()
            changed += self._call(lambda step=step: self._store.change(step.run, step.end))  # type: ignore[misc]
            self._stopping.wait(max(PAUSE_S, SHARE * (time.monotonic() - began)))
        return changed

    def _note_gaps(self, at: int) -> None:
        """Note, of every source with visits from before `at`, that its history begins there."""
        reader = self._store.reader(DEADLINE_S)
        try:
            held = cut.held(reader)
            whose = {source for (source,) in reader.rows(
                "SELECT source FROM visits WHERE offered_at < $at"
                " UNION SELECT source FROM refusals WHERE moment < $at", {"at": stamp(at)})}
        finally:
            reader.close()
        for source in sorted(whose & held.keys()):
            one = held[source]
            assert one.first is not None
            lacks = known.union((*one.missing, (one.first, at)))
            self._call(lambda source=source, lacks=lacks: self._noted(source, lacks))  # type: ignore[misc]

    def _noted(self, source: str, lacks: known.Stretches) -> int:
        self._store.set_missing(source, lacks)
        return len(lacks)

    def _note(self, key: str, at: int) -> None:
        """Note from when on a table is whole, for who asks for figures of before."""
        if self._store.meta(deleted_key(key)) == str(at):
            return

        def work() -> int:
            self._store.set_meta(deleted_key(key), str(at))
            return 1

        self._call(work)


def begin_of(today: int, days: int, zone: ZoneInfo, starts: str) -> int:
    """Return where the business day begins that lies `days` before the one that began at `today`."""
    name = to_datetime(today).astimezone(zone).date()
    then = date.fromordinal(name.toordinal() - days)
    return to_micros(datetime.combine(then, parse_day_start(starts), zone).astimezone(UTC))
