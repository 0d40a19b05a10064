"""What the weighting cannot do as asked: done as nearly as can be, named in the log, never an exception."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from small_surveys import binary, even_people, even_population, random_survey, survey

from analysis import pipeline
from analysis.errors import InputError
from analysis.schema import Bundle, validate_bundle
from analysis.settings import Calibration, Membership, Settings
from analysis.weights import Weighted, weigh

D = Settings.default()


def calibration_lines(weighted: Weighted) -> pd.DataFrame:
    return weighted.log[weighted.log["step"] == "calibration"]


def every_setting() -> Iterator[Settings]:
    for calibration, membership in product(get_args(Calibration), get_args(Membership)):
        for profile in (D, Settings.reference()):
            yield replace(profile, calibration=calibration, membership=membership)
    yield replace(D, response_groups="propensity")


LONG = pytest.mark.long


@pytest.mark.parametrize("respondents", [0, 1, pytest.param(2, marks=LONG), pytest.param(3, marks=LONG)])
def test_hardly_any_respondents_give_figures_or_reasons_whatever_the_method(respondents: int) -> None:
    people = pd.concat(
        [even_people("0180-1", 200, respondents, min(respondents, 1)), even_people("0181-1", 200, 100, 40)]
    )
    bundle = survey(people, even_population({("0180", "1"): 8000, ("0181", "1"): 8000}), binary("q"))
    for settings in every_setting():
        results = pipeline.run(bundle, settings, protected=False)
        mine = results.weights["municipality_code"].astype(str) == "0180"
        assert mine.sum() == respondents
        assert results.weights.loc[mine, "weight"].sum() == pytest.approx(8000 if respondents else 0)
        shown = results.estimates[results.estimates["code"].astype(str) == "0180"]
        assert shown["estimate"].notna().all() or shown.loc[shown["estimate"].isna(), "reason"].ne("").all()
        assert (shown["released"] == 0).all()
        assert any(line.startswith("2026 0180 ") for line in results.warnings)


def test_a_survey_nobody_answered_has_empty_tables_and_says_so() -> None:
    people = even_people("0180-1", 200, 0, 0)
    results = pipeline.run(survey(people, even_population({("0180", "1"): 8000}), binary("q")), D)
    assert len(results.estimates) == len(results.weights) == 0
    assert results.warnings == ("2026 0180 nonresponse: No respondents: no estimates are made.",)
    assert results.diagnostics["response_rate"].tolist() == [0.0, 0.0]


def test_when_everyone_was_asked_and_answered_nothing_is_uncertain() -> None:
    people = pd.concat([even_people("0180-1", 200, 200, 40), even_people("0180-2", 400, 400, 60)])
    bundle = survey(people, even_population({("0180", "1"): 200, ("0180", "2"): 400}), binary("q"))
    for settings in every_setting():
        results = pipeline.run(bundle, settings, protected=False)
        assert np.allclose(results.weights["weight"], 1.0)
        total = results.estimates[results.estimates["geography"].astype(str) == "municipality"].iloc[0]
        assert (total["estimate"], total["se"]) == (pytest.approx(100 / 600), 0.0)
        assert total["lower"] <= total["estimate"] <= total["upper"]
        assert results.diagnostics["r_indicator"].isna().all()


def contradicting_margin() -> Bundle:
    """Women are born in the country and men abroad, in other numbers than margin A says."""
    bundle = random_survey(31, municipalities=1)
    size = float(bundle.strata["population"].sum())
    origin = np.where(bundle.sample["legal_gender"] == "woman", "sweden", "abroad")
    margins = pd.DataFrame({"wave": "2026", "municipality_code": "0180", "margin": "birth"}, index=[0, 1])
    margins = margins.assign(category=["abroad", "sweden"], population=[0.2 * size, 0.8 * size])
    return validate_bundle(replace(bundle, sample=bundle.sample.assign(birth=origin), margins=margins))


@pytest.mark.parametrize("calibration", ["raking", "linear", "logit"])
def test_a_further_margin_no_weights_can_meet_is_given_up_by_name_and_the_others_are_met(
    calibration: Calibration,
) -> None:
    weighted = weigh(contradicting_margin(), replace(D, calibration=calibration))
    line = calibration_lines(weighted).iloc[0]
    assert line["cell"].split(":")[0] in ("sex_age", "birth")
    assert "Weights meet the margins sex_age and area only." in line["action"]
    part = weighted.municipalities[0]
    assert {name for name, _ in part.margins.names} == {"sex_age", "area"}
    reached = part.margins.X.T @ (part.weight * part.design.respondents)
    assert np.allclose(reached, part.margins.totals, rtol=1e-10)
    assert weighted.summary["method"].tolist() == [calibration]


def test_a_person_of_a_category_without_a_total_is_refused_by_line() -> None:
    bundle = contradicting_margin()
    birth = bundle.sample["birth"].astype(str)
    birth.iloc[4] = "mars"
    with pytest.raises(InputError) as caught:
        validate_bundle(replace(bundle, sample=bundle.sample.assign(birth=birth)))
    assert (caught.value.file, caught.value.line, caught.value.column) == ("sample.csv", 6, "birth")
    assert caught.value.found == "'mars'"


def test_a_further_category_nobody_answered_from_joins_its_neighbour_and_is_logged() -> None:
    bundle = random_survey(32, municipalities=1)
    size = float(bundle.strata["population"].sum())
    silent = bundle.sample["responded"].eq(0) & (np.arange(len(bundle.sample)) % 2 == 0)
    origin = np.where(silent, "never", np.where(np.arange(len(bundle.sample)) % 3 == 0, "abroad", "sweden"))
    margins = pd.DataFrame({"wave": "2026", "municipality_code": "0180", "margin": "birth"}, index=range(3))
    margins = margins.assign(
        category=["abroad", "never", "sweden"], population=[0.3 * size, 0.1 * size, 0.6 * size]
    )
    weighted = weigh(
        validate_bundle(replace(bundle, sample=bundle.sample.assign(birth=origin), margins=margins))
    )
    assert "birth:never+sweden" in weighted.log["cell"].tolist()
    assert "Merged the categories birth:never+sweden." in weighted.log["action"].tolist()
    assert weighted.table["weight"].sum() == pytest.approx(size)


def skewed_population(young_men: float) -> Bundle:
    """Two areas answer alike, but nearly all young men live in the first."""
    population = even_population({("0180", "1"): 8000, ("0180", "2"): 8000})
    few = (population["legal_gender"] == "man") & (population["age_group"] == "16-39")
    population.loc[few, "population"] = [4000.0 - young_men, young_men]
    people = pd.concat([even_people("0180-1", 200, 100, 40), even_people("0180-2", 200, 100, 40)])
    lost = (
        people["stratum"].eq("0180-2") & people["legal_gender"].eq("woman") & people["age_group"].eq("16-39")
    )
    people.loc[lost & (np.cumsum(lost) > 1), "responded"] = 0
    return survey(people, population, binary("q"))


def test_linear_weights_of_zero_or_less_are_logged_with_how_many_have_them() -> None:
    """One in twenty is a woman and one in twenty born abroad, but half of the respondents are each."""
    population = even_population({("0180", "1"): 8000})
    population["population"] *= np.where(population["legal_gender"] == "woman", 0.1, 1.9)
    bundle = survey(even_people("0180-1", 200, 200, 40), population, binary("q"))
    origin = np.where(np.arange(200) // 4 % 2 == 0, "abroad", "sweden")
    margins = pd.DataFrame({"wave": "2026", "municipality_code": "0180", "margin": "birth"}, index=[0, 1])
    margins = margins.assign(category=["abroad", "sweden"], population=[400.0, 7600.0])
    bundle = validate_bundle(replace(bundle, sample=bundle.sample.assign(birth=origin), margins=margins))
    weighted = weigh(bundle, replace(D, calibration="linear", response_groups="cells", trimming="none"))
    negative = int((weighted.table["weight"] <= 0).sum())
    assert negative == 50  # women born abroad
    lines = weighted.log[weighted.log["action"].str.contains("weights of 0 or less")]
    assert lines["respondents"].tolist() == [negative]
    assert weighted.table["weight"].sum() == pytest.approx(8000)


def test_logit_bounds_that_are_too_narrow_name_the_margin_and_meet_the_first() -> None:
    weighted = weigh(skewed_population(100.0), replace(D, calibration="logit", logit_bounds=(0.99, 1.01)))
    line = calibration_lines(weighted).iloc[0]
    assert line["cell"].split(":")[0] in ("sex_age", "area")
    assert "sex_age only" in line["action"]
    assert weighted.summary["method"].tolist() == ["poststratification"]


def test_respondents_of_a_cell_without_population_weigh_nothing_and_are_logged() -> None:
    population = even_population({("0180", "1"): 8000})
    population.loc[0, "population"] = 0.0
    people = even_people("0180-1", 200, 100, 40)
    for settings in every_setting():
        weighted = weigh(survey(people, population, binary("q")), settings)
        assert (
            "The population of 0180:woman:16-39 is 0: its respondents weigh nothing."
            in weighted.log["action"].tolist()
        )
        assert weighted.table["weight"].sum() == pytest.approx(6000)
        inside = weighted.table["calcell"].astype(str).str.contains(":woman:16-39")
        assert np.allclose(weighted.table.loc[inside, "weight"], 0.0, atol=1e-6)
