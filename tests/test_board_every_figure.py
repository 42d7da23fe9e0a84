"""Every figure of every page answers `d` and `enter`, and Esc comes back to it: all pages, one board."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from board_floor import AT, floor
from board_pilot import Board, resize, run, settle, shown
from test_board_quality import judged
from test_board_surge_figures import full
from test_board_tail import PANEL
from textual.pilot import Pilot

from ccboard.board.list_page import ListPage
from ccboard.board.meaning import meaning_of
from ccboard.board.meant import Meaning
from ccboard.hub.roles import Viewer, view
from ccboard.i18n import WORDS
from ccboard.kpis.catalogue import find
from ccboard.kpis.glossary import GLOSSARY
from ccboard.snapshot import Snapshot
from widgets.cell_widget import CellWidget
from widgets.floor_line import FloorLine
from widgets.header import Header
from widgets.level_bars import LevelBars
from widgets.spots import SpotLines
from widgets.strip_table import StripTable
from widgets.surge_chart import SurgeChart

PAGES = "123457"
MOST = 4
"""Rows of a table that are looked at, and the last two: the others have the same columns."""
NO_LIST = {
    "list.no.finding", "list.no.agent", "list.nothing", "list.no.alarms_yet", "list.no.coaching"}
"""Why nothing is listed: lines that are no figures, and what is still being worked out."""
NOTHING = {"total": 0, "rows": [], "numerator": None, "denominator": None, "notes": [], "unit": "visits",
           "as_of": "2026-11-16T14:14:07Z"}


class Answers:
    """Has no calls to show, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def moment(self, as_of: int, *, quality: bool = False) -> Snapshot:
        raise NotImplementedError

    def ask(self, what: str, words: Mapping[str, str]) -> dict[str, Any]:
        self.asked.append(what)
        if what == "before":
            return {"rows": []}
        both = {"en": "said", "zh": "所说"}
        part = {"value": 1, **both}
        return NOTHING if what == "visits" else {
            "kpi": words["kpi"], "formula": both, "numerator": part, "denominator": None, "left_out": [],
            "excluded": None, "missing": None, "definition": None, "from": "2026-11-16T00:00:00Z",
            "to": "2026-11-16T14:14:07Z", "sources": [], "origin": "here", "notes": [], "value": 1,
            "unit": "visits", "family": []}

    def act(self, deed: Mapping[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing to close."""


def whole() -> Snapshot:
    """Return a floor with everything that pages show."""
    days = tuple(f"2026-11-{n:02d}" for n in (10, 11, 12, 13))
    return replace(floor(), surge=full().surge, tail=PANEL._replace(days=days), quality=judged().quality)


def figures(panel: CellWidget) -> Iterator[str]:
    """Take the cursor to every figure of a panel."""
    if isinstance(panel, StripTable):
        rows = range(len(panel._shown) + (panel._totals is not None))
        if panel.counted and panel.id != "log":
            rows = sorted({*rows[:MOST], *rows[-2:]})  # type: ignore[assignment]
        for row in rows:
            panel._go(row)
            for column in panel.columns:
                panel.column = column.key
                yield f"{column.key} {row}"
        if not rows:
            yield "nothing"
    elif isinstance(panel, SpotLines):
        for spot in panel._drawing.spots:
            panel._at = spot.key
            yield " ".join(spot.key)
    elif isinstance(panel, LevelBars | SurgeChart | FloorLine | Header):
        if isinstance(panel, LevelBars):
            panel.action_point(0, 0)
        sideways = panel.action_side if isinstance(panel, FloorLine | Header) else None
        for by in (-1, 1):
            for _ in range(100):
                at = repr((getattr(panel, "_at", None), panel.pointed()))
                yield at
                if sideways is not None:
                    sideways(by)
                elif isinstance(panel, LevelBars):
                    panel.action_point(0, by)
                elif isinstance(panel, SurgeChart):
                    panel.action_point(by)
                if repr((getattr(panel, "_at", None), panel.pointed())) == at:
                    break
            if isinstance(panel, LevelBars):
                panel.action_point(1, 0)
    else:
        raise AssertionError(f"{panel.id} shows figures that the cursor cannot go to")


def checked(name: str, one: Meaning | None) -> None:
    """Hold that a figure has a lens with something to say, and one thing behind it."""
    assert one is not None, name
    assert (one.kpi is None) != (one.word is None), name
    text = find(one.kpi).formula_en if one.kpi is not None else GLOSSARY[one.word or ""].formula_en  # type: ignore[union-attr]
    assert text, name
    behind = [one.lists, one.people, one.page, one.ledger, one.dig, one.none]
    assert sum(bool(part) for part in behind) == 1, (name, behind)
    assert not one.lists or find(one.lists) is not None, name
    assert not one.none or (one.none in NO_LIST and one.none in WORDS), (name, one.none)
    assert all(label and said for label, said in one.parts), (name, one.parts)
    if one.ledger is not None:
        assert len(one.ledger.rows) >= 1, name
        for nth, row in enumerate(one.ledger.rows):
            assert row.nth == nth, name
            assert len(row.cells) == len(one.ledger.columns), name
        assert not one.behind or len(one.behind) == len(one.ledger.rows), name
        for behind_row in one.behind:
            checked(f"{name}, a row", behind_row)


async def walked(app: Board, pilot: Pilot[int], pages: str) -> set[str]:
    """Go to every figure of these pages and of the header; return the panels seen."""
    seen = set()
    for page in pages:
        await pilot.press(page)
        await settle(app, pilot)
        shown_now = app.state.figures()
        for panel in [*app.board.page.panels, app.board.header]:
            assert panel.focusable, f"{panel.id} on page {page} cannot be reached"
            app.board.set_focus(panel)
            for figure in figures(panel):
                checked(f"page {page}, {panel.id}: {figure}", meaning_of(panel, shown_now))
            seen.add(panel.id or "")
    return seen


async def pressed(app: Board, pilot: Pilot[int], pages: str) -> None:
    """Press `d` and `enter` in every panel as somebody would, and come back with Esc."""
    board = app.board
    for page in pages:
        await pilot.press(page)
        await settle(app, pilot)
        name = board.page_name
        for panel in list(board.page.panels):
            board.set_focus(panel)
            await pilot.press("d")
            assert board.lens is not None, panel.id
            await pilot.press("escape", "enter")
            await pilot.pause(0)
            there = board.lens is not None or isinstance(board.page, ListPage) or board.page_name != name
            assert there or panel.id == "findings", (page, panel.id)
            await pilot.press("escape")
            await pilot.pause(0)
            assert board.page_name == name, (page, panel.id)
            assert board.focused is panel, (page, panel.id, board.focused)


def test_every_figure_of_every_page_answers_at_every_size_and_esc_comes_back() -> None:
    async def check() -> None:
        answers = Answers()
        async with shown((200, 50), whole(), answers=answers) as (app, pilot):
            large = await walked(app, pilot, PAGES)
            assert large == {
                "header", "queues", "surge", "levels", "log", "agents", "tail", "waiting", "tailhead",
                "unsteady", "early", "coaching", "detail", "verdicts", "surges", "surgedetail", "surgechart",
                "surgegap", "surgelog", "sources", "findings"}
            await resize(app, pilot, (80, 24))
            await walked(app, pilot, PAGES)
            await pressed(app, pilot, "1457")
            assert {"explain", "visits"} <= set(answers.asked)
            await resize(app, pilot, (40, 12))
            assert "floor" in await walked(app, pilot, PAGES)
            app.clock.at += 5
            app.take(replace(view(whole(), Viewer("wall")), as_of=AT + 5_000_000))  # without names
            await settle(app, pilot)
            await walked(app, pilot, PAGES)

    run(check())


def test_on_teams_and_types_too() -> None:
    async def check() -> None:
        team = PANEL.groups[1]._replace(rows=PANEL.groups[0].rows, n_named=2)
        panel = PANEL._replace(groups=(PANEL.groups[0], team, PANEL.groups[2]))
        async with shown((120, 40), replace(floor(), tail=panel)) as (app, pilot):
            await pilot.press("4", "b")
            await walked(app, pilot, "4")
            await pilot.press("b")
            await settle(app, pilot)
            await walked(app, pilot, "4")

    run(check())
