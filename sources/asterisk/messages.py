"""Bytes of the Asterisk manager interface (TCP, or a /rawman answer) into messages.

A message is ``Key: value`` lines up to a blank line. Reads end anywhere, also inside a character or
between CR and LF; Asterisk itself cuts names in the middle of a character. So lines are joined as bytes
and each is decoded by itself. Memory is bounded, whatever the other side sends: what is too long is
dropped up to the next blank line, and counted.
"""

from typing import Final

from ccboard.clean import clean

MAX_LINE: Final = 65_536
"""Longest line kept, in bytes. Asterisk's own stay under 1 kB."""
MAX_LINES: Final = 1_000
"""Most lines of one message. The longest event has about 100."""
MAX_MESSAGE: Final = 1_048_576
"""Most bytes of one message, line ends not counted."""
_BANNER: Final = "Asterisk Call Manager/"


class Message(dict[str, str]):
    """One message: fields by name as sent. The first of several fields of the same name counts."""

    __slots__ = ()

    @property
    def event(self) -> str:
        """The event's name, or "" for an answer."""
        return self.get("Event", "")

    def text(self, key: str) -> str | None:
        """Return a field as a record takes it: clean, and None where nothing is (left) in it."""
        value = self.get(key)
        return (clean(value) or None) if value else None

    def person(self, key: str) -> str | None:
        """As `text`, but ``<unknown>`` and ``unknown`` are nobody, too."""
        value = self.text(key)
        return None if value in ("<unknown>", "unknown") else value

    def whole(self, key: str, limit: int = 10_000_000) -> int | None:
        """Return a field as a whole number from 0 to `limit`, or None."""
        value = self.get(key, "").strip()
        if value.isascii() and value.isdigit() and len(value) <= 12 and (number := int(value)) <= limit:
            return number
        return None


class Framer:
    """Cuts a stream of bytes into messages. One for each connection or answer."""

    def __init__(self) -> None:
        self.banner: str | None = None
        """The greeting of the manager ("Asterisk Call Manager/11.0.0") once it came."""
        self.dropped = 0
        """Messages left out because they were too long."""
        self.odd_lines = 0
        """Lines that are no ``Key: value``: not a manager interface, when there are only such."""
        self.odd_text = ""
        """The beginning of the first such line, clean."""
        self._rest = b""  # of a line whose end has not come
        self._lines = 0
        self._size = 0
        self._skipping = False  # to the next blank line
        self._overlong = False  # the line in hand has lost its beginning
        self._message = Message()

    def feed(self, data: bytes) -> list[Message]:
        """Return the messages that `data` completes."""
        found: list[Message] = []
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            overlong, self._overlong = self._overlong, False
            if overlong or len(line) > MAX_LINE:
                self._drop()
            elif line in (b"", b"\r"):
                self._end(found)
            else:
                self._take(line)
        if len(self._rest) > MAX_LINE:
            self._rest = b""
            self._overlong = True
        return found

    def finish(self) -> list[Message]:
        """Return what is still open, at the end of an answer that has no last blank line."""
        found = self.feed(b"\n")
        self._end(found)
        return found

    def _take(self, line: bytes) -> None:
        if self._skipping:
            return
        self._lines += 1
        self._size += len(line)
        if self._lines > MAX_LINES or self._size > MAX_MESSAGE:
            self._drop()
            return
        text = line.decode("utf-8", "replace").rstrip("\r")
        key, colon, value = text.partition(":")
        if colon:
            self._message.setdefault(key.strip(), value.strip())
        elif self.banner is None and not self._message and text.startswith(_BANNER):
            self.banner = clean(text)
        else:
            self.odd_lines += 1
            self.odd_text = self.odd_text or clean(text, 80)

    def _drop(self) -> None:
        self._skipping = True
        self._message = Message()

    def _end(self, found: list[Message]) -> None:
        if self._skipping:
            self.dropped += 1
        elif self._message:
            found.append(self._message)
        self._message = Message()
        self._skipping = False
        self._lines = self._size = 0


def parse_answer(body: bytes) -> list[Message]:
    """Return the messages of a whole answer, such as the body of a /rawman request."""
    framer = Framer()
    return framer.feed(body) + framer.finish()
