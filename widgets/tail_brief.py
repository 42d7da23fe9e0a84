"""The tail on the overview: a few lines, calm when nobody is named; counts where names are not shown."""

from collections.abc import Hashable

from ccboard.panel_tail import TailPanel, TailRow, Verdict
from widgets import tail_text as text
from widgets.columns import Cell, Column
from widgets.strip_table import StripTable
from widgets.view import View

Row = TailRow | Verdict | str
"""Somebody at the tail, a figure's count, or a sentence about the rest."""


def _figure(row: Row, view: View) -> Cell:
    return Cell("" if isinstance(row, str) else text.figure(row.kpi, view), "dim")


def _who(row: Row, view: View) -> Cell:
    if isinstance(row, str):
        return Cell(row, "dim", spans=True)
    if isinstance(row, Verdict):
        return Cell(view.words("tail.n_named", n=str(row.named), of=str(row.seen)))
    return Cell(row.label)


def _adjusted(row: Row, view: View) -> Cell:
    return Cell(text.adjusted(row, view), "strong") if isinstance(row, TailRow) else Cell("")


def _likely(row: Row, view: View) -> Cell:
    return Cell(text.likely(row, view)) if isinstance(row, TailRow) else Cell("")


def _sure(row: Row, view: View) -> Cell:
    if not isinstance(row, TailRow):
        return Cell("")
    return Cell(text.sure(row), "strong" if row.strong else "plain")


PEOPLE = 6
"""People who are listed, each with the figure that is surest; of the others the number stands there."""

COLUMNS: tuple[Column[Row], ...] = (
    Column("tail_brief", _figure, 9, still=True),
    Column("tail_who", _who, 14, grow=3, most=40, still=True),
    Column("adjusted", _adjusted, 7, right=True, priority=1, still=True),
    Column("likely", _likely, 12, right=True, priority=3, still=True),
    Column("sure", _sure, 4, right=True, priority=2, still=True),
)


def rows_of(panel: TailPanel | None, view: View) -> tuple[Row, ...]:
    """Return the lines: the agents at the tail, or how many; then how many fluctuate or are too new."""
    group = None if panel is None else panel.group("agent")
    if panel is None or group is None:
        return ()
    words = view.words
    surest: dict[str, TailRow] = {}
    for row in sorted(group.rows, key=lambda r: (not r.strong, -r.p)):
        surest.setdefault(row.unit, row)
    rows: list[Row] = [*[*surest.values()][:PEOPLE]]
    if not panel.names:
        rows += [v for v in group.verdicts if v.named]
    if not rows:
        rows.append(words("empty.tail" if group.judged else "empty.tail_nothing"))
    more = group.n_named - PEOPLE if panel.names else 0
    rest = [words("tail.n_more", n=str(more))] if more > 0 else []
    rest += [words(f"tail.n_{name}", n=str(n)) for name, n in
            (("unsteady", group.n_unsteady), ("early", group.n_early)) if n]
    if rest:
        rows.append(words("tail.and").join(rest))
    return tuple(rows)


class TailBrief(StripTable[Row]):
    """Who is at the tail, in short."""

    counted = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(COLUMNS, _key, lambda r, v: _who(r, v).text, empty="empty.tail_soon", id=id)
        self._of: tuple[object, object] = (None, None)
        self._made: tuple[Row, ...] = ()

    def look(self, view: View) -> None:
        """Show the tail of a view."""
        of = (text.panel_of(view), view.words)
        if of[0] is not self._of[0] or of[1] is not self._of[1]:
            self._of, self._made = of, rows_of(of[0], view)
        self.show(self._made, view)


def lines_of(view: View) -> int:
    """Return how many lines the list would like to have, its title included; 0 while there is no panel."""
    rows = rows_of(text.panel_of(view), view)
    return 1 + len(rows) if rows else 0


def _key(row: Row) -> Hashable:
    return (row.unit, row.kpi) if isinstance(row, TailRow) else row
