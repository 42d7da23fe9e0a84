"""Note who is coached, and see what has become of it.

  ccboard coach open "Wang Fang" --kpi aht --note "long silences while searching"
  ccboard coach start "Wang Fang"
  ccboard coach recheck "Wang Fang" 14d
  ccboard coach list --csv

A case is about one person (or team, or type) and one figure; without --kpi it is about the results as a
whole. What changed since the coaching began is said with its uncertainty, and without what chance takes back
by itself (docs/tail.md).
"""

import argparse
import os
import sys

from ccboard import client
from ccboard.commands import options
from ccboard.commands.asking import ask
from ccboard.errors import CcboardError, HubError, UsageError
from ccboard.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEEDS = {"open": "coach_open", "start": "coach_start", "note": "coach_note", "recheck": "coach_recheck",
         "done": "coach_done"}
FIGURES = ("aht", "csat", "fcr", "transfer", "qa", "rna", "short", "wrap", "hold", "complaint", "success",
           "dials")
COLUMNS = ("unit", "by", "kpi", "state", "opened_at", "opened_by", "started_at", "recheck_at", "done_at",
           "days", "count", "change", "low", "high", "apparent", "chance", "better", "words", "notes",
           "recheck_on")
"""Columns of ``list --csv``; ``recheck_on`` is the day of ``recheck_at`` in the centre's zone."""
MOST_DAYS = 3660
MEANT = "a date such as 2026-12-01 or a number of days such as 14d"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``coach``."""
    parser.add_argument("what", choices=("list", *DEEDS), metavar="WHAT",
                        help="list, open, start (the coaching begins), note, recheck or done")
    parser.add_argument("name", nargs="?", metavar="NAME", help="whom it is about")
    parser.add_argument("text", nargs="?", metavar="TEXT",
                        help="with note: the sentence; with recheck: a date (2026-12-01) or days (14d)")
    parser.add_argument("--kpi", choices=FIGURES, metavar="KPI",
                        help=f"the figure that it is about: {', '.join(FIGURES)} (default: the results as a"
                             " whole; of a case that runs: that one's)")
    parser.add_argument("--by", choices=("agent", "team", "type"), default="agent",
                        help="NAME is an agent, a team or a business type (default: agent)")
    parser.add_argument("--note", metavar="TEXT", help="a sentence that stands with it")
    parser.add_argument("--who", metavar="NAME",
                        help="who does it (default: CCBOARD_USER, else who is logged in)")
    parser.add_argument("--all", action="store_true", help="with list: those that are done, too")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="with list: print one JSON object")
    form.add_argument("--csv", action="store_true", help="with list: print a line for every case")
    options.as_of(parser)
    options.store(parser, "with list: read this store instead of asking a hub")
    options.timezone(parser)
    options.hub(parser)
    options.demo(parser)
    options.config(parser)


def run(args: argparse.Namespace) -> int:
    """List, or hand in what was done."""
    if args.what == "list":
        if args.name is not None:
            raise UsageError("ccboard coach list: takes no name; --json and --csv are for further work")
        return show(args, cases(args, everything=args.all))
    if args.store or args.as_of:
        raise UsageError(f"ccboard coach {args.what}: is noted now and by a hub: --store and --as-of are for"
                         " list")
    if not args.name:
        raise UsageError(f"ccboard coach {args.what}: whom is it about?")
    note = args.note
    if args.what == "note":
        if args.text is None and note is None:
            raise UsageError("ccboard coach note NAME TEXT: the sentence is missing")
        note = args.text or note
    elif args.text is not None and args.what != "recheck":
        raise UsageError(f"ccboard coach {args.what}: one name; a sentence goes with --note")
    if args.what == "open":
        seen(args)
    said = cases(args, everything=False)
    kpi = args.kpi or running(said, args)
    deed: dict[str, Any] = {"kind": DEEDS[args.what], "about": f"tail:{kpi}:{args.by}:{args.name}",
                            "who": args.who or somebody(), "key": os.urandom(16).hex()}
    if note:
        deed["note"] = note
    if args.what == "recheck":
        deed["until"] = until(args.text, said)
    hand_in(args, deed)
    about = "the results as a whole" if kpi == "*" else kpi
    print(printable(f"ccboard coach {args.what}: noted: {args.name}, {about}"), file=sys.stderr)
    return 0


def seen(args: argparse.Namespace) -> None:
    """Raise UsageError for an agent whom the store never saw: a case about nobody would wait for ever."""
    if args.by != "agent":
        return
    name = args.name.replace("\\", "\\\\").replace(",", "\\,")
    try:
        notes = ask(args, "figures", {"kpi": "answered", "where": f"agent={name}"})["notes"]
    except UsageError as error:
        _, found, why = str(error).partition(": no agent ")
        if not found:
            raise
        raise UsageError(f"ccboard coach open: no agent {why}") from None
    for note in notes:
        if note.startswith("no agent "):
            raise UsageError(f"ccboard coach open: {note}")


def cases(args: argparse.Namespace, *, everything: bool) -> "dict[str, Any]":
    """Return the object of /v1/coach."""
    return ask(args, "coach", {"all": "1" if everything else None, "as_of": args.as_of,
                               "timezone": args.timezone})


def running(said: "dict[str, Any]", args: argparse.Namespace) -> str:
    """Return the figure of the one case that runs about a name; for a new one the results as a whole."""
    found = [case["kpi"] for case in said["cases"] if (case["by"], case["unit"]) == (args.by, args.name)]
    if args.what == "open":
        return "*"
    if not found:
        raise UsageError(f"ccboard coach {args.what}: nothing is open about {args.name!r}: open it first")
    if len(found) > 1:
        raise UsageError(f"ccboard coach {args.what}: {args.name!r} has several: say --kpi, one of"
                         f" {', '.join(found)}")
    return str(found[0])


def until(text: str | None, said: "dict[str, Any]") -> int:
    """Return the moment of a re-check: a date in the centre's zone, today or later, or days from now."""
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    what = "ccboard coach recheck NAME WHEN"
    zone = ZoneInfo(said["timezone"])
    today = datetime.fromisoformat(said["as_of"]).astimezone(zone).replace(
        hour=0, minute=0, second=0, microsecond=0)
    number = (text or "").removesuffix("d")
    if text is not None and text.startswith("-") and number[1:].isdigit():
        raise UsageError(f"{what}: {text} lies in the past: {MEANT}")
    try:
        if text is not None and text.endswith("d") and number.isascii() and number.isdigit():
            if not 0 < int(number) < MOST_DAYS:
                raise UsageError(f"{what}: {text}: 1d to {MOST_DAYS - 1}d are meant")
            day = today + timedelta(days=int(number))
        else:
            day = datetime.strptime(text or "", "%Y-%m-%d").replace(tzinfo=zone)
    except ValueError:
        raise UsageError(f"{what}: {text or 'nothing'} is no date such as 2026-12-01 and no number"
                         " of days such as 14d") from None
    if day.date() < today.date():
        raise UsageError(f"{what}: {text} lies in the past, it is {today.date()} in {zone.key}: {MEANT}")
    if (day.date() - today.date()).days >= MOST_DAYS:
        raise UsageError(f"{what}: {text} is more than {MOST_DAYS // 366} years from now: {MEANT}")
    return int(day.timestamp()) * 1_000_000


def on_error(error: CcboardError) -> int:
    """Say what went wrong; of days that begin with a minus the parser says that they are no option."""
    from re import search

    text = str(error)
    if found := search(r"unrecognized arguments: (-\d\S*)", text):
        text = f"ccboard coach: {found[1]} is no option, and as a day it would lie in the past: {MEANT}"
    print(printable(text), file=sys.stderr)
    return error.exit_code


def somebody() -> str:
    """Return the name that stands with what is done."""
    if name := os.environ.get("CCBOARD_USER", "").strip():
        return name
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no name for this uid
        return f"uid {os.getuid()}"


def hand_in(args: argparse.Namespace, deed: "dict[str, Any]") -> None:
    """Post what was done. Raises UsageError, HubError."""
    import json

    answer = client.request(options.asked(args), "POST", "/v1/actions",
                            json.dumps(deed).encode())
    if answer.status in {400, 403}:
        raise UsageError(answer.error())
    if answer.status != 200:
        raise HubError(answer.error())


def show(args: argparse.Namespace, said: "dict[str, Any]") -> int:
    """Print the cases."""
    if args.json:
        import json

        print(json.dumps(said, ensure_ascii=False, indent=1))
    elif args.csv:
        write_csv(said)
    else:
        zone = said["timezone"]
        for case in said["cases"]:
            figure = "results" if case["kpi"] == "*" else case["kpi"]
            when = f", re-check on {local_day(case['recheck_at'], zone)}" if case["recheck_at"] else ""
            since = local_day(case["changed_at"], zone)
            print(f"{case['label']} ({figure}): {case['state']} since {since}{when}")
            if case["effect"]:
                print(f"  {case['effect']['words']}")
            for note in case["notes"]:
                print(f"  {local_day(note['at'], zone)} {note['who']}: {note['text']}")
        if not said["cases"]:
            print("nobody is coached")
    return 0


def local_day(moment: str, zone: str) -> str:
    """Return the day of a moment in the centre's zone.

    >>> local_day("2026-11-30T23:00:00Z", "Europe/Berlin")
    '2026-12-01'
    """
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).date().isoformat()


def write_csv(said: "dict[str, Any]") -> None:
    """Print the cases as CSV; a cell that a spreadsheet would take for a formula is quoted."""
    import csv

    from ccboard.commands.figures import _guarded

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for case in said["cases"]:
        notes = " | ".join(f"{note['at']} {note['who']}: {note['text']}" for note in case["notes"])
        at = case["recheck_at"]
        row = {**case, **(case["effect"] or {}), "notes": notes,
               "recheck_on": local_day(at, said["timezone"]) if at else None}
        writer.writerow([_guarded(row.get(column)) for column in COLUMNS])
