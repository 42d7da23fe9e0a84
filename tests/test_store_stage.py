"""The stage of a back-fill in many parts."""

from typing import Any

import duckdb

from ccboard.store.bulk import Stage


class Watched:
    """A connection that notes how often the view of all parts is made."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con, self.views = con, 0

    def execute(self, sql: str, *params: Any) -> Any:
        self.views += "VIEW stage" in sql and "CREATE" in sql
        return self.con.execute(sql, *params)


def test_parts_are_put_together_for_who_reads_them_and_not_at_each_part() -> None:
    with duckdb.connect() as con:
        watched = Watched(con)
        fields = ("call", "queue", "offered_at", "ended_at")
        stage = Stage(watched, "pbx", fields, "moment")  # type: ignore[arg-type]

        def part(number: int) -> int:
            return stage.part(lambda name: (
                f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT i::BIGINT AS row, 'c' || i AS call,"
                f" 'q{number}' AS queue, i * 1000000 AS offered_at, i * 1000000 AS ended_at, i % 2 AS lane"
                f" FROM range({number * 10}, {number * 10 + 10}) r(i)"), "lane = 1")

        assert [part(number) for number in range(40)] == [5] * 40
        assert watched.views == 0
        assert stage.rows == 200
        assert stage.queues() == sorted(f"q{number}" for number in range(40))
        part(40)
        assert len(stage.queues()) == 41, "what came after it was read is there, too"
        assert watched.views <= 3
        stage.drop()
