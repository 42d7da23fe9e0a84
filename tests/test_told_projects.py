"""A project that only a source tells of has its definition live, too, as in `figures`."""

from pathlib import Path

from stores import UTC, S, queue, store

from ccboard.config import Config
from ccboard.figures import public
from ccboard.metrics.floor import snapshot
from ccboard.records import Batch, Contact, QueueKnown
from ccboard.store.store import Store

NOON = 1_795_089_600 * S  # Thu 19 Nov 2026 12:00 UTC
CONFIG = Config.model_validate({
    "service_level": {"threshold_s": 20, "target": 0.8},
    "projects": {"ACME": {"service_level": {"threshold_s": 60, "target": 0.9}},
                 "Other": {"service_level": {"form": "sl.answered"}}}})


def call(name: str, wait: float) -> Contact:
    return Contact(source="pbx", call=name, queue="q", offered_at=NOON, answered_at=NOON + int(wait * S),
                   ended_at=NOON + 200 * S, wait_s=wait, outcome="answered", agent="Ann")


CALLS = (call("1", 10), call("2", 50), call("3", 90))
"""In time are 1 of 3 by the centre's 20 s, 2 of 3 by the project's 60 s."""


def test_threshold_and_target_are_the_projects(tmp_path: Path) -> None:
    told = QueueKnown(source="pbx", queue="q", project="ACME", at=NOON)
    with store(tmp_path, [*CALLS, told], promise_s=0) as made:
        reader = made.reader()
        row = queue(snapshot(reader, NOON + 300 * S, CONFIG, UTC), "q")
        said = public.tabled(reader, {"kpi": "service_level,answered_in_time", "by": "queue",
                                      "from": "2026-11-19"}, CONFIG, UTC, NOON + 300 * S)
    assert (row.project, row.threshold_s, row.target) == ("ACME", 60, 0.9)
    assert (row.answered_in_time, row.service_level) == (2, 2 / 3)
    assert said["rows"] == [{"queue": "q", "service_level": 2 / 3, "answered_in_time": 2}]
    assert dict(row.levels)["service_level"] == "critical"  # 67 % of a promised 90 %


def test_of_two_sources_the_last_word_counts(tmp_path: Path) -> None:
    """Live as in figures: not the source whose name comes last."""
    calls = [Contact(source="a", call="1", queue="q", offered_at=NOON, answered_at=NOON + 50 * S,
                     ended_at=NOON + 200 * S, wait_s=50, outcome="answered", agent="Ann")]
    told = [QueueKnown(source=source, queue="q", project=project, at=NOON + after * S)
            for source, project, after in (("a", "ACME", 60), ("b", "Other", 0))]
    with store(tmp_path, [*calls, *told], promise_s=0) as made:
        reader = made.reader()
        row = queue(snapshot(reader, NOON + 300 * S, CONFIG, UTC), "q")
        words = {"kpi": "service_level", "from": "2026-11-19"}
        said = public.tabled(reader, {**words, "by": "queue"}, CONFIG, UTC, NOON + 300 * S)
        why = public.explained(reader, {**words, "queue": "q"}, CONFIG, UTC, NOON + 300 * S)
    assert (row.project, row.threshold_s, row.service_level) == ("ACME", 60, 1)
    assert said["rows"] == [{"queue": "q", "service_level": 1}]
    assert why["project"] == "ACME"


def test_a_project_that_is_told_later_changes_what_is_kept(tmp_path: Path) -> None:
    with Store.open(tmp_path / "x.duckdb") as made:
        made.register("pbx", "test", 0.0, frozenset())
        made.apply(Batch("pbx", CALLS))
        reader = made.reader()

        def look(after_s: int) -> tuple[float | None, str]:
            row = queue(snapshot(reader, NOON + after_s * S, CONFIG, UTC), "q")
            return row.service_level, row.definition

        assert look(300) == (1 / 3, "")
        assert look(301) == (1 / 3, "")
        made.apply(Batch("pbx", (QueueKnown(source="pbx", queue="q", project="ACME", at=NOON + 302 * S),)))
        assert look(303) == (2 / 3, "")
        made.apply(Batch("pbx", (QueueKnown(source="pbx", queue="q", project="Other", at=NOON + 304 * S),)))
        assert look(305) == (1 / 3, "sl.answered")
