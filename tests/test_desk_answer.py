"""The alarm on the store's own past, the schedule for days to come, and the panel of a whole hub."""

import csv
import io
import json
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_desk_watching import BERLIN, CLOSE, LIFT, MONDAY, OPEN, SURGE_AT, at, calls, staged, today_in

from ccboard.commands.offline import read
from ccboard.commands.staff import COLUMNS, _csv, next_monday
from ccboard.config import Config, parse
from ccboard.desk import acts as acting
from ccboard.desk import looking_back
from ccboard.desk.acts import Act, renewals
from ccboard.desk.answer import alarms, staff
from ccboard.desk.days import Days
from ccboard.desk.desk import Desk
from ccboard.desk.watching import Reading, Watching
from ccboard.errors import UsageError
from ccboard.metrics.floor import snapshot
from ccboard.panel_surge import to_public
from ccboard.paths import store_paths
from ccboard.records import Action, AgentState, Batch, SourceStatus
from ccboard.snapshot import iso
from ccboard.staffing.demand import Work, needed
from ccboard.store.reader import Reader
from ccboard.store.store import Store

TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fifteen weeks and a Monday with a surge in support."""
    path: Path = tmp_path_factory.mktemp("answer") / "x.duckdb"
    with Store.open(path) as made:
        made.register("pbx", "test", 5.0, frozenset())
        staged(made, 105, 11)
        today_in(made, calls(MONDAY, np.random.default_rng(8), LIFT), "23:59")
    return path


@pytest.fixture
def store(past: Path, tmp_path: Path) -> Store:
    shutil.copy(past, tmp_path / "x.duckdb")
    return Store.open(tmp_path / "x.duckdb")


def test_the_past_has_its_one_surge(store: Store) -> None:
    with store:
        words = {"days": "7", "queue": "support"}
        said = alarms(store.reader(60), words, Config(), BERLIN, at("07:00", TUESDAY))
        [queue] = said["queues"]
        assert (queue["days"], queue["outages"]) == (5, 0)
        [one] = [row for row in queue["list"] if not row["false"]]
        assert one["day"] == MONDAY.isoformat()
        began = int(one["began"][:2]) * 60 + int(one["began"][3:])
        assert abs(began - SURGE_AT) <= 5
        assert 1 <= one["delay_min"] <= 35
        assert abs(one["lift"] - (LIFT - 1)) < 0.15
        assert queue["median_delay_min"] == one["delay_min"]


def test_the_schedule_has_the_calls_that_come_and_the_heads_for_them(store: Store) -> None:
    """6 calls a minute from 8 to 11: 180 in half an hour, 200 s each as the calls of the past."""
    with store:
        words = {"days": "2", "queue": "support", "from": "2026-11-18"}
        said = staff(store.reader(60), words, Config(), BERLIN, at("07:00", TUESDAY))
        [queue] = said["queues"]
        rows = queue["intervals"]
        assert [row["time"] for row in rows[:6]] == ["08:00", "08:30", "09:00", "09:30", "10:00", "10:30"]
        assert len(rows) == 2 * (CLOSE - OPEN) // 30
        for row in rows:
            assert abs(row["calls"] / 180 - 1) < 0.1
            assert row["lo95"] <= row["lo80"] < row["calls"] < row["hi80"] <= row["hi95"]
            assert row["agreed_lo"] == pytest.approx(row["calls"] * 0.95, abs=0.11)
            work = Work(queue["aht_s"], queue["patience_s"], 20.0, 0.8)
            assert row["heads"] == needed(row["calls"] * 2, work)
            assert row["scheduled"] - 1 < row["heads"] / 0.7 <= row["scheduled"]
        assert queue["aht_s"] == 195.0  # talk of the past: staged without ring and wrap-up
        assert 0 < queue["error"]["wape"] < 0.2
        table = list(csv.reader(io.StringIO(_csv(said))))
        assert tuple(table[0]) == COLUMNS
        assert table[1][:3] == ["2026-11-18", "08:00", "support"]


@pytest.mark.parametrize(("queue", "factors"), [
    ("support", [1.5]), ("support", [1.2, 1.25]), ("*", [1.5])])
def test_the_schedule_has_what_was_called_the_new_normal(store: Store, queue: str, factors: list[float]
                                                         ) -> None:
    """Said on Tuesday at 9:30: from then on, and on all days to come, 1.5 times (of the centre, too)."""
    told = tuple(Action(source="people", key=f"{n}", at=at("09:30", TUESDAY), kind="new_normal",
                        about=f"surge:{queue}", who="Chen", value=factor) for n, factor in enumerate(factors))

    def calls_of(made: Store) -> dict[tuple[str, str], float]:
        said = staff(made.reader(60), {"days": "3", "queue": queue}, Config(), BERLIN, at("10:00", TUESDAY))
        return {(row["date"], row["time"]): row["calls"] for row in said["queues"][0]["intervals"]}

    with store:
        before = calls_of(store)
        store.apply(Batch("people", told))
        after = calls_of(store)
    assert {start: round(after[start] / before[start], 2) for start in before} == {
        start: 1.0 if start < ("2026-11-17", "09:30") else 1.5 for start in before}
    assert len(before) == 18


def test_the_past_is_judged_by_the_new_normal_as_the_watch_does(store: Store) -> None:
    """Monday's surge was called the new normal at 9:45, and Tuesday is as busy: no surge any more."""
    wednesday = TUESDAY + timedelta(days=1)
    said = Action(source="people", key="1", at=at("09:45"), kind="new_normal", about="surge:support",
                  who="Chen", value=LIFT)
    heard = SourceStatus(source="pbx", at=at("23:59"), kind="alive", until=at("07:00", wednesday))

    def watched(reader: Reader, moment: int) -> Reading:
        return Watching(Config(), Days(BERLIN)).read(reader, moment, acting.read(reader, 0, moment))

    def raised(reader: Reader) -> list[tuple[str, str, str, bool]]:
        """Return the alarms of support: those that the watch had, and that each list of past ones has."""
        asked = alarms(reader, {"days": "2", "queue": "support"}, Config(), BERLIN, at("07:00", wednesday))
        [queue] = asked["queues"]
        found = [(one["day"], one["raised"], one["cleared"], one["false"]) for one in queue["list"]]
        live = [(each.day.isoformat(), change.event, "{:02}:{:02}".format(*divmod(change.minute + 1, 60)))
                for each in (watched(reader, at("23:58")), watched(reader, at("23:58", TUESDAY)))
                for change in each.changes
                if change.row == each.fitted.row("support") and change.event != "change"]
        assert live == [said for day, first, last, _ in found
                        for said in ((day, "raise", first), (day, "clear", last))]
        fitted = watched(reader, at("07:00", wednesday)).fitted  # two days less of history than each day had
        row = fitted.row("support")
        assert row is not None
        assert [(one.day.isoformat(), one.false) for one in looking_back.alarms(fitted, row, 2)] == [
            (day, false) for day, *_, false in found]
        return found

    with store:
        store.apply(Batch("pbx", (heard, *calls(TUESDAY, np.random.default_rng(9), LIFT))))
        reader = store.reader(60)
        before = raised(reader)
        store.apply(Batch("people", (said,)))
        after = raised(reader)
        reader.close()
    assert [(day, false) for day, *_, false in before] == [
        (MONDAY.isoformat(), False), (TUESDAY.isoformat(), False)]
    assert after[0] == (*before[0][:2], "09:46", False), "until it was said it was one, and then it ended"
    assert all(false for day, *_, false in after[1:]), "hardly more than the new normal"


def test_by_how_much_forecasts_were_off_knows_the_new_normal(store: Store, monkeypatch: pytest.MonkeyPatch
                                                             ) -> None:
    """Foretold of Tuesday: 6 calls a minute for three hours, and 60 % more where Monday's surge stayed."""
    monkeypatch.setattr(looking_back, "alarms", lambda *args, **more: [])
    wednesday = TUESDAY + timedelta(days=1)
    now = at("07:00", wednesday)
    said = Action(source="people", key="1", at=at("09:45"), kind="new_normal", about="surge:support",
                  who="Chen", value=LIFT)
    heard = SourceStatus(source="pbx", at=at("23:59"), kind="alive", until=now)

    def foretold(made: Store) -> tuple[float, float]:
        """Return what the panel's errors and the schedule's say was foretold of Tuesday."""
        reader, desk = made.reader(60), Desk(Config(), Days(BERLIN))
        desk.panel(reader, snapshot(reader, now, Config(), BERLIN))
        while desk.look_back(lambda: None):
            pass
        asked = staff(reader, {"days": "1", "queue": "support"}, Config(), BERLIN, now)
        reader.close()
        both = desk.errors["support"].each[-1], asked["queues"][0]["error"]["each"][-1]
        assert [day for day, _, _ in both] == [TUESDAY.isoformat()] * 2
        return both[0][1], both[1][1]

    with store:
        store.apply(Batch("pbx", (heard, *calls(TUESDAY, np.random.default_rng(9), LIFT))))
        before = foretold(store)
        store.apply(Batch("people", (said,)))
        after = foretold(store)
    usual = 6.0 * (CLOSE - OPEN)
    assert max(before) < 1.3 * usual
    assert after == pytest.approx((LIFT * usual,) * 2, rel=0.05)


@pytest.mark.parametrize("value", [0.0, -2.0, 1e9, None])
def test_a_new_normal_that_cannot_be_is_none(value: float | None) -> None:
    act = Act(at("09:30", TUESDAY), "new_normal", "surge:a", "a", "Chen", "lead", None, None, value)
    assert not renewals([act], Days(BERLIN))


@pytest.mark.parametrize(("words", "said"), [
    ({"days": "0"}, "from 1 to"), ({"days": "x"}, "from 1 to"), ({"queue": "nope"}, "no queue 'nope'"),
    ({"from": "2026-11-01"}, "is over"), ({"from": "monday"}, "is a day such as"),
    ({"minutes": "20"}, "15, 30 or 60"), ({"from": "9999-12-31"}, "too far away"),
])
def test_what_cannot_be_asked_is_said(store: Store, words: dict[str, str], said: str) -> None:
    with store, pytest.raises(UsageError, match=said):
        staff(store.reader(60), words, Config(), BERLIN, at("07:00", TUESDAY))


def test_next_monday() -> None:
    assert next_monday(date(2026, 11, 15)) == date(2026, 11, 16)
    assert next_monday(date(2026, 11, 16)) == date(2026, 11, 23)


CONFIG = parse({"tiers": [
    {"lift": 0.3, "queues": ["support"], "heads": 9, "owner": {"name": "Chen Li", "reach": "4711"},
     "call": [{"name": "Anna", "reach": "4712"}], "acknowledge_min": 10,
     "deputies": [{"name": "Sam", "reach": "4720"}, {"name": "Ida", "reach": "4721"}]},
    {"lift": 0.5, "queues": ["support"], "heads": 16, "hours": ["mon-fri 18:00-20:00"]}]}, "x")


def test_the_panel_of_a_surge_and_what_accepting_does(store: Store) -> None:
    """30 agents for both queues, and Ann; before and after somebody accepts, and when nobody does."""
    with store:
        store.apply(Batch("pbx", tuple(
            AgentState(source="pbx", agent=f"a{n}", at=at("08:00"), state="ready", queue=queue)
            for n in range(30) for queue in ("support", "sales"))))
        reader, desk = store.reader(60), Desk(CONFIG, Days(BERLIN))

        def row(clock: str) -> Any:
            floor = snapshot(reader, at(clock), CONFIG, BERLIN)
            return next(r for r in desk.panel(reader, floor).rows if r.queue == "support")

        before = row("09:35")
        assert before.state == "red"
        assert before.open
        assert before.heads == 31
        assert before.shared_with == ("sales",)
        assert [effect.heads for effect in before.effects] == [0, 9, 16]
        levels = [effect.service_level for effect in before.effects]
        assert levels == sorted(levels)
        assert not before.effects[2].available
        late = (at("09:35") - before.raised_at) // (600 * 1_000_000)
        expected = [None, "Sam 4720", "Ida 4721"][min(late, 2)]
        assert before.escalated_to == (expected if before.tier <= 1 else None)
        store.apply(Batch("people", (Action(
            source="people", key="1", at=at("09:36"), kind="accept", about="surge:support", who="Chen Li",
            role="lead"),)))
        after = row("09:40")
        assert after.accepted_by == "Chen Li"
        assert (after.open, after.escalated_to) == (False, None)
        assert after.reaction_s == (at("09:36") - before.raised_at) // 1_000_000
        assert row("09:35").open, "a moment before it was accepted"
        panel = desk.panel(reader, snapshot(reader, at("09:40"), CONFIG, BERLIN))
        assert [(done.kind, done.who, done.reaction_s) for done in panel.done] == [
            ("accept", "Chen Li", after.reaction_s)]
        store.apply(Batch("people", (Action(
            source="people", key="2", at=at("09:41"), kind="false_alarm", about="surge:support", who="Ida",
            role="lead"),)))
        false = row("09:42")
        assert (false.false_by, false.false_at, false.accepted_by) == ("Ida", at("09:41"), None)
        assert (false.open, false.escalated_to, false.alarmed) == (False, None, True)
        risen = row("09:45")
        assert (risen.tier, risen.open, risen.false_by, risen.accepted_by) == (2, True, None, None)
        assert risen.earlier is not None
        assert (risen.earlier.kind, risen.earlier.who, risen.earlier.tier) == ("false_alarm", "Ida", 1)
        json.dumps(panel)
        curve = next(one for one in panel.curves if one.queue == "support")
        assert curve.start == at("08:00")
        assert len(curve.normal) == (CLOSE - OPEN) // 15
        assert [value is None for value in curve.offered] == [n >= 6 for n in range(12)]
        bands = zip(curve.low, curve.normal, curve.high, strict=True)
        assert all(low < mid < high for low, mid, high in bands)


def test_a_queue_without_history_is_listed_and_forecasts_are_tried(store: Store) -> None:
    """Whole days that come as the store's own generator has them: the 80 % band holds about 80 of 100."""
    with store:
        new = next(iter(calls(MONDAY, np.random.default_rng(3))))
        store.apply(Batch("pbx", (replace(new, call="new-1", queue="brand new", offered_at=at("09:00"),
                                          ended_at=at("09:01")),)))
        reader, desk = store.reader(60), Desk(CONFIG, Days(BERLIN))
        floor = snapshot(reader, at("09:40"), CONFIG, BERLIN)
        found = {row.queue: row for row in desk.panel(reader, floor).rows}
        fresh = found["brand new"]
        assert (fresh.state, fresh.weeks, fresh.offered, fresh.forecast) == ("learning", 0.0, 1, None)
        assert found["support"].weeks == pytest.approx(13, abs=0.6)
        assert found["support"].forecast is None, "not worked out yet"
        while desk.look_back():
            pass
        off = {row.queue: row.forecast for row in desk.panel(reader, floor).rows}["support"]
        assert off is not None
        assert 15 <= off.days <= 24
        assert 0.65 <= off.inside_80 <= 0.95
        assert off.inside_agreed < off.inside_80
        assert off.wape_day < off.wape < 0.6, "a day's errors cancel out"


def test_a_store_without_a_hub_says_the_same(past: Path, tmp_path: Path) -> None:
    """`now --store --json` has the panel that a hub would show of that moment."""
    shutil.copy(past, tmp_path / "x.duckdb")
    (tmp_path / "c.toml").write_text('timezone = "Europe/Berlin"\n')
    where = store_paths(str(tmp_path / "x.duckdb"))
    wanted = {"as_of": iso(at("09:35")), "queue": None, "timezone": None}
    said = json.loads(read(where, str(tmp_path / "c.toml"), {**wanted, "agents": None}))["surge"]
    with Store.open(tmp_path / "x.duckdb") as made:
        reader = made.reader(60)
        floor = snapshot(reader, at("09:35"), parse({"timezone": "Europe/Berlin"}, "x"), BERLIN)
        panel = Desk(Config(), Days(BERLIN)).panel(reader, floor)
    assert said == json.loads(json.dumps(to_public(panel, iso)))
    assert {row["queue"]: row["state"] for row in said["queues"]}["support"] == "red"
    assert json.loads(read(where, str(tmp_path / "c.toml"), {**wanted, "agents": "0"}))["surge"] is None
