"""How far forecasts of real call volume are off, beside what people do without one.

    python benchmarks/forecast.py "NAME,MINUTES,FROM[,HH-HH]=FILE"... [--out FILE]

for example "Large bank,15,2003-06-01=calls.csv.gz": intervals of 15 minutes, scored from 1 June on.

FILE has the columns start,calls (packed or not). Rolling origin: every forecast knows only what had ended.
Holidays (weekdays that are usually open and have under 35 % of their usual calls, or no data), the day before
and the three after are left out of the figures; holidays and eves are known to the forecast as a calendar.
"""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pages import one_page

from ccboard.forecast.history import Past, read
from ccboard.forecast.trial import Request, answer

Floats = NDArray[np.float64]
LEADS = {"day ahead": 1, "14 days ahead": 14}
NOON = 600


def holidays(past: Past, minutes: int) -> dict[date, str]:
    """Return the calendar that the figures suggest: holidays and the days before them."""
    calls, _ = past.known((past.first + timedelta(days=len(past.calls)), 0), minutes)
    totals = np.nansum(calls, axis=1)
    days = [past.first + timedelta(days=n) for n in range(len(totals))]
    weekday = np.array([day.weekday() for day in days])
    found = {}
    for n, day in enumerate(days):
        same = totals[weekday == day.weekday()]
        usual = np.median(same)
        if usual > 0.25 * np.median(totals[totals > 0]) and totals[n] < 0.35 * usual:
            found[day] = "holiday"
    for day in sorted(found):
        found.setdefault(day - timedelta(days=1), "eve")
    return found


def naive(before: Floats, weekday: NDArray[np.intp], target: int, how: str) -> Floats:
    """Return a forecast from same weekdays with calls: the last, or mean or median of twelve."""
    rows = before[(weekday == target) & (np.nansum(before, axis=1) > 0)]
    rows = np.nan_to_num(rows)
    if how == "same weekday last week":
        return rows[-1]
    return rows[-12:].mean(axis=0) if how == "mean of 12 weekdays" else np.median(rows[-12:], axis=0)


ABOUT = """Rolling origin: each forecast knows only what had ended at its origin. Holidays, the day before and
the three days after are left out. The parameters were chosen on these series, so the rows of ccboard flatter
a little.
"""
NAIVE = ("same weekday last week", "mean of 12 weekdays", "median of 12 weekdays")


class Errors:
    """Sums of absolute misses, of intervals and of totals, and coverage."""

    def __init__(self) -> None:
        self.miss = self.calls = self.total_miss = 0.0
        self.inside: list[tuple[bool, bool]] = []
        self.total_inside: list[tuple[bool, bool]] = []

    def add(self, mean: Floats, came: Floats) -> None:
        """Count a forecast and what came."""
        self.miss += float(np.abs(mean - came).sum())
        self.total_miss += abs(float(mean.sum() - came.sum()))
        self.calls += float(came.sum())

    def said(self) -> str:
        """Return both errors in percent."""
        return f"{100 * self.miss / self.calls:.1f} / {100 * self.total_miss / self.calls:.1f}"


def measure(past: Past, minutes: int, since: date, hours: tuple[int, int] | None) -> Iterator[str]:
    """Yield the table of one series."""
    known = holidays(past, minutes)
    count = len(past.calls)
    every, _ = past.known((past.first + timedelta(days=count), 0), minutes)
    weekday = np.array([(past.first + timedelta(days=n)).weekday() for n in range(count)], dtype=np.intp)
    tasks = {**{name: (lead, 0) for name, lead in LEADS.items()}, "today from 10:00": (0, NOON)}
    errors = {(name, method): Errors() for name in tasks for method in ("ccboard", *NAIVE)}
    for n in range((since - past.first).days, count):
        day = past.first + timedelta(days=n)
        odd = any(known.get(day - timedelta(days=back)) == "holiday" for back in range(4))
        calls = np.nan_to_num(every[n])
        if odd or known.get(day) or calls.sum() == 0 or len(np.flatnonzero(weekday[:n] == weekday[n])) < 4:
            continue
        open_ = np.flatnonzero(~np.isnan(every[n]))
        begin, end = int(open_[0]) * minutes, (int(open_[-1]) + 1) * minutes
        if hours:
            begin, end = hours
        for name, (lead, at) in tasks.items():
            start = max(begin, at)
            origin = (day - timedelta(days=lead - 1), 0) if lead else (day, at)
            if origin[0] <= past.first + timedelta(days=28):
                continue
            [made] = answer(past, known, [Request("", origin, day, start, end, minutes)])
            part = slice(start // minutes, end // minutes)
            own = errors[name, "ccboard"]
            own.add(np.array([band.mean for band in made.intervals]), calls[part])
            own.inside += [(b.lo80 <= c <= b.hi80, b.lo95 <= c <= b.hi95)
                           for b, c in zip(made.intervals, calls[part], strict=True)]
            total = calls[part].sum()
            own.total_inside.append((made.total.lo80 <= total <= made.total.hi80,
                                     made.total.lo95 <= total <= made.total.hi95))
            reach = (origin[0] - past.first).days
            for method in NAIVE:
                rows = every[:reach]
                errors[name, method].add(
                    naive(rows, weekday[:reach], int(weekday[n]), method)[part], calls[part])
    days = len(errors["day ahead", "ccboard"].total_inside)
    yield f"{days} ordinary days from {since} on, intervals of {minutes} minutes.\n"
    yield "| WAPE %, per interval / per total | " + " | ".join(tasks) + " |"
    yield "| --- |" + " --- |" * len(tasks)
    for method in (*NAIVE, "ccboard"):
        yield f"| {method} | " + " | ".join(errors[name, method].said() for name in tasks) + " |"
    for label, which in (("intervals", "inside"), ("totals", "total_inside")):
        shown = []
        for name in tasks:
            rows = np.array(getattr(errors[name, "ccboard"], which))
            shown.append(f"{100 * rows[:, 0].mean():.0f} / {100 * rows[:, 1].mean():.0f}")
        yield f"| ccboard: % of {label} inside its 80 / 95 % band | " + " | ".join(shown) + " |"


def part(named: str, path: Path) -> Iterator[str]:
    """Yield what is said of one file: `named` is its name, minutes, first day and perhaps opening hours."""
    name, minutes, since, *hours = named.split(",")
    began = time.perf_counter()
    span = None
    if hours:
        opens, _, closes = hours[0].partition("-")
        span = int(opens) * 60, int(closes) * 60
    yield f"## {name}\n"
    yield from measure(read(path, [int(minutes)]), int(minutes), date.fromisoformat(since), span)
    yield f"\nTook {time.perf_counter() - began:.0f} s.\n"


def main() -> None:
    one_page(__doc__, "NAME,MINUTES,FROM[,HH-HH]=FILE", "Forecasts of real call volume", ABOUT, part)


if __name__ == "__main__":
    main()
