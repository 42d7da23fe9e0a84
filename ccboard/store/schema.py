"""The tables of the store, version by version, and what each is for.

Facts (`contacts`, `offers`, `agent_states`) are appended in the order of time and have neither primary
key nor index: DuckDB then skips what a range of time does not touch, and a batch costs a few
milliseconds at any size of history. One row per key is kept by ``ccboard.store.facts``. What is
not over yet lives in the small tables `open_contacts` and `open_offers`.

Moments are TIMESTAMP, UTC without a zone. Nothing else writes to this file.
"""

VERSION = 4
"""Version of these tables. A store of a newer one is refused, an older one is brought up to date."""

_CONTACT = """
    source VARCHAR NOT NULL, call VARCHAR NOT NULL, queue VARCHAR NOT NULL, nth BIGINT NOT NULL,
    version BIGINT NOT NULL, offered_at TIMESTAMP NOT NULL, answered_at TIMESTAMP, ended_at TIMESTAMP,
    outcome VARCHAR, agent VARCHAR, position BIGINT, ring_s DOUBLE, wait_s DOUBLE, talk_s DOUBLE,
    hold_s DOUBLE, wrap_s DOUBLE, transfer VARCHAR, ended_by VARCHAR, caller VARCHAR, caller_key VARCHAR,
    caller_name VARCHAR, project VARCHAR, business_type VARCHAR, channel VARCHAR NOT NULL,
    direction VARCHAR NOT NULL
"""

_OFFER = """
    source VARCHAR NOT NULL, call VARCHAR NOT NULL, queue VARCHAR NOT NULL, agent VARCHAR NOT NULL,
    nth BIGINT NOT NULL, started_at TIMESTAMP NOT NULL, ended_at TIMESTAMP, ring_s DOUBLE, result VARCHAR
"""

_ACTIONS = (
    "CREATE TABLE actions (source VARCHAR NOT NULL, key VARCHAR NOT NULL, moment TIMESTAMP NOT NULL,"
    " kind VARCHAR NOT NULL, about VARCHAR NOT NULL, who VARCHAR NOT NULL, role VARCHAR NOT NULL,"
    " until TIMESTAMP, note VARCHAR, value DOUBLE)"
)

_SCORES = (
    "CREATE TABLE scores (source VARCHAR NOT NULL, key VARCHAR NOT NULL, moment TIMESTAMP NOT NULL,"
    " kind VARCHAR NOT NULL, value DOUBLE NOT NULL, call VARCHAR, queue VARCHAR, agent VARCHAR)"
)

_REFUSALS = (
    "CREATE TABLE IF NOT EXISTS refusals (source VARCHAR NOT NULL, call VARCHAR NOT NULL,"
    " queue VARCHAR NOT NULL, nth BIGINT NOT NULL, moment TIMESTAMP NOT NULL, reason VARCHAR)"
)

_COUNTERS = (
    "CREATE TABLE IF NOT EXISTS counters (source VARCHAR NOT NULL, queue VARCHAR NOT NULL,"
    " since TIMESTAMP NOT NULL, moment TIMESTAMP NOT NULL, completed BIGINT NOT NULL,"
    " abandoned BIGINT NOT NULL, hold_s DOUBLE, talk_s DOUBLE)"
)

TABLES = (
    # Texts of the store as a whole: schema, timezone.
    "CREATE TABLE meta (key VARCHAR NOT NULL, value VARCHAR NOT NULL)",
    # Every source ever registered.
    ("CREATE TABLE sources (name VARCHAR NOT NULL, type VARCHAR NOT NULL, promise_s DOUBLE NOT NULL,"
     " sees VARCHAR NOT NULL)"),
    # Where each source goes on after a crash, and how many rows it has changed here.
    ("CREATE TABLE cursors (source VARCHAR NOT NULL, key VARCHAR NOT NULL, cursor VARCHAR,"
     " rows BIGINT NOT NULL)"),
    # Visits that are over; one row per (source, call, queue, nth); in the order of arrival.
    f"CREATE TABLE contacts ({_CONTACT})",
    # Visits that wait or talk.
    f"CREATE TABLE open_contacts ({_CONTACT})",
    # Offers that are over; one row per (source, call, queue, agent, result, nth); in the order of their ends.
    f"CREATE TABLE offers ({_OFFER})",
    # Phones that ring; one row per (source, call, queue, agent).
    f"CREATE TABLE open_offers ({_OFFER})",
    # One row per (source, agent, interface, queue, moment, seq).
    ("CREATE TABLE agent_states (source VARCHAR NOT NULL, agent VARCHAR NOT NULL, moment TIMESTAMP NOT NULL,"
     " state VARCHAR NOT NULL, seq BIGINT NOT NULL, queue VARCHAR, interface VARCHAR, reason VARCHAR,"
     " team VARCHAR)"),
    # Which interface is which agent, as told by a record with both; for good.
    ("CREATE TABLE ties (source VARCHAR NOT NULL, interface VARCHAR NOT NULL, agent VARCHAR NOT NULL,"
     " moment TIMESTAMP NOT NULL)"),
    # Who was ever an agent on a call, an offer or a pause, and when first: such a name is no ghost.
    "CREATE TABLE agents_seen (source VARCHAR NOT NULL, agent VARCHAR NOT NULL, moment TIMESTAMP NOT NULL)",
    # Queues that exist; `moment` is when first heard of, `told_at` when last.
    ("CREATE TABLE queues_known (source VARCHAR NOT NULL, queue VARCHAR NOT NULL, moment TIMESTAMP NOT NULL,"
     " told_at TIMESTAMP NOT NULL, wrap_up_s DOUBLE, project VARCHAR)"),
    # Stretches without interruption in which a source was heard; one row each.
    "CREATE TABLE alive (source VARCHAR NOT NULL, moment TIMESTAMP NOT NULL, until TIMESTAMP NOT NULL)",
    # Everything else that a source says of itself.
    ("CREATE TABLE events (source VARCHAR NOT NULL, moment TIMESTAMP NOT NULL, kind VARCHAR NOT NULL,"
     " until TIMESTAMP, text VARCHAR)"),
    # The last pieces of input that could not be used, and how many of each reason.
    ("CREATE TABLE rejects (source VARCHAR NOT NULL, seq BIGINT NOT NULL, place VARCHAR NOT NULL,"
     " reason VARCHAR NOT NULL, text VARCHAR NOT NULL)"),
    "CREATE TABLE reject_counts (source VARCHAR NOT NULL, reason VARCHAR NOT NULL, n BIGINT NOT NULL)",
    # What people did, as long as anybody did anything; one row per (source, key).
    _ACTIONS,
    # Later judgements on visits and agents; one row per (source, key).
    _SCORES,
    # Callers turned away before a queue took them; one row per (source, call, queue, nth).
    _REFUSALS,
    # What phone systems counted themselves; one row per (source, queue, since, hour of the moment).
    _COUNTERS,
    # Visits whether over or not: what every figure is made of.
    "CREATE VIEW visits AS SELECT * FROM contacts UNION ALL SELECT * FROM open_contacts",
)

UPGRADES = {2: (_ACTIONS,), 3: (_SCORES,), 4: (_REFUSALS, _COUNTERS)}
"""What brings a store of the version before to each version."""
