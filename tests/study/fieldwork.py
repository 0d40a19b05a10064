"""From a population to a bundle: draw, ask, and put many repetitions in one bundle.

The sample is the product's own (`analysis.sampling.draw`): stratified simple random sampling without
replacement. Each repetition is a municipality code of its own with two waves, so that one run of the engine
weighs, estimates and compares them all.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import sampling
from analysis.schema import GENDERS, Bundle, validate_bundle
from tests.study.plan import BANDS, WAVES, Item, Plan, Run
from tests.study.populations import Population

Names = npt.NDArray[np.object_]
SEXES = np.array(GENDERS[:2])


def ask(population: Population, run: Run, plan: Plan, repetitions: range) -> Bundle:
    """The validated bundle of some repetitions; codes are k00000, k00001 ... and areas 1, 2 ..."""
    people = _drawn(population, run, plan, repetitions)
    code = np.array([f"k{number:05d}" for number in range(repetitions.stop)], dtype=object)
    area = np.array([f"-{number + 1}" for number in range(len(population.shape.areas))], dtype=object)
    sample = pd.DataFrame(
        {
            "wave": np.array(WAVES, dtype=object)[people["wave"]],
            "case_id": np.arange(len(people)).astype(str),
            "stratum": code[people["repetition"]] + area[population.area[people["person"]]],
            "legal_gender": SEXES[population.sex[people["person"]]],
            "age_group": np.array(BANDS)[population.band[people["person"]]],
            "responded": people["responded"].astype(int),
        }
    )
    return validate_bundle(
        Bundle(
            strata=_strata(population, code[repetitions]),
            population=_totals(population, code[repetitions]),
            sample=sample,
            responses=_responses(population, sample, people, plan),
            indicators=_indicators(population),
        )
    )


def _drawn(population: Population, run: Run, plan: Plan, repetitions: range) -> pd.DataFrame:
    """repetition, wave (0, 1), person and responded (bool) of everyone drawn."""
    sizes = {str(number): size for number, size in enumerate(population.shape.areas, start=1)}
    sampled = sampling.allocate(sizes, population.shape.drawn)
    first = np.cumsum([0, *population.shape.areas[:-1]])
    parts = []
    for repetition in repetitions:
        for wave in (0, 1):
            seed = [plan.seed, *run.name.encode(), repetition, wave]
            draw_seed = int(np.random.SeedSequence(seed).generate_state(1)[0])
            ordinals = sampling.draw(sizes, sampled, draw_seed).values()
            person = np.concatenate([start + part for start, part in zip(first, ordinals, strict=True)])
            chance = np.random.default_rng(seed).random(len(person))
            parts.append(
                pd.DataFrame(
                    {
                        "repetition": repetition,
                        "wave": wave,
                        "person": person,
                        "responded": chance < population.rate[wave, person],
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def _responses(
    population: Population, sample: pd.DataFrame, people: pd.DataFrame, plan: Plan
) -> pd.DataFrame:
    """The answers of those who responded, some of them lost at random."""
    responded = people["responded"].to_numpy()
    wave, person = people["wave"].to_numpy()[responded], people["person"].to_numpy()[responded]
    answers = population.answers[wave, person]
    lost = np.random.default_rng([plan.seed, len(people), *person[:8]])
    answers = np.where(lost.random(answers.shape) < plan.item_nonresponse, -1, answers)
    columns: dict[str, pd.Categorical] = {}
    for item, column in zip(population.items, answers.T, strict=True):
        columns[item.name] = pd.Categorical.from_codes(column, categories=_levels(item))
    responses = sample.loc[responded, ["wave", "case_id"]].reset_index(drop=True)
    gender = np.array(GENDERS)[population.gender[person]]
    return pd.concat([responses.assign(gender=gender), pd.DataFrame(columns)], axis=1)


def _levels(item: Item) -> list[str]:
    return ["0", "1"] if item.binary else [str(level + 1) for level in range(len(item.before))]


def _strata(population: Population, codes: Names) -> pd.DataFrame:
    areas = pd.DataFrame({"population": population.shape.areas, "sampled": population.shape.drawn})
    areas["area"] = (areas.index + 1).astype(str)
    strata = _every_wave(codes).merge(areas, how="cross")
    return strata.assign(stratum=strata["municipality_code"] + "-" + strata["area"])


def _totals(population: Population, codes: Names) -> pd.DataFrame:
    people = pd.DataFrame(
        {
            "area": (population.area + 1).astype(str),
            "legal_gender": SEXES[population.sex],
            "age_group": np.array(BANDS)[population.band],
        }
    )
    cells = people.value_counts(sort=False).rename("population").reset_index()
    return _every_wave(codes).merge(cells, how="cross")


def _every_wave(codes: Names) -> pd.DataFrame:
    return pd.DataFrame({"municipality_code": codes}).merge(pd.DataFrame({"wave": WAVES}), how="cross")


def _indicators(population: Population) -> pd.DataFrame:
    rows = [
        {
            "indicator": item.name,
            "item": item.name if item.binary else "",
            "items": "" if item.binary else item.name,
            # An index of one item on the scale of its codes is its mean, without the share of each level.
            "type": "binary" if item.binary else "index",
            "range": "" if item.binary else f"{_levels(item)[0]} {_levels(item)[-1]}",
            "yes": "1" if item.binary else "",
            "levels": " ".join(_levels(item)),
            "headline": str(int(item.headline)),
        }
        for item in population.items
    ]
    return pd.DataFrame(rows)
