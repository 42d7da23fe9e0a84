"""The visits that figures are made of, in two parts, so that a snapshot asks little anew.

What was over by the frame (``Scope.frame``) can only change by late data; its sums are kept with the
reader. The others, a few hundred, are put into a temporary table once per snapshot, as they were
at as_of, and every figure asks that. Both parts are asked by the same SQL: one definition per figure.
"""

from typing import Any

from ccboard.clock import SECOND
from ccboard.metrics.scope import Scope
from ccboard.store.rows import stamp

COLUMNS = f"""
    source, call, queue, nth, offered_at, answered_at, ended_at, outcome, agent, caller, caller_key,
    caller_name, wait_s, talk_s, hold_s, wrap_s, hash(source, call) AS call_id, hash(caller_key) AS caller_id,
    coalesce(coalesce(answered_at, CASE WHEN outcome = 'answered' THEN ended_at END) <= $as_of, false)
        AS answered,
    coalesce(ended_at <= $as_of, false) AS ended,
    (epoch_us($as_of::TIMESTAMP) - epoch_us(offered_at)) // {SECOND} AS waited_s
"""
"""A visit as it was at as_of: answered yet? over yet? Neither: it waits.

A wait is counted in whole seconds as in what sources state: 20.9 s are 20.
"""

OVER = f"""(SELECT {COLUMNS} FROM visits
    WHERE offered_at >= $since AND offered_at <= $as_of AND ended_at <= $as_of)"""
"""Visits over by $as_of, the frame, since the look-back, as a table; parameters: ``over_params``."""

TAIL = "temp.tail"
"""The other visits at as_of, since the look-back; made by ``prepare``."""


def over_params(scope: Scope) -> dict[str, Any]:
    """Return the parameters of ``OVER``."""
    return {"since": stamp(scope.since), "as_of": stamp(scope.frame)}


def prepare(scope: Scope) -> bool:
    """Make the temporary tables; return whether what is kept of the visits over by the frame is still true.

    ``over_calls`` has of each such visit only what tells whether a later one is the same call's or caller's.
    """
    kept = scope.reader.scratch
    scope.rows(f"""
        CREATE OR REPLACE TEMP TABLE tail AS SELECT {COLUMNS} FROM visits
        WHERE offered_at >= $since AND offered_at <= $as_of AND (ended_at IS NULL OR ended_at > $frame)
    """, {"since": stamp(scope.since), "as_of": scope.at, "frame": stamp(scope.frame)})
    made_from = (scope.since, scope.frame, kept.get("late_visits"), scope.config)
    if kept.get("over_from") == made_from:
        return True
    scope.rows(f"CREATE OR REPLACE TEMP TABLE over_calls AS SELECT queue, call_id, caller_id, offered_at"
               f" FROM {OVER} WHERE {scope.shows}", {**over_params(scope), **scope.shown})
    kept["over_from"] = made_from
    return False
