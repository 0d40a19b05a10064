"""Questions by number, and filters as directions on paper: who answers, and where the others go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from survey.questionnaire.definition import Option, Question, Questionnaire


@dataclass(frozen=True)
class Wanted:
    """An answer that must have been given: the number of the question and what opens the way."""

    number: int
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Direction:
    """Stands before a run of questions with the same filter; `next` is None when the form ends after it."""

    wanted: tuple[Wanted, ...]
    next: int | None


def numbers(questionnaire: Questionnaire) -> dict[str, int]:
    """Each question's number, from 1 through the whole form."""
    return {question.id: number for number, question in enumerate(questionnaire.questions, start=1)}


def wanted(questionnaire: Questionnaire, question: Question) -> tuple[Wanted, ...]:
    """The answers that open the way to a question; none when everybody is asked."""
    number = numbers(questionnaire)
    return tuple(
        Wanted(number[condition.question], _options(questionnaire, condition.question, condition.codes))
        for condition in question.conditions
    )


def directions(questionnaire: Questionnaire) -> dict[str, Direction]:
    """By the first question of each filtered run, what to print before it."""
    return dict(_directions(questionnaire))


def _directions(questionnaire: Questionnaire) -> Iterator[tuple[str, Direction]]:
    number = numbers(questionnaire)
    for conditions, run in groupby(questionnaire.questions, key=lambda question: question.conditions):
        asked = list(run)
        if conditions:
            following = number[asked[-1].id] + 1
            yield (
                asked[0].id,
                Direction(wanted(questionnaire, asked[0]), following if following <= len(number) else None),
            )


def _options(questionnaire: Questionnaire, name: str, codes: tuple[str, ...]) -> tuple[Option, ...]:
    question = questionnaire.question(name)
    return tuple(option for option in question.options if option.code in codes) if question else ()
