"""Finds an Asterisk on this host by its own configuration: the queue_log, the manager account, the queues.

Nothing is connected to and nothing is written. ``discover`` says in plain sentences what it found, what
it took, and what it looked for in vain; secrets stay out of the sentences and in memory.
"""

import getpass
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ccboard.clean import clean
from sources.asterisk import astconf, manager_conf, queues_conf

ETC = Path("/etc/asterisk")
LOG_DIR = Path("/var/log/asterisk")
"""Where Asterisk logs unless asterisk.conf says otherwise."""
SOURCE = "asterisk"
"""Name of the discovered source."""


@dataclass(slots=True)
class Discovery:
    """What was found. `config`: raw tables for ``ccboard.config.parse``; they hold the secret."""

    etc: Path
    config: dict[str, Any] = field(default_factory=dict, repr=False)
    said: list[str] = field(default_factory=list)
    """What was found, taken, and looked for in vain, in the order of looking."""
    doubts: list[str] = field(default_factory=list)
    """Those of `said` that somebody should look into."""
    usable: bool = False
    """There is at least one way in."""
    queue_log: Path | None = None
    """The queue_log that is used; None: none can be."""
    account: manager_conf.Account | None = None
    """The manager account that is used; None: none can be."""
    manager: manager_conf.Manager = field(default_factory=manager_conf.Manager)
    queues: list[queues_conf.QueueFound] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        """Add one sentence, cleaned: names of accounts and files come from outside."""
        self.said.append(clean(sentence, 600))

    def doubt(self, sentence: str) -> None:
        """Add one sentence that somebody should look into."""
        self.say(sentence)
        self.doubts.append(self.said[-1])


def discover(etc: Path = ETC, *, queue_log: Path | None = None) -> Discovery:
    """Return what the Asterisk configuration in `etc` offers; `queue_log` names the file by hand."""
    found = Discovery(etc)
    main = _read(found, "asterisk.conf")
    external = _read(found, "extconfig.conf").section("settings") or astconf.Section("settings")
    if _is_folder(etc):
        _find_account(found)
        _find_queues(found, external)
    else:
        found.doubt(f"There is no Asterisk configuration in {etc} that this user may read.")
    _find_log(found, main, external, queue_log)
    found.usable = found.account is not None or (found.queue_log is not None and found.queue_log.exists())
    _make_config(found, main)
    if not found.usable:
        found.doubt(
            "Nothing to show a floor from. Run this on the Asterisk host, or as a user who may read"
            f" {etc} and the queue_log, or name another folder with --asterisk-etc, or name a source in a"
            " configuration file. To look around without a phone system: ccboard demo."
        )
    return found


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir() and os.access(path, os.R_OK | os.X_OK)
    except OSError:
        return False


def _read(found: Discovery, name: str) -> astconf.Conf:
    conf = astconf.read(found.etc / name, found.etc)
    for sentence in conf.said:
        found.doubt(sentence)
    return conf


# ---------------------------------------------------------------- queue_log

def _find_log(found: Discovery, main: astconf.Conf, external: astconf.Section, named: Path | None) -> None:
    directories = main.section("directories")  # [directories](!) is a template: Asterisk ignores it
    folder = Path((directories.get("astlogdir") if directories else None) or LOG_DIR)
    logger = _read(found, "logger.conf").section("general") or astconf.Section("general")
    path = named or folder / (logger.first("queue_log_name") or "queue_log")
    if named is None:
        if not astconf.true(logger.first("queue_log"), default=True):
            found.doubt("logger.conf says queue_log = no: there is no queue_log to read. Set it to yes for"
                        " exact figures; until then they come from the manager interface alone.")
            return
        database = external.get("queue_log")
        if database is not None and not astconf.true(logger.first("queue_log_to_file")):
            found.doubt(
                f"The queue_log is kept in a database (extconfig.conf: queue_log => {database}), where it is"
                f" not read; {path} is not used, because what it holds may be old. Set queue_log_to_file ="
                " yes in logger.conf to have the file as well. Until then figures come from the manager"
                " interface alone, and only from the moment it is connected.")
            return
    if why := unreadable(path):
        found.doubt(f"queue_log {path}: {why}")
        if why != NO_FILE or found.account is None:
            return  # with an account the floor can be shown, and the file is followed once it is there
    else:
        found.say(f"queue_log: {path}")
    found.queue_log = path.absolute()


NO_FILE = "there is no such file. Asterisk makes it when app_queue first writes to it."


def unreadable(path: Path) -> str:
    """Return why `path` cannot be read as a log, and what to do; "" if it can."""
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        return NO_FILE
    except OSError as error:
        return f"{error.strerror}. {_join_group(path)}"
    if stat.S_ISDIR(kind):
        return "is a folder, not a file."
    if not stat.S_ISREG(kind):
        return "is not a regular file."
    return "" if os.access(path, os.R_OK) else f"this user may not read it. {_join_group(path)}"


def _join_group(path: Path) -> str:
    """Return how to be let in: by the group that owns the file, or the nearest folder that can be seen."""
    for place in (path, *path.parents):
        try:
            group = place.group()
        except (OSError, KeyError):
            continue
        if group != "root":
            return f"Join its group and log in again: usermod -aG {group} {_user()}"
        break
    return f"Ask its owner for the right to read it (setfacl -m u:{_user()}:r {path})."


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a uid without a name, as in some containers
        return str(os.getuid())


# ---------------------------------------------------------------- manager account

def _find_account(found: Discovery) -> None:
    said: list[str] = []
    conf, found.manager = manager_conf.read(found.etc, said)
    for sentence in said:
        found.doubt(sentence)
    manager = found.manager
    if not conf.found:
        if conf.missing:
            found.doubt(f"There is no {found.etc / 'manager.conf'}: states come from the queue_log alone.")
        return
    if not manager.enabled:
        found.doubt("manager.conf says enabled = no: the manager interface is off, and so is its HTTP form."
                    " Without it nobody can see phones ring, and callers' places are guessed from the log.")
        return
    chosen = manager_conf.choose(manager.accounts)
    if chosen is None:
        unfit = "; ".join(f"[{a.name}] {a.unfit()}" for a in manager.accounts) or "there are none"
        found.doubt(f"No account of manager.conf will do: {unfit}. {advice()}")
        return
    found.account = chosen
    found.say(f"manager interface: {manager.host}:{manager.port}, account [{chosen.name}]"
              f" (read = {_list(chosen.read)}; write = {_list(chosen.write)})")
    if chosen.write:
        found.doubt(f"[{chosen.name}] may also act on the phone system (write = {_list(chosen.write)})."
                    f" ccboard only reads and asks for lists. {advice()}")
    if chosen.filtered:
        found.doubt(f"[{chosen.name}] has an eventfilter: if it hides queue events, states come late.")
    if chosen.single:
        found.doubt(f"[{chosen.name}] may be logged in once only (allowmultiplelogin = no): if something else"
                    " uses it, one of the two is refused.")


def advice() -> str:
    """Return the account to give to a board, in words."""
    return ("An account of its own needs no more than: a secret, deny = 0.0.0.0/0.0.0.0,"
            " permit = 127.0.0.1/255.255.255.255, read = agent; and no write line.")


def _list(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "none"


# ---------------------------------------------------------------- queues

def _find_queues(found: Discovery, external: astconf.Section) -> None:
    conf = _read(found, "queues.conf")
    found.queues = queues_conf.interpret(conf)
    if external.get("queues") is not None:
        found.doubt("Queues are kept in a database (extconfig.conf): their wrap-up timers are not known here;"
                    " give them as wrap_up_s under [queues.NAME].")
    if found.queues:
        names = ", ".join(queue.name for queue in found.queues[:12])
        more = f" and {len(found.queues) - 12} more" if len(found.queues) > 12 else ""
        found.say(f"queues: {names}{more}")


# ---------------------------------------------------------------- configuration

def _make_config(found: Discovery, main: astconf.Conf) -> None:
    source: dict[str, Any] = {"type": "asterisk"}
    if found.queue_log is not None:
        source["queue_log"] = str(found.queue_log)
    if found.account is not None:
        source["ami"] = {
            "host": found.manager.host,
            "port": found.manager.port,
            "username": found.account.name,
            "secret": found.account.secret,
        }
    options = main.section("options")
    if options and (name := clean(options.get("systemname") or "")):
        found.config["name"] = name
    if len(source) > 1:
        found.config["sources"] = {SOURCE: source}
    queues = {q.name: {"wrap_up_s": q.wrap_up_s} for q in found.queues if q.wrap_up_s}
    if queues:
        found.config["queues"] = queues
    agents = {name: {"interface": phone} for name, phone in queues_conf.ties(found.queues).items()}
    if agents:
        found.config["agents"] = agents
