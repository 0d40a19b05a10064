"""What a sample can show: answers, margin of error, detectable change; and the way back. METHODS.md M-31."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from analysis.errors import SamplingError
from analysis.variance import wilson

CONFIDENCE, POWER = 0.95, 0.80


@dataclass(frozen=True)
class Precision:
    """What a sample is expected to show of one proportion, in [0, 1].

    Attributes:
        sampled, answers: persons drawn, and persons expected to answer.
        n_eff: answers after the design effect, and more when much of a finite population answers.
        lower, upper: Wilson's limits.
        margin: half the width between them.
        margin_normal: normal quantile x standard error, the textbook's margin.
        significant_change: smallest difference between two independent waves that is significant at 5 %,
            two-sided.
        detectable_change: true change that such a test finds four times out of five.
    """

    sampled: int
    answers: float
    n_eff: float
    lower: float
    upper: float
    margin: float
    margin_normal: float
    significant_change: float
    detectable_change: float


def expected_precision(
    sampled: int,
    response_rate: float,
    proportion: float,
    deff: float = 1.0,
    population: int | None = None,
) -> Precision:
    """Precision of a proportion in one wave, and of its change between two equally large independent waves.

    Args:
        sampled: persons drawn, at least 1.
        response_rate: share of them expected to answer the item, above 0 and at most 1.
        proportion: expected, above 0 and below 1.
        deff: design effect of weights and design, above 0 (`weights.kish_deff` of N/n, or an earlier one).
        population: persons in the population, at least 1, for the finite population correction of those who
            answered; None when the sample is a small part of it.

    Raises:
        SamplingError: a figure outside its range, naming it.

    Source: Wilson (1927); Kish (1965). METHODS.md M-31.
    """
    if population is not None:
        _require("population", population, 1, np.inf)
    _require("number of persons drawn", sampled, 1, np.inf if population is None else population)
    _require("response rate", response_rate, 1e-9, 1.0)
    _require("proportion", proportion, 1e-9, 1.0 - 1e-9)
    _require("design effect", deff, 1e-9, np.inf)
    answers = sampled * response_rate
    return precision_of(sampled, answers, _effective(answers, deff, population), proportion)


def sample_for_margin(
    margin: float,
    response_rate: float,
    proportion: float,
    deff: float = 1.0,
    population: int | None = None,
) -> Precision:
    """The smallest sample whose margin (half of Wilson's interval) is no larger than the one wanted.

    Args:
        margin: wanted, above 0 and below 0.5.
        response_rate, proportion, deff, population: as in `expected_precision`.

    Raises:
        SamplingError: a figure outside its range, or a margin that even everybody drawn does not give.
    """
    _require("margin", margin, 1e-6, 0.5)

    def enough(sampled: int) -> bool:
        return expected_precision(sampled, response_rate, proportion, deff, population).margin <= margin

    low, high = 0, 1
    while not enough(min(high, population or high)):
        if population and high >= population:
            raise SamplingError(
                f"a margin of {margin:g} cannot be reached: everybody drawn, {population} persons, gives "
                f"{expected_precision(population, response_rate, proportion, deff, population).margin:.4f}"
            )
        low, high = high, high * 2
    high = min(high, population or high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return expected_precision(high, response_rate, proportion, deff, population)


def precision_of(
    sampled: int, answers: float, n_eff: float, p: float, compared: tuple[float, float] | None = None
) -> Precision:
    """Precision of a proportion whose effective number of answers is known.

    Args:
        sampled, answers: persons, as they are told.
        n_eff: effective number of answers, above 0.
        p: the proportion, above 0 and below 1.
        compared: effective numbers of answers, now and in an earlier wave, of what a change is about; None
            when both are as many as here.
    """
    z = _quantile()
    lower, upper = (float(limit) for limit in wilson(p, n_eff, z))
    se = float(np.sqrt(p * (1.0 - p) / n_eff))
    now, before = compared or (n_eff, n_eff)
    of_change = np.sqrt(p * (1.0 - p) * (1.0 / now + 1.0 / before))
    return Precision(
        sampled=sampled,
        answers=answers,
        n_eff=n_eff,
        lower=lower,
        upper=upper,
        margin=(upper - lower) / 2.0,
        margin_normal=z * se,
        significant_change=float(z * of_change),
        detectable_change=float((z + ndtri(POWER)) * of_change),
    )


def _effective(answers: float, deff: float, population: int | None) -> float:
    """Answers over the design effect; a census has no sampling error, and at most the population counts."""
    left = 1.0 if population is None else max(1.0 - answers / population, 1e-12)
    return answers / (deff * left)


def _quantile() -> float:
    return float(ndtri(0.5 + CONFIDENCE / 2.0))


def _require(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        allowed = f"from {low:g} to {high:g}" if np.isfinite(high) else f"{low:g} or more"
        raise SamplingError(f"the {name} is {value:g}; it must be {allowed}")
