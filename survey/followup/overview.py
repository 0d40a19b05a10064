"""What stands beside the survey at a place, and in the whole installation, put together for a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.followup.event_chart import EventChart, draw_events, reach
from survey.followup.events import EARLIEST, LATEST, Event, events
from survey.followup.places import Level, Place, place_ever, places
from survey.followup.series.chart import SeriesChart, draw, value_text
from survey.followup.series.lookup import SourceSeries, all_series, find_series, places_with, series_of
from survey.followup.series.periods import KIND_WORDS, parse
from survey.followup.series.versions import FormerValue, former_values
from survey.followup.vulnerable import classes_by_year, current_count, ever_listed, years_read
from survey.models.source import OfficialClass, SourceAudience
from survey.preparation.waves import WaveSummary, list_waves
from survey.publication.drawings.drawing import PHONE


@dataclass(frozen=True)
class ShownSeries:
    """A series at a place with its drawings."""

    series: SourceSeries
    place: Place
    chart: SeriesChart | None
    phone_chart: SeriesChart | None
    rows: tuple[tuple[str, str, str], ...]  # period, value, note
    period_words: str


@dataclass(frozen=True)
class VulnerableYears:
    """The vulnerable areas of a place in the years whose lists have been read in."""

    years: tuple[int, ...]
    rows: Mapping[str, Mapping[int, OfficialClass]]
    sources: tuple[str, ...]

    @property
    def in_words(self) -> str:
        """The years in a sentence: 2019, 2021 och 2023."""
        *first, last = map(str, self.years)
        return f"{', '.join(first)} och {last}" if first else last


@dataclass(frozen=True)
class WaveEvents:
    """Events around the field period of a wave."""

    title: str
    field_start: date
    field_end: date
    events: Sequence[Event]
    chart: EventChart
    phone_chart: EventChart


@dataclass(frozen=True)
class Inventory:
    """All that has been read in beside the survey."""

    series: Sequence[SourceSeries]
    levels: Mapping[Level, int]
    vulnerable: Mapping[int, int]  # areas by year


def shown_series(session: Session, place: Place, until: date, audience: SourceAudience) -> list[ShownSeries]:
    """The series of a place, drawn."""
    return [shown(one, place) for one in series_of(session, place, until, audience)]


def one_series(
    session: Session, code: str, chosen: str, until: date, audience: SourceAudience
) -> tuple[ShownSeries, Sequence[Place], Sequence[FormerValue]]:
    """A series at one of its places, the largest unless one is chosen; its places; what it said before."""
    series = find_series(session, code, audience)
    there = [place_ever(session, level, place_code) for level, place_code in places_with(session, code)]
    place = next((one for one in there if f"{one.level}:{one.code}" == chosen), there[0])
    found = next((one for one in series_of(session, place, until, audience) if one.code == code), series)
    return shown(found, place), there, former_values(session, code, place)


def series_fields(session: Session, code: str, audience: SourceAudience) -> dict[str, str]:
    """What a form is filled in with for a new file of a series; nothing when there is no such series."""
    try:
        found = find_series(session, code, audience)
    except UserError:
        return {}
    return {
        "code": found.code,
        "title": found.title,
        "source": found.source,
        "limits": found.limits,
        "unit": found.unit,
        "audience": found.audience.value,
        "synthetic": "ja" if found.synthetic else "",
    }


def vulnerable_years(session: Session, place: Place) -> VulnerableYears:
    """The official classes at a place, each as it was read in."""
    found = ever_listed(session, place)
    sources = tuple(sorted({one.source for one in found}))
    return VulnerableYears(tuple(years_read(session)), classes_by_year(found), sources)


def wave_events(
    session: Session, place: Place, waves: Sequence[WaveSummary], audience: SourceAudience
) -> list[WaveEvents]:
    """The events around the field period of each wave, the latest first."""
    return [_around(session, place, wave, audience) for wave in waves[::-1]]


def all_events(session: Session, place: Place, audience: SourceAudience) -> list[Event]:
    """The events of every time at a place, inside it and around it, the latest first."""
    return events(session, place, EARLIEST, LATEST, audience)[::-1]


def waves_of(session: Session, municipality_code: str | None, today: date) -> list[WaveSummary]:
    """The waves whose field period has begun, of one municipality those it takes part in."""
    return [
        wave
        for wave in list_waves(session)
        if wave.field_start <= today
        and not wave.void_reason
        and (municipality_code is None or municipality_code in wave.accepted)
    ]


def inventory(session: Session, today: date, audience: SourceAudience) -> Inventory:
    """What there is of series, levels and lists."""
    return Inventory(
        all_series(session, audience),
        {level: len(places(session, level, today)) for level in Level},
        {year: current_count(session, year) for year in years_read(session)},
    )


def shown(series: SourceSeries, place: Place) -> ShownSeries:
    """A series with its drawings and its table."""
    return ShownSeries(
        series,
        place,
        draw(series, place.name),
        draw(series, place.name, PHONE),
        tuple((parse(one.period).words, value_text(one.value), one.note) for one in series.values[::-1]),
        KIND_WORDS[series.period_kind],
    )


def _around(session: Session, place: Place, wave: WaveSummary, audience: SourceAudience) -> WaveEvents:
    found = events(session, place, *reach(wave.field_start, wave.field_end), audience)
    days = wave.field_start, wave.field_end
    return WaveEvents(
        wave.title, *days, found, draw_events(found, *days), draw_events(found, *days, width=PHONE)
    )
