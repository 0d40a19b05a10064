"""The school samples of R's `survey` (`data(api)`): its documented examples, from bundles of schools."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import REFERENCE, as_text, deviation, row

from analysis.estimates import estimate
from analysis.schema import read_bundle
from analysis.settings import Settings
from analysis.weights import weigh

FOLDER = REFERENCE / "api"
KEYS = ["geography", "code", "gender", "indicator"]
FIGURES = pd.read_csv(FOLDER / "api_figures.csv")


def totals(bundle: str, linearization: str) -> pd.DataFrame:
    """Estimates of all ages; a mean, or the share of schools with an award."""
    settings = replace(Settings.reference(), linearization=linearization)
    table = as_text(estimate(weigh(read_bundle(FOLDER / bundle), settings)))
    headline = table["statistic"].isin(["mean", "proportion"])
    return table[table["age_group"].eq("all") & headline]


@pytest.mark.parametrize(("bundle", "linearization"), FIGURES.groupby(["bundle", "linearization"]).groups)
def test_the_school_samples_equal_r(bundle: str, linearization: str) -> None:
    reference = FIGURES[FIGURES["bundle"].eq(bundle) & FIGURES["linearization"].eq(linearization)]
    both = reference.merge(totals(bundle, linearization), on=KEYS, suffixes=("_r", ""), validate="one_to_one")
    assert len(both) == len(reference) >= 3
    assert deviation(both["estimate"], both["estimate_r"]) < 1e-8
    assert deviation(both["se"], both["se_r"]) < 1e-7


def test_the_stratified_mean_is_the_one_printed_in_the_manual_of_the_package() -> None:
    one = row(totals("apistrat_plain", "deville-sarndal"), geography="municipality", indicator="api00")
    assert (round(one["estimate"], 2), round(one["se"], 4)) == (662.29, 9.4089)


def test_the_stratified_mean_is_the_textbook_sum_over_strata() -> None:
    bundle = read_bundle(FOLDER / "apistrat_plain")
    scores = bundle.responses.merge(bundle.sample, on="case_id")
    scores = scores.assign(score=scores["api00"].astype(str).astype(float)).groupby("stratum")["score"]
    size = bundle.strata.set_index("stratum")["population"]
    share = size / size.sum()
    variance = (share**2 * (1 - scores.size() / size) * scores.var(ddof=1) / scores.size()).sum()
    one = row(totals("apistrat_plain", "fixed-weights"), geography="municipality", indicator="api00")
    assert one["estimate"] == pytest.approx((share * scores.mean()).sum(), rel=1e-12)
    assert one["se"] == pytest.approx(np.sqrt(variance), rel=1e-12)
