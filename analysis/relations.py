"""How the figures of one group of people hang together across items. METHODS.md M-20.

What any of several items says lies between the largest and the sum of them.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Ints, Mask
from analysis.indicators import Variables

AnyOf = Mapping[int, tuple[int, ...]]


def any_of(variables: Variables, indicators: pd.DataFrame) -> AnyOf:
    """Variable of each `any` indicator and the variables of its items, where all of these are indicators."""
    places = {
        (variables.measured[i].indicator, statistic): number
        for number, (i, statistic) in enumerate(zip(variables.of_indicator, variables.statistic, strict=True))
    }
    binary = indicators[indicators["type"].eq("binary") & indicators["base"].eq("")]
    of_item = {
        (str(row.item), str(row.yes)): places[str(row.indicator), "proportion"] for row in binary.itertuples()
    }
    found = {}
    for row in indicators[indicators["type"].eq("any") & indicators["base"].eq("")].itertuples():
        keys = [(item, str(row.yes)) for item in str(row.items).split()]
        if all(key in of_item for key in keys):
            found[places[str(row.indicator), "proportion"]] = tuple(of_item[key] for key in keys)
    return found


def relate(shown: Mask, yes: Floats, found: AnyOf, protected: Mask, width: float) -> Mask:
    """Hide what a hidden figure would follow from within one domain.

    Args:
        shown: domains x variables.
        yes: unweighted persons on the yes side, same shape.
        found: what `any_of` gives.
        protected: variables that need protection.
        width: persons a hidden count must be able to move.

    Returns:
        A copy in which more is hidden.
    """
    shown = shown.copy()
    for total, items in found.items():
        if protected[total]:
            _relate_any(shown, yes, total, np.array(items), width)
    return shown


def _relate_any(shown: Mask, yes: Floats, total: int, items: Ints, width: float) -> None:
    """One hidden item lies between any less the others and any; any between the largest item and the sum."""
    counts, visible = yes[:, items], shown[:, items]
    seen = np.where(visible, counts, 0.0)
    lone = (~visible).sum(axis=1) == 1
    told = lone & (seen.sum(axis=1) < width)
    shown[told, total] = False
    narrow = seen.sum(axis=1) - seen.max(axis=1, initial=0.0) < width
    told = ~shown[:, total] & visible.all(axis=1) & narrow & (seen.sum(axis=1) > 0)
    smallest = np.where(counts > 0, counts, np.inf).argmin(axis=1)
    rows = np.flatnonzero(told)
    shown[rows, items[smallest[rows]]] = False
