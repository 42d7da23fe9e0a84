"""Erlang C and Erlang A, exact: how long callers wait with so many agents.

Erlang C (M/M/n): nobody hangs up. Erlang A (M/M/n+M, "Palm"): callers hang up after an exponential
patience. Formulas: A. Mandelbaum, S. Zeltyn, "Service engineering in action: the Palm/Erlang-A queue"
(2005); the integrals J are evaluated by their series of positive terms, so nothing cancels:

    H(x) = (1 - exp(-theta x)) / theta              f(x) = exp(lambda H(x) - n mu x)
    J(t) = integral of f from t = f(t)/theta * S(n mu/theta, lambda/theta * exp(-theta t))
    S(a, x) = sum over k of x^k / (a (a+1) ... (a+k))
    D = E + lambda J(0), E = sum over j < n of the probabilities' ratios to that of n-1 busy agents
    P(wait > 0) = lambda J(0) / D
    P(answered within t) = (E + f(t) - 1 + n mu (J(0) - J(t))) / D
    P(abandon) = (1 + (lambda - n mu) J(0)) / D     E(wait) = P(abandon) / theta
    E(wait; answered) = (n mu J1 - J(0)) / D, J1 = integral of x f = sum of the terms of J weighted
                        by sum over i <= k of 1 / (n mu/theta + i), over theta

Waits are in seconds, rates in calls per second inside, probabilities 0..1.
"""

import math
from dataclasses import dataclass

_NEGLIGIBLE = 1e-16
_RESCALE = 1e250


@dataclass(frozen=True, slots=True)
class Performance:
    """What callers meet. None where it is undefined: Erlang C without a steady state, nobody abandons."""

    agents: int
    p_wait: float | None
    service_level: float | None  # answered within the threshold, over all offered
    asa_s: float | None  # mean wait of the answered
    p_abandon: float | None
    mean_wait_all_s: float | None
    mean_wait_abandoned_s: float | None
    occupancy: float | None  # share of the agents' time spent on calls


def _idle_weight(agents: int, load: float) -> float:
    """E: the weight of "somebody is free" relative to the state with exactly agents - 1 busy."""
    weight = 1.0
    for busy in range(1, agents):
        weight = 1.0 + weight * busy / load
        if weight > _RESCALE:  # far more agents than work: nobody ever waits, to the last digit
            return math.inf
    return weight


def erlang_c(*, calls_per_hour: float, aht_s: float, agents: int, within_s: float) -> Performance:
    """Return the steady state of a queue that nobody leaves; all None where the work exceeds the agents.

    `agents` >= 1, `aht_s` > 0, `calls_per_hour` >= 0, `within_s` >= 0.
    """
    load = calls_per_hour * aht_s / 3600
    if load == 0:
        return _idle(agents, abandoning=False)
    if load >= agents:
        return Performance(agents, None, None, None, None, None, None, None)
    # P(wait) = b / (1 - rho (1 - b)), b the Erlang B blocking probability.
    inverse = _idle_weight(agents, load) * agents / load  # 1/B - 1
    p_wait = 0.0 if math.isinf(inverse) else agents / ((agents - load) * inverse + agents)
    drain = (agents - load) / aht_s
    wait = p_wait / drain
    return Performance(
        agents=agents,
        p_wait=p_wait,
        service_level=1 - p_wait * math.exp(-drain * within_s),
        asa_s=wait,
        p_abandon=0.0,
        mean_wait_all_s=wait,
        mean_wait_abandoned_s=None,
        occupancy=load / agents,
    )


def _idle(agents: int, *, abandoning: bool) -> Performance:
    return Performance(agents, 0.0, None, None, None if abandoning else 0.0, None, None, 0.0)


def nobody_waits(agents: int, load: float) -> Performance:
    """Return what callers meet where agents are so many that nobody waits, to the last digit."""
    return Performance(agents, 0.0, 1.0, 0.0, 0.0, 0.0, None, load / agents)


def _series(a: float, x: float) -> tuple[float, float]:
    """Return (S scaled, exponent): S is the first times exp(the second)."""
    term = total = 1 / a
    exponent, down = 0.0, a
    while term >= total * _NEGLIGIBLE * (1 - x / down):
        down += 1
        term *= x / down
        total += term
        if total > _RESCALE:
            term, total = term / _RESCALE, total / _RESCALE
            exponent += math.log(_RESCALE)
    return total, exponent


def _series_weighted(a: float, x: float) -> tuple[float, float, float]:
    """Return (S, S with each term weighted by h_k, exponent), as ``_series`` does."""
    term = total = h = 1 / a
    weighted, exponent, down = term * h, 0.0, a
    while term * h >= weighted * _NEGLIGIBLE * (1 - x / down):
        down += 1
        term *= x / down
        h += 1 / down
        total += term
        weighted += term * h
        if total > _RESCALE:
            term, total, weighted = term / _RESCALE, total / _RESCALE, weighted / _RESCALE
            exponent += math.log(_RESCALE)
    return total, weighted, exponent


def erlang_a(
    *, calls_per_hour: float, aht_s: float, patience_s: float, agents: int, within_s: float
) -> Performance:
    """Return the steady state of a queue whose callers hang up after a mean patience of `patience_s`.

    `agents` >= 1, `aht_s` > 0, `patience_s` > 0, `calls_per_hour` >= 0, `within_s` >= 0.
    """
    arrival, service, leaving = calls_per_hour / 3600, agents / aht_s, 1 / patience_s
    load = arrival * aht_s
    if load == 0:
        return _idle(agents, abandoning=True)
    a = service / leaving
    idle = _idle_weight(agents, load)
    if math.isinf(idle):
        return nobody_waits(agents, load)
    fading = math.exp(-leaving * within_s)
    return combine(
        Rates(arrival, aht_s, leaving, within_s), agents, idle,
        _series_weighted(a, arrival / leaving), _series(a, arrival / leaving * fading),
    )


@dataclass(frozen=True, slots=True)
class Rates:
    """A queue as it is asked about, whatever the agents: rates are per second."""

    arrival: float
    aht_s: float
    leaving: float
    within_s: float


def combine(
    rates: Rates, agents: int, idle: float, at_0: tuple[float, float, float], at_t: tuple[float, float]
) -> Performance:
    """Return what callers meet, from E (`idle`), S and S weighted at 0 and S at t, each with its exponent."""
    arrival, leaving, service = rates.arrival, rates.leaving, agents / rates.aht_s
    s0, h0, e0 = at_0
    st, et = at_t
    fading = math.exp(-leaving * rates.within_s)
    # In one common scale (exp(-e)), so that a hopelessly overloaded queue does not overflow.
    log_f = arrival * (1 - fading) / leaving - service * rates.within_s
    e = max(e0, et + log_f, log_f, 0.0)
    unit = math.exp(-e)
    j0 = s0 * math.exp(e0 - e) / leaving
    j1 = h0 * math.exp(e0 - e) / leaving**2
    jt = st * math.exp(et + log_f - e) / leaving
    d = idle * unit + arrival * j0
    abandon = (unit + (arrival - service) * j0) / d
    # In quiet queues the difference above cancels; the flow out of the queue says the same.
    if abandon < 1e-6:
        abandon = _abandon_small(arrival, service, leaving, idle)
    wait = abandon / leaving
    served_wait = max((service * j1 - j0) / d, 0.0)
    answered = 1 - abandon
    in_time = idle * unit + math.exp(log_f - e) - unit + service * (j0 - jt)
    return Performance(
        agents=agents,
        p_wait=arrival * j0 / d,
        service_level=min(max(in_time / d, 0.0), 1.0),
        asa_s=served_wait / answered if answered > 0 else None,
        p_abandon=abandon,
        mean_wait_all_s=wait,
        mean_wait_abandoned_s=(wait - served_wait) / abandon if abandon > 0 else None,
        occupancy=min(arrival * rates.aht_s * answered / agents, 1.0),
    )


def _abandon_small(arrival: float, service: float, leaving: float, idle: float) -> float:
    """P(abandon) from the birth-death chain: theta times the mean number waiting over lambda."""
    # Weights relative to agents - 1 busy: idle sums those below; then all busy and 1, 2, ... waiting.
    weight = arrival / service
    total, waiting, j = idle + weight, 0.0, 0
    while True:
        j += 1
        weight *= arrival / (service + j * leaving)
        total += weight
        waiting += weight * j
        if weight * j < waiting * _NEGLIGIBLE or weight == 0:
            return waiting / total * leaving / arrival


def agents_needed(
    *,
    calls_per_hour: float,
    aht_s: float,
    within_s: float,
    service_level: float,
    patience_s: float | None = None,
) -> Performance:
    """Return the performance with the fewest agents that meet `service_level` (0..1, below 1).

    With `patience_s` by Erlang A, else by Erlang C. Service level rises with agents, so the search
    doubles and then halves.
    """

    def look(agents: int) -> Performance:
        if patience_s is None:
            return erlang_c(calls_per_hour=calls_per_hour, aht_s=aht_s, agents=agents, within_s=within_s)
        return erlang_a(
            calls_per_hour=calls_per_hour,
            aht_s=aht_s,
            patience_s=patience_s,
            agents=agents,
            within_s=within_s,
        )

    def enough(found: Performance) -> bool:
        return found.service_level is not None and found.service_level >= service_level

    if calls_per_hour == 0:
        return look(1)
    high = max(1, math.ceil(calls_per_hour * aht_s / 3600))
    while not enough(look(high)):
        high *= 2
    low = 0  # too few, or none at all
    while high - low > 1:
        middle = (low + high) // 2
        if enough(look(middle)):
            high = middle
        else:
            low = middle
    return look(high)
