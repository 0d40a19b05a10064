"""Which splits of a place are shown at all: complete, or not. METHODS.md M-20.

A first, cheap step of secondary suppression. In an area the women's and men's rows together with its total
tell the answers of the few who are neither, and one hidden age group follows from the others: such a split is
hidden as a whole. So are the gender x age rows of a municipality. The level shares of a sensitive ordinal
item are not shown at all: they tell on each other and on its proportion, which then is nowhere shown as 0 or
100 %, since that would tell every level. What this does not settle is found by `hiding`, row by row.
"""

import numpy as np

from analysis.arrays import Floats, Ints, Mask
from analysis.crossings import Domains
from analysis.indicators import Variables
from analysis.keys import TOTAL

SEXES = ("woman", "man")


def coarsen(shown: Mask, n: Floats, domains: Domains, protected: Mask) -> Mask:
    """Hide every split that is not complete.

    Args:
        shown: domains x variables.
        n: unweighted persons in the base, same shape.
        domains: what the first axis stands for.
        protected: variables that need protection; the others stay as they are.

    Returns:
        A copy in which more is hidden.
    """
    after = shown.copy()
    for places in domains.of_wave.values():
        for (geography, _), rows in places.items():
            _coarsen_place(after, n, domains, rows, geography)
    return np.where(protected, after, shown)


def without_levels(shown: Mask, certain: Mask, variables: Variables) -> Mask:
    """Hide level shares, and what is certain of a whole item that has them.

    Args:
        shown: domains x variables.
        certain: rows with everybody on one side, same shape.
        variables: what the second axis stands for.

    Returns:
        A copy in which more is hidden.
    """
    level = np.isin(variables.statistic, ("proportion", "mean"), invert=True)
    has_levels = np.isin(variables.of_indicator, variables.of_indicator[level])
    after: Mask = shown & ~level & ~(has_levels & certain)
    return after


def _coarsen_place(shown: Mask, n: Floats, domains: Domains, rows: Ints, geography: str) -> None:
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


def _all_or_none(shown: Mask, n: Floats, rows: list[int], allowed: Mask) -> None:
    """Rows with anybody in them are shown together or not at all."""
    complete = (shown[rows] | (n[rows] == 0)).all(axis=0)
    shown[rows] &= complete & allowed
