"""Weights: margins hold, extremes are cut, and what cannot be done is said."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import (
    REFERENCE,
    as_text,
    binary,
    even_people,
    even_population,
    random_survey,
    survey,
)

from analysis.calibration import calibrate, margins_of
from analysis.collapse import Groups, at_least, collapse
from analysis.errors import CalibrationError
from analysis.schema import Bundle, read_bundle, validate_bundle
from analysis.settings import Settings
from analysis.weights import Weighted, weigh


def worst_margin(weighted: Weighted) -> float:
    """Largest relative distance between a margin and the weighted respondents."""
    gaps = []
    for part in weighted.municipalities:
        reached = part.margins.X.T @ (part.weight * part.design.respondents)
        gaps.append(np.abs(reached / part.margins.totals - 1.0).max())
    return float(max(gaps))


@pytest.mark.parametrize("profile", [Settings.default(), Settings.reference()])
def test_weighted_respondents_add_up_to_every_margin(profile: Settings) -> None:
    for bundle in (random_survey(1), read_bundle(REFERENCE / "bundle")):
        weighted = weigh(bundle, profile)
        assert worst_margin(weighted) < 1e-11
        assert (weighted.table["weight"] > 0).all()


def test_weights_add_up_to_the_population_of_each_calibration_cell_counted_by_hand() -> None:
    bundle = random_survey(2)
    weighted = weigh(bundle)
    table = as_text(weighted.table)
    assert not weighted.log["step"].isin(["calibration_cell"]).any()
    cells = bundle.population.groupby(["municipality_code", "legal_gender", "age_group"])["population"].sum()
    sums = table.groupby("calcell")["weight"].sum()
    for (code, sex, age), total in cells.items():
        assert sums[f"{code}:{sex}:{age}"] == pytest.approx(total, rel=1e-11)


def test_small_categories_merge_upwards_and_the_remainder_joins_the_last() -> None:
    assert collapse(np.array([2, 2, 2, 7, 1]), at_least(5)).tolist() == [0, 0, 0, 1, 1]
    assert collapse(np.array([1, 1]), at_least(5)).tolist() == [0, 0]
    assert collapse(np.array([5, 0, 4]), at_least(5)).tolist() == [0, 0, 0]
    assert collapse(np.array([0, 5, 5]), at_least(5)).tolist() == [0, 0, 1]


def test_response_groups_hold_twenty_respondents_and_stretch_them_at_most_four_times() -> None:
    bundle = random_survey(3, drawn=60)
    table = as_text(weigh(bundle).table)
    assert (table.groupby(["municipality_code", "response_group"]).size() >= 20).all()
    assert (table["nonresponse_weight"] / table["design_weight"]).max() <= 4.0
    assert table["response_group"].str.contains("/").any()  # or the merging was never needed


def test_raking_gives_way_to_bounded_weights_when_a_g_weight_leaves_its_bounds() -> None:
    bundle = read_bundle(REFERENCE / "bundle")
    wide = weigh(bundle, replace(Settings.default(), g_bounds=None, trimming="none")).summary
    bounded = weigh(bundle, replace(Settings.default(), trimming="none"))
    left = (wide["g_min"] < 0.3) | (wide["g_max"] > 3.0)
    assert left.sum() == 4
    assert (bounded.summary["method"] == np.where(left, "logit", "raking")).all()
    assert bounded.summary["g_min"].min() >= 0.3
    assert bounded.summary["g_max"].max() <= 3.0
    assert (bounded.log["step"] == "calibration").sum() == 4
    assert worst_margin(bounded) < 1e-11


def extreme_survey() -> Bundle:
    """One young man stands for many: his cell is large and only five of it answered."""
    population = even_population({("0180", "1"): 8000, ("0180", "2"): 8000})
    few = (population["legal_gender"] == "man") & (population["age_group"] == "16-39")
    population.loc[few, "population"] = [2500.0, 100.0]
    people = pd.concat([even_people("0180-1", 200, 100, 40), even_people("0180-2", 200, 100, 40)])
    first = (
        (people["stratum"] == "0180-1") & (people["legal_gender"] == "man") & (people["age_group"] == "16-39")
    )
    people.loc[first & (np.cumsum(first) > 2), "responded"] = 0
    return survey(people, population, binary("q"))


def test_trimmed_weights_stay_under_the_cap_and_keep_the_margins() -> None:
    settings = replace(Settings.default(), g_bounds=None, trim_factor=1.8)
    untrimmed = weigh(extreme_survey(), replace(settings, trimming="none"))
    trimmed = weigh(extreme_survey(), settings)
    cap = 1.8 * untrimmed.table["weight"].median()
    assert untrimmed.table["weight"].max() > 1.05 * cap
    assert trimmed.table["weight"].max() <= cap * (1 + 1e-9)
    assert worst_margin(trimmed) < 1e-11
    summary = trimmed.summary.iloc[0]
    assert 0 < summary["trimmed_share"] < 0.2
    assert summary["deff_after"] < summary["deff_before"]
    assert trimmed.log["step"].tolist()[-1] == "trimming"


def test_an_area_sampled_thinner_keeps_the_weights_its_total_needs() -> None:
    sizes = {("0180", str(area)): 800 for area in range(1, 6)} | {("0180", "6"): 40000}
    people = pd.concat([even_people(f"0180-{area}", 160, 80, 20) for area in range(1, 7)])
    weighted = weigh(survey(people, even_population(sizes), binary("q")))
    table = as_text(weighted.table)
    assert table.loc[table["stratum"] == "0180-6", "weight"].sum() == pytest.approx(40000, rel=1e-11)
    assert weighted.summary["trimmed_share"].iloc[0] == 0
    assert "area:0180-c6" in weighted.log.loc[weighted.log["step"] == "trimming", "cell"].tolist()


def test_a_sex_without_respondents_is_carried_by_the_other_and_logged() -> None:
    people = even_people("0180-1", 200, 100, 40)
    people.loc[people["legal_gender"] == "man", "responded"] = 0
    weighted = weigh(survey(people, even_population({("0180", "1"): 8000}), binary("q")))
    assert weighted.table["weight"].sum() == pytest.approx(8000, rel=1e-12)
    assert weighted.log["cell"].str.contains("woman+man", regex=False).any()


def test_a_municipality_without_respondents_is_logged_and_left_out() -> None:
    people = pd.concat([even_people("0180-1", 200, 100, 40), even_people("0181-1", 200, 0, 0)])
    population = even_population({("0180", "1"): 8000, ("0181", "1"): 8000})
    weighted = weigh(survey(people, population, binary("q")))
    assert weighted.log.loc[weighted.log["municipality_code"] == "0181", "step"].tolist() == ["nonresponse"]
    assert [part.design.municipality_code for part in weighted.municipalities] == ["0180"]
    assert weighted.table["weight"].sum() == pytest.approx(8000, rel=1e-12)


def test_margins_no_weights_can_meet_are_named_with_their_category() -> None:
    cells = Groups(np.array([0, 1]), ("woman", "man"))
    areas = Groups(np.array([0, 1]), ("north", "south"))
    margins = margins_of([("sex_age", cells, np.array([10.0, 10.0])), ("area", areas, np.array([5.0, 15.0]))])
    with pytest.raises(CalibrationError) as caught:
        calibrate(np.ones(2), np.array([5, 5]), margins, "raking", (0.2, 5.0), 1e-12, 50)
    assert caught.value.margin in ("sex_age", "area")
    assert caught.value.category in ("woman", "man", "north", "south")
    assert caught.value.category in str(caught.value)


def test_an_infeasible_area_margin_is_dropped_and_the_log_says_so() -> None:
    """All women live in area 1 and all men in area 2, in other numbers than the totals say."""
    people = pd.concat([even_people("0180-1", 200, 100, 40), even_people("0180-2", 200, 100, 40)])
    wrong = (people["stratum"] == "0180-1") != (people["legal_gender"] == "woman")
    people.loc[wrong, "responded"] = 0
    population = even_population({("0180", "1"): 2000, ("0180", "2"): 8000})
    weighted = weigh(survey(people, population, binary("q")))
    assert weighted.summary["method"].tolist() == ["poststratification"]
    line = weighted.log[weighted.log["step"] == "calibration"].iloc[0]
    assert "sex_age only" in line["action"]
    assert worst_margin(weighted) < 1e-11


def test_external_totals_scale_the_areas_and_are_met() -> None:
    bundle = random_survey(5, municipalities=1)
    external = bundle.population.groupby(
        ["wave", "municipality_code", "legal_gender", "age_group"], sort=False
    )
    totals = external["population"].sum().reset_index().assign(area="")
    totals["population"] *= 1.03
    weighted = weigh(replace(bundle, population=totals))
    assert weighted.table["weight"].sum() == pytest.approx(totals["population"].sum(), rel=1e-11)
    assert "total" in weighted.log["step"].tolist()


def test_a_further_margin_is_met() -> None:
    bundle = random_survey(6, municipalities=1)
    size = float(bundle.strata["population"].sum())
    origin = np.where(np.arange(len(bundle.sample)) % 3 == 0, "abroad", "sweden")
    margins = pd.DataFrame(
        {"wave": "2026", "municipality_code": "0180", "margin": "birth", "category": ["abroad", "sweden"]}
    ).assign(population=[0.2 * size, 0.8 * size])
    weighted = weigh(replace(bundle, sample=bundle.sample.assign(birth=origin), margins=margins))
    merged = weighted.table.merge(bundle.sample.assign(birth=origin)[["case_id", "birth"]], on="case_id")
    assert merged.groupby("birth")["weight"].sum()["abroad"] == pytest.approx(0.2 * size, rel=1e-10)


def test_small_categories_of_a_margin_merge_in_the_order_of_the_file() -> None:
    """The few with much schooling join the middle, not whom the alphabet puts beside them."""
    bundle = random_survey(6, municipalities=1)
    size = float(bundle.strata["population"].sum())
    answered = np.cumsum(bundle.sample["responded"].to_numpy())
    schooling = np.where(answered <= 8, "high", np.where(answered % 2 == 0, "low", "middle"))
    shares = {"low": 0.4, "middle": 0.5, "high": 0.08, "none": 0.02}
    margins = pd.DataFrame({"margin": "schooling", "category": list(shares), "population": shares.values()})
    margins = margins.assign(wave="2026", municipality_code="0180", population=margins["population"] * size)
    sample = bundle.sample.assign(schooling=schooling)
    weighted = weigh(validate_bundle(replace(bundle, sample=sample, margins=margins)))
    merged = weighted.table.merge(sample[["case_id", "schooling"]], on="case_id")
    found = merged.groupby("schooling")["weight"].sum() / size
    assert found["low"] == pytest.approx(0.4, rel=1e-10)
    lines = weighted.log[weighted.log["step"].eq("calibration_margin")]
    assert lines["cell"].tolist() == ["schooling:middle+high+none"]
    assert lines["respondents"].tolist() == [(merged["schooling"] != "low").sum()]


def test_trimming_drives_no_weight_out_of_bounds_and_makes_no_weights_more_unequal() -> None:
    """Cutting and raking freely meets the same totals by letting some persons count for next to nothing."""
    settings = replace(Settings.default(), trim_factor=3.0)
    done = set()
    for seed in range(8):
        bundle = random_survey(seed, areas=6, drawn=120, municipalities=4)
        before = weigh(bundle, replace(settings, trimming="none")).summary
        weighted = weigh(bundle, settings)
        after = weighted.summary
        assert (after["g_min"] >= np.minimum(before["g_min"], 0.3) - 1e-9).all()
        assert (after["g_max"] <= np.maximum(before["g_max"], 3.0) + 1e-9).all()
        assert (after["deff_after"] <= after["deff_before"] * (1 + 1e-12)).all()
        assert worst_margin(weighted) < 1e-10
        done |= set(weighted.log.loc[weighted.log["step"] == "trimming", "action"].str[:4])
    assert {"Cut ", "Not "} <= done
