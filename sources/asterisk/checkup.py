"""What ``ccboard doctor`` looks at in an Asterisk source: the log and its rights, the logins, the clock."""

import logging
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import httpx

from ccboard.clean import clean
from ccboard.clock import SECOND
from ccboard.errors import ConfigError
from ccboard.findings import Finding, fail, ok, warn
from ccboard.paths import at_home
from ccboard.source import Context
from sources.asterisk import discover
from sources.asterisk.config import Account, Ami, AsteriskConfig, Http
from sources.asterisk.logfile import last_epoch, open_log
from sources.asterisk.messages import Framer, Message, parse_answer
from sources.asterisk.skew import parse_timestamp

PATIENCE_S = 5.0
"""How long an answer may take; a refused login takes Asterisk one second."""
ANSWER_LIMIT = 16 * 1024 * 1024
"""Most bytes taken of one conversation."""
AHEAD_S = 5
"""A log that is further ahead of this host than this comes from another clock."""
SKEW_WARN_S = 2.0
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})
_ACCOUNT = "check username and secret against manager.conf, then `manager reload` in Asterisk"


def examine(config: AsteriskConfig, context: Context) -> tuple[Finding, ...]:
    """Return what there is to say of each way in."""
    found: list[Finding] = []
    if config.queue_log is not None:
        found += check_log(config.queue_log, context.clock.now())
    if config.ami is not None:
        found += check_manager(config.ami, context.environ, context)
    if config.http is not None:
        found += check_http(config.http, context.environ)
    if config.queue_log is None:
        found.append(warn(
            "queue_log", "not configured: figures begin when the manager interface is connected, and"
            " time-outs cannot be told from abandons", "set queue_log, if this host can read the file"))
    elif config.ami is None and config.http is None:
        found.append(warn(
            "manager", "not configured: the log alone shows no ringing phone, no hold and no busy phone",
            discover.advice()))
    return tuple(found)


def check_log(path: Path, now: int) -> list[Finding]:
    """Look at the queue_log file: is it there, may it be read, is it one, is its clock ours."""
    if why := discover.unreadable(path):
        reason, _, mend = why.partition(". ")
        return [fail("queue_log", f"{path}: {reason.rstrip('.')}", mend or "check the path: astlogdir of"
                     " asterisk.conf, queue_log_name of logger.conf")]
    try:
        handle = open_log(path)
    except OSError as error:
        return [fail("queue_log", f"{path}: {error.strerror}", "name the file that Asterisk writes")]
    try:
        size, last = os.fstat(handle).st_size, last_epoch(handle)
    finally:
        os.close(handle)
    if size == 0:
        return [ok("queue_log", f"{path}: can be read, is empty so far")]
    if last is None:
        return [fail("queue_log", f"{path}: none of its last lines begins with an epoch and a |",
                     "name the queue_log itself, not another log of Asterisk")]
    age = now / SECOND - last
    if age < -AHEAD_S:
        return [warn("queue_log", f"{path}: its last line lies {-age:.0f} s ahead of this host's clock",
                     "set both clocks by NTP; until then waits on the board are wrong by that much")]
    return [ok("queue_log", f"{path}: {size} bytes, last line {_ago(age)} ago")]


def check_manager(ami: Ami, environ: Mapping[str, str], context: Context) -> list[Finding]:
    """Log in over TCP, ask for the queues and the time, and log off."""
    subject = "manager"
    place = f"{ami.host}:{ami.port}"
    secret, trouble = _secret(subject, ami, environ)
    if secret is None:
        return trouble
    try:
        with _Probe(ami.host, ami.port) as probe:
            if (greeting := probe.greeting()) is None:
                return [fail(subject, f"{place}: what answers there is no manager interface",
                             "port of manager.conf; 5038 mostly")]
            login = probe.ask("Login", Username=ami.username, Secret=secret, Events="off")[0]
            if login.get("Response") != "Success":
                said = clean(login.get("Message", "no reason given"))
                return [fail(subject, f"{place}: login refused for {ami.username}: {said}",
                             f"{_ACCOUNT}; permit and deny must let this host in")]
            found = [ok(subject, f"{place}: {greeting}, logged in as {ami.username}")]
            listed = probe.ask("QueueStatus", until="QueueStatusComplete")
            found.append(_queues(subject, listed))
            sent = context.clock.now()
            pong = probe.ask("Ping")[0]
            found += _skew(pong, sent, context.clock.now())
            probe.ask("Logoff")
            return [*trouble, *found]
    except OSError as error:
        reason = "no answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
        return [*trouble, fail(
            subject, f"{place}: {reason}", "is Asterisk running, enabled = yes in [general] of manager.conf,"
            " bindaddr an address that this host reaches, no firewall between?")]


def check_http(http: Http, environ: Mapping[str, str]) -> list[Finding]:
    """Log in over HTTP, ask for the queues, and log off."""
    subject = "manager http"
    secret, found = _secret(subject, http, environ)
    if secret is None:
        return found
    place = f"{http.url.rstrip('/')}/rawman"
    if urlsplit(http.url).scheme == "http" and urlsplit(http.url).hostname not in _HERE:
        found.append(warn(subject, "the secret travels in clear over http to another host",
                          "use https, or TCP through a tunnel, or run ccboard on the Asterisk host"))
    logging.getLogger("httpx").setLevel(logging.WARNING)  # addresses may hold a proxy's password
    try:
        with httpx.Client(timeout=PATIENCE_S, verify=http.verify, trust_env=False) as client:
            login = _ask(client, place, action="login", username=http.username, secret=secret)
            if not login or login[0].get("Response") != "Success":
                said = clean(login[0].get("Message", "")) if login else "what answers is no manager"
                refused = f"{place}: login refused for {http.username}: {said}"
                return [*found, fail(subject, refused, _ACCOUNT)]
            found.append(ok(subject, f"{place}: logged in as {http.username}"))
            found.append(_queues(subject, _ask(client, place, action="queuestatus")))
            _ask(client, place, action="logoff")
    except httpx.HTTPStatusError as error:
        found.append(fail(subject, f"{place}: HTTP {error.response.status_code}", "enabled = yes in http.conf"
                          " and webenabled = yes in manager.conf; a prefix of http.conf belongs into url"))
    except httpx.TimeoutException:
        found.append(fail(subject, f"{place}: no answer", "is Asterisk running, and no firewall between?"))
    except httpx.HTTPError as error:
        found.append(fail(subject, f"{place}: {type(error).__name__}", "enabled = yes, bindaddr and bindport"
                          " of http.conf; for https a certificate that this host trusts"))
    return found


def _ask(client: httpx.Client, place: str, **fields: str) -> list[Message]:
    """Return the messages of one answer, of its first ANSWER_LIMIT bytes at most.

    Asked by POST: an address, with the secret in it, would stand in the logs of servers and proxies.
    """
    with client.stream("POST", place, data=fields) as response:
        response.raise_for_status()
        body = b""
        for piece in response.iter_bytes():
            body += piece
            if len(body) > ANSWER_LIMIT:
                break
    return parse_answer(body)


def _secret(subject: str, account: Account, environ: Mapping[str, str]) -> tuple[str | None, list[Finding]]:
    """Return the secret (None: there is none to be had) and what there is to say of how it is kept."""
    try:
        secret = account.reveal(environ)
    except ConfigError as error:
        return None, [fail(subject, str(error), "set the variable, or make the file readable for this user")]
    if account.secret_file is None:
        return secret, []
    mode = at_home(account.secret_file).stat().st_mode
    if mode & 0o044:
        return secret, [warn(subject, f"secret_file {account.secret_file} can be read by others",
                             f"chmod 600 {account.secret_file}")]
    return secret, []


def _queues(subject: str, listed: list[Message]) -> Finding:
    refused = next((m for m in listed if m.get("Response") == "Error"), None)
    if refused is not None:
        return fail(subject, f"QueueStatus refused: {clean(refused.get('Message', ''))}",
                    "the account needs read = agent, and Asterisk app_queue.so")
    count = sum(m.event == "QueueParams" for m in listed)
    if not count:
        return warn(subject, "no queue is listed", "is app_queue.so loaded, and a queue defined?")
    members = len({m.get("Location") for m in listed if m.event == "QueueMember"})
    return ok(subject, f"{count} queue{'s' * (count != 1)}, {members} member{'s' * (members != 1)}")


def _skew(pong: Message, sent: int, received: int) -> list[Finding]:
    theirs = parse_timestamp(pong.get("Timestamp", ""))
    if theirs is None:
        return []
    off = (theirs - (sent + received) // 2) / SECOND
    if abs(off) > SKEW_WARN_S:
        side = "ahead of" if off > 0 else "behind"
        return [warn("clock", f"Asterisk's clock is {abs(off):.1f} s {side} this host's",
                     "it is measured and corrected; better set both clocks by NTP")]
    return [ok("clock", f"Asterisk's clock and this host's differ by {abs(off):.2f} s")]


def _ago(seconds: float) -> str:
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


class _Probe:
    """A short conversation with the manager interface: bounded in time and in bytes."""

    def __init__(self, host: str, port: int) -> None:
        self._until = time.monotonic() + 2 * PATIENCE_S
        self._socket = socket.create_connection((host, port), PATIENCE_S)
        self._framer = Framer()
        self._asked = 0
        self._read = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def greeting(self) -> str | None:
        """Return what the manager greets with, None where something else answers."""
        while self._framer.banner is None:
            messages = self._receive()
            if messages or self._framer.odd_lines or self._read > 4096:
                break
        return clean(self._framer.banner) if self._framer.banner else None

    def ask(self, action: str, until: str | None = None, **fields: str) -> list[Message]:
        """Return the answer to an action: one message, or with `until` all up to that event."""
        self._asked += 1
        mark = f"doctor-{self._asked}"
        told = {"Action": action, "ActionID": mark, **fields}
        self._socket.sendall("".join(f"{key}: {value}\r\n" for key, value in told.items()).encode() + b"\r\n")
        found: list[Message] = []
        while True:
            for message in self._receive():
                if message.get("ActionID") != mark:
                    continue
                found.append(message)
                if until is None or message.get("Response") == "Error" or message.event == until:
                    return found

    def _receive(self) -> list[Message]:
        left = self._until - time.monotonic()
        if left <= 0 or self._read > ANSWER_LIMIT:
            raise TimeoutError
        self._socket.settimeout(min(left, PATIENCE_S))
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("hung up at once")
        self._read += len(data)
        return self._framer.feed(data)
