"""``ccboard import --map``: exports of any system, read by a map."""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

from ccboard import client
from ccboard.clean import clean
from ccboard.clock import SystemClock
from ccboard.commands.intake import Intake, hub_of, intake, not_read, refuse_all
from ccboard.commands.offline import load_config
from ccboard.errors import ExitCode, InputError, UsageError
from ccboard.maps import load
from ccboard.maps.loading import Counts, Loader, RejectFile, queues_known, scores, statuses
from ccboard.maps.memo import BadValue
from ccboard.maps.model import WAITS_UNKNOWN, Map
from ccboard.maps.readers import Table
from ccboard.maps.taken import FIELDS
from ccboard.maps.times import day as read_day
from ccboard.metrics.zone import resolve_zone
from ccboard.paths import store_paths
from ccboard.progress import Progress
from ccboard.records import Reject
from ccboard.snapshot import KEPT
from ccboard.text import counted, printable

KIND = "map"
"""Type of the sources that imports by a map make."""
SHOWN = 5
"""Rejects that are shown in full."""
REASONS = 10
"""Most frequent reasons that are listed."""
MOST = 400
"""Characters of a reject on the terminal: one line, whatever a cell holds."""


def list_maps() -> int:
    """Print the maps that come with ccboard."""
    for name in load.shipped():
        print(f"{name:<20} {load.load(name).about}")
    return ExitCode.OK


def run(args: argparse.Namespace) -> int:
    """Import files by a map and sum up on stderr."""
    of = load.load(args.map)
    day = _day(args.day)
    # Looked at before a store is made for them; their order is the same in every zone.
    first = Loader(of, ZoneInfo("UTC"), now=SystemClock().now(), day=day)
    paths, problems = first.in_order(args.files)
    refuse_all(problems, readable=len(paths))
    if not _there(args):
        wrong = [(path, first.useless(path)) for path in paths]
        said = [InputError(f"{path}: {why}; no store is made") for path, why in wrong if why]
        refuse_all([*problems, *said], readable=len(wrong) - len(said))
    with intake(
        args.source or of.name,
        KIND,
        store=args.store,
        hub=args.hub,
        config_path=args.config,
        timezone=args.timezone,
        default_zone=of.timezone,
    ) as place:
        zone = (
            ZoneInfo(of.timezone)
            if of.timezone and not args.timezone
            else resolve_zone(args.timezone, load_config(args.config), place.zone)
        )
        loader = Loader(of, zone, now=SystemClock().now(), day=day, keep=place.keep,
                        callers=place.callers)
        for problem in problems:
            _say(str(problem))
        failed = len(problems)
        total = sum(path.stat().st_size for path in paths)
        done = 0
        for path in paths:
            with RejectFile(_rejects(args, path)) as rejects:
                failed += not _load(loader, path, place, rejects, Progress(total), done)
            done += path.stat().st_size
    if failed:
        _say(not_read(failed))
    return ExitCode.FAILED if failed else ExitCode.OK


def _there(args: argparse.Namespace) -> bool:
    """Tell whether there is a store to import into, or a hub that has one."""
    where = store_paths(args.store) if args.store else client.configured_paths(args.config)
    return where.store.exists() or hub_of(args.store, args.hub, args.config) is not None


def _load(
    loader: Loader, path: Path, place: Intake, rejects: RejectFile, progress: Progress, before: int
) -> bool:
    """Load one file; return whether it could be read to its end."""
    key = "call" if loader.map.key.call is not None else "row"
    stage = place.stage(FIELDS, key)  # type: ignore[arg-type]
    told: list[Reject] = []
    try:
        counts, table = loader.load(
            path,
            stage,
            rejects,
            told,
            lambda bytes_done, visits: progress.update(before + bytes_done, f"{visits} visits  {path.name}"),
        )
        with place.loading(path):
            cursor = place.cursor()
        records, whole = statuses(place.source, stage.days(), _whole_since(cursor))
        span = stage.span()
        if span is not None:
            records += queues_known(place.source, stage.queues(), span[0])
        records += scores(place.source, counts.scores)
        said = cursor if whole is None else json.dumps({"whole": whole})
        with place.loading(path):
            changed = place.take_staged(stage, tuple(records), said, tuple(told))
    except InputError as error:
        progress.close()
        _say(str(error))
        return False
    finally:
        progress.close()
        stage.drop()
    _sum_up(path, loader.map, counts, table, stage.repeated, changed, told, rejects)
    if counts.rows and sum(counts.rejected.values()) == counts.rows:
        _say(f"{path}: {loader.wrong(counts.rejected)}")
        return False
    return table.problem is None


def _sum_up(
    path: Path,
    of: Map,
    counts: Counts,
    table: Table,
    repeated: int,
    changed: int,
    told: list[Reject],
    rejects: RejectFile,
) -> None:
    """Say what became of every row."""
    rejected = sum(counts.rejected.values())
    for reject in told[:SHOWN]:
        how = "" if reject.reason.endswith(KEPT) else "rejected: "
        _say(clean(f"{reject.where}: {how}{reject.reason}" + (f": {reject.text}" if reject.text else ""),
                   MOST))
    if len(told) > SHOWN:
        for reason, count in counts.rejected.most_common(REASONS):
            _say(f"  {count} x {clean(reason)}")
    if rejects.written:
        _say(f"rejected rows are in {rejects.path}")
    if table.problem is not None:
        _say(str(table.problem))
    if table.undecodable:
        _say(
            f"{path.name}: {counted(table.undecodable, 'row')} with bytes that are no {table.kind.encoding};"
            " they were replaced (file.encoding in the map names another)"
        )
    skipped = "".join(f", {count} left out ({because})" for because, count in _most(counts.skipped))
    _say(
        f"{path.name} ({table.kind.said()}; map {of.name}):"
        f" {counted(counts.rows, 'row')} = {counted(counts.visits, 'visit')}{skipped}, {rejected} rejected;"
        f" {counted(changed, 'row')} of the store new or changed"
        + (f"; {counted(len(counts.scores), 'judgement')}" if counts.scores else "")
        + (f"; {counted(repeated, 'row')} that a later row tells again" if repeated else "")
    )
    if not of.tells_waits and counts.visits:
        _say(f"{path.name}: {WAITS_UNKNOWN}")
    assert counts.whole, "a row went missing"


def _most(counted: Counter[str]) -> list[tuple[str, int]]:
    return counted.most_common()


def _whole_since(cursor: str | None) -> int | None:
    try:
        plain = json.loads(cursor or "{}")
        return int(plain["whole"]) if isinstance(plain, dict) and "whole" in plain else None
    except (ValueError, TypeError):
        return None


def _rejects(args: argparse.Namespace, path: Path) -> Path:
    """Return where a file's rejected rows go: beside the store unless --rejects says otherwise."""
    if args.rejects is not None:
        named = Path(args.rejects)
        if len(args.files) == 1:
            return named
        return named.with_name(f"{named.stem}.{path.name}{named.suffix or '.csv'}")
    where = store_paths(args.store) if args.store else client.configured_paths(args.config)
    return where.store.parent / f"{path.name}.rejects.csv"


def _day(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        read_day(text)
    except BadValue:
        raise UsageError(f"--day {text}: a day is written 2026-11-16") from None
    return text


def _say(text: str) -> None:
    print(f"ccboard import: {printable(text)}", file=sys.stderr)
