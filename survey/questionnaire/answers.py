"""Checks what a browser sends for a page, so that only answers on the list are ever stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from survey.questionnaire.definition import Answers, Page, Question
from survey.questionnaire.free_text import cleaned, is_too_long, mark_of
from survey.questionnaire.path import visible_questions

SKIPPED = ""


class Fault(StrEnum):
    """What is wrong with an answer, as the Swedish text to translate and show beside the question."""

    UNKNOWN_OPTION = "Välj ett av svaren i listan, eller lämna frågan utan svar."
    SEVERAL_ANSWERS = "Välj bara ett av svaren."
    TOO_LONG = "Texten är för lång. Korta den, så att den får plats."


def validate(
    page: Page, answers: Answers, submitted: Mapping[str, Sequence[str]]
) -> tuple[dict[str, str], dict[str, Fault]]:
    """The values to store for the page's visible questions and the faults by question id.

    A question that was not answered is stored as skipped; fields that are no question on this page are
    left out. Of what was written in one's own words there is a mark alone; a text that is not sent stays.
    """
    values: dict[str, str] = {}
    faults: dict[str, Fault] = {}
    for question in visible_questions(page, answers):
        if question.free_text and question.id not in submitted:
            values[question.id] = answers.get(question.id, SKIPPED)
            continue
        value, fault = _read(question, submitted.get(question.id, ()))
        if fault is None:
            values[question.id] = value
        else:
            faults[question.id] = fault
    return values, faults


def _read(question: Question, sent: Sequence[str]) -> tuple[str, Fault | None]:
    if len(sent) > 1:
        return SKIPPED, Fault.SEVERAL_ANSWERS
    value = sent[0] if sent else SKIPPED
    if question.free_text:
        text = cleaned(value)
        return (SKIPPED, Fault.TOO_LONG) if is_too_long(question, text) else (mark_of(text), None)
    if value != SKIPPED and value not in question.codes:
        return SKIPPED, Fault.UNKNOWN_OPTION
    return value, None
