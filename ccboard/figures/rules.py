"""Which definition of the service level holds for a queue of a project: the configuration, brought together.

A queue's own keys go before its project's, those before the centre's. A definition holds for all history:
nothing of it is stored with the visits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ccboard.config import Config
from ccboard.kpis.catalogue import DEFINITIONS
from ccboard.kpis.levels import composed
from ccboard.kpis.model import Entry

WEEK_MIN = 7 * 1440
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Rule:
    """A definition of the service level, whole. Meanings as in ``ccboard.config.ServiceLevel``."""

    threshold_s: float
    target: float
    short_s: float
    form: str
    counts: frozenset[str]
    cohort: str
    time_outs: str
    overflow: str
    left_by_key: str
    callbacks: str
    after_hours: str
    open: tuple[str, ...]

    @property
    def entry(self) -> Entry:
        """The form's entry, with what sl.composed counts filled in."""
        return filled(DEFINITIONS[self.form], self)

    @property
    def counts_all(self) -> bool:
        """Whether no kind of visit is left out."""
        return not self.leaves_out

    @property
    def leaves_out(self) -> frozenset[str]:
        """The kinds of visits that are left out."""
        kinds = {
            "time_outs": self.time_outs,
            "overflow": self.overflow,
            "left_by_key": self.left_by_key,
            "callbacks": self.callbacks,
            "after_hours": self.after_hours if self.open else "counted",
        }
        return frozenset(kind for kind, treatment in kinds.items() if treatment == "left_out")

    def hours(self) -> tuple[tuple[int, int], ...]:
        """Return the opening hours as minutes of the week from Monday 00:00, [from, to)."""
        return tuple(stretch for text in self.open for stretch in _stretches(text))


def filled(entry: Entry, rule: Rule) -> Entry:
    """Return an entry with its denominator as the rule has it."""
    return replace(entry, bottom=composed(rule.counts)) if entry.id == "sl.composed" else entry


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    days, _, times = text.partition(" ")
    first, _, last = days.partition("-")
    begin, end = (int(t[:2]) * 60 + int(t[3:]) for t in times.split("-"))
    at = _DAYS.index(first)
    while True:
        if begin < end:
            yield at * 1440 + begin, at * 1440 + end
        else:  # over midnight
            yield at * 1440 + begin, (at + 1) * 1440
            yield (at + 1) % 7 * 1440, (at + 1) % 7 * 1440 + end
        if at == _DAYS.index(last or first):
            return
        at = (at + 1) % 7


def rule_of(config: Config, queue: str | None = None, project: str | None = None) -> Rule:
    """Return the definition of a queue of a project; without both the centre's."""
    top = config.service_level
    found: dict[str, Any] = {
        "threshold_s": top.threshold_s,
        "target": top.target,
        "short_s": config.short_abandon_s,
        "form": top.form,
        "counts": frozenset(top.counts),
        "cohort": top.cohort,
        "time_outs": top.time_outs,
        "overflow": top.overflow,
        "left_by_key": top.left_by_key,
        "callbacks": top.callbacks,
        "after_hours": top.after_hours,
        "open": top.open,
    }
    own = config.queue(queue) if queue is not None else None
    tables = [config.projects[project].service_level] if project in config.projects else []
    tables += [own.service_level] if own is not None else []
    for table in tables:
        for key, value in table:
            if value is not None and key != "preset":
                name = "short_s" if key == "short_abandon_s" else key
                found[name] = frozenset(value) if key == "counts" else value
    if own is not None:
        found |= {
            key: value
            for key, value in (("threshold_s", own.threshold_s), ("target", own.target))
            if value is not None
        }
    return Rule(**found)


def speaking_queues(config: Config) -> list[str]:
    """Return the queues that the configuration says anything of about definitions."""
    empty = type(config.queue("").service_level)()
    return [
        name
        for name, queue in config.queues.items()
        if queue.threshold_s is not None or queue.target is not None or queue.service_level != empty
    ]


def speaking_projects(config: Config) -> list[str]:
    """Return the projects that the configuration says anything of about definitions."""
    empty = type(config.queue("").service_level)()
    return [name for name, project in config.projects.items() if project.service_level != empty]
