"""Many tests at once: Benjamini-Hochberg and Holm within families of tests.

Both take p values with their families as two arrays of the same length and return adjusted p values in the
same order. A test without a p value (NaN) belongs to no family and stays NaN. See METHODS.md M-11.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.floating]
Families = npt.NDArray[np.integer]


def benjamini_hochberg(p: Floats, family: Families) -> Floats:
    """P values adjusted for the false discovery rate within each family. METHODS.md M-11.

    A test is a discovery at level α when its adjusted value is at most α.
    """
    order, rank, size = _ranked(p, family)
    stepped = np.minimum(p[order] * size / rank, 1.0)
    # The smallest of the value itself and those of all larger p values of the family.
    backwards = pd.Series(stepped[::-1]).groupby(family[order][::-1]).cummin().to_numpy()
    return _in_place(p, order, backwards[::-1])


def holm(p: Floats, family: Families) -> Floats:
    """P values adjusted for the probability of any false rejection within each family. METHODS.md M-11."""
    order, rank, size = _ranked(p, family)
    stepped = np.minimum(p[order] * (size - rank + 1.0), 1.0)
    return _in_place(p, order, pd.Series(stepped).groupby(family[order]).cummax().to_numpy())


def family_sizes(p: Floats, family: Families) -> Floats:
    """Number of tests with a p value in the family of each test; NaN for a test without one."""
    order, _, size = _ranked(p, family)
    return _in_place(p, order, size)


def _ranked(p: Floats, family: Families) -> tuple[npt.NDArray[np.intp], Floats, Floats]:
    """Positions of the tests by family and p value, with rank within and size of the family."""
    order = np.lexsort((p, family))
    order = order[~np.isnan(p[order])]
    _, start, counts = np.unique(family[order], return_index=True, return_counts=True)
    rank = np.arange(len(order)) - np.repeat(start, counts) + 1
    return order, rank.astype(np.float64), np.repeat(counts, counts).astype(np.float64)


def _in_place(p: Floats, order: npt.NDArray[np.intp], values: Floats) -> Floats:
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = values
    return adjusted
