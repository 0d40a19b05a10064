"""Coverage: samples drawn again and again from one population say what is true as often as they claim.

The small change of the coverage study (STUDY.md), with its populations: few repetitions, wide limits, and
each fact beside a method for which it does not hold.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.changes import compare, previous_waves
from analysis.disclosure import screen
from analysis.estimates import estimate
from analysis.settings import Interval, Linearization, Settings, Thresholds
from analysis.variance import proportion_interval
from analysis.weights import Weighted, weigh
from tests.study.counted import Counted
from tests.study.fieldwork import ask
from tests.study.measures import measure
from tests.study.plan import Plan, Run
from tests.study.populations import DOMAIN_GENDERS, Population, build

PLAN = Plan(seed=7)
SMALLEST = Run("tiny", "register", "no_change")  # three areas, about 105 answers
UNEQUAL = Run("unequal", "register", "no_change")  # one area with nine tenths of the inhabitants
MIDDLE = Run("three", "register", "no_change")  # three areas, about 390 answers
LARGE = Run("ten", "register", "changes")  # ten areas, about 1,350 answers


@pytest.fixture(scope="module")
def population() -> Population:
    return build(SMALLEST, PLAN)


@pytest.fixture(scope="module")
def weighted(population: Population) -> Weighted:
    return weigh(ask(population, SMALLEST, PLAN, range(60)))


def totals(weighted: Weighted, population: Population, linearization: Linearization) -> pd.DataFrame:
    """Municipality totals of the yes/no items, with the truth."""
    table = estimate(replace(weighted, settings=replace(weighted.settings, linearization=linearization)))
    keep = (table["geography"] == "municipality") & (table["gender"] == "all") & (table["age_group"] == "all")
    table = table[keep & (table["statistic"] == "proportion")]
    truth = dict(
        zip([item.name for item in population.items], population.truth[0, 0, 0, 0].tolist(), strict=True)
    )
    table = table.assign(indicator=table["indicator"].astype("str"))
    return table.assign(true=table["indicator"].map(truth).to_numpy())


@pytest.fixture(scope="module")
def by_default(weighted: Weighted, population: Population) -> pd.DataFrame:
    return totals(weighted, population, "leverage")


def covered(table: pd.DataFrame, interval: Interval) -> pd.Series:
    """Whether an interval of the same figures holds the truth."""
    figures = (table[name].to_numpy(float) for name in ("estimate", "se", "n", "n_eff", "df"))
    lower, upper = proportion_interval(*figures, replace(Settings.default(), interval=interval))
    return (lower <= table["true"]) & (table["true"] <= upper)


def usual(table: pd.DataFrame) -> pd.Series:
    """Where at least five answers are expected on either side."""
    return table["n"].mean() * np.minimum(table["true"], 1 - table["true"]) >= 5


def test_wilson_intervals_cover_95_percent_and_wald_intervals_do_not_for_rare_answers(
    by_default: pd.DataFrame,
) -> None:
    common = usual(by_default)
    assert 0.93 <= covered(by_default[common], "wilson").mean() <= 0.97
    assert covered(by_default[~common], "wilson").mean() >= 0.93
    assert covered(by_default[~common], "wald").mean() < 0.80


def test_means_that_only_a_lucky_variance_would_show_are_hidden_and_cover_too_seldom(
    weighted: Weighted, population: Population
) -> None:
    """Women and men: 30 answers by the variance, fewer by the weights, whose word n_eff takes."""
    unlimited = replace(weighted, settings=replace(weighted.settings, cap_effective_size=False))
    table, limited = estimate(unlimited), estimate(weighted)
    wanted = table["geography"].eq("municipality") & table["age_group"].eq("all")
    wanted &= table["gender"].isin(["woman", "man"]) & table["statistic"].eq("mean") & table["n"].ge(30)
    table, limited = table[wanted], limited[wanted]
    names = [item.name for item in population.items]
    item = table["indicator"].astype(str).map(names.index).to_numpy()
    gender = table["gender"].astype(str).map(DOMAIN_GENDERS.index).to_numpy()
    true = population.truth[0, 0, gender, 0, item]
    held = table["lower"].le(true) & table["upper"].ge(true)
    lucky = table["n_eff"].ge(30) & (table["n"] / table["deff"]).lt(30)
    assert lucky.sum() > 100
    assert limited.loc[lucky, "n_eff"].lt(30).all()
    assert held[lucky].mean() < min(0.92, held.mean() - 0.02)


def test_limited_by_the_weights_the_intervals_of_very_unequal_areas_cover_too() -> None:
    """One area holds nine inhabitants of ten and a quarter of the sample; answers of one to five percent."""
    population = build(UNEQUAL, PLAN)
    sums = measure(population, ask(population, UNEQUAL, PLAN, range(60)))
    counted = Counted(UNEQUAL, PLAN, sums)
    rare = counted.domain("municipality") & (counted.levels >= 0.01) & (counted.levels <= 0.05)
    limited, without = (
        counted.ratio(f"estimates.{name}", "estimates.count", rare)
        for name in ("covered", "unbounded_covered")
    )
    assert limited >= 0.93 > 0.90 > without


def test_leverage_makes_the_estimated_variance_as_large_as_the_true_one(
    by_default: pd.DataFrame, weighted: Weighted, population: Population
) -> None:
    """Mean estimated variance over the variance seen between repetitions; the plain residuals fall short."""
    plain = totals(weighted, population, "final-weights")
    assert 0.88 <= variance_ratio(by_default) <= 1.10
    assert variance_ratio(plain) < 0.85


def variance_ratio(table: pd.DataFrame) -> float:
    by_item = table[usual(table)].assign(variance=table["se"] ** 2).groupby("indicator")
    return float((by_item["variance"].mean() / by_item["estimate"].var(ddof=1)).mean())


def test_calibrated_estimates_are_free_of_the_bias_that_equal_samples_and_response_give(
    by_default: pd.DataFrame, weighted: Weighted
) -> None:
    by_item = by_default.groupby("indicator")
    true = by_item["true"].first()
    responses = weighted.bundle.responses[list(true.index)].astype(float).mean()
    assert (by_item["estimate"].mean() - true).abs().max() < 0.015
    assert (responses - true).abs().max() > 0.03


@pytest.fixture(scope="module")
def unchanged() -> Counted:
    """Fifty pairs of waves between which nothing changed."""
    population = build(MIDDLE, PLAN)
    sums = measure(population, ask(population, MIDDLE, PLAN, range(50)))
    return Counted(MIDDLE, PLAN, sums)


def test_a_test_of_no_change_at_5_percent_rejects_about_5_percent(unchanged: Counted) -> None:
    usual = unchanged.expected >= 5
    assert 0.03 <= unchanged.ratio("changes.rejected", "changes.tested", usual) <= 0.07
    assert 0.93 <= unchanged.ratio("changes.covered", "changes.count", usual) <= 0.97


def test_few_rows_are_marked_when_nothing_changed_and_uncorrected_tests_would_mark_most_tables(
    unchanged: Counted,
) -> None:
    family = unchanged.families("all")
    assert family["families"] == 50
    assert unchanged.families("everything")["false_rows"] < 0.01
    assert family["any_false"] <= 0.10
    everything = np.ones(unchanged.truth.shape, dtype=bool)
    rejected = unchanged.per_cell("changes.shown_rejected")[everything].sum()
    assert rejected / 50 > 2  # a table of a municipality with its areas


def test_a_doubled_rare_crime_is_not_called_unchanged_as_a_fixed_margin_would() -> None:
    default = Settings.default()
    fixed = replace(default, thresholds=Thresholds(equivalence_relative=1e9))
    bundle = ask(build(LARGE, PLAN), LARGE, PLAN, range(25))
    rare = bundle.indicators["indicator"].str.endswith("-2-4")
    bundle = replace(bundle, indicators=bundle.indicators[rare])
    table = screen(estimate(weigh(bundle, default)), bundle, default)
    table = table[table["geography"].eq("municipality") & table["gender"].eq("all")]
    table = table[table["age_group"].eq("all")]
    said, by_fixed = (
        compare(table, bundle, settings, previous_waves(table))["verdict"] for settings in (default, fixed)
    )
    assert len(said) == 75
    assert said.eq("unchanged").mean() <= 0.05
    assert said.eq("up").mean() >= 0.3
    assert by_fixed.eq("unchanged").mean() > 0.2
