"""Forecasts: simulated volume whose truth is known, hand-worked cases, nothing of the future, both forms."""

import csv
import json
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ccboard import cli
from ccboard.errors import InputError
from ccboard.forecast.history import read
from ccboard.forecast.level import Days, LevelFilter
from ccboard.forecast.model import Forecast, Model, _update
from ccboard.forecast.shape import shapes
from ccboard.forecast.trial import asked

FIRST = date(2026, 1, 5)  # a Monday
WEEKDAY = np.array([1.3, 1.0, 1.0, 0.9, 1.0, 0.0, 0.0])


def volume(weeks, seed=1, size=900.0, day_sd=0.06):
    """Calls per half hour from 8 to 18 o'clock, Monday to Friday; NaN where closed."""
    rng = np.random.default_rng(seed)
    shape = 1 + np.sin(np.linspace(0, np.pi, 20))
    shape /= shape.sum()
    calls = np.full((weeks * 7, 48), np.nan)
    for n in range(len(calls)):
        if WEEKDAY[n % 7]:
            calls[n, 16:36] = rng.poisson(size * WEEKDAY[n % 7] * shape * np.exp(rng.normal(0, day_sd)))
    return calls, shape


NO_DAY = np.full(48, np.nan)


def test_level_and_shape_are_found():
    calls, shape = volume(16)
    model = Model(FIRST, calls, NO_DAY, {})
    monday = model.day(FIRST + timedelta(days=112))
    assert monday.mean.sum() == pytest.approx(900 * 1.3, rel=0.06)
    assert monday.mean[16:36] / monday.mean.sum() == pytest.approx(shape, rel=0.06)
    later = model.day(FIRST + timedelta(days=112 + 8))  # a Tuesday, nine days on
    assert later.mean.sum() == pytest.approx(900, rel=0.06)
    sunday = model.day(FIRST + timedelta(days=112 + 6))
    assert sunday.mean.sum() == 0
    assert sunday.total(0, 48) == sunday.interval(3)


def test_bands_hold_what_they_promise():
    calls, _ = volume(40, seed=7)
    inside, totals = [], []
    for n in range(20 * 7, 40 * 7, 2):
        if WEEKDAY[n % 7]:
            forecast = Model(FIRST, calls[:n], NO_DAY, {}).day(FIRST + timedelta(days=n))
            bands = [forecast.interval(k) for k in range(16, 36)]
            inside += [band.lo80 <= c <= band.hi80 for band, c in zip(bands, calls[n, 16:36], strict=True)]
            band = forecast.total(0, 48)
            totals.append(band.lo80 <= np.nansum(calls[n]) <= band.hi80)
    assert len(totals) == 50
    assert 0.72 < np.mean(inside) < 0.90
    assert 0.66 < np.mean(totals) < 0.94


def test_a_busy_morning_raises_the_afternoon():
    calls, _ = volume(20, day_sd=0.15)
    plain = Model(FIRST, calls, NO_DAY, {}).day(FIRST + timedelta(days=140))
    morning = NO_DAY.copy()
    morning[16:24] = np.round(plain.mean[16:24] * 1.3)
    updated = Model(FIRST, calls, morning, {}).day(FIRST + timedelta(days=140))
    rise = updated.mean[24:36].sum() / plain.mean[24:36].sum()
    assert 1.1 < rise < 1.3
    assert updated.total(24, 36).hi80 - updated.total(24, 36).lo80 < 0.8 * rise * (
        plain.total(24, 36).hi80 - plain.total(24, 36).lo80)
    known = updated.interval(17)  # what has ended is no longer a guess
    assert known.mean == known.lo95 == known.hi95 == morning[17]
    eve = Model(FIRST, calls, morning, {FIRST + timedelta(days=140): "eve"}).day(FIRST + timedelta(days=140))
    ratio = eve.mean[24:36].sum() / eve.mean[16:24].sum()
    # An eve's morning misleads, and changes nothing.
    assert ratio == pytest.approx(plain.mean[24:36].sum() / plain.mean[16:24].sum())


def test_the_update_is_gaussian_conditioning():
    """Two intervals, by hand: gain = c_ba / (c_aa + 1/mu_a)."""
    mean, covariance = np.array([100.0, 200.0]), np.array([[0.04, 0.03], [0.03, 0.04]])
    after, spread = _update(mean, covariance, np.array([120.0, np.nan]))
    assert after[1] == pytest.approx(200 * (1 + 0.03 / 0.05 * 0.2))
    assert spread[1, 1] == pytest.approx(0.04 - 0.03 / 0.05 * 0.03)


def test_the_sum_is_not_the_sum_of_the_bands():
    forecast = Forecast(np.full(4, 100.0), np.full((4, 4), 0.01), np.full(4, np.nan))
    one, total = forecast.interval(0), forecast.total(0, 4)
    sd = np.sqrt(np.log1p(0.01 + 1 / 400))  # shared misses stay, Poisson's shrink
    assert total.hi80 == np.ceil(400 * np.exp(1.2816 * sd))
    assert total.lo95 == np.floor(400 * np.exp(-1.96 * sd))
    assert total.hi80 - total.lo80 < 4 * (one.hi80 - one.lo80)


def test_a_level_that_moves_is_followed_and_an_odd_day_is_not():
    calls, _ = volume(24, day_sd=0.02)
    usual = Model(FIRST, calls, NO_DAY, {}).day(FIRST + timedelta(days=169)).mean.sum()
    moved, odd = calls.copy(), calls.copy()
    moved[-21:] *= 1.2
    odd[-4] *= 3
    after = Model(FIRST, moved, NO_DAY, {}).day(FIRST + timedelta(days=169)).mean.sum()
    assert 1.1 < after / usual < 1.25  # over half of it after 15 open days
    assert Model(FIRST, odd, NO_DAY, {}).day(FIRST + timedelta(days=169)).mean.sum() == pytest.approx(
        usual, rel=0.03)


def test_calendar_days_count_for_their_kind():
    calls, _ = volume(20, day_sd=0.02)
    holidays = {FIRST + timedelta(days=7 * week): "holiday" for week in (3, 7, 11, 15)}  # Mondays
    for day in holidays:
        n = (day - FIRST).days
        calls[n] = np.nan
        calls[n + 1] *= 1.25
    last = FIRST + timedelta(days=140)
    known = {**holidays, last: "holiday"}
    model = Model(FIRST, calls, NO_DAY, known)
    assert model.day(last).mean.sum() == 0
    assert model.day(last + timedelta(days=1)).mean.sum() == pytest.approx(900 * 1.25, rel=0.06)
    assert model.day(last + timedelta(days=2)).mean.sum() == pytest.approx(900, rel=0.05)


def test_the_level_filter_is_a_kalman_filter():
    """Against least squares: the filter's mean is that of the joint Gaussian of all states and days."""
    days = [FIRST + timedelta(days=n) for n in range(3)]
    totals = np.array([1000.0, 1010.0, 990.0])
    plain = Days({}, frozenset(range(7)), frozenset(range(7)), frozenset())
    fitted = LevelFilter(days, totals, plain)
    rows = np.array([plain.row(day) for day in days])
    prior = np.concatenate((np.zeros(9), [0.10, -0.10, 0, -1.0], np.zeros(7)))
    prior[0] = np.log(1000.0)
    effects = [0.08**2, 0.25**2, 0.12**2, 0.7**2] + [0.05**2] * 3 + [0.02**2] * 4
    static = np.diag([0.09, 0.0] + [0.35**2] * 7 + effects)
    lag = np.abs(np.subtract.outer(range(3), range(3)))
    steps = 0.005**2 * (np.minimum.outer(range(3), range(3)) + 1) + 0.035**2 * 0.5**lag
    monday = (rows[:, 2:9] @ rows[:, 2:9].T) * 0.005**2  # the weekdays' own step, on the first day
    spread = rows @ static @ rows.T + steps + monday + np.diag(0.025**2 + 1 / (totals + 1))
    y = np.log(totals + 0.5) - rows @ prior
    level = prior[0] + np.array([0.09 + 0.005**2 * (n + 1) for n in range(3)]) @ np.linalg.solve(spread, y)
    assert fitted.states[-1].mean[0] == pytest.approx(level, rel=1e-9)


def test_days_of_odd_shape_do_not_shape():
    calls, shape = volume(12)
    calls[:, :16] = calls[:, 36:] = 0.0
    calls[-4, 16:26] = 0.0  # half a day lost
    found, weight = shapes(calls, np.arange(84) % 7, np.where(np.nansum(calls, axis=1) > 0, 1.0, 0.0))
    assert weight[-4] == 0
    assert found[1, 16:36] == pytest.approx(shape, rel=0.08)


# ---------------------------------------------------------------- files

def write_intervals(path, calls):
    with path.open("w") as file:
        file.write("start,calls\n")
        for n, row in enumerate(calls):
            for k in np.flatnonzero(~np.isnan(row)):
                file.write(f"{FIRST + timedelta(days=n)} {k // 2:02d}:{k % 2 * 30:02d},{int(row[k])}\n")


def backtest(folder, capsys, history="H.csv", days="D.csv"):
    out = folder / "OUT.csv"
    status = cli.main(["backtest", "forecast", "--history", str(folder / history), "--json",
                       "--days", str(folder / days), "--out", str(out)])
    assert status == 0
    return list(csv.DictReader(out.open())), json.loads(capsys.readouterr().out)


DAY = FIRST + timedelta(days=70)


def test_a_back_test_uses_nothing_after_its_origin(tmp_path, capsys):
    calls, _ = volume(12)
    write_intervals(tmp_path / "H.csv", calls)
    (tmp_path / "D.csv").write_text(
        f"origin,start,end,minutes\n{DAY}T00:00,{DAY}T08:00,{DAY}T18:00,30\n"
        f"{DAY}T10:00,{DAY}T10:00,{DAY}T18:00,60\n")
    rows, said = backtest(tmp_path, capsys)
    assert list(rows[0]) == ["origin", "start", "mean", "lo80", "hi80", "lo95", "hi95"]
    assert [row["start"] for row in rows[:3]] == [f"{DAY}T08:00", f"{DAY}T08:30", f"{DAY}T09:00"]
    assert [row["start"] for row in rows].count(str(DAY)) == 2
    assert len(rows) == 20 + 1 + 8 + 1
    for row in rows:
        lo95, lo80, mean, hi80, hi95 = (float(row[key]) for key in ("lo95", "lo80", "mean", "hi80", "hi95"))
        assert lo95 <= lo80 <= mean <= hi80 <= hi95
    assert float(rows[20]["mean"]) == pytest.approx(sum(float(row["mean"]) for row in rows[:20]), abs=0.2)
    changed = calls.copy()
    changed[70, 20:36] = 5  # from 10:00 on, and all days after
    changed[71:] = 700
    write_intervals(tmp_path / "H.csv", changed)
    again, worse = backtest(tmp_path, capsys)
    assert again == rows
    assert worse["intervals"]["wape"] > said["intervals"]["wape"]
    miss = sum(abs(float(row["mean"]) - n) for row, n in zip(rows[:20], calls[70, 16:36], strict=True))
    hours = calls[70, 20:36].reshape(8, 2).sum(axis=1)
    miss += sum(abs(float(row["mean"]) - n) for row, n in zip(rows[21:29], hours, strict=True))
    assert said["intervals"]["wape"] == pytest.approx(miss / (calls[70, 16:36].sum() + hours.sum()), abs=2e-4)
    assert said["totals"]["count"] == 2


def test_a_row_per_call_says_the_same(tmp_path, capsys):
    calls, _ = volume(6, size=300)
    write_intervals(tmp_path / "H.csv", calls)
    with (tmp_path / "calls.csv").open("w") as file:
        file.write("call_id,offered_at,queue\n")
        for n, row in enumerate(calls):
            for k in np.flatnonzero(np.nan_to_num(row)):
                day = FIRST + timedelta(days=n)
                for c in range(int(row[k])):
                    file.write(f"{c},{day}T{k // 2:02d}:{k % 2 * 30 + c % 30:02d}:00,x\n")
    day = FIRST + timedelta(days=42)
    (tmp_path / "D.csv").write_text(f"origin,start,end,minutes\n{day}T00:00,{day}T08:00,{day}T18:00,30\n")
    one, other = (backtest(tmp_path, capsys, history=name)[0] for name in ("H.csv", "calls.csv"))
    for a, b in zip(one, other, strict=True):
        assert float(a["mean"]) == pytest.approx(float(b["mean"]), rel=0.02)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2026-03-01T00:00,2026-03-02T08:00,2026-03-03T18:00,30", "ends after it starts, on the same day"),
        ("2026-03-01T00:00,2026-03-02T08:10,2026-03-02T18:00,30", "not whole intervals of 30"),
        ("2026-03-01T00:00,2026-03-02T08:00,2026-03-02T18:00,7", "minutes '7'"),
        ("2026-03-01T00:00,2026-03-02T08:00,2026-03-02T18:00,abc", "minutes 'abc': a length that a day is"),
        ("2026-03-04T00:00,2026-03-02T08:00,2026-03-02T18:00,30", "lies after the day"),
        ("soon,2026-03-02T08:00,2026-03-02T18:00,30", "'soon' is not a local time"),
    ],
)
def test_requests_that_make_no_sense_are_named(tmp_path, row, message):
    path = tmp_path / "D.csv"
    path.write_text(f"origin,start,end,minutes\n{row}\n")
    with pytest.raises(InputError) as caught:
        list(asked(path))
    assert str(caught.value).startswith(f"{path}: line 2: ")
    assert message in str(caught.value)


def test_a_request_may_end_at_midnight(tmp_path):
    path = tmp_path / "D.csv"
    path.write_text("origin,start,end,minutes\n2026-03-01T00:00,2026-03-01T22:00,2026-03-02T00:00,60\n")
    [request] = asked(path)
    assert (request.begin, request.end) == (1320, 1440)


def test_mistakes_of_the_history_are_named(tmp_path):
    path = tmp_path / "H.csv"
    path.write_text("start,calls\n2026-03-01 00:00,3\n2026-03-01 00:00,3\n")
    with pytest.raises(InputError, match="line 3: 2026-03-01 00:00 stands there twice"):
        read(path, [30])
    path.write_text("start,calls\n2026-03-01 00:00,3\n2026-03-01 00:30,3\n")
    with pytest.raises(InputError, match="intervals of 30 minutes cannot be made into 15"):
        read(path, [15])
    path.write_text("start,calls\n")
    with pytest.raises(InputError, match="no rows"):
        read(path, [15])


def test_an_origin_before_all_history_is_no_forecast_of_nothing(tmp_path, capsys):
    calls, _ = volume(4)
    write_intervals(tmp_path / "H.csv", calls)
    early, late = FIRST - timedelta(days=30), FIRST + timedelta(days=21)
    rows = [f"{day}T00:00,{day}T08:00,{day}T09:00,30" for day in (early, FIRST, late)]
    rows.append(f"{FIRST + timedelta(days=1)}T00:00,{FIRST + timedelta(days=5)}T08:00,"
                f"{FIRST + timedelta(days=5)}T09:00,30")
    (tmp_path / "D.csv").write_text("\n".join(["origin,start,end,minutes", *rows]) + "\n")
    words = ["backtest", "forecast", "--history", str(tmp_path / "H.csv"), "--days", str(tmp_path / "D.csv"),
             "--out", str(tmp_path / "OUT.csv")]
    assert cli.main(words) == 1
    out, err = capsys.readouterr()
    said = err.splitlines()
    where = f"{tmp_path}/D.csv: line"
    assert said[0] == (f"{where} 2: not forecast: no history before the origin {early}T00:00; it begins on"
                       f" {FIRST}")
    assert said[1].startswith(f"{where} 3: not forecast: no history before the origin {FIRST}T00:00")
    assert "line 5: not forecast: the history before the origin" in said[2]
    assert len(said) == 3
    assert out.startswith("1 request\n")
    answered = list(csv.DictReader((tmp_path / "OUT.csv").open()))
    assert {row["origin"] for row in answered} == {f"{late}T00:00"}
    assert min(float(row["mean"]) for row in answered) > 0
    (tmp_path / "D.csv").write_text("origin,start,end,minutes\n\n")
    assert cli.main(words) == 1
    assert "no request below the header" in capsys.readouterr().err


def test_a_file_that_is_no_text_is_said_so(tmp_path):
    path = tmp_path / "H.csv"
    for content in (b"\x7fELF\xe3\x00\xff\xff" * 20, b"start,calls\n\xe3\xff\xff\n"):
        path.write_bytes(content)
        with pytest.raises(InputError) as caught:
            read(path, [30])
        assert "this is no text file" in str(caught.value)
        assert "codec" not in str(caught.value)


def test_the_hour_that_comes_twice_has_the_mean_of_both(tmp_path):
    path, berlin = tmp_path / "H.csv", ZoneInfo("Europe/Berlin")
    starts = [("01:30", 4), ("02:00", 4), ("02:30", 8), ("02:00", 10), ("02:30", 2), ("03:00", 4)]
    rows = [f"2026-10-25 {at},{n}\n" for at, n in starts]
    path.write_text("start,calls\n" + "".join(rows))
    assert read(path, [30], berlin).calls[0, 3:7].tolist() == [4, 7, 5, 4]
    with pytest.raises(InputError, match="line 5: 2026-10-25 02:00 stands there twice"):
        read(path, [30])
    with pytest.raises(InputError, match=r"02:00 stands there twice \(clocks of UTC; --timezone"):
        read(path, [30], ZoneInfo("UTC"))
    calls = [f"2026-10-25 {at}:00,x\n" for at, n in starts for _ in range(n)]
    path.write_text("offered_at,queue\n" + "".join(calls))
    quarters = read(path, [30], berlin).calls[0]
    assert quarters.reshape(-1, 2).sum(axis=1)[3:7].tolist() == [4, 7, 5, 4]
