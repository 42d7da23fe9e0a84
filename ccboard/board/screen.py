"""The screen: header, one page at a time, hints or the filter's line."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from ccboard.board.arrange import LEAST_HEIGHT, LEAST_WIDTH
from ccboard.board.asking import AskPage
from ccboard.board.compositor import SpanCompositor
from ccboard.board.list_page import ListPage
from ccboard.board.pages import PAGES, Page
from ccboard.board.state import BoardState
from widgets.cell_widget import CellWidget
from widgets.cells import fit
from widgets.filter_bar import FilterBar
from widgets.header import Header
from widgets.help import HelpPage
from widgets.hints import Hints
from widgets.lens import Lens
from widgets.strip_table import StripTable
from widgets.time_bar import TimeBar

LENS_BESIDE, LENS_WIDTH = 110, 112
"""From this width on the lens leaves room beside it, and is so wide."""


class Pages(Widget):
    """Holds the pages; one of them is displayed."""

    ALLOW_SELECT = False


class BoardScreen(Screen[None], inherit_bindings=False):
    """Everything in sight. Pages are made when they are first asked for."""

    ALLOW_SELECT = False
    VERTICAL_BREAKPOINTS = [(0, "-short"), (16, "-tall"), (36, "-roomy")]  # noqa: RUF012 - Textual's own declaration
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "panel(1)", "next panel", id="panel.next"),
        Binding("shift+tab", "panel(-1)", "previous panel", id="panel.previous"),
        Binding("up,k,down,j,left,h,right,l,pageup,pagedown,G,home,end,less_than_sign,greater_than_sign",
                "first_panel", show=False, system=True),
    ]

    def __init__(self, state: BoardState) -> None:
        super().__init__(id="board")
        self._compositor = self._frugal = SpanCompositor()
        self.state = state
        self.page_name = "overview"
        self.said = ""
        self._help_from: Page | None = None
        self._ready = False
        self.header = Header(id="header")
        self._small = CellWidget(id="small")
        self._opened = {"overview": PAGES["overview"][1](id="page-overview")}
        self._holder = Pages(self._opened["overview"], self._small, id="pages")
        self._bar = FilterBar(id="filter")
        self._time = TimeBar(id="time")
        self._hints = Hints(id="hints")
        self.lens: Lens | None = None
        """The panel over the page, while there is one."""
        self._lens_from: Widget | None = None
        self._back: tuple[str, str, Widget | None] | None = None
        """Of a page that was opened from a figure: its filter, and the page and panel to go back to."""
        self._time_from: Widget | None = None
        self._help: HelpPage | None = None

    def compose(self) -> ComposeResult:
        """Show what the first page needs."""
        yield from (self.header, self._holder, self._bar, self._time, self._hints)

    def on_mount(self) -> None:
        """Show the frame at once; figures follow."""
        self._small.display = False
        self._ready = True
        self.draw()

    @property
    def page(self) -> Page:
        """The page in sight."""
        return self._opened[self.page_name]

    @property
    def helping(self) -> bool:
        """Whether help stands in front of the page."""
        return self._help_from is not None

    def on_key(self, event: events.Key) -> None:
        """Give a page its own keys also while the header has the focus: it stands outside of the page."""
        if self.focused is not self.header or self.helping:
            return
        for binding in self.page.BINDINGS:
            if isinstance(binding, Binding) and binding.key == event.key:
                event.stop()
                # On the page's own turn: what a page says bubbles up to whoever sent it, and no further.
                self.page.call_later(self.app.run_action, binding.action, self.page)
                return

    # --- drawing --------------------------------------------------------------------------------

    def draw(self) -> None:
        """Show this moment."""
        if not self._ready:  # news may come before there is anything to show it in
            return
        self.draw_head()
        self.draw_page()
        if not self.helping:
            self.draw_foot()

    def draw_page(self) -> None:
        """Show this moment in the page's panels alone."""
        if self._ready and not self.helping:
            self.page.mute(self.state.lost)
            self.page.look(self.state.figures())

    def draw_head(self) -> None:
        """Show the header: its clock goes on whether there is news or not."""
        if self._ready:
            self.header.look(*self.state.heading())

    def draw_foot(self) -> None:
        """Show the hints, or what the filter found."""
        view, _ = self.state.heading()
        words = self.state.words
        pages = [
            (key, words(f"hint.page.{name}"), name == self.page_name) for name, (key, _) in PAGES.items()
        ]
        keys = self._key_hints()
        said = self.said
        if not said and view.snapshot is not None and view.snapshot.temporary_hub:
            said = words("header.temporary" if self.size.width >= 110 else "header.temporary.short")
        self.set_class(bool(self.said), "-saying")
        self._hints.look(view, pages, keys, said, alone=bool(self.said))
        bar = self._bar
        if bar.pattern or bar.has_focus:
            counted = "  ".join(
                f"{words.title(_COUNTED.get(panel, column)).lower()} {shown}/{rows}"
                for panel, column, shown, rows in self.page.counted()
            )
            if self.came_from_figure:
                counted += f"   esc {words('hint.back')}"
            bar.look(counted, self.state.glyphs)

    def _key_hints(self) -> list[tuple[str, str]]:
        """Return the keys that one needs first here; what stands last but one goes first."""
        words, travel = self.state.words, self.state.travel
        if isinstance(self.page, ListPage):
            return [("esc", words("hint.back")), ("/", words("hint.filter")), ("e", words("hint.save_list")),
                    ("< >", words("hint.sort")), ("?", words("hint.help"))]
        if self.came_from_figure:
            return [("esc", words("hint.back")), ("/", words("hint.filter")), ("d", words("hint.lens")),
                    ("< >", words("hint.sort")), ("?", words("hint.help"))]
        if travel.at is not None:
            play = words("hint.pause" if travel.playing else "hint.play")
            return [("L", words("hint.live")), ("space", play), ("[ ]", words("hint.interval")),
                    ("{ }", words("hint.minute")), ("g", words("hint.time")), ("?", words("hint.help"))]
        freeze = words("hint.go_on" if self.state.frozen else "hint.freeze")
        return [("/", words("hint.filter")), ("d", words("hint.lens")), ("space", freeze),
                ("z", words("hint.zoom")), ("g", words("hint.time")), ("?", words("hint.help"))]

    def on_resize(self) -> None:
        """Ask for room where there is too little, and draw for the size."""
        small = self.size.width < LEAST_WIDTH or self.size.height < LEAST_HEIGHT
        self._small.display = small
        if not self.helping:
            self.page.display = not small
        width = max(1, self.size.width)
        self._small.put([((fit(self.state.words("header.bigger"), width), "strong"),)])
        self.call_after_refresh(self.draw)
        if self.lens is not None:
            self.call_after_refresh(self.fit_lens)

    # --- pages and panels -----------------------------------------------------------------------

    async def turn_to(self, name: str) -> None:
        """Show another page; its panels are made the first time."""
        self.close_help()
        self.close_lens()
        self._back = None
        if name == self.page_name:
            return
        if name not in self._opened:
            self._opened[name] = page = PAGES[name][1](id=f"page-{name}")
            await self._holder.mount(page)
        if self._bar.pattern:
            self.stop_filter()
        self.set_focus(None)
        left = self.page
        left.display = False
        self.page_name = name
        self.page.display = True
        if isinstance(left, ListPage):
            del self._opened["visits"]
            await left.remove()
        self.draw()
        self.call_after_refresh(self.draw)

    def _focusable(self) -> list[Widget]:
        """Return what the keys can go to, the header last: on most days nobody asks it anything."""
        panels: list[Widget] = [panel for panel in self.page.panels if panel.focusable]
        return [*panels, self.header] if panels else []

    def action_panel(self, by: int) -> None:
        """Take the keys to the next or previous panel in sight."""
        panels = self._focusable()
        if not panels:
            return
        if self.focused in panels:
            self.set_focus(panels[(panels.index(self.focused) + by) % len(panels)])
        else:
            self.set_focus(panels[0 if by > 0 else -1])

    def action_first_panel(self) -> None:
        """Take the keys to the page's main panel."""
        panels = self._focusable()
        main = next((p for p in panels if p.id == self.page.main), None)
        if main is not None or panels:
            self.set_focus(main or panels[0])

    def zoom(self) -> None:
        """Show the panel that has the keys alone, or all panels again."""
        page = self.page
        if page.zoomed is not None:
            page.zoom(None)
            return
        panels = self._focusable()
        focused = self.focused if self.focused in panels else None
        panel = focused or next((p for p in panels if p.id == page.main), None)
        if panel is not None and panel is not self.header:
            page.zoom(panel.id)

    # --- lens and list --------------------------------------------------------------------------

    def open_lens(self) -> Lens:
        """Open the lens over the page and give it the keys."""
        self.close_lens()
        self._lens_from = self.focused
        self.lens = lens = Lens()
        self._holder.mount(lens)
        self._frugal.overlay = lens
        self.set_focus(lens)
        self.fit_lens()
        return lens

    def fit_lens(self) -> None:
        """Give the lens its place: all of a small screen, else as much as it needs, beside the cursor."""
        lens, size = self.lens, self._holder.size
        if lens is None or not size.width:
            return
        width, height, x, y = size.width, size.height, 0, 0
        if width >= LENS_BESIDE:
            width = min(LENS_WIDTH, width - 4)
            x = size.width - width - 1
            height = min(size.height, max(8, lens.height_for(width)))
            below = self._cursor_line() + 2
            y = below if below + height <= size.height else max(0, size.height - height)
        lens.styles.width, lens.styles.height, lens.styles.offset = width, height, (x, y)

    def _cursor_line(self) -> int:
        panel = self._lens_from
        if panel is None:
            return 0
        line = panel.region.y - self._holder.region.y
        return line + panel.cursor_line() if isinstance(panel, StripTable) else line + panel.size.height

    def close_lens(self) -> None:
        """Close it; the keys go back to where they came from."""
        if self.lens is None:
            return
        lens, self.lens = self.lens, None
        self._frugal.overlay = None
        before, self._lens_from = self._lens_from, None
        lens.remove()
        self.set_focus(before if before is not None and before.is_attached else None)

    async def open_list(self, page: ListPage) -> None:
        """Show a list in the page's place; one behind a list's row goes back to where that came from."""
        before = self.page
        page.came_from = (before.came_from if isinstance(before, ListPage)
                          else (self.page_name, self.focused))
        page.back = before.back if isinstance(before, ListPage) else self._back
        self._back = None
        if self._bar.pattern:
            self.stop_filter()
        before.display = False
        if isinstance(before, ListPage):
            await before.remove()
        self._opened["visits"] = page
        self.page_name = "visits"
        await self._holder.mount(page)
        self.draw()
        self.set_focus(page.rows_of)

    async def close_list(self) -> None:
        """Go back to where the list was opened, cursor and all."""
        page = self.page
        if not isinstance(page, ListPage):
            return
        name, panel = page.came_from
        await self.turn_to(name)
        self._back = page.back
        self.draw_foot()
        if panel is not None and panel.is_attached:
            self.set_focus(panel)

    async def open_behind(self, name: str, pattern: str = "") -> None:
        """Turn to the page that stands behind a figure, filtered; Esc goes back, as from a list."""
        page, panel = self.page, self.focused
        before = page.came_from if isinstance(page, ListPage) else (self.page_name, panel)
        await self.turn_to(name)
        if name != before[0]:
            self._back = (pattern, *before)
        if pattern:
            self.start_filter(pattern)
        else:
            self.action_first_panel()
        self.draw_foot()

    @property
    def came_from_figure(self) -> bool:
        """Whether Esc goes back to a figure: as long as nobody has filtered otherwise."""
        return self._back is not None and self.page.pattern in ("", self._back[0])

    async def go_back(self) -> None:
        """Go back to the figure, cursor and all."""
        if self._back is None:
            return
        _, name, panel = self._back
        await self.turn_to(name)
        if panel is not None and panel.is_attached:
            self.set_focus(panel)

    # --- a typed time ---------------------------------------------------------------------------

    def start_time(self) -> None:
        """Open the line for a time."""
        words, bar = self.state.words, self._time
        self._time_from = self.focused
        bar.sign, bar.pattern = words("travel.prompt"), ""
        self.add_class("-timing")
        self.set_focus(bar)
        bar.look(words("travel.forms"), self.state.glyphs)

    def stop_time(self) -> None:
        """Close it; the keys go back to where they came from."""
        self.remove_class("-timing")
        before = self._time_from
        self.set_focus(before if before is not None and before.is_attached else None)

    # --- filter ---------------------------------------------------------------------------------

    def start_filter(self, pattern: str = "") -> None:
        """Open the filter's line; with a pattern it is applied at once and the keys stay with the page."""
        self.add_class("-filtering")
        if pattern:
            self._bar.pattern = pattern
            self.page.filter(pattern)
            self.action_first_panel()
            self.draw_foot()
            return
        self.set_focus(self._bar)
        self.draw_foot()

    def stop_filter(self) -> None:
        """Close it and show everything."""
        self._bar.pattern = ""
        self.page.filter("")
        self.remove_class("-filtering")

    def on_filter_bar_typed(self, event: FilterBar.Typed) -> None:
        """Apply what is typed at once."""
        event.stop()
        self.page.filter(event.pattern)
        if event.done:
            if not event.pattern:
                self.remove_class("-filtering")
            self.action_first_panel()
        self.draw_foot()

    # --- help -----------------------------------------------------------------------------------

    def open_help(self, keys: list[tuple[str, str]]) -> None:
        """Put the help in front of the page."""
        page = self.page
        self._help_from = page
        page.display = False
        self._help = panel = HelpPage(id="help")
        self._holder.mount(panel)
        panel.look(self.state.heading()[0], keys)
        self.set_focus(panel)

    def close_help(self) -> None:
        """Go back to the page."""
        if self._help_from is None or self._help is None:
            return
        self._help_from.display = True
        self._help_from = None
        self.set_focus(None)
        if isinstance(self.page, AskPage):
            self.action_first_panel()
        self._help.remove()
        self.call_after_refresh(self.draw)

    def on_help_page_closed(self, event: HelpPage.Closed) -> None:
        """Close it at any key."""
        event.stop()
        self.close_help()

    # --- pictures -------------------------------------------------------------------------------

    def text(self) -> list[str]:
        """Return the screen as lines of plain text."""
        return [strip.text.rstrip() for strip in self.strips()]

    def strips(self) -> list[Strip]:
        """Return the screen as it is drawn."""
        return self._compositor.render_strips()


_COUNTED = {"waiting": "caller"}
"""What a table's rows are called, where it is not as their first column."""
