"""Whose seat a viewer of some queues may see: a state of no queue names somebody, and says nothing of where.

Somebody is of the viewer's queues who was a member of one of them in the range; and, where a source tells of
seats alone, who is in no queue at all and was called or answered in one of them of late.
"""

from typing import TYPE_CHECKING, Final

from ccboard.clock import SECOND
from ccboard.store.rows import stamp

if TYPE_CHECKING:
    from ccboard.figures.plan import Plan

LATELY_S: Final = 28 * 86_400
"""So long before the range a call makes somebody one of the queue's, for whom no source tells of queues."""
_RAW: Final = "coalesce(nullif(agent, ''), interface)"


def of_queues(plan: "Plan") -> list[str] | None:
    """Return the people of the queues that the viewer may see; None: of all. Raises StoreError.

    One more look at the states and at four weeks of calls, which only boards of some queues pay.
    """
    if not plan.config.only_queues:
        return None
    moments = {"begin": stamp(plan.calendar.begin), "as_of": stamp(plan.request.as_of),
               "end": stamp(min(plan.calendar.end, plan.request.end)),
               "lately": stamp(plan.calendar.begin - LATELY_S * SECOND)}
    members = plan.rows(f"""
        SELECT DISTINCT source, raw, ({plan.shows}) FROM (
            SELECT source, {_RAW} AS raw, queue FROM agent_states
            WHERE queue IS NOT NULL AND moment >= $begin AND moment < $end AND moment <= $as_of
            UNION ALL
            SELECT source, {_RAW} AS raw, queue FROM agent_states
            WHERE queue IS NOT NULL AND moment < $begin AND moment <= $as_of GROUP BY ALL
            HAVING arg_max(state, (moment, seq, state)) NOT IN ('offline', 'unknown'))
        WHERE raw <> ''
    """, **moments)
    called = plan.rows(f"""
        SELECT source, agent FROM visits WHERE answered_at >= $lately AND answered_at < $end
            AND answered_at <= $as_of AND agent <> '' AND {plan.shows}
        UNION SELECT source, agent FROM offers WHERE ended_at >= $lately AND ended_at < $end
            AND ended_at <= $as_of AND agent <> '' AND {plan.shows}
    """, **moments)
    own, others = set[str](), set[str]()
    for source, raw, shown in members:
        (own if shown else others).add(plan.people.name(source, raw))
    return sorted(own | ({plan.people.name(source, raw) for source, raw in called} - others))
