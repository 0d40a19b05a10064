"""Which hidden counts some new figures hold, and the figures in their way. METHODS.md M-42.

A count is looked at in the municipality with most of its persons, everybody else taken as known; where it
cannot move by itself there, in several municipalities together.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import or_

import numpy as np

from analysis.answer_flows import Room, Survey
from analysis.answer_states import (
    AnswerNames,
    States,
    TableQuestion,
    answers_of,
    questions_in,
    related_indicators,
    states_of,
)
from analysis.told_figures import Figure, Places, Target, Told
from analysis.weights import Weighted

TOGETHER = 3  # municipalities, for a count that cannot move in one
AT_ONCE = 10  # counts looked at in the same municipalities together
MOST_STATES = 9  # combinations of answers that are judged all at once


def judged_together(weighted: Weighted, wave: str, question: TableQuestion, told: Told) -> list[AnswerNames]:
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


class Search:
    """The respondents of a wave by what they answered and where they live."""

    def __init__(self, weighted: Weighted, places: Places, states: States) -> None:
        self._survey = Survey(
            places.here,
            places.municipality,
            weighted.table["weight"].to_numpy(dtype=float),
            states.of_row,
            states.known,
            float(weighted.settings.thresholds.protection_width),
        )
        codes, self._place = np.unique(places.municipality.astype(str), return_inverse=True)
        self._codes = [str(code) for code in codes]

    def municipalities_of(self, figures: Sequence[Figure]) -> set[str]:
        """Where those live whom some figures count."""
        touched = np.zeros(len(self._codes), dtype=bool)
        for figure in figures:
            touched[self._place[figure.inside]] = True
        return {code for code, some in zip(self._codes, touched, strict=True) if some}

    def freed(
        self, figures: Sequence[Figure], targets: Sequence[Target], homes: Mapping[int, tuple[str, ...]]
    ) -> dict[int, frozenset[int]]:
        """The counts that the figures at hand tell, and the cells in their way."""
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
        here = self._survey.here & np.isin(self._survey.municipality, places)
        if not any(figure.cell >= 0 and (figure.inside & here).any() for figure in figures):
            return  # nothing at hand is about anybody here
        room = Room(self._survey, figures, [targets[at] for at in some], places)
        for number in room.narrow():
            yield some[number], room, number

    def homes(self, target: Target) -> tuple[str, ...]:
        """The municipalities with most of the persons of a count."""
        number = np.bincount(self._place[target.inside], minlength=len(self._codes))
        order = np.argsort(-number, kind="stable")[:TOGETHER]
        return tuple(self._codes[at] for at in order if number[at])
