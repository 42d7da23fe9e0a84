"""The linters, the type checker and the import contracts, each as its bare command."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("command", ["ruff check .", "mypy", "lint-imports"])
def test_bare_command_passes(command):
    name, *words = command.split()
    program = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    assert program, f"{name} is not installed: pip install -e '.[dev]'"
    done = subprocess.run([program, *words], cwd=ROOT, capture_output=True, text=True, timeout=600,
                          check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
