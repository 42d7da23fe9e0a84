"""Maps by name or file: those that are shipped, and the user's own."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ccboard.config import explain
from ccboard.errors import ConfigError
from ccboard.maps.model import Map

SHIPPED = Path(__file__).parent / "shipped"


def shipped() -> dict[str, Path]:
    """Return the maps that come with ccboard, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}


def load(named: str) -> Map:
    """Return the map called `named`, or that of the file `named`. Raises ConfigError."""
    known = shipped()
    path = known.get(named) or Path(named)
    if named not in known and not path.is_file():
        raise ConfigError(
            f"--map {named}: neither a file nor a map that is shipped ({', '.join(known)});"
            " `ccboard init --from FILE` proposes one"
        )
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None
    return parse(text, path)


def parse(text: str, path: Path | str) -> Map:
    """Check the text of a map; `path` is for the messages. Raises ConfigError with one line per mistake."""
    try:
        raw: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from None
    raw.setdefault("name", Path(path).stem)
    try:
        return Map.model_validate(raw)
    except ValidationError as error:
        raise ConfigError("\n".join(explain(error, Map, path))) from None
