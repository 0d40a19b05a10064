"""What an attacker must hold possible of one municipality's hidden counts of one statistic. METHODS.md M-20.

`State` is what is shown so far; `pose` turns it into the question that `regions` answers: how far can each
hidden count move while everything shown, in all waves, stays as it is printed?
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from analysis import regions
from analysis.crossings import Crossing, Domains
from analysis.packed import rows_of
from analysis.relations import AnyOf, relate

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

HEADROOM = 0.05  # persons more than the rule asks for: the witness is computed in floating point
HELD = 0.01  # persons a target gains by one person of room: from here on a row is in its way
RULE_REACH = 20.0  # a shown count this near the publication rule's own limit tells that it is above it
EDGE = 0.01  # persons: a count on the very limit of the rule
SLACK = 1e-7  # of a figure's weight: a value on the very edge of its rounding


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
    shown: Booleans
    told: Booleans
    proven: Booleans
    rest_proven: Booleans
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
    protected: Booleans
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

    def known(self, domain: Ints, variable: int) -> Booleans:
        """Rows whose figure the attacker has."""
        found: Booleans = self.shown[domain, variable] | self.told[domain, variable]
        return found

    def certain(self, domain: Ints, variable: int) -> Booleans:
        """Rows with everybody on one side."""
        counts = self.yes[domain, variable]
        found: Booleans = (counts == 0) | (counts == self.n[domain, variable])
        return found


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
    targets: Booleans
    domain: Ints
    size: Floats
    needed: Floats
    binding: Booleans
    active: Booleans

    def in_the_way(self, state: State, strain: Floats) -> int:
        """The cheapest shown row that holds a target back; -1 when none can be hidden."""
        rows = np.flatnonzero((self.shown >= 0) & (strain > HELD))
        if not len(rows):
            return -1
        cheapest = rows[np.lexsort((-strain[rows], state.loss[self.shown[rows]]))[0]]
        return int(self.shown[cheapest])

    def without(self, hidden: Iterable[int]) -> Booleans:
        """Rows of the region that are left when some domains are hidden."""
        gone = list(hidden)
        left: Booleans = ~(np.isin(self.shown, gone) | np.isin(self.earlier, gone))
        return left


@dataclass(frozen=True)
class Movements:
    """What municipalities can do at once, as tables that every figure of their own agrees with.

    Any mixture of them does too, as long as their shares sum to 1 at most.

    Attributes:
        domain: the rows of several municipalities, ascending.
        weighted, persons: rows x movements: what each adds to the weighted sum of the row, and to its persons.
    """

    domain: Ints
    weighted: Floats
    persons: Floats

    def __sub__(self, other: "Movements") -> "Movements":
        """Without some of the municipalities."""
        return Movements(self.domain, self.weighted - other.weighted, self.persons - other.persons)


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


def possible(state: State, crossing: Crossing, variable: int) -> Booleans:
    """Groups whose counts an attacker does not know: a shown 0 or 100 % has no hidden part.

    What overlaps such a row moves in the rest of its groups.
    """
    certain = state.known(crossing.domain, variable) & state.certain(crossing.domain, variable)
    found: Booleans = (crossing.n[:, variable] > 0) & ~crossing.member[certain].any(axis=0)
    return found


@dataclass(frozen=True)
class _Rules:
    """Some rows of a region: movements of a weighted sum, how far they may go, and what to hide for them."""

    rows: Floats
    least: Floats
    most: Floats
    shown: Ints
    earlier: Ints

    def binding(self, below: Floats, above: Floats) -> "_Rules":
        """Those that the groups could bring out of their room at all."""
        up = np.maximum(self.rows, 0.0) @ above + np.minimum(self.rows, 0.0) @ below
        down = np.maximum(self.rows, 0.0) @ below + np.minimum(self.rows, 0.0) @ above
        keep = (up > self.most) | (down < self.least)
        return _Rules(*(part[keep] for part in (self.rows, self.least, self.most, self.shown, self.earlier)))


def region_of(
    state: State, crossing: Crossing, variable: int, active: Booleans, others: Movements | None = None
) -> tuple[regions.Region, Ints, Ints]:
    """What the attacker holds possible: shown figures stay in their bands and above the rule's limits.

    The groups of the crossing that are `active`, and after them the share of each movement of the others.
    """
    n, yes = crossing.n[active, variable], crossing.yes[active, variable]
    weight = crossing.weight[active]
    if others is None:
        others = Movements(crossing.domain[:0], np.zeros((0, 0)), np.zeros((0, 0)))
    domain = np.union1d(crossing.domain, others.domain)
    member = np.zeros((len(domain), len(n)))
    member[np.searchsorted(domain, crossing.domain)] = crossing.member[:, active]
    weighted, persons = (
        np.hstack([own, _on_rows(domain, others.domain, theirs)])
        for own, theirs in ((member * weight, others.weighted), (member, others.persons))
    )
    used = state.known(domain, variable) & ~state.certain(domain, variable)
    shares = others.weighted.shape[1]
    below, above = np.r_[-yes, np.zeros(shares)], np.r_[n - yes, np.ones(shares)]
    parts = [
        _figures(state, domain[used], variable, weighted[used]),
        *_limits(state, domain[used], variable, persons[used]),
        _changes(state, domain, variable, weighted),
        _shares(len(n), shares),
    ]
    parts = [part.binding(below, above) for part in parts]
    start = n * _levels(weight, n, yes, crossing.stratum[active]) - yes
    region = regions.Region(
        below,
        above,
        np.vstack([part.rows for part in parts]),
        np.concatenate([part.least for part in parts]),
        np.concatenate([part.most for part in parts]),
        np.r_[start, np.full(shares, 0.5 / max(shares, 1))],
    )
    shown, earlier = (np.concatenate([getattr(part, name) for part in parts]) for name in ("shown", "earlier"))
    return region, shown, earlier


def _shares(groups: int, shares: int) -> _Rules:
    """The shares of the others' movements sum to 1 at most."""
    row, nothing = np.r_[np.zeros(groups), np.ones(shares)], np.array([-1])
    return _Rules(row[None], np.array([-np.inf]), np.ones(1), nothing, nothing)


def _on_rows(domain: Ints, own: Ints, table: Floats) -> Floats:
    """A table over some of the rows as one over all of them."""
    found = np.zeros((len(domain), table.shape[1]))
    found[np.searchsorted(domain, own)] = table
    return found


def _figures(state: State, domain: Ints, variable: int, rows: Floats) -> _Rules:
    """Shown figures stay in their bands."""
    size = state.population[domain, variable]
    shown = np.where(state.told[domain, variable], -1, domain)
    below, above = (band[domain, variable] for band in (state.below, state.above))
    return _Rules(rows, size * (below - SLACK), size * (above + SLACK), shown, np.full(len(shown), -1))


def _limits(state: State, domain: Ints, variable: int, rows: Floats) -> list[_Rules]:
    """Shown counts stay above the limits of the rule on both sides."""
    counts, limit = state.yes[domain, variable], state.limit[domain]
    shown = np.where(state.told[domain, variable], -1, domain)
    rules = []
    for spare, sign in ((counts - limit, 1.0), (state.n[domain, variable] - counts - limit, -1.0)):
        near = spare < RULE_REACH
        least = 1.0 - EDGE - np.maximum(spare[near], 1.0)
        most, nothing = np.full(len(least), np.inf), np.full(len(least), -1)
        rules.append(_Rules(sign * rows[near], least, most, shown[near], nothing))
    return rules


def _changes(state: State, domain: Ints, variable: int, rows: Floats) -> _Rules:
    """Shown changes stay in their bands; a side without anybody of this municipality stays as it is."""
    change = state.changed[variable]
    now, before = (rows_of(domain, found) for found in (change, state.previous[change]))
    here = (now >= 0) | (before >= 0)
    change, now, before = change[here], now[here], before[here]
    earlier = state.previous[change]
    both = state.known(change, variable) & state.known(earlier, variable)
    change, now, before, earlier = change[both], now[both], before[both], earlier[both]
    size = state.population[change, variable]
    scale = size / state.population[earlier, variable]
    moved = np.where(now[:, None] >= 0, rows[now], 0.0)
    moved = moved - np.where(before[:, None] >= 0, scale[:, None] * rows[before], 0.0)
    told = state.told[:, variable]
    shown = np.where(told[change], np.where(told[earlier], -1, earlier), change)
    least, most = (band[change, variable] for band in (state.change_below, state.change_above))
    return _Rules(moved, size * (least - SLACK), size * (most + SLACK), shown, earlier)


def _levels(weight: Floats, n: Floats, yes: Floats, stratum: Ints) -> Floats:
    """A share for each group, that of its stratum drawn a little to the municipality's: never 0 or 1."""
    whole = min(max(float(weight @ yes / (weight @ n)), 0.02), 0.98)
    base = np.bincount(stratum, weights=weight * n)
    level = np.bincount(stratum, weights=weight * yes)
    share: Floats = ((level + 0.1 * whole * base) / np.maximum(1.1 * base, 1e-300))[stratum]
    return share
