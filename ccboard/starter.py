"""The text of a first configuration file: what was found is set, what may be wished for is a comment.

A comment that begins with ``# key =`` may be uncommented as it stands; the tests do so.
"""

import json
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sources.asterisk.discover import Discovery
    from sources.asterisk.queues_conf import QueueFound

_HEAD = """\
# ccboard: what this floor is, and where its figures come from.
# Every key is explained in docs/configuration.md; `ccboard doctor` checks this file and what it names.
"""

_GENERAL = """\
# timezone = "Europe/Berlin"      # the centre's zone; without it the store's, else this host's
# business_day_start = "00:00"    # when the counts of the day begin, in the centre's zone
# language = "en"                 # en or zh; without it the terminal's
# callers = "masked"              # callers' numbers: masked, plain or hash
# short_abandon_s = 5             # an abandon after a shorter wait is a short one
# interval_min = 15               # length of an interval on the charts

# Service level: answered within threshold_s, of those offered (less those waiting no longer than that).
[service_level]
threshold_s = 20
target = 0.80

# Limits, each [warning, critical].
[limits]
# waiting = [5, 10]               # callers waiting
longest_wait_s = [60, 120]
abandon_rate = [0.05, 0.10]
# talk_s = [900, 1800]            # one conversation
# ringing_s = [15, 30]            # a phone that rings
# wrap_up_s = [120, 300]
pause_s = [900, 1800]             # a pause whose reason has no limit of its own

[limits.pause]
# "lunch" = [2700, 3600]          # by reason, as agents give it
"""

_NO_SOURCE = """\
# Nothing was found on this host. Where the figures come from is said like this (see docs/sources.md):
#
# [sources.asterisk]
# type = "asterisk"
# queue_log = "/var/log/asterisk/queue_log"
#
# [sources.asterisk.ami]
# host = "127.0.0.1"
# port = 5038
# username = "ccboard"            # an account with read = agent and no write line
# secret_env = "CCBOARD_ASTERISK_SECRET"
"""


def starter(found: "Discovery", secret: tuple[str, str]) -> str:
    """Return the file's text; `secret` is the key and value by which the source finds its secret."""
    head = _HEAD + "".join(f"# {line}".rstrip() + "\n" for line in _wrapped(found.said))
    parts = [head, _name(found) + _GENERAL]
    parts += [_queue(queue) for queue in found.queues] or [_comment('[queues."support"]', "hide = true")]
    parts += _agents(found)
    parts.append(_source(found, secret))
    return "\n".join(parts)


def text(value: str) -> str:
    r"""Return `value` as a TOML string.

    >>> print(text('Ann "A" O'))
    "Ann \"A\" O"
    """
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _wrapped(sentences: Iterable[str]) -> Iterable[str]:
    yield ""
    yield "What was found:"
    for sentence in sentences:
        yield from textwrap.wrap(sentence, 100, initial_indent="- ", subsequent_indent="  ")


def _name(found: "Discovery") -> str:
    name = found.config.get("name")
    set_to = f"name = {text(name)}" if name else '# name = "Hotline West"'
    return f"{set_to}  # the centre's name, in the header\n"


def _queue(queue: "QueueFound") -> str:
    lines = [f"[queues.{text(queue.name)}]", "# label = " + text(queue.name) + "  # the name to show",
             "# order = 1  # queues are shown by this number, then by name", "# hide = true"]
    if queue.wrap_up_s:
        lines.append(f"wrap_up_s = {queue.wrap_up_s}  # wrapuptime of queues.conf")
    if queue.service_level_s:
        lines.append("# servicelevel of queues.conf; take it if that is what callers were promised:")
        lines.append(f"# threshold_s = {queue.service_level_s}")
    lines.append("# target = 0.80")
    return "\n".join(lines) + "\n"


def _agents(found: "Discovery") -> list[str]:
    agents: dict[str, dict[str, Any]] = found.config.get("agents", {})
    return [
        f"[agents.{text(name)}]\ninterface = {text(keys['interface'])}\n# team = \"A\"\n"
        for name, keys in agents.items()
    ] or [_comment('[agents."Ann O\'Neil"]', 'team = "A"', 'interface = "PJSIP/1001"')]


def _comment(*lines: str) -> str:
    return "".join(f"# {line}\n" for line in lines)


def _source(found: "Discovery", secret: tuple[str, str]) -> str:
    sources: dict[str, dict[str, Any]] = found.config.get("sources", {})
    if not sources:
        return _NO_SOURCE
    lines = []
    for name, keys in sources.items():
        lines += [f"[sources.{name}]", f"type = {text(keys['type'])}"]
        if "queue_log" in keys:
            lines.append(f"queue_log = {text(keys['queue_log'])}")
        if ami := keys.get("ami"):
            lines += ["", f"[sources.{name}.ami]", f"host = {text(ami['host'])}", f"port = {ami['port']}",
                      f"username = {text(ami['username'])}", f"{secret[0]} = {text(secret[1])}"]
    return "\n".join(lines) + "\n"
