"""What people did about alarms, as the store has it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from ccboard.desk.days import Days
from ccboard.forecast.level import Shift
from ccboard.panel_surge import LEAST_FACTOR, MOST_FACTOR
from ccboard.store.reader import Reader
from ccboard.store.rows import micros, stamp

ABOUT = "surge:"
ACCEPT, FALSE, RENEWED = "accept", "false_alarm", "new_normal"
CENTRE = "*"
"""What stands for the whole centre in ``Action.about``."""


class Act(NamedTuple):
    """One action about a surge or an exception, oldest first. `queue` None: the whole centre."""

    at: int
    kind: str
    about: str
    queue: str | None
    who: str
    role: str
    until: int | None
    note: str | None
    value: float | None


class Renewal(NamedTuple):
    """Somebody said that a queue (None: the whole centre) has so many times the calls from now on."""

    queue: str | None
    shift: Shift


def renewals(acts: Iterable[Act], days: Days) -> tuple[Renewal, ...]:
    """Return what was called the new normal, in the order in which it was said.

    A factor of 1 says that nothing changed: it takes an alarm down, but moves no forecast.
    """
    found = []
    for act in acts:
        if act.kind == RENEWED and act.value is not None and LEAST_FACTOR <= act.value <= MOST_FACTOR:
            day = days.day_of(act.at)
            found.append(Renewal(act.queue, Shift(day, days.minute_of(act.at, day), act.value)))
    return tuple(found)


Shares = Callable[[date], Mapping[str, float]]
"""Each queue's share of the centre's calls before a day."""


def shifts_of(queue: str | None, said: Iterable[Renewal], shares: Shares) -> tuple[Shift, ...]:
    """Return the steps of a queue's calls, or (None) of the whole centre's.

    What is said of queues moves the centre by these queues' shares of its calls (`shares`), but on days on
    which somebody said something of the whole centre: then that holds, whatever queues it came from. Within
    a day the steps of one queue multiply; those of several queues add up.

    >>> from datetime import date
    >>> told = [Renewal("support", Shift(date(2026, 11, 16), 600, 1.5))]
    >>> [shift.factor for shift in shifts_of(None, told, lambda day: {"support": 0.4})]
    [1.2]
    """
    said = tuple(one for one in said if one.shift.factor != 1.0)
    if queue is not None:
        return tuple(one.shift for one in said if one.queue == queue)
    of_day: dict[date, list[Renewal]] = {}
    for one in said:
        of_day.setdefault(one.shift.day, []).append(one)
    found: list[Shift] = []
    for day, told in of_day.items():
        own = [one.shift for one in told if one.queue is None]
        found += own or _summed(told, shares(day))
    return tuple(shift for shift in found if shift.factor != 1.0)


def _summed(told: Iterable[Renewal], shares: Mapping[str, float]) -> Iterator[Shift]:
    """Yield the centre's steps of a day, each against the one before it: their product is the day's."""
    factors: dict[str, float] = {}
    before = 1.0
    for one in told:
        assert one.queue is not None
        factors[one.queue] = factors.get(one.queue, 1.0) * one.shift.factor
        now = 1 + sum(shares.get(queue, 0.0) * (factor - 1) for queue, factor in factors.items())
        yield one.shift._replace(factor=now / before)
        before = now


def about(queue: str | None) -> str:
    """Return what an action about a queue's surge names.

    >>> about("support"), about(None)
    ('surge:support', 'surge:*')
    """
    return ABOUT + (CENTRE if queue is None else queue)


def queue_of(text: str) -> str | None:
    """Return the queue of what an action is about."""
    name = text.partition(":")[2]
    return None if name == CENTRE else name


def verdict(acts: Iterable[Act]) -> tuple[Act | None, Act | None]:
    """Return who accepted an alarm and who called it false, of what was done about it, oldest first.

    Only the last verdict holds: an alarm is taken on or it is false. Who accepts again changes nothing.
    """
    accepted = false = None
    for act in acts:
        if act.kind == ACCEPT and accepted is None:
            accepted, false = act, None
        elif act.kind == FALSE and false is None:
            accepted, false = None, act
    return accepted, false


def read(reader: Reader, first: int, as_of: int) -> tuple[Act, ...]:
    """Return what was done about surges and exceptions between two moments, oldest first."""
    rows = reader.rows(
        "SELECT moment, kind, about, who, role, until, note, value FROM actions WHERE moment >= $first"
        " AND moment <= $as_of AND (starts_with(about, 'surge:') OR starts_with(about, 'limit:'))"
        " ORDER BY moment, key", {"first": stamp(first), "as_of": stamp(as_of)})
    return tuple(
        Act(micros(at), kind, text, queue_of(text), who, role, None if until is None else micros(until),
            note, value)
        for at, kind, text, who, role, until, note, value in rows)
