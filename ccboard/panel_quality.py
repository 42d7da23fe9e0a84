"""What can be said of the data behind the figures, as plain data. Imports the standard library.

Six questions are asked of every source; what speaks against an answer is a finding, and names its rows.
"""

from typing import Any, Final, NamedTuple

Said = tuple[str, str]
"""A sentence in English and in Chinese."""

QUESTIONS: Final = ("collected", "reported", "often", "helps", "accurate", "logical")
"""Can it be collected, when was it reported, often enough, does it help, is it accurate, logical."""


class Answer(NamedTuple):
    """What one question comes to. `state`: good, warning, critical, or "" where it cannot be told."""

    question: str
    state: str
    said: Said


class SourceQuality(NamedTuple):
    """The answers of one source, in the order of QUESTIONS."""

    source: str
    answers: tuple[Answer, ...]


class FaultRow(NamedTuple):
    """One row that a finding names. What is not known of it is None."""

    at: int | None
    queue: str | None
    agent: str | None
    call: str | None
    said: Said


class Finding(NamedTuple):
    """Something that speaks against the data of a source. `n`: how often; `rows`: the first of them."""

    source: str
    question: str
    kind: str
    level: str  # warning, critical, or "" for what is only told
    n: int
    said: Said
    rows: tuple[FaultRow, ...] = ()


class QualityPanel(NamedTuple):
    """All of it, of the range [begin, end) as it was known at `as_of`."""

    as_of: int
    begin: int
    end: int
    sources: tuple[SourceQuality, ...]
    findings: tuple[Finding, ...]


def unnamed(panel: QualityPanel) -> QualityPanel:
    """Return the answers and counts, without anybody's name, call or a text of the source's own."""
    return panel._replace(findings=tuple(
        one._replace(rows=()) for one in panel.findings if one.kind != "rejected"))


def to_public(panel: QualityPanel, iso: Any) -> dict[str, Any]:
    """Return the object that ``ccboard quality --json`` prints. `iso` writes a moment."""
    return {
        "as_of": iso(panel.as_of), "from": iso(panel.begin), "to": iso(panel.end),
        "sources": [
            {"source": source.source, **{
                answer.question: {"state": answer.state, "en": answer.said[0], "zh": answer.said[1]}
                for answer in source.answers}}
            for source in panel.sources
        ],
        "findings": [
            {"source": one.source, "question": one.question, "kind": one.kind, "level": one.level, "n": one.n,
             "en": one.said[0], "zh": one.said[1],
             "rows": [{"at": iso(row.at), "queue": row.queue, "agent": row.agent, "call": row.call,
                       "en": row.said[0], "zh": row.said[1]} for row in one.rows]}
            for one in panel.findings
        ],
    }


def from_wire(row: list[Any] | None) -> QualityPanel | None:
    """Rebuild a panel after JSON. Raises TypeError or ValueError on another form."""
    if row is None:
        return None
    panel = QualityPanel(*row)
    return panel._replace(
        sources=tuple(
            SourceQuality(str(name), tuple(
                answer._replace(said=_said(answer.said)) for answer in (Answer(*x) for x in answers)))
            for name, answers in panel.sources),
        findings=tuple(
            one._replace(said=_said(one.said), rows=tuple(
                fault._replace(said=_said(fault.said)) for fault in (FaultRow(*x) for x in one.rows)))
            for one in (Finding(*x) for x in panel.findings)))


def _said(pair: Any) -> Said:
    english, chinese = pair
    return str(english), str(chinese)
