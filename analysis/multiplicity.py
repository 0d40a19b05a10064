"""Many tests at once: Benjamini-Hochberg and Holm within families of tests.

`adjust` forms the families of a table. The two corrections take p values with their families as two arrays of
the same length and return adjusted p values in the same order. A test without a p value (NaN) belongs to no
family and stays NaN. See METHODS.md M-11.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.indicators import headline_statistics
from analysis.packed import equals, row_keys, spread, texts
from analysis.schema import Bundle
from analysis.settings import Settings

Floats = npt.NDArray[np.floating]
Families = npt.NDArray[np.integer]


def adjust(table: pd.DataFrame, code: list[str], bundle: Bundle, settings: Settings) -> None:
    """Correct p values within families, and say which correction counts. METHODS.md M-11.

    A family is one code and one kind of domain (all, gender, age, gender x age); in the default profile only
    rows that may be shown, with the headline indicators' totals as a family of their own under Holm.

    Args:
        table: wave, gender, age_group, indicator, statistic, p, released and the columns of `code`; gets
            p_bh, p_holm, p_adjusted (the one that counts) and family_size, missing outside every family.
        code: the columns that tell one code from another.
        bundle: its indicators say what is a headline, and the headline statistic of each.
        settings: the profile.
    """
    reference = settings.profile == "reference"
    by_gender, by_age = ~equals(table["gender"], "all"), ~equals(table["age_group"], "all")
    recipes = bundle.indicators
    headline = dict(zip(recipes["indicator"], recipes["headline"], strict=True))
    declared = spread(table["indicator"], headline, False) & ~by_gender & ~by_age & (not reference)
    family = 8 * row_keys([table], [["wave", *code]])[0] + (by_gender + 2 * by_age + 4 * declared)
    counted = texts(table["statistic"]) == spread(table["indicator"], headline_statistics(bundle), "")
    if not reference:
        counted &= table["released"].eq(1).to_numpy()
    p = np.where(counted, table["p"].to_numpy(float), np.nan)
    table["p_bh"] = benjamini_hochberg(p, family)
    table["p_holm"] = holm(p, family)
    table["p_adjusted"] = np.where(declared, table["p_holm"], table["p_bh"])
    table["family_size"] = family_sizes(p, family)


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
