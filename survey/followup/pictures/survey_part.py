"""The survey's part of a situation picture: released rows of the place and of its parts, nothing computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey.followup.pictures.content import (
    Beside,
    Development,
    GroupFinding,
    Measure,
    OtherFigure,
    Part,
    PlaceRef,
    Profile,
)
from survey.followup.places import LEVEL_WORDS, Level, Place
from survey.publication import numbers
from survey.publication.content import GroupFigures, IndicatorResult, MunicipalityReport
from survey.publication.embargo import Reader
from survey.publication.payload import build_payload
from survey.publication.places import (
    Totals,
    of_area,
    read_area_totals,
    read_municipality_totals,
    read_place,
)
from survey.publication.released import Wave
from survey.publication.results import known_waves
from survey.publication.standing_out import StandingOut, area_standing_out, groups_standing_out, stand_out
from survey.publication.summary import PROFILE_TOPIC, by_size, order_sentence
from survey.questionnaire import indicators as library

NOT_JOINT = (
    "Det finns ingen frisläppt siffra för {place} som helhet. Kommunernas siffror står bredvid varandra. "
    "De räknas inte ihop, eftersom avrundade andelar inte går att slå samman."
)
NO_ORDER = "Problem i området visas inte: för få har svarat, eller så är siffrorna för osäkra."


@dataclass(frozen=True)
class SurveyPart:
    """What the release tells of a place: as a whole where it has figures, and of its parts."""

    report: MunicipalityReport  # of the place, or of everybody where the place has no figures of its own
    joint_note: str
    measures: tuple[Measure, ...]
    profile: Profile
    development: Development
    groups: tuple[GroupFinding, ...]
    beside: tuple[Beside, ...]
    parts: tuple[Part, ...]
    missing: tuple[str, ...]  # municipalities of the place without figures in the wave

    @property
    def joint(self) -> bool:
        return not self.joint_note


def read_survey_part(
    session: Session,
    place: Place,
    inside: Mapping[str, str],
    wave_code: str,
    reader: Reader,
    version: int | None,
) -> SurveyPart:
    """The released rows of a place; `inside` names the municipalities that it touches.

    Raises:
        NotReleased: nothing is released of the place, or not to the reader.
    """
    if place.level in (Level.AREA, Level.MUNICIPALITY):
        return _within_municipality(session, place, wave_code, reader, version)
    totals = read_municipality_totals(session, wave_code, reader, version)
    everybody = read_place(session, wave_code, "all", "all", reader, version)
    report = build_payload(everybody)
    parts = [one for one in totals if one.code in inside]
    joint = place.level is Level.REGION and len(parts) == len(totals)
    missing = tuple(name for code, name in inside.items() if code not in {one.code for one in totals})
    note = "" if joint else NOT_JOINT.format(place=place.name)
    waves = known_waves(session)
    municipalities = [_part(Level.MUNICIPALITY, one, waves) for one in parts]
    return _told(report if joint else None, report, note, (), municipalities, missing)


def _within_municipality(
    session: Session, place: Place, wave_code: str, reader: Reader, version: int | None
) -> SurveyPart:
    code = place.code.split("-")[0]
    whole = read_place(session, wave_code, "municipality", code, reader, version)
    if place.level is Level.MUNICIPALITY:
        report = build_payload(whole)
        areas = [_part(Level.AREA, one, whole.earlier) for one in read_area_totals(whole)]
        return _told(report, report, "", stand_out(report), areas, ())
    report = build_payload(of_area(whole, place.code))
    beside = area_standing_out(build_payload(whole), place.code)
    return _told(report, report, "", (beside,) if beside else (), (), ())


def _told(
    report: MunicipalityReport | None,
    around: MunicipalityReport,
    joint_note: str,
    beside: Sequence[StandingOut],
    parts: Sequence[Part],
    missing: tuple[str, ...],
) -> SurveyPart:
    results = report.indicators if report else ()
    return SurveyPart(
        report=around,
        joint_note=joint_note,
        measures=tuple(_measure(one.id, one.total) for one in results),
        profile=_profile(results),
        development=_development(report),
        groups=tuple(
            GroupFinding(one.indicator, one.label, one.group, one.own, one.findings)
            for one in (groups_standing_out(report) if report else ())
        ),
        beside=tuple(_beside(one) for one in beside),
        parts=tuple(parts),
        missing=missing,
    )


def _measure(indicator_id: str, group: GroupFigures) -> Measure:
    indicator = _LIBRARY[indicator_id]
    return Measure(
        indicator.id, indicator.label, indicator.topic, indicator.headline, group.now, group.change
    )


def _part(level: Level, totals: Totals, waves: Mapping[str, Wave]) -> Part:
    ref = PlaceRef(level.value, LEVEL_WORDS[level], totals.code, totals.name)
    previous = numbers.month(waves[totals.previous].field_start) if totals.previous else ""
    return Part(ref, tuple(_measure(name, group) for name, group in totals.measures.items()), previous)


def _profile(results: Sequence[IndicatorResult]) -> Profile:
    """The problems that are shown, the largest first, with how sure the first is."""
    shown = [one for one in results if one.topic == PROFILE_TOPIC and one.total.now.shown]
    ordered = sorted(shown, key=lambda one: -(one.total.now.value or 0))
    if not results:
        return Profile((), "")
    said = f"{ordered[0].level_sentence} {order_sentence(ordered)}" if ordered else NO_ORDER
    return Profile(tuple(one.id for one in ordered), said)


def _development(report: MunicipalityReport | None) -> Development:
    if report is None:
        return Development("", "", (), (), (), (), (), ())
    verdicts = {one.id: one.total.change for one in report.indicators}
    certain = by_size(report.indicators)

    def ids(*wanted: str) -> tuple[str, ...]:
        return tuple(name for name, change in verdicts.items() if change.verdict in wanted)

    return Development(
        counts=report.summary.counts,
        detectable=report.summary.detectable,
        better=tuple(one.id for one in certain if one.total.change.tone == "better"),
        worse=tuple(one.id for one in certain if one.total.change.tone == "worse"),
        unchanged=ids("unchanged"),
        unknown=ids("too_uncertain"),
        not_compared=ids("not_comparable", ""),
        sentences=tuple(one.change_sentence for one in certain),
    )


def _beside(standing: StandingOut) -> Beside:
    return Beside(
        against=standing.against,
        counts=standing.counts,
        note=standing.note,
        higher=tuple(one.indicator for one in standing.higher),
        lower=tuple(one.indicator for one in standing.lower),
        others=tuple(
            OtherFigure(one.indicator, one.other)
            for one in (*standing.higher, *standing.lower)
            if one.other and one.other.shown
        ),
    )


_LIBRARY = {one.id: one for one in library.indicators()}
