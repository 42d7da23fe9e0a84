"""The surge filter against the same model written as loops, and against days whose answer is plain."""

import math

import numpy as np
import pytest

from ccboard.surge.filter import SurgeFilter, noise_chain, surge_chain

SIZES = (0.0, 0.15, 0.30, 0.45, 0.65, 0.90, 1.20, 1.60)
PRIOR = (0.20, 0.25, 0.20, 0.14, 0.11, 0.06, 0.04)


def slow(counts, normal, mean, variance, noise):
    """The model by its definition, cell by cell: P(surge), expected ratio, P(tier reached) by minute."""
    sd = math.sqrt(variance)
    days = [mean - variance / 2 + sd * (-3.4 + 0.55 * k) for k in range(13)]
    weight = [math.exp(-((-3.4 + 0.55 * k) ** 2) / 2) for k in range(13)]
    within = [noise * (k - 2) for k in range(5)]
    keep = (1 + 0.7 ** (1 / 15)) / 2

    def moves(k, j):  # of 4 switches, k up: each stays with probability `keep`
        return sum(math.comb(k, up) * keep**up * (1 - keep) ** (k - up)
                   * math.comb(4 - k, j - up) * (1 - keep) ** (j - up) * keep ** (4 - k - j + up)
                   for up in range(k + 1) if 0 <= j - up <= 4 - k)

    def grows(i, j):
        if i == 0:
            return PRIOR[j - 1] / 36000 if j else 1 - 1 / 36000
        near = {n for n in (i - 1, i + 1) if 1 <= n <= 7}
        if j == i:
            return 1 - 1 / 240 - len(near) / 80
        return 1 / 240 if j == 0 else 1 / 80 if j in near else 0.0

    # Of the noise of now the mean of the next hour keeps the integral of 0.7 ** (t / 15) over it.
    kept = sum(0.7 ** ((k + 0.5) / 1500) for k in range(6000)) / 6000

    anyway = max(1.30, math.exp(2 * sd))

    def stays(cell):
        return math.exp(days[cell[0]] + kept * within[cell[1]]) * (1 + SIZES[cell[2]])

    cells = [(d, a, s) for d in range(13) for a in range(5) for s in range(8)]
    p = {(d, a, s): weight[d] / sum(weight) * math.comb(4, a) / 16 * (0.03 * PRIOR[s - 1] if s else 0.97)
         for d, a, s in cells}
    told = []
    for n, m in zip(counts, normal, strict=True):
        p = {(d, a, s): sum(p[d, i, j] * moves(i, a) * grows(j, s) for i in range(5) for j in range(8))
             for d, a, s in cells}
        ratio = {(d, a, s): math.exp(days[d] + within[a]) * (1 + SIZES[s]) for d, a, s in cells}
        if not math.isnan(n):
            p = {c: p[c] * math.exp(n * math.log(m * ratio[c]) - m * ratio[c] - math.lgamma(n + 1))
                 for c in cells}
            total = sum(p.values())
            p = {c: v / total for c, v in p.items()}
        told.append((sum(p[c] for c in cells if (c[2] and ratio[c] >= 1.10) or stays(c) >= anyway),
                     sum(p[c] * ratio[c] for c in cells),
                     [sum(p[c] for c in cells if stays(c) >= 0.99 * tier) for tier in (1.3, 1.5, 1.8)]))
    return told


def test_it_is_the_model_of_its_definition():
    rng = np.random.default_rng(4)
    normal = rng.uniform(2, 8, (3, 6))
    counts = rng.poisson(normal * np.array([[1.0], [1.6], [0.8]])).astype(float)
    counts[0, 3] = counts[1, 0] = np.nan
    mean, variance = np.array([0.0, 0.1, 0.0]), np.array([0.005, 0.01, 0.003])
    noise = np.array([0.04, 0.03, 0.06])
    surge = SurgeFilter(mean, variance, noise)
    said = []
    for minute in range(6):
        surge.step(counts[:, minute], normal[:, minute])
        said.append((surge.belief(), [surge.reached(row) for row in range(3)]))
    for row in range(3):
        expected = slow(counts[row], normal[row], mean[row], variance[row], noise[row])
        for minute, (p_surge, lift, reached) in enumerate(expected):
            assert said[minute][0].p_surge[row] == pytest.approx(p_surge, rel=1e-7, abs=1e-12)
            assert said[minute][0].lift[row] == pytest.approx(lift, rel=1e-7)
            assert list(said[minute][1][row]) == pytest.approx(reached, rel=1e-7, abs=1e-12)


def test_chains_are_chains():
    noise, stationary = noise_chain()
    assert noise.sum(axis=1) == pytest.approx(np.ones(5))
    assert surge_chain().sum(axis=1) == pytest.approx(np.ones(8))
    assert stationary @ noise == pytest.approx(stationary)
    states = np.linspace(-2, 2, 5)  # standard deviation 1, correlation 0.7 after 15 minutes
    assert stationary @ states**2 == pytest.approx(1)
    assert stationary * states @ np.linalg.matrix_power(noise, 15) @ states == pytest.approx(0.7)


def run(counts, normal=20.0, variance=0.065**2):
    surge = SurgeFilter(np.zeros(1), np.full(1, variance), np.full(1, 0.04))
    said = []
    for n in counts:
        surge.step(np.array([float(n)]), np.array([normal]))
        said.append(surge.belief())
    return surge, said


def test_a_plain_day_stays_quiet_and_a_doubled_one_does_not():
    _, said = run([20] * 120 + [40] * 8 + [20] * 60)
    assert max(b.p_surge[0] for b in said[:120]) < 0.05
    assert said[124].p_surge[0] > 0.95
    assert said[127].lift[0] == pytest.approx(2.0, rel=0.15)
    assert said[-1].p_surge[0] < 0.2
    assert said[-1].lift[0] == pytest.approx(1.0, abs=0.08)


def test_no_feed_is_not_no_calls():
    counts = [20] * 60 + [float("nan")] * 60 + [20] * 5
    surge, said = run(counts)
    assert max(b.p_surge[0] for b in said) < 0.05
    assert said[119].lift[0] == pytest.approx(1.0, abs=0.05)
    low, high = surge.span(0)
    assert 0.85 < low < 1.0 < high < 1.15


@pytest.mark.parametrize("after", [0, 2000])
def test_it_finds_back_from_what_cannot_be(after):
    _, said = run([20] * 30 + [after] * 20 + [20] * 200)
    assert all(np.isfinite(b.p_surge[0]) and np.isfinite(b.lift[0]) for b in said)
    assert said[-1].p_surge[0] < 0.2
    assert said[-1].lift[0] == pytest.approx(1.0, abs=0.1)


def test_queues_do_not_touch_one_another():
    rng = np.random.default_rng(1)
    counts, normal = rng.poisson(6, (50, 40)).astype(float), np.full(40, 5.0)
    together = SurgeFilter(np.zeros(40), np.full(40, 0.005), np.full(40, 0.04))
    alone = SurgeFilter(np.zeros(1), np.full(1, 0.005), np.full(1, 0.04))
    for minute in range(50):
        which = np.arange(0, 40, 2) if minute % 3 else None  # every other queue is closed now and then
        rows = slice(None) if which is None else which
        together.step(counts[minute][rows], normal[rows], which)
        alone.step(counts[minute][[4]], normal[[4]])
    assert together.belief().p_surge[4] == pytest.approx(alone.belief().p_surge[0], rel=1e-9)


def test_a_state_put_back_is_the_state():
    surge, said = run([20, 30, 40, 35])
    kept = surge.state()
    surge.step(np.array([500.0]), np.array([20.0]))
    surge.restore(0, kept[0])
    assert surge.belief().p_surge[0] == said[-1].p_surge[0]
