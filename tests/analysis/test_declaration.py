from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import REFERENCE, random_survey

from analysis import declaration, item_nonresponse, quality
from analysis.schema import read_bundle, validate_bundle
from analysis.settings import Settings
from analysis.weights import weigh

KEY = ["wave", "municipality_code", "measure", "variable", "category"]


def declared(bundle):
    weighted = weigh(bundle, Settings.default())
    counted = item_nonresponse.count_items(weighted)
    table = declaration.declare(weighted, counted)
    return weighted, table, item_nonresponse.item_nonresponse(weighted, counted)


@pytest.fixture(scope="module")
def reference():
    return declared(read_bundle(REFERENCE / "bundle"))


def test_each_figure_has_one_row_and_lies_within_its_limits(reference):
    _, table, _ = reference
    assert not table.duplicated(KEY).any()
    limits = table.dropna(subset=["lower"])
    assert (limits["lower"] <= limits["value"] + 1e-12).all()
    assert (limits["value"] <= limits["upper"] + 1e-12).all()
    assert table.loc[table["value"].isna(), "reason"].ne("").all()


def test_the_declaration_and_the_diagnostics_say_the_same(reference):
    weighted, table, _ = reference
    diagnostics = quality.diagnose(weighted).set_index(["wave", "municipality_code"])
    rows = table[table["category"].eq("all")].set_index(["wave", "municipality_code"])

    def column(measure, variable):
        found = rows[rows["measure"].eq(measure) & rows["variable"].eq(variable)]["value"]
        return found.reindex(diagnostics.index).to_numpy()

    np.testing.assert_allclose(column("response_rate", "all"), diagnostics["response_rate"])
    np.testing.assert_allclose(column("deff_kish", "weight"), diagnostics["deff_kish"], rtol=1e-12)
    np.testing.assert_allclose(column("trimmed_share", "weight"), diagnostics["trimmed_share"], atol=1e-12)
    # Main effects of sex, age and municipality, and rates of sex and age cells: two views of one thing.
    apart = np.abs(column("r_indicator", "all") - diagnostics["r_indicator"])
    assert apart.xs("all", level="municipality_code").max() < 0.05


def test_only_weights_that_were_kept_within_bounds_lie_at_one(reference):
    bundle = random_survey(seed=9, drawn=120, municipalities=1)
    for calibration, bounds in (("linear", (0.9, 1.1)), ("raking", (0.99, 1.01))):
        settings = replace(Settings.default(), calibration=calibration, g_bounds=bounds, trimming="none")
        weighted = weigh(bundle, settings)
        assert weighted.summary["method"].tolist() == [calibration]
        table = declaration.declare(weighted, item_nonresponse.count_items(weighted))
        assert table.loc[table["measure"].eq("bounds_hit"), "value"].eq(0).all()
    weighted, table, _ = reference
    kept = weighted.summary[weighted.summary["method"].eq("logit")]
    hits = table[table["measure"].eq("bounds_hit") & table["value"].gt(0)].set_index(KEY[:2]).index
    assert ("2025", "0980") in hits
    assert set(hits) <= {*zip(kept["wave"], kept["municipality_code"], strict=True), ("2025", "all")}


def test_shares_of_a_whole_add_up_to_one(reference):
    _, table, _ = reference
    for measure in ("mode_share", "completeness", "item_answers"):
        parts = table[table["measure"].eq(measure)].groupby(["wave", "municipality_code"])["value"].sum()
        assert len(parts) == 14
        np.testing.assert_allclose(parts, 1.0)


def test_response_by_area_is_that_of_its_stratum(reference):
    weighted, table, _ = reference
    by_area = table[table["measure"].eq("response_rate") & table["variable"].eq("area")]
    sample = weighted.bundle.sample
    expected = sample.groupby(["wave", "stratum"])["responded"].mean()
    found = by_area.set_index(["wave", "category"])["value"]
    np.testing.assert_allclose(found.to_numpy(), expected.reindex(found.index).to_numpy())


def test_asked_is_answered_and_the_three_ways_not_to(reference):
    weighted, _, items = reference
    assert (items["asked"] == items[["answered", "dont_know", "refused", "missing"]].sum(axis=1)).all()
    respondents = weighted.table.astype({"wave": str, "municipality_code": str})
    size = respondents.groupby(["wave", "municipality_code"]).size()
    for _, mine in items.groupby("item"):
        total = (mine["asked"] + mine["not_asked"]).to_numpy()
        np.testing.assert_array_equal(
            total, size.reindex(list(zip(mine["wave"], mine["municipality_code"], strict=True)))
        )


def test_a_question_with_several_conditions_was_put_to_those_who_meet_them_all():
    bundle = random_survey(seed=9, areas=1, drawn=40, municipalities=1)
    count = len(bundle.responses)
    person = np.arange(count)
    responses = bundle.responses.assign(
        a=np.where(person < 10, "1", "0"),
        b=np.where(person % 2 == 0, "1", np.where(person % 4 == 1, "2", "0")),
        c=np.where(person < 4, "1", ""),  # the fourth is not routed to it, and answered
    )
    recipe = {"indicator": "c", "item": "c", "type": "binary", "yes": "1", "levels": "0 1", "base": "a=1"}
    routing = pd.DataFrame({"item": ["c", "c"], "base": ["a=1", "b=1|b=2"]})
    routed = replace(bundle, responses=responses, indicators=pd.DataFrame([recipe]), routing=routing)
    *_, items = declared(validate_bundle(routed))
    row = items.set_index("item").loc["c"]
    put = set(person[(person < 10) & ((person % 2 == 0) | (person % 4 == 1))]) | {0, 1, 2, 3}
    assert (row["answered"], row["asked"], row["not_asked"]) == (4, len(put), count - len(put))


def test_routed_past_dont_know_refused_and_missing_are_told_apart():
    bundle = random_survey(seed=9, areas=1, drawn=40, municipalities=1)
    count = len(bundle.responses)
    victim = np.arange(count) < 10
    reported = np.array(["1", "1", "0", "8", "9", "", *[""] * (count - 6)])
    responses = bundle.responses.assign(q=np.where(victim, "1", "0"), r=reported)
    indicators = pd.DataFrame(
        {
            "indicator": ["victim", "reported"],
            "item": ["q", "r"],
            "type": "binary",
            "yes": "1",
            "levels": "0 1",
            "dont_know": ["", "8"],
            "refused": ["", "9"],
            "base": ["", "q=1"],
        }
    )
    _, table, items = declared(validate_bundle(replace(bundle, responses=responses, indicators=indicators)))
    row = items.set_index("item").loc["r"]
    assert row[["asked", "answered", "dont_know", "refused", "missing"]].tolist() == [10, 3, 1, 1, 5]
    assert row["not_asked"] == count - 10
    shares = table[table["measure"].eq("completeness") & table["municipality_code"].ne("all")]
    shares = shares.set_index("category")["value"]
    # Of two questions put, six victims refused the second or left it: one half answered, a partial answer.
    assert shares["partial"] == pytest.approx(6 / count)
    assert shares["complete"] == pytest.approx(1 - 6 / count)


def test_who_answered_an_item_was_asked_even_outside_the_base_of_an_indicator():
    bundle = random_survey(seed=9, areas=1, drawn=40, municipalities=1)
    responses = bundle.responses.assign(q="0", r="1")
    indicators = bundle.indicators.assign(base=["", "q=1"])
    _, _, items = declared(validate_bundle(replace(bundle, responses=responses, indicators=indicators)))
    assert items.set_index("item").loc["r", "answered"] == len(responses)


def test_a_municipality_without_answers_says_why_it_has_no_r_indicator():
    bundle = random_survey(seed=5)
    strata = bundle.strata.loc[bundle.strata["municipality_code"].eq("0181"), "stratum"]
    silent = bundle.sample["stratum"].isin(strata)
    gone = set(bundle.sample.loc[silent, "case_id"])
    sample = bundle.sample.assign(responded=bundle.sample["responded"].where(~silent, 0))
    responses = bundle.responses[~bundle.responses["case_id"].isin(gone)].reset_index(drop=True)
    _, table, _ = declared(validate_bundle(replace(bundle, sample=sample, responses=responses)))
    mine = table[table["municipality_code"].eq("0181")].set_index("measure")
    assert mine.loc["r_indicator", "reason"] == "no_variation"
    assert mine.loc["response_rate", "value"].eq(0).all()
    assert "weight_quantile" not in mine.index


@pytest.mark.parametrize("together", [1, 2, 3])
def test_whoever_says_something_of_an_item_is_counted_in_that_item(reference, monkeypatch, together):
    """However many items are counted at once, and however many are left at the end."""
    weighted, *_ = reference
    monkeypatch.setattr(item_nonresponse, "TOGETHER", together)
    table = item_nonresponse.item_nonresponse(weighted, item_nonresponse.count_items(weighted))
    bundle = weighted.bundle
    said = {item: bundle.responses[item].astype(str).ne("") for item in bundle.items}
    place = [weighted.table[name].astype(str) for name in ("wave", "municipality_code")]
    expected = pd.DataFrame(said).groupby(place).sum().stack()
    counted = table.set_index(["wave", "municipality_code", "item"])
    found = counted[["answered", "dont_know", "refused"]].sum(axis=1)
    assert found.nunique() > 50
    assert found.to_dict() == expected.to_dict()
