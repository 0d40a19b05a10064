"""Which splits of a place are shown at all: complete, or not. METHODS.md M-20.

A first, cheap step of secondary suppression. In an area the women's and men's rows together with its total
tell the answers of the few who are neither, and one hidden age group follows from the others: such a split is
hidden as a whole. So are the gender x age rows of a municipality, and every split of the level shares of a
sensitive ordinal item: five levels tell on each other, and its mean says the same. What this does not settle
is found by `suppression`, row by row.
"""

import numpy as np
import numpy.typing as npt

from analysis.crossings import Domains
from analysis.keys import TOTAL

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
SEXES = ("woman", "man")


def coarsen(shown: Booleans, n: Floats, domains: Domains, protected: Booleans, levels: Booleans) -> Booleans:
    """Hide every split that is not complete.

    Args:
        shown: domains x variables.
        n: unweighted persons in the base, same shape.
        domains: what the first axis stands for.
        protected: variables that need protection; the others stay as they are.
        levels: variables that are level shares, shown for the totals of municipalities and of everything.

    Returns:
        A copy in which more is hidden.
    """
    after = shown.copy()
    whole = (domains.gender == TOTAL) & (domains.age_group == TOTAL)
    after &= (whole & np.isin(domains.geography.astype(str), (TOTAL, "municipality")))[:, None] | ~levels
    for places in domains.of_wave.values():
        for (geography, _), rows in places.items():
            _coarsen_place(after, n, domains, rows, geography)
    return np.where(protected, after, shown)


def _coarsen_place(shown: Booleans, n: Floats, domains: Domains, rows: Ints, geography: str) -> None:
    """The splits of one place in one wave."""
    of = {(domains.gender[row], domains.age_group[row]): int(row) for row in rows}
    total = of[TOTAL, TOTAL]
    genders = [row for (gender, age), row in of.items() if gender in SEXES and age == TOTAL]
    ages = [row for (gender, age), row in of.items() if gender == TOTAL and age != TOTAL]
    crossed = [row for (gender, age), row in of.items() if gender != TOTAL and age != TOTAL]
    _all_or_none(shown, n, genders, shown[total])
    if geography == TOTAL:
        return
    shown[ages] &= shown[total]
    if geography != "municipality":
        others = n[total] - n[genders].sum(axis=0)
        shown[genders] &= others == 0
        _all_or_none(shown, n, ages, shown[total])
    both = n[ages].sum(axis=0) == n[crossed].sum(axis=0)  # nobody is in an age group's total alone
    _all_or_none(shown, n, crossed, both & shown[[total, *genders, *ages]].all(axis=0))


def _all_or_none(shown: Booleans, n: Floats, rows: list[int], allowed: Booleans) -> None:
    """Rows with anybody in them are shown together or not at all."""
    complete = (shown[rows] | (n[rows] == 0)).all(axis=0)
    shown[rows] &= complete & allowed
