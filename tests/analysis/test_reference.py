"""The command line against R `survey` 4.1-1: every file and column, at the tolerances of the README.

Three surveys: the reference bundle, and two of other sizes and seeds whose figures R computed with figures.R.
"""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_surveys import KEYS, REFERENCE, as_text, deviation

from analysis.__main__ import main
from analysis.schema import read_bundle
from analysis.settings import Settings
from analysis.weights import weigh

SURVEYS = {
    "reference": REFERENCE,
    "seed-101": REFERENCE / "further" / "seed-101",
    "seed-203": REFERENCE / "further" / "seed-203",
}
TEXT = ["wave", "previous_wave", "case_id", "code", "municipality_code", "age_group"]
WEIGHTS = {
    "weight_raking": (),
    "weight_poststratification": ("--calibration", "poststratification"),
    "weight_linear": ("--calibration", "linear"),
    "weight_logit": ("--calibration", "logit"),
    "weight_split_gender": ("--membership", "reported"),
    "weight_trimmed": ("--trimming", "spread", "--trim-factor", "3"),
}
STANDARD_ERRORS = {
    "se_calibrate_d": (),
    "se_rake": ("--linearization", "rake"),
    "se_calibrate_w": ("--linearization", "final-weights"),
    "se_weights_fixed": ("--linearization", "fixed-weights"),
    "se_leverage_w": ("--linearization", "leverage"),
}
INTERVALS = {"kg": (), "logit": ("--interval", "logit"), "wald": ("--interval", "wald")}
Run = Callable[..., Path]


@pytest.fixture(scope="module", params=SURVEYS)
def survey(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def bundle(survey: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle's folder, unpacked."""
    folder = tmp_path_factory.mktemp(survey)
    for path in (SURVEYS[survey] / "bundle").iterdir():
        if path.suffix == ".gz":
            (folder / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
        else:
            shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="module")
def run(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the command line in the reference profile, once for each set of options; the folder of results."""
    done: dict[tuple[str, ...], Path] = {}

    def run(*options: str) -> Path:
        if options not in done:
            out = tmp_path_factory.mktemp("run") / "out"
            command = [str(bundle), "--out", str(out), "--profile", "reference", "--no-disclosure", *options]
            assert main(command) == 0
            done[options] = out
        return done[options]

    return run


def read(path: Path) -> pd.DataFrame:
    """A table, keys as text."""
    return pd.read_csv(path, dtype=dict.fromkeys(TEXT, str), low_memory=False)


def expected(survey: str, name: str) -> pd.DataFrame:
    return read(SURVEYS[survey] / "expected" / f"{name}.csv.gz")


def joined(reference: pd.DataFrame, ours: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """R's rows beside ours: R's columns end in `_r`, and every row of R's must have one of ours."""
    renamed = reference.rename(columns={name: f"{name}_r" for name in reference if name not in keys})
    both = renamed.merge(ours, on=keys, how="left", validate="one_to_one", indicator="found")
    assert (both["found"] == "both").all()
    return both


def check(both: pd.DataFrame, tolerance: float, ours: str, theirs: str | None = None) -> None:
    """Equal within a tolerance, and missing in the same rows."""
    x, reference = both[ours], both[f"{theirs or ours}_r"]
    assert (x.isna() == reference.isna()).all(), ours
    assert deviation(x, reference) <= tolerance, ours


@pytest.mark.parametrize("column", WEIGHTS)
def test_weights_of_every_kind_equal_r(survey: str, run: Run, column: str) -> None:
    both = joined(
        expected(survey, "weights"), read(run(*WEIGHTS[column]) / "weights.csv"), ["wave", "case_id"]
    )
    assert len(both) == len(read(run() / "weights.csv"))
    for ours in ("design_weight", "nonresponse_weight"):
        check(both, 1e-8, ours)
    check(both, 1e-8, "weight", column)


def test_cells_and_areas_collapse_as_in_r(survey: str, bundle: Path) -> None:
    ours = as_text(weigh(read_bundle(bundle), Settings.reference()).table)
    both = joined(expected(survey, "weights"), ours, ["wave", "case_id"])
    assert (both["calcell"] == both["calcell_r"].str.replace("kvinna", "woman")).all()
    assert (both["calarea"] == both["calarea_r"]).all()


def test_estimates_and_standard_errors_equal_r(survey: str, run: Run) -> None:
    reference, ours = expected(survey, "estimates"), read(run() / "estimates.csv")
    ours = ours[ours["geography"].isin(reference["geography"].unique())]
    both = joined(reference, ours, KEYS)
    for column in ("n", "df"):
        check(both, 0, column)
    for column, tolerance in (("population", 1e-8), ("estimate", 1e-8), ("se", 1e-7)):
        check(both, tolerance, column)
    share = ours["statistic"].str.fullmatch(r"p\d+")
    assert len(ours) - len(reference) == (ours["n"].eq(0) & share).sum()


@pytest.mark.parametrize("kind", INTERVALS)
def test_intervals_equal_r(survey: str, run: Run, kind: str) -> None:
    both = joined(expected(survey, "estimates"), read(run(*INTERVALS[kind]) / "estimates.csv"), KEYS)
    stated = both[both[f"{kind}_lower_r"].notna()]
    assert len(stated) > 300
    for side in ("lower", "upper"):
        check(stated, 1e-7, side, f"{kind}_{side}")


@pytest.mark.parametrize("column", STANDARD_ERRORS)
def test_standard_errors_of_every_linearization_equal_r(survey: str, run: Run, column: str) -> None:
    ours = read(run(*STANDARD_ERRORS[column]) / "estimates.csv")
    total = ours["gender"].eq("all") & ours["age_group"].eq("all") & ours["geography"].eq("municipality")
    ours = ours[total & ours["statistic"].isin(["proportion", "mean"])]
    keys = ["wave", "municipality_code", "indicator"]
    both = joined(expected(survey, "se_variants"), ours.rename(columns={"code": "municipality_code"}), keys)
    check(both, 0, "n")
    check(both, 1e-8, "estimate")
    check(both, 1e-7, "se", column)


def test_weight_summaries_equal_r(survey: str, run: Run) -> None:
    keys = ["wave", "municipality_code"]
    both = joined(expected(survey, "weight_summary"), read(run() / "diagnostics.csv"), keys)
    check(both, 0, "responded", "r")
    names = {"weight_min": "min_w", "weight_max": "max_w", "weight_cv2": "cv2"}
    for ours in ("deff_kish", "n_eff", *names):
        check(both, 1e-8, ours, names.get(ours))
    sums = read(run() / "weights.csv").groupby(keys)["weight"].sum().reset_index()
    check(joined(expected(survey, "weight_summary"), sums, keys), 1e-8, "weight", "sum_w")


def test_changes_equal_r(survey: str, run: Run) -> None:
    keys = [key for key in KEYS if key != "wave"]
    both = joined(expected(survey, "changes"), read(run() / "changes.csv"), keys)
    for column in ("n", "n_previous", "df"):
        check(both, 0, column)
    check(both, 1e-8, "change")
    for column in ("se", "lower", "upper"):
        check(both, 1e-7, column)
    for column in ("p", "p_bh", "p_holm"):
        check(both, 1e-6, column)


def test_gender_gaps_and_their_changes_equal_r(survey: str, run: Run) -> None:
    ours, keys = read(run() / "gender_gaps.csv"), ["geography", "code", "indicator"]
    waves = sorted(ours["wave"].unique())
    now = joined(expected(survey, "gender_gaps"), ours[ours["wave"].eq(waves[-1])], keys)
    before = joined(expected(survey, "gender_gaps"), ours[ours["wave"].eq(waves[0])], keys)
    for column in ("gap", "se", "cov"):
        check(now, 1e-7, column)
        check(before, 1e-7, column, f"{column}_previous")
    for column in ("change", "se_change"):
        check(now, 1e-7, column)
    check(now[now["se_change"] > 0], 1e-6, "p", "p_norm")


def test_the_manifest_records_what_was_chosen(survey: str, run: Run) -> None:
    options = json.loads((run(*WEIGHTS["weight_trimmed"]) / "manifest.json").read_text())["options"]
    assert (options["profile"], options["trimming"], options["trim_factor"]) == ("reference", "spread", 3.0)
    assert options["membership"] == "register"
    assert not np.isnan(options["confidence"])
