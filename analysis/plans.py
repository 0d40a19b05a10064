"""A sampling plan: from a rule and its settings to the number drawn from each stratum. METHODS.md M-30."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from analysis.allocation import for_answers, oversample, power
from analysis.errors import SamplingError
from analysis.expected_rates import Rates
from analysis.sampling import allocate
from analysis.strata import YOUNG, Strata, stratify

Rule = Literal["per_area", "answers", "proportional", "neyman"]
RULES: tuple[Rule, ...] = get_args(Rule)
Frame = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Plan:
    """How many to draw, and where more densely.

    Attributes:
        rule: `per_area` (equally many), `answers` (equally many of them expected), `proportional`, `neyman`.
        size: persons drawn per area, from 1; their mean when the rule is `proportional` or `neyman`.
        answers: answers wanted per area, from 1; of the rule `answers` alone.
        floor: fewest drawn in an area, from 1 to `size`; of the rules `proportional` and `neyman` alone.
        young: age groups drawn more densely, `young_factor` times (above 0); an area keeps its number.
        area_factors: how many times as many are drawn in an area as the rule gives it, above 0; 1 where it is
            not named.
    """

    rule: Rule = "per_area"
    size: int = 300
    answers: int = 160
    floor: int = 1
    young: tuple[str, ...] = ()
    young_factor: float = 1.0
    area_factors: Mapping[str, float] = field(default_factory=dict)

    def strata(self, frame: Frame) -> Strata:
        """The strata this plan draws from, of persons by area and age group."""
        return stratify(frame, self.young if self.young_factor != 1.0 else ())


def sizes(
    plan: Plan,
    frame: Frame,
    rates: Rates,
    proportions: Mapping[str, float] | None = None,
    extra: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Persons to draw from each stratum: the rule, then the areas' factors, then what is added to some.

    Args:
        plan: the rule and its settings.
        frame: persons in the frame (N) by area and age group.
        rates: expected response rates; of the rule `answers` alone.
        proportions: expected main figure by area, in (0, 1); of the rule `neyman` alone, where an area that
            is not named has their mean.
        extra: further persons by area, such as a municipality pays for; areas not named have none.

    Returns:
        n by stratum code of `plan.strata(frame)`, each from 1 to N.

    Raises:
        SamplingError: an area without persons, a factor, floor or number outside its range, a factor or extra
            number for an area that is not in the frame, or `neyman` without proportions.
    """
    strata = plan.strata(frame)
    populations = strata.by_area(strata.population)
    _require_known(populations, plan.area_factors, extra or {})
    given = _by_rule(plan, frame, populations, rates, proportions)
    for area, factor in plan.area_factors.items():
        if not factor > 0.0:
            raise SamplingError(f"the factor of area {area} is {factor}; it must be above 0")
        given[area] = max(int(np.floor(round(given[area] * factor, 9) + 0.5)), 1)
    for area, number in (extra or {}).items():
        if number < 0:
            raise SamplingError(f"{number} further persons were asked for in area {area}; 0 is the least")
        given[area] += number
    given = {area: min(number, populations[area]) for area, number in given.items()}
    return _within_areas(plan, strata, given)


def _by_rule(
    plan: Plan,
    frame: Frame,
    populations: Mapping[str, int],
    rates: Rates,
    proportions: Mapping[str, float] | None,
) -> dict[str, int]:
    if plan.rule == "per_area":
        return allocate(populations, plan.size)
    if plan.rule == "answers":
        mixed = {area: _rate(plan, groups, area, rates) for area, groups in frame.items()}
        return for_answers(populations, mixed, plan.answers)
    if not 1 <= plan.floor <= plan.size:
        raise SamplingError(f"the floor is {plan.floor}; it must be from 1 to the mean size, {plan.size}")
    total = min(plan.size * len(populations), sum(populations.values()))
    spread = _spread(populations, proportions) if plan.rule == "neyman" else None
    return power(populations, total, 1.0, spread, minimum=plan.floor)


def _rate(plan: Plan, groups: Mapping[str, int], area: str, rates: Rates) -> float:
    """Expected response rate of an area's sample, in which the young may be more than their share."""
    dense = {
        group: persons * (plan.young_factor if group in plan.young else 1.0)
        for group, persons in groups.items()
    }
    return sum(share * rates.of(area, group) for group, share in dense.items()) / sum(dense.values())


def _spread(populations: Mapping[str, int], proportions: Mapping[str, float] | None) -> dict[str, float]:
    """Standard deviation of a yes or no by area."""
    if not proportions:
        raise SamplingError("neyman needs the proportions of an earlier wave; there are none")
    mean = float(np.mean(list(proportions.values())))
    share = {area: proportions.get(area, mean) for area in populations}
    return {area: float(np.sqrt(p * (1.0 - p))) for area, p in share.items()}


def _within_areas(plan: Plan, strata: Strata, drawn: Mapping[str, int]) -> dict[str, int]:
    """The sample of each area over its age classes, each of which gets at least one person."""
    classes: dict[str, dict[str, int]] = {area: {} for area in drawn}
    for code, persons in strata.population.items():
        classes[strata.area[code]][code] = persons
    found: dict[str, int] = {}
    for area, number in drawn.items():
        mine = classes[area]
        if len(mine) == 1:
            found |= dict.fromkeys(mine, number)
        else:
            found |= oversample(mine, {area: max(number, len(mine))}, {YOUNG: plan.young_factor})
    return found


def _require_known(
    populations: Mapping[str, int], factors: Mapping[str, float], extra: Mapping[str, int]
) -> None:
    unknown = sorted({*factors, *extra} - populations.keys())
    if unknown:
        raise SamplingError(f"the sampling frame has no area {', '.join(unknown)}")
