"""The sampling plan of a wave: decided before the sample is drawn, and what the draw then follows."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analysis.errors import SamplingError
from analysis.expected_rates import Rates
from analysis.plans import Plan, sizes
from analysis.strata import Strata, stratify
from survey import audit
from survey.errors import UserError
from survey.models.sampling_plan import SamplingPlan
from survey.models.wave import FrameCount, Wave, WaveStatus
from survey.preparation.extra_samples import extra_per_area
from survey.preparation.plan_checks import PlanSettings, plan_of, require_possible, young_groups
from survey.preparation.waves import lock_wave, require_status

Frame = Mapping[str, Mapping[str, int]]  # persons by area and age group


@dataclass(frozen=True)
class Basis:
    """What an earlier wave lets one expect: its response rates, and figures and design effects by area."""

    wave: str
    rates: Rates
    proportions: Mapping[str, float] = field(default_factory=dict)
    deff: Mapping[str, float] = field(default_factory=dict)

    def deff_of(self, area: str) -> float:
        """The design effect within an area; the median of the others where it had none of its own."""
        return self.deff.get(area) or (median(self.deff.values()) if self.deff else 1.0)


@dataclass(frozen=True)
class Allocation:
    """Persons to draw by stratum."""

    strata: Strata
    sizes: Mapping[str, int]

    @property
    def sha256(self) -> str:
        """Fingerprint of the strata, their persons and the numbers to draw."""
        rows = [(code, persons, self.sizes[code]) for code, persons in self.strata.population.items()]
        return sha256(json.dumps(rows).encode()).hexdigest()


def basis_of(session: Session, wave_code: str) -> Basis | None:
    """What the decided plan expects, as it stood when it was decided."""
    kept = session.get(SamplingPlan, wave_code)
    if kept is None or kept.basis is None:
        return None
    found = json.loads(kept.basis)
    return Basis(found["wave"], Rates(**found["rates"]), found["proportions"], found["deff"])


def set_plan(session: Session, wave_code: str, plan: PlanSettings, basis: Basis | None, by: str) -> None:
    """Decide the plan, in place of what was decided before; until the sample is drawn."""
    wave = lock_wave(session, wave_code)
    require_status(wave, WaveStatus.PLANNED, WaveStatus.FRAMED)
    require_possible(plan, wave)
    if wave.status == WaveStatus.FRAMED:
        allocate_plan(plan, wave, frame_of(session, wave_code), basis, extra_per_area(session, wave_code))
    before = plan_of(session, wave)
    wave.sample_per_area = plan.sample_per_area
    values: dict[str, Any] = {**asdict(plan), "area_factors": json.dumps(plan.area_factors, sort_keys=True)}
    del values["sample_per_area"]
    kept = None if basis is None else json.dumps(asdict(basis), sort_keys=True)
    session.merge(SamplingPlan(wave_code=wave_code, basis=kept, **values))
    session.flush()
    audit.record(
        session,
        by,
        "sampling plan",
        wave_code,
        before=asdict(before),
        after=asdict(plan),
        based_on=basis.wave if basis else None,
    )


def frame_of(session: Session, wave_code: str) -> dict[str, dict[str, int]]:
    """Persons in the frame by area and age group, areas in order of code."""
    counted = select(FrameCount.area_code, FrameCount.age_group, func.sum(FrameCount.population))
    rows = session.execute(
        counted.where(FrameCount.wave_code == wave_code)
        .group_by(FrameCount.area_code, FrameCount.age_group)
        .order_by(FrameCount.area_code, FrameCount.age_group)
    )
    found: dict[str, dict[str, int]] = {}
    for area, age_group, persons in rows:
        found.setdefault(area, {})[age_group] = int(persons)
    return found


def allocate_plan(
    plan: PlanSettings,
    wave: Wave,
    frame: Frame,
    basis: Basis | None,
    extra: Mapping[str, int],
) -> Allocation:
    """What a plan draws from each stratum of a frame; `extra` adds persons to some areas."""
    if unknown := sorted(plan.area_factors.keys() - frame.keys()):
        raise UserError(f"Urvalsplanen nämner delområde {', '.join(unknown)}, som inte hör till omgången.")
    if plan.rule == "neyman" and (basis is None or not basis.proportions):
        raise UserError(
            "Neymans fördelning behöver ett resultat från en tidigare omgång, och det finns inget. "
            "Välj en annan fördelning."
        )
    rates = basis.rates if basis else Rates(plan.expected_rate)
    drawn_as = _drawn_as(plan, wave)
    try:
        found = sizes(drawn_as, frame, rates, basis.proportions if basis else None, extra)
    except SamplingError as error:
        raise UserError(f"Urvalsplanen går inte att genomföra: {error}") from error
    return Allocation(drawn_as.strata(frame), found)


def decided_allocation(session: Session, wave: Wave) -> Allocation:
    """What the decided plan draws from each stratum, with what the municipalities pay for besides."""
    frame = frame_of(session, wave.code)
    extra = extra_per_area(session, wave.code)
    return allocate_plan(plan_of(session, wave), wave, frame, basis_of(session, wave.code), extra)


def divided_strata(session: Session, wave: Wave) -> Strata | None:
    """The strata of a wave where the young are drawn more densely; None where the strata are the areas."""
    plan = plan_of(session, wave)
    if plan.young_factor == 1.0:
        return None
    return stratify(frame_of(session, wave.code), young_groups(plan, wave))


def _drawn_as(plan: PlanSettings, wave: Wave) -> Plan:
    return Plan(
        rule=plan.rule,
        size=plan.sample_per_area,
        answers=plan.answers,
        floor=plan.floor,
        young=young_groups(plan, wave),
        young_factor=plan.young_factor,
        area_factors=plan.area_factors,
    )
