"""Where an export's rows begin: behind a title, behind a header, or at once."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ccboard.maps.columns import moment
from ccboard.maps.memo import BadValue
from ccboard.maps.model import File
from ccboard.maps.readers import Table
from ccboard.maps.taken import Row

HEAD = 200
"""Rows that are looked at."""
TITLES = 30
"""A header lies within so many rows."""


def layout(path: Path, told: File) -> tuple[File, list[str]]:
    """Return how the file is written, with the title's lines and whether there is a header; and what to say.

    What `told` says itself counts. Raises InputError, ConfigError.
    """
    if told.skip_lines or told.columns or not told.header:
        return told, []
    told, table, rows, said = _sheet(path, told)
    if table.kind.format not in {"text", "excel"} or not rows:
        return told, []
    usual = Counter(map(_width, (cells for _line, cells in rows))).most_common(1)[0][0]
    least = max(1, 0.6 * usual)
    at = next((at for at, (_line, cells) in enumerate(rows[:TITLES]) if _filled(cells) >= least), 0)
    line, head = rows[at]
    found: dict[str, object] = {}
    if at:
        found["skip_lines"] = line - 1
        said.append(f"the header is line {line}; what is above is left out: skip_lines = {line - 1}")
    if _is_row(head):
        found["header"] = False
        said.append(f"line {line} names no columns, it is a row already: columns go by their place")
    return told.model_copy(update=found), said


def _sheet(path: Path, told: File) -> tuple[File, Table, list[Row], list[str]]:
    """Return the first rows, without taking any for a header; of Excel of the first sheet with a table."""
    sheets: tuple[str, ...] = ()
    tried: list[tuple[File, Table, list[Row]]] = []
    while True:
        table = Table(path, told.model_copy(update={"header": False}))
        rows = next(table.parts()).rows[:HEAD]
        table.close()
        tried.append((told, table, rows))
        sheets = sheets or (table.sheets if told.sheet is None else ())
        if sum(_filled(cells) > 1 for _line, cells in rows) > 1 or len(tried) >= len(sheets):
            break
        told = told.model_copy(update={"sheet": sheets[len(tried)]})
    told, table, rows = tried[-1] if sum(_filled(cells) > 1 for _line, cells in rows) > 1 else tried[0]
    said = []
    if len(sheets) > 1:
        said.append(f"of the sheets {', '.join(sheets)} this one is read: {told.sheet or sheets[0]}")
    return told, table, rows, said


def _width(cells: Sequence[str]) -> int:
    """Return the number of cells up to the last one that holds something."""
    return next((at for at in range(len(cells), 0, -1) if cells[at - 1].strip()), 0)


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _is_row(cells: Sequence[str]) -> bool:
    """Tell whether a line is a row and no header: no column is called by a moment, few by a number."""
    numbers = 0
    for cell in filter(None, map(str.strip, cells)):
        try:
            moment(cell)
        except BadValue:
            numbers += cell.replace(".", "", 1).isdecimal() and len(cell) > 2
        else:
            return True
    return numbers > 0.5 * _filled(cells)
