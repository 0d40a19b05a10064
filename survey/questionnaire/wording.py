"""A questionnaire in another language: the same pages, questions and codes with other words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from survey.questionnaire.definition import Option, Page, Question, Questionnaire

Words = Callable[[str], str]


def reworded(questionnaire: Questionnaire, words: Words) -> Questionnaire:
    """The questionnaire with every text a resident reads put through `words`.

    For showing only: answers belong to the questionnaire in the source language, whose hash they carry.
    """
    return replace(
        questionnaire,
        title=words(questionnaire.title),
        pages=tuple(_page(page, words) for page in questionnaire.pages),
    )


def _page(page: Page, words: Words) -> Page:
    return replace(
        page,
        title=words(page.title),
        intro=words(page.intro),
        period=words(page.period),
        questions=tuple(_question(question, words) for question in page.questions),
    )


def _question(question: Question, words: Words) -> Question:
    return replace(
        question,
        text=words(question.text),
        stem=words(question.stem),
        help=words(question.help),
        options=tuple(_option(option, words) for option in question.options),
    )


def _option(option: Option, words: Words) -> Option:
    return replace(option, text=words(option.text))
