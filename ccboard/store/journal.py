"""What was committed last, row by row: readers who keep figures bring them up to date without asking DuckDB.

Every commit has a number, the revision, and the rows that it changed. A reader that made its figures at one
revision takes in what came since; where the journal does not reach back so far (it holds the last
``MOST`` rows, and nothing from before a back-fill), the figures are made anew from the tables.
"""

import threading
from collections import deque
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from ccboard.store.rows import Row

Table: TypeAlias = Literal["visits", "offers", "states", "alive", "events", "seen", "queues", "sources",
                           "rejects", "rows", "gone", "refusals", "scores"]
"""Of "gone" the one column is a moment: rows of up to then were taken out or blanked by retention."""

MOST = 20_000
"""Rows remembered, about 1 kB each. A batch with more is quicker read from the tables than followed."""


class Change(NamedTuple):
    """One row: as it was (None: there was none) and as it is (None: it is gone)."""

    table: Table
    old: Row | None
    new: Row | None


class Journal:
    """The last changes, by revision. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[tuple[int, tuple[Change, ...]]] = deque()
        self._held = 0
        self._after = 0
        """What came after this revision is remembered."""
        self.revision = 0

    def add(self, changes: Sequence[Change]) -> None:
        """Note the changes of one commit."""
        if len(changes) > MOST:
            self.forget()
            return
        with self._lock:
            self.revision += 1
            self._entries.append((self.revision, tuple(changes)))
            self._held += len(changes)
            while self._held > MOST:
                self._after, dropped = self._entries.popleft()
                self._held -= len(dropped)

    def forget(self) -> None:
        """Note a commit that cannot be followed row by row."""
        with self._lock:
            self.revision += 1
            self._after = self.revision
            self._entries.clear()
            self._held = 0

    def since(self, revision: int, until: int | None = None) -> tuple[int, list[Change]] | None:
        """Return the last revision (of those up to `until`) and the changes after `revision`, oldest first.

        None: they are not remembered any more.
        """
        with self._lock:
            if revision < self._after:
                return None
            last = self.revision if until is None else until
            found: list[tuple[Change, ...]] = []
            for number, changes in reversed(self._entries):
                if number <= revision:
                    break
                if number <= last:
                    found.append(changes)
        return last, [change for changes in reversed(found) for change in changes]
