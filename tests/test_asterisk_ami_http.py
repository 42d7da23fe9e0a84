"""The manager over HTTP against a server that answers with what a real Asterisk answered."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from ccboard.clock import SystemClock
from sources.asterisk import ami_http
from sources.asterisk.ami_http import AmiHttp
from sources.asterisk.config import Http as HttpConfig
from sources.asterisk.heard import ClockRead, Down, Heard, Said, Up

DATA = Path(__file__).parent / "data" / "rawman"
RECORDED = json.loads((DATA / "answers.json").read_text(encoding="utf-8"))
SECRET = "very-secret-word"
PLAIN = {"Server": "Asterisk", "Content-type": "text/plain"}
OK = b"Response: Success\r\nMessage: Authentication accepted\r\n\r\n"
FAILED = b"Response: Error\r\nMessage: Authentication failed\r\n\r\n"
PONG = b"Response: Success\r\nPing: Pong\r\nTimestamp: 1795290803.548699\r\n\r\n\r\n"
QUIET = b"Response: Success\r\nMessage: Waiting for Event completed.\r\n\r\nEvent: WaitEventComplete\r\n\r\n"


class Manager:
    """A scripted /rawman: sessions by cookie as Asterisk has them; `answers` by action."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []  # method and path, action
        self.sessions: set[str] = set()
        self.answers: dict[str, Callable[[], bytes]] = {
            "login": lambda: OK,
            "ping": lambda: PONG,
            "queuestatus": lambda: RECORDED["queuestatus"]["body"].encode(),
            "waitevent": self.quiet,
        }
        self.fixed: dict[str, object] | None = None
        manager = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                manager.reply(self, {key: value[0] for key, value in parse_qs(body).items()})

            def do_GET(self) -> None:
                manager.reply(self, {})

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @staticmethod
    def quiet() -> bytes:
        time.sleep(0.05)
        return QUIET

    def reply(self, handler: BaseHTTPRequestHandler, fields: dict[str, str]) -> None:
        action = fields.get("action", "")
        self.asked.append((f"{handler.command} {handler.path}", action))
        if self.fixed is not None:
            self.send(handler, self.fixed["status"], dict(self.fixed["headers"]), self.fixed["body"].encode())
            return
        cookie = handler.headers.get("Cookie", "")
        headers = dict(PLAIN)
        if action == "login":
            session = f'mansession_id="{len(self.asked):08x}"'
            headers["Set-Cookie"] = session + "; Version=1; Max-Age=60"
            body = self.answers["login"]()
            if fields.get("secret") != SECRET:
                body = FAILED
            elif body == OK:
                self.sessions.add(session)
            self.send(handler, 200, headers, body)
        elif cookie not in self.sessions:  # quotes and all
            refusal = RECORDED["not-logged-in"]
            self.send(handler, refusal["status"], refusal["headers"], refusal["body"].encode())
        else:
            self.send(handler, 200, headers, self.answers[action]())

    @staticmethod
    def send(handler: BaseHTTPRequestHandler, status: object, headers: dict[str, str], body: bytes) -> None:
        handler.send_response(int(str(status)))
        for key, value in headers.items():
            handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    monkeypatch.setattr(ami_http, "BACKOFF_S", (0.05, 0.2))
    monkeypatch.setattr(ami_http, "SOON_BACK_S", 0.2)
    made = Manager()
    yield made
    made.close()


def client(url: str, secret: str = SECRET, resync_s: float = 60, **keys: object) -> AmiHttp:
    config = HttpConfig.model_validate({"url": url, "username": "ccboard", "secret": secret, **keys})
    return AmiHttp(config, {}, SystemClock(), resync_s)


def follow(link: AmiHttp, done: Callable[[list[Heard]], bool], seconds: float = 10) -> list[Heard]:
    heard: list[Heard] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        heard += link.poll()
        if done(heard):
            link.close()
            return heard
        link.wait(0.05)
    link.close()
    raise AssertionError(f"never came: error {link.error!r}, heard {heard[-5:]}")


def error_of(url: str, **keys: object) -> str:
    link = client(url, **keys)
    follow(link, lambda _: link.error is not None)
    assert link.error is not None
    assert SECRET not in link.error
    return link.error


def events(heard: list[Heard]) -> list[str]:
    return [item.message.event for item in heard if isinstance(item, Said) and item.message.event]


def test_logs_in_lists_and_waits_for_events(manager: Manager) -> None:
    news = [b"Event: QueueCallerJoin\r\nUniqueid: 1.1\r\nCallerIDName: M\xfcller\r\n\r\n"]
    manager.answers["waitevent"] = lambda: (
        QUIET.replace(b"Event: WaitE", news.pop() + b"Event: WaitE") if news else Manager.quiet()
    )
    heard = follow(client(manager.url), lambda heard: "QueueCallerJoin" in events(heard))
    assert isinstance(heard[0], Up)
    assert [item.remote for item in heard if isinstance(item, ClockRead)] == [1795290803548699]
    listed = events(heard)
    recorded = RECORDED["queuestatus"]["body"]
    for kind in ("QueueParams", "QueueMember", "QueueEntry", "QueueStatusComplete"):
        assert listed.count(kind) == recorded.count(f"Event: {kind}\r\n") > 0
    join = next(i.message for i in heard if isinstance(i, Said) and i.message.event == "QueueCallerJoin")
    assert join["CallerIDName"] == "M�ller"  # Latin-1, as Asterisk passes it on


def test_the_secret_is_in_no_address(manager: Manager) -> None:
    follow(client(manager.url), lambda heard: len(heard) > 3)
    assert {where for where, _ in manager.asked} == {"POST /rawman"}
    assert {action for _, action in manager.asked} <= {"login", "ping", "queuestatus", "waitevent", "logoff"}


def test_odd_names_come_through(manager: Manager) -> None:
    """A list that as XML is not well-formed: Latin-1, control characters, quotes."""
    manager.answers["queuestatus"] = (DATA / "odd-names.txt").read_bytes
    heard = follow(client(manager.url), lambda heard: "QueueStatusComplete" in events(heard))
    entries = [i.message for i in heard if isinstance(i, Said) and i.message.event == "QueueEntry"]
    names = [entry.get("CallerIDName") for entry in entries]
    assert len(names) == 5
    assert any(name and "�" in name for name in names)


def test_a_session_that_died_is_renewed_and_the_gap_known(manager: Manager) -> None:
    link = client(manager.url)
    gone = []

    def done(heard: list[Heard]) -> bool:
        if len(heard) > 5 and not gone:
            manager.sessions.clear()  # a minute of sleep, or a restart: "Permission denied", as HTTP 200
            gone.append(True)
        return sum(isinstance(item, Up) for item in heard) == 2

    heard = follow(link, done)
    downs = [item for item in heard if isinstance(item, Down)]
    assert len(downs) == 1
    assert "session ended (Permission denied)" in downs[0].why
    ups = [item for item in heard if isinstance(item, Up)]
    assert ups[0].at <= downs[0].at <= ups[1].at


def test_asterisk_that_is_still_starting_is_asked_again(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ami_http, "NOT_YET_S", 0.05)
    recorded = manager.answers["queuestatus"]
    refusals = [b"Response: Error\r\nMessage: Invalid/unknown command: queuestatus.\r\n\r\n"] * 2
    manager.answers["queuestatus"] = lambda: refusals.pop() if refusals else recorded()
    heard = follow(client(manager.url), lambda heard: "QueueStatusComplete" in events(heard))
    assert not [item for item in heard if isinstance(item, Down)]  # the session is kept: no gap


def test_a_wrong_secret_is_said(manager: Manager) -> None:
    error = error_of(manager.url, secret="wrong")
    assert error == (
        f"AMI over HTTP {manager.url}: login refused for user ccboard (manager.conf): Authentication failed"
    )


def test_the_password_of_a_proxy_is_not_shown(manager: Manager) -> None:
    manager.fixed = RECORDED["no-such-path"]
    error = error_of(manager.url.replace("://", f"://someone:{SECRET}@"))
    assert error.startswith(f"AMI over HTTP {manager.url}: HTTP 404")


def test_no_rawman_there(manager: Manager) -> None:
    manager.fixed = RECORDED["no-such-path"]
    assert "HTTP 404, no /rawman there; `webenabled = yes`" in error_of(manager.url)


@pytest.mark.parametrize(
    ("status", "headers", "body", "said"),
    [
        (200, {"Content-type": "text/html"}, "<html>Welcome</html>", "a manager's answer: '<html>Welcome"),
        (200, PLAIN, "", "not a manager's answer"),
        (302, {"Location": "https://elsewhere/"}, "", "HTTP 302"),
        (500, PLAIN, "oops", "HTTP 500"),
    ],
)
def test_something_else_answers(
    manager: Manager, status: int, headers: dict[str, str], body: str, said: str
) -> None:
    manager.fixed = {"status": status, "headers": headers, "body": body}
    assert said in error_of(manager.url)


def test_an_endless_answer_is_cut(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami_http, "MOST_BYTES", 100_000)
    manager.answers["queuestatus"] = lambda: b"Event: QueueMember\r\nName: x\r\n\r\n" * 10_000
    link = client(manager.url)
    follow(link, lambda heard: any(isinstance(item, Down) for item in heard))
    assert link.error is not None
    assert "an answer of more than" in link.error


def test_a_fault_of_ours_is_said_and_does_not_end_the_listening(
        manager: Manager, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    whole, faults = AmiHttp._list, [RuntimeError("what no one thought of")]

    def once_broken(self: AmiHttp, link: Any) -> bool:
        if faults:
            raise faults.pop()
        return whole(self, link)

    monkeypatch.setattr(AmiHttp, "_list", once_broken)
    heard = follow(client(manager.url), lambda heard: "QueueStatusComplete" in events(heard))
    assert ["fault of ccboard: RuntimeError: what no one thought of" in item.why
            for item in heard if isinstance(item, Down)] == [True]
    assert "Traceback" in caplog.text


def test_nobody_listens() -> None:
    made = Manager()
    made.close()
    assert "connection refused; `enabled = yes` in http.conf" in error_of(made.url)


def test_lists_alone(manager: Manager) -> None:
    """events = false: no waitevent is ever asked for, lists come every poll_s."""
    link = client(manager.url, events=False, poll_s=0.2)
    follow(link, lambda heard: events(heard).count("QueueStatusComplete") >= 3)
    assert "waitevent" not in {action for _, action in manager.asked}


def test_a_reload_brings_a_list(manager: Manager) -> None:
    news = [b"Event: Reload\r\nModule: app_queue.so\r\n\r\n"]
    manager.answers["waitevent"] = lambda: news.pop() + QUIET if news else Manager.quiet()
    follow(client(manager.url), lambda heard: events(heard).count("QueueStatusComplete") == 2)
