"""What somebody does on a board becomes a record: who may, what must be said, what the hub adds."""

import json

import pytest
from test_hub_api import Hub

from ccboard.errors import InputError
from ccboard.hub.acting import action_of
from ccboard.hub.api import Api, Request
from ccboard.hub.roles import MEMBER, OWNER, Viewer
from ccboard.records import Action

SAID = {"kind": "snooze", "about": "surge:support", "who": "Chen\u202e Li", "key": "k1", "for_s": 1800,
        "note": "after\nlunch"}


def body(**more: object) -> bytes:
    return json.dumps({**SAID, **more}).encode()


def test_time_and_role_are_the_hubs() -> None:
    assert action_of(body(), MEMBER, 5_000_000) == Action(
        source="people", key="k1", at=5_000_000, kind="snooze", about="surge:support", who="Chen Li",
        role="lead", until=1_805_000_000, note="after lunch")
    assert action_of(body(), OWNER, 5).role == "owner"


@pytest.mark.parametrize(("wrong", "said"), [
    ({"kind": "Snooze!"}, "short word"),
    ({"who": "\u202e"}, "who is missing"),
    ({"about": 7}, "about is missing"),
    ({"role": "manager"}, "no field 'role'"),
    ({"value": "much"}, "value is a number"),
    ({"for_s": True}, "for_s is a number"),
    ({"value": 1e300}, "value is a number"),
])
def test_what_is_missing_is_said(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        action_of(body(**wrong), MEMBER, 5)


NOON = 1_794_830_400 * 1_000_000
DAY = 86_400 * 1_000_000


@pytest.mark.parametrize(("wrong", "said"), [
    ({"for_s": -60}, "for_s is a number of seconds from now on, above 0"),
    ({"for_s": 0}, "not 0"),
    ({"for_s": 1e12}, "at most 316224000"),
    ({"for_s": None, "until": NOON}, "until lies in the past: 1794830400000000, it is 1794830400000000"),
    ({"for_s": None, "until": NOON - 1, "kind": "snooze"}, "until lies in the past"),
    ({"for_s": None, "until": NOON + 3661 * DAY}, "more than ten years away"),
    ({"for_s": None, "until": NOON - 2 * DAY, "kind": "coach_recheck"}, "until lies in the past"),
    ({"kind": "new_normal"}, "1.38 for 38 % more$"),
    ({"kind": "new_normal", "value": 0}, "0.1 to 10: 1.38 for 38 % more, not 0"),
    ({"kind": "new_normal", "value": -1.4}, "not -1.4"),
    ({"kind": "new_normal", "value": 38}, "not 38"),
])
def test_what_is_over_or_cannot_be_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        action_of(body(**wrong), MEMBER, NOON)


@pytest.mark.parametrize(("given", "until"), [
    ({"for_s": 0.5}, NOON + 500_000),
    ({"for_s": None, "until": NOON + 1}, NOON + 1),
    ({"for_s": None, "until": NOON - DAY // 2, "kind": "coach_recheck"}, NOON - DAY // 2),  # a day
    ({"for_s": None}, None),
])
def test_until_when_it_holds(given: dict[str, object], until: int | None) -> None:
    assert action_of(body(**given), MEMBER, NOON).until == until


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_said(text: bytes) -> None:
    with pytest.raises(InputError, match="JSON"):
        action_of(text, MEMBER, 5)


@pytest.mark.parametrize(("viewer", "status"), [
    (OWNER, 200), (MEMBER, 200), (Viewer("manager"), 200), (Viewer("wall"), 403),
    (Viewer("client", ("q",)), 403)])
def test_who_may_act(viewer: Viewer, status: int) -> None:
    hub = Hub()
    answer = Api(hub).answer(Request("POST", "/v1/actions", {}, viewer, body()))
    assert answer.status == status
    assert len(hub.taken) == (status == 200)
