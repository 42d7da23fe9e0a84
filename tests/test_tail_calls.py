"""The file of calls, the table, and the command."""

import csv
import gzip
import io
import json
import math

import numpy as np
import pytest
import tail_centres
from hypothesis import given, settings
from hypothesis import strategies as st

from ccboard import cli
from ccboard.commands import tail
from ccboard.errors import InputError, UsageError
from ccboard.tail import kpis
from ccboard.tail.calls import read_calls

HEADER = "call_id,offered_at,queue,type,agent,team,outcome,rna,handle_s,csat,fcr,transferred,qa_score\n"


def read(tmp_path, text, name="calls.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    bad = []
    return read_calls(path, lambda where, why: bad.append((where.removeprefix(f"{path}:"), why))), bad


def test_sums_of_a_small_file_by_hand(tmp_path):
    calls, bad = read(tmp_path, HEADER + """\
1,2026-10-05T10:00:00Z,q,loans,Ann,T,served,0,100,4,1,0,90
2,2026-10-05T23:59:59Z,q,loans,Ann,T,served,0,100,,0,1,
3,2026-10-06 08:00,q,,Ann,T,served,0,50,5,,0,
4,2026-10-06,q,loans,Bob,T,nobody there,1,,,,,
5,1791331200,q,loans,,,lost,,,,,,
6,2026-10-06,q,loans,Bob,T,served,0,400,1,1,0,
""")
    assert bad == []
    s = calls.sums("agent", ("aht", "csat", "fcr", "transfer", "qa", "rna"))
    aht = s["aht"]
    assert aht.units == ("Ann", "Bob")
    assert [(aht.units[u], aht.mixes[m], d, n, t) for u, m, d, n, t in
            zip(aht.unit, aht.mix, aht.day - aht.day.min(), aht.count, aht.total, strict=True)] == [
        ("Ann", "loans", 0, 2, pytest.approx(2 * math.log(100))),
        ("Ann", "q", 1, 1, pytest.approx(math.log(50))),
        ("Bob", "loans", 1, 1, pytest.approx(math.log(400)))]
    assert (s["csat"].count.sum(), s["csat"].total.sum()) == (3, 10)
    assert (s["fcr"].count.sum(), s["fcr"].total.sum()) == (3, 2)
    assert (s["transfer"].count.sum(), s["transfer"].total.sum()) == (4, 1)
    assert (s["qa"].count.sum(), s["qa"].total.sum()) == (1, 90)
    assert (s["rna"].count.sum(), s["rna"].total.sum()) == (5, 1)
    types = calls.sums("type", ("aht",))["aht"]
    assert types.units == ("loans", "q")
    assert types.mixes[:2] == ("Ann", "Bob")
    assert calls.sums("team", ("aht",))["aht"].units == ("T",)


def test_bad_rows_are_said_with_their_line_and_the_rest_goes_on(tmp_path):
    calls, bad = read(tmp_path, HEADER + """\
1,2026-10-05T10:00:00Z,q,t,A,T,answered,0,100,,1,0,
2,yesterday,q,t,A,T,answered,0,100,,1,0,
3,2026-10-05T10:00:00Z,q,t,A,T,answered,0,abc,,1,0,
4,2026-10-05T10:00:00Z,q,"t
x",A,T,answered,0,50,,1,0,
5,2026-10-05T10:00:00Z,q,t,A
6,2026-10-05,q,t,B,T,answered,0,-5,,1,0,

7,2026-10-05,q,t,B,T,answered,2,5,,1,0,
8,2026-02-31,q,t,B,T,answered,0,5,,1,0,
9,2026-10-05,q,t,B,T,answered,0,nan,,1,0,
10,2026-10-05,q,t,B,T,answered,0,5,,1,0,
""")
    assert (calls.rows, calls.bad) == (3, 7)
    assert dict(bad) == {
        "3": "offered_at is no date or time: yesterday", "4": "handle_s is no number: abc",
        "7": "5 cells where the header has 13", "8": "handle_s is negative: -5",
        "10": "rna is neither 0 nor 1: 2", "11": "offered_at is no date or time: 2026-02-31",
        "12": "handle_s is no number: nan"}
    assert calls.names["type"] == ["t", "t x"]
    assert sum(calls.reasons.values()) == 7


def test_what_counts_as_handled_is_seen_in_the_data(tmp_path):
    """Transfers of calls that nobody handled do not count, whatever the outcome is called."""
    rows = [f"{i},2026-10-05,q,t,A,T,{'kesz' if i % 2 else 'elment'},0,{100 if i % 2 else ''},,,{i % 2},"
            for i in range(10)]
    calls, _ = read(tmp_path, HEADER + "\n".join(rows))
    s = calls.sums("agent", ("transfer",))["transfer"]
    assert (s.count.sum(), s.total.sum()) == (5, 5)
    calls, _ = read(tmp_path, "offered_at,agent,transferred\n2026-10-05,A,1\n2026-10-05,A,0\n")
    assert calls.sums("agent", ("transfer",))["transfer"].count.sum() == 2


def test_packed_with_a_mark_and_columns_in_another_order(tmp_path):
    text = "\ufeffAgent,handle_s,offered_at\r\nA\u202e\x1b[31m,100,2026-10-05\r\nB,5,2026-10-05\r\n"
    calls, bad = read(tmp_path, gzip.compress(text.encode()), "calls.csv.gz")
    assert bad == []
    assert calls.names["agent"] == ["A[31m", "B"]
    assert calls.sums("agent", ("short",))["short"].total.tolist() == [0, 1]


def test_one_wild_call_is_drawn_in(tmp_path):
    rows = [f"2026-10-05,A,t,{90 + i % 20}" for i in range(99)] + ["2026-10-05,A,t,1000000"]
    calls, _ = read(tmp_path, "offered_at,agent,type,handle_s\n" + "\n".join(rows))
    assert calls.sums("agent", ("aht",))["aht"].total.sum() < 100 * math.log(110)


@pytest.mark.parametrize(("text", "said"), [
    ("", "it has: nothing"), ("a,b\n1,2\n", "needs offered_at"), ("offered_at,agent\n", "at least one of"),
    ("offered_at,fcr,fcr\n", "has fcr twice")])
def test_a_file_that_is_none(tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        read(tmp_path, text)


@pytest.mark.parametrize(("encoding", "delimiter"), [("gb18030", ","), ("utf-16", "\t"), ("utf-8", ";")])
def test_what_spreadsheets_write_is_read(tmp_path, capsys, encoding, delimiter):
    rows = "".join(
        f"{n},2026-10-{n % 9 + 1:02d},q,贷款咨询,{'张伟' if n % 2 else '李娜'},一班,接通,0,{90 + n},,,0,\n"
        for n in range(40))
    path = tmp_path / "calls.csv"
    path.write_bytes((HEADER + rows).replace(",", delimiter).encode(encoding))
    assert cli.main(["tail", "--calls", str(path), "--period", "all", "--out", "-", "--kpi", "aht"]) == 0
    said = capsys.readouterr()
    assert [line.split(",")[1] for line in said.out.splitlines()[1:]] == ["李娜", "张伟"]
    assert f"read as text, {encoding}" in said.err


def test_a_name_that_cannot_be_read_is_left_out_and_one_in_two_teams_is_said(tmp_path, capsys):
    rows = "".join(f"{n},2026-10-0{n % 9 + 1},q,t,Ann,T{n % 2},a,0,{90 + n},,,0,\n" for n in range(20))
    path = tmp_path / "calls.csv"
    # the broken name stands behind all that is looked at to tell the encoding
    good = "".join(f"{n},2026-10-01,q,t,Bob,T1,a,0,90,,,0,{'0' * 60}\n" for n in range(3000))
    path.write_bytes((HEADER + rows + good).encode() + b"9,2026-10-01,q,t,\xd5\xc5\xce\xb0,T1,a,0,90,,,0,\n")
    assert cli.main(["tail", "--calls", str(path), "--out", "-", "--kpi", "aht"]) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 3
    assert f"{path}:3022: left out: agent holds bytes" in said.err
    assert "1 agents stand in several teams (Ann: T0, T1)" in said.err


def test_a_slip_of_the_pen_does_not_outweigh_all_marks(tmp_path):
    marks = [70, 75, 80, 85, 90] * 20
    rows = "".join(f"{n},2026-10-01,q,t,Ann,T,a,0,90,,,0,{8e12 if n == 50 else mark}\n"
                   for n, mark in enumerate(marks))
    calls, _ = read(tmp_path, HEADER + rows)
    qa = calls.sums("agent", ("qa",))["qa"]
    # by hand: the middle is 80, a fifth of the marks each at 70 and 90: a spread of 10; 80 + 20 of it
    assert qa.total.sum() - (sum(marks) - marks[50]) == pytest.approx(280, abs=1)
    rare = "".join(f"{n},2026-10-01,q,t,Ann,T,a,0,90,{1 if n == 50 else 5},,0,\n" for n in range(1000))
    calls, _ = read(tmp_path, HEADER + rare)
    assert calls.sums("agent", ("csat",))["csat"].total.sum() == 4996  # a rare one among fives is no slip


@pytest.mark.parametrize("agents", [1, 2, 12])
def test_where_everybody_is_the_same_nobody_is_named(tmp_path, capsys, agents):
    rows = "".join(f"{n},2026-10-{n // 40 + 1:02d},q,t,A{n % agents},T,a,0,100,5,1,0,80\n"
                   for n in range(400))
    path = tmp_path / "calls.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    for form in ([], ["--json"], ["--out", "-"]):
        assert cli.main(["tail", "--calls", str(path), *form]) == 0
        said = capsys.readouterr().out
        assert "nan" not in said.lower()
    assert {line.split(",")[2] for line in said.splitlines()[1:]} == {"0"}


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_calls(tmp_path / "none.csv", lambda *_: None)
    (tmp_path / "broken.csv.gz").write_bytes(gzip.compress(HEADER.encode() * 99)[:60])
    with pytest.raises(InputError, match="cannot be read"):
        read_calls(tmp_path / "broken.csv.gz", lambda *_: None)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.one_of(st.text(max_size=8), st.sampled_from(
    ["", "1", "0", "2026-10-05", "1791331200", "nan", "-1", "1e999", "\x00", '"'])),
    min_size=11, max_size=14), max_size=6))
def test_any_rows_are_taken_or_left_out(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("fuzz") / "x.csv"
    with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
        file.write(HEADER)
        csv.writer(file).writerows(rows)
    bad = []
    calls = read_calls(path, lambda *said: bad.append(said))
    assert calls.bad == len(bad)
    assert calls.rows + calls.bad == len(rows)
    assert len(calls.day) == calls.rows
    assert all(len(v) == calls.rows for v in (*calls.values.values(), *calls.codes.values()))


# ---------------------------------------------------------------- the command

@pytest.fixture(scope="module")
def calls_file(tmp_path_factory):
    made = tail_centres.centre.make(tail_centres.centre.Kind(agents=50), 77)
    path = tmp_path_factory.mktemp("calls") / "calls.csv"
    tail_centres.centre.write(made, path)
    return made, path


def test_the_table_has_a_row_for_every_figure_and_agent(calls_file, tmp_path):
    made, path = calls_file
    out = tmp_path / "table.csv"
    assert cli.main(["tail", "--calls", str(path), "--period", "all", "--out", str(out)]) == 0
    rows = list(csv.DictReader(out.open()))
    assert list(rows[0]) == ["kpi", "agent", "flag", "prob", "score", "volatile"]
    seen = {f"agent {i:03d}" for i in np.unique(made.agent)}
    assert {r["kpi"] for r in rows} == {"aht", "csat", "fcr", "transfer", "qa", "rna"}
    for figure in kpis.STANDARD:
        own = [r for r in rows if r["kpi"] == figure]
        assert {r["agent"] for r in own} == seen
        assert len(own) == len(seen)
        assert sum(float(r["prob"]) for r in own) == pytest.approx(0.1 * len(own), abs=0.05)
    assert {r["flag"] for r in rows} <= {"0", "1"}
    named = {int(r["agent"][-3:]) for r in rows if r["flag"] == "1"}
    assert named
    assert not named & set(np.flatnonzero(made.new).tolist())
    aht = {int(r["agent"][-3:]): float(r["score"]) for r in rows if r["kpi"] == "aht"}
    worst = sorted(aht, key=lambda i: -aht[i])[:5]
    assert np.mean([made.truth["aht"][i] for i in worst]) > np.quantile(made.truth["aht"], 0.85)
    true = np.flatnonzero(made.fluctuating).tolist()
    swinging = {int(r["agent"][-3:]) for r in rows if r["volatile"] == "1"}
    assert len(swinging & set(true)) >= 3
    assert len(swinging - set(true)) <= 1


def test_text_and_json_say_the_same(calls_file, capsys):
    _, path = calls_file
    words = ["--period", "5d", "--kpi", "transfer", "--kpi", "qa", "--json"]
    assert cli.main(["tail", "--calls", str(path), *words]) == 0
    said = json.loads(capsys.readouterr().out)
    assert list(said["kpis"]) == ["transfer", "qa"]
    assert said["kpis"]["transfer"]["days"] == 5
    assert (said["kpis"]["qa"]["pooled"], said["kpis"]["qa"]["days"]) == (True, 20)
    named = [u for u in said["kpis"]["transfer"]["units"] if u["named"]]
    assert cli.main(["tail", "--calls", str(path), "--period", "5", "--kpi", "transfer"]) == 0
    text = capsys.readouterr().out
    assert said["kpis"]["transfer"]["words"] in text
    for unit in named:
        assert f"  {unit['name']}: {unit['words']}" in text
    for unit in said["kpis"]["transfer"]["units"]:
        assert unit["low"] <= unit["value"] <= unit["high"]
        assert "%" in unit["words_zh"]


@pytest.mark.parametrize("by", ["team", "type"])
def test_teams_and_types(calls_file, capsys, by):
    _, path = calls_file
    assert cli.main(["tail", "--calls", str(path), "--by", by, "--period", "all", "--out", "-"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {r["agent"].split()[0] for r in rows} == {by}


def test_bad_rows_and_figures_that_are_not_there(tmp_path, capsys):
    path = tmp_path / "c.csv"
    rows = [f"2026-10-{5 + i % 9:02d},agent {i % 7},t,{60 + i % 11}" for i in range(200)]
    path.write_text("offered_at,agent,type,handle_s\nnever,A,t,5\n" + "\n".join(rows))
    assert cli.main(["tail", "--calls", str(path), "--period", "all", "--out", str(tmp_path / "t.csv")]) == 0
    said = capsys.readouterr()
    assert f"{path}:2: left out: offered_at is no date or time: never" in said.err
    assert "1 of 201 rows left out" in said.err
    table = list(csv.DictReader((tmp_path / "t.csv").open()))
    assert len(table) == 6 * 7
    assert {(r["flag"], r["prob"]) for r in table if r["kpi"] == "csat"} == {("0", "0.1")}
    assert cli.main(["tail", "--calls", str(path)]) == 0
    assert "Not measured: csat, fcr, transfer, qa, rna\n" in capsys.readouterr().out


def test_a_file_in_which_nothing_is_measured(tmp_path, capsys):
    path, out = tmp_path / "c.csv", tmp_path / "t.csv"
    rows = [f"{i},2026-10-{5 + i % 9:02d} 09:00:00,q,t,agent {i % 7},Nord,answered,,,,,," for i in range(63)]
    path.write_text(HEADER + "\n".join(rows))
    for period in ("all", "20d"):
        assert cli.main(["tail", "--calls", str(path), "--period", period]) == 0
        said = capsys.readouterr().out.splitlines()
        assert said == ["Not measured: aht, csat, fcr, transfer, qa, rna", "Fluctuating: nothing is measured"]
    assert cli.main(["tail", "--calls", str(path), "--json"]) == 0
    assert not any(figure["measured"] for figure in json.loads(capsys.readouterr().out)["kpis"].values())
    assert cli.main(["tail", "--calls", str(path), "--out", str(out)]) == 0
    table = list(csv.DictReader(out.open()))
    assert len(table) == 6 * 7
    assert {(r["flag"], r["prob"], r["score"], r["volatile"]) for r in table} == {("0", "0.1", "0", "0")}


def test_wrong_words(tmp_path, capsys):
    assert cli.main(["tail", "--calls", str(tmp_path / "none.csv")]) == 1
    assert cli.main(["tail", "--calls", "x", "--period", "soon"]) == 2
    assert cli.main(["tail", "--calls", "x", "--as-of", "09:00"]) == 2
    assert cli.main(["tail", "--calls", "x", "--kpi", "dials"]) == 2
    assert cli.main(["tail", "--out", "x"]) == 2
    (tmp_path / "c.csv").write_text("offered_at,handle_s\n2026-10-05,5\n")
    assert cli.main(["tail", "--calls", str(tmp_path / "c.csv")]) == 1
    assert "no row names an agent" in capsys.readouterr().err
    with pytest.raises(UsageError):
        tail.parse_period("0d")


def test_the_command_knows_the_figures_there_are():
    assert tuple(kpis.KPIS) == tail.FIGURES
    assert tail.STANDARD == kpis.STANDARD
    assert set(kpis.OF_STORE) == set(kpis.KPIS)
    assert set(tail.OF_FILES) == set(kpis.KPIS) - {"wrap", "hold", "complaint", "success", "dials"}
