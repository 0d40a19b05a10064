"""Free tables: R's figures, identities with the estimates, and what may be shown."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from small_surveys import REFERENCE, as_text, deviation, random_survey

from analysis.association import equal_means, rao_scott
from analysis.errors import AnalysisError
from analysis.estimates import estimate, gender_gaps
from analysis.free_tables import free_table
from analysis.schema import read_bundle, validate_bundle
from analysis.settings import Settings
from analysis.weights import weigh

FIGURES = ["n", "population", "estimate", "se", "df", "n_eff", "lower", "upper"]
BOTH = {"q02": ["0", "1"]}


@pytest.fixture(scope="module")
def weighted():
    return weigh(read_bundle(REFERENCE / "bundle"))


@pytest.fixture(scope="module")
def as_r():
    """The reference bundle as R weighs it."""
    return weigh(read_bundle(REFERENCE / "bundle"), Settings.reference())


@pytest.fixture(scope="module")
def theirs():
    """The output of check.R."""
    path = REFERENCE / "free_table" / "expected.csv"
    return pd.read_csv(
        path, dtype={"category": str}, keep_default_na=False, na_values={"se": "NA", "p": "NA"}
    )


@pytest.mark.parametrize("item", ["q04", "q30"])
def test_shares_by_another_item_are_those_of_svyby(as_r, theirs, item):
    rows = free_table(as_r, item, ["q02"], BOTH, "2025", protected=False).rows
    both = rows.merge(
        theirs[theirs["table"] == item], left_on=["q02", "statistic"], right_on=["category", "statistic"]
    ).query("statistic != 'difference'")
    assert len(both) == (2 if item == "q04" else 10)
    assert deviation(both["estimate"], both["value"]) < 1e-8
    assert deviation(both["se_x"], both["se_y"]) < 1e-7


@pytest.mark.parametrize("item", ["q04", "q30"])
def test_the_test_of_the_table_is_svychisq(as_r, theirs, item):
    ours = free_table(as_r, item, ["q02"], BOTH, "2025", protected=False).tests.iloc[0]
    r = theirs[(theirs["table"] == item) & (theirs["statistic"] == "rao_scott")].iloc[0]
    assert ours["f"] == pytest.approx(r["value"], rel=1e-8)
    assert ours["df1"] == pytest.approx(float(r["df1"]), rel=1e-8)
    # R takes the degrees of freedom of the whole sample, we of those in the table: a little fewer.
    assert 0.95 < ours["df2"] / float(r["df2"]) < 1
    assert stats.f.sf(ours["f"], ours["df1"], float(r["df2"])) == pytest.approx(r["p"], rel=1e-7)


def test_a_difference_from_everybody_else_is_the_slope_of_svyglm(as_r, theirs):
    rows = free_table(as_r, "q04", ["q02"], BOTH, "2025", protected=False).rows
    ours = rows[rows["q02"] == "1"].iloc[0]
    r = theirs[theirs["statistic"] == "difference"].iloc[0]
    assert ours["difference"] == pytest.approx(r["value"], rel=1e-8)
    assert ours["difference_se"] == pytest.approx(r["se"], rel=1e-7)


@pytest.mark.parametrize("item", ["q04", "q05", "q30"])
@pytest.mark.parametrize(
    ("geography", "where"), [("all", None), ("municipality", {"municipality": ["0180"]})]
)
def test_a_table_by_gender_and_age_is_the_table_of_estimates(weighted, item, geography, where):
    rows = free_table(weighted, item, ["gender", "age_group"], where, "2024", protected=False).rows
    table = as_text(estimate(weighted)).query(
        "wave == '2024' and indicator == @item and geography == @geography"
    )
    table = table[table["code"].isin(["all", "0180"])]
    both = rows.merge(table, on=["gender", "age_group", "statistic"], suffixes=("", "_theirs"))
    assert len(both) == len(table) > 20
    for name in FIGURES:
        assert deviation(both[name], both[name + "_theirs"]) < 1e-10, name


def test_a_table_by_municipality_or_area_is_the_table_of_estimates(weighted):
    table = as_text(estimate(weighted)).query("wave == '2025' and indicator == 'q04'")
    table = table[(table["gender"] == "all") & (table["age_group"] == "all")]
    for name in ("municipality", "area"):
        rows = free_table(weighted, "q04", [name], wave="2025", protected=False).rows
        both = rows.merge(
            table[table["geography"] == name], left_on=name, right_on="code", suffixes=("", "_e")
        )
        assert len(both) == (table["geography"] == name).sum()
        for figure in FIGURES:
            assert deviation(both[figure], both[figure + "_e"]) < 1e-10


def test_women_against_men_is_the_gender_gap(weighted):
    gaps = gender_gaps(weighted).query("wave == '2025' and geography == 'all' and indicator == 'q04'").iloc[0]
    rows = free_table(weighted, "q04", ["gender"], {"gender": ["woman", "man"]}, "2025", protected=False).rows
    woman = rows[rows["gender"] == "woman"].iloc[0]
    assert woman["difference"] == pytest.approx(gaps["gap"], rel=1e-10)
    assert woman["difference_se"] == pytest.approx(gaps["se"], rel=1e-10)


def test_a_table_does_not_depend_on_the_order_of_the_answers():
    bundle = random_survey(21)
    mixed = replace(bundle, responses=bundle.responses.sample(frac=1, random_state=5))
    first, second = (
        free_table(weigh(validate_bundle(one)), "q", ["r"], protected=False) for one in (bundle, mixed)
    )
    pd.testing.assert_frame_equal(first.rows, second.rows, rtol=1e-9)
    pd.testing.assert_frame_equal(first.tests, second.tests, rtol=1e-9)


def test_the_cells_add_up_to_the_margins(weighted):
    rows = free_table(weighted, "q04", ["q02", "legal_gender"], protected=False).rows
    inner = rows[(rows["q02"] != "all") & (rows["legal_gender"] != "all")]
    total = rows[(rows["q02"] == "all") & (rows["legal_gender"] == "all")].iloc[0]
    assert inner["n"].sum() == total["n"]
    assert inner["population"].sum() == pytest.approx(total["population"])
    assert (inner["population"] * inner["estimate"]).sum() == pytest.approx(
        total["population"] * total["estimate"]
    )


def test_with_a_simple_random_sample_the_test_is_pearsons():
    counts = np.array([[30, 20, 10], [25, 25, 40]])
    n, p = counts.sum(), counts / counts.sum()
    multinomial = (np.diag(p.ravel()) - np.outer(p.ravel(), p.ravel())) / n
    tested = rao_scott(p, multinomial, 1e9)
    pearson = stats.chi2_contingency(counts, correction=False)
    # The generalised design effects are 1 where the cells are as expected, and near it here.
    assert tested.df1 * tested.f == pytest.approx(pearson.statistic, rel=0.1)
    assert tested.df1 == pytest.approx(2, rel=0.02)
    fitted = np.outer(p.sum(axis=1), p.sum(axis=0))
    expected = (np.diag(fitted.ravel()) - np.outer(fitted.ravel(), fitted.ravel())) / n
    independent = rao_scott(fitted, expected, 1e9)
    assert (independent.f, independent.df1) == (pytest.approx(0, abs=1e-9), pytest.approx(2))


def test_two_equal_means_are_tested_as_by_t():
    tested = equal_means(np.array([1.0, 1.5]), np.array([[0.04, 0.01], [0.01, 0.03]]), 40.0)
    t = 0.5 / np.sqrt(0.04 + 0.03 - 2 * 0.01)
    assert tested.f == pytest.approx(t**2)
    assert tested.p == pytest.approx(2 * stats.t.sf(t, 40))


def test_what_does_not_vary_has_no_test_and_says_so():
    assert rao_scott(np.array([[0.4, 0.6]]), np.zeros((2, 2)), 10).reason == "no_variation"
    assert rao_scott(np.full((2, 2), 0.25), np.zeros((4, 4)), 10).reason == "no_variation"
    assert equal_means(np.array([1.0]), np.zeros((1, 1)), 10).reason == "no_variation"


@pytest.mark.long
def test_the_test_of_no_association_rejects_about_one_in_twenty():
    """Answers drawn without regard to each other within areas of unequal level and size."""
    p = []
    for seed in range(150):
        bundle = random_survey(seed, areas=3, drawn=120, municipalities=1)
        generator = np.random.default_rng(1000 + seed)
        r = generator.choice(["0", "1"], len(bundle.responses))
        weighted = weigh(replace(bundle, responses=bundle.responses.assign(r=r)))
        p.append(free_table(weighted, "q", ["r"], protected=False).tests["p"].iloc[0])
    assert 0.01 <= np.mean(np.array(p) < 0.05) <= 0.10


def test_what_is_not_there_is_named(weighted):
    for arguments, word in [
        (("q99", ["gender"]), "q99"),
        (("q04", ["colour"]), "colour"),
        (("q04", ["gender"], {"municipality": ["9999"]}), "9999"),
        (("q04", ["gender"], None, "1999"), "1999"),
        (("q04", ["gender", "gender"]), "two different"),
        (("q04", []), "none"),
    ]:
        with pytest.raises(AnalysisError, match=word):
            free_table(weighted, *arguments)


def test_a_table_whose_covariances_would_not_fit_is_refused(weighted, monkeypatch):
    monkeypatch.setattr("analysis.table_grid.MOST_SUMS", 100)
    with pytest.raises(AnalysisError, match="at most 50 cells"):
        free_table(weighted, "q04", ["area", "age_band"])


def test_an_item_without_an_indicator_is_shown_as_shares_of_its_codes(weighted):
    bundle = weighted.bundle
    without = weigh(replace(bundle, indicators=bundle.indicators[bundle.indicators["indicator"] != "q30"]))
    shares = free_table(without, "q30", ["legal_gender"], protected=False).rows
    known = free_table(weighted, "q30", ["legal_gender"], protected=False).rows
    both = shares.merge(known, on=["legal_gender", "statistic"], suffixes=("", "_known"))
    assert both["statistic"].tolist() == ["p1", "p2", "p3", "p4", "p5"] * 3
    assert deviation(both["se"], both["se_known"]) < 1e-12


def test_a_derived_indicator_and_a_column_of_the_sample_are_background_variables(weighted):
    bundle = weighted.bundle
    any_of = pd.DataFrame(
        [{**bundle.indicators.iloc[0], "indicator": "either", "type": "any", "items": "q01 q02"}]
    )
    sample = bundle.sample.assign(origin=np.where(np.arange(len(bundle.sample)) % 3 == 0, "abroad", "sweden"))
    indicators = pd.concat([bundle.indicators, any_of], ignore_index=True)
    richer = weigh(validate_bundle(replace(bundle, sample=sample, indicators=indicators)))
    rows = free_table(richer, "q04", ["either", "origin"], protected=False).rows
    assert set(rows["either"]) <= {"all", "no", "yes", "not_stated"}
    assert set(rows["origin"]) == {"all", "abroad", "sweden"}


def test_a_union_of_strata_is_a_background_variable_unless_its_codes_overlap(weighted):
    bundle = weighted.bundle
    strata = bundle.strata.query("wave == '2025'")["stratum"].tolist()
    domains = pd.DataFrame({"wave": "2025", "geography": "district", "code": "north", "stratum": strata[:6]})
    one = weigh(validate_bundle(replace(bundle, domains=domains)))
    rows = free_table(one, "q04", ["district"], protected=False).rows
    union = as_text(estimate(one)).query("geography == 'district' and indicator == 'q04' and gender == 'all'")
    union = union[union["age_group"] == "all"].iloc[0]
    assert rows["district"].tolist() == ["all", "north", "not_stated"]
    assert rows.loc[1, FIGURES].astype(float).tolist() == pytest.approx(union[FIGURES].astype(float).tolist())
    twice = pd.concat([domains, domains.assign(code="south")], ignore_index=True)
    with pytest.raises(AnalysisError, match="overlap"):
        free_table(weigh(validate_bundle(replace(bundle, domains=twice))), "q04", ["district"])


def test_hidden_rows_lose_their_figures_and_no_cell_of_one_to_four_persons_is_shown(weighted):
    for by in (["q02"], ["gender", "age_group"], ["area"], ["q02", "mode"]):
        open_rows = free_table(weighted, "q04", by, protected=False).rows
        table = free_table(weighted, "q04", by)
        hidden = table.rows["released"].eq(0)
        assert hidden.any()
        assert table.rows.loc[hidden, [*FIGURES, "difference", "p"]].isna().all(axis=None)
        assert table.rows.loc[hidden, "reason"].ne("").all()
        yes = (open_rows["n"] * 0).add(_yes(weighted, by, open_rows))
        few = yes.between(1, 4) | (open_rows["n"] - yes).between(1, 4)
        assert table.rows.loc[few & (open_rows[by] != "all").any(axis=1), "released"].eq(0).all()
    joint = table.tests.set_index("by").loc["q02 x mode"]
    assert joint["reason"] == "protected"
    assert np.isnan([joint["f"], joint["df1"], joint["df2"], joint["p"]]).all()


def _yes(weighted, by, rows):
    """Persons saying yes in each cell, counted from the answers."""
    bundle, wave = weighted.bundle, weighted.bundle.waves[-1]
    people = as_text(weighted.table).merge(bundle.responses, on=["wave", "case_id"])
    people = people.merge(bundle.sample[["wave", "case_id", "age_group"]], on=["wave", "case_id"])
    people = people[people["wave"] == wave].rename(columns={"stratum_x": "stratum", "stratum": "area"})
    counted = []
    for _, row in rows.iterrows():
        inside = people["q04"].astype(str).eq("1")
        for name in by:
            wanted = "" if row[name] == "not_stated" else row[name]
            inside &= people[name].astype(str).eq(wanted) | (row[name] == "all")
        counted.append(int(inside.sum()))
    return pd.Series(counted, index=rows.index)


def test_a_table_of_fewer_than_thirty_shows_nothing(weighted):
    small = free_table(weighted, "q04", ["mode"], {"gender": ["other", "undisclosed"]})
    assert small.rows["released"].eq(0).all()
    assert small.rows["reason"].isin(["few_answers", "protected", "no_answers"]).all()


def test_an_item_that_is_not_sensitive_by_gender_hides_for_quality_alone(weighted):
    bundle = weighted.bundle
    plain = weigh(replace(bundle, indicators=bundle.indicators.assign(sensitive=False)))
    rows = free_table(plain, "q04", ["gender"]).rows
    assert set(rows["reason"]) == {"", "few_answers"}
    by_plain_item = free_table(plain, "q04", ["q02"]).rows
    assert "protected" not in set(by_plain_item["reason"])


def test_a_sensitive_background_variable_makes_the_table_sensitive(weighted):
    """Three were victims: their number is hidden, and so is that of all others, which gives it away."""
    bundle = weighted.bundle
    plain = bundle.indicators.assign(sensitive=bundle.indicators["indicator"].eq("q06"))
    last = np.flatnonzero(bundle.responses["wave"] == "2025")
    three = np.isin(np.arange(len(bundle.responses)), last[:3])
    answers = bundle.responses.assign(q06=np.where(three, "1", "0"))
    one = weigh(replace(bundle, indicators=plain, responses=answers))
    rows = free_table(one, "q04", ["q06"]).rows.set_index("q06")
    assert rows.loc[["all", "0", "1"], "released"].tolist() == [1, 0, 0]
    assert rows.loc["0", "reason"] == "protected"


def test_the_same_table_without_its_condition_gives_nothing_away(weighted):
    """All but a few meet the condition: the cell and the cell without condition differ by those few."""
    bundle = weighted.bundle
    generator = np.random.default_rng(3)
    rare = np.where(generator.random(len(bundle.responses)) < 0.004, "1", "0")
    one = weigh(replace(bundle, responses=bundle.responses.assign(club=rare)))
    with_it = free_table(one, "q04", ["legal_gender"], {"club": ["0"]}, "2025")
    assert with_it.rows.loc[with_it.rows["legal_gender"] == "all", "reason"].item() == "protected"
