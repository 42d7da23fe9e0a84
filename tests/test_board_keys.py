"""The board as it is used: page by page, key by key."""

from dataclasses import replace
from pathlib import Path

from board_floor import AT, PEOPLE, SECOND, floor
from board_pilot import Board, line_with, run, settle, shown

from widgets.strip_table import StripTable


def test_pages_by_digit_and_only_those_that_exist() -> None:
    async def check() -> None:
        async with shown((120, 40), floor()) as (app, pilot):
            foot = app.lines()[-1]
            assert "1 overview  2 queues  3 agents  4 tail  5 surge  7 sources" in foot
            assert not any(f"{n} " in foot for n in (6,))
            await pilot.press("2")
            await settle(app, pilot)
            caller = line_with(app, "****4748")
            assert caller.split()[:4] == ["support", "2", "1:01", "****4748"]
            assert "no. 3" in caller
            await pilot.press("7")
            await settle(app, pilot)
            assert "48211" in line_with(app, "asterisk   ")
            assert "epoch 12x is not a number (2×)" in line_with(app, "rejected")
            assert "nothing is known from 10:00:00 to 10:15:00" in line_with(app, "gap")
            await pilot.press("6")
            await settle(app, pilot)
            assert line_with(app, "PROMISED")

    run(check())


def rows(app: Board, names: tuple[str, ...] = PEOPLE) -> list[str]:
    """The agents in the order in which they stand on the screen."""
    found = [next((n for n in names if line.startswith(f" {n} ")), None) for line in app.lines()]
    return [name for name in found if name]


def test_filter_while_typing_and_its_inverse() -> None:
    async def check() -> None:
        async with shown((120, 40), floor()) as (app, pilot):
            await pilot.press("3", "slash", "w", "a", "n", "g")
            await settle(app, pilot)
            assert rows(app) == ["Wang Fang"]
            assert "agent 1/24" in app.lines()[-1]
            assert "AGENT 1/24" in line_with(app, "STATE")
            await pilot.press(*["backspace"] * 4, "exclamation_mark", "n", "o", "r", "d")
            await settle(app, pilot)
            assert len(rows(app)) == 12  # the other team
            await pilot.press("enter")
            await settle(app, pilot)
            assert "!nord" in app.lines()[-1]  # stays in sight while it is active
            await pilot.press("escape")
            await settle(app, pilot)
            assert len(rows(app)) == 24
            assert "overview" in app.lines()[-1]

    run(check())


def test_sort_by_column_and_the_other_way_round() -> None:
    async def check() -> None:
        snapshot = floor()
        async with shown((120, 40), snapshot) as (app, pilot):
            await pilot.press("3", "j")
            await pilot.press("greater_than_sign")
            await settle(app, pilot)
            assert "AGENT▲" in line_with(app, "STATE")
            assert rows(app) == sorted(PEOPLE, key=str.casefold)
            await pilot.press("r")
            await settle(app, pilot)
            assert "AGENT▼" in line_with(app, "STATE")
            assert rows(app) == sorted(PEOPLE, key=str.casefold, reverse=True)
            await pilot.press("less_than_sign")  # back to the order they come in
            await settle(app, pilot)
            assert rows(app) == [a.label for a in snapshot.agents]
            title = line_with(app, "STATE").index("ANSWERED")
            await pilot.click("#page-agents #agents", offset=(title, 0))
            await settle(app, pilot)
            calls = {a.label: a.answered for a in snapshot.agents}
            got = [calls[name] for name in rows(app)]
            assert got == sorted(calls.values(), reverse=True)

    run(check())


def test_the_cursor_moves_by_arrows_letters_and_mouse_and_stays_with_its_row() -> None:
    async def check() -> None:
        snapshot = floor()
        async with shown((120, 20), snapshot) as (app, pilot):
            await pilot.press("3", "j")
            table = app.board.query_one("#page-agents #agents", StripTable)
            keys = [a.agent for a in snapshot.agents]
            assert table.cursor == keys[0]
            await pilot.press("j", "down", "k")
            assert table.cursor == keys[1]
            await pilot.press("G")
            assert table.cursor == keys[-1]
            await settle(app, pilot)
            assert "Ada Obi" in "\n".join(app.lines())
            await pilot.press("home", "pagedown")
            assert table.cursor == keys[table.size.height - 2]
            await pilot.press("home")
            await settle(app, pilot)
            await pilot.click("#page-agents #agents", offset=(5, 4))
            assert table.cursor == keys[3]
            gone = replace(snapshot, agents=snapshot.agents[1:])
            app.clock.at += 1
            app.take(gone)
            await settle(app, pilot)
            assert table.cursor == keys[3]

    run(check())


def test_columns_that_do_not_fit_come_into_sight_with_the_arrows() -> None:
    async def check() -> None:
        async with shown((40, 20), floor()) as (app, pilot):
            await pilot.press("2", "j")
            await settle(app, pilot)
            assert "READY" not in line_with(app, "QUEUE")
            await pilot.press(*["right"] * 4)
            await settle(app, pilot)
            assert "OFFER" in line_with(app, "QUEUE")
            assert "412" in line_with(app, " support")
            await pilot.press(*["h"] * 4)
            await settle(app, pilot)
            assert "LONG" in line_with(app, "QUEUE")

    run(check())


def test_freeze_says_so_and_lets_data_arrive() -> None:
    async def check() -> None:
        first = floor()
        async with shown((120, 40), first) as (app, pilot):
            await pilot.press("space")
            news = replace(first, as_of=AT + 97 * SECOND,
                           queues=(first.queues[0]._replace(waiting=99), *first.queues[1:]))
            app.clock.at += 97
            app.take(news)
            await settle(app, pilot)
            app.advance(0)
            await settle(app, pilot)
            assert "FROZEN 14:14:07 (1:37 ago)" in app.lines()[0]
            assert "14:15:44" in app.lines()[0]  # the clock goes on
            assert " 12 " in line_with(app, "support  ")
            assert " 1:48 !" in line_with(app, "support  ")
            await pilot.press("space")
            await settle(app, pilot)
            assert " 99 " in line_with(app, "support  ")
            assert "FROZEN" not in app.lines()[0]

    run(check())


def test_zoom_shows_one_panel_and_comes_back() -> None:
    async def check() -> None:
        async with shown((120, 40), floor()) as (app, pilot):
            await pilot.press("tab", "tab", "tab")  # queues, levels, log
            assert app.board.focused is not None
            assert app.board.focused.id == "log"
            await pilot.press("z")
            await settle(app, pilot)
            text = "\n".join(app.lines())
            assert "LOG" in text
            assert "QUEUE" not in text
            await pilot.press("escape")
            await settle(app, pilot)
            assert "QUEUE" in "\n".join(app.lines())

    run(check())


def test_help_is_made_from_the_live_keys_and_any_key_closes_it() -> None:
    async def check() -> None:
        async with shown((140, 44), floor()) as (app, pilot):
            await pilot.press("question_mark")
            await settle(app, pilot)
            text = "\n".join(app.lines())
            for expected in ("sort by the column to the right", "freeze the figures", "^p", "on target",
                             "any key closes this", "first row"):
                assert expected in text, expected
            app.advance(1)
            await settle(app, pilot)
            assert "14:14:08" in app.lines()[0]  # the heart beats on
            await pilot.press("x")
            await settle(app, pilot)
            assert line_with(app, "QUEUE")

    run(check())


def test_the_palette_names_every_action() -> None:
    async def check() -> None:
        async with shown((100, 40), floor(), language="zh") as (app, _):
            titles = {command.title for command in app.get_system_commands(app.screen)}
            assert {"总览", "队列", "座席", "数据源", "帮助", "退出"} <= titles
            assert any(title.startswith("配色") for title in titles)

    run(check())


def test_screenshots_are_saved_as_svg_and_text(tmp_path: Path) -> None:
    async def check() -> None:
        folder = tmp_path / "shots"
        async with shown((100, 30), floor(), screenshots=folder) as (app, pilot):
            await pilot.press("s")
            await settle(app, pilot)
            saved = folder / "ccboard-20261116-141407"
            assert "support" in saved.with_suffix(".svg").read_text(encoding="utf-8")
            text = saved.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
            assert len(text) == 30
            assert "LIVE" in text[0]
            assert "saved" in app.lines()[-1]
        blocked = tmp_path / "file"
        blocked.write_text("", encoding="utf-8")
        async with shown((100, 30), floor(), screenshots=blocked / "no") as (app, pilot):
            await pilot.press("s")
            await settle(app, pilot)
            assert "not saved: Not a directory" in app.lines()[-1]

    run(check())
