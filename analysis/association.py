"""Tests of a whole table: does the answer differ between the categories at all? METHODS.md M-36.

Sources: Rao & Scott 1984, Annals of Statistics 12, 46-60 (second-order correction); Thomas & Rao 1987,
JASA 82, 630-636 (the F form).
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.arrays import Floats

NO_VARIATION = "no_variation"  # fewer than two categories or two levels, or figures without uncertainty


@dataclass(frozen=True)
class TableTest:
    """A test of no association.

    Attributes:
        kind: `rao_scott` or `wald`.
        f, df1, df2, p: F statistic, its degrees of freedom and p in [0, 1]; NaN when there is no test.
        reason: empty, or why there is no test.
    """

    kind: str
    f: float
    df1: float
    df2: float
    p: float
    reason: str = ""


def rao_scott(joint: Floats, covariance: Floats, df: float) -> TableTest:
    """Pearson's chi-square of independence with Rao and Scott's second-order correction, as F.

    Args:
        joint: categories x levels, weighted proportions of the whole, summing to 1.
        covariance: (categories x levels) squared, in the order of `joint.ravel()`.
        df: degrees of freedom of the design.

    Returns:
        F = X2 / trace(D) with d0 = trace(D)^2 / trace(D^2) and d0 x df degrees of freedom; D is the matrix of
        generalised design effects. Categories and levels that nobody stands in are left out.
    """
    rows, columns = joint.sum(axis=1) > 0, joint.sum(axis=0) > 0
    used = np.outer(rows, columns).ravel()
    table = joint[np.ix_(rows, columns)]
    V = covariance[np.ix_(used, used)]
    if min(table.shape) < 2:
        return TableTest("rao_scott", np.nan, np.nan, np.nan, np.nan, NO_VARIATION)
    fitted = np.outer(table.sum(axis=1), table.sum(axis=0))
    pearson = float(((table - fitted) ** 2 / fitted).sum())
    C = _interactions(*table.shape)
    inverse = np.divide(1.0, table.ravel(), out=np.zeros(table.size), where=table.ravel() > 0)
    scaled = inverse[:, None] * C
    expected, found = C.T @ scaled, scaled.T @ V @ scaled
    empty = not table.all()  # then some interactions cannot be seen
    D = np.linalg.pinv(expected) @ found if empty else np.linalg.solve(expected, found)
    trace, squared = float(np.trace(D)), float((D * D.T).sum())
    if not trace > 0:
        return TableTest("rao_scott", np.nan, np.nan, np.nan, np.nan, NO_VARIATION)
    f, df1, df2 = pearson / trace, trace**2 / squared, trace**2 / squared * max(df, 1.0)
    return TableTest("rao_scott", f, df1, df2, float(special.fdtrc(df1, df2, f)))


def equal_means(mean: Floats, covariance: Floats, df: float) -> TableTest:
    """Wald's F test of equal means.

    Args:
        mean: the mean of each category.
        covariance: categories x categories.
        df: degrees of freedom of the design.
    """
    contrasts = np.hstack([-np.ones((len(mean) - 1, 1)), np.eye(len(mean) - 1)])
    V = contrasts @ covariance @ contrasts.T
    df1 = int(np.linalg.matrix_rank(V)) if len(mean) > 1 else 0
    if df1 == 0:
        return TableTest("wald", np.nan, np.nan, np.nan, np.nan, NO_VARIATION)
    d = contrasts @ mean
    df2 = max(df - df1 + 1.0, 1.0)
    f = float(d @ np.linalg.pinv(V) @ d) / df1 * df2 / max(df, 1.0)
    return TableTest("wald", f, df1, df2, float(special.fdtrc(df1, df2, f)))


def _interactions(rows: int, columns: int) -> Floats:
    """A basis of the interactions of a rows x columns table, orthogonal to its main effects."""
    row_effects, column_effects = (np.eye(size)[:, 1:] - 1.0 / size for size in (rows, columns))
    basis: Floats = np.asarray(np.kron(row_effects, column_effects), dtype=np.float64)
    return basis
