"""Parts beside wholes, groups and regions: with the covariance that being inside gives."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import as_text, binary, random_survey, row, survey
from test_overlap import twice
from test_unions import without

from analysis import pipeline
from analysis.domains import sum_domains
from analysis.errors import InputError
from analysis.estimates import estimate
from analysis.schema import Bundle, validate_bundle
from analysis.settings import Settings
from analysis.weights import weigh


def grouped(bundle: Bundle, *codes: str) -> Bundle:
    """With these municipalities as one group of a kind."""
    strata = bundle.strata[bundle.strata["municipality_code"].isin(codes)]
    group = strata[["wave", "stratum"]].assign(geography="skr_group", code="A1")
    return validate_bundle(replace(bundle, domains=group))


def compared(bundle: Bundle, **keys: str) -> pd.DataFrame:
    table = as_text(pipeline.run(bundle, Settings.default(), protected=False).comparisons)
    for name, value in keys.items():
        table = table[table[name].eq(value)]
    return table


def estimated(bundle: Bundle, indicator: str) -> pd.DataFrame:
    weighted = weigh(bundle)
    table = as_text(estimate(weighted, sums=sum_domains(weighted)))
    return table[table["indicator"].eq(indicator)]


def test_what_is_alone_in_its_whole_is_not_set_beside_itself() -> None:
    only = compared(random_survey(61, municipalities=1, drawn=40))
    assert set(only["geography"]) == {"area"}
    whole = compared(random_survey(65, areas=1, municipalities=2, drawn=40))
    assert set(whole["geography"]) == {"municipality"}


@pytest.mark.parametrize("gender", ["all", "woman"])
def test_part_and_whole_give_the_standard_error_of_part_and_rest_by_hand(gender: str) -> None:
    """difference = (1 - share) (part - rest), and part and rest are independent."""
    bundle = random_survey(62, municipalities=3, drawn=200)
    estimates = estimated(bundle, "q")
    alone = estimated(without(bundle, "0180", ("2026",)), "q")
    whole = row(estimates, geography="all", code="all", gender=gender)
    part = row(estimates, code="0180", gender=gender)
    rest = row(alone, geography="all", code="all", gender=gender)
    found = row(compared(bundle, indicator="q", against_geography="all"), code="0180", gender=gender)
    share = part["population"] / whole["population"]
    assert found["difference"] == pytest.approx((1 - share) * (part["estimate"] - rest["estimate"]), rel=1e-9)
    # Of a total the share is known from the population; of women it is estimated and adds a little.
    by_hand = (1 - share) * np.hypot(part["se"], rest["se"])
    assert found["se"] == pytest.approx(by_hand, rel=1e-9 if gender == "all" else 0.02)


def test_a_group_is_compared_without_the_municipality_itself() -> None:
    bundle = random_survey(63, municipalities=4, drawn=200)
    table = compared(grouped(bundle, "0180", "0181", "0182"), against_geography="skr_group")
    assert set(table["code"]) == {"0180", "0181", "0182"}
    assert set(table["against_code"]) == {"A1"}
    pair = without(without(bundle, "0180", ("2026",)), "0183", ("2026",))
    rest = row(estimated(pair, "q"), geography="all", code="all")
    part = row(estimated(bundle, "q"), code="0180")
    found = row(table[table["indicator"].eq("q")], code="0180")
    assert found["difference"] == pytest.approx(part["estimate"] - rest["estimate"], rel=1e-9)
    assert found["se"] == pytest.approx(np.hypot(part["se"], rest["se"]), rel=1e-9)


def test_a_municipality_of_two_kinds_is_refused_by_line() -> None:
    bundle = grouped(random_survey(63, municipalities=2, drawn=60), "0180", "0181")
    first = bundle.domains.iloc[[0]].assign(code="B2")
    with pytest.raises(
        InputError, match=r"domains.csv, line 10, column code: found 'B2'; expected one skr_group"
    ):
        validate_bundle(replace(bundle, domains=pd.concat([bundle.domains, first], ignore_index=True)))


def test_areas_differ_from_their_municipality_by_nothing_on_average() -> None:
    bundle = random_survey(64, municipalities=2, drawn=200)
    estimates = estimated(bundle, "q")
    table = compared(bundle, geography="area", indicator="q").set_index("code")
    for code in ("0180", "0181"):
        areas = estimates[estimates["code"].str.startswith(code + "-")]
        totals = areas[areas["gender"].eq("all") & areas["age_group"].eq("all")].set_index("code")
        mean = np.average(table.loc[totals.index, "difference"], weights=totals["population"])
        assert mean == pytest.approx(0.0, abs=1e-12)
    assert (table["se"] > 0).all()


def test_the_difference_of_changes_is_the_change_of_the_difference() -> None:
    one, two = (random_survey(seed, municipalities=3, drawn=200) for seed in (66, 67))
    results = pipeline.run(validate_bundle(twice(one, False, two)), Settings.default(), protected=False)
    changes, table = as_text(results.changes), as_text(results.comparisons)
    table, changes = (part[part["indicator"].eq("q")] for part in (table, changes))
    found = row(table[table["previous_wave"].eq("2026")], code="0181")
    own, region = row(changes, code="0181"), row(changes, geography="all", code="all")
    assert found["difference"] == pytest.approx(own["change"] - region["change"], rel=1e-9)
    assert found["se"] < np.hypot(own["se"], region["se"])


def test_a_panel_that_answers_the_same_has_no_difference_of_changes() -> None:
    bundle = validate_bundle(twice(random_survey(68, municipalities=3, drawn=200), panel=True))
    table = compared(bundle, indicator="q", gender="all", age_group="all")
    levels, changes = (table[table["previous_wave"].eq(wave)] for wave in ("", "2026"))
    levels = levels[levels["geography"].eq("municipality")]
    assert np.allclose(changes["difference"], 0.0, atol=1e-12)
    assert changes["se"].max() < 0.05 * levels["se"].min()


def test_a_hidden_side_hides_the_comparison_and_says_which() -> None:
    strict = replace(Settings.default(), thresholds=replace(Settings.default().thresholds, minimum_n=10**6))
    table = pipeline.run(random_survey(69, municipalities=2, drawn=200), strict).comparisons
    assert table["released"].eq(0).all()
    assert table[["difference", "se", "df", "p", "p_adjusted", "lower", "upper"]].isna().all(axis=None)
    assert table["verdict"].eq("not_comparable").all()
    assert table["reason"].eq("few_answers").all()


def simulated(random: np.random.Generator, municipalities: int) -> Bundle:
    """The same level in every municipality, unequal sizes, 120 drawn and 80 % response."""
    tables, population = [], []
    for number in range(municipalities):
        code = f"{180 + number:04d}"
        population += [("2026", code, "1", sex, "16-84", 2000 + 3000 * number) for sex in ("woman", "man")]
        answers = {f"q{k}": (random.random(120) < 0.3).astype(int).astype(str) for k in range(60)}
        person = {"wave": "2026", "stratum": f"{code}-1", "age_group": "16-84", "gender": ""}
        drawn = {"legal_gender": random.choice(["woman", "man"], 120)}
        drawn["responded"] = (random.random(120) < 0.8).astype(int)
        tables.append(pd.DataFrame({**drawn, **answers}).assign(**person))
    columns = ["wave", "municipality_code", "area", "legal_gender", "age_group", "population"]
    people = pd.concat(tables, ignore_index=True)
    return survey(people, pd.DataFrame(population, columns=columns), binary(*(f"q{k}" for k in range(60))))


def test_a_difference_that_is_not_there_is_found_in_three_to_seven_percent_of_tests() -> None:
    random, codes = np.random.default_rng(70), [f"{180 + k:04d}" for k in range(6)]
    table = pd.concat(
        compared(
            grouped(simulated(random, 6), *codes), geography="municipality", gender="all", age_group="all"
        )
        for _ in range(3)
    )
    for against in ("all", "skr_group"):
        tests = table.loc[table["against_geography"].eq(against), "p"].dropna()
        assert len(tests) > 1000
        assert 0.03 <= (tests < 0.05).mean() <= 0.07


def test_municipalities_that_are_clearly_above_or_below_are_said_to_be() -> None:
    bundle = random_survey(71, municipalities=3, drawn=400)
    place = bundle.responses.merge(bundle.sample[["wave", "case_id", "stratum"]], on=["wave", "case_id"])
    raised = place["stratum"].str.startswith("0181").to_numpy()
    raised = raised & (np.random.default_rng(72).random(len(raised)) < 0.9)
    answers = bundle.responses.assign(q=np.where(raised, "1", bundle.responses["q"].astype(str)))
    bundle = validate_bundle(replace(bundle, responses=answers))
    table = compared(bundle, geography="municipality", indicator="q", gender="all", age_group="all")
    words = table.set_index("code")["verdict"]
    assert words.to_dict() == {"0180": "below", "0181": "above", "0182": "below"}
