"""Trimming of extreme weights with the known totals kept. METHODS.md M-5.

A weight above `trim_factor` times the municipality's median is cut to it. `recalibrate` fixes the cut cells
at the cap and calibrates the others to what is left of the totals, until no weight is above the cap and every
total holds. The others stay within the bounds of the g-weights, or where calibration had put them: unbounded,
the margins are met by making some persons count for next to nothing. What cannot be met so, or would leave
the weights more unequal than they were, is not done, and that is logged. `spread` gives the excess in equal
parts to the uncut, once, and does not hold the margins: it exists to be compared with R's `trimWeights`.

Equal samples from unequal areas make weights that *must* be far above the municipality's median: where the
total of a margin category cannot be reached under the cap, its cells are capped at the same multiple of their
own median instead, and that is logged. Source: Potter 1990, Proc. ASA Survey Research Methods, 225-230 (the
cap); the recalibration is the active-set form of a bounded calibration.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.arrays import Floats, Ints, Mask
from analysis.calibration import Margins, calibrate
from analysis.collapse import Log
from analysis.design import Design
from analysis.errors import CalibrationError
from analysis.settings import Settings

ROUNDING = 1.0 + 1e-9


@dataclass(frozen=True)
class Trimmed:
    """Weights after trimming and the cells that were cut."""

    weight: Floats
    cut: Mask


def trim(
    design: Design, start: Floats, weight: Floats, margins: Margins, settings: Settings, log: Log
) -> Trimmed:
    """Cut extreme weights of one municipality.

    Args:
        start: weight of each cell before calibration; the recalibration is measured from it.
        weight: calibrated weight of each cell.
        margins: the totals the weights meet.
        log: takes down what was cut, exempted or given up.

    Returns:
        The weights; unchanged, and logged, when no weights can meet the cap, the bounds and the totals, or
        when those that do have a larger sum of squares.
    """
    n = design.respondents
    nothing = np.zeros(len(weight), dtype=bool)
    if settings.trimming == "none":
        return Trimmed(weight, nothing)
    cap = np.full(len(weight), settings.trim_factor * median(weight, n))
    over = (weight > cap * ROUNDING) & (n > 0)
    if not over.any():
        return Trimmed(weight, nothing)
    if settings.trimming == "spread":
        return _spread(weight, n, cap, over)
    cap = _exempt(design, weight, margins, cap, settings, log)
    try:
        trimmed = _recalibrate(start, weight, n, margins, cap, settings)
    except CalibrationError as error:
        name = f"{error.margin}:{error.category}"
        log.add(design, "trimming", name, int(n.sum()), "not_trimmed")
        return Trimmed(weight, nothing)
    if (trimmed.weight**2 * n).sum() > (weight**2 * n).sum():
        log.add(design, "trimming", design.municipality_code, int(n[trimmed.cut].sum()), "trimming_worse")
        return Trimmed(weight, nothing)
    if trimmed.cut.any():
        cut = int(n[trimmed.cut].sum())
        log.add(design, "trimming", design.municipality_code, cut, "trimmed", share=float(cut / n.sum()))
    return trimmed


def median(weight: Floats, respondents: Ints) -> float:
    """Median weight over respondents."""
    return float(np.median(np.repeat(weight, respondents)))


def _spread(weight: Floats, n: Ints, cap: Floats, over: Mask) -> Trimmed:
    """The excess in equal parts to the uncut, one pass."""
    excess = float(((weight - cap) * n)[over].sum())
    return Trimmed(np.where(over, cap, weight + excess / n[~over].sum()), over)


def _exempt(
    design: Design, weight: Floats, margins: Margins, cap: Floats, settings: Settings, log: Log
) -> Floats:
    """Raise the cap of cells in categories whose total cannot be reached under it."""
    n = design.respondents
    cap = cap.copy()
    # A cap is only ever raised: what can be reached from the start is left alone.
    for column in np.flatnonzero(margins.X.T @ (cap * n) < margins.totals * ROUNDING).tolist():
        margin, category = margins.names[column]
        members = (margins.X[:, column] > 0) & (n > 0)
        if not members.any() or margins.X[:, column] @ (cap * n) >= margins.totals[column] * ROUNDING:
            continue
        own = settings.trim_factor * median(weight[members], n[members])
        cap[members] = np.maximum(cap[members], own)
        name, size = f"{margin}:{category}", int(n[members].sum())
        log.add(design, "trimming", name, size, "capped_by_group", factor=settings.trim_factor)
    return cap


def _recalibrate(
    start: Floats, weight: Floats, n: Ints, margins: Margins, cap: Floats, settings: Settings
) -> Trimmed:
    """Fix the cut cells at the cap and calibrate the rest to what remains, until both hold."""
    low, high = settings.g_bounds or settings.logit_bounds
    reached = np.where(n > 0, weight / start, 1.0)
    bounds = np.minimum(reached, low), np.maximum(reached, high)
    cut = np.zeros(len(weight), dtype=bool)
    current = weight
    while True:
        over = (current > cap * ROUNDING) & (n > 0) & ~cut
        if not over.any():
            return Trimmed(current, cut)
        cut |= over
        rest = margins.totals - margins.X.T @ (np.where(cut, cap, 0.0) * n)
        row = int((rest / np.maximum(margins.totals, 1.0)).argmin())
        if rest[row] < 0 or cut[n > 0].all():
            raise CalibrationError(
                *margins.names[row], deviation=float(rest[row] / max(margins.totals[row], 1.0))
            )
        free = np.where(cut, 0, n)
        left = replace(margins, totals=rest)
        g = calibrate(start, free, left, "logit", bounds, settings.tolerance, settings.iterations)
        current = np.where(cut, cap, start * g)
