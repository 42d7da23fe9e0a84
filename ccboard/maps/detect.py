"""Looking at a file's begin: what it is, how it is encoded, what stands between its fields."""

import codecs
import csv
import gzip
import zlib
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO

from ccboard.clean import clean
from ccboard.errors import ConfigError, InputError
from ccboard.maps.model import File

HEAD = 262_144
"""Bytes that are looked at."""
MOST = 0.9
"""Of the lines of a damaged file are as they were written."""
DELIMITERS = "\t;,|"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file turned out to be."""

    format: str
    encoding: str = "utf-8"
    delimiter: str = ","

    def said(self) -> str:
        """Return it in words."""
        if self.format != "text":
            return {"ndjson": f"NDJSON, {self.encoding}", "parquet": "Parquet", "excel": "Excel"}[self.format]
        name = {"\t": "tab", ";": "semicolon", ",": "comma", "|": "bar", " ": "blank"}.get(
            self.delimiter, repr(self.delimiter)
        )
        return f"text, {self.encoding}, fields parted by {name}"


def open_plain(path: Path) -> IO[bytes]:
    """Open a file, unpacked where it is a .gz. Raises InputError."""
    try:
        if path.is_dir():
            raise InputError(f"{path}: is a directory; name the files in it")
        raw = path.open("rb")
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    return gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[return-value]


def detect(path: Path, told: File) -> Kind:
    """Return what the file at `path` is; what `told` names counts. Raises InputError, ConfigError."""
    try:
        with open_plain(path) as file:
            head = file.read(HEAD)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: damaged from its begin ({clean(str(error), 80)})") from None
    if not head:
        raise InputError(f"{path}: is empty")
    form: str = told.format
    if form == "auto":
        form = _format(path, head)
    if form in {"parquet", "excel"}:
        return Kind(form)
    encoding = told.encoding
    if encoding == "auto":
        encoding = guess_encoding(head)
    else:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise ConfigError(f"{path}: file.encoding: {encoding!r} is no encoding known here") from None
    if form == "ndjson":
        return Kind("ndjson", encoding)
    if told.delimiter == "auto":
        text = head.decode(encoding, "replace")
        lines = text.splitlines()[told.skip_lines :]
        delimiter = guess_delimiter(lines[:-1] if len(lines) > 1 and len(head) == HEAD else lines)
    else:
        delimiter = {"tab": "\t", "\\t": "\t"}.get(told.delimiter, told.delimiter)
        if len(delimiter) != 1:
            raise ConfigError(f"{path}: file.delimiter: one character, or tab (is {told.delimiter!r})")
    return Kind("text", encoding, delimiter)


def _format(path: Path, head: bytes) -> str:
    if head[:4] == b"PAR1":
        return "parquet"
    if head[:4] == b"PK\x03\x04" or head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "excel"
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{":
        return "ndjson"
    if (
        head[:2] not in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
        and _utf16(head) is None
        and (head[:1000].count(0) > 10)
    ):
        raise InputError(f"{path}: is no export that can be read: neither text nor NDJSON, Parquet or Excel")
    return "text"


def guess_encoding(head: bytes) -> str:
    """Return the encoding of a text's begin: by its byte order mark, else the first that fits.

    GB18030 before cp1252: nearly any bytes decode in both, so what comes out is weighed.
    """
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    if (name16 := _utf16(head)) is not None:
        return name16
    if _decodes(head, "utf-8") is not None:
        return "utf-8"
    chinese = _decodes(head, "gb18030")
    if chinese is not None and _is_chinese(chinese):
        return "gb18030"
    return _damaged(head) or ("cp1252" if _decodes(head, "cp1252") is not None else "latin-1")


def _is_chinese(text: str) -> bool:
    """Tell whether what decoded as GB18030 is Chinese, and not by accident."""
    wide = [char for char in text if ord(char) > 0x7F]
    common = sum("\u4e00" <= char <= "\u9fa5" or char in "，。：；（）、“”《》％" for char in wide)
    pairs = sum(one > "\x7f" and two > "\x7f" for one, two in pairwise(text))
    usual = sum(_usual_hanzi(char) for char in wide)  # one in a name: no neighbours to go by
    return common >= 0.9 * len(wide) and (pairs >= 0.3 * len(wide) or usual >= 0.9 * len(wide))


def _damaged(head: bytes) -> str | None:
    """Return the encoding that nearly all lines have which are more than ASCII: some may be damaged."""
    lines = [line for line in head.split(b"\n")[:-1] if not line.isascii()]
    for name in ("utf-8", "gb18030"):
        good = [text for line in lines if (text := _decodes(line, name, final=True)) is not None]
        if len(good) >= MOST * len(lines) > 0 and (name == "utf-8" or _is_chinese("\n".join(good))):
            return name
    return None


def _usual_hanzi(char: str) -> bool:
    """Tell whether a character is of the first plane of GB 2312, whose two bytes are both above ASCII.

    An accented letter of cp1252 and the plain one behind it decode as a rare character of GBK.
    """
    first, *rest = char.encode("gb18030")
    return 0xB0 <= first <= 0xD7 and len(rest) == 1 and rest[0] >= 0xA1


def _decodes(head: bytes, encoding: str, *, final: bool = False) -> str | None:
    """Return the text, a character cut off at its end left out unless it is `final`, or None."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(head, final)
    except UnicodeDecodeError:
        return None


def _utf16(head: bytes) -> str | None:
    """Tell UTF-16 without a mark by its zero bytes: every other one, in text that is mostly Latin."""
    sample = head[:4000]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def guess_delimiter(lines: list[str]) -> str:
    """Return what parts the fields: what cuts most lines into the same number of them, and into most."""
    lines = [line for line in lines[:200] if line.strip()]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            continue
        if not widths:
            continue
        width, count = widths.most_common(1)[0]
        score = count / sum(widths.values()) * min(width - 1, 20)
        if score > best_score:
            best, best_score = delimiter, score
    return best
