"""An Asterisk as a source: queue_log, the manager interface over TCP or HTTP, or all, through one reducer.

queue_log decides outcomes and durations and misses nothing while we are away; the manager tells the
live second, ringing phones and holds. With both, every visit is one visit. HTTP stands in for TCP.

One cursor holds the place in the log and all that the reducer knows, and commits with the records: a kill
at any moment costs at most a repetition of the same records. What cannot be known is said: without a log
what happened while nobody listened is a gap.
"""

import json
import threading
from dataclasses import replace
from typing import Any, ClassVar, Final

from ccboard.clock import SECOND, monotonic
from ccboard.findings import Finding
from ccboard.records import Record, Reject, SourceStatus
from ccboard.source import Context, Data, Failed, Nothing, Polled, Source
from sources.asterisk.ami import Ami
from sources.asterisk.ami_http import AmiHttp
from sources.asterisk.checkup import examine
from sources.asterisk.config import AsteriskConfig
from sources.asterisk.heard import ClockRead, Down, Heard, Said, Up
from sources.asterisk.lines import parse_line
from sources.asterisk.logfile import Line, Position
from sources.asterisk.messages import Message
from sources.asterisk.reducer import STATE_VERSION, Reducer
from sources.asterisk.skew import Skew, parse_timestamp
from sources.asterisk.tail import Tail

LOG_LOOK_S: Final = 0.1
"""How often the log is looked at: the age of its news. A quiet look costs two stat calls."""
QUIET_LOOK_S: Final = 0.25
TOGETHER_S: Final = 0.05
"""News that come closer together than this make one batch: each costs a transaction."""
BEFORE_DAY: Final = 4 * 3600 * SECOND
"""The first start reads from this long before the business day, for what was on already."""
CLOCK_FIRST_S: Final = 1.5
"""How long the first start waits for the manager's clock before it dates lines of the log."""
STAND_IN_S: Final = 3.0
"""After this long without TCP, HTTP is asked (where both are configured)."""
CURSOR_S: Final = 10.0
"""A quiet source says this often where it is: so exactly a gap begins after a crash."""
TOMORROW: Final = 86_400
_VERSION: Final = 1


class AsteriskSource(Source):
    """Follows one Asterisk. Raises nothing for what the phone system or its files do."""

    Config = AsteriskConfig
    promise_s: ClassVar[float] = 5.0
    sees: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, name: str, config: AsteriskConfig, context: Context) -> None:
        super().__init__(name, config, context)
        if config.ami or config.http:
            self.sees = frozenset(("ringing", "hold"))  # type: ignore[misc]
        self._tail: Tail | None = None
        self._ami: Ami | None = None
        self._http: AmiHttp | None = None
        self._active: Ami | AmiHttp | None = None
        self._skew = Skew()
        self._reducer = Reducer(name, log=config.queue_log is not None, keep=context.keep)
        self._out: list[Record] = []
        self._rejects: list[Reject] = []
        self._caught_up = False
        self._whole_said = False
        self._opened = 0.0
        self._ami_missed = 0.0
        self._last_message = 0
        self._data_at = 0.0

    # ---- the interface

    @classmethod
    def checkup(cls, config: AsteriskConfig, context: Context) -> tuple[Finding, ...]:
        """Look at the log, the logins and the clock."""
        return examine(config, context)

    def open(self, cursor: str | None) -> None:
        """Get ready to go on after `cursor`. Nothing is read or connected yet."""
        config, context = self.config, self.context
        position = self._restore(cursor)
        if config.queue_log is not None:
            since = max(0, context.day_start - BEFORE_DAY - self._skew.correction) // SECOND
            self._tail = Tail(config.queue_log, position, since)
        if config.ami is not None:
            self._ami = Ami(config.ami, context.environ, context.clock, config.resync_s)
        self._opened = self._ami_missed = monotonic()

    def poll(self, wait_s: float) -> Polled:
        """Wait at most `wait_s` seconds for news of any way in."""
        until = monotonic() + wait_s
        if self._caught_up:
            pause = min(TOGETHER_S - (monotonic() - self._data_at), wait_s)
            if pause > 0:
                threading.Event().wait(pause)
        while True:
            more = self._read_log()
            self._listen()
            if self._caught_up:
                self._reducer.tick(self.context.clock.now())
            if (news := self._news()) is not None:
                return news
            left = until - monotonic()
            if left <= 0:
                return self._quiet()
            if not more:
                self._sleep(min(left, QUIET_LOOK_S if self._tail is None else LOG_LOOK_S))

    def close(self) -> None:
        """Let go of the file and log off."""
        if self._tail is not None:
            self._tail.close()
        for manager in (self._ami, self._http):
            if manager is not None:
                manager.close()

    # ---- what there is to say

    def _news(self) -> Data | None:
        records, rejects = self._reducer.drain()
        records, rejects = self._out + records, self._rejects + rejects
        if not records and not rejects:
            return None
        self._out, self._rejects = [], []
        self._data_at = monotonic()
        return Data(tuple(records), self._cursor(), tuple(rejects), self._troubles(), self._works())

    def _works(self) -> bool:
        """Tell whether any way in works now."""
        log_works = self._tail is not None and self._tail.problem is None
        return log_works or (self._active is not None and self._active.fresh)

    def _quiet(self) -> Polled:
        troubles = self._troubles()
        if not self._works():
            return Failed("; ".join(troubles) or self._waiting_for(), retry_s=0.1)
        if monotonic() - self._data_at >= CURSOR_S:
            self._data_at = monotonic()
            return Data((), self._cursor(), (), troubles)
        return Nothing(troubles)

    def _waiting_for(self) -> str:
        names = [manager.name for manager in (self._ami, self._http) if manager is not None]
        return f"{' and '.join(names)}: no answer yet"

    def _troubles(self) -> tuple[str, ...]:
        said = []
        if self._tail is not None:
            said += [text for text in (self._tail.problem, self._tail.warning) if text]
        if self._active is None or self._active.error:
            said += [m.error for m in (self._ami, self._http) if m is not None and m.error]
        if self._tail is not None and self._tail.problem is None and self._active is None and said:
            said[-1] += "; figures are from queue_log alone"
        return tuple(said)

    # ---- the log

    def _read_log(self) -> bool:
        """Take what is new in the log. Return whether there is more to read at once."""
        tail = self._tail
        if tail is None:
            self._caught_up = True
            return False
        if self._must_know_clock_first():
            return False
        before = tail.reached
        chunk = tail.poll()
        self._rejects += chunk.rejects
        now = self.context.clock.now()
        latest = (now - self._skew.correction) // SECOND + TOMORROW
        first = last = None
        if chunk.missed_after is not None:
            self._reducer.missed(self._skew.local(chunk.missed_after * SECOND))
        for line in chunk.lines:
            at = self._take_line(line, latest)
            if at is not None:
                first = at if first is None else first
                last = at if last is None else max(last, at)
        if chunk.missed_after is not None:
            self._say("gap", self._skew.local(chunk.missed_after * SECOND), until=first or now)
        for note in chunk.notes:
            self._say("note", now, text=note)
        if not self._whole_said and tail.problem is None:
            self._whole_said = True
            since = tail.whole_since
            self._say("whole", now if since is None else self._skew.local(since * SECOND))
        if not self._caught_up:
            self._catch_up(before, first, last, done=not chunk.behind, now=now)
        return chunk.behind

    def _must_know_clock_first(self) -> bool:
        """On the very first start, tell whether to wait a little until the manager's clock was read."""
        return (
            not self._caught_up
            and self._tail is not None
            and self._tail.position is None
            and (self._ami is not None or self.config.http is not None)
            and not self._skew.known
            and (self._ami is None or self._ami.error is None)
            and monotonic() - self._opened < CLOCK_FIRST_S
        )

    def _take_line(self, line: Line, latest: int) -> int | None:
        """Parse one line and hand it to the reducer; return its moment on our clock."""
        parsed = parse_line(line.raw, line.number or 0, latest=latest)
        if parsed is None:
            return None
        if isinstance(parsed, Reject):
            if line.number is None:
                parsed = replace(parsed, where=line.where("queue_log"))
            self._rejects.append(parsed)
            return None
        if self._skew.correction:
            parsed = replace(parsed, at=self._skew.local(parsed.at))
        self._reducer.feed_line(parsed)
        if parsed.event == "QUEUESTART" and self._active is not None:
            self._active.resync(1.0)
        return parsed.at

    def _catch_up(self, before: int, first: int | None, last: int | None, *, done: bool, now: int) -> None:
        """While reading what was written before we came: the log was whole all the time."""
        since = self._skew.local(before * SECOND) if before else first
        if done:
            self._caught_up = True
            if since is not None and since < now:
                self._say("alive", since, until=now)
            if self._active is not None:  # heard nothing of it until now, lest it be told before the log
                self._reducer.connected(now)
                self._active.resync(0)
        elif since is not None and last is not None and since < last:
            self._say("alive", since, until=last)

    # ---- the manager

    def _listen(self) -> None:
        ami = self._ami
        if ami is not None:
            for heard in ami.poll():
                self._hear(ami, heard)
            if ami.up:
                self._ami_missed = monotonic()
        if self.config.http is None:
            return
        if ami is not None and (ami.up or monotonic() - self._ami_missed < STAND_IN_S):
            if self._http is not None and ami.up:
                self._http.close()
                self._http = None
            return
        if self._http is None:
            config, context = self.config, self.context
            self._http = AmiHttp(config.http, context.environ, context.clock, config.resync_s)
        for heard in self._http.poll():
            self._hear(self._http, heard)

    def _hear(self, manager: Ami | AmiHttp, heard: Heard) -> None:
        match heard:
            case ClockRead(sent, remote, received):
                if self._skew.sample(sent, remote, received):
                    self._say_skew(received)
            case Up(at):
                stood_in = self._active is not None
                self._active = manager
                if self._caught_up and not stood_in:
                    self._reducer.connected(at)
            case Down(at):
                if self._active is manager:
                    self._active = None
                    if self._caught_up:
                        self._reducer.disconnected(at)
            case Said(at, message):
                if self._active is manager and self._caught_up:
                    moment = self._moment(message.get("Timestamp"), at)
                    self._reducer.feed_message(self._corrected(message), moment)

    def _corrected(self, message: Message) -> Message:
        """Put the moments inside a message on our clock, too."""
        if not self._skew.correction:
            return message
        message = Message(message)
        for key in ("LastPause", "LastCall", "LoginTime"):
            if seconds := message.whole(key, limit=10**11):
                message[key] = str(self._skew.local(seconds * SECOND) // SECOND)
        return message

    def _moment(self, timestamp: str | None, received: int) -> int:
        """Return when something happened: by the remote clock, never after we heard it nor out of order."""
        remote = parse_timestamp(timestamp) if timestamp else None
        at = received if remote is None else min(self._skew.local(remote), received)
        self._last_message = min(max(self._last_message, at), received)
        return self._last_message

    def _say_skew(self, at: int) -> None:
        off = -self._skew.correction / SECOND
        if off:
            text = f"the phone system's clock is {abs(off):.1f} s {'ahead of' if off > 0 else 'behind'} ours"
            self._say("note", at, text=f"{text}; its times are corrected")
        else:
            self._say("note", at, text="the phone system's clock agrees with ours again")

    # ---- small things

    def _say(self, kind: Any, at: int, *, until: int | None = None, text: str | None = None) -> None:
        self._out.append(SourceStatus(source=self.name, at=at, kind=kind, until=until, text=text))

    def _sleep(self, seconds: float) -> None:
        if self._ami is not None and (self._http is None or self._ami.up):
            self._ami.wait(seconds)
        elif self._http is not None:
            self._http.wait(min(seconds, LOG_LOOK_S))
        else:
            threading.Event().wait(seconds)

    def _cursor(self) -> str:
        position = self._tail.position if self._tail is not None else None
        plain = {
            "v": _VERSION,
            "log": None if position is None else position.to_plain(),
            "reads_log": self.config.queue_log is not None,
            "whole": self._whole_said,
            "skew": self._skew.correction,
            "reducer": self._reducer.state(),
        }
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))

    def _restore(self, cursor: str | None) -> Position | None:
        """Take up a cursor; return the place in the log. One that is no use is said, and all begins anew."""
        if cursor is None:
            return None
        try:
            plain = json.loads(cursor)
            if plain["v"] != _VERSION:
                raise ValueError(f"version {plain['v']}")
            if plain["reads_log"] != (self.config.queue_log is not None):
                # With a log its lines number the visits, without one events do: what is open is read anew.
                self._say("note", self.context.clock.now(), text="another way in than before: starting anew")
                return None
            if json.loads(plain["reducer"])["version"] != STATE_VERSION:
                raise ValueError("of another version of ccboard")  # the day is read anew, and tells the same
            position = Position.from_plain(plain["log"]) if plain["log"] is not None else None
            reducer = Reducer(self.name, log=self.config.queue_log is not None, state=plain["reducer"],
                              keep=self.context.keep)
            self._skew = Skew(int(plain["skew"]))
            self._whole_said = bool(plain["whole"])
        except (ValueError, KeyError, TypeError) as error:
            text = f"the stored place to go on at is not usable ({error}); starting anew"
            self._say("note", self.context.clock.now(), text=text)
            return None
        self._reducer = reducer
        return position
