"""The search: hide rows until every hidden count of a municipality can move. METHODS.md M-20.

`regions.move` looks for a witness of enough movement, and `regions.widen` harder for one target; where there
is none, the shown row that strains most for the least loss is hidden, and the search starts again. Hiding
only widens what an attacker must hold possible, so that a row once proven stays proven.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis import regions
from analysis.crossings import Crossing, joined
from analysis.hidden_counts import Problem, State, pose
from analysis.packed import rows_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

COSTLY, DEAR = 10.0, 300.0  # loss from which rows are hidden one at a time, and from which all is tried
HOPELESS = 0.5  # of the needed width: below it there is little doubt
TOLERANCE = 1e-7  # of the needed width
PLENTY = 2  # times the needed width: so many persons of a row are looked for in few municipalities


def protect(state: State, crossing: Crossing, variable: int, *, enforce: bool) -> None:
    """Hide rows of a statistic until every hidden count of a municipality, or of several, can move.

    Args:
        state: what is shown and proven; changed.
        crossing: the municipalities.
        variable: position of the statistic.
        enforce: hide rows also for the sake of rows that hold persons of other municipalities.
    """
    # Tables known to be possible, as movements of all groups; hiding more leaves them possible.
    witnesses = np.zeros((1, len(crossing.weight)))
    _hide_certain(state, crossing, variable)
    while (problem := pose(state, crossing, variable, enforce)) is not None:
        needed = problem.needed * (1.0 - TOLERANCE)
        found = regions.move(problem.region, problem.targets, needed)
        safe = found.width >= needed
        chosen, witnesses = _choose(state, problem, found, safe, witnesses)
        proven = problem.domain[safe]
        state.proven[proven[proven >= 0], variable] = True
        state.rest_proven[-1 - proven[proven < 0], variable] = True
        if not chosen:
            return
        for row in chosen:
            state.hide(row, variable)
        _hide_certain(state, crossing, variable)


def protect_together(state: State, crossings: Sequence[Crossing], variable: int) -> None:
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
        protect(state, joined([crossings[place] for place in sorted(chosen)]), variable, enforce=True)


def _persons(crossings: Sequence[Crossing], domain: Ints, variable: int, *, rest: bool) -> Floats:
    """Persons in the base of each domain, or of those in it who are neither woman nor man: x crossings."""
    table = np.zeros((len(domain), len(crossings)))
    for place, crossing in enumerate(crossings):
        own, member = (crossing.rest_domain, crossing.rest) if rest else (crossing.domain, crossing.member)
        row = rows_of(own, domain)
        here = row >= 0
        table[here, place] = member[row[here]] @ crossing.n[:, variable]
    return table


def _choose(
    state: State, problem: Problem, found: regions.Movement, safe: Booleans, witnesses: Floats
) -> tuple[set[int], Floats]:
    """The rows to hide next; marks in `safe` what is proven on the way, with the tables that do."""
    share = found.width / problem.needed
    chosen: set[int] = set()
    # The tightest first: what is hidden for it often frees the others.
    for target in np.argsort(share, kind="stable"):
        if safe[target] or not problem.binding[target]:
            continue
        row = problem.in_the_way(state, found.strain[target])
        dear = row >= 0 and bool(state.loss[row] >= COSTLY)
        if row < 0 or row in chosen or (chosen and dear):
            continue
        if share[target] > HOPELESS or (dear and state.loss[row] >= DEAR):
            ends = np.zeros((2, witnesses.shape[1]))
            ends[:, problem.active] = regions.widen(
                problem.region, found.centre, problem.targets[target], problem.needed[target]
            )
            witnesses = np.vstack([witnesses, ends])
            moved = witnesses[:, problem.active] @ problem.targets.T
            safe |= np.ptp(moved, axis=0) >= problem.needed * (1.0 - TOLERANCE)
        if not safe[target]:
            chosen.add(row)
    return chosen, witnesses


def _hide_certain(state: State, crossing: Crossing, variable: int) -> None:
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
