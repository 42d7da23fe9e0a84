"""How often each caller called today: what a waiting caller's "third call today" is counted from."""

from collections.abc import Collection
from typing import TypeAlias

from ccboard.metrics.scope import Scope
from ccboard.store.rows import micros, stamp

Visit: TypeAlias = tuple[int, int]
"""(when it began, what stands for its call)"""


class Repeats:
    """The day's visits by caller; some 150 bytes a visit."""

    def __init__(self) -> None:
        self._visits: dict[str, Visit | list[Visit]] = {}

    def read(self, scope: Scope, callers: Collection[str]) -> None:
        """Take in the visits of some callers by one moment, over or not."""
        if not callers:
            return
        for source, call, caller, offered in scope.rows(f"""
            SELECT source, call, caller_key, offered_at FROM visits
            WHERE offered_at >= $day AND offered_at <= $as_of AND {scope.shows}
                AND caller_key IN (SELECT unnest($callers::VARCHAR[]))
        """, {"day": stamp(scope.day), "as_of": scope.at, "callers": list(callers), **scope.shown}):
            self.add(caller, hash((source, call)), micros(offered))

    def add(self, caller: str, call: int, offered_at: int) -> None:
        """Take in a visit of a caller."""
        before = self._visits.get(caller)
        if before is None:
            self._visits[caller] = (offered_at, call)
        elif isinstance(before, tuple):
            self._visits[caller] = [before, (offered_at, call)]
        else:
            before.append((offered_at, call))

    def remove(self, caller: str, call: int, offered_at: int) -> None:
        """Take out a visit that was taken in."""
        before = self._visits[caller]
        if isinstance(before, list) and len(before) > 1:
            before.remove((offered_at, call))
        else:
            del self._visits[caller]

    def nth(self, caller: str | None, at: int) -> int:
        """Return which of the caller's calls today one is that began at `at`; at least the first."""
        before = self._visits.get(caller) if caller else None
        if before is None or isinstance(before, tuple):
            return 1
        return max(1, len({call for offered_at, call in before if offered_at <= at}))
