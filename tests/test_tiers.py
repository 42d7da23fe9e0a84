"""Tiers, the watch's own settings and channels: what may be written, and what a mistake is told."""

from datetime import date

import pytest

from ccboard.config import Config, parse
from ccboard.errors import ConfigError


def test_without_a_word_there_are_three_tiers() -> None:
    assert [tier.threshold for tier in Config().tiers] == [0.30, 0.50, 0.80]


def test_kinds_of_days_are_one_spelling() -> None:
    made = parse({"surge": {"days": {"2026-11-27": "Campaign "}}}, "x.toml")
    assert made.surge.days == {date(2026, 11, 27): "campaign"}


@pytest.mark.parametrize(("raw", "said"), [
    ({"tiers": [{"lifts": 0.3}]}, "tiers.0.lifts: no such key; did you mean lift?"),
    ({"tiers": [{"heads": 3}]}, "needs lift"),
    ({"tiers": [{"lift": 0.3, "when": "waiting", "limit": 3}]}, "either lift, or when and limit"),
    ({"tiers": [{"when": "waiting"}]}, "needs a limit"),
    ({"tiers": [{"when": "service_level", "limit": 60}]}, "a share from 0 to 1, such as 0.6"),
    ({"tiers": [{"lift": 0.3, "hours": ["mo-fr 8-18"]}]}, "is not a stretch"),
    ({"surge": {"country": "Germany"}}, "surge.country"),
    ({"surge": {"days": {"2026-11-27": ""}}}, "needs a kind"),
    ({"notify": {"x": {}}}, "notify.x: needs url_env, url_file or command"),
    ({"notify": {"x": {"command": ["a"], "url_env": "A"}}}, "one of them"),
])
def test_a_mistake_is_named(raw: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(raw, "x.toml")
    assert said in str(caught.value)
