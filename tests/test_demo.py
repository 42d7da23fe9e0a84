"""``ccboard demo`` without a terminal, as a user calls it: its own hub, its own store, the figures right."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from simulated import HOUR, MONDAY, ZONE, visits

from ccboard import paths
from ccboard.cli import main
from ccboard.client import HubStopped, request
from ccboard.commands.demo import Demo
from ccboard.config import parse
from ccboard.errors import ExitCode
from ccboard.hub.lock import is_free
from ccboard.moments import parse_as_of
from sources.simulator.config import Scenario, SimulatorConfig
from sources.simulator.demo import SCENARIOS, configuration
from sources.simulator.simulation import Simulation


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Call ``ccboard``; the hub is ended at last. Each test takes the one that the last left, if any."""
    folder = tmp_path_factory.mktemp("d")
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("CCBOARD_", "XDG_"))}
    environ |= {"CCBOARD_STATE_DIR": str(folder), "HOME": str(folder),
                "CCBOARD_SERVICE_SOCKET": str(folder / "none.sock")}

    def call(*words):
        return subprocess.run([sys.executable, "-P", "-m", "ccboard", *words], env=environ, timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)

    call.folder = folder
    yield call
    call("stop", "--demo")


def status(demo):
    return json.loads(demo("status", "--demo", "--json").stdout)


def truth(scenario: Scenario, at: int):
    config = SimulatorConfig(scenario=scenario)
    return visits(Simulation(config, "simulator", ZONE, MONDAY, MONDAY).advance(at))


@pytest.mark.parametrize("verb", ["status", "stop", "now", "figures", "quality", "tail", "alarms", "staff"])
def test_without_a_demo_it_is_a_demo_that_is_advised(verb, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CCBOARD_STATE_DIR", str(tmp_path))
    assert main([verb, "--demo"]) == ExitCode.USAGE
    assert capsys.readouterr().err == "no demo is running: start one with `ccboard demo`\n"


def test_it_prints_the_figures_of_a_busy_morning_and_touches_no_other_store(demo):
    ran = demo("demo")
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    assert re.match(r"Hotline West +Mon 16 Nov 09:14:", ran.stdout)
    assert status(demo)["kind"] == "demo"
    assert [p.name for p in demo.folder.iterdir()] == ["demo"]

    assert demo("now", "--demo", "--queue", "vip").stdout.startswith("Hotline West")
    assert demo("figures", "--demo", "--kpi", "offered", "--csv").stdout.startswith("offered\n")
    assert {demo("now", "--demo", other, "x").returncode for other in ("--hub", "--store")} == {2}
    assert "no hub is running" in demo("now").stderr

    socket = status(demo)["address"]
    said = json.loads(demo("now", "--json", "--hub", socket, "--as-of", "09:13:58").stdout)
    at = parse_as_of("2026-11-16T09:13:58", ZONE, 0)
    found = [v for v in truth("normal", at).values() if v.offered_at <= at]
    offered = Counter(v.queue for v in found)
    answered = Counter(v.queue for v in found if v.answered_at)
    waiting = Counter(v.queue for v in found if v.outcome is None)
    assert {q["queue"]: q["offered"] for q in said["queues"]} == offered
    assert {q["queue"]: q["answered"] for q in said["queues"]} == answered
    assert said["totals"]["waiting"] == waiting.total()
    talking = [v for v in found if v.answered_at and v.ended_at is None]
    states = said["totals"]["agents"]
    assert states["talking"] + states["hold"] == len(talking)


def test_a_second_call_joins_and_another_scenario_takes_its_place(demo):
    demo("demo")
    first = status(demo)["pid"]
    demo("demo")
    assert status(demo)["pid"] == first
    ran = demo("demo", "--scenario", "monday-surge")
    assert ran.returncode == 0, ran.stderr
    surge = status(demo)
    assert surge["pid"] != first
    said = json.loads(demo("now", "--json", "--hub", surge["address"], "--as-of", "09:13:58").stdout)
    at = parse_as_of("2026-11-16T09:13:58", ZONE, 0)
    expected = Counter(v.queue for v in truth("monday-surge", at).values())
    assert {q["queue"]: q["offered"] for q in said["queues"]} == expected
    demo("demo")  # asks for nothing in particular: joins
    assert status(demo)["pid"] == surge["pid"]


def test_a_new_demo_begins_with_an_empty_store(demo):
    demo("demo", "--scenario", "monday-surge")
    assert demo("stop", "--demo").returncode == 0
    ran = demo("demo")
    assert ran.returncode == 0, ran.stderr
    said = json.loads(demo("now", "--json", "--hub", status(demo)["address"], "--as-of", "09:13").stdout)
    at = parse_as_of("2026-11-16T09:13", ZONE, 0)
    assert said["totals"]["offered"] == len(truth("normal", at))


def test_a_demo_whose_hub_was_killed_begins_again_and_says_so(demo, monkeypatch):
    monkeypatch.setenv("CCBOARD_STATE_DIR", str(demo.folder))
    one = Demo({})
    address = one.find()
    first = request(address, "GET", "/v1/status").good()
    assert first["notices"] == []
    os.kill(first["pid"], signal.SIGKILL)
    until = time.monotonic() + 20
    while not is_free(paths.demo_paths().lock) and time.monotonic() < until:
        time.sleep(0.05)
    second = request(one.find(), "GET", "/v1/status").good()
    assert second["pid"] != first["pid"]
    assert second["notices"] == ["the demonstration began again: its hub had ended"]
    assert demo("stop", "--demo").returncode == 0
    with pytest.raises(HubStopped, match="`ccboard demo` starts it again"):
        one.find()  # a board that has lost it
    Demo({}).find()  # somebody calls for one
    assert request(one.find(), "GET", "/v1/status").good()["notices"] == []


def test_a_demo_that_does_not_answer_is_named_with_what_to_do(demo):
    assert demo("demo").returncode == 0
    pid = status(demo)["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        ran = demo("demo", "--scenario", "quiet")
        assert ran.returncode == ExitCode.USAGE
        assert f"process {pid} holds " in ran.stderr
        assert f"`kill {pid}`" in ran.stderr
        (demo.folder / "demo/demo.duckdb.hub.sock").unlink()
        assert f"`kill {pid}`" in demo("status", "--demo").stderr
    finally:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(("words", "said"), [
    (("--scenario", "storm"), "there is normal, monday-surge, outage, quiet"),
    (("--speed", "0"), "--speed 0: more than 0 and at most 3600"),
    (("--speed", "nan"), "more than 0"),
])
def test_wrong_words_are_said(demo, words, said):
    ran = demo("demo", *words)
    assert ran.returncode == ExitCode.USAGE
    assert said in ran.stderr
    assert ran.stdout == ""


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_its_configuration_loads(scenario):
    import tomllib

    raw = tomllib.loads(configuration(scenario, 60, 7))
    config = parse(raw, "demo.toml")
    keys = dict(config.sources["simulator"])
    assert keys.pop("type") == "simulator"
    source = SimulatorConfig(**keys)
    assert (source.scenario, source.speed, source.seed) == (scenario, 60.0, 7)
    begin = Simulation(source, "s", ZONE, MONDAY, MONDAY).midnight(MONDAY)
    assert source.starts_at() == begin + 9 * HOUR + 14 * 60_000_000
