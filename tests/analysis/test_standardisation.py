"""Changes at a fixed composition: against R, and by what must be equal."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import REFERENCE, random_survey, row
from test_overlap import twice

from analysis import pipeline
from analysis.schema import COLUMNS, Bundle, read_bundle, validate_bundle
from analysis.settings import Settings

TOTALS = {"gender": "all", "age_group": "all"}


def standardised(bundle: Bundle, settings: Settings | None = None) -> pd.DataFrame:
    settings = settings or Settings.default()
    results = pipeline.run(bundle, settings, protected=False, standardised=True)
    assert results.standardised_changes is not None
    return results.standardised_changes.assign(**TOTALS)


def shifted(bundle: Bundle, women: float) -> pd.DataFrame:
    """The population with more women and as many fewer men."""
    table = bundle.population
    factor = np.where(table["legal_gender"].eq("woman"), women, 2.0 - women)
    return table.assign(population=table["population"] * factor)


def test_part_and_whole_and_standardised_change_equal_r() -> None:
    """The figures of tests/reference/part_and_standardised.R."""
    bundle = read_bundle(REFERENCE / "bundle")
    results = pipeline.run(bundle, Settings.reference(), protected=False, standardised=True)
    assert results.standardised_changes is not None
    table = results.standardised_changes.assign(**TOTALS)
    found = row(table[table["indicator"].eq("q01")], code="0180")
    assert found["standardised_previous"] == pytest.approx(0.4251509838483741, rel=1e-9)
    assert found["standardised"] == pytest.approx(0.3946885148438529, rel=1e-9)
    assert found["se"] == pytest.approx(0.0498234345455248, rel=1e-8)
    area = results.comparisons[results.comparisons["indicator"].eq("q01")]
    part = row(area, geography="area", code="0180-1")
    assert part["difference"] == pytest.approx(-0.0647904036735559, rel=1e-9)
    assert part["se"] == pytest.approx(0.0764385601048809, rel=1e-8)


def test_the_standardised_change_is_the_plain_one_when_the_composition_is_equal() -> None:
    one, two = (random_survey(seed, drawn=250) for seed in (101, 102))
    table = standardised(validate_bundle(twice(one, False, two)))
    table = table[table["indicator"].eq("q")]
    assert set(table["geography"]) == {"all", "municipality"}
    np.testing.assert_allclose(table["composition"], 0.0, atol=1e-10)
    assert (table["se"] > 0).all()


def test_a_change_that_is_only_one_of_composition_vanishes() -> None:
    bundle = random_survey(103, areas=1, municipalities=1, drawn=600)
    women = bundle.responses["case_id"].isin(
        bundle.sample.loc[bundle.sample["legal_gender"].eq("woman"), "case_id"]
    )
    afraid = np.where(np.random.default_rng(104).random(len(women)) < np.where(women, 0.6, 0.2), "1", "0")
    bundle = replace(bundle, responses=bundle.responses.assign(q=afraid))
    later = replace(bundle, population=shifted(bundle, 1.3))
    found = row(
        standardised(validate_bundle(twice(bundle, False, later))).query("indicator == 'q'"), code="0180"
    )
    assert found["plain_change"] > 0.03
    assert found["change"] == pytest.approx(0.0, abs=1e-10)
    assert found["composition"] == pytest.approx(found["plain_change"])


def test_a_sex_and_age_without_answers_leaves_nothing_to_standardise_with() -> None:
    bundle = random_survey(105, drawn=250)
    young = bundle.sample.loc[bundle.sample["age_group"].eq("16-29"), "case_id"]
    silent = np.where(bundle.responses["case_id"].isin(young), "", bundle.responses["q"].astype(str))
    later = replace(bundle, responses=bundle.responses.assign(q=silent))
    table = standardised(validate_bundle(twice(bundle, False, later)))
    of_q = table[table["indicator"].eq("q")]
    assert set(of_q["reason"]) == {"empty_cell"}
    assert of_q["released"].eq(0).all()
    assert of_q["change"].isna().all()
    assert table.loc[table["indicator"].eq("r"), "change"].notna().any()
    # Nor is there a figure across a break.
    wording = pd.DataFrame([("2027", "r", "", "wording", "", "")], columns=COLUMNS["breaks"])
    broken = standardised(validate_bundle(replace(twice(bundle, False, later), breaks=wording)))
    broken = broken[broken["indicator"].eq("r")]
    assert set(broken["reason"]) == {"break"}
    assert broken[["standardised_previous", "standardised", "change", "composition"]].isna().all(axis=None)


def test_what_the_plain_change_may_not_show_is_not_shown_standardised_either() -> None:
    one, two = (random_survey(seed, drawn=40) for seed in (106, 107))
    bundle = validate_bundle(twice(one, False, two))
    results = pipeline.run(bundle, Settings.default(), standardised=True)
    table, changes = results.standardised_changes, results.changes
    assert table is not None
    totals = changes[changes["gender"].eq("all") & changes["age_group"].eq("all")]
    hidden = totals[totals["released"].eq(0) & totals["geography"].eq("municipality")]
    key = ["code", "indicator", "statistic"]
    both = table.astype(dict.fromkeys(key, str)).merge(hidden[key].astype(str), on=key)
    assert len(both) == len(hidden) > 0
    assert (
        both[["n", "standardised", "change", "se", "p", "plain_change", "composition"]].isna().all(axis=None)
    )


def test_a_change_that_is_not_there_is_found_in_three_to_seven_percent_of_tests() -> None:
    random = np.random.default_rng(108)
    items = [f"q{k}" for k in range(150)]
    base = random_survey(109, municipalities=4, drawn=250)
    recipe = pd.DataFrame({"indicator": items, "item": items, "type": "binary", "yes": "1", "levels": "0 1"})

    def answered(bundle: Bundle) -> Bundle:
        people = bundle.responses[["wave", "case_id", "gender"]].reset_index(drop=True)
        draws = random.random((len(people), len(items))) < 0.3
        return replace(
            bundle, responses=people.join(pd.DataFrame(draws.astype(int).astype(str), columns=items))
        )

    bundle = twice(answered(base), False, answered(base))
    table = standardised(validate_bundle(replace(bundle, indicators=recipe)))
    p = table.loc[table["geography"].eq("municipality"), "p"].dropna()
    assert len(p) > 500
    assert 0.03 <= (p < 0.05).mean() <= 0.07
