"""What earlier releases of the same waves have said already. METHODS.md M-20."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.keys import ESTIMATE
from analysis.packed import find_rows

Booleans = npt.NDArray[np.bool_]


def remember(screened: pd.DataFrame, earlier: pd.DataFrame | None, few: int) -> tuple[Booleans, Booleans]:
    """Which rows an earlier release showed, and which must stay hidden for its sake.

    Args:
        screened: estimates with their keys and n.
        earlier: the keys, released (0/1) and n (missing where hidden) of earlier releases, or None.
        few: a changed n of 1 to so many persons would tell about them.

    Returns:
        For each row of `screened`: shown earlier (told), and to be hidden now (kept): hidden earlier, or
        shown with an n that differs by a few persons.
    """
    nothing = np.zeros(len(screened), dtype=bool)
    if earlier is None or earlier.empty:
        return nothing, nothing.copy()
    row = find_rows(earlier, ESTIMATE, screened)
    earlier, row = earlier[row >= 0], row[row >= 0]  # a row of several releases comes once for each
    shown = earlier["released"].to_numpy() == 1
    moved = np.abs(screened["n"].to_numpy(float)[row] - earlier["n"].to_numpy(float))
    changed = shown & (moved >= 1) & (moved <= few)
    told, kept = nothing, nothing.copy()
    told[row[shown]] = True
    kept[row[~shown | changed]] = True
    return told, kept
