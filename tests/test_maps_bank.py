"""The shipped map ``anonymous-bank`` against a reading of the same lines in plain Python."""

import gzip
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mapped import load, local, visits, whole_store

DATA = Path(__file__).parent / "data" / "bank"
FILES = [DATA / f"{month}.txt.gz" for month in ("february", "march", "may")]
ZONE = "Asia/Jerusalem"


def lines(path: Path) -> list[list[str]]:
    with gzip.open(path, "rt", encoding="latin-1") as file:
        return [line.rstrip("\n").split("\t") for line in file][1:]


def read_plainly(rows: list[list[str]]) -> Iterator[dict[str, Any]]:
    """As the data's own documentation says how a line is a contact."""
    for row in rows:
        entered = row[9] != "0:00:00" or int(row[11]) > 0
        if row[12] == "PHANTOM" or (row[12] == "HANG" and not entered):
            continue
        yield {
            "day": datetime.strptime(row[5], "%y%m%d").date(),
            "hour": int((row[9] if entered else row[7]).split(":")[0]),
            "type": row[4].strip(),
            "agent": None if row[16] == "NO_SERVER" else row[16],
            "outcome": "answered" if row[12] == "AGENT" else "abandoned",
            "wait": int(row[11]),
            "talk": int(row[15]) if row[12] == "AGENT" else None,
            "caller": None if row[2] == "0" else row[2],
        }


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bank") / "bank.duckdb"
    assert load(path, "anonymous-bank", *FILES) == 0
    return path


def test_every_line_agrees_with_a_plain_reading(store):
    expected = Counter(
        (r["day"], r["hour"], r["type"], r["agent"], r["outcome"], r["wait"], r["talk"], r["caller"] is None)
        for path in FILES
        for r in read_plainly(lines(path))
    )
    found = Counter()
    for offered, kind, agent, outcome, wait, talk, caller in visits(
        store, "offered_at, business_type, agent, outcome, wait_s, talk_s, caller"
    ):
        at = local(offered, ZONE)
        found[at.date(), at.hour, kind, agent, outcome, wait, talk, caller is None] += 1
    assert found == expected
    assert sum(expected.values()) > 5000


def test_callers_are_known_again_and_not_kept(store):
    expected = Counter(r["caller"] for path in FILES for r in read_plainly(lines(path)) if r["caller"])
    found = visits(store, "caller_key, caller", "caller IS NOT NULL")
    assert sorted(Counter(key for key, _ in found).values()) == sorted(expected.values())
    assert not {caller for _, caller in found} & set(expected)


def test_the_oddities_are_in_the_sample():
    rows = [row for path in FILES for row in lines(path)]
    midnight = [row for row in rows if row[9] == "0:00:00" and int(row[11]) > 0]
    assert len(midnight) == 1
    assert sum(row[4] == " TT" for row in rows) == 6
    assert sum(row[16] == "NO_SERVERAMA" for row in rows) > 5
    assert sum("E+" in row[2] for row in rows) > 20
    assert sum(row[12] == "HANG" and int(row[15]) > 0 for row in rows) >= 20


def test_the_call_that_queued_at_midnight(store):
    found = visits(
        store,
        "offered_at, outcome, wait_s, talk_s, agent, answered_at, ended_at",
        "wait_s = 27 AND talk_s = 67 AND agent = 'AVNI'",
    )
    assert [row[1:5] for row in found] == [("answered", 27, 67, "AVNI")]
    offered, *_, answered, ended = found[0]
    assert local(offered, ZONE) == datetime(1999, 2, 15)
    assert (answered - offered).total_seconds() == 27
    assert (ended - answered).total_seconds() == 67


def test_service_over_midnight_ends_the_day_after(store):
    """The clocks go from 23:5x to 0:0x; the duration is right and the day stays that of the arrival."""
    over = [
        row
        for path in FILES
        for row in lines(path)
        if row[12] == "AGENT"
        and row[13].startswith("23:")
        and row[14].startswith("0:")
        and row[16] != "NO_SERVER"
    ]
    assert len(over) >= 20
    found = {
        (local(offered, ZONE).date(), agent, talk): local(ended, ZONE)
        for offered, ended, agent, talk in visits(store, "offered_at, ended_at, agent, talk_s")
    }
    for row in over:
        day = datetime.strptime(row[5], "%y%m%d").date()
        assert found[day, row[16], float(row[15])].date() == day + timedelta(days=1)


def test_every_row_is_told(tmp_path, capsys):
    assert load(tmp_path / "a.duckdb", "anonymous-bank", FILES[0]) == 0
    rows = lines(FILES[0])
    phantom = sum(row[12] == "PHANTOM" for row in rows)
    left = sum(row[12] == "HANG" and row[9] == "0:00:00" and int(row[11]) <= 0 for row in rows)
    said = capsys.readouterr().err
    assert f"{len(rows)} rows = {len(rows) - phantom - left} visits" in said
    assert f"{phantom} left out (phantom call)" in said
    assert f"{left} left out (left in the voice menu)" in said
    assert " 0 rejected" in said


def test_twice_and_in_another_order_changes_nothing(store, tmp_path, capsys):
    before = whole_store(store)
    assert load(store, "anonymous-bank", *reversed(FILES)) == 0
    assert capsys.readouterr().err.count("; 0 rows of the store new or changed") == len(FILES)
    assert whole_store(store) == before


def test_a_line_that_lacks_a_tab_is_mended(tmp_path):
    text = gzip.decompress(FILES[1].read_bytes()).decode("latin-1").split("\n")
    whole, odd = tmp_path / "whole.txt", tmp_path / "odd.txt"
    whole.write_text("\n".join(text[:200]) + "\n", encoding="latin-1")
    cut = [text[0]]
    for number, line in enumerate(text[1:200]):
        cells = line.split("\t")
        if number % 7 == 0:
            cells[3:5] = [f"{cells[3]}{' ' * (1 + number % 9)}{cells[4].strip()}"]
            assert len(cells) == 16
        cut.append("\t".join(cells))
    odd.write_text("\n".join(cut) + "\n", encoding="latin-1")
    assert load(tmp_path / "a.duckdb", "anonymous-bank", whole) == 0
    assert load(tmp_path / "b.duckdb", "anonymous-bank", odd) == 0
    columns = "call, offered_at, outcome, agent, wait_s, talk_s, business_type"
    assert visits(tmp_path / "b.duckdb", columns) == visits(tmp_path / "a.duckdb", columns)
    # and the two copies are the same calls
    assert load(tmp_path / "a.duckdb", "anonymous-bank", odd) == 0
    assert visits(tmp_path / "b.duckdb", columns) == visits(tmp_path / "a.duckdb", columns)


def test_the_zone_of_the_map_goes_into_a_fresh_store(store):
    assert dict(whole_store(store)["meta"])["timezone"] == ZONE
