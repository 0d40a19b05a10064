"""Whether a table tells, beside all that is told already, what is hidden. METHODS.md M-42.

The attacker knows every shown figure, the weights, and who belongs to which group that is not sensitive. What
people may have answered instead is a flow of persons from one combination of sensitive answers to another,
within a group that no figure divides. All flows that leave every shown figure as it is printed form a region;
a hidden count is safe when it can move by `Thresholds.protection_width` persons inside it. The ends of its
interval are linear programmes (`extremes`). A cell of the table that holds a count back is hidden, unless the
count is as narrow without the table. Source: Hundepool et al. (2012), Statistical Disclosure Control.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

import numpy as np
import pandas as pd

from analysis.answer_flows import Room, Survey
from analysis.answer_states import (
    AnswerNames,
    TableQuestion,
    answers_of,
    is_sensitive,
    questions_in,
    related_indicators,
    states_of,
)
from analysis.disclosure import ESTIMATE_FIGURES, PROTECTED
from analysis.free_tables import FreeTable, free_table
from analysis.table_comparisons import COMPARED
from analysis.told_figures import (
    Figure,
    Places,
    Target,
    Told,
    released_figures,
    released_targets,
    table_figures,
)
from analysis.weights import Weighted

TOGETHER = 3  # municipalities, for a count that cannot move in one
AT_ONCE = 10  # counts looked at in the same municipalities together
MOST_STATES = 9  # combinations of answers that are judged all at once


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
    places = Places(weighted, wave)
    guards = [
        _Guard(weighted, places, wave, question, told, names)
        for names in _together(weighted, wave, question, told)
    ]
    sensitive = is_sensitive(weighted, wave, question)
    withheld: frozenset[tuple[str, ...]] = frozenset()
    counts = exposed = 0
    while True:
        table = free_table(weighted, question.item, question.by, where, wave, withheld=withheld)
        if sensitive:
            table = _without_means(table)
        found = [guard.expose(table.rows) for guard in guards]
        counts = max(counts, sum(one.counts for one in found))
        exposed += sum(one.exposed for one in found)
        cells = frozenset[tuple[str, ...]]().union(*(one.cells for one in found))
        if not cells:
            return Checked(table, counts, exposed, len(withheld))
        withheld |= cells


def _together(weighted: Weighted, wave: str, question: TableQuestion, told: Told) -> list[AnswerNames]:
    """The answers to judge together: those of the table and all related ones, or each related one in turn."""
    own = answers_of(weighted, wave, question)
    asked = questions_in(weighted, own)
    related = [AnswerNames((name,)) for name in related_indicators(weighted, wave, [question])]
    earlier = [answers_of(weighted, wave, table) for table, _ in told.tables]
    related += [names for names in earlier if questions_in(weighted, names) & asked]
    partners = [one for one in dict.fromkeys(related) if not one <= own]
    everything = reduce(or_, partners, own)
    if not partners or len(states_of(weighted, wave, everything).known) <= MOST_STATES:
        return [everything]
    return [own | one for one in partners]


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
    """Some answers, all that is told of them, and whether a table may stand beside it."""

    def __init__(
        self,
        weighted: Weighted,
        places: Places,
        wave: str,
        question: TableQuestion,
        told: Told,
        names: AnswerNames,
    ) -> None:
        self.weighted, self.wave, self.question = weighted, wave, question
        states = states_of(weighted, wave, names)
        self.survey = Survey(
            places.here,
            places.municipality,
            weighted.table["weight"].to_numpy(dtype=float),
            states.of_row,
            states.known,
            float(weighted.settings.thresholds.protection_width),
        )
        codes, self._place = np.unique(places.municipality.astype(str), return_inverse=True)
        self._codes = [str(code) for code in codes]
        self.states = states
        self.figures = released_figures(weighted, places, states, told)
        self.targets = released_targets(weighted, places, states, told)
        for earlier, rows in told.tables:
            if answers_of(weighted, wave, earlier) <= names:
                figures, targets = table_figures(weighted, wave, states, earlier, rows, at_hand=False)
                self.figures += figures
                self.targets += targets
        self._shown: set[int] = set()
        self._settled: dict[int, tuple[str, ...]] = {}

    def expose(self, rows: pd.DataFrame) -> _Found:
        """The hidden counts that a table tells, and cells of it to hide for them."""
        by = list(self.question.by)
        own, guarded = table_figures(self.weighted, self.wave, self.states, self.question, rows, at_hand=True)
        figures, targets = [*self.figures, *own], [*self.targets, *guarded]
        names = list(rows[by].astype(str).drop_duplicates().itertuples(index=False, name=None))
        if not own or not targets:
            return _Found(len(targets), 0, frozenset())
        homes = {at: self._homes(target) for at, target in enumerate(targets)}
        self._forget(own)
        told = self._freed(figures, targets, {at: homes[at] for at in homes if at not in self._settled})
        self._settled = {at: homes[at] for at in range(len(self.targets)) if at not in told}
        cells = frozenset(names[cell] for hidden in told.values() for cell in hidden)
        return _Found(len(targets), len(told), cells)

    def _forget(self, own: Sequence[Figure]) -> None:
        """Ask again where a cell is shown that was hidden before; to hide a cell only gives room."""
        touched = np.zeros(len(self._codes), dtype=bool)
        for figure in own:
            if figure.cell not in self._shown:
                touched[self._place[figure.inside]] = True
        again = {code for code, some in zip(self._codes, touched, strict=True) if some}
        self._settled = {at: homes for at, homes in self._settled.items() if again.isdisjoint(homes)}
        self._shown = {figure.cell for figure in own}

    def _freed(
        self, figures: Sequence[Figure], targets: Sequence[Target], homes: Mapping[int, tuple[str, ...]]
    ) -> dict[int, frozenset[int]]:
        """The counts that the table tells, and the cells in their way.

        Each is looked at in the municipality with most of its persons, and where it cannot move by itself
        there, in several together.
        """
        found: dict[int, frozenset[int]] = {}
        mine: dict[str, list[int]] = {}
        wider: dict[tuple[str, ...], list[int]] = {}
        for at, codes in homes.items():
            mine.setdefault(codes[0], []).append(at)
        for home in sorted(mine):
            for at, room, number in self._narrow(figures, targets, mine[home], (home,)):
                if len(homes[at]) > 1:
                    wider.setdefault(tuple(sorted(homes[at])), []).append(at)
                else:
                    found[at] = room.free(number)
        for together, ours in wider.items():
            for start in range(0, len(ours), AT_ONCE):
                some = ours[start : start + AT_ONCE]
                for at, room, number in self._narrow(figures, targets, some, together):
                    found[at] = room.free(number)
        return {at: cells for at, cells in found.items() if cells}

    def _narrow(
        self,
        figures: Sequence[Figure],
        targets: Sequence[Target],
        some: Sequence[int],
        places: tuple[str, ...],
    ) -> Iterator[tuple[int, Room, int]]:
        """Those of some counts that cannot move enough in some municipalities, each with its room."""
        here = self.survey.here & np.isin(self.survey.municipality, places)
        if not any(figure.cell >= 0 and (figure.inside & here).any() for figure in figures):
            return  # the table is about nobody here
        room = Room(self.survey, figures, [targets[at] for at in some], places)
        for number in room.narrow():
            yield some[number], room, number

    def _homes(self, target: Target) -> tuple[str, ...]:
        """The municipalities with most of the persons of a count."""
        number = np.bincount(self._place[target.inside], minlength=len(self._codes))
        order = np.argsort(-number, kind="stable")[:TOGETHER]
        return tuple(self._codes[at] for at in order if number[at])
