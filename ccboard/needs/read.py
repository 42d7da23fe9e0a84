"""From the store to sums per agent, day and business type: one question a day, columns and no rows of Python.

A day is a business day. What is added up of a visit (its seconds on their scale) is drawn in at limits that
come from the whole period (``Limits``), so that one call left on hold over lunch is not ten calls. Judgements
(``Score``) count on the day of the call that they are about.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from ccboard.config import Config
from ccboard.figures import people as who
from ccboard.figures.sums import COLUMNS
from ccboard.moments import day_start, parse_day_start, to_datetime, to_micros
from ccboard.store.reader import Reader
from ccboard.store.rows import stamp
from ccboard.tail.arrays import Floats, Ints
from ccboard.tail.kpis import SHORT_S

WILD: Final = 4.0
"""Seconds count at most this many robust standard deviations from their type's middle (in logs)."""
BREAK_S: Final = 1800
"""Longer than this between two dials is a break or the end of the day, and no dialling."""
LOOK_BACK_DAYS: Final = 31
"""A judgement is tied to a call at most so many days before it."""
DEADLINE_S: Final = 120.0
"""Longest time that one question may take: it is asked in the background."""

SEPARATOR: Final = "\x1f"
"""Between queue and business type; no name that was cleaned has it."""
MIX: Final = (f"CASE WHEN coalesce(business_type, '') = '' THEN queue ELSE queue || chr({ord(SEPARATOR)})"
              " || business_type END")
"""What makes calls comparable: the business type within its queue, or the queue where there is no type."""

SUMS: Final = (
    "answered", "handles", "handle", "handle2", "wraps", "wrap", "wrap2", "holds", "hold", "hold2",
    "served", "moved", "shorts", "talks", "talk", "talk2", "wrapping", "wrapping2",
)
"""Sums of a row: how many, the sum of the values and of their squares, where a figure has values."""
DIALS: Final = ("dials", "dial", "dial2")


@dataclass
class Codes:
    """Numbers for names, in the order in which they are met."""

    names: list[str] = field(default_factory=list)
    _known: dict[str, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """Return the number of a name; a new one if it is new."""
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = len(self.names)
            self.names.append(name)
        return found

    def find(self, name: str) -> int | None:
        """Return the number of a name that was met, else None."""
        return self._known.get(name)


def type_of(mix: str) -> str:
    """Return the business type of a mix, or the queue that stands for it."""
    return mix.rpartition(SEPARATOR)[2]


@dataclass(frozen=True)
class Rows:
    """Parallel arrays, one row for each agent, day (ordinal) and mix; `sums` by name."""

    agent: Ints
    day: Ints
    mix: Ints
    sums: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.agent)

    @staticmethod
    def joined(parts: Sequence["Rows"], names: Iterable[str]) -> "Rows":
        """Return the rows of several one after another; what a part does not have is 0."""
        none = np.zeros(0, dtype=np.int64)
        return Rows(
            np.concatenate([p.agent for p in parts] or [none]),
            np.concatenate([p.day for p in parts] or [none]),
            np.concatenate([p.mix for p in parts] or [none]),
            {n: np.concatenate([p.sums.get(n, np.zeros(len(p))) for p in parts] or [np.zeros(0)])
             for n in names})


@dataclass(frozen=True)
class Limits:
    """By type: between which values seconds count (logs of handling and wrap-up; seconds of hold, talk)."""

    types: tuple[str, ...] = ()
    values: tuple[tuple[float, ...], ...] = ()

    NAMES = ("handle_low", "handle_high", "wrap_low", "wrap_high", "hold_high", "talk_high", "wrapping_high")

    def parameters(self) -> dict[str, list[Any]]:
        """Return the columns as parameters of a question."""
        columns = list(zip(*self.values, strict=True)) or [()] * len(self.NAMES)
        return {"limit_type": list(self.types)} | {
            f"limit_{name}": list(column) for name, column in zip(self.NAMES, columns, strict=True)}


@dataclass(frozen=True)
class Scores:
    """Judgements of a kind, one array each: agent, day and type of the call, the value."""

    agent: Ints
    day: Ints
    mix: Ints
    value: Floats


class Books:
    """What a store says of everybody's work up to `as_of`. One thread's; remembers names and day limits."""

    def __init__(self, reader: Reader, config: Config, zone: ZoneInfo, as_of: int) -> None:
        self._reader, self._config, self._zone = reader, config, zone
        self.as_of = as_of
        self._starts = parse_day_start(config.business_day_start)
        self.today = self.date_of(as_of)
        self.agents, self.mixes = Codes(), Codes()
        self.codings: dict[str, tuple[tuple[int, int], Any]] = {}
        """By grouping: how many agents and mixes were met, and what ``figures.coding`` made of them."""
        self._numbers: dict[str, dict[str, int]] = {}  # by source and name on the call
        self._hidden = {name for name, agent in config.agents.items() if agent.hide}
        shown, params = ["true"], dict[str, Any]()
        if hidden := sorted(name for name, queue in config.queues.items() if queue.hide):
            shown.append("NOT list_contains($hidden::VARCHAR[], queue)")
            params["hidden"] = hidden
        if config.only_queues:
            shown.append("list_contains($only::VARCHAR[], queue)")
            params["only"] = sorted(config.only_queues)
        self._shows, self._shown = " AND ".join(shown), params

    @cached_property
    def people(self) -> who.People:
        """Who is whom, and in which team: looked up when first needed, for it costs."""
        return who.read(self._reader, self._config, self.as_of, teams=True)

    # --- days -----------------------------------------------------------------------------------

    def date_of(self, at: int) -> date:
        """Return the business day that holds a moment."""
        return to_datetime(day_start(at, self._zone, self._starts)).astimezone(self._zone).date()

    def begin_of(self, day: date) -> int:
        """Return when a business day begins."""
        return to_micros(datetime.combine(day, self._starts or time(0), self._zone).astimezone(UTC))

    def working_days(self, most: int, before: date | None = None) -> list[date]:
        """Return the last `most` business days before today (or `before`) with visits, newest first."""
        first = self._reader.rows("SELECT epoch_us(min(offered_at)) FROM visits")[0][0]
        found: list[date] = []
        if first is None:
            return found
        day, oldest = before or self.today, self.date_of(int(first))
        while len(found) < most and day > oldest:
            day -= timedelta(days=1)
            if self._reader.rows(
                "SELECT 1 FROM contacts WHERE offered_at >= $begin AND offered_at < $end AND agent <> ''"
                f" AND {self._shows} LIMIT 1", self._range(day, day) | self._shown):
                found.append(day)
        return found

    def _range(self, first: date, last: date) -> dict[str, Any]:
        end = min(self.begin_of(last + timedelta(days=1)), self.as_of + 1)
        return {"begin": stamp(self.begin_of(first)), "end": stamp(end)}

    # --- visits ---------------------------------------------------------------------------------

    def limits(self, first: date, last: date) -> Limits:
        """Return the limits of seconds from what was served on the days `first` .. `last`."""
        found = self._reader.rows(f"""
            SELECT mix, quantile_cont(ln(greatest(handle_s, 1)), [0.159, 0.5, 0.841]),
                quantile_cont(ln(greatest(wrap_s, 1)), [0.159, 0.5, 0.841])
                    FILTER (WHERE wrap_s IS NOT NULL),
                quantile_cont(hold_s, 0.99), quantile_cont(talk_s, 0.99), quantile_cont(wrap_s, 0.99)
            FROM ({self._visits()}) WHERE handle_s IS NOT NULL GROUP BY mix ORDER BY mix
        """, self._range(first, last) | self._shown | {"as_of": stamp(self.as_of)})
        none = float("inf")
        values = []
        for _mix, handle, wrap, *highs in found:
            values.append((*_around(handle), *_around(wrap), *(none if x is None else x for x in highs)))
        return Limits(tuple(row[0] for row in found), tuple(values))

    def _visits(self) -> str:
        """Return the question for the inbound visits of a range that agents answered."""
        return f"""
            SELECT source, agent AS raw, {MIX} AS mix, offered_at,
                was_over AS served, was_over AND transfer IS NOT NULL AS moved,
                CASE WHEN was_over THEN talk_s END AS talk_s, CASE WHEN was_over THEN hold_s END AS hold_s,
                CASE WHEN was_over THEN wrap_s END AS wrap_s,
                CASE WHEN was_over THEN talk_s + coalesce(hold_s, 0) + coalesce(wrap_s, 0) END AS handle_s
            FROM (SELECT *, {COLUMNS} FROM visits
                  WHERE offered_at >= $begin AND offered_at < $end AND agent <> '' AND direction = 'in'
                      AND {self._shows})
            WHERE was_answered"""

    def visits(self, days: Sequence[date], limits: Limits) -> Rows:
        """Return the sums of some business days in a row, as far as they have come at as_of."""
        found = self._reader.arrays(f"""
            WITH limits AS (SELECT unnest($limit_type::VARCHAR[]) AS mix, {', '.join(
                f'unnest($limit_{name}::DOUBLE[]) AS {name}' for name in Limits.NAMES)}),
            cut AS (
                SELECT source, raw, v.mix, {self._day_of("offered_at", days)} AS day, served, moved, handle_s,
                    CASE WHEN handle_s IS NOT NULL THEN
                        least(greatest(ln(greatest(handle_s, 1)), handle_low), handle_high) END AS h,
                    CASE WHEN wrap_s IS NOT NULL THEN
                        least(greatest(ln(greatest(wrap_s, 1)), wrap_low), wrap_high) END AS w,
                    CASE WHEN hold_s IS NOT NULL THEN least(hold_s, hold_high) END AS held,
                    CASE WHEN talk_s IS NOT NULL THEN least(talk_s, talk_high) END AS talked,
                    CASE WHEN wrap_s IS NOT NULL THEN least(wrap_s, wrapping_high) END AS wrapped
                FROM ({self._visits()}) v LEFT JOIN limits USING (mix))
            SELECT source, raw, mix, day, count(*) AS answered,
                count(h) AS handles, coalesce(sum(h), 0) AS handle, coalesce(sum(h * h), 0) AS handle2,
                count(w) AS wraps, coalesce(sum(w), 0) AS wrap, coalesce(sum(w * w), 0) AS wrap2,
                count(held) AS holds, coalesce(sum(held), 0) AS hold, coalesce(sum(held * held), 0) AS hold2,
                count(*) FILTER (WHERE served) AS served, count(*) FILTER (WHERE moved) AS moved,
                count(*) FILTER (WHERE handle_s < {SHORT_S}) AS shorts,
                count(talked) AS talks, coalesce(sum(talked), 0) AS talk,
                coalesce(sum(talked * talked), 0) AS talk2,
                coalesce(sum(wrapped), 0) AS wrapping, coalesce(sum(wrapped * wrapped), 0) AS wrapping2
            FROM cut GROUP BY ALL
        """, self._range(days[0], days[-1]) | self._shown | {"as_of": stamp(self.as_of)}
            | limits.parameters())
        return self._rows(found, SUMS)

    def dials(self, days: Sequence[date]) -> Rows:
        """Return the pace of dialling: logs of dials an hour, from the time from one dial to the next."""
        params = self._range(days[0], days[-1]) | self._shown
        where = (f"offered_at >= $begin AND offered_at < $end AND direction = 'out' AND agent <> ''"
                 f" AND {self._shows}")
        if not self._reader.rows(f"SELECT 1 FROM visits WHERE {where} LIMIT 1", params):
            return Rows.joined((), DIALS)
        found = self._reader.arrays(f"""
            SELECT source, raw, mix, day, count(*) AS dials, sum(rate) AS dial, sum(rate * rate) AS dial2
            FROM (SELECT source, agent AS raw, {MIX} AS mix,
                      {self._day_of("offered_at", days)} AS day,
                      (epoch_us(lead(offered_at) OVER turn) - epoch_us(offered_at)) / 1e6 AS gap,
                      ln(3600 / greatest(gap, 1)) AS rate
                  FROM visits WHERE {where} WINDOW turn AS (PARTITION BY source, agent ORDER BY offered_at))
            WHERE gap <= {BREAK_S} GROUP BY ALL
        """, params)
        return self._rows(found, DIALS)

    def _day_of(self, column: str, days: Sequence[date]) -> str:
        """Return the SQL for the business day (ordinal) of a moment among `days`, ascending."""
        cases = "".join(f"WHEN {column} < TIMESTAMP '{stamp(self.begin_of(day + timedelta(days=1)))}'"
                        f" THEN {day.toordinal()} " for day in days[:-1])
        return f"CASE {cases} ELSE {days[-1].toordinal()} END" if cases else f"{days[-1].toordinal()}"

    def missed(self, days: Sequence[date]) -> Rows:
        """Return how many offers of some days each agent let ring ("missed"), by the calls' type."""
        params = self._range(days[0], days[-1]) | self._shown | {"as_of": stamp(self.as_of)}
        params["before"] = params["begin"] - timedelta(hours=6)
        found = self._reader.arrays(f"""
            SELECT o.source, o.agent AS raw, coalesce(c.mix, o.queue) AS mix,
                {self._day_of("o.ended_at", days)} AS day, count(*) AS missed
            FROM (SELECT * FROM offers WHERE ended_at >= $begin AND ended_at < $end AND ended_at <= $as_of
                  AND result IN ('no_answer', 'busy') AND agent <> '' AND {self._shows}) o
            LEFT JOIN (SELECT source, call, queue, {MIX} AS mix FROM visits
                       WHERE offered_at >= $before AND offered_at < $end AND nth = 1) c
                ON c.source = o.source AND c.call = o.call AND c.queue = o.queue
            GROUP BY ALL
        """, params)
        return self._rows(found, ("missed",))

    def _rows(self, found: Mapping[str, Any], names: tuple[str, ...]) -> Rows:
        agent, kept = self._agents(found["source"], found["raw"])
        mix = self._mixes(found["mix"])
        return Rows(agent[kept], found["day"][kept].astype(np.int64), mix[kept],
                    {name: found[name][kept].astype(np.float64) for name in names})

    def _agents(self, sources: Any, raws: Any) -> tuple[Ints, Any]:
        """Return the numbers of the persons behind names on calls, and which of them are listed."""
        numbers = np.zeros(len(raws), dtype=np.int64)
        for source in sorted(set(sources.tolist())):
            rows = sources == source
            own = raws[rows].tolist()
            known = self._numbers.setdefault(source, {})
            for raw in sorted(set(own) - known.keys()):  # in no order of the database's: it can be repeated
                name = self.people.name(source, raw)
                known[raw] = -1 if name in self._hidden else self.agents.number(name)
            numbers[rows] = [known[raw] for raw in own]
        return numbers, numbers >= 0

    def _mixes(self, names: Any) -> Ints:
        found = names.tolist()
        number = {name: self.mixes.number(name) for name in sorted(set(found))}
        return np.array([number[name] for name in found], dtype=np.int64)

    # --- judgements -----------------------------------------------------------------------------

    def scores(self, first: date, before: date) -> dict[str, Scores]:
        """Return the judgements given before the day `before`, of the days from `first` on, by their kind."""
        params: dict[str, Any] = {
            "begin": stamp(self.begin_of(first)), "end": stamp(min(self.begin_of(before), self.as_of + 1)),
            "calls_from": stamp(self.begin_of(first - timedelta(days=LOOK_BACK_DAYS)))}
        if not self._reader.rows("SELECT 1 FROM scores WHERE moment >= $begin AND moment < $end LIMIT 1",
                                 {"begin": params["begin"], "end": params["end"]}):
            return {}
        found = self._reader.arrays(f"""
            WITH given AS (SELECT *, rowid AS id FROM scores WHERE moment >= $begin AND moment < $end),
            calls AS (
                SELECT g.id, arg_max(struct_pack(source := c.source, agent := c.agent, at := c.offered_at,
                        mix := {MIX.replace("queue", "c.queue").replace("business", "c.business")}),
                    (c.source = g.source, coalesce(c.answered_at, c.offered_at))) AS visit
                FROM given g JOIN visits c ON c.call = g.call AND (g.queue IS NULL OR c.queue = g.queue)
                WHERE c.offered_at >= $calls_from AND c.offered_at <= g.moment AND c.agent <> ''
                    AND (g.agent IS NULL OR c.agent = g.agent) AND {self._shows.replace("queue", "c.queue")}
                GROUP BY g.id)
            SELECT g.kind, coalesce(c.visit.source, g.source) AS source,
                coalesce(g.agent, c.visit.agent) AS raw, coalesce(c.visit.mix, '') AS mix,
                epoch_us(coalesce(c.visit.at, g.moment)) AS at, g.value
            FROM given g LEFT JOIN calls c USING (id)
            WHERE coalesce(g.agent, c.visit.agent) <> '' AND {_placed(self._shows)}
            ORDER BY g.moment, g.key
        """, params | self._shown)
        agent, kept = self._agents(found["source"], found["raw"])
        day = np.array([self.date_of(int(at)).toordinal() for at in found["at"].tolist()], dtype=np.int64)
        kept &= day >= first.toordinal()
        mix = self._mixes(found["mix"])
        made = {}
        for kind in sorted(set(found["kind"].tolist())):
            own = kept & (found["kind"] == kind)
            made[kind] = Scores(agent[own], day[own], mix[own], found["value"][own].astype(np.float64))
        return made


def _placed(shows: str) -> str:
    """Return which judgements count: where only some queues are shown, those of calls in them."""
    return "true" if shows == "true" else "c.visit IS NOT NULL"


def _around(quantiles: Sequence[float] | None) -> tuple[float, float]:
    """Return the limits around a type's middle, from its quantiles one robust deviation apart."""
    if quantiles is None or quantiles[1] is None:
        return -float("inf"), float("inf")
    low, middle, high = quantiles
    spread = max((high - low) / 2, 0.05)
    return middle - WILD * spread, middle + WILD * spread
