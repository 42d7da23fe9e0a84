"""How long calls keep an agent by the hour and today, against sums made by hand."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from stores import S, store

from ccboard.config import Config
from ccboard.desk.lengths import DAY_CALLS, HOUR_CALLS, NOTHING, Lengths, Measured, by_hour
from ccboard.desk.people import Handled, handled, together, work_of
from ccboard.records import Contact, QueueKnown

DAY = 86_400 * S
BEGIN = 20_773 * DAY  # Mon 16 Nov 2026, UTC


def test_an_hour_is_believed_as_far_as_its_calls_carry() -> None:
    """(0.9 / 0.03)^2 = 900 calls weigh as much as that no hour differs: of +10 % half is left, +5 %."""
    hours = [(0, 0.0)] * 24
    hours[9], hours[10], hours[11] = (900, 900 * 220.0), (9, 9 * 2000.0), (900, 900 * 200.0)
    sums = Handled(5000, 5000 * 200.0, 0.0, 0, hours=tuple(hours))
    found = by_hour({"a": sums, "b": Handled(0, 0.0, 0.0, 0)})
    assert set(found) == {"a"}
    assert round(HOUR_CALLS, 6) == 900
    assert found["a"][8:12] == pytest.approx([1.0, 1.05, (9 * 2000 + 900 * 200) / (909 * 200), 1.0])


def test_today_is_that_of_the_whole_pool() -> None:
    """(0.9 / 0.05)^2 = 324. 162 calls of a and 162 of b took 20 % longer than expected: half of it, 10 %."""
    hours = np.ones(24)
    hours[9] = 1.05
    known = Lengths({"a": hours}, {"a": (162, 162 * 1.3), "b": (162, 162 * 1.1), "c": (1000, 5000.0)})
    assert round(DAY_CALLS, 6) == 324
    found = known.ratios(("a", "b"))
    assert found["a"][8:10] == pytest.approx([1.1, 1.1 * 1.05])
    assert found["b"] == pytest.approx(np.full(24, 1.1))
    wrong = Lengths({}, {"a": (5000, 5000 * 40.0), "b": (5000, 0.0)})
    assert [float(wrong.ratios((name,))[name][0]) for name in "ab"] == [2.0, 0.5], "told of wrongly"
    assert NOTHING.ratios(("a",))["a"] == pytest.approx(np.ones(24))


def calls(day: int, clock: float, count: int, talk_s: int, queue: str = "a", *, wrap_s: float | None = 10
          ) -> Iterator[Contact]:
    for n in range(count):
        at = BEGIN + day * DAY + int(clock * 3600 + n) * S
        yield Contact(source="pbx", call=f"{day} {clock} {n}", queue=queue, offered_at=at, agent="Ann",
                      version=3, answered_at=at + 2 * S, ended_at=at + (2 + talk_s) * S, wait_s=2,
                      ring_s=2, hold_s=8, talk_s=talk_s, wrap_s=wrap_s, outcome="answered")


def test_what_the_store_says(tmp_path: Path) -> None:
    """Four weeks: 90 calls of 200 s (2 + 8 + 180 + 10) at 9, 10 at 20 h of 400 s: 220 s on average.

    Today 36 calls at 9 h took 440 s each. Those of the last 20 minutes, and one that goes on, do not count.
    """
    records = [
        QueueKnown(source="pbx", queue="b", at=BEGIN - 9 * DAY, wrap_up_s=20),
        *calls(-28, 9.2, 45, 180), *calls(-3, 9.5, 45, 180), *calls(-1, 20.5, 10, 380),
        *calls(-29, 9.5, 500, 3000),
        *calls(0, 9.0, 36, 420), *calls(0, 9.5, 1, 7000), *calls(0, 10.2, 50, 5), *calls(0, 5.0, 99, 5),
        *calls(-2, 9.0, 100, 70, "b", wrap_s=None), *calls(0, 9.1, 10, 170, "b", wrap_s=None),
    ]
    with store(tmp_path, records) as made:
        reader = made.reader()
        sums = handled(reader, BEGIN, Config())
        assert (sums["a"].talks, sums["a"].handle_s) == (100, 22_000)
        assert (sums["a"].hours[9], sums["a"].hours[20]) == ((90, 18_000.0), (10, 4000.0))
        assert sums["b"] == Handled(100, 100 * 100.0, 200.0, 0, 20.0, sums["b"].hours)  # 2 + 8 + 70, timer
        measured = Measured()
        found = measured.read(reader, BEGIN, BEGIN + int(10.3 * 3600) * S, sums)
        at_9 = (90 * 200 + 900 * 220) / (990 * 220)
        assert found.hours["a"][9] == pytest.approx(at_9)
        assert found.today["a"] == pytest.approx((36, 36 * 440 / (220 * at_9)))
        assert found.today["b"] == pytest.approx((10, 20.0))  # 2 + 8 + 170 + 20 instead of 100, as all at 9 h
        earlier = measured.read(reader, BEGIN, BEGIN + 9 * 3600 * S + 1300 * S, sums)
        assert earlier.today["a"][0] == 36, "offered more than 20 minutes ago, and ended"
        assert not measured.read(reader, BEGIN, BEGIN + 9 * 3600 * S + 400 * S, sums).today.get("a")
        reader.close()


def test_a_queue_with_hardly_any_history_counts_against_the_mean_that_the_panel_takes_for_it(
        tmp_path: Path) -> None:
    """One call of 10 s in four weeks: its work has the centre's mean, (60 * 200 + 10) / 61 = 196.9 s.

    100 of 200 s today are as many as 101.6 such calls, not as many as 2,000.
    """
    records = [*calls(-3, 9, 60, 180), *calls(-2, 9, 1, 0, "new", wrap_s=0), *calls(0, 9, 100, 180, "new")]
    with store(tmp_path, records) as made:
        reader = made.reader()
        sums = handled(reader, BEGIN, Config())
        assert work_of(sums["new"], together(sums), "new", Config()).aht_s == 196.9
        found = Measured().read(reader, BEGIN, BEGIN + 10 * 3600 * S, sums)
        reader.close()
    assert found.today["new"] == pytest.approx((100, 20_000 / (12_010 / 61)))
    assert "new" not in found.hours
    assert found.ratios(("a", "new"))["a"][10] == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("mean", [300, 900, 1800])
def test_today_as_always_is_as_always_however_long_calls_take(tmp_path: Path, mean: int) -> None:
    """A call every 5 s from 0 to 8 h, lengths in turn the quantiles of an exponential distribution.

    At 8 h those that go on are not told as ended. Counted are those of 5 to 10 means
    ago, at 900 s and less of 5 to 12 or more: integral of x e^-x over 5 to 10, / 5 = 0.8 % too short at most.
    """
    quantile = -np.log1p(-(np.arange(997) * 389 % 997 + 0.5) / 997) * mean
    now = BEGIN + 8 * 3600 * S
    records = [*calls(-1, 9, 300, mean - 20)]
    for n in range(8 * 720):
        at, took = BEGIN + n * 5 * S, float(quantile[n % 997])
        if at + int(took * S) <= now:
            records.append(Contact(
                source="pbx", call=f"{n}", queue="a", offered_at=at, agent="Ann", version=3, answered_at=at,
                ended_at=at + int(took * S), wait_s=0, talk_s=took, wrap_s=0, outcome="answered"))
    with store(tmp_path, records) as made:
        reader = made.reader()
        sums = handled(reader, BEGIN, Config())
        assert sums["a"].handle_s / sums["a"].talks == mean
        calls_counted, took = Measured().read(reader, BEGIN, now, sums).today["a"]
        reader.close()
    assert calls_counted > 997
    assert took / calls_counted == pytest.approx(1.0, abs=0.02)
