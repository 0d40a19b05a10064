"""What an attacker must hold possible of one municipality's hidden counts of one statistic. METHODS.md M-20.

`State` is what is shown so far; `pose` turns it into the question that `regions` answers: how far can each
hidden count move while everything shown, in all waves, stays as it is printed?
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from analysis import regions
from analysis.crossings import Crossing, Domains
from analysis.relations import AnyOf, relate

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

HEADROOM = 0.25  # persons more than the rule asks for: the witness is computed in floating point
RULE_REACH = 12.0  # a shown count this near the publication rule's own limit tells that it is above it
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
        targets: targets x groups.
        domain: domain of each target; -1 - domain of the total for those who are neither woman nor man.
        size, needed: persons of each target that can move, and must be able to.
        binding: targets for which rows are hidden if need be.
        active: groups of the crossing that the region has.
    """

    region: regions.Region
    shown: Ints
    targets: Booleans
    domain: Ints
    size: Floats
    needed: Floats
    binding: Booleans
    active: Booleans

    def in_the_way(self, state: State, strain: Floats) -> int:
        """The shown row that strains most for the least loss; -1 when none can be hidden."""
        score = np.where(self.shown >= 0, strain / state.loss[self.shown], 0.0)
        return int(self.shown[int(score.argmax())]) if len(score) and score.max() > 0 else -1


def pose(state: State, crossing: Crossing, variable: int, enforce: bool) -> Problem | None:
    """The question that is left of a crossing and statistic; None when nothing is left to prove.

    Args:
        state: what is shown.
        crossing: one municipality or several.
        variable: position of the statistic.
        enforce: hide rows also for the sake of rows that hold persons of other municipalities.
    """
    n = crossing.n[:, variable]
    known = state.known(crossing.domain, variable)
    # A shown 0 or 100 % has no hidden part; what overlaps it moves in the rest of its groups.
    certain = known & state.certain(crossing.domain, variable)
    active = (n > 0) & ~crossing.member[certain].any(axis=0)
    if not active.any():
        return None
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
    region, shown = _region(state, crossing, variable, active, known & ~certain)
    needed = np.minimum(needed, size)
    return Problem(region, shown, targets[keep], domain[keep], size[keep], needed[keep], binding, active)


@dataclass(frozen=True)
class _Rules:
    """Some rows of a region: movements of a weighted sum, how far they may go, and what to hide for them."""

    rows: Floats
    least: Floats
    most: Floats
    shown: Ints

    def binding(self, below: Floats, above: Floats) -> "_Rules":
        """Those that the groups could bring out of their room at all."""
        up = np.maximum(self.rows, 0.0) @ above + np.minimum(self.rows, 0.0) @ below
        down = np.maximum(self.rows, 0.0) @ below + np.minimum(self.rows, 0.0) @ above
        keep = (up > self.most) | (down < self.least)
        return _Rules(self.rows[keep], self.least[keep], self.most[keep], self.shown[keep])


def _region(
    state: State, crossing: Crossing, variable: int, active: Booleans, used: Booleans
) -> tuple[regions.Region, Ints]:
    """What the attacker holds possible: shown figures stay in their bands and above the rule's limits."""
    n, yes = crossing.n[active, variable], crossing.yes[active, variable]
    weight, member = crossing.weight[active], crossing.member[:, active]
    parts = [
        _figures(state, crossing.domain[used], variable, member[used] * weight),
        *_limits(state, crossing.domain[used], variable, member[used].astype(np.float64)),
        _changes(state, crossing, variable, member * weight),
    ]
    parts = [part.binding(-yes, n - yes) for part in parts]
    start = n * _levels(weight, n, yes, crossing.stratum[active]) - yes
    region = regions.Region(
        -yes,
        n - yes,
        np.vstack([part.rows for part in parts]),
        np.concatenate([part.least for part in parts]),
        np.concatenate([part.most for part in parts]),
        start,
    )
    return region, np.concatenate([part.shown for part in parts])


def _figures(state: State, domain: Ints, variable: int, rows: Floats) -> _Rules:
    """Shown figures stay in their bands."""
    size = state.population[domain, variable]
    shown = np.where(state.told[domain, variable], -1, domain)
    below, above = (band[domain, variable] for band in (state.below, state.above))
    return _Rules(rows, size * (below - SLACK), size * (above + SLACK), shown)


def _limits(state: State, domain: Ints, variable: int, rows: Floats) -> list[_Rules]:
    """Shown counts stay above the limits of the rule on both sides."""
    counts, limit = state.yes[domain, variable], state.limit[domain]
    shown = np.where(state.told[domain, variable], -1, domain)
    rules = []
    for spare, sign in ((counts - limit, 1.0), (state.n[domain, variable] - counts - limit, -1.0)):
        near = spare < RULE_REACH
        least = 0.5 - np.maximum(spare[near], 1.0)
        rules.append(_Rules(sign * rows[near], least, np.full(int(near.sum()), np.inf), shown[near]))
    return rules


def _changes(state: State, crossing: Crossing, variable: int, rows: Floats) -> _Rules:
    """Shown changes stay in their bands; a side without anybody of this municipality stays as it is."""
    change = state.changed[variable]
    now, before = (crossing.row_of(domain) for domain in (change, state.previous[change]))
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
    return _Rules(moved, size * (least - SLACK), size * (most + SLACK), shown)


def _levels(weight: Floats, n: Floats, yes: Floats, stratum: Ints) -> Floats:
    """A share for each group, that of its stratum drawn a little to the municipality's: never 0 or 1."""
    whole = min(max(float(weight @ yes / (weight @ n)), 0.02), 0.98)
    base = np.bincount(stratum, weights=weight * n)
    level = np.bincount(stratum, weights=weight * yes)
    share: Floats = ((level + 0.1 * whole * base) / np.maximum(1.1 * base, 1e-300))[stratum]
    return share
