"""Several strata in one area: age classes drawn with different chances."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import random_survey, row

from analysis import comparability, declaration, item_nonresponse
from analysis.domains import territories
from analysis.errors import InputError
from analysis.estimates import estimate
from analysis.schema import COLUMNS, validate_bundle
from analysis.weights import weigh

YOUNG = "16-29"


def in_two_classes(bundle):
    """The same survey with the young of every area as a stratum of their own."""
    young = bundle.sample["age_group"].eq(YOUNG)
    sample = bundle.sample.assign(
        stratum=bundle.sample["stratum"].astype(str) + np.where(young, ":young", ":older")
    )
    drawn = sample.groupby("stratum").size()
    people = bundle.population.assign(
        kind=np.where(bundle.population["age_group"].eq(YOUNG), "young", "older")
    )
    strata = people.groupby(["wave", "municipality_code", "area", "kind"], sort=False)["population"].sum()
    strata = strata.reset_index()
    strata["stratum"] = strata["municipality_code"] + "-" + strata["area"] + ":" + strata.pop("kind")
    strata["sampled"] = drawn.reindex(strata["stratum"]).to_numpy()
    return replace(bundle, strata=strata, sample=sample)


@pytest.fixture(scope="module")
def whole():
    return random_survey(seed=12, drawn=160)


@pytest.fixture(scope="module")
def split(whole):
    return validate_bundle(in_two_classes(whole))


def test_design_weights_are_those_of_the_class_and_the_area_is_met_once(split):
    weighted = weigh(split)
    table = weighted.table.astype({"stratum": str})
    strata = split.strata.set_index("stratum")
    expected = (strata["population"] / strata["sampled"]).reindex(table["stratum"]).to_numpy()
    np.testing.assert_allclose(table["design_weight"], expected)
    areas = table["stratum"].str.split(":").str[0]
    population = split.population.assign(
        code=split.population["municipality_code"] + "-" + split.population["area"]
    )
    totals = population.groupby("code")["population"].sum()
    np.testing.assert_allclose(table.groupby(areas)["weight"].sum(), totals, rtol=1e-9)


def test_areas_keep_their_rows_and_codes_in_the_results(whole, split):
    one, two = (estimate(weigh(bundle)).astype({"geography": str, "code": str}) for bundle in (whole, split))
    keys = ["geography", "code", "gender", "age_group", "indicator", "statistic", "n"]
    pd.testing.assert_frame_equal(one[keys].astype(str), two[keys].astype(str))
    assert (
        row(two, geography="area", code="0180-0", indicator="q")["df"]
        < row(one, geography="area", code="0180-0", indicator="q")["df"]
    )


def test_the_estimate_of_an_area_is_that_of_its_strata_weighted_by_hand(split):
    weighted = weigh(split)
    mine = weighted.table["stratum"].astype(str).str.startswith("0180-1:").to_numpy()
    w, q = weighted.table.loc[mine, "weight"].to_numpy(), split.responses.loc[mine, "q"].eq("1").to_numpy()
    found = row(estimate(weighted), geography="area", code="0180-1", indicator="q")
    assert found["estimate"] == pytest.approx((w * q).sum() / w.sum(), rel=1e-12)


def test_the_declaration_counts_an_area_once(split):
    weighted = weigh(split)
    table = declaration.declare(weighted, item_nonresponse.count_items(weighted))
    areas = table[table["variable"].eq("area") & table["measure"].eq("response_rate")]
    assert areas["category"].tolist() == [f"{code}-{area}" for code in ("0180", "0181") for area in range(4)]
    assert areas["n"].eq(160).all()


def test_a_break_of_a_municipality_is_one_of_its_oversampled_areas(split):
    strata = pd.concat([split.strata, split.strata.assign(wave="2027")], ignore_index=True)
    line = ("2027", "q", "0180", "mode", "0.03", "0.01")
    bundle = replace(split, strata=strata, breaks=pd.DataFrame([line], columns=COLUMNS["breaks"]))
    rows = pd.DataFrame({"geography": "area", "code": ["0180-2", "0181-2"], "indicator": "q"})
    rows = rows.assign(previous_wave="2026", wave="2027", statistic="proportion")
    np.testing.assert_allclose(comparability.passage(rows, bundle).bridge, [0.03, 0.0])


def test_a_union_is_the_same_ground_however_its_areas_are_sampled(whole, split):
    """And another one when it holds one age class of an area only."""

    def ground(bundle, *held):
        rows = bundle.strata["stratum"].str.startswith(tuple(held))
        domains = bundle.strata.loc[rows, ["wave", "stratum"]].assign(geography="union", code="u")
        return territories(weigh(replace(bundle, domains=domains)))["2026", "union", "u"]

    assert ground(split, "0180-0", "0181") == ground(whole, "0180-0", "0181")
    assert ground(split, "0180-0:young", "0181") != ground(whole, "0180-0", "0181")


def test_strata_that_do_not_make_up_their_area_are_refused(split):
    """Persons counted in another area than the one they live in: the municipality's total does not see it."""
    moved = pd.Series(0, index=split.strata.index)
    moved[split.strata["stratum"].eq("0180-0:older")] = 500
    moved[split.strata["stratum"].eq("0180-1:older")] = -500
    strata = split.strata.assign(population=split.strata["population"] + moved)
    with pytest.raises(InputError, match=r"strata\.csv, line \d, column area"):
        validate_bundle(replace(split, strata=strata))


def test_the_code_of_a_shared_area_is_nobody_elses(split):
    lone = split.strata["stratum"].str.startswith("0181-3")
    sample = split.sample.assign(
        stratum=split.sample["stratum"]
        .astype(str)
        .mask(split.sample["stratum"].str.startswith("0181-3"), "0180-0")
    )
    merged = (
        split.strata[lone]
        .iloc[[0]]
        .assign(
            stratum="0180-0",
            population=split.strata.loc[lone, "population"].sum(),
            sampled=split.strata.loc[lone, "sampled"].sum(),
        )
    )
    strata = pd.concat([split.strata[~lone], merged], ignore_index=True)
    with pytest.raises(InputError, match="column stratum: found '0180-0'"):
        validate_bundle(replace(split, strata=strata, sample=sample))
