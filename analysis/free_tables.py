"""A free table: any item by one or two background variables, with weights, variance and disclosure control.

METHODS.md M-36. The figures are those of `estimates.py`, from the same quadratic forms; the publication rule
is `disclosure.screen`, and `table_suppression` sees to it that no hidden cell follows from the shown ones.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.arrays import Mask
from analysis.backgrounds import Background, background, measured
from analysis.crossing import cross
from analysis.errors import AnalysisError, QuestionError
from analysis.table_comparisons import TEST_COLUMNS, compare_cells, overall_tests
from analysis.table_disclosure import protect_table, screen_table
from analysis.table_grid import Grid
from analysis.weights import Weighted


@dataclass(frozen=True)
class FreeTable:
    """A table and its tests.

    Attributes:
        rows: wave, one column per background variable (totals are `all`), indicator, statistic; n,
            population, estimate, se, df, n_eff, lower, upper as in estimates.csv; difference (from everybody
            else in the table), difference_se, p, p_bh; released (0/1) and reason.
        tests: by, kind (rao_scott, wald), f, df1, df2, p, reason: one row per background variable, and one
            for both together.
    """

    rows: pd.DataFrame
    tests: pd.DataFrame


def free_table(
    weighted: Weighted,
    item: str,
    by: Sequence[str],
    where: Mapping[str, Iterable[str]] | None = None,
    wave: str | None = None,
    *,
    protected: bool = True,
    withheld: Collection[tuple[str, ...]] = (),
) -> FreeTable:
    """Any item by one or two background variables. METHODS.md M-36.

    Args:
        weighted: the weights.
        item: an indicator, or an item of responses.csv (then: shares of its codes).
        by: one or two names as `backgrounds.background` knows them.
        where: only persons in these categories, by variable; they are a mask, everybody stays in the design.
        wave: the last one when not given.
        protected: False leaves the figures of rows that may not be shown in the table, for internal use.
        withheld: cells, by their categories, that must not be shown beside other tables.

    Raises:
        AnalysisError: an unknown wave, item, variable or category; an item that nobody has answered; the same
            variable twice, more than two, or more cells than can be computed at once.
    """
    bundle, settings = weighted.bundle, weighted.settings
    wave = wave or bundle.waves[-1]
    _check(weighted, by, wave)
    one, sensitive = measured(bundle, item)
    if not one.statistics:
        raise QuestionError("no_answers", f"Nobody has answered {item}.")
    filters = [(background(weighted, name, wave), wanted) for name, wanted in (where or {}).items()]
    inside, place = _masks(weighted, wave, filters)
    variables = tuple(_occurring(background(weighted, name, wave), inside) for name in by)
    grid = Grid(wave, one, sensitive, variables, tuple(variable for variable, _ in filters))
    grid.check_size()
    crossing = cross(weighted, wave, grid.domain(inside), grid.joined, one)
    outside = grid.counts(place & ~inside) if filters else None
    rows = grid.rows(crossing, settings)
    rows, unsafe = screen_table(rows, grid, crossing, outside, bundle, settings, withheld)
    rows = compare_cells(rows, grid, crossing, settings)
    tests = overall_tests(grid, crossing)
    if protected:
        rows, tests = protect_table(rows, tests, grid, unsafe)
    return FreeTable(rows, tests[TEST_COLUMNS])


def _check(weighted: Weighted, by: Sequence[str], wave: str) -> None:
    waves = weighted.bundle.waves
    if wave not in waves:
        raise AnalysisError(f"There is no wave {wave}; there are {', '.join(waves)}.")
    if not 1 <= len(by) <= 2 or len(set(by)) < len(by):
        found = ", ".join(by) or "none"
        raise AnalysisError(f"A table is by one variable or by two different ones, not by {found}.")


def _masks(
    weighted: Weighted, wave: str, filters: Sequence[tuple[Background, Iterable[str]]]
) -> tuple[Mask, Mask]:
    """Who is in the table, and who is in its place, that is, meets the geographic conditions."""
    place = (weighted.table["wave"] == wave).to_numpy(dtype=bool).copy()
    inside = place.copy()
    for variable, wanted in filters:
        held = variable.rows_in(wanted)
        inside &= held
        if variable.geographic:
            place &= held
    return inside, place


def _occurring(variable: Background, inside: Mask) -> Background:
    """The variable with the categories that occur in the table."""
    used = np.bincount(variable.of_row[inside], minlength=len(variable.categories)) > 0
    of_row = np.where(used[variable.of_row], (np.cumsum(used) - 1)[variable.of_row], -1)
    kept = tuple(name for name, some in zip(variable.categories, used, strict=True) if some)
    return replace(variable, categories=kept, of_row=of_row)
