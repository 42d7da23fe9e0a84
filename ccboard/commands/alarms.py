"""List the alarms that stand, and say from the shell what is done about them.

Without an option the alarms of the surge watch and the figures past a tier's limit are listed. The others do
what the keys of page 5 do: QUEUE is a queue's name, or * for the whole centre.
"""

import argparse
import sys

from ccboard import client
from ccboard.commands import options
from ccboard.errors import HubError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEEDS = {
    "accept": ("accept", "accept its alarm"),
    "snooze": ("snooze", "put its alarm off"),
    "new_normal": ("new_normal", "take its present lift for the new normal"),
    "false_alarm": ("false_alarm", "say that its alarm was false"),
    "note": ("note", "write the note of --text about it"),
}
"""Option -> (kind of action, help)."""
MOST_MINUTES = 1440
"""An alarm that nobody wants to see for longer than a day is false, or the new normal."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``ccboard alarms``."""
    options.config(parser)
    options.hub(parser)
    options.demo(parser)
    options.store(parser, "ask the hub that holds this store")
    parser.add_argument("--json", action="store_true", help="print the object of the key surge of now --json")
    for name, (_, text) in DEEDS.items():  # a group of argparse's would make a usage line of its own width
        parser.add_argument(f"--{name.replace('_', '-')}", dest=name, metavar="QUEUE", type=options.given,
                            help=text)
    parser.add_argument("--text", metavar="NOTE", help="a note that goes with it")
    parser.add_argument("--minutes", metavar="N", type=float,
                        help=f"with --snooze: for how long, 1 to {MOST_MINUTES} (default: 30)")
    parser.add_argument("--who", metavar="NAME", type=options.given,
                        help="who does it (default: CCBOARD_USER, or who is logged in)")


def run(args: argparse.Namespace) -> int:
    """List alarms, or hand in what is done. Raises HubError, UsageError."""
    import json

    chosen = [(name, queue) for name in DEEDS if (queue := getattr(args, name)) is not None]
    if len(chosen) > 1:
        several = " and ".join(f"--{name.replace('_', '-')}" for name, _ in chosen)
        raise UsageError(f"ccboard alarms: {several}: one of them at a time")
    if args.store and (args.hub or args.demo):
        raise UsageError("--store names a store's hub, --hub and --demo another: name one of them")
    if args.minutes is not None:
        if args.snooze is None:
            raise UsageError("ccboard alarms: --minutes goes with --snooze QUEUE")
        if not 1 <= args.minutes <= MOST_MINUTES:  # nan, too
            raise UsageError(f"ccboard alarms: --minutes {args.minutes:.10g}: a number from 1 to"
                             f" {MOST_MINUTES} is meant")
    address = _holder(args.store) if args.store else options.asked(args)
    surge, zone, now = _surge(address)
    if chosen:
        return _do(args, address, surge, zone, *chosen[0])
    if args.json:
        print(json.dumps(surge, ensure_ascii=False, indent=2))
        return 0
    lines = [_line(row, zone, now) for row in _standing(surge)]
    lines += [_exception(one, zone) for one in surge["exceptions"]]
    print("\n".join(lines) if lines else "no alarms")
    for notice in surge["notices"]:
        print(_printable(notice), file=sys.stderr)
    return 0


def _holder(store: str) -> client.Address:
    """Return the hub that holds a store: alarms stand in a running hub alone. Raises HubError, UsageError."""
    from ccboard import places

    address = client.Address(path=places.socket(places.store(store)))
    try:
        client.Connection(address).close()
    except client.NoHub:
        raise HubError(f"{store}: no hub holds this store, and alarms stand in a running hub alone; `ccboard"
                       f" backtest surge --store {store}` says which there would have been") from None
    return address


def _surge(address: client.Address) -> "tuple[dict[str, Any], str, str]":
    """Return the object of the surge watch, the centre's zone and its moment.

    Raises HubError where there is none yet.
    """
    said = client.request(address, "GET", "/v1/now?agents=0").good()
    surge = said.get("surge") if isinstance(said, dict) else None
    if not isinstance(surge, dict):
        raise HubError("the hub has not looked at the calls of today yet; try again in a few seconds")
    return surge, str(said.get("timezone")), str(said.get("as_of"))


def _standing(surge: "dict[str, Any]") -> "list[dict[str, Any]]":
    """Return the alarms; where no queue is called any more the centre says it for all, as on the board."""
    rows = [row for row in surge["queues"] if row["state"] in ("amber", "red", "silent")]
    dead = any(row["queue"] is None and row["state"] == "silent" for row in rows)
    return [row for row in rows if not (dead and row["state"] == "silent" and row["queue"] is not None)]


def _do(args: argparse.Namespace, address: client.Address, surge: "dict[str, Any]", zone: str, name: str,
        queue: str) -> int:
    """Hand in one deed about a queue."""
    import json
    import uuid

    rows = {"*" if row["queue"] is None else row["queue"]: row for row in surge["queues"]}
    if queue not in rows and len(rows) == 1 and queue == "*":
        queue = next(iter(rows))
    row = rows.get(queue)
    if row is None:
        known = ", ".join(rows) or "none yet"
        raise UsageError(f"ccboard alarms: no queue {queue!r}; there is {known}")
    if name in ("accept", "snooze") and row["state"] not in ("amber", "red", "silent"):
        raise UsageError(f"ccboard alarms: no alarm stands for {queue}")
    if name == "note" and not args.text:
        raise UsageError("ccboard alarms: --note QUEUE needs --text NOTE")
    if name == "new_normal" and row["lift"] is None:
        raise UsageError(f"ccboard alarms: nothing is known of {queue} now")
    if (name == "accept" and row["accepted_at"]) or (name == "false_alarm" and row.get("false_at")):
        print(_printable(f"{queue}: {_taken(row, zone)} already"), file=sys.stderr)
        return 0
    deed: dict[str, Any] = {"kind": DEEDS[name][0], "about": f"surge:{queue}", "who": args.who or _somebody(),
                            "key": uuid.uuid4().hex}
    if args.text:
        deed["note"] = args.text
    if name == "snooze":
        deed["for_s"] = 60 * (args.minutes if args.minutes is not None else 30.0)
    if name == "new_normal":
        deed["value"] = 1 + row["lift"]
    answer = client.request(address, "POST", "/v1/actions", json.dumps(deed).encode())
    if answer.status in (400, 403):
        raise UsageError(f"ccboard alarms: {answer.error()}")
    answer.good()
    print(f"{name.replace('_', ' ')}: {_printable(queue)}", file=sys.stderr)
    return 0


def _somebody() -> str:
    import getpass
    import os

    if name := os.environ.get("CCBOARD_USER", "").strip():
        return name
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"


def _line(row: "dict[str, Any]", zone: str, now: str) -> str:
    """Return an alarm as one line."""
    name = "*" if row["queue"] is None else row["queue"]
    if row["state"] == "silent":
        parts = [name, "SILENT", f"no calls since {_time(row['since'], zone)}"]
    else:
        likely = "" if row["low"] is None else f" ({row['low'] * 100:.0f}..{row['high'] * 100:.0f})"
        parts = [name, f"{'SURGE' if row['state'] == 'red' else 'LIKELY'}, {_sure(row)} % sure",
                 f"{row['lift'] * 100:+.0f} %{likely}", f"since {_time(row['since'], zone)}",
                 f"tier {row['tier']}" if row["tier"] else "watch"]
    if taken := _taken(row, zone, now):
        parts.append(taken)
    elif _enough(row):
        parts.append("those at work are enough")
    else:
        whom = ", ".join(row["call"]) or row["owner"]
        parts += [f"call {whom}"] if whom else []
        parts += [f"nobody accepted: now {row['escalated_to']}"] if row["escalated_to"] else []
        parts += [_earlier(row["earlier"], zone)] if row.get("earlier") else []
    return _printable("  ".join(parts))


def _sure(row: "dict[str, Any]") -> int:
    return min(99, round((row["sure"] or 0) * 100))


def _enough(row: "dict[str, Any]") -> bool:
    """Tell whether those at work meet the target, as ``QueueSurge.enough`` does of the same figures."""
    if row["need"] is not None and row["heads"] is not None and row["heads"] >= row["need"]:
        return True
    return bool(row["effects"]) and (row["effects"][0]["service_level"] or 0) >= (row["target"] or 0)


def _taken(row: "dict[str, Any]", zone: str, now: str | None = None) -> str:
    """Return what was done about an alarm, "" where it waits for somebody."""
    if row["accepted_at"]:
        return (f"accepted by {row['accepted_by'] or 'somebody'} at {_time(row['accepted_at'], zone)}, after"
                f" {_minutes(row['reaction_s'])}")
    if row.get("false_at"):
        return _false(row, zone)
    if not row["snoozed_until"]:
        return ""
    day = _time(row["snoozed_until"], zone, "%Y-%m-%d ")
    today = day == _time(now, zone, "%Y-%m-%d ")
    return f"put off until {'' if today else day}{_time(row['snoozed_until'], zone)}"


def _earlier(one: "dict[str, Any]", zone: str) -> str:
    """Return what was done about a lower tier, for which alone it holds."""
    deeds = {"accept": "was accepted", "false_alarm": "was called a false alarm"}
    did = deeds.get(one["kind"], "was put off")
    tier = f"tier {one['tier']}" if one["tier"] else "watch"
    return f"{tier} {did} by {one['who'] or 'somebody'} at {_time(one['at'], zone)}"


def _false(one: "dict[str, Any]", zone: str) -> str:
    return f"called a false alarm by {one['false_by'] or 'somebody'} at {_time(one['false_at'], zone)}"


def _exception(one: "dict[str, Any]", zone: str) -> str:
    parts = [one["queue"] or "*", one["figure"], f"{one['value']:g}, limit {one['limit']:g}"]
    if one["accepted_at"]:
        parts.append(f"accepted by {one['accepted_by'] or 'somebody'}")
    elif one.get("false_at"):
        parts.append(_false(one, zone))
    elif one["owner"]:
        parts.append(f"owner {one['owner']}")
    return _printable("  ".join(parts))


def _time(moment: str | None, zone: str, form: str = "%H:%M") -> str:
    """Return a moment as the centre's clock shows it; where its zone is not known here as this host's."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    if moment is None:
        return "-"
    try:
        there = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        there = None
    return datetime.fromisoformat(moment).astimezone(there).strftime(form)


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min"


def _printable(text: str) -> str:
    from ccboard.text import printable

    return printable(text)
