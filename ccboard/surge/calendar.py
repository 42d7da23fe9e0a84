"""Days that are not like others: what the calendar says, and what the days before say.

A kind's own past tells how busy it is; until it has one, a wide prior does. All levels are logarithms of
"times a normal day of this weekday".
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

from ccboard.clean import clean
from ccboard.tables import Table

AFTER = "after a holiday"
"""First open day after a closed one; nobody has to write it into a calendar."""
PRIORS: Mapping[str, tuple[float, float]] = {
    AFTER: (0.10, 0.08),
    "eve": (-0.10, 0.25),
    "holiday": (-1.0, 0.7),
}
"""Mean and standard deviation of the log level of a kind that was never seen."""
OTHER = (0.0, 0.12)


def read(path: Path) -> dict[date, str]:
    """Return the kinds of days of a file `date,kind`; raises InputError naming file and line."""
    table = Table(path)
    found: dict[date, str] = {}
    for day, kind in table.rows(("date", "kind")):
        when, name = table.day(day), clean(kind).casefold()
        if not name:
            table.wrong("a day without a kind")
        if found.setdefault(when, name) != name:
            table.wrong(f"{when} is {found[when]} already")
    return found


def kind_of(day: date, calendar: Mapping[date, str], closed: Callable[[date], bool]) -> str | None:
    """Return the kind of `day`, None for a normal one.

    `closed` says whether a day before it was closed although its weekday is usually open; weekdays that
    are never open are looked through by the caller's `closed` being False for them and `calendar` silent.
    """
    if day in calendar:
        return calendar[day]
    before = day - timedelta(days=1)
    return AFTER if closed(before) else None


def prior(kind: str) -> tuple[float, float]:
    """Return mean and standard deviation of the log level of a kind before any was seen."""
    return PRIORS.get(kind, OTHER)
