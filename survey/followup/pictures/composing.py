"""Puts a situation picture together as it stands now: released rows, what lies beside them, the texts."""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy.orm import Session

from survey.followup import places
from survey.followup.event_chart import reach
from survey.followup.pictures import beside
from survey.followup.pictures.content import (
    SCHEMA,
    OtherSeries,
    Period,
    Picture,
    PlaceRef,
    SourceUse,
    Text,
    Vulnerable,
)
from survey.followup.pictures.promised import read_promises
from survey.followup.pictures.survey_part import SurveyPart, read_survey_part
from survey.followup.places import LEVEL_WORDS, Level, Place
from survey.preparation.geography import municipality_names
from survey.publication import wording
from survey.publication.content import MunicipalityReport
from survey.publication.embargo import Reader
from survey.publication.releases import ReleasedWave, find_release, released_waves

NO_CAUSE = "Enkäten visar hur det är och om det har ändrats. Den säger inget om varför."
WHOLE_MUNICIPALITIES = "Siffrorna gäller hela kommuner, även där {place} bara omfattar en del av kommunen."
ONE_SCORE = "Andra källor står bredvid enkäten med sin egen källa. De vägs aldrig ihop till ett tal."
NO_SERIES = "Ingen serie är inläst för just den här platsen."
MOST_NAMED = 12  # municipalities


def compose(
    session: Session,
    place: Place,
    wave_code: str,
    reader: Reader,
    today: date,
    texts: Sequence[Text] = (),
    version: int | None = None,
) -> Picture:
    """The picture of a place after a wave, from the rows that a reader may see, with all that lies beside.

    Raises:
        NotReleased: nothing is released of the place, or not to the reader.
    """
    wave = released_wave(session, wave_code, reader)
    names = municipality_names(session)
    inside = {code: names[code] for code in places.municipalities(session, place, wave.field_start)}
    survey = read_survey_part(session, place, inside, wave_code, reader, version)
    report = survey.report
    overlay = beside.read_vulnerable(session, place, wave.field_end.year)
    series = beside.read_series(session, place, today)
    since, _ = reach(wave.field_start, wave.field_end)  # what people may have had in mind
    events = beside.read_events(session, place, since, wave.field_end)
    return Picture(
        schema=SCHEMA,
        place=ref(place),
        period=_period(report),
        synthetic=report.synthetic,
        notice=report.notice,
        joint=survey.joint,
        joint_note=survey.joint_note,
        summary=report.summary.sentences if survey.joint else (),
        measures=survey.measures,
        profile=survey.profile,
        development=survey.development,
        groups=survey.groups,
        beside=survey.beside,
        parents=tuple(map(ref, places.parents(session, place, wave.field_start))),
        children=tuple(map(ref, places.children(session, place, wave.field_start))),
        parts=survey.parts,
        vulnerable=overlay,
        other_sources=series,
        events=events,
        promises=read_promises(session, place, inside, reader, (today, wave.field_end)),
        response=report.response.sentence if report.response.total.value is not None else "",
        quality=report.quality,
        sources=tuple(_sources(report, overlay, series, bool(events))),
        limits=tuple(_limits(place, survey)),
        texts=tuple(texts),
    )


def released_wave(session: Session, wave_code: str, reader: Reader) -> ReleasedWave:
    """The wave in its newest release that a reader may see.

    Raises:
        NotReleased: there is none.
    """
    found = next((one for one in released_waves(session, reader) if one.code == wave_code), None)
    if found is None:
        find_release(session, wave_code, reader)  # says when it opens, where that is set
        raise LookupError(wave_code)
    return found


def ref(place: Place) -> PlaceRef:
    """The place as it stands in a picture."""
    return PlaceRef(place.level.value, LEVEL_WORDS[place.level], place.code, place.name)


def _period(report: MunicipalityReport) -> Period:
    return Period(
        wave=report.wave.code,
        title=report.wave.title,
        name=report.wave.name,
        first_day=report.wave.field_start,
        last_day=report.wave.field_end,
        version=report.release.version,
        released_on=report.release.released_on_iso,
        previous=report.previous.name if report.previous else "",
    )


def _sources(
    report: MunicipalityReport, overlay: Vulnerable, series: Sequence[OtherSeries], events: bool
) -> Iterator[SourceUse]:
    """Every source with why it is used or left out, the survey first."""
    yield SourceUse(
        f"{report.wave.title}, utgåva {report.release.version}",
        True,
        f"Frisläppta siffror, invånare {report.wave.ages} år, {report.wave.period}.",
        ", ".join(f"{name} {value}" for name, value in report.release.hashes),
    )
    for one in series:
        why = f"{one.source}. Inläst {one.read_day}."
        yield SourceUse(one.title, True, why, "", one.code)
    if not series:
        yield SourceUse("Andra källor (anmälda brott, NTU, Kolada, månadsserier)", False, NO_SERIES, "")
    read = f"Inläst för {wording.enumeration(overlay.years)}." if overlay.years else overlay.said
    yield SourceUse("Polisens lista över utsatta områden", bool(overlay.years), read, "")
    yield beside.events_use(told=events)


def _limits(place: Place, survey: SurveyPart) -> Iterator[str]:
    """What the picture cannot tell, in the order that matters."""
    report = survey.report
    if survey.joint_note:
        yield survey.joint_note
    if place.level in (Level.DISTRICT, Level.POLICE_AREA):
        yield WHOLE_MUNICIPALITIES.format(place=place.name)
    if survey.missing:
        yield f"Saknar resultat i mätningen: {_some(survey.missing)}."
    if survey.joint:
        hidden = sum(not one.now.shown for one in survey.measures)
        if hidden:
            yield f"{hidden} mått visas inte: för få har svarat, eller så är resultatet för osäkert."
        if report.summary.detectable:
            yield report.summary.detectable
        if report.area_note:
            yield report.area_note
    yield NO_CAUSE
    yield ONE_SCORE


def _some(names: Sequence[str]) -> str:
    """Their names; of many only how many they are."""
    return wording.enumeration(names) if len(names) <= MOST_NAMED else f"{len(names)} kommuner"
