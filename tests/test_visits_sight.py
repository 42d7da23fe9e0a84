"""What a list of some queues may hold, and what a list says that cannot be narrowed as it was asked to be."""

from typing import Any

import pytest
from stores import UTC, S, store

from ccboard.config import Config
from ccboard.errors import UsageError
from ccboard.figures import public
from ccboard.records import AgentState, Contact, Offer, Record, Refusal
from ccboard.store.store import Store

NINE = 1_795_078_800 * S  # 2026-11-19T09:00:00Z
MINUTE = 60 * S
TEN = "2026-11-19T10:00:00Z"


def state(agent: str, minute: int, name: Any, queue: str | None = None, team: str | None = None
          ) -> AgentState:
    return AgentState(source="pbx", agent=agent, at=NINE + minute * MINUTE, state=name, queue=queue,
                      team=team)


def answered(queue: str, agent: str) -> Contact:
    return Contact(source="pbx", call=f"{queue}-{agent}", queue=queue, offered_at=NINE + 5 * MINUTE,
                   answered_at=NINE + 6 * MINUTE, ended_at=NINE + 8 * MINUTE, outcome="answered", wait_s=60,
                   talk_s=120, agent=agent)


RECORDS: list[Record] = [
    # Ann is in queue a for the hour, Bob in b; both have a phone that tells of itself.
    state("Ann", 0, "ready", "a", "red"), state("Ann", 10, "paused", "a"), state("Ann", 20, "ready", "a"),
    state("Ann", 12, "busy"),
    state("Bob", 0, "ready", "b", "blue"), state("Bob", 10, "paused", "b"), state("Bob", 12, "busy"),
    answered("a", "Bob"),  # an overflow makes nobody one of the queue's
    # Of Cid and Dan seats alone are told; Cid answers in a, Dan in b.
    state("Cid", 0, "ready"), state("Cid", 30, "offline"), answered("a", "Cid"),
    state("Dan", 0, "ready"), state("Dan", 30, "offline"), answered("b", "Dan"),
    # Eve was in a the day before, and is in b since.
    state("Eve", -1440, "ready", "a"), state("Eve", -1400, "offline", "a"), state("Eve", 0, "ready", "b"),
    state("Eve", 12, "busy"),
    Offer(source="pbx", call="x", queue="a", agent="Ann", started_at=NINE, ended_at=NINE + 15 * S, ring_s=15,
          result="no_answer"),
    Refusal(source="pbx", call="r", queue="a", at=NINE + MINUTE, reason="full"),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    found = store(tmp_path_factory.mktemp("sight"), RECORDS)
    yield found
    found.close()


def listed(made: Store, config: Config | None = None, /, **words: str) -> dict[str, Any]:
    reader = made.reader()
    try:
        return public.visited(reader, {"from": "2026-11-19", "as_of": TEN} | words, config or Config(), UTC,
                              NINE)
    finally:
        reader.close()


def moves(said: dict[str, Any]) -> list[tuple[str, str | None, int, str]]:
    """Return (agent, queue, minute past nine, state) of the rows, in the order of names and time."""
    return sorted(((row["agent"], row["queue"], int(row["offered_at"][14:16]), row["outcome"])
                   for row in said["rows"]), key=lambda one: (one[0], one[2]))


OF_A = [("Ann", "a", 0, "ready"), ("Ann", "a", 10, "paused"), ("Ann", None, 12, "busy"),
        ("Ann", "a", 20, "ready"), ("Cid", None, 0, "ready"), ("Cid", None, 30, "offline")]


def test_who_sees_one_queue_gets_the_states_of_its_people_alone(made: Store) -> None:
    said = listed(made, Config(only_queues=("a",)), kpi="paused_h")
    assert moves(said) == OF_A
    assert said["total"] == len(OF_A)
    assert {row[0] for row in moves(listed(made, Config(only_queues=("b",)), kpi="paused_h"))} == {
        "Bob", "Dan", "Eve"}
    assert len(listed(made, kpi="paused_h")["rows"]) == 13


def test_nor_do_the_hours_of_the_others_count(made: Store) -> None:
    reader = made.reader()
    words = {"kpi": "staffed_h,staffed_agents", "by": "agent", "from": "2026-11-19", "as_of": TEN}
    rows = public.tabled(reader, words, Config(only_queues=("a",)), UTC, NINE)["rows"]
    reader.close()
    # Ann from nine to ten in queue a; Cid's seat for half an hour. Eve left the queue the day before.
    assert [(row["agent"], row["staffed_h"]) for row in rows if row["staffed_h"]] == [
        ("Ann", 1.0), ("Cid", 0.5)]
    assert "Dan" not in {row["agent"] for row in rows}


def test_a_hidden_queue_has_no_states_in_the_list(made: Store) -> None:
    config = Config.model_validate({"queues": {"b": {"hide": True}}})
    assert {row["queue"] for row in listed(made, config, kpi="paused_h")["rows"]} == {"a", None}


@pytest.mark.parametrize(("words", "wanted"), [
    ({"queue": "b"}, [("Bob", "b", 0, "ready"), ("Bob", "b", 10, "paused"), ("Eve", "b", 0, "ready")]),
    ({"team": "red"}, OF_A[:4]),
    ({"agent": "Bob", "queue": "b"}, [("Bob", "b", 0, "ready"), ("Bob", "b", 10, "paused")]),
])
def test_states_of_one_queue_team_agent(made: Store, words: dict[str, str], wanted: list[Any]) -> None:
    assert moves(listed(made, kpi="paused_h", **words)) == wanted


@pytest.mark.parametrize(("kpi", "word", "of", "note"), [
    ("ring_no_answer", "type", "offers", "ring_no_answer: not known by type, direction, channel, outcome"),
    ("paused_h", "type", "states",
     "paused_h: not known by project, type, direction, channel, outcome, source"),
    ("refused", "team", "refusals", "refused: not known by agent, team, type, direction, channel, outcome"),
])
def test_what_is_not_known_by_what_was_asked_says_so(made: Store, kpi: str, word: str, of: str, note: str
                                                     ) -> None:
    assert listed(made, kpi=kpi)["total"] > 0
    said = listed(made, Config(), **{"kpi": kpi, word: "red"})
    assert (said["of"], said["total"], said["rows"], said["numerator"]) == (of, 0, [], None)
    assert said["notes"] == [note + ", so there is none"]


def test_a_slip_of_the_hand_does_not_name_the_agents_of_other_queues(made: Store) -> None:
    reader = made.reader()

    def figures(config: Config) -> list[str]:
        words = {"kpi": "answered", "where": "agent=Dann", "from": "2026-11-19", "as_of": TEN}
        return list(public.tabled(reader, words, config, UTC, NINE)["notes"])

    with pytest.raises(UsageError, match="did you mean Dan"):
        figures(Config())
    assert figures(Config(only_queues=("a",)))[0].startswith("no agent 'Dann'")
    reader.close()
