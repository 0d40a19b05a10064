"""Representativity of response: R-indicator and partial R-indicators with intervals. METHODS.md M-27.

Propensities come from a logistic regression of response on the main effects of the register variables. Every
indicator is a variance of propensities, that is, a quadratic form in them; its bias (what chance alone gives)
and its variance therefore have one formula, used for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from analysis.arrays import Floats
from analysis.drawing import Drawn, Factor
from analysis.response_model import ResponseModel, fit


@dataclass(frozen=True)
class Indicator:
    """One figure: `measure` of a variable or one of its categories, with a 95 % interval."""

    measure: str
    variable: str
    category: str
    value: float
    lower: float
    upper: float


def indicators(drawn: Drawn, factors: Sequence[Factor], confidence: float) -> list[Indicator] | None:
    """R-indicator, mean propensity and partial R-indicators of one municipality, or of several together.

    Args:
        drawn: the sample.
        factors: register variables; those with a single category among the drawn are left out.
        confidence: of the intervals, such as 0.95.

    Returns:
        `r_indicator` (1 = all answer equally often); `propensity_mean` in [0, 1]; `propensity_cv`, the
        largest standardised bias of a mean when nothing is adjusted; for each variable and category
        `partial_unconditional` (signed for categories: negative = under-represented) and
        `partial_conditional`, both on the scale of a standard deviation of propensities, 0 to 0.5. None when
        nobody or everybody answered: no propensities can then be told apart.

    Source: Schouten, Cobben & Bethlehem (2009), Survey Methodology 35; Schouten, Shlomo & Skinner (2011),
    Journal of Official Statistics 27; Shlomo, Skinner & Schouten (2012), Journal of Statistical Planning and
    Inference 142.
    """
    model = _fitted(drawn, factors)
    if model is None:
        return None
    z = float(ndtri(0.5 + confidence / 2.0))
    parts = [_mean(model), _spread(model)]
    for number in range(len(model.factors)):
        parts += _partials(model, number)
    value, lower, upper = _limits(model, parts, z)
    mean, sd = (value[0], lower[0], upper[0]), np.array([value[1], lower[1], upper[1]])
    keys = [key for part in parts for key in part.keys][2:]
    return [
        _of_spread(*sd.tolist()),
        Indicator("propensity_mean", "all", "all", *mean),
        Indicator("propensity_cv", "all", "all", *(sd / mean[0]).tolist()),
        *(Indicator(*key, *row) for key, *row in zip(keys, value[2:], lower[2:], upper[2:], strict=True)),
    ]


def r_indicator(drawn: Drawn, factors: Sequence[Factor], confidence: float) -> Indicator | None:
    """The R-indicator alone, as `indicators` gives it, for a third of the work.

    Args:
        drawn, factors, confidence: as of `indicators`.

    Returns:
        1 = all answer equally often. None when nobody or everybody answered.
    """
    model = _fitted(drawn, factors)
    if model is None:
        return None
    limits = _limits(model, [_spread(model)], float(ndtri(0.5 + confidence / 2.0)))
    return _of_spread(*(figures[0] for figures in limits))


def _fitted(drawn: Drawn, factors: Sequence[Factor]) -> ResponseModel | None:
    answered = drawn.respondents.sum()
    return None if answered in (0, drawn.sampled.sum()) else fit(drawn, factors)


def _of_spread(value: float, lower: float, upper: float) -> Indicator:
    """The R-indicator from the standard deviation of the propensities, and its limits."""
    return Indicator("r_indicator", "all", "all", *(1.0 - 2.0 * sd for sd in (value, upper, lower)))


@dataclass(frozen=True)
class _Part:
    """Estimates of one kind, one for each category of a factor.

    Attributes:
        keys: measure, variable and category of each.
        factor: whose categories.
        squared: whether they are mean squares, to be shown as roots.
        value, bias, variance: of each; the variance that of who answers among the drawn.
        inside, outside: of each cell; the variance of who is drawn is that of the weighted mean of `inside`
            over the cells of the category and `outside` over all others.
        scale: factor of estimate and standard error.
    """

    keys: list[tuple[str, str, str]]
    factor: Factor
    squared: bool
    value: Floats
    bias: Floats
    variance: Floats
    inside: Floats
    outside: Floats
    scale: Floats


def _mean(model: ResponseModel) -> _Part:
    """The mean propensity."""
    value = model.share @ model.stacked
    one, none, own = np.ones(1), np.zeros(1), model.from_mean[:, 0]
    keys = [("propensity_mean", "all", "all")]
    variance = one * (value[1:] ** 2).sum()
    return _Part(keys, model.everybody, False, value[:1], none, variance, own, np.zeros_like(own), one)


def _spread(model: ResponseModel) -> _Part:
    """The mean square of the propensities about their mean."""
    (part,) = _squares(("r_indicator", "all"), model.share, model.from_mean, model.everybody)
    return part


def _partials(model: ResponseModel, number: int) -> list[_Part]:
    """Unconditional and conditional partial indicators of one variable and of its categories."""
    factor = model.factors[number]
    between = model.means(factor.cells) - model.share @ model.stacked
    within, conditional = model.among_alike(number), ("partial_conditional", factor.name)
    return [
        _between(model, factor, between),
        _contrasts(model, factor, between),
        *_squares(conditional, model.share, within, model.everybody, factor),
    ]


def _squares(
    names: tuple[str, str], share: Floats, deviation: Floats, everybody: Factor, factor: Factor | None = None
) -> list[_Part]:
    """Mean squares of deviations over everybody, and over the cells of each category of a factor.

    Args:
        names: measure and variable.
        share: of each cell.
        deviation: cells x (1 + parameters), of propensities and root from some mean.
        everybody, factor: whose categories.
    """
    weighted = np.sqrt(share)[:, None] * deviation
    square, none = deviation[:, 0] ** 2, np.zeros(len(deviation))
    total, figures = np.zeros((weighted.shape[1],) * 2), []
    for rows in (factor or everybody).cells.parts(weighted):
        gram = rows.T @ rows
        total += gram
        figures.append(_square(gram))
    parts = []
    for of, found in [(everybody, [_square(total)]), *([(factor, figures)] if factor else [])]:
        keys = [(*names, category) for category in of.categories]
        value, bias, variance = np.array(found).T
        parts.append(_Part(keys, of, True, value, bias, variance, square, none, np.ones(len(keys))))
    return parts


def _square(gram: Floats) -> tuple[float, float, float]:
    """Value, bias and variance of a mean square of estimated propensities.

    It is a quadratic form in them: its bias is the trace of its matrix times their covariance, its variance
    that of a quadratic form in a normal vector.

    Args:
        gram: weighted products of propensities and root with each other, propensities first.
    """
    slope, inner = gram[0, 1:], gram[1:, 1:]
    return gram[0, 0], inner.trace(), 4.0 * (slope @ slope) + 2.0 * (inner * inner).sum()


def _between(model: ResponseModel, factor: Factor, difference: Floats) -> _Part:
    """Mean square of the categories' differences from the mean of all (as `_contrasts` takes them)."""
    names, part = ("partial_unconditional", factor.name), factor.cells.sums(model.share)
    alone = Factor("all", ("all",), np.zeros(len(part), dtype=np.int64))
    (found,) = _squares(names, part, difference, alone)
    inside = found.inside[factor.of_cell]
    return replace(found, factor=model.everybody, inside=inside, outside=np.zeros_like(inside))


def _contrasts(model: ResponseModel, factor: Factor, difference: Floats) -> _Part:
    """Root of each category's share x (its mean propensity - the mean of all).

    Args:
        model: the propensities.
        factor: the variable.
        difference: mean of each category less the mean of all; categories x (1 + parameters).
    """
    part, own = factor.cells.sums(model.share), model.from_mean[:, 0]
    inside = (own - difference[factor.of_cell, 0]) / part[factor.of_cell] - own
    keys = [("partial_unconditional", factor.name, name) for name in factor.categories]
    variance, none = (difference[:, 1:] ** 2).sum(axis=1), np.zeros(len(part))
    return _Part(keys, factor, False, difference[:, 0], none, variance, inside, -own, np.sqrt(part))


def _limits(
    model: ResponseModel, parts: Sequence[_Part], z: float
) -> tuple[list[float], list[float], list[float]]:
    """Adjusted estimates with lower and upper limits; z is the normal quantile.

    The limits of a root are those of its square, which is nearer to normal, also near 0.
    """
    squared = np.repeat([part.squared for part in parts], [len(part.keys) for part in parts])
    value, bias, variance, scale = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("value", "bias", "variance", "scale")
    )
    adjusted, half = value - bias, z * np.sqrt(variance + _drawing_variance(model, parts))
    limits = np.stack([adjusted, adjusted - half, adjusted + half])
    limits = scale * np.where(squared, np.sqrt(np.maximum(limits, 0.0)), limits)
    return limits[0].tolist(), limits[1].tolist(), limits[2].tolist()


def _drawing_variance(model: ResponseModel, parts: Sequence[_Part]) -> Floats:
    """Variance of who is drawn, of every estimate: factor by factor, all its parts side by side."""
    found: dict[int, Floats] = {}
    for factor in (model.everybody, *model.factors):
        mine = [number for number, part in enumerate(parts) if part.factor is factor]
        if not mine:
            continue
        inside, outside = (
            np.stack([getattr(parts[number], name) for number in mine], axis=1)
            for name in ("inside", "outside")
        )
        found |= zip(mine, model.drawing.variances(factor, inside, outside).T, strict=True)
    return np.concatenate([found[number] for number in range(len(parts))])
