r"""Reads Asterisk's ``.conf`` files as Asterisk itself does: sections, templates, includes, comments.

It never raises for what a file says: what cannot be used is put into ``said``, one sentence each with
file and line but without the text, which may be a secret, and the rest goes on (Asterisk throws the
whole file away instead; a floor that is shown in part and says why is worth more). ``#exec`` is not
run. Memory and depth are bounded.

>>> conf = parse('[general]\nenabled = yes ; really\n[agent](!)\nread = agent\n[wall](agent)\nsecret=x\\;y')
>>> conf.section("general").get("enabled"), conf.section("wall").get("secret")
('yes', 'x;y')
>>> conf.section("wall").get("read"), conf.section("agent")
('agent', None)
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ccboard.clean import clean

MAX_DEPTH = 10
"""Files inside files, as in Asterisk."""
MAX_FILES = 500
MAX_FILE_BYTES = 4 * 1024 * 1024
MAX_ENTRIES = 100_000
MAX_LINE = 8190
"""Longer lines are skipped, as in Asterisk."""
MAX_SAID = 50
MAX_NESTED_COMMENTS = 128
_BLANK = "".join(map(chr, range(33)))


class Entry(NamedTuple):
    """One ``key = value`` and where it stands."""

    key: str
    value: str
    file: str
    line: int


@dataclass(slots=True)
class Section:
    """One ``[name]`` with its entries in order; what a template lends stands before its own."""

    name: str
    template: bool = False
    entries: list[Entry] = field(default_factory=list)

    def get(self, key: str, default: str | None = None) -> str | None:
        """Return the last value of `key` (any case), the one that counts in most of Asterisk's files."""
        return next((e.value for e in reversed(self.entries) if e.key.lower() == key), default)

    def first(self, key: str, default: str | None = None) -> str | None:
        """Return the first value of `key`, the one that counts in logger.conf."""
        return next((e.value for e in self.entries if e.key.lower() == key), default)

    def all(self, key: str) -> list[str]:
        """Return every value of `key` in order."""
        return [e.value for e in self.entries if e.key.lower() == key]


@dataclass(slots=True)
class Conf:
    """A file with everything that it includes."""

    found: bool = False
    """The file itself could be read."""
    missing: bool = False
    """There is no such file (as against one that may not be read)."""
    all_sections: list[Section] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def section(self, name: str) -> Section | None:
        """Return the first section called `name` (any case) that is no template, or None."""
        return next((s for s in self.sections() if s.name.lower() == name.lower()), None)

    def sections(self) -> Iterator[Section]:
        """Return the sections in order, without the templates: those exist only to be inherited."""
        return (s for s in self.all_sections if not s.template)


def true(value: str | None, default: bool = False) -> bool:
    """Tell whether Asterisk takes `value` for yes.

    >>> true("Yes"), true("0"), true(None, default=True)
    (True, False, True)
    """
    return default if value is None else value.strip().lower() in {"yes", "true", "y", "t", "1", "on"}


def read(path: Path, etc: Path | None = None) -> Conf:
    """Read the file at `path`; relative includes are looked for in `etc` (default: the file's folder)."""
    reader = _Reader(etc or path.parent)
    reader.conf.found = reader.file(path, None, 0)
    reader.conf.missing = not reader.conf.found and not _exists(path)
    return reader.conf


def parse(text: str, etc: Path = Path(), name: str = "text") -> Conf:
    """Read `text` as the content of a file called `name`."""
    reader = _Reader(etc)
    reader.text(text, name, None, 0)
    reader.conf.found = True
    return reader.conf


def strip_comments(line: str, depth: int) -> tuple[str, int]:
    r"""Return `line` without comments, and how many ``;-- --;`` are still open after it.

    >>> strip_comments("a = b ; c", 0), strip_comments(r"a = b\; c", 0)
    (('a = b ', 0), ('a = b; c', 0))
    >>> strip_comments("a ;-- x --; = b", 0), strip_comments("a ;-- x", 0), strip_comments(";--- x", 0)
    (('a  = b', 0), ('a ', 1), ('', 0))
    """
    kept: list[str] = []
    begin = at = 0  # begin: what was looked at before a tag cannot be a part of the next one
    while (semicolon := line.find(";", at)) >= 0:
        if not depth:
            kept.append(line[at:semicolon])
        at = semicolon + 1
        if semicolon > begin and line[semicolon - 1] == "\\":
            if not depth:
                kept[-1] = kept[-1][:-1] + ";"
            begin = semicolon
        elif line.startswith("--", at) and line[at + 2 : at + 3] != "-" and depth < MAX_NESTED_COMMENTS:
            depth += 1
            begin = at = semicolon + 3
        elif depth and semicolon >= begin + 2 and line.endswith("--", begin, semicolon):
            depth -= 1
            begin = at
        elif not depth:
            return "".join(kept), 0
        else:
            begin = at
    if not depth:
        kept.append(line[at:])
    return "".join(kept), depth


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder above it may not be entered: there may well be one
        return True


class _Reader:
    """One run over a file and its includes."""

    def __init__(self, etc: Path) -> None:
        self.etc = etc
        self.conf = Conf()
        self._files = 0
        self._entries = 0

    def say(self, sentence: str) -> None:
        if len(self.conf.said) < MAX_SAID:
            self.conf.said.append(clean(sentence, 400))
        elif len(self.conf.said) == MAX_SAID:
            self.conf.said.append("and more of the kind")

    def file(self, path: Path, current: Section | None, depth: int) -> bool:
        """Read one file; return whether that was possible. What hinders it is said."""
        self._files += 1
        if self._files > MAX_FILES:
            self.say(f"{path}: not read: more than {MAX_FILES} files include one another")
            return False
        try:
            if not path.is_file():
                if path.exists():
                    self.say(f"{path}: is no file")
                return False
            with path.open("rb") as handle:
                raw = handle.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            self.say(f"{path}: cannot be read: {error.strerror or error}")
            return False
        except ValueError as error:  # a zero byte in the name of an include
            self.say(f"{path}: {error}")
            return False
        if len(raw) > MAX_FILE_BYTES:
            self.say(f"{path}: only its first {MAX_FILE_BYTES >> 20} MB are read")
            raw = raw[:MAX_FILE_BYTES]
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self.say(f"{path}:{line}: bytes that are not UTF-8 are read as \ufffd")
            text = raw.decode(errors="replace")
        self.text(text.removeprefix("\ufeff"), str(path), current, depth)
        return True

    def text(self, text: str, name: str, current: Section | None, depth: int) -> None:
        comment = opened = 0
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > MAX_LINE:
                self.say(f"{name}:{number}: line is too long and is skipped")
                continue
            before = comment
            line, comment = strip_comments(line, comment)
            if comment and not before:
                opened = number
            line = line.strip(_BLANK)
            if not line:
                continue
            where = f"{name}:{number}"
            if line.startswith("["):
                current = self.header(line, where, current)
            elif line.startswith("#"):
                self.directive(line[1:], where, current, depth)
            else:
                self.entry(line, name, number, current)
        if comment:
            self.say(f"{name}:{opened}: the comment that begins here (;--) does not end")

    def header(self, line: str, where: str, current: Section | None) -> Section | None:
        name, bracket, rest = line[1:].partition("]")
        if not bracket:
            self.say(f"{where}: [ without ]")
            return current
        made = Section(name)
        added = None
        if rest.startswith("("):
            options, closed, _ = rest[1:].partition(")")
            if not closed:
                self.say(f"{where}: ( without )")
            for option in (o.strip(_BLANK) for o in options.split(",")):
                if option == "!":
                    made.template = True
                elif option == "+":
                    added = self._any(name)
                    if added is None:
                        self.say(f"{where}: [{name}](+) adds to a section that does not exist yet")
                elif (base := self._any(option)) is not None:
                    self._inherit(added or made, base, where)
                elif option:
                    self.say(f"{where}: [{name}] inherits from [{option}], which does not exist yet")
        if added is not None:
            return added
        self.conf.all_sections.append(made)
        return made

    def _inherit(self, section: Section, base: Section, where: str) -> None:
        room = MAX_ENTRIES - self._entries
        if len(base.entries) > room:
            self.say(f"{where}: more than {MAX_ENTRIES} entries; the rest is not read")
        taken = base.entries[:max(room, 0)]
        self._entries += len(taken)
        section.entries.extend(taken)

    def _any(self, name: str) -> Section | None:
        wanted = name.lower()
        return next((s for s in self.conf.all_sections if s.name.lower() == wanted), None)

    def directive(self, line: str, where: str, current: Section | None, depth: int) -> None:
        words = line.split(None, 1)
        verb = words[0].lower() if words else ""
        target = words[1].strip(_BLANK) if len(words) > 1 else ""
        if verb == "exec":
            self.say(f"{where}: #exec is not run here; what it would print is not known")
            return
        if verb not in {"include", "tryinclude"}:
            self.say(f"{where}: #{verb} is no directive")
            return
        if len(target) > 1 and target[0] in '"<' and target[-1] == {'"': '"', "<": ">"}[target[0]]:
            target = target[1:-1]
        if not target:
            self.say(f"{where}: #{verb} names no file")
            return
        if depth + 1 >= MAX_DEPTH:
            self.say(f"{where}: {target} not included: files include one another more than {MAX_DEPTH} deep")
            return
        read_any = False
        for path in self._targets(target):
            read_any |= self.file(path, current, depth + 1)
        if not read_any and verb == "include":
            self.say(f"{where}: {target} is to be included, but there is none that can be read")

    def _targets(self, target: str) -> list[Path]:
        """Return the files that an include means, wildcards resolved, in the order of their names."""
        path = self.etc / target  # an absolute target stays as it is
        if not set(target) & set("*?["):
            return [path]
        try:
            return sorted(path.parent.glob(path.name))[:MAX_FILES]
        except (OSError, ValueError, NotImplementedError) as error:
            self.say(f"{target}: {error}")
            return []

    def entry(self, line: str, name: str, number: int, current: Section | None) -> None:
        where = f"{name}:{number}"
        escaped = line.startswith("\\")  # the first character of a key may be escaped: \[x] = y
        line = line.removeprefix("\\")
        at = line.find("=", 1 if escaped else 0)
        if at < 0:
            self.say(f"{where}: neither a section nor key = value")
            return
        key, value = line[:at], line[at + 1 :].removeprefix(">")
        adds = key.endswith("+") and len(key) > 1
        key = key.removesuffix("+").strip(_BLANK) if adds else key.strip(_BLANK)
        if current is None:
            self.say(f"{where}: {key} stands before any [section]")
            return
        if not key:
            self.say(f"{where}: = without a key")
            return
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            if self._entries == MAX_ENTRIES + 1:
                self.say(f"{where}: more than {MAX_ENTRIES} entries; the rest is not read")
            return
        if adds:
            for index in range(len(current.entries) - 1, -1, -1):
                old = current.entries[index]
                if old.key == key:
                    joined = (old.value + value).strip(_BLANK)
                    current.entries[index] = old._replace(value=joined[:MAX_LINE])
                    return
        current.entries.append(Entry(key, value.strip(_BLANK), name, number))
