"""Representativity of response: R-indicator and partial R-indicators with intervals. METHODS.md M-27.

Propensities come from a logistic regression of response on the main effects of the register variables. Every
indicator is a variance of propensities, that is, a quadratic form in them; its bias (what chance alone gives)
and its variance therefore have one formula, used for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from analysis.design import Floats, Ints

ITERATIONS = 25  # Newton steps; a category in which nobody answered would go on for ever
CONVERGED = 1e-10  # largest move of a propensity
MANY_CELLS = 1000  # from here on, parameters x parameters is smaller than cells x cells
RIDGE = 1e-12  # relative; keeps the equations solvable where a category's propensity is 0 or 1


@dataclass(frozen=True)
class Factor:
    """A register variable: its name, its categories, and the category of each fine cell."""

    name: str
    categories: tuple[str, ...]
    of_cell: Ints


@dataclass(frozen=True)
class Drawn:
    """The persons drawn, by fine cell.

    Attributes:
        sampled, respondents: persons.
        weight: design weight N_h / n_h.
        stratum: stratum of each cell; the cells of a stratum stand together.
    """

    sampled: Floats
    respondents: Floats
    weight: Floats
    stratum: Ints


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
    model = _fit(drawn, [factor for factor in map(_present, factors) if len(factor.categories) > 1])
    z = float(ndtri(0.5 + confidence / 2.0))
    parts = [model.mean(), model.squares("r_indicator", "all", (), model.from_mean, model.share[None])]
    for number in range(len(model.factors)):
        parts += _partials(model, number)
    value, lower, upper = model.limits(parts, z)
    mean, sd = (value[0], lower[0], upper[0]), np.array([value[1], lower[1], upper[1]])
    keys = [key for part in parts for key in part.keys][2:]
    return [
        Indicator("r_indicator", "all", "all", *(1.0 - 2.0 * sd[[0, 2, 1]]).tolist()),
        Indicator("propensity_mean", "all", "all", *mean),
        Indicator("propensity_cv", "all", "all", *(sd / mean[0]).tolist()),
        *(Indicator(*key, *row) for key, *row in zip(keys, value[2:], lower[2:], upper[2:], strict=True)),
    ]


def _partials(model: "_Model", number: int) -> "list[_Part]":
    """Unconditional and conditional partial indicators of one variable and of its categories."""
    factor = model.factors[number]
    others = [one.of_cell for place, one in enumerate(model.factors) if place != number]
    _, cross = _crossed([np.zeros(len(factor.of_cell), dtype=np.int64), *others])
    between = model.from_mean - model.centred(factor.of_cell)
    inside = factor.of_cell == np.arange(len(factor.categories))[:, None]
    shares = np.vstack([model.share, inside * model.share])
    return [
        model.squares("partial_unconditional", factor.name, (), between, model.share[None]),
        model.contrasts(factor, inside, between),
        model.squares("partial_conditional", factor.name, factor.categories, model.centred(cross), shares),
    ]


@dataclass(frozen=True)
class _Part:
    """Estimates of one kind.

    Attributes:
        keys: measure, variable and category of each.
        squared: whether they are mean squares, to be shown as roots.
        value, bias, variance: of each; the variance that of who answers among the drawn.
        u: cells x estimates; the variance of who is drawn is that of its weighted mean.
        scale: factor of estimate and standard error.
    """

    keys: list[tuple[str, str, str]]
    squared: bool
    value: Floats
    bias: Floats
    variance: Floats
    u: Floats
    scale: Floats


@dataclass(frozen=True)
class _Model:
    """Fitted propensities of the cells that the factors make.

    Attributes:
        factors: with the category of each of these cells.
        share: each cell's share of the population.
        propensity: fitted.
        root: cells x parameters; root root' is the covariance of the fitted propensities.
        drawn: the sample by fine cell, and `place`, the cell of each fine cell.
    """

    factors: tuple[Factor, ...]
    share: Floats
    propensity: Floats
    root: Floats
    drawn: Drawn
    place: Ints

    @cached_property
    def _stacked(self) -> Floats:
        return np.column_stack([self.propensity, self.root])

    @cached_property
    def from_mean(self) -> Floats:
        """Propensities and root less their mean over everybody."""
        return self.centred(np.zeros(len(self.share), dtype=np.int64))

    def mean(self) -> _Part:
        """The mean propensity."""
        value = self.share @ self._stacked
        one, none = np.ones(1), np.zeros(1)
        key = ("propensity_mean", "all", "all")
        return _Part([key], False, value[:1], none, one * (value[1:] ** 2).sum(), self.from_mean[:, :1], one)

    def centred(self, group: Ints) -> Floats:
        """Propensities and root less their mean in each group of cells."""
        count = int(group.max()) + 1
        size = np.bincount(group, weights=self.share, minlength=count)
        member = (group == np.arange(count)[:, None]) * self.share
        means = (member @ self._stacked) / np.where(size > 0, size, 1.0)[:, None]
        centred: Floats = self._stacked - means[group]
        return centred

    def squares(
        self, measure: str, variable: str, categories: tuple[str, ...], deviation: Floats, shares: Floats
    ) -> _Part:
        """Mean squares of deviations from `centred`.

        A mean square is a quadratic form in estimated propensities: its bias is the trace of its matrix times
        their covariance, its variance that of a quadratic form in a normal vector.

        Args:
            measure, variable, categories: names of the sums: the variable as a whole, then its categories.
            deviation: cells x (1 + parameters).
            shares: sums x cells, how much each cell counts in each sum.
        """
        square, root = deviation[:, 0] ** 2, deviation[:, 1:]
        value = shares @ square
        slope = 2.0 * shares @ (deviation[:, [0]] * root)
        variance = (slope**2).sum(axis=1) + 2.0 * _gram_squares(root, shares)
        keys = [(measure, variable, name) for name in ("all", *categories)]
        u = (shares > 0).T * square[:, None] - value
        return _Part(keys, True, value, shares @ (root**2).sum(axis=1), variance, u, np.ones(len(value)))

    def contrasts(self, factor: Factor, inside: npt.NDArray[np.bool_], between: Floats) -> _Part:
        """Root of each category's share x (its mean propensity - the mean of all).

        Args:
            factor: the variable.
            inside: categories x cells.
            between: mean of each cell's category less the mean of all; cells x (1 + parameters).
        """
        part = inside @ self.share
        difference = between[inside.argmax(axis=1)]
        own = self.from_mean[:, [0]]
        u = inside.T * (own - difference[:, 0]) / part - own
        keys = [("partial_unconditional", factor.name, name) for name in factor.categories]
        variance = (difference[:, 1:] ** 2).sum(axis=1)
        return _Part(keys, False, difference[:, 0], np.zeros(len(part)), variance, u, np.sqrt(part))

    def limits(self, parts: Sequence[_Part], z: float) -> tuple[list[float], list[float], list[float]]:
        """Adjusted estimates with lower and upper limits; z is the normal quantile.

        The limits of a root are those of its square, which is nearer to normal, also near 0.
        """
        squared = np.repeat([part.squared for part in parts], [len(part.keys) for part in parts])
        value, bias, variance, scale = (
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("value", "bias", "variance", "scale")
        )
        drawing = self._sampling_variance(np.hstack([part.u for part in parts]))
        adjusted, half = value - bias, z * np.sqrt(variance + drawing)
        limits = np.stack([adjusted, adjusted - half, adjusted + half])
        limits = scale * np.where(squared, np.sqrt(np.maximum(limits, 0.0)), limits)
        return limits[0].tolist(), limits[1].tolist(), limits[2].tolist()

    def _sampling_variance(self, u: Floats) -> Floats:
        """Variance of the weighted mean of each column of u over stratified simple random samples."""
        starts = np.flatnonzero(np.r_[True, np.diff(self.drawn.stratum) != 0])
        sampled, d = self.drawn.sampled, self.drawn.weight[starts]
        values = u[self.place]
        n = np.add.reduceat(sampled, starts)
        first = np.add.reduceat(sampled[:, None] * values, starts)
        second = np.add.reduceat(sampled[:, None] * values**2, starts)
        factor = (1.0 - 1.0 / d) * d**2 * n / np.maximum(n - 1.0, 1.0) / (d @ n) ** 2
        variance: Floats = factor @ np.maximum(second - first**2 / n[:, None], 0.0)
        return variance


def _gram_squares(root: Floats, shares: Floats) -> Floats:
    """Squared norm of root' diag(share) root, for each row of shares."""
    if len(root) <= MANY_CELLS:
        products = (root @ root.T) ** 2
        norms: Floats = ((shares @ products) * shares).sum(axis=1)
        return norms
    grams = [root[row > 0].T @ (row[row > 0][:, None] * root[row > 0]) for row in shares]
    return np.array([(gram**2).sum() for gram in grams])


def _present(factor: Factor) -> Factor:
    """The factor with the categories that occur."""
    codes, place = np.unique(factor.of_cell, return_inverse=True)
    return Factor(factor.name, tuple(factor.categories[code] for code in codes), place.ravel())


def _crossed(codes: Sequence[Ints]) -> tuple[Ints, Ints]:
    """First row of each combination of codes that occurs, and the combination of each row."""
    key = np.ravel_multi_index(tuple(codes), tuple(int(one.max()) + 1 for one in codes))
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    return first, place.ravel()


def _fit(drawn: Drawn, factors: Sequence[Factor]) -> _Model:
    """Design-weighted logistic regression on the cells that the factors make."""
    first, place = _crossed([np.zeros(len(drawn.sampled), dtype=np.int64), *(one.of_cell for one in factors)])
    merged = tuple(Factor(one.name, one.categories, one.of_cell[first]) for one in factors)

    def sums(values: Floats) -> Floats:
        total: Floats = np.bincount(place, weights=values, minlength=len(first)).astype(np.float64)
        return total

    size, squares = sums(drawn.weight * drawn.sampled), sums(drawn.weight**2 * drawn.sampled)
    answered = sums(drawn.weight * drawn.respondents)
    dummies = [one.of_cell[:, None] == np.arange(1, len(one.categories)) for one in merged]
    X = np.column_stack([np.ones(len(first)), *dummies]).astype(np.float64)
    propensity = _propensities(X, size, answered)
    slope = propensity * (1.0 - propensity)
    information = _ridged(X.T @ ((size * slope)[:, None] * X))
    scores = _ridged(X.T @ ((squares * slope)[:, None] * X))
    root = (slope[:, None] * X) @ np.linalg.solve(information, np.linalg.cholesky(scores))
    return _Model(merged, size / size.sum(), propensity, root, drawn, place)


def _propensities(X: Floats, size: Floats, answered: Floats) -> Floats:
    """Newton's method for the weighted likelihood, from equal propensities."""
    rate = answered.sum() / size.sum()
    beta = np.zeros(X.shape[1])
    beta[0] = np.log(rate / (1.0 - rate))
    propensity = np.full(len(X), rate)
    for _ in range(ITERATIONS):
        slope = size * propensity * (1.0 - propensity)
        beta = beta + np.linalg.solve(
            _ridged(X.T @ (slope[:, None] * X)), X.T @ (answered - size * propensity)
        )
        before, propensity = propensity, 1.0 / (1.0 + np.exp(-np.clip(X @ beta, -30.0, 30.0)))
        if np.abs(propensity - before).max() < CONVERGED:
            break
    return propensity


def _ridged(matrix: Floats) -> Floats:
    """The matrix with a trifle added to its diagonal."""
    ridged: Floats = matrix + RIDGE * np.trace(matrix) * np.eye(len(matrix))
    return ridged
