"""What a figure in sight means: what can be asked about it, and what stands behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ccboard.snapshot import iso
from widgets.ledger import Ledger
from widgets.view import View


@dataclass(frozen=True, slots=True)
class Dig:
    """A list that has to be asked for: which question, in which words, and what makes the list."""

    what: str
    words: Mapping[str, str]
    made: Callable[[Mapping[str, Any], View], Ledger]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One figure in sight. Either `kpi` (the hub explains it) or `word` (the glossary does).

    `shown` is the figure as it stands there. `lists` is the figure whose visits stand behind it, `people`
    what to filter the page of agents by instead, `page` the page that tells more, `ledger` or `dig` a list
    that is not of visits. Where there is none of them `none` names the words that say why, and where to look.
    `more`: names behind it; `parts`: (label, text) of what it is made of here and now; `cell`: its number, if
    the definition's may be another, and `differs` the words that say why then.
    `team`, `kind`: only visits of a team's agents, of a business type; `caller_of`: only those of whoever
    made this call; `first`: the column that the list is sorted by at first, whether from the greatest down.
    `behind`: what each row of the ledger means, whose calls are listed then.
    """

    kpi: str | None = None
    word: str | None = None
    shown: str = ""
    of: str = ""
    queue: str | None = None
    agent: str | None = None
    begin: int | None = None
    end: int | None = None
    as_of: int | None = None
    lists: str | None = None
    people: str | None = None
    page: str | None = None
    ledger: Ledger | None = None
    dig: Dig | None = None
    none: str = ""
    team: str | None = None
    kind: str | None = None
    caller_of: str | None = None
    first: tuple[str, bool] | None = None
    more: tuple[str, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    cell: float | None = None
    differs: str = ""
    behind: "tuple[Meaning, ...]" = ()

    def words(self, kpi: str | None = None) -> dict[str, str]:
        """Return what to ask the hub about it (or about `kpi` of the same visits)."""
        asked = {"kpi": kpi or self.kpi, "queue": self.queue, "agent": self.agent, "from": iso(self.begin),
                 "to": iso(self.end), "as_of": iso(self.as_of)}
        if kpi is not None:  # a list can be narrowed so, an explanation cannot
            asked |= {"team": self.team, "type": self.kind, "caller_of": self.caller_of}
        return {name: text for name, text in asked.items() if text is not None}
