"""Which hidden counts some new figures hold, and the figures in their way. METHODS.md M-42.

A count is looked at in the municipality with most of its persons, everybody else taken as known; where it
cannot move by itself there, in several municipalities together, with other such counts of theirs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_

import numpy as np

from analysis.answer_room import Room, Survey
from analysis.answer_shifts import Statements
from analysis.answer_states import (
    AnswerNames,
    States,
    TableQuestion,
    answers_of,
    questions_in,
    related_indicators,
    states_of,
)
from analysis.arrays import Ints
from analysis.told_figures import Figure, Persons, Places, Target, Told
from analysis.weights import Weighted

TOGETHER = 3  # municipalities, for a count that cannot move in one
MOST_TOGETHER = (
    50_000  # respondents times their possible answers, looked at in one programme for several counts
)
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
        self._counted: dict[Persons, Ints] = {}
        self._persons = np.bincount(self._place[places.here], minlength=len(codes))

    def municipalities_of(self, figures: Sequence[Figure]) -> set[str]:
        """Where those live whom some figures count."""
        touched = np.zeros(len(self._codes), dtype=bool)
        for figure in figures:
            touched |= self._persons_of(figure.inside) > 0
        return {code for code, some in zip(self._codes, touched, strict=True) if some}

    def _persons_of(self, inside: Persons) -> Ints:
        """How many of some respondents live in each municipality."""
        if inside not in self._counted:
            self._counted[inside] = np.bincount(self._place[inside.rows], minlength=len(self._codes))
        return self._counted[inside]

    def freed(
        self, figures: Sequence[Figure], targets: Sequence[Target], homes: Mapping[int, tuple[str, ...]]
    ) -> dict[int, frozenset[int]]:
        """The counts that the figures at hand tell, and the cells in their way."""
        found, gone = dict[int, frozenset[int]](), set[int]()
        mine: dict[tuple[str, ...], list[int]] = {}
        wider: dict[tuple[str, ...], list[int]] = {}
        said = Statements.of(figures, self._survey.of_row, self._survey.weight, len(self._survey.known))
        for at, codes in homes.items():
            mine.setdefault(codes[:1], []).append(at)
        for home in sorted(mine):
            for at, room, number in self._narrow(said, targets, mine[home], home):
                if len(homes[at]) > 1:
                    wider.setdefault(tuple(sorted(homes[at])), []).append(at)
                else:
                    found[at] = room.free(number, gone)
                    gone |= found[at]
        for together, some in self._together(wider):
            for at, room, number in self._narrow(said, targets, some, together):
                found[at] = room.free(number, gone)
                gone |= found[at]
        return {at: cells for at, cells in found.items() if cells}

    def _together(
        self, wider: Mapping[tuple[str, ...], list[int]]
    ) -> Iterator[tuple[tuple[str, ...], list[int]]]:
        """Counts of some municipalities with others of theirs and more, as far as one programme holds all."""
        codes, some = frozenset[str](), list[int]()
        for more, counts in sorted(wider.items()):
            if some and self._size(codes | set(more)) > MOST_TOGETHER:
                yield tuple(sorted(codes)), some
                codes, some = frozenset(), []
            codes, some = codes | set(more), some + counts
        if some:
            yield tuple(sorted(codes)), some

    def _size(self, codes: Iterable[str]) -> int:
        """Respondents of some municipalities times what they may have answered."""
        persons = sum(int(self._persons[self._codes.index(code)]) for code in codes)
        return persons * len(self._survey.known)

    def _narrow(
        self,
        said: Statements,
        targets: Sequence[Target],
        some: Sequence[int],
        places: tuple[str, ...],
    ) -> Iterator[tuple[int, Room, int]]:
        """Those of some counts that cannot move enough in some municipalities, each with its room."""
        here = np.isin(self._codes, places)
        about = np.array([self._persons_of(one)[here].any() for one in said.inside], dtype=bool)
        if not about[said.cell >= 0].any():
            return  # nothing at hand is about anybody here
        room = Room(self._survey, said.chosen(about), [targets[at] for at in some], places)
        for number in room.narrow():
            yield some[number], room, number

    def homes(self, target: Target) -> tuple[str, ...]:
        """The municipalities with most of the persons of a count."""
        number = self._persons_of(target.inside)
        order = np.argsort(-number, kind="stable")[:TOGETHER]
        return tuple(self._codes[at] for at in order if number[at])
