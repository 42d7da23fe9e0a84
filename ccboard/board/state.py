"""What the board knows: the newest snapshot, whether it is frozen, whether the hub is gone.

The time that is shown is the snapshot's own moment plus what has passed since it came, by a clock that
never jumps: a demo's or a replay's time is as good as the host's, and a wrong host clock does no harm.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ccboard.board.travel import Travel
from ccboard.clock import SECOND, monotonic
from ccboard.errors import CcboardError
from ccboard.i18n import Words
from ccboard.snapshot import Snapshot
from widgets.glyphs import UNICODE, Glyphs
from widgets.header import Standing
from widgets.view import View

STRIKES = 60_000
"""Microseconds behind the second at which the shown clock moves. A hub makes a frame as the second begins;
drawn in one go with the clock it costs half."""
SILENCE_S = 15.0
"""A live hub sends a snapshot every second; after this long without one it counts as gone."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The hub does not answer; `reason` says why in one line, or is empty. `failure`: it never will."""

    reason: str = ""
    failure: CcboardError | None = None


class BoardState:
    """The board's memory. It holds one snapshot, and a second while frozen."""

    def __init__(self, words: Words, glyphs: Glyphs = UNICODE, tick: Callable[[], float] = monotonic) -> None:
        self.words = words
        self.glyphs = glyphs
        self._tick = tick
        self.strikes = STRIKES
        self.newest: Snapshot | None = None
        self._came = tick()
        self._frozen: tuple[Snapshot, int] | None = None
        self._lost: Lost | None = None
        self._lost_at: int | None = None
        self._zone: tuple[str, tzinfo] = ("UTC", UTC)
        self.travel = Travel()
        self.past: Snapshot | None = None
        """What is shown of the past; of another moment than wished while that is on its way."""

    def take(self, news: Snapshot | Lost) -> None:
        """Take what the feed brought."""
        if isinstance(news, Lost):
            if self._lost is None:
                self._lost_at = self.now() if self.newest is not None else None
            self._lost = news
            return
        self.newest = news
        self._came = self._tick()
        self._lost = self._lost_at = None

    def now(self) -> int:
        """Return the centre's present moment, in microseconds UTC; 0 before the first snapshot."""
        if self.newest is None:
            return 0
        passed = self._tick() - self._came if self.newest.live else 0.0
        return self.newest.as_of + int(passed * SECOND)

    def watch(self) -> None:
        """Notice a hub that keeps its line open and says nothing."""
        if self.runs and self._lost is None and self._tick() - self._came > SILENCE_S:
            self.take(Lost(self.words("header.no_answer")))

    def next_second(self) -> float:
        """Return how long until the shown clock changes: just after the second, when its frame has come.

        A second where nothing runs: there is no snapshot yet, or none that is live.
        """
        if not self.runs:
            return 1.0
        return (SECOND - (self.now() - self.strikes) % SECOND) / SECOND

    @property
    def runs(self) -> bool:
        """Whether the shown clock goes on by itself between two snapshots."""
        return self.newest is not None and self.newest.live

    @property
    def lost(self) -> bool:
        """Whether the hub is gone."""
        return self._lost is not None

    @property
    def frozen(self) -> bool:
        """Whether the figures stand still on demand."""
        return self._frozen is not None

    def freeze(self) -> None:
        """Let the figures stand still, or go on."""
        if self._frozen is not None:
            self._frozen = None
        elif self.newest is not None:
            self._frozen = (self.newest, self.now())

    def thaw(self) -> None:
        """Let the figures go on."""
        self._frozen = None

    @property
    def still(self) -> bool:
        """Whether the figures shown are of another moment than now, on demand."""
        return self.frozen or self.travel.at is not None

    def _zone_of(self, snapshot: Snapshot) -> tzinfo:
        name = snapshot.zone
        if self._zone[0] != name:
            try:
                self._zone = (name, ZoneInfo(name))
            except (ZoneInfoNotFoundError, ValueError, OSError):  # this host lacks it: say UTC times
                self._zone = (name, UTC)
        return self._zone[1]

    def _view(self, snapshot: Snapshot | None, now: int) -> View:
        zone = self._zone_of(snapshot) if snapshot is not None else UTC
        return View(snapshot, now, zone, self.words, self.glyphs)

    def figures(self) -> View:
        """Return what the panels show: frozen figures stand still, and so do those of a hub that is gone."""
        if self.travel.at is not None and self.past is not None:
            return self._view(self.past, self.past.as_of)
        if self._frozen is not None:
            return self._view(*self._frozen)
        if self.newest is not None and (self.lost or not self.newest.live):
            return self._view(self.newest, self.newest.as_of)
        now = self.now()  # in whole seconds: what runs moves with the clock, and once a second only
        return self._view(self.newest, now - now % SECOND)

    def heading(self) -> tuple[View, Standing]:
        """Return what the header shows: it always goes on."""
        frozen_at = self._frozen[1] if self._frozen is not None else None
        standing = Standing(
            frozen_at=frozen_at,
            frozen_ago_s=(self.now() - frozen_at) / SECOND if frozen_at is not None else 0.0,
            lost=self.lost,
            lost_at=self._lost_at,
            reason=self._lost.reason if self._lost is not None else "",
            replay_at=self.travel.now(self._tick()),
            speed=self.travel.speed if self.travel.playing else None,
            live_at=self.now() if self.newest is not None and self.newest.live else None,
        )
        if standing.replay_at is not None and self.past is not None:
            return self._view(self.past, self.past.as_of), standing
        return self._view(self.newest, self.now()), standing
