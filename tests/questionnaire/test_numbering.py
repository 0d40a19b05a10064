"""Directions on paper lead every reader through the same questions as the path on the screen."""

import json

from hypothesis import given
from hypothesis import strategies as some
from test_path import answers_to, sources

from survey.questionnaire.definition import Questionnaire, load, parse
from survey.questionnaire.numbering import directions, numbers, wanted
from survey.questionnaire.path import on_path
from survey.questionnaire.validation import find_faults
from survey.questionnaire.wording import reworded

TRYGGHET = load("trygghet")


def read_on_paper(questionnaire: Questionnaire, answers: dict[str, str]) -> dict[str, str]:
    """What a reader answers who follows the printed directions from question to question."""
    number, told = numbers(questionnaire), directions(questionnaire)
    asked = list(questionnaire.questions)
    given: dict[str, str] = {}
    position: int | None = 1
    while position is not None and position <= len(asked):
        question = asked[position - 1]
        direction = told.get(question.id)
        by_number = {number[name]: code for name, code in given.items()}
        if direction and not all(
            by_number.get(answer.number, "") in [option.code for option in answer.options]
            for answer in direction.wanted
        ):
            position = direction.next
            continue
        if question.id in answers:
            given[question.id] = answers[question.id]
        position += 1
    return given


@given(sources().filter(lambda made: not find_faults(made)), some.data())
def test_whoever_follows_the_directions_answers_what_is_on_the_path(
    source: dict[str, object], data: some.DataObject
) -> None:
    questionnaire = parse(json.dumps(source), "made_up.yaml")
    answers = data.draw(answers_to(questionnaire))
    assert read_on_paper(questionnaire, answers) == on_path(questionnaire, answers)


def test_questions_are_numbered_through_the_whole_form() -> None:
    assert list(numbers(TRYGGHET).values()) == list(range(1, 46))
    assert numbers(TRYGGHET)["victim_violence"] == 10


def test_two_questions_about_the_same_crime_share_one_direction() -> None:
    told = directions(TRYGGHET)
    assert set(told) == {
        f"times_{it}" for it in ("violence", "threat", "theft", "fraud", "burglary", "vehicle")
    }
    first = told["times_violence"]
    assert [(answer.number, [option.text for option in answer.options]) for answer in first.wanted] == [
        (10, ["Ja"])
    ]
    assert first.next == 18


def test_a_filter_at_the_very_end_leads_to_the_end() -> None:
    source = {
        "name": "short",
        "title": "Kort",
        "scales": {"s": [{"code": "1", "text": "Ja"}, {"code": "2", "text": "Nej"}]},
        "pages": [
            {"id": "one", "title": "Ett", "questions": [{"id": "a", "text": "A?", "scale": "s"}]},
            {
                "id": "two",
                "title": "Två",
                "show_if": {"a": ["1"]},
                "questions": [{"id": "b", "text": "B?", "scale": "s"}],
            },
        ],
    }
    assert directions(parse(json.dumps(source), "short.yaml"))["b"].next is None


def test_a_question_for_everybody_wants_no_answer_before_it() -> None:
    assert wanted(TRYGGHET, TRYGGHET.questions[0]) == ()


def test_other_words_leave_codes_filters_and_order_as_they_are() -> None:
    shown = reworded(TRYGGHET, str.upper)
    assert shown.title == "TRYGGHET DÄR DU BOR"
    assert [question.id for question in shown.questions] == [question.id for question in TRYGGHET.questions]
    for question, original in zip(shown.questions, TRYGGHET.questions, strict=True):
        assert question.codes == original.codes
        assert question.conditions == original.conditions
        assert question.text == original.text.upper()
    assert set(shown.texts()) == {text.upper() for text in TRYGGHET.texts()}
