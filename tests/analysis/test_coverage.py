"""Coverage: intervals made again and again from one population hold its true value as often as they claim.

One municipality of three unequal areas, 180 drawn and about 110 answers each time, response depending on sex
and age; sixteen items from 3 to 50 %. Each repetition is a wave: one run weighs and estimates them all.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.estimates import estimate
from analysis.schema import Bundle, validate_bundle
from analysis.weights import Weighted, weigh

REPETITIONS = 250
SIZES, DRAWN = (1200, 3000, 7800), 60
BANDS = np.array(["16-29", "30-44", "45-64", "65-84"])
LEVELS = np.repeat([0.03, 0.06, 0.10, 0.15, 0.20, 0.30, 0.40, 0.50], 2)
ITEMS = [f"q{number}" for number in range(len(LEVELS))]


def population(generator: np.random.Generator) -> pd.DataFrame:
    """Everyone, with their answer to every item and their chance of answering at all."""
    area = np.repeat([1, 2, 3], SIZES)
    people = pd.DataFrame({"area": area, "sex": generator.integers(0, 2, len(area))})
    people["band"] = generator.integers(0, 4, len(area))
    tilt = 0.4 * (people["area"] - 2) + 0.3 * (people["sex"] - 0.5) - 0.25 * (people["band"] - 1.5)
    for item, level in zip(ITEMS, LEVELS, strict=True):
        chance = 1 / (1 + np.exp(-np.log(level / (1 - level)) - generator.normal(1.0, 0.5) * tilt))
        people[item] = (generator.random(len(area)) < chance).astype(int)
    people["rate"] = 0.45 + 0.1 * people["band"] + 0.06 * people["sex"]
    return people


def drawn(people: pd.DataFrame, generator: np.random.Generator, wave: str) -> pd.DataFrame:
    parts = [people[people["area"] == area].sample(DRAWN, random_state=generator) for area in (1, 2, 3)]
    sample = pd.concat(parts)
    return sample.assign(wave=wave, responded=(generator.random(len(sample)) < sample["rate"]).astype(int))


def repeated_waves(people: pd.DataFrame, generator: np.random.Generator) -> Bundle:
    waves = [f"{number:04d}" for number in range(REPETITIONS)]
    sample = pd.concat([drawn(people, generator, wave) for wave in waves], ignore_index=True)
    sexes = np.array(["woman", "man"])
    named = pd.DataFrame(
        {
            "wave": sample["wave"],
            "case_id": sample.index.astype(str),
            "stratum": "0180-" + sample["area"].astype(str),
            "legal_gender": sexes[sample["sex"]],
            "age_group": BANDS[sample["band"]],
            "responded": sample["responded"],
        }
    )
    responses = named[["wave", "case_id"]].assign(gender=named["legal_gender"], **sample[ITEMS].astype(str))
    cells = people.groupby(["area", "sex", "band"]).size().reset_index(name="population")
    totals = pd.DataFrame(
        {
            "municipality_code": "0180",
            "area": cells["area"].astype(str),
            "legal_gender": sexes[cells["sex"]],
            "age_group": BANDS[cells["band"]],
            "population": cells["population"],
        }
    )
    strata = pd.DataFrame({"area": ["1", "2", "3"], "population": SIZES, "sampled": DRAWN})
    strata = strata.assign(municipality_code="0180", stratum="0180-" + strata["area"])
    every_wave = pd.DataFrame({"wave": waves})
    return validate_bundle(
        Bundle(
            strata=every_wave.merge(strata, how="cross"),
            population=every_wave.merge(totals, how="cross"),
            sample=named,
            responses=responses[named["responded"] == 1],
            indicators=pd.DataFrame(
                {"indicator": ITEMS, "item": ITEMS, "type": "binary", "yes": "1", "levels": "0 1"}
            ),
        )
    )


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    return population(np.random.default_rng(20261101))


@pytest.fixture(scope="module")
def weighted(truth: pd.DataFrame) -> Weighted:
    return weigh(repeated_waves(truth, np.random.default_rng(7)))


def totals(weighted: Weighted, truth: pd.DataFrame, **settings: str) -> pd.DataFrame:
    table = estimate(replace(weighted, settings=replace(weighted.settings, **settings)))
    keep = (table["geography"] == "municipality") & (table["gender"] == "all") & (table["age_group"] == "all")
    table = table[keep].assign(indicator=table["indicator"].astype("str"))
    true = truth[ITEMS].mean()
    table["true"] = true[table["indicator"]].to_numpy()
    return table.assign(covered=(table["lower"] <= table["true"]) & (table["true"] <= table["upper"]))


def usual(table: pd.DataFrame) -> pd.Series:
    """Where at least five answers are expected on either side."""
    return table["true"] * 110 >= 5


def test_wilson_intervals_cover_95_percent_and_wald_intervals_do_not_for_rare_answers(
    weighted: Weighted, truth: pd.DataFrame
) -> None:
    wilson, wald = totals(weighted, truth), totals(weighted, truth, interval="wald")
    assert len(wilson) == REPETITIONS * len(ITEMS)
    assert 0.93 <= wilson.loc[usual(wilson), "covered"].mean() <= 0.97
    assert wilson.loc[~usual(wilson), "covered"].mean() >= 0.92
    assert wald.loc[~usual(wald), "covered"].mean() < 0.90


def test_leverage_makes_the_estimated_variance_as_large_as_the_true_one(
    weighted: Weighted, truth: pd.DataFrame
) -> None:
    """Mean estimated variance over the variance seen between repetitions; the plain residuals fall short."""
    ratio = {}
    for linearization in ("leverage", "final-weights"):
        table = totals(weighted, truth, linearization=linearization)
        grouped = table[usual(table)].groupby("indicator")
        seen = grouped["estimate"].var(ddof=1)
        ratio[linearization] = float(((table["se"] ** 2).groupby(table["indicator"]).mean() / seen).mean())
    assert 0.92 <= ratio["leverage"] <= 1.10
    assert ratio["final-weights"] < 0.92


def test_calibrated_estimates_are_free_of_the_bias_that_equal_samples_and_response_give(
    weighted: Weighted, truth: pd.DataFrame
) -> None:
    table = totals(weighted, truth)
    responses = weighted.bundle.responses[ITEMS].astype(float).mean()
    bias = table.groupby("indicator")["estimate"].mean() - truth[ITEMS].mean()
    unweighted = responses - truth[ITEMS].mean()
    assert bias.abs().max() < 0.01
    assert unweighted.abs().max() > 0.03
