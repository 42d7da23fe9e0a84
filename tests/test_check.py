"""``ccboard check``: one line, performance data, and a code that is never OK by mistake."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scripted_hub import NIGHT, SALES, SUPPORT, TOTALS, Reply, answer, floor, giving, scripted_hub, source

from ccboard.cli import main

Capsys = pytest.CaptureFixture[str]
STALE = source("vicidial", state="stale", age_s=25.0, error="login refused")


def check(folder: Path, capsys: Capsys, words: str, reply: Reply | None = None,
          **said: Any) -> tuple[int, str]:
    """Run a check against a hub double that gives a floor with `said`, or answers by `reply`."""
    with scripted_hub(folder, reply or giving(floor(**said))) as (path, _):
        code = main(["check", *words.split(), "--hub", str(path)])
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out.count("\n") == 1, "one line"
    text, _, _ = printed.out.partition(" | ")
    assert printed.out.count("|") == (1 if text != printed.out else 0), "no bar in the text"
    return code, printed.out.rstrip("\n")


def test_the_line_of_the_manual(tmp_path: Path, capsys: Capsys) -> None:
    assert check(tmp_path, capsys, "service-level --queue support -w 80: -c 70:") == (
        2, "CCBOARD CRITICAL - support service level 54 % (target 80 %) | 'service_level'=54%;80:;70:;0;100")


@pytest.mark.parametrize(("words", "code", "line"), [
    ("service-level --queue sales -w 80: -c 70:", 0,
     "CCBOARD OK - sales service level 86 % (target 80 %) | 'service_level'=86%;80:;70:;0;100"),
    ("service-level --queue sales -w 90: -c 70:", 1,
     "CCBOARD WARNING - sales service level 86 % (target 80 %) | 'service_level'=86%;90:;70:;0;100"),
    ("service-level -w 80:", 1,
     "CCBOARD WARNING - all queues service level 64 % (target 80 %) | 'service_level'=64%;80:;;0;100"),
    ("waiting -w 5 -c 13", 2,
     "CCBOARD CRITICAL - all queues 14 waiting, longest 1:48 | 'waiting'=14;5;13;0;"),
    ("waiting --queue night -w 5 -c 13", 0, "CCBOARD OK - night 0 waiting | 'waiting'=0;5;13;0;"),
    ("longest-wait --queue support -w 60 -c 120", 1,
     "CCBOARD WARNING - support longest wait 1:48 (12 waiting) | 'longest_wait'=108s;60;120;0;"),
    ("longest-wait --queue night -w 60 -c 120", 0,
     "CCBOARD OK - night no calls waiting | 'longest_wait'=U;60;120;0;"),
    ("abandon-rate --queue support -w 5 -c 10", 1,
     "CCBOARD WARNING - support abandon rate 8 % (33 of 412) | 'abandon_rate'=8.01%;5;10;0;100"),
    ("abandon-rate --queue night -w @0:100", 0,
     "CCBOARD OK - night no calls | 'abandon_rate'=U;@0:100;;0;100"),
    ("service-level --queue night -c 70:", 0, "CCBOARD OK - night no calls | 'service_level'=U;;70:;0;100"),
    ("agents-ready --queue support -w 2: -c 1:", 2,
     "CCBOARD CRITICAL - support 0 agents ready | 'agents_ready'=0;2:;1:;0;"),
    ("freshness -w 10 -c 30", 0,
     "CCBOARD OK - source asterisk answered 0.3 s ago | 'freshness'=0.3s;10;30;0;"),
    # Without ranges the configured limits decide, as the hub applied them.
    ("service-level --queue support", 2,
     "CCBOARD CRITICAL - support service level 54 % (target 80 %) | 'service_level'=54%;;;0;100"),
    ("longest-wait --queue support", 1,
     "CCBOARD WARNING - support longest wait 1:48 (12 waiting) | 'longest_wait'=108s;;;0;"),
    ("waiting --queue support", 0, "CCBOARD OK - support 12 waiting, longest 1:48 | 'waiting'=12;;;0;"),
])
def test_figures(tmp_path: Path, capsys: Capsys, words: str, code: int, line: str) -> None:
    assert check(tmp_path, capsys, words) == (code, line)


@pytest.mark.parametrize(("words", "part"), [
    ("service-level --queue nowhere -w 80:", "nowhere"),
    ("service-level -w 80", "vicidial stale, last heard 25 s ago: login refused"),
    ("freshness -w 100 -c 200", "vicidial stale"),  # ranges too wide to notice
    ("freshness --source nobody", "unknown source nobody; known: asterisk, vicidial"),
    ("waiting --source asterisk", "--source goes with freshness"),
    ("service-level -w 80:70", "-w '80:70'"),
    ("service-level -c x", "-c 'x'"),
    ("service-level -t 0", "-t 0"),
    ("service-level -t x", "invalid float value"),
    ("nonsense", "invalid choice"),
    ("service-level --nonsense", "unrecognized arguments"),
])
def test_unknown(tmp_path: Path, capsys: Capsys, words: str, part: str) -> None:
    code, line = check(tmp_path, capsys, words, sources=(source(), STALE))
    assert code == 3
    assert line.startswith("CCBOARD UNKNOWN - ")
    assert part in line


def test_stale_source_of_one_queue_leaves_the_others(tmp_path: Path, capsys: Capsys) -> None:
    said = {"sources": (source(), STALE), "queues": (SUPPORT._replace(late=True), SALES)}
    assert check(tmp_path, capsys, "waiting --queue support", **said)[0] == 3
    assert check(tmp_path, capsys, "waiting --queue sales", **said)[0] == 0


def test_no_source_at_all_is_unknown(tmp_path: Path, capsys: Capsys) -> None:
    for words in ("waiting", "service-level", "freshness"):
        code, line = check(tmp_path, capsys, words, sources=())
        assert (code, "no source" in line) == (3, True), line


def test_live_figures_that_are_not_known(tmp_path: Path, capsys: Capsys) -> None:
    dark = NIGHT._replace(waiting=None, agents=None)
    for words in ("waiting", "longest-wait", "agents-ready"):
        assert check(tmp_path, capsys, f"{words} --queue night", queues=(dark,))[0] == 3


def test_freshness_critical_wins_over_stale(tmp_path: Path, capsys: Capsys) -> None:
    code, line = check(tmp_path, capsys, "freshness -w 10 -c 20", sources=(source(), STALE))
    assert code == 2
    assert line == ("CCBOARD CRITICAL - source vicidial answered 25 s ago | 'freshness'=25s;10;20;0;"
                    " 'age asterisk'=0.3s;;;0; 'age vicidial'=25s;;;0;")
    assert check(tmp_path, capsys, "freshness --source asterisk -c 20", sources=(source(), STALE))[0] == 0


def test_value_below_target_by_a_hair_is_not_shown_as_met(
    tmp_path: Path, capsys: Capsys
) -> None:
    row = TOTALS._replace(service_level=0.7996)
    code, line = check(tmp_path, capsys, "service-level -w 80:", totals=row)
    assert (code, "79.9 % (target 80 %)" in line) == (1, True), line


@pytest.mark.parametrize("ratio", [n / 100 for n in range(101)])
def test_whole_percents_meet_their_own_range(
    tmp_path: Path, capsys: Capsys, ratio: float
) -> None:
    row = TOTALS._replace(service_level=ratio)  # 0.57 * 100 is 56.99999999999999
    code, line = check(tmp_path, capsys, f"service-level -w {round(ratio * 100)}:", totals=row)
    assert code == 0, line


def test_hostile_and_long_names(tmp_path: Path, capsys: Capsys) -> None:
    odd = SUPPORT._replace(queue="odd", label="Bob's | rm -rf / " + "x" * 100)
    code, line = check(tmp_path, capsys, "service-level --queue odd -c 70:", queues=(odd,))
    assert code == 2
    assert len(line.partition(" | ")[0]) < 80
    bad = source("it's|o=k", age_s=99.0, state="stale")
    code, line = check(tmp_path, capsys, "freshness -c 20", sources=(source(), bad))
    assert code == 2
    assert "'age it''s/o-k'=99s" in line


def test_not_live_is_said(tmp_path: Path, capsys: Capsys) -> None:
    code, line = check(tmp_path, capsys, "waiting --as-of 09:14:07", live=False)
    assert (code, "as of 2026-11-16T08:14:07Z |" in line) == (0, True), line


@pytest.mark.parametrize("reply", [
    lambda *_: None,  # never answers
    lambda *_: b"",  # hangs up
    lambda *_: b"\x00\xff" * 100,
    lambda *_: answer(200, b"not json"),
    lambda *_: answer(200, {"schema": "something/1"}),
    lambda *_: answer(200, []),
    lambda *_: answer(200, {"schema": "ccboard.now/1"}),  # what is in it is missing
    lambda *_: answer(404, {"error": "unknown queue 'x'; known: support"}),
    lambda *_: answer(500, {"error": "cannot"}),
    lambda *_: answer(200, {}, protocol="2"),
])
def test_a_hub_that_does_not_answer_well(
    tmp_path: Path, capsys: Capsys, reply: Reply
) -> None:
    code, line = check(tmp_path, capsys, "waiting -t 0.4", reply)
    assert (code, line.startswith("CCBOARD UNKNOWN - ")) == (3, True), line


def test_a_hub_that_is_late(tmp_path: Path, capsys: Capsys) -> None:
    code, line = check(tmp_path, capsys, "waiting -t 0.3", lambda *_: None)
    assert code == 3
    assert "0.3 s" in line


def test_question(tmp_path: Path, capsys: Capsys) -> None:
    with scripted_hub(tmp_path, giving(floor())) as (path, asked):
        main(["check", "waiting", "--queue", "support", "--as-of", "2026-11-16T09:14+01:00",
              "--hub", str(path)])
    assert asked == [("GET", "/v1/now?queue=support&as_of=2026-11-16T09%3A14%2B01%3A00&agents=0", b"")]


def test_no_hub(tmp_path: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCBOARD_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("CCBOARD_SERVICE_SOCKET", str(tmp_path / "none"))
    assert main(["check", "waiting"]) == 3
    assert "ccboard serve" in capsys.readouterr().out


def test_a_queue_in_any_script_on_a_terminal_of_any_locale(tmp_path: Path) -> None:
    row = SUPPORT._replace(queue="王芳", label="王芳")
    with scripted_hub(tmp_path, giving(floor(queues=(row,)))) as (path, _):
        ended = subprocess.run(
            [sys.executable, "-m", "ccboard", "check", "service-level", "--queue", "王芳", "-c", "70:",
             "--hub", str(path)],
            env={"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "1"}, capture_output=True, timeout=60,
            check=False)
    assert (ended.returncode, ended.stderr) == (2, b"")
    assert ended.stdout.startswith(b"CCBOARD CRITICAL - ?? service level 54 %")


