"""Moments, days, times of day and durations as exports write them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccboard.maps import times
from ccboard.maps.durations import LONGEST_S, seconds
from ccboard.maps.memo import KEPT, BadValue, Memo

BERLIN = ZoneInfo("Europe/Berlin")
MICRO = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WALL = st.datetimes(datetime(1975, 1, 1), datetime(2099, 12, 31)).map(lambda at: at.replace(microsecond=0))


def read(form: str, text: str, zone: str = "Europe/Berlin", fold: int = 0) -> datetime:
    return EPOCH + times.moment_reader(form, times.Calendar(ZoneInfo(zone)))(text, fold) * MICRO


def in_zone(wall: datetime, zone: ZoneInfo = BERLIN) -> datetime:
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)  # a text tells no fold


def read_or_refused(reader, text: str) -> bool:
    """Tell whether a number comes out, or a reason why not; anything else is raised."""
    try:
        return isinstance(reader(text), int | float)
    except BadValue as bad:
        return bool(bad.reason)


@given(
    WALL,
    st.sampled_from(
        [
            "%Y-%m-%d %H:%M:%S",
            "%Y-%m-%dT%H:%M:%S",
            "%Y/%m/%d %H:%M:%S",
            "%d.%m.%Y %H:%M:%S",
            "%Y%m%d%H%M%S",
            "%Y年%m月%d日 %H:%M:%S",
            "%Y年%m月%d日%H时%M分%S秒",
            "%Y-%m-%d %I:%M:%S %p",
        ]
    ),
)
def test_moments_that_cannot_be_mistaken(wall, form):
    assert read("auto", wall.strftime(form)) == in_zone(wall)


@given(
    WALL, st.sampled_from(["%d/%m/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%y%m%d-%H%M%S", "%d-%b-%Y %H:%M:%S"])
)
def test_moments_by_a_format(wall, form):
    if "%y" in form and wall.year >= 2069:
        return
    assert read(form, wall.strftime(form)) == in_zone(wall)


@given(st.datetimes(datetime(1975, 1, 1), datetime(2099, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_an_offset_counts_more_than_the_zone(wall, minutes):
    sign = "-" if minutes < 0 else "+"
    offset = f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    assert read("auto", wall.isoformat(timespec="microseconds") + offset) == datetime.fromisoformat(
        wall.isoformat() + offset
    )
    assert read("auto", wall.isoformat() + "Z") == wall.replace(tzinfo=UTC)


@given(st.integers(200_000_000, 4_000_000_000))
def test_epochs(epoch):
    expected = datetime.fromtimestamp(epoch, UTC)
    for form, text in [
        ("auto", str(epoch)),
        ("auto", f"{epoch}000"),
        ("epoch", str(epoch)),
        ("epoch_ms", f"{epoch}000"),
        ("epoch", f"{epoch}.5"),
    ]:
        assert read(form, text) in {expected, expected + timedelta(seconds=0.5)}


@given(WALL)
def test_excel_counts_days_since_1899(wall):
    serial = (wall - datetime(1899, 12, 30)) / timedelta(days=1)
    assert read("excel", repr(serial)) == in_zone(wall)


def test_excel_by_the_book():
    """45292 is 1 January 2024; half a day is noon."""
    assert read("excel", "45292.5") == in_zone(datetime(2024, 1, 1, 12))
    assert read("auto", "45292,25") == in_zone(datetime(2024, 1, 1, 6))


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2024, 3, 31), 23), (date(2024, 10, 27), 25), (date(2024, 6, 1), 24)]
)
def test_days_on_which_the_clock_is_moved(day, hours):
    calendar = times.Calendar(BERLIN)
    number = day.toordinal() - times.EPOCH_DAY
    assert (calendar.at(number + 1, 0) - calendar.at(number, 0)) == hours * 3600 * 1_000_000
    for hour in range(24):
        found = EPOCH + calendar.at(number, hour * 3_600_000_000) * MICRO
        assert found == in_zone(datetime(day.year, day.month, day.day, hour))


def test_the_hour_that_comes_twice():
    first, second = (read("auto", "2024-10-27 02:30:00", fold=fold) for fold in (0, 1))
    assert second - first == timedelta(hours=1)


@given(st.times())
def test_times_of_day(clock):
    us = ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000
    plain = clock.replace(microsecond=0)
    assert times.time_of_day(plain.isoformat()) == us
    assert times.time_of_day(clock.isoformat()) == us + clock.microsecond
    assert times.time_of_day(plain.strftime("%H%M%S")) == us
    assert times.time_of_day(plain.strftime("%I:%M:%S %p")) == us
    assert times.time_of_day(f"{clock.hour}:{clock.minute:02}") == us - clock.second * 1_000_000
    assert times.time_of_day(repr(us / 86_400_000_000)) in range(us - 1000, us + 1001)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    calendar = times.Calendar(BERLIN)
    for reader in (
        times.day,
        times.time_of_day,
        seconds,
        lambda t: times.moment_reader("auto", calendar)(t, 0),
        lambda t: times.moment_reader("excel", calendar)(t, 0),
        lambda t: times.epoch(t, 1),
        times.day_reader("%d/%m/%Y"),
    ):
        assert read_or_refused(reader, text)


@given(
    st.from_regex(
        r"[0-9]{1,8}([-/.:T年月日 ][0-9]{1,4}){0,6}( ?[AaPp][Mm]|Z|[+-][0-9]{2}:?[0-9]{2})?", fullmatch=True
    )
)
def test_what_nearly_is_a_moment_is_read_or_refused(text):
    calendar = times.Calendar(BERLIN)
    for reader in (
        times.day,
        times.time_of_day,
        seconds,
        lambda t: times.moment_reader("auto", calendar)(t, 0),
    ):
        assert read_or_refused(reader, text)


@pytest.mark.parametrize("text", ["03/04/2024", "3-4-24", "240304"])
def test_a_date_that_can_be_mistaken_needs_a_format(text):
    with pytest.raises(BadValue, match="must be said"):
        times.day(text)


@pytest.mark.parametrize("text", ["2024-02-30", "2024-13-01", "20240000", "31.2.2024"])
def test_days_that_there_are_not(text):
    with pytest.raises(BadValue):
        times.day(text)


@given(st.integers(0, LONGEST_S - 1))
def test_durations(whole):
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    assert seconds(str(whole)) == seconds(f"{whole * 1000}", "ms") == whole
    assert seconds(f"{hours}:{minutes:02}:{rest:02}") == whole
    assert seconds(f"{hours:02}:{minutes:02}:{rest:02}.250") == whole + 0.25
    assert seconds(f"{hours}h {minutes}m {rest}s") == seconds(f"{hours}小时{minutes}分{rest}秒") == whole
    assert seconds(repr(whole / 86_400), "days") == pytest.approx(whole, abs=1e-3)
    if whole < 600_000:
        assert seconds(f"{whole // 60:02}:{rest:02}") == whole


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("-5", "negative"),
        ("9999999", "month"),
        ("1:75", "not a"),
        ("", "not a"),
        ("1:2:3:4", "not a"),
        ("abc", "not a"),
        ("1:99:00", "not a"),
    ],
)
def test_what_is_no_duration(text, why):
    with pytest.raises(BadValue, match=why):
        seconds(text)


def test_a_memo_is_bounded_and_right():
    asked = []
    memo = Memo(lambda text: asked.append(text) or len(text))
    assert [memo["a"], memo["a"], memo["bb"]] == [1, 1, 2]
    assert asked == ["a", "bb"]
    for number in range(KEPT + 10):
        assert memo[str(number)] == len(str(number))
    assert len(memo) <= KEPT
