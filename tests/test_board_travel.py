"""Any moment on the board: by interval, by minute, typed, playing; nothing waits for the answer."""

import asyncio
import contextlib
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from board_floor import AT, DAY, SECOND, floor
from board_pilot import Board, line_with, settle, shown
from hypothesis import given
from hypothesis import strategies as st

from ccboard.board.answers import Errands
from ccboard.board.journey import TAIL_AGAIN_S
from ccboard.board.state import Lost
from ccboard.board.travel import Replay, Travel, step, typed_moment
from ccboard.errors import HubError, UsageError
from ccboard.panel_extras import Extra, ExtrasPanel
from ccboard.panel_tail import TailPanel
from ccboard.snapshot import Snapshot

MINUTE, HOUR = 60 * SECOND, 3600 * SECOND


class Past:
    """Gives the floor of any moment: as many waiting in support as the minutes of its clock."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.qualities: list[int] = []
        self.gate = threading.Event()
        self.gate.set()
        self.wrong: Exception | None = None

    def moment(self, as_of: int, *, quality: bool = False) -> Snapshot:
        self.asked.append(as_of)
        if quality:
            self.qualities.append(as_of)
        assert self.gate.wait(20)
        if self.wrong is not None:
            raise self.wrong
        made = floor()
        minute = as_of // MINUTE % 60
        return replace(made, as_of=as_of, live=False,
                       queues=(made.queues[0]._replace(waiting=minute, levels=()), *made.queues[1:]))

    def ask(self, what: str, words: Mapping[str, str]) -> dict[str, Any]:
        raise HubError(f"{what} {dict(words)}")

    def act(self, deed: Mapping[str, Any]) -> dict[str, Any]:
        raise HubError("not here")

    def close(self) -> None:
        """Nothing to close."""


def run(coroutine: object) -> None:
    asyncio.run(coroutine)  # type: ignore[arg-type]


async def until(app: Board, pilot: Any, text: str, at: int | None = None) -> None:
    """Wait until a text is on the screen (on one line of it)."""
    for _ in range(400):
        await settle(app, pilot)
        lines = app.lines()
        if any(text in line for line in (lines if at is None else [lines[at]])):
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"{text!r} did not come:\n" + "\n".join(app.lines()))


def waiting(app: Board) -> int:
    return int(line_with(app, " support  ").split()[1])


def test_back_and_on_by_interval_and_minute_and_live_again() -> None:
    async def check() -> None:
        past = Past()
        async with shown((120, 40), floor(), answers=past) as (app, pilot):
            await pilot.press("left_square_bracket")
            await until(app, pilot, "REPLAY Mon 16 Nov 14:00:00 ", 0)
            assert waiting(app) == 0
            assert "now 14:14:07, L: live" in app.lines()[0]
            assert "LIVE" not in app.lines()[0].replace("L: live", "")
            header = app.board.strips()[0]
            assert all(segment.style is None or segment.style.bold for segment in header)  # the banner
            await pilot.press("left_square_bracket", "left_curly_bracket")
            await until(app, pilot, "REPLAY Mon 16 Nov 13:44:00 ", 0)
            assert waiting(app) == 44
            await pilot.press("right_curly_bracket", "right_curly_bracket")
            await until(app, pilot, "13:46:00 ", 0)
            await pilot.press("right_square_bracket")
            await until(app, pilot, "14:00:00 ", 0)
            assert waiting(app) == 0
            await pilot.press("right_square_bracket")  # 14:15 has not come yet: that is the present
            await settle(app, pilot)
            assert app.lines()[0].endswith("LIVE")
            assert waiting(app) == 12
            await pilot.press("left_square_bracket")
            await until(app, pilot, "REPLAY", 0)
            await pilot.press("L")
            await settle(app, pilot)
            assert app.lines()[0].endswith("LIVE")
            assert waiting(app) == 12

    run(check())


def test_only_the_last_wish_is_fetched_and_drawing_goes_on() -> None:
    async def check() -> None:
        past = Past()
        async with shown((120, 40), floor(), answers=past) as (app, pilot):
            past.gate.clear()
            for _ in range(12):
                await pilot.press("left_square_bracket")
            await settle(app, pilot)
            assert "REPLAY Mon 16 Nov 11:15:00 …" in app.lines()[0]  # wished for, not yet there
            assert waiting(app) == 12  # what stood there before
            app.advance(1)
            await settle(app, pilot)
            assert "now 14:14:08" in app.lines()[0]
            past.gate.set()
            await until(app, pilot, "11:15:00  ", 0)
            assert waiting(app) == 15
            assert past.asked[-1] == DAY + 11 * HOUR + 15 * MINUTE
            assert len(past.asked) == 2  # the first, which was on its way, and the last

    run(check())


def test_a_typed_time_nonsense_and_the_future() -> None:
    async def check() -> None:
        past = Past()
        async with shown((120, 40), floor(), answers=past) as (app, pilot):
            await pilot.press("g")
            await settle(app, pilot)
            assert app.lines()[-1].startswith(" go to ")
            assert "yesterday 09:12" in app.lines()[-1]
            await pilot.press(*"09:12", "enter")
            await until(app, pilot, "REPLAY Mon 16 Nov 09:12:00 ", 0)
            assert waiting(app) == 12
            await pilot.press("g", *"yesterday", "space", *"17:05", "enter")
            await until(app, pilot, "REPLAY Sun 15 Nov 17:05:00 ", 0)
            await pilot.press("g", *"nonsense", "enter")
            await settle(app, pilot)
            assert "nonsense: no time; type 09:12, yesterday 09:12" in app.lines()[-1]
            assert "17:05:00" in app.lines()[0]
            await pilot.press("g", *"15:00", "enter")
            await settle(app, pilot)
            assert "Mon 16 Nov 15:00:00 has not come yet" in app.lines()[-1]
            await pilot.press("g", "escape")
            await settle(app, pilot)
            assert "17:05:00" in app.lines()[0]
            assert "go to" not in app.lines()[-1]

    run(check())


def test_a_tail_that_is_still_worked_out_is_asked_for_again_until_it_is_there(
        monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(Past):
        def moment(self, as_of: int, *, quality: bool = False) -> Snapshot:
            made = super().moment(as_of, quality=quality)
            begin = {2: as_of - 600 * SECOND, 3: as_of - 599 * SECOND}.get(len(self.asked))
            return replace(made, tail=None if begin is None else TailPanel(begin, 20, "", "", ()))

    async def check() -> None:
        past, again = Later(), []
        async with shown((120, 40), floor(), answers=past) as (app, pilot):
            monkeypatch.setattr(app, "set_timer", lambda after, look: again.append((after, look)))
            await pilot.press("[")
            for asked in (1, 2, 3):  # nothing yet; an earlier one of the same day; this moment's own
                while len(past.asked) < asked or app.state.past is None or len(again) < min(asked, 2):
                    await settle(app, pilot)
                if asked < 3:
                    after, look = again[-1]
                    assert after == TAIL_AGAIN_S
                    look()
            begin = past.asked[0] - 599 * SECOND
            while (of := app.state.past and app.state.past.tail) is None or of.as_of != begin:
                await settle(app, pilot)
            assert len(again) == 2

    run(check())


def test_a_tail_that_never_comes_is_not_asked_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> None:
        past, again = Past(), []
        async with shown((120, 40), floor(), answers=past) as (app, pilot):
            await pilot.press("[")
            while app.state.past is None:
                await settle(app, pilot)
            monkeypatch.setattr(app, "set_timer", lambda _after, look: again.append(look))
            made = replace(app.state.past, tail=None)
            for _ in range(200):
                app.journey._came(made)
            assert 59 <= len(again) <= 60
            app.journey._came(replace(made, as_of=made.as_of - MINUTE))
            assert 60 <= len(again) <= 61  # another moment's may come

    run(check())


def test_chosen_figures_that_come_later_of_the_same_moment_are_shown() -> None:
    layout = ExtrasPanel({"queues": ("offered", "csat")}, {}, 60.0, None, ("csat",))
    come = layout._replace(as_of=1, queues={q.queue or "": Extra((4.25,), ("",)) for q in floor().queues},
                           totals=Extra((4.5,), ("",)))

    class Later(Past):
        def moment(self, as_of: int, *, quality: bool = False) -> Snapshot:
            made = super().moment(as_of, quality=quality)
            return replace(made, extras=layout if len(self.asked) == 1 else come)

    async def check() -> None:
        past = Later()
        async with shown((120, 40), floor(), answers=past) as (app, pilot):
            await pilot.press("2", "[")
            await until(app, pilot, "REPLAY")
            while app.state.past is None:
                await settle(app, pilot)
            assert app.state.past.extras is layout
            assert "4.25" not in "\n".join(app.lines())
            app.journey._again(app.state.past)
            while app.state.past.extras is layout:
                await settle(app, pilot)
            await settle(app, pilot)
            assert "4.25" in line_with(app, "support")
            assert "4.5" in line_with(app, "all ")

    run(check())


def test_of_the_page_of_sources_the_quality_of_then_is_asked() -> None:
    async def check() -> None:
        past = Past()
        async with shown((120, 40), floor(), answers=past) as (app, pilot):
            await pilot.press("[")
            await until(app, pilot, "REPLAY")
            assert past.qualities == []
            await pilot.press("7")
            while not past.qualities:
                await settle(app, pilot)
            assert past.qualities == past.asked[-1:]
            await pilot.press("[")
            while len(past.qualities) < 2:
                await settle(app, pilot)
            assert past.qualities == past.asked[-2:]

    run(check())


def test_gg_is_the_first_row() -> None:
    async def check() -> None:
        async with shown((120, 20), floor(), answers=Past()) as (app, pilot):
            await pilot.press("3", "j", "G", "g", "g")
            await settle(app, pilot)
            table = app.board.focused
            assert table.cursor == floor().agents[0].agent  # type: ignore[union-attr]
            assert app.lines()[0].endswith("LIVE")

    run(check())


def test_playing_standing_faster_and_into_the_present() -> None:
    async def check() -> None:
        past = Past()
        async with shown((120, 40), floor(), answers=past) as (app, pilot):
            await pilot.press("left_square_bracket")
            await until(app, pilot, "14:00:00 ", 0)
            await pilot.press("space")
            await settle(app, pilot)
            assert "REPLAY Mon 16 Nov 14:00:00  x60" in app.lines()[0]
            app.clock.at += 3
            app.journey.frame()
            await until(app, pilot, "14:03:00  x60", 0)
            assert past.asked[-1] == DAY + 14 * HOUR + 3 * MINUTE
            await pilot.press("minus")
            app.clock.at += 6
            app.journey.frame()
            await until(app, pilot, "14:04:00  x10", 0)
            await pilot.press("space")
            app.clock.at += 60
            app.journey.frame()
            await until(app, pilot, "14:04:00 ", 0)
            assert "x10" not in app.lines()[0]
            await pilot.press("plus", "plus", "plus", "space")
            app.clock.at += 5  # 75 minutes of it
            app.journey.frame()
            await settle(app, pilot)
            assert app.lines()[0].endswith("LIVE")
            assert not app.state.travel.playing

    run(check())


def test_a_freeze_is_left_for_the_past_and_figures_are_asked_as_of_it() -> None:
    async def check() -> None:
        past = Past()
        async with shown((120, 40), floor(), answers=past) as (app, pilot):
            await pilot.press("space", "left_square_bracket")
            await until(app, pilot, "REPLAY Mon 16 Nov 14:00:00 ", 0)
            assert "FROZEN" not in app.lines()[0]
            await pilot.press("j", "right", "d")
            await until(app, pilot, "'2026-11-16T14:00:00.000Z'}")
            await pilot.press("L")
            await settle(app, pilot)
            assert app.lines()[0].endswith("LIVE")

    run(check())


def test_a_hub_that_cannot_say_leaves_what_stands_there() -> None:
    async def check() -> None:
        past = Past()
        past.wrong = HubError("the hub hung up")
        async with shown((120, 40), floor(), answers=past) as (app, pilot):
            await pilot.press("left_square_bracket")
            await until(app, pilot, "the hub hung up")
            assert waiting(app) == 12
            await pilot.press("L")
            await settle(app, pilot)
            assert app.lines()[0].endswith("LIVE")
        async with shown((120, 40), floor()) as (app, pilot):
            await pilot.press("left_square_bracket")
            await settle(app, pilot)
            assert "nobody to ask" in app.lines()[-1]

    run(check())


@pytest.mark.parametrize(("size", "header"), [
    ((200, 50), "REPLAY Mon 16 Nov 14:00:00"), ((80, 24), "REPLAY Mon 16 Nov 14:00:00"),
    ((40, 12), "REPLAY Mon 14:00:00"),
])
def test_every_size_says_loudly_that_it_is_not_live(size: tuple[int, int], header: str) -> None:
    async def check() -> None:
        async with shown(size, floor(), answers=Past()) as (app, pilot):
            await pilot.press("left_square_bracket")
            await until(app, pilot, header, 0)
            assert len(app.lines()[0]) <= size[0]

    run(check())


def test_a_replay_without_a_hub_plays_to_its_end_and_stands() -> None:
    async def check() -> None:
        past = Past()
        replay = Replay(DAY + 9 * HOUR, DAY + 9 * HOUR + 10 * MINUTE, 60)
        async with shown((120, 40), None, answers=past, replay=replay) as (app, pilot):
            await until(app, pilot, "REPLAY Mon 16 Nov 2026 09:00:00  x60", 0)
            assert waiting(app) == 0
            app.clock.at += 4
            app.journey.frame()
            await until(app, pilot, "09:04:00  x60", 0)
            app.clock.at += 60
            app.journey.frame()
            await until(app, pilot, "09:10:00  ", 0)  # no sign that it is still awaited
            assert "x60" not in app.lines()[0]
            assert waiting(app) == 10
            await pilot.press("L")
            await settle(app, pilot)
            assert "nothing is live" in app.lines()[-1]
            await pilot.press("left_square_bracket")
            await until(app, pilot, "09:00:00", 0)

    run(check())


def test_a_replay_of_which_nothing_can_be_had_ends_and_says_why() -> None:
    async def check() -> None:
        past = Past()
        past.wrong = HubError("no such store")
        async with shown((120, 40), None, answers=past, replay=Replay(DAY)) as (app, pilot):
            for _ in range(200):
                if app.failure is not None:
                    break
                await asyncio.sleep(0.02)
            del pilot
            assert str(app.failure) == "no such store"

    run(check())


def test_the_past_stays_in_sight_while_the_hub_is_lost() -> None:
    async def check() -> None:
        past = Past()
        async with shown((120, 40), floor(), answers=past) as (app, pilot):
            await pilot.press("left_square_bracket")
            await until(app, pilot, "14:00:00 ", 0)
            app.take(Lost("gone"))
            await settle(app, pilot)
            assert "NO HUB since" in app.lines()[0]
            assert "REPLAY Mon 16 Nov 14:00:00" in app.lines()[1]
            assert waiting(app) == 0

    run(check())


BERLIN = ZoneInfo("Europe/Berlin")
NOW, MIDNIGHT = 1_794_816_847 * SECOND, 1_794_783_600 * SECOND  # Mon 16 Nov 2026 09:14:07 in Berlin


@pytest.mark.parametrize(("text", "seconds_before_now"), [
    ("09:12", 127), ("9:12", 127), ("0912", 127), ("09:12:30", 97), (" 09:12 ", 127),
    ("yesterday 09:12", 86_400 + 127), ("昨天 09:12", 86_400 + 127), ("今天 09:12", 127),
    ("前天 9:12", 172_927),
    ("fri 09:12", 3 * 86_400 + 127), ("mon 09:12", 127), ("Monday 10:00", 7 * 86_400 - 46 * 60 + 7),
    ("-15", 900), ("-90s", 90), ("-2h", 7200), ("-15 min", 900), ("-15分", 900), ("-1d", 86_400),
    ("2026-11-16", 9 * 3600 + 847), ("2026-11-15 09:14:07", 86_400), ("2026-11-16T08:14:07Z", 0),
    ("2026-11-16T03:14:07-05:00", 0), ("yesterday", 86_400 + 9 * 3600 + 847),
])
def test_typed_times(text: str, seconds_before_now: int) -> None:
    assert (NOW - typed_moment(text, BERLIN, NOW, MIDNIGHT)) / SECOND == seconds_before_now


@pytest.mark.parametrize("text", [
    "", "9", "99", "25:00", "09:61", "noon", "yesterday noon", "2026-13-01", "-", "--5", "2026-11-16 25:00",
    "09:12 yesterday",
])
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(UsageError):
        typed_moment(text, BERLIN, NOW, MIDNIGHT)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_moment_or_an_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert isinstance(typed_moment(text, BERLIN, NOW, MIDNIGHT), int)


def test_a_business_day_that_begins_at_six() -> None:
    begin = MIDNIGHT + 6 * HOUR
    assert typed_moment("02:00", BERLIN, NOW, begin) == MIDNIGHT + 26 * HOUR  # of this business day
    assert typed_moment("yesterday 02:00", BERLIN, NOW, begin) == MIDNIGHT + 2 * HOUR
    assert typed_moment("2026-11-15", BERLIN, NOW, begin) == begin - 24 * HOUR


@given(st.integers(0, 2**51), st.sampled_from([60, 300, 900, 3600]))
def test_steps_are_boundaries_next_to_the_moment(at: int, length: int) -> None:
    before, after = step(at, DAY, length, -1), step(at, DAY, length, 1)
    assert before < at < after
    assert (before - DAY) % (length * SECOND) == (after - DAY) % (length * SECOND) == 0
    assert after - before in (length * SECOND, 2 * length * SECOND)


def test_time_goes_on_only_while_it_plays() -> None:
    travel = Travel()
    assert travel.now(5.0) is None
    travel.go(AT, 0.0)
    assert travel.now(100.0) == AT
    travel.play(100.0)
    assert travel.now(101.5) == AT + 90 * SECOND
    travel.faster(1, 101.5)
    assert travel.now(102.5) == AT + 90 * SECOND + 300 * SECOND
    travel.go(AT, 103.0)
    assert (travel.playing, travel.now(104.0)) == (True, AT + 300 * SECOND)
    travel.leave()
    assert (travel.playing, travel.now(105.0)) == (False, None)


def test_errands_drop_what_was_overtaken_and_survive_what_fails() -> None:
    got: list[object] = []
    came = threading.Event()
    held = threading.Event()
    begun = threading.Event()

    def deliver(then: Any) -> None:
        then()
        came.set()

    errands = Errands("test", deliver)

    def slow() -> str:
        begun.set()
        assert held.wait(20)
        return "slow"

    def broken() -> str:
        raise RuntimeError("boom")

    errands.wish(slow, got.append)
    assert begun.wait(20)
    for n in range(5):
        errands.wish(lambda n=n: n, got.append)  # type: ignore[misc]
    held.set()
    while len(got) < 2:
        assert came.wait(20)
        came.clear()
    assert got == ["slow", 4]
    errands.wish(broken, got.append)
    while len(got) < 3:
        assert came.wait(20)
        came.clear()
    assert str(got[2]) == "RuntimeError: boom"
    errands.stop()
