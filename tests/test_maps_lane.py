"""The fast lane against the mapper: the same rows, with everything odd about some of them, give the same."""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from ccboard.callers import Callers
from ccboard.maps import load
from ccboard.maps.loading import Loader, RejectFile
from ccboard.maps.taken import FIELDS
from ccboard.store.bulk import Stage

NOW = 1_790_000_000_000_000
HEAD = [
    "id",
    "day",
    "in",
    "up",
    "out",
    "start",
    "stop",
    "result",
    "queue",
    "agent",
    "from",
    "name",
    "wait",
    "talk",
    "hold",
    "type",
]
WORDS = """
[outcome]
column = "result"
otherwise = "unknown"
rules = [{ word = "withdrawn", when = { column = "type", one_of = ["/x.*/"] } }]
[outcome.words]
answered = ["ANSWERED", "接通"]
abandoned = "ABANDONED"
[queue]
column = "queue"
value = "it's"
[agent]
column = "agent"
none = "-"
pattern = '^[A-Z]\\w*'
[caller]
column = "from"
none = "0"
[caller_name]
column = "name"
[business_type]
column = "type"
[[skip]]
when = [{ column = "type", one_of = "9" }, { column = "wait", at_most = 30 }]
because = "nine"
[[skip]]
when = { column = "queue", one_of = "test" }
"""
ZONE = 'timezone = "Europe/Berlin"\n'
START = '[offered]\ncolumn = "start"\n'
LASTS = """
[ended]
column = "stop"
[talk]
column = "talk"
[hold]
column = "hold"
"""
MAPS = {
    "clock": ZONE + """
[key]
columns = ["id", "day"]
[day]
column = "day"
[offered]
column = "in"
format = "time"
[answered]
column = "up"
format = "time"
[ended]
column = "out"
format = "time"
[wait]
column = "wait"
""" + WORDS,
    "moment": ZONE + START + """
[key]
call = "id"
""" + LASTS + """
[wait]
column = "wait"
none = "?"
[csat]
column = "hold"
none = "?"
[resolved]
column = "type"
yes = ["a", "/[xA].*/"]
no = "b"
none = "c"
""" + WORDS,
    "back": ZONE + START + LASTS + WORDS,
    "cleaned": ZONE + START + """
[wait]
column = "wait"
[talk]
column = "talk"
[[clean]]
column = "agent"
pattern = "o"
by = "0"
[[clean]]
column = "type"
values = { a = "9", b = "xb" }
""" + WORDS,
    "ways": ZONE + """
[key]
columns = ["id"]
[day]
column = "day"
[talk]
column = "talk"
[[offered]]
column = "in"
format = "time"
when = { column = "in", none_of = ["0:00:00", "12:00:00"] }
[[offered]]
column = "start"
when = { column = "wait", above = 5 }
[[offered]]
column = "stop"
""" + WORDS,
}


def rows(count: int, seed: int) -> list[list[str]]:
    rng = random.Random(seed)
    made = []
    for number in range(count):
        at = datetime(2024, 3, 29, 0, 30) + timedelta(minutes=number * 7919 % (60 * 24 * 4))
        wait, talk = rng.randrange(0, 90), rng.randrange(0, 4000)
        up, out = at + timedelta(seconds=wait), at + timedelta(seconds=wait + talk)
        clock = "%H:%M:%S"
        made.append(
            [
                f"c{number % 190}",
                f"{at:%Y-%m-%d}",
                f"{at:{clock}}".removeprefix("0"),
                f"{up:{clock}}",
                f"{out:{clock}}",
                f"{at:%Y-%m-%d %H:%M:%S}",
                f"{out:%Y-%m-%dT%H:%M:%S}" + rng.choice(["", "", "Z", "+02:00"]),
                rng.choice(["ANSWERED", "answered ", "接通", "ABANDONED", "gone"]),
                rng.choice(["sales", " sales", "", "test", "售后"]),
                rng.choice(["Ann", "Bob 2", "-", "", "\u00a0-"]),
                rng.choice(["0", "0301234567", "+49301", "Anonymous", ""]),
                rng.choice(["", "Anna", "0301234567"]),
                str(wait),
                str(talk),
                rng.choice(["", "3"]),
                rng.choice("abc9"),
            ]
        )
        if rng.random() < 0.3:  # something odd, anywhere
            place = rng.randrange(len(HEAD))
            made[-1][place] = rng.choice(
                [
                    "",
                    "?",
                    "0:00:00",
                    "99",
                    "-1",
                    "1:30",
                    "45000.5",
                    "1709700000",
                    "nonsense",
                    "é",
                    "\x1b[31m",
                    "12:00:00",
                    "24:00:00",
                    "9:5:1",
                    "2024-03-31",
                    "A" * 300,
                    "'",
                ]
            )
        if rng.random() < 0.03:
            del made[-1][rng.randrange(len(HEAD))]
    return made


BARE = START + '[outcome]\notherwise = "unknown"\n[queue]\nvalue = "q"\n'
POLICIES = {"clock": "masked", "moment": "hash", "back": "plain"}


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("name", MAPS)
def test_both_lanes_say_the_same(tmp_path, name, quoted):
    path = tmp_path / "calls.csv"
    lines = [
        "\t".join(f'"{cell}"' if quoted and at % 3 == 0 else cell for at, cell in enumerate(row))
        for row in [HEAD, *rows(1500, len(name))]
    ]
    lines[40:40] = ["", "  ", "\t"] if name == "ways" else ["  ", "\t"]  # the last one has two fields
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    callers = Callers(POLICIES.get(name, "masked"), b"k" * 32)
    said = []
    for fast in (True, False):
        with duckdb.connect() as con, RejectFile(tmp_path / f"{fast}.csv") as rejects:
            loader = Loader(
                load.parse(MAPS[name], "x.toml"),
                ZoneInfo("Europe/Berlin"),
                now=NOW,
                fast=fast,
                keep=callers.keep,
                callers=callers if fast else None,
            )
            stage = Stage(con, "s", FIELDS, "row")
            told = []
            counts, _table = loader.load(path, stage, rejects, told)
            counts.scores.sort(key=repr)
            stage.view()
            said.append(
                (counts, sorted(told, key=repr), con.execute("SELECT * FROM stage ORDER BY row").fetchall())
            )
    (fast_counts, fast_told, fast_rows), (counts, told, slow_rows) = said
    assert counts.rows == 1501
    assert counts.whole
    assert (len(counts.scores) > 700) == (name == "moment")
    assert len(slow_rows) > 700
    assert len(told) > 20
    assert fast_rows == slow_rows
    assert fast_counts == counts
    assert fast_told == told


def test_a_single_column_keeps_its_blank_lines_out(tmp_path):
    path = tmp_path / "calls.csv"
    path.write_text("start\n\n2026-01-05 08:00:00\n \nnonsense\n2026-01-05 08:00:01\n", encoding="utf-8")
    of = '[file]\ndelimiter = ";"\n' + BARE
    for fast in (True, False):
        with duckdb.connect() as con, RejectFile(tmp_path / "rejects.csv") as rejects:
            loader = Loader(load.parse(of, "x.toml"), ZoneInfo("UTC"), now=NOW, fast=fast)
            stage = Stage(con, "s", FIELDS, "row")
            told = []
            counts, _table = loader.load(path, stage, rejects, told)
            stage.view()
            assert con.execute("SELECT row FROM stage ORDER BY row").fetchall() == [(3,), (6,)]
            assert [reject.where for reject in told] == ["calls.csv:5"]
            assert (counts.rows, counts.whole) == (3, True)


def test_parquet_with_odd_separators_in_a_field(tmp_path):
    path = tmp_path / "calls.parquet"
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t AS SELECT '2026-01-05 08:00:0' || n AS start, CASE n WHEN 4 THEN"
                    " 'a' || chr(30) || 'b' ELSE chr(10) || 'x' || n END AS agent FROM range(9) r(n)")
        con.execute(f"COPY t TO '{path}'")
    of = BARE + '[agent]\ncolumn = "agent"\n'
    said = []
    for fast in (True, False):
        with duckdb.connect() as con, RejectFile(tmp_path / "rejects.csv") as rejects:
            loader = Loader(load.parse(of, "x.toml"), ZoneInfo("UTC"), now=NOW, fast=fast)
            stage = Stage(con, "s", FIELDS, "row")
            counts, _table = loader.load(path, stage, rejects, [])
            assert (counts.rows, counts.visits) == (9, 9)
            stage.view()
            said.append(con.execute("SELECT row, agent, offered_at FROM stage ORDER BY row").fetchall())
    assert said[0] == said[1]
    assert said[0][4][1] == "ab"
