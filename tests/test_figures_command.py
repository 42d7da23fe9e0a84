"""`ccboard figures` as it is typed, and on the bank's calls against a plain reading of them."""

import csv
import io
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import plain_figures as plain
import pytest
from figures_asked import ask
from stores import store
from worked_example import visits

from ccboard.cli import main
from ccboard.store.store import Store


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.toml").write_text('timezone = "UTC"\n', encoding="utf-8")
    monkeypatch.setenv("CCBOARD_CONFIG", str(tmp_path / "config.toml"))
    store(tmp_path, [*visits("=support"), *visits("sales")]).close()
    return tmp_path / "ccboard.duckdb"


@pytest.mark.parametrize("words", [["now"], ["figures", "--kpi", "offered"]])
def test_without_a_hub_the_store_that_is_there_is_named(where, monkeypatch, capsys, words):
    monkeypatch.setenv("CCBOARD_STATE_DIR", str(where.parent))
    monkeypatch.setenv("CCBOARD_SERVICE_SOCKET", str(where.parent / "none"))
    monkeypatch.delenv("CCBOARD_HUB", raising=False)
    assert main(words) == 2
    assert capsys.readouterr().err.endswith(f"or read a store with --store {where}\n")
    where.rename(where.with_name("x.duckdb"))
    assert main(words) == 2
    assert capsys.readouterr().err.endswith("or read a store with --store FILE\n")


def test_the_command_prints_json_csv_text_and_parquet(where, tmp_path, capsys):
    words = ["figures", "--kpi", "offered,service_level", "--by", "queue,hour", "--store", str(where)]
    assert main([*words, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows == [
        {"queue": queue, "hour": 15, "offered": 100, "service_level": 0.7} for queue in ("=support", "sales")
    ]
    assert main([*words, "--csv"]) == 0
    lines = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert lines == [
        {"queue": queue, "hour": "15", "offered": "100", "service_level": "0.7"}
        for queue in ("'=support", "sales")
    ]
    assert main(words) == 0
    assert "sales     15        100         70.0 %" in capsys.readouterr().out
    assert main([*words, "--parquet", str(tmp_path / "x.parquet")]) == 0
    import duckdb

    assert duckdb.connect().execute(f"FROM '{tmp_path / 'x.parquet'}'").fetchall() == [
        ("=support", 15, 100, 0.7),
        ("sales", 15, 100, 0.7),
    ]


def test_a_queue_that_nobody_knows_is_said(where, capsys):
    assert main(["figures", "--store", str(where), "--where", "queue=suport"]) == 2
    assert "no queue 'suport'; did you mean =support?" in capsys.readouterr().err
    assert main(["figures", "--store", str(where), "--kpi", "offered", "--where", "queue=moon", "--csv"]) == 0
    said = capsys.readouterr()
    assert said.out == "offered\n0\n"
    assert "no queue 'moon': nothing in this store ever had it" in said.err
    assert main(["figures", "--store", str(where), "--where", "agent=moon"]) == 0
    assert "no agent 'moon'" in capsys.readouterr().err


def test_a_range_ends_before_its_end(where, capsys):
    assert (
        main(
            [
                "figures",
                "--kpi",
                "offered",
                "--from",
                "2026-11-19T15:00",
                "--to",
                "2026-11-19T15:00:10",
                "--where",
                "queue=sales",
                "--store",
                str(where),
                "--json",
            ]
        )
        == 0
    )
    assert json.loads(capsys.readouterr().out) == [{"offered": 1}]




def test_the_banks_sample_by_day_type_agent_and_hour(tmp_path):
    """Against a reading of the same lines in plain Python, as their documentation says."""
    from mapped import load
    from test_maps_bank import FILES, ZONE, lines, read_plainly

    assert load(tmp_path / "bank.duckdb", "anonymous-bank", *FILES) == 0
    rows = [row for path in FILES for row in read_plainly(lines(path))]
    with Store.open(tmp_path / "bank.duckdb") as made:
        for split in ("day", "type", "agent", "hour"):
            found = ask(made, zone=ZoneInfo(ZONE), by=split, from_="1999-01-01",
                        kpi="offered,answered,abandoned,short_abandoned,answered_in_time,service_level,abandon_rate,"
                        "asa_s,mean_wait_abandoned_s,aht_s")
            groups: dict[Any, list[dict[str, Any]]] = {}
            for row in rows:
                groups.setdefault(row[split].isoformat() if split == "day" else row[split], []).append(row)
            assert {row[split] for row in found} == set(groups)
            for row in found:
                mine = groups[row.pop(split)]
                served = [one for one in mine if one["outcome"] == "answered"]
                gone = [one for one in mine if one["outcome"] == "abandoned"]
                in_time = sum(one["wait"] <= 20 for one in served)
                assert row == {
                    "offered": len(mine), "answered": len(served), "abandoned": len(gone),
                    "short_abandoned": sum(one["wait"] < 5 for one in gone), "answered_in_time": in_time,
                    "service_level": in_time / len(mine), "abandon_rate": len(gone) / len(mine),
                    "asa_s": pytest.approx(plain.mean([one["wait"] for one in served])),
                    "mean_wait_abandoned_s": plain.mean([one["wait"] for one in gone]) and pytest.approx(
                        plain.mean([one["wait"] for one in gone])),
                    "aht_s": plain.mean([one["talk"] for one in served]) and pytest.approx(
                        plain.mean([one["talk"] for one in served])),
                }
