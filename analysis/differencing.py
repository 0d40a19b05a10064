"""Whether a table tells, beside all that is told already, what is hidden. METHODS.md M-42.

The attacker knows every shown figure, the weights, and who belongs to which group that is not sensitive. What
people may have answered instead is a flow of persons from one combination of sensitive answers to another,
within a group that no figure divides. All flows that leave every shown figure as it is printed form a region;
a hidden count is safe when it can move by `Thresholds.protection_width` persons inside it. The ends of its
interval are linear programmes (`extremes`). A cell of the table that holds a count back is hidden, unless the
count is as narrow without the table. Source: Hundepool et al. (2012), Statistical Disclosure Control.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.backgrounds import background, measured
from analysis.disclosure import ESTIMATE_FIGURES, PROTECTED
from analysis.errors import AnalysisError
from analysis.extremes import Extremes
from analysis.free_tables import FreeTable, free_table
from analysis.regions import Region
from analysis.table_comparisons import COMPARED
from analysis.told_figures import (
    Figure,
    Places,
    TableQuestion,
    Target,
    Told,
    items_of,
    released_figures,
    released_targets,
    states_of,
    table_figures,
)
from analysis.weights import Weighted

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MOST_FLOWS = 20_000  # in one linear programme
TOGETHER = 3  # municipalities, for a count that cannot move in one
HELD = 0.01  # persons a count gains by one person of room: from here on a figure is in its way
SLACK = 1e-7
NARROWER = 1e-3  # persons


@dataclass(frozen=True)
class Checked:
    """A table that may stand beside everything told so far.

    Attributes:
        table: its rows, with what had to be hidden.
        counts: hidden counts that were looked at.
        exposed: those of them that the table would have told, before cells were hidden for them.
        hidden: cells hidden for their sake.
    """

    table: FreeTable
    counts: int
    exposed: int
    hidden: int


def checked_table(weighted: Weighted, wave: str, question: TableQuestion, told: Told) -> Checked:
    """A free table with as many cells hidden as it takes beside what is told already. METHODS.md M-42.

    Args:
        weighted: the weights.
        wave: which wave.
        question: the table.
        told: all that releases and approved tables have shown of the wave.

    Raises:
        AnalysisError: what `free_tables.free_table` refuses, or a table with too many sensitive answers at
            once to be judged.
    """
    where = dict(question.where)
    guard = _Guard(weighted, wave, question, told)
    withheld: frozenset[tuple[str, ...]] = frozenset()
    counts = exposed = 0
    while True:
        table = free_table(weighted, question.item, question.by, where, wave, withheld=withheld)
        if guard.sensitive:
            table = _without_means(table)
        found = guard.expose(table.rows)
        counts, exposed = max(counts, found.counts), exposed + found.exposed
        if not found.cells:
            return Checked(table, counts, exposed, len(withheld))
        withheld |= found.cells


def _without_means(table: FreeTable) -> FreeTable:
    """Shares alone: a mean beside level shares ties them together more closely than they are printed."""
    rows = table.rows
    mean = rows["statistic"].eq("mean") & rows["released"].eq(1)
    return replace(
        table,
        rows=rows.assign(
            **{name: rows[name].mask(mean) for name in (*ESTIMATE_FIGURES, *COMPARED)},
            released=rows["released"].mask(mean, 0),
            reason=rows["reason"].mask(mean, PROTECTED),
        ),
    )


@dataclass(frozen=True)
class _Found:
    """What one look at a table gave: counts looked at and exposed, and the cells to hide."""

    counts: int
    exposed: int
    cells: frozenset[tuple[str, ...]]


class _Guard:
    """All that does not depend on what the table at hand hides."""

    def __init__(self, weighted: Weighted, wave: str, question: TableQuestion, told: Told) -> None:
        self.weighted, self.wave, self.question = weighted, wave, question
        self.places = Places(weighted, wave)
        self.weight = weighted.table["weight"].to_numpy(dtype=float)
        self.width = float(weighted.settings.thresholds.protection_width)
        own = _answers(weighted, wave, question)
        self.sensitive = measured(weighted.bundle, question.item)[1] or any(
            background(weighted, name, wave).sensitive
            for name in (*question.by, *(name for name, _ in question.where))
        )
        related = [(one, rows) for one, rows in told.tables if _answers(weighted, wave, one) & own]
        self.states = states_of(weighted, wave, [question, *(one for one, _ in related)])
        self.figures = released_figures(weighted, self.places, self.states, told)
        self.targets = released_targets(weighted, self.places, self.states, told)
        for earlier, rows in related:
            figures, targets = table_figures(weighted, wave, self.states, earlier, rows, at_hand=False)
            self.figures += figures
            self.targets += targets

    def expose(self, rows: pd.DataFrame) -> _Found:
        """The hidden counts that a table tells, and cells of it to hide for them."""
        by = list(self.question.by)
        own, guarded = table_figures(self.weighted, self.wave, self.states, self.question, rows, at_hand=True)
        figures, targets = [*self.figures, *own], [*self.targets, *guarded]
        names = list(rows[by].astype(str).drop_duplicates().itertuples(index=False, name=None))
        if not own or not targets:
            return _Found(len(targets), 0, frozenset())
        by_home: dict[str, list[tuple[Target, tuple[str, ...]]]] = {}
        for target in targets:
            homes = self._homes(target)
            by_home.setdefault(homes[0], []).append((target, homes))
        told = [self._freed(figures, by_home[home]) for home in sorted(by_home)]
        cells = frozenset(names[cell] for found in told for _, hidden in found for cell in hidden)
        return _Found(len(targets), sum(map(len, told)), cells)

    def _freed(
        self, figures: Sequence[Figure], mine: Sequence[tuple[Target, tuple[str, ...]]]
    ) -> list[tuple[Target, frozenset[int]]]:
        """The counts at home in one municipality that the table tells, and the cells in their way.

        A count that cannot move by itself there is looked at in several municipalities together.
        """
        room = _Room(self, figures, [target for target, _ in mine], mine[0][1][:1])
        found = []
        for number in room.narrow():
            target, homes = mine[number]
            wider = _Room(self, figures, [target], homes) if len(homes) > 1 else None
            if wider is None:
                hidden = room.free(number)
            else:
                hidden = wider.free(0) if wider.narrow() else frozenset()
            if hidden:
                found.append((target, hidden))
        return found

    def _homes(self, target: Target) -> tuple[str, ...]:
        """The municipalities with most of the persons of a count."""
        codes, number = np.unique(self.places.municipality[target.inside], return_counts=True)
        order = np.lexsort((codes, -number))[:TOGETHER]
        return tuple(str(code) for code in codes[order])


def _answers(weighted: Weighted, wave: str, question: TableQuestion) -> frozenset[str]:
    """The questions that a table tells the answers of: two tables are related when they share some."""
    backgrounds = (*question.by, *(name for name, _ in question.where))
    sensitive = [name for name in backgrounds if background(weighted, name, wave).sensitive]
    return frozenset[str]().union(*(items_of(weighted, name) for name in (question.item, *sensitive)))


class _Room:
    """The flows of some municipalities, everybody else taken as known, and how far counts can move."""

    def __init__(
        self,
        guard: _Guard,
        figures: Sequence[Figure],
        targets: Sequence[Target],
        municipalities: tuple[str, ...],
    ) -> None:
        rows = np.flatnonzero(guard.places.here & np.isin(guard.places.municipality, municipalities))
        state = guard.states.of_row[rows]
        ones: list[Figure | Target] = [*figures, *targets]
        group = _groups(ones, rows)
        flows = _Flows.of(group, state, guard.weight[rows], guard.states.known)
        member = np.zeros((len(ones), int(group.max()) + 1), dtype=bool)
        for at, one in enumerate(ones):
            member[at, group[one.inside[rows]]] = True
        rules = [*flows.outflow(), *_rules(guard, figures, member, flows, rows)]
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
        self._needed = np.array([min(guard.width, float(target.persons)) for target in targets])

    def narrow(self) -> list[int]:
        """The counts that cannot move enough while everything stays shown."""
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

    def outflow(self) -> list[tuple[Floats, float, float, int]]:
        """Nobody flows twice: a rule wherever people have more than one way to go."""
        key = self.group * (int(self.end.max(initial=0)) + 1) + self.start
        found = []
        for one in np.unique(key):
            row = (key == one).astype(np.float64)
            if row.sum() > 1:
                found.append((row, -np.inf, float(self.most[key == one][0]), -1))
        return found


def _rules(
    guard: _Guard, figures: Sequence[Figure], member: Mask, flows: _Flows, rows: Ints
) -> list[tuple[Floats, float, float, int]]:
    """Every shown figure stays as it is printed, and above the rule that let it be shown."""
    found = [(np.zeros(len(flows.most)), -1.0, 1.0, -1)]
    states = guard.states
    for at, figure in enumerate(figures):
        if not member[at].any():
            continue
        base, yes = figure.base.astype(float), figure.yes.astype(float)
        inside = figure.inside & (states.of_row >= 0)
        of_row = states.of_row[inside]
        weight, n, count = guard.weight[inside], float(base[of_row].sum()), float(yes[of_row].sum())
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
    return [rule for rule in found if rule[0].any() or rule is found[0]]
