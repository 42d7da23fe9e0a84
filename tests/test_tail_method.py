"""The tail's statistics: against cases worked by hand, second methods, and centres whose truth is known."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import tail_centres

from ccboard.tail.adjust import adjust
from ccboard.tail.arrays import phi
from ccboard.tail.cluster import estimate
from ccboard.tail.drivers import by_part, by_type
from ccboard.tail.early import may_name, still_needed
from ccboard.tail.judge import judge
from ccboard.tail.persistence import past, reports
from ccboard.tail.shrink import Hint, Posterior, Spread, shrink, spread
from ccboard.tail.table import Sums, collect
from ccboard.tail.today import refresh
from ccboard.tail.together import correlations
from ccboard.tail.volatile import benjamini_hochberg, chi_square_tail, when
from ccboard.tail.worst import name, worst

Kind, make = tail_centres.centre.Kind, tail_centres.centre.make


def table(rows, *, units=None, mixes=("a", "b")) -> Sums:
    """Return sums of (unit, day, mix, value) rows."""
    u, d, m, x = (np.array(c) for c in zip(*rows, strict=True))
    units = units or tuple(f"u{i}" for i in range(int(u.max()) + 1))
    return collect(units, mixes, u, d, m, x.astype(float))


# ---------------------------------------------------------------- sums

def test_sums_by_hand():
    s = table([(0, 5, 0, 2.0), (0, 5, 0, 4.0), (0, 6, 1, 1.0), (1, 5, 0, 3.0)])
    assert s.unit.tolist() == [0, 0, 1]
    assert s.day.tolist() == [5, 6, 5]
    assert s.mix.tolist() == [0, 1, 0]
    assert s.count.tolist() == [2, 1, 1]
    assert s.total.tolist() == [6, 1, 3]
    assert s.squares.tolist() == [20, 1, 9]
    assert not s.binary
    assert s.days.tolist() == [5, 6]
    assert s.last_days(1).total.tolist() == [1]
    assert s.between(5, 5).count.tolist() == [2, 1]
    assert table([(0, 1, 0, 1), (0, 1, 0, 0)]).binary


def test_sums_are_the_same_on_both_ways_to_add_up():
    r = np.random.default_rng(1)
    columns = r.integers(0, 5, 200), r.integers(0, 9, 200), r.integers(0, 2, 200), r.random(200)
    rows = [(int(a), int(d), int(m), float(x)) for a, d, m, x in zip(*columns, strict=True)]
    dense = table(rows)
    far = table([(a, d * 10_000_000, m, x) for a, d, m, x in rows])
    assert np.array_equal(dense.count, far.count)
    assert np.allclose(dense.total, far.total)


# ---------------------------------------------------------------- 1 adjust

def test_a_specialist_on_the_hard_type_is_as_good_as_the_others():
    """Everybody needs log 6 on type a, log 5 on b and is alike; u0 has nothing but a. Raw means differ."""
    r = np.random.default_rng(3)
    rows = []
    for u in range(8):
        for d in range(10):
            for _ in range(12):
                mix = 0 if u == 0 or r.random() < 0.3 else 1
                rows.append((u, d, mix, (6.0, 5.0)[mix] + r.normal(0, 0.3)))
    found = adjust(table(rows), rate=False)
    effects = estimate(found)
    assert found.raw[0] - found.raw[1:].mean() > 0.5
    assert abs(effects.b[0]) < 3 * math.sqrt(effects.v[0])
    assert abs(effects.b[0]) < 0.1
    assert found.expected[0] == pytest.approx(6.0, abs=0.1)


def test_a_type_taken_by_the_slow_only_does_not_make_them_look_normal():
    """Raw type means would say that type b takes as long as its slow agents; the fit sees them on a."""
    r = np.random.default_rng(4)
    rows = []
    for u in range(12):
        slow = 0.4 if u < 3 else 0.0
        for d in range(15):
            for _ in range(10):
                mix = int(u < 3 and r.random() < 0.5)
                rows.append((u, d, mix, 5.0 + slow + r.normal(0, 0.4)))
    found = adjust(table(rows), rate=False)
    assert found.types[1] - found.types[0] == pytest.approx(0.0, abs=0.08)
    effects = estimate(found).b
    assert effects[:3].mean() - effects[3:].mean() == pytest.approx(0.4, abs=0.06)


def test_a_bad_day_of_the_centre_is_nobodys_fault():
    r = np.random.default_rng(5)
    rows = []
    for u in range(20):
        for d in range(12):
            if u == 0 and d < 6:
                continue  # u0 worked on the second half only, when all took longer
            late = 0.3 if d >= 6 else 0.0
            rows.extend((u, d, 0, 5.0 + late + r.normal(0, 0.3)) for _ in range(60))
    effects = estimate(adjust(table(rows), rate=False))
    assert abs(effects.b[0] - effects.b[1:].mean()) < 0.06  # raw: 0.15


def test_equal_rates_by_hand():
    """Two types of 10 % and 50 %, each agent exactly on them: no effect at all."""
    rows = []
    for u in range(6):
        for d in range(4):
            for mix, ones, n in ((0, 1, 10), (1, 5, 10)):
                if u == 0 and mix == 0:
                    continue
                rows += [(u, d, mix, 1)] * ones + [(u, d, mix, 0)] * (n - ones)
    found = adjust(table(rows), rate=True)
    assert np.allclose(estimate(found).b, 0, atol=0.02)
    assert np.allclose(1 / (1 + np.exp(-found.types)), [0.1, 0.5], atol=0.01)


def test_somebody_ten_times_as_bad_is_not_lost():
    """Far from the others Newton's full steps swing ever wider; the estimate must come back."""
    r = np.random.default_rng(6)
    rows = []
    for u in range(30):
        p = 0.4 if u == 0 else 0.03
        for d in range(20):
            rows.extend((u, d, 0, int(r.random() < p)) for _ in range(20))
    effects = estimate(adjust(table(rows), rate=True))
    wanted = math.log(0.4 / 0.6) - math.log(0.03 / 0.97)
    assert effects.b[0] - np.median(effects.b) == pytest.approx(wanted, abs=0.5)
    assert np.abs(effects.b[1:]).max() < 1.5


# ---------------------------------------------------------------- 2 clusters

def test_days_that_differ_make_less_sure():
    r = np.random.default_rng(7)

    def effects(swing):
        rows = []
        for u in range(40):
            for d in range(10):
                day = r.normal(0, swing)
                rows.extend((u, d, 0, 5 + day + r.normal(0, 0.5)) for _ in range(20))
        return estimate(adjust(table(rows), rate=False))

    calm, wild = effects(0.0), effects(0.3)
    assert calm.td < 0.005
    assert wild.td == pytest.approx(0.09, rel=0.4)
    # by hand: (0.25 / 20 + 0.09) / 10 days
    assert np.median(wild.v) == pytest.approx(0.01025, rel=0.4)
    assert np.median(calm.v) == pytest.approx(0.00125, rel=0.4)


def test_no_variance_where_nothing_is_known():
    found = estimate(adjust(table([(0, 1, 0, 5.0), (1, 1, 0, 5.5)], units=("a", "b", "nobody")), rate=False))
    assert found.v[2] == math.inf
    assert found.days.tolist() == [1, 1, 0]


# ---------------------------------------------------------------- 3 shrink, 4 worst

def brute(b, v):
    """Posterior means and P(worst tenth) by plain sums over tau, mu and theta: no formulas in common."""
    taus, mus = np.linspace(0.01, 2.5, 60), np.linspace(-1.2, 1.2, 41)
    theta = np.linspace(-4, 4, 801)
    weight = np.zeros((len(taus), len(mus)))
    for i, tau in enumerate(taus):
        for j, mu in enumerate(mus):
            s = v + tau * tau
            weight[i, j] = (-0.5 * np.log(s) - 0.5 * (b - mu) ** 2 / s).sum()
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    mean, p = np.zeros(len(b)), np.zeros(len(b))
    for i, tau in enumerate(taus):
        if weight[i].sum() < 1e-4:
            continue
        density = np.zeros((len(b), len(theta)))
        for j, mu in enumerate(mus):
            if weight[i, j] < 1e-6:
                continue
            prior = np.exp(-0.5 * ((theta - mu) / tau) ** 2)
            like = np.exp(-0.5 * (b[:, None] - theta) ** 2 / v[:, None]) * prior
            density += weight[i, j] * like / like.sum(axis=1, keepdims=True)
        mean += density @ theta
        beyond = density[:, ::-1].cumsum(axis=1)[:, ::-1] / weight[i].sum()
        line = np.argmin(np.abs(beyond.mean(axis=0) - 0.1))
        p += weight[i].sum() * beyond[:, line]
    return mean, p


def test_posterior_and_tail_by_brute_force():
    r = np.random.default_rng(8)
    v = r.uniform(0.05, 0.5, 15)
    b = r.normal(0, 0.6, 15) + r.normal(0, np.sqrt(v))
    mean, p = brute(b, v)
    found = shrink(b, v)
    assert found.m == pytest.approx(mean, abs=0.02)
    assert worst(found) == pytest.approx(p, abs=0.02)


def test_rates_by_brute_force():
    """P(worst tenth) of a rate against the exact binomial likelihood on a grid, tau as found."""
    r = np.random.default_rng(9)
    n, units, days = 15, 40, 20
    theta = r.normal(0, 0.5, units)
    ones = r.binomial(n, 1 / (1 + np.exp(2.0 - theta))[:, None], (units, days))
    rows = [(u, d, 0, int(i < ones[u, d])) for u in range(units) for d in range(days) for i in range(n)]
    report = judge({"transfer": table(rows, mixes=("a",))})
    j = report.figures["transfer"]
    grid = np.linspace(-3, 3, 2001)
    at = float(j.table.types[0]) + grid
    like = ones.sum(axis=1)[:, None] * at - n * days * np.log1p(np.exp(at))
    like = like - 0.5 * ((grid - j.posterior.spread.mu) / j.posterior.spread.tau) ** 2
    density = np.exp(like - like.max(axis=1, keepdims=True))
    density /= density.sum(axis=1, keepdims=True)
    beyond = density[:, ::-1].cumsum(axis=1)[:, ::-1]
    p = beyond[:, np.argmin(np.abs(beyond.mean(axis=0) - 0.1))]
    assert j.posterior.m == pytest.approx(density @ grid, abs=0.06)
    assert np.abs(j.p - p).max() < 0.10
    assert np.abs(j.p - p).mean() < 0.02


def test_shrinkage_by_hand():
    """With one tau the textbook: B = 0.04 / (0.04 + 0.01) = 0.8."""
    known = spread(np.array([0.2, -0.2] * 200), np.full(400, 0.01))
    assert known.tau == pytest.approx(math.sqrt(0.04 - 0.01), rel=0.05)
    found = shrink(np.array([0.2, -0.2] * 200), np.full(400, 0.01))
    assert found.own == pytest.approx(np.full(400, 0.75), abs=0.02)
    assert found.m[0] == pytest.approx(0.15, abs=0.005)


def test_a_hint_moves_who_has_nothing_else():
    b, v = np.array([0.3, -0.3, 0.1, -0.1, 0.0]), np.array([0.01, 0.01, 0.01, 0.01, math.inf])
    hint = Hint(np.array([0, 0, 0, 0, 1.0]), np.array([0, 0, 0, 0, 0.5]))
    assert shrink(b, v).m[4] == pytest.approx(0.0, abs=0.01)
    known = spread(b, v, hint)
    assert shrink(b, v, hint).m[4] == pytest.approx(float(known.weights @ known.taus), abs=0.02)


def test_probabilities_add_up_to_a_tenth():
    r = np.random.default_rng(10)
    v = r.uniform(0.01, 2.0, 300)
    p = worst(shrink(r.normal(0, 0.5, 300) + r.normal(0, np.sqrt(v)), v))
    assert p.mean() == pytest.approx(0.1, abs=1e-6)


def test_nobody_differs_everybody_is_as_likely():
    found = Posterior(np.zeros(4), np.zeros(4), np.zeros(4), Spread(*[np.ones(1)] * 3, np.zeros(1)),
                      np.zeros((1, 4)), np.zeros((1, 4)))
    assert worst(found).tolist() == [0.1] * 4


def test_phi_against_erf():
    z = np.linspace(-7, 7, 997)
    assert phi(z) == pytest.approx(np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in z]), abs=1e-7)


def test_phi_of_many_in_any_order_of_memory():
    z = np.random.default_rng(4).normal(0, 5, (3, 9001))
    one_by_one = np.array([[float(phi(np.array([x]))[0]) for x in row[::50]] for row in z])
    assert (phi(z)[:, ::50] == one_by_one).all()
    assert (one_by_one == phi(z.T)[::50].T).all()
    assert (phi(z[:, ::50]) == one_by_one).all()


def test_names_by_hand():
    p = np.array([0.9, 0.8, 0.7, 0.6])  # means of 1 - p: .10 .15 .20 .25
    assert name(p).tolist() == [True, True, True, False]
    assert name(p, np.array([True, False, True, True])).tolist() == [True, False, True, False]
    assert not name(np.array([0.79, 0.5])).any()


# ---------------------------------------------------------------- early

def test_who_may_be_named():
    one = np.ones(6)
    p, alone, values = 0.7 * one, 0.5 * one, 100 * one
    days, calls = 20 * one, 300 * one
    days[1], calls[2], values[3], alone[4] = 4, 29, 20, 0.2
    assert may_name(p, alone, values, days, calls).tolist() == [True, False, False, False, False, True]
    p[3] = 0.9  # few, but strong
    assert may_name(p, alone, values, days, calls)[3]
    four = (x[:4] for x in (p, alone, values, 20 * one, 300 * one))
    assert not may_name(*four).any()  # four are no crowd


def test_about_so_many_more():
    rows = []
    r = np.random.default_rng(11)
    for u in range(30):
        effect = r.normal(0, 0.2)
        for d in range(20 if u else 6):
            rows.extend((u, d, 0, 5 + effect + r.normal(0, 0.6)) for _ in range(20 if u else 1))
    found = estimate(adjust(table(rows), rate=False))
    counts, days = np.bincount([x[0] for x in rows]).astype(float), found.days
    needed = still_needed(found, counts, counts, days, 0.2, 20)
    assert needed[1:].max() == 0
    # by hand: 0.36 / n = 0.04 at n = 9, and six are there; but a quarter of the others' 400 it has to be
    assert needed[0] == 94
    assert np.isinf(still_needed(found, counts, counts, days, 0.0, 20)).all()


def test_more_calls_of_the_same_kind_need_fewer_still():
    r = np.random.default_rng(12)
    others = [(u, d, 0, 5 + e + r.normal(0, 0.6)) for u in range(1, 30) for e in [r.normal(0, 0.1)]
              for d in range(20) for _ in range(6)]
    found = []
    for many in range(1, 8):  # days of six calls, all alike: 0.6 above and below
        rows = others + [(0, d, 0, 5.0 + side) for d in range(many) for side in (0.6, -0.6) * 3]
        made = estimate(adjust(table(rows), rate=False))
        counts = np.bincount([x[0] for x in rows]).astype(float)
        found.append(still_needed(made, counts, counts, made.days, 0.1, 20)[0])
    # by hand, no ups and downs of days: 0.36 / 0.01 = 36 calls in all
    assert found == pytest.approx([30, 24, 18, 12, 6, 0, 0], abs=3)
    assert all(a > b for a, b in itertools.pairwise(found[:6])), found
    never = still_needed(made, counts, counts, made.days, 0.02, 20)  # 900 calls are not to be had in 20 days
    assert np.isinf(never).all()


# ---------------------------------------------------------------- together

def test_correlations_are_found_and_none_invented():
    r = np.random.default_rng(12)
    n = 2000
    z = r.normal(size=n)
    own = r.normal(size=(n, 3))
    rest = math.sqrt(0.51)
    truth = np.stack([0.7 * z + rest * own[:, 0], 0.7 * z + rest * own[:, 1], own[:, 2]], axis=1)
    noise = np.broadcast_to([0.3, 1.0, 0.5], (n, 3))
    found = correlations(truth + r.normal(size=(n, 3)) * np.sqrt(noise), noise)
    assert found[0, 1] == pytest.approx(0.49, abs=0.12)
    assert abs(found[0, 2]) < 0.1


# ---------------------------------------------------------------- fluctuation

def test_chi_square_against_tables():
    x, free = np.array([3.841, 18.307, 31.41, 4.351]), np.array([1.0, 10.0, 20.0, 5.0])
    assert chi_square_tail(x, free) == pytest.approx([0.05, 0.05, 0.05, 0.5], abs=0.005)


def test_benjamini_hochberg_by_hand():
    p = np.array([0.011, 0.02, 0.5, 0.09, 0.03])  # limits .02 .04 .06 .08 .10
    assert benjamini_hochberg(p, np.ones(5, dtype=bool), 0.10).tolist() == [True, True, False, False, True]


def test_charts_by_hand():
    days = np.arange(12)
    assert when(days, np.zeros(12)) == ()
    [run] = when(days, np.full(12, 0.2))  # nine on one side, and too small for the EWMA
    assert (run.day, run.rule, run.worse) == (8, "run", True)
    [drift] = when(np.arange(4), np.array([0.0, 0.0, -6.0, -6.0]), worse=1)
    assert (drift.day, drift.rule, drift.worse) == (2, "drift", False)


# ---------------------------------------------------------------- whole centres

@pytest.fixture(scope="module")
def centres():
    """Return six centres with their reports."""
    found = []
    for seed in range(6):
        made = make(Kind(agents=(60, 120)[seed % 2]), 400 + seed)
        found.append((made, judge(tail_centres.tables(made))))
    return found


def test_right_and_wrong_names(centres):
    named = right = wrong = bad = medians = 0
    for made, report in centres:
        for figure, j in report.figures.items():
            true = made.bad(figure)
            named, bad = named + j.named.sum(), bad + true.sum()
            right, wrong = right + (j.named & true).sum(), wrong + (j.named & ~true).sum()
            medians += (made.truth[figure][j.named] < np.median(made.truth[figure])).sum()
    assert right / bad > 0.2
    assert wrong / named < 0.25
    assert medians / named < 0.02


def test_newcomers_are_never_named_and_told_how_many_more(centres):
    for made, report in centres:
        for j in report.figures.values():
            assert not (j.named & made.new).any()
            assert (j.needed[made.new & j.seen] > 0).all()
        assert not (report.fluctuation.named & made.new).any()


def test_specialists_are_named_no_more_often_than_others(centres):
    wrong = {True: [], False: []}
    for made, report in centres:
        for figure, j in report.figures.items():
            for special in (True, False):
                who = (made.specialist == special) & ~made.new & ~made.bad(figure)
                wrong[special].append(j.named[who].mean())
    assert np.mean(wrong[True]) < 0.03
    assert np.mean(wrong[False]) < 0.03


def test_probabilities_mean_what_they_say(centres):
    p = np.concatenate([j.p for _, report in centres for j in report.figures.values()])
    true = np.concatenate([made.bad(f) for made, report in centres for f in report.figures])
    for low, high in ((0.0, 0.1), (0.1, 0.3), (0.3, 0.6), (0.6, 1.01)):
        inside = (p >= low) & (p < high)
        assert true[inside].mean() == pytest.approx(p[inside].mean(), abs=0.12)


def test_who_fluctuates(centres):
    true = np.concatenate([made.fluctuating for made, _ in centres])
    named = np.concatenate([report.fluctuation.named for _, report in centres])
    assert named[true].mean() > 0.7
    assert true[named].mean() > 0.85


def test_where_nobody_differs_hardly_anybody_is_named():
    named = 0
    for seed in range(4):
        made = make(Kind(agents=80, shape="nobody", fluctuating=0.0, fluctuate=0.0), 700 + seed)
        report = judge(tail_centres.tables(made))
        named += sum(int(j.named.sum()) for j in report.figures.values())
        named += int(report.fluctuation.named.sum())
    assert named <= 3  # of 4 x 7 x 80 verdicts


def permuted(s: Sums, order: np.ndarray) -> Sums:
    """Return the same centre with its units in another order, and with its rows in another."""
    place = np.argsort(order)
    shuffled = np.random.default_rng(1).permutation(len(s.unit))
    t = s.where(shuffled)
    return replace(t, units=tuple(s.units[i] for i in order), unit=place[t.unit])


def test_order_and_names_do_not_matter(centres):
    made, report = centres[0]
    order = np.random.default_rng(2).permutation(made.kind.agents)
    again = judge({key: permuted(s, order) for key, s in tail_centres.tables(made).items()})
    for key, j in report.figures.items():
        assert again.figures[key].p == pytest.approx(j.p[order], abs=1e-6)
        assert again.figures[key].named.tolist() == j.named[order].tolist()
    assert again.fluctuation.p == pytest.approx(report.fluctuation.p[order], abs=1e-6)


def test_days_count_from_anywhere(centres):
    made, report = centres[1]
    later = judge({k: replace(s, day=s.day + 738_000) for k, s in tail_centres.tables(made).items()})
    assert later.figures["fcr"].p == pytest.approx(report.figures["fcr"].p, abs=1e-9)


def test_a_centre_twice_keeps_its_verdicts(centres):
    """Everybody and a twin who did exactly the same: nobody's place changes, chance is no smaller."""
    made, report = centres[0]
    both = {}
    for key, s in tail_centres.tables(made).items():
        n = len(s.units)
        twice = [np.concatenate([x, x]) for x in (s.day, s.mix, s.count, s.total, s.squares)]
        both[key] = Sums(s.units + tuple(f"twin of {u}" for u in s.units), s.mixes,
                         np.concatenate([s.unit, s.unit + n]), *twice)
    double = judge({"aht": both["aht"]}).figures["aht"]
    single = judge({"aht": tail_centres.sums(made, "aht")}).figures["aht"]
    n = made.kind.agents
    assert double.p[:n] == pytest.approx(double.p[n:], abs=1e-9)
    assert double.p[:n] == pytest.approx(single.p, abs=0.1)
    assert report.figures["aht"].seen.sum() * 2 == double.seen.sum()


def test_teams_and_types_by_the_same_code(centres):
    made, _ = centres[1]
    team = made.agent % 12
    value = np.log(made.values["aht"]) + 0.3 * (team == 7)
    rows = ~np.isnan(value)
    s = collect(tuple(f"team {i}" for i in range(12)), tuple(map(str, range(8))), team[rows], made.day[rows],
                made.type[rows], value[rows])
    j = judge({"aht": s}).figures["aht"]
    assert np.argmax(j.p) == 7
    assert j.named[7]


def test_today_taken_in_is_as_good_as_fitted_anew():
    made = make(Kind(agents=100, days=21), 31)
    all_days = tail_centres.tables(made)
    yesterday = judge({k: s.where(s.day < 20) for k, s in all_days.items()})
    quick = refresh(yesterday, {k: s.where(s.day == 20) for k, s in all_days.items()})
    anew = judge(all_days)
    for key, j in anew.figures.items():
        assert np.corrcoef(quick.figures[key].posterior.m, j.posterior.m)[0, 1] > 0.995
        assert np.array_equal(quick.figures[key].table.counts, j.table.counts)
        assert np.allclose(quick.figures[key].table.raw, j.table.raw)
        assert np.abs(quick.figures[key].p - j.p).mean() < 0.02


def test_the_work_is_interrupted_often_enough_and_gives_the_same():
    """Whoever waits for the interpreter waits for one round of one figure, and not for a whole fit."""
    whole = tail_centres.tables(make(Kind(agents=40), 34))
    before = {k: s.where(s.day < 19) for k, s in whole.items()}
    pauses = []
    report, plain = judge(before, pause=lambda: pauses.append(1)), judge(before)
    assert len(pauses) >= len(before) * 10  # eight rounds, and the verdict
    assert all(np.array_equal(report.figures[k].p, j.p) for k, j in plain.figures.items())
    pauses.clear()
    refresh(report, {k: s.where(s.day == 19) for k, s in whole.items()}, lambda: pauses.append(1))
    assert len(pauses) == 2 * len(before)  # taken in, and decided


def test_somebody_new_today_is_seen_and_too_early():
    made = make(Kind(agents=40), 32)
    report = judge({"aht": tail_centres.sums(made, "aht")})
    units = (*report.units, "new")
    today = Sums(units, tuple(f"type {i}" for i in range(8)), np.array([40]), np.array([20]), np.array([0]),
                 np.array([3.0]), np.array([24.0]), np.array([192.0]))
    found = refresh(report, {"aht": today})
    assert found.units[-1] == "new"
    assert not found.figures["aht"].named[-1]
    assert found.figures["aht"].needed[-1] >= 27
    assert found.figures["aht"].table.counts[-1] == 3


# ---------------------------------------------------------------- drivers, periods, pooling

def test_the_type_that_drives_it():
    r = np.random.default_rng(13)
    rows = []
    for u in range(20):
        for d in range(15):
            for _ in range(12):
                mix = int(r.integers(0, 2))
                slow = 0.6 if u == 0 and mix == 1 else 0.0
                rows.append((u, d, mix, 5 + slow + r.normal(0, 0.4)))
    j = judge({"aht": table(rows, mixes=("loans", "cards"))}).figures["aht"]
    driver = by_type(j, 0)
    assert driver is not None
    assert driver.what == "cards"
    assert driver.effect - driver.elsewhere == pytest.approx(0.6, abs=0.15)
    assert sum(by_type(j, u) is not None for u in range(1, 20)) <= 3


def test_the_part_that_drives_it():
    r = np.random.default_rng(14)
    parts = {}
    for part, mean, extra in (("talk", 200, 0), ("hold", 20, 15), ("wrap-up", 60, 40)):
        parts[part] = adjust(table([(u, d, 0, mean + (extra if u == 0 else 0) + r.normal(0, 10))
                                    for u in range(10) for d in range(10) for _ in range(10)]), rate=False)
    driver = by_part(parts, 0)
    assert driver is not None
    assert driver.what == "wrap-up"
    assert driver.effect == pytest.approx(36, abs=3)  # 40 more than nine tenths of all
    assert by_part(parts, 4) is None or by_part(parts, 4).effect < 5


@pytest.mark.parametrize("many", [4, 3000])  # few units: pairs are found in a table; many: by sorting
def test_the_rows_of_a_unit_are_all_of_them(many):
    """In whatever order the sums come; some units, the last too, have none."""
    r = np.random.default_rng(16)
    size = 400
    unit, day, mix = r.integers(0, many - 1, size), r.integers(0, 900, size), r.integers(0, 3, size)
    count = r.integers(1, 9, size).astype(float)
    found = adjust(Sums(tuple(f"u{n}" for n in range(many)), ("a", "b", "c"), unit, day, mix, count,
                        count * 5, count * 25.5), rate=False)
    for one in (*range(min(many, 50)), *unit[:50].tolist(), many - 1):
        assert found.rows_of(one).tolist() == np.flatnonzero(found.unit == one).tolist()
        assert found.pairs_of(one).tolist() == np.flatnonzero(found.pair_unit == one).tolist()
    assert len(found.rows_of(int(unit[0])))
    assert not len(found.rows_of(many - 1))


def test_periods_and_movement():
    """u0 is slow in the two newest of three periods, by 0.5; the rest is alike."""
    r = np.random.default_rng(15)
    effects = r.normal(0, 0.1, 20)
    rows = [(u, d, 0, 5 + effects[u] + (0.7 if u == 0 and d >= 10 else 0) + r.normal(0, 0.4))
            for u in range(20) for d in range(30) for _ in range(10)]
    recent = reports({"aht": table(rows)}, 10)
    assert [(r.figures["aht"].first, r.figures["aht"].last) for r in recent] == [(20, 29), (10, 19), (0, 9)]
    over = past(recent)
    assert (over.times["aht"][0], over.of["aht"][0]) == (2, 3)
    assert abs(over.moved["aht"][0]) < 4 * over.moved_sd["aht"][0]
    moved = past(recent[1:])
    assert moved.moved["aht"][0] == pytest.approx(0.7, abs=0.15)


def test_days_of_a_rare_figure_say_nothing_of_what_a_common_one_still_needs():
    """Back from leave: weeks of answers in the last 60 days, two days of calls in the last 20."""
    made = make(Kind(agents=30, days=70), 16)
    tables = tail_centres.tables(made)
    aht = tables["aht"].where((tables["aht"].unit != 0) | (tables["aht"].day >= 68))
    alone = judge({"aht": aht}, 20).figures["aht"].needed
    beside = judge({"aht": aht, "csat": tables["csat"]}, 20).figures["aht"].needed
    assert 0 < alone[0] < np.inf
    assert np.array_equal(alone, beside)


def test_rare_figures_take_sixty_days():
    made = make(Kind(agents=30, days=70), 16)
    report = judge(tail_centres.tables(made), 20)
    assert (report.figures["aht"].days, report.figures["aht"].pooled) == (20, False)
    assert report.figures["csat"].pooled
    assert report.figures["csat"].days == 60
    assert report.figures["qa"].first == 10


def test_nothing_at_all():
    empty = collect(("a",), (), *[np.zeros(0, dtype=np.int64)] * 3, np.zeros(0))
    report = judge({"aht": empty})
    assert report.figures == {}
    assert report.units == ("a",)
    assert judge({}).units == ()
