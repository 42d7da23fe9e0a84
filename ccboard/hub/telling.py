"""Ties the surge panel to the alarm office: an office per configuration, what was told kept in the store."""

import logging
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from ccboard.alarms.office import TOLD, Office, told_key
from ccboard.hub.settings import Settings
from ccboard.panel_surge import SurgePanel
from ccboard.records import Action, Batch
from ccboard.snapshot import Snapshot
from ccboard.store.rows import stamp
from ccboard.store.store import Store
from ccboard.writer import Writer, WriterClosedError

log = logging.getLogger(__name__)


class Telling:
    """Called with each panel, on the thread that makes it. Without channels it costs nothing."""

    def __init__(self, store: Store, writer: Callable[[], Writer], settings: Callable[[], Settings],
                 zone: Callable[[], ZoneInfo], now: Callable[[], int], environ: Mapping[str, str]) -> None:
        self._store, self._writer, self._settings, self._zone = store, writer, settings, zone
        self._now, self._environ = now, environ
        self._office: tuple[Settings, Office] | None = None

    def __call__(self, panel: SurgePanel, snapshot: Snapshot) -> tuple[str, ...]:
        """Tell what is new; return what is to be said on the board."""
        settings = self._settings()
        if not settings.config.notify:
            self.stop()
            return ()
        if self._office is None or self._office[0] is not settings:
            self.stop()
            office = Office(settings.config, self._zone(), self._environ, settings.base, self._keep,
                            self._now)
            office.remember(self._remembered(snapshot.day_start))
            self._office = settings, office
        return self._office[1].take(panel)

    def stop(self) -> None:
        """Tell nobody any more."""
        if self._office is not None:
            self._office[1].stop()
            self._office = None

    def _remembered(self, day_start: int) -> frozenset[str]:
        """Return the keys of what was told this business day, by whichever channel."""
        reader = self._store.reader()
        try:
            rows = reader.rows("SELECT key FROM actions WHERE kind = ? AND moment >= ?",
                               [TOLD, stamp(day_start)])
        finally:
            reader.close()
        return frozenset(told_key(key) for key, in rows)

    def _keep(self, action: Action) -> None:
        """Store what was told; on a channel's thread."""
        try:
            self._writer().put(Batch(action.source, (action,)), "actions")
        except WriterClosedError:
            log.warning("what was told could not be kept: the hub leaves")
