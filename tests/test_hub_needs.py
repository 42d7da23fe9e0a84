"""The hub's tail panel: on its own thread, fresh when the past changes, with what is done about whom."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from stores import UTC, store

from ccboard.config import Config
from ccboard.hub import needs, settings, since
from ccboard.hub.api import Api, Request
from ccboard.hub.live import LiveHub
from ccboard.hub.roles import OWNER, Viewer
from ccboard.needs import study
from ccboard.panel_tail import TailPanel
from ccboard.paths import store_paths
from ccboard.records import Action, AgentState, Batch, Contact, Offer, Record, Score

S = 1_000_000
DAY = 86_400 * S
NOW = "2026-11-16T09:00:00+00:00"
AT = 1_794_819_600 * S
WALL = Viewer("wall")


def calls(days: int, first: int = 1) -> list[Record]:
    """Ten agents; the third takes half as long again."""
    rng = Random(5)
    found: list[Record] = []
    for day in range(first, first + days):
        for n in range(80):
            at = AT - day * DAY + n * 120 * S
            talk = rng.lognormvariate(4.6, 0.4) * (1.5 if n % 10 == 3 else 1.0)
            found.append(Contact(source="s", call=f"{day}-{n}", queue="q", offered_at=at, answered_at=at + S,
                                 ended_at=at + 60 * S, outcome="answered", wait_s=1.0, talk_s=talk,
                                 agent=f"agent {n % 10}"))
    return found


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveHub]:
    monkeypatch.setattr(needs, "LOOK_S", 0.2)
    monkeypatch.setattr(needs, "LOOK_SOON_S", 0.2)
    monkeypatch.setattr(needs, "SETTLE_S", 0.0)
    file = tmp_path / "config.toml"
    file.write_text(f'timezone = "Etc/UTC"\n[clock]\nstart = "{NOW}"\n'
                    '[agents."agent 3"]\nlabel = "Wang Fang"\n')
    where = store_paths(tmp_path / "x.duckdb")
    made = LiveHub(settings.load(file, {}), where, "serve", {}, threading.Event())
    made.writer.start()
    made.writer.put(Batch("s", tuple(calls(21)))).result(30)
    made.needs.start()
    yield made
    made.needs.stop()
    made.writer.close()
    made.store.close()


def until(hub: LiveHub, wanted: Callable[[TailPanel], bool], scope: tuple[str, ...] = ()) -> TailPanel:
    """Return the panel once it is as wanted; waits a quarter of a minute for it."""
    end = time.monotonic() + 15
    while True:
        found = hub.needs.of(scope)
        if found is not None and wanted(found):
            return found
        assert time.monotonic() < end, found
        time.sleep(0.05)


def agents(panel: TailPanel) -> dict[str, str]:
    group = panel.group("agent")
    assert group is not None
    return {row.unit: row.label for row in group.rows}


def test_it_comes_by_itself_with_labels_and_grows_with_the_past(hub: LiveHub) -> None:
    panel = until(hub, lambda p: bool(agents(p)))
    assert agents(panel) == {"agent 3": "Wang Fang"}
    assert (panel.period, panel.first, panel.last) == (20, "2026-10-27", "2026-11-15")
    assert [row.of for row in panel.groups[0].rows] == [1]
    hub.writer.put(Batch("s", tuple(calls(20, 22)))).result(30)
    again = until(hub, lambda p: [row.of for row in p.groups[0].rows] == [2])
    assert [row.times for row in again.groups[0].rows] == [2]


def test_another_scope_gets_its_own(hub: LiveHub) -> None:
    until(hub, lambda p: bool(agents(p)))
    none = until(hub, lambda p: True, ("sales",))
    assert not agents(none)
    assert agents(until(hub, lambda p: bool(agents(p)), ("q",)))


def test_a_day_of_the_past_is_worked_out_when_somebody_goes_there(hub: LiveHub) -> None:
    until(hub, lambda p: bool(agents(p)))
    assert hub.needs.at((), AT - 3 * DAY) is None
    end = time.monotonic() + 15
    while (panel := hub.needs.at((), AT - 3 * DAY)) is None and time.monotonic() < end:
        time.sleep(0.05)
    assert panel is not None
    assert panel.last == "2026-11-12"
    later = AT - 3 * DAY + 3600 * S
    assert hub.needs.at((), later + 60 * S) is panel  # until that of another moment of the day is there
    while (then := hub.needs.at((), later + 60 * S)) is panel and time.monotonic() < end:
        time.sleep(0.05)
    assert then is not None
    assert 0 <= later + 60 * S - then.as_of < 600 * S
    assert 0 <= AT - 3 * DAY - panel.as_of < 600 * S
    assert hub.needs.at((), AT - 3 * DAY) is panel


def hide(hub: LiveHub) -> None:
    """Go on with a configuration that hides the third agent, as after a reload."""
    config = Config(timezone="Etc/UTC", agents={"agent 3": {"hide": True}})  # type: ignore[dict-item]
    hub.settings = replace(hub.settings, config=config)
    hub._scoped = {}


def then(hub: LiveHub, at: int, wanted: Callable[[TailPanel], bool]) -> TailPanel:
    """Return the panel of another moment once it is as wanted."""
    end = time.monotonic() + 15
    while (panel := hub.needs.at((), at)) is None or not wanted(panel):
        assert time.monotonic() < end, panel
        time.sleep(0.05)
    return panel


def test_a_kept_day_of_the_past_names_nobody_whom_the_configuration_hides_by_now(hub: LiveHub) -> None:
    then(hub, AT - DAY, lambda p: agents(p) == {"agent 3": "Wang Fang"})
    until(hub, lambda p: bool(agents(p)))
    hide(hub)
    assert hub.needs.at((), AT - DAY) is None
    assert hub.needs.of(()) is None
    assert not agents(then(hub, AT - DAY, lambda _p: True))
    assert "agent 3" not in json.dumps(hub.needs.at((), AT - DAY))


def test_a_kept_day_of_the_past_goes_when_calls_of_before_are_brought_in(
        hub: LiveHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(since, "TRUSTED_S", 0.0)
    panel = then(hub, AT - DAY, lambda p: bool(agents(p)))
    assert [row.of for row in panel.groups[0].rows] == [1]
    now = Contact(source="s", call="now", queue="q", offered_at=AT - S)
    hub.writer.put(Batch("s", (now,))).result(30)
    assert hub.needs.at((), AT - DAY) is panel  # of which nothing was known then
    hub.store.journal.forget()  # whose rows are counted then: they are as many
    assert hub.needs.at((), AT - DAY) is None
    assert then(hub, AT - DAY, lambda _p: True) is panel
    hub.writer.put(Batch("s", tuple(calls(20, 22)))).result(30)
    assert hub.needs.at((), AT - DAY) is None
    then(hub, AT - DAY, lambda p: [row.of for row in p.groups[0].rows] == [2])


def test_what_was_told_since_is_gone_through_once_for_all_kept_moments_and_keeps_nobody_waiting(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day of 24 kept moments: a call that ended before the last ten takes those away, and no others."""
    config, begin = Config(timezone="Etc/UTC"), AT - AT % DAY
    moments = [begin + n * 600 * S for n in range(24)]
    asked: list[bool] = []
    with store(tmp_path, []) as made:
        keeper = needs.NeedsKeeper(made, lambda: AT, lambda _scope: config, lambda: UTC)
        reader = made.reader()
        panels = {at: object() for at in moments}
        for at in moments:
            known = since.Known.of(reader, config, UTC.key, at)
            keeper._past[(), at] = known, panels[at]  # type: ignore[assignment]
        reader.close()
        for n, end in enumerate((begin + 14 * 600 * S, begin + 20 * 3600 * S)):
            made.apply(Batch("s", (Contact(source="s", call=f"{n}", queue="q", offered_at=end - 60 * S,
                                           ended_at=end, outcome="abandoned", wait_s=60.0),)))
        whole = made.journal.since

        def told(*args: int) -> object:
            free = threading.Thread(target=lambda: asked.append(keeper._condition.acquire(timeout=5)
                                                                and keeper._condition.release() is None))
            free.start()
            free.join()
            return whole(*args)

        monkeypatch.setattr(made.journal, "since", told)
        assert keeper.at((), moments[-1]) is panels[moments[13]]
    assert asked == [True]
    assert [at for _, at in keeper._past] == moments[:14]


def test_a_deed_while_today_is_taken_in_leaves_no_effect_of_yesterday(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody presses `c` just then: the cases are shown at once, and their effects are still worked out."""
    about = "tail:aht:agent:agent 3"
    opened = Action(source="people", key="1", at=AT - 4 * DAY, kind="coach_open", about=about, who="Eva",
                    role="lead")
    now, config = AT, Config(timezone="Etc/UTC")
    monkeypatch.setattr(needs, "SETTLE_S", 0.0)
    with store(tmp_path, [*calls(21), opened]) as made:
        keeper = needs.NeedsKeeper(made, lambda: now, lambda _scope: config, lambda: UTC)
        keeper._reader, keeper._pace = made.reader(), lambda: None  # type: ignore[assignment]

        def days() -> str:
            panel = keeper.of(())
            assert panel is not None
            return panel.coaching[0].said[0].partition(" ")[0]

        keeper._keep(())
        assert days() == "3"
        taken = study.taken

        def poked(book: study.Book, as_of: int, pause: Callable[[], None]) -> study.Study:
            keeper._poked = True
            pause()
            keeper.of(("another",))  # meanwhile somebody else begins to look
            return taken(book, as_of, pause)

        monkeypatch.setattr(study, "taken", poked)
        now += DAY
        made.apply(Batch("s", (Contact(
            source="s", call="late", queue="q", offered_at=AT, answered_at=AT + S, ended_at=AT + 60 * S,
            outcome="answered", wait_s=1.0, talk_s=90.0, agent="agent 3"),)))
        keeper._keep(())
        assert days() == "4"
        keeper._reader.close()


def ask(hub: LiveHub, method: str, target: str, viewer: Viewer = OWNER,
        body: object = None) -> tuple[int, dict[str, Any]]:
    path, _, query = target.partition("?")
    words = dict(part.split("=") for part in query.split("&")) if query else {}
    request = Request(method, path, words, viewer, b"" if body is None else json.dumps(body).encode())
    said = Api(hub).answer(request)
    return said.status, json.loads(said.body)


def test_what_is_done_about_somebody_shows_and_is_answered(hub: LiveHub) -> None:
    until(hub, lambda p: bool(agents(p)))
    deed = {"about": "tail:aht:agent:agent 3", "who": "Eva", "key": "1", "kind": "coach_open",
            "note": "silences"}
    assert ask(hub, "POST", "/v1/actions", body=deed)[0] == 200
    panel = until(hub, lambda p: bool(p.coaching) and bool(p.coaching[0].said[0]))
    [case] = panel.coaching
    assert (case.unit, case.label, case.state, case.note, case.opened_by) == (
        "agent 3", "Wang Fang", "open", "silences", "Eva")
    assert "too early to say" in case.said[0]
    assert [row.state for row in panel.groups[0].rows] == ["open"]
    status, said = ask(hub, "GET", "/v1/coach")
    assert status == 200
    assert [one["state"] for one in said["cases"]] == ["open"]
    ask(hub, "POST", "/v1/actions", body=deed | {"key": "2", "kind": "coach_done"})
    assert ask(hub, "GET", "/v1/coach")[1]["cases"] == []
    assert len(ask(hub, "GET", "/v1/coach?all=1")[1]["cases"]) == 1


def test_roles_without_names_get_counts(hub: LiveHub) -> None:
    assert ask(hub, "GET", "/v1/coach", WALL)[0] == 403
    status, said = ask(hub, "GET", "/v1/tail?kpi=aht", WALL)
    assert status == 200
    assert said["names"] is False
    assert "agent 3" not in json.dumps(said)
    assert said["kpis"]["aht"]["named"] == 1
    assert ask(hub, "GET", "/v1/tail?kpi=aht")[1]["kpis"]["aht"]["units"][0]["label"] == "Wang Fang"
    assert ask(hub, "GET", "/v1/tail?by=colour")[0] == 400
    assert ask(hub, "GET", "/v1/tail?period=0d")[0] == 400
    assert ask(hub, "GET", "/v1/tail?kpi=mood")[0] == 400


def test_the_configuration_decides_who_is_hidden(hub: LiveHub) -> None:
    until(hub, lambda p: bool(agents(p)))
    hide(hub)
    hub.needs.poke()
    assert not agents(until(hub, lambda p: not agents(p)))


def test_what_was_known_by_a_moment_changes_by_what_is_told_of_before_it(tmp_path: Path) -> None:
    """The journal's rows, one kind after another; by hand."""
    def call(name: str, begin: int, end: int | None = None, **more: object) -> Contact:
        told: dict[str, object] = {"source": "s", "call": name, "queue": "q", "offered_at": begin,
                                   "answered_at": begin + S, "agent": "Ann"}
        if end is not None:
            told |= {"ended_at": end, "outcome": "answered", "talk_s": 60.0, "wait_s": 1.0}
        return Contact(**told | more)  # type: ignore[arg-type]

    def state(at: int, team: str | None) -> AgentState:
        return AgentState(source="s", agent="Ann", at=at, state="ready", team=team)

    def rang(end: int) -> Offer:
        return Offer(source="s", call=f"c{end}", queue="q", agent="Bob", started_at=end - 9 * S,
                     ended_at=end, result="no_answer")

    def score(key: str, at: int, value: float) -> Score:
        return Score(source="s", key=key, at=at, kind="csat", value=value, agent="Ann")

    hour = 3600 * S
    told: list[tuple[Record, bool]] = [
        (call("late", AT - hour, AT - hour + 60 * S), True),
        (call("late", AT - hour, AT - hour + 60 * S, version=2), False),  # sent again, as it was
        (call("late", AT - hour, AT - hour + 60 * S, version=3, wrap_s=9.0), True),
        (call("runs", AT - 60 * S), True),
        (call("runs", AT - 60 * S, AT + 60 * S, version=2), False),  # nobody knew then how it would end
        (call("next", AT + S, AT + 60 * S), False),
        (state(AT - hour, None), False), (state(AT - hour + S, "red"), True), (state(AT + S, "blue"), False),
        (rang(AT - S), True), (rang(AT + S), False),
        (score("1", AT - S, 4.0), True), (score("1", AT - S, 2.0), True), (score("2", AT + S, 4.0), False)]
    with store(tmp_path, [call("first", AT - 2 * hour, AT - hour)]) as made:
        for record, wanted in told:
            before = made.journal.revision
            made.apply(Batch("s", (record,)))
            news = made.journal.since(before)
            assert news is not None, record
            assert news[1], record
            assert since.changed(news[1], AT) is wanted, record
