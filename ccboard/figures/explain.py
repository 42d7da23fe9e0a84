"""Take a figure apart: formula, both sides of the line, what was left out, its family side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from ccboard.callers import known_key
from ccboard.config import Config
from ccboard.contract import falls
from ccboard.errors import UsageError
from ccboard.figures import mixed, named
from ccboard.figures.engine import compute, total, value
from ccboard.figures.promises import WORSE, limits_of
from ccboard.figures.request import Request
from ccboard.figures.rules import Rule, filled, rule_of, speaking_projects, speaking_queues
from ccboard.figures.since import META, costs_since, limit_since, since
from ccboard.kpis.catalogue import family, words
from ccboard.kpis.model import SERVICE_LEVEL, Entry, Terms
from ccboard.metrics.scope import Scope
from ccboard.metrics.sources import Health, condition
from ccboard.moments import to_datetime
from ccboard.paths import StorePaths
from ccboard.store.mirror import PROJECT
from ccboard.store.reader import Reader

LANGUAGES = ("en", "zh")


def explain(
    reader: Reader,
    request: Request,
    queue: str | None,
    config: Config,
    zone: ZoneInfo,
    *,
    live: bool,
    health: Mapping[str, Health],
    agent: str | None = None,
) -> dict[str, Any]:
    """Return everything about the request's one figure. Raises UsageError for an unknown queue."""
    if len(request.kpis) != 1:
        raise UsageError("explain one figure at a time")
    [kpi] = request.kpis
    project = known(reader, queue, config)
    named.refuse_unknown_agent(reader, agent, config)
    rule = rule_of(config, queue, project)
    relatives = family(kpi)
    also = dict.fromkeys(left.term for left in kpi.left_out)
    asked = replace(
        request,
        kpis=relatives,
        also=tuple(also),
        where=tuple((name, (one,)) for name, one in (("queue", queue), ("agent", agent)) if one is not None),
    )
    answer = compute(reader, asked, config, zone)
    found = answer.sums[0] if answer.sums else {}
    own = next(one for one in relatives if one.id == kpi.id)
    defined = bool(set(own.parameters) - {"hourly_cost"})
    scopes = mixed.scopes(reader, asked, config, zone) if defined and _speaks(config) else []
    each = mixed.groups(scopes, config, mixed.meaning) if kpi.id == SERVICE_LEVEL else []
    differ = kpi.id == SERVICE_LEVEL and _speaks(config) and (
        queue is None or any(mixed.meaning(one) != mixed.meaning(rule) for one, _queues in each))
    chosen = rule.form if kpi.id == SERVICE_LEVEL and not differ else kpi.id
    meant = filled(next(one for one in relatives if one.id == chosen), rule)
    scope = Scope(reader, request.as_of, config, zone)
    said = _about(own, meant, found, config)
    if differ and each:
        said["formula"] = mixed.formula(each)
        said["numerator"] |= mixed.side(each, "top")
        said["denominator"] |= mixed.side(each, "bottom")
    return {
        "kpi": kpi.id,
        "queue": queue,
        "project": project,
        "agent": agent,
        **said,
        "definition": (_one(scopes, config, reader)
                       or _definition(rule, _since(config, queue, reader, project))) if defined else None,
        "definitions": _several(scopes, config, reader),
        "costs": _costs(config, reader) if "hourly_cost" in own.parameters else None,
        "limits": _limits(kpi, rule, config, queue, project, reader, agents=agent is not None),
        "left_out": [_said(left, found.get(left.term)) for left in kpi.left_out],
        "excluded": _both(kpi, "excluded"),
        "missing": _both(kpi, "missing"),
        "origin": meant.origin,
        "sources": [_source(one) for one in condition(scope, live=live, health=health).figures],
        "family": [
            {
                **_about(one, filled(one, rule), found, config),
                "kpi": one.id,
                "aliases": list(one.aliases),
                "chosen": one.id == chosen,
            }
            for one in relatives
            if one.id != SERVICE_LEVEL
        ],
        "notes": [*answer.notes, *([_MIXED] if differ else [])],
    }


_MIXED = "queues or projects have definitions of their own: each visit counts by its own, with its own T"


def known(reader: Reader, queue: str | None, config: Config) -> str | None:
    """Return the project of a queue. Raises UsageError for one that nobody knows, or that is not shown.

    Who may see some queues only is not told that there are others.
    """
    if queue is None:
        return None
    told = reader.rows(f"SELECT queue, {PROJECT} FROM queues_known GROUP BY queue")
    projects = {name: project for name, project in told if config.shows(name)}
    if not config.shows(queue) or (
        queue not in projects
        and queue not in config.queues
        and not reader.rows("SELECT 1 FROM visits WHERE queue = $queue LIMIT 1", {"queue": queue})
    ):
        raise UsageError(f"unknown queue {queue!r}; known: {', '.join(sorted(projects)) or 'none yet'}")
    return config.queue(queue).project or projects.get(queue)


def _speaks(config: Config) -> bool:
    """Tell whether visits may have definitions of different forms or thresholds."""
    return bool(speaking_queues(config) or speaking_projects(config))


def _about(own: Entry, meant: Entry, found: Mapping[str, float | None], config: Config) -> dict[str, Any]:
    return {
        "name": _both(own, "name"),
        "unit": own.unit,
        "direction": own.direction,
        "formula": _both(meant, "formula"),
        "value": value(own, found, config),
        "numerator": _part(own.top, meant.top, found) if own.top else None,
        "denominator": _part(own.bottom, meant.bottom, found) if own.bottom else None,
    }


def _part(own: Terms, meant: Terms, found: Mapping[str, float | None]) -> dict[str, Any]:
    return {"value": total(own, found), **{language: words(meant, language) for language in LANGUAGES}}


def _both(thing: Entry, what: str) -> dict[str, str] | None:
    texts = {language: getattr(thing, f"{what}_{language}") for language in LANGUAGES}
    return texts if any(texts.values()) else None


def _said(left: Any, number: float | None) -> dict[str, Any]:
    return {"value": number, "en": left.en, "zh": left.zh}


def _one(scopes: Sequence[mixed.Scope], config: Config, reader: Reader) -> dict[str, Any] | None:
    """Return the one definition of all visits; None where there are none, or several."""
    rules = {scope.rule for scope in scopes}
    return _definition(rules.pop(), _last(scopes, config, reader)) if len(rules) == 1 else None


def _several(scopes: Sequence[mixed.Scope], config: Config, reader: Reader) -> list[dict[str, Any]]:
    """Return the definitions of the visits with their queues, where they have several."""
    every = mixed.groups(scopes, config, lambda rule: rule)
    return [] if len(every) < 2 else [
        {"queues": names,
         **_definition(rule, _last([one for one in scopes if one.rule == rule], config, reader))}
        for rule, names in every]


def _last(scopes: Sequence[mixed.Scope], config: Config, reader: Reader) -> int | None:
    """Return since when the last of these is configured as it is."""
    told = [_since(config, scope.queue, reader, scope.project) for scope in scopes]
    return max((at for at in told if at is not None), default=None)


def _since(config: Config, queue: str | None, reader: Reader, project: str | None) -> int | None:
    return since(reader.store.meta(META), config, queue, project)


def _definition(rule: Rule, at: int | None) -> dict[str, Any]:
    return {
        "form": rule.form,
        "counts": sorted(rule.counts),
        "threshold_s": rule.threshold_s,
        "target": rule.target,
        "short_abandon_s": rule.short_s,
        "cohort": rule.cohort,
        "time_outs": rule.time_outs,
        "overflow": rule.overflow,
        "left_by_key": rule.left_by_key,
        "callbacks": rule.callbacks,
        "after_hours": rule.after_hours,
        "open": list(rule.open),
        "since": None if at is None else _iso(at),
    }


def _costs(config: Config, reader: Reader) -> dict[str, Any]:
    """Return what is configured of costs: the centre's, and how many have others; not who."""
    key = known_key(StorePaths(reader.store.path).caller_key)
    at = costs_since(reader.store.meta(META), config, key)
    return {
        "hourly_cost": config.hourly_cost,
        "projects": sum(one.hourly_cost is not None for one in config.projects.values()),
        "agents": sum(one.hourly_cost is not None for one in config.agents.values()),
        "since": None if at is None else _iso(at),
    }


def _limits(kpi: Entry, rule: Rule, config: Config, queue: str | None, project: str | None, reader: Reader, *,
            agents: bool) -> dict[str, Any] | None:
    """Return from where on the figure is marked, and since when that is configured; None: from nowhere."""
    noted = reader.store.meta(META)
    pair = (config.limits.agents if agents else limits_of(config, queue, project)).figures.get(kpi.id)
    at = limit_since(noted, config, kpi.id, queue, project, agents=agents)
    if pair is None and kpi.id == SERVICE_LEVEL and not agents:
        pair, at = (rule.target, round(rule.target - WORSE, 9)), since(noted, config, queue, project)
    if pair is None:
        return None
    return {"warning": pair[0], "critical": pair[1], "falling": falls(kpi.id, pair),
            "since": None if at is None else _iso(at)}


def _iso(at: int) -> str:
    return to_datetime(at).isoformat().replace("+00:00", "Z")


def _source(one: Any) -> dict[str, Any]:
    return {
        "name": one.name,
        "type": one.type,
        "state": one.state,
        "age_s": one.age_s,
        "error": one.error,
        "complete_since": None if one.complete_since is None else _iso(one.complete_since),
        "gaps": [[_iso(begin), _iso(end)] for begin, end in one.gaps],
    }
