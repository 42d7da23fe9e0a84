"""On which days of real call volume the surge alarm rings, and what those days were.

    python benchmarks/surge_real.py "NAME=FILE"... [--out FILE]

FILE has a row per call (offered_at,queue) or per interval (start,calls; packed or not), whose calls are
spread evenly over its minutes. Each day from the seventh week on is judged by what lay before it, without a
calendar.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
from pages import one_page

from ccboard.desk.looking_back import PastAlarm, of_day
from ccboard.forecast.history import read as read_intervals
from ccboard.surge.backtest import Day, Judged, judge
from ccboard.surge.counts import MINUTES, Counts, History, read
from ccboard.tables import Table

LEARNING_DAYS = 42
REAL = 0.2
BUSY = 0.15
ABOUT = f"""Each day is judged by the days before it alone, from the seventh week on, without any calendar.
What an alarm was is said afterwards, from the calls of its time (at least half an hour): under +10 % it was
for nothing, from {REAL:+.0%} on people were needed. Alarms less than 30 minutes apart are one. A busy day had
{BUSY:.0%} more calls than normal in all. The small bank opens on Saturdays after sunset, so later and later.
"""


def history(path: Path) -> History:
    """Return calls per minute of the one queue of a file."""
    if "offered_at" in Table(path).columns:
        found = read(path)
        return History(found.days, {path.stem: sum(found.counts.values())}, found.per_call)
    step = _step(path)
    past = read_intervals(path, [step])
    days = tuple(date.fromordinal(past.first.toordinal() + n) for n in range(len(past.calls)))
    calls, _ = past.known((date.fromordinal(days[-1].toordinal() + 1), 0), step)
    return History(days, {path.stem: spread(calls, step)}, per_call=False)


def _step(path: Path) -> int:
    table = Table(path)
    rows = table.rows(("start",))
    (_, first), (_, second) = table.minute(next(rows)[0]), table.minute(next(rows)[0])
    return second - first


def spread(calls: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", step: int) -> Counts:
    """Spread the calls of each interval over its minutes, whole calls as evenly as they go."""
    before = np.floor(calls[:, :, None] * (np.arange(step) / step))
    after = np.floor(calls[:, :, None] * ((np.arange(step) + 1) / step) + 1e-9)
    return (after - before).reshape(len(calls), MINUTES).astype(np.float32)


def alarms(judged: Judged, counts: Counts) -> list[PastAlarm]:
    """Return the alarms of a day, those close together as one."""
    joined: list[PastAlarm] = []
    for one in of_day(judged, judged.queue, counts):
        if joined and one.raised - joined[-1].cleared < 30:
            last = joined[-1]
            joined[-1] = PastAlarm(last.day, last.queue, last.raised, one.cleared, max(last.lift, one.lift),
                                   max(last.tier, one.tier), last.false and one.false)
        else:
            joined.append(one)
    return joined


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def what(judged: Judged, found: list[PastAlarm], whole: float) -> str:
    """Return what a day with alarms was, as one knows afterwards."""
    if judged.normal.kind:
        return f"{judged.normal.kind}, {'busier still' if whole >= BUSY else 'not busy in all'}"
    if whole >= BUSY:
        return "a busy day"
    if all(one.false for one in found):
        return "a normal day: for nothing"
    longest = max(one.cleared - one.raised for one in found)
    if longest < 60:
        return "a burst"
    return f"{round(longest / 60)} busy hours" if longest >= 90 else "a busy hour"


def page(name: str, past: History) -> Iterator[str]:
    """Yield the table of one series."""
    [(queue, counts)] = past.counts.items()
    days = [Day(str(n), day, {queue: counts[n]}) for n, day in enumerate(past.days) if n >= LEARNING_DAYS]
    rows, watched, every = [], 0, []
    for judged in judge(past, {}, iter(days)):
        offered, rate = counts[int(judged.day)], judged.normal.rate
        if not (rate > 0).any():
            continue
        watched += 1
        found = alarms(judged, offered)
        every += found
        if found:
            seen = ~np.isnan(offered) & (rate > 0)
            whole = float(offered[seen].sum() / max(rate[seen].sum(), 1)) - 1
            told = "; ".join(f"{clock(a.raised + 1)}-{clock(a.cleared + 1)} {a.lift:+.0%}" for a in found)
            rows.append(f"| {judged.date} {judged.date:%a} | {told} | {whole:+.0%} |"
                        f" {what(judged, found, whole)} |")
    false, real = sum(a.false for a in every), sum(a.lift >= REAL for a in every)
    yield f"## {name}\n"
    yield (f"{watched} days, {len(rows)} of them with an alarm; {len(every)} alarms: {real} of +20 % and"
           f" more, {false} for nothing ({30 * false / max(watched, 1):.1f} in 30 days).\n")
    yield "| day | alarms and what came | whole day | it was |"
    yield "| --- | --- | --- | --- |"
    yield from rows
    yield ""


def main() -> None:
    one_page(__doc__, "NAME=FILE", "The surge alarm on real call volume", ABOUT,
             lambda name, path: page(name, history(path)))


if __name__ == "__main__":
    main()
