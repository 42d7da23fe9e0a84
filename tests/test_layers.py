"""Who imports whom: the contracts of pyproject.toml, held complete. They run in test_quality.py."""

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
HEAVY = ("textual", "rich", "duckdb", "pydantic", "httpx", "asyncio", "importlib.metadata")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("ccboard", "widgets", "sources", exclude_type_checking_imports=True)


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        (
            "widgets",
            ("snapshot states kpi kpis.glossary kpis.where i18n"
             " panel_extras panel_quality panel_surge panel_tail"),
        ),
        ("sources", "records source findings clock clean errors paths moments config i18n version kpi"),
        ("ccboard.snapshot", "panel_extras panel_quality panel_surge panel_tail states"),
        ("ccboard.panel_extras", ""),
        ("ccboard.panel_quality", ""),
        ("ccboard.panel_tail", ""),
        ("ccboard.panel_surge", ""),
        ("ccboard.records", ""),
        ("ccboard.clock", ""),
        ("ccboard.clean", ""),
        ("ccboard.errors", ""),
        ("ccboard.client", "errors paths places"),
        ("ccboard.config", "contract errors kpi limits tiers"),
    ],
)
def test_of_ccboard_they_import_these_and_no_others(graph, package, allowed):
    """The contracts of pyproject.toml forbid what is there now; this holds for what comes, too."""
    own = {name for name in graph.modules if name == package or name.startswith(package + ".")}
    assert own
    used = {found for name in own for found in graph.find_modules_directly_imported_by(name)} - own
    assert used <= {f"ccboard.{name}" for name in allowed.split()}


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["help"]])
def test_help_and_version_import_nothing_heavy(words):
    code = ("import sys; from ccboard.cli import main; status = main(sys.argv[1:]);"
            f" print([n for n in {HEAVY!r} if n in sys.modules], status, file=sys.stderr)")
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.stderr.strip() == "[] 0"
    assert done.stdout.startswith(("usage:", "ccboard "))


def test_packages_are_empty_at_their_root():
    """Code in an __init__ lets packages import one another in a circle."""
    for path in [*ROOT.glob("*/__init__.py"), *ROOT.glob("ccboard/*/__init__.py"),
                 *ROOT.glob("sources/*/__init__.py")]:
        if "tests" not in path.parts:
            assert path.read_text(encoding="utf-8").strip() == "", path


@pytest.mark.parametrize("package", ["ccboard", "widgets", "sources"])
def test_packages_say_that_they_are_typed(package):
    assert (ROOT / package / "py.typed").exists()
