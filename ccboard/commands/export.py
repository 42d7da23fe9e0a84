"""Write any range of the store as a folder of Parquet files, one per table and business day.

Asks the hub that runs; with --store FILE reads a store that no hub holds. A range is --from (inclusive) to
--to (exclusive); without them everything. DIR must be new or empty; it appears whole or not at all.
`ccboard import archive DIR` brings it back. What the files hold: docs/export.md.

  ccboard export /backup/2026-11 --from 2026-11-01 --to 2026-12-01
"""

import argparse
import os
import sys

from ccboard import client
from ccboard.commands import options
from ccboard.errors import HubError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from typing import Any

    from ccboard.archive.exporting import Ask, Written
    from ccboard.archive.folder import Folder

TIMEOUT_S = 130.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``export``."""
    parser.add_argument("folder", metavar="DIR", type=options.given, help="folder to write, new or empty")
    parser.add_argument("--from", dest="begin", metavar="TIME", type=options.given,
                        help="from this business day or moment on (default: from the first)")
    parser.add_argument("--to", dest="end", metavar="TIME", type=options.given,
                        help="up to this business day or moment, exclusive (default: to the last)")
    options.store(parser, "read this store instead of asking a hub; if a hub holds it, ask that hub")
    options.timezone(parser)
    options.hub(parser)
    options.demo(parser)
    options.config(parser)


def run(args: argparse.Namespace) -> int:
    """Write the archive and sum up on stderr. What it makes is for its owner alone: callers are in it."""
    before = os.umask(0o077)
    try:
        return _run(args)
    finally:
        os.umask(before)


def _run(args: argparse.Namespace) -> int:
    from pathlib import Path

    from ccboard.archive.exporting import export
    from ccboard.archive.folder import Folder, refuse_taken
    from ccboard.progress import Progress
    from ccboard.text import printable

    target = Path(args.folder)
    refuse_taken(target)
    above = next((folder for folder in reversed(target.parents) if not folder.exists()), None)
    progress: Progress | None = None

    def show(done: int, total: int, what: str) -> None:
        nonlocal progress
        progress = progress or Progress(total)
        progress.update(done, what)

    try:
        with _asked(args) as ask, Folder(target) as folder:
            written = export(ask, args.begin, args.end, folder, show)
            folder.finish()
    finally:
        if progress is not None:
            progress.close()
    _sum_up(target.name or str(target), written, folder)
    if above is not None:
        print(printable(f"ccboard export: the folder {above} was not there and was made"), file=sys.stderr)
    return 0


def _sum_up(name: str, written: "Written", folder: "Folder") -> None:
    """Say what was written."""
    days = written.days
    span = "no days" if not days else days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    rows = ", ".join(f"{n} {table.replace('_', ' ')}" for table, n in written.rows.items() if n)
    from ccboard.text import printable

    print(printable(f"ccboard export: {name}: {span} ({written.timezone}): {rows or 'nothing'};"
                    f" {folder.files} files, {folder.bytes / 1e6:.1f} MB"), file=sys.stderr)


def _asked(args: argparse.Namespace) -> "AbstractContextManager[Ask]":
    """Return what answers: the hub, or the store itself."""
    from contextlib import contextmanager

    @contextmanager
    def of_hub(address: client.Address) -> "Iterator[Ask]":
        connection = client.Connection(address, TIMEOUT_S)
        try:
            yield lambda words: _ask(connection, {**words, "timezone": args.timezone})
        finally:
            connection.close()

    if args.store and (args.hub or args.demo):
        raise UsageError("--store reads a file while --hub and --demo ask a hub: name one of them")
    from ccboard.paths import store_paths

    try:
        if not args.store:
            return of_hub(options.asked(args))
        address = client.Address(path=str(store_paths(args.store).socket))
        client.Connection(address).close()
        return of_hub(address)
    except client.NoHub as error:
        if not args.store:
            raise options.or_store(error, args) from None
    from ccboard.commands.export_store import answered

    return answered(store_paths(args.store), args.config, args.timezone)


def _ask(connection: client.Connection, words: "Mapping[str, str | None]") -> "dict[str, Any]":
    """Ask a hub. Raises TooLongError, UsageError, HubError."""
    import json
    from urllib.parse import quote

    from ccboard.archive.cut import TooLongError

    query = "&".join(f"{name}={quote(text, safe='')}" for name, text in words.items() if text)
    answer = connection.ask("GET", f"/v1/export?{query}", timeout=TIMEOUT_S)
    if answer.status == 413:
        raise TooLongError(answer.error())
    if answer.status in {400, 403}:
        raise UsageError(answer.error())
    if answer.status != 200:
        raise HubError(answer.error())
    try:
        said = json.loads(answer.body)
        if said["schema"] == "ccboard.export/1":
            return dict(said)
    except (ValueError, KeyError, TypeError):
        pass
    raise HubError("the hub's answer is not understood: use one version of ccboard for both")
