"""Take one figure apart: formula, numerator, denominator, what was left out, and its family side by side.

Of the business day of --as-of up to it, or of --from to --to. Without a figure: the catalogue.
"""

import argparse
import sys

from ccboard.commands import options
from ccboard.commands.asking import ask
from ccboard.commands.figures import shown
from ccboard.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_WORDS = {
    "formula": ("formula", "公式"),
    "value": ("value", "数值"),
    "numerator": ("numerator", "分子"),
    "denominator": ("denominator", "分母"),
    "left_out": ("left out", "未计入"),
    "excluded": ("does not count", "不计"),
    "missing": ("not known", "无法得出"),
    "definition": ("definition", "口径"),
    "more": ("{} more definitions: ask for a queue with --queue, or for all with --json",
             "另有 {} 种口径：用 --queue 指定队列，或用 --json 查看全部"),
    "family": ("the same data under every formula of its family", "同一数据的各种口径"),
    "sources": ("sources", "数据源"),
    "of": ("of", "范围"),
    "all": ("all queues", "全部队列"),
    "origin": ("counted so by", "定义来源"),
    "since": ("configured since", "配置自"),
    "limits": ("limits", "预警与告警"),
    "costs": ("hourly cost", "小时成本"),
    "own_costs": ("{agents} agents and {projects} projects have their own",
                  "另有 {agents} 名座席、{projects} 个项目单独设置"),
    "age": ("{} s old", "{} 秒前"),
    "no_age": ("never heard", "从未收到"),
    "whole": ("whole since {}", "自 {} 起完整"),
    "chosen": ("*", "*"),
    "as_of": ("as of", "截至"),
}

MOST = 8
"""Definitions that are told, and queues that are named of each."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``explain``."""
    parser.add_argument(
        "kpi", nargs="?", metavar="KPI", help="the figure, by its id; without it all are listed"
    )
    parser.add_argument("--queue", metavar="QUEUE", help="of this queue only")
    parser.add_argument("--agent", metavar="AGENT", help="of this agent only")
    options.span(parser)
    parser.add_argument("--json", action="store_true", help="print one object, in both languages")
    parser.add_argument(
        "--language", choices=("en", "zh"), help="language of the text (default: that of the environment)"
    )
    options.as_of(parser)
    options.store(parser, "read this store instead of asking a hub; if a hub holds it, ask that hub")
    options.timezone(parser)
    options.hub(parser)
    options.demo(parser)
    options.config(parser)


def run(args: argparse.Namespace) -> int:
    """Print the explanation."""
    language = args.language or _language()
    if not args.kpi:
        text = _catalogue(language)
    else:
        from ccboard.errors import UsageError
        from ccboard.kpi import find, nearest

        if find(args.kpi) is None:
            raise UsageError(f"ccboard explain {args.kpi}: no such figure; {nearest(args.kpi)}")
        said = ask(
            args,
            "explain",
            {
                "kpi": args.kpi,
                "queue": args.queue,
                "agent": args.agent,
                "from": args.begin,
                "to": args.end,
                "as_of": args.as_of,
                "timezone": args.timezone,
            },
        )
        for note in said["notes"]:
            print(printable(f"ccboard: {note}"), file=sys.stderr)
        if args.json:
            import json

            text = json.dumps(said, ensure_ascii=False, indent=1) + "\n"
        else:
            text = "\n".join(to_text(said, language)) + "\n"
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    return 0


def _language() -> str:
    import os

    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if named.startswith("zh") else "en"


def _catalogue(language: str) -> str:
    from ccboard.kpi import DEFINITIONS

    wide = max(map(len, DEFINITIONS))
    return "".join(
        f"{entry.id:<{wide}}  {entry.name_zh if language == 'zh' else entry.name_en}: "
        f"{entry.formula_zh if language == 'zh' else entry.formula_en}\n"
        for entry in DEFINITIONS.values()
    )


def to_text(said: "dict[str, Any]", language: str) -> "list[str]":
    """Return the lines that explain a figure to a person."""

    def word(key: str) -> str:
        return _WORDS[key][language == "zh"]

    from datetime import datetime
    from zoneinfo import ZoneInfo

    from ccboard.i18n import Words

    zone = ZoneInfo(said["timezone"])

    said_in = Words(language)

    def local(moment: str) -> str:
        return datetime.fromisoformat(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    unit = said["unit"]
    lines = [
        f"{said['name'][language]} ({said['kpi']}): {shown(said['value'], unit)}",
        f"  {word('of')}: {said['queue'] or word('all')}{_agent(said)}, {local(said['from'])} –"  # noqa: ISC004
        f" {local(said['to'])} {zone.key}, {word('as_of')} {local(said['as_of'])}",
        f"  {word('formula')}: {said['formula'][language]}",
    ]
    lines += [
        f"  {word(key)}: {shown(said[key]['value'], None)} = {said[key][language]}"
        for key in ("numerator", "denominator")
        if said[key]
    ]
    lines += [
        f"  {word('left_out')}: {shown(left['value'], None)}  {left[language]}"
        for left in said["left_out"]
        if left["value"]
    ]
    lines += [f"  {word(key)}: {said[key][language]}" for key in ("excluded", "missing") if said[key]]
    several = said.get("definitions") or []
    for one in several[:MOST] or filter(None, [said["definition"]]):
        lines.append(f"  {word('definition')}{_queues(one, language)}: {_definition(one)}")
        if since := one["since"]:
            lines.append(f"  {word('since')}: {local(since)}")
    if len(several) > MOST:
        lines.append(f"  {word('more').format(len(several) - MOST)}")
    if limits := said.get("limits"):
        sign = "<" if limits["falling"] else "≥"
        lines.append(f"  {word('limits')}: ! {sign} {shown(limits['warning'], unit)},"
                     f" !! {sign} {shown(limits['critical'], unit)}" + _since(limits, word("since"), local))
    if costs := said.get("costs"):
        own = word("own_costs").format(**costs) if costs["agents"] or costs["projects"] else ""
        centre = "" if costs["hourly_cost"] is None else f"{costs['hourly_cost']:g}"
        lines.append(f"  {word('costs')}: " + (", ".join(filter(None, (centre, own))) or "–")
                     + _since(costs, word("since"), local))
    lines.append(f"  {word('origin')}: {said_in.said(said['origin'])}")
    for source in said["sources"]:
        age = word("no_age") if source["age_s"] is None else word("age").format(round(source["age_s"]))
        since = source["complete_since"]
        whole = f", {word('whole').format(local(since))}" if since else ""
        lines.append(
            f"  {word('sources')}: {source['name']} ({source['type']}):"
            f" {said_in('source.' + source['state'])}, {age}{whole}"
        )
    if len(said["family"]) > 1:
        lines += ["", f"{word('family')}:", *_family(said, language)]
    return lines


def _since(said: "dict[str, Any]", word: str, local: "Callable[[str], str]") -> str:
    return f", {word} {local(said['since'])}" if said["since"] else ""


def _definition(said: "dict[str, Any]") -> str:
    return ", ".join(
        f"{key} = {_plain(value)}" for key, value in said.items()
        if value not in (None, "counted", []) and key not in {"since", "queues"}
        and not (key == "counts" and said["form"] != "sl.composed"))


def _queues(said: "dict[str, Any]", language: str) -> str:
    """Return of which queues a definition is, where there are several."""
    names = [printable(name) for name in said.get("queues", ())]
    if not names:
        return ""
    more = len(names) - MOST
    comma, rest = (", ", f" and {more} more") if language == "en" else ("、", f"等{len(names)}个队列")
    return f" ({comma.join(names[:MOST])}{rest if more > 0 else ''})"


def _agent(said: "dict[str, Any]") -> str:
    return f", {said['agent']}" if said["agent"] else ""


def _plain(value: object) -> str:
    return (
        "+".join(map(str, value))
        if isinstance(value, list)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def _family(said: "dict[str, Any]", language: str) -> "list[str]":
    from ccboard.text import left, right, width

    rows = [
        (
            "*" if one["chosen"] else "",
            one["kpi"],
            shown(one["value"], one["unit"]),
            *(shown(one[part]["value"], None) if one[part] else "" for part in ("numerator", "denominator")),
            one["formula"][language],
        )
        for one in said["family"]
    ]
    widths = [max(width(row[at]) for row in rows) for at in range(6)]
    return [
        "  ".join(
            (right if at in (2, 3, 4) else left)(text, widths[at]) for at, text in enumerate(row)
        ).rstrip()
        for row in rows
    ]
