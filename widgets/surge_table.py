"""The queues of the surge page: how each stands against its normal day, and its people."""

from ccboard.panel_surge import QueueSurge
from widgets import format as fmt
from widgets import surge_text as text
from widgets.columns import Cell, Column
from widgets.strip_table import StripTable
from widgets.view import View


def _name(row: QueueSurge, view: View) -> Cell:
    return Cell(text.name(row, view), "strong" if row.alarmed else "plain")


def _state(row: QueueSurge, view: View) -> Cell:
    if row.state == "normal" and row.over_at is not None:
        return Cell(view.words("surge.state.over"), "good")
    if row.state == "learning" and row.weeks is not None:
        return Cell(view.words("surge.learning_short", weeks=f"{row.weeks:.0f}"), "dim")
    if row.state == "normal" and row.lift is not None and row.lift <= text.QUIET:
        return Cell(view.words("surge.state.quiet"), "plain")
    return Cell(view.words(f"surge.state.{row.state}"), text.role(row))


def _lift(row: QueueSurge, view: View) -> Cell:
    return Cell(text.lift(row.lift), text.role(row) if row.alarmed else "plain")


def _range(row: QueueSurge, view: View) -> Cell:
    if row.low is None or row.high is None:
        return Cell(fmt.DASH, "dim")
    return Cell(f"{row.low * 100:.0f}..{row.high * 100:.0f}", "dim")


def _calls(row: QueueSurge, view: View) -> Cell:
    return Cell(fmt.count(row.offered))


def _expected(row: QueueSurge, view: View) -> Cell:
    return Cell(fmt.DASH if row.expected is None else f"{row.expected:.0f}", "dim")


def _since(row: QueueSurge, view: View) -> Cell:
    return Cell(text.time(row.since, view) if row.alarmed else "")


def _sure(row: QueueSurge, view: View) -> Cell:
    if not row.alarmed or row.sure is None or row.state == "silent":
        return Cell("")
    return Cell(f"{min(99, round(row.sure * 100))} %")


def _tier(row: QueueSurge, view: View) -> Cell:
    if not row.alarmed or row.state == "silent":
        return Cell("")
    return Cell(text.tier(row.tier, row.tier_name, view), text.role(row))


def _people(row: QueueSurge, view: View) -> Cell:
    return Cell(fmt.DASH if row.heads is None else str(row.heads), "dim" if row.heads is None else "plain")


def _need(row: QueueSurge, view: View) -> Cell:
    short = row.need is not None and row.heads is not None and row.need > row.heads
    return Cell(fmt.DASH if row.need is None else str(row.need), "warning" if short else "dim")


def _false(row: QueueSurge, view: View) -> Cell:
    if row.alarms is None:
        return Cell(fmt.DASH, "dim")
    return Cell(f"{row.false_alarms}/{row.alarms}", "dim")


COLUMNS: tuple[Column[QueueSurge], ...] = (
    Column("surge", _name, 10, grow=1, most=30),
    Column("surge_state", _state, 9, priority=0),
    Column("lift", _lift, 6, right=True, sort=lambda r, v: r.lift),
    Column("lift_range", _range, 8, right=True, priority=2),
    Column("tier", _tier, 7, priority=1, grow=1, most=16),
    Column("surge_since", _since, 5, priority=2),
    Column("surge_sure", _sure, 4, right=True, priority=3),
    Column("calls", _calls, 5, right=True, priority=3, sort=lambda r, v: r.offered),
    Column("expected", _expected, 6, right=True, priority=4),
    Column("people", _people, 5, right=True, priority=3),
    Column("need", _need, 4, right=True, priority=3),
    Column("false_alarms", _false, 5, right=True, priority=5),
)


class SurgeTable(StripTable[QueueSurge]):
    """All queues of the watch."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(COLUMNS, lambda r: ("surge", r.queue), lambda r, v: text.name(r, v),
                         empty="empty.surge", id=id)
        self._of: object = None

    def look(self, view: View) -> None:
        """Show the rows of a view; the same rows are not looked at again."""
        panel = text.panel_of(view)
        rows = () if panel is None else panel.rows
        empty = "empty.surge"
        if panel is not None and panel.pending:
            empty = "surge.pending"
        elif panel is None and view.snapshot is not None and not view.snapshot.live:
            empty = "empty.surge_past"  # of the past nothing more comes
        of = (rows, empty)
        if of == self._of and self._view is not None and self._view.words is view.words:
            return
        self._of, self.empty = of, empty
        self.show(rows, view)
