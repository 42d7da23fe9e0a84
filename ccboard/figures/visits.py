"""The questions: sums over visits in one, over offers in another, by the keys of the request."""

from dataclasses import dataclass
from typing import Any

from ccboard.clock import SECOND
from ccboard.figures import people as who
from ccboard.figures import redials, sums
from ccboard.figures.plan import Key, Plan, Sums
from ccboard.figures.request import TIMES
from ccboard.figures.ruled import PROJECT, ruled
from ccboard.figures.rules import Rule
from ccboard.figures.successes import DIALS, dial_join
from ccboard.kpis.terms import TERMS
from ccboard.store.rows import stamp

_DAY = 86_400 * SECOND


@dataclass(frozen=True, slots=True)
class Base:
    """The visits of a request as SQL: `before` stands before SELECT, `rows` after FROM with its WHERE."""

    before: str
    rows: str
    rules: list[Rule]
    inbound: str
    outbound: str
    params: dict[str, Any]


def of_visits(plan: Plan, names: list[str]) -> dict[Key, Sums]:
    """Return these sums over visits by the keys of the request."""
    base = base_of(plan, names)
    group = ", ".join(f"key_{name}" for name in plan.request.by)
    found = ", ".join(sums.aggregate(name, base.rules, base.inbound, base.outbound) for name in names)
    # Columns that no aggregate needs are not even read: DuckDB prunes them.
    rows = plan.rows(
        f"""
        {base.before}
        SELECT {group + ", " if group else ""}{found} FROM {base.rows} {"GROUP BY " + group if group else ""}
    """,
        **base.params,
    )
    size = len(plan.request.by)
    return {row[:size]: dict(zip(names, row[size:], strict=True)) for row in rows}


def base_of(plan: Plan, names: list[str], *, people: bool = False) -> Base:
    """Return the visits that these sums are made of; `people`: with who answered, as `agent_name`."""
    request, config, calendar = plan.request, plan.config, plan.calendar
    level = any(TERMS[name].of == "level" for name in names)
    measured = level or any(name in ("short_abandoned", "answered_in_time") for name in names)
    rules, rule_sql, joins = _rules(plan)
    cohorts = {rule.cohort for rule in rules}
    inbound, outbound, direction = _directions(names)
    costs = bool(sums.COSTS.intersection(names))
    per_visit = [rule_sql if measured or "end" in cohorts or plan.wants("project") else ""]
    agents = people or plan.wants("agent", "team") or costs or "agents" in names
    if agents:
        joins += people_join(plan)
        per_visit.append("coalesce(people.name, nullif(c.agent, '')) AS agent_name, people.team AS team_name")
    if costs:
        joins += _cost_join(plan)
        per_visit.append("coalesce(people.cost, project_costs.cost, $hourly_cost::DOUBLE) AS hourly_cost")
        plan.params["hourly_cost"] = config.hourly_cost
    for kind in sorted({DIALS[name] for name in names if name in DIALS}):
        joins += dial_join(kind)
        per_visit.append(f"{kind}_hits.call IS NOT NULL AS is_{kind}")
    repeats = ""
    if sums.REPEATS.intersection(names):
        repeats = _repeats(plan)
        joins += (
            " LEFT JOIN near ON near.id = hash(c.source, c.call) AND nullif(c.caller_key, '') IS NOT NULL"
        )
        per_visit.append("near.next_us, near.last_us")
    if sums.TRIES.intersection(names):
        back = redials.WITHIN_MIN * 60 + (sums.LOOK_BACK_S if "end" in cohorts else 0)
        plan.params |= {"tries_begin": stamp(calendar.begin - back * SECOND),
                        "tries_end": stamp(min(calendar.end, request.end))}
        repeats += f"{',' if repeats else 'WITH'} tries AS ({redials.FOUND})"
        joins += (" LEFT JOIN tries ON tries.source = c.source AND tries.call = c.call"
                  " AND tries.queue = c.queue AND tries.nth = c.nth")
        per_visit.append("tries.is_second")
    moment, when = "epoch_us(offered_at)", "c.offered_at >= $begin AND c.offered_at < $end"
    begin = calendar.begin
    if "end" in cohorts:
        ended = sums.per_rule(rules, lambda rule: "ended_at" if rule.cohort == "end" else "offered_at")
        moment = f"epoch_us({ended})"
        begin -= sums.LOOK_BACK_S * SECOND
        when = (
            "c.offered_at >= $begin AND c.offered_at < $end AND (c.ended_at IS NULL OR c.ended_at >= $begin)"
        )
        per_visit.append(f"{moment} AS at_us")
    per_visit.append(_keys(plan))
    rule_level = (
        f", {sums.rule_columns(rules, calendar.minute_of_week('epoch_us(offered_at)'))}" if level else ""
    )
    counted = (
        "NOT (out_time_outs OR out_overflow OR out_left_by_key OR out_callbacks OR out_after_hours"
        f" OR {sums.IS_UNTOLD})"
        if level
        else "true"
    )
    outer = "true"
    if "end" in cohorts:
        outer = (
            f"at_us >= {calendar.begin} AND at_us < {calendar.end}"
            f" AND {sums.per_rule(rules, lambda rule: 'was_over' if rule.cohort == 'end' else 'true')}"
        )
    wheres = " AND ".join(plan.condition(name, f"key_{name}") for name, _values in request.where) or "true"
    timed = ", ".join(
        f"{calendar.key(name, 'at_us' if 'end' in cohorts else moment)} AS key_{name}"
        for name in TIMES
        if plan.wants(name)
    )
    return Base(
        repeats,
        f"""(
            SELECT *, {counted} AS counted{", " + timed if timed else ""} FROM (
                SELECT *{rule_level} FROM (
                    SELECT {", ".join(["c.*", *filter(None, per_visit), sums.COLUMNS])}
                    FROM visits c {joins}
                    WHERE {when} AND c.offered_at <= $as_of AND {direction}
                        AND {plan.shows.replace("queue", "c.queue")}
                )
            )
        ) WHERE {wheres} AND {outer}""",
        rules,
        inbound,
        outbound,
        {
            "begin": stamp(begin),
            "end": stamp(min(calendar.end, request.end)),
            "as_of": stamp(request.as_of),
        },
    )


def _directions(names: list[str]) -> tuple[str, str, str]:
    """Return the conditions of inbound and outbound visits, and which visits have to be looked at."""
    dials = {TERMS[name].of == "dials" for name in names}
    if dials == {True}:
        return "false", "true", "c.direction = 'out'"
    if dials == {False}:
        return "true", "false", "c.direction = 'in'"
    return "direction = 'in'", "direction = 'out'", "true"


def _keys(plan: Plan) -> str:
    columns = {
        "queue": "c.queue",
        "type": "nullif(c.business_type, '')",
        "direction": "c.direction",
        "channel": "c.channel",
        "source": "c.source",
        "outcome": "CASE WHEN coalesce(c.ended_at <= $as_of, false) THEN c.outcome"
        " WHEN coalesce(c.answered_at"
        " <= $as_of, false) THEN 'answered' END",
        "agent": "agent_name",
        "team": "team_name",
        "project": "queue_project",
    }
    return ", ".join(f"{column} AS key_{name}" for name, column in columns.items() if plan.wants(name))


def _rules(plan: Plan) -> tuple[list[Rule], str, str]:
    """Return the rules that differ in more than T and S, the columns of a visit's rule, and their joins."""
    costs = any(project.hourly_cost is not None for project in plan.config.projects.values())
    found = ruled(plan.config, plan.projects, named=plan.wants("project") or costs)
    plan.params |= found.params
    return found.shapes, found.columns, found.joins


def people_join(plan: Plan, *, states: bool = False) -> str:
    """Return the join that names who an agent is; `states`: of changes of state, which may name phones."""
    seen = [(source, agent) for source, agent in plan.reader.rows("SELECT source, agent FROM agents_seen")]
    if states and plan.wants("team"):  # who only ever logged in has a team, too
        seen += plan.reader.rows("SELECT DISTINCT source, coalesce(nullif(agent, ''), interface)"
                                 " FROM agent_states WHERE coalesce(nullif(agent, ''), interface) <> ''")
    plan.params |= who.table(plan.people, seen)
    return """ LEFT JOIN (SELECT unnest($people_source::VARCHAR[]) AS source,
        unnest($people_raw::VARCHAR[]) AS raw,
        unnest($people_name::VARCHAR[]) AS name, unnest($people_team::VARCHAR[]) AS team,
        unnest($people_cost::DOUBLE[]) AS cost) AS people
        ON people.source = c.source AND people.raw = """ + (
        "coalesce(nullif(c.agent, ''), c.interface)" if states else "c.agent"
    )


def _cost_join(plan: Plan) -> str:
    costs = {
        name: project.hourly_cost
        for name, project in plan.config.projects.items()
        if project.hourly_cost is not None
    }
    plan.params |= {"cost_projects": list(costs), "costs": list(costs.values())}
    project = PROJECT if costs else "NULL"
    return f""" LEFT JOIN (SELECT unnest($cost_projects::VARCHAR[]) AS project,
            unnest($costs::DOUBLE[]) AS cost)
        AS project_costs ON project_costs.project = {project}"""


def _repeats(plan: Plan) -> str:
    """Return the question for how far the caller's next and last other calls are from each call."""
    reach = 7 * _DAY
    plan.params |= {
        "near_begin": stamp(plan.calendar.begin - reach - sums.LOOK_BACK_S * SECOND),
        "near_end": stamp(plan.calendar.end + reach),
    }
    return f"""WITH calls AS (
            SELECT hash(source, call) AS id, any_value(caller_key) AS caller,
                min(epoch_us(offered_at)) AS first
            FROM visits WHERE offered_at >= $near_begin AND offered_at < $near_end AND offered_at <= $as_of
                AND direction = 'in' AND caller_key <> '' AND {plan.shows}
            GROUP BY ALL),
        near AS (
            SELECT id, lead(first) OVER turn - first AS next_us, first - lag(first) OVER turn AS last_us
            FROM calls WINDOW turn AS (PARTITION BY caller ORDER BY first, id))"""



def of_offers(plan: Plan, names: list[str]) -> dict[Key, Sums]:
    """Return the sums over offers that were over in the range, as agents' figures of a day count them."""
    request, calendar = plan.request, plan.calendar
    joins = people_join(plan)
    joins += """ LEFT JOIN (SELECT unnest($project_queues::VARCHAR[]) AS queue,
        unnest($project_names::VARCHAR[]) AS name) AS queue_projects ON queue_projects.queue = c.queue"""
    plan.params |= {"project_queues": list(plan.projects), "project_names": list(plan.projects.values())}
    columns = {
        "queue": "c.queue",
        "source": "c.source",
        "agent": "coalesce(people.name, nullif(c.agent, ''))",
        "team": "people.team",
        "project": "queue_projects.name",
    }
    wanted = [f"{column} AS key_{name}" for name, column in columns.items() if plan.wants(name)]
    wanted += [
        f"{calendar.key(name, 'epoch_us(c.ended_at)')} AS key_{name}" for name in TIMES if plan.wants(name)
    ]
    wheres = " AND ".join(plan.condition(name, f"key_{name}") for name, _values in request.where) or "true"
    group = ", ".join(f"key_{name}" for name in request.by)
    rows = plan.rows(
        f"""
        SELECT {group + ", " if group else ""}{", ".join(sums.OFFERS[name] for name in names)} FROM (
            SELECT result{", " + ", ".join(wanted) if wanted else ""} FROM offers c {joins}
            WHERE c.ended_at >= $begin AND c.ended_at < $end AND c.ended_at <= $as_of
                AND {plan.shows.replace("queue", "c.queue")}
        ) WHERE {wheres} {"GROUP BY " + group if group else ""}
    """,
        begin=stamp(calendar.begin),
        end=stamp(min(calendar.end, request.end)),
        as_of=stamp(request.as_of),
    )
    size = len(request.by)
    return {row[:size]: dict(zip(names, row[size:], strict=True)) for row in rows}
