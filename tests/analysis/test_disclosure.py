import numpy as np
import pandas as pd
import pytest

from analysis import disclosure
from analysis.keys import ESTIMATE
from analysis.schema import Bundle
from analysis.settings import Settings

EMPTY = pd.DataFrame()
INDICATORS = pd.DataFrame({"indicator": ["theft", "litter"], "sensitive": [True, False]})
BUNDLE = Bundle(EMPTY, EMPTY, EMPTY, EMPTY, INDICATORS)
ROW = {
    "wave": "2022",
    "geography": "area",
    "code": "0180-01",
    "gender": "all",
    "age_group": "all",
    "indicator": "litter",
    "statistic": "proportion",
    "n": 200,
    "population": 4000.0,
    "estimate": 0.5,
    "se": 0.035,
    "df": 190,
    "n_eff": 190.0,
    "lower": 0.43,
    "upper": 0.57,
    "reason": "",
    "yes": 100,
}


def screened(**changes):
    table = disclosure.screen(pd.DataFrame([{**ROW, **changes}]), BUNDLE, Settings.default())
    return int(table["released"].iloc[0]), table["reason"].iloc[0]


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (29, (0, "few_answers")),
        (30, (1, "small_base")),
        (49, (1, "small_base")),
        (50, (1, "")),
    ],
)
def test_thirty_answers_are_needed_and_fifty_for_no_warning(n, expected):
    assert screened(n=n, yes=n // 2, n_eff=30.0, lower=0.36, upper=0.64) == expected


@pytest.mark.parametrize(("n_eff", "released"), [(29.99, 0), (30.0, 1)])
def test_the_effective_number_must_reach_thirty_too(n_eff, released):
    expected = (released, "" if released else "few_effective")
    assert screened(n=80, yes=40, n_eff=n_eff, lower=0.36, upper=0.64) == expected


@pytest.mark.parametrize(
    ("estimate", "lower", "upper", "expected"),
    [
        (0.5, 0.35, 0.65, (0, "wide_interval")),  # 30 points is not narrower than 30 points
        (0.5, 0.351, 0.65, (1, "")),
        (0.02, 0.005, 0.055, (1, "")),  # 250 % of the estimate, but no wider than 5 points
        (0.04, 0.01, 0.065, (0, "wide_interval")),  # 5.5 points, 137 %
        (0.05, 0.02, 0.08, (1, "")),  # 6 points, 120 %
        (0.0, 0.0, 0.049, (1, "")),
        (0.0, 0.0, 0.051, (0, "wide_interval")),
    ],
)
def test_the_interval_must_say_enough(estimate, lower, upper, expected):
    assert screened(estimate=estimate, lower=lower, upper=upper) == expected


def test_a_proportion_without_interval_is_not_shown():
    assert screened(lower=np.nan, upper=np.nan) == (0, "wide_interval")


@pytest.mark.parametrize("yes", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("other_side", [False, True])
def test_a_sensitive_cell_with_one_to_four_persons_on_either_side_is_hidden(yes, other_side):
    expected = (0, "protected") if 1 <= yes <= 4 else (1, "")
    counted = 200 - yes if other_side else yes
    assert screened(indicator="theft", yes=counted) == expected


@pytest.mark.parametrize(("yes", "released"), [(0, 1), (1, 0), (2, 0), (3, 1), (198, 0), (197, 1)])
@pytest.mark.parametrize("geography", ["municipality", "all"])
def test_totals_of_municipalities_and_the_region_hide_one_and_two_only(geography, yes, released):
    expected = (released, "" if released else "protected")
    assert screened(indicator="theft", geography=geography, yes=yes) == expected


@pytest.mark.parametrize(("yes", "released"), [(0, 1), (4, 0), (5, 1), (196, 0)])
def test_a_union_which_may_be_a_single_area_keeps_the_strict_rule(yes, released):
    expected = (released, "" if released else "protected")
    assert screened(indicator="theft", geography="police_district", yes=yes) == expected


@pytest.mark.parametrize("split", [{"gender": "woman"}, {"age_group": "16-29"}])
def test_a_municipality_split_by_gender_or_age_keeps_the_strict_rule(split):
    assert screened(indicator="theft", geography="municipality", yes=4, **split) == (0, "protected")


def test_an_item_that_is_not_sensitive_is_shown_however_few_say_yes():
    assert screened(yes=1, estimate=0.005, lower=0.001, upper=0.03) == (1, "")


def test_a_mean_is_judged_by_its_size_alone():
    assert screened(statistic="mean", estimate=3.0, lower=1.0, upper=5.0, yes=-1) == (1, "")
    assert screened(statistic="mean", estimate=3.0, lower=2.9, upper=3.1, yes=-1, n=29) == (0, "few_answers")


def test_a_cell_nobody_answered_says_so():
    assert screened(n=0, yes=0, estimate=np.nan, n_eff=np.nan) == (0, "no_answers")


def test_hidden_rows_lose_every_figure_and_keep_key_and_reason():
    table = pd.DataFrame([ROW, {**ROW, "n": 29}])
    safe = disclosure.protect(disclosure.screen(table, BUNDLE, Settings.default()))
    assert safe.loc[1, disclosure.ESTIMATE_FIGURES].isna().all()
    assert safe.loc[1, ["wave", "code", "released", "reason"]].tolist() == [
        "2022",
        "0180-01",
        0,
        "few_answers",
    ]
    assert safe.loc[0, disclosure.ESTIMATE_FIGURES].tolist() == [
        ROW[name] for name in disclosure.ESTIMATE_FIGURES
    ]


def test_a_hidden_change_loses_its_figures_and_its_verdict():
    figures = dict.fromkeys(disclosure.CHANGE_FIGURES, 0.1)
    table = pd.DataFrame([{**figures, "verdict": "up", "released": r, "reason": ""} for r in (0, 1)])
    safe = disclosure.protect(table)
    assert safe.loc[0, disclosure.CHANGE_FIGURES].isna().all()
    assert safe["verdict"].tolist() == ["not_comparable", "up"]


def gap_tables(hidden_wave):
    cells = [
        {**ROW, "geography": "municipality", "code": "0180", "wave": wave, "gender": gender}
        for wave in ("2019", "2022")
        for gender in ("woman", "man")
    ]
    estimates = disclosure.screen(pd.DataFrame(cells), BUNDLE, Settings.default())
    estimates.loc[estimates["wave"].eq(hidden_wave) & estimates["gender"].eq("man"), "released"] = 0
    gap = {
        "wave": "2022",
        "previous_wave": "2019",
        "geography": "municipality",
        "code": "0180",
        "indicator": "litter",
        "statistic": "proportion",
        **dict.fromkeys(disclosure.GAP_FIGURES, 0.1),
    }
    return disclosure.protect_gaps(pd.DataFrame([gap]), estimates).loc[0, disclosure.GAP_FIGURES]


def test_a_gap_goes_with_either_of_its_halves():
    assert gap_tables(hidden_wave="2022").isna().all()
    assert gap_tables(hidden_wave=None).eq(0.1).all()


def test_a_gap_stays_and_its_change_goes_when_the_previous_wave_is_hidden():
    figures = gap_tables(hidden_wave="2019")
    assert figures[["gap", "se", "cov"]].eq(0.1).all()
    assert figures[["change", "se_change", "p"]].isna().all()


def test_what_rests_on_a_hidden_figure_is_hidden_for_sensitive_items_only():
    estimates = pd.DataFrame([{**ROW, "indicator": name, "released": 0} for name in ("theft", "litter")])
    derived = estimates.assign(released=1)
    shown = disclosure.are_shown(derived, ESTIMATE, estimates)
    safe = disclosure.hide_exposed(derived, ~shown, BUNDLE)
    assert safe["released"].tolist() == [0, 1]
    assert safe["reason"].tolist() == ["protected", ""]


@pytest.mark.parametrize(("released", "expected"), [(1, True), (0, False)])
def test_an_estimate_is_shown_when_it_is_there_and_released(released, expected):
    estimates = pd.DataFrame([{**ROW, "released": released}])
    rows = pd.DataFrame([ROW, {**ROW, "wave": "2019"}])
    assert disclosure.are_shown(rows, ESTIMATE, estimates).tolist() == [expected, False]
