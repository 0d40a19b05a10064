"""Boxes are keyed by their numbers, and a form answers only what its own answers lead to."""

import pytest

from survey.questionnaire.answers import SKIPPED
from survey.questionnaire.definition import Question, load
from survey.questionnaire.paper_marks import SEVERAL, UnreadableMarks, answers_of, as_typed, read_marks

TRYGGHET = load("trygghet")


def asked(question_id: str) -> Question:
    found = TRYGGHET.question(question_id)
    assert found is not None
    return found


LITTER = asked("problem_litter")  # codes 1-4, then 8: the fifth box is another number than its code
CLOSED = next(question for question in TRYGGHET.questions if question.conditions)


@pytest.mark.parametrize(
    ("typed", "mark"),
    [
        ("1", "1"),
        (" 5 ", "8"),
        ("3,3", "3"),
        ("1,4", SEVERAL),
        ("1 4", SEVERAL),
        ("*", SEVERAL),
        ("-", SKIPPED),
    ],
)
def test_a_box_is_told_by_its_place(typed: str, mark: str) -> None:
    assert read_marks(LITTER, typed) == mark


@pytest.mark.parametrize("typed", ["", " ", "0", "7", "8", "1,", "1,9", "x", "²", "٣", "\0", "1" * 60])
def test_what_names_no_box_is_refused(typed: str) -> None:
    with pytest.raises(UnreadableMarks):
        read_marks(LITTER, typed)


def test_a_question_behind_a_filter_may_be_left_empty() -> None:
    assert read_marks(CLOSED, "") == SKIPPED


def test_what_was_typed_is_shown_as_it_can_be_typed_again() -> None:
    for question in TRYGGHET.questions:
        for mark in (*question.codes, SKIPPED, SEVERAL):
            assert read_marks(question, as_typed(question, mark)) == mark


def test_several_marks_are_no_answer_and_are_counted() -> None:
    given = answers_of(TRYGGHET, {LITTER.id: SEVERAL})
    assert (given.answers[LITTER.id], given.several, given.off_path) == (SKIPPED, 1, 0)


def test_answers_that_a_filter_closes_are_dropped_and_counted() -> None:
    condition = CLOSED.conditions[0]
    code = CLOSED.codes[0]
    others = [one for one in asked(condition.question).codes if one not in condition.codes]
    for filtering in (others[0], SKIPPED, SEVERAL):
        given = answers_of(TRYGGHET, {condition.question: filtering, CLOSED.id: code})
        assert CLOSED.id not in given.answers
        assert given.off_path == 1
    opened = {one.question: one.codes[0] for one in CLOSED.conditions}
    given = answers_of(TRYGGHET, {**opened, CLOSED.id: code})
    assert (given.answers[CLOSED.id], given.off_path) == (code, 0)
