"""Which column of an export is what: the best names first, and only where the content fits."""

import re
from collections.abc import Sequence

from ccboard.clock import SECOND
from ccboard.maps.columns import Seen, moment
from ccboard.maps.durations import seconds
from ccboard.maps.judging import MARK_KINDS, VERDICT_KINDS, fits_mark, fits_verdict
from ccboard.maps.memo import BadValue
from ccboard.maps.model import WAITS_UNKNOWN
from ccboard.maps.words import COLUMNS, DIRECTIONS, OUTCOMES, WHOLE, known, plain

MOMENTS = ("offered", "answered", "ended")
DURATIONS = ("ring", "wait", "talk", "hold", "wrap")
_UNIT = re.compile(r"[\W_]+(ms|millis|epoch|ts|utc|local|sec|secs|seconds|s)\W*$", re.IGNORECASE)
"""What follows a column's name and says in which unit it counts."""

_ANY_TIME = frozenset(map(plain, (
    "duration", "call duration", "seconds", "secs", "length", "通话时长", "通话时间", "通话秒数")))
"""What a talk is called, and as well the whole time from begin to end."""


class Assignment:
    """Fields of a map and their columns. `named`: the file names its columns; `sample`: its first rows."""

    def __init__(self, columns: Sequence[Seen], sample: Sequence[Sequence[str]], *, named: bool) -> None:
        self._columns = columns
        self._sample = sample
        self._named = named
        self.free = set(range(len(columns)))
        """Columns that are nothing yet."""
        self.doubtful: set[int] = set()
        """Columns that may be something else: the map says that they are to be checked."""
        self._timed = any(column.moment_format() == "time" for column in columns)
        """Whether there are times of day, so that a day in a column of its own is half a moment."""
        self.said: list[str] = []
        self.missing: list[str] = []
        self.found = self._assign()
        """Field -> column."""
        self._waits(self.found)

    def _assign(self) -> dict[str, int]:
        """Return field -> column: the best names first, each column once, and only where its content fits."""
        pairs = []
        for what, names in COLUMNS.items():
            for rank, name in enumerate(names):
                wanted = plain(name)
                for at, column in enumerate(self._columns):
                    own = plain(column.name)
                    exact = wanted in {own, plain(_UNIT.sub("", column.name))}
                    near = name not in WHOLE and (len(wanted) >= 4 or not wanted.isascii())
                    if exact or (near and wanted in own and len(wanted) >= 2):
                        place = (not exact, not column.texts, -len(wanted) if not exact else 0, rank)
                        pairs.append((*place, what, at))
        found: dict[str, int] = {}
        for *_place, what, at in sorted(pairs):
            if what not in found and at in self.free and self._fits(what, self._columns[at]):
                found[what] = at
                self.free.discard(at)
        if "offered" not in found:
            for at in sorted(self.free):
                form = self._columns[at].moment_format()
                if form is not None and (form != "time" or "day" in found):
                    found["offered"] = at
                    self.free.discard(at)
                    self.said.append(
                        f"{self._columns[at].name!r} is the first column with moments: taken as offered"
                    )
                    break
        if not self._named:
            self._by_content(found)
        return found

    def _by_content(self, found: dict[str, int]) -> None:
        """Find what columns without names can be told by: an id, and how contacts ended."""
        words = {word for outcome in known(OUTCOMES).values() for word in outcome if not word.isdecimal()}
        for at in sorted(self.free):
            column = self._columns[at]
            said = {plain(text) for text in column.texts}
            if "outcome" not in found and said and said <= words:
                found["outcome"] = at
            elif "call" not in found and len(set(column.texts)) == column.rows:
                found["call"] = at
            else:
                continue
            self.free.discard(at)
        self.missing.append("what the other columns are: names for all of them in file.columns, or their"
                                " places in the sections that are missing")

    def _waits(self, found: dict[str, int]) -> None:
        """Say where the waits of answered contacts come from, or that they are not known.

        What is called a duration is often no talk but the whole time from begin to end, the wait included:
        where the rows show that it is left out, and where they cannot it is said.
        """
        known = "wait" in found or "answered" in found
        if "talk" in found:
            name = self._columns[found["talk"]].name
            whole = self._is_whole(found)
            if whole:
                self.said.append(f"{name!r} is the whole time from begin to end, not the talk: left out")
                self.free.add(found.pop("talk"))
            elif whole is None and plain(_UNIT.sub("", name)) in _ANY_TIME:
                self.said.append(f"{name!r} is taken as the talk without the wait; no row tells: check it")
                self.doubtful.add(found["talk"])
            if not known and "ended" in found and not whole:
                self.said.append(f"no column tells the wait: it is what the end less {name!r} leaves")
                return
        if not known:
            self.said.append(WAITS_UNKNOWN)

    def _is_whole(self, found: dict[str, int]) -> bool | None:
        """Tell whether what looks like talk is nothing but the time from begin to end, the wait included.

        None where no row can tell: there is no begin or end, or nobody is known to have waited.
        """
        if "offered" not in found or "ended" not in found:
            return None
        begin, end, talk = (found[what] for what in ("offered", "ended", "talk"))
        first, last = self._columns[begin].reader(), self._columns[end].reader()
        if first is None or last is None:
            return None
        same = read = 0
        for cells in self._sample:
            try:
                at, lasted = first(cells[begin]), seconds(cells[talk])
                if not self._waited(cells, at, found):
                    continue
                whole = (last(cells[end]) - at) / 1e6
            except BadValue:
                continue
            if self._columns[end].moment_format() == "time":
                whole %= 86_400
            read += 1
            same += abs(whole - lasted) <= 1
        return same >= 0.95 * read if read else None

    def _waited(self, cells: Sequence[str], at: int, found: dict[str, int]) -> bool:
        """Tell whether a contact that began at `at` is known to have waited and been answered, or may have.

        Of one that did not wait talk and whole are the same. Raises BadValue.
        """
        if "answered" in found:
            read = self._columns[found["answered"]].reader()
            return read is not None and read(cells[found["answered"]]) - at > SECOND
        if "wait" not in found:
            return True
        return seconds(cells[found["wait"]]) > 1 and seconds(cells[found["talk"]]) > 0

    def _fits(self, what: str, column: Seen) -> bool:
        if not column.texts:
            return what in {"agent", "caller", "business_type"}
        if what in MOMENTS:
            return column.moment_format() is not None and not (self._timed and column.are_days())
        if what == "day":
            return column.day_format() is not None and (self._timed or column.moment_format() is None)
        if what in DURATIONS:
            return column.mostly(seconds)
        if what in MARK_KINDS:
            return fits_mark(column)
        if what in VERDICT_KINDS:
            return fits_verdict(what, column)
        if what == "call":
            return len(set(column.texts)) > 0.5 * len(column.texts)
        if what == "outcome":
            words = set(map(plain, column.texts))
            return (
                len(set(column.texts)) <= 40
                and not column.mostly(moment)
                and (
                    any(word in plain_words for plain_words in known(OUTCOMES).values() for word in words)
                    or not column.mostly(seconds)
                )
            )
        if what == "direction":
            ways = {word for words in known(DIRECTIONS).values() for word in words}
            return {plain(text) for text in column.texts} <= ways
        return True
