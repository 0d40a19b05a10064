"""Many tests at once: Benjamini-Hochberg and Holm within families of tests.

`adjust` forms the families of a table. The two corrections take p values with their families as two arrays of
the same length and return adjusted p values in the same order. A test without a p value (NaN) belongs to no
family and stays NaN. See METHODS.md M-11.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.arrays import Floats
from analysis.indicators import on_headline
from analysis.keys import TOTAL
from analysis.packed import equals, row_keys, spread
from analysis.schema import Bundle
from analysis.settings import Settings

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
    tests = Tests.of(p, family)
    p_bh, p_holm = tests.benjamini_hochberg(), tests.holm()
    table["p_bh"], table["p_holm"] = p_bh, p_holm
    table["p_adjusted"] = np.where(declared, p_holm, p_bh)
    table["family_size"] = tests.in_place(tests.size)


def benjamini_hochberg(p: Floats, family: Families) -> Floats:
    """P values adjusted for the false discovery rate within each family. METHODS.md M-11.

    A test is a discovery at level α when its adjusted value is at most α.
    """
    return Tests.of(p, family).benjamini_hochberg()


def as_one_family(p: Iterable[float | None]) -> Floats:
    """P values adjusted for the false discovery rate among all of them; without one, NaN. METHODS.md M-11."""
    values = np.array([np.nan if one is None else one for one in p], dtype=np.float64)
    return benjamini_hochberg(values, np.zeros(len(values), dtype=np.int64))


@dataclass(frozen=True)
class Tests:
    """The tests with a p value, by family and p value.

    Attributes:
        count: of all tests, with a p value or without.
        order: where each stands among all tests.
        p, family: of each.
        rank, size: place within its family, from 1, and size of the family.
    """

    count: int
    order: npt.NDArray[np.intp]
    p: Floats
    family: Families
    rank: Floats
    size: Floats

    @classmethod
    def of(cls, p: Floats, family: Families) -> "Tests":
        tested = np.flatnonzero(~np.isnan(p))
        order = tested[np.lexsort((p[tested], family[tested]))]
        ranked = family[order]
        _, start, counts = np.unique(ranked, return_index=True, return_counts=True)
        rank = (np.arange(len(order)) - np.repeat(start, counts) + 1).astype(np.float64)
        return cls(len(p), order, p[order], ranked, rank, np.repeat(counts, counts).astype(np.float64))

    def benjamini_hochberg(self) -> Floats:
        """The smallest of p x size / rank of the test itself and of all with larger p in its family."""
        stepped = pd.Series(np.minimum(self.p * self.size / self.rank, 1.0)[::-1])
        return self.in_place(stepped.groupby(self.family[::-1]).cummin().to_numpy()[::-1].astype(np.float64))

    def holm(self) -> Floats:
        """The largest of p x (size - rank + 1) of the test itself and of all with smaller p in its family."""
        stepped = pd.Series(np.minimum(self.p * (self.size - self.rank + 1.0), 1.0))
        return self.in_place(stepped.groupby(self.family).cummax().to_numpy().astype(np.float64))

    def in_place(self, values: Floats) -> Floats:
        """The values where their tests stand, NaN at tests without a p value."""
        placed = np.full(self.count, np.nan)
        placed[self.order] = values
        return placed
