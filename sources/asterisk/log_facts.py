"""What each line of queue_log says about visits, rings and members.

The log decides: what it says of a stage replaces whatever AMI had said of it, with the log's whole seconds.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from ccboard.clean import clean
from ccboard.clock import SECOND
from ccboard.records import OfferResult, Outcome, QueueKnown, SourceStatus, State
from sources.asterisk import offers
from sources.asterisk.lines import LogLine
from sources.asterisk.members import Seats
from sources.asterisk.out import Out
from sources.asterisk.plain import Seat
from sources.asterisk.refusals import EVENT as REFUSED
from sources.asterisk.refusals import LOG, Refusals
from sources.asterisk.visits import CONNECTED, ENDED, ENTERED, LOG_FACT, Visit, Visits

MAX_DURATION_S: Final = 7 * 86_400
"""A longer wait, talk or ring is taken for a mistake: it is said, and left out of the figures."""
_LEFT: Final[dict[str, tuple[Outcome, int]]] = {  # outcome, and where the wait stands
    "ABANDON": ("abandoned", 2),
    "EXITWITHTIMEOUT": ("timed_out", 2),
    "EXITEMPTY": ("left_empty", 2),
    "EXITWITHKEY": ("left_by_key", 3),
    "WITHDRAW": ("withdrawn", 2),
}
_SEATS: Final[dict[str, State]] = {
    "PAUSE": "paused",
    "UNPAUSE": "ready",
    "ADDMEMBER": "ready",
    "REMOVEMEMBER": "offline",
}
# PAUSEALL and UNPAUSEALL come with one PAUSE or UNPAUSE per queue, and those are the fact; before
# Asterisk 10 the two had the interface where the others have the name.
_NOTHING: Final = frozenset(("PAUSEALL", "UNPAUSEALL", "PENALTY", "RINGINUSE", "CONFIGRELOAD"))
MAX_OWN_EVENTS: Final = 200
MAX_QUEUES: Final = 5_000


class LogFacts:
    """Folds log lines into visits and seats."""

    def __init__(
        self, source: str, visits: Visits, seats: Seats, out: Out, file: Callable[[Visit], None],
        refusals: Refusals,
    ) -> None:  # fmt: skip
        self._refusals = refusals
        self._source = source
        self._visits = visits
        self._seats = seats
        self._out = out
        self._file = file
        self.queues: dict[str, None] = {}
        self.own_events: Counter[str] = Counter()
        """Events of a dialplan's own, and of unknown Asterisks: how many lines of each were passed over."""

    def feed(self, line: LogLine) -> None:
        """Take one line."""
        event = line.event
        if event == "ENTERQUEUE":
            self._enter(line)
        elif event == "CONNECT":
            self._connect(line)
        elif event in ("COMPLETECALLER", "COMPLETEAGENT", "BLINDTRANSFER", "ATTENDEDTRANSFER"):
            self._complete(line)
        elif event in _LEFT:
            self._left(line)
        elif event in ("RINGNOANSWER", "RINGCANCELED"):
            self._ring(line)
        elif event in _SEATS:
            self._seat(line)
        elif event == REFUSED:
            self._refused(line)
        elif event == "QUEUESTART":
            self._start(line)
        elif event not in _NOTHING and (event in self.own_events or len(self.own_events) < MAX_OWN_EVENTS):
            self.own_events[event] += 1

    # -- visits --------------------------------------------------------------------------------------

    def _enter(self, line: LogLine) -> None:
        if not self._usable(line):
            return
        visit = self._visits.enter_by_log(line.call, line.queue, line.at)
        visit.offered_at = line.at
        visit.position = self._whole(line, 2, "position")
        if caller := _somebody(line, 1):
            visit.caller, visit.caller_key = caller, None
        name = clean("|".join(line.data[3:]))  # only with log-caller-id-name
        visit.caller_name = (name if name not in ("", "unknown", "<unknown>") else None) or visit.caller_name
        self._fold(visit, ENTERED)

    def _connect(self, line: LogLine) -> None:
        wait = self._whole(line, 0, "hold time")
        ring = self._whole(line, 2, "ring time")
        visit = self._of(line, wait or 0, CONNECTED)
        if visit is None:
            return
        agent = self._agent(line)
        if visit.outcome != "answered":  # AMI had taken it for gone
            visit.ended_at = None
        visit.outcome = "answered"
        visit.answered_at = line.at
        visit.agent = agent
        visit.wait_s = wait
        visit.ring_s = ring
        visit.left_at = visit.missing_at = None
        if agent is not None:
            offers.ends_by_log(visit, agent, "answered", ring, line.at, self._out)
        offers.end_all(visit, "void", line.at, self._out)
        self._fold(visit, CONNECTED)

    def _complete(self, line: LogLine) -> None:
        transfer = line.event.endswith("TRANSFER")
        # ATTENDEDTRANSFER has two, three or four columns of its own in front: count from the right.
        first = -3 if transfer else 0
        wait = self._whole(line, first, "hold time")
        talk = self._whole(line, first + 1, "talk time")
        visit = self._of(line, (wait or 0) + (talk or 0), ENDED)
        if visit is None:
            return
        agent = self._agent(line)
        if visit.log < CONNECTED:  # its CONNECT was never read: the talk is as long as it says
            visit.answered_at = line.at - (talk or 0) * SECOND
        visit.outcome = "answered"
        visit.agent = agent or visit.agent
        visit.wait_s = wait if visit.wait_s is None or visit.log < CONNECTED else visit.wait_s
        visit.talk_s = talk
        visit.ended_at = line.at
        if transfer:
            visit.transfer = "blind" if line.event == "BLINDTRANSFER" else "attended"
            visit.ended_by = "transfer"
        else:
            visit.transfer = None
            visit.ended_by = "caller" if line.event == "COMPLETECALLER" else "agent"
        offers.end_all(visit, "void", line.at, self._out)
        self._fold(visit, ENDED)

    def _left(self, line: LogLine) -> None:
        outcome, column = _LEFT[line.event]
        wait = self._whole(line, column, "wait")
        visit = self._of(line, wait or 0, ENDED)
        if visit is None:
            return
        self._not_answered(visit, outcome, line.at, wait)

    def _refused(self, line: LogLine) -> None:
        """Take what a dialplan says of a caller whom the queue did not take."""
        if self._usable(line):
            reason = clean("|".join(line.data)) or None
            self._refusals.told(LOG, line.call, line.queue, line.at, reason)

    def _start(self, line: LogLine) -> None:
        """Asterisk has started: whatever was open is over, and so is every pause."""
        self._out.record(SourceStatus(source=self._source, at=line.at, kind="restart"))
        for visit in list(self._visits):
            if visit.log == ENDED:
                continue
            if visit.log < ENTERED and (not visit.open or visit.offered_at >= line.at):
                continue  # AMI's alone: over already, or of the new process and the log has not come to it
            if visit.log == CONNECTED or (visit.log < ENTERED and visit.talking):
                if visit.open:
                    visit.ended_at = line.at
                self._fold(visit, ENDED)
            else:
                self._not_answered(visit, "lost", line.at, None)
        self._seats.unpause_all(line.at)

    def _not_answered(self, visit: Visit, outcome: Outcome, at: int, wait: int | None) -> None:
        visit.outcome = outcome
        visit.ended_at = at
        visit.wait_s = wait
        visit.answered_at = visit.agent = visit.ring_s = visit.talk_s = None
        visit.transfer = visit.ended_by = None
        offers.end_all(visit, "void" if outcome == "lost" else "cancelled", at, self._out)
        self._fold(visit, ENDED)

    def _of(self, line: LogLine, age_s: int, stage: int) -> Visit | None:
        """Return the visit that a line speaks of, made where the log began after its entry; None if over."""
        if not self._usable(line):
            return None
        visit = self._visits.of_log(line.call, line.queue)
        if visit is None and not self._visits.thread(line.call, line.queue, line.at).log:
            visit = self._visits.enter_by_log(line.call, line.queue, line.at - age_s * SECOND)
            visit.guessed = True
        if visit is None or visit.log >= stage:
            return None
        if visit.guessed and age_s:
            visit.offered_at = line.at - age_s * SECOND
        return visit

    def _fold(self, visit: Visit, stage: int) -> None:
        visit.log = stage
        visit.version += LOG_FACT
        self._file(visit)
        self._out.visit(visit)

    # -- rings and seats -----------------------------------------------------------------------------

    def _ring(self, line: LogLine) -> None:
        ring_ms = self._whole(line, 0, "ring time", scale=1000)
        visit = self._of(line, 0, ENDED)
        agent = self._agent(line) if visit is not None else None
        if visit is None or agent is None:
            return
        if visit.log < ENTERED:  # its ENTERQUEUE was never read
            self._fold(visit, ENTERED)
        ring_s = None if ring_ms is None else ring_ms / 1000
        result: OfferResult = "no_answer" if line.event == "RINGNOANSWER" else "cancelled"
        offers.ends_by_log(visit, agent, result, ring_s, line.at, self._out)

    def _seat(self, line: LogLine) -> None:
        if line.queue in ("", "NONE") or line.agent in ("", "NONE"):
            self._out.reject(line.where, f"{line.event} without a queue or a member")
            return
        self._known(line.queue, line.at)
        state = _SEATS[line.event]
        reason = None
        if line.event == "PAUSE":
            reason = clean("|".join(line.data)) or None
        agent, interface = line.agent, None
        if line.event in ("ADDMEMBER", "REMOVEMEMBER"):
            if line.event == "ADDMEMBER" and line.data[:1] == ("PAUSED",):
                state = "paused"
            if "/" in line.agent:  # else log_membername_as_agent is on
                agent, interface = "", line.agent
        self._seats.told(agent, interface, line.queue, state, reason, line.at)

    # -- of lines that were reduced elsewhere --------------------------------------------------------

    def named(self, queue: str, agent: str | None, at: int) -> None:
        """Take that a usable line of a call named a queue, and a member if any."""
        self._known(queue, at)
        if agent is not None:
            self._seats.seen_by_log(agent, queue, at)

    def seated(self, seats: Sequence[Seat], *, keep: bool) -> list[tuple[int, int]]:
        """Take well-formed lines PAUSE and UNPAUSE, in order; see ``Reducer.seated``."""
        news = []
        for n, second, queue, agent, paused, reason in seats:
            at = second * SECOND
            if queue not in self.queues:
                self._known(queue, at)
            state: State = "paused" if paused else "ready"
            seq = self._seats.fact(agent, queue, state, reason if paused else None, at)
            if seq is not None:
                if keep:
                    self._seats.record(agent, None, queue, state, reason if paused else None, at, seq)
                else:
                    news.append((n, seq))
        return news

    # -- common --------------------------------------------------------------------------------------

    def _usable(self, line: LogLine) -> bool:
        if line.call in ("", "NONE") or line.queue in ("", "NONE"):
            self._out.reject(line.where, f"{line.event} without a call or a queue")
            return False
        self._known(line.queue, line.at)
        return True

    def _agent(self, line: LogLine) -> str | None:
        """Return the member's name, and note that he is one of this queue's."""
        if line.agent in ("", "NONE"):
            self._out.reject(line.where, f"{line.event} without a member")
            return None
        self._seats.seen_by_log(line.agent, line.queue, line.at)
        return line.agent

    def _known(self, queue: str, at: int) -> None:
        if queue not in self.queues and len(self.queues) < MAX_QUEUES:
            self.queues[queue] = None
            self._out.record(QueueKnown(source=self._source, queue=queue, at=at))

    def _whole(self, line: LogLine, index: int, what: str, scale: int = 1) -> int | None:
        """Return a column as a whole number; what is none is said and counted as not known."""
        data = line.data
        text = data[index].strip() if -len(data) <= index < len(data) else ""
        if text.isascii() and text.isdigit() and len(text) <= 12:
            number = int(text)
            if number <= MAX_DURATION_S * scale:
                return number
        self._out.reject(
            line.where,
            f"{line.event}: {what} is not usable; counted without it",
            f"{text[:24]!r} in {'|'.join(data)}",
        )
        return None


def _somebody(line: LogLine, index: int) -> str | None:
    text = clean(line.data[index]) if index < len(line.data) else ""
    return text if text not in ("", "unknown", "<unknown>", "NONE") else None
