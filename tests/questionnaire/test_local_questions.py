"""Local questions: asked after the core at the place it declares, and nothing of the core is changed."""

from dataclasses import replace

import pytest

from survey.questionnaire.definition import ADDITIONS, Unit, additions, core_source, load, parse_addition
from survey.questionnaire.yaml_source import QuestionnaireError

TRYGGHET = load("trygghet")
MERGED = load("trygghet+skargard")
TEXT = (ADDITIONS / "skargard.yaml").read_text(encoding="utf-8")


def test_they_stand_between_the_subject_pages_and_the_background() -> None:
    own = [page.id for page in MERGED.pages if page not in TRYGGHET.pages]
    assert own == ["skargard_boats", "skargard_theft_details"]
    names = [page.id for page in MERGED.pages]
    assert names[names.index("confidence") + 1 : names.index("background")] == own


def test_every_item_of_the_core_is_asked_exactly_as_without_them() -> None:
    assert all(MERGED.question(question.id) == question for question in TRYGGHET.questions)
    assert [page for page in MERGED.pages if page in TRYGGHET.pages] == list(TRYGGHET.pages)


def test_the_whole_has_a_hash_of_its_own_that_the_core_and_the_own_words_decide() -> None:
    assert MERGED.hash != TRYGGHET.hash
    assert replace(MERGED, name="trygghet", pages=TRYGGHET.pages).hash == TRYGGHET.hash
    changed = TEXT.replace("Båtar och hamnar\n    period", "Båtar och bryggor\n    period")
    assert parse_addition(changed, "skargard.yaml", core_source("trygghet")).hash != MERGED.hash


def test_how_an_answer_is_counted_is_no_part_of_what_is_asked() -> None:
    changed = TEXT.replace("label: Otrygg på skärgårdsbåtar", "label: Otrygg ombord")
    assert parse_addition(changed, "skargard.yaml", core_source("trygghet")).hash == MERGED.hash


def test_they_may_use_the_scales_and_the_filters_of_the_core() -> None:
    theft = MERGED.question("skargard_theft")
    assert theft is not None
    assert theft.options == TRYGGHET.question("victim_theft").options  # type: ignore[union-attr]
    assert theft.unit is Unit.HOUSEHOLD
    filtered = TEXT.replace("show_if: {skargard_theft: [", "show_if: {victim_vehicle: [")
    times = parse_addition(filtered, "skargard.yaml", core_source("trygghet")).question("skargard_times")
    assert times is not None
    assert [condition.question for condition in times.conditions] == ["victim_vehicle"]


def test_the_library_knows_which_belong_to_a_core() -> None:
    assert "skargard" in additions("trygghet")
    assert additions("another") == ()


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(QuestionnaireError, match=r"no set of local questions is called 'berg'.*skargard"):
        load("trygghet+berg")
    with pytest.raises(QuestionnaireError, match=r"no questionnaire is called 'trygg'"):
        load("trygg+skargard")


def test_questions_for_another_core_are_refused() -> None:
    with pytest.raises(QuestionnaireError, match="the core is 'another', not 'trygghet'"):
        parse_addition(
            TEXT.replace("core: trygghet", "core: another"), "skargard.yaml", core_source("trygghet")
        )
