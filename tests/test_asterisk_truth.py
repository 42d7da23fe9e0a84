"""At 200 moments inside each recording, what is known by then equals what really happened.

The truth is the traffic driver's own journal (it made the calls and pauses), and for phones that ring
the AgentCalled spans. "Equals": at some instant within one second of the moment.
"""

import bisect
import random
from collections.abc import Callable
from typing import Any

import pytest
from recordings import (
    NAMES,
    PARTS,
    QUIRKS,
    STATIC,
    WHOLE,
    Piece,
    Run,
    S,
    driver,
    give,
    messages,
    pieces,
    seats_at,
)

Instant = tuple[int, dict[str, Any]]

MOMENTS = 200


def history(journal: list[dict[str, Any]], members: dict[str, set[int]], pbx_ends: int) -> list[Instant]:
    """Return what was true after each thing that the driver did or saw."""
    waiting: dict[str, tuple[str, int]] = {}
    talking: dict[str, tuple[str, str]] = {}
    paused: set[tuple[int, str]] = set()
    members = {queue: set(numbers) for queue, numbers in members.items()}
    steps: list[tuple[int, int, dict[str, Any]]] = []
    for count, entry in enumerate(journal):
        at = round(entry["t"] * S)
        # In an attended transfer the agent asks the third party for 3 s; then he hangs up.
        if entry["what"] == "transfer" and entry["kind"] == "attended":
            at += 3 * S
        steps.append((at, count, entry))
    instants: list[Instant] = []
    for at, _, entry in sorted(steps, key=lambda step: step[:2]):
        what, uid = entry["what"], entry.get("uid", "")
        if at > pbx_ends:
            break
        if what == "joined":
            waiting[uid] = (entry["queue"], at)
        elif what == "connected":
            waiting.pop(uid, None)
            talking[uid] = (entry["member"], entry["queue"])
        elif what in ("abandon", "key", "withdraw", "ended", "hangup", "transfer", "cut"):
            waiting.pop(uid, None)
            talking.pop(uid, None)
        elif what in ("pause", "unpause"):
            for queue in (
                [entry["queue"]] if entry["queue"] else [q for q in members if entry["member"] in members[q]]
            ):
                (paused.add if what == "pause" else paused.discard)((entry["member"], queue))
        elif what in ("add", "remove"):
            (members[entry["queue"]].add if what == "add" else members[entry["queue"]].discard)(
                entry["member"]
            )
        else:
            continue
        instants.append(
            (
                at,
                {
                    "waiting": frozenset((uid, queue) for uid, (queue, _) in waiting.items()),
                    "since": dict(waiting),
                    "talking": frozenset((uid, *pair) for uid, pair in talking.items()),
                    "paused": frozenset((NAMES[n], q) for n, q in paused if n in members[q]),
                    "members": frozenset((NAMES[n], q) for q, numbers in members.items() for n in numbers),
                },
            )
        )
    return instants


def near(instants: list[Instant], at: int) -> list[Instant]:
    """Return what was true at the instants within a second of `at`."""
    first = max(bisect.bisect_right(instants, at - S, key=lambda instant: instant[0]) - 1, 0)
    return instants[first : bisect.bisect_right(instants, at + S, key=lambda instant: instant[0])]


def known(run: Run, at: int) -> dict[str, Any]:
    """Return what the records so far say of the moment `at`."""
    visits = [c for c in run.contacts.values() if c.offered_at <= at]
    waiting = [c for c in visits if (c.answered_at or c.ended_at or at + 1) > at]
    talking = [
        c for c in visits if c.answered_at is not None and c.answered_at <= at and (c.ended_at or at + 1) > at
    ]
    seats = seats_at(run, at)
    return {
        "waiting": frozenset((c.call, c.queue) for c in waiting),
        "since": {c.call: (c.queue, c.offered_at) for c in waiting},
        "talking": frozenset((c.call, c.agent, c.queue) for c in talking),
        "paused": frozenset(key for key, state in seats.items() if state.state == "paused"),
        "members": frozenset(key for key, state in seats.items() if state.state in ("ready", "paused")),
        "ringing": frozenset((c, q, a) for (c, q, a), offer in run.ringing.items() if offer.started_at <= at),
    }


def watch(found: list[Piece], *, log: bool, moments: list[int], look: Callable[[Run, int], None]) -> None:
    """Play, stop at each moment, and look."""
    run = Run(log=log)
    left = sorted(moments, reverse=True)
    for at, what, thing in found:
        while left and left[-1] <= at:
            moment = left.pop()
            run.reducer.tick(moment)
            run.take()
            look(run, moment)
        give(run, what, thing)
    assert not left


def parts(name: str) -> list[tuple[str, str, dict[str, set[int]]]]:
    """Return folder of the bytes, the driver's journal, and who is a member to begin with."""
    if name != QUIRKS:
        return [(name, f"{name}/driver.jsonl.gz", STATIC)]
    # Sam Ortiz was a member of both when the crash came; Asterisk kept him in its own database.
    with_sam = {**STATIC, "support": STATIC["support"] | {9}, "sales": STATIC["sales"] | {9}}
    found = [(f"{name}/{part}", f"{name}/{part[0]}-driver.jsonl.gz", STATIC) for part in PARTS]
    found[2:] = [(*part[:2], with_sam) for part in found[2:]]
    return found


def choose(folder: str, journal: list[dict[str, Any]], stem: str) -> tuple[list[int], int]:
    """Return the moments to look at, and when the recording ends."""
    heard = [at for at, _ in messages(folder, stem)]
    begin, end = round(journal[0]["t"] * S) + 2 * S, min(heard[-1], round(journal[-1]["t"] * S)) - S
    return [random.Random(7).randint(begin, end) for _ in range(MOMENTS)], heard[-1]


@pytest.mark.parametrize("name", [*WHOLE, QUIRKS])
@pytest.mark.parametrize(
    ("stem", "log"),
    [(None, True), ("ami", False), ("ami-agent", False), ("ami", True), ("ami-agent", True)],
    ids=["log", "ami", "agent only", "both", "log and agent only"],
)
def test_moments(name: str, stem: str | None, log: bool) -> None:
    found = pieces(name, stem, log=log, delay=0.25)
    truths: list[Instant] = []
    moments: list[int] = []
    for folder, journal_name, members in parts(name):
        journal = driver(journal_name)
        chosen, ends = choose(folder, journal, stem or "ami")
        truths += history(journal, members, ends)
        moments += chosen[: MOMENTS if name != QUIRKS else MOMENTS // 4]
    looked = []

    def look(run: Run, at: int) -> None:
        ours, candidates = known(run, at), near(truths, at)
        asked = {"waiting", "talking", "paused"}
        if stem == "ami":  # only a list says who has been a member all along
            asked.add("members")
        for aspect in asked:
            assert ours[aspect] in [truth[aspect] for _, truth in candidates], (aspect, at, ours[aspect])
        truth = next(t for _, t in candidates if t["waiting"] == ours["waiting"])
        for call, (queue, since) in ours["since"].items():
            assert truth["since"][call][0] == queue
            assert abs(truth["since"][call][1] - since) <= 1.05 * S  # so the longest wait, of each queue
        looked.append(at)

    watch(found, log=log, moments=moments, look=look)
    assert len(looked) == MOMENTS


def called_spans(folder: str, stem: str) -> list[Instant]:
    """Return which phones rang after each event, by the events themselves."""
    ringing: set[tuple[str, str, str]] = set()
    instants: list[Instant] = []
    for at, m in messages(folder, stem):
        event, call, queue, agent = (m.get(k, "") for k in ("Event", "Uniqueid", "Queue", "MemberName"))
        if event == "AgentCalled":
            ringing.add((call, queue, agent))
        elif event == "AgentRingNoAnswer":
            ringing.discard((call, queue, agent))
        elif event == "QueueCallerLeave":  # answered, gone or on his way: no phone rings for him any more
            ringing -= {key for key in ringing if key[:2] == (call, queue)}
        else:
            continue
        instants.append((at, {"ringing": frozenset(ringing)}))
    return instants


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("stem", ["ami", "ami-agent"])
def test_ringing_is_what_agent_called_says(name: str, stem: str, log: bool) -> None:
    found = pieces(name, stem, log=log, delay=0.25)
    spans = called_spans(name, stem)
    moments, _ = choose(name, driver(f"{name}/driver.jsonl.gz"), stem)
    seen = []

    def look(run: Run, at: int) -> None:
        ours = known(run, at)["ringing"]
        assert ours in [truth["ringing"] for _, truth in near(spans, at)], at
        seen.append(bool(ours))

    watch(found, log=log, moments=moments, look=look)
    assert len(seen) == MOMENTS
    assert sum(seen) > 50
