"""How far hidden counts can move when people may have answered otherwise. METHODS.md M-41.

Within a group that no figure divides by who people are, persons flow from one combination of sensitive
answers to another. A flow takes its persons evenly, so that it moves weighted sums exactly; all flows that
leave what is shown as it is printed are a region of `regions`, and the ends of a count are linear programmes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.errors import AnalysisError
from analysis.extremes import Extremes
from analysis.regions import Region
from analysis.told_figures import Figure, Target

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Rule = tuple[Floats, float, float, int]  # effect of each flow, least, most, and the cell it is of

MOST_FLOWS = 20_000  # in one linear programme
HELD = 0.01  # persons a count gains by one person of room: from here on a figure is in its way
SLACK = 1e-7
NARROWER = 1e-3  # persons


@dataclass(frozen=True)
class Survey:
    """The respondents, in the order of responses.csv.

    Attributes:
        here: those of the wave.
        municipality: where each lives.
        weight: persons each stands for.
        of_row: combination of sensitive answers of each, -1 in other waves.
        known: of each combination, what is known: nobody flows to one of which another thing is known.
        width: persons a hidden count must be able to move.
    """

    here: Mask
    municipality: npt.NDArray[np.object_]
    weight: Floats
    of_row: Ints
    known: Ints
    width: float


class Room:
    """The flows of some municipalities, everybody else taken as known, and how far counts can move."""

    def __init__(
        self,
        survey: Survey,
        figures: Sequence[Figure],
        targets: Sequence[Target],
        municipalities: tuple[str, ...],
    ) -> None:
        rows = np.flatnonzero(survey.here & np.isin(survey.municipality, municipalities))
        state = survey.of_row[rows]
        ones: list[Figure | Target] = [*figures, *targets]
        group = _groups(ones, rows)
        flows = _Flows.of(group, state, survey.weight[rows], survey.known)
        member = np.zeros((len(ones), int(group.max()) + 1), dtype=bool)
        for at, one in enumerate(ones):
            member[at, group[one.inside[rows]]] = True
        rules = [*flows.outflow(), *_rules(survey, figures, member, flows)]
        self._cell = np.array([cell for *_, cell in rules], dtype=np.int64)
        nothing = np.zeros(len(flows.most))
        self._extremes = Extremes(
            Region(
                nothing,
                flows.most,
                np.stack([row for row, *_ in rules]),
                np.array([least for _, least, *_ in rules]),
                np.array([most for *_, most, _ in rules]),
                nothing,
            )
        )
        self._aims = np.stack(
            [
                flows.effect(member[len(figures) + at], target.counted.astype(float))
                for at, target in enumerate(targets)
            ]
        )
        self._needed = np.array([min(survey.width, float(target.persons)) for target in targets])

    def narrow(self) -> list[int]:
        """The counts that cannot move enough while everything stays shown."""
        if not (self._cell >= 0).any():
            return []  # the table at hand tells nothing here
        low, high = np.zeros((2, len(self._aims)))
        for at in range(len(self._aims)):
            for sign in (1.0, -1.0):
                if high[at] - low[at] >= self._needed[at] - NARROWER:
                    break
                table, _ = self._extremes.most(sign * self._aims[at])
                counts = self._aims @ table
                low, high = np.minimum(low, counts), np.maximum(high, counts)
        return np.flatnonzero(high - low < self._needed - NARROWER).tolist()

    def free(self, number: int) -> frozenset[int]:
        """Cells of the table at hand to hide so that a count can move as if there were no table."""
        without = self._width(number, self._cell < 0)[0]
        needed = min(self._needed[number], without) - NARROWER
        hidden: set[int] = set()
        while True:
            found, strain = self._width(number, ~np.isin(self._cell, list(hidden)))
            if found >= needed:
                return frozenset(hidden)
            ours = np.flatnonzero((self._cell >= 0) & (strain > HELD))
            ours = ours[~np.isin(self._cell[ours], list(hidden))]
            if not len(ours):
                ours = np.flatnonzero((self._cell >= 0) & ~np.isin(self._cell, list(hidden)))
                strain = np.abs(strain) + SLACK
            if not len(ours):
                return frozenset(hidden)
            hidden.add(int(self._cell[ours[np.argmax(strain[ours])]]))

    def _width(self, number: int, kept: Mask) -> tuple[float, Floats]:
        self._extremes.keep(kept)
        aim = self._aims[number]
        (high, up), (low, down) = self._extremes.most(aim), self._extremes.most(-aim)
        self._extremes.keep(np.ones(len(kept), dtype=bool))
        return float((high - low) @ aim), up + down


def _groups(ones: Sequence[Figure | Target], rows: Ints) -> Ints:
    """Group of each respondent: no figure and no count divides a group by who people are."""
    bits = np.packbits(np.stack([one.inside[rows] for one in ones]), axis=0)
    _, found = np.unique(bits, axis=1, return_inverse=True)
    return np.asarray(found, dtype=np.int64).ravel()


@dataclass(frozen=True)
class _Flows:
    """Persons who may have answered otherwise: from one combination to another, within a group.

    Attributes:
        group, start, end: of each flow.
        most: persons there are to flow.
        weight: their mean weight, so that a flow moves weighted sums exactly.
    """

    group: Ints
    start: Ints
    end: Ints
    most: Floats
    weight: Floats

    @classmethod
    def of(cls, group: Ints, state: Ints, weight: Floats, known: Ints) -> "_Flows":
        """Every flow that somebody could make: between combinations of which the same is known."""
        states = len(known)
        key = group * states + state
        there, place, persons = np.unique(key, return_inverse=True, return_counts=True)
        mean = np.bincount(place, weights=weight) / persons
        if len(there) * (states - 1) > MOST_FLOWS:
            raise AnalysisError(
                "The table is about too many sensitive answers at once to be checked beside releases. "
                "Ask for fewer categories, or for one municipality."
            )
        ends = np.tile(np.arange(states), len(there))
        start = np.repeat(there % states, states)
        keep = (start != ends) & (known[start] == known[ends])
        return cls(
            np.repeat(there // states, states)[keep],
            start[keep],
            ends[keep],
            np.repeat(persons.astype(np.float64), states)[keep],
            np.repeat(mean, states)[keep],
        )

    def effect(self, member: Mask, value: Floats, weighted: bool = False) -> Floats:
        """What each flow adds to a sum over the members of a value of their combination."""
        moved = np.where(member[self.group], value[self.end] - value[self.start], 0.0)
        return moved * self.weight if weighted else moved

    def outflow(self) -> list[Rule]:
        """Nobody flows twice: a rule wherever people have more than one way to go."""
        key = self.group * (int(self.end.max(initial=0)) + 1) + self.start
        found = []
        for one in np.unique(key):
            row = (key == one).astype(np.float64)
            if row.sum() > 1:
                found.append((row, -np.inf, float(self.most[key == one][0]), -1))
        return found


def _rules(survey: Survey, figures: Sequence[Figure], member: Mask, flows: _Flows) -> list[Rule]:
    """Every shown figure stays as it is printed, and above the rule that let it be shown."""
    found = [(np.zeros(len(flows.most)), -1.0, 1.0, -1)]
    for at, figure in enumerate(figures):
        if not member[at].any():
            continue
        base, yes = figure.base.astype(float), figure.yes.astype(float)
        inside = figure.inside & (survey.of_row >= 0)
        of_row = survey.of_row[inside]
        weight, n, count = survey.weight[inside], float(base[of_row].sum()), float(yes[of_row].sum())
        size = float(weight @ base[of_row])
        share = float(weight @ yes[of_row]) / size if size else 0.0
        found.append(
            (
                flows.effect(member[at], yes - share * base, weighted=True),
                size * (figure.below - SLACK),
                size * (figure.above + SLACK),
                figure.cell,
            )
        )
        found.append((flows.effect(member[at], base), -figure.slack, figure.slack, figure.cell))
        for value, persons in ((yes, count), (base - yes, n - count)):
            if figure.limit:
                least = 0.0 if persons <= figure.limit else figure.limit + 1.0 - persons
                most = 0.0 if persons == 0 else np.inf
                found.append((flows.effect(member[at], value), least, most, figure.cell))
    # What no flow could bring out of its room holds nothing back.
    binding = [rule for rule in found[1:] if _reaches(rule, flows)]
    return [found[0], *binding]


def _reaches(rule: Rule, flows: _Flows) -> bool:
    """Whether everybody flowing could break a rule."""
    effect, least, most, _ = rule
    up = float(np.maximum(effect, 0.0) @ flows.most)
    down = float(np.minimum(effect, 0.0) @ flows.most)
    return up > most or down < least
