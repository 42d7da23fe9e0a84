"""How a proposed map, and what is said of it, name a column: by its place where the name will not do."""

from collections.abc import Sequence

from ccboard.maps.columns import Seen
from ccboard.maps.words import plain
from ccboard.maps.writing import toml


class Names:
    """The columns of a file, whose header may have a name twice, or none."""

    def __init__(self, columns: Sequence[Seen]) -> None:
        self._columns = columns

    def ref(self, at: int) -> str:
        """Return a column as a map names it."""
        name = self._columns[at].name
        return toml(name) if len(self._alike(at)) == 1 and name.strip() else str(at + 1)

    def said(self, at: int) -> str:
        """Return a column as a person finds it."""
        name = self._columns[at].name
        if not name.strip():
            return f"column {at + 1}, without a name"
        alike = self._alike(at)
        if len(alike) == 1:
            return repr(name)
        return f"column {at + 1}, {name!r}{' again' if at != alike[0] else ''}"

    def shared(self, at: int) -> str:
        """Return that a column is not the only one of its name; "" where it is."""
        alike = self._alike(at)
        if len(alike) == 1 or not self._columns[at].name.strip():
            return ""
        *first, last = (str(other + 1) for other in alike)
        return f"columns {', '.join(first)} and {last} are all called {self._columns[at].name!r}"

    def _alike(self, at: int) -> list[int]:
        name = plain(self._columns[at].name)
        return [other for other, column in enumerate(self._columns) if plain(column.name) == name]
