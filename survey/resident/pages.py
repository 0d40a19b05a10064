"""What the question and review pages show, worked out from the answers; nothing here knows of the web."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from survey.collection.responses import ResponseState
from survey.questionnaire.definition import Option, Page, Question
from survey.questionnaire.free_text import cleaned, mark_of
from survey.questionnaire.path import (
    Position,
    entries_when_resumed,
    is_passed,
    is_reachable,
    page_after,
    page_before,
    path,
    position,
    tells_earlier_answers,
    visible_questions,
)


class FormFields(Protocol):
    """The fields of a form as the browser sent them."""

    def getlist(self, key: str) -> list[str]: ...


@dataclass(frozen=True)
class QuestionGroup:
    """Questions in a row that complete the same sentence; the sentence is empty for a question of its own."""

    stem: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class PageView:
    """A topic page as it is shown."""

    page: Page
    groups: tuple[QuestionGroup, ...]
    chosen: Mapping[str, str]
    faults: Mapping[str, str]
    position: Position
    back: str | None
    answered_before: bool
    """Answered in another visit: the answers are kept but not shown."""

    @property
    def faulty(self) -> tuple[Question, ...]:
        """The questions to put right, in the order of the page."""
        return tuple(question for question in self.page.questions if question.id in self.faults)


@dataclass(frozen=True)
class ReviewedQuestion:
    question: Question
    option: Option | None
    written: bool = False
    """Answered in the person's own words, which are shown on the page of the question alone."""


@dataclass(frozen=True)
class ReviewPart:
    """A page on the review; its questions are empty when they were answered in another visit."""

    page: Page
    questions: tuple[ReviewedQuestion, ...]


def known(state: ResponseState, seen: Collection[str]) -> ResponseState:
    """The response as far as a visit may know it, whatever was answered in the visits before.

    A page that asks only because of an earlier answer counts as skipped while that answer is not of this
    visit, and as not asked yet once it is: its being there, or being answered, would tell what was said.
    """
    if not state.questionnaire.conditional_pages:
        return state
    untold = {
        question.id
        for page in state.questionnaire.conditional_pages
        if page.id not in seen
        for question in page.questions
    }
    answers = {name: code for name, code in state.answers.items() if name not in untold}
    answers |= entries_when_resumed(state.questionnaire, answers, seen)
    return replace(state, answers=answers)


def is_open(state: ResponseState, page: Page, seen: Collection[str]) -> bool:
    """Whether a visit may open a page: it is on the path, and no answer of another visit put it there."""
    return not _tells(state, page, seen) and is_reachable(state.questionnaire, page, state.answers)


def following(state: ResponseState, page: Page, seen: Collection[str]) -> Page | None:
    """The next page that this visit may open."""
    after = page_after(state.questionnaire, page, state.answers)
    while after is not None and _tells(state, after, seen):
        after = page_after(state.questionnaire, after, state.answers)
    return after


def page_view(
    state: ResponseState,
    page: Page,
    chosen: Mapping[str, str],
    faults: Mapping[str, str],
    seen: Collection[str],
) -> PageView:
    """The page with its visible questions, grouped by the sentence that they complete."""
    back = page_before(state.questionnaire, page, state.answers)
    while back is not None and _tells(state, back, seen):
        back = page_before(state.questionnaire, back, state.answers)
    return PageView(
        page=page,
        groups=_groups(visible_questions(page, state.answers)),
        chosen=chosen,
        faults=faults,
        position=position(state.questionnaire, page),
        back=back.id if back else None,
        answered_before=is_passed(page, state.answers) and page.id not in seen,
    )


def read_form(
    form: FormFields, state: ResponseState, page: Page, seen: bool
) -> tuple[dict[str, list[str]], bool]:
    """The answers sent for a page, and whether all of them come from this visit.

    On a page that was answered in another visit the person does not see the earlier answers: a question
    that is left open there keeps its answer instead of losing it.
    """
    sent = {question.id: form.getlist(question.id) for question in page.questions}
    if seen or not is_passed(page, state.answers):
        return sent, True
    left = {name for name, values in sent.items() if not any(values) and state.answers.get(name)}
    written = {question.id for question in page.questions if question.free_text} & left
    kept = {name: [state.answers[name]] for name in left - written}
    # By what was sent, not by what was kept: that would tell which questions had an answer.
    complete = all(any(sent[question.id]) for question in visible_questions(page, state.answers))
    # What was written before is not sent again: what is not sent stays.
    return {name: values for name, values in (sent | kept).items() if name not in written}, complete


def chosen(form: FormFields, page: Page) -> dict[str, str]:
    """What was chosen in a form, for showing it again: codes that the page offers, and what was written."""
    found = {}
    for question in page.questions:
        values = form.getlist(question.id)
        if not question.free_text:
            values = [value for value in values if value in question.codes]
        if values:
            found[question.id] = values[0]
    return found


def is_stored(form: FormFields, state: ResponseState, page: Page) -> bool:
    """Whether every visible question already holds what the form says: the same form was sent twice."""
    return is_passed(page, state.answers) and all(
        [state.answers.get(question.id) or ""] == (_entries(form, question) or [""])
        for question in visible_questions(page, state.answers)
    )


def _entries(form: FormFields, question: Question) -> list[str]:
    """What was sent for a question, as it stands among the answers."""
    sent = form.getlist(question.id)
    return [mark_of(cleaned(text)) for text in sent] if question.free_text else sent


def review_parts(state: ResponseState, seen: Collection[str]) -> list[ReviewPart]:
    """The pages this visit may know are on the path; answers only where this visit gave them."""
    return [
        ReviewPart(page, _reviewed(page, state.answers) if page.id in seen else ())
        for page in path(state.questionnaire, state.answers)
        if not _tells(state, page, seen)
    ]


def _tells(state: ResponseState, page: Page, seen: Collection[str]) -> bool:
    return tells_earlier_answers(state.questionnaire, page, seen)


def _reviewed(page: Page, answers: Mapping[str, str]) -> tuple[ReviewedQuestion, ...]:
    return tuple(
        ReviewedQuestion(
            question,
            question.option(answers.get(question.id, "")),
            written=bool(question.free_text and answers.get(question.id)),
        )
        for question in visible_questions(page, answers)
    )


def _groups(questions: tuple[Question, ...]) -> tuple[QuestionGroup, ...]:
    groups: list[QuestionGroup] = []
    for question in questions:
        if groups and question.stem and groups[-1].stem == question.stem:
            groups[-1] = QuestionGroup(question.stem, (*groups[-1].questions, question))
        else:
            groups.append(QuestionGroup(question.stem, (question,)))
    return tuple(groups)
