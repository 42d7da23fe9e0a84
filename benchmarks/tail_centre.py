"""Simulated call centres whose truth is known: who is at the tail, who is new, who fluctuates.

The truth of an agent is the figure's long-run mean on the centre's own mix of business types, without
chance and without good and bad days. `Kind` says how a centre is; the named ones in KINDS stand for
things that a method may wrongly assume.
"""

import csv
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from ccboard.tail.arrays import Bools, Floats, Ints, logistic, logit

FIGURES = ("aht", "csat", "fcr", "transfer", "qa", "rna")
HEADER = ("call_id", "offered_at", "queue", "type", "agent", "team", "outcome", "rna", "handle_s", "csat",
          "fcr", "transferred", "qa_score")
FIRST = date(2026, 10, 5)


@dataclass(frozen=True)
class Kind:
    """How a centre is. Spreads are standard deviations on the figure's scale (log, log odds, marks)."""

    agents: int = 200
    days: int = 20
    types: int = 8
    calls_a_day: float = 15.5
    new: float = 0.12  # share of newcomers, with 5 to 40 calls each
    newcomers_worse: float = 0.5  # how much worse they truly are, in spreads between agents
    specialists: float = 0.20
    fluctuating: float = 0.10
    fluctuate: float = 1.6  # their extra day-to-day deviation, in spreads between agents
    together: float = 0.3  # how far an agent who is bad at one figure is bad at the others
    interaction: float = 0.0  # spread of an agent's own strength by type, in spreads between agents
    shape: str = "normal"  # normal, heavy (t with 4 degrees), bad tenth, nobody
    spread: dict[str, float] = field(default_factory=lambda: {
        "aht": 0.13, "csat": 0.45, "fcr": 0.35, "transfer": 0.40, "qa": 4.0, "rna": 0.55})
    daily: float = 0.35  # everybody's day-to-day deviation, in spreads between agents
    surveyed: float = 0.12
    reviews_a_day: float = 0.25
    csat_marks: bool = False  # marks 1..5 instead of 0 and 1


KINDS = {
    "plain": Kind(),
    "independent figures": Kind(together=0.0),
    "strongly related figures": Kind(together=0.6),
    "own strengths by type": Kind(interaction=0.5),
    "heavy tails": Kind(shape="heavy"),
    "a bad tenth": Kind(shape="bad tenth"),
    "small differences": Kind(spread={k: v * 0.5 for k, v in Kind().spread.items()}),
    "wild days": Kind(daily=0.9),
    "CSAT in marks": Kind(csat_marks=True),
    "sixty days": Kind(days=60),
}


@dataclass(frozen=True)
class Centre:
    """One simulated centre: its calls as columns (nan: not measured) and its truth."""

    kind: Kind
    agent: Ints
    day: Ints
    type: Ints
    values: dict[str, Floats]
    truth: dict[str, Floats]  # figure -> agent's long-run mean, higher is worse
    new: Bools
    fluctuating: Bools
    specialist: Bools

    def bad(self, figure: str) -> Bools:
        """Return who is truly in the worst tenth."""
        many = max(1, round(0.1 * self.kind.agents))
        found = np.zeros(self.kind.agents, dtype=np.bool_)
        found[np.argsort(-self.truth[figure], kind="stable")[:many]] = True
        return found


def make(kind: Kind, seed: int) -> Centre:
    """Simulate a centre."""
    r = np.random.default_rng(seed)
    many, types = kind.agents, kind.types
    new = np.zeros(many, dtype=np.bool_)
    who = r.permutation(many)
    new[who[: round(kind.new * many)]] = True
    old = who[round(kind.new * many):]
    fluctuating = np.zeros(many, dtype=np.bool_)
    fluctuating[r.choice(old, round(kind.fluctuating * many), replace=False)] = True
    specialist = np.zeros(many, dtype=np.bool_)
    specialist[r.choice(old, round(kind.specialists * many), replace=False)] = True
    mix = r.dirichlet(np.full(types, 3.0))
    effects = {
        "aht": np.log(300) + r.normal(0, 0.35, types),
        "csat": logit(np.full(types, 0.8)) + r.normal(0, 0.4, types),
        "fcr": logit(np.full(types, 0.72)) + r.normal(0, 0.5, types),
        "transfer": logit(np.full(types, 0.12)) + r.normal(0, 0.6, types),
        "qa": np.full(types, 84.0) + r.normal(0, 2.0, types),
        "rna": np.full(types, float(logit(np.array(0.035)))),
    }
    hard = np.argsort(-effects["aht"])[:3]
    shares = r.dirichlet(mix * 40 + 0.2, many)
    for i in np.flatnonzero(specialist):
        own = np.full(types, 0.02)
        own[r.choice(hard)] += 1.0
        shares[i] = own / own.sum()
    # calls of each agent on each day
    pace = kind.calls_a_day * r.gamma(9, 1 / 9, many)
    on = r.random((many, kind.days)) < 0.9
    for i in np.flatnonzero(new):
        on[i] = False
        on[i, kind.days - r.integers(1, 5):] = True
        pace[i] = r.uniform(5, 40) / on[i].sum()
    counts = r.poisson(np.where(on, pace[:, None] * r.gamma(20, 1 / 20, kind.days)[None, :], 0))
    agent = np.repeat(np.repeat(np.arange(many), kind.days), counts.ravel())
    day = np.repeat(np.tile(np.arange(kind.days), many), counts.ravel())
    edges = np.cumsum(shares, axis=1)
    type_ = np.minimum((edges[agent] < r.random(len(agent))[:, None]).sum(axis=1), types - 1)
    centre_mix = mix
    common = r.normal(size=many)
    values, truth = {}, {}
    day_common = r.normal(size=(many, kind.days))
    for figure in FIGURES:
        sign = -1.0 if figure in ("csat", "fcr", "qa") else 1.0
        scale = kind.spread[figure]
        if kind.shape == "nobody":
            z = np.zeros(many)
        else:
            z = np.sqrt(kind.together) * common + np.sqrt(1 - kind.together) * r.normal(size=many)
            if kind.shape == "heavy":
                z = z * np.sqrt(2 / r.chisquare(4, many))  # variance 1
            elif kind.shape == "bad tenth":
                z = 0.6 * z + np.where(r.random(many) < 0.1, 2.2, 0.0)
            z = z + np.where(new, kind.newcomers_worse, 0.0)
        by_type = kind.interaction * scale * r.normal(size=(many, types))
        skill = scale * z
        swing = kind.daily + np.where(fluctuating, kind.fluctuate, 0.0)
        days = scale * swing[:, None] * (0.7 * r.normal(size=(many, kind.days)) + 0.714 * day_common)
        all_days = 0.15 * scale * r.normal(size=kind.days)
        worse = skill[agent] + by_type[agent, type_] + days[agent, day] + all_days[day]
        at = effects[figure][type_] + sign * worse
        long_run = effects[figure][None, :] + sign * (skill[:, None] + by_type)
        if figure == "aht":
            value = np.maximum(1, np.round(np.exp(at + r.normal(0, 0.6, len(at)))))
            mean = np.exp(long_run)
        elif figure == "qa":
            value = np.clip(np.round(at + r.normal(0, 8.0, len(at))), 0, 100)
            value[r.random(len(at)) > kind.reviews_a_day / kind.calls_a_day] = np.nan
            mean = long_run
        elif figure == "csat" and kind.csat_marks:
            value = np.clip(np.round(1.6 + 3.2 * logistic(at) + r.normal(0, 0.9, len(at))), 1, 5)
            mean = 3.2 * logistic(long_run)
        else:
            value = (r.random(len(at)) < logistic(at)).astype(float)
            mean = logistic(long_run)
        if figure == "csat":
            value[r.random(len(at)) > kind.surveyed] = np.nan
        values[figure] = value
        truth[figure] = sign * (mean @ centre_mix)
    let_ring = values["rna"] == 1
    for figure in FIGURES[:-1]:
        values[figure][let_ring] = np.nan  # nobody was served
    return Centre(kind, agent, day, type_, values, truth, new, fluctuating, specialist)


def write(centre: Centre, path: Path) -> None:
    """Write a centre as CALLS.csv."""
    v = centre.values
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        columns = [np.where(np.isnan(x), "", np.char.mod("%g", x)) for x in (
            v["rna"], v["aht"], v["csat"], v["fcr"], v["transfer"], v["qa"])]
        for i, row in enumerate(zip(*columns, strict=True)):
            agent = int(centre.agent[i])
            out.writerow((f"c{i}", f"{FIRST + timedelta(days=int(centre.day[i]))}T10:00:00Z", "main",
                          f"type {centre.type[i]}", f"agent {agent:03d}", f"team {agent % 10}",
                          "no_answer" if row[0] == "1" else "answered", *row))


def variant(kind: Kind, agents: int) -> Kind:
    """Return the same kind of centre with another number of agents."""
    return replace(kind, agents=agents)
