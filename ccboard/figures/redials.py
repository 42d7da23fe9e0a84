"""Who hung up and calls the same queue again within the hour: one who wants something, not one more.

The surge watch counts without them (``ccboard.desk.history``), and so does the figure ``first_tries``: both
by what stands here.
"""

from datetime import datetime, timedelta
from typing import Final

WITHIN_MIN: Final = 60

IS_SECOND: Final = f"""nullif(caller_key, '') IS NOT NULL AND lag(outcome) OVER before = 'abandoned'
            AND lag(ended_at) OVER before <= offered_at
            AND lag(offered_at) OVER before > offered_at - INTERVAL {WITHIN_MIN} MINUTE"""
"""SQL: whether a visit is a second try, by the `BEFORE` of a SELECT over visits."""
BEFORE: Final = "WINDOW before AS (PARTITION BY source, queue, caller_key ORDER BY offered_at, call, nth)"

FOUND: Final = f"""
    SELECT source, call, queue, nth, {IS_SECOND} AS is_second FROM visits
    WHERE offered_at >= $tries_begin AND offered_at < $tries_end AND direction = 'in'
        AND caller_key <> ''
    {BEFORE}"""
"""Visits with a caller, by key."""


def is_second(offered: datetime, before: tuple[datetime, datetime | None, str | None]) -> bool:
    """Tell of a visit with a caller what `IS_SECOND` does: for who has the few visits in question at hand.

    `before`: (offered, ended, outcome) of the one before it, by `BEFORE`.
    """
    began, ended, outcome = before
    return (outcome == "abandoned" and ended is not None and ended <= offered
            and began > offered - timedelta(minutes=WITHIN_MIN))
