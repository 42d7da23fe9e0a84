"""What an entry of the catalogue is: sums over visits, offers or time, and a ratio of such sums."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Direction: TypeAlias = Literal["up", "down", "none"]
"""Whether more is better, worse, or neither."""
Unit: TypeAlias = Literal["visits", "calls", "callers", "agents", "offers", "s", "h", "ratio", "money", "score",
                          "per_hour"]
Terms: TypeAlias = tuple[tuple[int, str], ...]
"""Sums to add up: (coefficient, name of a sum in ``ccboard.kpis.terms``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A sum that entries are made of. Sums of two groups add up to that of both, unless `kind` says else."""

    name: str
    en: str
    zh: str
    of: Literal["visits", "dials", "level", "offers", "time", "scores", "refusals"]
    """What it is summed over. `level`: visits under the rules of the service level; `dials`: outbound visits."""
    kind: Literal["sum", "max", "distinct"] = "sum"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What an entry leaves out: a sum that says how much, and why."""

    term: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One definition: `top`, or `top` over `bottom`.

    Without `top` nothing that ccboard stores can fill it; `missing_en` and `missing_zh` say why, and
    the figure is null. `parameters` are keys of the configuration that change the figure.
    """

    id: str
    family: str
    name_en: str
    name_zh: str
    unit: Unit
    direction: Direction
    formula_en: str
    formula_zh: str
    top: Terms = ()
    bottom: Terms = ()
    left_out: tuple[LeftOut, ...] = ()
    excluded_en: str = ""
    excluded_zh: str = ""
    parameters: tuple[str, ...] = ()
    origin: str = "ccboard"
    """Where the definition comes from, and who else counts so."""
    aliases: tuple[str, ...] = ()
    """Other names that are understood, those of vendors too."""
    missing_en: str = ""
    missing_zh: str = ""

    @property
    def is_ratio(self) -> bool:
        """Whether it is one sum over another, and null where the other is none."""
        return bool(self.bottom)


SERVICE_LEVEL: Final = "service_level"
"""The entry that stands for whichever form is configured."""
