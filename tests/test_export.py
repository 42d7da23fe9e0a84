"""``ccboard export`` and back again: a store that came through an archive shows what the first one shows."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hub_process import Bench
from hypothesis import given
from hypothesis import strategies as st
from recordings import QUIRKS, WHOLE, log_files
from simulated import MONDAY, simulation
from stores import S, floor

from ccboard.archive import cut, known, reading
from ccboard.archive.folder import Folder
from ccboard.archive.known import Known
from ccboard.callers import Callers
from ccboard.clean import clean
from ccboard.cli import main
from ccboard.client import request
from ccboard.config import Config
from ccboard.figures import public
from ccboard.records import (
    Action,
    AgentKnown,
    AgentState,
    Batch,
    Contact,
    Offer,
    QueueKnown,
    Record,
    Score,
    SourceStatus,
)
from ccboard.snapshot import Snapshot, to_wire
from ccboard.store.store import Store

Capsys = pytest.CaptureFixture[str]
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3600 * S
DAY = 24 * HOUR
FACTS = ("contacts", "open_contacts", "offers", "open_offers", "agent_states", "ties", "agents_seen",
         "queues_known", "alive", "events", "actions", "scores", "sources")
KPIS = "offered,answered,abandoned,service_level,asa_s,aht_s,occupancy,utilisation,repeat_rate_24h"


def at(day: int, hour: int = 0, minute: int = 0) -> int:
    """Return a moment of the days from MONDAY on, by Berlin's clock."""
    moment = datetime(2026, 11, 16, tzinfo=BERLIN) + timedelta(days=day, hours=hour, minutes=minute)
    return round(moment.astimezone(UTC).timestamp()) * S


def _some(record: Record) -> bool:
    """Keep a third: what matters here comes once in a few calls."""
    told = record.at if isinstance(record, AgentState) else getattr(record, "call", "")
    return crc32(str(told).encode()) % 3 == 0


@cache
def three_days() -> tuple[Record, ...]:
    """Return three days of a small simulated floor, with what a live source says besides."""
    made = simulation(agents=8)
    records: list[Record] = []
    for n in range(3):
        day = MONDAY + timedelta(days=n)
        records += filter(_some, made.make_day(day).advance(made.midnight(day) + 48 * HOUR))
        records.append(SourceStatus(source="sim", at=at(n, 7), kind="alive", until=at(n, 21)))
    records += [
        SourceStatus(source="sim", at=at(0, 7), kind="whole"),
        SourceStatus(source="sim", at=at(1, 12), kind="gap", until=at(1, 12, 20)),
        SourceStatus(source="sim", at=at(1, 12), kind="failed", text="hung up"),
        Contact(source="sim", call="night", queue="support", offered_at=at(0, 23, 50),
                caller="+4930123456681"),
        Contact(source="sim", call="talks", queue="support", offered_at=at(2, 20, 58), outcome="answered",
                answered_at=at(2, 20, 59), agent="Zoë", version=2),
        Offer(source="sim", call="rings", queue="vip", agent="Zoë", started_at=at(2, 20, 59)),
        AgentState(source="sim", agent="Zoë", at=at(0, 8), state="ready", queue="vip", interface="PJSIP/9",
                   team="Night"),
        AgentState(source="sim", agent="Zoë", at=at(0, 9), state="paused", queue="vip", reason="Lunch"),
        QueueKnown(source="sim", queue="empty", at=at(0, 7)),
        QueueKnown(source="sim", queue="empty", at=at(1, 7), wrap_up_s=12.0, project="acme"),
        Score(source="sim", key="s1", at=at(1, 9), kind="csat", value=4.0, call="night"),
    ]
    return tuple(records)


def made(path: Path, records: Sequence[Record] = ()) -> Path:
    """Return a store with these records, callers as the policy keeps them."""
    policy = Callers.open("masked", path.parent / "caller.key")
    with Store.open(path) as store:
        store.set_meta("timezone", BERLIN.key)
        store.register("sim", "simulator", 5.0, frozenset({"waiting", "talking"}))
        for begin in range(0, len(records), 5000):
            part = tuple(policy.apply(r) if isinstance(r, Contact) else r
                         for r in records[begin : begin + 5000])
            store.apply(Batch("sim", part))
        store.register("board", "people", 0.0, frozenset())
        store.apply(Batch("board", (Action(source="board", key="k", at=at(1, 10), kind="snooze", who="Ann",
                                           about="surge:support", until=at(2, 1), note="a" * 300),)))
    return path


@pytest.fixture(scope="module")
def archived(original: Path) -> Path:
    """Return the archive of the original: to be read only."""
    return exported(original, original.parent / "archive")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("original") / "a.duckdb", three_days())


@pytest.fixture(scope="module")
def facts(original: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return what the original holds."""
    return tables(original)


@pytest.fixture(scope="module")
def boards(original: Path) -> dict[int, Any]:
    """Return what the original shows at each of `MOMENTS`."""
    return dict(zip(MOMENTS, shown(original, MOMENTS), strict=True))


def few_calls() -> list[Record]:
    """Return three days of three calls each, and that their source was heard."""
    records: list[Record] = [SourceStatus(source="sim", at=at(0, 7), kind="whole")]
    for day in range(3):
        records += [Contact(source="sim", call=f"{day}-{hour}", queue="support", offered_at=at(day, hour),
                            answered_at=at(day, hour, 1), ended_at=at(day, hour, 5), outcome="answered",
                            agent="Zoë", wait_s=60.0, talk_s=240.0) for hour in (8, 12, 16)]
        records.append(SourceStatus(source="sim", at=at(day, 7), kind="alive", until=at(day, 21)))
    return records


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a store of few calls and its archive: what an import costs it costs by the file."""
    store = made(tmp_path_factory.mktemp("small") / "a.duckdb", few_calls())
    return store, exported(store, store.parent / "archive")


@pytest.fixture
def archive(small: tuple[Path, Path], tmp_path: Path) -> Path:
    """Return a copy of the small archive, to be spoilt."""
    return Path(shutil.copytree(small[1], tmp_path / "out"))


def ccboard(*words: object, code: int = 0) -> None:
    assert main([str(word) for word in words]) == code


def exported(store: Path, target: Path, *words: str) -> Path:
    ccboard("export", target, "--store", store, *words)
    return target


def imported(store: Path, *archives: Path, code: int = 0) -> Path:
    ccboard("import", "archive", *archives, "--store", store, code=code)
    return store


def tables(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every fact of a store."""
    with duckdb.connect(str(path)) as con:
        return {name: con.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in FACTS}


def shown(path: Path, moments: Sequence[int], *, since: bool = True) -> list[Any]:
    """Return the floor on the wire at each moment, apart from how many rows a source changed there."""
    with Store.open(path) as store:
        found = []
        for moment in moments:
            seen: Snapshot = floor(store, moment, zone=BERLIN)
            sources = tuple(s._replace(rows=0, rejects=0, reject_reasons=()) for s in seen.sources)
            if not since:
                sources = tuple(s._replace(complete_since=None) for s in sources)
            found.append(to_wire(replace(seen, sources=sources)))
        return found


def figures(path: Path, moment: int, **words: str) -> Any:
    with Store.open(path) as store:
        said = public.tabled(store.reader(), {"kpi": KPIS, **words}, Config(), BERLIN, moment)
    for row in said["rows"]:  # the order of rows in the file decides the last digit of a sum
        row |= {key: round(value, 9) for key, value in row.items() if isinstance(value, float)}
    return said


MOMENTS = [at(0, 8, 30), at(0, 12), at(1, 0, 1), at(1, 10, 7), at(1, 12, 10), at(2, 21)]


# ---------------------------------------------------------------- the same

def test_a_simulated_floor_is_the_same_again(
    original: Path, archived: Path, facts: Any, boards: dict[int, Any], tmp_path: Path
) -> None:
    again = imported(tmp_path / "b.duckdb", archived)
    assert tables(again) == facts
    assert shown(again, MOMENTS) == [*boards.values()]
    for moment in MOMENTS[1::3]:
        for by in ("queue,hour", "agent,day"):
            words = {"by": by, "from": "2026-11-16"}
            there = figures(original, moment, **words)
            assert len(there["rows"]) > 5
            assert figures(again, moment, **words) == there
    with Store.open(again) as store:
        assert store.meta("timezone") == BERLIN.key


@pytest.mark.parametrize("name", [WHOLE[0], QUIRKS])
def test_a_recorded_floor_is_the_same_again(name: str, tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    ccboard("import", "asterisk-queue-log", *log_files(name), "--store", store, "--timezone", BERLIN.key)
    again = imported(tmp_path / "b.duckdb", exported(store, tmp_path / "out"))
    there = tables(store)
    assert len(there["contacts"]) > 50
    assert tables(again) == there
    first, last = there["contacts"][0][5], max(row[5] for row in there["contacts"])
    begin, end = (round(one.replace(tzinfo=UTC).timestamp()) * S for one in (first, last))
    moments = [begin + (end - begin) * part // 4 for part in range(6)]
    assert shown(again, moments) == shown(store, moments)


def test_folders_that_were_made_above_the_archive_are_said(original: Path, tmp_path: Path, capsys: Capsys
                                                           ) -> None:
    exported(original, tmp_path / "years" / "2026" / "out", "--from", "2026-11-17", "--to", "2026-11-18")
    assert f"the folder {tmp_path / 'years'} was not there and was made" in capsys.readouterr().err
    exported(original, tmp_path / "years" / "2026" / "more", "--from", "2026-11-17", "--to", "2026-11-18")
    assert "was made" not in capsys.readouterr().err


def test_twice_changes_nothing(archived: Path, tmp_path: Path, capsys: Capsys) -> None:
    again = imported(tmp_path / "b.duckdb", archived)
    once = tables(again)
    capsys.readouterr()
    imported(again, archived, archived)
    assert capsys.readouterr().err.count(" 0 rows of the store new or changed") == 2
    assert tables(again) == once


@pytest.mark.parametrize(("bounds", "order"), [
    (("2026-11-18", "2026-11-17"), (0, 1)),
    (("2026-11-17T13:07", "2026-11-17T09:30:10"), (1, 0)),
    (("2026-11-17", "2026-11-17"), (1, 0)),
])
def test_ranges_that_overlap_or_meet_make_the_whole(
    original: Path, facts: Any, boards: dict[int, Any], tmp_path: Path, bounds: tuple[str, str],
    order: tuple[int, ...],
) -> None:
    parts = [exported(original, tmp_path / "early", "--to", bounds[0]),
             exported(original, tmp_path / "late", "--from", bounds[1])]
    again = tmp_path / "b.duckdb"
    for n in order:
        imported(again, parts[n])
    assert tables(again) == facts
    assert shown(again, MOMENTS[::2]) == [boards[moment] for moment in MOMENTS[::2]]


def test_from_its_first_moment_on_a_range_shows_what_the_whole_shows(original: Path, tmp_path: Path) -> None:
    archive = exported(original, tmp_path / "out", "--from", "2026-11-17", "--to", "2026-11-18")
    assert sorted(path.name for path in (archive / "contacts").iterdir()) == [
        "2026-11-17.parquet", "before.parquet"]
    again = imported(tmp_path / "b.duckdb", archive)
    moments = [at(1), at(1, 0, 1), at(1, 12, 10), at(1, 20)]
    assert shown(again, moments, since=False) == shown(original, moments, since=False)
    seen = [n["waiting"] for n in shown(again, [at(1, 0, 1)])]
    assert seen != [[]]  # who waits since before the range is there


def test_what_a_range_does_not_hold_is_a_gap_and_no_day_without_calls(
    original: Path, tmp_path: Path
) -> None:
    archive = exported(original, tmp_path / "out", "--from", "2026-11-17", "--to", "2026-11-18")
    again = imported(tmp_path / "b.duckdb", archive)
    with Store.open(again) as store:
        on_monday, on_tuesday = (
            next(s for s in floor(store, moment, zone=BERLIN).sources if s.name == "sim")
            for moment in (at(0, 10), at(1, 10)))
        assert cut.held(store.reader())["sim"].missing == ((at(0, 7), at(1)),)
    assert on_monday.gaps
    assert on_monday.complete_since is None or on_monday.complete_since >= at(0, 10)
    assert on_tuesday.complete_since == at(1) - 1


# ---------------------------------------------------------------- files

def test_the_files_are_for_any_reader_of_parquet(original: Path, tmp_path: Path) -> None:
    archive = exported(original, tmp_path / "a [new] folder*")
    assert not (archive / ".part").exists()
    assert archive.stat().st_mode & 0o077 == 0
    shutil.copytree(archive, tmp_path / "plain")
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'").fetchall()
        [(calls, first, kind)] = con.execute(
            "SELECT count(*), min(epoch_us(offered_at)), any_value(typeof(offered_at)) FROM read_parquet(?)",
            [str(tmp_path / "plain/contacts/*.parquet")]).fetchall()
    there = tables(original)
    assert calls == len(there["contacts"]) + len(there["open_contacts"])
    assert kind == "TIMESTAMP WITH TIME ZONE"
    assert at(0) <= first < at(1)
    imported(tmp_path / "b.duckdb", archive)  # a name that is a pattern means itself


@pytest.mark.parametrize("there", ["notes.txt", "meta.parquet", None])
def test_a_folder_that_holds_something_is_refused(
    original: Path, tmp_path: Path, capsys: Capsys, there: str | None
) -> None:
    target = tmp_path / "out"
    if there is None:
        target.write_text("a file")
    else:
        target.mkdir()
        (target / there).write_text("mine")
    ccboard("export", target, "--store", original, code=1)
    assert str(target) in capsys.readouterr().err
    assert there is None or [path.name for path in target.iterdir()] == [there]


def test_what_breaks_off_leaves_no_archive(
    small: tuple[Path, Path], tmp_path: Path, monkeypatch: Any
) -> None:
    original = small[0]

    def full(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "end", full)
        ccboard("export", tmp_path / "out", "--store", original, code=130)
    assert not (tmp_path / "out").exists()
    (tmp_path / "out/.part/contacts").mkdir(parents=True)  # as after kill -9
    imported(tmp_path / "b.duckdb", tmp_path / "out", code=1)
    assert not (tmp_path / "b.duckdb").exists()
    imported(tmp_path / "b.duckdb", exported(original, tmp_path / "out"))
    assert tables(tmp_path / "b.duckdb") == tables(original)


def test_too_many_rows_are_asked_for_in_shorter_stretches(
    original: Path, facts: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(cut, "MOST", 40)
    again = imported(tmp_path / "b.duckdb", exported(original, tmp_path / "out"))
    assert tables(again) == facts


def rewrite(path: Path, select: str) -> None:
    """Put another Parquet file in place of one: what `select` gives of t."""
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'").fetchall()
        con.execute(f"CREATE TABLE t AS SELECT * FROM read_parquet('{path}')").fetchall()
        con.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)").fetchall()


@pytest.mark.parametrize(("select", "said"), [
    ("SELECT * EXCLUDE (queue) FROM t", "column queue is missing"),
    ("SELECT * REPLACE (nth::VARCHAR AS nth) FROM t", "column nth holds VARCHAR and not BIGINT"),
    ("SELECT * REPLACE ('gone' AS outcome) FROM t", "column outcome: is none of answered"),
    ("SELECT * REPLACE (NULL::VARCHAR AS call) FROM t", "column call: is empty in"),
    ("SELECT * REPLACE ('nan'::DOUBLE AS wait_s) FROM t", "column wait_s: is no number in"),
    ("SELECT * REPLACE ('else' AS source) FROM t", "column source: 'else' is not in sources.parquet"),
    (None, "is damaged"),
    ("", "is damaged"),
])
def test_a_file_that_is_wrong_is_named_and_the_others_go_on(
    small: tuple[Path, Path], archive: Path, tmp_path: Path, capsys: Capsys, select: str | None, said: str,
) -> None:
    original, archived = small
    bad = archive / "contacts/2026-11-17.parquet"
    if select:
        rewrite(bad, select)
    else:
        whole, half = bad.read_bytes(), bad.stat().st_size // 2
        bad.write_bytes(whole[:half] if select is None else bytes(half) + whole[half:])
    capsys.readouterr()
    again = imported(tmp_path / "b.duckdb", archive, code=1)
    told = capsys.readouterr().err
    assert f"{bad}: {said}" in told
    days = {row[5].date().isoformat() for row in tables(again)["contacts"]}
    assert days >= {"2026-11-16", "2026-11-18"}
    with Store.open(again) as store:
        missing = cut.held(store.reader())["sim"].missing
    assert missing == ((at(1), at(2)),)  # and the day is known to be missing
    if select == "":
        shutil.copy(archived / "contacts/2026-11-17.parquet", bad)
        imported(again, archive)
        assert tables(again) == tables(original)


def test_texts_of_a_file_are_cleaned(archive: Path, tmp_path: Path) -> None:
    for path in (archive / "contacts").iterdir():
        rewrite(path, "SELECT * REPLACE (chr(27) || ']0;x' || agent || repeat('y', 300) AS agent) FROM t")
    again = imported(tmp_path / "b.duckdb", archive)
    agents = {row[9] for row in tables(again)["contacts"] if row[9]}
    assert agents
    assert all(agent.startswith("]0;x") and len(agent) == 128 for agent in agents)


def test_plain_texts_are_those_that_clean_leaves_alone() -> None:
    texts = ["", " ", "a", "a b", " a", "a ", "a\tb", "\x7f", "~!", "a  b", "é", "x\x1b[0m", "\u202e"]
    with duckdb.connect() as con:
        plain = {text for (text,) in con.execute(
            "SELECT t FROM (SELECT unnest(?::VARCHAR[]) AS t)"
            f" WHERE regexp_full_match(t, '{reading._PLAIN}')", [texts]).fetchall()}
    assert plain == {"", "a", "a b", "~!", "a  b"}
    assert all(clean(text) == text for text in plain)


def test_an_archive_of_a_newer_ccboard_is_refused(archive: Path, tmp_path: Path, capsys: Capsys) -> None:
    rewrite(archive / "meta.parquet",
            "SELECT key, CASE key WHEN 'archive' THEN '99' ELSE value END AS value FROM t")
    imported(tmp_path / "b.duckdb", archive, code=1)
    assert "newer ccboard (archive version 99" in capsys.readouterr().err
    assert not (tmp_path / "b.duckdb").exists()


# ---------------------------------------------------------------- what was there already

def test_the_newest_version_of_a_visit_wins_whichever_comes_last(tmp_path: Path) -> None:
    waits = Contact(source="sim", call="1", queue="q", offered_at=at(0, 9), version=1, caller="0301234681")
    gone = replace(waits, version=2, ended_at=at(0, 9, 1), outcome="abandoned", wait_s=60.0)
    early = exported(made(tmp_path / "early.duckdb", [waits]), tmp_path / "one")
    late = exported(made(tmp_path / "late.duckdb", [gone]), tmp_path / "two")
    for n, order in enumerate(((early, late), (late, early))):
        there = tables(imported(tmp_path / f"{n}.duckdb", *order))
        assert [row[8] for row in there["contacts"]] == ["abandoned"]
        assert there["open_contacts"] == []


KEPT = {
    ("masked", "masked"): "+49••••••••681", ("masked", "plain"): "+49••••••••681", ("masked", "hash"): "#",
    ("hash", "masked"): "#", ("hash", "plain"): "#", ("hash", "hash"): "#",
    ("plain", "masked"): "+49••••••••681", ("plain", "plain"): "+4930123456681", ("plain", "hash"): "#",
}
"""(policy of the archive, policy here) -> the number that is kept."""


@pytest.mark.parametrize("here", ["masked", "plain", "hash"])
def test_callers_are_kept_as_they_were_unless_less_is_allowed_here(tmp_path: Path, here: str) -> None:
    there: dict[str, Contact] = {}
    for policy in ("masked", "plain", "hash"):
        there[policy] = Callers(policy, b"k" * 32).apply(
            Contact(source="sim", call=policy, queue="q", offered_at=at(0, 9), ended_at=at(0, 9, 1),
                    caller="+4930123456681", caller_name="Anna Berg"))
    with Store.open(tmp_path / "a.duckdb") as store:
        store.register("sim", "simulator", 5.0, frozenset())
        store.apply(Batch("sim", tuple(there.values())))
    archive = exported(tmp_path / "a.duckdb", tmp_path / "out")
    (tmp_path / "c.toml").write_text(f'callers = "{here}"\n')
    (tmp_path / "there").mkdir()
    ccboard("import", "archive", archive, archive, "--store", tmp_path / "there/b.duckdb", "--config",
            tmp_path / "c.toml")
    rows = {row[1]: row[18:21] for row in tables(tmp_path / "there/b.duckdb")["contacts"]}
    assert set(rows) == set(there)
    for policy, (number, key, name) in rows.items():
        assert key == there[policy].caller_key
        kept = KEPT[policy, here]
        assert number == (f"#{key[:6]}" if kept == "#" else kept), policy
        assert name == (None if "hash" in (policy, here) else "Anna Berg"), policy


def test_an_agent_is_known_without_a_call_or_a_state(tmp_path: Path) -> None:
    path = made(tmp_path / "a.duckdb", [
        AgentKnown(source="sim", agent="Ann", at=at(0, 9)),
        AgentKnown(source="sim", agent="Ann", at=at(0, 9), interface="PJSIP/1")])
    there = tables(path)
    assert [row[:2] for row in there["agents_seen"]] == [("sim", "Ann")]
    assert [row[:3] for row in there["ties"]] == [("sim", "PJSIP/1", "Ann")]
    assert there["agent_states"] == []


# ---------------------------------------------------------------- hubs

@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    try:
        yield made
    finally:
        made.close()


def test_through_hubs_it_is_the_same(original: Path, archived: Path, bench: Bench, tmp_path: Path) -> None:
    bench.serve()
    late = exported(original, tmp_path / "late", "--from", "2026-11-17")
    for archive in (late, archived, late):
        done = bench.command("import", "archive", str(archive))
        assert done.returncode == 0, done.stderr
    assert "0 rows of the store new or changed" in done.stderr
    done = bench.command("export", str(tmp_path / "again"))
    assert done.returncode == 0, done.stderr
    lead = request(bench.address, "GET", "/v1/export?table=nonsense")
    assert lead.status == 400
    again = imported(tmp_path / "b.duckdb", tmp_path / "again")
    ours, theirs = tables(again), tables(original)
    for name in FACTS:
        if name != "sources":
            mine = [row for row in ours[name] if row[0] in ("sim", "board")]
            assert mine == theirs[name], name
    assert [row for row in ours["sources"] if row[0] in ("sim", "board")] == theirs["sources"]


# ---------------------------------------------------------------- what is known of when

stretches = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=4).map(known.union)


def moments(known_: Known) -> set[int]:
    return {n for begin, end in known.had(known_) for n in range(begin, end)}


@st.composite
def knowns(draw: st.DrawFn) -> Known:
    if draw(st.integers(0, 5)) == 0:
        return known.NOTHING
    first, last = sorted(draw(st.tuples(st.integers(0, 29), st.integers(1, 30))))
    return Known(first, last, known.minus(((first, last),), known.minus(((0, 30),), draw(stretches))))


@given(knowns(), knowns(), knowns())
def test_what_is_known_of_parts_is_known_together_in_any_order(one: Known, two: Known, three: Known) -> None:
    both = known.together(one, two)
    assert moments(both) == moments(one) | moments(two)
    assert both == known.together(two, one)
    assert known.together(both, three) == known.together(one, known.together(two, three))
    assert known.together(both, one) == both
    if both.first is not None:
        assert set(range(both.first, both.last)) - moments(both) == {
            n for begin, end in both.missing for n in range(begin, end)}


@given(stretches)
def test_stretches_are_read_as_they_were_written(some: known.Stretches) -> None:
    assert known.read(known.written(some)) == some


@pytest.mark.parametrize("text", ["2026-11-16", "a/b", "2026-11-16T00:00:00/2026-11-17T00:00:00Z"])
def test_what_is_no_stretch_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        known.read(text)
