"""Random floors: snapshots equal those of a plain evaluator that shares nothing with the product.

One reader looks again and again, forwards and backwards, while batches arrive in any order: what it
keeps of the past must never show.
"""

import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from stores import UTC, S

from ccboard.config import Config
from ccboard.metrics.floor import snapshot
from ccboard.records import AgentState, Batch, Contact, Offer, Record
from ccboard.snapshot import STATES, Snapshot
from ccboard.store.store import Store

DAY = 1_795_219_200 * S  # 2026-11-21 00:00 UTC
QUEUES = ("a", "b", "c")
T = {"a": 20.0, "b": 20.0, "c": 40.0}
WRAP = {"a": 0, "b": 15, "c": 0}
CONFIG = Config.model_validate({
    "queues": {"b": {"wrap_up_s": 15}, "c": {"threshold_s": 40}}, "agents": {"Zoe": {"interface": "P/3"}},
})
AGENTS = ("P/1", "P/2", "P/3", "Ann", "Bob")
ENDS = ("abandoned", "timed_out", "left_by_key", "left_empty", "withdrawn", "lost")


def make(seed: int) -> list[list[Record]]:
    """Two days of a small floor as a source would tell it, cut into batches and shuffled a little."""
    say = random.Random(seed)
    records: list[Record] = []
    free = dict.fromkeys(AGENTS, 0)
    start = DAY - 3 * 3600 * S
    for n in range(say.randint(20, 120)):
        offered = start + say.randint(0, 7 * 3600) * S + say.choice([0, 0, 300_000])
        call, queue = f"c{n % 90}", say.choice(QUEUES)
        wait = say.randint(0, 60)
        base = {"source": "pbx", "call": call, "queue": queue, "nth": n // 90 + 1, "offered_at": offered,
                "caller": "***", "caller_key": say.choice(["k1", "k2", "k3", None])}
        records.append(Contact(**base, version=1))  # type: ignore[arg-type]
        agent = say.choice(AGENTS)
        answer = offered + wait * S
        if say.random() < 0.7 and free[agent] < answer:
            talk = say.choice([say.randint(1, 900), None])
            end = answer + (talk or 77) * S if say.random() < 0.9 else None
            free[agent] = end or 2**62
            ring = say.randint(1, 9)
            records.append(Offer(source="pbx", call=call, queue=queue, agent=agent, nth=n, result="answered",
                                 started_at=answer - min(ring, wait) * S, ended_at=answer, ring_s=ring))
            base |= {"answered_at": answer, "outcome": "answered", "agent": agent, "wait_s": wait}
            records.append(Contact(**base, version=2))  # type: ignore[arg-type]
            if end is not None:
                records.append(Contact(**base, version=3, ended_at=end, talk_s=talk,  # type: ignore[arg-type]
                                       hold_s=say.choice([None, 4]), wrap_s=say.choice([None, 3])))
        elif say.random() < 0.9:
            records.append(Contact(**base, version=2, outcome=say.choice(ENDS), wait_s=wait,  # type: ignore[arg-type]
                                   ended_at=answer))
            rang = offered + wait * S // 2
            records.append(Offer(source="pbx", call=call, queue=queue, agent=agent, nth=n, ring_s=2,
                                 result=say.choice(["no_answer", "busy", "cancelled"]),
                                 started_at=rang, ended_at=rang))
    for n in range(say.randint(0, 80)):
        who = say.choice(AGENTS)
        records.append(AgentState(
            source="pbx", agent=who if who[0] != "P" else "", interface=who if who[0] == "P" else None,
            at=start + say.randint(0, 7 * 3600) * S, seq=n, queue=say.choice(QUEUES),
            state=say.choice(["ready", "ready", "paused", "paused", "offline"]),
            reason=say.choice(["lunch", "break"])))
    records.append(AgentState(source="pbx", agent="Max", interface="P/1", at=start - S, state="unknown"))
    records.sort(key=lambda r: (getattr(r, "ended_at", None) or getattr(r, "offered_at", 0)
                                or getattr(r, "at", 0)) + say.choice([0, 0, 0, 900 * S, 7200 * S]))
    size = say.randint(15, 90)
    return [records[at : at + size] for at in range(0, len(records), size)]


def newest(records: list[Record]) -> list[Contact]:
    found: dict[Any, Contact] = {}
    for one in records:
        if isinstance(one, Contact):
            key = (one.call, one.queue, one.nth)
            if key not in found or one.version >= found[key].version:
                found[key] = one
    return list(found.values())


def by(moment: int | None, at: int) -> bool:
    return moment is not None and moment <= at


def check_queues(visits: list[Contact], at: int, seen: Snapshot) -> None:
    day = DAY if at >= DAY else DAY - 86400 * S
    ever = [v for v in visits if v.offered_at <= at]
    now = [v for v in ever if not by(v.answered_at, at) and not by(v.ended_at, at)]
    groups = {**{name: [name] for name in QUEUES}, None: list(QUEUES)}
    rows = {row.queue: row for row in (*seen.queues, seen.totals)}
    for name, names in groups.items():
        mine = [v for v in ever if v.queue in names and v.offered_at >= day]
        waits = [v for v in now if v.queue in names]
        if name not in rows:
            assert not mine
            assert not waits
            continue
        row = rows[name]
        answered = [v for v in mine if by(v.answered_at, at)]
        ended = [v for v in mine if by(v.ended_at, at)]
        outcome = Counter(v.outcome for v in ended if v.outcome != "answered")
        assert (row.offered, row.answered, row.calls) == (
            len(mine), len(answered), len({v.call for v in mine})), name
        for what in ENDS:
            assert getattr(row, what) == outcome[what], (name, what)  # type: ignore[index]
        assert row.short_abandoned == sum(v.outcome == "abandoned" and (v.wait_s or 0) < 5 for v in ended)
        in_time = sum((v.wait_s or 0) <= T[v.queue] for v in answered)
        yet = sum((at - v.offered_at) // S <= T[v.queue] for v in waits if v.offered_at >= day)
        assert row.answered_in_time == in_time
        whole = len(mine) - yet
        assert row.service_level == (in_time / whole if whole else None)
        assert row.abandon_rate == (outcome["abandoned"] / len(mine) if mine else None)
        assert row.waiting == len(waits)
        assert row.longest_wait_s == (max((at - v.offered_at) // S for v in waits) if waits else None)
        assert row.asa_s == mean([v.wait_s for v in answered])
        assert row.aht_s == mean([v.talk_s + (v.hold_s or 0) + wrapped(v, at) for v in ended
                                  if v.outcome == "answered" and v.talk_s is not None])
        stated = [v.wait_s for v in ended if v.wait_s is not None]
        assert row.longest_wait_today_s == max(stated, default=None)
        arrivals = Counter((v.offered_at - day) // (900 * S) for v in mine)
        drawn = {(i.start - day) // (900 * S): i.offered for i in seen.intervals if i.queue == name}
        assert drawn == arrivals
    assert [w.since for w in seen.waiting] == sorted(v.offered_at for v in now)
    for one in seen.waiting:
        key = next(v.caller_key for v in now
                   if (v.call, v.queue, v.offered_at) == (one.call, one.queue, one.since))
        first: dict[str, int] = {}
        for v in ever:
            if v.offered_at >= day and key is not None and v.caller_key == key:
                first[v.call] = min(first.get(v.call, v.offered_at), v.offered_at)
        assert one.nth_today == max(1, sum(f <= one.since for f in first.values()))


def wrapped(visit: Contact, at: int) -> float:
    """Return the wrap-up of a visit that has ended, once it is over: before that nobody could know it."""
    assert visit.ended_at is not None
    return visit.wrap_s if visit.wrap_s and visit.ended_at + visit.wrap_s * S <= at else 0


def mean(values: list[Any]) -> Any:
    return pytest.approx(sum(values) / len(values)) if values else None


def check_agents(records: list[Record], visits: list[Contact], at: int, seen: Snapshot) -> None:
    day = DAY if at >= DAY else DAY - 86400 * S
    states = sorted((r for r in records if isinstance(r, AgentState) and r.at <= at),
                    key=lambda r: (r.at, r.seq))
    rows = {row.agent: row for row in seen.agents}
    # P/3 is Zoe by configuration, P/1 is Max as soon as any record has told so, for good
    told_max = any(isinstance(r, AgentState) and r.agent == "Max" for r in records)
    names = {"P/3": "Zoe", **({"P/1": "Max"} if told_max else {})}
    answered: Counter[str] = Counter()
    talk: Counter[str] = Counter()
    talking: dict[str, Contact] = {}
    last_end: dict[str, tuple[int, str]] = {}
    touched: dict[tuple[str, str], int] = {}
    missed: Counter[str] = Counter()
    cancelled: Counter[str] = Counter()
    ringing: set[str] = set()
    for v in visits:
        if not by(v.answered_at, at):
            continue
        who = names.get(v.agent or "", v.agent or "")
        assert v.answered_at is not None
        if v.offered_at >= day:
            answered[who] += 1
            talk[who] += int(v.talk_s or 0) if by(v.ended_at, at) else 0
        if v.answered_at >= day:
            touched[who, v.queue] = max(v.answered_at, touched.get((who, v.queue), 0))
        if by(v.ended_at, at):
            last_end[who] = max(last_end.get(who, (0, "")), (v.ended_at or 0, v.queue))
        elif who not in talking or (talking[who].answered_at or 0) < v.answered_at:
            talking[who] = v
    offers = {(r.call, r.queue, r.agent, r.result, r.nth): r for r in records if isinstance(r, Offer)}
    for o in offers.values():
        who = names.get(o.agent, o.agent)
        if o.started_at <= at and (o.ended_at or 0) >= day:
            if o.started_at >= day:
                touched[who, o.queue] = max(o.started_at, touched.get((who, o.queue), 0))
            if (o.ended_at or 0) > at:
                ringing.add(who)
            missed[who] += by(o.ended_at, at) and o.result in ("no_answer", "busy")
            cancelled[who] += by(o.ended_at, at) and o.result == "cancelled"
    queue_states: dict[str, dict[str, AgentState]] = defaultdict(dict)
    pauses: dict[str, list[tuple[int, str, bool]]] = defaultdict(list)
    for r in states:
        if r.queue is None:
            continue
        raw = r.agent or r.interface or ""
        who = names.get(raw, raw)
        queue_states[who][r.queue] = r
        pauses[who].append((r.at, r.queue, r.state == "paused"))
    assert {who for who in (*answered, *missed) if answered[who] or missed[who]} <= rows.keys()
    for who, row in rows.items():
        assert (row.answered, row.talk_s, row.ring_no_answer, row.ring_cancelled) == (
            answered[who], talk[who], missed[who], cancelled[who]), who
        # paused: second by second is the plainest union, but slow; so by the moments between changes
        total, paused_in, before = 0, set(), day
        for moment, queue, is_paused in [*pauses[who], (at, "", False)]:
            total += max(0, moment - max(before, day)) if paused_in else 0
            before = max(before, moment)
            paused_in = paused_in | {queue} if is_paused else paused_in - {queue}
        assert row.paused_s == total // S, who
        members = {}
        for queue in QUEUES:
            told, touch = queue_states[who].get(queue), touched.get((who, queue))
            if told is not None and told.state != "offline":
                members[queue] = told.state
            elif touch is not None and (told is None or touch > told.at):
                members[queue] = "ready"
        assert set(row.queues) == set(members), who
        if who in talking:
            want = "talking"
        elif who in ringing:
            want = "ringing"
        elif who in last_end and last_end[who][0] + WRAP[last_end[who][1]] * S > at:
            want = "wrap_up"
        elif members and set(members.values()) == {"paused"}:
            want = "paused"
        elif members:
            want = "ready"
        elif queue_states[who]:
            want = "offline"
        else:
            want = "unknown"
        assert row.state == want, who
    for row in seen.queues:
        here = Counter(one.state if one.state in ("talking", "ringing", "wrap_up") else
                       ("paused" if _is_paused(queue_states[one.agent].get(row.queue or "")) else one.state)
                       for one in seen.agents if row.queue in one.queues)
        assert row.agents is not None
        assert {s: n for s, n in zip(STATES, row.agents, strict=True) if n} == dict(here)


def _is_paused(told: AgentState | None) -> bool:
    return told is not None and told.state == "paused"


@pytest.mark.parametrize("seed", range(5))
def test_random_floors(tmp_path: Path, seed: int) -> None:
    say = random.Random(seed)
    with Store.open(tmp_path / "x.duckdb") as made:
        reader = made.reader()
        known: list[Record] = []
        for batch in make(seed):
            made.apply(Batch("pbx", tuple(batch)))
            if say.random() < 0.2:
                made.apply(Batch("pbx", tuple(batch)))
            known += batch
            visits = newest(known)
            for _look in range(2):
                at = DAY + say.randint(-2 * 3600, 5 * 3600) * S + say.choice([0, 500_000])
                seen = snapshot(reader, at, CONFIG, UTC)
                check_queues(visits, at, seen)
                check_agents(known, visits, at, seen)
                if say.random() < 0.1:
                    fresh = made.reader()
                    assert snapshot(fresh, at, CONFIG, UTC) == seen
                    fresh.close()
        reader.close()
