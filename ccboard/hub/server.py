"""HTTP/1.1 over Unix sockets and TCP, for clients that may be slow, broken or hostile.

One loop on one thread: a client that stalls holds a buffer, never a thread, and is dropped. What a
request may take is bounded: connections, bytes of head and body, seconds for each. Questions that need
the store run on a few threads beside the loop; boards that wait for the next frame cost nothing.
"""

import asyncio
import contextlib
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ccboard.errors import HubError
from ccboard.hub.api import (
    Api,
    RefusalError,
    Request,
    Response,
    board_wait,
    error,
    parse_target,
    partial_after,
)
from ccboard.hub.roles import MEMBER, OWNER, Tokens, Viewer
from ccboard.hub.ticker import Frame

log = logging.getLogger(__name__)

PROTOCOL = "1"
HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 4 * 1024 * 1024
HEAD_S = 10.0
"""How long a new client may take for its first request's head: slow ones are dropped."""
STRANGER_S = 3.0
"""The same for one over TCP: until its token has come it may be anybody."""
IDLE_S = 60.0
"""How long a kept connection may be silent between two requests."""
BODY_S = 30.0
STALL_S = 5.0
"""A client that takes nothing of its answer for so long is dropped."""
ANSWER_S = 60.0
LOCAL_CONNECTIONS = 256
REMOTE_CONNECTIONS = 64
WORKERS = 4
QUEUED = 64
"""Questions that may wait for a worker; further ones are told to try again."""
REASONS = {
    200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 409: "Conflict", 413: "Content Too Large",
    431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
    503: "Service Unavailable",
}


class Server:
    """Serves an Api. Start it, add doors, close it; all from one other thread."""

    def __init__(self, api: Api, frame: Callable[[], Frame | None], on_viewer: Callable[[], None]) -> None:
        self._api = api
        self._frame = frame
        self._on_viewer = on_viewer
        self._tokens: Tokens | None = None
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_report)
        self._news = asyncio.Event()
        self._pool = ThreadPoolExecutor(WORKERS, "api")
        self._queued = 0
        self._open = {True: 0, False: 0}
        self._strangers: dict[asyncio.Task[None], None] = {}  # over TCP, without a token yet; oldest first
        self._tasks: set[asyncio.Task[None]] = set()
        self._boards = 0
        self._looked = time.monotonic()
        self._listeners: list[asyncio.Server] = []
        self._thread = threading.Thread(target=self._loop.run_forever, name="server", daemon=True)

    # From the hub's thread.

    def start(self) -> None:
        """Begin to run; nothing is served before a door is added."""
        self._thread.start()

    def add_unix(self, listener: socket.socket, *, shared: bool) -> None:
        """Serve on a bound Unix socket. `shared`: others than its owner may come, and only look."""
        self._run(self._listen(
            lambda connected: asyncio.start_unix_server(connected, sock=listener, limit=HEAD_LIMIT),
            lambda peer: _local(peer, shared=shared), local=True,
        ))

    def add_tcp(self, host: str, port: int) -> tuple[str, int]:
        """Serve over TCP to those with a token; return where. Raises HubError if it cannot listen."""
        try:
            listener = self._run(self._listen(lambda connected: asyncio.start_server(
                connected, host, port, limit=HEAD_LIMIT, reuse_address=True), lambda _: None, local=False))
        except OSError as failure:
            raise HubError(f"cannot listen on {host}:{port}: {failure.strerror or failure}") from None
        name = listener.sockets[0].getsockname()
        return str(name[0]), int(name[1])

    def set_tokens(self, tokens: Tokens) -> None:
        """Know clients over TCP by these from now on."""
        self._tokens = tokens

    def publish(self, frame: Frame) -> None:
        """Tell waiting boards that there is a new frame. From any thread."""
        del frame  # they fetch it themselves, newest first
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            self._loop.call_soon_threadsafe(self._ring)

    def viewers(self) -> int:
        """Return how many boards are connected."""
        return self._boards

    def unwatched_s(self) -> float:
        """Return for how many seconds nobody has looked; 0 while a board is connected."""
        return 0.0 if self._boards else time.monotonic() - self._looked

    def close(self) -> None:
        """Hang up on everybody and end."""
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._pool.shutdown(wait=False, cancel_futures=True)
        if not self._thread.is_alive():
            self._loop.close()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    # On the loop.

    async def _listen(self, start: Any, known: Callable[[socket.socket], Viewer | None], *, local: bool
                      ) -> asyncio.Server:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            self._open[local] += 1
            try:
                writer.transport.set_write_buffer_limits(high=0)
                full = self._open[local] > (LOCAL_CONNECTIONS if local else REMOTE_CONNECTIONS)
                if full and (local or not self._make_room()):
                    await _send(writer, error(503, "too many connections"), keep=False)
                else:
                    if not local:
                        self._strangers[task] = None
                    await self._converse(reader, writer, known(writer.get_extra_info("socket")))
            except (OSError, asyncio.IncompleteReadError, TimeoutError, asyncio.CancelledError):
                pass  # gone, or too slow: their side says it
            finally:
                self._open[local] -= 1
                self._tasks.discard(task)
                self._strangers.pop(task, None)
                writer.transport.abort()

        listener: asyncio.Server = await start(connected)
        self._listeners.append(listener)
        return listener

    def _make_room(self) -> bool:
        """Drop who has been here longest over TCP without showing a token; False: all have shown one."""
        oldest = next(iter(self._strangers), None)
        if oldest is None:
            return False
        del self._strangers[oldest]
        oldest.cancel()
        return True

    async def _end(self) -> None:
        for listener in self._listeners:
            listener.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=2)

    def _ring(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, local: Viewer | None
    ) -> None:
        """Answer requests on one connection until it ends."""
        patience, board = HEAD_S if local is not None else STRANGER_S, False
        try:
            while True:
                try:
                    async with asyncio.timeout(patience):
                        raw = await reader.readuntil(b"\r\n\r\n")
                except asyncio.LimitOverrunError:
                    await _send(writer, error(431, f"a request's head has at most {HEAD_LIMIT} bytes"),
                                keep=False)
                    await _swallow(reader)
                    return
                patience = IDLE_S
                keep = False
                try:
                    method, target, headers = parse_head(raw)
                    keep = headers.get("connection", "").lower() != "close"
                    viewer = local or self._remote(headers)
                    if (task := asyncio.current_task()) is not None:
                        self._strangers.pop(task, None)
                    path, query = parse_target(target)
                    body = await self._body(reader, writer, method, path, headers, viewer)
                except RefusalError as refused:
                    if refused.status == 401:
                        await asyncio.sleep(0.5)  # guessing is slow
                    await _send(writer, error(refused.status, str(refused)), keep=False)
                    await _swallow(reader)
                    return
                request = Request(method, path, query, viewer, body)
                if path == "/v1/board" and not board:
                    board = True
                    self._boards += 1
                    self._on_viewer()
                if path == "/v1/board":  # a program that asks every minute must not keep a hub for ever
                    self._looked = time.monotonic()
                response = await self._answer(request)
                await _send(writer, response, keep=keep)
                if not keep:
                    return
        finally:
            if board:
                self._boards -= 1
                self._looked = time.monotonic()

    def _remote(self, headers: dict[str, str]) -> Viewer:
        viewer = self._tokens.viewer(headers.get("authorization", "")) if self._tokens is not None else None
        if viewer is None:
            raise RefusalError(401, "this hub needs a token: Authorization: Bearer ...")
        return viewer

    async def _body(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, method: str, path: str,
        headers: dict[str, str], viewer: Viewer,
    ) -> bytes:
        if "transfer-encoding" in headers:
            raise RefusalError(501, "send a Content-Length, not a Transfer-Encoding")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or len(length) > 12:
            raise RefusalError(400, "Content-Length is not a number")
        if (refusal := self._api.may(method, path, viewer)) is not None and int(length):
            del refusal  # said without reading what it came with
            raise RefusalError(403, "this request is not for you, or not for this address")
        if int(length) > BODY_LIMIT:
            raise RefusalError(413, f"a body has at most {BODY_LIMIT} bytes; send it in parts")
        if not int(length):
            return b""
        if headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        async with asyncio.timeout(BODY_S):
            return await reader.readexactly(int(length))

    async def _answer(self, request: Request) -> Response:
        if request.path == "/v1/board" and request.method == "GET" and "as_of" not in request.query:
            try:
                after, wait = board_wait(request)
            except RefusalError as refused:
                return error(refused.status, str(refused))
            frame = await self._next_frame(after, wait)
            ready = None if frame is None else frame.ready(request.viewer, partial_after(request))
            if ready is not None:
                return Response(200, ready)
        if self._queued >= QUEUED:
            return error(503, "the hub is busy; try again")
        self._queued += 1
        try:
            return await self._loop.run_in_executor(self._pool, self._api.answer, request)
        finally:
            self._queued -= 1

    async def _next_frame(self, after: int, wait: float) -> Frame | None:
        """Wait until there is a frame other than `after`, at most `wait` seconds."""
        until = self._loop.time() + wait
        while True:
            news, frame = self._news, self._frame()
            left = until - self._loop.time()
            # Another hub's number may be larger than ours: anything but `after` is news.
            if (frame is not None and frame.seq != after) or left <= 0:
                return frame
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await news.wait()


def parse_head(raw: bytes) -> tuple[str, str, dict[str, str]]:
    """Return method, target and headers (lower-case names) of a request's head. Raises RefusalError."""
    first, *lines = raw.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1.") or not words[1].startswith("/"):
        raise RefusalError(400, "this is not HTTP/1.1")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.lower()
        if not colon or not name or name != name.strip():
            raise RefusalError(400, "a header is not understood")
        if name in headers and name in ("content-length", "authorization", "transfer-encoding"):
            raise RefusalError(400, f"{name} is given twice")
        headers[name] = value.strip()
    return words[0], words[1], headers


def _local(peer: socket.socket, *, shared: bool) -> Viewer:
    """Return who is at the other end of a Unix socket. The file's mode has let them in already."""
    if not shared:
        return OWNER
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return MEMBER
    _, uid, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("3i")))
    return OWNER if uid in (0, os.getuid()) else MEMBER


async def _send(writer: asyncio.StreamWriter, response: Response, *, keep: bool) -> None:
    """Write an answer; raise ConnectionAbortedError if the client takes nothing for STALL_S seconds."""
    more = "".join(f"{name}: {value}\r\n" for name, value in response.headers)
    head = (
        f"HTTP/1.1 {response.status} {REASONS.get(response.status, 'Other')}\r\n"
        f"Ccboard-Protocol: {PROTOCOL}\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
        f"X-Content-Type-Options: nosniff\r\nContent-Length: {len(response.body)}\r\n{more}"
        f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n"
    )
    writer.writelines((head.encode("latin-1"), response.body))
    transport = writer.transport
    until = asyncio.get_running_loop().time() + ANSWER_S
    left = transport.get_write_buffer_size()
    while True:
        try:
            async with asyncio.timeout(STALL_S):
                await writer.drain()
        except TimeoutError:
            still = transport.get_write_buffer_size()
            if still >= left or asyncio.get_running_loop().time() >= until:
                log.info("a client takes nothing of its answer: dropped")
                raise ConnectionAbortedError from None
            left = still
        else:
            break
    if not keep and writer.can_write_eof():
        writer.write_eof()


async def _swallow(reader: asyncio.StreamReader) -> None:
    """Read away what a refused client still sends: hanging up on it would take the answer with it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            while await reader.read(64 * 1024):
                pass


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    del loop
    log.warning("server: %s", context.get("message"), exc_info=context.get("exception"))
