"""How far hidden counts can move when people may have answered otherwise. METHODS.md M-42.

Persons are in one group when no figure divides them by who they are. All shifts of their answers
(`answer_shifts`) that leave what is shown as it is printed are a region of `regions`, and the ends of a count
are linear programmes.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.answer_shifts import SLACK, Shifts, Statements, numbered, rules_of, too_sensitive
from analysis.arrays import Floats, Ints, Mask
from analysis.extremes import HELD, Extremes
from analysis.regions import Region
from analysis.told_figures import Target

NARROWER = 1e-3  # persons
UNTOUCHED = 1e-9  # a dual value that is nothing


@dataclass(frozen=True)
class Survey:
    """The respondents, in the order of responses.csv.

    Attributes:
        here: those of the wave.
        municipality: where each lives.
        weight: persons each stands for.
        of_row: combination of sensitive answers of each, -1 in other waves.
        known: of each combination, what is known: nobody has one of which another thing is known.
        width: persons a hidden count must be able to move.
    """

    here: Mask
    municipality: npt.NDArray[np.object_]
    weight: Floats
    of_row: Ints
    known: Ints
    width: float


class Room:
    """What may be otherwise in some municipalities, everybody else taken as known."""

    def __init__(
        self,
        survey: Survey,
        said: Statements,
        targets: Sequence[Target],
        municipalities: tuple[str, ...],
    ) -> None:
        """Of what is `said` of anybody in these municipalities."""
        rows = np.flatnonzero(survey.here & np.isin(survey.municipality, municipalities))
        ones = (*said.inside, *(target.inside for target in targets))
        inside = np.stack([one.mask[rows] for one in ones])
        group, first, _ = numbered(*_marks(len(inside)) @ inside)
        member = inside[:, first]
        shown, asked = member[: len(said.inside)], member[len(said.inside) :]
        counted = np.array([target.counted for target in targets])
        marks = _marks(2 * len(said.inside) + len(targets))[:, None, :] * np.vstack([shown, shown, asked]).T
        alike = marks @ np.vstack([said.base, said.yes, counted]).astype(np.float64)
        shifts = Shifts.of(group, survey.of_row[rows], survey.weight[rows], survey.known, alike)
        rules = rules_of(said, shown, shifts)
        self._cell = rules.cell
        self._aims = shifts.effect(asked, counted)
        nothing = np.zeros(len(shifts.group))
        self._extremes = Extremes(
            Region(shifts.least, shifts.most, rules.rows, rules.least, rules.most, nothing)
        )
        self._needed = np.array([min(survey.width, float(target.persons)) for target in targets])
        self._strain: dict[int, Floats] = {}

    def narrow(self) -> list[int]:
        """The counts that cannot move enough while everything stays shown."""
        if not (self._cell >= 0).any():
            return []  # the table at hand tells nothing here
        same, first, _ = numbered(*_marks(self._aims.shape[1]) @ self._aims.T)
        aims, needed = self._aims[first], np.zeros(len(first))
        np.maximum.at(needed, same, self._needed)
        low, high = np.zeros((2, len(aims)))
        strain: dict[int, Floats] = {}
        for at in np.argsort(first, kind="stable").tolist():
            held = np.zeros(len(self._cell))
            for sign in (1.0, -1.0):
                if high[at] - low[at] >= needed[at] - NARROWER:
                    break
                enough = needed[at] + (low[at] if sign > 0 else -high[at])
                table, found = self._most(sign * aims[at], enough)
                counts, held = aims @ table, held + found
                low, high = np.minimum(low, counts), np.maximum(high, counts)
            else:
                strain[at] = held
        found_narrow = np.flatnonzero((high - low)[same] < self._needed - NARROWER).tolist()
        self._strain = {number: strain[int(same[number])] for number in found_narrow}
        return found_narrow

    def free(self, number: int, gone: Collection[int]) -> frozenset[int]:
        """Cells of the table at hand to hide so that a narrow count can move as if there were no table.

        Those that are `gone` for the sake of other counts are hidden already.
        """
        if not (self._strain[number][self._cell >= 0] > UNTOUCHED).any():
            return frozenset()  # no figure of the table is in its way: as narrow without it
        without = self._width(number, self._cell < 0)[0]
        needed = min(self._needed[number], without) - NARROWER
        hidden = set(gone)
        while True:
            found, strain = self._width(number, ~np.isin(self._cell, list(hidden)))
            if found >= needed:
                return frozenset(hidden.difference(gone))
            ours = np.flatnonzero((self._cell >= 0) & (strain > HELD))
            ours = ours[~np.isin(self._cell[ours], list(hidden))]
            if not len(ours):
                ours = np.flatnonzero((self._cell >= 0) & ~np.isin(self._cell, list(hidden)))
                strain = np.abs(strain) + SLACK
            if not len(ours):
                return frozenset(hidden.difference(gone))
            hidden.add(int(self._cell[ours[np.argmax(strain[ours])]]))

    def _width(self, number: int, kept: Mask) -> tuple[float, Floats]:
        begun = self._extremes.place()
        self._extremes.keep(kept)
        aim = self._aims[number]
        high, up = self._most(aim, self._needed[number])
        low, down = self._most(-aim, self._needed[number] - high @ aim)
        self._extremes.keep(np.ones(len(kept), dtype=bool))
        self._extremes.back_to(begun)  # where everything shown stays as it is
        return float((high - low) @ aim), up + down

    def _most(self, aim: Floats, enough: float) -> tuple[Floats, Floats]:
        """How far a count can move, or the refusal of a table for which that cannot be told."""
        try:
            return self._extremes.most(aim, enough)
        except ArithmeticError as error:
            raise too_sensitive() from error


def _marks(number: int) -> Floats:
    """Two random whole numbers for each of some things: sums of them tell sets apart, and are exact."""
    return np.random.default_rng(0).integers(1, 2**36, (2, number)).astype(np.float64)
