"""Open the board on the past, playing: space stands still, [ ] and { } step, g goes to a time, L is live.

Asks the running hub; without one reads the store itself, and starts nothing. Not on a terminal it prints
what `ccboard now --as-of` prints.

  ccboard replay --from 09:00 --speed 60
  ccboard replay --from "yesterday 08:00" --to "yesterday 12:00" --speed 300
"""

import argparse

from ccboard import client
from ccboard.commands import options
from ccboard.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from zoneinfo import ZoneInfo

    from ccboard.board.travel import Replay

FORMS = '09:12, "yesterday 09:12", "fri 09:12", -15 (minutes), 2026-11-16T09:12 or 2026-11-16T09:12:00Z'


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``replay``."""
    parser.add_argument("--from", dest="begin", metavar="TIME", required=True,
                        help='from this moment on: 09:12, "yesterday 09:12", -15 (minutes), 2026-11-16T09:12')
    parser.add_argument("--to", dest="end", metavar="TIME",
                        help="up to this moment (default: as far as it goes)")
    parser.add_argument("--speed", metavar="X", type=float, default=60.0,
                        help="how many times as fast as life, up to 3600 (default: 60)")
    options.store(parser, "read this store instead of asking a hub; if a hub holds it, ask that hub")
    options.hub(parser)
    options.demo(parser)
    options.config(parser)


def run(args: argparse.Namespace) -> int:
    """Play the past."""
    if not 0 < args.speed <= 3600:
        raise UsageError(f"ccboard replay: --speed {args.speed:g}: more than 0 and at most 3600")
    if args.store and (args.hub or args.demo):
        raise UsageError("--store reads a file, --hub and --demo ask a hub: name one of them")
    if args.demo:
        return _of_hub(args, options.asked(args))
    try:
        address = client.find_hub(args.hub, args.config, store=args.store)
    except client.NoHub:
        from ccboard.commands.replay_store import play

        return play(args)
    return _of_hub(args, address)


def asked(args: argparse.Namespace, zone: "ZoneInfo", now: int, day_start: int) -> "Replay":
    """Return what was asked for. Raises UsageError for what is no time, or not of the past."""
    from ccboard.board.travel import Replay, typed_moment

    def moment(option: str, text: str) -> int:
        try:
            return typed_moment(text, zone, now, day_start)
        except UsageError:
            raise UsageError(f"ccboard replay: {option} {text}: no time; use {FORMS}") from None

    begin = moment("--from", args.begin)
    if begin > now:
        raise UsageError(f"ccboard replay: --from {args.begin} has not come yet")
    end = moment("--to", args.end) if args.end else None
    if end is not None and end < begin:
        raise UsageError("ccboard replay: --to lies before --from")
    return Replay(begin, end, args.speed)


def _of_hub(args: argparse.Namespace, address: client.Address) -> int:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from ccboard.commands.ask import from_hub, read_object
    from ccboard.commands.board import configured_language, on_terminal
    from ccboard.moments import to_micros
    from ccboard.snapshot import iso

    said = read_object(from_hub(address, {"agents": "0"}, 10.0))
    zone = ZoneInfo(said["timezone"])
    now, day = (to_micros(datetime.fromisoformat(said[key])) for key in ("as_of", "business_day_start"))
    replay = asked(args, zone, now, day)
    if not on_terminal():
        from ccboard.commands.now import _print

        _print(from_hub(address, {"agents": "0", "as_of": iso(replay.begin)}, 60.0), "text")
        return 0
    from ccboard.board.answers import HubAnswers
    from ccboard.board.hub_feed import HubFeed

    def find() -> client.Address:
        return options.asked(args) if args.demo else client.find_hub(args.hub, args.config, store=args.store)

    feed = HubFeed(find)
    return shown(feed, HubAnswers(lambda: feed.address or address), replay, configured_language(args.config))


def shown(feed: "Any", answers: "Any", replay: "Replay", language: str | None) -> int:
    """Show the board; return the exit code, raise why there was nothing to show."""
    from ccboard.app import BoardApp

    app = BoardApp(feed, answers=answers, replay=replay, language=language)
    code = app.run()
    if app.failure is not None:
        raise app.failure
    return app.return_code or code or 0
