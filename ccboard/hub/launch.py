"""Find the hub, or start one in the background and wait until it answers.

Only ``ccboard`` and ``ccboard demo`` come here. Several may come at once: each starts a process, one of
those wins the election (``ccboard.hub.lock``), the others end quietly, and all wait for the same answer.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from ccboard import client, paths
from ccboard.client import Address, HubStopped, NoHub
from ccboard.errors import HubError, NotInstalledError
from ccboard.hub import lock

LOST_ELECTION = 75
"""Exit status of a background hub that found another one elected."""
START_S = 20.0
"""How long a hub may take to answer: it opens the store and reads today's part of a log meanwhile."""


def ensure_hub(
    *,
    hub: str | None = None,
    config: str | None = None,
    store: str | None = None,
    demo: bool = False,
    asterisk_etc: str | None = None,
    arguments: Sequence[str] = (),
    timeout: float = START_S,
    again: bool = False,
) -> Address:
    """Return the address of a hub that answers; start one where this user's own is missing.

    `again`: the caller had a hub and lost it. One that was stopped on purpose is not started then, which
    would take the store from whoever stopped it: raises HubStopped.

    `arguments` are more words for ``ccboard serve`` (the demo's). Raises HubError with the new hub's own
    words when it cannot start, and when one holds the lock but says nothing.
    """
    until = time.monotonic() + timeout
    where = _paths(config, store, demo=demo)
    try:
        address = client.find_hub(hub, config, demo=demo, store=store)
    except NoHub:
        pass
    else:
        try:
            client.request(address, "GET", "/v1/status", timeout=timeout).good()
        except client.WrongProtocol:
            if not _replace(address, where, until):
                raise
        except HubError:
            if address.origin != "own" or _answers(address, until):
                raise
        else:
            return address
    if again:
        revivable(where, demo=demo)
    words = ["--background", *_options(config, store, asterisk_etc, demo=demo), *arguments]
    return _start(where, words, until)


def revivable(where: paths.StorePaths, *, demo: bool) -> None:
    """Raise HubStopped where the hub of a store was stopped on purpose and none has run since."""
    if not lock.stop_mark(where.lock).exists():
        return
    if demo:
        raise HubStopped("the hub was stopped; `ccboard demo` starts it again")
    raise HubStopped("the hub was stopped; `ccboard` starts it again")


def _paths(config: str | None, store: str | None, *, demo: bool) -> paths.StorePaths:
    if demo:
        return paths.demo_paths()
    if store:
        return paths.store_paths(store)
    return client.configured_paths(config)


def _options(config: str | None, store: str | None, asterisk_etc: str | None, *, demo: bool) -> list[str]:
    """Return the options of ``serve``, with absolute paths: the hub's working directory is /."""
    words = ["--demo"] if demo else []
    for name, value in (("--config", config), ("--store", store), ("--asterisk-etc", asterisk_etc)):
        if value:
            words += [name, str(Path(value).absolute())]
    return words


def _start(where: paths.StorePaths, words: list[str], until: float) -> Address:
    address = Address(path=str(where.socket), origin="own")
    with tempfile.TemporaryFile() as said:
        process = _spawn(words, said)
        while True:
            if _answers(address, until):
                # Whoever started a hub must also bury it, should it die while this board lives.
                threading.Thread(target=process.wait, name="hub's parent", daemon=True).start()
                return address
            status = process.poll()
            if status is not None and status != LOST_ELECTION:
                said.seek(0)
                text = said.read(64 * 1024).decode(errors="replace").strip()
                if text.endswith("No module named ccboard"):  # it runs in /, where no clone is
                    raise NotInstalledError("only this folder knows it")
                raise HubError(text or f"the hub ended at once with status {status}; see {where.log}")
            if time.monotonic() >= until:
                break
            if status == LOST_ELECTION and lock.is_free(where.lock):
                process = _spawn(words, said)  # the winner has gone again: our turn
            time.sleep(0.05)
    raise HubError(
        lock.stuck(where.lock, where.log) if not lock.is_free(where.lock)
        else f"the hub does not answer at {where.socket}: see {where.log}"
    )


def _spawn(words: list[str], said: IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start ``ccboard serve`` as a session of its own that holds nothing of ours.

    -P keeps folders of the working directory from being imported; `said` takes what it says until it
    answers, after that it writes to its log.
    """
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "ccboard", "serve", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
        cwd="/", env=environment, close_fds=True, start_new_session=True,
    )


def _answers(address: Address, until: float) -> bool:
    """Tell whether a hub of our protocol answers there now."""
    try:
        left = max(0.2, min(2.0, until - time.monotonic()))
        client.request(address, "GET", "/v1/status", timeout=left).good()
    except client.WrongProtocol:
        raise
    except HubError:
        return False
    return True


def take_over(where: paths.StorePaths, timeout: float = START_S) -> lock.HubLock | None:
    """Return the lock of a store for a hub that stays, or None where another such hub holds it.

    A hub that a board started is asked to make room; its boards come back by themselves. One that does not
    answer yet is waited for, as is one that is leaving: boards whose hub was killed have started a
    temporary one by the time that a supervisor starts ``serve`` again. Raises StoreError.
    """
    until = time.monotonic() + timeout
    address = Address(path=str(where.socket), origin="own")
    while (won := lock.HubLock.acquire(where.lock)) is None:
        left = min(until - time.monotonic(), 5.0)
        if left <= 0:
            return None
        try:
            status = client.request(address, "GET", "/v1/status", timeout=left, any_version=True).json()
            if status.get("kind") not in ("temporary", "demo"):
                return None
            client.request(address, "POST", "/v1/stop", timeout=left, any_version=True)
        except HubError:
            pass  # it starts or it ends, and both are over soon
        time.sleep(0.05)
    return won


def _replace(address: Address, where: paths.StorePaths, until: float) -> bool:
    """Ask a hub of another version that a board started to leave; False: it is not ours to replace."""
    if address.origin != "own":
        return False
    try:
        status = client.request(address, "GET", "/v1/status", any_version=True).json()
    except HubError:
        return False
    if status.get("kind") not in ("temporary", "demo"):
        return False
    client.request(address, "POST", "/v1/stop", any_version=True)
    while not lock.is_free(where.lock):
        if time.monotonic() >= until:
            return False
        time.sleep(0.05)
    return True
