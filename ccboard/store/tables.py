"""A door to the store's own database for who makes temporary tables there: what fails comes as StoreError."""

import re
from typing import Any, Final

import duckdb

from ccboard.store.store import Store

LEAST: Final = 256_000_000
"""A store that may take less memory (in bytes) has no room for such tables: DuckDB might put them on disk."""
_UNITS: Final = {"MB": 10**6, "GB": 10**9, "MiB": 1 << 20, "GiB": 1 << 30}


class Answer:
    """The rows of a statement."""

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def fetchall(self) -> list[Any]:
        """Return them."""
        return self._rows


class Tables:
    """Runs statements on `con`, the connection of `store`."""

    def __init__(self, store: Store, con: duckdb.DuckDBPyConnection) -> None:
        self._store = store
        self.con = con

    def execute(self, query: str, parameters: Any = None, /) -> Answer:
        """Run a statement to its end. Raises StoreMemoryError, StoreError."""
        try:
            return Answer(self.con.execute(query, parameters).fetchall())
        except duckdb.Error as error:
            raise self._store.failed(error) from None


def has_room(memory_limit: str) -> bool:
    """Tell whether a store with this limit ("512MB") has memory for tables of raw lines."""
    found = re.fullmatch(r"([\d.]+)\s?([MG]i?B)", memory_limit)
    return found is not None and float(found[1]) * _UNITS[found[2]] >= LEAST
