"""The store's file: found in any state, refused where it cannot live, shared with nobody."""

import gc
import os
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest
from stores import S, floor, store

from ccboard.cli import main
from ccboard.errors import StoreError
from ccboard.records import AgentState, Batch, Contact, QueueKnown, Reject, SourceStatus
from ccboard.store import recovery, schema
from ccboard.store.reader import Reader
from ccboard.store.store import Store

T = 1_795_283_239 * S


def visits(start: int, count: int) -> tuple[Contact, ...]:
    return tuple(Contact(source="pbx", call=f"c{n}", queue="q", version=2, offered_at=T + n * S,
                         ended_at=T + (n + 9) * S, outcome="abandoned", wait_s=9)
                 for n in range(start, start + count))


def filled(path: Path, *, checkpoint: bool) -> None:
    """Make a store with 50 visits, left as a kill leaves it: with or without a write-ahead log."""
    code = f"""
import os
from pathlib import Path
from test_store import Batch, Store, visits
made = Store.open(Path({str(path)!r}))
made.apply(Batch("pbx", visits(0, 30), cursor="30"))
if {checkpoint}: made.checkpoint()
made.apply(Batch("pbx", visits(30, 20), cursor="50"))
if {checkpoint}: made.checkpoint()
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60,
                   env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)})


def rows(made: Store, sql: str) -> list[tuple[object, ...]]:
    reader = made.reader()
    try:
        return reader.rows(sql)
    finally:
        reader.close()


def test_what_was_spilled_beside_the_store_by_one_that_was_killed_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "s.duckdb"
    folder = tmp_path / "s.duckdb.tmp"
    folder.mkdir()
    spilled = [folder / "duckdb_temp_storage_DEFAULT-0.tmp", folder / "duckdb_temp_block-77.block"]
    for file in spilled:
        file.write_text("1795000000|1.1|sales|NONE|ENTERQUEUE||+4930777|1")
    (folder / "notes.txt").write_text("somebody's own")
    with pytest.MonkeyPatch.context() as patch:
        def held(path: Path, _limit: str) -> None:
            raise duckdb.IOException(f'Could not set lock on file "{path}": Conflicting lock is held')

        patch.setattr(recovery, "connect", held)
        with pytest.raises(StoreError):
            Store.open(path)
    assert all(file.exists() for file in spilled)  # they are another's who has it open
    Store.open(path).close()
    assert not any(file.exists() for file in spilled)
    assert (folder / "notes.txt").exists()


def aside(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if ".damaged-" in path.name)


def open_saying(path: Path) -> tuple[Store, list[str]]:
    said: list[str] = []
    return Store.open(path, notice=said.append), said


def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    filled(path, checkpoint=False)
    made, said = open_saying(path)
    with made:
        assert rows(made, "SELECT count(*) FROM contacts") == [(50,)]
        assert made.cursor("pbx") == "50"
    assert said == []


@pytest.mark.parametrize("damage", ["inside", "head", "whole"])
def test_damaged_write_ahead_log(tmp_path: Path, damage: str) -> None:
    path, wal = tmp_path / "x.duckdb", tmp_path / "x.duckdb.wal"
    filled(path, checkpoint=False)
    body = bytearray(wal.read_bytes())
    if damage == "inside":
        body[len(body) // 2 : len(body) // 2 + 40] = b"\xa5" * 40
    elif damage == "head":
        body[:8] = b"garbage!"
    else:
        body = bytearray(b"\x00\xff" * 500)
    wal.write_bytes(body)
    made, said = open_saying(path)
    with made:
        assert rows(made, "SELECT count(*) FROM contacts") == [(0,)]  # the checkpoint after the tables
        assert made.cursor("pbx") is None  # so the source hands in everything again
        made.apply(Batch("pbx", visits(0, 50), cursor="50"))
        assert rows(made, "SELECT count(*) FROM contacts") == [(50,)]
    (kept,) = aside(tmp_path)
    assert kept.read_bytes() == bytes(body)
    assert len(said) == 1
    assert str(kept) in said[0]


@pytest.mark.parametrize("damage", ["header", "cut", "empty", "foreign", "block"])
def test_damaged_file(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "x.duckdb"
    filled(path, checkpoint=True)
    body = bytearray(path.read_bytes())
    if damage == "header":
        body[4096:12288] = b"\xa5" * 8192
    elif damage == "cut":
        body = body[:20_000]
    elif damage == "empty":
        body = bytearray()
    elif damage == "foreign":
        body = bytearray(b"name,calls\nsupport,12\n" * 900)
    else:  # the catalogue: the first block
        body[12_288 + 2_000 : 12_288 + 6_000] = b"\xa5" * 4_000
        body[12_288 : 12_288 + 8] = b"\xa5" * 8
    path.write_bytes(body)
    made, said = open_saying(path)
    with made:
        assert rows(made, "SELECT count(*) FROM contacts") == [(0,)]
        made.apply(Batch("pbx", visits(0, 5)))
        assert rows(made, "SELECT count(*) FROM contacts") == [(5,)]
    (kept,) = aside(tmp_path)
    assert kept.read_bytes() == bytes(body)
    assert len(said) == 1
    assert str(kept) in said[0]


@pytest.mark.parametrize("damage", ["header", "cut", "empty", "foreign", "wal"])
def test_who_only_reads_moves_nothing(tmp_path: Path, damage: str) -> None:
    path, wal = tmp_path / "x.duckdb", tmp_path / "x.duckdb.wal"
    filled(path, checkpoint=damage != "wal")
    body = bytearray(path.read_bytes())
    if damage == "header":
        body[4096:12288] = b"\xa5" * 8192
    elif damage == "cut":
        body = body[:20_000]
    elif damage == "empty":
        body = bytearray()
    elif damage == "foreign":
        body = bytearray(b"name,calls\nsupport,12\n" * 900)
    else:
        wal.write_bytes(b"\x00\xff" * 500)
    path.write_bytes(body)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(StoreError, match=r"is damaged .*left as it is: ccboard serve"):
        Store.open(path, mend=False)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_pipe_or_a_device_is_left_where_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "a.duckdb"
    os.mkfifo(pipe)
    for mend in (True, False):
        with pytest.raises(StoreError, match="is a device or a pipe"):
            Store.open(pipe, mend=mend)
    assert main(["now", "--store", str(pipe)]) != 0
    assert main(["import", "asterisk-queue-log", __file__, "--store", str(pipe)]) != 0
    assert [path.name for path in tmp_path.iterdir()] == ["a.duckdb"]
    assert pipe.is_fifo()


def test_a_file_that_was_never_a_store_is_left_alone(tmp_path: Path) -> None:
    for name, text in (("passwd", b"root:x:0:0:root:/root:/bin/bash\n" * 40), ("calls.csv", b"a,b\n")):
        path = tmp_path / name
        path.write_bytes(text)
        with pytest.raises(StoreError, match=r"not a store.*left as it is"):
            Store.open(path)
        assert path.read_bytes() == text
    assert sorted(file.name for file in tmp_path.iterdir()) == ["calls.csv", "passwd"]
    odd = tmp_path / "my.store"
    filled(odd, checkpoint=True)
    odd.write_bytes(odd.read_bytes()[:20_000])  # damaged, of whatever name
    Store.open(odd).close()
    assert len(aside(tmp_path)) == 1


def test_the_deadline_keeps_no_cursor(tmp_path: Path) -> None:
    """A timer's thread that frees a connection while the interpreter ends aborts the whole process."""
    timers: list[threading.Timer] = []

    def work() -> None:
        timers.extend(one for one in threading.enumerate() if isinstance(one, threading.Timer))

    with Store.open(tmp_path / "x.duckdb") as made:
        made.reader().consistent(work)
        assert timers
        reached: list[object] = [timer.function for timer in timers]
        for thing in reached:
            assert not isinstance(thing, duckdb.DuckDBPyConnection)
            if not isinstance(thing, (dict, type)):  # a function's globals, a class: not what it holds
                reached += [one for one in gc.get_referents(thing) if one not in reached]


def test_a_log_torn_at_its_end_only_loses_what_was_not_acknowledged(tmp_path: Path) -> None:
    path, wal = tmp_path / "x.duckdb", tmp_path / "x.duckdb.wal"
    filled(path, checkpoint=False)
    os.truncate(wal, wal.stat().st_size - 15)
    made, said = open_saying(path)
    with made:
        assert rows(made, "SELECT count(*) FROM contacts") == [(30,)]
        assert made.cursor("pbx") == "30"  # the two belong together
    assert said == []


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "sales.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE orders AS SELECT 1 AS n").fetchall()
    with pytest.raises(StoreError, match="something else"):
        Store.open(path)
    with duckdb.connect(str(path)) as con:
        assert con.execute("SELECT n FROM orders").fetchall() == [(1,)]


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    with Store.open(path) as made:
        made.set_meta("schema", str(schema.VERSION + 1))
    with pytest.raises(StoreError, match="newer ccboard"):
        Store.open(path)
    assert not aside(tmp_path)


def test_another_process_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    code = f"""
import sys
from pathlib import Path
from ccboard.store.store import Store
made = Store.open(Path({str(path)!r}))
print("open", flush=True)
sys.stdin.read()
"""
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(StoreError, match=rf"process {holder.pid} "):
            Store.open(path)
        assert not aside(tmp_path)
    finally:
        holder.communicate(timeout=30)


def test_places_where_no_store_can_live(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(StoreError, match="CCBOARD_STATE_DIR"):
        Store.open(blocked / "below" / "x.duckdb")
    with pytest.raises(StoreError, match="is a folder"):
        Store.open(tmp_path)
    with pytest.raises(StoreError, match="CCBOARD_STATE_DIR"):
        Store.open(Path("/proc/ccboard/x.duckdb"))


def test_file_systems() -> None:
    table = ("/dev/sda1 / ext4 rw 0 0\nsrv:/home /home nfs4 rw 0 0\nC:\\134 /mnt/c 9p rw 0 0\n"
             "tmpfs /home/me/my\\040disk tmpfs rw 0 0\n/dev/sdb /homestead xfs rw 0 0\n")
    for folder, kind in (("/var/lib", "ext4"), ("/home/me", "nfs4"), ("/mnt/c/Users", "9p"),
                         ("/home/me/my disk/x", "tmpfs"), ("/homestead/y", "xfs")):
        assert recovery.file_system(Path(folder), table) == kind
    assert {"nfs4", "9p", "cifs", "fuse.sshfs"} <= recovery.REMOTE
    assert not recovery.REMOTE & {"ext4", "xfs", "btrfs", "tmpfs", "zfs", "overlay", "fuseblk", "apfs"}


def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "file_system", lambda _folder: "cifs")
    with pytest.raises(StoreError, match="cifs, a network"):
        Store.open(tmp_path / "x.duckdb")


def test_folder_and_file_are_private(tmp_path: Path) -> None:
    path = tmp_path / "state" / "ccboard" / "x.duckdb"
    with Store.open(path):
        assert path.parent.stat().st_mode & 0o077 == 0
        assert path.stat().st_mode & 0o077 == 0


def test_what_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    with Store.open(path) as made:
        assert (made.meta("timezone"), made.cursor("pbx"), made.last_moment()) == (None, None, None)
        made.set_meta("timezone", "Asia/Shanghai")
        made.register("pbx", "asterisk", 5.0, frozenset({"hold", "ringing"}))
        made.apply(Batch("pbx", (), cursor="one"))
        made.apply(Batch("pbx", visits(0, 2), cursor="two"), key="history")
        made.apply(Batch("pbx", (), cursor=None))
    with Store.open(path) as made:
        assert made.meta("timezone") == "Asia/Shanghai"
        assert (made.cursor("pbx"), made.cursor("pbx", "history"), made.cursor("x")) == ("one", "two", None)
        assert made.sources()["pbx"] == ("asterisk", 5.0, frozenset({"hold", "ringing"}))
        assert made.last_moment() == T + 11 * S  # the last end, its second and one


def test_rejects_are_bounded_and_counted(tmp_path: Path) -> None:
    with Store.open(tmp_path / "x.duckdb") as made:
        for start in range(0, 2500, 500):
            made.apply(Batch("pbx", (), rejects=tuple(
                Reject(f"queue_log:{n}", "no epoch" if n % 5 else "too short", "x")
                for n in range(start, start + 500))))
        made.apply(Batch("pbx", (), rejects=(Reject("queue_log:2499", "no epoch", "x"),)))
        assert rows(made, "SELECT count(*), min(place), max(place) FROM rejects") == [
            (1000, "queue_log:1500", "queue_log:2499")]
        (source,) = floor(made, T).sources
        assert source.reject_reasons == (("no epoch", 2000), ("too short", 500))
        made.apply(Batch("pbx", (), rejects=tuple(Reject(f"y{n}", f"reason {n}") for n in range(300))))
        assert rows(made, "SELECT count(*) FROM reject_counts") == [(101,)]
        assert rows(made, "SELECT sum(n) FROM reject_counts") == [(2800,)]


def test_absurd_numbers_do_not_stop_a_batch(tmp_path: Path) -> None:
    odd = Contact(source="pbx", call="odd", queue="q", offered_at=10**22, position=10**30)
    with Store.open(tmp_path / "x.duckdb") as made:
        assert made.apply(Batch("pbx", (odd, *visits(0, 3)))) == 4


def test_life_grows_together_and_a_promise_bridges_it(tmp_path: Path) -> None:
    def alive(start: int, end: int) -> SourceStatus:
        return SourceStatus(source="pbx", at=T + start * S, kind="alive", until=T + end * S)

    with Store.open(tmp_path / "x.duckdb") as made:
        made.register("pbx", "test", 5.0, frozenset())
        made.apply(Batch("pbx", (alive(0, 10), alive(10, 20), alive(100, 110))))
        made.apply(Batch("pbx", (alive(24, 30),)))
        assert rows(made, "SELECT count(*) FROM alive") == [(2,)]
        made.apply(Batch("pbx", (alive(30, 100),)))
        assert rows(made, "SELECT epoch_us(moment), epoch_us(until) FROM alive") == [(T, T + 110 * S)]
        assert made.apply(Batch("pbx", (alive(5, 50),))) == 0


def test_a_question_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    with Store.open(tmp_path / "x.duckdb") as made:
        reader = made.reader(deadline_s=0.2)
        with pytest.raises(StoreError, match=r"longer than 0\.2 s"):
            reader.rows("SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 3")
        assert reader.rows("SELECT 1") == [(1,)]


def test_nothing_but_its_own_file_is_within_reach(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    with Store.open(tmp_path / "x.duckdb") as made:
        for sql in (f"SELECT * FROM read_csv('{secret}')", f"COPY meta TO '{tmp_path / 'out.csv'}'",
                    "INSTALL httpfs", "SET enable_external_access=true", f"ATTACH '{tmp_path / 'y.db'}'"):
            with pytest.raises(StoreError):
                rows(made, sql)
        assert rows(made, "SELECT current_setting('TimeZone'), current_setting('threads')") == [("UTC", 1)]


class Dying:
    """A connection that dies at its next commit, as DuckDB does when the disk is full at the wrong moment."""

    def __init__(self, real: duckdb.DuckDBPyConnection, *, after: bool) -> None:
        self._real, self._after = real, after

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def commit(self) -> None:
        if self._after:
            self._real.commit()
        raise duckdb.FatalException("FATAL Error: database has been invalidated")


@pytest.mark.parametrize("after", [True, False])
def test_a_fatal_error_is_survived(tmp_path: Path, after: bool) -> None:
    """Whether the commit came through or not before the error: the batch is in the store once."""
    with Store.open(tmp_path / "x.duckdb") as made:
        made.apply(Batch("pbx", visits(0, 10), cursor="10"))
        reader = made.reader()
        assert reader.rows("SELECT count(*) FROM contacts") == [(10,)]
        made._con = Dying(made._con, after=after)  # type: ignore[assignment, arg-type]
        made.apply(Batch("pbx", visits(5, 10), cursor="15"))
        assert reader.rows("SELECT count(*) FROM contacts") == [(15,)]
        assert made.cursor("pbx") == "15"
        reader.close()


def test_a_reader_survives_a_reopening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(tmp_path / "x.duckdb") as made:
        made.apply(Batch("pbx", visits(0, 10)))
        reader = made.reader()
        execute, died = Reader._execute, []

        def once(self: Reader, sql: str, params: object) -> object:
            if not died:
                died.append(True)
                raise duckdb.FatalException("FATAL Error: database has been invalidated")
            return execute(self, sql, params)  # type: ignore[arg-type]

        monkeypatch.setattr(Reader, "_execute", once)
        assert reader.rows("SELECT count(*) FROM contacts") == [(10,)]
        made.apply(Batch("pbx", visits(10, 10)))
        assert reader.rows("SELECT count(*) FROM contacts") == [(20,)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)], capture_output=True)
    if done.returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield disk  # type: ignore[misc]
    subprocess.run(["umount", "-l", str(disk)], check=True, capture_output=True)


def test_a_full_disk_loses_nothing(small_disk: Path) -> None:
    """Batches are refused while it is full, what was acknowledged stays, and room is used at once."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * 3_000_000)
    made = Store.open(small_disk / "x.duckdb")
    acknowledged, refused, said = 0, 0, set()
    for n in range(400):
        batch = tuple(Contact(source="pbx", call=f"{os.urandom(40).hex()}-{n}-{i}", queue="q", version=2,
                              offered_at=T + n * S, ended_at=T + n * S + 1, outcome="abandoned", wait_s=1,
                              caller=os.urandom(60).hex()) for i in range(100))
        try:
            made.apply(Batch("pbx", batch, cursor=str(n)))
        except StoreError as error:
            said.add("the disk is full" in str(error))
            refused += 1
            if refused == 3:
                break
        else:
            acknowledged += 1
            assert refused == 0
    assert refused == 3
    assert said == {True}
    assert acknowledged > 0
    assert rows(made, "SELECT count(*) FROM contacts") == [(acknowledged * 100,)]
    ballast.unlink()
    made.apply(Batch("pbx", visits(0, 10), cursor="after"))
    assert rows(made, "SELECT count(*) FROM contacts") == [(acknowledged * 100 + 10,)]
    made.close()
    with Store.open(small_disk / "x.duckdb") as again:
        assert rows(again, "SELECT count(*) FROM contacts") == [(acknowledged * 100 + 10,)]
        assert again.cursor("pbx") == "after"


def test_checkpoints_wait_for_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    with Store.open(tmp_path / "x.duckdb", notice=said.append) as made:
        wal = tmp_path / "x.duckdb.wal"
        made.apply(Batch("pbx", visits(0, 10)))
        monkeypatch.setattr(recovery, "free_bytes", lambda _path: 10)
        made.checkpoint()
        made.checkpoint()
        assert wal.stat().st_size > 0
        assert len(said) == 1
        monkeypatch.undo()
        made.checkpoint()
        assert not wal.exists() or wal.stat().st_size == 0


def test_readers_and_the_writer_side_by_side(tmp_path: Path) -> None:
    """Every reader sees whole batches only, while they are written."""
    with store(tmp_path) as made:
        wrong: list[object] = []
        done = threading.Event()

        def look() -> None:
            reader = made.reader()
            while not done.is_set():
                found = reader.consistent(lambda: (
                    reader.rows("SELECT count(*) FROM contacts"),
                    reader.rows("SELECT max(cursor) FROM cursors")))
                if found[0][0][0] != int(found[1][0][0] or 0):
                    wrong.append(found)
            reader.close()

        threads = [threading.Thread(target=look) for _ in range(2)]
        for thread in threads:
            thread.start()
        for n in range(0, 90, 9):
            made.apply(Batch("pbx", visits(n, 9), cursor=f"{n + 9:05}"))
        done.set()
        for thread in threads:
            thread.join(30)
        assert wrong == []


def test_queues_and_names_are_remembered_whatever_the_order(tmp_path: Path) -> None:
    told = [
        QueueKnown(source="pbx", queue="q", at=T + 10 * S, wrap_up_s=10),
        QueueKnown(source="pbx", queue="q", at=T + 30 * S, wrap_up_s=30),
        QueueKnown(source="pbx", queue="q", at=T + 20 * S, wrap_up_s=20),
        AgentState(source="pbx", agent="Ann", interface="P/1", at=T + 10 * S, state="ready"),
        AgentState(source="pbx", agent="Bea", interface="P/1", at=T + 30 * S, state="ready"),
        AgentState(source="pbx", agent="Cid", interface="P/1", at=T + 20 * S, state="ready"),
    ]
    for n, order in enumerate((told, told[::-1], told[3:] + told[:3])):
        (tmp_path / str(n)).mkdir()
        with Store.open(tmp_path / str(n) / "x.duckdb") as made:
            for record in order:
                made.apply(Batch("pbx", (record,)))
            assert rows(made, "SELECT epoch_us(moment), wrap_up_s FROM queues_known") == [(T + 10 * S, 30.0)]
            assert rows(made, "SELECT agent FROM ties") == [("Bea",)]


def test_a_store_that_there_is_no_room_to_make_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "ccboard.duckdb"
    code = f"""
import resource
from pathlib import Path
from ccboard.cli import main
from ccboard.errors import StoreError
from ccboard.store.store import Store
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
try:
    Store.open(Path({str(path)!r}))
except StoreError as error:
    print(error)
"""
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, check=True, timeout=60, capture_output=True, text=True)
    assert "the disk is full" in done.stdout
    assert not path.exists()


def test_a_checkpoint_waits_for_who_reads_what_was_there_before(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    waiting = Contact(source="pbx", call="1", queue="q", offered_at=S)
    read, go_on = threading.Event(), threading.Event()
    seen: list[object] = []
    with Store.open(path) as made:
        made.apply(Batch("pbx", (waiting,), cursor="1"))
        made.checkpoint()
        reader = made.reader()

        def look() -> None:
            reader.rows("SELECT count(*) FROM visits")
            read.set()
            go_on.wait(10)
            seen.extend(reader.rows("SELECT cursor FROM cursors"))

        thread = threading.Thread(target=lambda: reader.consistent(look))
        thread.start()
        assert read.wait(10)
        made.apply(Batch("pbx", (waiting,), cursor="2"))  # changes a row that is being read
        timer = threading.Timer(0.3, go_on.set)
        timer.start()
        made.checkpoint()
        wal = path.with_name(path.name + ".wal")
        assert not wal.exists() or not wal.stat().st_size
        thread.join(10)
        assert seen == [("1",)]  # and he who read was not disturbed
        reader.close()
