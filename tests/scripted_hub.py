"""A hub double for tests of commands: a Unix socket that gives scripted answers, and a snapshot to give."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ccboard.snapshot import STATES, AgentFigures, QueueFigures, Snapshot, SourceFigures, to_public

SECOND = 1_000_000
MONDAY = 1_794_816_847 * SECOND  # Mon 16 Nov 2026 09:14:07 in Berlin, by `date`
DAY = 1_794_783_600 * SECOND  # that day's midnight in Berlin


def queue(name: str | None, **said: Any) -> QueueFigures:
    counts = dict.fromkeys(STATES, 0) | said.pop("agents", {})
    figures: dict[str, Any] = {
        "queue": name, "label": name or "all", "project": None, "offered": 0, "calls": 0, "answered": 0,
        "abandoned": 0, "short_abandoned": 0, "timed_out": 0, "left_by_key": 0, "left_empty": 0,
        "withdrawn": 0, "lost": 0, "refused": None, "waiting": 0, "longest_wait_s": None,
        "longest_since": None, "answered_in_time": 0, "service_level": None, "threshold_s": 20, "target": 0.8,
        "abandon_rate": None, "asa_s": None, "aht_s": None, "longest_wait_today_s": None,
        "agents": tuple(counts.values()), "age_s": 0.3,
    }
    return QueueFigures(**figures | said)


def source(name: str = "asterisk", **said: Any) -> SourceFigures:
    figures: dict[str, Any] = {"name": name, "type": "asterisk", "state": "ok", "age_s": 0.3,
                               "complete_since": DAY, "error": None, "promise_s": 5.0}
    return SourceFigures(**figures | said)


SUPPORT = queue(
    "support", offered=412, calls=409, answered=371, abandoned=33, waiting=12, longest_wait_s=108,
    answered_in_time=216, service_level=0.54, abandon_rate=33 / 412,
    levels=(("service_level", "critical"), ("longest_wait_s", "warning"), ("abandon_rate", "warning")),
    agents={"talking": 41, "wrap_up": 6, "paused": 5},
)
SALES = queue("sales", offered=188, calls=188, answered=181, abandoned=4, waiting=2, longest_wait_s=9,
              answered_in_time=160, service_level=0.86, abandon_rate=4 / 188,
              agents={"ready": 3, "talking": 17})
NIGHT = queue("night")
TOTALS = queue(None, offered=600, calls=597, answered=552, abandoned=37, waiting=14, longest_wait_s=108,
               answered_in_time=376, service_level=0.64, threshold_s=None, abandon_rate=37 / 600,
               levels=(("service_level", "critical"),),
               agents={"ready": 3, "talking": 58, "wrap_up": 6, "paused": 5})
ALICE = AgentFigures("Alice Wu", "Alice Wu", "blue", "talking", MONDAY - 30 * SECOND, 30, None, ("support",),
                     9, 812.0, 1, 0, 65)


def floor(**said: Any) -> Snapshot:
    """Return a Monday morning; keywords replace parts of it."""
    parts: dict[str, Any] = {
        "as_of": MONDAY, "live": True, "name": "Hotline West", "zone": "Europe/Berlin", "day_start": DAY,
        "interval_s": 900, "sources": (source(),), "queues": (SUPPORT, SALES, NIGHT), "totals": TOTALS,
        "agents": (ALICE,),
    }
    return Snapshot(**parts | said)


def answer(status: int, said: object, protocol: str = "1") -> bytes:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return (f"HTTP/1.1 {status} Whatever\r\nContent-Type: application/json\r\n"
            f"Ccboard-Protocol: {protocol}\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body


Reply = Callable[[str, str, bytes], bytes | None]


def giving(snapshot: Snapshot) -> Reply:
    """Return a script that answers every question with `snapshot`, the queue's part if one is asked for."""
    return lambda method, path, body: answer(200, to_public(snapshot))


@contextmanager
def scripted_hub(folder: Path, reply: Reply) -> Iterator[tuple[Path, list[tuple[str, str, bytes]]]]:
    """Serve on a socket in `folder`; gives its path and the list of requests (method, path, body).

    A script that returns None leaves its client waiting until the hub double ends.
    """
    path = folder / "hub.sock"
    asked: list[tuple[str, str, bytes]] = []
    held: list[socket.socket] = []
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(16)

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            held.append(connection)
            connection.settimeout(10)
            try:
                data = b""
                while b"\r\n\r\n" not in data:
                    got = connection.recv(65536)
                    if not got:
                        break
                    data += got
                head, _, body = data.partition(b"\r\n\r\n")
                if not head:
                    continue
                words = head.decode().split(" ")
                length = next((int(line[15:]) for line in head.decode().split("\r\n")
                               if line.lower().startswith("content-length:")), 0)
                while len(body) < length:
                    body += connection.recv(65536)
                asked.append((words[0], words[1], body))
                if (said := reply(words[0], words[1], body)) is not None:
                    connection.sendall(said)
                    connection.close()
            except OSError:
                continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield path, asked
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in held:
            connection.close()
        thread.join(5)
        path.unlink()
