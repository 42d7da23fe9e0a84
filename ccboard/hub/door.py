"""The hub's socket in the file system, where others may remove it: cleaners of /tmp do so by age."""

import logging
from pathlib import Path

from ccboard.errors import CcboardError
from ccboard.hub.lock import bind, identity
from ccboard.hub.server import Server

log = logging.getLogger(__name__)


class Door:
    """A bound socket, kept where clients look for it."""

    def __init__(self, path: Path, *, shared: bool) -> None:
        """Bind it; nobody is served yet."""
        self._path = path
        self._shared = shared
        self._listener = bind(path, shared=shared)
        self._identity = identity(path)
        self._said = False

    def open(self, server: Server) -> None:
        """Serve who comes."""
        server.add_unix(self._listener, shared=self._shared)

    def keep(self, server: Server) -> None:
        """Make it anew where it is gone: without it a hub that lives would be found by nobody."""
        if identity(self._path) == self._identity:
            return
        try:
            self._listener = bind(self._path, shared=self._shared)
            self._identity = identity(self._path)
            self.open(server)
        except CcboardError as error:
            if not self._said:
                log.error("the hub's socket is gone and cannot be made again: %s", error)
            self._said = True
        else:
            log.warning("the hub's socket %s was gone: it is made again", self._path)
            self._said = False

    def remove(self) -> None:
        """Let nobody come any more; what another hub may have put in its place stays."""
        if self._identity is not None and identity(self._path) == self._identity:
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the socket, once no server listens on it."""
        self._listener.close()
