"""The server against clients that are slow, broken or hostile: on a socket of its own, on loopback."""

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripted_hub import floor

from ccboard import client
from ccboard.client import Address, Connection
from ccboard.config import Config
from ccboard.errors import HubError
from ccboard.feed import Feed
from ccboard.hub import server as server_module
from ccboard.hub.api import Api, Response, error
from ccboard.hub.lock import bind
from ccboard.hub.roles import Tokens, Viewer
from ccboard.hub.server import Server
from ccboard.hub.ticker import Frame
from ccboard.snapshot import Snapshot

BIG = floor(notices=tuple("x" * 100_000 for _ in range(20)))


class House:
    """A hub reduced to its server, with a frame that the test changes."""

    def __init__(self, folder: Path) -> None:
        self.made: Frame | None = None
        self.path = folder / "hub.sock"
        self.seen: list[Viewer] = []
        self.slow = threading.Event()
        self.why_none: str | None = None
        self.server = Server(Api(self), lambda: self.made, lambda: None)  # type: ignore[arg-type]
        self.server.start()
        self.server.add_unix(bind(self.path, shared=False), shared=False)
        self.publish(floor())

    def publish(self, snapshot: Snapshot) -> None:
        self.made = Frame((self.made.seq if self.made else 0) + 1, snapshot, lambda viewer: snapshot)
        self.server.publish(self.made)

    def status(self, viewer: Viewer) -> dict[str, Any]:
        self.seen.append(viewer)
        return {"protocol": 1, "kind": "serve"}

    def frame(self, *, fresh: bool) -> Frame | None:
        return self.made

    def trouble(self) -> str | None:
        return self.why_none

    def frame_age(self, frame: Frame) -> float:
        return 0.0

    def cursor(self, source: str, key: str) -> str | None:
        self.slow.wait(10)
        return None

    def take(self, *what: Any) -> int:
        return len(what[3])

    def stop(self) -> str | None:
        return None

    @property
    def address(self) -> Address:
        return Address(path=str(self.path))

    def raw(self) -> socket.socket:
        made = socket.socket(socket.AF_UNIX)
        made.settimeout(10)
        made.connect(str(self.path))
        return made

    def well(self) -> None:
        """The hub answers others as if nothing were."""
        assert client.request(self.address, "GET", "/v1/status", timeout=5).good()["kind"] == "serve"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.slow.set()
    made.server.close()


def read_all(connection: socket.socket) -> bytes:
    data = b""
    with contextlib.suppress(ConnectionError):
        while got := connection.recv(65536):
            data += got
    return data


def until(true: Callable[[], Any]) -> None:
    for _ in range(500):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("did not come true in 5 s")


def test_a_plain_question(house: House) -> None:
    answer = client.request(house.address, "GET", "/v1/now")
    assert answer.status == 200
    assert answer.headers["ccboard-protocol"] == "1"
    assert answer.json()["name"] == "Hotline West"
    assert house.server.viewers() == 0


def test_several_questions_on_one_connection(house: House) -> None:
    connection = Connection(house.address)
    for _ in range(3):
        assert connection.ask("GET", "/v1/status").status == 200
    assert connection.ask("GET", "/v1/nonsense").status == 404
    assert connection.ask("POST", "/v1/records?source=a&type=t", b"\n" * 300_000).status == 200
    assert connection.ask("GET", "/v1/status", last=True).status == 200
    connection.close()


@pytest.mark.parametrize(("sent", "status"), [
    (b"HELLO\r\n\r\n", 400),
    (b"GET / HTTP/9\r\n\r\n", 400),
    (b"GET /v1/now HTTP/1.1\r\nno colon here\r\n\r\n", 400),
    (b"GET /v1/now HTTP/1.1\r\n: empty\r\n\r\n", 400),
    (b"POST /v1/records HTTP/1.1\r\nContent-Length: -5\r\n\r\n", 400),
    ("POST /v1/records HTTP/1.1\r\nContent-Length: ²\r\n\r\n".encode("latin-1"), 400),
    (b"POST /v1/records HTTP/1.1\r\nContent-Length: 99999999999999\r\n\r\n", 400),
    (b"POST /v1/records HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n", 413),
    (b"POST /v1/records HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    (b"POST /v1/records HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
    (b"POST /v1/nothing HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", 403),
    (b"\x00\xff\xfe" * 100 + b"\r\n\r\n", 400),
    (b"GET /v1/now?queue=\xff%zz HTTP/1.1\r\n\r\n", 404),
])
def test_garbage_gets_an_answer_and_the_door(house: House, sent: bytes, status: int) -> None:
    with house.raw() as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection).startswith(f"HTTP/1.1 {status} ".encode())
    house.well()


def test_ten_megabytes_of_head_are_not_kept(house: House) -> None:
    with house.raw() as connection:
        connection.sendall(b"GET /v1/now HTTP/1.1\r\n")
        with contextlib.suppress(ConnectionError, TimeoutError):
            for _ in range(160):
                connection.sendall(b"X-Filler: " + b"x" * 65_526)
        assert b" 431 " in read_all(connection)[:40]
    house.well()


def test_a_slow_head_is_dropped(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "HEAD_S", 0.3)
    with house.raw() as connection:
        with contextlib.suppress(ConnectionError):
            for byte in b"GET /v1/now HTTP/1.1\r\nX-Slow: " + b"x" * 200:
                connection.send(bytes([byte]))
                time.sleep(0.01)
        assert read_all(connection) == b""
    house.well()


def test_half_a_body_is_dropped(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "BODY_S", 0.2)
    with house.raw() as connection:
        connection.sendall(b"POST /v1/records?source=a&type=t HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf")
        assert read_all(connection) == b""
    with house.raw() as connection:
        connection.sendall(b"GET /v1/now HT")  # hangs up in the middle
    house.well()


def test_a_reader_that_stalls_is_dropped_and_disturbs_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "STALL_S", 0.3)
    house.publish(BIG)
    stalled = [house.raw() for _ in range(5)]
    try:
        for connection in stalled:
            connection.sendall(b"GET /v1/board?after=0&wait=5 HTTP/1.1\r\n\r\n" * 3)
        until(lambda: house.server.viewers() == 5)
        for _ in range(5):
            house.well()
            house.publish(BIG)
        until(lambda: house.server.viewers() == 0)
        for connection in stalled:
            assert len(read_all(connection)) < 2_000_000  # what the kernel held, no more
    finally:
        for connection in stalled:
            connection.close()
    house.well()


def test_a_slow_but_living_reader_gets_everything(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "STALL_S", 0.3)
    house.publish(BIG)
    with house.raw() as connection:
        connection.sendall(b"GET /v1/board?after=0&wait=5 HTTP/1.1\r\nConnection: close\r\n\r\n")
        data = b""
        while got := connection.recv(150_000):
            data += got
            time.sleep(0.05)
    assert json.loads(data.partition(b"\r\n\r\n")[2])["snapshot"]["notices"] == list(BIG.notices)


def test_too_many_connections_are_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "LOCAL_CONNECTIONS", 3)
    held = [house.raw() for _ in range(3)]
    time.sleep(0.1)
    with pytest.raises(HubError, match="too many connections"):
        client.request(house.address, "GET", "/v1/status").good()
    for connection in held:
        connection.close()
    until(lambda: client.request(house.address, "GET", "/v1/status").status == 200)


def test_questions_that_take_long_hold_up_no_board(house: House) -> None:
    connections = [house.raw() for _ in range(8)]
    for connection in connections:
        connection.sendall(b"GET /v1/cursor?source=a HTTP/1.1\r\n\r\n")
    assert house.made is not None
    house.made.wire(Viewer("manager"))
    board = Connection(house.address)
    assert board.ask("GET", "/v1/board?after=0&wait=1", timeout=5).good()["seq"] == house.made.seq
    board.close()
    house.slow.set()
    for connection in connections:
        assert b"200 OK" in connection.recv(4096)
        connection.close()


def test_a_fault_inside_is_an_answer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(request: object) -> Response:
        raise ZeroDivisionError

    monkeypatch.setattr(house, "status", fail)
    assert client.request(house.address, "GET", "/v1/status").status == 500
    assert error(400, "bad\x1b[31m").body == b'{"error":"bad[31m"}'


# Boards.


class Board:
    """What a board hears of its feed."""

    def __init__(self, find: Callable[[], Address]) -> None:
        self.heard: list[Any] = []
        self.feed = Feed(find, self.heard.append, lambda reason: self.heard.append(f"lost: {reason}"),
                         lambda: self.heard.append("back"))
        self.feed.start()

    def snapshots(self) -> list[Snapshot]:
        return [item for item in self.heard if isinstance(item, Snapshot)]


def test_a_board_gets_each_frame_as_it_comes(house: House) -> None:
    board = Board(lambda: house.address)
    until(lambda: len(board.heard) == 1)
    assert board.heard == [floor()]
    until(lambda: house.server.viewers() == 1)
    assert house.server.unwatched_s() == 0
    house.publish(floor(name="second"))
    until(lambda: len(board.heard) == 2)
    assert board.heard[1] == floor(name="second")
    board.feed.stop()
    until(lambda: house.server.viewers() == 0)
    assert house.server.unwatched_s() < 5


def test_only_a_board_keeps_a_hub_that_leaves_when_nobody_looks(house: House) -> None:
    time.sleep(0.2)
    for path in ("/v1/now", "/v1/status"):
        assert client.request(house.address, "GET", path).status == 200
        assert house.server.unwatched_s() >= 0.2
    assert client.request(house.address, "GET", "/v1/board").status == 200
    assert house.server.unwatched_s() < 0.2


def test_a_board_says_that_its_hub_is_gone_and_comes_back(tmp_path: Path) -> None:
    house = House(tmp_path)
    board = Board(lambda: house.address)
    until(lambda: board.heard)
    house.server.close()
    until(lambda: len(board.heard) == 2)
    assert board.heard[1].startswith("lost: ")
    time.sleep(0.3)
    assert len(board.heard) == 2  # said once
    house = House(tmp_path)
    until(lambda: len(board.heard) >= 4)
    assert board.heard[2] == "back"
    assert board.heard[3] == floor()
    board.feed.stop()
    house.server.close()


def test_a_board_without_a_hub_says_why_and_goes_on_looking(tmp_path: Path) -> None:
    asked = []

    def find() -> Address:
        asked.append(1)
        raise HubError("join group ccboard")

    board = Board(find)
    until(lambda: len(asked) >= 3)
    assert board.heard == ["lost: join group ccboard"]
    board.feed.stop()
    count = len(asked)
    time.sleep(0.3)
    assert len(asked) == count


def test_answers_that_nobody_understands_are_a_loss(house: House) -> None:
    assert house.made is not None
    house.made.wire = lambda viewer, after=0: b'{"seq": 5, "snapshot": {"wire": 9}}'  # type: ignore[method-assign]
    board = Board(lambda: house.address)
    until(lambda: board.heard)
    assert board.heard[0].startswith("lost: the hub's answer is not understood")
    house.publish(floor())
    until(board.snapshots)
    board.feed.stop()


def test_a_hub_that_holds_the_line_and_says_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ccboard import feed

    monkeypatch.setattr(feed, "WAIT_S", 0.1)
    monkeypatch.setattr(feed, "GRACE_S", 0.2)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "mute.sock"))
        listener.listen(16)
        board = Board(lambda: Address(path=str(tmp_path / "mute.sock")))
        until(lambda: board.heard)
        assert "did not answer within 0.3 s" in board.heard[0]
        board.feed.stop()


# TCP.


def tcp(house: House) -> Address:
    environ = {"W": "w" * 20, "C": "c" * 20}
    config = Config.model_validate({"hub": {"tokens": {
        "tv": {"token_env": "W"}, "north": {"role": "client", "queues": ["sales"], "token_env": "C"}}}})
    house.server.set_tokens(Tokens(config, environ, Path("/")))
    host, port = house.server.add_tcp("127.0.0.1", 0)
    return Address(host=host, port=port, origin="option")


def test_tcp_needs_a_token_and_its_role_decides(house: House) -> None:
    address = tcp(house)
    refused = client.request(address, "GET", "/v1/now")
    assert refused.status == 401
    assert client.request(address, "GET", "/v1/now", token="w" * 19 + "x").status == 401
    shown = client.request(address, "GET", "/v1/now", token="w" * 20)
    assert "Alice" not in shown.body.decode()
    assert [q["queue"] for q in client.request(address, "GET", "/v1/now", token="c" * 20).json()["queues"]] \
        == ["sales"]
    for method, path in (("POST", "/v1/stop"), ("POST", "/v1/records?source=a"), ("GET", "/v1/cursor")):
        assert client.request(address, method, path, token="c" * 20).status == 403


def dial(address: Address) -> socket.socket:
    return socket.create_connection((address.host, address.port), 10)


def test_clients_without_a_token_keep_nobody_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "STRANGER_S", 60.0)  # so that it is not their time that runs out
    address = tcp(house)
    board = Connection(address, token="w" * 20)
    assert board.ask("GET", "/v1/board?after=0&wait=0").status == 200
    silent = [dial(address) for _ in range(server_module.REMOTE_CONNECTIONS + 10)]
    for connection in silent[::2]:
        connection.sendall(b"GET /v1/now HTTP/1.1\r\nX-Slow: x")
    try:
        for _ in range(3):
            assert client.request(address, "GET", "/v1/now", timeout=5, token="w" * 20).status == 200
        assert read_all(silent[0]) == b""  # the oldest had to go
        assert board.ask("GET", "/v1/board?after=0&wait=0").status == 200  # who has shown a token stays
    finally:
        board.close()
        for connection in silent:
            connection.close()


def test_where_all_have_shown_a_token_the_next_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "REMOTE_CONNECTIONS", 2)
    address = tcp(house)
    kept = [Connection(address, token="w" * 20) for _ in range(2)]
    for connection in kept:
        assert connection.ask("GET", "/v1/status").status == 200
    with pytest.raises(HubError, match="too many connections"):
        client.request(address, "GET", "/v1/status", token="w" * 20).good()
    for connection in kept:
        assert connection.ask("GET", "/v1/status").status == 200
        connection.close()


def test_a_stranger_has_less_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "STRANGER_S", 0.2)
    address = tcp(house)
    with dial(address) as connection, house.raw() as local:
        connection.sendall(b"GET /v1/now HT")
        assert read_all(connection) == b""
        local.sendall(b"GET /v1/now HTTP/1.1\r\nConnection: close\r\n\r\n")  # a local one is still heard
        assert read_all(local).startswith(b"HTTP/1.1 200 ")


def test_a_token_can_be_taken_back(house: House) -> None:
    address = tcp(house)
    assert client.request(address, "GET", "/v1/status", token="w" * 20).status == 200
    house.server.set_tokens(Tokens(Config(), {}, Path("/")))
    assert client.request(address, "GET", "/v1/status", token="w" * 20).status == 401


def test_a_port_that_is_taken_is_said(house: House) -> None:
    address = tcp(house)
    with pytest.raises(HubError, match=f"cannot listen on 127.0.0.1:{address.port}"):
        house.server.add_tcp("127.0.0.1", address.port)


def test_members_of_the_group_look_and_do_not_write(house: House, tmp_path: Path) -> None:
    path = tmp_path / "service.sock"
    house.server.add_unix(bind(path, shared=True), shared=True)
    assert client.request(Address(path=str(path)), "POST", "/v1/stop").status == 200  # its own user
    if os.getuid() != 0:
        pytest.skip("only root can be somebody else")
    tmp_path.chmod(0o711)
    for folder in tmp_path.parents:
        if folder.stat().st_uid == 0 and folder != Path("/") and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o011)
    os.chown(path, 65534, 65534)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            made = Address(path=str(path))
            said = [client.request(made, *what).status for what in (
                ("GET", "/v1/now"), ("POST", "/v1/stop"), ("POST", "/v1/records?source=a&type=t"))]
            os.write(writer, repr(said).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        assert pipe.read() == "[200, 403, 403]"
    os.waitpid(child, 0)


def test_a_frame_is_not_lost_between_question_and_wait(house: House) -> None:
    board = Connection(house.address)
    for number in range(50):
        assert house.made is not None
        seq = house.made.seq
        threading.Thread(target=house.publish, args=(replace(floor(), name=str(number)),)).start()
        said = board.ask("GET", f"/v1/board?after={seq}&wait=5", timeout=4).good()
        assert said["seq"] == seq + 1
    board.close()
