"""Histories reduced by columns against the reducer, line by line: the same, whatever the log holds."""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from recordings import DATA

from ccboard.clean import clean
from ccboard.cli import main
from ccboard.commands.intake import StoreIntake, pack, unpack
from ccboard.records import AgentState, Contact, Offer, Record, Reject, SourceStatus
from ccboard.store.ready import Ready
from ccboard.store.tables import has_room
from sources.asterisk import blocks, history, plain
from sources.asterisk.blocks import chunks
from sources.asterisk.history import read_history
from sources.asterisk.plain import CONTACTS, OFFERS, STATES, PlainCalls

NOW = 2_000_000_000 * 1_000_000
T0 = 1_795_000_000


def fold(records: Sequence[Record], into: dict[Any, Any]) -> None:
    """Keep of each fact what the store would."""
    for record in records:
        if isinstance(record, Contact):
            key: Any = ("visit", record.call, record.queue, record.nth)
            if key not in into or record.version >= into[key].version:
                into[key] = record
        elif isinstance(record, Offer):
            key = ("offer", record.call, record.queue, record.agent, record.nth, record.result)
            if key not in into or record.started_at <= into[key].started_at:
                into[key] = record
        elif isinstance(record, AgentState):
            into["state", record.agent, record.interface, record.queue, record.at, record.seq] = record
        elif isinstance(record, SourceStatus) and record.kind == "alive":
            into["alive", record.at] = max(record.until or 0, into.get(("alive", record.at), 0))
        else:
            into[record] = None


def rows(con: duckdb.DuckDBPyConnection, table: str) -> Iterator[dict[str, Any]]:
    asked = con.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in asked.description]
    yield from (dict(zip(names, row, strict=True)) for row in asked.fetchall())


def read(files: Sequence[Sequence[Path]], con: duckdb.DuckDBPyConnection | None
         ) -> tuple[dict[Any, Any], Counter[Reject], int]:
    """Return what is known after importing these groups of files one after another, and rows of tables."""
    known: dict[Any, Any] = {}
    rejects: Counter[Reject] = Counter()
    cursor = None
    in_tables = 0
    for paths in files:
        for part in read_history(paths, "pbx", cursor, NOW, database=con):
            fold(part.records, known)
            if part.tables:
                assert con is not None
                made: list[Record] = [Contact(source="pbx", **row) for row in rows(con, CONTACTS)]
                made += [Offer(source="pbx", **row) for row in rows(con, OFFERS)]
                made += [AgentState(source="pbx", at=row.pop("moment"), **row) for row in rows(con, STATES)]
                assert len(made) == sum(part.rows)
                in_tables += len(made)
                fold(made, known)
            rejects.update(part.rejects)
            cursor = part.cursor or cursor
    return known, rejects, in_tables


CALLS = ["1.1", "1.2", "1.3", "1.4", "x y", "NONE"]
QUEUES = ["sales", "售后 2", "a b", "NONE"]
AGENTS = ["Ann", "张伟", "PJSIP/101", "NONE", "Bob|CONNECT"]
ODD = ["", " ", "|", "NONE", "é", "\u200b", "\x1b[31m", "99999999999", "-1", "x" * 130, "\r",
       "ENTERQUEUE", "0"]  # fmt: skip
EVENTS = [
    "ENTERQUEUE||+4930123|1", "ENTERQUEUE||unknown|2", "ENTERQUEUE||+4930123|1|Anna", "ENTERQUEUE|http://x||3",
    "CONNECT|5|a.1|3", "RINGNOANSWER|1500", "RINGCANCELED|700",
    "COMPLETECALLER|5|60|1", "COMPLETEAGENT|5|0|1",
    "BLINDTRANSFER|200|default|5|60|1", "ATTENDEDTRANSFER|BRIDGE|x|5|60|1", "ABANDON|1|1|9",
    "EXITWITHTIMEOUT|1|1|30", "EXITEMPTY|1|1|8", "EXITWITHKEY|1|1|1|7", "WITHDRAW|1|1|6",
    "PAUSE|lunch", "PAUSE",
    "UNPAUSE", "UNPAUSE|back", "PAUSEALL|lunch", "ADDMEMBER|PAUSED", "ADDMEMBER", "REMOVEMEMBER",
    "QUEUESTART|",
    "CONFIGRELOAD|x", "PENALTY|3", "DID|+15550200", "CCBOARD_REFUSED|full", "NEWS|CONNECT|5|a.1|3",
]  # fmt: skip


def sane(rng: random.Random, number: int) -> list[tuple[int, str]]:
    """Return the lines of a call as Asterisk writes them, with their moments."""
    call, queue = f"{T0}.{number}", rng.choice(QUEUES[:3])
    at = T0 + rng.randrange(400)
    agent = rng.choice(AGENTS[:3])
    found = [(at, f"{call}|{queue}|NONE|{rng.choice(EVENTS[:4])}")]
    while rng.random() < 0.3:
        at += rng.randrange(3)
        found.append((at, f"{call}|{queue}|{rng.choice(AGENTS[:3])}|{rng.choice(EVENTS[5:7])}"))
    if rng.random() < 0.6:
        found.append((at + 2, f"{call}|{queue}|{agent}|CONNECT|5|a.{number}|3"))
        found.append((at + rng.randrange(90), f"{call}|{queue}|{agent}|{rng.choice(EVENTS[7:11])}"))
    else:
        found.append((at + rng.randrange(90), f"{call}|{queue}|NONE|{rng.choice(EVENTS[11:16])}"))
    return found


def log(seed: int, calls: int, noise: int, damage: float) -> list[str]:
    """Return a log: calls as they should be, other lines between them, and some lines broken or moved."""
    rng = random.Random(seed)
    lines = [line for number in range(calls) for line in sane(rng, number)]
    for _ in range(noise):
        words = rng.choice(CALLS), rng.choice(QUEUES), rng.choice(AGENTS), rng.choice(EVENTS)
        lines.append((T0 + rng.randrange(500), "|".join(words)))
    lines.sort(key=lambda line: line[0])
    texts = [f"{at}|{text}" for at, text in lines]
    for n in range(len(texts)):
        if rng.random() < damage:
            way = rng.randrange(6)
            if way == 0:
                cells = texts[n].split("|")
                cells[rng.randrange(len(cells))] = rng.choice(ODD)
                texts[n] = "|".join(cells)
            elif way == 1:
                other = rng.randrange(len(texts))
                texts[n], texts[other] = texts[other], texts[n]
            elif way == 2:
                texts[n] = texts[n][: rng.randrange(len(texts[n]) + 1)]
            elif way == 3:
                texts[n] += "\n" + texts[n]
            elif way == 4:
                texts[n] = rng.choice(ODD) + texts[n]
            else:
                at, _, rest = texts[n].partition("|")
                jump = rng.choice([-3, 40, -86_400, 40 * 86_400])
                texts[n] = f"{int(at) + jump if at.isdecimal() else at}|{rest}"
    return texts


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9), calls=st.integers(0, 25), noise=st.integers(0, 30),
       damage=st.sampled_from([0, 0.03, 0.3]), cut=st.floats(0, 1), size=st.sampled_from([700, 2500, 10**6]),
       end=st.sampled_from(["\n", "\r\n", ""]), apart=st.booleans())  # fmt: skip
@example(seed=1, calls=25, noise=0, damage=0, cut=1, size=10**6, end="\n", apart=False)
def test_columns_say_what_lines_say(
    seed: int, calls: int, noise: int, damage: float, cut: float, size: int, end: str, apart: bool,
    tmp_path_factory: pytest.TempPathFactory, con: duckdb.DuckDBPyConnection,
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("log")
    texts = log(seed, calls, noise, damage)
    at = int(len(texts) * cut)
    files = []
    for name, some in (("queue_log.1", texts[:at]), ("queue_log", texts[at:])):
        joined = ("\n" if end == "" else end).join(some) + end
        if any(text.partition("|")[0].isdecimal() and text.count("|") > 3 for text in some):
            (folder / name).write_bytes(joined.encode("utf-8", "surrogatepass"))
            files.append(folder / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "CHUNK", size)
        patch.setattr(history, "WORTH", 0)
        groups = [[file] for file in files] if apart else [files]
        slow, slow_rejects, _ = read(groups, None) if files else ({}, Counter(), 0)
        fast, fast_rejects, in_tables = read(groups, con) if files else ({}, Counter(), 0)
    assert fast == slow
    assert fast_rejects == slow_rejects
    if (damage, noise, size) == (0, 0, 10**6) and cut in (0, 1):
        assert in_tables >= calls  # these went by columns


def calls(count: int, at: int) -> list[tuple[int, str]]:
    """Return the lines of answered calls, one a second from `at` on."""
    found = []
    for t in range(at, at + count):
        call = f"{t}.{t * 2654435761 % 2**40}|sales"  # as little alike as the ids of many weeks
        found += [(t, f"{call}|NONE|ENTERQUEUE||+49301{t}|1"), (t + 9, f"{call}|Ann|CONNECT|9|x.1|2"),
                  (t + 20, f"{call}|Ann|COMPLETECALLER|9|11|1")]
    return sorted(found)


def text(lines: Sequence[tuple[int, str]]) -> str:
    return "".join(f"{at}|{line}\n" for at, line in lines)


@pytest.mark.parametrize("boundary", [True, False])
def test_a_call_that_comes_back_after_thousands_of_others_is_the_same_call(
    boundary: bool, tmp_path: Path, con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = [(T0, "5.1|sales|NONE|ENTERQUEUE||+4930|1"), (T0 + 5, "5.1|sales|NONE|EXITWITHTIMEOUT|1|1|5")]
    again = T0 + 6_500  # within two hours of its end
    late = again + 7_300  # and more than two hours after that
    after = [(again, "5.1|sales|NONE|ENTERQUEUE||+4930|1"), (again + 4, "5.1|sales|NONE|ABANDON|1|1|4"),
             (late, "5.1|sales|NONE|ENTERQUEUE||+4930|1"), (late + 3, "5.1|sales|NONE|ABANDON|1|1|3")]
    log_file = tmp_path / "queue_log"
    first, second = text([*before, *calls(6_000, T0 + 10)]), text(after)
    log_file.write_text(first + second)
    whole = history.chunks
    if boundary:
        monkeypatch.setattr(history, "chunks", lambda of, size: iter((first.encode(), second.encode())))
    monkeypatch.setattr(history, "WORTH", 0)
    fast, _, in_tables = read([[log_file]], con)
    monkeypatch.setattr(history, "chunks", whole)
    slow, _, _ = read([[log_file]], None)
    assert in_tables >= 12_000
    for known in (slow, fast):
        visits = {key[3]: record for key, record in known.items()
                  if isinstance(key, tuple) and key[:2] == ("visit", "5.1")}
        # The third visit is counted from 1 again, as that of another call with the same id.
        began = {nth: record.offered_at // 1_000_000 for nth, record in visits.items()}
        assert began == {1: late, 2: again}
    assert fast == slow


def test_a_call_over_the_rotation_is_kept_after_thousands_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = T0 + 86_400 + 5_000
    old = [*calls(3_000, T0), *calls(2_500, T0 + 86_400 + 2_400),
           (end, "5.1|sales|NONE|ENTERQUEUE||+4930777|4")]
    new = [(end + 60, "5.1|sales|Bob|CONNECT|60|x.1|3"), (end + 70, "5.1|sales|Bob|COMPLETECALLER|60|10|4"),
           *calls(5, end + 100)]
    for name, lines in (("queue_log.1", old), ("queue_log", new)):
        (tmp_path / name).write_text(text(sorted(lines)))
    (tmp_path / "caller.key").write_text("00" * 32)
    found = []
    for way in ("columns", "lines"):
        if way == "lines":
            monkeypatch.setattr(StoreIntake, "database", None)
        for name in ("queue_log.1", "queue_log"):
            arguments = ["import", "asterisk-queue-log", str(tmp_path / name)]
            assert main([*arguments, "--store", str(tmp_path / f"{way}.duckdb")]) == 0
        found.append(stored(tmp_path / f"{way}.duckdb"))
    for table in TABLES:
        assert found[0][table] == found[1][table], table
    [visit] = [row for row in found[0]["contacts"] if row[1] == "5.1"]
    assert (visit[4], visit[10], visit[18]) == (3_000, 4, "+••••777")  # version, position, caller


def test_a_cursor_gives_up_calls_that_are_over_before_those_that_are_open() -> None:
    ids = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(2_000)]
    cursor = json.dumps({"open": ids[:20], "spare": [[call, "sales", 1, 1] for call in ids]})
    packed = pack(cursor)
    assert packed
    assert len(packed) <= 12_000
    kept = json.loads(unpack(packed) or "")
    assert kept["open"] == ids[:20]
    assert [one[0] for one in kept["spare"]] == ids[-len(kept["spare"]) :]
    assert len(kept["spare"]) > 50
    assert pack(json.dumps({"open": ids, "spare": [[1]]})) == ""
    assert pack("x".join(ids)) == ""


def test_the_time_of_a_chunk_counts_as_heard_when_all_of_it_is_handed_on(
    tmp_path: Path, con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = [(T0 + n, f"{n}.1|sales|NONE|ENTERQUEUE||+4930|1") for n in range(90)]
    log_file = tmp_path / "queue_log"
    log_file.write_text(text(sorted([*odd, *calls(100, T0)])))
    monkeypatch.setattr(history, "LINES_PER_PART", 40)
    monkeypatch.setattr(history, "WORTH", 0)
    parts = list(read_history([log_file], "pbx", None, NOW, database=con))
    heard = [[record.until for record in part.records
              if isinstance(record, SourceStatus) and record.kind == "alive"] for part in parts]
    with_tables = [bool(part.tables) for part in parts].index(True)
    assert with_tables > 1
    assert heard[:with_tables] == [[]] * with_tables
    assert heard[with_tables] == [(T0 + 119 + 1) * 1_000_000]


@pytest.mark.parametrize("name", ["asterisk-22.10.1", "asterisk-16.28.0", "asterisk-22.10.1-quirks"])
def test_recordings_say_the_same(name: str, con: duckdb.DuckDBPyConnection,
                                 monkeypatch: pytest.MonkeyPatch) -> None:
    files = [sorted((DATA / name).glob("queue_log*"))]
    for size in (20_000, 10**6):
        monkeypatch.setattr(history, "CHUNK", size)
        monkeypatch.setattr(history, "WORTH", 0)
        slow, slow_rejects, _ = read(files, None)
        fast, fast_rejects, in_tables = read(files, con)
        assert fast == slow
        assert fast_rejects == slow_rejects
    visits = sum(key[0] == "visit" for key in slow if isinstance(key, tuple))
    assert in_tables > visits * 0.8


def test_what_is_taken_for_clean_is_clean(con: duckdb.DuckDBPyConnection) -> None:
    from sources.asterisk.plain import _CLEAN

    taken = con.execute(
        "SELECT chr(n::INT) FROM (SELECT unnest(range(33, 1114112)) AS n) WHERE n NOT BETWEEN 55296 AND 57343"
        f" AND regexp_full_match(chr(n::INT), '{_CLEAN}')"
    ).fetchall()
    assert len(taken) > 100_000
    assert [char for (char,) in taken if clean(char) != char] == []


def test_what_is_hardly_a_log_goes_line_by_line_before_it_is_parted(
    tmp_path: Path, con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain, "MAX_ODD", 50)
    monkeypatch.setattr(history, "WORTH", 0)
    log_file = tmp_path / "queue_log"
    head = text(calls(3, T0))
    alone = text([(T0 + n, f"{n}.1|sales|NONE|ENTERQUEUE||+4930|1") for n in range(60)])
    seats = text([(T0 + n, f"NONE|sales|Agent of a long name|{'UN' * (n % 2)}PAUSE") for n in range(60)])
    for junk in ("\n" * 400, "x\n" * 300, "no line of a log, however long it may be\n" * 60, alone, seats):
        log_file.write_text(head + junk)
        slow, slow_rejects, _ = read([[log_file]], None)
        fast, fast_rejects, in_tables = read([[log_file]], con)
        assert in_tables == 0
        assert (fast, fast_rejects) == (slow, slow_rejects)
        with monkeypatch.context() as patch:
            patch.setattr(plain, "parse_line", None)  # odd lines are counted before one is looked at
            if len(junk) < 1_000:
                patch.setattr(PlainCalls, "_split", None)
            assert PlainCalls(con).take((head + junk).encode(), 0, T0, history.ODD_S, [], 60) is None


def imported(folder: Path, name: str, limit: str = "512MB") -> int:
    (folder / "queue_log").write_text(text(calls(50, T0)))
    (folder / "ccboard.toml").write_text(f'[store]\nmemory_limit = "{limit}"\n')
    (folder / "caller.key").write_text("00" * 32)
    return main(["import", "asterisk-queue-log", str(folder / "queue_log"), "--store", str(folder / name),
                 "--config", str(folder / "ccboard.toml")])


def broken(said: str) -> Callable[..., None]:
    """Return a way to part lines in which DuckDB fails with these words."""
    def split(self: PlainCalls, text: str, *, plain: bool) -> None:
        self.con.execute("CREATE OR REPLACE TEMP TABLE log_said AS SELECT 1 AS n")
        self.con.execute("SELECT error($1)", [said])
    return split


def test_a_chunk_for_which_memory_is_short_goes_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "WORTH", 0)
    assert imported(tmp_path, "columns.duckdb") == 0
    cleared = []
    clear = PlainCalls.clear
    monkeypatch.setattr(PlainCalls, "clear", lambda self: (cleared.append(self), clear(self)))
    monkeypatch.setattr(PlainCalls, "_split", broken("Out of Memory Error: failed to allocate data of size"))
    assert imported(tmp_path, "lines.duckdb") == 0
    assert len(cleared) == 1
    assert stored(tmp_path / "lines.duckdb") == stored(tmp_path / "columns.duckdb")
    assert len(stored(tmp_path / "lines.duckdb")["contacts"]) == 50


def test_a_disk_that_is_full_in_the_midst_of_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(history, "WORTH", 0)
    with monkeypatch.context() as patch:
        patch.setattr(PlainCalls, "_split", broken("No space left on device"))
        assert imported(tmp_path, "s.duckdb") == 1
    said = capsys.readouterr().err
    assert f"{tmp_path / 's.duckdb'}: the disk is full" in said
    monkeypatch.setattr(Ready, "left", lambda self: self.con.execute("SELECT error('no reason')").fetchall())
    assert imported(tmp_path, "s.duckdb") == 1
    assert f"{tmp_path / 's.duckdb'}: cannot be written" in capsys.readouterr().err


def test_a_store_of_little_memory_gets_records_and_no_tables_of_raw_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "WORTH", 0)
    with monkeypatch.context() as patch:
        patch.setattr(PlainCalls, "take", None)
        assert imported(tmp_path, "little.duckdb", "128MB") == 0
    assert imported(tmp_path, "enough.duckdb", "256MB") == 0
    assert stored(tmp_path / "little.duckdb") == stored(tmp_path / "enough.duckdb")


@pytest.mark.parametrize(("limit", "room"), [
    ("255MB", False), ("256MB", True), ("256 MiB", True), ("240MiB", False), ("0.2GB", False),
    ("1 GiB", True),
])  # fmt: skip
def test_limits_are_read_as_the_configuration_writes_them(limit: str, room: bool) -> None:
    assert has_room(limit) is room


def test_a_chunk_that_goes_line_by_line_is_parted_block_by_block(
    tmp_path: Path, con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = text(calls(200, T0))
    (tmp_path / "queue_log").write_text(head)
    monkeypatch.setattr(blocks, "BLOCK", 1_000)
    slow, slow_rejects, _ = read([[tmp_path / "queue_log"]], None)
    lengths = []
    parted = history.lines

    def watched(of: Iterable[bytes], *arguments: Any) -> Iterator[bytes]:
        blocks = list(of)
        lengths.extend(map(len, blocks))
        return parted(blocks, *arguments)

    monkeypatch.setattr(history, "lines", watched)
    fast, fast_rejects, _ = read([[tmp_path / "queue_log"]], con)  # too small for the way by columns
    assert (fast, fast_rejects) == (slow, slow_rejects)
    assert sum(lengths) == len(head)
    assert max(lengths) == 1_000


def test_a_chunk_is_not_handed_on_behind_an_interruption() -> None:
    def source() -> Iterator[bytes]:
        yield b"1|a\n2|b\n3"
        raise KeyboardInterrupt

    def damaged() -> Iterator[bytes]:
        yield b"1|a\n2|b\n3"
        raise EOFError

    with pytest.raises(KeyboardInterrupt):
        next(chunks(source(), 100))
    assert next(chunks(damaged(), 100)) == b"1|a\n2|b\n"


TABLES = {
    "contacts": "*", "open_contacts": "*", "offers": "*", "open_offers": "*", "agent_states": "*",
    "ties": "*",
    "agents_seen": "*", "queues_known": "*", "alive": "*", "events": "*", "refusals": "*",
    "rejects": "source, place, reason, text", "reject_counts": "*",
}  # fmt: skip


def stored(path: Path) -> dict[str, list[Any]]:
    with duckdb.connect(str(path), read_only=True) as opened:
        return {table: opened.execute(f"SELECT {what} FROM {table} ORDER BY ALL").fetchall()
                for table, what in TABLES.items()}


@pytest.mark.parametrize("damage", [0.0, 0.02])
def test_stores_are_the_same_row_for_row(damage: float, tmp_path: Path,
                                         monkeypatch: pytest.MonkeyPatch) -> None:
    texts = log(7, 400, 200, damage)
    early, whole = tmp_path / "early" / "queue_log", tmp_path / "queue_log"
    early.parent.mkdir()
    early.write_text("\n".join(texts[:700]) + "\n", encoding="utf-8")
    whole.write_text("\n".join(texts) + "\n", encoding="utf-8")
    monkeypatch.setattr(history, "CHUNK", 30_000)
    monkeypatch.setattr(history, "WORTH", 20_000)
    found = []
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "caller.key").write_text("00" * 32)
    for way in ("columns", "lines"):
        store = tmp_path / "s" / f"{way}.duckdb"
        if way == "lines":
            monkeypatch.setattr(StoreIntake, "database", None)
        for log_file in (early, whole, whole):  # some was open, all of it, and all again
            assert main(["import", "asterisk-queue-log", str(log_file), "--store", str(store)]) == 0
        found.append(stored(store))
    for table in TABLES:
        assert found[0][table] == found[1][table], table
    assert len(found[0]["contacts"]) >= 380
    assert {row[18] for row in found[0]["contacts"]} == {None, "+••••123"}
