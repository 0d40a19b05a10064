"""The follow-up clock: what a place has in a tertial, between the yearly pictures."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.followup import places
from survey.followup.pictures import beside
from survey.followup.pictures.content import Happening, OtherSeries
from survey.followup.pictures.promised import TertialPromise, tertial_promises
from survey.followup.places import Place
from survey.followup.promises.tertials import Tertial, parse
from survey.preparation.geography import municipality_names
from survey.publication.embargo import Reader
from survey.publication.releases import ReleasedWave, released_waves

OLD = 18  # months after which a survey says little of today


@dataclass(frozen=True)
class PlaceTertial:
    """A third of a year at a place."""

    tertial: Tertial
    ended: bool
    series: tuple[OtherSeries, ...]  # with the periods of the year so far
    events: tuple[Happening, ...]
    promises: tuple[TertialPromise, ...]
    survey: ReleasedWave | None  # the latest that a reader may see
    months_old: int

    @property
    def is_old(self) -> bool:
        return self.months_old > OLD


def find_tertial(written: str, today: date) -> Tertial | None:
    """The tertial that an address names; None when it names none that has begun."""
    try:
        found = parse(written)
    except UserError:
        return None
    return found if found.first_day <= today else None


def read_tertial(
    session: Session,
    place: Place,
    tertial: Tertial,
    reader: Reader,
    today: date,
    own: Collection[str] | None = None,
) -> PlaceTertial:
    """The series so far, the events, the promises and the newest survey, as they are known today.

    Of promises in other municipalities than the reader's own only what is published.
    """
    last = min(tertial.last_day, today)
    survey = next((one for one in released_waves(session, reader) if one.field_end <= last), None)
    names = municipality_names(session)
    touched = places.municipalities(session, place, last)
    inside = {code: names[code] for code in touched}
    series = beside.read_series(session, place, last)
    return PlaceTertial(
        tertial=tertial,
        ended=tertial.has_ended(today),
        series=tuple(beside.within_year(one, str(tertial.year)) for one in series),
        events=beside.read_events(session, place, tertial.first_day, last),
        promises=tertial_promises(session, inside, tertial, today, own),
        survey=survey,
        months_old=_months(survey.field_end, last) if survey else 0,
    )


def _months(first: date, last: date) -> int:
    return max(0, (last.year - first.year) * 12 + last.month - first.month)
