"""``ccboard backtest surge``: both forms of files, their mistakes by name and line, diary and summary."""

import csv
import gzip
import json
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ccboard import cli
from ccboard.errors import InputError
from ccboard.surge import calendar, counts

FIRST = date(2026, 2, 2)
JUDGED = FIRST + timedelta(days=49)


def rows_of(seed, surge=None):
    calls = np.random.default_rng(seed).poisson(6, 600)
    if surge:
        calls[slice(*surge)] = np.random.default_rng(seed).poisson(12, surge[1] - surge[0])
    return {480 + n: int(number) for n, number in enumerate(calls)}


def per_call(path, days):
    with path.open("w") as file:
        file.write("call_id,offered_at,queue,agent\n")
        for day, minutes in days.items():
            for minute, number in minutes.items():
                for n in range(number):
                    file.write(f"x,{day} {minute // 60:02d}:{minute % 60:02d}:{n:02d},orders,Ann\n")


def per_minute(path, days):
    with path.open("w") as file:
        file.write("date,time,queue,offered\n")
        for day, minutes in days.items():
            for minute, number in minutes.items():
                file.write(f"{day},{minute // 60:02d}:{minute % 60:02d},orders,{number}\n")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trial")
    past = {FIRST + timedelta(days=n): rows_of(n) for n in range(49) if n % 7 < 5}
    for name, write in (("call", per_call), ("minute", per_minute)):
        (folder / name).mkdir()
        write(folder / name / "H.csv", past)
        write(folder / name / "plain.csv", {JUDGED: rows_of(100)})
        write(folder / name / "surge.csv", {JUDGED: rows_of(101, (200, 320))})
        (folder / name / "D.csv").write_text(
            f"day,date,file\nplain,{JUDGED},plain.csv\nsurge,{JUDGED},surge.csv\n")
    return folder


def backtest(folder, tmp_path, capsys, *more, days="D.csv"):
    out = tmp_path / "E.csv"
    status = cli.main(["backtest", "surge", "--history", str(folder / "H.csv"), "--days", str(folder / days),
                       "--out", str(out), *more])
    rows = list(csv.DictReader(out.open())) if out.exists() else None
    said = capsys.readouterr()
    return status, rows, said.out, said.err


def test_both_forms_say_the_same(files, tmp_path, capsys):
    status, by_call, _, _ = backtest(files / "call", tmp_path, capsys)
    assert status == 0
    assert backtest(files / "minute", tmp_path, capsys)[1] == by_call
    assert list(by_call[0]) == ["day", "queue", "time", "event", "tier", "lift"]
    assert {row["day"] for row in by_call} == {"surge"}
    first, last = by_call[0], by_call[-1]
    assert (first["queue"], first["event"]) == ("orders", "raise")
    assert "11:21:00" <= first["time"] <= "11:35:00"  # the surge begins at 11:20
    assert (last["event"], last["tier"]) == ("clear", "")
    assert "13:20:00" < last["time"] < "14:30:00"
    assert {row["tier"] for row in by_call[:-1]} <= {"0", "1", "2", "3"}
    assert max(float(row["lift"]) for row in by_call) > 1.8


def test_the_summary(files, tmp_path, capsys):
    _, rows, said, _ = backtest(files / "minute", tmp_path, capsys, "--json")
    summary = json.loads(said)
    [queue] = summary["queues"]
    raised = sum(row["event"] == "raise" for row in rows)
    assert (summary["days"], queue["days"], queue["alarms"], queue["days_with_alarm"]) == (2, 2, raised, 1)
    assert queue["alarms_in_30_days"] == 15 * raised
    table = backtest(files / "minute", tmp_path, capsys)[2]
    assert "orders" in table
    assert "in 30 days" in table


def test_a_missing_row_is_no_call_or_no_feed(files, tmp_path, capsys):
    """Half an hour without rows: an outage where rows are calls, a gap where rows are minutes."""
    silent = {minute: n for minute, n in rows_of(7).items() if not 600 <= minute < 630}
    for name, write in (("call", per_call), ("minute", per_minute)):
        write(files / name / "silent.csv", {JUDGED: silent})
        (files / name / "S.csv").write_text(f"day,date,file\ns,{JUDGED},silent.csv\n")
    _, rows, said, _ = backtest(files / "call", tmp_path, capsys, "--json", days="S.csv")
    [queue] = json.loads(said)["queues"]
    assert rows == []
    assert queue["outages"] == [{"day": "s", "from": "10:00", "until": "10:30"}]
    _, rows, said, _ = backtest(files / "minute", tmp_path, capsys, "--json", days="S.csv")
    [queue] = json.loads(said)["queues"]
    assert rows == []
    assert (queue["outages"], queue["minutes_without_feed"]) == ([], 30)


def test_packed_files_and_a_calendar(files, tmp_path, capsys):
    folder = tmp_path / "packed"
    folder.mkdir()
    (folder / "H.csv.gz").write_bytes(gzip.compress((files / "minute/H.csv").read_bytes()))
    (folder / "C.csv").write_text(f"date,kind\n{JUDGED},campaign\n")
    (folder / "D.csv").write_text(f"day,date,file\nsurge,{JUDGED},{files / 'minute/surge.csv'}\n")
    out = folder / "E.csv"
    words = ["backtest", "surge", "--history", str(folder / "H.csv.gz"), "--calendar", str(folder / "C.csv"),
             "--days", str(folder / "D.csv"), "--out", str(out)]
    assert cli.main(words) == 0
    assert "raise" in out.read_text()
    assert "orders" in capsys.readouterr().out


def test_a_day_that_cannot_be_used_is_said_and_the_others_go_on(files, tmp_path, capsys):
    (files / "minute/bad.csv").write_text(
        f"date,time,queue,offered\n{JUDGED},08:00,orders,3\n{JUDGED},8h,orders,1\n")
    (files / "minute/B.csv").write_text(
        f"day,date,file\nbad,{JUDGED},bad.csv\ngone,{JUDGED},gone.csv\nsurge,{JUDGED},surge.csv\n")
    status, rows, said, err = backtest(files / "minute", tmp_path, capsys, "--json", days="B.csv")
    assert status == 1
    assert {row["day"] for row in rows} == {"surge"}
    assert json.loads(said)["days_broken"] == 2
    assert "bad.csv: line 3: '8h' is not a time" in err
    assert "gone.csv: cannot be read" in err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("offered_at\n", "line 1: no column queue"),
        ("when,queue\n2026-02-02,x\n", "line 1: neither the columns"),
        ("offered_at,queue\n", "no rows"),
        ("offered_at,queue\n2026-02-02 10:00:00,a\n2026-02-30 10:00:00,a\n", "line 3: '2026-02-30 10:"),
        ("offered_at,queue\n2026-02-02 10:00:xx,a\n", "line 2: '2026-02-02 10:00:xx' is not"),
        ("offered_at,queue\n2026-02-02 10:00:01,a\n2026-02-02 10:00:6x,a\n", "line 3: '2026-02-02 10:00:6x'"),
        ("offered_at,queue\n2026-02-02T10:00:00+01:00,a\n", "line 2"),
        ("offered_at,queue\n2026-02-02 10:00:00\n", "line 2: 1 cells where"),
        ("offered_at,queue\n1026-02-02 10:00:00,a\n2026-02-02 10:00:00,a\n", "more than 5000 days"),
        ("date,time,queue,offered\n2026-02-02,10:60,a,1\n", "line 2: '10:60' is not"),
        ("date,time,queue,offered\n2026-02-02,10:00,a,-1\n", "line 2: '-1' is not a number of calls"),
        ("date,time,queue,offered\n2026-02-02,10:00,a,nan\n", "line 2: 'nan' is not a number of calls"),
        ("date,time,queue,offered\n2026-02-02,10:00,a,1\n2026-02-02,10:00,a,1\n", "line 3: queue a"),
    ],
)
def test_mistakes_are_named(tmp_path, text, message):
    path = tmp_path / "H.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        counts.read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


def test_a_row_of_another_day_is_a_mistake(tmp_path):
    path = tmp_path / "day.csv"
    path.write_text("offered_at,queue\n2026-02-02 10:00:00,a\n2026-02-03 10:00:00,a\n")
    with pytest.raises(InputError, match=r"line 3: a row of 2026-02-03 in the file of 2026-02-02"):
        counts.read(path, only=date(2026, 2, 2))


@pytest.mark.parametrize(("encoding", "between", "end"), [
    ("utf-8", ",", "\n"), ("utf-8-sig", ",", "\r\n"), ("gb18030", ",", "\r\n"), ("utf-16", "\t", "\r\n"),
    ("utf-8", ";", "\n"),
])
def test_what_spreadsheets_save_is_read(tmp_path, encoding, between, end):
    rows = [["offered_at", "queue"], ["2026-11-17 09:00:59", "客服"], ["2026-11-16 09:00:00", "客服"]]
    file = tmp_path / "H.csv"
    file.write_bytes(end.join([*(between.join(row) for row in rows), ""]).encode(encoding))
    found = counts.read(file)
    assert found.days == (date(2026, 11, 16), date(2026, 11, 17))
    assert [float(n) for n in found.counts["客服"][:, 540]] == [1.0, 1.0]


def test_counts_of_both_forms(tmp_path):
    (tmp_path / "a.csv").write_text(
        "\ufeffoffered_at,queue\n2026-02-02T10:00:00,a\n2026-02-02 10:00:59.5,a\n2026-02-02 10:00,a\n"
        "2026-02-04 00:00:00,b\n\n")
    read = counts.read(tmp_path / "a.csv")
    assert len(read.days) == 3
    assert read.counts["a"][0, 600] == 3
    assert read.counts["a"].sum() == 3
    assert read.counts["b"][2, 0] == 1
    (tmp_path / "b.csv").write_text("date,time,queue,offered\n2026-02-02,10:00,a,4\n2026-02-02,10:01,a,0\n")
    read = counts.read(tmp_path / "b.csv")
    assert read.counts["a"][0, 600:602].tolist() == [4, 0]
    assert np.isnan(read.counts["a"]).sum() == 1438


def test_calendar(tmp_path):
    path = tmp_path / "C.csv"
    path.write_text("date,kind\n2026-02-02,Holiday\n2026-02-03,eve\n")
    assert calendar.read(path) == {date(2026, 2, 2): "holiday", date(2026, 2, 3): "eve"}
    path.write_text("date,kind\n2026-02-02,holiday\n2026-02-02,eve\n")
    with pytest.raises(InputError, match="line 3: 2026-02-02 is holiday already"):
        calendar.read(path)
    path.write_text("date,kind\n2026-02-02,\n")
    with pytest.raises(InputError, match="line 2"):
        calendar.read(path)


def test_nothing_to_learn_from_is_said(files, tmp_path, capsys):
    """The history is the judged day; the list has no day; a day's queues are all unknown."""
    folder = files / "minute"
    (folder / "own.csv").write_text(f"day,date,file\nplain,{FIRST},first.csv\n")
    per_minute(folder / "first.csv", {FIRST: rows_of(0)})
    status, rows, said, err = backtest(folder, tmp_path, capsys, "--json", days="own.csv")
    assert (status, rows, json.loads(said)["days"], json.loads(said)["days_broken"]) == (1, [], 0, 1)
    assert f"first.csv: plain is not judged: the history has no calls before {FIRST}" in err
    (folder / "none.csv").write_text("day,date,file\n")
    status, rows, _, err = backtest(folder, tmp_path, capsys, days="none.csv")
    assert (status, rows) == (1, [])
    assert "none.csv: no day below the header: nothing is judged" in err
    (folder / "other.csv").write_text(f"date,time,queue,offered\n{JUDGED},10:00,sales,3\n")
    (folder / "O.csv").write_text(f"day,date,file\no,{JUDGED},other.csv\nplain,{JUDGED},plain.csv\n")
    status, _, said, err = backtest(folder, tmp_path, capsys, "--json", days="O.csv")
    assert (status, json.loads(said)["days"]) == (1, 1)
    assert "the history does not know sales" in err
    assert "o is not judged: the history knows none of its queues" in err


def test_a_day_without_rows_had_no_feed(files, tmp_path, capsys):
    folder = files / "minute"
    (folder / "blank.csv").write_text("date,time,queue,offered\n")
    (folder / "N.csv").write_text(f"day,date,file\nn,{JUDGED},blank.csv\nplain,{JUDGED},plain.csv\n")
    status, rows, said, err = backtest(folder, tmp_path, capsys, "--json", days="N.csv")
    [queue] = json.loads(said)["queues"]
    assert (status, rows, queue["days"], queue["days_without_feed"]) == (0, [], 1, 1)
    assert queue["minutes_without_feed"] >= 590, "open from 8 to 18 o'clock"
    assert f"blank.csv: no rows: no feed on {JUDGED}" in err


def test_two_days_of_one_name_are_refused(files, tmp_path, capsys):
    folder = files / "minute"
    (folder / "T.csv").write_text(f"day,date,file\na,{JUDGED},plain.csv\nb,{JUDGED},plain.csv\n"
                                  f"a,{JUDGED},surge.csv\n")
    status, rows, _, err = backtest(folder, tmp_path, capsys, days="T.csv")
    assert (status, rows) == (1, None)
    assert "T.csv: line 4: line 2 is called a too" in err


BACK = date(2026, 10, 25)
"""In Berlin the hour from 2 to 3 o'clock comes twice on this Sunday."""


def test_the_hour_that_comes_twice_is_no_surge(tmp_path, capsys):
    """Five calls a minute day and night: on the day of 25 hours ten stand under each minute from 2 to 3."""
    ordinary = dict.fromkeys(range(1440), 5)
    past = {BACK - timedelta(days=n): ordinary for n in range(1, 50)}
    twice = {minute: 10 if 120 <= minute < 180 else 5 for minute in range(1440)}
    (tmp_path / "D.csv").write_text(f"day,date,file\nback,{BACK},back.csv\n")
    per_minute(tmp_path / "H.csv", past)
    per_call(tmp_path / "back.csv", {BACK: twice})
    assert backtest(tmp_path, tmp_path, capsys, "--timezone", "Europe/Berlin")[1] == []
    raised = backtest(tmp_path, tmp_path, capsys, "--timezone", "UTC")[1]
    assert raised[0]["event"] == "raise", "where no hour comes twice it is a surge"
    per_minute(tmp_path / "back.csv", {BACK: ordinary})
    with (tmp_path / "back.csv").open("a") as file:
        file.writelines(f"{BACK},02:{minute:02d},orders,5\n" for minute in range(60))
    status, rows, said, err = backtest(tmp_path, tmp_path, capsys, "--json", "--timezone", "Europe/Berlin")
    assert (status, rows, err) == (0, [], "")
    assert json.loads(said)["queues"][0]["minutes_without_feed"] == 0
    assert backtest(tmp_path, tmp_path, capsys, "--timezone", "UTC")[0] == 1


def test_both_passes_have_their_mean_and_a_third_is_a_mistake(tmp_path):
    path, berlin = tmp_path / "m.csv", ZoneInfo("Europe/Berlin")
    rows = [f"{BACK},{at},a,{n}\n" for at, n in (("01:59", 4), ("02:00", 4), ("02:00", 7), ("03:00", 4))]
    path.write_text("date,time,queue,offered\n" + "".join(rows))
    assert counts.read(path, zone=berlin).counts["a"][0, [119, 120, 180]].tolist() == [4, 5.5, 4]
    path.write_text("date,time,queue,offered\n" + "".join(rows[1:3] + rows[1:2]))
    with pytest.raises(InputError, match="line 4: queue a on 2026-10-25 at 02:00 stands there three times"):
        counts.read(path, zone=berlin)
    path.write_text("date,time,queue,offered\n" + rows[0] * 2)
    with pytest.raises(InputError, match="line 3: queue a on 2026-10-25 at 01:59 stands there twice"):
        counts.read(path, zone=berlin)


def test_the_hour_that_is_left_out_is_no_silence(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("offered_at,queue\n2026-03-29 01:30:00,a\n2026-03-29 03:30:00,a\n")
    found = counts.read(path, zone=ZoneInfo("Europe/Berlin")).counts["a"][0]
    assert np.flatnonzero(np.isnan(found)).tolist() == list(range(120, 180))
    assert np.nansum(found) == 2
