"""Keeps the surge panel: the watch goes on a minute at a time on a thread of its own.

A frame takes the panel as it lies there and never waits. The panel is made anew when a minute has closed,
when somebody did something, and every few seconds for the people at work.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ccboard.clean import clean
from ccboard.config import Config
from ccboard.hub.pace import Pace
from ccboard.hub.past import Past
from ccboard.panel_surge import SurgePanel
from ccboard.snapshot import Snapshot
from ccboard.store.reader import Reader
from ccboard.store.store import Store

if TYPE_CHECKING:
    from ccboard.desk.desk import Desk

log = logging.getLogger(__name__)

LOOK_S = 0.5
"""Seconds of the host between two looks whether a minute has closed."""
FRAME_S = 0.1
"""Seconds of the host between two looks whether the next frame has come."""
EVERY_S, WATCHED_S, SHARE = 15.0, 5.0, 20
"""Within a minute the panel is renewed every so many seconds for the people at work, more often where a tier
watches a figure of the moment, and as seldom as it takes to use one part in `SHARE`."""
MINUTE_SHARE = 5
"""At the close of a minute it may use more: one part in so many. Clocks that run fast would else take the
machine for themselves."""
REFIT_SHARE, REFIT_S = 10, 60.0
"""A history that grows (an import, a demo that begins) is learnt from anew as seldom as it takes to use one
part in so many, and at least so often."""
DEADLINE_S = 30.0
BACK_AFTER_S, BACK_EVERY_S, BACK_AGAIN_S = 90.0, 20.0, 600.0
"""The alarms of the last month are worked out so long after the history came to rest, a queue at a time with
pauses; and so often it is looked whether another day has begun."""


class _StoppedError(Exception):
    """The hub ends."""


def pending(as_of: int) -> SurgePanel:
    """Return what stands for a panel that is still being worked out."""
    return SurgePanel(as_of, 0.0, False, (), (), pending=True)


class SurgeKeeper:
    """The thread. `frame` gives the newest snapshot of all queues, `floor` the one of another moment."""

    def __init__(self, store: Store, config: Callable[[], Config], zone: Callable[[], ZoneInfo],
                 frame: Callable[[], Snapshot | None], floor: Callable[[Reader, int], Snapshot],
                 on_panel: Callable[[SurgePanel, Snapshot], tuple[str, ...]] = lambda _panel, _floor: ()
                 ) -> None:
        self._store, self._config, self._zone = store, config, zone
        self._frame, self._floor, self._on_panel = frame, floor, on_panel
        self._condition = threading.Condition()
        self._asked = False
        self._done_at = 0
        self._stopping = threading.Event()
        self._panel: SurgePanel | None = None
        self._desk: tuple[object, Desk] | None = None
        self._travel: tuple[object, Desk] | None = None
        self._travel_lock = threading.Lock()
        self._past: Past[SurgePanel | None] = Past(store, DEADLINE_S, "surge at", "the surge panel")
        self._trouble = ""
        self._said: tuple[str, ...] = ()
        self._learnt = 0.0
        self._reader: Reader | None = None
        self._pace = Pace(self._wait)
        self._thread = threading.Thread(target=self._run, name="surge", daemon=True)
        self._back = threading.Thread(target=self._look_back, name="surge back", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()
        self._back.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End; a question that runs is given up."""
        self._stopping.set()
        self.poke()
        if self._reader is not None:
            self._reader.interrupt()
        for thread in (self._thread, self._back):
            if thread.is_alive():
                thread.join(timeout)
        self._past.stop(timeout)

    def poke(self, at: int = 0) -> None:
        """Somebody did something at a moment: wait for no minute, but for the first frame that has it."""
        with self._condition:
            self._asked, self._done_at = True, max(self._done_at, at)
            self._condition.notify_all()

    @property
    def panel(self) -> SurgePanel | None:
        """The newest panel, of all queues; None until there is one. Never waits."""
        return self._panel

    def at(self, snapshot: Snapshot, patience_s: float | None = None) -> SurgePanel | None:
        """Return the panel of another moment, worked out now; the first of a day takes a second or two.

        With a patience it returns after that in any case: with a panel that is `pending`, and the day goes on
        being worked out for whoever asks again. None where it cannot be said, which the log explains.
        One at a time: boards that travel share what a day needs.
        """
        if patience_s is None:
            return self._past.here(lambda reader: self._at(reader, snapshot))
        ended, found = self._past.ask((snapshot.as_of, snapshot.day_start), self._config(),
                                      lambda reader: self._at(reader, snapshot), patience_s)
        return found if ended else pending(snapshot.as_of)

    def _at(self, reader: Reader, snapshot: Snapshot) -> SurgePanel | None:
        with self._travel_lock:
            self._travel, desk = None, self._renewed(self._travel)  # what a fault left half done is not kept
            found = desk[1].panel(reader, snapshot, at=lambda at: self._floor(reader, at))
            self._travel = desk
            return found

    # --- the thread -----------------------------------------------------------------------------

    def _renewed(self, kept: "tuple[object, Desk] | None") -> "tuple[object, Desk]":
        """Return the desk for the configuration as it is now."""
        from ccboard.desk.days import Days
        from ccboard.desk.desk import Desk
        from ccboard.moments import parse_day_start

        config, zone = self._config(), self._zone()
        if kept is None or kept[0] != (id(config), zone.key):
            made = Desk(config, Days(zone, parse_day_start(config.business_day_start)))
            kept = ((id(config), zone.key), made)
        return kept

    def _run(self) -> None:
        self._pace = Pace(self._wait)  # made here: it counts this thread's seconds
        self._reader = self._store.reader(DEADLINE_S)
        minute, due, soonest, refit = -1, 0.0, 0.0, 0.0
        try:
            while not self._stopping.is_set():
                with self._condition:
                    if not self._asked:
                        self._condition.wait(LOOK_S)
                    asked, self._asked = self._asked, False
                snapshot = self._frame()
                if snapshot is None or self._stopping.is_set():
                    continue
                now = time.monotonic()
                closed = snapshot.as_of // 60_000_000
                if asked and snapshot.as_of < self._done_at:  # a panel of before it would not show it
                    with self._condition:
                        self._asked = True
                    asked = False
                    self._stopping.wait(FRAME_S)
                if asked or (closed != minute and now >= soonest) or now >= due:
                    minute = closed
                    fitted = self._try(snapshot, patient=now < refit)
                    end = time.monotonic()
                    took = end - now
                    if fitted:  # minutes are judged meanwhile by what is known
                        self._learnt = end
                        refit, took = end + min(REFIT_SHARE * took, REFIT_S), 0.0
                    due, soonest = end + max(self._every(), SHARE * took), end + MINUTE_SHARE * took
        finally:
            self._reader.close()

    def _wait(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise _StoppedError

    def _every(self) -> float:
        return WATCHED_S if any(tier.when != "lift" for tier in self._config().tiers) else EVERY_S

    def _try(self, snapshot: Snapshot, *, patient: bool) -> bool:
        """Make the panel anew; a fault is said once and the last panel stays.

        Returns whether the weeks before were fitted anew; a `patient` one leaves that to a later one.
        """
        assert self._reader is not None
        reader = self._reader
        before = None if self._desk is None else self._desk[1].reading
        try:
            self._desk = self._renewed(self._desk)
            self._desk[1].watching.rest = self._pace
            self._desk[1].watching.patient = patient
            panel = self._desk[1].panel(reader, snapshot, said=self._said,
                                        at=lambda at: self._floor(reader, at))
            self._panel = panel
            self._said = self._on_panel(panel, snapshot)
        except _StoppedError:
            return False
        except Exception as error:
            said = clean(f"{type(error).__name__}: {error}", 300)
            if said != self._trouble and not self._stopping.is_set():
                log.exception("the surge panel could not be made")
            self._trouble = said
        else:
            self._trouble = ""
        after = None if self._desk is None else self._desk[1].reading
        return after is not None and (before is None or before.fitted is not after.fitted)

    def _look_back(self) -> None:
        """Work out the last month, a queue at a time, on a thread of its own: a deed must not wait for it."""
        pause, pace = BACK_AFTER_S, Pace(self._wait)
        while not self._stopping.wait(pause):
            pause = BACK_EVERY_S
            if time.monotonic() - self._learnt < BACK_AFTER_S:  # more may come: wait for the whole of it
                continue
            desk = self._desk
            try:
                left = desk is None or desk[1].reading is None or desk[1].look_back(pace)
            except _StoppedError:
                return
            except Exception:
                log.exception("the alarms of the last month could not be worked out")
                left = False
            pause = BACK_EVERY_S if left else BACK_AGAIN_S
