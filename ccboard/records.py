"""What a source emits: frozen, slotted, plain records. Nothing here knows the store or the screen.

All moments (`*_at`, `at`, `until`) are whole microseconds since 1970 UTC. All durations (`*_s`)
are seconds as the source states them; they are never computed from two moments. Strings have passed
``ccboard.clean.clean``. Records say what is known *so far*: they are sent again when more is known.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal[
    "answered",  # an agent took the contact (from the moment of the answer, not of the end)
    "abandoned",  # the caller hung up while waiting
    "timed_out",  # the queue's time limit sent the caller on
    "left_by_key",  # the caller pressed a key to leave
    "left_empty",  # sent on because nobody could answer
    "withdrawn",  # taken out of the queue by somebody else
    "lost",  # still waiting when the phone system started again
    "unknown",  # gone while nobody listened (a gap in a feed without a log)
]
State: TypeAlias = Literal[
    "ready", "ringing", "talking", "hold", "wrap_up", "busy", "paused", "offline", "unknown"
]
OfferResult: TypeAlias = Literal[
    "answered",
    "no_answer",
    "busy",
    "cancelled",  # the caller left while this phone rang
    "void",  # over without a result (another agent was first, the phone system stopped): in no figure
]
StatusKind: TypeAlias = Literal[
    "alive",  # heard without interruption from `at` until `until`
    "failed",  # could not be asked at `at`; `text` says why
    "gap",  # nothing is known of `at` .. `until`; never taken for zero calls
    "whole",  # figures are whole from `at` on
    "restart",  # the phone system started again at `at`
    "note",  # something worth a line in the log; `text` says what
]

ScoreKind: TypeAlias = Literal[
    "csat",  # what the caller says of the service
    "qa",  # what a review says of it
    "resolved",  # whether the caller's matter was solved at the first contact
    "complaint",  # somebody complained
    "success",  # whether a dial reached its aim
    "right_party",  # whether a dial reached the person wanted
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One visit: one contact in one queue. Key: (source, call, queue, nth).

    A caller who overflows to a second queue is two visits with one call id; a call that enters the
    same queue again is another visit with the next `nth`. Outcome None: still waiting. Outcome
    ``answered`` and `ended_at` None: talking. The highest `version` of a key counts.
    """

    source: str
    call: str
    queue: str
    nth: int = 1
    version: int = 1
    offered_at: int
    answered_at: int | None = None
    ended_at: int | None = None
    outcome: Outcome | None = None
    agent: str | None = None
    position: int | None = None  # place in the queue when it entered
    ring_s: float | None = None
    wait_s: float | None = None
    talk_s: float | None = None  # None after the end: not known (a crash took it)
    hold_s: float | None = None
    wrap_s: float | None = None  # measured wrap-up work; a configured timer is not work
    transfer: Literal["blind", "attended"] | None = None
    ended_by: Literal["caller", "agent", "transfer"] | None = None
    caller: str | None = None  # as the source says it; the collector applies the `callers` policy
    caller_key: str | None = None  # keyed hash of the number, filled in by the collector
    caller_name: str | None = None
    project: str | None = None
    business_type: str | None = None
    channel: str = "voice"
    direction: Literal["in", "out"] = "in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One contact offered to one agent: a phone that rings.

    While it rings: `result` None, one open offer for (source, call, queue, agent). When it is over the
    record is sent again with its result and `nth`, which counts up over the offers of that call, queue and
    agent *with the same result* (so that a log that only knows the ends counts the same). Key of
    a closed offer: (source, call, queue, agent, result, nth). A log that only knows the end sends
    `started_at` = `ended_at`: nothing is back-dated.
    """

    source: str
    call: str
    queue: str
    agent: str
    nth: int = 1
    started_at: int
    ended_at: int | None = None
    ring_s: float | None = None
    result: OfferResult | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentState:
    """An agent entered a state at a time.

    With a `queue`: what the agent is *in that queue*: ready (a member who can be offered contacts),
    paused, or offline (no member). With `queue` None: what the agent's phone or seat is: ready, busy,
    hold, offline, unknown, or where the system says so itself ringing, talking, wrap_up, paused.
    Talking and ringing on contacts of ours follow from `Contact` and `Offer` and need no state.

    `agent` is the name on calls; "" where only the interface is known (then the name that some other
    record ties to `interface` counts). `seq` orders facts of the same microsecond.
    Key: (source, agent, interface, queue, at, seq).
    """

    source: str
    agent: str
    at: int
    state: State
    seq: int = 0
    queue: str | None = None
    interface: str | None = None  # together with `agent`: the two are one person, for good
    reason: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueKnown:
    """A queue exists (so that one without calls is shown), with what its system says of it."""

    source: str
    queue: str
    at: int
    wrap_up_s: float | None = None  # the system's wrap-up timer, the default for the wrap_up state
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentKnown:
    """An agent exists: seen at work at a moment or, with `interface`, the one whose phone that is.

    Calls, offers and states say the same on their way; this is for what was known before they begin.
    """

    source: str
    agent: str
    at: int
    interface: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """A source was heard, failed, missed a stretch, or saw its system start again."""

    source: str
    at: int
    kind: StatusKind
    until: int | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What a person did: accepted an alarm, snoozed it, wrote a note, released a tier, began to coach.

    Append-only: what somebody did stays done, and another action says otherwise. Key: (source, key); sent
    again it changes nothing. Raises ValueError where `kind` is no short word or `key`, `about` are empty.
    """

    source: str
    key: str  # unique within the source, made up by whoever acts
    at: int
    kind: str  # accept, snooze, new_normal, note, release, coach_open, coach_recheck, coach_done, ...
    about: str  # what it was done about: "surge:support", "tail:aht:agent:Wang"
    who: str
    role: str = ""  # lead, manager, owner: with which right
    until: int | None = None  # snoozed until, to be looked at again at
    note: str | None = None
    value: float | None = None  # heads released, a factor that became normal

    def __post_init__(self) -> None:
        if _WORD.fullmatch(self.kind) is None:
            msg = f"kind {self.kind!r} is not a short word in small letters, such as accept or coach_open"
            raise ValueError(msg)
        if not self.key or not self.about:
            msg = "an action needs a key and what it is about"
            raise ValueError(msg)


_WORD = re.compile("[a-z][a-z0-9_]{0,31}")
NOTE_LENGTH = 500
"""Longest note of an action, in characters: people write sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A later judgement on a contact or on an agent: a survey's mark, a review, solved or not, a complaint.

    It is about the contact `call` (in `queue`, where that is needed to tell), about `agent`, or both; the
    contact's agent counts where none is named. `value`: a mark, higher is better (csat, qa); 1 or 0
    (resolved, success, right_party: yes or no; complaint: 1). Key: (source, key); of one sent again the last
    word counts.
    Raises ValueError where it is about nobody or a yes-or-no value is neither.
    """

    source: str
    key: str
    at: int  # when it was given
    kind: ScoreKind
    value: float
    call: str | None = None
    queue: str | None = None
    agent: str | None = None

    def __post_init__(self) -> None:
        if not self.key or not (self.call or self.agent):
            msg = "a score needs a key and the call or the agent that it is about"
            raise ValueError(msg)
        if self.kind in ("resolved", "complaint", "success", "right_party") and self.value not in (0, 1):
            msg = f"value {self.value:g} of a {self.kind} is neither 0 nor 1"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A caller turned away before the queue took him: it was full, closed or without anybody logged in.

    Phone systems say nothing of them by themselves; the dialplan does where it is told to. It is no visit:
    the caller was never in the queue. Key: (source, call, queue, nth), `nth` counts the times that the same
    call was refused by the same queue. Told twice (by two ways of one system) the earlier moment stays.
    """

    source: str
    call: str
    queue: str
    nth: int = 1
    at: int
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCounters:
    """By how much a phone system's own counters of a queue have grown from `since` to `at`.

    Never shown as figures of ours: they are there to be compared with the visits of the same stretch.
    Key: (source, queue, since, the hour of `at`), of which the latest counts.
    """

    source: str
    queue: str
    since: int
    at: int
    completed: int
    abandoned: int
    hold_s: float | None = None  # what the system says its mean wait and talk are (moving averages)
    talk_s: float | None = None


Record: TypeAlias = (
    Contact | Offer | AgentState | QueueKnown | AgentKnown | SourceStatus | Action | Score | Refusal
    | QueueCounters
)


@dataclass(frozen=True, slots=True)
class Reject:
    """A piece of input that could not be used."""

    where: str  # "queue_log:1204", "AMI event QueueMemberStatus"
    reason: str  # "epoch is not a number": counted by it, so what was read stands in `text`
    text: str = ""  # its beginning, cleaned


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one source and the cursor behind them; they commit in one transaction.

    `cursor` is the source's own text (where to go on after a crash); None leaves the stored one.
    """

    source: str
    records: tuple[Record, ...]
    cursor: str | None = None
    rejects: tuple[Reject, ...] = ()
