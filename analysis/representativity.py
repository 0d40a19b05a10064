"""Representativity of response: R-indicator and partial R-indicators with intervals. METHODS.md M-27.

Propensities come from a logistic regression of response on the main effects of the register variables. Every
indicator is a variance of propensities, that is, a quadratic form in them; its bias (what chance alone gives)
and its variance therefore have one formula, used for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from analysis.design import Floats
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
    answered = drawn.respondents.sum()
    if answered in (0, drawn.sampled.sum()):
        return None
    model = fit(drawn, factors)
    z = float(ndtri(0.5 + confidence / 2.0))
    parts = [_mean(model), _squares(model, ("r_indicator", "all"), model.from_mean, model.everybody)]
    for number in range(len(model.factors)):
        parts += _partials(model, number)
    value, lower, upper = _limits(model, parts, z)
    mean, sd = (value[0], lower[0], upper[0]), np.array([value[1], lower[1], upper[1]])
    keys = [key for part in parts for key in part.keys][2:]
    return [
        Indicator("r_indicator", "all", "all", *(1.0 - 2.0 * sd[[0, 2, 1]]).tolist()),
        Indicator("propensity_mean", "all", "all", *mean),
        Indicator("propensity_cv", "all", "all", *(sd / mean[0]).tolist()),
        *(Indicator(*key, *row) for key, *row in zip(keys, value[2:], lower[2:], upper[2:], strict=True)),
    ]


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


def _partials(model: ResponseModel, number: int) -> list[_Part]:
    """Unconditional and conditional partial indicators of one variable and of its categories."""
    factor = model.factors[number]
    between = model.means(factor.cells) - model.share @ model.stacked
    within, conditional = model.among_alike(number), ("partial_conditional", factor.name)
    return [
        _squares(model, ("partial_unconditional", factor.name), between[factor.of_cell], model.everybody),
        _contrasts(model, factor, between),
        _squares(model, conditional, within, model.everybody),
        _squares(model, conditional, within, factor),
    ]


def _squares(model: ResponseModel, names: tuple[str, str], deviation: Floats, factor: Factor) -> _Part:
    """Mean squares of deviations, each over the cells of one category.

    A mean square is a quadratic form in estimated propensities: its bias is the trace of its matrix times
    their covariance, its variance that of a quadratic form in a normal vector.

    Args:
        model: the propensities.
        names: measure and variable.
        deviation: cells x (1 + parameters), of propensities and root from some mean.
        factor: whose categories.
    """
    square, root = deviation[:, 0] ** 2, deviation[:, 1:]
    value, bias = (
        factor.cells.sums(model.share * each) for each in (square, np.einsum("cp,cp->c", root, root))
    )
    slope = 2.0 * factor.cells.sums((model.share * deviation[:, 0])[:, None] * root)
    variance = (slope**2).sum(axis=1) + 2.0 * _gram_squares(np.sqrt(model.share)[:, None] * root, factor)
    keys = [(*names, category) for category in factor.categories]
    return _Part(keys, factor, True, value, bias, variance, square, np.zeros_like(square), np.ones(len(keys)))


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


def _gram_squares(root: Floats, factor: Factor) -> Floats:
    """Squared norm of root' root over the cells of each category."""
    norms = []
    for rows in factor.cells.parts(root):
        # The norm of root root' is the same: the smaller product is made.
        gram = rows @ rows.T if len(rows) < rows.shape[1] else rows.T @ rows
        norms.append(np.vdot(gram, gram))
    return np.array(norms)


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
        inside, outside = (
            np.stack([getattr(parts[number], name) for number in mine], axis=1)
            for name in ("inside", "outside")
        )
        found |= zip(mine, model.drawing.variances(factor, inside, outside).T, strict=True)
    return np.concatenate([found[number] for number in range(len(parts))])
