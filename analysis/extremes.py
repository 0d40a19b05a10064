"""How far a hidden count can move: exact linear programmes over one region, each begun where the last ended.

Hundreds of counts are asked of the same region, and figures are hidden one by one: HiGHS keeps its basis, so
that each further answer takes a few simplex steps instead of a solution from nothing. `linprog` cannot keep
one; this is the solver inside scipy itself. Source: Huangfu & Hall (2018), Mathematical Programming
Computation 10, 119-142. METHODS.md M-20.
"""

from functools import cache, cached_property
from importlib import import_module
from typing import Any

import numpy as np

from analysis.arrays import Floats, Mask
from analysis.regions import Region

PRIMAL_SIMPLEX = 4
STEPS = 25  # of the simplex method before the first look
NO_LIMIT = 2**31 - 1
HELD = 0.01  # persons a count gains by one person of room: from here on a figure is in its way
FEASIBLE = 2  # of the solver's words for a solution inside its bounds


@cache
def highs() -> Any:
    """The solver, loaded when it is needed; not public: `test_suppression` holds it to `milp`."""
    return import_module("scipy.optimize._highspy._core")


class Extremes:
    """The linear programmes of a region. Rows are scaled: a strain of 1 is one person for one person."""

    def __init__(self, region: Region) -> None:
        """Nothing is posed before something is asked.

        Args:
            region: shapes as in `Region`; it holds the movement of nobody.
        """
        size = np.abs(region.rows).sum(axis=1) / np.maximum((region.rows != 0).sum(axis=1), 1)
        self._scale = 1.0 / np.where(size > 0, size, 1.0)
        self._least, self._most = region.least * self._scale, region.most * self._scale
        self._columns = np.arange(len(region.below), dtype=np.int32)
        self._kept = np.ones(len(region.rows), dtype=bool)
        self._region = region

    @cached_property
    def _solver(self) -> Any:
        solver = highs()._Highs()
        for name, value in (
            ("output_flag", False),
            ("presolve", "off"),
            ("threads", 1),
            ("solver", "simplex"),
            ("simplex_strategy", PRIMAL_SIMPLEX),
        ):
            solver.setOptionValue(name, value)
        solver.passModel(self._model(self._region))
        return solver

    def _model(self, region: Region) -> Any:
        """The region as the solver takes it."""
        from scipy import sparse

        table = sparse.csc_array(region.rows * self._scale[:, None])
        model = highs().HighsLp()
        model.num_row_, model.num_col_ = table.shape
        model.col_cost_ = np.zeros(len(region.below))
        model.col_lower_, model.col_upper_ = region.below, region.above
        model.row_lower_, model.row_upper_ = self._least, self._most
        model.a_matrix_.num_row_, model.a_matrix_.num_col_ = table.shape
        model.a_matrix_.format_ = highs().MatrixFormat.kColwise
        model.a_matrix_.start_, model.a_matrix_.index_ = table.indptr, table.indices
        model.a_matrix_.value_ = table.data
        return model

    def keep(self, rows: Mask) -> None:
        """The figures that are shown; the others do not hold anything back."""
        for row in np.flatnonzero(rows != self._kept).tolist():
            least, most = (self._least[row], self._most[row]) if rows[row] else (-np.inf, np.inf)
            self._solver.changeRowBounds(row, least, most)
        self._kept = rows.copy()

    def place(self) -> Any:
        """Where the last answer was found, to go on from there later."""
        return self._solver.getBasis()

    def back_to(self, place: Any) -> None:
        """Go on from an earlier answer: it agrees with every figure kept at that time."""
        self._solver.setBasis(place)

    def most(self, aim: Floats, enough: float = np.inf) -> tuple[Floats, Floats]:
        """The movement that goes furthest along an aim, and what holds it back.

        Args:
            aim: one per group: persons of a target for the most of them, negative for the fewest.
            enough: persons: a movement that goes so far will do, and nothing needs to hold it back.

        Returns:
            A table, one entry per group; and the strain of each row (at least 0): persons gained by one
            person of room.

        Raises:
            ArithmeticError: the solver gives no answer.
        """
        self._solver.changeColsCost(len(self._columns), self._columns, -aim)
        reached = self._reached(aim, enough)
        ended = reached or (enough < np.inf and self._is_optimal())
        if not ended and not self._solved():
            self._solver.clearSolver()  # the way from the last answer may be ill-conditioned: from nothing
            if not self._solved():
                raise ArithmeticError("the bounds of a hidden count cannot be computed")
        found = self._solver.getSolution()
        held = np.zeros(len(self._least)) if reached else np.abs(np.array(found.row_dual))
        return np.array(found.col_value), held

    def _reached(self, aim: Floats, enough: float) -> bool:
        """Whether a few steps at a time lead far enough: each of them stays inside the region."""
        if enough == np.inf:
            return False
        status, steps = highs().HighsModelStatus.kIterationLimit, STEPS
        reached = False
        while status == highs().HighsModelStatus.kIterationLimit and not reached:
            self._solver.setOptionValue("simplex_iteration_limit", steps)
            self._solver.run()
            steps *= 2  # where many lead nowhere, a run that stops before would begin again without end
            status = self._solver.getModelStatus()
            found = self._solver.getInfo()
            feasible = found.primal_solution_status == FEASIBLE
            reached = feasible and -found.objective_function_value >= enough
        self._solver.setOptionValue("simplex_iteration_limit", NO_LIMIT)
        return reached

    def _solved(self) -> bool:
        self._solver.run()
        return self._is_optimal()

    def _is_optimal(self) -> bool:
        found: bool = self._solver.getModelStatus() == highs().HighsModelStatus.kOptimal
        return found
