"""The wheel by itself: built, looked into, installed in a fresh environment and run far from the clone.

Nothing is downloaded: the environment borrows the libraries of the one that runs the tests, by their
folder. What that folder says of a ccboard in development (a .pth file) does not count there.
"""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("ccboard", "widgets", "sources")


Done = subprocess.CompletedProcess[str]


def run(*words: str | Path, cwd: Path, env: dict[str, str] | None = None) -> Done:
    return subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=120, check=False,
                          cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL)


def pip(*words: str | Path, cwd: Path) -> Done:
    return run(sys.executable, "-m", "pip", *words, "--quiet", "--no-deps", "--no-index", cwd=cwd)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    done = pip("wheel", "--no-build-isolation", "--wheel-dir", out, ROOT, cwd=out)
    assert done.returncode == 0, done.stderr
    [path] = out.glob("ccboard-*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the ccboard command of an environment that has the wheel and the libraries, not the clone."""
    home = tmp_path_factory.mktemp("venv")
    assert run(sys.executable, "-m", "venv", "--without-pip", home, cwd=home).returncode == 0
    done = pip("--python", home / "bin/python", "install", wheel, cwd=home)
    assert done.returncode == 0, done.stderr
    [site] = home.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    return home / "bin/ccboard"


@pytest.fixture
def far(tmp_path: Path) -> Path:
    """A working directory with folders in it that would be imported by a careless start."""
    for name in ("sources", "widgets"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong package was imported')")
    return tmp_path


@pytest.fixture
def state(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("s")
    return {"CCBOARD_STATE_DIR": str(folder), "XDG_CONFIG_HOME": str(folder), "CCBOARD_CONFIG": "",
            "CCBOARD_HUB": "", "CCBOARD_SERVICE_SOCKET": str(folder / "none.sock"), "PYTHONPATH": ""}


def test_it_holds_every_file_of_the_packages_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as opened:
        inside = {name for name in opened.namelist() if ".dist-info/" not in name}
        entry_points = next(n for n in opened.namelist() if n.endswith("entry_points.txt"))
        text = opened.read(entry_points).decode()
    ours = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert inside == ours
    assert "ccboard = ccboard.cli:main" in text
    for name in ("asterisk", "recording", "simulator"):
        assert f"{name} = sources.{name}.source:" in text


def test_it_runs_far_from_the_clone(installed, far, state):
    done = run(installed, "--version", cwd=far, env=state)
    assert (done.stdout, done.returncode) == ("ccboard 0.1.0\n", 0)
    done = run(installed, "paths", cwd=far, env=state)
    assert done.returncode == 0, done.stderr
    assert state["CCBOARD_STATE_DIR"] in done.stdout


def test_it_has_the_unit_of_the_service(installed, far, state):
    done = run(installed, "serve", "--print-unit", cwd=far, env=state)
    assert done.returncode == 0, done.stderr
    assert f"\nExecStart={installed.parent}/python" in done.stdout


def test_python_m_is_not_hijacked_by_the_working_directory(installed, far, state):
    done = run(installed.with_name("python"), "-m", "ccboard", "doctor", "--json", cwd=far, env=state)
    assert "wrong package" not in done.stdout + done.stderr
    assert '"packages"' in done.stdout
    assert str(ROOT / "ccboard") not in done.stdout


def test_without_a_hub_it_says_what_to_do(installed, far, state):
    done = run(installed, "now", cwd=far, env=state)
    assert done.returncode == 2
    assert "ccboard serve" in done.stderr


def test_the_demo_prints_a_floor_where_there_is_no_terminal(installed, far, state):
    """Everything together: hub, store, simulator, figures, out of the wheel alone."""
    try:
        done = run(installed, "demo", cwd=far, env=state)
        assert done.returncode == 0, done.stderr
        assert "waiting" in done.stdout
        status = run(installed, "status", "--demo", cwd=far, env=state)
        assert "0.1.0" in status.stdout, status.stderr
    finally:
        stopped = run(installed, "stop", "--demo", cwd=far, env=state)
    assert stopped.returncode == 0, stopped.stderr
