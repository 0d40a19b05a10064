"""Which cells of one table to hide so that no hidden count follows from the shown ones. METHODS.md M-36.

The attacker knows the whole table but for the hidden cells, exactly and without weights: every line adds up
to its total, and no count is negative. What can be concluded about a hidden count is then an interval; it
must be at least `Counted.width` persons wide. In a table of two variables the ends of the interval are
maximum flows between the row and the column of the cell: persons that can be moved round the other hidden
cells. Source: Hundepool et al. (2012), Statistical Disclosure Control, on secondary cell suppression.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from analysis.arrays import Ints, Mask
from analysis.settings import Thresholds

UNLIMITED = 1_000_000  # persons; more than any table holds, and sums of it fit in 32 bits


@dataclass(frozen=True)
class Counted:
    """Unweighted persons of one table.

    Attributes:
        shape: the grid, of one or two axes; position 0 on each axis is the total.
        counts: cells (the grid, unravelled) x levels of the item.
        few: quantities x cells: the counts that must not be known.
        parts: quantities x levels: the levels a quantity adds up.
        width: persons; the narrowest interval in which such a count may be known to lie.
    """

    shape: tuple[int, ...]
    counts: Ints
    few: Mask
    parts: Mask
    width: int = Thresholds.protection_width


def hidden_cells(table: Counted, hidden: Mask) -> Mask:
    """All cells to hide.

    Args:
        table: the counts and what must not be known.
        hidden: cells that are hidden already, for whatever reason; the attacker does not know these.

    Returns:
        The hidden cells, those with `few` and as many more as it takes, small inner cells first; in the end
        the whole table.
    """
    guarded: Mask = np.asarray(table.few.any(axis=0))
    hidden = np.asarray(hidden | guarded)
    while True:
        exposed = _first_exposed(table, hidden)
        if exposed is None:
            return hidden
        another = _another(table, hidden, guarded, exposed)
        hidden[another] = guarded[another] = True


def width(counts: Ints, hidden: Mask, shape: tuple[int, ...], cell: int) -> int:
    """Width, in persons, of the interval in which a hidden count is known to lie.

    Args:
        counts: of one level, by cell.
        hidden: which cells the attacker does not know.
        shape: the grid, of one or two axes.
        cell: the hidden cell.

    Returns:
        0 when the count follows exactly; `UNLIMITED` or more when nothing limits it.
    """
    if len(shape) == 1:
        if hidden[0]:
            return UNLIMITED if hidden.sum() > 1 else 0
        return int(counts[hidden].sum()) if hidden.sum() > 1 else 0
    rows, columns = shape
    grid, unknown = counts.reshape(shape), hidden.reshape(shape)
    # With its sign turned a total is one more cell of its line, and every line adds up to nothing.
    total = (np.arange(rows) == 0)[:, None] != (np.arange(columns) == 0)
    raised = np.where(unknown, np.where(total, grid, UNLIMITED), 0)
    lowered = np.where(unknown, np.where(total, UNLIMITED, grid), 0)
    i, j = divmod(cell, columns)
    most = int(raised[i, j]), int(lowered[i, j])
    raised[i, j] = lowered[i, j] = 0
    # Raising the cell lowers others of its row, which raises others of their columns, and so back.
    return min(most[0], _flow(lowered, raised, i, j)) + min(most[1], _flow(raised, lowered, i, j))


def _flow(along: Ints, back: Ints, row: int, column: int) -> int:
    """Most that can be moved from a row to a column: `along` rows to columns, `back` columns to rows."""
    rows, columns = along.shape
    capacity = np.zeros((rows + columns, rows + columns), dtype=np.int32)
    capacity[:rows, rows:] = along
    capacity[rows:, :rows] = back.T
    return int(maximum_flow(csr_array(capacity), row, rows + column).flow_value)


def _first_exposed(table: Counted, hidden: Mask) -> int | None:
    """The first cell with a quantity that is known too well."""
    found: dict[tuple[int, int], int] = {}
    for quantity, cell in np.argwhere(table.few).tolist():
        total = 0
        for level in np.flatnonzero(table.parts[quantity]).tolist():
            if (level, cell) not in found:
                found[level, cell] = width(table.counts[:, level], hidden, table.shape, cell)
            total += found[level, cell]
        if total < table.width:
            return int(cell)
    return None


def _another(table: Counted, hidden: Mask, guarded: Mask, exposed: int) -> int:
    """The next cell to hide: in a line that gives its one hidden cell away, else beside the exposed cell."""
    lines = list(_lines(table.shape))
    lonely = [line for line in lines if hidden[line].sum() == 1 and guarded[line].any()]
    beside = [line for line in lines if exposed in line]
    size, inner = table.counts.sum(axis=1), _inner(table.shape)
    for candidates in (lonely, beside, lines):
        shown = {position for line in candidates for position in line.tolist() if not hidden[position]}
        if shown:
            return int(min(shown, key=lambda position: (-inner[position], size[position], position)))
    raise AssertionError("a table hidden as a whole gives nothing away")


def _inner(shape: tuple[int, ...]) -> Ints:
    """On how many axes each cell is a category rather than the total."""
    found: Ints = (np.indices(shape).reshape(len(shape), -1) > 0).sum(axis=0)
    return found


def _lines(shape: tuple[int, ...]) -> Iterator[Ints]:
    """The cells of every line that adds up, its total first."""
    grid = np.arange(int(np.prod(shape))).reshape(shape)
    for axis in range(len(shape)):
        yield from np.moveaxis(grid, axis, -1).reshape(-1, shape[axis])
