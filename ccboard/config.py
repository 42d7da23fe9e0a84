"""The configuration: one TOML file, every key a field here with its meaning beside it.

``load`` returns a ``Config`` or raises ``ConfigError`` naming file, key and the nearest right key.
The sections under ``[sources.NAME]`` are checked by the source's own model when the source is made.
"""

import difflib
import tomllib
import typing
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from ccboard.contract import QUEUE_LIMITS, AgentKpis, AgentLimits, FigureLimits, QueueKpis, WrongKeyError
from ccboard.errors import ConfigError
from ccboard.kpi import DEFAULT_FORM, FORM_NAMES, PRESETS
from ccboard.limits import FallingLimit, Limit, ShareLimit
from ccboard.tiers import DEFAULT_TIERS, Channel, Surge, Tier, stretch


class Section(BaseModel):
    """A table of the file. Unknown keys are errors: a misspelt limit must not be silently none."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _form(value: str) -> str:
    if value not in FORM_NAMES:
        near = difflib.get_close_matches(value, FORM_NAMES, 1, 0.4)
        every = ", ".join(sorted(set(FORM_NAMES.values())))
        hint = f"did you mean {near[0]}?" if near else f"there is {every}"
        msg = f"{value!r} is no form of the service level; {hint}"
        raise ValueError(msg)
    return FORM_NAMES[value]


Form = Annotated[str, AfterValidator(_form)]
"""The id of a form of the service level."""
Counted = Literal["abandoned", "short_abandoned", "flowed_out"]
"""What the form sl.composed may count besides the answered."""
Treatment = Literal["counted", "left_out"]
"""Whether a kind of visit counts for the service level or is left out of it, above and below the line."""


class _Preset(Section):
    """A table in which `preset` sets the keys that are not there themselves."""

    preset: str | None = None
    """80/20, 90/15, cn-telecom, or the id of a form: sets threshold_s and target, or form."""

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, data: Any) -> Any:
        name = data.get("preset") if isinstance(data, dict) else None
        if not isinstance(name, str):
            return data
        if name in PRESETS:
            threshold_s, target = PRESETS[name]
            return {"threshold_s": threshold_s, "target": target, **data}
        if name in FORM_NAMES:
            return {"form": FORM_NAMES[name], **data}
        near = difflib.get_close_matches(name, [*PRESETS, *FORM_NAMES], 1, 0.4)
        every = f"{', '.join(PRESETS)} and the forms of the service level"
        msg = f"preset {name!r} is none; " + (f"did you mean {near[0]}?" if near else f"there is {every}")
        raise ValueError(msg)


class ServiceLevel(_Preset):
    """Service level: answered within `threshold_s` over offered, less those waiting no longer than it."""

    threshold_s: float = Field(20, ge=0)
    """T: an answer counts as in time up to and including this many seconds."""
    target: float = Field(0.80, ge=0, le=1)
    """What was promised, as a ratio."""
    form: Form = DEFAULT_FORM
    """Which of the formulas."""
    counts: tuple[Counted, ...] = ("abandoned", "short_abandoned")
    """What the form sl.composed counts besides the answered."""
    cohort: Literal["arrival", "end"] = "arrival"
    """Whether a visit belongs to the day and interval of its arrival or of its end."""
    time_outs: Treatment = "counted"
    """Visits that the queue's time limit sent on."""
    overflow: Treatment = "counted"
    """Visits sent on because nobody could answer, and those taken out by somebody else."""
    left_by_key: Literal["counted", "callback", "left_out"] = "counted"
    """Visits left by key; callback: the key asks to be called back."""
    callbacks: Treatment = "counted"
    """Visits of channel callback."""
    after_hours: Treatment = "counted"
    """Visits that arrived outside `open`."""
    open: tuple[Annotated[str, AfterValidator(stretch)], ...] = ()
    """Opening hours in the centre's zone, such as "mon-fri 08:00-18:00"; none: always open."""


class OwnServiceLevel(_Preset):
    """What a queue or a project has of its own; the keys of [service_level], and S."""

    threshold_s: float | None = Field(None, ge=0)
    """T of its own."""
    target: float | None = Field(None, ge=0, le=1)
    """Target of its own."""
    short_abandon_s: float | None = Field(None, ge=0)
    """S of its own."""
    form: Form | None = None
    """Form of its own."""
    counts: tuple[Counted, ...] | None = None
    """As in [service_level]."""
    cohort: Literal["arrival", "end"] | None = None
    """As in [service_level]."""
    time_outs: Treatment | None = None
    """As in [service_level]."""
    overflow: Treatment | None = None
    """As in [service_level]."""
    left_by_key: Literal["counted", "callback", "left_out"] | None = None
    """As in [service_level]."""
    callbacks: Treatment | None = None
    """As in [service_level]."""
    after_hours: Treatment | None = None
    """As in [service_level]."""
    open: tuple[Annotated[str, AfterValidator(stretch)], ...] | None = None
    """As in [service_level]."""


class Limits(FigureLimits):
    """When a figure turns to warning and to critical. Each is [warning, critical].

    Besides these keys the id of any figure of a queue in the catalogue.
    """

    KPIS: ClassVar[tuple[str, ...]] = QUEUE_LIMITS

    waiting: Limit | None = None
    """Callers waiting."""
    longest_wait_s: Limit = (60, 120)
    """Seconds that the longest-waiting caller has waited."""
    service_level: FallingLimit | None = None
    """Service level as a ratio, falling; without it: the target, and the target less 0.10."""
    abandon_rate: ShareLimit = (0.05, 0.10)
    """Abandoned over offered, as a ratio."""
    talk_s: Limit = (900, 1800)
    """Seconds in one conversation."""
    ringing_s: Limit = (15, 30)
    """Seconds that an agent's phone rings."""
    wrap_up_s: Limit = (120, 300)
    """Seconds of wrap-up."""
    pause_s: Limit = (900, 1800)
    """Seconds of a pause whose reason has no limit of its own."""
    pause: dict[str, Limit] = Field(default_factory=dict)
    """Seconds of a pause, by reason."""


class CentreLimits(Limits):
    """What holds where a queue or its project say nothing else."""

    agents: AgentLimits = Field(default_factory=AgentLimits)
    """Limits of figures of an agent, by id."""


class OwnLimits(Limits):
    """What a queue or a project holds by itself. Whoever pauses is paused in no queue, so no pauses."""

    @model_validator(mode="before")
    @classmethod
    def _of_no_queue(cls, data: Any) -> Any:
        for key in ("pause", "pause_s"):
            if isinstance(data, dict) and key in data:
                where = "[limits.pause]" if key == "pause" else "[limits]"
                raise WrongKeyError(key, f"who is paused is so in no queue: it belongs into {where}")
        return data


class Queue(Section):
    """What is said of one queue; its name in the phone system is the table's name."""

    label: str | None = None
    """The name to show."""
    project: str | None = None
    """The outsourced client that it belongs to."""
    order: int = 1000
    """Queues are shown by this number, then by name."""
    hide: bool = False
    """Leave it out of everything, totals too."""
    threshold_s: float | None = Field(None, ge=0)
    """T of this queue's service level."""
    target: float | None = Field(None, ge=0, le=1)
    """Target of this queue's service level."""
    wrap_up_s: float | None = Field(None, ge=0)
    """Length of the wrap-up timer; without it what the phone system says."""
    limits: OwnLimits | None = None
    """This queue's own limits; each goes before its project's and the centre's."""
    service_level: OwnServiceLevel = Field(default_factory=OwnServiceLevel)
    """This queue's own definition of the service level."""


class Project(Section):
    """What is said of one outsourced client; its name as queues and sources have it is the table's name."""

    hourly_cost: float | None = Field(None, ge=0)
    """Cost of an agent's hour on its contacts."""
    service_level: OwnServiceLevel = Field(default_factory=OwnServiceLevel)
    """This project's own definition of the service level."""
    kpis: QueueKpis = ()
    """Figures of its contract, in the order of their columns."""
    limits: OwnLimits | None = None
    """This project's own limits; each goes before the centre's."""


class QueuePage(Section):
    """What a page's table of queues shows."""

    kpis: QueueKpis = ()
    """Its figures, in the order of their columns; none named: the board's own choice."""


class AgentPage(Section):
    """What the tables of agents show."""

    kpis: AgentKpis = ()
    """Figures behind the agent's state, in the order of their columns; none named: the board's own choice."""


class Pages(Section):
    """Which figures the pages show."""

    overview: QueuePage = Field(default_factory=QueuePage)
    """Page 1."""
    queues: QueuePage = Field(default_factory=QueuePage)
    """Page 2."""
    agents: AgentPage = Field(default_factory=AgentPage)
    """Page 3, and the agents of page 1."""


class Agent(Section):
    """What is said of one agent; the name in the phone system is the table's name."""

    label: str | None = None
    """The name to show."""
    team: str | None = None
    """The team that the agent belongs to."""
    interface: str | None = None
    """The phone that is this agent (PJSIP/1001), for logs that name only phones."""
    hide: bool = False
    """Leave out of the lists of agents."""
    hourly_cost: float | None = Field(None, ge=0)
    """Cost of this agent's hour; goes before the project's and the centre's."""


class Token(Section):
    """Who may ask the hub over TCP."""

    role: Literal["wall", "lead", "manager", "client"] = "wall"
    """wall: no names of agents, no numbers of callers; lead, manager: all; client: own queues, no names."""
    token_env: str | None = None
    """The environment variable that holds the token."""
    token_file: Path | None = None
    """The file that holds the token."""
    queues: tuple[str, ...] = ()
    """The queues that this token may see; none named: all."""


class Hub(Section):
    """The process that owns the store."""

    connect: str | None = None
    """The hub to ask: a socket's path, or http://host:port."""
    listen: str | None = None
    """host:port to serve on over TCP, besides the socket; needs a token."""
    token_env: str | None = None
    """The environment variable with the token that `connect` over TCP needs."""
    token_file: Path | None = None
    """The file with the token that `connect` over TCP needs."""
    tokens: dict[str, Token] = Field(default_factory=dict)
    """Who may ask over TCP, by name."""
    leave_after_s: float = Field(600, ge=0)
    """A hub that a board started leaves after this time without a viewer."""


class Store(Section):
    """The DuckDB file."""

    path: Path | None = None
    """Where it lies; without it beside the hub's state."""
    memory_limit: str = Field("512MB", pattern=r"^\d+(\.\d+)?\s?(MB|GB|MiB|GiB)$")
    """The most memory that queries may take."""


class Retention(Section):
    """For how many days before this business day the store keeps what; without a number for good."""

    callers: int | None = Field(None, ge=1, le=36_500)
    """Callers' numbers and names; afterwards their visits stay without them."""
    contacts: int | None = Field(None, ge=1, le=36_500)
    """Visits, and callers who were turned away."""
    offers: int | None = Field(None, ge=1, le=36_500)
    """Offers to agents."""
    agent_states: int | None = Field(None, ge=1, le=36_500)
    """Agents' states, apart from the last of each."""
    events: int | None = Field(None, ge=1, le=36_500)
    """Failures, restarts and notes of sources, and what phone systems counted themselves; gaps stay."""
    actions: int | None = Field(None, ge=1, le=36_500)
    """What people did."""
    scores: int | None = Field(None, ge=1, le=36_500)
    """Marks, reviews and complaints."""


class Clock(Section):
    """For demonstrations: a floor that lives at another time."""

    start: str | None = None
    """Moment to start at (ISO 8601)."""
    speed: float = Field(1.0, gt=0, le=3600)
    """How many times as fast as the host's clock."""


class Config(Section):
    """The whole file."""

    name: str = "ccboard"
    """The centre's name, in the header."""
    timezone: str | None = None
    """IANA name of the centre's zone; without it what the store remembers, else the host's."""
    business_day_start: str = Field("00:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """When the business day begins, HH:MM in the centre's zone."""
    language: Literal["en", "zh"] | None = None
    """Language of the board; without it that of the environment."""
    callers: Literal["masked", "plain", "hash"] = "masked"
    """What is kept of callers' numbers: masked digits, the number, or only its hash."""
    short_abandon_s: float = Field(5, ge=0)
    """An abandon with a wait under this many seconds is short."""
    interval_min: Literal[5, 10, 15, 30, 60] = 15
    """Length of an interval on the charts, in minutes."""
    service_level: ServiceLevel = Field(default_factory=ServiceLevel)
    """Threshold and target of every queue that has none of its own."""
    limits: CentreLimits = Field(default_factory=CentreLimits)
    """Warning and critical limits of every queue that has none of its own."""
    queues: dict[str, Queue] = Field(default_factory=dict)
    """Queues by name."""
    only_queues: tuple[str, ...] = ()
    """Show these queues and no others; none named: all."""
    pages: Pages = Field(default_factory=Pages)
    """Which figures the pages of the board show."""
    projects: dict[str, Project] = Field(default_factory=dict)
    """Outsourced clients by name."""
    hourly_cost: float | None = Field(None, ge=0)
    """Cost of an agent's hour."""
    agents: dict[str, Agent] = Field(default_factory=dict)
    """Agents by name."""
    hub: Hub = Field(default_factory=Hub)
    """The process that owns the store."""
    store: Store = Field(default_factory=Store)
    """The DuckDB file."""
    retention: Retention = Field(default_factory=Retention)
    """How long the store keeps what."""
    clock: Clock = Field(default_factory=Clock)
    """A clock other than the host's."""
    surge: Surge = Field(default_factory=Surge)
    """What the watch for surges is told."""
    tiers: tuple[Tier, ...] = DEFAULT_TIERS
    """Steps of reserves and who sees to them; without any: +30, +50 and +80 %."""
    notify: dict[str, Channel] = Field(default_factory=dict)
    """Ways to tell people outside the board, by a name of your own."""
    sources: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Sources by a name of your own; each has a `type`, the other keys are that source's."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        if value is not None and value not in available_timezones():
            near = difflib.get_close_matches(value, available_timezones(), 1, 0.5)
            hint = f"; did you mean {near[0]}?" if near else ""
            msg = f"{value!r} is no time zone of this host{hint}"
            raise ValueError(msg)
        return value

    def zone(self) -> ZoneInfo | None:
        """Return the configured zone, or None."""
        return ZoneInfo(self.timezone) if self.timezone else None

    def queue(self, name: str) -> Queue:
        """Return what is configured of a queue (defaults where nothing is)."""
        return self.queues.get(name) or _NO_QUEUE

    def shows(self, name: str) -> bool:
        """Tell whether a queue is part of this board."""
        return not self.queue(name).hide and (not self.only_queues or name in self.only_queues)


_NO_QUEUE = Queue()
IN_WORDS = {
    "business_day_start": 'must be a time of day such as "06:00", 00:00 to 23:59',
    "store.memory_limit": 'must be a size such as "512MB" or "2GB"',
}
"""What to say of keys whose rule is a pattern, which nobody wants to read."""


def load(path: Path) -> Config:
    """Read and check the file at `path`; raise ConfigError with one line per mistake."""
    return parse(read_toml(path), path)


def read_toml(path: Path) -> dict[str, Any]:
    """Return the raw tables of the file at `path`; raise ConfigError with the line of a mistake."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from None


def parse(raw: dict[str, Any], path: Path | str) -> Config:
    """Check raw tables; `path` is for the messages."""
    try:
        return Config.model_validate(raw)
    except ValidationError as error:
        raise ConfigError("\n".join(explain(error, Config, path))) from None


def explain(error: ValidationError, model: type[BaseModel], path: Path | str,
            prefix: tuple[str, ...] = ()) -> list[str]:
    """Return one line per mistake: file, key, what is wrong, and the nearest right key."""
    lines = []
    for item in error.errors():
        where = [str(part) for part in item["loc"]]
        mistake = item.get("ctx", {}).get("error")
        if isinstance(mistake, WrongKeyError):
            lines.append(f"{path}: {'.'.join((*prefix, *where, mistake.key))}: {mistake}"[:4000])
            continue
        key = ".".join((*prefix, *where))
        if item["type"] == "extra_forbidden":
            right = _keys_at(model, where[:-1])
            near = difflib.get_close_matches(where[-1], right, 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else "known here: " + ", ".join(sorted(right))
            lines.append(f"{path}: {key}: no such key; {hint}")
        else:
            message = IN_WORDS.get(".".join(where), item["msg"].removeprefix("Value error, "))
            given = item["input"]
            # A whole table may hold a secret, and so may a key that is called so: neither is repeated.
            private = isinstance(given, dict | list) or any(
                word in key.rpartition(".")[2] for word in ("secret", "token", "password")
            )
            lines.append(f"{path}: {key}: {message}{'' if private else f' (is {given!r})'}"[:400])
    return lines


def _keys_at(model: type[BaseModel], where: list[str]) -> list[str]:
    """Return the field names of the section that `where` leads to."""
    here: type[BaseModel] | None = model
    rest = list(where)
    while rest and here is not None:
        field = here.model_fields.get(rest.pop(0))
        if field is None:
            return []
        inner = [field.annotation, *typing.get_args(field.annotation)]
        if rest and (rest[0].isdecimal() or any(typing.get_origin(part) is dict for part in inner)):
            rest.pop(0)  # the user's own name of a queue, an agent, a token; a place in a list
        here = next((p for p in inner if isinstance(p, type) and issubclass(p, BaseModel)), None)
    return list(here.model_fields) if here else []
