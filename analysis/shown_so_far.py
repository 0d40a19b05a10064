"""What is shown so far of the estimates, and what is proven of the rest. METHODS.md M-20."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.arrays import Floats, Ints, Mask
from analysis.crossings import Domains
from analysis.relations import AnyOf, relate


@dataclass
class State:
    """What is shown so far, domains x variables, and what the proof needs to know of it.

    Attributes:
        shown: rows that are shown.
        told: rows an earlier release has shown, whatever this one does.
        proven: hidden rows that are known to be able to move.
        rest_proven: totals in which those who are neither woman nor man are known to be able to move.
        n, yes, population: unweighted persons, persons on the yes side, sum of weights.
        rest: persons of a total who are neither woman nor man.
        below, above: band of each proportion around its value.
        previous: per domain, the same cell in the wave it is compared with; -1 for none.
        changed: per variable, the domains with a change that may be shown.
        change_below, change_above: band of the change around its value.
        limit: persons on either side that the primary rule hides, per domain.
        loss: cost of hiding a row, per domain.
        protected: variables that need protection.
        width: persons a hidden count must be able to move.
    """

    domains: Domains
    any_of: AnyOf
    shown: Mask
    told: Mask
    proven: Mask
    rest_proven: Mask
    n: Floats
    yes: Floats
    population: Floats
    rest: Floats
    below: Floats
    above: Floats
    previous: Ints
    changed: Sequence[Ints]
    change_below: Floats
    change_above: Floats
    limit: Ints
    loss: Floats
    protected: Mask
    width: float

    def copy(self) -> "State":
        """A state that can be worked on by itself."""
        tables = (self.shown, self.proven, self.rest_proven)
        shown, proven, rest_proven = (table.copy() for table in tables)
        return replace(self, shown=shown, proven=proven, rest_proven=rest_proven)

    def relate(self) -> None:
        """Hide what follows within one domain."""
        after = relate(self.shown, self.yes, self.any_of, self.protected, self.width)
        self.shown = after | (self.shown & self.told)

    def hide(self, domain: int, variable: int) -> None:
        """Hide a row; what an earlier release told is told."""
        self.shown[domain, variable] &= self.told[domain, variable]

    def known(self, domain: Ints, variable: int) -> Mask:
        """Rows whose figure the attacker has."""
        found: Mask = self.shown[domain, variable] | self.told[domain, variable]
        return found

    def certain(self, domain: Ints, variable: int) -> Mask:
        """Rows with everybody on one side."""
        counts = self.yes[domain, variable]
        found: Mask = (counts == 0) | (counts == self.n[domain, variable])
        return found
