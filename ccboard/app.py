"""The board: a Textual application that shows snapshots and knows nothing of where they come from.

A feed, on a thread of its own, hands over the newest snapshot or that the hub is lost. Only the newest is
kept: a board behind a terminal that nobody reads neither piles up memory nor disturbs the hub.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar, Protocol

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.driver import Driver
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from ccboard import paths, themes
from ccboard.board.answers import Answers
from ccboard.board.asking import AskPage
from ccboard.board.deeds import Deeds
from ccboard.board.inquiry import Inquiry
from ccboard.board.journey import MINUTE_S, Journey
from ccboard.board.list_page import LedgerPage, ListPage
from ccboard.board.pages import PAGES
from ccboard.board.picture import placed
from ccboard.board.screen import BoardScreen
from ccboard.board.state import BoardState, Lost
from ccboard.board.surge_page import about, urgent
from ccboard.board.travel import Replay
from ccboard.board.visits_page import VisitsPage
from ccboard.clock import monotonic
from ccboard.errors import CcboardError, StoreError
from ccboard.i18n import Words, environment_language
from ccboard.snapshot import Snapshot
from widgets import format as fmt
from widgets.glyphs import Glyphs, for_encoding
from widgets.strip_table import StripTable
from widgets.surge_text import taken
from widgets.time_bar import TimeBar

STRIKES_S = 0.2
"""News that comes so shortly before the clock moves is drawn with it."""
DEEDS = frozenset({"surge.accept", "surge.snooze", "surge.new_normal", "surge.false", "surge.note", "coach",
                   "coach.recheck", "coach.note"})
"""Bindings by which somebody does something: who only looks is not shown them."""
LEAST_BETWEEN_DRAWS_S = 0.45
"""Snapshots may come four times a second under traffic; nobody reads faster than twice. Running times move
with the clock alone, all at once: what news changes besides is little, and so costs little to draw."""
EARLY_S = 0.1
SAID_FOR_S = 8.0

News = Snapshot | Lost


class Feed(Protocol):
    """Where snapshots come from. `start` returns at once; the callback may be called on any thread."""

    def start(self, callback: Callable[[News], None]) -> None:
        """Begin to call back with the newest snapshot, or with Lost."""

    def stop(self) -> None:
        """Call back no more. Must not wait for the network."""


def _page_keys() -> list[BindingType]:
    return [Binding(key, f"page('{name}')", name, id=f"page.{name}") for name, (key, _) in PAGES.items()]


class BoardApp(App[int]):
    """The board. `feed` brings snapshots; everything else has a sensible default."""

    CSS_PATH = Path(__file__).with_name("board.tcss")
    TITLE = "ccboard"
    AUTO_FOCUS = None
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *_page_keys(),
        Binding("slash", "filter", "filter", key_display="/", id="filter"),
        Binding("a", "accept", "accept", id="surge.accept"),
        Binding("d", "lens", "define", id="lens"),
        Binding("enter", "list", "the calls", id="list"),
        Binding("space", "freeze", "freeze", id="freeze"),
        Binding("left_square_bracket", "interval(-1)", "interval back", key_display="[", id="interval.back"),
        Binding("right_square_bracket", "interval(1)", "interval on", key_display="]", id="interval.on"),
        Binding("left_curly_bracket", "minute(-1)", "minute back", key_display="{", id="minute.back"),
        Binding("right_curly_bracket", "minute(1)", "minute on", key_display="}", id="minute.on"),
        Binding("g", "go_to", "go to a time", id="go_to"),
        Binding("L", "live", "live", key_display="L", id="live"),
        Binding("minus", "speed(-1)", "slower", key_display="-", id="slower"),
        Binding("plus,equals_sign", "speed(1)", "faster", key_display="+", id="faster"),
        Binding("z", "zoom", "zoom", id="zoom"),
        Binding("s", "save_screen", "save the screen", id="screenshot"),
        Binding("t", "next_theme", "colours", id="theme"),
        Binding("question_mark,f1", "help", "help", id="help"),
        Binding("escape", "step_back", "back", id="escape"),
        Binding("q,ctrl+c", "quit", "quit", id="quit"),
    ]

    class Fed(Message):
        """There is news in the inbox. It carries nothing: the newest counts, not each."""

    class Answered(Message):
        """Something that was asked for on a thread has come: `then` takes it."""

        def __init__(self, then: Callable[[], None]) -> None:
            super().__init__()
            self.then = then

    def __init__(
        self,
        feed: Feed,
        *,
        answers: Answers | None = None,
        replay: Replay | None = None,
        language: str | None = None,
        glyphs: Glyphs | None = None,
        theme: str | None = None,
        screenshots: Path | None = None,
        exports: Path | None = None,
        tick: Callable[[], float] = monotonic,
        driver_class: type[Driver] | None = None,
    ) -> None:
        no_colour = "NO_COLOR" in os.environ
        super().__init__(driver_class=driver_class, ansi_color=True if no_colour else None)
        if glyphs is None:
            glyphs = for_encoding(getattr(sys.__stdout__, "encoding", None))
        if glyphs.ascii:
            language = "en"  # a terminal without Chinese characters cannot show Chinese words
        self.state = BoardState(Words(language or environment_language()), glyphs, tick)
        self.feed = feed
        self.screenshots = screenshots
        self.exports = exports
        self.failure: CcboardError | None = None
        """Why there never was a hub: the command says it when the board has gone."""
        self._tick_source = tick
        self._replay = replay
        self.journey = Journey(self, answers)
        self.inquiry = Inquiry(self, answers)
        self.deeds = Deeds(self, answers)
        self._inbox: list[News] = []
        self._inbox_lock = threading.Lock()
        self._last_draw = float("-inf")
        self._due: Timer | None = None
        self._strike: Timer | None = None
        self._unsay: Timer | None = None
        for board_theme in themes.THEMES:
            self.register_theme(board_theme)
        few = self.console.color_system in (None, "standard")
        self.theme = theme or (themes.NO_COLOUR if no_colour or few else themes.DEFAULT)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give Textual's own themes the board's inks."""
        return themes.inks(self.current_theme)

    def get_default_screen(self) -> Screen[Any]:
        """Return the board's screen."""
        return BoardScreen(self.state)

    @property
    def board(self) -> BoardScreen:
        """The board's screen, also while the palette stands in front of it."""
        screen = self.screen_stack[0]
        assert isinstance(screen, BoardScreen)
        return screen

    # --- news and time --------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Ask for news and let the clock run."""
        self.feed.start(self.take)
        if self._replay is not None:
            self.journey.begin(self._replay)
        self._arm()

    def on_unmount(self) -> None:
        """Let the feed go."""
        self.journey.stop()
        self.inquiry.stop()
        self.deeds.stop()
        self.feed.stop()

    def take(self, news: News) -> None:
        """Take news, from any thread. What was not shown yet is superseded."""
        with self._inbox_lock:
            waiting = bool(self._inbox)
            self._inbox = [news]
        if not waiting:
            self.post_message(self.Fed())

    def on_board_app_fed(self) -> None:
        """Take in the newest news; draw now, or when the last drawing is old enough."""
        with self._inbox_lock:
            news, self._inbox = self._inbox, []
        stood = self.state.lost, self.state.newest is None
        for item in news:
            if isinstance(item, Lost) and item.failure is not None and self.state.newest is None:
                self.give_up(item.failure)
                return
            self.state.take(item)
        wait = self._last_draw + LEAST_BETWEEN_DRAWS_S - self._tick_source()
        if self._strikes_within(max(wait, 0) + STRIKES_S):
            return  # the clock draws it, and all else
        if stood != (self.state.lost, self.state.newest is None):
            self.draw()
        elif wait <= 0:
            self.draw_news()
        elif self._due is None:
            self._due = self.set_timer(wait, self.draw_news)

    def give_up(self, failure: CcboardError) -> None:
        """Leave: there never was anything to show. The command says why."""
        self.failure = failure
        code = int(failure.exit_code)
        self.exit(code, return_code=code)

    def deliver(self, then: Callable[[], None]) -> None:
        """Have `then` called here, from any thread."""
        self.post_message(self.Answered(then))

    def on_board_app_answered(self, event: Answered) -> None:
        """Take what was asked for."""
        event.then()

    def ticked(self) -> float:
        """Return the board's own seconds."""
        return self._tick_source()

    def draw_news(self) -> None:
        """Show news in the page's panels; the header and the running times follow with the clock."""
        if not self.screen_stack:  # news that came while the board was being closed
            return
        self._drawing()
        self.board.draw_page()

    def draw(self) -> None:
        """Show this moment."""
        self._drawing()
        self.board.draw()

    def _drawing(self) -> None:
        if self._due is not None:
            self._due.stop()
            self._due = None
        self._last_draw = self._tick_source()

    def _strikes_within(self, seconds: float) -> bool:
        """Tell whether the clock moves so soon. A frame that came late has set it back: it is wound anew."""
        if not self.state.runs or self.state.next_second() >= seconds:
            return False
        self._arm()
        return True

    def _arm(self) -> None:
        """Wake when the shown clock changes; missed seconds (a stopped laptop) are missed."""
        if self._strike is not None:
            self._strike.stop()
        self._strike = self.set_timer(self.state.next_second(), self.tick)

    def tick(self) -> None:
        """Let the clock go on, and the running times with it."""
        self.state.watch()
        early = self.state.runs and self.state.next_second() < EARLY_S  # set back: it strikes again soon
        if not early or self.state.lost:
            self.draw()
        self._arm()

    # --- actions --------------------------------------------------------------------------------

    async def action_page(self, name: str) -> None:
        """Turn to a page."""
        await self.turn_to(name)

    async def turn_to(self, name: str) -> None:
        """Turn to a page; in the past it may show more of the moment than the last one did."""
        await self.board.turn_to(name)
        self.journey.look_again()

    def action_filter(self) -> None:
        """Open the filter."""
        if not self.board.helping:
            self.board.start_filter()

    def action_freeze(self) -> None:
        """Let the figures stand still, or go on; in the past let it play, or stand."""
        if self.state.travel.at is not None:
            self.journey.toggle()
            return
        self.state.freeze()
        self.draw()

    def action_lens(self) -> None:
        """Take the figure at the cursor apart."""
        if not self.board.helping:
            self.inquiry.open_lens()

    def action_list(self) -> None:
        """Show the visits behind the figure at the cursor."""
        if not self.board.helping:
            self.inquiry.open_list()

    def action_accept(self) -> None:
        """Accept the alarm that comes first."""
        if not self.state.figures().acts:
            self.say(self.state.figures().why_not)
            return
        snapshot = self.state.newest
        row = urgent(None if snapshot is None else snapshot.surge)
        if row is None:
            self.say(self.state.words("surge.no_alarm"))
        elif row.accepted_at is not None:
            self.say(taken(row, self.state.heading()[0]))
        else:
            self.deeds.do("accept", about(row), value=row.lift)

    def on_ask_page_deed(self, event: AskPage.Deed) -> None:
        """Hand in what somebody did."""
        self.deeds.do(event.kind, event.about, note=event.note, value=event.value, for_s=event.for_s,
                      until=event.until)

    def on_ask_page_said(self, event: AskPage.Said) -> None:
        """Say what the page has to say."""
        self.say(event.said)

    def on_ledger_page_save(self, event: LedgerPage.Save) -> None:
        """Save the list."""
        self.inquiry.save_ledger(event.name, event.rows)

    def on_visits_page_save(self, event: VisitsPage.Save) -> None:
        """Save the list."""
        self.inquiry.save_list(event.page, event.rows)

    def action_interval(self, by: int) -> None:
        """Go to the interval before or after."""
        self.journey.step(None, by)

    def action_minute(self, by: int) -> None:
        """Go to the minute before or after."""
        self.journey.step(MINUTE_S, by)

    def action_live(self) -> None:
        """Go back to the present."""
        self.journey.live()

    def action_speed(self, by: int) -> None:
        """Play the past faster or more slowly."""
        if self.state.travel.at is not None:
            self.journey.faster(by)

    def action_go_to(self) -> None:
        """Ask for a time to go to."""
        if not self.board.helping:
            self.board.start_time()

    def on_time_bar_typed(self, event: TimeBar.Typed) -> None:
        """Go to a typed time; ``gg`` goes to the first row instead."""
        if not event.done:
            return
        board = self.board
        board.stop_time()
        if event.pattern == "g":
            if board.focused is None:
                board.action_first_panel()
            if isinstance(board.focused, StripTable):
                board.focused.action_jump(0)
        elif event.pattern.strip():
            self.journey.typed(event.pattern)

    def action_zoom(self) -> None:
        """Show one panel alone, or all again."""
        self.board.zoom()

    def action_help(self) -> None:
        """Show the keys and the signs."""
        if self.board.helping:
            self.board.close_help()
        else:
            if self.board.focused is None:
                self.board.action_first_panel()  # the keys of a table are worth knowing too
            self.board.open_help(self.live_keys())

    async def action_step_back(self) -> None:
        """Take back the lens, else the filter, else the zoom, else the list, else the focus."""
        board = self.board
        if board.lens is not None:
            board.close_lens()
        elif board.came_from_figure and board.page.zoomed is None:
            await board.go_back()
        elif board.page.pattern:
            board.stop_filter()
            board.draw_foot()
        elif board.page.zoomed is not None:
            board.page.zoom(None)
        elif board.has_class("-filtering"):
            board.stop_filter()
        elif isinstance(board.page, ListPage):
            await board.close_list()
        elif isinstance(board.page, AskPage):
            board.action_first_panel()  # without a panel its keys mean nothing, and the note's letters do
        else:
            board.set_focus(None)

    def action_next_theme(self) -> None:
        """Take the next of the board's themes."""
        names = [theme.name for theme in themes.THEMES]
        at = names.index(self.theme) if self.theme in names else -1
        self.theme = names[(at + 1) % len(names)]
        words = self.state.words
        self.say(words("theme.title", name=words(f"theme.{self.theme}")))

    def action_command_palette(self) -> None:
        """Open the palette, in the board's language."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder=self.state.words("palette.search"),
                                            id="--command-palette"))

    async def action_quit(self) -> None:
        """Leave."""
        self.exit(0)

    def live_keys(self) -> list[tuple[str, str]]:
        """Return (key, meaning) of every binding that works now, one line per action."""
        words, found = self.state.words, dict[str, tuple[list[str], str]]()
        acts = self.state.figures().acts
        for active in self.screen.active_bindings.values():
            binding = active.binding
            name = "palette" if binding.action.endswith("command_palette") else binding.id
            if name is None or not words.has(f"key.{name}") or (name in DEEDS and not acts):
                continue
            keys, _ = found.setdefault(name, ([], words(f"key.{name}")))
            plain = self.state.glyphs.ascii  # Textual's own names of keys have arrows in them
            keys.append(binding.key_display or (binding.key if plain else self.get_key_display(binding)))
        order = [key.removeprefix("key.") for key in _KEY_ORDER]
        ranked = sorted(found.items(), key=lambda item: order.index(item[0]))
        return [(" ".join(dict.fromkeys(keys)), meaning) for _, (keys, meaning) in ranked]

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:  # noqa: ARG002
        """Give every action a name in the palette."""
        words = self.state.words
        for name in PAGES:
            title = words(f"hint.page.{name}")
            said = words(f"key.page.{name}")
            yield SystemCommand(title, "" if said == title else said, self._opener(name))
        actions: list[tuple[str, Callable[[], object]]] = [
            ("filter", self.action_filter),
            ("freeze", self.action_freeze),
            ("lens", self.action_lens),
            ("list", self.action_list),
            ("go_to", self.action_go_to),
            ("live", self.action_live),
            ("interval.back", lambda: self.action_interval(-1)),
            ("interval.on", lambda: self.action_interval(1)),
            ("minute.back", lambda: self.action_minute(-1)),
            ("minute.on", lambda: self.action_minute(1)),
            ("zoom", self.action_zoom),
            ("screenshot", self.action_save_screen),
            ("help", self.action_help),
        ]
        for name, action in actions:
            yield SystemCommand(words(f"key.{name}"), "", action)
        for theme in themes.THEMES:
            title = words("theme.title", name=words(f"theme.{theme.name}"))
            yield SystemCommand(title, "", self._themer(theme.name))
        yield SystemCommand(words("key.quit"), "", self.action_quit)

    def _opener(self, name: str) -> Callable[[], None]:
        def turn() -> None:
            self.call_later(self.turn_to, name)

        return turn

    def _themer(self, name: str) -> Callable[[], None]:
        def choose() -> None:
            self.theme = name

        return choose

    # --- pictures and words ---------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Say something at the foot of the screen for a few seconds."""
        self.board.said = text
        self.board.draw_foot()
        if self._unsay is not None:
            self._unsay.stop()
        self._unsay = self.set_timer(SAID_FOR_S, self._say_no_more)

    def _say_no_more(self) -> None:
        self._unsay = None
        self.board.said = ""
        self.board.draw_foot()

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """Return the screen as SVG."""
        return placed(super().export_screenshot(title=title, simplify=simplify))

    def action_save_screen(self) -> None:
        """Save the screen as SVG and as text, and say where."""
        words = self.state.words
        view, _ = self.state.heading()
        stamp = fmt.local(view.now, view.zone).strftime("%Y%m%d-%H%M%S")
        try:
            folder = self.screenshots or paths.state_dir() / "screenshots"
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            target = folder / f"ccboard-{stamp}.svg"
            target.write_text(self.export_screenshot(title="ccboard"), encoding="utf-8")
            target.with_suffix(".txt").write_text("\n".join(self.board.text()) + "\n", encoding="utf-8")
        except (OSError, StoreError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self.say(words("hint.not_saved", reason=words.said(reason)))
        else:
            self.say(words("hint.saved", path=f"{target.with_suffix('')}.svg, .txt"))


_KEY_ORDER = (
    *(f"page.{name}" for name in PAGES),
    "surge.accept", "surge.snooze", "surge.new_normal", "surge.false", "surge.note", "surge.what_if",
    "lens", "list", "save_list", "filter",
    "freeze", "go_to", "interval.back", "interval.on", "minute.back", "minute.on", "slower", "faster", "live",
    "zoom", "screenshot", "theme", "palette", "help", "escape", "quit",
    "panel.next", "panel.previous",
    "up", "down", "top", "bottom", "page_up", "page_down", "left", "right",
    "sort.previous", "sort.next", "sort.reverse", "group", "coach", "coach.recheck", "coach.note",
)
