"""How many to draw from each stratum: allocation rules and oversampling. METHODS.md M-30.

Every rule gives each stratum a relative size and shares the total out in proportion to it, within a minimum,
a maximum and the stratum's own population. `sampling.allocate` is the plain rule of equally many everywhere.
"""

from collections.abc import Mapping

import numpy as np

from analysis.arrays import Floats
from analysis.errors import SamplingError

SEPARATOR = ":"  # between area and age class in the code of a stratum


def power(
    populations: Mapping[str, int],
    total: int,
    exponent: float,
    spread: Mapping[str, float] | None = None,
    minimum: int = 1,
    maximum: int | None = None,
) -> dict[str, int]:
    """Sizes in proportion to population^exponent x spread.

    Args:
        populations: persons in the frame (N) by stratum code.
        total: persons to draw in all.
        exponent: 0 = equally many, 1 = proportional; between them Bankier's compromise, between good figures
            for the whole and for each stratum.
        spread: standard deviation of the item by stratum, above 0: with exponent 1 Neyman's allocation, the
            best for the whole; the coefficient of variation makes it Bankier's. 1 everywhere when not given.
        minimum, maximum: of each stratum; a stratum with fewer persons than the minimum is taken whole.

    Returns:
        Whole numbers by stratum code, in the order of `populations`, adding up to the total.

    Raises:
        SamplingError: a stratum without persons or spread, an exponent outside 0 to 1, or a total that the
            minima exceed or the maxima do not reach.

    Source: Neyman (1934), Journal of the Royal Statistical Society 97; Bankier (1988), The American
    Statistician 42. METHODS.md M-30.
    """
    if not 0.0 <= exponent <= 1.0:
        raise SamplingError(f"the exponent of an allocation is {exponent}; it must be from 0 to 1")
    sizes = {}
    for stratum, population in populations.items():
        _check(stratum, population)
        weight = 1.0 if spread is None else spread.get(stratum, 0.0)
        if not weight > 0.0:
            raise SamplingError(f"stratum {stratum} has no spread above 0 to allocate by")
        sizes[stratum] = population**exponent * weight
    return share_out(sizes, populations, total, minimum, maximum)


def for_answers(
    populations: Mapping[str, int], rates: Mapping[str, float], answers: int, maximum: int | None = None
) -> dict[str, int]:
    """So many drawn that every stratum can expect the same number of answers.

    Args:
        populations: persons in the frame (N) by stratum code.
        rates: expected response rate by stratum code, above 0 and at most 1, from an earlier wave.
        answers: answers wanted from each stratum, at least 1.
        maximum: most to draw from any stratum; it then expects fewer answers.

    Returns:
        answers / rate, rounded up, at most the maximum and the population, by stratum code.

    Raises:
        SamplingError: a stratum without persons or rate, or fewer than 1 answer wanted.
    """
    if answers < 1:
        raise SamplingError(f"{answers} answers per stratum were asked for; it must be at least 1")
    drawn = {}
    for stratum, population in populations.items():
        _check(stratum, population)
        rate = rates.get(stratum, 0.0)
        if not 0.0 < rate <= 1.0:
            raise SamplingError(
                f"the expected response rate of stratum {stratum} is {rate}, not above 0 and at most 1"
            )
        # The rounding keeps 160 / 0.8 at 200 whatever the last binary digit says.
        wanted = int(np.ceil(round(answers / rate, 9)))
        drawn[stratum] = min(wanted, population, maximum or wanted)
    return drawn


def split(populations: Mapping[str, Mapping[str, int]], classes: Mapping[str, str]) -> dict[str, int]:
    """Strata of area x age class, from the frame's counts of area x age group.

    Args:
        populations: persons in the frame by area and age group.
        classes: age class of each age group, such as 16-19 and 20-29 both `young`.

    Returns:
        Persons by stratum code `area:class`, in the order of the areas and of the classes; empty strata are
        left out. They are the rows of strata.csv: several with the same area, which stays one calibration
        area and one area of the results.

    Raises:
        SamplingError: an age group without class.
    """
    order = list(dict.fromkeys(classes.values()))
    strata: dict[str, int] = {}
    for area, groups in populations.items():
        counts = dict.fromkeys(order, 0)
        for group, persons in groups.items():
            if group not in classes:
                raise SamplingError(f"age group {group} of area {area} belongs to no age class")
            counts[classes[group]] += persons
        strata |= {f"{area}{SEPARATOR}{name}": persons for name, persons in counts.items() if persons}
    return strata


def oversample(
    strata: Mapping[str, int], drawn: Mapping[str, int], factors: Mapping[str, float]
) -> dict[str, int]:
    """Share the sample of each area out over its age classes, some of them more densely than others.

    Args:
        strata: persons by stratum code `area:class`, from `split`.
        drawn: persons to draw by area.
        factors: how many times more densely a class is drawn than one with factor 1, above 0; a class that is
            not named has factor 1.

    Returns:
        Persons to draw by stratum code, adding up to those of the area. The design weight N / n of a class
        with factor 2 comes out as half that of one with factor 1.

    Raises:
        SamplingError: a factor of 0 or less, an area without a number to draw, or more than its persons.
    """
    found: dict[str, int] = {}
    for area in dict.fromkeys(code.rpartition(SEPARATOR)[0] for code in strata):
        mine = {code: n for code, n in strata.items() if code.rpartition(SEPARATOR)[0] == area}
        if area not in drawn:
            raise SamplingError(f"no number of persons to draw is given for area {area}")
        sizes = {}
        for code, population in mine.items():
            name = code.rpartition(SEPARATOR)[2]
            factor = factors.get(name, 1.0)
            if not factor > 0.0:
                raise SamplingError(f"the factor of age class {name} is {factor}; it must be above 0")
            sizes[code] = population * factor
        found |= share_out(sizes, mine, drawn[area])
    return found


def share_out(
    sizes: Mapping[str, float],
    populations: Mapping[str, int],
    total: int,
    minimum: int = 1,
    maximum: int | None = None,
) -> dict[str, int]:
    """Whole numbers in proportion to the sizes, within bounds, adding up to the total.

    The scale is found by bisection; what rounding down leaves goes to the largest remainders, the first
    stratum first where they are equal.

    Args:
        sizes: relative sizes by stratum code, above 0.
        populations: persons in the frame (N) by stratum code; nobody is drawn twice.
        total, minimum, maximum: as in `power`.
    """
    N = np.array([populations[stratum] for stratum in sizes], dtype=np.float64)
    size = np.array(list(sizes.values()), dtype=np.float64)
    low = np.minimum(float(max(minimum, 1)), N)
    high = np.maximum(N if maximum is None else np.minimum(float(maximum), N), low)
    if not low.sum() <= total <= high.sum():
        allowed = f"{low.sum():.0f} to {high.sum():.0f}"
        raise SamplingError(f"a sample of {total} was asked for; the strata and their bounds allow {allowed}")
    below, above = 0.0, float((high / size).max())
    while above - below > 1e-14 * above:
        scale = (below + above) / 2.0
        below, above = (scale, above) if np.clip(scale * size, low, high).sum() < total else (below, scale)
    return dict(zip(sizes, _rounded(np.clip(above * size, low, high), high, total), strict=True))


def _rounded(wanted: Floats, high: Floats, total: int) -> list[int]:
    """Whole numbers near the wanted ones, adding up to the total: largest remainders first."""
    down = np.floor(wanted + 1e-9)
    order = np.argsort(-np.round(wanted - down, 9), kind="stable")
    order = order[down[order] < high[order]]
    down[order[: round(float(total - down.sum()))]] += 1.0
    return [int(number) for number in down]


def _check(stratum: str, population: int) -> None:
    if population < 1:
        raise SamplingError(f"stratum {stratum} has no persons to sample from")
