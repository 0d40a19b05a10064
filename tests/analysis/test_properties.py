"""What must hold whatever the survey looks like, on generated designs: always the same examples."""

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as some
from small_surveys import as_text, binary

from analysis import pipeline
from analysis.estimates import estimate
from analysis.schema import Bundle, validate_bundle
from analysis.settings import Settings
from analysis.weights import weigh

KEYS = ["wave", "geography", "code", "gender", "age_group", "indicator", "statistic"]
FIGURES = ["n", "population", "estimate", "se", "df", "n_eff", "lower", "upper"]
BANDS = ("16-29", "30-64", "65-84")
DEFAULT = Settings.default()
always_the_same = settings(
    derandomize=True,
    deadline=None,
    max_examples=5,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=[Phase.generate],
)


@some.composite
def surveys(draw: some.DrawFn, municipalities: int = 2, waves: tuple[str, ...] = ("2026",)) -> Bundle:
    """A survey of any shape: areas, sizes, response and answers all differ; some strata may be silent."""
    generator = np.random.default_rng(draw(some.integers(0, 2**32 - 1)))
    strata, population, sample, responses = [], [], [], []
    for wave in waves:
        for number in range(municipalities):
            code = f"{180 + number:04d}"
            for area in map(str, range(draw(some.integers(1, 4)))):
                drawn, rate = draw(some.integers(12, 90)), draw(some.sampled_from([0.0, 0.15, 0.5, 0.9]))
                counts = np.ceil(generator.lognormal(4.5, 1.0, (2, 3)) + drawn)
                strata.append((wave, f"{code}-{area}", code, area, int(counts.sum()), drawn))
                cells = [(sex, band) for sex in ("woman", "man") for band in BANDS]
                population += [
                    (wave, code, area, *cell, size) for cell, size in zip(cells, counts.ravel(), strict=True)
                ]
                for person in range(drawn):
                    sex, band = cells[generator.integers(6)]
                    case = f"{wave}{code}{area}x{person}"
                    answered = int(generator.random() < rate)
                    sample.append((wave, case, f"{code}-{area}", sex, band, answered))
                    if answered:
                        gender = (
                            sex
                            if generator.random() < 0.9
                            else generator.choice(["other", "undisclosed", ""])
                        )
                        q = generator.choice(["0", "1", ""], p=[0.6, 0.3, 0.1])
                        responses.append((wave, case, gender, "web", q))
    return validate_bundle(
        Bundle(
            strata=pd.DataFrame(
                strata, columns=["wave", "stratum", "municipality_code", "area", "population", "sampled"]
            ),
            population=pd.DataFrame(
                population,
                columns=["wave", "municipality_code", "area", "legal_gender", "age_group", "population"],
            ),
            sample=pd.DataFrame(
                sample, columns=["wave", "case_id", "stratum", "legal_gender", "age_group", "responded"]
            ),
            responses=pd.DataFrame(responses, columns=["wave", "case_id", "gender", "mode", "q"], dtype=str),
            indicators=binary("q"),
        )
    )


def figures(bundle: Bundle, settings: Settings = DEFAULT) -> pd.DataFrame:
    """Estimates by key."""
    return as_text(estimate(weigh(bundle, settings))).set_index(KEYS)[FIGURES].sort_index()


def same(one: pd.DataFrame, other: pd.DataFrame, tolerance: float = 1e-7) -> None:
    assert one.index.equals(other.index)
    x, y = one.to_numpy(dtype=float), other.to_numpy(dtype=float)
    np.testing.assert_allclose(x, y, rtol=tolerance, atol=1e-9)


def shuffled(bundle: Bundle, *names: str) -> Bundle:
    tables = {name: getattr(bundle, name).sample(frac=1.0, random_state=7) for name in names}
    return validate_bundle(replace(bundle, **tables))


@always_the_same
@given(surveys())
def test_the_order_of_persons_answers_and_totals_changes_nothing(bundle: Bundle) -> None:
    same(figures(bundle), figures(shuffled(bundle, "sample", "responses", "population")))


@always_the_same
@given(surveys(), some.sampled_from([2, 10, 1000]))
def test_ten_times_the_people_give_ten_times_the_weights_and_the_same_shares(
    bundle: Bundle, times: int
) -> None:
    larger = replace(
        bundle,
        strata=bundle.strata.assign(population=bundle.strata["population"] * times),
        population=bundle.population.assign(population=bundle.population["population"] * times),
    )
    one, other = weigh(bundle), weigh(larger)
    assert np.allclose(other.table["weight"], one.table["weight"] * times, rtol=1e-8)
    same(figures(bundle)[["estimate", "n", "df"]], figures(larger)[["estimate", "n", "df"]])
    # Less of the finite population is seen; estimates nobody answered have no standard error.
    assert (figures(larger)["se"] - figures(bundle)["se"]).dropna().ge(-1e-9).all()


@always_the_same
@given(surveys())
def test_other_names_for_the_same_things_change_only_the_names(bundle: Bundle) -> None:
    """Codes of persons, waves, answers and municipalities: none of them is read as a number."""
    strata, population, sample, responses = (
        table.assign(wave="W")
        for table in (bundle.strata, bundle.population, bundle.sample, bundle.responses)
    )
    for table in (strata, population):
        table["municipality_code"] = "m" + table["municipality_code"]
    for table in (strata, sample):
        table["stratum"] = "s/" + table["stratum"].astype(str)
    for table in (sample, responses):
        table["case_id"] = table["case_id"].str[::-1] + "å"
    responses["q"] = bundle.responses["q"].astype(str).map({"0": "nej", "1": "ja", "": ""})
    indicators = bundle.indicators.assign(
        yes="ja", levels="nej ja", dont_know="", sensitive="1", headline="0"
    )
    renamed = validate_bundle(Bundle(strata, population, sample, responses, indicators))
    one, other = as_text(estimate(weigh(bundle))), as_text(estimate(weigh(renamed)))
    np.testing.assert_allclose(
        one[FIGURES].to_numpy(float), other[FIGURES].to_numpy(float), rtol=1e-7, atol=1e-9
    )
    assert ("m" + one.loc[one["geography"] == "municipality", "code"]).tolist() == other.loc[
        other["geography"] == "municipality", "code"
    ].tolist()


@always_the_same
@given(surveys(municipalities=1, waves=("2026",)), surveys(municipalities=2, waves=("2025",)))
def test_an_unrelated_wave_changes_nothing_in_this_one(bundle: Bundle, earlier: Bundle) -> None:
    tables = {
        name: pd.concat([getattr(earlier, name), getattr(bundle, name)], ignore_index=True)
        for name in ("strata", "population", "sample", "responses")
    }
    both = figures(validate_bundle(replace(bundle, **tables)))
    same(figures(bundle), both[both.index.get_level_values("wave") == "2026"])


@always_the_same
@given(surveys(municipalities=3))
def test_a_municipality_is_the_same_alone_as_among_others_and_the_whole_is_their_sum(bundle: Bundle) -> None:
    everything = figures(bundle)
    code = bundle.strata["municipality_code"].iloc[0]
    inside = set(bundle.strata.loc[bundle.strata["municipality_code"] == code, "stratum"])
    sample = bundle.sample[bundle.sample["stratum"].isin(inside)]
    alone = validate_bundle(
        replace(
            bundle,
            strata=bundle.strata[bundle.strata["municipality_code"] == code],
            population=bundle.population[bundle.population["municipality_code"] == code],
            sample=sample,
            responses=bundle.responses[bundle.responses["case_id"].isin(sample["case_id"])],
        )
    )
    kept = everything.index.get_level_values("code").isin({code, *inside})
    mine = figures(alone)
    same(everything[kept], mine[mine.index.get_level_values("code") != "all"])
    parts = everything[everything.index.get_level_values("geography") == "municipality"]
    whole = everything[everything.index.get_level_values("geography") == "all"]
    by_domain = ["gender", "age_group", "indicator", "statistic"]
    sums = parts.assign(total=parts["estimate"].fillna(0) * parts["population"]).groupby(by_domain)
    whole = whole.droplevel(["wave", "geography", "code"]).astype(float)
    summed = sums[["total", "population", "n", "df"]].sum().reindex(whole.index).astype(float)
    np.testing.assert_allclose(summed["population"], whole["population"], rtol=1e-9)
    answered = whole["n"] > 0
    np.testing.assert_allclose(
        (summed["total"] / summed["population"])[answered], whole["estimate"][answered], atol=1e-9
    )
    assert (summed[["n", "df"]] == whole[["n", "df"]]).all(axis=None)


@always_the_same
@given(surveys(municipalities=2))
def test_a_union_of_all_strata_of_a_municipality_is_the_municipality(bundle: Bundle) -> None:
    strata = bundle.strata
    code = strata["municipality_code"].iloc[0]
    domains = strata.loc[strata["municipality_code"] == code, ["wave", "stratum"]]
    whole = strata[["wave", "stratum"]].assign(geography="region", code="R")
    domains = pd.concat([domains.assign(geography="district", code="D"), whole])
    table = figures(validate_bundle(replace(bundle, domains=domains)))
    levels = ["wave", "gender", "age_group", "indicator", "statistic"]

    def part(geography: str, name: str) -> pd.DataFrame:
        rows = (table.index.get_level_values("geography") == geography) & (
            table.index.get_level_values("code") == name
        )
        return table[rows].droplevel(["geography", "code"]).reorder_levels(levels).sort_index()

    same(part("municipality", code), part("district", "D"))
    same(part("all", "all"), part("region", "R"))


@always_the_same
@given(surveys(municipalities=1))
def test_a_domain_is_a_mask_and_those_outside_it_stay_in_the_design(bundle: Bundle) -> None:
    """The estimate for women, and of an item only women were asked, by mask; and by hand over all persons."""
    woman = bundle.responses["gender"].astype(str) == "woman"
    q = bundle.responses["q"].astype(str)
    masked = bundle.responses.assign(q=q, asked=np.where(woman, q, ""), sex=np.where(woman, "1", "0"))
    base = binary("q", "asked", "based").assign(item=["q", "asked", "q"], base=["", "", "sex=1"])
    table = figures(validate_bundle(replace(bundle, responses=masked, indicators=base)))
    table = table[table.index.get_level_values("geography") == "municipality"]
    rows = table.reset_index().set_index(["gender", "age_group", "indicator"])[
        ["n", "population", "estimate", "se"]
    ]
    women = ("woman", "all", "q")
    assume(women in rows.index and rows.loc[women, "n"] > 0)
    for gender, indicator in (("all", "asked"), ("all", "based"), ("woman", "asked")):
        other = rows.loc[(gender, "all", indicator)]
        np.testing.assert_allclose(rows.loc[women], other, rtol=1e-9, atol=1e-12)


@always_the_same
@given(surveys(municipalities=1))
def test_persons_drawn_who_do_not_answer_move_the_design_weight_and_no_share_of_one_group(
    bundle: Bundle,
) -> None:
    """Respondents of weight zero: a cell without population leaves the others' estimates where they were."""
    young = bundle.population["age_group"] == BANDS[0]
    population = bundle.population.assign(population=np.where(young, 0.0, bundle.population["population"]))
    size = population.groupby("area")["population"].sum().reindex(bundle.strata["area"]).to_numpy()
    strata = bundle.strata.assign(population=size.astype(int))
    plain = replace(DEFAULT, cell_minimum=0, response_groups="cells", trimming="none")
    weighted = weigh(validate_bundle(replace(bundle, population=population, strata=strata)), plain)
    table = as_text(weighted.table)
    assume(len(table))
    inside = table["calcell"].str.endswith(":" + BANDS[0])
    y, w = bundle.responses["q"].astype(str).to_numpy(), table["weight"].to_numpy()
    keep = ~inside.to_numpy() & (y != "")
    assume(inside.any() and keep.any())
    assert np.allclose(table.loc[inside, "weight"], 0.0, atol=1e-6)
    figures = as_text(estimate(weighted))
    older = figures[(figures["geography"] == "municipality") & (figures["age_group"] == "all")]
    share = (w * (y == "1"))[keep].sum() / w[keep].sum()
    assert abs(older.loc[older["gender"] == "all", "estimate"].iloc[0] - share) < 1e-6


@always_the_same
@given(surveys(municipalities=1))
def test_the_same_stratum_twice_halves_the_variance_of_the_municipality(bundle: Bundle) -> None:
    """Every stratum and its double: the same estimate from twice the persons and twice the population."""
    again = {
        "strata": bundle.strata.assign(
            stratum=bundle.strata["stratum"] + "b", area=bundle.strata["area"] + "b"
        ),
        "population": bundle.population.assign(area=bundle.population["area"] + "b"),
        "sample": bundle.sample.assign(
            stratum=bundle.sample["stratum"].astype(str) + "b", case_id="b" + bundle.sample["case_id"]
        ),
        "responses": bundle.responses.assign(case_id="b" + bundle.responses["case_id"]),
    }
    plain = replace(
        DEFAULT, cell_minimum=1, area_minimum=1, linearization="final-weights", g_bounds=None, trimming="none"
    )
    plain = replace(plain, response_group_minimum=0, singletons="uncentred")
    twice = {
        name: pd.concat([getattr(bundle, name), table], ignore_index=True) for name, table in again.items()
    }
    one, other = weigh(bundle, plain), weigh(validate_bundle(replace(bundle, **twice)), plain)
    assume(len(one.table) and one.log.empty)
    a, b = (as_text(estimate(weighted)) for weighted in (one, other))
    a, b = (table[table["geography"] == "municipality"].set_index(KEYS) for table in (a, b))
    np.testing.assert_allclose(b["n"], 2 * a["n"])
    np.testing.assert_allclose(b["estimate"], a["estimate"], atol=1e-8)
    np.testing.assert_allclose(b["se"], a["se"] / np.sqrt(2), rtol=1e-6, atol=1e-8)


@always_the_same
@given(surveys(municipalities=2, waves=("2025", "2026")))
def test_a_run_gives_figures_or_reasons_and_the_same_again(bundle: Bundle) -> None:
    one, other = (pipeline.run(bundle, DEFAULT, protected=False) for _ in range(2))
    for name in ("weights", "estimates", "changes", "gender_gaps", "diagnostics"):
        assert getattr(one, name).equals(getattr(other, name)), name
    table = one.estimates
    missing = table["estimate"].isna()
    assert table.loc[missing, "reason"].astype(str).eq("no_answers").all()
    assert table.loc[~missing, ["se", "lower", "upper", "n_eff"]].notna().all(axis=None)
    assert table.loc[~missing, "estimate"].between(0, 1).all()
    assert (table["lower"] <= table["estimate"] + 1e-12)[~missing].all()
    assert (table["estimate"] <= table["upper"] + 1e-12)[~missing].all()


@always_the_same
@given(surveys(), some.integers(1, 4))
def test_persons_drawn_like_the_others_who_did_not_answer_change_nothing(bundle: Bundle, times: int) -> None:
    """The sample once more, or several times, and none of them answers: each answer weighs the same."""
    silent = [
        bundle.sample.assign(case_id=bundle.sample["case_id"] + f"silent{number}", responded=0)
        for number in range(times)
    ]
    larger = replace(
        bundle,
        strata=bundle.strata.assign(sampled=bundle.strata["sampled"] * (times + 1)),
        sample=pd.concat([bundle.sample, *silent], ignore_index=True),
    )
    # Response groups are joined when too few of them answer, which this makes them do.
    plain = replace(DEFAULT, response_factor_limit=float("inf"))
    same(figures(bundle, plain), figures(validate_bundle(larger), plain))


@always_the_same
@given(surveys(municipalities=1))
def test_a_stratum_split_into_two_alike_keeps_its_figures_and_its_variance_but_for_degrees_of_freedom(
    bundle: Bundle,
) -> None:
    """2 r answers in one stratum, or r in each of two: r / (r - 1) stands where 2 r / (2 r - 1) stood."""
    strata = bundle.strata.sort_values("sampled").tail(1)
    sample = bundle.sample[bundle.sample["stratum"].isin(strata["stratum"])]
    parts = {
        "strata": strata,
        "population": bundle.population[bundle.population["area"].isin(strata["area"])],
        "sample": sample,
        "responses": bundle.responses[bundle.responses["case_id"].isin(sample["case_id"])],
    }
    others = {
        name: table.assign(
            **{key: "b" + table[key].astype(str) for key in ("stratum", "area", "case_id") if key in table}
        )
        for name, table in parts.items()
    }
    split = {name: pd.concat([table, others[name]], ignore_index=True) for name, table in parts.items()}
    twice = {"population": parts["population"].assign(population=parts["population"]["population"] * 2)}
    sizes = {name: strata[name] * 2 for name in ("population", "sampled")}
    whole = split | twice | {"strata": strata.assign(**sizes)}
    whole["sample"] = split["sample"].assign(stratum=strata["stratum"].iloc[0])
    plain = replace(
        DEFAULT, cell_minimum=1, area_minimum=1, linearization="final-weights", trimming="none", g_bounds=None
    )
    plain = replace(plain, response_group_minimum=0, singletons="uncentred")
    answers = len(parts["responses"])
    assume(answers > 1)
    weighted = [weigh(validate_bundle(replace(bundle, **tables)), plain) for tables in (whole, split)]
    assume(all(one.log.empty for one in weighted))
    one, two = (as_text(estimate(each)) for each in weighted)
    one, two = (table[table["geography"] == "municipality"].set_index(KEYS) for table in (one, two))
    same(one[["n", "population", "estimate"]], two[["n", "population", "estimate"]])
    ratio = (2 * answers - 1) / (2 * (answers - 1))
    np.testing.assert_allclose(two["se"] ** 2, ratio * one["se"] ** 2, rtol=1e-6, atol=1e-12)


@always_the_same
@given(surveys(municipalities=3))
def test_the_variance_of_municipalities_together_is_the_sum_of_their_forms(bundle: Bundle) -> None:
    table = as_text(estimate(weigh(bundle)))
    domain = ["gender", "age_group", "indicator", "statistic"]
    whole = table[table["geography"].eq("all") & table["n"].gt(0)].set_index(domain)
    parts = table[table["geography"].eq("municipality")].groupby(domain)[["v_yy", "v_ym", "v_mm"]].sum()
    forms, p = parts.loc[whole.index], whole["estimate"]
    variance = (forms["v_yy"] - 2 * p * forms["v_ym"] + p**2 * forms["v_mm"]) / whole["population"] ** 2
    variance, se = variance.astype(float), whole["se"].astype(float)
    np.testing.assert_allclose(se**2, variance, rtol=1e-9, atol=1e-12)
