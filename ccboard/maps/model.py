"""The map of an export: one TOML file that says how a row is read as a contact. Every key is a field here.

Rows are taken through it in this order: `repair`, `clean`, `skip`, then the fields of the contact.
"""

import difflib
import re
from typing import Annotated, Literal, TypeAlias
from zoneinfo import available_timezones

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from ccboard.config import Section
from ccboard.maps.durations import DurationUnit

Column: TypeAlias = str | Annotated[int, Field(ge=1)]
"""A column: its name in the header, or its place counted from 1."""


def _list(value: object) -> object:
    return [value] if isinstance(value, str | int | dict) else value


Words: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_list)]
"""Texts, compared without regard to case and outer blanks; ``/.../`` is a regular expression."""


class MapSection(Section):
    """A table of a map; a whole number is no text here, so that `value = 5` is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class File(MapSection):
    """How the file is written."""

    format: Literal["auto", "text", "ndjson", "parquet", "excel"] = "auto"
    """What it is: delimited text, NDJSON, Parquet or Excel; `auto` looks at name and content."""
    encoding: str = "auto"
    """Of text: `utf-8`, `utf-16`, `gb18030`, `cp1252` ...; `auto` looks and says what it took."""
    delimiter: str = Field("auto", min_length=1)
    """Between the fields of a line: one character, `tab`, or `auto`."""
    quote: str = Field('"', max_length=1)
    """Around fields that hold a delimiter; empty: none, such characters are part of the text."""
    header: bool = True
    """The first line names the columns."""
    columns: tuple[str, ...] = ()
    """Names of the columns in their order, in place of those of the header."""
    skip_lines: int = Field(0, ge=0)
    """Lines before the header that say something else."""
    short_rows: bool = False
    """Rows with fewer fields than columns are taken, the missing ones as empty; else they are rejected."""
    sheet: str | None = None
    """Of Excel: the sheet's name; without it the first one."""


class Repair(MapSection):
    """A row with a wrong number of fields, and where it is to be split."""

    fields: int = Field(ge=1)
    """Rows with so many fields are meant."""
    column: Annotated[int, Field(ge=1)]
    """The place of the field that holds two, counted from 1."""
    split: str
    """Regular expression of what stands between the two; fields behind it move on."""

    _split = field_validator("split")(lambda value: _regex(value))


class Condition(MapSection):
    """Something that holds for a row or not; every key given must hold."""

    column: Column
    """The column that is looked at."""
    one_of: Words = ()
    """Its text is one of these."""
    none_of: Words = ()
    """Its text is none of these."""
    empty: bool | None = None
    """It is empty (true), or holds something (false)."""
    above: float | None = None
    """As a number or duration it is above this; what is no number is not."""
    at_most: float | None = None
    """As a number or duration it is at most this; what is no number is."""

    @model_validator(mode="after")
    def _says_something(self) -> "Condition":
        if not (self.one_of or self.none_of) and self.empty is self.above is self.at_most is None:
            raise ValueError("needs one_of, none_of, empty, above, at_most")
        return self

    _words = field_validator("one_of", "none_of")(lambda value: _words(value))


When: TypeAlias = Annotated[tuple[Condition, ...], BeforeValidator(_list)]
"""Conditions that must all hold."""


class Clean(MapSection):
    """A change to a column's text before anything reads it; the keys are taken in this order."""

    column: Column
    """The column."""
    strip: bool = True
    """Take blanks off both ends."""
    pattern: str | None = None
    """Regular expression whose every find is replaced by `by`."""
    by: str = ""
    """What is put in place of a find; ``\\1`` is the first group."""
    values: dict[str, str] = Field(default_factory=dict)
    """Whole texts and what stands for them."""

    _pattern = field_validator("pattern")(lambda value: None if value is None else _regex(value))


class Skip(MapSection):
    """Rows that are no contacts: left out and counted, but not as rejects."""

    when: When = Field(min_length=1)
    """Conditions that must all hold."""
    because: str = "left out by the map"
    """The reason, for the summary."""


class Day(MapSection):
    """Where the day comes from, for columns that hold a time of day only."""

    column: Column | None = None
    """The column that holds it."""
    format: str = "auto"
    """`auto` (ISO 8601 and other forms that cannot be mistaken), `excel`, or as strptime has it."""
    file: str | None = None
    """Regular expression with the groups year, month and day, looked for in the file's name."""

    @field_validator("file")
    @classmethod
    def _groups(cls, value: str | None) -> str | None:
        if value is not None and not {"year", "month", "day"} <= re.compile(_regex(value)).groupindex.keys():
            raise ValueError("needs the groups (?P<year>...), (?P<month>...) and (?P<day>...)")
        return value


class Time(MapSection):
    """One way to know a moment."""

    column: Column
    """The column that holds it."""
    format: str = "auto"
    """`auto`, `time` (of day, on the row's day), `epoch`, `epoch_ms`, `excel`, or as strptime has it."""
    none: Words = ()
    """Texts that say that there was no such moment; an empty one always does."""
    when: When = ()
    """This way counts only for rows where all these conditions hold."""

    _none = field_validator("none")(lambda value: _words(value))


Times: TypeAlias = Annotated[tuple[Time, ...], BeforeValidator(_list)]
"""Ways to know a moment: the first whose conditions hold and whose column holds something counts."""


class Duration(MapSection):
    """Where a duration comes from."""

    column: Column
    """The column that holds it."""
    unit: DurationUnit = "auto"
    """Of plain numbers: `s` (as `auto`), `ms`, `min` or `days` (Excel); H:MM:SS speaks for itself."""
    none: Words = ()
    """Texts that say that it is not known; an empty one always does."""

    _none = field_validator("none")(lambda value: _words(value))


class Text(MapSection):
    """Where a text comes from."""

    column: Column | None = None
    """The column that holds it."""
    value: str | None = None
    """The same text for all rows; together with `column`: for rows where that is empty."""
    none: Words = ()
    """Texts that stand for nobody and nothing; an empty one always does."""
    pattern: str | None = None
    """Regular expression; its first group (or all of it) is taken. A text without it is taken as it is."""

    _none = field_validator("none")(lambda value: _words(value))
    _pattern = field_validator("pattern")(lambda value: None if value is None else _regex(value))

    @model_validator(mode="after")
    def _says_something(self) -> "Text":
        if self.column is None and self.value is None:
            raise ValueError("needs a column or a value")
        return self


class Rule(MapSection):
    """One way to know a word."""

    word: str
    """The word that it is then."""
    when: When = Field(min_length=1)
    """Conditions that must all hold."""


class Word(MapSection):
    """Where one of a few words of ours comes from: by rules first, then by the words of a column."""

    column: Column | None = None
    """The column whose words say it."""
    words: dict[str, Words] = Field(default_factory=dict)
    """Each word of ours and the texts of the column that mean it."""
    rules: tuple[Rule, ...] = ()
    """Tried in their order before the column's words."""
    otherwise: str | None = None
    """The word where nothing else says it; without it such a row is rejected (but not for an empty cell)."""

    @field_validator("words")
    @classmethod
    def _all_words(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for texts in value.values():
            _words(texts)
        return value


class Mark(MapSection):
    """Where a mark comes from: a number, higher is better."""

    column: Column
    """The column that holds it."""
    none: Words = ()
    """Texts that say that nobody gave one; an empty one always does."""

    _none = field_validator("none")(lambda value: _words(value))


class Verdict(MapSection):
    """Where a yes or no comes from."""

    column: Column
    """The column that says it."""
    yes: Words = ("1", "yes", "y", "true", "是", "对")
    """Texts that mean yes."""
    no: Words = ("0", "no", "n", "false", "否")
    """Texts that mean no."""
    none: Words = ()
    """Texts that say that nobody judged; an empty one always does."""

    _all = field_validator("yes", "no", "none")(lambda value: _words(value))


class Key(MapSection):
    """What tells a contact from all others, so that loading it twice changes nothing."""

    call: Column | None = None
    """The column with the call's id; its visits to one queue are told apart by when they began."""
    columns: tuple[Column, ...] = ()
    """Without such a column: these together. Rows alike in them count as often as one file has them."""


WAITS_UNKNOWN = (
    "how long answered callers waited is not known: there is no [wait], no [answered], nor [ended] and [talk]"
    " to count back from; service level and speed of answer stay empty"
)

OUTCOMES = ("answered", "abandoned", "timed_out", "left_by_key", "left_empty", "withdrawn", "lost", "unknown")


class Map(MapSection):
    """The whole file."""

    name: str = Field("", max_length=64)
    """What the map is called; sources that are loaded with it get this name."""
    about: str = ""
    """What it reads, in a sentence, for the list of maps."""
    timezone: str | None = None
    """IANA name of the zone that the file's times are in; without it the centre's."""
    file: File = Field(default_factory=File)
    """How the file is written."""
    repair: tuple[Repair, ...] = ()
    """Rows with a wrong number of fields that can be mended."""
    clean: tuple[Clean, ...] = ()
    """Changes to columns before anything reads them."""
    skip: tuple[Skip, ...] = ()
    """Rows that are no contacts."""
    key: Key = Field(default_factory=Key)
    """What tells a contact from all others; without it all columns together."""
    day: Day = Field(default_factory=Day)
    """Where the day comes from, for times of day."""
    offered: Times = Field(min_length=1)
    """When it entered the queue, or was dialled."""
    answered: Times = ()
    """When an agent answered; without it `offered` plus `wait`."""
    ended: Times = ()
    """When it ended; without it `answered` plus `hold` and `talk`, or `offered` plus `wait`."""
    outcome: Word
    """How it ended."""
    queue: Text
    """The queue."""
    agent: Text | None = None
    """The agent."""
    caller: Text | None = None
    """The caller's number; what is kept of it is the configuration's `callers`."""
    caller_name: Text | None = None
    """The caller's name."""
    business_type: Text | None = None
    """The business type."""
    project: Text | None = None
    """The project, that is the outsourced client."""
    channel: Text | None = None
    """The channel; without it voice."""
    direction: Word | None = None
    """`in` or `out`; without it in."""
    transfer: Word | None = None
    """`blind` or `attended`, where it was passed on."""
    ended_by: Word | None = None
    """`caller`, `agent` or `transfer`."""
    ring: Duration | None = None
    """How long the agent's phone rang."""
    wait: Duration | None = None
    """How long the caller waited; without it from `offered` to `answered`, or to `ended`.

    An answered one with neither is counted back from `ended` by `talk` and `hold`; without these it is
    unknown.
    """
    talk: Duration | None = None
    """How long the answered one talked; without it from `answered` to `ended`."""
    hold: Duration | None = None
    """How long the caller was put on hold."""
    wrap: Duration | None = None
    """How long the work after it took."""
    csat: Mark | None = None
    """What the customer said of the service."""
    qa: Mark | None = None
    """What a review said of it."""
    resolved: Verdict | None = None
    """Whether the matter was solved at the first contact."""
    complaint: Verdict | None = None
    """Whether there is a complaint."""
    success: Verdict | None = None
    """Whether a dial reached its aim."""
    right_party: Verdict | None = None
    """Whether a dial reached the person wanted."""

    @property
    def tells_waits(self) -> bool:
        """Whether anything tells how long answered callers waited."""
        return bool(self.wait or self.answered or (self.ended and self.talk))

    @property
    def judges(self) -> bool:
        """Whether rows bring judgements with them."""
        return any((self.csat, self.qa, self.resolved, self.complaint, self.success,
                    self.right_party))

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        if value is not None and value not in available_timezones():
            near = difflib.get_close_matches(value, available_timezones(), 1, 0.5)
            raise ValueError(
                f"{value!r} is no time zone of this host" + (f"; did you mean {near[0]}?" if near else "")
            )
        return value

    @model_validator(mode="after")
    def _known_words(self) -> "Map":
        for key, known in (
            ("outcome", OUTCOMES),
            ("direction", ("in", "out")),
            ("transfer", ("blind", "attended")),
            ("ended_by", ("caller", "agent", "transfer")),
        ):
            said: Word | None = getattr(self, key)
            if said is None:
                continue
            named = [*said.words, *(rule.word for rule in said.rules), said.otherwise]
            for word in named:
                if word is not None and word not in known:
                    near = difflib.get_close_matches(word, known, 1, 0.5)
                    raise ValueError(
                        f"{key}: {word!r} is none of {', '.join(known)}"
                        + (f"; did you mean {near[0]}?" if near else "")
                    )
            if said.words and said.column is None:
                raise ValueError(f"{key}: words need the column that they stand in")
            if not named[:-1] and said.otherwise is None:
                raise ValueError(f"{key}: needs words, rules or otherwise")
        return self


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from None
    return text


def _words(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        if (inner := is_regex(text)) is not None:
            _regex(inner)
    return texts


def is_regex(text: str) -> str | None:
    """Return the regular expression of a word written ``/.../``, else None."""
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] == "/" else None


def columns_named(of: Map) -> set[str]:
    """Return the columns that a map asks for by name."""
    found: set[str] = set()

    def look(section: object) -> None:
        if isinstance(section, MapSection):
            for name, value in section:
                if name in {"column", "call"} and isinstance(value, str):
                    found.add(value)
                elif name == "columns" and isinstance(section, Key):
                    found.update(one for one in value if isinstance(one, str))
                else:
                    look(value)
        elif isinstance(section, tuple):
            for one in section:
                look(one)

    look(of)
    return found
