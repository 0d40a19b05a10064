from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from survey.demo.fieldwork import Respondent, _days, pages_of
from survey.demo.geography import plan
from survey.demo.own_words import give_words, invented
from survey.demo.scenario import past_waves
from survey.questionnaire import definition
from survey.questionnaire.path import on_path


def test_a_replay_meets_the_pages_a_resident_meets() -> None:
    questionnaire = definition.load("trygghet")
    unharmed = [page for page, _ in pages_of(questionnaire, {"victim_threat": "2", "gender": "woman"})]
    harmed = [page for page, _ in pages_of(questionnaire, {"victim_threat": "1", "times_threat": "2"})]
    assert "victimisation_details" not in unharmed
    assert "victimisation_details" in harmed
    assert unharmed[0] == questionnaire.pages[0].id
    assert unharmed[-1] == harmed[-1] == questionnaire.pages[-1].id


def test_a_replay_sends_every_on_path_answer_once() -> None:
    questionnaire = definition.load("trygghet")
    answers = {"victim_theft": "1", "reported_theft": "2", "unsafe_evening": "4", "gender": "man"}
    sent = [item for _, page in pages_of(questionnaire, answers) for item in page.items()]
    assert dict(sent) == {name: [value] for name, value in on_path(questionnaire, answers).items()}
    assert len(sent) == len(answers)


def test_answers_the_questionnaire_refuses_stop_the_simulation() -> None:
    with pytest.raises(ValueError, match="refuses"):
        list(pages_of(definition.load("trygghet"), {"unsafe_evening": "77"}))


def test_days_lie_in_the_field_period_and_most_are_early() -> None:
    first, last = date(2022, 10, 3), date(2022, 11, 25)
    days = _days((first, last), 2_000, np.random.default_rng(1))
    assert min(days) >= first
    assert max(days) <= last
    assert sum(day < date(2022, 10, 20) for day in days) > 800


def test_own_words_come_beside_the_coded_answers_of_some_where_they_are_asked_for() -> None:
    *before, last = past_waves(plan("small", 1))
    assert not any(invented(wave) for wave in before)
    coded = {"unsafe_evening": "2"}
    people = [
        Respondent(number, code, "sv", last.field_start, coded)
        for number, code in enumerate(("0187", "0125") * 50)
    ]
    given = give_words(people, last, seed=1)
    wrote = [one for one in given if one.answers.keys() != coded.keys()]
    texts = [one.text for one in invented(last) if one.municipality_code == "0187"]
    assert sorted(one.answers["fritext_safer"] for one in wrote) == sorted(texts)
    assert {one.municipality_code for one in wrote} == {"0187"}
    assert [replace(one, answers=coded) for one in given] == people
    assert coded == {"unsafe_evening": "2"}
    assert give_words(people, last, seed=1) == given != give_words(people, last, seed=2)
