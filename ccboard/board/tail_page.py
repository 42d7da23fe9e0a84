"""Page 4: who is at the tail, who fluctuates, of whom it is too early; and what is done to help them."""

from datetime import timedelta
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from ccboard.board import arrange
from ccboard.board.arrange import Place, Places, Rows, TailRows
from ccboard.board.page import Page
from ccboard.board.surge_page import AskBar, SurgePage
from ccboard.panel_tail import CoachRow, Early, TailRow, Unsteady
from widgets.filter_bar import FilterBar
from widgets.strip_table import StripTable
from widgets.tail_detail import Chosen, TailDetail, TailHead
from widgets.tail_tables import (
    CoachTable,
    EarlyTable,
    TailPart,
    TailTable,
    UnsteadyTable,
    VerdictTable,
)
from widgets.tail_text import GROUPS, panel_of
from widgets.view import View

RECHECK = timedelta(days=14)
"""How long after now a re-check is set, unless `ccboard coach recheck` names a day."""
STEPS = {"": "coach_open", "open": "coach_start", "coaching": "coach_done", "recheck": "coach_done",
         "done": "coach_open"}
"""What `c` does next, by how far the coaching is."""


def about(row: Chosen, by: str) -> str:
    """Return what a deed about a row names: its figure, or the results as a whole."""
    if isinstance(row, CoachRow):
        return f"tail:{row.kpi}:{row.by}:{row.unit}"
    return f"tail:{row.kpi if isinstance(row, TailRow) else '*'}:{by}:{row.unit}"


class TailPage(Page):
    """Agents, teams or types; one row in full; what can be said of each figure."""

    main = "tail"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "next_group", "agents, teams or types", id="group"),
        Binding("c", "coach", "coaching: the next step", id="coach"),
        Binding("x", "recheck", "coaching: look again in two weeks", id="coach.recheck"),
        Binding("m", "note", "coaching: a note", id="coach.note"),
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._by = "agent"
        self._counts = TailRows()
        self._asking = False

    def compose(self) -> "list[Widget]":
        """Make the panels, in reading order."""
        return [TailHead(id="tailhead"), TailTable(id="tail"), UnsteadyTable(id="unsteady"),
                EarlyTable(id="early"), CoachTable(id="coaching"), TailDetail(id="detail"),
                VerdictTable(id="verdicts"), AskBar(id="tailask")]

    def arrangement(self, width: int, height: int, rows: Rows) -> Places:  # noqa: ARG002 - rows of its own
        """Return where the panels stand; while a note is typed the last line takes it."""
        places = arrange.tail(width, height - self._asking, self._counts)
        if self._asking:
            places["tailask"] = Place(0, height - 1, width, 1)
        return places

    def look(self, view: View) -> None:
        """Show a view, with room for what there is in it."""
        panel = panel_of(view)
        group = None if panel is None else panel.group(self._by)
        if panel is not None and group is not None:
            counts = TailRows(len(group.rows), len(group.unsteady), len(group.early), len(panel.coaching),
                              panel.names)
            if counts != self._counts:
                self._counts = counts
                self.rearrange()
        super().look(view)

    def on_show(self) -> None:
        """Take the keys at once: there is something to choose."""
        self.screen.set_focus(self.query_one(TailTable))

    def action_next_group(self) -> None:
        """Go on to teams, to types, and back to agents."""
        self._by = GROUPS[(GROUPS.index(self._by) + 1) % len(GROUPS)]
        for child in self.children:
            if isinstance(child, TailPart | TailHead | TailDetail):
                child.by = self._by
            if isinstance(child, TailDetail):
                child.chosen = None
        if self.view is not None:
            self.look(self.view)

    def on_strip_table_chosen(self, event: StripTable.Chosen) -> None:
        """Say more about the row that the cursor came to."""
        row = (event.table.pointed() or (None, None))[1]
        if isinstance(row, TailRow | Unsteady | Early | CoachRow):
            detail = self.query_one(TailDetail)
            detail.chosen = row
            if self.view is not None:
                detail.look(self.view)

    # --- what is done ---------------------------------------------------------------------------

    def chosen(self) -> Chosen | None:
        """Return the row that the page is about, as it is now."""
        return None if self.view is None else self.query_one(TailDetail).row(self.view)

    def _do(self, kind: str, row: Chosen, *, note: str | None = None, for_s: float | None = None) -> None:
        self.post_message(SurgePage.Deed(kind, about(row, self._by), note=note, for_s=for_s))

    def action_coach(self) -> None:
        """Take the coaching of the chosen row a step further."""
        row = self.chosen()
        if row is not None:
            self._do(STEPS["" if isinstance(row, Early) else row.state], row)

    def action_recheck(self) -> None:
        """Look again in two weeks."""
        row = self.chosen()
        if row is not None:
            self._do("coach_recheck", row, for_s=RECHECK.total_seconds())

    def action_note(self) -> None:
        """Ask for a note."""
        row, view = self.chosen(), self.view
        if row is None or view is None:
            return
        self._asking = True
        bar = self.query_one(AskBar)
        bar.sign = view.words("coach.ask", name=row.label)
        bar.pattern = ""
        self.rearrange()
        self.screen.set_focus(bar)
        self.call_after_refresh(bar.look, "", view.glyphs)

    def on_filter_bar_typed(self, event: FilterBar.Typed) -> None:
        """Take the note when it is whole."""
        event.stop()
        if not event.done:
            return
        row, typed = self.chosen(), event.pattern.strip()
        cleared = not event.pattern and self.query_one(AskBar).left_by_escape
        self._asking = False
        self.rearrange()
        self.screen.set_focus(self.query_one(TailTable))
        if typed and not cleared and row is not None:
            self._do("coach_note", row, note=typed)
