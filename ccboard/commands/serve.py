"""Run a hub that stays: it polls the sources, keeps the store and serves boards and commands.

It stays until Ctrl-C, SIGTERM or `ccboard stop`, reads the configuration again when the file changes or
on SIGHUP, and logs to stderr.
"""

import argparse
import os

from ccboard.commands import options
from ccboard.errors import UsageError

UNIT_PYTHON = "/opt/ccboard/bin/python"
"""The Python of the unit as it lies in the package."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``ccboard serve``."""
    options.config(parser)
    options.store(parser, "store (a DuckDB file) to keep; it is made if it is missing")
    options.asterisk_etc(parser)
    parser.add_argument("--listen", metavar="HOST:PORT",
                        help="serve over TCP too, to those with a token of the configuration")
    parser.add_argument("--log-file", metavar="FILE", help="log to this file, which rotates, not to stderr")
    parser.add_argument("--service", action="store_true",
                        help="be the hub of this host: serve group ccboard at /run/ccboard/hub.sock")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--print-unit", dest="print", action="store_const", const="service",
                       help="print the systemd unit of the host's hub, as of this installation, and end")
    shown.add_argument("--print-sysusers", dest="print", action="store_const", const="sysusers",
                       help="print the user and group of that unit, for systemd-sysusers, and end")
    parser.add_argument("--background", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--demo", action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Run until told to stop."""
    if args.print is not None:
        return print_file(args.print)
    if args.service and (args.background or args.demo):
        raise UsageError("ccboard serve: a service is neither temporary nor a demonstration")
    from pathlib import Path

    from ccboard.hub.run import Options, run_hub

    def path(text: str | None) -> Path | None:
        return Path(text).absolute() if text else None

    return run_hub(Options(
        config=path(args.config or (None if args.demo else os.environ.get("CCBOARD_CONFIG"))),
        store=path(args.store), listen=args.listen, log_file=path(args.log_file),
        asterisk_etc=path(args.asterisk_etc), background=args.background, demo=args.demo,
        service=args.service,
    ))


def print_file(kind: str) -> int:
    """Print a file for systemd; the unit starts the Python that runs this."""
    import sys
    from pathlib import Path

    text = Path(__file__).parents[1].joinpath("systemd", f"ccboard.{kind}").read_text(encoding="utf-8")
    print(text.replace(UNIT_PYTHON, sys.executable), end="")
    if kind == "service" and sys.executable.startswith(("/home/", "/root/")):
        print(f"{sys.executable} lies in a home folder, which the unit closes (ProtectHome): install ccboard"
              " elsewhere, in /opt/ccboard perhaps", file=sys.stderr)
    return 0
