"""Lists beside the figures: callers who wait, and the log of what happened.

Kinds of log entries (``LogEntry.kind``): ``paused``, ``ready`` (back from a pause), ``offline`` and
``online`` (logged off and on) of an agent; ``abandoned`` (`value`: seconds waited, `text`: caller) and
``lost`` of a caller; ``restart``, ``failed``, ``recovered``, ``gap`` (`value`: seconds) and ``note`` of a
source (`text` begins with its name where it has no words of its own); ``below_target`` of a
queue whose interval closed under its service level (`at`: its end, `value`: the ratio).
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from itertools import chain, islice

from ccboard.clock import SECOND
from ccboard.metrics.calls import Tally
from ccboard.metrics.moves import Move
from ccboard.metrics.peak import StaleError
from ccboard.metrics.scope import Scope
from ccboard.metrics.sources import Condition, Event
from ccboard.metrics.visits import OVER, Visit, by, over_params
from ccboard.snapshot import LogEntry
from ccboard.store.rows import micros, stamp

_BORN = "~born"  # the start of a stretch of life, among the events

LOG_LENGTH = 200
"""Most entries of the log in a snapshot."""
_LOST_KEPT = 5 * LOG_LENGTH


def order(entry: LogEntry) -> tuple[int, str, str, str, str, float]:
    """Return what the log is sorted by: newest first."""
    return (-entry.at, entry.kind, entry.queue or "", entry.agent or "", entry.text or "", entry.value or 0.0)


def label(scope: Scope, person: str) -> str:
    """Return the name to show of an agent."""
    agent = scope.config.agents.get(person)
    return (agent.label if agent else None) or person


def of_agents(scope: Scope, changes: Iterable[Move]) -> list[LogEntry]:
    """Return the log's entries of agents."""
    return [LogEntry(move.at, move.kind, "", move.queue, label(scope, move.person), move.reason)
            for move in changes]


class Lost:
    """Who gave up or was lost today, by one moment: the newest of them."""

    def __init__(self, day: int) -> None:
        self._day = day
        self._found: list[tuple[int, int, LogEntry]] = []
        """(end, beginning of the visit, entry), oldest first."""
        self._whole = True
        """Whether these are all of them."""
        self.changed = False

    def read(self, scope: Scope) -> None:
        """Take in those of the visits that are over, out of the store."""
        for offered, ended, outcome, queue, caller, wait_s in scope.rows(f"""
            SELECT offered_at, ended_at, outcome, queue, caller, wait_s FROM {OVER}
            WHERE ended_at >= $day AND outcome IN ('abandoned', 'lost') AND {scope.shows}
            ORDER BY ended_at DESC LIMIT {_LOST_KEPT}
        """, {**over_params(scope), "day": stamp(scope.day), **scope.shown}):
            self._put(micros(offered), _entry(micros(ended), outcome, queue, caller, wait_s))
        self._whole = len(self._found) < _LOST_KEPT

    def count(self, visit: Visit, at: int, sign: int) -> None:
        """Take in a visit as it is at a moment, or (sign -1) take it out."""
        if visit.outcome not in ("abandoned", "lost") or not by(visit.ended_at, at):
            return
        ended = visit.ended_at or 0
        if ended < self._day or (not self._whole and (not self._found or ended <= self._found[0][0])):
            return
        self.changed = True
        entry = _entry(ended, visit.outcome, visit.queue, visit.caller, visit.wait_s)
        if sign > 0:
            self._put(visit.offered_at, entry)
            if len(self._found) > 2 * _LOST_KEPT:
                del self._found[:_LOST_KEPT]
                self._whole = False
            return
        here = bisect_left(self._found, (ended, visit.offered_at), key=_by_end)
        while here < len(self._found) and _by_end(self._found[here]) == (ended, visit.offered_at):
            if self._found[here][2] == entry:
                del self._found[here]
                if not self._whole and len(self._found) < LOG_LENGTH * 2:
                    raise StaleError
                return
            here += 1
        raise StaleError

    def forget_before(self, since: int) -> None:
        """Forget visits that began before the look-back."""
        there, self._found = len(self._found), [one for one in self._found if one[1] >= since]
        self.changed |= len(self._found) != there

    def _put(self, offered_at: int, entry: LogEntry) -> None:
        insort(self._found, (entry.at, offered_at, entry), key=_by_end)

    def entries(self) -> list[LogEntry]:
        """Return the newest, of which the log can hold no more."""
        newest = self._found[-LOG_LENGTH:]
        if newest and len(self._found) > LOG_LENGTH:  # all of the moment that the cut goes through
            first = bisect_left(self._found, newest[0][0], key=lambda one: one[0])
            newest = self._found[first:]
        return [entry for _end, _offered, entry in newest]


def _by_end(one: tuple[int, int, LogEntry]) -> tuple[int, int]:
    return one[:2]


def _entry(ended: int, outcome: str, queue: str, caller: str | None, wait_s: float | None) -> LogEntry:
    return LogEntry(ended, outcome, "critical" if outcome == "lost" else "", queue, None, caller, wait_s)


class Below:
    """Queues' closed intervals that were below their service level, brought from moment to moment."""

    def __init__(self, scope: Scope) -> None:
        self._length = scope.config.interval_min * 60 * SECOND
        self._by_n: dict[int, dict[str, LogEntry]] = {}
        self._closed = 0
        """How many intervals of the day were over."""

    def refresh(self, scope: Scope, tally: Tally, intervals: Iterable[tuple[str | None, int]]) -> bool:
        """Look at the intervals that changed and at those that closed since; tell whether any is new."""
        changed = False
        for queue, n in intervals:
            if queue is not None and n < self._closed:
                changed |= self._look(scope, tally, queue, n)
        closed = (scope.as_of - scope.day) // self._length
        for n in range(self._closed, closed):
            for queue in tally.queues():
                changed |= self._look(scope, tally, queue, n)
        self._closed = closed
        return changed

    def _look(self, scope: Scope, tally: Tally, queue: str, n: int) -> bool:
        here = self._by_n.setdefault(n, {})
        before, now = here.pop(queue, None), None
        if tally.arrived(queue, n):
            one = tally.interval(scope, queue, n)
            if one.service_level is not None and one.service_level < scope.target(queue):
                now = here[queue] = LogEntry(one.start + self._length, "below_target", "warning", queue,
                                             value=one.service_level)
        return before != now

    def entries(self) -> list[LogEntry]:
        """Return the newest, of which the log can hold no more."""
        newest = chain.from_iterable(sorted(self._by_n[n].values(), key=order)
                                     for n in sorted(self._by_n, reverse=True))
        return list(islice(newest, LOG_LENGTH))


def of_sources(scope: Scope, condition: Condition) -> list[LogEntry]:
    """Tell restarts, notes, gaps, the first of a run of failures, and when life came back after it."""
    entries = []
    births = [Event(source, _BORN, begin, None, None) for source, begin, _end in condition.stretches
              if begin >= scope.day]
    failing: dict[str, str] = {}
    for event in sorted((*condition.events, *births), key=lambda e: (e.at, e.kind == _BORN, e.source)):
        at, text = event.at, event.text or event.source
        if event.kind == _BORN:
            if failing.pop(event.source, None) is not None:
                entries.append(LogEntry(at, "recovered", "", text=event.source))
        elif event.kind == "failed":
            if failing.get(event.source) != text:
                entries.append(LogEntry(at, "failed", "critical", text=text))
            failing[event.source] = text
        elif event.kind == "gap":
            end = min(scope.as_of, event.until or scope.as_of)
            entries.append(LogEntry(at, "gap", "warning", text=text, value=(end - at) / SECOND))
        elif event.kind in ("restart", "note"):
            entries.append(LogEntry(at, event.kind, "warning" if event.kind == "restart" else "", text=text))
    return entries
