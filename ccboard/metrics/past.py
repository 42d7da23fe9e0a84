"""What everybody was last told to be before a business day, at any length of history.

To look through all states that were ever told takes half a second for a year of 500 agents. So a frame is
kept every two weeks: the last state of each agent, interface and queue up to then. Frames belong to the store
and are shared by its readers; a state that is told late, from before a frame, throws those after it away
(``ccboard.store.journal`` tells), a back-fill all of them.
"""

import sys
import threading
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from ccboard.clock import SECOND
from ccboard.metrics.scope import Scope
from ccboard.store.journal import Journal
from ccboard.store.rows import EARLIEST, Row, micros, stamp
from ccboard.store.store import Store

STEP = 14 * 86_400 * SECOND
"""Frames lie this far apart. Each has some 0.4 MB for 500 agents in three queues."""
DAYS = 4
"""Days kept besides, those that were looked at last."""
MOST = 64
"""Frames made at once: two and a half years of them. What is told of the year 1 must not make thousands."""

Key: TypeAlias = tuple[Any, ...]
"""(source, agent, interface, queue)"""
Lasts: TypeAlias = dict[Key, Row]
"""The last row of `agent_states` of each key: (source, agent, interface, queue, moment, state, seq, reason,
team), the team being the last that was named."""

_COLUMNS = """source, agent, interface, queue,
    arg_max({'moment': moment, 'seq': seq, 'state': state, 'reason': reason},
            {'moment': moment, 'seq': seq, 'state': state}) AS last, arg_max(team, moment) AS team"""


class Frames:
    """The frames of one store, as they are at one of its revisions."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._revision = 0
        self._frames: dict[int, Lasts] = {}
        self._days: dict[int, Lasts] = {}
        """The last states of before the days looked at last: who looks around in one has them made once."""

    def before(self, scope: Scope, revision: int) -> list[Row]:
        """Return the last states of before the business day; inside a transaction of that revision."""
        day, begin = scope.day, None
        lasts: Lasts = {}
        known: Lasts | None = None
        with self._lock:
            holds = self._catch_up(scope.reader.store.journal, revision)
            if holds:
                if (known := self._days.pop(day, None)) is not None:
                    self._days[day] = known  # the last one is dropped last
                begin = max((at for at in self._frames if at <= day), default=None)
                if known is None and (begin is None or day - begin > STEP):
                    self._build(scope, begin, day // STEP)
                    begin = max((at for at in self._frames if at <= day), default=None)
                if known is None and begin is not None:
                    lasts = dict(self._frames[begin])
        if known is None:
            for row in _since(scope, begin, day):
                _take(lasts, row)
            known = lasts
            with self._lock:
                if holds and self._revision == revision:  # nobody has caught up with later news meanwhile
                    self._days[day] = known
                    while len(self._days) > DAYS:
                        del self._days[next(iter(self._days))]
        if not scope.shown:
            return list(known.values())
        shows = scope.config.shows
        return [row for row in known.values() if row[3] is None or shows(row[3])]

    def _catch_up(self, journal: Journal, revision: int) -> bool:
        """Throw away what states told late have made untrue; tell whether the rest holds at a revision."""
        if revision < self._revision:
            return False  # a reader who began earlier: it must not see what came since
        news = journal.since(self._revision, revision)
        if news is None:
            self._keep(lambda _at: False)
        else:
            moments = [row[2] for change in news[1] if change.table == "states"
                       for row in (change.old, change.new) if row is not None]
            if moments:
                first = micros(min(moments))
                self._keep(lambda at: at <= first)
            gone = [micros(change.new[0]) for change in news[1] if change.table == "gone" and change.new]
            if gone:  # of what was told before, only the last word of each is left
                self._keep(lambda at: at > max(gone))
        self._revision = revision
        return True

    def _keep(self, holds: Callable[[int], bool]) -> None:
        """Throw away what was made of before a moment for which that does not hold."""
        self._frames = {at: lasts for at, lasts in self._frames.items() if holds(at)}
        self._days = {at: lasts for at, lasts in self._days.items() if holds(at)}

    def _build(self, scope: Scope, begin: int | None, last: int) -> None:
        """Make the frames after `begin` (None: all) up to the one of number `last`."""
        if begin is not None and begin // STEP >= last:
            return
        lasts = dict(self._frames[begin]) if begin is not None else {}
        number = max(last - MOST, -(10**9) if begin is None else begin // STEP)
        for n, *row in _asked(scope, begin, last * STEP):
            while number < n and lasts:  # what comes is of a later step: this one's end is a frame
                number += 1
                self._frames[number * STEP] = dict(lasts)
            number = max(number, n)
            _take(lasts, row)
        self._frames[last * STEP] = lasts


def _asked(scope: Scope, begin: int | None, end: int) -> Iterable[tuple[Any, ...]]:
    """Yield (number of the step, row) of the last states in [begin, end) by step and key, oldest first."""
    return scope.reader.each(f"""
        SELECT n, source, agent, interface, queue, last.moment, last.state, last.seq, last.reason, team FROM (
            SELECT epoch_us(moment) // $step::BIGINT AS n, {_COLUMNS}
            FROM agent_states WHERE moment >= $begin AND moment < $end
            GROUP BY n, source, agent, interface, queue)
        ORDER BY n
    """, {"step": STEP, "begin": EARLIEST if begin is None else stamp(begin), "end": stamp(end)})


def _since(scope: Scope, begin: int | None, end: int) -> Iterable[list[Any]]:
    """Yield the last states in [begin, end) by key; those of one key and moment all, the last of them last.

    As ``_asked`` for a stretch of one step, in half of its time, but with all rows of the stretch in memory
    at once.
    """
    if begin is None:
        for _n, *row in _asked(scope, None, end):
            yield row
        return
    found = scope.rows("""
        SELECT source, agent, interface, queue, moment, state, seq, reason, team FROM (
            SELECT source, agent, interface, queue, moment, state, seq, reason,
                max(moment) OVER of_key AS last, arg_max(team, moment) OVER of_key AS team
            FROM agent_states WHERE moment >= $begin AND moment < $end
            WINDOW of_key AS (PARTITION BY source, agent, interface, queue))
        WHERE moment = last
    """, {"begin": stamp(begin), "end": stamp(end)})
    found.sort(key=_SEQ_STATE)
    yield from map(list, found)


_SEQ_STATE = itemgetter(6, 5)


def _take(lasts: Lasts, row: list[Any]) -> None:
    """Take in a later row of a key; a team stays until another is named.

    A year of rows says the same few words: each is kept once, which is half of the memory of all frames.
    """
    key = tuple(row[:4])
    before = lasts.get(key)
    if before is not None and row[8] is None:
        row[8] = before[8]
    lasts[key] = tuple([sys.intern(value) if type(value) is str else value for value in row])


OF: "WeakKeyDictionary[Store, Frames]" = WeakKeyDictionary()


def of(store: Store) -> Frames:
    """Return the frames of a store."""
    return OF.setdefault(store, Frames())
