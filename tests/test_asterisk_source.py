"""The source as the collector sees it: ways in alone and together, kills, gaps, clocks, troubles."""

import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from asterisk_floor import Floor, from_log
from pydantic import ValidationError
from recordings import DATA
from test_asterisk_ami import Server
from test_asterisk_ami_http import Manager

from ccboard.clock import SECOND, SystemClock
from ccboard.errors import ConfigError
from ccboard.source import Context, Data, Failed, Nothing, Polled
from sources.asterisk import ami, ami_http, source
from sources.asterisk.config import Ami, AsteriskConfig
from sources.asterisk.source import AsteriskSource

SECRET = "very-secret-word"
LOG = DATA / "asterisk-16.28.0" / "queue_log"


def make(config: dict[str, object], day_start: int = 0) -> AsteriskSource:
    return AsteriskSource(
        "pbx", AsteriskConfig.model_validate(config), Context(SystemClock(), day_start=day_start, environ={})
    )


def account(port: int) -> dict[str, object]:
    return {"host": "127.0.0.1", "port": port, "username": "ccboard", "secret": SECRET}


def drain(asterisk: AsteriskSource, done: Callable[[Polled, Floor], bool], seconds: float = 15) -> Floor:
    """Poll until `done`; return what came."""
    floor = Floor()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        polled = asterisk.poll(0.2)
        if isinstance(polled, Data):
            floor.apply(polled)
        if done(polled, floor):
            return floor
    raise AssertionError(f"never came; last {polled}")


def quiet(polled: Polled, _: Floor) -> bool:
    return not isinstance(polled, Data)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami, "BACKOFF_S", (0.05, 0.2))
    monkeypatch.setattr(ami, "SOON_BACK_S", 0.2)
    monkeypatch.setattr(ami_http, "BACKOFF_S", (0.05, 0.2))
    monkeypatch.setattr(ami_http, "SOON_BACK_S", 0.2)
    monkeypatch.setattr(source, "CLOCK_FIRST_S", 0.3)


class Pbx:
    """A manager whose clock is `behind` ours: answers pings and lists, and says what it is given to say."""

    def __init__(self, behind: float = 0.0) -> None:
        self.behind = behind
        self.say: list[bytes] = []
        self.hang_up = threading.Event()
        self.lists = 0
        self.server = Server(self.script)
        self.port = self.server.port

    def now(self) -> float:
        return time.time() - self.behind

    def script(self, server: Server, connection: socket.socket) -> None:
        server.login(connection)
        connection.settimeout(0.02)
        rest = b""
        while not self.hang_up.is_set():
            while self.say:
                connection.sendall(self.say.pop(0))
            try:
                data = connection.recv(4096)
            except TimeoutError:
                continue
            if not data:
                return
            rest += data
            *actions, rest = rest.split(b"\r\n\r\n")
            for action in actions:
                fields = dict(line.split(b": ", 1) for line in action.split(b"\r\n"))
                identity = b"\r\nActionID: " + fields.get(b"ActionID", b"") + b"\r\n"
                if fields[b"Action"] == b"Ping":
                    pong = f"Ping: Pong\r\nTimestamp: {self.now():.6f}\r\n\r\n".encode()
                    connection.sendall(b"Response: Success" + identity + pong)
                elif fields[b"Action"] == b"QueueStatus":
                    self.lists += 1
                    connection.sendall(
                        b"Response: Success" + identity + b"\r\nEvent: QueueParams" + identity
                        + b"Queue: sales\r\nCalls: 0\r\nCompleted: 0\r\nAbandoned: 0\r\n\r\n"
                        + b"Event: QueueStatusComplete" + identity + b"\r\n"
                    )  # fmt: skip
        self.hang_up.clear()

    def join(self, call: str, stamp: bool = True) -> None:
        when = f"Timestamp: {self.now():.6f}\r\n" if stamp else ""
        self.say.append(
            f"Event: QueueCallerJoin\r\n{when}Uniqueid: {call}\r\nQueue: sales\r\nPosition: 1\r\nCount: 1\r\n"
            "CallerIDNum: 07\r\n\r\n".encode()
        )


@pytest.fixture
def pbx() -> Iterator[Callable[..., Pbx]]:
    made: list[Pbx] = []

    def one(**keys: float) -> Pbx:
        made.append(Pbx(**keys))
        return made[-1]

    yield one
    for item in made:
        item.hang_up.set()
        item.server.close()
        assert item.server.failed == []


# ---- the log alone


def test_the_log_alone(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_bytes(LOG.read_bytes())
    asterisk = make({"queue_log": str(log)})
    asterisk.open(None)
    floor = drain(asterisk, quiet)
    assert floor.figures() == from_log(LOG.read_bytes().splitlines())
    first = int(LOG.read_bytes().split(b"|")[0])
    assert [s.at // SECOND for s in floor.statuses if s.kind == "whole"] == [first]
    alive = [s for s in floor.statuses if s.kind == "alive"]
    assert alive[0].at == first * SECOND  # the log was whole before we came, and says so
    assert abs((alive[-1].until or 0) - SystemClock().now()) < 20 * SECOND
    assert asterisk.sees == frozenset()
    with log.open("ab") as file:
        file.write(f"{int(time.time())}|9.9|sales|NONE|ENTERQUEUE||07|1\n".encode())
    assert ("9.9", "sales", 1) in drain(asterisk, lambda polled, _: isinstance(polled, Data)).contacts
    asterisk.close()


@pytest.mark.parametrize("seed", range(8))
def test_kills_at_any_moment_cost_nothing(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines come, the log is rotated, the process is killed before or after its batch was committed."""
    dice = random.Random(seed)
    monkeypatch.setattr(source, "TOGETHER_S", 0.0)
    lines = LOG.read_bytes().splitlines(keepends=True)[:400]
    log = tmp_path / "queue_log"
    log.write_bytes(b"".join(lines[:50]))
    floor = Floor()
    cursor: str | None = None
    asterisk = make({"queue_log": str(log)}, day_start=1)
    asterisk.open(None)
    at = 50
    while True:
        polled = asterisk.poll(0)
        if isinstance(polled, Data):
            if dice.random() < 0.8:  # committed: records and cursor together
                floor.apply(polled)
                cursor = polled.cursor
                killed = dice.random() < 0.3
            else:
                killed = True
        else:
            killed = False
            if at == len(lines):
                break
        if killed:
            asterisk.close()
            asterisk = make({"queue_log": str(log)}, day_start=1)
            asterisk.open(cursor)
        count = dice.randint(0, 12)
        more = b"".join(lines[at : at + count])
        at = min(at + count, len(lines))
        if more and dice.random() < 0.1:
            log.rename(tmp_path / f"queue_log.{at}")
        with log.open("ab") as file:
            file.write(more)
    assert floor.figures() == from_log(lines)
    assert not [s for s in floor.statuses if s.kind == "gap"]


def test_a_log_that_is_none_fails_and_comes_back(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.mkdir()
    asterisk = make({"queue_log": str(log)})
    asterisk.open(None)
    failed = asterisk.poll(0)
    assert isinstance(failed, Failed)
    assert failed.error == f"{log}: is a directory, not a queue_log file"
    log.rmdir()
    log.write_bytes(LOG.read_bytes())
    assert drain(asterisk, quiet).contacts
    asterisk.close()


def test_lines_that_cannot_be_used_are_said_with_their_place(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_bytes(b"1795283239|NONE|NONE|NONE|QUEUESTART|\nnonsense\n9999999999|a|b|c|D\n")
    asterisk = make({"queue_log": str(log)})
    asterisk.open(None)
    polled = asterisk.poll(0)
    assert isinstance(polled, Data)
    assert [reject.where for reject in polled.rejects] == ["queue_log:2", "queue_log:3"]
    asterisk.close()


@pytest.mark.parametrize(
    "cursor", ["", "{}", "[1]", '{"v":1}', '{"v":1,"reads_log":true,"log":{"inode":1},"reducer":""}']
)
def test_a_cursor_that_is_none_is_said_and_all_is_read(tmp_path: Path, cursor: str) -> None:
    log = tmp_path / "queue_log"
    log.write_bytes(LOG.read_bytes())
    asterisk = make({"queue_log": str(log)})
    asterisk.open(cursor)
    floor = drain(asterisk, quiet)
    assert floor.figures() == from_log(LOG.read_bytes().splitlines())
    assert any("starting anew" in (s.text or "") for s in floor.statuses if s.kind == "note")
    asterisk.close()


def test_lines_lost_while_away_are_a_gap(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text("1795283239|1.1|sales|NONE|ENTERQUEUE||07|1\n")
    asterisk = make({"queue_log": str(log)})
    asterisk.open(None)
    first = asterisk.poll(0)
    assert isinstance(first, Data)
    asterisk.close()
    log.unlink()
    log.write_text("1795290000|2.1|sales|NONE|ENTERQUEUE||08|1\n")
    asterisk = make({"queue_log": str(log)})
    asterisk.open(first.cursor)
    floor = drain(asterisk, quiet)
    assert [(s.at // SECOND, (s.until or 0) // SECOND) for s in floor.statuses if s.kind == "gap"] == [
        (1795283239, 1795290000)
    ]
    assert floor.contacts["1.1", "sales", 1].outcome == "unknown"
    assert floor.contacts["2.1", "sales", 1].outcome is None
    asterisk.close()


# ---- the manager


def test_the_manager_alone_and_its_gaps(pbx: Callable[..., Pbx], monkeypatch: pytest.MonkeyPatch) -> None:
    phone = pbx()
    asterisk = make({"ami": account(phone.port)})
    assert asterisk.sees == {"ringing", "hold"}
    asterisk.open(None)
    phone.join("1.1")
    floor = drain(asterisk, lambda _, floor: ("1.1", "sales", 1) in floor.contacts)
    assert [s.kind for s in floor.statuses if s.kind in ("whole", "gap")] == ["whole"]
    drain(asterisk, quiet)
    phone.hang_up.set()
    floor = drain(asterisk, lambda _, floor: any(s.kind == "gap" for s in floor.statuses))
    monkeypatch.setattr(source, "CURSOR_S", 0.05)
    cursor = asterisk.poll(0.3)
    while not isinstance(cursor, Data):  # a quiet source says where it is, too
        cursor = asterisk.poll(0.3)
    asterisk.close()
    before = SystemClock().now()
    asterisk = make({"ami": account(phone.port)})
    asterisk.open(cursor.cursor)
    floor = drain(asterisk, lambda _, floor: any(s.kind == "gap" for s in floor.statuses))
    [gap] = [s for s in floor.statuses if s.kind == "gap"]
    assert gap.at < before < (gap.until or 0)  # from when we heard it last until it was up again
    assert not [s for s in floor.statuses if s.kind == "whole"]
    asterisk.close()


def test_no_way_in_works(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    asterisk = make({"queue_log": str(tmp_path / "none"), "ami": account(port)})
    asterisk.open(None)
    drain(asterisk, lambda p, _: isinstance(p, Failed) and "no such file" in p.error and "refused" in p.error)
    asterisk.close()


def test_one_way_that_fails_is_a_trouble_not_a_failure(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_bytes(LOG.read_bytes())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    asterisk = make({"queue_log": str(log), "ami": account(port)})
    asterisk.open(None)
    polled: list[Polled] = []
    floor = drain(asterisk, lambda p, _: polled.append(p) or (isinstance(p, Nothing) and bool(p.troubles)))
    assert floor.figures() == from_log(LOG.read_bytes().splitlines())
    last = polled[-1]
    assert isinstance(last, Nothing)
    [trouble] = last.troubles
    assert "connection refused" in trouble
    assert trouble.endswith("figures are from queue_log alone")
    assert SECRET not in trouble
    assert not any(isinstance(item, Failed) for item in polled)
    asterisk.close()


def test_a_log_that_fails_leaves_the_manager(pbx: Callable[..., Pbx], tmp_path: Path) -> None:
    phone = pbx()
    asterisk = make({"queue_log": str(tmp_path / "none"), "ami": account(phone.port)})
    asterisk.open(None)
    drain(asterisk, lambda p, _: isinstance(p, Nothing) and any("no such file" in t for t in p.troubles))
    phone.join("1.1")
    drain(asterisk, lambda _, floor: ("1.1", "sales", 1) in floor.contacts)
    asterisk.close()


def test_log_and_manager_make_one_visit(pbx: Callable[..., Pbx], tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_bytes(LOG.read_bytes())
    phone = pbx()
    asterisk = make({"queue_log": str(log), "ami": account(phone.port)})
    asterisk.open(None)
    drain(asterisk, lambda p, _: quiet(p, _) and phone.lists > 0)
    phone.join("1.1")
    live = drain(asterisk, lambda _, floor: ("1.1", "sales", 1) in floor.contacts)
    now = int(time.time())
    with log.open("ab") as file:
        file.write(f"{now}|1.1|sales|NONE|ENTERQUEUE||07|1\n{now}|1.1|sales|NONE|ABANDON|1|1|0\n".encode())
    final = drain(asterisk, lambda _, floor: any(c.outcome for c in floor.contacts.values()))
    assert list(live.contacts) == list(final.contacts) == [("1.1", "sales", 1)]
    assert final.contacts["1.1", "sales", 1].version > live.contacts["1.1", "sales", 1].version
    asterisk.close()


@pytest.mark.parametrize("stamp", [True, False])
@pytest.mark.parametrize("behind", [30.0, -30.0])
def test_a_clock_that_is_off_is_corrected_in_events_and_log(
    pbx: Callable[..., Pbx], tmp_path: Path, behind: float, stamp: bool
) -> None:
    log = tmp_path / "queue_log"
    phone = pbx(behind=behind)
    log.write_text(f"{int(phone.now()) - 100}|0.1|sales|NONE|ENTERQUEUE||07|1\n")
    begun = SystemClock().now()
    asterisk = make({"queue_log": str(log), "ami": account(phone.port)})
    asterisk.open(None)
    floor = drain(asterisk, lambda p, _: quiet(p, _) and phone.lists > 0)
    assert abs(floor.contacts["0.1", "sales", 1].offered_at - (begun - 100 * SECOND)) < 2 * SECOND
    [note] = [s.text or "" for s in floor.statuses if s.kind == "note"]
    assert ("behind ours" if behind > 0 else "ahead of ours") in note
    phone.join("1.1", stamp)
    floor = drain(asterisk, lambda _, floor: ("1.1", "sales", 1) in floor.contacts)
    now = SystemClock().now()
    assert now - 5 * SECOND < floor.contacts["1.1", "sales", 1].offered_at <= now
    asterisk.close()


# ---- HTTP


def test_http_alone() -> None:
    manager = Manager()
    asterisk = make({"http": {"url": manager.url, "username": "ccboard", "secret": SECRET}})
    asterisk.open(None)
    floor = drain(asterisk, lambda _, floor: bool(floor.contacts))
    assert [s.kind for s in floor.statuses if s.kind in ("whole", "gap")] == ["whole"]
    waiting = [c for c in floor.contacts.values() if c.outcome is None]
    assert waiting  # those of the recorded list
    assert all(c.offered_at <= SystemClock().now() for c in waiting)
    asterisk.close()
    manager.close()


def test_http_stands_in_for_tcp(pbx: Callable[..., Pbx], monkeypatch: pytest.MonkeyPatch) -> None:
    """While TCP is up HTTP is not asked at all; when it is lost HTTP takes over, and gives back."""
    monkeypatch.setattr(source, "STAND_IN_S", 0.2)
    manager = Manager()
    phone = pbx()
    asterisk = make(
        {"ami": account(phone.port), "http": {"url": manager.url, "username": "ccboard", "secret": SECRET}}
    )
    asterisk.open(None)
    drain(asterisk, lambda p, _: quiet(p, _) and phone.lists > 0)
    assert manager.asked == []
    monkeypatch.setattr(ami, "SOON_BACK_S", 1.5)
    monkeypatch.setattr(ami, "BACKOFF_S", (1.5, 1.5))
    phone.hang_up.set()
    drain(asterisk, lambda _, floor: bool(floor.contacts))  # the recorded list
    lists = phone.lists
    floor = drain(asterisk, lambda p, _: quiet(p, _) and phone.lists > lists and asterisk._http is None)
    assert not [s for s in floor.statuses if s.kind == "gap"]  # nothing was missed when it came back
    asterisk.close()
    manager.close()


# ---- configuration


def test_configuration(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="at least one way in"):
        AsteriskConfig()
    for log in ("queue_log", "~nobody-of-that-name/queue_log"):
        with pytest.raises(ValidationError, match="absolute path"):
            AsteriskConfig(queue_log=Path(log))
    lost = Ami(username="u", secret_file=Path("~nobody-of-that-name/secret"))
    with pytest.raises(ConfigError, match="cannot be read"):
        lost.reveal({})
    with pytest.raises(ValidationError, match="Extra inputs"):
        AsteriskConfig.model_validate({"queue_log": "/x", "queuelog": "/y"})
    with pytest.raises(ValidationError, match="http"):
        AsteriskConfig.model_validate({"http": {"url": "pbx:8088", "username": "u", "secret": "s"}})
    with pytest.raises(ValidationError, match="line end"):
        AsteriskConfig.model_validate({"ami": {"username": "u\r\nAction: Originate", "secret": "s"}})
    assert SECRET not in repr(AsteriskConfig.model_validate({"ami": account(5038)}))


def test_the_cursor_holds_no_secret(pbx: Callable[..., Pbx], tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_bytes(LOG.read_bytes())
    asterisk = make({"queue_log": str(log), "ami": account(pbx().port)})
    asterisk.open(None)
    polled = asterisk.poll(1)
    while not isinstance(polled, Data):
        polled = asterisk.poll(1)
    assert polled.cursor is not None
    assert SECRET not in polled.cursor
    assert json.loads(polled.cursor)["log"]["inode"] == log.stat().st_ino
    asterisk.close()


def test_news_while_no_way_in_works_is_not_a_sign_of_life(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text(f"{int(time.time()) - 5}|1.1|q|NONE|ENTERQUEUE||5|1\n")
    asterisk = make({"queue_log": str(log)})
    asterisk.open(None)
    first = asterisk.poll(1.0)
    assert isinstance(first, Data)
    assert first.heard
    drain(asterisk, quiet)
    log.unlink()
    log.mkdir()
    drain(asterisk, lambda polled, _: isinstance(polled, Failed))
    asterisk._reducer.missed(int(time.time()) * 1_000_000)
    said = asterisk.poll(0.0)
    assert isinstance(said, Data)
    assert not said.heard
    asterisk.close()
