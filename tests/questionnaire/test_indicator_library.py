"""The indicators: made of questions that exist, rows the analysis reads, words that make sentences."""

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from survey.questionnaire import indicators
from survey.questionnaire.definition import LIBRARY, Questionnaire, Unit, load
from survey.questionnaire.indicators import Indicator, parse
from survey.questionnaire.yaml_source import QuestionnaireError, read_source

TRYGGHET = load("trygghet")
TEXT = (LIBRARY / "indicators.yaml").read_text(encoding="utf-8")
ALL = indicators.indicators()
HEADLINES = {"unsafe_evening", "victim_any", "worry_assault", "problem_drugs", "police_cares"}
COLUMNS = [
    "indicator",
    "item",
    "type",
    "yes",
    "levels",
    "items",
    "base",
    "dont_know",
    "refused",
    "sensitive",
    "headline",
    "direction",
    "comparable_since",
]


def found(indicator_id: str) -> Indicator:
    indicator = indicators.indicator(indicator_id)
    assert indicator is not None
    return indicator


def row(indicator_id: str) -> dict[str, str]:
    return next(row for row in indicators.rows() if row["indicator"] == indicator_id)


def test_every_attitude_and_victim_question_has_its_indicator() -> None:
    asked = {question.id for question in TRYGGHET.questions}
    details = {name for name in asked if name.startswith(("times_", "reported_"))}
    combined = {"victim_any", "victim_household", "reported_any", "police_cares_all"}
    expected = asked - details - {"gender", "housing", "years_in_area"} | combined
    assert {indicator.id for indicator in ALL} == expected
    assert len(ALL) == len(expected) == 34


def test_the_topics_stand_in_the_order_of_the_report() -> None:
    assert [topic.id for topic in indicators.topics()] == [
        "problems",
        "victimisation",
        "worry",
        "unsafe",
        "avoidance",
        "confidence",
    ]
    assert [topic.order for topic in indicators.topics()] == [1, 2, 3, 4, 5, 6]
    order = {topic.id: topic.order for topic in indicators.topics()}
    assert sorted(ALL, key=lambda indicator: order[indicator.topic]) == list(ALL)


def test_five_headlines_are_declared_before_any_result_is_seen() -> None:
    assert {indicator.id for indicator in ALL if indicator.headline} == HEADLINES


def test_everything_about_being_a_victim_is_sensitive_and_nothing_else() -> None:
    sensitive = {indicator.id for indicator in ALL if indicator.sensitive}
    assert sensitive == {indicator.id for indicator in ALL if indicator.topic == "victimisation"}


def test_household_indicators_are_made_of_household_questions() -> None:
    household = {indicator.id for indicator in ALL if indicator.unit is Unit.HOUSEHOLD}
    assert household == {"victim_burglary", "victim_vehicle", "victim_household"}


def test_more_confidence_and_more_reporting_is_good_and_less_of_all_else() -> None:
    rising = {indicator.id for indicator in ALL if indicator.direction == "up"}
    assert rising == {indicator.id for indicator in ALL if indicator.topic == "confidence"} | {"reported_any"}


def test_the_rows_have_the_columns_of_the_analysis_and_only_text() -> None:
    for entry in indicators.rows():
        assert list(entry) == COLUMNS
        assert all(isinstance(value, str) for value in entry.values())


def test_a_question_with_one_answer_is_one_row() -> None:
    assert row("unsafe_evening") == {
        "indicator": "unsafe_evening",
        "item": "unsafe_evening",
        "type": "binary",
        "yes": "3 4 5",
        "levels": "1 2 3 4 5",
        "items": "",
        "base": "",
        "dont_know": "8 6",
        "refused": "9",
        "sensitive": "0",
        "headline": "1",
        "direction": "down",
        "comparable_since": "",
    }


def test_a_share_of_any_of_several_questions_names_them_and_its_base() -> None:
    reported = row("reported_any")
    assert (reported["type"], reported["item"]) == ("any", "")
    assert reported["items"] == "reported_violence reported_threat reported_theft reported_fraud"
    assert reported["base"] == "victim_violence=1|victim_threat=1|victim_theft=1|victim_fraud=1"


def test_the_index_of_problems_is_open_and_made_of_every_problem() -> None:
    [index] = indicators.indices()
    assert index.items == tuple(entry.id for entry in ALL if entry.topic == "problems")
    told = index.row()
    assert (told["type"], told["range"], told["version"]) == ("index", "0 100", index.version)
    assert (told["dont_know"], told["refused"]) == ("8", "9")
    assert "kan inte jämföras med polisens" in index.measure


def test_both_bases_of_whether_the_police_care_can_be_counted() -> None:
    of_opinion, of_all = row("police_cares"), row("police_cares_all")
    assert of_opinion["item"] == of_all["item"] == "police_cares"
    assert (of_opinion["levels"], of_opinion["dont_know"]) == ("1 2", "8")
    assert (of_all["levels"], of_all["dont_know"]) == ("1 2 8", "")


def test_every_code_of_an_item_is_counted_in_exactly_one_way() -> None:
    for indicator in ALL:
        for item in indicator.items:
            question = TRYGGHET.question(item)
            assert question is not None
            counted = [*indicator.levels, *indicator.dont_know, *indicator.refused]
            assert sorted(counted) == sorted(question.codes), indicator.id
            assert set(indicator.yes) < set(indicator.levels)


def test_a_share_makes_a_swedish_sentence() -> None:
    evening, worry, police = found("unsafe_evening"), found("worry_burglary"), found("police_cares")
    assert evening.sentence("I Nacka", "37 procent") == (
        "I Nacka känner sig 37 procent otrygga ute sent på kvällen."
    )
    assert worry.sentence("I Nacka", "37 procent") == (
        "I Nacka oroar sig 37 procent ofta för inbrott i hemmet."
    )
    assert police.sentence("I Nacka", "37 procent") == (
        "I Nacka tycker 37 procent av dem med en åsikt att polisen bryr sig om problemen i området."
    )


def test_a_change_makes_a_swedish_clause_with_the_adverb_before_the_verb() -> None:
    assert found("unsafe_evening").share_phrase() == "andelen som känner sig otrygga ute sent på kvällen"
    assert found("worry_burglary").share_phrase() == "andelen som ofta oroar sig för inbrott i hemmet"
    assert found("reported_any").share_phrase() == (
        "andelen av de brottsutsatta som uppger att polisen har fått minst en anmälan"
    )


VERBS = {"tycker", "har", "bor", "uppger", "oroar sig", "känner sig", "undviker", "avstår"}
STARTS = {
    "tycker": r"att .+ (är|bryr sig)",
    "har": r"(utsatts för|stort förtroende för) ",
    "bor": r"i hushåll som har ",
    "uppger": r"att .+ har ",
    "oroar sig": r"för ",
    "känner sig": r"otrygga ",
    "undviker": r"vissa platser",
    "avstår": r"från ",
}


@pytest.mark.parametrize("indicator", ALL, ids=[indicator.id for indicator in ALL])
def test_the_words_of_every_indicator_fit_together(indicator: Indicator) -> None:
    sentence = indicator.sentence("I Nacka", "12 procent")
    assert indicator.verb in VERBS
    assert re.match(STARTS[indicator.verb], indicator.rest), indicator.rest
    # An adverb left in the verb or the rest would stand wrong in one of the two orders.
    assert not re.search(r"\b(ofta|ibland|inte|sällan)\b", f"{indicator.verb} {indicator.rest}")
    assert indicator.of == "" or indicator.of.startswith("av ")
    assert re.fullmatch(r"I Nacka [a-zåäö ]+ 12 procent [a-zåäö, ]+\.", sentence), sentence
    assert "  " not in sentence
    assert len(sentence) <= 110
    assert len(indicator.label) <= 30
    assert indicator.label[0].isupper()
    assert not indicator.label.endswith(".")
    assert indicator.measure.endswith(".")
    assert indicator.base_text.endswith(".")


def test_the_past_year_is_named_exactly_where_the_question_asks_about_it() -> None:
    for indicator in ALL:
        page = next(
            page for page in TRYGGHET.pages if TRYGGHET.question(indicator.items[0]) in page.questions
        )
        asked = "12 månaderna" in page.period
        said = "12 månaderna" in indicator.measure
        assert asked or not said, indicator.id
        assert said or indicator.topic not in ("victimisation", "worry", "avoidance"), indicator.id


def test_no_two_indicators_say_the_same_thing() -> None:
    assert len({indicator.label for indicator in ALL}) == len(ALL)
    assert len({indicator.sentence("I Nacka", "1 procent") for indicator in ALL}) == len(ALL)


def faults_of(change: Callable[[dict[str, Any]], object], questionnaire: Questionnaire = TRYGGHET) -> str:
    changed = copy.deepcopy(json.loads(json.dumps(read_source(TEXT, "indicators.yaml"))))
    change(changed)
    with pytest.raises(QuestionnaireError) as caught:
        parse(json.dumps(changed), "fel.yaml", questionnaire)
    return str(caught.value)


def at(indicator_id: str, **values: object) -> Callable[[dict[str, Any]], object]:
    """Plants values in an indicator; None takes the key away."""

    def change(source: dict[str, Any]) -> None:
        entry = next(entry for entry in source["indicators"] if entry["id"] == indicator_id)
        entry.update(values)
        for key in [key for key, value in values.items() if value is None]:
            del entry[key]

    return change


FAULTS: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (at("unsafe_daytime", item="unsafe_dawn"), "'unsafe_daytime': the item 'unsafe_dawn' does not exist"),
    (at("unsafe_daytime", yes=["7"]), "'unsafe_daytime': the code '7' is in 'yes' but not in 'levels'"),
    (
        at("unsafe_daytime", levels=["3", "4", "7"]),
        "levels: the item 'unsafe_daytime' has no option with the code",
    ),
    (
        at("unsafe_daytime", levels=["2", "3", "4"]),
        "'unsafe_daytime': says nothing about the code '1' of the item",
    ),
    (at("unsafe_evening", outside=None), "'unsafe_evening': says nothing about the code '6' of the item"),
    (
        at("unsafe_evening", outside=["6", "x"]),
        "outside: the item 'unsafe_evening' has no option with the code 'x'",
    ),
    (
        at("victim_any", items=["victim_theft", "victim_arson"]),
        "'victim_any': the item 'victim_arson' does not",
    ),
    (at("victim_any", items=None), "'victim_any': 'items' belongs to the type any and to no other"),
    (
        at("victim_household", unit="person"),
        "the unit differs from the household of the item 'victim_burglary'",
    ),
    (at("reported_any", base="victim_arson=1"), "base: the item 'victim_arson' does not exist"),
    (
        at("reported_any", base="victim_theft=1|victim_fraud=5"),
        "'victim_fraud' has no option with the code '5'",
    ),
    (at("reported_any", topic="police"), "'reported_any': the topic 'police' does not exist"),
    (at("reported_any", direction="sideways"), "'direction' is 'sideways' but must be one of up, down"),
    (at("reported_any", colour="röd"), "'reported_any': the key 'colour' is unknown"),
    (at("reported_any", measure=None), "'reported_any': the key 'measure' is missing"),
    (at("reported_any", label=" "), "'reported_any': the text 'label' is missing"),
    (at("reported_any", yes="1"), "'reported_any': 'yes' must be a list of quoted texts"),
    (at("reported_any", yes=[1]), "'reported_any': 'yes' must be a list of quoted texts"),
    (at("reported_any", headline=True), "more than 5 indicators are headlines"),
    (at("reported_any", id="victim_any"), "indicator 'victim_any': the id is used twice"),
    (
        lambda it: it["topics"].append({"id": "traffic", "title": "Trafik"}),
        "topic 'traffic': has no indicator",
    ),
    (lambda it: it["topics"].append(it["topics"][0]), "topic 'problems': the id is used twice"),
    (lambda it: it["topics"][0].pop("title"), "topic 1: the key 'title' is missing"),
    (lambda it: it.update(indicators=[]), "needs at least one topic and one indicator"),
    (lambda it: it["indices"][0].pop("version"), "index 'problem_index': the key 'version' is missing"),
    (lambda it: it["indices"][0].update(levels=["1", "2"]), "says nothing about the code '3' of the item"),
    (lambda it: it["indices"][0].update(items=["problem_rats"]), "the item 'problem_rats' does not exist"),
    (lambda it: it["indices"][0].update(id="victim_any"), "index 'victim_any': the id is used twice"),
    (
        lambda it: it["indices"][0].update(direction="good"),
        "'direction' is 'good' but must be one of up, down",
    ),
    (lambda it: it.update(version=1), "indicators: the key 'version' is unknown"),
]


@pytest.mark.parametrize(("change", "fault"), FAULTS, ids=[fault for _, fault in FAULTS])
def test_a_planted_fault_is_named_with_its_place(
    change: Callable[[dict[str, Any]], object], fault: str
) -> None:
    message = faults_of(change)
    assert fault in message
    assert message.startswith("fel.yaml: ")


def test_a_fault_tells_the_line_it_stands_on() -> None:
    broken = TEXT.replace("direction: down", "direction: around", 1)
    line = next(number for number, text in enumerate(TEXT.splitlines(), 1) if "id: problem_litter" in text)
    with pytest.raises(QuestionnaireError, match=rf"fel\.yaml: line {line}, indicator 'problem_litter': "):
        parse(broken, "fel.yaml")
