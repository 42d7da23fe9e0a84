"""What people did about alarms, as the store has it."""

from collections.abc import Iterable
from typing import NamedTuple

from ccboard.store.reader import Reader
from ccboard.store.rows import micros, stamp

ABOUT = "surge:"
ACCEPT, FALSE = "accept", "false_alarm"
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
