"""``ccboard now``: text, JSON and CSV of the one public object, wherever it comes from."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from scripted_hub import (
    DAY,
    NIGHT,
    SALES,
    SECOND,
    SUPPORT,
    Reply,
    answer,
    floor,
    giving,
    queue,
    scripted_hub,
    source,
)

from ccboard import client
from ccboard.cli import main
from ccboard.commands.now import print_now
from ccboard.render import to_csv, to_text
from ccboard.snapshot import STATES, to_public

Capsys = pytest.CaptureFixture[str]

MORNING = """\
Hotline West   Mon 16 Nov 09:14:07 Europe/Berlin   LIVE
support  12 waiting, longest 1:48 !, 54 % in 20 s (target 80 %) !!   412 offered, 371 answered, 33 abandoned !
sales     2 waiting, longest 0:09,   86 % in 20 s (target 80 %) ok   188 offered, 181 answered,  4 abandoned
night     0 waiting, longest    –,      – in 20 s (target 80 %)        0 offered,   0 answered,  0 abandoned
all      14 waiting, longest 1:48,   64 % in time (target 80 %) !!   600 offered, 552 answered, 37 abandoned
agents: 3 ready, 58 talking, 6 wrap-up, 5 paused
sources: asterisk ok 0.3 s
"""


def now(folder: Path, words: str = "", reply: Reply | None = None) -> int:
    with scripted_hub(folder, reply or giving(floor())) as (path, _):
        return main(["now", *words.split(), "--hub", str(path)])


def test_text(tmp_path: Path, capsys: Capsys) -> None:
    assert now(tmp_path) == 0
    printed = capsys.readouterr()
    assert printed.out == MORNING
    assert printed.err == ""


def test_json_is_the_public_object_and_nothing_else(tmp_path: Path, capsys: Capsys) -> None:
    assert now(tmp_path, "--json") == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == to_public(floor())
    assert printed.err == ""


def test_csv(tmp_path: Path, capsys: Capsys) -> None:
    assert now(tmp_path, "--csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["row"], row["queue"]) for row in rows] == [
        ("queue", "support"), ("queue", "sales"), ("queue", "night"), ("totals", "")]
    first = rows[0]
    assert (first["as_of"], first["live"], first["stale"]) == ("2026-11-16T08:14:07.000Z", "true", "false")
    assert (first["offered"], first["service_level"], first["refused"]) == ("412", "0.54", "")
    assert (first["agents_talking"], first["agents_wrap_up"]) == ("41", "6")
    assert rows[2]["service_level"] == ""


def test_csv_has_every_public_figure() -> None:
    public = set(to_public(floor())["queues"][0]) - {"agents", "levels", "age_s"}
    columns = set(to_csv(to_public(floor())).splitlines()[0].split(","))
    assert columns == public | {"as_of", "live", "row"} | {f"agents_{state}" for state in STATES}


def test_hostile_names_stay_in_their_cells() -> None:
    rows = (queue('a,"b"\n'), queue("王芳"))
    read = list(csv.DictReader(io.StringIO(to_csv(to_public(floor(queues=rows))))))
    assert [row["queue"] for row in read] == ['a,"b"\n', "王芳", ""]


@pytest.mark.parametrize("names", [
    ("王芳", "a"), ("Zoë", "コールセンター"), ("x" * 80, "b"), ("Queue [Sales]", "[/]"),
])
def test_columns_stand_under_each_other_in_any_script(names: tuple[str, str]) -> None:
    rows = (SUPPORT._replace(queue=names[0], label=names[0]), NIGHT._replace(queue=names[1], label=names[1]))
    lines = to_text(to_public(floor(queues=rows))).splitlines()[1:4]
    for word in (" waiting", " longest", " in ", " offered", " answered", " abandoned"):
        assert len({cell_len(line[: line.index(word)]) for line in lines}) == 1, (word, lines)


def test_one_queue_has_no_line_for_all() -> None:
    lines = to_text(to_public(floor(queues=(SALES,)))).splitlines()
    assert lines[1].startswith("sales  2 waiting")
    assert lines[2] == "agents: 3 ready, 17 talking"


def test_not_live_is_said_loudly() -> None:
    first = to_text(to_public(floor(live=False))).splitlines()[0]
    assert first == "Hotline West   Mon 16 Nov 2026 09:14:07 Europe/Berlin   NOT LIVE: this is how it was"


def test_dark_figures_are_dashes_and_sources_say_why() -> None:
    dark = SUPPORT._replace(waiting=None, longest_wait_s=None, agents=None, dark=True, levels=(),
                            offered=9, answered=1, abandoned=0, label="x")
    late = source(state="failed", age_s=25.0, error="login refused for user ccboard (manager.conf)",
                  complete_since=DAY + 6 * 3600 * SECOND)
    said = floor(queues=(dark,), sources=(source("sim"), late, source("new", age_s=None, state="failed")),
                 notices=("configuration not reloaded: line 3",))
    assert to_text(to_public(said)).splitlines()[1:] == [
        "x  – waiting, longest –, 54 % in 20 s (target 80 %) ok   9 offered, 1 answered, 0 abandoned  STALE",
        "agents: not known",
        "sources: sim ok 0.3 s",
        "source asterisk FAILED 25 s (whole since 06:00:00): login refused for user ccboard (manager.conf)",
        "source new FAILED never heard",
        "note: configuration not reloaded: line 3",
    ]


def test_what_is_wrong_with_a_source_that_goes_on_all_the_same() -> None:
    half = source(troubles=("AMI: login refused for user cc (manager.conf); figures are from queue_log",))
    assert to_text(to_public(floor(sources=(half,)))).splitlines()[-2:] == [
        "sources: asterisk ok 0.3 s",
        "source asterisk: AMI: login refused for user cc (manager.conf); figures are from queue_log",
    ]


def test_an_empty_floor() -> None:
    lines = to_text(to_public(floor(queues=(), sources=(), totals=queue(None)))).splitlines()
    assert lines[1].startswith("all  – waiting")  # nobody has told of any
    assert lines[2:] == ["no queue is known yet", "agents: not known", "sources: none has reported yet"]


def test_no_hub_is_exit_2_and_what_to_do(
    tmp_path: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCBOARD_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("CCBOARD_SERVICE_SOCKET", str(tmp_path / "none"))
    assert main(["now"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "ccboard serve" in printed.err
    assert "--store FILE" in printed.err


def test_unknown_queue_is_exit_2_and_names_the_known(tmp_path: Path, capsys: Capsys) -> None:
    def reply(method: str, path: str, body: bytes) -> bytes:
        known = answer(200, to_public(floor()))
        return answer(404, {"error": "no queue 'sal'"}) if "queue=sal" in path else known

    assert now(tmp_path, "--queue sal", reply) == 2
    assert capsys.readouterr() == ("", "unknown queue 'sal'; known: support, sales, night\n")


def test_questions(tmp_path: Path, capsys: Capsys) -> None:
    with scripted_hub(tmp_path, giving(floor())) as (path, asked):
        main(["now", "--hub", str(path), "--queue", "a b&c=ü", "--timezone", "Asia/Shanghai", "--json"])
        main(["now", "--hub", str(path), "--as-of", "09:12"])
    assert [question for _, question, _ in asked] == [
        "/v1/now?queue=a%20b%26c%3D%C3%BC&timezone=Asia%2FShanghai", "/v1/now?as_of=09%3A12&agents=0"]


def test_store_and_hub_together_are_refused(tmp_path: Path, capsys: Capsys) -> None:
    assert now(tmp_path, f"--store {tmp_path / 'x.duckdb'}") == 2
    assert "name one of them" in capsys.readouterr().err


def test_a_hub_that_holds_the_store_is_asked(tmp_path: Path, capsys: Capsys) -> None:
    with scripted_hub(tmp_path, giving(floor())):  # its socket lies where ccboard.duckdb's would
        assert main(["now", "--store", str(tmp_path / "ccboard.duckdb")]) == 0
    assert capsys.readouterr().out == MORNING


def test_print_now_waits_for_a_hub_that_has_just_started(tmp_path: Path, capsys: Capsys) -> None:
    answers = [answer(503, {"error": "has just started"}), answer(200, to_public(floor(sources=()))),
               answer(200, to_public(floor(sources=(source(age_s=None),)))), answer(200, to_public(floor()))]
    with scripted_hub(tmp_path, lambda *_: answers.pop(0)) as (path, _):
        assert print_now(client.parse_address(str(path)), wait_s=30) == 0
    assert capsys.readouterr().out == MORNING
    assert answers == []


@pytest.mark.parametrize(("uptime_s", "asked"), [(0.4, 3), (400.0, 1)])
def test_print_now_does_not_print_what_the_hub_before_has_left(
    uptime_s: float, asked: int, tmp_path: Path, capsys: Capsys
) -> None:
    stale = to_public(floor(sources=(source(state="stale", age_s=86_400.0),)))
    seen: list[str] = []

    def reply(_method: str, path: str, _body: bytes) -> bytes:
        if path == "/v1/status":
            return answer(200, {"uptime_s": uptime_s})
        seen.append(path)
        return answer(200, stale if len(seen) < 3 else to_public(floor()))

    with scripted_hub(tmp_path, reply) as (path, _):
        assert print_now(client.parse_address(str(path)), wait_s=30) == 0
    assert len(seen) == asked
    assert ("STALE" in capsys.readouterr().out) is (asked == 1)


def test_print_now_does_not_wait_for_sources_that_nobody_named(tmp_path: Path, capsys: Capsys) -> None:
    bare = to_public(floor(sources=(), notices=("no source is configured: add [sources.NAME] to c.toml",)))
    with scripted_hub(tmp_path, lambda *_: answer(200, bare)) as (path, asked):
        assert print_now(client.parse_address(str(path)), wait_s=30) == 0
        assert len(asked) == 1
    assert "note: no source is configured: " in capsys.readouterr().out


@pytest.mark.parametrize("form", [[], ["--csv"], ["--json"]])
def test_a_hub_cannot_steer_the_terminal(form: list[str], tmp_path: Path, capsys: Capsys) -> None:
    evil = floor(name="floor\x1b]0;owned\x07")
    evil = replace(evil, queues=tuple(q._replace(label="sales\x1b[2J\x9b31m\u202e") for q in evil.queues))
    with scripted_hub(tmp_path, giving(evil)) as (path, _):
        assert main(["now", "--hub", str(path), *form]) == 0
    said = capsys.readouterr().out
    assert "sales" in said
    assert not set("\x1b\x07\x9b\u202e").intersection(said)


def test_a_hubs_refusal_is_bounded_and_clean(tmp_path: Path, capsys: Capsys) -> None:
    with scripted_hub(tmp_path, lambda *_: answer(500, {"error": "no\x1b[2J" + "x" * 10_000})) as (path, _):
        assert main(["now", "--hub", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("no[2Jxxx")
    assert len(said) <= 501


def test_a_hub_that_does_not_say_its_store_is_stopped_all_the_same(tmp_path: Path, capsys: Capsys) -> None:
    asked: list[str] = []

    def reply(method: str, path: str, body: bytes) -> Any:
        asked.append(f"{method} {path}")
        return answer(200, {"version": "9"})

    with scripted_hub(tmp_path, reply) as (path, _):
        assert main(["stop", "--hub", str(path)]) == 2
    assert asked[-1] == "POST /v1/stop"
    assert "does not say of which store" in capsys.readouterr().err
