"""What people did about alarms, as the store has it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from ccboard.desk.days import Days
from ccboard.forecast.level import Shift
from ccboard.store.reader import Reader
from ccboard.store.rows import micros, stamp

ABOUT = "surge:"
ACCEPT, FALSE, RENEWED = "accept", "false_alarm", "new_normal"
LEAST_FACTOR, MOST_FACTOR = 0.1, 10.0
"""A new normal beyond these is none: a slip of whoever wrote the record."""
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
    """Return what was called the new normal, in the order in which it was said."""
    found = []
    for act in acts:
        factor = 1.0 if act.value is None else act.value
        if act.kind == RENEWED and LEAST_FACTOR <= factor <= MOST_FACTOR and factor != 1.0:
            day = days.day_of(act.at)
            found.append(Renewal(act.queue, Shift(day, days.minute_of(act.at, day), factor)))
    return tuple(found)


def shifts_of(queue: str | None, said: Iterable[Renewal], shares: Mapping[str, float]) -> tuple[Shift, ...]:
    """Return the steps of a queue's calls, or (None) of the whole centre's.

    What is said of a queue moves the centre by that queue's share of its calls (`shares`), but on days on
    which somebody said something of the whole centre: then that holds, whatever queues it came from.

    >>> from datetime import date
    >>> told = [Renewal("support", Shift(date(2026, 11, 16), 600, 1.5))]
    >>> [shift.factor for shift in shifts_of(None, told, {"support": 0.4})]
    [1.2]
    """
    said = tuple(said)
    if queue is not None:
        return tuple(one.shift for one in said if one.queue == queue)
    own: dict[date, list[Shift]] = {}
    for one in said:
        if one.queue is None:
            own.setdefault(one.shift.day, []).append(one.shift)
    parts = (one.shift._replace(factor=1 + (one.shift.factor - 1) * shares.get(one.queue, 0.0))
             for one in said if one.queue is not None and one.shift.day not in own)
    return (*(shift for found in own.values() for shift in found),
            *(shift for shift in parts if shift.factor != 1.0))


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
