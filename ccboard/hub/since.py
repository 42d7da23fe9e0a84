"""Whether what was known by a moment has changed since: late records, an import, a judgement taken back.

The store's journal tells it row by row as long as it remembers. Of a busy floor it soon forgets; then the
rows are counted, which an import that only overwrites what was there escapes.
"""

import time
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Final

from ccboard.config import Config
from ccboard.store.journal import Change
from ccboard.store.reader import Reader
from ccboard.store.rows import Row, stamp
from ccboard.store.store import Store

TRUSTED_S = 2.0
"""What the journal no longer tells is counted; the count is believed for so many seconds."""

_OFFERED, _ANSWERED, _ENDED, _AGENT, _KIND, _DIRECTION = 5, 6, 7, 9, 22, 24  # of a visit
_VISIT: Final = 25  # a stored row has its number behind
_OVER, _MOMENT, _TEAM = 6, 2, 8  # of an offer; of a state and a judgement; of a state

Counted = tuple[int, int, int, int]
"""Visits, offers, judgements, ties."""


def changed(news: Iterable[Change], until: int) -> bool:
    """Tell whether any change is one of what was known at the moment `until`.

    A call of before that has gone on since is none: nobody knew then how it would end.
    """
    end = stamp(until)
    for change in news:
        seen = _SEEN.get(change.table)
        if change.table == "gone" or (seen is not None and seen(change.old, end) != seen(change.new, end)):
            return True
    return False


def _visit(row: Row | None, end: datetime) -> Row | None:
    """Return a visit as it was seen then."""
    if row is None or row[_OFFERED] > end:
        return None
    if row[_ENDED] is not None and row[_ENDED] <= end:
        return (*row[:4], *row[_OFFERED:_VISIT])  # whichever version says it
    answered = row[_ANSWERED] if row[_ANSWERED] is not None and row[_ANSWERED] <= end else None
    had = row[_AGENT] if answered is not None or row[_DIRECTION] == "out" else None
    return (*row[:4], row[_OFFERED], answered, had, row[_KIND])


def _offer(row: Row | None, end: datetime) -> Row | None:
    """Return an offer that was over by then."""
    return None if row is None or row[_OVER] is None or row[_OVER] > end else row[:9]


def _state(row: Row | None, end: datetime) -> Row | None:
    """Return who was told by then to be in which team: of a state nothing else counts."""
    if row is None or not row[_TEAM] or row[_MOMENT] > end:
        return None
    return (row[0], row[1], row[6], row[_MOMENT], row[_TEAM])


def _score(row: Row | None, end: datetime) -> Row | None:
    """Return a judgement that had been given by then."""
    return None if row is None or row[_MOMENT] > end else row[:8]


_TOLD: Final = {"visits": _OFFERED, "offers": _OVER, "states": _MOMENT, "scores": _MOMENT}
_SEEN: Final = {"visits": _visit, "offers": _offer, "states": _state, "scores": _score}


def counted(reader: Reader, until: int) -> Counted:
    """Return how much was known at the moment `until`. Raises StoreError."""
    visits, offers, scores, ties = reader.rows("""
        SELECT (SELECT count(*) FROM contacts WHERE offered_at <= $end AND ended_at <= $end),
            (SELECT count(*) FROM offers WHERE ended_at <= $end),
            (SELECT count(*) FROM scores WHERE moment <= $end), (SELECT count(*) FROM ties)
    """, {"end": stamp(until)})[0]
    return visits, offers, scores, ties


def first_seen(change: Change) -> datetime | None:
    """Return the first moment at which a change may show; None: at none."""
    if change.table == "gone":
        return stamp(0)
    place = _TOLD.get(change.table)
    moments = [] if place is None else [
        row[place] for row in (change.old, change.new) if row is not None and row[place] is not None]
    return min(moments, default=None)


class News:
    """What the journal tells, gone through once for many moments."""

    def __init__(self, store: Store) -> None:
        self._journal = store.journal
        self._read: dict[int, tuple[int, list[datetime], list[Change]] | None] = {}

    def since(self, revision: int, until: int) -> tuple[int, list[Change]] | None:
        """Return the last revision and the changes after `revision` that may show at the moment `until`.

        None: they are not remembered any more.
        """
        if revision not in self._read:
            found = self._journal.since(revision)
            self._read[revision] = None if found is None else (found[0], *_by_moment(found[1]))
        if (read := self._read[revision]) is None:
            return None
        last, firsts, changes = read
        return last, changes[:bisect_right(firsts, stamp(until))]


def _by_moment(news: Iterable[Change]) -> tuple[list[datetime], list[Change]]:
    """Return when each change may show first, and the changes, in this order, but those that never do."""
    found = [(first, change) for change in news if (first := first_seen(change)) is not None]
    found.sort(key=itemgetter(0))
    return [first for first, _ in found], [change for _, change in found]


@dataclass
class Known:
    """What something of the past was made from, and whether that still holds."""

    config: Config
    zone: str
    until: int
    revision: int
    counted: Counted
    checked: float

    def holds(self, store: Store, config: Config, zone: str, read: News | None = None) -> bool | None:
        """Tell whether it was made from what is there now; None: that takes a count (``again``).

        `read`: shared by those that are asked one after another.
        """
        if not self._configured(config, zone):
            return False
        if self.revision == store.journal.revision:
            return True
        news = (read or News(store)).since(self.revision, self.until)
        if news is None:
            return True if time.monotonic() - self.checked < TRUSTED_S else None
        if changed(news[1], self.until):
            return False
        self.revision = news[0]
        return True

    def again(self, reader: Reader, config: Config, zone: str) -> bool:
        """As ``holds``, with a count where that is needed."""
        if (said := self.holds(reader.store, config, zone)) is not None:
            return said
        fresh = self.of(reader, config, zone, self.until)
        if fresh.counted != self.counted:
            return False
        self.revision, self.checked = fresh.revision, fresh.checked
        return True

    def _configured(self, config: Config, zone: str) -> bool:
        if self.config is not config and self.config == config:
            self.config = config  # every frame asks
        return self.config is config and self.zone == zone

    @classmethod
    def of(cls, reader: Reader, config: Config, zone: str, until: int) -> "Known":
        """Return what there is to make something of the past from. Raises StoreError."""
        revision = reader.store.journal.revision  # before the count: what comes meanwhile is looked at later
        return cls(config, zone, until, revision, counted(reader, until), time.monotonic())
