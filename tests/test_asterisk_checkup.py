"""What doctor says of an Asterisk source, against servers of our own on loopback."""

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ccboard.clock import SECOND, ManualClock
from ccboard.findings import Finding
from ccboard.source import Context
from sources.asterisk import checkup
from sources.asterisk.config import AsteriskConfig

NOW = 1_795_283_239 * SECOND
SECRET = "very-secret-word"


class Server:
    """Takes one connection after another and hands it to `serve`, on a thread of its own."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._serve = serve
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                with contextlib.suppress(OSError):  # the other side hangs up in some tests
                    self._serve(connection)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


@pytest.fixture
def serving() -> Iterator[Callable[[Callable[[socket.socket], None]], Server]]:
    servers: list[Server] = []

    def start(serve: Callable[[socket.socket], None]) -> Server:
        servers.append(Server(serve))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(checkup, "PATIENCE_S", 0.5)


def manager(*, refuse: str = "", queues: int = 2, timestamp: float | None = None,
            status_error: str = "") -> Callable[[socket.socket], None]:
    """A manager interface that knows login, lists and ping."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(b"Asterisk Call Manager/11.0.0\r\n")
        with connection.makefile("rb") as lines:
            fields: dict[str, str] = {}
            for line in lines:
                if line.strip():
                    key, _, value = line.decode().strip().partition(": ")
                    fields[key] = value
                    continue
                connection.sendall(answer(fields).replace("\n", "\r\n").encode())
                fields = {}

    def answer(fields: dict[str, str]) -> str:
        mark = f"ActionID: {fields['ActionID']}\n"
        match fields["Action"]:
            case "Login":
                if refuse or fields["Secret"] != SECRET:
                    return f"Response: Error\n{mark}Message: {refuse or 'Authentication failed'}\n\n"
                return f"Response: Success\n{mark}Message: Authentication accepted\n\nEvent: FullyBooted\n\n"
            case "QueueStatus" if status_error:
                return f"Response: Error\n{mark}Message: {status_error}\n\n"
            case "QueueStatus":
                rows = "".join(f"Event: QueueParams\nQueue: q{n}\n{mark}\n"
                               f"Event: QueueMember\nQueue: q{n}\nLocation: PJSIP/1\n{mark}\n"
                               for n in range(queues))
                return f"Response: Success\n{mark}\n{rows}Event: QueueStatusComplete\n{mark}\n"
            case "Ping" if timestamp is not None:
                return f"Response: Success\n{mark}Ping: Pong\nTimestamp: {timestamp:.6f}\n\n"
            case _:
                return f"Response: Success\n{mark}\n"

    return serve


def examine(**config: object) -> list[Finding]:
    made = AsteriskConfig.model_validate(config)
    found = checkup.examine(made, Context(clock=ManualClock(NOW), environ={"WORD": SECRET}))
    assert SECRET not in repr(found)
    return list(found)


def ami(port: int, **more: object) -> dict[str, object]:
    return {"port": port, "username": "wall", "secret_env": "WORD", **more}


def about(found: list[Finding], subject: str) -> list[tuple[str, str]]:
    return [(f.level, f.text) for f in found if f.subject == subject]


def test_a_good_login_says_greeting_queues_and_clock(serving):
    server = serving(manager(timestamp=NOW / SECOND + 0.25))
    found = examine(ami=ami(server.port))
    assert about(found, "manager") == [
        ("ok", f"127.0.0.1:{server.port}: Asterisk Call Manager/11.0.0, logged in as wall"),
        ("ok", "2 queues, 1 member"),
    ]
    assert about(found, "clock") == [("ok", "Asterisk's clock and this host's differ by 0.25 s")]


@pytest.mark.parametrize(("off", "said"), [(90.0, "90.0 s ahead of"), (-3.5, "3.5 s behind")])
def test_a_clock_that_is_off_is_said(serving, off, said):
    server = serving(manager(timestamp=NOW / SECOND + off))
    [(level, text)] = about(examine(ami=ami(server.port)), "clock")
    assert level == "warn"
    assert said in text


def test_a_refused_login_says_whose_and_what_to_do(serving):
    server = serving(manager(refuse="Authentication failed"))
    found = examine(ami=ami(server.port))
    assert found[0].level == "fail"
    assert found[0].text.endswith("login refused for wall: Authentication failed")
    assert "manager.conf" in found[0].mend


def test_a_refused_list_and_an_empty_one(serving):
    refused = serving(manager(status_error="Invalid/unknown command"))
    assert ("fail", "QueueStatus refused: Invalid/unknown command") in about(
        examine(ami=ami(refused.port)), "manager")
    empty = serving(manager(queues=0))
    assert ("warn", "no queue is listed") in about(examine(ami=ami(empty.port)), "manager")


def flood(connection: socket.socket) -> None:
    for _ in range(2000):
        connection.sendall(b"x" * 65536)


@pytest.mark.parametrize(
    ("serve", "said"),
    [
        (lambda c: None, "hung up"),
        (lambda c: c.recv(1), "no answer"),
        (lambda c: c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "no manager interface"),
        (lambda c: c.sendall(b"\xff\xfe\x00 garbage\n" * 500), "no manager interface"),
        (flood, "no manager interface"),
        (lambda c: (c.sendall(b"Asterisk Call Manager/11.0.0\r\n"), flood(c)), "no answer"),
    ],
)
def test_what_is_no_manager_is_said_within_bounds(serving, serve, said):
    [first, *_] = examine(ami=ami(serving(serve).port))
    assert first.level == "fail"
    assert said in first.text
    assert first.mend


def test_nobody_there():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert examine(ami=ami(port))[0][:3] == ("fail", "manager", f"127.0.0.1:{port}: Connection refused")


def http(login: bytes, status: int = 200) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            head, length = b"", 0
            for line in lines:
                head += line
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
                if line.strip():
                    continue
                # What stands in an address ends up in logs: of the server, and of every proxy before it.
                assert SECRET.encode() not in head
                asked, head = lines.read(length), b""
                body = login if b"action=login" in asked else (
                    b"Response: Success\r\n\r\nEvent: QueueParams\r\nQueue: a\r\n\r\n")
                head = b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
                connection.sendall(head + body)

    return serve


@pytest.mark.parametrize(
    ("login", "status", "level", "said"),
    [
        (b"Response: Success\r\nMessage: Authentication accepted\r\n\r\n", 200, "ok", "logged in as wall"),
        (b"Response: Error\r\nMessage: Authentication failed\r\n\r\n", 200, "fail", "Authentication failed"),
        (b"<html>hello</html>", 200, "fail", "is no manager"),
        (b"", 404, "fail", "HTTP 404"),
        (b"x" * 1000, 500, "fail", "HTTP 500"),
    ],
)
def test_http(serving, login, status, level, said):
    server = serving(http(login, status))
    found = examine(http={"url": f"http://127.0.0.1:{server.port}", "username": "wall", "secret_env": "WORD"})
    assert found[0].level == level
    assert said in found[0].text
    assert (("ok", "1 queue, 0 members") in about(found, "manager http")) is (level == "ok")


def test_an_endless_http_answer_is_bounded(serving, monkeypatch):
    monkeypatch.setattr(checkup, "ANSWER_LIMIT", 1 << 20)

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        flood(connection)

    url = f"http://127.0.0.1:{serving(serve).port}"
    found = examine(http={"url": url, "username": "wall", "secret_env": "WORD"})
    assert found[0].level == "fail"


def test_a_missing_variable_is_named(monkeypatch):
    [first, *_] = examine(ami={"username": "wall", "secret_env": "NOT_SET"})
    assert (first.level, first.text) == ("fail", "environment variable NOT_SET is empty or not set")


def test_a_secret_file_that_others_may_read_is_said(tmp_path, serving):
    server = serving(manager())
    path = tmp_path / "secret"
    path.write_text(SECRET + "\n")
    path.chmod(0o644)
    found = examine(ami={"port": server.port, "username": "wall", "secret_file": str(path)})
    assert found[0].level == "warn"
    assert found[0].mend == f"chmod 600 {path}"
    path.chmod(0o600)
    assert examine(ami={"port": server.port, "username": "wall", "secret_file": str(path)})[0].level == "ok"


@pytest.mark.parametrize(
    ("content", "level", "said"),
    [
        (b"", "ok", "is empty so far"),
        (b"1795283199|NONE|NONE|NONE|QUEUESTART|\n", "ok", "38 bytes, last line 40 s ago"),
        (b"1795240039|NONE|NONE|NONE|QUEUESTART|\n", "ok", "last line 12 h ago"),
        (b"1795283539|NONE|NONE|NONE|QUEUESTART|\n", "warn", "300 s ahead of this host's clock"),
        (b"[2026-11-21 19:40:40] WARNING config.c: odd\n" * 50, "fail", "none of its last lines"),
        (b"\x00\xff\n" * 100, "fail", "none of its last lines"),
    ],
)
def test_log(tmp_path, content, level, said):
    path = tmp_path / "queue_log"
    path.write_bytes(content)
    [finding] = checkup.check_log(path, NOW)
    assert finding.level == level
    assert said in finding.text


def test_a_log_that_is_missing_or_a_folder(tmp_path):
    for path, said in ((tmp_path / "none", "there is no such file"), (tmp_path, "is a folder")):
        [finding] = checkup.check_log(path, NOW)
        assert finding.level == "fail"
        assert said in finding.text
        assert finding.mend


def test_a_single_way_in_says_what_it_cannot_know(tmp_path, serving):
    (tmp_path / "queue_log").write_text("")
    assert examine(queue_log=str(tmp_path / "queue_log"))[-1].subject == "manager"
    assert "read = agent" in examine(queue_log=str(tmp_path / "queue_log"))[-1].mend
    assert "time-outs" in examine(ami=ami(serving(manager()).port))[-1].text


@pytest.mark.asterisk
def test_a_real_asterisk():
    said = Path(os.environ["CCBOARD_TEST_ASTERISK_DIR"], "env").read_text(encoding="utf-8")
    env = dict(line.split("=", 1) for line in said.splitlines())
    config = AsteriskConfig.model_validate({
        "queue_log": env["QUEUE_LOG"],
        "ami": {"port": int(env["AMI_PORT"]), "username": "agentonly", "secret": "agentonly-secret"},
        "http": {"url": env["HTTP_URL"], "username": "agentonly", "secret": "agentonly-secret"},
    })
    found = checkup.examine(config, Context())
    assert {f.level for f in found} == {"ok"}
    assert [f.subject for f in found] == [
        "queue_log", "manager", "manager", "clock", "manager http", "manager http"]
    assert found[2].text.startswith("3 queues, ")
