"""How far hidden counts can move when people may have answered otherwise. METHODS.md M-42.

Within a group that no figure divides by who people are, persons flow from one combination of sensitive
answers to another. A flow takes its persons evenly, so that it moves weighted sums exactly; all flows that
leave what is shown as it is printed are a region of `regions`, and the ends of a count are linear programmes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.arrays import Floats, Ints, Mask
from analysis.errors import QuestionError
from analysis.extremes import HELD, Extremes
from analysis.regions import Region
from analysis.told_figures import Figure, Target

Rule = tuple[Floats, float, float, int]  # effect of each flow, least, most, and the cell it is of

MOST_FLOWS = 20_000  # in one linear programme
SLACK = 1e-7
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
        rules = _telling([*flows.outflow(), *_rules(survey, figures, member, flows)])
        self._cell = np.array([cell for *_, cell in rules], dtype=np.int64)
        effects = np.stack([row for row, *_ in rules])
        aims = np.stack(
            [
                flows.effect(member[len(figures) + at], target.counted.astype(float))
                for at, target in enumerate(targets)
            ]
        )
        apart = _apart(np.vstack([flows.origin, effects, aims]))
        nothing = np.zeros(len(apart))
        self._aims = aims[:, apart]
        self._extremes = Extremes(
            Region(
                nothing,
                flows.most[apart],
                effects[:, apart],
                np.array([least for _, least, *_ in rules]),
                np.array([most for *_, most, _ in rules]),
                nothing,
            )
        )
        self._needed = np.array([min(survey.width, float(target.persons)) for target in targets])
        self._strain: dict[int, Floats] = {}

    def narrow(self) -> list[int]:
        """The counts that cannot move enough while everything stays shown."""
        if not (self._cell >= 0).any():
            return []  # the table at hand tells nothing here
        aims, first, same = np.unique(self._aims, axis=0, return_index=True, return_inverse=True)
        needed = np.zeros(len(aims))
        np.maximum.at(needed, same.ravel(), self._needed)
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
        found_narrow = np.flatnonzero((high - low)[same.ravel()] < self._needed - NARROWER).tolist()
        self._strain = {number: strain[int(same.ravel()[number])] for number in found_narrow}
        return found_narrow

    def free(self, number: int) -> frozenset[int]:
        """Cells of the table at hand to hide so that a narrow count can move as if there were no table."""
        if not (self._strain[number][self._cell >= 0] > UNTOUCHED).any():
            return frozenset()  # no figure of the table is in its way: as narrow without it
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


def too_sensitive() -> QuestionError:
    """The refusal of a table that cannot be judged beside what is told already."""
    return QuestionError(
        "too_sensitive",
        "The table is about too many sensitive answers at once to be checked beside releases. "
        "Ask for fewer categories, or for one municipality.",
    )


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
            raise too_sensitive()
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

    @property
    def origin(self) -> Ints:
        """Group and combination that a flow leaves, as one number."""
        return self.group * (int(self.start.max(initial=0)) + 1) + self.start

    def effect(self, member: Mask, value: Floats, weighted: bool = False) -> Floats:
        """What each flow adds to a sum over the members of a value of their combination."""
        moved = np.where(member[self.group], value[self.end] - value[self.start], 0.0)
        return moved * self.weight if weighted else moved

    def outflow(self) -> list[Rule]:
        """Nobody flows twice: a rule wherever people have more than one way to go."""
        _, first, place, ways = np.unique(
            self.origin, return_index=True, return_inverse=True, return_counts=True
        )
        rows = (np.arange(len(first))[:, None] == place.ravel()).astype(np.float64)
        chosen = np.flatnonzero(ways > 1).tolist()
        return [(rows[one], -np.inf, float(self.most[first[one]]), -1) for one in chosen]


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


def _telling(rules: Sequence[Rule]) -> list[Rule]:
    """Without the rules of the table at hand that say no more than what is told already."""
    told: dict[bytes, tuple[float, float]] = {}
    for row, least, most, cell in rules:
        if cell < 0:
            known = told.get(row.tobytes(), (-np.inf, np.inf))
            told[row.tobytes()] = (max(known[0], least), min(known[1], most))

    def is_told(rule: Rule) -> bool:
        row, least, most, _ = rule
        known = told.get(row.tobytes(), (-np.inf, np.inf))
        return known[0] >= least - SLACK and known[1] <= most + SLACK

    return [rule for rule in rules if rule[3] < 0 or not is_told(rule)]


def _apart(columns: Floats) -> Ints:
    """One of every kind of flow: those from one place that do the same to everything are one."""
    mixed = np.random.default_rng(0).standard_normal(len(columns)) @ columns
    return np.sort(np.unique(mixed, return_index=True)[1])


def _reaches(rule: Rule, flows: _Flows) -> bool:
    """Whether everybody flowing could break a rule."""
    effect, least, most, _ = rule
    up = float(np.maximum(effect, 0.0) @ flows.most)
    down = float(np.minimum(effect, 0.0) @ flows.most)
    return up > most or down < least
