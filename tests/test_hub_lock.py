"""The election: one holder, by flock and by nothing else; only it touches the socket."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ccboard.errors import HubError, StoreError
from ccboard.hub.lock import HubLock, bind, holder, is_free, make_private_folder

HOLDER = """
import sys, time
from pathlib import Path
from ccboard.hub.lock import HubLock
lock = HubLock.acquire(Path(sys.argv[1]))
print("held" if lock else "lost", flush=True)
time.sleep(60)
"""

LOOKER = """
import sys
from pathlib import Path
from ccboard.hub.lock import is_free
print("go", flush=True)
while True:
    is_free(Path(sys.argv[1]))
"""


def hold(path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)


def test_one_of_two_is_elected_and_death_by_any_means_frees(tmp_path: Path) -> None:
    path = tmp_path / "state" / "x.lock"
    first = hold(path)
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        assert HubLock.acquire(path) is None
        assert not is_free(path)
        assert holder(path) == f"process {first.pid}"
    finally:
        first.kill()
        first.wait(10)
        assert first.stdout is not None
        first.stdout.close()
    assert is_free(path)
    lock = HubLock.acquire(path)
    assert lock is not None
    lock.release()
    assert is_free(path)
    assert path.exists()  # removing it would let two starters lock two different files


def test_many_at_once_elect_exactly_one(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    starters = [hold(path) for _ in range(4)]
    try:
        said = [process.stdout.readline() for process in starters if process.stdout]
        assert sorted(said) == ["held\n", "lost\n", "lost\n", "lost\n"]
    finally:
        for process in starters:
            process.kill()
            process.wait(10)
            assert process.stdout is not None
            process.stdout.close()


def test_looking_whether_it_is_free_costs_nobody_the_election(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    lock = HubLock.acquire(path)
    assert lock is not None
    lock.release()
    looking = subprocess.Popen([sys.executable, "-c", LOOKER, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert looking.stdout is not None
        looking.stdout.readline()
        for _ in range(5):
            lock = HubLock.acquire(path)
            assert lock is not None
            lock.release()
    finally:
        looking.kill()
        looking.wait(10)
        assert looking.stdout is not None
        looking.stdout.close()


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("data")
    (tmp_path / "x.lock").symlink_to(target)
    with pytest.raises(StoreError, match=r"x\.lock"):
        HubLock.acquire(tmp_path / "x.lock")
    assert target.read_text() == "data"


def test_the_socket_is_its_owners_alone_from_the_first_instant(tmp_path: Path) -> None:
    path = tmp_path / "hub.sock"
    with bind(path, shared=False):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with bind(path, shared=True):  # the stale one is replaced
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
    before = os.umask(0o022)
    os.umask(before)
    assert before == os.umask(before)


def test_only_a_socket_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "hub.sock"
    path.write_text("something of somebody")
    with pytest.raises(HubError, match=r"hub\.sock"):
        bind(path, shared=False)
    assert path.read_text() == "something of somebody"
    with socket.socket(socket.AF_UNIX) as probe:
        path.unlink()
        probe.bind(str(path))
    bind(path, shared=False).close()


def test_a_socket_that_is_served_is_not_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "hub.sock"
    with bind(path, shared=True):
        with pytest.raises(HubError, match="another hub serves here"):
            bind(path, shared=True)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
    bind(path, shared=True).close()  # nobody listens any more: stale


def test_a_lock_whose_file_is_gone_does_not_stand(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    lock = HubLock.acquire(path)
    assert lock is not None
    assert lock.stands()
    path.unlink()
    assert not lock.stands()
    other = HubLock.acquire(path)
    assert other is not None
    assert (lock.stands(), other.stands()) == (False, True)
    lock.release()
    other.release()


def test_a_private_folder_that_somebody_else_could_enter_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / f"ccboard-{os.getuid()}"
    make_private_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o755)
    with pytest.raises(StoreError, match="not a private folder"):
        make_private_folder(folder)
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(StoreError, match="not a private folder"):
        make_private_folder(folder)
