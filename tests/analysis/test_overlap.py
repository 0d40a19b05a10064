"""Covariance between waves: the same persons with the same answers have not changed, with certainty."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import as_text, random_survey

from analysis import pipeline
from analysis.domains import sum_domains
from analysis.estimates import estimate
from analysis.keys import CELL
from analysis.overlap import matched_covariances
from analysis.schema import Bundle, validate_bundle
from analysis.settings import Settings
from analysis.weights import weigh

DIRECT = replace(Settings.default(), trimming="none")


def twice(bundle: Bundle, panel: bool, second: Bundle | None = None) -> Bundle:
    """Two waves; the persons of the first are found again in the second when there is a panel."""
    later = second or bundle
    tables = {}
    for name in ("strata", "population", "sample", "responses"):
        one, two = getattr(bundle, name), getattr(later, name).assign(wave="2027")
        if name == "sample" and panel:
            one, two = one.assign(person_id=one["case_id"]), two.assign(person_id=two["case_id"])
        tables[name] = pd.concat([one, two], ignore_index=True)
    return replace(bundle, **tables)


def covariances(bundle: Bundle) -> pd.DataFrame:
    weighted = weigh(bundle, DIRECT)
    sums = sum_domains(weighted)
    table = as_text(estimate(weighted, sums=sums))
    both = table[table["wave"] == "2026"].merge(table[table["wave"] == "2027"], on=CELL, suffixes=("", "_2"))
    return both.merge(matched_covariances(weighted, sums, "2026", "2027"), on=CELL, how="left")


def test_a_full_panel_that_answers_the_same_has_a_change_without_variance() -> None:
    found = covariances(twice(random_survey(31), panel=True))
    alone = found["se"] > 0
    assert found["cov"].notna().all()
    assert np.allclose(found.loc[alone, "cov"], found.loc[alone, "se"] ** 2, rtol=1e-6)
    assert set(found["geography"]) == {"all", "municipality", "area"}


def test_a_panel_whose_answers_are_unrelated_has_hardly_any_covariance() -> None:
    bundle = random_survey(32, drawn=300)
    generator = np.random.default_rng(33)
    shuffled = bundle.responses.assign(
        q=(generator.random(len(bundle.responses)) < 0.3).astype(int).astype(str)
    )
    found = covariances(twice(bundle, panel=True, second=replace(bundle, responses=shuffled)))
    total = found[(found["geography"] == "all") & (found["gender"] == "all") & (found["age_group"] == "all")]
    correlation = (total["cov"] / (total["se"] * total["se_2"])).set_axis(total["indicator"])
    assert abs(correlation["q"]) < 0.2
    assert correlation["r"] == pytest.approx(1.0, abs=1e-6)


def test_without_person_ids_there_is_no_covariance() -> None:
    bundle = twice(random_survey(34), panel=False)
    weighted = weigh(bundle, DIRECT)
    assert matched_covariances(weighted, sum_domains(weighted), "2026", "2027").empty


def test_a_full_panel_that_answers_the_same_has_gaps_that_did_not_change_with_certainty() -> None:
    bundle = validate_bundle(twice(random_survey(35), panel=True))
    gaps = pipeline.run(bundle, DIRECT, protected=False).gender_gaps
    later = gaps[gaps["wave"].eq("2027")]
    assert len(later) > 0
    assert np.allclose(later["change"], 0.0, atol=1e-12)
    assert later["se"].gt(0.01).all()
    assert np.allclose(later["se_change"], 0.0, atol=1e-6)


def test_mover_limits_of_persons_who_answered_twice_are_narrower() -> None:
    few = replace(DIRECT, thresholds=replace(DIRECT.thresholds, effective_count=1e9))
    widths = []
    for panel in (True, False):
        changes = pipeline.run(validate_bundle(twice(random_survey(36), panel)), few, protected=False).changes
        assert changes["p"].isna().all()
        widths.append((changes["upper"] - changes["lower"]).to_numpy(float))
    assert (widths[0] <= widths[1] + 1e-9).all()
    assert np.median(widths[0]) < 0.3 * np.median(widths[1])
