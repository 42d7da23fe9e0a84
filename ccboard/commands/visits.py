r"""List the visits behind a figure: who, when, how it ended, and why it counts or does not.

Of the business day of --as-of up to it, or of --from to --to; newest first. Callers as the `callers`
setting has them.

  ccboard visits --kpi abandoned --queue support
  ccboard visits --kpi service_level --from 2026-11-16T09:00 --to 2026-11-16T09:15 --csv
"""

import argparse
import sys

from ccboard.commands import options
from ccboard.commands.asking import ask
from ccboard.commands.explain import _language
from ccboard.commands.figures import _guarded
from ccboard.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PAGE = 5000
"""Rows asked for at once."""
_SHOWN = ("offered_at", "caller", "queue", "agent", "outcome", "wait_s", "talk_s", "counts", "why")
_HEADS = {
    "offered_at": ("offered", "进线"), "caller": ("caller", "主叫"), "queue": ("queue", "队列"),
    "agent": ("agent", "座席"), "outcome": ("outcome", "结果"), "wait_s": ("wait", "等待"),
    "talk_s": ("talk", "通话"), "counts": ("counts", "计入"), "why": ("why", "原因"),
}
_COUNTS = {"yes": ("yes", "是"), "no": ("no", "否"), "left_out": ("left out", "不计")}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``visits``."""
    parser.add_argument("--kpi", metavar="KPI", required=True, help="the figure, by its id")
    parser.add_argument("--queue", metavar="QUEUE", help="of this queue only")
    parser.add_argument("--agent", metavar="AGENT", help="of this agent only")
    options.span(parser)
    parser.add_argument("--limit", metavar="N", type=int,
                        help="at most so many rows, the newest (default: all)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", dest="form", action="store_const", const="json", default="text",
                      help="print an array of flat objects")
    form.add_argument("--csv", dest="form", action="store_const", const="csv",
                      help="print a header and a line per visit")
    form.add_argument("--parquet", metavar="FILE", help="write a Parquet file")
    parser.add_argument("--language", choices=("en", "zh"),
                        help="language of the text (default: that of the environment)")
    options.as_of(parser)
    options.store(parser, "read this store instead of asking a hub; if a hub holds it, ask that hub")
    options.timezone(parser)
    options.hub(parser)
    options.demo(parser)
    options.config(parser)


def run(args: argparse.Namespace) -> int:
    """Print the visits."""
    from ccboard.errors import UsageError
    from ccboard.kpi import find, nearest

    if find(args.kpi) is None:
        raise UsageError(f"ccboard visits --kpi {args.kpi}: no such figure; {nearest(args.kpi)}")
    if args.limit is not None and args.limit < 1:
        raise UsageError(f"ccboard visits --limit {args.limit}: at least 1")
    said = gathered(args)
    for note in said["notes"]:
        print(printable(f"ccboard: {note}"), file=sys.stderr)
    if args.parquet:
        from ccboard.commands.visits_parquet import write

        write(args.parquet, said["rows"])
        return 0
    sys.stdout.flush()
    sys.stdout.buffer.write(_text(said, args.form, args.language or _language()).encode())
    return 0


def gathered(args: argparse.Namespace) -> "dict[str, Any]":
    """Return the answer with the rows of all its pages; as_of stays that of the first."""
    words = {"kpi": args.kpi, "queue": args.queue, "agent": args.agent, "from": args.begin, "to": args.end,
             "as_of": args.as_of, "timezone": args.timezone}
    most = args.limit if args.limit is not None else sys.maxsize
    said = ask(args, "visits", {**words, "limit": str(min(PAGE, most))})
    rows = said["rows"]
    while len(rows) < min(most, said["total"]):
        more = ask(args, "visits", {**words, "as_of": said["as_of"], "offset": str(len(rows)),
                                    "limit": str(min(PAGE, most - len(rows)))})
        if not more["rows"]:
            break
        rows += more["rows"]
    return said


def _text(said: "dict[str, Any]", form: str, language: str) -> str:
    rows = said["rows"]
    if form == "json":
        import json

        return "[" + ",\n ".join(json.dumps(row, ensure_ascii=False) for row in rows) + "]\n"
    if form == "csv":
        return to_csv(rows)
    return _table(said, language)


def to_csv(rows: "list[dict[str, Any]]") -> str:
    """Return rows as CSV; names that a spreadsheet would take for formulas are quoted."""
    import csv
    import io

    from ccboard.kpis.visit import COLUMNS

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_guarded(row[column]) for column in COLUMNS] for row in rows)
    return out.getvalue()


def _table(said: "dict[str, Any]", language: str) -> str:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from ccboard.i18n import Words
    from ccboard.text import left, right, width

    zh, words = language == "zh", Words(language)
    zone = ZoneInfo(said["timezone"])
    days = {f"{datetime.fromisoformat(row['offered_at']).astimezone(zone):%Y-%m-%d}" for row in said["rows"]}
    shape = "%H:%M:%S" if len(days) < 2 else "%Y-%m-%d %H:%M:%S"

    def cell(row: "dict[str, Any]", name: str) -> str:
        if name == "why":
            return str(row["why_zh" if zh else "why_en"] or "")
        value = row[name]
        if value is None:
            return "–"
        if name == "offered_at":
            return datetime.fromisoformat(value).astimezone(zone).strftime(shape)
        if name == "counts":
            return _COUNTS[value][zh]
        if name == "outcome" and zh and words.has(f"outcome.{value}"):
            return words(f"outcome.{value}")
        return f"{value:.1f}".removesuffix(".0") if name.endswith("_s") else str(value)

    lines = [[_HEADS[name][zh] for name in _SHOWN]]
    lines += [[cell(row, name) for name in _SHOWN] for row in said["rows"]]
    widths = [max(width(line[at]) for line in lines) for at in range(len(_SHOWN))]
    heading = f"{days.pop()} {said['timezone']}\n" if len(days) == 1 else ""
    return heading + "".join(
        "  ".join((right if name.endswith("_s") else left)(text, widths[at])
                  for at, (name, text) in enumerate(zip(_SHOWN, line, strict=True))).rstrip() + "\n"
        for line in lines
    )
