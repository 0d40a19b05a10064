"""The path through a questionnaire, computed from the answers each time and never stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from survey.questionnaire.definition import Answers, Condition, Page, Question, Questionnaire


@dataclass(frozen=True)
class Position:
    """Where a page stands, as in "part 3 of 8"; the number of parts is the same for every resident."""

    part: int
    parts: int
    title: str


def visible_questions(page: Page, answers: Answers) -> tuple[Question, ...]:
    """The questions of a page to ask, given the answers on earlier pages."""
    if page.asked_of_all:
        return page.questions
    return tuple(
        question
        for question in page.questions
        if not question.conditions or _all_hold(question.conditions, answers)
    )


def path(questionnaire: Questionnaire, answers: Answers) -> tuple[Page, ...]:
    """The pages with something to ask, in order; an unanswered filter hides what follows from it."""
    return tuple(page for page in questionnaire.pages if visible_questions(page, answers))


def is_passed(page: Page, answers: Answers) -> bool:
    """A page is behind the resident when each of its questions was answered or skipped (stored as "")."""
    if page.asked_of_all:
        return answers.keys() >= page.question_ids
    return all(question.id in answers for question in visible_questions(page, answers))


def next_page(questionnaire: Questionnaire, answers: Answers) -> Page | None:
    """The first page not yet passed; None when only the review is left."""
    return next((page for page in questionnaire.pages if not is_passed(page, answers)), None)


def tells_earlier_answers(questionnaire: Questionnaire, page: Page, seen: Collection[str] = ()) -> bool:
    """Whether a page is shown only because of answers given on pages outside this visit.

    `seen` are the ids of the pages answered in this visit, whose answers its reader knows already.
    """
    if page not in questionnaire.conditional_pages:
        return False
    known = {question.id for entry in questionnaire.pages if entry.id in seen for question in entry.questions}
    return all(
        any(condition.question not in known for condition in question.conditions)
        for question in page.questions
    )


def entries_when_resumed(
    questionnaire: Questionnaire, answers: Answers, seen: Collection[str] = ()
) -> dict[str, str]:
    """The skips to store when a resident returns with the letter, before any page is shown.

    A page that asks only because of an earlier answer would tell whoever holds the letter what that
    answer was, so the next pages of that kind count as skipped.
    """
    entries: dict[str, str] = {}
    page = next_page(questionnaire, answers)
    while page is not None and tells_earlier_answers(questionnaire, page, seen):
        asked = visible_questions(page, answers)
        entries |= {question.id: "" for question in asked if question.id not in answers}
        page = next_page(questionnaire, {**answers, **entries})
    return entries


def on_path(questionnaire: Questionnaire, answers: Answers) -> dict[str, str]:
    """The answers that count: those to questions on the path, in the order of the questionnaire.

    What was written in one's own words is kept elsewhere, and that something was written is forgotten.
    """
    return {
        question.id: answers[question.id]
        for page in questionnaire.pages
        for question in visible_questions(page, answers)
        if question.id in answers and not question.free_text
    }


def page_after(questionnaire: Questionnaire, page: Page, answers: Answers) -> Page | None:
    """The page on the path that follows this one; None after the last."""
    index = questionnaire.pages.index(page)
    later = questionnaire.pages[index + 1 :]
    return next((candidate for candidate in later if visible_questions(candidate, answers)), None)


def page_before(questionnaire: Questionnaire, page: Page, answers: Answers) -> Page | None:
    """The page on the path that comes before this one; None before the first."""
    index = questionnaire.pages.index(page)
    earlier = reversed(questionnaire.pages[:index])
    return next((candidate for candidate in earlier if visible_questions(candidate, answers)), None)


def is_reachable(questionnaire: Questionnaire, page: Page, answers: Answers) -> bool:
    """Whether a resident may open this page: it is on the path and every page before it is passed."""
    for candidate in questionnaire.pages:
        if candidate.id == page.id:
            return bool(visible_questions(page, answers))
        if not is_passed(candidate, answers):
            return False
    return False


def position(questionnaire: Questionnaire, page: Page) -> Position:
    """The part a page belongs to.

    A page that continues another shares its part, so that the number of parts gives no answer away.
    """
    parts = [entry for entry in questionnaire.pages if not entry.continues]
    index = questionnaire.pages.index(page)
    part = sum(not entry.continues for entry in questionnaire.pages[: index + 1])
    return Position(part, len(parts), page.title)


def _all_hold(conditions: tuple[Condition, ...], answers: Mapping[str, str]) -> bool:
    return all(condition.holds(answers) for condition in conditions)
