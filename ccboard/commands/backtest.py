"""Try the surge alarm or the forecast on your own past before you trust it.

Each day or request is judged by what was known then, and by nothing later. Everything is read from CSV
files (packed .gz files too) and written to one; a summary goes to stdout.
"""

import argparse
from pathlib import Path

KINDS = ("surge", "forecast")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``backtest``."""
    parser.add_argument("what", choices=KINDS, metavar="WHAT", help="surge or forecast")
    parser.add_argument("--history", metavar="FILE", required=True, type=Path,
                        help="calls of the past; surge: offered_at,queue or date,time,queue,offered;"
                             " forecast: start,calls or call_id,offered_at,queue")
    parser.add_argument("--days", metavar="FILE", required=True, type=Path,
                        help="surge: day,date,file, each file a day to judge;"
                             " forecast: origin,start,end,minutes")
    parser.add_argument("--calendar", metavar="FILE", type=Path, help="date,kind of days that are not normal")
    parser.add_argument("--out", metavar="FILE", required=True, type=Path,
                        help="surge: day,queue,time,event,tier,lift; forecast:"
                             " origin,start,mean,lo80,hi80,lo95,hi95")
    parser.add_argument("--json", action="store_true", help="print the summary as one object")


def run(args: argparse.Namespace) -> int:
    """Run the back-test and return the exit status."""
    if args.what == "surge":
        from ccboard.surge import trial

        return trial.run(args.history, args.calendar, args.days, args.out, as_json=args.json)
    from ccboard.forecast import trial as forecast_trial

    return forecast_trial.run(args.history, args.calendar, args.days, args.out, as_json=args.json)
