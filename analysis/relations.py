"""How the figures of one group of people hang together across statistics. METHODS.md M-20.

The shares of an item's levels add up to one, so they are shown together or not at all; a share of a single
level is the same figure as the level. What any of several items says lies between the largest and the sum of
them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.indicators import Variables

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Relations:
    """Ties between variables.

    Attributes:
        tied: for each variable, the variables hidden with it (itself among them).
        any_of: variable of an `any` indicator -> the variables of its items.
    """

    tied: tuple[tuple[int, ...], ...]
    any_of: dict[int, tuple[int, ...]]


def relations(variables: Variables, indicators: pd.DataFrame) -> Relations:
    """The ties between the variables of a bundle's indicators."""
    count = len(variables.statistic)
    tied: list[tuple[int, ...]] = [(number,) for number in range(count)]
    for indicator in range(len(variables.measured)):
        group = tuple(_levels(variables, indicator))
        for number in group:
            tied[number] = group
    places = {
        (variables.measured[i].indicator, statistic): number
        for number, (i, statistic) in enumerate(zip(variables.of_indicator, variables.statistic, strict=True))
    }
    binary = indicators[indicators["type"].eq("binary") & indicators["base"].eq("")]
    of_item = {
        (str(row.item), str(row.yes)): places[str(row.indicator), "proportion"] for row in binary.itertuples()
    }
    any_of = {}
    for row in indicators[indicators["type"].eq("any") & indicators["base"].eq("")].itertuples():
        keys = [(item, str(row.yes)) for item in str(row.items).split()]
        if all(key in of_item for key in keys):
            any_of[places[str(row.indicator), "proportion"]] = tuple(of_item[key] for key in keys)
    return Relations(tuple(tied), any_of)


def _levels(variables: Variables, indicator: int) -> Iterator[int]:
    """Level shares of an indicator, and its proportion where that is a single level or all but one."""
    one = variables.measured[indicator]
    is_single = one.yes.sum() in (1, len(one.yes) - 1)
    for number in np.flatnonzero(variables.of_indicator == indicator):
        statistic = variables.statistic[number]
        is_level = statistic not in ("mean", "proportion")
        if is_level or (statistic == "proportion" and len(one.statistics) > 1 and is_single):
            yield int(number)


def relate(shown: Booleans, yes: Floats, found: Relations, protected: Booleans, width: float) -> Booleans:
    """Hide what a hidden figure would follow from within one domain.

    Args:
        shown: domains x variables.
        yes: unweighted persons on the yes side, same shape.
        found: the ties.
        protected: variables that need protection.
        width: persons a hidden count must be able to move.

    Returns:
        A copy in which more is hidden.
    """
    shown = shown.copy()
    for number in np.flatnonzero(protected):
        group = found.tied[number]
        if len(group) > 1:
            shown[:, list(group)] &= shown[:, list(group)].all(axis=1, keepdims=True)
    for total, items in found.any_of.items():
        if protected[total]:
            _relate_any(shown, yes, total, np.array(items), width)
    return shown


def _relate_any(shown: Booleans, yes: Floats, total: int, items: npt.NDArray[np.int64], width: float) -> None:
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
