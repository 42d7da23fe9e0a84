"""The catalogue as the documentation's tables; ``python -m ccboard.kpis.page FILE`` writes them into it."""

import sys
from collections.abc import Iterable
from pathlib import Path

from ccboard.kpis.catalogue import DEFINITIONS, words
from ccboard.kpis.levels import FORMS
from ccboard.kpis.model import SERVICE_LEVEL, Entry

BEGIN, END = "<!-- {}: made from the catalogue -->", "<!-- end of {} -->"


def tables() -> dict[str, str]:
    """Return the tables by the name of their place."""
    every = list(DEFINITIONS.values())
    return {
        "forms": _table(("form", "formula", "numerator", "denominator", "who counts so"), (
            (_id(form), form.formula_en, words(form.top), words(form.bottom), form.origin) for form in FORMS)),
        "figures": _figures(one for one in every if one.family != SERVICE_LEVEL and one.top),
    }


def _figures(entries: Iterable[Entry]) -> str:
    return _table(("id", "name", "unit", "better", "formula", "left out"), (
        (_id(one), f"{one.name_en} {one.name_zh}", one.unit, {"up": "more", "down": "less", "none": ""}[one.direction],
         one.formula_en, "; ".join([*(left.en for left in one.left_out), *([one.excluded_en] if one.excluded_en else [])]))
        for one in entries))


def _id(one: Entry) -> str:
    return " ".join(f"`{name}`" for name in (one.id, *one.aliases))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines)


def filled(page: str) -> str:
    """Return a page with its tables as the catalogue has them now."""
    for name, table in tables().items():
        begin, end = BEGIN.format(name), END.format(name)
        head, _, rest = page.partition(begin)
        page = f"{head}{begin}\n{table}\n{end}{rest.partition(end)[2]}"
    return page


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8")
