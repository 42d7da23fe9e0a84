"""The unit file: systemd understands it, and it starts what there is."""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ccboard.cli import main
from ccboard.commands import serve
from ccboard.paths import SERVICE_SOCKET

UNIT = Path(serve.__file__).parents[1] / "systemd/ccboard.service"


def test_its_command_line_is_understood() -> None:
    words = re.search(r"^ExecStart=\S+ -P -m ccboard serve (.*)$", UNIT.read_text(), re.MULTILINE)
    assert words is not None
    parser = argparse.ArgumentParser()
    serve.configure(parser)
    assert parser.parse_args(words[1].split()).service
    assert str(SERVICE_SOCKET) == "/run/ccboard/hub.sock"
    assert "RuntimeDirectory=ccboard\nRuntimeDirectoryMode=0750\n" in UNIT.read_text()


def test_it_is_printed_for_the_python_that_runs_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--print-unit"]) == 0
    said = capsys.readouterr().out
    assert f"\nExecStart={sys.executable} -P -m ccboard serve --service\n" in said
    assert said.replace(sys.executable, serve.UNIT_PYTHON) == UNIT.read_text()
    assert main(["serve", "--print-sysusers"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[:2] == ["u", "ccboard"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this host")
def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    unit = tmp_path / "ccboard-test.service"
    unit.write_text(UNIT.read_text().replace("/opt/ccboard/bin/python", sys.executable))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert unit.name not in done.stderr
