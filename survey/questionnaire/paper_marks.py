"""The marks on a paper form as they are keyed, and the answers that they give."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from survey.questionnaire.answers import SKIPPED, Fault
from survey.questionnaire.definition import Question, Questionnaire
from survey.questionnaire.free_text import cleaned, is_too_long, texts_on_path
from survey.questionnaire.path import on_path

SEVERAL = "*"  # more than one box is marked: no answer, but another kind of none
NOTHING = "-"
FAULT = "Skriv numret på svaret, flera med komma emellan, eller - om inget är ikryssat."
_BETWEEN = re.compile(r"[\s,;.+]+")


class UnreadableMarks(ValueError):
    """What was typed names no box of the question."""


@dataclass(frozen=True)
class PaperAnswers:
    """The answers on the path, what was written there, and how many marks gave no answer."""

    answers: dict[str, str]
    texts: dict[str, str]
    several: int
    off_path: int


def read_marks(question: Question, typed: str) -> str:
    """The code of the box that is marked, SEVERAL or SKIPPED; boxes are numbered from 1 as they stand.

    Nothing typed is an answer only where a filter may have closed the question: elsewhere it is a slip.

    Raises:
        UnreadableMarks: the text is empty where it must not be, or a number is that of no box.
    """
    if question.free_text:
        return _read_text(question, typed)
    text = typed.strip()
    if text == NOTHING or (not text and question.conditions):
        return SKIPPED
    if text == SEVERAL:
        return SEVERAL
    boxes = {str(number): code for number, code in enumerate(question.codes, start=1)}
    marked = {boxes.get(number) for number in _BETWEEN.split(text)}
    code = marked.pop()
    if code is None or None in marked:
        raise UnreadableMarks(FAULT)
    return SEVERAL if marked else code


def disagree(question: Question, first: str, second: str) -> bool:
    """Whether two persons have read a question otherwise; of a text, whether only one found anything."""
    return bool(first) != bool(second) if question.free_text else first != second


def _read_text(question: Question, typed: str) -> str:
    """What was written, word for word; a dash or nothing at all where the lines are empty."""
    text = cleaned(typed)
    if is_too_long(question, text):
        raise UnreadableMarks(Fault.TOO_LONG)
    return SKIPPED if text == NOTHING else text


def as_typed(question: Question, mark: str) -> str:
    """A mark as somebody would type it."""
    if mark == SKIPPED or question.free_text:
        return mark or NOTHING
    return SEVERAL if mark == SEVERAL else str(question.codes.index(mark) + 1)


def answers_of(questionnaire: Questionnaire, marks: Mapping[str, str]) -> PaperAnswers:
    """What a form answers: by the same path as on the web, whatever else is marked."""
    given = {
        question.id: SKIPPED if marks.get(question.id) == SEVERAL else marks.get(question.id, SKIPPED)
        for question in questionnaire.questions
    }
    kept = on_path(questionnaire, given)
    asked = texts_on_path(questionnaire, given)
    texts = {question.id: given[question.id] for question in questionnaire.free_texts}
    return PaperAnswers(
        answers=kept,
        texts={question: text for question, text in texts.items() if text and question in asked},
        several=sum(marks.get(question) == SEVERAL for question in kept),
        off_path=sum(
            given[question.id] != SKIPPED and question.id not in kept for question in questionnaire.coded
        ),
    )
