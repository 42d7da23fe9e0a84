"""Today's calls per queue and minute, carried on: each time only what came since is asked for.

The store's journal tells what was committed since the last time; calls that came late, and anything else that
changes a minute already counted, have the day counted again from there on. Where the journal does not reach
back, the whole day is. A minute of 1,000 queues costs about 5 ms instead of 80.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np

from ccboard.desk.days import DAY_MINUTES, MINUTE, Days
from ccboard.desk.history import REDIAL_MIN, Ints, few, lists
from ccboard.store.journal import Change
from ccboard.store.reader import Reader
from ccboard.store.rows import Row, micros, stamp
from ccboard.surge.counts import Counts

_SOURCE, _QUEUE, _OFFERED, _ENDED, _OUTCOME, _CALLER_KEY, _DIRECTION = 0, 2, 5, 7, 8, 19, 24

FEW_MIN = 5
"""So many minutes are counted call by call, more by DuckDB."""


class Today(NamedTuple):
    """A day's calls: a row for each queue (the first: all of them), a column for each minute of the day."""

    offered: Counts
    again: Counts
    """Calls of those who hung up and try again: work, but nobody new."""
    sources: tuple[frozenset[str], ...]
    """Which sources brought each queue's calls."""


class Counting:
    """Keeps the counts of one day; for one thread."""

    def __init__(self) -> None:
        self._of: tuple[date, tuple[str | None, ...]] | None = None
        self._revision = -1
        self._upto = 0
        """Calls offered after this moment are not counted."""
        self._offered = self._again = np.zeros((0, DAY_MINUTES), np.float32)
        self._sources: list[set[str]] = []
        self._rows: dict[str | None, int] = {}
        self._told_again: Counts | None = None
        self._told_sources: tuple[frozenset[str], ...] | None = None
        """What was returned last, as long as it is true; minutes with a second try are few."""

    def read(self, reader: Reader, days: Days, day: date, as_of: int, queues: tuple[str | None, ...],
             revision: int) -> Today:
        """Return the calls of `day` up to `as_of`; the transaction of `reader` is at `revision`."""
        begin = days.begin(day)
        since = self._valid_until(reader, days, day, as_of, queues, revision)
        if since is None:
            since = begin
            self._rows = {queue: row for row, queue in enumerate(queues)}
            self._told_again = self._told_sources = None
            self._offered = np.zeros((len(queues), DAY_MINUTES), np.float32)
            self._again = np.zeros_like(self._offered)
            self._sources = [set() for _ in queues]
        if since <= as_of:
            self._count(reader, days, day, max(begin, since), as_of)
        self._of, self._revision, self._upto = (day, queues), revision, as_of
        if self._told_again is None:
            self._told_again = self._again.copy()
            self._told_again.flags.writeable = False
        if self._told_sources is None:
            self._told_sources = tuple(map(frozenset, self._sources))
        return Today(self._offered.copy(), self._told_again, self._told_sources)

    def _valid_until(self, reader: Reader, days: Days, day: date, as_of: int,
                     queues: tuple[str | None, ...], revision: int) -> int | None:
        """Return from when on what is kept must be counted again; None: all of it."""
        begin, end = days.begin(day), days.begin(day + timedelta(days=1))
        # On a day of 23 or 25 hours two minutes may share a place: too rare to carry it on.
        if (self._of != (day, queues) or as_of < self._upto or revision < self._revision
                or end - begin != DAY_MINUTES * MINUTE):
            return None
        news = reader.store.journal.since(self._revision, revision)
        if news is None or any(change.table == "gone" for change in news[1]):
            return None
        # Who hung up in the evening and tries again after midnight is a second try, too.
        told = changed(news[1], stamp(begin - REDIAL_MIN * MINUTE))
        first = min([self._upto + 1, *map(micros, told)])
        return first // MINUTE * MINUTE

    def _count(self, reader: Reader, days: Days, day: date, since: int, as_of: int) -> None:
        """Count what was offered from `since` on anew."""
        low, high = days.minute_of(since, day), min(days.minute_of(as_of, day) + 1, DAY_MINUTES)
        rows = self._rows
        counted = few if as_of - since < FEW_MIN * MINUTE else lists
        found = [(rows[queue], source, minutes, again)
                 for source, queue, minutes, again in counted(
                     reader, days.begin(day) - REDIAL_MIN * MINUTE, as_of + 1, since)
                 if queue in rows]
        for row, source, _, _ in found:
            if source not in self._sources[row]:
                self._sources[row].add(source)
                self._told_sources = None
        self._put(self._offered, low, high, days, [(row, minutes) for row, _, minutes, _ in found])
        if self._put(self._again, low, high, days, [(row, again) for row, _, _, again in found]):
            self._told_again = None

    @staticmethod
    def _put(kept: Counts, low: int, high: int, days: Days, parts: list[tuple[int, Ints]]) -> bool:
        """Count minutes of rows anew between two columns; tell whether that is any news."""
        _, minute = days.place(np.concatenate([np.empty(0, np.int64), *(part for _, part in parts)]))
        if not len(minute) and not kept[0, low:high].any():
            return False
        places = np.repeat(np.array([row for row, _ in parts], np.int64), [len(p) for _, p in parts])
        width = high - low
        made = np.bincount(places * width + minute - low, minlength=len(kept) * width)
        kept[:, low:high] = made.reshape(len(kept), width)
        kept[0, low:high] = kept[1:, low:high].sum(axis=0)
        return True


def changed(news: Iterable[Change], begin: datetime) -> list[datetime]:
    """Return from when on each change of a visit offered since `begin` may have changed the counts.

    How a call went on changes nothing, but that its caller hung up makes another call a second try.
    """
    found = []
    for change in news:
        if change.table != "visits":
            continue
        told = [row for row in (change.old, change.new) if row is not None and row[_OFFERED] >= begin]
        if change.old is not None and change.new is not None and _what(change.old) == _what(change.new):
            left = {row[_ENDED] if row[_OUTCOME] == "abandoned" else None for row in told}
            found += [] if len(left) < 2 else [moment for moment in left if moment is not None]
        else:
            found += [row[_OFFERED] for row in told]
    return found


def _what(row: Row) -> tuple[object, ...]:
    return row[_SOURCE], row[_QUEUE], row[_OFFERED], row[_CALLER_KEY], row[_DIRECTION]


def older(news: Iterable[Change], begin: datetime) -> bool:
    """Tell whether visits that were offered before `begin` came, went, or changed their place."""
    return any(change.table == "gone" or (change.table == "visits" and any(
        row is not None and row[_OFFERED] < begin for row in (change.old, change.new)))
        for change in news)
