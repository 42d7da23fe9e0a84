"""The queue on its way from the present state: against closed forms, published points and a simulation."""

import csv
import heapq
import math
from collections import deque
from pathlib import Path
from random import Random

import numpy as np
import pytest

from ccboard.staffing.transient import Course, Met, ahead

POINTS = Path(__file__).parent / "data" / "erlang_points.csv"


def course(per_hour: float, heads: float, minutes: float, steps: int = 1) -> Course:
    one = np.ones((1, steps))
    return Course(one * per_hour / 3600, one * heads, minutes * 60 / steps)


def later(one: Met, both: Met) -> tuple[float, float]:
    """Of two equal stretches, given the first and both: what is met in the second."""
    return (float(2 * both.service_level[0] - one.service_level[0]),
            float(2 * both.abandon_rate[0] - one.abandon_rate[0]))


@pytest.mark.parametrize("point", [
    row for row in csv.DictReader(POINTS.open(encoding="utf-8")) if row["model"] == "A"
    and float(row["mean_patience_s"]) <= 600], ids=lambda row: f"{row['calls_per_hour']}-{row['agents']}")
def test_after_a_long_time_it_is_the_published_steady_state(point: dict[str, str]) -> None:
    """Up to 35 heads every state is there; above, h callers are one and it is right to half a point."""
    calls, aht, heads, waits, within = (float(point[name]) for name in (
        "calls_per_hour", "aht_s", "agents", "mean_patience_s", "threshold_s"))
    minutes = max(aht, waits) * 20 / 60
    first, both = (ahead(course(calls, heads, minutes * n, n), calls / 3600 * aht, aht, waits, within)
                   for n in (1, 2))
    level, lost = later(first, both)
    off = 1e-5 if heads < 36 else 0.005
    assert level == pytest.approx(float(point["sl_answered_within_over_offered"]), abs=off)
    assert lost == pytest.approx(float(point["p_abandon"]), abs=off)


def test_one_agent_from_an_empty_morning_on() -> None:
    """By hand. Patience as long as talks makes each caller leave after 300 s on average, served or not: the
    number of callers is Poisson of mean m(t) = (1 - exp(-t/300)) 1.2 for 1.2 calls in 300 s. Answered at once
    is who meets nobody: exp(-m). Who meets x callers hangs up with x/(x + 1): 1 - (1 - exp(-m))/m."""
    found = ahead(course(14.4, 1, 10), 0.0, 300.0, 300.0, 1e-9)
    t = (np.arange(200_000) + 0.5) * 600 / 200_000
    m = 1.2 * -np.expm1(-t / 300)
    assert found.service_level[0] == pytest.approx(np.exp(-m).mean(), abs=1e-7)
    assert found.abandon_rate[0] == pytest.approx((1 + np.expm1(-m) / m).mean(), abs=1e-7)


def test_three_agents_and_four_callers_in_the_present() -> None:
    """As above; those of the beginning are left with probability exp(-t/300) each: a binomial is added."""
    found = ahead(course(24.0, 3, 15, 3), 4.0, 300.0, 300.0, 1e-9)
    t = (np.arange(20_000) + 0.5) * 900 / 20_000
    stay, m = np.exp(-t / 300), 2.0 * -np.expm1(-t / 300)
    left = [math.comb(4, k) * stay**k * (1 - stay)**(4 - k) for k in range(3)]
    came = [np.exp(-m) * m**k / math.factorial(k) for k in range(3)]
    free = sum(left[i] * came[j] for i in range(3) for j in range(3 - i))
    assert found.service_level[0] == pytest.approx(np.mean(free), abs=1e-6)


def simulated(rng: Random, present: int, heads: int, calls_per_s: float, aht: float, waits: float,
              within: float, lasts: float) -> tuple[int, int, int]:
    """Count the calls of `lasts` seconds: all, in time, gone."""
    free_at = [rng.expovariate(1 / aht) for _ in range(min(present, heads))] + [0.0] * max(0, heads - present)
    heapq.heapify(free_at)
    line = deque((0.0, rng.expovariate(1 / waits), False) for _ in range(present - heads))
    at = 0.0
    while (at := at + rng.expovariate(calls_per_s)) < lasts:
        line.append((at, at + rng.expovariate(1 / waits), True))
    offered = in_time = gone = 0
    for came, until, counts in line:  # in the order of coming: each takes the agent who is free first
        answered = max(came, free_at[0])
        if answered < until:
            heapq.heapreplace(free_at, answered + rng.expovariate(1 / aht))
        offered += counts
        in_time += counts and answered < until and answered - came <= within
        gone += counts and answered >= until
    return offered, in_time, gone


def test_a_backlog_is_what_a_simulation_makes_of_it() -> None:
    """12 agents, 8 callers in line, a little more work than they can do: 3 standard errors of 300 runs."""
    rng = Random(5)
    runs = np.array([simulated(rng, 20, 12, 0.045, 280.0, 150.0, 20.0, 1800.0) for _ in range(300)])
    offered, in_time, gone = runs.T.astype(float)
    found = ahead(course(162.0, 12, 30, 6), 20.0, 280.0, 150.0, 20.0)
    for counted, foretold in ((in_time, found.service_level[0]), (gone, found.abandon_rate[0])):
        share = counted.sum() / offered.sum()
        error = (counted - share * offered).std() / offered.mean() / math.sqrt(len(runs))
        assert error < 0.012
        assert foretold == pytest.approx(share, abs=3 * error)


def test_few_callers_a_state_are_nearly_as_good_as_one() -> None:
    """200 agents (7 callers are one state), 30 in line: a simulation again."""
    rng = Random(6)
    runs = np.array([simulated(rng, 230, 200, 0.75, 280.0, 150.0, 20.0, 1800.0) for _ in range(20)])
    offered, in_time, gone = runs.T.astype(float)
    found = ahead(course(2700.0, 200, 30, 6), 230.0, 280.0, 150.0, 20.0)
    assert found.service_level[0] == pytest.approx(in_time.sum() / offered.sum(), abs=0.06)
    assert found.abandon_rate[0] == pytest.approx(gone.sum() / offered.sum(), abs=0.015)


def test_more_heads_are_never_worse_and_none_answer_nobody() -> None:
    heads = np.repeat(np.array([[0.0], [5.0], [9.5], [10.0], [14.0]]), 6, axis=1)
    found = ahead(Course(np.full((5, 6), 0.04), heads, 300.0), 12.0, 300.0, 200.0, 20.0)
    assert (np.diff(found.service_level) > 0).all()
    assert (np.diff(found.abandon_rate) < 0).all()
    assert found.service_level[0] == 0
    assert found.abandon_rate[0] == pytest.approx(1)


def test_who_tries_once_more_comes_in_the_next_step() -> None:
    """Nobody is at work, so the 10 calls of the first step hang up: half come again, 15 in the second."""
    heads = np.array([[0.0, 5.0]])
    again = ahead(Course(np.array([[1 / 30, 1 / 30]]), heads, 300.0), 0.0, 280.0, 150.0, 20.0, 0.5)
    plain = ahead(Course(np.array([[1 / 30, 1 / 20]]), heads, 300.0), 0.0, 280.0, 150.0, 20.0)
    assert again.service_level[0] == pytest.approx(plain.service_level[0], abs=1e-9)
    assert again.abandon_rate[0] == pytest.approx(plain.abandon_rate[0], abs=1e-9)
