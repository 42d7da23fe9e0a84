"""From rows per agent, day and type to the method's tables: for agents, for teams, for business types.

Agents and teams are compared on the same business types, business types with the same agents.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final, Literal

import numpy as np

from ccboard.needs.read import DIALS, SEPARATOR, SUMS, Books, Limits, Rows, Scores, type_of
from ccboard.tail.arrays import Bools, Floats, Ints, by_group
from ccboard.tail.kpis import SCORED
from ccboard.tail.table import Sums

By = Literal["agent", "team", "type"]
GROUPS: Final[tuple[By, ...]] = ("agent", "team", "type")

_OF: Final = {
    "aht": ("handles", "handle", "handle2"),
    "wrap": ("wraps", "wrap", "wrap2"),
    "hold": ("holds", "hold", "hold2"),
    "transfer": ("served", "moved", "moved"),
    "rna": ("rings", "missed", "missed"),
    "short": ("handles", "shorts", "shorts"),
    "dials": ("dials", "dial", "dial2"),
}
"""Figures made of visits and offers: names of how many, the sum, the sum of squares."""
PARTS: Final = {
    "talk": ("talks", "talk", "talk2"),
    "hold": ("holds", "hold", "hold2"),
    "wrap": ("wraps", "wrapping", "wrapping2"),
}
"""Parts of the handling time in seconds, for what drives it."""
_NEVER: Final = frozenset({"transfer", "rna", "short"})
"""Figures of which nothing is known where nothing of the kind ever happened."""


@dataclass(frozen=True)
class Coding:
    """How agents and types become units and mixes: the names, and the number of each agent and type."""

    by: By
    units: tuple[str, ...]
    mixes: tuple[str, ...]
    unit: Ints
    mix: Ints

    def apply(self, agent: Ints, kind: Ints) -> tuple[Ints, Ints]:
        """Return the numbers of unit and mix of rows."""
        if self.by == "type":
            return self.unit[kind], self.mix[agent]
        return self.unit[agent], self.mix[kind]


def coding(books: Books, by: By) -> Coding:
    """Return the coding for a grouping, of everybody met so far."""
    met = len(books.agents.names), len(books.mixes.names)
    kept = books.codings.get(by)
    if kept is None or kept[0] != met:
        kept = books.codings[by] = met, _coding(books, by)
    return kept[1]


def _coding(books: Books, by: By) -> Coding:
    agents, mixes = books.agents.names, books.mixes.names
    every_agent = np.arange(len(agents), dtype=np.int64)
    every_mix = np.arange(len(mixes), dtype=np.int64)
    known: dict[str, int] = {}
    if by == "type":
        kinds = [known.setdefault(kind, len(known)) if (kind := type_of(mix)) else -1 for mix in mixes]
        return Coding(by, tuple(known), tuple(agents), np.array(kinds, dtype=np.int64), every_agent)
    shown = _shown(mixes)
    if by == "agent":
        return Coding(by, tuple(agents), shown, every_agent, every_mix)
    number = [known.setdefault(team, len(known)) if (team := books.people.teams.get(name)) else -1
              for name in agents]
    return Coding(by, tuple(known), shown, np.array(number, dtype=np.int64), every_mix)


@dataclass(frozen=True)
class Work:
    """What was done on some days: visits, offers that rang out, dials."""

    rows: Rows
    missed: Rows
    dials: Rows

    @classmethod
    def of(cls, books: Books, days: Sequence[date], limits: Limits,
           pause: Callable[[], None] = lambda: None) -> "Work":
        """Read it from the store, some days at a time; `days` ascending."""
        found: list[list[Rows]] = [[], [], []]
        asks: tuple[Callable[[Sequence[date]], Rows], ...] = (
            partial(books.visits, limits=limits), books.missed, books.dials)
        at, chunk = 0, 1
        while at < len(days):
            pause()
            some = days[at:at + chunk]
            for rows, ask in zip(found, asks, strict=True):
                rows.append(ask(some))
                pause()
            at += chunk
            chunk = max(1, min(MOST_DAYS, ROWS * len(some) // max(1, len(found[0][-1]))))
        return cls(*(Rows.joined(rows, names) for rows, names in
                     zip(found, (SUMS, ("missed",), DIALS), strict=True)))


ROWS: Final = 50_000
"""About so many rows are asked for at once: the names of more would hold the interpreter for too long."""
MOST_DAYS: Final = 20
"""Days that are asked for at once, at most."""


def _shown(mixes: Sequence[str]) -> tuple[str, ...]:
    """Return the names of mixes: the type, with its queue where it comes in several."""
    times = Counter(type_of(mix) for mix in mixes)
    found = []
    for mix in mixes:
        queue, _, kind = mix.rpartition(SEPARATOR)
        found.append(f"{kind} ({queue})" if queue and times[kind] > 1 else kind)
    return tuple(found)


def tables(work: Work, scores: Mapping[str, Scores], code: Coding,
           pause: Callable[[], None] = lambda: None) -> dict[str, Sums]:
    """Return the sums of every figure that has data, of the same units. `pause` is called between figures."""
    found: dict[str, Sums] = {}
    grouped = {id(rows): _Groups.of(code, rows) for rows in (work.rows, work.dials)}
    for key, (n, total, squares) in _OF.items():
        pause()
        if key == "rna":
            found[key] = _rung(work.rows, work.missed, code)
        else:
            groups, kept = grouped[id(rows := work.dials if key == "dials" else work.rows)]
            found[key] = groups.sums(*(rows.sums[name][kept] for name in (n, total, squares)))
        if not found[key].count.any() or (key in _NEVER and not found[key].total.any()):
            del found[key]
    for key, kind in SCORED.items():
        if (score := scores.get(kind)) is not None and len(score.value):
            found[key] = _complaints(score, work.rows, code) if kind == "complaint" else _scored(score, code)
    return found


def parts(rows: Rows, code: Coding) -> dict[str, Sums]:
    """Return the sums of the parts of the handling time, in seconds."""
    grouped, kept = _Groups.of(code, rows)
    found = {key: grouped.sums(*(rows.sums[name][kept] for name in names)) for key, names in PARTS.items()}
    return {key: sums for key, sums in found.items() if len(sums.unit)}


class _Groups:
    """Rows of the same unit, day and mix become one; where they are already, nothing is copied."""

    def __init__(self, code: Coding, unit: Ints, day: Ints, mix: Ints) -> None:
        self._code = code
        if not len(unit):
            self._place: Ints | None = None
            self.unit, self.day, self.mix = unit, day, mix
            return
        first = int(day.min())
        span, mixes = int(day.max()) - first + 1, max(1, len(code.mixes))
        key = (unit * span + (day - first)) * mixes + mix
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        begins = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        self._order = order
        self._place = np.cumsum(begins) - 1
        heads = order[begins]
        self.unit, self.day, self.mix = unit[heads], day[heads], mix[heads]

    @classmethod
    def of(cls, code: Coding, rows: Rows) -> "tuple[_Groups, Bools]":
        """Return the groups of rows, and which rows are in any."""
        unit, mix = code.apply(rows.agent, rows.mix)
        kept: Bools = unit >= 0
        return cls(code, unit[kept], rows.day[kept], mix[kept]), kept

    def each(self, values: Floats) -> Floats:
        """Return the sum of `values` in each group."""
        return values if self._place is None else by_group(self._place, values[self._order], len(self.unit))

    def sums(self, count: Floats, total: Floats, squares: Floats) -> Sums:
        """Return the sums over the groups, those without a value left out."""
        n, t, q = self.each(count), self.each(total), self.each(squares)
        sums = Sums(self._code.units, self._code.mixes, self.unit, self.day, self.mix, n, t, q)
        has: Bools = n > 0
        return sums if has.all() else sums.where(has)


def _rung(rows: Rows, missed: Rows, code: Coding) -> Sums:
    """Return offers that rang out, of all that rang: answered ones are visits, missed ones are offers."""
    agent = np.concatenate([rows.agent, missed.agent])
    kind = np.concatenate([rows.mix, missed.mix])
    day = np.concatenate([rows.day, missed.day])
    out = np.concatenate([np.zeros(len(rows)), missed.sums["missed"]])
    rings = np.concatenate([rows.sums["answered"], missed.sums["missed"]])
    unit, mix = code.apply(agent, kind)
    kept = unit >= 0
    return _Groups(code, unit[kept], day[kept], mix[kept]).sums(rings[kept], out[kept], out[kept])


def _scored(score: Scores, code: Coding) -> Sums:
    unit, mix = code.apply(score.agent, score.mix)
    kept = unit >= 0
    value = score.value[kept]
    return _Groups(code, unit[kept], score.day[kept], mix[kept]).sums(
        np.ones(len(value)), value, value * value)


def _complaints(score: Scores, rows: Rows, code: Coding) -> Sums:
    """Return complaints of all calls served, and of what was complained about without a call among them."""
    within = score.day >= (int(rows.day.min()) if len(rows) else 0)
    agent = np.concatenate([rows.agent, score.agent[within]])
    kind = np.concatenate([rows.mix, score.mix[within]])
    day = np.concatenate([rows.day, score.day[within]])
    calls = np.concatenate([rows.sums["served"], np.zeros(int(within.sum()))])
    said = np.concatenate([np.zeros(len(rows)), score.value[within]])
    unit, mix = code.apply(agent, kind)
    kept = unit >= 0
    grouped = _Groups(code, unit[kept], day[kept], mix[kept])
    n, total = grouped.each(calls[kept]), grouped.each(said[kept])
    n = np.maximum(n, total)
    has = n > 0
    return Sums(code.units, code.mixes, grouped.unit[has], grouped.day[has], grouped.mix[has], n[has],
                total[has], total[has])
