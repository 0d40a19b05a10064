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


@dataclass(frozen=True)
class Indicators:
    """The figures of some samples.

    Attributes:
        keys: measure, variable and category of each figure, as in `Indicator`.
        value, lower, upper: samples x figures.
    """

    keys: tuple[tuple[str, str, str], ...]
    value: Floats
    lower: Floats
    upper: Floats


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
    if not varies(drawn):
        return None
    found = indicators_of_each([drawn], factors, confidence)
    limits = zip(*(each[0].tolist() for each in (found.value, found.lower, found.upper)), strict=True)
    return [Indicator(*key, *figures) for key, figures in zip(found.keys, limits, strict=True)]


def varies(drawn: Drawn) -> bool:
    """Whether some but not all of the drawn have answered."""
    return bool(0 < drawn.respondents.sum() < drawn.sampled.sum())


def indicators_of_each(samples: Sequence[Drawn], factors: Sequence[Factor], confidence: float) -> Indicators:
    """`indicators` of each of some samples that have their cells, strata and factors alike.

    Municipalities are alike by the hundred, and each by itself is some hundred operations on a few numbers:
    they are worked out side by side.

    Args:
        samples: in each of them response `varies`.
        factors, confidence: as in `indicators`.
    """
    model = fit(_side_by_side(samples), factors)
    z = float(ndtri(0.5 + confidence / 2.0))
    parts = [_mean(model), _spread(model)]
    for number in range(len(model.factors)):
        parts += _partials(model, number)
    limits = _limits(model, parts, z)
    mean, sd, rest = limits[..., :1], limits[..., 1:2], limits[..., 2:]
    first = [_of_spread(sd), mean, sd / mean[0]]
    keys = [(name, "all", "all") for name in ("r_indicator", "propensity_mean", "propensity_cv")]
    keys += [key for part in parts for key in part.keys][2:]
    return Indicators(tuple(keys), *np.concatenate([*first, rest], axis=2))


def r_indicator(drawn: Drawn, factors: Sequence[Factor], confidence: float) -> Indicator | None:
    """The R-indicator alone, as `indicators` gives it, for a third of the work.

    Args:
        drawn, factors, confidence: as of `indicators`.

    Returns:
        1 = all answer equally often. None when nobody or everybody answered.
    """
    if not varies(drawn):
        return None
    model = fit(_side_by_side([drawn]), factors)
    spread = _limits(model, [_spread(model)], float(ndtri(0.5 + confidence / 2.0)))[:, 0, 0]
    return Indicator("r_indicator", "all", "all", *_of_spread(spread).tolist())


def _side_by_side(samples: Sequence[Drawn]) -> Drawn:
    sampled, respondents, weight = (
        np.stack([getattr(one, name) for one in samples]) for name in ("sampled", "respondents", "weight")
    )
    return Drawn(sampled, respondents, weight, samples[0].stratum)


def _of_spread(spread: Floats) -> Floats:
    """The R-indicator from the standard deviation of the propensities: value, lower and upper limit."""
    return 1.0 - 2.0 * spread[[0, 2, 1]]


@dataclass(frozen=True)
class _Part:
    """Estimates of one kind, one for each category of a factor.

    Attributes:
        keys: measure, variable and category of each.
        factor: whose categories.
        squared: whether they are mean squares, to be shown as roots.
        value, bias, variance: samples x categories; the variance that of who answers among the drawn.
        inside, outside: samples x cells x 1; the variance of who is drawn is that of the weighted mean of
            `inside` over the cells of the category and `outside` over all others.
        scale: samples x categories: factor of estimate and standard error.
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
    value, own = model.mean[:, 0], model.from_mean[..., :1]
    one, none = np.ones((len(value), 1)), np.zeros((len(value), 1))
    keys = [("propensity_mean", "all", "all")]
    variance = (value[:, 1:] ** 2).sum(axis=1, keepdims=True)
    return _Part(keys, model.everybody, False, value[:, :1], none, variance, own, np.zeros_like(own), one)


def _spread(model: ResponseModel) -> _Part:
    """The mean square of the propensities about their mean."""
    (part,) = _squares(("r_indicator", "all"), model.share, model.from_mean, model.everybody)
    return part


def _partials(model: ResponseModel, number: int) -> list[_Part]:
    """Unconditional and conditional partial indicators of one variable and of its categories."""
    factor = model.factors[number]
    between = model.means(factor.cells) - model.mean
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
        share: of each cell, samples x cells x 1.
        deviation: samples x cells x (1 + parameters), of propensities and root from some mean.
        everybody, factor: whose categories.
    """
    weighted = np.sqrt(share) * deviation
    square = deviation[..., :1] ** 2
    parts = []
    for of in (everybody, factor) if factor else (everybody,):
        keys = [(*names, category) for category in of.categories]
        figures = zip(*map(_square, of.cells.parts(weighted)), strict=True)
        value, bias, variance = (np.stack(column, axis=1) for column in figures)
        one = np.ones_like(value)
        parts.append(_Part(keys, of, True, value, bias, variance, square, np.zeros_like(square), one))
    return parts


def _square(rows: Floats) -> tuple[Floats, Floats, Floats]:
    """Value, bias and variance of mean squares of estimated propensities.

    Each is a quadratic form in them: its bias is the trace of its matrix times their covariance, its variance
    that of a quadratic form in a normal vector.

    Args:
        rows: samples x cells x (1 + parameters): weighted propensities and root, propensities first.
    """
    first, root = rows[..., :1], rows[..., 1:]
    slope = (first.swapaxes(1, 2) @ root)[:, 0]
    # The sum of squares is the same of cells with each other and of parameters with each other: of the fewer.
    turned = root.swapaxes(1, 2)
    inner = root @ turned if root.shape[1] < root.shape[2] else turned @ root
    squares = (inner * inner).reshape(len(inner), -1).sum(axis=1)
    bias = np.trace(inner, axis1=1, axis2=2)
    return np.vecdot(first[..., 0], first[..., 0]), bias, 4.0 * np.vecdot(slope, slope) + 2.0 * squares


def _between(model: ResponseModel, factor: Factor, difference: Floats) -> _Part:
    """Mean square of the categories' differences from the mean of all (as `_contrasts` takes them)."""
    names, part = ("partial_unconditional", factor.name), factor.cells.sums(model.share)
    alone = Factor("all", ("all",), np.zeros(part.shape[1], dtype=np.int64))
    (found,) = _squares(names, part, difference, alone)
    inside = found.inside.take(factor.of_cell, axis=1)
    return replace(found, factor=model.everybody, inside=inside, outside=np.zeros_like(inside))


def _contrasts(model: ResponseModel, factor: Factor, difference: Floats) -> _Part:
    """Root of each category's share x (its mean propensity - the mean of all).

    Args:
        model: the propensities.
        factor: the variable.
        difference: mean of each category less the mean of all; samples x categories x (1 + parameters).
    """
    part, own, value = factor.cells.sums(model.share), model.from_mean[..., :1], difference[..., :1]
    mine, whole = (each.take(factor.of_cell, axis=1) for each in (value, part))
    inside = (own - mine) / whole - own
    keys = [("partial_unconditional", factor.name, name) for name in factor.categories]
    variance, none = (difference[..., 1:] ** 2).sum(axis=2), np.zeros(part.shape[:2])
    scale = np.sqrt(part[..., 0])
    return _Part(keys, factor, False, value[..., 0], none, variance, inside, -own, scale)


def _limits(model: ResponseModel, parts: Sequence[_Part], z: float) -> Floats:
    """Adjusted estimates with lower and upper limits, 3 x samples x estimates; z is the normal quantile.

    The limits of a root are those of its square, which is nearer to normal, also near 0.
    """
    squared = np.repeat([part.squared for part in parts], [len(part.keys) for part in parts])
    value, bias, variance, scale = (
        np.concatenate([getattr(part, name) for part in parts], axis=1)
        for name in ("value", "bias", "variance", "scale")
    )
    adjusted, half = value - bias, z * np.sqrt(variance + _drawing_variance(model, parts))
    limits = np.stack([adjusted, adjusted - half, adjusted + half])
    found: Floats = scale * np.where(squared, np.sqrt(np.maximum(limits, 0.0)), limits)
    return found


def _drawing_variance(model: ResponseModel, parts: Sequence[_Part]) -> Floats:
    """Variance of who is drawn, of every estimate: factor by factor, all its parts side by side."""
    found: dict[int, Floats] = {}
    for factor in (model.everybody, *model.factors):
        mine = [number for number, part in enumerate(parts) if part.factor is factor]
        if not mine:
            continue
        inside, outside = (
            np.concatenate([getattr(parts[number], name) for number in mine], axis=2)
            for name in ("inside", "outside")
        )
        variances = model.drawing.variances(factor, inside, outside)
        found |= {number: variances[..., at] for at, number in enumerate(mine)}
    return np.concatenate([found[number] for number in range(len(parts))], axis=1)
