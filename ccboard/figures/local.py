"""Time in the centre's zone as arithmetic on microseconds: a zone's offset is constant between two changes.

DuckDB's own conversion asks a calendar for every row; this costs an addition, and a year has two changes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ccboard.clock import SECOND
from ccboard.moments import to_datetime, to_micros

HOUR, DAY = 3600 * SECOND, 86_400 * SECOND
_EPOCH_DAY = date(1970, 1, 1)


def offset(at: int, zone: ZoneInfo) -> int:
    """Return what a local clock shows more than UTC at a moment, in microseconds."""
    shift = to_datetime(at).astimezone(zone).utcoffset()
    assert shift is not None
    return shift // timedelta(microseconds=1)


def offsets(begin: int, end: int, zone: ZoneInfo) -> list[tuple[int, int]]:
    """Return (from, offset) for every stretch of constant offset in [begin, end), to the second."""
    found = [(begin, offset(begin, zone))]
    at = begin
    while at < end:
        later = min(at + DAY, end)
        now = offset(later, zone)
        if now != found[-1][1]:
            low, high = at, later
            while high - low > SECOND:
                middle = low + (high - low) // 2 // SECOND * SECOND
                if middle <= low:
                    break
                if offset(middle, zone) == now:
                    high = middle
                else:
                    low = middle
            found.append((high, now))
        at = later
    return found


@dataclass(frozen=True)
class Calendar:
    """Business days, hours and intervals of a centre between two moments."""

    begin: int
    end: int
    zone: ZoneInfo
    starts: time
    interval_min: int

    def shift(self, us: str) -> str:
        """Return SQL for the offset at the moment that the expression `us` gives."""
        stretches = offsets(self.begin, self.end, self.zone)
        if len(stretches) == 1:
            return str(stretches[0][1])
        cases = " ".join(
            f"WHEN {us} < {begin} THEN {before}"
            for (begin, _), (_, before) in zip(stretches[1:], stretches[:-1], strict=True)
        )
        return f"(CASE {cases} ELSE {stretches[-1][1]} END)"

    def key(self, name: str, us: str) -> str:
        """Return SQL for the number that a split by `name` groups by; `us`: the visit's moment."""
        shift = self.shift(us)
        begins = (self.starts.hour * 60 + self.starts.minute) * 60 * SECOND
        day = f"(({us} + {shift} - {begins}) // {DAY})"
        if name == "day":
            return day
        if name == "hour":
            return f"((({us} + {shift}) // {HOUR}) % 24)"
        if name == "interval":
            length = self.interval_min * 60 * SECOND
            return f"(({us} + {shift}) // {length} * {length} - {shift})"
        if name == "weekday":
            return f"(({day} + 3) % 7 + 1)"
        if name == "week":
            return f"(({day} + 3) // 7)"
        date_ = f"(DATE '1970-01-01' + {day}::INTEGER)"
        if name == "month":
            return f"(year({date_}) * 12 + month({date_}) - 1)"
        assert name == "year", name
        return f"year({date_})"

    def minute_of_week(self, us: str) -> str:
        """Return SQL for the local minute of the week from Monday 00:00."""
        return f"((({us} + {self.shift(us)}) // {60 * SECOND} + {3 * 1440}) % {7 * 1440})"

    def shown(self, name: str) -> Callable[[int], str | int]:
        """Return what makes the key's number what a person reads."""
        makers: dict[str, Callable[[int], str | int]] = {
            "day": lambda n: (_EPOCH_DAY + timedelta(days=n)).isoformat(),
            "hour": int,
            "weekday": int,
            "year": int,
            "interval": lambda n: to_datetime(n).astimezone(self.zone).isoformat(),
            "week": lambda n: "{}-W{:02}".format(*(_EPOCH_DAY + timedelta(days=n * 7 - 3)).isocalendar()[:2]),
            "month": lambda n: f"{n // 12:04}-{n % 12 + 1:02}",
        }
        return makers[name]

    def edges(self, name: str) -> list[tuple[int, int, int]]:
        """Return [from, to) and key of every stretch of a split by `name`, in order: for time that is cut."""
        found: list[tuple[int, int, int]] = []
        at = self.begin
        while at < self.end:
            later = min(self.end, self._next(at, name))
            found.append((at, later, self.number(name, at)))
            at = later
        return found

    def _next(self, at: int, name: str) -> int:
        if name in ("hour", "interval"):
            length = HOUR if name == "hour" else self.interval_min * 60 * SECOND
            shift = offset(at, self.zone)
            return (at + shift) // length * length - shift + length
        local = to_datetime(at).astimezone(self.zone)
        day = local.date() if local.time() >= self.starts else local.date() - timedelta(days=1)
        return to_micros(datetime.combine(day + timedelta(days=1), self.starts, self.zone).astimezone(UTC))

    def number(self, name: str, at: int) -> int:
        """Return the key's number at a moment, as ``key`` has it in SQL."""
        local = at + offset(at, self.zone)
        begins = (self.starts.hour * 60 + self.starts.minute) * 60 * SECOND
        day = (local - begins) // DAY
        date_ = _EPOCH_DAY + timedelta(days=day)
        length = self.interval_min * 60 * SECOND
        return {
            "day": day,
            "hour": local // HOUR % 24,
            "interval": local // length * length - offset(at, self.zone),
            "weekday": (day + 3) % 7 + 1,
            "week": (day + 3) // 7,
            "month": date_.year * 12 + date_.month - 1,
            "year": date_.year,
        }[name]

    def parse(self, name: str, text: str) -> int:
        """Return the number of a key as a person writes it. Raises ValueError."""
        if name == "day":
            return (date.fromisoformat(text) - _EPOCH_DAY).days
        if name == "month":
            year, month = text.split("-")
            return int(year) * 12 + int(month) - 1
        if name == "week":
            year, week = text.upper().split("-W")
            return ((date.fromisocalendar(int(year), int(week), 1) - _EPOCH_DAY).days + 3) // 7
        if name == "interval":
            moment = datetime.fromisoformat(text)
            return to_micros((moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC))
        return int(text)
