"""Calls offered per queue, day and minute, out of the store; NaN where nobody listened.

One question for 13 weeks, kept for the day; what the watch needs of today is a small one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ccboard.config import Config
from ccboard.desk.days import DAY_MINUTES, MINUTE, Days
from ccboard.figures import redials
from ccboard.store.reader import Reader
from ccboard.store.rows import micros, stamp
from ccboard.surge.counts import Counts

Ints = NDArray[np.int64]
Key = tuple[str, str]
"""(source, queue)."""

REDIAL_MIN = redials.WITHIN_MIN
"""Who hung up and calls the same queue again within so many minutes is not one more who wants something."""

_MINUTES = f"""
    SELECT source, queue, coalesce(list(minute) FILTER (WHERE redials IS NOT TRUE), []) AS minutes,
        coalesce(list(minute) FILTER (WHERE redials), []) AS again
    FROM (SELECT source, queue, (epoch_us(offered_at) // {MINUTE})::INTEGER AS minute,
            {redials.IS_SECOND} AS redials
        FROM visits WHERE offered_at >= $first AND offered_at < $end AND direction = 'in'
            AND (caller_key <> '' OR epoch_us(offered_at) // {MINUTE} >= $since)
        {redials.BEFORE})
    WHERE minute >= $since
    GROUP BY source, queue
"""

_FEW = """
    SELECT source, queue, caller_key, offered_at, call, nth, ended_at, outcome FROM visits
    WHERE offered_at >= $first AND offered_at < $end AND direction = 'in' AND (offered_at >= $since
        OR caller_key IN (SELECT caller_key FROM visits WHERE offered_at >= $since AND offered_at < $end
            AND direction = 'in' AND caller_key <> ''))
"""


@dataclass(frozen=True)
class Feeds:
    """When each source was not listened to: stretches [from, until) in microseconds."""

    gaps: Mapping[str, tuple[tuple[int, int], ...]]
    heard: Mapping[str, int]
    """Last sign of life of each source that gives one, by as_of."""
    alive: Mapping[str, tuple[tuple[int, int], ...]]
    """Stretches in which a source was heard, of sources that promise something."""

    @classmethod
    def read(cls, reader: Reader, first: int, as_of: int) -> "Feeds":
        """Return what is known of the feeds between `first` and `as_of`."""
        gaps: dict[str, list[tuple[int, int]]] = {}
        wholes: dict[str, int] = {}
        for source, kind, moment, until in reader.rows(
            "SELECT source, kind, moment, until FROM events WHERE kind IN ('gap', 'whole')"
            " AND moment <= $as_of AND (kind = 'whole' OR until IS NULL OR until >= $first)",
            {"first": stamp(first), "as_of": stamp(as_of)}):
            begin = micros(moment)
            if kind == "gap":
                gaps.setdefault(source, []).append((begin, as_of if until is None else micros(until)))
            else:
                wholes[source] = min(begin, wholes.get(source, begin))
        for source, whole in wholes.items():
            if whole > first:  # nothing is known of the time before it
                gaps.setdefault(source, []).append((first, whole))
        alive: dict[str, list[tuple[int, int]]] = {}
        promising = {name for name, in reader.rows("SELECT name FROM sources WHERE promise_s > 0")}
        for source, begun, until in reader.rows(
            "SELECT source, moment, until FROM alive WHERE moment <= $as_of", {"as_of": stamp(as_of)}):
            if source in promising:
                alive.setdefault(source, []).append((micros(begun), min(as_of, micros(until))))
        return cls({source: tuple(sorted(found)) for source, found in gaps.items()},
                   {source: max(end for _, end in found) for source, found in alive.items()},
                   {source: tuple(sorted(found)) for source, found in alive.items()})


@dataclass(frozen=True)
class Past:
    """Whole days: `counts` of a queue has a row per day, a column per minute of the day."""

    days: tuple[date, ...]
    counts: Mapping[str, Counts]
    sources: Mapping[str, frozenset[str]]
    """Which sources each queue's calls came from."""


def count_before(reader: Reader, first: int, end: int) -> int:
    """Return how many visits there are in [first, end): what a kept history is checked by."""
    return int(reader.rows("SELECT count(*) FROM visits WHERE offered_at >= ? AND offered_at < ?"
                           " AND direction = 'in'", [stamp(first), stamp(end)])[0][0])


def past(reader: Reader, days: Days, first: date, end: date, config: Config, feeds: Feeds) -> Past:
    """Return the calls of the days from `first` up to and without `end`, as the store knows them.

    Minutes in a gap of any of the queue's sources are NaN; so are days of which a source that promises to
    be heard was neither heard nor brought a call.
    """
    span = tuple(first + timedelta(days=n) for n in range((end - first).days))
    begins = days.begin(first)
    counts: dict[str, Counts] = {}
    sources: dict[str, set[str]] = {}
    per_source: dict[str, Ints] = {}
    for source, queue, minutes, _ in lists(reader, begins, days.begin(end)):
        day, minute = days.place(minutes)
        row = day - first.toordinal()
        per_source.setdefault(source, np.zeros(len(span), np.int64))
        per_source[source] += np.bincount(row, minlength=len(span))
        if not config.shows(queue):
            continue
        found = np.bincount(row * DAY_MINUTES + minute, minlength=len(span) * DAY_MINUTES)
        made = found.reshape(len(span), DAY_MINUTES).astype(np.float32)
        counts[queue] = counts[queue] + made if queue in counts else made
        sources.setdefault(queue, set()).add(source)
    unheard = {source: _unheard(source, total, span, days, feeds) for source, total in per_source.items()}
    for queue, made in counts.items():
        for source in sources[queue]:
            mark_gaps(made, feeds.gaps.get(source, ()), days, first)
            made[unheard[source]] = np.nan
    return Past(span, counts, {queue: frozenset(found) for queue, found in sources.items()})


def lists(reader: Reader, first: int, end: int, since: int | None = None
          ) -> list[tuple[str, str, Ints, Ints]]:
    """Return (source, queue, minutes of new callers, minutes of those who try again) of [since, end).

    Minutes are counted from 1970, UTC. Who hung up before `first` is not known; `since`: a whole minute, by
    default `first`.
    """
    since = first if since is None else since
    found = reader.arrays(_MINUTES, {"first": stamp(max(first, since - REDIAL_MIN * MINUTE)),
                                     "end": stamp(end), "since": since // MINUTE})
    return [(str(source), str(queue), np.asarray(minutes, np.int64), np.asarray(again, np.int64))
            for source, queue, minutes, again in zip(*(found[name] for name in (
                "source", "queue", "minutes", "again")), strict=True)]


def few(reader: Reader, first: int, end: int, since: int) -> list[tuple[str, str, Ints, Ints]]:
    """Return what ``lists`` does, of minutes with few visits: a third of its time where there are 100.

    Only those of the same callers are read of the hour before, and who tries again is told here.
    """
    low = stamp(since // MINUTE * MINUTE)
    found = reader.rows(_FEW, {"first": stamp(max(first, since - REDIAL_MIN * MINUTE)), "end": stamp(end),
                               "since": low})
    found.sort(key=lambda row: (row[0], row[1], row[2] or "", *row[3:6]))
    told: dict[Key, tuple[list[int], list[int]]] = {}
    before: tuple[Any, ...] = (None,) * 8
    for row in found:
        source, queue, caller, offered = row[:4]
        if offered >= low:
            again = bool(caller) and row[:3] == before[:3] and redials.is_second(
                offered, (before[3], before[6], before[7]))
            told.setdefault((source, queue), ([], []))[again].append(micros(offered) // MINUTE)
        before = row
    return [(*key, np.array(minutes, np.int64), np.array(again, np.int64))
            for key, (minutes, again) in told.items()]


def mark_gaps(counts: Counts, gaps: Sequence[tuple[int, int]], days: Days, first: date) -> None:
    """Write NaN into the minutes of `counts` (a row per day from `first` on) that a gap touches."""
    for begin, end in gaps:
        minutes = np.arange(begin // MINUTE, -(-end // MINUTE), dtype=np.int64)
        low = days.begin(first) // MINUTE
        minutes = minutes[(minutes >= low) & (minutes < low + (len(counts) + 1) * DAY_MINUTES)]
        day, minute = days.place(minutes)
        row = day - first.toordinal()
        inside = (row >= 0) & (row < len(counts))
        counts[row[inside], minute[inside]] = np.nan


def _unheard(source: str, total: Ints, span: Sequence[date], days: Days, feeds: Feeds) -> NDArray[np.bool_]:
    """Return the days without a call on which a source that is usually heard was not heard."""
    silent = np.zeros(len(span), bool)
    stretches = feeds.alive.get(source)
    if stretches is None:
        return silent
    for row in map(int, np.flatnonzero(total == 0)):
        begin = days.begin(span[row])
        end = days.begin(span[row] + timedelta(days=1))
        silent[row] = not any(a < end and b > begin for a, b in stretches)
    return silent
