"""The service level of queues with definitions of their own, in each queue's own words."""

from collections.abc import Sequence

from ccboard.config import Config
from ccboard.figures.rules import Rule, rule_of
from ccboard.kpis.catalogue import words
from ccboard.kpis.model import Terms
from ccboard.store.reader import Reader
from ccboard.store.rows import stamp

Groups = list[tuple[Rule, list[str]]]
"""Definitions, each with its queues."""
Texts = dict[str, str]
"""By language."""
MOST = 4
"""Queues that are named of a definition; of the others the number."""


def groups(reader: Reader, config: Config, begin: int, end: int) -> Groups:
    """Return the definitions of the queues that had visits in a range, those of the most queues first."""
    told = dict(reader.rows("SELECT queue, arg_max(project, told_at) FROM queues_known GROUP BY queue"))
    found: dict[tuple[object, ...], tuple[Rule, list[str]]] = {}
    for (queue,) in reader.rows(
            "SELECT DISTINCT queue FROM visits WHERE offered_at >= $begin AND offered_at < $end"
            " AND direction = 'in' ORDER BY queue", {"begin": stamp(begin), "end": stamp(end)}):
        if not config.shows(queue):
            continue
        rule = rule_of(config, queue, config.queue(queue).project or told.get(queue))
        entry = rule.entry
        same = (entry.id, entry.bottom, rule.threshold_s, rule.leaves_out, rule.cohort)
        found.setdefault(same, (rule, []))[1].append(config.queue(queue).label or queue)
    return sorted(found.values(), key=lambda one: (-len(one[1]), one[1]))


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
    return end.join(f"{_names(names, comma, language)}{colon}{text}" for names, text in parts)


def _names(names: list[str], comma: str, language: str) -> str:
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
