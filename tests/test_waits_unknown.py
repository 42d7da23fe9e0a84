"""Exports that do not say how long callers waited: counted back where possible, else left out and said."""

import json

import pytest
from mapped import load, visits
from stores import S, floor, store

from ccboard.cli import main
from ccboard.records import Contact

COUNTED_BACK = """Start time,End time,Agent,Skill,Disposition,Handle time
1772352000,1772352100,Ann,S1,Completed,90
1772352200,1772352300,,S1,Abandon,
"""
UNKNOWN = """Start time,End time,Agent,Skill,Disposition
1772352000,1772352100,Ann,S1,Completed
1772352200,1772352300,,S1,Abandon
"""
WHOLE = """Start time,End time,Agent,Skill,Disposition,Duration
1772352000,1772352100,Ann,S1,Completed,100
1772352200,1772352300,,S1,Abandon,100
"""
KPIS = "answered,answered_in_time,service_level,sl.answered,asa_s,mean_wait_abandoned_s"
SPAN = ("--from", "2026-03-01", "--to", "2026-03-02", "--timezone", "UTC")


@pytest.fixture(autouse=True)
def no_configuration(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("CCBOARD_CONFIG", raising=False)


def brought(tmp_path, capsys, text: str):
    """Propose a map, load the file by it; return the store and what was said of each."""
    path, of = tmp_path / "calls.csv", tmp_path / "map.toml"
    store = tmp_path / "s.duckdb"
    path.write_text(text)
    assert main(["init", "--from", str(path), "--output", str(of), "--timezone", "UTC"]) == 0
    proposed = capsys.readouterr().err
    assert load(store, of, path) == 0
    return store, proposed, capsys.readouterr().err


def asked(store, capsys, kpis: str = KPIS, *more: str):
    assert main(["figures", "--store", str(store), "--kpi", kpis, "--json", *SPAN, *more]) == 0
    out = capsys.readouterr()
    return json.loads(out.out), out.err


def test_a_wait_is_counted_back_from_the_end(tmp_path, capsys):
    store, proposed, loaded = brought(tmp_path, capsys, COUNTED_BACK)
    assert "what the end less 'Handle time' leaves" in proposed
    assert "not known" not in loaded
    # 100 s from begin to end less 90 s of handling; the abandoned one waited to its end.
    assert visits(store, "wait_s, talk_s") == [(10, 90), (100, None)]
    rows, said = asked(store, capsys)
    assert rows == [{"answered": 1, "answered_in_time": 1, "service_level": 0.5, "sl.answered": 1.0,
                     "asa_s": 10, "mean_wait_abandoned_s": 100}]
    assert "wait" not in said


@pytest.mark.parametrize("text", [UNKNOWN, WHOLE])
def test_waits_that_nobody_knows_are_no_misses(tmp_path, capsys, text):
    store, proposed, loaded = brought(tmp_path, capsys, text)
    assert "how long answered callers waited is not known" in proposed
    assert "how long answered callers waited is not known" in loaded
    rows, said = asked(store, capsys)
    assert rows == [{"answered": 1, "answered_in_time": None, "service_level": None, "sl.answered": None,
                     "asa_s": None, "mean_wait_abandoned_s": 100}]
    assert "1 visit of which no source tells the wait" in said
    at = ("--as-of", "2026-03-01T09:00", "--timezone", "UTC")
    assert main(["now", "--store", str(store), "--json", *at]) == 0
    assert json.loads(capsys.readouterr().out)["totals"]["service_level"] is None


def test_one_of_an_unknown_wait_is_left_out_of_the_others(tmp_path, capsys):
    rows = [
        "1772352000,1772352100,Ann,S1,Completed,90",   # waited 10 s: in time
        "1772352010,1772352110,Ann,S1,Completed,40",   # waited 60 s: late
        "1772352020,1772352120,Ann,S1,Completed,",     # nobody knows
        "1772352030,1772352130,Ann,S1,Completed,900",  # longer than from begin to end: nobody knows
        "1772352200,1772352300,,S1,Abandon,",          # waited 100 s
    ]
    text = COUNTED_BACK.splitlines(keepends=True)[0] + "".join(f"{row}\n" for row in rows)
    store, _proposed, _loaded = brought(tmp_path, capsys, text)
    rows, said = asked(store, capsys, "answered,answered_in_time,service_level,sl.answered")
    assert rows == [{"answered": 4, "answered_in_time": 1, "service_level": pytest.approx(1 / 3),
                     "sl.answered": 0.5}]
    assert "2 visits of which no source tells the wait" in said
    at = ("--as-of", "2026-03-01T09:00", "--timezone", "UTC")
    assert main(["now", "--store", str(store), "--json", *at]) == 0
    now = json.loads(capsys.readouterr().out)
    assert now["totals"]["service_level"] == pytest.approx(1 / 3)
    assert main(["visits", "--store", str(store), "--kpi", "service_level", "--json", *SPAN]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [row["counts"] for row in listed] == ["no", "left_out", "left_out", "no", "yes"]
    assert listed[1]["why_en"] == "the wait is not known"


def test_an_interval_of_unknown_waits_has_no_number_in_time(tmp_path):
    """The board's intervals as its rows: 0 would be a miss. Two visits of unknown wait, then one of 5 s."""
    start = 1_795_089_600 * S
    calls = [Contact(source="pbx", call=str(n), queue="q", offered_at=start + after * S, wait_s=wait,
                     answered_at=start + (after + 5) * S, ended_at=start + (after + 60) * S,
                     outcome="answered", agent="Ann")
             for n, (after, wait) in enumerate(((0, None), (60, None), (900, 5)))]
    with store(tmp_path, calls, promise_s=0) as made:
        seen = floor(made, start + 3600 * S)
    assert [(i.answered, i.answered_in_time, i.service_level) for i in seen.intervals if i.queue == "q"] == [
        (2, None, None), (1, 1, 1)]
