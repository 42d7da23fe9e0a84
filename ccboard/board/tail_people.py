"""The lists behind the tail page's counts: who is named, who fluctuates, of whom it is too early to speak."""

from collections.abc import Sequence
from typing import Any

from ccboard.panel_tail import Early, TailGroup, TailRow, Unsteady
from widgets import tail_text as text
from widgets.columns import Cell
from widgets.ledger import Entry, Ledger
from widgets.view import View

Person = TailRow | Unsteady | Early
_COLUMNS = (("ledger_who", 16, False), ("ledger_tail", 12, False), ("tail_figure", 10, False),
            ("adjusted", 9, True), ("likely", 12, True), ("sure", 5, True), ("sample", 6, True))


def people(group: TailGroup, what: str) -> tuple[Sequence[Person], int]:
    """Return those of a count ("named", "unsteady", "early"), and how many they are where the list is cut."""
    if what == "named":
        return group.rows, group.n_named
    return (group.unsteady, group.n_unsteady) if what == "unsteady" else (group.early, group.n_early)


def of_figure(group: TailGroup, kpi: str) -> list[Person]:
    """Return who is named for a figure, and of whom it is too early by it."""
    return [*(row for row in group.rows if row.kpi == kpi), *(row for row in group.early if row.kpi == kpi)]


def ledger(rows: Sequence[Person], many: int, view: View) -> Ledger:
    """Return the list of people; `many`: how many there are, also where the rows are cut short."""
    said = view.words("ledger.people", n=str(many))
    if len({row.unit for row in rows}) < many:
        said = view.words("ledger.people_some", n=str(many), shown=str(len({row.unit for row in rows})))
    return Ledger(said, _COLUMNS, tuple(Entry(nth, _cells(row, view)) for nth, row in enumerate(rows)))


def _cells(row: Person, view: View) -> tuple[tuple[Cell, Any], ...]:
    words = view.words
    who = (Cell(row.label), row.label.casefold())
    n = (Cell(str(row.n)), row.n)
    none = (Cell(""), None)
    if isinstance(row, TailRow):
        return (who, (Cell(words("ledger.tail.named")), 0), (Cell(text.figure(row.kpi, view)), row.kpi),
                (Cell(text.adjusted(row, view)), row.value), (Cell(text.likely(row, view)), row.low),
                (Cell(text.sure(row)), row.p), n)
    if isinstance(row, Unsteady):
        figures = words("list.comma").join(text.figure(kpi, view) for kpi in row.kpis)
        return (who, (Cell(words("ledger.tail.unsteady")), 1), (Cell(figures), figures),
                (Cell(f"{row.times:.1f} x"), row.times), none, none, n)
    more = (Cell(f"+{row.needed:.0f}"), row.needed)
    figure = (Cell(text.figure(row.kpi, view)), row.kpi)
    return (who, (Cell(words("ledger.tail.early")), 2), figure, more, none, none, n)


