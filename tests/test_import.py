"""``ccboard import`` and ``now --store``, end to end, on recordings of real Asterisks.

Expected figures are those of expected.json, computed from queue_log alone by another program.
"""

import gzip
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from recordings import QUIRKS, WHOLE, expected, log_files

from ccboard.cli import main
from ccboard.client import Address, request
from ccboard.commands.intake import pack, unpack
from ccboard.progress import Progress
from ccboard.snapshot import from_wire

Capsys = pytest.CaptureFixture[str]
COUNTS = {
    "offered": "offered", "answered": "answered", "abandoned": "abandoned", "timed_out": "timed_out",
    "left_by_key": "left_by_key", "left_empty": "left_empty", "withdrawn": "withdrawn", "lost": "lost",
    "waiting": "open", "short_abandoned": "abandoned_under_5s", "answered_in_time": "answered_within_20s",
    "longest_wait_today_s": "longest_wait_any_s",
}
"""Name here -> name in expected.json."""


def load(store: Path, *files: Path, words: tuple[str, ...] = ()) -> int:
    return main(["import", "asterisk-queue-log", *map(str, files), "--store", str(store), *words])


def now(store: Path, capsys: Capsys, *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["now", "--store", str(store), "--json", *words]) == 0
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def tables(store: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of a store."""
    with duckdb.connect(str(store)) as con:
        names = [name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {name: con.execute(f'SELECT * FROM "{name}" ORDER BY ALL').fetchall() for name in names}


@pytest.mark.parametrize("name", [*WHOLE, QUIRKS])
def test_now_gives_the_figures_of_the_log(name: str, tmp_path: Path, capsys: Capsys) -> None:
    store, truth = tmp_path / "a.duckdb", expected(name)
    assert load(store, *log_files(name), words=("--timezone", "Etc/UTC")) == 0
    said = now(store, capsys)
    assert (said["schema"], said["live"], said["timezone"]) == ("ccboard.now/1", False, "Etc/UTC")
    assert said["totals"]["calls"] == truth["calls"]
    assert said["totals"]["offered"] == truth["visits"]
    rows = {row["queue"]: row for row in said["queues"]} | {"*": said["totals"]}
    assert set(rows) == set(truth["queues"])
    for queue, figures in truth["queues"].items():
        row = rows[queue]
        counts = {ours: figures[theirs] for ours, theirs in COUNTS.items()}
        assert {ours: row[ours] for ours in COUNTS} == counts, queue
        assert round(row["service_level"] * 100, 2) == figures["sl20_of_offered_pct"]
        assert round(row["abandon_rate"] * 100, 2) == figures["abandon_rate_pct"]
        assert round(row["asa_s"], 2) == figures["asa_s"]
        assert round(row["aht_s"], 2) == figures["aht_talk_s"]
    agents = {row["agent"]: row for row in said["agents"]}
    assert set(truth["agents"]) <= set(agents)
    for agent, figures in truth["agents"].items():
        row = agents[agent]
        names = ("answered", "talk_s", "ring_no_answer", "ring_cancelled", "paused_s")
        theirs = ("calls", "talk_s", "rna", "ring_canceled", "paused_s_any_queue")
        assert [row[key] for key in names] == [figures[key] for key in theirs], agent


def test_each_queue_has_its_own_threshold_in_totals_too(tmp_path: Path, capsys: Capsys) -> None:
    own = {"sales": 30, "support": 20, "vip": 10}
    (tmp_path / "c.toml").write_text("".join(f"[queues.{q}]\nthreshold_s = {s}\n" for q, s in own.items()))
    load(tmp_path / "a.duckdb", *log_files(WHOLE[0]))
    said = now(tmp_path / "a.duckdb", capsys, "--config", str(tmp_path / "c.toml"))
    truth = expected(WHOLE[0])["queues"]
    for row in [*said["queues"], said["totals"]]:
        name = row["queue"] or "*"
        assert round(row["service_level"] * 100, 2) == truth[name]["sl_own_threshold_of_offered_pct"], name


def test_twice_gives_the_same_store(tmp_path: Path, capsys: Capsys) -> None:
    store, files = tmp_path / "a.duckdb", log_files(QUIRKS)
    assert load(store, *files) == 0
    once = tables(store)
    assert load(store, *reversed(files)) == 0
    assert " 0 rows of the store new or changed" in capsys.readouterr().err
    assert tables(store) == once


def test_a_file_that_has_grown_adds_its_new_part(tmp_path: Path, capsys: Capsys) -> None:
    store, log = tmp_path / "a.duckdb", tmp_path / "queue_log"
    lines = log_files(WHOLE[0])[0].read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:500]) + lines[500][:17])  # cut in the middle of a line
    load(store, log)
    some = now(store, capsys)["totals"]["offered"]
    log.write_bytes(b"".join(lines))
    load(store, log)
    load(tmp_path / "b.duckdb", log)
    whole = now(store, capsys)
    assert 0 < some < whole["totals"]["offered"] == expected(WHOLE[0])["visits"]
    assert whole == now(tmp_path / "b.duckdb", capsys)


def test_file_by_file_and_packed_is_the_same_as_at_once(tmp_path: Path, capsys: Capsys) -> None:
    lines = log_files(WHOLE[0])[0].read_bytes().splitlines(keepends=True)
    parts = []
    for number, cut in enumerate((slice(0, 400), slice(400, 800), slice(800, None))):
        parts.append(tmp_path / f"queue_log.{number}.gz")
        parts[-1].write_bytes(gzip.compress(b"".join(lines[cut])))
    load(tmp_path / "a.duckdb", *reversed(parts))
    for part in parts:  # calls that were open at the end of one are known in the next
        load(tmp_path / "b.duckdb", part)
    load(tmp_path / "c.duckdb", *log_files(WHOLE[0]))
    whole = now(tmp_path / "c.duckdb", capsys)
    assert now(tmp_path / "a.duckdb", capsys) == whole
    assert now(tmp_path / "b.duckdb", capsys) == whole


def test_callers_are_masked_on_their_way_into_the_store(tmp_path: Path, capsys: Capsys) -> None:
    log = log_files(WHOLE[0])[0]
    entered = [line for line in log.read_bytes().splitlines() if b"|ENTERQUEUE|" in line]
    numbers = {line.split(b"|")[6].decode() for line in entered}
    assert any(len(number) > 8 for number in numbers)
    load(tmp_path / "a.duckdb", log)
    kept = {row[0] for row in _query(tmp_path / "a.duckdb", "SELECT DISTINCT caller FROM visits")}
    assert kept
    assert not {number for number in numbers if len(number) > 8} & kept
    assert (tmp_path / "caller.key").stat().st_mode & 0o777 == 0o600


def _query(store: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(store)) as con:
        return con.execute(sql).fetchall()


def test_a_file_that_cannot_be_read_is_said_and_the_others_go_on(tmp_path: Path, capsys: Capsys) -> None:
    bad = tmp_path / "bad.gz"
    bad.write_bytes(b"\x1f\x8b" + os.urandom(100))
    folder = tmp_path / "folder"
    folder.mkdir()
    store = tmp_path / "a.duckdb"
    assert load(store, bad, tmp_path / "missing", folder, *log_files(WHOLE[1])) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    for named in (bad, tmp_path / "missing", folder):
        assert str(named) in printed.err
    assert now(store, capsys)["totals"]["offered"] == expected(WHOLE[1])["visits"]


def test_files_of_which_none_can_be_read_make_no_store(tmp_path: Path, capsys: Capsys) -> None:
    (tmp_path / "notes.txt").write_text("no queue_log\n")
    store = tmp_path / "new" / "a.duckdb"
    for words in (("asterisk-queue-log",), ("--map", "anonymous-bank")):
        files = ["missing"] if "--map" in words else ["missing", "notes.txt"]
        assert main(["import", *words, *(str(tmp_path / name) for name in files), "--store", str(store)]) == 1
        last = capsys.readouterr().err.splitlines()
        assert len(last) == len(files)
        for line, name in zip(last, files, strict=True):
            assert line.startswith(f"ccboard import: {tmp_path / name}: ")
        assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_the_last_word_is_on_files_that_could_not_be_read(tmp_path: Path, capsys: Capsys) -> None:
    assert load(tmp_path / "a.duckdb", tmp_path / "missing", *log_files(WHOLE[1])) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0] == f"ccboard import: {tmp_path / 'missing'}: cannot be read: No such file or directory"
    assert said[-1] == "ccboard import: 1 file could not be read, or not to the end: see above"


@pytest.mark.parametrize(("words", "said"), [
    ([], "ccboard import: name what to import"), (["what?"], "ccboard import: what?: no such format")])
def test_who_names_nothing_to_import_is_told_the_choices(words: list[str], said: str, capsys: Capsys) -> None:
    assert main(["import", *words]) == 2
    assert capsys.readouterr().err == f"""\
{said}
  ccboard import asterisk-queue-log FILE...
      Asterisk's queue_log, plain or .gz, rotated ones too
  ccboard import archive DIR...
      folders that `ccboard export` wrote
  ccboard import --map MAP FILE...
      exports of any other system; --maps lists the maps that are shipped
"""


def test_rejects_are_shown_with_their_place_and_counted(tmp_path: Path, capsys: Capsys) -> None:
    log = tmp_path / "queue_log"
    log.write_bytes(log_files(WHOLE[1])[0].read_bytes() + b"nonsense\n" * 20)
    last = len(log.read_bytes().splitlines())
    assert load(tmp_path / "a.duckdb", log) == 0
    said = capsys.readouterr().err
    assert f"queue_log:{last - 19}: left out: " in said
    assert "20 lines left out" in said
    assert "20 x " in said
    assert said.count("left out: ") == 5


def test_what_is_counted_in_part_is_not_called_left_out(tmp_path: Path, capsys: Capsys) -> None:
    log = tmp_path / "queue_log"
    log.write_bytes(b"1795283239|a.1|sales|NONE|ENTERQUEUE||4711|1\n1795283249|a.1|sales|Ann|CONNECT|soon|b.1|2\n"
                    b"nonsense\n")
    assert load(tmp_path / "a.duckdb", log) == 0
    said = capsys.readouterr().err
    assert re.search(r"queue_log:2: CONNECT: hold time .*counted without it", said)
    assert "queue_log:3: left out: " in said
    assert "1 line left out, 1 counted in part" in said
    assert now(tmp_path / "a.duckdb", capsys)["totals"]["answered"] == 1


@pytest.mark.parametrize("content", [
    b"", b"\x00" * 5000, b"a" * 300_000, b"|" * 300_000, bytes(range(256)) * 40,
])
def test_any_file_is_a_message_and_not_a_traceback(tmp_path: Path, capsys: Capsys, content: bytes) -> None:
    (tmp_path / "queue_log").write_bytes(content)
    assert load(tmp_path / "a.duckdb", tmp_path / "queue_log") in {0, 1}
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("ccboard import: ")
    assert len(printed.err) < 3000


def test_a_source_has_the_name_it_is_given(tmp_path: Path, capsys: Capsys) -> None:
    load(tmp_path / "a.duckdb", *log_files(WHOLE[1]), words=("--source", "site west"))
    assert [source["name"] for source in now(tmp_path / "a.duckdb", capsys)["sources"]] == ["site west"]
    assert load(tmp_path / "a.duckdb", *log_files(WHOLE[1]), words=("--source", "a\x1bb")) == 2


def test_the_zone_is_written_at_first_use_and_kept(tmp_path: Path, capsys: Capsys) -> None:
    store = tmp_path / "a.duckdb"
    load(store, *log_files(WHOLE[1]), words=("--timezone", "Asia/Shanghai"))
    load(store, *log_files(WHOLE[1]))
    said = now(store, capsys)
    assert said["timezone"] == "Asia/Shanghai"
    assert said["business_day_start"].endswith("T16:00:00.000Z")
    assert load(store, *log_files(WHOLE[1]), words=("--timezone", "Mars/Olympus")) == 2
    assert "Mars/Olympus" in capsys.readouterr().err


def test_default_moment_is_the_last_records_second_and_one(tmp_path: Path, capsys: Capsys) -> None:
    store = tmp_path / "a.duckdb"
    load(store, *log_files(WHOLE[0]))
    last = max(int(line.split(b"|")[0]) for line in log_files(WHOLE[0])[0].read_bytes().splitlines())
    capsys.readouterr()
    assert main(["now", "--store", str(store), "--json", "--timezone", "Etc/UTC"]) == 0
    printed = capsys.readouterr()
    said = json.loads(printed.out)
    assert said["as_of"] == _utc(last + 1)
    assert said["live"] is False
    assert printed.err.count("\n") == 1
    assert "not live" in printed.err
    assert [source["state"] for source in said["sources"]] == ["ok"]


def _utc(epoch: int) -> str:
    ended = subprocess.run(["date", "-u", "-d", f"@{epoch}", "+%Y-%m-%dT%H:%M:%S.000Z"], capture_output=True,
                           text=True, check=True)
    return ended.stdout.strip()


def test_past_the_end_figures_of_now_are_not_known(tmp_path: Path, capsys: Capsys) -> None:
    store = tmp_path / "a.duckdb"
    load(store, *log_files(WHOLE[0]), words=("--timezone", "Etc/UTC"))
    later = ("--as-of", "2026-11-21T19:30:00Z")
    said = now(store, capsys, *later)
    assert said["totals"]["offered"] == expected(WHOLE[0])["visits"]
    assert (said["totals"]["waiting"], said["totals"]["agents"]["ready"]) == (None, None)
    assert [source["state"] for source in said["sources"]] == ["stale"]
    check = ["check", "service-level", "--store", str(store), "-w", "80:"]
    assert main([*check, *later]) == 3
    assert main([*check, "--as-of", "17:55"]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1].startswith("CCBOARD WARNING - all queues service level ")
    assert printed.err == ""


def test_no_such_store_and_no_such_moment(tmp_path: Path, capsys: Capsys) -> None:
    assert main(["now", "--store", str(tmp_path / "none.duckdb")]) == 1
    assert list(tmp_path.iterdir()) == [], "asking makes nothing"
    load(tmp_path / "a.duckdb", *log_files(WHOLE[1]))
    capsys.readouterr()
    for words in (["--as-of", "noon"], ["--queue", "nowhere"], ["--timezone", "Mars/Olympus"]):
        assert main(["now", "--store", str(tmp_path / "a.duckdb"), *words]) == 2
        printed = capsys.readouterr()
        assert (printed.out, words[1] in printed.err) == ("", True)
    assert main(["now", "--store", str(tmp_path / "a.duckdb"), "--queue", "nowhere"]) == 2
    assert "known: sales, support, vip" in capsys.readouterr().err


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Path]:
    """A real hub without sources; gives its store."""
    store, config = tmp_path / "hub" / "ccboard.duckdb", tmp_path / "hub.toml"
    places = {"CCBOARD_STATE_DIR": str(tmp_path), "CCBOARD_SERVICE_SOCKET": str(tmp_path / "none")}
    config.write_text('timezone = "Etc/UTC"\n')
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "ccboard", "serve", "--config", str(config), "--store", str(store)],
        env={**os.environ, **places}, stderr=subprocess.PIPE)
    try:
        assert process.stderr is not None
        assert any(b" serves on " in line for line in iter(process.stderr.readline, b""))
        yield store
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_a_hub_that_holds_the_store_is_handed_the_records(hub: Path, tmp_path: Path, capsys: Capsys) -> None:
    assert load(hub, *log_files(WHOLE[0])) == 0
    assert load(hub, *log_files(WHOLE[0])) == 0
    assert " 0 rows of the store new or changed" in capsys.readouterr().err
    load(tmp_path / "own.duckdb", *log_files(WHOLE[0]), words=("--timezone", "Etc/UTC"))
    moment = ("--as-of", "2026-11-21T17:59:00Z")
    said = now(hub, capsys, *moment)
    assert [notice.partition(":")[0] for notice in said.pop("notices")] == ["no source is configured"]
    alone = now(tmp_path / "own.duckdb", capsys, *moment)
    for one in (said, alone):  # what a hub works out beside the figures
        one.pop("surge", None)
    assert said == {key: value for key, value in alone.items() if key != "notices"}
    assert main(["now", "--store", str(hub), "--queue", "nowhere", *moment]) == 2
    assert "known: sales, support, vip" in capsys.readouterr().err
    address = Address(path=str(hub.with_name("hub.sock")))
    stored = request(address, "GET", "/v1/cursor?source=asterisk&key=import").good()
    assert unpack(stored["cursor"]) is not None


def test_what_a_hub_is_handed_counts_with_its_rejects(hub: Path, tmp_path: Path) -> None:
    at = int(time.time())
    log = tmp_path / "queue_log"
    log.write_text(f"{at - 20}|a.1|sales|NONE|ENTERQUEUE||030123456|1\n"
                   f"{at - 10}|a.1|sales|NONE|ABANDON|1|1|10\nnonsense\nnot|a|line\n")
    for _ in range(2):  # told again counts once
        assert load(hub, log) == 0
    address = Address(path=str(hub.with_name("hub.sock")))
    for _ in range(100):  # a frame may be a second old
        if request(address, "GET", "/v1/now").good()["totals"]["offered"]:
            break
        time.sleep(0.1)
    [source] = from_wire(request(address, "GET", "/v1/board").good()["snapshot"]).sources
    assert source.name == "asterisk"
    assert source.rejects == sum(n for _, n in source.reject_reasons) == 2


def test_a_store_that_somebody_else_holds_is_said(tmp_path: Path, capsys: Capsys) -> None:
    from ccboard.hub.lock import HubLock

    held = HubLock.acquire(tmp_path / "a.duckdb.lock")
    assert held is not None
    try:
        assert load(tmp_path / "a.duckdb", *log_files(WHOLE[1])) == 2
        assert f"process {os.getpid()} holds" in capsys.readouterr().err
    finally:
        held.release()


def test_cursors_are_packed_for_a_requests_head() -> None:
    state = json.dumps([{"call": str(n), "queue": "support"} for n in range(2000)])
    assert unpack(pack(state)) == state
    assert pack(None) is None
    assert pack(os.urandom(20_000).hex()) == ""
    for foreign in (None, "", "x", "{}", "AAAA"):
        assert unpack(foreign) is None


class _Terminal:
    def __init__(self) -> None:
        self.written = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        self.written += text

    def flush(self) -> None:
        pass


def test_progress_is_one_line_on_a_terminal_and_goes_away() -> None:
    terminal = _Terminal()
    progress = Progress(200, terminal)  # type: ignore[arg-type]
    progress.update(50, "12 visits")
    assert terminal.written == "\r██████░░░░░░░░░░░░░░░░░░  25%  12 visits\x1b[K"
    progress.close()
    assert terminal.written.endswith("\r\x1b[K")
    assert "\n" not in terminal.written


def test_no_progress_without_a_terminal(tmp_path: Path, capsys: Capsys) -> None:
    load(tmp_path / "a.duckdb", *log_files(WHOLE[1]))
    assert "\r" not in capsys.readouterr().err


