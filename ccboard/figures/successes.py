"""Which visit a judgement means, and which dials reached their aim, or the person wanted."""

from typing import Final

BEST: Final = """(c.source = g.source, coalesce(c.agent = g.agent, false), c.answered_at IS NOT NULL,
        coalesce(c.answered_at, c.offered_at), c.queue, c.nth)"""
"""Of the visits `c` of a call that a judgement `g` names the one that is meant: the largest of these."""

DIALS: Final = {"successes": "success", "right_parties": "right_party"}
"""Sums over dials: the kind of judgement that says yes or no to them."""


def dial_join(kind: str) -> str:
    """Return the join of visits `c` with the dials whose last word of this kind is yes, as `KIND_hits`."""
    hits = f"{kind}_hits"
    return f""" LEFT JOIN (
        SELECT visit.source AS source, visit.call AS call, visit.queue AS queue, visit.nth AS nth FROM (
            SELECT arg_max(struct_pack(source := c.source, call := c.call, queue := c.queue, nth := c.nth),
                    {BEST}) AS visit, any_value(g.moment) AS given, any_value(g.key) AS key,
                any_value(g.value) AS value
            FROM (SELECT *, rowid AS id FROM scores WHERE kind = '{kind}' AND moment <= $as_of) g
            JOIN visits c ON c.call = g.call AND (g.queue IS NULL OR c.queue = g.queue)
                AND c.direction = 'out'
            GROUP BY g.id)
        GROUP BY ALL HAVING arg_max(value, (given, key)) = 1
    ) AS {hits} ON {hits}.source = c.source AND {hits}.call = c.call AND {hits}.queue = c.queue
        AND {hits}.nth = c.nth"""
