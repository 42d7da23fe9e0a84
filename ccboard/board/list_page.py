"""A list behind a figure, in the place of the page that the figure stands on; Esc goes back there."""

import csv
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from ccboard.board.arrange import Place, Places, Rows
from ccboard.board.page import Page
from ccboard.errors import CcboardError
from widgets.ledger import Entry, Ledger, LedgerTable
from widgets.strip_table import StripTable
from widgets.view import View
from widgets.visit_table import ListHead


class ListPage(Page):
    """What all lists are: a head of two lines, a table below it, and where it came from."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("e", "save_list", "save the list", id="save_list")]

    def __init__(self, title: str) -> None:
        super().__init__(id="page-visits")
        self.title = title
        self.came_from: tuple[str, Widget | None] = ("overview", None)
        self.back: tuple[str, str, Widget | None] | None = None
        """Where the page below it was opened from, if a figure opened that."""

    @property
    def rows_of(self) -> StripTable[Any]:
        """The list."""
        return self.query_one(StripTable)

    def arrangement(self, width: int, height: int, rows: Rows) -> Places:  # noqa: ARG002
        """Return where head and list stand."""
        inner = width - 2 if width >= 40 else width
        x = (width - inner) // 2
        return {"head": Place(x, 0, inner, min(2, height)),
                self.main: Place(x, 2, inner, max(1, height - 2))}

    def action_save_list(self) -> None:
        """Save what passes the filter."""
        raise NotImplementedError


class LedgerPage(ListPage):
    """A list that is not of calls. `fetch` is handed what takes the list, or the error, when it is there."""

    main = "ledger"

    class Save(Message):
        """Somebody wants these rows as a file."""

        def __init__(self, name: str, rows: list[list[str]]) -> None:
            super().__init__()
            self.name, self.rows = name, rows

    def __init__(self, title: str, name: str, fetch: Callable[[Callable[[Any], None]], None]) -> None:
        super().__init__(title)
        self.name_of_file = name
        self._fetch = fetch
        self._ledger: Ledger | None = None
        self._error = ""

    def compose(self) -> "list[Widget]":
        """Make head and list."""
        return [ListHead(id="head"), LedgerTable(id="ledger")]

    def on_mount(self) -> None:
        """Ask for the rows."""
        self._tell()
        self._fetch(self.take)

    @property
    def table(self) -> LedgerTable:
        """The list."""
        return self.query_one(LedgerTable)

    def take(self, answer: Ledger | CcboardError) -> None:
        """Take the rows, or say what went wrong."""
        if not self.is_attached:
            return
        if isinstance(answer, CcboardError):
            self._error = str(answer)
        else:
            self._ledger = answer
        self._show()

    def look(self, view: View) -> None:
        """Show a view; the rows do not change with it."""
        first = self.view is None
        super().look(view)
        if first:
            self._show()

    def _show(self) -> None:
        if self._ledger is not None and self.view is not None:
            self.table.fill(self._ledger, self.view)
        self._tell()

    def pointed(self) -> Entry | None:
        """Return the row that the cursor is at."""
        if self.table.pointed() is None:  # before the cursor is anywhere the first row is meant
            self.table.action_move(0)
        found = self.table.pointed()
        return None if found is None else found[1]

    def _tell(self) -> None:
        if self.view is None or not self.is_mounted:
            return
        head = self.query_one(ListHead)
        if self._error:
            head.tell(self.title, self._error, "warning")
        elif self._ledger is None:
            head.tell(self.title, self.view.words("lens.asking"), "accent")
        else:
            head.tell(self.title, self._ledger.said, "dim")

    def action_save_list(self) -> None:
        """Save what passes the filter, as it stands there."""
        if self._ledger is None or self.view is None:
            return
        titles = [self.view.words.title(key) for key, _, _ in self._ledger.columns]
        rows = [[cell.text for cell, _ in one.cells] for one in self.table.passing()]
        self.post_message(self.Save(self.name_of_file, [titles, *rows]))


def guarded(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: names come from outside. +7 % is a figure.

    >>> guarded("=1+1"), guarded("+7 %"), guarded("=5 %"), guarded("+7"), guarded(-3)
    ("'=1+1", '+7 %', "'=5 %", "'+7", -3)
    """
    if not isinstance(cell, str) or cell[:1] not in {"=", "+", "-", "@", "\t", "\r"}:
        return cell
    share = cell[1:].removesuffix(" %")
    is_share = cell[0] in "+-" and share != cell[1:] and share.isascii() and share.isdigit()
    return cell if is_share else f"'{cell}"


def save_rows(folder: Path, name: str, rows: Sequence[Sequence[object]]) -> Path:
    """Write rows as CSV that only their owner may read; return the path. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"{name}.csv"
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8",
                   newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([guarded(cell) for cell in row] for row in rows)
    return target
