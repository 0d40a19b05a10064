"""Who answers: a design-weighted logistic regression on the main effects of register variables. M-27."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.arrays import Floats, Ints
from analysis.drawing import Drawing, Drawn, Factor, Grouped

ITERATIONS = 25  # Newton steps; a category in which nobody answered would go on for ever
CONVERGED = 1e-10  # largest move of a propensity
RIDGE = 1e-12  # relative; keeps the equations solvable where a category's propensity is 0 or 1


@dataclass(frozen=True)
class ResponseModel:
    """Fitted propensities of the cells that the factors make, in some samples.

    Attributes:
        factors: those with several categories among the drawn, with the category of each of these cells.
        share: samples x cells x 1: each cell's share of the population.
        stacked: samples x cells x (1 + parameters): fitted propensities, and beside them their root: root
            root' is the covariance of the fitted propensities.
        drawing: the samples, with the cell of each fine cell.
    """

    factors: tuple[Factor, ...]
    share: Floats
    stacked: Floats
    drawing: Drawing

    @cached_property
    def everybody(self) -> Factor:
        """The factor of a single category."""
        return Factor("all", ("all",), np.zeros(self.share.shape[1], dtype=np.int64))

    @cached_property
    def mean(self) -> Floats:
        """Samples x 1 x (1 + parameters): mean propensity and root over everybody."""
        mean: Floats = self.share.swapaxes(1, 2) @ self.stacked
        return mean

    @cached_property
    def from_mean(self) -> Floats:
        """Propensities and root less their mean over everybody."""
        centred: Floats = self.stacked - self.mean
        return centred

    def means(self, cells: Grouped) -> Floats:
        """Mean propensity and root of each group of cells."""
        means: Floats = cells.sums(self.share * self.stacked)
        means /= cells.sums(self.share)
        return means

    def among_alike(self, number: int) -> Floats:
        """Propensities and root less their mean over the cells that differ in one factor alone."""
        others = [one.of_cell for place, one in enumerate(self.factors) if place != number]
        alike = crossed([self.everybody.of_cell, *others])
        centred: Floats = self.stacked - self.means(alike).take(alike.place, axis=1)
        return centred


def fit(drawn: Drawn, factors: Sequence[Factor]) -> ResponseModel:
    """Fit the propensities.

    Args:
        drawn: samples with the same cells, samples x cells: in each some but not all of the drawn have
            answered.
        factors: register variables of the fine cells; those with a single category among the drawn are left
            out.
    """
    factors = [factor for factor in map(_present, factors) if len(factor.categories) > 1]
    cells = crossed([np.zeros(len(drawn.stratum), dtype=np.int64), *(one.of_cell for one in factors)])
    merged = tuple(Factor(one.name, one.categories, one.of_cell[cells.first]) for one in factors)
    place, count = cells.place, len(cells.first)

    def sums(values: Floats) -> Floats:
        return np.stack([np.bincount(place, weights=one, minlength=count) for one in values])

    size, squares = sums(drawn.weight * drawn.sampled), sums(drawn.weight**2 * drawn.sampled)
    answered = sums(drawn.weight * drawn.respondents)
    effects = _MainEffects(merged, count)
    propensity = _propensities(effects, size, answered)
    slope = propensity * (1.0 - propensity)
    information = _ridged(effects.products(size * slope))
    scores = _ridged(effects.products(squares * slope))
    root = slope[..., None] * effects.of(np.linalg.solve(information, np.linalg.cholesky(scores)))
    share = (size / size.sum(axis=1, keepdims=True))[..., None]
    stacked = np.concatenate([propensity[..., None], root], axis=2)
    return ResponseModel(merged, share, stacked, Drawing(drawn, place))


def crossed(codes: Sequence[Ints]) -> Grouped:
    """The rows of each combination of codes that occurs."""
    return Grouped(np.ravel_multi_index(tuple(codes), tuple(int(one.max()) + 1 for one in codes)))


def _present(factor: Factor) -> Factor:
    """The factor with the categories that occur."""
    there = np.bincount(factor.of_cell) > 0
    names = tuple(factor.categories[code] for code in np.flatnonzero(there))
    return Factor(factor.name, names, (np.cumsum(there) - 1)[factor.of_cell])


class _MainEffects:
    """The model's matrix X: a constant, and a column of 0 and 1 for each category but a factor's first.

    With hundreds of municipalities as categories nearly all of it is 0: it is never written out.

    Attributes:
        count: its columns, the parameters.
    """

    def __init__(self, factors: Sequence[Factor], cells: int) -> None:
        columns, self.count = [np.zeros(cells, dtype=np.int64)], 1
        for factor in factors:
            columns.append(np.where(factor.of_cell > 0, factor.of_cell - 1 + self.count, -1))
            self.count += len(factor.categories) - 1
        self._columns = np.stack(columns, axis=1)  # of each cell, those with a 1; -1 for none
        self._ones = _Entries(self._columns)
        first, second = np.broadcast_arrays(self._columns[:, :, None], self._columns[:, None, :])
        pairs = np.where((first < 0) | (second < 0), -1, first * self.count + second)
        self._pairs = _Entries(pairs.reshape(cells, -1))

    def of(self, values: Floats) -> Floats:
        """X values, samples x cells x quantities, from samples x parameters x quantities."""
        found = values[:, :1].repeat(len(self._columns), axis=1)
        padded = np.concatenate([values, np.zeros_like(values[:, :1])], axis=1)  # where -1 finds 0
        for column in self._columns.T[1:]:
            found += padded.take(column, axis=1, mode="wrap")
        return found

    def sums(self, values: Floats) -> Floats:
        """X' values, samples x parameters x 1, from samples x cells."""
        return self._ones.sums(values, self.count)[..., None]

    def products(self, weights: Floats) -> Floats:
        """X' diag(weights) X of each sample, from samples x cells."""
        return self._pairs.sums(weights, self.count**2).reshape(-1, self.count, self.count)


class _Entries:
    """Places in which cells have a 1, ready to be summed over.

    Args:
        places: cells x several: -1 is none.
    """

    def __init__(self, places: Ints) -> None:
        there = np.flatnonzero(places >= 0)
        self._cell, place = there // places.shape[1], places.ravel()[there]
        self._grouped = Grouped(place)
        self._place = place[self._grouped.first]

    def sums(self, values: Floats, count: int) -> Floats:
        """Samples x places, from samples x cells."""
        found = np.zeros((len(values), count))
        found[:, self._place] = self._grouped.sums(values.take(self._cell, axis=1)[..., None])[..., 0]
        return found


def _propensities(effects: _MainEffects, size: Floats, answered: Floats) -> Floats:
    """Newton's method for the weighted likelihood of each sample, from equal propensities."""
    rate = answered.sum(axis=1) / size.sum(axis=1)
    beta = np.zeros((len(rate), effects.count, 1))
    beta[:, 0, 0] = np.log(rate / (1.0 - rate))
    propensity = np.repeat(rate[:, None], size.shape[1], axis=1)
    left = np.arange(len(rate))
    for _ in range(ITERATIONS):
        before, persons = propensity[left], size[left]
        slope, missing = persons * before * (1.0 - before), answered[left] - persons * before
        beta[left] += np.linalg.solve(_ridged(effects.products(slope)), effects.sums(missing))
        now = 1.0 / (1.0 + np.exp(-np.clip(effects.of(beta[left])[..., 0], -30.0, 30.0)))
        propensity[left] = now
        left = left[~(np.abs(now - before).max(axis=1) < CONVERGED)]
        if not len(left):
            break
    return propensity


def _ridged(matrix: Floats) -> Floats:
    """The matrix of each sample with a trifle added to its diagonal."""
    trifle = RIDGE * np.trace(matrix, axis1=1, axis2=2)[:, None, None]
    ridged: Floats = matrix + trifle * np.eye(matrix.shape[1])
    return ridged
