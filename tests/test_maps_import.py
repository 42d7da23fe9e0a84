"""Exports of many kinds through ``ccboard import --map`` into a store."""

import csv
import gzip
import json
import random
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import openpyxl
import pytest
from mapped import ask, load, local, visits, whole_store, write_map

from ccboard.cli import main
from ccboard.maps.detect import guess_encoding

BERLIN = "Europe/Berlin"
MAP = """
name = "shop"
timezone = "Europe/Berlin"
[key]
call = "id"
[offered]
column = "start"
[outcome]
column = "result"
[outcome.words]
answered = ["ANSWERED", "/ok.*/"]
abandoned = "ABANDONED"
[queue]
column = "queue"
[agent]
column = "agent"
none = "-"
[caller]
column = "from"
[wait]
column = "wait"
[talk]
column = "talk"
"""
COLUMNS = ("id", "start", "result", "queue", "agent", "from", "wait", "talk")
SEEN = "call, queue, offered_at, outcome, agent, wait_s, talk_s"


def calls(count: int = 40, seed: int = 5) -> list[tuple[str, ...]]:
    rng = random.Random(seed)
    rows = []
    for number in range(count):
        at = datetime(2024, 3, 4, 8) + timedelta(seconds=number * 37)
        answered = rng.random() < 0.8
        rows.append(
            (
                f"c{number}",
                at.isoformat(sep=" "),
                "Answered" if answered else "abandoned",
                rng.choice(["sales", "支持", 'a "b", c']),
                rng.choice(["Ann", "Böb"]) if answered else "-",
                f"03012346{number:02}",
                str(rng.randrange(60)),
                str(rng.randrange(300)) if answered else "",
            )
        )
    return rows


def expected(rows: list[tuple[str, ...]]) -> list[tuple[object, ...]]:
    return [
        (
            r[0],
            r[3],
            datetime.fromisoformat(r[1]) - timedelta(hours=1),
            r[2].lower(),
            None if r[4] == "-" else r[4],
            float(r[6]),
            float(r[7]) if r[7] else None,
        )
        for r in rows
    ]


def write(path: Path, rows: list[tuple[str, ...]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return path


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [
        ("utf-8", ","),
        ("utf-8-sig", ";"),
        ("utf-16", "\t"),
        ("utf-16-le", "\t"),
        ("utf-16-be", ","),
        ("gb18030", "|"),
    ],
)
def test_text_in_any_encoding(tmp_path, encoding, delimiter):
    rows = calls()
    if encoding == "gb18030":
        rows = [
            tuple(cell.replace("Böb", "张三丰").replace("sales", "售后服务") for cell in row) for row in rows
        ]
    path = write(tmp_path / "calls.csv", rows, encoding, delimiter)
    assert load(tmp_path / "a.duckdb", write_map(tmp_path, MAP), path) == 0
    assert visits(tmp_path / "a.duckdb", SEEN) == expected(rows)


@pytest.mark.parametrize(("text", "encoding"), [
    ("Agent 1 王,ok\nAgent 2 王,ok", "gb18030"), ("李 desk,1\n班 B,2", "gb18030"),
    ("Müller;Straße;Grüße", "cp1252"), ("São João;ação;opções", "cp1252"), ("Noël,déjà vu,Zürich", "cp1252")])
def test_a_few_letters_tell_the_encoding(text, encoding):
    """One Chinese character in a name has no Chinese neighbours; an accented letter has plain ones."""
    assert guess_encoding(text.encode(encoding)) == encoding


def test_western_text(tmp_path):
    rows = [row for row in calls() if row[3] != "支持"]
    path = write(tmp_path / "calls.csv", rows, "cp1252", ";")
    assert load(tmp_path / "a.duckdb", write_map(tmp_path, MAP), path) == 0
    assert visits(tmp_path / "a.duckdb", SEEN) == expected(rows)


def test_packed_text_and_carriage_returns(tmp_path):
    rows = calls()
    plain = write(tmp_path / "calls.csv", rows).read_bytes()
    packed = tmp_path / "calls.csv.gz"
    packed.write_bytes(gzip.compress(plain))
    mac = tmp_path / "mac.csv"
    mac.write_bytes(plain.replace(b"\r\n", b"\r"))
    for number, path in enumerate([packed, mac]):
        store = tmp_path / f"{number}.duckdb"
        assert load(store, write_map(tmp_path, MAP), path) == 0
        assert visits(store, SEEN) == expected(rows)


def test_ndjson(tmp_path):
    rows = calls()
    path = tmp_path / "calls.ndjson"
    path.write_text(
        "\n".join(
            json.dumps(
                {
                    "id": r[0],
                    "start": r[1],
                    "result": r[2],
                    "queue": {"name": r[3]},
                    "agent": r[4],
                    "from": r[5],
                    "wait": int(r[6]),
                    "talk": float(r[7]) if r[7] else None,
                },
                ensure_ascii=False,
            )
            for r in rows
        )
        + "\n[1]\n{broken\n",
        encoding="utf-8",
    )
    text = MAP.replace('[queue]\ncolumn = "queue"', '[queue]\ncolumn = "queue.name"')
    assert load(tmp_path / "a.duckdb", write_map(tmp_path, text), path) == 0
    assert visits(tmp_path / "a.duckdb", SEEN) == expected(rows)
    assert ask(tmp_path / "a.duckdb", "SELECT place, reason FROM rejects ORDER BY seq") == [
        ("calls.ndjson:41", "not a JSON object"),
        ("calls.ndjson:42", "not JSON"),
    ]


def test_parquet(tmp_path):
    rows = calls()
    path = tmp_path / "calls.parquet"
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE c (id VARCHAR, start TIMESTAMP, result VARCHAR, queue VARCHAR, agent VARCHAR,"
            ' "from" VARCHAR, wait INTEGER, talk DOUBLE)'
        ).fetchall()
        for row in rows:
            con.execute(
                "INSERT INTO c VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [*row[:7], row[7] or None]
            ).fetchall()
        con.execute(f"COPY c TO '{path}' (FORMAT parquet)").fetchall()
    assert load(tmp_path / "a.duckdb", write_map(tmp_path, MAP), path) == 0
    assert visits(tmp_path / "a.duckdb", SEEN) == expected(rows)


def test_excel_with_serial_dates_times_and_durations(tmp_path):
    """Moments as Excel keeps them: numbers with a format, bare numbers, and a day beside a time of day."""
    rows = calls()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([*COLUMNS, "serial", "day", "clock"])
    for row in rows:
        at = datetime.fromisoformat(row[1])
        serial = (at - datetime(1899, 12, 30)) / timedelta(days=1)
        wait = timedelta(seconds=int(row[6]))
        sheet.append(
            [
                row[0],
                at,
                row[2],
                row[3],
                row[4],
                int(row[5]),
                wait,
                int(row[7]) if row[7] else None,
                serial,
                at.date(),
                at.time(),
            ]
        )
    path = tmp_path / "calls.xlsx"
    book.save(path)
    ways = {
        "date": MAP,
        "serial": MAP.replace('column = "start"', 'column = "serial"'),
        "clock": MAP.replace('column = "start"', 'column = "clock"\nformat = "time"\n[day]\ncolumn = "day"'),
    }
    for name, text in ways.items():
        store = tmp_path / f"{name}.duckdb"
        assert load(store, write_map(tmp_path, text), path) == 0
        assert visits(store, SEEN) == expected(rows), name


def test_excel_without_its_library_says_what_to_do(tmp_path, monkeypatch, capsys):
    book = openpyxl.Workbook()
    book.active.append(["id"])
    book.save(tmp_path / "calls.xlsx")
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    assert load(tmp_path / "a.duckdb", write_map(tmp_path, MAP), tmp_path / "calls.xlsx") == 2
    assert "pip install 'ccboard[excel]'" in capsys.readouterr().err


def broken(rows: list[tuple[str, ...]]) -> tuple[list[str], dict[int, str]]:
    """Return lines of a file, every hundredth broken in one way or another, and line number -> reason."""
    lines = [",".join(COLUMNS)]
    wrong: dict[int, str] = {}
    ways = ["not a moment", "fields", "outcome", "quote", "duration", "queue", "call", "future"]
    for number, row in enumerate(rows):
        cells = [cell.replace('"', "").replace(",", "") for cell in row]
        if number % 100 == 50:
            way = ways[number // 100 % len(ways)]
            wrong[len(lines) + 1] = way
            if way == "not a moment":
                cells[1] = "yesterday"
            elif way == "fields":
                del cells[3:5]
            elif way == "outcome":
                cells[2] = "MAYBE"
            elif way == "quote":
                cells[3] = '"' + cells[3]
            elif way == "duration":
                cells[6] = "-3"
            elif way == "queue":
                cells[3] = ""
            elif way == "call":
                cells[0] = ""
            else:
                cells[1] = "2099-01-01 00:00:00"
        lines.append(",".join(cells))
    return lines, wrong


def test_one_percent_broken_rows_and_nothing_lost(tmp_path, capsys):
    rows = calls(4000)
    lines, wrong = broken(rows)
    assert len(wrong) == 40
    path = tmp_path / "calls.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    store, rejects = tmp_path / "a.duckdb", tmp_path / "wrong.csv"
    assert load(store, write_map(tmp_path, MAP), path, more=("--rejects", str(rejects))) == 0
    said = capsys.readouterr().err
    assert "4000 rows = 3960 visits, 40 rejected" in said
    with rejects.open(encoding="utf-8", newline="") as file:
        kept = list(csv.DictReader(file))
    assert {int(row["line"]) for row in kept} == set(wrong)
    words = {
        "not a moment": "not a moment",
        "fields": "6 fields",
        "outcome": "none of the map's words",
        "quote": "never closed",
        "duration": "negative",
        "queue": "no queue",
        "call": "no call",
        "future": "future",
    }
    for row in kept:
        assert words[wrong[int(row["line"])]] in row["reason"]
    assert rejects.stat().st_mode & 0o077 == 0
    counted = ask(store, "SELECT sum(n) FROM reject_counts")
    assert counted == [(40,)]
    good = {row[0] for number, row in enumerate(rows) if number % 100 != 50}
    assert {call for (call,) in visits(store, "call")} == good


def test_a_wrong_file_makes_no_store_and_is_said(tmp_path, capsys):
    path, store = tmp_path / "w.tsv", tmp_path / "a.duckdb"
    path.write_text("a\tb\n1\t2\n")
    words = ["import", "--map", "anonymous-bank", str(path), "--store", str(store)]
    assert main(words) == 1
    said = capsys.readouterr().err
    assert str(path) in said
    assert "1 row rejected, 1 for: has 2 fields, not 17" in said
    assert list(tmp_path.iterdir()) == [path]


def test_a_wrong_file_among_good_ones_is_exit_1(tmp_path, capsys):
    good, bad, store = tmp_path / "calls.csv", tmp_path / "bad.csv", tmp_path / "a.duckdb"
    row = ("1", "2024-03-04 08:00:00", "ANSWERED", "q", "Ann", "", "1", "2")
    for path, one in ((good, row), (bad, ("1", "never", *row[2:]))):
        path.write_text(",".join(COLUMNS) + "\n" + ",".join(one) + "\n")
    words = ["import", "--map", str(write_map(tmp_path, MAP)), str(good), str(bad), "--store", str(store)]
    for _ in range(2):  # into a new store, and into one that is there
        assert main(words) == 1
        said = capsys.readouterr().err
        assert f"{bad}: nothing of it can be used: 1 row rejected" in said
        assert ask(store, "SELECT count(*) FROM visits") == [(1,)]


def test_rejects_lie_beside_the_store_and_twice_changes_nothing(tmp_path, capsys):
    lines, _wrong = broken(calls(500))
    path = tmp_path / "in" / "calls.csv"
    path.parent.mkdir()
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    store = tmp_path / "s" / "a.duckdb"
    store.parent.mkdir()
    map_file = write_map(tmp_path, MAP)
    assert load(store, map_file, path) == 0
    assert (store.parent / "calls.csv.rejects.csv").exists()
    before = whole_store(store)
    assert load(store, map_file, path) == 0
    assert "; 0 rows of the store new or changed" in capsys.readouterr().err
    assert whole_store(store) == before


def test_rejected_rows_are_for_their_owner_alone_in_a_file_of_earlier_too(tmp_path):
    path = write(tmp_path / "calls.csv", [("c1", "never", *calls(1)[0][2:]), *calls(1)])
    map_file = write_map(tmp_path, MAP)
    rejects = tmp_path / "r.csv"
    rejects.touch()
    rejects.chmod(0o644)
    assert load(tmp_path / "a.duckdb", map_file, path, more=("--rejects", str(rejects))) == 0
    assert rejects.read_text().count("\n") == 2
    assert rejects.stat().st_mode & 0o777 == 0o600
    before = Path("/dev/null").stat().st_mode
    assert load(tmp_path / "a.duckdb", map_file, path, more=("--rejects", "/dev/null")) == 0
    assert Path("/dev/null").stat().st_mode == before


def test_a_rejected_row_is_one_clean_line_on_the_terminal(tmp_path, capsys):
    hostile = "\x1b]0;owned\x07soon\nccboard import: all is well\u202e"
    path = write(tmp_path / "calls.csv", [("c1", hostile, *calls(1)[0][2:]), *calls(1)])
    assert load(tmp_path / "a.duckdb", write_map(tmp_path, MAP), path) == 0
    said = capsys.readouterr().err
    assert all(line.isprintable() for line in said.splitlines())
    assert not any(line == "ccboard import: all is well" for line in said.splitlines())
    assert "rejected: " in said.splitlines()[0]


def test_a_corrected_export_corrects(tmp_path):
    rows = calls(10)
    store, map_file = tmp_path / "a.duckdb", write_map(tmp_path, MAP)
    assert load(store, map_file, write(tmp_path / "a.csv", rows)) == 0
    rows[3] = (*rows[3][:6], "99", "100")
    rows[3] = (rows[3][0], rows[3][1], "ANSWERED", *rows[3][3:])
    assert load(store, map_file, write(tmp_path / "b.csv", rows)) == 0
    assert visits(store, SEEN) == expected(rows)


DAYS = """
timezone = "Europe/Berlin"
[key]
columns = ["from", "in"]
[day]
column = "date"
format = "%d.%m.%y"
[offered]
column = "in"
format = "time"
[answered]
column = "up"
format = "time"
none = "0:00:00"
[ended]
column = "out"
format = "time"
[outcome]
otherwise = "abandoned"
rules = [{ word = "answered", when = { column = "up", none_of = "0:00:00" } }]
[queue]
value = "main"
[caller]
column = "from"
"""


def test_times_of_day_over_midnight_and_moved_clocks(tmp_path):
    path = tmp_path / "calls.csv"
    path.write_text(
        "from;date;in;up;out\n"
        "1001;04.03.24;23:58:00;0:01:00;0:05:30\n"  # answered after midnight
        "1002;04.03.24;23:50:00;23:51:00;0:10:00\n"  # ended after midnight
        "1003;04.03.24;23:59:30;0:00:00;0:00:20\n"  # hung up after midnight
        "1004;31.03.24;1:50:00;3:10:00;3:20:00\n"  # the clock jumped from 2 to 3
        "1005;27.10.24;2:50:00;2:10:00;2:30:00\n"  # the clock went back from 3 to 2 while it waited
        "1006;04.03.24;9:00:00;8:59:59;9:01:00\n",  # two clocks that differ by a second
        encoding="utf-8",
    )
    store = tmp_path / "a.duckdb"
    assert load(store, write_map(tmp_path, DAYS), path) == 0
    found = {
        key[-1]: rest for key, *rest in visits(store, "caller, offered_at, ended_at, outcome, wait_s, talk_s")
    }
    day = datetime(2024, 3, 4)
    assert [(local(v[0], BERLIN), local(v[1], BERLIN)) for v in (found["1"], found["2"], found["3"])] == [
        (day.replace(hour=23, minute=58), datetime(2024, 3, 5, 0, 5, 30)),
        (day.replace(hour=23, minute=50), datetime(2024, 3, 5, 0, 10)),
        (day.replace(hour=23, minute=59, second=30), datetime(2024, 3, 5, 0, 0, 20)),
    ]
    assert [found[key][2:] for key in "123456"] == [
        ["answered", 180, 270],
        ["answered", 60, 1140],
        ["abandoned", 50, None],
        ["answered", 1200, 600],
        ["answered", 1200, 1200],
        ["answered", 0, 60],
    ]


def test_where_the_day_comes_from(tmp_path, capsys):
    text = DAYS.replace('[day]\ncolumn = "date"\nformat = "%d.%m.%y"\n', "")
    named = text + "[day]\nfile = 'cdr_(?P<year>\\d\\d)(?P<month>\\d\\d)(?P<day>\\d\\d)'\n"
    path = tmp_path / "cdr_240304.csv"
    path.write_text("from;in;up;out\n1001;9:00:00;9:00:10;9:01:00\n", encoding="utf-8")
    assert load(tmp_path / "a.duckdb", write_map(tmp_path, text), path) == 2
    assert "--day" in capsys.readouterr().err
    assert load(tmp_path / "a.duckdb", write_map(tmp_path, text), path, more=("--day", "2024-03-05")) == 0
    assert load(tmp_path / "b.duckdb", write_map(tmp_path, named), path) == 0
    assert visits(tmp_path / "a.duckdb", "offered_at") == [(datetime(2024, 3, 5, 8),)]
    assert visits(tmp_path / "b.duckdb", "offered_at") == [(datetime(2024, 3, 4, 8),)]
    assert load(tmp_path / "a.duckdb", write_map(tmp_path, text), path, more=("--day", "soon")) == 2


def test_rows_alike_count_as_often_as_one_file_has_them(tmp_path):
    row = "1001;04.03.24;9:00:00;9:00:10;9:01:00\n"
    once, twice = tmp_path / "once.csv", tmp_path / "twice.csv"
    once.write_text("from;date;in;up;out\n" + row, encoding="utf-8")
    twice.write_text("from;date;in;up;out\n" + row + row, encoding="utf-8")
    store, map_file = tmp_path / "a.duckdb", write_map(tmp_path, DAYS)
    for files, count in (([once], 1), ([twice], 2), ([once, twice], 2), ([once], 2)):
        assert load(store, map_file, *files) == 0
        assert len(visits(store)) == count


def test_visits_of_one_call_to_one_queue(tmp_path, capsys):
    """The second file begins in the middle of the call: its visits are those known, and one more."""
    head = ",".join(COLUMNS) + "\n"
    lines = [
        f"x,2024-03-04 {clock},ANSWERED,sales,Ann,1,{wait},5\n"
        for clock, wait in (("09:00:00", 1), ("09:10:00", 2), ("09:20:00", 3))
    ]
    files = [tmp_path / f"{n}.csv" for n in range(3)]
    files[0].write_text(head + lines[0] + lines[1], encoding="utf-8")
    files[1].write_text(head + lines[1] + lines[2], encoding="utf-8")
    files[2].write_text(head + lines[0] + lines[0].replace(",1,5", ",9,5"), encoding="utf-8")
    store, map_file = tmp_path / "a.duckdb", write_map(tmp_path, MAP)
    assert load(store, map_file, files[1]) == 0
    assert load(store, map_file, files[0]) == 0
    assert [wait for (wait,) in visits(store, "wait_s")] == [1, 2, 3]
    assert len({nth for (nth,) in visits(store, "nth")}) == 3
    capsys.readouterr()
    assert load(store, map_file, files[2]) == 0
    assert "1 row that a later row tells again" in capsys.readouterr().err
    assert [wait for (wait,) in visits(store, "wait_s")] == [9, 2, 3]


def test_a_quote_that_is_never_closed_costs_one_row(tmp_path):
    rows = [tuple(cell.replace('"', "") for cell in row) for row in calls(5000)]
    path = write(tmp_path / "calls.csv", rows)
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[2500] = lines[2500].replace(",Ann", ',"Ann').replace(",Böb", ',"Böb').replace(",-", ',"-')
    lines[3001:3001] = ['q,2024-03-04 12:00:00,ANSWERED,"two', 'lines",Ann,1,2,3']
    path.write_text("\n".join(lines), encoding="utf-8")
    store = tmp_path / "a.duckdb"
    assert load(store, write_map(tmp_path, MAP), path) == 0
    assert len(visits(store)) == 5000
    assert visits(store, "queue", "call = 'q'") == [("two lines",)]
    assert ask(store, "SELECT reason FROM rejects") == [("a quote that is never closed",)]


def test_hostile_text(tmp_path):
    head = ",".join(COLUMNS)
    path = tmp_path / "calls.csv"
    path.write_bytes(
        (head + "\n").encode()
        + b"a,2024-03-04 09:00:00,ANSWERED,\x1b]0;x\x07sales\x00,[/]"
        + b"A" * 9000
        + b",1,2,3\nb,2024-03-04 09:00:00,ANSWERED,\xff\xfe,Ann,1,2,3\n"
        + b"x" * 3_000_000
        + b"\nc,2024-03-04 09:00:00,ANSWERED,sales,Ann,1,2,3\n"
    )
    store = tmp_path / "a.duckdb"
    assert load(store, write_map(tmp_path, MAP + '[file]\nencoding = "utf-8"\n'), path) == 0
    found = visits(store, "call, queue, agent")
    assert [row[0] for row in found] == ["a", "b", "c"] or {row[0] for row in found} == {"a", "b", "c"}
    assert all(text.isprintable() and len(text) <= 128 for row in found for text in row)
    assert ask(store, "SELECT place FROM rejects") == [("calls.csv:4",)]


def test_damaged_gz_keeps_what_came_before(tmp_path, capsys):
    plain = write(tmp_path / "calls.csv", calls(60_000)).read_bytes()
    path = tmp_path / "calls.csv.gz"
    packed = gzip.compress(plain)
    path.write_bytes(packed[: len(packed) // 2])
    store = tmp_path / "a.duckdb"
    assert load(store, write_map(tmp_path, MAP), path) == 1
    assert "what came before is kept" in capsys.readouterr().err
    assert 10_000 < len(visits(store, "call")) < 50_000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\x00\x01\x02" * 500, "neither text"),
        (b"PAR1xxxx", "Parquet"),
        (b"PK\x03\x04zz", "Excel"),
        (b"other,columns\n1,2\n", "no column 'start'; it has other, columns"),
    ],
)
def test_files_that_are_no_export(tmp_path, capsys, content, said):
    path = tmp_path / "calls.csv"
    path.write_bytes(content)
    assert load(tmp_path / "a.duckdb", write_map(tmp_path, MAP), path) in {1, 2}
    assert said in capsys.readouterr().err


def test_a_file_that_is_missing_does_not_stop_the_others(tmp_path, capsys):
    good = write(tmp_path / "calls.csv", calls(5))
    assert load(tmp_path / "a.duckdb", write_map(tmp_path, MAP), tmp_path / "none.csv", good) == 1
    assert "none.csv" in capsys.readouterr().err
    assert len(visits(tmp_path / "a.duckdb")) == 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[offered]", "[ofered]"), "ofered: no such key; did you mean offered?"),
        (('none = "-"', 'nome = "-"'), "agent.nome: no such key; did you mean none?"),
        (('timezone = "Europe/Berlin"', 'timezone = "Europe/Berln"'), "did you mean Europe/Berlin?"),
        (("answered =", "anwsered ="), "did you mean answered?"),
        (('"/ok.*/"', '"/ok(/"'), "no regular expression"),
        (('column = "start"', 'column = "strat"'), "did you mean 'start'?"),
    ],
)
def test_mistakes_in_a_map_are_named(tmp_path, capsys, change, said):
    path = write(tmp_path / "calls.csv", calls(3))
    assert load(tmp_path / "a.duckdb", write_map(tmp_path, MAP.replace(*change)), path) == 2
    assert said in capsys.readouterr().err


def test_maps_are_listed(capsys):
    assert main(["import", "--maps"]) == 0
    assert capsys.readouterr().out.startswith("anonymous-bank ")


def test_import_without_a_format_says_how(capsys):
    assert main(["import", "x.csv"]) == 2
    assert "--map MAP" in capsys.readouterr().err
    assert main(["import", "--map", "nowhere", "x.csv"]) == 2
    assert "anonymous-bank" in capsys.readouterr().err
