"""The waves before a planned one: which they are, and how many persons may be drawn again."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.plan_precision import expected_overlap
from survey.models.imported_wave import ImportedWave
from survey.models.wave import Wave, WaveStatus
from survey.preparation.drawn import drawn_by_cell
from survey.preparation.plans import Allocation

DRAWN = (WaveStatus.SAMPLED, WaveStatus.OPEN, WaveStatus.CLOSED)


@dataclass(frozen=True)
class Overlap:
    """Persons expected to be drawn both now and in an earlier wave, at most.

    None when both waves draw with the same seed: the draws then depend on each other.
    """

    wave: str
    persons: float | None
    share: float | None  # of those drawn now


def earlier_waves(session: Session, wave: Wave) -> list[Wave]:
    """Waves drawn before this one and not void, simulated or real as it is; the latest first."""
    drawn = Wave.status.in_([status.value for status in DRAWN])
    before = select(Wave).where(
        drawn, Wave.void_reason.is_(None), Wave.synthetic == wave.synthetic, Wave.code < wave.code
    )
    return list(session.scalars(before.order_by(Wave.code.desc())))


def expected_overlaps(session: Session, wave: Wave, plan: Allocation) -> tuple[Overlap, ...]:
    """With each earlier wave that drew in some of the same areas, the latest first."""
    imported = set(session.scalars(select(ImportedWave.wave_code)))
    found = []
    for earlier in earlier_waves(session, wave):
        before = Counter[str]()
        for (area, _, age_group), number in drawn_by_cell(session, earlier.code).items():
            if stratum := plan.strata.of_cell.get((area, age_group)):
                before[stratum] += number
        if not before:
            continue
        same_seed = earlier.seed == wave.seed and earlier.code not in imported
        persons = None if same_seed else _expected(plan, before)
        share = None if persons is None else persons / sum(plan.sizes.values())
        found.append(Overlap(earlier.code, persons, share))
    return tuple(found)


def _expected(plan: Allocation, before: Counter[str]) -> float:
    return expected_overlap(
        (persons, plan.sizes[code], before[code]) for code, persons in plan.strata.population.items()
    )
