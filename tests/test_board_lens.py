"""The lens and the list: every figure of every page answers, and what is asked for comes on a thread."""

import asyncio
import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from board_floor import AT, SECOND, floor
from board_pilot import Board, line_with, resize, settle, shown
from rich.cells import cell_len
from stores import store
from worked_example import START, visits

from ccboard.board import visits_page
from ccboard.board.meaning import meaning_of, of_agent, of_caller, of_event, of_source
from ccboard.config import Config
from ccboard.errors import HubError
from ccboard.figures import public
from ccboard.i18n import Words
from ccboard.kpis.catalogue import find
from ccboard.kpis.glossary import GLOSSARY
from ccboard.snapshot import Snapshot
from ccboard.store.store import Store
from widgets.floor_line import FloorLine
from widgets.glyphs import UNICODE
from widgets.level_bars import LevelBars
from widgets.strip_table import StripTable
from widgets.view import View


class Recorded:
    """Answers like a hub with the worked example in its store, and remembers what it was asked."""

    def __init__(self, made: Store | None = None) -> None:
        self._reader = made.reader() if made is not None else None
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.wrong: Exception | None = None

    def ask(self, what: str, words: Mapping[str, str]) -> dict[str, Any]:
        self.asked.append((what, dict(words)))
        assert self.gate.wait(20)
        if self.wrong is not None:
            raise self.wrong
        assert self._reader is not None
        make = public.explained if what == "explain" else public.visited
        return make(self._reader, {**words, "from": "2026-11-19"}, Config(), ZoneInfo("UTC"),
                    START + 2000 * SECOND)

    def moment(self, as_of: int) -> Snapshot:
        return replace(floor(), as_of=as_of, live=False)

    def act(self, deed: Mapping[str, Any]) -> dict[str, Any]:
        raise HubError("not here")

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def answers(tmp_path: Path) -> Any:
    made = store(tmp_path, visits())
    yield Recorded(made)
    made.close()


def run(coroutine: object) -> None:
    asyncio.run(coroutine)  # type: ignore[arg-type]


async def until(app: Board, pilot: Any, text: str) -> None:
    """Wait until a text is on the screen: what is asked for comes from another thread."""
    for _ in range(400):
        await settle(app, pilot)
        if any(text in line for line in app.lines()):
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"{text!r} did not come:\n" + "\n".join(app.lines()))


def test_the_lens_shows_what_explain_shows(answers):
    async def check() -> None:
        async with shown((200, 50), floor(), answers=answers) as (app, pilot):
            await pilot.press("j", "right", "right")
            await settle(app, pilot)
            answers.gate.clear()
            await pilot.press("d")
            await until(app, pilot, "asking")
            assert line_with(app, "service level · support")
            app.advance(1)  # the board goes on while nobody answers
            await settle(app, pilot)
            assert "14:14:08" in app.lines()[0]
            answers.gate.set()
            await until(app, pilot, "sl.abandoned_ignored")
            assert "70.0 %" in line_with(app, "service level · support")
            assert "70 = answered within T" in line_with(app, "numerator")
            assert "100 = visits that are counted" in line_with(app, "denominator")
            assert "T = 20 s, S = 5 s, target 80 %" in line_with(app, "definition")
            assert "77.8 %" in line_with(app, "sl.abandoned_ignored")
            assert "70 / 90" in line_with(app, "sl.abandoned_ignored")
            assert len([line for line in app.lines() if " sl." in line]) == 11  # ten, and the definition
            assert answers.asked == [("explain", {"kpi": "service_level", "queue": "support"})]
            await pilot.press("escape")
            await settle(app, pilot)
            assert app.board.lens is None
            assert isinstance(app.board.focused, StripTable)
            assert app.board.focused.column == "level"

    run(check())


@pytest.mark.parametrize(("size", "language"), [
    ((200, 50), "zh"), ((80, 24), "en"), ((80, 24), "zh"), ((40, 12), "en"),
])
def test_lens_and_list_fit_every_size(answers, size, language):
    async def check() -> None:
        async with shown(size, floor(), answers=answers, language=language) as (app, pilot):
            await pilot.press("j", "right", "right", "d")
            await until(app, pilot, "服务水平 · support" if language == "zh" else "service level · support")
            await until(app, pilot, "70.0 %")
            for other in ((120, 40), (31, 9), size):
                await resize(app, pilot, other)
                assert max(cell_len(line) for line in app.lines()) <= other[0]
            seen = set(app.lines())
            for _ in range(4):
                await pilot.press("pagedown")
                await settle(app, pilot)
                seen |= set(app.lines())
            assert any("sl.queue_now" in line for line in seen)
            await pilot.press("enter")
            await until(app, pilot, "100")
            assert max(cell_len(line) for line in app.lines()) <= size[0]
            assert len(app.lines()) == size[1]
            await pilot.press("escape")
            await settle(app, pilot)
            assert app.board.page_name == "overview"
            assert isinstance(app.board.focused, StripTable)

    run(check())


def test_a_list_that_is_cut_says_that_only_the_newest_are_there(answers, monkeypatch):
    monkeypatch.setattr(visits_page, "FIRST", 3)
    monkeypatch.setattr(visits_page, "MORE", 4)
    monkeypatch.setattr(visits_page, "MOST", 7)

    async def check() -> None:
        async with shown((120, 40), floor(), answers=answers) as (app, pilot):
            await pilot.press("j", "right", "right", "enter")
            await until(app, pilot, "only the newest 7 of 100 rows")

    run(check())


def test_figures_of_the_header_answer_too(answers):
    async def check() -> None:
        async with shown((120, 40), floor(), answers=answers) as (app, pilot):
            await pilot.press("shift+tab")  # from nowhere: the last, which is the header
            await settle(app, pilot)
            assert app.board.focused is app.board.header
            seen = []
            for _ in range(3):
                pointed = app.board.header.pointed()
                assert pointed is not None
                seen.append((pointed.kind, pointed.name))
                await pilot.press("d")
                await settle(app, pilot)
                assert app.board.lens is not None
                text = "\n".join(app.lines())
                await pilot.press("escape", "right")
                await settle(app, pilot)
            assert seen == [("source", "asterisk"), ("source", "vicidial"), ("alarms", "")]
            assert "over the limit" in text
            over = [a.label for a in floor().agents if a.level == "critical"]
            over += [q.label for q in floor().queues if "critical" in dict(q.levels).values()]
            assert over
            assert all(name in text for name in over)
            await pilot.press("enter")
            await settle(app, pilot)
            assert app.board.page_name == "queues"

    run(check())


def test_every_figure_of_every_page_answers(answers):
    """From the first figure to the last of every panel: a definition in the catalogue or in the glossary."""
    async def check() -> None:
        async with shown((200, 50), floor(), answers=answers) as (app, pilot):
            asked: set[str] = set()
            for page in ("1", "2", "3", "7"):
                await pilot.press(page)
                await settle(app, pilot)
                view = app.state.figures()
                for panel in app.board.page.panels:
                    if isinstance(panel, StripTable):
                        if not panel._shown:
                            continue
                        app.board.set_focus(panel)
                        await settle(app, pilot)
                        rows = len(panel._shown) + (panel._totals is not None)
                        for row in range(rows):
                            panel._go(row)
                            for column in panel.columns:
                                panel.column = column.key
                                found = meaning_of(panel, view)
                                assert found is not None, (panel.id, column.key, row)
                                assert (found.kpi is None) != (found.word is None)
                                assert found.word is None or found.word in GLOSSARY
                                assert found.kpi is None or find(found.kpi) is not None
                                assert found.lists is None or find(found.lists) is not None
                                asked.add(f"{panel.id}.{column.key}")
                    elif isinstance(panel, LevelBars):
                        app.board.set_focus(panel)
                        await settle(app, pilot)
                        found = meaning_of(panel, view)
                        assert found is not None
                        assert (found.kpi, found.end - found.begin) == ("service_level", 900 * SECOND)  # type: ignore[operator]
            assert len(asked) >= 45  # columns of all tables
            await resize(app, pilot, (40, 12))
            await pilot.press("1")
            await settle(app, pilot)
            line = app.board.query_one(FloorLine)
            app.board.set_focus(line)
            words = []
            for _ in range(7):
                found = meaning_of(line, app.state.figures())
                assert found is not None
                words.append(found.word)
                line.action_side(1)
            assert words == ["ready", "ringing", "talking", "wrap_up", "paused", "age", "age"]

    run(check())


def test_what_stands_behind_a_state_a_caller_and_an_event() -> None:
    view = View(floor(), AT, ZoneInfo("UTC"), Words("en"), UNICODE)
    agent, caller, log = view.agents[5], floor().waiting[0], floor().log
    found = {column: of_agent(column, agent, "x", view).lists for column in (
        "state", "for", "doing", "pause_time", "answered", "no_answer", "agent")}
    assert found == {"state": "staffed_h", "for": "staffed_h", "doing": "staffed_h", "pause_time": "paused_h",
                     "answered": "answered", "no_answer": "ring_no_answer", "agent": "answered"}
    nth, wait = (of_caller(column, caller, "x", view) for column in ("nth", "wait"))
    assert (nth.lists, nth.words("offered")["caller_of"], nth.queue) == ("offered", caller.call, None)
    assert (wait.lists, wait.caller_of, wait.queue) == ("waiting", None, "support")
    events = {entry.kind: of_event("what", entry, "", view) for entry in log}
    assert (events["paused"].lists, events["paused"].agent) == ("paused_h", "Agent/1003")
    assert (events["offline"].lists, events["offline"].agent) == ("staffed_h", "Agent/1021")
    assert events["gap"].page == "sources"
    nobody = of_event("what", next(e for e in log if e.kind == "paused")._replace(agent=None), "", view)
    assert (nobody.page, nobody.lists, nobody.none) == (None, None, "list.no.agent")
    restart = of_event("what", log[0]._replace(kind="restart", agent=None), "", view)
    assert (restart.page, restart.lists, restart.none) == (None, None, "list.nothing")
    begin = events["below_target"].begin
    assert begin is not None
    assert events["below_target"].end - begin == 900 * SECOND  # type: ignore[operator]
    said = of_source("age", floor().sources[0], "x", view).ledger
    assert said is not None
    assert "epoch 12x is not a number (2×)" in [row.cells[1][0].text for row in said.rows]
    assert of_source("age", floor().sources[0]._replace(name="calm"), "x", view).none == "list.no.source"


def test_what_the_glossary_tells_needs_nobody(answers):
    async def check() -> None:
        async with shown((120, 40), floor(), answers=answers) as (app, pilot):
            await pilot.press("3", "j", "d")
            await settle(app, pilot)
            assert "paused in every queue known, ready, offline" in "\n".join(app.lines())
            assert answers.asked == []
            await pilot.press("d")  # closes
            await settle(app, pilot)
            assert app.board.lens is None
            await pilot.press("7", "j", "d")
            await settle(app, pilot)
            assert line_with(app, "state of a source · asterisk")

    run(check())


def test_without_anybody_to_ask_the_formula_stands_there() -> None:
    async def check() -> None:
        async with shown((120, 40), floor()) as (app, pilot):
            await pilot.press("j", "right", "right", "d")
            await settle(app, pilot)
            assert line_with(app, "the form that is configured")
            await pilot.press("escape", "enter")
            await settle(app, pilot)
            assert "no calls stand behind this" in app.lines()[-1]

    run(check())


def test_what_goes_wrong_is_said_in_the_lens_and_in_the_list(answers):
    async def check() -> None:
        answers.wrong = HubError("the hub at /x hung up")
        async with shown((120, 40), floor(), answers=answers) as (app, pilot):
            await pilot.press("j", "d")
            await until(app, pilot, "the hub at /x hung up")
            await pilot.press("enter")
            await until(app, pilot, "the calls behind it")
            await until(app, pilot, "the hub at /x hung up")
            await pilot.press("escape")
            await settle(app, pilot)
            assert app.board.page_name == "overview"

    run(check())


def test_the_list_filters_sorts_and_is_saved(answers, tmp_path):
    async def check() -> None:
        async with shown((180, 44), floor(), answers=answers, exports=tmp_path / "out") as (app, pilot):
            await pilot.press("j", "right", "right", "enter")
            await until(app, pilot, "100 rows")
            assert "70 / 100 = 70.0 %" in line_with(app, "100 rows")
            assert app.lines()[0].endswith("LIVE")
            first = line_with(app, "15:16:30")
            assert "gave up" in first
            assert "the caller hung up after 40 s" in first
            await pilot.press("slash", *"gave", "enter")
            await settle(app, pilot)
            assert "offered 15/100" in app.lines()[-1].lower()
            await pilot.press("e")
            await until(app, pilot, "saved")
            table, parquet = sorted((tmp_path / "out").iterdir())
            assert (table.suffix, parquet.suffix) == (".csv", ".parquet")
            assert table.name.startswith("visits-service_level-support-")
            assert {path.stat().st_mode & 0o777 for path in (table, parquet)} == {0o600}
            assert len(table.read_text(encoding="utf-8").splitlines()) == 16
            with duckdb.connect() as con:
                found = con.read_parquet(str(parquet)).aggregate("count(*), sum(wait_s)").fetchall()
            assert found == [(15, 6 * 4 + 2 * 5 + 2 * 20 + 5 * 40)]
            await pilot.press("escape")  # the filter
            await settle(app, pilot)
            await pilot.press("home", "enter")  # one visit
            await settle(app, pilot)
            assert line_with(app, "one visit")
            assert "c99" in line_with(app, "call ")
            await pilot.press("escape")
            await settle(app, pilot)
            await pilot.press("d")
            await until(app, pilot, "sl.short_excluded")
            await pilot.press("escape")
            await settle(app, pilot)
            assert app.board.page_name == "visits"
            await pilot.press("1")
            await settle(app, pilot)
            assert (app.board.page_name, "visits" in app.board._opened) == ("overview", False)

    run(check())


def test_behind_a_number_of_agents_are_the_agents(answers):
    async def check() -> None:
        async with shown((200, 50), floor(), answers=answers) as (app, pilot):
            await pilot.press("j", "j")
            table = app.board.focused
            assert isinstance(table, StripTable)
            table.column = "talking"
            await pilot.press("enter")
            await settle(app, pilot)
            assert app.board.page_name == "agents"
            rows = [line for line in app.lines() if "talking" in line]
            assert len(rows) == 4  # three, and the filter's line
            assert all("sales" in line for line in rows)
            assert app.lines()[-1].endswith("esc back")
            await pilot.press("slash", *"[ready]", "enter", "escape")  # another filter is taken back first
            await settle(app, pilot)
            assert app.board.page_name == "agents"
            assert app.board.page.counted() == [("agents", "agent", 24, 24)]
            await pilot.press("j", "enter")  # and a list from there leads back there
            await until(app, pilot, "what it rests on")
            await pilot.press("escape")
            await settle(app, pilot)
            assert app.board.page_name == "agents"
            await pilot.press("escape")
            await settle(app, pilot)
            assert app.board.page_name == "overview"
            assert app.board.focused is table
            assert (table.column, line_with(app, "sales")) == ("talking", app.lines()[table.region.y + 2])

    run(check())


def test_a_frozen_figure_is_explained_as_of_then(answers):
    async def check() -> None:
        async with shown((120, 40), floor(), answers=answers) as (app, pilot):
            await pilot.press("space", "j", "right", "d")
            await settle(app, pilot)
            assert answers.asked[-1][1]["as_of"] == "2026-11-16T14:14:07.000Z"  # the floor is in UTC

    run(check())


@pytest.mark.parametrize(("keys", "said"), [(("space",), True), ((), False)])
def test_records_that_came_after_a_freeze_are_told(answers, keys, said):
    """The board shows 412; whoever is asked now knows of 100. Of a floor that goes on that says nothing."""
    async def check() -> None:
        async with shown((200, 50), floor(), answers=answers) as (app, pilot):
            await pilot.press(*keys, "j")
            table = app.board.focused
            assert isinstance(table, StripTable)
            table.column = "offered"
            await pilot.press("d")
            await until(app, pilot, "numerator")
            told = "the board showed 412 at that moment; records that came later changed it"
            assert any(told in line for line in app.lines()) == said

    run(check())


def test_behind_a_mean_of_marks_are_their_sum_and_number(answers):
    """1165 is the sum of 384 marks, not how many of them count."""
    answers.ask = lambda _what, _words: {
        "total": 384, "rows": [], "numerator": 1165.0, "denominator": 384, "notes": [], "unit": "score",
        "as_of": "2026-11-16T14:14:07Z"}

    async def check() -> None:
        async with shown((200, 50), floor(), answers=answers) as (app, pilot):
            await pilot.press("j", "enter")
            await until(app, pilot, "384 rows")
            assert "1165 / 384 = 3" in line_with(app, "384 rows")

    run(check())


def test_the_cursor_goes_by_figures_and_into_the_totals(answers):
    async def check() -> None:
        async with shown((80, 24), floor(), answers=answers) as (app, pilot):
            await pilot.press("j")
            table = app.board.focused
            assert isinstance(table, StripTable)
            assert table.column == "waiting"
            await pilot.press("right", "right", "right")
            assert table.column == "goal"  # which an 80-column screen has no room for at first
            await settle(app, pilot)
            assert "TARGET" in line_with(app, "QUEUE")
            await pilot.press("left", "left", "left", "left")
            await settle(app, pilot)
            assert "LONG" in line_with(app, "QUEUE")
            await pilot.press("right", "G", "down", "d")
            await until(app, pilot, "waiting · all")
            assert "queue" not in answers.asked[-1][1]

    run(check())


def test_the_hubs_words_cannot_steer_the_terminal(answers):
    async def check() -> None:
        answers.wrong = HubError("bad \x1b[31m\u202eword")
        async with shown((120, 40), floor(), answers=answers) as (app, pilot):
            await pilot.press("j", "d")
            await until(app, pilot, "bad [31mword")
            assert not any("\x1b" in line or "\u202e" in line for line in app.lines())

    run(check())


def test_definitions_are_whole_in_both_languages() -> None:
    for word in GLOSSARY.values():
        assert all((word.en, word.zh, word.formula_en, word.formula_zh, word.of)), word.id
        assert bool(word.excluded_en) == bool(word.excluded_zh)
        assert json.dumps(word.zh, ensure_ascii=True) != json.dumps(word.zh, ensure_ascii=False), word.id


def test_no_character_of_the_lens_is_lost_where_panels_below_it_end(answers):
    async def check() -> None:
        async with shown((200, 50), floor(), answers=answers, language="zh") as (app, pilot):
            await pilot.press("j", "right", "right", "d")
            await until(app, pilot, "sl.queue_now")
            text = "\n".join(app.lines())
            for piece in ("T 秒内接通 / 进线；等待未超过 T 秒者暂不计", "按到达",
                          "T 秒内接通 /（已接通、已放弃或已超过 T 秒，减去 T 秒内放弃）"):
                assert piece in text
            assert max(cell_len(line) for line in app.lines()) <= 200
            lens = app.board.lens
            assert lens is not None
            region = lens.region
            for y, line in enumerate(lens.lines):
                inside = app.board.strips()[region.y + y].crop(region.x, region.right)
                assert inside.text == "".join(part for part, _ in line)
            app.advance(1)  # what runs below it does not shine through
            await settle(app, pilot)
            for y, line in enumerate(lens.lines):
                inside = app.board.strips()[region.y + y].crop(region.x, region.right)
                assert inside.text == "".join(part for part, _ in line)

    run(check())
