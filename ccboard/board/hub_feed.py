"""Ties the board to the hub's line: what ``ccboard.feed`` says on its thread becomes news for the board."""

from collections.abc import Callable

from ccboard.board.state import Lost
from ccboard.client import Address
from ccboard.errors import CcboardError, HubError
from ccboard.feed import Feed
from ccboard.snapshot import Snapshot


class HubFeed:
    """A feed of a hub. `find` finds (or starts) the hub; it is asked again after every loss.

    What `find` raises at the very first try is final (no phone system on this host, a refusal):
    the board leaves and the command says it. Later it is a loss like any other, and tried again.
    """

    def __init__(self, find: Callable[[], Address]) -> None:
        self._find = find
        self._found = False
        self.address: Address | None = None
        """The hub that was found last: who asks besides asks the same."""
        self._callback: Callable[[Snapshot | Lost], None] | None = None
        self._feed = Feed(self._look, self._snapshot, self._lost, self._back)

    def start(self, callback: Callable[[Snapshot | Lost], None]) -> None:
        """Begin to call back."""
        self._callback = callback
        self._feed.start()

    def stop(self) -> None:
        """Call back no more; a thread that still waits for the network is left to itself."""
        self._feed.stop(timeout=0.3)

    def _look(self) -> Address:
        try:
            address = self._find()
        except Exception as error:
            if not self._found:
                failure = error if isinstance(error, CcboardError) else HubError(
                    f"the hub cannot be looked for: {type(error).__name__}: {error}")
                self._tell(Lost(str(failure), failure=failure))
            raise
        self._found, self.address = True, address
        return address

    def _tell(self, news: Snapshot | Lost) -> None:
        if self._callback is not None:
            self._callback(news)

    def _snapshot(self, snapshot: Snapshot) -> None:
        self._tell(snapshot)

    def _lost(self, reason: str) -> None:
        if self._found:
            self._tell(Lost(reason))

    def _back(self) -> None:
        """Nothing to do: the snapshot that follows says it."""
