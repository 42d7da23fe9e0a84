"""Which definition a visit counts by, in Python: as ``ccboard.figures.ruled`` says it in SQL."""

from collections.abc import Mapping

from ccboard.config import Config
from ccboard.figures.rules import Rule, rule_of, speaking_projects, speaking_queues


class Definitions:
    """The definitions of a configuration, where sources tell of these projects of queues."""

    def __init__(self, config: Config, told: Mapping[str, str]) -> None:
        self._config, self._told = config, told
        self._projects = speaking_projects(config)
        self._found: dict[tuple[str, str | None], Rule] = {}

    @property
    def by_project(self) -> bool:
        """Whether a visit's project can matter: only then is it looked at."""
        return bool(self._projects)

    @property
    def projects(self) -> Mapping[str, str]:
        """The projects of queues, as configured, else as told."""
        own = {name: queue.project for name, queue in self._config.queues.items() if queue.project}
        return {**self._told, **own}

    def every(self) -> set[Rule]:
        """Return all that a visit of any queue and project can have."""
        return {rule_of(self._config, queue, project) for queue in (None, *speaking_queues(self._config))
                for project in (None, *self._projects)}

    def project(self, queue: str, own: str | None = None) -> str | None:
        """Return the project of a visit that says `own`: the queue's configured one goes before it.

        None where it says nothing of definitions: visits may name projects without end, and each is kept.
        """
        if not self._projects:
            return None
        found = self._config.queue(queue).project or own or self._told.get(queue)
        return found if found in self._projects else None

    def rule(self, queue: str, project: str | None) -> Rule:
        """Return the definition of a queue's visits of a project."""
        found = self._found.get((queue, project))
        if found is None:
            found = self._found[queue, project] = rule_of(self._config, queue, project)
        return found

    def of_queue(self, queue: str) -> Rule:
        """Return the definition of a queue, whatever its visits say."""
        return self.rule(queue, self.project(queue))

    def of(self, queue: str, own: str | None) -> Rule:
        """Return the definition of a queue's visit that says it is of the project `own`."""
        return self.rule(queue, self.project(queue, own))
