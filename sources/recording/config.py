"""The keys under ``[sources.NAME]`` of a source of type ``recording``."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from ccboard.config import Section
from ccboard.paths import at_home


class RecordingConfig(Section):
    """A folder with what a real Asterisk said, to be played as if it said it now."""

    folder: Path
    """Holds queue_log (and rotated ones), ami.raw[.gz] with ami.index.jsonl[.gz], or folders with these."""
    feeds: tuple[Literal["log", "ami", "ami-agent"], ...] = Field(("log", "ami"), min_length=1)
    """What to play: the log, what the manager sent to an account with more classes, or with `agent` alone."""
    speed: float = Field(1.0, gt=0, le=3600)
    """How many times as fast as it happened."""
    skip_s: float = Field(0.0, ge=0)
    """Begin so many seconds into the recording; what came before is taken in at once."""

    @field_validator("folder")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        value = at_home(value)
        if not value.is_absolute():
            raise ValueError("must be an absolute path: the hub's working directory is /")
        return value

    @field_validator("feeds")
    @classmethod
    def _one_account(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "ami" in value and "ami-agent" in value:
            raise ValueError("ami and ami-agent are two ears on one system: choose one")
        return value
