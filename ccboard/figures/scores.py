"""Judgements as sums: each belongs to the contact that it is about, or to its agent alone.

Which contact a judgement means is settled over the whole store, so that it does not depend on the range asked
for: of the call's visits (in its queue, where it names one) one of its own source before one of another, one
of the agent whom it names before others, an answered one before others, the last before the first. It then
counts where that visit counts, at the visit's arrival. One that names no call, or a call that nothing is
known of, counts for the agent whom it names, when it was given; it has no queue, and a board of some queues
leaves it out.
"""

from typing import Final

from ccboard.clock import SECOND
from ccboard.figures.plan import Key, Plan, Sums
from ccboard.figures.request import TIMES
from ccboard.figures.ruled import PROJECT, projects_join
from ccboard.figures.successes import BEST
from ccboard.figures.visits import people_join
from ccboard.store.rows import stamp

SUMS: Final[dict[str, str]] = {
    "csat_sum": "coalesce(sum(value) FILTER (WHERE placed AND kind = 'csat'), 0)",
    "csats": "count(*) FILTER (WHERE placed AND kind = 'csat')",
    "qa_sum": "coalesce(sum(value) FILTER (WHERE placed AND kind = 'qa'), 0)",
    "qas": "count(*) FILTER (WHERE placed AND kind = 'qa')",
    "resolved": "count(*) FILTER (WHERE placed AND last_word AND kind = 'resolved' AND value = 1)",
    "judged": "count(*) FILTER (WHERE placed AND last_word AND kind = 'resolved')",
    "complaints": "count(*) FILTER (WHERE placed AND last_word AND kind = 'complaint' AND value = 1)",
    "csat_lost": "count(*) FILTER (WHERE NOT placed AND kind = 'csat')",
    "qa_lost": "count(*) FILTER (WHERE NOT placed AND kind = 'qa')",
    "judged_lost": "count(*) FILTER (WHERE NOT placed AND kind = 'resolved')",
    "complaints_lost": "count(*) FILTER (WHERE NOT placed AND kind = 'complaint' AND value = 1)",
}
KINDS: Final[dict[str, str]] = {
    "csat_sum": "csat", "csats": "csat", "csat_lost": "csat", "qa_sum": "qa", "qas": "qa", "qa_lost": "qa",
    "resolved": "resolved", "judged": "resolved", "judged_lost": "resolved",
    "complaints": "complaint", "complaints_lost": "complaint", "successes": "success",
    "right_parties": "right_party",
}
"""The kind of judgement that each sum is made of."""
EARLY_S: Final = 86_400
"""A judgement may be given by a clock that is so much behind the arrival's."""
_VISIT: Final = ("source", "call", "queue", "nth", "agent", "offered_at", "answered_at", "ended_at",
                 "outcome", "project", "business_type", "channel", "direction", "caller", "wait_s", "ring_s",
                 "talk_s", "hold_s", "wrap_s", "transfer")


def told(plan: Plan) -> frozenset[str]:
    """Return the kinds of judgements that any source has brought by as_of."""
    rows = plan.rows("SELECT DISTINCT kind FROM scores WHERE moment <= $as_of",
                     as_of=stamp(plan.request.as_of))
    return frozenset(kind for (kind,) in rows)


def of_scores(plan: Plan, names: list[str]) -> dict[Key, Sums]:
    """Return the sums over judgements by the keys of the request."""
    group = ", ".join(f"key_{name}" for name in plan.request.by)
    found = ", ".join(SUMS[name] for name in names)
    rows = plan.rows(f"SELECT {group + ', ' if group else ''}{found} FROM ({rows_of(plan, names)})"
                     f" {'GROUP BY ' + group if group else ''}")
    size = len(plan.request.by)
    return {row[:size]: dict(zip(names, row[size:], strict=True)) for row in rows}


def rows_of(plan: Plan, names: list[str]) -> str:
    """Return the question for the judgements behind these sums, with their visits and the request's keys."""
    request, calendar = plan.request, plan.calendar
    kinds = sorted({KINDS[name] for name in names})
    plan.params |= {
        "as_of": stamp(request.as_of),
        "score_kinds": kinds,
        "score_begin": stamp(calendar.begin - EARLY_S * SECOND),
    }
    of_projects, params = projects_join(plan.config, plan.projects)
    plan.params |= params
    people = people_join(plan)
    shows = plan.shows
    columns = {
        "queue": "c.queue",
        "source": "c.source",
        "type": "nullif(c.business_type, '')",
        "direction": "c.direction",
        "channel": "c.channel",
        "agent": "agent_name",
        "team": "team_name",
        "project": PROJECT,
        "outcome": "CASE WHEN coalesce(c.ended_at <= $as_of, false) THEN c.outcome"
        " WHEN coalesce(c.answered_at <= $as_of, false) THEN 'answered' END",
    }
    keys = [f"{column} AS key_{name}" for name, column in columns.items() if plan.wants(name)]
    keys += [f"{calendar.key(name, 'at_us')} AS key_{name}" for name in TIMES if plan.wants(name)]
    wheres = " AND ".join(plan.condition(name, f"key_{name}") for name, _values in request.where) or "true"
    visit = ", ".join(f"{name} := c.{name}" for name in _VISIT)
    return f"""SELECT * FROM (
        SELECT {", ".join(["c.*", *keys])} FROM (
            WITH given AS (
                SELECT *, rowid AS id FROM scores WHERE list_contains($score_kinds::VARCHAR[], kind)
                    AND moment <= $as_of AND moment >= $score_begin),
            about AS (
                SELECT g.id, arg_max(struct_pack({visit}), {BEST}) AS visit
                FROM given g JOIN visits c ON c.call = g.call AND (g.queue IS NULL OR c.queue = g.queue)
                GROUP BY g.id)
            SELECT c.*, coalesce(people.name, nullif(c.agent, '')) AS agent_name,
                people.team AS team_name FROM (
                SELECT g.kind, g.value, g.moment, g.key, v.visit IS NOT NULL AS known,
                    v.visit IS NOT NULL OR coalesce(g.agent, '') <> '' AS placed,
                    coalesce(v.visit.source, g.source) AS source, coalesce(g.agent, v.visit.agent) AS agent,
                    epoch_us(coalesce(v.visit.offered_at, g.moment)) AS at_us,
                    coalesce(v.visit.call, g.call) AS call,
                    row_number() OVER (PARTITION BY g.kind, coalesce(v.visit.source, g.source),
                        CASE WHEN v.visit IS NULL THEN 'score ' || g.key
                            ELSE 'visit ' || v.visit.nth || ' ' || v.visit.queue || chr(31) || v.visit.call
                        END
                        ORDER BY g.moment DESC, g.source DESC, g.key DESC) = 1 AS last_word,
                    {", ".join(f"v.visit.{name} AS {name}" for name in _VISIT
                               if name not in ("source", "call", "agent"))}
                FROM given g LEFT JOIN about v USING (id)
            ) c {people}
            WHERE at_us >= {calendar.begin} AND at_us < {min(calendar.end, request.end)}
                AND at_us <= {request.as_of}
                AND {"true" if shows == "true" else f"known AND {shows.replace('queue', 'c.queue')}"}
        ) c {of_projects}
    ) WHERE {wheres}"""
