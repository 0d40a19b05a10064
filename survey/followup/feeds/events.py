"""What happened and was done at places, as rows."""

from sqlalchemy.orm import Session

from survey.followup.events import EARLIEST, LATEST, Event, events
from survey.followup.feeds.callers import Caller, asked_of, page_of
from survey.followup.places import NATION_CODE, Level, place_ever
from survey.models.source import SourceAudience
from survey.publication.extract_columns import Value
from survey.publication.extracts import Extract, Filters

EVENT_COLUMNS = (
    *("event", "level", "code", "place", "starts_on", "ends_on"),
    *("kind", "text", "source", "audience"),
)


def list_events(session: Session, caller: Caller, filters: Filters) -> Extract:
    """What everybody may read anywhere, and what the caller may read around its own place."""
    everywhere = place_ever(session, Level.NATION, NATION_CODE)
    reads_all = caller.audience if caller.own is None else SourceAudience.PUBLIC
    found = events(session, everywhere, EARLIEST, LATEST, reads_all)
    if caller.own is not None:
        found += events(session, caller.own, EARLIEST, LATEST, caller.audience)
    every = {one.id: one for one in sorted(found, key=lambda one: (one.starts_on, one.id))}
    return page_of(EVENT_COLUMNS, [_row(one) for one in every.values() if asked_of(one.place, filters)])


def _row(one: Event) -> tuple[Value, ...]:
    last = one.ends_on or one.starts_on
    return (
        *(one.id, one.place.level.value, one.place.code, one.place.name, one.starts_on.isoformat()),
        *(last.isoformat(), one.kind.value, one.text, one.source, one.audience.value),
    )
