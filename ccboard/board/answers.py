"""What a board asks besides the live figures: a moment of the past, an explanation, the visits of a figure.

Whoever answers may take seconds, so it is asked on a thread of its own, and only what was wished last.
"""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from ccboard.client import Address, Connection
from ccboard.errors import CcboardError, HubError, UsageError
from ccboard.snapshot import Snapshot, from_wire, iso

PATIENCE_S = 60.0
"""How long an answer may take; a board goes on drawing meanwhile."""
T = TypeVar("T")


class Answers(Protocol):
    """Who answers. All raise CcboardError and may be called on any thread, one at a time each."""

    def moment(self, as_of: int, *, quality: bool = False) -> Snapshot:
        """Return the floor at a moment, with what can be said of the data up to then if that is asked."""

    def ask(self, what: str, words: Mapping[str, str]) -> dict[str, Any]:
        """Return the object of `explain`, `visits` or `before`."""

    def act(self, deed: Mapping[str, Any]) -> dict[str, Any]:
        """Hand in what somebody did; return what became of it."""

    def close(self) -> None:
        """Answer no more. Must not wait."""


class HubAnswers:
    """Asks the hub that the board is attached to; `where` tells which that is now."""

    def __init__(self, where: Callable[[], Address | None]) -> None:
        self._where = where
        self._lock = threading.Lock()
        self._line: Connection | None = None

    def moment(self, as_of: int, *, quality: bool = False) -> Snapshot:
        """Return the floor at a moment: on a kept line, since scrubbing asks often."""
        query = f"as_of={quote(iso(as_of) or '')}" + ("&quality=1" if quality else "")
        address = self._address()
        with self._lock:
            line = self._line
            if line is None or line.address != address:
                line = self._line = Connection(address)
            try:
                said = line.ask("GET", f"/v1/board?{query}", timeout=PATIENCE_S)
            except CcboardError:
                line.close()
                self._line = None
                raise
        if said.status == 400:
            raise UsageError(said.error())
        return understood(lambda: from_wire(said.good()["snapshot"]))

    def ask(self, what: str, words: Mapping[str, str]) -> dict[str, Any]:
        """Ask on a line of its own."""
        query = "&".join(f"{name}={quote(text, safe='')}" for name, text in words.items())
        line = Connection(self._address())
        try:
            said = line.ask("GET", f"/v1/{what}?{query}", timeout=PATIENCE_S, last=True)
        finally:
            line.close()
        if said.status in (400, 403):
            raise UsageError(said.error())
        return understood(lambda: dict(said.good()))

    def act(self, deed: Mapping[str, Any]) -> dict[str, Any]:
        """Hand in what somebody did, on a line of its own; the hub counts a key once."""
        line = Connection(self._address())
        try:
            said = line.ask("POST", "/v1/actions", json.dumps(deed).encode(), timeout=PATIENCE_S, last=True)
        finally:
            line.close()
        if said.status in (400, 403):
            raise UsageError(said.error())
        return understood(lambda: dict(said.good()))

    def close(self) -> None:
        """Hang up."""
        if self._line is not None:
            self._line.abort()

    def _address(self) -> Address:
        address = self._where()
        if address is None:
            raise HubError("there is no hub to ask")
        return address


def understood(made: Callable[[], T]) -> T:
    """Return what is made of an answer; raises HubError where that does not go."""
    try:
        return made()
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise HubError(f"the hub's answer is not understood ({type(error).__name__}: {error})") from None


class Errands:
    """A thread that does what was wished last; a wish that was overtaken before its turn is dropped.

    `deliver` gets what to call on the board's own thread with the result or the error.
    """

    def __init__(self, name: str, deliver: Callable[[Callable[[], None]], None]) -> None:
        self._name = name
        self._deliver = deliver
        self._news = threading.Condition()
        self._wish: tuple[Callable[[], Any], Callable[[Any], None]] | None = None
        self._thread: threading.Thread | None = None
        self._stopping = False
        self.done = 0
        """Wishes that were fulfilled or failed: what a test of dropping counts."""

    def wish(self, work: Callable[[], T], then: Callable[[T | CcboardError], None]) -> None:
        """Have `work` done and `then` called with what it returned, or with the error that it raised."""
        with self._news:
            self._wish = (work, then)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._news.notify()

    def forget(self) -> None:
        """Drop what was wished and not begun."""
        with self._news:
            self._wish = None

    def stop(self) -> None:
        """Do nothing more; what is being done is left to itself."""
        with self._news:
            self._stopping, self._wish = True, None
            self._news.notify()

    def _run(self) -> None:
        while True:
            with self._news:
                while self._wish is None and not self._stopping:
                    self._news.wait()
                if self._stopping or self._wish is None:
                    return
                work, then = self._wish
                self._wish = None
            result: Any
            try:
                result = work()
            except CcboardError as error:
                result = error
            except Exception as error:  # noqa: BLE001 - said on the board, which goes on
                result = HubError(f"{type(error).__name__}: {error}")
            self.done += 1
            if not self._stopping:
                self._deliver(_bound(then, result))


def _bound(then: Callable[[Any], None], result: Any) -> Callable[[], None]:
    return lambda: then(result)
