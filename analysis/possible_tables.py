"""The tables an attacker must hold possible: everything shown stays as it is printed. METHODS.md M-20.

The movements of one municipality's counts of one statistic, and of what others do in the meantime: a region
bounded by shown figures, their changes, and the limits of the rule.
"""

from dataclasses import dataclass

import numpy as np

from analysis import regions
from analysis.arrays import Floats, Ints, Mask
from analysis.crossings import Crossing
from analysis.packed import rows_of
from analysis.shown_so_far import State

RULE_REACH = 20.0  # a shown count this near the publication rule's own limit tells that it is above it
EDGE = 0.01  # persons: a count on the very limit of the rule
SLACK = 1e-7  # of a figure's weight: a value on the very edge of its rounding


@dataclass(frozen=True)
class Movements:
    """What municipalities can do at once, as tables that every figure of their own agrees with.

    Any mixture of them does too, as long as their shares sum to 1 at most.

    Attributes:
        domain: the rows of several municipalities, ascending.
        weighted, persons: rows x movements: what each adds to the row's weighted sum, and to its persons.
    """

    domain: Ints
    weighted: Floats
    persons: Floats

    def __sub__(self, other: "Movements") -> "Movements":
        """Without some of the municipalities."""
        return Movements(self.domain, self.weighted - other.weighted, self.persons - other.persons)


def possible(state: State, crossing: Crossing, variable: int) -> Mask:
    """Groups whose counts an attacker does not know: a shown 0 or 100 % has no hidden part.

    What overlaps such a row moves in the rest of its groups.
    """
    certain = state.known(crossing.domain, variable) & state.certain(crossing.domain, variable)
    found: Mask = (crossing.n[:, variable] > 0) & ~crossing.member[certain].any(axis=0)
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
        middle, half = self.rows @ ((above + below) / 2.0), np.abs(self.rows) @ ((above - below) / 2.0)
        up, down = middle + half, middle - half
        keep = (up > self.most) | (down < self.least)
        return _Rules(
            self.rows[keep], self.least[keep], self.most[keep], self.shown[keep], self.earlier[keep]
        )


def region_of(
    state: State, crossing: Crossing, variable: int, active: Mask, others: Movements | None = None
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
    shown, earlier = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("shown", "earlier")
    )
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
