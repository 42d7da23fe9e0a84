"""Sources on their threads: heard, failing, raising, hanging, and what of that is kept."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from ccboard import runner as runner_module
from ccboard.callers import Callers
from ccboard.clock import SECOND, ManualClock
from ccboard.collector import Collector
from ccboard.errors import ConfigError, StoreError
from ccboard.records import Batch, Contact, QueueKnown, Record, Reject, SourceStatus
from ccboard.runner import Plan
from ccboard.source import Context, Data, Failed, Nothing, Polled, Release, Source
from ccboard.writer import Writer

START = 1_000_000 * SECOND


class Memory:
    """A store double that remembers records and cursors, as one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.records: list[Record] = []
        self.rejects: list[Reject] = []
        self.cursors: dict[tuple[str, str], str] = {}
        self.registered: dict[str, tuple[str, float, frozenset[str]]] = {}
        self.full = False

    def register(self, name: str, type: str, promise_s: float, sees: frozenset[str]) -> None:  # noqa: A002
        self.registered[name] = (type, promise_s, sees)

    def cursor(self, source: str, key: str = "live") -> str | None:
        return self.cursors.get((source, key))

    def apply(self, batch: Batch, key: str = "live") -> int:
        if self.full:
            raise StoreError("the disk is full")
        with self.lock:
            self.records += batch.records
            self.rejects += batch.rejects
            if batch.cursor is not None:
                self.cursors[batch.source, key] = batch.cursor
        return len(batch.records)

    def checkpoint(self) -> None:
        pass

    def status(self, kind: str) -> list[SourceStatus]:
        with self.lock:
            return [r for r in self.records if isinstance(r, SourceStatus) and r.kind == kind]

    def facts(self) -> list[Record]:
        with self.lock:
            return [r for r in self.records if not isinstance(r, SourceStatus)]


Step = Polled | Exception | Callable[[], Any]


class Scripted(Source):
    """Does one step of its script per poll, then has nothing new for ever."""

    Config: ClassVar[type[Any]] = dict
    promise_s = 5.0
    sees = frozenset({"ringing"})

    def __init__(self, name: str, script: deque[Step], log: list[str]) -> None:
        super().__init__(name, {}, Context())
        self.script, self.log = script, log

    def open(self, cursor: str | None) -> None:
        self.log.append(f"open {cursor}")

    def poll(self, wait_s: float) -> Polled:
        assert wait_s > 0
        if not self.script:
            time.sleep(0.005)
            return Nothing()
        step = self.script.popleft()
        if isinstance(step, Exception):
            raise step
        return step() if callable(step) else step

    def released(self, release: Release) -> None:
        self.log.append(f"{release.heads} heads to {release.queue}")

    def close(self) -> None:
        self.log.append("close")


class Bench:
    def __init__(self) -> None:
        self.store = Memory()
        self.clock = ManualClock(START)
        self.writer = Writer(self.store, lambda: None)
        self.writer.start()
        self.collector = Collector(self.store, self.writer, self.clock, Callers("masked", b"k" * 32))
        self.logs: dict[str, list[str]] = {}

    def run(self, *script: Step, name: str = "pbx") -> deque[Step]:
        steps = deque(script)
        log = self.logs.setdefault(name, [])
        self.collector.add(Plan(name, "scripted", lambda: Scripted(name, steps, log)))
        return steps

    def until(self, true: Callable[[], Any]) -> None:
        for _ in range(500):
            if true():
                return
            time.sleep(0.01)
        pytest.fail("did not come true in 5 s")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(runner_module, "BACKOFF_S", (0.01, 0.02))
    made = Bench()
    yield made
    made.store.full = False
    made.collector.close(1)
    made.writer.close(1)


def known(queue: str, source: str = "pbx") -> QueueKnown:
    return QueueKnown(source=source, queue=queue, at=START)


def test_records_and_cursor_arrive_and_the_source_is_registered(bench: Bench) -> None:
    bench.run(Data((known("a"),), "c1"), Data((known("b"),), "c2"))
    bench.until(lambda: bench.store.facts() == [known("a"), known("b")])
    assert bench.store.cursors == {("pbx", "live"): "c2"}
    assert bench.store.registered == {"pbx": ("scripted", 5.0, frozenset({"ringing"}))}
    health = bench.collector.health()["pbx"]
    assert (health.heard_at, health.error, health.rows) == (START, None, 2)


def test_numbers_of_callers_are_masked_on_their_way(bench: Bench) -> None:
    bench.run(Data((Contact(source="pbx", call="1", queue="q", offered_at=1, caller="+4930123456681"),)))
    bench.until(bench.store.facts)
    kept = bench.store.facts()[0]
    assert isinstance(kept, Contact)
    assert kept.caller == "+49••••••••681"
    assert kept.caller_key


def test_an_exception_is_said_and_the_source_is_made_again_where_it_stopped(bench: Bench) -> None:
    bench.run(Data((known("a"),), "c1"), ZeroDivisionError("oops"), Data((known("b"),), "c2"))
    bench.until(lambda: len(bench.store.facts()) == 2)
    assert bench.logs["pbx"][:3] == ["open None", "close", "open c1"]
    failed = bench.store.status("failed")
    assert [s.text for s in failed] == ["ZeroDivisionError: oops"]


def test_a_source_that_cannot_be_made_says_why(bench: Bench) -> None:
    def make() -> Source:
        raise ConfigError("the secret is not set")

    bench.collector.add(Plan("pbx", "x", make))
    bench.until(lambda: bench.collector.health()["pbx"].error)
    assert bench.collector.health()["pbx"].error == "the secret is not set"


@pytest.mark.parametrize("step", [lambda: "news", lambda: None, SystemExit(3)])
def test_what_is_no_outcome_is_a_failure(bench: Bench, step: Any) -> None:
    def leave() -> None:
        raise SystemExit(3)

    bench.run(leave if isinstance(step, SystemExit) else step, Data((known("a"),)))
    bench.until(bench.store.facts)
    assert len(bench.store.status("failed")) == 1


def test_sources_hear_that_reserves_are_called_also_one_that_was_down_then(bench: Bench) -> None:
    bench.run(RuntimeError("down"), name="pbx")
    bench.run(name="wfm")
    bench.collector.tell_released(Release("support", 5, START - 11 * 60 * SECOND))
    bench.collector.tell_released(Release("support", 9, START))
    bench.until(lambda: all("9 heads to support" in log for log in bench.logs.values()))
    assert [log.count("9 heads to support") for log in bench.logs.values()] == [1, 1]
    assert not any("5 heads to support" in log for log in bench.logs.values()), "that was long ago"


def test_one_failing_source_does_not_hold_up_the_others(bench: Bench) -> None:
    bench.run(*[RuntimeError("again")] * 50, name="bad")
    bench.run(*[Data((known(f"q{n}", "good"),)) for n in range(20)], name="good")
    bench.until(lambda: len(bench.store.facts()) == 20)
    assert bench.collector.health()["good"].error is None


def test_failed_and_heard_again(bench: Bench) -> None:
    gate = threading.Event()

    def hold() -> Polled:
        gate.wait(5)
        return Failed("login refused", retry_s=0.05)

    steps = bench.run(Nothing(), hold)
    bench.until(lambda: bench.store.status("alive"))
    bench.clock.at += 3 * SECOND
    gate.set()
    bench.until(lambda: bench.store.status("failed"))
    bench.until(lambda: not steps and bench.collector.health()["pbx"].error is None)
    bench.until(lambda: bench.store.status("alive")[-1].at == START + 3 * SECOND)
    failed = bench.store.status("failed")
    assert [(s.at, s.text) for s in failed] == [(START + 3 * SECOND, "login refused")]
    assert bench.store.status("alive")[0].at == START


def test_alive_is_written_once_in_a_promise(bench: Bench) -> None:
    bench.run()
    bench.until(lambda: len(bench.store.status("alive")) == 1)
    for _ in range(10):
        bench.clock.at += SECOND
        time.sleep(0.02)
    stretches = bench.store.status("alive")
    assert {s.at for s in stretches} == {START}  # one stretch without a break
    assert 2 <= len(stretches) <= 4
    bench.clock.at += 60 * SECOND  # nobody heard it in between: another stretch
    bench.until(lambda: bench.store.status("alive")[-1].at == START + 70 * SECOND)


def test_a_source_that_hangs_is_said_and_left_behind(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_module, "HUNG_S", 0.05)
    release = threading.Event()

    def hang() -> Polled:
        release.wait(20)
        return Data((known("late"),), "late")

    bench.run(Data((known("a"),), "c1"), hang)
    bench.until(lambda: bench.collector.health()["pbx"].error)
    assert "does not return from poll()" in str(bench.collector.health()["pbx"].error)
    bench.collector.remove(["pbx"], timeout=0.05)
    assert bench.collector.names() == frozenset()
    bench.run(Data((known("b"),), "c2"))
    bench.until(lambda: len(bench.store.facts()) == 2)
    release.set()
    time.sleep(0.1)
    assert bench.store.facts() == [known("a"), known("b")]  # what it still brought was dropped
    assert bench.store.cursors["pbx", "live"] == "c2"


def test_a_source_that_hangs_in_close_does_not_hold_up_the_end(bench: Bench) -> None:
    release = threading.Event()

    class Clinging(Scripted):
        def close(self) -> None:
            release.wait(20)

    bench.collector.add(Plan("pbx", "x", lambda: Clinging("pbx", deque(), [])))
    bench.until(lambda: bench.collector.health()["pbx"].heard_at)
    began = time.monotonic()
    bench.collector.close(0.2)
    assert time.monotonic() - began < 10
    release.set()


def test_a_source_may_not_write_in_anothers_name(bench: Bench) -> None:
    bench.run(Data((known("a", "other"), known("b")), "c"))
    bench.until(bench.store.facts)
    assert bench.store.facts() == [known("b")]
    assert bench.collector.health()["pbx"].rejects == 1
    assert len(bench.store.rejects) == 1


def test_rejects_that_others_hand_in_count_once_beside_its_own(bench: Bench) -> None:
    bench.run(Data((), None, (Reject("log:1", "odd"),)))
    bench.until(lambda: bench.collector.health()["pbx"].rejects == 1)
    for _ in range(2):
        bench.collector.hand_in("pbx", [Reject("a.csv:1", "odd"), Reject("a.csv:2", "no call")])
    bench.collector.hand_in("other", [Reject("b.csv:1", "odd")])
    health = bench.collector.health()
    assert set(health) == {"pbx"}
    assert (health["pbx"].rejects, health["pbx"].reject_reasons) == (3, (("odd", 2), ("no call", 1)))


def test_reasons_of_rejects_are_counted_and_bounded(bench: Bench) -> None:
    rejects = tuple(Reject(f"log:{n}", f"reason {n % 40}") for n in range(200))
    bench.run(Data((), None, rejects))
    bench.until(lambda: bench.collector.health()["pbx"].rejects == 200)
    reasons = dict(bench.collector.health()["pbx"].reject_reasons)
    assert len(reasons) <= runner_module.REASONS + 1
    assert sum(reasons.values()) == 200


def test_a_full_disk_holds_sources_back_and_loses_nothing(bench: Bench) -> None:
    bench.store.full = True
    bench.run(*[Data((known(f"q{n}"),), f"c{n}") for n in range(100)])
    bench.until(lambda: bench.writer.trouble)
    bench.store.full = False
    bench.until(lambda: len(bench.store.facts()) == 100)
    assert bench.store.facts() == [known(f"q{n}") for n in range(100)]
    assert bench.store.cursors["pbx", "live"] == "c99"


def test_troubles_are_shown_and_cleaned(bench: Bench) -> None:
    bench.run(Nothing(("AMI\x1b[31m refused",)))
    bench.until(lambda: bench.collector.health()["pbx"].heard_at)
    seen = set()
    bench.collector.remove(["pbx"])
    bench.run(lambda: Nothing(("AMI\x1b[31m refused",)), *[Nothing(("AMI\x1b[31m refused",))] * 300)
    bench.until(lambda: seen.update(bench.collector.health()["pbx"].troubles) or seen)
    assert seen == {"AMI[31m refused"}


def test_a_fast_clock_makes_promises_longer(bench: Bench) -> None:
    bench.clock.speed = 60.0  # type: ignore[attr-defined]
    bench.run()
    bench.until(lambda: bench.store.registered)
    assert bench.store.registered["pbx"][1] == 300.0


def test_a_source_counts_as_heard_when_what_it_brought_can_be_seen(bench: Bench) -> None:
    bench.store.full = True
    bench.run(Data((known("a"),), "c1"))
    bench.until(lambda: bench.collector.health()["pbx"].rows == 1)
    assert bench.collector.health()["pbx"].heard_at is None
    bench.store.full = False
    bench.until(lambda: bench.collector.health()["pbx"].heard_at == START)


def test_what_follows_from_silence_is_stored_and_is_no_sign_of_life(bench: Bench) -> None:
    bench.run(Data((known("a"),), "c1"), Failed("gone", 0.05), lambda: bench.clock.advance(60) or Data(
        (known("b"),), "c2", heard=False), Failed("gone", 30))
    bench.until(lambda: len(bench.store.facts()) == 2)
    health = bench.collector.health()["pbx"]
    assert (health.heard_at, health.error) == (START, "gone")


def test_a_number_in_what_cannot_be_used_is_hidden_and_its_text_is_not_logged(
        bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bad = Reject("AMI event X", "0301234681 is odd", "{'CallerIDNum': '+4930123456681', 'Name': 'Anna'}")
    bench.run(Data((known("a"),), "c1", (bad,)))
    bench.until(lambda: bench.store.rejects)
    hidden = Reject("AMI event X", "••• is odd", "{'CallerIDNum': '+•••', 'Name': 'Anna'}")
    assert bench.store.rejects == [hidden]
    assert bench.collector.health()["pbx"].reject_reasons == (("••• is odd", 1),)
    assert "Anna" not in caplog.text
    assert "681" not in caplog.text


def test_a_source_is_as_old_as_what_a_full_disk_holds_back(bench: Bench) -> None:
    heard_later = threading.Event()

    def full() -> Polled:
        bench.until(bench.store.facts)
        bench.store.full = True
        return Data((known("b"),), "c2")

    def later() -> Polled:
        bench.clock.advance(60)
        return Nothing()

    def still_later() -> Polled:
        heard_later.set()
        return Nothing()

    bench.run(Data((known("a"),), "c1"), full, later, still_later)
    assert heard_later.wait(5)
    assert bench.collector.health()["pbx"].heard_at == START
    bench.store.full = False
    bench.until(lambda: bench.collector.health()["pbx"].heard_at == START + 60 * SECOND)
