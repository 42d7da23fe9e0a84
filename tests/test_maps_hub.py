"""A map's visits handed to the hub that holds the store: the same as in a store of one's own."""

from pathlib import Path

from mapped import load, visits
from test_import import hub  # noqa: F401 - a fixture
from test_maps_bank import FILES

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
