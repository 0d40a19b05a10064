import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import REFERENCE, binary, even_population, survey

from analysis import disclosure, fay_herriot, pipeline, small_areas
from analysis.__main__ import main
from analysis.area_covariates import Areas
from analysis.errors import AnalysisError, InputError
from analysis.estimates import estimate
from analysis.schema import read_bundle, validate_bundle
from analysis.settings import Settings
from analysis.weights import weigh

BANDS = ("16-39", "40-84")
SIZES = {(f"{180 + m:04d}", str(a)): 2000 for m in range(4) for a in range(5)}


def made(seed=1, waves=("2024", "2025"), drawn=70, sensitive=False, levels=(0.2, 0.5)):
    """Twenty areas in four municipalities; levels of q vary between areas and not between waves."""
    generator = np.random.default_rng(seed)
    level = generator.uniform(*levels, len(SIZES))
    people, populations = [], []
    for wave in waves:
        populations.append(even_population(SIZES, BANDS).assign(wave=wave))
        for place, (code, area) in enumerate(SIZES):
            sex = generator.choice(["woman", "man"], drawn)
            table = {
                "wave": wave,
                "stratum": f"{code}-{area}",
                "legal_gender": sex,
                "age_group": generator.choice(BANDS, drawn),
                "responded": (np.arange(drawn) % 3 == 0).astype(int),
                "gender": sex,
                "q": (generator.random(drawn) < level[place]).astype(int).astype(str),
            }
            people.append(pd.DataFrame(table))
    indicators = binary("q").assign(sensitive=str(int(sensitive)))
    return survey(pd.concat(people), pd.concat(populations), indicators), level


def run(bundle, geography="area"):
    weighted = weigh(bundle)
    screened = disclosure.screen(estimate(weighted), bundle, weighted.settings)
    return small_areas.small_areas(weighted, screened, geography), screened


def test_every_code_and_wave_has_one_row_by_the_best_method_that_may_be_shown():
    found, screened = run(made()[0])
    assert len(found) == 2 * len(SIZES)
    assert not found.duplicated(["wave", "code", "indicator"]).any()
    shown = screened[screened["geography"].eq("area") & screened["released"].eq(1)]
    assert (
        found["method"].eq("direct").sum() == (shown["gender"].eq("all") & shown["age_group"].eq("all")).sum()
    )
    assert set(found.loc[found["wave"].eq("2024"), "method"]) == {"model"}
    assert found.loc[found["wave"].eq("2025"), "method"].eq("pooled").sum() > 5
    assert not {"verdict", "change", "p"} & set(found.columns)


def test_pooled_is_the_mean_by_effective_size_of_the_two_waves():
    found, screened = run(made()[0])
    pooled = found[found["method"].eq("pooled")].iloc[0]
    total = screened["geography"].eq("area") & screened["gender"].eq("all") & screened["age_group"].eq("all")
    parts = screened[total & screened["code"].eq(pooled["code"])]
    p, n_eff = parts["estimate"].to_numpy(), parts["n_eff"].to_numpy()
    assert pooled["waves"] == "2024 2025"
    assert pooled["n"] == parts["n"].sum()
    assert pooled["estimate"] == pytest.approx((p * n_eff).sum() / n_eff.sum(), rel=1e-12)
    assert pooled["lower"] < pooled["estimate"] < pooled["upper"]


def test_no_pool_reaches_across_a_break():
    bundle, _ = made()
    broken = replace(bundle, indicators=bundle.indicators.assign(comparable_since="2025"))
    found, _ = run(validate_bundle(broken))
    assert not found["method"].eq("pooled").any()


@pytest.mark.parametrize("bridge", [("", ""), ("0.02", "0.01")])
def test_no_pool_reaches_across_a_declared_break_bridged_or_not(bridge):
    bundle, _ = made()
    declared = {"wave": "2025", "municipality_code": "", "cause": "mode"}
    breaks = pd.DataFrame(
        [
            {**declared, "indicator": name, "bridge": bridge[0], "bridge_se": bridge[1]}
            for name in bundle.indicators["indicator"]
        ]
    )
    found, _ = run(validate_bundle(replace(bundle, breaks=breaks)))
    assert not found["method"].eq("pooled").any()


def test_no_pool_of_a_union_reaches_a_wave_in_which_it_was_other_ground():
    bundle, _ = made()
    held = [
        (wave, "quarter", f"{name}-{stratum}", part)
        for wave, stratum in bundle.strata[["wave", "stratum"]].itertuples(index=False)
        for name, part in (
            ("same", stratum),
            ("moved", stratum[:5] + str((int(stratum[5:]) + (wave == "2025")) % 5)),
        )
    ]
    domains = pd.DataFrame(held, columns=["wave", "geography", "code", "stratum"])
    found, _ = run(validate_bundle(replace(bundle, domains=domains)), "quarter")
    pooled = found["method"].eq("pooled")
    assert set(found.loc[pooled, "code"].str.split("-").str[0]) == {"same"}


def test_model_figures_of_a_municipality_weigh_together_to_its_direct_figure():
    """One wave: every area has few answers, and the equally large areas average to the municipality."""
    found, screened = run(made(waves=("2025",), levels=(0.30, 0.34))[0])
    whole = screened[
        screened["geography"].eq("municipality")
        & screened["gender"].eq("all")
        & screened["age_group"].eq("all")
    ].set_index("code")
    assert whole["released"].eq(1).all()
    means = found.groupby(found["code"].str[:4])["estimate"].mean()
    assert found["method"].eq("model").all() and found["released"].eq(1).all()
    np.testing.assert_allclose(means, whole["estimate"].reindex(means.index), rtol=1e-9)


def test_few_persons_of_a_sensitive_item_hide_the_area_from_every_method():
    bundle, _ = made(sensitive=True, drawn=40)
    found, screened = run(bundle)
    total = screened["geography"].eq("area") & screened["gender"].eq("all") & screened["age_group"].eq("all")
    rows = screened[total].astype({"wave": str, "code": str}).set_index(["wave", "code"])
    few = rows["yes"].between(1, 4) | (rows["n"] - rows["yes"]).between(1, 4)
    mine = found.set_index(["wave", "code"]).loc[few[few].index]
    assert len(mine) > 5
    assert mine["reason"].eq("protected").all() and mine["released"].eq(0).all()
    assert mine[["n", "estimate", "se", "lower", "upper"]].isna().all(axis=None)


def test_the_same_seed_gives_the_same_figures_and_another_seed_other_errors():
    bundle, _ = made(waves=("2025",), levels=(0.30, 0.34))
    first, again = run(bundle)[0], run(bundle)[0]
    pd.testing.assert_frame_equal(first, again)
    weighted = weigh(bundle, replace(Settings.default(), seed=5))
    screened = disclosure.screen(estimate(weighted), bundle, weighted.settings)
    other = small_areas.small_areas(weighted, screened, "area")
    np.testing.assert_allclose(other["estimate"], first["estimate"])
    assert (other["se"] != first["se"]).all()


def test_a_vulnerable_area_is_the_population_mean_of_its_areas():
    bundle, _ = made(waves=("2025",))
    strata = ["0180-0", "0181-3"]
    domains = pd.DataFrame({"wave": "2025", "geography": "vulnerable_area", "code": "U1", "stratum": strata})
    alone = pd.DataFrame(
        {"wave": "2025", "geography": "vulnerable_area", "code": "U2", "stratum": ["0182-1"]}
    )
    bundle = validate_bundle(replace(bundle, domains=pd.concat([domains, alone], ignore_index=True)))
    areas, unions = run(bundle)[0].set_index("code"), run(bundle, "vulnerable_area")[0].set_index("code")
    assert unions.loc["U2", "method"] == "model"
    assert unions.loc["U2", "estimate"] == pytest.approx(areas.loc["0182-1", "estimate"], rel=1e-9)
    assert unions.loc["U1", "method"] == "direct"  # 48 answers together


def test_too_few_areas_give_no_model_and_say_so():
    bundle = read_bundle(REFERENCE / "bundle")
    codes = ["0115", "0187"]
    strata = bundle.strata[bundle.strata["municipality_code"].isin(codes)]
    sample = bundle.sample[bundle.sample["stratum"].isin(strata["stratum"])]
    kept = bundle.responses.merge(sample[["wave", "case_id"]], on=["wave", "case_id"])
    population = bundle.population[bundle.population["municipality_code"].isin(codes)]
    plain = bundle.indicators.assign(sensitive="0")
    less = replace(
        bundle, strata=strata, sample=sample, responses=kept, population=population, indicators=plain
    )
    found, _ = run(validate_bundle(less))
    assert found["reason"].eq("few_areas").any()
    assert not found["method"].eq("model").any()


def test_covariates_are_used_and_checked():
    bundle, level = made(seed=3, waves=("2025",))
    codes = [f"{code}-{area}" for code, area in SIZES]
    table = pd.DataFrame({"wave": "2025", "geography": "area", "code": codes, "level": level})
    plain, _ = run(bundle)
    helped, _ = run(validate_bundle(replace(bundle, covariates=table)))

    def error(found):
        return ((found.set_index("code")["estimate"].reindex(codes) - level) ** 2).mean()

    assert error(helped) < error(plain)
    with pytest.raises(InputError, match=r"covariates\.csv, column code: found no row for area 0183-4"):
        run(validate_bundle(replace(bundle, covariates=table.iloc[:-1])))
    wrong = table.astype({"level": object})
    wrong.loc[3, "level"] = "high"
    with pytest.raises(InputError, match=r"covariates\.csv, line 5, column level: found 'high'"):
        validate_bundle(replace(bundle, covariates=wrong))


def test_an_unknown_geography_is_refused_by_name():
    with pytest.raises(AnalysisError, match="--small-areas county: the bundle knows area"):
        run(made(waves=("2025",))[0], "county")


def test_the_command_writes_the_table_when_asked(tmp_path):
    bundle = tmp_path / "bundle"
    shutil.copytree(REFERENCE / "bundle", bundle)
    recipes = pd.read_csv(bundle / "indicators.csv", dtype="str").assign(sensitive="0")
    recipes.to_csv(bundle / "indicators.csv", index=False)
    assert main([str(bundle), "--out", str(tmp_path / "out"), "--small-areas", "area"]) == 0
    table = pd.read_csv(tmp_path / "out" / "small_areas.csv", dtype="str")
    assert table.columns.tolist() == small_areas.COLUMNS
    assert set(table["method"]) == {"direct", "pooled", "model"}
    assert pipeline.run(made(waves=("2025",))[0], Settings.default()).small_areas is None


def test_bootstrap_errors_and_intervals_agree_with_repeated_surveys():
    """Twenty-five areas, 15 to 120 answers: the mean of the bootstrap's MSE is near the true one."""
    generator = np.random.default_rng(9)
    count = 25
    n = generator.integers(15, 120, count)
    share = np.full((1, count), 1 / count)
    codes = tuple(str(place) for place in range(count))
    areas = Areas("1", codes, ("m",), share, codes, np.eye(count))
    X, psi = np.ones((count, 1)), 1 / (4 * n)
    errors, bootstrap, held = [], [], []
    for _ in range(60):
        true = np.sin(0.55 + 0.07 * generator.standard_normal(count)) ** 2
        direct = generator.binomial(n, true) / n
        y, target = fay_herriot.transform(direct), share @ direct
        data = small_areas._Direct(y, psi, target)
        found = fay_herriot.fit(y[None], psi, X)
        p = small_areas._figures(found, data, areas, X, y[None], target[None])[0]
        mse = small_areas._bootstrap(found, data, areas, X, generator)
        errors.append((p - true) ** 2)
        bootstrap.append(mse)
        lower, upper = small_areas.model_interval(p, mse, 0.95)[:2]
        held.append((lower <= true) & (true <= upper))
    assert np.mean(bootstrap) == pytest.approx(np.mean(errors), rel=0.2)
    assert 0.91 <= np.mean(held) <= 0.98


@pytest.mark.parametrize("waves", [("2025",), ("2024", "2025")])
def test_waves_without_answers_have_no_rows_and_stop_nothing(waves):
    bundle, _ = made()
    silent = bundle.sample["wave"].isin(waves)
    sample = bundle.sample.assign(responded=bundle.sample["responded"].where(~silent, 0))
    responses = bundle.responses[~bundle.responses["wave"].isin(waves)].reset_index(drop=True)
    found, _ = run(validate_bundle(replace(bundle, sample=sample, responses=responses)))
    assert set(found["wave"]) == {"2024", "2025"} - set(waves)
    assert found.columns.tolist() == small_areas.COLUMNS
