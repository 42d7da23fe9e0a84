"""Erlang C and A against reference points that several independent programs agree on.

tests/data/erlang_points.csv: ten significant digits; C from 40-digit arithmetic, A by two separate
methods (integrals; birth-death chain with a matrix exponential).
"""

import csv
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccboard.staffing.erlang import Performance, agents_needed, erlang_a, erlang_c
from ccboard.staffing.table import erlang_a_table

POINTS = list(csv.DictReader((Path(__file__).parent / "data/erlang_points.csv").open()))
COLUMNS = {
    "p_wait": "p_wait",
    "service_level": "sl_answered_within_over_offered",
    "asa_s": "asa_answered_s",
    "p_abandon": "p_abandon",
    "mean_wait_all_s": "mean_wait_all_s",
    "mean_wait_abandoned_s": "mean_wait_abandoned_s",
}


def perform(point: dict[str, str]) -> Performance:
    common = {
        "calls_per_hour": float(point["calls_per_hour"]),
        "aht_s": float(point["aht_s"]),
        "agents": int(point["agents"]),
        "within_s": float(point["threshold_s"]),
    }
    if point["model"] == "C":
        return erlang_c(**common)
    return erlang_a(patience_s=float(point["mean_patience_s"]), **common)


@pytest.mark.parametrize("point", POINTS, ids=lambda p: f"{p['model']}-{p['calls_per_hour']}-{p['agents']}")
def test_reference_points_are_met(point):
    found = perform(point)
    compared = 0
    for ours, theirs in COLUMNS.items():
        if point[theirs]:
            assert getattr(found, ours) == pytest.approx(float(point[theirs]), rel=1e-6), ours
            compared += 1
    assert compared >= 3


def chain(*, calls_per_hour, aht_s, patience_s, agents):
    """P(wait), P(abandon) and mean wait of all by summing the birth-death chain directly."""
    arrival, weights = calls_per_hour / 3600, [1.0]
    most = 1.0
    while len(weights) < agents + 2 or weights[-1] > most * 1e-18:
        most = max(most, weights[-1])
        k = len(weights)
        weights.append(weights[-1] * arrival / (min(k, agents) / aht_s + max(0, k - agents) / patience_s))
    total = math.fsum(weights)
    waiting = math.fsum(w * (k - agents) for k, w in enumerate(weights) if k > agents) / total
    return math.fsum(weights[agents:]) / total, waiting / patience_s / arrival, waiting / arrival


@given(
    calls_per_hour=st.floats(1, 2000),
    aht_s=st.floats(20, 900),
    patience_s=st.floats(10, 2000),
    agents=st.integers(1, 200),
    within_s=st.floats(0, 300),
)
def test_erlang_a_equals_its_birth_death_chain(calls_per_hour, aht_s, patience_s, agents, within_s):
    rates = {"calls_per_hour": calls_per_hour, "aht_s": aht_s, "patience_s": patience_s, "agents": agents}
    found = erlang_a(within_s=within_s, **rates)
    p_wait, p_abandon, wait = chain(**rates)
    assert found.p_wait == pytest.approx(p_wait, rel=1e-6, abs=1e-12)
    assert found.p_abandon == pytest.approx(p_abandon, rel=1e-6, abs=1e-12)
    assert found.mean_wait_all_s == pytest.approx(wait, rel=1e-6, abs=1e-9)
    assert 0 <= found.service_level <= 1
    assert 0 <= found.occupancy <= 1


def test_no_steady_state_is_said_with_none():
    found = erlang_c(calls_per_hour=240, aht_s=180, agents=12, within_s=20)
    assert found.p_wait is None
    assert found.service_level is None


def test_no_calls_have_no_service_level():
    assert erlang_a(calls_per_hour=0, aht_s=180, patience_s=60, agents=3, within_s=20).service_level is None


@pytest.mark.parametrize("patience_s", [None, 120.0])
def test_agents_needed_is_the_smallest_that_suffices(patience_s):
    asked = {"calls_per_hour": 200, "aht_s": 180, "within_s": 20, "patience_s": patience_s}
    found = agents_needed(service_level=0.8, **asked)
    fewer = {"calls_per_hour": 200, "aht_s": 180, "within_s": 20, "agents": found.agents - 1}
    below = erlang_c(**fewer) if patience_s is None else erlang_a(patience_s=patience_s, **fewer)
    assert found.service_level >= 0.8 > below.service_level


def test_a_table_is_its_points():
    """Every reference point again by the second way of summing, among neighbours of all sizes."""
    compared = 0
    for point in POINTS:
        if point["model"] == "A":
            asked = {"calls_per_hour": float(point["calls_per_hour"]), "aht_s": float(point["aht_s"]),
                     "patience_s": float(point["mean_patience_s"]), "within_s": float(point["threshold_s"])}
            found = erlang_a_table(agents=[700, int(point["agents"]), 1], **asked)[1]
            for ours, theirs in COLUMNS.items():
                if point[theirs]:
                    assert getattr(found, ours) == pytest.approx(float(point[theirs]), rel=1e-6), ours
                    compared += 1
    assert compared > 50


@pytest.mark.parametrize(("calls_per_hour", "patience_s"), [(0, 60), (5000, 3600), (200, 5), (3, 120)])
def test_a_table_is_what_each_number_of_agents_gives(calls_per_hour, patience_s):
    asked = {"calls_per_hour": calls_per_hour, "aht_s": 300, "patience_s": patience_s, "within_s": 20}
    table = erlang_a_table(agents=range(1, 501), **asked)
    assert [row.agents for row in table] == list(range(1, 501))
    for row in table[::37]:
        point = erlang_a(agents=row.agents, **asked)
        for name in COLUMNS:
            one, other = getattr(row, name), getattr(point, name)
            assert (one is None) == (other is None), name
            assert one is None or one == pytest.approx(other, rel=1e-9, abs=1e-12), name
