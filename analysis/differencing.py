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
    guards = [
        _Guard(weighted, wave, question, told, names) for names in _together(weighted, wave, question, told)
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
        self, weighted: Weighted, wave: str, question: TableQuestion, told: Told, names: AnswerNames
    ) -> None:
        self.weighted, self.wave, self.question = weighted, wave, question
        places, states = Places(weighted, wave), states_of(weighted, wave, names)
        self.survey = Survey(
            places.here,
            places.municipality,
            weighted.table["weight"].to_numpy(dtype=float),
            states.of_row,
            states.known,
            float(weighted.settings.thresholds.protection_width),
        )
        self.states = states
        self.figures = released_figures(weighted, places, states, told)
        self.targets = released_targets(weighted, places, states, told)
        for earlier, rows in told.tables:
            if answers_of(weighted, wave, earlier) <= names:
                figures, targets = table_figures(weighted, wave, states, earlier, rows, at_hand=False)
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
        home = mine[0][1][:1]
        here = self.survey.here & (self.survey.municipality == home[0])
        if not any(figure.cell >= 0 and (figure.inside & here).any() for figure in figures):
            return []  # the table is about nobody here
        room = Room(self.survey, figures, [target for target, _ in mine], home)
        found = []
        for number in room.narrow():
            target, homes = mine[number]
            wider = Room(self.survey, figures, [target], homes) if len(homes) > 1 else None
            if wider is None:
                hidden = room.free(number)
            else:
                hidden = wider.free(0) if wider.narrow() else frozenset()
            if hidden:
                found.append((target, hidden))
        return found

    def _homes(self, target: Target) -> tuple[str, ...]:
        """The municipalities with most of the persons of a count."""
        codes, number = np.unique(self.survey.municipality[target.inside], return_counts=True)
        order = np.lexsort((codes, -number))[:TOGETHER]
        return tuple(str(code) for code in codes[order])
