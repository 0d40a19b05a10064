"""Response rates to expect, from who was drawn and who answered in an earlier wave. METHODS.md M-30."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.errors import SamplingError

HIGHEST = 0.95  # nobody plans for more
FEWEST_DRAWN = 50  # a rate of fewer persons is chance
Cell = tuple[str, str]  # area, age group


@dataclass(frozen=True)
class Rates:
    """What share of the drawn is expected to answer, in [0, 1].

    Attributes:
        overall: of everybody.
        by_age: of an age group, over all areas; `overall` where it is not named.
        of_area: how many times as many answered in an area as its ages let one expect; 1 where not named.
    """

    overall: float
    by_age: Mapping[str, float] = field(default_factory=dict)
    of_area: Mapping[str, float] = field(default_factory=dict)

    def of(self, area: str, age_group: str) -> float:
        """The rate of one age group in one area, at most `HIGHEST`."""
        return min(self.by_age.get(age_group, self.overall) * self.of_area.get(area, 1.0), HIGHEST)


def expected_rates(drawn: Mapping[Cell, int], answered: Mapping[Cell, int]) -> Rates | None:
    """Rates by age group over all areas, times what each area had beyond its ages (indirect standardisation).

    The cells of a single area are too few to stand alone; the product keeps each area's number of answers
    and each age group's pattern.

    Args:
        drawn, answered: persons by (area, age group).

    Returns:
        The rates; an age group or an area with fewer than `FEWEST_DRAWN` drawn, or without answers, has none
        of its own. None when fewer than that were drawn in all, or nobody answered.

    Raises:
        SamplingError: more answers than drawn in a cell, naming it.
    """
    for cell, number in answered.items():
        if number > drawn.get(cell, 0):
            raise SamplingError(f"{number} answered of {drawn.get(cell, 0)} drawn in {' '.join(cell)}")
    all_drawn, all_answered = sum(drawn.values()), sum(answered.values())
    if all_drawn < FEWEST_DRAWN or not all_answered:
        return None
    overall = all_answered / all_drawn
    n, r = _added(drawn, 1), _added(answered, 1)
    by_age = {group: r[group] / n[group] for group in n if n[group] >= FEWEST_DRAWN and r[group]}
    wanted: dict[str, float] = {}
    for (area, group), number in drawn.items():
        wanted[area] = wanted.get(area, 0.0) + number * by_age.get(group, overall)
    n, r = _added(drawn, 0), _added(answered, 0)
    of_area = {area: r[area] / wanted[area] for area in n if n[area] >= FEWEST_DRAWN and r[area]}
    return Rates(overall, by_age, of_area)


def _added(cells: Mapping[Cell, int], by: int) -> Counter[str]:
    found = Counter[str]()
    for cell, number in cells.items():
        found[cell[by]] += number
    return found
