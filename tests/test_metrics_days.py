"""Small days worked by hand: every expected value follows from the lines above it, not from code."""

from pathlib import Path
from zoneinfo import ZoneInfo

from stores import agent, floor, queue, store
from worked_days import BERLIN, S, at, counts, told, visit

from ccboard.config import Config
from ccboard.metrics.floor import Health, snapshot
from ccboard.records import Batch, Contact, Record, SourceStatus

# 09:00:00 a enters support                       09:00:10 Ann answers (10 s), talks 50 s to 09:01:00
# 09:00:05 b enters support                       09:00:30 hangs up (25 s)
# 09:00:20 c enters support                       09:00:23 hangs up (3 s, short)
# 09:00:30 d enters sales                         09:01:00 time limit (30 s), on to support as d/2nd visit
# 09:01:00 d enters support                       09:01:25 Bob answers (25 s: too late for 20), talks on
# 09:01:10 e enters support                       09:01:30 Ann answers (20 s: in time), 40 s, hold 5, wrap 3
# 09:02:00 f enters support, still waiting; 09:02:10 g enters support, still waiting
DAY: tuple[Record, ...] = (
    visit(
        "a",
        "support",
        "09:00:00",
        version=3,
        answered_at="09:00:10",
        ended_at="09:01:00",
        outcome="answered",
        agent="Ann",
        wait_s=10,
        talk_s=50,
    ),
    visit(
        "b",
        "support",
        "09:00:05",
        version=2,
        ended_at="09:00:30",
        outcome="abandoned",
        wait_s=25,
        caller="***77",
    ),
    visit("c", "support", "09:00:20", version=2, ended_at="09:00:23", outcome="abandoned", wait_s=3),
    visit("d", "sales", "09:00:30", version=2, ended_at="09:01:00", outcome="timed_out", wait_s=30),
    visit(
        "d",
        "support",
        "09:01:00",
        version=2,
        answered_at="09:01:25",
        outcome="answered",
        agent="Bob",
        wait_s=25,
        caller="***42",
    ),
    visit(
        "e",
        "support",
        "09:01:10",
        version=3,
        answered_at="09:01:30",
        ended_at="09:02:10",
        outcome="answered",
        agent="Ann",
        wait_s=20,
        talk_s=40,
        hold_s=5,
        wrap_s=3,
    ),
    visit("f", "support", "09:02:00", caller="***1", caller_key="one"),
    visit("g", "support", "09:02:10", caller="***2", caller_key="two", caller_name="Gus"),
    SourceStatus(source="pbx", at=at("08:00:00"), kind="alive", until=at("10:00:00")),
)


def test_a_day_at_its_end(tmp_path: Path) -> None:
    with store(tmp_path, DAY) as made:
        seen = floor(made, at("09:02:25"), zone=BERLIN)
    support, sales, totals = queue(seen, "support"), queue(seen, "sales"), seen.totals
    assert (support.offered, support.calls, support.answered, support.abandoned) == (7, 7, 3, 2)
    assert (support.short_abandoned, support.timed_out, support.lost, support.refused) == (1, 0, 0, None)
    # f has waited 25 s (longer than 20), g 15 s (not yet a miss): 2 in time of 7 - 1
    assert (support.waiting, support.longest_wait_s, support.answered_in_time) == (2, 25, 2)
    assert support.service_level == 2 / 6
    assert support.abandon_rate == 2 / 7
    assert support.asa_s == (10 + 25 + 20) / 3
    assert support.aht_s == (50 + (40 + 5 + 3)) / 2  # Bob still talks
    assert support.longest_wait_today_s == 25  # b; d in support is not over
    assert (sales.offered, sales.timed_out, sales.service_level) == (1, 1, 0.0)
    assert (sales.asa_s, sales.aht_s, sales.longest_wait_s, sales.waiting) == (None, None, None, 0)
    # d is one call and two visits
    assert (totals.offered, totals.calls, totals.queue) == (8, 7, None)
    assert totals.service_level == 2 / 7
    assert totals.longest_wait_today_s == 30
    assert [(w.call, w.position, w.name) for w in seen.waiting] == [("f", 1, None), ("g", 2, "Gus")]
    bob, ann = agent(seen, "Bob"), agent(seen, "Ann")
    assert (bob.state, bob.since, bob.state_s) == ("talking", at("09:01:25"), 60)
    assert (bob.in_queue, bob.with_caller, bob.answered, bob.talk_s) == ("support", "***42", 1, 0)
    # Calls alone do not tell whether she is there.
    assert (ann.state, ann.since, ann.answered, ann.talk_s) == ("unknown", None, 2, 90)
    counts(totals, unknown=1, talking=1)


def test_what_lies_later_is_hidden(tmp_path: Path) -> None:
    """09:00:22: a talks, b and c wait (17 s, 2 s), nothing else has happened yet."""
    with store(tmp_path, DAY) as made:
        seen = floor(made, at("09:00:22"), zone=BERLIN)
        support = queue(seen, "support")
        assert (support.offered, support.answered, support.abandoned, support.waiting) == (3, 1, 0, 2)
        assert (support.longest_wait_s, support.service_level) == (17, 1.0)
        assert support.aht_s is None
        assert support.longest_wait_today_s is None
        assert [row.agent for row in seen.agents] == ["Ann"]
        # at the very second of an answer and of an end both count; a second before they do not
        assert queue(floor(made, at("09:00:10"), zone=BERLIN), "support").answered == 1
        assert queue(floor(made, at("09:00:09"), zone=BERLIN), "support").answered == 0
        assert queue(floor(made, at("09:00:30"), zone=BERLIN), "support").abandoned == 2
        # before the first call nothing happened: dashes, not zeros per cent, and no alarm
        empty = floor(made, at("08:59:00"), zone=BERLIN)
        assert (empty.queues, empty.totals.offered, empty.totals.service_level) == ((), 0, None)
        assert (empty.totals.levels, empty.totals.waiting) == ((), 0)


def test_waiting_exactly_the_threshold_is_not_yet_a_miss(tmp_path: Path) -> None:
    with store(tmp_path, [visit("a", "q", "09:00:00")]) as made:
        assert queue(floor(made, at("09:00:20"), zone=BERLIN), "q").service_level is None
        assert queue(floor(made, at("09:00:21"), zone=BERLIN), "q").service_level == 0.0
        own = Config.model_validate({"queues": {"q": {"threshold_s": 60}}})
        assert queue(floor(made, at("09:00:21"), own, BERLIN), "q").service_level is None


def test_midnight(tmp_path: Path) -> None:
    """A caller who arrived before midnight waits on, but belongs to yesterday's counts."""
    records = [
        visit("old", "q", "2026-11-16T23:59:30"),
        visit(
            "talks",
            "q",
            "2026-11-16T23:58:00",
            answered_at="2026-11-16T23:58:05",
            outcome="answered",
            agent="Ann",
            wait_s=5,
        ),
        visit("new", "q", "2026-11-17T00:00:30"),
        told("Cid", "paused", "2026-11-16T23:00:00", "q", reason="lunch"),
    ]
    with store(tmp_path, records) as made:
        before, after = (
            floor(made, at("2026-11-16T23:59:59"), zone=BERLIN),
            floor(made, at("2026-11-17T00:01:00"), zone=BERLIN),
        )
        late = floor(made, at("2026-11-17T05:00:00"), Config(business_day_start="06:00"), BERLIN)
    assert (before.totals.offered, before.totals.waiting, before.totals.answered) == (2, 1, 1)
    assert (after.totals.offered, after.totals.waiting, after.totals.answered) == (1, 2, 0)
    assert after.totals.longest_wait_s == 90
    assert after.day_start == at("2026-11-17T00:00:00")
    assert (agent(after, "Ann").state, agent(after, "Ann").answered) == ("talking", 0)
    # paused an hour of the old day, a minute of the new one
    assert (agent(before, "Cid").paused_s, agent(after, "Cid").paused_s) == (3599, 60)
    assert agent(after, "Cid").since == at("2026-11-16T23:00:00")
    # a business day that starts at six still holds the calls of the evening
    assert (late.totals.offered, late.day_start) == (3, at("2026-11-16T06:00:00"))


def test_days_of_23_and_25_hours(tmp_path: Path) -> None:
    """Berlin, 2026-10-25: 03:00 comes twice; 2026-03-29: 02:00 never comes."""
    calls = [
        "2026-10-25T00:00:00+02:00",
        "2026-10-25T23:59:59+01:00",
        "2026-10-24T23:59:59+02:00",
        "2026-03-29T00:00:00+01:00",
        "2026-03-29T23:59:59+02:00",
        "2026-03-30T00:00:00+02:00",
    ]
    records = [
        visit(when, "q", when, ended_at=when, outcome="abandoned", wait_s=0, version=2) for when in calls
    ]
    with store(tmp_path, records) as made:
        autumn = floor(made, at("2026-10-25T23:59:59+01:00"), zone=BERLIN)
        spring = floor(made, at("2026-03-29T23:59:59+02:00"), zone=BERLIN)
        elsewhere = floor(made, at("2026-10-25T23:59:59+01:00"), zone=ZoneInfo("Asia/Shanghai"))
    assert (autumn.totals.offered, spring.totals.offered) == (2, 2)
    assert autumn.as_of - autumn.day_start == (25 * 3600 - 1) * S
    assert spring.as_of - spring.day_start == (23 * 3600 - 1) * S
    assert elsewhere.totals.offered == 1


def test_lost_and_talk_unknown(tmp_path: Path) -> None:
    """The system starts again at 09:05: who waited is lost, who talked stays answered, his talk unknown."""
    records = [
        visit("w", "q", "09:04:00", ended_at="09:05:00", outcome="lost", version=2),
        visit(
            "t",
            "q",
            "09:03:00",
            answered_at="09:03:08",
            ended_at="09:05:00",
            outcome="answered",
            agent="Ann",
            wait_s=8,
            version=3,
        ),
        visit(
            "x",
            "q",
            "09:01:00",
            answered_at="09:01:04",
            ended_at="09:02:04",
            outcome="answered",
            agent="Ann",
            wait_s=4,
            talk_s=60,
            version=3,
        ),
        SourceStatus(source="pbx", at=at("09:05:00"), kind="restart"),
    ]
    with store(tmp_path, records) as made:
        seen = floor(made, at("09:06:00"), zone=BERLIN)
        assert floor(made, at("09:04:59"), zone=BERLIN).totals.waiting == 1
    assert (seen.totals.offered, seen.totals.answered, seen.totals.lost, seen.totals.waiting) == (3, 2, 1, 0)
    assert (seen.totals.aht_s, seen.totals.asa_s) == (60, 6)
    assert (agent(seen, "Ann").talk_s, agent(seen, "Ann").state) == (60, "unknown")
    assert seen.totals.service_level == 2 / 3
    assert [(e.kind, e.level) for e in seen.log if e.kind in ("lost", "restart")] == [
        ("lost", "critical"),
        ("restart", "warning"),
    ]


def test_a_source_that_falls_silent(tmp_path: Path) -> None:
    """Heard until 09:02:00 with a promise of 5 s: late past 10 s, dark past 25 s; counts stay."""
    records = [
        *DAY[:-1],
        told("Ann", "ready", "08:00:00", "support"),
        SourceStatus(source="pbx", at=at("08:00:00"), kind="alive", until=at("09:02:20")),
    ]
    with store(tmp_path, records) as made:
        fresh = floor(made, at("09:02:30"), zone=BERLIN)
        late = floor(made, at("09:02:31"), zone=BERLIN)
        dark = floor(made, at("09:02:46"), zone=BERLIN)
        reader = made.reader()
        heard = snapshot(
            reader,
            at("09:02:46"),
            Config(),
            BERLIN,
            live=True,
            health={"pbx": Health(at("09:02:45"), None, (), 9, 0, ())},
        )
        failed = snapshot(
            reader,
            at("09:02:46"),
            Config(),
            BERLIN,
            live=True,
            health={"pbx": Health(at("09:02:20"), "login refused", (), 9, 0, ())},
        )
        reader.close()
    assert (fresh.sources[0].state, fresh.sources[0].age_s, fresh.totals.late) == ("ok", 10.0, False)
    assert (late.sources[0].state, late.totals.late, late.totals.dark) == ("stale", True, False)
    assert late.totals.waiting == 2
    row = queue(dark, "support")
    assert (row.dark, row.waiting, row.longest_wait_s, row.agents) == (True, None, None, None)
    assert (row.offered, dark.totals.agents, dark.waiting) == (7, None, ())
    assert (agent(dark, "Ann").state, agent(dark, "Ann").since, agent(dark, "Ann").answered) == (
        None,
        None,
        2,
    )
    assert (heard.sources[0].state, heard.totals.waiting, heard.sources[0].rows) == ("ok", 2, 9)
    assert (failed.sources[0].state, failed.sources[0].error) == ("failed", "login refused")


def test_gaps_and_failures(tmp_path: Path) -> None:
    records = [
        SourceStatus(source="pbx", at=at("08:00:00"), kind="alive", until=at("09:00:00")),
        SourceStatus(source="pbx", at=at("08:00:00"), kind="whole"),
        SourceStatus(source="pbx", at=at("09:00:10"), kind="failed", text="refused"),
        SourceStatus(source="pbx", at=at("09:00:20"), kind="failed", text="refused"),
        SourceStatus(source="pbx", at=at("09:00:00"), kind="gap", until=at("09:10:00")),
        SourceStatus(source="pbx", at=at("09:10:00"), kind="alive", until=at("09:30:00")),
    ]
    with store(tmp_path, records) as made:
        during, after = floor(made, at("09:05:00"), zone=BERLIN), floor(made, at("09:20:00"), zone=BERLIN)
    assert (during.sources[0].state, during.sources[0].error) == ("failed", "refused")
    assert during.sources[0].gaps == ((at("09:00:00"), at("09:05:00")),)
    assert (after.sources[0].state, after.sources[0].error) == ("ok", None)
    assert after.sources[0].complete_since == at("09:10:00")
    assert [(e.kind, e.value) for e in after.log] == [("recovered", None), ("failed", None), ("gap", 600.0)]


def test_hidden_queues_labels_order_and_limits(tmp_path: Path) -> None:
    own = Config.model_validate(
        {
            "queues": {
                "support": {
                    "label": "Help",
                    "order": 1,
                    "limits": {"waiting": [1, 2], "longest_wait_s": [10, 999]},
                },
                "sales": {"hide": True},
                "later": {"order": 2},
            },
            "agents": {"Bob": {"hide": True}},
        }
    )
    records = [
        *DAY,
        visit("h", "sales", "09:02:00", answered_at="09:02:01", outcome="answered", agent="Ann", wait_s=1),
    ]
    with store(tmp_path, records) as made:
        seen = floor(made, at("09:02:25"), own, BERLIN)
        only = floor(made, at("09:02:25"), Config(only_queues=("sales",)), BERLIN)
    assert [(row.queue, row.label) for row in seen.queues] == [("support", "Help"), ("later", "later")]
    assert (seen.totals.offered, queue(seen, "later").offered, queue(seen, "later").waiting) == (7, 0, 0)
    assert dict(queue(seen, "support").levels) == {
        "waiting": "critical",
        "longest_wait_s": "warning",
        "service_level": "critical",
        "abandon_rate": "critical",
    }
    assert queue(seen, "later").levels == ()
    assert [row.agent for row in seen.agents] == ["Ann"]
    assert agent(seen, "Ann").state == "busy"  # on a call of a queue that this board does not show
    counts(seen.totals, busy=1, talking=1)
    assert ([row.queue for row in only.queues], only.totals.offered) == (["sales"], 2)
    assert (agent(only, "Ann").answered, [row.agent for row in only.agents]) == (1, ["Ann"])


def test_nth_call_today(tmp_path: Path) -> None:
    def call(n: str, when: str, **more: object) -> Contact:
        return visit(n, "q", when, caller_key="k", caller="***9", **more)

    records = [
        call(
            "0",
            "2026-11-15T12:00:00",
            ended_at="2026-11-15T12:00:09",
            outcome="abandoned",
            wait_s=9,
            version=2,
        ),
        call("1", "08:00:00", ended_at="08:00:09", outcome="abandoned", wait_s=9, version=2),
        call("1", "08:00:09", nth=2, ended_at="08:00:19", outcome="abandoned", wait_s=9, version=2),
        call("2", "09:00:00"),
        call("3", "09:00:05"),
        visit("4", "q", "09:00:07"),
    ]
    with store(tmp_path, records) as made:
        seen = floor(made, at("09:00:10"), zone=BERLIN)
    assert [(w.call, w.nth_today, w.position) for w in seen.waiting] == [
        ("2", 2, 1),
        ("3", 3, 2),
        ("4", 1, 3),
    ]


def test_intervals_and_those_below_target(tmp_path: Path) -> None:
    with store(
        tmp_path,
        [
            *DAY,
            visit(
                "z", "support", "09:16:00", answered_at="09:16:01", outcome="answered", agent="Ann", wait_s=1
            ),
        ],
    ) as made:
        open_yet = floor(made, at("09:14:59"), zone=BERLIN)
        closed = floor(made, at("09:17:00"), zone=BERLIN)
    assert {i.level for i in closed.intervals if i.answered_in_time < i.offered} == {"critical"}
    assert {i.level for i in closed.intervals if i.answered_in_time == i.offered} == {""}
    rows = [(i.queue, i.start, i.offered, i.answered_in_time) for i in closed.intervals]
    assert rows == [
        (None, at("09:00:00"), 8, 2),
        (None, at("09:15:00"), 1, 1),
        ("sales", at("09:00:00"), 1, 0),
        ("support", at("09:00:00"), 7, 2),
        ("support", at("09:15:00"), 1, 1),
    ]
    assert not [e for e in open_yet.log if e.kind == "below_target"]
    assert [(e.at, e.queue, e.value) for e in closed.log if e.kind == "below_target"] == [
        (at("09:15:00"), "sales", 0.0),
        (at("09:15:00"), "support", 2 / 7),
    ]


def test_late_data_changes_the_past(tmp_path: Path) -> None:
    """One reader, before and after: what it keeps of the past must not hide what arrives late."""
    with store(
        tmp_path, [told("Ann", "ready", "2026-11-15T08:00:00", "q"), told("Ann", "ready", "08:00:00", "q")]
    ) as made:
        reader = made.reader()

        def look() -> tuple[str | None, int]:
            row = agent(snapshot(reader, at("12:00:00"), Config(), BERLIN), "Ann")
            return row.state, row.paused_s

        assert look() == ("ready", 0)
        made.apply(
            Batch("pbx", (told("Ann", "paused", "09:00:00", "q"), told("Ann", "ready", "09:10:00", "q")))
        )
        assert look() == ("ready", 600)
        made.apply(Batch("pbx", (told("Ann", "paused", "2026-11-15T23:00:00", "q"),)))
        assert look() == ("ready", 8 * 3600 + 600)
        made.apply(
            Batch(
                "pbx",
                (
                    told("Bea", "ready", "2026-11-15T23:00:00", "q", interface="P/9"),
                    told("", "paused", "11:00:00", "q", interface="P/9"),
                ),
            )
        )
        assert agent(snapshot(reader, at("12:00:00"), Config(), BERLIN), "Bea").paused_s == 3600
        reader.close()


def test_the_number_of_questions_does_not_grow(tmp_path: Path) -> None:
    def asked(folder: str, records: list[Record]) -> int:
        with store(tmp_path / folder, records) as made:
            reader = made.reader()
            snapshot(reader, at("09:02:25"), Config(), BERLIN)
            count, execute = 0, reader._execute

            def counting(sql: str, params: object) -> list[tuple[object, ...]]:
                nonlocal count
                count += 1
                return execute(sql, params)  # type: ignore[arg-type]

            reader._execute = counting  # type: ignore[method-assign]
            snapshot(reader, at("09:02:26"), Config(), BERLIN)
            reader.close()
            return count

    many = [
        visit(
            str(n),
            f"q{n % 20}",
            "09:00:00",
            caller_key=str(n),
            agent=f"agent{n % 30}",
            answered_at="09:00:09" if n % 2 else "09:00:01",
            outcome="answered",
        )
        for n in range(300)
    ]
    many += [visit(f"w{n}", f"q{n % 20}", "09:00:00", caller_key=str(n)) for n in range(100)]
    few = asked("few", list(DAY))
    assert few == asked("many", [*DAY, *many])
    assert few <= 16
