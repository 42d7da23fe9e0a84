"""Say who needs help: agents, teams or business types at the tail, and those whose results fluctuate.

Asks the running hub; with --store FILE reads a store that no hub holds, with --calls FILE a file of calls.

Everybody is compared on the same business types and days, and named only where the evidence suffices:
of the names at most one in five is expected to be wrong. Newcomers are never named. docs/tail.md explains
the method.
"""

import argparse
import sys
from pathlib import Path

from ccboard.commands import options
from ccboard.commands.asking import ask
from ccboard.errors import InputError, UsageError
from ccboard.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

    from ccboard.tail.judge import Report

FIGURES = ("aht", "csat", "fcr", "transfer", "qa", "rna", "short", "wrap", "hold", "complaint", "success",
           "dials")
"""As in ccboard.tail.kpis, which is not imported for the sake of --help."""
OF_FILES, STANDARD = FIGURES[:7], FIGURES[:6]
MOVED = 1.645
"""A movement of so many standard deviations is beyond chance nine times out of ten."""
SHOWN = 5
"""Rows left out that are shown in full; all are counted."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``tail``."""
    parser.add_argument("--calls", metavar="FILE", type=Path,
                        help="look at a file of calls instead: a CSV (or .csv.gz) with a header")
    parser.add_argument("--by", choices=("agent", "team", "type"), default="agent",
                        help="judge agents, teams or business types (default: agent)")
    parser.add_argument("--kpi", choices=FIGURES, action="append", metavar="KPI",
                        help=f"only this figure, may be repeated: {', '.join(FIGURES)} (default: all; of a"
                             " file all but short)")
    parser.add_argument("--period", metavar="PERIOD", default="20d",
                        help="so many working days, such as 20d, or all; CSAT and QA take 60 (default: 20d)")
    parser.add_argument("--out", metavar="FILE", help="with --calls: write a table (CSV) here; - is stdout")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options.as_of(parser)
    options.store(parser, "read this store instead of asking a hub; if a hub holds it, ask that hub")
    options.timezone(parser)
    options.hub(parser)
    options.demo(parser)
    options.config(parser)


def run(args: argparse.Namespace) -> int:
    """Judge a file of calls, or what is in a store, and print."""
    parse_period(args.period)
    if args.calls is not None:
        if args.as_of or args.store or args.hub or args.timezone:
            raise UsageError("ccboard tail: --calls looks at a file alone: --as-of, --store, --hub and"
                             " --timezone are for what is in a store")
        return of_file(args)
    if args.out is not None:
        raise UsageError("ccboard tail: --out writes the table of a file of calls: name it with --calls, or"
                         " take --json")
    said = ask(args, "tail", {"kpi": ",".join(args.kpi) if args.kpi else None, "by": args.by,
                              "period": args.period, "as_of": args.as_of, "timezone": args.timezone})
    if args.json:
        import json

        print(json.dumps(said, ensure_ascii=False, indent=1))
    else:
        print_text(said)
    return 0


def of_file(args: argparse.Namespace) -> int:
    """Read a file of calls, judge, and print or write."""
    period = parse_period(args.period)
    if wrong := [kpi for kpi in args.kpi or () if kpi not in OF_FILES]:
        raise UsageError(f"ccboard tail: --kpi {wrong[0]}: a file of calls has {', '.join(OF_FILES)}")
    from ccboard.tail.calls import read_calls
    from ccboard.tail.judge import judge
    from ccboard.tail.persistence import past, reports

    seen = 0

    def on_bad(where: str, why: str) -> None:
        nonlocal seen
        seen += 1
        if seen <= SHOWN:
            print(printable(f"{where}: left out: {why}"), file=sys.stderr)

    from ccboard.maps.detect import detect
    from ccboard.maps.model import File

    kind = detect(args.calls, File())
    if kind.format != "text":
        raise InputError(f"{args.calls}: is {kind.said()}: save it as CSV")
    calls = read_calls(args.calls, on_bad, kind.encoding, kind.delimiter)
    if kind.encoding not in {"utf-8", "utf-8-sig"} or kind.delimiter != ",":
        print(printable(f"ccboard tail: {args.calls}: read as {kind.said()}"), file=sys.stderr)
    if args.by == "agent" and (several := calls.in_several_teams()):
        name, teams = next(iter(several.items()))
        print(printable(f"ccboard tail: {args.calls}: {len(several)} agents stand in several teams ({name}:"
                        f" {', '.join(teams[:3])}); one name is taken as one person"), file=sys.stderr)
    if calls.bad:
        reasons = ", ".join(f"{count} x {why}" for why, count in
                            sorted(calls.reasons.items(), key=lambda item: -item[1])[:5])
        print(printable(f"ccboard tail: {args.calls}: {calls.bad} of {calls.bad + calls.rows} rows left out:"
                        f" {reasons}"), file=sys.stderr)
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
        from ccboard.tail.public import public

        recent = [report, *reports(tables, period)[1:]] if period is not None else [report]
        said = public(report, args.by, figures, past(recent))
        if args.json:
            import json

            print(json.dumps(said, ensure_ascii=False, indent=1))
        else:
            print_text(said)
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


def print_text(said: "dict[str, Any]") -> None:
    """Print what can be said, a sentence a line."""
    by = said["by"]
    for figure in said["kpis"].values():
        if not figure["measured"]:
            continue
        print(figure["words"])
        for unit in figure.get("units", ()):
            if unit["named"]:
                print(f"  {shown(unit)}: {unit['words']}{_more(unit, by)}")
        if figure["early"]:
            print(f"  too early to say of {figure['early']} {by}s")
    if missing := [key for key, figure in said["kpis"].items() if not figure["measured"]]:
        print(f"Not measured: {', '.join(missing)}")
    swinging = said["fluctuating"]
    if not said["units"]:
        print("Fluctuating: nothing is measured")
        return
    print(f"Fluctuating: {swinging if isinstance(swinging, int) else len(swinging)} of {said['units']}")
    for unit in () if isinstance(swinging, int) else swinging:
        print(f"  {shown(unit)}: {unit['words']}")


def shown(unit: "dict[str, Any]") -> str:
    """Return the name to print."""
    return str(unit.get("label") or unit["name"])


def _more(unit: "dict[str, Any]", by: str) -> str:
    """Return what drives a result, how often it was so, and whether it moves."""
    more = ""
    if unit["driver_part"] is not None:
        more += f"; mostly {unit['driver_part']}, {unit['driver_part_s']:+.0f} s a call"
    if unit["driver"] is not None:
        more += f"; mostly {'with' if by == 'type' else 'on'} {unit['driver']}"
    if unit["periods"][1] > 1:
        more += f"; in {unit['periods'][0]} of {unit['periods'][1]} periods"
    if unit["moved"] is not None and unit["moved_sd"] and abs(unit["moved"]) > MOVED * unit["moved_sd"]:
        more += f"; {'worse' if unit['moved'] > 0 else 'better'} than in the period before"
    return more
