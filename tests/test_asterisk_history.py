"""History from files: order, packing, holes, damage, mad clocks, and what is no queue_log."""

import gzip
import json
from collections.abc import Callable, Sequence
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest
from asterisk_floor import Floor, from_log
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recordings import DATA

from ccboard.records import SourceStatus
from ccboard.source import Data
from sources.asterisk import history
from sources.asterisk.history import Part, read_history

QUIRKS = DATA / "asterisk-22.10.1-quirks"
DAY = 86_400
T0 = 1_795_000_000
S = 1_000_000


def load(
    paths: Sequence[Path], cursor: str | None = None, floor: Floor | None = None
) -> tuple[Floor, list[Part]]:
    floor = floor or Floor()
    parts = list(read_history(paths, "pbx", cursor, now=2_000_000_000 * S))
    for part in parts:
        floor.apply(Data(part.records))
    return floor, parts


def statuses(parts: list[Part], kind: str) -> list[tuple[int, int | None]]:
    found = []
    for part in parts:
        for record in part.records:
            if isinstance(record, SourceStatus) and record.kind == kind:
                found.append((record.at // S, None if record.until is None else record.until // S))
    return found


def visit(epoch: int, call: str, talk: int = 60) -> str:
    return (
        f"{epoch}|{call}|sales|NONE|ENTERQUEUE||07|1\n"
        f"{epoch + 5}|{call}|sales|Ann|CONNECT|5|x.1|3\n"
        f"{epoch + 5 + talk}|{call}|sales|Ann|COMPLETECALLER|5|{talk}|1\n"
    )


@pytest.mark.parametrize("name", ["asterisk-22.10.1", "asterisk-16.28.0"])
def test_a_recording_gives_its_expected_figures(name: str) -> None:
    floor, parts = load([DATA / name / "queue_log"])
    wanted = json.loads((DATA / name / "expected.json").read_text(encoding="utf-8"))
    figures = floor.figures()
    assert sum(figures.offered.values()) == wanted["visits"]
    for queue, theirs in wanted["queues"].items():
        if queue != "*":
            assert figures.offered[queue] == theirs["offered"]
            for outcome in ("answered", "abandoned", "timed_out", "left_by_key", "left_empty", "withdrawn"):
                assert figures.outcomes[queue, outcome] == theirs[outcome]
    for agent, theirs in wanted["agents"].items():
        assert figures.answered[agent] == theirs["calls"]
        assert figures.talk_s[agent] == theirs["talk_s"]
        assert figures.no_answer[agent] == theirs["rna"]
        assert figures.cancelled[agent] == theirs["ring_canceled"]
    assert all(part.problems == () and part.rejects == () for part in parts)
    assert parts[-1].bytes_done == parts[-1].bytes_total == (DATA / name / "queue_log").stat().st_size


def test_rotated_files_in_any_order_and_packed_are_one_log(tmp_path: Path) -> None:
    packed = tmp_path / "queue_log-20261121.gz"
    packed.write_bytes(gzip.compress((QUIRKS / "queue_log.0").read_bytes()))
    floor, parts = load([QUIRKS / "queue_log", packed])
    raw = (QUIRKS / "queue_log.0").read_bytes() + (QUIRKS / "queue_log").read_bytes()
    assert floor.figures() == from_log(raw.splitlines())
    epochs = [int(line.split(b"|")[0]) for line in raw.splitlines()]
    assert statuses(parts, "whole") == [(epochs[0], None)]
    assert statuses(parts, "gap") == []
    assert statuses(parts, "alive")[-1] == (epochs[0], max(epochs) + 1)
    assert parts[-1].bytes_total == packed.stat().st_size + (QUIRKS / "queue_log").stat().st_size


def test_twice_gives_the_same_records() -> None:
    paths = [QUIRKS / "queue_log", QUIRKS / "queue_log.0"]
    first, second = load(paths)[1], load(paths)[1]
    assert [part.records for part in first] == [part.records for part in second]


def test_the_same_file_twice_counts_once(tmp_path: Path) -> None:
    log = DATA / "asterisk-16.28.0" / "queue_log"
    older = tmp_path / "old-copy"
    older.write_bytes(log.read_bytes()[:20_000])
    packed = tmp_path / "copy.gz"
    packed.write_bytes(gzip.compress(log.read_bytes()))
    floor, parts = load([older, log, packed, log])
    assert floor.figures() == load([log])[0].figures()
    assert len(parts[0].notes) == 3


def test_parts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "LINES_PER_PART", 100)
    floor, parts = load([DATA / "asterisk-22.10.1" / "queue_log"])
    assert len(parts) == 12
    assert [part.bytes_done for part in parts] == sorted(part.bytes_done for part in parts)
    monkeypatch.undo()
    assert floor.figures() == load([DATA / "asterisk-22.10.1" / "queue_log"])[0].figures()


def test_a_later_import_ends_what_the_earlier_left_open(tmp_path: Path) -> None:
    text = visit(T0, "1.1", talk=600)
    cut = text.index("\n", text.index("CONNECT")) + 1
    first, second = tmp_path / "queue_log.0", tmp_path / "queue_log"
    first.write_text(text[:cut])
    second.write_text(f"{T0 + 300}|NONE|NONE|NONE|CONFIGRELOAD|logger rotate\n" + text[cut:])
    floor, parts = load([first])
    assert floor.figures().talk_s["Ann"] == 0
    floor, _ = load([second], parts[-1].cursor, floor)
    [contact] = floor.contacts.values()
    assert (contact.offered_at, contact.talk_s, contact.wait_s) == (T0 * S, 600, 5)


def test_an_import_that_broke_off_in_a_file_goes_on_from_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "LINES_PER_PART", 2)
    text = visit(T0, "1.1", talk=600)
    cut = text.index("\n", text.index("CONNECT")) + 1
    first, second = tmp_path / "queue_log.0", tmp_path / "queue_log"
    first.write_text(text[:cut])
    second.write_text(f"{T0 + 300}|NONE|NONE|NONE|CONFIGRELOAD|logger rotate\n" * 5 + text[cut:])
    floor, parts = load([first, second])
    told = [part.cursor for part in parts if part.cursor is not None]
    assert len(told) == 2
    assert [part.cursor for part in parts if part.file == str(second)][:-1] == [None] * 3
    again, _ = load([second], told[0], load([first])[0])
    assert again.figures() == floor.figures()
    assert again.figures().talk_s["Ann"] == 600


def test_a_grown_file_adds_its_new_part(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text(visit(T0, "1.1") + visit(T0 + 100, "1.2")[:-20])
    floor, parts = load([log])
    log.write_text(visit(T0, "1.1") + visit(T0 + 100, "1.2") + visit(T0 + 200, "1.3"))
    floor, _ = load([log], parts[-1].cursor, floor)
    assert floor.figures() == from_log(log.read_bytes().splitlines())
    assert len(floor.contacts) == 3


def test_a_missing_file_is_a_gap_and_its_callers_do_not_wait_for_ever(tmp_path: Path) -> None:
    one, three = tmp_path / "queue_log.1", tmp_path / "queue_log"
    one.write_text(visit(T0, "1.1") + f"{T0 + 100}|1.2|sales|NONE|ENTERQUEUE||07|1\n")
    three.write_text(visit(T0 + 2 * DAY, "9.1"))
    floor, parts = load([three, one])
    assert statuses(parts, "gap") == [(T0 + 101, T0 + 2 * DAY)]
    assert statuses(parts, "alive")[-2:] == [(T0, T0 + 101), (T0 + 2 * DAY, T0 + 2 * DAY + 66)]
    assert floor.contacts["1.2", "sales", 1].outcome == "unknown"
    assert [c.outcome for c in floor.contacts.values() if c.call != "1.2"] == ["answered", "answered"]


def test_a_quiet_night_between_two_files_is_no_gap(tmp_path: Path) -> None:
    one, two = tmp_path / "queue_log.0", tmp_path / "queue_log"
    one.write_text(visit(T0, "1.1"))
    two.write_text(visit(T0 + DAY // 2, "2.1"))
    assert statuses(load([one, two])[1], "gap") == []


def test_what_is_no_queue_log_is_said_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    (tmp_path / "empty.gz").write_bytes(gzip.compress(b""))
    (tmp_path / "other").write_bytes(b"\x7fELF\x02\x01" + bytes(3000))
    (tmp_path / "broken.gz").write_bytes(b"\x1f\x8bnonsense")
    good = tmp_path / "good"
    good.write_text(visit(T0, "1.1"))
    names = ("folder", "empty", "empty.gz", "other", "broken.gz", "none", "good")
    floor, parts = load([tmp_path / name for name in names])
    said = [str(problem).removeprefix(str(tmp_path) + "/") for problem in parts[0].problems]
    assert [text.split(";")[0].split("(")[0].strip() for text in said] == [
        "folder: is a directory",
        "empty: is empty",
        "empty.gz: is empty",
        "other: is no queue_log: no line like 1795283239|1795283239.7|sales|NONE|ENTERQUEUE|...",
        "broken.gz: damaged from its begin",
        "none: cannot be read: No such file or directory",
    ]
    assert len(floor.contacts) == 1


def test_a_file_in_a_folder_that_may_not_be_entered_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, closed = tmp_path / "good", tmp_path / "closed" / "log"
    good.write_text(visit(T0, "1.1"))

    def refuse(path: Path, *rest: object, real: Callable[..., Any]) -> Any:
        if path == closed:  # as for any user but root, who may enter everything
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *rest)

    monkeypatch.setattr(Path, "is_dir", partialmethod(refuse, real=Path.is_dir))
    monkeypatch.setattr(Path, "open", partialmethod(refuse, real=Path.open))
    floor, parts = load([closed, good])
    assert [str(problem) for problem in parts[0].problems] == [f"{closed}: cannot be read: Permission denied"]
    assert len(floor.contacts) == 1


def test_nothing_usable_yields_only_problems(tmp_path: Path) -> None:
    [part] = read_history([tmp_path], "pbx")
    assert part.records == ()
    assert part.cursor is None
    assert len(part.problems) == 1


def test_a_damaged_gz_keeps_what_was_read(tmp_path: Path) -> None:
    text = "".join(visit(T0 + 100 * n, f"{n}.1") for n in range(3000))
    whole = gzip.compress(text.encode())
    torn, flipped = tmp_path / "torn.gz", tmp_path / "flipped.gz"
    torn.write_bytes(whole[: len(whole) // 2])
    flipped.write_bytes(whole[:-30] + bytes([whole[-30] ^ 255]) + whole[-29:])
    for path in (torn, flipped):
        floor, parts = load([path])
        assert len(floor.contacts) > 1000
        [problem] = [problem for part in parts for problem in part.problems]
        assert "damaged after line" in str(problem)
        assert "what came before is kept" in str(problem)


def test_lines_of_a_mad_clock_move_nothing(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text(
        "4070908800|x.0|sales|NONE|ENTERQUEUE||07|1\n" + visit(T0, "1.1")
        + "4070908800|x.1|sales|NONE|ENTERQUEUE||07|1\n" + "978307200|x.2|sales|NONE|ENTERQUEUE||07|1\n"
        + "0|x.3|sales|NONE|ENTERQUEUE||07|1\n" + visit(T0 + 100, "1.2")
        + "4070908800|x.4|sales|NONE|ENTERQUEUE||07|1\n"
    )  # fmt: skip
    floor, parts = load([log])
    assert sorted(floor.contacts) == [("1.1", "sales", 1), ("1.2", "sales", 1)]
    assert statuses(parts, "alive")[-1] == (T0, T0 + 166)
    rejects = {reject.where for part in parts for reject in part.rejects}
    assert rejects == {"queue_log:1", "queue_log:5", "queue_log:6", "queue_log:7", "queue_log:11"}


def test_a_pause_of_months_is_believed(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text(visit(T0, "1.1") + visit(T0 + 90 * DAY, "2.1"))
    floor, parts = load([log])
    assert len(floor.contacts) == 2
    assert [part.rejects for part in parts] == [()]


def test_long_lines_and_zeros(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_bytes(
        visit(T0, "1.1").encode() + b"\0" * 5000 + visit(T0 + 100, "1.2").encode()
        + b"x" * 1_000_000 + b"\n" + visit(T0 + 200, "1.3").encode() + b"y" * 300_000
    )  # fmt: skip
    floor, parts = load([log])
    assert len(floor.contacts) == 3
    assert [r.where for part in parts for r in part.rejects] == ["queue_log:7", "queue_log:11"]


def test_a_last_line_without_its_end_counts(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text(visit(T0, "1.1").rstrip("\n"))
    assert load([log])[0].figures().talk_s["Ann"] == 60


@pytest.mark.parametrize(
    "cursor", ["", "{}", "[]", '{"v":1,"until":"x"}', '{"v":99,"until":1,"head":"","reducer":""}']
)
def test_a_cursor_that_is_none_is_ignored(cursor: str) -> None:
    log = DATA / "asterisk-16.28.0" / "queue_log"
    assert load([log], cursor)[0].figures() == load([log])[0].figures()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=4000), st.booleans())
def test_any_bytes(tmp_path: Path, data: bytes, packed: bool) -> None:
    """Whatever a file holds: never an exception, and the good file beside it is read."""
    log, good = tmp_path / "any", tmp_path / "good"
    log.write_bytes(gzip.compress(data) if packed else data)
    good.write_text(visit(T0, "1.1"))
    floor, _ = load([log, good])
    assert ("1.1", "sales", 1) in floor.contacts
