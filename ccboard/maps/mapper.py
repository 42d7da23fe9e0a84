"""A map made ready for one file: from a row's cells to a visit, or to the reason why not.

All conversions are remembered by their text (``ccboard.maps.memo``), so most rows are dictionary look-ups.
"""

import difflib
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from ccboard.callers import Callers
from ccboard.clean import clean, clean_or_none
from ccboard.clock import SECOND
from ccboard.errors import ConfigError
from ccboard.maps import times
from ccboard.maps.conditions import Check, checks, hold, matcher
from ccboard.maps.durations import seconds
from ccboard.maps.marks import Mark, marks
from ccboard.maps.memo import BadValue, Memo
from ccboard.maps.model import Clean, Column, Duration, Map, Text, Time, Word, is_regex
from ccboard.maps.taken import Judgement, Refused, Row, Taken, Visit, judgement_key
from ccboard.snapshot import KEPT

Keep: TypeAlias = Callable[[str | None, str | None], tuple[str | None, str | None, str | None]]
"""The `callers` policy: (number, name) -> (number as kept, key, name as kept)."""

Source: TypeAlias = "tuple[int, Memo[str | None]] | str | None"
"""Where a text comes from, made ready: a column's place and what its texts mean, or the text itself."""

BLANKS = " \t\n\r"
EARLIEST = 0
HALF_DAY_US = times.DAY_US // 2
MINUTE_US = 60 * SECOND


class Way(NamedTuple):
    """One way to know a moment, made ready."""

    when: tuple[Check, ...]
    at: int
    read: Callable[[str], int | None]
    of_day: bool
    again: Callable[[str], int] | None = None
    """Reads a moment in the second pass of an hour that comes twice."""
    halves: times.Auto | times.Halves | None = None
    """What reads the day and the clock of a moment one by one, where that can be."""
    plain: bool = False
    """A time of day in whichever of the usual forms."""


def _counted_back(offered: int, ended: int, spoken_s: float) -> int | None:
    """Return when a contact was answered that ended after so much talk and hold; None where that cannot be.

    Exports round: up to a second before it was offered is the moment itself.
    """
    at = ended - round(spoken_s * SECOND)
    return max(at, offered) if at >= offered - SECOND else None


class Chosen(NamedTuple):
    """How one of a few words is chosen, made ready."""

    rules: list[tuple[tuple[Check, ...], str]]
    at: int | None
    memo: Memo[str | None]


class Mapper:
    """A map for files whose columns are `header`. Raises ConfigError where the map names others.

    `zone` is that of the file's times; `day` the day of files that hold times of day only (microseconds are
    counted from it); `until` the latest moment that is believed.
    """

    def __init__(
        self,
        of: Map,
        header: Sequence[str],
        calendar: times.Calendar,
        *,
        day: int | None = None,
        until: int,
        keep: Keep | None = None,
        callers: Callers | None = None,
        where: str = "the file",
    ) -> None:
        self.header = list(header)
        self._map = of
        self._where = where
        self._width = len(header)
        self.calendar = calendar
        self.fixed_day = day
        self.until = until
        place = self._place
        self._repairs = {r.fields: (r.column - 1, re.compile(r.split)) for r in of.repair}
        self.cleans = [(place(c.column), Memo(_cleaner(c))) for c in of.clean]
        self.skips = [(checks(s.when, place), s.because) for s in of.skip]
        self.day = (
            None if of.day.column is None else (place(of.day.column), Memo(times.day_reader(of.day.format)))
        )
        self.offered = [self._time(t) for t in of.offered]
        self.answered = [self._time(t) for t in of.answered]
        self.ended = [self._time(t) for t in of.ended]
        self.durations = [self._duration(d) for d in (of.ring, of.wait, of.talk, of.hold, of.wrap)]
        self.queue = self._text(of.queue)
        self.agent = self._text(of.agent)
        self.caller = self._text(of.caller)
        self.caller_name = self._text(of.caller_name)
        self.project = self._text(of.project)
        self.business_type = self._text(of.business_type)
        self.channel = self._text(of.channel)
        self.outcome = self._word(of.outcome, "outcome")
        self.direction = self._word(of.direction, "direction")
        self.transfer = self._word(of.transfer, "transfer")
        self.ended_by = self._word(of.ended_by, "ended_by")
        self.marks: list[Mark] = marks(of, place)
        self.callers = callers
        """The policy behind `keep`, if that is known."""
        self.nobodies: tuple[str, ...] | None = None
        """Texts of callers that stand for nobody; None where more has to be looked at."""
        if of.caller is not None and of.caller.pattern is None and not any(map(is_regex, of.caller.none)):
            self.nobodies = tuple(word.strip() for word in of.caller.none)
        self._keep: Keep = keep or (lambda number, name: (number, None, name))
        self._kept: dict[tuple[str | None, str | None], tuple[str | None, str | None, str | None]] = {}
        self.call = None if of.key.call is None else (place(of.key.call), Memo(clean))
        self.identity = [place(c) for c in of.key.columns] or list(range(self._width))
        needs_day = any(way.of_day for way in (*self.offered, *self.answered, *self.ended))
        if needs_day and self.day is None and day is None:
            raise ConfigError(
                f"{where}: its map reads times of day; say where the day comes from: [day] column or file in"
                " the map, or --day"
            )

    # -- making ready ----------------------------------------------------------------------------

    def _place(self, column: Column) -> int:
        """Return where a column stands, counted from 0; raise ConfigError naming the nearest one."""
        if isinstance(column, int):
            if column <= self._width:
                return column - 1
            raise ConfigError(f"{self._where}: has {self._width} columns; the map names column {column}")
        names: dict[str, int] = {}
        for at, name in enumerate(self.header):
            names.setdefault(_plain(name), at)
        if (found := names.get(_plain(column))) is not None:
            return found
        near = difflib.get_close_matches(_plain(column), names, 1, 0.5)
        hint = f"did you mean {self.header[names[near[0]]]!r}?" if near else "it has "
        if not near:
            hint += ", ".join(clean(name, 40) for name in self.header[:40])
        raise ConfigError(f"{self._where}: has no column {clean(column, 60)!r}; {hint}")

    def _time(self, way: Time) -> Way:
        none = matcher(way.none)
        at = self._place(way.column)
        when = checks(way.when, self._place)
        if times.is_time_of_day(way.format):
            clock = times.clock_reader(way.format)
            memo: Memo[int | None] = Memo(
                lambda text: None if not text.strip() or none(text) else clock(text)
            )
            return Way(when, at, memo.__getitem__, True, plain=way.format == "time" and not way.none)
        reader = times.moment_reader(way.format, self.calendar)

        def read(text: str) -> int | None:
            return None if not text.strip() or none(text) else reader(text, 0)

        halves = reader if isinstance(reader, times.Auto | times.Halves) and not way.none else None
        return Way(when, at, read, False, lambda text: reader(text, 1), halves)

    def _duration(self, of: Duration | None) -> tuple[int, Memo[float | None]] | None:
        if of is None:
            return None
        none = matcher(of.none)
        return self._place(of.column), Memo(
            lambda text: None if not text.strip() or none(text) else seconds(text, of.unit)
        )

    def _text(self, of: Text | None) -> Source:
        if of is None:
            return None
        otherwise = clean_or_none(of.value)
        if of.column is None:
            return otherwise
        none = matcher(of.none)
        pattern = re.compile(of.pattern) if of.pattern is not None else None

        def read(text: str) -> str | None:
            if none(text):
                return None
            if pattern is not None and (found := pattern.search(text)):
                text = found[1] or "" if pattern.groups else found[0]
            return clean_or_none(text) or otherwise

        return self._place(of.column), Memo(read)

    def _word(self, of: Word | None, what: str) -> Chosen | None:
        if of is None:
            return None
        by_words = [(word, matcher(texts)) for word, texts in of.words.items()]

        def read(text: str) -> str | None:
            for word, fits in by_words:
                if fits(text):
                    return word
            if of.otherwise is None and (text.strip() or what == "outcome"):
                raise BadValue(f"{what} is none of the map's words", text)
            return of.otherwise

        at = None if of.column is None else self._place(of.column)
        return Chosen([(checks(r.when, self._place), r.word) for r in of.rules], at, Memo(read))

    # -- rows ------------------------------------------------------------------------------------

    def take(self, rows: Iterable[Row]) -> Taken:
        """Read rows; what is wrong with one is told and the others go on."""
        taken = Taken()
        width, cleans, skips, visit = self._width, self.cleans, self.skips, self._visit
        visits, lines = taken.visits, taken.lines
        for line, cells in rows:
            if len(cells) != width:
                self._repair(cells)
                if len(cells) != width:
                    reason = f"has {len(cells)} fields, not {width}"
                    taken.refused.append(Refused(line, reason, "", cells))
                    continue
            raw = cells.copy() if cleans else cells
            for at, memo in cleans:
                cells[at] = memo[cells[at]]
            skipped = False
            for when, because in skips:
                for at, check, _ in when:
                    if not check[cells[at]]:
                        break
                else:
                    taken.skipped[because] = taken.skipped.get(because, 0) + 1
                    skipped = True
                    break
            if skipped:
                continue
            try:
                visits.append(visit(cells, raw))
            except BadValue as bad:
                taken.refused.append(Refused(line, bad.reason, clean(bad.text, 60), cells))
            else:
                lines.append(line)
                if self.marks:
                    self._judge(line, cells, visits[-1], taken)
        return taken

    def _judge(self, line: int, cells: list[str], visit: Visit, taken: Taken) -> None:
        """Take what a row says of its visit; what cannot be used takes nothing from the visit."""
        call, queue, offered, _answered, ended, _outcome, agent = visit[:7]
        for mark in self.marks:
            try:
                value = mark.memo[cells[mark.at]]
            except BadValue as bad:
                reason = f"{bad.reason}; {KEPT}"
                taken.partly.append(Refused(line, reason, clean(bad.text, 60), cells))
                continue
            if value is not None:
                key = judgement_key(visit, mark.kind)
                taken.scores.append(Judgement(key, ended or offered, mark.kind, value, call, queue, agent))

    def _repair(self, cells: list[str]) -> None:
        """Mend a row with a wrong number of fields, in place, where that is clear."""
        if (found := self._repairs.get(len(cells))) is not None and found[0] < len(cells):
            at, pattern = found
            cells[at : at + 1] = pattern.split(cells[at].strip(), maxsplit=1)
        while len(cells) > self._width and not cells[-1].strip():
            del cells[-1]  # delimiters behind the last field
        if self._map.file.short_rows and len(cells) < self._width:
            cells.extend([""] * (self._width - len(cells)))

    def _visit(self, cells: list[str], raw: list[str]) -> Visit:
        outcome = _choose(self.outcome, cells)
        ring, wait, talk, held, wrap = (None if d is None else d[1][cells[d[0]]] for d in self.durations)
        offered, day = self._begin(cells)
        answered = ended = None
        if outcome == "answered":
            if self.answered:
                answered = self._after(self.answered, cells, day, offered)
            if answered is None:
                answered = offered + round(wait * SECOND) if wait is not None else None
            if self.ended:
                ended = self._after(self.ended, cells, day, answered or offered)
            if answered is None and ended is not None and talk is not None:
                answered = _counted_back(offered, ended, talk + (held or 0))
            if answered is None:
                answered = offered
            elif wait is None:
                wait = (answered - offered) / SECOND
            if ended is None:
                ended = answered + round(((talk or 0) + (held or 0)) * SECOND)
            elif talk is None:
                talk = max(0.0, (ended - answered) / SECOND - (held or 0))
        else:
            talk = held = wrap = None
            if self.ended:
                ended = self._after(self.ended, cells, day, offered)
            if ended is None:
                ended = offered + round((wait or 0) * SECOND)
            elif wait is None:
                wait = (ended - offered) / SECOND
        queue = _get(self.queue, cells)
        if queue is None:
            raise BadValue("names no queue")
        number, name = _get(self.caller, cells), _get(self.caller_name, cells)
        key = None
        if number is not None or name is not None:
            number, key, name = self.policy(number, name)
        return (
            self._call_id(cells, raw),
            queue,
            offered,
            answered,
            ended,
            outcome,
            _get(self.agent, cells),
            ring,
            wait,
            talk,
            held,
            wrap,
            _choose(self.transfer, cells),
            _choose(self.ended_by, cells),
            number,
            key,
            name,
            _get(self.project, cells),
            _get(self.business_type, cells),
            _get(self.channel, cells) or "voice",
            _choose(self.direction, cells) or "in",
        )

    def _begin(self, cells: list[str]) -> tuple[int, int | None]:
        """Return when it was offered, and the day of its times of day."""
        day = self.fixed_day
        if self.day is not None:
            at, memo = self.day
            day = memo[cells[at]]
        for way in self.offered:
            if way.when and not hold(way.when, cells):
                continue
            value = way.read(cells[way.at])
            if value is None:
                continue
            if way.of_day:
                assert day is not None
                value = self.calendar.at(day, value)
            if not EARLIEST < value <= self.until:
                raise BadValue("its time lies before 1970 or in the future", cells[way.at])
            return value, day
        raise BadValue("does not say when it was offered")

    def _after(self, ways: Sequence[Way], cells: list[str], day: int | None, before: int) -> int | None:
        """Return a later moment of the contact, over midnight and a clock set back in between."""
        for way in ways:
            if way.when and not hold(way.when, cells):
                continue
            text = cells[way.at]
            value = raw = way.read(text)
            if value is None or raw is None:
                continue
            if way.of_day:
                assert day is not None
                value = self.calendar.at(day, raw)
                while value < before - HALF_DAY_US:  # a day for each midnight that it crossed
                    day += 1
                    value = self.calendar.at(day, raw)
            if value < before:
                again = (
                    self.calendar.at(day, raw, 1)
                    if way.of_day and day is not None
                    else (way.again(text) if way.again else value)
                )
                if again >= before:
                    return again
                if value < before - MINUTE_US:
                    raise BadValue("answered or ended before it began", text)
                return before  # clocks of two parts of the system that differ by seconds
            if value > self.until:
                raise BadValue("its time lies before 1970 or in the future", text)
            return value
        return None

    def _call_id(self, cells: list[str], raw: list[str]) -> str:
        if self.call is not None:
            at, memo = self.call
            call = memo[cells[at]]
            if not call:
                raise BadValue("names no call")
            return call
        text = "\x1f".join([raw[at].strip(BLANKS) for at in self.identity])
        return hashlib.md5(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()[:20]

    def policy(self, number: str | None, name: str | None) -> tuple[str | None, str | None, str | None]:
        """Return a caller as it may be kept: (number, key, name)."""
        kept = self._kept.get((number, name))
        if kept is None:
            if len(self._kept) > 100_000:
                self._kept.clear()
            kept = self._kept[number, name] = self._keep(number, name)
        return kept


def _choose(of: Chosen | None, cells: list[str]) -> str | None:
    if of is None:
        return None
    for when, word in of.rules:
        if hold(when, cells):
            return word
    return of.memo["" if of.at is None else cells[of.at]]


def _get(of: Source, cells: list[str]) -> str | None:
    return of[1][cells[of[0]]] if isinstance(of, tuple) else of


def _cleaner(of: Clean) -> Callable[[str], str]:
    pattern = re.compile(of.pattern) if of.pattern is not None else None

    def change(text: str) -> str:
        if of.strip:
            text = text.strip()
        if pattern is not None:
            text = pattern.sub(of.by, text)
        return of.values.get(text, text)

    return change


def _plain(name: str) -> str:
    """Return a column's name as it is compared."""
    return " ".join(name.replace("\ufeff", "").split()).casefold()
