"""What somebody does on the board, handed to the hub: accepted, put off, noted. Nothing waits for it."""

import getpass
import os
import uuid
from typing import TYPE_CHECKING, Any

from ccboard.board.answers import Answers, Errands
from ccboard.errors import CcboardError

if TYPE_CHECKING:
    from ccboard.app import BoardApp


def somebody(environ: "os._Environ[str] | dict[str, str]" = os.environ) -> str:
    """Return the name that stands with what is done here: CCBOARD_USER, else who is logged in.

    >>> somebody({"CCBOARD_USER": "Chen Li"})
    'Chen Li'
    """
    if name := environ.get("CCBOARD_USER", "").strip():
        return name
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no name for this uid, and none in the environment
        return f"uid {os.getuid()}"


class Deeds:
    """Hands in what is done, one after the other, and says on the board what became of it."""

    def __init__(self, app: "BoardApp", answers: Answers | None) -> None:
        self._app = app
        self._answers = answers
        self.errands = Errands("deeds", app.deliver)

    def stop(self) -> None:
        """Hand in nothing more."""
        self.errands.stop()

    def do(self, kind: str, about: str, *, note: str | None = None, value: float | None = None,
           for_s: float | None = None, until: int | None = None) -> None:
        """Hand in one deed. The key is made here, so that sent twice it counts once."""
        app, answers = self._app, self._answers
        words = app.state.words
        if answers is None:
            app.say(words("surge.failed", reason=words("header.no_hub_yet")))
            return
        deed: dict[str, Any] = {"kind": kind, "about": about, "who": somebody(), "key": uuid.uuid4().hex}
        deed |= {name: given for name, given in (("note", note), ("value", value), ("for_s", for_s),
                                              ("until", until)) if given is not None}

        def came(said: dict[str, Any] | CcboardError) -> None:
            if isinstance(said, CcboardError):
                app.say(words("surge.failed", reason=str(said)))
            else:
                key = f"surge.done.{kind}"
                app.say(words(key) if words.has(key) else kind)

        self.errands.wish(lambda: answers.act(deed), came)
