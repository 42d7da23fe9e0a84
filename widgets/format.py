"""Numbers as a supervisor reads them. Pure functions; None ("nothing happened", "not known") is a dash.

Durations are minutes and seconds, because waits are; from an hour on they say so (``1h02``).
"""

from datetime import UTC, datetime, tzinfo

from ccboard.i18n import Words

DASH = "–"
"""What stands where nothing happened or nothing is known: never 0 %."""


def duration(seconds: float | None) -> str:
    """Return whole seconds as m:ss, from an hour on as h:mm:ss.

    >>> duration(9), duration(108), duration(725), duration(3723), duration(None)
    ('0:09', '1:48', '12:05', '1:02:03', '–')
    """
    if seconds is None:
        return DASH
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def ticking(seconds: float | None) -> str:
    """Return a running duration: every second below ten minutes, then in tens, then in minutes.

    A column of clocks that all move every second doubles what a slow line has to carry, and nobody
    needs the seconds of a break that has lasted for an hour.

    >>> ticking(599), ticking(607), ticking(3599), ticking(3600), ticking(36000), ticking(None)
    ('9:59', '10:00', '59:50', '1h00', '10h00', '–')
    """
    if seconds is None:
        return DASH
    whole = max(0, int(seconds))
    if whole < 600:
        return duration(whole)
    if whole < 3600:
        return duration(whole // 10 * 10)
    return f"{whole // 3600}h{whole % 3600 // 60:02d}"


def total(seconds: float | None) -> str:
    """Return a sum of time over the day, in hours and minutes, unlike the minutes:seconds of a duration.

    >>> total(0), total(59), total(2280), total(3723), total(None)
    ('0m', '0m', '38m', '1h02', '–')
    """
    if seconds is None:
        return DASH
    minutes = max(0, int(seconds)) // 60
    return f"{minutes // 60}h{minutes % 60:02d}" if minutes >= 60 else f"{minutes}m"


def percent(ratio: float | None, target: float | None = None) -> str:
    """Return a ratio (0..1) in whole percent, never rounded up to a `target` that was missed, nor to all.

    >>> percent(0.5449), percent(1.0), percent(0.0), percent(None)
    ('54 %', '100 %', '0 %', '–')
    >>> percent(0.796), percent(0.796, 0.8), percent(0.8, 0.8), percent(0.9996), percent(0.57, 0.57)
    ('80 %', '79 %', '80 %', '99 %', '57 %')
    """
    if ratio is None:
        return DASH
    exact = round(ratio * 100, 6)  # 0.57 * 100 is 56.99999999999999
    whole = round(exact)
    for mark in (100.0, 100.0 if target is None else round(target * 100, 6)):
        if exact < mark <= whole:
            whole = int(exact)
    return f"{whole} %"


def count(number: int | None) -> str:
    """Return a count.

    >>> count(12), count(0), count(None)
    ('12', '0', '–')
    """
    return DASH if number is None else str(number)


def age(seconds: float | None) -> str:
    """Return how old something is, in started seconds: a healthy source stands at "1 s" and still.

    >>> age(0.0), age(0.3), age(1.2), age(25.0), age(119.0), age(3600.0), age(None)
    ('1 s', '1 s', '2 s', '25 s', '1:59', '1h00', '–')
    """
    if seconds is None:
        return DASH
    whole = max(1, -int(-seconds // 1))
    return f"{whole} s" if whole < 100 else ticking(whole)


def plain_number(number: float) -> str:
    """Return a number of the configuration without a needless fraction.

    >>> plain_number(20.0), plain_number(2.5)
    ('20', '2.5')
    """
    return f"{number:g}"


def goal(target: float | None, threshold_s: float | None, words: Words) -> str:
    """Return a service level's target as people say it: the share, and in how many seconds.

    >>> goal(0.8, 20, Words("en")), goal(0.8, None, Words("en")), goal(None, 20, Words("en"))
    ('80 in 20', '80 %', '–')
    >>> goal(0.8, 20, Words("zh"))
    '20秒80%'
    """
    if target is None:
        return DASH
    if threshold_s is None:
        return percent(target)
    return words("figure.goal", share=f"{target * 100:.0f}", seconds=plain_number(threshold_s))


def local(at: int, zone: tzinfo) -> datetime:
    """Return a moment (microseconds UTC) in the centre's zone."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).astimezone(zone)


def clock(at: int | None, zone: tzinfo) -> str:
    """Return the time of day of a moment.

    >>> from zoneinfo import ZoneInfo
    >>> clock(1795283239_900000, ZoneInfo("Europe/Berlin")), clock(None, UTC)
    ('18:47:19', '–')
    """
    return DASH if at is None else local(at, zone).strftime("%H:%M:%S")


def date(at: int, zone: tzinfo, words: Words, *, near: int | None = None) -> str:
    """Return the day of a moment in the board's language; with its year, if that is another than `near`'s.

    >>> date(1795283239_000000, UTC, Words("en")), date(1795283239_000000, UTC, Words("zh"))
    ('Sat 21 Nov', '11月21日 周六')
    >>> date(0, UTC, Words("en"), near=1795283239_000000), date(0, UTC, Words("zh"), near=1795283239_000000)
    ('Thu 1 Jan 1970', '1970年1月1日 周四')
    """
    day = local(at, zone)
    return words(
        "date.day" if near is None or local(near, zone).year == day.year else "date.day.year",
        year=str(day.year),
        weekday=words(f"date.weekday.{day.weekday()}"),
        day=str(day.day),
        month=words(f"date.month.{day.month}"),
    )
