"""Secondary suppression: hide further rows until no hidden count follows from what is shown. METHODS.md M-20.

For every hidden row of a sensitive item the persons on the yes side must be able to move by at least
`Thresholds.protection_width`, everything shown staying as it is printed. This module makes matrices of the
tables and goes through municipalities and statistics; what an attacker must hold possible is posed in
`hidden_counts`, and `hiding` chooses what to hide.
"""

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Ints, Mask
from analysis.bands import bands
from analysis.coarsening import coarsen, without_levels
from analysis.compensation import offers, together
from analysis.crossings import Common, Crossing, Domains, crossings, domains_of
from analysis.disclosure import BASE_ROUNDED_TO, PROTECTED, largest_hidden, of_sensitive_base
from analysis.extremes import highs
from analysis.hiding import hide_certain, protect, protect_together
from analysis.indicators import Variables
from analysis.keys import ESTIMATE, TOTAL
from analysis.packed import find_rows, pack, unpack
from analysis.parallel import in_order
from analysis.relations import any_of
from analysis.remembered import remember
from analysis.shown_so_far import State
from analysis.weights import Weighted

# What a hidden row costs: total, gender, age, gender x age. Totals of municipalities and the region are kept
# as long as anything else can be hidden; the splits of areas, which only the data files show, go first.
LOSS = {
    "area": (10.0, 1.0, 1.0, 1.0),
    "municipality": (300.0, 30.0, 12.0, 2.0),
    TOTAL: (1000.0, 200.0, 100.0, 50.0),
}
LOSS_OF_UNION = (12.0, 3.0, 3.0, 1.0)


def suppress(
    screened: pd.DataFrame,
    changes: pd.DataFrame,
    weighted: Weighted,
    variables: Variables,
    earlier: pd.DataFrame | None = None,
    jobs: int = 1,
    common: Common | None = None,
    withheld: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Hide what has to be hidden for the sake of other hidden rows. METHODS.md M-20 and M-21.

    Args:
        screened: the table of `estimates.estimate` after `disclosure.screen`, in its own order; with the rows
            of `unions.beside` when changes rest on them.
        changes: the table of `changes.compare` on it: what would be shown of the changes.
        weighted: the weights the estimates were made with.
        variables: the indicators as measured.
        earlier: rows of earlier releases of the same waves: the key columns of `screened`, released (0/1), n
            and estimate (missing where hidden), in any number and order; None for a first release. What any
            of them hid stays hidden. What any of them showed is known to the attacker, and is held back
            where its n has changed by 1 to `Thresholds.hidden_persons` (where n is rounded: may have, and
            the estimate has): the difference would tell about so few.
        jobs: processes to use; what is hidden does not depend on it.
        common: the unions on some of their municipalities among the rows, and which these are.
        withheld: the key columns of further rows to hide, sensitive or not: those that would tell beside
            approved tables (M-42).

    Returns:
        `screened` with `released` 0 and `reason` protected on the rows hidden here; nothing else is touched.

    Source: Hundepool et al. (2012); the search is our own, see METHODS.md.
    """
    if screened.empty:
        return screened
    state = _state(screened, changes, weighted, variables, earlier, withheld)
    before = screened["released"].to_numpy().reshape(state.shown.shape) == 1
    certain = (state.yes == 0) | (state.yes == state.n)
    whole = np.where(state.protected, without_levels(state.shown, certain, variables), state.shown)
    coarse = coarsen(whole, state.n, state.domains, state.protected)
    state.shown = coarse | (state.shown & state.told)
    state.relate()
    _protect_all(state, crossings(weighted, variables, state.domains, common), jobs)
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
    withheld: pd.DataFrame | None,
) -> State:
    """The table as matrices."""
    settings, indicators = weighted.settings, weighted.bundle.indicators
    shape = (-1, len(variables.statistic))
    domains = domains_of(screened, shape[1])
    sensitive = indicators["sensitive"].to_numpy(dtype=bool)[variables.of_indicator]
    printed = bands(screened, changes, settings)
    rounding = np.where(of_sensitive_base(screened, weighted.bundle), BASE_ROUNDED_TO / 2.0, 0.0)
    told, kept = remember(screened, earlier, settings.thresholds.hidden_persons, rounding)
    open_to_all = np.ones(len(screened), dtype=bool)
    if withheld is not None:
        open_to_all[find_rows(screened, ESTIMATE, withheld) >= 0] = False
    size = {
        name: screened[name].to_numpy(dtype=np.float64).reshape(shape) for name in ("n", "yes", "population")
    }
    shown = (screened["released"].eq(1).to_numpy() & open_to_all).reshape(shape)
    band = {name: getattr(printed, name).reshape(shape) for name in ("below", "above")}
    change = {name: getattr(printed, name).reshape(shape) for name in ("change_below", "change_above")}
    return State(
        domains,
        any_of(variables, indicators),
        shown=shown & ~(kept.reshape(shape) & sensitive & ~variables.is_mean),
        told=told.reshape(shape),
        proven=np.zeros(shown.shape, dtype=bool),
        rest_proven=np.zeros(shown.shape, dtype=bool),
        **size,
        rest=_rest(domains, size["n"]),
        **band,
        previous=_previous(printed.previous.reshape(shape), shape[1]),
        changed=[np.flatnonzero(column) for column in ~np.isnan(change["change_below"]).T],
        **change,
        limit=largest_hidden(screened.iloc[:: shape[1]], settings.thresholds),
        loss=_losses(domains),
        protected=sensitive & ~variables.is_mean,
        width=float(settings.thresholds.protection_width),
    )


def _previous(row: Ints, variables: int) -> Ints:
    """Domain each domain is compared with, from rows: the same for all its statistics that are compared."""
    latest: Ints = row.max(axis=1)
    return np.where(latest >= 0, latest // variables, -1)


def _rest(domains: Domains, n: Floats) -> Floats:
    """Persons who are neither woman nor man in each total that has a row for either; else nobody."""
    rest = np.zeros_like(n)
    for places in domains.of_wave.values():
        for rows in places.values():
            of = {(domains.gender[row], domains.age_group[row]): row for row in rows}
            for (gender, age), row in of.items():
                halves = [of[half, age] for half in ("woman", "man") if (half, age) in of]
                if gender == TOTAL and halves:
                    rest[row] = n[row] - n[halves].sum(axis=0)
    return rest


def _losses(domains: Domains) -> Floats:
    """Cost of hiding each domain."""
    kind = (domains.gender != TOTAL) * 1 + (domains.age_group != TOTAL) * 2
    return np.array(
        [LOSS.get(name, LOSS_OF_UNION)[k] for name, k in zip(domains.geography, kind, strict=True)]
    )


def _protect_all(state: State, places: list[Crossing], jobs: int) -> None:
    """Protect every sensitive statistic; again those in which something is hidden for the sake of another."""

    def work(variable: int) -> tuple[Mask, Mask, Mask]:
        own = state.copy()
        _protect(own, places, variable)
        return own.shown[:, variable], own.proven[:, variable], own.rest_proven[:, variable]

    highs()  # loaded here, not by each process anew
    left = np.flatnonzero(state.protected).tolist()
    while left:
        for variable, found in zip(left, in_order(work, left, jobs), strict=True):
            state.shown[:, variable], state.proven[:, variable], state.rest_proven[:, variable] = found
        before = state.shown.copy()
        state.relate()
        left = np.flatnonzero((before != state.shown).any(axis=0)).tolist()


def _protect(state: State, places: list[Crossing], variable: int) -> None:
    """Protect a statistic, municipality by municipality.

    Rows of several municipalities are proven when their part in any one can move enough; the others are
    protected in some municipalities together. Where nothing is shown at all there is nothing to work with.
    """
    if not state.known(np.arange(len(state.shown)), variable).any():
        return
    for crossing in places:
        hide_certain(state, crossing, variable)
    offered = offers(state, places, variable)
    everybody = together(offered)
    for crossing, own in zip(places, offered, strict=True):
        protect(state, crossing, variable, enforce=False, others=everybody - own)
    protect_together(state, places, offered, variable)
