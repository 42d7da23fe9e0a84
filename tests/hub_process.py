"""Real hub processes for tests, fed by a small third-party source that is found by its entry point."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccboard import client
from ccboard.client import Address
from ccboard.errors import HubError
from ccboard.feed import Feed
from ccboard.hub.lock import is_free
from ccboard.paths import StorePaths

TALLY = '''
"""A source that turns each line of a file into a visit, under a name that no other run would give it.

So a line that is read twice because its cursor was lost becomes two visits, and is seen.
"""
import os, secrets, time
from typing import Any
from pydantic import BaseModel
from ccboard.records import Contact, Reject
from ccboard.source import Data, Failed, Nothing, Source

class Keys(BaseModel, extra="forbid"):
    path: str
    queue: str = "tally"

class Tally(Source):
    Config = Keys
    promise_s = 2.0

    def open(self, cursor):
        self.offset = int(cursor or 0)
        self.run = secrets.token_hex(4)

    def poll(self, wait_s):
        try:
            with open(self.config.path, "rb") as file:
                file.seek(self.offset)
                text = file.read(4096)
        except OSError as error:
            return Failed(f"{self.config.path}: {error.strerror}", retry_s=0.1)
        whole = text[: text.rfind(b"\\n") + 1]
        if not whole:
            time.sleep(min(wait_s, 0.02))
            return Nothing()
        self.offset += len(whole)
        now = self.context.clock.now()
        refused = tuple(Reject(f"{self.config.path}:{line.decode()}", "no visit", line.decode())
                        for line in whole.split(b"\\n")[:-1] if line.startswith(b"bad"))
        visits = tuple(
            Contact(source=self.name, call=f"{line.decode()}-{self.run}", queue=self.config.queue,
                    offered_at=now, ended_at=now, outcome="abandoned", wait_s=1.0, caller="+4930123456681")
            for line in whole.split(b"\\n")[:-1] if not line.startswith(b"bad"))
        return Data(visits, str(self.offset), refused)
'''


class Bench:
    """One user's folders, and the hubs that live in them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.feed_file = folder / "lines"
        self.feed_file.touch()
        self.config = folder / "config.toml"
        self.write()
        plugin = folder / "plugin"
        info = plugin / "tally-1.0.dist-info"
        info.mkdir(parents=True)
        (plugin / "tally_source.py").write_text(TALLY)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tally\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(
            "[ccboard.sources]\ntally = tally_source:Tally\nbroken = tally_gone:Nothing\n"
        )
        self.environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith("CCBOARD_")},
            "CCBOARD_STATE_DIR": str(folder / "state"), "CCBOARD_CONFIG": str(self.config),
            "CCBOARD_SERVICE_SOCKET": str(folder / "run/hub.sock"), "PYTHONPATH": str(plugin),
        }
        self.where = StorePaths(folder / "state/ccboard.duckdb")
        self.address = Address(path=str(self.where.socket))
        self.log = folder / "log/serve.log"
        self.feeds: list[Feed] = []
        self.processes: list[subprocess.Popen[str]] = []

    def write(self, queue: str = "tally", more: str = "") -> None:
        """Write the configuration, in one step, as editors do."""
        fresh = self.config.with_suffix(".new")
        fresh.write_text(f'name = "Test"\ntimezone = "Europe/Berlin"\n{more}\n[sources.t]\ntype = "tally"\n'
                         f'path = "{self.feed_file}"\nqueue = "{queue}"\n')
        fresh.rename(self.config)

    def add(self, *lines: str) -> None:
        with self.feed_file.open("a") as file:
            file.write("".join(f"{line}\n" for line in lines))

    def command(self, *words: str, timeout: float = 60) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([sys.executable, "-P", "-m", "ccboard", *words], capture_output=True, text=True,
                              env=self.environ, timeout=timeout, check=False, stdin=subprocess.DEVNULL)

    def script(self, text: str, cwd: Path | None = None) -> "subprocess.Popen[str]":
        process = subprocess.Popen([sys.executable, "-P", "-c", text], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=self.environ, cwd=cwd)
        self.processes.append(process)
        return process

    def serve(self, *words: str) -> "subprocess.Popen[str]":
        """Start a hub that stays, logging to `self.log`, and wait until it answers."""
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "ccboard", "serve", "--log-file", str(self.log), *words],
            stderr=subprocess.PIPE, text=True, env=self.environ,
        )
        self.processes.append(process)
        self.until(lambda: process.poll() is not None or self.status())
        return process

    def status(self) -> Any:
        try:
            return client.request(self.address, "GET", "/v1/status", timeout=5).good()
        except HubError:
            return None

    def now(self, query: str = "") -> Any:
        return client.request(self.address, "GET", f"/v1/now{query}", timeout=10).good()

    def until(self, true: Callable[[], Any], seconds: float = 30) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if true():
                return
            time.sleep(0.02)
        pytest.fail(f"did not come true in {seconds} s")

    def kill(self) -> None:
        """kill -9 the hub that answers, and wait until its lock is free."""
        pid = self.status()["pid"]
        os.kill(pid, signal.SIGKILL)
        self.until(lambda: is_free(self.where.lock))

    def close(self) -> None:
        """End what was started, whatever state the test left it in."""
        for feed in self.feeds:  # first, or they would start another hub
            feed.stop(30)
        said = self.status()
        if said is not None:
            os.kill(said["pid"], signal.SIGKILL)
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=10)
