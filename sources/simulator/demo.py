"""The configuration of ``ccboard demo``: a centre with targets, limits and everything that can be set."""

from sources.simulator.floor import BACK_OFFICE, BREAK, COACHING, LUNCH, MISSED, TRAINING

SCENARIOS = ("normal", "monday-surge", "outage", "quiet")
"""What may be named in ``--scenario``; the same as the source's key, without loading pydantic."""

_TEXT = """\
# Written by `ccboard demo`, again at each start.
name = "Hotline West"
timezone = "Europe/Berlin"

[service_level]
threshold_s = 20
target = 0.80

[limits]
waiting = [6, 12]
longest_wait_s = [60, 120]
abandon_rate = [0.05, 0.10]
talk_s = [900, 1500]

[limits.pause]
"{lunch}" = [2700, 3300]
"{rest}" = [960, 1320]
"{coaching}" = [1800, 2400]
"{back_office}" = [1500, 2100]
"{training}" = [2400, 3000]
"{missed}" = [180, 420]

[queues."support"]
project = "Northbank"
order = 1

[queues."sales"]
project = "Northbank"
order = 2

[queues."vip"]
project = "Northbank"
order = 3
target = 0.90

[queues."售后"]
label = "售后 after-sales"
project = "Kontor"
order = 4
threshold_s = 30

[[tiers]]
lift = 0.30
queues = ["support"]
heads = 9
skills = ["support"]
call = [
  {{ name = "Anna Roth", reach = "4712" }}, {{ name = "Ben Ito", reach = "4713" }},
  {{ name = "Zoé Martin", reach = "4714" }}, {{ name = "李强", reach = "4715" }},
]
owner = {{ name = "Chen Li", reach = "4711" }}
deputies = [{{ name = "Sam Obi", reach = "4720" }}]
acknowledge_min = 15

[[tiers]]
lift = 0.50
queues = ["support"]
heads = 15
from_queues = ["sales"]
owner = {{ name = "Dana Weiss", reach = "4700" }}

[[tiers]]
lift = 0.80
queues = ["support"]
heads = 22
owner = {{ name = "Dana Weiss", reach = "4700" }}

[sources.simulator]
type = "simulator"
timezone = "Europe/Berlin"
history_days = {history_days}
scenario = "{scenario}"
speed = {speed}
seed = {seed}
"""


HISTORY_DAYS = 91
"""Days of history: thirteen weeks, which come while the floor is already there."""


def configuration(scenario: str, speed: float, seed: int, history_days: int = HISTORY_DAYS) -> str:
    """Return the text of the configuration file."""
    return _TEXT.format(
        history_days=history_days,
        scenario=scenario, speed=repr(float(speed)), seed=seed, lunch=LUNCH, rest=BREAK, coaching=COACHING,
        back_office=BACK_OFFICE, training=TRAINING, missed=MISSED,
    )
