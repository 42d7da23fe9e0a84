"""The alarms of the last 30 days: how many there would have been, and how many for nothing.

Each day is judged by what lay before it, what was called the new normal included, minute by minute, as on
the wall. An alarm was for nothing where,
as one knows afterwards, hardly more calls came than on a normal day from the moment that it stood there.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from ccboard import panel_surge
from ccboard.clock import SECOND
from ccboard.desk.ahead import history_of
from ccboard.desk.days import Days
from ccboard.desk.watching import Fitted
from ccboard.surge.backtest import Day, Judged, judge
from ccboard.surge.counts import MINUTES, Counts, History
from ccboard.surge.filter import COUNTS_AS_SURGE
from ccboard.surge.profile import go_on

DAYS = 30
LEAST_MIN = 30
"""An alarm is judged by at least so many minutes after it."""


@dataclass(frozen=True)
class PastAlarm:
    """One alarm of the past; minutes are minutes of the day."""

    day: date
    queue: str | None
    raised: int
    cleared: int
    lift: float
    """Calls over normal while it stood, as one knows afterwards, less one."""
    tier: int
    false: bool


def alarms(fitted: Fitted, row: int, days: int = DAYS, rest: Callable[[], object] = go_on
           ) -> list[PastAlarm]:
    """Return the alarms of a row in the last `days` days; costs about a second of one core a month.

    `rest` is called between two pieces of the work.
    """
    counts = history_of(fitted, row)
    if counts is None:
        return []
    queue = fitted.queues[row]
    name = queue or ""
    past = History(fitted.past.days, {name: counts}, per_call=True)
    chosen = [Day(str(n), day, {name: counts[n]}) for n, day in enumerate(past.days)][-days:]
    found: list[PastAlarm] = []
    for judged in judge(past, fitted.known.kinds, iter(chosen), rest, fitted.told(queue)):
        if not judged.normal.learning:
            found += of_day(judged, queue, counts[int(judged.day)])
    return found


def of_day(judged: Judged, queue: str | None, offered: Counts) -> Iterator[PastAlarm]:
    """Yield the alarms of one judged day."""
    raised: int | None = None
    tier = 0
    for change in judged.changes:
        if change.event == "raise":
            raised, tier = change.minute, change.tier or 0
        elif change.event == "change":
            tier = max(tier, change.tier or 0)
        elif raised is not None:
            lift = lift_after(offered, judged.rate(raised), raised, change.minute)
            yield PastAlarm(judged.date, queue, raised, change.minute, round(lift - 1, 3), tier,
                            lift < COUNTS_AS_SURGE)
            raised = None


def lift_after(offered: Counts, rate: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", raised: int,
               cleared: int) -> float:
    """Return the calls over normal in the minutes after an alarm; 1 where there was no feed."""
    part = slice(raised + 1, min(MINUTES, max(cleared, raised + LEAST_MIN) + 1))
    seen = ~np.isnan(offered[part]) & (rate[part] > 0)
    expected = float(rate[part][seen].sum())
    return float(offered[part][seen].sum()) / expected if expected > 0 else 1.0


def told(found: Mapping[str | None, list[PastAlarm]], marked: Mapping[tuple[date, str | None], bool],
         days: Days) -> tuple[panel_surge.PastAlarm, ...]:
    """Return the alarms of all queues as the board lists them, the newest first."""
    every = [
        panel_surge.PastAlarm(
            one.queue, _closed(days, one.day, one.raised), _closed(days, one.day, one.cleared), one.lift,
            one.tier, marked.get((one.day, one.queue), one.false), (one.day, one.queue) in marked)
        for alarms in found.values() for one in alarms]
    return tuple(sorted(every, key=lambda one: (-one.raised_at, one.queue or "")))


def _closed(days: Days, day: date, minute: int) -> int:
    return days.minute_at(day, minute) + 60 * SECOND


def counted(found: list[PastAlarm], marked: Mapping[tuple[date, str | None], bool]) -> tuple[int, int]:
    """Return (alarms, false ones); `marked` has what a person said of a day's alarm: True for false."""
    return len(found), sum(marked.get((one.day, one.queue), one.false) for one in found)
