"""The alarm office: takes each new panel, tells what is new by every channel, and remembers what was told."""

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from ccboard.alarms.channels import Line, Sender, sender
from ccboard.alarms.standing import Turn
from ccboard.alarms.steps import Step, cleared, steps
from ccboard.config import Config
from ccboard.errors import ConfigError
from ccboard.panel_surge import SurgePanel
from ccboard.records import Action
from ccboard.tiers import Channel

TOLD = "told"
"""Kind of the actions by which is remembered what was told."""

Make = Callable[[str, Channel, Mapping[str, str], Path], Sender]


class Office:
    """`keep` stores what was told. One office per configuration; its panels come on one thread."""

    def __init__(self, config: Config, zone: ZoneInfo, environ: Mapping[str, str], base: Path,
                 keep: Callable[[Action], None], now: Callable[[], int], make: Make = sender) -> None:
        self._config, self._zone, self._keep, self._now = config, zone, keep, now
        self._lines: list[Line] = []
        self._wrong: list[str] = []
        self._told: set[str] = set()
        self._lock = threading.Lock()
        for name, channel in config.notify.items():
            try:
                send = make(name, channel, environ, base)
            except ConfigError as error:
                self._wrong.append(str(error))
            else:
                self._lines.append(Line(name, channel, send, self._sent))

    def remember(self, keys: frozenset[str]) -> None:
        """Take over what was told before this hub began."""
        self._told |= keys

    def take(self, panel: SurgePanel, over: Sequence[Turn] = ()) -> tuple[str, ...]:
        """Tell what is new, and of exceptions that are over; return what is wrong with the channels."""
        if self._lines:
            for step in steps(panel, frozenset(self._told), self._config, self._zone):
                self._tell(step)
            for turn in over:
                step = cleared(turn, self._config)
                if step.key.removesuffix("clear") + "raise" in self._told:
                    self._tell(step)
        return (*self._wrong, *(said for line in self._lines if (said := line.said) is not None))

    def _tell(self, step: Step) -> None:
        """Hand a step to the channels; one that nobody wants to be told of is done with, too."""
        for line in self._lines:
            line.tell(step)
        self._told |= {step.key, *step.covers}

    def _sent(self, channel: str, step: Step) -> None:
        """Remember, on the channel's thread, that a step got through."""
        with self._lock:
            for key in (step.key, *step.covers):
                self._keep(Action(source="people", key=f"{TOLD}:{channel}:{key}", at=self._now(), kind=TOLD,
                                  about=step.about, who=channel, role="system", note=step.title))

    def stop(self) -> None:
        """Tell nobody any more."""
        for line in self._lines:
            line.stop()


def told_key(action_key: str) -> str:
    """Return the step's key out of an action's.

    >>> told_key("told:desk:surge:support:1794813660000000:raise")
    'surge:support:1794813660000000:raise'
    """
    return action_key.split(":", 2)[2]
