from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from survey.demo.geography import Plan, counts, plan
from survey.demo.opinions import ITEMS
from survey.demo.residents import (
    POPULATION_DATES,
    RESPONSE_RATES,
    WAVES,
    Index,
    Residents,
    Texts,
    WaveResidents,
    cell_numbers,
)
from survey.preparation.population import AGE_GROUPS
from survey.questionnaire import answers, definition, path

Answers = Mapping[str, Texts]


@pytest.fixture(scope="module")
def areas() -> Plan:
    return plan("full", 20261101)


@pytest.fixture(scope="module")
def model(areas: Plan) -> Residents:
    return Residents(areas, 20261101)


@pytest.fixture(scope="module")
def people(areas: Plan) -> Index:
    cells = counts(areas, POPULATION_DATES["2019"]).ravel()
    return np.random.default_rng(1).choice(len(cells), size=60_000, p=cells / cells.sum())


@pytest.fixture(scope="module")
def answered(model: Residents, people: Index) -> dict[str, Texts]:
    return model.wave("2019").answer(people, np.random.default_rng(2))


def _share(values: Texts, yes: str, base: str, who: NDArray[np.bool_]) -> float:
    in_base = who & np.isin(values, list(base))
    return float(np.isin(values[in_base], list(yes)).mean())


def test_women_are_more_unsafe_in_the_evening_than_men(people: Index, answered: Answers) -> None:
    woman = (people // len(AGE_GROUPS)) % 2 == 0
    women = _share(answered["unsafe_evening"], "345", "12345", woman)
    men = _share(answered["unsafe_evening"], "345", "12345", ~woman)
    assert women > men + 0.12


def test_the_young_are_more_often_victims(people: Index, answered: Answers) -> None:
    band = people % len(AGE_GROUPS)
    young = _share(answered["victim_threat"], "1", "12", band < 3)
    old = _share(answered["victim_threat"], "1", "12", band >= 7)
    assert young > 1.8 * old


def test_regional_levels_lie_near_the_published_ones(answered: Answers) -> None:
    everybody = np.ones(len(answered["gender"]), dtype=bool)
    assert _share(answered["unsafe_evening"], "345", "12345", everybody) == pytest.approx(0.29, abs=0.015)
    assert _share(answered["victim_violence"], "1", "12", everybody) == pytest.approx(0.036, abs=0.005)
    crimes = [answered[f"victim_{crime}"] == "1" for crime in ("violence", "threat", "theft", "fraud")]
    assert np.any(crimes, axis=0).mean() == pytest.approx(0.226, abs=0.02)


@pytest.mark.parametrize("wave", WAVES)
def test_response_falls_from_wave_to_wave_as_published(areas: Plan, model: Residents, wave: str) -> None:
    cells = counts(areas, POPULATION_DATES[wave]).astype(float)
    drawn = cells / cells.sum(axis=(1, 2), keepdims=True)
    rate = float((model.wave(wave).response * drawn).sum() / len(areas.areas))
    assert rate == pytest.approx(RESPONSE_RATES[wave], abs=0.001)


def test_the_old_and_women_respond_more(model: Residents) -> None:
    response = model.wave("2022").response
    assert (response[:, :, 8] > response[:, :, 0] + 0.2).all()
    assert (response[:, 0] > response[:, 1]).all()


def test_some_items_change_between_waves_and_some_do_not(model: Residents) -> None:
    base, latest = model.wave("2019"), model.wave("2022")
    quiet = _unmoved_areas(base, latest)
    assert quiet.any() and not quiet.all()
    before = {name: base.answers[name][:, quiet] for name in ITEMS}
    change = {name: np.abs(latest.answers[name][:, quiet] - before[name]).max() for name in ITEMS}
    assert change["unsafe_evening"] > 0.01
    assert change["problem_drugs"] > 0.01
    assert change["worry_assault"] == 0.0


def _unmoved_areas(base: WaveResidents, latest: WaveResidents) -> NDArray[np.bool_]:
    difference = latest.answers["worry_assault"] - base.answers["worry_assault"]
    return np.asarray(np.abs(difference).max(axis=(0, 2, 3, 4)) == 0.0)


def test_probabilities_are_probabilities(model: Residents) -> None:
    for wave in WAVES:
        residents = model.wave(wave)
        assert ((residents.response > 0) & (residents.response < 1)).all()
        for table in residents.answers.values():
            assert table.min() >= 0.0
            assert np.allclose(table.sum(axis=-1), 1.0)


def test_self_reported_gender_follows_the_register_but_for_a_few(people: Index, answered: Answers) -> None:
    gender = answered["gender"]
    woman = (people // len(AGE_GROUPS)) % 2 == 0
    assert (gender == "other").mean() == pytest.approx(0.007, abs=0.002)
    assert (gender == "undisclosed").mean() == pytest.approx(0.008, abs=0.002)
    assert (gender[woman] == "woman").mean() > 0.97


def test_every_question_has_an_answer_model_and_every_answer_is_an_option(answered: Answers) -> None:
    questionnaire = definition.load("trygghet")
    assert set(answered) == {question.id for question in questionnaire.questions}
    for question in questionnaire.questions:
        assert set(answered[question.id]) <= {*question.codes, ""}


def test_off_path_questions_have_no_answers(answered: Answers) -> None:
    questionnaire = definition.load("trygghet")
    for person in range(3_000):
        given = {name: str(values[person]) for name, values in answered.items() if values[person]}
        assert path.on_path(questionnaire, given).keys() == given.keys()


def test_a_page_by_page_replay_accepts_every_answer(answered: Answers) -> None:
    questionnaire = definition.load("trygghet")
    for person in range(500):
        stored: dict[str, str] = {}
        while (page := path.next_page(questionnaire, stored)) is not None:
            sent = {name: [str(values[person])] for name, values in answered.items() if values[person]}
            values, faults = answers.validate(page, stored, sent)
            assert not faults
            stored |= values
        given = {name: str(values[person]) for name, values in answered.items() if values[person]}
        assert {name: value for name, value in stored.items() if value} == given


def test_the_same_stream_gives_the_same_answers(model: Residents, people: Index, answered: Answers) -> None:
    again = model.wave("2019").answer(people, np.random.default_rng(2))
    assert all(np.array_equal(again[name], answered[name]) for name in answered)


def test_a_later_wave_is_like_the_last_known(model: Residents) -> None:
    later, last = model.wave("2026-11"), model.wave("2022")
    assert np.array_equal(later.response, last.response)
    assert np.array_equal(later.answers["problem_drugs"], last.answers["problem_drugs"])


def test_cell_numbers_point_at_area_sex_and_age(areas: Plan) -> None:
    number = cell_numbers(areas, np.array([areas.areas[5].code]), np.array(["man"]), np.array(["25-29"]))
    assert np.unravel_index(int(number[0]), (len(areas.areas), 2, len(AGE_GROUPS))) == (5, 1, 2)
