r"""Print any figures over any range of time, split by day, hour, queue, agent and more.

Asks the running hub; with --store FILE reads a store that no hub holds. A range is --from (inclusive) to
--to (exclusive); without them the business day of --as-of up to it. Figures and splits are listed in
docs/definitions.md.

  ccboard figures --kpi offered,service_level --by day --from 2026-11-01 --to 2026-12-01
  ccboard figures --kpi aht_s --by agent,type --where queue=support,sales --csv
"""

import argparse
import sys

from ccboard.commands import options
from ccboard.commands.asking import ask
from ccboard.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``figures``."""
    parser.add_argument(
        "--kpi", metavar="K,K", action="append", help="figures, by their ids (default: the usual ones)"
    )
    parser.add_argument(
        "--by",
        metavar="S,S",
        action="append",
        help="split by year, month, week, day, weekday, hour, interval, queue, project, team, agent,"
        " type, direction, channel, source, outcome",
    )
    options.span(parser)
    parser.add_argument(
        "--where",
        metavar="S=V,V",
        action="append",
        help=r"only visits with one of these values, as queue=support,sales; nothing after = means"
        r" none; a comma in a name is \,",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--json",
        dest="form",
        action="store_const",
        const="json",
        default="text",
        help="print an array of flat objects",
    )
    form.add_argument(
        "--csv", dest="form", action="store_const", const="csv", help="print a header and a line per row"
    )
    form.add_argument("--parquet", metavar="FILE", help="write a Parquet file")
    options.as_of(parser)
    options.store(parser, "read this store instead of asking a hub; if a hub holds it, ask that hub")
    options.timezone(parser)
    options.hub(parser)
    options.demo(parser)
    options.config(parser)


def run(args: argparse.Namespace) -> int:
    """Print what was asked for."""

    def several(given: "list[str] | None") -> str | None:
        return ",".join(given) if given else None

    said = ask(
        args,
        "figures",
        {
            "kpi": several(args.kpi),
            "by": several(args.by),
            "from": args.begin,
            "to": args.end,
            "where": several(args.where),
            "as_of": args.as_of,
            "timezone": args.timezone,
        },
    )
    for note in said["notes"]:
        print(printable(f"ccboard: {note}"), file=sys.stderr)
    if args.parquet:
        from ccboard.commands.parquet import write

        write(args.parquet, said)
        return 0
    sys.stdout.flush()
    sys.stdout.buffer.write(_text(said, args.form).encode())
    return 0


def _text(said: "dict[str, Any]", form: str) -> str:
    if form == "json":
        import json

        rows = [json.dumps(row, ensure_ascii=False) for row in said["rows"]]
        return "[" + ",\n ".join(rows) + "]\n"
    columns = [*said["by"], *(kpi["kpi"] for kpi in said["kpis"])]
    if form == "csv":
        import csv
        import io

        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_guarded(row[column]) for column in columns] for row in said["rows"])
        return out.getvalue()
    return table(said, columns)


def _guarded(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: names come from outside."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def table(said: "dict[str, Any]", columns: "list[str]") -> str:
    """Return the figures as a text table; numbers are to the right."""
    from ccboard.text import left, right, width

    units = {kpi["kpi"]: kpi["unit"] for kpi in said["kpis"]}
    lines = [columns, *([shown(row[name], units.get(name)) for name in columns] for row in said["rows"])]
    widths = [max(width(line[at]) for line in lines) for at in range(len(columns))]

    def cell(text: str, at: int) -> str:
        return right(text, widths[at]) if columns[at] in units else left(text, widths[at])

    return "".join(
        "  ".join(cell(text, at) for at, text in enumerate(line)).rstrip() + "\n" for line in lines
    )


def shown(value: object, unit: str | None) -> str:
    """Return a figure as people read it; what did not happen is a dash."""
    if value is None:
        return "–"
    if unit == "ratio" and isinstance(value, int | float):
        return f"{value * 100:.1f} %"
    if isinstance(value, float):
        return (
            f"{value:.2f}".rstrip("0").rstrip(".") if unit in ("h", "money", "per_hour") else f"{value:.1f}"
        )
    return str(value)
