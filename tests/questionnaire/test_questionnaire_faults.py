"""Every fault planted in a questionnaire file is named, with the file, the place and what is wrong."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from survey.questionnaire.definition import LIBRARY, parse
from survey.questionnaire.validation import ALLOWED, REQUIRED, find_faults
from survey.questionnaire.yaml_source import QuestionnaireError

TEXT = (LIBRARY / "trygghet.yaml").read_text(encoding="utf-8")
SOURCE: dict[str, Any] = yaml.safe_load(TEXT)
DETAIL = "page 'victimisation_details', question 'times_violence'"


def faults_of(changed: dict[str, Any]) -> list[str]:
    # The file is not read again for each of some thousand faults; the last tests go through the file.
    return find_faults(changed)


def faults_of_text(text: str) -> tuple[str, ...]:
    with pytest.raises(QuestionnaireError) as caught:
        parse(text, "fel.yaml")
    return caught.value.faults


def entries(source: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each entry of a questionnaire with its kind and the words that name its place."""
    yield "questionnaire", "questionnaire", source
    for page in source["pages"]:
        yield "page", f"page '{page['id']}'", page
        for question in page["questions"]:
            place = f"page '{page['id']}', question '{question['id']}'"
            yield "question", place, question
            for position, option in enumerate(question.get("options", []), start=1):
                yield "option", f"{place}, option {position}", option


PLACES = [(number, kind, place) for number, (kind, place, _) in enumerate(entries(SOURCE))]


def changed_at(number: int, change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    changed = copy.deepcopy(SOURCE)
    change(list(entries(changed))[number][2])
    return changed


def test_an_unknown_key_is_named_wherever_it_stands() -> None:
    for number, _, place in PLACES:
        faults = faults_of(changed_at(number, lambda entry: entry.update(colour="röd")))
        assert any(f"{place}: the key 'colour' is unknown" in fault for fault in faults), place


def test_a_missing_key_is_named_wherever_it_is_missing() -> None:
    for number, kind, place in PLACES:
        for key in REQUIRED[kind] - {"id"}:
            faults = faults_of(changed_at(number, lambda entry, key=key: entry.pop(key)))
            assert any(f"{place}: the key {key!r} is missing" in fault for fault in faults), (place, key)


def test_a_missing_text_is_named_wherever_it_is_missing() -> None:
    for number, kind, place in PLACES:
        for key in {"title", "text", "intro", "period", "stem", "help"} & ALLOWED[kind]:
            for nothing in ("  ", None, 7, "\ud800", "a\x0bb"):
                changed = changed_at(number, lambda entry, key=key, value=nothing: entry.update({key: value}))
                assert any(f"{place}: the text {key!r} is missing" in fault for fault in faults_of(changed))


def test_an_entry_without_a_name_is_found_by_its_number() -> None:
    changed = copy.deepcopy(SOURCE)
    del changed["pages"][3]["id"]
    del changed["pages"][4]["questions"][1]["id"]
    faults = faults_of(changed)
    assert any("page 4: the key 'id' is missing" in fault for fault in faults)
    assert any("page 'unsafe', question 2: the key 'id' is missing" in fault for fault in faults)


def question(changed: dict[str, Any]) -> dict[str, Any]:
    found = changed["pages"][2]["questions"][0]
    assert isinstance(found, dict)
    return found


def evening(changed: dict[str, Any]) -> dict[str, Any]:
    found = changed["pages"][4]["questions"][0]
    assert isinstance(found, dict)
    return found


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({"victim_arson": ["1"]}, "the question 'victim_arson' does not exist"),
    ({"reported_violence": ["1"]}, "the question 'reported_violence' stands on the same page"),
    ({"times_violence": ["1"]}, "the question 'times_violence' stands on the same page"),
    ({"worry_fraud": ["1"]}, "the question 'worry_fraud' comes later"),
    ({"victim_violence": ["3"]}, "the question 'victim_violence' has no option with the code '3'"),
    ({"victim_violence": [1]}, "the question 'victim_violence' has no option with the code 1"),
    ({"victim_violence": []}, "'victim_violence' needs a list with at least one code"),
    ({"victim_violence": "1"}, "'victim_violence' needs a list with at least one code"),
    ({}, "must be a mapping of question ids to lists of codes"),
]


@pytest.mark.parametrize(("show_if", "fault"), FILTERS)
def test_a_filter_that_cannot_work_is_named(show_if: dict[str, Any], fault: str) -> None:
    changed = copy.deepcopy(SOURCE)
    question(changed)["show_if"] = show_if
    assert [found for found in faults_of(changed) if f"{DETAIL}, show_if: {fault}" in found]


def test_a_filter_on_a_page_is_checked_like_one_on_a_question() -> None:
    changed = copy.deepcopy(SOURCE)
    changed["pages"][1]["show_if"] = {"gender": ["woman"]}
    assert any(
        "page 'victimisation', show_if: the question 'gender' comes later" in it for it in faults_of(changed)
    )


CHANGES: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda it: it["pages"][5].update(questions=[]), "page 'avoidance': an empty page"),
    (lambda it: it.update(pages=[]), "pages: must be a list with at least one page"),
    (lambda it: it["pages"].append("text"), "page 9: must be a mapping"),
    (
        lambda it: it["pages"][0]["questions"].append("text"),
        "page 'problems', question 10: must be a mapping",
    ),
    (
        lambda it: it["pages"][0].update(continues=True),
        "page 'problems': the first page has no page before it",
    ),
    (lambda it: it["pages"][0].update(support="ja"), "page 'problems': 'support' is 'ja' but must be one of"),
    (lambda it: it["pages"][1].update(id="worry"), "page 'worry': this page id is already used at"),
    (lambda it: evening(it).update(id="gender"), "question 'gender': this question id is already used at"),
    (lambda it: evening(it).update(id="Evening!"), "question 'Evening!': the id 'Evening!' must be a-z"),
    (
        lambda it: evening(it).update(unit="street"),
        "question 'unsafe_evening': 'unit' is 'street' but must be",
    ),
    (
        lambda it: evening(it).update(scale="trust"),
        "needs one of 'options', 'scale' and 'free_text', and only one",
    ),
    (lambda it: evening(it).pop("options"), "needs one of 'options', 'scale' and 'free_text', and only one"),
    (
        lambda it: (evening(it).pop("options"), evening(it).update(free_text=10)),
        "'unsafe_evening': 'free_text' is 10 but must be a number of signs from 50 to 2000",
    ),
    (
        lambda it: (evening(it).pop("options"), evening(it).update(free_text=True)),
        "'unsafe_evening': 'free_text' is True but must be a number of signs",
    ),
    (
        lambda it: (evening(it).pop("options"), evening(it).update(free_text=500, stem="Hur")),
        "'unsafe_evening': an answer in one's own words completes no shared question",
    ),
    (
        lambda it: (
            it["pages"][4]["questions"][0].pop("options"),
            it["pages"][4]["questions"][0].update(free_text=500),
            it["pages"][5].update(show_if={"unsafe_evening": ["1"]}),
        ),
        "show_if: the question 'unsafe_evening' has no option with the code '1'",
    ),
    (lambda it: question(it).update(scale="none"), f"{DETAIL}: the scale 'none' does not exist"),
    (lambda it: evening(it).update(options=[]), "'unsafe_evening': needs a list of at least two options"),
    (lambda it: evening(it)["options"].append(7), "'unsafe_evening', option 9: must be a mapping"),
    (lambda it: evening(it)["options"][1].update(code="1"), "option 2: the code '1' is used twice"),
    (lambda it: evening(it)["options"][1].update(code=2), "option 2: the code 2 must be a quoted text"),
    (lambda it: evening(it)["options"][1].update(code=""), "option 2: the code '' must be a quoted text"),
    (
        lambda it: evening(it)["options"][1].update(kind="maybe"),
        "option 2: 'kind' is 'maybe' but must be one of",
    ),
    (
        lambda it: evening(it).update(options=evening(it)["options"][-2:]),
        "needs at least one option of the kind",
    ),
    (lambda it: it["scales"]["trust"][0].pop("text"), "scale 'trust', option 1: the key 'text' is missing"),
    (lambda it: it.update(scales=[]), "the scale 'problem' does not exist"),
    (lambda it: it.update(scales="x"), "scales: must be a mapping of names to lists of options"),
]


@pytest.mark.parametrize(("change", "fault"), CHANGES, ids=[fault for _, fault in CHANGES])
def test_a_planted_fault_is_named_with_its_place(
    change: Callable[[dict[str, Any]], object], fault: str
) -> None:
    changed = copy.deepcopy(SOURCE)
    change(changed)
    faults = faults_of(changed)
    assert [found for found in faults if fault in found], faults


VALUES = some.none() | some.booleans() | some.integers() | some.text(max_size=3) | some.just("1")
JUNK = some.recursive(
    VALUES, lambda inner: some.lists(inner, max_size=2) | some.dictionaries(some.text(), inner)
)


@given(some.data())
def test_any_value_in_any_place_is_refused_with_words_or_makes_a_questionnaire(data: some.DataObject) -> None:
    number, kind, _ = data.draw(some.sampled_from(PLACES))
    key = data.draw(some.sampled_from(sorted(ALLOWED[kind])))
    value = data.draw(JUNK)
    changed = changed_at(number, lambda entry: entry.update({key: value}))
    try:
        built = parse(json.dumps(changed), "fel.yaml")
    except QuestionnaireError as error:
        assert error.faults
    else:
        assert len(built.hash) == 64


def test_all_faults_are_named_at_once() -> None:
    changed = copy.deepcopy(SOURCE)
    evening(changed)["text"] = ""
    question(changed)["show_if"] = {"nothing": ["1"]}
    assert len(faults_of(changed)) == 2


def test_a_fault_tells_the_line_it_stands_on() -> None:
    line = next(number for number, text in enumerate(TEXT.splitlines(), 1) if "id: worry_fraud" in text)
    broken = TEXT.replace("text: Att någon ska lura dig på pengar", "txt: Att någon ska lura dig på pengar")
    assert f"fel.yaml: line {line}, page 'worry', question 'worry_fraud': the key 'txt' is unknown" in (
        faults_of_text(broken)
    )


def test_a_key_written_twice_is_a_fault_with_its_line() -> None:
    broken = TEXT.replace("title: Oro för brott\n", "title: Oro för brott\n    title: Oro\n")
    line = next(number for number, text in enumerate(broken.splitlines(), 1) if text == "    title: Oro")
    assert faults_of_text(broken) == (f"fel.yaml: line {line}: the key 'title' is written twice",)


@pytest.mark.parametrize("text", ["", "- a list", "just words", "a: [", "a: !!python/object:os.system {}"])
def test_a_file_that_holds_no_questionnaire_is_refused(text: str) -> None:
    assert faults_of_text(text)[0].startswith("fel.yaml: ")
