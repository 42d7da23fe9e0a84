"""Load history from files into the store; a hub that holds the store is handed the records.

Files may be given in any order and packed (.gz). Doing it again changes nothing, a file that has grown
adds its new part, and history and the live source of the same name never double. A file that cannot
be read is said (exit 1) and the others are imported.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from ccboard.clean import clean
from ccboard.commands import options
from ccboard.errors import ExitCode, InputError, UsageError
from ccboard.records import Contact, Record, Reject
from ccboard.snapshot import KEPT
from ccboard.text import counted, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ccboard.commands.intake import Intake
    from ccboard.source import Keep
    from ccboard.store.tables import Tables

FORMATS = {
    "asterisk-queue-log": ("asterisk", "Asterisk's queue_log, plain or .gz, rotated ones too"),
    "archive": ("archive", "folders that `ccboard export` wrote"),
}
"""Format -> (source type, help)."""
READERS = {"asterisk-queue-log": "sources.asterisk.history"}
"""Format -> the module whose ``read_history`` reads it, and whose ``unusable`` says which files it cannot."""
SHOWN = 5
"""Rejects that are shown in full; all are counted."""
REASONS = 10
"""Most frequent reasons that are listed."""
MOST = 400
"""Characters of a reject on the terminal: one line, whatever stands in the file."""
MOST_REASONS = 1000
"""Different reasons that are told apart: a reader may put what it read into them."""


class Part(Protocol):
    """A bounded part of a history, committed together with the cursor behind it."""

    @property
    def records(self) -> tuple[Record, ...]:
        """What it says."""
        ...

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """What could not be used."""
        ...

    @property
    def problems(self) -> tuple[InputError, ...]:
        """Files that could not be read, or not to their end."""
        ...

    @property
    def bytes_done(self) -> int:
        """How far it is, of bytes_total."""
        ...

    @property
    def bytes_total(self) -> int:
        """Bytes of all files as they lie on the disk."""
        ...

    @property
    def file(self) -> str:
        """The file being read."""
        ...

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables of visits, of offers and of states that belong to it, if any."""
        ...

    @property
    def rows(self) -> tuple[int, ...]:
        """How many rows each has."""
        ...

    @property
    def cursor(self) -> str | None:
        """Where the next import of this source goes on; None leaves it where it is.

        Where it is a JSON object with a list "spare", the first of that may be left out where room is short.
        """
        ...


class Reader(Protocol):
    """Reads a format, oldest file first, and raises nothing for what is in a file."""

    def __call__(self, paths: Sequence[Path], source: str, cursor: str | None = None, *,
                 keep: "Keep", database: "Tables | None" = None) -> Iterator[Part]:
        """Yield the parts; `cursor` is that of the last part of an earlier import; see Context.keep.

        Tables of `database`, where there is one, may stand for records: see ``Part.tables``.
        """
        ...


class History(Protocol):
    """The module of a format."""

    read_history: Reader

    def unusable(self, paths: Sequence[Path]) -> list[InputError]:
        """Return what is wrong with files of which nothing can be read."""
        ...


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``import``."""
    parser.add_argument("words", nargs="*", metavar="[FORMAT] FILE", help="file to import; without --map the"
                        " first word is the format: "
                        + "; ".join(f"{name}: {said}" for name, (_, said) in FORMATS.items()))
    parser.add_argument("--map", metavar="MAP",
                        help="read exports of any system by this map, the name of one that is shipped or a"
                             " file (`ccboard init --from FILE` proposes one)")
    parser.add_argument("--maps", action="store_true", help="list the maps that are shipped")
    parser.add_argument("--day", metavar="DATE",
                        help="with --map: the day of files that hold times of day only, as 2026-11-16")
    parser.add_argument("--rejects", metavar="PATH",
                        help="with --map: where rejected rows are written"
                             " (default: FILE.rejects.csv beside the store)")
    parser.add_argument("--source", metavar="NAME",
                        help="name of the source (default: asterisk, or the map's name)")
    options.store(parser, "store (a DuckDB file) to load into; made if it is missing (default: your own)")
    options.timezone(parser)
    options.hub(parser)
    options.config(parser)


def run(args: argparse.Namespace) -> int:
    """Import the files and sum up on stderr. What it makes is for its owner alone: callers are in it."""
    before = os.umask(0o077)  # DuckDB makes files of its own beside the store
    try:
        return _run(args)
    finally:
        os.umask(before)


def _run(args: argparse.Namespace) -> int:
    if args.maps or args.map is not None:
        from ccboard.commands import mapped

        args.files = [Path(word) for word in args.words]
        if args.maps:
            return mapped.list_maps()
        if not args.files:
            raise UsageError("ccboard import --map: name the files to import")
        return mapped.run(args)
    if not args.words or args.words[0] not in FORMATS:
        raise UsageError(_usage(args.words[0] if args.words else None))
    if args.day is not None or args.rejects is not None:
        raise UsageError("ccboard import: --day and --rejects belong to --map")
    if args.words[0] == "archive":
        from ccboard.commands import import_archive

        return import_archive.run(args)
    args.format, args.files = args.words[0], [Path(word) for word in args.words[1:]]
    if not args.files:
        raise UsageError(f"ccboard import {args.format}: name the files to import")
    from ccboard.commands.intake import intake, not_read, refuse_all
    from ccboard.metrics.calm import undisturbed

    kind = FORMATS[args.format][0]
    unusable = _history(args.format).unusable(args.files)
    refuse_all(unusable, readable=len(args.files) - len(unusable))
    with intake(args.source or kind, kind, store=args.store, hub=args.hub, config_path=args.config,
                timezone=args.timezone) as place:
        load = Load(place)
        with undisturbed():
            load.read(_history(args.format).read_history, args.files)
    load.sum_up()
    if load.problems:
        _say(not_read(load.problems))
    return ExitCode.FAILED if load.problems else ExitCode.OK


def _usage(word: str | None) -> str:
    """Return what may be imported, for somebody who named nothing that can be."""
    said = "name what to import" if word is None else f"{word}: no such format"
    ways = [(f"{name} {'DIR' if name == 'archive' else 'FILE'}...", about)
            for name, (_, about) in FORMATS.items()]
    ways.append(("--map MAP FILE...", "exports of any other system; --maps lists the maps that are shipped"))
    return f"ccboard import: {said}" + "".join(
        f"\n  ccboard import {words}\n      {about}" for words, about in ways)


def _history(form: str) -> "History":
    """Return what reads a format; imported here, because a core that imports a source has no order."""
    from importlib import import_module

    history: History = import_module(READERS[form])
    return history


class Load:
    """One import and what came of it."""

    def __init__(self, place: "Intake") -> None:
        self.place = place
        self.records = 0
        self.changed = 0
        self.problems = 0
        self._visits: set[int] = set()  # hashes: a million visits are 60 MB, their keys would be 300
        self._told = 0  # visits that came in tables, each once
        self._reasons: dict[str, int] = {}
        self._kept = 0

    def read(self, reader: "Reader", files: "Sequence[Path]") -> None:
        """Read the files part by part; each part is committed before the next is read."""
        from ccboard.progress import Progress

        progress: Progress | None = None
        try:
            with self.place.loading(files[0]):
                cursor = self.place.cursor()
            for part in reader(files, self.place.source, cursor, keep=self.place.keep_in_cursor,
                               database=self.place.database):
                if progress is None:
                    progress = Progress(part.bytes_total)
                if part.problems or part.rejects:
                    progress.close()
                for problem in part.problems:
                    self.problems += 1
                    _say(str(problem))
                for reject in part.rejects:
                    self._reject(reject)
                said = part.records, part.cursor, part.rejects
                with self.place.loading(part.file):
                    if part.tables:
                        self.changed += self.place.take_tables(part.tables, *said)
                        self._told += part.rows[0]
                    else:
                        self.changed += self.place.take(*said)
                self.records += len(part.records) + sum(part.rows)
                self._visits.update(hash((record.call, record.queue, record.nth)) for record in part.records
                                    if isinstance(record, Contact))
                visits = self._told + len(self._visits)
                progress.update(part.bytes_done, f"{visits} visits  {Path(part.file).name}")
        finally:
            if progress is not None:
                progress.close()

    def _reject(self, reject: Reject) -> None:
        reason = reject.reason
        if reason not in self._reasons and len(self._reasons) >= MOST_REASONS:
            reason = "other reasons"
        self._reasons[reason] = self._reasons.get(reason, 0) + 1
        kept = reject.reason.endswith(KEPT)
        self._kept += kept
        if sum(self._reasons.values()) <= SHOWN:
            _say(clean(f"{reject.where}: {'' if kept else 'left out: '}{reject.reason}"
                       + (f": {reject.text}" if reject.text else ""), MOST))

    def sum_up(self) -> None:
        """Say what was read, what of it was new, and what was left out and why."""
        wrong = sum(self._reasons.values())
        _say(f"{self.place.source}: {counted(self._told + len(self._visits), 'visit')} in"
             f" {counted(self.records, 'record')};"
             f" {counted(self.changed, 'row')} of the store new or changed;"
             f" {counted(wrong - self._kept, 'line')} left out"
             + (f", {self._kept} counted in part" if self._kept else ""))
        if wrong > SHOWN:
            for reason, count in sorted(self._reasons.items(), key=lambda item: -item[1])[:REASONS]:
                _say(f"  {count} x {clean(reason)}")


def _say(text: str) -> None:
    print(f"ccboard import: {printable(text)}", file=sys.stderr)
