"""What people did: kept once each, for good, and in stores that were made before there were actions."""

from pathlib import Path

import duckdb
from stores import S, store

from ccboard.records import Action, Batch
from ccboard.store import schema
from ccboard.store.store import Store

T = 1_795_283_239 * S
SQL = "SELECT key, epoch_us(moment), kind, about, who, role, epoch_us(until), note, value FROM actions"


def action(key: str, at: int = T, **more: object) -> Action:
    return Action(**{"source": "board", "key": key, "at": at, "kind": "accept", "about": "surge:support",
                     "who": "Chen Li", "role": "lead", **more})  # type: ignore[arg-type]


def stored(made: Store) -> list[tuple[object, ...]]:
    reader = made.reader()
    try:
        return reader.rows(SQL + " ORDER BY moment")
    finally:
        reader.close()


def test_an_action_is_kept_once_however_often_it_is_sent(tmp_path: Path) -> None:
    told = action("1", until=T + 9 * S, note="rain", value=28.0)
    with store(tmp_path) as made:
        assert made.apply(Batch("board", (told, told))) == 1
        assert made.apply(Batch("board", (told, action("1", note="another"), action("2", T + S)))) == 1
        assert stored(made) == [
            ("1", T, "accept", "surge:support", "Chen Li", "lead", T + 9 * S, "rain", 28.0),
            ("2", T + S, "accept", "surge:support", "Chen Li", "lead", None, None, None)]


def test_two_boards_may_use_the_same_key(tmp_path: Path) -> None:
    with store(tmp_path) as made:
        assert made.apply(Batch("a", (action("1", source="a"),))) == 1
        assert made.apply(Batch("b", (action("1", source="b"),))) == 1


def test_a_store_from_before_there_were_actions_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "old.duckdb"
    Store.open(path).close()
    with duckdb.connect(str(path)) as con:
        for table in ("actions", "scores"):
            con.execute(f"DROP TABLE {table}").fetchall()
        con.execute("UPDATE meta SET value = '1' WHERE key = 'schema'").fetchall()
    with Store.open(path) as made:
        assert made.meta("schema") == str(schema.VERSION)
        assert made.apply(Batch("board", (action("1"),))) == 1
    with Store.open(path) as made:
        assert len(stored(made)) == 1
