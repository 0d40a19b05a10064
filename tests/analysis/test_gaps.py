"""Gaps between women and men, and their changes."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from small_surveys import as_text, binary, even_people, even_population, random_survey, row, survey
from test_changes import bundle

from analysis.estimates import estimate, gender_gaps
from analysis.gaps import compare_gaps
from analysis.settings import Settings
from analysis.weights import weigh

PAIRS = pd.DataFrame(
    {"geography": ["municipality"], "code": ["0180"], "wave": ["2022"], "previous_wave": ["2019"]}
)


def test_the_gender_gap_has_the_variance_of_a_difference_of_dependent_estimates() -> None:
    weighted = weigh(random_survey(18))
    table, gaps = as_text(estimate(weighted)), gender_gaps(weighted)
    assert {"all", "municipality"} == set(gaps["geography"])
    for _, gap in gaps.iterrows():
        woman, man = (
            row(table, geography=gap["geography"], code=gap["code"], indicator=gap["indicator"], gender=sex)
            for sex in ("woman", "man")
        )
        assert gap["gap"] == pytest.approx(woman["estimate"] - man["estimate"], abs=1e-12)
        assert gap["se"] ** 2 == pytest.approx(woman["se"] ** 2 + man["se"] ** 2 - 2 * gap["cov"], rel=1e-9)


def test_a_gap_is_rare_when_either_half_has_fewer_than_five_effective_persons_on_a_side() -> None:
    people = even_people("0180-1", 200, 160, 0).assign(gender=["woman", "man"] * 100)
    answers = np.zeros((200, 3), dtype=int)
    answers[:, 0] = np.tile([1, 1, 0, 0], 50)
    answers[::2, 1] = np.arange(100) < 40  # no man
    answers[:4, 2] = 1
    people[["even", "one_side", "few"]] = answers.astype(str)
    bundle = survey(people, even_population({("0180", "1"): 4000}), binary("even", "one_side", "few"))
    weighted = weigh(bundle)
    gaps = gender_gaps(weighted).query("geography == 'municipality'").set_index("indicator")
    assert gaps["rare"].to_dict() == {"even": False, "one_side": True, "few": True}
    halves = [row(estimate(weighted), indicator="even", gender=sex)["df"] for sex in ("woman", "man")]
    assert gaps.loc["even", "df"] == sum(halves)
    as_r = gender_gaps(weigh(bundle, Settings.reference()))
    assert not as_r["rare"].any()
    assert np.isinf(as_r["df"]).all()  # a normal test


def gap(wave, gap_value, se, **other):
    row = {"wave": wave, "geography": "municipality", "code": "0180", "indicator": "theft"}
    figures = {"gap": gap_value, "se": se, "cov": 0.0, "df": 8.0, "rare": False}
    return {**row, "statistic": "proportion", **figures, **other}


def test_the_change_of_a_gap_by_hand():
    both = pd.DataFrame([gap("2019", 0.10, 0.03), gap("2022", 0.18, 0.04)])
    table = compare_gaps(both, bundle(), PAIRS)
    assert table["previous_wave"].tolist() == ["", "2019"]
    row = table.iloc[1]
    assert row["change"] == pytest.approx(0.08)
    assert row["se_change"] == pytest.approx(0.05)
    assert row["p"] == pytest.approx(2 * stats.t.sf(1.6, 16))
    assert table.loc[0, ["change", "se_change", "p"]].isna().all()


@pytest.mark.parametrize("rare_wave", ["2019", "2022"])
def test_a_gap_of_few_persons_has_no_standard_error_and_its_change_no_test(rare_wave):
    both = pd.DataFrame(
        [gap(wave, value, 0.03, rare=wave == rare_wave) for wave, value in (("2019", 0.02), ("2022", 0.18))]
    )
    table = compare_gaps(both, bundle(), PAIRS)
    assert table["se"].isna().tolist() == [rare_wave == "2019", rare_wave == "2022"]
    assert table["gap"].tolist() == [0.02, 0.18]
    assert table.loc[1, "change"] == pytest.approx(0.16)
    assert table.loc[1, ["se_change", "p"]].isna().all()


def test_a_change_of_a_gap_without_standard_error_proves_nothing():
    both = pd.DataFrame([gap("2019", 0.02, 0.0), gap("2022", 0.18, 0.0)])
    assert np.isnan(compare_gaps(both, bundle(), PAIRS).loc[1, "p"])


def test_a_gap_is_not_compared_across_a_break():
    both = pd.DataFrame([gap("2019", 0.10, 0.03), gap("2022", 0.18, 0.04)])
    table = compare_gaps(both, bundle(since="2020"), PAIRS)
    assert table[["change", "se_change", "p"]].isna().all(axis=None)
