"""An export of calls does not tell who is there: then there is a dash, and no number without evidence."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from stores import S, floor, store

from ccboard.cli import main
from ccboard.desk.people import pools
from ccboard.records import AgentState, Contact, Offer, Record, SourceStatus
from ccboard.snapshot import COUNTED, STATES, Snapshot, to_public
from widgets.queue_table import in_state

DOCS = Path(__file__).parent.parent / "docs"
NOON = 1_795_089_600 * S  # Thu 19 Nov 2026 12:00 UTC


def answered(call: str, agent: str, minute: int, *, ended: int | None, queue: str = "q") -> Contact:
    at = NOON + minute * 60 * S
    end: dict[str, Any] = {} if ended is None else {
        "ended_at": NOON + ended * 60 * S, "outcome": "answered", "talk_s": (ended - minute) * 60}
    return Contact(source="pbx", call=call, queue=queue, offered_at=at, answered_at=at + 5 * S, wait_s=5,
                   agent=agent, **end)


CALLS: tuple[Record, ...] = (answered("1", "Ann", 0, ended=3), answered("2", "Bob", 8, ended=None))
"""At 12:10 Ann has been through with her call for seven minutes, Bob talks."""


def at_ten_past(folder: Path, *more: Record) -> Snapshot:
    with store(folder, [*CALLS, *more], promise_s=0) as made:
        return floor(made, NOON + 600 * S)


def counts(seen: Snapshot) -> dict[str, int | None]:
    assert seen.totals.agents is not None
    assert seen.queues[0].agents == seen.totals.agents
    return dict(zip(STATES, seen.totals.agents, strict=True))


def test_who_is_known_from_calls_alone_is_not_ready(tmp_path):
    seen = at_ten_past(tmp_path)
    assert {one.agent: one.state for one in seen.agents} == {"Ann": "unknown", "Bob": "talking"}
    found = counts(seen)
    assert (found["talking"], found["wrap_up"], found["unknown"]) == (1, 0, 1)
    assert {found[name] for name in ("ready", "ringing", "paused", "busy", "offline")} == {None}
    assert in_state(seen.totals, "ready") is None
    assert to_public(seen)["totals"]["agents"]["ready"] is None


@pytest.mark.parametrize("evidence", [
    AgentState(source="pbx", agent="Ann", at=NOON, state="ready", queue="q"),
    Offer(source="pbx", call="1", queue="q", agent="Ann", nth=1, started_at=NOON, ended_at=NOON + 5 * S,
          ring_s=5, result="answered"),
])
def test_with_any_word_of_states_or_offers_it_is_a_number(tmp_path, evidence):
    found = counts(at_ten_past(tmp_path, evidence))
    assert (found["ready"], found["talking"], found["paused"]) == (1, 1, 0)


def test_the_documentation_names_the_states_that_calls_do_not_show(tmp_path):
    [row] = [line for line in (DOCS / "figures.md").read_text(encoding="utf-8").splitlines()
             if line.startswith("| `unknown` |")]
    named = set(re.findall(r"`(\w+)`", row.partition("Where no source tells of")[2]))
    seen = counts(at_ten_past(tmp_path))
    assert {state for state, number in seen.items() if number is None} - {"hold"} == named


def test_the_documentation_names_every_count_that_may_be_null(tmp_path):
    """Of a source that has been silent for an hour, and of calls whose waits nobody knows."""
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    said = text.partition("Besides,")[2].partition("Else counts are numbers")[0]
    untold = replace(answered("1", "Ann", 0, ended=3), wait_s=None)
    with store(tmp_path, [untold, SourceStatus(source="pbx", at=NOON + 200 * S, kind="alive")]) as made:
        seen = to_public(floor(made, NOON + 3600 * S))["totals"]
    null = {name for name in (*COUNTED, "refused") if seen[name] is None}
    assert null == {"answered_in_time", "refused", "waiting"}
    assert set(seen["agents"].values()) == {None}
    assert set(re.findall(r"`(\w+)`", said)) == {*null, "agents"}


def test_nobody_is_at_work_for_the_surge_watch_where_that_is_not_known(tmp_path):
    with store(tmp_path, [answered("1", "Ann", 0, ended=3)], promise_s=0) as made:
        assert pools(floor(made, NOON + 600 * S)) == {}


def test_a_queue_without_people_has_none_where_others_are_told_of(tmp_path):
    told = AgentState(source="pbx", agent="Cid", at=NOON, state="ready", queue="other")
    call = Contact(source="pbx", call="9", queue="empty", offered_at=NOON)
    with store(tmp_path, [told, call], promise_s=0) as made:
        seen = floor(made, NOON + 600 * S)
    [empty] = [one for one in seen.queues if one.queue == "empty"]
    assert in_state(empty, "ready") == 0


def test_the_check_says_that_it_is_not_known(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("CCBOARD_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text('timezone = "UTC"\n', encoding="utf-8")
    at_ten_past(tmp_path)
    code = main(["check", "agents-ready", "-c", "1:", "--store", str(tmp_path / "ccboard.duckdb"), "--as-of",
                 "2026-11-19T12:10:00Z"])
    said = capsys.readouterr().out
    assert code == 3
    assert said == ("CCBOARD UNKNOWN - all queues: it is not known who is ready: no source tells of agents'"
                    " states\n")
