"""The fast lane of a back-fill: rows without surprises are read inside DuckDB, many thousands at a time.

Exports repeat themselves: of fifty thousand rows a column has a few hundred different texts. Each of these
is converted once, by the very functions of ``ccboard.maps.mapper``, and joined to the rows that say it. What
is left is arithmetic of whole columns. A row with anything odd about it (a number of fields, a text that
cannot be converted, a clock that was moved that day, a moment before the one it follows) is handed back, and
the mapper decides: it is the definition, this is a short cut that has to agree with it, which tests hold.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import duckdb

from ccboard.maps import cells, times
from ccboard.maps.conditions import Check
from ccboard.maps.mapper import Chosen, Mapper, Source, Way
from ccboard.maps.memo import BadValue
from ccboard.maps.readers import Block
from ccboard.maps.taken import FIELDS, Judgement, Row, judgement_key
from ccboard.store.bulk import Stage

REMEMBERED = 300_000
"""Texts of one column that are remembered; then it begins afresh."""
CLOCK = "'([01]?[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]'"
"""H:MM:SS, the way of a time of day that is taken apart in SQL."""
BLANKS = "' ' || chr(9) || chr(10) || chr(13)"
Convert: TypeAlias = Callable[[str], Any]


class Judged(NamedTuple):
    """What became of rows: staged, skipped, or to be read by the mapper."""

    rows: int
    staged: int
    skipped: dict[str, int]
    odd: list[Row]
    scores: list[Judgement]


class _Column:
    """A part of a row's text, and what its different texts mean."""

    def __init__(self, table: str, number: int, sql: str) -> None:
        self.name = f"x{number}"
        self.table = f"{table}_{number}"
        self.sql = sql
        self.meanings: list[tuple[str, str, Convert]] = []  # (column, type, conversion)
        self.direct: tuple[str, str, dict[str, bytes]] | None = None
        """SQL of which texts need no conversion in Python and of all their meanings, and its parameters."""
        self.known = 0

    def add(self, kind: str, convert: Convert) -> str:
        """Note a conversion; return the SQL name of its result."""
        name = f"{self.name}_{len(self.meanings)}"
        self.meanings.append((name, kind, convert))
        return name


class Lane:
    """Reads rows into stages of `con`. `sep` parts the cells of a row's text, `number` tells lanes apart."""

    def __init__(self, mapper: Mapper, con: duckdb.DuckDBPyConnection, sep: str, number: int = 0) -> None:
        self._mapper = mapper
        self._con = con
        self._sep = sep
        self._columns: dict[str, _Column] = {}
        self._prefix = f"lane{number}"
        self._odd: set[str] = set()  # further reasons why a row has to be looked at
        self._judge = self._sql()
        self._numbers()
        for column in self._columns.values():
            self._forget(column)

    def take(self, rows: Sequence[tuple[int, str]], blocks: Sequence[Block], stage: Stage) -> Judged:
        """Stage what can be staged; `rows` are (line, text), those of `blocks` are in one piece each."""
        con, sep, width = self._con, self._sep, len(self._mapper.header)
        texts, unfit = cells.texts(rows, blocks, sep, width)
        parts = ", ".join(f"{column.sql} AS {column.name}" for column in self._columns.values())
        cells.split(con, rows, blocks, sep, width, f"{self._call_sql()} AS call_text, {parts}")
        for column in self._columns.values():
            if column.meanings:
                self._learn(column)
        made: list[str] = []

        def make(table: str) -> str:
            made.append(table)
            return f"CREATE OR REPLACE TEMP TABLE {table} AS {self._judge}"

        staged = stage.part(make, "lane = -1")
        [judged] = made
        counted = dict(con.execute(f"SELECT lane, count(*) FROM {judged} GROUP BY lane").fetchall())
        odd = con.execute(
            "SELECT line FROM lane_cells"
            f" ANTI JOIN (SELECT row AS line FROM {judged} WHERE lane <> -2) USING (line)"
        ).fetchall()
        scores = self._scores(judged)
        skipped: dict[str, int] = {}
        con.execute(f"DROP TABLE {cells.TABLE}").fetchall()
        for number, (_when, because) in enumerate(self._mapper.skips):
            if count := counted.get(number):
                skipped[because] = skipped.get(because, 0) + int(count)
        left = sorted(unfit | {line for (line,) in odd})
        return Judged(len(texts), staged, skipped, [(line, texts[line].split(sep)) for line in left], scores)

    def _scores(self, judged: str) -> list[Judgement]:
        """Return what the staged rows say of their visits' work, as ``Mapper`` does."""
        found = []
        for n, mark in enumerate(self._mapper.marks):
            rows = self._con.execute(
                f"SELECT call, queue, offered_at, ended_at, agent, mark_{n} FROM {judged}"
                f" WHERE lane = -1 AND mark_{n} IS NOT NULL ORDER BY row"
            ).fetchall()
            found += [
                Judgement(judgement_key((call, queue, offered), mark.kind), ended or offered, mark.kind,
                          value, call, queue, agent)
                for call, queue, offered, ended, agent, value in rows
            ]
        return found

    # -- what texts mean -------------------------------------------------------------------------

    def _forget(self, column: _Column) -> None:
        meanings = "".join(f", {name} {kind}" for name, kind, _ in column.meanings)
        self._con.execute(
            f"CREATE OR REPLACE TEMP TABLE {column.table} (text VARCHAR, bad BOOLEAN{meanings})"
        ).fetchall()
        column.known = 0

    def _learn(self, column: _Column) -> None:
        """Convert the texts of a column that were not seen before."""
        if column.known > REMEMBERED:
            self._forget(column)
        if column.direct is not None:
            which, meanings, parameters = column.direct
            [(added,)] = self._con.execute(
                f"INSERT INTO {column.table} SELECT x, false, {meanings} FROM"
                f" (SELECT DISTINCT {column.name} AS x FROM lane_cells ANTI JOIN {column.table}"
                f" ON {column.name} = {column.table}.text) WHERE {which}", parameters,
            ).fetchall()
            column.known += int(added)
        new = self._con.execute(
            f"SELECT DISTINCT {column.name} FROM lane_cells ANTI JOIN {column.table}"
            f" ON {column.name} = {column.table}.text"
        ).fetchall()
        if new:
            with self._con.appender(column.table) as appender:
                appender.append_rows(list(_meanings(column, [text for (text,) in new])))
            column.known += len(new)

    def _cell(self, at: int) -> _Column:
        return self._part(f"c[{at + 1}]")

    def _part(self, sql: str) -> _Column:
        if sql not in self._columns:
            self._columns[sql] = _Column(self._prefix, len(self._columns), sql)
        return self._columns[sql]

    def _value(self, sql: str) -> str:
        """Return the name of a value of each row that needs no look-up."""
        return self._part(sql).name

    def _say(self, at: int, kind: str, convert: Convert) -> str:
        """Return the SQL name of what a cell means; a rule of [[clean]] is applied before."""
        cleans = [memo for place, memo in self._mapper.cleans if place == at]

        def cleaned(text: str) -> Any:
            for memo in cleans:
                text = memo[text]
            return convert(text)

        return self._cell(at).add(kind, cleaned if cleans else convert)

    # -- the statement ---------------------------------------------------------------------------

    def _call_sql(self) -> str:
        of = self._mapper
        if of.call is not None:
            return f"c[{of.call[0] + 1}]"
        cells = ", ".join(f"trim(c[{at + 1}], {BLANKS})" for at in of.identity)
        return f"left(md5(concat_ws(chr(31), {cells})), 20)"

    def _sql(self) -> str:
        of = self._mapper
        skips = [f"WHEN {self._all(when)} THEN {number}" for number, (when, _) in enumerate(of.skips)]
        skip = f"CASE {' '.join(skips)} END" if skips else "NULL"
        mid = self._midnight()
        first = {
            "skip": skip,
            "outcome": self._word(of.outcome),
            "offered_0": self._moment(of.offered, mid),
            "answered_0": self._moment(of.answered, mid),
            "ended_0": self._moment(of.ended, mid),
            "queue": self._text(of.queue),
            "agent": self._text(of.agent),
            "caller_name": self._name(),
            "project": self._text(of.project),
            "business_type": self._text(of.business_type),
            "channel": f"coalesce({self._text(of.channel)}, 'voice')",
            "direction": f"coalesce({self._word(of.direction)}, 'in')",
            "transfer": self._word(of.transfer),
            "ended_by": self._word(of.ended_by),
            "call": self._call(),
        }
        first["caller"], first["caller_key"] = self._caller()
        for name, duration in zip(
            ("ring_0", "wait_0", "talk_0", "hold_0", "wrap_0"), of.durations, strict=True
        ):
            first[name] = (
                "NULL::DOUBLE"
                if duration is None
                else self._say(duration[0], "DOUBLE", duration[1].__getitem__)
            )
        marks = {f"mark_{n}": self._say(mark.at, "DOUBLE", mark.memo.__getitem__)
                 for n, mark in enumerate(of.marks)}
        first |= marks
        asked = [column for column in self._columns.values() if column.meanings]
        joins = "".join(f" JOIN {c.table} ON {c.name} = {c.table}.text" for c in asked)
        bad = " OR ".join([*(f"{c.table}.bad" for c in asked), *sorted(self._odd)]) or "false"
        known = ", ".join(f"{sql} AS {name}" for name, sql in first.items())
        taken = "outcome = 'answered'"
        back = "(ended_0 - round((talk_0 + coalesce(hold_0, 0)) * 1000000)::BIGINT)"
        return f"""
            WITH said AS (SELECT line, ({bad}) AS bad, {known} FROM lane_cells {joins}),
            one AS (SELECT *, offered_0 AS offered_at, CASE WHEN {taken} THEN coalesce(
                    answered_0, offered_0 + round(wait_0 * 1000000)::BIGINT, back_0, offered_0) END
                    AS answered_at,
                CASE WHEN {taken} THEN hold_0 END AS hold_s, CASE WHEN {taken} THEN wrap_0 END AS wrap_s,
                ring_0 AS ring_s FROM (SELECT *, CASE
                    WHEN talk_0 IS NOT NULL AND {back} >= offered_0 - 1000000
                    THEN greatest({back}, offered_0) END AS back_0 FROM said)),
            two AS (SELECT *, CASE
                    WHEN ended_0 IS NOT NULL THEN ended_0
                    WHEN {taken} THEN answered_at
                        + round((coalesce(talk_0, 0) + coalesce(hold_0, 0)) * 1000000)::BIGINT
                    ELSE offered_at + round(coalesce(wait_0, 0) * 1000000)::BIGINT END AS ended_at FROM one),
            three AS (SELECT *, CASE
                    WHEN wait_0 IS NOT NULL THEN wait_0
                    WHEN {taken} THEN CASE WHEN answered_0 IS NOT NULL OR back_0 IS NOT NULL
                        THEN (answered_at - offered_at) / 1000000 END
                    WHEN ended_0 IS NOT NULL THEN (ended_at - offered_at) / 1000000 END AS wait_s,
                CASE WHEN {taken} THEN CASE
                    WHEN talk_0 IS NOT NULL THEN talk_0
                    WHEN ended_0 IS NOT NULL
                        THEN greatest(0, (ended_at - answered_at) / 1000000 - coalesce(hold_0, 0)) END
                    END AS talk_s FROM two)
            SELECT line AS row, {", ".join((*FIELDS, *marks))}, CASE
                WHEN bad THEN -2
                WHEN skip IS NOT NULL THEN skip
                WHEN offered_at > 0 AND offered_at <= {of.until} AND outcome IS NOT NULL AND queue IS NOT NULL
                    AND call IS NOT NULL
                    AND coalesce(answered_0 BETWEEN offered_at AND {of.until} OR NOT {taken}, true)
                    AND coalesce(ended_0 BETWEEN coalesce(answered_at, offered_at) AND {of.until}, true)
                THEN -1 ELSE -2 END AS lane
            FROM three
        """

    def _all(self, when: Sequence[Check]) -> str:
        return " AND ".join(self._check(check) for check in when) or "true"

    def _check(self, check: Check) -> str:
        """Return the SQL of a condition; one of words without letters needs no look-up."""
        at, memo, words = check
        if words is None or self._changed(at):
            return self._say(at, "BOOLEAN", memo.__getitem__)
        x = self._cell(at).name
        self._odd.add(f"NOT regexp_full_match({x}, '[ -~]*')")  # what counts as a blank differs beyond ASCII
        texts = ", ".join(_literal(word) for word in words.texts)
        return f"trim({x}, {BLANKS}) {'' if words.among else 'NOT '}IN ({texts})"

    def _midnight(self) -> str:
        """Return the SQL of when the row's day began; NULL on a day on which the clock is moved."""
        of = self._mapper
        if of.day is not None:
            at, memo = of.day
            return self._say(at, "BIGINT", lambda text: of.calendar.midnight(memo[text]))
        if of.fixed_day is not None:
            begin = of.calendar.midnight(of.fixed_day)
            return "NULL::BIGINT" if begin is None else str(begin)
        return "NULL::BIGINT"

    def _moment(self, ways: Sequence[Way], mid: str) -> str:
        """Return the SQL of a moment: by the first way that fits. What cannot be read makes the row odd."""
        cases = []
        for way in ways:
            if way.of_day:
                there, value = self._clock(way)
                value = f"{mid} + {value}"
            else:
                there, value = self._halves(way)
            cases.append(f"WHEN {self._all(way.when)} AND {there} THEN coalesce({value}, -1)")
        return f"CASE {' '.join(cases)} END" if cases else "NULL::BIGINT"

    def _clock(self, way: Way) -> tuple[str, str]:
        """Return the SQL of whether there is a time of day in a cell, and of it.

        H:MM:SS is taken apart here, for a day has 86,400 of them; NULL stands for what is written otherwise.
        """
        if not way.plain or self._changed(way.at):
            there = self._say(way.at, "BOOLEAN", lambda text: way.read(text) is not None)
            return there, self._say(way.at, "BIGINT", way.read)
        x = self._cell(way.at).name
        return f"({x} <> '')", f"CASE WHEN regexp_full_match({x}, {CLOCK}) THEN {_ticks(x)} END"

    def _changed(self, at: int) -> bool:
        """Tell whether a column's text is cleaned before it is read."""
        return any(place == at for place, _ in self._mapper.cleans)

    def _halves(self, way: Way) -> tuple[str, str]:
        """Return the SQL of whether there is a moment in a cell and of the moment, by its day and its clock.

        Moments hardly repeat, their halves do. -1 stands for what the mapper has to look at.
        """
        if way.halves is None or self._changed(way.at):
            there = self._say(way.at, "BOOLEAN", lambda text: way.read(text) is not None)
            return there, self._say(way.at, "BIGINT", way.read)
        x = f"trim(c[{way.at + 1}], {BLANKS})"
        days, clocks = way.halves.halves
        cut = f"strpos({x} || ' ', ' ')"
        if isinstance(way.halves, times.Auto):
            cut = f"CASE WHEN strpos({x}, 'T') > 1 THEN strpos({x}, 'T') ELSE {cut} END"
        front = self._part(f"left({x}, {cut} - 1)")
        rest = f"substr({x}, {cut} + 1)"
        if way.halves.plain_clock:  # taken apart here, for a day has 86,400 of them
            ticks = self._value(f"CASE WHEN regexp_full_match({rest}, {CLOCK}) THEN {_ticks(rest)} END")
            back = self._part(f"CASE WHEN regexp_full_match({rest}, {CLOCK}) THEN '0:00:00' ELSE {rest} END")
        else:
            ticks, back = None, self._part(rest)

        local = front.add("BIGINT", _tried(lambda text: self._mapper.calendar.midnight(days(text))))
        universal = front.add("BIGINT", _tried(lambda text: days(text) * times.DAY_US))
        alone = front.add("BIGINT", _tried(way.read))
        clock = back.add("BIGINT", _tried(lambda text: clocks(text)[0] - (clocks(text)[1] or 0)))
        if ticks is not None:
            clock = f"coalesce({ticks}, {clock})"
        zoned = back.add("BOOLEAN", _tried(lambda text: clocks(text)[1] is not None))
        there = f"({front.name} <> '' OR {back.name} <> '')"
        return there, (
            f"CASE WHEN {back.name} = '' THEN {alone}"
            f" ELSE CASE WHEN {zoned} THEN {universal} ELSE {local} END + {clock} END"
        )

    def _text(self, of: Source) -> str:
        if isinstance(of, tuple):
            return self._say(of[0], "VARCHAR", of[1].__getitem__)
        return "NULL::VARCHAR" if of is None else _literal(of)

    def _word(self, of: Chosen | None) -> str:
        if of is None:
            return "NULL::VARCHAR"
        cases = "".join(f"WHEN {self._all(when)} THEN '{word}' " for when, word in of.rules)
        if of.at is not None:
            otherwise = self._say(of.at, "VARCHAR", of.memo.__getitem__)
        else:
            word = _tried(of.memo.__getitem__)("")
            otherwise = "NULL::VARCHAR" if word is None else f"'{word}'"
        return f"CASE {cases}ELSE {otherwise} END" if cases else otherwise

    def _call(self) -> str:
        if self._mapper.call is None:
            return "call_text"
        at, memo = self._mapper.call
        if self._changed(at):
            return self._say(at, "VARCHAR", lambda text: memo[text] or None)
        return "CASE WHEN regexp_full_match(call_text, '[!-~]([ -~]{0,126}[!-~])?') THEN call_text END"

    def _caller(self) -> tuple[str, str]:
        of = self._mapper.caller
        if not isinstance(of, tuple):
            return self._text(of), "NULL::VARCHAR"
        at, memo = of

        def kept(text: str) -> tuple[str | None, str | None]:
            number = memo[text]
            return (None, None) if number is None else self._mapper.policy(number, None)[:2]

        return (
            self._say(at, "VARCHAR", lambda text: kept(text)[0]),
            self._say(at, "VARCHAR", lambda text: kept(text)[1]),
        )

    def _numbers(self) -> None:
        """Have plain numbers of callers masked by the database: an export may have as many as rows."""
        of = self._mapper
        if not isinstance(of.caller, tuple) or of.callers is None or of.nobodies is None:
            return
        column = self._cell(of.caller[0])
        if self._changed(of.caller[0]) or len(column.meanings) != 2:
            return  # somebody else reads it, too
        said = of.callers.in_sql("x")
        texts = ", ".join(_literal(text) for text in ("", *of.nobodies))
        column.direct = f"{said.plain} AND x NOT IN ({texts})", f"{said.caller}, {said.key}", said.parameters

    def _name(self) -> str:
        of = self._mapper.caller_name
        if not isinstance(of, tuple):
            return self._text(of)
        at, memo = of
        return self._say(
            at,
            "VARCHAR",
            lambda text: None if memo[text] is None else self._mapper.policy(None, memo[text])[2],
        )


def _meanings(column: _Column, texts: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a column's table: (text, bad, what it means ...)."""
    nothing = (None,) * len(column.meanings)
    for text in texts:
        try:
            yield (text, False, *(convert(text) for _name, _kind, convert in column.meanings))
        except BadValue:
            yield (text, True, *nothing)


def _literal(text: str) -> str:
    """Return a text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def _ticks(x: str) -> str:
    """Return the SQL of the microseconds that a time of day like ``CLOCK`` stands for."""
    return (f"(left({x}, len({x}) - 6)::BIGINT * 3600 + substr({x}, len({x}) - 4, 2)::BIGINT * 60"
            f" + right({x}, 2)::BIGINT) * 1000000")


def _tried(convert: Convert) -> Convert:
    """Return `convert` that gives None for what it cannot read."""

    def tried(text: str) -> Any:
        try:
            return convert(text)
        except BadValue:
            return None

    return tried
