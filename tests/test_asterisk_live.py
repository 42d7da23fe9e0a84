"""A real Asterisk under traffic, through reload, rotation, reset, clean stop, crash and restart.

Needs CCBOARD_TEST_ASTERISK_DIR (a folder that an `up` program filled, with its file `env`) and
CCBOARD_TEST_ASTERISK_TOOLS (the folder of `up`, `traffic` and `down`). Takes about three minutes.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from asterisk_floor import Figures, Follower, from_log, log_files

from ccboard.clock import SECOND, SystemClock
from ccboard.source import Context
from sources.asterisk.config import AsteriskConfig
from sources.asterisk.source import AsteriskSource

FOLDER = os.environ.get("CCBOARD_TEST_ASTERISK_DIR")
TOOLS = os.environ.get("CCBOARD_TEST_ASTERISK_TOOLS")

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.skipif(not (FOLDER and TOOLS), reason="no CCBOARD_TEST_ASTERISK_DIR and _TOOLS"),
]


class Pbx:
    """The Asterisk that the tools run."""

    def __init__(self) -> None:
        assert FOLDER is not None
        assert TOOLS is not None
        self.folder, self.tools = Path(FOLDER), Path(TOOLS)
        self.read()

    def read(self) -> None:
        text = (self.folder / "env").read_text(encoding="utf-8")
        self.env = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        self.log = Path(self.env["QUEUE_LOG"])

    def up(self) -> None:
        subprocess.run(
            [self.tools / "up", self.folder, "--ami-port", self.env["AMI_PORT"], "--http-port",
             self.env["HTTP_PORT"]],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        ports = (self.env["AMI_PORT"], self.env["HTTP_PORT"])
        self.read()
        assert (self.env["AMI_PORT"], self.env["HTTP_PORT"]) == ports

    def calm(self) -> None:
        """Wait until nobody has joined a queue for two seconds, or half a minute has passed.

        A manager over HTTP is asked in turns: of who came just before a crash it cannot tell.
        """
        until = time.monotonic() + 30
        while time.monotonic() < until:
            joined = [int(line.split(b"|", 1)[0]) for file in log_files(self.log)
                      for line in file.read_bytes().splitlines() if b"|ENTERQUEUE|" in line]
            if not joined or time.time() - max(joined) > 3:  # of whole seconds
                return
            time.sleep(0.05)

    def kill(self, number: signal.Signals) -> None:
        pid = int((self.folder / "asterisk.pid").read_text().split()[0])
        os.kill(pid, number)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                os.kill(pid, 0)
                if (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                    return
            except (ProcessLookupError, FileNotFoundError):
                return
            time.sleep(0.1)
        raise AssertionError("Asterisk does not end")

    def traffic(self, seconds: int, *more: object) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [self.tools / "traffic", self.folder, "--seconds", str(seconds), "--rate", "30",
             *map(str, more)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def ways(self, *names: str) -> AsteriskConfig:
        account = {"username": self.env["AMI_USER"], "secret_env": "AMI_SECRET"}
        agent_only = {"username": "agentonly", "secret": "agentonly-secret"}
        every = {
            "queue_log": str(self.log),
            "ami": {"host": self.env["AMI_HOST"], "port": int(self.env["AMI_PORT"]), **account},
            "http": {"url": self.env["HTTP_URL"], **account},
            "agent-only": {"host": self.env["AMI_HOST"], "port": int(self.env["AMI_PORT"]), **agent_only},
        }
        chosen = {("ami" if name == "agent-only" else name): every[name] for name in names}
        return AsteriskConfig.model_validate(chosen)

    def follow(self, *ways: str, kill_every: float | None = None) -> Follower:
        config = self.ways(*ways)
        context = Context(SystemClock(), day_start=SystemClock().now(), environ=self.env)
        return Follower(lambda: AsteriskSource("pbx", config, context), kill_every)


@pytest.fixture
def pbx() -> Iterator[Pbx]:
    pbx = Pbx()
    pbx.up()
    yield pbx
    pbx.up()  # leave it as it was found: running


def settle(followers: dict[str, Follower]) -> None:
    """Wait until every source has found its way in again."""
    until = time.monotonic() + 25
    while time.monotonic() < until:
        if all(f.works and not f.troubles for f in followers.values() if f.error is None):
            return
        time.sleep(0.1)
    raise AssertionError({name: (f.works, f.troubles, f.failed[-1:]) for name, f in followers.items()})


def test_figures_equal_those_of_the_log(pbx: Pbx) -> None:
    since = int(time.time()) + 1
    time.sleep(1.2)
    followers = {
        "log and ami": pbx.follow("queue_log", "ami"),
        "log, ami, killed": pbx.follow("queue_log", "ami", kill_every=4.3),
        "log, killed": pbx.follow("queue_log", kill_every=3.1),
        "ami": pbx.follow("ami"),
        "agent only": pbx.follow("agent-only"),
        "http": pbx.follow("http"),
    }
    try:
        settle(followers)
        pbx.traffic(60, "--reload-at", 0.25, "--rotate-at", 0.5, "--reset-at", 0.7, "--drain", 15).wait(150)
        for number in (signal.SIGTERM, signal.SIGKILL):
            driver = pbx.traffic(40, "--seed", number + 1)
            time.sleep(15)
            pbx.calm()
            pbx.kill(number)
            driver.wait(60)  # it ends with its connection
            pbx.up()
            settle(followers)
        pbx.traffic(15, "--seed", 99, "--drain", 15).wait(90)
        time.sleep(4)
    finally:
        for follower in followers.values():
            follower.stop()

    raw = [line for file in log_files(pbx.log) for line in file.read_bytes().splitlines()]
    truth = from_log(raw, since)
    assert sum(truth.offered.values()) > 30
    report = {
        name: {"kills": f.kills, "delay ms p50, p95": [_percentile(f.delays, s) for s in (0.5, 0.95)]}
        for name, f in followers.items()
    }
    print(json.dumps(report, indent=1), dict(truth.outcomes))

    for name in ("log and ami", "log, ami, killed", "log, killed"):
        mine = followers[name].floor.figures(since)
        assert mine == truth, name
    assert followers["log, ami, killed"].kills > 10
    for name in ("ami", "agent only", "http"):
        mine = followers[name].floor.figures(since)
        assert _comparable(mine) == _comparable(truth), name
    for name, follower in followers.items():
        assert follower.rejects == [], name
    restarts = [s.at for s in followers["log and ami"].floor.statuses if s.kind == "restart"]
    assert len([at for at in restarts if at >= since * SECOND]) == 2
    gaps = [s for s in followers["ami"].floor.statuses if s.kind == "gap"]
    assert len(gaps) >= 2  # both stops, and never taken for zero calls


def _comparable(figures: Figures) -> dict[str, object]:
    """What the manager alone knows: who came, who was answered by whom, who left by key; no more."""
    return {
        "offered": figures.offered,
        "outcomes": figures.grouped(),
        "answered": figures.answered,
    }


def _percentile(values: list[float], share: float) -> float | None:
    ordered = sorted(values)
    return round(ordered[int(len(ordered) * share)] * 1000) if ordered else None
