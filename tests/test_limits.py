"""Limits of the configuration: one that can never be reached is an error, not silence."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from stores import UTC, S, agent, store

from ccboard.config import Config, parse
from ccboard.errors import ConfigError
from ccboard.metrics.floor import snapshot
from ccboard.quality import heard
from ccboard.quality.look import Look
from ccboard.records import AgentState, Batch, Contact, QueueKnown, Record
from ccboard.snapshot import Snapshot


def read(text: str) -> Config:
    return parse(tomllib.loads(text), "floor.toml")


@pytest.mark.parametrize(("line", "said"), [
    ("waiting = [10, 5]", "limits.waiting: the warning comes first: [5, 10]"),
    ("longest_wait_s = -1", "limits.longest_wait_s: a limit is not below 0"),
    ("waiting = [1, 2, 3]", "limits.waiting: a limit is one number, or [warning, critical]"),
    ("waiting = true", "limits.waiting: a limit is one number, or [warning, critical]"),
    ("waiting = 'x'", "limits.waiting: a limit is one number, or [warning, critical]"),
    ("waiting = nan", "limits.waiting: a limit is one number, or [warning, critical]"),
    ("abandon_rate = [5, 10]",
     "limits.abandon_rate: a share is a number from 0 to 1; [0.05, 0.1] for percent"),
    ("abandon_rate = 500", "limits.abandon_rate: a share is a number from 0 to 1 (is 500)"),
    ("service_level = [70, 60]",
     "limits.service_level: a share is a number from 0 to 1; [0.7, 0.6] for percent"),
    ("service_level = [0.6, 0.7]",
     "limits.service_level: it falls, so the warning is the higher one: [0.7, 0.6]"),
    ("pause = { lunch = [60, 30] }", "limits.pause.lunch: the warning comes first: [30, 60]"),
])
def test_a_limit_that_cannot_be_meant(line: str, said: str) -> None:
    for table in ("limits", "queues.vip.limits"):
        if "pause" in line and table != "limits":
            continue
        with pytest.raises(ConfigError) as caught:
            read(f"[{table}]\n{line}\n")
        assert str(caught.value).startswith("floor.toml: " + said.replace("limits", table, 1))


@pytest.mark.parametrize("table", ["queues.vip.limits", "projects.acme.limits"])
@pytest.mark.parametrize(("line", "key", "where"), [
    ("pause_s = [60, 120]", "pause_s", "[limits]"), ("pause = { lunch = 60 }", "pause", "[limits.pause]"),
])
def test_a_pause_is_of_no_queue(table: str, line: str, key: str, where: str) -> None:
    """It would have no effect there, which must not be found out by waiting for the alarm."""
    with pytest.raises(ConfigError) as caught:
        read(f"[{table}]\n{line}\n")
    assert str(caught.value) == (f"floor.toml: {table}.{key}: who is paused is so in no queue: "
                                 f"it belongs into {where}")


def test_limits_that_can() -> None:
    limits = read(
        "[limits]\nwaiting = 5\nlongest_wait_s = [60, 60]\nabandon_rate = [0, 1.0]\n"
        "service_level = [0.8, 0.7]\n[limits.pause]\nlunch = [2700, 3600]\n").limits
    assert limits.model_dump(exclude_unset=True) == {
        "waiting": (5, 5), "longest_wait_s": (60, 60), "abandon_rate": (0, 1), "service_level": (0.8, 0.7),
        "pause": {"lunch": (2700, 3600)},
    }


@pytest.mark.parametrize(("line", "said"), [
    ('business_day_start = "24:00"', "must be a time of day"),
    ('store = { memory_limit = "lots" }', "must be a size"),
])
def test_a_rule_is_said_in_words(line: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        read(line)
    assert "pattern" not in str(caught.value)


NINE = 1_795_078_800 * S  # 2026-11-19T09:00:00Z
ACME = """
[projects.acme.limits]
talk_s = [60, 120]
service_level = [0.5, 0.2]
csat = [4.5, 4.0]
"""


def _floor() -> list[Record]:
    """Ann talks since nine; of three callers of the first quarter two were answered in time, one hung up."""
    def visit(call: str, **more: Any) -> Contact:
        return Contact(source="pbx", call=call, queue="q", offered_at=NINE - 10 * S, agent="Ann",
                       answered_at=NINE, wait_s=10, outcome="answered", **more)

    return [
        AgentState(source="pbx", agent="Ann", at=NINE - 60 * S, state="ready", queue="q"),
        visit("a"), visit("b", ended_at=NINE, talk_s=0, version=3),
        Contact(source="pbx", call="c", queue="q", offered_at=NINE - 60 * S, ended_at=NINE, wait_s=60,
                outcome="abandoned"),
    ]


def _levels(seen: Snapshot) -> tuple[str, list[str]]:
    return agent(seen, "Ann").level, [one.level for one in seen.intervals if one.queue == "q"]


def test_the_project_that_a_source_tells_holds_its_queues(tmp_path: Path) -> None:
    """90 s of talk: fine for the centre (900 s), a warning for acme; 2 of 3 in time the other way round."""
    known = QueueKnown(source="pbx", queue="q", at=NINE - 60 * S)
    told = QueueKnown(source="pbx", queue="q", at=NINE - 60 * S, project="acme")
    config, at = read(ACME), NINE + 90 * S
    with store(tmp_path, [known, *_floor()]) as made:
        reader = made.reader()
        assert _levels(snapshot(reader, at, config, UTC)) == ("", ["critical"])
        made.apply(Batch("pbx", (told,)))
        for one in (reader, made.reader()):  # that goes on, and a fresh one
            assert _levels(snapshot(one, at, config, UTC)) == ("warning", [""])
        look = Look(reader, NINE - 3600 * S, at, at, config, UTC)
        assert "customer satisfaction" in heard.helps(look, "pbx").said[0].partition("; none:")[0]
        reader.close()


@pytest.mark.parametrize(("after_s", "levels"), [
    (30, ("warning", "")),    # Ann wraps up for "fast": 20 and 60 s there; Bob for "slow": 120 and 300 s
    (60, ("critical", "")),
    (130, ("critical", "warning")),
])
@pytest.mark.parametrize("seat", [False, True])
def test_wrap_up_is_held_to_the_limits_of_the_call_before(
        tmp_path: Path, after_s: int, levels: tuple[str, str], *, seat: bool) -> None:
    """By a queue's timer, and where the phone system itself says that somebody wraps up."""
    config = read("[queues.fast.limits]\nwrap_up_s = [20, 60]\n")
    records: list[Record] = []
    for agent_name, queue in (("Ann", "fast"), ("Bob", "slow")):
        records += [
            QueueKnown(source="pbx", queue=queue, at=NINE - 90 * S, wrap_up_s=0 if seat else 600),
            AgentState(source="pbx", agent=agent_name, at=NINE - 60 * S, state="ready", queue=queue),
            Contact(source="pbx", call=queue, queue=queue, offered_at=NINE - 50 * S, agent=agent_name,
                    answered_at=NINE - 40 * S, ended_at=NINE, wait_s=10, talk_s=40, outcome="answered",
                    version=3),
        ]
        if seat:
            records.append(AgentState(source="pbx", agent=agent_name, at=NINE, state="wrap_up"))
    with store(tmp_path, records, sees=["wrap_up"]) as made:
        seen = snapshot(made.reader(), NINE + after_s * S, config, UTC)
    assert {agent(seen, who).state for who in ("Ann", "Bob")} == {"wrap_up"}
    assert (agent(seen, "Ann").level, agent(seen, "Bob").level) == levels
