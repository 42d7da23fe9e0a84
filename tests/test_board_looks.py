"""Colours, terminals with few signs, hostile names, floors of twenty thousand."""

from dataclasses import replace

import pytest
from board_floor import floor
from board_pilot import Board, line_with, run, settle, shown
from rich.cells import cell_len

from widgets.glyphs import ASCII
from widgets.queue_table import QueueTable
from widgets.strip_table import StripTable


@pytest.mark.parametrize("value", ["", "1"])
def test_no_color_writes_no_colour(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("NO_COLOR", value)

    async def check() -> None:
        async with shown((100, 30), floor()) as (app, pilot):
            await pilot.press("tab")
            await settle(app, pilot)
            for strip in app.board.strips():
                for segment in strip:
                    style = segment.style
                    assert style is None or all(
                        color is None or color.is_default for color in (style.color, style.bgcolor)
                    ), segment
            assert "54 % !!" in line_with(app, "support")

    run(check())


def test_sixteen_colours_where_the_terminal_has_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "standard")
    assert Board().theme == "board-ansi"


def test_every_theme_can_be_chosen() -> None:
    async def check() -> None:
        async with shown((100, 30), floor()) as (app, pilot):
            table = app.board.query_one("#page-overview #queues", QueueTable)
            seen = set()
            for theme in ("board-light", "board-colourblind", "board-ansi", "board-dark", "nord"):
                app.theme = theme
                await settle(app, pilot)
                seen.add(str(table.ink("critical")))
            assert len(seen) >= 4
            await pilot.press("t")
            await settle(app, pilot)
            assert "colours: " in app.lines()[-1]

    run(check())


def test_a_terminal_without_unicode_gets_ascii_and_english() -> None:
    async def check() -> None:
        async with shown((120, 40), floor(), glyphs=ASCII, language="zh") as (app, pilot):
            for page in ("1", "2", "3", "7", "question_mark"):
                await pilot.press(page)
                await settle(app, pilot)
                text = "\n".join(app.lines())
                assert text.isascii(), [c for c in text if not c.isascii()]
            assert app.state.words.language == "en"

    run(check())

HOSTILE = (
    "[/]", "[@click=app.quit]x[/]", "Queue [Sales]", "a\u202eb", "\x1b]0;owned\x07", "x" * 10_000, "|",
    "\u0301" * 40 + "e", "👩‍👩‍👧‍👦 team", "مبيعات", "ｗｉｄｅ", "\x00nul", "", "售后" * 200,
    "\u2028line", "%s {0}",
)


@pytest.mark.parametrize("size", [(120, 40), (40, 30)])
def test_hostile_names_break_nothing(size: tuple[int, int]) -> None:
    """They reach the board only past the border; here as if nothing had cleaned them."""

    async def check() -> None:
        snapshot = floor()
        one, someone, caller = snapshot.queues[0], snapshot.agents[0], snapshot.waiting[0]
        hostile = replace(
            snapshot,
            name=HOSTILE[1],
            queues=tuple(one._replace(queue=f"q{n}", label=name) for n, name in enumerate(HOSTILE)),
            agents=tuple(someone._replace(agent=f"a{n}", label=name, reason=name, with_caller=name, team=name,
                                          in_queue=f"q{n}") for n, name in enumerate(HOSTILE)),
            waiting=tuple(caller._replace(queue=f"q{n}", call=str(n), caller=name, name=name)
                          for n, name in enumerate(HOSTILE)),
            log=tuple(e._replace(text=name, agent=name) for e in snapshot.log for name in HOSTILE),
            sources=tuple(
                snapshot.sources[0]._replace(name=name, error=name, state="failed", troubles=(name,))
                for name in HOSTILE
            ),
            notices=HOSTILE,
        )
        async with shown(size, hostile) as (app, pilot):
            for page in ("1", "2", "3", "7"):
                await pilot.press(page)
                await settle(app, pilot)
                lines = app.lines()
                assert max(cell_len(line) for line in lines) <= size[0]
                for character in "\x1b\x07\x00\u202e\u2028\u200d":
                    assert all(character not in line for line in lines)
                if page == "1":
                    columns_stand_under_their_titles(lines)
            await pilot.press("j", "slash", "[", "/", "]", "enter")
            await settle(app, pilot)
            assert app.is_running

    run(check())


def columns_stand_under_their_titles(lines: list[str]) -> None:
    """Every queue of that floor has 12 waiting: the figure ends in the same cell in every row."""
    head = next(i for i, line in enumerate(lines) if "QUEUE" in line)
    names = [name for name in HOSTILE if name.isascii() and name.isprintable()]
    assert len(names) > 3
    edges = set()
    for line in lines[head + 1 : head + 9]:
        before, found, _ = line.rpartition(" 12 ")
        assert found, line
        edges.add(cell_len(before))
    assert len(edges) == 1


def test_twenty_thousand_agents_cost_what_is_in_sight() -> None:
    async def check() -> None:
        snapshot = floor()
        one = snapshot.agents[0]
        many = tuple(one._replace(agent=f"a{n}", label=f"Agent {n:05d}") for n in range(20_000))
        async with shown((120, 40), replace(snapshot, agents=many)) as (app, pilot):
            await pilot.press("3", "j")
            await settle(app, pilot)
            table = app.board.query_one("#page-agents #agents", StripTable)
            table.lines_drawn = 0
            app.advance(2)  # no frame comes: the clock moves the times
            await settle(app, pilot)
            assert 0 < table.lines_drawn <= table.size.height
            await pilot.press("G")
            await settle(app, pilot)
            assert line_with(app, "Agent 19999")

    run(check())
