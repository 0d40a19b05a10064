"""Sensitive answers, and which tables and indicators tell of the same ones. METHODS.md M-42."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Ints, Mask
from analysis.backgrounds import NOT_STATED, Background, background, measured
from analysis.comparability import items_of
from analysis.indicators import Measured
from analysis.weights import Weighted


@dataclass(frozen=True)
class TableQuestion:
    """A free table as it is asked for: see `free_tables.free_table`."""

    item: str
    by: tuple[str, ...]
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class States:
    """The combinations of sensitive answers that occur in a wave.

    Attributes:
        of_row: combination of each respondent, in the order of responses.csv.
        values: name of an answer -> its position in each combination; -1 outside its base.
        measured: what is counted, by the same names.
        answers: background variables that are sensitive themselves, by the same names.
        known: number of what is known of each combination, such as who answered a question: nobody is taken
            to have a combination of another number.
    """

    of_row: Ints
    values: dict[str, Ints]
    measured: dict[str, Measured]
    answers: dict[str, Background]
    known: Ints

    @property
    def everything(self) -> Mask:
        """All combinations."""
        return np.ones(len(next(iter(self.values.values()))), dtype=bool)


@dataclass(frozen=True)
class AnswerNames:
    """Answers by name: what is counted, and sensitive background variables."""

    counted: tuple[str, ...]
    backgrounds: tuple[str, ...] = ()

    def __or__(self, other: "AnswerNames") -> "AnswerNames":
        return AnswerNames(
            tuple(dict.fromkeys([*self.counted, *other.counted])),
            tuple(dict.fromkeys([*self.backgrounds, *other.backgrounds])),
        )

    def __le__(self, other: "AnswerNames") -> bool:
        return {*self.counted} <= {*other.counted} and {*self.backgrounds} <= {*other.backgrounds}


def answers_of(weighted: Weighted, wave: str, question: TableQuestion) -> AnswerNames:
    """The answers that a table is about."""
    names = (*question.by, *(name for name, _ in question.where))
    return AnswerNames((question.item,), tuple(n for n in names if background(weighted, n, wave).sensitive))


def questions_in(weighted: Weighted, names: AnswerNames) -> frozenset[str]:
    """The questions that some answers are made of: outputs that share one tell of each other."""
    items = items_of(weighted.bundle)
    every = (*names.counted, *names.backgrounds)
    return frozenset[str]().union(*(items.get(name, {name}) for name in every))


def related_indicators(weighted: Weighted, wave: str, questions: Iterable[TableQuestion]) -> tuple[str, ...]:
    """The indicators whose released rows tell of the same answers as some tables."""
    asked = [questions_in(weighted, answers_of(weighted, wave, question)) for question in questions]
    every = frozenset[str]().union(*asked)
    return tuple(name for name, items in items_of(weighted.bundle).items() if items & every)


def states_of(weighted: Weighted, wave: str, names: AnswerNames) -> States:
    """The combinations of some answers that occur in a wave."""
    recipes = weighted.bundle.indicators
    answers = {name: background(weighted, name, wave) for name in names.backgrounds}
    counted = {name: measured(weighted.bundle, name)[0] for name in names.counted}
    here = (weighted.table["wave"] == wave).to_numpy(dtype=bool)
    columns = {name: one.level.astype(np.int64) for name, one in counted.items()}
    columns |= {f"by {name}": one.of_row.astype(np.int64) for name, one in answers.items()}
    found, of_row = np.unique(np.stack(list(columns.values()))[:, here], axis=1, return_inverse=True)
    place = np.full(len(here), -1, dtype=np.int64)
    place[here] = of_row
    values = dict(zip(columns, found, strict=True))
    some = recipes["sensitive"] & (recipes["base"].ne("") | recipes["type"].eq("ratio"))
    unknown = set(recipes["indicator"][some])
    known = [values[name] >= 0 for name in counted if name not in unknown]
    for name, one in answers.items():
        stated = [at for at, category in enumerate(one.categories) if category != NOT_STATED]
        known.append(np.isin(values[f"by {name}"], stated))
    number = np.unique(np.stack(known), axis=1, return_inverse=True)[1] if known else np.zeros(found.shape[1])
    return States(place, values, counted, answers, np.asarray(number, dtype=np.int64).ravel())


def level_of(states: States, name: str, statistic: str) -> tuple[Mask, Mask]:
    """The combinations in the base of a measured variable, and those at the level of a statistic."""
    one, level = states.measured[name], states.values[name]
    base: Mask = level >= 0
    at = np.array([statistic == "proportion" and bool(score) for score in one.yes])
    if statistic not in ("proportion", "mean", "n"):
        at = np.array([f"p{code}" == statistic for code in one.codes])
    yes: Mask = base & np.r_[at, False][level]
    return base, yes


def is_sensitive(weighted: Weighted, wave: str, question: TableQuestion) -> bool:
    """Whether a table tells about something sensitive."""
    return bool(answers_of(weighted, wave, question).backgrounds) or counts_sensitive(weighted, question.item)


def counts_sensitive(weighted: Weighted, name: str) -> bool:
    """Whether an indicator or item is sensitive."""
    recipes = weighted.bundle.indicators
    own = recipes.loc[recipes["indicator"].eq(name), "sensitive"]
    return bool(own.iloc[0]) if len(own) else measured(weighted.bundle, name)[1]
