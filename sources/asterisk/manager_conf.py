"""Manager accounts of an Asterisk host: what manager.conf and acl.conf give whom, and which one to take."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ccboard.clean import clean
from sources.asterisk import astconf

AMI_PORT = 5038
_EVERY_CLASS = 100
"""Weight of `all`: more than all classes named one by one."""
_EVERYWHERE = {"", "0.0.0.0", "::", "[::]", "*"}  # noqa: S104 - what manager.conf says, nothing is bound


@dataclass(frozen=True, slots=True)
class Account:
    """One account of manager.conf."""

    name: str
    secret: str = field(repr=False)
    read: frozenset[str]
    """Classes of events that it gets."""
    write: frozenset[str]
    """Classes of actions that it may do."""
    admitted: bool
    """permit, deny and acl let it in from this host."""
    filtered: bool
    """It has event filters, which may hide what a floor needs."""
    single: bool
    """It may be logged in only once at a time."""

    @property
    def suffices(self) -> bool:
        """Whether queue events reach it and it can log in from here."""
        return bool(self.secret) and self.admitted and bool(self.read & {"agent", "all"})

    def unfit(self) -> str:
        """Return why it does not suffice, in a few words ("" if it does)."""
        if not self.secret:
            return "has no secret"
        if not self.admitted:
            return "may not log in from this host (permit, deny, acl)"
        return "" if self.suffices else "lacks read = agent"


@dataclass(slots=True)
class Manager:
    """What manager.conf says."""

    enabled: bool = False
    web: bool = False
    host: str = "127.0.0.1"
    port: int = AMI_PORT
    accounts: list[Account] = field(default_factory=list)


def classes(value: str | None) -> frozenset[str]:
    """Return the classes that a `read` or `write` line names.

    >>> sorted(classes("agent, call")), classes("none"), classes(None)
    (['agent', 'call'], frozenset(), frozenset())
    """
    words = {word.strip().lower() for word in (value or "").split(",")}
    return frozenset(words - {"", "none"})


def choose(accounts: Iterable[Account]) -> Account | None:
    """Return the account with the fewest rights that suffice, or None.

    What it may do weighs most, then whether filters or a single login may hinder, then what it hears.
    """
    fit = [account for account in accounts if account.suffices]
    return min(fit, key=lambda a: (_weight(a.write), a.filtered, a.single, _weight(a.read)), default=None)


def _weight(names: frozenset[str]) -> int:
    return _EVERY_CLASS if "all" in names else len(names)


def interpret(manager: astconf.Conf, acl: astconf.Conf, said: list[str]) -> Manager:
    """Return what the two files say; what is doubtful in them is added to `said`."""
    made = Manager()
    general = manager.section("general") or astconf.Section("general")
    made.enabled = astconf.true(general.get("enabled"))
    made.web = astconf.true(general.get("webenabled"))
    port = general.get("port", str(AMI_PORT)) or ""
    if port.isascii() and port.isdigit() and 0 < int(port) < 65536:
        made.port = int(port)
    else:
        said.append(clean(f"manager.conf: port {port} is no port; {AMI_PORT} is taken.", 400))
    bound = (general.get("bindaddr") or "").strip()
    if bound not in _EVERYWHERE:
        made.host = bound.strip("[]")
    single = not astconf.true(general.get("allowmultiplelogin"), default=True)
    here = _address(made.host)
    by_name: dict[str, list[astconf.Entry]] = {}
    for section in manager.sections():
        if section.name.lower() != "general":  # a name given twice is one account, later lines win
            by_name.setdefault(section.name, []).extend(section.entries)
    for name, entries in by_name.items():
        section = astconf.Section(name, entries=entries)
        own = section.get("allowmultiplelogin")
        made.accounts.append(Account(
            name=name,
            secret=section.get("secret") or "",
            read=classes(section.get("read")),
            write=classes(section.get("write")),
            admitted=_admitted(section, acl, here, said),
            filtered=any(e.key.lower().startswith("eventfilter") for e in entries),
            single=single if own is None else not astconf.true(own),
        ))
    return made


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _admitted(section: astconf.Section, acl: astconf.Conf, here: _Address | None, said: list[str]) -> bool:
    """Tell whether permit, deny and acl of an account let `here` in: in each list the last match counts."""
    if here is None:
        return True
    lists = [section]
    for names in section.all("acl"):
        for name in (n.strip() for n in names.split(",")):
            named = acl.section(name)
            if named is None:
                said.append(clean(f"manager.conf [{section.name}]: acl {name} is not in acl.conf.", 400))
                return False  # Asterisk, too, lets nobody in by a list that it does not know
            lists.append(named)
    return all(_passes(rules, here, said) for rules in lists)


def _passes(rules: astconf.Section, here: _Address, said: list[str]) -> bool:
    passes = True
    for entry in rules.entries:
        if (sense := entry.key.lower()) not in {"permit", "deny"}:
            continue
        for item in (part.strip() for part in entry.value.split(",")):
            try:
                network = ipaddress.ip_network(item.removeprefix("!"), strict=False)
            except ValueError:
                said.append(clean(f"{entry.file}:{entry.line}: {item} is no network.", 400))
                continue
            if here.version == network.version and here in network:
                passes = (sense == "permit") != item.startswith("!")
    return passes


def read(etc: Path, said: list[str]) -> tuple[astconf.Conf, Manager]:
    """Read manager.conf and acl.conf of `etc`."""
    manager = astconf.read(etc / "manager.conf", etc)
    acl = astconf.read(etc / "acl.conf", etc)
    said += manager.said
    return manager, interpret(manager, acl, said)
