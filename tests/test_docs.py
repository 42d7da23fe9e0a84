"""The documentation, held against the program: nothing undocumented, nothing documented that is not there."""

import argparse
import json
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_origin
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from ccboard import cli, config, kpi, plugins, snapshot, tiers
from ccboard.clock import SECOND
from ccboard.commands import check, import_
from ccboard.errors import CheckCode, ExitCode
from ccboard.hub.api import Api
from ccboard.metrics.floor import snapshot as floor_at
from ccboard.records import Batch, Contact
from ccboard.render import COLUMNS
from ccboard.snapshot import AgentFigures, QueueFigures, Snapshot, SourceFigures
from ccboard.source import Context, Data, Failed, Nothing
from ccboard.store.store import Store
from sources.asterisk.config import AsteriskConfig

ROOT = Path(__file__).parents[1]
PAGES = {path.name: path.read_text(encoding="utf-8")
         for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]}


def section(page: str, heading: str) -> str:
    """Return the text of a page below a heading, up to the next of its level or above."""
    lines = PAGES[page].split("\n")
    begin = lines.index(heading)
    level = len(heading) - len(heading.lstrip("#"))
    for end in range(begin + 1, len(lines)):
        found = re.match(r"(#+) ", lines[end])
        if found and len(found[1]) <= level:
            return "\n".join(lines[begin:end])
    return "\n".join(lines[begin:])


def rows(text: str) -> dict[str, list[str]]:
    """Return the rows of a section's tables: names in backticks of the first cell -> the other cells."""
    found = {}
    for line in text.split("\n"):
        if line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            for name in re.findall(r"`([^`]+)`", cells[0]):
                found[name] = cells[1:]
    return found


# ---------------------------------------------------------------- configuration keys

def is_table(annotation: Any) -> bool:
    return inner(annotation) is not None or get_origin(annotation) is dict


def inner(annotation: Any) -> type[BaseModel] | None:
    """Return the model that an annotation holds (Model, Model | None, dict[str, Model]), if any."""
    parts = [annotation, *get_args(annotation)]
    return next((p for p in parts if isinstance(p, type) and issubclass(p, BaseModel)), None)


def toml(value: object) -> str:
    """Return a default as the documentation writes it."""
    if value is None:
        return "–"
    if isinstance(value, tuple):
        value = list(value)
    return f"`{json.dumps(value)}`"


SECTIONS = [
    ("configuration.md", "## Top level", config.Config),
    ("configuration.md", "## `[service_level]`", config.ServiceLevel),
    ("configuration.md", "## `[limits]`", config.Limits),
    ("configuration.md", "## `[pages.overview]`, `[pages.queues]`, `[pages.agents]`", config.QueuePage),
    ("configuration.md", "## `[pages.overview]`, `[pages.queues]`, `[pages.agents]`", config.AgentPage),
    ("configuration.md", "## `[queues.NAME]`", config.Queue),
    ("configuration.md", "## `[queues.NAME.service_level]`", config.OwnServiceLevel),
    ("configuration.md", "## `[projects.NAME]`", config.Project),
    ("configuration.md", "## `[agents.NAME]`", config.Agent),
    ("configuration.md", "## `[hub]`", config.Hub),
    ("configuration.md", "## `[hub.tokens.NAME]`", config.Token),
    ("configuration.md", "## `[store]`", config.Store),
    ("configuration.md", "## `[retention]`", config.Retention),
    ("configuration.md", "## `[clock]`", config.Clock),
    ("configuration.md", "## `[surge]`", tiers.Surge),
    ("configuration.md", "## `[tiers]`", tiers.Tier),
    ("configuration.md", "## `[notify.NAME]`", tiers.Channel),
    ("sources.md", "### `[sources.NAME]` of type asterisk", "asterisk"),
    ("sources.md", "### `[sources.NAME.ami]`", inner(AsteriskConfig.model_fields["ami"].annotation)),
    ("sources.md", "### `[sources.NAME.http]`", inner(AsteriskConfig.model_fields["http"].annotation)),
    ("sources.md", "### `[sources.NAME]` of type simulator", "simulator"),
    ("sources.md", "### `[sources.NAME]` of type recording", "recording"),
]


@pytest.mark.parametrize(("page", "heading", "model"), SECTIONS, ids=[heading for _, heading, _ in SECTIONS])
def test_every_key_with_its_default_and_no_other(page, heading, model):
    if isinstance(model, str):
        model = plugins.load(model).Config
    documented = rows(section(page, heading))
    own = {name: field for name, field in model.model_fields.items()
           if not is_table(field.annotation) or name in documented}
    assert set(documented) == set(own)
    for name, field in own.items():
        default = "required" if field.is_required() else toml(field.get_default(call_default_factory=True))
        assert documented[name][0] == default, name


def test_every_table_of_the_configuration_has_a_section():
    headings = re.findall(r"^## `\[([a-z_]+)", PAGES["configuration.md"], re.MULTILINE)
    tables = {name for name, field in config.Config.model_fields.items() if is_table(field.annotation)}
    assert set(headings) == tables
    assert "`[limits.pause]`" in PAGES["configuration.md"]
    assert "`[queues.NAME.limits]`" in PAGES["configuration.md"]


def test_every_type_of_source_has_a_section():
    assert set(re.findall(r"^## (\w+)$", PAGES["sources.md"], re.MULTILINE)) == set(plugins.available())


# ---------------------------------------------------------------- commands

def parsers() -> dict[str, argparse.ArgumentParser]:
    [verbs] = [a for a in cli.build_parser()._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(verbs.choices)


@pytest.mark.parametrize("verb", sorted(cli.VERBS))
def test_every_option_of_a_command_and_no_other(verb):
    heading = "## ccboard" if verb == cli.DEFAULT else f"## ccboard {verb}"
    text = section("commands.md", heading)
    documented = {word for name in rows(text) for word in name.split()[:1] if word.startswith("-")}
    options = {option for action in parsers()[verb]._actions if action.help != argparse.SUPPRESS
               for option in action.option_strings} - {"-h", "--help"}
    assert documented == options


def test_every_choice_of_a_command():
    text = section("commands.md", "## ccboard check")
    assert set(check.FIGURES) <= set(rows(text))
    for name in import_.FORMATS:
        assert f"`{name}`" in section("commands.md", "## ccboard import")


def test_every_exit_status():
    general, nagios = section("commands.md", "## Exit status").split("`ccboard check` has its own")
    said = {int(n) for n in re.findall(r"^\| (\d+) \|", general, re.MULTILINE)}
    assert said == {int(code) for code in ExitCode}
    said = {int(n): word for n, word in re.findall(r"^\| (\d) \| (\w+):", nagios, re.MULTILINE)}
    assert said == {int(code): code.name for code in CheckCode}


def test_every_key_of_now_json_and_no_other():
    queue = QueueFigures("q", "q", None, *([0] * 11), *([None] * 12))
    public = snapshot.to_public(Snapshot(
        as_of=0, live=True, name="n", zone="UTC", day_start=0, interval_s=900,
        sources=(SourceFigures("s", "t", "ok", 0.0, None, None, 5.0),), queues=(queue,), totals=queue,
        agents=(AgentFigures("a", "a", None, None, None, None, None, (), 0, 0.0, 0, 0, 0),),
    ))
    text = section("commands.md", "## The object of ccboard now --json")
    top, sources, queues, agents = re.split(r"\nEach of `(?:sources|queues|agents)`", text)
    assert set(rows(top)) == set(public)
    assert set(rows(sources)) == set(public["sources"][0])
    assert set(rows(queues)) == set(public["queues"][0])
    assert set(rows(agents)) == set(public["agents"][0])
    states = next(line for line in queues.split("\n") if line.startswith("| `agents`"))
    assert set(re.findall(r"`(\w+)`", states)) == {"agents", *public["queues"][0]["agents"]}
    figures = rows(section("figures.md", "## Queues")) | rows(section("figures.md", "## Agents"))
    named = set(public["queues"][0]) | set(public["agents"][0]) | set(snapshot.STATES)
    assert set(figures) <= named
    not_figures = {"queue", "label", "project", "threshold_s", "target", "levels", "age_s", "stale", "agent"}
    assert named - not_figures <= set(figures)


def test_every_figure_of_the_catalogue():
    documented = {"queue": rows(section("figures.md", "## Queues")),
                  "agent": rows(section("figures.md", "## Agents"))}
    assert kpi.QUEUE_FIGURES
    for figure in (*kpi.QUEUE_FIGURES, *kpi.AGENT_FIGURES):
        assert figure.id in documented[figure.scope], figure.id


def test_every_column_of_now_csv():
    text = section("commands.md", "## ccboard now")
    for name in set(COLUMNS) - set(rows(section("commands.md", "## The object of ccboard now --json"))):
        assert f"`{name}`" in text, name


# ---------------------------------------------------------------- HTTP

def test_every_address_of_the_hub_and_no_other():
    routes = {f"{method} {path}" for method, path in Api(None)._routes}  # type: ignore[arg-type]
    assert set(rows(PAGES["http.md"].split("An error is")[0])) == routes


def test_every_environment_variable_is_documented():
    used = set()
    for package in ("ccboard", "sources", "widgets"):
        for path in (ROOT / package).rglob("*.py"):
            used |= set(re.findall(r"\"(CCBOARD_[A-Z_]+)\"", path.read_text(encoding="utf-8")))
    used.remove("CCBOARD_REFUSED")  # an event of queue_log, in docs/sources.md
    documented = set(rows(section("configuration.md", "## Environment variables")))
    assert used
    assert used <= documented
    assert {name for name in documented if name.startswith("CCBOARD_")} == used


# ---------------------------------------------------------------- examples

EXAMPLES = [(name, number, text)
            for name, page in PAGES.items() if name != "import.md"  # maps: tests/test_docs_maps.py
            for number, text in enumerate(re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL))]


@pytest.mark.parametrize(("page", "number", "text"), EXAMPLES, ids=[f"{p}-{n}" for p, n, _ in EXAMPLES])
def test_every_example_of_a_configuration_loads(page, number, text):
    made = config.parse(tomllib.loads(text), f"{page}, example {number}")
    good, broken = plugins.prepare_all(made.sources, page)
    assert set(good) == set(made.sources)
    assert not broken


def test_there_are_examples_for_every_source():
    tables = [table for _, _, text in EXAMPLES for table in tomllib.loads(text).get("sources", {}).values()]
    assert {table["type"] for table in tables} == set(plugins.available())


def test_links_lead_somewhere():
    for name, page in PAGES.items():
        base = ROOT if name in {"README.md", "CHANGELOG.md"} else ROOT / "docs"
        for target in re.findall(r"\]\(([^)\s]+)\)", page):
            file, _, anchor = target.partition("#")
            assert "://" not in target, target
            path = (base / file) if file else base / name
            assert path.exists(), f"{name}: {target}"
            if anchor:
                headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
                anchors = {re.sub(r"[^\w\- ]", "", h).strip().lower().replace(" ", "-") for h in headings}
                assert anchor in anchors, f"{name}: {target}"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    """Return the example of a source as a module."""
    [code] = re.findall(r"^```python\n(.*?)^```", PAGES["writing-a-source.md"], re.MULTILINE | re.DOTALL)
    module = ModuleType("example")
    exec(compile(code, "writing-a-source.md", "exec"), module.__dict__)
    return module


LINES = """\
a-1;orders;1795283000;12;180;Ann
a-2;orders;1795283010;30;0;
a-3;returns;1795283020;3;60;\x1b[31mBob
nonsense
a-4;orders;17952830"""


def test_the_example_of_a_source_reads_what_it_claims(example, tmp_path):
    path = tmp_path / "calls.txt"
    source = example.CallList("shop", example.CallListConfig(path=path), Context())
    source.open(None)
    assert isinstance(source.poll(0), Failed)
    assert [f.level for f in source.checkup(source.config, source.context)] == ["fail"]
    path.write_text(LINES, encoding="utf-8")
    data = source.poll(0)
    assert isinstance(data, Data)
    assert [(c.call, c.outcome, c.agent, c.wait_s, c.talk_s) for c in data.records] == [
        ("a-1", "answered", "Ann", 12, 180), ("a-2", "abandoned", None, 30, None),
        ("a-3", "answered", "[31mBob", 3, 60)]
    assert len(data.rejects) == 1
    assert isinstance(source.poll(0), Nothing)
    with path.open("a", encoding="utf-8") as file:
        file.write("40;5;70;Ann\n")
    again = example.CallList("shop", source.config, Context())
    again.open(data.cursor)
    [last] = again.poll(0).records
    assert (last.call, last.offered_at) == ("a-4", 1_795_283_040 * SECOND)


def test_the_example_of_a_source_ends_up_as_figures(example, tmp_path):
    (tmp_path / "calls.txt").write_text(LINES + "40;5;70;Ann\n", encoding="utf-8")
    source = example.CallList("shop", example.CallListConfig(path=tmp_path / "calls.txt"), Context())
    source.open(None)
    data = source.poll(0)
    store = Store.open(tmp_path / "x.duckdb")
    try:
        store.register("shop", "calllist", source.promise_s, source.sees)
        for _ in range(2):  # twice changes nothing
            store.apply(Batch("shop", data.records, data.cursor))
        figures = floor_at(store.reader(), 1_795_284_000 * SECOND, config.Config(), ZoneInfo("UTC"))
    finally:
        store.close()
    orders = next(q for q in figures.queues if q.queue == "orders")
    assert (orders.offered, orders.answered, orders.abandoned, orders.answered_in_time) == (3, 2, 1, 2)
    assert orders.asa_s == pytest.approx((12 + 5) / 2)
    assert orders.aht_s == pytest.approx((180 + 70) / 2)
    assert figures.totals.service_level == pytest.approx(3 / 4)


def test_the_line_for_the_hub_in_the_documentation_is_a_record():
    from ccboard.transfer import from_lines

    [line] = re.findall(r"'(\{\"record\".*\})'", PAGES["http.md"])
    [record] = from_lines(line.encode())
    assert isinstance(record, Contact)


def test_the_readme_opens_with_its_two_commands():
    lines = [line for line in PAGES["README.md"].split("\n")[:30] if line.startswith("python3 -m venv")]
    assert len(lines) == 2
    assert lines[0].endswith("ccboard demo")
    assert "pytest" in lines[1]
