"""``ccboard init --from``: what is proposed for files nobody has described, and what loading them gives."""

import json
import random
import re
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import openpyxl
import pytest
from mapped import load, local, visits
from test_maps_import import broken, calls, write

from ccboard.cli import main
from ccboard.maps import load as maps
from ccboard.maps import model
from ccboard.maps.detect import guess_encoding

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
    assert found == 1500 - len(wrong)
    assert f"1500 rows = {found} visits, {len(wrong)} rejected" in said


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


# -- what rows say of the work -------------------------------------------------------------------


JUDGED_CHINESE = [
    # call, 满意度, 质检得分, 是否一次解决, 是否投诉, 是否成交
    ("T1", "非常满意", "90", "是", "无", "已成交"),
    ("T2", "不满意", "85.5", "否", "有", "未成交"),
    ("T3", "满意", "", "是", "无", "未成交"),
    ("T4", "未评价", "70", "", "无", "未成交"),
]


def test_judgements_under_chinese_headers(tmp_path, capsys):
    path = tmp_path / "质检.csv"
    lines = ["通话编号,呼入时间,坐席,通话时长,结果,满意度,质检得分,是否一次解决,是否投诉,是否成交"]
    lines += [f"{call},2024-05-06 09:0{n}:00,张伟,60,已接听," + ",".join(said)
              for n, (call, *said) in enumerate(JUDGED_CHINESE)]
    path.write_bytes("\n".join(lines).encode("gb18030"))
    target = propose(path)
    said = capsys.readouterr().err
    assert "17 judgements (csat 3, qa 3, resolved 3, complaint 4, success 4)" in said
    assert "csat 5  qa 90  resolved 1  complaint 0  success 1" in said
    store = tmp_path / "a.duckdb"
    assert load(store, target, path) == 0
    capsys.readouterr()
    kpis = "csat,qa_score,fcr,complaints,offered"
    assert main(["figures", "--store", str(store), "--kpi", kpis, "--from", "2024-05-06",
                 "--to", "2024-05-07", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert row["csat"] == pytest.approx((5 + 2 + 4) / 3)
    assert row["qa_score"] == pytest.approx((90 + 85.5 + 70) / 3)
    assert row["fcr"] == pytest.approx(2 / 3)
    assert (row["complaints"], row["offered"]) == (1, 4)
    assert load(store, target, path) == 0
    assert "0 rows of the store new or changed" in capsys.readouterr().err


def test_judgements_under_english_headers(tmp_path, capsys):
    path = tmp_path / "calls.csv"
    path.write_text(
        "Call ID,Start,Agent,Talk,Status,CSAT (1-5),QA Score,Resolved,Sale,Survey ID\n"
        "1,2024-05-06 09:00:00,Ann,60,Answered,5,88%,Yes,Y,1001\n"
        "2,2024-05-06 09:01:00,Ann,60,Answered,4,93%,No,N,1002\n"
        "3,2024-05-06 09:02:00,Ann,60,Answered,N/A,,Partly,N,1003\n", encoding="utf-8")
    target = propose(path)
    said = capsys.readouterr().err
    assert "whether these mean yes or no ([resolved]): 'Partly'" in said
    assert "row 4: resolved is none of the map's words; counted without it Partly" in said
    assert load(tmp_path / "a.duckdb", target, path) == 0
    with duckdb.connect(str(tmp_path / "a.duckdb"), read_only=True) as con:
        found = con.execute("SELECT call, kind, value FROM scores ORDER BY ALL").fetchall()
    assert found == [("1", "csat", 5), ("1", "qa", 88), ("1", "resolved", 1), ("1", "success", 1),
                     ("2", "csat", 4), ("2", "qa", 93), ("2", "resolved", 0), ("2", "success", 0),
                     ("3", "success", 0)]
    assert "'Survey ID'" in target.read_text(encoding="utf-8").splitlines()[-1]  # not used: it judges nothing


# -- files as they come --------------------------------------------------------------------------

HEADER = "ID,Start,Queue,Talk,Status"
ROWS = [f"{n},2024-05-06 09:{n:02}:00,sales,{60 + n},{'answered' if n % 4 else 'abandoned'}"
        for n in range(1, 21)]
PLAIN = "\n".join([HEADER, *ROWS]) + "\n"
ODD = {
    "semicolons, and Excel's line that says so": ("sep=;\n" + PLAIN.replace(",", ";")).encode(),
    "tabs in UTF-16": PLAIN.replace(",", "\t").encode("utf-16"),
    "a title above": ("Calls\nfrom 2024-05-06\n\n" + PLAIN).encode(),
    "epochs in milliseconds": "\n".join(
        ["ID,start_ms,Queue,Talk,Status",
         *(row.replace(row.split(",")[1], str(1714957200000 + n * 60_000)) for n, row in enumerate(ROWS, 1))]
    ).encode(),
    "the same name twice, and none": "\n".join(
        ["ID,Start,Queue,Queue,,Talk,Status",
         *(row.replace("sales", ",sales,x") for row in ROWS)]).encode(),
    "notes of several lines in quotes": "\n".join(
        [HEADER + ",Notes", *(f'{row},"one, {n}\n\n""two"""' for n, row in enumerate(ROWS))]).encode(),
    "durations as H:MM:SS": "\n".join(
        [HEADER, *(row.replace(f",{60 + n},", f",0:01:{n:02},") for n, row in enumerate(ROWS, 1))]).encode(),
}


@pytest.mark.parametrize("odd", ODD)
def test_a_file_as_it_comes(odd, tmp_path, capsys):
    path = tmp_path / "calls.csv"
    path.write_bytes(ODD[odd])
    target = propose(path)
    assert "to be filled in" not in capsys.readouterr().err
    assert load(tmp_path / "a.duckdb", target, path) == 0
    assert "20 rows = 20 visits, 0 rejected" in capsys.readouterr().err
    found = visits(tmp_path / "a.duckdb", "offered_at, queue, outcome, talk_s")
    assert [(local(row[0], ZONE), *row[1:]) for row in found] == [
        (datetime(2024, 5, 6, 9, n), "sales", *(("answered", 60.0 + n) if n % 4 else ("abandoned", None)))
        for n in range(1, 21)]


def lasting(names: str, *, whole: bool, clock: str = "%Y-%m-%d %H:%M:%S") -> str:
    """Return calls of 30 s wait and 100 s talk, one in four abandoned; `whole`: Duration has the wait."""
    lines = [names]
    for n in range(1, 21):
        begin, taken = datetime(2024, 5, 6, 9, n), n % 4 != 0
        end = begin + timedelta(seconds=130 if taken else 30)
        of = {"ID": n, "Start": begin.strftime(clock), "End": end.strftime(clock), "Wait": 30,
              "Answer": (begin + timedelta(seconds=30)).strftime(clock) if taken else "",
              "Duration": (130 if whole else 100) if taken else 30 if whole else 0,
              "Status": "answered" if taken else "abandoned"}
        lines.append(",".join(str(of[name]) for name in names.split(",")))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("clock", ["%Y-%m-%d %H:%M:%S", "%d.%m.%y %H:%M:%S"])
@pytest.mark.parametrize("names", [
    "ID,Start,Answer,End,Duration,Status", "ID,Start,Wait,End,Duration,Status"])
def test_a_duration_from_begin_to_end_is_no_talk(names, clock, tmp_path, capsys):
    path = tmp_path / "calls.csv"
    path.write_text(lasting(names, whole=True, clock=clock), encoding="utf-8")
    target = propose(path)
    assert "'Duration' is the whole time from begin to end, not the talk: left out" in capsys.readouterr().err
    assert "# Not used: 'Duration'" in target.read_text(encoding="utf-8")
    assert load(tmp_path / "a.duckdb", target, path) == 0
    assert set(visits(tmp_path / "a.duckdb", "outcome, wait_s, talk_s")) == {
        ("answered", 30.0, 100.0), ("abandoned", 30.0, None)}


@pytest.mark.parametrize(("names", "doubt"), [
    ("ID,Start,Answer,End,Duration,Status", False), ("ID,Start,Wait,End,Duration,Status", False),
    ("ID,Start,Wait,Duration,Status", True)])
def test_a_duration_is_the_talk_where_the_rows_show_it_and_to_be_checked_where_not(
        names, doubt, tmp_path, capsys):
    path = tmp_path / "calls.csv"
    path.write_text(lasting(names, whole=False), encoding="utf-8")
    target = propose(path)
    said = "'Duration' is taken as the talk without the wait; no row tells: check it"
    assert (said in capsys.readouterr().err) == doubt
    mark = "  # the talk without the wait: check it" if doubt else ""
    assert f'[talk]\ncolumn = "Duration"{mark}\n' in target.read_text(encoding="utf-8")
    assert load(tmp_path / "a.duckdb", target, path) == 0
    assert set(visits(tmp_path / "a.duckdb", "outcome, wait_s, talk_s")) == {
        ("answered", 30.0, 100.0), ("abandoned", 30.0, None)}


def test_names_that_stand_twice_are_to_be_checked_and_found_by_their_place(tmp_path, capsys):
    path = tmp_path / "calls.csv"
    path.write_text(PLAIN.replace("ID,Start,Queue,Talk,Status", "ID,Start,Queue,Talk,Status,Queue,,Note,Note")
                    .replace("answered\n", "answered,x,,a,b\n").replace("abandoned\n", "abandoned,y,,a,b\n"),
                    encoding="utf-8")
    text = propose(path).read_text(encoding="utf-8")
    assert "[queue]\ncolumn = 3  # columns 3 and 6 are all called 'Queue': check it\n" in text
    assert ("# Not used: column 6, 'Queue' again, column 7, without a name, column 8, 'Note',"
            " column 9, 'Note' again\n") in text
    said = capsys.readouterr().err
    assert "columns 3 and 6 are all called 'Queue'; queue is taken from column 3: check it" in said


@pytest.mark.parametrize("day", ["serial", "date"])
def test_an_excel_file_with_day_and_time_as_plain_numbers(day, tmp_path, capsys):
    """45418 is 6 May 2024, 0.375 is 9:00; the talk of 90 s is 0.0010416667 of a day, and no time."""
    book = openpyxl.Workbook()
    book.active.append(["ID", "Date", "Time In", "Queue", "Talk", "Status"])
    for n in range(1, 21):
        date = 45418 if day == "serial" else datetime(2024, 5, 6)
        book.active.append([n, date, (9 * 60 + n) / 1440, "sales", 90 / 86400, "answered"])
    path = tmp_path / "calls of may.xlsx"
    book.save(path)
    target = propose(path)
    assert f"ccboard import '{path}' --map '{target}'" in capsys.readouterr().err
    assert load(tmp_path / "a.duckdb", target, path) == 0
    found = visits(tmp_path / "a.duckdb", "offered_at, talk_s")
    assert [(local(at, ZONE), talk) for at, talk in found] == [
        (datetime(2024, 5, 6, 9, n), 90.0) for n in range(1, 21)]


@pytest.mark.parametrize(("every", "counted"), [(100, 396), (25, 400)])
def test_rows_without_a_queue_are_damaged_where_they_are_few(every, counted, tmp_path, capsys):
    """One row of a hundred is rejected; where it is one of 25 it is the file's way, and is said."""
    path = tmp_path / "calls.csv"
    queues = ["" if n % every == 0 else "sales" for n in range(400)]
    rows = [f"c{n},2024-05-06 09:{n % 60:02}:00,{queue},answered" for n, queue in enumerate(queues)]
    path.write_text("\n".join(["id,started,queue,status", *rows]), encoding="utf-8")
    target = propose(path)
    said = capsys.readouterr().err
    told = "16 of 399 rows have no queue in 'queue': they count as the queue main"  # the last may be a sum
    assert (told in said) == (counted == 400)
    assert load(tmp_path / "a.duckdb", target, path) == 0
    assert len(visits(tmp_path / "a.duckdb", "call")) == counted


def test_a_share_is_no_time_of_day(tmp_path, capsys):
    """Two decimals, fifteen decimals that are no whole seconds; a time of day is one to the last digit."""
    rows = ["call_id,date,queue,agent,outcome,sentiment,confidence,begin"]
    rows += [f"c{n},2024-05-{n % 28 + 1:02},sales,Ann,answered,{0.1 + n / 60:.2f},{(n * 0.61803398875) % 1},"
             f"{(9 * 3600 + 61 * n) / 86400}" for n in range(1, 41)]
    path = tmp_path / "shares.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    with_time = propose(path).read_text(encoding="utf-8")
    assert re.search(r'\[offered\]\ncolumn = "begin"', with_time)
    path.write_text("\n".join(row.rpartition(",")[0] for row in rows), encoding="utf-8")
    target = tmp_path / "without.toml"
    assert main(["init", "--from", str(path), "--output", str(target), "--timezone", ZONE]) == 0
    assert "to be filled in: when a contact was offered ([offered])" in capsys.readouterr().err


def test_a_file_whose_every_hundredth_line_is_damaged_is_what_the_others_are(tmp_path, capsys):
    """Bytes that GB18030 does not have, a line cut within a character, a quote that is never closed."""
    lines, truth = chinese()
    raw = [line.encode("gb18030") for line in lines]
    for at in range(11, len(raw), 100):
        raw[at] = raw[at][:28] + b"\xff" + raw[at][28:]
        raw[at + 11] = raw[at + 11][:-3]
        raw[at + 22] += b',"x'
    path = tmp_path / "calls.csv"
    path.write_bytes(b"\n".join(raw) + b"\n")
    target = propose(path)
    assert "text, gb18030, fields parted by comma" in capsys.readouterr().err
    assert load(tmp_path / "a.duckdb", target, path) == 0
    said = capsys.readouterr().err
    found = visits(tmp_path / "a.duckdb", "offered_at, queue, talk_s")
    assert f"400 rows = {len(found)} visits, {400 - len(found)} rejected" in said
    assert len(found) >= 400 - 3 * 4
    whole = {(at, queue, talk) for at, queue, _outcome, _agent, _wait, talk, _kind in truth}
    assert {(local(at, ZONE), queue, talk) for at, queue, talk in found} <= whole


@pytest.mark.parametrize(("text", "encoding"), [
    ("Müller;Straße;größer", "cp1252"), ("Ærø;fjernsyn", "cp1252"), ("客服热线;已接通", "gb18030"),
    ("客服热线;已接通", "utf-8")])
def test_of_a_damaged_file_the_lines_that_are_whole_tell_the_encoding(text, encoding):
    lines = [f"{n};{text}".encode(encoding) for n in range(100)]
    lines[50] = lines[50][:-1] + (b"\x81" if encoding == "cp1252" else b"\xff")
    assert guess_encoding(b"\n".join(lines) + b"\n") in (
        {encoding} | ({"latin-1"} if encoding == "cp1252" else set()))


def test_a_day_of_midnights_and_a_time_of_its_own(tmp_path):
    path = tmp_path / "话务明细.csv"
    path.write_text("ID,日期,时间,技能组,通话结果\n" + "".join(
        f"{n},2024/5/6 0:00:00,9:{n:02}:00,售后,已接通\n" for n in range(1, 21)), encoding="gb18030")
    target = propose(path)
    assert 'name = "话务明细"' in target.read_text(encoding="utf-8")
    assert load(tmp_path / "a.duckdb", target, path) == 0
    found = visits(tmp_path / "a.duckdb", "offered_at, source")
    assert [(local(at, ZONE), source) for at, source in found] == [
        (datetime(2024, 5, 6, 9, n), "话务明细") for n in range(1, 21)]


def test_sums_below_the_rows_are_left_out(tmp_path, capsys):
    path = tmp_path / "calls.csv"
    path.write_text(PLAIN + "合计,,,1410,\n", encoding="utf-8")
    target = propose(path)
    assert "1 left out (a row of sums)" in capsys.readouterr().err
    assert load(tmp_path / "a.duckdb", target, path) == 0
    assert "21 rows = 20 visits, 1 left out (a row of sums), 0 rejected" in capsys.readouterr().err


def test_an_excel_file_with_a_title_a_cover_sheet_and_sums(tmp_path, capsys):
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["由系统生成"])
    sheet = book.create_sheet("明细")
    sheet.append(["话务明细表"])
    sheet.merge_cells("A1:D1")
    sheet.append(["", "时间", "", "结果"])  # names of groups
    sheet.append(["通话编号", "呼入时间", "通话时长", "结果"])
    for number in range(20):
        sheet.append([f"T{number}", datetime(2024, 5, 6, 8, number), timedelta(seconds=90), "接通"])
    sheet.append(["合计", None, 1800, None])
    path = tmp_path / "calls.xlsx"
    book.save(path)
    target = propose(path)
    said = capsys.readouterr().err
    assert "of the sheets 说明, 明细 this one is read: 明细" in said
    assert "the header is line 3" in said
    assert load(tmp_path / "a.duckdb", target, path) == 0
    assert "21 rows = 20 visits, 1 left out (a row of sums), 0 rejected" in capsys.readouterr().err


def test_rows_without_a_header(tmp_path, capsys):
    path = tmp_path / "calls.csv"
    path.write_text("\n".join(ROWS), encoding="utf-8")
    target = propose(path)
    said = capsys.readouterr().err
    assert "line 1 names no columns" in said
    assert "what the other columns are" in said
    assert load(tmp_path / "a.duckdb", target, path) == 0
    found = visits(tmp_path / "a.duckdb", "call, offered_at, outcome")
    assert [(row[0], local(row[1], ZONE), row[2]) for row in found] == [
        (str(n), datetime(2024, 5, 6, 9, n), "answered" if n % 4 else "abandoned") for n in range(1, 21)]


def test_midnight_that_means_no_queue(tmp_path, capsys):
    path = tmp_path / "vru.csv"
    path.write_text("date,vru_exit,q_start,q_time,ser_time,outcome\n" + "".join(
        f"2024-05-06,9:{n:02}:05,{f'9:{n:02}:06' if n % 2 else '0:00:00'},{n % 2 * 10},30,AGENT\n"
        for n in range(20)), encoding="utf-8")
    target = propose(path)
    said = capsys.readouterr().err
    assert "0:00:00 stands too often in 'q_start' to be midnight" in said
    assert "where 'q_start' says nothing, 'vru_exit' says when it was offered" in said
    assert load(tmp_path / "a.duckdb", target, path) == 0
    found = [local(row[0], ZONE) for row in visits(tmp_path / "a.duckdb", "offered_at")]
    assert found == [datetime(2024, 5, 6, 9, n, 6 if n % 2 else 5) for n in range(20)]


def test_a_later_column_is_no_arrival(tmp_path, capsys):
    """When the file was exported says nothing of when those came who hung up before the queue."""
    path = tmp_path / "calls.csv"
    path.write_text("id,queue_start,agent,outcome,exported\n" + "".join(
        f"c{n},{f'2024-05-06 09:{n:02}:00' if n % 4 else ''},{'Ann' if n % 4 else ''},"
        f"{'answered' if n % 4 else 'abandoned'},2024-06-01 00:10:00\n" for n in range(1, 21)),
        encoding="utf-8")
    text = propose(path).read_text(encoding="utf-8")
    assert "column = 'exported'" not in text.replace('"', "'")
    assert "to be filled in: when those came whose 'queue_start' says nothing" in capsys.readouterr().err


@pytest.mark.parametrize("rows", [20, 3])
def test_a_queue_called_total_is_no_sum(rows, tmp_path, capsys):
    path = tmp_path / "calls.csv"
    path.write_text("id,offered,queue,agent,outcome,talk\n" + "".join(
        f"c{n},2024-05-06 09:{n:02}:00,{'Shell' if n % 4 == 1 else 'Total'},Ann,answered,60\n"
        for n in range(1, rows + 1)) + ",,Total,,,1200\n" * (rows == 3), encoding="utf-8")
    target = propose(path)
    assert "are sums" not in capsys.readouterr().err
    assert load(tmp_path / "a.duckdb", target, path) == 0
    assert f"{rows} visits" in capsys.readouterr().err


def test_sums_of_every_day_are_left_out(tmp_path, capsys):
    """The word stands above as well, and never in a row with an id and a moment."""
    path = tmp_path / "calls.csv"
    path.write_text("id,offered,agent,outcome,talk\n" + "".join(
        "".join(f"{day}-{n},2024-05-0{day} 09:{n:02}:00,Ann,answered,60\n" for n in range(10))
        + "Total,,,,600\n" for day in range(1, 7)), encoding="utf-8")
    target = propose(path)
    assert load(tmp_path / "a.duckdb", target, path) == 0
    assert "66 rows = 60 visits, 6 left out (a row of sums), 0 rejected" in capsys.readouterr().err


def test_an_agent_called_question_mark_is_no_gap_in_the_map(tmp_path, capsys):
    path = tmp_path / "calls.csv"
    path.write_text("id,offered,agent,outcome,wait\n" + "".join(
        f"c{n},2024-05-06 09:{n:02}:00,{'Ann' if n % 4 else '?'},{'answered' if n % 4 else 'abandoned'},5\n"
        for n in range(1, 21)), encoding="utf-8")
    assert 'none = ["?"]' in propose(path).read_text(encoding="utf-8")
    said = capsys.readouterr().err
    assert "no preview" not in said
    assert "20 visits, 0 would be rejected" in said


def test_times_of_day_that_are_midnight_once_are_midnight(tmp_path):
    path = tmp_path / "night.csv"
    path.write_text("date,start,exit,talk,outcome\n" + "".join(
        f"2024-05-06,0:{n:02}:00,0:{n:02}:30,30,answered\n" for n in range(40)), encoding="utf-8")
    assert "none" not in propose(path).read_text(encoding="utf-8")


def test_telephone_numbers_are_no_moments(tmp_path):
    path = tmp_path / "calls.csv"
    path.write_text("Phone,When,Secs\n" + "".join(
        f"138001300{n},06-May-2024 09:{n}:00,30\n" for n in range(10, 30)), encoding="utf-8")
    assert '[offered]\ncolumn = "When"' in propose(path).read_text(encoding="utf-8")


def test_a_shipped_map_that_fits_is_named(tmp_path, capsys):
    asked = sorted(model.columns_named(maps.load("anonymous-bank")))
    path = tmp_path / "january.txt"
    path.write_text("\t".join(asked) + "\n" + "\t".join("1" for _ in asked) + "\n", encoding="utf-8")
    propose(path)
    assert "--map anonymous-bank will do" in capsys.readouterr().err


@pytest.mark.parametrize(("content", "said"), [
    (b"", "is empty"), (b"\n\n\n", "holds no rows"), (b"a,b\n", "has a header and no rows"),
])
def test_a_file_without_rows(content, said, tmp_path, capsys):
    path = tmp_path / "calls.csv"
    path.write_bytes(content)
    assert main(["init", "--from", str(path), "--output", str(tmp_path / "x.toml")]) != 0
    assert said in capsys.readouterr().err
    assert not (tmp_path / "x.toml").exists()
