"""How long callers wait with so many agents, or how many agents a service level takes.

Model c (Erlang C): nobody hangs up. Model a (Erlang A): callers hang up after an exponential patience of
the mean --patience. Figures that are undefined, such as the wait in a queue that only grows, are null.
"""

import argparse
import math
import sys

from ccboard.errors import UsageError

MOST = 100_000
"""Agents and erlangs: more than any centre has, and the answer still comes within a second."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``erlang``."""
    parser.add_argument("model", choices=("a", "c"), metavar="MODEL",
                        help="a (callers hang up) or c (they do not)")
    parser.add_argument("--calls-per-hour", metavar="N", type=float, required=True,
                        help="calls offered an hour")
    parser.add_argument("--aht", metavar="SECONDS", type=float, required=True, help="average handling time")
    parser.add_argument("--patience", metavar="SECONDS", type=float,
                        help="mean patience of callers; model a needs it")
    parser.add_argument("--within", metavar="SECONDS", type=float, required=True,
                        help="threshold of the service level")
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--agents", metavar="N", type=int, help="agents at work")
    asked.add_argument("--service-level", metavar="RATIO", type=float,
                       help="find the fewest agents for it, such as 0.8")
    parser.add_argument("--json", action="store_true", help="print one object")


def run(args: argparse.Namespace) -> int:
    """Print the steady state."""
    import json
    from dataclasses import asdict

    from ccboard.staffing.erlang import agents_needed, erlang_a, erlang_c

    check(args)
    if args.service_level is not None:
        found = agents_needed(calls_per_hour=args.calls_per_hour, aht_s=args.aht, within_s=args.within,
                              service_level=args.service_level, patience_s=args.patience)
    elif args.model == "a":
        found = erlang_a(calls_per_hour=args.calls_per_hour, aht_s=args.aht, patience_s=args.patience,
                         agents=args.agents, within_s=args.within)
    else:
        found = erlang_c(calls_per_hour=args.calls_per_hour, aht_s=args.aht, agents=args.agents,
                         within_s=args.within)
    said = asdict(found)
    if args.json:
        print(json.dumps(said))
        return 0
    if found.service_level is None:
        load = args.calls_per_hour * args.aht / 3600
        print(f"ccboard erlang: {load:g} erlangs of calls for {found.agents} agents: the queue grows without"
              " end; it takes more agents than erlangs", file=sys.stderr)
    for name, value in said.items():
        shown = "-" if value is None else str(value) if name == "agents" else f"{value:.6g}"
        print(f"{name:22} {shown}")
    return 0


def check(args: argparse.Namespace) -> None:
    """Raise UsageError for words that make no queue."""
    for name, value, zero in (
        ("--calls-per-hour", args.calls_per_hour, True), ("--aht", args.aht, False),
        ("--patience", args.patience, False), ("--within", args.within, True),
    ):
        if value is not None and not (math.isfinite(value) and (value > 0 or (zero and value == 0))):
            said = "of 0 or more" if zero else "above 0"
            raise UsageError(f"ccboard erlang: {name} {value:g}: a number {said} is meant")
    if args.agents is not None and not 1 <= args.agents <= MOST:
        raise UsageError(f"ccboard erlang: --agents {args.agents}: a number from 1 to {MOST} is meant")
    if args.service_level == 1:
        raise UsageError("ccboard erlang: --service-level 1: below 1 is meant, such as 0.99: that no caller"
                         " ever waits takes agents without end")
    if args.service_level is not None and not 0 < args.service_level < 1:
        raise UsageError(f"ccboard erlang: --service-level {args.service_level:g}: a ratio above 0 and"
                         " below 1 is meant, such as 0.8")
    if args.calls_per_hour * args.aht / 3600 > MOST:
        raise UsageError(f"ccboard erlang: {args.calls_per_hour:g} calls an hour of {args.aht:g} s are more"
                         f" than {MOST} erlangs")
    if args.model == "a" and args.patience is None:
        raise UsageError("ccboard erlang a: --patience SECONDS is missing; without it use ccboard erlang c")
    if args.model == "c" and args.patience is not None:
        raise UsageError("ccboard erlang c: nobody hangs up there; with --patience use ccboard erlang a")
