"""The difference of two figures: its test, its limits where counts are small, and when it is large enough.

Changes between waves, comparisons between places, standardised changes and trends share these rules.
METHODS.md M-10 and M-13.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analysis.arrays import Floats, Mask
from analysis.settings import Settings, Thresholds
from analysis.variance import smaller_side, wilson


@dataclass(frozen=True)
class Figures:
    """One side of each difference.

    Attributes:
        estimate: proportions in [0, 1], or means.
        n_eff: effective sample size (persons).
    """

    estimate: Floats
    n_eff: Floats

    @classmethod
    def of(cls, table: pd.DataFrame, suffix: str = "") -> "Figures":
        """The columns estimate and n_eff with this suffix."""
        return cls(table["estimate" + suffix].to_numpy(float), table["n_eff" + suffix].to_numpy(float))

    def at(self, rows: npt.NDArray[np.generic]) -> "Figures":
        """Some of the rows."""
        return Figures(self.estimate[rows], self.n_eff[rows])

    def arms(self, quantile: Floats) -> tuple[Floats, Floats]:
        """Distance from each estimate down and up to its own Wilson limits. METHODS.md M-10."""
        with np.errstate(invalid="ignore", divide="ignore"):
            lower, upper = wilson(self.estimate, self.n_eff, quantile)
        return self.estimate - lower, upper - self.estimate


def too_few_for_t(sides: Sequence[Figures], mean: Mask, settings: Settings) -> Mask:
    """Proportions with fewer effective persons than a t test needs on some side of some figure. M-10."""
    if settings.test_everywhere:
        return np.zeros(len(mean), dtype=bool)
    smallest = np.minimum.reduce([smaller_side(side.estimate, side.n_eff) for side in sides])
    few: Mask = (smallest < settings.thresholds.effective_count) & ~mean
    return few


def t_test(difference: Floats, se: Floats, df: Floats, tested: Mask) -> Floats:
    """Two-sided p value of no difference; missing where not tested and where the standard error is 0. M-10.

    Args:
        difference, se: in the same units.
        df: degrees of freedom; below 1 they count as 1.
        tested: the rows that have a t test.
    """
    rows = np.flatnonzero(tested & (se > 0))
    p = np.full(len(difference), np.nan)
    p[rows] = 2 * special.stdtr(np.maximum(df[rows], 1.0), -np.abs(difference[rows]) / se[rows])
    return p


def smallest_mark(level: Floats, mean: Mask, item_range: Floats, limits: Thresholds) -> Floats:
    """The smallest difference that is marked, by the level it starts from. METHODS.md M-13.

    Args:
        level: the figure that is compared with: a proportion in [0, 1]; of means it does not count.
        mean: which rows are means.
        item_range: largest less smallest score of each mean.
        limits: the thresholds.
    """
    return _by_level(level, mean, item_range, (limits.mark_points, limits.mark_relative, limits.mark_mean))


def equivalence_margin(level: Floats, mean: Mask, item_range: Floats, limits: Thresholds) -> Floats:
    """The margin within which a difference counts as none; arguments as in `smallest_mark`. M-13."""
    parts = (limits.equivalence_points, limits.equivalence_relative, limits.equivalence_mean)
    return _by_level(level, mean, item_range, parts)


def _by_level(level: Floats, mean: Mask, item_range: Floats, parts: tuple[float, float, float]) -> Floats:
    """Points or a share of the rarer side, whichever is less; of means, a share of the item's range."""
    points, relative, of_range = parts
    share = np.clip(level, 0.0, 1.0)  # a bridge may move a figure beyond what a proportion can be
    return np.where(mean, of_range * item_range, np.minimum(points, relative * np.minimum(share, 1 - share)))
