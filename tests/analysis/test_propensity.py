"""Response groups by the propensity to answer: the regression, its classes, and what they do to the bias."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from small_surveys import as_text, random_survey

from analysis.fine_cells import build_frame
from analysis.propensity import logistic, propensity_classes
from analysis.schema import Bundle, validate_bundle
from analysis.settings import Settings
from analysis.weights import weigh


def with_origin(seed: int, drawn: int = 300) -> Bundle:
    """A survey whose register also knows origin, on which both answering and q depend."""
    bundle = random_survey(seed, areas=3, drawn=drawn, municipalities=1)
    generator = np.random.default_rng(seed)
    sample = bundle.sample.copy()
    abroad = generator.random(len(sample)) < 0.3
    sample["origin"] = np.where(abroad, "abroad", "sweden")
    sample["responded"] = (generator.random(len(sample)) < np.where(abroad, 0.3, 0.7)).astype(int)
    answered = sample[sample["responded"] == 1]
    yes = generator.random(len(answered)) < np.where(answered["origin"] == "abroad", 0.8, 0.2)
    responses = answered[["wave", "case_id"]].assign(
        gender=answered["legal_gender"], mode="web", q=np.where(yes, "1", "0"), r="1"
    )
    size = float(bundle.strata["population"].sum())
    margins = pd.DataFrame(
        {"wave": "2026", "municipality_code": bundle.strata["municipality_code"].iloc[0], "margin": "origin"}
        | {"category": ["abroad", "sweden"], "population": [0.3 * size, 0.7 * size]}
    )
    return validate_bundle(replace(bundle, sample=sample, responses=responses, margins=margins))


def test_the_regression_equals_statsmodels() -> None:
    generator = np.random.default_rng(1)
    X = np.column_stack([np.ones(40), generator.integers(0, 2, (40, 3))]).astype(float)
    drawn = generator.integers(5, 40, 40)
    answered = generator.binomial(drawn, 1 / (1 + np.exp(-X @ [0.2, 0.6, -0.8, 0.1])))
    fit = sm.GLM(np.column_stack([answered, drawn - answered]), X, family=sm.families.Binomial()).fit()
    assert np.allclose(logistic(X, drawn, answered), fit.fittedvalues, atol=1e-5)


def test_a_category_that_never_answers_keeps_the_fit_finite() -> None:
    X = np.array([[1.0, 0.0], [1.0, 1.0]])
    for answered in ([10, 0], [20, 20], [0, 0], [10, 20]):
        p = logistic(X, np.array([20, 20]), np.array(answered))
        assert np.isfinite(p).all()
        assert np.allclose(p, np.array(answered) / 20, atol=0.01)


def test_classes_hold_equal_shares_of_those_drawn_and_part_no_equals() -> None:
    generator = np.random.default_rng(2)
    propensity = generator.random(1000)
    classes = propensity_classes(propensity, np.ones(1000, dtype=int), 5)
    assert np.bincount(classes).tolist() == [200] * 5
    assert (np.diff(classes[np.argsort(propensity)]) >= 0).all()
    tied = propensity_classes(np.full(7, 0.4), np.ones(7, dtype=int), 5)
    assert tied.tolist() == [0] * 7


def test_further_margins_make_propensity_classes_of_at_least_twenty_and_factor_four() -> None:
    weighted = weigh(with_origin(3))
    table = as_text(weighted.table)
    assert table["response_group"].str.contains(":propensity:").all()
    assert table["response_group"].nunique() >= 3
    assert (table.groupby("response_group").size() >= 20).all()
    assert (table["nonresponse_weight"] / table["design_weight"]).max() <= 4.0
    said = weighted.log[weighted.log["step"] == "response_group"]
    assert set(said["cell"]) == set(table["response_group"])
    assert said["action"].str.contains("Propensity to answer 0").all()
    sums = table.groupby("response_group")["nonresponse_weight"].sum()
    drawn = build_frame(weighted.bundle).designs[0]
    assert sums.sum() == pytest.approx(float((drawn.design_weight * drawn.sampled).sum()))


def test_without_further_margins_the_groups_are_the_calibration_cells_unless_asked() -> None:
    bundle = random_survey(4)
    assert not as_text(weigh(bundle).table)["response_group"].str.contains("propensity").any()
    asked = weigh(bundle, replace(Settings.default(), response_groups="propensity"))
    assert as_text(asked.table)["response_group"].str.contains("propensity").all()


def test_classes_remove_the_bias_of_answering_by_origin_that_cells_leave() -> None:
    """The weights before calibration: 38 % say yes in truth; among those who answer, far fewer do."""
    found = {"cells": [], "propensity": []}
    for seed in range(8):
        bundle = with_origin(seed)
        for kind, shares in found.items():
            table = weigh(bundle, replace(Settings.default(), response_groups=kind)).table
            yes = bundle.responses["q"].astype(str).eq("1").to_numpy()
            w = table["nonresponse_weight"].to_numpy()
            shares.append(float(w[yes].sum() / w.sum()))
    assert np.mean(found["cells"]) < 0.33
    assert np.mean(found["propensity"]) == pytest.approx(0.38, abs=0.03)
