"""The engine against R `survey` 4.1-1: every column of tests/reference, at the tolerances of its README."""

from dataclasses import replace

import pandas as pd
import pytest
from small_surveys import KEYS, REFERENCE, as_text, deviation, expected

from analysis.estimates import estimate, gender_gaps
from analysis.schema import Bundle, read_bundle
from analysis.settings import Settings
from analysis.weights import weigh

R = Settings.reference()
WEIGHTS = {
    "weight_raking": R,
    "weight_poststratification": replace(R, calibration="poststratification"),
    "weight_linear": replace(R, calibration="linear"),
    "weight_logit": replace(R, calibration="logit"),
    "weight_split_gender": replace(R, membership="reported"),
    "weight_trimmed": replace(R, trimming="spread", trim_factor=3.0),
}
STANDARD_ERRORS = {
    "se_calibrate_d": "deville-sarndal",
    "se_rake": "rake",
    "se_calibrate_w": "final-weights",
    "se_weights_fixed": "fixed-weights",
    "se_leverage_w": "leverage",
}
INTERVALS = {"kg": "korn-graubard", "logit": "logit", "wald": "wald"}


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(REFERENCE / "bundle")


@pytest.fixture(scope="module")
def estimates(bundle: Bundle) -> pd.DataFrame:
    return as_text(estimate(weigh(bundle, R)))


@pytest.mark.parametrize("column", WEIGHTS)
def test_weights_of_every_kind_agree_with_r(bundle: Bundle, column: str) -> None:
    ours = as_text(weigh(bundle, WEIGHTS[column]).table)
    both = expected("weights").merge(ours, on=["wave", "case_id"], suffixes=("_r", ""), validate="one_to_one")
    assert len(both) == len(ours) == 1142
    assert deviation(both["weight"], both[column]) < 1e-8
    assert deviation(both["nonresponse_weight"], both["nonresponse_weight_r"]) < 1e-8
    assert deviation(both["design_weight"], both["design_weight_r"]) < 1e-8


def test_cells_collapse_by_the_reference_rule(bundle: Bundle) -> None:
    ours = as_text(weigh(bundle, R).table)
    both = expected("weights").merge(ours, on=["wave", "case_id"], suffixes=("_r", ""))
    assert (both["calcell"] == both["calcell_r"].str.replace("kvinna", "woman")).all()
    assert (both["calarea"] == both["calarea_r"]).all()


def test_estimates_and_standard_errors_agree_with_r(estimates: pd.DataFrame) -> None:
    reference = expected("estimates")
    ours = estimates[estimates["geography"] == "municipality"]
    both = reference.merge(ours, on=KEYS, how="left", suffixes=("_r", ""), validate="one_to_one")
    assert len(both) == len(reference) == 35425
    assert (both["n"] == both["n_r"]).all()
    assert (both["df"] == both["df_r"]).all()
    for column, tolerance in (("population", 1e-8), ("estimate", 1e-8), ("se", 1e-7)):
        assert deviation(both[column], both[f"{column}_r"]) < tolerance, column
    only_ours = len(ours) - len(reference)
    empty_shares = ours[
        (ours["n"] == 0) & ours["statistic"].str.startswith("p") & (ours["statistic"] != "proportion")
    ]
    assert only_ours == len(empty_shares)


@pytest.mark.parametrize("columns", INTERVALS)
def test_intervals_agree_with_r(bundle: Bundle, columns: str) -> None:
    ours = as_text(estimate(weigh(bundle, replace(R, interval=INTERVALS[columns]))))
    both = expected("estimates").merge(ours, on=KEYS)
    for side in ("lower", "upper"):
        assert both[f"{columns}_{side}"].notna().sum() > 19000
        assert deviation(both[side], both[f"{columns}_{side}"]) < 1e-7


@pytest.mark.parametrize("column", STANDARD_ERRORS)
def test_standard_errors_of_every_linearization_agree_with_r(bundle: Bundle, column: str) -> None:
    ours = as_text(estimate(weigh(bundle, replace(R, linearization=STANDARD_ERRORS[column]))))
    totals = ours[(ours["gender"] == "all") & (ours["age_group"] == "all")]
    totals = totals[
        totals["statistic"].isin(["proportion", "mean"]) & (totals["geography"] == "municipality")
    ]
    totals = totals.rename(columns={"code": "municipality_code"})
    keys = ["wave", "municipality_code", "indicator"]
    both = expected("se_variants").merge(totals, on=keys, suffixes=("_r", ""), validate="one_to_one")
    assert len(both) == 480
    assert deviation(both["se"], both[column]) < 1e-7


def test_gender_gaps_and_their_covariances_agree_with_r(bundle: Bundle) -> None:
    gaps = gender_gaps(weigh(bundle, R))
    reference = expected("gender_gaps").rename(columns={"gap": "gap_now", "se": "se_now", "cov": "cov_now"})
    for wave, suffix in (("2024", "previous"), ("2025", "now")):
        both = reference.merge(gaps[gaps["wave"] == wave], on=["geography", "code", "indicator"])
        assert len(both) == 240
        for column in ("gap", "se", "cov"):
            assert deviation(both[column], both[f"{column}_{suffix}"]) < 1e-7, (wave, column)


def test_the_summary_of_the_weights_agrees_with_r(bundle: Bundle) -> None:
    weighted = weigh(bundle, R)
    keys = ["wave", "municipality_code"]
    table = as_text(weighted.table).groupby(keys)["weight"]
    ours = pd.DataFrame(
        {"r": table.size(), "sum_w": table.sum(), "min_w": table.min(), "max_w": table.max()}
        | {"cv2": table.var(ddof=1) / table.mean() ** 2}
    ).reset_index()
    both = (
        expected("weight_summary").merge(ours, on=keys, suffixes=("_r", "")).merge(weighted.summary, on=keys)
    )
    assert len(both) == 12
    assert (both["r"] == both["r_r"]).all()
    for column in ("sum_w", "min_w", "max_w", "cv2"):
        assert deviation(both[column], both[f"{column}_r"]) < 1e-8, column
    assert deviation(both["deff_after"], both["deff_kish"]) < 1e-8
