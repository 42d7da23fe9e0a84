"""Lists beside the figures: callers who wait, and the log of what happened.

Kinds of log entries (``LogEntry.kind``): ``paused``, ``ready`` (back from a pause), ``offline`` and
``online`` (logged off and on) of an agent; ``abandoned`` (`value`: seconds waited, `text`: caller) and
``lost`` of a caller; ``restart``, ``failed``, ``recovered``, ``gap`` (`value`: seconds) and ``note`` of a
source (`text` begins with its name where it has no words of its own); ``below_target`` of a
queue whose interval closed under its service level (`at`: its end, `value`: the ratio).
"""

from collections.abc import Iterable
from typing import Any

from ccboard.clock import SECOND
from ccboard.metrics.calls import OpenVisit
from ccboard.metrics.moves import Move
from ccboard.metrics.scope import Scope
from ccboard.metrics.sources import Condition, Event
from ccboard.metrics.visits import OVER, TAIL, over_params
from ccboard.snapshot import Interval, LogEntry, Waiting
from ccboard.store.rows import micros, stamp

_BORN = "~born"  # the start of a stretch of life, among the events

LOG_LENGTH = 200
"""Most entries of the log in a snapshot."""


def waiting(scope: Scope, visits: Iterable[OpenVisit]) -> tuple[Waiting, ...]:
    """Return the callers who wait, longest first, with their place and how often they called today."""
    here = [visit for visit in visits if visit.answered_at is None]
    keys = sorted({visit.caller_key for visit in here if visit.caller_key})
    times: dict[str, list[int]] = {}
    for key, first in scope.rows(f"""
        WITH asked AS (SELECT unnest($keys::VARCHAR[]) AS caller_key)
        SELECT caller_key, min(offered_at) FROM (
            SELECT caller_id, call_id, offered_at FROM {TAIL} WHERE offered_at >= $day AND {scope.shows}
            UNION ALL SELECT caller_id, call_id, offered_at FROM temp.over_calls WHERE offered_at >= $day
        ) JOIN asked ON caller_id = hash(caller_key)
        GROUP BY caller_key, call_id
    """, {"day": stamp(scope.day), "keys": keys, **scope.shown}):
        times.setdefault(key, []).append(micros(first))
    places: dict[str, int] = {}
    rows = []
    for visit in here:
        places[visit.queue] = places.get(visit.queue, 0) + 1
        nth = sum(first <= visit.offered_at for first in times.get(visit.caller_key or "", ()))
        rows.append(Waiting(visit.queue, places[visit.queue], visit.offered_at, visit.caller,
                            visit.caller_name, max(1, nth), visit.call))
    return tuple(rows)


def log(scope: Scope, condition: Condition, intervals: Iterable[Interval],
        changes: Iterable[Move], *, kept_is_true: bool) -> tuple[LogEntry, ...]:
    """Return what happened today, newest first."""
    entries = [LogEntry(move.at, move.kind, "", move.queue, label(scope, move.person), move.reason)
               for move in changes]
    entries += _lost_callers(scope, kept_is_true=kept_is_true)
    entries += _sources(scope, condition)
    entries += _below_target(scope, intervals)
    entries.sort(key=lambda entry: (-entry.at, entry.kind, entry.queue or "", entry.agent or "",
                                    entry.text or ""))
    return tuple(entries[:LOG_LENGTH])


def label(scope: Scope, person: str) -> str:
    """Return the name to show of an agent."""
    agent = scope.config.agents.get(person)
    return (agent.label if agent else None) or person


def _lost_callers(scope: Scope, *, kept_is_true: bool) -> list[LogEntry]:
    """Return who gave up or was lost: those of before the frame are kept with the reader."""
    kept = scope.reader.scratch
    if not kept_is_true:
        kept["over_lost"] = _lost(scope, OVER, over_params(scope))
    return [*_lost(scope, TAIL, {}), *kept["over_lost"]]


def _lost(scope: Scope, visits: str, params: dict[str, Any]) -> list[LogEntry]:
    rows = scope.rows(f"""
        SELECT ended_at, outcome, queue, caller, wait_s FROM {visits}
        WHERE ended AND ended_at >= $day AND outcome IN ('abandoned', 'lost') AND {scope.shows}
        ORDER BY ended_at DESC, queue, call LIMIT $most
    """, {**params, "day": stamp(scope.day), "most": LOG_LENGTH, **scope.shown})
    return [LogEntry(micros(ended), outcome, "critical" if outcome == "lost" else "", queue, None, caller,
                     wait_s) for ended, outcome, queue, caller, wait_s in rows]


def _sources(scope: Scope, condition: Condition) -> list[LogEntry]:
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


def _below_target(scope: Scope, intervals: Iterable[Interval]) -> list[LogEntry]:
    length = scope.config.interval_min * 60 * SECOND
    last = scope.as_of - length
    targets: dict[str, float] = {}
    entries = []
    for one in intervals:
        if one.queue is None or one.start > last or one.service_level is None:
            continue
        target = targets.get(one.queue)
        if target is None:
            target = targets[one.queue] = scope.target(one.queue)
        if one.service_level < target:
            entries.append(LogEntry(one.start + length, "below_target", "warning", one.queue,
                                    value=one.service_level))
    return entries
