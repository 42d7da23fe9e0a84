"""Asterisk's manager interface over TCP: logs in, listens, asks for lists, comes back by itself.

Only Login, Ping, QueueStatus and Logoff are ever sent: none needs a write class. A plain socket that
never blocks, so that one thread can follow the log and the manager at once; only looking up a name and
connecting, which can block for long, happen on a short thread of their own.
"""

import random
import select
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

from ccboard.clean import clean
from ccboard.clock import Clock, monotonic
from ccboard.errors import ConfigError
from sources.asterisk.config import Ami as AmiConfig
from sources.asterisk.heard import ClockRead, Deaf, Down, Heard, Said, Up
from sources.asterisk.messages import Framer, Message
from sources.asterisk.skew import parse_timestamp

CONNECT_S: Final = 5.0
LOGIN_S: Final = 10.0
PING_S: Final = 2.0
SILENCE_S: Final = 8.0
"""Without a byte for this long (four pings unanswered) the connection counts as lost."""
BACKOFF_S: Final = (1.0, 30.0)
SOON_BACK_S: Final = 10.0
"""Longest pause after a connection that was refused or lost: that is a restart, mostly."""
STEADY_S: Final = 10.0
"""A connection that held this long begins the back-off anew."""
NONSENSE: Final = 4 << 20
"""Bytes without a message: this is no manager interface, or one that lost its mind."""
NOT_YET_S: Final = 1.0
"""How soon a list is asked for again while Asterisk is starting."""
READ: Final = 65_536
READS_PER_POLL: Final = 16

Phase: TypeAlias = Literal["down", "dialing", "banner", "login", "up"]


class Ami:
    """One connection, kept up. Call `poll` often; `wait` sleeps until there is something to poll."""

    def __init__(
        self,
        config: AmiConfig,
        environ: Mapping[str, str],
        clock: Clock,
        resync_s: float,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self.error: str | None = None
        """Why it is not up, or what is wrong although it is; None while all is well."""
        self._config = config
        self._environ = environ
        self._clock = clock
        self._resync_s = resync_s
        self._dice = dice
        self._phase: Phase = "down"
        self._dial: _Dial | None = None
        self._socket: socket.socket | None = None
        self._framer = Framer()
        self._out = b""
        self._failures = 0
        self._retry_at = 0.0
        self._phase_since = 0.0
        self._heard = 0.0  # monotonic, of the last bytes
        self._heard_at = 0  # the same on the clock
        self._silent_bytes = 0
        self._ping_at = 0.0
        self._ping_sent: dict[str, int] = {}
        self._status_at = 0.0
        self._deaf = Deaf()
        self._serial = 0

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"AMI {self._config.host}:{self._config.port}"

    @property
    def up(self) -> bool:
        """Whether it is logged in."""
        return self._phase == "up"

    @property
    def fresh(self) -> bool:
        """Whether it is logged in and was heard within the last pings."""
        return self.up and monotonic() - self._heard < SILENCE_S / 2

    def resync(self, within_s: float) -> None:
        """Ask for the full list not later than `within_s` seconds from now."""
        self._status_at = min(self._status_at, monotonic() + within_s)

    def wait(self, timeout: float) -> None:
        """Sleep until something can be polled, at most `timeout` seconds."""
        if self._socket is not None:
            out = [self._socket] if self._out else []
            select.select([self._socket], out, [], timeout)
        elif self._dial is not None:
            self._dial.done.wait(timeout)
        else:
            threading.Event().wait(min(timeout, max(0.0, self._retry_at - monotonic())))

    def poll(self) -> list[Heard]:
        """Do what can be done without waiting, and return what was heard."""
        heard: list[Heard] = []
        try:
            self._step(heard)
        except _Lost as lost:
            self._lose(str(lost), heard, again_s=lost.again_s)
        return heard

    def close(self) -> None:
        """Log off and let go of the socket."""
        if self._socket is not None:
            try:
                if self._phase == "up":
                    self._socket.send(b"Action: Logoff\r\n\r\n")
            except OSError:
                pass  # it is gone already, which is what was wanted
            self._socket.close()
            self._socket = None
        if self._dial is not None:
            self._dial.forget()
            self._dial = None
        self._phase = "down"
        self._retry_at = float("inf")

    # ---- the way up

    def _step(self, heard: list[Heard]) -> None:
        now = monotonic()
        if self._phase == "down":
            if now < self._retry_at:
                return
            self._dial = _Dial(self._config.host, self._config.port)
            self._enter("dialing")
        if self._phase == "dialing":
            self._dialed()
        if self._socket is None:
            return
        self._flush()
        self._receive(heard)
        if self._phase in ("banner", "login"):
            self._greet(now)
        if self._phase == "up":
            self._keep(now)
        self._flush()

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self._phase_since = monotonic()

    def _dialed(self) -> None:
        dial = self._dial
        assert dial is not None
        if not dial.done.is_set():
            return
        self._dial = None
        if dial.socket is None:
            again = SOON_BACK_S if isinstance(dial.error, ConnectionRefusedError) else BACKOFF_S[1]
            raise _Lost(f"{self.name}: {_explain(dial.error)}", again)
        self._socket = dial.socket
        self._socket.setblocking(False)
        self._framer = Framer()
        self._out = b""
        self._silent_bytes = 0
        self._deaf = Deaf()
        self._enter("banner")

    def _greet(self, now: float) -> None:
        if self._phase == "banner" and self._framer.banner is not None:
            try:
                secret = self._config.reveal(self._environ)
            except ConfigError as error:
                raise _Lost(f"{self.name}: {error}") from None
            self._send("Login", "login", Username=self._config.username, Secret=secret, Events="on")
            self._enter("login")
        elif self._phase == "banner" and (self._framer.odd_lines or self._silent_bytes > 4096):
            odd = f"; it said {self._framer.odd_text!r}" if self._framer.odd_text else ""
            raise _Lost(f"{self.name}: not a manager interface{odd}; is this the port of manager.conf?")
        if now - self._phase_since > LOGIN_S:
            what = "no greeting" if self._phase == "banner" else "no answer to the login"
            raise _Lost(f"{self.name}: {what} within {LOGIN_S:.0f} s; is this the port of manager.conf?")

    def _keep(self, now: float) -> None:
        """Ping, ask for the list, and notice silence."""
        if now - self._heard > SILENCE_S:
            raise _Lost(f"{self.name}: no answer for {SILENCE_S:.0f} s; reconnecting", SOON_BACK_S)
        if now >= self._ping_at:
            self._ping_at = now + PING_S
            self._ping_sent[self._send("Ping", "ping")] = self._clock.now()
        if now >= self._status_at:
            self._status_at = now + self._resync_s
            self._send("QueueStatus", "status")
        if now - self._phase_since > STEADY_S:
            self._failures = 0

    # ---- bytes

    def _send(self, action: str, purpose: str, **fields: str) -> str:
        self._serial += 1
        identity = f"ccboard-{purpose}-{self._serial}"
        lines = [f"Action: {action}", f"ActionID: {identity}"]
        lines += [f"{key}: {value}" for key, value in fields.items()]
        self._out += ("\r\n".join(lines) + "\r\n\r\n").encode()
        return identity

    def _flush(self) -> None:
        if not self._out or self._socket is None:
            return
        try:
            sent = self._socket.send(self._out)
        except (BlockingIOError, InterruptedError):
            return  # a manager that reads nothing is noticed by its silence
        except OSError as error:
            raise _Lost(f"{self.name}: {_explain(error)}", SOON_BACK_S) from None
        self._out = self._out[sent:]

    def _receive(self, heard: list[Heard]) -> None:
        assert self._socket is not None
        for _ in range(READS_PER_POLL):
            try:
                data = self._socket.recv(READ)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                raise _Lost(f"{self.name}: {_explain(error)}", SOON_BACK_S) from None
            at = self._clock.now()
            if not data:
                raise _Lost(f"{self.name}: {self._closed()}", SOON_BACK_S)
            self._heard, self._heard_at = monotonic(), at
            messages = self._framer.feed(data)
            self._silent_bytes = 0 if messages else self._silent_bytes + len(data)
            for message in messages:
                self._take(message, at, heard)
            if self._silent_bytes > NONSENSE:
                raise _Lost(
                    f"{self.name}: {NONSENSE >> 20} MB without a manager message; is something else there?"
                )

    def _closed(self) -> str:
        if self._phase == "banner":
            return "closed the connection at once; do acl and `authlimit` of manager.conf let us in?"
        if self._phase == "login":
            return f"closed the connection at the login of {self._config.username}"
        return "connection lost"

    def _take(self, message: Message, at: int, heard: list[Heard]) -> None:
        purpose = message.get("ActionID", "").removeprefix("ccboard-").split("-")[0]
        if "Response" in message and purpose == "login" and self._phase == "login":
            if message["Response"] != "Success":
                said = clean(message.get("Message", ""), 80)
                user = self._config.username
                raise _Lost(f"{self.name}: login refused for user {user} (manager.conf): {said}")
            self._enter("up")
            self.error = None
            self._ping_at = self._status_at = 0.0
            self._ping_sent.clear()
            heard.append(Up(at))
        elif "Response" in message and purpose == "ping":
            self._pinged(message, at, heard)
            heard.append(Said(at, message))  # nothing in it, but it was heard
        elif "Response" in message and purpose == "status":
            self._listed(message)
        elif self._phase == "up":
            self._deaf.take(message)
            if self._deaf.suspected:
                self.error = f"{self.name}: {Deaf.TEXT}"
            elif self.error and self.error.endswith(Deaf.TEXT):
                self.error = None
            if message.event == "Reload":
                self.resync(0.5)
            heard.append(Said(at, message))

    def _listed(self, message: Message) -> None:
        if message["Response"] != "Error":
            self.error = None
            return
        said = clean(message.get("Message", ""), 80)
        if is_unknown(said):  # Asterisk lets us in before it has loaded app_queue
            self.error = f"{self.name}: no queues yet (is app_queue loaded?): {said}"
            self.resync(NOT_YET_S)
        else:
            self.error = f"{self.name}: QueueStatus refused for user {self._config.username}: {said}"

    def _pinged(self, message: Message, at: int, heard: list[Heard]) -> None:
        sent = self._ping_sent.pop(message["ActionID"], None)
        remote = parse_timestamp(message.get("Timestamp", ""))
        if sent is not None and remote is not None:
            heard.append(ClockRead(sent, remote, at))
        if len(self._ping_sent) > 20:
            self._ping_sent.clear()

    def _lose(self, why: str, heard: list[Heard], again_s: float) -> None:
        if self._phase == "up":
            heard.append(Down(self._heard_at, why))
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._phase = "down"
        self.error = why
        pause = min(BACKOFF_S[0] * 2**self._failures, again_s) * (0.5 + 0.5 * self._dice())
        self._retry_at = monotonic() + max(pause, BACKOFF_S[0] / 2)
        self._failures = min(self._failures + 1, 10)


def is_unknown(said: str) -> bool:
    """Tell whether a refusal is about the action ("Invalid/unknown command"), not about rights."""
    return "unknown command" in said.lower()


class _Lost(Exception):  # noqa: N818
    """The connection is no use any more; its text is for the user."""

    def __init__(self, why: str, again_s: float = BACKOFF_S[1]) -> None:
        super().__init__(why)
        self.again_s = again_s


class _Dial:
    """Looks up a name and connects, on a thread of its own that ends by itself."""

    def __init__(self, host: str, port: int) -> None:
        self.done = threading.Event()
        self.socket: socket.socket | None = None
        self.error: OSError | None = None
        self._forgotten = False
        self._lock = threading.Lock()
        threading.Thread(target=self._run, args=(host, port), name="ami-dial", daemon=True).start()

    def _run(self, host: str, port: int) -> None:
        try:
            made = socket.create_connection((host, port), CONNECT_S)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        except OSError as error:
            self.error = error
        except UnicodeError:
            self.error = socket.gaierror(0, "not a host name")
        else:
            with self._lock:
                if self._forgotten:
                    made.close()
                else:
                    self.socket = made
        self.done.set()

    def forget(self) -> None:
        """Close what comes of it."""
        with self._lock:
            self._forgotten = True
            if self.socket is not None:
                self.socket.close()


def _explain(error: OSError | None) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused; does Asterisk run, with `enabled = yes` and this port in manager.conf?"
    if isinstance(error, TimeoutError):
        return f"no answer within {CONNECT_S:.0f} s; is the host right, does a firewall drop it?"
    if isinstance(error, socket.gaierror):
        return f"host name not found ({error.strerror})"
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return "connection lost (reset)"
    return (error.strerror or str(error)) if error else "no connection"
