"""The watch over a store: a Monday with a surge after thirteen weeks, a minute at a time and from scratch."""

import shutil
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from stores import S

from ccboard.config import Config
from ccboard.desk import acts as acting
from ccboard.desk.ahead import Ahead
from ccboard.desk.days import Days
from ccboard.desk.desk import Desk
from ccboard.desk.watching import Reading, Watching
from ccboard.metrics.floor import snapshot
from ccboard.records import Action, Batch, Contact, Record, SourceStatus
from ccboard.store.store import Store

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 16)
OPEN, CLOSE = 8 * 60, 11 * 60
PER_MINUTE = {"support": 6.0, "sales": 2.0}
SURGE_AT, LIFT = 9 * 60, 1.6


def at(clock: str, day: date = MONDAY) -> int:
    moment = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=BERLIN)
    return int(moment.astimezone(UTC).timestamp()) * S


def calls(day: date, rng: np.random.Generator, lift: float = 1.0) -> Iterable[Contact]:
    """Return answered calls, Poisson in each open minute; from 9:00 on `lift` times as many in support."""
    for queue, rate in PER_MINUTE.items():
        for minute in range(OPEN, CLOSE):
            more = lift if queue == "support" and minute >= SURGE_AT else 1.0
            begin = at("00:00", day) + minute * 60 * S
            for n in range(rng.poisson(rate * more)):
                offered = begin + int(rng.integers(0, 60)) * S
                yield Contact(source="pbx", call=f"{day}-{queue}-{minute}-{n}", queue=queue, version=2,
                              offered_at=offered, answered_at=offered + 5 * S, ended_at=offered + 200 * S,
                              outcome="answered", wait_s=5, talk_s=195, agent="Ann")


FIELDS = ("call", "queue", "offered_at", "answered_at", "ended_at", "outcome", "wait_s", "talk_s")


def staged(made: Store, days: int, seed: int) -> None:
    """Write whole past days in bulk."""
    rng = np.random.default_rng(seed)
    stage = made.stage("pbx", FIELDS, "row")
    rows = [tuple(getattr(c, name) for name in FIELDS) for n in range(days, 0, -1)
            if (day := MONDAY - timedelta(days=n)).weekday() < 5 for c in calls(day, rng)]
    stage.add(rows, range(len(rows)))
    begun = SourceStatus(source="pbx", at=at("00:00", MONDAY - timedelta(days=days)), kind="alive",
                         until=at("00:00"))
    made.apply(Batch("pbx", (begun,)), staged=stage)
    stage.drop()


def today_in(made: Store, records: Iterable[Record], alive_until: str) -> None:
    """Write records of today, and that the source was heard."""
    heard = SourceStatus(source="pbx", at=at("00:00"), kind="alive", until=at(alive_until))
    made.apply(Batch("pbx", (heard, *records)))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Store]:
    """A store with 13 weeks of short days and the Monday of the surge up to its end."""
    path: Path = tmp_path_factory.mktemp("desk") / "x.duckdb"
    with Store.open(path) as made:
        made.register("pbx", "test", 5.0, frozenset())
        staged(made, 91, 7)
        today_in(made, calls(MONDAY, np.random.default_rng(8), LIFT), "23:59")
        yield made


@pytest.fixture(scope="module")
def eight_weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed store with eight weeks, to be copied."""
    path: Path = tmp_path_factory.mktemp("desk") / "weeks.duckdb"
    with Store.open(path) as made:
        made.register("pbx", "test", 5.0, frozenset())
        staged(made, 56, 3)
    return path


def reading(made: Store, clock: str, watching: Watching | None = None) -> Reading:
    watching = watching or Watching(Config(), Days(BERLIN))
    reader = made.reader()
    try:
        acts = acting.read(reader, 0, at(clock))
        return watching.read(reader, at(clock), acts)
    finally:
        reader.close()


def row(found: Reading, queue: str | None) -> int:
    place = found.fitted.row(queue)
    assert place is not None
    return place


def test_the_surge_is_named_soon_and_the_other_queue_is_not(filled: Store) -> None:
    """6 calls a minute and +60 %: within half an hour by the research's tables; sales stays calm."""
    before, after = reading(filled, "08:59"), reading(filled, "09:40")
    support = row(after, "support")
    assert [a.level for a in before.alarms] == ["", "", ""]
    assert after.alarms[support].level == "red"
    raised = next(c for c in after.changes if c.row == support)
    assert raised.event == "raise"
    assert SURGE_AT <= raised.minute <= SURGE_AT + 30
    assert abs(after.lift[support] - LIFT) < 0.2
    assert not [c for c in reading(filled, "10:59").changes if c.row == row(after, "sales")]
    assert after.fitted.queues[0] is None
    assert np.nansum(after.offered[0]) == np.nansum(after.offered[1:])


def test_the_normal_day_is_what_was_put_in(filled: Store) -> None:
    """6 and 2 calls a minute for three hours; 13 weeks of Poisson counts say it to a few per cent."""
    found = reading(filled, "09:00")
    for queue, rate in PER_MINUTE.items():
        expected = found.rate[row(found, queue)]
        assert abs(expected.sum() / (rate * (CLOSE - OPEN)) - 1) < 0.04
        assert np.flatnonzero(expected > 0)[[0, -1]].tolist() == [OPEN, CLOSE - 1]


def test_minute_by_minute_is_the_same_as_at_once(filled: Store) -> None:
    watching = Watching(Config(), Days(BERLIN))
    for clock in ("08:03", "09:02", "09:17", "10:30"):
        step = reading(filled, clock, watching)
        whole = reading(filled, clock)
        assert (step.minute, step.changes, step.alarms) == (whole.minute, whole.changes, whole.alarms)
        assert np.array_equal(step.p_surge, whole.p_surge)
        assert np.array_equal(step.lift, whole.lift)
    assert reading(filled, "08:59", watching).changes == reading(filled, "08:59").changes, "and backwards"


def written(weeks: Path, folder: Path, records: Iterable[Record], alive_until: str) -> Store:
    path = folder / "y.duckdb"
    shutil.copy(weeks, path)
    made = Store.open(path)
    today_in(made, records, alive_until)
    return made


def test_a_gap_is_not_zero_calls(eight_weeks: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    today = [c for c in calls(MONDAY, rng) if not at("09:00") <= c.offered_at < at("10:00")]
    gap = SourceStatus(source="pbx", at=at("09:00"), until=at("10:00"), kind="gap")
    with written(eight_weeks, tmp_path, [*today, gap], "11:00") as made:
        found = reading(made, "11:00")
        support = row(found, "support")
        assert np.isnan(found.offered[support, 9 * 60:10 * 60]).all()
        assert not np.isnan(found.offered[support, OPEN:9 * 60]).any()
        assert not found.silent
        assert not found.changes


def test_a_line_that_falls_silent_is_an_alarm_of_its_own(eight_weeks: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    today = [c for c in calls(MONDAY, rng) if c.offered_at < at("09:00")]
    with written(eight_weeks, tmp_path, today, "09:30") as made:
        found = reading(made, "09:30")
        assert found.silent[row(found, "support")] == 9 * 60
        assert not found.changes


def test_a_source_that_is_not_heard_is_waited_for(eight_weeks: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    today = [c for c in calls(MONDAY, rng) if c.offered_at < at("09:00")]
    with written(eight_weeks, tmp_path, today, "09:00") as made:
        assert reading(made, "09:01:10").minute == 9 * 60, "within the grace"
        late = reading(made, "09:30")
        assert late.minute == 9 * 60 + 29
        assert np.isnan(late.offered[row(late, "support"), 9 * 60:9 * 60 + 29]).all()
        assert not late.silent


def test_under_six_weeks_it_is_learning(eight_weeks: Path, tmp_path: Path) -> None:
    with Store.open(tmp_path / "four.duckdb") as made:
        made.register("pbx", "test", 5.0, frozenset())
        staged(made, 28, 3)
        today_in(made, [], "09:00")
        found = reading(made, "09:00")
        assert found.fitted.normals[row(found, "support")].learning
    with written(eight_weeks, tmp_path, [], "09:00") as made:
        found = reading(made, "09:00")
        assert not found.fitted.normals[row(found, "support")].learning


def test_late_calls_make_it_judge_the_day_anew(eight_weeks: Path, tmp_path: Path) -> None:
    """Calls of a source whose log comes in late change what was already judged."""
    rng = np.random.default_rng(4)
    today = list(calls(MONDAY, rng, LIFT))
    with written(eight_weeks, tmp_path, [c for c in today if c.offered_at < at("09:00")], "11:00") as made:
        watching = Watching(Config(), Days(BERLIN))
        assert reading(made, "10:00", watching).silent
        made.apply(Batch("pbx", tuple(c for c in today if c.offered_at >= at("09:00"))))
        found = reading(made, "10:00", watching)
        assert not found.silent
        assert found.changes == reading(made, "10:00").changes
        assert found.alarms[row(found, "support")].level == "red"


def test_the_new_normal_takes_the_alarm_down_and_holds(eight_weeks: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    today = calls(MONDAY, rng, LIFT)
    tuesday = MONDAY + timedelta(days=1)
    moved = [c for c in calls(tuesday, rng, LIFT) if c.offered_at < at("10:00", tuesday)]
    said = Action(source="people", key="1", at=at("10:00"), kind="new_normal", about="surge:support",
                  who="Chen", value=LIFT)
    with written(eight_weeks, tmp_path, today, "11:59") as made:
        assert reading(made, "09:59").alarms[1 + 1].level == "red"
        made.apply(Batch("people", (said,)))
        found = reading(made, "10:30")
        support = row(found, "support")
        assert found.alarms[support].level == ""
        assert [c.event for c in found.changes if c.row == support][-1] == "clear"
        assert reading(made, "09:59").alarms[support].level == "red", "before it was said it was not so"
        rest, block = Ahead().rest(found, support), 10 * 4 + 2
        ahead = rest.mean[block:CLOSE // 15] / (PER_MINUTE["support"] * 15)
        assert ((ahead > LIFT - 0.2) & (ahead < LIFT + 0.2)).all(), "what is to come keeps the higher level"
        alive = SourceStatus(source="pbx", at=at("11:59"), kind="alive", until=at("10:00", tuesday))
        made.apply(Batch("pbx", (*moved, alive)))
        reader = made.reader()
        acts = acting.read(reader, 0, at("10:00", tuesday))
        watching = Watching(Config(), Days(BERLIN))
        next_day = watching.read(reader, at("10:00", tuesday), acts)
        level = next_day.rate[support, OPEN:CLOSE].mean() / PER_MINUTE["support"]
        assert 1.4 < level < 1.7
        morning = watching.read(reader, at("07:00", tuesday), acts)
        untold = Watching(Config(), Days(BERLIN)).read(reader, at("07:00", tuesday), ())
        reader.close()
        part = slice(OPEN // 15, CLOSE // 15)

        def foretold(of: Reading, row: int, calls: float) -> float:
            return float(Ahead().rest(of, row).mean[part].sum()) / (calls * (CLOSE - OPEN))

        assert foretold(morning, support, 6.0) == pytest.approx(LIFT, rel=0.05), "tomorrow's forecast has it"
        assert foretold(untold, support, 6.0) < 1.25
        # Six of eight calls are support's: the centre has 0.75 * 60 % more.
        assert foretold(morning, 0, 8.0) == pytest.approx(1.45, rel=0.05)
        assert foretold(morning, row(morning, "sales"), 2.0) == pytest.approx(1.0, abs=0.1)


def test_a_new_normal_of_no_more_calls_takes_the_alarm_down_and_moves_nothing(
        eight_weeks: Path, tmp_path: Path) -> None:
    said = Action(source="people", key="1", at=at("09:45"), kind="new_normal", about="surge:support",
                  who="Chen", value=1.0)
    with written(eight_weeks, tmp_path, calls(MONDAY, np.random.default_rng(4), LIFT), "11:59") as made:
        watching = Watching(Config(), Days(BERLIN))
        before = reading(made, "10:00", watching)
        made.apply(Batch("people", (said,)))
        found = reading(made, "10:00", watching)
        support = row(found, "support")
        assert [(c.event, c.minute) for c in before.changes if c.row == support][-1][0] != "clear"
        assert ("clear", 9 * 60 + 45) in [(c.event, c.minute) for c in found.changes if c.row == support]
        assert np.array_equal(found.rate, before.rate)
        assert found.fitted is before.fitted


def test_redials_are_no_surge(eight_weeks: Path, tmp_path: Path) -> None:
    """Two of three callers hang up after 30 s and call again a minute later, with one number each."""
    rng = np.random.default_rng(4)
    today: list[Contact] = []
    for n, call in enumerate(calls(MONDAY, rng)):
        if n % 3:
            today.append(Contact(source="pbx", call=call.call + "a", queue=call.queue, version=2,
                                 offered_at=call.offered_at, ended_at=call.offered_at + 30 * S,
                                 outcome="abandoned", wait_s=30, caller_key=f"k{n}"))
            call = Contact(source="pbx", call=call.call, queue=call.queue, version=2,
                           offered_at=call.offered_at + 90 * S, answered_at=call.offered_at + 95 * S,
                           ended_at=call.offered_at + 200 * S, outcome="answered", wait_s=5, talk_s=105,
                           caller_key=f"k{n}")
        today.append(call)
    with written(eight_weeks, tmp_path, today, "12:10") as made:
        found = reading(made, "10:50")
        support = row(found, "support")
        assert not found.changes
        assert found.again[support].sum() > 0.5 * np.nansum(found.offered[support])


def test_who_sees_to_a_centre_that_is_cut_off_sees_to_its_queues(eight_weeks: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    today = [c for c in calls(MONDAY, rng) if c.offered_at < at("09:00")]
    with written(eight_weeks, tmp_path, today, "10:00") as made:
        reader, desk = made.reader(60), Desk(Config(), Days(BERLIN))

        def waiting(clock: str) -> tuple[list[str | None], list[str | None]]:
            shown = desk.panel(reader, snapshot(reader, at(clock), Config(), BERLIN))
            return ([row.queue for row in shown.alarms],
                    sorted((row.queue for row in shown.rows if row.open), key=str))

        assert waiting("09:30") == ([None], [None, "sales", "support"])
        made.apply(Batch("people", (Action(source="people", key="1", at=at("09:31"), kind="accept",
                                           about="surge:*", who="Ida", role="lead"),)))
        assert waiting("09:40") == ([None], [])


def test_who_accepts_the_centres_surge_does_not_see_to_a_dead_line(eight_weeks: Path, tmp_path: Path) -> None:
    """Support has more than twice its calls, and sales none since nine."""
    until = {"support": at("10:00"), "sales": at("09:00")}
    today = [c for c in calls(MONDAY, np.random.default_rng(4), 2.2) if c.offered_at < until[c.queue]]
    with written(eight_weeks, tmp_path, today, "10:00") as made:
        reader, desk = made.reader(60), Desk(Config(), Days(BERLIN))

        def states(clock: str) -> dict[str | None, tuple[str, bool]]:
            shown = desk.panel(reader, snapshot(reader, at(clock), Config(), BERLIN))
            return {row.queue: (row.state, row.open) for row in shown.rows if row.alarmed}

        before = states("09:45")
        assert before["sales"] == ("silent", True)
        assert before[None][1]
        made.apply(Batch("people", (Action(source="people", key="1", at=at("09:46"), kind="accept",
                                           about="surge:*", who="Ida", role="lead"),)))
        after = states("09:50")
        assert not after[None][1]
        assert after["sales"] == ("silent", True)
