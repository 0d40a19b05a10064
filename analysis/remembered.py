"""What earlier releases of the same waves have said already. METHODS.md M-20."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.estimates import KEYS

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
    keys = list(KEYS)
    n_now, row = screened["n"].to_numpy(float), np.arange(len(screened))
    shown, n = earlier["released"].to_numpy() == 1, earlier["n"].to_numpy(float)
    rows = screened[keys].astype(str).assign(n_now=n_now, row=row)
    seen = earlier[keys].astype(str).assign(shown=shown, n=n)
    both = rows.merge(seen, on=keys)
    moved = (both["n_now"] - both["n"]).abs()
    changed = both["shown"] & moved.ge(1) & moved.le(few)
    told, kept = nothing, nothing.copy()
    told[both.loc[both["shown"], "row"].to_numpy()] = True
    kept[both.loc[~both["shown"] | changed, "row"].to_numpy()] = True
    return told, kept
