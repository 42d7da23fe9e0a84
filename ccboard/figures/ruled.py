"""The definition that each visit counts by, as SQL: the one of ``ccboard figures`` and of the live figures.

A visit's definition is that of its queue and its project. Its project is the one that the configuration has
for its queue, else its own, else what a source says of its queue.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ccboard.config import Config
from ccboard.figures.rules import Rule, rule_of, speaking_projects, speaking_queues

PROJECT = """CASE WHEN queue_projects.configured THEN queue_projects.name
    ELSE coalesce(nullif(c.project, ''), queue_projects.name) END"""
"""The project of a visit `c`; its parameters and join: ``projects_join``."""


class Ruled(NamedTuple):
    """What is to be joined to visits `c`, and selected with them: `threshold_s`, `short_s` and `rule`.

    `rule` is a place among `shapes`, definitions without their numbers. Where it matters, or was asked for,
    the visit's project is `queue_project`.
    """

    shapes: list[Rule]
    columns: str
    joins: str
    params: dict[str, Any]


def projects_join(config: Config, projects: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """Return the join that ``PROJECT`` needs; `projects` of queues are as configured, else as told."""
    return """ LEFT JOIN (SELECT unnest($project_queues::VARCHAR[]) AS queue,
        unnest($project_names::VARCHAR[]) AS name, unnest($project_configured::BOOLEAN[]) AS configured)
        AS queue_projects ON queue_projects.queue = c.queue""", {
        "project_queues": list(projects), "project_names": list(projects.values()),
        "project_configured": [bool(config.queue(name).project) for name in projects]}


def ruled(config: Config, projects: Mapping[str, str], *, named: bool = False) -> Ruled:
    """Return what tells each visit's definition; `named`: its project is wanted anyway."""
    queues, own = speaking_queues(config), speaking_projects(config)
    joins, columns, params = "", [], dict[str, Any]()
    if named or own:
        joins, params = projects_join(config, projects)
        columns.append(f"{PROJECT} AS queue_project")
    if not queues and not own:
        rule = rule_of(config)
        columns.append(
            f"{rule.threshold_s!r}::DOUBLE AS threshold_s, {rule.short_s!r}::DOUBLE AS short_s, 0 AS rule"
        )
        return Ruled([rule], ", ".join(columns), joins, params)
    numbers: dict[Rule, int] = {}
    table: list[tuple[str, str, float, float, int]] = []
    for queue in (None, *queues):
        for client in (None, *own):
            rule = rule_of(config, queue, client)
            number = numbers.setdefault(_shape(rule), len(numbers))
            table.append((queue or "", client or "", rule.threshold_s, rule.short_s, number))
    names = ("rule_queue", "rule_project", "rule_threshold", "rule_short", "rule_number")
    params |= {name: list(column) for name, column in zip(names, zip(*table, strict=True), strict=True)}
    # By joins, and not by looking through a list for each visit: a centre may have a thousand queues.
    params["speaking_queues"] = queues
    joins += """ LEFT JOIN (SELECT unnest($speaking_queues::VARCHAR[]) AS queue) AS said
        ON said.queue = c.queue"""
    project = "''"
    if own:
        params["speaking_projects"] = own
        joins += f""" LEFT JOIN (SELECT unnest($speaking_projects::VARCHAR[]) AS project) AS client
            ON client.project = {PROJECT}"""
        project = "coalesce(client.project, '')"
    joins += f""" JOIN (SELECT unnest($rule_queue::VARCHAR[]) AS queue,
        unnest($rule_project::VARCHAR[]) AS project,
        unnest($rule_threshold::DOUBLE[]) AS threshold_s, unnest($rule_short::DOUBLE[]) AS short_s,
        unnest($rule_number::INTEGER[]) AS number) AS rules
        ON rules.queue = coalesce(said.queue, '') AND rules.project = {project}"""
    columns.append("rules.threshold_s AS threshold_s, rules.short_s AS short_s, rules.number AS rule")
    return Ruled(list(numbers), ", ".join(columns), joins, params)


def _shape(rule: Rule) -> Rule:
    """Return a rule without what is a number of its own per queue."""
    return replace(rule, threshold_s=0.0, short_s=0.0, target=0.0)
