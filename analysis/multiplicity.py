"""Many tests at once: Benjamini-Hochberg and Holm within families of tests.

`adjust` forms the families of a table. The two corrections take p values with their families as two arrays of
the same length and return adjusted p values in the same order. A test without a p value (NaN) belongs to no
family and stays NaN. See METHODS.md M-11.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.indicators import on_headline
from analysis.keys import TOTAL
from analysis.packed import equals, row_keys, spread
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
    by_gender, by_age = ~equals(table["gender"], TOTAL), ~equals(table["age_group"], TOTAL)
    recipes = bundle.indicators
    headline = dict(zip(recipes["indicator"], recipes["headline"], strict=True))
    declared = spread(table["indicator"], headline, False) & ~by_gender & ~by_age & (not reference)
    family = 8 * row_keys([table], [["wave", *code]])[0] + (by_gender + 2 * by_age + 4 * declared)
    counted = on_headline(table, bundle)
    if not reference:
        counted &= table["released"].eq(1).to_numpy()
    p = np.where(counted, table["p"].to_numpy(float), np.nan)
    ranked = _ranked(p, family)
    table["p_bh"], table["p_holm"] = _benjamini_hochberg(p, family, ranked), _holm(p, family, ranked)
    table["p_adjusted"] = np.where(declared, table["p_holm"], table["p_bh"])
    table["family_size"] = _in_place(p, ranked.order, ranked.size)


@dataclass(frozen=True)
class _Ranked:
    """Positions of the tests by family and p value, with rank within and size of the family."""

    order: npt.NDArray[np.intp]
    rank: Floats
    size: Floats


def benjamini_hochberg(p: Floats, family: Families) -> Floats:
    """P values adjusted for the false discovery rate within each family. METHODS.md M-11.

    A test is a discovery at level α when its adjusted value is at most α.
    """
    return _benjamini_hochberg(p, family, _ranked(p, family))


def holm(p: Floats, family: Families) -> Floats:
    """P values adjusted for the probability of any false rejection within each family. METHODS.md M-11."""
    return _holm(p, family, _ranked(p, family))


def family_sizes(p: Floats, family: Families) -> Floats:
    """Number of tests with a p value in the family of each test; NaN for a test without one."""
    ranked = _ranked(p, family)
    return _in_place(p, ranked.order, ranked.size)


def _benjamini_hochberg(p: Floats, family: Families, ranked: _Ranked) -> Floats:
    order = ranked.order
    stepped = np.minimum(p[order] * ranked.size / ranked.rank, 1.0)
    # The smallest of the value itself and those of all larger p values of the family.
    backwards = pd.Series(stepped[::-1]).groupby(family[order][::-1]).cummin().to_numpy()
    return _in_place(p, order, backwards[::-1])


def _holm(p: Floats, family: Families, ranked: _Ranked) -> Floats:
    order = ranked.order
    stepped = np.minimum(p[order] * (ranked.size - ranked.rank + 1.0), 1.0)
    return _in_place(p, order, pd.Series(stepped).groupby(family[order]).cummax().to_numpy())


def _ranked(p: Floats, family: Families) -> _Ranked:
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.lexsort((p[tested], family[tested]))]
    _, start, counts = np.unique(family[order], return_index=True, return_counts=True)
    rank = np.arange(len(order)) - np.repeat(start, counts) + 1
    return _Ranked(order, rank.astype(np.float64), np.repeat(counts, counts).astype(np.float64))


def _in_place(p: Floats, order: npt.NDArray[np.intp], values: Floats) -> Floats:
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = values
    return adjusted
