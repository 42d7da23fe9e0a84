"""A project that only a source tells of has its definition live, too, as in `figures`."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

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


def own(name: str, wait: float, project: str | None, at: str = "q") -> Contact:
    return replace(call(name, wait), project=project, queue=at)


def test_of_a_visit_its_own_project_goes_before_its_queues(tmp_path: Path) -> None:
    """By hand: q is ACME's (T 60) as its source tells; two visits are of a project of which nothing is said.

    In time are 10 and 50 of ACME's three, and 10 of the others' (T 20): 3 of 5. s has a configured project,
    which goes before what its visits say: 2 of 3 within 60 s.
    """
    config = CONFIG.model_copy(update={"queues": Config.model_validate(
        {"queues": {"s": {"project": "ACME"}}}).queues})
    records = [*CALLS, own("4", 10, "Nobody"), own("5", 50, "Nobody"),
               own("6", 10, "Other", "s"), own("7", 50, "Other", "s"), own("8", 90, None, "s"),
               QueueKnown(source="pbx", queue="q", project="ACME", at=NOON)]
    with store(tmp_path, records, promise_s=0) as made:
        seen = snapshot(made.reader(), NOON + 300 * S, config, UTC)
        said = public.tabled(made.reader(), {"kpi": "service_level", "by": "queue", "from": "2026-11-19"},
                             config, UTC, NOON + 300 * S)
    rows = {row.queue: row for row in seen.queues}
    assert {name: row.service_level for name, row in rows.items()} == {"q": 3 / 5, "s": 2 / 3}
    assert said["rows"] == [{"queue": "q", "service_level": 3 / 5}, {"queue": "s", "service_level": 2 / 3}]
    assert (rows["q"].threshold_s, rows["s"].threshold_s) == (None, 60), "of q the visits differ"
    assert seen.totals.threshold_s is None


def test_a_queue_whose_visits_are_all_of_one_project_shows_its_threshold(tmp_path: Path) -> None:
    with store(tmp_path, [own(one.call, one.wait_s or 0, "ACME") for one in CALLS], promise_s=0) as made:
        seen = snapshot(made.reader(), NOON + 300 * S, CONFIG, UTC)
    assert (seen.queues[0].threshold_s, seen.queues[0].service_level) == (60, 2 / 3)
    assert (seen.totals.threshold_s, seen.queues[0].definition) == (60, "")


FORMS = Config.model_validate({
    "service_level": {"threshold_s": 20},
    "queues": {"b": {"project": "Q", "threshold_s": 30}, "c": {"service_level": {"cohort": "end"}}},
    "projects": {"P": {"service_level": {"threshold_s": 45, "short_abandon_s": 20, "form": "sl.removed"}},
                 "Q": {"service_level": {"form": "sl.answered", "time_outs": "left_out"}},
                 "R": {"hourly_cost": 20}}})
"""A queue with a project, one with words of its own, and projects that say much, something and nothing."""


def test_the_board_says_of_any_visits_what_figures_say(tmp_path: Path) -> None:
    say, records = random.Random(4), list[Any]()
    for n in range(300):
        name, at = say.choice("abcd"), NOON + say.randrange(1500) * S
        wait = say.randint(0, 70)
        one: dict[str, Any] = {"source": "pbx", "call": str(n), "queue": name, "offered_at": at,
                               "wait_s": wait, "project": say.choice([None, "", "P", "Q", "R", "S"])}
        if say.random() < 0.6:
            one |= {"answered_at": at + wait * S, "outcome": "answered", "agent": "Ann"}
            one |= {"ended_at": at + (wait + 60) * S, "talk_s": 60}
        else:
            one |= {"ended_at": at + wait * S, "outcome": say.choice(["abandoned", "timed_out"])}
        records.append(Contact(**one))
    records.append(QueueKnown(source="pbx", queue="a", project="P", at=NOON))
    records.append(QueueKnown(source="pbx", queue="b", project="P", at=NOON))
    words = {"kpi": "service_level,answered_in_time,short_abandoned", "from": "2026-11-19"}
    with store(tmp_path, records, promise_s=0) as made:
        live = made.reader()
        for at in (NOON + 200 * S, NOON + 260 * S, NOON + 1000 * S, NOON + 3000 * S):  # kept, then read anew
            seen = snapshot(live, at, FORMS, UTC)
            for by, rows in (("queue", seen.queues), ("", (seen.totals,))):
                found = public.tabled(made.reader(), {**words, "by": by, "as_of": public.moment(at)}, FORMS,
                                      UTC, at)["rows"]
                for row, one in zip(rows, found, strict=True):
                    assert row.queue == one.get("queue")
                    if row.queue in ("a", "b", "d"):  # the board counts by arrival, whatever the cohort
                        assert (row.answered_in_time, row.short_abandoned) == (
                            one["answered_in_time"], one["short_abandoned"]), (row.queue, at)
                    assert abs(row.service_level - one["service_level"]) < 1e-12, (row.queue, at)
    assert {row.queue: (row.threshold_s, row.definition) for row in seen.queues} == {
        "a": (None, "mixed"), "b": (30, "sl.answered*"), "c": (None, "mixed"), "d": (None, "mixed")}


def test_a_visit_costs_what_its_own_project_pays(tmp_path: Path) -> None:
    """By hand: 120 s of talk for ACME at 60 an hour are 2, for Other at 30 an hour 1; q is ACME's as told."""
    config = Config.model_validate({"projects": {"ACME": {"hourly_cost": 60}, "Other": {"hourly_cost": 30}}})
    calls = [replace(own(name, 10, project), talk_s=120) for name, project in (("1", None), ("2", "Other"))]
    told = QueueKnown(source="pbx", queue="q", project="ACME", at=NOON)
    with store(tmp_path, [*calls, told], promise_s=0) as made:
        said = public.tabled(made.reader(), {"kpi": "handling_cost", "by": "project", "from": "2026-11-19"},
                             config, UTC, NOON + 300 * S)
    assert said["rows"] == [
        {"project": "ACME", "handling_cost": 2}, {"project": "Other", "handling_cost": 1}]
