"""``ccboard init --from``: propose the map of an export, with a preview of its first contacts."""

import argparse
import shlex
import sys
from collections import Counter
from pathlib import Path

from ccboard.clean import clean
from ccboard.clock import SystemClock
from ccboard.commands.offline import load_config
from ccboard.errors import CcboardError, ExitCode, InputError, UsageError
from ccboard.maps import load
from ccboard.maps.loading import Loader
from ccboard.maps.propose import propose
from ccboard.maps.taken import FIELDS, Taken
from ccboard.metrics.zone import resolve_zone
from ccboard.moments import to_datetime
from ccboard.text import counted, printable

PREVIEW = 5
MOST = 1000
"""Rows that the preview is made of."""
SHOWN = ("offered_at", "queue", "outcome", "wait_s", "talk_s", "agent", "business_type")
"""Fields of the preview; callers' numbers are not among them."""


def run(args: argparse.Namespace) -> int:
    """Look at the file, write or print its map, and show what it makes of the first rows."""
    path = Path(args.from_file)
    zone = resolve_zone(args.timezone, load_config(None))
    proposal = propose(path, zone.key)
    for sentence in proposal.said:
        _say(sentence)
    if args.output and args.output != "-":
        target = Path(args.output)
        if target.exists() and not args.force:
            raise UsageError(f"{target} is already there. Nothing was written; --force replaces it.")
        try:
            target.write_text(proposal.text, encoding="utf-8")
        except OSError as error:
            raise InputError(f"{target}: cannot be written: {error.strerror}") from None
    else:
        target = None
        sys.stdout.write(proposal.text)
    for what in proposal.missing:
        _say(f"to be filled in: {what}")
    if not proposal.is_whole:
        _say("no preview before that is filled in")
    else:
        _preview(path, proposal.text, args.timezone)
    if target is not None:
        words = shlex.join(["ccboard", "import", str(path), "--map", str(target)])
        _say(f"Written: {target}. Look through it, then: {words}")
    return ExitCode.OK


def _preview(path: Path, text: str, zone: str | None) -> None:
    """Show the first contacts as the proposed map reads them."""
    try:
        of = load.parse(text, "the proposed map")
        loader = Loader(of, resolve_zone(zone or of.timezone, load_config(None)), now=SystemClock().now())
        table, mapper = loader.open(path)
        rows, cut = [], []
        for part in table.parts():  # a last line without its end is a part of its own
            rows += part.rows
            cut += part.refused
            if len(rows) > MOST:
                break
        table.close()
        if len(rows) > MOST:
            rows = rows[:MOST]
            cut = [one for one in cut if one.line <= rows[-1][0]]
        taken = mapper.take(rows)
        taken.refused = sorted([*cut, *taken.refused], key=lambda one: one.line)
    except CcboardError as error:
        _say(f"no preview: {error}")
        return
    _say(
        f"of the first {counted(len(rows) + len(cut), 'row')}: {counted(len(taken.visits), 'visit')},"
        f" {len(taken.refused)} would be rejected{_sums(taken)}. The first ones:"
    )
    for visit in taken.visits[:PREVIEW]:
        known = dict(zip(FIELDS, visit, strict=True))
        known["offered_at"] = to_datetime(known["offered_at"]).astimezone(loader.calendar.zone).isoformat(" ")
        told = [(name.removesuffix("_at").removesuffix("_s"), known[name]) for name in SHOWN]
        told += [(one.kind, f"{one.value:g}") for one in taken.scores if one.is_of(visit)]
        _say("  " + "  ".join(f"{name} {clean(str(value), 40)}" for name, value in told if value is not None))
    for refused in taken.partly[:PREVIEW]:
        _say(f"  row {refused.line}: {refused.reason} {refused.text}".rstrip())
    for refused in taken.refused[:PREVIEW]:
        _say(f"  row {refused.line}: rejected: {refused.reason} {refused.text}".rstrip())


def _sums(taken: Taken) -> str:
    """Return what else the rows hold: those that the map leaves out, and judgements by their kind."""
    said = "".join(f", {count} left out ({because})" for because, count in taken.skipped.items())
    kinds = Counter(one.kind for one in taken.scores)
    if kinds:
        said += f"; {counted(len(taken.scores), 'judgement')} (" + ", ".join(
            f"{kind} {count}" for kind, count in kinds.items()) + ")"
    return said


def _say(text: str) -> None:
    print(printable(text), file=sys.stderr)
