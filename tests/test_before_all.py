"""Questions about a time before anything that a source told of: not known is no zero."""

import json
from datetime import UTC, datetime

import pytest
import stores
from mapped import load, write_map

from ccboard.cli import main
from ccboard.config import Config
from ccboard.figures import public
from ccboard.records import AgentState, Offer, Refusal, Score

MAP = """
timezone = "UTC"
[offered]
column = "at"
[wait]
column = "wait"
[talk]
column = "talk"
[outcome]
otherwise = "answered"
[queue]
value = "main"
[agent]
column = "agent"
"""
ROWS = "at,wait,talk,agent\n2024-05-06 09:00:00,5,60,Ann\n2024-05-06 09:10:00,15,60,Bob\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("early")
    (folder / "calls.csv").write_text(ROWS)
    assert load(folder / "s.duckdb", write_map(folder, MAP), folder / "calls.csv") == 0
    return folder / "s.duckdb"


@pytest.fixture(autouse=True)
def no_configuration(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("CCBOARD_CONFIG", raising=False)


def test_figures_of_a_range_before_all_are_unknown(store, capsys):
    words = ["--kpi", "offered,abandon_rate", "--timezone", "UTC", "--json"]
    assert main(["figures", "--store", str(store), *words, "--from", "2023-01-01", "--to", "2023-02-01"]) == 0
    out = capsys.readouterr()
    assert json.loads(out.out) == [{"offered": None, "abandon_rate": None}]
    assert "nothing is known of this time: the sources begin at 2024-05-06" in out.err
    assert main(["figures", "--store", str(store), *words, "--from", "2024-05-06", "--to", "2024-05-07"]) == 0
    out = capsys.readouterr()
    assert json.loads(out.out) == [{"offered": 2, "abandon_rate": 0.0}]
    assert "nothing is known" not in out.err


def test_a_floor_before_all_is_not_ok(store, capsys):
    assert main(["now", "--store", str(store), "--as-of", "2023-01-01T12:00", "--timezone", "UTC"]) == 0
    said = capsys.readouterr().out
    assert " ok " not in said
    assert "STALE" in said
    assert "0 offered" not in said


@pytest.mark.parametrize("words", [["explain", "asa_s"], ["visits", "--kpi", "answered"]])
def test_an_agent_that_nobody_knows_is_refused(store, capsys, words):
    span = ["--from", "2024-05-06", "--to", "2024-05-07", "--timezone", "UTC"]
    assert main([*words, "--store", str(store), *span, "--agent", "nosuch"]) == 2
    assert "unknown agent 'nosuch'" in capsys.readouterr().err
    assert main([*words, "--store", str(store), *span, "--agent", "Anne"]) == 2
    assert "did you mean Ann?" in capsys.readouterr().err
    assert main([*words, "--store", str(store), *span, "--agent", "Ann"]) == 0


def test_visits_of_one_day_name_it(store, capsys):
    span = ["--from", "2024-05-06", "--to", "2024-05-07", "--timezone", "UTC"]
    assert main(["visits", "--store", str(store), "--kpi", "answered", "--language", "en", *span]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2024-05-06 UTC"
    assert lines[2].startswith("09:10:00")


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * stores.S


@pytest.mark.parametrize("promise_s", [0.0, 5.0])
def test_the_time_of_agents_is_known_without_any_visit(promise_s, tmp_path):
    states = [AgentState(source="pbx", agent="Ann", at=at(f"2026-11-10T{hour}:00"), state=state, queue="q")
              for hour, state in (("08", "ready"), ("10", "offline"))]
    with stores.store(tmp_path, states, promise_s=promise_s) as made:
        said = public.tabled(made.reader(), {"kpi": "staffed_h", "from": "2026-11-10", "to": "2026-11-11"},
                             Config(), stores.UTC, at("2026-11-11T12:00"))
    assert said["rows"] == [{"staffed_h": 2.0}]
    assert said["notes"] == []


def test_what_is_known_without_visits_is_no_time_before_all(tmp_path):
    """Offers, scores and refusals that a source brought before it said of itself since when it is heard."""
    day = "2026-11-10T08:00"
    rows = [
        Offer(source="pbx", call="1", queue="q", agent="Ann", started_at=at(day),
              ended_at=at(day) + 9 * stores.S, ring_s=9, result="no_answer"),
        Score(source="pbx", key="1", at=at(day), kind="csat", value=0.5, agent="Ann"),
        Refusal(source="pbx", call="2", queue="q", at=at(day), reason="FULL"),
    ]
    names = ("ring_no_answer", "csat_marks", "refused")
    found = {}
    for number, (row, name) in enumerate(zip(rows, names, strict=True)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with stores.store(folder, [row]) as made:
            [only] = public.tabled(made.reader(), {"kpi": name, "from": "2026-11-10", "to": "2026-11-11"},
                                   Config(), stores.UTC, at("2026-11-12T12:00"))["rows"]
            found |= only
    assert found == dict.fromkeys(names, 1)
