r"""The border: every string from outside passes ``clean()`` once, on its way into a record.

Names of callers, agents, queues and reasons are hostile until then: Textual and terminals
pass ESC, OSC and C1 bytes on as they are, and bidi overrides reorder a whole row.

>>> clean("Queue [Sales]\x1b]0;owned\x07\n")
'Queue [Sales]]0;owned'
>>> clean("a" * 500) == "a" * (MAX_LENGTH - 1) + "…"
True
"""

import re

MAX_LENGTH = 128
"""Longest string kept, in characters: no name on a floor needs more, and memory stays bounded."""

# C0 and C1 controls, DEL, line and paragraph separators, bidi marks, overrides and isolates,
# zero-width and other invisible format characters, surrogates, private use, non-characters.
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]+"
)


def clean(text: str, limit: int = MAX_LENGTH) -> str:
    """Return `text` without control, bidi and invisible characters, trimmed and at most `limit` long.

    Tabs and line ends become one space. Cuts are marked by an ellipsis. Never raises.
    """
    if len(text) > limit * 8:  # a 100 MB name must not cost 100 MB of regular expression
        text = text[: limit * 8]
    if not text.isprintable() or not text.isascii():
        text = _UNWANTED.sub("", re.sub(r"[\t\r\n\x0b\x0c\x85\u2028\u2029]+", " ", text))
    text = text.strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def clean_or_none(text: str | None, limit: int = MAX_LENGTH) -> str | None:
    """As ``clean``, but nothing (None, or nothing left) is None."""
    return (clean(text, limit) or None) if text else None
