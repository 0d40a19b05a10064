"""What of a free table may be shown: the publication rule on rows, then whole cells. METHODS.md M-36."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis import disclosure
from analysis.arrays import Floats, Ints, Mask
from analysis.crossing import Crossing
from analysis.keys import TOTAL
from analysis.schema import Bundle
from analysis.settings import Settings
from analysis.table_comparisons import COMPARED
from analysis.table_grid import Grid
from analysis.table_suppression import Counted, hidden_cells

TESTED = ["f", "df1", "df2", "p"]


def screen_table(
    rows: pd.DataFrame,
    grid: Grid,
    crossing: Crossing,
    outside: Floats | None,
    bundle: Bundle,
    settings: Settings,
    withheld: Collection[tuple[str, ...]] = (),
) -> tuple[pd.DataFrame, Mask]:
    """Say of every row whether it may be shown; no figure is touched.

    Args:
        rows: the figures of `Grid.rows`.
        grid: the table.
        crossing: its sums.
        outside: cells x levels, persons of the same place who fail a condition of `where`: whoever has the
            table without the condition knows them by subtraction. None without conditions.
        bundle: the survey.
        settings: the thresholds.
        withheld: further cells that must not be shown, by their categories.

    Returns:
        The rows with `released` and `reason`, and the cells hidden for the persons' sake: with a sensitive
        item or a sensitive background variable these are hidden whole, with as many others as it takes that
        none follows by subtraction; of another table the withheld cells alone.
    """
    large = _large(grid)
    about = pd.DataFrame({"indicator": [grid.one.indicator], "sensitive": [grid.sensitive]})
    cells = pd.DataFrame({"geography": np.where(large, TOTAL, "table"), "gender": TOTAL, "age_group": TOTAL})
    each = cells.loc[cells.index.repeat(grid.statistics)].set_index(rows.index)
    judged = disclosure.screen(rows.assign(**each), replace(bundle, indicators=about), settings)
    released, reason = judged["released"].to_numpy(), judged["reason"].to_numpy(dtype=object)
    kept_back = set(withheld)
    unsafe: Mask = np.array([key in kept_back for key in zip(*grid.labels.values(), strict=True)], dtype=bool)
    if grid.sensitive:
        unsafe = _unsafe(grid, crossing, cells, outside, released, unsafe, settings)
    also = np.repeat(unsafe, grid.statistics) & (released == 1)
    screened = rows.assign(
        released=np.where(also, 0, released), reason=np.where(also, disclosure.PROTECTED, reason)
    )
    return screened, unsafe


def _unsafe(
    grid: Grid,
    crossing: Crossing,
    cells: pd.DataFrame,
    outside: Floats | None,
    released: Ints,
    kept_back: Mask,
    settings: Settings,
) -> Mask:
    """The cells of a sensitive table to hide for the persons' sake."""
    limits = settings.thresholds
    most = disclosure.largest_hidden(cells, limits)
    parts, persons = _quantities(grid), np.rint(crossing.counts).astype(np.int64)
    few = _few(crossing.counts, parts, most)
    if outside is not None:
        few |= _few(outside, parts, np.full(len(cells), limits.hidden_persons))
    few[:, kept_back] = True
    unknown: Mask = np.asarray(~released.reshape(len(cells), -1).any(axis=1))
    hidden = hidden_cells(Counted(grid.shape, persons, few, parts, limits.protection_width), unknown)
    found: Mask = few.any(axis=0) | (hidden & ~unknown)
    return found


def protect_table(
    rows: pd.DataFrame, tests: pd.DataFrame, grid: Grid, unsafe: Mask
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Empty what may not be shown.

    Rows lose their figures; a difference goes also with the total it is taken from, since the two give the
    third; a test goes with any of its cells that is hidden for the persons' sake.
    """
    shown = rows["released"].to_numpy() == 1
    whole = np.tile(shown[: grid.statistics], len(unsafe))
    safe = rows.assign(
        **{name: rows[name].where(shown) for name in disclosure.ESTIMATE_FIGURES},
        **{name: rows[name].where(shown & whole) for name in COMPARED},
    )
    touched = [bool(unsafe[(grid.kind == 0) | (grid.kind == kind)].any()) for kind in tests["kind_of_cells"]]
    kept = ~np.array(touched, dtype=bool)
    safe_tests = tests.assign(
        **{name: tests[name].where(kept) for name in TESTED},
        reason=tests["reason"].where(kept, disclosure.PROTECTED),
    )
    return safe, safe_tests


def _large(grid: Grid) -> Mask:
    """Cells that are the total of everything or of one municipality, for which the rule is milder."""
    whole = all(one.name == "municipality" and len(grid.filters) == 1 for one in grid.filters)
    by_municipality = [2**at for at, one in enumerate(grid.variables) if one.name == "municipality"]
    found: Mask = np.isin(grid.kind, [0, *by_municipality]) & whole
    return found


def _quantities(grid: Grid) -> Mask:
    """What must not be known to be small, as sums of levels: each level, and everybody beside it.

    In a cell that is sensitive by itself also everybody in it. The levels of a score say nothing one by one.
    """
    levels = len(grid.one.codes)
    everybody = np.ones((1, levels), dtype=bool)
    if grid.one.statistics == ("mean",):
        return everybody
    one = np.eye(levels, dtype=bool)
    parts = [one, ~one] if levels > 1 else [one]
    if grid.by_sensitive:
        parts.append(everybody)
    return np.unique(np.vstack(parts), axis=0)


def _few(counts: Floats, parts: Mask, most: Ints) -> Mask:
    """Quantities x cells: from one person up to `most`."""
    persons = parts.astype(np.float64) @ counts.T
    found: Mask = (persons >= 1) & (persons <= most)
    return found
