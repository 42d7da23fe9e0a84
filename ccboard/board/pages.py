"""Pages: panels mounted once, placed by ``arrange``, updated in place."""

from typing import ClassVar, Protocol, cast

from textual.binding import Binding, BindingType
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from ccboard.board import arrange
from ccboard.board.arrange import Places, Rows, TailRows
from ccboard.panel_tail import Early, TailRow, Unsteady
from widgets.agent_table import AgentTable
from widgets.cell_widget import CellWidget
from widgets.event_log import EventLog
from widgets.filter_bar import matcher
from widgets.floor_line import FloorLine
from widgets.level_bars import LevelBars
from widgets.queue_table import QueueTable
from widgets.queue_table import search as queue_text
from widgets.source_tables import FindingTable, SourceTable
from widgets.strip_table import StripTable
from widgets.tail_brief import TailBrief, lines_of
from widgets.tail_detail import Chosen, TailDetail, TailHead
from widgets.tail_tables import EarlyTable, TailPart, TailTable, UnsteadyTable, VerdictTable
from widgets.tail_text import GROUPS, panel_of
from widgets.view import View
from widgets.waiting_table import WaitingTable


class Panel(Protocol):
    """What a page asks of its panels."""

    def look(self, view: View) -> None:
        """Show a view."""


class PlacedLayout(Layout):
    """Puts the panels of a page where its arrangement says; those without a place are not drawn."""

    name = "placed"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True  # noqa: ARG002
    ) -> ArrangeResult:
        """Return the places of the panels."""
        page = cast("Page", parent)
        places = page.places_for(size)
        return [
            WidgetPlacement(Region(*places[child.id]), NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child.id in places
        ]


class Page(Widget):
    """One page of the board. `main` is the panel that the keys go to first."""

    ALLOW_SELECT = False
    main: ClassVar[str]

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._placed_layout = PlacedLayout()
        self.view: View | None = None
        self.rows = Rows()
        self.zoomed: str | None = None
        self.placed: Places = {}
        self.pattern = ""

    def arrangement(self, width: int, height: int, rows: Rows) -> Places:
        """Return where the panels stand on a page of this size, for tables of so many rows."""
        raise NotImplementedError

    @property
    def layout(self) -> Layout:
        """The layout is the arrangement's, whatever a style sheet says."""
        return self._placed_layout

    def places_for(self, size: Size) -> Places:
        """Return the places for a size, and remember them: only placed panels are drawn."""
        if self.zoomed is not None:
            self.placed = arrange.whole(self.zoomed, size.width, size.height)
        else:
            self.placed = self.arrangement(size.width, size.height, self.rows)
        return self.placed

    @property
    def panels(self) -> list[CellWidget]:
        """The panels in sight, in reading order."""
        return [child for child in self.children if child.id in self.placed and isinstance(child, CellWidget)]

    def look(self, view: View) -> None:
        """Show a view in the panels that are in sight."""
        self.view = view
        if view.snapshot is not None:
            rows = Rows(len(view.queues), len(view.snapshot.sources), lines_of(view))
            if rows != self.rows:
                self.rows = rows
                self.rearrange()
        for panel in self.panels:
            cast("Panel", panel).look(view)

    def rearrange(self) -> None:
        """Place the panels again, and draw those that came into sight."""
        # Textual keeps a widget's arrangement until one of its children asks for another.
        self.children[0].refresh(layout=True)
        self.call_after_refresh(self._look_again)

    def _look_again(self) -> None:
        if self.view is not None:
            for panel in self.panels:
                cast("Panel", panel).look(self.view)

    def on_resize(self) -> None:
        """Draw what another size brings into sight."""
        self.call_after_refresh(self._look_again)

    def zoom(self, panel: str | None) -> None:
        """Show one panel alone, or (None) all again."""
        if panel != self.zoomed:
            self.zoomed = panel
            self.rearrange()

    def filter(self, pattern: str) -> None:
        """Let only those rows of all panels through that match the pattern."""
        self.pattern = pattern
        likes = matcher(pattern)
        for child in self.children:
            if isinstance(child, StripTable):
                child.filter(likes)
            elif isinstance(child, LevelBars):
                queues = self.view.queues if self.view is not None else ()
                child.only = None
                if likes is not None and self.view is not None:
                    view = self.view
                    child.only = frozenset(q.queue for q in queues if likes(queue_text(q, view)))
                child.draw()

    def counted(self) -> list[tuple[str, int, int]]:
        """Return (panel, rows that pass, rows) of the tables in sight."""
        return [(panel.id or "", *panel.counts) for panel in self.panels if isinstance(panel, StripTable)]

    def mute(self, muted: bool) -> None:
        """Grey everything, or no longer."""
        for child in self.children:
            if isinstance(child, CellWidget):
                child.mute(muted)


class Overview(Page):
    """The floor at one look."""

    main = "queues"

    def arrangement(self, width: int, height: int, rows: Rows) -> Places:
        """Return where the panels stand."""
        return arrange.overview(width, height, rows)

    def compose(self) -> "list[Widget]":
        """Make the panels, in reading order."""
        return [QueueTable(id="queues"), LevelBars(id="levels"), EventLog(id="log"),
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
    "sources": ("7", Sources),
}
"""Name: (key, class). The numbers are those of the whole board; pages that do not exist have none yet."""
