"""Who may see what. The role decides before anything leaves the hub, never the face that draws it.

    wall      no names of agents, no callers: what may hang where visitors pass
    client    as wall, only its own queues, nothing of the machinery
    lead      everything
    manager   everything, and may hand in records

Free text (an error, a notice) may repeat a name or a number that nobody foresaw: those who get no names get
none of it, only that something is wrong.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from ccboard import panel_extras, panel_quality, panel_surge
from ccboard.config import Config, Token
from ccboard.errors import ConfigError
from ccboard.panel_tail import unnamed
from ccboard.paths import at_home
from ccboard.snapshot import AgentFigures, LogEntry, Snapshot, SourceFigures

Role: TypeAlias = Literal["wall", "lead", "manager", "client"]
TOKEN_LENGTH = 16
"""Shortest token: over TCP anybody can try."""
NO_DATA = "no data"
"""All that those without names are told of why a source fails."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. `queues`: the only ones they may see (none named: all). `owner`: may stop the hub."""

    role: Role
    queues: tuple[str, ...] = ()
    owner: bool = False

    @property
    def named(self) -> bool:
        """Whether they may see who works and who calls; they alone may do something about it."""
        return self.role in ("lead", "manager")

    @property
    def sight(self) -> tuple[bool, bool, tuple[str, ...]]:
        """What they see: the same for all with the same sight, so that it is encoded once."""
        return (self.named, self.role == "client", self.queues)

    @property
    def writes(self) -> bool:
        """Whether they may hand in records."""
        return self.owner or self.role == "manager"


OWNER = Viewer("manager", owner=True)
"""The user whose hub it is, and root."""
MEMBER = Viewer("lead")
"""A member of the service's group."""


def scoped(config: Config, viewer: Viewer) -> Config:
    """Return the configuration that shows only the viewer's queues, so that totals are theirs too."""
    if not viewer.queues:
        return config
    own = tuple(sorted(q for q in viewer.queues if not config.only_queues or q in config.only_queues))
    # Nothing named means all, so a viewer left with no queue gets a name that no queue has.
    return config.model_copy(update={"only_queues": own or ("\x00",)})


def view(snapshot: Snapshot, viewer: Viewer) -> Snapshot:
    """Return what of a snapshot (made with ``scoped``) leaves the hub for this viewer."""
    if viewer.queues:
        snapshot = _only(snapshot, frozenset(viewer.queues))
    if viewer.named:
        return snapshot
    notices = () if viewer.role == "client" else tuple(dict.fromkeys(map(unnamed_notice, snapshot.notices)))
    agents = tuple(_unnamed(agent, number) for number, agent in enumerate(snapshot.agents, 1))
    extras = snapshot.extras
    if extras is not None:
        extras = panel_extras.renamed(extras, {
            known.agent: shown.agent for known, shown in zip(snapshot.agents, agents, strict=True)})
    return replace(
        snapshot,
        agents=agents,
        extras=extras,
        waiting=tuple(waiting._replace(caller=None, name=None) for waiting in snapshot.waiting),
        log=tuple(_entry(entry) for entry in snapshot.log if entry.kind != "note"),
        notices=notices,
        sources=tuple(_source(source) for source in snapshot.sources),
        tail=None if snapshot.tail is None else unnamed(snapshot.tail),
        quality=None if snapshot.quality is None else panel_quality.unnamed(snapshot.quality),
        surge=None if snapshot.surge is None else panel_surge.unnamed(snapshot.surge),
        acts=False,
    )


def _only(snapshot: Snapshot, queues: frozenset[str]) -> Snapshot:
    rows = tuple(q for q in snapshot.queues if q.queue in queues)
    agents = tuple(
        agent._replace(
            queues=tuple(q for q in agent.queues if q in queues),
            in_queue=agent.in_queue if agent.in_queue in queues else None,
            with_caller=agent.with_caller if agent.in_queue in queues else None,
        )
        for agent in snapshot.agents
        if queues.intersection(agent.queues)
    )
    extras = snapshot.extras
    if extras is not None:
        extras = panel_extras.only(extras, queues, {agent.agent for agent in agents},
                                   {row.project for row in rows if row.project})
    return replace(
        snapshot,
        queues=rows,
        agents=agents,
        extras=extras,
        waiting=tuple(w for w in snapshot.waiting if w.queue in queues),
        intervals=tuple(i for i in snapshot.intervals if i.queue is None or i.queue in queues),
        surge=None if snapshot.surge is None else panel_surge.only(snapshot.surge, queues),
        log=tuple(e for e in snapshot.log if e.queue in queues or (e.queue is None and e.agent is None)),
    )


def _unnamed(agent: AgentFigures, number: int) -> AgentFigures:
    name = f"agent {number}"
    return agent._replace(agent=name, label=name, with_caller=None)


def _entry(entry: LogEntry) -> LogEntry:
    """Return an entry without its agent; of a caller who gave up, `text` is the number."""
    text = entry.text
    if entry.kind in ("abandoned", "lost"):
        text = None
    elif entry.kind == "failed":
        text = NO_DATA
    return entry._replace(agent=None, text=text)


def unnamed_notice(notice: str) -> str:
    """Return what a notice says before it comes to details, which may name anything.

    >>> unnamed_notice("configuration not reloaded: agents.Ann.teem: no such key; did you mean team?")
    'configuration not reloaded'
    """
    return notice.partition(": ")[0]


def _source(source: SourceFigures) -> SourceFigures:
    return source._replace(
        error=None if source.error is None else NO_DATA, troubles=(), reject_reasons=()
    )


class Tokens:
    """The secrets by which clients over TCP are known."""

    def __init__(self, config: Config, environ: Mapping[str, str], base: Path) -> None:
        """Read every token; raise ConfigError naming the first that is missing or too short."""
        self._known: list[tuple[bytes, Viewer]] = []
        for name, token in config.hub.tokens.items():
            if token.role == "client" and not token.queues:
                raise ConfigError(f"hub.tokens.{name}: a client's token names the queues that are its own "
                                  '(queues = ["sales"]); without them it would see all')
            secret = read_secret(token, f"hub.tokens.{name}", environ, base)
            if len(secret) < TOKEN_LENGTH:
                raise ConfigError(
                    f"hub.tokens.{name}: a token has at least {TOKEN_LENGTH} characters; make one with "
                    "`python3 -c 'import secrets; print(secrets.token_urlsafe())'`"
                )
            self._known.append((secret.encode(), Viewer(token.role, token.queues)))

    def __bool__(self) -> bool:
        return bool(self._known)

    def viewer(self, authorization: str) -> Viewer | None:
        """Return whom an Authorization header names; compares all, so that time tells nothing."""
        scheme, _, given = authorization.partition(" ")
        found = None
        for secret, viewer in self._known:
            if hmac.compare_digest(secret, given.strip().encode(errors="replace")):
                found = viewer
        return found if scheme.lower() == "bearer" else None


def read_secret(token: Token, key: str, environ: Mapping[str, str], base: Path) -> str:
    """Return a token's secret from the environment or its file (a relative one lies in `base`)."""
    if (token.token_env is None) == (token.token_file is None):
        raise ConfigError(f"{key}: needs token_env or token_file, one of them")
    if token.token_env is not None:
        if not (value := environ.get(token.token_env, "")):
            raise ConfigError(f"{key}.token_env: {token.token_env} is empty or not set")
        return value
    assert token.token_file is not None
    path = base / at_home(token.token_file)
    try:
        with path.open(encoding="utf-8") as file:
            return file.readline(4096).strip()
    except OSError as error:
        raise ConfigError(f"{key}.token_file: {path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{key}.token_file: {path}: is not UTF-8 text") from None
