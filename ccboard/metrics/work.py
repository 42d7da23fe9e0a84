"""What agents did: calls answered, talk, offers; and which phones ring at as_of."""

from datetime import datetime
from typing import Any, NamedTuple

from ccboard.metrics.scope import LOOK_BACK_S, Scope
from ccboard.metrics.visits import OVER, TAIL, over_params
from ccboard.store.rows import micros, stamp


class Calls(NamedTuple):
    """Calls of one agent in one queue by one source."""

    source: str
    agent: str
    queue: str
    answered: int
    talk_s: float
    last_answer: int
    last_end: int | None


class Offers(NamedTuple):
    """Offers to one agent in one queue by one source."""

    source: str
    agent: str
    queue: str
    ring_no_answer: int
    ring_cancelled: int
    ringing_since: int | None
    last_start: int
    last_ring_end: int | None
    """End of the last offer that was seen to ring: it says when the agent was free again."""


def calls(scope: Scope, *, kept_is_true: bool) -> list[Calls]:
    """Return the answered calls: first those over by the frame, kept with the reader, then the others.

    Counts and talk are of visits that arrived today; moments look back.
    """
    kept = scope.reader.scratch
    if not kept_is_true:
        kept["over_work"] = _calls(scope, OVER, over_params(scope))
    over: list[Calls] = kept["over_work"]
    return [*over, *_calls(scope, TAIL, {})]


def _calls(scope: Scope, visits: str, params: dict[str, Any]) -> list[Calls]:
    rows = scope.rows(f"""
        SELECT source, agent, queue, count(*) FILTER (WHERE offered_at >= $day),
            coalesce(sum(talk_s) FILTER (WHERE offered_at >= $day AND ended), 0),
            max(answered_at), max(ended_at) FILTER (WHERE ended)
        FROM {visits}
        WHERE answered AND answered_at IS NOT NULL AND agent <> '' AND {scope.shows}
        GROUP BY source, agent, queue
    """, {**params, "day": stamp(scope.day), **scope.shown})
    return [Calls(source, agent, queue, answered, talk_s, micros(last), _micros(end))
            for source, agent, queue, answered, talk_s, last, end in rows]


def offers(scope: Scope) -> list[Offers]:
    """Return the offers of the day, by the time they were over, and those open at as_of.

    A phone that was busy at once counts as not answered, as the phone system's own log has it.
    """
    look_back = LOOK_BACK_S * 1_000_000
    rows = scope.rows("""
        SELECT source, agent, queue,
            count(*) FILTER (WHERE over AND result IN ('no_answer', 'busy')),
            count(*) FILTER (WHERE over AND result = 'cancelled'),
            max(started_at) FILTER (WHERE ended_at IS NULL OR ended_at > $as_of), max(started_at),
            max(ended_at) FILTER (WHERE ended_at <= $as_of AND started_at < ended_at)
        FROM (SELECT *, ended_at <= $as_of AS over FROM offers WHERE ended_at >= $day AND ended_at <= $later
              UNION ALL SELECT *, false FROM open_offers WHERE started_at >= $since)
        WHERE started_at <= $as_of
        GROUP BY source, agent, queue
    """, {"since": stamp(scope.since), "day": stamp(scope.day), "as_of": scope.at,
          "later": stamp(scope.as_of + look_back)})

    return [Offers(source, agent, queue, missed, cancelled, _micros(ringing), micros(last), _micros(end))
            for source, agent, queue, missed, cancelled, ringing, last, end in rows]


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)
