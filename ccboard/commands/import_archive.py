"""``ccboard import archive``: folders that ``ccboard export`` wrote, back into a store or a hub."""

import argparse
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from ccboard.archive import known
from ccboard.archive.folder import connect
from ccboard.archive.known import NOTHING
from ccboard.archive.reading import Archive
from ccboard.archive.tables import CONTACTS, SMALL
from ccboard.commands.import_places import Place, place
from ccboard.commands.intake import broke_off, not_read, refuse_all
from ccboard.errors import ExitCode, HubError, InputError, UsageError
from ccboard.progress import Progress
from ccboard.text import printable


def run(args: argparse.Namespace) -> int:
    """Bring the archives back and sum up on stderr. What cannot be read is said, the rest goes on."""
    folders = [Path(word) for word in args.words[1:]]
    if not folders:
        raise UsageError("ccboard import archive: name the folders to import")
    if args.source is not None:
        raise UsageError("ccboard import archive: leave --source out; an archive knows its sources")
    with TemporaryDirectory(prefix="ccboard-import-") as temporary:
        con = connect(Path(temporary))
        try:
            archives, problems = [], []
            for folder in folders:
                try:
                    archives.append(Archive(folder, con))
                except InputError as error:
                    problems.append(error)
            refuse_all(problems, readable=len(archives))
            for problem in problems:
                _say(str(problem))
            failed = len(problems)
            with place(args.store, args.hub, args.config, args.timezone,
                       [archive.zone.key for archive in archives]) as where:
                for archive in archives:
                    failed += _load(archive, where)
        finally:
            con.close()
    if failed:
        _say(not_read(failed))
    return ExitCode.FAILED if failed else ExitCode.OK


def _load(archive: Archive, where: Place) -> int:
    """Bring one archive back; return how many of its files could not be read."""
    sources = archive.sources
    brought = {name: source.known for name, source in sources.items()}
    changed = visits = rows = done = failed = 0
    sizes = {}
    for file in archive.files:
        with suppress(OSError):
            sizes[file] = file.path.stat().st_size
    progress = Progress(sum(sizes.values()))
    try:
        before = where.held()
        for source in sources.values():
            where.take(source, ())
        for table in SMALL:
            try:
                records = archive.small(table)
            except InputError as error:
                failed += _problem(error, progress)
                continue
            for source in sources.values():
                mine = tuple(record for record in records if record.source == source.name)
                changed += where.take(source, mine) if mine else 0
        for file in archive.files:
            try:
                for name, part in archive.rows(file):
                    changed += where.take_rows(sources[name], file.table, part)
                    rows += len(part)
                    visits += len(part) if file.table is CONTACTS else 0
                    progress.update(done, f"{visits} visits  {file.shown}")
            except InputError as error:
                failed += _problem(error, progress)
                if file.span is not None:
                    span = file.span
                    brought = {name: known.without(one, *span) for name, one in brought.items()}
            done += sizes.get(file, 0)
        for name, source in sources.items():
            where.note(source, known.together(before.get(name, NOTHING), brought[name]))
    except HubError as error:
        raise broke_off(archive.folder, error, changed) from None
    finally:
        progress.close()
    if archive.others:
        _say(f"{archive.folder}: left aside: {', '.join(archive.others[:10])}")
    _say(f"{archive.folder.name or archive.folder}: {visits} visits in {rows} records of {len(archive.files)}"
         f" files; {changed} rows of the store new or changed")
    return failed


def _problem(error: InputError, progress: Progress) -> int:
    progress.close()
    _say(str(error))
    return 1


def _say(text: str) -> None:
    print(f"ccboard import: {printable(text)}", file=sys.stderr)
