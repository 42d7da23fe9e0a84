r"""The border: every string from outside passes ``clean()`` once, on its way into a record.

Names of callers, agents, queues and reasons are hostile until then: Textual and terminals
pass ESC, OSC and C1 bytes on as they are, and bidi overrides reorder a whole row.

>>> clean("Queue [Sales]\x1b]0;owned\x07\n")
'Queue [Sales]]0;owned'
>>> clean("a" * 500) == "a" * (MAX_LENGTH - 1) + "…"
True
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

MAX_LENGTH = 128
"""Longest string kept, in characters: no name on a floor needs more, and memory stays bounded."""

# C0 and C1 controls, DEL, line and paragraph separators, bidi marks, overrides and isolates,
# zero-width and other invisible format characters, surrogates, private use, non-characters.
_UNWANTED = (
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]+"
)
_ENDS = "[\t\r\n\x0b\x0c\x85\u2028\u2029]+"
_patterns: "tuple[re.Pattern[str], re.Pattern[str]] | None" = None


def _compile() -> "tuple[re.Pattern[str], re.Pattern[str]]":
    """Compile when the first text needs it: 3 ms that most one-shot commands never pay."""
    global _patterns  # a cache without a lock: whoever comes second compiles the same
    import re

    _patterns = re.compile(_UNWANTED), re.compile(_ENDS)
    return _patterns


def clean(text: str, limit: int = MAX_LENGTH) -> str:
    """Return `text` without control, bidi and invisible characters, trimmed and at most `limit` long.

    Tabs and line ends become one space. Cuts are marked by an ellipsis. Never raises.
    """
    if len(text) > limit * 8:  # a 100 MB name must not cost 100 MB of regular expression
        text = text[: limit * 8]
    if not text.isprintable() or not text.isascii():
        unwanted, ends = _patterns or _compile()
        text = unwanted.sub("", ends.sub(" ", text))
    text = text.strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def clean_or_none(text: str | None, limit: int = MAX_LENGTH) -> str | None:
    """As ``clean``, but nothing (None, or nothing left) is None."""
    return (clean(text, limit) or None) if text else None
