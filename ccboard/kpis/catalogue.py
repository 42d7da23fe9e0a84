"""The whole catalogue by id, and how a name that somebody typed finds its entry."""

import difflib
from typing import Final

from ccboard.kpis.inbound import INBOUND
from ccboard.kpis.levels import CONFIGURED, FORMS
from ccboard.kpis.model import Entry, Terms
from ccboard.kpis.outbound import OUTBOUND
from ccboard.kpis.people import PEOPLE
from ccboard.kpis.terms import TERMS

DEFINITIONS: Final[dict[str, Entry]] = {
    entry.id: entry for entry in (*INBOUND[:6], CONFIGURED, *FORMS, *INBOUND[6:], *OUTBOUND, *PEOPLE)
}
"""Every entry by its id, in the order of the documentation."""

NAMES: Final[dict[str, str]] = {
    **{alias: entry.id for entry in DEFINITIONS.values() for alias in entry.aliases},
    **{name: name for name in DEFINITIONS},
}
"""Every name that is understood: the id that it means."""

FORM_NAMES: Final[dict[str, str]] = {name: id_ for name, id_ in NAMES.items()
                                     if id_.startswith("sl.")}
"""Every name of a form of the service level: its id."""


def find(name: str) -> Entry | None:
    """Return the entry of this id or alias; `-` and `_` are the same, as is a capital. None: there is none."""
    plain = name.strip().lower()
    id_ = NAMES.get(plain) or NAMES.get(plain.replace("-", "_"))
    return None if id_ is None else DEFINITIONS[id_]


def nearest(name: str) -> str:
    """Return a hint for a name that is none.

    >>> nearest("servicelevel")
    'did you mean service_level?'
    """
    near = difflib.get_close_matches(name.strip().lower(), NAMES, 1, 0.5)
    return f"did you mean {near[0]}?" if near else f"there is {', '.join(DEFINITIONS)}"


def family(entry: Entry) -> tuple[Entry, ...]:
    """Return all entries of its family, itself included."""
    return tuple(one for one in DEFINITIONS.values() if one.family == entry.family)


def words(terms: Terms, language: str = "en") -> str:
    """Return a numerator or a denominator in words.

    >>> words(((1, "offered"), (-1, "short_abandoned")))
    'visits that entered the queue - abandoned after a wait under S'
    """
    said = ""
    for factor, name in terms:
        word = TERMS[name].zh if language == "zh" else TERMS[name].en
        said += word if not said else f" {'+' if factor > 0 else '-'} {word}"
    return said


