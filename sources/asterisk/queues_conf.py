"""queues.conf: names of queues, their wrap-up timers and service levels, and whose phone is whose."""

from dataclasses import dataclass

from ccboard.clean import clean
from sources.asterisk import astconf

_NO_QUEUES = {"general", "globals"}


@dataclass(frozen=True, slots=True)
class Member:
    """One static member: the interface that is rung, and the name that calls are logged under."""

    interface: str
    name: str


@dataclass(frozen=True, slots=True)
class QueueFound:
    """One queue of queues.conf."""

    name: str
    wrap_up_s: int | None
    service_level_s: int | None
    members: tuple[Member, ...] = ()


def arguments(text: str) -> list[str]:
    r"""Split the arguments of a member line at commas, but not inside quotes or brackets.

    >>> arguments('Local/7@agents/n,0,"Name, Jr",hint:7@ext')
    ['Local/7@agents/n', '0', 'Name, Jr', 'hint:7@ext']
    """
    parts = [""]
    quoted = escaped = False
    depth = 0
    for letter in text:
        if escaped:
            parts[-1] += letter
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted and depth == 0:
            parts.append("")
            continue
        else:
            depth += {"(": 1, ")": -1 if depth else 0}.get(letter, 0)
            parts[-1] += letter
    return [part.strip() for part in parts]


def interpret(conf: astconf.Conf) -> list[QueueFound]:
    """Return the queues in the order of the file; one that is given twice is what its last lines say."""
    found: dict[str, QueueFound] = {}
    for section in conf.sections():
        name = clean(section.name)
        if not name or section.name.lower() in _NO_QUEUES:
            continue
        found[name] = QueueFound(
            name=name,
            wrap_up_s=_seconds(section.get("wrapuptime")),
            service_level_s=_seconds(section.get("servicelevel")),
            members=tuple(_members(section)),
        )
    return list(found.values())


def ties(queues: list[QueueFound]) -> dict[str, str]:
    """Return the interface of each named agent, where one name has one phone and one phone one name.

    Any other tie would put one person's calls on another's row; what the manager interface says counts then.
    """
    phones: dict[str, set[str]] = {}
    names: dict[str, set[str]] = {}
    for queue in queues:
        for member in queue.members:
            if member.name != member.interface:
                phones.setdefault(member.name, set()).add(member.interface)
                names.setdefault(member.interface, set()).add(member.name)
    return {
        name: interface
        for name, (interface, *more) in ((n, sorted(p)) for n, p in phones.items())
        if not more and len(names[interface]) == 1
    }


def _members(section: astconf.Section) -> list[Member]:
    members = []
    for value in section.all("member"):
        parts = arguments(value)
        interface = clean(parts[0])
        name = clean(parts[2]) if len(parts) > 2 else ""
        if interface:
            members.append(Member(interface, name or interface))
    return members


def _seconds(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
