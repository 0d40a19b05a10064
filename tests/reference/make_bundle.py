"""Write a seeded survey of any size in the form of the reference bundle: `python make_bundle.py SEED OUT`.

The seed decides everything: municipalities, areas, sizes, sampling, response and answers. Ages are drawn
inside their band, a few persons report neither woman nor man, items miss some answers, and areas differ in
size, response and level, so that weights matter. Nothing here knows how the engine computes.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

ITEMS = {"a": 0.35, "b": 0.03}  # binary items and their level
LEVELS = ("1", "2", "3")
SIZES: dict[int, dict[str, object]] = {
    101: {
        "bands": ("16-29", "30-49", "50-69", "70-84"),
        "areas": (3, 1, 2),
        "drawn": (30, 60),
        "response": 0.55,
    },
    203: {"bands": ("18-34", "35-64", "65-79"), "areas": (6, 2), "drawn": (14, 120), "response": 0.42},
}


def make(seed: int, waves: tuple[str, ...] = ("2031", "2032")) -> dict[str, pd.DataFrame]:
    """The tables of a bundle by file name without ending.

    Args:
        seed: one of `SIZES`, or any other number for the first of them with other draws.
        waves: their codes, each with a sample of its own.
    """
    generator = np.random.default_rng(seed)
    size = SIZES.get(seed, SIZES[101])
    tables: dict[str, list[pd.DataFrame]] = {"strata": [], "population": [], "sample": [], "responses": []}
    first_case = 1000
    for wave in waves:
        for number, areas in enumerate(size["areas"]):  # type: ignore[arg-type]
            for area in range(1, areas + 1):
                parts = _stratum(generator, size, wave, f"0{number + 3}10", str(area), first_case)
                first_case += len(parts["sample"])
                for name, part in parts.items():
                    tables[name].append(part)
    done = {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()}
    return {**done, "indicators": _indicators()}


def _stratum(generator, size, wave, code, area, first_case):
    """Population, sample and answers of one area."""
    bands, stratum = size["bands"], f"{code}-{area}"
    low, high = size["drawn"]
    drawn = int(generator.integers(low, high))
    cells = pd.MultiIndex.from_product([("woman", "man"), bands], names=["legal_gender", "age_group"])
    scale = generator.lognormal(5.2, 0.9)
    counts = np.maximum((scale * generator.uniform(0.6, 1.4, len(cells))).astype(int), drawn)
    if area == "2":  # asked to the last person
        counts[:] = -(-drawn // len(cells))
        drawn = int(counts.sum())
    population = pd.DataFrame(
        {"wave": wave, "municipality_code": code, "area": area}, index=cells
    ).reset_index()
    population["population"] = counts
    persons = generator.choice(np.repeat(np.arange(len(cells)), counts), drawn, replace=False)
    sex = cells.get_level_values(0).to_numpy()[persons]
    band = cells.get_level_values(1).to_numpy()[persons]
    ends = np.array([[int(age) for age in text.split("-")] for text in band])
    ages = generator.integers(ends[:, 0], ends[:, 1] + 1)
    level = generator.normal(0.0, 0.5)
    answers = generator.random(drawn) < np.clip(size["response"] + (ages - 45) / 200 + level / 8, 0.1, 0.9)
    sample = pd.DataFrame(
        {"wave": wave, "case_id": [f"k{first_case + i}" for i in range(drawn)], "stratum": stratum}
    )
    sample = sample.assign(legal_gender=sex, age=ages, age_group=band, responded=answers.astype(int))
    responses = sample.loc[answers, ["wave", "case_id"]].assign(
        gender=np.where(
            generator.random(drawn) < 0.96,
            sex,
            generator.choice(["other", "undisclosed", "woman", "man", ""], drawn),
        )[answers],
        mode=generator.choice(["web", "paper"], drawn)[answers],
    )
    fear = level + 0.5 * (sex == "woman") + generator.normal(0.0, 1.0, drawn)
    for item, share in ITEMS.items():
        yes = fear > np.quantile(fear, 1 - share) if drawn > 5 else fear > 0
        responses[item] = np.where(generator.random(drawn) < 0.07, "", np.where(yes, "1", "0"))[answers]
    worry = np.digitize(fear, [-0.4, 0.6])
    responses["c"] = np.where(generator.random(drawn) < 0.05, "", np.array(LEVELS)[worry])[answers]
    strata = pd.DataFrame(
        [(wave, stratum, code, area, int(counts.sum()), drawn)],
        columns=["wave", "stratum", "municipality_code", "area", "population", "sampled"],
    )
    return {"strata": strata, "population": population, "sample": sample, "responses": responses}


def _indicators() -> pd.DataFrame:
    binary = [(item, item, "binary", "1", "0 1") for item in ITEMS]
    columns = ["indicator", "item", "type", "yes", "levels"]
    return pd.DataFrame([*binary, ("c", "c", "ordinal", "", " ".join(LEVELS))], columns=columns)


def write(tables: dict[str, pd.DataFrame], out: Path) -> None:
    """Each table as CSV."""
    out.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.to_csv(out / f"{name}.csv", index=False)


if __name__ == "__main__":
    write(make(int(sys.argv[1])), Path(sys.argv[2]))
