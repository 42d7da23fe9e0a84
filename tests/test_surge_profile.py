"""The normal day, fitted to simulated queues whose truth is known."""

from datetime import date, timedelta

import numpy as np
import pytest

from ccboard.surge import profile as profiles
from ccboard.surge.calendar import AFTER
from ccboard.surge.counts import MINUTES
from ccboard.surge.hours import alike, open_minutes
from ccboard.surge.profile import fit
from ccboard.surge.smooth import ratio

FIRST = date(2026, 2, 2)
DAYS = [FIRST + timedelta(days=n) for n in range(91)]
NEXT = FIRST + timedelta(days=91)  # a Monday
WEEKDAY = (1.2, 1.0, 1.0, 0.95, 1.05, 0.4, 0.0)


def hump(opens=480, closes=1200):
    x = np.arange(MINUTES)
    shape = np.where((x >= opens) & (x < closes), 0.3 + np.exp(-(((x - 620) / 90) ** 2) / 2), 0.0)
    return shape / shape.sum()


def history(rate, seed=1, day_sd=0.065, noise=0.04, trend=0.0, days=DAYS):
    """Counts of a queue with `rate` calls a minute on the average of a normal day, by the true model."""
    rng = np.random.default_rng(seed)
    shape, rho = hump(), 0.7 ** (1 / 15)
    weeks = np.array([(day - NEXT).days / 7 for day in days])
    level = rate * 720 * np.array([WEEKDAY[day.weekday()] for day in days]) * np.exp(trend * weeks)
    path, value = np.empty((len(days), MINUTES)), rng.normal(0, noise, len(days))
    for minute in range(MINUTES):
        value = rho * value + rng.normal(0, noise * np.sqrt(1 - rho**2), len(days))
        path[:, minute] = value
    stray = rng.normal(0, day_sd, (len(days), 1))
    return rng.poisson(level[:, None] * shape * np.exp(stray + path)).astype(np.float32)


@pytest.mark.parametrize("rate", [1, 20])
def test_level_shape_and_spread_are_found(rate):
    profile = fit(history(rate, trend=0.01), DAYS, {})
    truth = hump()
    for ahead in range(6):
        day = NEXT + timedelta(days=ahead)
        normal = profile.normal(day, {})
        assert normal.rate.sum() == pytest.approx(rate * 720 * WEEKDAY[day.weekday()], rel=0.06)
        share = normal.rate / normal.rate.sum()
        assert (share > 0).tolist() == (truth > 0).tolist()
        assert np.std(share[480:1200] / truth[480:1200]) < (0.08 if rate == 1 else 0.04)
        assert not normal.learning
    assert profile.normal(NEXT + timedelta(days=6), {}).rate.sum() == 0
    assert profile.day_variance**0.5 == pytest.approx(0.065, abs=0.02)
    assert profile.noise_variance**0.5 == pytest.approx(0.04, abs=0.02)


def test_a_floor_with_an_odd_hour_every_day_is_taken_as_it_is_and_a_few_old_surges_are_not():
    plain = history(3)
    rng = np.random.default_rng(8)
    odd, surges = plain.copy(), plain.copy()
    for row in range(len(DAYS)):
        begin = int(rng.integers(480, 1140))
        odd[row, begin:begin + 60] = np.round(odd[row, begin:begin + 60] * 1.6)
        if row in (10, 38, 66, 80):
            surges[row, begin:begin + 60] = np.round(surges[row, begin:begin + 60] * 1.6)
    calm, wild, few = (fit(counts, DAYS, {}).noise_variance**0.5 for counts in (plain, odd, surges))
    # 1.6 in one of twelve hours: variance .6^2 (1/12) (11/12) = .0275 of an hour's mean, .166 of deviation.
    assert 0.07 < wild < 0.17
    assert few == pytest.approx(calm, abs=0.005)


def test_spread_follows_the_queue():
    calm, wild = (fit(history(20, day_sd=sd, noise=n), DAYS, {}) for sd, n in ((0.02, 0.015), (0.11, 0.08)))
    assert calm.day_variance**0.5 < 0.035
    assert wild.day_variance**0.5 > 0.085
    assert wild.noise_variance > 4 * calm.noise_variance


def test_old_surges_holidays_and_outages_leave_no_trace():
    clean = history(20)
    counts = clean.copy()
    rng = np.random.default_rng(2)
    counts[8] = 0  # a Tuesday that was a holiday
    counts[9] = rng.poisson(clean[9] * 1.3)  # and what it left for Wednesday
    for row in (14, 21, 28):  # three Mondays with a surge
        counts[row, 540:780] = rng.poisson(clean[row, 540:780] * 1.6)
    counts[35, 600:660] = 0  # an outage
    counts[42, 700:900] = np.nan  # no feed
    rough, smooth = fit(counts, DAYS, {}), fit(clean, DAYS, {})
    monday = rough.normal(NEXT, {}).rate
    assert monday.sum() == pytest.approx(smooth.normal(NEXT, {}).rate.sum(), rel=0.03)
    assert monday[540:780].sum() == pytest.approx(smooth.normal(NEXT, {}).rate[540:780].sum(), rel=0.03)
    assert rough.day_variance**0.5 < 0.085
    assert rough.closed == {DAYS[8]}


def test_a_gap_in_the_feed_is_not_a_quiet_time():
    counts = history(5)
    counts[::2, 480:840] = np.nan  # every other morning is missing
    normal = fit(counts, DAYS, {}).normal(NEXT, {})
    assert normal.rate[480:840].sum() == pytest.approx(5 * 720 * 1.2 * hump()[480:840].sum(), rel=0.06)


def test_kinds_of_days_teach_themselves_and_nothing_else():
    counts = history(20)
    campaign = {DAYS[n]: "campaign" for n in (10, 31, 52, 73)}
    for n in (10, 31, 52, 73):
        counts[n] = np.random.default_rng(n).poisson(counts[n] * 1.4)
    known = {**campaign, NEXT + timedelta(days=3): "campaign"}
    profile = fit(counts, DAYS, known)
    plain, busy = (profile.normal(NEXT + timedelta(days=n), known) for n in (2, 3))
    assert (plain.kind, plain.mean) == (None, 0.0)
    assert busy.kind == "campaign"
    assert 0.2 < busy.mean < 0.4  # log 1.4 = 0.34, drawn a little towards none
    assert busy.variance > plain.variance
    assert plain.rate.sum() == pytest.approx(20 * 720, rel=0.05)


def test_the_day_after_a_holiday_is_of_its_own_kind():
    counts = history(5)
    counts[-3:] = 0  # Friday to Sunday before NEXT: Friday was closed
    known = {NEXT - timedelta(days=1): "holiday"}
    profile = fit(counts, DAYS, known)
    assert profile.normal(NEXT, known).kind == AFTER
    assert profile.normal(NEXT, known).mean == pytest.approx(0.10, abs=0.03)
    assert profile.normal(NEXT + timedelta(days=1), known).kind is None


def test_a_short_history_says_so():
    normal = fit(history(5, days=DAYS[:28]), DAYS[:28], {}).normal(FIRST + timedelta(days=28), {})
    assert normal.learning
    assert normal.variance > fit(history(5), DAYS, {}).normal(NEXT, {}).variance


def test_no_calls_no_profile():
    assert fit(np.zeros((14, MINUTES), np.float32), DAYS[:14], {}) is None
    one = np.zeros((1, MINUTES), np.float32)
    one[0, 600:700] = 3
    assert fit(one, DAYS[:1], {}).normal(NEXT, {}).learning


def test_opening_hours_are_sharp_and_strays_do_not_open():
    totals = np.zeros(MINUTES)
    totals[480:720] = 13
    totals[765:1200] = 9
    totals[300] = 1
    expected = np.zeros(MINUTES, bool)
    expected[480:720] = expected[765:1200] = True
    assert open_minutes(totals).tolist() == expected.tolist()
    assert not open_minutes(np.zeros(MINUTES)).any()
    assert open_minutes(np.ones(MINUTES)).all()


def test_weekdays_with_the_same_hours_are_pooled():
    totals = np.zeros((7, MINUTES))
    for weekday, (opens, closes, calls) in enumerate([(480, 1200, 20)] * 4 + [(480, 960, 20), (540, 840, 8)]):
        totals[weekday, opens:closes] = calls
    totals[3] *= 0.5
    assert sorted(sorted(group) for group in alike(totals, np.full(7, 13.0))) == [[0, 1, 2], [3], [4], [5]]


def test_a_line_stays_a_line_up_to_its_ends():
    x = np.arange(200.0)
    exposure = np.where((x >= 20) & (x < 180), 2.0, 0.0)
    smooth = ratio(exposure * (5 + 0.1 * x), exposure, 15.0)
    assert smooth[20:180] == pytest.approx(5 + 0.1 * x[20:180])
    assert np.isnan(smooth[:20]).all()


@pytest.mark.parametrize("stray", [None, 23, 1437])
def test_hours_that_never_had_a_call_change_nothing(monkeypatch, stray):
    """The fit looks at the hours with calls alone: as if it had looked at the whole day."""
    counts = history(5)
    counts[10, 600:660] = np.nan
    counts[11] = np.nan
    counts[20, 500:560] *= 3
    if stray is not None:
        counts[30, stray] = 1
    quick = fit(counts, DAYS, {})
    monkeypatch.setattr(profiles, "_hours_with_calls", lambda _n: slice(0, MINUTES))
    whole = fit(counts, DAYS, {})
    for name in ("level", "slope", "shape", "day_variance", "noise_variance", "shape_variance", "weeks"):
        one, other = getattr(quick, name), getattr(whole, name)
        assert np.allclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True), name
    assert (quick.closed, quick.clean_days) == (whole.closed, whole.clean_days)


def test_a_fit_rests_between_its_pieces_and_can_be_given_up():
    class EnoughError(Exception):
        pass

    called = []

    def rest():
        called.append(1)
        if len(called) == 9:
            raise EnoughError

    with pytest.raises(EnoughError):
        fit(history(5), DAYS, {}, rest)
    assert len(called) == 9
