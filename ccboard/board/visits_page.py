"""The page of the visits behind a figure: asked for in parts, filtered and sorted in place, saved."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from textual.message import Message
from textual.widget import Widget

from ccboard.board.list_page import ListPage, save_rows
from ccboard.kpis.visit import COLUMNS
from widgets.lens import figure_of, moment, number
from widgets.view import View
from widgets.visit_table import ListHead, Visit, VisitTable, visit

FIRST, MORE, MOST = 500, 5000, 20_000
"""Rows asked for at first, then at a time, and at most: nobody reads more, and a file can hold them."""
PARQUET_S = 60.0
_SUMS = frozenset({"ratio", "s", "h", "money", "per_hour", "score"})
"""Units of figures whose numerator is a sum, and not how many rows count."""


class VisitsPage(ListPage):
    """The list of one figure. `fetch` asks for rows: (words, what to do with the answer).

    `first`: the column that it is sorted by until somebody sorts it otherwise, and whether descending.
    """

    main = "visits"
    class Save(Message):
        """Somebody wants these rows as files."""

        def __init__(self, page: "VisitsPage", rows: list[Mapping[str, Any]]) -> None:
            super().__init__()
            self.page = page
            self.rows = rows

    def __init__(self, title: str, words: dict[str, str],
                 fetch: Callable[[dict[str, str], Callable[[Any], None]], None],
                 first: tuple[str, bool] | None = None) -> None:
        super().__init__(title)
        self._first = first
        self.words = words
        self._fetch = fetch
        self._rows: list[Visit] = []
        self._said: Mapping[str, Any] | None = None
        self._error = ""

    @property
    def name_of_file(self) -> str:
        """What its files are called."""
        whose = (self.words.get(by, "") for by in ("queue", "agent", "team", "type"))
        parts = ["visits", self.words["kpi"], *whose]
        return "-".join("".join(c if c.isalnum() else "_" for c in part)[:40] for part in parts if part)

    def compose(self) -> "list[Widget]":
        """Make head and list."""
        return [ListHead(id="head"), VisitTable(id="visits")]

    def on_mount(self) -> None:
        """Ask for the first rows."""
        self._tell()
        if self._first is not None:
            self.table.sort_by(*self._first)
        self._fetch({**self.words, "limit": str(FIRST)}, self.take)

    @property
    def table(self) -> VisitTable:
        """The list."""
        return self.query_one(VisitTable)

    def take(self, answer: Mapping[str, Any] | Exception) -> None:
        """Take rows, and ask for the next ones while there are some; an error is said."""
        if not self.is_attached or self.view is None:
            return
        if isinstance(answer, Exception):
            self._error = str(answer)
            self._tell()
            return
        self._said = answer
        begin = len(self._rows)
        language = self.view.words.language
        self._rows += [visit(nth, row, language) for nth, row in enumerate(answer["rows"], begin)]
        self.table.fill(self._rows)
        self._tell()
        if answer["rows"] and len(self._rows) < min(answer["total"], MOST):
            self._fetch({**self.words, "as_of": answer["as_of"], "offset": str(len(self._rows)),
                         "limit": str(MORE)}, self.take)

    def look(self, view: View) -> None:
        """Show a view; the rows do not change with it."""
        first = self.view is None
        super().look(view)
        if first:
            self._tell()

    def _tell(self) -> None:
        if self.view is None or not self.is_mounted:
            return
        words, said = self.view.words, self._said
        head = self.query_one(ListHead)
        if self._error:
            head.tell(self.title, words.said(self._error), "warning")
        elif said is None:
            head.tell(self.title, words("lens.asking"), "accent")
        else:
            shown = len(self._rows)
            key = "list.rows" if shown >= said["total"] else "list.some" if shown < MOST else "list.newest"
            if shown == said["total"] == 1:
                key = "list.rows.one"
            time = moment(said["as_of"], self.view, day=False)
            text = words(key, shown=str(shown), n=str(said["total"]), time=time)
            if said["numerator"] is not None and said["unit"] in _SUMS:
                over = number(said["numerator"])
                if said["denominator"] is not None:
                    over += f" / {number(said['denominator'])}"
                    if said["denominator"]:
                        over += f" = {figure_of(said['numerator'] / said['denominator'], said['unit'])}"
                text += f"   {over}"
            elif said["numerator"] is not None and said["numerator"] != said["total"]:
                text += "   " + words("list.count", n=number(said["numerator"]))
            text += "".join(f"   {note}" for note in said["notes"])
            head.tell(self.title, text, "dim")

    def action_save_list(self) -> None:
        """Save what passes the filter, as CSV and Parquet."""
        self.post_message(self.Save(self, [one.row for one in self.table.passing()]))


def save(folder: Path, name: str, rows: Sequence[Mapping[str, Any]]) -> tuple[Path, Path | None]:
    """Write rows as CSV, and as Parquet if DuckDB is there; return both paths. Raises OSError.

    Only their owner may read them: callers stand in them. DuckDB runs in a process of its own: a board's has
    none.
    """
    target = save_rows(folder, name, [COLUMNS, *([row[column] for column in COLUMNS] for row in rows)])
    parquet = target.with_suffix(".parquet")
    lines = "".join(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in rows)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "ccboard.commands.visits_parquet", str(parquet)],
            input=lines.encode(), capture_output=True, timeout=PARQUET_S, check=False, umask=0o077)
    except subprocess.SubprocessError:
        return target, None
    return target, parquet if done.returncode == 0 else None

