"""The catalogue names every figure that the public object carries, in both languages."""

from pathlib import Path

from stores import S, floor, store

from ccboard.kpi import AGENT_FIGURES, CATALOGUE, QUEUE_FIGURES
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
