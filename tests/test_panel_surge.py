"""The surge panel as plain data: through JSON and back, for roles, and as the documentation has it."""

import json

from test_docs import rows, section

from ccboard.panel_surge import (
    Curve,
    Done,
    Exceptional,
    QueueSurge,
    SurgePanel,
    TierEffect,
    only,
    surge_from_wire,
    to_public,
    unnamed,
)
from ccboard.snapshot import iso

ROW = QueueSurge(
    "support", "Support", "red", 0, None, 412, 299.4, 0.38, 0.27, 0.49, 0.93, None, since=60_000_000,
    raised_at=120_000_000, tier=1, shared_with=("sales",), heads=98, need=126, suffices=1,
    effects=(TierEffect(0, "", 0, 0.11, 0.29, False, True), TierEffect(1, "", 28, 0.67, 0.10, False, True)),
    call=("Anna 4711",), owner="Chen Li 4712", what_if_from=-1, what_if=((0.1, 0.3), (0.11, 0.29)))
PANEL = SurgePanel(
    180_000_000, 13.0, False,
    (QueueSurge(None, "", "normal", 0, None, 641, 600.0), ROW,
     QueueSurge("sales", "", "closed", 0, None, 0, None)),
    (Curve(None, 0, 900, (1, None), (1.0, 2.0), (0.5, 1.0), (2.0, 3.0), (None, 2.0), (None, 1.0), (None, 3.0),
           (None, 4), (0.3,), (None, 5)),),
    (Exceptional("limit:waiting:sales", "", "sales", "Sales", "waiting", 9.0, 5.0, "Sam 1", ("Ann 2",)),),
    (Done(5, "accept", "support", "Chen Li", "lead", "rain", None, 60),), ("channel desk is dead",))


def test_through_json_and_back() -> None:
    assert surge_from_wire(json.loads(json.dumps(PANEL))) == PANEL
    assert surge_from_wire(None) is None


def test_who_will_be_there_is_as_foretold_else_as_now() -> None:
    curve = PANEL.curves[0]
    assert [curve.there_at(at, 3) for at in (-1, 0, 1, 2)] == [3, 3, 5, 3]


def test_open_alarms_are_those_that_nobody_took() -> None:
    assert PANEL.open_alarms == 2
    taken = PANEL._replace(rows=(ROW._replace(accepted_at=9),), exceptions=())
    assert taken.open_alarms == 0
    assert taken._replace(rows=(ROW._replace(snoozed_until=9),)).open_alarms == 0


def test_who_sees_one_queue_sees_nothing_of_the_others() -> None:
    seen = only(PANEL, frozenset({"support"}))
    assert [row.queue for row in seen.rows] == ["support"]
    assert (seen.curves, seen.exceptions, seen.rows[0].shared_with) == ((), (), ())
    assert "sales" not in json.dumps(seen)


def test_who_sees_a_part_of_a_pool_does_not_see_the_calls_of_the_whole() -> None:
    panel = PANEL._replace(rows=tuple(row._replace(asks=(412.0, 240.0, 90.0)) for row in PANEL.rows))
    [own] = only(panel, frozenset({"support"})).rows
    assert own.asks is None, "sales is of the same pool"
    both = only(panel, frozenset({"support", "sales"})).rows
    assert [row.asks for row in both] == [(412.0, 240.0, 90.0)] * 2
    [alone] = only(panel, frozenset({"sales"})).rows
    assert alone.asks is not None, "it shares with nobody"


def test_who_sees_no_names_sees_none() -> None:
    said = json.dumps(unnamed(PANEL))
    assert not [name for name in ("Anna", "Chen", "Sam", "Ann", "rain", "desk") if name in said]
    assert unnamed(PANEL).open_alarms == 2


def test_the_public_object_is_the_documented_one() -> None:
    public = to_public(PANEL, iso)
    assert public is not None
    top, queues = section("commands.md", "## The key surge").split("Each of its `queues`:")
    assert set(rows(top)) == set(public)
    found = {name for line in queues.split("\n") if line.startswith("| `")
             for name in rows(line.split(" | ", maxsplit=1)[0] + " |")}
    assert found == set(public["queues"][0])
    assert public["queues"][1]["since"] == "1970-01-01T00:01:00.000Z"
    assert public["queues"][1]["effects"][1]["heads"] == 28
    json.dumps(public)
