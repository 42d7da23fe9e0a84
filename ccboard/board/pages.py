"""The pages of the board."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from ccboard.board import arrange
from ccboard.board.arrange import Places, Rows, TailRows
from ccboard.board.page import Page as Page
from ccboard.board.surge_page import SurgePage
from ccboard.panel_tail import Early, TailRow, Unsteady
from widgets.agent_table import AgentTable
from widgets.event_log import EventLog
from widgets.floor_line import FloorLine
from widgets.level_bars import LevelBars
from widgets.queue_table import QueueTable
from widgets.source_tables import FindingTable, SourceTable
from widgets.strip_table import StripTable
from widgets.surge_brief import SurgeBrief
from widgets.tail_brief import TailBrief
from widgets.tail_detail import Chosen, TailDetail, TailHead
from widgets.tail_tables import EarlyTable, TailPart, TailTable, UnsteadyTable, VerdictTable
from widgets.tail_text import GROUPS, panel_of
from widgets.view import View
from widgets.waiting_table import WaitingTable


class Overview(Page):
    """The floor at one look."""

    main = "queues"

    def arrangement(self, width: int, height: int, rows: Rows) -> Places:
        """Return where the panels stand."""
        return arrange.with_surge(width, height, rows)

    def compose(self) -> "list[Widget]":
        """Make the panels, in reading order."""
        return [SurgeBrief(id="surge"), QueueTable(id="queues"), LevelBars(id="levels"), EventLog(id="log"),
                AgentTable(urgent=True, id="agents"), TailBrief(id="tail"), WaitingTable(id="waiting"),
                FloorLine(id="floor")]


class Queues(Page):
    """Queues with every figure, the callers who wait, the day by interval."""

    main = "queues"

    def arrangement(self, width: int, height: int, rows: Rows) -> Places:
        """Return where the panels stand."""
        return arrange.queues(width, height, rows)

    def compose(self) -> "list[Widget]":
        """Make the panels, in reading order."""
        return [QueueTable(more=True, id="queues"), WaitingTable(id="waiting"), LevelBars(id="levels")]


class Agents(Page):
    """All agents."""

    main = "agents"

    def arrangement(self, width: int, height: int, rows: Rows) -> Places:
        """Return where the panels stand."""
        return arrange.agents(width, height, rows)

    def compose(self) -> "list[Widget]":
        """Make the panel."""
        return [AgentTable(id="agents")]


class Tail(Page):
    """Who is at the tail, who fluctuates, of whom it is too early: agents, teams or types."""

    main = "tail"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "next_group", "agents, teams or types", id="group"),
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._by = "agent"
        self._counts = TailRows()

    def arrangement(self, width: int, height: int, rows: Rows) -> Places:  # noqa: ARG002
        """Return where the panels stand: here other tables decide."""
        return arrange.tail(width, height, self._counts)

    def look(self, view: View) -> None:
        """Show a view, with room for what there is in it."""
        panel = panel_of(view)
        group = None if panel is None else panel.group(self._by)
        if panel is not None and group is not None:
            counts = TailRows(len(group.rows), len(group.unsteady), len(group.early), panel.names)
            if counts != self._counts:
                self._counts = counts
                self.rearrange()
        super().look(view)

    def compose(self) -> "list[Widget]":
        """Make the panels, in reading order."""
        return [TailHead(id="tailhead"), TailTable(id="tail"), UnsteadyTable(id="unsteady"),
                EarlyTable(id="early"), TailDetail(id="detail"), VerdictTable(id="verdicts")]

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

    def chosen(self) -> Chosen | None:
        """Return the row that the detail is about."""
        return self.query_one(TailDetail).chosen

    def on_strip_table_chosen(self, event: StripTable.Chosen) -> None:
        """Say more about the row that the cursor came to."""
        row = (event.table.pointed() or (None, None))[1]
        if isinstance(row, TailRow | Unsteady | Early):
            detail = self.query_one(TailDetail)
            detail.chosen = row
            if self.view is not None:
                detail.look(self.view)


class Sources(Page):
    """Sources and data quality."""

    main = "sources"

    def arrangement(self, width: int, height: int, rows: Rows) -> Places:
        """Return where the panels stand."""
        return arrange.sources(width, height, rows)

    def compose(self) -> "list[Widget]":
        """Make the panels."""
        return [SourceTable(id="sources"), FindingTable(id="findings")]


PAGES: dict[str, tuple[str, type[Page]]] = {
    "overview": ("1", Overview),
    "queues": ("2", Queues),
    "agents": ("3", Agents),
    "tail": ("4", Tail),
    "surge": ("5", SurgePage),
    "sources": ("7", Sources),
}
"""Name: (key, class). The numbers are those of the whole board; pages that do not exist have none yet."""
