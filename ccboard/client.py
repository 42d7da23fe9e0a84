"""How boards and commands talk to the hub: HTTP/1.1 on a Unix socket, or over TCP with a token.

Only the standard library, and of that no ``http.client``, ``typing`` or ``dataclasses``: this is on the
way of every one-shot command, and each of those costs more CPU than the question itself.

Where a hub is looked for, in this order (``find_hub``): ``--hub`` or CCBOARD_HUB, ``hub.connect`` of the
configuration, the service's socket, the user's own beside the store. Boards keep a ``ccboard.feed.Feed``.
"""

import os
import socket
import time

from ccboard import places
from ccboard.errors import CcboardError, ConfigError, HubError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ccboard.paths import StorePaths

PROTOCOL = "1"
"""Version of the interface between hub and clients: header ``Ccboard-Protocol`` of every answer."""
HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 64 * 1024 * 1024
NO_HUB = "no hub is running: start one with `ccboard serve`, or look with `ccboard`"


class NoHub(HubError):  # noqa: N818 - a state of the world, not a failure of ours
    """Nobody answers where this user's own hub would be. Here, and only here, one may be started."""


class HubStopped(HubError):  # noqa: N818 - as above
    """Somebody stopped the hub on purpose: boards that look on wait for another, and start none."""


class Address:
    """Where a hub is. `origin` says who named it: ``option``, ``config``, ``service`` or ``own``."""

    __slots__ = ("host", "origin", "path", "port", "token")

    def __init__(
        self, *, path: str = "", host: str = "", port: int = 0, origin: str = "own", token: str = ""
    ) -> None:
        self.path = path
        self.host = host
        self.port = port
        self.origin = origin
        self.token = token

    def __str__(self) -> str:
        return self.path or f"http://{_bracket(self.host)}:{self.port}"

    def __repr__(self) -> str:  # the token is a secret: it is in no log
        return f"Address({str(self)!r}, origin={self.origin!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and (self.path, self.host, self.port, self.origin) == (
            other.path, other.host, other.port, other.origin
        )

    def __hash__(self) -> int:
        return hash((self.path, self.host, self.port, self.origin))


class Response:
    """An answer of the hub. Header names are in lower case."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> "Any":
        """Return the body's JSON. Raises HubError where it is none."""
        import json

        try:
            return json.loads(self.body)
        except ValueError:
            raise HubError("the hub's answer is not JSON") from None

    def error(self) -> str:
        """Return what an answer with a status of 400 or more says."""
        try:
            said = self.json()
        except HubError:
            said = None
        if isinstance(said, dict) and isinstance(said.get("error"), str):
            # Whoever answers there: it goes to a terminal.
            return "".join(char for char in said["error"][:500] if char.isprintable())
        return f"the hub answered {self.status}"

    def good(self) -> "Any":
        """Return the JSON of a good answer; raise HubError with the hub's own words otherwise."""
        if self.status >= 400:
            raise HubError(self.error())
        return self.json()


def _bracket(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def parse_address(text: str, origin: str = "option", token: str = "") -> Address:
    """Return the address that `text` means: a socket's path, or http://host:port."""
    if text.startswith("http://"):
        rest = text[7:].rstrip("/")
        host, colon, port = rest.rpartition(":")
        number = int(port) if port.isascii() and port.isdigit() else 0
        if not colon or not 0 < number < 65536 or not host or "/" in rest:
            raise HubError(f"{text}: a hub's address is http://host:port, or the path of its socket")
        return Address(host=host.strip("[]"), port=number, origin=origin, token=token)
    if "://" in text:
        raise HubError(
            f"{text}: the hub speaks plain http://host:port; carry it through ssh or a VPN between hosts"
        )
    return Address(path=os.path.abspath(text), origin=origin)  # noqa: PTH100 - pathlib costs 13 ms


def service_socket() -> str:
    """Return the service's socket; CCBOARD_SERVICE_SOCKET names another (for packagers and tests)."""
    return os.environ.get("CCBOARD_SERVICE_SOCKET") or places.SERVICE_SOCKET


def find_hub(
    hub: str | None = None, config_path: str | None = None, *, demo: bool = False, store: str | None = None
) -> Address:
    """Return where the hub is that this user is to ask, without asking it more than to connect.

    `store` names a store whose own hub is meant; `demo` the demonstration's. Raises ``NoHub`` where one
    may be started, ``HubError`` where it must not, ``ConfigError`` for a file that cannot be read.
    """
    if demo:
        return _own(places.socket(places.demo_store()))
    if hub or (hub := os.environ.get("CCBOARD_HUB")):
        return parse_address(hub, "option", os.environ.get("CCBOARD_HUB_TOKEN", ""))
    if store:
        return _own(places.socket(places.store(store)))
    raw, trouble = _read_config(config_path, quick=config_path is None)
    if trouble is not None and config_path is not None:  # another hub than was meant would answer
        raise trouble
    if (named := _table(raw, "hub").get("connect")) and isinstance(named, str):
        return parse_address(os.path.expanduser(named), "config", _token(raw, config_path))  # noqa: PTH111
    try:
        return _service() or _own(places.socket(_own_store(raw, config_path)))
    except NoHub:
        # A running hub goes on with its old configuration, and so do we; without one its mistake is said.
        trouble = trouble or _read_config(config_path)[1]
        if trouble is not None:
            raise trouble from None
        raise


def configured_paths(config_path: str | None = None) -> "StorePaths":
    """Return the paths of the store that the configuration names; of the user's own if it names none."""
    return own_paths(_read_config(config_path)[0], config_path)


def own_paths(raw: "dict[str, Any]", config_path: str | None) -> "StorePaths":
    """Return the paths of the store that a configuration's tables name, or of the user's own."""
    from ccboard.paths import store_paths

    return store_paths(_own_store(raw, config_path))


def _own_store(raw: "dict[str, Any]", config_path: str | None) -> str:
    named = _table(raw, "store").get("path")
    return places.store(_beside(named, config_path) if isinstance(named, str) else None)


def _table(raw: "dict[str, Any]", name: str) -> "dict[str, Any]":
    table = raw.get(name)
    return table if isinstance(table, dict) else {}


def _beside(name: str, config_path: str | None) -> str:
    """Return a path of the configuration file: a relative one lies beside that file."""
    file = places.find_config(config_path)
    folder = os.path.dirname(os.path.abspath(file)) if file else "/"  # noqa: PTH100, PTH120
    return os.path.normpath(os.path.join(folder, os.path.expanduser(name)))  # noqa: PTH111, PTH118


def _read_config(
    config_path: str | None, *, quick: bool = False
) -> "tuple[dict[str, object], CcboardError | None]":
    """Return the raw tables of the configuration (none where there is no file), and what is wrong.

    `quick`: only what says where the hub is is asked for. A file that does not speak of that is not
    parsed, which costs 15 ms: that is more than the question to the hub.
    """
    path = places.find_config(config_path)
    if path is None:
        return {}, None
    try:
        with open(path, "rb") as file:
            data = file.read()
        if quick and not _names_hub(data):
            return {}, None
        import tomllib

        return tomllib.loads(data.decode()), None
    except OSError as error:
        return {}, ConfigError(f"{path}: cannot be read: {error.strerror}")
    except ValueError as error:  # TOMLDecodeError, UnicodeDecodeError
        return {}, ConfigError(f"{path}: {error}")


def _names_hub(data: bytes) -> bool:
    r"""Tell whether a configuration may name a hub or a store: has their words, or an escape that hides them.

    >>> _names_hub(b"# [store]\nname = 'x'"), _names_hub(b"[store]"), _names_hub(b'hub = {connect = "x"}')
    (False, True, True)
    """
    return any(
        b"connect" in line or b"store" in line or b"\\" in line
        for line in data.split(b"\n") if not line.lstrip().startswith(b"#")
    )


def _token(raw: "dict[str, Any]", config_path: str | None) -> str:
    hub = _table(raw, "hub")
    variable, file = hub.get("token_env"), hub.get("token_file")
    if isinstance(variable, str):
        if not (token := os.environ.get(variable, "")):
            raise ConfigError(f"hub.token_env: the environment variable {variable} is empty or not set")
        return token
    if isinstance(file, str):
        path = _beside(file, config_path)
        try:
            with open(path, encoding="utf-8") as opened:
                return opened.readline().strip()
        except (OSError, ValueError) as error:
            raise ConfigError(f"hub.token_file: {path}: cannot be read: {error}") from None
    return ""


def _service() -> Address | None:
    address = Address(path=service_socket(), origin="service")
    try:
        Connection(address, 5.0).close()
    except NoHub:
        return None
    return address


def _own(path: str) -> Address:
    address = Address(path=path, origin="own")
    Connection(address, 5.0).close()
    return address


class Connection:
    """One connection to a hub: ask, read the whole answer, ask again."""

    def __init__(self, address: Address, timeout: float = 10.0, token: str | None = None) -> None:
        self.address = address
        self._token = address.token if token is None else token
        self._rest = b""
        try:
            if address.path:
                if address.origin == "own":
                    _must_be_ours(address.path)
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self._socket.settimeout(timeout)
                try:
                    self._socket.connect(address.path)
                except BaseException:
                    self._socket.close()
                    raise
            else:
                self._socket = socket.create_connection((address.host, address.port), timeout)
        except OSError as error:
            raise _unreachable(address, error) from None

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def abort(self) -> None:
        """Hang up from another thread: wakes whoever waits for an answer here."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # already gone

    def ask(
        self, method: str, path: str, body: bytes = b"", timeout: float = 10.0, *,
        last: bool = False, any_version: bool = False,
    ) -> Response:
        """Send one request and return its answer; raise HubError if it does not come in `timeout` s.

        `last`: there is no further request on this connection. `any_version`: only for asking a hub of
        another version what it is and to stop, which every version understands.
        """
        until = time.monotonic() + timeout
        head = f"{method} {path} HTTP/1.1\r\nHost: hub\r\n"
        if self._token:
            if not self._token.isascii() or not self._token.isprintable():
                raise HubError("the hub's token holds characters that no token has")
            head += f"Authorization: Bearer {self._token}\r\n"
        if body or method == "POST":
            head += f"Content-Length: {len(body)}\r\n"
        if last:
            head += "Connection: close\r\n"
        try:
            self._socket.settimeout(timeout)
            # A refusal may stand ready although the hub did not read everything; without one, reading says
            # that it hung up.
            try:  # noqa: SIM105 (contextlib would cost every check its import)
                self._socket.sendall(head.encode() + b"\r\n" + body)
            except (BrokenPipeError, ConnectionResetError):
                pass
            response = self._read(until)
        except TimeoutError:
            raise HubError(f"the hub at {self.address} did not answer within {timeout:g} s") from None
        except OSError as error:
            raise HubError(f"the hub at {self.address} hung up: {error.strerror or error}") from None
        spoken = response.headers.get("ccboard-protocol")
        if spoken is None:
            raise HubError(f"what answers at {self.address} is no ccboard hub")
        if spoken != PROTOCOL and not any_version:
            raise WrongProtocol(
                f"the hub at {self.address} speaks protocol {spoken[:20]}, this ccboard {PROTOCOL}: "
                "use the same version for both (`ccboard stop` ends a hub that a board started, `ccboard stop"
                " --demo` the demo's)"
            )
        return response

    def _receive(self, until: float) -> bytes:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        data = self._socket.recv(256 * 1024)
        if not data:
            raise HubError(f"the hub at {self.address} hung up")
        return data

    def _read(self, until: float) -> Response:
        data = self._rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            if len(data) > HEAD_LIMIT:
                raise HubError(f"what answers at {self.address} is no ccboard hub")
            data += self._receive(until)
        try:
            first, *lines = data[:end].decode("latin-1").split("\r\n")
            version, status = first.split(" ")[:2]
            headers = {name.strip().lower(): value.strip()
                       for name, value in (line.split(":", 1) for line in lines)}
            length = int(headers.get("content-length", "0"))
            if not version.startswith("HTTP/1.") or not 0 <= length <= BODY_LIMIT:
                raise ValueError
            code = int(status)
        except ValueError:
            raise HubError(f"what answers at {self.address} is no ccboard hub") from None
        parts, have = [data[end + 4 :]], len(data) - end - 4
        while have < length:
            parts.append(self._receive(until))
            have += len(parts[-1])
        whole = b"".join(parts)
        self._rest = whole[length:]
        return Response(code, headers, whole[:length])


def _must_be_ours(path: str) -> None:
    """Refuse a socket in the temporary directory whose folder anybody could have made before us.

    Who answers there would be handed records with callers' numbers. Raises HubError, OSError.
    """
    folder = os.path.dirname(path)  # noqa: PTH120 - pathlib costs 13 ms
    if os.path.basename(folder) != f"ccboard-{os.getuid()}":  # noqa: PTH119
        return
    found = os.lstat(folder)
    if found.st_uid != os.getuid() or found.st_mode & 0o170077 != 0o040000:  # a folder, closed to others
        raise HubError(f"{folder} is not a private folder of yours: remove it, or name a folder with a"
                       " shorter path in CCBOARD_STATE_DIR")


class WrongProtocol(HubError):  # noqa: N818
    """The hub is another version; one that a board started may be replaced."""


def _unreachable(address: Address, error: OSError) -> HubError:
    where = str(address)
    if isinstance(error, BlockingIOError):  # so the kernel says that the socket's queue is full
        return HubError(f"the hub at {where} has too many callers at once: try again")
    if address.origin == "service":
        if isinstance(error, PermissionError):
            return HubError(
                f"the hub of this host ({where}) is not open to you: join group ccboard "
                "(`sudo usermod -aG ccboard $USER`, then log in again)"
            )
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return NoHub(NO_HUB)
        return HubError(
            f"the service's hub does not answer at {where} ({error.strerror or error}): "
            "see `systemctl status ccboard`"
        )
    if address.origin == "own":
        if isinstance(error, FileNotFoundError | ConnectionRefusedError | NotADirectoryError):
            return NoHub(NO_HUB)
        return HubError(
            f"the hub's socket {where} cannot be used: {error.strerror or error}; "
            "CCBOARD_STATE_DIR names another folder"
        )
    reason = "did not answer in time" if isinstance(error, TimeoutError) else error.strerror or str(error)
    named = "--hub or CCBOARD_HUB" if address.origin == "option" else "hub.connect of the configuration"
    return HubError(f"no hub at {where} (named by {named}): {reason}")


def request(
    address: Address, method: str, path: str, body: bytes = b"", timeout: float = 10.0,
    token: str | None = None, *, any_version: bool = False,
) -> Response:
    """Ask once on a connection of its own. Raises HubError; a refusal is a Response like any other."""
    connection = Connection(address, timeout, token)
    try:
        return connection.ask(method, path, body, timeout, last=True, any_version=any_version)
    finally:
        connection.close()
