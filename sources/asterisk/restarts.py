"""Whether the phone system started while AMI was not connected; without a log nothing else says so.

Three signs, whatever the account may see: FullyBooted's uptime (class system), the LoginTime of static
members, who log in when the system starts, and counters that went down. While connected there is
nothing to ask: a restart ends every connection.
"""

from typing import Any, Final

from ccboard.clock import SECOND
from sources.asterisk.messages import Message

SLACK_S: Final = 1
MAX_QUEUES: Final = 5_000


class Restarts:
    """Compares what is heard after a connection was lost with what was known before."""

    def __init__(self) -> None:
        self._counters: dict[str, int] = {}  # calls that the PBX has counted as over, by queue
        self._down_at: int | None = None  # lost then, and not yet decided what happened meanwhile
        self._up_at = 0
        self._logins: dict[str, int] = {}  # of members who logged in meanwhile, by interface

    def connected(self, down_at: int | None, at: int) -> None:
        """AMI is back after it was lost at `down_at` (None: it had never been there)."""
        if self._down_at is None:
            self._down_at = down_at
        self._up_at = at
        self._logins.clear()

    def booted(self, message: Message, at: int) -> int | None:
        """Take FullyBooted; return when the system started, if it did while we were away."""
        uptime = message.whole("Uptime", limit=10**9)
        if uptime is None or self._down_at is None:
            return None
        booted_at = at - uptime * SECOND
        if booted_at < self._down_at - SLACK_S * SECOND:
            return None
        return self._decided(max(booted_at, self._down_at))

    def event(self, interface: str, message: Message) -> int | None:
        """Take an event about a member; return as `booted` does.

        Two members are needed: one alone may have been added to queues.conf.
        """
        login = self._login(message)
        if login is None or self._down_at is None:
            return None
        if not self._down_at - SLACK_S * SECOND <= login <= self._up_at + SLACK_S * SECOND:
            return None
        self._logins[interface] = login
        return (
            self._decided(max(min(self._logins.values()), self._down_at)) if len(self._logins) > 1 else None
        )

    def listed(self, params: list[Message], members: list[Message], at: int) -> int | None:
        """Take a whole list; return as `booted` does. With it the question is closed."""
        before = self._counters
        self._counters = {
            queue: (m.whole("Completed") or 0) + (m.whole("Abandoned") or 0)
            for m in params[:MAX_QUEUES]
            if (queue := m.text("Queue")) is not None
        }
        down_at = self._decided(self._down_at)
        if down_at is None:
            return None
        logins = [login for m in members if (login := self._login(m)) is not None]
        if logins:
            first = min(logins)
            return max(first, down_at) if first >= down_at - SLACK_S * SECOND else None
        fell = any(number < before.get(queue, 0) for queue, number in self._counters.items())
        return at if fell else None

    def _decided(self, moment: int | None) -> int | None:
        self._down_at = None
        self._logins.clear()
        return moment

    @staticmethod
    def _login(message: Message) -> int | None:
        if message.get("Membership", "").strip() != "static":
            return None
        login = message.whole("LoginTime", limit=10**11)
        return login * SECOND if login else None

    def to_plain(self) -> dict[str, Any]:
        """Return what outlives a restart of ours as plain data."""
        return {"counters": self._counters, "down_at": self._down_at, "up_at": self._up_at}

    def from_plain(self, plain: dict[str, Any]) -> None:
        """Take what `to_plain` gave; raise ValueError, TypeError or KeyError when it is something else."""
        self._counters = {str(queue): int(number) for queue, number in plain["counters"].items()}
        self._down_at = None if plain["down_at"] is None else int(plain["down_at"])
        self._up_at = int(plain["up_at"])
