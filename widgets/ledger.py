"""A plain list behind a figure that is not made of calls alone: past days, past alarms, foretold days."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from widgets.cells import scrub
from widgets.columns import Cell, Column
from widgets.strip_table import StripTable
from widgets.view import View


class Entry(NamedTuple):
    """A row: its cells with what they are sorted by, and between which moments its calls lie."""

    nth: int
    cells: tuple[tuple[Cell, Any], ...]
    begin: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The list: what stands above it, its columns (key, cells, whether figures), its rows."""

    said: str
    columns: tuple[tuple[str, int, bool], ...]
    rows: tuple[Entry, ...]


def search(one: Entry, view: View) -> str:
    """Return the text of a row that a filter looks at."""
    return " ".join(cell.text for cell, _ in one.cells)


class LedgerTable(StripTable[Entry]):
    """The rows, in the order in which they came."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__((_column(0, "ledger_day", 14, False),), lambda one: one.nth, search,
                         empty="empty.ledger", id=id)
        self._ledger: Ledger | None = None

    def fill(self, ledger: Ledger, view: View) -> None:
        """Show a list."""
        self._ledger = ledger
        self.use([_column(nth, *column) for nth, column in enumerate(ledger.columns)])
        self.show(ledger.rows, view)

    def look(self, view: View) -> None:
        """Nothing runs in here."""
        if self._ledger is not None and (self._view is None or self._view.words is not view.words):
            self.show(self._ledger.rows, view)

    def passing(self) -> Sequence[Entry]:
        """Return the rows that pass the filter, in the order in which they stand."""
        return self._shown


def _column(nth: int, key: str, width: int, right: bool) -> Column[Entry]:
    return Column(key, lambda one, view: Cell(scrub(one.cells[nth][0].text), one.cells[nth][0].role), width,
                  lambda one, view: one.cells[nth][1], right=right, grow=0 if right else 1, most=24,
                  priority=nth)
