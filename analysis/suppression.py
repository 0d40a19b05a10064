"""Secondary suppression: hide further rows until no hidden count follows from what is shown. METHODS.md M-20.

For every hidden row of a sensitive item the persons on the yes side must be able to move by at least
`Thresholds.protection_width`, everything shown staying as it is printed. `regions.move` looks for a
witness of
that; where it finds none, the shown row that strains most for the least loss is hidden, and the search starts
again. Hiding only widens what an attacker must hold possible, so that a row once proven stays proven.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import regions
from analysis.bands import bands
from analysis.coarsening import coarsen
from analysis.crossings import Crossing, Domains, crossings, domains_of
from analysis.disclosure import PROTECTED
from analysis.indicators import Variables
from analysis.keys import TOTAL
from analysis.packed import pack, unpack
from analysis.parallel import in_order
from analysis.relations import Relations, relate, relations
from analysis.remembered import remember
from analysis.settings import Settings
from analysis.weights import Weighted

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

# What a hidden row costs: total, gender, age, gender x age. Totals of municipalities and the region are kept
# as long as anything else can be hidden; the splits of areas, which only the data files show, go first.
LOSS = {
    "area": (10.0, 1.0, 1.0, 1.0),
    "municipality": (300.0, 30.0, 12.0, 2.0),
    TOTAL: (1000.0, 200.0, 100.0, 50.0),
}
LOSS_OF_UNION = (12.0, 3.0, 3.0, 1.0)
HEADROOM = 0.25  # persons more than the rule asks for: the witness is computed in floating point
COSTLY, DEAR = 10.0, 300.0  # loss from which the exact answer is worth its time: in doubt, and always
HOPELESS = 0.5  # of the needed width: below it there is little doubt
TOLERANCE = 1e-7  # of the needed width
RULE_REACH = 12.0  # a shown count this near the publication rule's own limit tells that it is above it
SLACK = 1e-7  # of a figure's weight: a value on the very edge of its rounding


@dataclass
class State:
    """What is shown so far, domains x variables, and what the proof needs to know of it.

    Attributes:
        shown: rows that are shown.
        told: rows an earlier release has shown, whatever this one does.
        n, yes, population: unweighted persons, persons on the yes side, sum of weights.
        below, above: band of each proportion around its value.
        limit: persons on either side that the primary rule hides, per domain.
        loss: cost of hiding a row, per domain.
        protected: variables that need protection.
        proven: hidden rows that are known to be able to move, in one municipality at least.
    """

    domains: Domains
    relations: Relations
    shown: Booleans
    told: Booleans
    n: Floats
    yes: Floats
    population: Floats
    below: Floats
    above: Floats
    limit: Floats
    loss: Floats
    protected: Booleans
    width: float
    proven: Booleans = field(init=False)

    def __post_init__(self) -> None:
        self.proven = np.zeros_like(self.shown)

    def relate(self) -> None:
        """Hide what follows within one domain."""
        after = relate(self.shown, self.yes, self.relations, self.protected, self.width)
        self.shown = after | (self.shown & self.told)

    def hide(self, domain: int, variable: int) -> None:
        """Hide a row with the rows that are hidden with it; what an earlier release told is told."""
        tied = list(self.relations.tied[variable])
        self.shown[domain, tied] &= self.told[domain, tied]


def suppress(
    screened: pd.DataFrame,
    changes: pd.DataFrame,
    weighted: Weighted,
    variables: Variables,
    earlier: pd.DataFrame | None = None,
    jobs: int = 1,
) -> pd.DataFrame:
    """Hide what has to be hidden for the sake of other hidden rows. METHODS.md M-20 and M-21.

    Args:
        screened: the table of `estimates.estimate` after `disclosure.screen`, in its own order.
        changes: the table of `changes.compare` on it: what would be shown of the changes.
        weighted: the weights the estimates were made with.
        variables: the indicators as measured.
        earlier: rows of earlier releases of the same waves: the key columns of `screened`, released (0/1) and
            n (missing where hidden), in any number and order; None for a first release. What any of them hid
            stays hidden. What any of them showed is known to the attacker, and is held back where its n has
            changed by 1 to `Thresholds.hidden_persons`: the difference would tell about so few.
        jobs: processes to use; what is hidden does not depend on it.

    Returns:
        `screened` with `released` 0 and `reason` protected on the rows hidden here; nothing else is touched.

    Source: Hundepool et al. (2012); the search is our own, see METHODS.md.
    """
    if screened.empty:
        return screened
    state = _state(screened, changes, weighted, variables, earlier)
    before = screened["released"].to_numpy().reshape(state.shown.shape) == 1
    levels = np.isin(variables.statistic, ("proportion", "mean"), invert=True)
    coarse = coarsen(state.shown, state.n, state.domains, state.protected, levels)
    state.shown = coarse | (state.shown & state.told)
    state.relate()
    _protect_all(state, weighted, variables, jobs)
    hidden = (before & ~state.shown).ravel()
    codes, words = unpack(screened["reason"])
    words = words if PROTECTED in words else [*words, PROTECTED]
    return screened.assign(
        released=np.where(hidden, 0, screened["released"].to_numpy()),
        reason=pack(np.where(hidden, words.index(PROTECTED), codes), words),
    )


def _state(
    screened: pd.DataFrame,
    changes: pd.DataFrame,
    weighted: Weighted,
    variables: Variables,
    earlier: pd.DataFrame | None,
) -> State:
    """The table as matrices."""
    settings, indicators = weighted.settings, weighted.bundle.indicators
    shape = (-1, len(variables.statistic))
    domains = domains_of(screened, shape[1])
    sensitive = indicators["sensitive"].to_numpy(dtype=bool)[variables.of_indicator]
    below, above = bands(screened, changes, settings)
    told, kept = remember(screened, earlier, settings.thresholds.hidden_persons)
    size = {
        name: screened[name].to_numpy(dtype=np.float64).reshape(shape) for name in ("n", "yes", "population")
    }
    return State(
        domains,
        relations(variables, indicators),
        shown=(screened["released"].to_numpy().reshape(shape) == 1)
        & ~(kept.reshape(shape) & sensitive & ~variables.is_mean),
        told=told.reshape(shape),
        **size,
        below=below.reshape(shape).astype(np.float64),
        above=above.reshape(shape).astype(np.float64),
        limit=_limits(domains, settings),
        loss=_losses(domains),
        protected=sensitive & ~variables.is_mean,
        width=float(settings.thresholds.protection_width),
    )


def _limits(domains: Domains, settings: Settings) -> Floats:
    """Largest count on either side that is never shown, of each domain."""
    large = np.isin(domains.geography.astype(str), ("municipality", TOTAL))
    total = (domains.gender == TOTAL) & (domains.age_group == TOTAL) & large
    limits = settings.thresholds
    return np.where(total, limits.hidden_persons_municipality, limits.hidden_persons).astype(np.float64)


def _losses(domains: Domains) -> Floats:
    """Cost of hiding each domain."""
    kind = (domains.gender != TOTAL) * 1 + (domains.age_group != TOTAL) * 2
    return np.array(
        [LOSS.get(name, LOSS_OF_UNION)[k] for name, k in zip(domains.geography, kind, strict=True)]
    )


def _protect_all(state: State, weighted: Weighted, variables: Variables, jobs: int) -> None:
    """Protect every sensitive statistic; again those in which something is hidden for the sake of another.

    Statistics that are hidden together are one piece of work: no other piece looks at their rows.
    """
    places = list(crossings(weighted, variables, state.domains))
    pieces = sorted({state.relations.tied[one] for one in np.flatnonzero(state.protected)})

    def work(piece: tuple[int, ...]) -> tuple[Booleans, Booleans]:
        tied = [one for one in piece if state.protected[one]]
        _protect_tied(state, places, tied)
        return state.shown[:, tied], state.proven[:, tied]

    while pieces:
        for piece, (shown, proven) in zip(pieces, in_order(work, pieces, jobs), strict=True):
            tied = [one for one in piece if state.protected[one]]
            state.shown[:, tied], state.proven[:, tied] = shown, proven
        before = state.shown.copy()
        state.relate()
        changed = (before != state.shown).any(axis=0)
        pieces = [piece for piece in sorted(set(state.relations.tied)) if changed[list(piece)].any()]


def _protect_tied(state: State, places: list[Crossing], tied: list[int]) -> None:
    """Protect statistics that are hidden together, municipality by municipality.

    Rows of several municipalities are proven when their part in any one can move. Those that no municipality
    proves on the way are enforced in the last one of them that the second part of the pass meets.
    """
    for crossing in places:
        for variable in tied:
            _protect(state, crossing, variable, enforce=False)
    for crossing in places:
        for variable in tied:
            if _unproven(state, variable)[crossing.domain[~crossing.local]].any():
                _protect(state, crossing, variable, enforce=True)


def _unproven(state: State, variable: int) -> Booleans:
    """Hidden rows of several municipalities that are not known to be able to move."""
    spanning = np.isin(state.domains.geography.astype(str), ("area", "municipality"), invert=True)
    hidden = ~state.shown[:, variable] & ~state.proven[:, variable] & ~state.told[:, variable]
    found: Booleans = hidden & (state.n[:, variable] > 0) & spanning
    return found


def _protect(state: State, crossing: Crossing, variable: int, *, enforce: bool) -> None:
    """Hide rows of one municipality and statistic until every hidden count of it can move."""
    # Tables known to be possible, as movements of all groups; hiding more leaves them possible.
    witnesses = np.zeros((1, len(crossing.weight)))
    rest_proven = np.zeros(len(crossing.rest), dtype=bool)
    _hide_certain(state, crossing, variable)
    while (problem := _problem(state, crossing, variable, rest_proven, enforce)) is not None:
        found = regions.move(problem.region, problem.targets, problem.whole)
        safe = found.width >= problem.needed * (1.0 - TOLERANCE)
        chosen, witnesses = _choose(state, problem, variable, found, safe, witnesses)
        for number in problem.domain[safe]:
            if number >= 0:
                state.proven[number, variable] = True
            else:
                rest_proven[-1 - number] = True
        if not chosen:
            return
        for row in chosen:
            state.hide(row, variable)
        _hide_certain(state, crossing, variable)


def _choose(
    state: State,
    problem: "Problem",
    variable: int,
    found: regions.Movement,
    safe: Booleans,
    witnesses: Floats,
) -> tuple[set[int], Floats]:
    """The rows to hide next; marks in `safe` what exact answers prove on the way, and keeps their tables."""
    share = found.width / problem.needed
    chosen: set[int] = set()
    # The tightest first: what is hidden for it often frees the others.
    for target in np.argsort(share, kind="stable"):
        row = problem.in_the_way(state, variable, found.strain[target])
        dear = row >= 0 and bool(state.loss[row] >= COSTLY)
        if safe[target] or not problem.binding[target] or row < 0 or row in chosen or (chosen and dear):
            continue
        if dear and (share[target] > HOPELESS or state.loss[row] >= DEAR):
            ends = np.zeros((2, witnesses.shape[1]))
            ends[:, problem.active] = regions.extremes(problem.region, problem.targets[target])
            witnesses = np.vstack([witnesses, ends])
            moved = witnesses[:, problem.active] @ problem.targets.T
            safe |= np.ptp(moved, axis=0) >= problem.needed * (1.0 - TOLERANCE)
        if not safe[target]:
            chosen.add(row)
    return chosen, witnesses


def _hide_certain(state: State, crossing: Crossing, variable: int) -> None:
    """Hide every 0 and 100 % that has hidden parts: it would speak for each of them."""
    domain, n = crossing.domain, crossing.n[:, variable] > 0
    counts, size = state.yes[domain, variable], state.n[domain, variable]
    certain = ((counts == 0) | (counts == size)) & ~state.told[domain, variable]
    rest = crossing.rest & n
    parts = rest[rest.any(axis=1)]
    while True:
        candidates = np.flatnonzero(certain & state.shown[domain, variable])
        hidden = crossing.member[~state.shown[domain, variable] & ~state.told[domain, variable]] & n
        inside = np.vstack([hidden[hidden.any(axis=1)], parts])
        found = [row for row in candidates if (inside <= crossing.member[row]).all(axis=1).any()]
        if not found:
            return
        for row in found:
            state.hide(int(domain[row]), variable)


@dataclass(frozen=True)
class Problem:
    """The question for one municipality and statistic, in active groups only.

    Attributes:
        region: what the attacker holds possible.
        shown: domain of each row of the region.
        targets, whole: as `regions.move` takes them.
        domain: domain of each target; -1 - position in `Crossing.rest` for persons no row shows.
        needed: persons each target must be able to move.
        binding: targets for which rows are hidden if need be.
        active: groups of the crossing that the region has.
    """

    region: regions.Region
    shown: Ints
    targets: Booleans
    whole: Booleans
    domain: Ints
    needed: Floats
    binding: Booleans
    active: Booleans

    def in_the_way(self, state: State, variable: int, strain: Floats) -> int:
        """The shown row that strains most for the least loss; -1 when none can be hidden."""
        score = np.where(state.told[self.shown, variable], 0.0, strain / state.loss[self.shown])
        return int(self.shown[int(score.argmax())]) if len(score) and score.max() > 0 else -1


def _problem(
    state: State, crossing: Crossing, variable: int, rest_proven: Booleans, enforce: bool
) -> Problem | None:
    """None when nothing is left to prove."""
    n = crossing.n[:, variable]
    row_shown = state.shown[crossing.domain, variable] | state.told[crossing.domain, variable]
    total, positive = (table[crossing.domain, variable] for table in (state.n, state.yes))
    # A shown 0 or 100 % has no hidden part; what overlaps it moves in the rest of its groups.
    certain = row_shown & ((positive == 0) | (positive == total))
    active = (n > 0) & ~crossing.member[certain].any(axis=0)
    if not active.any():
        return None
    open_rows, rest = ~row_shown & ~state.proven[crossing.domain, variable], np.flatnonzero(~rest_proven)
    targets = np.vstack([crossing.member[open_rows], crossing.rest[rest]])[:, active]
    domain = np.r_[crossing.domain[open_rows], -1 - rest]
    binding = np.r_[crossing.local[open_rows] | enforce, np.ones(len(rest), dtype=bool)]
    size = targets @ n[active]
    if not (size[binding] > 0).any():
        return None
    keep = size > 0
    needed = np.minimum(state.width + HEADROOM, size)
    used = row_shown & ~certain & _may_bind(state, crossing, variable, active)
    region, shown = _region(state, crossing, variable, active, np.flatnonzero(used))
    whole = size <= state.width + HEADROOM
    return Problem(
        region, shown, targets[keep], whole[keep], domain[keep], needed[keep], binding[keep], active
    )


def _may_bind(state: State, crossing: Crossing, variable: int, active: Booleans) -> Booleans:
    """Rows that the groups could bring out of their band or near the rule's limit at all."""
    member, weight = crossing.member[:, active], crossing.weight[active]
    n, yes = crossing.n[active, variable], crossing.yes[active, variable]
    size, domain = state.population[crossing.domain, variable], crossing.domain
    up, down = member @ (weight * (n - yes)), member @ (weight * yes)
    counts = state.yes[domain, variable]
    near = np.minimum(counts, state.n[domain, variable] - counts) - state.limit[domain] < RULE_REACH
    binds: Booleans = (up > size * state.above[domain, variable]) | near
    binds |= down > -size * state.below[domain, variable]
    return binds & member.any(axis=1)


def _region(
    state: State, crossing: Crossing, variable: int, active: Booleans, used: Ints
) -> tuple[regions.Region, Ints]:
    """What the attacker holds possible: shown figures stay in their bands and above the rule's limits."""
    n, yes = crossing.n[active, variable], crossing.yes[active, variable]
    weight, member = crossing.weight[active], crossing.member[np.ix_(used, active)]
    domain = crossing.domain[used]
    size = state.population[domain, variable]
    rows = [member * weight]
    least = [size * (state.below[domain, variable] - SLACK)]
    most = [size * (state.above[domain, variable] + SLACK)]
    shown = [domain]
    counts, limit = state.yes[domain, variable], state.limit[domain]
    for spare, sign in ((counts - limit, 1.0), (state.n[domain, variable] - counts - limit, -1.0)):
        near = spare < RULE_REACH
        rows.append(sign * member[near])
        least.append(0.5 - np.maximum(spare[near], 1.0))
        most.append(np.full(int(near.sum()), np.inf))
        shown.append(domain[near])
    start = n * _levels(weight, n, yes, crossing.stratum[active]) - yes
    region = regions.Region(
        -yes, n - yes, np.vstack(rows).astype(np.float64), np.concatenate(least), np.concatenate(most), start
    )
    return region, np.concatenate(shown)


def _levels(weight: Floats, n: Floats, yes: Floats, stratum: Ints) -> Floats:
    """A share for each group, that of its stratum drawn a little to the municipality's: never 0 or 1."""
    whole = min(max(float(weight @ yes / (weight @ n)), 0.02), 0.98)
    base = np.bincount(stratum, weights=weight * n)
    level = np.bincount(stratum, weights=weight * yes)
    share: Floats = ((level + 0.1 * whole * base) / np.maximum(1.1 * base, 1e-300))[stratum]
    return share
