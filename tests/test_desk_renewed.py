"""What several queues' new normals make of the whole centre, against values worked out by hand."""

from datetime import date, timedelta
from math import exp, prod
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ccboard.desk.acts import Act, Renewal, renewals, shifts_of
from ccboard.desk.days import Days
from ccboard.desk.renewed import shares_of
from ccboard.forecast.level import Shift, shifted
from ccboard.surge.renewed import moved

DAY = date(2026, 11, 16)
DAYS = tuple(DAY + timedelta(days=n) for n in range(-45, 46))


def equal(**factors: float) -> dict[str, np.ndarray]:
    """Return 50 calls a day of each queue, from DAY on so many times as many."""
    return {queue: np.concatenate([np.full((45, 1440), 50 / 1440), np.full((46, 1440), 50 / 1440 * factor)]
                                  ).astype(np.float32) for queue, factor in factors.items()}


@pytest.mark.parametrize(("told", "share", "centre"), [
    ([("a", 2.0), ("b", 2.0)], 0.5, 2.0),
    ([(queue, 1.5) for queue in "abcd"], 0.25, 1.5),
    ([("a", 2.0), ("a", 1.5)], 0.5, 2.0),      # 3 times half of it
    ([("a", 2.0), ("b", 0.5)], 0.5, 1.25),
    ([("a", 2.0), (None, 1.1), ("b", 2.0)], 0.5, 1.1),
    ([("a", 2.0), (None, 1.0)], 0.5, 1.5),     # that nothing changed says nothing of the queues
])
def test_what_is_said_of_queues_on_one_day_adds_up(
        told: list[tuple[str | None, float]], share: float, centre: float) -> None:
    said = [Renewal(queue, Shift(DAY, 600 + n, factor)) for n, (queue, factor) in enumerate(told)]
    steps = shifts_of(None, said, lambda day: dict.fromkeys("abcd", share))
    assert prod(step.factor for step in steps) == pytest.approx(centre)
    assert exp(shifted(steps, DAY, DAY)[0]) == pytest.approx(centre)


def test_a_share_is_that_of_the_days_before() -> None:
    """Two equal queues, one three times as busy from DAY on: the centre doubles."""
    counts = equal(a=3.0, b=1.0)
    said = [Renewal("a", Shift(DAY, 0, 3.0))]
    steps = shifts_of(None, said, shares_of(counts, DAYS, said))
    assert [round(step.factor, 6) for step in steps] == [2.0]
    total = moved(counts["a"] + counts["b"], DAYS, steps)
    assert np.nansum(total, axis=1) == pytest.approx(np.full(91, 200.0), rel=1e-4)


def test_a_later_step_finds_the_shares_that_the_one_before_left() -> None:
    """a went from 50 to 150 of a centre of 200; twice as many of b, five days on, are 250: 1.25 times."""
    said = [Renewal("a", Shift(DAY, 0, 3.0)), Renewal("b", Shift(DAY + timedelta(days=5), 0, 2.0))]
    steps = shifts_of(None, said, shares_of(equal(a=3.0, b=1.0), DAYS, said))
    assert [round(step.factor, 6) for step in steps] == [2.0, 1.25]
    early = [Renewal("a", Shift(DAYS[0], 0, 3.0))]
    steps = shifts_of(None, early, shares_of(equal(a=1.0, b=1.0), DAYS, early))
    assert [round(step.factor, 6) for step in steps] == [2.0], "no day before it: of all"


def test_that_nothing_changed_is_a_renewal_that_moves_no_forecast() -> None:
    act = Act(20_773 * 86_400 * 1_000_000, "new_normal", "surge:a", "a", "Chen", "lead", None, None, 1.0)
    said = renewals([act], Days(ZoneInfo("UTC")))
    assert [one.shift.factor for one in said] == [1.0]
    for queue in ("a", None):
        assert shifts_of(queue, said, lambda day: {"a": 1.0}) == ()
