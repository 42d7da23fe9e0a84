"""The command line as a program: verbs, exit codes, what is imported, and whose folders are believed."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest
from scripted_hub import floor, giving, scripted_hub

from ccboard import cli
from ccboard.errors import CcboardError, UsageError
from ccboard.version import VERSION

Capsys = pytest.CaptureFixture[str]
ROOT = Path(cli.__file__).parents[1]
HEAVY = ("textual", "rich", "duckdb", "pydantic", "pydantic_core", "httpx", "http.client", "asyncio",
         "importlib.metadata", "dataclasses", "logging", "subprocess", "tomllib")


def test_version_is_the_projects(capsys: Capsys) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"ccboard {project['version']}\n"


def test_help_names_every_verb(capsys: Capsys) -> None:
    assert cli.main(["--help"]) == 0
    printed = capsys.readouterr().out
    assert [verb for verb in cli.VERBS if f"\n  {verb} " not in printed] == []


@pytest.mark.parametrize(("words", "verb", "rest"), [
    ([], "board", []),
    (["--wall"], "board", ["--wall"]),
    (["now"], "now", []),
    (["--config", "a.toml", "now", "--json"], "now", ["--config", "a.toml", "--json"]),
    (["--config=now", "check", "waiting"], "check", ["--config=now", "waiting"]),
    (["--hub", "demo"], "board", ["--hub", "demo"]),
    (["--store", "x", "--unknown", "now"], "board", ["--store", "x", "--unknown", "now"]),
    (["import", "now"], "import", ["now"]),
])
def test_the_verb_is_found(words: list[str], verb: str, rest: list[str]) -> None:
    assert cli.split(words) == (verb, rest)


@pytest.mark.parametrize(("typed", "near"), [("chekc", "check"), ("impotr", "import"), ("statsu", "status")])
def test_a_wrong_verb_names_the_right_one(typed: str, near: str, capsys: Capsys) -> None:
    assert cli.main([typed]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"did you mean {near}?" in printed.err


def test_a_verb_like_none_names_them_all() -> None:
    with pytest.raises(UsageError, match=r"board, demo, .*, now, check, .*paths"):
        cli.split(["xyzzy"])


def test_wrong_options_are_exit_2_in_one_line(capsys: Capsys) -> None:
    assert cli.main(["now", "--jsn"]) == 2
    assert capsys.readouterr() == (
        "", "ccboard now: unrecognized arguments: --jsn (see ccboard now --help)\n")


def test_help_of_a_verb_is_exit_0(capsys: Capsys) -> None:
    assert cli.main(["check", "--help"]) == 0
    assert "service-level" in capsys.readouterr().out


def test_interrupt_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "command", interrupted)
    assert cli.main(["now"]) == 130


@pytest.mark.parametrize(("verb", "code"), [("now", 1), ("check", 3)])
def test_what_the_system_refuses_is_said_without_a_traceback(
        verb: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: Capsys) -> None:
    def refused(_: object) -> int:
        raise PermissionError(13, "Permission denied", "/var/lib/x\x1b[2J")

    module = cli.command(verb)
    monkeypatch.setattr(module, "configure", lambda _: None)
    monkeypatch.setattr(module, "run", refused)
    assert cli.main([verb]) == code
    said = "".join(capsys.readouterr())
    assert "ccboard: Permission denied: /var/lib/x[2J" in said
    assert "Traceback" not in said


def test_errors_have_their_own_code(monkeypatch: pytest.MonkeyPatch, capsys: Capsys) -> None:
    def failing(_: str) -> None:
        raise CcboardError("what to do")

    monkeypatch.setattr(cli, "command", failing)
    assert cli.main(["now"]) == 1
    assert capsys.readouterr() == ("", "what to do\n")


def test_a_bug_is_not_hidden_behind_an_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> None:
        raise ModuleNotFoundError("No module named 'ccboard.nonsense'", name="ccboard.nonsense")

    monkeypatch.setattr(cli, "command", broken)
    with pytest.raises(ModuleNotFoundError):
        cli.main(["now"])


@pytest.mark.parametrize("words", [
    ["check", "service-level", "-w", "80:", "--hub", "HUB"],
    ["check", "freshness", "--queue", "support", "--hub", "HUB"],
    ["now", "--hub", "HUB"],
    ["now", "--json", "--hub", "HUB"],
    ["now", "--csv", "--hub", "HUB"],
    ["--help"],
    ["--version"],
    ["paths"],
])
def test_one_shot_commands_import_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    program = (
        "import json, sys; from ccboard.cli import main; code = main(sys.argv[1:]); "
        "print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)"
    )
    with scripted_hub(tmp_path, giving(floor())) as (path, _):
        ended = subprocess.run(
            [sys.executable, "-I", "-c", program, *(str(path) if word == "HUB" else word for word in words)],
            capture_output=True, text=True, timeout=60, check=True)
    code, modules = json.loads(ended.stderr)
    assert code in {0, 1, 2}
    assert ended.stdout != ""
    assert [name for name in HEAVY if name in modules] == []
    if words[0] == "check":  # 35 of them are the bare interpreter's
        assert [name for name in ("argparse", "pathlib", "urllib", "tomllib") if name in modules] == []
        assert len(modules) <= 82, modules


def test_a_folder_in_the_way_is_not_imported(tmp_path: Path) -> None:
    for name in ("sources", "widgets", "textual", "argparse"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('hijacked: ' + __name__)\n")
    with scripted_hub(tmp_path, giving(floor())) as (path, _):
        ended = subprocess.run([sys.executable, "-m", "ccboard", "now", "--hub", str(path)], cwd=tmp_path,
                               capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    program = ("import runpy, sys; sys.argv[1:] = ['--version']\n"
               "try: runpy.run_module('ccboard', run_name='__main__')\n"
               "except SystemExit: pass\n"
               "import sources, widgets; print(sources.__file__, widgets.__file__)")
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True,
                           timeout=60, check=False)
    assert "hijacked" not in ended.stderr
    assert str(tmp_path) not in ended.stdout
    assert ended.stdout.startswith(f"ccboard {VERSION}\n")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has nothing installed."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, symlinks=True)
    return folder / "bin" / "python"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone that nobody installed."""
    for package in ("ccboard", "widgets", "sources"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def bare(python: Path, clone: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the clone by a Python that has none of its dependencies."""
    places = {"CCBOARD_STATE_DIR": str(clone / "state"), "CCBOARD_SERVICE_SOCKET": str(clone / "none")}
    return subprocess.run([python, "-m", "ccboard", *words], cwd=clone, timeout=60, text=True,
                          env={"PATH": "/usr/bin:/bin", **places}, capture_output=True, check=False)


@pytest.mark.parametrize("words", [
    (), ("demo",), ("serve",), ("now", "--store", "x.duckdb"), ("import", "asterisk-queue-log", "x"),
])
def test_an_uninstalled_clone_says_how_to_install(python: Path, clone: Path, words: tuple[str, ...]) -> None:
    (clone / "x.duckdb").write_bytes(b"")
    ended = bare(python, clone, *words)
    assert ended.returncode in {1, 2}
    assert "pip install -e" in ended.stderr
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr


def test_an_uninstalled_clone_still_helps(python: Path, clone: Path) -> None:
    assert bare(python, clone, "--help").returncode == 0
    ended = bare(python, clone, "check", "waiting", "--store", "x.duckdb")
    assert (ended.returncode, ended.stdout.startswith("CCBOARD UNKNOWN - ")) == (3, True)


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    with scripted_hub(tmp_path, giving(floor())) as (path, _):
        reading, writing = os.pipe()
        os.close(reading)
        ended = subprocess.run([sys.executable, "-m", "ccboard", "now", "--hub", str(path)], stdout=writing,
                               stderr=subprocess.PIPE, timeout=60, check=False)
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize(("closed", "verb"), [
    (">&-", "now"), (">&-", "now --json"), (">&-", "now --csv"), (">&-", "check waiting"), (">&- <&-", "now"),
])
def test_a_closed_stdout_is_no_traceback(tmp_path: Path, closed: str, verb: str) -> None:
    with scripted_hub(tmp_path, giving(floor())) as (path, _):
        ended = subprocess.run(f"{sys.executable} -m ccboard {verb} --hub {path} {closed}", shell=True,
                               capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_what_goes_to_a_closed_stderr_does_not_go_to_stdout(tmp_path: Path) -> None:
    ended = subprocess.run(f"{sys.executable} -m ccboard now --hub {tmp_path}/none 2>&-", shell=True,
                           capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (2, b"")


@pytest.mark.parametrize("words", [
    ["now", "--hub", "NAME"], ["now", "--store", "NAME"], ["tail", "--calls", "NAME"],
    ["import", "--map", "NAME", "x"],
    ["import", "asterisk-queue-log", "NAME"], ["init", "--from", "NAME"], ["backtest", "surge", "NAME"],
])
def test_no_error_has_control_characters(tmp_path: Path, capsys: Capsys, words: list[str]) -> None:
    path = tmp_path / "a\x1b]0;owned\x07.csv"
    path.write_bytes(b"agent,offered\n\x1b[31m\x01\xff,\x02\n")
    assert cli.main([str(path) if word == "NAME" else word for word in words]) in {0, 1, 2}
    said = capsys.readouterr().err
    assert said
    assert all(line.isprintable() for line in said.splitlines())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_said(tmp_path: Path, unbuffered: str) -> None:
    with scripted_hub(tmp_path, giving(floor())) as (path, _), open("/dev/full", "w") as full:
        ended = subprocess.run([sys.executable, "-m", "ccboard", "now", "--hub", str(path)], stdout=full,
                               env={**os.environ, "PYTHONUNBUFFERED": unbuffered}, stderr=subprocess.PIPE,
                               timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr == b"ccboard: No space left on device: standard output\n"


def test_a_files_name_cannot_steer_the_terminal(tmp_path: Path, capsys: Capsys) -> None:
    evil = tmp_path / "queue_log\x1b]0;owned\x07\u202e"
    evil.write_text("nonsense\n")
    store = str(tmp_path / "x.duckdb")
    assert cli.main(["import", "asterisk-queue-log", str(evil), "--store", store]) == 1
    assert cli.main(["now", "--store", str(evil) + ".duckdb"]) == 1
    said = capsys.readouterr().err
    assert said.count("queue_log]0;owned") == 2
    assert not {"\x1b", "\x07", "\u202e"}.intersection(said)


def test_every_verb_has_its_module_and_help() -> None:
    parser = cli.build_parser()
    assert parser.parse_args(["now", "--json"]).form == "json"


def test_paths(tmp_path: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCBOARD_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("CCBOARD_CONFIG", str(tmp_path / "a.toml"))
    (tmp_path / "a.toml").write_text('[store]\npath = "b/c.duckdb"\n')
    assert cli.main(["paths", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["config"] == {"path": str(tmp_path / "a.toml"), "exists": True}
    assert found["store"] == {"path": str(tmp_path / "b/c.duckdb"), "exists": False}
    assert found["socket"]["path"] == str(tmp_path / "b/c.duckdb.hub.sock")
    assert set(found) == {"config", "store", "lock", "log", "socket", "service_socket", "caller_key"}
    assert cli.main(["paths", "--store", str(tmp_path / "x.duckdb")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[:2]] == [["config", "exists"], ["store", "missing"]]
    assert cli.main(["paths", "--demo", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["store"]["path"] == str(tmp_path / "state/demo/demo.duckdb")
    assert cli.main(["paths", "--demo", "--store", str(tmp_path / "x.duckdb")]) == 2
    assert not (tmp_path / "state").exists(), "asking creates nothing"


def test_a_clone_with_its_dependencies_but_without_metadata_says_how_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from ccboard import plugins

    monkeypatch.setattr(plugins, "available", dict)
    with pytest.raises(CcboardError, match="pip install -e"):
        plugins.load("asterisk")


@pytest.mark.parametrize("words", [
    ["now"], ["figures"], ["explain", "offered"], ["import", "asterisk-queue-log", "x"],
])
def test_a_zone_that_there_is_not_is_named_before_anything_is_asked(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*words, "--timezone", "Mars/Phobos"]) == 2
    said = capsys.readouterr().err
    assert "--timezone: Mars/Phobos: no such time zone" in said
    assert "hub" not in said


@pytest.mark.parametrize("option", ["--as-of", "--store", "--timezone", "--hub", "--config"])
@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_option_is_not_taken_for_none(option: str, empty: str, capsys: pytest.CaptureFixture[str]
                                               ) -> None:
    assert cli.main(["now", option, empty]) == 2
    assert f"argument {option}: is empty" in capsys.readouterr().err
    assert cli.main(["check", "waiting", option, empty]) == 3
    assert f"argument {option}: is empty" in capsys.readouterr().out


def test_help_fits_eighty_columns(monkeypatch: pytest.MonkeyPatch, capsys: Capsys) -> None:
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((80, 24)))
    assert cli.main(["--help"]) == 0
    for verb in cli.VERBS:
        assert cli.main([verb, "--help"]) == 0
    said = capsys.readouterr().out
    examples = [line for line in said.splitlines() if line.startswith("  ccboard ")]
    assert [line for line in said.splitlines() if len(line) > 80 and line not in examples] == []
    assert "``" not in said
    assert "  ccboard figures --kpi aht_s --by agent,type --where queue=support,sales --csv" in examples
