"""Figures from sums: estimate, standard error, effective size and interval of each row of 9 sums.

The array kernel of `estimates`, `free_tables` and gender gaps; METHODS.md M-6 to M-8.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.arrays import Floats, Ints, Mask
from analysis.blocks import POPULATION, SQUARES, SUM, V_MM, V_YM, V_YY, WEIGHTS2, YES, Block, N
from analysis.settings import Settings
from analysis.variance import proportion_interval, smaller_side, student_quantile

Columns = dict[str, npt.NDArray[np.generic] | pd.Categorical]

SAME = 1e-12  # of the mean square: a smaller variance of the values is none
ROUNDING = 1e-9  # of degrees of freedom: those of equal weights are whole


def figures(values: Floats, df: Ints, mean: Mask, settings: Settings) -> Columns:
    """The figures of each row from its sums (9 x rows)."""
    n = values[N]
    p, se, deff, n_eff = with_size(values, mean, settings)
    lower, upper = _interval(p, se, n, n_eff, df, mean, settings)
    return {
        "n": np.rint(n).astype(np.int64),
        "population": values[POPULATION],
        "estimate": p,
        "se": se,
        "df": df,
        "n_eff": n_eff,
        "lower": lower,
        "upper": upper,
        "yes": np.where(mean, -1, np.rint(values[YES])).astype(np.int64),
        "deff": deff,
        "v_yy": values[V_YY],
        "v_ym": values[V_YM],
        "v_mm": values[V_MM],
    }


def degrees(block: Block, settings: Settings) -> Ints:
    """Degrees of freedom of each domain. METHODS.md M-7.

    By Satterthwaite, the variance is taken for a mean of squares with the squared weights as weights: members
    less strata, divided by Kish's design effect of these, whole and at most as many as for equal weights.
    """
    if settings.degrees == "members":
        return block.df
    squares, fourth = block.powers
    shared = squares**2 / or_nan(block.members * fourth)
    found: Ints = np.floor(block.df * np.nan_to_num(shared) + ROUNDING).astype(np.int64)
    return found


def with_size(values: Floats, mean: Mask, settings: Settings) -> tuple[Floats, Floats, Floats, Floats]:
    """Estimate, standard error, Kish's design effect and effective sample size from the sums."""
    n = values[N]
    answered = n > 0
    p = ratio(values)
    p = np.where(~mean & answered & (values[YES] == n), 1.0, p)  # exactly, whatever the order of the sums
    se = np.sqrt(np.where(answered, np.maximum(variance(values, p), 0.0), np.nan))
    se = np.where(se < settings.se_zero * np.maximum(1.0, np.abs(p)), 0.0, se)  # of an index up to 100, too
    population = or_nan(values[POPULATION])
    deff = n * values[WEIGHTS2] / population**2
    squares = values[SQUARES] / population
    about = squares - p**2
    about = np.where(about > SAME * squares, about, 0.0)  # of equal values only rounding is left
    spread = np.where(mean, about, p * (1.0 - p))
    return p, se, deff, _effective(n, np.where(mean, np.nan, p), spread, se, deff, settings)


def ratio(values: Floats) -> Floats:
    """Estimate; missing where nobody answered."""
    found: Floats = values[SUM] / or_nan(values[POPULATION])
    return found


def variance(values: Floats, p: Floats) -> Floats:
    """V = (A - 2 p B + p^2 C) / N^2."""
    found: Floats = (values[V_YY] - 2.0 * p * values[V_YM] + p**2 * values[V_MM]) / or_nan(
        values[POPULATION]
    ) ** 2
    return found


def or_nan(values: Floats) -> Floats:
    """Zero as missing, so that a division by it is missing too."""
    return np.where(values > 0, values, np.nan)


def _effective(n: Floats, p: Floats, spread: Floats, se: Floats, deff: Floats, settings: Settings) -> Floats:
    """Effective sample size; p is missing for means. METHODS.md M-8."""
    certain, by_weights = se == 0.0, n / deff
    size = np.where(certain, by_weights, spread / np.where(certain, 1.0, se) ** 2)
    size = np.where(certain & (spread > 0), n, size)  # a census: everyone was asked
    if not settings.cap_effective_size:
        return size
    size = np.minimum(size, n)
    # Few persons decide V, so its luck would decide interval and publication: the weights alone set a limit.
    few = (smaller_side(p, size) < settings.trusted_count) | (by_weights < settings.thresholds.minimum_n_eff)
    return np.where(few, np.minimum(size, by_weights), size)


def _interval(
    p: Floats,
    se: Floats,
    n: Floats,
    n_eff: Floats,
    df: Ints,
    mean: Mask,
    settings: Settings,
) -> tuple[Floats, Floats]:
    """Intervals of proportions as the settings say, of means by t."""
    lower, upper = np.full(len(p), np.nan), np.full(len(p), np.nan)
    t = np.flatnonzero(mean & (n > 0))
    half = student_quantile(df[t], settings.confidence) * se[t]
    lower[t], upper[t] = p[t] - half, p[t] + half
    share = np.flatnonzero(~mean & (n > 0))
    lower[share], upper[share] = proportion_interval(
        p[share], se[share], n[share], n_eff[share], df[share].astype(np.float64), settings
    )
    return lower, upper
