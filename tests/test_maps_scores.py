"""Marks and verdicts in the rows of an export: scores of their visits, once, and never at a visit's cost."""

from pathlib import Path

import pytest
from mapped import ask, load, write_map

MAP = """
name = "crm"
timezone = "UTC"
[key]
call = "id"
[offered]
column = "start"
[outcome]
column = "result"
words = { answered = "ok", abandoned = "lost" }
[queue]
column = "queue"
[agent]
column = "agent"
[wait]
column = "wait"
[talk]
column = "talk"
[csat]
column = "survey"
none = ["n/a"]
[qa]
column = "review"
[resolved]
column = "solved"
yes = ["solved"]
no = ["open"]
[complaint]
column = "complaint"
[right_party]
column = "party"
"""
ROWS = """id,start,result,queue,agent,wait,talk,survey,review,solved,complaint,party
1,2026-11-16 09:00:00,ok,q,Ann,10,50,"4,5",,solved,,
2,2026-11-16 09:01:00,ok,q,Bob,10,50,n/a,80,open,yes,
3,2026-11-16 09:02:00,ok,q,Bob,10,50,good,,maybe,no,是
4,2026-11-16 09:03:00,lost,q,,30,,,,,,
"""
SCORES = "SELECT call, queue, agent, kind, value FROM scores ORDER BY call, kind"
FOUND = [
    ("1", "q", "Ann", "csat", 4.5), ("1", "q", "Ann", "resolved", 1.0), ("2", "q", "Bob", "complaint", 1.0),
    ("2", "q", "Bob", "qa", 80.0), ("2", "q", "Bob", "resolved", 0.0), ("3", "q", "Bob", "complaint", 0.0),
    ("3", "q", "Bob", "right_party", 1.0),
]


def test_they_become_scores_of_their_visits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export, store = tmp_path / "calls.csv", tmp_path / "s.duckdb"
    export.write_text(ROWS, encoding="utf-8")
    where = write_map(tmp_path, MAP)
    assert load(store, where, export) == 0
    said = capsys.readouterr().err
    assert "4 rows = 4 visits, 0 rejected" in said
    assert "7 judgements" in said
    assert "calls.csv:4: csat is not a number; counted without it: good" in said
    assert "calls.csv:4: resolved is none of the map's words; counted without it: maybe" in said
    assert ask(store, SCORES) == FOUND
    assert ask(store, "SELECT epoch_us(moment) FROM scores WHERE call = '1' LIMIT 1") == [
        (1_794_819_660_000_000,)]  # 09:01:00, the end of the call
    assert load(store, where, export) == 0
    assert ask(store, SCORES) == FOUND


def test_a_mark_that_comes_later_or_changes(tmp_path: Path) -> None:
    export, store = tmp_path / "calls.csv", tmp_path / "s.duckdb"
    where = write_map(tmp_path, MAP)
    export.write_text(ROWS, encoding="utf-8")
    assert load(store, where, export) == 0
    export.write_text(ROWS.replace("n/a,80", "2,70"), encoding="utf-8")
    assert load(store, where, export) == 0
    assert ask(store, SCORES + " LIMIT 5")[2:] == [
        ("2", "q", "Bob", "complaint", 1.0), ("2", "q", "Bob", "csat", 2.0), ("2", "q", "Bob", "qa", 70.0)]
    assert ask(store, "SELECT count(*) FROM visits") == [(4,)]
