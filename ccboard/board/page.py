"""A page: panels mounted once, placed by its arrangement, updated in place."""

from typing import ClassVar, Protocol, cast

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from ccboard.board import arrange
from ccboard.board.arrange import Places, Rows
from ccboard.board.room import Room
from widgets.cell_widget import CellWidget
from widgets.filter_bar import FilterBar, matcher
from widgets.level_bars import LevelBars
from widgets.queue_table import search as queue_text
from widgets.strip_table import StripTable
from widgets.surge_brief import lines_of as surge_lines
from widgets.tail_brief import lines_of
from widgets.view import View


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
        self._waiting = Room()
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
        return [child for child in self.children if child.id in self.placed and isinstance(child, CellWidget)
                and not isinstance(child, FilterBar)]

    def look(self, view: View) -> None:
        """Show a view in the panels that are in sight."""
        self.view = view
        if view.snapshot is not None:
            rows = Rows(len(view.queues), len(view.snapshot.sources), lines_of(view), surge_lines(view),
                        self._waiting.keep(len(view.snapshot.waiting), view.snapshot.as_of))
            if rows != self.rows:
                self.rows = rows
                self.rearrange()
        for panel in self.panels:
            cast("Panel", panel).look(view)

    def rearrange(self) -> None:
        """Place the panels again, and draw those that came into sight."""
        # Known at once: on a busy machine the panels may be looked at before they have been placed.
        self.places_for(self.size)
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

    def counted(self) -> list[tuple[str, str, int, int]]:
        """Return (panel, key of its first column, rows that pass, rows) of the tables in sight."""
        return [(panel.id or "", panel.columns[0].key, *panel.counts)
                for panel in self.panels if isinstance(panel, StripTable)]

    def mute(self, muted: bool) -> None:
        """Grey everything, or no longer."""
        for child in self.children:
            if isinstance(child, CellWidget):
                child.mute(muted)
