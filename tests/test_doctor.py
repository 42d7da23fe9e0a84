"""`ccboard doctor`: each check by itself, and the command as a whole."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ccboard import checkup, cli, paths
from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.findings import Finding
from ccboard.hub import lock
from ccboard.source import Context, Source


@pytest.fixture(autouse=True)
def private(tmp_path, monkeypatch):
    """Nothing of the user who runs the tests is looked at."""
    for name in ("CCBOARD_CONFIG", "CCBOARD_HUB", "TZ"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CCBOARD_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("CCBOARD_SERVICE_SOCKET", str(tmp_path / "no.sock"))
    monkeypatch.setattr(paths, "SERVICE_CONFIG", tmp_path / "no.toml")
    monkeypatch.setattr("sources.asterisk.discover.LOG_DIR", tmp_path / "log")


def only(found: list[Finding]) -> Finding:
    [finding] = found
    return finding


def test_versions_are_told():
    finding = only(checkup.check_versions())
    assert finding.level == "ok"
    for name in ("ccboard 0.1.0", "Python 3.", "textual 8.", "duckdb 2.0", "pydantic 2.", "httpx 0."):
        assert name in finding.text


def test_a_missing_library_is_a_failure(monkeypatch):
    monkeypatch.setattr(checkup, "LIBRARIES", ("pydantic", "no-such-library"))
    assert only(checkup.check_versions())[:3] == ("fail", "versions", "not installed: no-such-library")


def test_packages_come_from_one_place():
    assert only(checkup.check_packages()).level == "ok"


def test_a_folder_in_the_way_is_found(tmp_path):
    """A folder called sources/ that comes first is what would be imported: doctor says whose."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "__init__.py").write_text("")
    done = subprocess.run(
        [sys.executable, "-c", "from ccboard import checkup; print(*checkup.check_packages(), sep='\\n')"],
        capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False)
    assert f"sources would be loaded from {tmp_path}/sources" in done.stdout
    safe = subprocess.run(
        [sys.executable, "-P", "-m", "ccboard", "doctor", "--json"],
        capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False)
    packages = [row for row in json.loads(safe.stdout) if row["subject"] == "packages"]
    assert [row["level"] for row in packages] == ["ok"]


def test_no_configuration_is_well(tmp_path):
    config, found = checkup.check_config(None)
    assert config == Config()
    assert only(found).level == "ok"


def test_each_mistake_of_a_configuration_is_a_line(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text('nam = "x"\n[limits]\nwaiting = "many"\n')
    config, found = checkup.check_config(str(path))
    assert config is None
    assert [f.level for f in found] == ["fail", "fail"]
    assert "limits.waiting" in found[0].text
    assert "did you mean name?" in found[1].text


def test_a_readable_file_with_a_secret_is_said(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text('[sources.pbx]\ntype = "asterisk"\nami = {username = "u", secret = "hush-hush"}\n')
    path.chmod(0o644)
    _, found = checkup.check_config(str(path))
    assert [f.level for f in found] == ["ok", "warn"]
    assert "hush-hush" not in repr(found)
    path.chmod(0o600)
    assert [f.level for f in checkup.check_config(str(path))[1]] == ["ok"]


def test_a_token_without_a_secret_is_said(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text('[hub.tokens.wall]\nrole = "wall"\n')
    assert [f.level for f in checkup.check_config(str(path))[1]] == ["ok", "fail"]


def test_the_clock():
    assert only(checkup.check_clock(1_795_283_239 * SECOND))[::2] == ("ok", "2026-11-21 17:47:19 UTC")
    assert only(checkup.check_clock(0)).level == "fail"


def test_the_zone(monkeypatch):
    assert only(checkup.check_zone(Config(timezone="Asia/Tokyo"))).text == "Asia/Tokyo (configuration)"
    monkeypatch.setenv("TZ", ":America/Argentina/Salta")
    assert only(checkup.check_zone(Config())).text.startswith("America/Argentina/Salta (this host's")
    monkeypatch.setattr(checkup, "available_timezones", set)
    assert "tzdata" in only(checkup.check_zone(Config())).mend


def test_a_store_that_can_be_made(tmp_path):
    finding = only(checkup.check_store(paths.store_paths()))
    assert finding.level in {"ok", "warn"}  # warn: this disk is nearly full
    assert "not there yet" in finding.text
    assert not (tmp_path / "state").exists()  # looking makes nothing


def test_stores_that_cannot_be(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    assert "is no folder" in only(checkup.check_store(paths.StorePaths(tmp_path / "file/x.duckdb"))).text
    monkeypatch.setattr(checkup, "file_system", lambda folder: "nfs4")
    assert "lies on nfs4" in only(checkup.check_store(paths.StorePaths(tmp_path / "x.duckdb"))).text
    monkeypatch.setattr(checkup.os, "access", lambda path, mode: False)
    finding = only(checkup.check_store(paths.StorePaths(tmp_path / "x.duckdb")))
    assert "cannot be written" in finding.text
    assert "CCBOARD_STATE_DIR" in finding.mend


@pytest.mark.parametrize(("free", "level"), [(10 << 20, "fail"), (500 << 20, "warn"), (5 << 30, "ok")])
def test_room(tmp_path, monkeypatch, free, level):
    usage = type("Usage", (), {"free": free})
    monkeypatch.setattr(checkup.shutil, "disk_usage", lambda folder: usage)
    assert only(checkup.check_store(paths.StorePaths(tmp_path / "x.duckdb"))).level == level


def test_a_damaged_store_beside_it_is_said(tmp_path):
    (tmp_path / "x.duckdb").write_text("")
    (tmp_path / "x.duckdb").chmod(0o600)
    (tmp_path / "x.duckdb.damaged-20261121").write_text("")
    found = checkup.check_store(paths.StorePaths(tmp_path / "x.duckdb"))
    assert found[-1].level == "warn"
    assert "x.duckdb.damaged-20261121" in found[-1].text


def test_no_hub_is_well():
    where = paths.store_paths()
    assert only(checkup.check_hub(None, None, None, where)).level == "ok"


def test_a_hub_that_holds_the_lock_and_says_nothing_is_a_failure():
    where = paths.store_paths()
    held = lock.HubLock.acquire(where.lock)
    assert held is not None
    try:
        finding = only(checkup.check_hub(None, None, None, where))
    finally:
        held.release()
    assert finding.level == "fail"
    assert str(os.getpid()) in finding.text


def test_a_named_hub_that_is_not_there_is_a_failure(tmp_path):
    finding = only(checkup.check_hub(str(tmp_path / "none.sock"), None, None, paths.store_paths()))
    assert finding.level == "fail"
    assert str(tmp_path / "none.sock") in finding.text


class Ailing(Source):
    """A source whose checkup finds, and one that stumbles."""

    Config = Config

    @classmethod
    def checkup(cls, config: Config, context: Context) -> tuple[Finding, ...]:
        if config.name == "stumbles":
            raise RuntimeError("oops")
        return (Finding("warn", "line", "hums", "listen"),)

    def open(self, cursor: str | None) -> None:
        raise NotImplementedError

    def poll(self, wait_s: float):
        raise NotImplementedError


def test_sources_speak_for_themselves_and_one_that_stumbles_stops_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(checkup.plugins, "load", lambda kind: Ailing)
    config = Config(sources={"a": {"type": "x", "name": "stumbles"}, "b": {"type": "x"}})
    stumbled, hums = checkup.check_sources(config, tmp_path / "c.toml", None)
    assert stumbled.level == "fail"
    assert "RuntimeError: oops" in stumbled.text
    assert hums == Finding("warn", "b: line", "hums", "listen")


def test_a_file_without_sources_is_a_failure(tmp_path):
    finding = only(checkup.check_sources(Config(), tmp_path / "c.toml", None))
    assert finding.level == "fail"
    assert "init" in finding.mend


def test_a_source_of_no_known_type_is_a_failure(tmp_path, capsys):
    path = tmp_path / "c.toml"
    path.write_text('[sources.pbx]\ntype = "asterix"\n')
    assert cli.main(["doctor", "--config", str(path)]) == 1
    out = capsys.readouterr().out
    assert "did you mean asterisk?" in out


def test_the_command_prints_level_subject_text_and_mend(tmp_path, capsys):
    assert cli.main(["doctor", "--asterisk-etc", str(tmp_path / "none")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ok    versions")
    assert any(line.startswith("fail  discovery") for line in lines)
    assert any("ccboard demo" in line for line in lines)


def test_the_command_as_json(tmp_path, capsys):
    assert cli.main(["doctor", "--json", "--asterisk-etc", str(tmp_path / "none")]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert all(set(row) == {"level", "subject", "text", "mend"} for row in rows)
    assert {row["level"] for row in rows} <= {"ok", "warn", "fail"}


def test_with_a_log_alone_it_is_well(tmp_path, capsys):
    log = tmp_path / "queue_log"
    log.write_text("1795283199|NONE|NONE|NONE|QUEUESTART|\n")
    path = tmp_path / "c.toml"
    path.write_text(f'timezone = "UTC"\n[sources.pbx]\ntype = "asterisk"\nqueue_log = "{log}"\n')
    assert cli.main(["doctor", "--config", str(path)]) == 0
    out = capsys.readouterr().out
    assert "pbx: queue_log" in out
    assert str(Path(log)) in out


def test_nothing_is_made_by_looking(tmp_path):
    before = sorted(tmp_path.rglob("*"))
    cli.main(["doctor", "--asterisk-etc", str(tmp_path / "none")])
    assert sorted(tmp_path.rglob("*")) == before


def test_a_configuration_without_a_source_is_a_failure(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text('timezone = "Etc/UTC"\n')
    finding = only(checkup.check_sources(Config(timezone="Etc/UTC"), path, None))
    assert finding.level == "fail"
    assert f"no source is configured in {path}" in finding.text
    assert "[sources.NAME]" in finding.mend
    assert "`ccboard init`" in finding.mend
