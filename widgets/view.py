"""What a panel is given to draw: the snapshot, the moment, and how to say and draw things."""

from dataclasses import dataclass
from datetime import tzinfo

from ccboard.i18n import Words
from ccboard.snapshot import AgentFigures, QueueFigures, Snapshot
from widgets.glyphs import Glyphs

SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class View:
    """One look at the floor. `now` runs on between snapshots; while nothing is live it stands still."""

    snapshot: Snapshot | None
    now: int
    zone: tzinfo
    words: Words
    glyphs: Glyphs

    @property
    def acts(self) -> bool:
        """Whether who looks may do something about what stands there: other keys are not shown to them.

        Before the first figures nobody knows, and there is nothing to be done about. The past is only looked
        at.
        """
        return self.snapshot is None or (self.snapshot.acts and self.snapshot.live)

    @property
    def why_not(self) -> str:
        """Why nothing can be done here: it is the past, or who looks may not."""
        past = self.snapshot is not None and self.snapshot.acts and not self.snapshot.live
        return self.words("role.past" if past else "role.looks")

    @property
    def drift_s(self) -> float:
        """Seconds since the snapshot's own moment."""
        return 0.0 if self.snapshot is None else max(0, self.now - self.snapshot.as_of) / SECOND

    def since(self, at: int | None) -> float | None:
        """Return the seconds since `at`, or None."""
        return None if at is None else max(0, self.now - at) / SECOND

    def age(self, age_s: float | None) -> float | None:
        """Return an age that the snapshot stated, as it is by now."""
        return None if age_s is None else age_s + self.drift_s

    @property
    def queues(self) -> tuple[QueueFigures, ...]:
        """The queues, or none before the first snapshot."""
        return () if self.snapshot is None else self.snapshot.queues

    @property
    def agents(self) -> tuple[AgentFigures, ...]:
        """The agents, or none before the first snapshot."""
        return () if self.snapshot is None else self.snapshot.agents

    def queue_label(self, name: str | None) -> str:
        """Return the name to show for a queue."""
        for queue in self.queues:
            if queue.queue == name:
                return queue.label
        return name or ""
