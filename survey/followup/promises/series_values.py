"""Imported series as goals: those that everybody may read, with figures of the municipality itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey.errors import Faults
from survey.followup.places import Level, Place
from survey.followup.promises.draft import number_text
from survey.followup.series.lookup import SourceSeries, series_of
from survey.followup.series.periods import parse

ROOM = {"series": ("namn", 80), "unit": ("enhet", 40), "baseline_source": ("källa med period", 200)}


@dataclass(frozen=True)
class Noted:
    """What is known of a goal that the survey does not measure, on a day, and who says so."""

    on_day: date
    value: float | None
    done: bool | None
    source: str


def promisable(session: Session, municipality_code: str, today: date) -> list[SourceSeries]:
    """A promise is for everybody to read, and so are the series that it can be held against."""
    found = series_of(session, Place(Level.MUNICIPALITY, municipality_code, ""), today)
    return [one for one in found if _noted(one)]


def start_of(session: Session, municipality_code: str, code: str, today: date) -> dict[str, str]:
    """The newest figure of a series as the fields of the form, which nobody types.

    Raises:
        Faults: there is no such series, it has no figure of the municipality, or its words have no room.
    """
    found = next((one for one in promisable(session, municipality_code, today) if one.code == code), None)
    if found is None:
        raise Faults(
            {"indicator": "Serien finns inte eller har ingen siffra för kommunen som alla får läsa."}
        )
    newest = _noted(found)[-1]
    start = {"series": found.title, "unit": found.unit, "baseline_source": newest.source}
    for name, (words, most) in ROOM.items():
        if len(start[name]) > most:
            told = f"Seriens {words} har {len(start[name])} tecken och får ha högst {most} i ett löfte."
            raise Faults({"indicator": f"{told} Korta texten där serien läses in."})
    return {**start, "baseline": number_text(newest.value)}


def figures_of(session: Session, municipality_code: str, until: date) -> Mapping[str, tuple[Noted, ...]]:
    """The figures of each series, the oldest first, by the periods that ended by a day."""
    return {one.code: _noted(one) for one in promisable(session, municipality_code, until)}


def _noted(series: SourceSeries) -> tuple[Noted, ...]:
    periods = [(parse(one.period), one.value) for one in series.values if one.value is not None]
    return tuple(
        Noted(period.last, value, None, f"{series.source}, {period.words}") for period, value in periods
    )
