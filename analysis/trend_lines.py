"""Straight lines over waves through figures that may hang together: least squares. METHODS.md M-24.

A proportion that leaves 10-90 % is followed on the logit scale; where the series breaks, a line takes a step.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.arrays import Floats, Mask
from analysis.differences import t_test
from analysis.settings import Settings
from analysis.variance import student_quantile

STRAIGHT = (0.10, 0.90)  # proportions inside are followed as they are, others on the logit scale
SINGULAR = 1e-6  # smallest eigenvalue of the correlations of the waves that still counts as above 0
YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True)
class Series:
    """Cells with figures in the same waves: cells x waves, each on its scale; V cells x waves x waves."""

    y: Floats
    V: Floats
    logit: Mask
    usable: Mask


def on_scale(p: Floats, V: Floats, share: Mask, bridges: Floats, bridge_se: Floats) -> Series:
    """Bridge the earlier figures, and put proportions that leave the middle on the logit scale."""
    for place in range(bridges.shape[1]):
        p = p + np.where(np.arange(p.shape[1]) <= place, bridges[:, place, None], 0.0)
        earlier = (np.arange(p.shape[1]) <= place).astype(float)
        V = V + bridge_se[:, place, None, None] ** 2 * np.outer(earlier, earlier)
    usable = _certain_enough(V)
    usable &= ~share | ((p > 0) & (p < 1)).all(axis=1)
    logit = share & ((p < STRAIGHT[0]) | (p > STRAIGHT[1])).any(axis=1)
    inner = np.where(logit[:, None] & (p > 0) & (p < 1), p, 0.5)
    slope = np.where(logit[:, None], 1.0 / (inner * (1.0 - inner)), 1.0)
    y = np.where(logit[:, None], special.logit(inner), p)
    return Series(y, V * slope[:, :, None] * slope[:, None, :], logit, usable)


def _certain_enough(V: Floats) -> Mask:
    """Every figure has a variance, and none follows from the others as in a panel that answers the same."""
    se = np.sqrt(np.diagonal(V, axis1=1, axis2=2))
    usable: Mask = np.all(se > 0, axis=1)
    se = np.where(usable[:, None], se, 1.0)
    correlation = V / (se[:, :, None] * se[:, None, :])
    correlation = np.where(usable[:, None, None], correlation, np.eye(V.shape[1]))
    independent: Mask = usable & (np.linalg.eigvalsh(correlation)[:, 0] > SINGULAR)
    return independent


def times(waves: Sequence[str], every: Sequence[str]) -> Floats:
    """Years when the code of every wave of the survey is one, else the place among them; the last is 0."""
    known = {wave: float(wave) for wave in every} if all(map(YEAR.fullmatch, every)) else {}
    known = known or {wave: float(place) for place, wave in enumerate(every)}
    return np.array([known[wave] - known[waves[-1]] for wave in waves])


def fit_lines(
    series: Series,
    at: npt.NDArray[np.intp],
    time: Floats,
    after: Sequence[int],
    df: Floats,
    settings: Settings,
) -> dict[str, Floats]:
    """Generalised least squares for the cells `at`, which all have a step before the waves `after`.

    Returns:
        The columns of `trends.FIGURES`. In the figure's units are the line at its ends (first, last), its
        change, and the change at the ends of the slope's interval of 1 - 2 alpha (nearest, farthest).
    """
    # Steps count backwards: the intercept is the line at the last wave, under that wave's definition.
    X = np.column_stack(
        [np.ones_like(time), time, *((np.arange(len(time)) < place) * -1.0 for place in after)]
    )
    W = np.linalg.inv(series.V[at])
    inverse = np.linalg.inv(X.T @ W @ X)
    beta = (inverse @ (X.T @ (W @ series.y[at][:, :, None])))[:, :, 0]
    residual = series.y[at] - beta @ X.T
    chi2 = np.einsum("ci,cij,cj->c", residual, W, residual)
    left = len(time) - X.shape[1]
    slope, se = beta[:, 1], np.sqrt(inverse[:, 1, 1])
    half, narrow = (
        student_quantile(df[at], level) * se
        for level in (settings.confidence, 1 - 2 * settings.thresholds.alpha)
    )
    logit = series.logit[at]

    def line(tilt: Floats) -> Floats:
        """The line at the first wave when it has this slope, under the last wave's definition."""
        value = beta[:, 0] + tilt * time[0]
        level: Floats = np.where(logit, special.expit(value), value)
        return level

    last, first = line(np.zeros_like(slope)), line(slope)
    return {
        "slope": slope,
        "se": se,
        "df": df[at],
        "p": t_test(slope, se, df[at], np.ones(len(at), dtype=bool)),
        "lower": slope - half,
        "upper": slope + half,
        "first": first,
        "last": last,
        "change": last - first,
        "nearest": last - line(slope - narrow),
        "farthest": last - line(slope + narrow),
        "p_linearity": special.chdtrc(left, chi2) if left else np.full(len(at), np.nan),
        "step": beta[:, -1] if after else np.full(len(at), np.nan),
        "se_step": np.sqrt(inverse[:, -1, -1]) if after else np.full(len(at), np.nan),
    }
