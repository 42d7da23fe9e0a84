"""Say who needs help: agents, teams or business types at the tail, and those whose results fluctuate.

Everybody is compared on the same business types and days, and named only where the evidence suffices:
of the names at most one in five is expected to be wrong. Newcomers are never named. docs/tail.md explains
the method.
"""

import argparse
import sys
from pathlib import Path

from ccboard.errors import InputError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

    from ccboard.tail.judge import Report
    from ccboard.tail.persistence import Past

FIGURES = ("aht", "csat", "fcr", "transfer", "qa", "rna", "short")
"""As in ccboard.tail.kpis, which is not imported for the sake of --help."""
STANDARD = FIGURES[:6]
SHOWN = 5
"""Rows left out that are shown in full; all are counted."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``tail``."""
    parser.add_argument("--calls", metavar="FILE", type=Path, required=True,
                        help="file of calls: a CSV (or .csv.gz) with a header")
    parser.add_argument("--by", choices=("agent", "team", "type"), default="agent",
                        help="judge agents, teams or business types (default: agent)")
    parser.add_argument("--kpi", choices=FIGURES, action="append", metavar="KPI",
                        help=f"only this figure, may be repeated: {', '.join(FIGURES)}"
                             " (default: all but short)")
    parser.add_argument("--period", metavar="PERIOD", default="20d",
                        help="so many working days up to the last one in the file, such as 20d, or all; CSAT"
                             " and QA take 60 (default: 20d)")
    parser.add_argument("--out", metavar="FILE", help="write a table (CSV) here; - is stdout")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Read, judge, and print or write."""
    period = parse_period(args.period)
    from ccboard.tail.calls import read_calls
    from ccboard.tail.judge import judge
    from ccboard.tail.persistence import past, reports

    shown = 0

    def on_bad(where: str, why: str) -> None:
        nonlocal shown
        shown += 1
        if shown <= SHOWN:
            print(f"{where}: left out: {why}", file=sys.stderr)

    calls = read_calls(args.calls, on_bad)
    if calls.bad:
        reasons = ", ".join(f"{count} x {why}" for why, count in
                            sorted(calls.reasons.items(), key=lambda item: -item[1])[:5])
        print(f"ccboard tail: {args.calls}: {calls.bad} of {calls.bad + calls.rows} rows left out: {reasons}",
              file=sys.stderr)
    if not calls.names[args.by]:
        raise InputError(f"{args.calls}: no row names {'an agent' if args.by == 'agent' else 'a ' + args.by}")
    figures = tuple(f for f in FIGURES if f in (args.kpi or STANDARD))
    tables = calls.sums(args.by, figures)
    report = judge(tables, period)
    if args.out is not None:
        if args.out == "-":
            write_table(sys.stdout, report, figures)
        else:
            try:
                with open(args.out, "w", encoding="utf-8", newline="") as file:
                    write_table(file, report, figures)
            except OSError as error:
                raise InputError(f"{args.out}: cannot be written: {error.strerror}") from None
    if args.json or args.out is None:
        recent = [report, *reports(tables, period)[1:]] if period is not None else [report]
        over = past(recent)
        if args.json:
            import json

            print(json.dumps(as_object(report, args.by, figures, over), ensure_ascii=False, indent=1))
        else:
            print_text(report, args.by, figures, over)
    return 0


def parse_period(text: str) -> int | None:
    """Return the working days of a period, None for all; raise UsageError.

    >>> parse_period("20d"), parse_period("all"), parse_period("5")
    (20, None, 5)
    """
    if text == "all":
        return None
    number = text.removesuffix("d")
    if not (number.isascii() and number.isdigit()) or not 1 <= int(number) <= 10_000:
        raise UsageError(f"--period {text}: a number of working days such as 20d, or all")
    return int(number)


def write_table(file: "IO[str]", report: "Report", figures: tuple[str, ...]) -> None:
    """Write TABLE.csv: a row for every figure and unit seen."""
    import csv

    out = csv.writer(file, lineterminator="\n")
    out.writerow(("kpi", "agent", "flag", "prob", "score", "volatile"))
    for key in figures:
        j = report.figures.get(key)
        for i, name in enumerate(report.units):
            volatile = int(report.fluctuation.named[i]) if len(report.fluctuation.named) else 0
            if j is None:  # nothing measured: as likely as anybody
                out.writerow((key, name, 0, "0.1", "0", volatile))
            else:
                out.writerow((key, name, int(j.named[i]), f"{j.p[i]:.6g}", f"{j.posterior.m[i]:.6g}",
                              volatile))


def as_object(report: "Report", by: str, figures: tuple[str, ...], over: "Past") -> "dict[str, Any]":
    """Return what --json prints."""
    import math
    from datetime import date

    from ccboard.tail import words
    from ccboard.tail.drivers import by_type

    def number(x: float) -> float | None:
        return round(float(x), 6) if math.isfinite(x) else None

    found: dict[str, Any] = {"by": by, "kpis": {}, "fluctuating": [
        {"name": report.units[i], "words": words.fluctuates(report, i), "p": number(report.fluctuation.p[i])}
        for i in report.fluctuation.named.nonzero()[0].tolist()]}
    for key in figures:
        j = report.figures.get(key)
        if j is None:
            found["kpis"][key] = {"measured": False}
            continue
        units: list[dict[str, Any]] = []
        for i, name in enumerate(report.units):
            if not j.seen[i]:
                continue
            v, driver = words.value(j, i), by_type(j, i)
            units.append({
                "name": name, "named": bool(j.named[i]), "strong": bool(j.strong[i]),
                "probability": number(j.p[i]),
                "count": int(j.table.counts[i]), "days": int(j.found.days[i]), "value": number(v.value),
                "low": number(v.low), "high": number(v.high), "usual": number(v.usual), "raw": number(v.raw),
                "reliability": number(j.posterior.own[i]), "needed": number(j.needed[i]),
                "driver": driver.what if driver else None,
                "periods": [int(over.times[key][i]), int(over.of[key][i])],
                "moved": number(over.moved[key][i]),
                "words": words.tail(j, i), "words_zh": words.tail(j, i, "zh")})
        units.sort(key=lambda u: -u["probability"])
        found["kpis"][key] = {
            "measured": True, "words": words.verdict(j), "words_zh": words.verdict(j, "zh"),
            "first_day": date.fromordinal(j.first).isoformat(),
            "last_day": date.fromordinal(j.last).isoformat(),
            "days": j.days, "pooled": j.pooled, "reliability": number(j.reliability), "units": units}
    return found


def print_text(report: "Report", by: str, figures: tuple[str, ...], over: "Past") -> None:
    """Print what can be said, a sentence a line."""
    from ccboard.tail import words
    from ccboard.tail.drivers import by_type

    for key in figures:
        j = report.figures.get(key)
        if j is None:
            print(f"{key}: not measured")
            continue
        print(words.verdict(j))
        for i in sorted(j.named.nonzero()[0].tolist(), key=lambda i: -float(j.p[i])):
            more = ""
            if (driver := by_type(j, i)) is not None and driver.what:
                more = f"; mostly on {driver.what}" if by != "type" else f"; mostly with {driver.what}"
            if over.of[key][i] > 1:
                more += f"; in {over.times[key][i]} of {over.of[key][i]} periods"
            print(f"  {report.units[i]}: {words.tail(j, i)}{more}")
        early = int(((j.needed > 0) & j.seen).sum())
        if early:
            print(f"  too early to say of {early} {by}s")
    named = report.fluctuation.named.nonzero()[0].tolist()
    print(f"Fluctuating: {len(named)} of {len(report.units)}")
    for i in named:
        print(f"  {report.units[i]}: {words.fluctuates(report, i)}")
