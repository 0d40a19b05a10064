"""A union is compared on the municipalities it had in both waves, and the others are named."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import as_text, random_survey
from test_comparability import BREAK_COLUMNS
from test_overlap import twice

from analysis import pipeline
from analysis.schema import Bundle, validate_bundle
from analysis.settings import Settings

CELL = ["previous_wave", "geography", "code", "gender", "age_group", "indicator", "statistic"]
FIGURES = ["n", "n_previous", "change", "se", "df", "p", "p_adjusted", "lower", "upper", "detectable_change"]


def two_waves(panel: bool = False, **optional: pd.DataFrame) -> Bundle:
    """Four municipalities, 0180 to 0183; the first three in the county of the north."""
    one, two = (random_survey(seed, municipalities=4, drawn=120) for seed in (51, 52))
    bundle = twice(one, panel=panel, second=two)
    strata = bundle.strata[bundle.strata["municipality_code"].ne("0183")]
    county = strata[["wave", "stratum"]].assign(geography="county", code="north")
    return validate_bundle(replace(bundle, domains=county, **optional))


def without(bundle: Bundle, code: str, waves: tuple[str, ...] = ("2026", "2027")) -> Bundle:
    """The bundle as if the municipality had not taken part in some waves."""
    stratum = code + "-"

    def kept(table: pd.DataFrame, column: str) -> pd.DataFrame:
        gone = table[column].str.startswith(stratum[: 5 if column == "stratum" else 4])
        return table[~(gone & table["wave"].isin(waves))]

    sample = kept(bundle.sample, "stratum")
    domains = None if bundle.domains is None else kept(bundle.domains, "stratum")
    return validate_bundle(
        replace(
            bundle,
            strata=kept(bundle.strata, "stratum"),
            population=kept(bundle.population, "municipality_code"),
            sample=sample,
            responses=bundle.responses.merge(sample[["wave", "case_id"]], on=["wave", "case_id"]),
            domains=domains,
        )
    )


def run(bundle: Bundle) -> pipeline.Results:
    return pipeline.run(bundle, Settings.default(), protected=False)


@pytest.mark.parametrize("panel", [False, True])
def test_a_union_that_lost_a_municipality_changes_as_if_it_had_never_had_it(panel: bool) -> None:
    bundle = two_waves(panel)
    found, never = run(without(bundle, "0181", ("2027",))), run(without(bundle, "0181"))
    unions = [
        as_text(one.changes[one.changes["geography"].isin(["all", "county"])]) for one in (found, never)
    ]
    both = unions[0].merge(unions[1], on=CELL)
    assert len(both) == len(unions[0]) == len(unions[1]) > 0
    for figure in FIGURES:
        ours, theirs = both[f"{figure}_x"].to_numpy(float), both[f"{figure}_y"].to_numpy(float)
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
    assert both["verdict_x"].equals(both["verdict_y"])


def test_the_gap_of_a_union_changes_on_the_common_municipalities_too() -> None:
    bundle = two_waves()
    found, never, full = (
        run(one).gender_gaps.set_index(["wave", "geography", "code", "indicator"])
        for one in (without(bundle, "0181", ("2026",)), without(bundle, "0181"), bundle)
    )
    region = ("2027", "all", "all", "q")
    assert found.loc[region, "gap"] == pytest.approx(full.loc[region, "gap"])
    for figure in ("change", "se_change", "p"):
        assert found.loc[region, figure] == pytest.approx(never.loc[region, figure])


def test_the_figure_of_the_union_itself_keeps_all_its_municipalities() -> None:
    bundle = two_waves()
    full, found = run(bundle).estimates, run(without(bundle, "0181", ("2026",))).estimates
    region = [
        one[one["wave"].eq("2027") & one["geography"].eq("all")]["estimate"].to_numpy()
        for one in (full, found)
    ]
    np.testing.assert_array_equal(*region)


def test_the_change_of_a_union_is_withheld_with_its_row() -> None:
    bundle = without(two_waves(), "0181", ("2026",))
    harmless = replace(bundle, indicators=bundle.indicators.assign(sensitive=False))
    key = {"wave": "2027", "geography": "all", "code": "all", "gender": "all", "age_group": "all"}
    withheld = pd.DataFrame([{**key, "indicator": "q", "statistic": "proportion"}])
    changes = as_text(pipeline.run(harmless, Settings.default(), withheld=withheld).changes)
    everybody = changes[changes["gender"].eq("all") & changes["age_group"].eq("all")]
    shown = everybody.loc[everybody["released"].eq(1), ["geography", "indicator"]].itertuples(index=False)
    unions = {tuple(row) for row in shown if row[0] in ("all", "county")}
    assert unions == {("all", "r"), ("county", "q"), ("county", "r")}


def test_rows_and_warnings_say_that_a_municipality_is_left_out() -> None:
    found = run(without(two_waves(), "0181", ("2026",)))
    changes = as_text(found.changes)
    shown = changes[changes["released"].eq(1) & changes["geography"].isin(["all", "county"])]
    assert set(shown["reason"]) <= {"common_municipalities", "small_base"}
    assert shown["reason"].eq("common_municipalities").any()
    assert "2027 all all comparison: Compared with 2026 without 0181." in found.warnings
    assert "2027 county north comparison: Compared with 2026 without 0181." in found.warnings


@pytest.mark.parametrize("panel", [False, True])
def test_a_union_leaves_out_a_municipality_whose_border_moved_and_the_municipality_is_not_compared(
    panel: bool,
) -> None:
    border = pd.DataFrame([("2027", "all", "0181", "border", "", "")], columns=BREAK_COLUMNS)
    found = run(two_waves(panel, breaks=border))
    changes = as_text(found.changes)
    assert set(changes.loc[changes["code"].eq("0181"), "reason"]) == {"break"}
    never = as_text(run(without(two_waves(panel), "0181")).changes)
    for figure in ("change", "se"):
        ours, theirs = (one[one["geography"].eq("all")][figure].to_numpy(float) for one in (changes, never))
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_persons_of_a_municipality_left_out_make_no_trend_and_no_pooled_figure_of_a_union_surer() -> None:
    """They answered twice where the union had them; it is followed and pooled on the others."""
    parts = [random_survey(seed, municipalities=4, drawn=120) for seed in (51, 52, 53)]
    tables = {
        name: pd.concat(
            [getattr(one, name).assign(wave=str(2026 + at)) for at, one in enumerate(parts)],
            ignore_index=True,
        )
        for name in ("strata", "population", "sample", "responses")
    }
    tables["sample"]["person_id"] = tables["sample"]["case_id"]
    bundle = validate_bundle(replace(parts[0], **tables))
    found, never = (
        pipeline.run(without(bundle, "0181", waves), Settings.default(), protected=False, trend=True, pool=3)
        for waves in (("2026",), ("2026", "2027", "2028"))
    )
    key = ["gender", "age_group", "indicator", "statistic"]
    for table, figures in (("trends", ["slope", "se"]), ("pooled", ["estimate", "se"])):
        both = [as_text(getattr(one, table)) for one in (found, never)]
        both = [one[one["geography"].eq("all")].set_index(key)[figures].astype(float) for one in both]
        assert len(both[0]) > 0
        pd.testing.assert_frame_equal(*both, rtol=1e-9, atol=1e-12)


def not_asked(bundle: Bundle, code: str, item: str, wave: str) -> Bundle:
    """The bundle as if a municipality had left an item out in a wave."""
    drawn = bundle.sample.loc[bundle.sample["stratum"].str.startswith(code + "-"), ["wave", "case_id"]]
    there = bundle.responses[["wave", "case_id"]].apply(tuple, axis=1).isin(drawn.apply(tuple, axis=1))
    silent = there & bundle.responses["wave"].eq(wave)
    responses = bundle.responses.assign(**{item: bundle.responses[item].astype(str).mask(silent, "")})
    return validate_bundle(replace(bundle, responses=responses))


@pytest.mark.parametrize("wave", ["2026", "2027"])
def test_a_union_is_not_compared_on_what_one_of_its_municipalities_was_asked_only_once(wave: str) -> None:
    bundle = two_waves()
    plain, found = run(bundle), run(not_asked(bundle, "0181", "r", wave))
    unions, others = (
        as_text(found.changes[found.changes["geography"].isin(places)])
        for places in (["all", "county"], ["municipality"])
    )
    there = unions[unions["indicator"].eq("r")]
    assert set(there["reason"]) == {"other_municipalities"}
    assert set(there["verdict"]) == {"not_comparable"}
    assert there["change"].isna().all()
    assert unions.loc[unions["indicator"].eq("q"), "change"].notna().any()
    assert others.loc[others["indicator"].eq("r") & others["code"].eq("0180"), "change"].notna().any()
    gaps = found.gender_gaps.set_index(["wave", "geography", "code", "indicator"])["change"]
    assert np.isnan(gaps["2027", "all", "all", "r"])
    assert not np.isnan(gaps["2027", "all", "all", "q"])
    # Nor is another municipality's change set beside the region's; the figures themselves stay.
    beside = as_text(found.comparisons)
    beside = beside[beside["previous_wave"].eq("2026") & beside["code"].eq("0180")]
    assert beside.loc[beside["indicator"].eq("r"), "difference"].isna().all()
    assert beside.loc[beside["indicator"].eq("q"), "difference"].notna().any()
    everybody = [
        one[one["wave"].eq("2026" if wave == "2027" else "2027") & one["geography"].eq("all")]["estimate"]
        for one in (plain.estimates, found.estimates)
    ]
    np.testing.assert_array_equal(*everybody)


def test_what_nobody_was_asked_or_few_were_is_not_told_as_other_municipalities() -> None:
    """A wave without the item has no figure; an item routed past everybody in one municipality was asked."""
    bundle = two_waves()
    nobody = bundle
    for code in ("0180", "0181", "0182", "0183"):
        nobody = not_asked(nobody, code, "r", "2026")
    routed = not_asked(bundle, "0181", "r", "2026")
    drawn = routed.sample.loc[routed.sample["stratum"].str.startswith("0181-"), "case_id"]
    apart = routed.responses["case_id"].isin(drawn)
    responses = routed.responses.assign(q=routed.responses["q"].astype(str).mask(apart, "0"))
    base = routed.indicators["base"].mask(routed.indicators["indicator"].eq("r"), "q=1")
    followed = validate_bundle(
        replace(routed, responses=responses, indicators=routed.indicators.assign(base=base))
    )
    for one in (nobody, followed):
        assert "other_municipalities" not in set(as_text(run(one).changes)["reason"])
