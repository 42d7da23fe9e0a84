"""The figures of queues: visits counted over the business day, each by the definition in ccboard.kpi."""

from typing import Any, NamedTuple

from ccboard.clock import SECOND
from ccboard.metrics.scope import AT, Scope
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


# A wait is counted in whole seconds here as in what sources state: 20.9 s are 20.
_IN_TIME = "count(*) FILTER (WHERE answered AND wait_s <= threshold)"
_STILL = "count(*) FILTER (WHERE NOT answered AND NOT ended AND waited_s <= threshold)"


def _visits(scope: Scope) -> tuple[str, dict[str, Any]]:
    """Return the day's visits as they were at as_of, each with its queue's T, as SQL and parameters."""
    own = scope.own_thresholds
    threshold, join = "$threshold::DOUBLE", ""
    params: dict[str, Any] = {"day": stamp(scope.day), "as_of": scope.at, **scope.shown,
                              "threshold": scope.config.service_level.threshold_s}
    if own:
        threshold = "coalesce(own, $threshold::DOUBLE)"
        join = """LEFT JOIN (SELECT unnest($own_queues::VARCHAR[]) AS queue,
            unnest($own_thresholds::DOUBLE[]) AS own) USING (queue)"""
        params |= {"own_queues": list(own), "own_thresholds": list(own.values())}
    return f"""
        WITH seen AS (
            SELECT source, call, queue, offered_at, outcome, wait_s, talk_s, hold_s, wrap_s, {AT},
                {threshold} AS threshold,
                (epoch_us($as_of::TIMESTAMP) - epoch_us(offered_at)) // {SECOND} AS waited_s
            FROM visits {join}
            WHERE offered_at >= $day AND offered_at <= $as_of AND {scope.shows}
        )
    """, params


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


def counts(scope: Scope) -> dict[str | None, Counts]:
    """Return the figures of every queue with visits today, and under None those of all together."""
    visits, params = _visits(scope)
    rows = scope.rows(f"""
        {visits}
        SELECT queue, source, {_SUMS}, max(wait_s) FILTER (WHERE ended), count(DISTINCT call_id), NULL
        FROM (SELECT *, ended AND outcome = 'abandoned' AS abandoned, hash(source, call) AS call_id,
                talk_s + coalesce(hold_s, 0) + coalesce(wrap_s, 0) AS handled_s FROM seen)
        GROUP BY queue, source
        UNION ALL
        SELECT NULL, NULL, {", ".join("0" for _ in Sums._fields)}, NULL, count(DISTINCT hash(source, call)), 0
        FROM seen
    """, {**params, "short": scope.config.short_abandon_s})
    parts: dict[str | None, list[tuple[Any, ...]]] = {None: []}
    for row in rows:
        if row[0] is not None:
            parts.setdefault(row[0], []).append(row)
            parts[None].append(row)
    every_call = next(row[-2] for row in rows if row[0] is None)
    return {
        queue: _figures(queue, mine, every_call if queue is None else sum(row[-2] for row in mine))
        for queue, mine in parts.items()
    }


def _figures(queue: str | None, rows: list[tuple[Any, ...]], distinct: int) -> Counts:
    total = sum((Sums._make(row[2:-3]) for row in rows), Sums())
    return Counts(
        queue, tuple(sorted({row[1] for row in rows})), total.offered, distinct, *total[1:11],
        asa_s=ratio(total.wait_s, total.waits),
        aht_s=ratio(total.handled_s, total.talks),
        longest_wait_today_s=max((row[-3] for row in rows if row[-3] is not None), default=None),
        service_level=ratio(total.answered_in_time, total.offered - total.still_in_time),
        abandon_rate=ratio(total.abandoned, total.offered),
    )


def intervals(scope: Scope) -> tuple[Interval, ...]:
    """Return each queue's intervals of the day in which somebody arrived, and those of all together."""
    length = scope.config.interval_min * 60 * SECOND
    visits, params = _visits(scope)
    rows = scope.rows(f"""
        {visits}
        SELECT queue, (epoch_us(offered_at) - $begin::BIGINT) // $length::BIGINT AS n,
            count(*), count(*) FILTER (WHERE answered),
            count(*) FILTER (WHERE ended AND outcome = 'abandoned'), {_IN_TIME}, {_STILL}
        FROM seen GROUP BY queue, n ORDER BY queue, n
    """, {**params, "begin": scope.day, "length": length})
    total: dict[int, list[int]] = {}
    for _queue, n, *numbers in rows:
        total[n] = [mine + more for mine, more in zip(total.get(n, (0,) * 5), numbers, strict=True)]
    return tuple(
        Interval(queue, scope.day + n * length, offered, answered, abandoned, in_time,
                 ratio(in_time, offered - still))
        for queue, n, offered, answered, abandoned, in_time, still in
        [*((None, n, *numbers) for n, numbers in sorted(total.items())), *rows]
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
