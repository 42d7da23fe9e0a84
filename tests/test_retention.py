"""Retention: what is too old goes, step by step, and nothing that was deleted is taken for zero calls."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from stores import S, floor, store

from ccboard.archive import cut
from ccboard.callers import Callers
from ccboard.config import Config, Retention
from ccboard.desk.history import Feeds
from ccboard.figures import public
from ccboard.hub.retention import RetentionKeeper, begin_of
from ccboard.metrics.floor import snapshot
from ccboard.records import (
    Action,
    AgentState,
    Batch,
    Contact,
    Offer,
    QueueCounters,
    Record,
    Refusal,
    Score,
    SourceStatus,
)
from ccboard.snapshot import to_wire
from ccboard.store import retention
from ccboard.store.rows import micros
from ccboard.store.store import Store

BERLIN = ZoneInfo("Europe/Berlin")


def at(day: int, hour: int = 0, minute: int = 0) -> int:
    """Return a moment of the days around 20 March 2026 by Berlin's clock, which changes on the 29th."""
    moment = datetime(2026, 3, 20, tzinfo=BERLIN) + timedelta(days=day)
    return round(moment.replace(hour=hour, minute=minute).astimezone(UTC).timestamp()) * S


def visits(day: int, n: int = 4, source: str = "pbx") -> list[Record]:
    return [
        Contact(source=source, call=f"{day}-{k}", queue="q", offered_at=at(day, 9, k),
                answered_at=at(day, 9, k) + S, ended_at=at(day, 9, k) + 60 * S, outcome="answered",
                agent="Ann", wait_s=1.0, talk_s=59.0, caller=f"+493012345{k:04}", caller_name="Anna Berg")
        for k in range(n)
    ]


def ten_days() -> list[Record]:
    """Return ten days of a floor that somebody opened on the first and never left."""
    callers = Callers("masked", b"k" * 32)
    records: list[Record] = []
    for day in range(10):
        records += [callers.apply(v) for v in visits(day) if isinstance(v, Contact)]
        records += [
            Offer(source="pbx", call=f"{day}-0", queue="q", agent="Ann", started_at=at(day, 9) - S,
                  ended_at=at(day, 9) + S, ring_s=2.0, result="answered"),
            AgentState(source="pbx", agent="Ann", at=at(day, 8), state="ready", queue="q",
                       team="North" if day == 0 else None),
            AgentState(source="pbx", agent="Ann", at=at(day, 12), state="paused", queue="q", reason="Lunch"),
            SourceStatus(source="pbx", at=at(day, 7), kind="alive", until=at(day, 18)),
            SourceStatus(source="pbx", at=at(day, 6), kind="failed", text="hung up"),
            SourceStatus(source="pbx", at=at(day, 6, 30), kind="note", text="a note"),
            Action(source="pbx", key=f"k{day}", at=at(day, 10), kind="note", about="surge:q", who="Ann"),
            Score(source="pbx", key=f"s{day}", at=at(day, 10), kind="csat", value=4.0, call=f"{day}-0"),
            Refusal(source="pbx", call=f"r{day}", queue="q", at=at(day, 11)),
            QueueCounters(source="pbx", queue="q", since=at(day, 7), at=at(day, 17), completed=4,
                          abandoned=0),
        ]
    return [*records, AgentState(source="pbx", agent="Old", at=at(0, 8), state="ready", queue="q"),
            SourceStatus(source="pbx", at=at(0, 7), kind="whole"),
            SourceStatus(source="pbx", at=at(2, 9), kind="gap", until=at(2, 10)),
            Contact(source="pbx", call="stuck", queue="q", offered_at=at(1, 9)),
            Offer(source="pbx", call="stuck", queue="q", agent="Ann", started_at=at(1, 9))]


def keeper(of: Store, now: Callable[[], int], **days: int) -> RetentionKeeper:
    config = Config(retention=Retention(**days))
    return RetentionKeeper(of, lambda work: work(), lambda: config, lambda: BERLIN, now)


@pytest.fixture
def kept(tmp_path: Path) -> Any:
    made = store(tmp_path, ten_days())
    try:
        yield made
    finally:
        made.close()


def rows(of: Store, sql: str) -> list[tuple[Any, ...]]:
    reader = of.reader()
    try:
        return reader.rows(sql)
    finally:
        reader.close()


def days_of(of: Store, relation: str, moment: str) -> list[int]:
    """Return the days, counted from the first, of which there is anything."""
    found = rows(of, f"SELECT DISTINCT epoch_us({moment}) FROM {relation}")
    return sorted({(us - at(0)) // (24 * 3600 * S) for (us,) in found})


ALL = {"contacts": ("visits", "offered_at"), "offers": ("offers", "ended_at"),
       "actions": ("actions", "moment"),
       "agent_states": ("(SELECT * FROM agent_states WHERE agent = 'Ann' AND team IS NULL)", "moment"),
       "scores": ("scores", "moment"), "events": ("(SELECT * FROM events WHERE kind = 'note')", "moment")}


@pytest.mark.parametrize("key", ALL)
def test_each_table_keeps_so_many_days_and_nothing_else_goes(kept: Store, key: str) -> None:
    before = {name: days_of(kept, *place) for name, place in ALL.items()}
    changed = keeper(kept, lambda: at(9, 15), **{key: 3}).look()
    assert changed[key] > 0
    for name, place in ALL.items():
        expected = [6, 7, 8, 9] if name == key else before[name]
        if name == key == "agent_states":
            expected = [5, 6, 7, 8, 9]  # the last state of before
        assert days_of(kept, *place) == expected, name


@pytest.mark.parametrize(("key", "with_it"), [("contacts", "refusals"), ("events", "counters")])
def test_what_belongs_to_them_goes_with_them(kept: Store, key: str, with_it: str) -> None:
    others = {"refusals", "counters"} - {with_it}
    keeper(kept, lambda: at(9, 15), **{key: 3}).look()
    assert days_of(kept, with_it, "moment") == [6, 7, 8, 9]
    assert all(days_of(kept, other, "moment") == list(range(10)) for other in others)


def test_without_a_setting_nothing_goes(kept: Store) -> None:
    before = {name: days_of(kept, *place) for name, place in ALL.items()}
    revision = kept.journal.revision
    assert keeper(kept, lambda: at(9, 15)).look() == {}
    assert {name: days_of(kept, *place) for name, place in ALL.items()} == before
    assert kept.journal.revision == revision


def test_numbers_and_names_go_and_visits_stay(kept: Store) -> None:
    def counted() -> Any:
        return public.tabled(kept.reader(), {"kpi": "offered,answered,aht_s,repeat_rate_7d", "by": "day",
                                             "from": "2026-03-20"}, Config(), BERLIN, at(9, 15))["rows"]
    figures = counted()
    changed = keeper(kept, lambda: at(9, 15), callers=3).look()
    assert changed == {"callers": 6 * 4}
    assert days_of(kept, "(SELECT * FROM visits WHERE caller IS NOT NULL)", "offered_at") == [6, 7, 8, 9]
    assert days_of(kept, "(SELECT * FROM visits WHERE caller_name IS NOT NULL)", "offered_at") == [6, 7, 8, 9]
    assert counted() == figures
    assert keeper(kept, lambda: at(9, 15), callers=3).look() == {"callers": 0}


def test_deleted_visits_are_a_gap_and_not_days_without_calls(kept: Store) -> None:
    keeper(kept, lambda: at(9, 15), contacts=3).look()
    assert cut.held(kept.reader())["pbx"].missing == ((at(0, 7), at(6)),)
    [today] = floor(kept, at(9, 15), zone=BERLIN).sources
    [first] = floor(kept, at(6, 15), zone=BERLIN).sources
    [before] = floor(kept, at(4, 15), zone=BERLIN).sources
    assert today.complete_since == first.complete_since == at(6) - 1
    assert not today.gaps
    assert before.complete_since == at(4, 15)  # nothing is whole by then
    assert before.gaps == ((at(4), at(4, 15)),)
    gaps = Feeds.read(kept.reader(), at(0), at(9, 15)).gaps["pbx"]  # for forecast and surges
    assert (at(0, 7), at(6) - 1) in gaps
    said = public.tabled(kept.reader(), {"kpi": "offered", "by": "day", "from": "2026-03-20"}, Config(),
                         BERLIN, at(9, 15))
    assert [row["day"] for row in said["rows"]] == ["2026-03-26", "2026-03-27", "2026-03-28", "2026-03-29"]
    assert said["notes"] == ["pbx: nothing is kept of the time from 2026-03-20 07:00 to 2026-03-26"]
    later = public.tabled(kept.reader(), {"kpi": "offered", "from": "2026-03-27"}, Config(), BERLIN,
                          at(9, 15))
    assert later["notes"] == []


def test_the_gap_grows_with_the_days(kept: Store) -> None:
    now = [at(8, 15)]
    one = keeper(kept, lambda: now[0], contacts=3)
    one.look()
    assert one.look() == {}  # once a day
    now[0] = at(9, 0, 1)
    assert one.look() == {"contacts": 4 + 1}  # visits, and one who was turned away
    assert cut.held(kept.reader())["pbx"].missing == ((at(0, 7), at(6)),)
    assert len(rows(kept, "SELECT 1 FROM events WHERE text = 'not kept here'")) == 1


def test_a_source_that_tells_of_later_has_no_gap(kept: Store) -> None:
    kept.register("new", "test", 5.0, frozenset())
    kept.apply(Batch("new", tuple(visits(8, source="new"))))
    keeper(kept, lambda: at(9, 15), contacts=3).look()
    assert {source: one.missing for source, one in cut.held(kept.reader()).items()}["new"] == ()


def test_hours_of_deleted_states_are_said_not_to_be_kept(kept: Store) -> None:
    keeper(kept, lambda: at(9, 15), agent_states=3, offers=5).look()

    def notes(kpi: str, begin: str) -> list[str]:
        said: list[str] = public.tabled(kept.reader(), {"kpi": kpi, "from": begin}, Config(), BERLIN,
                                        at(9, 15))["notes"]
        return said

    assert notes("occupancy", "2026-03-20") == ["hours of agents from before 2026-03-26 are not kept"]
    assert notes("offered", "2026-03-20") == notes("occupancy", "2026-03-26") == []


def test_the_last_state_of_everybody_and_the_last_word_of_a_source_stay(kept: Store) -> None:
    moments = [at(6), at(6, 7), at(8, 13), at(9, 15)]
    before = [to_wire(floor(kept, moment, zone=BERLIN)) for moment in moments]
    keeper(kept, lambda: at(9, 15), agent_states=3, events=3, offers=3, actions=3, scores=3).look()
    assert rows(kept, "SELECT count(*) FROM agent_states WHERE agent = 'Old'") == [(1,)]
    assert rows(kept, "SELECT count(*) FROM events WHERE kind IN ('gap', 'whole')") == [(2,)]
    assert [to_wire(floor(kept, moment, zone=BERLIN)) for moment in moments] == before


def test_figures_that_a_reader_keeps_stay_right(kept: Store) -> None:
    """The live ones go on without a look at the tables; those of a day that goes begin anew."""
    live, past = kept.reader(), kept.reader()

    def look(reader: Any, moment: int) -> Any:
        return to_wire(snapshot(reader, moment, Config(), BERLIN))

    for second in (0, 1, 2):  # the first look is taken for the only one
        look(live, at(9, 15) + second * S)
        look(past, at(4, 15) + second * S)
    first = live.scratch["kept"]
    keeper(kept, lambda: at(9, 15), callers=3, agent_states=3, offers=3).look()
    assert look(live, at(9, 15, 1)) == to_wire(floor(kept, at(9, 15, 1), zone=BERLIN))
    assert live.scratch["kept"] is first
    assert look(past, at(5, 15)) == to_wire(floor(kept, at(5, 15), zone=BERLIN))
    keeper(kept, lambda: at(9, 15), contacts=3).look()
    assert look(past, at(5, 15)) == to_wire(floor(kept, at(5, 15), zone=BERLIN))
    assert look(live, at(9, 15, 1)) == to_wire(floor(kept, at(9, 15, 1), zone=BERLIN))


def test_steps_are_small(kept: Store, monkeypatch: Any) -> None:
    monkeypatch.setattr(retention, "ROWS", 2)
    found = list(retention.steps(kept.reader(), "contacts", datetime(2026, 3, 26)))
    assert len(found) > 6
    assert all(step.begin < step.end <= step.begin + timedelta(days=1) for step in found)
    changes = [kept.change(step.run, step.end) for step in found]
    assert sum(changes) == 6 * (4 + 1) + 1
    assert min(micros(row[0]) for row in rows(kept, "SELECT offered_at FROM visits")) >= at(6)


def test_the_log_says_what_went(kept: Store, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "ccboard.hub.retention"):
        keeper(kept, lambda: at(9, 15), contacts=3, callers=1).look()
    assert [record.getMessage() for record in caplog.records] == [
        "retention: 31 rows of contacts from before 2026-03-26 deleted, kept for 3 days",
        "retention: 8 rows of callers from before 2026-03-28 blanked, kept for 1 days",
    ]


def test_it_works_by_itself_and_ends_between_steps(kept: Store) -> None:
    seen = threading.Event()

    def call(work: Callable[[], int]) -> int:
        seen.set()
        return work()

    config = Config(retention=Retention(contacts=3))
    one = RetentionKeeper(kept, call, lambda: config, lambda: BERLIN, lambda: at(9, 15))
    one.start()
    assert seen.wait(20)
    one.stop(20)
    again = keeper(kept, lambda: at(9, 15), contacts=3)
    again.look()
    assert days_of(kept, "visits", "offered_at") == [6, 7, 8, 9]


@pytest.mark.parametrize(("today", "days", "then"), [
    (at(9), 3, at(6)), (at(10), 1, at(9)), (at(11), 2, at(9))])
def test_days_are_business_days(today: int, days: int, then: int) -> None:
    assert begin_of(today, days, BERLIN, "00:00") == then
    assert begin_of(today + 6 * 3600 * S, days, BERLIN, "06:00") in (then + 6 * 3600 * S, then + 5 * 3600 * S)
    assert begin_of(today, 36_500, BERLIN, "00:00") < 0
