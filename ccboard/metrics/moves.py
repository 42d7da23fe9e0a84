"""Who entered which state when, by person: the rows that agents' states, pauses and the log come from.

States before the business day are one row per agent, interface and queue, kept in a temporary table of
the reader's own: computed once per day start, and again only when something arrives from before
it. So a snapshot costs the same at any length of history.
"""

from typing import Any, NamedTuple

from ccboard.clock import SECOND
from ccboard.metrics.scope import SHOWN, Scope
from ccboard.store.rows import micros, stamp


class Standing(NamedTuple):
    """What a person is in one queue (None: on the phone or seat itself) at as_of, by one source."""

    source: str
    person: str
    queue: str | None
    state: str
    reason: str | None
    team: str | None
    since: int
    """Since when in this state for this reason."""
    last: int
    """When last told."""
    named: bool
    """False: only an interface, with no name tied to it."""
    known: bool
    """The name was seen as an agent on a call, an offer or a pause."""


class Move(NamedTuple):
    """A person's change of state in one queue, or (queue None) in several at the same moment."""

    at: int
    person: str
    queue: str | None
    kind: str
    reason: str | None


_MOVES = f"""
    WITH told AS (
        SELECT source, agent, interface, queue, moment, seq, state, reason, team FROM temp.day_states
        UNION ALL
        SELECT source, agent, interface, queue, moment, seq, state, reason, team FROM agent_states
            WHERE moment >= $day AND moment <= $as_of
    ), named AS (
        SELECT t.source, coalesce(p.person, nullif(agent, ''), interface, '') AS person,
            (agent <> '' OR p.person IS NOT NULL) AS named, queue, moment, seq, state, reason, team
        FROM told t LEFT JOIN temp.people p
            ON p.source = t.source AND p.raw = coalesce(nullif(agent, ''), interface)
        WHERE queue IS NULL OR ({SHOWN})
    ), moves AS (
        SELECT *, lag(state) OVER w AS before, lag(reason) OVER w AS reason_before FROM named
        WINDOW w AS (PARTITION BY source, person, queue ORDER BY moment, seq, state)
    )
"""

_CHANGED = "(state IS DISTINCT FROM before OR reason IS DISTINCT FROM reason_before)"


def prepare(scope: Scope) -> None:
    """Bring the reader's temporary tables up to date: states before the day, and who is whom."""
    kept = scope.reader.scratch
    states = (scope.day, kept.get("past_generation"))
    if kept.get("states") != states:
        scope.rows("""
            CREATE OR REPLACE TEMP TABLE day_states AS
            SELECT source, agent, interface, queue, last.moment, last.seq, last.state, last.reason, team
            FROM (
                SELECT source, agent, interface, queue,
                    arg_max({'moment': moment, 'seq': seq, 'state': state, 'reason': reason},
                            {'moment': moment, 'seq': seq, 'state': state}) AS last,
                    arg_max(team, moment) AS team
                FROM agent_states WHERE moment < $day GROUP BY ALL)
        """, {"day": stamp(scope.day)})
        kept["states"] = states
    config_ties = tuple(sorted((agent.interface, name) for name, agent in scope.config.agents.items()
                               if agent.interface))
    people = (kept.get("ties_generation"), config_ties)
    if kept.get("people") != people:
        names = who_is_whom(scope, dict(config_ties))
        scope.rows("""
            CREATE OR REPLACE TEMP TABLE people AS
            SELECT unnest($source::VARCHAR[]) AS source, unnest($raw::VARCHAR[]) AS raw,
                unnest($person::VARCHAR[]) AS person
        """, {"source": [key[0] for key in names], "raw": [key[1] for key in names],
              "person": list(names.values())})
        kept["people"] = people
        kept["names"] = names


def generations(scope: Scope) -> None:
    """Note how far the store was before the snapshot's transaction begins; ``prepare`` compares with it."""
    kept, store = scope.reader.scratch, scope.reader.store
    kept["past_generation"] = store.keep_from(scope.day)
    kept["ties_generation"] = store.ties_generation


def who_is_whom(scope: Scope, config_ties: dict[str, str]) -> dict[tuple[str, str], str]:
    """Return the person behind each (source, name or interface) that is known under another name.

    The configuration's word counts more than what sources said.
    """
    names: dict[tuple[str, str], str] = {}
    for source, interface, agent in scope.rows("SELECT source, interface, agent FROM ties"):
        names[source, interface] = config_ties.get(interface) or config_ties.get(agent, agent)
    for (source,) in scope.rows("SELECT name FROM sources"):
        names.update({(source, interface): name for interface, name in config_ties.items()})
    return names


def standings(scope: Scope) -> list[Standing]:
    """Return what each person is in each queue at as_of."""
    rows = scope.rows(f"""
        {_MOVES}, last AS (
            SELECT source, person, queue, bool_or(named) AS named,
                arg_max({{'state': state, 'reason': reason}},
                        {{'moment': moment, 'seq': seq, 'state': state}}) AS now,
                arg_max(team, moment) AS team, max(moment) AS told,
                max(moment) FILTER (WHERE {_CHANGED}) AS since
            FROM moves GROUP BY source, person, queue
        )
        SELECT l.source, l.person, l.queue, l.now.state, l.now.reason, l.team, l.since, l.told, l.named,
            s.moment IS NOT NULL
        FROM last l LEFT JOIN agents_seen s
            ON s.source = l.source AND s.agent = l.person AND s.moment <= $as_of
        WHERE l.person <> ''
        ORDER BY ALL
    """, _params(scope))
    return [Standing(source, person, queue, state, reason, team, micros(since), micros(told), named, known)
            for source, person, queue, state, reason, team, since, told, named, known in rows]


def paused(scope: Scope) -> dict[str, int]:
    """Return the whole seconds of the day that each person was paused in at least one queue."""
    rows = scope.rows(f"""
        {_MOVES}, steps AS (
            SELECT person, greatest(moment, $day) AS moment,
                sum((state = 'paused')::INTEGER - coalesce((before = 'paused')::INTEGER, 0)) AS step
            FROM moves GROUP BY ALL HAVING step <> 0
        ), levels AS (
            SELECT person, moment, sum(step) OVER w AS level,
                coalesce(lead(moment) OVER w, $as_of) AS until
            FROM steps WINDOW w AS (PARTITION BY person ORDER BY moment)
        )
        SELECT person, sum(epoch_us(until) - epoch_us(moment)) FROM levels WHERE level > 0 GROUP BY person
    """, _params(scope))
    return {person: int(total) // SECOND for person, total in rows}


def changes(scope: Scope, most: int) -> list[Move]:
    """Return the newest changes of the day that belong into the log, newest first.

    Several queues at the same moment are one change of one person.
    """
    rows = scope.rows(f"""
        {_MOVES}, kinds AS (
            SELECT moment, person, queue, reason, CASE
                WHEN state = 'paused' AND {_CHANGED} THEN 'paused'
                WHEN state = 'ready' AND before = 'paused' THEN 'ready'
                WHEN state = 'ready' AND before = 'offline' THEN 'online'
                WHEN state = 'offline' AND before IS NOT NULL AND before <> 'offline' THEN 'offline'
            END AS kind
            FROM moves WHERE named AND moment >= $day
        )
        SELECT moment, person, CASE WHEN count(DISTINCT queue) = 1 THEN min(queue) END, kind, min(reason)
        FROM kinds WHERE kind IS NOT NULL GROUP BY moment, person, kind
        ORDER BY moment DESC, person, kind LIMIT $most
    """, {**_params(scope), "most": most})
    return [Move(micros(moment), person, queue, kind, reason) for moment, person, queue, kind, reason in rows]


def _params(scope: Scope) -> dict[str, Any]:
    return {"day": stamp(scope.day), "as_of": scope.at, **scope.shown}
