"""The saved picture of the screen, with every word at its column and wide characters in two cells.

The SVG writer that Textual uses makes one text of a whole stretch of a line and tells the viewer to fit it
into one cell per character. Chinese would be squeezed until it overlaps, and viewers that do not fit
texts (most converters to PNG) let the columns drift. So each text is cut at its gaps and placed anew.
"""

import html
import re

from rich.cells import cell_len

_TEXT = re.compile(r'<text ([^>]*?)x="([\d.]+)"([^>]*?)textLength="([\d.]+)"([^>]*)>([^<]*)</text>')
_PIECE = re.compile("[^\xa0 ]+(?:[\xa0 ][^\xa0 ]+)*")  # words with single spaces between them


def placed(svg: str) -> str:
    """Return the SVG with each piece of text at its own column, as long as its cells.

    >>> placed('<text x="10" textLength="24.4">售后</text>')
    '<text x="10" textLength="48.8">售后</text>'
    >>> placed('<text x="10" y="2" textLength="60">a&#160;&#160;b&#160;c</text>')
    '<text x="10" y="2" textLength="10">a</text><text x="40" y="2" textLength="30">b&#160;c</text>'
    """

    def pieces(match: re.Match[str]) -> str:
        head, x, between, length, tail, content = match.groups()
        text = html.unescape(content)
        if not text:
            return match[0]
        cell = float(length) / len(text)
        return "".join(
            f'<text {head}x="{float(x) + cell * cell_len(text[: piece.start()]):g}"{between}'
            f'textLength="{cell * cell_len(piece[0]):g}"{tail}>{_escaped(piece[0])}</text>'
            for piece in _PIECE.finditer(text)
        )

    return _TEXT.sub(pieces, svg)


def _escaped(text: str) -> str:
    return html.escape(text, quote=False).replace("\xa0", "&#160;").replace(" ", "&#160;")
