"""Variance by linearisation, at the level of fine cells, and intervals. METHODS.md M-7 and M-8.

With categorical margins the residual of the calibration regression is constant within a cell but for the
person's own value. For sums y (over the persons of each cell) the variance of a calibrated total is then
v0'y2 + y'Qy, with y2 the sums of squares, and one small matrix Q for each municipality, whatever the item and
the domain:

    Q = -(diag(v0) P + P' diag(v0)) + P' diag(v0 n) P - (I - diag(n) P)' K (I - diag(n) P)
    P = X (X' diag(a n) X)^-1 X' diag(a)        a: weights of the residual regression
    v0 = c w^2,  K = sum over strata of (c / r) w w',  c = (1 - r / N) r / (r - 1)

Sources: Särndal, Swensson & Wretman 1989, Biometrika 76, 527-537 (g-weighted residuals); Valliant 2002,
Survey Methodology 28, 103-114 (leverage); Korn & Graubard 1998, Survey Methodology 24, 193-201; Wilson 1927,
JASA 22, 209-212, on the effective sample size.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analysis.arrays import Floats, Ints
from analysis.settings import Settings
from analysis.weights import CellWeights

RAKE_ROUNDS = 10  # of the residuals in R's rake


@dataclass(frozen=True)
class Forms:
    """The quadratic form of one municipality.

    Attributes:
        Q: cells x cells.
        v0: weight of a sum of squares, of each cell.
        weight: final weight of each cell.
        stratum: variance stratum of each cell.
        P: cells x cells: fitted values of the residual regression from cell sums.
        score_weight: final weight of each cell, divided by the root of 1 - leverage where that is asked for.
    """

    Q: Floats
    v0: Floats
    weight: Floats
    stratum: Ints
    P: Floats
    score_weight: Floats


def quadratic_forms(part: CellWeights, settings: Settings) -> Forms:
    """Prepare the variances of one municipality.

    Args:
        part: its weights.
        settings: `linearization` chooses the residuals: `leverage` (final weights, each residual divided by
            the root of 1 - leverage, the default), `deville-sarndal` (regression with the start weights, as
            R's calibrate), `rake` (unweighted, ten rounds over the margins, as R's rake), `final-weights`
            (as leverage, without the division), `fixed-weights` (no residuals: the weights taken as known).
    """
    n = part.design.respondents.astype(np.float64)
    regression = _regression_weights(part, settings)
    stratum = part.variance_stratum[part.design.stratum]
    count = int(part.variance_stratum.max()) + 1
    c, c_over_r = _stratum_factors(part, count)
    w = part.weight
    X = part.margins.reduced
    inverse = np.linalg.pinv(X.T @ ((regression * n)[:, None] * X), rcond=1e-10, hermitian=True)
    hat = X @ inverse
    if settings.linearization == "leverage":
        leverage = np.minimum(regression * (hat * X).sum(axis=1), settings.leverage_cap)
        w = w / np.sqrt(1.0 - leverage)
    inside = stratum >= 0  # cells of strata without respondents hold nobody
    v0 = np.where(inside, c[stratum] * w**2, 0.0)
    # P = hat @ side has the rank of the margins, far below the number of cells: products go through it.
    side = (X * regression[:, None]).T
    if settings.linearization == "fixed-weights":
        side = np.zeros_like(side)
    elif settings.linearization == "rake" and len(raked := _several_categories(part)) > 1:
        hat, side = _means_in_turn(raked, n), np.eye(len(n))
    P = hat @ side
    membership = (stratum[:, None] == np.arange(count)).astype(np.float64) * w[:, None]
    centred = membership.T - ((membership.T * n) @ hat) @ side
    cross = v0[:, None] * P
    squared = side.T @ ((hat.T @ ((v0 * n)[:, None] * hat)) @ side)
    Q = -(cross + cross.T) + squared - centred.T @ (c_over_r[:, None] * centred)
    return Forms(Q, v0, part.weight, stratum, P, w)


def _regression_weights(part: CellWeights, settings: Settings) -> Floats:
    """Weight of a respondent of each cell in the residual regression.

    With one margin there is nothing to rake: R then post-stratifies, and regresses with the start weights.
    """
    return part.start if settings.linearization in ("rake", "deville-sarndal") else part.weight


def _several_categories(part: CellWeights) -> list[Floats]:
    """The margins that have more than one category, each as cells x categories."""
    of_column = np.array([name for name, _ in part.margins.names])
    blocks = [part.margins.X[:, of_column == name] for name in dict.fromkeys(of_column.tolist())]
    return [block for block in blocks if block.shape[1] > 1]


def _means_in_turn(margins: list[Floats], n: Floats) -> Floats:
    """Fitted values from cell sums, cells x cells: what remains is freed of each margin's means in turn.

    R stops after ten rounds, which in small samples differ from their limit in the fifth digit.
    """
    fitted = np.zeros((len(n), len(n)))
    means = [X @ np.linalg.pinv(X.T @ (n[:, None] * X), rcond=1e-10, hermitian=True) @ X.T for X in margins]
    for _ in range(RAKE_ROUNDS):
        for mean in means:
            fitted += mean - mean @ (n[:, None] * fitted)
    return fitted


def _stratum_factors(part: CellWeights, count: int) -> tuple[Floats, Floats]:
    """c and c / r of each variance stratum; a single respondent is taken uncentred."""
    groups = part.variance_stratum
    used = groups >= 0
    N = np.bincount(groups[used], weights=part.design.stratum_population[used], minlength=count)
    r = np.bincount(groups[used], weights=part.design.stratum_respondents[used], minlength=count)
    sampled_share = 1.0 - r / N
    several = r > 1
    c = np.where(several, sampled_share * r / np.maximum(r - 1, 1), sampled_share)
    return c, np.where(several, c / np.maximum(r, 1), 0.0)


def student_quantile(df: npt.ArrayLike, confidence: float) -> Floats:
    """Two-sided t quantile; degrees of freedom below 1 count as 1; missing stays missing."""
    return student_quantiles(df, [confidence])[0]


def student_quantiles(df: npt.ArrayLike, confidences: Sequence[float]) -> list[Floats]:
    """`student_quantile` of the same degrees of freedom at several levels of confidence."""
    values = np.asarray(df, dtype=np.float64)
    codes, distinct = pd.factorize(np.maximum(values, 1.0).ravel())
    # Rows by the million share a few hundred degrees of freedom: one quantile of each; missing has code -1.
    quantiles = [np.append(special.stdtrit(distinct, 0.5 + one / 2.0), np.nan) for one in confidences]
    return [np.asarray(one[codes], dtype=np.float64).reshape(values.shape) for one in quantiles]


def smaller_side(p: npt.ArrayLike, n_eff: npt.ArrayLike) -> Floats:
    """Effective persons on the rarer side of a proportion."""
    share = np.asarray(p, dtype=np.float64)
    persons: Floats = np.asarray(n_eff, dtype=np.float64) * np.minimum(share, 1.0 - share)
    return persons


def wilson(p: npt.ArrayLike, n_eff: npt.ArrayLike, quantile: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Wilson's interval on the effective sample size.

    Args:
        p: proportion in [0, 1].
        n_eff: effective sample size, above 0.
        quantile: t quantile; the one correction for few degrees of freedom.

    Returns:
        Lower and upper limit, in [0, 1]. Example: p = 0.3, n_eff = 84, df = 100 gives 0.2116 and 0.4063.
    """
    p, n, z2 = np.asarray(p), np.asarray(n_eff), np.asarray(quantile) ** 2
    centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n)
    half = np.sqrt(z2 / n * (p * (1.0 - p) + z2 / (4.0 * n))) / (1.0 + z2 / n)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def mover_arms(
    earlier: tuple[Floats, Floats], later: tuple[Floats, Floats], correlation: npt.ArrayLike = 0.0
) -> tuple[Floats, Floats]:
    """How far a difference, later less earlier, reaches down and up, from the arms of its two parts.

    METHODS.md M-10.

    Args:
        earlier, later: distance from each estimate down to its lower and up to its upper limit.
        correlation: of the two estimates, in [-1, 1].

    Returns:
        Distance down to the lower and up to the upper limit of the difference.

    Source: Newcombe 1998, Statistics in Medicine 17; with correlation, Zou & Donner 2008, Statistics in
    Medicine 27.
    """
    correlation = np.asarray(correlation, dtype=np.float64)

    def arm(one: Floats, two: Floats) -> Floats:
        # A square that rounding took below 0 is 0.
        square: Floats = np.maximum(one**2 + two**2 - 2.0 * correlation * one * two, 0.0)
        return np.sqrt(square)

    return arm(later[0], earlier[1]), arm(later[1], earlier[0])


def clopper_pearson(p: Floats, n_eff: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Clopper and Pearson's interval on an effective sample size, as Korn & Graubard use it."""
    tail = (1.0 - confidence) / 2.0
    yes, no = p * n_eff, (1.0 - p) * n_eff
    lower = np.where(yes > 0, special.betaincinv(np.where(yes > 0, yes, 1.0), no + 1.0, tail), 0.0)
    upper = np.where(no > 0, special.betaincinv(yes + 1.0, np.where(no > 0, no, 1.0), 1.0 - tail), 1.0)
    return lower, upper


def logit_interval(p: Floats, se: Floats, quantile: Floats) -> tuple[Floats, Floats]:
    """Delta method on the logit scale; not defined for p = 0 and 1."""
    centre, half = np.log(p / (1.0 - p)), quantile * se / (p * (1.0 - p))
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(half - centre)), 1.0 / (1.0 + np.exp(-half - centre))


def proportion_interval(
    p: Floats, se: Floats, n: Floats, n_eff: Floats, df: Floats, settings: Settings
) -> tuple[Floats, Floats]:
    """The interval of the settings for proportions, all arrays of one length.

    At p = 0 and p = 1 the logit interval does not exist and is replaced by Korn and Graubard's. The Wald
    interval is not cut at 0 and 1: it is the textbook's, for comparison.
    """
    quantile = student_quantile(df, settings.confidence)
    if settings.interval == "wilson":
        return wilson(p, n_eff, quantile)
    if settings.interval == "wald":
        return p - quantile * se, p + quantile * se
    size = n_eff * (student_quantile(n - 1.0, settings.confidence) / quantile) ** 2
    if settings.cap_effective_size:
        size = np.minimum(size, n)
    if settings.interval == "korn-graubard":
        return clopper_pearson(p, size, settings.confidence)
    edge = (p <= 0) | (p >= 1)
    inner = logit_interval(np.where(edge, 0.5, p), se, quantile)
    outer = clopper_pearson(np.where(edge, p, 0.5), size, settings.confidence)
    return np.where(edge, outer[0], inner[0]), np.where(edge, outer[1], inner[1])
