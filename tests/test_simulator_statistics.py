"""The simulated centre against the parameters it was given, and those against cases worked by hand."""

import gzip
import math
from collections import Counter, defaultdict
from datetime import date, timedelta
from random import Random
from statistics import fmean, pstdev

import pytest
from simulated import MONDAY, day_of, simulation, visits

from sources.simulator import derive, floor, parameters
from sources.simulator.arrivals import PRIORITY, REGULAR, arrivals, talk, volume

DAYS = [MONDAY + timedelta(days=7 * n) for n in range(30)]


def test_calls_by_half_hour_follow_the_profile():
    counts = Counter(int(call.hour * 2) for day in DAYS for call in arrivals(9, day, 36, 0.5))
    for half_hour in range(14, 44):
        expected = volume(MONDAY, half_hour, 36) * len(DAYS)
        # standard error of a mean of over-dispersed days: day and half hour together
        cv = math.hypot(parameters.DAY_CV, parameters.HALF_HOUR_CV) * 0.5
        error = math.sqrt(expected + (cv * expected) ** 2 / len(DAYS))
        assert abs(counts[half_hour] - expected) < 4 * error, half_hour
    assert sum(counts.values()) == sum(counts[h] for h in range(14, 44)), "none outside opening hours"


def test_the_profile_is_the_centres_own_scaled():
    assert volume(MONDAY, 20, 72) == pytest.approx(parameters.PROFILE[0][20] * floor.CALLS_PER_SEAT * 72)
    assert volume(MONDAY, 13, 72) == 0
    assert volume(MONDAY + timedelta(days=6), 20, 72) == 0


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_days_differ_as_much_as_asked(share):
    totals = [len(arrivals(4, MONDAY + timedelta(days=7 * n), 24, share)) for n in range(100)]
    beyond = (pstdev(totals) ** 2 - fmean(totals)) / fmean(totals) ** 2
    expected = (parameters.DAY_CV * share) ** 2
    assert beyond == pytest.approx(expected, abs=max(0.35 * expected, 0.0002))


def test_types_have_the_banks_shares():
    assert set(floor.BUSINESS_TYPES) == set(parameters.TYPES) == set(parameters.SERVICE)
    counts = Counter(call.kind for day in DAYS[:6] for call in arrivals(5, day, 72, 0.5))
    for kind, share in parameters.TYPES.items():
        n = counts.total()
        assert counts[kind] / n == pytest.approx(share, abs=0.01 + 4 * math.sqrt(share / n))


def test_callers_repeat_as_often_as_the_banks():
    shares = []
    for day in DAYS[:6]:
        callers = [call.caller for call in arrivals(5, day, 36, 0.5)]
        shares.append(1 - len(set(callers)) / len(callers))
    assert fmean(shares) == pytest.approx(parameters.REPEAT_SHARE, abs=0.03)


@pytest.mark.parametrize("kind", sorted(parameters.SERVICE))
def test_talks_are_lognormal_with_the_banks_parameters(kind):
    rng = Random(3)
    logs = [math.log(talk(rng, kind)) for _ in range(4000)]
    mu, sigma = parameters.SERVICE[kind]
    assert fmean(logs) == pytest.approx(mu, abs=4 * sigma / math.sqrt(4000) + 0.02)
    assert pstdev(logs) == pytest.approx(sigma, rel=0.06)


def test_talks_on_the_floor_are_those_of_the_callers_types():
    logs = defaultdict(list)
    for seed in range(1, 4):
        for v in visits(day_of(seed, "normal")).values():
            if v.talk_s and v.transfer is None and v.nth == 1:
                logs[v.business_type].append(math.log(v.talk_s))
    mu, sigma = parameters.SERVICE["PS"]
    measured = logs["account"]
    assert len(measured) > 2000
    # agents differ: newcomers and slow ones lift the mean a little
    assert mu - 0.03 < fmean(measured) < mu + 0.12
    assert pstdev(measured) == pytest.approx(sigma, rel=0.06)


@pytest.mark.parametrize(("patience", "rates"), [
    (REGULAR, parameters.PATIENCE), (PRIORITY, parameters.PATIENCE_PRIORITY),
])
def test_patience_survives_as_the_hazards_say(patience, rates):
    rng = Random(8)
    drawn = [patience.draw(rng) for _ in range(20_000)]
    edges = parameters.PATIENCE_EDGES
    for until in (5, 20, 60, 120, 300, 600):
        spans = zip(rates, edges, (*edges[1:], math.inf), strict=True)
        hazard = sum(rate * (min(until, high) - low) for rate, low, high in spans if low < until)
        share = sum(t > until for t in drawn) / len(drawn)
        assert share == pytest.approx(math.exp(-hazard), abs=4 * 0.5 / math.sqrt(len(drawn)))


def test_patience_estimated_from_the_floor_is_the_patience_put_in():
    waits = []
    for seed in (1, 2):
        for v in visits(simulation(seed, "monday-surge", 72).whole_day(MONDAY)).values():
            if v.queue in ("support", "sales") and v.nth == 1 and len(v.call) == 12:
                answered = v.outcome != "abandoned"  # answered or sent on: the patience is censored
                waits.append(derive.Call(MONDAY, 0, "PS", None, 0, v.wait_s, True, answered, 0))
    edges = (0, 10, 30, 60, 120)
    measured = derive.hazards(waits, edges)
    for rate, low, high in zip(measured, edges, edges[1:], strict=False):
        put_in = sum(
            r * max(0, min(high, b) - max(low, a))
            for r, a, b in zip(parameters.PATIENCE, parameters.PATIENCE_EDGES, parameters.PATIENCE_EDGES[1:],
                               strict=False)
        ) / (high - low)
        assert rate == pytest.approx(put_in, rel=0.2), (low, high)


# -- how the parameters are computed ---------------------------------------------------------------------

def _line(text: str) -> str:
    """A line of the records: fields between blanks here, tabs there; ~ is a blank in a field."""
    return "\t".join(text.split()).replace("~", " ")


HEAD = _line("vru+line call_id customer_id priority type date vru_entry vru_exit vru_time q_start q_exit"
             " q_time outcome ser_start ser_exit ser_time server") + "\n"
LINES = [_line(text) for text in (
    # waited 153 s and hung up
    "AA0101 1 77 2 PS 990201 0:00:31 9:00:36 5 9:00:36 9:03:09 153 HANG 0:00:00 0:00:00 0 NO_SERVER",
    # left in the voice menu: never asked for an agent
    "AA0101 2 0 0 PS 990201 0:34:12 0:34:23 11 0:00:00 0:00:00 0 HANG 0:00:00 0:00:00 0 NO_SERVER",
    # answered after 17 s, talked 54
    "AA0101 3 77 2 NE 990201 9:20:20 9:20:26 6 9:20:26 9:20:43 17 AGENT 9:20:43 9:21:37 54 MICHAL",
    # answered at once; its hour is that of leaving the menu
    "AA0101 4 0 0 PS 990202 7:41:16 7:41:26 10 0:00:00 0:00:00 0 AGENT 7:41:25 7:44:53 208 BASCH",
    "AA0101 5 9 0 PS 990202 7:41:16 7:41:26 10 7:50:00 7:50:09 9 PHANTOM 0:00:00 0:00:00 0 NO_SERVER",
    # the fourth field holds two
    "AA0101 6 6.02701E+11 0~~~~TT 990202 8:00:00 8:00:05 5 8:00:05 8:00:15 10 AGENT 8:00:15 8:01:15 60 X",
)]


def test_lines_are_read_as_the_records_mean_them():
    calls = [c for line in LINES if (c := derive.read_line(line))]
    assert calls == [
        derive.Call(date(1999, 2, 1), 32436, "PS", "77", 2, 153, True, False, 0),
        derive.Call(date(1999, 2, 1), 33626, "NE", "77", 2, 17, True, True, 54),
        derive.Call(date(1999, 2, 2), 27686, "PS", None, 0, 0, False, True, 208),
        derive.Call(date(1999, 2, 2), 28805, "TT", None, 0, 10, True, True, 60),
    ]
    # 77 called twice: one call of the two repeats; it hung up and called again within the hour
    assert derive.repeats(calls) == (0.5, 1.0)


def test_months_are_read_from_their_files(tmp_path):
    with gzip.open(tmp_path / "february.txt.gz", "wt", encoding="latin-1") as file:
        file.write(HEAD + "".join(line + "\n" for line in LINES))
    assert len(list(derive.read_months(tmp_path, [2]))) == 4


def _call(wait, answered, day=date(1999, 2, 1), second=36_000, service=100):
    return derive.Call(day, second, "PS", None, 0, wait, True, answered, service)


def test_hazards_by_hand():
    calls = [_call(3, False), _call(4, True), _call(12, False), _call(20, True)]
    # 0-10: 3 + 4 + 10 + 10 = 27 s waited, one hung up; 10-: 2 + 10 = 12 s, one
    assert derive.hazards(calls, (0, 10)) == pytest.approx((1 / 27, 1 / 12))


def test_services_leave_out_cut_connections():
    calls = [_call(0, True, service=s) for s in [9] * 50 + [100] * 25 + [400] * 25]
    ((mu, sigma),) = derive.services(calls).values()
    assert mu == pytest.approx(math.log(200))
    assert sigma == pytest.approx(math.log(2))


def test_the_banks_weeks_start_on_sunday():
    assert derive.demo_weekday(date(1999, 2, 7)) == 0
    assert derive.demo_weekday(date(1999, 2, 12)) == 5


def test_dispersion_is_found_again_and_a_trend_is_not_taken_for_it():
    def made(cv, growth):
        rng, calls = Random(6), []
        for n in range(26 * 7):
            day = date(1999, 1, 3) + timedelta(days=n)
            level = 300 * (1 + growth) ** (n / 7) * (rng.gammavariate(cv**-2, cv**2) if cv else 1)
            calls += [_call(0, True, day) for _ in range(round(rng.gauss(level, level**0.5)))]
        return calls

    assert derive.day_cv(made(0.0, 0.0)) < 0.03
    assert derive.day_cv(made(0.1, 0.0)) == pytest.approx(0.1, rel=0.2)
    assert derive.day_cv(made(0.1, 0.005)) == pytest.approx(0.1, rel=0.2)


def test_holidays_are_left_out():
    days = [date(1999, 2, 1) + timedelta(days=7 * n) for n in range(4)]
    calls = [_call(0, True, d) for d, n in zip(days, (100, 110, 5, 95), strict=True) for _ in range(n)]
    assert list(derive.regular_days(calls)) == [days[0], days[1], days[3]]
    assert derive.profile(calls)[1][20] == pytest.approx(305 / 3)


def test_the_parameters_are_what_the_script_prints(tmp_path):
    rng = Random(2)
    for month in (2, 3):
        with gzip.open(tmp_path / f"{derive.FILES[month]}.txt.gz", "wt", encoding="latin-1") as file:
            file.write(HEAD)
            for day in range(1, 29):
                for i in range(120):
                    wait, clock = rng.randrange(1, 300), f"{9 + i % 8}:{rng.randrange(60):02d}:00"
                    outcome = "HANG" if wait % 7 == 0 else "AGENT"
                    talked = rng.randrange(20, 900) if outcome == "AGENT" else 0
                    file.write(f"AA0101\t{i}\t{rng.randrange(1, 500)}\t{i % 3}\tPS\t99{month:02d}{day:02d}\t"
                               f"{clock}\t{clock}\t0\t{clock}\t{clock}\t{wait}\t{outcome}\t0:00:00\t0:00:00\t"
                               f"{talked}\tX\n")
    names: dict[str, object] = {}
    exec(compile(derive.render(tmp_path), "parameters", "exec"), names)
    assert {n for n in vars(parameters) if n.isupper()} == {n for n in names if n.isupper()}
    assert len(names["PATIENCE"]) == len(names["PATIENCE_EDGES"]) == len(parameters.PATIENCE)
    assert sum(names["TYPES"].values()) == pytest.approx(1)


def test_a_roster_covers_every_queue_on_every_shift():
    made = simulation(1, agents=72)
    plan = made.make_day(MONDAY).plan
    for hour in (7.5, 10, 12, 15, 17, 19, 21.5):
        there = [d.person for d in plan.duties if d.begins <= hour < d.ends]
        assert {q for p in there for q in p.queues} == {"support", "sales", "vip", "售后"}, hour
    assert len({d.person.name for d in plan.duties}) == len(plan.duties)
    busiest = max(sum(d.begins <= h < d.ends for d in plan.duties) for h in range(8, 20))
    assert 40 <= busiest <= 60
