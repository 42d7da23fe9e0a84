"""Reads a plain command line without ``argparse``, which with what it loads costs 5 ms of CPU.

A verb declares its options as ever (``configure(parser)``). Here they are only noted; words that are
plainly those options are read, and anything else (``--help``, a mistake, an abbreviation, ``--queue=x``)
is left to argparse, whose answers are therefore the only ones.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class Words:
    """The values of a command line, as attributes: what ``argparse.Namespace`` is."""

    def __init__(self, values: "dict[str, Any]") -> None:
        self.__dict__.update(values)


class Notes:
    """Takes down what a verb declares. `plain` is False once it declares what only argparse can read."""

    def __init__(self) -> None:
        self.plain = True
        self._options: dict[str, tuple[str, dict[str, Any], int]] = {}
        self._positional: list[tuple[str, dict[str, Any]]] = []
        self._values: dict[str, Any] = {}
        self._groups = 0

    def add_mutually_exclusive_group(self, *, required: bool = False) -> "Group":
        """Return where the options of a group are noted: at most one of them may be given."""
        self.plain = self.plain and not required
        self._groups += 1
        return Group(self, self._groups)

    def add_argument(self, *names: str, **said: "Any") -> None:
        """Note an option or a positional word."""
        self.note(names, said, 0)

    def note(self, names: tuple[str, ...], said: "dict[str, Any]", group: int) -> None:
        """Note an option of a group (0: of none)."""
        if said.keys() - {"help", "metavar", "dest", "default", "choices", "type", "action", "const"} or (
            said.get("action") not in {None, "store_true", "store_const"}
            or ("type" in said and isinstance(said.get("default"), str))  # argparse reads it like a word
        ):
            self.plain = False
            return
        long = next((name for name in names if name.startswith("--")), names[0])
        name = said.get("dest") or long.lstrip("-").replace("-", "_")
        if not names[0].startswith("-"):
            self._positional.append((name, said))
            return
        default = False if said.get("action") == "store_true" else None
        if name not in self._values or "default" in said:  # the first of a group has the default
            self._values[name] = said.get("default", default)
        for each in names:
            self._options[each] = (name, said, group)

    def read(self, words: "Sequence[str]") -> Words | None:
        """Return the values of `words`, or None where argparse has to look at them."""
        values, loose, groups = dict(self._values), list[str](), set[int]()
        rest = iter(words)
        for word in rest:
            if not word.startswith("-"):
                loose.append(word)
                continue
            if word not in self._options:
                return None
            name, said, group = self._options[word]
            if group and group in groups:
                return None
            groups.add(group)
            action = said.get("action")
            if action is not None:
                values[name] = said["const"] if action == "store_const" else True
                continue
            value = next(rest, None)
            if value is None or value.startswith("-"):
                return None
            read = _value(value, said)
            if read is None:
                return None
            values[name] = read
        if not self.plain or len(loose) != len(self._positional):
            return None
        for word, (name, said) in zip(loose, self._positional, strict=True):
            value = _value(word, said)
            if value is None:
                return None
            values[name] = value
        return Words(values)


class Group:
    """Options of which at most one may be given."""

    def __init__(self, notes: Notes, number: int) -> None:
        self._notes = notes
        self._number = number

    def add_argument(self, *names: str, **said: "Any") -> None:
        """Note an option of the group."""
        self._notes.note(names, said, self._number)


def _value(word: str, said: "dict[str, Any]") -> "Any":
    """Return the value that a word means; None where it means none, which argparse says best."""
    if "type" in said:
        try:
            word = said["type"](word)
        except Exception:  # noqa: BLE001 - argparse meets it again and says it
            return None
    return word if "choices" not in said or word in said["choices"] else None
