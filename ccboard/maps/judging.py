"""Columns that judge a contact, as a map proposes them: marks, and yes or no."""

import re
from collections.abc import Sequence

from ccboard.maps.columns import Seen
from ccboard.maps.judging_words import MARKS, UNJUDGED, VERDICTS
from ccboard.maps.words import plain
from ccboard.maps.writing import toml

MARK_KINDS = ("csat", "qa")
VERDICT_KINDS = ("resolved", "complaint", "success", "right_party")
MOST_WORDS = 12
"""A column with more different words than this is no yes or no."""
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")
_UNIT = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*(分|星|%|％|stars?|points?|pts|/\s*\d+)", re.IGNORECASE)
_TAIL = r"(?i)\s*(分|星|%|％|stars?|points?|pts|/\s*\d+)\s*$"


def fits_mark(column: Seen) -> bool:
    """Tell whether a column holds marks: numbers, or words of one scale."""
    given = _given(column)
    good = sum(bool(_NUMBER.fullmatch(text) or _UNIT.fullmatch(text)) for text in given)
    return bool(given) and (good >= 0.95 * len(given) or _scale(given) is not None)


def fits_verdict(kind: str, column: Seen) -> bool:
    """Tell whether a column says yes or no; a word that is not known is told, if most of them are."""
    given = set(_given(column, keep_no=True))
    known = [text for text in given if _verdict(kind, text) is not None]
    return 0 < len(given) <= MOST_WORDS and len(known) > 0.5 * len(given)


def mark_lines(kind: str, column: Seen, name: str, said: list[str]) -> list[str]:
    """Return the sections of a map that read a column of marks. `name` is the column as TOML."""
    given = list(dict.fromkeys(_given(column)))
    lines = []
    if (words := _scale(given)) is not None:
        pairs = ", ".join(f"{toml(text)} = {toml(number)}" for text, number in words.items())
        lines += ["", "# Words become numbers of which 5 is the best: check them.", "[[clean]]",
                  f"column = {name}", f"values = {{ {pairs} }}"]
        said.append(f"{column.name!r} judges in words: taken as marks from 5 (best) to 1")
    elif any(_UNIT.fullmatch(text) for text in given):
        lines += ["", "[[clean]]", f"column = {name}", f"pattern = '{_TAIL}'"]
    lines += ["", f"[{kind}]", f"column = {name}  # higher is better: check it"]
    return lines + _none(column, given)


def verdict_lines(kind: str, column: Seen, name: str, said: list[str], missing: list[str]) -> list[str]:
    """Return the section of a map that reads a column of yes and no. `name` is the column as TOML."""
    given = list(dict.fromkeys(_given(column, keep_no=True)))
    by_word = {word: [text for text in given if _verdict(kind, text) == word] for word in ("yes", "no")}
    unknown = [text for text in given if _verdict(kind, text) is None]
    lines = ["", f"[{kind}]", f"column = {name}"]
    for word, texts in by_word.items():
        lines.append(f"{word} = [{', '.join(map(toml, texts or [_spare(word, given)]))}]")
    if unknown:
        missing.append(f"whether these mean yes or no ([{kind}]): {', '.join(map(repr, unknown))}")
        lines.append("# To be put above; until then these say nothing: " + ", ".join(map(repr, unknown)))
    if not by_word["no"]:
        said.append(f"{column.name!r} never says no: a row without a word there counts as not judged")
    return lines + _none(column, given)


def _spare(word: str, given: Sequence[str]) -> str:
    """Return a word for a list that would be empty: one that the column does not say."""
    return next(text for text in VERDICTS[word] if text not in given)


def _given(column: Seen, *, keep_no: bool = False) -> list[str]:
    """Return the texts of a column that judge; 无 is a no where yes and no are asked for."""
    return [text for text in column.texts
            if not _says_nothing(text) or (keep_no and _is(VERDICTS["no"], text))]


def _says_nothing(text: str) -> bool:
    return text == "无" or (plain(text) in UNJUDGED and text not in {"√", "✓", "×", "✗"})


def _none(column: Seen, given: Sequence[str]) -> list[str]:
    texts = [text for text in dict.fromkeys(column.texts) if text not in given]
    return [f"none = [{', '.join(map(toml, texts))}]"] if texts else []


def _scale(given: Sequence[str]) -> dict[str, str] | None:
    """Return the number of each word, where all but a few belong to one scale of words."""
    words = dict.fromkeys(given)
    for scale in MARKS.values():
        known = {text: scale[plain(text)] for text in words if plain(text) in scale}
        if known and all(text in known or _NUMBER.fullmatch(text) for text in words):
            return known
    return None


def _is(words: Sequence[str], text: str) -> bool:
    return text in words or (plain(text) != "" and plain(text) in map(plain, words))


def _verdict(kind: str, text: str) -> str | None:
    """Return yes or no; a number of complaints above 0 is a yes."""
    if kind == "complaint" and text.isdecimal():
        return "yes" if int(text) else "no"
    return next((word for word, words in VERDICTS.items() if _is(words, text)), None)

