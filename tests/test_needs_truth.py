"""Centres whose truth is known, through the store: names, newcomers, wall; and verdicts by another way."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import tail_centres
from stores import S, store

from ccboard.config import Config
from ccboard.needs.answer import answer
from ccboard.needs.panel import panel
from ccboard.needs.study import Study, study
from ccboard.panel_tail import from_wire, unnamed
from ccboard.records import Batch, Contact, Record, Score, ScoreKind
from ccboard.store.store import Store
from ccboard.tail.judge import judge
from sources.simulator.config import SimulatorConfig
from sources.simulator.people import roster
from sources.simulator.simulation import Simulation

UTC = ZoneInfo("UTC")
MONDAY = date(2026, 11, 16)
AGENTS, DAYS = 40, 26


def test_through_the_store_the_verdicts_are_those_of_the_same_calls_in_memory(tmp_path: Path) -> None:
    made = tail_centres.centre.make(tail_centres.centre.Kind(agents=40, days=12, calls_a_day=9), 11)
    begin = 1_790_000_000 // 86_400 * 86_400
    records: list[Record] = []
    for n in range(len(made.agent)):
        value = {name: float(made.values[name][n]) for name in made.values}
        if np.isnan(value["transfer"]):
            continue  # it rang out: another table
        at = (begin + int(made.day[n]) * 86_400 + 30_000 + n % 20_000) * S
        agent, call = f"agent {made.agent[n]}", f"c{n}"
        records.append(Contact(
            source="s", call=call, queue="q", offered_at=at, answered_at=at + S, ended_at=at + 60 * S,
            outcome="answered", agent=agent, wait_s=1.0, talk_s=value["aht"],
            business_type=f"type {made.type[n]}", transfer="blind" if value["transfer"] else None))
        kinds: tuple[tuple[str, ScoreKind], ...] = (("fcr", "resolved"), ("qa", "qa"))
        records += [Score(source="s", key=call + kind, at=at + 9 * S, kind=kind, value=value[name], call=call)
                    for name, kind in kinds if not np.isnan(value[name])]
    with store(tmp_path, records) as stored:
        as_of = (begin + (int(made.day.max()) + 1) * 86_400) * S
        report = study(stored.reader(), Config(), UTC, as_of, period=None, by=("agent",),
                       wanted=("transfer", "fcr", "qa")).groups["agent"].report
    whole = tail_centres.tables(made)
    direct = judge({key: whole[key] for key in ("transfer", "fcr", "qa")}, None)
    for key in ("transfer", "fcr", "qa"):
        mine, other = report.figures[key], direct.figures[key]
        p = {name: float(mine.p[i]) for i, name in enumerate(report.units) if mine.seen[i]}
        assert p == pytest.approx({name: float(other.p[i]) for i, name in enumerate(direct.units)
                                   if other.seen[i]}, abs=0.01), key


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Study]]:
    """The demo's floor, smaller: 26 days of its past and the beginning of its Monday."""
    zone = ZoneInfo("Europe/Berlin")
    centre = Simulation(SimulatorConfig(agents=AGENTS, seed=3), "sim", zone, MONDAY, MONDAY)
    made = Store.open(tmp_path_factory.mktemp("demo") / "x.duckdb")
    for n in range(DAYS, 0, -1):
        made.apply(Batch("sim", tuple(centre.whole_day(MONDAY - timedelta(days=n)))))
    as_of = centre.midnight(MONDAY) + 9 * 3600 * S
    made.apply(Batch("sim", tuple(centre.advance(as_of))))
    yield made, study(made.reader(), Config(), ZoneInfo("Europe/Berlin"), as_of)
    made.close()


PEOPLE = roster(3, AGENTS)
NEW = {p.name for p in PEOPLE if p.newcomer}


def tenth(truth: dict[str, float], of: int = 4) -> set[str]:
    """The worst, somewhat more than a tenth: at the line nobody can be told from the next."""
    return set(sorted(truth, key=lambda name: -truth[name])[:2 * of])


def test_the_demo_names_the_right_ones(demo: tuple[Store, Study]) -> None:
    shown = panel(demo[1], Config()).group("agent")
    assert shown is not None
    named = {kpi: {row.unit for row in shown.rows if row.kpi == kpi}
             for kpi in ("wrap", "rna", "csat", "transfer")}
    assert named["rna"] >= {p.name for p in PEOPLE if p.no_answer > 0.08}
    assert named["rna"] <= tenth({p.name: p.no_answer for p in PEOPLE})
    assert named["wrap"]
    assert named["wrap"] <= tenth({p.name: p.wrap_factor for p in PEOPLE})
    assert named["csat"]
    assert named["csat"] <= tenth({p.name: -p.quality for p in PEOPLE})
    assert named["transfer"]
    assert named["transfer"] <= tenth({p.name: p.transfer_factor for p in PEOPLE})


def test_the_demo_says_too_early_of_newcomers_and_names_none(demo: tuple[Store, Study]) -> None:
    shown = panel(demo[1], Config()).group("agent")
    assert shown is not None
    assert NEW
    assert not NEW & ({row.unit for row in shown.rows} | {row.unit for row in shown.unsteady})
    assert {row.unit for row in shown.early} >= NEW
    assert all(row.needed > 0 and "too early to say" in row.said[0] for row in shown.early)
    worst = sorted(shown.early, key=lambda row: row.n)[0]
    assert f"{worst.n} " in worst.said[0]


def test_the_demo_finds_who_fluctuates(demo: tuple[Store, Study]) -> None:
    shown = panel(demo[1], Config()).group("agent")
    assert shown is not None
    true = {p.name for p in PEOPLE if p.fluctuation > 0.1} - NEW
    assert true <= {row.unit for row in shown.unsteady}
    assert len({row.unit for row in shown.unsteady} - true) <= 1


def test_what_goes_to_boards_comes_back_and_the_wall_gets_no_name(demo: tuple[Store, Study]) -> None:
    shown = panel(demo[1], Config())
    assert from_wire(json.loads(json.dumps(shown))) == shown
    wall = unnamed(shown)
    text = json.dumps(wall, ensure_ascii=False)
    assert not [p.name for p in PEOPLE if p.name in text]
    assert [(g.n_named, g.n_unsteady, g.n_early) for g in wall.groups] == [
        (g.n_named, g.n_unsteady, g.n_early) for g in shown.groups]
    assert wall.groups[0].n_named > 0


def test_the_answer_of_the_command_names_or_counts(demo: tuple[Store, Study]) -> None:
    made, found = demo
    ask = {"by": "agent", "kpi": "rna,wrap", "period": "20d"}
    named = answer(made.reader(), ask, Config(), ZoneInfo("Europe/Berlin"), found.as_of)
    counted = answer(made.reader(), ask, Config(), ZoneInfo("Europe/Berlin"), found.as_of, names=False)
    assert list(named["kpis"]) == ["wrap", "rna"]
    units = named["kpis"]["rna"]["units"]
    assert sum(unit["named"] for unit in units) == counted["kpis"]["rna"]["named"] > 0
    assert counted["names"] is False
    assert not [p.name for p in PEOPLE if p.name in json.dumps(counted, ensure_ascii=False)]
    for unit in units:
        assert unit["low"] <= unit["value"] <= unit["high"]
