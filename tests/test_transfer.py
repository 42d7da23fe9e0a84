"""Records as lines: what goes in comes out, and nothing else gets in."""

import contextlib
import json
import math
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccboard import records
from ccboard.clean import clean
from ccboard.errors import InputError
from ccboard.records import Contact, Offer, Record
from ccboard.transfer import KINDS, from_lines, to_line, to_lines

names = st.text(max_size=20).map(clean)
moments = st.integers(0, 1 << 52)
seconds = st.floats(0, 1e6)


def record(kind: type[Any]) -> st.SearchStrategy[Record]:
    """Any record of a kind, by its annotations."""
    special: dict[str, st.SearchStrategy[object]] = {
        "outcome": st.sampled_from([None, "answered", "abandoned", "lost", "unknown"]),
        "transfer": st.sampled_from([None, "blind", "attended"]),
        "ended_by": st.sampled_from([None, "caller", "agent", "transfer"]),
        "direction": st.sampled_from(["in", "out"]),
        "state": st.sampled_from(["ready", "wrap_up", "offline", "unknown"]),
        "result": st.sampled_from([None, "answered", "no_answer", "busy", "cancelled"]),
        "kind": st.sampled_from(["alive", "failed", "gap", "whole", "restart", "note"]),
    }
    plain: dict[object, st.SearchStrategy[object]] = {
        str: names, int: moments, float: seconds,
        str | None: st.none() | names, int | None: st.none() | moments, float | None: st.none() | seconds,
    }
    if kind is records.Action:
        special["kind"] = st.sampled_from(["accept", "snooze", "new_normal", "coach_open", "x9"])
        special["key"] = special["about"] = names.filter(bool)
    if kind is records.Score:
        special["kind"] = st.sampled_from(["csat", "qa", "resolved", "complaint"])
        special["value"] = st.sampled_from([0.0, 1.0])
        special["key"] = special["agent"] = names.filter(bool)
    chosen = {f.name: special[f.name] if f.name in special else plain[f.type] for f in fields(kind)}
    return st.builds(kind, **chosen)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of([record(kind) for kind in KINDS.values()])))
def test_round_trip(sent: list[Record]) -> None:
    assert from_lines(b"".join(to_lines(sent, limit=300))) == sent


def test_a_status_keeps_its_own_kind() -> None:
    """SourceStatus has a field called `kind`: its record's name must not take that place."""
    status = records.SourceStatus(source="a", at=1, kind="gap", until=2, text="away")
    assert from_lines(to_line(status)) == [status]


def test_an_action_carries_a_sentence_and_a_short_word() -> None:
    told = records.Action(source="board", key="k1", at=9, kind="note", about="surge:support", who="Chen Li",
                          role="lead", note="n" * 400, until=20, value=1.5)
    assert from_lines(to_line(told)) == [told]


@pytest.mark.parametrize(("wrong", "said"), [
    ({"kind": "Accept it"}, "kind 'Accept it' is not a short word"),
    ({"kind": ""}, "is not a short word"),
    ({"about": ""}, "what it is about"),
    ({"key": "\u202e"}, "needs a key"),  # nothing is left of it once it is clean
])
def test_an_action_that_says_nothing_is_refused(wrong: dict[str, str], said: str) -> None:
    line = {"record": "Action", "source": "b", "key": "k", "at": 1, "kind": "accept", "about": "surge:q",
            "who": "Ann", "role": "lead"} | wrong
    with pytest.raises(InputError, match=said):
        from_lines(json.dumps(line).encode())


@pytest.mark.parametrize(("wrong", "said"), [
    ({"kind": "mood"}, "kind: Input should be"),
    ({"kind": "resolved", "value": 0.5}, "value 0.5 of a resolved is neither 0 nor 1"),
    ({"agent": None}, "the call or the agent that it is about"),
    ({"value": None}, "value: Input should be a valid number"),
])
def test_a_score_that_says_nothing_is_refused(wrong: dict[str, object], said: str) -> None:
    line = {"record": "Score", "source": "qa", "key": "k", "at": 1, "kind": "csat", "value": 4.0,
            "agent": "Ann"} | wrong
    with pytest.raises(InputError, match=said):
        from_lines(json.dumps(line).encode())


def test_every_record_can_be_handed_over() -> None:
    assert set(KINDS.values()) == {*records.Record.__args__, records.Reject}


def test_defaults_are_left_out() -> None:
    line = to_line(Contact(source="a", call="1.2", queue="q", offered_at=5))
    assert json.loads(line) == {"record": "Contact", "source": "a", "call": "1.2", "queue": "q",
                                "offered_at": 5}


def test_bodies_are_cut_between_lines() -> None:
    many = [Offer(source="a", call=str(n), queue="q", agent="b", started_at=n) for n in range(100)]
    bodies = list(to_lines(many, limit=1000))
    assert len(bodies) > 3
    assert all(body.endswith(b"\n") and len(body) < 1200 for body in bodies)
    assert [one for body in bodies for one in from_lines(body)] == many


GOOD: dict[str, Any] = {"record": "Contact", "source": "a", "call": "1", "queue": "q", "offered_at": 5}


@pytest.mark.parametrize(("said", "part"), [
    ({**GOOD, "record": "Nonsense"}, "Nonsense"),
    ({**GOOD, "record": None}, "None"),
    ({**GOOD, "record": ["Contact"]}, "Contact"),
    ({**GOOD, "qeue": "x"}, "qeue"),
    ({**GOOD, "offered_at": "5"}, "offered_at"),
    ({**GOOD, "offered_at": 5.5}, "offered_at"),
    ({**GOOD, "offered_at": True}, "offered_at"),
    ({**GOOD, "offered_at": 1 << 60}, "offered_at"),
    ({**GOOD, "wait_s": math.nan}, "wait_s"),
    ({**GOOD, "wait_s": math.inf}, "wait_s"),
    ({**GOOD, "outcome": "gone"}, "outcome"),
    ({**GOOD, "queue": None}, "queue"),
    ({**GOOD, "queue": {"a": 1}}, "queue"),
    ({key: value for key, value in GOOD.items() if key != "call"}, "call"),
    ([], "object"),
    ("x", "object"),
])
def test_refused_with_line_and_field(said: object, part: str) -> None:
    body = json.dumps(GOOD).encode() + b"\n\n" + json.dumps(said).encode()
    with pytest.raises(InputError) as refused:
        from_lines(body)
    assert str(refused.value).startswith("line 3: ")
    assert part in str(refused.value)


def test_strings_are_cleaned_at_the_door() -> None:
    said = {**GOOD, "queue": "a\x1b]0;x\x07b", "caller_name": "\u202eevil" + "x" * 500}
    (read,) = from_lines(json.dumps(said, ensure_ascii=False).encode())
    assert isinstance(read, Contact)
    assert (read.queue, read.caller_name) == ("a]0;xb", clean("evil" + "x" * 500))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=60))
def test_any_bytes_are_records_or_an_input_error(body: bytes) -> None:
    with contextlib.suppress(InputError):
        assert from_lines(body) == [] or body.strip()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from([f.name for f in fields(Contact)] + ["record"]), inner, max_size=5),
                    max_leaves=8))
def test_any_json_is_records_or_an_input_error(said: object) -> None:
    with contextlib.suppress(InputError):
        (read,) = from_lines(json.dumps(said).encode())
        assert isinstance(read, tuple(KINDS.values()))


def test_deep_nesting_is_an_input_error() -> None:
    with pytest.raises(InputError):
        from_lines(b"[" * 200_000)
