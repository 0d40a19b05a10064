"""What an attacker is asked about one municipality's hidden counts of one statistic. METHODS.md M-20.

`pose` turns what is shown so far into the question that `regions` and `extremes` answer: how far can each
hidden count move while everything shown stays as it is printed?
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analysis import regions
from analysis.arrays import Floats, Ints, Mask
from analysis.crossings import Crossing
from analysis.extremes import HELD
from analysis.possible_tables import Movements, possible, region_of
from analysis.shown_so_far import State

HEADROOM = 0.05  # persons more than the rule asks for: the witness is computed in floating point


@dataclass(frozen=True)
class Problem:
    """The question for some municipalities and a statistic, in active groups only.

    Attributes:
        region: what the attacker holds possible.
        shown: domain to hide for each row of the region; -1 where nothing can be hidden.
        earlier: of a change, the domain it is compared with: hidden, it takes the change with it; else -1.
        targets: targets x groups.
        domain: domain of each target; -1 - domain of the total for those who are neither woman nor man.
        size, needed: persons of each target that can move, and must be able to.
        binding: targets for which rows are hidden if need be.
        active: groups of the crossing that the region has.
    """

    region: regions.Region
    shown: Ints
    earlier: Ints
    targets: Mask
    domain: Ints
    size: Floats
    needed: Floats
    binding: Mask
    active: Mask

    def in_the_way(self, state: State, strain: Floats) -> int:
        """The cheapest shown row that holds a target back; -1 when none can be hidden."""
        rows = np.flatnonzero((self.shown >= 0) & (strain > HELD))
        if not len(rows):
            return -1
        cheapest = rows[np.lexsort((-strain[rows], state.loss[self.shown[rows]]))[0]]
        return int(self.shown[cheapest])

    def without(self, hidden: Iterable[int]) -> Mask:
        """Rows of the region that are left when some domains are hidden."""
        gone = list(hidden)
        left: Mask = ~(np.isin(self.shown, gone) | np.isin(self.earlier, gone))
        return left


def pose(
    state: State, crossing: Crossing, variable: int, enforce: bool, others: Movements | None = None
) -> Problem | None:
    """The question that is left of a crossing and statistic; None when nothing is left to prove.

    Args:
        state: what is shown.
        crossing: one municipality or several.
        variable: position of the statistic.
        enforce: hide rows also for the sake of rows that hold persons of other municipalities.
        others: what all other municipalities can do in the meantime; without it their answers are taken as
            known.
    """
    n = crossing.n[:, variable]
    active = possible(state, crossing, variable)
    if not active.any():
        return None
    known = state.known(crossing.domain, variable)
    rows = ~known & ~state.proven[crossing.domain, variable]
    rest = ~state.rest_proven[crossing.rest_domain, variable]
    targets = np.vstack([crossing.member[rows], crossing.rest[rest]])[:, active]
    domain = np.r_[crossing.domain[rows], -1 - crossing.rest_domain[rest]]
    local = crossing.local[crossing.row_of(np.where(domain < 0, -1 - domain, domain))]
    persons = np.r_[
        state.n[crossing.domain[rows], variable], state.rest[crossing.rest_domain[rest], variable]
    ]
    size = targets @ n[active]
    needed = np.minimum(state.width + HEADROOM, persons)
    keep = (size > 0) & (local | (size >= needed))
    binding = (local | enforce)[keep]
    if not binding.any():
        return None
    needed = np.minimum(needed, size)
    region, shown, earlier = region_of(state, crossing, variable, active, others)
    targets = np.pad(targets[keep], ((0, 0), (0, len(region.below) - targets.shape[1])))
    return Problem(region, shown, earlier, targets, domain[keep], size[keep], needed[keep], binding, active)
