"""Calibration: the weights closest to the start weights that give the known totals. METHODS.md M-4.

Solved for the Lagrange multipliers by Newton's method over fine cells: with u = X @ lambda and g = F(u), find
lambda so that X' (n * start * g) equals the totals. F is exp(u) for raking, 1 + u for linear, and the bounded
function of Deville & Särndal for logit. Source: Deville & Särndal 1992, JASA 87, 376-382, cases 1, 2 and 6.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.linalg.lapack import dpotrf, dpotrs  # called hundreds of times: without the wrappers' checks

from analysis.arrays import Floats, Ints
from analysis.collapse import Groups
from analysis.errors import CalibrationError

Method = Literal["raking", "linear", "logit"]
Bounds = tuple[float, float] | tuple[Floats, Floats]  # the same for all cells, or one of each
Distance = Callable[[Floats], tuple[Floats, Floats]]
EXPONENT_LIMIT = 50.0
DEPENDENT = 1e-7  # smallest share of a pivot that still counts as a margin of its own


@dataclass(frozen=True)
class Margins:
    """Known totals over fine cells.

    Attributes:
        names: margin and category of each column.
        X: cells x columns; 0/1 dummies as a rule, shares when a person counts in two categories.
        totals: population of each column.
        used: columns that span the rest; the first category of every margin but the first is left out, since
            the margins share their total.
    """

    names: tuple[tuple[str, str], ...]
    X: Floats
    totals: Floats
    used: npt.NDArray[np.intp]

    @cached_property
    def reduced(self) -> Floats:
        """Cells x used columns."""
        return np.ascontiguousarray(self.X[:, self.used])


def margins_of(parts: list[tuple[str, Groups, Floats]]) -> Margins:
    """Put margins side by side.

    Args:
        parts: name, groups of cells and population of each group; each margin adds up to the same total.
    """
    blocks, names, totals, used = [], [], [], []
    start = 0
    for number, (name, groups, population) in enumerate(parts):
        size = len(groups.names)
        blocks.append(groups.membership)
        names += [(name, category) for category in groups.names]
        totals.append(population)
        used += list(range(start + (number > 0), start + size))
        start += size
    return Margins(tuple(names), np.hstack(blocks), np.concatenate(totals), np.array(used, dtype=np.intp))


def calibrate(
    start: Floats,
    respondents: Ints | Floats,
    margins: Margins,
    method: Method,
    bounds: Bounds,
    tolerance: float,
    iterations: int,
) -> Floats:
    """g-weights: final weight over start weight of each cell.

    Args:
        start: start weight of each cell.
        respondents: persons in each cell; cells with none take no part and get a g like the others.
        margins: what the weighted respondents must add up to.
        method: raking (g > 0), linear (may go below 0), logit (stays inside `bounds`).
        bounds: smallest and largest g of logit, for all cells or for each.
        tolerance: largest deviation from a total, relative to it.
        iterations: Newton steps before giving up.

    Raises:
        CalibrationError: naming the margin and category furthest from its population.
    """
    distance = _distance(method, bounds)
    size = start * respondents
    X, totals = margins.reduced, margins.totals
    scale = np.where(totals > 0, totals, 1.0)

    def reach(multiplier: Floats) -> _Reached:
        g, slope = distance(X @ multiplier)
        gap = totals - margins.X.T @ (size * g)
        return _Reached(multiplier, g, slope, gap, float(np.abs(gap / scale).max()))

    here = reach(np.zeros(X.shape[1]))
    for _ in range(iterations):
        if here.worst <= tolerance:
            return here.g
        step = _solve(X.T @ ((size * here.slope)[:, None] * X), here.gap[margins.used])
        closer = _shorten(here, step, reach)
        if closer is None:
            break
        here = closer
    # Rounding alone may keep the last digit away from the tolerance.
    if here.worst <= max(tolerance, 1e-10):
        return here.g
    row = int(np.abs(here.gap / scale).argmax())
    raise CalibrationError(*margins.names[row], deviation=float(here.gap[row] / scale[row]))


def poststratify(start: Floats, respondents: Ints, groups: Groups, population: Floats) -> Floats:
    """g-weights that meet one margin of which everybody belongs to one category.

    Args:
        start: start weight of each cell.
        respondents: persons in each cell.
        groups: category of each cell; one without respondents keeps g = 1, which weighs nobody.
        population: total of each category.
    """
    size = groups.sums(start * respondents)
    ratio: Floats = np.where(size > 0, population / np.where(size > 0, size, 1.0), 1.0)
    return ratio[groups.of_cell]


@dataclass(frozen=True)
class _Reached:
    """Where some multipliers lead: g-weights, their slope, and what is missing of each total, at worst."""

    multiplier: Floats
    g: Floats
    slope: Floats
    gap: Floats
    worst: float


def _shorten(here: _Reached, step: Floats, reach: Callable[[Floats], _Reached]) -> _Reached | None:
    """The longest of the step, half of it, a quarter ... that comes closer; None when none does."""
    for power in range(12):
        there = reach(here.multiplier + step * 0.5**power)
        if there.worst < here.worst:
            return there
    return None


def _solve(matrix: Floats, right: Floats) -> Floats:
    """Solve a positive definite system; the shortest solution when margins depend on each other."""
    factor, failed = dpotrf(matrix, lower=1)
    pivots = np.diag(factor)
    if not failed and pivots.min() > DEPENDENT * pivots.max():
        solution, _ = dpotrs(factor, right, lower=1)
        return np.asarray(solution, dtype=np.float64)
    return np.asarray(np.linalg.lstsq(matrix, right, rcond=1e-12)[0], dtype=np.float64)


def _distance(method: Method, bounds: Bounds) -> Distance:
    """F(u) and F'(u)."""
    if method == "raking":
        return _raking
    if method == "linear":
        return lambda u: (1.0 + u, np.ones_like(u))
    return _logit(*bounds)


def _raking(u: Floats) -> tuple[Floats, Floats]:
    g = np.exp(np.clip(u, -EXPONENT_LIMIT, EXPONENT_LIMIT))
    return g, g


def _logit(low: float | Floats, high: float | Floats) -> Distance:
    """Deville & Särndal's case 6: g moves from `low` to `high`, with F(0) = 1 and F'(0) = 1."""
    steepness = (high - low) / ((1.0 - low) * (high - 1.0))

    def distance(u: Floats) -> tuple[Floats, Floats]:
        e = np.exp(np.clip(steepness * u, -EXPONENT_LIMIT, EXPONENT_LIMIT))
        below = (high - 1.0) + (1.0 - low) * e
        g = (low * (high - 1.0) + high * (1.0 - low) * e) / below
        return g, (g - low) * (high - g) * steepness / (high - low)

    return distance
