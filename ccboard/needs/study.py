"""Who needs help, as of a moment: a pure function of the store, the moment and the configuration.

    study(reader, config, zone, as_of)  =  taken(yesterday's book, today's sums)

What was done up to yesterday (``Book``) is worked out once a business day: everything fitted anew, five
periods back. Today's calls then go in by ``tail.today.refresh`` as often as one likes. A hub keeps the book
and a command makes it for one answer; both say the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from ccboard.config import Config
from ccboard.needs.figures import GROUPS, By, Coding, Work, coding, parts, tables
from ccboard.needs.read import Books, Limits
from ccboard.store.reader import Reader
from ccboard.tail.adjust import Days, adjust
from ccboard.tail.judge import Report, judge
from ccboard.tail.kpis import LONG_DAYS, OF_STORE
from ccboard.tail.persistence import PERIODS, Past, past, slim
from ccboard.tail.today import refresh

PERIOD: int = 20
"""Working days that are looked at unless somebody asks for more or fewer."""


@dataclass(frozen=True)
class Group:
    """All that is known of agents, of teams, or of types. `parts`: of the handling time, in seconds."""

    report: Report
    over: Past
    parts: Mapping[str, Days]


@dataclass
class Book:
    """What was done before the business day `today`, by grouping. `wanted`: the figures asked for."""

    books: Books
    today: date
    period: int | None
    days: tuple[date, ...]
    wanted: tuple[str, ...]
    limits: Limits
    groups: dict[By, Group]


@dataclass(frozen=True)
class Study:
    """The answer: by grouping, as of a moment. `days`: the working days of the period, newest first."""

    as_of: int
    today: date
    period: int | None
    days: tuple[date, ...]
    books: Books
    groups: Mapping[By, Group]


def study(reader: Reader, config: Config, zone: ZoneInfo, as_of: int, *, period: int | None = PERIOD,
          by: tuple[By, ...] = GROUPS, wanted: tuple[str, ...] = OF_STORE) -> Study:
    """Return who needs help as of a moment. Raises StoreError."""
    return taken(book(reader, config, zone, as_of, period=period, by=by, wanted=wanted), as_of)


def book(reader: Reader, config: Config, zone: ZoneInfo, as_of: int, *, period: int | None = PERIOD,
         by: tuple[By, ...] = GROUPS, wanted: tuple[str, ...] = OF_STORE,
         pause: Callable[[], None] = lambda: None) -> Book:
    """Work out everything up to yesterday. `pause` is called between any two pieces of work."""
    books = Books(reader, config, zone, as_of)
    most = 10_000 if period is None else max(PERIODS * period, LONG_DAYS)
    days = tuple(books.working_days(most))
    length = len(days) if period is None else period
    made = Book(books, books.today, period, days[:length], wanted, Limits(), {})
    reports: dict[By, list[Report]] = {group: [] for group in by}
    found_parts: dict[By, dict[str, Days]] = {}
    for number in range(PERIODS if period is not None else 1):
        stretch = days[number * length:(number + 1) * length]
        if not stretch or (number and len(stretch) < length):
            break
        long = days[number * length:][:max(length, LONG_DAYS)]
        before = stretch[0] + timedelta(days=1) if number else books.today
        part = piece(books, stretch, long, before, by, wanted, period, pause)
        if not number:
            made.limits = part.limits
        for group in by:
            report = part.reports[group]
            if not number:
                found_parts[group] = _parts(part.work, part.codes[group], report, pause)
            size = len(reports[group][0].units) if number else len(report.units)
            reports[group].append(slim(report, size) if number else report)
    for group in by:
        if reports[group]:
            made.groups[group] = Group(reports[group][0], past(reports[group]), found_parts[group])
    return made


@dataclass(frozen=True)
class Piece:
    """What was done on the days of one period, and the reports on it."""

    limits: Limits
    work: Work
    codes: Mapping[By, Coding]
    reports: Mapping[By, Report]


def piece(books: Books, days: Sequence[date], long: Sequence[date], before: date, by: tuple[By, ...],
          wanted: tuple[str, ...], period: int | None, pause: Callable[[], None] = lambda: None) -> Piece:
    """Judge the work of some days (newest first).

    `long`: the days from which rare figures are pooled; judgements given on `before` or later are not known.
    """
    pause()
    limits = books.limits(days[-1], days[0])
    work = Work.of(books, days[::-1], limits, pause)
    scores = books.scores(long[-1], before)
    codes: dict[By, Coding] = {}
    reports: dict[By, Report] = {}
    for group in by:
        pause()
        codes[group] = coding(books, group)
        sums = tables(work, scores, codes[group], pause)
        reports[group] = judge({key: sums[key] for key in wanted if key in sums}, period, pause)
    return Piece(limits, work, codes, reports)


def _parts(work: Work, code: Coding, report: Report, pause: Callable[[], None]) -> dict[str, Days]:
    """Return the parts of the handling time, where somebody's is at the tail."""
    judged = report.figures.get("aht")
    if judged is None or not judged.named.any():
        return {}
    found = {}
    pause()
    for key, sums in parts(work.rows, code).items():
        pause()
        found[key] = adjust(sums, rate=False, pause=pause)
    return found


def taken(made: Book, as_of: int, pause: Callable[[], None] = lambda: None) -> Study:
    """Return the study as of a moment of the book's business day: with today's calls in it.

    `pause` is called between any two pieces of work.
    """
    books = made.books
    books.as_of = as_of
    work = Work.of(books, (made.today,), made.limits, pause)
    found: dict[By, Group] = {}
    for group in made.groups or GROUPS:
        pause()
        code = coding(books, group)
        sums = tables(work, {}, code, pause)
        kept = {key: sums[key] for key in made.wanted if key in sums}
        before = made.groups.get(group)
        if before is None:
            report = judge(kept, made.period, pause)
            found[group] = Group(report, past([report]), {})
        else:
            found[group] = Group(refresh(before.report, kept, pause), before.over, before.parts)
    return Study(as_of, made.today, made.period, made.days, books, found)
