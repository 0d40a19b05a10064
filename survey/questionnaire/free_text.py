"""Answers in a person's own words: cleaned, measured, and never among the coded answers.

Until the answers are handed in a mark stands where a code would, so that the path knows that something was
written; what was written is kept apart. What is handed in has no mark either: who wrote is not told.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from hashlib import sha256

from survey.questionnaire.definition import Answers, Question, Questionnaire
from survey.questionnaire.path import visible_questions

MARK = 16  # signs of the mark: enough to see whether the same form is sent twice
KEPT_CONTROLS = "\n"
UNWANTED = ("Cc", "Cs", "Co", "Cn")  # control signs, half characters, and signs that no font has


def cleaned(text: str) -> str:
    """The text as it is kept: one form of each sign, ends of line alike, nothing that cannot be read."""
    whole = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    kept = (sign for sign in whole if sign in KEPT_CONTROLS or unicodedata.category(sign) not in UNWANTED)
    return "".join(kept).strip()


def mark_of(text: str) -> str:
    """What stands among the coded answers of a draft; empty when nothing was written."""
    return sha256(text.encode()).hexdigest()[:MARK] if text else ""


def is_too_long(question: Question, text: str) -> bool:
    """Whether there is more than the question has room for."""
    return len(text) > question.free_text


def texts_sent(questions: Sequence[Question], sent: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What was written for some questions; one that was not sent at all is left out, and stays as it was."""
    return {
        question.id: cleaned(sent[question.id][0] if sent[question.id] else "")
        for question in questions
        if question.free_text and question.id in sent
    }


def texts_on_path(questionnaire: Questionnaire, answers: Answers) -> frozenset[str]:
    """The questions in one's own words that were asked."""
    return frozenset(
        question.id
        for page in questionnaire.pages
        for question in visible_questions(page, answers)
        if question.free_text
    )
