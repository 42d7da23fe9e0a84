"""How long callers are patient: the estimate beside the survival curve of a real bank's 164 081 callers."""

import csv
import math
from itertools import pairwise
from pathlib import Path

import pytest

from ccboard.staffing.demand import Work, effect, patience

BANK = Path(__file__).parent / "data" / "bank" / "waits.csv"
Curve = list[tuple[int, float]]


@pytest.fixture(scope="module")
def waits() -> list[tuple[int, int, int]]:
    """(seconds waited, answered, hung up), by seconds."""
    with BANK.open(encoding="utf-8") as file:
        return [(int(a), int(b), int(c)) for a, b, c in list(csv.reader(file))[1:]]


def kaplan_meier(waits: list[tuple[int, int, int]]) -> Curve:
    """Return (second, share of callers who would still wait after it): E. Kaplan, P. Meier 1958.

    Who was answered leaves those at risk without a word on his patience; of equal times hanging up is first.
    """
    at_risk, still, curve = sum(a + b for _, a, b in waits), 1.0, [(0, 1.0)]
    for second, answered, hung_up in waits:
        still *= 1 - hung_up / at_risk
        curve.append((second, still))
        at_risk -= answered + hung_up
    return curve


def after(curve: Curve, second: int) -> float:
    return next(still for at, still in reversed(curve) if at <= second)


def area(curve: Curve, until: int) -> float:
    """Return how long callers wait on average if nobody waits longer than `until`: the curve's area."""
    steps = [(at, still) for at, still in curve if at < until] + [(until, 0.0)]
    return sum((later - at) * still for (at, still), (later, _) in pairwise(steps))


def estimate(waits: list[tuple[int, int, int]]) -> float:
    return patience(sum(at * (a + b) for at, a, b in waits), sum(b for *_, b in waits))


def test_the_curve_by_hand() -> None:
    """Five callers: one hangs up at 10 s (4/5 stay), one is answered at 20, one of three hangs up at 30."""
    curve = kaplan_meier([(10, 0, 1), (20, 1, 0), (30, 2, 1)])
    assert [round(still, 4) for _, still in curve] == [1.0, 0.8, 0.8, round(0.8 * 2 / 3, 4)]
    assert area(curve, 30) == pytest.approx(10 + 20 * 0.8)


def test_the_estimate_follows_the_bank_s_callers_for_four_minutes(waits: list[tuple[int, int, int]]) -> None:
    """Within four of a hundred; more of them leave at once than it says, and who stays, stays longer."""
    curve, mean = kaplan_meier(waits), estimate(waits)
    assert mean == pytest.approx(373, abs=1)
    off = {at: after(curve, at) - math.exp(-at / mean) for at in (5, 20, 60, 120, 180, 240, 400)}
    assert max(abs(off[at]) for at in (5, 20, 60, 120, 180, 240)) < 0.04
    assert off[60] < -0.03
    assert 0.10 < off[400] < 0.14
    for until in (120, 240, 400):
        assert mean * (1 - math.exp(-until / mean)) == pytest.approx(area(curve, until), rel=0.05)


def test_without_those_who_were_answered_it_would_be_far_off(waits: list[tuple[int, int, int]]) -> None:
    """The mean wait of those who hung up says that most have gone after a minute; 81 of 100 still wait."""
    naive = sum(at * b for at, _, b in waits) / sum(b for *_, b in waits)
    curve = kaplan_meier(waits)
    assert after(curve, 60) == pytest.approx(0.81, abs=0.01)
    assert math.exp(-60 / naive) < 0.6


@pytest.mark.parametrize(("calls", "points"), [
    (60, 4), (120, 4), (300, 5), (600, 6), (1200, 8), (1560, 8), (3000, 10)])
def test_a_patience_fitted_to_the_first_minute_foretells_more(
        waits: list[tuple[int, int, int]], calls: int, points: int) -> None:
    """Erlang A with the exponential that loses as many in the first minute as the curve does.

    Beside it at all numbers of heads that have 0.75 to 1.6 times the work they could do: how many points of
    the service level are the most between them (docs/surge.md says them), and where people suffice.
    """
    early = -60 / math.log(after(kaplan_meier(waits), 60))
    assert 280 < early < 300
    work = calls * 300 / 3600
    off, off_where_enough = [], []
    for heads in range(math.ceil(work / 1.6), math.floor(work / 0.75) + 1):
        one, other = (effect(calls, Work(300.0, mean, 20.0, 0.8), heads) for mean in (estimate(waits), early))
        off.append(other.service_level - one.service_level)
        if work <= 0.9 * heads:
            off_where_enough.append(off[-1])
        assert abs(one.abandon_rate - other.abandon_rate) < 0.015
    assert min(off) > -0.0005, "the estimate is on the careful side"
    assert round(100 * max(off)) == points
    assert max(off_where_enough) < 0.025
