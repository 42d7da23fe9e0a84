"""Figures as words, and words in columns, for the commands: measured in a terminal's cells."""

from ccboard.clean import clean


def width(text: str) -> int:
    r"""Return how many cells `text` takes: two for wide characters, none for combining ones.

    >>> width("support"), width("王芳"), width("Zoe\u0308")
    (7, 4, 3)
    """
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(char) in {"Mn", "Me", "Cf"} else 2 if east_asian_width(char) in "WF" else 1
        for char in text
    )


def printable(text: str) -> str:
    r"""Return a message fit for a terminal, line by line: names of files and answers of others may be in it.

    >>> printable("a\x1b]0;owned\x07: no such file\n  second line")
    'a]0;owned: no such file\n  second line'
    """
    return "\n".join(line if line.isprintable() else clean(line, 4000) for line in text.split("\n"))


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number and what it counts, in the singular or the plural.

    >>> counted(1, "record"), counted(0, "row"), counted(2, "entry", "entries")
    ('1 record', '0 rows', '2 entries')
    """
    return f"{number} {one if number == 1 else many or one + 's'}"


def left(text: str, cells: int) -> str:
    """Return `text` with spaces after it, `cells` wide."""
    return text + " " * (cells - width(text))


def right(text: str, cells: int) -> str:
    """Return `text` with spaces before it, `cells` wide."""
    return " " * (cells - width(text)) + text


def clip(text: str, cells: int) -> str:
    """Return as much of `text` as fits into `cells`, with an ellipsis where it was cut.

    >>> clip("王芳王芳", 6), clip("sales", 6)
    ('王芳…', 'sales')
    """
    if width(text) <= cells:
        return text
    while text and width(text) > cells - 1:
        text = text[:-1]
    return text + "…"


def minutes(seconds: float | None) -> str:
    """Return a duration as m:ss, or h:mm:ss from an hour on; a dash where there is none.

    >>> minutes(9), minutes(108), minutes(3725), minutes(None)
    ('0:09', '1:48', '1:02:05', '–')
    """
    if seconds is None:
        return "–"
    whole = int(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def age(seconds: float | None) -> str:
    """Return how long ago a source was heard.

    >>> age(0.31), age(12.4), age(125), age(None)
    ('0.3 s', '12 s', '2:05', 'never heard')
    """
    if seconds is None:
        return "never heard"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 99.5 else minutes(seconds)


def percent(ratio: float | None, target: float | None = None) -> str:
    """Return a ratio in percent. It never rounds up to a `target` that was missed.

    >>> percent(0.5436), percent(0.796, 0.80), percent(0.9996), percent(0.005), percent(None)
    ('54 %', '79.6 %', '99.9 %', '0.5 %', '–')
    """
    if ratio is None:
        return "–"
    exact = round(ratio * 100, 6)  # 0.57 * 100 is 56.99999999999999
    whole = round(exact)
    missed = target is not None and exact < target * 100 - 1e-6 and whole >= target * 100 - 1e-6
    if missed or (whole in {0, 100} and exact != whole):
        return f"{int(exact * 10) / 10:g} %"
    return f"{whole} %"
