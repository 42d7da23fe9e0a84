r"""Text in terminal cells: cut to a width, padded to it, and cleaned once more before it is drawn.

What reaches the board has passed ``ccboard.clean`` on its way in. It passes here again, because a
terminal obeys escape bytes wherever they come from, and because one character of unexpected
width shifts every column behind it.

>>> fit("support", 10), fit("support", 4), fit("12", 5, right=True)
('support   ', 'sup…', '   12')
>>> fit("销售热线", 6), fit("销售热线", 8)
('销售… ', '销售热线')
>>> fit("a\x1b[31mb\u202ec", 10)
'a[31mbc   '
"""

import re
import unicodedata
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size

# Controls and everything that has no width of its own yet moves or reorders what follows: bidi marks,
# joiners, variation selectors, tags, keycaps; surrogates, private use and non-characters.
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u20d0-\u20f0\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\ud800-\udfff\ue000-\uf8ff"
    "\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\U000e0000-\U0010ffff]+"
)
LONGEST = 512
"""No line of a terminal shows more; the rest of a name is not even looked at."""


@lru_cache(8192)
def scrub(text: str) -> str:
    """Return `text` without controls and without characters of doubtful width.

    At most one combining mark stays on a character: terminals draw a pile of them over their neighbours.
    """
    if text.isascii() and text.isprintable():
        return text[:LONGEST]
    text = unicodedata.normalize("NFC", _UNWANTED.sub("", text[: LONGEST * 4]))
    kept: list[str] = []
    bare = False  # whether the character before may still take a mark
    for character in text[:LONGEST]:
        if get_character_cell_size(character):
            kept.append(character)
            bare = True
        elif bare:
            kept.append(character)
            bare = False
    return "".join(kept)


def to_ascii(text: str) -> str:
    """Return `text` for a terminal that can show nothing else; what cannot be shown is a question mark.

    >>> to_ascii("Café 销售")
    'Cafe ??'
    """
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKD", text.replace("–", "-").replace("…", "~").replace("×", "x"))
    return "".join(c for c in plain if not unicodedata.combining(c)).encode("ascii", "replace").decode()


@lru_cache(16384)
def fit(text: str, width: int, right: bool = False, ellipsis: str = "…") -> str:
    """Return `text` in exactly `width` cells: cleaned, cut with an ellipsis, padded after the cut."""
    if width <= 0:
        return ""
    text = scrub(text)
    room = cell_len(text)
    if room > width:
        kept, room = [], 0
        for character in text:
            size = get_character_cell_size(character)
            if room + size > width - 1:
                break
            kept.append(character)
            room += size
        text = "".join(kept) + ellipsis
        room += 1
    space = " " * (width - room)
    return space + text if right else text + space


_WIDE = ("\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6"
         "\U00020000-\U0003fffd")
_WORDS = re.compile("[^ ]+ *| +")
_UNITS = re.compile(f"[{_WIDE}] *|[^ {_WIDE}]+ *| +")
_STAYS = "，。；：）、！？》”%"
"""Signs that begin no line."""
NAME = 12
"""Cells up to which what stands between two spaces stays whole, if that is at most a quarter of a line."""


def folded(text: str, width: int) -> list[str]:
    """Return text in lines of at most `width` cells: broken at spaces, and between two Chinese characters.

    >>> folded("full height is on target", 12)
    ['full height', 'is on target']
    >>> folded("needed for sales, vip, 售后, too", 24)
    ['needed for sales, vip,', '售后, too']
    >>> folded("满格为达标", 6), folded("T 秒内接通 /（进线）", 9), folded("09:17（4.4 s前）", 8)
    (['满格为', '达标'], ['T 秒内接', '通 /（进', '线）'], ['09:17（', '4.4 s', '前）'])
    """
    lines: list[str] = []
    line: list[str] = []
    whole_up_to = min(NAME, width // 4)
    units = [unit for word in _WORDS.findall(text)
             for unit in ([word] if cell_len(word.rstrip()) <= whole_up_to else _UNITS.findall(word))]
    for unit in units:
        if line and cell_len("".join(line)) + cell_len(unit.rstrip()) > width:
            # a sign that begins no line takes along what it stands behind
            carried = [line.pop()] if unit[0] in _STAYS and len(line) > 1 else []
            lines.append("".join(line).rstrip())
            line = carried
        line.append(unit)
        while cell_len(whole := "".join(line).rstrip()) > width:
            cut = min(len(whole), width)  # a character has a cell at least, or none
            while cell_len(whole[:cut]) > width:
                cut -= 1
            lines.append(whole[: max(1, cut)])
            line = [whole[max(1, cut):]]
    return [*lines, "".join(line).rstrip()]
