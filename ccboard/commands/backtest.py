"""Try the surge alarm or the forecast on your own past before you trust it.

Each day or request is judged by what was known then, and by nothing later. Everything is read from CSV
files (packed .gz files too) and written to one; a summary goes to stdout. The surge alarm without files is
tried on the store's own last days: its alarms, how many were for nothing, and how late the others came.
"""

import argparse
from pathlib import Path

from ccboard.commands import options
from ccboard.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from zoneinfo import ZoneInfo

KINDS = ("surge", "forecast")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``backtest``."""
    parser.add_argument("what", choices=KINDS, metavar="WHAT", help="surge or forecast")
    parser.add_argument("--history", metavar="FILE", type=Path,
                        help="calls of the past; surge: offered_at,queue or date,time,queue,offered;"
                             " forecast: start,calls or call_id,offered_at,queue")
    parser.add_argument("--days", metavar="FILE", type=Path,
                        help="surge: day,date,file, each file a day to judge;"
                             " forecast: origin,start,end,minutes")
    parser.add_argument("--calendar", metavar="FILE", type=Path, help="date,kind of days that are not normal")
    parser.add_argument("--out", metavar="FILE", type=Path,
                        help="surge: day,queue,time,event,tier,lift; forecast:"
                             " origin,start,mean,lo80,hi80,lo95,hi95")
    parser.add_argument("--json", action="store_true", help="print the summary as one object")
    parser.add_argument("--last", metavar="N", default="30",
                        help="surge without files: the last N days of the store (default: 30)")
    options.config(parser)
    options.hub(parser)
    options.store(parser, "surge without files: read this store, which no hub holds")
    options.timezone(parser)


def run(args: argparse.Namespace) -> int:
    """Run the back-test and return the exit status. Raises UsageError, InputError, HubError."""
    files = {"--history": args.history, "--days": args.days, "--out": args.out}
    missing = [name for name, value in files.items() if value is None]
    if args.what == "surge" and args.history is None and args.days is None:
        return _own_past(args)
    if missing:
        raise UsageError(f"ccboard backtest {args.what}: {' and '.join(missing)} missing")
    if args.what == "surge":
        from ccboard.surge import trial

        return trial.run(args.history, args.calendar, args.days, args.out, as_json=args.json,
                         zone=_zone(args))
    from ccboard.forecast import trial as forecast_trial

    return forecast_trial.run(args.history, args.calendar, args.days, args.out, as_json=args.json,
                              zone=_zone(args))


def _zone(args: argparse.Namespace) -> "ZoneInfo":
    """Return whose clocks the files' times are: --timezone, the configuration's, the host's."""
    from ccboard.commands.offline import load_config
    from ccboard.config import Config
    from ccboard.metrics.zone import resolve_zone

    return resolve_zone(args.timezone, Config() if args.timezone else load_config(args.config))


COLUMNS = ("day", "queue", "raised", "cleared", "lift", "tier", "false", "began", "delay_min")


def _own_past(args: argparse.Namespace) -> int:
    """Try the surge alarm on the store's last days; the alarms go to --out, the sums to stdout."""
    import json

    from ccboard.commands.asking import ask

    said = ask(args, "alarms", {"days": args.last, "timezone": args.timezone})
    if args.out is not None:
        _write(args.out, said)
    print(json.dumps(said, ensure_ascii=False) if args.json else "\n".join(_table(said)))
    return 0


def _write(out: Path, said: "dict[str, Any]") -> None:
    import csv

    from ccboard.errors import InputError

    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(COLUMNS)
            for queue in said["queues"]:
                name = "*" if queue["queue"] is None else queue["queue"]
                rows.writerows([name if column == "queue" else one[column] for column in COLUMNS]
                               for one in queue["list"])
    except OSError as error:
        raise InputError(f"{out}: cannot be written: {error.strerror}") from None


def _table(said: "dict[str, Any]") -> "list[str]":
    """Return the sums as lines of text, and below them each alarm."""
    from ccboard.text import printable

    names = ["*" if queue["queue"] is None else printable(queue["queue"]) for queue in said["queues"]]
    width = max([5, *map(len, names)])
    lines = [f"{'queue':{width}}  days  alarms  false  in 30 days  median delay  outages"]
    for name, queue in zip(names, said["queues"], strict=True):
        often = "-" if queue["false_in_30_days"] is None else f"{queue['false_in_30_days']:.2f}"
        late = "-" if queue["median_delay_min"] is None else f"{queue['median_delay_min']} min"
        lines.append(f"{name:{width}}  {queue['days']:4d}  {queue['alarms']:6d}  {queue['false']:5d}"
                     f"  {often:>10}  {late:>12}  {queue['outages']:7d}"
                     + (f"  {queue['learning']} days of learning" if queue["learning"] else ""))
    listed = [(name, one) for name, queue in zip(names, said["queues"], strict=True) for one in queue["list"]]
    if listed:
        lines.append("")
    lines += [f"{one['day']}  {name:{width}}  {one['raised']}..{one['cleared']}  {one['lift'] * 100:+.0f} %"
              + ("  false" if one["false"] else f"  began {one['began']}, {one['delay_min']} min before")
              for name, one in sorted(listed, key=lambda pair: (pair[1]["day"], pair[1]["raised"]))]
    return lines
