"""Which zone the centre lives in."""

import os
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from ccboard.config import Config
from ccboard.errors import UsageError

_LOCALTIME = Path("/etc/localtime")
_TIMEZONE = Path("/etc/timezone")


def resolve_zone(named: str | None, config: Config,
                 store_meta: str | Callable[[str], str | None] | None = None) -> ZoneInfo:
    """Return the zone: `named` (--timezone), else the configuration's, the store's, the host's.

    `store_meta` is what the store remembers, or its ``meta`` method. Raises UsageError for a name
    that is no zone.
    """
    if named:
        try:
            return ZoneInfo(named)
        except (KeyError, ValueError, OSError):
            raise UsageError(
                f"--timezone {named}: no such time zone on this host; use a name such as Europe/Berlin"
            ) from None
    if (configured := config.zone()) is not None:
        return configured
    remembered = store_meta("timezone") if callable(store_meta) else store_meta
    return _zone(remembered) or host_zone()


def host_zone() -> ZoneInfo:
    """Return the host's zone by TZ, /etc/localtime or /etc/timezone; UTC where none of them names one."""
    candidates = [os.environ.get("TZ", "").removeprefix(":")]
    try:
        target = str(_LOCALTIME.resolve())
        if "zoneinfo/" in target:
            candidates.append(target.split("zoneinfo/", 1)[1])
        candidates.append(_TIMEZONE.read_text(encoding="ascii", errors="replace").strip())
    except OSError:
        candidates.append("UTC")
    for name in candidates:
        if (zone := _zone(name)) is not None:
            return zone
    return ZoneInfo("UTC")


def _zone(name: str | None) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
