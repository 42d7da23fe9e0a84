"""Page 7: six answers of each source, what speaks against them, and the rows on ``enter``; two languages."""

from dataclasses import replace

import pytest
from board_floor import AT, floor
from board_pilot import run, settle, shown

from ccboard.panel_quality import QUESTIONS, Answer, FaultRow, Finding, QualityPanel, SourceQuality
from ccboard.snapshot import Snapshot
from widgets.source_tables import FindingTable

S = 1_000_000
SAID = {
    "collected": ("no gap, nothing rejected", "无缺口，无拒收"),
    "logical": ("2 rows that cannot be true", "2 行不合逻辑"),
}


def judged() -> Snapshot:
    calm = floor()
    name = calm.sources[0].name
    answers = tuple(
        Answer(
            question,
            "critical" if question == "logical" else "good",
            SAID.get(question, (f"well {question}", f"好 {question}")),
        )
        for question in QUESTIONS
    )
    rows = (
        FaultRow(AT - 60 * S, "support", "Ann", "1795.7", ("5 s", "5 s")),
        FaultRow(AT - 30 * S, "support", None, "1795.9", ("7 s", "7 s")),
    )
    fault = Finding(
        name,
        "logical",
        "answered_before_offered",
        "critical",
        9,
        ("answered before they were offered", "接通早于进线"),
        rows,
    )
    return replace(
        calm, quality=QualityPanel(AT, AT - 3600 * S, AT, (SourceQuality(name, answers),), (fault,))
    )


@pytest.mark.parametrize("size", [(150, 40), (80, 30)])
def test_answers_findings_and_rows_on_enter(size: tuple[int, int]) -> None:
    async def check() -> None:
        async with shown(size, judged()) as (app, pilot):
            await pilot.press("7")
            await settle(app, pilot)
            text = "\n".join(app.lines())
            for part in (
                "collected?",
                "no gap, nothing rejected",
                "helps?",
                "!! logical?",
                "2 rows that cannot",
                "answered before they were",
            ):
                assert part in text, part
            assert "1795.7" not in text
            table = app.board.page.query_one(FindingTable)
            app.board.set_focus(table)
            for _ in range(12):
                await pilot.press("down")
                if (table.pointed() or ("", None))[1] is not None and table.pointed()[1].key:
                    break
            await pilot.press("enter")
            await settle(app, pilot)
            text = "\n".join(app.lines())
            for part in ("1795.7", "1795.9", "Ann", "5 s", "7 more"):
                assert part in text, part
            await pilot.press("enter")
            await settle(app, pilot)
            assert "1795.7" not in "\n".join(app.lines())

    run(check())


def test_in_chinese() -> None:
    async def check() -> None:
        async with shown((150, 40), judged(), language="zh") as (app, pilot):
            await pilot.press("7")
            await settle(app, pilot)
            text = "\n".join(app.lines())
            for part in ("能否采集", "无缺口，无拒收", "!! 是否合理", "接通早于进线（9 条），回车看明细"):
                assert part in text, part

    run(check())


def test_on_a_phone_the_only_sources_name_leaves_room_for_what_is_said() -> None:
    async def check() -> None:
        calm = judged()
        async with shown((40, 20), replace(calm, sources=calm.sources[:1])) as (app, pilot):
            await pilot.press("7")
            await settle(app, pilot)
            assert any("no gap, nothing rejected" in line for line in app.lines())
            app.clock.at += 5
            app.take(calm)  # two of them: each line says of which it is
            await settle(app, pilot)
            app.draw()
            await settle(app, pilot)
            assert not any("no gap, nothing rejected" in line for line in app.lines())
            assert any("asterisk" in line and "collected?" in line for line in app.lines())

    run(check())


def test_behind_what_is_said_of_a_source_is_all_that_can_be_said_of_its_data() -> None:
    async def check() -> None:
        async with shown((120, 40), judged()) as (app, pilot):
            await pilot.press("7", "j", "enter")
            await settle(app, pilot)
            assert any("all that can be said of its data" in line for line in app.lines())
            assert any("collected?" in line and "no gap, nothing rejected" in line for line in app.lines())
            assert any("5 s" in line and "1795.7" in line for line in app.lines())  # rows, too
            assert not any("vicidial" in line for line in app.lines()[2:-1])
            await pilot.press("escape")
            await settle(app, pilot)
            assert app.board.page_name == "sources"

    run(check())
