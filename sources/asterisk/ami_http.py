"""Asterisk's manager interface over HTTP (``/rawman``), for where TCP port 5038 is not reachable.

Events come through ``waitevent``, which answers as soon as there is one, so this hears the same as TCP and
nearly as soon. The lists of ``queuestatus`` (at login and every `resync_s`) mend what was missed. With
``events = false`` only lists are asked for, and then less can be known: a caller who comes and goes
between two lists is never seen, moments are those of the list, and of a caller who is gone it is not known
whether he was answered or gave up, nor by whom: his visit ends as `unknown`.

What Asterisk does that a web client would not expect: every refusal is HTTP 200 with ``Response: Error``;
the session is a cookie whose value has quotes and dies after a minute without requests or with Asterisk; a
wrong secret takes a second to be answered. The account's secret is sent in a POST body: in a URL it
would end up in logs.
"""

import logging
import queue
import random
import ssl
import threading
from collections.abc import Mapping
from typing import Final

import httpx

from ccboard.clean import clean
from ccboard.clock import Clock, monotonic
from ccboard.errors import ConfigError
from sources.asterisk.ami import NOT_YET_S, is_unknown
from sources.asterisk.config import Http as HttpConfig
from sources.asterisk.heard import ClockRead, Deaf, Down, Heard, Said, Up
from sources.asterisk.messages import Message, parse_answer
from sources.asterisk.skew import parse_timestamp

log = logging.getLogger(__name__)

WAIT_S: Final = 2
"""How long Asterisk waits for an event before it answers that there is none; a quiet line stays fresh."""
PING_S: Final = 10.0
ANSWER_S: Final = 10.0
MOST_BYTES: Final = 32 << 20
BACKOFF_S: Final = (1.0, 30.0)
SOON_BACK_S: Final = 10.0
BACKLOG: Final = 20_000
"""Messages that wait for the reader; a full line stops asking, Asterisk keeps events for the session."""


class AmiHttp:
    """One session, kept up by a thread of its own. `poll` returns what was heard since the last poll."""

    def __init__(self, config: HttpConfig, environ: Mapping[str, str], clock: Clock, resync_s: float) -> None:
        self.error: str | None = None
        """Why it is not up, or what is wrong although it is; None while all is well."""
        self._config = config
        self._environ = environ
        self._clock = clock
        self._resync_s = resync_s
        self._heard: queue.Queue[Heard] = queue.Queue(BACKLOG)
        self._news = threading.Event()
        self._stop = threading.Event()
        self._soon = threading.Event()
        self._up = False
        self._last = 0.0  # monotonic, of the last answer
        self._last_at = 0  # the same on the clock
        self._deaf = Deaf()
        self._odd: str | None = None
        self._thread: threading.Thread | None = None

    @property
    def name(self) -> str:
        """How messages call it."""
        scheme, _, rest = self._config.url.partition("://")
        return f"AMI over HTTP {scheme}://{rest.rpartition('@')[2]}"  # without a proxy's password

    @property
    def up(self) -> bool:
        """Whether it is logged in."""
        return self._up

    @property
    def fresh(self) -> bool:
        """Whether it is logged in and was answered lately."""
        return self._up and monotonic() - self._last < WAIT_S + 2

    def resync(self, within_s: float) -> None:  # noqa: ARG002 - the next answer is at most WAIT_S away
        """Ask for the full list soon."""
        self._soon.set()

    def wait(self, timeout: float) -> None:
        """Sleep until something was heard, at most `timeout` seconds."""
        self._news.wait(timeout)

    def poll(self) -> list[Heard]:
        """Return what was heard since the last call; the first one begins to listen."""
        if self._thread is None and not self._stop.is_set():
            self._thread = threading.Thread(target=self._run, name="ami-http", daemon=True)
            self._thread.start()
        self._news.clear()
        heard: list[Heard] = []
        while True:
            try:
                heard.append(self._heard.get_nowait())
            except queue.Empty:
                return heard

    def close(self) -> None:
        """Stop listening; the thread ends with its present request, at most a few seconds later."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(0.3)

    # ---- on the thread

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            since = monotonic()
            again_s = BACKOFF_S[1]
            try:
                self._session()
            except _Lost as lost:
                why, again_s = str(lost), lost.again_s
            except httpx.TimeoutException:
                why = f"no answer within {ANSWER_S:.0f} s"
            except httpx.ConnectError as error:
                why, again_s = _explain(error), SOON_BACK_S
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                said = clean(str(error), 100) or type(error).__name__
                why, again_s = f"connection lost ({said})", SOON_BACK_S
            except Exception as error:  # without its thread the source would be silent for ever
                log.exception("%s", self.name)
                why = f"a fault of ccboard: {type(error).__name__}: {clean(str(error), 100)}"
            else:
                break
            why = f"{self.name}: {why}"
            if self._up:
                failures = 0 if monotonic() - since > SOON_BACK_S else failures
                self._put(Down(self._last_at, why))
            self._up = False
            self.error = why
            pause = min(BACKOFF_S[0] * 2**failures, again_s) * (0.5 + 0.5 * random.random())
            failures = min(failures + 1, 10)
            self._stop.wait(max(pause, BACKOFF_S[0] / 2))

    def _session(self) -> None:
        try:
            secret = self._config.reveal(self._environ)
        except ConfigError as error:
            raise _Lost(str(error)) from None
        timeout = httpx.Timeout(ANSWER_S, connect=5.0)
        # No proxy of the environment: a PBX is near, and its secret is no proxy's business.
        with httpx.Client(timeout=timeout, trust_env=False, verify=_verify(self._config)) as client:
            link = _Link(client, self._config.url)
            answer = link.ask("login", username=self._config.username, secret=secret)
            if _refusal(answer) is not None:
                raise _Lost(
                    f"login refused for user {self._config.username} (manager.conf): {_refusal(answer)}"
                )
            self._note()
            self._deaf, self._odd = Deaf(), None
            self._up = True
            self.error = None
            self._put(Up(self._last_at))
            ping_due = list_due = 0.0
            while not self._stop.is_set():
                if monotonic() >= ping_due:
                    ping_due = monotonic() + PING_S
                    self._ping(link)
                if monotonic() >= list_due or self._soon.is_set():
                    self._soon.clear()
                    every_s = self._resync_s if self._config.events else self._config.poll_s
                    list_due = monotonic() + (every_s if self._list(link) else NOT_YET_S)
                if self._config.events:
                    self._take(link.ask("waitevent", timeout=str(WAIT_S)))
                else:
                    self._stop.wait(max(0.0, min(list_due - monotonic(), 1.0)))
            link.ask("logoff")

    def _list(self, link: "_Link") -> bool:
        """Ask how things stand; False: Asterisk is starting and has no queues yet."""
        answer = link.ask("queuestatus")
        said = _refusal(answer)
        if said is not None and is_unknown(said):  # it lets us in before it has loaded app_queue
            self._odd = f"{self.name}: no queues yet (is app_queue loaded?): {said}"
            return False
        self._odd = None
        self._take(answer)
        return True

    def _ping(self, link: "_Link") -> None:
        sent = self._clock.now()
        answer = link.ask("ping")
        if _refusal(answer) is not None:
            raise _Lost(f"the session ended ({_refusal(answer)}); logging in again", BACKOFF_S[0])
        self._note()
        remote = next((parse_timestamp(m.get("Timestamp", "")) for m in answer if "Ping" in m), None)
        if remote is not None:
            self._put(ClockRead(sent, remote, self._last_at))

    def _take(self, answer: list[Message]) -> None:
        refusal = _refusal(answer)
        if refusal is not None:
            raise _Lost(f"the session ended ({refusal}); logging in again", BACKOFF_S[0])
        self._note()
        for message in answer:
            self._deaf.take(message)
            if message.event == "Reload":
                self._soon.set()
            self._put(Said(self._last_at, message))
        deaf = self._config.events and self._deaf.suspected
        self.error = f"{self.name}: {Deaf.TEXT}" if deaf else self._odd

    def _note(self) -> None:
        self._last, self._last_at = monotonic(), self._clock.now()

    def _put(self, item: Heard) -> None:
        while not self._stop.is_set():
            try:
                self._heard.put(item, timeout=0.5)
            except queue.Full:
                continue
            self._news.set()
            return


class _Link:
    """Requests on one session."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self._client = client
        self._url = url.rstrip("/") + "/rawman"
        self._cookie: str | None = None

    def ask(self, action: str, **fields: str) -> list[Message]:
        """Return the messages of one answer; raise _Lost for what is none."""
        # The jar would rewrite the cookie's quotes, which are part of its value.
        headers = {"Accept-Encoding": "identity"} | ({"Cookie": self._cookie} if self._cookie else {})
        fields["action"] = action
        body = bytearray()
        late = monotonic() + 2 * ANSWER_S
        with self._client.stream("POST", self._url, data=fields, headers=headers) as got:
            if got.status_code == 404:
                raise _Lost("HTTP 404, no /rawman there; `webenabled = yes` in manager.conf? a prefix?")
            if got.status_code != 200:
                raise _Lost(f"HTTP {got.status_code}: not Asterisk's manager, or something stands before it")
            for part in got.iter_bytes():
                body += part
                if monotonic() > late:
                    raise _Lost(f"an answer that took more than {2 * ANSWER_S:.0f} s")
                if len(body) > MOST_BYTES:
                    raise _Lost(f"an answer of more than {MOST_BYTES >> 20} MB")
            cookie = got.headers.get("set-cookie", "").split(";")[0]
        if cookie.startswith("mansession_id="):
            self._cookie = cookie
        self._client.cookies.clear()
        answer = parse_answer(bytes(body))
        if not answer or not ("Response" in answer[0] or answer[0].event):
            said = clean(bytes(body[:200]).decode("utf-8", "replace"), 60)
            raise _Lost(f"not a manager's answer: {said!r}")
        return answer


class _Lost(Exception):  # noqa: N818
    """The session is no use any more; its text is for the user."""

    def __init__(self, why: str, again_s: float = BACKOFF_S[1]) -> None:
        super().__init__(why)
        self.again_s = again_s


def _refusal(answer: list[Message]) -> str | None:
    """Return Asterisk's words when it refused, which no HTTP status says."""
    first = answer[0]
    return clean(first.get("Message", "refused"), 80) if first.get("Response") == "Error" else None


def _verify(config: HttpConfig) -> ssl.SSLContext | bool:
    if not config.url.startswith("https:"):
        return False  # building a TLS context reads all certificates: 20 ms of CPU for nothing
    return ssl.create_default_context() if config.verify else False


def _explain(error: httpx.ConnectError) -> str:
    text = str(error)
    if "refused" in text.lower():
        return "connection refused; `enabled = yes` in http.conf, and is it this port?"
    return f"no connection ({clean(text, 100)})"
