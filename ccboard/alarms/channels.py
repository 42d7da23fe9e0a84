"""Ways to tell people: a service that `apprise` knows, or a program of the user's own.

Each channel has a thread of its own: one that hangs delays no other, and never the board. A message that does
not get through is tried again; a channel that stays dead, or that is asked for too much, is said.
"""

import contextlib
import importlib
import json
import logging
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ccboard.alarms.steps import Step
from ccboard.clean import clean
from ccboard.errors import ConfigError
from ccboard.tiers import Channel

log = logging.getLogger(__name__)

RETRY_S = (2.0, 15.0, 60.0, 300.0)
"""Pauses before a message is tried again; after the last it is given up."""
COMMAND_S = 30.0
HOUR_S = 3600.0
WAITING = 50
"""Messages that may wait in a channel: older ones go, nobody wants yesterday's alarm first."""

Sender = Callable[[Step], None]
"""Sends one message or raises OSError with why not."""


def sender(name: str, channel: Channel, environ: Mapping[str, str], base: Path) -> Sender:
    """Return what sends by a channel. Raises ConfigError: an address that is not there, no `apprise`."""
    if channel.command:
        return lambda step: _run(channel.command, step)
    address = _address(name, channel, environ, base)
    try:
        package = importlib.import_module("apprise")
    except ImportError:
        text = f"notify.{name} needs the notification library: pip install 'ccboard[notify]'"
        raise ConfigError(text) from None
    service = package.Apprise()
    if not service.add(address):
        raise ConfigError(f"notify.{name}: the address is none that apprise understands")  # it is a secret

    def send(step: Step) -> None:
        if not service.notify(title=step.title, body=step.text):
            raise OSError("the service did not take it")

    return send


def _address(name: str, channel: Channel, environ: Mapping[str, str], base: Path) -> str:
    if channel.url_env is not None:
        if not (address := environ.get(channel.url_env, "").strip()):
            raise ConfigError(f"notify.{name}.url_env: {channel.url_env} is empty or not set")
        return address
    assert channel.url_file is not None
    path = base / channel.url_file
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8 text"
        raise ConfigError(f"notify.{name}.url_file: {path}: {reason}") from None


def _run(command: Sequence[str], step: Step) -> None:
    """Run the user's program with the message on its input; its exit status says whether it got through."""
    message = json.dumps({"schema": "ccboard.alarm/1", **_public(step)}, ensure_ascii=False)
    try:
        done = subprocess.run(list(command), input=message.encode(), capture_output=True, timeout=COMMAND_S,
                              check=False)
    except subprocess.TimeoutExpired:
        raise OSError(f"it took longer than {COMMAND_S:g} s") from None
    if done.returncode:
        said = clean(done.stderr.decode(errors="replace").strip().partition("\n")[0], 120)
        raise OSError(f"exit status {done.returncode}{': ' if said else ''}{said}")


def _public(step: Step) -> dict[str, Any]:
    return {name: value for name, value in asdict(step).items() if name not in ("channels", "covers")}


class Line:
    """One channel at work. `on_sent` is called, on its thread, with each step that got through."""

    def __init__(self, name: str, channel: Channel, send: Sender, on_sent: Callable[[str, Step], None], *,
                 retry_s: Sequence[float] = RETRY_S, tick: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.channel = channel
        self._send, self._on_sent, self._retry_s, self._tick = send, on_sent, tuple(retry_s), tick
        self._waiting: queue.Queue[Step | None] = queue.Queue()
        self._sent: deque[float] = deque()
        self._stopping = threading.Event()
        self._trouble: str | None = None
        self._held_back = 0
        self._thread = threading.Thread(target=self._run, name=f"notify {name}", daemon=True)
        self._thread.start()

    def tell(self, step: Step) -> bool:
        """Queue a message; return False where this channel is not told of such steps, or told too much."""
        if step.kind not in self.channel.steps or (step.channels and self.name not in step.channels):
            return False
        now = self._tick()
        while self._sent and now - self._sent[0] > HOUR_S:
            self._sent.popleft()
        if len(self._sent) >= self.channel.at_most_per_hour:
            self._held_back += 1
            return False
        self._sent.append(now)
        while self._waiting.qsize() >= WAITING:
            with contextlib.suppress(queue.Empty):
                self._waiting.get_nowait()
        self._waiting.put(step)
        return True

    @property
    def said(self) -> str | None:
        """What is wrong with it, for the board; None when all is well."""
        if self._trouble is not None:
            return f"notify {self.name}: nobody is told: {self._trouble}"
        if self._held_back:
            return (f"notify {self.name}: {self._held_back} messages held back, more than"
                    f" {self.channel.at_most_per_hour} an hour")
        return None

    def stop(self) -> None:
        """Send nothing more; what is being sent is left to itself."""
        self._stopping.set()
        self._waiting.put(None)

    def _run(self) -> None:
        while not self._stopping.is_set():
            step = self._waiting.get()
            if step is None:
                return
            self._deliver(step)

    def _deliver(self, step: Step) -> None:
        for pause in (*self._retry_s, None):
            try:
                self._send(step)
            except Exception as error:  # noqa: BLE001 - whatever a library raises: it is said, the next is tried
                said = str(error) if isinstance(error, OSError) else type(error).__name__
                if self._trouble is None:
                    log.warning("notify %s: %s", self.name, clean(said, 200))
                self._trouble = clean(said, 120)
                if pause is None or self._stopping.wait(pause):
                    return
            else:
                self._trouble, self._held_back = None, 0
                self._on_sent(self.name, step)
                return
