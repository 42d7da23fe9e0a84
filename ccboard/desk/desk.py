"""The surge desk: keeps what a day of the watch needs and puts the panel together, at any moment."""

from collections.abc import Callable
from datetime import date, timedelta

from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.desk import acts as acting
from ccboard.desk import exceptions as limits
from ccboard.desk import looking_back, report
from ccboard.desk.acts import Act
from ccboard.desk.ahead import Ahead, history_of, quarters
from ccboard.desk.days import Days
from ccboard.desk.errors import forecast_error
from ccboard.desk.lengths import Measured
from ccboard.desk.people import Handled, handled
from ccboard.desk.shifts import Watched
from ccboard.desk.watching import HISTORY_DAYS, Fitted, Reading, Watching, breathe
from ccboard.moments import parse_day_start
from ccboard.panel_surge import ForecastError, SurgePanel
from ccboard.snapshot import Snapshot
from ccboard.store.reader import Reader

EARLIER_S = 1800
"""Agents that are missing are missing since then."""
MINUTES = 15
"""Intervals that forecasts are judged by."""
FALSE, TRUE = "false_alarm", "accept"


class Desk:
    """One desk per thread: it keeps the fits, models and sums of a day between two questions."""

    def __init__(self, config: Config, days: Days, rest: Callable[[], object] | None = None) -> None:
        self.config = config
        self.days = days
        self.watching = Watching(config, days, rest)
        self.ahead = Ahead()
        self.shifts = Watched()
        self.lengths = Measured()
        self.past: dict[str | None, report.Past30] = {}
        """What the last 30 days are known to have had; filled by ``look_back``."""
        self.errors: dict[str | None, ForecastError] = {}
        """By how much their forecasts were off; filled with `past`."""
        self.found: dict[str | None, list[looking_back.PastAlarm]] = {}
        self._sums: tuple[Fitted, dict[str, Handled]] | None = None
        self._back: tuple[tuple[date, float], list[int]] | None = None
        self._earlier: tuple[int, Snapshot] | None = None
        self.reading: Reading | None = None
        self.acts: tuple[Act, ...] = ()

    @classmethod
    def of(cls, config: Config, zone: "Days | object") -> "Desk":
        """Return a desk for a centre in a zone."""
        from zoneinfo import ZoneInfo

        assert isinstance(zone, ZoneInfo)
        return cls(config, Days(zone, parse_day_start(config.business_day_start)))

    def panel(self, reader: Reader, snapshot: Snapshot, *, said: tuple[str, ...] = (),
              at: Callable[[int], Snapshot] | None = None) -> SurgePanel:
        """Return the panel at the snapshot's moment.

        `said` are sentences to show with it; `at` gives the floor at another moment, asked for only where
        a tier watches agents that are missing. Raises StoreError.
        """
        as_of = snapshot.as_of
        day = self.days.day_of(as_of)
        begin = self.days.begin(day)
        self.acts = acting.read(reader, self.days.begin(day - timedelta(days=HISTORY_DAYS)), as_of)
        self.reading = reading = self.watching.read(reader, as_of, self.acts)
        if self._sums is None or self._sums[0] is not reading.fitted:
            self._sums = reading.fitted, handled(reader, begin, self.config)
        lengths = self.lengths.read(reader, begin, as_of, self._sums[1])
        watched = limits.wanted(self.config)
        complaints = limits.complaints_today(reader, begin, as_of) if "complaints" in watched else {}
        earlier = None
        if "agents_lost" in watched and at is not None:
            earlier = self._floor_before(as_of, at)
        found = limits.exceptions(self.config, snapshot, self.acts, earlier, complaints)
        presence = self.shifts.read(reader, self.days, day, snapshot, round(reading.fitted.weeks, 1))
        told = looking_back.told(dict(self.found), self._marked(), self.days)
        return report.panel(report.Asked(
            reading, snapshot, self.config, self.days, self.acts, self._sums[1], self.ahead, self.past,
            self.errors, told, found, said, presence, lengths))

    def _floor_before(self, as_of: int, at: Callable[[int], Snapshot]) -> Snapshot:
        """Return the floor of half an hour ago, to the minute."""
        moment = (as_of // (60 * SECOND)) * 60 * SECOND - EARLIER_S * SECOND
        if self._earlier is None or self._earlier[0] != moment:
            self._earlier = moment, at(moment)
        return self._earlier[1]

    def look_back(self, rest: Callable[[], object] = breathe) -> bool:
        """Work out the last 30 days of one more queue that is drawn; return whether one is left.

        About a second each, so it is asked for in between; `rest` is called between two pieces of it. What a
        person called a false alarm is one, what somebody accepted is none.
        """
        if self.reading is None:
            return False
        fitted = self.reading.fitted
        key = fitted.day, round(fitted.weeks, 1)  # a history that is still coming makes it begin again
        if self._back is None or self._back[0] != key:
            totals = self.reading.rate.sum(axis=1)
            known = (row for row, profile in enumerate(fitted.profiles) if profile is not None)
            rows = sorted(known, key=lambda row: (fitted.queues[row] is not None, -totals[row]))
            self._back = key, rows[:report.CURVES]
            self.past, self.errors, self.found = {}, {}, {}
        rows = self._back[1]
        if not rows:
            return False
        row = rows.pop(0)
        queue = fitted.queues[row]
        self._look_at_forecasts(fitted, row, rest)
        self.found[queue] = looking_back.alarms(fitted, row, rest=rest)
        self.past[queue] = report.Past30(*looking_back.counted(self.found[queue], self._marked()))
        return bool(rows)

    def _marked(self) -> dict[tuple[date, str | None], bool]:
        """Return what people said of a day's alarm: True for false."""
        return {(self.days.day_of(act.at), act.queue): act.kind == FALSE
                for act in self.acts if act.kind in (FALSE, TRUE)}

    def _look_at_forecasts(self, fitted: Fitted, row: int, rest: Callable[[], object]) -> None:
        counts = history_of(fitted, row)
        if counts is not None:
            off = forecast_error(fitted.past.days, quarters(counts), fitted.known, MINUTES,
                                 self.config.surge.band, fitted.shifts(fitted.queues[row]), rest)
            self.errors |= {} if off is None else {fitted.queues[row]: off}
