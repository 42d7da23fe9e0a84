"""Visits as the figures take them: narrow rows, and what each was at a moment.

What a visit adds to a figure follows from its row and the moment alone. So a figure that is kept goes on by
taking out what a visit added and adding what it adds now, whenever it changes or its next moment comes.
"""

import math
from operator import itemgetter
from typing import Any, NamedTuple

from ccboard.clock import SECOND
from ccboard.metrics.scope import Scope
from ccboard.store.rows import Row, micros, stamp

DAY = 86_400 * SECOND
"""No wrap-up takes longer; one that claims to is told after a day."""


class Visit(NamedTuple):
    """A row of `contacts` or `open_contacts` without what no figure needs; moments in microseconds."""

    source: str
    call: str
    queue: str
    nth: int
    offered_at: int
    answered_at: int | None
    ended_at: int | None
    outcome: str | None
    agent: str | None
    wait_s: float | None
    talk_s: float | None
    hold_s: float | None
    wrap_s: float | None
    caller: str | None
    caller_key: str | None
    caller_name: str | None
    channel: str
    project: str | None

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What tells it from every other visit."""
        return self[:4]

    @property
    def answer(self) -> int | None:
        """When it was answered; of one with no such moment but an agent's end, that end."""
        if self.answered_at is not None:
            return self.answered_at
        return self.ended_at if self.outcome == "answered" else None

    @property
    def settled(self) -> int | None:
        """When it is known in full: its end, or the end of a wrap-up that was measured."""
        return None if self.ended_at is None else self.ended_at + min(max(0, whole_us(self.wrap_s)), DAY)


_COLUMNS = Visit._fields
_narrow = itemgetter(0, 1, 2, 3, 5, 6, 7, 8, 9, 12, 13, 14, 15, 18, 19, 20, 23, 21)
"""The same columns out of a whole row (``ccboard.store.schema``)."""

def whole_us(seconds: float | None) -> int:
    """Return a duration in whole microseconds, which add up the same in any order; 0 for None.

    >>> whole_us(12.5)
    12500000
    """
    if seconds is None or not abs(seconds) < 9e12:
        return 0
    return math.floor(seconds * 1e6 + 0.5)


def sql_us(column: str) -> str:
    """Return ``whole_us`` of a column as SQL."""
    return f"CASE WHEN abs({column}) < 9e12 THEN CAST(floor({column} * 1e6 + 0.5) AS BIGINT) ELSE 0 END"


WRAPS = f"""coalesce(epoch_us(ended_at) + least({sql_us("wrap_s")}, {DAY})
    > epoch_us($as_of::TIMESTAMP), false)"""
"""Whether the wrap-up of a visit that has ended was still going on at $as_of, in SQL."""

OVER = """(SELECT *, (answered_at IS NOT NULL OR outcome IS NOT DISTINCT FROM 'answered') AS answered
    FROM visits WHERE offered_at >= $since AND offered_at <= $as_of AND ended_at <= $as_of
        AND (answered_at IS NULL OR answered_at <= $as_of) AND NOT <wraps>)""".replace("<wraps>", WRAPS)
"""Visits over by $as_of, wrap-up too, since the look-back, as a table; parameters: ``over_params``. All
others that a moment before the horizon shows are ``not_over``."""


UNTOLD = "(wait_s IS NULL AND ({answered} OR {abandoned}))"
"""Whether nobody can tell if a visit was in time: answered or abandoned after an unknown wait, in SQL."""


def over_params(scope: Scope) -> dict[str, Any]:
    """Return the parameters of ``OVER``."""
    return {"since": stamp(scope.since), "as_of": scope.at}


def from_row(row: Row) -> Visit:
    """Return the visit of a whole row, as the store's journal has it."""
    return _visit(_narrow(row))


def _visit(row: Row) -> Visit:
    source, call, queue, nth, offered, answered, ended, *rest = row
    return Visit(source, call, queue, nth, micros(offered), None if answered is None else micros(answered),
                 None if ended is None else micros(ended), *rest)


def not_over(scope: Scope) -> list[Visit]:
    """Return the visits since the look-back that are not over at as_of, or begin before the horizon."""
    return [_visit(row) for row in scope.rows(f"""
        SELECT {", ".join(_COLUMNS)} FROM visits WHERE offered_at >= $since AND offered_at <= $horizon
            AND (ended_at IS NULL OR ended_at > $as_of OR offered_at > $as_of OR answered_at > $as_of
                OR {WRAPS})
    """, {"since": stamp(scope.since), "horizon": stamp(scope.horizon), "as_of": scope.at})]


def begun(scope: Scope, since: int) -> list[Visit]:
    """Return the visits that begin after `since`, and before the horizon."""
    return [_visit(row) for row in scope.rows(f"""
        SELECT {", ".join(_COLUMNS)} FROM visits WHERE offered_at > $since AND offered_at <= $horizon
    """, {"since": stamp(since), "horizon": stamp(scope.horizon)})]


def by(moment: int | None, at: int) -> bool:
    """Tell whether a moment had come."""
    return moment is not None and moment <= at


def is_untold(visit: Visit, at: int) -> bool:
    """Tell whether a visit was answered or abandoned by a moment after a wait that is not known."""
    return visit.wait_s is None and (
        by(visit.answer, at) or (by(visit.ended_at, at) and visit.outcome == "abandoned"))


def is_over(visit: Visit, at: int) -> bool:
    """Tell whether a visit was over and nothing more will come of it."""
    return visit.offered_at <= at and by(visit.settled, at) and (
        visit.answered_at is None or visit.answered_at <= at)


def next_moment(visit: Visit, at: int, threshold_s: float) -> int | None:
    """Return when what the visit adds to the figures changes next; None: never."""
    late = visit.offered_at + (int(threshold_s) + 1) * SECOND  # from then on it waits longer than T
    moments = [m for m in (visit.offered_at, visit.answer, visit.ended_at, visit.settled, late)
               if m is not None and m > at]
    return min(moments, default=None)
