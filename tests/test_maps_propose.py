"""``ccboard init --from``: what is proposed for files nobody has described, and what loading them gives."""

import random
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from mapped import load, local, visits
from test_maps_import import broken, calls, write

from ccboard.cli import main
from ccboard.maps import load as maps

ZONE = "Asia/Shanghai"


@pytest.fixture(autouse=True)
def no_configuration(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("CCBOARD_CONFIG", raising=False)


def propose(path: Path, *more: str) -> Path:
    target = path.with_suffix(".toml")
    assert main(["init", "--from", str(path), "--output", str(target), "--timezone", ZONE, *more]) == 0
    return target


def chinese(count: int = 400) -> tuple[list[str], list[tuple]]:
    """Return lines of an export with Chinese headers, and what they tell."""
    rng = random.Random(7)
    lines = ["通话编号,主叫号码,呼入时间,接听时间,挂断时间,技能组,坐席,等待时长,通话时长,结果,业务类型"]
    truth = []
    for number in range(count):
        at = datetime(2024, 5, 6, 8) + timedelta(seconds=number * 61)
        wait, talk = rng.randrange(90), rng.randrange(20, 700)
        answered = rng.random() < 0.85
        up = at + timedelta(seconds=wait)
        end = up + timedelta(seconds=talk if answered else 0)
        agent = rng.choice(["张伟", "王芳", "李娜"]) if answered else ""
        queue, kind = rng.choice(["售前咨询", "售后服务"]), rng.choice(["投诉", "咨询"])
        clock = "%Y/%m/%d %H:%M:%S"
        lines.append(
            ",".join(
                [
                    f"T{number:06}",
                    f"1380013{number:04}",
                    at.strftime(clock),
                    up.strftime(clock) if answered else "",
                    end.strftime(clock),
                    queue,
                    agent,
                    f"{wait // 3600:02}:{wait // 60 % 60:02}:{wait % 60:02}",
                    f"{talk // 3600:02}:{talk // 60 % 60:02}:{talk % 60:02}" if answered else "",
                    "已接听" if answered else "客户放弃",
                    kind,
                ]
            )
        )
        truth.append(
            (
                at,
                queue,
                "answered" if answered else "abandoned",
                agent or None,
                float(wait),
                float(talk) if answered else None,
                kind,
            )
        )
    return lines, truth


def test_a_gb18030_file_with_chinese_headers(tmp_path, capsys):
    lines, truth = chinese()
    path = tmp_path / "话单.csv"
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    target = propose(path)
    said = capsys.readouterr().err
    assert "gb18030" in said
    assert "售后服务" in said
    assert "13800130" not in said  # the preview has no callers
    assert load(tmp_path / "a.duckdb", target, path) == 0
    found = visits(
        tmp_path / "a.duckdb", "offered_at, queue, outcome, agent, wait_s, talk_s, business_type, caller_key"
    )
    assert [(local(row[0], ZONE), *row[1:7]) for row in found] == truth
    assert len({row[7] for row in found}) == len(truth)


def test_an_excel_file_with_serial_dates(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(
        ["Call ID", "Start Time", "Queue Name", "Agent Name", "Disposition", "Wait Time", "Talk Time"]
    )
    truth = []
    for number in range(50):
        at = datetime(2024, 5, 6, 8) + timedelta(seconds=number * 100)
        answered = number % 5 != 0
        sheet.append(
            [
                f"i{number}",
                at,
                "sales",
                "Ann" if answered else None,
                "Answered" if answered else "No Answer",
                timedelta(seconds=number),
                60 + number if answered else 0,
            ]
        )
        truth.append(
            (at, "answered" if answered else "abandoned", float(number), 60.0 + number if answered else None)
        )
    path = tmp_path / "calls.xlsx"
    book.save(path)
    target = propose(path)
    assert load(tmp_path / "a.duckdb", target, path) == 0
    found = visits(tmp_path / "a.duckdb", "offered_at, outcome, wait_s, talk_s")
    assert [(local(row[0], ZONE), *row[1:]) for row in found] == truth


def test_a_file_with_one_percent_broken_rows(tmp_path, capsys):
    lines, wrong = broken(calls(1500))
    path = tmp_path / "calls.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    target = propose(path)
    capsys.readouterr()
    assert load(tmp_path / "a.duckdb", target, path) == 0
    said = capsys.readouterr().err
    found = len(visits(tmp_path / "a.duckdb"))
    # an empty queue is no mistake for the proposed map: it takes the default one
    lost = {line for line, way in wrong.items() if way != "queue"}
    assert found == 1500 - len(lost)
    assert f"1500 rows = {found} visits, {len(lost)} rejected" in said


def test_days_and_times_in_two_columns(tmp_path):
    path = tmp_path / "cdr.tsv"
    path.write_text(
        "Date\tStart\tEnd\tAgent\tWait (sec)\tTalk (sec)\n"
        + "".join(
            f"{13 + n % 3}/05/2024\t23:5{n % 10}:00\t0:1{n % 10}:00\t"
            f"{'Ann' if n % 4 else ''}\t{n}\t{n * 3 if n % 4 else 0}\n"
            for n in range(1, 40)
        ),
        encoding="utf-8",
    )
    target = propose(path)
    assert 'format = "%d/%m/%Y"' in target.read_text(encoding="utf-8")
    assert load(tmp_path / "a.duckdb", target, path) == 0
    found = visits(tmp_path / "a.duckdb", "offered_at, outcome, wait_s, talk_s")
    assert len(found) == 39
    assert {local(row[0], ZONE).day for row in found} == {13, 14, 15}
    assert sum(row[1] == "answered" for row in found) == sum(bool(n % 4) for n in range(1, 40))


def test_what_is_missing_is_said(tmp_path, capsys):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    assert main(["init", "--from", str(path)]) == 0
    said = capsys.readouterr()
    assert "to be filled in: when a contact was offered" in said.err
    maps.parse(said.out, "x.toml")  # a map all the same, to be completed


def test_nothing_is_overwritten(tmp_path, capsys):
    path = write(tmp_path / "calls.csv", calls(20))
    target = propose(path)
    assert main(["init", "--from", str(path), "--output", str(target)]) == 2
    assert "--force" in capsys.readouterr().err
    propose(path, "--force")


def test_hostile_names_make_a_map_that_loads(tmp_path):
    path = tmp_path / "calls.csv"
    path.write_text(
        'id,"start ""[x]\\",result,queue\n1,2024-05-06 08:00:00,"a\\""b",\x1b[31m\n', encoding="utf-8"
    )
    target = propose(path)
    maps.load(str(target))


def test_german_names_with_the_day_in_a_column_of_its_own(tmp_path, capsys):
    path = tmp_path / "anrufe.csv"
    path.write_text("Nr;Datum;Uhrzeit;Anrufer;Mitarbeiter;Wartezeit;Gesprächsdauer\n"
                    "1;06.05.2024;09:00:00;0301234567;Anna;0:00:12;0:02:00\n"
                    "2;06.05.2024;09:05:00;0307654321;Bernd;0:00:30;0:01:00\n", encoding="utf-8")
    target = propose(path)
    said = target.read_text(encoding="utf-8")
    for section, column in (("key", "Nr"), ("day", "Datum"), ("offered", "Uhrzeit"), ("caller", "Anrufer"),
                            ("agent", "Mitarbeiter"), ("talk", "Gesprächsdauer")):
        key = "call" if section == "key" else "column"
        assert f'[{section}]\n{key} = "{column}"' in said
    assert "of the first 2 rows: 2 visits, 0 would be rejected" in capsys.readouterr().err


def test_the_preview_counts_lines_that_are_no_objects(tmp_path, capsys):
    path = tmp_path / "calls.ndjson"
    path.write_text('{"start": "2024-05-06 09:00:00", "wait": 5, "talk": 60, "agent": "Ann"}\n'
                    '[1, 2]\n'
                    '{"start": "2024-05-06 09:01:00", "wa')
    propose(path)
    said = capsys.readouterr().err
    assert "of the first 3 rows: 1 visit, 2 would be rejected" in said


def test_bytes_that_are_no_text_are_refused(tmp_path, capsys):
    path = tmp_path / "noise.csv"
    path.write_bytes(random.Random(3).randbytes(20_000))
    assert main(["init", "--from", str(path), "--timezone", ZONE]) != 0
    out = capsys.readouterr()
    assert out.out == ""
    assert "no export that can be read" in out.err
