"""The follow-up clock: what a place has in a tertial, between the yearly pictures."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey.followup.pictures import beside
from survey.followup.pictures.content import Happening, OtherSeries
from survey.followup.places import Place
from survey.followup.series.periods import Period, parse
from survey.models.source import PeriodKind
from survey.publication.embargo import Reader
from survey.publication.releases import ReleasedWave, released_waves

EVERY = 4  # months
OLD = 18  # months after which a survey says little of today


@dataclass(frozen=True)
class Tertial:
    """A third of a year at a place."""

    period: Period
    before: Period
    following: Period
    ended: bool
    series: tuple[OtherSeries, ...]  # with the periods of the year so far
    events: tuple[Happening, ...]
    survey: ReleasedWave | None  # the latest that a reader may see
    months_old: int

    @property
    def is_old(self) -> bool:
        return self.months_old > OLD


def tertial_of(day: date) -> Period:
    """The tertial that a day lies in."""
    return Period(PeriodKind.TERTIAL, day.year, (day.month - 1) // EVERY + 1)


def find_tertial(written: str, today: date) -> Period | None:
    """The tertial that an address names; None when it names none that has begun."""
    try:
        period = parse(written)
    except ValueError:
        return None
    return period if period.kind is PeriodKind.TERTIAL and period.first <= today else None


def read_tertial(session: Session, place: Place, period: Period, reader: Reader, today: date) -> Tertial:
    """The series so far, the events and the newest survey, as they are known today."""
    last = min(period.last, today)
    survey = next((one for one in released_waves(session, reader) if one.field_start <= last), None)
    year = str(period.year)
    series = beside.read_series(session, place, last)
    return Tertial(
        period=period,
        before=_beside(period, -1),
        following=_beside(period, 1),
        ended=period.last < today,
        series=tuple(beside.within_year(one, year) for one in series),
        events=beside.read_events(session, place, period.first, last),
        survey=survey,
        months_old=_months(survey.field_end, last) if survey else 0,
    )


def _beside(period: Period, step: int) -> Period:
    year, number = divmod(period.year * 3 + period.number - 1 + step, 3)
    return Period(PeriodKind.TERTIAL, year, number + 1)


def _months(first: date, last: date) -> int:
    return max(0, (last.year - first.year) * 12 + last.month - first.month)
