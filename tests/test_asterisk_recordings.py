"""What real Asterisks said, reduced: every figure of expected.json, from log, AMI, and both together."""

import random
from typing import Any

import pytest
from recordings import (
    QUIRKS,
    WHOLE,
    Run,
    S,
    agent_figures,
    all_messages,
    expected,
    from_log,
    messages,
    pieces,
    play,
    queue_figures,
    within_own,
)

NAMES = (*WHOLE, QUIRKS)
COUNTED = ("no_answer", "cancelled", "answered")


@pytest.fixture(scope="module")
def by_log() -> dict[str, Run]:
    return {name: from_log(name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_every_queue_figure_from_the_log(by_log: dict[str, Run], name: str) -> None:
    ours = queue_figures(by_log[name].contacts.values())
    theirs = expected(name)["queues"]
    assert set(ours) == set(theirs)
    for queue, figures in theirs.items():
        compared = {key: value for key, value in ours[queue].items() if key in figures}
        assert len(compared) >= 17
        assert compared == {key: figures[key] for key in compared}, queue
        if queue != "*":
            share = within_own(by_log[name].contacts.values(), queue, figures["own_threshold_s"])
            assert share == figures["sl_own_threshold_of_offered_pct"]
    assert not by_log[name].rejects


@pytest.mark.parametrize("name", NAMES)
def test_every_agent_figure_from_the_log(by_log: dict[str, Run], name: str) -> None:
    wanted = expected(name)
    assert agent_figures(by_log[name], wanted["to_epoch"] * S) == wanted["agents"]


def final(run: Run) -> dict[Any, tuple[Any, ...]]:
    """All that a figure can be made of, moments included."""
    return {
        key: (
            c.outcome, c.agent, c.offered_at, c.answered_at, c.ended_at, c.wait_s, c.ring_s, c.talk_s,
            c.transfer, c.ended_by, c.position, c.caller,
        )
        for key, c in run.contacts.items()
    }  # fmt: skip


def counted(run: Run) -> dict[Any, float | None]:
    return {key: offer.ring_s for key, offer in run.offers.items() if key[3] in COUNTED}


@pytest.mark.parametrize("stem", ["ami", "ami-agent"])
@pytest.mark.parametrize("delay", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("name", NAMES)
def test_log_and_ami_together_are_the_log(by_log: dict[str, Run], name: str, stem: str, delay: float) -> None:
    run = play(pieces(name, stem, log=True, delay=delay), log=True)
    assert final(run) == final(by_log[name])
    assert counted(run) == counted(by_log[name])
    assert not run.ringing
    assert not run.rejects
    until = expected(name)["to_epoch"] * S
    ours = agent_figures(run, until)
    for agent, figures in expected(name)["agents"].items():
        pause = figures.pop("paused_s_any_queue")
        assert figures == {key: ours[agent][key] for key in figures}
        # Delayed lines of 3 s or more would let AMI speak of pauses; up to there the log does alone.
        assert ours[agent]["paused_s_any_queue"] == pause, agent


@pytest.mark.parametrize("name", NAMES)
def test_a_log_that_is_faster_than_ami_changes_nothing(by_log: dict[str, Run], name: str) -> None:
    """As with the manager interface over HTTP, whose events come with the next poll."""
    run = play(pieces(name, "ami", log=True, ami_delay=2.2), log=True)
    assert final(run) == final(by_log[name])
    assert counted(run) == counted(by_log[name])
    assert not run.ringing


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", NAMES)
def test_restarts_of_ours_change_nothing(by_log: dict[str, Run], name: str, seed: int) -> None:
    found = pieces(name, "ami", log=True, delay=0.25)
    moments = frozenset(random.Random(seed).sample(range(len(found)), 60))
    run = play(found, log=True, restart_at=moments)
    assert final(run) == final(by_log[name])
    assert counted(run) == counted(by_log[name])
    assert not run.ringing
    assert not run.rejects
    alone = [piece for piece in found if piece[1] == "line"]
    run = play(alone, log=True, restart_at=frozenset(random.Random(seed).sample(range(len(alone)), 60)))
    assert final(run) == final(by_log[name])
    assert run.states == by_log[name].states


@pytest.mark.parametrize("stem", ["ami", "ami-agent"])
@pytest.mark.parametrize("name", NAMES)
def test_ami_alone_has_the_same_visits_answers_and_calls(
    by_log: dict[str, Run], name: str, stem: str
) -> None:
    run = play(pieces(name, stem, log=False), log=False)
    log = by_log[name]
    assert set(run.contacts) == set(log.contacts)
    assert not run.rejects
    # The quirks' last recording ends before its last talks do.
    cut = {k for k, c in log.contacts.items() if name == QUIRKS and (c.ended_at or 0) >= 1_795_282_623 * S}
    assert len(cut) <= 4
    for key, ours in run.contacts.items():
        theirs = log.contacts[key]
        if theirs.outcome in ("timed_out", "withdrawn", "left_empty"):
            assert ours.outcome == "abandoned"  # AMI has one event for all of them
        elif key not in cut:
            assert ours.outcome == theirs.outcome, key
            assert ours.talk_s == theirs.talk_s, key
            assert ours.ended_by == theirs.ended_by, key
        assert ours.agent == theirs.agent
        assert ours.answered_at is None or abs(ours.answered_at - (theirs.answered_at or 0)) <= 1.1 * S
        assert abs(ours.offered_at - theirs.offered_at) <= 1.1 * S
        if ours.outcome in ("answered", "abandoned"):
            assert ours.wait_s == theirs.wait_s
        if stem == "ami":
            assert ours.transfer == theirs.transfer
    assert set(counted(run)) == set(counted(log))
    assert {k: v for k, v in counted(run).items() if k[3] == "no_answer"} == {
        k: v for k, v in counted(log).items() if k[3] == "no_answer"
    }


@pytest.mark.parametrize("stem", ["ami", "ami-agent"])
@pytest.mark.parametrize("name", WHOLE)
def test_ami_alone_sees_the_same_pauses(by_log: dict[str, Run], name: str, stem: str) -> None:
    run = play(pieces(name, stem, log=False), log=False)
    until = expected(name)["to_epoch"] * S
    ours = agent_figures(run, until)
    for agent, figures in expected(name)["agents"].items():
        changes = sum(s.agent == agent and s.state == "paused" for s in run.states.values())
        assert abs(ours[agent]["paused_s_any_queue"] - figures["paused_s_any_queue"]) <= 1.0 * changes
    reasons = {s.reason for s in by_log[name].states.values() if s.state == "paused"}
    assert {s.reason for s in run.states.values() if s.state == "paused"} == reasons
    assert "培训" in reasons


def test_the_events_that_mean_nothing_to_queues_change_nothing() -> None:
    run, quiet = Run(log=False), Run(log=False)
    for at, message in all_messages(WHOLE[1]):
        run.reducer.feed_message(message, at)
    for at, message in messages(WHOLE[1]):
        quiet.reducer.feed_message(message, at)
    run.finish(at + 60 * S)
    quiet.finish(at + 60 * S)
    assert run.contacts == quiet.contacts
    assert run.offers == quiet.offers
    assert run.states == quiet.states
    assert len(list(all_messages(WHOLE[1]))) > 3 * len(messages(WHOLE[1]))


def test_a_log_read_again_makes_the_same_records(by_log: dict[str, Run]) -> None:
    for name in NAMES:
        again = from_log(name)
        assert again.contacts == by_log[name].contacts
        assert again.offers == by_log[name].offers
        assert again.states == by_log[name].states


def test_what_the_log_says_outweighs_what_ami_said_before() -> None:
    """A log that is imported later replaces what AMI alone had made of the same calls."""
    ami = play(pieces(WHOLE[1], "ami", log=False), log=False)
    log = from_log(WHOLE[1])
    for key, contact in log.contacts.items():
        assert contact.version > ami.contacts[key].version


@pytest.mark.parametrize("name", WHOLE)
def test_the_state_stays_small(name: str) -> None:
    run = play(pieces(name, "ami", log=True, delay=0.25), log=True)
    assert len(run.reducer.state()) < 60_000
