"""What stands behind a figure: the lens over the page, the list of visits, and saving it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ccboard import paths
from ccboard.board.answers import Answers, Errands, understood
from ccboard.board.list_page import LedgerPage, ListPage, save_rows
from ccboard.board.meaning import Meaning, meaning_of
from ccboard.board.meant import Dig
from ccboard.board.visits_page import VisitsPage, save
from ccboard.errors import CcboardError, HubError
from ccboard.kpis.catalogue import find
from ccboard.kpis.glossary import GLOSSARY
from ccboard.snapshot import iso
from widgets import format as fmt
from widgets.ledger import Ledger, LedgerTable
from widgets.lens import Row, figure_of, glossary_parts, number, parts_of
from widgets.level_bars import LevelBars
from widgets.source_tables import FindingTable
from widgets.strip_table import StripTable
from widgets.view import View
from widgets.visit_table import Visit, VisitTable

if TYPE_CHECKING:
    from ccboard.app import BoardApp


class Inquiry:
    """Opens lens and list for what the cursor is at. `answers` explains; None: only the glossary does."""

    def __init__(self, app: "BoardApp", answers: Answers | None) -> None:
        self._app = app
        self._answers = answers
        self.errands = Errands("inquiry", app.deliver)
        self._meaning: Meaning | None = None

    def stop(self) -> None:
        """Ask for nothing more."""
        self.errands.stop()

    # --- the lens -------------------------------------------------------------------------------

    def open_lens(self) -> None:
        """Take the figure at the cursor apart, or close the lens."""
        app = self._app
        if app.board.lens is not None:
            app.board.close_lens()
            return
        meaning = self._pointed()
        if meaning is None:
            app.say(app.state.words("lens.nothing"))
            return
        page = app.board.page
        row = page.pointed() if isinstance(page, LedgerPage) else None
        if row is not None and meaning.behind:  # a list of people: whom the cursor is at
            self._tell(meaning.behind[row.nth])
            self._meaning = meaning
            return
        self._tell(meaning)

    def _tell(self, meaning: Meaning) -> None:
        app = self._app
        view = app.state.figures()
        self._meaning = meaning
        if meaning.kpi is None:
            self._show_word(meaning, view)
            return
        entry = find(meaning.kpi)
        assert entry is not None
        name = entry.name_zh if view.words.language == "zh" else entry.name_en
        heading = (f"{name} · {meaning.of}" if meaning.of else name, meaning.shown)
        lens = app.board.open_lens()
        foot = view.words("lens.foot")
        lens.tell(view, heading, state=view.words("lens.asking"), foot=foot)
        if self._answers is None:
            lens.tell(view, heading, _formula(meaning.kpi, view), foot=foot)
            return

        def came(said: dict[str, Any] | CcboardError) -> None:
            if app.board.lens is not lens:
                return
            if isinstance(said, CcboardError):
                lens.tell(view, heading, _formula(entry.id, view), state=str(said), foot=foot)
            else:
                value = figure_of(said["value"], said["unit"])
                parts = parts_of(said, view)
                differs = meaning.differs or ("lens.late" if meaning.as_of is not None else "")
                if meaning.cell is not None and said["value"] != meaning.cell and differs:
                    text = view.words(differs, cell=number(meaning.cell))
                    parts.insert(1, (view.words("lens.cell"), text, "warning"))
                lens.tell(view, (heading[0], value), parts, said["family"], foot=foot)
            app.board.fit_lens()

        self._ask("explain", meaning.words(), came)

    def _show_word(self, meaning: Meaning, view: View) -> None:
        word = GLOSSARY[meaning.word or "event"]
        name = word.zh if view.words.language == "zh" else word.en
        foot = ("lens.foot.people" if meaning.people else "lens.foot" if meaning.lists
                else "lens.foot.ledger" if meaning.ledger or meaning.dig
                else "lens.foot.page" if meaning.page else "lens.foot.only")
        lens = self._app.board.open_lens()
        heading = (f"{name} · {meaning.of}" if meaning.of else name, meaning.shown)
        parts = glossary_parts(word, view)
        if meaning.more:
            parts.insert(1, (view.words("lens.which"), view.words("list.comma").join(meaning.more), "plain"))
        parts[1:1] = [(label, text, "plain") for label, text in meaning.parts]
        if foot == "lens.foot.only":
            parts.append((view.words("lens.list"), view.words(meaning.none or "list.nothing"), "dim"))
        lens.tell(view, heading, parts, foot=view.words(foot))
        self._app.board.fit_lens()

    def _pointed(self) -> Meaning | None:
        """Return the figure at the cursor; without one the cursor goes to the page's first figure."""
        board, view = self._app.board, self._app.state.figures()
        panel = board.focused
        if panel not in board.page.panels and panel is not board.header:
            board.action_first_panel()
            panel = board.focused
        if isinstance(panel, VisitTable | LedgerTable) and isinstance(board.page, ListPage):
            return self._meaning
        if isinstance(panel, StripTable) and panel.pointed() is None:
            panel.action_move(0)
        elif isinstance(panel, LevelBars) and panel.pointed() is None:
            panel.action_point(0, 0)
        found = meaning_of(panel, view)
        if found is not None and found.as_of is None and self._app.state.still:
            return _at(found, view)
        return found

    # --- the list -------------------------------------------------------------------------------

    def open_list(self) -> None:
        """Show the visits behind the figure at the cursor, or of the one in the lens."""
        app, board, words = self._app, self._app.board, self._app.state.words
        if isinstance(board.page, VisitsPage):
            if board.lens is None:
                self._show_visit(board.page)
            return
        if isinstance(board.page, LedgerPage):
            board.close_lens()
            self._show_stretch(board.page)
            return
        if board.lens is None and isinstance(board.focused, FindingTable) and board.focused.toggle(
                app.state.figures()):
            return
        meaning = self._meaning if board.lens is not None else self._pointed()
        board.close_lens()
        if meaning is None:
            app.say(words("lens.nothing"))
        elif meaning.people is not None:
            app.call_later(self._show_page, "agents", meaning.people)
        elif meaning.page is not None:
            app.call_later(self._show_page, meaning.page, "")
        elif meaning.ledger is not None or (meaning.dig is not None and self._answers is not None):
            self._meaning = meaning
            app.call_later(self._show_ledger, meaning)
        elif meaning.lists is None:
            self._tell(meaning)  # which says why there is no list, and where to look instead
        elif self._answers is None:
            app.say(words("list.nothing"))
        else:
            narrowed = (meaning.kpi, meaning.team, meaning.kind, meaning.caller_of)
            whole = any(one is not None for one in narrowed)
            self._meaning = meaning if whole else _listing(meaning)
            app.call_later(self._show_list, meaning)

    async def _show_list(self, meaning: Meaning) -> None:
        words = self._app.state.words
        entry = find(meaning.lists or "")
        assert entry is not None
        name = entry.name_zh if words.language == "zh" else entry.name_en
        asked = {**meaning.words(entry.id)}
        key = "ledger.title" if entry.unit == "h" else "list.title"  # of time there are states, and no calls
        title = words(key, figure=f"{name} · {meaning.of}" if meaning.of else name)
        await self._app.board.open_list(VisitsPage(title, asked, self._fetch, meaning.first))

    def _fetch(self, words: dict[str, str], then: Callable[[Any], None]) -> None:
        self._ask("visits", words, then)

    async def _show_ledger(self, meaning: Meaning) -> None:
        """Show a list that is not of calls."""
        words = self._app.state.words
        word = GLOSSARY[meaning.word or "event"]
        name = word.zh if words.language == "zh" else word.en
        title = words("ledger.title", figure=f"{name} · {meaning.of}" if meaning.of else name)

        def fetch(then: Callable[[Ledger | CcboardError], None]) -> None:
            if meaning.ledger is not None:
                then(meaning.ledger)
            elif (dig := meaning.dig) is not None:
                at = {} if (text := iso(meaning.as_of)) is None else {"as_of": text}
                self._ask(dig.what, {**dig.words, **at}, lambda said: then(self._dug(dig, said)))

        file = "-".join(part for part in (meaning.word, meaning.queue) if part)
        await self._app.board.open_list(LedgerPage(
            title, "".join(c if c.isalnum() else "_" for c in file)[:80], fetch))

    def _dug(self, dig: Dig, said: dict[str, Any] | CcboardError) -> Ledger | CcboardError:
        """Return the list of an answer, or what is wrong with it: the board goes on."""
        if isinstance(said, CcboardError):
            return said
        try:
            return understood(lambda: dig.made(said, self._app.state.figures()))
        except CcboardError as error:
            return error

    def _show_stretch(self, page: LedgerPage) -> None:
        """List the calls of a row's stretch of time."""
        pointed, meaning = page.pointed(), self._meaning
        if pointed is None or meaning is None or self._answers is None:
            return
        if meaning.behind:
            whose = replace(meaning.behind[pointed.nth], as_of=meaning.as_of)
            self._meaning = whose
            self._app.call_later(self._show_list, whose)
            return
        if pointed.begin is None:
            return
        view = self._app.state.figures()
        when = fmt.date(pointed.begin, view.zone, view.words, near=view.now)
        made = Meaning(kpi="first_tries", lists="first_tries", queue=meaning.queue, begin=pointed.begin,
                       end=pointed.end, as_of=meaning.as_of, of=f"{meaning.of} {when}")
        self._meaning = made
        self._app.call_later(self._show_list, made)

    async def _show_page(self, name: str, pattern: str) -> None:
        await self._app.board.open_behind(name, pattern)
        self._app.journey.look_again()  # in the past it may show more of the moment than the last one did

    def _show_visit(self, page: VisitsPage) -> None:
        pointed = page.table.pointed()
        if pointed is None:
            return
        view = self._app.state.figures()
        one = pointed[1]
        lens = self._app.board.open_lens()
        lens.tell(view, (view.words("lens.visit"), view.words(f"counts.{one.counts}")), _fields(one, view),
                  foot=view.words("lens.foot.only"))
        self._app.board.fit_lens()

    def save_list(self, page: VisitsPage, rows: list[Mapping[str, Any]]) -> None:
        """Write rows to files on the thread, and say where."""
        app, words = self._app, self._app.state.words
        view = app.state.figures()
        stamp = fmt.local(view.now, view.zone).strftime("%Y%m%d-%H%M%S")
        folder = app.exports or paths.state_dir() / "exports"
        name = f"{page.name_of_file}-{stamp}"

        def work() -> str:
            try:
                table, parquet = save(folder, name, rows)
            except OSError as error:
                raise HubError(words("hint.not_saved", reason=error.strerror or str(error))) from None
            return f"{table.with_suffix('')}.csv, .parquet" if parquet else str(table)

        def saved(said: str | CcboardError) -> None:
            app.say(str(said) if isinstance(said, CcboardError) else words("hint.saved", path=said))

        app.say(words("list.saving"))
        self.errands.wish(work, saved)

    def save_ledger(self, name: str, rows: list[list[str]]) -> None:
        """Write the rows of a list that is not of calls, and say where."""
        app, words = self._app, self._app.state.words
        view = app.state.figures()
        stamp = fmt.local(view.now, view.zone).strftime("%Y%m%d-%H%M%S")
        try:
            path = save_rows(app.exports or paths.state_dir() / "exports", f"{name}-{stamp}", rows)
        except OSError as error:
            app.say(words("hint.not_saved", reason=error.strerror or str(error)))
        else:
            app.say(words("hint.saved", path=str(path)))

    def _ask(self, what: str, words: Mapping[str, str], then: Callable[[Any], None]) -> None:
        answers = self._answers
        if answers is not None:
            self.errands.wish(lambda: answers.ask(what, words), then)


def _at(meaning: Meaning, view: View) -> Meaning:
    return replace(meaning, as_of=view.snapshot.as_of if view.snapshot is not None else None)


def _listing(meaning: Meaning) -> Meaning:
    """Return what a list tells of by itself: the figure that it lists."""
    return replace(meaning, kpi=meaning.lists, word=None, shown="")


def _formula(kpi: str, view: View) -> list[Row]:
    """Return what can be said of a figure without asking anybody."""
    entry = find(kpi)
    assert entry is not None
    text = entry.formula_zh if view.words.language == "zh" else entry.formula_en
    return [(view.words("lens.formula"), text, "plain")]


def _fields(one: Visit, view: View) -> list[Row]:
    """Return everything that is known of a visit."""
    rows: list[Row] = []
    for key, value in one.row.items():
        if value is None or key in ("why_en", "why_zh"):
            continue
        text = str(value)
        if key.endswith("_at"):
            at = {"offered_at": one.offered_at, "answered_at": one.answered_at, "ended_at": one.ended_at}[key]
            text = f"{fmt.date(at or 0, view.zone, view.words, near=view.now)} {fmt.clock(at, view.zone)}"
        elif isinstance(value, int | float):
            text = f"{number(value)} s" if key.endswith("_s") else number(value)
        elif key == "counts":
            text = f"{view.words(f'counts.{value}')}: {one.why}"
        rows.append((key, text, "plain"))
    return rows
