"""Callers turned away at the door: told in one way or two, counted once, null where never told."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from stores import S, floor, queue, store
from test_asterisk_gotchas import T, ami, at, event, log, status

from ccboard.config import Config
from ccboard.figures import public
from ccboard.records import Batch, Contact, QueueCounters, QueueKnown, Refusal
from ccboard.store.store import Store
from sources.asterisk.reducer import Reducer

UTC = ZoneInfo("UTC")
LINE = "1.9|support|NONE|CCBOARD_REFUSED|FULL"


def told(run: Any) -> list[tuple[Any, ...]]:
    return [(r.call, r.queue, r.nth, r.at, r.reason) for r in run.others if isinstance(r, Refusal)]


def said(call: str = "1.9", **fields: str) -> Any:
    return event("UserEvent", **{"UserEvent": "CCBoardRefused", "Channel": "PJSIP/5-1", "Uniqueid": call,
                                 "Queue": "support", "Reason": "FULL", **fields})


def test_a_line_of_the_log_and_a_user_event_say_the_same() -> None:
    assert told(log(at(3, LINE))) == [("1.9", "support", 1, (T + 3) * S, "FULL")]
    assert told(ami((3, said()))) == [("1.9", "support", 1, (T + 3) * S, "FULL")]
    assert told(ami((3, said(UserEvent="ccboardREFUSED")), (4, said(UserEvent="Other")))) == [
        ("1.9", "support", 1, (T + 3) * S, "FULL")]


def test_it_is_no_visit_and_the_queue_is_known() -> None:
    run = log(at(3, LINE))
    assert run.contacts == {}
    assert [r.queue for r in run.others if isinstance(r, QueueKnown)] == ["support"]
    assert run.reducer.own_events == {}


def test_what_cannot_be_used_is_said() -> None:
    [reject] = log(at(3, "NONE|support|NONE|CCBOARD_REFUSED|FULL")).rejects
    assert "without a call or a queue" in reject.reason
    [reject] = ami((3, event("UserEvent", UserEvent="CCBoardRefused", Uniqueid="1"))).rejects
    assert "no Queue" in reject.reason
    assert told(log(at(3, "1.9|support|NONE|CCBOARD_REFUSED"))) == [("1.9", "support", 1, (T + 3) * S, None)]


def test_by_both_ways_in_any_order_it_is_one(tmp_path: Path) -> None:
    run = ami((3.2, said()), (60.4, said()), log=True)  # the same call tries twice
    log(at(3, LINE), at(60, LINE), run=run)
    reports = [r for r in run.others if isinstance(r, Refusal)]
    assert len(reports) == 4
    for number, order in enumerate((reports, reports[::-1])):
        (tmp_path / str(number)).mkdir()
        with store(tmp_path / str(number), order) as made:
            assert made.apply(Batch("pbx", tuple(reports))) == 0
            assert rows(made) == [("1.9", "support", 1, (T + 3) * S), ("1.9", "support", 2, (T + 60) * S)]


def rows(made: Store) -> list[tuple[Any, ...]]:
    reader = made.reader()
    try:
        return reader.rows("SELECT call, queue, nth, epoch_us(moment) FROM refusals ORDER BY moment")
    finally:
        reader.close()


def test_a_kept_state_goes_on_counting() -> None:
    run = log(at(3, LINE))
    run.again()
    log(at(60, LINE), run=run)
    assert [r[2] for r in told(run)] == [1, 2]
    old = Reducer("pbx", log=True).state().replace(',"refusals":[]', "")
    again = Reducer("pbx", log=True, state=old)
    assert again.drain()[1] == []


def refusal(call: str, clock: int, name: str = "support") -> Refusal:
    return Refusal(source="pbx", call=call, queue=name, at=clock * S, reason="FULL")


DAY = 1_795_219_200  # 2026-11-21 00:00 UTC
RECORDS = (
    QueueKnown(source="pbx", queue="support", at=(DAY - 90_000) * S),
    QueueKnown(source="pbx", queue="sales", at=(DAY - 90_000) * S),
    QueueKnown(source="pbx", queue="night", at=(DAY - 90_000) * S),
    Contact(source="pbx", call="1", queue="support", offered_at=(DAY + 10) * S, ended_at=(DAY + 20) * S,
            outcome="abandoned", wait_s=10.0),
    refusal("a", DAY - 3600), refusal("b", DAY + 60), refusal("c", DAY + 120),
    refusal("d", DAY - 7200, "sales"),
)


@pytest.mark.parametrize("warm", [False, True])
def test_on_the_floor_today_counts_and_who_was_never_told_of_is_unknown(tmp_path: Path, warm: bool) -> None:
    with store(tmp_path, RECORDS) as made:
        reader = made.reader()
        if warm:
            from ccboard.metrics.floor import snapshot

            counts = []
            for clock in (DAY + 30, DAY + 60, DAY + 61, DAY + 119, DAY + 120):
                seen = snapshot(reader, clock * S, Config(), UTC)
                counts.append((queue(seen, "support").refused, queue(seen, "sales").refused,
                               queue(seen, "night").refused, seen.totals.refused))
            assert counts == [(0, 0, None, 0), *[(1, 0, None, 1)] * 3, (2, 0, None, 2)]
            made.apply(Batch("pbx", (refusal("e", DAY + 121), refusal("f", DAY + 125, "night"))))
            seen = snapshot(reader, (DAY + 125) * S, Config(), UTC)
            assert [row.refused for row in (queue(seen, "support"), queue(seen, "night"))] == [3, 1]
            assert seen.totals.refused == 4
        else:
            before = floor(made, (DAY - 7201) * S)
            assert (queue(before, "support").refused, before.totals.refused) == (None, None)
            seen = floor(made, (DAY + 100) * S)
            assert [queue(seen, name).refused for name in ("support", "sales", "night")] == [1, 0, None]
            assert queue(seen, "support").offered == 1
        reader.close()


def ask(made: Store, config: Config | None = None, **words: str) -> dict[str, Any]:
    reader = made.reader()
    try:
        return public.tabled(reader, {"kpi": "refused,offered", **words}, config or Config(), UTC,
                             (DAY + 3600) * S)
    finally:
        reader.close()


def test_in_the_figures(tmp_path: Path) -> None:
    with store(tmp_path, RECORDS) as made:
        assert ask(made)["rows"] == [{"refused": 2, "offered": 1}]
        assert ask(made, from_="2026-11-20")["rows"] == [{"refused": 2, "offered": 1}]
        everything = {"from": "2026-11-20"}
        assert ask(made, **everything, by="queue")["rows"] == [
            {"queue": "sales", "refused": 1, "offered": 0}, {"queue": "support", "refused": 3, "offered": 1}]
        assert ask(made, **everything, by="day", where="queue=support")["rows"] == [
            {"day": "2026-11-20", "refused": 1, "offered": 0},
            {"day": "2026-11-21", "refused": 2, "offered": 1}]
        clients = Config.model_validate({"queues": {
            "support": {"project": "acme"}, "sales": {"project": "acme"}, "night": {"project": "basalt"}}})
        hello = Contact(source="other", call="2", queue="night", offered_at=(DAY + 30) * S,
                        ended_at=(DAY + 40) * S, outcome="abandoned", wait_s=10.0)
        made.apply(Batch("other", (hello,)))
        assert ask(made, clients, by="project")["rows"] == [
            {"project": "acme", "refused": 2, "offered": 1},
            {"project": "basalt", "refused": None, "offered": 1}]
        assert ask(made, clients, where="project=basalt")["rows"] == [{"refused": None, "offered": 1}]
        assert ask(made, clients, where="project=acme", by="hour")["rows"] == [
            {"hour": 0, "refused": 2, "offered": 1}]
        assert ask(made, by="source")["rows"] == [
            {"source": "other", "refused": None, "offered": 1}, {"source": "pbx", "refused": 2, "offered": 1}]
        assert ask(made, where="queue=night")["rows"] == [{"refused": None, "offered": 1}]
        assert ask(made, by="agent")["notes"][0].startswith("refused: not known by agent")
        reader = made.reader()
        listed = public.visited(reader, {"kpi": "refused"}, Config(), UTC, (DAY + 3600) * S, named=True)
        reader.close()
        assert [(row["call"], row["outcome"], row["numerator"]) for row in listed["rows"]] == [
            ("c", "FULL", 1), ("b", "FULL", 1)]
        assert (listed["total"], listed["numerator"]) == (2, 2)
    (tmp_path / "none").mkdir()
    with store(tmp_path / "none", RECORDS[:4]) as made:
        assert ask(made)["rows"] == [{"refused": None, "offered": 1}]
        assert "no dialplan has reported" in ask(made)["notes"][0]


# -- what the phone system counts itself -------------------------------------------------------------------


def lists(*counts: tuple[float, int, int]) -> list[tuple[Any, ...]]:
    messages = [(second, message) for second, completed, abandoned in counts
                for message in status(Completed=completed, Abandoned=abandoned, Holdtime=7, TalkTime=30)]
    run = ami(*messages)
    return [(r.since // S - T, r.at // S - T, r.completed, r.abandoned, r.hold_s, r.talk_s)
            for r in run.others if isinstance(r, QueueCounters)]


def test_counters_are_told_as_growth_since_the_first_list() -> None:
    assert lists((0, 100, 9), (70, 102, 9), (80, 103, 9), (140, 105, 10)) == [
        (0, 70, 2, 0, 7, 30), (0, 140, 5, 1, 7, 30)]
    assert lists((0, 100, 9), (70, 100, 9), (500, 100, 9)) == [(0, 70, 0, 0, 7, 30)]


def test_counters_that_go_down_begin_anew() -> None:
    assert lists((0, 100, 9), (70, 101, 9), (140, 1, 0), (210, 4, 1)) == [
        (0, 70, 1, 0, 7, 30), (140, 210, 3, 1, 7, 30)]


def test_of_an_hour_the_latest_is_kept(tmp_path: Path) -> None:
    def counted(clock: int, completed: int) -> QueueCounters:
        return QueueCounters(source="pbx", queue="q", since=DAY * S, at=(DAY + clock) * S,
                             completed=completed, abandoned=0)

    several = (counted(60, 1), counted(3000, 2), counted(3700, 3))
    for number, order in enumerate((several, several[::-1])):
        (tmp_path / str(number)).mkdir()
        with store(tmp_path / str(number)) as made:
            for one in order:
                made.apply(Batch("pbx", (one,)))
            reader = made.reader()
            assert reader.rows("SELECT completed FROM counters ORDER BY moment") == [(2,), (3,)]
            reader.close()
