"""The figures of queues: visits counted over the business day, each by the definition in ccboard.kpi."""

from typing import Any, NamedTuple

from ccboard.clock import SECOND
from ccboard.metrics.scope import AT, SHOWN, Scope
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


_VISITS = f"""
    WITH own AS (SELECT unnest($own_queues::VARCHAR[]) AS queue, unnest($own_thresholds::DOUBLE[]) AS own),
    seen AS (
        SELECT source, call, queue, offered_at, outcome, wait_s, talk_s, hold_s, wrap_s, {AT},
            coalesce(own, $threshold::DOUBLE) AS threshold
        FROM visits LEFT JOIN own USING (queue)
        WHERE offered_at >= $day AND offered_at <= $as_of AND {SHOWN}
    )
"""
"""The day's visits as they were at as_of, each with its queue's T."""

_IN_TIME = "count(*) FILTER (WHERE answered AND wait_s <= threshold)"
# A wait is counted in whole seconds here as in what sources state: 20.9 s are 20.
_STILL = ("count(*) FILTER (WHERE NOT answered AND NOT ended"
          " AND (epoch_us($as_of::TIMESTAMP) - epoch_us(offered_at)) // 1000000 <= threshold)")


def counts(scope: Scope) -> dict[str | None, Counts]:
    """Return the figures of every queue with visits today, and under None those of all together."""
    def ended(outcome: str) -> str:
        return f"count(*) FILTER (WHERE ended AND outcome = '{outcome}')"

    rows = scope.rows(f"""
        {_VISITS}
        SELECT queue, list(DISTINCT source), count(*), count(DISTINCT (source, call)),
            count(*) FILTER (WHERE answered), {ended('abandoned')},
            count(*) FILTER (WHERE ended AND outcome = 'abandoned' AND wait_s < $short),
            {ended('timed_out')}, {ended('left_by_key')}, {ended('left_empty')}, {ended('withdrawn')},
            {ended('lost')}, {_IN_TIME}, {_STILL},
            avg(wait_s) FILTER (WHERE answered),
            avg(talk_s + coalesce(hold_s, 0) + coalesce(wrap_s, 0)) FILTER (WHERE answered AND ended),
            max(wait_s) FILTER (WHERE ended)
        FROM seen GROUP BY GROUPING SETS ((queue), ())
    """, {**scope.thresholds, **scope.shown, "day": stamp(scope.day), "as_of": scope.at,
          "short": scope.config.short_abandon_s})
    result: dict[str | None, Counts] = {}
    for queue, sources, *numbers in rows:
        offered, answered_in_time, still = numbers[0], numbers[10], numbers[11]
        result[queue] = Counts._make((
            queue, tuple(sorted(sources or ())), *numbers,
            ratio(answered_in_time, offered - still), ratio(numbers[3], offered),
        ))
    return result


def intervals(scope: Scope) -> tuple[Interval, ...]:
    """Return each queue's intervals of the day in which somebody arrived, and those of all together."""
    rows = scope.rows(f"""
        {_VISITS}
        SELECT queue, (epoch_us(offered_at) - $begin::BIGINT) // $length::BIGINT AS n,
            count(*), count(*) FILTER (WHERE answered),
            count(*) FILTER (WHERE ended AND outcome = 'abandoned'),
            {_IN_TIME}, {_STILL}
        FROM seen GROUP BY GROUPING SETS ((queue, n), (n)) ORDER BY queue NULLS FIRST, n
    """, {**scope.thresholds, **scope.shown, "day": stamp(scope.day), "as_of": scope.at, "begin": scope.day,
          "length": scope.config.interval_min * 60 * SECOND})
    length = scope.config.interval_min * 60 * SECOND
    return tuple(
        Interval(queue, scope.day + n * length, offered, answered, abandoned, in_time,
                 ratio(in_time, offered - still))
        for queue, n, offered, answered, abandoned, in_time, still in rows
    )


def open_visits(scope: Scope) -> list[OpenVisit]:
    """Return the visits that wait or talk at as_of, of hidden queues too (their agents are busy)."""
    rows = scope.rows("""
        SELECT source, call, queue, offered_at, CASE WHEN answered_at <= $as_of THEN answered_at END, agent,
            caller, caller_name, caller_key
        FROM visits
        WHERE offered_at >= $since AND offered_at <= $as_of AND (ended_at IS NULL OR ended_at > $as_of)
        ORDER BY offered_at, source, call, queue, nth
    """, {"since": stamp(scope.since), "as_of": scope.at})

    def visit(row: tuple[Any, ...]) -> OpenVisit:
        source, call, queue, offered, answered, *rest = row
        return OpenVisit(source, call, queue, micros(offered),
                         None if answered is None else micros(answered), *rest)

    return [visit(row) for row in rows]


def ratio(part: float, whole: float) -> float | None:
    """Return part over whole; None where nothing happened."""
    return part / whole if whole > 0 else None
