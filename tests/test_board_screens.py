"""The board as it is seen and used: screens as lines of text, at several sizes, key by key."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from board_floor import AT, PEOPLE, SECOND, floor
from board_pilot import Board, line_with, resize, settle, shown
from rich.cells import cell_len

from ccboard.board.state import Lost
from ccboard.snapshot import STATES, Snapshot, from_wire, to_wire
from widgets.glyphs import ASCII
from widgets.queue_table import QueueTable
from widgets.strip_table import StripTable

PHONE = """\
 Hotline West  14:14:07        ▲2  LIVE
 QUEUE        WAIT     LONG       SL
 support        12     1:48 !   54 % !!
 sales           1     0:09     86 % ok
 vip             0        –     97 % ok
 售后热线        1     0:05     72 % !
 all            14     1:48 !   67 % !!
 ready 3 ring 3 talk 11 wrap 3 pause 3
 asterisk ● 1 s  vicidial ● 2 s
 LOG
 14:10:07  !! support: below target, 5…
 14:08:07  support: caller gave up aft…"""

PHONE_ZH = """\
 Hotline West  14:14:07        ▲2  实时
 队列         排队     最长     服务
 support        12     1:48 !   54 % !!
 sales           1     0:09     86 % ok
 vip             0        –     97 % ok
 售后热线        1     0:05     72 % !
 合计           14     1:48 !   67 % !!
 示闲 3 振铃 3 通话 11 话后 3 示忙 3"""

TERMINAL = """\
 Hotline West  Mon 16 Nov 14:14:07            ● 2/2   ▲ 2 over the limit   LIVE
 QUEUE             WAIT     LONG       SL     OFFER  ABAND   READY  TALK  PAUSE
 support             12     1:48 !   54 % !!    412    33 !      0     5      0
 sales                1     0:09     86 % ok    188     4        0     3      3
 vip                  0        –     97 % ok     41     0        3     0      0
 售后热线             1     0:05     72 % !      97     8        0     3      0
 all                 14     1:48 !   67 % !!    738    45        3    11      3"""


def run(coroutine: object) -> None:
    asyncio.run(coroutine)  # type: ignore[arg-type]


@pytest.mark.parametrize(("size", "language", "expected"), [
    ((40, 12), "en", PHONE), ((40, 12), "zh", PHONE_ZH), ((80, 24), "en", TERMINAL),
])
def test_small_screens_line_by_line(size: tuple[int, int], language: str, expected: str) -> None:
    async def check() -> None:
        async with shown(size, floor(), language=language) as (app, _):
            lines = expected.splitlines()
            assert app.lines()[: len(lines)] == lines

    run(check())


def test_no_figure_is_cut_and_no_row_hidden_without_a_word() -> None:
    async def check() -> None:
        async with shown((30, 8), floor()) as (app, pilot):
            assert app.lines()[1].split() == ["QUEUE", "1-3/4", "WAIT", "SL"]
            assert app.lines()[2].split() == ["support", "12", "54", "%", "!!"]
            assert app.lines()[5].split() == ["all", "14", "67", "%", "!!"]
            await resize(app, pilot, (40, 9))
            assert app.lines()[1].split() == ["QUEUE", "WAIT", "LONG", "SL"]
            await resize(app, pilot, (40, 8))
            assert app.lines()[1].split() == ["QUEUE", "1-3/4", "WAIT", "LONG", "SL"]
        one = floor().queues[0]
        many = replace(floor(), queues=tuple(one._replace(queue=f"q{n}", label=f"q{n}") for n in range(21)))
        async with shown((40, 12), many) as (app, _):
            assert app.lines()[1].split()[:3] == ["QUEUE", "7/21", "WAIT"]

    run(check())


def test_help_is_named_even_where_other_keys_are_not() -> None:
    async def check() -> None:
        async with shown((80, 24), replace(floor(), temporary_hub=True)) as (app, pilot):
            assert app.lines()[-1].rstrip().endswith("temporary hub")
            assert "? help" in app.lines()[-1]
            await resize(app, pilot, (120, 40))
            assert "space freeze  ? help" in app.lines()[-1]

    run(check())


def test_a_source_that_answers_but_lacks_a_way_in_carries_a_mark() -> None:
    async def check() -> None:
        snapshot = floor()
        half = snapshot.sources[0]._replace(troubles=("AMI: connection refused; figures are from queue_log",))
        async with shown((120, 40), replace(snapshot, sources=(half, *snapshot.sources[1:]))) as (app, pilot):
            assert "asterisk ● 1 s !   vicidial ● 2 s  " in app.lines()[0]
            await resize(app, pilot, (40, 12))
            assert app.lines()[8].startswith(" asterisk ● 1 s !  vicidial ● 2 s")

    run(check())


def test_the_clock_of_a_small_screen_stands_free() -> None:
    async def check() -> None:
        async with shown((30, 8), floor()) as (app, pilot):
            assert app.lines()[0] == " Hotline…  14:14:07  ▲2  LIVE"
            await resize(app, pilot, (40, 12))
            assert app.lines()[0].startswith(" Hotline West  14:14:07  ")

    run(check())


def test_a_phone_says_the_whole_name_of_its_source() -> None:
    async def check() -> None:
        snapshot = floor()
        one = replace(snapshot, sources=(snapshot.sources[0]._replace(name="hauptstandort"),))
        async with shown((40, 12), one) as (app, _):
            assert " hauptstandort ● 1 s" in app.lines()[8]
        names = ("hauptstandort", "zweigstelle", "nachtdienst")
        three = replace(snapshot, sources=tuple(snapshot.sources[0]._replace(name=name) for name in names))
        async with shown((40, 12), three) as (app, _):
            assert app.lines()[8].split()[:4] == ["hauptst…", "●", "1", "s"]

    run(check())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_fits_every_size(language: str) -> None:
    async def check() -> None:
        async with shown((200, 50), floor(), language=language) as (app, pilot):
            for size in ((200, 50), (120, 40), (80, 24), (60, 20), (40, 12), (31, 7)):
                await resize(app, pilot, size)
                for page in ("1", "2", "3", "7", "question_mark"):
                    await pilot.press(page)
                    await settle(app, pilot)
                    lines = app.lines()
                    assert len(lines) == size[1]
                    assert max(cell_len(line) for line in lines) <= size[0]
                    assert "Hotline" in lines[0]
                    assert any(line.strip() for line in lines[1:])

    run(check())


def test_the_frame_stands_before_the_first_figures() -> None:
    async def check() -> None:
        async with shown((100, 30)) as (app, pilot):
            assert "connecting" in app.lines()[0]
            assert "QUEUE" in line_with(app, "QUEUE")
            assert line_with(app, "waiting for the first figures")
            app.take(floor())
            await settle(app, pilot)
            assert "54 %" in line_with(app, "support")

    run(check())


def test_too_small_asks_for_more() -> None:
    async def check() -> None:
        async with shown((24, 5), floor()) as (app, pilot):
            assert any("make me bigger" in line for line in app.lines())
            await resize(app, pilot, (80, 24))
            assert not any("make me bigger" in line for line in app.lines())
            assert line_with(app, "support")

    run(check())


def test_running_times_move_with_the_clock_and_coarsely_above_ten_minutes() -> None:
    async def check() -> None:
        async with shown((120, 40), floor()) as (app, pilot):
            assert " 1:48 !" in line_with(app, "support  ")
            app.advance(2)
            await settle(app, pilot)
            assert "14:14:09" in app.lines()[0]
            assert " 1:50 !" in line_with(app, "support  ")
            assert "0:20" in line_with(app, "Kim Soo")  # 18 s ringing
            assert "10:50" in line_with(app, "Ivy Tran")  # 10:55 in steps of ten: unmoved
            app.advance(4)
            await settle(app, pilot)
            assert "11:00" in line_with(app, "Ivy Tran")

    run(check())


def test_pages_by_digit_and_only_those_that_exist() -> None:
    async def check() -> None:
        async with shown((120, 40), floor()) as (app, pilot):
            foot = app.lines()[-1]
            assert "1 overview  2 queues  3 agents  7 sources" in foot
            assert not any(f"{n} " in foot for n in (4, 5, 6))
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
            await pilot.press("4")
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
            await pilot.press("g", "pagedown")
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


def test_the_hub_goes_and_comes_back_by_itself() -> None:
    async def check() -> None:
        async with shown((120, 40), floor()) as (app, pilot):
            app.clock.at += 3
            app.take(Lost("it hung up"))
            await settle(app, pilot)
            assert app.lines()[0].startswith(" NO HUB since 14:14:10, last figures below: it hung up")
            assert "LIVE" not in app.lines()[1]
            table = app.board.query_one("#page-overview #queues", QueueTable)
            assert table.muted
            assert table.ink("critical") == table.ink("dim")
            app.advance(30)
            await settle(app, pilot)
            assert " 1:48 !" in line_with(app, "support  ")  # last figures: nothing runs on
            assert "14:14:40" in app.lines()[1]
            app.take(replace(floor(), as_of=AT + 40 * SECOND))
            await settle(app, pilot)
            assert "LIVE" in app.lines()[0]
            assert not table.muted

    run(check())


def test_a_hub_that_says_nothing_counts_as_gone() -> None:
    async def check() -> None:
        async with shown((120, 40), floor()) as (app, pilot):
            app.advance(16)
            await settle(app, pilot)
            assert "NO HUB since" in app.lines()[0]
            assert "it does not answer" in app.lines()[0]

    run(check())


def old(snapshot: Snapshot, age: float, *, dark: bool) -> Snapshot:
    """The floor with its first source too old, as the hub would send it."""
    queues = []
    for q in snapshot.queues:
        q = q._replace(late=True, dark=dark, age_s=age)
        if dark:
            q = q._replace(waiting=None, longest_wait_s=None, longest_since=None, agents=None, levels=())
        queues.append(q)
    error = "login refused for user ccboard (manager.conf)"
    source = snapshot.sources[0]._replace(state="failed" if dark else "stale", age_s=age, dark=dark,
                                          error=error if dark else None)
    agents = snapshot.agents
    waiting = snapshot.waiting
    if dark:
        agents = tuple(a._replace(state=None, since=None, state_s=None, in_queue=None, level="")
                       for a in agents)
        waiting = ()
    totals = snapshot.totals._replace(late=True, dark=dark, age_s=age, waiting=None if dark else 14,
                                      longest_wait_s=None, longest_since=None,
                                      agents=None if dark else snapshot.totals.agents)
    return replace(snapshot, queues=tuple(queues), totals=totals, agents=agents, waiting=waiting,
                   sources=(source, *snapshot.sources[1:]))


def test_late_figures_are_grey_and_carry_their_age() -> None:
    async def check() -> None:
        async with shown((120, 40), old(floor(), 11.5, dark=False)) as (app, _):
            line = line_with(app, " support")
            assert line.split()[:3] == ["support", "12", "s"]
            table = app.board.query_one("#page-overview #queues", QueueTable)
            roles = {role for text, role in table.lines[1] if text.strip()}
            assert roles == {"dim"}
            assert "asterisk ✗ 12 s" in app.lines()[0]

    run(check())


def test_dark_figures_are_dashes_and_the_cause_is_said() -> None:
    async def check() -> None:
        async with shown((120, 40), old(floor(), 25.0, dark=True)) as (app, pilot):
            top = "\n".join(app.lines()[:2])
            assert "asterisk ✗ 25 s: login refused for user ccboard (manager.conf)" in top
            fields = line_with(app, " support").split()
            assert fields[:5] == ["support", "25", "s", "–", "–"]
            assert "412" in fields  # counts stay
            assert "–" in line_with(app, "Chen Li")
            await pilot.press("2")
            await settle(app, pilot)
            assert line_with(app, "not known: the source is too old")

    run(check())


def test_what_is_not_live_says_so() -> None:
    async def check() -> None:
        async with shown((120, 40), replace(floor(), live=False)) as (app, pilot):
            assert "NOT LIVE" in app.lines()[0]
            app.advance(60)
            await settle(app, pilot)
            assert "14:14:07" in app.lines()[0]
            header = app.board.query_one("#header")
            assert {role for _, role in header.lines[0]} == {"banner"}  # type: ignore[attr-defined]

    run(check())


def test_notices_and_a_temporary_hub_are_said() -> None:
    async def check() -> None:
        snapshot = replace(floor(), temporary_hub=True, notices=("configuration not reloaded: line 3",))
        async with shown((120, 40), snapshot) as (app, _):
            assert "configuration not reloaded: line 3" in app.lines()[1]
            assert "temporary hub: gaps after you leave" in app.lines()[-1]

    run(check())


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
            app.advance(1)
            await settle(app, pilot)
            assert 0 < table.lines_drawn <= table.size.height
            await pilot.press("G")
            await settle(app, pilot)
            assert line_with(app, "Agent 19999")

    run(check())


def test_the_wire_brings_the_same_screen() -> None:
    import json

    async def check() -> None:
        snapshot = floor()
        sent = from_wire(json.loads(json.dumps(to_wire(snapshot))))
        async with shown((120, 40), snapshot) as (app, _):
            direct = app.lines()
        async with shown((120, 40), sent) as (app, _):
            assert app.lines() == direct

    run(check())


def test_states_have_their_own_words() -> None:
    async def check() -> None:
        snapshot = floor()
        agents = tuple(snapshot.agents[n]._replace(state=state) for n, state in enumerate(STATES))
        async with shown((120, 40), replace(snapshot, agents=agents), language="zh") as (app, pilot):
            await pilot.press("3")
            await settle(app, pilot)
            text = "\n".join(app.lines())
            for word in ("示闲", "振铃", "通话", "保持", "话后处理", "占线", "示忙", "离线", "未知"):
                assert word in text

    run(check())


@pytest.mark.parametrize(("language", "expected"), [
    ("en", ("!! support: below target, 58 %", "support: caller gave up after 1:14, ****7731",
            "Bob O'Hara: pause, break", "Ravi Patel: logged out", "! gap of 15:00: vicidial",
            "!! failed: vicidial: connection refused", "something_new: sales of a later version")),
    ("zh", ("!! support 服务水平未达标，58 %", "support 来电放弃，已等 1:14，****7731",
            "Bob O'Hara 示忙，break",
            "Ravi Patel 签出", "! 数据缺口 15:00：vicidial", "!! 数据源失败：vicidial: connection refused",
            "something_new：sales of a later version")),
])
def test_the_log_speaks_in_sentences(language: str, expected: tuple[str, ...]) -> None:
    async def check() -> None:
        async with shown((200, 50), floor(), language=language) as (app, _):
            text = "\n".join(app.lines())
            for sentence in expected:
                assert sentence in text

    run(check())


def test_a_first_try_that_fails_ends_the_board_with_its_words() -> None:
    from ccboard.errors import HubError

    class Hopeless:
        """A feed that knows at once that there will never be a hub."""

        def start(self, callback: object) -> None:
            assert callable(callback)
            callback(Lost("no Asterisk here", failure=HubError("no Asterisk here")))

        def stop(self) -> None:
            """Nothing runs."""

    async def check() -> None:
        app = Board(feed=Hopeless())
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
        assert str(app.failure) == "no Asterisk here"
        assert app.return_code == HubError.exit_code

    run(check())
