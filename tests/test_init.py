"""`ccboard init`: what is written, where, with which rights; and that it loads."""

import os
import re
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccboard import cli, config, starter
from sources.asterisk.config import AsteriskConfig

SECRET = 'lone "secret" #1'


@pytest.fixture
def etc(tmp_path):
    folder = tmp_path / "etc"
    folder.mkdir()
    (tmp_path / "queue_log").write_text("")
    (folder / "asterisk.conf").write_text(
        f"[directories]\nastlogdir => {tmp_path}\n[options]\nsystemname=West\n")
    (folder / "manager.conf").write_text(f"[general]\nenabled=yes\n[lone]\nsecret={SECRET}\nread=agent\n")
    (folder / "queues.conf").write_text(
        '[Queue "5"]\nservicelevel=30\nwrapuptime=7\nmember => PJSIP/1,0,王芳\n', encoding="utf-8")
    return folder


def init(*words: str | Path) -> int:
    return cli.main(["init", *map(str, words)])


def test_the_written_file_loads_and_holds_what_was_found(tmp_path, etc, capsys):
    target = tmp_path / "new" / "ccboard.toml"
    assert init("--asterisk-etc", etc, "--output", target) == 0
    made = config.load(target)
    assert made.name == "West"
    assert made.queue('Queue "5"').wrap_up_s == 7
    assert made.queue('Queue "5"').threshold_s is None  # only proposed
    assert made.agents["王芳"].interface == "PJSIP/1"
    keys = dict(made.sources["asterisk"])
    assert keys.pop("type") == "asterisk"
    source = AsteriskConfig.model_validate(keys)
    assert source.queue_log == tmp_path / "queue_log"
    assert source.ami is not None
    assert source.ami.username == "lone"
    assert source.ami.reveal({}) == SECRET
    assert str(target) in capsys.readouterr().err


def test_the_secret_lies_in_a_file_of_its_own_that_only_the_owner_may_read(tmp_path, etc, capsys):
    target = tmp_path / "ccboard.toml"
    init("--asterisk-etc", etc, "--output", target)
    beside = tmp_path / "ccboard.asterisk-secret"
    assert beside.read_text() == SECRET + "\n"
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    out = capsys.readouterr()
    assert SECRET not in target.read_text() + out.out + out.err


def test_an_existing_file_is_not_touched_without_force(tmp_path, etc, capsys):
    target = tmp_path / "ccboard.toml"
    target.write_text("mine")
    assert init("--asterisk-etc", etc, "--output", target) == 2
    assert target.read_text() == "mine"
    assert not (tmp_path / "ccboard.asterisk-secret").exists()
    assert "--force" in capsys.readouterr().err
    assert init("--asterisk-etc", etc, "--output", target, "--force") == 0
    assert config.load(target).name == "West"
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "ccboard.asterisk-secret", "ccboard.toml", "etc", "queue_log"]


def test_an_existing_secret_file_is_not_touched_without_force(tmp_path, etc):
    (tmp_path / "ccboard.asterisk-secret").write_text("other")
    assert init("--asterisk-etc", etc, "--output", tmp_path / "ccboard.toml") == 2
    assert (tmp_path / "ccboard.asterisk-secret").read_text() == "other"
    assert not (tmp_path / "ccboard.toml").exists()


def test_a_link_is_not_followed(tmp_path, etc):
    (tmp_path / "ccboard.toml").symlink_to(tmp_path / "elsewhere")
    assert init("--asterisk-etc", etc, "--output", tmp_path / "ccboard.toml") == 2
    assert init("--asterisk-etc", etc, "--output", tmp_path / "ccboard.toml", "--force") == 0
    assert not (tmp_path / "elsewhere").exists()


def test_printing_writes_nothing_and_shows_no_secret(tmp_path, etc, capsys):
    before = sorted(tmp_path.rglob("*"))
    assert init("--asterisk-etc", etc, "--output", "-") == 0
    out = capsys.readouterr()
    assert sorted(tmp_path.rglob("*")) == before
    assert SECRET not in out.out + out.err
    assert tomllib.loads(out.out)["sources"]["asterisk"]["ami"]["secret_env"] == "CCBOARD_ASTERISK_SECRET"


def test_without_output_the_users_own_file_is_written(tmp_path, etc, capsys, monkeypatch):
    monkeypatch.delenv("CCBOARD_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert init("--asterisk-etc", etc) == 0
    assert config.load(tmp_path / "xdg/ccboard/config.toml").name == "West"
    assert capsys.readouterr().err.endswith("Check it with: ccboard doctor\n")
    other = tmp_path / "my floor.toml"
    assert init("--asterisk-etc", etc, "--output", other) == 0
    assert capsys.readouterr().err.endswith(f"Check it with: ccboard doctor --config '{other}'\n")


def test_a_folder_that_cannot_be_written_is_said(tmp_path, etc, capsys):
    (tmp_path / "file").write_text("")
    assert init("--asterisk-etc", etc, "--output", tmp_path / "file" / "x.toml") == 1
    assert "cannot be written" in capsys.readouterr().err


def test_every_proposal_may_be_uncommented_as_it_stands(tmp_path, etc, capsys):
    assert init("--asterisk-etc", etc, "--output", "-") == 0
    text = capsys.readouterr().out
    bold = re.sub(r'(?m)^# (?=(\w+|"lunch") = )', "", text)
    assert bold.count("\n# ") < text.count("\n# ") - 10
    made = config.parse(tomllib.loads(bold), "bold")
    assert made.queue('Queue "5"').threshold_s == 30
    assert made.limits.pause == {"lunch": (2700, 3600)}


def test_with_nothing_found_every_example_is_right_all_the_same(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sources.asterisk.discover.LOG_DIR", tmp_path)
    assert init("--asterisk-etc", tmp_path / "none", "--output", "-") == 0
    text = capsys.readouterr().out
    assert config.parse(tomllib.loads(text), "plain").sources == {}
    bold = re.sub(r'(?m)^# (?=(\w+|"lunch") = |\[)', "", text)
    made = config.parse(tomllib.loads(bold), "bold")
    keys = dict(made.sources["asterisk"])
    del keys["type"]
    assert AsteriskConfig.model_validate(keys).ami is not None


def test_with_nothing_found_it_says_what_is_to_do_and_not_to_run_itself(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sources.asterisk.discover.LOG_DIR", tmp_path)
    target = tmp_path / "c.toml"
    assert init("--asterisk-etc", tmp_path / "none", "--output", target) == 0
    said = capsys.readouterr().err
    assert "ccboard init" not in said + target.read_text()
    assert said.splitlines()[-1] == (
        f"It names no source yet: fill in the one at its end. Check it with: ccboard doctor --config {target}"
    )
    assert "# [sources.asterisk]" in target.read_text().split("\n\n")[-1]


@given(st.text())
def test_any_text_survives_as_a_toml_string(value):
    value = value.encode(errors="replace").decode()  # no lone surrogates: clean() lets none through
    assert tomllib.loads(f"x = {starter.text(value)}")["x"] == value


def test_the_umask_does_not_open_the_secret(tmp_path, etc):
    before = os.umask(0)
    try:
        init("--asterisk-etc", etc, "--output", tmp_path / "c.toml")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "c.asterisk-secret").stat().st_mode) == 0o600
