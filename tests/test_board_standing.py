"""What the board says of its hub, its sources and the age of its figures, and of what happened."""

from dataclasses import replace

import pytest
from board_floor import AT, SECOND, floor
from board_pilot import Board, line_with, resize, run, settle, shown

from ccboard.board.state import Lost
from ccboard.snapshot import STATES, Snapshot
from widgets.queue_table import QueueTable


def test_a_source_that_answers_but_lacks_a_way_in_carries_a_mark() -> None:
    async def check() -> None:
        snapshot = floor()
        half = snapshot.sources[0]._replace(troubles=("AMI: connection refused; figures are from queue_log",))
        async with shown((120, 40), replace(snapshot, sources=(half, *snapshot.sources[1:]))) as (app, pilot):
            assert "asterisk ● 1 s !   vicidial ● 2 s  " in app.lines()[0]
            await resize(app, pilot, (40, 12))
            assert app.lines()[8].startswith(" asterisk ● 1 s !  vicidial ● 2 s")

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
    ("en", ("!! support: 58 %, below target 13:55–14:10", "support: caller gave up after 1:14, ****7731",
            "Bob O'Hara: pause, break", "Ravi Patel: logged out", "! gap of 15:00: vicidial",
            "!! failed: vicidial: connection refused", "something_new: sales of a later version")),
    ("zh", ("!! support 58 % 服务水平未达标，13:55–14:10", "support 来电放弃，已等 1:14，****7731",
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


@pytest.mark.parametrize(("language", "words"), [("en", "no source is configured"), ("zh", "未配置数据源")])
def test_an_empty_board_says_why_on_a_phone_too(language: str, words: str) -> None:
    async def check() -> None:
        told = "no source is configured: add [sources.NAME] to /etc/c.toml, or run `ccboard init`"
        bare = replace(floor(), sources=(), queues=(), agents=(), waiting=(), intervals=(), notices=(told,))
        for size in ((40, 12), (80, 24), (120, 40)):
            async with shown(size, bare, language=language) as (app, _):
                assert any(words in line for line in app.lines()), size

    run(check())


def test_what_is_counted_in_part_is_not_called_rejected() -> None:
    async def check() -> None:
        reasons = (("CONNECT: hold time is not usable; counted without it", 3), ("not enough fields", 2))
        one = replace(floor(), sources=(floor().sources[0]._replace(rejects=5, reject_reasons=reasons),))
        async with shown((110, 30), one) as (app, pilot):
            await pilot.press("7")
            await settle(app, pilot)
            row = line_with(app, "all day").split()
            assert row[-3:] == ["2", "all", "day"]  # rejected, whole since
            assert "in part" in line_with(app, "counted without it (3×)")
            assert "rejected" in line_with(app, "not enough fields (2×)")

    run(check())
