"""The drawings of a picture: other sources' series and the events around the fieldwork, as elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from survey.followup.event_chart import EventChart, draw_events
from survey.followup.overview import ShownSeries, shown
from survey.followup.pictures.content import Happening, OtherSeries, Picture, PlaceRef
from survey.followup.places import Level, Place
from survey.followup.series.lookup import SeriesPoint, SourceSeries
from survey.models.source import PeriodKind, SourceAudience
from survey.publication.drawings.drawing import PHONE


@dataclass(frozen=True)
class Days:
    """The days of something that happened."""

    starts_on: date
    ends_on: date | None


def draw_series(found: Sequence[OtherSeries], place: Place | PlaceRef) -> list[ShownSeries]:
    """The series of a picture as the page of other sources draws them."""
    at = Place(Level(place.level), place.code, place.name)
    return [shown(_series(one), at) for one in found]


def draw_timeline(picture: Picture) -> tuple[EventChart, EventChart]:
    """The events beside the field period, for a wide page and for a phone."""
    days = date.fromisoformat(picture.period.first_day), date.fromisoformat(picture.period.last_day)
    found = [_days(one) for one in picture.events]
    return draw_events(found, *days), draw_events(found, *days, width=PHONE)


def _series(one: OtherSeries) -> SourceSeries:
    return SourceSeries(
        code=one.code,
        title=one.title,
        source=one.source,
        limits=one.limits,
        unit=one.unit,
        period_kind=PeriodKind(one.period_kind),
        audience=SourceAudience(one.audience),
        synthetic=one.synthetic,
        read_on=date.fromisoformat(one.read_on),
        values=tuple(SeriesPoint(point.period, point.value, point.note) for point in one.values),
    )


def _days(one: Happening) -> Days:
    ends = date.fromisoformat(one.ends_on) if one.ends_on else None
    return Days(date.fromisoformat(one.starts_on), ends)
