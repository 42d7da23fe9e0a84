"""Where the panels stand, for any size of screen. Pure functions from sizes to places.

The layout is worked out here and not in style sheets, because what gives way to what on a small screen is
the instrument's character: queues first, then service level, then people, then the log.
"""

from typing import NamedTuple


class Place(NamedTuple):
    """A panel's rectangle inside its page, in cells."""

    x: int
    y: int
    width: int
    height: int


Places = dict[str, Place]


class Rows(NamedTuple):
    """How many rows the tables have whose height follows their rows."""

    queues: int = 0
    sources: int = 0
    tail: int = 0
    """Lines that the tail would like to have on the overview; 0: there is none yet."""
    surge: int = 0
    """Lines of the surge panel on the overview: one while all is calm, two for an alarm."""
    waiting: int = 99
    """Rows to keep for the callers who wait, where they stand beside other panels."""


PHONE_WIDTH = 60
WIDE = 150
GAP = 3
TAIL_LINES = 9
TAIL_WIDTH, TAIL_BESIDE = 46, 112
"""Cells that the tail takes on the overview, and from which width of the screen on it stands there."""
SURGE_WORDS, SURGE_PICTURE = 18, 6
"""Lines that all sentences about an alarm take on a narrow screen, and lines of which the picture below them
still says something: three of bars, with its title, its hours and what is what."""
SURGE_LEAST = 4
"""Lines that are kept for the sentences, however few there are: one more comes soon."""
TAIL_SAID = 11
"""Lines that what is said of somebody at the tail takes, or most of it."""
LEAST_WIDTH, LEAST_HEIGHT = 30, 6
"""Below this the board only asks for more room."""


def bars_height(queues: int, lines: int) -> int:
    """Lines for the service level's bars: title, axis, and `lines` per queue."""
    return 2 + max(1, queues) * lines


def overview(width: int, height: int, rows: Rows) -> Places:
    """Queues on top, then the day's service level and the log, then the agents; callers at the right."""
    queues = rows.queues
    table = queues + 2 if queues else 2
    if width < PHONE_WIDTH or height < 14:
        return _phone(width, height, table)
    if width >= WIDE:
        return _wide(width, height, rows, table)
    inner = width - 2
    top = min(table, max(5, height * 2 // 5))
    rest = height - top - 1
    bars = bars_height(queues, 1)
    if rest - bars_height(queues, 2) - 1 >= 14:
        bars = bars_height(queues, 2)
    middle = min(bars, max(4, rest // 2))
    left = (inner - GAP) * 11 // 20
    places: Places = {
        "queues": Place(1, 0, inner, top),
        "levels": Place(1, top + 1, left, middle),
        "log": Place(1 + left + GAP, top + 1, inner - left - GAP, middle),
    }
    below = rest - middle - 1
    if below >= 3:
        places["agents"] = Place(1, top + middle + 2, inner, below)
        if rows.tail and width >= TAIL_BESIDE and below >= 4:
            side = max(TAIL_WIDTH, inner * 2 // 5)
            places["agents"] = places["agents"]._replace(width=inner - side - GAP)
            places["tail"] = Place(1 + inner - side, top + middle + 2, side, min(below, rows.tail))
    else:
        places["levels"] = places["levels"]._replace(height=rest)
        places["log"] = places["log"]._replace(height=rest)
    return places


def with_surge(width: int, height: int, rows: Rows) -> Places:
    """Put what the surge watch says on top, and the overview below it: an alarm is read first.

    A phone and a low terminal keep room for it only while an alarm stands: one line.
    """
    lines = rows.surge
    if width < PHONE_WIDTH or height < 14:
        lines = min(1, lines // 2)
    lines = min(lines, max(0, height // 4))
    if not lines:
        return overview(width, height, rows)
    gap = 1 if height >= 30 else 0
    below = overview(width, height - lines - gap, rows)
    places = {name: place._replace(y=place.y + lines + gap) for name, place in below.items()}
    inner = width - 2 if width >= 40 else width
    return {"surge": Place((width - inner) // 2, 0, inner, lines), **places}


def surge(width: int, height: int, rows: int, said: int = SURGE_WORDS) -> Places:
    """Place the queues; below them one in words, as a picture, and what is to come of it.

    `said`: lines that the sentences take; what they leave goes to the queues and to the picture.
    """
    inner = width - 2 if width >= 40 else width
    x = (width - inner) // 2
    said = max(SURGE_LEAST, said)
    if width < PHONE_WIDTH or height < 14:
        top = max(2, min(rows + 1, height // 3))
        return {"surges": Place(x, 0, inner, top), "surgedetail": Place(x, top, inner, height - top)}
    spare = min(height // 2, height - said - SURGE_PICTURE - 2)
    top = max(2, min(rows + 1, max(4, height // 4, spare)))  # without rows: what there is to wait for
    rest = height - top - 1
    if width < 110:
        words = min(SURGE_WORDS, said, max(rest * 3 // 5, rest - SURGE_PICTURE))
        return {"surges": Place(x, 0, inner, top), "surgedetail": Place(x, top + 1, inner, words),
                "surgechart": Place(x, top + words + 1, inner, rest - words)}
    left = inner * 3 // 5
    right = inner - left - GAP
    beside = x + left + GAP
    words = min(15, said, max(9, rest * 2 // 5))
    chart = min(rest - words - 1, 24) if rest - words >= 10 else rest
    places: Places = {"surges": Place(x, 0, inner, top)}
    if chart == rest:  # low and wide: words beside the picture
        places["surgechart"] = Place(x, top + 1, left, rest)
        places["surgedetail"] = Place(beside, top + 1, right, rest)
        return places
    places["surgedetail"] = Place(x, top + 1, left, words)
    places["surgechart"] = Place(x, top + words + 2, left, rest - words - 1)
    log = min(9, rest // 3)
    places["surgegap"] = Place(beside, top + 1, right, rest - log - 1)
    places["surgelog"] = Place(beside, height - log, right, log)
    return places


def _phone(width: int, height: int, table: int) -> Places:
    inner = width - 2 if width >= 40 else width
    x = (width - inner) // 2
    top = min(table, height - 2 if height >= 6 else height)
    places: Places = {"queues": Place(x, 0, inner, top)}
    left = height - top
    if left >= 2:
        places["floor"] = Place(x, top, inner, 2)
    if left >= 4:
        places["log"] = Place(x, top + 2, inner, left - 2)
    return places


def _wide(width: int, height: int, rows: Rows, table: int) -> Places:
    queues = rows.queues
    inner = width - 2
    left = min(max(112, inner * 31 // 50), inner - 48 - GAP)
    right = inner - left - GAP
    top = min(table, max(5, height * 2 // 5))
    rest = height - top - 1
    bars = bars_height(queues, 1)
    for lines, agents_keep in ((3, 18), (2, 10)):
        if rest - bars_height(queues, lines) - 1 >= agents_keep:
            bars = bars_height(queues, lines) - (lines == 3)
            break
    middle = min(bars, max(4, rest // 2))
    callers = max(6, height * 2 // 5)
    tail = min(rows.tail, TAIL_LINES) if height >= 30 else 0
    if tail:
        callers = max(6, callers - tail // 2)
    callers = min(callers, max(6, rows.waiting + 2))
    x = 1 + left + GAP
    log = callers + 1 + (tail + 1 if tail else 0)
    places: Places = {
        "queues": Place(1, 0, left, top),
        "waiting": Place(x, 0, right, callers),
        "levels": Place(1, top + 1, left, middle),
        "log": Place(x, log, right, height - log),
    }
    if tail:
        places["tail"] = Place(x, callers + 1, right, tail)
    if (below := rest - middle - 1) >= 3:
        places["agents"] = Place(1, top + middle + 2, left, below)
    return places


def queues(width: int, height: int, rows: Rows) -> Places:
    """All figures of the queues, below them who waits and the service level by interval."""
    inner = width - 2 if width >= 40 else width
    x = (width - inner) // 2
    top = min(rows.queues + 2 if rows.queues else 2, max(4, height // 2))
    rest = height - top - 1
    places: Places = {"queues": Place(x, 0, inner, top)}
    if rest < 3:
        return {"queues": Place(x, 0, inner, height)}
    if width < 110:
        places["waiting"] = Place(x, top + 1, inner, rest)
        return places
    left = (inner - GAP) // 2
    places["waiting"] = Place(x, top + 1, left, rest)
    places["levels"] = Place(x + left + GAP, top + 1, inner - left - GAP, rest)
    return places


def agents(width: int, height: int, rows: Rows) -> Places:  # noqa: ARG001 - every page is asked alike
    """Show the agents and nothing else."""
    return whole("agents", width, height)


class TailRows(NamedTuple):
    """How many rows the tail page's tables have; `names`: whether anybody may be named."""

    named: int = 0
    unsteady: int = 0
    early: int = 0
    coached: int = 0
    verdicts: int = 0
    names: bool = True


def tail(width: int, height: int, rows: TailRows) -> Places:
    """Who is at the tail; below who fluctuates and who is too new; about one of them, and all figures.

    A table takes what its rows need and no more; on a phone who is at the tail is all there is.
    """
    inner = width - 2 if width >= 40 else width
    x = (width - inner) // 2
    places: Places = {"tailhead": Place(x, 0, inner, 1)}
    if width < PHONE_WIDTH or height < 14:
        places["tail" if rows.names else "verdicts"] = Place(x, 1, inner, height - 1)
        return places
    if not rows.names:
        high = min(height - 2, max(1, rows.verdicts) + 1)
        if height - 3 - high < 3:
            high = height - 2
        else:  # what there is to say of the chosen figure, in full
            places["detail"] = Place(x, 3 + high, inner, height - 3 - high)
        places["verdicts"] = Place(x, 2, inner, high)
        return places
    rest = height - 2
    tail, unsteady, early = (max(1, n) + 1 for n in rows[:3])
    coached = rows.coached + 1 if rows.coached else 0
    beside = "coaching" if coached and not rows.early else "early"  # on a narrow screen one of the two
    below = 12 if width < TAIL_BESIDE else min(TAIL_SAID + rows.verdicts + 2, rest // 2)
    top = min(tail, max(rest * 2 // 5, rest - max(unsteady, early, below) - 1))
    places["tail"] = Place(x, 2, inner, top)
    low, y = rest - top - 1, top + 3
    if width < TAIL_BESIDE:
        detail = min(11, max(5, low // 2))
        tables = min(low - detail - 1, max(unsteady, coached if beside == "coaching" else early))
        half = (inner - GAP) * 11 // 20
        if tables > 1:
            places["unsteady"] = Place(x, y, half, tables)
            places[beside] = Place(x + half + GAP, y, inner - half - GAP, tables)
            y, low = y + tables + 1, low - tables - 1
        places["detail"] = Place(x, y, inner, low)
        return places
    side = max(60, inner * 9 // 20)
    left, right = inner - side - GAP, x + inner - side
    first = min(unsteady, max(low // 3, low - early - coached - 2))
    places["unsteady"] = Place(x, y, left, first)
    under = y + first + 1
    if coached and low - first - 1 > 2:
        second = min(coached, max(2, (low - first - 1) // 2))
        places["coaching"] = Place(x, under, left, second)
        under += second + 1
    if y + low - under > 1:
        places["early"] = Place(x, under, left, y + low - under)
    tall = min(low, max(TAIL_SAID, min(15, low - rows.verdicts - 2)))
    places["detail"] = Place(right, y, side, tall)
    if low - tall - 1 > 1:
        places["verdicts"] = Place(right, y + tall + 1, side, low - tall - 1)
    return places


def sources(width: int, height: int, rows: Rows) -> Places:
    """Show the sources, and below them what is wrong with their data."""
    inner = width - 2 if width >= 40 else width
    x = (width - inner) // 2
    top = min(max(2, rows.sources + 1), max(3, height // 2))
    if height - top - 1 < 2:
        return whole("sources", width, height)
    return {"sources": Place(x, 0, inner, top), "findings": Place(x, top + 1, inner, height - top - 1)}


def whole(panel: str, width: int, height: int) -> Places:
    """One panel alone: what zoom shows."""
    inner = width - 2 if width >= 40 else width
    return {panel: Place((width - inner) // 2, 0, inner, height)}
