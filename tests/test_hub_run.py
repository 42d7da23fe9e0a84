"""Whole hubs as processes: elected, fed, killed, reloaded, stopped, left alone."""

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_process import Bench

from ccboard.client import Address, request
from ccboard.errors import CcboardError, HubError, StoreError
from ccboard.feed import Feed
from ccboard.hub.launch import ensure_hub
from ccboard.hub.lock import HubLock, bind, is_free, stop_mark
from ccboard.snapshot import Snapshot, from_wire
from ccboard.store.store import Store

START = "from ccboard.hub.launch import ensure_hub; print(ensure_hub().path)"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


@pytest.fixture
def as_user(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The test itself is the bench's user."""
    for name in [name for name in os.environ if name.startswith("CCBOARD_")]:
        monkeypatch.delenv(name)
    for name, value in bench.environ.items():
        monkeypatch.setenv(name, value)
    return bench


def lines_in(store: Path) -> Counter[str]:
    """Count the visits of each line, straight from the file, by a second connection of our own."""
    opened = Store.open(store)
    try:
        rows = opened.reader().rows("SELECT call FROM visits")
    finally:
        opened.close()
    return Counter(call.rpartition("-")[0] for (call,) in rows)


def test_two_who_start_at_once_get_one_hub_and_need_no_terminal(bench: Bench, tmp_path: Path) -> None:
    trap = tmp_path / "cwd"
    for name in ("sources", "widgets", "ccboard"):  # a folder that would hijack `python -m`
        (trap / name).mkdir(parents=True)
        (trap / name / "__init__.py").write_text("raise SystemExit('hijacked')")
    starters = [bench.script(START, cwd=trap) for _ in range(3)]
    # communicate() returns only when nobody holds the pipes any more: the hub must not have them.
    said = [process.communicate(timeout=60) for process in starters]
    assert [out for out, _ in said] == [f"{bench.where.socket}\n"] * 3, said
    status = bench.status()
    assert status["kind"] == "temporary"
    assert Path(f"/proc/{status['pid']}/cwd").resolve() == Path("/")
    assert os.getsid(status["pid"]) == status["pid"]
    held = {os.path.basename(os.readlink(f"/proc/{status['pid']}/fd/{fd}")) for fd in (0, 1)}  # noqa: PTH115, PTH119
    assert held == {"null"}
    assert os.readlink(f"/proc/{status['pid']}/fd/2") == str(bench.where.log)  # noqa: PTH115
    assert not is_free(bench.where.lock)


def test_killed_again_and_again_nothing_is_lost_or_doubled_and_boards_come_back(as_user: Bench) -> None:
    bench, heard = as_user, list[Any]()
    feed = Feed(ensure_hub, heard.append, lambda reason: heard.append("lost"), lambda: heard.append("back"))
    bench.feeds.append(feed)
    feed.start()
    done = threading.Event()
    written: list[str] = []

    def traffic() -> None:
        while not done.wait(0.005):
            written.append(f"line{len(written)}")
            bench.add(written[-1])

    writer = threading.Thread(target=traffic)
    writer.start()
    try:
        for round_ in range(3):
            bench.until(lambda n=round_: heard.count("back") >= n and isinstance([0, *heard][-1], Snapshot))
            count = len(heard)
            bench.until(lambda n=count: len(heard) > n + 1)  # it lives: figures move
            bench.kill()
            bench.until(lambda n=round_: heard.count("lost") == n + 1)
        bench.until(lambda: heard.count("back") == 3)
    finally:
        done.set()
        writer.join()
    bench.until(lambda: bench.now()["totals"]["offered"] >= len(written))
    bench.until(lambda: isinstance(heard[-1], Snapshot) and heard[-1].totals.offered == len(written))
    feed.stop()
    assert bench.command("stop").returncode == 0
    assert lines_in(bench.where.store) == Counter(written)


def test_a_board_does_not_start_the_hub_that_was_stopped(as_user: Bench) -> None:
    bench, heard = as_user, list[Any]()
    ensure_hub()
    feed = Feed(lambda: ensure_hub(again=True), heard.append, lambda reason: heard.append(reason),
                lambda: heard.append("back"))
    bench.feeds.append(feed)
    feed.start()
    bench.until(lambda: isinstance([0, *heard][-1], Snapshot))
    assert bench.command("stop").returncode == 0
    said = "the hub was stopped; `ccboard` starts it again"
    bench.until(lambda: said in heard)
    time.sleep(3)  # some tries
    assert is_free(bench.where.lock)
    Store.open(bench.where.store).close()  # whoever stopped it has the store
    assert [one for one in heard if not isinstance(one, Snapshot)][-1:] == [said]  # said once
    ensure_hub()  # somebody opens another board
    bench.until(lambda: heard.count("back") == 1)
    bench.kill()  # nobody meant that: it is started again
    bench.until(lambda: heard.count("back") == 2)


def test_a_hub_that_nobody_looks_at_leaves(as_user: Bench) -> None:
    as_user.write(more="[hub]\nleave_after_s = 0.8")
    address = ensure_hub()
    feed = Feed(lambda: address, lambda snapshot: None, lambda reason: None, lambda: None)
    as_user.feeds.append(feed)
    feed.start()
    as_user.until(lambda: as_user.status()["viewers"] == 1)
    time.sleep(1.5)
    assert as_user.status()["viewers"] == 1  # it stays as long as somebody looks
    feed.stop()
    as_user.until(lambda: is_free(as_user.where.lock))
    assert not as_user.where.socket.exists()
    assert "nobody has looked" in as_user.where.log.read_text()


def test_serve_status_reload_and_stop(bench: Bench) -> None:
    bench.add("a", "b")
    hub = bench.serve()
    bench.until(lambda: bench.now()["totals"]["offered"] == 2)
    assert bench.now()["timezone"] == "Europe/Berlin"

    text = bench.command("status")
    assert text.returncode == 0
    assert "source         t: ok; heard" in text.stdout
    assert str(bench.where.store) in text.stdout

    other = bench.command("serve")
    assert other.returncode == 2
    assert f"process {hub.pid}" in other.stderr
    assert "ccboard stop" in other.stderr

    # A good change: the source starts again with its new keys and goes on where it was.
    bench.write(queue="renamed")
    bench.until(lambda: "reloaded" in bench.log.read_text())
    bench.add("c")
    bench.until(lambda: bench.now()["totals"]["offered"] == 3)
    assert [q["queue"] for q in bench.now()["queues"]] == ["renamed", "tally"]

    # A bad one: the old one stays, and every board says so.
    good = bench.config.read_text()
    bench.config.write_text(good.replace("queue =", "quue ="))
    bench.until(lambda: bench.status()["notices"])
    notice = bench.status()["notices"][0]
    assert "configuration not reloaded" in notice
    assert "sources.t.quue: no such key; did you mean queue?" in notice
    bench.add("d")
    bench.until(lambda: bench.now()["totals"]["offered"] == 4)
    assert bench.now()["notices"] == [notice]
    bench.config.write_text(good + '\n[sources.u]\ntype = "broken"\n')
    bench.until(lambda: notice not in bench.status()["notices"])
    (notice,) = bench.status()["notices"]  # it makes no source: without a notice no board would show it
    assert notice.startswith("source u: ")
    failed = {s["name"]: s["error"] for s in bench.status()["sources"]}
    assert failed["t"] is None
    assert "tally_gone" in failed["u"]

    done = bench.command("stop")
    assert done.returncode == 0
    assert hub.wait(10) == 0
    assert is_free(bench.where.lock)
    assert not bench.where.socket.exists()
    assert bench.command("status").returncode == 2
    wal = bench.where.store.with_name(bench.where.store.name + ".wal")
    assert not wal.exists()  # a checkpoint at the end
    assert lines_in(bench.where.store) == Counter("abcd")


def test_status_says_of_a_source_what_now_says(bench: Bench) -> None:
    from ccboard.commands.status import lines
    from ccboard.metrics.sources import judged

    for age_s, promise_s, error, state, word in (
        (3.0, 2.0, None, "ok", "ok"), (44.0, 2.0, None, "stale", "STALE"),
        (1.0, 2.0, "gone", "failed", "FAILED: gone"),
    ):
        assert judged(error, age_s, promise_s) == state
        one = {"name": "t", "state": state, "error": error, "age_s": age_s, "rows": 1, "rejects": 0,
               "troubles": []}
        said = {"kind": "serve", "version": "1", "protocol": 1, "pid": 1, "uptime_s": 1.0, "store": "s",
                "config": "c", "timezone": "UTC", "viewers": 0, "leaves_in_s": None, "notices": [],
                "sources": [one]}
        assert f"t: {word}; heard" in "\n".join(lines("hub", said))
    bench.serve()
    bench.add("a")
    bench.until(lambda: [one["state"] for one in bench.now()["sources"]] == ["ok"])
    bench.until(lambda: bench.status()["sources"][0]["state"] == "ok")


def test_what_a_killed_hub_refused_is_not_forgotten(bench: Bench) -> None:
    def shown() -> list[tuple[int, Any]]:
        said = request(bench.address, "GET", "/v1/board?wait=1").good()
        return [(one.rejects, one.reject_reasons) for one in from_wire(said["snapshot"]).sources]

    bench.serve()
    bench.add("a", "bad1", "bad2")
    bench.until(lambda: shown() == [(2, (("no visit", 2),))])
    bench.kill()
    bench.serve()
    bench.until(lambda: shown() == [(2, (("no visit", 2),))])
    assert bench.status()["sources"][0]["rejects"] == 2
    bench.add("bad3")  # counted once, though both store and hub count it
    bench.until(lambda: shown() == [(3, (("no visit", 3),))])
    assert bench.status()["sources"][0]["rejects"] == 3


def test_sighup_reads_the_file_again_and_sigterm_ends_in_order(bench: Bench) -> None:
    bench.add("a")
    hub = bench.serve()
    bench.until(lambda: bench.now()["totals"]["offered"] == 1)
    hub.send_signal(signal.SIGHUP)
    bench.until(lambda: "configuration reloaded" in bench.log.read_text())
    hub.send_signal(signal.SIGTERM)
    assert hub.wait(15) == 0
    assert "has ended" in bench.log.read_text()
    assert lines_in(bench.where.store) == Counter("a")


def test_a_hub_that_stays_takes_over_from_a_temporary_one(as_user: Bench) -> None:
    ensure_hub()
    first = as_user.status()
    hub = as_user.serve()
    as_user.until(lambda: (as_user.status() or first)["pid"] == hub.pid)
    assert as_user.status()["kind"] == "serve"


def test_a_hub_that_stays_waits_for_one_that_is_only_just_starting(as_user: Bench) -> None:
    starting = HubLock.acquire(as_user.where.lock)  # elected, and does not answer yet
    assert starting is not None
    threading.Timer(4.0, starting.release).start()
    hub = as_user.serve()
    assert (hub.poll(), as_user.status()["pid"]) == (None, hub.pid)


def test_the_hosts_service_is_found_first_and_is_not_stopped_by_its_users(as_user: Bench) -> None:
    service = Path(as_user.environ["CCBOARD_SERVICE_SOCKET"])
    service.parent.mkdir(mode=0o750)
    words = ["serve", "--service", "--store", str(as_user.folder / "s.duckdb")]
    hub = subprocess.Popen(
        [sys.executable, "-P", "-m", "ccboard", *words],
        stderr=subprocess.DEVNULL, env=as_user.environ, text=True,
    )
    as_user.processes.append(hub)
    as_user.until(service.exists)
    address = ensure_hub()  # no second one is started
    assert address == Address(path=str(service), origin="service")
    assert stat.S_IMODE(service.stat().st_mode) == 0o660
    refused = as_user.command("stop")
    assert refused.returncode == 2
    assert "systemctl stop ccboard" in refused.stderr
    assert hub.poll() is None
    assert not stop_mark(as_user.folder / "s.duckdb.lock").exists()
    hub.terminate()
    assert hub.wait(15) == 0
    with socket.socket(socket.AF_UNIX) as stale:  # it died and left its socket: said, and none is started
        stale.bind(str(service))
    with pytest.raises(HubError, match="systemctl status"):
        ensure_hub()
    assert not as_user.where.lock.exists()


def test_records_are_handed_in_and_obey_the_policy(bench: Bench) -> None:
    bench.serve()
    body = (b'{"record":"Contact","source":"old","call":"1","queue":"q","offered_at":1794816847000000,'
            b'"caller":"+4930123456681"}\n')
    path = "/v1/records?source=old&type=asterisk&key=import&cursor=c1"
    assert request(bench.address, "POST", path, body).good() == {"applied": 1}
    assert request(bench.address, "POST", path, body).good()["applied"] == 0  # twice is once
    assert request(bench.address, "GET", "/v1/cursor?source=old&key=import").json() == {"cursor": "c1"}
    past = bench.now("?as_of=2026-11-16T09:14:08Z")
    assert past["live"] is False
    assert past["totals"]["offered"] == 1
    assert bench.command("stop").returncode == 0
    opened = Store.open(bench.where.store)
    assert "123456" not in repr(opened.reader().rows("SELECT * FROM visits"))
    assert opened.sources()["old"].promise_s == 0
    opened.close()


def test_whom_nobody_ever_saw_is_not_coached(bench: Bench) -> None:
    bench.serve()
    body = (b'{"record":"Contact","source":"old","call":"1","queue":"q","offered_at":1794816847000000,'
            b'"agent":"Wang, Fang","answered_at":1794816848000000,"outcome":"answered"}\n')
    path = "/v1/records?source=old&type=asterisk&key=import"
    assert request(bench.address, "POST", path, body).status == 200
    for name, said in (("Nobody Known", "'Nobody Known': nothing"), ("Wang, Fan", "mean Wang, Fang?")):
        refused = bench.command("coach", "open", name)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr.startswith("ccboard coach open: no agent ")
        assert said in refused.stderr
    assert request(bench.address, "GET", "/v1/coach").good()["cases"] == []
    for what, more in (("open", ()), ("note", ("quiet",)), ("recheck", ("14d",)), ("done", ())):
        done = bench.command("coach", what, "Wang, Fang", *more)
        assert (done.returncode, done.stderr) == (
            0, f"ccboard coach {what}: noted: Wang, Fang, the results as a whole\n")


@pytest.mark.parametrize(("text", "words"), [
    ('[sources.t]\ntype = "taly"\n', ["config.toml", "sources.t.type", "did you mean tally"]),
    ("name = \n", ["config.toml", "line 1"]),
    ('[hub]\nlisten = "127.0.0.1:0"\n[sources.t]\ntype = "tally"\npath = "x"\n', ["hub.tokens"]),
])
def test_a_hub_that_cannot_start_says_why_to_who_started_it(
    as_user: Bench, text: str, words: list[str]
) -> None:
    as_user.config.write_text(text)
    with pytest.raises(CcboardError) as caught:
        ensure_hub()
    for word in words:
        assert word in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert is_free(as_user.where.lock)


def test_a_lock_held_by_somebody_who_does_not_answer_is_said(as_user: Bench) -> None:
    lock = HubLock.acquire(as_user.where.lock)
    assert lock is not None
    try:
        with pytest.raises(HubError) as caught:
            ensure_hub(timeout=3)
        assert f"process {os.getpid()}" in str(caught.value)
        assert str(as_user.where.lock) in str(caught.value)
    finally:
        lock.release()


def test_a_socket_that_is_removed_is_made_again(as_user: Bench) -> None:
    hub = as_user.serve()
    as_user.where.socket.unlink()
    as_user.until(as_user.status)
    assert as_user.status()["pid"] == hub.pid
    assert as_user.command("stop").returncode == 0
    assert not as_user.where.socket.exists()


def test_a_hub_whose_folder_is_removed_leaves_and_lets_the_next_one_be(as_user: Bench) -> None:
    hub = as_user.serve()
    gone = as_user.where.store.parent
    gone.rename(gone.with_name("moved"))
    assert hub.stderr is not None
    said = hub.stderr.read()
    assert "ccboard.duckdb.lock was removed or replaced" in said
    assert hub.wait(30) == StoreError.exit_code, said
    # One that is elected meanwhile keeps its socket.
    first = as_user.serve()
    as_user.where.lock.unlink()
    mine = HubLock.acquire(as_user.where.lock)
    assert mine is not None
    as_user.where.socket.unlink()
    with bind(as_user.where.socket, shared=False):
        assert first.wait(30) == StoreError.exit_code
        assert as_user.where.socket.exists()
    mine.release()


def test_no_configuration_and_no_asterisk_says_what_was_looked_for(as_user: Bench, tmp_path: Path) -> None:
    as_user.config.unlink()
    empty = tmp_path / "etc"
    empty.mkdir()
    environ = {k: v for k, v in as_user.environ.items() if k != "CCBOARD_CONFIG"}
    environ["XDG_CONFIG_HOME"] = str(tmp_path / "xdg")
    done = subprocess.run([sys.executable, "-P", "-m", "ccboard", "serve", "--asterisk-etc", str(empty)],
                          capture_output=True, text=True, env=environ, timeout=60, check=False)
    assert done.returncode == 2
    assert "ccboard demo" in done.stderr
    assert "`ccboard init`" in done.stderr
    assert str(empty) in done.stderr


def test_over_tcp_with_a_token(as_user: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    as_user.environ["WALL"] = "w" * 20
    as_user.write(more='[hub]\nlisten = "127.0.0.1:0"\n[hub.tokens.tv]\ntoken_env = "WALL"')
    as_user.add("a")
    as_user.serve()
    as_user.until(lambda: "serving on http://127.0.0.1:" in as_user.log.read_text())
    port = int(as_user.log.read_text().partition("http://127.0.0.1:")[2].split()[0])
    address = Address(host="127.0.0.1", port=port, origin="option", token="w" * 20)
    as_user.until(lambda: request(address, "GET", "/v1/now").good()["totals"]["offered"] == 1)
    status = request(address, "GET", "/v1/status").good()
    assert status["kind"] == "serve"
    assert "store" not in status
    monkeypatch.setenv("CCBOARD_HUB_TOKEN", "w" * 20)
    monkeypatch.setenv("CCBOARD_HUB", f"http://127.0.0.1:{port}")
    assert ensure_hub() == address
