from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import random_survey

from analysis import quality
from analysis.settings import Settings
from analysis.weights import weigh


@pytest.fixture(scope="module")
def weighted():
    return weigh(random_survey(seed=3), Settings.default())


def test_diagnostics_over_cells_are_those_over_persons(weighted):
    table = quality.diagnose(weighted).set_index(["wave", "municipality_code"])
    people = weighted.table.astype({"wave": str, "municipality_code": str})
    for code, mine in [*people.groupby("municipality_code"), ("all", people)]:
        w, found = mine["weight"].to_numpy(), table.loc["2026", code]
        assert found["responded"] == len(w)
        assert found["deff_kish"] == pytest.approx(len(w) * (w**2).sum() / w.sum() ** 2, rel=1e-12)
        assert found["weight_cv2"] == pytest.approx(w.var(ddof=1) / w.mean() ** 2, rel=1e-12)
        expected = [w.min(), np.median(w), w.max()]
        np.testing.assert_allclose(
            found[["weight_min", "weight_median", "weight_max"]].astype(float), expected, rtol=1e-12
        )


def test_response_rates_over_cells_are_those_over_persons(weighted):
    bundle = weighted.bundle
    drawn = bundle.sample.merge(bundle.strata[["stratum", "municipality_code"]], on="stratum")
    keys = ["municipality_code", "legal_gender", "age_group"]
    expected = drawn.groupby(keys)["responded"].agg(["size", "sum"])
    rates = quality.response_rates(weighted).set_index(keys)
    crossed = rates.loc[expected.index]
    assert crossed["sampled"].tolist() == expected["size"].tolist()
    assert crossed["responded"].tolist() == expected["sum"].tolist()
    women = drawn[drawn["legal_gender"].eq("woman") & drawn["municipality_code"].eq("0180")]
    assert rates.loc[("0180", "woman", "all"), "sampled"] == len(women)


def test_quantiles_over_cells_are_those_of_the_persons_in_them():
    generator = np.random.default_rng(8)
    values, persons = generator.normal(size=60), generator.integers(0, 5, 60).astype(float)
    group = generator.integers(0, 3, 60)
    persons[group == 2] = 0
    at = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
    found = quality.weight_quantiles(values, persons, group, 3, at)
    for number in (0, 1):
        mine = group == number
        expected = np.quantile(np.repeat(values[mine], persons[mine].astype(int)), at)
        np.testing.assert_allclose(found[number], expected, rtol=1e-12)
    assert np.isnan(found[2]).all()


def test_a_municipality_with_one_answer_has_weights_without_spread():
    bundle = random_survey(seed=4, areas=1, drawn=6, municipalities=2)
    first = bundle.responses.index[:1]
    kept = bundle.responses.loc[first]
    sample = bundle.sample.assign(responded=bundle.sample["case_id"].isin(kept["case_id"]).astype(int))
    table = quality.diagnose(weigh(replace(bundle, sample=sample, responses=kept.reset_index(drop=True))))
    alone = table[table["responded"].eq(1) & table["municipality_code"].ne("all")].iloc[0]
    assert alone["deff_kish"] == pytest.approx(1.0)
    assert pd.isna(alone["weight_cv2"])
    assert alone["weight_min"] == alone["weight_max"]
    assert table["r_indicator"].isna().tolist() == table["responded"].eq(0).tolist()
