"""What ``ccboard doctor`` finds: one line each, with how to mend it. Sources add their own."""

from typing import Literal, NamedTuple, TypeAlias

Level: TypeAlias = Literal["ok", "warn", "fail"]
"""ok: as it should be; warn: it works, but not well; fail: something cannot work."""


class Finding(NamedTuple):
    """One thing looked at. `mend` says what to do, in one or two sentences ("" where all is well)."""

    level: Level
    subject: str
    text: str
    mend: str = ""


def ok(subject: str, text: str) -> Finding:
    """Return a finding that all is well."""
    return Finding("ok", subject, text)


def warn(subject: str, text: str, mend: str) -> Finding:
    """Return a finding that something works, but not well."""
    return Finding("warn", subject, text, mend)


def fail(subject: str, text: str, mend: str) -> Finding:
    """Return a finding that something cannot work as it is."""
    return Finding("fail", subject, text, mend)
