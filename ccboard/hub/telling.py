"""Ties the surge panel to the alarm office: an office per configuration, what was told kept in the store.

So is when a figure went past its limit and when that was over.
"""

import logging
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from ccboard.alarms.office import TOLD, Office, told_key
from ccboard.alarms.standing import CLEARED, RAISED, ROLE, Standing, Turn
from ccboard.hub.settings import Settings
from ccboard.panel_surge import SurgePanel
from ccboard.records import Action, Batch
from ccboard.snapshot import Snapshot
from ccboard.store.rows import micros, stamp
from ccboard.store.store import Store
from ccboard.writer import Writer, WriterClosedError

log = logging.getLogger(__name__)


class Telling:
    """Called with each panel, on the thread that makes it. Without channels or limits it costs nothing."""

    def __init__(self, store: Store, writer: Callable[[], Writer], settings: Callable[[], Settings],
                 zone: Callable[[], ZoneInfo], now: Callable[[], int], environ: Mapping[str, str]) -> None:
        self._store, self._writer, self._settings, self._zone = store, writer, settings, zone
        self._now, self._environ = now, environ
        self._office: tuple[Settings, Office] | None = None
        self._standing: Standing | None = None

    def __call__(self, panel: SurgePanel, snapshot: Snapshot) -> tuple[str, ...]:
        """Tell what is new; return what is to be said on the board."""
        settings = self._settings()
        turns = self._turns(panel, snapshot)
        if not settings.config.notify:
            self.stop()
            return ()
        if self._office is None or self._office[0] is not settings:
            self.stop()
            office = Office(settings.config, self._zone(), self._environ, settings.base, self._keep,
                            self._now)
            office.remember(self._remembered(snapshot.day_start))
            self._office = settings, office
        return self._office[1].take(panel, [turn for turn in turns if turn.kind == CLEARED])

    def _turns(self, panel: SurgePanel, snapshot: Snapshot) -> list[Turn]:
        """Note which figures went past their limits and which are back."""
        if self._standing is None:
            if all(tier.when == "lift" for tier in self._settings().config.tiers):
                return []
            standing = Standing()
            standing.remember(self._stood(snapshot.day_start))
            self._standing = standing  # not before: where the store could not tell it is asked again
        turns = self._standing.take(panel.exceptions, snapshot)
        for turn in turns:
            self._keep(turn.record())
        return turns

    def _stood(self, day_start: int) -> list[tuple[str, str, int]]:
        reader = self._store.reader()
        try:
            rows = reader.rows(
                "SELECT kind, about, moment FROM actions WHERE kind IN (?, ?) AND role = ? AND moment >= ?"
                " ORDER BY moment, key", [RAISED, CLEARED, ROLE, stamp(day_start)])
        finally:
            reader.close()
        return [(str(kind), str(about), micros(moment)) for kind, about, moment in rows]

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
        """Store what was told or happened; on a channel's thread, too."""
        try:
            self._writer().put(Batch(action.source, (action,)), "actions")
        except WriterClosedError:
            log.warning("%s could not be kept: the hub leaves", action.kind)
