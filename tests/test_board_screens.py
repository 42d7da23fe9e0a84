"""The board as it is seen and used: screens as lines of text, at several sizes, key by key."""

from dataclasses import replace

import pytest
from board_floor import floor
from board_pilot import line_with, resize, run, settle, shown
from rich.cells import cell_len

from ccboard.snapshot import from_wire, to_wire

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
 14:10:07  !! support: 58 %, below tar…
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
            assert "? help" in app.lines()[-1]

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
