"""Say how far the data can be trusted: six questions to every source, and the rows that speak against it.

Of the business day of --as-of up to it, or of --from to --to. What it finds is data, not a failure: the exit
code is 0 either way.
"""

import argparse
import sys

from ccboard.commands import options
from ccboard.commands.asking import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_QUESTIONS = {
    "collected": ("collected?", "能否采集"), "reported": ("reported?", "是否上报"),
    "often": ("often enough?", "是否及时"), "helps": ("does it help?", "能否改进"),
    "accurate": ("accurate?", "是否准确"), "logical": ("logical?", "是否合理"),
}
_MARKS = {"critical": "!!", "warning": "!", "good": "ok", "": "–"}
SHOWN = 5
"""Rows printed of a finding, unless --rows says otherwise."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``quality``."""
    options.span(parser)
    parser.add_argument("--rows", type=int, default=SHOWN, metavar="N",
                        help=f"rows printed of each finding (default {SHOWN}, at most 100)")
    parser.add_argument("--json", action="store_true", help="print one object, in both languages")
    parser.add_argument("--language", choices=("en", "zh"),
                        help="language of the text (default: that of the environment)")
    options.as_of(parser)
    options.store(parser, "read this store instead of asking a hub; if a hub holds it, ask that hub")
    options.timezone(parser)
    options.hub(parser)
    options.demo(parser)
    options.config(parser)


def run(args: argparse.Namespace) -> int:
    """Print what was found."""
    said = ask(args, "quality", {"from": args.begin, "to": args.end, "as_of": args.as_of,
                                 "timezone": args.timezone})
    if args.json:
        import json

        text = json.dumps(said, ensure_ascii=False, indent=1) + "\n"
    else:
        from ccboard.i18n import environment_language

        text = lines(said, args.language or environment_language(), max(0, args.rows))
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    return 0


def lines(said: "dict[str, Any]", language: str, rows: int) -> str:
    """Return the object as text: the six answers of each source, then the findings with their rows."""
    from ccboard.text import left, width

    at = ("en", "zh").index(language)
    out = []
    wide = max(width(names[at]) for names in _QUESTIONS.values())
    for source in said["sources"]:
        out.append(source["source"])
        for question, names in _QUESTIONS.items():
            answer = source[question]
            out.append(f"  {left(names[at], wide)}  {left(_MARKS[answer['state']], 2)}  {answer[language]}")
    if not said["sources"]:
        out.append(("no source is known yet", "尚无数据源")[at])
    for one in said["findings"]:
        out.append(f"{left(_MARKS[one['level']], 2)} {one['source']}: {one[language]} ({one['n']}×)")
        for row in one["rows"][:rows]:
            when = _clock(row["at"], said["timezone"])
            parts = [when, row["queue"], row["agent"], row["call"], row[language]]
            out.append("     " + "  ".join(part for part in parts if part))
        if one["rows"] and (more := one["n"] - min(rows, len(one["rows"]))) > 0:
            out.append("     " + (f"... {more} more", f"…… 另有 {more} 条")[at])
    return "\n".join(out) + "\n"


def _clock(moment: "str | None", zone: str) -> str:
    if moment is None:
        return ""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
