"""The hidden cells of a free table, attacked by linear programming."""

import numpy as np
import pytest
from scipy.optimize import linprog

from analysis.table_suppression import UNLIMITED, Counted, hidden_cells, width


def grid(inner):
    """Inner counts with their totals, unravelled."""
    table = np.asarray(inner)
    for axis in range(table.ndim):
        table = np.concatenate([table.sum(axis=axis, keepdims=True), table], axis=axis)
    return table.shape, table.ravel()


def attacked(counts, hidden, shape, cell):
    """Width by linear programming over the hidden counts: every line adds up, none is negative."""
    cells = np.arange(len(counts)).reshape(shape)
    lines = [
        line for axis in range(len(shape)) for line in np.moveaxis(cells, axis, -1).reshape(-1, shape[axis])
    ]
    unknown = np.flatnonzero(hidden)
    sums = np.array(
        [[-1.0 if cell == line[0] else float(cell in line) for cell in range(len(counts))] for line in lines]
    )
    goal = (unknown == cell).astype(float)
    known = -sums[:, ~hidden] @ counts[~hidden]
    ends = [linprog(sign * goal, A_eq=sums[:, unknown], b_eq=known, bounds=(0, None)) for sign in (1, -1)]
    if ends[1].status == 3:
        return np.inf
    return -ends[1].fun - ends[0].fun


@pytest.mark.parametrize("seed", range(40))
def test_the_width_by_flows_is_the_width_by_linear_programming(seed):
    generator = np.random.default_rng(seed)
    size = (4,) if seed % 4 == 0 else (3, 4)
    shape, counts = grid(generator.integers(0, 7, size))
    hidden = generator.random(len(counts)) < 0.5
    for cell in np.flatnonzero(hidden):
        ours, theirs = width(counts, hidden, shape, int(cell)), attacked(counts, hidden, shape, cell)
        assert (ours >= UNLIMITED) if np.isinf(theirs) else ours == pytest.approx(theirs, abs=1e-6)


def test_two_pairs_joined_by_one_cell_give_that_cell_away():
    """Every line has none or two hidden cells, and yet the joining cell is known exactly."""
    inner = np.full((4, 4), 9)
    shape, counts = grid(inner)
    hidden = np.zeros(shape, dtype=bool)
    for place in [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 3), (3, 4), (4, 3), (4, 4)]:
        hidden[place] = True
    assert width(counts, hidden.ravel(), shape, 2 * shape[1] + 3) == 0


@pytest.mark.parametrize("seed", range(25))
def test_no_protected_count_of_a_table_can_be_known_within_less_than_five_persons(seed):
    generator = np.random.default_rng(100 + seed)
    inner = generator.integers(0, [2, 12][seed % 2], (2, *[(3, 4), (6,)][seed % 3 == 0]))
    shape, yes = grid(inner[0])
    counts = np.stack([yes, grid(inner[1] + 10)[1]], axis=1)
    parts = np.array([[True, False], [False, True], [True, True]])
    persons = parts @ counts.T
    few = (persons >= 1) & (persons <= 4)
    few[:, 0] = False
    hidden = hidden_cells(Counted(shape, counts, few, parts), np.zeros(len(yes), dtype=bool))
    assert hidden[few.any(axis=0)].all()
    for quantity, cell in np.argwhere(few):
        known = [attacked(counts[:, level], hidden, shape, cell) for level in np.flatnonzero(parts[quantity])]
        assert sum(known) >= Counted.width - 1e-6


def test_nothing_is_hidden_where_nothing_needs_to_be():
    shape, counts = grid(np.array([[20, 30], [40, 50]]))
    few = np.zeros((1, len(counts)), dtype=bool)
    table = Counted(shape, counts[:, None], few, np.array([[True]]))
    assert not hidden_cells(table, np.zeros(len(counts), dtype=bool)).any()


def test_a_lonely_hidden_cell_takes_a_small_neighbour_with_it():
    shape, counts = grid(np.array([3, 40, 20, 60]))
    few = (counts == 3)[None, :]
    table = Counted(shape, counts[:, None], few, np.array([[True]]))
    assert np.flatnonzero(hidden_cells(table, np.zeros(5, dtype=bool))).tolist() == [1, 3]
