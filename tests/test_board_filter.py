"""The filter works on every page, whatever panels are there."""

from dataclasses import replace

import pytest
from board_floor import floor
from board_pilot import run, settle, shown
from test_board_surge import ALL, RED, SALES, panel
from test_board_tail import PANEL as TAIL

from ccboard.board.pages import PAGES
from ccboard.panel_quality import QualityPanel

WHOLE = replace(floor(), surge=panel(ALL, RED, SALES), tail=TAIL, quality=QualityPanel(0, 0, 0, (), ()))


@pytest.mark.parametrize(("language", "all_", "whole"), [
    ("en", "all", "all of 4"), ("zh", "合计", "全部 4 个")])
def test_under_a_filter_the_row_of_totals_says_that_it_is_the_whole_centres(language, all_, whole):
    """738 came to all four queues, 188 of them to sales: the totals stay, and say of whom they are."""
    async def check() -> None:
        async with shown((120, 40), floor(), language=language) as (app, pilot):
            await pilot.press("2")
            await settle(app, pilot)
            assert next(line for line in app.lines() if "738" in line).split()[0] == all_
            await pilot.press("slash", *"sales", "enter")
            await settle(app, pilot)
            assert next(line for line in app.lines() if "738" in line).strip().startswith(whole)
            app.take(replace(floor(), as_of=floor().as_of + 1_000_000))
            await settle(app, pilot)
            assert next(line for line in app.lines() if "738" in line).strip().startswith(whole)
            await pilot.press("escape")
            await settle(app, pilot)
            assert next(line for line in app.lines() if "738" in line).split()[0] == all_

    run(check())


@pytest.mark.parametrize(("size", "language"), [((200, 50), "zh"), ((80, 24), "en")])
@pytest.mark.parametrize("page", PAGES)
def test_typing_filters_and_nothing_breaks(page: str, size: tuple[int, int], language: str) -> None:
    async def check() -> None:
        async with shown(size, WHOLE, language=language) as (app, pilot):
            await pilot.press(PAGES[page][0])
            await settle(app, pilot)
            await pilot.press("slash", "q", "x")
            await settle(app, pilot)
            assert app.board.page.pattern == "qx"
            counted = app.board.page.counted()
            assert all(shown_ == 0 for _, _, shown_, rows in counted if rows)
            if size[0] == 200:
                text = "\n".join(app.lines())
                assert all(f" 0/{rows}" in text for _, _, _, rows in counted)
            await pilot.press("escape")
            await settle(app, pilot)
            assert app.board.page.pattern == ""

    run(check())
