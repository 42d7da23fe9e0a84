"""Every figure of page 5 answers `d` and `enter`: with what it is, and with what stands behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from board_floor import AT, DAY, floor
from board_pilot import Board, line_with, run, settle
from test_board_surge import ALL, COUNT, MINUTE, RED, SALES, START, curve, panel, standing

from ccboard.board.meaning import meaning_of
from ccboard.board.meant import Meaning
from ccboard.board.surge_meaning import of_chart, of_figure
from ccboard.i18n import WORDS, Words
from ccboard.kpis.catalogue import find
from ccboard.kpis.glossary import GLOSSARY
from ccboard.panel_surge import Done, Exceptional, ForecastError, PastAlarm
from ccboard.snapshot import Snapshot
from widgets.agent_table import bracketed, search
from widgets.filter_bar import matcher
from widgets.glyphs import UNICODE
from widgets.spots import Drawing, SpotLines
from widgets.strip_table import StripTable
from widgets.surge_chart import SurgeChart, columns_of, counted
from widgets.surge_detail import SurgeDetail
from widgets.view import View

ERROR = ForecastError(2, 0.08, 0.03, 0.031, 0.81, 0.4,
                      (("2026-11-12", 410.0, 400), ("2026-11-13", 95.0, 100)))
FULL = RED._replace(to_come=1180.0, so_far=(670, 1000.0), asks=(412.0, 254.0, 120.0), forecast=ERROR,
                    band=0.05, again=13)
THEN = [AT - days * 24 * 60 * MINUTE for days in range(7)]
PAST = (PastAlarm("support", THEN[3], THEN[3] + 90 * MINUTE, 0.31, 1, False, False),
        PastAlarm("support", THEN[5], THEN[5] + 20 * MINUTE, 0.04, 1, True, True),
        PastAlarm("sales", THEN[6], THEN[6] + 20 * MINUTE, 0.5, 2, False, False))
LIMITS = tuple(Exceptional(f"limit:{figure}:sales", "", "sales", "sales", figure, 12.0, 9.0, None, ())
               for figure in ("waiting", "service_level", "agents_lost", "nth_call"))
NOTHING = {"total": 3, "rows": [], "numerator": 2, "denominator": None, "notes": [], "unit": "visits",
           "as_of": "2026-11-16T14:14:07Z"}
DONE = Done(AT - MINUTE, "accept", "support", "Chen Li", "lead", None, None, 660)


def full(**more: Any) -> Snapshot:
    return replace(floor(), surge=panel(ALL, FULL, SALES, exceptions=LIMITS, done=(DONE,), past=PAST, **more))


async def enter_on_support(app: Board, pilot: Any, column: str, cell: str = "") -> None:
    """Press enter on a column of page 5's row of support, in whose line `cell` stands."""
    await pilot.press("5")
    await settle(app, pilot)
    table = app.board.focused
    assert isinstance(table, StripTable)
    await pilot.press("home", "j")
    table.column = column
    assert cell in line_with(app, "support")
    await pilot.press("enter")
    await settle(app, pilot)


class Answers:
    """Answers with what it is given, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.said: dict[str, Any] = {}
        self.deeds: list[Mapping[str, Any]] = []

    def moment(self, as_of: int, *, quality: bool = False) -> Snapshot:
        raise NotImplementedError

    def ask(self, what: str, words: Mapping[str, str]) -> dict[str, Any]:
        self.asked.append((what, dict(words)))
        return self.said[what]

    def act(self, deed: Mapping[str, Any]) -> dict[str, Any]:
        self.deeds.append(deed)
        return {"applied": 1}

    def close(self) -> None:
        """Nothing to close."""


def figures(app: Board) -> Iterator[tuple[str, Meaning]]:
    """Go to every figure of the page, and tell what each means."""
    for part in app.board.page.panels:
        app.board.set_focus(part)
        view = app.state.figures()
        if isinstance(part, StripTable):
            for row in range(len(part._shown)):
                part._go(row)
                for column in part.columns:
                    part.column = column.key
                    found = meaning_of(part, view)
                    assert found is not None, (column.key, row)
                    yield f"{part.id}.{column.key}", found
        elif isinstance(part, SpotLines):
            for spot in part._drawing.spots:
                part._at = spot.key
                found = meaning_of(part, view)
                assert found is not None, spot
                yield f"{part.id}.{'.'.join(spot.key)}", found
        elif isinstance(part, SurgeChart):
            for at in range(40):
                part._at = at
                found = meaning_of(part, view)
                assert found is not None
                yield f"{part.id}.{at}", found
        else:
            pytest.fail(f"{part.id} shows figures that do not answer")


def saved(folder: Path) -> list[str]:
    """Return the lines of the one file that was saved."""
    [path] = folder.iterdir()
    return path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (40, 12)])
def test_every_figure_answers_and_with_one_thing(size: tuple[int, int]) -> None:
    async def check() -> None:
        async with standing(size, full()) as (app, pilot):
            await pilot.press("5", "j")  # support, whose alarm it is
            await settle(app, pilot)
            seen = dict(figures(app))
            for name, one in seen.items():
                assert (one.kpi is None) != (one.word is None), name
                assert one.word is None or one.word in GLOSSARY, (name, one.word)
                assert one.kpi is None or find(one.kpi) is not None, name
                behind = [one.lists, one.people, one.page, one.ledger, one.dig, one.none]
                assert sum(bool(part) for part in behind) == 1, (name, behind)
                assert not one.none or one.none in WORDS
            parts = {name.split(".")[0] for name in seen}
            assert parts == {
                (200, 50): {"surges", "surgedetail", "surgechart", "surgegap", "surgelog"},
                (80, 24): {"surges", "surgedetail", "surgechart"}, (40, 12): {"surges", "surgedetail"}}[size]

    run(check())


@pytest.mark.parametrize("row", [FULL, ALL])
def test_what_normal_rests_on_ends_where_the_figure_ends(row: Any) -> None:
    """Of a queue and of the whole centre: at 14:13, and not at the interval's or the hour's end."""
    upto = AT // MINUTE * MINUTE - MINUTE
    surge = panel(ALL, FULL)._replace(upto=upto)
    view = View(replace(full(), surge=surge), AT, ZoneInfo("UTC"), Words("en"), UNICODE)
    dig = of_figure(("expected",), row, "603", view).dig
    assert dig is not None
    assert (dig.words["from"], dig.words["to"], dig.words.get("queue")) == (
        "2026-11-16T00:00:00.000Z", "2026-11-16T14:13:00.000Z", row.queue)


def test_each_figure_lists_what_is_behind_it() -> None:
    async def check() -> None:
        async with standing((200, 50), full()) as (app, pilot):
            await pilot.press("5")
            await settle(app, pilot)
            await pilot.press("home", "j")
            await settle(app, pilot)
            found = {name: one for name, one in figures(app) if one.queue == "support" or "limit" in name}
            since, upto = AT - 40 * MINUTE, AT
            for column in ("lift", "lift_range", "tier", "surge_since", "surge_sure"):
                one = found[f"surges.{column}"]
                assert (one.lists, one.begin, one.end) == ("first_tries", since, upto), column
            calls = found["surges.calls"]
            assert (calls.kpi, calls.lists, calls.begin, calls.end, calls.cell) == (
                "first_tries", "first_tries", DAY, upto, 412.0)
            assert found["surgedetail.calls"].kpi == "first_tries"
            assert found["surges.people"].people == (
                "[ready]|[ringing]|[talking]|[on·hold]|[wrap-up] [support]")
            assert found["surgedetail.to_go"].lists == "service_level"
            # (0.8 x (1000 + 1180) - 670) / 1180 = 1074 / 1180
            assert found["surgedetail.to_go"].parts == (
                ("here", "(0.8 x (1000 counted + 1180 to come) - 670 in time) / 1180 = 91.0 %"),)
            assert ("worked out from", "412 calls an hour of 4:14 each, patience 2:00, 80 % within 20 s") in (
                found["surges.need"].parts)
            past = found["surgechart.3"]
            assert (past.lists, past.begin, past.end) == (
                "first_tries", START + 45 * MINUTE, START + 60 * MINUTE)
            assert found["surgedetail.exception.limit:waiting:sales"].kpi == "waiting"
            assert found["surgedetail.exception.limit:agents_lost:sales"].people.endswith("[sales]")

    run(check())


def test_the_false_alarms_are_a_list_and_their_calls_one_behind_it(tmp_path: Path) -> None:
    async def check() -> None:
        answers = Answers()
        async with standing((120, 40), full(), answers=answers, exports=tmp_path) as (app, pilot):
            await enter_on_support(app, pilot, "false_alarms", "1/3")
            assert line_with(app, "false alarms · support: what it rests on")
            assert line_with(app, "last 30 days: 3 alarms, 1 of them false")
            assert " ".join(line_with(app, "Fri 13 Nov").split()) == (
                "Fri 13 Nov 14:14 15:44 +31 % TIER 1 a surge the calls that came")
            assert "false" in line_with(app, "Wed 11 Nov")
            assert "what somebody said" in line_with(app, "Wed 11 Nov")
            assert "Tue 10 Nov" not in "\n".join(app.lines())  # that one is of sales
            await pilot.press("e")
            await settle(app, pilot)
            assert saved(tmp_path)[1] == "Fri 13 Nov,14:14,15:44,+31 %,TIER 1,a surge,the calls that came"
            answers.said["visits"] = NOTHING
            await pilot.press("enter")
            for _ in range(200):
                await settle(app, pilot)
                if answers.asked:
                    break
            assert answers.asked[0][1]["from"] == "2026-11-13T14:14:07.000Z"
            assert answers.asked[0][1]["to"] == "2026-11-13T15:44:07.000Z"
            assert answers.asked[0][1]["kpi"] == "first_tries"
            await settle(app, pilot)
            assert "2 of them count" in "\n".join(app.lines())
            await pilot.press("escape")
            await settle(app, pilot)
            assert app.board.page_name == "surge"

    run(check())


def test_what_is_to_come_lists_the_same_weekday_before() -> None:
    """15:15 to 15:30 of the Mondays before: 60 and 66 came on two of them, the others are not known."""
    async def check() -> None:
        answers = Answers()
        days = [("2026-11-09", 60), ("2026-11-02", 66), ("2026-10-26", None)]
        answers.said["before"] = {"rows": [
            {"from": f"{day}T15:15:00Z", "to": f"{day}T15:30:00Z", "calls": calls} for day, calls in days]}
        async with standing((200, 50), full(), answers=answers) as (app, pilot):
            await pilot.press("5", "tab", "tab", "tab")
            await settle(app, pilot)
            for _ in range(4):
                await pilot.press("j")
            await settle(app, pilot)
            await pilot.press("d")
            await settle(app, pilot)
            assert line_with(app, "calls to come · support 15:15–15:30")
            assert line_with(app, "60 to come, normal 60")
            await pilot.press("enter")
            for _ in range(200):
                await settle(app, pilot)
                if any("mean 63.0" in line for line in app.lines()):
                    break
            assert line_with(app, "2 days of the same weekday, mean 63.0; forecast 60")
            assert line_with(app, "Mon 9 Nov").split()[-2:] == ["15:15–15:30", "60"]
            assert line_with(app, "Mon 2 Nov").split()[-1] == "66"
            assert line_with(app, "Mon 26 Oct").split()[-1] == "–"
            [(what, words)] = answers.asked
            assert (what, words) == ("before", {
                "queue": "support", "from": "2026-11-16T15:15:00.000Z", "to": "2026-11-16T15:30:00.000Z"})

    run(check())


def test_an_answer_that_is_not_understood_is_said_and_the_board_goes_on() -> None:
    async def check() -> None:
        answers = Answers()
        answers.said["before"] = {"rows": [{"call": "1"}]}
        async with standing((120, 40), full(), answers=answers) as (app, pilot):
            await enter_on_support(app, pilot, "expected")
            for _ in range(200):
                await settle(app, pilot)
                if any("not understood" in line for line in app.lines()):
                    break
            assert line_with(app, "the hub's answer is not understood (KeyError: 'from')")
            await pilot.press("escape")
            await settle(app, pilot)
            assert app.board.page_name == "surge"

    run(check())


def test_where_there_is_no_list_the_lens_says_why_and_where_to_look() -> None:
    async def check() -> None:
        async with standing((120, 40), full(), answers=Answers()) as (app, pilot):
            await pilot.press("5")
            await settle(app, pilot)
            table = app.board.focused
            assert isinstance(table, StripTable)
            await pilot.press("home")  # the whole centre, whose last 30 days are not known yet
            table.column = "false_alarms"
            await pilot.press("enter")
            await settle(app, pilot)
            assert app.board.lens is not None
            assert line_with(app, "the last 30 days are still being worked out")

    run(check())


def test_what_is_worked_out_lists_what_it_rests_on() -> None:
    """98 at work, of whom 130 are needed in each interval to come: 32 too few."""
    async def check() -> None:
        async with standing((120, 40), full(), answers=Answers()) as (app, pilot):
            await enter_on_support(app, pilot, "need")
            assert line_with(app, "98 at work, 126 needed; 28 more until 15:14")
            assert line_with(app, "14:15–14:30").split() == ["14:15–14:30", "60", "130", "98", "+32"]
            await pilot.press("escape")
            await settle(app, pilot)
            part = app.board.page.query_one(SurgeDetail)
            app.board.set_focus(part)
            part._at = ("effects", "1")
            await pilot.press("enter")
            await settle(app, pilot)
            assert line_with(app, "no action").split()[-5:] == ["+0", "11", "%", "29", "%"]
            assert line_with(app, "TIER 2").split()[-5:] == ["+46", "94", "%", "2", "%"]

    run(check())


def test_behind_what_was_done_are_the_calls_until_then() -> None:
    async def check() -> None:
        async with standing((200, 50), full(), answers=Answers()) as (app, pilot):
            await pilot.press("5", "j")
            await settle(app, pilot)
            [one] = [made for name, made in figures(app) if name.startswith("surgelog.done")]
            assert (one.lists, one.queue, one.begin, one.end) == (
                "first_tries", "support", DAY, AT - MINUTE)

    run(check())


def test_behind_those_at_work_are_those_at_work() -> None:
    """By hand from the floor: of support are the agents 0, 4, 8 ..., of whom 20 is offline, none pauses."""
    async def check() -> None:
        async with standing((120, 40), full(), answers=Answers()) as (app, pilot):
            await enter_on_support(app, pilot, "people")
            assert app.board.page.counted() == [("agents", "agent", 5, 24)]

    run(check())


def test_all_of_a_large_pool_are_those_at_work() -> None:
    """An agent serves each two neighbours of 20 queues: one pool, of which a row names 12 others."""
    base = floor()
    queues = [f"q{n}" for n in range(20)]
    ready = base.agents[0]._replace(state="ready")
    agents = tuple(ready._replace(agent=f"a{n}", label=f"a{n}", queues=tuple(queues[n:n + 2]))
                   for n in range(19))
    other = ready._replace(agent="b", label="b", queues=("other",))
    view = View(replace(full(), agents=(*agents, other)), AT, ZoneInfo("UTC"), Words("en"), UNICODE)
    row = FULL._replace(queue="q0", label="q0", shared_with=tuple(queues[1:13]))
    likes = matcher(of_figure(("people",), row, "19", view).people or "")
    assert likes is not None
    assert [one.label for one in (*agents, other) if likes(search(one, view))] == [f"a{n}" for n in range(19)]


def test_the_need_says_that_calls_as_long_as_todays_are_meant() -> None:
    word = GLOSSARY["surge.need"]
    assert "at this hour of the day, corrected by today's calls" in word.formula_en
    assert "并按今日通话修正" in word.formula_zh


def test_a_name_with_a_bar_is_one_name_to_the_filter() -> None:
    base = floor()
    agents = [base.agents[0]._replace(queues=(name,)) for name in ("a|b", "x b", "a")]
    view = View(base, AT, ZoneInfo("UTC"), Words("en"), UNICODE)
    likes = matcher(bracketed("a|b"))
    assert likes is not None
    assert [likes(search(one, view)) for one in agents] == [True, False, False]


@pytest.mark.parametrize(("page", "key"), [("5", "m"), ("5", "w")])
def test_a_page_keeps_its_keys_while_the_header_has_the_focus(page: str, key: str) -> None:
    async def check() -> None:
        async with standing((120, 40), full(), answers=Answers()) as (app, pilot):
            await pilot.press(page, "shift+tab")
            await settle(app, pilot)
            assert app.board.focused is app.board.header
            await pilot.press(key)
            await settle(app, pilot)
            assert app.board.page.asking == {"m": "note", "w": "what_if"}[key]

    run(check())


def test_the_header_accepts_the_row_that_is_chosen_and_that_once() -> None:
    async def check() -> None:
        answers = Answers()
        async with standing((120, 40), full(), answers=answers) as (app, pilot):
            await pilot.press("5", "shift+tab")
            await settle(app, pilot)
            await pilot.press("a")
            for _ in range(200):
                await settle(app, pilot)
                if answers.deeds:
                    break
            assert [deed["about"] for deed in answers.deeds] == ["surge:support"]

    run(check())


def test_the_surge_line_of_the_overview_answers() -> None:
    async def check() -> None:
        async with standing((160, 50), full(), answers=Answers()) as (app, pilot):
            await pilot.press("tab", "tab", "d")
            await settle(app, pilot)
            assert line_with(app, "lift · support")
            await pilot.press("escape", "j", "d")
            await settle(app, pilot)
            assert line_with(app, "what callers meet · support")

    run(check())


def test_what_a_low_screen_has_no_room_for_is_reached() -> None:
    async def check() -> None:
        async with standing((40, 12), full(), answers=Answers()) as (app, pilot):
            await pilot.press("5", "tab")
            await settle(app, pilot)
            assert "CALLS are 412" not in "\n".join(app.lines())
            await pilot.press("end")
            await settle(app, pilot)
            assert line_with(app, "CALLS are 412")

    run(check())


@pytest.mark.parametrize("row", ["over", "tried"])
def test_the_cursor_goes_through_every_sentence(row: str) -> None:
    """Each sentence is met once on the way down and once on the way up, whatever they are about."""
    async def check() -> None:
        over = FULL._replace(state="normal", over_at=AT - MINUTE)
        about = FULL if row == "tried" else over
        seen = replace(floor(), surge=panel(ALL, about, SALES))
        async with standing((200, 50), seen, answers=Answers()) as (app, pilot):
            await pilot.press("5", "j")
            if row == "tried":
                await pilot.press("w", *"2,3", "space", *"sales", "enter")
            await settle(app, pilot)
            part = app.board.page.query_one(SurgeDetail)
            app.board.set_focus(part)
            there = [spot.shown for spot in part._drawing.spots]
            assert len(there) > 4
            assert row == "tried" or any("OVER since" in one for one in there)
            back = there[::-1]
            for way, wanted in (("down", there), ("up", back), ("right", there), ("left", back)):
                met = [part.pointed_text()]
                for _ in there[1:]:
                    await pilot.press(way)
                    met.append(part.pointed_text())
                assert met == wanted, way

    run(check())


def test_two_figures_of_one_name_have_a_place_each() -> None:
    made = Drawing.begin()
    for text in ("one", "two", "three"):
        made.sentence(text, "plain", 20, ("lift",))
    assert len({spot.key for spot in made.spots}) == 3
    assert {spot.key[0] for spot in made.spots} == {"lift"}


def chart(snapshot: Snapshot, now: int, each: int, at: int) -> tuple[str, Meaning]:
    """Return the title and the meaning of a column of `each` intervals, the cursor at interval `at`."""
    view = View(snapshot, now, ZoneInfo("UTC"), Words("en"), UNICODE)
    made = SurgeChart()
    made.row, made._each, made._at = FULL, each, at
    made._curve = next(one for one in snapshot.surge.curves if one.queue == "support")  # type: ignore[union-attr]
    pointed, found = made.pointed(), of_chart(made, view)
    assert pointed is not None
    assert found is not None
    return counted(*pointed, view), found


def test_a_column_that_straddles_now_has_what_came_and_what_is_to_come() -> None:
    """Interval 24 had 120 calls, of 25 to 27 60 each are forecast; 60 each are normal."""
    said, found = chart(full(), AT, 4, 24)
    assert said == "120 came, 180 to come, normal 240"
    assert (found.word, found.shown, found.lists) == ("surge.forecast", "300", None)
    assert found.dig is not None
    assert columns_of(curve("support"), 10).forecast[6] == 120 + 3 * 60


def test_only_a_past_gap_has_no_feed() -> None:
    snapshot = full()
    assert snapshot.surge is not None
    curves = tuple(one._replace(offered=(*one.offered[:4], None, *one.offered[5:]), forecast=(None,) * COUNT)
                   for one in snapshot.surge.curves)
    snapshot = replace(snapshot, surge=snapshot.surge._replace(curves=curves))
    said, found = chart(snapshot, AT, 1, 4)
    assert said == "no feed, normal 60"
    assert (found.word, found.shown, found.lists, found.dig) == ("surge.interval", "–", "first_tries", None)
    said, found = chart(snapshot, AT, 2, 4)
    assert said == "60 came, no feed, normal 120"
    assert found.word == "surge.interval"
    said, found = chart(snapshot, AT, 1, 30)
    assert said == "normal 60"
    assert (found.word, found.shown) == ("surge.forecast", "–")


def test_days_of_the_forecasts_error_are_business_days() -> None:
    """Where the day begins at 06:15, that of 13 November ends at 06:15 on the 14th."""
    snapshot = replace(full(), day_start=DAY + 375 * MINUTE)
    view = View(snapshot, AT, ZoneInfo("UTC"), Words("en"), UNICODE)
    found = of_figure(("wape",), FULL, "x", view)
    assert found.ledger is not None
    row = found.ledger.rows[0]
    moments = [datetime.fromtimestamp((at or 0) / 1_000_000, UTC) for at in (row.begin, row.end)]
    assert moments == [datetime(2026, 11, day, 6, 15, tzinfo=UTC) for day in (13, 14)]


def test_days_that_were_foretold_are_listed() -> None:
    async def check() -> None:
        async with standing((200, 50), full(), answers=Answers()) as (app, pilot):
            await pilot.press("5", "tab", "tab", "tab", "end", "up", "enter")
            await settle(app, pilot)
            assert line_with(app, "off a day ahead · support: what it rests on")
            assert line_with(app, "Fri 13 Nov").split()[-4:] == ["95", "100", "-5", "%"]
            assert line_with(app, "Thu 12 Nov").split()[-4:] == ["410", "400", "+2", "%"]

    run(check())


def test_the_day_of_the_floor_is_a_monday() -> None:
    assert datetime.fromtimestamp(DAY / 1_000_000, UTC).isoweekday() == 1
