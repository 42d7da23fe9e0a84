"""The remote clock's difference: what is believed, what is corrected, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccboard.clock import SECOND
from sources.asterisk.skew import HYSTERESIS, TOLERATED, Skew, parse_timestamp

NOW = 1_795_283_239 * SECOND


def ping(skew: Skew, at: int, behind: int, trip: int = 2000, asymmetry: float = 0.5) -> bool:
    """Ping at `at`: the remote clock is `behind` ours; `asymmetry`: how much of the trip is the way there."""
    return skew.sample(at, at + int(trip * asymmetry) - behind, at + trip)


def test_clocks_that_agree_are_left_alone() -> None:
    skew = Skew()
    for second in range(60):
        assert not ping(skew, NOW + second * SECOND, behind=1_200_000)
    assert skew.correction == 0
    assert skew.local(NOW) == NOW


@pytest.mark.parametrize("behind", [30 * SECOND, -30 * SECOND, 3600 * SECOND])
def test_a_clock_that_is_off_is_corrected(behind: int) -> None:
    skew = Skew()
    assert ping(skew, NOW, behind)
    assert abs(skew.local(NOW - behind) - NOW) < 10_000


def test_slow_answers_do_not_move_it() -> None:
    """Answers that waited behind a long list look like a clock that is off by half of the wait."""
    skew = Skew()
    for second in range(0, 60, 2):
        slow = second % 6 == 0
        ping(skew, NOW + second * SECOND, behind=0, trip=4 * SECOND if slow else 3000, asymmetry=0.01)
    assert skew.correction == 0


def test_small_changes_do_not_make_times_jitter() -> None:
    skew = Skew()
    ping(skew, NOW, behind=5 * SECOND)
    first = skew.correction
    for second in range(1, 60):
        assert not ping(skew, NOW + second * SECOND, behind=5 * SECOND + HYSTERESIS // 2)
    assert skew.correction == first


def test_a_clock_that_is_set_right_is_believed_after_a_while() -> None:
    skew = Skew()
    for second in range(30):
        ping(skew, NOW + second * SECOND, behind=20 * SECOND)
    changes = [ping(skew, NOW + second * SECOND, behind=0) for second in range(30, 60)]
    assert changes.count(True) == 1
    assert skew.correction == 0


def test_impossible_trips_are_ignored() -> None:
    skew = Skew()
    assert not skew.sample(NOW, NOW - 99 * SECOND, NOW - 1)  # our clock was set back meanwhile
    assert not skew.sample(NOW, NOW - 99 * SECOND, NOW + 60 * SECOND)
    assert not skew.known


@given(
    st.integers(-3 * 86_400 * SECOND, 3 * 86_400 * SECOND),
    st.lists(st.tuples(st.integers(0, SECOND), st.floats(0, 1)), min_size=1, max_size=40),
)
def test_the_error_is_never_more_than_half_a_trip(behind: int, trips: list[tuple[int, float]]) -> None:
    skew = Skew()
    for number, (trip, asymmetry) in enumerate(trips):
        ping(skew, NOW + number * 2 * SECOND, behind, trip, asymmetry)
    assert abs(skew.measured() - behind) <= max(trip for trip, _ in trips) // 2 + 1
    assert abs(skew.correction - behind) <= TOLERATED + SECOND


@given(st.text(max_size=30))
def test_any_text_as_timestamp(text: str) -> None:
    found = parse_timestamp(text)
    assert found is None or 0 <= found < 100_000_000_000 * SECOND


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1795289812.977548", 1795289812977548),
        ("1795289812", 1795289812000000),
        ("1795289812.5", 1795289812500000),
        ("", None),
        ("-5.0", None),
        ("1.x", None),
        ("٣", None),
    ],
)
def test_timestamps(text: str, at: int | None) -> None:
    assert parse_timestamp(text) == at
