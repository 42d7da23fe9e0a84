"""The board's way through time: by interval, by minute, to a typed time, playing; and back to the present.

Only the moment wished last is asked for, on a thread: scrubbing never waits, and drawing never does.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from textual.timer import Timer

from ccboard.board.answers import Answers, Errands
from ccboard.board.travel import FRAME_S, Replay, step, typed_moment
from ccboard.clock import SECOND
from ccboard.errors import CcboardError, UsageError
from ccboard.snapshot import Snapshot
from widgets import format as fmt

if TYPE_CHECKING:
    from ccboard.app import BoardApp

MINUTE_S = 60
AGAIN_S, TAIL_AGAIN_S = 0.5, 2.0
"""Until what was pending of a moment is asked for again; and until its tail is."""
TAIL_TRIES = 60
"""So often at the most: a store that cannot tell its tail is not asked for ever."""
TAIL_US = 600 * SECOND
"""A tail of so long before a moment is another's, for the time being."""


class Journey:
    """Moves a board through time. `answers` gives the moments of the past; None: nobody does."""

    def __init__(self, app: "BoardApp", answers: Answers | None) -> None:
        self._app = app
        self._answers = answers
        self.errands = Errands("past", app.deliver)
        self._player: Timer | None = None
        self._tail_asked = (0, 0)
        """Of which moment the tail was asked for again, and how often."""

    def begin(self, replay: Replay) -> None:
        """Play the past that ``ccboard replay`` was asked for."""
        travel = self._app.state.travel
        travel.speed, travel.end = replay.speed, replay.end
        travel.go(replay.begin, self._app.ticked())
        self._wish(replay.begin)
        self.play(on=True)

    def stop(self) -> None:
        """Ask for nothing more."""
        self.errands.stop()
        if self._answers is not None:
            self._answers.close()

    # --- where to -------------------------------------------------------------------------------

    def go(self, at: int) -> None:
        """Show a moment of the past; one that has not come yet is the present."""
        app, state = self._app, self._app.state
        if self._answers is None:
            app.say(state.words("travel.nobody"))
            return
        if state.newest is not None and state.newest.live and at >= state.now():
            self.live()
            return
        if state.travel.end is not None:
            at = min(at, state.travel.end)
        state.thaw()
        state.travel.go(max(0, at), app.ticked())
        self._wish(max(0, at))
        app.draw()

    def step(self, length_s: int | None, by: int) -> None:
        """Go to the boundary before or after: of minutes, or (None) of the centre's intervals."""
        snapshot = self._app.state.figures().snapshot
        at = self._here()
        if snapshot is not None and at is not None:
            self.go(step(at, snapshot.day_start, length_s or snapshot.interval_s, by))

    def typed(self, text: str) -> None:
        """Go to what somebody typed; nonsense and the future are said."""
        app, state = self._app, self._app.state
        view = state.figures()
        if view.snapshot is None:
            return
        zone = view.zone if isinstance(view.zone, ZoneInfo) else ZoneInfo("UTC")
        live = state.newest is not None and state.newest.live
        now = state.now() if live else view.now
        try:
            day = state.newest if live and state.newest is not None else view.snapshot
            at = typed_moment(text, zone, now, day.day_start)
        except UsageError as wrong:
            app.say(state.words("travel.wrong", text=str(wrong)))
            return
        if live and at > now:
            time = f"{fmt.date(at, zone, state.words, near=now)} {fmt.clock(at, zone)}"
            app.say(state.words("travel.ahead", time=time))
            return
        self.go(at)

    def live(self) -> None:
        """Go back to the present."""
        app, state = self._app, self._app.state
        if state.newest is None or not state.newest.live:
            app.say(state.words("travel.no_live"))
            return
        self._rest()
        state.travel.leave()
        state.thaw()
        state.past = None
        self.errands.forget()
        app.draw()

    # --- playing --------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Play, or stand still."""
        self.play(on=not self._app.state.travel.playing)

    def play(self, *, on: bool) -> None:
        """Let the past go on, or let it stand."""
        travel = self._app.state.travel
        travel.play(self._app.ticked(), on=on)
        self._rest()
        if travel.playing:
            self._player = self._app.set_interval(FRAME_S, self.frame)
        elif travel.at is not None:
            self._wish(travel.at)
        self._app.draw()

    def faster(self, by: int) -> None:
        """Play faster or more slowly."""
        self._app.state.travel.faster(by, self._app.ticked())
        self._app.draw()

    def frame(self) -> None:
        """Ask for the moment that playing has come to; stop at the end, join the present."""
        state = self._app.state
        at = state.travel.now(self._app.ticked())
        if at is None:
            self._rest()
        elif state.newest is not None and state.newest.live and at >= state.now():
            self.live()
        else:
            self._wish(at)
            if state.travel.end is not None and at >= state.travel.end:
                self.play(on=False)

    def _rest(self) -> None:
        if self._player is not None:
            self._player.stop()
            self._player = None

    # --- asking ---------------------------------------------------------------------------------

    def _here(self) -> int | None:
        state = self._app.state
        wished = state.travel.now(self._app.ticked())
        view = state.figures()
        return wished if wished is not None else view.now if view.snapshot is not None else None

    def _wish(self, at: int) -> None:
        answers = self._answers
        assert answers is not None
        quality = self._app.board.page_name == "sources"  # some queries more: where they are looked at
        self.errands.wish(_moment(answers, at, quality=quality), self._came)

    def look_again(self) -> None:
        """Ask for the moment once more: the page in sight shows more of it than the last one did."""
        past, travel = self._app.state.past, self._app.state.travel
        lacks = travel.at is not None and past is not None and past.quality is None
        if past is not None and lacks and self._app.board.page_name == "sources":
            self._wish(past.as_of)

    def _came(self, result: Snapshot | CcboardError) -> None:
        app, state = self._app, self._app.state
        if state.travel.at is None:
            return
        if isinstance(result, CcboardError):
            if state.past is None and state.newest is None:  # there never was anything to show
                app.give_up(result)
                return
            app.say(str(result))
            return
        state.past = result
        app.draw()
        if state.travel.playing:
            return
        if any(one is not None and one.pending for one in (result.surge, result.extras)):
            app.set_timer(AGAIN_S, lambda: self._again(result))
        elif result.tail is None or result.as_of - result.tail.as_of >= TAIL_US:
            of, tries = self._tail_asked
            tries = tries + 1 if of == result.as_of else 1
            if tries <= TAIL_TRIES:
                self._tail_asked = (result.as_of, tries)
                app.set_timer(TAIL_AGAIN_S, lambda: self._again(result))

    def _again(self, before: Snapshot) -> None:
        """Ask once more for a moment of which something is still being worked out."""
        state = self._app.state
        if state.past is before and state.travel.at is not None:
            self._wish(state.travel.at)


def _moment(answers: Answers, at: int, *, quality: bool) -> Callable[[], Snapshot]:
    return lambda: answers.moment(at, quality=True) if quality else answers.moment(at)
