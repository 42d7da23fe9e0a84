"""The manager client against scripted servers: what is said, what is sent, and that it comes back."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ccboard.clock import SystemClock
from ccboard.errors import ConfigError
from sources.asterisk import ami as ami_module
from sources.asterisk.ami import Ami
from sources.asterisk.config import Ami as AmiConfig
from sources.asterisk.heard import ClockRead, Deaf, Down, Heard, Said, Up

SECRET = "very-secret-word"
BANNER = b"Asterisk Call Manager/11.0.0\r\n"


class Server:
    """Accepts connections one after the other and plays `script` on each; keeps what it was sent."""

    def __init__(self, script: Callable[["Server", socket.socket], None]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.got = b""
        self.connections = 0
        self.failed: list[BaseException] = []
        self._script = script
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                self.connections += 1
                try:
                    self._script(self, connection)
                except OSError:
                    pass  # the client hung up: what some scripts are about
                except BaseException as error:
                    self.failed.append(error)

    def until(self, connection: socket.socket, text: bytes) -> None:
        """Read until the client has sent `text`."""
        mine = b""
        while text not in mine:
            data = connection.recv(4096)
            if not data:
                raise ConnectionError
            mine += data
            self.got += data

    def login(self, connection: socket.socket) -> None:
        connection.sendall(BANNER)
        self.until(connection, b"Events: on\r\n\r\n")
        number = self.got.rsplit(b"ActionID: ccboard-login-", 1)[1].split(b"\r\n")[0]
        connection.sendall(
            b"Response: Success\r\nActionID: ccboard-login-" + number + b"\r\n"
            b"Message: Authentication accepted\r\n\r\n"
        )

    def close(self) -> None:
        self._ended.set()
        self.listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[Server, socket.socket], None]], Server]]:
    servers: list[Server] = []

    def make(script: Callable[[Server, socket.socket], None]) -> Server:
        servers.append(Server(script))
        return servers[-1]

    yield make
    for server in servers:
        server.close()
        assert server.failed == []


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses short enough for a test; what is tested is that they end."""
    monkeypatch.setattr(ami_module, "BACKOFF_S", (0.05, 0.2))
    monkeypatch.setattr(ami_module, "SOON_BACK_S", 0.2)


def client(port: int, *, resync_s: float = 60, username: str = "ccboard", **keys: object) -> Ami:
    config = AmiConfig.model_validate(
        {"host": "127.0.0.1", "port": port, "username": username, **(keys or {"secret": SECRET})}
    )
    return Ami(config, {"AMI_SECRET": SECRET}, SystemClock(), resync_s, dice=lambda: 0.5)


def follow(ami: Ami, done: Callable[[list[Heard]], bool], seconds: float = 10) -> list[Heard]:
    """Poll until `done`; fail after `seconds`."""
    heard: list[Heard] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        heard += ami.poll()
        if done(heard):
            return heard
        ami.wait(0.05)
    raise AssertionError(f"never came: error {ami.error!r}, heard {heard[-5:]}")


def error_of(port: int, **keys: object) -> str:
    ami = client(port, **keys)
    try:
        follow(ami, lambda _: ami.error is not None)
        assert ami.error is not None
        assert SECRET not in ami.error
        return ami.error
    finally:
        ami.close()


def test_logs_in_asks_for_the_list_and_pings(serve) -> None:
    def script(server: Server, connection: socket.socket) -> None:
        server.login(connection)
        server.until(connection, b"Action: QueueStatus")
        connection.sendall(b"Event: QueueParams\r\nQueue: supp")
        connection.sendall(b"ort\r\nCalls: 0\r\n\r\nEvent: Queue")
        connection.sendall("CallerJoin\r\nCallerIDName: 陈伟\r\n\r\n".encode())
        number = server.got.rsplit(b"ccboard-ping-", 1)[1].split(b"\r\n")[0]
        connection.sendall(
            b"Response: Success\r\nActionID: ccboard-ping-" + number
            + b"\r\nPing: Pong\r\nTimestamp: 1795289812.977548\r\n\r\n\r\n"
        )  # fmt: skip
        server.until(connection, b"never")

    server = serve(script)
    ami = client(server.port)
    heard = follow(ami, lambda heard: len(heard) >= 4)
    ami.close()
    assert isinstance(heard[0], Up)
    assert ami.error is None
    said = [item.message for item in heard if isinstance(item, Said)]
    assert said[:2] == [
        {"Event": "QueueParams", "Queue": "support", "Calls": "0"},
        {"Event": "QueueCallerJoin", "CallerIDName": "陈伟"},
    ]
    clock = [item for item in heard if isinstance(item, ClockRead)]
    assert clock[0].remote == 1795289812977548
    assert clock[0].sent <= clock[0].received


def test_sends_nothing_that_changes_anything(serve) -> None:
    def script(server: Server, connection: socket.socket) -> None:
        server.login(connection)
        server.until(connection, b"Logoff")

    server = serve(script)
    ami = client(server.port, resync_s=0.1)
    follow(ami, lambda _: server.got.count(b"QueueStatus") >= 3)
    ami.close()
    time.sleep(0.05)
    actions = {line for line in server.got.split(b"\r\n") if line.startswith(b"Action:")}
    assert actions <= {b"Action: Login", b"Action: Ping", b"Action: QueueStatus", b"Action: Logoff"}


def test_a_reload_brings_a_list_soon(serve) -> None:
    def script(server: Server, connection: socket.socket) -> None:
        server.login(connection)
        server.until(connection, b"QueueStatus")
        connection.sendall(b"Event: Reload\r\nModule: app_queue.so\r\n\r\n")
        server.until(connection, b"QueueStatus")
        connection.sendall(b"Event: Done\r\n\r\n")
        server.until(connection, b"never")

    ami = client(serve(script).port)
    heard = follow(ami, lambda h: any(isinstance(i, Said) and i.message.event == "Done" for i in h))
    ami.close()
    assert [i.message.event for i in heard if isinstance(i, Said)] == ["Reload", "Done"]


def test_asterisk_that_is_still_starting_is_asked_again(serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lets us in before app_queue is loaded: the list is refused, and the next comes soon."""
    monkeypatch.setattr(ami_module, "NOT_YET_S", 0.05)

    def script(server: Server, connection: socket.socket) -> None:
        server.login(connection)
        for answer in (b"Error\r\nMessage: Invalid/unknown command: QueueStatus.", b"Success"):
            server.until(connection, b"QueueStatus\r\nActionID: ccboard-status-")
            number = server.got.rsplit(b"ccboard-status-", 1)[1].split(b"\r\n")[0]
            identity = b"\r\nActionID: ccboard-status-" + number + b"\r\n\r\n"
            connection.sendall(b"Response: " + answer + identity)
        connection.sendall(b"Event: Done\r\n\r\n")
        server.until(connection, b"never")

    ami = client(serve(script).port)
    said = []

    def done(heard: list[Heard]) -> bool:
        said.append(ami.error)
        return any(isinstance(item, Said) and item.message.event == "Done" for item in heard)

    follow(ami, done)
    assert any("no queues yet (is app_queue loaded?)" in text for text in said if text)
    assert ami.error is None
    ami.close()


def test_connection_refused_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert error_of(port).startswith(f"AMI 127.0.0.1:{port}: connection refused; does Asterisk run")


def test_a_host_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def lookup(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    ami = client(5038)
    follow(ami, lambda _: ami.error is not None)
    ami.close()
    assert ami.error == "AMI 127.0.0.1:5038: host name not found (Name or service not known)"


def test_a_refused_login_names_the_user_and_not_the_secret(serve) -> None:
    def script(server: Server, connection: socket.socket) -> None:
        connection.sendall(BANNER)
        server.until(connection, b"Events: on\r\n\r\n")
        number = server.got.rsplit(b"ccboard-login-", 1)[1].split(b"\r\n")[0]
        connection.sendall(
            b"Response: Error\r\nActionID: ccboard-login-" + number + b"\r\n"
            b"Message: Authentication failed\r\n\r\n"
        )

    server = serve(script)
    assert error_of(server.port) == (
        f"AMI 127.0.0.1:{server.port}: login refused for user ccboard (manager.conf): Authentication failed"
    )


def test_another_service_on_that_port(serve) -> None:
    def script(server: Server, connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
        server.until(connection, b"never")

    server = serve(script)
    error = error_of(server.port)
    assert "not a manager interface; it said 'SSH-2.0-OpenSSH_9.2p1 Debian-2'" in error
    assert SECRET.encode() not in server.got  # nobody else is told the secret


def test_a_service_that_says_nothing(serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami_module, "LOGIN_S", 0.2)

    def script(server: Server, connection: socket.socket) -> None:
        server.until(connection, b"never")

    assert "no greeting within" in error_of(serve(script).port)


def test_closed_at_once(serve) -> None:
    server = serve(lambda *_: None)
    assert "closed the connection at once" in error_of(server.port)
    ami = client(server.port)
    follow(ami, lambda _: server.connections >= 4)  # and it tries again and again
    ami.close()


def test_silence_after_the_login(serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami_module, "SILENCE_S", 0.3)

    def script(server: Server, connection: socket.socket) -> None:
        server.login(connection)
        server.until(connection, b"never")

    ami = client(serve(script).port)
    heard = follow(ami, lambda heard: any(isinstance(item, Down) for item in heard))
    ami.close()
    up, down = heard
    assert isinstance(up, Up)
    assert isinstance(down, Down)
    assert down.at == up.at  # when it was heard last, not when that was noticed
    assert "no answer for" in down.why


@pytest.mark.parametrize(
    "flood",
    [b"x" * 65536, b"Event: " + b"y" * 65000, b"\xff\x00\x1b[2J" * 16000, b"Key: value\r\n" * 5000],
    ids=["endless line", "endless value", "binary", "endless message"],
)
def test_a_flood_without_a_message_is_said_and_left(serve, flood: bytes) -> None:
    """Kept memory is bounded by the framer, the connection by `NONSENSE`."""

    def script(server: Server, connection: socket.socket) -> None:
        server.login(connection)
        if server.connections > 1:
            server.until(connection, b"never")
        for _ in range(2000):  # until the client hangs up
            connection.sendall(flood)

    server = serve(script)
    ami = client(server.port)
    heard = follow(ami, lambda heard: sum(isinstance(item, Up) for item in heard) == 2)
    ami.close()
    downs = [item for item in heard if isinstance(item, Down)]
    assert len(downs) == 1
    assert "MB without a manager message" in downs[0].why


def test_comes_back_after_a_restart(serve) -> None:
    def script(server: Server, connection: socket.socket) -> None:
        server.login(connection)
        connection.sendall(b"Event: FullyBooted\r\n\r\n")

    server = serve(script)
    ami = client(server.port)
    heard = follow(ami, lambda heard: sum(isinstance(item, Up) for item in heard) == 3)
    ami.close()
    kinds = [type(item).__name__ for item in heard]
    assert kinds[:6] == ["Up", "Said", "Down", "Up", "Said", "Down"]


def test_what_comes_before_a_login_is_no_news(serve) -> None:
    def script(server: Server, connection: socket.socket) -> None:
        connection.sendall(BANNER + b"Event: QueueCallerJoin\r\n\r\n")
        server.until(connection, b"never")

    ami = client(serve(script).port)
    heard = follow(ami, lambda _: ami._phase == "login")
    ami.close()
    assert heard == []


def test_an_account_without_read_agent_is_noticed() -> None:
    from sources.asterisk.messages import Message

    deaf = Deaf()

    def listed(calls: int) -> None:
        deaf.take(Message(Event="QueueParams", Queue="support", Calls=str(calls), Completed="0"))
        deaf.take(Message(Event="QueueMember", Queue="support"))
        deaf.take(Message(Event="QueueStatusComplete"))

    listed(0)
    listed(0)
    assert not deaf.suspected  # nothing happened, nothing to hear
    deaf.take(Message(Event="QueueCallerJoin"))
    listed(1)
    assert not deaf.suspected
    listed(2)
    assert deaf.suspected
    deaf.take(Message(Event="QueueCallerJoin"))
    assert not deaf.suspected


def test_secrets_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from-file\nand more\n")
    assert AmiConfig(username="u", secret_file=file).reveal({}) == "from-file"
    assert AmiConfig(username="u", secret_env="X").reveal({"X": "from-env"}) == "from-env"
    with pytest.raises(ConfigError, match="environment variable X is empty or not set"):
        AmiConfig(username="u", secret_env="X").reveal({})
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        AmiConfig(username="u", secret_file=tmp_path / "none").reveal({})
    with pytest.raises(ValueError, match="exactly one of"):
        AmiConfig(username="u")
    with pytest.raises(ValueError, match="not secret and secret_env"):
        AmiConfig.model_validate({"username": "u", "secret": "s", "secret_env": "X"})
    shown = repr(AmiConfig.model_validate({"username": "u", "secret": SECRET}))
    assert SECRET not in shown


def test_a_missing_secret_is_said_like_any_trouble(serve) -> None:
    def script(server: Server, connection: socket.socket) -> None:
        connection.sendall(BANNER)
        server.until(connection, b"never")

    assert "environment variable NOT_SET is empty or not set" in error_of(
        serve(script).port, secret_env="NOT_SET"
    )
