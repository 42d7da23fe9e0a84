"""What a real centre was like: printed by ``python -m sources.simulator.derive``; do not edit.

Source: "Anonymous Bank" call-centre data of 1999, I. Guedj and A. Mandelbaum, Technion, Haifa.
Calls that asked for an agent; phantoms and callers who left in the voice menu are left out.
Its week starts on Sunday: Sunday to Friday stand here as 0 (Monday) to 5 (Saturday).
"""

# Mean calls per half hour, midnight to midnight, by working day, without days off 0.6 .. 1.6 times
# the median of their weekday. February, March 1999. The bank answers them with 8 seats.
PROFILE: dict[int, tuple[float, ...]] = {
    0: (
        0.38, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00, 0.62, 17.38, 22.50, 40.38, 59.88, 58.88, 62.25, 69.12, 69.88, 66.12, 60.38,
        57.00, 53.00, 53.50, 64.25, 57.50, 64.62, 63.00, 63.62, 76.88, 80.25, 57.62, 43.88,
        31.62, 32.88, 32.75, 30.12, 26.38, 18.62, 27.50, 35.00, 29.12, 21.25, 17.62, 14.12,
    ),
    1: (
        0.25, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00, 2.00, 14.88, 24.00, 37.88, 59.25, 54.50, 68.62, 64.62, 65.88, 59.88, 51.62,
        48.25, 45.25, 43.12, 50.88, 60.62, 57.25, 52.38, 53.75, 46.50, 43.88, 34.38, 39.12,
        40.50, 39.88, 35.12, 31.38, 27.88, 34.62, 29.00, 24.75, 23.62, 19.75, 24.88, 15.38,
    ),
    2: (
        0.38, 0.00, 0.25, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00, 0.88, 15.88, 25.12, 37.50, 58.38, 49.62, 56.38, 64.25, 61.25, 56.12, 57.88,
        52.38, 45.62, 46.75, 56.00, 56.38, 58.38, 58.62, 59.12, 68.75, 74.38, 56.00, 52.75,
        46.12, 41.00, 33.88, 32.00, 29.38, 33.50, 26.88, 29.75, 26.62, 24.25, 24.50, 14.38,
    ),
    3: (
        0.12, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00, 1.62, 16.12, 22.38, 37.38, 60.25, 53.00, 62.88, 65.62, 65.00, 56.25, 54.25,
        47.88, 49.12, 55.75, 60.88, 60.88, 59.75, 56.62, 55.25, 42.00, 42.75, 39.75, 42.50,
        42.88, 40.00, 39.62, 37.25, 30.75, 34.25, 30.62, 35.12, 28.75, 27.12, 25.75, 15.00,
    ),
    4: (
        0.12, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00, 1.50, 16.62, 24.25, 32.50, 55.88, 56.12, 62.50, 69.50, 67.38, 65.00, 59.50,
        53.50, 55.75, 52.38, 55.88, 62.88, 62.62, 55.62, 65.25, 74.62, 78.00, 64.12, 53.50,
        44.38, 38.38, 36.12, 31.88, 25.75, 31.62, 26.25, 25.12, 23.00, 19.12, 22.38, 14.88,
    ),
    5: (
        0.12, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00, 1.00, 10.38, 16.00, 30.38, 44.12, 41.00, 38.88, 40.12, 34.50, 38.62, 35.62,
        33.38, 28.88, 22.00, 17.75, 0.62, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
    ),
}

# Coefficient of variation of a day's volume beyond Poisson, from each day and the same weekday
# a week later; and of one half hour, given its day's volume (8:00 to 22:00 of working days).
# February 1999.
DAY_CV = 0.1145
HALF_HOUR_CV = 0.1506

# Share of each type of call: PS regular, NE stock exchange, NW prospective customer, IN internet,
# PE regular in English, TT call-back. February 1999.
TYPES: dict[str, float] = {
    "PS": 0.6434,
    "NW": 0.2236,
    "NE": 0.0868,
    "TT": 0.0334,
    "IN": 0.0084,
    "PE": 0.0044,
}

# Mean and standard deviation of the logarithm of the service seconds, by type; of services from
# 10 s to an hour. February 1999.
SERVICE: dict[str, tuple[float, float]] = {
    "IN": (5.1330, 1.0425),
    "NE": (5.2509, 0.9690),
    "NW": (4.2736, 0.9250),
    "PE": (5.1854, 0.9599),
    "PS": (4.8681, 0.8809),
    "TT": (4.3122, 1.2245),
}

# Hazard of hanging up per second of waiting, between these edges (seconds) and after the last:
# hang-ups over seconds waited, answers censor. February, March 1999. Regular callers, then
# the bank's priority customers.
PATIENCE_EDGES = (0, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600)
PATIENCE = (
    0.005577, 0.003159, 0.006675, 0.005665, 0.004318, 0.003634, 0.004809, 0.003967,
    0.002627, 0.002876, 0.002305, 0.001553, 0.001376, 0.001168, 0.001395,
)
PATIENCE_PRIORITY = (
    0.000660, 0.000686, 0.003905, 0.003505, 0.001725, 0.001862, 0.002706, 0.002089,
    0.001197, 0.001122, 0.000704, 0.000950, 0.000610, 0.000728, 0.000646,
)

# Of the calls whose caller is known, the share that repeats a call of the same day; of those who
# hung up, the share that called again within the hour (both lower bounds). February 1999.
REPEAT_SHARE = 0.3350
REDIAL_SHARE = 0.4817
