"""What a browser sends: only answers on the list are kept, whatever else the form holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from survey.questionnaire.answers import Fault, validate
from survey.questionnaire.definition import Page, load
from survey.questionnaire.path import visible_questions

TRYGGHET = load("trygghet")


def page(page_id: str) -> Page:
    found = TRYGGHET.page(page_id)
    assert found is not None
    return found


def test_a_chosen_answer_is_kept_and_the_rest_is_skipped() -> None:
    values, faults = validate(page("unsafe"), {}, {"unsafe_evening": ["5"]})
    assert values == {"unsafe_evening": "5", "unsafe_daytime": ""}
    assert faults == {}


def test_a_question_sent_empty_is_skipped() -> None:
    values, faults = validate(page("unsafe"), {}, {"unsafe_evening": [""], "unsafe_daytime": []})
    assert values == {"unsafe_evening": "", "unsafe_daytime": ""}
    assert faults == {}


@pytest.mark.parametrize(
    "sent", ["7", "01", " 1", "1 ", "\x00", "१", "\u200f1", "1\n", "<script>", "x" * 100_000]
)
def test_an_answer_off_the_list_is_a_fault_and_never_a_value(sent: str) -> None:
    values, faults = validate(page("unsafe"), {}, {"unsafe_evening": [sent]})
    assert faults == {"unsafe_evening": Fault.UNKNOWN_OPTION}
    assert values == {"unsafe_daytime": ""}


@pytest.mark.parametrize("sent", [["1", "2"], ["1", "1"], ["", "1"], ["7", "7"]])
def test_a_doubled_field_is_a_fault_and_never_a_value(sent: list[str]) -> None:
    values, faults = validate(page("unsafe"), {}, {"unsafe_evening": sent})
    assert faults == {"unsafe_evening": Fault.SEVERAL_ANSWERS}
    assert values == {"unsafe_daytime": ""}


def test_fields_of_other_pages_and_of_the_form_itself_are_left_out() -> None:
    sent = {"worry_fraud": ["1"], "csrf_token": ["abc"], "unsafe_daytime": ["2"]}
    values, faults = validate(page("unsafe"), {}, sent)
    assert values == {"unsafe_evening": "", "unsafe_daytime": "2"}
    assert faults == {}


def test_a_hidden_question_takes_no_answer() -> None:
    answers = {"victim_theft": "1", "victim_threat": "2"}
    sent = {"times_theft": ["3"], "times_threat": ["3"], "reported_threat": ["nonsense"]}
    values, faults = validate(page("victimisation_details"), answers, sent)
    assert values == {"times_theft": "3", "reported_theft": ""}
    assert faults == {}


def test_every_fault_has_words_for_the_page() -> None:
    assert all(str(fault).endswith(".") for fault in Fault)


@given(some.data())
def test_whatever_is_sent_the_values_are_on_the_list(data: some.DataObject) -> None:
    chosen = data.draw(some.sampled_from(TRYGGHET.pages))
    names = some.sampled_from([question.id for question in TRYGGHET.questions]) | some.text()
    value = some.sampled_from(["", "1", "2", "5", "8", "9", "woman"]) | some.text()
    sent = data.draw(some.dictionaries(names, some.lists(value, max_size=3), max_size=12))
    answers = {f"victim_{kind}": data.draw(value) for kind in ("violence", "threat", "theft", "fraud")}
    values, faults = validate(chosen, answers, sent)
    visible = {question.id: question for question in visible_questions(chosen, answers)}
    assert set(values) | set(faults) == set(visible)
    assert not set(values) & set(faults)
    assert all(value == "" or value in visible[name].codes for name, value in values.items())
