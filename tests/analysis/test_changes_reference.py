"""Changes and gaps against R's `survey` 4.1-1, to the tolerance in the README of the reference figures."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import pipeline
from analysis.schema import read_bundle
from analysis.settings import Settings

FOLDER = Path(__file__).parents[1] / "reference"
TEXT = ["wave", "previous_wave", "geography", "code", "municipality_code", "gender", "age_group", "indicator"]
CELL = ["geography", "code", "gender", "age_group", "indicator", "statistic"]
TOLERANCE = {"n": 0, "n_previous": 0, "df": 0, "change": 1e-8, "p": 1e-6, "p_bh": 1e-6, "p_holm": 1e-6}


def expected(name):
    return pd.read_csv(FOLDER / "expected" / f"{name}.gz", dtype=dict.fromkeys(TEXT, str), low_memory=False)


@pytest.fixture(scope="module")
def results():
    return pipeline.run(read_bundle(FOLDER / "bundle"), Settings.reference(), protected=False)


def joined(reference, table, keys):
    table = table.astype({name: str for name in keys})
    found = reference.merge(table, on=keys, how="left", suffixes=("_reference", ""), indicator=True)
    assert found["_merge"].eq("both").all()
    return found


def check(found, name, ours=None):
    reference, got = found[f"{name}_reference"].to_numpy(float), found[ours or name].to_numpy(float)
    np.testing.assert_array_equal(np.isnan(reference), np.isnan(got))
    deviation = np.abs(got - reference) / (np.abs(reference) + 0.001)
    assert np.nanmax(deviation) <= TOLERANCE.get(name, 1e-7)


@pytest.mark.parametrize(
    "figure", ["n", "n_previous", "change", "se", "df", "p", "p_bh", "p_holm", "lower", "upper"]
)
def test_changes_equal_r(results, figure):
    ours = results.changes[results.changes["geography"].eq("municipality")]
    check(joined(expected("changes.csv"), ours, CELL), figure)


@pytest.mark.parametrize("figure", ["gap", "se", "cov", "change", "se_change"])
def test_gender_gaps_equal_r(results, figure):
    keys = ["geography", "code", "indicator"]
    ours = results.gender_gaps[results.gender_gaps["wave"].eq("2025")]
    check(joined(expected("gender_gaps.csv"), ours, keys), figure)


def test_the_p_values_of_changed_gaps_equal_r_where_there_is_a_standard_error(results):
    reference = expected("gender_gaps.csv").rename(columns={"p_norm": "p_reference"})
    ours = results.gender_gaps[results.gender_gaps["wave"].eq("2025")]
    found = joined(reference, ours, ["geography", "code", "indicator"])
    check(found[found["se_change"] > 0], "p")


@pytest.mark.parametrize("figure", ["gap", "se", "cov"])
def test_the_gaps_of_the_previous_wave_equal_r(results, figure):
    reference = expected("gender_gaps.csv").drop(columns=["gap", "se", "cov"])
    reference = reference.rename(
        columns={f"{name}_previous": f"{name}_reference" for name in ("gap", "se", "cov")}
    )
    ours = results.gender_gaps[results.gender_gaps["wave"].eq("2024")]
    check(joined(reference, ours, ["geography", "code", "indicator"]), figure)


def test_weight_diagnostics_equal_r(results):
    names = {"r": "responded", "min_w": "weight_min", "max_w": "weight_max", "cv2": "weight_cv2"}
    reference = expected("weight_summary.csv").rename(columns=names)
    found = joined(reference, results.diagnostics, ["wave", "municipality_code"])
    for figure in ("responded", "weight_min", "weight_max", "weight_cv2", "deff_kish", "n_eff"):
        check(found, figure)
