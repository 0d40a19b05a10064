"""Fay and Herriot's model of area proportions on the arcsine scale. METHODS.md M-29.

asin(sqrt(p)) of a direct estimate = x'beta + u + e, with u ~ N(0, A) between areas and e ~ N(0, psi), psi
known. All functions take many replicates at once (rows), since the bootstrap fits the model again and again.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Floats

ITERATIONS, CONVERGED = 200, 1e-12


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    Attributes:
        variance: A of each replicate, 0 or more, by restricted maximum likelihood.
        beta: replicates x covariates.
    """

    variance: Floats
    beta: Floats


def transform(proportion: Floats) -> Floats:
    """The arcsine of the root: its variance 1 / (4 n_eff) does not depend on the proportion."""
    angle: Floats = np.arcsin(np.sqrt(np.clip(proportion, 0.0, 1.0)))
    return angle


def fit(y: Floats, psi: Floats, X: Floats) -> Fit:
    """Restricted maximum likelihood by Fisher scoring.

    Args:
        y: replicates x areas, direct estimates on the arcsine scale.
        psi: their sampling variances, above 0.
        X: areas x covariates, of full rank, an intercept among them; more areas than covariates.

    Source: Fay & Herriot (1979), JASA 74; Rao & Molina (2015), Small Area Estimation.
    """
    areas, count = X.shape
    squares = (X[:, :, None] * X[:, None, :]).reshape(areas, -1)

    def sums(weight: Floats) -> Floats:
        return (weight @ squares).reshape(-1, count, count)

    plain = y - y @ X @ np.linalg.inv(X.T @ X) @ X.T
    variance = np.maximum((plain**2).sum(axis=1) / (areas - count) - psi.mean(), psi.mean() * 0.1)
    for _ in range(ITERATIONS):
        w = 1.0 / (variance[:, None] + psi)
        inverse = np.linalg.inv(sums(w))
        beta = np.einsum("bpq,bq->bp", inverse, (w * y) @ X)
        second = inverse @ sums(w**2)
        trace = w.sum(axis=1) - np.trace(second, axis1=1, axis2=2)
        third = np.trace(inverse @ sums(w**3), axis1=1, axis2=2)
        information = (w**2).sum(axis=1) - 2.0 * third + np.trace(second @ second, axis1=1, axis2=2)
        score = ((w * (y - beta @ X.T)) ** 2).sum(axis=1) - trace
        before, variance = variance, np.maximum(variance + score / information, 0.0)
        if np.abs(variance - before).max() <= CONVERGED:
            break
    w = 1.0 / (variance[:, None] + psi)
    beta = np.linalg.solve(sums(w), ((w * y) @ X)[:, :, None])[:, :, 0]
    return Fit(variance, beta)


def predict(found: Fit, y: Floats, psi: Floats, X: Floats) -> Floats:
    """Proportions by the empirical best linear unbiased predictor, transformed back without bias.

    Args:
        found: the fit.
        y: replicates x areas; any value where psi is infinite.
        psi: sampling variances; infinite for an area without answers, which the covariates then decide alone.
        X: areas x covariates.

    Returns:
        Replicates x areas: the mean of sin^2 of a normal variable with the predictor's mean and variance,
        (1 - exp(-2 g) cos 2 theta) / 2 with g = A psi / (A + psi).
    """
    A = found.variance[:, None]
    gamma = A / (A + psi)
    known = np.where(np.isfinite(psi), y, 0.0)
    theta = gamma * known + (1.0 - gamma) * (found.beta @ X.T)
    proportion: Floats = (1.0 - np.exp(-2.0 * (1.0 - gamma) * A) * np.cos(2.0 * theta)) / 2.0
    return proportion


def benchmark(proportions: Floats, member: Floats, target: Floats) -> Floats:
    """Scale the areas of each group so that their weighted mean is the group's direct estimate.

    Args:
        proportions: replicates x areas.
        member: groups x areas, each area's share of its group's population; an area is in one group.
        target: replicates x groups; missing = the group is left as it is.

    Returns:
        Replicates x areas: the rarer side (yes where the target is at most one half, else no) is multiplied
        by one ratio a group, so that the same comes out whichever answer is called yes.
    """
    total = proportions @ member.T
    rare = target <= 0.5
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(rare, target / total, (1.0 - target) / (1.0 - total))
    of_area = (member > 0).astype(np.float64)
    free = ~np.isfinite(ratio)
    each = np.where(free, 1.0, ratio) @ of_area
    mine = np.where(free, True, rare).astype(np.float64) @ of_area > 0.5
    scaled = np.where(mine, proportions * each, 1.0 - (1.0 - proportions) * each)
    alone = of_area.sum(axis=0) == 0
    result: Floats = np.where(alone, proportions, np.clip(scaled, 0.0, 1.0))
    return result
