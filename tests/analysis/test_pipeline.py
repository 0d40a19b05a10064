from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from analysis import disclosure, pipeline
from analysis.errors import InputError
from analysis.schema import Bundle, read_bundle, validate_bundle
from analysis.settings import Settings

CELL = ["wave", "geography", "code", "gender", "age_group", "indicator", "statistic"]
REFERENCE = Path(__file__).parents[1] / "reference" / "bundle"


@pytest.fixture(scope="module")
def bundle():
    """The reference bundle with three sensitive items: what the others share need not be hidden so dearly."""
    whole = read_bundle(REFERENCE)
    sensitive = whole.indicators["indicator"].isin(["q01", "q02", "q03"])
    return replace(whole, indicators=whole.indicators.assign(sensitive=sensitive))


@pytest.fixture(scope="module")
def results(bundle):
    return pipeline.run(bundle, Settings.default(), protected=False)


def only(bundle: Bundle, municipality: str) -> Bundle:
    """The bundle of one municipality alone."""
    strata = bundle.strata[bundle.strata["municipality_code"].eq(municipality)]
    population = bundle.population[bundle.population["municipality_code"].eq(municipality)]
    sample = bundle.sample[bundle.sample["stratum"].isin(strata["stratum"])]
    responses = bundle.responses.merge(sample[["wave", "case_id"]], on=["wave", "case_id"])
    return validate_bundle(
        replace(bundle, strata=strata, population=population, sample=sample, responses=responses)
    )


def silenced(bundle: Bundle, wave: str, municipality: str = "") -> Bundle:
    """The bundle as if nobody in the municipality (in the whole wave) had answered."""
    strata = bundle.strata[bundle.strata["municipality_code"].str.startswith(municipality)]
    silent = bundle.sample["wave"].eq(wave) & bundle.sample["stratum"].isin(strata["stratum"])
    gone = bundle.sample[silent][["wave", "case_id"]].assign(gone=True)
    sample = bundle.sample.assign(responded=bundle.sample["responded"].where(~silent, 0))
    kept = bundle.responses.merge(gone, on=["wave", "case_id"], how="left")["gone"].isna().to_numpy()
    return validate_bundle(replace(bundle, sample=sample, responses=bundle.responses[kept]))


def test_weights_of_a_municipality_add_up_to_its_population(bundle, results):
    weights = results.weights.astype({"wave": str, "municipality_code": str})
    total = weights.groupby(["wave", "municipality_code"])["weight"].sum()
    population = bundle.population.groupby(["wave", "municipality_code"])["population"].sum()
    np.testing.assert_allclose(total, population, rtol=1e-9)
    assert (weights["weight"] > 0).all()


def test_every_change_is_the_difference_of_two_rows_of_the_estimates(results):
    figures = results.estimates.astype({name: str for name in CELL}).set_index(CELL)["estimate"]
    changes = results.changes.astype({name: str for name in [*CELL, "previous_wave"]})
    now = figures.reindex(pd.MultiIndex.from_frame(changes[CELL])).to_numpy()
    before = figures.reindex(pd.MultiIndex.from_frame(changes[["previous_wave", *CELL[1:]]])).to_numpy()
    np.testing.assert_array_equal(changes["change"], now - before)


def test_a_gap_is_the_difference_between_the_rows_of_women_and_men(results):
    table = results.estimates.astype({name: str for name in CELL})
    table = table[table["age_group"].eq("all")].set_index(CELL)["estimate"]
    gaps = results.gender_gaps
    keys = [
        pd.MultiIndex.from_frame(gaps.assign(gender=gender, age_group="all")[CELL])
        for gender in ("woman", "man")
    ]
    women, men = (table.reindex(key).to_numpy() for key in keys)
    np.testing.assert_allclose(gaps["gap"], women - men, atol=1e-12)


def test_protection_changes_no_figure_that_is_shown_and_no_verdict_behind_it(bundle, results):
    safe = pipeline.run(bundle, Settings.default())
    assert safe.disclosure == "primary and secondary"
    assert results.disclosure.startswith("none")
    for name, figures in (("estimates", disclosure.ESTIMATE_FIGURES), ("changes", disclosure.CHANGE_FIGURES)):
        shown, everything = getattr(safe, name), getattr(results, name)
        released = shown["released"].eq(1)
        assert (everything["released"].eq(1) | ~released).all()  # secondary suppression only takes away
        of_family = ["p_bh", "p_holm", "p_adjusted", "family_size", "verdict"]  # families are what is shown
        kept = [column for column in shown if column not in of_family]
        pd.testing.assert_frame_equal(
            shown.loc[released, kept], everything.loc[released, kept], check_dtype=False
        )
        assert shown.loc[~released, figures].isna().all(axis=None)
        assert shown.loc[~released, "reason"].ne("").all()
        gone = everything["released"].eq(1) & ~released
        assert gone.any()
        assert shown.loc[gone, "reason"].eq("protected").all()
    assert safe.changes.loc[safe.changes["released"].eq(0), "verdict"].eq("not_comparable").all()


def test_a_municipality_without_answers_is_named_and_stops_nobody_else(bundle, results):
    found = pipeline.run(silenced(bundle, "2025", "0187"), Settings.default(), protected=False)
    row = found.diagnostics.set_index(["wave", "municipality_code"]).loc[("2025", "0187")]
    assert row["responded"] == 0
    assert np.isnan(row["weight_max"])
    assert any("0187" in warning and "2025" in warning for warning in found.warnings)
    assert found.changes["code"].ne("0187").all()
    untouched = results.changes["code"].eq("0980")
    pd.testing.assert_frame_equal(
        results.changes[untouched].reset_index(drop=True),
        found.changes[found.changes["code"].eq("0980")].reset_index(drop=True),
        check_categorical=False,
    )


def test_an_empty_wave_leaves_the_other_and_no_changes(bundle):
    found = pipeline.run(silenced(bundle, "2025"), Settings.default(), protected=False)
    assert set(found.estimates["wave"]) == {"2024"}
    assert len(found.changes) == 0
    assert found.diagnostics.query("wave == '2025'")["responded"].eq(0).all()


def test_a_bundle_without_any_answer_gives_empty_tables_and_says_why(bundle):
    found = pipeline.run(silenced(silenced(bundle, "2025"), "2024"), Settings.default())
    assert len(found.estimates) == len(found.changes) == len(found.gender_gaps) == len(found.weights) == 0
    assert found.diagnostics["responded"].eq(0).all()
    assert found.warnings


def test_response_rates_add_up(bundle, results):
    rates = results.response_rates
    totals = rates[rates["legal_gender"].eq("all") & rates["age_group"].eq("all")]
    crossed = rates[rates["legal_gender"].ne("all") & rates["age_group"].ne("all")]
    for table in (totals, crossed):
        assert table["sampled"].sum() == len(bundle.sample)
        assert table["responded"].sum() == len(bundle.responses)


def test_the_r_indicator_of_two_equal_groups_by_hand(bundle):
    """40 % of 500 women and 60 % of 500 men answered: S² = 0.1² less what chance gives."""
    strata = pd.DataFrame(
        {
            "wave": ["1"],
            "stratum": ["s"],
            "municipality_code": ["0001"],
            "area": ["s"],
            "population": [10_000],
        }
    ).assign(sampled=1000)
    sexes = ["woman"] * 500 + ["man"] * 500
    answered = [1] * 200 + [0] * 300 + [1] * 300 + [0] * 200
    sample = pd.DataFrame({"wave": "1", "case_id": [str(i) for i in range(1000)], "stratum": "s"})
    sample = sample.assign(legal_gender=sexes, age_group="16-84", responded=answered)
    responses = sample[sample["responded"].eq(1)][["wave", "case_id"]].assign(gender="", mode="web", q="1")
    population = pd.DataFrame({"legal_gender": ["woman", "man"], "population": [5000, 5000]})
    population = population.assign(wave="1", municipality_code="0001", area="s", age_group="16-84")
    made = replace(bundle, strata=strata, sample=sample, responses=responses, population=population)
    indicators = pd.DataFrame(
        {"indicator": ["q"], "item": ["q"], "type": ["binary"], "yes": ["1"], "levels": ["0 1"]}
    )
    found = pipeline.run(validate_bundle(replace(made, indicators=indicators)), Settings.default())
    chance = 0.25 * (0.24 / 499) * 2
    row = found.diagnostics.set_index("municipality_code").loc["0001"]
    assert row["r_indicator"] == pytest.approx(1 - 2 * np.sqrt(0.01 - chance))
    assert row["response_rate"] == 0.5


def test_progress_is_told_until_it_is_done(bundle):
    heard = []
    pipeline.run(only(bundle, "0187"), Settings.default(), lambda *step: heard.append(step))
    assert {label for label, _, _ in heard} >= {"weights", "estimates"}
    assert all(done <= total for _, done, total in heard)
    assert heard[-1][1] == heard[-1][2]


def test_a_union_with_one_municipality_in_common_is_not_compared(bundle):
    codes = list(dict.fromkeys(bundle.strata["municipality_code"]))
    strata = bundle.strata[bundle.strata["municipality_code"].isin(codes[:2])]
    domains = strata[["wave", "stratum"]].assign(geography="county", code="north")
    alone = bundle.strata[bundle.strata["municipality_code"].eq(codes[2])][["wave", "stratum"]]
    domains = pd.concat([domains, alone.assign(geography="county", code="south")], ignore_index=True)
    with_unions = replace(silenced(bundle, min(bundle.waves), codes[0]), domains=domains)
    changes = pipeline.run(validate_bundle(with_unions), Settings.default()).changes
    county = changes[changes["geography"].eq("county")].astype({"code": str})
    assert set(county.loc[county["code"].eq("north"), "reason"]) == {"other_municipalities"}
    assert not county.loc[county["code"].eq("south"), "reason"].eq("other_municipalities").any()


def test_more_headlines_than_may_be_declared_are_refused(bundle):
    indicators = bundle.indicators.assign(headline=np.arange(len(bundle.indicators)) < 6)
    with pytest.raises(InputError, match="6 headline indicators"):
        pipeline.run(replace(bundle, indicators=indicators), Settings.default())


@pytest.fixture(scope="module")
def protected(bundle):
    """One municipality with its areas, three headline items, everything hidden that must be."""
    one = only(bundle, "0180")
    headline = one.indicators["indicator"].isin(["q04", "q05", "q06"])
    return pipeline.run(replace(one, indicators=one.indicators.assign(headline=headline)), Settings.default())


def test_families_are_corrected_over_the_rows_that_are_shown_after_all_protection(protected):
    """Every adjusted p value again, by statsmodels, from the table as it leaves."""
    table = protected.changes.astype({name: str for name in CELL})
    tested = table[
        table["released"].eq(1) & table["p"].notna() & table["statistic"].isin(["proportion", "mean"])
    ]
    tested = tested[tested["statistic"].eq("mean") == tested["indicator"].isin(_means(protected))]
    total = tested["gender"].eq("all") & tested["age_group"].eq("all")
    kind = tested["gender"].ne("all").astype(str) + tested["age_group"].ne("all").astype(str)
    declared = total & tested["indicator"].isin(["q04", "q05", "q06"])
    families = list(tested.groupby(["geography", "code", kind, declared]))
    assert len(families) > 10
    assert table["released"].eq(0).any()
    for (*_, holm), family in families:
        adjusted = multipletests(family["p"], method="holm" if holm else "fdr_bh")[1]
        np.testing.assert_allclose(family["p_adjusted"], adjusted, rtol=1e-12)
        assert family["family_size"].eq(len(family)).all()
    assert table.drop(index=tested.index)["p_adjusted"].isna().all()


def _means(results):
    """Indicators whose headline statistic is a mean: those without a proportion."""
    table = results.estimates.astype({"indicator": str, "statistic": str})
    return set(table["indicator"]) - set(table.loc[table["statistic"].eq("proportion"), "indicator"])


def test_verdicts_follow_from_the_printed_figures(protected):
    """Every verdict on a tested proportion again, from the columns of the table and the level before."""
    levels = protected.estimates.astype({name: str for name in CELL}).set_index(CELL)["estimate"]
    table = protected.changes.astype({name: str for name in [*CELL, "previous_wave", "verdict"]})
    table = table[table["p"].notna() & table["released"].eq(1) & table["statistic"].eq("proportion")]
    before = levels.reindex(pd.MultiIndex.from_frame(table[["previous_wave", *CELL[1:]]])).to_numpy()
    said = []
    for row, level in zip(table.itertuples(), before, strict=True):
        q = min(level, 1 - level)
        narrow = stats.t.ppf(0.95, row.df) * row.se
        if row.p_adjusted <= 0.05 and abs(row.change) >= min(0.02, q / 5):
            said.append("up" if row.change > 0 else "down")
        else:
            inside = abs(row.change) + narrow <= min(0.05, q / 2)
            said.append("unchanged" if inside else "too_uncertain")
    assert table["verdict"].tolist() == said
    assert len(set(said)) >= 2
    half = stats.t.ppf(0.975, table["df"]) * table["se"]
    np.testing.assert_allclose(table["lower"], table["change"] - half, rtol=1e-9, atol=1e-12)
    detectable = (stats.t.ppf(0.975, table["df"]) + stats.t.ppf(0.8, table["df"])) * table["se"]
    np.testing.assert_allclose(table["detectable_change"], detectable, rtol=1e-9)
