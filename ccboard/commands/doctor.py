"""Say what is wrong with configuration, files, rights, connections and clocks, and how to mend it.

Nothing is changed. Exit status 1 if anything fails, else 0.
"""

import argparse
import sys
from pathlib import Path

from ccboard.commands import options
from ccboard.errors import ExitCode


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--json", action="store_true",
                        help="print one array of objects: level, subject, text, mend")
    options.asterisk_etc(parser)
    options.store(parser, "look at this store (default: the configuration's, your own)")
    options.hub(parser)
    options.config(parser)


def run(args: argparse.Namespace) -> int:
    """Print one line per thing looked at."""
    from ccboard.checkup import examine

    etc = Path(args.asterisk_etc) if args.asterisk_etc else None
    found = examine(args.config, etc, args.store, args.hub)
    if args.json:
        import json

        print(json.dumps([finding._asdict() for finding in found], ensure_ascii=False, indent=1))
    else:
        width = max(len(finding.subject) for finding in found)
        for level, subject, text, mend in found:
            print(f"{level:<4}  {subject:<{width}}  {text}")
            if mend:
                print(f"      {'':<{width}}  -> {mend}")
    failed = sum(finding.level == "fail" for finding in found)
    warned = sum(finding.level == "warn" for finding in found)
    if failed or warned:
        print(f"{failed} to mend, {warned} to look at", file=sys.stderr)
    return ExitCode.FAILED if failed else ExitCode.OK
