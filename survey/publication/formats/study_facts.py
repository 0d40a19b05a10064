"""How a wave was made, for its codebook: read from the wave, its strata and what its release keeps."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.models.release import Change, Estimate, QualityFigure, Release
from survey.models.wave import Stratum
from survey.publication import numbers, wording
from survey.publication.content import MethodText
from survey.publication.method import build_method
from survey.publication.quality import MODES
from survey.publication.released import ALL
from survey.publication.releases import ReleasedWave, release_facts

UNITS = {"area": "delområde", "municipality": "kommun"}  # the smallest first


@dataclass(frozen=True)
class StudyFacts:
    """What a codebook says of the study; what nobody has stored is empty."""

    recurring: str
    sampling: str
    modes: str
    smallest_unit: str
    method: MethodText


def read_study(session: Session, wave: ReleasedWave) -> StudyFacts:
    """The facts of a wave in one of its releases."""
    release = session.get_one(Release, wave.release_id)
    return StudyFacts(
        recurring=_recurring(session, wave),
        sampling=_sampling(session, wave.code),
        modes=_modes(session, wave),
        smallest_unit=_smallest_unit(session, wave),
        method=build_method(release_facts(release)),
    )


def _recurring(session: Session, wave: ReleasedWave) -> str:
    """Compared with earlier waves of the survey, or the first of its kind."""
    query = select(Change.previous_wave).where(Change.release_id == wave.release_id, Change.wave == wave.code)
    before = sorted(set(session.scalars(query.distinct())) - {""})
    if not before:
        return "Tvärsnitt"
    return f"Återkommande tvärsnitt med ett nytt urval varje gång, jämfört med {wording.enumeration(before)}"


def _sampling(session: Session, wave_code: str) -> str:
    areas, drawn, persons = session.execute(
        select(func.count(), func.sum(Stratum.sampled), func.sum(Stratum.population)).where(
            Stratum.wave_code == wave_code, Stratum.sampled > 0
        )
    ).one()
    if not areas:
        return ""
    return (
        f"Stratifierat obundet slumpmässigt urval: {numbers.number(drawn)} av {numbers.number(persons)} "
        f"personer i {numbers.number(areas)} delområden"
    )


def _modes(session: Session, wave: ReleasedWave) -> str:
    query = select(QualityFigure.category).where(
        QualityFigure.release_id == wave.release_id,
        QualityFigure.wave == wave.code,
        QualityFigure.measure == "mode_share",
        QualityFigure.municipality_code == ALL,
        QualityFigure.value > 0,
    )
    used = set(session.scalars(query))
    return _listed([words for mode, words in MODES.items() if mode in used])


def _smallest_unit(session: Session, wave: ReleasedWave) -> str:
    """The lowest level of geography that has figures."""
    query = select(Estimate.geography).where(
        Estimate.release_id == wave.release_id, Estimate.wave == wave.code
    )
    told = set(session.scalars(query.distinct()))
    return next((words for geography, words in UNITS.items() if geography in told), "")


def _listed(words: list[str]) -> str:
    return wording.enumeration(words) if words else ""
