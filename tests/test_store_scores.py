"""Judgements that come later: kept by their keys, the last word counts, in old stores too."""

from pathlib import Path

import duckdb
from stores import S, store

from ccboard.records import Batch, Score
from ccboard.store import schema
from ccboard.store.store import Store

T = 1_795_283_239 * S
SQL = "SELECT key, epoch_us(moment), kind, value, call, queue, agent FROM scores ORDER BY key"


def score(key: str, at: int = T, **more: object) -> Score:
    return Score(**{"source": "survey", "key": key, "at": at, "kind": "csat", "value": 4.0,
                    "call": "c1", **more})  # type: ignore[arg-type]


def stored(made: Store) -> list[tuple[object, ...]]:
    reader = made.reader()
    try:
        return reader.rows(SQL)
    finally:
        reader.close()


def test_a_score_is_kept_once_and_the_last_word_counts(tmp_path: Path) -> None:
    with store(tmp_path) as made:
        assert made.apply(Batch("survey", (score("1"), score("2", queue="q", agent="Ann")))) == 2
        assert made.apply(Batch("survey", (score("1"),))) == 0
        assert made.apply(Batch("survey", (score("1", T + S, value=2.0), score("1", T + S, value=1.0)))) == 1
        assert stored(made) == [("1", T + S, "csat", 1.0, "c1", None, None),
                                ("2", T, "csat", 4.0, "c1", "q", "Ann")]


def test_two_sources_may_use_the_same_key(tmp_path: Path) -> None:
    with store(tmp_path) as made:
        assert made.apply(Batch("a", (score("1", source="a"),))) == 1
        assert made.apply(Batch("b", (score("1", source="b"),))) == 1
        assert len(stored(made)) == 2


def test_a_store_from_before_there_were_scores_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "old.duckdb"
    Store.open(path).close()
    with duckdb.connect(str(path)) as con:
        con.execute("DROP TABLE scores").fetchall()
        con.execute("UPDATE meta SET value = '2' WHERE key = 'schema'").fetchall()
    with Store.open(path) as made:
        assert made.meta("schema") == str(schema.VERSION)
        assert made.apply(Batch("survey", (score("1"),))) == 1
