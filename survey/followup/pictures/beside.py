"""What stands beside the survey in a picture: vulnerable areas, other sources, events; never merged."""

from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from survey.followup import events, vulnerable
from survey.followup.pictures.content import (
    Happening,
    OtherPoint,
    OtherSeries,
    SourceUse,
    Vulnerable,
    VulnerableListed,
)
from survey.followup.places import Level, Place
from survey.followup.series.lookup import series_of
from survey.models.source import SourceAudience

NOT_LISTED = "finns inte på listan"
NO_LIST = "Polisens lista över utsatta områden är inte inläst för något år."
NO_EVENTS = "Ingen händelse är antecknad för tiden kring insamlingen."
MOST_POINTS = 24  # of a series: two years of months
EVERYTHING = SourceAudience.POLICE  # a picture is kept whole; each reader is shown what is theirs


def read_vulnerable(session: Session, place: Place, year: int) -> Vulnerable:
    """The official classes year by year up to a year, as they were read in."""
    years = [one for one in vulnerable.years_read(session) if one <= year]
    classes = vulnerable.classes_by_year(vulnerable.ever_listed(session, place))
    areas = tuple(
        VulnerableListed(name, tuple((str(one), str(found.get(one, NOT_LISTED))) for one in years))
        for name, found in classes.items()
        if set(found) & set(years)
    )
    return Vulnerable(tuple(map(str, years)), _said(years, year, bool(areas)), areas)


def read_series(session: Session, place: Place, until: date) -> tuple[OtherSeries, ...]:
    """The series with values at the place, the newest periods of each."""
    return tuple(
        OtherSeries(
            code=one.code,
            title=one.title,
            source=one.source,
            limits=one.limits,
            unit=one.unit,
            period_kind=one.period_kind.value,
            audience=one.audience.value,
            synthetic=one.synthetic,
            read_on=one.read_on.isoformat(),
            values=tuple(
                OtherPoint(point.period, point.value, point.note) for point in one.values[-MOST_POINTS:]
            ),
        )
        for one in series_of(session, place, until, EVERYTHING)
    )


def read_events(session: Session, place: Place, since: date, until: date) -> tuple[Happening, ...]:
    """What happened and was done at the place or around it, the earliest first."""
    return tuple(
        Happening(
            starts_on=one.starts_on.isoformat(),
            ends_on=one.ends_on.isoformat() if one.ends_on else "",
            kind=one.words,
            text=one.text,
            source=one.source,
            place=one.place.name,
            audience=narrowed(one.audience, one.place.level, place.level).value,
        )
        for one in events.events(session, place, since, until, EVERYTHING)
    )


def events_use(*, told: bool) -> SourceUse:
    """Whether events are among the sources: to a reader only when one of them is told to that reader."""
    return SourceUse("Händelser", told, "Antecknade av polis och kommun." if told else NO_EVENTS, "")


def narrowed(audience: SourceAudience, level: Level, shown_at: Level) -> SourceAudience:
    """Who reads it at a level: above the municipality what one of them shares with the police stays there."""
    inside = (Level.AREA, Level.MUNICIPALITY)
    if audience is SourceAudience.MUNICIPALITY and level in inside and shown_at not in inside:
        return SourceAudience.POLICE
    return audience


def _said(years: list[int], year: int, listed: bool) -> str:
    if not years:
        return NO_LIST
    known = "" if year in years else f" För {year} är listan inte inläst."
    if not listed:
        return f"Inget område här finns på de listor som är inlästa ({', '.join(map(str, years))}).{known}"
    return f"Klassen är polisens egen och läses in år för år. Den räknas aldrig ut ur enkäten.{known}"


def within_year(series: OtherSeries, year: str) -> OtherSeries:
    """The series with the periods of one year only."""
    return replace(series, values=tuple(one for one in series.values if one.period.startswith(year)))
