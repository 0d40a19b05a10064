"""The survey-weighted regression is R's, and says what it cannot do."""

import numpy as np
import pandas as pd
import pytest
from small_surveys import REFERENCE, deviation

from analysis.errors import AnalysisError
from analysis.free_tables import free_table
from analysis.regression import regress
from analysis.schema import read_bundle
from analysis.settings import Settings
from analysis.weights import weigh

BY = ["municipality", "legal_gender", "q02"]


@pytest.fixture(scope="module")
def as_r():
    return weigh(read_bundle(REFERENCE / "bundle"), Settings.reference())


@pytest.fixture(scope="module")
def found(as_r):
    return regress(as_r, "q04", BY, "2025")


def test_coefficients_errors_and_tests_are_those_of_svyglm(found):
    theirs = pd.read_csv(REFERENCE / "regression" / "expected.csv", dtype={"term": str})
    ours = found.terms[found.terms["reference"] == 0]
    reference = found.terms[found.terms["reference"] == 1].set_index("variable")["category"]
    prefix = {"municipality": "municipality", "legal_gender": "sex", "q02": "factor(q02)"}
    for model, part in theirs.groupby("model"):
        value = part.set_index("term")["value"]
        compared = ours[ours[f"coefficient_{model}"].notna()]
        assert len(compared) == len(part) - 2
        terms = [f"{prefix[row.variable]}{row.category}" for row in compared.itertuples()]
        assert deviation(compared[f"coefficient_{model}"], value[terms]) < 1e-8
        se = part.set_index("term")["se"].astype(float)
        assert deviation(compared[f"se_{model}"], se[terms]) < 1e-7
        wald = found.tests[(found.tests["model"] == model) & (found.tests["variable"] == "municipality")]
        assert wald["f"].iloc[0] == pytest.approx(value["wald"], rel=1e-7)
    assert reference.to_dict() == {"municipality": "0180", "legal_gender": "man", "q02": "0"}


def test_one_variable_alone_repeats_the_shares_of_its_table(as_r):
    """Odds over odds of two categories are those of their shares."""
    both = regress(as_r, "q04", ["legal_gender"], "2025").terms.set_index("category")
    rows = free_table(as_r, "q04", ["legal_gender"], wave="2025", protected=False).rows
    share = rows.set_index("legal_gender")["estimate"]
    odds = share / (1 - share)
    assert both.loc["woman", "odds_ratio_adjusted"] == pytest.approx(odds["woman"] / odds["man"], rel=1e-9)
    assert np.isnan(both.loc["man", "odds_ratio_adjusted"])


def test_what_cannot_be_fitted_is_refused_with_the_reason(as_r):
    for item, by, words in (
        ("q30", ["gender"], "no yes/no"),
        ("q04", [], "at least one variable"),
        ("q06", ["municipality", "age_band"], "too many for"),
        ("q04", ["legal_gender", "legal_gender"], "each once"),
    ):
        with pytest.raises(AnalysisError, match=words):
            regress(as_r, item, by, "2025")
