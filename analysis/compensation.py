"""What other municipalities can take back of a movement that the rows of several would show. METHODS.md M-20.

A figure of a region moves with the answers of one municipality, unless others move against it. Taking all
others as known would cost the region its rows, or the municipality its own. Each municipality therefore
offers some movements that no figure of its own shows: up and down in each tight row of several
municipalities. What all others offer is added up.
"""

from collections.abc import Sequence

import numpy as np

from analysis import regions
from analysis.arrays import Ints
from analysis.crossings import Crossing
from analysis.possible_tables import Movements, possible, region_of
from analysis.shown_so_far import State

TIGHT = 60.0  # persons between the ends of a row's band: from here on nobody needs help
MOST = 12  # rows: the tightest are served


def offers(state: State, crossings: Sequence[Crossing], variable: int) -> list[Movements]:
    """What each municipality can do by itself in the rows of several; the same rows and aims for all.

    Args:
        state: what is shown; hiding more leaves the movements possible.
        crossings: the municipalities.
        variable: position of the statistic.
    """
    shared = [crossing.domain[~crossing.local] for crossing in crossings]
    domain = np.unique(np.concatenate(shared)) if shared else np.zeros(0, dtype=np.int64)
    aims = _aims(state, domain, variable)
    return [_offer(state, crossing, variable, domain, aims) for crossing in crossings]


def together(offered: Sequence[Movements]) -> Movements:
    """What some municipalities can do at once."""
    weighted, persons = (sum(getattr(one, name) for one in offered) for name in ("weighted", "persons"))
    return Movements(offered[0].domain, weighted, persons)


def _aims(state: State, domain: Ints, variable: int) -> Ints:
    """The rows in which a municipality may need the others."""
    persons = state.n[domain, variable]
    band = (state.above - state.below)[domain, variable]
    room = np.full(len(domain), np.inf)  # a row without answers has no band
    np.multiply(band, persons, out=room, where=persons > 0)
    tight = state.known(domain, variable) & ~state.certain(domain, variable) & (room < TIGHT)
    found: Ints = domain[tight][np.argsort(room[tight], kind="stable")[:MOST]]
    return found


def _offer(state: State, crossing: Crossing, variable: int, domain: Ints, aims: Ints) -> Movements:
    """The movements of one municipality."""
    nothing = np.zeros((len(domain), 2 * len(aims)))
    active = possible(state, crossing, variable)
    if not active.any() or not len(aims):
        return Movements(domain, nothing, nothing)
    here = crossing.row_of(domain)
    member = np.where((here >= 0)[:, None], crossing.member[here], False)[:, active].astype(np.float64)
    weighted = member * crossing.weight[active]
    region = region_of(state, crossing, variable, active)[0]
    inside = region_of(state, crossing.own(), variable, active)[0]
    tables = regions.steer(region, inside, weighted[np.searchsorted(domain, aims)])
    return Movements(domain, weighted @ tables.T, member @ tables.T)
