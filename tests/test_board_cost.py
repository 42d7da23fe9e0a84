"""What the board costs: bytes written and lines drawn are counted, not timed."""

import asyncio
import random
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from board_floor import AT, SECOND, floor, later
from board_pilot import Board, CountingDriver, settle, shown

from ccboard.board.state import STRIKES, BoardState, Lost
from ccboard.i18n import Words
from ccboard.snapshot import Snapshot
from widgets.agent_table import AgentTable
from widgets.cell_widget import CellWidget
from widgets.columns import Cell, Column
from widgets.view import View


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests' apps write to a driver that counts."""
    monkeypatch.setattr("textual.drivers.headless_driver.HeadlessDriver", CountingDriver)


def written(app: Board) -> int:
    """Bytes written since the last time."""
    driver: Any = app._driver
    size = len(driver.written.encode())
    driver.written = ""
    return size


def drawn(app: Board) -> int:
    """Lines drawn since the last time."""
    total = 0
    for widget in app.board.query(CellWidget):
        total += widget.lines_drawn
        widget.lines_drawn = 0
    return total


def quiet(snapshot: Snapshot) -> Snapshot:
    """The floor at night: nobody, and nothing that runs."""
    queues = tuple(q._replace(waiting=0, longest_since=None, longest_wait_s=None) for q in snapshot.queues)
    totals = snapshot.totals._replace(waiting=0, longest_since=None, longest_wait_s=None)
    return replace(snapshot, agents=(), waiting=(), queues=queues, totals=totals)


@pytest.mark.usefixtures("counting")
def test_a_quiet_second_costs_the_clock() -> None:
    async def check() -> None:
        async with shown((200, 50), quiet(floor())) as (app, pilot):
            written(app)
            drawn(app)
            for n in range(1, 61):
                app.clock.at += 1
                app.take(replace(quiet(floor()), as_of=AT + n * SECOND))
                app.tick()
                await settle(app, pilot)
            assert written(app) <= 60 * 100
            assert drawn(app) <= 60 + 12  # the bars at 14:15

    asyncio.run(check())


@pytest.mark.usefixtures("counting")
def test_a_busy_second_costs_what_changed() -> None:
    async def check() -> None:
        rng = random.Random(3)
        snapshot = floor()
        async with shown((200, 50), snapshot) as (app, pilot):
            assert written(app) > 0
            drawn(app)
            for _ in range(30):
                snapshot = later(snapshot, 1, rng)
                app.clock.at += 1
                app.take(snapshot)
                app.tick()
                await settle(app, pilot)
            assert written(app) <= 30 * 6_000
            assert drawn(app) <= 30 * 55

    asyncio.run(check())


@pytest.mark.usefixtures("counting")
def test_nothing_changes_nothing_is_written() -> None:
    async def check() -> None:
        async with shown((200, 50), floor()) as (app, pilot):
            written(app)
            for _ in range(5):
                app.take(floor())
                app.draw()
                await settle(app, pilot)
            assert written(app) == 0

    asyncio.run(check())


@pytest.mark.usefixtures("counting")
def test_a_change_at_the_right_end_does_not_cost_the_line() -> None:
    async def check() -> None:
        snapshot = floor()
        async with shown((200, 50), snapshot) as (app, pilot):
            written(app)
            one = snapshot.agents[0]
            more = one._replace(paused_s=one.paused_s + 60)
            changed = replace(snapshot, agents=(more, *snapshot.agents[1:]))
            app.clock.at += 0.5
            app.take(changed)
            await settle(app, pilot)
            assert 0 < written(app) <= 120

    asyncio.run(check())


def cells_made(app: Board, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """From now on: the columns of the agents' table that are asked for a cell, in order."""
    asked: list[str] = []

    def counted(column: Column[Any]) -> Column[Any]:
        def cell(item: Any, view: View) -> Cell:
            asked.append(column.key)
            return column.cell(item, view)

        return replace(column, cell=cell)

    table = app.board.query_one("#agents", AgentTable)
    monkeypatch.setattr(table, "columns", tuple(counted(column) for column in table.columns))
    table._placed = ()
    table.draw()
    asked.clear()
    return asked


def test_news_costs_the_rows_that_changed_and_the_clock_the_columns_that_tick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def check() -> None:
        snapshot = floor()
        async with shown((200, 50), snapshot) as (app, pilot):
            asked = cells_made(app, monkeypatch)
            app.clock.at += 0.5
            one = snapshot.agents[0]
            changed = replace(snapshot, agents=(one._replace(answered=99), *snapshot.agents[1:]))
            app.take(replace(changed, as_of=snapshot.as_of + SECOND // 2))
            await settle(app, pilot)
            columns = len(app.board.query_one("#agents", AgentTable)._placed)
            assert len(asked) == columns
            asked.clear()
            app.advance(0.5)
            await settle(app, pilot)
            assert len(asked) == 2 * len(snapshot.agents)
            assert set(asked) == {"for", "doing"}

    asyncio.run(check())


def test_news_just_before_the_clock_moves_is_drawn_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> None:
        snapshot = floor()
        async with shown((200, 50), snapshot) as (app, pilot):
            asked = cells_made(app, monkeypatch)
            app.clock.at += 0.9
            one = snapshot.agents[0]._replace(answered=99)
            app.take(replace(snapshot, agents=(one, *snapshot.agents[1:]), as_of=snapshot.as_of + 900_000))
            await settle(app, pilot)
            assert asked == []
            app.advance(0.11)
            await settle(app, pilot)
            assert "answered" in asked
            assert "for" in asked

    asyncio.run(check())


def test_a_frame_that_sets_the_clock_back_winds_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock has struck, then the frame of that second comes: it is drawn soon and not a second later."""
    async def check() -> None:
        async with shown((200, 50), floor()) as (app, pilot):
            armed: list[float] = []
            monkeypatch.setattr(app, "_arm", lambda: armed.append(app.state.next_second()))
            app.state.strikes = STRIKES
            app.clock.at += 1.1
            app.tick()
            armed.clear()
            app.take(floor(at=AT + SECOND))  # as if it had been on its way for 100 ms
            await settle(app, pilot)
            assert [round(at, 3) for at in armed] == [STRIKES / SECOND]

    asyncio.run(check())


def test_where_nothing_runs_the_clock_is_looked_at_once_a_second() -> None:
    at = [100.0]
    state = BoardState(Words("en"), tick=lambda: at[0])
    found = [state.next_second()]
    state.take(Lost("not yet"))
    found.append(state.next_second())
    state.take(replace(floor(), live=False))
    found.append(state.next_second())
    assert found == [1.0, 1.0, 1.0]
    state.take(floor())
    at[0] += 0.5
    assert round(state.next_second(), 3) == 0.5 + STRIKES / SECOND


def test_a_board_that_nobody_reads_keeps_only_the_newest() -> None:
    async def check() -> None:
        app = Board()
        async with app.run_test(size=(80, 24)) as pilot:
            for n in range(1000):
                app.take(replace(floor(), as_of=AT + n * SECOND))
            assert len(app._inbox) == 1
            assert app.message_queue_size < 10
            await settle(app, pilot)
            assert app.state.newest is not None
            assert app.state.newest.as_of == AT + 999 * SECOND

    asyncio.run(check())


def python(code: str) -> str:
    """What a fresh Python prints."""
    run = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True,
                         timeout=60)
    return run.stdout.strip()


def test_the_board_needs_neither_pydantic_duckdb_nor_httpx() -> None:
    code = ("import sys, ccboard.app, ccboard.board.hub_feed, ccboard.commands.board;"
            "heavy = 'pydantic', 'duckdb', 'httpx', 'textual.widgets._data_table';"
            "print([name for name in heavy if name in sys.modules])")
    assert python(code) == "[]"


def test_the_command_imports_textual_only_for_a_terminal() -> None:
    code = "import sys, ccboard.commands.board; print('textual' in sys.modules, 'rich' in sys.modules)"
    assert python(code) == "False False"


def test_a_stretch_of_a_strip_is_what_cropping_gives_and_never_half_a_character() -> None:
    """Textual's own way of cutting is the second method, at the borders of whole characters.

    A stretch of a panel below another may end within that one's wide characters: half of one is stepped over.
    """
    from rich.color import ColorSystem
    from rich.console import Console
    from rich.segment import Segment
    from rich.style import Style
    from textual.strip import Strip

    from ccboard.board.compositor import stretch

    console = Console(color_system="truecolor", force_terminal=True, legacy_windows=False)
    red = Style(color="red")
    strip = Strip([Segment("abc", Style(bold=True)), Segment("中文é", red), Segment("d文 ", None)])
    halves = {4, 6, 10}  # the second cells of the three wide characters
    for start in range(strip.cell_length):
        for end in range(start + 1, strip.cell_length + 1):
            cut = "".join(stretch(strip, start, end, ColorSystem.TRUECOLOR))
            first, last = start + (start in halves), end + (end in halves)
            whole = strip.crop(first, last).render(console) if first < last else ""
            assert cut.startswith("\x1b[C") is (start in halves), (start, end)
            assert cut.removeprefix("\x1b[C") == whole, (start, end)
