"""What figures of a range cannot know because the store does not keep it, in sentences."""

from zoneinfo import ZoneInfo

from ccboard.figures.request import Request, needed
from ccboard.kpis.terms import TERMS
from ccboard.moments import to_datetime
from ccboard.store import missing
from ccboard.store.reader import Reader
from ccboard.store.rows import micros

MOST = 5
"""Sentences at the most."""
_SAID = {
    "agent_states": ("time", "hours of agents"),
    "offers": ("offers", "offers to agents"),
}
"""Table -> what the terms are of that are counted from it, and what people call that."""


def deleted_key(table: str) -> str:
    """Return the key of the store's text that says from when on a table is whole."""
    return f"deleted {table}"


def notes(reader: Reader, request: Request, zone: ZoneInfo) -> list[str]:
    """Return what of the range of a request is not kept, by source. Raises StoreError."""
    found = []
    for source, stretches in missing.of_rows(reader.rows(missing.SELECT)).items():
        for begin, end in stretches:
            if begin < request.end and end > request.begin:
                found.append(f"{source}: nothing is kept of the time from {_shown(begin, zone)} to"
                             f" {_shown(end, zone)}")
    asked = {TERMS[name].of for name in needed(request.kpis)}
    for table, (of, what) in _SAID.items():
        if of in asked and (at := reader.rows("SELECT value FROM meta WHERE key = ?", [deleted_key(table)])):
            whole = int(at[0][0])
            if request.begin < whole:
                found.append(f"{what} from before {_shown(whole, zone)} are not kept")
    return found[:MOST]


def before_all(reader: Reader, request: Request, zone: ZoneInfo) -> str | None:
    """Say that a range lies before anything that a source told of; None where it does not."""
    [(told, first)] = reader.rows("""
        SELECT (SELECT min(moment) FROM (SELECT moment FROM alive
                UNION ALL SELECT moment FROM events WHERE kind = 'whole')),
            (SELECT min(moment) FROM (SELECT min(offered_at) AS moment FROM visits
                UNION ALL SELECT min(moment) FROM agent_states UNION ALL SELECT min(started_at) FROM offers
                UNION ALL SELECT min(started_at) FROM open_offers UNION ALL SELECT min(moment) FROM scores
                UNION ALL SELECT min(moment) FROM refusals))""")
    if told is None:
        return None if first is not None else "nothing is known yet: no source has told of anything"
    begin = micros(told if first is None else min(told, first))
    if request.end > begin:
        return None
    return f"nothing is known of this time: the sources begin at {_shown(begin, zone)}"


def _shown(at: int, zone: ZoneInfo) -> str:
    local = to_datetime(at).astimezone(zone)
    return f"{local:%Y-%m-%d}" if local.time().isoformat() == "00:00:00" else f"{local:%Y-%m-%d %H:%M}"
