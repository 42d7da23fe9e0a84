"""Figures over any range and split: hand-worked days, a second method, days of 23 and 25 hours."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import plain_figures as plain
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stores import floor, store
from worked_example import START, visits

from ccboard.cli import main
from ccboard.config import Config, parse
from ccboard.errors import UsageError
from ccboard.figures.engine import figures
from ccboard.figures.request import DIMENSIONS, conditions, read
from ccboard.kpi import DEFINITIONS
from ccboard.kpis.terms import TERMS
from ccboard.records import AgentState, Batch, Contact, Offer, QueueKnown
from ccboard.store.store import Store

S = 1_000_000
UTC_ZONE = ZoneInfo("UTC")
BERLIN, NEPAL, CHICAGO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/Chicago")
OF_VISITS = [
    kpi.id
    for kpi in DEFINITIONS.values()
    if kpi.top
    and kpi.unit != "money"
    and all(TERMS[name].of in ("visits", "dials", "level") for _, name in (*kpi.top, *kpi.bottom))
]


def at(text: str, zone: ZoneInfo = UTC_ZONE, fold: int = 0) -> int:
    moment = datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)
    return int(moment.astimezone(UTC).timestamp()) * S


def ask(
    made: Store, config: Config | None = None, zone: ZoneInfo = UTC_ZONE, **words: str
) -> list[dict[str, Any]]:
    reader = made.reader()
    try:
        config = config or Config()
        named = {key.rstrip("_"): value for key, value in words.items()}
        request = read(named, zone, made.last_moment() or 0, time.fromisoformat(config.business_day_start))
        return figures(reader, request, config, zone).objects()
    finally:
        reader.close()


# ---------------------------------------------------------------- against the second method

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
        made.apply(Batch(source, tuple(r for r in records if r.source == source)))


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
        expected = {(): plain._figures([], {})}
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
    assert set(OF_VISITS) == set(plain._figures([], {}))


def test_a_day_is_the_board_s_day(tmp_path):
    """The figures of today so far are those of the snapshot."""
    with store(tmp_path, visits()) as made:
        for moment in (START + 24 * S, START + 500 * S, START + 2000 * S):
            seen = floor(made, moment).totals
            [row] = ask(
                made,
                as_of=datetime.fromtimestamp(moment / S, UTC).isoformat(),
                kpi="offered,calls,answered,"
                "abandoned,short_abandoned,answered_in_time,service_level,abandon_rate,asa_s,aht_s,waiting,"
                "longest_wait_s,longest_wait_today_s",
            )
            row["longest_wait_today_s"] = row.pop("longest_wait_ended_s")
            for name, value in row.items():
                assert value == getattr(seen, name), (name, moment)


def test_the_board_has_each_queue_s_own_threshold_and_target(tmp_path):
    config = parse({"queues": {"support": {"project": "acme"},
                               "own": {"service_level": {"preset": "90/15"}}},
                    "projects": {"acme": {"service_level": {"threshold_s": 3, "target": 0.5}}}}, "x")
    with store(tmp_path, visits()) as made:
        seen = {row.queue: row for row in floor(made, START + 5000 * S, config).queues}
        assert (seen["support"].threshold_s, seen["support"].target) == (3, 0.5)
        assert (seen["own"].threshold_s, seen["own"].target) == (15, 0.9)
        assert seen["support"].service_level == 0.6
        assert ask(made, config, kpi="service_level")[0]["service_level"] == 0.6


# ---------------------------------------------------------------- hand-worked


def call(moment: int, wait: int | None = 5, talk: int | None = 60, **more: Any) -> Contact:
    answered = moment + (wait or 0) * S
    return replace(
        Contact(
            source="pbx",
            call=f"c{moment}{more.get('queue')}",
            queue="q",
            offered_at=moment,
            answered_at=answered,
            ended_at=answered + (talk or 0) * S,
            outcome="answered",
            agent="Ann",
            wait_s=wait,
            talk_s=talk,
        ),
        **more,
    )


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)])
def test_days_of_23_and_25_hours(tmp_path, day, hours):
    begin = at(day, BERLIN)
    made_of = [call(begin + (hour * 3600 + minute) * S) for hour in range(-1, 26) for minute in (0, 3599)]
    with store(tmp_path, made_of) as made:
        every = ask(made, zone=BERLIN, by="day", kpi="offered", from_="2026-01-01", to="2027-01-01")
        assert {row["day"]: row["offered"] for row in every}[day] == 2 * hours
        [row] = ask(made, zone=BERLIN, kpi="offered", from_=day, to=every[-1]["day"])
        assert row["offered"] == 2 * hours
        by_hour = {
            row["hour"]: row["offered"]
            for row in ask(made, zone=BERLIN, by="hour", kpi="offered", from_=day, to=every[-1]["day"])
        }
        assert by_hour == {
            hour: 2 * {(23, 2): 0, (25, 2): 2}.get((hours, hour), 1)
            for hour in range(24)
            if (hours, hour) != (23, 2)
        }
        starts = [
            row["interval"]
            for row in ask(made, zone=BERLIN, by="interval", kpi="offered", from_=day, to=every[-1]["day"])
        ]
        assert len(starts) == len(set(starts)) == 2 * hours
        if hours == 25:
            assert {"2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"} <= set(starts)


def test_a_business_day_that_begins_at_four(tmp_path):
    night = [call(at(f"2026-11-17T{clock}:00", BERLIN)) for clock in ("03:59", "04:00", "23:00")]
    config = parse({"business_day_start": "04:00"}, "x")
    with store(tmp_path, night) as made:
        rows = ask(made, config, BERLIN, by="day", kpi="offered", from_="2026-11-01")
        assert [(row["day"], row["offered"]) for row in rows] == [("2026-11-16", 1), ("2026-11-17", 2)]
        [row] = ask(made, config, BERLIN, kpi="offered", from_="2026-11-17", to="2026-11-18")
        assert row["offered"] == 2


def test_a_person_a_call_and_a_caller_count_once(tmp_path):
    """Ann answers one call in two queues, known by her phone in one; Bob another of the same caller."""
    noon = at("2026-11-16T12:00:00")
    records = [
        AgentState(
            source="pbx", agent="Ann", at=noon - S, state="ready", queue="q", interface="SIP/1", team="A"
        ),
        call(noon, call="1", queue="q", caller_key="x"),
        call(noon + 60 * S, call="1", queue="r", agent="SIP/1", caller_key="x"),
        call(noon + 90 * S, call="2", queue="r", agent="Bob", caller_key="x"),
    ]
    with store(tmp_path, records) as made:
        [row] = ask(made, kpi="offered,calls,callers,agents_answering,repeat_rate_24h,repeat_rate_24h.back")
        assert (row["offered"], row["calls"], row["callers"], row["agents_answering"]) == (3, 2, 1, 2)
        assert row["repeat_rate_24h"] == pytest.approx(2 / 3)  # being passed on is not calling again
        assert row["repeat_rate_24h.back"] == pytest.approx(1 / 3)
        by_queue = ask(made, kpi="calls,agents_answering", by="queue")
        assert [(row["calls"], row["agents_answering"]) for row in by_queue] == [(1, 1), (2, 2)]
        assert [(row["agent"], row["offered"]) for row in ask(made, kpi="offered", by="agent")] == [
            ("Ann", 2),
            ("Bob", 1),
        ]
        assert [(row["team"], row["offered"]) for row in ask(made, kpi="offered", by="team")] == [
            ("A", 2),
            (None, 1),
        ]


def test_a_person_s_time_counts_once(tmp_path):
    """Ann is in two queues from 09:00 to 11:00, paused in both from 10:30, and talks 15 min from 09:50."""

    def state(clock: str, name: str, queue: str, what: str) -> AgentState:
        return AgentState(source="pbx", agent=name, at=at(f"2026-11-16T{clock}:00"), state=what, queue=queue)  # type: ignore[arg-type]

    records = [
        state("09:00", "Ann", "q", "ready"),
        state("09:30", "Ann", "r", "ready"),
        state("10:00", "Ann", "q", "paused"),
        state("10:30", "Ann", "r", "paused"),
        state("11:00", "Ann", "q", "offline"),
        state("11:00", "Ann", "r", "offline"),
        state("10:00", "Bob", "q", "ready"),
        state("10:30", "Bob", "q", "offline"),
        call(at("2026-11-16T09:49:55"), wait=5, talk=900),
        Offer(
            source="pbx",
            call="x",
            queue="q",
            agent="Ann",
            started_at=at("2026-11-16T09:10:00"),
            ended_at=at("2026-11-16T09:10:10"),
            ring_s=10,
            result="no_answer",
        ),
    ]
    config = parse({"hourly_cost": 20, "agents": {"Bob": {"hourly_cost": 30}}}, "x")
    kpis = ("staffed_h,paused_h,occupancy,utilisation,efficiency,staffed_agents,cost,cost_per_contact,"
            "ring_no_answer")
    with store(tmp_path, records) as made:
        [row] = ask(made, config, kpi=kpis)
        assert row["staffed_h"] == pytest.approx(2.5)
        assert row["paused_h"] == pytest.approx(0.5)
        assert row["occupancy"] == pytest.approx(0.25 / 2.0)
        assert row["utilisation"] == pytest.approx(2.0 / 2.5)
        assert row["efficiency"] == pytest.approx(0.25 / 2.5)
        assert (row["staffed_agents"], row["ring_no_answer"]) == (2, 1)
        assert row["cost"] == pytest.approx(2 * 20 + 0.5 * 30)
        assert row["cost_per_contact"] == pytest.approx(55)
        hours = {row["hour"]: row for row in ask(made, config, kpi=kpis, by="hour")}
        assert {hour: row["staffed_h"] for hour, row in hours.items()} == {9: 1.0, 10: 1.5}
        assert hours[9]["occupancy"] == pytest.approx(0.25)
        assert hours[10]["occupancy"] == 0
        people = {row["agent"]: row["staffed_h"] for row in ask(made, config, kpi=kpis, by="agent")}
        assert people == {"Ann": 2.0, "Bob": 0.5}
        [row] = ask(made, config, kpi=kpis, by="queue", where="queue=q")
        assert row["staffed_h"] is None
        assert row["ring_no_answer"] == 1
        assert ask(made, kpi="cost")[0]["cost"] is None


def test_handling_costs_by_agent_project_and_centre(tmp_path):
    noon = at("2026-11-16T12:00:00")
    records = [
        call(noon, talk=3600),
        call(noon + S, talk=1800, agent="Bob"),
        call(noon + 2 * S, talk=360, agent="Bob", project="acme"),
    ]
    config = parse(
        {
            "hourly_cost": 10,
            "agents": {"Ann": {"hourly_cost": 20}},
            "projects": {"acme": {"hourly_cost": 50}},
        },
        "x",
    )
    with store(tmp_path, records) as made:
        [row] = ask(made, config, kpi="handling_cost,cost_per_contact.handling")
        assert row["handling_cost"] == pytest.approx(20 + 5 + 5)
        assert row["cost_per_contact.handling"] == pytest.approx(10)


def test_what_nothing_tells_is_null_and_said(tmp_path):
    with store(tmp_path, [call(at("2026-11-16T12:00:00"))]) as made:
        reader = made.reader()
        request = read(
            {"kpi": "occupancy,ring_no_answer,csat,refused,offered"},
            ZoneInfo("UTC"),
            made.last_moment() or 0,
            time(0),
        )
        answer = figures(reader, request, Config(), ZoneInfo("UTC"))
        assert answer.rows == [((), (None, None, None, None, 1))]
        for why in ("scores of kind csat", "offers to agents", "turned away", "hours are not known"):
            assert sum(why in note for note in answer.notes) == 1, why


def test_conditions(tmp_path):
    noon = at("2026-11-16T12:00:00")
    records = [
        call(noon, business_type="a,b"),
        call(noon + S, queue="r"),
        call(noon + 86_400 * S, business_type="x=y"),
    ]
    with store(tmp_path, [*records, QueueKnown(source="pbx", queue="r", at=noon, project="acme")]) as made:

        def offered(where: str) -> int:
            return int(ask(made, kpi="offered", where=where, from_="2026-11-16")[0]["offered"])

        assert offered("queue=q") == 2
        assert offered("queue=q,r") == 3
        assert offered("queue=q,type=x=y") == 1
        assert offered(r"type=a\,b") == 1
        assert offered("type=") == 1
        assert offered("day=2026-11-16") == 2
        assert offered("weekday=2,hour=12") == 1
        assert offered("project=acme") == 1
        assert offered("agent=Nobody") == 0


@pytest.mark.parametrize(
    "words",
    [
        {"kpi": "ofered"},
        {"by": "colour"},
        {"from": "yesterday"},
        {"where": "support"},
        {"from": "2026-11-17", "to": "2026-11-16"},
        {"where": "day=monday"},
    ],
)
def test_mistakes_are_named(tmp_path, words):
    with store(tmp_path, [call(at("2026-11-16T12:00:00"))]) as made, pytest.raises(UsageError) as caught:
        ask(made, **words)
    assert next(iter(words.values())).split("=")[0][:7] in str(caught.value) or "--" in str(caught.value)


@given(st.text())
def test_conditions_of_any_text_are_read_or_refused(text):
    try:
        found = conditions(text)
    except UsageError:
        return
    assert all(name in DIMENSIONS for name, _ in found)


# ---------------------------------------------------------------- the command


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.toml").write_text('timezone = "UTC"\n', encoding="utf-8")
    monkeypatch.setenv("CCBOARD_CONFIG", str(tmp_path / "config.toml"))
    store(tmp_path, [*visits("=support"), *visits("sales")]).close()
    return tmp_path / "ccboard.duckdb"


def test_the_command_prints_json_csv_text_and_parquet(where, tmp_path, capsys):
    words = ["figures", "--kpi", "offered,service_level", "--by", "queue,hour", "--store", str(where)]
    assert main([*words, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows == [
        {"queue": queue, "hour": 15, "offered": 100, "service_level": 0.7} for queue in ("=support", "sales")
    ]
    assert main([*words, "--csv"]) == 0
    lines = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert lines == [
        {"queue": queue, "hour": "15", "offered": "100", "service_level": "0.7"}
        for queue in ("'=support", "sales")
    ]
    assert main(words) == 0
    assert "sales     15        100         70.0 %" in capsys.readouterr().out
    assert main([*words, "--parquet", str(tmp_path / "x.parquet")]) == 0
    import duckdb

    assert duckdb.connect().execute(f"FROM '{tmp_path / 'x.parquet'}'").fetchall() == [
        ("=support", 15, 100, 0.7),
        ("sales", 15, 100, 0.7),
    ]


def test_a_queue_that_nobody_knows_is_said(where, capsys):
    assert main(["figures", "--store", str(where), "--where", "queue=suport"]) == 2
    assert "no queue 'suport'; did you mean =support?" in capsys.readouterr().err
    assert main(["figures", "--store", str(where), "--kpi", "offered", "--where", "queue=moon", "--csv"]) == 0
    said = capsys.readouterr()
    assert said.out == "offered\n0\n"
    assert "no queue 'moon': nothing in this store ever had it" in said.err
    assert main(["figures", "--store", str(where), "--where", "agent=moon"]) == 0
    assert "no agent 'moon'" in capsys.readouterr().err


def test_a_range_ends_before_its_end(where, capsys):
    assert (
        main(
            [
                "figures",
                "--kpi",
                "offered",
                "--from",
                "2026-11-19T15:00",
                "--to",
                "2026-11-19T15:00:10",
                "--where",
                "queue=sales",
                "--store",
                str(where),
                "--json",
            ]
        )
        == 0
    )
    assert json.loads(capsys.readouterr().out) == [{"offered": 1}]


# ---------------------------------------------------------------- the bank's calls


def test_the_banks_sample_by_day_type_agent_and_hour(tmp_path):
    """Against a reading of the same lines in plain Python, as their documentation says."""
    from mapped import load
    from test_maps_bank import FILES, ZONE, lines, read_plainly

    assert load(tmp_path / "bank.duckdb", "anonymous-bank", *FILES) == 0
    rows = [row for path in FILES for row in read_plainly(lines(path))]
    with Store.open(tmp_path / "bank.duckdb") as made:
        for split in ("day", "type", "agent", "hour"):
            found = ask(made, zone=ZoneInfo(ZONE), by=split, from_="1999-01-01",
                        kpi="offered,answered,abandoned,short_abandoned,answered_in_time,service_level,abandon_rate,"
                        "asa_s,mean_wait_abandoned_s,aht_s")
            groups: dict[Any, list[dict[str, Any]]] = {}
            for row in rows:
                groups.setdefault(row[split].isoformat() if split == "day" else row[split], []).append(row)
            assert {row[split] for row in found} == set(groups)
            for row in found:
                mine = groups[row.pop(split)]
                served = [one for one in mine if one["outcome"] == "answered"]
                gone = [one for one in mine if one["outcome"] == "abandoned"]
                in_time = sum(one["wait"] <= 20 for one in served)
                assert row == {
                    "offered": len(mine), "answered": len(served), "abandoned": len(gone),
                    "short_abandoned": sum(one["wait"] < 5 for one in gone), "answered_in_time": in_time,
                    "service_level": in_time / len(mine), "abandon_rate": len(gone) / len(mine),
                    "asa_s": pytest.approx(plain.mean([one["wait"] for one in served])),
                    "mean_wait_abandoned_s": plain.mean([one["wait"] for one in gone]) and pytest.approx(
                        plain.mean([one["wait"] for one in gone])),
                    "aht_s": plain.mean([one["talk"] for one in served]) and pytest.approx(
                        plain.mean([one["talk"] for one in served])),
                }
