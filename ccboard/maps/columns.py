"""What a column of an export holds, judged by its texts."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from ccboard.clock import SECOND
from ccboard.maps import times
from ccboard.maps.memo import BadValue

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
_CALENDAR = times.Calendar(ZoneInfo("UTC"))
_READ = times.moment_reader("auto", _CALENDAR)
_MIDNIGHT = re.compile(r"0{1,2}:00(:00(\.0+)?)?")
DAY_S = 86_400
EXCEL_DIGITS = 8
"""Decimals from which on a part of a day may be a time as Excel keeps it: 10:37:11 is 0.442488425925926."""
LATEST = 4_102_444_800 * SECOND
"""The year 2100: a number that would be a later moment is a telephone's."""


@dataclass
class Seen:
    """A column: its name, and its texts in the rows that are looked at."""

    name: str
    texts: list[str]
    """Empty ones left out."""
    rows: int
    """How many there are, empty ones included."""

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

    def moment_format(self) -> str | None:
        """Return the format of a column of moments, None where it has none."""
        return self._moment_format

    @cached_property
    def _moment_format(self) -> str | None:
        if self.mostly(moment):
            return "auto"
        clocks = any(":" in text or "时" in text for text in self.texts) or self._are_parts_of_a_day()
        if clocks and self.mostly(times.time_of_day):
            return "time"
        for form in _FORMATS:
            if self.mostly(lambda text, form=form: times.moment_reader(form, _CALENDAR)(text, 0)):  # type: ignore[misc]
                return form
        return None

    def _are_parts_of_a_day(self) -> bool:
        """Tell whether these are times of day as Excel keeps them; durations seldom go over six hours.

        Such a part has many digits and is a whole number of seconds, which scores and shares are not.
        """
        try:
            parts = [float(text) for text in self.texts]
        except ValueError:
            return False
        if not parts or min(parts) < 0 or not 0.25 < max(parts) < 1:
            return False
        fine = [part * DAY_S for text, part in zip(self.texts, parts, strict=True)
                if len(text.partition(".")[2]) >= EXCEL_DIGITS]
        whole = sum(abs(seconds - round(seconds)) < 0.01 for seconds in fine)
        return 2 * len(fine) >= len(parts) and whole >= 0.95 * len(fine)

    def are_days(self) -> bool:
        """Tell whether these are days, or moments that are all midnight: a day that was kept as a moment."""
        return self.mostly(times.day)

    def reader(self) -> Callable[[str], int] | None:
        """Return what reads the column's moments or times of day, in microseconds, None where it has none."""
        form = self.moment_format()
        if form is None:
            return None
        if form == "time":
            return times.time_of_day
        if form == "auto":
            return moment
        read = times.moment_reader(form, _CALENDAR)
        return lambda text: read(text, 0)

    def day_format(self) -> str | None:
        """Return the format of a column of days, None where it has none."""
        if self.mostly(times.day):
            return "auto"
        for form in _DAY_FORMATS:
            if self.mostly(lambda text, form=form: by_format(text, form)):  # type: ignore[misc]
                return form
        return None

    def is_filled(self) -> bool:
        """Tell whether nearly every row has something here."""
        return len(self.texts) >= 0.99 * self.rows

    def nothings(self) -> list[str]:
        """Return how a column of times of day writes that there was none: midnight, too often to be one.

        Of a floor that is open day and night less than one contact in 10,000 comes in a given second.
        """
        found = [text for text in self.texts if _MIDNIGHT.fullmatch(text)]
        return sorted(set(found)) if len(found) > max(1, 0.01 * self.rows) else []


def moment(text: str) -> int:
    """Return the moment that a text names in a form that cannot be mistaken. Raises BadValue."""
    at = _READ(text, 0)
    if at >= LATEST:
        raise BadValue("no moment of this century", text)
    return at


def by_format(text: str, form: str) -> datetime:
    """Return what a text says in a format of strptime. Raises BadValue."""
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        raise BadValue("not of this format", text) from None
