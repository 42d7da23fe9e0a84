"""Figures that the configuration chose: worked out by hand, at any moment, for whom they are."""

import hashlib
import json
import threading
import time
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from board_pilot import Board, line_with, resize, run, settle, shown
from rich.cells import cell_len
from stores import UTC, S, floor, store

from ccboard.board.meaning import meaning_of
from ccboard.callers import load_key
from ccboard.commands.explain import to_text
from ccboard.config import Config, parse
from ccboard.errors import StoreError
from ccboard.figures import extras as figures
from ccboard.figures import public, since
from ccboard.figures.extras import extras, layout
from ccboard.figures.promises import limits_of
from ccboard.hub import extras as keeping
from ccboard.hub import settings
from ccboard.hub.live import LiveHub
from ccboard.hub.roles import OWNER, Viewer, view
from ccboard.kpi import DEFINITIONS
from ccboard.kpis.titles import TITLES
from ccboard.kpis.where import AGENT_KPIS, QUEUE_KPIS
from ccboard.panel_extras import Extra, ExtrasPanel
from ccboard.paths import StorePaths, store_paths
from ccboard.records import AgentState, Batch, Contact, Record, Score
from ccboard.snapshot import Snapshot, from_wire, to_public, to_wire
from ccboard.store.reader import Reader
from ccboard.store.store import Store
from widgets.chosen import shape
from widgets.columns import Cell
from widgets.queue_table import QueueTable

KEY = b"a secret of sixteen"
DAY = 1_795_046_400  # Thu 19 Nov 2026 00:00 UTC
TEXT = """
[pages.overview]
kpis = ["service_level", "sl.answered", "csat", "ready"]
[pages.agents]
kpis = ["answered", "csat", "occupancy", "ring_no_answer"]
[projects.acme]
kpis = ["asa", "csat_marks"]
[projects.acme.limits]
csat = [4.5, 4.0]
[limits]
csat = [3.0, 2.0]
asa_s = [20, 30]
[limits.agents]
occupancy = [0.4, 0.9]
[queues.orders]
project = "acme"
[queues.returns]
project = "basalt"
[queues.quiet]
project = "acme"
"""


def read(text: str = TEXT) -> Config:
    return parse(tomllib.loads(text), "floor.toml")


def visit(call: str, queue: str, at: int, wait: int, talk: int, agent: str = "Ann") -> Contact:
    begin = DAY + at
    return Contact(source="pbx", call=call, queue=queue, agent=agent, offered_at=begin * S,
                   answered_at=(begin + wait) * S, ended_at=(begin + wait + talk) * S, outcome="answered",
                   wait_s=float(wait), talk_s=float(talk))


def score(call: str, at: int, value: float) -> Score:
    return Score(source="crm", key=f"{call} {at}", at=(DAY + at) * S, kind="csat", value=value, call=call)


RECORDS: tuple[Record, ...] = (
    AgentState(source="pbx", agent="Ann", queue="orders", at=(DAY + 3600) * S, state="ready"),
    AgentState(source="pbx", agent="Bob", queue="orders", at=(DAY + 3600) * S, state="ready"),
    visit("1", "orders", 3600, 10, 1790), visit("2", "orders", 5430, 30, 100, "Bob"),
    visit("3", "returns", 5400, 25, 60, "Bob"),
    score("1", 7000, 5), score("2", 7000, 3), score("3", 7000, 2.5), score("2", 9000, 1),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    found = store(tmp_path_factory.mktemp("extras"), RECORDS)
    yield found
    found.close()


def at(made: Store, clock: int, config: Config) -> ExtrasPanel | None:
    reader = made.reader()
    try:
        return extras(reader, (DAY + clock) * S, config, UTC)
    finally:
        reader.close()


def test_what_a_frame_has_not_is_worked_out(made: Store) -> None:
    panel = at(made, 7200, read())
    assert panel is not None
    assert panel.pages == {"overview": ("service_level", "sl.answered", "csat", "ready"),
                           "agents": ("answered", "csat", "occupancy", "ring_no_answer")}
    assert panel.projects == {"acme": ("asa_s", "csat_marks")}
    assert (panel.as_of, panel.queue_kpis) == ((DAY + 7200) * S, ("sl.answered", "csat", "csat_marks"))
    # orders: two answered, one of them within 20 s; marks 5 and 3; acme wants 4.5
    assert panel.queues == {"orders": Extra((0.5, 4.0, 2), ("", "warning", "")),
                            "returns": Extra((0.0, 2.5, 1), ("", "warning", ""))}
    assert panel.totals == Extra((0.333333, 3.5, 3), ("", "", ""))
    assert panel.no_queue == Extra((None, None, 0), ("", "", ""))


def test_a_client_gets_no_contract_of_another() -> None:
    config = read(TEXT + '[projects.basalt]\nkpis = ["fcr"]\n')
    panel = layout(config.model_copy(update={"only_queues": ("orders",)}))
    assert panel is not None
    assert (set(panel.projects), panel.queue_kpis) == ({"acme"}, ("sl.answered", "csat", "csat_marks"))


def test_of_agents(made: Store) -> None:
    panel = at(made, 7200, read())
    assert panel is not None
    assert panel.agent_kpis == ("csat", "occupancy")  # the others are in every frame
    # an hour logged in: Ann talked for 1790 s of it, Bob for 160 s
    assert panel.agents == {"Ann": Extra((5.0, round(1790 / 3600, 6)), ("", "warning")),
                            "Bob": Extra((2.75, round(160 / 3600, 6)), ("", ""))}
    held = read(TEXT.replace("occupancy = [0.4, 0.9]", "answered = [2, 1]\nring_no_answer = 1"))
    panel = at(made, 7200, held)
    assert panel is not None
    assert panel.agent_kpis == ("answered", "csat", "occupancy", "ring_no_answer")
    assert (panel.agents["Ann"].values[0], panel.agents["Ann"].levels[0]) == (1, "warning")
    assert (panel.agents["Bob"].values[0], panel.agents["Bob"].levels[0]) == (2, "")


def test_a_past_moment_knows_no_later_mark(made: Store) -> None:
    config = read()
    before, after = at(made, 6000, config), at(made, 9100, config)
    assert before is not None
    assert after is not None
    assert before.totals == Extra((0.333333, None, None), ("", "", ""))  # nobody had ever given a mark
    assert after.queues["orders"] == Extra((0.5, 3.0, 3), ("", "critical", ""))


def test_where_nothing_is_configured_nothing_is_asked(made: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "compute", None)
    assert at(made, 7200, Config()) is None
    panel = at(made, 7200, read('[pages.queues]\nkpis = ["waiting", "aht", "refused", "paused"]\n'))
    assert panel == ExtrasPanel({"queues": ("waiting", "aht_s", "refused", "paused")}, {}, figures.PROMISE_S)


# -- limits ----------------------------------------------------------------------------------------


def test_each_limit_goes_by_itself() -> None:
    config = read(TEXT + "[queues.orders.limits]\nasa_s = [5, 6]\n[limits.pause]\nbreak = 30\n")
    centre, acme = limits_of(config), limits_of(config, "quiet", None)
    orders = limits_of(config, "orders", "somebody")
    assert [one.figures["csat"] for one in (centre, acme, orders)] == [(3, 2), (4.5, 4), (4.5, 4)]
    assert [one.figures["asa_s"] for one in (centre, acme, orders)] == [(20, 30), (20, 30), (5, 6)]
    assert orders.pause == {"break": (30, 30)}
    assert limits_of(config, "told", "acme").figures["csat"] == (4.5, 4)
    assert limits_of(config, "returns", None) == centre


def test_live_figures_are_held_to_them(made: Store) -> None:
    config = read(TEXT + "[queues.returns.limits]\nasa_s = 26\nanswered = [2, 1]\n")
    rows = {row.queue: dict(row.levels) for row in floor(made, (DAY + 7200) * S, config).queues}
    assert rows["orders"] == {"service_level": "critical", "asa_s": "warning"}  # mean of 10 and 30
    assert rows["returns"] == {"service_level": "critical", "answered": "warning"}
    assert rows["quiet"] == {}  # nothing happened


@pytest.mark.parametrize(("text", "said"), [
    ('[pages.overview]\nkpis = ["waiting", "csatt"]',
     "pages.overview.kpis.1: 'csatt' is no figure; did you mean csat?"),
    ('[pages.queues]\nkpis = ["occupancy"]',
     "pages.queues.kpis.0: occupancy is a figure of no single queue; of a"),
    ('[pages.agents]\nkpis = ["offered"]',
     "pages.agents.kpis.0: offered is a figure of no agent; of an agent there is"),
    ('[projects.acme]\nkpis = "csat"', "projects.acme.kpis: "),
    ("[page.queues]\nkpis = []", "page: no such key; did you mean pages?"),
    ("[limits]\nasax_s = 5", "limits.asax_s: no such key; did you mean asa_s?"),
    ("[limits]\nasa_s = [30, 20]", "limits.asa_s: the warning comes first: [20, 30]"),
    ("[limits]\ncsat = [3, 4]", "limits.csat: it falls, so the warning is the higher one: [4, 3]"),
    ("[projects.acme.limits]\nfcr = [80, 70]",
     "projects.acme.limits.fcr: a share is a number from 0 to 1; [0.8, 0.7] for percent"),
    ("[limits]\nasa = 5\nasa_s = 6", "limits.asa: it is asa_s, which is there already"),
    ("[limits]\noccupancy = 0.9", "limits.occupancy: a figure of agents: it belongs into [limits.agents]"),
    ("[queues.q.limits]\nagents = {}", "queues.q.limits.agents: no such key"),
    ("[limits.agents]\nwaiting = 3", "limits.agents.waiting: no such key"),
])
def test_what_cannot_be_meant(text: str, said: str) -> None:
    with pytest.raises(Exception, match=r"^floor\.toml: ") as caught:
        read(text)
    assert str(caught.value).startswith("floor.toml: " + said)


def test_a_figure_that_is_neither_good_nor_bad_goes_by_the_order(made: Store) -> None:
    for limit, level in (("[60, 100]", "critical"), ("[1000, 950]", "critical"), ("[960, 900]", "warning")):
        panel = at(made, 7200, read('[pages.queues]\nkpis = ["mean_talk_s"]\n'
                                    f"[limits]\nmean_talk_s = {limit}"))
        assert panel is not None
        assert panel.queues["orders"] == Extra((945.0,), (level,))  # 1790 and 100 s


# -- for whom --------------------------------------------------------------------------------------


def test_over_the_wire_and_in_public(made: Store) -> None:
    seen = replace(floor(made, (DAY + 7200) * S, read()), extras=at(made, 7200, read()))
    assert from_wire(json.loads(json.dumps(to_wire(seen)))) == seen
    public = to_public(seen)["extras"]
    assert public["queues"][0] == {"queue": "orders", "sl.answered": 0.5, "csat": 4.0, "csat_marks": 2,
                                   "levels": {"csat": "warning"}}
    assert (public["as_of"], public["totals"]["levels"]) == ("2026-11-19T02:00:00.000Z", {})
    assert to_public(replace(seen, extras=None))["extras"] is None
    waiting = replace(seen, extras=layout(read()))
    assert from_wire(json.loads(json.dumps(to_wire(waiting)))) == waiting
    assert to_public(waiting)["extras"]["totals"] == {"sl.answered": None, "csat": None, "csat_marks": None,
                                                      "levels": {}}


def test_nobody_sees_more_than_the_rows(made: Store) -> None:
    seen = replace(floor(made, (DAY + 7200) * S, read()), extras=at(made, 7200, read()))
    wall = view(seen, Viewer("wall"))
    assert wall.extras is not None
    assert seen.extras is not None
    assert [a.agent for a in wall.agents] == list(wall.extras.agents) == ["agent 1", "agent 2"]
    assert wall.extras.agents["agent 1"] == seen.extras.agents["Ann"]
    client = view(seen, Viewer("client", ("returns",)))
    assert client.extras is not None
    assert (list(client.extras.queues), client.extras.projects) == (["returns"], {})
    assert set(client.extras.agents) <= {a.agent for a in client.agents}


# -- in a hub --------------------------------------------------------------------------------------


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveHub]:
    monkeypatch.setattr(keeping, "EVERY_S", 0.1)
    file = tmp_path / "config.toml"
    file.write_text(f'timezone = "Etc/UTC"\n[clock]\nstart = "2026-11-19T02:00:00Z"\n{TEXT}')
    where = store_paths(tmp_path / "x.duckdb")
    found = LiveHub(settings.load(file, {}), where, "serve", {}, threading.Event())
    found.writer.start()
    for source in ("pbx", "crm"):
        found.writer.put(Batch(source, tuple(r for r in RECORDS if r.source == source))).result(30)
    yield found
    found.extras.stop()
    found.writer.close()
    found.store.close()


def until(hub: LiveHub, scope: tuple[str, ...]) -> ExtrasPanel:
    end = time.monotonic() + 20
    while (panel := hub.extras.of(scope)) is None or panel.as_of is None:
        assert time.monotonic() < end
        time.sleep(0.02)
    return panel


def test_the_hub_works_them_out_beside_its_frames(hub: LiveHub) -> None:
    assert hub.extras.of(()) == layout(hub.settings.config)  # which they are is known at once
    hub.extras.start()
    assert until(hub, ()).queues["orders"].values == (0.5, 4.0, 2)
    assert set(until(hub, ("returns",)).queues) == {"returns"}
    then = hub.figures_at("01:40", None, OWNER).extras
    assert then is not None
    assert then.totals == Extra((0.333333, None, None), ("", "", ""))
    fresh = replace(hub.settings, config=read('timezone = "Etc/UTC"'))
    hub.reload(fresh)
    assert hub.extras.of(()) is None
    hub.reload(replace(fresh, config=read('[pages.queues]\nkpis = ["fcr_24h"]')))
    assert until(hub, ()).queue_kpis == ("fcr_24h",)


def test_a_board_that_travels_does_not_wait_for_them(hub: LiveHub, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    asked: list[int] = []

    def slow(reader: Reader, as_of: int, config: Config, zone: ZoneInfo) -> ExtrasPanel | None:
        asked.append(as_of)
        assert gate.wait(20)
        return extras(reader, as_of, config, zone)

    monkeypatch.setattr(keeping, "extras", slow)
    first, other = (DAY + 6000) * S, (DAY + 9100) * S
    found = [hub.extras.at((), at, None, 0.01) for at in (first, first, other)]
    assert [one.pending for one in found if one is not None] == [True] * 3
    assert asked == [first]  # one at a time
    gate.set()
    panel = hub.extras.at((), first, None, 20.0)
    assert panel is not None
    assert not panel.pending
    assert panel.totals == Extra((0.333333, None, None), ("", "", ""))
    assert hub.extras.at((), first, None, 0.01) is panel  # kept for who asks again
    later = hub.extras.at((), other, None, 20.0)
    assert later is not None
    assert later.queues["orders"] == Extra((0.5, 3.0, 3), ("", "critical", ""))

    def broken(*_: object) -> None:
        raise StoreError("no")

    monkeypatch.setattr(keeping, "extras", broken)
    third = (DAY + 3000) * S
    nothing = hub.extras.at((), third, None, 20.0)
    assert nothing is not None
    assert not nothing.pending
    assert nothing.queues == {}
    with pytest.raises(StoreError, match="no"):
        hub.extras.at((), third)
    monkeypatch.setattr(keeping, "extras", extras)
    again = hub.extras.at((), third, None, 20.0)
    assert again is not None
    assert again.totals is not None  # what the store could not say is not kept


def test_boards_that_travel_do_not_queue(hub: LiveHub, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, begun = threading.Event(), threading.Event()

    def slow(reader: Reader, as_of: int, config: Config, zone: ZoneInfo) -> ExtrasPanel | None:
        begun.set()
        assert gate.wait(30)
        return extras(reader, as_of, config, zone)

    monkeypatch.setattr(keeping, "extras", slow)
    first, other = (DAY + 6000) * S, (DAY + 9100) * S
    patient = threading.Thread(target=hub.extras.at, args=((), first, None, 30.0), daemon=True)
    patient.start()
    assert begun.wait(30)
    found: list[ExtrasPanel | None] = []
    hasty = threading.Thread(target=lambda: found.append(hub.extras.at((), other, None, 0.0)), daemon=True)
    hasty.start()
    hasty.join(10)
    assert [one.pending for one in found if one is not None] == [True]
    assert not gate.is_set()
    gate.set()
    patient.join(30)


def test_a_moment_in_another_zone_is_another_one(hub: LiveHub, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def seen(reader: Reader, as_of: int, config: Config, zone: ZoneInfo) -> ExtrasPanel | None:
        asked.append(zone.key)
        return extras(reader, as_of, config, zone)

    monkeypatch.setattr(keeping, "extras", seen)
    for zone in (UTC, ZoneInfo("Asia/Tokyo"), UTC):
        hub.extras.at((), (DAY + 6000) * S, zone, 20.0)
    assert asked == ["UTC", "Asia/Tokyo"]


def test_no_question_of_the_past_outlives_the_hub(hub: LiveHub, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()

    def endless(reader: Reader, *_: object) -> None:
        begun.set()
        reader.rows("SELECT count(*) FROM range(1000000000000) WHERE range % 7 = 3")

    monkeypatch.setattr(keeping, "extras", endless)
    hub.extras.at((), (DAY + 6000) * S, None, 0.0)
    assert begun.wait(30)
    hub.extras.stop()
    assert not [one for one in threading.enumerate() if one.name == "extras at"]


def test_trouble_of_some_queues_does_not_flicker(made: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who see everything have their figures, others have not: it is said once, until it is over."""
    said: list[str | None] = []
    configs = {(): read(), ("orders",): read().model_copy(update={"only_queues": ("orders",)})}
    well = [False]

    def seen(reader: Reader, as_of: int, config: Config, zone: ZoneInfo, *_: object) -> ExtrasPanel | None:
        if config.only_queues and not well[0]:
            raise StoreError("too slow")
        return extras(reader, as_of, config, zone)

    monkeypatch.setattr(keeping, "extras", seen)
    keeper = keeping.ExtrasKeeper(made, lambda: (DAY + 7200) * S, lambda scope: configs[scope], lambda: UTC,
                                  said.append)
    keeper._reader = made.reader()
    for well[0] in (False, False, False, True, True):
        for scope in configs:
            keeper._try(scope)
    keeper._reader.close()
    assert said == ["chosen figures could not be worked out: StoreError: too slow", None]


def test_a_hub_without_any_has_no_thread_for_it(hub: LiveHub) -> None:
    hub.settings = replace(hub.settings, config=Config())
    hub._scoped = {}
    hub.extras.start()
    assert not [one for one in threading.enumerate() if one.name == "extras"]
    assert hub.extras.of(()) is None


# -- on the board ----------------------------------------------------------------------------------


def titles(app: Board) -> list[str]:
    return line_with(app, " QUEUE").split()


def on_board(made: Store, text: str = TEXT) -> Snapshot:
    config = read(text)
    return replace(floor(made, (DAY + 7200) * S, config), extras=at(made, 7200, config))


def test_the_tables_have_the_columns_that_were_chosen(made: Store) -> None:
    async def scenario() -> None:
        async with shown((120, 30), on_board(made)) as (app, pilot):
            assert titles(app)[:5] == ["QUEUE", "LEVEL", "SL", "ANSW", "CSAT"]
            assert line_with(app, " orders ").split()[:6] == ["orders", "50", "%", "!!", "50.0", "%"]
            assert "4.00 !" in line_with(app, " orders ")
            assert "OCC %" in line_with(app, "AGENT")
            assert "49.7 % !" in line_with(app, " Ann ")
            await pilot.press("2")
            await resize(app, pilot, (200, 30))
            orders, returns = line_with(app, " orders "), line_with(app, " returns ")
            assert "CSAT" not in titles(app)  # of page 1 alone
            assert titles(app)[-1] == "MARKS"  # of acme's contract
            assert (orders.split()[-1], returns.split()[-1]) == ("2", "·")
            await pilot.press("slash", *"acme", "enter")
            await settle(app, pilot)
            assert titles(app) == ["QUEUE", "2/3", "ASA", "MARKS"]
            assert line_with(app, " orders ").split() == ["orders", "0:20", "!", "2"]
            assert line_with(app, " quiet ").split() == ["quiet", "–", "0"]
            await pilot.press("greater_than_sign", "greater_than_sign")
            await settle(app, pilot)
            assert "ASA▼" in line_with(app, " QUEUE")
            assert [line.split()[0] for line in app.lines()[2:4]] == ["orders", "quiet"]
            table = app.board.focused
            meaning = meaning_of(table, app.state.figures())
            assert meaning is not None
            assert (meaning.kpi, meaning.as_of) == ("asa_s", None)  # of every frame
            await pilot.press("right")
            meaning = meaning_of(table, app.state.figures())
            assert meaning is not None
            assert (meaning.kpi, meaning.lists, meaning.queue) == ("csat_marks", "csat_marks", "orders")
            assert meaning.as_of == (DAY + 7200) * S
            await pilot.press("escape")
            await settle(app, pilot)
            assert titles(app)[-1] == "MARKS"
            assert "OFFERED" in titles(app)

    run(scenario())


def test_in_chinese_and_grey_when_late(made: Store) -> None:
    seen = on_board(made)
    assert seen.extras is not None

    async def scenario() -> None:
        async with shown((120, 30), replace(seen, live=True), language="zh") as (app, _pilot):
            header = line_with(app, "队列")
            assert "满意度" in header
            assert "服务·接通" in header
            queues = app.board.page.query_one("#queues", QueueTable)
            column = next(one for one in queues.columns if one.key == "csat")
            view = app.state.figures()
            assert column.cell(seen.queues[0], view).role != "dim"
            later = replace(view, now=view.now + 60 * S)
            assert column.cell(seen.queues[0], later) == Cell("4.00", "dim", "!")

    run(scenario())


def test_every_figure_that_may_be_named_has_a_title_and_a_cell() -> None:
    assert set(TITLES) == set(DEFINITIONS)
    assert all(len(english) <= 9 and cell_len(chinese) <= 12 for english, chinese in TITLES.values())
    assert len({english for english, _ in TITLES.values()}) == len(TITLES)
    assert len({chinese for _, chinese in TITLES.values()}) == len(TITLES)
    for id_ in (*QUEUE_KPIS, *AGENT_KPIS):
        assert shape(DEFINITIONS[id_])(None) == "–"
        assert shape(DEFINITIONS[id_])(0.5)


# -- since when ------------------------------------------------------------------------------------


def test_a_hub_notes_since_when_each_limit_definition_and_cost_holds() -> None:
    kept: list[str] = []
    first = read(TEXT + "[service_level]\nthreshold_s = 20\n")

    def note(config: Config, at: int) -> str:
        since.note(kept[-1] if kept else None, kept.append, config, at, KEY)
        return kept[-1]

    said = note(first, 100)
    changed = read(TEXT.replace("[4.5, 4.0]", "[4.6, 4.0]") + "[service_level]\nthreshold_s = 15\n")
    said = note(changed, 200)
    assert since.since(said, changed, None, None) == 200
    assert since.limit_since(said, changed, "csat", "orders", "acme") == 200  # the project's
    assert since.limit_since(said, changed, "csat", "returns", "basalt") == 100  # the centre's
    assert since.limit_since(said, changed, "occupancy", None, None, agents=True) == 100
    assert since.limit_since(said, changed, "fcr", None, None) is None
    assert since.costs_since(said, changed, KEY) == 100
    paid = read("hourly_cost = 31.25\n" + TEXT)
    said = note(paid, 300)
    assert since.costs_since(said, paid, KEY) == 300
    assert since.costs_since(said, changed, KEY) is None  # a configuration that no hub has seen
    assert "31.25" not in said
    assert since.costs_since(said, paid, None) is None
    assert since.costs_since(said, paid, b"another secret of 16") is None
    note(paid, 400)
    assert len(kept) == 3  # nothing new: nothing written


def test_wages_cannot_be_tried_out_by_who_has_a_copy_of_the_store() -> None:
    """The same wages with another secret are another text."""
    paid = read("hourly_cost = 31.25\n" + TEXT)

    def noted(key: bytes) -> str:
        kept: list[str] = []
        since.note(None, kept.append, paid, 100, key)
        return str(json.loads(kept[-1])[since.COSTS][0])

    assert noted(KEY) == noted(KEY) != noted(b"another secret of 16")
    # HMAC-SHA-256 (RFC 2104) by hand: H((K ^ opad) + H((K ^ ipad) + text)).
    block = KEY.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(one ^ 0x36 for one in block) + b"hourly costs [31.25, None]").digest()
    assert noted(KEY) == hashlib.sha256(bytes(one ^ 0x5C for one in block) + inner).hexdigest()[:16]


def test_the_explanation_says_limits_and_since_when(made: Store) -> None:
    config = read("hourly_cost = 30\n" + TEXT)
    key = load_key(StorePaths(made.path).caller_key)
    since.note(None, lambda text: made.set_meta(since.META, text), config, (DAY + 60) * S, key)
    reader = made.reader()

    def said(kpi: str, **words: str) -> dict[str, Any]:
        return public.explained(reader, {"kpi": kpi, **words}, config, UTC, (DAY + 7200) * S)

    at = "2026-11-19T00:01:00Z"
    limits = {"falling": True, "since": at}
    assert said("csat", queue="orders")["limits"] == {"warning": 4.5, "critical": 4, **limits}
    assert said("csat")["limits"] == {"warning": 3, "critical": 2, **limits}
    assert said("service_level")["limits"] == {"warning": 0.8, "critical": 0.7, **limits}
    assert said("occupancy", agent="Ann")["limits"] == {
        "warning": 0.4, "critical": 0.9, "falling": False, "since": at}
    assert said("fcr")["limits"] is None
    cost = said("cost_per_contact.handling")
    assert (cost["definition"], cost["costs"]) == (None, {
        "hourly_cost": 30, "projects": 0, "agents": 0, "since": at})
    assert said("csat")["costs"] is None
    text = "\n".join(to_text({**said("csat", queue="orders"), "timezone": "UTC"}, "en"))
    assert "limits: ! < 4.5, !! < 4.0, configured since 2026-11-19 00:01:00" in text
    assert "小时成本: 30，配置自" in "\n".join(to_text({**cost, "timezone": "UTC"}, "zh")).replace(", ", "，")
    reader.close()
