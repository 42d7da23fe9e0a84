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

[sources.simulator]
type = "simulator"
timezone = "Europe/Berlin"
scenario = "{scenario}"
speed = {speed}
seed = {seed}
"""


def configuration(scenario: str, speed: float, seed: int) -> str:
    """Return the text of the configuration file."""
    return _TEXT.format(
        scenario=scenario, speed=repr(float(speed)), seed=seed, lunch=LUNCH, rest=BREAK, coaching=COACHING,
        back_office=BACK_OFFICE, training=TRAINING, missed=MISSED,
    )
