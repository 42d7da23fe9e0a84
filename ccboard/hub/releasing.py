"""Which reserves an acceptance calls: for sources that can send people to a queue."""

from ccboard.config import Config
from ccboard.desk.acts import ABOUT, ACCEPT, queue_of
from ccboard.panel_surge import SurgePanel
from ccboard.records import Action
from ccboard.source import Release
from ccboard.tiers import by_lift


def release_of(action: Action, panel: SurgePanel | None, config: Config) -> Release | None:
    """Return what an action releases: the reserves of the tier that the accepted alarm had reached.

    None where it accepts nothing, or an alarm of no tier yet.
    """
    if action.kind != ACCEPT or not action.about.startswith(ABOUT) or panel is None:
        return None
    queue = queue_of(action.about)
    row = next((row for row in panel.rows if row.queue == queue and row.alarmed and row.tier), None)
    if row is None:
        return None
    tiers = by_lift(config.tiers, queue)
    return Release(queue, tiers[row.tier - 1].heads if row.tier <= len(tiers) else None, action.at)
