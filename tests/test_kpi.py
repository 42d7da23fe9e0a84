"""The catalogue names every figure that the public object carries, in both languages."""

import re
from pathlib import Path

from stores import S, floor, store
from worked_example import EXPECTED

from ccboard.kpi import AGENT_FIGURES, CATALOGUE, DEFINITIONS, QUEUE_FIGURES
from ccboard.kpis.page import filled
from ccboard.kpis.terms import TERMS
from ccboard.records import AgentState
from ccboard.snapshot import to_public

ABOUT = {"queue", "label", "project", "threshold_s", "target", "age_s", "levels", "stale"}
ABOUT_AGENT = {"agent", "label", "with_caller", "in_queue"}


def test_every_public_figure_is_explained(tmp_path: Path) -> None:
    with store(tmp_path, [AgentState(source="pbx", agent="Ann", at=S, state="ready", queue="q")]) as made:
        public = to_public(floor(made, 2 * S))
    assert set(public["totals"]) - ABOUT == {kpi.id for kpi in QUEUE_FIGURES}
    assert set(public["agents"][0]) - ABOUT_AGENT == {kpi.id for kpi in AGENT_FIGURES}


def test_entries_are_whole() -> None:
    assert len(CATALOGUE) == len(QUEUE_FIGURES) + len(AGENT_FIGURES)
    for kpi in CATALOGUE.values():
        assert kpi.name_en.isascii()
        assert not kpi.name_zh.isascii()
        assert kpi.formula
        assert (kpi.unit == "ratio") <= bool(kpi.denominator)


def test_the_documented_tables_are_the_catalogue() -> None:
    page = (Path(__file__).parents[1] / "docs" / "definitions.md").read_text(encoding="utf-8")
    assert page == filled(page), "run python -m ccboard.kpis.page docs/definitions.md"


def test_the_documented_example_is_the_worked_one() -> None:
    page = (Path(__file__).parents[1] / "docs" / "definitions.md").read_text(encoding="utf-8")
    said = dict(re.findall(r"^\| `(sl\.\w+)` \| \d+ \| \d+ \| ([\d.]+ %|–) \|$", page, re.MULTILINE))
    assert said == {form: "–" if value is None else f"{100 * value:.1f} %"
                    for form, value in EXPECTED.items()}


def test_definitions_are_whole() -> None:
    assert len(DEFINITIONS) == len({name for entry in DEFINITIONS.values() for name in (entry.id,)})
    for entry in DEFINITIONS.values():
        parts = [*entry.top, *entry.bottom, *((1, left.term) for left in entry.left_out)]
        assert {name for _factor, name in parts} <= set(TERMS), entry.id
        assert bool(entry.top) != bool(entry.missing_en), entry.id
        assert (entry.unit == "ratio") <= bool(entry.bottom or entry.missing_en), entry.id
        assert not entry.bottom or entry.top
        assert not (entry.name_zh + entry.formula_zh).isascii()
        for text in (entry.excluded_en, entry.missing_en):
            assert text.isascii()
        assert bool(entry.excluded_en) == bool(entry.excluded_zh)
    used = {name for entry in DEFINITIONS.values() for _factor, name in (*entry.top, *entry.bottom)}
    used |= {left.term for entry in DEFINITIONS.values() for left in entry.left_out}
    assert set(TERMS) - used <= {"level_flowed"}  # which sl.composed counts on demand
