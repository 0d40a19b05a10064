"""What earlier releases of the same waves have said already. METHODS.md M-20."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.arrays import Floats, Mask
from analysis.keys import ESTIMATE
from analysis.packed import find_rows

TOLERANCE = 1e-9  # far below what one person makes; above what the order of a sum can do


def remember(
    screened: pd.DataFrame, earlier: pd.DataFrame | None, few: int, rounding: float | Floats = 0.0
) -> tuple[Mask, Mask]:
    """Which rows an earlier release showed, and which must stay hidden for its sake.

    Args:
        screened: estimates with their keys, n and, where n is rounded as it is released, estimate.
        earlier: the same as released (0/1; n and estimate missing where hidden) by earlier releases, or None.
        few: a changed n of 1 to so many persons would tell about them.
        rounding: how far the released n of each row may lie from its n; 0 where it is not rounded.

    Returns:
        For each row of `screened`: shown earlier (told), and to be hidden now (kept): hidden earlier, or
        shown with an n that differs by a few persons (where n is rounded: may differ by so few, and the
        estimate differs).
    """
    nothing = np.zeros(len(screened), dtype=bool)
    if earlier is None or earlier.empty:
        return nothing, nothing.copy()
    row = find_rows(earlier, ESTIMATE, screened)
    earlier, row = earlier[row >= 0], row[row >= 0]  # a row of several releases comes once for each
    shown = earlier["released"].to_numpy() == 1
    moved = np.abs(screened["n"].to_numpy(float)[row] - earlier["n"].to_numpy(float))
    slack = np.broadcast_to(rounding, len(screened))[row]
    changed = shown & (moved <= few + slack)
    changed &= np.where(slack > 0, _other_estimate(screened, earlier, row), moved >= 1)
    told, kept = nothing, nothing.copy()
    told[row[shown]] = True
    kept[row[~shown | changed]] = True
    return told, kept


def _other_estimate(screened: pd.DataFrame, earlier: pd.DataFrame, row: npt.NDArray[np.integer]) -> Mask:
    """Whether the estimate is another than the earlier one; where that is not known, it is."""
    if "estimate" not in earlier:
        return np.ones(len(earlier), dtype=bool)
    moved = np.abs(screened["estimate"].to_numpy(float)[row] - earlier["estimate"].to_numpy(float))
    other: Mask = ~(moved <= TOLERANCE)
    return other
