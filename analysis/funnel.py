"""Funnel limits: how far a share of so many persons strays from a common value by chance. METHODS.md M-41.

Source: Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in Medicine 24,
1185-1202, section 3.2 and appendix A.1.1.
"""

import numpy as np
import numpy.typing as npt
from scipy import stats

from analysis.arrays import Floats

INNER, OUTER = 0.95, 0.998  # two and three standard deviations, as the source draws them


def limits(target: float, n: npt.ArrayLike, inside: float) -> tuple[Floats, Floats]:
    """Between which shares a group of n persons lies when its own share is the common one. METHODS.md M-41.

    Args:
        target: the common share, in [0, 1].
        n: effective persons, at least 1, in any shape; parts of a person are not counted.
        inside: how probable it is to lie between the limits, in (0, 1).

    Returns:
        The lower and the upper limit, in [0, 1]: quantiles of the binomial distribution, interpolated
        between its steps. Missing where n is missing or below 1.
    """
    size = np.asarray(n, dtype=np.float64)
    usable = np.where(size >= 1, np.floor(size), np.nan)
    tail = (1.0 - inside) / 2.0
    return _quantile(target, usable, tail), _quantile(target, usable, 1.0 - tail)


def _quantile(target: float, n: Floats, probability: float) -> Floats:
    """The share at a probability: the first count that passes it, less the part that lies beyond."""
    count = stats.binom.ppf(probability, n, target)
    reached = stats.binom.cdf(count, n, target)
    step = stats.binom.pmf(count, n, target)
    with np.errstate(divide="ignore", invalid="ignore"):
        beyond = np.where(step > 0, (reached - probability) / step, 0.0)
        found: Floats = np.clip((count - beyond) / n, 0.0, 1.0)
    return found
