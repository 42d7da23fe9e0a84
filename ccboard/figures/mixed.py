"""The service level of queues with definitions of their own, in each queue's own words."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ccboard.config import Config
from ccboard.figures.engine import plan_of
from ccboard.figures.request import Request
from ccboard.figures.rules import Rule, rule_of, speaking_projects
from ccboard.figures.visits import base_of
from ccboard.kpis.catalogue import words
from ccboard.kpis.model import Terms
from ccboard.store.reader import Reader

Groups = list[tuple[Rule, list[str]]]
"""Definitions, each with its queues."""
Texts = dict[str, str]
"""By language."""
MOST = 4
"""Queues that are named of a definition; of the others the number."""


class Scope(NamedTuple):
    """A queue's visits of a project, and by which definition they count."""

    queue: str
    project: str | None
    rule: Rule


def scopes(reader: Reader, request: Request, config: Config, zone: ZoneInfo) -> list[Scope]:
    """Return what the visits of a request are of.

    The visits are those that its figures are made of (agent, queue, what was known as of then), and of each
    its own project goes before its queue's (``ccboard.figures.ruled``).
    """
    base = base_of(plan := plan_of(reader, replace(request, by=()), config, zone), ["level_top"])
    project = "queue_project" if speaking_projects(config) else "NULL"
    return [Scope(queue, own, rule_of(config, queue, own)) for queue, own in plan.rows(
        f"{base.before} SELECT DISTINCT queue, {project} AS project FROM {base.rows}"
        " ORDER BY queue, project", **base.params)]


def groups(of: Sequence[Scope], config: Config, key: Callable[[Rule], object]) -> Groups:
    """Return the definitions that differ by `key`, with the names of their queues; those of most first.

    A queue whose visits have several definitions is named with the project.
    """
    found: dict[object, tuple[Rule, dict[str, list[str]]]] = {}
    for queue, own, rule in of:
        found.setdefault(key(rule), (rule, {}))[1].setdefault(queue, []).append(own or "")
    several = Counter(queue for _rule, queues in found.values() for queue in queues)

    def called(queue: str, projects: list[str]) -> str:
        label = config.queue(queue).label or queue
        told = ", ".join(filter(None, projects))
        return f"{label} ({told})" if several[queue] > 1 and told else label

    every = [(rule, [called(*one) for one in queues.items()]) for rule, queues in found.values()]
    return sorted(every, key=lambda one: (-len(one[1]), one[1]))


def meaning(rule: Rule) -> tuple[object, ...]:
    """Return what of a definition its words say: two with the same read alike."""
    entry = rule.entry
    return entry.id, entry.bottom, rule.threshold_s, rule.leaves_out, rule.cohort


def formula(every: Groups) -> Texts:
    """Return the formula of each group; without any visit there is none."""
    return {language: _joined([(names, with_threshold(text, rule.threshold_s)) for rule, names in every
                               for text in [getattr(rule.entry, f"formula_{language}")]], language)
            for language in ("en", "zh")}


def side(every: Groups, name: str) -> Texts:
    """Return the numerator (`top`) or denominator (`bottom`) of each group."""
    return {language: _joined([(names, with_threshold(words(_terms(rule, name), language), rule.threshold_s))
                               for rule, names in every], language)
            for language in ("en", "zh")}


def _terms(rule: Rule, name: str) -> Terms:
    return rule.entry.top if name == "top" else rule.entry.bottom


def _joined(parts: Sequence[tuple[list[str], str]], language: str) -> str:
    if len(parts) == 1:
        return parts[0][1]
    colon, comma, end = (": ", ", ", "; ") if language == "en" else ("：", "、", "；")
    return end.join(f"{named(names, language, comma)}{colon}{text}" for names, text in parts)


def named(names: list[str], language: str, comma: str) -> str:
    """Return queues by name, of many the first."""
    if len(names) <= MOST:
        return comma.join(names)
    more = len(names) - MOST
    return comma.join(names[:MOST]) + (f" and {more} more" if language == "en" else f"等{len(names)}个队列")


def with_threshold(text: str, threshold_s: float) -> str:
    """Return words with the seconds of T in them.

    >>> with_threshold("answered within T / offered", 20), with_threshold("T 秒内接通", 20)
    ('answered within T = 20 s / offered', '20 秒内接通')
    """
    seconds = f"{threshold_s:g}"
    for phrase in ("within T", "longer than T", "at most T", "past T"):
        text = text.replace(phrase, f"{phrase} = {seconds} s")
    return text.replace("T 秒", f"{seconds} 秒")
