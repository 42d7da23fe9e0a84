"""Minutes of days where clocks change, kinds of days, the holiday calendar, alarms seen afterwards."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ccboard.desk.answer import began_at
from ccboard.desk.calendar import NOT_NORMAL, known
from ccboard.desk.days import Days
from ccboard.desk.looking_back import lift_after
from ccboard.tiers import Surge

BERLIN = ZoneInfo("Europe/Berlin")
SECOND = 1_000_000


def placed(days: Days, *minutes: int) -> list[tuple[date, int]]:
    day, minute = days.place(np.array(minutes, np.int64))
    return [(date.fromordinal(int(d)), int(m)) for d, m in zip(day, minute, strict=True)]


def test_a_minute_of_the_day_is_what_the_clock_shows() -> None:
    """2026: the clock goes forward on 29 March at 01:00 UTC and back on 25 October at 01:00 UTC."""
    days = Days(BERLIN)
    march, october = date(2026, 3, 29), date(2026, 10, 25)
    spring = days.begin(march) // (60 * SECOND)
    assert placed(days, spring + 119, spring + 120) == [(march, 119), (march, 180)]
    autumn = days.begin(october) // (60 * SECOND)
    assert placed(days, autumn + 150, autumn + 210) == [(october, 150), (october, 150)], "02:30 comes twice"
    assert days.minute_at(march, 540) == (spring + 480) * 60 * SECOND
    assert days.minute_of(days.minute_at(october, 540), october) == 540


def test_a_business_day_may_begin_at_six() -> None:
    days = Days(BERLIN, time(6))
    monday = date(2026, 11, 16)
    begin = days.begin(monday)
    assert placed(days, begin // (60 * SECOND)) == [(monday, 0)]
    assert placed(days, begin // (60 * SECOND) - 1) == [(date(2026, 11, 15), 1439)]
    assert days.of_clock(0) == 360
    assert days.of_clock(1439) == 359
    assert days.day_of(begin - 1) == date(2026, 11, 15)
    assert days.minute_of(begin - 1, monday) == 0
    assert days.minute_of(days.begin(date(2026, 11, 17)), monday) == 1440


def test_china_works_on_some_weekends() -> None:
    """The plan for 2026: 17 February is the Spring Festival, 14 and 28 February are worked."""
    pytest.importorskip("holidays")
    found = known(Surge(country="CN"), date(2026, 1, 1), date(2026, 3, 31))
    assert found.missing is None
    assert found.kinds[date(2026, 2, 17)] == "holiday"
    saturday = date(2026, 2, 28)
    assert saturday in found.worked
    assert saturday not in found.kinds
    assert found.like(saturday) == date(2026, 2, 27), "as a Friday"
    assert found.like(date(2026, 1, 4)) == date(2026, 1, 5), "a worked Sunday as a Monday"
    assert found.like(date(2026, 3, 7)) == date(2026, 3, 7)


def test_what_is_configured_goes_before_the_calendar() -> None:
    pytest.importorskip("holidays")
    surge = Surge.model_validate(
        {"country": "DE", "days": {"2026-12-25": "Campaign"}, "not_normal": ["2026-12-22"]})
    found = known(surge, date(2026, 12, 1), date(2026, 12, 31), frozenset({date(2026, 12, 23)}))
    assert found.kinds[date(2026, 12, 25)] == "campaign"
    assert found.kinds[date(2026, 12, 26)] == "holiday"
    assert found.kinds[date(2026, 12, 22)] == found.kinds[date(2026, 12, 23)] == NOT_NORMAL


@pytest.mark.parametrize("surge", [Surge(country="XX"), Surge(country="DE", subdivision="QQ")])
def test_a_calendar_that_is_not_there_is_said(surge: Surge) -> None:
    pytest.importorskip("holidays")
    found = known(surge, date(2026, 12, 1), date(2026, 12, 31))
    assert found.kinds == {}
    assert found.missing is not None
    assert "surge.country" in found.missing


def test_when_it_began_is_found_afterwards() -> None:
    """Ten calls a minute, from minute 30 on twenty: by hand, each later minute speaks for a lift of two."""
    offered = np.full(1440, 10, np.float32)
    offered[30:60] = 20
    rate = np.full(1440, 10.0)
    assert began_at(offered, rate, 45, 2.0) == 30
    offered[35:40] = np.nan  # no feed says nothing
    assert began_at(offered, rate, 45, 2.0) == 30


def test_an_alarm_is_judged_by_what_came_after_it() -> None:
    rate = np.full(1440, 10.0)
    offered = np.full(1440, 10, np.float32)
    offered[100:105] = 30  # what raised it is not held in its favour
    assert lift_after(offered, rate, 104, 110) == pytest.approx(1.0)
    offered[105:135] = 15
    assert lift_after(offered, rate, 104, 110) == pytest.approx(1.5), "half an hour at least"
    offered[:] = np.nan
    assert lift_after(offered, rate, 104, 110) == 1.0


@pytest.mark.parametrize(("zone", "minute"), [
    ("Europe/Berlin", 29_579_100),  # 29 March 2026, 01:00 UTC: an hour forward
    ("Europe/Berlin", 29_881_500),
    ("Australia/Lord_Howe", 29_588_580),  # half an hour
    ("Australia/Lord_Howe", 29_850_660),
    ("America/St_Johns", 29_549_130),
    ("Asia/Shanghai", 29_571_900),
])
def test_each_minute_is_where_the_zone_says(zone: str, minute: int) -> None:
    """Three days around, a minute at a time, beside the standard library."""
    minutes = np.arange(minute - 2160, minute + 2160, 7)
    day, place = Days(ZoneInfo(zone)).place(minutes)
    for at, found, of_day in zip(minutes.tolist(), day.tolist(), place.tolist(), strict=True):
        local = datetime.fromtimestamp(at * 60, ZoneInfo(zone))
        assert (found, of_day) == (local.toordinal(), local.hour * 60 + local.minute)
