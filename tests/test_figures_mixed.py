"""Queues with definitions of their own: a total says each in its queue's words, each visit its own reason."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from stores import S, store

from ccboard.commands.explain import to_text
from ccboard.config import Config
from ccboard.figures import public
from ccboard.records import Contact

UTC = ZoneInfo("UTC")
START = 1_795_000_000 * S
CONFIG = Config.model_validate({
    "service_level": {"threshold_s": 20},
    "queues": {"sales": {"service_level": {"form": "sl.answered", "threshold_s": 10}},
               "vip": {"service_level": {"form": "sl.abandoned_positive"}}}})


def visit(call: str, queue: str, wait: float, *, gone: bool = False) -> Contact:
    offered = START + len(call) * S
    ended = offered + int(wait * S) + (0 if gone else 60 * S)
    more: dict[str, Any] = {} if gone else {
        "answered_at": offered + int(wait * S), "talk_s": 60, "agent": "Ann"}
    return Contact(source="pbx", call=f"{queue}{call}", queue=queue, offered_at=offered, ended_at=ended,
                   wait_s=wait, outcome="abandoned" if gone else "answered", **more)


CALLS = (
    visit("a", "support", 15), visit("b", "support", 30), visit("c", "support", 5, gone=True),
    visit("a", "sales", 15), visit("b", "sales", 8), visit("c", "sales", 5, gone=True),
    visit("a", "vip", 15), visit("c", "vip", 5, gone=True),
)


@pytest.fixture
def made(tmp_path: Path) -> Any:
    with store(tmp_path, CALLS) as opened:
        yield opened


def asked(made: Any, what: Any, **words: str) -> dict[str, Any]:
    return what(made.reader(), {"kpi": "service_level", "from": "2026-11-18", **words}, CONFIG, UTC,
                START + 3600 * S)


def test_a_total_says_every_queues_own_words(made):
    """By hand: support 1 of 3, sales 1 of 2 answered, vip 2 of 2 (who hung up early counts for it)."""
    said = asked(made, public.explained)
    assert (said["numerator"]["value"], said["denominator"]["value"]) == (4, 7)
    for queue, seconds in (("support", 20), ("sales", 10), ("vip", 20)):
        assert f"{queue}: answered within T = {seconds} s" in said["numerator"]["en"]
    assert "vip: answered within T = 20 s + abandoned within T = 20 s" in said["numerator"]["en"]
    assert "sales: answered" in said["denominator"]["en"]
    assert "sales：10 秒内接通" in said["numerator"]["zh"]
    assert "sales: answered within T = 10 s / answered" in said["formula"]["en"]
    assert "configured form" not in str(said["numerator"])


def test_of_one_queue_it_is_that_queues_definition(made):
    said = asked(made, public.explained, queue="sales")
    assert said["numerator"]["en"] == "answered within T"
    assert said["value"] == 0.5


def test_each_visit_says_its_own_reason(made):
    found = asked(made, public.visited)
    assert (found["numerator"], found["denominator"], found["total"]) == (4, 7, 8)
    said = {row["call"]: (row["counts"], row["why_en"]) for row in found["rows"]}
    assert said == {
        "supporta": ("yes", "answered within T = 20 s"),
        "supportb": ("no", "answered after 30 s, later than T = 20 s"),
        "supportc": ("no", "the caller hung up after 5 s"),
        "salesa": ("no", "answered after 15 s, later than T = 10 s"),
        "salesb": ("yes", "answered within T = 10 s"),
        "salesc": ("left_out", "not counted by the configured form"),
        "vipa": ("yes", "answered within T = 20 s"),
        "vipc": ("yes", "abandoned within T = 20 s"),
    }
    assert {row["why_zh"] for row in found["rows"] if row["call"] == "vipc"} == {"20 秒内放弃"}


PROJECTS = Config.model_validate({
    "service_level": {"threshold_s": 20}, "projects": {"ACME": {"service_level": {"threshold_s": 60}}}})


def of_project(call: str, wait: float, project: str | None, **more: Any) -> Contact:
    offered = START + len(call) * S
    return Contact(source="pbx", call=call, queue="q", project=project, offered_at=offered, wait_s=wait,
                   answered_at=offered + int(wait * S), ended_at=offered + 100 * S, outcome="answered",
                   **{"agent": "Ann", **more})


def explained(made: Any, config: Config = PROJECTS, after_s: int = 3600, **words: str) -> dict[str, Any]:
    asked = {"kpi": "service_level", "from": "2026-11-18", **words}
    return public.explained(made.reader(), asked, config, UTC, START + after_s * S)


@pytest.mark.parametrize("words", [{}, {"queue": "q"}])
def test_the_words_are_those_of_the_visits_own_project(tmp_path, words):
    """Both wait less than ACME's 60 s, one of them more than the centre's 20 s."""
    with store(tmp_path, [of_project("a", 50, "ACME"), of_project("bb", 10, "ACME")]) as made:
        said = explained(made, **words)
    assert said["value"] == 1
    assert said["numerator"]["en"] == "answered within T = 60 s"
    assert said["formula"]["en"].startswith("answered within T = 60 s / offered")
    assert said["numerator"]["zh"] == "60 秒内接通"


def test_a_queue_of_several_projects_names_them(tmp_path):
    with store(tmp_path, [of_project("a", 50, "ACME"), of_project("bb", 50, None)]) as made:
        said = explained(made)
    assert said["value"] == 0.5
    assert said["numerator"]["en"] == "q: answered within T = 20 s; q (ACME): answered within T = 60 s"


def test_queues_of_later_or_of_others_do_not_stand_in_it(tmp_path):
    own = Config.model_validate({"service_level": {"threshold_s": 20}, "queues": {"vip": {"threshold_s": 5}}})
    calls = [of_project("a", 3, None), replace(of_project("b" * 100, 3, None, agent="Bob"), queue="vip")]
    with store(tmp_path, calls) as made:
        early, late, ann = (explained(made, own, **words) for words in (
            {"after_s": 60}, {}, {"agent": "Ann"}))
    assert late["numerator"]["en"] == "q: answered within T = 20 s; vip: answered within T = 5 s"
    for said in (early, ann):
        assert said["denominator"]["value"] == 1
        assert said["numerator"]["en"] == "answered within T = 20 s"
        assert "vip" not in said["formula"]["en"]


def test_of_all_queues_each_definition_is_told_with_its_queues(made):
    said = asked(made, public.explained)
    forms = [("sales", "sl.answered", 10), ("support", "sl.offered", 20),
             ("vip", "sl.abandoned_positive", 20)]
    assert [(one["queues"], one["form"], one["threshold_s"]) for one in said["definitions"]] == [
        ([queue], form, threshold_s) for queue, form, threshold_s in forms]
    assert [line.strip() for line in to_text(said, "en") if line.startswith("  definition")] == [
        f"definition ({queue}): form = {form}, threshold_s = {threshold_s}, target = 0.8,"
        " short_abandon_s = 5, cohort = arrival" for queue, form, threshold_s in forms]
    assert "口径 (sales): form = sl.answered" in "\n".join(to_text(said, "zh"))
    one = asked(made, public.explained, queue="sales")
    assert (one["definition"]["form"], one["definitions"]) == ("sl.answered", [])
    of_parts = asked(made, public.explained, kpi="answered_in_time")
    assert len(of_parts["definitions"]) == 3, "T is a part of it, too"


def test_visits_of_one_project_have_its_definition(tmp_path):
    with store(tmp_path, [of_project("a", 50, "ACME"), of_project("bb", 10, "ACME")]) as made:
        said = explained(made)
    assert (said["definition"]["threshold_s"], said["definitions"]) == (60, [])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_lens_tells_each_definition_too(made, language):
    from board_floor import floor

    from ccboard.i18n import Words
    from widgets.glyphs import UNICODE
    from widgets.lens import parts_of
    from widgets.view import View

    seen = floor()
    view = View(seen, seen.as_of, UTC, Words(language), UNICODE)
    told = asked(made, public.explained)
    told["definitions"][1]["queues"] = [f"q{n}" for n in range(9)]
    parts = [text for name, text, _role in parts_of(told, view) if name == view.words("lens.definition")]
    assert [text.partition(", T = ")[0] for text in parts] == [
        "sales: sl.answered",
        {"en": ", ", "zh": "、"}[language].join(["q0", "q1", "q2", "q3", "q4", "q5 +3: sl.offered"]),
        "vip: sl.abandoned_positive"]
