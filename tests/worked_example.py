"""The worked example of the service level: T = 20 s, S = 5 s, 100 visits.

O = 100 offered, A = 85 answered of which A_T = 70 within T, B = 15 abandoned of which B_T = 10 within T
and B_S = 6 short. The expected numbers are divisions made by hand.
"""

from ccboard.records import Contact

S = 1_000_000
START = 1_795_100_400 * S
"""Thursday, 19 November 2026, 15:00 UTC."""

EXPECTED = {
    "sl.offered": 70 / 100,
    "sl.abandoned_negative": 70 / 100,
    "sl.abandoned_ignored": 70 / 90,
    "sl.abandoned_positive": 80 / 100,
    "sl.answered": 70 / 85,
    "sl.short_excluded": 70 / 94,
    "sl.composed": 70 / 100,
    "sl.removed": 80 / 100,
    "sl.answered_missed": 70 / 85,
    "sl.queue_now": None,
}


def visits(queue: str = "support") -> list[Contact]:
    waits = (
        [("answered", wait) for wait in [20] * 10 + [3] * 60]
        + [("answered", 21)] * 5
        + [("answered", 90)] * 10
        + [("abandoned", 4)] * 6
        + [("abandoned", 5)] * 2
        + [("abandoned", 20)] * 2
        + [("abandoned", 40)] * 5
    )
    made = []
    for number, (outcome, wait) in enumerate(waits):
        at = START + number * 10 * S
        answered = outcome == "answered"
        made.append(
            Contact(
                source="pbx",
                call=f"c{number}",
                queue=queue,
                offered_at=at,
                outcome=outcome,
                wait_s=wait,  # type: ignore[arg-type]
                answered_at=at + wait * S if answered else None,
                agent="Ann" if answered else None,
                ended_at=at + (wait + 100 if answered else wait) * S,
                talk_s=100 if answered else None,
            )
        )
    return made
