"""Telling people: one message per step, by a service and by a program, tried again, limited, said."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ccboard.alarms.channels import Line, sender
from ccboard.alarms.office import Office, told_key
from ccboard.alarms.standing import Turn
from ccboard.alarms.steps import Step, cleared, steps
from ccboard.config import Config, parse
from ccboard.errors import ConfigError
from ccboard.panel_surge import Earlier, Exceptional, QueueSurge, SurgePanel, TierEffect
from ccboard.records import Action
from ccboard.tiers import Channel

UTC = ZoneInfo("UTC")
NINE = 1794819600_000000  # Mon 16 Nov 2026 09:00 UTC
MINUTE = 60_000000
CONFIG = parse({"tiers": [
    {"lift": 0.3, "queues": ["support"], "heads": 28, "owner": {"name": "Chen Li", "reach": "4711"},
     "call": [{"name": "Anna", "reach": "4712"}], "deputies": [{"name": "Sam", "reach": "4720"}]},
    {"lift": 0.5, "queues": ["support"], "notify": ["pager"]}, {"when": "waiting", "limit": 9}]}, "x.toml")
AMBER = QueueSurge(
    "support", "support", "amber", 0, None, 412, 299.0, 0.38, 0.27, 0.49, 0.7, since=NINE,
    raised_at=NINE + MINUTE, tier=0, threshold_s=20.0, target=0.8, suffices=1, call=("Anna 4712",),
    owner="Chen Li 4711",
    effects=(TierEffect(0, "", 0, 0.11, 0.29, False, True), TierEffect(1, "", 28, 0.672, 0.104, False, True)))
RED = AMBER._replace(state="red", sure=0.93, tier=1, red_at=NINE + 20 * MINUTE)


def panel(*rows: QueueSurge, exceptions: tuple[Exceptional, ...] = ()) -> SurgePanel:
    return SurgePanel(NINE + 30 * MINUTE, 13.0, False, rows, (), exceptions)


def told(*panels: SurgePanel, config: Config = CONFIG) -> list[tuple[str, str]]:
    """Return (kind, title) of what is told of one panel after the other."""
    done: set[str] = set()
    found = []
    for one in panels:
        for step in steps(one, frozenset(done), config, UTC):
            found.append((step.kind, step.title))
            done |= {step.key, *step.covers}
    return found


def test_each_step_once_and_in_plain_words() -> None:
    over = RED._replace(state="normal", raised_at=None, over_at=NINE + 60 * MINUTE, lift=0.06)
    assert told(panel(AMBER), panel(AMBER), panel(RED), panel(RED), panel(RED._replace(tier=2)), panel(over),
                panel(over)) == [
        ("raise", "support +38 % LIKELY watch"),
        ("release", "support +38 % SURGE tier 1"),
        ("change", "support +38 % SURGE tier 2"),
        ("clear", "support: over")]
    [step] = steps(panel(RED), frozenset(), CONFIG, UTC)
    assert step.text == (
        "+38 % vs a normal Monday (27..49 %) since 09:00. SURGE, 93 % sure."
        " without action 11 % in 20 s, 29 % hang up."
        " with tier 1 (+28) 67 %, 10 % hang up. call Anna 4712. owner Chen Li 4711")


def test_nobody_is_called_where_those_at_work_are_enough() -> None:
    [step] = steps(panel(RED._replace(heads=36, need=34)), frozenset(), CONFIG, UTC)
    assert step.text.endswith("those at work are enough. owner Chen Li 4711")


def test_an_alarm_that_is_sure_at_once_is_told_once() -> None:
    assert [kind for kind, _ in told(panel(RED), panel(RED))] == ["raise"]


def test_who_accepted_is_not_told_on_and_who_did_not_is_passed_over() -> None:
    accepted = RED._replace(accepted_at=NINE + 5 * MINUTE, accepted_by="Chen")
    late = AMBER._replace(escalated_to="Sam 4720")
    assert [kind for kind, _ in told(panel(AMBER), panel(accepted))] == ["raise"]
    assert [kind for kind, _ in told(panel(AMBER), panel(late), panel(late))] == ["raise", "escalate"]
    raised = frozenset({f"surge:support:{AMBER.raised_at}:raise"})
    [step] = steps(panel(late), raised, CONFIG, UTC)
    assert step.text.startswith("nobody accepted: now Sam 4720. ")


def test_a_tier_past_the_one_that_was_taken_on_is_told_and_goes_on_to_its_deputies() -> None:
    """Tier 1 is accepted; tier 2 comes: told once, and its deputy, though asked for tier 1 before, again."""
    late = RED._replace(escalated_to="Sam 4720")
    accepted = RED._replace(accepted_at=NINE + 5 * MINUTE, accepted_by="Chen")
    risen = RED._replace(tier=2, earlier=Earlier("accept", "Chen", NINE + 5 * MINUTE, 1, "", 300))
    seen = told(panel(RED), panel(late), panel(accepted), panel(risen), panel(risen),
                panel(risen._replace(escalated_to="Sam 4720")))
    assert [kind for kind, _ in seen] == ["raise", "escalate", "change", "escalate"]


def test_a_centre_that_is_cut_off_is_told_once() -> None:
    """Two dead queues after the centre: one message; what was told of before is told of when it is over."""
    dead = [QueueSurge(queue, queue or "", "silent", 0, None, 1, 40.0, since=NINE, raised_at=NINE)
            for queue in (None, "a", "b")]
    back = [row._replace(state="normal") for row in dead]
    assert [kind for kind, _ in told(panel(*dead), panel(*back))] == ["silent", "clear"]
    first = [dead[0]._replace(state="normal", raised_at=None), dead[1], dead[2]._replace(state="normal")]
    assert [kind for kind, _ in told(panel(*first), panel(*dead), panel(*back))] == [
        "silent", "silent", "clear", "clear"]


def test_a_dead_line_and_a_figure_past_its_limit_have_words_of_their_own() -> None:
    silent = QueueSurge("support", "support", "silent", 0, None, 1, 40.0, since=NINE, raised_at=NINE)
    limit = Exceptional("limit:waiting:support", "", "support", "support", "waiting", 12.0, 9.0, "Chen", (),
                        since=NINE)
    assert told(panel(silent, exceptions=(limit,))) == [("silent", "support: SILENT"), ("raise", "waiting")]
    assert told(panel(exceptions=(limit._replace(accepted_at=1),))) == []


def test_a_tier_names_the_channels_that_are_told() -> None:
    [step] = steps(panel(RED._replace(tier=2)), frozenset(), CONFIG, UTC)
    assert step.channels == ("pager",)


# ---------------------------------------------------------------- channels

STEP = Step("surge:support:1:raise", "raise", "surge:support", "support", "support +38 %", "call Anna 4712")


class Receiver:
    """A local service: keeps what is posted, and answers as it is told to."""

    def __init__(self) -> None:
        self.got: list[dict[str, str]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.answers.pop(0) if receiver.answers else 200
                if status == 200:
                    receiver.got.append(json.loads(body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def wait(true: Callable[[], object], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.01)


def line(channel: Channel, sent: list[str], environ: dict[str, str] | None = None, **more: object) -> Line:
    send = sender("desk", channel, environ or {}, Path("/"))
    return Line("desk", channel, send, lambda _, step: sent.append(step.key), **more)  # type: ignore[arg-type]


def test_over_a_service_with_a_second_try(receiver: Receiver) -> None:
    """The address stands in the environment; the service fails twice before it takes the message."""
    pytest.importorskip("apprise")
    sent: list[str] = []
    receiver.answers = [500, 503]
    made = line(Channel(url_env="DESK"), sent, {"DESK": receiver.url}, retry_s=(0.01, 0.01, 0.01))
    assert made.tell(STEP)
    wait(lambda: sent)
    assert [(got["title"], got["message"]) for got in receiver.got] == [("support +38 %", "call Anna 4712")]
    assert made.said is None
    made.stop()


def test_a_dead_service_is_said_and_delays_nobody(receiver: Receiver) -> None:
    pytest.importorskip("apprise")
    sent: list[str] = []
    receiver.answers = [500] * 3
    made = line(Channel(url_env="DESK"), sent, {"DESK": receiver.url}, retry_s=(0.01, 0.01))
    made.tell(STEP)
    wait(lambda: not receiver.answers and made.said)
    assert str(made.said) == "notify desk: nobody is told: the service did not take it"
    assert sent == []
    made.tell(STEP)  # it has come back
    wait(lambda: sent)
    assert made.said is None
    made.stop()


def test_by_a_program_of_the_users_own(tmp_path: Path) -> None:
    out = tmp_path / "got.json"
    code = f"import sys; open({str(out)!r}, 'wb').write(sys.stdin.buffer.read())"
    sent: list[str] = []
    made = line(Channel(command=(sys.executable, "-c", code)), sent)
    made.tell(STEP)
    wait(lambda: sent)
    assert json.loads(out.read_text()) == {
        "schema": "ccboard.alarm/1", "key": STEP.key, "kind": "raise", "about": "surge:support",
        "queue": "support", "title": "support +38 %", "text": "call Anna 4712"}
    made.stop()


@pytest.mark.parametrize(("command", "said"), [
    ((sys.executable, "-c", "import sys; sys.exit('no credit\\x1b[31m')"), "exit status 1: no credit[31m"),
    (("/nonexistent/program",), "No such file or directory"),
])
def test_a_program_that_fails_is_said(command: tuple[str, ...], said: str) -> None:
    made = line(Channel(command=command), [], retry_s=())
    made.tell(STEP)
    wait(lambda: made.said)
    assert said in str(made.said)
    made.stop()


def test_not_more_than_so_many_an_hour() -> None:
    now = [0.0]
    sent: list[str] = []
    made = Line("desk", Channel(command=("x",), at_most_per_hour=2), lambda step: None,
                lambda _, step: sent.append(step.key), tick=lambda: now[0])
    assert [made.tell(STEP) for _ in range(4)] == [True, True, False, False]
    wait(lambda: len(sent) == 2)
    now[0] = 3601.0
    assert made.tell(STEP)
    made.stop()


def test_only_the_steps_and_channels_that_were_asked_for() -> None:
    made = Line("desk", Channel(command=("x",), steps=("clear",)), lambda step: None, lambda _, step: None)
    assert not made.tell(STEP)
    made.stop()
    other = Line("desk", Channel(command=("x",)), lambda step: None, lambda _, step: None)
    assert not other.tell(Step("k", "raise", "a", None, "t", "x", channels=("pager",)))
    other.stop()


@pytest.mark.parametrize(("channel", "said"), [
    (Channel(url_env="NOWHERE"), "NOWHERE is empty or not set"),
    (Channel(url_file="missing"), "No such file"),
    (Channel(url_env="ODD"), "none that apprise understands"),
])
def test_an_address_that_is_none_is_said_and_never_shown(channel: Channel, said: str, tmp_path: Path) -> None:
    pytest.importorskip("apprise")
    with pytest.raises(ConfigError) as caught:
        sender("desk", channel, {"ODD": "s3cret"}, tmp_path)
    assert said in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_hub_that_starts_again_tells_nothing_twice() -> None:
    config = CONFIG.model_copy(update={"notify": {"desk": Channel(command=("x",))}})
    kept: list[Action] = []
    sent: list[str] = []

    def office() -> Office:
        return Office(config, UTC, {}, Path("/"), kept.append, lambda: NINE,
                      lambda *_: lambda step: sent.append(step.kind))

    first = office()
    assert first.take(panel(AMBER)) == ()
    wait(lambda: len(kept) == 2)  # the step, and the tier that it covers
    assert {action.kind for action in kept} == {"told"}
    first.stop()
    again = office()
    again.remember(frozenset(told_key(action.key) for action in kept))
    again.take(panel(AMBER))
    again.take(panel(RED))
    wait(lambda: len(sent) == 2)
    assert sent == ["raise", "release"]
    again.stop()


def test_a_channel_without_its_address_is_said_on_the_board() -> None:
    config = CONFIG.model_copy(update={"notify": {"desk": Channel(url_env="NOWHERE")}})
    made = Office(config, UTC, {}, Path("/"), lambda action: None, lambda: NINE)
    assert made.take(panel(AMBER)) == ("notify.desk.url_env: NOWHERE is empty or not set",)


def test_a_figure_past_its_limit_goes_to_the_deputy_and_its_end_is_told() -> None:
    limit = Exceptional("limit:service_level:support", "level", "support", "support", "service_level", 0.54,
                        0.6, "Chen", (), since=NINE, escalated_to="Sam 4720")
    again = limit._replace(since=NINE + MINUTE, escalated_to=None)
    fresh = limit._replace(since=None, escalated_to=None)
    assert told(panel(exceptions=(fresh,)), panel(exceptions=(limit,)), panel(exceptions=(limit,)),
                panel(exceptions=(again,))) == [("raise", "level"), ("escalate", "level"), ("raise", "level")]
    [raised, escalated] = steps(panel(exceptions=(limit,)), frozenset(), CONFIG, UTC)
    assert raised.text == "support: service level 54 %, limit 60 %. owner Chen"
    assert escalated.text.startswith("nobody accepted: now Sam 4720. support: service level 54 %")
    over = cleared(Turn("cleared", limit, NINE, NINE + 9 * MINUTE), CONFIG)
    assert (over.kind, over.text) == ("clear", "support: service level is within its limit again")
    assert over.key.removesuffix("clear") + "raise" == raised.key


def test_late_calls_that_move_its_minute_do_not_make_it_another_alarm() -> None:
    moved = RED._replace(raised_at=NINE + 3 * MINUTE)
    calm = RED._replace(state="normal", raised_at=None, over_at=None, lift=0.02)
    later = RED._replace(raised_at=NINE + 90 * MINUTE)
    assert [kind for kind, _ in told(panel(RED), panel(moved), panel(calm), panel(calm), panel(later))] == [
        "raise", "clear", "raise"]
    dark = calm._replace(state="no_feed")
    assert [kind for kind, _ in told(panel(RED), panel(dark), panel(moved))] == ["raise"]


def test_a_line_that_is_heard_again_is_told() -> None:
    silent = RED._replace(state="silent", raised_at=NINE)
    calm = RED._replace(state="normal", raised_at=None, over_at=None, lift=0.02)
    assert [kind for kind, _ in told(panel(silent), panel(silent), panel(calm), panel(calm))] == [
        "silent", "clear"]
