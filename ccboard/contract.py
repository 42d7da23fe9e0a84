"""What a configuration may promise of single figures: which a page shows, and from where on each is bad.

Limits are written as everywhere, [warning, critical]. Which way a figure gets worse is the catalogue's; where
the catalogue has none (handling time may be too long or too short) the order of the two numbers says it.
"""

import difflib
from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from ccboard.kpis.catalogue import DEFINITIONS, find, nearest
from ccboard.kpis.where import AGENT_KPIS, AGENT_WORDS, QUEUE_KPIS, QUEUE_WORDS
from ccboard.limits import Pair, either, either_share, falling, falling_share, rising, rising_share


def _kpi(name: str, known: Sequence[str], others: Sequence[str], of: str) -> str:
    plain = name.strip().lower()
    if plain in others:
        return plain
    entry = find(name)
    if entry is None:
        near = nearest(plain)
        raise ValueError(f"{name!r} is no figure; {near}" if near.startswith("did") else
                         f"{name!r} is no figure; there is {', '.join((*known, *others))}")
    if entry.id not in known:
        why = "no agent" if of == "an agent" else "no single queue"
        raise ValueError(f"{entry.id} is a figure of {why}; of {of} there is {', '.join((*known, *others))}")
    return entry.id


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


_QueueKpi = Annotated[str, AfterValidator(lambda name: _kpi(name, QUEUE_KPIS, QUEUE_WORDS, "a queue"))]
_AgentKpi = Annotated[str, AfterValidator(lambda name: _kpi(name, AGENT_KPIS, AGENT_WORDS, "an agent"))]
QueueKpis = Annotated[tuple[_QueueKpi, ...], AfterValidator(_once)]
"""Ids of figures of a queue, in the order of their columns."""
AgentKpis = Annotated[tuple[_AgentKpi, ...], AfterValidator(_once)]
"""Ids of figures of an agent, in the order of their columns."""


class WrongKeyError(ValueError):
    """A mistake in a key that a table's model does not know by itself; `key` is where."""

    def __init__(self, key: str, said: str) -> None:
        super().__init__(said)
        self.key = key


def _rule(id_: str) -> Callable[[object], Pair]:
    entry = DEFINITIONS[id_]
    share = entry.unit == "ratio"
    if entry.direction == "up":
        return falling_share if share else falling
    if entry.direction == "down":
        return rising_share if share else rising
    return either_share if share else either


class FigureLimits(BaseModel):
    """A table with a limit for any figure of `KPIS`, by its id or alias, besides the fields that it has."""

    model_config = ConfigDict(extra="allow", frozen=True)
    KPIS: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="before")
    @classmethod
    def _figures(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        read: dict[str, Any] = {}
        for key, value in data.items():
            if key in cls.model_fields:
                read[key] = value
                continue
            entry = find(key)
            if entry is None or entry.id not in cls.KPIS:
                near = difflib.get_close_matches(key.lower(), [*cls.model_fields, *cls.KPIS], 1, 0.5)
                known = ", ".join([*cls.model_fields, *cls.KPIS])
                if entry is not None and entry.id in AGENT_KPIS:
                    raise WrongKeyError(key, "a figure of agents: it belongs into [limits.agents]")
                raise WrongKeyError(key, "no such key; " + (
                    f"did you mean {near[0]}?" if near else f"known here: {known}"))
            name = entry.id
            if name in read or (name != key and name in data):
                raise WrongKeyError(key, f"it is {name}, which is there already")
            try:
                read[name] = value if name in cls.model_fields else _rule(name)(value)
            except ValueError as error:
                raise WrongKeyError(key, f"{error} (is {value!r})") from None
        return read

    @property
    def figures(self) -> dict[str, Pair]:
        """The limits of figures by id."""
        found = {name: getattr(self, name) for name in type(self).model_fields if name in self.KPIS}
        return {id_: pair for id_, pair in (found | (self.model_extra or {})).items() if pair is not None}


class AgentLimits(FigureLimits):
    """Limits of figures of an agent."""

    KPIS: ClassVar[tuple[str, ...]] = AGENT_KPIS


QUEUE_LIMITS: Final = tuple(id_ for id_ in QUEUE_KPIS if id_ != "talk_s")
"""Figures of a queue that may have limits: in a table of limits talk_s is one conversation."""


def falls(id_: str, limit: Pair) -> bool:
    """Tell whether a figure with these limits is worse the lower it is."""
    direction = DEFINITIONS[id_].direction
    return direction == "up" or (direction == "none" and limit[0] > limit[1])
