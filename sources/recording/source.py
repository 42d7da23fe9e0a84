"""Plays what a real Asterisk said: a source for demonstrations and a test double for everything behind one.

    from sources.recording.config import RecordingConfig
    from sources.recording.source import RecordingSource

    config = RecordingConfig(folder="/recordings/monday", feeds=("log", "ami"), speed=10)
    clock = RecordingSource.own_clock(config)             # starts when the recording does
    source = RecordingSource("pbx", config, Context(clock=clock))
    source.open(None)
    source.poll(0.5)                                      # Data, Nothing, and Failed when it is over

Lines and messages come at their own times (or `speed` times as fast), through the same parsers and the
same reducer as with a living Asterisk, and the cursor goes on after a kill in the same way. Give it a
``ManualClock`` to step through a recording in a test.
"""

import json
import threading
from typing import ClassVar, Final

from ccboard.clock import SECOND, Clock, SimulatedClock, monotonic
from ccboard.moments import to_datetime
from ccboard.records import Record, Reject, SourceStatus
from ccboard.source import Context, Data, Failed, Nothing, Polled, Source
from sources.asterisk.lines import LogLine
from sources.asterisk.messages import Message
from sources.asterisk.reducer import Reducer
from sources.recording.config import RecordingConfig
from sources.recording.tape import Event, Stem, read_tape

AT_ONCE: Final = 5000
LOOK_S: Final = 0.05
OVER_S: Final = 2
"""So long after its last event a recording is still alive: what it left open is decided in that time."""


class RecordingSource(Source):
    """One recorded phone system."""

    Config = RecordingConfig
    promise_s: ClassVar[float] = 5.0
    sees: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, name: str, config: RecordingConfig, context: Context) -> None:
        super().__init__(name, config, context)
        self._log = "log" in config.feeds
        if _stem(config) is not None:
            self.sees = frozenset(("ringing", "hold"))  # type: ignore[misc]
        self._tape: list[Event] = []
        self._next = 0
        self._reducer = Reducer(name, log=self._log, keep=context.keep)
        self._extra: list[Record] = []
        self._rejects: list[Reject] = []

    @classmethod
    def own_clock(cls, config: RecordingConfig) -> Clock:
        """Return a clock that starts when the recording does (plus `skip_s`) and runs at its speed."""
        begin = _tape(config)[0].due
        return SimulatedClock(begin + int(config.skip_s * SECOND), config.speed)

    def open(self, cursor: str | None) -> None:
        """Read the recording, and go on after `cursor`. Raises InputError."""
        self._tape = _tape(self.config)
        if cursor is not None:
            try:
                plain = json.loads(cursor)
                played, of, state = int(plain["played"]), int(plain["of"]), str(plain["reducer"])
            except (ValueError, KeyError, TypeError):
                played = of = -1
                state = ""
            if of == len(self._tape) and 0 <= played <= of:
                self._next = played
                self._reducer = Reducer(self.name, log=self._log, state=state, keep=self.context.keep)
                return
        if self._log:
            self._extra.append(SourceStatus(source=self.name, at=self._tape[0].at, kind="whole"))

    def poll(self, wait_s: float) -> Polled:
        """Return what was due since the last poll; wait up to `wait_s` for something to be."""
        until = monotonic() + wait_s
        while True:
            now = self.context.clock.now()
            caught_up = self._play(now)
            if caught_up:
                self._reducer.tick(now)
            records, rejects = self._reducer.drain()
            records, rejects = self._extra + records, self._rejects + rejects
            if records or rejects:
                self._extra, self._rejects = [], []
                return Data(tuple(records), self._cursor(), tuple(rejects))
            end = self._tape[-1].due
            if self._next == len(self._tape) and now > end + OVER_S * SECOND:
                return Failed(f"the recording ended at {to_datetime(end):%Y-%m-%d %H:%M:%S} UTC", retry_s=5)
            left = until - monotonic()
            if left <= 0:
                return Nothing()
            threading.Event().wait(min(left, LOOK_S))

    def _play(self, now: int) -> bool:
        """Hand what is due to the reducer, a bounded part at once. Return whether that was all."""
        stop = min(self._next + AT_ONCE, len(self._tape))
        while self._next < stop and self._tape[self._next].due <= now:
            event = self._tape[self._next]
            self._next += 1
            match event.what:
                case LogLine():
                    self._reducer.feed_line(event.what)
                case Message():
                    self._reducer.feed_message(event.what, event.at)
                case Reject():
                    self._rejects.append(event.what)
                case "connected":
                    self._reducer.connected(event.at)
                case "disconnected":
                    self._reducer.disconnected(event.at)
        return self._next == len(self._tape) or self._tape[self._next].due > now

    def _cursor(self) -> str:
        return json.dumps(
            {"played": self._next, "of": len(self._tape), "reducer": self._reducer.state()},
            ensure_ascii=False,
            separators=(",", ":"),
        )


def _stem(config: RecordingConfig) -> Stem | None:
    if "ami" in config.feeds:
        return "ami"
    return "ami-agent" if "ami-agent" in config.feeds else None


def _tape(config: RecordingConfig) -> list[Event]:
    return read_tape(config.folder, log="log" in config.feeds, stem=_stem(config))
