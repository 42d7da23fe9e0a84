"""docs/import.md against the model of maps: every key with its default and no other, every example loads."""

import json
import re
from pathlib import Path

import pytest

from ccboard.maps import load, model

PAGE = (Path(__file__).parents[1] / "docs" / "import.md").read_text(encoding="utf-8")
SECTIONS = {
    "## A map": model.Map,
    "## `[file]`": model.File,
    "## `[[repair]]`": model.Repair,
    "## `[[clean]]`": model.Clean,
    "## `[[skip]]`": model.Skip,
    "## Conditions": model.Condition,
    "## `[key]`": model.Key,
    "## `[day]`": model.Day,
    "## `[offered]`, `[answered]`, `[ended]`": model.Time,
    "## `[csat]`, `[qa]`": model.Mark,
    "## `[resolved]`, `[complaint]`, `[success]`, `[right_party]`": model.Verdict,
    "## `[ring]`, `[wait]`, `[talk]`, `[hold]`, `[wrap]`": model.Duration,
    "## `[queue]`, `[agent]`, `[caller]` and other texts": model.Text,
    "## `[outcome]`, `[direction]`, `[transfer]`, `[ended_by]`": model.Word,
    "Each of `rules`:": model.Rule,
}


def documented(heading: str) -> dict[str, str]:
    """Return the keys of the first table behind a heading, with their defaults."""
    _, _, text = PAGE.partition(f"\n{heading}\n")
    assert text, heading
    table = re.search(r"^\| key .*?(?=^$|\Z)", text, re.MULTILINE | re.DOTALL)
    assert table
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| ", table[0], re.MULTILINE)
    return dict(rows)


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_key_with_its_default_and_no_other(heading):
    fields = SECTIONS[heading].model_fields
    said = documented(heading)
    assert set(said) == set(fields)
    for name, field in fields.items():
        if field.is_required():
            expected = "required"
        else:
            value = field.get_default(call_default_factory=True)
            if value is None or isinstance(value, model.MapSection):
                expected = "–"
            else:
                expected = (
                    f"`{json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)}`"
                )
        assert said[name] == expected, name


def test_every_section_of_a_map_is_described():
    models = {
        cls
        for cls in vars(model).values()
        if isinstance(cls, type) and issubclass(cls, model.MapSection) and cls is not model.MapSection
    }
    assert models == set(SECTIONS.values())


@pytest.mark.parametrize("text", re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
def test_every_example_loads(text):
    load.parse(text, "import.md")


def test_shipped_maps_load_and_are_listed():
    assert load.shipped()
    for name in load.shipped():
        assert load.load(name).name == name
        assert load.load(name).about
        assert f"`{name}`" in PAGE


def test_every_outcome_is_named():
    for word in model.OUTCOMES:
        assert f"`{word}`" in PAGE
