"""The surge on the board: calm while all is normal, plain words when it is not, and what is done about it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from board_floor import AT, floor
from board_pilot import Board, line_with, resize, run, settle, shown
from textual.pilot import Pilot

from ccboard.board import arrange
from ccboard.board.arrange import Rows
from ccboard.hub.surge import pending
from ccboard.i18n import Words
from ccboard.panel_surge import Curve, Done, Earlier, Exceptional, QueueSurge, SurgePanel, TierEffect
from ccboard.snapshot import Snapshot
from widgets.glyphs import UNICODE
from widgets.surge_detail import SurgeLog
from widgets.view import View

MINUTE = 60_000_000
START = AT - 6 * 60 * MINUTE - 14 * MINUTE - 7_000_000  # 08:00
COUNT = 40
RED = QueueSurge(
    "support", "support", "red", 0, None, 412, 299.0, 0.38, 0.27, 0.49, 0.93, since=AT - 40 * MINUTE,
    raised_at=AT - 30 * MINUTE, red_at=AT - 10 * MINUTE, tier=1, heads=98, need=126, until=AT + 60 * MINUTE,
    effects=(TierEffect(0, "", 0, 0.11, 0.29, False, True), TierEffect(1, "", 28, 0.67, 0.10, False, True),
             TierEffect(2, "", 46, 0.94, 0.02, True, False)),
    suffices=2, call=("Anna 4711", "Ben 4712"), owner="Chen Li 4700", of_next_100=87, best_today=0.9,
    target=0.8, threshold_s=20.0, closes_at=AT + 4 * 60 * MINUTE, alarms=3, false_alarms=1, what_if_from=-1,
    what_if=((0.09, 0.30), (0.11, 0.29), (0.14, 0.27), (0.18, 0.25)))
SALES = QueueSurge("sales", "sales", "normal", 0, None, 188, 182.0, 0.03, -0.05, 0.11, 0.02)
ALL = QueueSurge(None, "", "normal", 0, None, 641, 600.0, 0.04, -0.02, 0.10, 0.05)


def curve(queue: str | None, done: int = 25, size: int = 60) -> Curve:
    """Twice the normal day from the tenth interval on; the last fifteen are to come."""
    offered = tuple((size * (2 if n >= 10 else 1)) if n < done else None for n in range(COUNT))
    ahead = tuple(None if n < done else float(size) for n in range(COUNT))
    plain = (float(size),) * COUNT
    low, high = (size * 0.8,) * COUNT, (size * 1.2,) * COUNT
    return Curve(queue, START, 900, offered, plain, low, high, ahead, ahead, ahead,
                 tuple(None if n < done else 130 for n in range(COUNT)), (0.3, 0.5))


def panel(*rows: QueueSurge, **more: Any) -> SurgePanel:
    return SurgePanel(AT, 13.0, False, rows, tuple(curve(row.queue) for row in rows), **more)


def seen(*rows: QueueSurge, **more: Any) -> Snapshot:
    return replace(floor(), surge=panel(*rows, **more))


@asynccontextmanager
async def standing(size: tuple[int, int], view: Snapshot, **options: Any
                   ) -> AsyncIterator[tuple[Board, Pilot[int]]]:
    """Run a board with a snapshot, its panels placed for what is in it."""
    async with shown(size, view, **options) as (app, pilot):
        await settle(app, pilot)
        yield app, pilot


class Answers:
    """Takes what is done."""

    def __init__(self) -> None:
        self.deeds: list[Mapping[str, Any]] = []

    def moment(self, as_of: int) -> Snapshot:
        raise NotImplementedError

    def ask(self, what: str, words: Mapping[str, str]) -> dict[str, Any]:
        raise NotImplementedError

    def act(self, deed: Mapping[str, Any]) -> dict[str, Any]:
        self.deeds.append(deed)
        return {"applied": 1}

    def close(self) -> None:
        """Nothing to close."""


def test_while_all_is_normal_it_is_one_calm_line() -> None:
    async def check() -> None:
        async with standing((120, 40), seen(ALL, SALES)) as (app, _):
            said = line_with(app, "SURGE").split("SURGE")[1].strip()
            assert said == "all queues as on a normal Monday: +4 %"
            assert "alarm" not in app.lines()[0]

    run(check())


def test_a_day_that_is_far_from_normal_is_not_called_one() -> None:
    async def check() -> None:
        quiet = ALL._replace(lift=-0.68, low=-0.71, high=-0.65)
        async with standing((120, 40), seen(quiet, SALES._replace(lift=-0.6))) as (app, pilot):
            assert "whole centre: -68 % vs a normal Monday (-71..-65 %)" in line_with(app, "SURGE")
            await pilot.press("5")
            await settle(app, pilot)
            assert "quiet" in line_with(app, "sales")

    run(check())


def test_those_at_work_are_enough_and_nobody_is_called() -> None:
    without = RED.effects[0]._replace(service_level=0.93)
    fine = RED._replace(need=90, until=None, effects=(without, *RED.effects[1:]))

    async def check() -> None:
        async with standing((160, 50), seen(ALL, fine, SALES)) as (app, _):
            said = line_with(app, "without action 93 %")
            assert "those at work are enough" in said
            assert "Anna" not in said

    run(check())


def test_who_is_at_work_suffices_also_while_a_backlog_is_worked_off() -> None:
    """36 at work, 34 needed: nobody is called, neither on the overview nor on page 5."""
    fine = RED._replace(need=34, heads=36, until=None, tier=2, owner="Chen Li 4700", state="red", sure=0.8)

    async def check() -> None:
        async with standing((160, 50), seen(ALL, fine, SALES)) as (app, pilot):
            assert "SURGE, 80 % sure   TIER 2" in line_with(app, "SUPPORT")
            for page in "15":
                await pilot.press(page)
                await settle(app, pilot)
                assert line_with(app, "those at work are enough for what comes: 36, 34 needed")
                assert "Anna 4711" not in "\n".join(app.lines())
            assert line_with(app, "owner Chen Li 4700")
            assert line_with(app, "TIER 2 is for the hour to come")

    run(check())


def test_another_day_that_is_being_worked_out_is_said() -> None:
    async def check() -> None:
        async with standing((120, 40), replace(floor(), surge=SurgePanel(
                AT, 0.0, False, (), (), pending=True))) as (app, _):
            assert line_with(app, "SURGE  working out what is normal on that day")

    run(check())


def test_an_alarm_is_two_lines_in_plain_words() -> None:
    async def check() -> None:
        async with standing((160, 50), seen(ALL, RED, SALES)) as (app, _):
            assert ("SUPPORT  +38 % vs a normal Monday (27..49 %) since 13:34   SURGE, 93 % sure   TIER 1"
                    in line_with(app, "SUPPORT"))
            said = line_with(app, "without action")
            assert ("without action 11 % in 20 s, 29 % hang up; with tier 1 (+28) 67 %; with tier 2 (+46)"
                    " 94 %" in said), "the tier that is reached, and the one that suffices"
            assert "call Anna 4711, Ben 4712   a accept" in said
            assert "▲ 1 alarm " in app.lines()[0]

    run(check())


@pytest.mark.parametrize(("size", "expected"), [
    ((80, 24), "SUPPORT  +38 % (27..49) since 13:34  SURGE, 93 % sure  TIER 1"),
    ((40, 12), "SURGE  support +38 % TIER 1 surge"),
])
def test_on_small_screens(size: tuple[int, int], expected: str) -> None:
    async def check() -> None:
        async with standing(size, seen(ALL, RED, SALES)) as (app, _):
            assert expected in line_with(app, "SURGE")

    run(check())


def test_a_dead_line_calls_no_reserves_but_whoever_sees_to_it() -> None:
    dead = RED._replace(state="silent", since=AT - 6 * MINUTE, owner="Chen Li 4711", heads=36, need=34)

    async def check() -> None:
        async with standing((160, 50), seen(ALL, dead, SALES)) as (app, pilot):
            at = next(n for n, text in enumerate(app.lines()) if "no calls since" in text)
            line = app.lines()[at + 1]
            assert line.split("SURGE")[-1].strip(" ▌") == "owner Chen Li 4711   a accept"
            await pilot.press("5")
            await pilot.pause()
            shown = "\n".join(app.lines())
            assert "owner Chen Li 4711" in shown
            assert RED.call[0] not in shown

    run(check())


def test_a_centre_that_is_cut_off_says_so_once() -> None:
    """Four dead queues and the centre: one alarm; of two dead queues each its own, before a surge of all."""
    centre, support, sales = (row._replace(state="silent", since=AT) for row in (ALL, RED, SALES))
    cut_off = panel(centre, support, sales)
    assert [row.queue for row in cut_off.alarms] == [None]
    surge = ALL._replace(state="red", raised_at=AT)
    assert [row.queue for row in panel(surge, support, sales).alarms] == ["support", "sales", None]
    assert [row.queue for row in panel(centre, RED).alarms] == [None, "support"]
    taken = centre._replace(accepted_at=AT, accepted_by="Ida")
    assert [row.queue for row in panel(taken, RED).alarms] == ["support", None]


def test_who_accepted_is_said_and_the_alarm_is_no_longer_counted() -> None:
    taken = RED._replace(accepted_by="Chen Li", accepted_at=AT - 19 * MINUTE, reaction_s=660)

    async def check() -> None:
        async with standing((160, 50), seen(ALL, taken, SALES)) as (app, _):
            assert "accepted by Chen Li at 13:55, after 11:00" in line_with(app, "without action")
            assert "alarm" not in app.lines()[0]

    run(check())


def test_a_tier_past_the_one_that_was_taken_on_waits_for_somebody_again() -> None:
    risen = RED._replace(tier=2, call=("Dana 4700",),
                         earlier=Earlier("accept", "Chen Li", AT - 19 * MINUTE, 1, "", 660))

    async def check() -> None:
        async with standing((200, 50), seen(ALL, risen, SALES)) as (app, pilot):
            line = line_with(app, "without action")
            assert "call Dana 4700   TIER 1 was accepted by Chen Li at 13:55   a accept" in line
            assert "1 alarm" in app.lines()[0]
            await pilot.press("5")
            await pilot.pause()
            assert line_with(app, "TIER 1 was accepted by Chen Li at 13:55")

    run(check())


def test_a_false_alarm_is_said_with_who_called_it_so_and_waits_for_nobody() -> None:
    false = RED._replace(false_by="Ida", false_at=AT - 4 * MINUTE)

    async def check() -> None:
        answers = Answers()
        async with standing((160, 50), seen(ALL, false, SALES), answers=answers) as (app, pilot):
            assert "called a false alarm by Ida at 14:10" in line_with(app, "without action")
            assert "alarm" not in app.lines()[0]
            await pilot.press("5", "f")
            await settle(app, pilot)
            assert "called a false alarm by Ida at 14:10" in app.lines()[-1]
            shown = "\n".join(app.lines())
            assert "owner Chen Li 4700" in shown
            assert "call Anna 4711" not in shown, "nobody is to be called for a false alarm"
            assert answers.deeds == []

    run(check())


def test_over_is_said() -> None:
    over = RED._replace(state="normal", raised_at=None, over_at=AT - 5 * MINUTE, lift=0.06)

    async def check() -> None:
        async with standing((120, 40), seen(ALL, over, SALES)) as (app, _):
            assert "support  OVER since 14:09: back at +6 %" in line_with(app, "SURGE")

    run(check())


def test_page_five_shows_the_queue_that_is_alarmed() -> None:
    async def check() -> None:
        limit = Exceptional("limit:waiting:sales", "", "sales", "sales", "waiting", 12.0, 9.0, None, ())
        done = Done(AT - 60_000_000, "accept", "support", "Chen Li", "lead", None, None, 660)
        view = seen(ALL, RED, SALES, exceptions=(limit,), done=(done,), said=("notify desk: nobody is told",))
        async with standing((160, 50), view) as (app, pilot):
            await pilot.press("5")
            await settle(app, pilot)
            text = "\n".join(app.lines())
            for expected in (
                    "98 at work, 126 needed; 28 more until 15:14",
                    "with tier 2 (+46) 94 %, 2 % hang up (not at this hour)",
                    "owner Chen Li 4700", "80 % by 18:14 needs 87 of the next 100 within 20 s",
                    "last 30 days: 3 alarms, 1 of them false", "SUPPORT: CALLS IN 15 MIN",
                    "sales: waiting 12, limit 9", "notify desk: nobody is told",
                    "14:13  support  accepted  Chen Li (lead)  after 11:00"):
                assert expected in text, expected

    run(check())


def test_what_was_done_reads_as_it_was_done() -> None:
    """AT is 14:14 on Monday the 16th of November."""
    day = 24 * 60 * MINUTE
    done = (Done(AT - MINUTE, "snooze", "support", "Ida", "lead", until=AT + day),
            Done(AT - 2 * MINUTE, "snooze", "support", "Ida", "lead", until=AT + 30 * MINUTE),
            Done(AT - 3 * MINUTE, "accept", "support", "Ida", "lead", value=0.306),
            Done(AT - 4 * MINUTE, "new_normal", "support", "Ida", "lead", value=1.306))

    async def check() -> None:
        async with standing((200, 50), seen(ALL, RED, SALES, done=done)) as (app, pilot):
            await pilot.press("5")
            await settle(app, pilot)
            assert line_with(app, "14:13  support  put off until Tue 17 Nov 14:14  Ida (lead)")
            assert line_with(app, "14:12  support  put off until 14:44  Ida (lead)")
            assert line_with(app, "14:11  support  accepted  +31 %  Ida (lead)")
            assert line_with(app, "14:10  support  the new normal  +31 %  Ida (lead)")

    run(check())


def test_the_curve_can_be_read_without_colour() -> None:
    """From the tenth interval on twice the normal day: bars as high as the picture, above the shade."""
    async def check() -> None:
        async with standing((120, 50), seen(RED)) as (app, pilot):
            await pilot.press("5")
            await settle(app, pilot)
            rows = [line[7:47] for line in app.lines()]
            begin = next(n for n, line in enumerate(app.lines()) if "CALLS IN 15 MIN" in line)
            top, bottom = rows[begin + 1], rows[begin + 4]
            assert top[:25] == " " * 10 + "█" * 15
            assert bottom.count("█") == 15
            assert any(row.startswith("█" * 25) for row in rows[begin + 1:])
            body = "\n".join(rows[begin:begin + 20])
            assert "░" in body
            assert "○" in body
            assert "1" in body

    run(check())


def test_accepting_hands_in_a_deed() -> None:
    async def check() -> None:
        answers = Answers()
        async with standing((120, 40), seen(ALL, RED, SALES), answers=answers) as (app, pilot):
            await pilot.press("a")
            await settle(app, pilot)
            while not answers.deeds:
                await pilot.pause(0.01)
            [deed] = answers.deeds
            assert (deed["kind"], deed["about"], deed["value"]) == ("accept", "surge:support", 0.38)
            assert deed["who"]
            assert deed["key"]

    run(check())


def test_without_an_alarm_there_is_nothing_to_accept() -> None:
    async def check() -> None:
        answers = Answers()
        async with standing((120, 40), seen(ALL, SALES), answers=answers) as (app, pilot):
            await pilot.press("a")
            await settle(app, pilot)
            assert "no alarm stands here" in app.lines()[-1]
            assert answers.deeds == []

    run(check())


@pytest.mark.parametrize("before", [("escape",), ("escape", "escape"), ("question_mark", "escape")])
def test_after_leaving_nothing_the_keys_are_still_about_the_row(before: tuple[str, ...]) -> None:
    """What is typed next is the note: not one of its letters accepts anything."""
    async def check() -> None:
        answers = Answers()
        async with standing((120, 40), seen(ALL, RED, SALES), answers=answers) as (app, pilot):
            await pilot.press("5", "end")
            await settle(app, pilot)
            for key in (*before, "m", "a", "b", "c", "enter"):
                await pilot.press(key)
                await settle(app, pilot)
            while not answers.deeds:
                await pilot.pause(0.01)
            assert [(deed["kind"], deed["about"], deed["note"]) for deed in answers.deeds] == [
                ("note", "surge:sales", "abc")]

    run(check())


@pytest.mark.parametrize("page", ["1", "5"])
def test_an_alarm_that_is_accepted_is_not_accepted_again(page: str) -> None:
    accepted = RED._replace(accepted_by="Chen Li", accepted_at=AT - 19 * MINUTE, reaction_s=660)

    async def check() -> None:
        answers = Answers()
        async with standing((120, 40), seen(ALL, accepted, SALES), answers=answers) as (app, pilot):
            await pilot.press(page)
            await settle(app, pilot)
            await pilot.press("a")
            await settle(app, pilot)
            assert "accepted by Chen Li at 13:55, after 11:00" in app.lines()[-1]
            assert answers.deeds == []

    run(check())


@pytest.mark.parametrize(("keys", "deed"), [
    (("o",), {"kind": "snooze", "about": "surge:support", "for_s": 1800.0}),
    (("f",), {"kind": "false_alarm", "about": "surge:support"}),
    (("m", "r", "a", "i", "n", "enter"), {"kind": "note", "about": "surge:support", "note": "rain"}),
    (("n", "enter"), {"kind": "new_normal", "about": "surge:support", "value": 1.38}),
])
def test_what_the_keys_of_page_five_hand_in(keys: tuple[str, ...], deed: dict[str, object]) -> None:
    async def check() -> None:
        answers = Answers()
        async with standing((120, 40), seen(ALL, RED, SALES), answers=answers) as (app, pilot):
            await pilot.press("5")
            await settle(app, pilot)
            for key in keys:
                await pilot.press(key)
                await settle(app, pilot)
            while not answers.deeds:
                await pilot.pause(0.01)
            [done] = answers.deeds
            assert deed.items() <= done.items()

    run(check())


@pytest.mark.parametrize("keys", [("n", "escape"), ("m", "x", "escape"), ("m", "enter")])
def test_what_is_taken_back_hands_in_nothing(keys: tuple[str, ...]) -> None:
    async def check() -> None:
        answers = Answers()
        async with standing((120, 40), seen(ALL, RED, SALES), answers=answers) as (app, pilot):
            await pilot.press("5")
            for key in keys:
                await pilot.press(key)
                await settle(app, pilot)
            assert answers.deeds == []
            assert line_with(app, "SUPPORT: CALLS")

    run(check())


def test_what_if_two_came_and_one_was_borrowed() -> None:
    """Rows of the ladder by hand: RED's begins at -1 (0.09), so +2 is its fourth; sales' at -2."""
    lends = SALES._replace(heads=9, target=0.8, threshold_s=20.0, what_if_from=-2,
                           what_if=((0.40, 0.12), (0.61, 0.07), (0.83, 0.03)))
    vip = SALES._replace(queue="vip", label="VIP")

    async def check() -> None:
        shown_ = seen(ALL, RED._replace(shared_with=("vip",)), lends, vip)
        async with standing((160, 50), shown_, answers=Answers()) as (app, pilot):
            async def ask(text: str) -> None:
                await pilot.press("w", *text, "enter")
                await settle(app, pilot)

            await pilot.press("5")
            await settle(app, pilot)
            await ask("2")
            assert line_with(app, "+2 heads: 18 % in 20 s, 25 % hang up")
            await ask("1, 1 sal")
            assert line_with(app, "+2 heads (+1, 1 sales): 18 % in 20 s, 25 % hang up")
            assert line_with(app, "sales with 1 fewer: 61 % in 20 s (now 83 %), 7 % hang up (now 3 %)")
            await ask("5 sales")
            assert line_with(app, "worked out from -1 to +2 heads")
            assert line_with(app, "what sales would lose with 5 fewer is not worked out")
            await ask("1 vip")
            assert line_with(app, "VIP has the same pool of people: its 1 are at work for this already")
            await ask("1 nobody")
            assert line_with(app, "no queue nobody; there is support, sales, VIP")

    run(check())


def test_nothing_is_drawn_where_nothing_changed() -> None:
    async def check() -> None:
        view = seen(ALL, RED, SALES)
        async with standing((120, 40), view) as (app, pilot):
            await pilot.press("5")
            await settle(app, pilot)
            before = [panel.lines_drawn for panel in app.board.page.panels]
            app.take(replace(view, as_of=view.as_of + 1_000_000))
            app.advance(1)
            await settle(app, pilot)
            assert [panel.lines_drawn for panel in app.board.page.panels] == before

    run(check())


def test_the_page_in_chinese_and_in_ascii() -> None:
    async def check() -> None:
        async with standing((120, 40), seen(ALL, RED, SALES), language="zh") as (app, pilot):
            assert "较周一常态 +38 %" in "\n".join(app.lines())
            await pilot.press("5")
            await settle(app, pilot)
            assert "18:14 前达到 80 %" in "\n".join(app.lines())
            await resize(app, pilot, (40, 12))
            assert "SUPPORT" in "\n".join(app.lines())

    run(check())


def test_panels_of_every_size_lie_inside_their_page() -> None:
    for width in range(30, 220, 7):
        for height in range(6, 60, 3):
            for rows in (0, 1, 5, 200):
                for said in (0, 5, 40):
                    _inside(arrange.surge(width, height, rows, said), width, height)
            for lines in (0, 1, 2, 6):
                _inside(arrange.with_surge(width, height, Rows(4, 1, 5, lines)), width, height)


@pytest.mark.parametrize(("height", "said", "words", "picture"), [
    (22, 18, 10, 6),   # 80x24: five lines of queues, a blank one; the picture keeps the least of use
    (22, 4, 4, 11),    # a calm day: all six lines of queues, and the picture has what the sentences leave
    (30, 18, 17, 6),   # six lines of queues and a blank one leave 23
    (48, 18, 18, 23),  # all sentences have room, the picture has what is left
])
def test_on_a_narrow_screen_the_sentences_have_the_room(height: int, said: int, words: int, picture: int
                                                        ) -> None:
    places = arrange.surge(80, height, 5, said)
    assert (places["surgedetail"].height, places["surgechart"].height) == (words, picture)
    chart = places["surgechart"]
    assert chart.y + chart.height == height, "to the last line"


def _inside(places: Mapping[str, arrange.Place], width: int, height: int) -> None:
    taken: set[tuple[int, int]] = set()
    for place in places.values():
        assert place.x >= 0
        assert place.y >= 0
        assert place.x + place.width <= width
        assert place.y + place.height <= height
        lines = range(place.y, place.y + place.height)
        cells = {(x, y) for x in (place.x, place.x + place.width - 1) for y in lines}
        assert not cells & taken
        taken |= cells


def test_in_chinese_who_did_it_has_a_role_in_chinese() -> None:
    one = Done(AT - MINUTE, "accept", "support", "Ida", "lead", None, None, None)
    views = [View(floor(), AT, ZoneInfo("UTC"), Words(language), UNICODE) for language in ("en", "zh")]
    roles = ("lead", "owner", "x")
    said = [SurgeLog._said(one._replace(role=role), view) for view in views for role in roles]
    assert [text.partition("Ida ")[2] for text in said] == [
        "(lead)", "(owner)", "(x)", "（主管）", "（本机用户）", "（x）"]


def test_of_a_moment_of_which_nothing_can_be_said_nothing_is_promised() -> None:
    async def check() -> None:
        async with standing((120, 40), floor()) as (app, pilot):
            await pilot.press("5")
            for live, surge, said in ((True, None, "not worked out yet"),
                                      (False, None, "nothing can be said of this moment"),
                                      (False, pending(AT), "working out what is normal on that day")):
                app.clock.at += 5
                app.take(replace(floor(), live=live, surge=surge))
                await settle(app, pilot)
                app.draw()
                await settle(app, pilot)
                assert line_with(app, said)

    run(check())


def test_what_to_do_is_in_sight_also_where_much_is_to_be_said() -> None:
    long = RED._replace(call=("Anna Roth 4712", "Ben Ito 4713", "Zoé Martin 4714", "Li Qiang 4715"),
                        escalated_to="Sam Obi 4720")

    async def check() -> None:
        for width in (110, 130, 150, 200):
            async with standing((width, 50), seen(long)) as (app, _):
                line = line_with(app, "a accept")
                assert "call Anna Roth 4712" in line, width

    run(check())
