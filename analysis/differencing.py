"""Whether a table tells, beside all that is told already, what is hidden. METHODS.md M-42.

The attacker knows every shown figure, the weights, and who belongs to which group that is not sensitive. What
people may have answered instead is a shift of persons of one weight from some combinations of sensitive
answers to others, within a group that no figure divides. All shifts that leave every shown figure as it is
printed form a region; a hidden count is safe when it can move by `Thresholds.protection_width` persons inside
it. The ends of its interval are linear programmes (`extremes`). A cell of the table that holds a count back
is hidden, unless the count is as narrow without the table. Source: Hundepool et al. (2012), Statistical
Disclosure Control.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from analysis.answer_shifts import too_sensitive
from analysis.answer_states import AnswerNames, TableQuestion, answers_of, is_sensitive, states_of
from analysis.disclosure import ESTIMATE_FIGURES, PROTECTED
from analysis.free_tables import FreeTable, free_table
from analysis.held_counts import Search, judged_together
from analysis.moved_cells import moved_cells
from analysis.table_comparisons import COMPARED
from analysis.told_figures import Figure, Places, Told, released_figures, released_targets
from analysis.told_tables import Key, table_figures
from analysis.weights import Weighted


@dataclass(frozen=True)
class Checked:
    """A table that may stand beside everything told so far.

    Attributes:
        table: its rows, with what had to be hidden.
        counts: hidden counts that were looked at.
        exposed: those of them for which a cell was hidden: the table would have told them.
        hidden: cells hidden for their sake.
        moved: cells hidden because an earlier output told of a few persons more or fewer in them.
    """

    table: FreeTable
    counts: int
    exposed: int
    hidden: int
    moved: int


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
        for names in judged_together(weighted, wave, question, told)
    ]
    sensitive = is_sensitive(weighted, wave, question)
    moved = moved_cells(weighted, places, wave, question, told) if sensitive else frozenset[Key]()
    withheld = moved
    counts = exposed = 0
    while True:
        table = free_table(weighted, question.item, question.by, where, wave, withheld=withheld)
        if sensitive:
            table = _without_means(table)
        found = [guard.expose(table.rows) for guard in guards]
        counts = max(counts, sum(one.counts for one in found))
        exposed += sum(one.exposed for one in found)
        cells = frozenset[Key]().union(*(one.cells for one in found))
        if not cells:
            return Checked(table, counts, exposed, len(withheld) - len(moved), len(moved))
        if cells <= withheld:
            raise too_sensitive()  # nothing more can be hidden for what the table tells
        withheld |= cells


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
    cells: frozenset[Key]


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
        self.search = Search(weighted, places, states)
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
        homes = {at: self.search.homes(target) for at, target in enumerate(targets)}
        self._forget(own)
        told = self.search.freed(figures, targets, {at: homes[at] for at in homes if at not in self._settled})
        self._settled = {at: homes[at] for at in range(len(self.targets)) if at not in told}
        cells = frozenset(names[cell] for hidden in told.values() for cell in hidden)
        return _Found(len(targets), len(told), cells)

    def _forget(self, own: Sequence[Figure]) -> None:
        """Ask again where a cell is shown that was hidden before; to hide a cell only gives room."""
        again = self.search.municipalities_of([one for one in own if one.cell not in self._shown])
        self._settled = {at: homes for at, homes in self._settled.items() if again.isdisjoint(homes)}
        self._shown = {figure.cell for figure in own}
