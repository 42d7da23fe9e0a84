"""How much room a list that comes and goes keeps: more at once, less only after it went unused a while."""

STEP = 4
"""Rows come and go by so many, so that the panels below move seldom."""
PATIENCE_US = 300_000_000
"""Room that nothing needed for so long is given to others."""


class Room:
    """The rows that are kept free for a list whose length changes by the second."""

    def __init__(self) -> None:
        self.rows = STEP
        self._most = 0
        self._since: int | None = None
        self._seen = 0

    def keep(self, needed: int, now: int) -> int:
        """Return the rows to keep at `now` (microseconds) for a list of `needed` rows, at least one step.

        Travelling back in time starts afresh: what the list needed later says nothing.
        """
        rows = max(STEP, -(-needed // STEP) * STEP)
        back, self._seen = now < self._seen, now
        if rows >= self.rows or back:
            self.rows, self._since = rows, None
        elif self._since is None:
            self._since, self._most = now, rows
        else:
            self._most = max(self._most, rows)
            if now - self._since >= PATIENCE_US:
                self.rows, self._since = self._most, None
        return self.rows
