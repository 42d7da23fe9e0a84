"""The unit file: systemd understands it, and it starts what there is."""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ccboard.commands import serve
from ccboard.paths import SERVICE_SOCKET

UNIT = Path(__file__).parent.parent / "packaging/ccboard.service"


def test_its_command_line_is_understood() -> None:
    words = re.search(r"^ExecStart=\S+ -P -m ccboard serve (.*)$", UNIT.read_text(), re.MULTILINE)
    assert words is not None
    parser = argparse.ArgumentParser()
    serve.configure(parser)
    assert parser.parse_args(words[1].split()).service
    assert str(SERVICE_SOCKET) == "/run/ccboard/hub.sock"
    assert "RuntimeDirectory=ccboard\nRuntimeDirectoryMode=0750\n" in UNIT.read_text()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this host")
def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    unit = tmp_path / "ccboard-test.service"
    unit.write_text(UNIT.read_text().replace("/opt/ccboard/bin/python", sys.executable))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert unit.name not in done.stderr
