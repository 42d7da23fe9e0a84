"""Looking at an export nobody has described: what its columns hold, and a first map of it.

What a column is called counts most; what it holds decides whether it can be that. Nothing is decided
silently: every guess stands in the map with the reason, and what was not understood is listed.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ccboard.errors import InputError
from ccboard.maps import times
from ccboard.maps.durations import seconds
from ccboard.maps.memo import BadValue
from ccboard.maps.model import WAITS_UNKNOWN, File
from ccboard.maps.readers import Table
from ccboard.maps.words import COLUMNS, DIRECTIONS, OUTCOMES, plain

SAMPLE = 2000
"""Rows that are looked at."""
MOMENTS = ("offered", "answered", "ended")
DURATIONS = ("ring", "wait", "talk", "hold", "wrap")
TEXTS = ("agent", "caller", "caller_name", "business_type", "project", "channel")
_FORMATS = (
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%d/%m/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%d-%m-%Y %H:%M:%S",
    "%m-%d-%Y %H:%M:%S",
    "%d-%b-%Y %H:%M:%S",
    "%d/%m/%y %H:%M:%S",
    "%m/%d/%y %H:%M:%S",
    "%d.%m.%y %H:%M:%S",
    "%b %d %Y %H:%M:%S",
)
_DAY_FORMATS = (
    "%y%m%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d-%b-%Y",
    "%d%m%Y",
)


@dataclass
class Proposal:
    """A map as text, and what was said on the way."""

    text: str
    said: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """What the map cannot do without and was not found: the text says where to fill it in."""


@dataclass
class _Column:
    name: str
    texts: list[str]  # of the sample, empty ones left out

    def mostly(self, read: Callable[[str], object]) -> bool:
        """Tell whether nearly all texts can be read so."""
        good = 0
        for text in self.texts:
            try:
                read(text)
            except BadValue:
                continue
            good += 1
        return bool(self.texts) and good >= 0.95 * len(self.texts)


def propose(path: Path, zone: str, told: File | None = None) -> Proposal:
    """Look at the file at `path` and propose its map. Raises InputError, ConfigError."""
    table = Table(path, told or File())
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
    columns = [
        _Column(name, [cells[at].strip() for cells in sample if cells[at].strip()])
        for at, name in enumerate(table.header)
    ]
    return _Proposer(path, table, columns, zone, told, sample).proposal()


class _Proposer:
    def __init__(
        self, path: Path, table: Table, columns: Sequence[_Column], zone: str, told: File | None,
        sample: Sequence[Sequence[str]],
    ) -> None:
        self._path = path
        self._table = table
        self._columns = list(columns)
        self._zone = zone
        self._told = told
        self._sample = sample
        self._free = {at for at, column in enumerate(columns)}
        self._calendar = times.Calendar(ZoneInfo("UTC"))
        self.out = Proposal("")
        self._lines: list[str] = []
        self._of_day = False

    def proposal(self) -> Proposal:
        """Return the map."""
        kind = self._table.kind
        self.out.said.append(f"{self._path.name}: {kind.said()}; {len(self._columns)} columns")
        found = self._assign()
        self._waits(found)
        name = re.sub(r"[^a-z0-9]+", "-", self._path.name.split(".")[0].lower()).strip("-") or "export"
        self._lines = [
            f"# Proposed from {self._path.name}. Look through it, then: ccboard import FILE --map THIS_FILE",
            "# Every key is described in docs/import.md.",
            "",
            f"name = {_toml(name)}",
            f"timezone = {_toml(self._zone)}  # the zone of the file's times: check it",
            "",
            "[file]",
            f"format = {_toml(kind.format)}",
        ]
        if kind.format in {"text", "ndjson"}:
            self._lines.append(f"encoding = {_toml(kind.encoding)}")
        if kind.format == "text":
            self._lines.append(f"delimiter = {_toml('tab' if kind.delimiter == chr(9) else kind.delimiter)}")
        if self._told is not None and self._told.skip_lines:
            self._lines.append(f"skip_lines = {self._told.skip_lines}")
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
        used = {at for at in found.values() if at is not None}
        rest = [column.name for at, column in enumerate(self._columns) if at not in used]
        if rest:
            self._lines += ["", "# Not used: " + ", ".join(repr(name) for name in rest)]
        self.out.text = "\n".join(self._lines) + "\n"
        return self.out

    # -- which column is what --------------------------------------------------------------------

    def _assign(self) -> dict[str, int]:
        """Return field -> column: the best names first, each column once, and only where its content fits."""
        pairs = []
        for what, names in COLUMNS.items():
            for rank, name in enumerate(names):
                wanted = plain(name)
                for at, column in enumerate(self._columns):
                    own = plain(column.name)
                    exact = own == wanted
                    near = len(wanted) >= 4 or not wanted.isascii()
                    if exact or (near and wanted in own and len(wanted) >= 2):
                        pairs.append((not exact, -len(wanted) if not exact else 0, rank, what, at))
        found: dict[str, int] = {}
        for _near, _length, _rank, what, at in sorted(pairs):
            if what not in found and at in self._free and self._fits(what, self._columns[at]):
                found[what] = at
                self._free.discard(at)
        if "offered" not in found:
            for at in sorted(self._free):
                if self._moment_format(self._columns[at]) not in {None, "time"}:
                    found["offered"] = at
                    self._free.discard(at)
                    self.out.said.append(
                        f"{self._columns[at].name!r} is the first column with moments: taken as offered"
                    )
                    break
        return found

    def _waits(self, found: dict[str, int]) -> None:
        """Say where the waits of answered contacts come from, or that they are not known."""
        if "wait" in found or "answered" in found:
            return
        if "ended" in found and "talk" in found:
            name = self._columns[found["talk"]].name
            if not self._is_whole(found):
                self.out.said.append(f"no column tells the wait: it is what the end less {name!r} leaves")
                return
            self.out.said.append(f"{name!r} is the whole time from begin to end, not the talk: left out")
            self._free.add(found.pop("talk"))
        self.out.said.append(WAITS_UNKNOWN)

    def _is_whole(self, found: dict[str, int]) -> bool:
        """Tell whether what looks like talk is nothing but the time from begin to end, the wait included."""
        begin, end, talk = (found[what] for what in ("offered", "ended", "talk"))
        same = read = 0
        for cells in self._sample:
            try:
                first, last = self._read_auto(cells[begin]), self._read_auto(cells[end])
                lasted = seconds(cells[talk])
            except BadValue:
                continue
            read += 1
            same += abs((last - first) / 1e6 - lasted) <= 1
        return read > 0 and same >= 0.95 * read

    def _fits(self, what: str, column: _Column) -> bool:
        if not column.texts:
            return what in {"agent", "caller", "business_type"}
        if what in MOMENTS:
            return self._moment_format(column) is not None
        if what == "day":
            return _day_format(column) is not None and self._moment_format(column) is None
        if what in DURATIONS:
            return column.mostly(seconds)
        if what == "call":
            return len(set(column.texts)) > 0.5 * len(column.texts)
        if what == "outcome":
            words = set(map(plain, column.texts))
            return (
                len(set(column.texts)) <= 40
                and not column.mostly(self._read_auto)
                and (
                    any(word in plain_words for plain_words in _known(OUTCOMES).values() for word in words)
                    or not column.mostly(seconds)
                )
            )
        if what == "direction":
            known = {word for words in _known(DIRECTIONS).values() for word in words}
            return {plain(text) for text in column.texts} <= known
        return True

    def _read_auto(self, text: str) -> int:
        return times.moment_reader("auto", self._calendar)(text, 0)

    def _moment_format(self, column: _Column) -> str | None:
        """Return the format of a column of moments, None where it has none."""
        if column.mostly(self._read_auto):
            return "auto"
        if column.mostly(times.time_of_day) and any(":" in text or "时" in text for text in column.texts):
            return "time"
        for form in _FORMATS:
            if column.mostly(lambda text, form=form: times.moment_reader(form, self._calendar)(text, 0)):  # type: ignore[misc]
                return form
        return None

    # -- the parts of the map --------------------------------------------------------------------

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
            self._lines += ["", "[key]", f"call = {_toml(column.name)}"]
        else:
            self._lines += [
                "",
                "# Some ids stand in several rows: visits of one call are told apart by when they began.",
                "[key]",
                f"call = {_toml(column.name)}",
            ]

    def _times(self, found: dict[str, int]) -> None:
        forms = {what: self._moment_format(self._columns[found[what]]) for what in MOMENTS if what in found}
        if "time" in forms.values():
            at = found.get("day")
            if at is not None:
                form = _day_format(self._columns[at])
                self._lines += ["", "[day]", f"column = {_toml(self._columns[at].name)}"]
                if form and form != "auto":
                    self._lines.append(f"format = {_toml(form)}{self._ambiguous(form, self._columns[at])}")
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
            self.out.missing.append("when a contact was offered ([offered])")
        for what, form in forms.items():
            column = self._columns[found[what]]
            self._lines += ["", f"[{what}]", f"column = {_toml(column.name)}"]
            if form not in {None, "auto"}:
                self._lines.append(f"format = {_toml(str(form))}{self._ambiguous(str(form), column)}")

    def _ambiguous(self, form: str, column: _Column) -> str:
        """Return a comment where day and month may be the other way round."""
        if "%d/%m" in form or "%d-%m" in form:
            other = form.replace("%d", "%#").replace("%m", "%d").replace("%#", "%m")
            if column.mostly(lambda text: _by_format(text, other)):
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
            self._lines += ["", "[outcome]", 'otherwise = "abandoned"']
            if proof is None:
                self.out.missing.append("how a contact ended ([outcome])")
                self._lines[-1] += "  # nothing tells answered from abandoned"
                return
            what, condition = proof
            name = self._columns[found[what]].name
            self.out.said.append(f"no column looks like an outcome: answered where {name!r} says so")
            self._lines += [
                f'rules = [{{ word = "answered", when = {{ column = {_toml(name)}, {condition} }} }}]'
            ]
            return
        column = self._columns[at]
        counted = Counter(column.texts)
        by_word: dict[str, list[str]] = {}
        unknown = []
        for text, _count in counted.most_common():
            word = next((word for word, known in _known(OUTCOMES).items() if plain(text) in known), None)
            if word is None:
                unknown.append(text)
            else:
                by_word.setdefault(word, []).append(text)
        self._lines += ["", "[outcome]", f"column = {_toml(column.name)}"]
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
        for word, texts in by_word.items():
            self._lines.append(f"{word} = [{', '.join(_toml(text) for text in texts)}]")

    def _text(self, what: str, at: int | None, without: str = "", value: str | None = None) -> None:
        if at is None:
            if value is not None:
                self._lines += ["", f"# {without}", f"[{what}]", f"value = {_toml(value)}"]
                self.out.said.append(without)
            return
        column = self._columns[at]
        self._lines += ["", f"[{what}]", f"column = {_toml(column.name)}"]
        none = [
            text
            for text in dict.fromkeys(column.texts)
            if plain(text) in {"none", "null", "na", "noagent", "noserver", "unknown", "0", "无", "未知", ""}
        ]
        if none:
            self._lines.append(f"none = [{', '.join(_toml(text) for text in none)}]")
        if (
            what == "queue"
            and value is not None
            and len(column.texts) < max(1, len(self._columns[0].texts)) * 0.99
        ):
            self._lines.append(f"value = {_toml(value)}  # where the column is empty")

    def _direction(self, at: int | None) -> None:
        if at is None:
            return
        column = self._columns[at]
        self._lines += ["", "[direction]", f"column = {_toml(column.name)}", "", "[direction.words]"]
        known = _known(DIRECTIONS)
        for word in ("in", "out"):
            texts = [text for text in dict.fromkeys(column.texts) if plain(text) in known[word]]
            if texts:
                self._lines.append(f"{word} = [{', '.join(_toml(text) for text in texts)}]")

    def _duration(self, what: str, at: int | None) -> None:
        if at is None:
            return
        column = self._columns[at]
        self._lines += ["", f"[{what}]", f"column = {_toml(column.name)}"]
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


def _day_format(column: _Column) -> str | None:
    if column.mostly(times.day):
        return "auto"
    for form in _DAY_FORMATS:
        if column.mostly(lambda text, form=form: _by_format(text, form)):  # type: ignore[misc]
            return form
    return None


def _by_format(text: str, form: str) -> datetime:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        raise BadValue("not of this format", text) from None


def _known(words: dict[str, tuple[str, ...]]) -> dict[str, set[str]]:
    return {word: {plain(text) for text in texts} for word, texts in words.items()}


def _toml(text: str) -> str:
    """Return a text as a TOML string."""
    escaped = "".join(
        {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char)
        or (f"\\u{ord(char):04x}" if ord(char) < 32 or ord(char) == 127 else char)
        for char in text
    )
    return f'"{escaped}"'
