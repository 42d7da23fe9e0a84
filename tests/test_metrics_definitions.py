"""The definition of a visit by its project, in Python."""

from ccboard.config import parse
from ccboard.metrics.definitions import Definitions

CONFIG = parse({"queues": {"sales": {"project": "acme"}},
                "projects": {"acme": {"service_level": {"threshold_s": 10}},
                             "quiet": {"service_level": {}}}}, "x")


def test_a_projects_own_threshold_counts_and_of_other_names_nothing_is_kept() -> None:
    known = Definitions(CONFIG, {"support": "acme"})
    assert known.of("support", None).threshold_s == 10, "as a source tells"
    assert known.of("support", "quiet").threshold_s == 20, "what a visit says goes before that"
    assert known.of("sales", "quiet").threshold_s == 10, "what is configured goes before all"
    assert {known.project("support", f"project {n}") for n in range(1000)} == {None}
