"""A map's visits handed to the hub that holds the store: the same as in a store of one's own."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mapped import load, visits
from recordings import WHOLE, log_files
from scripted_hub import answer
from test_import import hub  # noqa: F401 - a fixture
from test_maps_bank import FILES

from ccboard.cli import main
from ccboard.commands.intake import KEY
from ccboard.store.store import Store

COLUMNS = (
    "source, call, queue, nth, offered_at, answered_at, ended_at, outcome, agent, wait_s, talk_s,"
    " business_type"
)


def test_a_hub_takes_the_same_visits(hub: Path, tmp_path: Path, capsys) -> None:  # noqa: F811
    assert load(hub, "anonymous-bank", FILES[2], more=("--source", "bank")) == 0
    assert load(hub, "anonymous-bank", FILES[2], more=("--source", "bank")) == 0
    assert "; 0 rows of the store new or changed" in capsys.readouterr().err
    own = tmp_path / "own.duckdb"
    assert load(own, "anonymous-bank", FILES[2], more=("--source", "bank")) == 0
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(hub.read_bytes())
    wal = hub.with_name(hub.name + ".wal")
    if wal.exists():
        copy.with_name(copy.name + ".wal").write_bytes(wal.read_bytes())
    assert visits(copy, COLUMNS) == visits(own, COLUMNS)
    with Store.open(copy) as one, Store.open(own) as other:
        assert one.cursor("bank", KEY) == other.cursor("bank", KEY) is not None


@contextmanager
def dying(folder: Path, takes: int) -> Iterator[Path]:
    """A hub that takes so many bodies of seven rows each, and is killed."""
    path = folder / "hub.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            with listener.accept()[0] as connection, connection.makefile("rb") as asked:
                left = takes
                while line := asked.readline():
                    length = 0
                    while (head := asked.readline().strip()):
                        if head.lower().startswith(b"content-length:"):
                            length = int(head[15:])
                    asked.read(length)
                    if line.startswith(b"POST"):
                        if not left:
                            return
                        left -= 1
                        connection.sendall(answer(200, {"applied": 7}))
                    else:
                        connection.sendall(answer(200, {"cursor": None, "rows": []}))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield path
        thread.join(10)


@pytest.mark.parametrize(("takes", "kept"), [
    (0, "It took nothing before."), (1, "What it took before, 7 rows, is kept.")])
def test_a_hub_that_is_killed_in_a_file_is_said_with_file_and_what_to_do(takes, kept, tmp_path, capsys):
    with dying(tmp_path, takes) as path:
        assert main(["import", "--map", "anonymous-bank", str(FILES[2]), "--hub", str(path)]) == 2
    said = capsys.readouterr().err
    assert f"{FILES[2]}: broke off: the hub at {path} hung up" in said
    assert (f"{kept} Import the same again, with a hub or without one: what is there already changes nothing."
            in said)


def test_of_a_log_and_an_archive_too(tmp_path, capsys):
    file = log_files(WHOLE[0])[0]
    with dying(tmp_path, 0) as path:
        assert main(["import", "asterisk-queue-log", str(file), "--hub", str(path)]) == 2
    assert f"{file}: broke off: the hub at {path} hung up" in capsys.readouterr().err
    store, archive = tmp_path / "a.duckdb", tmp_path / "archive"
    assert main(["import", "asterisk-queue-log", str(file), "--store", str(store)]) == 0
    assert main(["export", str(archive), "--store", str(store)]) == 0
    path.unlink()
    with dying(tmp_path, 2) as path:
        assert main(["import", "archive", str(archive), "--hub", str(path)]) == 2
    said = capsys.readouterr().err
    assert f"{archive}: broke off: the hub at {path} hung up" in said
    assert "is kept. Import the same again" in said
