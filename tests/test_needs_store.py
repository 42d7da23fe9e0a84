"""From the store to the tail's sums: against sums worked out in plain Python, and by hand."""

import math
import random
from collections import defaultdict
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from stores import S, store

from ccboard.config import Agent, Config, Queue
from ccboard.moments import parse_as_of
from ccboard.needs.figures import Work, coding, tables
from ccboard.needs.read import Books, Limits, Rows
from ccboard.needs.study import study
from ccboard.records import AgentState, Contact, Offer, Record, Score

BERLIN = ZoneInfo("Europe/Berlin")
DAY = 86_400 * S


def at(text: str) -> int:
    return parse_as_of(text, BERLIN, 0)


def call(n: int, when: str, agent: str | None = "Ann", **more: object) -> Contact:
    begin = at(when)
    told: dict[str, object] = {"queue": "q", "talk_s": 100.0, "hold_s": 0.0, "wrap_s": 20.0} | more
    long = float(str(told["talk_s"] or 0)) + float(str(told["hold_s"] or 0))
    return Contact(**{"source": "s", "call": f"c{n}", "offered_at": begin, "answered_at": begin + 5 * S,
                      "ended_at": begin + int((5 + long) * S), "outcome": "answered", "wait_s": 5.0,
                      "agent": agent} | told)  # type: ignore[arg-type]


def books(folder: Path, records: list[Record], as_of: str, config: Config | None = None) -> Books:
    made = store(folder, records)
    return Books(made.reader(), config or Config(), BERLIN, at(as_of))


def as_dict(rows: Rows, found: Books, name: str) -> dict[tuple[str, str, str], float]:
    """A sum by (agent, day, mix)."""
    return {(found.agents.names[a], date.fromordinal(int(d)).isoformat(), found.mixes.names[m]): float(x)
            for a, d, m, x in zip(rows.agent, rows.day, rows.mix, rows.sums[name], strict=True) if x}


def test_sums_are_those_of_plain_python(tmp_path: Path) -> None:
    rng = random.Random(4)
    records: list[Record] = []
    sums = [defaultdict[tuple[str, str, str], float](float) for _ in range(4)]
    count, handle, hold2, moved = sums
    for n in range(400):
        day = rng.choice(("2026-10-23", "2026-10-26"))
        agent, queue = rng.choice(("Ann", "Bob")), rng.choice("qr")
        kind, talk = rng.choice(("", "sale")), rng.uniform(5, 500)
        held, wrap = rng.choice((0.0, 30.0, None)), rng.choice((None, 0.0, 25.0))
        transfer = rng.choice((None, None, "blind"))
        when = f"{day}T{rng.randrange(8, 20):02d}:{n % 60:02d}:{n % 59:02d}"
        records.append(call(n, when, agent, queue=queue, talk_s=talk, hold_s=held, wrap_s=wrap,
                            business_type=kind or None, transfer=transfer))
        key = (agent, day, f"{queue}\x1f{kind}" if kind else queue)
        count[key] += 1
        handle[key] += math.log(max(1.0, talk + (held or 0) + (wrap or 0)))
        hold2[key] += (held or 0) ** 2
        moved[key] += transfer is not None
    found = books(tmp_path, records, "2026-10-27T12:00")
    rows = found.visits((date(2026, 10, 23), date(2026, 10, 26)), Limits())
    assert as_dict(rows, found, "answered") == count == as_dict(rows, found, "served")
    assert as_dict(rows, found, "handle") == pytest.approx(handle)
    assert as_dict(rows, found, "hold2") == pytest.approx({k: x for k, x in hold2.items() if x})
    assert as_dict(rows, found, "moved") == {k: x for k, x in moved.items() if x}
    assert found.working_days(9) == [date(2026, 10, 26), date(2026, 10, 23)]


def test_a_day_is_a_business_day_also_when_the_clocks_change(tmp_path: Path) -> None:
    """Clocks went back on Sunday 25 October: the business day from 06:00 has 25 hours."""
    config = Config(business_day_start="06:00")
    records: list[Record] = [call(n, when) for n, when in enumerate(
        ("2026-10-25T05:59", "2026-10-25T06:00", "2026-10-26T05:59"))]
    found = books(tmp_path, records, "2026-10-27T12:00", config)
    rows = found.visits((date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26)), Limits())
    assert as_dict(rows, found, "answered") == {("Ann", "2026-10-24", "q"): 1, ("Ann", "2026-10-25", "q"): 2}


def test_what_lies_after_as_of_is_hidden(tmp_path: Path) -> None:
    records: list[Record] = [
        call(1, "2026-10-26T10:00"), call(2, "2026-10-26T11:58", talk_s=300.0), call(3, "2026-10-26T12:01"),
        call(4, "2026-10-26T11:59:58")]
    found = books(tmp_path, records, "2026-10-26T12:00")
    rows = found.visits((date(2026, 10, 26),), Limits())
    assert as_dict(rows, found, "answered") == {("Ann", "2026-10-26", "q"): 2}  # 4 is answered at 12:00:03
    assert as_dict(rows, found, "served") == {("Ann", "2026-10-26", "q"): 1}  # 2 talks until 12:03


def test_seconds_count_up_to_their_limits(tmp_path: Path) -> None:
    limits = Limits(("q",), ((math.log(50), math.log(200), 0.0, 9.0, 15.0, 120.0, 30.0),))
    records: list[Record] = [call(1, "2026-10-26T10:00", talk_s=4000.0, hold_s=60.0, wrap_s=None),
                             call(2, "2026-10-26T12:00", talk_s=5.0, hold_s=None, wrap_s=None)]
    found = books(tmp_path, records, "2026-10-27T12:00")
    rows = found.visits((date(2026, 10, 26),), limits)
    key = ("Ann", "2026-10-26", "q")
    assert as_dict(rows, found, "handle")[key] == pytest.approx(math.log(200) + math.log(50))
    assert as_dict(rows, found, "hold")[key] == 15.0
    assert as_dict(rows, found, "talk")[key] == 125.0
    assert as_dict(rows, found, "shorts")[key] == 1  # the call itself is as short as it was
    assert not rows.sums["wraps"].any()


def test_offers_that_rang_out_stand_beside_the_answered(tmp_path: Path) -> None:
    def missed(n: int, agent: str, result: str = "no_answer", nth: int = 1) -> Offer:
        begin = at("2026-10-26T10:00")
        return Offer(source="s", call=f"c{n}", queue="q", agent=agent, nth=nth, started_at=begin,
                     ended_at=begin + 15 * S, result=result, ring_s=15.0)  # type: ignore[arg-type]

    records: list[Record] = [call(1, "2026-10-26T10:00", business_type="sale"), call(2, "2026-10-26T10:05"),
                             missed(1, "Bob"), missed(1, "Bob", nth=2), missed(2, "Bob", "busy"),
                             missed(2, "Bob", "cancelled")]
    found = books(tmp_path, records, "2026-10-26T12:00")
    assert as_dict(found.missed((date(2026, 10, 26),)), found, "missed") == {
        ("Bob", "2026-10-26", "q\x1fsale"): 2, ("Bob", "2026-10-26", "q"): 1}
    work = Work.of(found, (date(2026, 10, 26),), Limits())
    rna = tables(work, {}, coding(found, "agent"))["rna"]
    told = {(rna.units[u], rna.mixes[m]): (n, t) for u, m, n, t in
            zip(rna.unit, rna.mix, rna.count, rna.total, strict=True)}
    assert told == {("Ann", "sale"): (1, 0), ("Ann", "q"): (1, 0), ("Bob", "sale"): (2, 2),
                    ("Bob", "q"): (1, 1)}


def test_dials_an_hour_leave_breaks_out(tmp_path: Path) -> None:
    times = ("10:00:00", "10:02:00", "10:04:00", "11:00:00", "11:01:00")
    records: list[Record] = [
        call(n, f"2026-10-26T{time}", direction="out", queue="list", outcome="abandoned", answered_at=None,
             talk_s=None, hold_s=None, wrap_s=None) for n, time in enumerate(times)]
    found = books(tmp_path, records, "2026-10-27T12:00")
    rows = found.dials((date(2026, 10, 26),))
    key = ("Ann", "2026-10-26", "list")
    assert as_dict(rows, found, "dials") == {key: 3}
    assert as_dict(rows, found, "dial")[key] == pytest.approx(2 * math.log(30) + math.log(60))
    assert not len(found.visits((date(2026, 10, 26),), Limits()))


def test_judgements_count_on_the_day_of_their_call_once_the_day_is_over(tmp_path: Path) -> None:
    def score(key: str, when: str, value: float, **more: object) -> Score:
        return Score(**{"source": "survey", "key": key, "at": at(when), "kind": "csat",
                        "value": value} | more)  # type: ignore[arg-type]

    records: list[Record] = [
        call(1, "2026-10-23T10:00", business_type="sale"), call(2, "2026-10-23T11:00", "Bob"),
        score("a", "2026-10-26T09:00", 4, call="c1"), score("b", "2026-10-26T09:00", 2, call="c2"),
        score("c", "2026-10-26T10:00", 5, agent="Cid"), score("d", "2026-10-26T10:00", 1, call="unknown"),
        score("e", "2026-10-27T08:00", 3, call="c1")]  # given today
    found = books(tmp_path, records, "2026-10-27T12:00")
    told = found.scores(date(2026, 10, 20), date(2026, 10, 27))["csat"]
    rows = {(found.agents.names[a], date.fromordinal(int(d)).isoformat(), found.mixes.names[m], v)
            for a, d, m, v in zip(told.agent, told.day, told.mix, told.value, strict=True)}
    assert rows == {("Ann", "2026-10-23", "q\x1fsale", 4.0), ("Bob", "2026-10-23", "q", 2.0),
                    ("Cid", "2026-10-26", "", 5.0)}


def test_who_is_behind_a_phone_who_is_hidden_and_which_queues_are_shown(tmp_path: Path) -> None:
    config = Config(agents={"Bob": Agent(hide=True)}, queues={"quiet": Queue(hide=True)})
    records: list[Record] = [
        AgentState(source="s", agent="Ann", at=at("2026-10-26T07:00"), state="ready", interface="SIP/1",
                   team="N"),
        call(1, "2026-10-26T10:00", "SIP/1"), call(2, "2026-10-26T10:00", "Bob"),
        call(3, "2026-10-26T10:00", queue="quiet")]
    found = books(tmp_path, records, "2026-10-27T12:00", config)
    rows = found.visits((date(2026, 10, 26),), Limits())
    assert as_dict(rows, found, "answered") == {("Ann", "2026-10-26", "q"): 1}
    teams = coding(found, "team")
    assert (teams.units, [int(x) for x in teams.unit]) == (("N",), [0])


def test_nothing_that_comes_later_changes_a_past_answer(tmp_path: Path) -> None:
    rng = random.Random(3)

    def calls(days: range) -> list[Record]:
        return [call(1000 * day + n, f"2026-10-{day:02d}T{8 + n // 6:02d}:{n % 6 * 9:02d}", f"agent {n % 8}",
                     talk_s=rng.lognormvariate(4.6, 0.6) * (1.6 if n % 8 == 2 else 1.0))
                for day in days for n in range(64)]

    before = calls(range(1, 13))
    made = store(tmp_path, before)
    as_of = at("2026-10-12T13:00")

    def told() -> tuple[object, ...]:
        report = study(made.reader(), Config(), BERLIN, as_of, period=8).groups["agent"].report
        j = report.figures["aht"]
        return report.units, np.round(j.p, 12).tolist(), j.named.tolist(), j.table.counts.tolist()

    first = told()
    p = dict(zip(first[0], first[1], strict=True))  # type: ignore[call-overload]
    assert max(p, key=lambda name: p[name]) == "agent 2"
    made.close()
    (tmp_path / "ccboard.duckdb").unlink()
    made = store(tmp_path, [*before, *calls(range(13, 16))])
    assert told() == first
