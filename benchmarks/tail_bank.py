"""What the tail's method says of a real bank's agents, January to May 1999, and since when.

    python benchmarks/tail_bank.py FOLDER [--out benchmarks/TAIL_BANK.md]

FOLDER holds january.txt.gz ... may.txt.gz of the "Anonymous Bank" call-centre data (Ilan Guedj, Avi
Mandelbaum, Technion, Haifa). A service of under 10 seconds helps nobody; the data are known for agents who
hung up on callers.
"""

import argparse
import csv
import gzip
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np

from ccboard.tail import words
from ccboard.tail.drivers import by_type
from ccboard.tail.judge import Report, judge
from ccboard.tail.kpis import KPIS, SHORT_S
from ccboard.tail.persistence import past, reports
from ccboard.tail.table import Sums, collect
from ccboard.tail.volatile import deviations, when

MONTHS = ("january", "february", "march", "april", "may")
PERIOD = 20
LEAST = 100
"""Agents with fewer services in the five months are counted and not listed."""


def read(folder: Path) -> list[tuple[str, int, str, float]]:
    """Return (agent, day, type, seconds) of every service by a named agent."""
    found = []
    for month in MONTHS:
        with gzip.open(folder / f"{month}.txt.gz", "rt", encoding="latin-1") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                if row["outcome"] != "AGENT" or row["server"] in {"NO_SERVER", None, ""}:
                    continue
                name = "NAAMA" if row["server"] == "NO_SERVERAMA" else row["server"].strip()
                text = row["date"]
                day = date(1900 + int(text[:2]), int(text[2:4]), int(text[4:6])).toordinal()
                found.append((name, day, row["type"].strip(), float(row["ser_time"])))
    return found


def tables(rows: list[tuple[str, int, str, float]]) -> dict[str, Sums]:
    """Return the sums of the figures that these data have: handling time and short services."""
    names, kinds = sorted({r[0] for r in rows}), sorted({r[2] for r in rows})
    agent = np.array([names.index(r[0]) for r in rows])
    day = np.array([r[1] for r in rows])
    kind = np.array([kinds.index(r[2]) for r in rows])
    seconds = np.array([r[3] for r in rows])
    long = seconds >= SHORT_S  # what a caller who was helped took
    return {
        "aht": collect(tuple(names), tuple(kinds), agent[long], day[long], kind[long], np.log(seconds[long])),
        "short": collect(tuple(names), tuple(kinds), agent, day, kind, (seconds < SHORT_S).astype(float)),
    }


def first_named(made: dict[str, Sums], key: str, unit: int, window: int) -> int | None:
    """Return the first day on whose evening the agent would have been named, from `window` working days."""
    days = made[key].days
    for day in days[1:]:
        until = {k: t.between(int(days[0]), int(day)) for k, t in made.items()}
        report = judge(until, window)
        if key in report.figures and report.figures[key].named[unit]:
            return int(day)
    return None


def sentence(report: Report, key: str, unit: int) -> str:
    """Return what is said of an agent by one figure."""
    j = report.figures[key]
    if not j.seen[unit]:
        return "–"
    driver = by_type(j, unit) if j.named[unit] else None
    said = words.tail(j, unit).removeprefix(KPIS[key].name_en + " ")
    said = said.replace("where the same call types usually give", "instead of")
    said = said.replace(" on the same call types", "")
    most = f", mostly on {driver.what}" if driver else ""
    return ("**named** " if j.named[unit] else "") + said + most


def page(folder: Path) -> Iterator[str]:
    """Yield the page line by line."""
    rows = read(folder)
    made = tables(rows)
    seconds: dict[str, list[float]] = {}
    for name, _, _, s in rows:
        seconds.setdefault(name, []).append(s)
    report = judge(made)
    units = report.units
    every = judge({"aht": collect(units, made["aht"].mixes, *columns(rows, made))})
    short = made["short"].days
    listed = [i for i in np.argsort(-report.figures["short"].p) if len(seconds[units[i]]) >= LEAST]
    yield "# A real bank's agents, January to May 1999\n"
    yield ABOUT
    yield (f"{len(rows)} services by {len(units)} named agents on {len(short)} days with work."
           f" {len(units) - len(listed)} agents have fewer than {LEAST} services\nand are not listed.\n")
    yield "## The one who hangs up\n"
    worst = int(np.argmax(report.figures["short"].p))
    name = units[worst]
    total, few = len(seconds[name]), sum(s < SHORT_S for s in seconds[name])
    rest = [s for n, _, _, s in rows if n != name]
    yield (f"**{name}**: {few} of {total} services under 10 s ({few / total * 100:.1f} %; all others together"
           f" {sum(s < SHORT_S for s in rest) / len(rest) * 100:.1f} %).\n")
    yield "| month | services | under 10 s | all others |\n| --- | --- | --- | --- |"
    for month in range(1, 6):
        own = [s for n, d, _, s in rows if n == name and date.fromordinal(d).month == month]
        others = [s for n, d, _, s in rows if n != name and date.fromordinal(d).month == month]
        yield (f"| {MONTHS[month - 1].capitalize()} | {len(own)} | {share(own)} | {share(others)} |")
    yield ""
    yield "First evening on which `short`, the share of services under 10 s, would have named:\n"
    yield "| agent | last 20 working days | all days so far |\n| --- | --- | --- |"
    for unit in [i for i in listed if report.figures["short"].named[i]]:
        found = [first_named(made, "short", unit, window) for window in (PERIOD, 10_000)]
        yield f"| {units[unit]} | " + " | ".join(when_said(day, short) for day in found) + " |"
    yield ""
    j = every.figures["aht"]
    yield (f"No standard figure of these data shows it. By handling time over all services {name} has"
           f" {words.value(j, worst).value * 100:+.0f} %\nand a probability"
           f" of {j.p[worst] * 100:.0f} % of being in the slowest tenth: hanging up makes one look fast.\n")
    yield from same_calls(rows, report, made)
    yield f"## Period by period ({PERIOD} working days each)\n"
    yield "| period | named by services under 10 s | named by AHT | fluctuating |\n| --- | --- | --- | --- |"
    recent = reports(made, PERIOD, 7)
    for r in reversed(recent):
        fig = r.figures["short"]
        names = [", ".join(units[i] for i in np.flatnonzero(x)) or "nobody" for x in (
            fig.named, r.figures["aht"].named, r.fluctuation.named)]
        yield f"| {date.fromordinal(fig.first)} to {date.fromordinal(fig.last)} | " + " | ".join(names) + " |"
    over = past(recent[:5])
    yield "\nProbably at the tail in so many of the last five periods: " + "; ".join(
        f"{KPIS[key].name_en}: " + ", ".join(f"{units[i]} {over.times[key][i]} of {over.of[key][i]}"
                                              for i in np.argsort(-over.times[key]) if over.times[key][i])
        for key in ("short", "aht")) + ".\n"
    yield "## Every agent, all five months\n"
    yield ("AHT is that of services of 10 s and more, so that the figures do not say the same thing twice."
           " Instead of: what\nthe usual agent has on the same types and days.\n")
    yield "| agent | services | services under 10 s | AHT | fluctuates | charts |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for i in listed:
        days, z = deviations(report.figures["short"].table, report.figures["short"].found, i)
        signals = [s for s in when(days, z) if s.worse]
        chart = f"worse since {date.fromordinal(signals[-1].day)} ({signals[-1].rule})" if signals else "–"
        yield (f"| {units[i]} | {len(seconds[units[i]])} | {sentence(report, 'short', i)} |"
               f" {sentence(report, 'aht', i)} | {words.fluctuates(report, i) or '–'} | {chart} |")


def same_calls(rows: list[tuple[str, int, str, float]], report: Report,
               made: dict[str, Sums]) -> Iterator[str]:
    """Yield who looks worst among those whom the plain share accuses and their types explain."""
    j = report.figures["short"]
    plain, usual = j.table.raw, j.table.expected
    many = [i for i in range(len(plain)) if j.table.counts[i] >= LEAST and plain[i] < usual[i]]
    if not many:
        return
    unit = max(many, key=lambda i: plain[i])
    above = sum(plain[i] > plain[unit] for i in range(len(plain)) if j.table.counts[i] >= LEAST)
    own = [k for name, _, k, _ in rows if name == report.units[unit]]
    hard = max(made["short"].mixes, key=lambda k: sum(s < SHORT_S for _, _, x, s in rows if x == k)
               / sum(x == k for _, _, x, _ in rows) if own.count(k) >= 0.1 * len(own) else 0.0)
    yield (f"The other way round: **{report.units[unit]}** has the {above + 1}th highest plain share"
           f" ({plain[unit] * 100:.1f} %) and is not named. {own.count(hard)} of {len(own)} of these"
           f"\ncalls are of type {hard}, of which {share([s for _, _, k, s in rows if k == hard])} are short"
           f" whoever has them. On such calls {usual[unit] * 100:.1f} % would be the mean.\n")


def columns(rows: list[tuple[str, int, str, float]], made: dict[str, Sums]) -> tuple[np.ndarray, ...]:
    """Return agent, day, type and log seconds of all services that took any time."""
    names, kinds = made["aht"].units, made["aht"].mixes
    some = [r for r in rows if r[3] > 0]
    return (np.array([names.index(r[0]) for r in some]), np.array([r[1] for r in some]),
            np.array([kinds.index(r[2]) for r in some]), np.log([r[3] for r in some]))


def share(seconds: list[float]) -> str:
    """Return the share of short services."""
    return f"{sum(s < SHORT_S for s in seconds) / len(seconds) * 100:.1f} %" if seconds else "–"


def when_said(day: int | None, days: np.ndarray) -> str:
    """Return a date and which working day it was."""
    if day is None:
        return "never"
    return f"{date.fromordinal(day)} (working day {int(np.searchsorted(days, day)) + 1})"


ABOUT = """\
Made by `python benchmarks/tail_bank.py FOLDER`. Data: "Anonymous Bank" call-centre data, organised by Ilan
Guedj and Avi Mandelbaum, Technion, Haifa. Services by a named agent; the name that May garbles
(NO_SERVERAMA) is NAAMA. Real data have no known truth: this is what the method says, with the plain shares
beside it.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    text = "\n".join(page(args.folder)) + "\n"
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
