"""No caller's number in what is stored to go on from: a cursor holds the calls that are open."""

import os
import stat
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ccboard.callers import Callers
from ccboard.cli import main
from ccboard.collector import Collector
from ccboard.commands.import_ import MOST_REASONS, Load
from ccboard.commands.intake import HubIntake, StoreIntake, unpack
from ccboard.records import Contact, Reject
from ccboard.source import Context
from sources.asterisk.config import AsteriskConfig
from sources.asterisk.lines import LogLine, parse_line
from sources.asterisk.reducer import Reducer
from sources.asterisk.source import AsteriskSource

T = 1_795_283_239
NUMBER = "+4930123456681"
MASKED = Callers("masked", b"k" * 32)
ENTERS = f"{T}|1.1|q|NONE|ENTERQUEUE||{NUMBER}|1|Anna Berg"
CONNECTS = f"{T + 4}|1.1|q|Ann|CONNECT|4|2.1|3"
ENDS = f"{T + 30}|1.1|q|Ann|COMPLETECALLER|4|26|1"


def keeper(policy: Any) -> Any:
    class Nothing:
        pass

    return Collector(Nothing(), Nothing(), Nothing(), Callers(policy, b"k" * 32)).keep  # type: ignore[arg-type]


def feed(reducer: Reducer, *lines: str) -> Contact:
    for line in lines:
        parsed = parse_line(line.encode(), 1)
        assert isinstance(parsed, LogLine)
        reducer.feed_line(parsed)
    (contact,) = [record for record in reducer.drain()[0] if isinstance(record, Contact)]
    return contact


@pytest.mark.parametrize("policy", ["masked", "hash", "plain"])
def test_a_state_has_of_a_caller_what_the_policy_lets_and_the_record_is_the_same(policy: Any) -> None:
    callers, keep = Callers(policy, b"k" * 32), keeper(policy)
    before = Reducer("pbx", log=True, keep=keep)
    first = feed(before, ENTERS, CONNECTS)
    state = before.state()
    assert (NUMBER in state) is (policy == "plain")
    assert ("Anna Berg" in state) is (policy != "hash")
    after = Reducer("pbx", log=True, state=state, keep=keep)
    assert after.state() == state
    kept, whole = callers.apply(feed(after, ENDS)), callers.apply(first)
    assert (kept.caller, kept.caller_key, kept.caller_name) == (
        whole.caller, whole.caller_key, whole.caller_name)
    assert kept.caller_key == callers.hash(NUMBER)


def test_another_policy_counts_from_the_next_cursor_on() -> None:
    class Nothing:
        pass

    collector = Collector(Nothing(), Nothing(), Nothing(), Callers("plain", b"k" * 32))  # type: ignore[arg-type]
    reducer = Reducer("pbx", log=True, keep=collector.keep)
    feed(reducer, ENTERS)
    assert NUMBER in reducer.state()
    collector.set_callers(MASKED)
    assert NUMBER not in reducer.state()


def test_a_masked_number_alone_is_no_callers_key() -> None:
    assert MASKED.hash("+49••••••••681") is None


def test_the_source_of_a_living_asterisk_keeps_by_the_policy(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text(ENTERS + "\n")
    config = AsteriskConfig.model_validate({"queue_log": str(log)})
    cursor: str | None = None
    for _ in range(2):  # made anew, and from its cursor
        source = AsteriskSource("pbx", config, Context(day_start=T * 1_000_000, keep=keeper("masked")))
        source.open(cursor)
        data: Any = source.poll(1.0)
        cursor = data.cursor if cursor is None else source._cursor()
        source.close()
        assert NUMBER not in cursor
        assert "+49••••••••681" in cursor


def cells(store: Path) -> str:
    with duckdb.connect(str(store)) as con:
        names = [name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        rows = [con.execute(f'SELECT * FROM "{name}"').fetchall() for name in names]
        (cursor,) = con.execute("SELECT cursor FROM cursors").fetchone() or ("",)
    return f"{rows} {unpack(cursor)}"


def test_an_import_leaves_no_number_in_the_store_and_goes_on_with_the_same_caller(tmp_path: Path) -> None:
    store, first, second = tmp_path / "a.duckdb", tmp_path / "log.1", tmp_path / "log"
    first.write_text(f"{ENTERS}\n{CONNECTS}\n")
    second.write_text(f"{ENDS}\n")
    shown = []
    for file in (first, second):
        assert main(["import", "asterisk-queue-log", str(file), "--store", str(store)]) == 0
        assert NUMBER not in cells(store)
        with duckdb.connect(str(store)) as con:
            shown += con.execute("SELECT caller, caller_key, caller_name FROM visits").fetchall()
    assert len(shown) == 2
    assert shown[0] == shown[1]
    assert shown[0][0] == "+49••••••••681"
    assert shown[0][1]


def test_what_cannot_be_used_is_stored_without_a_number(tmp_path: Path) -> None:
    store, log = tmp_path / "a.duckdb", tmp_path / "log"
    log.write_text("".join(f"{line}\n" for line in [
        f"{T}|1.1|q|NONE|ENTERQUEUE||{NUMBER}|what", ENTERS.replace(str(T), "12x"), f"{NUMBER[1:]}|1.2|q",
        CONNECTS,
    ]))
    assert main(["import", "asterisk-queue-log", str(log), "--store", str(store)]) == 0
    assert NUMBER[1:] not in cells(store)
    with duckdb.connect(str(store)) as con:
        assert con.execute("SELECT reason, text FROM rejects ORDER BY seq").fetchall() == [
            ("epoch is not a number", "12x|1.1|q|NONE|ENTERQUEUE||+•••|1|Anna Berg"),
            ("3 columns, at least 5 are needed", "•••|1.2|q"),
            ("ENTERQUEUE: position is not usable; counted without it", "'what' in |+•••|what"),
        ]


def test_reasons_are_told_apart_up_to_a_number_and_all_are_counted() -> None:
    load = Load(None)  # type: ignore[arg-type]
    for n in range(MOST_REASONS + 9):
        load._reject(Reject(f"log:{n}", f"column {n} is odd"))
    assert len(load._reasons) == MOST_REASONS + 1
    assert load._reasons["other reasons"] == 9


def test_what_an_import_makes_is_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, seen = tmp_path / "log", {}
    log.write_text(f"{ENTERS}\n")
    taken = StoreIntake.take

    def take(self: StoreIntake, *part: Any) -> int:
        changed = taken(self, *part)
        seen.update({file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()
                     if file != log})
        return changed

    monkeypatch.setattr(StoreIntake, "take", take)
    before = os.umask(0o022)
    try:
        assert main(["import", "asterisk-queue-log", str(log), "--store", str(tmp_path / "a.duckdb")]) == 0
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    assert "a.duckdb.wal" in seen
    assert {name: oct(mode) for name, mode in seen.items() if mode & 0o077} == {}


def test_an_import_through_a_hub_whose_policy_it_does_not_know_says_little() -> None:
    keep = HubIntake.keep_in_cursor
    assert keep(None, NUMBER, "Anna Berg", None) == ("+49••••••••681", None, None)  # type: ignore[arg-type]
