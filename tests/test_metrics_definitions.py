"""The definition of a visit by its project, in Python."""

from pathlib import Path

from stores import UTC, S, queue

from ccboard.config import parse
from ccboard.metrics.definitions import Definitions
from ccboard.metrics.floor import snapshot
from ccboard.records import Batch, Contact
from ccboard.store.store import Store

CONFIG = parse({"queues": {"sales": {"project": "acme"}},
                "projects": {"acme": {"service_level": {"threshold_s": 10}},
                             "quiet": {"service_level": {}}}}, "x")


def test_a_projects_own_threshold_counts_and_of_other_names_nothing_is_kept() -> None:
    known = Definitions(CONFIG, {"support": "acme"})
    assert known.of("support", None).threshold_s == 10, "as a source tells"
    assert known.of("support", "quiet").threshold_s == 20, "what a visit says goes before that"
    assert known.of("sales", "quiet").threshold_s == 10, "what is configured goes before all"
    assert {known.project("support", f"project {n}") for n in range(1000)} == {None}


def test_a_visit_whose_project_is_corrected_leaves_nothing_of_the_old_one(tmp_path: Path) -> None:
    """One visit of a project without a definition becomes one of ACME, whose T is 60: the queue's T is 60."""
    noon = 1_795_089_600 * S

    def call(number: int, project: str) -> Contact:
        return Contact(source="pbx", call=str(number), queue="q", offered_at=noon, wait_s=10.0, agent="Ann",
                       answered_at=noon + 10 * S, ended_at=noon + 200 * S, outcome="answered",
                       project=project, version=len(project))

    config = parse({"projects": {"ACME-60": {"service_level": {"threshold_s": 60}}}}, "x")
    with Store.open(tmp_path / "x.duckdb") as store:
        store.register("pbx", "test", 0.0, frozenset())
        store.apply(Batch("pbx", (call(0, "other"), call(1, "ACME-60"))))
        kept = store.reader()
        for second in (300, 301):
            assert queue(snapshot(kept, noon + second * S, config, UTC), "q").threshold_s is None
        store.apply(Batch("pbx", (call(0, "ACME-60"),)))
        for reader in (kept, store.reader()):
            assert queue(snapshot(reader, noon + 302 * S, config, UTC), "q").threshold_s == 60
