"""The routes without sockets, the roles, and the ticker."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from scripted_hub import ALICE, DAY, MONDAY, SALES, SUPPORT, floor, source

from ccboard.config import Config
from ccboard.errors import ConfigError, StoreError, UsageError
from ccboard.hub.acting import action_of
from ccboard.hub.api import Api, RefusalError, Request, board_wait, parse_target
from ccboard.hub.roles import MEMBER, OWNER, Role, Tokens, Viewer, scoped, view
from ccboard.hub.ticker import Frame, Ticker
from ccboard.records import QueueKnown, Record, Reject
from ccboard.snapshot import Interval, LogEntry, Snapshot, Waiting, from_wire

FULL = floor(
    agents=(ALICE._replace(with_caller="+49•••681", in_queue="support"),
            ALICE._replace(agent="Bob", label="Bob O.", queues=("sales",), in_queue=None)),
    waiting=(Waiting("support", 1, MONDAY, "+49•••681", "Anna Berg", 2, "c1"),
             Waiting("sales", 1, MONDAY, "0301•••", None, 1, "c2")),
    intervals=(Interval("support", DAY, 9, 8, 1, 7, 0.7), Interval("sales", DAY, 1, 1, 0, 1, 1.0)),
    log=(LogEntry(MONDAY, "paused", "", "support", "Alice Wu", "Break"),
         LogEntry(MONDAY, "abandoned", "", "sales", text="0301••••777", value=9.0),
         LogEntry(MONDAY, "lost", "critical", "sales", text="+49•••681", value=9.0),
         LogEntry(MONDAY, "failed", "critical", text="AMI 10.0.0.9:5038: KeyError: 'Alice Wu'"),
         LogEntry(MONDAY, "note", "", text="Anna Berg has no phone"), LogEntry(MONDAY, "restart", "")),
    sources=(source(error="login refused for user ccboard at 10.0.0.7; KeyError: 'Alice Wu'",
                    troubles=("no phone for Bob",), reject_reasons=(("nobody is called Anna", 3),)),),
    notices=("configuration not reloaded: /etc/c.toml: agents.Alice Wu.teem: no such key",),
)


class Hub:
    """A hub double: one frame, and what it was asked."""

    def __init__(self, snapshot: Snapshot | None = FULL) -> None:
        self.made = None if snapshot is None else Frame(7, snapshot, lambda viewer: FULL)
        self.age = 0.1
        self.taken: list[Any] = []
        self.service = False
        self.wrong: Exception | None = None
        self.why_none: str | None = None

    def status(self, viewer: Viewer) -> dict[str, Any]:
        if self.wrong:
            raise self.wrong
        return {"protocol": 1, "role": viewer.role}

    def frame(self, *, fresh: bool) -> Frame | None:
        return self.made

    def trouble(self) -> str | None:
        return self.why_none

    def frame_age(self, frame: Frame) -> float:
        return self.age

    def figures_at(self, as_of: str | None, zone: ZoneInfo | None, viewer: Viewer,
                   patience_s: float | None = None, *, quality: bool = False) -> Snapshot:
        assert not quality
        assert patience_s is None or patience_s < 1  # a board that travels does not wait
        if as_of == "never":
            raise UsageError("--as-of never: not a moment")
        return replace(FULL, live=False, zone=zone.key if zone else FULL.zone)

    def asked(self, what: str, words: Any, zone: ZoneInfo | None, viewer: Viewer) -> dict[str, Any]:
        return {"schema": f"ccboard.{what}/1", "words": dict(words), "role": viewer.role}

    def take(self, source: str, kind: str, key: str, records: list[Record], cursor: str | None,
             rejects: tuple[Reject, ...] = ()) -> int:
        self.taken.append((source, kind, key, records, cursor))
        self.refused = rejects
        return len(records)

    def act(self, body: bytes, viewer: Viewer) -> dict[str, Any]:
        action = action_of(body, viewer, 7_000_000)
        self.taken.append(action)
        return {"applied": 1, "at": action.at, "role": action.role}

    def cursor(self, source: str, key: str) -> str | None:
        return f"{source}/{key}"

    def stop(self) -> str | None:
        return "use systemctl" if self.service else None


def ask(target: str, *, method: str = "GET", hub: Hub | None = None, viewer: Viewer = OWNER, body: bytes = b""
        ) -> tuple[int, Any]:
    path, query = parse_target(target)
    answer = Api(hub or Hub()).answer(Request(method, path, query, viewer, body))
    return answer.status, json.loads(answer.body)


def test_now_is_the_documented_object() -> None:
    status, said = ask("/v1/now")
    assert status == 200
    assert said["schema"] == "ccboard.now/1"
    assert [q["queue"] for q in said["queues"]] == ["support", "sales", "night"]
    assert said["agents"][0]["agent"] == "Alice Wu"


def test_a_hub_that_never_could_compute_says_why_to_boards_and_scripts() -> None:
    hub = Hub(None)
    assert ask("/v1/board", hub=hub) == (200, {"seq": 0}), "it has just started"
    hub.why_none = "figures could not be computed: StoreError: x.duckdb: cannot be read"
    for path in ("/v1/board", "/v1/now"):
        assert ask(path, hub=hub) == (503, {"error": f"the hub has no figures yet: {hub.why_none}"})
        assert ask(path, hub=hub, viewer=Viewer("wall")) == (503, {"error": "the hub has no figures yet"})


def test_now_of_one_queue_and_without_agents() -> None:
    status, said = ask("/v1/now?queue=sales&agents=0")
    assert (status, [q["queue"] for q in said["queues"]], said["agents"]) == (200, ["sales"], [])


@pytest.mark.parametrize(("target", "status", "words"), [
    ("/v1/before?colour=red", 400, "colour"),
    ("/v1/now?queue=slaes", 404, "did you mean sales"),
    ("/v1/now?queue=%F0%9F%98%80", 404, "support, sales, night"),
    ("/v1/now?as_of=never", 400, "not a moment"),
    ("/v1/now?as_of=", 400, "as_of is empty"),
    ("/v1/now?timezone=Mars/Base", 400, "Mars/Base"),
    ("/v1/now?timezone=../../etc/passwd", 400, "time zone"),
    ("/v1/now?agents=yes", 400, "0 or 1"),
    ("/v1/now?colour=red", 400, "colour"),
    ("/v2/now", 404, "GET /v1/now"),
    ("/v1/stop", 405, "POST"),
    ("/v1/board?after=x", 400, "whole number"),
    ("/v1/board?wait=-1", 400, "seconds"),
    ("/v1/board?wait=nan", 400, "seconds"),
    ("/v1/board?as_of=now&quality=yes", 400, "quality is 0 or 1"),
    ("/v1/board?as_of=now&quality=", 400, "quality is 0 or 1"),
    ("/v1/board?quality=1", 400, "quality goes with as_of"),
])
def test_wrong_questions_get_a_clear_answer(target: str, status: int, words: str) -> None:
    got, said = ask(target)
    assert got == status
    assert words in said["error"]


MANY = "/v1/now?" + "&".join(f"a{n}=1" for n in range(50))


@pytest.mark.parametrize("target", ["/v1/now?queue=a&queue=b", MANY, "http://[/x", "/v1/now?queue=%ff"])
def test_addresses_that_are_not_understood(target: str) -> None:
    with pytest.raises(RefusalError) as caught:
        parse_target(target)
    assert caught.value.status == 400


def test_another_moment_and_another_zone() -> None:
    assert ask("/v1/now?as_of=09:12")[1]["live"] is False
    assert ask("/v1/now?timezone=Asia/Shanghai")[1]["timezone"] == "Asia/Shanghai"


def test_old_figures_are_an_error_and_never_ok() -> None:
    hub = Hub()
    hub.age = 11.0
    status, said = ask("/v1/now", hub=hub)
    assert status == 503
    assert "11 s old" in said["error"]
    assert ask("/v1/now", hub=Hub(None))[0] == 503


def test_a_board_gets_the_frame_or_word_that_there_is_none() -> None:
    status, said = ask("/v1/board?after=0&wait=0")
    assert (status, said["seq"]) == (200, 7)
    assert from_wire(said["snapshot"]) == FULL
    assert ask("/v1/board", hub=Hub(None)) == (200, {"seq": 0})
    assert board_wait(Request("GET", "/v1/board", {"after": "3", "wait": "500"}, OWNER)) == (3, 30.0)


def test_a_board_gets_another_moment_as_its_role_may_see_it() -> None:
    status, said = ask("/v1/board?as_of=09:12")
    assert (status, said["seq"]) == (200, 0)
    assert from_wire(said["snapshot"]) == replace(FULL, live=False)
    status, said = ask("/v1/board?as_of=09:12", viewer=Viewer("wall"))
    assert [w.caller for w in from_wire(said["snapshot"]).waiting] == [None, None]
    assert [a.agent for a in from_wire(said["snapshot"]).agents] == ["agent 1", "agent 2"]
    assert ask("/v1/board?as_of=never")[0] == 400


def test_records_are_handed_in_with_their_cursor() -> None:
    hub = Hub()
    line = b'{"record":"QueueKnown","source":"old","queue":"q\\u001b[1m","at":5}\n'
    status, said = ask("/v1/records?source=old&type=asterisk&key=import&cursor=c9", method="POST", hub=hub,
                       body=line * 2)
    assert (status, said) == (200, {"applied": 2})
    known = QueueKnown(source="old", queue="q[1m", at=5)
    assert hub.taken == [("old", "asterisk", "import", [known, known], "c9")]
    assert ask("/v1/cursor?source=old&key=import", hub=hub)[1] == {"cursor": "old/import"}


def test_rejects_are_handed_in_beside_them() -> None:
    hub = Hub()
    body = (b'{"record":"Reject","where":"a.csv:3","reason":"no call\\u0007","text":"x,y"}\n'
            b'{"record":"QueueKnown","source":"old","queue":"q","at":5}\n')
    assert ask("/v1/records?source=old&type=map", method="POST", hub=hub, body=body)[1] == {"applied": 1}
    assert hub.taken[0][3] == [QueueKnown(source="old", queue="q", at=5)]
    assert hub.refused == (Reject("a.csv:3", "no call", "x,y"),)


@pytest.mark.parametrize(("target", "body", "words"), [
    ("/v1/records?source=a&type=t", b'{"record":"QueueKnown","source":"b","queue":"q","at":5}', "not 'a'"),
    ("/v1/records?source=a&type=t", b'{"record":"QueueKnown","source":"a"', "line 1"),
    ("/v1/records?type=t", b"", "source is missing"),
    ("/v1/records?source=a&type=t%1b", b"", "type"),
])
def test_wrong_records_are_refused_whole(target: str, body: bytes, words: str) -> None:
    hub = Hub()
    status, said = ask(target, method="POST", body=body, hub=hub)
    assert status == 400
    assert words in said["error"]
    assert hub.taken == []


@pytest.mark.parametrize("viewer", [MEMBER, Viewer("wall"), Viewer("client", ("sales",))])
def test_only_its_owner_writes_and_stops(viewer: Viewer) -> None:
    assert ask("/v1/records?source=a&type=t", method="POST", viewer=viewer)[0] == 403
    assert ask("/v1/cursor?source=a", viewer=viewer)[0] == 403
    assert ask("/v1/stop", method="POST", viewer=viewer)[0] == 403
    assert ask("/v1/stop", method="POST", viewer=Viewer("manager"))[0] == 403
    assert ask("/v1/stop", method="POST") == (200, {"stopping": True})


def test_a_service_says_who_stops_it() -> None:
    hub = Hub()
    hub.service = True
    assert ask("/v1/stop", method="POST", hub=hub) == (409, {"error": "use systemctl"})


def test_our_own_faults_are_answers_too() -> None:
    hub = Hub()
    hub.wrong = StoreError("the disk is full")
    assert ask("/v1/status", hub=hub) == (503, {"error": "the disk is full"})
    hub.wrong = ZeroDivisionError("x")
    status, said = ask("/v1/status", hub=hub)
    assert status == 500
    assert "ZeroDivisionError" in said["error"]


# Roles.

SECRET_WORDS = ("Alice", "Wu", "Bob", "Anna", "+49•", "0301•")


@pytest.mark.parametrize("role", ["wall", "client"])
def test_walls_and_clients_get_no_names_and_no_numbers(role: Role) -> None:
    for target in ("/v1/now", "/v1/board"):
        text = json.dumps(ask(target, viewer=Viewer(role))[1], ensure_ascii=False)
        for word in SECRET_WORDS:
            assert word not in text
    shown = view(FULL, Viewer(role))
    assert [a.agent for a in shown.agents] == ["agent 1", "agent 2"]
    assert [a.state for a in shown.agents] == ["talking", "talking"]
    assert shown.queues == FULL.queues
    assert [e.kind for e in shown.log] == ["paused", "abandoned", "lost", "failed", "restart"]
    assert shown.log[0].text == "Break"
    assert [s.error for s in shown.sources] == ["no data"]


def test_a_wall_is_told_that_something_is_wrong_and_no_details() -> None:
    assert view(FULL, Viewer("wall")).notices == ("configuration not reloaded",)
    hub = Hub()
    hub.age = 11.0
    assert "Alice" in ask("/v1/now", hub=hub)[1]["error"]
    for role in ("wall", "client"):
        said = ask("/v1/now", hub=hub, viewer=Viewer(role))[1]["error"]
        assert said.startswith("the figures are 11 s old")
        assert "Alice" not in said


def test_a_lead_sees_all() -> None:
    assert view(FULL, MEMBER) == FULL


def test_a_client_sees_only_its_queues_and_nothing_of_the_machinery() -> None:
    shown = view(FULL, Viewer("client", ("sales",)))
    assert shown.queues == (SALES,)
    assert [w.queue for w in shown.waiting] == ["sales"]
    assert [i.queue for i in shown.intervals] == ["sales"]
    assert [e.kind for e in shown.log] == ["abandoned", "lost", "failed", "restart"]
    assert "10.0.0.9" not in json.dumps(shown.log)
    assert [a.queues for a in shown.agents] == [("sales",)]
    assert shown.notices == ()
    text = json.dumps(shown.sources)
    assert "10.0.0.7" not in text
    assert "no data" in text


def test_totals_of_a_client_are_those_of_its_queues() -> None:
    config = Config(only_queues=("support", "sales"))
    assert scoped(config, Viewer("client", ("sales", "vip"))).only_queues == ("sales",)
    assert scoped(config, OWNER) is config
    none = scoped(config, Viewer("client", ("vip",)))
    assert not any(none.shows(name) for name in ("support", "sales", "vip"))
    asked: list[Viewer] = []

    def compute(viewer: Viewer) -> Snapshot:
        asked.append(viewer)
        return replace(FULL, totals=SALES._replace(queue=None))

    frame = Frame(1, FULL, compute)
    client = Viewer("client", ("sales",))
    assert frame.of(client).totals.offered == SALES.offered
    assert frame.of(client).totals.offered == SALES.offered
    assert asked == [client]  # once per tick
    assert frame.of(OWNER).totals == FULL.totals


def test_bytes_are_made_once_for_all_with_the_same_sight() -> None:
    frame = Frame(1, FULL, lambda viewer: FULL)
    assert frame.ready(OWNER) is None
    assert frame.wire(OWNER) is frame.wire(MEMBER)
    assert frame.ready(MEMBER) is frame.wire(OWNER)
    assert frame.wire(Viewer("wall")) != frame.wire(OWNER)


def test_who_has_the_frame_before_is_told_only_what_changed() -> None:
    later = replace(FULL, as_of=FULL.as_of + 1_000_000, totals=FULL.totals._replace(offered=9_999))
    first = Frame(7, FULL, lambda viewer: FULL)
    second = Frame(8, later, lambda viewer: later, first)
    for viewer in (OWNER, Viewer("wall")):
        whole = json.loads(second.wire(viewer))
        assert json.loads(second.wire(viewer, 6)) == whole  # not the frame before: everything
        part = json.loads(second.wire(viewer, 7))
        assert (whole["partial"], part["partial"]) == (False, True)
        assert set(part["snapshot"]) == {"wire", "as_of", "totals"}
        held = from_wire(json.loads(first.wire(viewer))["snapshot"])
        assert from_wire(part["snapshot"], held) == from_wire(whole["snapshot"]) == second.of(viewer)
    third = Frame(9, later, lambda viewer: later, second)
    assert json.loads(third.wire(OWNER, 8))["snapshot"] == {"wire": 1}
    assert not json.loads(second.wire(OWNER, 7))["partial"]  # frames are not a chain
    assert not json.loads(second.wire(Viewer("client", ("sales",)), 7))["partial"]


def make_tokens(environ: dict[str, str], **tokens: dict[str, Any]) -> Tokens:
    from pathlib import Path

    return Tokens(Config.model_validate({"hub": {"tokens": tokens}}), environ, Path("/nowhere"))


def test_tokens_name_a_role() -> None:
    tokens = make_tokens({"W": "w" * 20, "C": "c" * 20}, tv={"token_env": "W"},
                         north={"role": "client", "queues": ["sales"], "token_env": "C"})
    assert tokens.viewer("Bearer " + "w" * 20) == Viewer("wall")
    assert tokens.viewer("bearer " + "c" * 20) == Viewer("client", ("sales",))
    for wrong in ("", "Bearer", "Bearer ", "Basic " + "w" * 20, "Bearer " + "w" * 21, "Bearer \udcff"):
        assert tokens.viewer(wrong) is None


@pytest.mark.parametrize(("environ", "token", "words"), [
    ({}, {"token_env": "W"}, "W is empty or not set"), ({"W": "short"}, {"token_env": "W"}, "at least 16"),
    ({}, {}, "token_env or token_file"), ({}, {"token_file": "no/such"}, "/nowhere/no/such"),
])
def test_a_token_that_cannot_be_read_is_said(
    environ: dict[str, str], token: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        make_tokens(environ, tv=token)
    assert words in str(caught.value)
    assert "hub.tokens.tv" in str(caught.value)
    assert "short" not in str(caught.value)


def test_a_client_without_queues_would_see_all_and_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"hub\.tokens\.north: .*queues"):
        make_tokens({"C": "c" * 20}, north={"role": "client", "token_env": "C"})


# The ticker.


class Floor:
    """Something to compute: counts, and fails when told to."""

    def __init__(self) -> None:
        self.count = 0
        self.error: Exception | None = None

    def __call__(self, viewer: Viewer) -> Snapshot:
        self.count += 1
        if self.error:
            raise self.error
        return replace(FULL, as_of=MONDAY + self.count, notices=())


@pytest.fixture
def ticking() -> Any:
    """A ticker on a floor, with a list of its frames and the number of viewers."""
    made: list[Ticker] = []

    def make(viewers: int) -> tuple[Ticker, Floor, list[Frame]]:
        computing, frames = Floor(), list[Frame]()
        ticker = Ticker(computing, lambda: viewers, frames.append)
        made.append(ticker)
        ticker.start()
        until(lambda: frames)
        return ticker, computing, frames

    yield make
    for ticker in made:
        ticker.stop()
        assert not ticker._thread.is_alive()


def until(true: Callable[[], Any]) -> None:
    for _ in range(500):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("did not come true in 5 s")


def test_a_frame_follows_a_batch_and_a_second(ticking: Any) -> None:
    ticker, _, frames = ticking(1)
    ticker.poke()
    until(lambda: len(frames) >= 2)
    until(lambda: len(frames) >= 3)  # by the second alone
    assert [frame.seq for frame in frames] == list(range(1, len(frames) + 1))
    assert frames[0].ready(OWNER) is not None  # encoded beside the loop: everything,
    assert frames[-1].ready(OWNER, frames[-1].seq - 1) is not None  # and then what changed


def test_a_hub_that_nobody_looks_at_rests_until_asked(ticking: Any) -> None:
    ticker, computing, frames = ticking(0)
    for _ in range(20):
        ticker.poke()
    time.sleep(0.3)
    assert computing.count == 1
    found = ticker.fresh(max_age_s=0.2)
    assert found is frames[-1]
    assert computing.count == 2
    assert ticker.fresh(max_age_s=60) is found


def test_a_burst_of_batches_is_not_a_burst_of_frames(ticking: Any) -> None:
    ticker, _, frames = ticking(1)
    stop = time.monotonic() + 0.5
    while time.monotonic() < stop:
        ticker.poke()
        time.sleep(0.001)
    assert len(frames) <= 6


def test_what_cannot_be_computed_leaves_the_last_frame_and_says_so(ticking: Any) -> None:
    ticker, computing, frames = ticking(1)
    good = frames[-1]
    computing.error = StoreError("the store is being opened again")
    ticker.poke()
    until(lambda: len(frames) > 1 and frames[-1].snapshot.notices)
    bad = frames[-1]
    assert bad.seq > good.seq
    assert bad.snapshot.queues == (SUPPORT, *good.snapshot.queues[1:])
    assert bad.made <= frames[-1].made
    assert "opened again" in bad.snapshot.notices[0]
    assert ticker.fresh(max_age_s=0.0, timeout=0.05) is not None
    computing.error = None
    ticker.poke()
    until(lambda: not frames[-1].snapshot.notices)


def test_fresh_gives_up_when_the_ticker_ends() -> None:
    gate = threading.Event()

    def compute(viewer: Viewer) -> Snapshot:
        gate.wait(5)
        return FULL

    ticker = Ticker(compute, lambda: 0, lambda frame: None)
    ticker.start()
    assert ticker.fresh(timeout=0.05) is None
    gate.set()
    ticker.stop()


@pytest.mark.parametrize(("target", "role", "status"), [
    ("/v1/figures?by=day,queue&from=2026-11-01", "wall", 200),
    ("/v1/figures?by=day,agent", "lead", 200),
    ("/v1/figures?by=day,agent", "wall", 403),
    ("/v1/figures?where=queue=q,agent=Ann", "client", 403),
    ("/v1/figures?where=queue=agents", "wall", 200),
    ("/v1/figures?by=colour", "wall", 400),
    ("/v1/explain?kpi=asa_s", "wall", 200),
    ("/v1/explain", "wall", 400),
    ("/v1/explain?kpi=a&by=day", "lead", 400),
    ("/v1/explain?kpi=a&agent=Ann", "lead", 200),
    ("/v1/explain?kpi=a&agent=Ann", "wall", 403),
    ("/v1/visits?kpi=a&queue=q&limit=9&offset=3", "client", 200),
    ("/v1/visits?kpi=a&agent=Ann", "client", 403),
    ("/v1/visits?kpi=a&agent=Ann", "manager", 200),
    ("/v1/visits?queue=q", "wall", 400),
    ("/v1/visits?kpi=a&by=day", "lead", 400),
])
def test_figures_of_single_agents_are_for_who_may_see_names(target: str, role: Role, status: int) -> None:
    assert ask(target, viewer=Viewer(role))[0] == status
