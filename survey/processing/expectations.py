"""What the latest earlier wave lets a planned one expect: rates, figures and design effects by area."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.expected_rates import expected_rates
from analysis.plan_precision import Part
from analysis.strata import Strata
from survey.models.release import Estimate, Release
from survey.models.wave import Stratum, Wave, WaveStatus
from survey.preparation.drawn import drawn_by_cell
from survey.preparation.earlier_waves import earlier_waves
from survey.preparation.plans import Basis, divided_strata
from survey.processing.seen_answers import seen_answered
from survey.questionnaire import indicators

PLAIN_DEFF = 1.0  # of an area in a wave whose result says nothing


@dataclass(frozen=True)
class Earlier:
    """An earlier wave: what it lets one expect, and what it was itself."""

    basis: Basis
    parts: dict[str, tuple[Part, ...]]  # area -> its strata, with the answers they had


def latest(session: Session, wave: Wave) -> Earlier | None:
    """The latest closed wave before this one in which enough were drawn and answered to tell anything."""
    for earlier in earlier_waves(session, wave):
        if earlier.status == WaveStatus.CLOSED and (found := _expectations(session, earlier)):
            return found
    return None


def _expectations(session: Session, earlier: Wave) -> Earlier | None:
    drawn, answered = Counter[tuple[str, str]](), seen_answered(session, earlier.code)
    for (area, _, age_group), number in drawn_by_cell(session, earlier.code).items():
        drawn[area, age_group] += number
    rates = expected_rates(drawn, {cell: n for cell, n in answered.items() if cell in drawn})
    if rates is None:
        return None
    proportions, deff = _released(session, earlier.code)
    basis = Basis(earlier.code, rates, proportions, deff)
    divided = divided_strata(session, earlier)
    return Earlier(basis, _parts(session, earlier.code, basis, divided, drawn, answered))


def _released(session: Session, wave_code: str) -> tuple[dict[str, float], dict[str, float]]:
    """Of the latest release: the first main figure, and the median design effect of all of them, by area."""
    release = session.scalar(
        select(Release.id)
        .where(Release.wave_code == wave_code, Release.released_at.is_not(None))
        .order_by(Release.version.desc())
        .limit(1)
    )
    headlines = [one.id for one in indicators.indicators() if one.headline]
    rows = session.execute(
        select(Estimate.code, Estimate.indicator, Estimate.n, Estimate.estimate, Estimate.n_eff).where(
            Estimate.release_id == release,
            Estimate.wave == wave_code,
            Estimate.geography == "area",
            Estimate.gender == "all",
            Estimate.age_group == "all",
            Estimate.statistic == "proportion",
            Estimate.indicator.in_(headlines),
            Estimate.released,
        )
    )
    proportions: dict[str, float] = {}
    effects: dict[str, list[float]] = defaultdict(list)
    for code, indicator, n, estimate, n_eff in rows:
        if not n or not n_eff or estimate is None:
            continue
        effects[code].append(max(n / n_eff, PLAIN_DEFF))
        if indicator == headlines[0] and 0.0 < estimate < 1.0:
            proportions[code] = estimate
    return proportions, {code: median(found) for code, found in effects.items()}


def _parts(
    session: Session,
    wave_code: str,
    basis: Basis,
    divided: Strata | None,
    drawn: Counter[tuple[str, str]],
    answered: Counter[tuple[str, str]],
) -> dict[str, tuple[Part, ...]]:
    counted: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for what, cells in (("drawn", drawn), ("answered", answered)):
        for (area, age_group), number in cells.items():
            code = divided.of_cell.get((area, age_group), area) if divided else area
            counted[area][code][what] += number
    sizes = select(Stratum.area_code, Stratum.population).where(Stratum.wave_code == wave_code)
    persons = {area: number for area, number in session.execute(sizes)}
    persons |= divided.population if divided else {}
    return {
        area: tuple(
            Part(persons[code], n["drawn"], n["answered"], basis.deff_of(area))
            for code, n in strata.items()
            if persons.get(code)
        )
        for area, strata in counted.items()
    }
