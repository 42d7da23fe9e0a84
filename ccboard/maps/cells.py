"""From the text of many rows to a table of their cells, in one statement."""

from collections.abc import Sequence
from typing import Any, Final

import duckdb

from ccboard.maps.readers import Block

TABLE: Final = "lane_cells"


def texts(rows: Sequence[tuple[int, str]], blocks: Sequence[Block], sep: str, width: int
          ) -> tuple[dict[int, str], set[int]]:
    """Return the rows by their numbers, and which of them have another number of fields than `width`.

    Blank lines of a block are no rows.
    """
    found = dict(rows)
    for block in blocks:
        found |= enumerate(block.text.split(block.end), block.first)
    unfit = {number for number, text in found.items() if text.count(sep) != width - 1}
    if all(block.end == "\n" for block in blocks):
        for number in list(found if width == 1 else unfit):
            if not found[number].strip("\r ") and sep not in found[number]:
                del found[number]
                unfit.discard(number)
    return found, unfit


def split(con: duckdb.DuckDBPyConnection, rows: Sequence[tuple[int, str]], blocks: Sequence[Block], sep: str,
          width: int, what: str) -> None:
    """Make ``TABLE`` of the number (`line`) of each row that has `width` fields, and of `what`.

    That is SQL over the list `c` of a row's cells.
    """
    sources: list[str] = []
    said: dict[str, Any] = {"sep": sep}
    if rows:
        sources.append("SELECT unnest($lines::BIGINT[]) AS line, unnest($texts::VARCHAR[]) AS text")
        said["lines"], said["texts"] = map(list, zip(*rows, strict=True))
    for n, block in enumerate(blocks):
        sources.append(f"SELECT $first_{n} + row_number() OVER () - 1 AS line, text"
                       f" FROM (SELECT unnest(string_split($text_{n}, $end_{n})) AS text)")
        said |= {f"first_{n}": block.first, f"text_{n}": block.text, f"end_{n}": block.end}
    blank = " AND trim(c[1], ' ' || chr(13)) <> ''" if width == 1 and blocks and blocks[0].end == "\n" else ""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {TABLE} AS SELECT line, {what}"
        f" FROM (SELECT line, string_split(text, $sep) AS c FROM ({' UNION ALL '.join(sources)}))"
        f" WHERE len(c) = {width}{blank}", said,
    ).fetchall()
