"""Alarms over a day: hysteresis, tiers, silence, closing time; and that nothing looks ahead."""

from datetime import date, timedelta

import numpy as np
import pytest

from ccboard.forecast.level import Shift
from ccboard.surge.backtest import Day, judge
from ccboard.surge.counts import MINUTES, History
from ccboard.surge.decide import Alarm
from ccboard.surge.profile import Normal
from ccboard.surge.renewed import Told
from ccboard.surge.watch import Watch

NONE, ONE, TWO = (0.0, 0.0, 0.0), (0.9, 0.0, 0.0), (0.9, 0.9, 0.0)


def test_an_alarm_rises_and_falls_at_different_marks():
    alarm = Alarm()
    steps = [(0.05, NONE), (0.3, NONE), (0.59, NONE), (0.6, NONE), (0.95, ONE), (0.5, (0.4, 0.0, 0.0)),
             (0.5, (0.09, 0.0, 0.0)), (0.21, NONE), (0.19, NONE), (0.4, NONE)]
    events = [alarm.update(minute, p, reached) for minute, (p, reached) in enumerate(steps)]
    assert events == [None, None, None, "raise", "change", None, "change", None, "clear", None]
    assert alarm.level == ""


def test_an_alarm_tells_since_when_and_how_sure():
    alarm = Alarm()
    for minute, p in enumerate([0.02, 0.2, 0.4, 0.7]):
        alarm.update(minute, p, TWO)
    assert (alarm.level, alarm.tier, alarm.onset, alarm.raised_at, alarm.red_at) == ("amber", 2, 1, 3, None)
    alarm.update(4, 0.92, TWO)
    alarm.update(5, 0.70, TWO)  # once sure, it does not fall back to a guess
    assert (alarm.level, alarm.red_at, alarm.onset) == ("red", 4, 1)


def test_the_highest_tier_that_is_reached_is_shown():
    alarm = Alarm()
    alarm.update(0, 0.9, (1.0, 0.95, 0.75))
    assert alarm.tier == 3


@pytest.mark.parametrize(("likely", "waits"), [(0.89, 10), (0.5, 10), (0.9, 0)])
def test_a_higher_tier_waits_ten_minutes_unless_it_is_all_but_sure(likely, waits):
    alarm = Alarm()
    alarm.update(0, 0.9, ONE)
    higher = (0.99, likely, 0.0)
    said = [alarm.update(minute, 0.9, higher) for minute in range(1, waits + 2)]
    assert said == [None] * waits + ["change"]
    assert alarm.tier == 2


def test_a_doubt_begins_the_ten_minutes_anew():
    alarm = Alarm()
    alarm.update(0, 0.9, ONE)
    for minute in range(1, 10):
        alarm.update(minute, 0.9, (0.99, 0.6, 0.0))
    alarm.update(10, 0.9, (0.99, 0.49, 0.0))
    said = [alarm.update(minute, 0.9, (0.99, 0.6, 0.6)) for minute in range(11, 22)]
    assert (said, alarm.tier) == ([None] * 10 + ["change"], 3)


def plain(rate=20.0, opens=480, closes=1200):
    minutes = np.zeros(MINUTES)
    minutes[opens:closes] = rate
    return Normal(minutes, 0.0, 0.005, 0.04, None, learning=False)


def day(seed=1, rate=20.0):
    counts = np.zeros(MINUTES)
    counts[480:1200] = np.random.default_rng(seed).poisson(rate, 720)
    return counts


def run(counts, normals=None):
    watch = Watch(normals or [plain() for _ in counts])
    rows = np.array(counts)
    changes = [change for minute in range(MINUTES) for change in watch.minute(minute, rows[:, minute])]
    return watch, changes


def test_a_surge_is_named_sized_and_taken_back():
    counts = day()
    counts[600:720] = np.random.default_rng(2).poisson(33, 120)
    _, changes = run([counts])
    assert changes[0].event == "raise"
    assert 600 <= changes[0].minute < 620
    assert [c.tier for c in changes if c.event == "change"][-1] is not None
    standing = [c.tier for c in changes if c.minute < 700][-1]
    assert standing == 2
    assert changes[-1].event == "clear"
    assert 720 < changes[-1].minute < 760
    assert changes[-1].tier is None


@pytest.mark.parametrize("length", [1, 5, 60])
def test_a_silence_is_an_outage_and_its_end_is_no_surge(length):
    counts = day()
    counts[600:600 + length] = 0
    watch, changes = run([counts])
    assert changes == []
    assert watch.outages == [(0, 600, 600 + length - 1)]


def test_a_feed_that_fails_is_neither_outage_nor_surge():
    counts = day()
    counts[600:700] = np.nan
    watch, changes = run([counts])
    assert changes == []
    assert watch.outages == []


def test_quiet_minutes_of_a_small_queue_are_no_outage():
    counts = day(rate=1.0)
    watch, _ = run([counts], [plain(1.0)])
    assert (counts[480:1200] == 0).sum() > 100
    assert watch.outages == []


def test_a_silence_within_a_surge_does_not_end_the_alarm():
    counts = day()
    counts[600:800] = np.random.default_rng(2).poisson(40, 200)
    counts[650:660] = 0
    watch, changes = run([counts])
    assert [c.event for c in changes if c.event != "change"] == ["raise", "clear"]
    assert changes[-1].minute > 800
    assert watch.outages == [(0, 650, 659)]


def test_while_a_line_is_dead_no_alarm_goes_up():
    counts = day(rate=2.0)
    counts[600:640] = np.random.default_rng(3).poisson(3.4, 40)
    counts[640:700] = 0  # the alarm falls before the silence is one; what was believed before it comes back
    watch, changes = run([counts], [plain(2.0)])
    assert [change.event for change in changes[:2]] == ["raise", "clear"]
    assert 640 < changes[1].minute < 655
    assert watch.outages[0][1:] == (640, 699)
    assert [change for change in changes[2:] if change.minute < 700] == []


def test_what_stands_at_closing_comes_down():
    counts = day()
    counts[1100:1200] *= 2
    _, changes = run([counts])
    assert (changes[-1].event, changes[-1].minute) == ("clear", 1199)


def test_calls_outside_the_hours_ring_nothing():
    counts = day()
    counts[100:200] = 50
    assert run([counts])[1] == []


FIRST = date(2026, 2, 2)


def past(weeks=8, seed=3):
    rng = np.random.default_rng(seed)
    counts = np.zeros((weeks * 7, MINUTES), np.float32)
    for n in range(len(counts)):
        if n % 7 < 5:
            counts[n, 480:1200] = rng.poisson(8 * np.exp(rng.normal(0, 0.05)), 720)
    days = tuple(FIRST + timedelta(days=n) for n in range(len(counts)))
    return History(days, {"q": counts}, per_call=False)


@pytest.mark.parametrize("cut", [630, 665, 900])
def test_the_future_changes_nothing_before_it(cut):
    rng = np.random.default_rng(cut)
    days = []
    for _ in range(4):
        counts = np.zeros(MINUTES, np.float32)
        counts[480:1200] = rng.poisson(8, 720)
        counts[600:700] = rng.poisson(14, 100)
        days.append(counts)
    history, when = past(), FIRST + timedelta(days=56)

    def changes(rows):
        judged = judge(history, {}, (Day(str(n), when, {"q": row}) for n, row in enumerate(rows)))
        return [[c for c in one.changes if c.minute < cut] for one in judged]

    other = []
    for counts in days:
        row = counts.copy()
        row[cut:] = rng.choice([0.0, 50.0, np.nan], MINUTES - cut)
        other.append(row)
    before = changes(days)
    assert changes(other) == before
    assert changes(days[:1]) == before[:1]  # days do not touch one another
    if cut > 665:
        assert sum(map(len, before)) >= 4


def test_history_of_the_day_itself_and_later_is_not_used():
    history = past()
    rich = History(history.days, {"q": history.counts["q"].copy()}, per_call=False)
    when = FIRST + timedelta(days=42)
    rich.counts["q"][42:] = 60
    today = Day("x", when, {"q": history.counts["q"][42]})
    [one], [other] = (list(judge(h, {}, iter([today]))) for h in (history, rich))
    assert one.changes == other.changes
    assert one.normal.rate.tolist() == other.normal.rate.tolist()


SAID = FIRST + timedelta(days=56)  # a Monday after eight weeks
STEP = Shift(SAID, 600, 1.6)


def stepped():
    """Eight weeks at 8 calls a minute, then eight days at 12.8, the first of them from 9:20 on."""
    rng, before = np.random.default_rng(6), past()
    more = np.zeros((8, MINUTES), np.float32)
    for n in (0, 1, 2, 3, 4, 7):
        more[n, 480:1200] = rng.poisson(12.8 * np.exp(rng.normal(0, 0.05)), 720)
    more[0, 480:560] = rng.poisson(8, 80)
    days = tuple(FIRST + timedelta(days=n) for n in range(64))
    return History(days, {"q": np.concatenate([before.counts["q"], more])}, per_call=False)


def judged(history, told):
    chosen = [Day(str(n), history.days[n], {"q": history.counts["q"][n]}) for n in (56, 57, 58, 63)]
    return list(judge(history, {}, iter(chosen), told=told))


def test_after_a_new_normal_the_days_are_judged_by_it():
    history = stepped()
    untold, told = judged(history, Told()), judged(history, Told((STEP,), (STEP,)))
    assert all(any(c.event == "raise" for c in one.changes) for one in untold[:3])
    assert not any(one.changes for one in told[1:])
    for one in told[1:]:
        assert one.normal.rate[480:1200].mean() == pytest.approx(12.8, rel=0.1)


def test_on_the_day_itself_the_watch_goes_on_from_the_minute():
    history = stepped()
    untold, told = (judged(history, each)[0] for each in (Told(), Told((STEP,), (STEP,))))
    assert told.normal.rate.tolist() == untold.normal.rate.tolist(), "the days before are as they were"
    early = [c for c in told.changes if c.minute < 600]
    assert early == [c for c in untold.changes if c.minute < 600]
    assert any(c.event == "raise" for c in early)
    assert [(c.event, c.minute) for c in told.changes if c.minute >= 600] == [("clear", 600)]
    assert told.rate(599)[700] == pytest.approx(untold.normal.rate[700])
    assert told.rate(601)[[590, 700]] == pytest.approx(untold.normal.rate[[590, 700]] * [1.0, 1.6])
