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
