"""Limits of the configuration: one that can never be reached is an error, not silence."""

import tomllib

import pytest

from ccboard.config import Config, parse
from ccboard.errors import ConfigError


def read(text: str) -> Config:
    return parse(tomllib.loads(text), "floor.toml")


@pytest.mark.parametrize(("line", "said"), [
    ("waiting = [10, 5]", "limits.waiting: the warning comes first: [5, 10]"),
    ("longest_wait_s = -1", "limits.longest_wait_s: a limit is not below 0"),
    ("waiting = [1, 2, 3]", "limits.waiting: a limit is one number, or [warning, critical]"),
    ("waiting = true", "limits.waiting: a limit is one number, or [warning, critical]"),
    ("waiting = 'x'", "limits.waiting: a limit is one number, or [warning, critical]"),
    ("waiting = nan", "limits.waiting: a limit is one number, or [warning, critical]"),
    ("abandon_rate = [5, 10]",
     "limits.abandon_rate: a share is a number from 0 to 1; [0.05, 0.1] for percent"),
    ("abandon_rate = 500", "limits.abandon_rate: a share is a number from 0 to 1 (is 500)"),
    ("service_level = [70, 60]",
     "limits.service_level: a share is a number from 0 to 1; [0.7, 0.6] for percent"),
    ("service_level = [0.6, 0.7]",
     "limits.service_level: it falls, so the warning is the higher one: [0.7, 0.6]"),
    ("pause = { lunch = [60, 30] }", "limits.pause.lunch: the warning comes first: [30, 60]"),
])
def test_a_limit_that_cannot_be_meant(line: str, said: str) -> None:
    for table in ("limits", "queues.vip.limits"):
        with pytest.raises(ConfigError) as caught:
            read(f"[{table}]\n{line}\n")
        assert str(caught.value).startswith("floor.toml: " + said.replace("limits", table, 1))


def test_limits_that_can() -> None:
    limits = read(
        "[limits]\nwaiting = 5\nlongest_wait_s = [60, 60]\nabandon_rate = [0, 1.0]\n"
        "service_level = [0.8, 0.7]\n[limits.pause]\nlunch = [2700, 3600]\n").limits
    assert limits.model_dump(exclude_unset=True) == {
        "waiting": (5, 5), "longest_wait_s": (60, 60), "abandon_rate": (0, 1), "service_level": (0.8, 0.7),
        "pause": {"lunch": (2700, 3600)},
    }


@pytest.mark.parametrize(("line", "said"), [
    ('business_day_start = "24:00"', "must be a time of day"),
    ('store = { memory_limit = "lots" }', "must be a size"),
])
def test_a_rule_is_said_in_words(line: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        read(line)
    assert "pattern" not in str(caught.value)
