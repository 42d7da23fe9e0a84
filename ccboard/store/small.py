"""Writing the small tables: who is whom, which queues there are, how the sources were, what was refused.

Each function writes inside the batch's transaction and notes what has to be learned once the commit is
through: in `after` by the mirror, in `changes` by readers. Each is idempotent and, but for rejects,
independent of order.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeAlias

import duckdb

from ccboard.records import (
    Action,
    AgentKnown,
    AgentState,
    Contact,
    Offer,
    QueueKnown,
    Record,
    Reject,
    Score,
    SourceStatus,
)
from ccboard.store.journal import Change
from ccboard.store.mirror import Alive, Known, Mirror
from ccboard.store.rows import EARLIEST, Row, action_row, score_row, stamp, stamp_or_none

Connection: TypeAlias = duckdb.DuckDBPyConnection
After: TypeAlias = list[Callable[[], None]]

REJECTS_KEPT = 1000
"""Rejects kept of each source; older ones remain in the counts."""
REASONS_KEPT = 100
"""Different reasons counted of each source; further ones count as ``OTHER``."""
OTHER = "other reasons"


def write_names(con: Connection, mirror: Mirror, records: Iterable[Record], after: After,
                changes: list[Change]) -> tuple[int, bool]:
    """Note who was seen as an agent and whose each interface is; return the changes, and whether ties did."""
    seen: dict[tuple[str, str], datetime] = {}
    ties: dict[tuple[str, str], tuple[datetime, str]] = {}
    for record in records:
        name: str | None = None
        if isinstance(record, Contact):
            name, at = record.agent, record.offered_at if record.answered_at is None else record.answered_at
        elif isinstance(record, Offer):
            name, at = record.agent, record.started_at
        elif isinstance(record, AgentState):
            at = record.at
            if record.state == "paused":
                name = record.agent
        elif isinstance(record, AgentKnown):
            at = record.at
            if record.interface is None:
                name = record.agent
        if isinstance(record, AgentState | AgentKnown) and record.agent and record.interface:
            told = (stamp(record.at), record.agent)
            key = (record.source, record.interface)
            if told > ties.get(key, mirror.ties.get(key, (EARLIEST, ""))):
                ties[key] = told
        if name:
            key = (record.source, name)
            moment = stamp(at)
            known = seen.get(key, mirror.seen.get(key))
            if known is None or moment < known:
                seen[key] = moment
    retied = [key for key, told in ties.items() if mirror.ties.get(key, (None, None))[1] != told[1]]
    if seen:
        _replace(con, "agents_seen", ("source", "agent"), [(*key, at) for key, at in seen.items()])
        after.append(lambda: mirror.seen.update(seen))
        changes += [Change("seen", None, (*key, at)) for key, at in seen.items()]
    if ties:
        _replace(con, "ties", ("source", "interface"),
                 [(*key, agent, at) for key, (at, agent) in ties.items()])
        after.append(lambda: mirror.ties.update(ties))
    return len(seen) + len(retied), bool(retied)


def write_queues(con: Connection, mirror: Mirror, records: Iterable[Record], after: After,
                 changes: list[Change]) -> int:
    """Note queues that exist; what was said last of one counts."""
    changed: dict[tuple[str, str], Known] = {}
    for record in records:
        if not isinstance(record, QueueKnown):
            continue
        key, at = (record.source, record.queue), stamp(record.at)
        told = Known(at, at, record.wrap_up_s, record.project)
        before = changed.get(key, mirror.queues.get(key))
        if before is not None:
            if at < before.told_at:
                told = before._replace(at=min(at, before.at))
            else:
                told = told._replace(at=min(at, before.at))
            if told.at == before.at and told[2:] == before[2:]:
                continue
        changed[key] = told
    if changed:
        _replace(con, "queues_known", ("source", "queue"), [(*key, *told) for key, told in changed.items()])
        after.append(lambda: mirror.queues.update(changed))
        changes += [Change("queues", None, (key, told)) for key, told in changed.items()]
    return len(changed)


def write_status(con: Connection, mirror: Mirror, records: Iterable[Record], after: After,
                 changes: list[Change]) -> int:
    """Note how sources were: stretches of life grow together, everything else is an event of its own."""
    alive: dict[str, list[tuple[datetime, datetime]]] = {}
    events: dict[tuple[str, datetime, str, datetime | None, str | None], None] = {}
    for record in records:
        if not isinstance(record, SourceStatus):
            continue
        at, until = stamp(record.at), stamp_or_none(record.until)
        if record.kind == "alive":
            alive.setdefault(record.source, []).append((at, max(at, until or at)))
        else:
            events[record.source, at, record.kind, until, record.text] = None
    changed = 0
    for source, stretches in alive.items():
        promise = mirror.sources[source].promise_s if source in mirror.sources else 0.0
        last = mirror.alive.get(source)
        grown, last = _extend(con, source, stretches, timedelta(seconds=promise), last, changes)
        changed += grown
        after.append(lambda source=source, last=last: mirror.alive.update({source: last}))  # type: ignore[misc]
    if events:
        stored = set(con.execute(
            "SELECT source, moment, kind, until, text FROM events"
            " WHERE moment IN (SELECT unnest(?::TIMESTAMP[]))",
            [list({key[1] for key in events})],
        ).fetchall())
        new = [key for key in events if key not in stored]
        if new:
            with con.appender("events") as appender:
                appender.append_rows(new)
        changed += len(new)
        changes += [Change("events", None, row) for row in new]
    return changed


def _extend(con: Connection, source: str, stretches: list[tuple[datetime, datetime]], tolerance: timedelta,
            last: Alive | None, changes: list[Change]) -> tuple[int, Alive | None]:
    """Merge stretches with the stored ones; a silence within the source's promise is none.

    `last`: the last stretch, which is the one that grows while a source is heard; returned as it is now.
    """
    changed = 0
    for at, until in _merge(stretches, tolerance):
        if last is not None and last.tolerance == tolerance and last.begin <= at <= last.end + tolerance:
            near = [(last.begin, last.end)]  # what else is stored lies before it, by more than the tolerance
            whole = (last.begin, max(last.end, until))
            if near == [whole]:
                continue
            last = Alive(*whole, tolerance)
            con.execute("UPDATE alive SET until = ? WHERE source = ? AND moment = ?",
                        [whole[1], source, whole[0]]).fetchall()
        else:
            near = con.execute(
                "SELECT moment, until FROM alive WHERE source = ? AND until >= ? AND moment <= ?"
                " ORDER BY moment",
                [source, at - tolerance, until + tolerance],
            ).fetchall()
            (whole,) = _merge([*near, (at, until)], tolerance)
            if last is None or whole[1] >= last.end:
                last = Alive(*whole, tolerance)
            if near == [whole]:
                continue
            if near:
                con.execute("DELETE FROM alive WHERE source = ? AND moment >= ? AND moment <= ?",
                            [source, near[0][0], near[-1][0]]).fetchall()
            con.execute("INSERT INTO alive VALUES (?, ?, ?)", [source, *whole]).fetchall()
        changed += 1
        changes += [Change("alive", (source, *stretch), None) for stretch in near]
        changes.append(Change("alive", None, (source, *whole)))
    return changed, last


def _merge(stretches: list[tuple[datetime, datetime]],
           tolerance: timedelta) -> list[tuple[datetime, datetime]]:
    merged: list[tuple[datetime, datetime]] = []
    for at, until in sorted(stretches):
        if merged and at - merged[-1][1] <= tolerance:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until))
        else:
            merged.append((at, until))
    return merged


def write_actions(con: Connection, records: Iterable[Record]) -> int:
    """Append what people did; what is known by its key stays as first told. Return how many are new."""
    told: dict[tuple[str, str], Row] = {}
    for record in records:
        if isinstance(record, Action):
            told.setdefault((record.source, record.key), action_row(record))
    if not told:
        return 0
    known = set(con.execute(
        "SELECT source, key FROM actions WHERE key IN (SELECT unnest(?::VARCHAR[]))",
        [[key for _, key in told]],
    ).fetchall())
    new = sorted((row for key, row in told.items() if key not in known), key=lambda row: row[2])
    if new:
        with con.appender("actions") as appender:
            appender.append_rows(new)
    return len(new)


def write_scores(con: Connection, records: Iterable[Record], changes: list[Change]) -> int:
    """Note judgements; of one sent again the last word counts. Return how many are new or changed."""
    told: dict[tuple[str, str], Row] = {}
    for record in records:
        if isinstance(record, Score):
            told[record.source, record.key] = score_row(record)
    if not told:
        return 0
    known = {row[:2]: row for row in con.execute(
        "SELECT *, rowid FROM scores WHERE key IN (SELECT unnest(?::VARCHAR[]))",
        [[key for _, key in told]],
    ).fetchall()}
    new = sorted((row for key, row in told.items() if key not in known or known[key][:-1] != row),
                 key=lambda row: row[2])
    if gone := [known[row[:2]][-1] for row in new if row[:2] in known]:
        con.execute("DELETE FROM scores WHERE rowid IN (SELECT unnest(?::BIGINT[]))", [gone]).fetchall()
    if new:
        with con.appender("scores") as appender:
            appender.append_rows(new)
    changes += [Change("scores", known.get(row[:2]), row) for row in new]
    return len(new)


def write_rejects(con: Connection, mirror: Mirror, source: str, rejects: tuple[Reject, ...],
                  after: After, changes: list[Change]) -> None:
    """Keep the last rejects of a source and count all of them by reason. One told again counts once."""
    if not rejects:
        return
    stored = set(con.execute(
        "SELECT place, reason, text FROM rejects WHERE source = ? AND place IN (SELECT unnest(?::VARCHAR[]))",
        [source, list({reject.where for reject in rejects})],
    ).fetchall())
    new = [r for r in dict.fromkeys((r.where, r.reason, r.text) for r in rejects) if r not in stored]
    if not new:
        return
    seq = mirror.reject_seq
    kept = new[-REJECTS_KEPT:]
    with con.appender("rejects") as appender:
        appender.append_rows([(source, seq + n, *row) for n, row in enumerate(kept, 1)])
    held = mirror.rejects_held.get(source, 0) + len(kept)
    if held > REJECTS_KEPT:
        con.execute(
            "DELETE FROM rejects WHERE source = $s AND seq <= (SELECT seq FROM rejects WHERE source = $s"
            " ORDER BY seq DESC LIMIT 1 OFFSET $n)", {"s": source, "n": REJECTS_KEPT},
        ).fetchall()
        held = REJECTS_KEPT
    reasons = set(mirror.reject_reasons.get(source, ()))
    counts: Counter[str] = Counter()
    for _where, reason, _text in new:
        if reason not in reasons and len(reasons) >= REASONS_KEPT:
            counts[OTHER] += 1
            continue
        counts[reason] += 1
        reasons.add(reason)
    for reason, n in counts.items():
        stored_n = con.execute("SELECT n FROM reject_counts WHERE source = ? AND reason = ?",
                               [source, reason]).fetchall()
        total = n + (stored_n[0][0] if stored_n else 0)
        _replace(con, "reject_counts", ("source", "reason"), [(source, reason, total)])
        changes.append(Change("rejects", None, (source, reason, total)))

    def learn() -> None:
        mirror.reject_seq = seq + len(kept)
        mirror.rejects_held[source] = held
        mirror.reject_reasons[source] = reasons

    after.append(learn)


def _replace(con: Connection, table: str, keys: tuple[str, str], rows: list[tuple[object, ...]]) -> None:
    """DELETE + INSERT of rows whose first two columns are the key."""
    one, two = keys
    con.execute(
        f"DELETE FROM {table} WHERE ({one}, {two}) IN"
        " (SELECT (unnest(?::VARCHAR[]), unnest(?::VARCHAR[])))",
        [[row[0] for row in rows], [row[1] for row in rows]],
    ).fetchall()
    with con.appender(table) as appender:
        appender.append_rows(rows)
