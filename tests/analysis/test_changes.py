from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import changes
from analysis.schema import COLUMNS, Bundle
from analysis.settings import Settings

EMPTY = pd.DataFrame()
DEFAULT, REFERENCE = Settings.default(), Settings.reference()


def bundle(indicators=("theft",), *, kind="binary", levels="1 2", headline=(), since=""):
    table = pd.DataFrame({"indicator": list(indicators)})
    table = table.assign(
        item=table["indicator"], type=kind, yes="1" if kind == "binary" else "", levels=levels
    )
    for column in ("items", "base", "dont_know", "refused", "direction"):
        table[column] = ""
    table["sensitive"] = False
    table["headline"] = table["indicator"].isin(headline)
    table["comparable_since"] = since
    return Bundle(EMPTY, EMPTY, EMPTY, EMPTY, table)


def cell(wave, estimate, n, **other):
    """An estimate from a simple random sample, or a mean with standard deviation 1."""
    mean = other.get("statistic") == "mean"
    row = {
        "wave": wave,
        "geography": "municipality",
        "code": "0180",
        "gender": "all",
        "age_group": "all",
        "indicator": "theft",
        "statistic": "proportion",
        "n": n,
        "population": 1e5,
        "estimate": estimate,
        "se": np.sqrt((1.0 if mean else estimate * (1 - estimate)) / n),
        "df": n - 1,
        "n_eff": float(n),
        "lower": np.nan,
        "upper": np.nan,
        "released": 1,
        "reason": "",
    }
    return {**row, **other}


def compared(*cells, settings=DEFAULT, waves=None, of=None, covariances=None):
    table = pd.DataFrame(cells)
    pairs = changes.previous_waves(table, waves)
    return changes.compare(table, of or bundle(), settings, pairs, covariances)


def only(*cells, **options):
    table = compared(*cells, **options)
    assert len(table) == 1
    return table.iloc[0]


def verdict(p1, p2, n, **options):
    return only(cell("2019", p1, n), cell("2022", p2, n), **options)["verdict"]


# The previous wave


def three_waves():
    return [
        *[cell(wave, 0.3, 400, code="0180") for wave in ("2018", "2019", "2022")],
        *[cell(wave, 0.3, 400, code="0192") for wave in ("2018", "2022")],
        *[cell(wave, 0.3, 400, code="0114") for wave in ("2018", "2019")],
        cell("2022", 0.3, 400, code="0115"),
    ]


def test_the_previous_wave_is_the_last_in_which_that_code_took_part():
    table = compared(*three_waves()).set_index("code")
    assert table["previous_wave"].to_dict() == {"0180": "2019", "0192": "2018", "0114": "2018"}
    assert table["wave"].to_dict() == {"0180": "2022", "0192": "2022", "0114": "2019"}


def test_named_waves_are_compared_instead():
    table = compared(*three_waves(), waves=("2018", "2022")).set_index("code")
    assert table["previous_wave"].to_dict() == {"0180": "2018", "0192": "2018"}


def test_a_wave_in_which_nobody_answered_the_item_is_still_the_previous_wave():
    nothing = {"n": 0, "estimate": np.nan, "se": np.nan, "released": 0, "reason": "no_answers"}
    row = only(cell("2018", 0.3, 400), {**cell("2019", 0.3, 400), **nothing}, cell("2022", 0.3, 400))
    assert row["previous_wave"] == "2019"
    assert (row["verdict"], row["reason"], row["released"]) == ("not_comparable", "previous_suppressed", 0)


def test_one_wave_alone_gives_an_empty_table_with_its_columns():
    table = compared(cell("2022", 0.3, 400))
    assert len(table) == 0
    assert list(table.columns) == changes.COLUMNS


# Test and interval


def test_degrees_of_freedom_by_satterthwaite_are_those_of_welch():
    generator = np.random.default_rng(41)
    earlier, later = generator.normal(3.0, 2.0, 40), generator.normal(3.4, 0.5, 160)
    cells = [
        cell(wave, values.mean(), len(values), statistic="mean", se=stats.sem(values))
        for wave, values in (("2019", earlier), ("2022", later))
    ]
    welch = stats.ttest_ind(later, earlier, equal_var=False)
    found = only(*cells, settings=replace(DEFAULT, degrees="satterthwaite"))
    assert found["df"] == np.floor(welch.df) < only(*cells)["df"] == 198
    assert found["p"] == pytest.approx(2 * stats.t.sf(welch.statistic, found["df"]))


def test_the_t_test_by_hand():
    row = only(cell("2019", 0.30, 400), cell("2022", 0.40, 400))
    se = np.sqrt(0.21 / 400 + 0.24 / 400)
    assert row["change"] == pytest.approx(0.10)
    assert row["se"] == pytest.approx(se)
    assert row["df"] == 798
    assert row["p"] == pytest.approx(2 * stats.t.sf(0.10 / se, 798))
    assert row["lower"] == pytest.approx(0.10 - stats.t.ppf(0.975, 798) * se)
    assert row["upper"] == pytest.approx(0.10 + stats.t.ppf(0.975, 798) * se)
    assert row["detectable_change"] == pytest.approx((stats.t.ppf(0.975, 798) + stats.t.ppf(0.8, 798)) * se)


@pytest.mark.parametrize(
    ("earlier", "later", "lower", "upper"),
    [
        ((3, 10), (9, 10), 0.1705, 0.8090),
        ((2, 7), (6, 7), 0.0582, 0.8062),
        ((0, 29), (5, 56), -0.0381, 0.1926),
        ((0, 20), (10, 10), 0.6791, 1.0000),
    ],
)
def test_small_counts_give_the_limits_of_newcombes_method_10(earlier, later, lower, upper):
    rows = [cell(wave, count / n, n, df=10**9) for wave, (count, n) in (("2019", earlier), ("2022", later))]
    row = only(*rows)
    assert row["lower"] == pytest.approx(lower, abs=5e-5)
    assert row["upper"] == pytest.approx(upper, abs=5e-5)
    assert np.isnan(row["p"])


@pytest.mark.parametrize(("n", "tested"), [(249, False), (250, True)])
def test_the_t_test_begins_at_five_effective_persons_in_both_waves(n, tested):
    row = only(cell("2019", 0.02, n), cell("2022", 0.30, 400))
    assert np.isnan(row["p"]) != tested


def test_small_counts_are_never_marked_however_large_the_change():
    row = only(cell("2019", 0.0, 200), cell("2022", 0.9, 200))
    assert row["verdict"] == "too_uncertain"
    assert row["lower"] > 0.8


def test_the_reference_profile_tests_everything_with_t():
    row = only(cell("2019", 0.02, 100), cell("2022", 0.04, 100), settings=REFERENCE)
    assert row["p"] == pytest.approx(2 * stats.t.sf(0.02 / np.sqrt(0.0196 / 100 + 0.0384 / 100), 198))


def test_a_test_without_standard_error_has_no_p_value_and_proves_nothing():
    row = only(cell("2019", 0.5, 400, se=0.0), cell("2022", 0.5, 400, se=0.0))
    assert np.isnan(row["p"])
    assert row["verdict"] == "too_uncertain"


def test_no_degrees_of_freedom_count_as_one():
    row = only(cell("2019", 0.5, 400, df=0), cell("2022", 0.6, 400, df=0))
    assert row["p"] == pytest.approx(2 * stats.t.sf(0.1 / np.sqrt(0.25 / 400 + 0.24 / 400), 1))


def test_persons_who_answered_twice_make_the_change_more_certain():
    keys = ["geography", "code", "gender", "age_group", "indicator", "statistic"]
    cells = [cell("2019", 0.30, 400), cell("2022", 0.40, 400)]
    together = {
        **{key: cells[0][key] for key in keys},
        "previous_wave": "2019",
        "wave": "2022",
        "cov": 0.0002,
    }
    row = only(*cells, covariances=pd.DataFrame([together]))
    assert row["se"] == pytest.approx(np.sqrt(0.21 / 400 + 0.24 / 400 - 2 * 0.0002))


# The verdict


@pytest.mark.parametrize(
    ("p1", "p2", "n", "expected"),
    [
        (0.30, 0.40, 400, "up"),
        (0.40, 0.30, 400, "down"),
        (0.30, 0.32, 400, "too_uncertain"),
        (0.30, 0.319, 10**6, "unchanged"),  # certain, but smaller than 2 points
        (0.30, 0.321, 10**6, "up"),
        (0.05, 0.0591, 10**6, "unchanged"),  # below a fifth of 5 % (1 point), inside its half (2.5 points)
        (0.05, 0.0601, 10**6, "up"),
        (0.95, 0.9399, 10**6, "down"),  # q is the smaller side: 95 % is judged as 5 %
        (0.30, 0.30, 10**4, "unchanged"),
        (0.02, 0.02, 10**3, "too_uncertain"),  # the margin is 1 point and a thousand answers cannot say that
        (0.02, 0.02, 10**4, "unchanged"),
    ],
)
def test_the_verdict_by_hand(p1, p2, n, expected):
    assert verdict(p1, p2, n) == expected


@pytest.mark.parametrize("n", [50, 100, 250, 500, 1000, 2000, 5000, 10**4, 10**5, 10**6, 10**7])
def test_a_doubling_of_two_percent_is_never_called_unchanged(n):
    assert verdict(0.02, 0.04, n) in {"up", "too_uncertain"}
    assert verdict(0.98, 0.96, n) in {"down", "too_uncertain"}


@pytest.mark.parametrize("n", [60, 160, 500, 1000, 2000, 3000, 5000])
def test_at_most_one_in_twenty_true_doublings_of_two_percent_is_called_unchanged(n):
    random, trials = np.random.default_rng(n), 2000
    names = [f"i{k}" for k in range(trials)]
    cells = [
        cell(wave, count / n, n, indicator=name)
        for wave, p in (("2019", 0.02), ("2022", 0.04))
        for name, count in zip(names, random.binomial(n, p, trials), strict=True)
    ]
    assert compared(*cells, of=bundle(names))["verdict"].eq("unchanged").mean() <= 0.05


def test_at_most_one_table_in_twenty_has_a_false_mark_when_nothing_changed():
    random, tables, names = np.random.default_rng(4), 500, [f"i{k}" for k in range(30)]
    levels = dict(zip(names, random.uniform(0.03, 0.7, len(names)), strict=True))
    cells = [
        cell(wave, random.binomial(400, levels[name]) / 400, 400, indicator=name, code=f"{code:04}")
        for wave in ("2019", "2022")
        for code in range(tables)
        for name in names
    ]
    found = compared(*cells, of=bundle(names))
    marked = found["verdict"].isin(["up", "down"]).groupby(found["code"], observed=True).any()
    assert marked.mean() <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / tables)


def test_the_equivalence_margin_is_half_of_the_smaller_side_up_to_five_points():
    for level, margin in ((0.02, 0.01), (0.98, 0.01), (0.08, 0.04), (0.3, 0.05)):
        row = only(cell("2019", level, 400), cell("2022", level, 400))
        assert row["equivalence_margin"] == pytest.approx(margin)


def test_no_margin_is_below_zero_where_a_bridge_leads_beyond_what_a_share_can_be():
    line = ("2022", "theft", "", "mode", "-0.02", "0.01")
    breaks = pd.DataFrame([line], columns=COLUMNS["breaks"])
    strata = pd.DataFrame({"stratum": ["s"], "municipality_code": "0180"})
    row = only(
        cell("2019", 0.01, 400), cell("2022", 0.01, 400), of=replace(bundle(), strata=strata, breaks=breaks)
    )
    assert (row["reason"], row["equivalence_margin"]) == ("bridged", 0.0)


@pytest.mark.parametrize(
    ("change", "expected"), [(0.079, "unchanged"), (0.081, "up"), (-0.3, "down"), (0.0, "unchanged")]
)
def test_means_are_judged_by_the_range_of_the_item(change, expected):
    rows = [cell("2019", 3.0, 10**5, statistic="mean"), cell("2022", 3.0 + change, 10**5, statistic="mean")]
    row = only(*rows, of=bundle(kind="ordinal", levels="1 2 3 4 5"))
    assert row["verdict"] == expected
    assert row["equivalence_margin"] == pytest.approx(0.2)


def test_a_level_share_is_never_marked():
    rows = [cell("2019", 0.2, 10**4, statistic="p1"), cell("2022", 0.4, 10**4, statistic="p1")]
    row = only(*rows, of=bundle(kind="ordinal", levels="1 2 3"))
    assert row["p"] < 1e-6
    assert np.isnan(row["p_adjusted"])
    assert row["verdict"] == "too_uncertain"


# Families


def table_of(names, headline=(), settings=DEFAULT, hidden=()):
    cells = []
    for step, name in enumerate(names):
        shown = {"released": 0, "reason": "few_answers"} if name in hidden else {}
        cells += [cell("2019", 0.3, 400, indicator=name, **shown)]
        cells += [cell("2022", 0.34 + 0.02 * step, 400, indicator=name, **shown)]
        cells += [cell("2019", 0.3, 400, indicator=name, gender="woman", **shown)]
        cells += [cell("2022", 0.34 + 0.02 * step, 400, indicator=name, gender="woman", **shown)]
    table = compared(*cells, settings=settings, of=bundle(names, headline=headline))
    return table[table["gender"].eq("all")].set_index("indicator"), table[table["gender"].ne("all")]


def test_headline_totals_are_a_family_of_their_own_under_holm():
    totals, women = table_of(["a", "b", "c", "d"], headline=["a", "b"])
    assert totals["family_size"].tolist() == [2, 2, 2, 2]
    assert totals["p_adjusted"].equals(totals["p_holm"].where([True, True, False, False], totals["p_bh"]))
    assert women["family_size"].tolist() == [4, 4, 4, 4]
    assert women["p_adjusted"].equals(women["p_bh"])


def test_rows_that_may_not_be_shown_are_outside_the_family():
    totals, _ = table_of(["a", "b", "c"], hidden=["b"])
    assert totals.loc[["a", "c"], "family_size"].eq(2).all()
    assert np.isnan(totals.loc["b", "p_adjusted"])
    assert totals.loc["b", "released"] == 0


def test_the_reference_families_hold_every_row_with_a_p_value():
    totals, _ = table_of(["a", "b", "c"], headline=["a"], hidden=["b"], settings=REFERENCE)
    assert totals["family_size"].eq(3).all()
    assert totals["p_adjusted"].equals(totals["p_bh"])


def test_gender_and_age_and_their_crossing_are_families_apart():
    domains = [
        ("all", "all"),
        ("woman", "all"),
        ("man", "all"),
        ("all", "16-29"),
        ("woman", "16-29"),
        ("man", "16-29"),
    ]
    cells = [
        cell(wave, p, 400, gender=gender, age_group=age)
        for wave, p in (("2019", 0.3), ("2022", 0.4))
        for gender, age in domains
    ]
    assert compared(*cells)["family_size"].tolist() == [1, 2, 2, 1, 2, 2]


# What stands in the way


def test_a_change_from_a_hidden_figure_is_hidden_and_says_so():
    row = only(cell("2019", 0.3, 20, released=0, reason="few_answers"), cell("2022", 0.4, 400))
    assert (row["released"], row["reason"]) == (0, "previous_suppressed")


def test_a_change_to_a_hidden_figure_carries_its_reason():
    row = only(cell("2019", 0.3, 400), cell("2022", 0.4, 20, released=0, reason="few_answers"))
    assert (row["released"], row["reason"]) == (0, "few_answers")


def test_a_small_base_in_either_wave_is_said():
    small = {"reason": "small_base"}
    assert only(cell("2019", 0.3, 40, **small), cell("2022", 0.4, 400))["reason"] == "small_base"
    assert only(cell("2019", 0.3, 400), cell("2022", 0.4, 40, **small))["reason"] == "small_base"


def test_an_item_that_changed_is_not_compared():
    row = only(cell("2019", 0.1, 400), cell("2022", 0.9, 400), of=bundle(since="2022"))
    assert (row["verdict"], row["reason"], row["released"]) == ("not_comparable", "break", 0)
    figures = [
        "change",
        "se",
        "df",
        "p",
        "p_adjusted",
        "lower",
        "upper",
        "equivalence_margin",
        "detectable_change",
    ]
    assert row[figures].isna().all()


def test_an_item_comparable_since_the_previous_wave_is_compared():
    assert verdict(0.1, 0.9, 400, of=bundle(since="2019")) == "up"


def test_a_stricter_level_is_a_setting():
    strict = replace(DEFAULT, thresholds=replace(DEFAULT.thresholds, alpha=0.001))
    assert verdict(0.30, 0.40, 400, settings=strict) == "too_uncertain"
