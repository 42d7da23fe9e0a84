"""Who calls on one day, when, about what, and with how much patience."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from random import Random

from sources.simulator import floor
from sources.simulator.parameters import (
    DAY_CV,
    HALF_HOUR_CV,
    PATIENCE,
    PATIENCE_EDGES,
    PATIENCE_PRIORITY,
    PROFILE,
    REDIAL_SHARE,
    REPEAT_SHARE,
    SERVICE,
)
from sources.simulator.scenario import NORMAL, DayScenario

_PREFIXES = ("+493023125", "+492214710", "+496990009", "+494066969", "+498999998")
"""Numbers that are set aside for films: they ring nobody."""
_CALLERS = (
    "Schmidt", "Yılmaz", "Bäckerei Öhlmann", "García", "王小明", "Rossi", "Nowak", "株式会社山田", "O'Brien",
    "Dr. Weiß", "Petersen GmbH & Co. KG", "Ivanova", "Müller-Lüdenscheidt", "김서연", "Haddad", "Lindgren",
)


@dataclass(slots=True)
class Call:
    """One caller's call, before anything happened to it. `hour` is the hour of the day, a fraction."""

    hour: float
    queue: str
    kind: str
    caller: str
    name: str | None
    patience_s: float
    talk_s: float  # with an agent whose factor is 1
    key_s: float | None  # would press a key after so many seconds
    redials: bool  # would call again after hanging up


class Patience:
    """Draws times until callers hang up from a hazard that is constant between edges."""

    def __init__(self, rates: Sequence[float], edges: Sequence[int] = PATIENCE_EDGES) -> None:
        self._rates = rates
        self._edges = edges
        spans = [rate * (high - low) for rate, (low, high) in zip(rates, pairwise(edges), strict=False)]
        self._cumulated = [0.0, *accumulate(spans)]

    def draw(self, rng: Random) -> float:
        """Return seconds until a caller hangs up."""
        hazard = rng.expovariate(1.0)
        i = bisect_right(self._cumulated, hazard) - 1
        return self._edges[i] + (hazard - self._cumulated[i]) / self._rates[i]


REGULAR = Patience(PATIENCE)
PRIORITY = Patience(PATIENCE_PRIORITY)


def talk(rng: Random, kind: str) -> float:
    """Return the seconds of a talk about `kind` with an ordinary agent."""
    mu, sigma = SERVICE[kind]
    return min(max(math.exp(rng.gauss(mu, sigma)), 5.0), 5400.0)


def _gamma(rng: Random, cv: float) -> float:
    """Return a factor of mean 1 with coefficient of variation `cv`."""
    return rng.gammavariate(1 / cv**2, cv**2) if cv > 0 else 1.0


def volume(day: date, half_hour: int, agents: int) -> float:
    """Return the calls expected in a half hour of a normal `day`, all queues, before over-dispersion."""
    hour = half_hour / 2
    if not floor.OPEN_HOUR <= hour < floor.CLOSE_HOUR[day.weekday()]:
        return 0.0
    return PROFILE[day.weekday()][half_hour] * floor.CALLS_PER_SEAT * agents


def arrivals(
    seed: int, day: date, agents: int, over_dispersion: float, scenario: DayScenario = NORMAL,
    queues: Sequence[floor.QueuePlan] = floor.QUEUES,
) -> list[Call]:
    """Return the day's calls in the order of their coming.

    Poisson in each half hour, at the profile's rate times a gamma factor of the day (all queues) and one
    of the half hour (each queue). A scenario adds calls to the normal day's, or takes some out: the
    others stay as they are (but for who repeats), so that two scenarios of one seed can be compared.
    """
    day_factor = _gamma(Random(f"{seed}:{day}:level"), DAY_CV * over_dispersion)
    calls: list[Call] = []
    for plan in queues:
        rng = Random(f"{seed}:{day}:{plan.name}")
        extra = Random(f"{seed}:{day}:{plan.name}:{scenario.name}")
        for half_hour in range(48):
            rate = volume(day, half_hour, agents) * plan.share * day_factor
            if rate:
                rate *= _gamma(rng, HALF_HOUR_CV * over_dispersion)
                begin = half_hour / 2
                lift = scenario.lift(plan.name, begin)
                for hour in _poisson(rng, rate, begin):
                    call = _call(rng, plan, hour)
                    if lift >= 1 or extra.random() < lift:
                        calls.append(call)
                if lift > 1:
                    more = _poisson(extra, rate * (lift - 1), begin)
                    calls += [_call(extra, plan, hour) for hour in more]
    calls.sort(key=lambda call: call.hour)
    _repeat(Random(f"{seed}:{day}:repeats"), calls)
    _cut_off(Random(f"{seed}:{day}:outage"), calls, scenario)
    return calls


def _poisson(rng: Random, mean: float, begin: float) -> list[float]:
    """Return the moments of a Poisson process with `mean` events in the half hour from `begin` on."""
    at, hours = 0.0, []
    while (at := at + rng.expovariate(mean)) < 1.0:
        hours.append(begin + at / 2)
    return hours


def _call(rng: Random, plan: floor.QueuePlan, hour: float) -> Call:
    kind = rng.choices(plan.kinds, plan.parts)[0] if len(plan.mix) > 1 else plan.mix[0][0]
    person = rng.randrange(floor.CUSTOMERS)
    return Call(
        hour, plan.name, kind, caller_number(person), caller_name(person),
        (PRIORITY if plan.priority else REGULAR).draw(rng), talk(rng, kind),
        rng.expovariate(1 / floor.KEY_MEAN_S) if rng.random() < floor.KEY_SHARE else None,
        rng.random() < REDIAL_SHARE,
    )


def caller_number(person: int) -> str:
    """Return the number of one of the people who might call."""
    return f"{_PREFIXES[person % len(_PREFIXES)]}{person // len(_PREFIXES):05d}"


def caller_name(person: int) -> str | None:
    """Return the name that the phone system knows, for some."""
    if math.modf(person * 0.6180339887)[0] >= floor.NAMED_SHARE:
        return None
    return _CALLERS[person % len(_CALLERS)]


def _repeat(rng: Random, calls: list[Call]) -> None:
    """Let the bank's share of the calls come from somebody who called before on this day."""
    for i, call in enumerate(calls):
        if rng.random() < REPEAT_SHARE and i:
            before = calls[rng.randrange(i)]
            call.caller, call.name = before.caller, before.name


def _cut_off(rng: Random, calls: list[Call], scenario: DayScenario) -> None:
    """Take out the calls that a trunk outage swallows; half of them come in the quarter of an hour after."""
    if (outage := scenario.trunk_outage) is None:
        return
    begin, end = outage
    kept = []
    for call in calls:
        if begin <= call.hour < end:
            if rng.random() < 0.5:
                continue
            call.hour = end + rng.uniform(0.005, 0.25)
        kept.append(call)
    calls[:] = sorted(kept, key=lambda call: call.hour)
