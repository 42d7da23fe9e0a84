"""Print the figures of this moment, or of another: as text, JSON or CSV.

Asks the running hub; with --store FILE reads a store that no hub holds. Without either: exit 2. The
object of --json is documented in docs/figures.md; ratios are 0..1, moments ISO 8601 in UTC.
"""

import sys

from ccboard import client
from ccboard.commands import options
from ccboard.commands.ask import figures, from_hub, read_object
from ccboard.errors import HubError

YOUNG_S = 15.0
"""A hub that has run for less may show what the one before it has left."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any


def configure(parser: "argparse.ArgumentParser") -> None:
    """Add the options of ``now``."""
    parser.add_argument("--queue", metavar="QUEUE", help="only this queue")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", dest="form", action="store_const", const="json", default="text",
                      help="print one object")
    form.add_argument("--csv", dest="form", action="store_const", const="csv",
                      help="print a header, a row per queue and one of all")
    options.as_of(parser)
    options.store(parser, "read this store instead of asking a hub; if a hub holds it, ask that hub")
    options.timezone(parser)
    options.hub(parser)
    options.demo(parser)
    options.config(parser)


def run(args: "argparse.Namespace") -> int:
    """Print what was asked for."""
    _print(figures(args, agents=args.form == "json"), args.form)
    return 0


def print_now(address: "client.Address", form: str = "text", wait_s: float = 5.0) -> int:
    """Print what ``ccboard now`` prints, from the hub at `address`: the board where no terminal is.

    `wait_s`: how long to wait for a hub that has just started until each source has been heard or has
    failed, and until today's history, which comes in pieces, no longer grows. Returns the exit code.
    """
    from ccboard.clock import monotonic

    until = monotonic() + wait_s
    before = young = None
    while True:
        try:
            body = from_hub(address, {"agents": None if form == "json" else "0"}, 10.0)
            said = read_object(body)
            offered = said["totals"]["offered"]
            if _is_old(said) and young is None:
                young = _is_young(address)
            settled = _settled(said) and not (young and _is_old(said))
            if monotonic() >= until or (settled and (offered == before or before is None)):
                break
            before = offered
        except HubError:  # "has just started and has no figures yet"
            if monotonic() >= until:
                raise
        _pause()
    _print(body, form)
    return 0


def _settled(said: "dict[str, Any]") -> bool:
    every = said["sources"]
    if not every:
        return any(notice.startswith("no source is configured") for notice in said.get("notices", ()))
    return all(one["age_s"] is not None or one["error"] for one in every)


def _is_old(said: "dict[str, Any]") -> bool:
    """Tell whether a live source was last heard long ago, perhaps by the hub before this one."""
    return any(one["state"] == "stale" and one["promise_s"] > 0 for one in said["sources"])


def _is_young(address: "client.Address") -> bool:
    """Tell whether the hub may not have come to hear all its sources yet."""
    status = client.request(address, "GET", "/v1/status").good()
    return bool(status["uptime_s"] < YOUNG_S)


def _pause() -> None:
    import time

    time.sleep(0.1)


def _print(body: bytes, form: str) -> None:
    """Write the public object `body` to stdout, in UTF-8 whatever the locale: names are in any script."""
    said = read_object(body)
    if form == "json":
        data = body.rstrip() + b"\n"
        if not body.decode(errors="replace").isprintable():  # programs read it, but a terminal may show it
            import json

            data = json.dumps(said).encode() + b"\n"
    else:
        from ccboard import render
        from ccboard.text import printable

        data = printable(render.to_csv(said) if form == "csv" else render.to_text(said)).encode()
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
