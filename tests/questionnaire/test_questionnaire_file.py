"""The questionnaire in the library: its questions, codes and filters, and the hash that names its content."""

import json
from typing import Any

import pytest
import yaml

from survey.questionnaire.definition import LIBRARY, OptionKind, Questionnaire, Unit, load, parse
from survey.questionnaire.yaml_source import QuestionnaireError

TRYGGHET = load("trygghet")
TEXT = (LIBRARY / "trygghet.yaml").read_text(encoding="utf-8")
CRIMES = ("violence", "threat", "theft", "fraud", "burglary", "vehicle")
PROBLEMS = ("litter", "vandalism", "speeding", "moped", "lighting", "drunk", "drugs", "youths", "fights")
SCALE = ("1", "2", "3", "4", "8", "9")
LIKERT = ("1", "2", "3", "4", "5", "8", "9")
YES_NO = ("1", "2", "8", "9")
CODES = {
    **{f"problem_{item}": SCALE for item in PROBLEMS},
    **{f"victim_{crime}": YES_NO for crime in CRIMES},
    **{f"times_{crime}": ("1", "2", "3", "8", "9") for crime in CRIMES},
    **{f"reported_{crime}": YES_NO for crime in CRIMES},
    **{f"worry_{item}": LIKERT for item in ("burglary", "assault", "fraud", "sexual", "vandalism")},
    "unsafe_evening": ("1", "2", "3", "4", "5", "6", "8", "9"),
    "unsafe_daytime": SCALE,
    **{f"avoid_{item}": SCALE for item in ("places", "activities", "transport")},
    "police_cares": YES_NO,
    "police_presence": SCALE,
    "police_trust": LIKERT,
    "municipality_cares": YES_NO,
    "municipality_trust": LIKERT,
    "gender": ("woman", "man", "other", "undisclosed"),
    "housing": ("1", "2", "3", "4", "9"),
    "years_in_area": ("1", "2", "3", "4", "9"),
}


def source() -> dict[str, Any]:
    loaded = yaml.safe_load(TEXT)
    assert isinstance(loaded, dict)
    return loaded


def rebuilt(changed: dict[str, Any]) -> Questionnaire:
    return parse(json.dumps(changed), "trygghet.yaml")


def test_it_asks_45_questions_with_these_codes_over_eight_pages() -> None:
    assert {question.id: question.codes for question in TRYGGHET.questions} == CODES
    assert len(TRYGGHET.questions) == 45
    assert [page.id for page in TRYGGHET.pages] == [
        "problems",
        "victimisation",
        "victimisation_details",
        "worry",
        "unsafe",
        "avoidance",
        "confidence",
        "background",
    ]


def test_dont_know_is_8_and_refused_is_9_wherever_they_are_offered() -> None:
    for question in TRYGGHET.questions:
        assert set(question.codes_of_kind(OptionKind.DONT_KNOW)) <= {"8"}
        assert set(question.codes_of_kind(OptionKind.REFUSED)) in ({"9"}, {"undisclosed"})
        assert {"8", "9"}.isdisjoint(question.codes_of_kind(OptionKind.REGULAR))


def test_how_often_and_reported_are_asked_only_of_those_who_were_victims() -> None:
    filtered = {question.id: question.conditions for question in TRYGGHET.questions if question.conditions}
    assert set(filtered) == {f"{kind}_{crime}" for kind in ("times", "reported") for crime in CRIMES}
    for name, conditions in filtered.items():
        crime = name.partition("_")[2]
        assert [(rule.question, rule.codes) for rule in conditions] == [(f"victim_{crime}", ("1",))]


def test_burglary_and_vehicle_theft_are_about_the_household() -> None:
    household = {question.id for question in TRYGGHET.questions if question.unit is Unit.HOUSEHOLD}
    assert household == {
        f"{kind}_{crime}" for kind in ("victim", "times", "reported") for crime in ("burglary", "vehicle")
    }


def test_the_pages_about_crimes_end_with_where_to_get_help() -> None:
    assert {page.id for page in TRYGGHET.pages if page.support} == {"victimisation", "victimisation_details"}


def test_the_hash_is_the_same_for_any_layout_of_the_file() -> None:
    reordered = {key: source()[key] for key in reversed(source())}
    wrapped = yaml.safe_dump(source(), allow_unicode=True, width=40, sort_keys=True)
    assert rebuilt(reordered).hash == TRYGGHET.hash
    assert parse("# en kommentar\n" + wrapped, "trygghet.yaml").hash == TRYGGHET.hash
    assert len(TRYGGHET.hash) == 64


def test_the_hash_changes_with_every_word_code_filter_and_order() -> None:
    hashes = {TRYGGHET.hash}
    for number, change in enumerate(CHANGES, start=1):
        changed = source()
        change(changed)
        hashes.add(rebuilt(changed).hash)
        assert len(hashes) == number + 1


def _swap_first_two(entries: list[Any]) -> None:
    entries[0], entries[1] = entries[1], entries[0]


CHANGES = [
    lambda it: it["scales"]["problem"][0].update(text="Inga problem"),
    lambda it: it["scales"]["problem"][0].update(code="0"),
    lambda it: it["pages"][7]["questions"][0]["options"][2].update(kind="dont_know"),
    lambda it: it["pages"][0]["questions"][0].update(text="Skräp"),
    lambda it: it["pages"][0]["questions"][0].update(unit="household"),
    lambda it: it["pages"][2]["questions"][0].update(show_if={"victim_violence": ["1", "8"]}),
    lambda it: it["pages"][0].update(period="Tänk på det senaste året."),
    lambda it: it["pages"][0].update(support=True),
    lambda it: _swap_first_two(it["scales"]["problem"]),
    lambda it: _swap_first_two(it["pages"][0]["questions"]),
    lambda it: it["pages"].pop(),
    lambda it: it.update(title="Trygghet"),
]


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(
        QuestionnaireError, match=r"trygg\.yaml: no questionnaire .*the library has: trygghet"
    ):
        load("trygg")
