"""Back-filling from tables: visits, offers and states that a reader made in the store's own database.

As in ``ccboard.store.parts`` most of them are new and go in by a few statements. Those of a call, or of a
moment of an agent, of which anything is stored are compared: what is there just so is left, the rest goes
the way of records, whose rules decide. Callers are put through the policy here, each different one once.
"""

from collections.abc import Mapping
from typing import Any, Final

import duckdb

from ccboard.callers import Callers
from ccboard.records import AgentKnown, AgentState, Contact, Offer, Record
from ccboard.store.bulk import STORED, Stage
from ccboard.store.facts import MARGIN
from ccboard.store.rows import EARLIEST, LATEST, stamp

REMEMBERED: Final = 300_000
"""Callers whose masks are remembered; then it begins afresh."""
_GIVEN: Final = ("call", "queue", "nth", "version", "offered_at", "answered_at", "ended_at", "outcome",
                 "agent", "position", "ring_s", "wait_s", "talk_s", "transfer", "ended_by", "caller_name")
"""Columns that the table of visits has, besides the caller."""
_OFFER: Final = ("source", "call", "queue", "agent", "nth", "started_at", "ended_at", "ring_s", "result")
_STATE: Final = ("source", "agent", "moment", "state", "seq", "queue", "interface", "reason", "team")
_MOMENTS: Final = frozenset(("offered_at", "answered_at", "started_at", "ended_at", "moment"))


class Ready(Stage):
    """Rows that are over, each key once, moments in microseconds, in tables of `con`, again and again.

    ``fill`` names them: visits with the columns ``_GIVEN`` and ``caller``, offers and states with those of
    ``Offer`` and ``AgentState`` but the source and the team. Then it is handed to ``Store.apply``, together
    with the records that ``left`` and ``known`` return.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, source: str, callers: Callers) -> None:
        self.con = con
        self._source = source
        self._policy = callers
        self._visits = self._offers = self._states = ""
        self._forget()

    def fill(self, visits: str, offers: str, states: str) -> None:
        """Take the names of tables; they are dropped by ``drop``."""
        self._visits, self._offers, self._states = visits, offers, states
        self._callers()

    def left(self) -> list[Record]:
        """Return what has to be compared with what is stored by the rules of records."""
        within = self._within()
        mine = f"SEMI JOIN {self._visits} USING (call) WHERE source = $source"
        ranged = "BETWEEN $first AND $last"
        self._make(
            "met",
            f"SELECT call FROM contacts {mine} AND offered_at {ranged}"
            f" UNION SELECT call FROM offers {mine} AND ended_at {ranged}"
            f" UNION SELECT call FROM open_contacts {mine} UNION SELECT call FROM open_offers {mine}",
            within,
        )
        self._make(
            "told",
            f"SELECT s.agent, s.moment FROM agent_states s SEMI JOIN {self._states} t ON s.agent = t.agent"
            f" AND s.moment = make_timestamp(t.moment) WHERE source = $source AND s.moment {ranged}",
            within,
        )
        found: list[Record] = []
        for table, names, moment, again in (
            ("contacts", STORED, "offered_at", "ready_met USING (call)"),
            ("offers", _OFFER, "ended_at", "ready_met USING (call)"),
            ("agent_states", _STATE, "moment", "ready_told USING (agent, moment)"),
        ):
            if self._count(again.partition(" ")[0]):
                plain = ", ".join(f"epoch_us({name})" if name in _MOMENTS else name for name in names)
                rows = self.con.execute(
                    f"SELECT {plain} FROM (SELECT * FROM ({self._rows(table)}) SEMI JOIN {again}"
                    f" EXCEPT SELECT * FROM {table} WHERE source = $source AND {moment} {ranged})", within,
                ).fetchall()
                found += [_record(table, dict(zip(names, row, strict=True))) for row in rows]
        return found

    def merge(self) -> int:
        """Write what is new, inside the caller's transaction; return how many rows."""
        changed = 0
        for table, moment, again in (
            ("contacts", "offered_at", "ready_met USING (call)"),
            ("offers", "ended_at", "ready_met USING (call)"),
            ("agent_states", "moment", "ready_told USING (agent, moment)"),
        ):
            [(count,)] = self.con.execute(
                f"INSERT INTO {table} SELECT * FROM ({self._rows(table)}) ANTI JOIN {again} ORDER BY {moment}"
            ).fetchall()
            changed += int(count)
        return changed

    def known(self) -> list[Record]:
        """Return who was seen as an agent, since when, and whose each interface is."""
        seen = self.con.execute(
            f"SELECT agent, min(ts) FROM (SELECT agent, coalesce(answered_at, offered_at) AS ts"
            f" FROM {self._visits} WHERE agent IS NOT NULL"
            f" UNION ALL SELECT agent, started_at FROM {self._offers}"
            f" UNION ALL SELECT agent, moment FROM {self._states} WHERE state = 'paused') GROUP BY agent"
        ).fetchall()
        ties = self.con.execute(
            f"SELECT agent, max(moment), interface FROM {self._states} WHERE interface IS NOT NULL"
            " GROUP BY agent, interface"
        ).fetchall()
        return [AgentKnown(source=self._source, agent=agent, at=int(at), interface=interface)
                for agent, at, interface in (*((*one, None) for one in seen), *ties)]

    def agents(self) -> list[Contact]:
        """Return nobody: ``known`` tells."""
        return []

    def drop(self) -> None:
        """Let go of the tables."""
        for name in ("ready_met", "ready_told", self._visits, self._offers, self._states):
            self.con.execute(f"DROP TABLE IF EXISTS {name}").fetchall()

    def _make(self, name: str, select: str, params: Mapping[str, object] | None = None) -> None:
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE ready_{name} AS {select}", params).fetchall()

    def _within(self) -> dict[str, Any]:
        """Return the range of moments in which the same may be stored."""
        first, last = self.con.execute(
            "SELECT min(least(a, b)), max(greatest(a, b)) FROM"
            f" (SELECT offered_at AS a, ended_at AS b FROM {self._visits}"
            f" UNION ALL SELECT ended_at, ended_at FROM {self._offers}"
            f" UNION ALL SELECT moment, moment FROM {self._states})"
        ).fetchall()[0]
        if first is None:
            return {"source": self._source, "first": LATEST, "last": EARLIEST}
        return {"source": self._source, "first": stamp(first) - MARGIN, "last": stamp(last) + MARGIN}

    # -- callers ---------------------------------------------------------------------------------

    def _forget(self) -> None:
        names = ("told", "told_name", "caller", "caller_key", "caller_name")
        self._make("callers", "SELECT " + ", ".join(f"NULL::VARCHAR AS {name}" for name in names))

    def _callers(self) -> None:
        """Put each caller that was not seen before through the policy."""
        if self._count("ready_callers") > REMEMBERED:
            self._forget()
        said = self._policy.in_sql("caller")
        self.con.execute(
            f"INSERT INTO ready_callers SELECT caller, NULL, {said.caller}, {said.key}, NULL"
            f" FROM (SELECT DISTINCT caller FROM {self._visits} v ANTI JOIN ready_callers k ON {_SAME}"
            f" WHERE caller_name IS NULL) WHERE {said.plain}", said.parameters,
        ).fetchall()
        told = self.con.execute(
            f"SELECT DISTINCT caller, caller_name FROM {self._visits} v ANTI JOIN ready_callers k ON {_SAME}"
        ).fetchall()
        if told:
            kept = [(*who, *self._policy.keep(*who)) for who in told]
            lists = ", ".join(f"unnest(${n}::VARCHAR[])" for n in range(1, 6))
            self.con.execute(f"INSERT INTO ready_callers SELECT {lists}",
                             [list(column) for column in zip(*kept, strict=True)]).fetchall()

    # -- rows ------------------------------------------------------------------------------------

    def _rows(self, table: str) -> str:
        """Return the SQL of the rows of a table of the store."""
        said = ["'" + self._source.replace("'", "''") + "' AS source"]
        if table == "contacts":
            others = {"channel": "'voice'", "direction": "'in'"}
            for name in STORED[1:]:
                if name in ("caller", "caller_key", "caller_name"):
                    said.append(f"k.{name}")
                elif name in _GIVEN:
                    said.append(_typed(name, "v."))
                else:
                    default = others.get(name, "NULL::DOUBLE" if name.endswith("_s") else "NULL::VARCHAR")
                    said.append(f"{default} AS {name}")
            return f"SELECT {', '.join(said)} FROM {self._visits} v LEFT JOIN ready_callers k ON {_SAME}"
        if table == "offers":
            said += [_typed(name) for name in _OFFER[1:]]
            return f"SELECT {', '.join(said)} FROM {self._offers}"
        said += [_typed(name) for name in _STATE[1:-1]]
        return f"SELECT {', '.join(said)}, NULL::VARCHAR AS team FROM {self._states}"


_SAME: Final = "v.caller IS NOT DISTINCT FROM k.told AND v.caller_name IS NOT DISTINCT FROM k.told_name"


def _typed(name: str, of: str = "") -> str:
    return f"make_timestamp({of}{name}) AS {name}" if name in _MOMENTS else f"{of}{name}"


def _record(table: str, row: dict[str, Any]) -> Record:
    if table == "contacts":
        return Contact(**row)
    if table == "offers":
        return Offer(**row)
    return AgentState(at=row.pop("moment"), **row)
