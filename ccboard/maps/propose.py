"""Looking at an export nobody has described: what its columns hold, and a first map of it.

What a column is called counts most; what it holds decides whether it can be that. Nothing is decided
silently: every guess stands in the map with the reason, and what was not understood is listed.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ccboard.errors import InputError
from ccboard.maps import load
from ccboard.maps.assign import DURATIONS, MOMENTS, Assignment
from ccboard.maps.columns import Seen, by_format
from ccboard.maps.durations import seconds
from ccboard.maps.judging import MARK_KINDS, VERDICT_KINDS, mark_lines, verdict_lines
from ccboard.maps.layout import layout
from ccboard.maps.model import File, columns_named
from ccboard.maps.naming import Names
from ccboard.maps.readers import Table
from ccboard.maps.words import DIRECTIONS, OUTCOMES, TOTALS, plain
from ccboard.maps.words import known as known_words
from ccboard.maps.writing import toml
from ccboard.text import counted

SAMPLE = 2000
"""Rows that are looked at."""
TAIL = 3
"""Last rows that may be sums."""
FILLED = 0.95
"""Of the rows have something in a column that a contact's row is never without."""
DAMAGED = 0.02
"""So many rows without a queue are damaged ones, which are rejected; more of them are calls of no queue."""
TEXTS = ("agent", "caller", "caller_name", "business_type", "project", "channel")


@dataclass
class Proposal:
    """A map as text, and what was said on the way."""

    text: str
    said: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """What the map cannot do without and was not found: the text says where to fill it in."""
    is_whole: bool = True
    """Whether the text is a map as it stands; else something in it has to be filled in before."""


def propose(path: Path, zone: str, told: File | None = None) -> Proposal:
    """Look at the file at `path` and propose its map. Raises InputError, ConfigError."""
    told, said = layout(path, told or File())
    table = Table(path, told)
    rows = next(table.parts()).rows
    table.close()
    if not rows:
        raise InputError(f"{path}: has a header and no rows; a map is proposed from rows")
    seen = "".join(table.header) + "".join(text for _line, cells in rows[:100] for text in cells)
    strange = sum(char == "\ufffd" or (char < " " and char not in "\t\r\n") or "\x7f" <= char < "\xa0"
                  for char in seen)
    if strange > 0.05 * len(seen):
        raise InputError(f"{path}: is no export that can be read: what should be text is not")
    width = len(table.header)
    sample = [cells for _line, cells in rows[:SAMPLE] if len(cells) == width]
    if not sample:
        raise InputError(f"{path}: no row has as many fields as its header ({width})")
    sums = _sums([cells for _line, cells in (*rows[:SAMPLE], *rows[SAMPLE:][-TAIL:])], width)
    sample = [cells for cells in sample if not any(plain(cells[at]) in map(plain, sums[at]) for at in sums)]
    if not sample:
        raise InputError(f"{path}: holds sums and no rows; a map is proposed from rows")
    columns = [
        Seen(name, [cells[at].strip() for cells in sample if cells[at].strip()], len(sample))
        for at, name in enumerate(table.header)
    ]
    return _Proposer(path, table, columns, zone, told, sample, said, sums).proposal()


def _sums(rows: Sequence[Sequence[str]], width: int) -> dict[int, list[str]]:
    """Return in which columns the last rows say that they are sums, and in which words.

    A queue may be called "Total": it stands in other rows as well, and they lack nothing.
    """
    found: dict[int, list[str]] = {}
    whole = [cells for cells in rows if len(cells) == width]
    for cells in rows[-TAIL:]:
        at = next((at for at, text in enumerate(cells) if plain(text) in TOTALS), None)
        if at is None or len(cells) != width or cells[at].strip() in found.get(at, ()):
            continue
        word = plain(cells[at])
        same = [row for row in whole if plain(row[at]) == word]
        if len(same) == 1 or _lack(same, [row for row in whole if plain(row[at]) != word]):
            found.setdefault(at, []).append(cells[at].strip())
    return found


def _lack(rows: Sequence[Sequence[str]], others: Sequence[Sequence[str]]) -> bool:
    """Tell whether each of these rows is empty where the others are not: without an id, or a moment."""
    filled = [at for at in range(len(rows[0]))
              if sum(bool(cells[at].strip()) for cells in others) >= FILLED * len(others)]
    return all(any(not cells[at].strip() for at in filled) for cells in rows)


class _Proposer:
    def __init__(
        self, path: Path, table: Table, columns: Sequence[Seen], zone: str, told: File,
        sample: Sequence[Sequence[str]], said: Sequence[str], sums: dict[int, list[str]],
    ) -> None:
        self._path = path
        self._table = table
        self._columns = list(columns)
        self._names = Names(self._columns)
        self._zone = zone
        self._told = told
        self._assigned = Assignment(columns, sample, named=told.header)
        self._sums = sums
        self._more_offered: int | None = None
        self._lines: list[str] = []
        self.out = Proposal("")
        self.out.said.append(f"{path.name}: {table.kind.said()}; {counted(len(columns), 'column')}")
        self.out.said += said
        self.out.said += [f"the map {name}, which is shipped, reads columns like these: --map {name} will do"
                          for name in _shipped_for(table.header)]
        self.out.said += self._assigned.said
        self.out.missing += self._assigned.missing

    def proposal(self) -> Proposal:
        """Return the map."""
        kind = self._table.kind
        found = self._assigned.found
        name = re.sub(r"[\W_]+", "-", self._path.name.split(".")[0].lower()).strip("-")[:40] or "export"
        self._lines = [
            f"# Proposed from {self._path.name}. Look through it, then: ccboard import FILE --map THIS_FILE",
            "# Every key is described in docs/import.md.",
            "",
            f"name = {toml(name)}",
            f"timezone = {toml(self._zone)}  # the zone of the file's times: check it",
            "",
            "[file]",
            f"format = {toml(kind.format)}",
        ]
        if kind.format in {"text", "ndjson"}:
            self._lines.append(f"encoding = {toml(kind.encoding)}")
        if kind.format == "text":
            self._lines.append(f"delimiter = {toml('tab' if kind.delimiter == chr(9) else kind.delimiter)}")
        if self._told.sheet is not None:
            self._lines.append(f"sheet = {toml(self._told.sheet)}")
        if self._told.skip_lines:
            self._lines.append(f"skip_lines = {self._told.skip_lines}")
        if not self._told.header:
            self._lines.append("header = false  # columns go by their place")
        self._skips()
        self._key(found.get("call"))
        self._times(found)
        self._outcome(found)
        self._text(
            "queue", found.get("queue"), "no column looks like a queue: all rows count as this one", "main"
        )
        for what in TEXTS:
            self._text(what, found.get(what))
        self._direction(found.get("direction"))
        for what in DURATIONS:
            self._duration(what, found.get(what))
        self._judged(found)
        used = {*found.values(), self._more_offered}
        rest = [self._names.said(at) for at in range(len(self._columns)) if at not in used]
        if rest:
            self._lines += ["", "# Not used: " + ", ".join(rest)]
        self.out.text = "\n".join(self._lines) + "\n"
        return self.out

    # -- the parts of the map --------------------------------------------------------------------

    def _ref(self, at: int) -> str:
        return self._names.ref(at)

    def _column(self, at: int, key: str = "column") -> str:
        """Return the line that names a column, with what is to be checked of it."""
        doubts = []
        if self._told.header and (shared := self._names.shared(at)):
            doubts.append(shared)
            what = next((what for what, place in self._assigned.found.items() if place == at), "offered")
            self.out.said.append(f"{shared}; {what} is taken from column {at + 1}: check it")
        if at in self._assigned.doubtful:
            doubts.append("the talk without the wait")
        return f"{key} = {self._ref(at)}" + (f"  # {'; '.join(doubts)}: check it" if doubts else "")

    def _skips(self) -> None:
        """Leave out rows of sums."""
        for at, words in self._sums.items():
            texts = ", ".join(map(toml, words))
            self.out.said.append(f"rows that say {texts} in {self._columns[at].name!r} are sums: left out")
            self._lines += ["", "[[skip]]", f"when = {{ column = {self._ref(at)}, one_of = [{texts}] }}",
                            'because = "a row of sums"']

    def _judged(self, found: dict[str, int]) -> None:
        """Read what the rows say of the work: marks, and yes or no."""
        for kind in (*MARK_KINDS, *VERDICT_KINDS):
            at = found.get(kind)
            if at is None:
                continue
            column, name = self._columns[at], self._ref(at)
            if kind in MARK_KINDS:
                self._lines += mark_lines(kind, column, name, self.out.said)
            else:
                self._lines += verdict_lines(kind, column, name, self.out.said, self.out.missing)

    def _key(self, at: int | None) -> None:
        if at is None:
            self._lines += [
                "",
                "# No column looks like a call's id: all columns together tell a row from the others.",
                "# [key]",
                "# columns = [...]",
            ]
            return
        column = self._columns[at]
        if len(set(column.texts)) == len(column.texts):
            self._lines += ["", "[key]", self._column(at, "call")]
        else:
            self._lines += [
                "",
                "# Some ids stand in several rows: visits of one call are told apart by when they began.",
                "[key]",
                self._column(at, "call"),
            ]

    def _times(self, found: dict[str, int]) -> None:
        forms = {what: self._columns[found[what]].moment_format() for what in MOMENTS if what in found}
        if "time" in forms.values():
            at = found.get("day")
            if at is not None:
                form = self._columns[at].day_format()
                self._lines += ["", "[day]", self._column(at)]
                if form and form != "auto":
                    self._lines.append(f"format = {toml(form)}{self._ambiguous(form, self._columns[at])}")
            elif re.search(r"\d{4}-?\d\d-?\d\d", self._path.name):
                self._lines += [
                    "",
                    "# The times have no day; the file's name has.",
                    "[day]",
                    "file = '(?P<year>\\d{4})-?(?P<month>\\d\\d)-?(?P<day>\\d\\d)'",
                ]
            else:
                self._lines += ["", "# The times have no day, and no column has: name it with --day."]
                self.out.missing.append("the day of its times (--day, or [day] in the map)")
        if "offered" not in found:
            self._lines += ["", "# When it was offered was not found. Fill in:", "[offered]", 'column = "?"']
            self.out.is_whole = False
            self.out.missing.append("when a contact was offered ([offered])")
        for what in forms:
            at = found[what]
            nothing = self._columns[at].nothings() if forms[what] == "time" else []
            more = self._later_begin(at, nothing, found) if what == "offered" else None
            name = self._columns[at].name
            if what == "offered" and more is None and (nothing or not self._columns[at].is_filled()):
                self.out.missing.append(f"when those came whose {name!r} says nothing ([offered]): no column"
                                        " before it tells")
            if nothing:
                self.out.said.append(f"{nothing[0]} stands too often in {name!r} to be midnight:"
                                     " it is read as no such moment")
            section = f"[{what}]" if more is None else f"[[{what}]]"
            self._lines += ["", section, *self._moment(at, forms[what]), *_list("none", nothing)]
            if more is not None:
                self._more_offered = more
                other = self._columns[more]
                self._lines += ["", f"# Where {toml(name)} says nothing:", section,
                                *self._moment(more, other.moment_format())]
                self.out.said.append(f"where {name!r} says nothing, {other.name!r} says when it was offered")

    def _moment(self, at: int, form: str | None) -> list[str]:
        """Return the lines that read a moment."""
        lines = [self._column(at)]
        if form not in {None, "auto"}:
            lines.append(f"format = {toml(str(form))}{self._ambiguous(str(form), self._columns[at])}")
        return lines

    def _later_begin(self, at: int, nothing: Sequence[str], found: dict[str, int]) -> int | None:
        """Return the column that tells when those came who never came to the one at `at`, if there is one.

        The nearest one before it that every row has: who did not queue left what comes before the queue. What
        comes after it tells of something later, of the export itself perhaps.
        """
        if self._columns[at].is_filled() and not nothing:
            return None
        free = self._assigned.free - set(found.values())
        others = sorted((other for other in free if other < at), reverse=True)
        form = self._columns[at].moment_format()
        return next((other for other in others if self._columns[other].is_filled()
                     and self._columns[other].moment_format() == form
                     and not self._columns[other].nothings()), None)

    def _ambiguous(self, form: str, column: Seen) -> str:
        """Return a comment where day and month may be the other way round."""
        if "%d/%m" in form or "%d-%m" in form:
            other = form.replace("%d", "%#").replace("%m", "%d").replace("%#", "%m")
            if column.mostly(lambda text: by_format(text, other)):
                self.out.said.append(f"{column.name!r}: day and month cannot be told apart; taken as {form}")
                return "  # or month first: nothing in the rows tells"
        return ""

    def _outcome(self, found: dict[str, int]) -> None:
        at = found.get("outcome")
        if at is None:
            proof = next(
                (
                    (what, "empty = false" if what in {"answered", "agent"} else "above = 0")
                    for what in ("answered", "talk", "agent")
                    if what in found
                ),
                None,
            )
            if proof is None:
                self.out.missing.append("how a contact ended ([outcome])")
                self._lines += ["", "# Nothing tells answered from abandoned.", "[outcome]",
                                'otherwise = "unknown"']
                return
            self._lines += ["", "[outcome]", 'otherwise = "abandoned"']
            what, condition = proof
            name = self._columns[found[what]].name
            self.out.said.append(f"no column looks like an outcome: answered where {name!r} says so")
            when = f"{{ column = {self._ref(found[what])}, {condition} }}"
            self._lines.append(f'rules = [{{ word = "answered", when = {when} }}]')
            return
        column = self._columns[at]
        counted = Counter(column.texts)
        by_word: dict[str, list[str]] = {}
        unknown = []
        for text, _count in counted.most_common():
            word = next((word for word, known in known_words(OUTCOMES).items() if plain(text) in known), None)
            if word is None:
                unknown.append(text)
            else:
                by_word.setdefault(word, []).append(text)
        self._lines += ["", "[outcome]", self._column(at)]
        if unknown:
            self.out.missing.append(
                f"what these outcomes mean ([outcome.words]): {', '.join(map(repr, unknown[:10]))}"
            )
            self._lines.append(
                "# Rows with these words are rejected until they stand below: "
                + ", ".join(repr(text) for text in unknown)
            )
        self._lines += ["", "[outcome.words]"]
        if not by_word:
            self._lines.append('answered = "?"')
            self.out.is_whole = False
        for word, texts in by_word.items():
            self._lines.append(f"{word} = [{', '.join(toml(text) for text in texts)}]")

    def _text(self, what: str, at: int | None, without: str = "", value: str | None = None) -> None:
        if at is None:
            if value is not None:
                self._lines += ["", f"# {without}", f"[{what}]", f"value = {toml(value)}"]
                self.out.said.append(without)
            return
        column = self._columns[at]
        self._lines += ["", f"[{what}]", self._column(at)]
        none = [
            text
            for text in dict.fromkeys(column.texts)
            if plain(text) in {"none", "null", "na", "noagent", "noserver", "unknown", "0", "无", "未知", ""}
        ]
        if none:
            self._lines.append(f"none = [{', '.join(toml(text) for text in none)}]")
        empty = column.rows - len(column.texts)
        if what == "queue" and value is not None and empty > DAMAGED * column.rows:
            self._lines.append(f"value = {toml(value)}  # where the column is empty")
            self.out.said.append(
                f"{empty} of {column.rows} rows have no queue in {column.name!r}: they count as the queue"
                f" {value}; without the line `value` they are rejected")

    def _direction(self, at: int | None) -> None:
        if at is None:
            return
        column = self._columns[at]
        self._lines += ["", "[direction]", self._column(at), "", "[direction.words]"]
        known = known_words(DIRECTIONS)
        for word in ("in", "out"):
            texts = [text for text in dict.fromkeys(column.texts) if plain(text) in known[word]]
            if texts:
                self._lines.append(f"{word} = [{', '.join(toml(text) for text in texts)}]")

    def _duration(self, what: str, at: int | None) -> None:
        if at is None:
            return
        column = self._columns[at]
        self._lines += ["", f"[{what}]", self._column(at)]
        sizes = sorted(seconds(text) for text in column.texts if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII))
        if re.search(r"(ms|millis|毫秒)", column.name, re.IGNORECASE):
            self._lines.append('unit = "ms"')
        elif (
            len(sizes) > 0.5 * len(column.texts)
            and sizes
            and 0 < sizes[-1] < 1
            and any("." in t for t in column.texts)
        ):
            self._lines.append('unit = "days"  # parts of a day, as Excel has them')


def _list(key: str, texts: Sequence[str]) -> list[str]:
    return [f"{key} = [{', '.join(map(toml, texts))}]"] if texts else []


def _shipped_for(header: Sequence[str]) -> list[str]:
    """Return the shipped maps that name columns, and none that this header does not have."""
    names = {plain(name) for name in header}
    return [name for name in load.shipped() if (asked := columns_named(load.load(name)))
            and {plain(column) for column in asked} <= names]
