"""The pages of the board."""

from textual.widget import Widget

from ccboard.board import arrange
from ccboard.board.arrange import Places, Rows
from ccboard.board.page import Page as Page
from ccboard.board.surge_page import SurgePage
from ccboard.board.tail_page import TailPage
from widgets.agent_table import AgentTable
from widgets.event_log import EventLog
from widgets.floor_line import FloorLine
from widgets.level_bars import LevelBars
from widgets.queue_table import QueueTable
from widgets.source_tables import FindingTable, SourceTable
from widgets.surge_brief import SurgeBrief
from widgets.tail_brief import TailBrief
from widgets.waiting_table import WaitingTable


class Overview(Page):
    """The floor at one look."""

    main = "queues"

    def arrangement(self, width: int, height: int, rows: Rows) -> Places:
        """Return where the panels stand."""
        return arrange.with_surge(width, height, rows)

    def compose(self) -> "list[Widget]":
        """Make the panels, in reading order."""
        return [QueueTable(id="queues"), SurgeBrief(id="surge"), LevelBars(id="levels"),
                EventLog(id="log"),
                AgentTable(urgent=True, id="agents"), TailBrief(id="tail"), WaitingTable(id="waiting"),
                FloorLine(id="floor")]


class Queues(Page):
    """Queues with every figure, the callers who wait, the day by interval."""

    main = "queues"

    def arrangement(self, width: int, height: int, rows: Rows) -> Places:
        """Return where the panels stand."""
        return arrange.queues(width, height, rows)

    def compose(self) -> "list[Widget]":
        """Make the panels, in reading order."""
        return [QueueTable(more=True, id="queues"), WaitingTable(id="waiting"), LevelBars(id="levels")]


class Agents(Page):
    """All agents."""

    main = "agents"

    def arrangement(self, width: int, height: int, rows: Rows) -> Places:
        """Return where the panels stand."""
        return arrange.agents(width, height, rows)

    def compose(self) -> "list[Widget]":
        """Make the panel."""
        return [AgentTable(id="agents")]


class Sources(Page):
    """Sources and data quality."""

    main = "sources"

    def arrangement(self, width: int, height: int, rows: Rows) -> Places:
        """Return where the panels stand."""
        return arrange.sources(width, height, rows)

    def compose(self) -> "list[Widget]":
        """Make the panels."""
        return [SourceTable(id="sources"), FindingTable(id="findings")]


PAGES: dict[str, tuple[str, type[Page]]] = {
    "overview": ("1", Overview),
    "queues": ("2", Queues),
    "agents": ("3", Agents),
    "tail": ("4", TailPage),
    "surge": ("5", SurgePage),
    "sources": ("7", Sources),
}
"""Name: (key, class). The numbers are those of the whole board; pages that do not exist have none yet."""
