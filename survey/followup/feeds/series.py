"""Series of other sources as rows: each with its own source and limits, never merged with the survey."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from survey import clock
from survey.followup.feeds.callers import Caller, asked_of, page_of
from survey.followup.places import Level, Place, place_ever
from survey.followup.series.lookup import SourceSeries, all_series, places_with, series_of
from survey.models.source import SourceAudience
from survey.publication.extract_columns import Value
from survey.publication.extracts import Extract, Filters

SERIES_COLUMNS = (
    *("series", "title", "source", "limits", "unit", "period_kind", "audience", "read_on", "synthetic"),
)
VALUE_COLUMNS = ("series", "level", "code", "place", "period", "value", "note", "synthetic")


def list_series(session: Session, caller: Caller, filters: Filters) -> Extract:
    """The series that have values the caller may read somewhere, with their sources and limits."""
    rows: list[tuple[Value, ...]] = [
        (
            *(one.code, one.title, one.source, one.limits, one.unit, one.period_kind.value),
            *(one.audience.value, one.read_on.isoformat(), one.synthetic),
        )
        for one, _ in _readable(session, caller, filters)
    ]
    return page_of(SERIES_COLUMNS, rows)


def list_values(session: Session, caller: Caller, filters: Filters) -> Extract:
    """The values of the same series: what everybody may read anywhere, the rest around the caller's place."""
    until = clock.local(caller.reader.now).date()
    wanted: dict[Place, set[str]] = {}
    for one, there in _readable(session, caller, filters):
        for place in there:
            wanted.setdefault(place, set()).add(one.code)
    rows: list[tuple[Value, ...]] = [
        (one.code, place.level.value, place.code, place.name, *point, one.synthetic)
        for place, codes in wanted.items()
        for one in series_of(session, place, until, caller.audience)
        if one.code in codes
        for point in one.values
    ]
    return page_of(VALUE_COLUMNS, sorted(rows, key=lambda row: tuple(map(str, row[:5]))))


def _readable(
    session: Session, caller: Caller, filters: Filters
) -> Iterator[tuple[SourceSeries, list[Place]]]:
    """The series that are asked for, each with the places of which the caller may read it."""
    near, asked = caller.near(session), filters.get("series", ())
    for one in all_series(session, caller.audience):
        if asked and one.code not in asked:
            continue
        public = one.audience is SourceAudience.PUBLIC
        there = [
            place_ever(session, Level(level), code)
            for level, code in places_with(session, one.code)
            if public or near is None or (level, code) in near
        ]
        if found := [place for place in there if asked_of(place, filters)]:
            yield one, found
