"""The table of queues: who waits, how long, the service level against its target, and the people."""

from collections.abc import Callable

from ccboard.snapshot import STATES, QueueFigures
from widgets import format as fmt
from widgets.chosen import ids_of, in_contracts, queue_columns
from widgets.columns import Cell, Column
from widgets.levels import figure
from widgets.strip_table import Matcher, StripTable
from widgets.view import View

NO_ROLE = "plain"
WHOLE = "*"
"""Label of the totals while a filter hides some queues: they stay those of all."""


def level_of(queue: QueueFigures, name: str) -> str:
    """Return "", "warning" or "critical" for one figure of a queue."""
    return next((level for figure_name, level in queue.levels if figure_name == name), "")


def grey(queue: QueueFigures) -> bool:
    """Tell whether the figures behind a queue are too old to be taken for now."""
    return queue.late or queue.dark


def _name(queue: QueueFigures, view: View) -> Cell:
    label = queue.label if queue.queue is not None else view.words("figure.all")
    if queue.queue is None and queue.label == WHOLE:
        label = view.words("figure.whole", n=str(len(view.queues)))
    if grey(queue) and queue.age_s is not None:
        return Cell(label, "dim", fmt.age(view.age(queue.age_s)))
    return Cell(label)


def _untold(view: View) -> bool:
    """Tell whether nobody has told anything yet: what there is of calls is not known."""
    return view.snapshot is not None and view.snapshot.untold


def _waiting(queue: QueueFigures, view: View) -> Cell:
    number = None if _untold(view) else queue.waiting
    return figure(fmt.count(number), level_of(queue, "waiting"), grey(queue),
                  role=NO_ROLE if number else "dim")


def longest(queue: QueueFigures, view: View) -> float | None:
    """Return the longest wait at this moment: it runs on between snapshots."""
    if queue.longest_wait_s is None or queue.dark:
        return queue.longest_wait_s
    return view.since(queue.longest_since) if queue.longest_since is not None else queue.longest_wait_s


def _longest(queue: QueueFigures, view: View) -> Cell:
    seconds = longest(queue, view)
    role = "dim" if seconds is None else NO_ROLE
    return figure(fmt.ticking(seconds), level_of(queue, "longest_wait_s"), grey(queue), role=role)


def _level(queue: QueueFigures, view: View) -> Cell:
    known = queue.service_level is not None
    text = fmt.percent(queue.service_level, queue.target)
    return figure(text, level_of(queue, "service_level"), grey(queue),
                  ok=known and queue.target is not None, role=NO_ROLE if known else "dim")


def _goal(queue: QueueFigures, view: View) -> Cell:
    return Cell(fmt.goal(queue.target, queue.threshold_s, view.words), "dim")


def _count(name: str, level: str = "") -> Callable[[QueueFigures, View], Cell]:
    def cell(queue: QueueFigures, view: View) -> Cell:
        number: int | None = None if _untold(view) else getattr(queue, name)
        over = level_of(queue, name) or (level_of(queue, level) if level else "")
        return figure(fmt.count(number), over, grey(queue), role=NO_ROLE if number else "dim")

    return cell


def _seconds(name: str) -> Callable[[QueueFigures, View], Cell]:
    def cell(queue: QueueFigures, view: View) -> Cell:
        value: float | None = getattr(queue, name)
        return figure(fmt.duration(value), level_of(queue, name), grey(queue),
                      role="dim" if value is None else NO_ROLE)

    return cell


def in_state(queue: QueueFigures, *states: str) -> int | None:
    """Return how many agents of a queue are in these states; None where that is not known."""
    if queue.agents is None:
        return None
    counts = [queue.agents[STATES.index(state)] for state in states]
    known = [n for n in counts if n is not None]
    return sum(known) if known else None


def _people(*states: str) -> Callable[[QueueFigures, View], Cell]:
    def cell(queue: QueueFigures, view: View) -> Cell:
        number = None if _untold(view) else in_state(queue, *states)
        if number is None:
            return Cell(fmt.DASH, "dim")
        return figure(str(number), level_of(queue, states[0]), grey(queue), role=NO_ROLE if number else "dim")

    return cell


def _by(name: str) -> Callable[[QueueFigures, View], object]:
    return lambda queue, view: getattr(queue, name)


def _state(*states: str) -> Callable[[QueueFigures, View], object]:
    return lambda queue, view: in_state(queue, *states)


COLUMNS: tuple[Column[QueueFigures], ...] = (
    Column("queue", _name, 9, lambda q, v: q.label.casefold(), grow=3, most=30),
    Column("waiting", _waiting, 4, _by("waiting"), right=True, mark=3, gap=1, still=True),
    Column("longest", _longest, 5, longest, right=True, mark=3, gap=1, priority=1),
    Column("level", _level, 5, _by("service_level"), right=True, mark=3, still=True),
    Column("goal", _goal, 8, priority=5, still=True),
    Column("offered", _count("offered"), 5, _by("offered"), right=True, priority=4, still=True),
    Column("answered", _count("answered"), 4, _by("answered"), right=True, priority=6, still=True),
    Column("abandoned", _count("abandoned", "abandon_rate"), 4, _by("abandoned"), right=True, mark=3,
           priority=4, gap=1, still=True),
    Column("ready", _people("ready"), 4, _state("ready"), right=True, priority=2, still=True),
    Column("ringing", _people("ringing"), 4, _state("ringing"), right=True, priority=8, still=True),
    Column("talking", _people("talking", "hold"), 4, _state("talking", "hold"), right=True, priority=3,
           still=True),
    Column("wrap_up", _people("wrap_up"), 4, _state("wrap_up"), right=True, priority=7, still=True),
    Column("paused", _people("paused"), 4, _state("paused"), right=True, priority=3, still=True),
)

MORE: tuple[Column[QueueFigures], ...] = (
    Column("abandon_rate", lambda q, v: figure(fmt.percent(q.abandon_rate), "", grey(q),
                                               role=NO_ROLE if q.abandoned else "dim"),
           5, _by("abandon_rate"), right=True, priority=9, still=True),
    Column("asa", _seconds("asa_s"), 5, _by("asa_s"), right=True, mark=3, priority=10, gap=1,
           still=True),
    Column("aht", _seconds("aht_s"), 5, _by("aht_s"), right=True, mark=3, priority=10, gap=1,
           still=True),
)
"""What the page of queues has room for besides."""


DEFINED: tuple[Column[QueueFigures], ...] = (
    Column("definition", lambda q, v: Cell(definition(q, v), "dim"), 10, _by("definition"), grow=1, most=20,
           priority=5),
)
"""Which definition of the service level it is, where any queue has another than the default."""


def definition(queue: QueueFigures, view: View) -> str:
    """Return the name of a queue's definition of the service level."""
    if queue.definition == "mixed":
        return view.words("figure.mixed")
    return queue.definition.removeprefix("sl.") or DEFAULT


DEFAULT = "offered"
"""What the default form is called."""


def search(queue: QueueFigures, view: View) -> str:
    """Return the text of a queue that a filter looks at."""
    return f"{queue.label} {queue.queue or ''} {queue.project or ''}"


def _at_rest(queue: QueueFigures) -> QueueFigures:
    return queue._replace(longest_wait_s=None, longest_wait_today_s=None, age_s=None)


class QueueTable(StripTable[QueueFigures]):
    """Queues in the configured order, the totals last."""

    def __init__(self, *, more: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(COLUMNS + MORE if more else COLUMNS, lambda q: q.queue, search,
                         empty="empty.queues", id=id)
        self._more = more
        self._chosen: object = (False, (), ())

    def stands(self, before: QueueFigures, item: QueueFigures) -> bool:
        """Tell whether nothing has changed but what runs on, which is of columns that tick."""
        return _at_rest(before) == _at_rest(item)

    def look(self, view: View) -> None:
        """Show the queues of a view."""
        self._choose_columns(view)
        self.show(view.queues, view, self._all(view))

    def _all(self, view: View) -> QueueFigures | None:
        """Return the row of totals: while a filter hides some queues it says that it is of all of them."""
        totals = view.snapshot.totals if view.snapshot is not None else None
        if totals is not None and self.matcher is not None:
            return totals._replace(label=WHOLE)
        return totals

    def filter(self, matcher: Matcher | None) -> None:
        """Show only the rows whose text `matcher` likes; None: all. Columns follow the projects in sight."""
        self.matcher = matcher
        if self._view is not None:
            self._choose_columns(self._view)
            self._totals = self._all(self._view)
        super().filter(matcher)

    def _choose_columns(self, view: View) -> None:
        """Take the columns that the configuration names for what is in sight, else the board's own."""
        panel = view.snapshot.extras if view.snapshot is not None else None
        defined = self._more and any(queue.definition for queue in view.queues)
        ids: tuple[str, ...] = ()
        more: tuple[str, ...] = ()
        if panel is not None:
            likes = self.matcher
            projects = {queue.project for queue in view.queues if likes is None or likes(search(queue, view))}
            ids = ids_of("queues" if self._more else "overview", panel, projects)
            if self._more and not ids:
                more = in_contracts(panel, projects, OWN)
        if (defined, ids, more) == self._chosen:
            return
        self._chosen = (defined, ids, more)
        if ids:
            columns = (COLUMNS[0], *queue_columns(ids, BUILT))
        else:
            columns = COLUMNS + (MORE if self._more else ()) + (DEFINED if defined else ())
            columns += queue_columns(more, BUILT, contracts=True, after=len(columns))
        self.use(columns)


BUILT = {column.key: column for column in COLUMNS + MORE + DEFINED}
OWN = ("waiting", "longest_wait_s", "service_level", "target", "offered", "answered", "abandoned", "ready",
       "ringing", "talking", "wrap_up", "paused", "abandon_rate", "asa_s", "aht_s", "definition")
"""Figures that page 2 has without anything configured."""
