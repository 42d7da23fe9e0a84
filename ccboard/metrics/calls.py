"""The figures of queues: visits counted over the business day, each by the definition in ccboard.kpi."""

from dataclasses import dataclass, field
from operator import add
from typing import Any, NamedTuple

from ccboard.clock import SECOND
from ccboard.metrics.levels import level_of_service
from ccboard.metrics.scope import Scope
from ccboard.metrics.visits import OVER, TAIL, over_params
from ccboard.snapshot import Interval
from ccboard.store.rows import micros, stamp


class Counts(NamedTuple):
    """What the visits of one queue (None: all) come to at as_of. Names as in ``QueueFigures``."""

    queue: str | None
    sources: tuple[str, ...]
    offered: int
    calls: int
    answered: int
    abandoned: int
    short_abandoned: int
    timed_out: int
    left_by_key: int
    left_empty: int
    withdrawn: int
    lost: int
    answered_in_time: int
    still_in_time: int
    """Waiting no longer than T: not yet a success, not yet a miss."""
    asa_s: float | None
    aht_s: float | None
    longest_wait_today_s: float | None
    service_level: float | None
    abandon_rate: float | None


class OpenVisit(NamedTuple):
    """A visit that waits or talks at as_of; `answered_at` None: waits."""

    source: str
    call: str
    queue: str
    offered_at: int
    answered_at: int | None
    agent: str | None
    caller: str | None
    caller_name: str | None
    caller_key: str | None


_IN_TIME = "count(*) FILTER (WHERE answered AND wait_s <= threshold)"
_STILL = "count(*) FILTER (WHERE NOT answered AND NOT ended AND waited_s <= threshold)"
_SUMS = f"""
    count(*), count(*) FILTER (WHERE answered), count(*) FILTER (WHERE abandoned),
    count(*) FILTER (WHERE abandoned AND wait_s < $short), {", ".join(
        f"count(*) FILTER (WHERE ended AND outcome = '{outcome}')"
        for outcome in ("timed_out", "left_by_key", "left_empty", "withdrawn", "lost"))},
    {_IN_TIME}, {_STILL},
    count(wait_s) FILTER (WHERE answered), coalesce(sum(wait_s) FILTER (WHERE answered), 0),
    count(talk_s) FILTER (WHERE answered AND ended),
    coalesce(sum(handled_s) FILTER (WHERE answered AND ended), 0)
"""
"""What adds up over queues, in the order of ``Sums``."""


class Sums(NamedTuple):
    """What the visits of a queue add up to; adding two makes that of both."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    short_abandoned: int = 0
    timed_out: int = 0
    left_by_key: int = 0
    left_empty: int = 0
    withdrawn: int = 0
    lost: int = 0
    answered_in_time: int = 0
    still_in_time: int = 0
    waits: int = 0
    wait_s: float = 0.0
    talks: int = 0
    handled_s: float = 0.0

    def __add__(self, other: tuple[object, ...]) -> "Sums":
        """Return the sums of both."""
        assert isinstance(other, Sums)
        return Sums._make(mine + others for mine, others in zip(self, other, strict=True))


@dataclass(slots=True)
class _Part:
    """What one part of the day's visits comes to: those over by the frame, or the others."""

    sums: dict[tuple[str, str], tuple[Sums, float | None]] = field(default_factory=dict)
    """By queue and source: what adds up, and the longest wait of those that are over."""
    calls: dict[str | None, int] = field(default_factory=dict)
    """Distinct calls by queue (None: all)."""
    intervals: dict[tuple[str | None, int], tuple[int, ...]] = field(default_factory=dict)
    """By queue (None: all) and interval: what ``Interval`` needs."""
    drawn: dict[tuple[str | None, int], Interval] = field(default_factory=dict)
    """The intervals of a part that is kept, in their order: most are the same a moment later."""


def _part(scope: Scope, visits: str, params: dict[str, Any]) -> _Part:
    """Return the sums of the visits of the day in a table of visits."""
    own = scope.own_thresholds
    threshold, join = "$threshold::DOUBLE", ""
    params = {**params, **scope.shown, "day": stamp(scope.day),
              "threshold": scope.config.service_level.threshold_s}
    if own:
        threshold = "coalesce(own, $threshold::DOUBLE)"
        join = """LEFT JOIN (SELECT unnest($own_queues::VARCHAR[]) AS queue,
            unnest($own_thresholds::DOUBLE[]) AS own) USING (queue)"""
        params |= {"own_queues": list(own), "own_thresholds": list(own.values())}
    seen = f"""(SELECT *, {threshold} AS threshold, ended AND outcome = 'abandoned' AS abandoned,
            talk_s + coalesce(hold_s, 0) + coalesce(wrap_s, 0) AS handled_s
        FROM {visits} {join} WHERE offered_at >= $day AND {scope.shows})"""
    part = _Part()
    for queue, source, n, *numbers, longest in scope.rows(f"""
        SELECT queue, source, (epoch_us(offered_at) - $begin::BIGINT) // $length::BIGINT AS n, {_SUMS},
            max(wait_s) FILTER (WHERE ended)
        FROM {seen} GROUP BY queue, source, n
    """, {**params, "short": scope.config.short_abandon_s, "begin": scope.day,
          "length": scope.config.interval_min * 60 * SECOND}):
        sums = Sums._make(numbers)
        before, longest_before = part.sums.get((queue, source), (None, None))
        part.sums[queue, source] = (sums if before is None else before + sums,
                                    max((one for one in (longest, longest_before) if one is not None),
                                        default=None))
        of_interval = (sums.offered, sums.answered, sums.abandoned, sums.answered_in_time, sums.still_in_time)
        for key in ((queue, n), (None, n)):
            there = part.intervals.get(key)
            part.intervals[key] = of_interval if there is None else tuple(map(add, there, of_interval))
    return part


def _parts(scope: Scope, *, kept_is_true: bool) -> tuple[_Part, _Part]:
    """Return the part that was over by the frame, kept with the reader, and the part that was not.

    The second counts only the calls that the first has not: a call may be in both.
    """
    kept = scope.reader.scratch
    day = {"day": stamp(scope.day), **scope.shown}
    if not kept_is_true:
        over = _part(scope, OVER, over_params(scope))
        over.calls = dict(scope.rows("""
            SELECT queue, count(DISTINCT call_id) FROM temp.over_calls WHERE offered_at >= $day GROUP BY queue
            UNION ALL SELECT NULL, count(DISTINCT call_id) FROM temp.over_calls WHERE offered_at >= $day
        """, {"day": stamp(scope.day)}))
        over.drawn = {key: _interval(scope, key, sums) for key, sums in sorted(
            over.intervals.items(), key=lambda item: _order(item[0]))}
        kept["over"] = over
    rest = _part(scope, TAIL, {})
    today = f"offered_at >= $day AND {scope.shows}"
    rest.calls = dict(scope.rows(f"""
        WITH mine AS (SELECT DISTINCT queue, call_id FROM {TAIL} WHERE {today}),
        had AS (SELECT queue, call_id FROM temp.over_calls
            WHERE offered_at >= $day AND call_id IN (SELECT call_id FROM mine))
        SELECT queue, count(*) FROM (FROM mine EXCEPT FROM had) GROUP BY queue
        UNION ALL SELECT NULL, count(*) FROM (SELECT call_id FROM mine EXCEPT SELECT call_id FROM had)
    """, day))
    over = kept["over"]
    return over, rest


@dataclass(frozen=True, slots=True)
class Day:
    """The day's figures: of every queue with visits, and under None those of all together."""

    counts: dict[str | None, Counts]
    intervals: tuple[Interval, ...]


def day(scope: Scope, *, kept_is_true: bool) -> Day:
    """Return the day's counts and its intervals in which somebody arrived, after ``visits.prepare``."""
    parts = _parts(scope, kept_is_true=kept_is_true)
    groups: dict[str | None, list[tuple[str, Sums, float | None]]] = {None: []}
    for part in parts:
        for (queue, source), (sums, longest) in part.sums.items():
            for name in (queue, None):
                groups.setdefault(name, []).append((source, sums, longest))
    distinct = {name: sum(part.calls.get(name, 0) for part in parts) for name in groups}
    counts = {name: _figures(name, group, distinct[name]) for name, group in groups.items()}
    return Day(counts, _intervals(scope, *parts))


def _figures(queue: str | None, group: list[tuple[str, Sums, float | None]], distinct: int) -> Counts:
    total = sum((sums for _source, sums, _longest in group), Sums())
    return Counts(
        queue, tuple(sorted({source for source, _sums, _longest in group})), total.offered, distinct,
        *total[1:11],
        asa_s=ratio(total.wait_s, total.waits),
        aht_s=ratio(total.handled_s, total.talks),
        longest_wait_today_s=max((longest for *_rest, longest in group if longest is not None), default=None),
        service_level=ratio(total.answered_in_time, total.offered - total.still_in_time),
        abandon_rate=ratio(total.abandoned, total.offered),
    )


def _intervals(scope: Scope, over: _Part, rest: _Part) -> tuple[Interval, ...]:
    drawn = dict(over.drawn)
    for key, sums in rest.intervals.items():
        before = over.intervals.get(key)
        drawn[key] = _interval(scope, key, sums if before is None else tuple(map(add, before, sums)))
    if len(drawn) == len(over.drawn):
        return tuple(drawn.values())
    return tuple(drawn[key] for key in sorted(drawn, key=_order))


def _interval(scope: Scope, key: tuple[str | None, int], sums: tuple[int, ...]) -> Interval:
    queue, n = key
    offered, answered, abandoned, in_time, still = sums
    start = scope.day + n * scope.config.interval_min * 60 * SECOND
    level = ratio(in_time, offered - still)
    return Interval(queue, start, offered, answered, abandoned, in_time, level,
                    level_of_service(scope, queue, level))


def _order(key: tuple[str | None, int]) -> tuple[bool, str, int]:
    """Order intervals: those of all queues together first, then by queue, then by time."""
    queue, n = key
    return (queue is not None, queue or "", n)


def open_visits(scope: Scope) -> list[OpenVisit]:
    """Return the visits that wait or talk at as_of, of hidden queues too (their agents are busy)."""
    rows = scope.rows(f"""
        SELECT source, call, queue, offered_at, CASE WHEN answered THEN answered_at END, agent,
            caller, caller_name, caller_key
        FROM {TAIL} WHERE NOT ended
        ORDER BY offered_at, source, call, queue, nth
    """)

    def visit(row: tuple[Any, ...]) -> OpenVisit:
        source, call, queue, offered, answered, *rest = row
        return OpenVisit(source, call, queue, micros(offered),
                         None if answered is None else micros(answered), *rest)

    return [visit(row) for row in rows]


def ratio(part: float, whole: float) -> float | None:
    """Return part over whole; None where nothing happened."""
    return part / whole if whole > 0 else None
