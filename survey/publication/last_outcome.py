"""How a municipality's last released wave turned out: what an extra sample in the next one may count on."""

from collections import defaultdict
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models.release import Diagnostic, Estimate, QualityFigure
from survey.models.wave import Stratum
from survey.preparation.extra_samples import ASSUMED, Expected
from survey.preparation.waves import find_wave
from survey.publication.embargo import Reader
from survey.publication.releases import released_waves
from survey.publication.results import rows_of


def expected_of(session: Session, wave_code: str, municipality_code: str, reader: Reader) -> Expected:
    """Response rates and design effects of the last wave that the reader may see; else what is assumed.

    A wave with simulated answers tells nothing about a real one.
    """
    planned = find_wave(session, wave_code)
    for last in released_waves(session, reader, municipality_code):
        if last.code != wave_code and last.synthetic == planned.synthetic:
            found = _outcome(session, last.release_id, last.code, municipality_code)
            if found is not None:
                return found
    return ASSUMED


def _outcome(session: Session, release_id: int, wave: str, municipality_code: str) -> Expected | None:
    counted = session.execute(
        select(Diagnostic.sampled, Diagnostic.responded).where(
            Diagnostic.release_id == release_id,
            Diagnostic.wave == wave,
            Diagnostic.municipality_code == municipality_code,
        )
    ).first()
    if counted is None or not counted.sampled or not counted.responded:
        return None
    effects = _design_effects(session, release_id, wave, municipality_code)
    return Expected(
        wave=wave,
        rate=counted.responded / counted.sampled,
        rates=_rates(session, release_id, wave, municipality_code),
        deff=effects.pop(municipality_code, ASSUMED.deff),
        deffs=effects,
    )


def _rates(session: Session, release_id: int, wave: str, municipality_code: str) -> dict[str, float]:
    rows = session.execute(
        select(QualityFigure.category, QualityFigure.value).where(
            QualityFigure.release_id == release_id,
            QualityFigure.wave == wave,
            QualityFigure.municipality_code == municipality_code,
            QualityFigure.measure == "response_rate",
            QualityFigure.variable == "area",
            QualityFigure.value > 0.0,
        )
    )
    return {area: value for area, value in rows if value is not None}


def _design_effects(session: Session, release_id: int, wave: str, municipality_code: str) -> dict[str, float]:
    """Answers over what they are worth, the median of all shares of everybody, by place."""
    areas = select(Stratum.area_code).where(
        Stratum.wave_code == wave, Stratum.municipality_code == municipality_code
    )
    rows = session.execute(
        select(Estimate.code, Estimate.n, Estimate.n_eff).where(
            Estimate.release_id == release_id,
            Estimate.wave == wave,
            rows_of(Estimate, areas, {municipality_code}),
            Estimate.gender == "all",
            Estimate.age_group == "all",
            Estimate.statistic == "proportion",
            Estimate.released,
            Estimate.n_eff > 0.0,
        )
    )
    found: dict[str, list[float]] = defaultdict(list)
    for code, n, n_eff in rows:
        if n and n_eff:
            found[code].append(max(n / n_eff, 1.0))
    return {code: median(effects) for code, effects in found.items()}
