"""What agents did: calls answered, talk, offers; and which phones ring at as_of."""

from datetime import datetime
from typing import NamedTuple

from ccboard.metrics.scope import LOOK_BACK_S, Scope
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


def calls(scope: Scope) -> list[Calls]:
    """Return the answered calls. Counts and talk are of visits that arrived today; moments look back."""
    rows = scope.rows("""
        SELECT source, agent, queue, count(*) FILTER (WHERE offered_at >= $day),
            coalesce(sum(talk_s) FILTER (WHERE offered_at >= $day AND ended_at <= $as_of), 0),
            max(answered_at), max(ended_at) FILTER (WHERE ended_at <= $as_of)
        FROM visits
        WHERE offered_at >= $since AND offered_at <= $as_of AND answered_at <= $as_of AND agent <> ''
        GROUP BY source, agent, queue
    """, {"since": stamp(scope.since), "day": stamp(scope.day), "as_of": scope.at})
    return [Calls(source, agent, queue, answered, talk_s, micros(last), None if end is None else micros(end))
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
