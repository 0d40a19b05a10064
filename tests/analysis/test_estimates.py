"""Estimates: identities, invariants and the domain's own traps."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import (
    as_text,
    binary,
    even_people,
    even_population,
    people_and_weights,
    random_survey,
    row,
    survey,
)

from analysis.estimates import estimate
from analysis.schema import Bundle, validate_bundle
from analysis.settings import Settings
from analysis.variance import student_quantile, wilson
from analysis.weights import weigh

PLAIN = replace(Settings.default(), linearization="fixed-weights", interval="wald")


def equal_allocation() -> Bundle:
    """Area A 2,000 inhabitants, 40 % unsafe; B 20,000, 20 %; 300 drawn and 160 answers in each."""
    people = pd.concat([even_people("0180-A", 300, 160, 64), even_people("0180-B", 300, 160, 32)])
    return survey(people, even_population({("0180", "A"): 2000, ("0180", "B"): 20000}), binary("q"))


def test_the_equal_allocation_trap_gives_21_8_percent_not_30() -> None:
    bundle = equal_allocation()
    assert (bundle.responses["q"] == "1").mean() == pytest.approx(0.300)
    found = row(estimate(weigh(bundle, PLAIN)), geography="municipality")
    assert round(found["estimate"], 3) == 0.218
    assert round(found["deff"], 2) == 1.67
    assert round(found["n"] / found["deff"]) == 192
    assert round((found["upper"] - found["lower"]) / 2, 3) == 0.057


def test_a_mean_of_equal_values_has_the_effective_size_of_its_weights_whatever_the_rounding() -> None:
    bundle = random_survey(12)
    level = bundle.indicators.head(1).assign(indicator="five", item="q", type="ordinal", yes="", levels="1 5")
    alike = replace(bundle, responses=bundle.responses.assign(q="5"), indicators=level)
    table = estimate(weigh(validate_bundle(alike), Settings.default()))
    rows = table[table["statistic"].eq("mean") & table["n"].gt(0)]
    assert len(rows) > 50
    assert rows["se"].eq(0).all()
    assert rows["n_eff"].to_numpy() == pytest.approx((rows["n"] / rows["deff"]).to_numpy(), rel=1e-12)


def test_the_worked_wilson_number() -> None:
    quantile = student_quantile(100.0, 0.95)
    n_eff = min(120.0, 0.3 * 0.7 / 0.05**2)
    assert round(n_eff) == 84
    lower, upper = wilson(0.3, n_eff, quantile)
    assert (round(float(lower), 4), round(float(upper), 4)) == (0.2116, 0.4063)


def test_a_poststratified_mean_is_the_mean_of_cell_means_in_population_shares() -> None:
    bundle = random_survey(11, municipalities=1)
    settings = replace(Settings.default(), calibration="poststratification", trimming="none")
    people = people_and_weights(bundle, settings)
    population = bundle.population.groupby(["legal_gender", "age_group"])["population"].sum()
    people["cell"] = people["calcell"].str.split(":", n=1).str[1]
    start = people["nonresponse_weight"]
    means = ((people["q"] == "1") * start).groupby(people["cell"]).sum() / start.groupby(people["cell"]).sum()
    by_hand = sum(means[f"{sex}:{age}"] * size for (sex, age), size in population.items()) / population.sum()
    found = row(estimate(weigh(bundle, settings)), indicator="q", code="0180")
    assert found["estimate"] == pytest.approx(by_hand, rel=1e-12)


def test_a_county_is_the_sum_of_its_municipalities() -> None:
    bundle = random_survey(12, municipalities=3)
    table = as_text(estimate(weigh(bundle)))
    parts = table[(table["geography"] == "municipality") & (table["indicator"] == "r")]
    parts = parts[(parts["gender"] == "all") & (parts["age_group"] == "all")]
    whole = row(table, geography="all", indicator="r")
    share = parts["population"] / parts["population"].sum()
    assert whole["population"] == pytest.approx(parts["population"].sum(), rel=1e-12)
    assert whole["estimate"] == pytest.approx((share * parts["estimate"]).sum(), rel=1e-12)
    assert whole["n"] == parts["n"].sum()
    assert whole["df"] == parts["df"].sum()


def test_degrees_of_freedom_by_satterthwaite_are_of_those_the_variance_rests_on() -> None:
    bundle = random_survey(14)
    settings = replace(Settings.default(), degrees="satterthwaite")
    table, plain = (as_text(estimate(weigh(bundle, one))) for one in (settings, Settings.default()))
    people = people_and_weights(bundle, settings)
    women = people["gender"].eq("woman")
    places = {
        ("municipality", "0180"): people["municipality_code"].eq("0180"),
        ("all", "all"): people["municipality_code"].ne(""),
        ("area", "0180-1"): people["stratum"].eq("0180-1"),
    }
    fewer = []
    for (geography, code), here in places.items():
        for gender, members in (("all", people[here]), ("woman", people[here & women])):
            squares = members["weight"] ** 2
            shared = squares.sum() ** 2 / (len(members) * (squares**2).sum())
            plainly = len(members) - members["stratum"].nunique()
            keys = {"geography": geography, "code": code, "gender": gender, "indicator": "q"}
            assert row(table, **keys)["df"] == int(plainly * shared)
            assert row(plain, **keys)["df"] == plainly
            fewer.append(int(plainly * shared) < 0.9 * plainly)
    assert sum(fewer) >= 4
    same = ["n", "population", "estimate", "se", "n_eff"]
    pd.testing.assert_frame_equal(table[same], plain[same])


def test_of_equal_weights_degrees_of_freedom_are_the_same_either_way() -> None:
    bundle = survey(even_people("0180-1", 80, 40, 12), even_population({("0180", "1"): 800}), binary("q"))
    settings = replace(Settings.default(), degrees="satterthwaite")
    tables = [as_text(estimate(weigh(bundle, one)))["df"].tolist() for one in (settings, Settings.default())]
    assert tables[0] == tables[1]
    assert 39 in tables[0]


def test_a_union_of_a_part_of_a_municipality_is_computed_from_its_areas() -> None:
    bundle = random_survey(13)
    strata = bundle.strata[bundle.strata["municipality_code"] == "0180"]
    strata_of = pd.DataFrame(
        {"wave": "2026", "geography": "district", "code": "half", "stratum": strata["stratum"]}
    )
    half, single = strata_of.iloc[:2], strata_of.assign(code="single").iloc[:1]
    weighted = weigh(replace(bundle, domains=pd.concat([half, single], ignore_index=True)))
    table = as_text(estimate(weighted))
    figures = ["n", "population", "estimate", "se", "df", "lower", "upper"]
    for indicator in ("q", "r"):
        alone = row(table, geography="district", code="single", indicator=indicator)[figures]
        area = row(table, geography="area", code=strata["stratum"].iloc[0], indicator=indicator)[figures]
        assert np.allclose(alone.astype(float), area.astype(float), rtol=1e-10)
    two = row(table, geography="district", code="half", indicator="q")
    assert two["n"] < row(table, geography="municipality", code="0180", indicator="q")["n"]


def test_a_domain_mean_is_the_ratio_of_two_totals_with_the_textbook_standard_error() -> None:
    """Person by person, from the definition: z = w e, centred within strata, finite populations."""
    bundle = random_survey(14, municipalities=1)
    settings = replace(Settings.default(), linearization="final-weights", trimming="none")
    people = people_and_weights(bundle, settings)
    people["sex"] = people["calcell"].str.split(":").str[1]
    inside = (people["gender"] == "woman") & people["r"].isin(["0", "1"])
    w, y = people["weight"].to_numpy(), (people["r"] == "1").to_numpy(dtype=float)
    total = w[inside].sum()
    p = (w * y)[inside].sum() / total
    u = np.where(inside, (y - p) / total, 0.0)
    X = np.hstack([pd.get_dummies(people[name]).to_numpy(dtype=float) for name in ("calcell", "calarea")])
    root = np.sqrt(w)[:, None]
    e = u - X @ np.linalg.lstsq(root * X, root[:, 0] * u, rcond=None)[0]
    size = bundle.strata.set_index("stratum")["population"]
    variance = 0.0
    for stratum, group in pd.Series(w * e).groupby(people["stratum"].to_numpy()):
        r = len(group)
        variance += (1 - r / size[stratum]) * r / (r - 1) * ((group - group.mean()) ** 2).sum()
    found = row(estimate(weigh(bundle, settings)), indicator="r", gender="woman", code="0180")
    assert found["estimate"] == pytest.approx(p, rel=1e-12)
    assert found["se"] == pytest.approx(np.sqrt(variance), rel=1e-9)
    assert found["n"] == inside.sum()


def test_equal_weights_give_the_textbook_standard_error() -> None:
    bundle = survey(even_people("0180-1", 400, 400, 120), even_population({("0180", "1"): 8000}), binary("q"))
    found = row(estimate(weigh(bundle, PLAIN)))
    textbook = np.sqrt((1 - 400 / 8000) * 0.3 * 0.7 / 399)
    assert found["estimate"] == pytest.approx(0.3, rel=1e-12)
    assert found["se"] == pytest.approx(textbook, rel=1e-9)
    assert found["deff"] == pytest.approx(1.0, rel=1e-12)


def test_where_everybody_answered_nothing_is_uncertain_about_the_residents_of_that_date() -> None:
    bundle = survey(even_people("0180-1", 400, 400, 120), even_population({("0180", "1"): 400}), binary("q"))
    found = row(estimate(weigh(bundle)))
    assert (found["estimate"], found["se"], found["n_eff"]) == (pytest.approx(0.3), 0, 400)


def test_a_masked_domain_keeps_the_strata_of_the_whole_design() -> None:
    """Dropping the rows of men first is the classic error: it changes the standard error of women."""
    bundle = random_survey(17)
    masked = row(estimate(weigh(bundle)), gender="woman", indicator="q", code="0180")
    women = bundle.sample["legal_gender"] == "woman"
    sample = bundle.sample[women].reset_index(drop=True)
    strata = bundle.strata.assign(
        sampled=sample.groupby("stratum").size().reindex(bundle.strata["stratum"]).to_numpy()
    )
    filtered = replace(
        bundle,
        sample=sample,
        strata=strata,
        responses=bundle.responses[bundle.responses["case_id"].isin(sample["case_id"])].reset_index(
            drop=True
        ),
    )
    wrong = row(estimate(weigh(filtered)), gender="woman", indicator="q", code="0180")
    assert abs(masked["se"] / wrong["se"] - 1) > 0.01
    recoded = replace(
        bundle,
        responses=bundle.responses.assign(
            q=bundle.responses["q"].where(bundle.responses["gender"] == "woman", "")
        ),
    )
    mask_by_missing = row(estimate(weigh(recoded)), indicator="q", code="0180")
    assert mask_by_missing["estimate"] == pytest.approx(masked["estimate"], rel=1e-12)
    assert mask_by_missing["se"] == pytest.approx(masked["se"], rel=1e-9)


def test_the_residuals_of_rake_are_freed_of_each_margin_ten_times_as_in_r() -> None:
    # Eleven women and a man of one area, a woman and eleven men of the other. R survey 4.1-1:
    # d <- data.frame(area = rep(1:2, each = 12), sex = rep(c("w", "m", "w", "m"), c(11, 1, 1, 11)), N = 800,
    #                 q = rep(c(1, 0, 0, 1), c(4, 8, 9, 3)))
    # s <- svydesign(~1, strata = ~area, fpc = ~N, data = d)
    # r <- rake(s, list(~sex, ~area), list(data.frame(sex = c("w", "m"), Freq = c(900, 700)),
    #           data.frame(area = 1:2, Freq = 800)), control = list(maxit = 1000, epsilon = 1e-13))
    # svymean(~q, r)
    area, sex = np.repeat(["1", "2"], 12), np.repeat(["woman", "man", "woman", "man"], [11, 1, 1, 11])
    people = pd.DataFrame({"wave": "2026", "stratum": "0180-" + pd.Series(area), "legal_gender": sex})
    answers = np.repeat(["1", "0", "0", "1"], [4, 8, 9, 3])
    people = people.assign(age_group="16-84", responded=1, gender=sex, q=answers)
    known = [("1", "woman", 600), ("1", "man", 200), ("2", "woman", 300), ("2", "man", 500)]
    population = pd.DataFrame(known, columns=["area", "legal_gender", "population"])
    population = population.assign(wave="2026", municipality_code="0180", age_group="16-84")
    settings = replace(Settings.reference(), linearization="rake")
    found = row(estimate(weigh(survey(people, population, binary("q")), settings)))
    assert (found["estimate"], found["se"]) == pytest.approx((0.28837322398114, 0.09621163255743), rel=1e-11)


def test_the_covariance_with_the_region_makes_the_rest_of_the_region_independent() -> None:
    """Region = municipality + rest, and the rest is another sample: cov(m, region) = share * var(m)."""
    table = estimate(weigh(random_survey(19, municipalities=2)))
    here, region = (
        row(table, code="0180", indicator="q"),
        row(table, geography="all", code="all", indicator="q"),
    )
    p, P = here["estimate"], region["estimate"]
    forms = here["v_yy"] - (p + P) * here["v_ym"] + p * P * here["v_mm"]
    covariance = forms / (here["population"] * region["population"])
    rest = row(table, code="0181", indicator="q")
    share = here["population"] / region["population"]
    difference = here["se"] ** 2 + region["se"] ** 2 - 2 * covariance
    assert difference == pytest.approx((1 - share) ** 2 * (here["se"] ** 2 + rest["se"] ** 2), rel=1e-6)


UNEVEN = {("0180", "1"): 1000, ("0180", "2"): 20000}


@pytest.mark.parametrize(("yes", "bounded"), [(5, True), (40, False)])
def test_few_persons_on_a_side_leave_the_effective_size_to_the_weights(yes: int, bounded: bool) -> None:
    """Everybody who says yes lives in the small area: the variance is far too small by bad luck."""
    people = pd.concat([even_people("0180-1", 100, 100, yes), even_people("0180-2", 100, 100, 0)])
    if not bounded:
        people = pd.concat([even_people("0180-1", 100, 100, 0), even_people("0180-2", 100, 100, yes)])
    settings = replace(Settings.default(), trimming="none")
    bundle = survey(people, even_population(UNEVEN), binary("q"))
    found = row(estimate(weigh(bundle, settings)))
    by_variance = found["estimate"] * (1 - found["estimate"]) / found["se"] ** 2
    by_weights = found["n"] / found["deff"]
    assert (found["n_eff"] == pytest.approx(by_weights)) == bounded
    assert found["n_eff"] == pytest.approx(min(by_variance, by_weights) if bounded else by_variance)
    expected = wilson(found["estimate"], found["n_eff"], student_quantile(found["df"], 0.95))
    assert (found["lower"], found["upper"]) == pytest.approx(expected)
    as_r = row(estimate(weigh(bundle, replace(settings, cap_effective_size=False))))
    assert as_r["n_eff"] == pytest.approx(by_variance)


def test_what_the_weights_leave_fewer_than_thirty_of_is_not_shown_by_a_lucky_variance() -> None:
    """The mean hardly varies in the large area; by the weights alone 22 answers of 40 are left."""
    people = pd.concat([even_people("0180-1", 40, 20, 10), even_people("0180-2", 40, 20, 0)])
    indicators = pd.DataFrame(
        {"indicator": ["mean"], "item": "q", "type": "ordinal", "yes": "1", "levels": "0 1"}
    )
    bundle = survey(people, even_population(UNEVEN), indicators)
    found = row(estimate(weigh(bundle, replace(Settings.default(), trimming="none"))), statistic="mean")
    assert found["n"] / found["deff"] < 30
    assert found["n_eff"] <= found["n"] / found["deff"] + 1e-9


@pytest.mark.parametrize("interval", ["wilson", "korn-graubard", "logit", "wald"])
def test_nobody_everybody_and_single_answers_have_figures_or_a_reason(interval: str) -> None:
    people = even_people("0180-1", 80, 40, 0).assign(all_yes="1", one="", nobody="")
    people.loc[people.index[0], "one"] = "1"
    population = even_population({("0180", "1"): 800})
    bundle = survey(people, population, binary("q", "all_yes", "one", "nobody"))
    table = estimate(weigh(bundle, replace(Settings.default(), interval=interval)))
    none, everyone = row(table, indicator="q"), row(table, indicator="all_yes")
    assert (none["estimate"], none["se"], everyone["estimate"], everyone["se"]) == (0, 0, 1, 0)
    assert none["n_eff"] == pytest.approx(40 / none["deff"])
    if interval != "wald":
        assert none["lower"] == 0 < none["upper"] < 0.2
        assert 0.8 < everyone["lower"] < everyone["upper"] == 1
    assert row(table, indicator="one")["n"] == 1
    nobody = row(table, indicator="nobody")
    assert (nobody["n"], nobody["reason"]) == (0, "no_answers")
    assert np.isnan([nobody["estimate"], nobody["se"], nobody["lower"], nobody["upper"]]).all()


def test_a_respondent_alone_in_a_stratum_is_collapsed_with_the_neighbour_and_logged() -> None:
    people = pd.concat([even_people("0180-1", 80, 40, 12), even_people("0180-2", 20, 1, 1)])
    bundle = survey(people, even_population({("0180", "1"): 800, ("0180", "2"): 80}), binary("q"))
    weighted = weigh(bundle)
    assert weighted.log.loc[weighted.log["step"] == "variance_stratum", "cell"].tolist() == ["0180-1/0180-2"]
    assert row(estimate(weighted))["df"] == 40
    uncentred = weigh(bundle, replace(Settings.default(), singletons="uncentred"))
    assert row(estimate(uncentred))["df"] == 39
    assert row(estimate(uncentred))["se"] != row(estimate(weighted))["se"]


def test_reporting_groups_are_built_from_the_bands_they_contain() -> None:
    bands = ("16-19", "20-24", "25-29", "30-44", "45-64", "65-84")
    people = even_people("0180-1", 120, 120, 40, bands)
    bundle = survey(people, even_population({("0180", "1"): 1200}, bands), binary("q"))
    ages = set(estimate(weigh(bundle))["age_group"])
    assert ages == {"all", "16-29", "30-44", "45-64", "65-84"}
    own = pd.DataFrame({"age_group": bands, "reporting_age_group": ["young"] * 3 + ["old"] * 3})
    assert set(estimate(weigh(replace(bundle, age_groups=own)))["age_group"]) == {"all", "young", "old"}


def test_reported_gender_and_register_sex_are_different_things() -> None:
    bundle = random_survey(20)
    table = as_text(estimate(weigh(bundle)))
    total = table[(table["geography"] == "all") & (table["age_group"] == "all") & (table["indicator"] == "q")]
    counts = total.set_index("gender")["n"]
    assert set(counts.index) == {"all", "woman", "man", "other", "undisclosed"}
    reported = bundle.responses["gender"].value_counts()
    assert counts["other"] == reported["other"]
    assert counts["all"] == len(bundle.responses)
    assert counts["all"] > counts.drop("all").sum()  # those who left gender out are in the total alone
