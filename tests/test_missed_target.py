"""A service level below its target never reads as one that keeps it, and has one level everywhere."""

from dataclasses import replace
from datetime import UTC

import pytest
from board_floor import floor
from hypothesis import given
from hypothesis import strategies as st

from ccboard.config import Config, OwnLimits, Queue
from ccboard.i18n import Words
from ccboard.metrics.levels import level_of_service
from ccboard.metrics.scope import Scope
from ccboard.snapshot import Interval, LogEntry
from widgets import event_log, level_bars, queue_table
from widgets import format as fmt
from widgets.glyphs import UNICODE
from widgets.view import View


def view(level: float = 0.796, target: float = 0.8) -> View:
    one = floor().queues[0]._replace(queue="q", label="q", service_level=level, target=target)
    snapshot = replace(floor(), queues=(one,))
    return View(snapshot, snapshot.as_of, UTC, Words("en"), UNICODE)


@given(st.integers(0, 1000), st.integers(0, 100))
def test_what_was_missed_never_reads_as_met(tenths: int, target: int) -> None:
    shown = int(fmt.percent(tenths / 1000, target / 100).removesuffix(" %"))
    assert (shown >= target) is (tenths >= target * 10)
    assert abs(shown - tenths / 10) < 1


def test_the_table_the_bars_and_the_log_round_down_below_a_target() -> None:
    seen = view()
    (column,) = [column for column in queue_table.COLUMNS if column.key == "level"]
    assert column.cell(seen.queues[0], seen).text == "79 %"
    bars = level_bars.LevelBars()._band(seen.queues[0], {}, level_bars.Span(0, 900, 4, 3), seen, 9, 1, False)
    assert "79 %" in "".join(text for text, _role in bars[0])
    assert "79 %" in event_log.sentence(LogEntry(1, "below_target", "warning", "q", value=0.796), seen)


@pytest.mark.parametrize("level", ["", "warning", "critical"])
def test_a_bar_has_the_level_that_its_interval_was_given(level: str) -> None:
    interval = Interval("q", 0, 10, 6, 4, 6, 0.65, level)
    for tall in (True, False):
        span = level_bars.Span(0, 900, 4, 3)
        _top, bottom = level_bars.LevelBars()._bar(interval, 0, 0, span, 0.8, view(), tall)
        assert bottom[1] == (level or "head")


@pytest.mark.parametrize(("limits", "ratio", "level"), [
    (None, 0.8, ""), (None, 0.79, "warning"), (None, 0.7, "warning"), (None, 0.69, "critical"),
    (None, None, ""),
    ((0.6, 0.5), 0.65, ""), ((0.6, 0.5), 0.55, "warning"), ((0.6, 0.5), 0.45, "critical"),
])
def test_an_interval_is_judged_as_the_day_is(
        limits: tuple[float, float] | None, ratio: float | None, level: str) -> None:
    config = Config(queues={"q": Queue(limits=OwnLimits(service_level=limits), target=0.8)})
    scope = Scope.__new__(Scope)
    object.__setattr__(scope, "config", config)
    assert level_of_service(scope, "q", ratio) == level
