"""What can be decided about a sampling plan, what is wrong with one that cannot, and what is decided."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from analysis.plans import RULES, Rule
from survey.errors import UserError
from survey.models.sampling_plan import SamplingPlan
from survey.models.wave import Wave
from survey.preparation.population import age_groups_between, bounds
from survey.preparation.wave_settings import LARGEST_SAMPLE

LARGEST_FACTOR = 10.0
RULE_WORDS: Mapping[Rule, str] = {
    "per_area": "Lika många i varje delområde",
    "answers": "Lika många väntade svar i varje delområde",
    "proportional": "Efter folkmängd",
    "neyman": "Efter folkmängd och spridning (Neyman)",
}


@dataclass(frozen=True)
class PlanSettings:
    """How the sample of a wave is shared out."""

    rule: Rule = "per_area"
    sample_per_area: int = 300  # the mean, by population
    answers: int = 160  # wanted in each area, by expected answers
    floor: int = 100  # the fewest in an area, by population
    expected_rate: float = 0.45  # where no earlier wave tells
    young_factor: float = 1.0
    young_until: int = 29
    area_factors: Mapping[str, float] = field(default_factory=dict)

    @property
    def equal(self) -> bool:
        """Whether equally many are drawn in every area, but for what some pay for besides."""
        return self.rule == "per_area" and not self.area_factors

    @property
    def mean(self) -> int | None:
        """How many an area has on average, where the plan says so before there is a frame."""
        by_size = self.rule in ("proportional", "neyman")
        return self.sample_per_area if by_size and not self.area_factors else None


def plan_of(session: Session, wave: Wave) -> PlanSettings:
    """The plan as it is decided so far; equally many in every area until something else is."""
    kept = session.get(SamplingPlan, wave.code)
    if kept is None:
        return PlanSettings(sample_per_area=wave.sample_per_area)
    return PlanSettings(
        rule=_rule(kept),
        sample_per_area=wave.sample_per_area,
        answers=kept.answers,
        floor=kept.floor,
        expected_rate=kept.expected_rate,
        young_factor=kept.young_factor,
        young_until=kept.young_until,
        area_factors=json.loads(kept.area_factors),
    )


def faults_of(plan: PlanSettings, wave: Wave) -> dict[str, str]:
    """What is wrong with a plan, by the name of the setting."""
    return dict(_faults(plan, wave))


def require_possible(plan: PlanSettings, wave: Wave) -> None:
    """Stop a plan that no frame could carry out."""
    if found := faults_of(plan, wave):
        raise UserError("\n".join(found.values()))


def young_groups(plan: PlanSettings, wave: Wave) -> tuple[str, ...]:
    """The age groups of the wave that are drawn more densely."""
    if plan.young_factor == 1.0:
        return ()
    groups = age_groups_between(wave.age_min, wave.age_max)
    return tuple(group for group in groups if bounds(group)[1] <= plan.young_until)


def _faults(plan: PlanSettings, wave: Wave) -> Iterator[tuple[str, str]]:
    if plan.rule not in RULES:
        yield "rule", f"Välj en fördelning: {', '.join(RULES)}."
    if not 1 <= plan.sample_per_area <= LARGEST_SAMPLE:
        yield "sample_per_area", f"Urvalet per delområde måste vara minst 1 och högst {LARGEST_SAMPLE}."
    if not 1 <= plan.answers <= LARGEST_SAMPLE:
        yield "answers", f"Önskat antal svar måste vara minst 1 och högst {LARGEST_SAMPLE}."
    by_size = plan.rule in ("proportional", "neyman")
    if plan.floor < 1 or (by_size and plan.floor > plan.sample_per_area):
        yield "floor", "Minsta antal måste vara minst 1 och högst det genomsnittliga antalet."
    if not 0.01 <= plan.expected_rate <= 1.0:
        yield "expected_rate", "Väntad svarsfrekvens måste vara från 1 till 100 procent."
    yield from _factor_faults(plan, wave)


def _factor_faults(plan: PlanSettings, wave: Wave) -> Iterator[tuple[str, str]]:
    if not 1.0 / LARGEST_FACTOR <= plan.young_factor <= LARGEST_FACTOR:
        yield "young_factor", f"De ungas faktor måste vara från 0,1 till {LARGEST_FACTOR:.0f}."
    oldest = [bounds(group)[1] for group in age_groups_between(wave.age_min, wave.age_max)]
    if plan.young_factor != 1.0 and plan.young_until not in oldest[:-1]:
        ages = ", ".join(map(str, oldest[:-1]))
        yield "young_until", f"Den äldsta av de unga måste vara där en åldersgrupp slutar: {ages}."
    for area, factor in plan.area_factors.items():
        if not 1.0 / LARGEST_FACTOR <= factor <= LARGEST_FACTOR:
            yield "area_factors", f"Faktorn för {area} måste vara från 0,1 till {LARGEST_FACTOR:.0f}."


def _rule(kept: SamplingPlan) -> Rule:
    return kept.rule  # type: ignore[return-value]
