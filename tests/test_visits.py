"""The visits behind a figure: they add up to it, say why they count, and keep to the roles."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from simulated import MONDAY, simulation
from stores import UTC, S, store
from worked_example import START, visits

from ccboard.cli import main
from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.errors import UsageError
from ccboard.figures import listing, public
from ccboard.figures import people as who
from ccboard.kpi import DEFINITIONS
from ccboard.kpis.terms import TERMS
from ccboard.records import Contact, Offer, QueueKnown
from ccboard.store.store import Store


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CCBOARD_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text('timezone = "UTC"\n', encoding="utf-8")


@pytest.fixture
def example(tmp_path: Path) -> Path:
    store(tmp_path, visits()).close()
    return tmp_path / "ccboard.duckdb"


@pytest.fixture(scope="module")
def monday(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A store of the simulated centre's Monday up to 11:00, in the middle of its work."""
    sim = simulation(agents=20)
    records = sim.make_day(MONDAY).advance(sim.midnight(MONDAY) + 11 * 3600 * SECOND)
    made = store(tmp_path_factory.mktemp("monday"), records)
    yield made, sim.midnight(MONDAY) + 10 * 3600 * SECOND, sim
    made.close()


def asked(made: Store, config: Config | None = None, *, named: bool = True, **words: str) -> dict[str, Any]:
    reader = made.reader()
    config = config or Config()
    try:
        return public.visited(reader, words, config, config.zone() or UTC,
                              made.last_moment() or 0, named=named)
    finally:
        reader.close()


def lines(capsys: pytest.CaptureFixture[str], where: Path, *words: str) -> Any:
    assert main(["visits", *words, "--store", str(where), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_why_each_of_the_worked_example_counts_or_not(example, capsys):
    rows = lines(capsys, example, "--kpi", "service_level")
    said = [(row["counts"], row["why_en"]) for row in rows]
    assert len(rows) == 100
    assert said.count(("yes", "answered within T = 20 s")) == 70
    assert said.count(("no", "answered after 21 s, later than T = 20 s")) == 5
    assert said.count(("no", "answered after 90 s, later than T = 20 s")) == 10
    assert said.count(("no", "the caller hung up after 4 s")) == 6
    assert said.count(("no", "the caller hung up after 40 s")) == 5
    assert rows[0]["offered_at"] > rows[-1]["offered_at"]
    assert {row["why_zh"] for row in rows} >= {"20 秒内接通", "21 秒接通，超过 20 秒", "主叫放弃（4 秒）"}


def test_a_list_of_one_team_or_one_type(monday):
    made, config = monday[0], Config()
    whole = asked(made, kpi="answered", limit="10000")["rows"]
    teams = who.read(made.reader(), config, made.last_moment() or 0, teams=True).teams
    team = next(teams[row["agent"]] for row in whole if teams.get(row["agent"]))
    of_team = asked(made, kpi="answered", team=team, limit="10000")
    assert of_team["total"] == sum(teams.get(row["agent"]) == team for row in whole) > 0
    kind = next(row["type"] for row in whole if row["type"])
    of_kind = asked(made, kpi="answered", type=kind, limit="10000")
    assert of_kind["total"] == sum(row["type"] == kind for row in whole) > 0
    missed = asked(made, kpi="ring_no_answer", limit="10000")["rows"]
    assert asked(made, kpi="ring_no_answer", team=team)["total"] == sum(
        teams.get(row["agent"]) == team for row in missed)


def test_a_form_that_ignores_the_quickly_abandoned_leaves_them_out(example, capsys):
    rows = lines(capsys, example, "--kpi", "sl.abandoned_ignored")
    out = [row for row in rows if row["counts"] == "left_out"]
    assert sorted(row["wait_s"] for row in out) == [4] * 6 + [5] * 2 + [20] * 2
    assert {row["why_en"] for row in out} == {"abandoned within T = 20 s"}
    assert sum(row["denominator"] for row in rows) == 90


def test_in_between_who_may_still_be_answered_is_left_out(example, capsys):
    rows = lines(capsys, example, "--kpi", "service_level", "--as-of", "2026-11-19T15:00:24Z")
    assert [(row["outcome"], row["counts"], row["wait_s"]) for row in rows] == [
        ("waiting", "left_out", 4), ("waiting", "left_out", 14), ("talking", "yes", 20)]
    assert rows[0]["answered_at"] is None
    assert rows[0]["agent"] is None
    assert START + 20 * S == 1_795_100_420 * S
    assert rows[2]["answered_at"] == "2026-11-19T15:00:20.000Z"


@pytest.mark.parametrize("form", ["sl.short_excluded", "sl.cisco_negative", "sl.genesys"])
def test_the_configured_form_decides(example, tmp_path, capsys, form):
    (tmp_path / "config.toml").write_text(f'timezone = "UTC"\n[service_level]\nform = "{form}"\n')
    rows = lines(capsys, example, "--kpi", "service_level")
    assert sum(row["numerator"] for row in rows) == 70
    assert sum(row["denominator"] for row in rows) == {"sl.short_excluded": 94}.get(form, 100)


@pytest.mark.parametrize("kpi", [name for name, one in DEFINITIONS.items() if one.top])
def test_the_rows_add_up_to_the_figure(monday, kpi):
    made, at, _ = monday
    words = {"kpi": kpi, "as_of": public.moment(at)}
    reader = made.reader()
    explained = public.explained(reader, words, Config(), UTC, at)
    reader.close()
    said = asked(made, **words, limit="10000")
    assert len(said["rows"]) == said["total"]
    kinds = {TERMS[name].of for _f, name in DEFINITIONS[kpi].top}
    if "time" in kinds or any(TERMS[n].kind == "distinct" for _f, n in DEFINITIONS[kpi].top):
        assert said["numerator"] is None
        assert said["notes"]
        return
    for part in ("numerator", "denominator"):
        if explained[part] is None:
            continue
        if part == "denominator" and any(TERMS[n].of == "time" for _f, n in DEFINITIONS[kpi].bottom):
            assert said["denominator"] is None
            assert said["notes"]
            continue
        of = [row[part] or 0 for row in said["rows"]]
        wanted = explained[part]["value"] or 0
        largest = any(TERMS[n].kind == "max" for _f, n in DEFINITIONS[kpi].top)
        assert (max(of, default=0) if largest else sum(of)) == pytest.approx(wanted), part
        assert (said[part] or 0) == pytest.approx(wanted), part
    assert {row["counts"] for row in said["rows"]} <= {"yes", "no", "left_out"}
    assert all(row["why_en"] and row["why_zh"] for row in said["rows"])


def test_pages_follow_one_another_without_a_gap(monday):
    made, at, _ = monday
    words = {"kpi": "offered", "as_of": public.moment(at)}
    whole = asked(made, **words, limit="10000")
    pages = [asked(made, **words, limit="40", offset=str(n)) for n in range(0, whole["total"], 40)]
    assert [row for page in pages for row in page["rows"]] == whole["rows"]
    assert len(whole["rows"]) > 100


def test_of_one_queue_agent_and_quarter_of_an_hour(monday):
    made, at, _ = monday
    every = asked(made, kpi="answered", as_of=public.moment(at), limit="10000")["rows"]
    name = next(row["agent"] for row in every if row["queue"] == "sales")
    words = {"kpi": "answered", "as_of": public.moment(at), "limit": "10000"}
    mine = asked(made, **words, queue="sales", agent=name)["rows"]
    assert mine == [row for row in every if (row["queue"], row["agent"]) == ("sales", name)]
    begin = at - 3600 * SECOND
    some = asked(made, kpi="answered", as_of=public.moment(at), limit="10000",
                 **{"from": public.moment(begin), "to": public.moment(begin + 900 * SECOND)})["rows"]
    low, high = public.moment(begin)[:19], public.moment(begin + 900 * SECOND)[:19]
    assert some == [row for row in every if low <= row["offered_at"][:19] < high]
    assert some


def test_who_may_not_see_names_gets_none(monday):
    made, at, _ = monday
    for kpi in ("service_level", "ring_no_answer"):
        said = asked(made, kpi=kpi, as_of=public.moment(at), named=False)
        assert said["rows"]
        hidden = ("caller", "agent", "call", "transfer")
        assert {row[name] for row in said["rows"] for name in hidden} == {None}
    with pytest.raises(UsageError, match="role"):
        asked(made, kpi="occupancy", as_of=public.moment(at), named=False)


@pytest.mark.parametrize(("policy", "shown"), [
    ("plain", "+4930123456681"), ("masked", "+49••••••••681"), ("hash", "+49••••••••681"),
])
def test_callers_as_the_policy_of_today_has_them(tmp_path, policy, shown):
    made = store(tmp_path, [Contact(
        source="pbx", call="c1", queue="q", offered_at=START, ended_at=START + 9 * S, outcome="abandoned",
        wait_s=9, caller="+4930123456681", caller_key="k")])
    [row] = asked(made, Config(callers=policy), kpi="abandoned")["rows"]
    made.close()
    assert row["caller"] == shown


@pytest.fixture(scope="module")
def look_alikes(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Three calls of one, two of another masked alike, one without a number; c5 is an id of both."""
    def visit(call: str, key: str | None, source: str = "pbx", after: int = 0) -> Contact:
        return Contact(source=source, call=call, queue="q", offered_at=START + after * S,
                       ended_at=START + (after + 9) * S, outcome="abandoned", wait_s=9,
                       caller="•••••••681", caller_key=key)

    made = store(tmp_path_factory.mktemp("alike"), [
        visit("c1", "ann"), visit("c2", "bob", after=10), visit("c3", "ann", after=20),
        visit("c4", None, after=30), visit("c5", "ann", after=40), visit("c5", "bob", "other", 40)])
    yield made
    made.close()


def test_the_calls_of_a_caller_are_not_those_of_who_looks_alike(look_alikes):
    said = asked(look_alikes, kpi="offered", caller_of="c1")
    assert sorted(row["call"] for row in said["rows"]) == ["c1", "c3", "c5"]
    assert (said["total"], said["numerator"]) == (3, 3)
    assert {row["source"] for row in said["rows"]} == {"pbx"}


@pytest.mark.parametrize(("call", "why"), [
    ("c4", "is not known"), ("c9", "is not known"), ("c5", "several callers")])
def test_whose_calls_cannot_be_told_are_not_listed(look_alikes, call, why):
    said = asked(look_alikes, kpi="offered", caller_of=call)
    assert (said["total"], said["rows"]) == (0, [])
    assert why in said["notes"][0]


def test_which_calls_are_one_callers_is_for_who_sees_names(look_alikes):
    with pytest.raises(UsageError, match="not for this role"):
        asked(look_alikes, kpi="offered", caller_of="c1", named=False)
    with pytest.raises(UsageError, match="not a figure of visits"):
        asked(look_alikes, kpi="staffed_h", caller_of="c1")


def test_a_hidden_queue_is_not_listed_and_a_hidden_agent_not_named(tmp_path):
    def visit(call: str, queue: str, agent: str) -> Contact:
        return Contact(source="pbx", call=call, queue=queue, offered_at=START, answered_at=START + S,
                       ended_at=START + 9 * S, outcome="answered", wait_s=1, agent=agent, talk_s=8)

    made = store(tmp_path, [visit("c1", "q", "Ann"), visit("c2", "secret", "Ann"), visit("c3", "q", "Bob")])
    config = Config.model_validate({"queues": {"secret": {"hide": True}}, "agents": {"Bob": {"hide": True}}})
    rows = asked(made, config, kpi="answered")["rows"]
    made.close()
    assert sorted((row["queue"], row["agent"] or "") for row in rows) == [("q", ""), ("q", "Ann")]


def test_who_sees_some_queues_only_is_not_told_of_others(tmp_path):
    def visit(queue: str) -> Contact:
        return Contact(source="pbx", call=queue, queue=queue, offered_at=START, ended_at=START + 9 * S,
                       outcome="abandoned", wait_s=9)

    known = [QueueKnown(source="pbx", queue=queue, at=START) for queue in ("mine", "theirs")]
    made = store(tmp_path, [visit("mine"), visit("theirs"), *known])
    config = Config(only_queues=("mine",))
    assert [row["queue"] for row in asked(made, config, kpi="abandoned")["rows"]] == ["mine"]
    for queue in ("theirs", "nobody"):
        with pytest.raises(UsageError) as refused:
            asked(made, config, kpi="abandoned", queue=queue)
        assert str(refused.value) == f"unknown queue '{queue}'; known: mine"
    made.close()


def test_offers_behind_no_answers(tmp_path):
    def offer(call: str, result: str, nth: int = 1) -> Offer:
        return Offer(source="pbx", call=call, queue="q", agent="Ann", nth=nth, started_at=START,
                     ended_at=START + 15 * S, ring_s=15, result=result)  # type: ignore[arg-type]

    made = store(tmp_path, [offer("c1", "no_answer"), offer("c1", "busy", 2), offer("c2", "cancelled")])
    rows = asked(made, kpi="ring_no_answer", agent="Ann")["rows"]
    made.close()
    assert sorted((row["call"], row["outcome"], row["ring_s"]) for row in rows) == [
        ("c1", "busy", 15), ("c1", "no_answer", 15)]


def test_as_csv_and_parquet(example, tmp_path, capsys):
    file = tmp_path / "it's.parquet"
    assert main(["visits", "--kpi", "abandoned", "--store", str(example), "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 15
    assert sorted(float(row["wait_s"]) for row in rows) == [4] * 6 + [5] * 2 + [20] * 2 + [40] * 5
    assert main(["visits", "--kpi", "abandoned", "--store", str(example), "--parquet", str(file)]) == 0
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'").fetchall()
        found = con.read_parquet(str(file))
        assert found.aggregate("count(*), sum(wait_s), min(offered_at)::VARCHAR").fetchall() == [
            (15, 6 * 4 + 2 * 5 + 2 * 20 + 5 * 40, "2026-11-19 15:14:10+00")]


def test_as_text_in_both_languages(example, capsys):
    assert main(["visits", "--kpi", "abandoned", "--store", str(example), "--limit", "1"]) == 0
    assert capsys.readouterr().out.splitlines()[2].split()[:4] == ["15:16:30", "–", "support", "–"]
    words = ["visits", "--kpi", "abandoned", "--store", str(example), "--limit", "2", "--language", "zh"]
    assert main(words) == 0
    chinese = capsys.readouterr().out.splitlines()
    assert len(chinese) == 4
    assert chinese.pop(0) == "2026-11-19 UTC"
    assert chinese[0].split() == ["进线", "主叫", "队列", "座席", "结果", "等待", "通话", "计入", "原因"]
    assert "排队中主叫挂机的来访" in chinese[1]
    assert chinese[1].split()[4] == "放弃"


@pytest.mark.parametrize(("words", "said"), [
    (("--kpi", "abandonned"), "did you mean abandoned?"),
    (("--kpi", "abandoned", "--queue", "suport"), "unknown queue 'suport'"),
    (("--kpi", "abandoned", "--limit", "0"), "at least 1"),
])
def test_mistakes_are_named(example, capsys, words, said):
    assert main(["visits", *words, "--store", str(example)]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(("words", "said"), [
    ({}, "kpi"), ({"kpi": "offered", "limit": "x"}, "whole number"),
    ({"kpi": "offered", "limit": str(listing.MOST + 1)}, "limit"),
    ({"kpi": "offered,answered"}, "one figure"),
])
def test_wrong_questions_are_named(tmp_path, words, said):
    made = store(tmp_path)
    with pytest.raises(UsageError, match=said):
        asked(made, **words)
    made.close()


