"""Moments as exports write them: text, epoch, Excel serial, or a time of day on a day that stands elsewhere.

Wall-clock times are read in the file's zone. An hour that the clock repeats in autumn is taken as its first
pass, unless the contact's earlier time shows that it was the second; one that it skips in spring is
taken as if the clock had not been moved yet.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ccboard.clock import SECOND
from ccboard.maps.memo import BadValue, Memo
from ccboard.moments import to_micros

DAY_US = 86_400 * SECOND
EPOCH_DAY = date(1970, 1, 1).toordinal()
EXCEL_EPOCH = date(1899, 12, 30).toordinal() - EPOCH_DAY
"""Day 0 of Excel's serial numbers, which count a 29 February 1900 that never was."""

_NUMBER = re.compile(r"\d+(?:[.,]\d*)?(?:[eE]\+?\d{1,2})?", re.ASCII)
_CLOCK = re.compile(
    r"(\d{1,2})\s?[:时點点h]\s?(\d{1,2})(?:\s?[:分]\s?(\d{1,2})(?:[.,](\d{1,9}))?\s?秒?)?\s*([AaPp])?\.?(?:[Mm]\.?)?",
    re.ASCII,
)
_DIGITS = re.compile(r"(\d{1,2})(\d\d)(\d\d)", re.ASCII)
_ISO = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_OFFSET = re.compile(r"\s*(?:[Zz]|UTC|([+-])(\d\d):?(\d\d)?)$", re.ASCII)
_DATE_PARTS = re.compile(r"%[-_]?[aAbBdDFjmUuVwWxyYGcs]")
_TIME_PARTS = re.compile(r"%[-_]?[HIMSTRXpfcs]")


class Calendar:
    """The zone's days: where midnight lies, and what the wall clock shows."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._midnights: dict[int, int | None] = {}

    def at(self, day: int, us: int, fold: int = 0) -> int:
        """Return the moment of `us` microseconds of wall clock on `day` (days since 1970)."""
        try:
            midnight = self._midnights[day]
        except KeyError:
            midnight = self._midnights[day] = self._midnight(day)
        return midnight + us if midnight is not None else self._exact(day, us, fold)

    def midnight(self, day: int) -> int | None:
        """Return when a day began, None for a day on which the clock is moved."""
        if day not in self._midnights:
            self._midnights[day] = self._midnight(day)
        return self._midnights[day]

    def _midnight(self, day: int) -> int | None:
        begin, end = self._exact(day, 0, 0), self._exact(day + 1, 0, 0)
        quiet = (
            end - begin == DAY_US
            and begin == self._exact(day, 0, 1)
            and self._exact(day, DAY_US // 2, 0) - begin == DAY_US // 2
        )
        return begin if quiet else None

    def _exact(self, day: int, us: int, fold: int) -> int:
        try:
            wall = datetime.fromordinal(day + EPOCH_DAY) + timedelta(microseconds=us)
            return to_micros(wall.replace(tzinfo=self.zone, fold=fold).astimezone(UTC))
        except (ValueError, OverflowError):
            raise BadValue("a day that no calendar has") from None


def day(text: str) -> int:
    """Return a date as days since 1970; only forms that cannot be mistaken, the others need a format.

    >>> day("2024-03-01") == day("2024/3/1") == day("20240301") == day("1.3.2024") == day("2024年3月1日")
    True
    """
    text = text.strip()
    for pattern in (_ISO, _COMPACT, _DOTTED):
        if found := pattern.fullmatch(text):
            year, month, number = (int(part) for part in found.groups())
            if pattern is _DOTTED:
                year, number = number, year
            return _ordinal(year, month, number, text)
    if re.fullmatch(r"\d{5}(\.0*)?", text, re.ASCII):
        return int(text[:5]) + EXCEL_EPOCH
    if re.fullmatch(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|\d{6}", text, re.ASCII):
        raise BadValue("a date whose order of day and month must be said (format)", text)
    found = re.fullmatch(r"(\S+)[T ]0{1,2}:00(:00(\.0+)?)?", text)  # a date that was kept as a moment
    if found:
        return day(found[1])
    raise BadValue("not a date", text)


def _ordinal(year: int, month: int, number: int, text: str) -> int:
    try:
        return date(year, month, number).toordinal() - EPOCH_DAY
    except (ValueError, OverflowError):
        raise BadValue("no such day", text) from None


def time_of_day(text: str) -> int:
    """Return a time of day in microseconds: H:MM[:SS[.f]] HHMMSS, or Excel's part of a day.

    AM and PM may follow, and 时 and 分 stand for the colons.

    >>> time_of_day("9:05"), time_of_day("090500"), time_of_day("9:05:00 PM") - time_of_day("21:05")
    (32700000000, 32700000000, 0)
    """
    text = text.strip()
    found = _CLOCK.fullmatch(text)
    if found:
        hours, minutes, secs = int(found[1]), int(found[2]), int(found[3] or 0)
        if found[5]:
            if not 1 <= hours <= 12:
                raise BadValue("not a time of day", text)
            hours = hours % 12 + (12 if found[5] in "Pp" else 0)
        us = int((found[4] or "").ljust(6, "0")[:6])
    elif plain := _DIGITS.fullmatch(text):
        hours, minutes, secs = (int(part) for part in plain.groups())
        us = 0
    elif re.fullmatch(r"0([.,]\d+)?|0?[.,]\d+|\d(\.\d+)?[eE]-\d\d?", text, re.ASCII):
        return round(float(text.replace(",", ".")) * 86_400_000) * 1000
    else:
        raise BadValue("not a time of day", text)
    whole = (hours * 3600 + minutes * 60 + secs) * SECOND + us
    if minutes > 59 or secs > 60 or whole > DAY_US:
        raise BadValue("not a time of day", text)
    return whole


def epoch(text: str, scale: int) -> int:
    """Return an epoch in units of `scale` microseconds as microseconds."""
    if not _NUMBER.fullmatch(text):
        raise BadValue("not an epoch", text)
    return int(text) * scale if text.isdecimal() else round(float(text.replace(",", ".")) * scale)


def is_time_of_day(form: str) -> bool:
    """Tell whether a format holds no day."""
    return form == "time" or (bool(_TIME_PARTS.search(form)) and not _DATE_PARTS.search(form))


def clock_reader(form: str) -> Callable[[str], int]:
    """Return what reads a time of day of this format."""
    if form == "time":
        return time_of_day

    def read(text: str) -> int:
        wall = _strptime(text, form)
        return ((wall.hour * 60 + wall.minute) * 60 + wall.second) * SECOND + wall.microsecond

    return read


def day_reader(form: str) -> Callable[[str], int]:
    """Return what reads a date of this format, as days since 1970."""
    if form == "auto":
        return day
    if form == "excel":
        return lambda text: _serial(text)[0]
    return lambda text: _strptime(text, form).toordinal() - EPOCH_DAY


def moment_reader(form: str, calendar: Calendar) -> Callable[[str, int], int]:
    """Return what reads a moment of this format; given the fold of an hour that comes twice."""
    if form in {"epoch", "epoch_ms"}:
        scale = SECOND if form == "epoch" else 1000
        return lambda text, _fold: epoch(text.strip(), scale)
    if form == "excel":
        return lambda text, fold: calendar.at(*_serial(text), fold)
    if form == "auto":
        return Auto(calendar)
    date_form, blank, time_form = form.partition(" ")
    if blank and not _TIME_PARTS.search(date_form) and is_time_of_day(time_form) and "%z" not in form:
        plain = time_form in {"time", "%H:%M:%S", "%T"}
        return Halves(calendar, day_reader(date_form), clock_reader(time_form), plain_clock=plain)

    def read(text: str, fold: int) -> int:
        wall = _strptime(text, form)
        if wall.tzinfo is not None:
            return to_micros(wall.astimezone(UTC))
        us = ((wall.hour * 60 + wall.minute) * 60 + wall.second) * SECOND + wall.microsecond
        return calendar.at(wall.toordinal() - EPOCH_DAY, us, fold)

    return read


class Halves:
    """Reads "date time": each half is converted once and remembered."""

    def __init__(self, calendar: Calendar, days: Callable[[str], int], clocks: Callable[[str], int], *,
                 plain_clock: bool) -> None:
        self.plain_clock = plain_clock
        """H:MM:SS is read as that."""
        self._calendar = calendar
        self._days = Memo(days)
        self._clocks = Memo(clocks)
        self.halves = (self._days.__getitem__, lambda text: (self._clocks[text], None))

    def __call__(self, text: str, fold: int) -> int:
        """Return the moment that `text` names."""
        first, _, second = text.strip().partition(" ")
        return self._calendar.at(self._days[first], self._clocks[second], fold)


class Auto:
    """Reads ISO 8601 and its like, with or without an offset, and numbers by their size."""

    plain_clock = True

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._days = Memo(day)
        self._clocks: Memo[tuple[int, int | None]] = Memo(_clock_and_offset)
        self.halves = (self._days.__getitem__, self._clocks.__getitem__)

    def __call__(self, text: str, fold: int) -> int:
        """Return the moment that `text` names."""
        text = text.strip()
        cut = text.find("T")
        first, second = (text[:cut], text[cut + 1 :]) if cut > 0 else text.partition(" ")[::2]
        if not second:
            return self._number(text, fold)
        us, offset = self._clocks[second]
        if offset is None:
            return self._calendar.at(self._days[first], us, fold)
        return self._days[first] * DAY_US + us - offset

    def _number(self, text: str, fold: int) -> int:
        if text.isdecimal() and len(text) == 14:
            return self._calendar.at(self._days[text[:8]], time_of_day(text[8:]), fold)
        if _NUMBER.fullmatch(text):
            size = float(text.replace(",", "."))
            if 20_000 <= size < 80_000:  # 1954 to 2119 as Excel counts
                return self._calendar.at(*_serial(text), fold)
            for least, scale in ((1e8, SECOND), (1e11, 1000), (1e14, 1)):
                if least <= size < least * 1000:
                    return epoch(text, scale)
        if "年" in text and "日" in text:
            first, _, second = text.partition("日")
            return self._calendar.at(self._days[first + "日"], time_of_day(second), fold)
        raise BadValue("not a moment with day and time", text)


def _clock_and_offset(text: str) -> tuple[int, int | None]:
    """Return a time of day and the offset from UTC behind it, both in microseconds."""
    found = _OFFSET.search(text)
    if found is None:
        return time_of_day(text), None
    minutes = int(found[2] or 0) * 60 + int(found[3] or 0)
    return time_of_day(text[: found.start()]), (-minutes if found[1] == "-" else minutes) * 60 * SECOND


def _serial(text: str) -> tuple[int, int]:
    """Return an Excel serial number as (days since 1970, microseconds of wall clock), to the millisecond."""
    text = text.strip()
    if not _NUMBER.fullmatch(text) or not 1 <= (value := float(text.replace(",", "."))) < 3e6:
        raise BadValue("not a serial number of a day", text)
    ms = round(value * 86_400_000)
    return ms // 86_400_000 + EXCEL_EPOCH, ms % 86_400_000 * 1000


def _strptime(text: str, form: str) -> datetime:
    try:
        return datetime.strptime(text.strip(), form)  # noqa: DTZ007 - the zone is the file's
    except ValueError:
        raise BadValue(f"not written as {form}", text) from None
