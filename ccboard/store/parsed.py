"""Questions that were asked before, as DuckDB parsed them: a snapshot asks the same twenty again and again.

To parse a question of two tables and a dozen conditions takes DuckDB about a millisecond, a tenth of what it
takes in all. What it means is worked out at each asking, with the parameters: only so are ranges of time
known while it is planned, and only then history costs nothing.
"""

import threading
from collections import OrderedDict

import duckdb

MOST = 100
"""Questions remembered, some 30 kB each; of more those that were not asked for longest are parsed again."""
LONGEST = 20_000
"""Characters of a question that is remembered."""


class Parsed:
    """The questions of one store. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, duckdb.Statement] = OrderedDict()

    def of(self, cursor: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement | str:
        """Return `sql` as it is to be handed to a cursor: the text itself where it is no single question.

        Raises duckdb.ParserException.
        """
        with self._lock:
            found = self._known.get(sql)
            if found is not None:
                self._known.move_to_end(sql)
                return found
        if len(sql) > LONGEST:
            return sql
        statements = cursor.extract_statements(sql)
        if len(statements) != 1:
            return sql
        with self._lock:
            self._known[sql] = statements[0]
            if len(self._known) > MOST:
                self._known.popitem(last=False)
        return statements[0]
