"""The policy on callers' numbers."""

import hmac
import re
import stat
import threading
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccboard.callers import Callers, Policy, canonical, load_key, mask
from ccboard.errors import StoreError
from ccboard.records import Contact

CALL = Contact(source="pbx", call="1.1", queue="support", offered_at=1, caller="+4930123456681",
               caller_name="Anna Berg")
KEY = b"k" * 32


@given(st.text(alphabet="+0123456789 ()-/.", max_size=24))
def test_a_masked_number_shows_at_most_its_country_and_three_digits(number: str) -> None:
    masked = mask(number)
    digits = re.sub(r"\D", "", number)
    if canonical(number) is None:
        return
    shown = re.sub(r"\D", "", masked)
    assert len(shown) <= 5
    if len(digits) >= 4:
        assert "•" in masked
        assert len(shown) <= len(digits) / 2


@given(st.text(max_size=40))
def test_masking_twice_is_masking_once(number: str) -> None:
    assert mask(mask(number)) == mask(number)


@given(st.text(max_size=40), st.sampled_from(["masked", "plain", "hash"]))
def test_applying_twice_is_applying_once(number: str, policy: str) -> None:
    callers = Callers(policy, KEY)  # type: ignore[arg-type]
    once = callers.apply(replace(CALL, caller=number))
    assert callers.apply(once) == once


@pytest.mark.parametrize(("one", "other"), [
    ("+49 30 1234-681", "0049 30 1234681"), ("(030) 1234681", "0301234681"), ("sip:Anna@a.org", "anna@b.org"),
])
def test_two_spellings_are_one_caller(one: str, other: str) -> None:
    callers = Callers("masked", KEY)
    assert callers.hash(one) == callers.hash(other) is not None


@pytest.mark.parametrize("nobody", ["", "anonymous", "Unknown", "<unknown>", "anonymous@anonymous.invalid",
                                    "Withheld", "-", "No Caller ID"])
def test_callers_without_a_number_are_not_one_caller(nobody: str) -> None:
    assert Callers("masked", KEY).apply(replace(CALL, caller=nobody)).caller_key is None


def test_what_each_policy_keeps() -> None:
    masked = Callers("masked", KEY).apply(CALL)
    assert (masked.caller, masked.caller_name) == ("+49••••••••681", "Anna Berg")
    plain = Callers("plain", KEY).apply(CALL)
    assert (plain.caller, plain.caller_name) == (CALL.caller, "Anna Berg")
    hashed = Callers("hash", KEY).apply(CALL)
    assert hashed.caller is not None
    assert hashed.caller_name is None
    assert not re.search(r"681|4930", hashed.caller.replace(hashed.caller_key or "", ""))
    assert masked.caller_key == plain.caller_key == hashed.caller_key is not None


def test_a_number_in_the_place_of_the_name_is_masked_too() -> None:
    kept = Callers("masked", KEY).apply(replace(CALL, caller_name="+4930123456681"))
    assert kept.caller_name == "+49••••••••681"


def test_another_key_gives_another_hash() -> None:
    assert Callers("masked", KEY).hash("4711") != Callers("masked", b"x" * 32).hash("4711")


def test_the_key_is_made_once_for_all_who_come_at_once(tmp_path: Path) -> None:
    keys: list[bytes] = []
    barrier = threading.Barrier(8)

    def come() -> None:
        barrier.wait()
        keys.append(load_key(tmp_path / "state" / "caller.key"))

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    file = tmp_path / "state" / "caller.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [p.name for p in file.parent.iterdir()] == ["caller.key"]
    assert load_key(file) == keys[0]


def test_an_open_key_file_is_closed_and_a_wrong_one_refused(tmp_path: Path) -> None:
    file = tmp_path / "caller.key"
    load_key(file)
    file.chmod(0o644)
    load_key(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("not a key\n")
    with pytest.raises(StoreError, match=r"caller\.key.*no key"):
        load_key(file)


@pytest.mark.parametrize("policy", ["masked", "hash"])
@pytest.mark.parametrize(("number", "kept"), [
    ("[@anna.berg@example.org", "["), ("sip:@+4930123456681", "sip:"), ("anonymous@192.0.2.7", "anonymous"),
])
def test_what_stands_behind_a_nameless_address_is_not_kept(policy: str, number: str, kept: str) -> None:
    callers = Callers(policy, KEY)  # type: ignore[arg-type]
    assert callers.apply(replace(CALL, caller=number)).caller == kept


@given(st.binary(min_size=16, max_size=100), st.text(alphabet="+0123456789ab", min_size=1, max_size=20))
def test_the_hash_is_an_hmac(key: bytes, number: str) -> None:
    plain = canonical(number)
    found = Callers("masked", key).hash(number)
    assert found == (None if plain is None else hmac.digest(key, plain.encode(), "sha256").hex()[:20])


@pytest.mark.parametrize("policy", ["masked", "hash", "plain"])
@settings(max_examples=30, deadline=None)
@given(numbers=st.lists(st.from_regex(r"\A(\+|0{0,4}|\+00)[0-9]{0,14}\Z") | st.text(max_size=12)))
def test_in_sql_numbers_are_kept_as_in_python(policy: Policy, numbers: list[str]) -> None:
    callers = Callers(policy, b"k" * 32)
    said = callers.in_sql("n")
    with duckdb.connect() as con:
        rows = con.execute(
            f"SELECT n, {said.caller}, {said.key} FROM (SELECT unnest($n::VARCHAR[]) AS n)"
            f" WHERE {said.plain}",
            {"n": numbers, **said.parameters},
        ).fetchall()
    assert len(rows) == sum(re.fullmatch("[+]?[0-9]{1,40}", number) is not None for number in numbers)
    for number, caller, key in rows:
        assert callers.keep(number, None) == (caller, key, None)
