"""Every figure and split against a second method in plain Python, over random visits."""

from collections.abc import Iterator
from datetime import time
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import plain_figures as plain
import pytest
from figures_asked import BERLIN, CHICAGO, NEPAL, S, at
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccboard.config import Config, parse
from ccboard.figures.engine import figures
from ccboard.figures.request import read
from ccboard.kpi import DEFINITIONS
from ccboard.kpis.terms import TERMS
from ccboard.records import Batch, Contact, SourceStatus
from ccboard.store.store import Store

OF_VISITS = [
    kpi.id
    for kpi in DEFINITIONS.values()
    if kpi.top
    and kpi.unit != "money"
    and all(TERMS[name].of in ("visits", "dials", "level") for _, name in (*kpi.top, *kpi.bottom))
]


numbers = count()
seconds = st.integers(0, 30) | st.integers(0, 4000)


@st.composite
def contacts(draw: st.DrawFn) -> Contact:
    number = next(numbers)
    # Every arrival is at a microsecond of its own: ties between a caller's calls have no right order.
    offered = at("2026-10-24T20:00:00") + draw(st.integers(0, 9 * 24 * 3600)) * S + number % S
    outcome = draw(
        st.sampled_from(
            ["answered"] * 4
            + ["abandoned"] * 3
            + ["timed_out", "left_by_key", "left_empty", "withdrawn", "lost", "unknown", None]
        )
    )
    wait, talk = draw(seconds), draw(seconds)
    over = outcome is not None and (outcome != "answered" or draw(st.booleans()) or draw(st.booleans()))
    optional = st.none() | st.integers(0, 90).map(float)
    answered = offered + wait * S if outcome == "answered" and draw(st.integers(0, 9)) else None
    if outcome == "answered" and answered is None:
        over = True
    return Contact(
        source=draw(st.sampled_from(["a", "b"])),
        call=draw(st.sampled_from([f"c{number}", f"k{number % 7}"])),
        queue=draw(st.sampled_from(["one", "two", "three"])),
        nth=number,
        offered_at=offered,
        answered_at=answered,
        ended_at=offered + (wait + (talk if outcome == "answered" else 0)) * S if over else None,
        outcome=outcome if over or outcome == "answered" else None,
        agent=draw(st.sampled_from(["Ann", "Bob", "李明"])) if outcome == "answered" else None,
        wait_s=None if outcome in ("lost", "unknown", None) else float(wait),
        ring_s=draw(optional),
        talk_s=draw(optional) if over else None,
        hold_s=draw(optional) if over else None,
        wrap_s=draw(optional) if over else None,
        transfer=draw(st.sampled_from([None, None, "blind"])),
        caller_key=draw(st.sampled_from([None, "", "x", "y", "z"])),
        project=draw(st.sampled_from([None, "p", "q"])),
        business_type=draw(st.sampled_from([None, "sales", "help"])),
        channel=draw(st.sampled_from(["voice", "voice", "callback"])),
        direction=draw(st.sampled_from(["in", "in", "in", "out"])),
    )


SPLITS = [
    (),
    ("day",),
    ("hour", "queue"),
    ("interval",),
    ("weekday", "type"),
    ("week",),
    ("month", "agent"),
    ("year",),
    ("project", "channel"),
    ("direction", "source"),
    ("outcome",),
]

RULES = """
short_abandon_s = 7
business_day_start = "04:30"
interval_min = 30
[service_level]
threshold_s = 15
form = "sl.removed"
left_by_key = "callback"
[queues.one]
project = "own"
threshold_s = 25
[queues.one.service_level]
form = "sl.composed"
counts = ["abandoned", "flowed_out"]
cohort = "end"
[queues.two.service_level]
time_outs = "left_out"
overflow = "left_out"
left_by_key = "left_out"
[projects.p.service_level]
preset = "sl.cisco_ignore"
threshold_s = 30
short_abandon_s = 2
callbacks = "left_out"
open = ["mon-fri 08:00-18:00", "sat-sun 22:00-02:00"]
after_hours = "left_out"
"""


def opened(moment: int) -> bool:
    wall = plain.local(moment, BERLIN)
    if wall.weekday() < 5 and 8 <= wall.hour < 18:
        return True
    return (wall.weekday() >= 5 and wall.hour >= 22) or (wall.weekday() in (6, 0) and wall.hour < 2)


def rule_of(queue: str, project: str | None) -> dict[str, Any]:
    """Return what RULES say, read by a person."""
    rule = plain.RULE | {"T": 15, "S": 7, "form": "sl.removed", "callback_key": True}
    if project == "p":
        rule |= {"T": 30, "S": 2, "form": "sl.abandoned_ignored", "callbacks": False, "open": opened}
    if queue == "one":
        rule |= {"T": 25, "form": "sl.composed", "counts": ("abandoned", "flowed_out"), "cohort": "end"}
    if queue == "two":
        rule |= {"time_outs": False, "overflow": False, "left_by_key": False, "callback_key": False}
    return rule


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("figures") / "x.duckdb") as made:
        yield made


def refill(made: Store, records: list[Contact]) -> None:
    def clear(con: Any) -> None:
        for table in ("contacts", "open_contacts", "cursors", "agents_seen", "sources"):
            con.execute(f"DELETE FROM {table}").fetchall()

    made._transaction(clear)
    made._mirror = type(made._mirror).read(made._con)  # type: ignore[arg-type]
    for source in ("a", "b"):
        heard = SourceStatus(source=source, at=at("2026-10-01"), kind="alive", until=at("2026-12-01"))
        made.apply(Batch(source, (heard, *(r for r in records if r.source == source))))


def compare(
    made: Store,
    records: list[Contact],
    split: tuple[str, ...],
    as_of: int,
    zone: ZoneInfo,
    config: Config,
    span: tuple[str, str],
    **how: Any,
) -> None:
    starts = time.fromisoformat(config.business_day_start)
    request = read(
        {"kpi": ",".join(OF_VISITS), "by": ",".join(split), "from": span[0], "to": span[1]},
        zone,
        as_of,
        starts,
    )
    found = figures(made.reader(), request, config, zone)
    expected = plain.figures(
        records,
        split,
        request.begin,
        request.end,
        as_of,
        zone,
        starts=starts,
        interval_min=config.interval_min,
        **how,
    )
    if not split and not expected:
        expected = {(): plain._figures([], {}, set())}
    assert [key for key, _ in found.rows] == sorted(
        expected, key=lambda key: tuple((part is None, part if part is not None else 0) for part in key)
    )
    for key, row in found.rows:
        for kpi, value in zip(found.kpis, row, strict=True):
            want = expected[key][kpi.id]
            assert value == (want if want is None else pytest.approx(want)), (kpi.id, key)


several = st.lists(contacts(), max_size=40)
examples = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@examples
@given(
    records=several,
    split=st.sampled_from(SPLITS),
    late=st.integers(0, 10 * 24 * 3600),
    zone=st.sampled_from([BERLIN, NEPAL, CHICAGO]),
)
def test_every_figure_and_split_by_a_second_method(shared, records, split, late, zone):
    refill(shared, records)
    compare(
        shared,
        records,
        split,
        at("2026-10-24T20:00:00") + late * S,
        zone,
        Config(),
        ("2026-10-25", "2026-11-02"),
    )


@examples
@given(records=several, split=st.sampled_from(SPLITS), late=st.integers(0, 10 * 24 * 3600))
def test_every_figure_under_definitions_of_their_own(shared, records, split, late):
    import tomllib

    refill(shared, records)
    compare(
        shared,
        records,
        split,
        at("2026-10-24T20:00:00") + late * S,
        BERLIN,
        parse(tomllib.loads(RULES), "rules"),
        ("2026-10-25", "2026-11-02"),
        rule_of=rule_of,
        projects={"one": "own"},
    )


def test_the_second_method_knows_every_figure_of_visits():
    assert set(OF_VISITS) == set(plain._figures([], {}, set()))
