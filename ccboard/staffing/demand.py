"""How many agents it takes: patience out of abandons, the least heads for a target, what heads would do."""

import math
from functools import lru_cache
from typing import NamedTuple

from ccboard.staffing.erlang import erlang_a

USUAL_PATIENCE_S, USUAL_WEIGHT = 120.0, 5
"""What patience is taken for before there are abandons, and for how many abandons that counts."""
MOST_HEADS = 5000


def patience(waited_s: float, abandons: int) -> float:
    """Return the mean patience in seconds: all time waited over the number of those who hung up.

    The estimate of an exponential patience where answers censor it: who was answered after 40 s had a
    patience of more than 40 s. A mean over those who hung up alone would be far too short. Few abandons lean
    on what is usual.

    >>> patience(0, 0), round(patience(119_400, 995), 1)
    (120.0, 120.0)
    """
    return (waited_s + USUAL_WEIGHT * USUAL_PATIENCE_S) / (abandons + USUAL_WEIGHT)


class Work(NamedTuple):
    """What a queue's calls ask of its people."""

    aht_s: float
    """Seconds that a call keeps an agent: ring, talk, hold and wrap-up."""
    patience_s: float
    threshold_s: float
    target: float


class Effect(NamedTuple):
    """What callers meet."""

    service_level: float
    abandon_rate: float


@lru_cache(maxsize=4096)
def effect(calls_per_hour: float, work: Work, heads: int) -> Effect:
    """Return what callers meet with so many heads; with none nobody is answered."""
    if heads < 1:
        return Effect(0.0, 1.0)
    found = erlang_a(calls_per_hour=calls_per_hour, aht_s=work.aht_s, patience_s=work.patience_s,
                     agents=heads, within_s=work.threshold_s)
    level = 1.0 if found.service_level is None else found.service_level
    return Effect(level, found.p_abandon or 0.0)


@lru_cache(maxsize=16384)
def _needed(calls_per_hour: float, work: Work) -> int:
    if calls_per_hour <= 0:
        return 0
    low, high = 0, max(1, math.ceil(calls_per_hour * work.aht_s / 3600))  # low never suffices, high will
    while effect(calls_per_hour, work, high).service_level < work.target and high < MOST_HEADS:
        low, high = high, high + max(1, high // 8)
    while high - low > 1:
        middle = (low + high) // 2
        if effect(calls_per_hour, work, middle).service_level >= work.target:
            high = middle
        else:
            low = middle
    return high


def needed(calls_per_hour: float, work: Work) -> int:
    """Return the least heads with which the target is met. Rates are taken to three digits."""
    return _needed(three_digits(calls_per_hour), work)


def three_digits(value: float) -> float:
    """Return a positive number rounded to three digits, so that what is nearly the same is worked out once.

    >>> three_digits(1234.6), three_digits(0.0), three_digits(7.0049)
    (1230.0, 0.0, 7.0)
    """
    if value <= 0:
        return 0.0
    return round(value, 2 - math.floor(math.log10(value)))


def in_time_needed(in_time: float, counted: float, to_come: float, target: float) -> float | None:
    """Return the share of the calls to come that must be answered in time to reach the target; may pass 1.

    91 of the next 100: with 670 of 1000 in time and 1 180 to come, 80 % needs 0.91.

    >>> round(in_time_needed(670, 1000, 1180, 0.8), 2)
    0.91
    """
    return None if to_come <= 0 else (target * (counted + to_come) - in_time) / to_come
