"""From questions to an archive: the same whether a hub answers them or the store itself."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ccboard.archive.cut import TooLongError
from ccboard.archive.folder import Folder
from ccboard.archive.tables import ALIVE, BEFORE, FACTS, META, SMALL, SOURCES, Table
from ccboard.errors import CcboardError

Ask = Callable[[Mapping[str, str]], dict[str, Any]]
"""Answers a question (``ccboard.archive.answer``). Raises TooLongError: ask for a shorter stretch."""


@dataclass(slots=True)
class Written:
    """What became of an export."""

    rows: dict[str, int] = field(default_factory=dict)
    days: tuple[str, ...] = ()
    """Business days that there are files of, in order."""
    timezone: str = ""


def export(
    ask: Ask,
    begin: str | None,
    end: str | None,
    folder: Folder,
    progress: Callable[[int, int, str], None],
) -> Written:
    """Write the range from `begin` to `end` (words as a person writes them) into `folder`, all but finished.

    `progress` hears of rows done, of all, and of what. Raises what `ask` raises, CcboardError.
    """
    words = {name: text for name, text in (("from", begin), ("to", end)) if text}
    meta = ask({"table": META.name, **words})
    first, last = meta["from"], meta["to"]
    total = sum(told["rows"] for told in meta["tables"].values())
    written = Written(timezone=meta["timezone"])
    done = 0
    days: dict[str, int] = {}
    for table in FACTS:
        n = 0
        if first is not None:
            rows = ask({"table": table.name, "from": f"@{first}", "part": BEFORE})["rows"]
            if rows:
                folder.begin(table)
                folder.add(_clipped(table, rows, last))
                n += folder.end(table, BEFORE)
        for label, begins, ends in meta["tables"][table.name]["days"]:
            rows_of_day = 0
            for rows in _pieces(ask, table, begins, ends):
                if not rows_of_day:
                    folder.begin(table)
                folder.add(_clipped(table, rows, last))
                rows_of_day += len(rows)
                done += len(rows)
                progress(done, total, f"{table.name} {label}")
            if rows_of_day:
                n += folder.end(table, label)
                days[label] = begins
        written.rows[table.name] = n
    span = {name: f"@{at}" for name, at in (("from", first), ("to", last)) if at is not None}
    for table in SMALL:
        written.rows[table.name] = folder.write(table, ask({"table": table.name})["rows"])
    written.rows[SOURCES.name] = folder.write(SOURCES, ask({"table": SOURCES.name, **span})["rows"])
    folder.write(META, [
        (key, "" if value is None else str(value))
        for key, value in meta.items() if key not in {"schema", "table", "tables"}
    ])
    written.days = tuple(sorted(days, key=lambda label: days[label]))
    return written


def _pieces(ask: Ask, table: Table, begin: int, end: int) -> Iterator[list[list[Any]]]:
    """Yield the rows of a day, in as many answers as it takes."""
    try:
        rows = ask({"table": table.name, "from": f"@{begin}", "to": f"@{end}"})["rows"]
    except TooLongError as error:
        if end - begin <= 1:
            raise CcboardError(str(error)) from None
        middle = (begin + end) // 2
        yield from _pieces(ask, table, begin, middle)
        yield from _pieces(ask, table, middle, end)
    else:
        if rows:
            yield rows


def _clipped(table: Table, rows: list[list[Any]], end: int | None) -> list[list[Any]]:
    """Return rows with nothing of what comes after the range: life beyond it would promise data there."""
    if table is not ALIVE or end is None:
        return rows
    return [[source, begin, min(until, end)] for source, begin, until in rows]
