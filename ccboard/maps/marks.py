"""Columns of an export that judge a contact: marks, and yes or no."""

from collections.abc import Callable
from typing import NamedTuple, cast

from ccboard.maps import model
from ccboard.maps.conditions import matcher
from ccboard.maps.memo import BadValue, Memo
from ccboard.maps.model import Column, Map, Verdict
from ccboard.records import ScoreKind

_KINDS: tuple[ScoreKind, ...] = ("csat", "qa", "resolved", "complaint", "success", "right_party")


class Mark(NamedTuple):
    """One such column, made ready."""

    kind: ScoreKind
    at: int
    memo: Memo[float | None]


def marks(of: Map, place: Callable[[Column], int]) -> list[Mark]:
    """Return the columns of a map that judge. `place` says where a column stands."""
    found = []
    for kind in _KINDS:
        one = cast("model.Mark | Verdict | None", getattr(of, kind))
        if one is not None:
            read = _verdict(one, kind) if isinstance(one, Verdict) else _mark(one, kind)
            found.append(Mark(kind, place(one.column), Memo(read)))
    return found


def _mark(of: model.Mark, kind: str) -> Callable[[str], float | None]:
    none = matcher(of.none)

    def read(text: str) -> float | None:
        plain = text.strip()
        if not plain or none(text):
            return None
        try:
            value = float(plain.replace(",", ".")) if plain.count(",") + plain.count(".") <= 1 else None
        except ValueError:
            value = None
        if value is None or not abs(value) < 1e9:
            raise BadValue(f"{kind} is not a number", text)
        return value

    return read


def _verdict(of: Verdict, kind: str) -> Callable[[str], float | None]:
    none, yes, no = matcher(of.none), matcher(of.yes), matcher(of.no)

    def read(text: str) -> float | None:
        if not text.strip() or none(text):
            return None
        if yes(text):
            return 1.0
        if no(text):
            return 0.0
        raise BadValue(f"{kind} is none of the map's words", text)

    return read
