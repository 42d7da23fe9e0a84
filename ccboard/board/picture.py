"""The saved picture of the screen, with wide characters given their two cells.

The SVG writer that Textual uses tells the browser to fit each piece of text into one cell per
character; Chinese would be squeezed until it overlaps.
"""

import html
import re

from rich.cells import cell_len

_TEXT = re.compile(r'(<text [^>]*textLength=")([\d.]+)("[^>]*>)([^<]*)(</text>)')


def widened(svg: str) -> str:
    """Return the SVG with the length of every text in cells instead of characters.

    >>> widened('<text x="0" textLength="24.4">售后</text>')
    '<text x="0" textLength="48.8">售后</text>'
    >>> widened('<text x="0" textLength="24.4">ab</text>')
    '<text x="0" textLength="24.4">ab</text>'
    """

    def measured(match: re.Match[str]) -> str:
        before, length, middle, content, after = match.groups()
        text = html.unescape(content)
        if text.isascii() or not text:
            return match[0]
        wide = float(length) * cell_len(text.replace("\xa0", " ")) / len(text)
        return f"{before}{wide:g}{middle}{content}{after}"

    return _TEXT.sub(measured, svg)
