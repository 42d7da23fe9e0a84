"""The signs that the board draws with, and what stands for them where only ASCII can be shown."""

import codecs
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs; each is one cell wide. `bars` has eight heights."""

    dot: str = "●"
    cross: str = "✗"
    dash: str = "–"
    ellipsis: str = "…"
    bars: str = "▁▂▃▄▅▆▇█"
    rule: str = "┈"
    none: str = "·"
    rising: str = "▲"
    falling: str = "▼"
    marker: str = "▌"
    caret: str = "▏"
    ascii: bool = False


UNICODE = Glyphs()
ASCII = Glyphs(
    dot="*", cross="x", dash="-", ellipsis="~", bars="_.:-=+*#", rule="-", none=".", rising="^",
    falling="v", marker=">", caret="_", ascii=True,
)


def for_encoding(name: str | None) -> Glyphs:
    """Return the signs for a terminal that is written to in this encoding.

    >>> for_encoding("UTF-8") is UNICODE, for_encoding("ANSI_X3.4-1968") is ASCII, for_encoding(None) is ASCII
    (True, True, True)
    """
    try:
        known = codecs.lookup(name or "ascii").name
    except LookupError:
        return ASCII
    return UNICODE if known.startswith("utf") else ASCII
