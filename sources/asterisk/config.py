"""The keys under ``[sources.NAME]`` of a source of type ``asterisk``."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, SecretStr, field_validator, model_validator

from ccboard.config import Section
from ccboard.errors import ConfigError
from ccboard.paths import at_home


class Account(Section):
    """A manager account (manager.conf). Reading needs ``read = agent`` and no write class."""

    username: str = Field(min_length=1)
    """The account's name: the [section] of manager.conf."""
    secret: SecretStr | None = None
    """Its secret, in clear; rather use `secret_env` or `secret_file`."""
    secret_env: str | None = None
    """The environment variable that holds the secret."""
    secret_file: Path | None = None
    """The file whose first line is the secret."""

    @field_validator("username")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if "\r" in value or "\n" in value:
            raise ValueError("a line end in a name would be another manager header")
        return value

    @model_validator(mode="after")
    def _one_secret(self) -> "Account":
        given = [name for name in ("secret", "secret_env", "secret_file") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                "needs exactly one of secret_env, secret_file, secret"
                + (f", not {' and '.join(given)}" if given else "")
            )
        return self

    def reveal(self, environ: Mapping[str, str]) -> str:
        """Return the secret; raise ConfigError saying which variable or file has none.

        It is looked up at every connection, so that a changed secret needs no restart.
        """
        if self.secret is not None:
            value = self.secret.get_secret_value()
            where = "secret"
        elif self.secret_env is not None:
            value = environ.get(self.secret_env, "")
            where = f"environment variable {self.secret_env}"
        else:
            assert self.secret_file is not None
            path = at_home(self.secret_file)
            where = f"secret_file {path}"
            try:
                with path.open(encoding="utf-8") as file:
                    value = file.readline(4096).rstrip("\r\n")
            except OSError as error:
                raise ConfigError(f"{where} cannot be read: {error.strerror}") from None
            except UnicodeDecodeError:
                raise ConfigError(f"{where} is not UTF-8 text") from None
        if not value:
            raise ConfigError(f"{where} is empty or not set")
        if "\r" in value or "\n" in value:
            raise ConfigError(f"{where} holds a line end; the secret is one line")
        return value


class Ami(Account):
    """The manager interface over TCP."""

    host: str = Field("127.0.0.1", min_length=1)
    """Where Asterisk runs."""
    port: int = Field(5038, ge=1, le=65535)
    """`port` of manager.conf."""


class Http(Account):
    """The manager interface over HTTP (``enabled`` in http.conf, ``webenabled`` in manager.conf)."""

    url: str = Field(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$")
    """http://[user:password@]host:port[/prefix]; ``/rawman`` is added. The user: of a proxy."""
    events: bool = True
    """Ask for events (waitevent). Without them only what changed between two lists is known."""
    poll_s: float = Field(1.0, ge=0.2, le=60)
    """Seconds between two lists when there are no events."""
    verify: bool = True
    """Check the certificate of an https address."""


class AsteriskConfig(Section):
    """One Asterisk. At least one way in; several give one floor, each call once."""

    queue_log: Path | None = None
    """The queue_log file (mostly /var/log/asterisk/queue_log): decides outcomes and durations."""
    ami: Ami | None = None
    """Manager interface over TCP: the live second, ringing, hold."""
    http: Http | None = None
    """Manager interface over HTTP, where TCP is not reachable."""
    resync_s: float = Field(60, ge=5, le=3600)
    """Seconds between two full lists (QueueStatus) that mend what events missed."""

    @field_validator("queue_log")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        if value is None:
            return None
        value = at_home(value)
        if not value.is_absolute():
            raise ValueError("must be an absolute path: the hub's working directory is /")
        return value

    @model_validator(mode="after")
    def _some_way_in(self) -> "AsteriskConfig":
        if self.queue_log is None and self.ami is None and self.http is None:
            raise ValueError("needs at least one way in: queue_log, ami or http")
        return self
