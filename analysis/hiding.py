"""The search: hide rows until every hidden count of a municipality can move. METHODS.md M-20.

`regions.move` proves most counts at once, and `extremes.Extremes` settles the others exactly. For a count
that cannot move enough, the cheapest shown row that holds it back is hidden, until it can; of these rows all
that turn out not to be needed are shown again. Hiding only widens what an attacker must hold possible, so
that a count once proven stays proven.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis import regions
from analysis.arrays import Floats, Ints, Mask
from analysis.compensation import together
from analysis.crossings import Crossing, joined
from analysis.extremes import Extremes
from analysis.hidden_counts import Problem, pose
from analysis.packed import rows_of
from analysis.possible_tables import Movements
from analysis.shown_so_far import State

TOLERANCE = 1e-7  # of the needed width
PLENTY = 2  # times the needed width: so many persons of a row are looked for in few municipalities
MANY = 12  # targets: from here on rays are shot first


def protect(
    state: State, crossing: Crossing, variable: int, *, enforce: bool, others: Movements | None = None
) -> None:
    """Hide rows of a statistic until every hidden count of a municipality, or of several, can move.

    Args:
        state: what is shown and proven; changed.
        crossing: the municipalities.
        variable: position of the statistic.
        enforce: hide rows also for the sake of rows that hold persons of other municipalities.
        others: what all other municipalities can do in the meantime.
    """
    hide_certain(state, crossing, variable)
    while (problem := pose(state, crossing, variable, enforce, others)) is not None:
        safe, hidden = _solve(state, problem)
        proven = problem.domain[safe]
        state.proven[proven[proven >= 0], variable] = True
        state.rest_proven[-1 - proven[proven < 0], variable] = True
        if not hidden:
            return
        for row in hidden:
            state.hide(row, variable)
        hide_certain(state, crossing, variable)


@dataclass
class _Reach:
    """How far the targets of a problem are seen to move so far, and the programmes that tell more.

    Attributes:
        targets: targets x groups.
        needed: persons each must be able to move.
        low, high: persons, inside the tightest bounds.
        extremes: the programmes.
    """

    targets: Floats
    needed: Floats
    low: Floats
    high: Floats
    extremes: Extremes

    @classmethod
    def of(cls, problem: Problem) -> "_Reach":
        """What rays show, of many targets."""
        low, high = np.zeros((2, len(problem.needed)))
        if len(low) > MANY:
            found = regions.move(problem.region, problem.targets, problem.needed)
            low, high = (
                np.fmin(found.lowest, 0.0),
                np.fmax(found.highest, 0.0),
            )  # nobody's movement is one, too
        needed = problem.needed * (1.0 - TOLERANCE)
        return cls(problem.targets.astype(np.float64), needed, low, high, Extremes(problem.region))

    def share(self) -> Floats:
        """Of what each target needs, how much it has been seen to move."""
        share: Floats = (self.high - self.low) / self.needed
        return share

    def see(self, table: Floats) -> None:
        """A possible table counts for all targets."""
        counts = self.targets @ table
        self.low, self.high = np.minimum(self.low, counts), np.maximum(self.high, counts)

    def settle(self, target: int) -> Floats:
        """Whether a target can move enough: what holds it back, nothing if it can."""
        strain = np.zeros(0)
        for sign in (1.0, -1.0):
            if self.share()[target] >= 1.0:
                break
            table, held = self.extremes.most(sign * self.targets[target])
            self.see(table)
            strain = held + strain if len(strain) else held
        return strain


def _solve(state: State, problem: Problem) -> tuple[Mask, set[int]]:
    """The targets that can move enough, and the rows that have to be hidden for it."""
    reach = _Reach.of(problem)
    strain = {target: reach.settle(target) for target in np.flatnonzero(reach.share() < 1.0).tolist()}
    hidden: set[int] = set()
    # The tightest first: what is hidden for it often frees the others.
    for target in np.argsort(reach.share(), kind="stable").tolist():
        if problem.binding[target] and reach.share()[target] < 1.0:
            hidden |= _free(state, problem, reach, target, strain[target], hidden)
    return reach.share() >= 1.0, hidden


def _free(
    state: State, problem: Problem, reach: _Reach, number: int, settled: Floats, before: Collection[int]
) -> set[int]:
    """Rows to hide besides some others, none of them in vain, so that a target can move enough.

    `settled` is what holds it back when nothing is hidden.
    """
    target, needed = reach.targets[number], reach.needed[number]
    freed: tuple[Floats, ...] = ()

    def held(hidden: Iterable[int]) -> Floats | None:
        """What holds the target back, when some rows are hidden; None when it can move enough."""
        nonlocal freed
        reach.extremes.keep(problem.without([*before, *hidden]))
        high, up = reach.extremes.most(target)
        if high @ target - reach.low[number] >= needed:
            freed = (high,)
            return None
        low, down = reach.extremes.most(-target)
        if (high - low) @ target >= needed:
            freed = (high, low)
            return None
        return up + down

    chosen: list[int] = []
    strain = held(chosen) if before else settled
    while strain is not None and (row := problem.in_the_way(state, strain)) >= 0:
        chosen.append(row)
        strain = held(chosen)
    if strain is not None:
        return set()  # nothing helps: an earlier release has told too much
    # In vain, or hidden before what helped more: shown again, the dearest first.
    for row in sorted(chosen[:-1], key=lambda row: -state.loss[row]):
        if held(rest := [other for other in chosen if other != row]) is None:
            chosen = rest
    for table in freed:  # of what is hidden in the end: the last with which the target could move
        reach.see(table)
    return set(chosen)


def protect_together(
    state: State, crossings: Sequence[Crossing], offered: Sequence[Movements], variable: int
) -> None:
    """Protect the hidden rows of several municipalities that no municipality proves by itself.

    They are proven in the municipalities with most of their persons, taken together.
    """
    local = np.isin(state.domains.geography.astype(str), ("area", "municipality"))
    hidden = ~state.known(np.arange(len(local)), variable) & ~state.proven[:, variable]
    open_rows = hidden & ~local & (state.n[:, variable] > 0)
    open_rest = ~state.rest_proven[:, variable] & ~local & (state.rest[:, variable] > 0)
    chosen: set[int] = set()
    for persons, found, total in (
        (_persons(crossings, np.flatnonzero(open_rows), variable, rest=False), open_rows, state.n),
        (_persons(crossings, np.flatnonzero(open_rest), variable, rest=True), open_rest, state.rest),
    ):
        wanted = np.minimum(PLENTY * state.width, total[found, variable])
        for count, needed in zip(persons, wanted, strict=True):
            for place in np.argsort(-count, kind="stable"):
                if count[sorted(chosen)].sum() >= needed:
                    break
                chosen.add(int(place))
    if chosen:
        rest = [offer for place, offer in enumerate(offered) if place not in chosen]
        others = together(rest) if rest else None
        chosen_ones = joined([crossings[place] for place in sorted(chosen)])
        protect(state, chosen_ones, variable, enforce=True, others=others)


def _persons(crossings: Sequence[Crossing], domain: Ints, variable: int, *, rest: bool) -> Floats:
    """Persons in the base of each domain, or of those in it who are neither woman nor man: x crossings."""
    table = np.zeros((len(domain), len(crossings)))
    for place, crossing in enumerate(crossings):
        own, member = (crossing.rest_domain, crossing.rest) if rest else (crossing.domain, crossing.member)
        row = rows_of(own, domain)
        here = row >= 0
        table[here, place] = member[row[here]] @ crossing.n[:, variable]
    return table


def hide_certain(state: State, crossing: Crossing, variable: int) -> None:
    """Hide every 0 and 100 % that has hidden parts: it would speak for each of them."""
    domain, n = crossing.domain, crossing.n[:, variable] > 0
    told = state.told[domain, variable]
    certain = state.certain(domain, variable) & ~told
    rest = crossing.rest & n
    parts = rest[rest.any(axis=1)]
    while True:
        candidates = np.flatnonzero(certain & state.shown[domain, variable])
        hidden = crossing.member[~state.known(domain, variable)] & n
        inside = np.vstack([hidden[hidden.any(axis=1)], parts])
        found = [row for row in candidates if (inside <= crossing.member[row]).all(axis=1).any()]
        if not found:
            return
        for row in found:
            state.hide(int(domain[row]), variable)
