"""Agents' time: logged in, paused, on contacts, available; every person once, whatever the number of queues.

Who is a member of which queue, and paused there, is brought together per person in the order of moments;
the stretches between are cut where days, hours or intervals begin.
"""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ccboard.clock import SECOND
from ccboard.figures import people as who
from ccboard.figures.request import TIMES
from ccboard.figures.seats import of_queues
from ccboard.figures.sums import WRAP
from ccboard.store.rows import stamp

if TYPE_CHECKING:
    from ccboard.figures.plan import Key, Plan, Sums

_TOLD = """
    SELECT coalesce(people.name, s.raw) AS person, s.source, s.queue, epoch_us(s.moment) AS began,
        s.state, s.seq, {shows} AS shown
    FROM (
        SELECT source, coalesce(nullif(agent, ''), interface) AS raw, queue, moment, state, seq
        FROM agent_states
        WHERE moment >= $begin AND moment <= $as_of AND moment < $end
        UNION ALL
        SELECT source, coalesce(nullif(agent, ''), interface) AS raw, queue, max(moment),
            arg_max(state, (moment, seq, state)), arg_max(seq, (moment, seq, state))
        FROM agent_states
        WHERE moment < $begin AND moment <= $as_of AND moment < $end
        GROUP BY ALL) s
    {join} WHERE s.raw <> ''
"""
"""What was told of every person: in a queue, or (no queue) of the seat.

Of all that was before the range the last state alone counts: years of it are one row per queue. Of
queues that are not shown it is read only for who is in them: their seat is not one of this board.
"""

_STEPS = f"""
    WITH told AS ({_TOLD}),
    queued AS (SELECT DISTINCT person FROM told WHERE queue IS NOT NULL),
    here AS (
        -- A seat counts only for who is in no queue: a phone that can be reached is no member of anything.
        SELECT person, source, queue, began, state, seq,
            (state <> 'offline' AND state <> 'unknown')::INTEGER AS is_in,
            (state = 'paused')::INTEGER AS is_paused
        FROM told WHERE (queue IS NOT NULL AND shown)
            OR (queue IS NULL AND person NOT IN (SELECT person FROM queued) AND {{seats}})),
    turns AS (
        SELECT person, began, seq,
            is_in - coalesce(lag(is_in) OVER turn, 0) AS step_in,
            is_paused - coalesce(lag(is_paused) OVER turn, 0) AS step_paused
        FROM here WINDOW turn AS (PARTITION BY person, source, queue ORDER BY began, seq, state)),
    moments AS (
        SELECT person, began, sum(step_in) AS step_in, sum(step_paused) AS step_paused
        FROM turns GROUP BY person, began),
    levels AS (
        SELECT person, began, sum(step_in) OVER turn AS queues, sum(step_paused) OVER turn AS pauses,
            lead(began, 1, $until_us) OVER turn AS until
        FROM moments WINDOW turn AS (PARTITION BY person ORDER BY began)),
    stretches AS (
        SELECT person, greatest(began, $begin_us) AS began, least(until, $until_us) AS until,
            pauses >= queues AS paused
        FROM levels WHERE queues > 0 AND until > $begin_us AND began < $until_us)
"""


def sums(plan: "Plan", names: list[str]) -> "dict[Key, Sums] | None":
    """Return the sums over agents' time by the request's keys; None where no source tells of agents' states.

    Contacts count where they were answered. Raises StoreError.
    """
    if not plan.rows(
        "SELECT 1 FROM agent_states WHERE moment <= $as_of LIMIT 1", as_of=stamp(plan.request.as_of)
    ):
        return None
    seen = plan.rows("SELECT DISTINCT source, coalesce(nullif(agent, ''), interface) FROM agent_states")
    seen += plan.rows("SELECT source, agent FROM agents_seen")
    plan.params |= who.table(plan.people, [(source, raw) for source, raw in seen if raw])
    people = """ LEFT JOIN (SELECT unnest($people_source::VARCHAR[]) AS source,
        unnest($people_raw::VARCHAR[]) AS raw,
        unnest($people_name::VARCHAR[]) AS name) AS people"""
    by = [name for name in plan.request.by if name in TIMES]
    asked = list(dict.fromkeys((*by, *(name for name, _ in plan.request.where if name in TIMES))))
    end = min(plan.calendar.end, plan.request.end, plan.request.as_of)
    edges = _edges(plan, asked)
    keys = list(zip(*(key for _begin, _end, key in edges), strict=True)) or []
    plan.params |= {
        "edge_from": [begin for begin, _end, _key in edges],
        "edge_to": [to for _begin, to, _key in edges],
    }
    columns = "".join(
        f", unnest({list(map(int, column))}::BIGINT[]) AS key_{name}"
        for name, column in zip(asked, keys, strict=True)
    )
    own = of_queues(plan)
    if own is not None:
        plan.params["own_people"] = own
    steps = _STEPS.format(
        shows=plan.shows.replace("queue", "s.queue"),
        join=people + " ON people.source = s.source AND people.raw = s.raw",
        seats="true" if own is None else "list_contains($own_people::VARCHAR[], person)",
    )
    cut = ", ".join(f"key_{name}" for name in asked)
    rows = plan.rows(
        f"""
        {steps},
        edges AS (SELECT unnest($edge_from::BIGINT[]) AS edge_from,
            unnest($edge_to::BIGINT[]) AS edge_to{columns}),
        logged AS (
            SELECT person{", " + cut if cut else ""},
                sum(least(until, edge_to) - greatest(began, edge_from)) AS staffed,
                coalesce(sum(least(until, edge_to) - greatest(began, edge_from)) FILTER (WHERE paused), 0)
                    AS paused
            FROM stretches JOIN edges ON began < edge_to AND until > edge_from
            GROUP BY person{", " + cut if cut else ""})
        SELECT person{", " + cut if cut else ""}, staffed::BIGINT, paused::BIGINT FROM logged
    """,
        as_of=stamp(plan.request.as_of),
        begin=stamp(plan.calendar.begin),
        end=stamp(end + 1),
        begin_us=plan.calendar.begin,
        until_us=end,
    )
    worked = _worked(plan, people, asked, edges)
    return _together(plan, names, asked, rows, worked)


def _edges(plan: "Plan", asked: list[str]) -> list[tuple[int, int, tuple[int, ...]]]:
    """Return the stretches in which none of the keys changes."""
    calendar = plan.calendar
    if not asked:
        return [(calendar.begin, calendar.end, ())]
    # Every edge of a longer unit is one of a shorter: hours and intervals may both be asked for.
    fine = sorted(
        {edge for name in asked for begin, end, _key in calendar.edges(name) for edge in (begin, end)}
    )
    return [
        (begin, end, tuple(calendar.number(name, begin) for name in asked))
        for begin, end in pairwise(fine)
    ]


def _worked(
    plan: "Plan", people: str, asked: list[str], edges: list[tuple[int, int, tuple[int, ...]]]
) -> dict[tuple[Any, ...], tuple[float, int]]:
    """Return (person, keys): seconds on contacts and visits answered, by the moment of the answer."""
    moment = "epoch_us(c.answered_at)"
    keys = "".join(f", {plan.calendar.key(name, moment)} AS key_{name}" for name in asked)
    rows = plan.rows(
        f"""
        SELECT coalesce(people.name, c.agent) AS person{keys},
            coalesce(sum(c.talk_s + coalesce(c.hold_s, 0) + coalesce({WRAP}, 0))
                FILTER (WHERE c.ended_at <= $as_of), 0), count(*)
        FROM visits c {people} ON people.source = c.source AND people.raw = c.agent
        WHERE c.answered_at >= $begin AND c.answered_at < $end AND c.answered_at <= $as_of AND c.agent <> ''
            AND {plan.shows.replace("queue", "c.queue")}
        GROUP BY ALL
    """,
        begin=stamp(edges[0][0]),
        end=stamp(min(edges[-1][1], plan.request.end)),
        as_of=stamp(plan.request.as_of),
    )
    return {tuple(row[:-2]): (row[-2], row[-1]) for row in rows}


def _together(
    plan: "Plan",
    names: list[str],
    asked: list[str],
    rows: list[tuple[Any, ...]],
    worked: dict[tuple[Any, ...], tuple[float, int]],
) -> "dict[Key, Sums]":
    """Add the people up to the request's groups."""
    request, people, config = plan.request, plan.people, plan.config
    wanted = {name: plan.numbers(name, values) if name in TIMES else values for name, values in request.where}
    found: dict[tuple[Any, ...], dict[str, float]] = {}
    persons: dict[tuple[Any, ...], set[str]] = {}
    for person, *key, staffed_us, paused_us in rows:
        own: dict[str, Any] = dict(zip(asked, key, strict=True)) | {
            "agent": person,
            "team": people.teams.get(person),
        }
        if any((own[name] if own[name] is not None else "") not in values for name, values in wanted.items()):
            continue
        contact_s, answered = worked.get((person, *key), (0.0, 0))
        staffed_s, paused_s = staffed_us / SECOND, paused_us / SECOND
        cost = people.costs.get(person, config.hourly_cost)
        group = tuple(own[name] for name in request.by)
        here = found.setdefault(group, dict.fromkeys(_SUMS, 0.0))
        for name, more in (
            ("staffed_s", staffed_s),
            ("paused_s", paused_s),
            ("contact_s", contact_s),
            ("available_s", max(0.0, staffed_s - paused_s - contact_s)),
            ("time_answered", answered),
            ("staffed_cost", 0.0 if cost is None else cost * staffed_s / 3600),
            ("cost_answered", 0 if cost is None else answered),
        ):
            here[name] += more
        persons.setdefault(group, set()).add(person)
    for group, everybody in persons.items():
        found[group]["staffed_agents"] = len(everybody)
    return {group: {name: here[name] for name in names} for group, here in found.items()}


_SUMS = (
    "staffed_s",
    "paused_s",
    "contact_s",
    "available_s",
    "staffed_cost",
    "time_answered",
    "cost_answered",
    "staffed_agents",
)
