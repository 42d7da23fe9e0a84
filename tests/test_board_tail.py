"""Page 4 and the short list on the overview: what stands there at which size, who is named, what keys do."""

import itertools
import re
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from board_floor import AT, floor
from board_pilot import Board, line_with, run, settle, shown
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from ccboard.board import arrange
from ccboard.board.arrange import TailRows
from ccboard.board.asking import AskBar
from ccboard.board.tail_meaning import of_detail, of_tail
from ccboard.board.visits_page import VisitsPage
from ccboard.i18n import Words
from ccboard.panel_tail import (
    CoachRow,
    Early,
    TailGroup,
    TailPanel,
    TailRow,
    Unsteady,
    Verdict,
    unnamed,
)
from ccboard.snapshot import Snapshot
from widgets.glyphs import UNICODE
from widgets.tail_brief import TailBrief
from widgets.tail_detail import TailDetail, TailHead
from widgets.tail_tables import TailTable, UnsteadyTable
from widgets.tail_text import day_value
from widgets.view import View

SAID = "AHT +14 % on the same call types, likely +8 to +20 %, 340 calls, 92 % sure"
KIM = TailRow(
    unit="vera", label="Vera Holt", team="Nord", kpi="aht", strong=True, p=0.92, form="percent", value=0.14,
    low=0.08, high=0.2, usual=205.0, raw=247.0, suffix=("", ""), n=340, days=18, reliability=0.7,
    driver=("mostly hold, +31 s a call", "主要在保持，每个来电+31秒"), times=3, of=5, moved=0.06,
    sure_moved=True, chart=(0.1, None, 0.3, -0.1), said=(SAID, "平均处理时长：同类来电+14%"))
SAM = KIM._replace(unit="sam", label="Igor Pell", kpi="rna", form="share", value=0.055, low=0.041,
                   high=0.071, usual=0.014, raw=0.061, p=0.64, strong=False, moved=None, sure_moved=False,
                   times=1,
                   driver=("", ""), said=("ring no answer 5.5 %", "振铃未接率5.5%"))
MO = Unsteady("mo", "Mo Lind", "Süd", 1.6, ("aht", "transfer"), 300, (1.0, -2.0), (
    "from day to day 1.6 times as far apart as usual", "日间波动为常人的1.6倍"))
LEE = Early("lee", "Lee Chan", "Süd", "aht", 11, 1, 60.0, (
    "AHT: 11 calls, too early to say; about 60 more", "平均处理时长：11个来电，为时尚早"))
CASE = CoachRow("aht", "agent", "vera", "Vera Holt", "coaching", AT - 10**12, "Uwe", AT, None, 0.97,
                "long silences", ("AHT -6.1 % since then", "平均处理时长此后-6.1%"))
VERDICTS = (
    Verdict("aht", ("AHT", "平均处理时长"), measured=True, named=1, seen=24, early=1,
            said=("AHT: 1 of 24 named; about 0.1 of them may be wrong", "平均处理时长：24人中点名1人")),
    Verdict("csat", ("CSAT", "满意度"), measured=False))
PANEL = TailPanel(
    AT, 20, "2026-10-19", "2026-11-13",
    (TailGroup("agent", 24, VERDICTS, (KIM, SAM), (MO,), (LEE,), 2, 1, 1), TailGroup("team", 2, VERDICTS),
     TailGroup("type", 6, VERDICTS)), coaching=(CASE,))
NAMES = ("Vera Holt", "Igor Pell", "Mo Lind", "Lee Chan", "Uwe")


def snapshot(panel: TailPanel | None = PANEL) -> Snapshot:
    return replace(floor(), tail=panel)


def on_page(check: Any, size: tuple[int, int] = (120, 40), panel: TailPanel | None = PANEL,
            **options: Any) -> None:
    async def go() -> None:
        async with shown(size, snapshot(panel), **options) as (app, pilot):
            await pilot.press("4")
            await settle(app, pilot)
            await check(app, pilot)

    run(go())


def test_who_how_much_how_sure_and_since_when() -> None:
    async def check(app: Board, pilot: Pilot[int]) -> None:
        text = "\n".join(app.lines())
        assert "2 at the tail, 1 fluctuate, 1 too early to say, of 24" in text
        kim = line_with(app, "Vera Holt  ").split()
        assert kim[:8] == ["Vera", "Holt", "Nord", "AHT", "+14", "%", "+8..+20", "%"]
        assert "92 %" in line_with(app, "Vera Holt  ")
        assert " 340 " in line_with(app, "Vera Holt  ")
        assert "3/5" in line_with(app, "Vera Holt  ")
        assert "4:07" in line_with(app, "Vera Holt  ")  # as it stands: 247 s
        assert "5.5 %" in line_with(app, "Igor Pell")
        assert "1.6 x" in line_with(app, "Mo Lind")
        assert re.search(r"Lee Chan +Süd +AHT +11 +60( |$)", line_with(app, "Lee Chan"))
        assert "ABOUT SO MANY MORE" in text
        folded = " ".join(text.replace("\n", " ").split())
        assert "mostly hold, +31 s a call" in folded
        assert "at the tail in 3 of the last 5 periods" in folded
        assert "1 of 24 named" in text
        assert "CSAT" not in text  # not measured: nothing to say

    on_page(check, (200, 50))


@pytest.mark.parametrize("size", [(200, 50), (120, 40), (80, 24), (40, 12)])
def test_the_first_name_is_in_sight_at_every_size(size: tuple[int, int]) -> None:
    async def check(app: Board, pilot: Pilot[int]) -> None:
        line = line_with(app, "Vera Holt")
        assert "+14 %" in line
        assert "92 %" in line

    on_page(check, size)


def test_how_many_more_are_needed_is_whole_on_a_narrow_screen() -> None:
    group = PANEL.groups[0]._replace(early=(LEE._replace(needed=13_000.0),))

    async def check(app: Board, pilot: Pilot[int]) -> None:
        assert line_with(app, "Lee Chan").rstrip().endswith(" 13000")

    on_page(check, (80, 24), PANEL._replace(groups=(group, *PANEL.groups[1:])))


@pytest.mark.parametrize("size", [(200, 50), (120, 40), (80, 24), (40, 12)])
def test_who_may_see_no_names_sees_none_on_any_page(size: tuple[int, int]) -> None:
    async def go() -> None:
        async with shown(size, snapshot(unnamed(PANEL))) as (app, pilot):
            for page in "14":
                await pilot.press(page)
                await settle(app, pilot)
                text = "\n".join(app.lines())
                assert not [name for name in NAMES if name in text]
            assert "1 of 24 named" in text or size[0] < 60
            assert "AHT" in text

    run(go())


def test_without_names_each_figure_is_said_in_full_and_nothing_is_done_about_it() -> None:
    """On 80 columns a verdict is longer than its column."""
    said = "hold: cannot be told from 20 days; only 6 % of what is seen is people's own, the rest is chance"
    long = Verdict("hold", ("hold", "保持"), measured=True, seen=24, reliability=0.06,
                   said=(said, "保持：无法判断"))
    groups = (PANEL.groups[0]._replace(verdicts=(*VERDICTS, long)), *PANEL.groups[1:])

    async def check(app: Board, pilot: Pilot[int]) -> None:
        did: list[str] = []
        app.deeds.do = lambda kind, about, **more: did.append(kind)  # type: ignore[method-assign]
        assert "names are not shown here" in app.lines()[1]
        assert line_with(app, "about 0.1 of them may be wrong")
        assert "mostly chance: only 6 % is their own" in line_with(app, "hold  ")
        await pilot.press("down")
        await settle(app, pilot)
        text = " ".join("\n".join(app.lines()).split())
        assert "only 6 % of what is seen is people's own, the rest is chance" in text
        await pilot.press("c", "m", "x")
        await settle(app, pilot)
        assert did == []
        assert not app.board.page.query_one(AskBar).has_focus

    on_page(check, (80, 24), unnamed(PANEL._replace(groups=groups)))


def test_on_a_phone_the_first_line_holds_the_counts() -> None:
    async def check(app: Board, pilot: Pilot[int]) -> None:
        assert line_with(app, "[agents]  tail 2  fluct. 1  early 1")

    on_page(check, (40, 12))


def test_the_overview_has_a_short_list_that_is_calm_when_nobody_is_named() -> None:
    async def go() -> None:
        async with shown((200, 50), snapshot()) as (app, pilot):
            assert "+14 %" in line_with(app, "Vera Holt  ")
            assert line_with(app, "1 fluctuate, 1 too early")
            for verdicts, said in ((VERDICTS, "nobody is named"), ((), "no calls to judge by yet")):
                app.take(snapshot(TailPanel(AT, 20, "", "", (TailGroup("agent", 24, verdicts),))))
                app.clock.at += 5
                await settle(app, pilot)
                app.draw()
                await settle(app, pilot)
                assert line_with(app, said)
        async with shown((80, 24), snapshot()) as (app, pilot):
            assert not any("AT THE TAIL" in line for line in app.lines())  # it gives way
        async with shown((200, 50), snapshot(None)) as (app, pilot):
            assert not any("AT THE TAIL" in line for line in app.lines())

    run(go())


@pytest.mark.parametrize(("language", "said"), [
    ("en", "11 more, 1 fluctuate, 1 too early"),
    ("zh", "尾部另有11人，1人波动，1人为时尚早"),
])
def test_what_the_short_list_says_of_the_rest_goes_on_over_empty_columns(language: str, said: str) -> None:
    panel = PANEL._replace(groups=(PANEL.groups[0]._replace(n_named=17), *PANEL.groups[1:]))

    async def go() -> None:
        async with shown((200, 50), snapshot(panel), language=language) as (app, pilot):
            assert line_with(app, said)
            app.board.set_focus(app.board.page.query_one(TailBrief))
            await pilot.press("G")  # the cursor stands on it
            await settle(app, pilot)
            assert line_with(app, said)

    run(go())


def test_the_keys_come_back_to_the_table_that_they_left() -> None:
    async def check(app: Board, pilot: Pilot[int]) -> None:
        app.deeds.do = lambda kind, about, **more: None  # type: ignore[method-assign]
        await pilot.press("tab")
        await settle(app, pilot)
        came = app.board.focused
        assert isinstance(came, UnsteadyTable)
        for keys in (("m", "s", "enter"), ("x", "escape"), ("m", "backspace")):
            await pilot.press(*keys)
            await settle(app, pilot)
            assert app.board.focused is came, keys
        await app.board.open_list(VisitsPage("calls", {"kpi": "answered"}, lambda _words, _then: None))
        await settle(app, pilot)
        assert app.board.focused is not came
        await pilot.press("escape")
        await settle(app, pilot)
        assert app.board.page_name == "tail"
        assert app.board.focused is came

    on_page(check)


def test_a_case_that_was_done_is_not_the_one_that_was_opened_later() -> None:
    done = CASE._replace(state="done", opened_at=AT - 2 * 10**12, note="the first time")
    again = CASE._replace(note="once more")
    view = View(snapshot(PANEL._replace(coaching=(done, again))), AT, ZoneInfo("UTC"), Words("en"), UNICODE)
    detail = TailDetail()
    for case in (done, again):
        detail.chosen = case
        assert detail.row(view) == case
    detail.chosen = again._replace(by="team")  # of the same name
    assert detail.row(view) == KIM


def test_what_is_typed_is_about_who_was_named_when_it_was_asked() -> None:
    async def check(app: Board, pilot: Pilot[int]) -> None:
        did: list[tuple[str, str]] = []
        app.deeds.do = lambda kind, about, **more: did.append((kind, about))  # type: ignore[method-assign]
        await pilot.press("m", *"se")
        group = PANEL.groups[0]._replace(rows=(SAM,))  # Vera is no longer named
        app.clock.at += 5
        app.take(snapshot(PANEL._replace(groups=(group, *PANEL.groups[1:]))))
        await settle(app, pilot)
        app.draw()
        await settle(app, pilot)
        await pilot.press("e", "enter")
        await settle(app, pilot)
        assert did == [("coach_note", "tail:aht:agent:vera")]

    on_page(check)


def test_keys_switch_groups_and_coach_the_chosen_row() -> None:
    async def check(app: Board, pilot: Pilot[int]) -> None:
        did: list[tuple[str, str, dict[str, Any]]] = []
        app.deeds.do = lambda kind, about, **more: did.append((kind, about, more))  # type: ignore[method-assign]
        await pilot.press("c", "x", "enter", "m", *"see", "enter")
        await settle(app, pilot)
        await pilot.press("tab", "down", "c")
        await settle(app, pilot)
        assert [(kind, about) for kind, about, _ in did] == [
            ("coach_open", "tail:aht:agent:vera"), ("coach_recheck", "tail:aht:agent:vera"),
            ("coach_note", "tail:aht:agent:vera"), ("coach_open", "tail:*:agent:mo")]
        assert did[1][2]["for_s"] == 14 * 86_400
        assert did[2][2]["note"] == "see"
        await pilot.press("b")
        await settle(app, pilot)
        assert "[teams]" in app.lines()[2] or "[teams]" in app.lines()[1]
        assert line_with(app, "no team is named")

    on_page(check)


def test_the_day_of_a_re_check_is_asked_for() -> None:
    async def check(app: Board, pilot: Pilot[int]) -> None:
        did: list[dict[str, Any]] = []
        app.deeds.do = lambda kind, about, **more: did.append({"kind": kind, **more})  # type: ignore[method-assign]
        await pilot.press("x", *"2026-12-24", "enter")
        await pilot.press("x", *"30d", "enter")
        await settle(app, pilot)
        assert [one["kind"] for one in did] == ["coach_recheck"] * 2
        view = app.board.page.view
        assert view is not None
        assert did[0]["until"] == int(datetime(2026, 12, 24, tzinfo=view.zone).timestamp()) * 1_000_000
        assert (did[1]["for_s"], did[1]["until"]) == (30 * 86_400, None)
        await pilot.press("x", *"soon", "enter")
        await settle(app, pilot)
        assert line_with(app, "soon is no date such as 2026-12-01")
        await pilot.press("x", *"2020-01-01", "enter")
        await settle(app, pilot)
        assert line_with(app, "2020-01-01 lies in the past")
        await pilot.press("x", "escape", "x", "backspace")  # left without an answer
        await settle(app, pilot)
        assert len(did) == 2

    on_page(check)


def test_a_case_that_runs_goes_on_and_shows_what_became_of_it() -> None:
    panel = PANEL._replace(groups=(PANEL.groups[0]._replace(rows=(KIM._replace(state="coaching"),)),))

    async def check(app: Board, pilot: Pilot[int]) -> None:
        did: list[str] = []
        app.deeds.do = lambda kind, about, **more: did.append(kind)  # type: ignore[method-assign]
        await pilot.press("c")
        await settle(app, pilot)
        assert line_with(app, "the coaching of Vera Holt is done? Enter: yes, Esc: no")
        await pilot.press("escape")
        await settle(app, pilot)
        assert did == []
        await pilot.press("c", "enter")
        await settle(app, pilot)
        assert did == ["coach_done"]
        detail = app.board.page.query_one(TailDetail)
        detail.chosen = CASE
        app.draw()
        await settle(app, pilot)
        assert line_with(app, "AHT -6.1 % since then")
        assert "97 %" in line_with(app, "long silences")

    on_page(check, panel=panel)


@pytest.mark.parametrize(("row", "by", "asked", "first"), [
    (KIM, "agent", {"kpi": "answered", "agent": "vera"}, ("talking", True)),
    (KIM._replace(kpi="short"), "agent", {"kpi": "answered", "agent": "vera"}, ("talking", False)),
    (KIM._replace(kpi="transfer", unit="Nord"), "team", {"kpi": "transfer_rate", "team": "Nord"},
     ("counts", False)),
    (KIM._replace(kpi="rna", unit="Nord"), "team", {"kpi": "ring_no_answer", "team": "Nord"},
     ("offered_at", True)),
    (KIM._replace(kpi="rna", unit="loans"), "type", {"kpi": "answered", "type": "loans"},
     ("offered_at", True)),
    (KIM._replace(unit="support"), "type", {"kpi": "answered", "queue": "support"}, ("talking", True)),
    (LEE, "agent", {"kpi": "answered", "agent": "lee"}, ("talking", True)),
    (CASE._replace(kpi="*", by="team", unit="Nord"), "team", {"kpi": "answered", "team": "Nord"},
     ("offered_at", True)),
])
def test_enter_lists_the_calls_of_the_period_those_that_drive_it_first(
        row: Any, by: str, asked: dict[str, str], first: tuple[str, bool]) -> None:
    groups = tuple(group._replace(rows=(row,) if isinstance(row, TailRow) and group.by == by else (),
                                  early=(row,) if isinstance(row, Early) and group.by == by else (),
                                  unsteady=()) for group in PANEL.groups)
    shown = snapshot(PANEL._replace(groups=groups, coaching=()))
    view = View(shown, AT, ZoneInfo("UTC"), Words("en"), UNICODE)
    found = of_tail()[TailTable]("sure", row, "92 %", view)
    # the period begins on the 19th of October, whatever the week
    assert found.words(found.lists) == {**asked, "from": "2026-10-19T00:00:00.000Z"}
    assert found.first == first
    assert "team" not in found.words()  # of which nothing can be explained


def test_the_list_of_a_pooled_figure_goes_back_as_far_as_its_sample() -> None:
    pooled = Verdict("csat", ("CSAT", "满意度"), measured=True, pooled=True, days=60, first="2026-08-24")
    row = KIM._replace(kpi="csat")
    shown = snapshot(PANEL._replace(groups=(TailGroup("agent", 24, (pooled,), (row,)),)))
    view = View(shown, AT, ZoneInfo("UTC"), Words("en"), UNICODE)
    found = of_tail()[TailTable]("sample", row, "384", view)
    assert found.words(found.lists)["from"] == "2026-08-24T00:00:00.000Z"


def test_of_an_empty_tail_d_explains_the_method() -> None:
    async def check(app: Board, pilot: Pilot[int]) -> None:
        await pilot.press("d")
        await settle(app, pilot)
        assert line_with(app, "everybody is compared on the same calls")

    on_page(check, panel=TailPanel(AT, 20, "", "", (TailGroup("agent", 24, VERDICTS),)))


def test_a_case_of_today_says_so_and_a_re_check_its_day() -> None:
    case = CASE._replace(opened_at=AT, sure=None, state="recheck", recheck_at=AT + 24 * 86_400_000_000)

    async def check(app: Board, pilot: Pilot[int]) -> None:
        line = line_with(app, "re-check 10 Dec")
        assert "today" in line

    on_page(check, (200, 50), PANEL._replace(coaching=(case,)))
    on_page(check, (120, 40), PANEL._replace(coaching=(case,)))


def test_d_explains_in_plain_words_and_chinese_says_everything() -> None:
    async def check(app: Board, pilot: Pilot[int]) -> None:
        await pilot.press("d")
        await settle(app, pilot)
        assert line_with(app, "everybody is compared on the same calls")
        await pilot.press("escape")

    on_page(check)

    async def chinese(app: Board, pilot: Pilot[int]) -> None:
        text = "\n".join(app.lines())
        assert "尾部2，波动1，为时尚早1，共24" in text
        assert "处理时长" in line_with(app, "Vera Holt  ")
        assert "the tail" not in text

    on_page(chinese, language="zh")


@given(st.integers(arrange.LEAST_WIDTH, 400), st.integers(arrange.LEAST_HEIGHT - 1, 120), st.integers(0, 80),
       st.integers(0, 30), st.integers(0, 30), st.integers(0, 40), st.integers(0, 12), st.booleans())
def test_panels_have_their_own_room(width: int, height: int, named: int, unsteady: int, early: int,
                                    coached: int, verdicts: int, names: bool) -> None:
    places = arrange.tail(width, height, TailRows(named, unsteady, early, coached, verdicts, names))
    assert ("tail" in places) is names
    for name, place in places.items():
        assert min(place.x, place.y) >= 0, name
        assert place.width > 0, name
        assert place.height > 0, name
        assert place.x + place.width <= width, name
        assert place.y + place.height <= height, name
    for (one, a), (other, b) in itertools.combinations(places.items(), 2):
        assert (a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y
                or b.y + b.height <= a.y), f"{one} and {other} overlap"


def test_behind_a_number_of_people_are_they_with_their_own_numbers_and_calls() -> None:
    class Answers:
        def __init__(self) -> None:
            self.asked: list[dict[str, str]] = []

        def ask(self, what: str, words: dict[str, str]) -> dict[str, Any]:
            assert what == "visits"
            self.asked.append(words)
            return {"total": 0, "rows": [], "numerator": None, "denominator": None, "notes": [],
                    "unit": "visits", "as_of": "2026-11-16T14:14:07Z"}

        def close(self) -> None:
            """Nothing to close."""

    answers = Answers()

    async def check(app: Board, pilot: Pilot[int]) -> None:
        app.board.set_focus(app.board.page.query_one(TailHead))
        await pilot.press("enter")  # the first figure: 2 at the tail
        await settle(app, pilot)
        assert line_with(app, "2 in all; enter on a row lists the calls")
        assert "64 %" in line_with(app, "Igor Pell")
        await pilot.press("down", "d")
        await settle(app, pilot)
        assert line_with(app, "at the tail · Igor Pell, RNA")
        text = " ".join(" ".join(line.strip("│ ") for line in app.lines()).split())
        assert "as it stands 6.1 %; the same work usually gives 1.4 %" in text
        await pilot.press("enter")
        for _ in range(200):
            await settle(app, pilot)
            if answers.asked:
                break
        asked = answers.asked[0]
        assert (asked["kpi"], asked["agent"], asked["from"]) == (
            "ring_no_answer", "sam", "2026-10-19T00:00:00.000Z")
        await pilot.press("escape")
        await settle(app, pilot)
        assert app.board.page_name == "tail"
        assert isinstance(app.board.focused, TailHead)

    on_page(check, answers=answers)


def test_a_days_bar_has_its_date_and_that_days_calls() -> None:
    """The last of four days is 13 November: 0.1 less in logs, exp(-0.1) - 1 = -9.5 %.

    The floor's business day begins at midnight UTC, which is 01:00 in Berlin.
    """
    days = ("2026-11-10", "2026-11-11", "2026-11-12", "2026-11-13")
    view = View(snapshot(PANEL._replace(days=days)), AT, ZoneInfo("Europe/Berlin"), Words("en"), UNICODE)
    detail = TailDetail()
    detail.draw_lines(detail._drawing_of(KIM, view), view)
    said = {spot.key: spot.shown for spot in detail._drawing.spots if spot.key[0] == "day"}
    assert said == {("day", "0"): "+11 %", ("day", "1"): "–", ("day", "2"): "+35 %", ("day", "3"): "-10 %"}
    detail._at = ("day", "3")
    detail.look(view)
    found = of_detail(detail, view)
    assert found is not None
    assert found.of == "Vera Holt, AHT Fri 13 Nov"
    assert found.parts[0][1] == "Fri 13 Nov: -10 % against what was to be expected, better"
    assert found.words(found.lists) == {"kpi": "answered", "agent": "vera",
                                        "from": "2026-11-13T00:00:00.000Z", "to": "2026-11-14T00:00:00.000Z"}
    # 1.4 % usually: log odds + 0.3 are odds of 0.014199 x 1.35 = 0.019166, a share of 1.88 %
    assert day_value(SAM, 0.3, view) == "1.9 %"
    assert day_value(KIM._replace(kpi="csat", form="marks", usual=4.0), 0.3, view) == "3.7"


def test_the_lens_has_the_rows_own_numbers() -> None:
    view = View(snapshot(), AT, ZoneInfo("UTC"), Words("en"), UNICODE)
    found = dict(of_tail()[TailTable]("sure", KIM, "92 %", view).parts)
    assert found == {
        "adjusted": "+14 % against what the same calls usually take, without what may be chance",
        "likely": "+8..+20 %: nine times out of ten the truth lies in there",
        "as it stands": "4:07; the same work usually gives 3:25",
        "sample": "340 calls on 18 days",
        "how sure": "92 % that this belongs to the worst tenth: strong, from 80 % on",
        "own results": "70 % of this rests on their own results, the rest leans on everybody's",
        "compared with": "24 agents, on the same business types, queues and days",
        "from": "20 working days, 2026-10-19 .. 2026-11-13",
        "names": "1 of 24 named for this figure, fewer than 0.1 of them wrongly (at most one in 5)",
        "since when": "at the tail in 3 of the last 5 periods of as many days",
        "moved": "worse than in the period before, beyond chance",
        "mostly": "mostly hold, +31 s a call"}
    weak = dict(of_tail()[TailTable]("sure", SAM, "64 %", view).parts)
    assert "strong only from 80 % on" in weak["how sure"]
    assert dict(of_tail()[UnsteadyTable]("times", MO, "1.6 x", view).parts)["names"] == (
        "1 named, of whom at most one in ten may be wrong")
    chinese = View(snapshot(), AT, ZoneInfo("UTC"), Words("zh"), UNICODE)
    said = " ".join(text for _, text in of_tail()[TailTable]("sure", KIM, "92 %", chinese).parts)
    assert "24名座席" in said
    assert not re.search("[a-z]{3}", said)
