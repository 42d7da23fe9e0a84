"""``ccboard backtest surge``: files in, the diary of the wall and a summary out."""

import csv
import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from ccboard.clean import clean
from ccboard.errors import ExitCode, InputError
from ccboard.surge import calendar, counts
from ccboard.surge.backtest import Day, Judged, judge
from ccboard.surge.counts import MINUTES, Counts, History
from ccboard.tables import Table
from ccboard.text import printable

COLUMNS = ("day", "queue", "time", "event", "tier", "lift")


def run(history: Path, known: Path | None, days: Path, out: Path, *, as_json: bool,
        zone: ZoneInfo | None = None) -> int:
    """Judge the days of the file `days`, write events to `out`, print the summary.

    A day whose file cannot be used, or before which the history has no calls, is said on stderr, and the
    others are judged: exit status 1. `zone`: whose clocks the times are. Raises InputError where the other
    files cannot be used.
    """
    past = counts.read(history, zone=zone)
    kinds = calendar.read(known) if known else {}
    asked = list(_asked(days))
    broken: list[str] = []
    judged = list(judge(past, kinds, _read(asked, past, broken, zone)))
    write(judged, out)
    if not asked:
        broken.append(f"{days}: no day below the header: nothing is judged")
    for text in broken:
        print(printable(text), file=sys.stderr)
    said = summary(judged, max(0, len(asked) - len(broken)), len(broken) if asked else 0)
    print(json.dumps(said) if as_json else "\n".join(table(said)))
    return ExitCode.FAILED if broken else ExitCode.OK


def _asked(path: Path) -> Iterator[tuple[str, date, Path]]:
    """Yield name, date and file of the days to judge."""
    lines = Table(path)
    seen: dict[str, int] = {}
    for name, day, file in lines.rows(("day", "date", "file")):
        if not name.strip() or not file.strip():
            lines.wrong("a day needs a name and a file")
        if (first := seen.setdefault(name.strip(), lines.line)) != lines.line:
            lines.wrong(f"line {first} is called {name.strip()} too: each day needs a name of its own")
        yield name.strip(), lines.day(day), path.parent / file.strip()


def _read(asked: list[tuple[str, date, Path]], past: History, broken: list[str], zone: ZoneInfo | None
          ) -> Iterator[Day]:
    """Read each day's file when its turn comes; what cannot be used goes to `broken`."""
    begins = min((past.days[int(n)] for one in past.counts.values()
                  for n in np.flatnonzero(np.nansum(one, axis=1) > 0)[:1]), default=None)
    for name, day, file in asked:
        if begins is None or day <= begins:
            broken.append(f"{file}: {name} is not judged: the history has no calls before {day}")
            continue
        try:
            read = counts.read(file, only=day, zone=zone)
        except InputError as error:
            broken.append(str(error))
            continue
        rows: dict[str, Counts] = {queue: found[0] for queue, found in read.counts.items()}
        strangers = sorted(set(rows) - set(past.counts))
        if strangers:
            print(printable(f"{file}: not judged, the history does not know {', '.join(strangers)}"),
                  file=sys.stderr)
        if rows and not set(rows) & set(past.counts):
            broken.append(f"{file}: {name} is not judged: the history knows none of its queues")
            continue
        if not rows and not read.per_call:
            print(printable(f"{file}: no rows: no feed on {day}"), file=sys.stderr)
        # no row, no call, or no feed: also of queues that the file does not name
        for queue in past.counts:
            rows.setdefault(queue, np.full(MINUTES, 0.0 if read.per_call else np.nan, np.float32))
        yield Day(name, day, rows)


def write(judged: list[Judged], out: Path) -> None:
    """Write the diary, in the order of days, queues and time. Raises InputError if it cannot be written."""
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(COLUMNS)
            for day in judged:
                for change in day.changes:
                    tier = "" if change.tier is None else change.tier
                    rows.writerow((day.day, day.queue, closed_at(change.minute), change.event, tier,
                                   f"{change.lift:.2f}"))
    except OSError as error:
        raise InputError(f"{out}: cannot be written: {error.strerror}") from None


def closed_at(minute: int) -> str:
    """Return when a minute of the day had closed; the last one's end is written as 23:59:59.

    >>> closed_at(540), closed_at(1439)
    ('09:01:00', '23:59:59')
    """
    after = minute + 1
    return f"{after // 60:02d}:{after % 60:02d}:00" if after < MINUTES else "23:59:59"


def summary(judged: list[Judged], days: int, broken: int) -> dict[str, Any]:
    """Return what happened, by queue."""
    queues: dict[str, dict[str, Any]] = {}
    for one in judged:
        row = queues.setdefault(one.queue, {
            "queue": one.queue, "days": 0, "days_closed": 0, "days_with_alarm": 0, "alarms": 0,
            "days_without_feed": 0, "alarms_in_30_days": None, "minutes_alarmed": 0,
            "minutes_without_feed": 0, "learning": False, "outages": []})
        row["learning"] = row["learning"] or one.normal.learning
        if not (one.normal.rate > 0).any():
            row["days_closed"] += 1
            continue
        row["minutes_without_feed"] += one.without_feed
        if one.without_feed == (one.normal.rate > 0).sum():
            row["days_without_feed"] += 1
            continue
        row["days"] += 1
        raised = [change.minute for change in one.changes if change.event == "raise"]
        cleared = [change.minute for change in one.changes if change.event == "clear"]
        row["days_with_alarm"] += bool(raised)
        row["alarms"] += len(raised)
        row["minutes_alarmed"] += sum(end - begin for begin, end in zip(raised, cleared, strict=True))
        row["outages"] += [{"day": one.day, "from": f"{first // 60:02d}:{first % 60:02d}",
                            "until": closed_at(last)[:5]} for first, last in one.outages]
    for row in queues.values():
        if row["days"]:
            row["alarms_in_30_days"] = round(30 * row["alarms"] / row["days"], 2)
    return {"days": days, "days_broken": broken, "queues": list(queues.values())}


def table(said: dict[str, Any]) -> Iterator[str]:
    """Yield the summary as lines of text."""
    width = max([5, *(len(clean(row["queue"])) for row in said["queues"])])
    yield f"{'queue':{width}}  days  with alarm  alarms  in 30 days  outages"
    for row in said["queues"]:
        often = "-" if row["alarms_in_30_days"] is None else f"{row['alarms_in_30_days']:.2f}"
        yield (f"{clean(row['queue']):{width}}  {row['days']:4d}  {row['days_with_alarm']:10d}"
               f"  {row['alarms']:6d}  {often:>10}  {len(row['outages']):7d}"
               f"{'  learning' if row['learning'] else ''}")
    if any(row["learning"] for row in said["queues"]):
        yield "learning: under six weeks of clean history, expect more false alarms"
