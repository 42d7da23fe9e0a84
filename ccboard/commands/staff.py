"""Calls to expect and heads to schedule, per queue and interval, for the days to come: as CSV or JSON.

The forecast has the honest band (what 80 of 100 days will lie in) beside the agreed one, and by how much the
forecasts of the last four weeks were off. Heads meet each queue's target by Erlang A; `scheduled` adds the
shrinkage of the configuration. Queue * is the whole centre as one pool.
"""

import argparse
import sys

from ccboard.commands import options
from ccboard.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date
    from typing import Any

COLUMNS = ("date", "time", "queue", "calls", "lo80", "hi80", "lo95", "hi95", "agreed_lo", "agreed_hi",
           "heads", "scheduled")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``ccboard staff``."""
    parser.add_argument("--week", nargs="?", const="next", metavar="DATE", type=options.given,
                        help="the seven days from this one on (without a date: from next Monday on); without"
                             " --week the next 14 days")
    parser.add_argument("--minutes", metavar="N", choices=("15", "30", "60"), default="30",
                        help="length of an interval: 15, 30 or 60 (default: 30)")
    parser.add_argument("--queue", metavar="QUEUE", type=options.given,
                        help="only this queue; * for the centre")
    parser.add_argument("--out", metavar="FILE", type=options.given, help="write here instead of to stdout")
    parser.add_argument("--json", action="store_true", help="print one object instead of CSV")
    options.config(parser)
    options.hub(parser)
    options.demo(parser)
    options.store(parser, "read this store, which no hub holds")
    options.timezone(parser)


def run(args: argparse.Namespace) -> int:
    """Print the schedule; how well forecasts were goes to stderr. Raises UsageError, HubError."""
    from ccboard.commands.asking import ask

    words: dict[str, str | None] = {"minutes": args.minutes, "queue": args.queue, "timezone": args.timezone}
    if args.week is not None:
        words |= {"days": "7", "from": next_monday().isoformat() if args.week == "next" else args.week}
    said = ask(args, "staff", words)
    text = _json(said) if args.json else _csv(said)
    if args.out is None:
        sys.stdout.write(text)
    else:
        _write(args.out, text)
    for line in _errors(said):
        print(printable(line), file=sys.stderr)
    return 0


def next_monday(today: "date | None" = None) -> "date":
    """Return the Monday after today.

    >>> from datetime import date
    >>> next_monday(date(2026, 11, 16)), next_monday(date(2026, 11, 22))
    (datetime.date(2026, 11, 23), datetime.date(2026, 11, 23))
    """
    from datetime import date, timedelta

    from ccboard.clock import SystemClock

    day = today or date.fromtimestamp(SystemClock().now() // 1_000_000)  # noqa: DTZ012 - the user's own week
    return day + timedelta(days=7 - day.weekday())


def _json(said: "dict[str, Any]") -> str:
    import json

    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def _csv(said: "dict[str, Any]") -> str:
    import csv
    import io

    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for queue in said["queues"]:
        name = "*" if queue["queue"] is None else queue["queue"]
        for one in queue["intervals"]:
            rows.writerow([name if column == "queue" else one[column] for column in COLUMNS])
    return out.getvalue()


def _write(path: str, text: str) -> None:
    from ccboard.errors import InputError

    try:
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None


def _errors(said: "dict[str, Any]") -> "list[str]":
    """Return how good the forecasts of the last four weeks were, a line per queue."""
    lines = list(said["notices"])
    for queue in said["queues"]:
        name, off = "*" if queue["queue"] is None else queue["queue"], queue["error"]
        if not queue["intervals"]:
            lines.append(f"{name}: too little history for a forecast (21 open days)")
        elif off is not None:
            lines.append(
                f"{name}: a day ahead, {off['days']} days: {off['wape']:.1%} off per interval (WAPE),"
                f" {off['wape_day']:.1%} per day (MAPE {off['mape_day']:.1%}); 80 % band held"
                f" {off['inside_80']:.0%}, the agreed +-{said['band']:.0%} {off['inside_agreed']:.0%}")
    return [printable(line) for line in lines]
