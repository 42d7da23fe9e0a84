"""Sources by name: listed without importing anything, loaded one at a time.

They are found by the entry-point group ``ccboard.sources``, so that anybody can ship one; those that
come with ccboard use the same door. One that cannot be loaded is said and the others go on.
"""

import difflib
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ccboard.clock import Clock
from ccboard.config import explain
from ccboard.errors import CcboardError, ConfigError, NotInstalledError
from ccboard.source import Context, Source

GROUP = "ccboard.sources"


class PluginError(CcboardError):
    """A source's code cannot be loaded, or is not a source; the message names who ships it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A source of the configuration, checked, not yet made."""

    name: str
    kind: str
    cls: type[Source]
    config: BaseModel

    def make(self, context: Context) -> Source:
        """Return the source itself."""
        return self.cls(self.name, self.config, context)

    def own_clock(self) -> Clock | None:
        """Return the clock that the whole hub must follow, or None."""
        return self.cls.own_clock(self.config)


def available() -> dict[str, EntryPoint]:
    """Return the types that are installed; of two with one name ccboard's own counts."""
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        if entry.name not in found or (entry.dist is not None and entry.dist.name == "ccboard"):
            found[entry.name] = entry
    return dict(sorted(found.items()))


def load(type_: str) -> type[Source]:
    """Import the source class of a type. Raises ConfigError for an unknown one, PluginError for a broken."""
    known = available()
    entry = known.get(type_)
    if not known:
        raise NotInstalledError("no source types are registered")
    if entry is None:
        near = difflib.get_close_matches(type_, known, 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else f"installed here: {', '.join(known)}"
        raise ConfigError(f"no source type {type_!r}; {hint}")
    shipped = f" (shipped by {entry.dist.name} {entry.dist.version})" if entry.dist is not None else ""
    try:
        cls = entry.load()
    except Exception as error:  # other people's code, at import: anything may come
        raise PluginError(
            f"the source type {type_}{shipped} cannot be loaded: {type(error).__name__}: {error}"
        ) from error
    model = getattr(cls, "Config", None)
    if not (isinstance(cls, type) and issubclass(cls, Source)):
        raise PluginError(f"the source type {type_}{shipped}: {entry.value} is not a ccboard.source.Source")
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise PluginError(f"the source type {type_}{shipped}: {entry.value} has no Config model")
    return cls


def prepare(name: str, table: dict[str, Any], path: Path | str) -> Prepared:
    """Check one ``[sources.NAME]`` table of the file `path`.

    Raises ConfigError with one line per mistake, PluginError where the source's code is at fault.
    """
    where = f"{path}: sources.{name}"
    type_ = table.get("type")
    if not isinstance(type_, str):
        raise ConfigError(f"{where}.type: says which kind of source this is: {', '.join(available())}")
    try:
        cls = load(type_)
    except ConfigError as error:
        raise ConfigError(f"{where}.type: {error}") from None
    keys = {key: value for key, value in table.items() if key != "type"}
    try:
        config = cls.Config.model_validate(keys)
    except ValidationError as error:
        raise ConfigError("\n".join(explain(error, cls.Config, path, ("sources", name)))) from None
    return Prepared(name, type_, cls, config)


def prepare_all(
    tables: dict[str, dict[str, Any]], path: Path | str
) -> tuple[dict[str, Prepared], dict[str, PluginError]]:
    """Check every table; return the good ones and, by name, those whose code is broken.

    A mistake in the file is the user's to mend: all of them are raised as one ConfigError. A plug-in
    that cannot be loaded is nobody's typing: the others go on without it.
    """
    good: dict[str, Prepared] = {}
    broken: dict[str, PluginError] = {}
    wrong: list[str] = []
    for name, table in tables.items():
        try:
            good[name] = prepare(name, table, path)
        except ConfigError as error:
            wrong.append(str(error))
        except PluginError as error:
            broken[name] = error
    if wrong:
        raise ConfigError("\n".join(wrong))
    return good, broken
