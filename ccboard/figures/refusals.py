"""Callers turned away at the door, as far as dialplans report them: no visits, a table of their own."""

from typing import Final, TypeAlias

from ccboard.figures.plan import Key, Plan, Sums
from ccboard.figures.request import TIMES
from ccboard.store.rows import stamp

UNKNOWN_BY: Final = ("agent", "team", "type", "direction", "channel", "outcome")
"""What a caller who was not taken has not."""


_SPLITS: Final = ("queue", "project", "source")
"""Splits in which some groups may be reported and others not."""

Reported: TypeAlias = frozenset[tuple[str | None, ...]]
"""(queue, project, source) of which any refusal was ever reported."""


def reported(plan: Plan) -> Reported:
    """Return, of what is asked for, where any was ever reported by as_of."""
    rows = plan.rows(f"SELECT DISTINCT queue, source FROM refusals WHERE moment <= $as_of AND {plan.shows}",
                     as_of=stamp(plan.request.as_of))
    found = {(queue, plan.projects.get(queue), source) for queue, source in rows}
    where = {_SPLITS.index(name): values for name, values in plan.request.where if name in _SPLITS}
    return frozenset(one for one in found
                     if all((one[at] or "") in values for at, values in where.items()))


def is_told(plan: Plan, key: Key, told: Reported) -> bool:
    """Tell whether refusals are reported of any queue of a group; where they are not, none is not known."""
    own = {_SPLITS.index(name): part for name, part in zip(plan.request.by, key, strict=True)
           if name in _SPLITS}
    return any(all(one[at] == part for at, part in own.items()) for one in told)


def of_refusals(plan: Plan) -> dict[Key, Sums]:
    """Return how many were turned away by the keys of the request."""
    group = ", ".join(f"key_{name}" for name in plan.request.by)
    rows = plan.rows(f"SELECT {group + ', ' if group else ''}count(*) FROM ({rows_of(plan)})"
                     f" {'GROUP BY ' + group if group else ''}")
    size = len(plan.request.by)
    return {row[:size]: {"refused": row[size]} for row in rows}


def rows_of(plan: Plan) -> str:
    """Return the question for the rows, with the keys of the request."""
    request, calendar = plan.request, plan.calendar
    plan.params |= {
        "begin": stamp(calendar.begin), "end": stamp(min(calendar.end, request.end)),
        "as_of": stamp(request.as_of), "project_queues": list(plan.projects),
        "project_names": list(plan.projects.values()),
    }
    columns = {"queue": "c.queue", "source": "c.source", "project": "queue_projects.name"}
    keys = [f"{column} AS key_{name}" for name, column in columns.items() if plan.wants(name)]
    keys += [f"{calendar.key(name, 'epoch_us(c.moment)')} AS key_{name}"
             for name in TIMES if plan.wants(name)]
    wheres = " AND ".join(plan.condition(name, f"key_{name}") for name, _values in request.where) or "true"
    return f"""SELECT * FROM (
        SELECT {", ".join(["c.*", *keys])} FROM refusals c
        LEFT JOIN (SELECT unnest($project_queues::VARCHAR[]) AS queue,
            unnest($project_names::VARCHAR[]) AS name) AS queue_projects ON queue_projects.queue = c.queue
        WHERE c.moment >= $begin AND c.moment < $end AND c.moment <= $as_of
            AND {plan.shows.replace("queue", "c.queue")}
    ) WHERE {wheres}"""
