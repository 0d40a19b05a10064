"""What a place has of other sources: each series with its own source, limits and audience."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.followup.audiences import readable_by
from survey.followup.places import Level, Place
from survey.followup.series.periods import parse
from survey.models.source import PeriodKind, Series, SeriesValue, SourceAudience


class SeriesPoint(NamedTuple):
    """A period's value; none has a note that says why."""

    period: str
    value: float | None
    note: str


@dataclass(frozen=True)
class SourceSeries:
    """A series at one place, the values in order of time."""

    code: str
    title: str
    source: str
    limits: str
    unit: str
    period_kind: PeriodKind
    audience: SourceAudience
    synthetic: bool
    read_on: date
    values: tuple[SeriesPoint, ...] = ()


def series_of(
    session: Session, place: Place, until: date, audience: SourceAudience = SourceAudience.PUBLIC
) -> list[SourceSeries]:
    """The series that have values at just this place, with the periods that ended by a day.

    Without an audience, only what everybody may read.
    """
    values = _values(session, place, until)
    readable = select(Series).where(Series.audience.in_(readable_by(audience)), Series.code.in_(values))
    found = [_shown(row, values[row.code]) for row in session.scalars(readable)]
    return sorted(found, key=lambda one: (one.title, one.code))


def all_series(session: Session, audience: SourceAudience = SourceAudience.PUBLIC) -> list[SourceSeries]:
    """Every series, without its values."""
    rows = session.scalars(select(Series).where(Series.audience.in_(readable_by(audience))))
    return sorted((_shown(row) for row in rows), key=lambda one: (one.title, one.code))


def find_series(
    session: Session, code: str, audience: SourceAudience = SourceAudience.PUBLIC
) -> SourceSeries:
    """One series without its values; one that the audience may not read is as if it were not there."""
    row = session.get(Series, code) if code.isprintable() else None
    if row is None or row.audience not in readable_by(audience):
        raise UserError(f"Det finns ingen serie med koden {code[:40]!r}.")
    return _shown(row)


def places_with(session: Session, series_code: str) -> list[tuple[Level, str]]:
    """Where a series has values: the largest places first."""
    rows = session.execute(
        select(SeriesValue.level, SeriesValue.code)
        .where(SeriesValue.series_code == series_code, SeriesValue.replaced_by.is_(None))
        .distinct()
    )
    order = list(Level)
    return sorted(
        ((Level(level), code) for level, code in rows), key=lambda one: (-order.index(one[0]), one[1])
    )


def _values(session: Session, place: Place, until: date) -> dict[str, list[SeriesPoint]]:
    rows = session.execute(
        select(SeriesValue.series_code, SeriesValue.period, SeriesValue.value, SeriesValue.note).where(
            SeriesValue.level == place.level.value,
            SeriesValue.code == place.code,
            SeriesValue.replaced_by.is_(None),
        )
    )
    found: dict[str, list[SeriesPoint]] = {}
    for code, period, value, note in rows:
        if parse(period).last <= until:
            found.setdefault(code, []).append(SeriesPoint(period, value, note))
    return found


def _shown(row: Series, values: Sequence[SeriesPoint] = ()) -> SourceSeries:
    return SourceSeries(
        code=row.code,
        title=row.title,
        source=row.source,
        limits=row.limits,
        unit=row.unit,
        period_kind=PeriodKind(row.period_kind),
        audience=SourceAudience(row.audience),
        synthetic=row.synthetic,
        read_on=row.read_on,
        values=tuple(sorted(values)),
    )
